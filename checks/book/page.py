"""What `ulpian show` prints: a function's page of the book, in four formats."""

from __future__ import annotations

import json
from dataclasses import asdict, replace

from ...reference.facts import Case
from ...reference.facts import facts as certified_facts
from ...reference.identities import Known, identities
from ...spec.function import Function
from ...spec.statements import Statement, statements
from .differences import of as differences_of
from .differences import said, tried
from .names import spellings

Topics = dict[str, tuple[Statement, ...]]
Notes = dict[str, list[str]]
Cases = tuple[Case, ...]
KnownBy = dict[str, Known]


def page(
    function: Function, output_format: str = "text", *, second: bool = False, prove: bool = False
) -> str:
    """All that the book says of a function, as text, latex, json or markdown.

    `second` adds the second derivative; `prove` says how each identity is known, not only whether
    it is proved.
    """
    topics = statements(function, with_second=second)
    if output_format == "latex":
        return _as_latex(function, topics)
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
    known: dict[str, dict[str, list[str]]] = {}
    undecided: dict[tuple[str, str], list[str]] = {}
    for case in cases:
        for topic, fact in case.facts.items():
            if fact.status == "undecided":
                undecided.setdefault((case.label, fact.how), []).append(topic)
            else:
                known.setdefault(topic, {}).setdefault(fact.text, []).append(case.label)
    lines = [
        f"{topic}: {text}{_where(labels)}"
        for topic, texts in known.items()
        for text, labels in texts.items()
    ]
    for (label, why), topics in undecided.items():
        lines.append(f"undecided: {', '.join(topics)}: {why}{_where([label])}")
    return lines


def _where(labels: list[str]) -> str:
    return f"   [{'; '.join(labels)}]" if any(labels) else ""


def _notes(function: Function) -> Notes:
    """What is plain words: names, differences, references; topics without any are left out."""
    notes = {
        "aliases": list(function.aliases),
        "names": [f"{framework}: {name}" for framework, name in spellings(function.name)],
        "elsewhere": [f"{tried(d)}: {said(d)}" for d in differences_of(function.name)],
        "references": list(function.references),
        "notes": [function.notes] if function.notes else [],
    }
    return {topic: lines for topic, lines in notes.items() if lines}


# ---------------------------------------------------------------- the formats


def _as_text(function: Function, topics: Topics, notes: Notes, cases: Cases, known: KnownBy) -> str:
    lines = [f"{function.name} · {function.title}"]
    entries = {topic: [_plain(topic, f) for f in found] for topic, found in topics.items()}
    for topic, texts in (entries | {"certified": _certified(cases)} | notes).items():
        for k, text in enumerate(texts):
            lines.append(f"  {'' if k else topic:<19}{text}".rstrip())
    return "\n".join(lines)


def _plain(topic: str, statement: Statement) -> str:
    named = topic in ("identities", "variables")
    return f"{statement.label}: {statement.text}" if named else statement.text


def _as_latex(function: Function, topics: Topics) -> str:
    """Displays, one for each statement, that stand in any document with amsmath and amssymb."""
    lines = [f"% {function.name}: {function.title}"]
    for topic, found in topics.items():
        for statement in found:
            lines += [
                f"% {topic}{': ' + statement.label if statement.label else ''}",
                rf"\[ {statement.latex} \]",
            ]
    return "\n".join(lines)


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
        **found,
        "certified": certified,
        **notes,
    }
    return json.dumps(data, indent=2, ensure_ascii=False)


def _as_markdown(
    function: Function, topics: Topics, notes: Notes, cases: Cases, known: KnownBy
) -> str:
    lines = [f"# {function.name}", "", f"{function.title}."]
    for topic, found in topics.items():
        lines += ["", f"## {topic.capitalize()}"]
        for statement in found:
            lines += [
                "",
                *([_heading(topic, statement.label, known), ""] if statement.label else []),
                f"$${statement.latex}$$",
            ]
    for topic, texts in ({"certified": _certified(cases)} | notes).items():
        lines += ["", f"## {topic.capitalize()}", "", *(f"- {text}" for text in texts)]
    return "\n".join(lines)


def _heading(topic: str, label: str, known: KnownBy) -> str:
    return f"{label} ({known[label].status}):" if topic == "identities" else f"{label}:"


_WRITERS = {"text": _as_text, "json": _as_json, "markdown": _as_markdown}
