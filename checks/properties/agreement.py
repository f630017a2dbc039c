"""What the structural properties share: the plain call, and how others are compared with it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ...reference.formats import Floats
from ...reference.level import RANKED, Level
from ..judging import observe, ruling
from ..points import sizes
from ..points.case import Batch, Case
from ..targets.implementation import Array, Unsupported
from .property import Outcome


def unreduced(case: Case) -> dict[str, str]:
    """The keywords of a call that gives one result for each sample."""
    return {"reduction": "none"} if case.function.is_loss and not case.loops else {}


def easy_size(case: Case) -> int:
    """How many easy points code is given that runs eagerly, too.

    JAX compiles each operation for each shape: elementwise, so many that they are padded to the
    length that the points everywhere have.
    """
    if case.loops:
        return 1
    if case.implementation.adapter.COMPILES_EACH_SHAPE and elementwise(case):
        return observe.PADDED[0] + 2
    return sizes.some(case, 64, "easy")


def elementwise(case: Case) -> bool:
    """Whether arrays of any shape may go in, element by element."""
    return not case.function.along_axis and not case.loops and not case.channelled


def seeded(case: Case, batch: Batch) -> Batch:
    """The batch with a cotangent of ones, where the function needs one."""
    if not case.function.along_axis:
        return batch
    return Batch(batch.arrays, np.ones(observe.out_shape(case, batch)))


def gradients(case: Case, arrays: Sequence[Array], out: tuple[int, ...]) -> dict[str, Array]:
    """The gradients in all differentiable variables, those that there are."""
    if not case.implementation.has_gradient or not case.vjp_reduces:
        return {}
    names = [v.name for v in case.function.variables if v.differentiable]
    seed = case.fmt.array(np.ones(out))
    try:
        return case.implementation.gradients(arrays, unreduced(case), seed, names)
    except Unsupported:
        return {}


def compare(case: Case, outcome: Outcome, seen: Floats, batch: Batch, what: str) -> None:
    """Bits equal to the plain call pass; others are judged against the truth."""
    plain = observe.value(case, batch)
    differs = ~((seen == plain) | (np.isnan(seen) & np.isnan(plain)))
    outcome.lower(Level.EXACT, points=int(seen.size))
    if not differs.any():
        return
    truth = case.truth(batch, gradient=False)["value"]
    found, _ = ruling.judged(case, seen, truth, batch)
    plainly, _ = ruling.judged(case, plain, truth, batch)
    index = int(np.argmin(np.where(differs, found.rank, 99)))
    level = RANKED[min(int(found.rank.flat[index]), Level.ACCURATE.rank)]
    with np.errstate(all="ignore"):
        gap = np.abs(found.error - plainly.error)[differs]
    gap = gap[np.isfinite(gap)]
    most = float(np.max(gap, initial=0.0))
    if plainly.rank.flat[index] <= found.rank.flat[index] and level < Level.ACCURATE:
        level = Level.ACCURATE  # the fault is the value's own, and found there
    outcome.trait(f"results differ with the {what}")
    outcome.lower(
        level,
        message=f"results differ with the {what}, by up to {most:.3g} ulp",
        witness=ruling.witness(case, seen, truth, found, batch, index),
        error=float(found.error[differs].max()),
    )
