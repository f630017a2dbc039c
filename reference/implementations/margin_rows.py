"""Margin losses over the classes of a row."""

# NumPy types arithmetic on NDArray[Any] as Any.
# mypy: disable-error-code="no-any-return"

from __future__ import annotations

import numpy as np

from ._exponentials import first
from ._format import Array, rounded_once
from ._logistic import times_sigmoid, times_softplus
from ._one_hot import one_hot
from ._reduction import reduced, spread
from ._rows import total
from ._sums import summed_to


@rounded_once
def multi_margin(
    prediction: Array,
    target: Array,
    *,
    p: int = 1,
    margin: float | Array = 1.0,
    reduction: str = "mean",
) -> Array:
    """The mean over the classes of max(0, margin - z_y + z_j)^p, without the label's own.

    The scores are subtracted before the margin is added: they may be large and close.
    """
    hot, over = _own_and_over(prediction, target, margin)
    classes = prediction.shape[-1]
    power = np.where(hot == 1, 0, over) if _power(p) == 2 else 1

    def losses(scale: float) -> Array:
        return np.sum((scale / classes) * np.where(hot == 1, 0, over) * power, axis=-1)

    return reduced(losses, reduction)


@rounded_once
def multi_margin_vjp(
    prediction: Array,
    target: Array,
    *,
    p: int = 1,
    margin: float | Array = 1.0,
    reduction: str = "mean",
    cotangent: Array,
) -> tuple[Array, ...]:
    """The slope of each other class, and for the label minus their sum."""
    hot, over = _own_and_over(prediction, target, margin)
    slope = 2 * over if _power(p) == 2 else np.heaviside(over, 0)
    slope = np.where(hot == 1, 0, slope)
    slope = np.where(hot == 1, -total(slope), slope) / prediction.shape[-1]
    return (spread(cotangent, len(prediction), reduction)[..., np.newaxis] * slope,)


@rounded_once
def categorical_hinge(prediction: Array, target: Array, *, reduction: str = "mean") -> Array:
    """max(0, 1 + max((1 - t) z) - sum t z), the 1 added last."""
    hot = one_hot(prediction, target)

    def losses(scale: float) -> Array:
        small = scale * prediction
        rival = np.max((1 - hot) * small, axis=-1)
        return np.maximum(rival - np.sum(hot * small, axis=-1) + scale, 0)

    return reduced(losses, reduction)


@rounded_once
def categorical_hinge_vjp(
    prediction: Array, target: Array, *, reduction: str = "mean", cotangent: Array
) -> tuple[Array, ...]:
    """1 - t at the first largest (1 - t) z, minus t everywhere, where the loss is not 0."""
    hot = one_hot(prediction, target)
    rivals = (1 - hot) * prediction
    top = np.max(rivals, axis=-1, keepdims=True)
    active = np.heaviside(top - total(hot * prediction) + 1, 0)
    each = spread(cotangent, len(prediction), reduction)[..., np.newaxis]
    return (each * (active * (first(rivals == top) * (1 - hot) - hot)),)


@rounded_once
def multilabel_margin(prediction: Array, target: Array, *, reduction: str = "mean") -> Array:
    """The sum over labels j and others r of max(0, 1 - (z_j - z_r)), over the classes.

    All pairs are formed: memory grows with the square of the classes.
    """
    pairs, over = _pairs(prediction, target)
    worth = pairs * np.maximum(over, 0)
    flat = worth.reshape(*prediction.shape[:-1], _classes(prediction) ** 2)
    return reduced(lambda scale: np.sum((scale / _classes(prediction)) * flat, axis=-1), reduction)


@rounded_once
def multilabel_margin_vjp(
    prediction: Array, target: Array, *, reduction: str = "mean", cotangent: Array
) -> tuple[Array, ...]:
    """For a label minus the number of others within its margin, for the others plus."""
    pairs, over = _pairs(prediction, target)
    active = pairs * np.heaviside(over, 0)
    slope = (np.sum(active, axis=-2) - np.sum(active, axis=-1)) / _classes(prediction)
    return (spread(cotangent, len(prediction), reduction)[..., np.newaxis] * slope,)


@rounded_once
def multilabel_soft_margin(logits: Array, target: Array, *, reduction: str = "mean") -> Array:
    """The mean of t softplus(-z) + (1 - t) softplus(z): all terms positive."""
    t = target.astype(logits.dtype)
    terms = times_softplus(t, -logits), times_softplus(1 - t, logits)

    def losses(scale: float) -> Array:
        share = scale / _classes(logits)
        return np.sum(share * terms[0] + share * terms[1], axis=-1)

    return reduced(losses, reduction)


@rounded_once
def multilabel_soft_margin_vjp(
    logits: Array, target: Array, *, reduction: str = "mean", cotangent: Array
) -> tuple[Array, ...]:
    """(1 - t) sigmoid(z) - t sigmoid(-z), and -z for the target, over the classes."""
    t = target.astype(logits.dtype)
    each = spread(cotangent, len(logits), reduction)[..., np.newaxis] / _classes(logits)
    gradient = times_sigmoid(each * (1 - t), logits) - times_sigmoid(each * t, -logits)
    return summed_to(gradient, logits.shape), summed_to(-each * logits, target.shape)


def _classes(prediction: Array) -> int:
    return int(prediction.shape[-1])


def _power(p: int) -> int:
    if p not in (1, 2):
        raise ValueError(f"p must be 1 or 2, not {p!r}")
    return int(p)


def _own_and_over(prediction: Array, target: Array, margin: float | Array) -> tuple[Array, Array]:
    """The label as a one-hot row, and max(0, margin - (z_y - z_j)) of every class."""
    hot = one_hot(prediction, target)
    own = total(np.where(hot == 1, prediction, 0))
    return hot, np.maximum(prediction - own + margin, 0)


def _pairs(prediction: Array, target: Array) -> tuple[Array, Array]:
    """t_j (1 - t_r) and 1 - (z_j - z_r), with axes (..., j, r)."""
    t = target.astype(prediction.dtype)
    mine, others = t[..., :, np.newaxis], 1 - t[..., np.newaxis, :]
    gaps = prediction[..., np.newaxis, :] - prediction[..., :, np.newaxis]
    return mine * others, gaps + 1
