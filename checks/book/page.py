"""What `ulpian show` prints: a function's page of the book as text and JSON, and its works.

Its Markdown is the handbook's page, in `handbook.page`; its LaTeX is in `handbook.snippets`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

from ...reference.facts import Case
from ...reference.facts import facts as certified_facts
from ...reference.identities import Known, identities
from ...spec.bibtex import citations
from ...spec.function import Function
from ...spec.notation import STANDARD, Notation
from ...spec.references import Reference
from ...spec.statements import Statement, statements
from .certified import gathered, undecided
from .differences import of as differences_of
from .differences import said, tried
from .names import spellings

Topics = dict[str, tuple[Statement, ...]]
Notes = dict[str, list[str]]
Cases = tuple[Case, ...]
KnownBy = dict[str, Known]


def page(
    function: Function,
    output_format: str = "text",
    *,
    second: bool = False,
    prove: bool = False,
    notation: Notation = STANDARD,
) -> str:
    """All that the book says of a function, as text or json; its works as bibtex.

    `second` adds the second derivative; `prove` says how each identity is known, not only whether
    it is proved. The notation is that of formulas in LaTeX, which json holds.
    """
    if output_format == "bibtex":
        return citations(function)
    topics = statements(function, with_second=second, notation=notation)
    known = identities(function)
    if output_format == "text":
        topics["identities"] = _marked(topics.get("identities", ()), known, prove)
    cases = certified_facts(function)
    return _WRITERS[output_format](function, topics, _notes(function), cases, known)


def _marked(stated: tuple[Statement, ...], known: KnownBy, prove: bool) -> tuple[Statement, ...]:
    marks = {name: str(k) if prove else k.status for name, k in known.items()}
    return tuple(replace(s, text=f"{s.text}   [{marks[s.label]}]") for s in stated)


def _certified(cases: Cases) -> list[str]:
    """What holds on the whole domain, one line a topic; cases that agree share a line.

    Nothing is left out: what is undecided says why, once for all topics with the same reason.
    """
    lines = [f"{k.topic}: {k.fact.text}{_where(k.labels)}" for k in gathered(cases)]
    for topics, why, labels in undecided(cases):
        lines.append(f"undecided: {', '.join(topics)}: {why}{_where(labels)}")
    return lines


def _where(labels: Sequence[str]) -> str:
    return f"   [{'; '.join(labels)}]" if any(labels) else ""


def _notes(function: Function) -> Notes:
    """What is plain words: names, differences, references; topics without any are left out."""
    notes = {
        "aliases": list(function.aliases),
        "names": [f"{framework}: {name}" for framework, name in spellings(function.name)],
        "elsewhere": [f"{tried(d)}: {said(d)}" for d in differences_of(function.name)],
        "references": list(map(str, function.references)),
        "notes": [function.notes] if function.notes else [],
    }
    return {topic: lines for topic, lines in notes.items() if lines}


# ---------------------------------------------------------------- the formats


def _as_text(function: Function, topics: Topics, notes: Notes, cases: Cases, known: KnownBy) -> str:
    lines = [" · ".join((function.name, function.title, *function.titles.values()))]
    entries = {topic: [_plain(topic, f) for f in found] for topic, found in topics.items()}
    for topic, texts in (entries | {"certified": _certified(cases)} | notes).items():
        for k, text in enumerate(texts):
            lines.append(f"  {'' if k else topic:<19}{text}".rstrip())
    return "\n".join(lines)


def _plain(topic: str, statement: Statement) -> str:
    named = topic in ("identities", "variables")
    return f"{statement.label}: {statement.text}" if named else statement.text


def _as_json(function: Function, topics: Topics, notes: Notes, cases: Cases, known: KnownBy) -> str:
    found = {topic.replace(" ", "_"): [asdict(s) for s in said] for topic, said in topics.items()}
    for one in found.get("identities", []):
        one |= asdict(known[one["label"]])
    certified = [
        {"case": case.label, "topic": topic, "status": f.status, "text": f.text, "how": f.how}
        for case in cases
        for topic, f in case.facts.items()
    ]
    data = {
        "name": function.name,
        "title": function.title,
        "titles": dict(function.titles),
        **found,
        "certified": certified,
        **notes,
        "references": [_as_data(r) for r in function.references],
    }
    return json.dumps(data, indent=2, ensure_ascii=False)


def _as_data(reference: Reference | str) -> dict[str, Any]:
    """A reference in its parts, those that it has; `text` is what the other formats print."""
    if isinstance(reference, str):
        return {"text": reference}
    parts = {name: part for name, part in asdict(reference).items() if part}
    return {"text": str(reference), "key": reference.key, **parts}


_WRITERS = {"text": _as_text, "json": _as_json}
