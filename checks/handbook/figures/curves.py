"""What pictures of all functions share: an array as a curve, and how high the axes are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from ....reference.formats import Floats
from ..plot import Curve, Mark, Numbers, Plot
from .window import even, y_window

CHANGES = 0.01  # of the height: less is no other picture
MOST = 6  # curves in a picture
PROBES = 65  # points to see whether curves differ; truths of fewer than 64 are not kept


def curve(
    x: Floats, y: Floats, breaks: Mapping[float, int], order: int, label: str, style: int
) -> Curve:
    """A derivative of that order as a curve, broken where it jumps; infinities are no points."""
    cut = [place for place, first in breaks.items() if first <= order]
    y = np.where(np.isfinite(y) & ~np.isin(x, cut), y, np.nan)
    return Curve(numbers(x), numbers(y), label, style)


def numbers(values: Floats) -> Numbers:
    """An array as plain data."""
    return tuple(values.tolist())


def axes(
    title: str,
    along: str,
    window: tuple[float, float],
    curves: Sequence[Curve],
    marks: Sequence[Mark],
) -> Plot:
    """Curves and marks in axes as high as they need; `along` is LaTeX for what lies on x."""
    return Plot(
        tuple(curves),
        tuple(marks),
        title,
        f"${along}$",
        x_window=window,
        y_window=heights(curves, window),
    )


def heights(curves: Sequence[Curve], window: tuple[float, float]) -> tuple[float, float]:
    """The heights at which all curves are to be seen."""
    return y_window([even(np.array(c.x), np.array(c.y), window) for c in curves])
