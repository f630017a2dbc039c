"""Cells: the parts of lines that may be looked at next, the most promising first."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from ...reference.local.pieces import Piece
from .windows import POINTS, Window

MOST = 20_000  # cells that wait; the least promising beyond are forgotten
PARTS = 8  # of a cell that is looked into
REACH = 10  # a window is at most 2**-REACH of its piece, so that it has few coefficients


@dataclass(frozen=True, order=True)
class Cell:
    """A run of floats within one piece of a track.

    `rank` orders cells: minus the largest error seen there, then by age.
    """

    rank: tuple[float, int]
    track: int
    negative: bool
    first: int
    count: int


@dataclass
class Cells:
    """The cells that wait, as a heap."""

    heap: list[Cell] = field(default_factory=list)
    made: int = 0

    def push(self, error: float, track: int, negative: bool, first: int, count: int) -> None:
        self.made += 1
        heapq.heappush(self.heap, Cell((-error, self.made), track, negative, first, count))
        if len(self.heap) > 2 * MOST:
            self.heap = heapq.nsmallest(MOST, self.heap)  # which is sorted, and so a heap

    def pop(self) -> Cell | None:
        return heapq.heappop(self.heap) if self.heap else None


def parts(cell: Cell) -> Iterator[tuple[int, int]]:
    """The parts of a cell: first and count."""
    size = max(cell.count // PARTS, min(cell.count, POINTS))
    for first in range(cell.first, cell.first + cell.count, size):
        yield first, size


def window(rng: np.random.Generator, piece: Piece, first: int, count: int) -> Window:
    """A window at random in a run of a piece's floats; all of them where there are few."""
    start = first - piece.first
    widest = max(min(count, piece.count >> REACH) // POINTS, 1)
    stride = (widest - int(rng.integers(widest // 4 + 1))) | 1  # odd: every last bit is met
    if stride > widest:
        stride = max(stride - 2, 1)
    room = max(count - stride * (POINTS - 1), 1)
    return Window(piece, start + int(rng.integers(room)), stride)


def around(piece: Piece, first: int) -> Iterator[Window]:
    """Windows around a float of a piece, from its neighbours outwards."""
    place = first - piece.first
    stride = 1
    while stride == 1 or stride * POINTS <= piece.count >> REACH:
        start = place - stride * (POINTS // 2)
        least = place % stride
        most = piece.count - stride * (POINTS - 1) - 1
        yield Window(piece, max(least, min(start, most)) if most > 0 else 0, stride)
        stride = 4 * stride + 1
