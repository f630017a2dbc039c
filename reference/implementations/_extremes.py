"""Arithmetic at the infinities that gives the limit instead of NaN."""

from __future__ import annotations

import numpy as np

from ._format import Array


def product(factor: Array, x: Array) -> Array:
    """``factor * x`` with 0 inf = 0, the limit in ``x`` while ``factor`` stays; NaN propagates."""
    return np.where((factor == 0) & np.isinf(x), 0, factor * x)


def finite(x: Array) -> Array:
    """``x`` with each infinity replaced by the largest number, so that 0 times it is 0."""
    largest = np.finfo(x.dtype).max
    return np.clip(x, -largest, largest)
