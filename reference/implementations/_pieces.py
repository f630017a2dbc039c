"""What functions that are put together from pieces share: sides that let NaN through, and gates."""

# NumPy types arithmetic on NDArray[Any] as Any.
# mypy: disable-error-code="no-any-return"

from __future__ import annotations

import numpy as np

from ._extremes import finite
from ._format import Array
from ._logistic import decay, times_sigmoid

SATURATED = 4000.0
"""exp(-SATURATED/2) is 0 in every format: a larger argument would only overflow."""


def like(x: Array, parameter: float | Array) -> Array:
    """A parameter, also a default one, in the format of ``x``."""
    return np.asarray(parameter, dtype=x.dtype)


def sides(x: Array, left: float | Array, right: float | Array, at: float | Array = 0.0) -> Array:
    """``right`` where x > at, ``left`` where x <= at, NaN where x is NaN."""
    return np.where(x > at, right, np.where(x <= at, left, x))


def within(x: Array, low: float | Array, high: float | Array, inside: float | Array) -> Array:
    """``inside`` where low < x < high, 0 elsewhere, NaN where x is NaN."""
    return np.where((x > low) & (x < high), inside, np.where(np.isnan(x), x, 0))


def beyond(x: Array, reach: float | Array, right: float | Array, left: float | Array) -> Array:
    """``right`` where x > reach, ``left`` where x < -reach, between them 0 with the sign of x."""
    return np.where(x > reach, right, np.where(x < -np.asarray(reach), left, 0 * x))


def exponential_side(x: Array, factor: float | Array, cotangent: Array) -> Array:
    """The cotangent for x > 0, else cotangent * factor * exp(x), exp(x) in two factors."""
    near, rest = decay(np.minimum(x, 0))
    return np.where(x > 0, cotangent, cotangent * factor * near * rest)


def saturated(beta: float | Array, x: Array) -> Array:
    """beta x, clipped where the sigmoid has long been 0 or 1."""
    return np.clip(like(x, beta) * finite(x), -SATURATED, SATURATED)


def gated(x: Array, t: Array) -> Array:
    """x sigmoid(t); a finite x keeps inf * 0 away where the gate is closed."""
    return np.where(t >= 0, times_sigmoid(x, t), times_sigmoid(finite(x), t))
