"""How good the implementations are that were measured: their levels, by format."""

from __future__ import annotations

from collections.abc import Callable

from ....reference.formats import FORMATS
from ....spec.function import Function
from ..document import Block, Paragraph, Section, Table, Text
from ..edition import Edition
from ..figures import measured as pictures
from ..records import Record, Standing, Worst, load
from ..records.printed import level, ulps
from .pieces import section


def measured(function: Function, edition: Edition) -> tuple[Section, ...]:
    """The level and the worst error of each recorded backend in each format."""
    records = [record for record in load() if record.of(function.name)]
    if not records:
        return ()
    head: tuple[Text, ...] = (("backend",), *((name,) for name in FORMATS))
    blocks: list[Block] = []
    for caption, cell in _CELLS.items():
        rows = tuple(_row(record, function, cell) for record in records)
        blocks.append(Table((caption,), head, rows, "l" * len(head)))
    old = [record.name for record in records if record.stale(function.name)]
    if old:
        blocks.append(Paragraph((f"Measured by an earlier definition: {', '.join(old)}.",)))
    if edition.pictures:
        blocks += pictures(function.name)
    return section(function, "measured", "How good implementations are", blocks)


Cell = Callable[[Standing], Text]


def _row(record: Record, function: Function, cell: Cell) -> tuple[Text, ...]:
    found = record.of(function.name)
    cells = (cell(found[fmt]) if fmt in found else level(None) for fmt in FORMATS)
    return ((record.name,), *cells)


def _accuracy(worst: Worst | None) -> Text:
    """A level with the largest error."""
    return level(None) if worst is None else (*level(worst.level), ", ", *ulps(worst.error_ulp))


_CELLS: dict[str, Cell] = {
    "The lowest level of all properties": lambda standing: level(standing.level),
    "The value: its level, and the largest error in ulps": lambda s: _accuracy(s.value),
    "The gradient: its level, and the largest error in ulps": lambda s: _accuracy(s.gradient),
}
