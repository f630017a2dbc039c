"""A map: the first entry of a row of outputs over two entries of the inputs."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ....reference.formats import Floats
from ....reference.rows import truth_rows
from ....spec import latex
from ..plot import Plot, Surface
from .curves import numbers
from .row_view import DOUBLE, RowView
from .sampling import beside

SIDE = 41  # points on each side
STEPS = 6  # at most: each line between two of them has room for its number
NICE = (1.0, 2.0, 2.5, 5.0, 10.0)


def over_two(view: RowView) -> Plot:
    """The first entry over the input that moves and the first one beside it."""
    row = view.inputs[0]
    other = (0,) if view.place != (0,) else (1,)
    symbol = view.function.variables[0].symbol
    low, high = view.limits
    axis = _axis(low, high)
    rows = np.repeat(row[None], axis.size**2, axis=0)
    rows[:, view.place[0]] = np.tile(axis, axis.size)
    rows[:, other[0]] = np.repeat(axis, axis.size)
    value = truth_rows(view.function, [rows], DOUBLE, None, view.setting)["value"]
    found = value.nearest[:, 0].reshape(axis.size, axis.size)
    named = {view.place: view.moving, other: latex.latex(symbol[other])}
    index = "_0" if value.shape[1] > 1 else ""
    return Plot(
        title=f"${called(view, named)}{index}$",
        x_label=f"${named[view.place]}$",
        y_label=f"${named[other]}$",
        x_window=(low, high),
        y_window=(low, high),
        surface=Surface(numbers(axis), numbers(axis), tuple(map(numbers, found)), levels(found)),
    )


def _axis(low: float, high: float) -> Floats:
    """Even steps, but for 0: where lines meet there, they meet between two points beside it."""
    even = np.linspace(low, high, SIDE)
    near = beside((low, high))
    return np.unique([*even[np.abs(even) > near], *([-near, near] if low < 0 < high else [])])


def called(view: RowView, named: Mapping[tuple[int, ...], str]) -> str:
    """The function applied to its row, entries that move by name."""
    entries = (named.get((k,), f"{entry:g}") for k, entry in enumerate(view.inputs[0]))
    return f"{latex.operator(view.function.name)}({', '.join(entries)})"


def levels(values: Floats) -> tuple[float, ...]:
    """Round numbers that reach from the least value to the largest, `STEPS` steps at most."""
    low, high = float(values.min()), float(values.max())
    power = 10.0 ** np.floor(np.log10((high - low) / STEPS))
    step = next(n * power for n in NICE if (high - low) <= STEPS * n * power)
    start, stop = np.floor(low / step), np.ceil(high / step)
    return tuple(float(f"{k * step:.12g}") for k in np.arange(start, stop + 1))
