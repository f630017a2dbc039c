"""Functions of straight and square pieces: clipped lines, thresholds, and what they gate."""

# NumPy types arithmetic on NDArray[Any] as Any.
# mypy: disable-error-code="no-any-return"

from __future__ import annotations

import numpy as np

from ._extremes import product
from ._format import Array, rounded_once
from ._pieces import like, sides, within
from ._sums import summed_to


@rounded_once
def hard_sigmoid(x: Array) -> Array:
    """clip(x + 3, 0, 6)/6: x + 3 is exact where it nearly vanishes."""
    return np.clip(x + 3, 0, 6) / 6


@rounded_once
def hard_sigmoid_vjp(x: Array, *, cotangent: Array) -> tuple[Array, ...]:
    """1/6 between -3 and 3, else 0."""
    return (within(x, -3, 3, cotangent / 6),)


@rounded_once
def hard_tanh(x: Array, *, min_val: float | Array = -1.0, max_val: float | Array = 1.0) -> Array:
    """x, cut off at min_val and max_val; np.clip passes NaN on."""
    return np.clip(x, like(x, min_val), like(x, max_val))


@rounded_once
def hard_tanh_vjp(
    x: Array, *, min_val: float | Array = -1.0, max_val: float | Array = 1.0, cotangent: Array
) -> tuple[Array, ...]:
    """1 inside; for each bound the cotangents of what it cut off."""
    low, high = like(x, min_val), like(x, max_val)
    return (
        within(x, low, high, cotangent),
        summed_to(np.where(x < low, cotangent, 0), ()),
        summed_to(np.where(x > high, cotangent, 0), ()),
    )


@rounded_once
def hard_swish(x: Array) -> Array:
    """x (x + 3)/6 of x clipped to [-3, 3], so that nothing overflows outside."""
    m = np.clip(x, -3, 3)
    return np.where(x >= 3, x, m * (m + 3) / 6)


@rounded_once
def hard_swish_vjp(x: Array, *, cotangent: Array) -> tuple[Array, ...]:
    """(2x + 3)/6 between -3 and 3, else 0 or 1."""
    outside = np.where(x >= 3, cotangent, 0)
    inside = np.where((x <= -3) | (x >= 3), outside, cotangent * (2 * np.clip(x, -3, 3) + 3) / 6)
    return (inside,)


@rounded_once
def relu6(x: Array) -> Array:
    """x, cut off at 0 and 6; np.clip passes NaN on."""
    return np.clip(x, 0, 6)


@rounded_once
def relu6_vjp(x: Array, *, cotangent: Array) -> tuple[Array, ...]:
    """1 between 0 and 6, else 0."""
    return (within(x, 0, 6, cotangent),)


@rounded_once
def relu_squared(x: Array) -> Array:
    """max(x, 0)^2."""
    positive = np.maximum(x, 0)
    return positive * positive


@rounded_once
def relu_squared_vjp(x: Array, *, cotangent: Array) -> tuple[Array, ...]:
    """2 max(x, 0); the 2 comes last, so that only the result overflows."""
    return (cotangent * np.maximum(x, 0) * 2,)


@rounded_once
def sparse_plus(x: Array) -> Array:
    """((x + 1)/2)^2 of x clipped to [-1, 1], where x + 1 is exact as it vanishes."""
    half = (np.clip(x, -1, 1) + 1) * 0.5
    return np.where(x >= 1, x, half * half)


@rounded_once
def sparse_plus_vjp(x: Array, *, cotangent: Array) -> tuple[Array, ...]:
    """(x + 1)/2, clipped."""
    return (cotangent * ((np.clip(x, -1, 1) + 1) * 0.5),)


@rounded_once
def sparse_sigmoid(x: Array) -> Array:
    """(x + 1)/2, clipped."""
    return (np.clip(x, -1, 1) + 1) * 0.5


@rounded_once
def sparse_sigmoid_vjp(x: Array, *, cotangent: Array) -> tuple[Array, ...]:
    """1/2 between -1 and 1, else 0."""
    return (within(x, -1, 1, cotangent * 0.5),)


@rounded_once
def threshold(x: Array, *, threshold: float | Array = 1.0, value: float | Array = 0.0) -> Array:
    """x above the threshold, else the value given."""
    return sides(x, like(x, value), x, like(x, threshold))


@rounded_once
def threshold_vjp(
    x: Array,
    *,
    threshold: float | Array = 1.0,
    value: float | Array = 0.0,
    cotangent: Array,
) -> tuple[Array, ...]:
    """1 above the threshold, else 0."""
    return (sides(x, 0 * cotangent, cotangent, like(x, threshold)),)


@rounded_once
def thresholded_relu(x: Array, *, theta: float | Array = 1.0) -> Array:
    """x above theta, else 0."""
    return sides(x, 0, x, like(x, theta))


@rounded_once
def thresholded_relu_vjp(
    x: Array, *, theta: float | Array = 1.0, cotangent: Array
) -> tuple[Array, ...]:
    """1 above theta, else 0."""
    return (sides(x, 0 * cotangent, cotangent, like(x, theta)),)


@rounded_once
def rrelu(x: Array, *, lower: float | Array = 1 / 8, upper: float | Array = 1 / 3) -> Array:
    """leaky_relu with the mean of the slopes that training draws from."""
    return np.where(x > 0, x, product(_middle(x, lower, upper), x))


@rounded_once
def rrelu_vjp(
    x: Array, *, lower: float | Array = 1 / 8, upper: float | Array = 1 / 3, cotangent: Array
) -> tuple[Array, ...]:
    """1 or the mean slope; for each end of the slopes min(x, 0)/2."""
    of_end = summed_to(cotangent * np.minimum(x, 0) * 0.5, ())
    return cotangent * sides(x, _middle(x, lower, upper), 1), of_end, of_end.copy()


@rounded_once
def rrelu_train(x: Array, slope: Array) -> Array:
    """leaky_relu with a slope of its own for each element."""
    return np.where(x > 0, x, product(slope, x))


@rounded_once
def rrelu_train_vjp(x: Array, slope: Array, *, cotangent: Array) -> tuple[Array, ...]:
    """1 or the slope; for the slope min(x, 0)."""
    return (
        summed_to(cotangent * sides(x, slope, 1), x.shape),
        summed_to(cotangent * np.minimum(x, 0), slope.shape),
    )


def _middle(x: Array, lower: float | Array, upper: float | Array) -> Array:
    return (like(x, lower) + like(x, upper)) * like(x, 0.5)
