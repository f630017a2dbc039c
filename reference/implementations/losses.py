"""Loss functions and their vector-Jacobian products, accurate everywhere.

Each function says why its form is stable. The inner ``losses(scale)`` computes ``scale`` times
each loss, so that a mean can be finite where a single loss overflows: see ``_reduction``.
"""

# NumPy types arithmetic on NDArray[Any] as Any.
# mypy: disable-error-code="no-any-return"

from __future__ import annotations

import numpy as np

from ._extremes import product
from ._format import Array, rounded_once
from ._logistic import decay, times_sigmoid, times_softplus
from ._pieces import like
from ._pointwise import count, times_difference, unless_zero
from ._reduction import reduced, spread
from ._sums import summed_to


@rounded_once
def mse(prediction: Array, target: Array, *, reduction: str = "mean") -> Array:
    """(prediction - target)^2, subtracted first: the expanded square cancels."""
    difference = prediction - target
    return reduced(lambda scale: scale * difference * difference, reduction)


@rounded_once
def mse_vjp(
    prediction: Array, target: Array, *, reduction: str = "mean", cotangent: Array
) -> tuple[Array, ...]:
    """2 (prediction - target) times the cotangent, finite also where the difference is not."""
    factor = 2 * spread(cotangent, count(prediction, target), reduction)
    gradient = times_difference(factor, prediction, target)
    return summed_to(gradient, prediction.shape), summed_to(-gradient, target.shape)


@rounded_once
def mae(prediction: Array, target: Array, *, reduction: str = "mean") -> Array:
    """|prediction - target|."""
    return reduced(lambda scale: np.abs(scale * prediction - scale * target), reduction)


@rounded_once
def mae_vjp(
    prediction: Array, target: Array, *, reduction: str = "mean", cotangent: Array
) -> tuple[Array, ...]:
    """The sign of the difference, which gradual underflow never makes 0 by mistake."""
    each = spread(cotangent, count(prediction, target), reduction)
    gradient = each * np.sign(prediction - target)
    return summed_to(gradient, prediction.shape), summed_to(-gradient, target.shape)


@rounded_once
def huber(
    prediction: Array, target: Array, *, delta: float | Array = 1.0, reduction: str = "mean"
) -> Array:
    """d^2/2 or delta (|d| - delta/2): a square is only taken of what is below delta."""
    delta = like(prediction, delta)
    size = np.abs(prediction - target)

    def losses(scale: float) -> Array:
        scaled = np.abs(scale * prediction - scale * target)
        linear = delta * (scaled - scale * 0.5 * delta)
        return np.where(size <= delta, scale * 0.5 * size * size, linear)

    return reduced(losses, reduction)


@rounded_once
def huber_vjp(
    prediction: Array,
    target: Array,
    *,
    delta: float | Array = 1.0,
    reduction: str = "mean",
    cotangent: Array,
) -> tuple[Array, ...]:
    """The difference clipped to [-delta, delta]; for delta what the clip cut off."""
    delta = like(prediction, delta)
    each = spread(cotangent, count(prediction, target), reduction)
    difference = prediction - target
    gradient = each * np.clip(difference, -delta, delta)
    quarter = np.maximum(np.abs(0.25 * prediction - 0.25 * target) - 0.25 * delta, 0)
    excess = np.where(
        np.isinf(difference), 4 * each * quarter, each * np.maximum(np.abs(difference) - delta, 0)
    )
    return (
        summed_to(gradient, prediction.shape),
        summed_to(-gradient, target.shape),
        summed_to(excess, ()),
    )


@rounded_once
def bce(prediction: Array, target: Array, *, reduction: str = "mean") -> Array:
    """-(y log p + (1-y) log(1-p)): log1p(-p) for tiny p, and 0 log 0 = 0."""
    positive = unless_zero(target, target * -np.log(prediction))
    negative = unless_zero(1 - target, (1 - target) * -np.log1p(-prediction))
    return reduced(lambda scale: scale * (positive + negative), reduction)


@rounded_once
def bce_vjp(
    prediction: Array, target: Array, *, reduction: str = "mean", cotangent: Array
) -> tuple[Array, ...]:
    """(1-y)/(1-p) - y/p, each term 0 with its weight; for the target log((1-p)/p).

    The quotient (p-y)/(p(1-p)) is 0/0 at p = y = 0, where the loss is smooth.
    """
    each = spread(cotangent, count(prediction, target), reduction)
    gradient = each * (
        unless_zero(1 - target, (1 - target) / (1 - prediction))
        - unless_zero(target, target / prediction)
    )
    target_gradient = each * (np.log1p(-prediction) - np.log(prediction)) + 0 * target
    return summed_to(gradient, prediction.shape), summed_to(target_gradient, target.shape)


@rounded_once
def bce_with_logits(
    logits: Array, target: Array, *, pos_weight: float | Array = 1.0, reduction: str = "mean"
) -> Array:
    """w y softplus(-z) + (1-y) softplus(z): both terms positive, no log of a rounded sigmoid.

    The part of w above 1 goes to y, the part below 1 to the product, so that w y does not
    underflow before a large softplus meets it.
    """
    weight = like(logits, pos_weight)
    positive = np.minimum(weight, 1) * times_softplus(np.maximum(weight, 1) * target, -logits)
    negative = times_softplus(1 - target, logits)
    return reduced(lambda scale: scale * positive + scale * negative, reduction)


@rounded_once
def bce_with_logits_vjp(
    logits: Array,
    target: Array,
    *,
    pos_weight: float | Array = 1.0,
    reduction: str = "mean",
    cotangent: Array,
) -> tuple[Array, ...]:
    """(1-y) sigmoid(z) - w y sigmoid(-z), with no 1 - sigmoid.

    For the target w softplus(-z) - softplus(z) cancels near z = 0; with L = log1p(exp(-|z|)) it
    is w max(-z, 0) - max(z, 0) + (w-1) L, and -z when w = 1.
    """
    weight = like(logits, pos_weight)
    each = spread(cotangent, count(logits, target), reduction)
    gradient = times_sigmoid(each * (1 - target), logits) - times_sigmoid(
        each * (weight * target), -logits
    )
    near, rest = decay(logits)
    line = product(weight, np.maximum(-logits, 0)) - np.maximum(logits, 0)
    target_gradient = each * (line + (weight - 1) * np.log1p(near * rest)) + 0 * target
    return (
        summed_to(gradient, logits.shape),
        summed_to(target_gradient, target.shape),
        summed_to(each * times_softplus(target, -logits), ()),
    )


@rounded_once
def hinge(prediction: Array, target: Array, *, reduction: str = "mean") -> Array:
    """max(0, 1 - t p); np.maximum passes NaN on."""
    return reduced(lambda scale: np.maximum(scale - scale * target * prediction, 0), reduction)


@rounded_once
def hinge_vjp(
    prediction: Array, target: Array, *, reduction: str = "mean", cotangent: Array
) -> tuple[Array, ...]:
    """-t inside the margin, 0 outside; heaviside passes NaN on."""
    each = spread(cotangent, count(prediction, target), reduction)
    gradient = each * (-target * np.heaviside(1 - target * prediction, 0))
    return (summed_to(gradient, prediction.shape),)
