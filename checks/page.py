"""What `ulpian show` prints: a function's page of the book, in four formats."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path

from ..spec.function import Function
from ..spec.identity import Proof
from ..spec.identity import prove as proofs_of
from ..spec.latex import Fact, facts

Topics = dict[str, tuple[Fact, ...]]
Notes = dict[str, list[str]]

FRAMEWORKS = ("torch", "jax", "scipy")  # whose names are given


def page(
    function: Function, output_format: str = "text", *, second: bool = False, prove: bool = False
) -> str:
    """All that the book says of a function, as text, latex, json or markdown.

    `second` adds the second derivative, `prove` proves the identities and says how.
    """
    topics = facts(function, with_second=second)
    if prove:
        topics["identities"] = _proved(function, topics.get("identities", ()))
    return _WRITERS[output_format](function, topics, _notes(function))


def _proved(function: Function, identities: tuple[Fact, ...]) -> tuple[Fact, ...]:
    proofs = proofs_of(function)
    return tuple(replace(f, text=f"{f.text}   [{_proof(proofs[f.label])}]") for f in identities)


def _proof(proof: Proof) -> str:
    return f"{proof.status}: {proof.how}" if proof.how else proof.status


def _notes(function: Function) -> Notes:
    """What is plain words: other names, references, notes; topics without any are left out."""
    notes = {
        "aliases": list(function.aliases),
        "names": [f"{framework}: {name}" for framework, name in _spellings(function.name)],
        "references": list(function.references),
        "notes": [function.notes] if function.notes else [],
    }
    return {topic: lines for topic, lines in notes.items() if lines}


def _spellings(name: str) -> Iterator[tuple[str, str]]:
    """How each framework spells a function: first lines of docstrings, read and not imported."""
    for framework in FRAMEWORKS:
        said = _docstrings(framework).get(name)
        if said:
            yield framework, said


def _docstrings(backend: str) -> dict[str, str]:
    """The first lines of the docstrings of a built-in backend's callables, by name."""
    source = Path(__file__).with_name("backends") / f"{backend}.py"
    tree = ast.parse(source.read_text(encoding="utf-8"))
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    return {
        f.name: (ast.get_docstring(f) or "").split("\n")[0]
        for f in functions
        if not f.name.startswith("_") and not f.name.endswith("_vjp")
    }


# ---------------------------------------------------------------- the formats


def _as_text(function: Function, topics: Topics, notes: Notes) -> str:
    lines = [f"{function.name} · {function.title}"]
    entries = {topic: [_plain(topic, f) for f in found] for topic, found in topics.items()}
    for topic, texts in (entries | notes).items():
        for k, text in enumerate(texts):
            lines.append(f"  {'' if k else topic:<19}{text}".rstrip())
    return "\n".join(lines)


def _plain(topic: str, fact: Fact) -> str:
    named = topic in ("identities", "variables")
    return f"{fact.label}: {fact.text}" if named else fact.text


def _as_latex(function: Function, topics: Topics, notes: Notes) -> str:
    """Displays, one for each fact, that stand in any document with amsmath and amssymb."""
    lines = [f"% {function.name}: {function.title}"]
    for topic, found in topics.items():
        for fact in found:
            lines += [f"% {topic}{': ' + fact.label if fact.label else ''}", rf"\[ {fact.latex} \]"]
    return "\n".join(lines)


def _as_json(function: Function, topics: Topics, notes: Notes) -> str:
    found = {topic.replace(" ", "_"): [asdict(f) for f in facts] for topic, facts in topics.items()}
    data = {"name": function.name, "title": function.title, **found, **notes}
    return json.dumps(data, indent=2, ensure_ascii=False)


def _as_markdown(function: Function, topics: Topics, notes: Notes) -> str:
    lines = [f"# {function.name}", "", f"{function.title}."]
    for topic, found in topics.items():
        lines += ["", f"## {topic.capitalize()}"]
        for fact in found:
            lines += ["", *([f"{fact.label}:", ""] if fact.label else []), f"$${fact.latex}$$"]
    for topic, texts in notes.items():
        lines += ["", f"## {topic.capitalize()}", "", *(f"- {text}" for text in texts)]
    return "\n".join(lines)


_WRITERS = {"text": _as_text, "latex": _as_latex, "json": _as_json, "markdown": _as_markdown}
