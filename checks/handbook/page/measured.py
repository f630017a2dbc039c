"""How good the implementations are that were measured: their levels, by format."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ....reference.formats import USUAL
from ....spec.function import Function
from ...atlas import recorded
from ...atlas.binades import worst
from ...sweeps.result import Result
from ..document import Block, Paragraph, Section, Table, Text
from ..edition import Edition
from ..figures import at_defaults
from ..figures import measured as pictures
from ..records import Record, Standing, Worst, load
from ..records.printed import level, ulps
from .pieces import section


def measured(function: Function, edition: Edition) -> tuple[Section, ...]:
    """The level and the worst error of each recorded backend in each format."""
    records = [record for record in load() if record.of(function.name)]
    if not records:
        return ()
    head: tuple[Text, ...] = (("backend",), *((name,) for name in USUAL))
    blocks: list[Block] = []
    for caption, cell in _CELLS.items():
        rows = tuple(_row(record, function, cell) for record in records)
        blocks.append(Table((caption,), head, rows, "l" * len(head)))
    blocks += _swept(function)
    old = [record.name for record in records if record.stale(function.name)]
    if old:
        blocks.append(Paragraph((f"Measured by an earlier definition: {', '.join(old)}.",)))
    if edition.pictures:
        blocks += pictures(function.name)
    return section(function, "measured", "How good implementations are", blocks)


SWEPT = (
    "With every input of the format tried: the level that this proves, and the largest error in "
    "ulps. At least so large an error was found where the inputs are too many to be tried"
)

Cell = Callable[[Standing], Text]


def _row(record: Record, function: Function, cell: Cell) -> tuple[Text, ...]:
    found = record.of(function.name)
    cells = (cell(found[fmt]) if fmt in found else level(None) for fmt in USUAL)
    return ((record.name,), *cells)


def _swept(function: Function) -> Iterator[Table]:
    """What the atlas has: a line for the value and one for the gradient in each backend."""
    found: dict[tuple[str, str], dict[str, Text]] = {}
    for page in recorded.pages(recorded.FOLDER):
        for result in page.of(function.name):
            told = _told(result)
            if told and not page.device and at_defaults(function, result):
                found.setdefault((page.name, result.quantity), {})[page.fmt] = told
    if found:
        head: tuple[Text, ...] = (("backend",), ("",), *((name,) for name in USUAL))
        rows = tuple(
            ((name,), (quantity,), *(cells.get(fmt, level(None, "–")) for fmt in USUAL))
            for (name, quantity), cells in found.items()
        )
        yield Table((SWEPT,), head, rows, "l" * len(head))


def _told(result: Result) -> Text:
    """A level that is proved, or an error that was found; nothing for a part of the line."""
    found = worst(result)
    if found is None or recorded.stale(result):
        return ()
    error = ulps(found.error)
    if result.method == "hunt":
        return ("at least ", *error)
    return (*level(result.level), ", ", *error) if result.proved else ()


def _accuracy(worst: Worst | None) -> Text:
    """A level with the largest error."""
    return level(None) if worst is None else (*level(worst.level), ", ", *ulps(worst.error_ulp))


_CELLS: dict[str, Cell] = {
    "The lowest level of all properties": lambda standing: level(standing.level),
    "The value: its level, and the largest error in ulps": lambda s: _accuracy(s.value),
    "The gradient: its level, and the largest error in ulps": lambda s: _accuracy(s.gradient),
}
