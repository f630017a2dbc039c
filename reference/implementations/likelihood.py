"""Negative log-likelihoods of counts and of normal errors."""

# NumPy types arithmetic on NDArray[Any] as Any.
# mypy: disable-error-code="no-any-return"

from __future__ import annotations

import numpy as np

from ._format import Array, rounded_once
from ._logistic import FAR
from ._pieces import like
from ._pointwise import times_difference, unless_zero
from ._reduction import reduced, spread
from ._sums import summed_to

HALF_LOG_2PI = 0.91893853320467274178032973640562


@rounded_once
def poisson_nll(
    prediction: Array,
    target: Array,
    *,
    log_input: bool | Array = True,
    full: bool | Array = False,
    eps: float | Array = 1e-8,
    reduction: str = "mean",
) -> Array:
    """exp(p) - t p, or p - t log(p + eps), and for ``full`` what Stirling adds.

    The two large parts of the full loss cancel where the prediction is right. With the rate
    r = exp(p) or p + eps they are taken together as r - t - t log(r/t), each part of which
    vanishes there. Where exp(p) and t p both overflow, t (exp(p - log t) - p) does not.
    """
    stirling = np.where(target > 1, bool(full), False)
    count = np.where(stirling, target, 1)
    rest = np.where(stirling, HALF_LOG_2PI + 0.5 * np.log(count), 0)
    if log_input:
        low, high = _halved_exp(prediction)
        beside = prediction - np.log(count)

        def losses(scale: float) -> Array:
            plain = high * (scale * low) - scale * target * prediction
            relative = target * (scale * (np.exp(prediction - np.log(target)) - prediction))
            plain = np.where(np.isfinite(plain) | (target == 0), plain, relative)
            together = scale * count * (np.expm1(beside) - beside)
            return np.where(stirling, together, plain) + scale * rest

    else:
        eps = like(prediction, eps)
        rate = prediction + eps

        def losses(scale: float) -> Array:
            plain = scale * prediction - unless_zero(target, scale * target * np.log(rate))
            apart = scale * rate - scale * count
            together = apart - scale * count * _log_quotient(rate, count) - scale * eps
            return np.where(stirling, together, plain) + scale * rest

    return reduced(losses, reduction)


@rounded_once
def poisson_nll_vjp(
    prediction: Array,
    target: Array,
    *,
    log_input: bool | Array = True,
    full: bool | Array = False,
    eps: float | Array = 1e-8,
    reduction: str = "mean",
    cotangent: Array,
) -> tuple[Array, ...]:
    """exp(p) - t, or 1 - t/(p + eps); for the target -p or -log(p + eps), and Stirling's slope."""
    each = spread(cotangent, np.broadcast(prediction, target).size, reduction)
    stirling = np.where(target > 1, bool(full), False)
    count = np.where(stirling, target, 1)
    rest = np.where(stirling, 0.5 / count, 0)
    if log_input:
        rate = np.exp(prediction)
        above = np.where(target > 0, target * np.expm1(prediction - np.log(target)), rate)
        slope = np.where(np.isinf(rate), above, rate - target)
        target_slope = np.log(count) - prediction + rest + 0 * target
    else:
        rate = prediction + like(prediction, eps)
        slope = 1 - target / rate
        target_slope = rest - _log_quotient(rate, count) + 0 * target
    return (
        summed_to(each * slope, prediction.shape),
        summed_to(each * target_slope, target.shape),
    )


@rounded_once
def gaussian_nll(
    prediction: Array,
    target: Array,
    var: Array,
    *,
    full: bool | Array = False,
    eps: float | Array = 1e-6,
    reduction: str = "mean",
) -> Array:
    """(log v + (d/sqrt v)^2)/2, v = max(var, eps): d^2 alone would overflow."""
    v = np.maximum(var, like(prediction, eps))
    root = np.sqrt(v)
    rest = 0.5 * np.log(v) + (HALF_LOG_2PI if full else 0)

    def losses(scale: float) -> Array:
        away = (prediction - target) / root
        return scale * rest + scale * (0.5 * away) * away

    return reduced(losses, reduction)


@rounded_once
def gaussian_nll_vjp(
    prediction: Array,
    target: Array,
    var: Array,
    *,
    full: bool | Array = False,
    eps: float | Array = 1e-6,
    reduction: str = "mean",
    cotangent: Array,
) -> tuple[Array, ...]:
    """d/v; for the variance (1/v - (d/v)^2)/2, and 0 where it is clamped."""
    eps = like(prediction, eps)
    each = spread(cotangent, np.broadcast(prediction, target, var).size, reduction)
    v = np.maximum(var, eps)
    away = times_difference(1 / v, prediction, target)
    away = np.where(np.isinf(prediction - target), away, (prediction - target) / v)
    gradient = each * away
    free = np.heaviside(var - eps, 0)
    spread_gradient = np.where(free == 0, 0, each * (0.5 / v - 0.5 * away * away))
    return (
        summed_to(gradient, prediction.shape),
        summed_to(-gradient, target.shape),
        summed_to(spread_gradient + 0 * np.sign(gradient), var.shape),
    )


def _halved_exp(x: Array) -> tuple[Array, Array]:
    """exp(x) as a product of two factors, of which neither over- nor underflows by itself."""
    half = np.where(np.abs(x) > FAR, 0.5 * x, 0)
    return np.exp(half), np.exp(x - half)


def _log_quotient(a: Array, b: Array) -> Array:
    """log(a/b): by log1p near 1, and as a difference where the quotient leaves the format."""
    ratio = a / b
    tiny, huge = np.finfo(ratio.dtype).tiny, np.finfo(ratio.dtype).max
    near = np.log1p((a - b) / b)
    plain = np.where(np.abs(ratio - 1) < 0.5, near, np.log(ratio))
    return np.where((ratio < tiny) | (ratio > huge), np.log(a) - np.log(b), plain)
