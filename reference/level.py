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


@dataclass(frozen=True)
class Bounds:
    """The largest errors, in ulps at the truth, at which a point is accurate and sound."""

    accurate: Floats
    sound: Floats

    def explain(self, index: int, condition: float, scale: float) -> str:
        """How the bound at one point came about."""
        return (
            f"bound {self.accurate.flat[index]:.4g} ulp = 8 (ulp + u C) with u C = {condition:.3g} "
            f"ulp; sound to {self.sound.flat[index]:.4g} ulp = 64 u max(|f|, C, {scale:g})"
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
        accurate = ACCURATE_FACTOR * (1 + answer.condition) + terms
        largest = np.maximum(np.maximum(own, answer.condition), natural)
        sound = np.maximum(SOUND_FACTOR * largest + terms, accurate)
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
