"""Windows: evenly spaced floats within one piece of the line, judged all together.

A window is so narrow that on it the truth is a polynomial of low degree, whose coefficients come of
a few evaluations in twice float64's precision. What is left then is a matrix product, and the
difference of each observation from it: errors cost less than the code under test takes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.polynomial import chebyshev
from numpy.typing import NDArray

from ...reference.error import error_ulp
from ...reference.formats import Floats, Format
from ...reference.local import doubled
from ...reference.local.pieces import Piece, answers, coefficients, ulp_exponent

POINTS = 4096  # floats of a window
DEGREE = 6  # of a window's polynomial; even, so that the middle is a node
ROUGH = 2.0**-6  # ulps: what the error in a window may be off by
BLOCK = 16  # windows that are compared at a time: what fits into a cache
PLAIN = 960  # exponents up to here neither overflow nor become subnormal on the way

Answers = Callable[[NDArray[Any]], NDArray[Any]]


@dataclass(frozen=True, eq=False)
class Window:
    """Every `stride`-th float of a piece from the place `start` on, POINTS of them.

    In a piece that is too short for that, places beyond its end begin again at its start.
    """

    piece: Piece
    start: int
    stride: int

    @property
    def wraps(self) -> bool:
        return self.start + self.stride * (POINTS - 1) >= self.piece.count


@dataclass(frozen=True)
class Seen:
    """The largest error in each window, as far as the window tells, and the bits of its float."""

    error: Floats
    bits: list[int]
    observed: Floats


def look(fmt: Format, call: Answers, windows: Sequence[Window]) -> Seen:
    """The worst of each window of pieces with a polynomial, (windows,)."""
    places = _places(windows)
    bits = places.astype(fmt.integer)
    bits += np.array([w.piece.bits(fmt, _ZERO)[0] for w in windows], fmt.integer)[:, None]
    seen = _called(fmt, call, bits)
    with np.errstate(all="ignore"):
        truth = _narrow(fmt, windows)
        place, top = np.empty(len(windows), dtype=np.int64), np.empty(len(windows))
        for start in range(0, len(windows), BLOCK):
            rows = slice(start, start + BLOCK)
            place[rows], top[rows] = truth.worst(fmt, rows, seen[rows])
        wide = np.flatnonzero(~truth.fine)
        if wide.size:
            slow = answers(fmt, [windows[k].piece for k in wide.tolist()], places[wide])
            error = error_ulp(seen[wide], slow, fmt)
            place[wide] = error.argmax(axis=1)
            top[wide] = error[np.arange(wide.size), place[wide]]
    return _told(place, top, bits, seen)


def _places(windows: Sequence[Window]) -> NDArray[np.int64]:
    """The places of each window's floats in its piece, (windows, POINTS)."""
    strides = np.array([w.stride for w in windows], dtype=np.int64)
    found = strides[:, None] * np.arange(POINTS, dtype=np.int64)
    found += np.array([w.start for w in windows], dtype=np.int64)[:, None]
    for row, window in enumerate(windows):
        if window.wraps:
            found[row] %= window.piece.count
    return found


def scan(fmt: Format, call: Answers, pieces: Sequence[Piece], places: NDArray[np.int64]) -> Seen:
    """The worst of each piece at some of its places, (pieces, n)."""
    bits = np.stack([p.bits(fmt, k) for p, k in zip(pieces, places, strict=True)])
    seen = _called(fmt, call, bits)
    error = error_ulp(seen, answers(fmt, pieces, places), fmt)
    place = error.argmax(axis=1)
    return _told(place, error[np.arange(len(pieces)), place], bits, seen)


def _called(fmt: Format, call: Answers, bits: NDArray[Any]) -> Floats:
    found = call(np.ascontiguousarray(bits).reshape(-1).view(fmt.dtype))
    return found.astype(np.float64, copy=False).reshape(bits.shape)


