"""From an enclosure to an answer: the float it rounds to, and how far the truth lies from it.

An enclosure settles when all of it rounds to one float of the format and it is narrower than
2**-21 ulp. Otherwise the caller doubles the precision. A ball inside half the smallest subnormal
settles to zero, by the same rule.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
import sympy
from flint import arb

from . import mp
from .formats import Format

NARROW = 2.0**-21  # of an ulp: half of `level.RESOLUTION`
TIE = 2.0**-40  # of an ulp: closer to a midpoint than this, more bits are worth a try
FAR = 2600  # bits beyond the format's range at which a number is as good as 0 or infinite


class Settled(NamedTuple):
    nearest: float
    rest: float
    exponent: int
    condition: float
    decided: bool


COARSE, LARGE = -1052, 2.0**1000
"""Where u C counts more than LARGE subnormal ulps of float64, an error it allows would be infinite
in them. There the unit is 2**COARSE, far below u C; elsewhere subnormals keep their own."""

OPEN = Settled(float("nan"), 0.0, 0, 0.0, False)


def rational(value: Any) -> Fraction:
    """An exact rational from a SymPy number or a float, as a Fraction."""
    if isinstance(value, float):
        return Fraction(value)
    found = sympy.Rational(value)
    return Fraction(int(found.p), int(found.q))


def dyadic(x: Any) -> tuple[int, int]:
    """A finite number man 2**exp, exactly, from an exact ball or an mpf."""
    if hasattr(x, "_mpf_") and not isinstance(x, arb):
        sign, man, exp, _ = x._mpf_
        return (-int(man) if sign else int(man)), int(exp)
    man, exp = x.man_exp()
    return int(man), int(exp)


def _round(man: int, exp: int, fmt: Format) -> tuple[int, int, float]:
    """(q, e, rest): man 2**exp lies `rest` ulps of 2**e from q 2**e, ties to even."""
    lowest = fmt.subnormal_exponent
    if man == 0:
        return 0, lowest, 0.0
    top = abs(man).bit_length() + exp - 1
    if top < lowest - FAR:
        return 0, lowest, 0.0
    e = max(top - fmt.precision + 1, lowest)
    q, rest = _to_multiple(man, exp, e)
    return q, e, rest


def _to_multiple(man: int, exp: int, e: int) -> tuple[int, float]:
    """The nearest multiple q of 2**e to man 2**exp, ties to even, and what is left in 2**e."""
    shift = e - exp
    if shift <= 0:
        return man << -shift, 0.0
    q, r = divmod(man, 1 << shift)
    half = 1 << (shift - 1)
    if r > half or (r == half and q & 1):
        q, r = q + 1, r - (1 << shift)
    return q, r / (1 << shift)


def settle(mid: Any, rad: Any, condition: Any, fmt: Format, *, last: bool = False) -> Settled:
    """Settle one enclosure, exactly. `condition` is C; `rad` is None for an exact number.

    On the `last` try an enclosure that is narrow but holds a midpoint between two floats settles
    as that midpoint: the error of an observation is then known as well as anywhere, and which
    neighbour is nearest is a tie as far as any precision can tell.
    """
    if _is_nan(mid) or (rad is not None and not _finite(rad)):
        return OPEN
    if not _finite(mid):
        return _infinite(1 if mid > 0 else -1, float("inf"), fmt)
    man, exp = dyadic(mid)
    rman, rexp = (0, 0) if rad is None else dyadic(rad)
    top = abs(man).bit_length() + exp - 1
    rtop = rman.bit_length() + rexp - 1
    if man and top > fmt.emax + FAR:
        return OPEN if rman and rtop >= top else _infinite(1 if man > 0 else -1, float("inf"), fmt)
    if rman and rtop > fmt.emax + FAR:
        return OPEN
    if rman and rtop < fmt.subnormal_exponent - FAR:
        rman, rexp = 1, fmt.subnormal_exponent - FAR
    if man and top < fmt.subnormal_exponent - FAR:
        man, exp = (1 if man > 0 else -1), fmt.subnormal_exponent - FAR
    q, e, rest = _round(man, exp, fmt)
    if rman:
        common = min(exp, rexp) if man else rexp
        centre = man << (exp - common) if man else 0
        radius = rman << (rexp - common)
        low, high = _round(centre - radius, common, fmt), _round(centre + radius, common, fmt)
        if rman.bit_length() + rexp > e - 21:
            return OPEN
        if not _same(low, high) and not last:
            return OPEN
    if last and abs(rest) > 0.49:
        twice, _ = _to_multiple(man, exp, e - 1)
        left = (man << max(exp - e + 1, 0)) - (twice << max(e - 1 - exp, 0))
        if twice & 1 and left.bit_length() + min(exp, e - 1) < e - 2 * fmt.full_range_bits:
            q, e, rest = _round(twice, e - 1, fmt)
    if abs(q) == 1 << fmt.precision and abs(rest) <= 2.0**-20:
        e, rest = e + 1, rest / 2  # a power of two, as far as can be told: its own binade's ulp
        q //= 2
    unit = e
    scaled = _scaled(condition, fmt, min(unit, fmt.largest_ulp_exponent))
    if scaled is not None and scaled > LARGE and e < COARSE:
        unit = COARSE
        scaled = _scaled(condition, fmt, unit)
    if scaled is None:
        return OPEN
    if _overflows(abs(q), e, fmt):
        beyond = _beyond(abs(man), exp - fmt.largest_ulp_exponent, fmt)
        return _infinite(1 if q > 0 else -1, beyond, fmt, scaled)
    nearest = float(np.ldexp(float(q), e)) if q else (-0.0 if man < 0 else 0.0)
    return Settled(nearest, float(np.ldexp(rest, e - unit)), unit, scaled, True)


def nearest_to(value: Fraction, fmt: Format) -> Settled:
    """An exact number, settled: its condition counts as zero."""
    scale = max(value.denominator.bit_length() + 2 * fmt.full_range_bits, 1)
    man = (value.numerator << scale) // value.denominator  # far below any ulp of the format
    return settle(arb((man, -scale)), None, 0.0, fmt)


def _same(a: tuple[int, int, float], b: tuple[int, int, float]) -> bool:
    """Whether q 2**e is the same number in both."""
    low = min(a[1], b[1])
    return a[0] << (a[1] - low) == b[0] << (b[1] - low)


def _is_nan(x: Any) -> bool:
    return bool(x.is_nan()) if isinstance(x, arb) else bool(x != x)


def _finite(x: Any) -> bool:
    if isinstance(x, arb):
        return bool(x.is_finite())
    return bool(abs(x) < float("inf"))


def _overflows(q: int, e: int, fmt: Format) -> bool:
    """Whether q 2**e lies above the largest float."""
    raised = e - fmt.largest_ulp_exponent
    if raised >= 0:
        return q << raised > fmt.largest_significand
    return q > fmt.largest_significand << -raised


def _infinite(sign: int, beyond: float, fmt: Format, condition: float = 0.0) -> Settled:
    return Settled(sign * float("inf"), beyond, fmt.largest_ulp_exponent, condition, True)


def _beyond(man: int, exp: int, fmt: Format) -> float:
    """How far man 2**exp lies above the largest float, both counted in its ulps."""
    if exp + man.bit_length() > 1000:
        return float("inf")
    top = fmt.largest_significand
    if exp >= 0:
        return float((man << exp) - top)
    return (man - (top << -exp)) / (1 << -exp)


def _scaled(condition: Any, fmt: Format, e: int) -> float | None:
    """u C in ulps of 2**e; None where the enclosure of C is too wide to be a bound."""
    if isinstance(condition, float | int):
        return float(condition)
    if isinstance(condition, arb):
        if not condition.is_finite():
            return None
        scaled = condition * arb((1, -fmt.precision - e))
        value, width = float(scaled.mid()), float(scaled.rad())
        if width == float("inf"):  # as the value is: which of them is larger, Arb knows
            return value if scaled.rel_accuracy_bits() > 6 else None
        return None if width > (1 + abs(value)) / 64 else value
    if condition != condition:
        return 0.0
    return float(mp.context.ldexp(condition, -fmt.precision - e))
