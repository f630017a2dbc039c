"""Many enclosures settled at once: each ball as a pair of floats, a radius and a scale.

A pair hi + lo carries 106 bits: enough to tell which float of a format is nearest, and how far the
truth lies from it, wherever no care is needed. What does need it (a midpoint within reach, a number
far beyond the format) is left to `settle`, of which this is the quick half.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from flint import arb
from numpy.typing import NDArray

from .error import Answer
from .formats import Floats, Format
from .settle import COARSE, LARGE, NARROW

SMALL, GREAT = 2.0**-960, 2.0**960  # between these the low part is no subnormal number
LIFTS = ((arb(1), 0), (arb((1, 1500)), -1500), (arb((1, 3000)), -3000))
SLACK = 2.0**-40  # more than float64 loses of a radius
EXACT = 5000  # bits: an exact ball has more; a radius so far below a float64 is 0 in float64
ALONE = 24  # bits of the widest format that needs no low part: hi carries 53


class Pairs:
    """Balls in a table, (N, P): each lies within (hi + lo +- rad) 2**scale.

    hi is NaN where a ball is none or beyond GREAT; then rad tells which: infinite for no ball.
    """

    def __init__(self, rows: Sequence[Sequence[Any]], values: int, fmt: Format) -> None:
        """The first `values` columns hold what is to be settled: they get a low part."""
        shape, flat = (len(rows), len(rows[0])), [ball for balls in rows for ball in balls]
        self.hi = np.fromiter(map(float, flat), np.float64, len(flat)).reshape(shape)
        # a radius lies below |mid| 2**-bits: to ask for the bits is sooner done than for the radius
        bits = np.fromiter(map(arb.rel_accuracy_bits, flat), np.int64, len(flat)).reshape(shape)
        with np.errstate(over="ignore", invalid="ignore"):  # of what is no such number: see below
            self.rad = np.ldexp(np.abs(self.hi), -np.clip(bits, -EXACT, EXACT)) * (1 + SLACK)
        self.lo = np.zeros(self.hi.shape)
        self.scale = np.zeros(self.hi.shape, dtype=np.int64)
        if fmt.precision <= ALONE:
            self.rad += np.abs(self.hi) * 2.0**-52
        else:
            tops = self.hi[:, :values].tolist()
            self.lo[:, :values] = [
                [float(b - top) for b, top in zip(balls, row, strict=False)]
                for balls, row in zip(rows, tops, strict=True)
            ]
        size = np.abs(self.hi)
        for at in zip(*np.nonzero(~((size > SMALL) & (size < GREAT))), strict=True):
            ball = rows[at[0]][at[1]]
            if size[at] or not ball.is_zero():  # zeros are many, and stand there
                self.hi[at], self.lo[at], self.rad[at], self.scale[at] = _unusual(ball)
            else:
                self.rad[at] = 0.0


def _unusual(ball: Any) -> tuple[float, float, float, int]:
    """The pair of a ball that is zero, or smaller or larger than float64 holds two parts of."""
    if ball.is_zero():
        return 0.0, 0.0, 0.0, 0
    if not abs(float(ball)) <= SMALL:
        return np.nan, 0.0, np.inf if ball.is_nan() else 0.0, 0
    for lift, scale in LIFTS:
        lifted = ball * lift
        hi, rad = float(lifted), float(lifted.rad()) * (1 + SLACK)
        if abs(hi) > SMALL:
            return hi, float(lifted - hi), rad, scale
        if rad > SMALL:  # what hi lacks is far less
            return hi, 0.0, rad, scale
    return hi, 0.0, rad + SMALL, scale


def settle_pairs(
    pairs: Pairs, position: int, columns: Sequence[Floats], slopes: Sequence[int], fmt: Format
) -> tuple[Answer, NDArray[np.bool_], NDArray[np.bool_]]:
    """Settle one column of the table as `settle` does, C being the sum of |x| times |slope|.

    Returns the answers, which of them settled, and for which only more bits can.
    """
    part = np.s_[:, position]
    hi, lo, rad, scale = pairs.hi[part], pairs.lo[part], pairs.rad[part], pairs.scale[part]
    with np.errstate(all="ignore"):
        top = hi + lo  # to nearest, whichever way hi was rounded
        low = lo - (top - hi)
        exponent = np.frexp(top)[1] + scale - fmt.precision
        exponent = np.where(top == 0, fmt.subnormal_exponent, exponent)
        exponent = np.maximum(exponent, fmt.subnormal_exponent)
        in_ulps = np.ldexp(top, scale - exponent)
        whole = np.rint(in_ulps)
        rest = (in_ulps - whole) + np.ldexp(low, scale - exponent)
        radius = np.ldexp(rad, scale - exponent)
        clear = (np.abs(rest) + radius < 0.5 - SLACK) & (radius < NARROW / 2)
        # just below a power of two the ulps are smaller than those counted in here
        edge = np.ldexp(1.0, fmt.precision - 1)
        clear &= (np.abs(top) != np.abs(np.ldexp(edge, exponent - scale))) | (
            np.copysign(rest, rest * hi) > -NARROW
        )
        risen = (np.abs(whole) == 2 * edge) & (np.abs(rest) <= 2 * NARROW)
        rest, whole = np.where(risen, rest / 2, rest), np.where(risen, whole / 2, whole)
        exponent = exponent + risen
        nearest = np.copysign(np.ldexp(whole, exponent), hi)
        last = fmt.largest_ulp_exponent
        over = np.abs(nearest) > fmt.largest
        nearest[over] = np.copysign(np.inf, hi[over])
        rest[over] = np.ldexp(np.abs(hi[over]) - fmt.largest, -last)
        unit = np.minimum(exponent, last)
        condition, spread = _condition(pairs, columns, slopes, -unit - fmt.precision)
        known = (spread <= (1 + condition) / 64) & np.isfinite(condition)
        vague = spread > (1 + condition) / 16  # even where a ball around 0 counts half
        coarse = (condition > LARGE) & (unit < COARSE)
        rest = np.where(coarse, np.ldexp(rest, unit - COARSE), rest)
        condition = np.where(coarse, np.ldexp(condition, unit - COARSE), condition)
        unit = np.where(coarse, COARSE, unit)
    answer = Answer(nearest, rest, unit, condition, clear & known)
    return answer, clear & known, vague | (radius > 2 * NARROW)


def _condition(
    pairs: Pairs, columns: Sequence[Floats], slopes: Sequence[int], places: NDArray[np.int64]
) -> tuple[Floats, Floats]:
    """The sum of |x| times |slope| in units of 2**-places, and how far it may be off."""
    condition, spread = np.zeros(places.shape), np.zeros(places.shape)
    for x, p in zip(columns, slopes, strict=True):
        digits, power = np.frexp(x)  # apart from its exponent, so that no product overflows
        power = power + pairs.scale[:, p] + places
        condition += np.ldexp(np.abs(digits * pairs.hi[:, p]), power)
        spread += np.ldexp(np.abs(digits) * pairs.rad[:, p], power)
    return condition, spread
