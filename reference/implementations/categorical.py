"""Cross-entropies of rows: on logits, log-probabilities, probabilities and similarities.

A target is a class index for each row, or a row of probabilities. The mean divides by the sum of
the weights of the targets that are not ignored.
"""

# NumPy types arithmetic on NDArray[Any] as Any.
# mypy: disable-error-code="no-any-return"

from __future__ import annotations

import numpy as np

from ._exponentials import LIFT, Exponentials, log_softmax_pullback, surprisal
from ._extremes import product
from ._format import Array, rounded_once
from ._one_hot import one_hot
from ._reduction import reduced, spread
from ._rows import total
from ._sums import summed_to

IGNORED = -100


@rounded_once
def cross_entropy(
    logits: Array,
    target: Array,
    *,
    weight: float | Array = 1.0,
    label_smoothing: float | Array = 0.0,
    ignore_index: int = IGNORED,
    reduction: str = "mean",
) -> Array:
    """-sum t_c log softmax(z)_c with log_softmax's log1p of the sum of the others.

    A class of target 0 is left out: it may be masked, and 0 inf is not 0.
    """
    t, kept = one_hot(logits, target, ignore_index), _kept(logits, target, ignore_index)
    mass = _smoothed(t, weight, label_smoothing)

    def losses(scale: float) -> Array:
        return np.where(kept, np.sum(product(mass, surprisal(logits, scale)), axis=-1), 0)

    return reduced(losses, reduction, np.sum(weight * t))


@rounded_once
def cross_entropy_vjp(
    logits: Array,
    target: Array,
    *,
    weight: float | Array = 1.0,
    label_smoothing: float | Array = 0.0,
    ignore_index: int = IGNORED,
    reduction: str = "mean",
    cotangent: Array,
) -> tuple[Array, ...]:
    """softmax times sum t_c, minus t, with 1 - p as the sum of the others; -log p for t.

    The divisor of the mean depends on t too, where weights differ. Along rows that sum to one
    that adds -mean (w_c - sum w t) to the gradient in t; it is 0 for equal weights.
    """
    t, kept = one_hot(logits, target, ignore_index), _kept(logits, target, ignore_index)
    mass = _smoothed(t, weight, label_smoothing)
    divisor = np.sum(weight * t)
    each = spread(cotangent, divisor, reduction)[..., np.newaxis]
    gradient = log_softmax_pullback(logits, -each * mass)
    if target.ndim < logits.ndim:
        return (np.where(kept[..., np.newaxis], gradient, 0),)
    rarity = surprisal(logits)
    slope = weight * ((1 - label_smoothing) * rarity)
    if reduction == "mean":
        uneven = weight * total(t) - total(weight * t)
        slope = slope - product(uneven, np.sum(product(mass, rarity)) / divisor)
    return gradient, each * slope


@rounded_once
def nll(
    log_prediction: Array,
    target: Array,
    *,
    weight: float | Array = 1.0,
    ignore_index: int = IGNORED,
    reduction: str = "mean",
) -> Array:
    """-w_y log p_y; the other classes count nothing, but for a NaN."""
    t, kept = (
        one_hot(log_prediction, target, ignore_index),
        _kept(log_prediction, target, ignore_index),
    )
    mass = weight * t

    def losses(scale: float) -> Array:
        return np.where(kept, np.sum(product(mass, -scale * log_prediction), axis=-1), 0)

    return reduced(losses, reduction, np.sum(mass))


@rounded_once
def nll_vjp(
    log_prediction: Array,
    target: Array,
    *,
    weight: float | Array = 1.0,
    ignore_index: int = IGNORED,
    reduction: str = "mean",
    cotangent: Array,
) -> tuple[Array, ...]:
    """-w_y at the label, 0 elsewhere, and 0 where the target is ignored."""
    mass = weight * one_hot(log_prediction, target, ignore_index)
    each = spread(cotangent, np.sum(mass), reduction)[..., np.newaxis]
    return (np.where(mass == 0, 0, -each * mass),)


@rounded_once
def categorical_cross_entropy(
    prediction: Array, target: Array, *, reduction: str = "mean"
) -> Array:
    """-sum t log p, where 0 log 0 = 0."""
    t = one_hot(prediction, target)
    losses = np.sum(product(t, -np.log(prediction)), axis=-1)
    return reduced(lambda scale: scale * losses, reduction)


@rounded_once
def categorical_cross_entropy_vjp(
    prediction: Array, target: Array, *, reduction: str = "mean", cotangent: Array
) -> tuple[Array, ...]:
    """-t/p, 0 where t is; for the target -log p."""
    t = one_hot(prediction, target)
    each = spread(cotangent, len(prediction), reduction)[..., np.newaxis]
    gradient = -each * np.where((t == 0) & ~np.isnan(prediction), 0, t / prediction)
    return (gradient, each * -np.log(prediction))[: 1 + (target.ndim == prediction.ndim)]


@rounded_once
def info_nce(
    similarity: Array,
    target: Array,
    *,
    temperature: float | Array = 0.07,
    reduction: str = "mean",
) -> Array:
    """The cross-entropy of similarity/temperature, divided after the largest is subtracted."""
    t = one_hot(similarity, target)
    top, below = _below(similarity)
    parts = Exponentials(below / temperature)

    def losses(scale: float) -> Array:
        gap = (scale * top - scale * similarity) / temperature
        return np.sum(product(t, gap + scale * np.log1p(parts.others / LIFT)), axis=-1)

    return reduced(losses, reduction)


@rounded_once
def info_nce_vjp(
    similarity: Array,
    target: Array,
    *,
    temperature: float | Array = 0.07,
    reduction: str = "mean",
    cotangent: Array,
) -> tuple[Array, ...]:
    """As cross_entropy's over the temperature T; for T minus the sum of (p - t) (z - max) / T^2.

    The differences to the largest entry keep that sum from cancelling when all are far from 0.
    The cotangent is lifted, since an underflow of p is magnified by 1/T and by z.
    """
    t = one_hot(similarity, target)
    scaled = _below(similarity)[1] / temperature
    each = spread(cotangent, len(similarity), reduction)[..., np.newaxis]
    pull = log_softmax_pullback(scaled, -LIFT * each * t) / temperature
    small = np.abs(pull) < 1
    slope = np.where(small, product(pull, scaled) / LIFT, product(pull / LIFT, scaled))
    to_temperature = summed_to(-slope, ())
    if target.ndim < similarity.ndim:
        return pull / LIFT, to_temperature
    rarity = surprisal(scaled)
    return pull / LIFT, each * rarity, to_temperature


def _kept(rows: Array, target: Array, ignore_index: int) -> Array:
    """Which rows count: all but those whose class index is the ignored one."""
    if target.ndim == rows.ndim:
        return np.ones(rows.shape[:-1], dtype=bool)
    return target != ignore_index


def _smoothed(t: Array, weight: float | Array, label_smoothing: float | Array) -> Array:
    """What -log p of each class counts."""
    return weight * ((1 - label_smoothing) * t + label_smoothing / t.shape[-1])


def _below(rows: Array) -> tuple[Array, Array]:
    """The largest entry of each row, and how far below it the others lie."""
    top = np.max(rows, axis=-1, keepdims=True, initial=-np.inf)
    return top, rows - top
