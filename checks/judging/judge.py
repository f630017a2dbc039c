"""From observations and truths to a judgement: the level of each point, the worst, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...reference.error import Truth, least_error
from ...reference.formats import Floats, Format
from ...reference.level import (
    RANKED,
    SOUND_FACTOR,
    Bounds,
    Level,
    accurate_factor,
    bounds,
    in_words,
    ranks,
    says_little,
    sound_factor,
)
from ..verdict import Witness


@dataclass(frozen=True)
class Judgement:
    """How each point of an array fared. All arrays have the shape of the truth."""

    rank: NDArray[np.int64]
    error: Floats
    accurate: Floats  # the bound of `accurate`, in ulps
    sound: Floats
    condition: Floats  # u C, in ulps
    vague: NDArray[np.bool_]  # accurate by a bound that lets 0 stand for the truth
    undecided: int

    @property
    def points(self) -> int:
        return int(self.rank.size)

    @property
    def level(self) -> Level | None:
        """The level that every point has; None where there is no point."""
        return RANKED[int(self.rank.min())] if self.rank.size else None

    @property
    def worst(self) -> int:
        """The flat index of the worst point: lowest level, then largest error over its bound."""
        with np.errstate(all="ignore"):
            excess = np.nan_to_num(self.error / self.accurate, nan=np.inf, posinf=np.inf)
        order = np.lexsort((-excess.ravel(), self.rank.ravel()))
        return int(order[0])

    @property
    def worst_error(self) -> float:
        return float(np.max(self.error, initial=0.0))


def judge(
    observed: Floats,
    truth: Truth,
    fmt: Format,
    scale: float,
    *,
    allowance: Floats | float = 0.0,
    terms: Floats | float = 0.0,
) -> Judgement:
    """Judge observations against truths.

    `scale` is S of the function. `allowance` is an absolute error that is a trait's and not the
    level's (flushing to zero). `terms` widens the bounds for a reduction, in ulps at the truth.
    Points that the oracle could not decide are counted and judged exact.
    """
    error, which = least_error(observed, truth, fmt)
    answer = truth.answers[0]
    if len(truth.answers) > 1:
        stacked = [bounds(a, fmt, scale, terms) for a in truth.answers]
        accurate = np.choose(which, [b.accurate for b in stacked])
        sound = np.choose(which, [b.sound for b in stacked])
        condition = np.choose(which, [a.condition for a in truth.answers])
        exponent = np.choose(which, [a.exponent for a in truth.answers])
        little = [says_little(a, b, fmt) for a, b in zip(truth.answers, stacked, strict=True)]
        vague = np.choose(which, little)
    else:
        limit = bounds(answer, fmt, scale, terms)
        accurate, sound, condition = limit.accurate, limit.sound, answer.condition
        exponent, vague = answer.exponent, says_little(answer, limit, fmt)
    if np.any(allowance):
        with np.errstate(all="ignore"):
            free = np.ldexp(np.broadcast_to(allowance, error.shape), -exponent)
            error = np.where(np.isfinite(error), np.maximum(error - free, 0.0), error)
    rank = ranks(error, Bounds(accurate, sound))
    lost = ~np.isfinite(error)  # at a truth near 0, more subnormal ulps than a float64 counts
    if scale and lost.any():
        room = SOUND_FACTOR * fmt.working_roundoff * scale
        with np.errstate(all="ignore"):
            apart = np.min([np.abs(observed - a.nearest) for a in truth.answers], axis=0)
        rank[lost & (apart <= room)] = Level.SOUND.rank
    open_ = ~truth.decided
    rank[open_] = Level.EXACT.rank
    error = np.where(open_, 0.0, error)
    vague = vague & (rank == Level.ACCURATE.rank)
    return Judgement(rank, error, accurate, sound, condition, vague, int(open_.sum()))


def number_bits(value: Any, fmt: Format) -> Any:
    """The bits of a number or of nested lists of numbers, as hexadecimal text."""
    if isinstance(value, list | tuple):
        return [number_bits(v, fmt) for v in value]
    if isinstance(value, int | np.integer) and not isinstance(value, bool):
        return str(value)
    return f"0x{fmt.bits_of(float(value)):0{fmt.bits // 4}x}"


def witness(
    inputs: Mapping[str, Any],
    fmt: Format,
    *,
    truth: float | None = None,
    observed: float | None = None,
    error: float | None = None,
    bound: float | None = None,
    origin: str = "",
) -> Witness:
    """A witness with the bits of everything filled in."""
    arrays = (np.ndarray, np.generic)
    plain = {k: v.tolist() if isinstance(v, arrays) else v for k, v in inputs.items()}
    return Witness(
        inputs=plain,
        bits={k: number_bits(v, fmt) for k, v in plain.items()},
        truth=truth,
        observed=observed,
        truth_bits="" if truth is None else number_bits(truth, fmt),
        observed_bits=""
        if observed is None
        else number_bits(float(fmt.round(np.array(observed))), fmt),
        error_ulp=error,
        bound_ulp=bound,
        origin=origin,
    )


def origin(judgement: Judgement, index: int, scale: float, fmt: Format) -> str:
    """How the bound at one point came about, in one line."""
    condition, sound = judgement.condition.flat[index], judgement.sound.flat[index]
    wide = f"{sound:.3g} ulp" if np.isfinite(sound) else "more ulp than a float64 counts"
    return (
        f"{in_words(fmt, accurate_factor(fmt), '(ulp + u C)')}, u C = {condition:.3g} ulp; "
        f"sound up to {wide} = {in_words(fmt, sound_factor(fmt), f'u max(|f|, C, {scale:g})')}"
    )
