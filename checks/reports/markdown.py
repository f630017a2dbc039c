"""Reports as Markdown, for step summaries and comments: a table of levels, findings folded away."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence

from ..verdict import Report, Status, Verdict
from .ending import exit_code, meaning
from .evidence import outcome
from .findings import badness
from .gate import held_of
from .layout import Pen
from .levels import axes, cell, legend
from .text import block

MOST = 50  # findings that are shown: what GitHub takes as a comment is 64 KiB


def as_markdown(reports: Sequence[Report]) -> str:
    """One section for each report."""
    return "\n".join(_section(report) for report in reports)


def _section(report: Report) -> str:
    worst = sorted(report.findings, key=badness)
    parts = [
        f"### Ulpian: {_plain(report.target)}, {report.required} required",
        _sum(report),
        _table(report),
        *_breaches(report),
        *(_folded(v, report) for v in worst[:MOST]),
        *_rest(len(worst) - MOST),
        *_unsettled(report),
        *_held(report),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _sum(report: Report) -> str:
    code = exit_code(report)
    points = sum(v.points for v in report.verdicts)
    told = f"{len(report.verdicts)} verdicts, {points:,} points compared"
    return f"**{_plain(meaning(code, report))}** ({told}, {report.seconds:.1f} s)"


def _table(report: Report) -> str:
    functions, formats = axes(report)
    if not functions:
        return ""
    lines = [["function", *formats], ["---"] * (1 + len(formats))]
    marks: set[str] = set()
    for name in functions:
        cells = [cell(report, name, fmt) for fmt in formats]
        marks.update(c.mark for c in cells)
        lines.append([_plain(name), *(_plain(c.text) for c in cells)])
    rows = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    said = legend(marks, report.required)
    return f"{rows}\n\n{_plain(said)}" if said else rows


def _folded(verdict: Verdict, report: Report) -> str:
    """A finding whose block is seen when it is opened.

    The blank lines end the HTML, so that the block is Markdown again: in a code fence nothing of it
    is a link, a mention or a tag.
    """
    where = " · ".join((verdict.function, verdict.property, verdict.format))
    head = html.escape(" ".join(f"{where}: {outcome(verdict, report)}".split()))
    text = "\n".join(block(verdict, report, Pen(False)))
    fence = "`" * max(3, 1 + _longest_run(text))
    opened = f"<details>\n<summary>{head}</summary>"
    return f"{opened}\n\n{fence}text\n{text}\n{fence}\n\n</details>"


def _rest(count: int) -> list[str]:
    return [f"{count} more findings are not shown here."] if count > 0 else []


def _breaches(report: Report) -> list[str]:
    """Where the run and the ledger disagree, and the commands that help."""
    lines = []
    for b in report.breaches:
        which = _plain(f"{b.function} · {b.property} · {b.format}")
        lines.append(f"- {which}: {_code(b.sentence)}")
        lines += [f"  - {_plain(what)}: {_code(how)}" for what, how in b.commands.items()]
    return ["**The ledger is broken:**", "\n".join(lines)] if lines else []


def _held(report: Report) -> list[str]:
    if report.gate is None or not report.gate.held:
        return []
    return [
        f"{len(report.gate.held)} verdicts are as the ledger {_code(report.gate.ledger)} has them."
    ]


def _unsettled(report: Report) -> list[str]:
    unsettled = (Status.ERROR, Status.UNDECIDED)
    found = [v for v in report.verdicts if v.status in unsettled and not held_of(v, report)]
    lines = [f"- {v.status}: {_plain(v.id)}: {_code(v.message)}" for v in found[:MOST]]
    return ["\n".join(lines), *_rest_unsettled(len(found) - MOST)] if lines else []


def _rest_unsettled(count: int) -> list[str]:
    return [f"{count} more are undecided or in error."] if count > 0 else []


def _code(text: str) -> str:
    """A text on one line as code, which nobody is mentioned or linked by."""
    line = " ".join(text.split())
    fence = "`" * (1 + _longest_run(line))
    return f"{fence} {line} {fence}" if line else ""


def _longest_run(text: str) -> int:
    """How many backticks stand together at most."""
    return max((len(run) for run in re.findall("`+", text)), default=0)


def _plain(text: str) -> str:
    """A text on one line in which nothing means anything to Markdown or HTML."""
    return re.sub(r"([\\`*_{}\[\]<>()#+.!|~&$-])", r"\\\1", " ".join(text.split()))
