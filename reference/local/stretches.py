"""A range of floats cut into stretches that have a polynomial, and points that have none.

Floats are told by their bits without the sign: they count upwards from zero through the subnormals
to infinity, and between two powers of two they lie evenly. A stretch is a run of `count` (a power
of two) of them, within one binade, beginning at a multiple of `count`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import flint
import numpy as np

from .. import oracle
from ..formats import Format
from ..level import RESOLUTION
from .far import Far, Series, far
from .fit import Blurred, Fit, fit
from .quantity import Enclosures, Quantity

SINGLES = 1 << 14  # points that are asked singly, at most, in one range


@dataclass(frozen=True)
class Stretch:
    """A run of floats of one sign, and their polynomial.

    None for a point that is asked singly, and for a run of which nothing could be proved.
    """

    negative: bool
    first: int
    count: int
    fit: Fit | None


def stretches(
    quantity: Quantity, fmt: Format, negative: bool, first: int, count: int
) -> Iterator[Stretch]:
    """The stretches of the floats first, first + 1, ... first + count - 1, in order.

    Both numbers are multiples of a power of two that is at most a binade; all floats are finite.
    """
    cutter = _Cutter(quantity, fmt, negative, _precisions(fmt))
    for start, size in _within_binades(fmt, first, count):
        yield from _cut(cutter, start, size)


def _within_binades(fmt: Format, first: int, count: int) -> Iterator[tuple[int, int]]:
    """The largest aligned runs within binades."""
    binade = 1 << (fmt.precision - 1)
    end = first + count
    while first < end:
        size = min(binade, first & -first or binade)
        while first + size > end:
            size //= 2
        yield first, size
        first += size


def _precisions(fmt: Format) -> list[int]:
    """Bits to try: from what leaves 64 for cancellation to twice the full range."""
    bits = [64 + 2 * fmt.precision]
    while bits[-1] < 2 * fmt.full_range_bits:
        bits.append(2 * bits[-1])
    return bits


@dataclass
class _Cutter:
    quantity: Quantity
    fmt: Format
    negative: bool
    precisions: list[int]  # the first is the one that sufficed last
    singles: int = 0

    @cached_property
    def far(self) -> Far | Series | None:
        return far(self.quantity, self.fmt, self.negative, RESOLUTION / 4)


def _cut(cutter: _Cutter, first: int, count: int) -> Iterator[Stretch]:
    """The stretch as one, or its two halves."""
    found = None
    if count == 1:
        cutter.singles += 1
    else:
        found = _fitted(cutter, first, count) or _far(cutter, first, count)
    if found is not None or count == 1 or cutter.singles > SINGLES:
        yield Stretch(cutter.negative, first, count, found)
        return
    yield from _cut(cutter, first, count // 2)
    yield from _cut(cutter, first + count // 2, count // 2)


def _far(cutter: _Cutter, first: int, count: int) -> Fit | None:
    """The line far out, asked where a whole binade has no polynomial."""
    centre, half = middle_of(cutter.fmt, cutter.negative, first, count)
    nearest = float(abs(centre).mid()) - abs(half)
    if nearest < 4 or cutter.far is None or nearest < cutter.far.start:
        return None
    there = flint.arb(1)
    if isinstance(cutter.far, Series):
        outside = _outside(cutter.fmt, cutter.far.real(centre + flint.arb(0, abs(half))))
        if outside is not None:
            return outside
        there = cutter.far.real(centre)
    wanted = RESOLUTION / 2 * ulp(cutter.fmt, float(there.mid()))
    return cutter.far.fit(centre, half, wanted)


def _fitted(cutter: _Cutter, first: int, count: int) -> Fit | None:
    """The fit of a stretch, at the first precision that gives one; None where it is to be cut."""
    for place, bits in enumerate(cutter.precisions):
        try:
            with cutter.quantity.at(bits) as enclosures:
                found = _proven(cutter, enclosures, first, count)
        except Blurred:
            continue
        del cutter.precisions[:place]  # the next stretches lie beside it, or within
        return found
    return None


def _proven(cutter: _Cutter, enclosures: Enclosures, first: int, count: int) -> Fit | None:
    fmt = cutter.fmt
    centre, half = middle_of(fmt, cutter.negative, first, count)
    outside = _outside(fmt, enclosures.real(centre + flint.arb(0, abs(half))))
    if outside is not None:
        return outside
    there = enclosures.real(centre)
    if not there.is_finite():
        return None
    if float(there.rad()) > RESOLUTION / 64 * ulp(fmt, float(there.mid())):
        raise Blurred
    found = fit(enclosures, centre, half, RESOLUTION / 2 * ulp(fmt, float(there.mid())))
    if found is None:
        return None
    least = max(abs(found.middle) - found.spread, 0.0)
    if found.error + found.rounding > RESOLUTION * ulp(fmt, least):
        return None
    return None if _near_switch(cutter, first, count) else found


def _outside(fmt: Format, whole: Any) -> Fit | None:
    """The fit of what is too large for the format, or too small, on all of a stretch."""
    if not whole.is_finite():
        return None
    if abs(whole) > flint.arb(2) ** (fmt.emax + 2):
        return Fit(np.inf if whole > 0 else -np.inf, np.zeros(1), 0.0)
    if abs(whole) < RESOLUTION / 4 * fmt.smallest_subnormal:
        return Fit(0.0, np.zeros(1), float(whole.abs_upper()))
    return None


def _near_switch(cutter: _Cutter, first: int, count: int) -> bool:
    """Whether rounding may carry an end of it to another branch: both sides are right there."""
    quantity, fmt = cutter.quantity, cutter.fmt
    if oracle._boundary_code(quantity.function) is None:
        return False
    ends = fmt.floats([first, first + count - 1]) * (-1 if cutter.negative else 1)
    columns = quantity.columns(ends)
    return bool(oracle._near_boundary(quantity.function, columns, quantity.setting, fmt).any())


def middle_of(fmt: Format, negative: bool, first: int, count: int) -> tuple[Any, float]:
    """The centre of a stretch as an exact ball, and half the way from its first x to its last."""
    low, exponent = _scaled(fmt, first)
    sign = -1 if negative else 1
    doubled = 2 * low + count - 1  # in halves of the step
    half = sign * float(np.ldexp(count - 1.0, exponent - 1))
    return flint.arb((sign * doubled, exponent - 1)), half


def _scaled(fmt: Format, bits: int) -> tuple[int, int]:
    """A float as a whole number times a power of two: the step of its binade."""
    binade, rest = divmod(bits, 1 << (fmt.precision - 1))
    step = fmt.subnormal_exponent + max(binade - 1, 0)
    return rest + ((1 << (fmt.precision - 1)) if binade else 0), step


def ulp(fmt: Format, value: float) -> float:
    """The ulp of the format at a number."""
    return float(np.ldexp(1.0, int(fmt.ulp_exponent(np.array([value]))[0])))
