"""The truths of many floats at once: rows of floats, each row with a short polynomial of its own.

A row is `ROW` consecutive floats of one sign, which lie evenly, so that one grid serves all rows:
their truths are a matrix of coefficients times the values of the Chebyshev polynomials on the grid.
Most rows need none of that: where the truth stays within half an ulp of a float that can be told
from the bits of x, a comparison of bits does.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

import numpy as np
from numpy.polynomial import chebyshev
from numpy.typing import NDArray

from ..formats import Floats, Format
from ..level import RESOLUTION
from .fit import Fit, to_coefficients
from .quantity import Quantity
from .stretches import Stretch, middle_of, stretches

ROW = 1 << 12
CERTAIN = 0.5 - 2.0**-10  # ulps from the truth at which a float is the rounded truth, and no tie
SHIFTED, FLAT, POLYNOMIAL, MIXED, UNPROVEN = range(5)
"""Kinds of spans.

SHIFTED     the rounded truth has the bits of x plus a constant
FLAT        the rounded truth is one float
POLYNOMIAL  the truth is a polynomial
MIXED       one row, whose truths are listed; some are to be asked one by one
UNPROVEN    nothing could be proved of some of its truths
"""


@dataclass(frozen=True)
class Mixed:
    """The truths of one row, one by one: NaN where the oracle has to be asked."""

    truth: Floats
    asked: NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Span:
    """Consecutive rows of one sign and one kind.

    first     bits (without the sign) of the first float; `rows` rows from there
    expected  what is added to the bits of x (SHIFTED), or the bits of the rounded truth (FLAT)
    off       ulps that this float may be from the truth at most
    """

    fmt: Format
    negative: bool
    first: int
    rows: int
    kind: int
    fit: Fit | None = None
    expected: int = 0
    off: float = 0.0
    mixed: Mixed | None = None

    @property
    def bits(self) -> int:
        """The bits of the first float, sign included."""
        return self.first | (self.negative << (self.fmt.bits - 1))

    @cached_property
    def coefficients(self) -> Floats:
        """Of the truth, on each row: (rows, degree + 1)."""
        assert self.fit is not None
        return _coefficients(self.fit, self.rows)

    @cached_property
    def terms(self) -> NDArray[np.int64]:
        """How many coefficients of each row matter."""
        return _needed(self.fmt, self.coefficients)

    @cached_property
    def sizes(self) -> tuple[Floats, Floats]:
        """The least and the largest |truth| on each row, from below and from above."""
        constant = np.abs(self.coefficients[:, 0])
        rest = np.abs(self.coefficients[:, 1:]).sum(axis=1)
        return np.maximum(constant - rest, 0.0), constant + rest

    @cached_property
    def exponents(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """log2 of the ulp at those."""
        low, high = (ulp_exponent(self.fmt, size) for size in self.sizes)
        return low, high

    def truth(self, first: int, last: int, out: Floats) -> Floats:
        """The truths of the rows first ... last - 1, written to `out`, (rows, ROW)."""
        terms = int(self.terms[first:last].max())
        return np.matmul(self.coefficients[first:last, :terms], grid(terms), out=out)

    def rise(self, rows: NDArray[np.int64]) -> Floats:
        """x f'(x) on rows, to about the accuracy of the truth itself, (rows, ROW)."""
        derivative = chebyshev.chebder(self.coefficients[rows], axis=1)
        if not derivative.shape[1]:
            return np.zeros((rows.size, ROW))
        start = self.first + rows * ROW
        first, last = self.fmt.floats(start), self.fmt.floats(start + ROW - 1)
        about = (last + first) / (last - first)
        found: Floats = derivative @ grid(derivative.shape[1])
        found *= about[:, None] + grid(2)[1]
        return found

    def misses(self) -> tuple[Floats, NDArray[np.int64]]:
        """How far told floats are from the truth, in ulps, at some places of the span; and where.

        The span must be SHIFTED or FLAT, with a finite float.
        """
        assert self.fit is not None
        count = self.rows * ROW
        at = np.unique(np.rint(np.linspace(0, count - 1, PROBES)).astype(np.int64))
        t = (2 * at - (count - 1.0)) / (count - 1)
        own = at + self.bits
        told = own + self.expected if self.kind == SHIFTED else np.full(at.size, self.expected)
        rounded = self.fmt.floats(told % (1 << self.fmt.bits))
        value = np.asarray(chebyshev.chebval(t, self.fit.coefficients), dtype=np.float64)
        away = np.abs(self.fit.middle - rounded + value)
        exponent = self.fmt.ulp_exponent(self.fit.middle + value)
        return np.ldexp(away, -exponent), own


def ulp_exponent(fmt: Format, truth: Floats) -> NDArray[np.int64]:
    """log2 of the ulp at truths, as the oracle counts it.

    One that is within RESOLUTION of an ulp below a power of two has the ulp of that.
    """
    return fmt.ulp_exponent(truth * (1 + RESOLUTION * fmt.unit_roundoff))


PROBES = 33  # places at which a span of told floats is looked at


@cache
def grid(terms: int) -> Floats:
    """The Chebyshev polynomials T_0 ... at the floats of a row, (terms, ROW)."""
    return np.array(chebyshev.chebvander(_places(ROW), terms - 1).T, dtype=np.float64, order="C")


def _places(count: int) -> Floats:
    """Evenly from -1 to 1."""
    return (2 * np.arange(count) - (count - 1.0)) / max(count - 1, 1)


