"""The GELU and its slope times a factor, which must not magnify an underflow in the left tail."""

# NumPy types arithmetic on NDArray[Any] as Any.
# mypy: disable-error-code="no-any-return"

from __future__ import annotations

import numpy as np

from ._erfc import erfc, scaled_erfc
from ._format import Array
from ._logistic import decay

SQRT_HALF = 0.70710678118654752440084436210485
INVERSE_SQRT_2PI = 0.39894228040143267793994605993438

GAUSS_SATURATED = 100.0
"""exp(-GAUSS_SATURATED**2/4) is 0 in every format, and so is its cubic cousin of gelu_tanh."""


def times_gelu(factor: Array, x: Array) -> Array:
    """factor x Phi(x) with Phi(x) = erfc(-x/sqrt 2)/2: 1 + erf(x/sqrt 2) would cancel for x < 0.

    Below -1 exp(-x^2/2) is taken out of Phi and applied in two factors, since Phi(x) is
    subnormal before x Phi(x) is.
    """
    right = factor * (x * (0.5 * erfc(-x * SQRT_HALF)))
    z = np.clip(x, -GAUSS_SATURATED, -1)
    near, rest = decay(0.5 * z * z)
    left = factor * (z * near * (0.5 * scaled_erfc(-z * SQRT_HALF))) * rest
    return np.where(x > -1, right, left)


def times_gelu_slope(factor: Array, x: Array) -> Array:
    """factor (Phi(x) + x phi(x)), in the left tail with their common exp(-x^2/2) taken out."""
    y = np.clip(x, -1, GAUSS_SATURATED)
    right = 0.5 * erfc(-y * SQRT_HALF) + y * (INVERSE_SQRT_2PI * np.exp(-0.5 * y * y))
    z = np.clip(x, -GAUSS_SATURATED, -1)
    near, rest = decay(0.5 * z * z)
    slope = 0.5 * scaled_erfc(-z * SQRT_HALF) + INVERSE_SQRT_2PI * z
    left = factor * near * slope * rest
    return np.where(x > -1, factor * right, left)
