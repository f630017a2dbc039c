"""Losses of a margin: how far a prediction, a difference or a distance lies on its side."""

# NumPy types arithmetic on NDArray[Any] as Any.
# mypy: disable-error-code="no-any-return"

from __future__ import annotations

import numpy as np

from ._format import Array, rounded_once
from ._logistic import times_sigmoid, times_softplus
from ._pieces import like
from ._pointwise import count
from ._reduction import reduced, spread
from ._sums import summed_to


@rounded_once
def squared_hinge(prediction: Array, target: Array, *, reduction: str = "mean") -> Array:
    """max(0, 1 - t p)^2; np.maximum passes NaN on."""
    short = np.maximum(1 - target * prediction, 0)
    return reduced(lambda scale: scale * short * short, reduction)


@rounded_once
def squared_hinge_vjp(
    prediction: Array, target: Array, *, reduction: str = "mean", cotangent: Array
) -> tuple[Array, ...]:
    """-2 t max(0, 1 - t p)."""
    each = spread(cotangent, count(prediction, target), reduction)
    short = np.maximum(1 - target * prediction, 0)
    return (summed_to(each * (-2 * target * short), prediction.shape),)


@rounded_once
def perceptron(prediction: Array, target: Array, *, reduction: str = "mean") -> Array:
    """max(0, -t p), without a zero that has a sign."""
    return reduced(lambda scale: np.maximum(scale * -target * prediction, 0) + 0.0, reduction)


@rounded_once
def perceptron_vjp(
    prediction: Array, target: Array, *, reduction: str = "mean", cotangent: Array
) -> tuple[Array, ...]:
    """-t on the wrong side, 0 on the right one; heaviside passes NaN on."""
    each = spread(cotangent, count(prediction, target), reduction)
    return (summed_to(each * (-target * np.heaviside(-target * prediction, 0)), prediction.shape),)


@rounded_once
def soft_margin(prediction: Array, target: Array, *, reduction: str = "mean") -> Array:
    """softplus(-t p), as max(-t p, 0) + log1p(exp(-|p|))."""
    each = times_softplus(np.ones_like(prediction), -target * prediction)
    return reduced(lambda scale: scale * each, reduction)


@rounded_once
def soft_margin_vjp(
    prediction: Array, target: Array, *, reduction: str = "mean", cotangent: Array
) -> tuple[Array, ...]:
    """-t sigmoid(-t p)."""
    each = spread(cotangent, count(prediction, target), reduction)
    gradient = times_sigmoid(-target * each, -target * prediction)
    return (summed_to(gradient, prediction.shape),)


@rounded_once
def margin_ranking(
    x1: Array, x2: Array, target: Array, *, margin: float | Array = 0.0, reduction: str = "mean"
) -> Array:
    """max(0, margin - t (x1 - x2)), the inputs subtracted first."""
    margin = like(x1, margin)

    def losses(scale: float) -> Array:
        apart = scale * x1 - scale * x2
        return np.maximum(scale * margin - target * apart, 0)

    return reduced(losses, reduction)


@rounded_once
def margin_ranking_vjp(
    x1: Array,
    x2: Array,
    target: Array,
    *,
    margin: float | Array = 0.0,
    reduction: str = "mean",
    cotangent: Array,
) -> tuple[Array, ...]:
    """-t and t inside the margin, 1 for the margin; heaviside passes NaN on."""
    margin = like(x1, margin)
    each = spread(cotangent, np.broadcast(x1, x2, target).size, reduction)
    inside = each * np.heaviside(margin - target * (x1 - x2), 0)
    return (
        summed_to(-target * inside, x1.shape),
        summed_to(target * inside, x2.shape),
        summed_to(inside, ()),
    )


@rounded_once
def hinge_embedding(
    x: Array, target: Array, *, margin: float | Array = 1.0, reduction: str = "mean"
) -> Array:
    """x where the target is 1, max(0, margin - x) where it is -1."""
    margin = like(x, margin)

    def losses(scale: float) -> Array:
        return np.where(target > 0, scale * x, np.maximum(scale * margin - scale * x, 0))

    return reduced(losses, reduction)


@rounded_once
def hinge_embedding_vjp(
    x: Array,
    target: Array,
    *,
    margin: float | Array = 1.0,
    reduction: str = "mean",
    cotangent: Array,
) -> tuple[Array, ...]:
    """1 where the target is 1, -1 inside the margin where it is -1; NaN stays NaN."""
    each = spread(cotangent, count(x, target), reduction)
    inside = np.heaviside(like(x, margin) - x, 0)
    close = target > 0
    return (
        summed_to(each * np.where(close, 1 + 0 * np.sign(x), -inside), x.shape),
        summed_to(each * np.where(close, 0, inside), ()),
    )


@rounded_once
def contrastive(
    distance: Array, target: Array, *, margin: float | Array = 1.0, reduction: str = "mean"
) -> Array:
    """d^2 where the target is 1, max(margin - d, 0)^2 where it is 0."""
    size = np.where(target > 0.5, distance, np.maximum(like(distance, margin) - distance, 0))
    return reduced(lambda scale: scale * size * size, reduction)


@rounded_once
def contrastive_vjp(
    distance: Array,
    target: Array,
    *,
    margin: float | Array = 1.0,
    reduction: str = "mean",
    cotangent: Array,
) -> tuple[Array, ...]:
    """2 d where the target is 1, -2 max(margin - d, 0) where it is 0."""
    each = spread(cotangent, count(distance, target), reduction)
    short = np.maximum(like(distance, margin) - distance, 0)
    close = target > 0.5
    return (
        summed_to(2 * each * np.where(close, distance, -short), distance.shape),
        summed_to(2 * each * np.where(close, 0, short), ()),
    )
