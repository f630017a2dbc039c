"""What a worker is asked, each a piece of plain data, and its answer: whatever engine carries them.

Trial   which reading of its parameters the code follows
Shard   its floats judged: a Summary
Ask     the worst inputs of a sweep, asked again from the oracle
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...reference.error import error_ulp, least_error
from ...reference.formats import Floats, Format
from ..targets.implementation import Misconduct, Unsupported
from .job import BLOCK, Job
from .judged import judged
from .result import Worst, shortened
from .shard import Shard
from .summary import Place, Summary

TRIED = 4096  # points that tell which reading the code follows
AGREES = 1e-4  # of an error: how far the sweep's figure may be from the oracle's


@dataclass(frozen=True)
class Trial:
    """Which setting the code follows: the shard's own, or the one rounded to the format."""

    shard: Shard
    rounded: Mapping[str, Fraction]


@dataclass(frozen=True)
class Ask:
    """The worst places of a sweep by regime, with the errors that it found there."""

    shard: Shard
    places: Mapping[str, Place]


@dataclass(frozen=True)
class Refusal:
    """The code gave no answer: it does not offer what was asked, or it failed, a finding."""

    sentence: str
    finding: bool


Task = Trial | Shard | Ask


class Disagreement(Exception):  # noqa: N818 - Ulpian's own, never the code's
    """The sweep and the oracle give different errors at one input."""


def answer(task: Task) -> bool | Summary | dict[str, Worst] | Refusal:
    """The answer to a task."""
    try:
        _placed(task if isinstance(task, Shard) else task.shard)
        match task:
            case Trial():
                return _follows_rounded(task)
            case Ask():
                return _asked_again(task)
            case _:
                return judged(task)
    except Unsupported as reason:
        return Refusal(str(reason), finding=False)
    except Misconduct as finding:
        return Refusal(str(finding), finding=True)
    except Disagreement as error:
        return Refusal(f"an error of Ulpian's own, please report it: {error}", finding=True)


def _placed(shard: Shard) -> None:
    """`Unsupported` where the library cannot compute on the device that is asked for."""
    if not shard.device:
        return
    adapter = Job(shard).target.adapter
    try:
        with adapter.session():
            adapter.stream(lambda x: x, 0, 0, {}, {}, shard.device)(np.zeros(8, np.float32))
    except Exception as error:  # whatever the library raises for it
        first = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise Unsupported(
            f"--device {shard.device} is not there for {adapter.NAME}: {first}"
        ) from error


# ---------------------------------------------------------------- readings of parameters


def _follows_rounded(task: Trial) -> bool:
    """Whether the code is nearer to the truth of the rounded parameters, at most of the points.

    The points lie in all binades between those where parameters are lost in rounding.
    """
    given, fmt = Job(task.shard), Job(task.shard).fmt
    with given.target.adapter.session():
        points = _spread(given, fmt)
        seen = given.answers(_padded(points, fmt))[: points.size].astype(np.float64)
    other = Job(replace(task.shard, setting=task.rounded))
    errors = []
    for job in (given, other):
        truth = job.quantity.truth(points, fmt)
        errors.append(error_ulp(seen, truth.answers[0], fmt))
    return bool(np.count_nonzero(errors[1] < errors[0]) > np.count_nonzero(errors[0] < errors[1]))


def _spread(job: Job, fmt: Format) -> Floats:
    """Floats of the domain, evenly in the order of their bits, of both signs."""
    top = fmt.bits_of(fmt.largest)
    steps = np.linspace(0, top, TRIED // 2).astype(fmt.integer)
    bits = np.concatenate([steps, steps | fmt.integer.type(1 << (fmt.bits - 1))])
    with np.errstate(all="ignore"):
        points = bits.astype(fmt.integer).view(fmt.dtype).astype(np.float64)
    domain = job.quantity.function.variables[job.quantity.place].domain
    low, high = float(domain.inf), float(domain.sup)
    return points[(points >= low) & (points <= high)]


def _padded(points: Floats, fmt: Format) -> NDArray[Any]:
    """As many points as a call of a sweep has: for another number, some compile another program."""
    return np.resize(fmt.array(points), BLOCK)


# ---------------------------------------------------------------- the worst, once more


def _asked_again(task: Ask) -> dict[str, Worst]:
    job = Job(task.shard)
    with job.target.adapter.session():
        return {name: _worst(job, place) for name, place in task.places.items()}


def _worst(job: Job, place: Place) -> Worst:
    """One input, its truth by the oracle alone; `Disagreement` where the sweep was wrong there."""
    fmt = job.fmt
    x = np.array([fmt.of_bits(place.bits)])
    seen = _observed(job, place.bits)
    truth = job.quantity.truth(x, fmt)
    least, which = least_error(seen, truth, fmt)
    every = [float(error_ulp(seen, a, fmt)[0]) for a in truth.answers]
    found = min([float(least[0]), *every], key=lambda e: _apart(e, place.error))
    if _apart(found, place.error) > AGREES:
        raise Disagreement(
            f"{job.shard.function} ({job.shard.quantity}) at {x[0].hex()}: the sweep found an "
            f"error of {place.error:.8g} ulp, the oracle {found:.8g}"
        )
    chosen = every.index(found) if found in every else int(which[0])
    nearest = float(truth.answers[chosen].nearest[0])
    return Worst(
        shortened(found), place.bits, float(x[0]).hex(), nearest.hex(), float(seen[0]).hex()
    )


def _apart(a: float, b: float) -> float:
    """How far two errors are from each other, relative to the larger, at least half an ulp."""
    if a == b:
        return 0.0
    return float(abs(a - b) / max(a, b, 0.5)) if np.isfinite([a, b]).all() else np.inf


def _observed(job: Job, bits: int) -> Floats:
    """What the code answers at one input, among the others of its block as in the sweep."""
    fmt = job.fmt
    size = min(BLOCK, 1 << fmt.bits)
    start = bits // size * size
    block = np.arange(start, start + size, dtype=np.int64).astype(fmt.integer)
    found = job.answers(block.view(fmt.dtype))
    return found[bits - start : bits - start + 1].astype(np.float64)
