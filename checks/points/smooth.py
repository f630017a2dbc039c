"""The points of a case that have one gradient: away from kinks, jumps and undecided ends."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...reference import oracle
from ...reference.rows import near_kink
from .case import Batch, Case, Setting


def away_from_kinks(case: Case, batch: Batch, setting: Setting) -> Batch:
    """The points at which no rounding may change the branch of the gradient."""
    if batch.size and case.function.along_axis and batch.cotangent is not None:
        batch = batch[has_slope(case, batch, setting)]
    if not batch.size or not case.branches:
        return batch
    return away_from_switches(case, batch, setting)


def has_slope(case: Case, batch: Batch, setting: Setting) -> NDArray[np.bool_]:
    """Which rows have a gradient: at the end of a domain the derivative may be 0 times oo."""
    at_end = np.zeros(batch.size, dtype=bool)
    for v, a in zip(case.function.variables, batch.arrays, strict=True):
        if v.domain.is_Interval and v.along_axis:
            at_end |= np.isin(a, [float(e) for e in v.domain.boundary]).any(
                axis=tuple(range(1, a.ndim))
            )
    if not at_end.any():
        return ~at_end
    found = case.truth(batch, setting).values()
    decided = [t.decided.reshape(batch.size, -1).all(axis=1) for t in found]
    known: NDArray[np.bool_] = np.logical_and.reduce(decided)
    return known | ~at_end


def away_from_switches(case: Case, batch: Batch, setting: Setting) -> Batch:
    """Where one branch holds, so that there is one gradient: also away from jumps."""
    if case.function.along_axis:
        near, _ = near_kink(case.function, batch.arrays, case.fmt, setting)
    else:
        near = oracle._near_boundary(case.function, batch.arrays, setting, case.fmt)
    return batch[~near]
