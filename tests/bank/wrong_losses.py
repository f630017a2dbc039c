"""Wrong losses: reductions, endpoints, targets, argument order, gradients."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from .entry import Entry
from .reductions import Array, each, like, reduced, summed
from .right import (
    bce,
    bce_vjp,
    bce_with_logits,
    bce_with_logits_vjp,
    cross_entropy,
    cross_entropy_vjp,
    hinge,
    hinge_vjp,
    huber,
    huber_vjp,
    log_softmax,
    mae,
    mae_vjp,
    mse,
    mse_vjp,
    sigmoid,
    softmax,
    softplus_sum,
)

ACCURACY = ("value.accuracy",)
REDUCTION = ("loss.reduction", "structure.shape", "value.accuracy")
GRADIENT = ("grad.accuracy",)
OF_TARGET = ("grad.parameter", "grad.accuracy")
OF_REDUCTION = ("loss.reduction", "grad.accuracy")
ENDPOINTS = ("loss.endpoints", "value.accuracy")
PARAMETERS = ("value.parameters",)
ELSEWHERE = ("grad.parameter", "grad.accuracy", "value.parameters")
EMPTY = ("loss.empty", "structure.layout")
Losses = Callable[[Array, Array], Array]
RIGHT_VALUE: dict[str, Callable[..., Any]] = {
    "mse": mse,
    "mae": mae,
    "huber": huber,
    "bce": bce,
    "bce_with_logits": bce_with_logits,
    "cross_entropy": cross_entropy,
    "hinge": hinge,
}


def wrong(name: str, function: str, forward: Any, note: str, by: tuple[str, ...]) -> Entry:
    return Entry(name, function, forward, killed_by=by, note=note)


def bad_gradient(
    name: str, function: str, vjp: Any, note: str, by: tuple[str, ...] = GRADIENT
) -> Entry:
    return Entry(name, function, RIGHT_VALUE[function], vjp, killed_by=by, note=note)


def of_losses(losses: Losses) -> Callable[..., Array]:
    """A loss with right reductions, from a function that gives every single loss."""

    def loss(prediction: Array, target: Array, reduction: str = "mean") -> Array:
        return reduced(np.asarray(losses(prediction, target)), reduction)

    return loss


def of_mean(mean: Callable[[Array], Any]) -> Callable[..., Array]:
    """An mse whose mean is taken by ``mean``."""

    def loss(prediction: Array, target: Array, reduction: str = "mean") -> Array:
        losses = np.square(prediction - target)
        if reduction == "mean":
            return np.asarray(mean(losses), dtype=losses.dtype)
        return reduced(losses, reduction)

    return loss


def by_slope(slope: Losses) -> Callable[..., tuple[Array, Array]]:
    """The vjp of a loss of prediction - target, from its derivative of the prediction."""

    def vjp(
        prediction: Array, target: Array, reduction: str = "mean", *, cotangent: Array
    ) -> tuple[Array, Array]:
        values = np.asarray(slope(prediction, target))
        values = values * each(values, reduction, cotangent)
        return summed(values, prediction), summed(-values, target)

    return vjp


def changed(vjp: Any, change: Callable[[tuple[Array, ...]], tuple[Array, ...]]) -> Any:
    """A right vjp whose gradients are changed."""
    return lambda *variables, **keywords: change(vjp(*variables, **keywords))


def mse_none_is_mean(prediction: Array, target: Array, reduction: str = "mean") -> Array:
    return mse(prediction, target, "mean" if reduction == "none" else reduction)


def mse_mean_of_none_raises(prediction: Array, target: Array, reduction: str = "mean") -> Array:
    losses = (prediction - target).ravel().tolist()
    if reduction == "mean":
        return np.asarray(sum(d * d for d in losses) / len(losses), dtype=prediction.dtype)
    return mse(prediction, target, reduction)


def mse_sum_of_none_raises(prediction: Array, target: Array, reduction: str = "mean") -> Array:
    largest = np.max(np.abs(prediction - target))
    return mse(prediction, target, reduction) if largest >= 0 else largest


def mse_makes_a_column(prediction: Array, target: Array, reduction: str = "mean") -> Array:
    return mse(prediction.reshape(-1, 1), target, reduction)


def mse_gradient_not_summed_back(
    prediction: Array, target: Array, reduction: str = "mean", *, cotangent: Array
) -> tuple[Array, Array]:
    d = prediction - target
    slope = d * (2 * each(d, reduction, cotangent))
    return slope, -slope


def mse_gradient_of_the_sum(
    prediction: Array, target: Array, reduction: str = "mean", *, cotangent: Array
) -> tuple[Array, Array]:
    slope = 2 * (prediction - target) * cotangent
    return summed(slope, prediction), summed(-slope, target)


def mae_smoothed(prediction: Array, target: Array) -> Any:
    return np.sqrt(np.square(prediction - target) + like(prediction, 1e-6))


def mae_of_relative(prediction: Array, target: Array) -> Any:
    return np.abs(prediction - target) / (1 + np.abs(target))


def huber_with(far: Callable[[Array, Any], Array], near: Any = None) -> Callable[..., Array]:
    """A huber whose losses beyond delta are ``far``, within it ``near`` (else right)."""

    def loss(prediction: Array, target: Array, delta: Any = 1.0, reduction: str = "mean") -> Array:
        d, k = np.abs(prediction - target), like(prediction, delta)
        inner = d * d / 2 if near is None else near(d, k)
        return reduced(np.where(d <= k, inner, far(d, k)), reduction)

    return loss


def huber_slope(slope: Callable[[Array, Any], Array]) -> Callable[..., tuple[Array, Array]]:
    def vjp(
        prediction: Array,
        target: Array,
        delta: Any = 1.0,
        reduction: str = "mean",
        *,
        cotangent: Array,
    ) -> tuple[Array, Array]:
        d = prediction - target
        values = slope(d, like(prediction, delta)) * each(d, reduction, cotangent)
        return summed(values, prediction), summed(-values, target)

    return vjp


def bce_of(log: Callable[[Array], Array]) -> Callable[..., Array]:
    """A bce with its own log."""
    return of_losses(lambda p, t: -(t * log(p) + (1 - t) * log(1 - p)))


def bce_clipped(prediction: Array, target: Array, reduction: str = "mean") -> Array:
    edge = like(prediction, 1e-7)
    return bce(np.clip(prediction, edge, 1 - edge), target, reduction)


def logits_of(hit: Losses, miss: Losses) -> Callable[..., Array]:
    """bce_with_logits from what the target and what its complement multiply."""

    def loss(logits: Array, target: Array, pos_weight: Any = 1.0, reduction: str = "mean") -> Array:
        w = like(logits, pos_weight)
        left = np.where(target == 0, 0, target * hit(logits, w))
        right = np.where(target == 1, 0, (1 - target) * miss(logits, w))
        return reduced(left + right, reduction)

    return loss


def logits_log_weight(
    logits: Array, target: Array, pos_weight: Any = 1.0, reduction: str = "mean"
) -> Array:
    weight = 1 + (like(logits, pos_weight) - 1) * target
    return reduced((1 - target) * logits + weight * softplus_sum(-logits), reduction)


def logits_unweighted_vjp(
    logits: Array,
    target: Array,
    pos_weight: Any = 1.0,
    reduction: str = "mean",
    *,
    cotangent: Array,
) -> tuple[Array, ...]:
    return bce_with_logits_vjp(logits, target, 1.0, reduction, cotangent=cotangent)[:1]


def logits_doubly_weighted_vjp(
    logits: Array,
    target: Array,
    pos_weight: Any = 1.0,
    reduction: str = "mean",
    *,
    cotangent: Array,
) -> tuple[Array, ...]:
    w = like(logits, pos_weight)
    slope = w * (sigmoid(logits) - target)
    return (summed(slope * each(slope, reduction, cotangent), logits),)


def classes_changed(change: Callable[[Array, int], Array]) -> Callable[..., Array]:
    """A cross_entropy that reads other class indices."""

    def loss(logits: Array, target: Array, reduction: str = "mean") -> Array:
        if target.ndim < logits.ndim:
            target = change(target, logits.shape[-1])
        return cross_entropy(logits, target, reduction)

    return loss


def cross_entropy_of(log_probability: Callable[[Array], Array]) -> Callable[..., Array]:
    """A cross_entropy from another log-softmax."""

    def loss(logits: Array, target: Array, reduction: str = "mean") -> Array:
        y = log_probability(logits)
        if target.ndim == logits.ndim:
            return reduced(-np.sum(np.where(target == 0, 0, target * y), axis=-1), reduction)
        return reduced(-np.take_along_axis(y, target[:, None], -1)[:, 0], reduction)

    return loss


def cross_entropy_over_elements(logits: Array, target: Array, reduction: str = "mean") -> Array:
    loss = cross_entropy(logits, target, reduction)
    return loss / like(logits, max(logits.shape[-1], 1)) if reduction == "mean" else loss


def cross_entropy_hardens(logits: Array, target: Array, reduction: str = "mean") -> Array:
    if target.ndim == logits.ndim:
        target = np.argmax(target, axis=-1)
    return cross_entropy(logits, target, reduction)


def cross_entropy_smooths(logits: Array, target: Array, reduction: str = "mean") -> Array:
    y = log_softmax(logits)
    blur = -np.mean(y, axis=-1) * like(logits, 0.01)
    return reduced(cross_entropy(logits, target, "none") * like(logits, 0.99) + blur, reduction)


def cross_entropy_gradient_without_target(
    logits: Array, target: Array, reduction: str = "mean", *, cotangent: Array
) -> tuple[Array, ...]:
    s = softmax(logits)
    return (s * np.reshape(each(s[:, 0], reduction, cotangent), (-1, 1)),)


def cross_entropy_gradient_unnormalised(
    logits: Array, target: Array, reduction: str = "mean", *, cotangent: Array
) -> tuple[Array, ...]:
    g = cross_entropy_vjp(logits, target, reduction, cotangent=cotangent)[0]
    return (g + softmax(logits) * np.reshape(each(g[:, 0], reduction, cotangent), (-1, 1)),)


def cross_entropy_gradient_of_the_sum(
    logits: Array, target: Array, reduction: str = "mean", *, cotangent: Array
) -> tuple[Array, ...]:
    other = "sum" if reduction == "mean" else reduction
    return cross_entropy_vjp(logits, target, other, cotangent=cotangent)[:1]


def log_softmax_epsilon(z: Array) -> Any:
    return np.log(softmax(z) + like(z, 1e-9))


def log_softmax_unshifted(z: Array) -> Any:
    return z - np.log(np.sum(np.exp(z), axis=-1, keepdims=True))


WRONG = (
    # mse, mae
    wrong(
        "mse_half", "mse", of_losses(lambda p, t: np.square(p - t) / 2), "1 and 0: 0.5", ACCURACY
    ),
    wrong(
        "mse_root",
        "mse",
        of_mean(lambda losses: np.sqrt(np.mean(losses))),
        "2 and 0, mean: 2, truth 4",
        REDUCTION,
    ),
    wrong("mse_sum_for_mean", "mse", of_mean(np.sum), "(1, 1) and (0, 0): 2, truth 1", REDUCTION),
    wrong(
        "mse_mean_over_the_batch_only",
        "mse",
        of_mean(lambda losses: np.sum(losses) / (losses.shape[0] if losses.ndim else 1)),
        "shape (1, 2), differences 1: 2, truth 1",
        REDUCTION,
    ),
    wrong(
        "mse_mean_over_the_last_axis_only",
        "mse",
        of_mean(lambda losses: np.mean(losses, axis=-1) if losses.ndim else losses),
        "shape (2, 2): a mean of shape (2,)",
        REDUCTION,
    ),
    wrong(
        "mse_divides_by_one_less",
        "mse",
        of_mean(lambda losses: np.sum(losses) / max(losses.size - 1, 1)),
        "(1, 1) and (0, 0): 2, truth 1",
        REDUCTION,
    ),
    wrong("mse_none_is_mean", "mse", mse_none_is_mean, "reduction none: a scalar", REDUCTION),
    wrong("mse_mean_of_none_raises", "mse", mse_mean_of_none_raises, "no losses: raises", EMPTY),
    wrong("mse_sum_of_none_raises", "mse", mse_sum_of_none_raises, "no losses: raises", EMPTY),
    wrong(
        "mse_makes_a_column",
        "mse",
        mse_makes_a_column,
        "shapes (3,) and (3,): the losses have shape (3, 3)",
        ("structure.broadcast", "structure.shape", "value.accuracy", "loss.reduction"),
    ),
    wrong(
        "mse_expanded_square",
        "mse",
        of_losses(lambda p, t: p * p - 2 * p * t + t * t),
        "1e4 and 1e4 + 2^-10: 0 or far off, truth 9.5e-7",
        ACCURACY,
    ),
    wrong(
        "mse_logarithmic",
        "mse",
        of_losses(lambda p, t: np.square(np.log1p(np.abs(p)) - np.log1p(np.abs(t)))),
        "1 and 0: 0.48, truth 1",
        ACCURACY,
    ),
    bad_gradient(
        "mse_gradient_misses_two", "mse", by_slope(lambda p, t: p - t), "1 and 0: 1, truth 2"
    ),
    bad_gradient(
        "mse_gradient_of_the_sum",
        "mse",
        mse_gradient_of_the_sum,
        "mean of two: twice the truth",
        OF_REDUCTION,
    ),
    bad_gradient(
        "mse_gradient_of_the_target_wrong_sign",
        "mse",
        changed(mse_vjp, lambda g: (g[0], g[0])),
        "1 and 0, of the target: 2, truth -2",
        OF_TARGET,
    ),
    bad_gradient(
        "mse_gradients_swapped",
        "mse",
        changed(mse_vjp, lambda g: g[::-1]),
        "1 and 0: (-2, 2), truth (2, -2)",
    ),
    bad_gradient(
        "mse_gradient_not_summed_back",
        "mse",
        mse_gradient_not_summed_back,
        "shapes (2, 1) and (3,): gradients of shape (2, 3)",
        ("structure.broadcast", "structure.shape"),
    ),
    wrong(
        "mae_root_of_square",
        "mae",
        of_losses(lambda p, t: np.sqrt(np.square(p - t))),
        "1e200 and 0 (1e30 in float32): inf",
        ACCURACY,
    ),
    wrong("mae_smoothed", "mae", of_losses(mae_smoothed), "0 and 0: 1e-3, truth 0", ACCURACY),
    wrong("mae_relative", "mae", of_losses(mae_of_relative), "0 and 1: 0.5, truth 1", ACCURACY),
    wrong(
        "mae_without_absolute_value",
        "mae",
        of_losses(lambda p, t: p - t),
        "0 and 1: -1, truth 1",
        ("value.accuracy", "loss.sign"),
    ),
    bad_gradient(
        "mae_gradient_nan_at_equality",
        "mae",
        by_slope(lambda p, t: (p - t) / np.abs(p - t)),
        "1 and 1: nan, not in [-1, 1]",
        ("grad.kink", "grad.special", "grad.accuracy"),
    ),
    bad_gradient(
        "mae_gradient_minus_two_at_equality",
        "mae",
        by_slope(lambda p, t: np.where(p == t, -2, np.sign(p - t)).astype(p.dtype)),
        "1 and 1: -2, not in [-1, 1]",
        ("grad.kink", "grad.accuracy"),
    ),
    bad_gradient(
        "mae_gradient_of_the_target_zero",
        "mae",
        changed(mae_vjp, lambda g: (g[0], 0 * g[1])),
        "1 and 0, of the target: 0, truth -1",
        OF_TARGET,
    ),
    # huber
    wrong(
        "huber_misses_delta",
        "huber",
        huber_with(lambda d, k: d - k / 2),
        "delta 2, 3 and 0: 2, truth 4",
        PARAMETERS,
    ),
    wrong(
        "huber_half_for_half_delta",
        "huber",
        huber_with(lambda d, k: k * (d - d.dtype.type(0.5))),
        "delta 2, 3 and 0: 5, truth 4",
        PARAMETERS,
    ),
    wrong(
        "huber_is_smooth_l1",
        "huber",
        huber_with(lambda d, k: d - k / 2, lambda d, k: d * d / 2 / k),
        "delta 2, 1 and 0: 0.25, truth 0.5",
        PARAMETERS,
    ),
    wrong(
        "huber_whole_square",
        "huber",
        huber_with(lambda d, k: k * (d - k / 2), lambda d, k: d * d),
        "0.5 and 0: 0.25, truth 0.125",
        ACCURACY,
    ),
    wrong(
        "huber_jumps",
        "huber",
        huber_with(lambda d, k: k * d),
        "3 and 0: 3, truth 2.5",
        ACCURACY,
    ),
    wrong(
        "huber_never_linear",
        "huber",
        huber_with(lambda d, k: d * d / 2),
        "3 and 0: 4.5, truth 2.5",
        ACCURACY,
    ),
    bad_gradient(
        "huber_gradient_not_clipped",
        "huber",
        huber_slope(lambda d, k: d),
        "3 and 0: 3, truth 1",
    ),
    bad_gradient(
        "huber_gradient_misses_delta",
        "huber",
        huber_slope(lambda d, k: np.where(np.abs(d) <= k, d, np.sign(d))),
        "delta 2, 3 and 0: 1, truth 2",
        ELSEWHERE,
    ),
    bad_gradient(
        "huber_delta_gradient_misses_delta",
        "huber",
        changed(huber_vjp, lambda g: (g[0], g[1], 2 * g[2])),
        "3 and 0: 4, truth 2",
        ("grad.parameter",),
    ),
    # bce
    wrong(
        "bce_log_clamped_at_minus_100",
        "bce",
        of_losses(
            lambda p, t: -t * np.maximum(np.log(p), -100) - (1 - t) * np.maximum(np.log1p(-p), -100)
        ),
        "p = 0, t = 1: 100, truth inf",
        ENDPOINTS,
    ),
    wrong(
        "bce_epsilon_inside_the_log",
        "bce",
        bce_of(lambda p: np.log(p + p.dtype.type(1e-7))),
        "p = 0, t = 1: 16.1, truth inf",
        ENDPOINTS,
    ),
    wrong("bce_clips", "bce", bce_clipped, "p = 0, t = 1: 16.1, truth inf", ENDPOINTS),
    wrong(
        "bce_nan_at_the_endpoints",
        "bce",
        of_losses(lambda p, t: -(t * np.log(p) + (1 - t) * np.log1p(-p))),
        "p = 0, t = 0: nan, truth 0",
        ENDPOINTS,
    ),
    wrong(
        "bce_log_of_one_minus",
        "bce",
        of_losses(
            lambda p, t: (
                -np.where(t == 0, 0, t * np.log(p)) - np.where(t == 1, 0, (1 - t) * np.log(1 - p))
            )
        ),
        "p = 1e-10, t = 0: relative error 8e-8, or 0",
        ACCURACY,
    ),
    wrong(
        "bce_in_bits",
        "bce",
        lambda prediction, target, reduction="mean": (
            bce(prediction, target, reduction) / like(prediction, math.log(2))
        ),
        "p = 0.5, t = 1: 1, truth 0.69",
        ACCURACY,
    ),
    wrong(
        "bce_arguments_swapped",
        "bce",
        lambda prediction, target, reduction="mean": bce(target, prediction, reduction),
        "p = 0.9, t = 1: inf, truth 0.105",
        ACCURACY,
    ),
    wrong(
        "bce_sign",
        "bce",
        lambda prediction, target, reduction="mean": -bce(prediction, target, reduction),
        "p = 0.5, t = 1: -0.69",
        ("value.accuracy", "loss.sign"),
    ),
    wrong(
        "bce_forgets_the_negatives",
        "bce",
        of_losses(lambda p, t: -np.where(t == 0, 0, t * np.log(p))),
        "p = 0.5, t = 0: 0, truth 0.69",
        ACCURACY,
    ),
    bad_gradient(
        "bce_gradient_zero_by_zero",
        "bce",
        by_slope(lambda p, t: (p - t) / (p * (1 - p))),
        "p = 0, t = 0: nan, truth 1",
        ("loss.endpoints", "grad.accuracy", "grad.special", "grad.parameter"),
    ),
    bad_gradient(
        "bce_gradient_with_epsilon",
        "bce",
        by_slope(lambda p, t: (p - t) / (p * (1 - p) + p.dtype.type(1e-6))),
        "p = 1e-9, t = 1: -1e6, truth -1e9",
    ),
    bad_gradient(
        "bce_gradient_of_the_target_wrong_sign",
        "bce",
        changed(bce_vjp, lambda g: (g[0], -g[1])),
        "p = 0.1, t = 0, of the target: -2.2, truth 2.2",
        OF_TARGET,
    ),
    # bce_with_logits
    wrong(
        "bce_with_logits_saturates",
        "bce_with_logits",
        lambda logits, target, reduction="mean": bce(sigmoid(logits), target, reduction),
        "z = 40, t = 0: inf, truth 40",
        ACCURACY,
    ),
    wrong(
        "bce_with_logits_overflows",
        "bce_with_logits",
        logits_of(
            lambda z, w: w * np.log1p(np.exp(-z)),
            lambda z, w: np.log1p(np.exp(z)),
        ),
        "z = 800, t = 0: inf, truth 800",
        ACCURACY,
    ),
    wrong(
        "bce_with_logits_cancels",
        "bce_with_logits",
        logits_log_weight,
        "z = -40, t = 0: 0, truth 4.2e-18",
        ACCURACY,
    ),
    wrong(
        "bce_with_logits_weights_the_negatives",
        "bce_with_logits",
        logits_of(lambda z, w: softplus_sum(-z), lambda z, w: w * softplus_sum(z)),
        "pos_weight 2.5, z = 0, t = 1: 0.69, truth 1.73",
        PARAMETERS,
    ),
    wrong(
        "bce_with_logits_weights_everything",
        "bce_with_logits",
        logits_of(lambda z, w: w * softplus_sum(-z), lambda z, w: w * softplus_sum(z)),
        "pos_weight 2.5, z = 0, t = 0: 1.73, truth 0.69",
        PARAMETERS,
    ),
    wrong(
        "bce_with_logits_ignores_the_weight",
        "bce_with_logits",
        logits_of(lambda z, w: softplus_sum(-z), lambda z, w: softplus_sum(z)),
        "pos_weight 2.5, z = 0, t = 1: 0.69, truth 1.73",
        PARAMETERS,
    ),
    wrong(
        "bce_with_logits_swapped",
        "bce_with_logits",
        logits_of(lambda z, w: w * softplus_sum(z), lambda z, w: softplus_sum(-z)),
        "z = 2, t = 1: 2.13, truth 0.13",
        ACCURACY,
    ),
    bad_gradient(
        "bce_with_logits_gradient_ignores_the_weight",
        "bce_with_logits",
        logits_unweighted_vjp,
        "pos_weight 2.5, z = 0, t = 1: -0.5, truth -1.25",
        ELSEWHERE,
    ),
    bad_gradient(
        "bce_with_logits_gradient_weights_everything",
        "bce_with_logits",
        logits_doubly_weighted_vjp,
        "pos_weight 2.5, z = 0, t = 0: 1.25, truth 0.5",
        ELSEWHERE,
    ),
    bad_gradient(
        "bce_with_logits_gradient_of_the_target_wrong_sign",
        "bce_with_logits",
        changed(bce_with_logits_vjp, lambda g: (g[0], -g[1], g[2])),
        "z = 2, of the target: 2, truth -2",
        OF_TARGET,
    ),
    bad_gradient(
        "bce_with_logits_weight_gradient_zero",
        "bce_with_logits",
        changed(bce_with_logits_vjp, lambda g: (g[0], g[1], 0 * g[2])),
        "z = 0, t = 1, of pos_weight: 0, truth 0.69",
        ("grad.parameter",),
    ),
    # cross_entropy
    wrong(
        "cross_entropy_overflows",
        "cross_entropy",
        cross_entropy_of(log_softmax_unshifted),
        "(1000, 0), class 0: inf, truth 0",
        ACCURACY,
    ),
    wrong(
        "cross_entropy_epsilon_inside_the_log",
        "cross_entropy",
        cross_entropy_of(log_softmax_epsilon),
        "(0, 100), class 0: 20.7, truth 100",
        ACCURACY,
    ),
    wrong(
        "cross_entropy_in_bits",
        "cross_entropy",
        cross_entropy_of(lambda z: log_softmax(z) / like(z, math.log(2))),
        "(0, 0), class 0: 1, truth 0.69",
        ACCURACY,
    ),
    wrong(
        "cross_entropy_of_probabilities",
        "cross_entropy",
        cross_entropy_of(lambda z: log_softmax(softmax(z))),
        "(2, 0), class 0: 0.38, truth 0.13",
        ACCURACY,
    ),
    wrong(
        "cross_entropy_unnormalised",
        "cross_entropy",
        cross_entropy_of(lambda z: z),
        "(2, 0), class 0: -2, truth 0.13",
        ("value.accuracy", "loss.sign"),
    ),
    wrong(
        "cross_entropy_normalises_the_columns",
        "cross_entropy",
        cross_entropy_of(lambda z: log_softmax(z, 0)),
        "one row (0, 0), class 0: 0, truth 0.69",
        ACCURACY,
    ),
    wrong(
        "cross_entropy_class_off_by_one",
        "cross_entropy",
        classes_changed(lambda k, n: k - 1),
        "(2, 0), class 0: 2.13, truth 0.13",
        ("loss.class_index",),
    ),
    wrong(
        "cross_entropy_last_class_lost",
        "cross_entropy",
        classes_changed(lambda k, n: np.minimum(k, max(n - 2, 0))),
        "(2, 0), class 1: 0.13, truth 2.13",
        ("loss.class_index",),
    ),
    wrong(
        "cross_entropy_hardens_the_target",
        "cross_entropy",
        cross_entropy_hardens,
        "(2, 0), target (0.6, 0.4): 0.13, truth 0.93",
        ACCURACY,
    ),
    wrong(
        "cross_entropy_smooths_its_labels",
        "cross_entropy",
        cross_entropy_smooths,
        "(2, 0), class 0: 0.137, truth 0.127",
        ACCURACY,
    ),
    wrong(
        "cross_entropy_mean_over_the_elements",
        "cross_entropy",
        cross_entropy_over_elements,
        "one row (0, 0), mean: 0.35, truth 0.69",
        REDUCTION,
    ),
    bad_gradient(
        "cross_entropy_gradient_without_the_target",
        "cross_entropy",
        cross_entropy_gradient_without_target,
        "(0, 0), class 0: (0.5, 0.5), truth (-0.5, 0.5)",
        ("grad.accuracy", "loss.zero_sum"),
    ),
    bad_gradient(
        "cross_entropy_gradient_rows_do_not_cancel",
        "cross_entropy",
        cross_entropy_gradient_unnormalised,
        "(0, 0), class 0: (0, 1), truth (-0.5, 0.5)",
        ("grad.accuracy", "loss.zero_sum"),
    ),
    bad_gradient(
        "cross_entropy_gradient_of_the_sum",
        "cross_entropy",
        cross_entropy_gradient_of_the_sum,
        "mean of two rows: twice the truth",
        OF_REDUCTION,
    ),
    bad_gradient(
        "cross_entropy_gradient_of_the_target_wrong_sign",
        "cross_entropy",
        changed(cross_entropy_vjp, lambda g: (g[0], *(-part for part in g[1:]))),
        "(0, 0), target (0.5, 0.5), of the target: -0.69, truth 0.69",
        OF_TARGET,
    ),
    # hinge
    wrong(
        "hinge_targets_zero_and_one",
        "hinge",
        lambda prediction, target, reduction="mean": hinge(prediction, 2 * target - 1, reduction),
        "p = 0.5, t = -1: 2.5, truth 1.5",
        ACCURACY,
    ),
    wrong(
        "hinge_without_margin",
        "hinge",
        of_losses(lambda p, t: np.maximum(-t * p, 0)),
        "p = 0, t = 1: 0, truth 1",
        ACCURACY,
    ),
    wrong(
        "hinge_squared",
        "hinge",
        of_losses(lambda p, t: np.square(np.maximum(1 - t * p, 0))),
        "p = -1, t = 1: 4, truth 2",
        ACCURACY,
    ),
    wrong(
        "hinge_never_inactive",
        "hinge",
        of_losses(lambda p, t: 1 - t * p),
        "p = 2, t = 1: -1, truth 0",
        ("value.accuracy", "loss.sign"),
    ),
    wrong(
        "hinge_sign_of_the_target",
        "hinge",
        of_losses(lambda p, t: np.maximum(1 + t * p, 0)),
        "p = 1, t = 1: 2, truth 0",
        ACCURACY,
    ),
    bad_gradient(
        "hinge_gradient_on_the_inactive_side",
        "hinge",
        by_slope(lambda p, t: -t * np.ones_like(p)),
        "p = 2, t = 1: -1, truth 0",
    ),
    bad_gradient(
        "hinge_gradient_misses_the_target",
        "hinge",
        by_slope(lambda p, t: -np.heaviside(1 - t * p, 0)),
        "p = 0, t = -1: -1, truth 1",
    ),
    bad_gradient(
        "hinge_gradient_wrong_sign",
        "hinge",
        changed(hinge_vjp, lambda g: (-g[0],)),
        "p = 0, t = 1: 1, truth -1",
    ),
)
