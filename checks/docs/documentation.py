"""What `ulpian handbook check --docstrings` finds in the documentation of a package, and prints."""

from __future__ import annotations

import json
import textwrap
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ...spec.catalogue import find
from .by_hand import outdated, readings
from .docstrings import Docstring, docstrings
from .formula import Formula
from .formulas import formulas
from .judgement import Finding, about, judged, judged_by_hand

_WIDTH = 100


@dataclass(frozen=True)
class Documentation:
    """The findings on the docstrings of targets.

    `docstrings` counts those that were looked at, `concerned` those about a function of the book.
    """

    findings: tuple[Finding, ...]
    docstrings: int
    concerned: int

    def count(self, status: str) -> int:
        return sum(f.status == status for f in self.findings)

    @property
    def compared(self) -> int:
        return self.count("agrees") + self.count("wrong")


def check(targets: Sequence[str], named: str = "") -> Documentation:
    """Compare every formula that the docstrings of targets print with the book.

    `named` is the function that they are about, where their names do not say it. `UsageError`
    where a target has no docstrings, `LookupError` where the book has no such function.
    """
    function = find(named).name if named else ""
    findings: list[Finding] = []
    looked, concerned = 0, 0
    for target in targets:
        for docstring in docstrings(target):
            looked += 1
            found = list(_of_docstring(docstring, function))
            concerned += bool(found or about(docstring, function))
            findings += found
    return Documentation(tuple(findings), looked, concerned)


def _of_docstring(docstring: Docstring, named: str) -> Iterator[Finding]:
    read = dict[str, Finding]()
    for formula, reading in readings(docstring):
        if formula.text not in read:
            read[formula.text] = judged_by_hand(docstring, formula, reading)
            yield read[formula.text]
    subjects = about(docstring, named)
    if not subjects:
        return
    for formula in formulas(docstring):
        if formula.latex and formula.text not in read:
            yield _unread(docstring, formula)
        elif not formula.latex:
            finding = judged(docstring, formula, subjects)
            if not (formula.bare and finding.status == "unreadable"):
                yield finding  # a span that nothing calls a formula need not be one
    for reading in outdated(docstring):
        why = f"it is no more what was read as {reading.text!r}: read it again"
        yield Finding(docstring, Formula(docstring.line, ""), "unreadable", why=why)


def _unread(docstring: Docstring, formula: Formula) -> Finding:
    why = "LaTeX is never read as truth, and nobody has read this by hand"
    return Finding(docstring, formula, "latex", why=why)


# ---------------------------------------------------------------- what is printed


def text(found: Documentation, verbose: bool = False) -> str:
    """The wrong formulas with the numbers that show it, and the counts; `verbose` shows all."""
    shown = [f for f in found.findings if verbose or f.status == "wrong"]
    return "\n".join([*(line for f in shown for line in _lines(f)), *_summary(found)])


def _lines(finding: Finding) -> Iterator[str]:
    said = finding.comparison
    yield f"{finding.docstring.name} · {finding.call or 'not compared'}    {finding.status}"
    yield from _field("where", finding.place)
    yield from _field("prints", finding.formula.text)
    if finding.by_hand:
        note = finding.by_hand.note
        yield from _field("read as", f"{finding.by_hand.text}{f'   ({note})' if note else ''}")
    if finding.why:
        yield from _field("why", finding.why)
    if said and said.difference:
        d = said.difference
        yield from _field("at", d.at)
        yield from _field("gives", f"{d.given}, and the book {d.book}")
    if said:
        reduced = f", reduced by {said.reduction}" if said.reduction else ""
        yield from _field("told", "; ".join([said.how + reduced, *said.notes]))
    if said and said.relation:
        yield from _field("that is", said.relation)
    yield ""


def _field(label: str, value: str) -> Iterator[str]:
    head = f"  {label:<9}"
    for line in value.split("\n"):
        yield (
            textwrap.fill(
                line,
                _WIDTH,
                initial_indent=head,
                subsequent_indent=" " * 11,
                break_long_words=False,
            )
            or head.rstrip()
        )
        head = " " * 11


def _summary(found: Documentation) -> Iterator[str]:
    proved = sum(
        f.status == "agrees" and f.comparison is not None and f.comparison.how.startswith("proved")
        for f in found.findings
    )
    by_hand = sum(f.by_hand is not None for f in found.findings)
    yield (
        f"docstrings: {found.docstrings}, of functions of the book: {found.concerned}; "
        f"formulas compared: {found.compared}, read by hand of them: {by_hand}"
    )
    yield f"agree: {found.count('agrees')}, proved of them: {proved}; wrong: {found.count('wrong')}"
    left = [(found.count(s), s) for s in ("undecided", "unreadable") if found.count(s)]
    latex = found.count("latex")
    words = [f"{n} {s}" for n, s in left] + ([f"{latex} in LaTeX, not read"] if latex else [])
    if words:
        yield f"not compared: {', '.join(words)}"
    reasons = Counter(f.why for f in found.findings if f.status == "unreadable")
    for why, count in sorted(reasons.items(), key=lambda pair: (-pair[1], pair[0])):
        yield f"  unreadable {count:>3}  {why}"


def as_json(found: Documentation) -> str:
    """Every finding, with what the text leaves out."""
    counts = {s: found.count(s) for s in ("agrees", "wrong", "undecided", "unreadable", "latex")}
    data = {
        "docstrings": found.docstrings,
        "concerned": found.concerned,
        "counts": counts,
        "findings": [_as_data(f) for f in found.findings],
    }
    return json.dumps(data, indent=2, ensure_ascii=False)


def _as_data(finding: Finding) -> dict[str, Any]:
    said = finding.comparison
    data: dict[str, Any] = {
        "object": finding.docstring.name,
        "file": str(finding.docstring.file),
        "line": finding.formula.line,
        "formula": finding.formula.text,
        "status": finding.status,
    }
    optional: dict[str, Any] = {
        "call": finding.call,
        "why": finding.why,
        "read_as": finding.by_hand.text if finding.by_hand else "",
    }
    if said:
        optional |= {"how": said.how, "reduction": said.reduction, "relation": said.relation}
        optional |= {"notes": list(said.notes), "points": said.points}
        if said.difference:
            d = said.difference
            optional |= {"at": d.at, "gives": d.given, "book": d.book}
    return data | {name: value for name, value in optional.items() if value}
