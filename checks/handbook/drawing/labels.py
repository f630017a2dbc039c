"""The names of curves, in a column to the right of their axes.

Each stands beside a piece of its line, as high as the curve ends, moved where two would overlap: so
curves are told apart in black and white, and nothing is written over one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..plot import Curve, Numbers, Plot
from .palette import STROKES

SIZE = 8.0  # of letters, in points like all that follows
SAMPLE = 17.0  # of the line that stands before a label
GAP = 5.0  # around it
LINE = 11.5  # from one label to the next
POINTS = 72  # in an inch


def room(plot: Plot) -> float:
    """The width of the column beside a pair of axes; what numbers at its end need, where none is
    named."""
    widths = [_width(f"${curve.latex}$") for curve in plot.curves if curve.latex]
    return 3 * GAP + SAMPLE + max(widths) if widths else 2 * GAP


def _width(text: str) -> float:
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import TextToPath

    font = FontProperties(size=SIZE)
    width, _, _ = TextToPath().get_text_width_height_descent(text, font, ismath=True)
    return float(width)


def put(axes: Any, plot: Plot, heights: dict[Numbers, float]) -> None:
    """Write the names of the curves; `heights` says how high each ends, from 0 to 1."""
    named = [curve for curve in plot.curves if curve.latex]
    place = axes.get_position()
    wide = place.width * axes.figure.get_figwidth() * POINTS
    high = place.height * axes.figure.get_figheight() * POINTS
    wanted = [heights[curve.y] * high for curve in named]
    for curve, y in zip(named, apart(wanted, LINE, LINE / 2, high - LINE / 2), strict=True):
        _put_one(axes, curve, y / high, wide)


def _put_one(axes: Any, curve: Curve, y: float, wide: float) -> None:
    from matplotlib.lines import Line2D

    stroke = STROKES[curve.style]
    sample = Line2D(
        [1 + GAP / wide, 1 + (GAP + SAMPLE) / wide],
        [y, y],
        color=stroke.tint.light,
        linewidth=stroke.width,
        linestyle=stroke.pattern,
        transform=axes.transAxes,
        clip_on=False,
    )
    axes.add_artist(sample)
    axes.text(
        1 + (2 * GAP + SAMPLE) / wide,
        y,
        f"${curve.latex}$",
        transform=axes.transAxes,
        verticalalignment="center_baseline",
    )


def apart(wanted: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Places at least a gap from each other, in their order, near to the wanted ones.

    They lie between `low` and `high` where there is room for all.
    """
    order = sorted(range(len(wanted)), key=lambda k: (wanted[k], -k))
    places = [0.0] * len(wanted)
    floor = low
    for k in order:
        places[k] = max(wanted[k], floor)
        floor = places[k] + gap
    ceiling = high
    for k in reversed(order):
        places[k] = min(places[k], ceiling)
        ceiling = places[k] - gap
    return places


def end(values: Any, window: tuple[float, float]) -> float:
    """How high a curve ends, 0 to 1 from the bottom of its axes to their top."""
    seen = values[np.isfinite(values)]
    if not seen.size:
        return 0.5
    low, high = window
    return float(np.clip((seen[-1] - low) / (high - low), 0, 1))
