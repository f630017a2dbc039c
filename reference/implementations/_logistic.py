"""The sigmoid and the softplus times a factor, where the factor must not magnify an underflow.

exp(-740) is subnormal in float64 and has lost most of its digits; 740 exp(-740) would show the
loss. So far out exp(-|t|) is kept in two halves, and the factor is applied to the first.
"""

# NumPy types arithmetic on NDArray[Any] as Any.
# mypy: disable-error-code="no-any-return"

from __future__ import annotations

import numpy as np

from ._extremes import product
from ._format import Array

FAR = 50.0
"""Beyond this |t|, 1 + exp(-|t|) is 1 in every format, and log1p(exp(-|t|)) is exp(-|t|)."""


def decay(t: Array) -> tuple[Array, Array]:
    """exp(-|t|) as a product of two factors, normal wherever that is not 0.

    Up to FAR the second is 1, so that there the exponential is rounded only once.
    """
    size = np.abs(t)
    half = np.where(size > FAR, 0.5 * size, 0)
    return np.exp(-np.where(size > FAR, half, size)), np.exp(-half)


def times_sigmoid(factor: Array, t: Array) -> Array:
    """factor / (1 + exp(-t)): exp of a negative number only, so nothing overflows."""
    near, rest = decay(t)
    right = factor / (1 + near * rest)
    return np.where(t >= 0, right, right * near * rest)


def times_sigmoid_slope(factor: Array, t: Array) -> Array:
    """factor sigmoid'(t) as factor e/(1+e)^2, e = exp(-|t|): no 1 - sigmoid, which cancels."""
    near, rest = decay(t)
    bottom = 1 + near * rest
    return factor / bottom / bottom * near * rest


def times_softplus(factor: Array, t: Array) -> Array:
    """factor log(1 + exp(t)) as factor (max(t, 0) + log1p(e)): two terms of the same sign."""
    near, rest = decay(t)
    bend = np.where(np.abs(t) > FAR, factor * near * rest, factor * np.log1p(near))
    return product(factor, np.maximum(t, 0)) + bend


def times_gate(factor: Array, x: Array) -> Array:
    """factor x sigmoid(x); in the left tail x goes first, whose product with exp(x) is small."""
    near, rest = decay(x)
    bottom = 1 + near * rest
    return np.where(x >= 0, factor * (x / bottom), factor * (x * near / bottom) * rest)


def times_gate_slope(factor: Array, t: Array, steepness: Array) -> Array:
    """factor d/dx [x sigmoid(t(x))] = factor sigmoid(t) (1 + steepness sigmoid(-t)).

    ``steepness`` is x t'(x). sigmoid(-t) stands for 1 - sigmoid(t), which cancels. The factor
    comes after the first half of the exponential: a large one would overflow before it.
    """
    near, rest = decay(t)
    bottom = 1 + near * rest
    right, complement = t >= 0, np.where(t >= 0, near * rest, 1) / bottom
    slope = (1 + steepness * complement) / bottom * np.where(right, 1, near)
    return factor * slope * np.where(right, 1, rest)
