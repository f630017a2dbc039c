"""The part of the plane that a picture shows, from what is known of the curves in it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from ....reference.formats import Floats
from .sampling import hull
from .view import View

NEAR = 0.02  # of an asymptote: what comes so near has nothing more to show
LEAST = 6.0  # the width where the domain allows it
FURTHEST = 8.0  # beyond the last place where something happens
STEP = 0.5
ROOM = 2.0  # beside the last of them, at least
PAD = 0.06  # of the height, above and below


def x_window(views: Sequence[View]) -> tuple[float, float]:
    """From where nothing more happens to where nothing more happens, in whole numbers.

    Places where something happens have room around them, and a curve is followed until it is
    `NEAR` its asymptote. Where one side of an even or odd function is asked for, so is the other.
    """
    places = [place for view in views for place in view.places]
    low, high = min(places), max(places)
    room = max(ROOM, (high - low) / 4)
    low, high = low - room, high + room
    low = min([low, *(_settles(view, min(places), -1) for view in views)])
    high = max([high, *(_settles(view, max(places), 1) for view in views)])
    if all(view.fact("parity") is not None for view in views):
        low, high = -max(-low, high), max(-low, high)
    missing = LEAST - (high - low)
    if missing > 0:
        low, high = low - missing / 2, high + missing / 2
    domain = views[0].function.variables[0].domain
    start, stop = float(domain.inf), float(domain.sup)
    if math.isfinite(start) and math.isfinite(stop):
        return start, stop
    return max(start, math.floor(low)), min(stop, math.ceil(high))


def _settles(view: View, start: float, side: int) -> float:
    """Where the curve has come near its asymptote on that side (-1 or 1) of a place."""
    line = next((a for a in view.fact("asymptotes") or () if float(a.end) * side == math.inf), None)
    if line is None:
        return start
    x = start + side * np.arange(0.0, FURTHEST + STEP, STEP)
    value, slope = view(x)
    rise, height = float(line.slope), float(line.intercept)
    with np.errstate(invalid="ignore"):
        scale = max(1.0, abs(rise))
        far = (np.abs(value - (rise * x + height)) > NEAR * scale) | (
            np.abs(slope - rise) > NEAR * scale
        )
    last = np.flatnonzero(far)
    return float(x[last[-1]]) + side * STEP if last.size else start


def y_window(
    curves: Iterable[Floats], include: Iterable[float] = (0.0,), tower: float = 4.0
) -> tuple[float, float]:
    """The heights to be seen: all of them, but for a pole's, with some room."""
    found = [hull(y, tower) for y in curves]
    low = min([*(low for low, _ in found), *include])
    high = max([*(high for _, high in found), *include])
    if low == high:
        low, high = low - 0.5, high + 0.5
    pad = PAD * (high - low)
    return low - pad, high + pad


def even(ask_at: Floats, y: NDArray[np.float64], window: tuple[float, float]) -> Floats:
    """A curve at evenly spaced points, for its hull: dense samples at a pole count for no more."""
    places = np.linspace(*window, 201)
    seen = np.isfinite(y)
    return np.interp(places, ask_at[seen], y[seen]) if seen.any() else y