def spans(
    quantity: Quantity, fmt: Format, negative: bool, first: int, count: int
) -> Iterator[Span]:
    """The truths of `count` floats from the bits `first` (without the sign) on, in order.

    Both are multiples of ROW.
    """
    short: list[Stretch] = []
    for stretch in stretches(quantity, fmt, negative, first, count):
        if stretch.count >= ROW:
            yield _span(fmt, stretch)
            continue
        short.append(stretch)
        if (stretch.first + stretch.count) % ROW == 0:
            yield _listed(fmt, short)
            short = []


def _span(fmt: Format, stretch: Stretch) -> Span:
    """The span of a stretch of whole rows."""
    rows = stretch.count // ROW
    if stretch.fit is None:
        return Span(fmt, stretch.negative, stretch.first, rows, UNPROVEN)
    told = _told(fmt, stretch, stretch.fit)
    kind, expected, off = told or (POLYNOMIAL, 0, 0.0)
    return Span(fmt, stretch.negative, stretch.first, rows, kind, stretch.fit, expected, off)


def _listed(fmt: Format, short: list[Stretch]) -> Span:
    """The span of one row that consists of several stretches."""
    first, negative = short[0].first, short[0].negative
    if any(s.fit is None and s.count > 1 for s in short):
        return Span(fmt, negative, first, 1, UNPROVEN)
    truth = np.full(ROW, np.nan)
    for s in short:
        if s.fit is not None:
            place = s.first - first
            value = chebyshev.chebval(_places(s.count), s.fit.coefficients)
            truth[place : place + s.count] = s.fit.middle + value
    return Span(fmt, negative, first, 1, MIXED, mixed=Mixed(truth, np.isnan(truth)))


def _told(fmt: Format, stretch: Stretch, fit: Fit) -> tuple[int, Any, float] | None:
    """The kind, the constant and the distance where bits tell the rounded truth."""
    if np.isinf(fit.middle):
        return FLAT, fmt.bits_of(fit.middle), 0.0
    linear = fit.coefficients[:2]
    rest = float(np.abs(fit.coefficients[2:]).sum()) + fit.error + fit.rounding
    nearest = float(fmt.round(np.array([fit.middle]))[0])
    least = max(abs(fit.middle) - fit.spread, 0.0)
    ulp = float(np.ldexp(1.0, int(fmt.ulp_exponent(np.array([least]))[0])))
    away = abs(fit.middle - nearest) + float(np.abs(linear).sum()) + rest
    if away <= CERTAIN * ulp and np.isfinite(nearest):
        return FLAT, fmt.bits_of(nearest), away / ulp
    return _shifted(fmt, stretch, fit, rest, ulp) if linear.size > 1 else None


def _shifted(
    fmt: Format, stretch: Stretch, fit: Fit, rest: float, ulp: float
) -> tuple[int, Any, float] | None:
    """Where the truth is nearly x times a power of two, and neither of them subnormal."""
    centre, half = middle_of(fmt, stretch.negative, stretch.first, stretch.count)
    x = float(centre.mid())
    if half == 0 or abs(x) - abs(half) < fmt.smallest_normal:
        return None
    scale = 2.0 ** round(float(np.log2(abs(fit.middle / x)))) if fit.middle else 0.0
    turn = -1.0 if (fit.middle < 0) != stretch.negative else 1.0
    low, high = scale * (abs(x) - abs(half)), scale * (abs(x) + abs(half))
    if not fmt.smallest_normal <= low <= high <= fmt.largest:
        return None
    away = abs(fit.middle + fit.coefficients[0] - turn * scale * x)
    away += abs(fit.coefficients[1] - (turn * scale * half)) + rest
    # the truth may lie just below the power of two at which the stretch begins
    if away > CERTAIN * ulp / 2:
        return None
    own = stretch.first | (1 << (fmt.bits - 1) if stretch.negative else 0)
    there = fmt.bits_of(turn * scale * fmt.of_bits(own))
    return SHIFTED, (there - own) % (1 << fmt.bits), away / ulp


def _coefficients(fit: Fit, count: int) -> Floats:
    """Coefficients on each of `count` equal parts of a stretch, (count, terms)."""
    degree = fit.coefficients.size - 1
    if count == 1 or degree == 0:
        found = np.tile(fit.coefficients, (count, 1))
    else:
        found = (_values_on_parts(degree, count) @ fit.coefficients) @ to_coefficients(degree).T
    found[:, 0] += fit.middle
    return found


@cache
def _values_on_parts(degree: int, count: int) -> Floats:
    """T_k at the nodes of each part, (count, nodes, terms)."""
    points = count * ROW
    nodes = np.cos(np.pi * np.arange(degree + 1) / degree)
    centre = (2 * (np.arange(count) * ROW + (ROW - 1) / 2) - (points - 1)) / (points - 1)
    t = centre[:, None] + (ROW - 1) / (points - 1) * nodes
    return np.asarray(chebyshev.chebvander(t, degree), dtype=np.float64)


def _needed(fmt: Format, found: Floats) -> NDArray[np.int64]:
    """How many coefficients of each row matter: what is left out is below the resolution."""
    sizes = np.abs(found)
    least = np.maximum(sizes[:, 0] - sizes[:, 1:].sum(axis=1), 0.0)
    slack = RESOLUTION / 4 * np.ldexp(1.0, fmt.ulp_exponent(least))
    tails = np.cumsum(sizes[:, ::-1], axis=1)[:, ::-1]
    needed: NDArray[np.int64] = (tails > slack[:, None]).sum(axis=1)
    return np.maximum(needed, 1)
