"""The concise report: what a person wants to see first, however much was found.

The table of levels, then two or three lines for each distinct finding: a property of a function,
over all formats in which it fails, with the worst witness. Where much was found only the worst is
shown; the end counts the rest, and says how to see all of it. A report with few findings is short
anyway, and is shown in full.
"""

from __future__ import annotations

import textwrap
from collections import Counter

from ...reference.level import Level
from ..verdict import Report, Status
from .again import reproduce
from .evidence import evidence
from .findings import Finding, badness, distinct
from .gate import breaches, held
from .layout import WIDTH, Pen, command, heading, wrapped
from .levels import table
from .text import as_text, closing

FEW = 3  # verdicts that are shown in full
MOST = 30  # distinct findings that are shown
LINES = 2  # for a witness


def as_concise(report: Report, colour: bool = False) -> str:
    """The table of levels, the worst of the distinct findings, what is not shown, the sum."""
    open_ended = (Status.ERROR, Status.UNDECIDED)
    known = {v.id for v in report.held}
    unsettled = [v for v in report.verdicts if v.status in open_ended and v.id not in known]
    if len(report.findings) + len(unsettled) <= FEW:
        return as_text(report, colour)
    pen = Pen(colour)
    findings, open_ = distinct(report.findings), distinct(unsettled)
    shown = chosen(findings)
    judged = {v.format for v in report.verdicts}
    parts = [
        [pen(f"{report.target} · {report.required} required", bold=True)],
        table(report, pen),
        [line for f in shown for line in _block(f, judged, report.required, pen)],
        [line for f in open_[:MOST] for line in _open(f, judged, pen)],
        breaches(report, pen),
        held(report),
        _rest(report, findings, shown, open_[MOST:]),
        closing(report, pen),
    ]
    return "\n\n".join("\n".join(lines) for lines in parts if lines) + "\n"


# ---------------------------------------------------------------- which


def chosen(findings: list[Finding]) -> list[Finding]:
    """As many as are shown, function by function: the worst of each before the next of any."""
    turns: Counter[str] = Counter()
    ranked = []
    for finding in sorted(findings, key=lambda f: badness(f.worst)):
        name = finding.worst.function
        ranked.append((turns[name], finding))
        turns[name] += 1
    ranked.sort(key=lambda pair: pair[0])
    kept = [finding for _, finding in ranked[:MOST]]
    names = list(dict.fromkeys(f.worst.function for f in kept))
    return sorted(kept, key=lambda f: names.index(f.worst.function))


# ---------------------------------------------------------------- lines


def _block(finding: Finding, judged: set[str], required: Level, pen: Pen) -> list[str]:
    level = finding.worst.level
    said = str(level) if level is not None and level.rank < required.rank else "failed"
    return [heading(_where(finding, judged), said, pen), *_indented(_evidence(finding))]


def _open(finding: Finding, judged: set[str], pen: Pen) -> list[str]:
    """What came to no verdict: an error of Ulpian's own, or undecided truths."""
    verdict = finding.worst
    colour = "magenta" if verdict.status is Status.ERROR else "yellow"
    head = f"{pen(str(verdict.status), fg=colour)}  {_where(finding, judged)}"
    return [head, *_indented(verdict.message)]


def _where(finding: Finding, judged: set[str]) -> str:
    every = len(judged) > 1 and judged == set(finding.formats)
    formats = "all formats" if every else ", ".join(finding.formats)
    return " · ".join((finding.worst.function, finding.worst.property, formats))


def _indented(text: str) -> list[str]:
    indent = "  "
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=indent,
        subsequent_indent=2 * indent,
        max_lines=LINES,
        placeholder=" ...",
        break_long_words=False,
        break_on_hyphens=False,
    )


def _evidence(finding: Finding) -> str:
    """The evidence of the worst verdict, and of which format it is where there are several."""
    verdict = finding.worst
    said = evidence(verdict)
    return f"{said} in {verdict.format}" if verdict.witness and len(finding.formats) > 1 else said


def _rest(
    report: Report, findings: list[Finding], shown: list[Finding], open_: list[Finding]
) -> list[str]:
    """What is not shown, and the commands that show it."""
    hidden = Counter(f.worst.function for f in findings if f not in shown)
    counts = []
    if hidden:
        each = ", ".join(f"{name} {count}" for name, count in hidden.items())
        counts.append(f"{hidden.total()} more distinct findings ({each})")
    traits = {trait for v in report.verdicts for trait in v.traits}
    unsupported = sum(v.status is Status.UNSUPPORTED for v in report.verdicts)
    numbers = {"undecided or in error": len(open_), "traits": len(traits)}
    numbers["unsupported"] = unsupported
    counts += [f"{count} {name}" for name, count in numbers.items() if count]
    lines = wrapped("not shown", "; ".join(counts), 15) if counts else []
    lines += wrapped("in full", "the same command with --output-format text", 15)
    return lines + (command("the first", reproduce(shown[0].worst, report)) if shown else [])
