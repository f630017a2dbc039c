"""Single terms of the divergences between two distributions."""

# NumPy types arithmetic on NDArray[Any] as Any.
# mypy: disable-error-code="no-any-return"

from __future__ import annotations

import math

import numpy as np

from ._format import Array, rounded_once
from ._logistic import FAR
from ._pointwise import unless_zero
from ._reduction import reduced, spread
from ._sums import summed_to

LIFT = 2.0**64
LOG_HALF_LIFT = 43.668272375276554493386324013374
"""log(LIFT/2)."""


@rounded_once
def kl_div(prediction: Array, target: Array, *, reduction: str = "mean") -> Array:
    """t (log t - p), subtracted first; 0 log 0 = 0."""

    def losses(scale: float) -> Array:
        apart = scale * np.log(target) - scale * prediction
        return unless_zero(target, target * apart) + 0 * np.sign(prediction)

    return reduced(losses, reduction)


@rounded_once
def kl_div_vjp(
    prediction: Array, target: Array, *, reduction: str = "mean", cotangent: Array
) -> tuple[Array, ...]:
    """-t; for the target log t + 1 - p."""
    each = _spread(cotangent, prediction, target, reduction)
    gradient = each * (-target + 0 * np.sign(prediction))
    target_gradient = each * (np.log(target) + 1 - prediction)
    return summed_to(gradient, prediction.shape), summed_to(target_gradient, target.shape)


@rounded_once
def kl_div_log_target(prediction: Array, target: Array, *, reduction: str = "mean") -> Array:
    """exp(t) (t - p), the exponential in two halves: it may leave the format alone."""

    def losses(scale: float) -> Array:
        return _times_exp(scale * target - scale * prediction, target)

    return reduced(losses, reduction)


@rounded_once
def kl_div_log_target_vjp(
    prediction: Array, target: Array, *, reduction: str = "mean", cotangent: Array
) -> tuple[Array, ...]:
    """-exp(t); for the target exp(t) (t + 1 - p)."""
    each = _spread(cotangent, prediction, target, reduction)
    gradient = _times_exp(-each + 0 * np.sign(prediction), target)
    target_gradient = _times_exp(each * ((target - prediction) + 1), target)
    return summed_to(gradient, prediction.shape), summed_to(target_gradient, target.shape)


@rounded_once
def js_div(prediction: Array, target: Array, *, reduction: str = "mean") -> Array:
    """(p log(p/m) + q log(q/m))/2 with m the mean, each by log1p((p - q)/(p + q)) near p = q."""
    first = unless_zero(prediction, prediction * _log_share(prediction, target))
    second = unless_zero(target, target * _log_share(target, prediction))
    each = np.maximum(0.5 * first + 0.5 * second, 0)
    return reduced(lambda scale: scale * each, reduction)


@rounded_once
def js_div_vjp(
    prediction: Array, target: Array, *, reduction: str = "mean", cotangent: Array
) -> tuple[Array, ...]:
    """log(p/m)/2 and log(q/m)/2; 0 where both are 0 and the direction would decide."""
    each = _spread(cotangent, prediction, target, reduction)
    nowhere = (prediction == 0) & (target == 0)
    first = np.where(nowhere, 0, 0.5 * each * _log_share(prediction, target))
    second = np.where(nowhere, 0, 0.5 * each * _log_share(target, prediction))
    return summed_to(first, prediction.shape), summed_to(second, target.shape)


def _spread(cotangent: Array, prediction: Array, target: Array, reduction: str) -> Array:
    """The cotangent of each term; the rows of a table are those of its first axis."""
    shape = np.broadcast_shapes(prediction.shape, target.shape)
    return spread(cotangent, math.prod(shape), reduction, rows=shape[0] if shape else 1)


def _times_exp(factor: Array, t: Array) -> Array:
    """factor exp(t), which may be finite where exp(t) is not."""
    half = np.where(np.abs(t) > FAR, 0.5 * t, 0)
    return unless_zero(factor, factor * np.exp(t - half) * np.exp(half))


def _log_share(a: Array, b: Array) -> Array:
    """log(2a/(a+b)): what a is to the mean of both; a subnormal share is taken enlarged."""
    total = a + b
    apart = (a - b) / total
    share = 2 * a / total
    small = share < np.finfo(share.dtype).tiny
    far = np.where(small, np.log(LIFT * a / total) - LOG_HALF_LIFT, np.log(share))
    return np.where(np.abs(apart) < 0.5, np.log1p(apart), far)