def _told(place: NDArray[np.int64], top: Floats, bits: NDArray[Any], seen: Floats) -> Seen:
    """What is at these places of each row; NaN for a number counts as infinitely wrong."""
    rows = np.arange(len(place))
    error = np.where(np.isnan(top), np.inf, top)
    return Seen(error, bits[rows, place].tolist(), seen[rows, place])


@dataclass(frozen=True)
class _Narrow:
    """The truths of windows: middle + own @ _GRID, where `fine`; logs of the ulps at their ends."""

    middle: Floats
    own: Floats
    least: NDArray[np.int64]
    most: NDArray[np.int64]
    fine: NDArray[np.bool_]

    def worst(self, fmt: Format, rows: slice, seen: Floats) -> tuple[NDArray[np.int64], Floats]:
        """The place of the largest error in each of some rows, and that error in ulps."""
        off = seen - self.middle[rows, None]  # exact where it is small
        off -= self.own[rows] @ _GRID
        np.abs(off, out=off)
        for k in np.flatnonzero((self.fine & (self.most != self.least))[rows]):
            # a power of two among its truths: larger ulps on one side
            value = doubled.two_sum(self.middle[rows][k], self.own[rows][k] @ _GRID)
            there = ulp_exponent(fmt, *value, 0)
            off[k] *= np.ldexp(1.0, self.least[rows][k] - there)
        place = off.argmax(axis=1)
        top: Floats = off[np.arange(len(off)), place] * np.ldexp(1.0, -self.least[rows])
        return place, top


def _narrow(fmt: Format, windows: Sequence[Window]) -> _Narrow:
    """The polynomials of windows, `fine` where they are narrow enough for float64."""
    high, low = coefficients([w.piece for w in windows])
    scale = np.array([w.piece.exponent for w in windows], dtype=np.int64)
    counts = np.array([w.piece.count for w in windows], dtype=np.float64)
    start = np.array([w.start for w in windows], dtype=np.float64)
    reach = np.array([w.stride for w in windows], dtype=np.float64) * (POINTS - 1)
    centre = (2 * start + reach - (counts - 1)) / counts  # exact, as is what follows
    spread = doubled.two_product((reach / counts)[:, None], _NODES)
    u = doubled.add((centre[:, None], np.zeros((len(windows), 1))), spread)
    value, rest = doubled.chebyshev((high[:, None, :], low[:, None, :]), u)
    middle = value[:, DEGREE // 2]
    own = ((value - middle[:, None]) + rest) @ _TRANSFORM.T
    size = np.abs(own).sum(axis=1)
    bottom, below = doubled.two_sum(np.abs(middle), -size)
    least = ulp_exponent(fmt, np.maximum(bottom, 2.0**-1000), below, scale)
    most = ulp_exponent(fmt, *doubled.two_sum(np.abs(middle), size), scale)
    off = np.abs(own[:, -2:]).sum(axis=1) + 2.0**-49 * size
    fine = off <= ROUGH * np.ldexp(1.0, np.minimum(least - scale, 0))
    fine &= np.array([not w.wraps for w in windows])
    fine &= (np.abs(scale) < PLAIN) & (most - least <= 1)
    return _Narrow(
        np.ldexp(middle, scale), np.ldexp(own, scale[:, None]), least, most, np.asarray(fine)
    )


def _transform() -> Floats:
    """The matrix from values at the nodes cos(pi k/n) to coefficients."""
    k = np.arange(DEGREE + 1)
    matrix = 2.0 / DEGREE * np.cos(np.pi * np.outer(k, k) / DEGREE)
    matrix[:, [0, -1]] /= 2
    matrix[[0, -1], :] /= 2
    found: Floats = matrix
    return found


_ZERO = np.zeros(1, dtype=np.int64)
_NODES: Floats = np.cos(np.pi * np.arange(DEGREE + 1) / DEGREE)
_NODES[DEGREE // 2] = 0.0
_TRANSFORM = _transform()
_GRID: Floats = np.ascontiguousarray(
    chebyshev.chebvander((2 * np.arange(POINTS) - (POINTS - 1.0)) / (POINTS - 1), DEGREE).T
)
