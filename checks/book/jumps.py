"""Where a value or a slope jumps, found by numbers: for kinks that no formula shows.

x atan(1/x) has a kink at 0, and nothing in it says so. Between neighbouring points whose proven
truths differ, halving goes on in the half that differs more: where a difference stays when the
points are a few float64 apart, there is a jump.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from ...reference import oracle
from ...reference.formats import FORMATS, Floats
from ...spec.function import Function, Variable
from ...spec.verify import probe_of
from ..points.points import within

CLOSE = 2.0**-50  # relative width at which a difference counts as a jump
TINY = 2.0**-60  # what lies this near to 0 lies at 0
JUMP = 2.0**-12  # least relative size of a jump that is seen
LEAST = 2.0**-40  # and least size
HALVINGS = 120

Curve = Callable[[Floats], Floats]


def jumps(function: Function, name: str) -> list[tuple[float, float, float]]:
    """(place, below, above) for each jump of the "value", or of a gradient by its variable's name.

    In the first variable, the others being ordinary, at default parameters. Only of elementwise
    functions; a jump within 2**-60 of 0 is at 0.
    """
    first, *others = function.variables
    fixed = [float(probe_of(v)) for v in others]

    def curve(x: Floats) -> Floats:
        columns = [x, *(np.full(x.shape, c) for c in fixed)]
        found = oracle.truth(function, columns, FORMATS["float64"], cached=False)[name]
        return np.where(found.decided, found.nearest, np.nan)

    return narrowed(curve, _grid(first))


def _grid(variable: Variable) -> Floats:
    """Points of the domain that no kink is likely to hit: off the quarters, and far out."""
    near = (np.arange(-48, 48) + 0.37) / 4
    far = 1.37 * np.ldexp(1.0, np.arange(-40, 60, 2))
    grid = np.unique(np.concatenate([near, far, -far]))
    return grid[within(grid, variable.domain)]


def narrowed(curve: Curve, grid: Floats) -> list[tuple[float, float, float]]:
    """(place, below, above) for each jump of a curve between two neighbours of a grid."""
    low, high = grid[:-1], grid[1:]
    values = curve(grid)
    below, above = values[:-1], values[1:]
    for _ in range(HALVINGS):
        kept = _differs(below, above)
        low, high, below, above = (a[kept] for a in (low, high, below, above))
        wide = high - low > CLOSE * np.maximum(np.maximum(np.abs(low), np.abs(high)), TINY)
        if not wide.any():
            break
        middle = low + (high - low) * 0.5
        value = curve(middle)
        lost = np.isnan(value)
        if lost.any():  # at a kink itself the formula may have no value
            middle[lost] = (low + (high - low) * 0.43)[lost]
            value[lost] = curve(middle[lost])
        left = np.abs(value - below) >= np.abs(above - value)
        high, above = np.where(wide & left, middle, high), np.where(wide & left, value, above)
        low, below = np.where(wide & ~left, middle, low), np.where(wide & ~left, value, below)
    at = np.where(np.maximum(np.abs(low), np.abs(high)) <= TINY, 0.0, (low + high) / 2)
    return list(zip(at.tolist(), below.tolist(), above.tolist(), strict=True))


def _differs(below: Floats, above: Floats) -> NDArray[np.bool_]:
    with np.errstate(all="ignore"):
        size = np.maximum(np.abs(below), np.abs(above))
        differs: NDArray[np.bool_] = np.abs(above - below) > np.maximum(JUMP * size, LEAST)
    return differs
