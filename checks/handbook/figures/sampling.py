"""Where curves are asked: dense where they bend, and on both sides of where they break."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
from numpy.typing import NDArray

from ....reference.formats import Floats

BASE = 97  # points to begin with
ROUNDS = 3
BEND = 0.002  # of the height: a bend that is refined
BESIDE = 2.0**-20  # of the width: how near to a break a curve is asked

Ask = Callable[[Floats], NDArray[np.float64]]
"""From points (N,) to the curves that share them (k, N); NaN where there is no value."""


def beside(window: tuple[float, float]) -> float:
    """How far to each side of a break the ends of a curve are asked: too little to be seen."""
    return (window[1] - window[0]) * BESIDE


def sampled(
    ask: Ask, window: tuple[float, float], breaks: Iterable[float] = ()
) -> tuple[Floats, NDArray[np.float64]]:
    """Points (N,) in a window and what is true of them (k, N), at breaks and beside them too."""
    x = np.unique(np.concatenate([np.linspace(*window, BASE), *_around(window, breaks)]))
    y = ask(x)
    for _ in range(ROUNDS):
        new = _bends(x, y, 4 * beside(window))
        if not new.size:
            break
        x = np.concatenate([x, new])
        y = np.concatenate([y, ask(new)], axis=1)
        order = np.argsort(x, kind="stable")
        x, y = x[order], y[:, order]
    return x, y


def _around(window: tuple[float, float], breaks: Iterable[float]) -> list[Floats]:
    step = beside(window)
    places = [np.array([b - step, b, b + step]) for b in breaks]
    return [p[(p >= window[0]) & (p <= window[1])] for p in places]


def _bends(x: Floats, y: NDArray[np.float64], least: float) -> Floats:
    """The middles of intervals beside a point that lies off the chord of its neighbours."""
    wanted = np.zeros(x.size - 1, dtype=bool)
    with np.errstate(all="ignore"):
        for row in y:
            height = spread(row)
            share = (x[1:-1] - x[:-2]) / (x[2:] - x[:-2])
            off = np.abs(row[1:-1] - (row[:-2] + share * (row[2:] - row[:-2])))
            bent = off > BEND * height
            ends = np.isfinite(row[1:]) != np.isfinite(row[:-1])  # a pole is approached
            wanted |= np.append(bent, False) | np.insert(bent, 0, False) | ends
    wanted &= np.diff(x) > least
    middles: Floats = (x[:-1] + np.diff(x) / 2)[wanted]
    return middles


def spread(values: Floats) -> float:
    """The height of what is to be seen of values: without their outermost twentieths where these
    tower above the rest."""
    low, high = hull(values)
    return high - low


def hull(values: Floats, tower: float = 4.0) -> tuple[float, float]:
    """The least and the largest value to be seen."""
    finite = values[np.isfinite(values)]
    if not finite.size:
        return 0.0, 0.0
    low, high = float(finite.min()), float(finite.max())
    inner_low, inner_high = (float(v) for v in np.quantile(finite, (0.05, 0.95)))
    room = tower / 2 * (inner_high - inner_low)
    if 0 < room < high - inner_high:
        high = inner_high + room / tower
    if 0 < room < inner_low - low:
        low = inner_low - room / tower
    return low, high
