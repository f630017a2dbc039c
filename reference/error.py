"""The distance of an observation from the truth, in fractional ulps of the format at the truth."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .formats import Floats, Format


@dataclass(frozen=True)
class Answer:
    """Truths at an array of points, in one format.

    nearest    the truth rounded to the format (infinite beyond it, NaN where the input is)
    rest       truth - nearest, in ulps of the format at the truth
    exponent   log2 of that ulp
    condition  u C in those ulps: what one rounding of each input could do to the result
    decided    whether the enclosure rounds to one float; elsewhere the truth is not known
    """

    nearest: Floats
    rest: Floats
    exponent: NDArray[np.int64]
    condition: Floats
    decided: NDArray[np.bool_]

    def __getitem__(self, key: Any) -> Answer:
        return Answer(*(getattr(self, f.name)[key] for f in fields(self)))

    def __setitem__(self, key: Any, other: Answer) -> None:
        for f in fields(self):
            getattr(self, f.name)[key] = getattr(other, f.name)

    def reshape(self, shape: tuple[int, ...]) -> Answer:
        return Answer(*(getattr(self, f.name).reshape(shape) for f in fields(self)))

    def copy(self) -> Answer:
        return Answer(*(getattr(self, f.name).copy() for f in fields(self)))

    @classmethod
    def empty(cls, shape: tuple[int, ...]) -> Answer:
        return cls(
            nearest=np.full(shape, np.nan),
            rest=np.zeros(shape),
            exponent=np.zeros(shape, dtype=np.int64),
            condition=np.zeros(shape),
            decided=np.zeros(shape, dtype=bool),
        )


@dataclass(frozen=True)
class Truth:
    """All right answers at an array of points.

    More than one where a parameter may be taken as given or as rounded to the format, and at kinks
    and jumps. Where `between` is set, everything between the answers is right too (an element of
    the subdifferential).
    """

    answers: tuple[Answer, ...]
    between: NDArray[np.bool_]

    @property
    def shape(self) -> tuple[int, ...]:
        return self.answers[0].nearest.shape

    @property
    def nearest(self) -> Floats:
        return self.answers[0].nearest

    @property
    def decided(self) -> NDArray[np.bool_]:
        decided: NDArray[np.bool_] = np.logical_and.reduce([a.decided for a in self.answers])
        return decided

    def __getitem__(self, key: Any) -> Truth:
        return Truth(tuple(a[key] for a in self.answers), self.between[key])


def error_ulp(observed: Floats, answer: Answer, fmt: Format) -> Floats:
    """|observed - truth| in ulps at the truth.

    Infinite where one is NaN and the other is not, or where the infinities differ in sign. An
    infinity observed where the truth is finite counts as the first number beyond the format
    (2**(emax+1)), and a finite number where the truth overflows is measured at the largest float:
    so early or late overflow within the allowed error is no failure.

    Where a format has no infinities, NaN says that a number lies beyond it: it counts as an
    infinity of the truth's sign. Where a format saturates, its largest float is as right as that.
    """
    observed = np.asarray(observed, dtype=np.float64)
    nearest = answer.nearest
    if not fmt.infinities:
        beyond = np.isnan(observed) & ~np.isnan(nearest)
        observed = np.where(beyond, np.copysign(np.inf, nearest), observed)
    with np.errstate(all="ignore"):
        error = np.abs(np.ldexp(observed - nearest, -answer.exponent) - answer.rest)
        overflow_early = np.isinf(observed) & np.isfinite(nearest)
        if overflow_early.any():
            # of the first number beyond, which itself is no float64
            half = fmt.largest / 2 + np.ldexp(0.5, fmt.largest_ulp_exponent)
            gap = np.ldexp(
                half - np.copysign(nearest, observed * nearest) * 0.5, 1 - answer.exponent
            )
            gap = gap - answer.rest * np.sign(observed)
            error = np.where(overflow_early, gap, error)
        overflow_late = np.isfinite(observed) & np.isinf(nearest)
        if overflow_late.any():
            short = fmt.largest - observed * np.sign(nearest)
            late = np.ldexp(short, -fmt.largest_ulp_exponent) + answer.rest
            late = np.where(fmt.saturates & (short == 0), 0.0, late)
            error = np.where(overflow_late, late, error)
    same = np.isinf(observed) & (observed == nearest)
    error = np.where(same, 0.0, error)
    opposite = np.isinf(observed) & np.isinf(nearest) & ~same
    error = np.where(opposite, np.inf, error)
    nans = np.isnan(observed).astype(int) + np.isnan(nearest).astype(int)
    return np.where(nans == 2, 0.0, np.where(nans == 1, np.inf, error))


def least_error(observed: Floats, truth: Truth, fmt: Format) -> tuple[Floats, NDArray[np.int64]]:
    """The error against the nearest right answer, and which answer that is."""
    errors = np.stack([error_ulp(observed, a, fmt) for a in truth.answers])
    which = np.argmin(errors, axis=0)
    least = np.min(errors, axis=0)
    if truth.between.any():
        low = np.min([a.nearest for a in truth.answers], axis=0)
        high = np.max([a.nearest for a in truth.answers], axis=0)
        inside = truth.between & (observed >= low) & (observed <= high)
        least = np.where(inside, 0.0, least)
    return least, which
