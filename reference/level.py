"""The levels: how good an implementation proved to be, and why each bound is what it is.

With u the unit roundoff, f the truth, C the sum over the inputs of |x df/dx|, and S the natural
scale (1, or 0 for a positively homogeneous function), an implementation is, where every point
tried satisfies it,

    exact      error <= 1/2 ulp                        correctly rounded
    faithful   error < 1 ulp                           one of the two neighbours of the truth
    accurate   error <= 8 (ulp(f) + u C)               three bits above rounding the inputs once
    sound      error <= 64 u max(|f|, C, S)            six bits above the function's own scale
    unsound    none of these

A reduction over n terms adds u sum|terms| times log2 n to `accurate` (pairwise summation) and
times n to `sound` (any order).

Three bits, or six, are all that a format of 8 bits has. It is made to store what was computed in a
wider one, so there the bounds are those of bfloat16, the shortest that is computed in, and half an
ulp for the rounding that stores: in ulps and u of the format itself

    accurate   error <= 1/2 ulp + 8 w (ulp(f) + u C)
    sound      error <= 1/2 ulp + 64 w u max(|f|, C, S)

with w = u of bfloat16 over u: 1/16 for float8_e4m3fn, 1/32 for float8_e5m2. Where C is many times
|f| even such a bound may let 0 stand for the truth, as exp(-50) would be computed from -50 rounded
to bfloat16; what is accurate by that alone is marked by a trait: see `says_little`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from .error import Answer
from .formats import Floats, Format

ACCURATE_FACTOR = 8
SOUND_FACTOR = 64
RESOLUTION = 2.0**-20  # of `Answer.rest`, in ulps: no verdict hangs on less


class Level(StrEnum):
    """How good an implementation proved to be, worst first; a later one implies the earlier.

    A level is its own name (`Level.ACCURATE == "accurate"`), and levels compare by rank.
    """

    UNSOUND = "unsound"
    SOUND = "sound"
    ACCURATE = "accurate"
    FAITHFUL = "faithful"
    EXACT = "exact"

    @property
    def rank(self) -> int:
        return RANKED.index(self)

    def __lt__(self, other: str) -> bool:
        return self.rank < Level(other).rank

    def __le__(self, other: str) -> bool:
        return self.rank <= Level(other).rank

    def __gt__(self, other: str) -> bool:
        return self.rank > Level(other).rank

    def __ge__(self, other: str) -> bool:
        return self.rank >= Level(other).rank

    @classmethod
    def parse(cls, name: str) -> Level:
        """The level of that name; `ValueError` lists the names."""
        try:
            return cls(name.lower())
        except ValueError:
            names = ", ".join(reversed(cls))
            raise ValueError(f"unknown level {name!r}: choose one of {names}") from None


RANKED = tuple(Level)


def accurate_factor(fmt: Format) -> float:
    """How many times (ulp + u C) an accurate result may be off, but for how it is stored."""
    return ACCURATE_FACTOR * fmt.working_roundoff / fmt.unit_roundoff


def sound_factor(fmt: Format) -> float:
    """How many times u max(|f|, C, S) a sound result may be off, but for how it is stored."""
    return SOUND_FACTOR * fmt.working_roundoff / fmt.unit_roundoff


def storing(fmt: Format) -> float:
    """The error of storing a result, in ulps, where it was computed in a wider format."""
    return 0.5 if fmt.working_roundoff < fmt.unit_roundoff else 0.0


def in_words(fmt: Format, factor: float, of: str) -> str:
    """`8 (ulp + u C)`, or `0.5 ulp + 0.25 (ulp + u C)` in 8 bits."""
    return f"{storing(fmt):g} ulp + {factor:g} {of}" if storing(fmt) else f"{factor:g} {of}"


@dataclass(frozen=True)
class Bounds:
    """The largest errors, in ulps at the truth, at which a point is accurate and sound."""

    accurate: Floats
    sound: Floats

    def explain(self, index: int, condition: float, scale: float, fmt: Format) -> str:
        """How the bound at one point came about."""
        return (
            f"bound {self.accurate.flat[index]:.4g} ulp = "
            f"{in_words(fmt, accurate_factor(fmt), '(ulp + u C)')} with u C = {condition:.3g} ulp; "
            f"sound to {self.sound.flat[index]:.4g} ulp = "
            f"{in_words(fmt, sound_factor(fmt), f'u max(|f|, C, {scale:g})')}"
        )


def bounds(answer: Answer, fmt: Format, scale: float, terms: Floats | float = 0.0) -> Bounds:
    """The bounds at every point, in ulps at the truth.

    `scale` is S. `terms` is u times the sum of magnitudes of a reduction, in the same ulps,
    already multiplied by log2 n; the `sound` bound takes it as it is, being the wider one.
    """
    u = fmt.unit_roundoff
    with np.errstate(all="ignore"):  # a bound may be beyond float64: then it is infinite
        magnitude = np.minimum(np.abs(answer.nearest), fmt.largest)
        own = np.ldexp(u * magnitude, -answer.exponent)
        natural = np.ldexp(u * scale, -answer.exponent)
        accurate = accurate_factor(fmt) * (1 + answer.condition) + storing(fmt) + terms
        largest = np.maximum(np.maximum(own, answer.condition), natural)
        sound = np.maximum(sound_factor(fmt) * largest + storing(fmt) + terms, accurate)
    return Bounds(accurate=accurate, sound=sound)


def ranks(error: Floats, limit: Bounds) -> NDArray[np.int64]:
    """The rank of the level of each point, by its error in ulps."""
    rank = np.full(np.shape(error), Level.UNSOUND.rank, dtype=np.int64)
    rank[error <= limit.sound] = Level.SOUND.rank
    rank[error <= limit.accurate] = Level.ACCURATE.rank
    rank[error < 1] = Level.FAITHFUL.rank
    rank[error <= 0.5 + RESOLUTION] = Level.EXACT.rank
    rank[~np.isfinite(error)] = Level.UNSOUND.rank  # NaN for a number, whatever the bound
    return rank


def says_little(answer: Answer, limit: Bounds, fmt: Format) -> NDArray[np.bool_]:
    """Where the bound of `accurate` lets 0 stand for the truth, for want of bits.

    Asked in formats of 8 bits only. In others a bound as large as the truth comes of cancellation
    in the definition, not of the format.
    """
    if fmt.bits > 8:
        return np.zeros(answer.nearest.shape, dtype=bool)
    with np.errstate(all="ignore"):
        size = np.ldexp(np.minimum(np.abs(answer.nearest), fmt.largest), -answer.exponent)
    found: NDArray[np.bool_] = (answer.nearest != 0) & (size <= limit.accurate)
    return found
