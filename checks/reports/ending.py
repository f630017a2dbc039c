"""How a report ends: its exit code, and what that means in a sentence."""

from __future__ import annotations

from ..verdict import Report

OK, FINDINGS, NO_VERDICT, INTERRUPTED = 0, 1, 2, 130
FEW = 3  # functions not judged that are named


def exit_code(report: Report) -> int:
    """0 nothing below what is required, 1 findings, 2 no verdict, 130 interrupted.

    A run whose time was over is not interrupted: what it found counts, and without a finding it is
    no verdict.
    """
    if not report.complete and report.stopped in ("", "interrupted"):
        return INTERRUPTED
    if report.findings or report.breaches:
        return FINDINGS
    return OK if report.ok else NO_VERDICT


def meaning(code: int, report: Report) -> str:
    """The sentence behind an exit code."""
    if code == OK:
        but = ", but what the ledger holds" if report.held else ""
        return f"nothing below {report.required}{but}; the lowest level is {report.level}"
    if code == FINDINGS:
        return _found(report) + ("" if report.complete else f"; {_incomplete(report)}")
    if not report.complete:
        return _incomplete(report)
    if not report.judged:
        return "no verdict: nothing was judged"
    return "no verdict: something is undecided or in error"


def _incomplete(report: Report) -> str:
    why = report.stopped or "interrupted"
    if not report.missing:
        return f"incomplete: {why}, and what is not shown was not judged"
    named, more = ", ".join(report.missing[:FEW]), len(report.missing) - FEW
    left = f"{named} and {more} more" if more > 0 else named
    return f"incomplete: {why}, and not judged, or not wholly: {left}"


def _found(report: Report) -> str:
    findings, breaches = len(report.findings), len(report.breaches)
    parts = (
        [f"{findings} finding{'s' * (findings > 1)} below {report.required}"] if findings else []
    )
    parts += [f"{breaches} breach{'es' * (breaches > 1)} of the ledger"] if breaches else []
    return " and ".join(parts)
