"""How far a case's observations are from the truth, with the allowance that underflow has."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...reference.error import Truth
from ...reference.formats import Floats, Format
from ...reference.level import ACCURATE_FACTOR, Level
from ..points.case import Batch, Case, Setting
from ..verdict import Witness
from .judge import Judgement, judge, origin
from .judge import witness as spelt


def flushes(case: Case, seen: Floats, truth: Truth) -> bool:
    """Whether results below the smallest normal come back as zero: a trait."""
    return case.library_flushes or bool(_vanished(case, seen, truth).any())


def _vanished(case: Case, seen: Floats, truth: Truth) -> Any:
    """Where a zero stands for a result that an underflow on the way may have cost.

    Formats whose subnormal numbers are part of their working range have no such allowance.
    """
    if case.fmt.tiny_results_count:
        return np.zeros(truth.shape, dtype=bool)
    return (seen == 0) & (truth.nearest != 0) & np.isfinite(truth.nearest)


def judged(
    case: Case, seen: Floats, truth: Truth, batch: Batch, setting: Setting | None = None
) -> tuple[Judgement, list[str]]:
    """Judge observations of a batch; also the traits that explain some of them.

    Underflow is a trait: an absolute error up to the smallest normal times max(1, |x|) is not
    the level's, for every result where the library flushes subnormal numbers, and for results
    that came back as zero where it does not. Where it does not, an intermediate that is subnormal
    is rounded to a multiple of the smallest subnormal, and an input may multiply that: so much is
    allowed as often as roundings are. Not in 8 bits, where it would be more than most results are.
    """
    found = judge(seen, truth, case.fmt, case.scale)
    if case.fmt.bits == 8:
        return found, _in_eight_bits(case.fmt, seen, truth, found)
    below = found.rank < Level.FAITHFUL.rank
    lost = below & (True if case.library_flushes else _vanished(case, seen, truth))
    size = np.maximum(1.0, _largest_inputs(case, batch, setting, truth.nearest.shape))
    magnitude = np.abs(truth.nearest)
    coarse = below & (magnitude > 0) & (magnitude < case.fmt.smallest_normal * size)
    if not (lost | coarse).any():
        return found, []
    step = ACCURATE_FACTOR * case.fmt.smallest_subnormal
    allowance = np.where(lost, case.fmt.smallest_normal, np.where(coarse, step, 0.0)) * size
    eased = judge(seen, truth, case.fmt, case.scale, allowance=allowance)
    if case.library_flushes:  # an input may be flushed too
        tiny = _tiny_inputs(case, batch, eased.rank.shape)
        eased.rank[tiny] = Level.EXACT.rank
        eased.error[tiny] = 0.0
    better = eased.rank > found.rank
    if not better.any():
        return eased, []
    if case.library_flushes:
        return eased, ["flushes subnormal numbers to zero"]
    zero = "gives 0 where a result or an intermediate is subnormal"
    few = "keeps few bits where an intermediate is subnormal"
    said = {zero: better & lost, few: better & ~lost & (eased.rank >= Level.ACCURATE.rank)}
    return eased, [trait for trait, where in said.items() if where.any()]


def _in_eight_bits(fmt: Format, seen: Floats, truth: Truth, found: Judgement) -> list[str]:
    """What is said of a format that has few bits, and where overflow has two right answers."""
    beyond = np.logical_and.reduce([np.isinf(a.nearest) for a in truth.answers])
    said = {
        f"{fmt.precision} bits tell little: accurate where the bound lets 0 stand for the truth": (
            found.vague
        ),
        f"saturates at {fmt.largest:g}": beyond & (np.abs(seen) == fmt.largest),
        "overflows to infinity": beyond & np.isinf(seen),
        "overflows to NaN": beyond & np.isnan(seen) & (not fmt.infinities),
    }
    return [trait for trait, where in said.items() if where.any()]


def _largest_inputs(
    case: Case, batch: Batch, setting: Setting | None, shape: tuple[int, ...]
) -> Floats:
    """The largest |input| or |parameter| that goes into each result of that shape."""
    sizes = [np.abs(np.nan_to_num(a, posinf=0, neginf=0)) for a in batch.arrays]
    given = [np.abs(np.max(np.array(v, dtype=float))) for v in (setting or case.default).values()]
    largest: Floats = np.max([_matched(a, shape, np.max) for a in sizes], axis=0)
    return np.minimum(np.maximum(largest, max(given, default=0.0)), case.fmt.largest)


def _tiny_inputs(case: Case, batch: Batch, shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """Whether a subnormal input goes into each result of that shape."""
    tiny = [(a != 0) & (np.abs(a) < case.fmt.smallest_normal) for a in batch.arrays]
    found: NDArray[np.bool_] = np.logical_or.reduce([_matched(a, shape, np.any) for a in tiny])
    return found


def witness(
    case: Case,
    seen: Floats,
    truth: Truth,
    found: Judgement,
    batch: Batch,
    index: int,
    setting: Setting | None = None,
    *,
    gradient: bool = False,
) -> Witness:
    """The witness at one flat index of the outputs (of the inputs, for a gradient)."""
    row, *entry = map(int, np.unravel_index(index, seen.shape))
    given: dict[str, Any] = {}
    for v, a in zip(case.function.variables, batch.arrays, strict=True):
        given[v.name] = a[row].tolist()
    for name, value in (setting or case.default).items():
        if value != case.default[name]:
            given[name] = [*map(float, value)] if isinstance(value, tuple) else float(value)
    if entry:
        given["entry"] = entry if len(entry) > 1 else entry[0]
    if gradient and batch.cotangent is not None:
        given["cotangent"] = np.asarray(batch.cotangent[row]).tolist()
    return spelt(
        given,
        case.fmt,
        truth=float(truth.nearest.flat[index]),
        observed=float(seen.flat[index]),
        error=float(found.error.flat[index]),
        bound=float(found.accurate.flat[index]),
        origin=origin(found, index, case.scale, case.fmt),
    )


def _matched(a: NDArray[Any], shape: tuple[int, ...], over: Callable[..., Any]) -> NDArray[Any]:
    """One number for each result: rows of another length are taken together by `over`."""
    if a.shape == shape:
        return a
    rows = a if a.ndim == 1 else over(a, axis=tuple(range(1, a.ndim)))
    return np.broadcast_to(rows.reshape(-1, *(1,) * (len(shape) - 1)), shape)
