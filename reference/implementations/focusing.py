"""The focal loss: cross-entropy that counts what is already right by a power of its error."""

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
def focal(
    prediction: Array,
    target: Array,
    *,
    alpha: float | Array = 0.25,
    gamma: float | Array = 2.0,
    reduction: str = "mean",
) -> Array:
    """alpha_t (1 - p_t)^gamma (-log p_t), with log1p for p_t = 1 - p."""
    balance, _ = _balanced(prediction, target, alpha)
    wrong, surprise, _ = _split(prediction, target)
    each = balance * (np.power(wrong, like(prediction, gamma)) * surprise)
    return reduced(lambda scale: scale * each, reduction)


@rounded_once
def focal_vjp(
    prediction: Array,
    target: Array,
    *,
    alpha: float | Array = 0.25,
    gamma: float | Array = 2.0,
    reduction: str = "mean",
    cotangent: Array,
) -> tuple[Array, ...]:
    """-alpha_t w^gamma (gamma (-log p_t)/w + 1/p_t) towards p_t, w = 1 - p_t: one sign only.

    Where w vanishes (-log p_t)/w is 1, and w^gamma log w goes to 0.
    """
    balance, sign = _balanced(prediction, target, alpha)
    gamma = like(prediction, gamma)
    each = spread(cotangent, count(prediction, target), reduction)
    wrong, surprise, log_wrong = _split(prediction, target)
    right = np.where(sign > 0, prediction, 1 - prediction)
    weight = np.power(wrong, gamma)
    ratio = np.where(wrong == 0, 1, surprise / wrong)
    focus = np.where(gamma == 0, 0, balance * gamma * ratio)
    gradient = each * (-sign * (weight * (focus + balance / right)))
    ends = (wrong == 0) | (right == 0)
    bend = np.where(ends, 0, weight * (log_wrong * surprise))
    return (
        summed_to(gradient, prediction.shape),
        summed_to(each * (sign * (weight * surprise)), ()),
        summed_to(each * (balance * bend), ()),
    )


@rounded_once
def focal_with_logits(
    logits: Array,
    target: Array,
    *,
    alpha: float | Array = 0.25,
    gamma: float | Array = 2.0,
    reduction: str = "mean",
) -> Array:
    """alpha_t sigmoid(-s)^gamma softplus(-s), s the logit towards the target.

    The power is exp(-gamma softplus(s)): a sigmoid that has underflowed would have none.
    """
    balance, sign = _balanced(logits, target, alpha)
    s = sign * logits
    weight = np.exp(-times_softplus(like(logits, gamma) + 0 * s, s))
    each = times_softplus(balance * weight, -s)
    return reduced(lambda scale: scale * each, reduction)


@rounded_once
def focal_with_logits_vjp(
    logits: Array,
    target: Array,
    *,
    alpha: float | Array = 0.25,
    gamma: float | Array = 2.0,
    reduction: str = "mean",
    cotangent: Array,
) -> tuple[Array, ...]:
    """-alpha_t sigmoid(-s)^gamma (gamma sigmoid(s) softplus(-s) + sigmoid(-s)): one sign only."""
    balance, sign = _balanced(logits, target, alpha)
    gamma = like(logits, gamma)
    each = spread(cotangent, count(logits, target), reduction)
    s = sign * logits
    weight = np.exp(-times_softplus(gamma + 0 * s, s))
    surprise = times_softplus(np.ones_like(s), -s)
    slope = weight * gamma * times_sigmoid(surprise, s) + times_sigmoid(weight, -s)
    bend = times_softplus(weight * surprise, s)
    return (
        summed_to(each * (-sign * balance * slope), logits.shape),
        summed_to(each * (sign * (weight * surprise)), ()),
        summed_to(each * (-balance * bend), ()),
    )


def _balanced(x: Array, target: Array, alpha: float | Array) -> tuple[Array, Array]:
    """alpha for target 1, 1 - alpha for 0; and the sign of the way towards the target."""
    alpha = like(x, alpha)
    return np.where(target > 0.5, alpha, 1 - alpha), np.where(target > 0.5, 1, -1).astype(x.dtype)


def _split(prediction: Array, target: Array) -> tuple[Array, Array, Array]:
    """1 - p_t, -log p_t and log(1 - p_t), where p_t is p or 1 - p."""
    hit = target > 0.5
    plain, rest = np.log(prediction), np.log1p(-prediction)
    wrong = np.where(hit, 1 - prediction, prediction)
    return wrong, -np.where(hit, plain, rest) + 0.0, np.where(hit, rest, plain)
