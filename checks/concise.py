"""The concise report: what a person wants to see first, however much was found.

The table of levels, then two or three lines for each distinct finding: a property of a function,
over all formats in which it fails, with the worst witness. Where much was found only the worst is
shown; the end counts the rest, and says how to see all of it. A report with few findings is short
anyway, and is shown in full.
"""

from __future__ import annotations

import math
import textwrap
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from ..reference.formats import FORMATS
from ..reference.level import Level
from .report import (
    WIDTH,
    Pen,
    as_text,
    closing,
    command,
    heading,
    reproduce,
    row,
    table,
    tidy,
    ulps,
    wrapped,
)
from .verdict import Report, Status, Verdict, Witness

FEW = 3  # verdicts that are shown in full
MOST = 30  # distinct findings that are shown
LINES = 2  # for a witness


@dataclass(frozen=True)
class Finding:
    """What one property found of one function, in all formats in which it found it."""

    worst: Verdict
    formats: tuple[str, ...]


def as_concise(report: Report, colour: bool = False) -> str:
    """The table of levels, the worst of the distinct findings, what is not shown, the sum."""
    unsettled = [v for v in report.verdicts if v.status in (Status.ERROR, Status.UNDECIDED)]
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
        _rest(report, findings, shown, open_[MOST:]),
        closing(report, pen),
    ]
    return "\n\n".join("\n".join(lines) for lines in parts if lines) + "\n"


# ---------------------------------------------------------------- which


def distinct(verdicts: Iterable[Verdict]) -> list[Finding]:
    """Verdicts gathered over their formats, function by function and property by property."""
    groups: dict[tuple[str, str, Status], list[Verdict]] = {}
    for v in verdicts:
        groups.setdefault((v.function, v.property, v.status), []).append(v)
    return [
        Finding(min(group, key=_badness), tuple(sorted((v.format for v in group), key=_place)))
        for group in groups.values()
    ]


def _badness(verdict: Verdict) -> tuple[int, float]:
    """Least for the worst: the lowest level, then the largest relative error."""
    rank = -1 if verdict.level is None else verdict.level.rank
    witness = verdict.witness
    if witness is None or witness.error_ulp is None or verdict.format not in FORMATS:
        return rank, 0.0
    return rank, -witness.error_ulp * FORMATS[verdict.format].unit_roundoff


def _place(fmt: str) -> int:
    return list(FORMATS).index(fmt) if fmt in FORMATS else len(FORMATS)


def chosen(findings: list[Finding]) -> list[Finding]:
    """As many as are shown, function by function: the worst of each before the next of any."""
    turns: Counter[str] = Counter()
    ranked = []
    for finding in sorted(findings, key=lambda f: _badness(f.worst)):
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
    """What was observed and where; the place, which may be long, comes last.

    `observed 0.00012338, truth 0.00012339; error 891 ulp, bound 44.4 ulp; at x = 9.0 in float32`
    """
    verdict = finding.worst
    witness = verdict.witness
    if witness is None:
        return verdict.message
    fmt = verdict.format
    answers = [
        f"{label} {value if isinstance(value, str) else row(value, fmt)}"
        for label, value in (("observed", witness.observed), ("truth", witness.truth))
        if value is not None
    ]
    inputs = ", ".join(f"{name} = {row(value, fmt)}" for name, value in witness.inputs.items())
    which = f" in {fmt}" if len(finding.formats) > 1 else ""
    parts = [verdict.message, ", ".join(answers), *_size(witness), f"at {inputs}{which}"]
    return "; ".join(part for part in parts if part)


def _size(witness: Witness) -> list[str]:
    """How far off and how far is allowed, in ulps or in words; nothing where it is infinite."""
    if witness.error_ulp is None:
        return [tidy(witness.origin)] if witness.origin else []
    if math.isinf(witness.error_ulp):
        return []
    bound = "" if witness.bound_ulp is None else f", bound {ulps(witness.bound_ulp)}"
    return [f"error {ulps(witness.error_ulp)}{bound}"]


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
