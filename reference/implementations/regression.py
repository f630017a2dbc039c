"""Losses of the difference between a prediction and a target, beyond those in ``losses``."""

# NumPy types arithmetic on NDArray[Any] as Any.
# mypy: disable-error-code="no-any-return"

from __future__ import annotations

import numpy as np

from ._extremes import product
from ._format import Array, rounded_once
from ._pieces import like
from ._pointwise import count, times_difference
from ._reduction import reduced, spread
from ._sums import summed_to

LOG_2 = 0.69314718055994530941723212145818
LIFT = 2.0**64
"""What would be subnormal on the way is computed this much enlarged."""


@rounded_once
def half_squared_error(prediction: Array, target: Array, *, reduction: str = "mean") -> Array:
    """(prediction - target)^2/2, subtracted first, and halved before it is squared."""
    difference = prediction - target
    return reduced(lambda scale: scale * (0.5 * difference) * difference, reduction)


@rounded_once
def half_squared_error_vjp(
    prediction: Array, target: Array, *, reduction: str = "mean", cotangent: Array
) -> tuple[Array, ...]:
    """The difference times the cotangent."""
    each = spread(cotangent, count(prediction, target), reduction)
    gradient = times_difference(each, prediction, target)
    return summed_to(gradient, prediction.shape), summed_to(-gradient, target.shape)


@rounded_once
def smooth_l1(
    prediction: Array, target: Array, *, beta: float | Array = 1.0, reduction: str = "mean"
) -> Array:
    """d^2/(2 beta) or |d| - beta/2: d/beta is at most 1 where it is used."""
    beta = like(prediction, beta)
    size = np.abs(prediction - target)

    def losses(scale: float) -> Array:
        inside = scale * (0.5 * size) * (size / beta)
        outside = np.abs(scale * prediction - scale * target) - scale * 0.5 * beta
        return np.where(size <= beta, inside, outside)

    return reduced(losses, reduction)


@rounded_once
def smooth_l1_vjp(
    prediction: Array,
    target: Array,
    *,
    beta: float | Array = 1.0,
    reduction: str = "mean",
    cotangent: Array,
) -> tuple[Array, ...]:
    """d/beta clipped to [-1, 1]; for beta minus half of its square."""
    beta = like(prediction, beta)
    each = spread(cotangent, count(prediction, target), reduction)
    slope = np.clip((prediction - target) / beta, -1, 1)
    gradient = each * slope
    return (
        summed_to(gradient, prediction.shape),
        summed_to(-gradient, target.shape),
        summed_to(-0.5 * gradient * slope, ()),
    )


@rounded_once
def pseudo_huber(
    prediction: Array, target: Array, *, delta: float | Array = 1.0, reduction: str = "mean"
) -> Array:
    """delta |d| times |d|/(delta + hypot(delta, d)): the root minus 1 would cancel."""
    delta = like(prediction, delta)
    size = np.abs(prediction - target)
    share = np.where(np.isinf(size), 1, size / (delta + np.hypot(delta, size)))
    return reduced(
        lambda scale: share * delta * np.abs(scale * prediction - scale * target), reduction
    )


@rounded_once
def pseudo_huber_vjp(
    prediction: Array,
    target: Array,
    *,
    delta: float | Array = 1.0,
    reduction: str = "mean",
    cotangent: Array,
) -> tuple[Array, ...]:
    """delta d/h with h = hypot(delta, d); for delta (h - delta)^2/h without the difference."""
    delta = like(prediction, delta)
    each = spread(cotangent, count(prediction, target), reduction)
    difference = prediction - target
    size = np.abs(difference)
    h = np.hypot(delta, size)
    gradient = each * (np.where(np.isinf(size), np.sign(difference), difference / h) * delta)
    excess = size * (size / (delta + h))
    return (
        summed_to(gradient, prediction.shape),
        summed_to(-gradient, target.shape),
        summed_to(each * np.where(np.isinf(size), size, excess * (excess / h)), ()),
    )


@rounded_once
def log_cosh(prediction: Array, target: Array, *, reduction: str = "mean") -> Array:
    """log1p(2 sinh(d/2)^2) near 0; |d| - log 2 + log1p(exp(-2|d|)) where cosh would overflow."""
    size = np.abs(prediction - target)
    half = np.sinh(0.5 * np.minimum(size, 1))
    near = np.log1p(2 * half * half)
    rest = np.log1p(np.exp(-2 * size)) - LOG_2

    def losses(scale: float) -> Array:
        far = np.abs(scale * prediction - scale * target) + scale * rest
        return np.where(size <= 1, scale * near, far)

    return reduced(losses, reduction)


