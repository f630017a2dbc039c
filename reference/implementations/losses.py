"""Loss functions and their vector-Jacobian products, accurate everywhere.

Each function says why its form is stable. The inner ``losses(scale)`` computes ``scale`` times
each loss, so that a mean can be finite where a single loss overflows: see ``_reduction``.
"""

# NumPy types arithmetic on NDArray[Any] as Any.
# mypy: disable-error-code="no-any-return"

from __future__ import annotations

import numpy as np

from ._exponentials import log_softmax_pullback, surprisal
from ._extremes import product
from ._format import Array, rounded_once
from ._logistic import decay, times_sigmoid, times_softplus
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
    factor = 2 * spread(cotangent, _count(prediction, target), reduction)
    gradient = _times_difference(factor, prediction, target)
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
    each = spread(cotangent, _count(prediction, target), reduction)
    gradient = each * np.sign(prediction - target)
    return summed_to(gradient, prediction.shape), summed_to(-gradient, target.shape)


@rounded_once
def huber(
    prediction: Array, target: Array, *, delta: float | Array = 1.0, reduction: str = "mean"
) -> Array:
    """d^2/2 or delta (|d| - delta/2): a square is only taken of what is below delta."""
    delta = _as(prediction, delta)
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
    delta = _as(prediction, delta)
    each = spread(cotangent, _count(prediction, target), reduction)
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
    positive = _unless_zero(target, target * -np.log(prediction))
    negative = _unless_zero(1 - target, (1 - target) * -np.log1p(-prediction))
    return reduced(lambda scale: scale * (positive + negative), reduction)


@rounded_once
def bce_vjp(
    prediction: Array, target: Array, *, reduction: str = "mean", cotangent: Array
) -> tuple[Array, ...]:
    """(1-y)/(1-p) - y/p, each term 0 with its weight; for the target log((1-p)/p).

    The quotient (p-y)/(p(1-p)) is 0/0 at p = y = 0, where the loss is smooth.
    """
    each = spread(cotangent, _count(prediction, target), reduction)
    gradient = each * (
        _unless_zero(1 - target, (1 - target) / (1 - prediction))
        - _unless_zero(target, target / prediction)
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
    weight = _as(logits, pos_weight)
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
    weight = _as(logits, pos_weight)
    each = spread(cotangent, _count(logits, target), reduction)
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
def cross_entropy(logits: Array, target: Array, *, reduction: str = "mean") -> Array:
    """-sum t_c log softmax(z)_c with log_softmax's log1p of the sum of the others.

    A class of target 0 is left out: it may be masked, and 0 inf is not 0.
    """
    weights = _probabilities(logits, target)

    def losses(scale: float) -> Array:
        terms = _unless_zero(weights, weights * surprisal(logits, scale))
        return np.sum(terms, axis=-1)

    return reduced(losses, reduction)


@rounded_once
def cross_entropy_vjp(
    logits: Array, target: Array, *, reduction: str = "mean", cotangent: Array
) -> tuple[Array, ...]:
    """softmax times sum t_c, minus t, with 1 - p as the sum of the others; -log p for t."""
    weights = _probabilities(logits, target)
    each = spread(cotangent, len(logits), reduction)[..., np.newaxis]
    gradient = log_softmax_pullback(logits, -each * weights)
    if target.ndim == 1:
        return (gradient,)
    return gradient, each * surprisal(logits)


@rounded_once
def hinge(prediction: Array, target: Array, *, reduction: str = "mean") -> Array:
    """max(0, 1 - t p); np.maximum passes NaN on."""
    return reduced(lambda scale: np.maximum(scale - scale * target * prediction, 0), reduction)


@rounded_once
def hinge_vjp(
    prediction: Array, target: Array, *, reduction: str = "mean", cotangent: Array
) -> tuple[Array, ...]:
    """-t inside the margin, 0 outside; heaviside passes NaN on."""
    each = spread(cotangent, _count(prediction, target), reduction)
    gradient = each * (-target * np.heaviside(1 - target * prediction, 0))
    return (summed_to(gradient, prediction.shape),)


def _as(x: Array, parameter: float | Array) -> Array:
    """A parameter, also a default one, in the format of ``x``."""
    return np.asarray(parameter, dtype=x.dtype)


def _count(prediction: Array, target: Array) -> int:
    """How many losses there are."""
    return np.broadcast(prediction, target).size


def _unless_zero(weight: Array, term: Array) -> Array:
    """The term, or 0 where its weight is 0, whatever infinity the weight met."""
    return np.where(weight == 0, 0, term)


def _times_difference(factor: Array, a: Array, b: Array) -> Array:
    """factor (a - b): exact near a = b, and multiplied first only where a - b overflows."""
    difference = a - b
    return np.where(np.isinf(difference), factor * a - factor * b, factor * difference)


def _probabilities(logits: Array, target: Array) -> Array:
    """Class indices as one-hot rows; probabilities as they are."""
    if target.ndim == 2:
        return target
    classes = np.arange(logits.shape[-1])
    return (target[:, np.newaxis] == classes).astype(logits.dtype)
