"""What came of comparing a run with its ledger, as lines of a report for people."""

from __future__ import annotations

from ..verdict import Breach, Held, Report, Status, Verdict
from .layout import LABEL, Pen, command, heading, wrapped

FEW = 10  # held verdicts that are shown with their reasons

_SAID = {
    "worse": "worse than recorded",
    "fixed": "no longer fails",
    "expired": "expired",
    "unmatched": "matches nothing",
}


def breaches(report: Report, pen: Pen) -> list[str]:
    """A block for each disagreement: what was recorded, and the commands that help."""
    found = [_breach(breach, report, pen) for breach in report.breaches]
    return [line for k, lines in enumerate(found) for line in ([""] if k else []) + lines]


def _breach(breach: Breach, report: Report, pen: Pen) -> list[str]:
    where = " · ".join((breach.function, breach.property, breach.format, report.target))
    lines = [heading(where, _SAID[breach.kind], pen), *wrapped("ledger", breach.sentence, LABEL)]
    for label, words in breach.commands.items():
        lines += command(label, words)
    return lines


def held(report: Report) -> list[str]:
    """How many verdicts the ledger holds, and which; a note where it holds some elsewhere."""
    gate = report.gate
    if gate is None:
        return []
    lines = wrapped("", gate.note, LABEL) if gate.note else []
    if not gate.held:
        return lines
    lines += wrapped("held", f"{len(gate.held)} by {gate.ledger}", LABEL)
    if len(gate.held) > FEW:
        return lines + wrapped("", "; ".join(map(_place, gate.held)), LABEL)
    return [*lines, *(line for one in gate.held for line in _held(one))]


def _held(one: Held) -> list[str]:
    until = f"until {one.expires}" if one.expires else ""
    known = [part for part in (one.reason or "no reason given", one.link, until) if part]
    return wrapped("", f"{_place(one)}: {', '.join(known)}", LABEL + 2)


def _place(one: Held) -> str:
    return f"{one.function}:{one.property} {one.format}"


def held_of(verdict: Verdict, report: Report) -> Held | None:
    """What the ledger says of a verdict that it holds: the finding is expected. None for others."""
    if verdict.status is Status.PASS or report.gate is None:
        return None
    key = (verdict.function, verdict.property, verdict.format)
    return next((h for h in report.gate.held if (h.function, h.property, h.format) == key), None)