@rounded_once
def log_cosh_vjp(
    prediction: Array, target: Array, *, reduction: str = "mean", cotangent: Array
) -> tuple[Array, ...]:
    """tanh of the difference."""
    each = spread(cotangent, count(prediction, target), reduction)
    gradient = each * np.tanh(prediction - target)
    return summed_to(gradient, prediction.shape), summed_to(-gradient, target.shape)


@rounded_once
def quantile(
    prediction: Array, target: Array, *, q: float | Array = 0.5, reduction: str = "mean"
) -> Array:
    """max(q e, (q - 1) e), e = target - prediction; np.maximum passes NaN on."""
    q = like(prediction, q)

    def losses(scale: float) -> Array:
        e = scale * target - scale * prediction
        return np.maximum(product(q, e), product(q - 1, e))

    return reduced(losses, reduction)


@rounded_once
def quantile_vjp(
    prediction: Array,
    target: Array,
    *,
    q: float | Array = 0.5,
    reduction: str = "mean",
    cotangent: Array,
) -> tuple[Array, ...]:
    """1 - q above the target and -q below it, 1/2 - q on it; for q the error e itself."""
    q = like(prediction, q)
    each = spread(cotangent, count(prediction, target), reduction)
    gradient = each * (np.heaviside(prediction - target, 0.5) - q)
    return (
        summed_to(gradient, prediction.shape),
        summed_to(-gradient, target.shape),
        summed_to(times_difference(each, target, prediction), ()),
    )


@rounded_once
def mape(prediction: Array, target: Array, *, reduction: str = "mean") -> Array:
    """100 |target - prediction|/|target|: the quotient first, which the factor cannot spoil."""

    def losses(scale: float) -> Array:
        return np.abs(scale * target - scale * prediction) / np.abs(target) * 100

    return reduced(losses, reduction)


@rounded_once
def mape_vjp(
    prediction: Array, target: Array, *, reduction: str = "mean", cotangent: Array
) -> tuple[Array, ...]:
    """100 sign(d)/|t|, and -100 sign(d) sign(t) (p/t)/t.

    p/t is made larger where it is subnormal, and smaller where 100 times it would overflow.
    """
    each = spread(cotangent, count(prediction, target), reduction)
    sign = np.sign(prediction - target)
    ratio = prediction / target
    small = np.abs(ratio) < np.finfo(ratio.dtype).tiny
    large = np.abs(ratio) > np.finfo(ratio.dtype).max / 128
    lift = np.where(small, LIFT, np.where(large, 1 / LIFT, 1))
    slope = 100 * (lift * prediction / target) / target / lift
    gradient = each * product(sign, 100 / np.abs(target))
    target_gradient = each * product(-sign * np.sign(target), slope)
    return summed_to(gradient, prediction.shape), summed_to(target_gradient, target.shape)


@rounded_once
def msle(prediction: Array, target: Array, *, reduction: str = "mean") -> Array:
    """The squared logarithm of (1+t)/(1+p), by log1p of what the ratio has above 1."""
    difference = _log_ratio(prediction, target)
    return reduced(lambda scale: scale * difference * difference, reduction)


@rounded_once
def msle_vjp(
    prediction: Array, target: Array, *, reduction: str = "mean", cotangent: Array
) -> tuple[Array, ...]:
    """Twice the logarithm over 1 + p, and over -(1 + t)."""
    each = spread(cotangent, count(prediction, target), reduction)
    twice = each * (2 * _log_ratio(prediction, target))
    return (
        summed_to(twice / (1 + prediction), prediction.shape),
        summed_to(-twice / (1 + target), target.shape),
    )


def _log_ratio(a: Array, b: Array) -> Array:
    """log((1+a)/(1+b)) as log1p(|a-b|/(1+min)): two logarithms of large numbers would cancel."""
    low, high = np.minimum(a, b), np.maximum(a, b)
    excess = (high - low) / (1 + low)
    far = np.log1p(high) - np.log1p(low)
    return np.sign(a - b) * np.where(np.isinf(excess), far, np.log1p(excess))
