"""The table of levels: the lowest of each function in each format."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from ...reference.formats import FORMATS
from ...reference.level import Level
from ..verdict import Report, Status, Verdict
from .layout import Pen


@dataclass(frozen=True)
class Cell:
    """The lowest level of a function in a format; a mark where something is the matter."""

    text: str
    mark: str
    style: dict[str, Any] = field(default_factory=dict)


def table(report: Report, pen: Pen) -> list[str]:
    """The lowest level of each function in each format, as lines of text."""
    functions, formats = axes(report)
    if not functions:
        return []
    wide = max(map(len, functions)) + 2
    lines = [(" " * (wide + 2) + "".join(f"{f:<14}" for f in formats)).rstrip()]
    marks: set[str] = set()
    for name in functions:
        cells = [cell(report, name, fmt) for fmt in formats]
        marks.update(c.mark for c in cells)
        row = "".join(pen(c.text, **c.style) + " " * max(1, 14 - len(c.text)) for c in cells)
        lines.append(f"  {name:<{wide}}" + row.rstrip())
    said = legend(marks, report.required)
    return [*lines, f"  {said}"] if said else lines


def axes(report: Report) -> tuple[list[str], list[str]]:
    """The functions that have verdicts, and the formats, in their order."""
    present = {v.format for v in report.verdicts}
    formats = [f for f in FORMATS if f in present] + sorted(present - set(FORMATS))
    return list(dict.fromkeys(v.function for v in report.verdicts)), formats


def cell(report: Report, function: str, fmt: str) -> Cell:
    """What the table says of a function in a format."""
    held = {v.id for v in report.held}
    own = [v for v in report.verdicts if (v.function, v.format) == (function, fmt)]
    return _cell(own, {v.status for v in own if v.id not in held}, any(v.id in held for v in own))


def _cell(verdicts: list[Verdict], found: set[Status], held: bool) -> Cell:
    levels = [v.level for v in verdicts if v.level is not None]
    lowest = str(min(levels, key=lambda level: level.rank)) if levels else "—"
    if Status.FAIL in found:
        return Cell(f"{lowest if levels else 'failed'} ×", "×", {"fg": "red"})
    if Status.ERROR in found:
        return Cell(f"{lowest if levels else 'error'} !", "!", {"fg": "magenta"})
    if Status.UNDECIDED in found:
        return Cell(f"{lowest if levels else 'undecided'} ?", "?", {"fg": "yellow"})
    if held:
        return Cell(f"{lowest} =", "=", {"fg": "yellow"})
    return Cell(lowest, lowest if lowest == "—" else "", {"fg": "green"} if levels else {})


def legend(marks: Iterable[str], required: Level) -> str:
    """What the marks of a table mean."""
    meaning = {
        "×": f"× below {required}",
        "!": "! an error of Ulpian",
        "?": "? undecided points",
        "=": "= held by the ledger",
        "—": "— not judged",
    }
    return "   ".join(text for mark, text in meaning.items() if mark in set(marks))
