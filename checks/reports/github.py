"""Findings as GitHub's workflow commands: annotations at the lines of the code under test.

GitHub shows ten of a step, so the worst ten are written; the step summary has the whole report.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..verdict import Breach, Report, Status, Verdict
from .again import reproduce
from .ending import exit_code, meaning
from .evidence import evidence, outcome
from .findings import badness, distinct
from .gate import held_of
from .sarif import source_of

MOST = 10


@dataclass(frozen=True)
class _Note:
    """A workflow command: `error` or `warning`, where, and what."""

    kind: str
    place: dict[str, str]
    text: str

    def __str__(self) -> str:
        place = ",".join(f"{name}={_value(text)}" for name, text in self.place.items())
        return f"::{self.kind} {place}::{_data(self.text)}"


def as_github(reports: Sequence[Report]) -> str:
    """The worst of the distinct findings as annotations, and a line that counts the rest."""
    notes = _notes(reports)
    lines = [str(note) for note in notes[:MOST]]
    if len(notes) > MOST:
        lines.append(f"{len(notes) - MOST} more are in the step summary")
    return "".join(f"{line}\n" for line in lines)


def _notes(reports: Sequence[Report]) -> list[_Note]:
    """Unfinished runs first, then breaches of the ledger, findings from the worst on, the rest."""
    unfinished = [
        _Note("error", {"title": report.target}, meaning(exit_code(report), report))
        for report in reports
        if not report.complete
    ]
    breaches = [_breach(b, report) for report in reports for b in report.breaches]
    worst = [
        (finding.worst, finding.formats, report)
        for report in reports
        for finding in distinct(report.findings)
    ]
    worst.sort(key=lambda found: badness(found[0]))
    unsettled = [
        (finding.worst, finding.formats, report)
        for report in reports
        for status in (Status.ERROR, Status.UNDECIDED)
        for finding in distinct(_open(report, status))
    ]
    return [*unfinished, *breaches, *(_note(*found) for found in (*worst, *unsettled))]


def _open(report: Report, status: Status) -> list[Verdict]:
    return [v for v in report.verdicts if v.status is status and held_of(v, report) is None]


def _breach(breach: Breach, report: Report) -> _Note:
    title = " · ".join((breach.function, breach.property, breach.format, report.target))
    said = "\n".join((breach.sentence, *breach.commands.values()))
    return _Note("error", {"title": title}, said)


def _note(verdict: Verdict, formats: tuple[str, ...], report: Report) -> _Note:
    title = " · ".join((verdict.function, verdict.property, ", ".join(formats), report.target))
    at = source_of(verdict, report)
    place = {} if at is None else {"file": at.path, "line": str(at.line)}
    if verdict.status is Status.FAIL:
        said = f"{outcome(verdict, report)}; {evidence(verdict)}\n{reproduce(verdict, report)}"
        return _Note("error", {**place, "title": title}, said)
    return _Note("warning", {**place, "title": title}, f"{verdict.status}: {verdict.message}")


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _value(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
