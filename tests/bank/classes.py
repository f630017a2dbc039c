"""Losses over classes, sets and pairs of rows: targets, weights, smoothing, what is ignored."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import special  # type: ignore[import-untyped, unused-ignore]

from .entry import right, wrong
from .reductions import Array, each, loss, reduced, row_loss_vjp

GRADIENT = ("grad.accuracy",)
PARAMETER = ("value.parameters",)
OF_OTHER = ("grad.parameter",)
REDUCTION = ("loss.reduction",)
WEIGHT = ("loss.weight",)
IGNORED = ("loss.ignore_index",)
SMOOTHING = ("loss.smoothing", "value.parameters")
MASKED = ("loss.masked",)
INDEX = ("loss.class_index",)
DOUBLE = np.float64


def hot(rows: Array, target: Array) -> Any:
    """Rows of probabilities; a class index gives a one-hot row, and one that is none zeros."""
    if target.ndim == rows.ndim:
        return target
    return (target[..., None] == np.arange(rows.shape[-1])).astype(rows.dtype)


def total(terms: Any) -> Any:
    return np.sum(terms, axis=-1, keepdims=True)


def log_softmax(z: Array) -> Any:
    below = z - np.max(z, axis=-1, keepdims=True, initial=-np.inf)
    return below - np.log(total(np.exp(below)))


# cross_entropy, nll: the parts that go wrong are given


def smoothed(t: Array, weight: Any, smoothing: float) -> Any:
    return weight * ((1 - smoothing) * t + smoothing / t.shape[-1])


def of_targets(t: Array, weight: Any, kept: Array) -> Any:
    return np.sum(weight * t)


def labels(z: Array, target: Array, ignore_index: int) -> tuple[Any, Any]:
    kept = np.ones(len(z), bool) if target.ndim == z.ndim else target != ignore_index
    return hot(z, target) * kept[..., None], kept


def labels_counted(z: Array, target: Array, ignore_index: int) -> tuple[Any, Any]:
    """The ignored are taken for class 0."""
    inside = target if target.ndim == z.ndim else np.where(target == ignore_index, 0, target)
    return hot(z, inside), np.ones(len(z), bool)


def labels_negative(z: Array, target: Array, ignore_index: int) -> tuple[Any, Any]:
    """Only negative indices are ignored, whatever was asked for."""
    kept = np.ones(len(z), bool) if target.ndim == z.ndim else target >= 0
    return hot(z, target), kept


def cross_entropy_by(
    mass: Callable[..., Any] = smoothed,
    divisor: Callable[..., Any] = of_targets,
    spelled: Callable[..., Any] = labels,
    logs: Callable[..., Any] = log_softmax,
) -> Callable[..., Any]:
    """A cross-entropy in float64, one part of which may be another one."""

    def cross_entropy(
        logits: Array,
        target: Array,
        weight: Any = 1.0,
        label_smoothing: float = 0.0,
        ignore_index: int = -100,
        reduction: str = "mean",
    ) -> Any:
        z = logits.astype(DOUBLE)
        t, kept = spelled(z, target, ignore_index)
        m = mass(t, weight, label_smoothing) * kept[..., None]
        losses = -np.sum(np.where(m == 0, 0, m * logs(z)), axis=-1)
        if reduction == "mean":
            return np.asarray(np.sum(losses) / divisor(t, weight, kept)).astype(logits.dtype)
        return reduced(losses, reduction).astype(logits.dtype)

    return cross_entropy


def cross_entropy_vjp_by(
    divisor: Callable[..., Any] = of_targets, spelled: Callable[..., Any] = labels
) -> Callable[..., Any]:
    def back(
        logits: Array,
        target: Array,
        weight: Any = 1.0,
        label_smoothing: float = 0.0,
        ignore_index: int = -100,
        reduction: str = "mean",
        *,
        cotangent: Array,
    ) -> tuple[Any]:
        z = logits.astype(DOUBLE)
        t, kept = spelled(z, target, ignore_index)
        m = smoothed(t, weight, label_smoothing) * kept[..., None]
        g = cotangent / divisor(t, weight, kept) if reduction == "mean" else cotangent
        column = np.broadcast_to(g, kept.shape)[..., None]
        slope = np.exp(log_softmax(z)) * total(m) - m
        return ((column * slope).astype(logits.dtype),)

    return back


def nll_by(
    divisor: Callable[..., Any] = of_targets,
    spelled: Callable[..., Any] = labels,
    sign: int = -1,
    shift: int = 0,
) -> Callable[..., Any]:
    def nll(
        log_prediction: Array,
        target: Array,
        weight: Any = 1.0,
        ignore_index: int = -100,
        reduction: str = "mean",
    ) -> Any:
        p = log_prediction.astype(DOUBLE)
        chosen = target if target.ndim == p.ndim else np.where(target < 0, target, target - shift)
        t, kept = spelled(p, chosen, ignore_index)
        m = weight * t * kept[..., None]
        losses = sign * np.sum(np.where(m == 0, 0, m * p), axis=-1)
        if reduction == "mean":
            mean = np.sum(losses) / divisor(t, weight, kept)
            return np.asarray(mean).astype(log_prediction.dtype)
        return reduced(losses, reduction).astype(log_prediction.dtype)

    return nll


def nll_vjp(
    log_prediction: Array,
    target: Array,
    weight: Any = 1.0,
    ignore_index: int = -100,
    reduction: str = "mean",
    *,
    cotangent: Array,
) -> tuple[Any]:
    t, kept = labels(log_prediction, target, ignore_index)
    g = cotangent / of_targets(t, weight, kept) if reduction == "mean" else cotangent
    column = np.broadcast_to(g, kept.shape)[..., None]
    return ((-column * weight * t).astype(log_prediction.dtype),)


cross_entropy, cross_entropy_vjp = cross_entropy_by(), cross_entropy_vjp_by()
nll = nll_by()


def all_samples(t: Array, weight: Any, kept: Array) -> Any:
    return float(len(t))


def kept_samples(t: Array, weight: Any, kept: Array) -> Any:
    return np.sum(kept.astype(DOUBLE))


def all_weights(t: Array, weight: Any, kept: Array) -> Any:
    return np.sum(np.broadcast_to(weight, t.shape[-1:])) / t.shape[-1] * np.sum(kept)


def masked_products(z: Array, t: Array) -> Any:
    """0 times -oo at a class that is taken out."""
    return -np.sum(hot(z, t) * log_softmax(z), axis=-1)


# probabilities, similarities

categorical = loss(lambda p, t: -np.sum(special.xlogy(hot(p, t), p), axis=-1), DOUBLE)
categorical_vjp = row_loss_vjp(lambda p, t: (-hot(p, t) / np.where(hot(p, t) == 0, 1, p),), DOUBLE)


def compared(z: Array, t: Array, temperature: float = 0.07) -> Any:
    y = hot(z, t)
    return -np.sum(np.where(y == 0, 0, y * log_softmax(z / temperature)), axis=-1)


def compared_slopes(z: Array, t: Array, temperature: float = 0.07) -> tuple[Any]:
    y = hot(z, t)
    return ((np.exp(log_softmax(z / temperature)) * total(y) - y) / temperature,)


def info_nce_vjp_with(to_temperature: Callable[..., Any]) -> Callable[..., Any]:
    """All three gradients; the temperature's from the terms slope (z - max)/T of each row."""

    def back(
        similarity: Array,
        target: Array,
        temperature: float = 0.07,
        reduction: str = "mean",
        *,
        cotangent: Array,
    ) -> tuple[Any, ...]:
        z = similarity.astype(DOUBLE)
        g = np.broadcast_to(each(z[..., 0], reduction, cotangent), z.shape[:-1])[..., None]
        (slope,) = compared_slopes(z, target, temperature)
        below = z - np.max(z, axis=-1, keepdims=True, initial=-np.inf)
        terms = g * np.where(slope == 0, 0, slope * below) / temperature
        to_target = -g * log_softmax(z / temperature) if target.ndim == z.ndim else None
        found = (g * slope, to_target, np.asarray(to_temperature(terms)))
        return tuple(None if f is None else f.astype(similarity.dtype) for f in found)

    return back


info_nce, info_nce_vjp = loss(compared, DOUBLE), info_nce_vjp_with(lambda terms: -np.sum(terms))


def focused(p: Array, t: Array, alpha: float = 0.25, gamma: float = 2.0) -> Any:
    return -alpha * np.sum((1 - p) ** gamma * special.xlogy(hot(p, t), p), axis=-1)


categorical_focal = loss(focused, DOUBLE)


def categorical_focal_vjp_with(power: int) -> Callable[..., Any]:
    """The gradient in alpha alone: the loss over alpha^power."""

    def back(
        prediction: Array,
        target: Array,
        alpha: float = 0.25,
        gamma: float = 2.0,
        reduction: str = "mean",
        *,
        cotangent: Array,
    ) -> tuple[Any, ...]:
        losses = focused(prediction.astype(DOUBLE), target, alpha, gamma)
        slope = np.sum(each(losses, reduction, cotangent) * losses) / alpha**power
        return None, None, np.asarray(slope).astype(prediction.dtype)

    return back


# margins over the classes


def over(z: Array, t: Array, margin: float) -> tuple[Any, Any]:
    y = hot(z, t)
    return y, np.where(y == 1, 0, np.maximum(z - total(y * z) + margin, 0))


def margins(z: Array, t: Array, p: int = 1, margin: float = 1.0) -> Any:
    return np.sum(over(z, t, margin)[1] ** p, axis=-1) / z.shape[-1]


def margins_slopes(z: Array, t: Array, p: int = 1, margin: float = 1.0) -> tuple[Any]:
    y, excess = over(z, t, margin)
    slope = np.heaviside(excess, 0) if p == 1 else 2 * excess
    return ((slope - y * total(slope)) / z.shape[-1],)


def rival(z: Array, t: Array) -> Any:
    y = hot(z, t)
    return np.maximum(1 + np.max((1 - y) * z, axis=-1) - np.sum(y * z, axis=-1), 0)


def rival_slopes(z: Array, t: Array) -> tuple[Any]:
    y = hot(z, t)
    others = (1 - y) * z
    first = np.eye(z.shape[-1])[np.argmax(others, axis=-1)]
    return (np.heaviside(rival(z, y), 0)[..., None] * (first * (1 - y) - y),)


def pairs(z: Array, t: Array) -> tuple[Any, Any]:
    return t[..., :, None] * (1 - t[..., None, :]), z[..., None, :] - z[..., :, None] + 1


def by_pairs(z: Array, t: Array) -> Any:
    counted, gap = pairs(z, t)
    return np.sum(counted * np.maximum(gap, 0), axis=(-1, -2)) / z.shape[-1]


def by_pairs_slopes(z: Array, t: Array) -> tuple[Any]:
    counted, gap = pairs(z, t)
    active = counted * np.heaviside(gap, 0)
    return ((np.sum(active, axis=-2) - np.sum(active, axis=-1)) / z.shape[-1],)


def soft_labels(z: Array, t: Array) -> Any:
    return np.mean(t * np.logaddexp(0, -z) + (1 - t) * np.logaddexp(0, z), axis=-1)


def soft_labels_slopes(z: Array, t: Array) -> tuple[Any, Any]:
    slope = (1 - t) * special.expit(z) - t * special.expit(-z)
    return slope / z.shape[-1], -z / z.shape[-1]


multi_margin, multi_margin_vjp = loss(margins, DOUBLE), row_loss_vjp(margins_slopes, DOUBLE)
categorical_hinge, categorical_hinge_vjp = loss(rival, DOUBLE), row_loss_vjp(rival_slopes, DOUBLE)
multilabel_margin = loss(by_pairs, DOUBLE)
multilabel_margin_vjp = row_loss_vjp(by_pairs_slopes, DOUBLE)
multilabel_soft_margin = loss(soft_labels, DOUBLE)
multilabel_soft_margin_vjp = row_loss_vjp(soft_labels_slopes, DOUBLE)


# overlaps


def overlap(p: Array, t: Array, smooth: float = 1.0) -> Any:
    both = np.sum(p, axis=-1) + np.sum(t, axis=-1) + smooth
    return 1 - (2 * np.sum(p * t, axis=-1) + smooth) / both


def overlap_slopes(p: Array, t: Array, smooth: float = 1.0) -> tuple[Any, Any]:
    both = total(p) + total(t) + smooth
    good = (2 * total(p * t) + smooth) / both
    return (good - 2 * t) / both, (good - 2 * p) / both


def weighed(p: Array, t: Array, alpha: float = 0.5, beta: float = 0.5, smooth: float = 1.0) -> Any:
    top = np.sum(p * t, axis=-1) + smooth
    false = alpha * np.sum(p * (1 - t), axis=-1) + beta * np.sum(t * (1 - p), axis=-1)
    return false / (top + false)


def weighed_slopes(
    p: Array, t: Array, alpha: float = 0.5, beta: float = 0.5, smooth: float = 1.0
) -> tuple[Any, Any]:
    top = total(p * t) + smooth
    low = top + alpha * total(p * (1 - t)) + beta * total(t * (1 - p))

    def slope(other: Array, own: float, its: float) -> Any:
        return (top * (other + own * (1 - other) - its * other) - other * low) / (low * low)

    return slope(t, alpha, beta), slope(p, beta, alpha)


dice, dice_vjp = loss(overlap, DOUBLE), row_loss_vjp(overlap_slopes, DOUBLE)
tversky, tversky_vjp = loss(weighed, DOUBLE), row_loss_vjp(weighed_slopes, DOUBLE)


# pairs and triplets of rows


def length(x: Array) -> Any:
    return np.sqrt(total(x * x))


def cosine(x1: Array, x2: Array) -> Any:
    return np.sum(x1 / length(x1) * (x2 / length(x2)), axis=-1)


def alike(x1: Array, x2: Array, t: Array, margin: float = 0.0) -> Any:
    c = cosine(x1, x2)
    return np.where(t == 1, 1 - c, np.maximum(c - margin, 0))


def alike_slopes(x1: Array, x2: Array, t: Array, margin: float = 0.0) -> tuple[Any, Any]:
    c = cosine(x1, x2)[..., None]
    a, b = x1 / length(x1), x2 / length(x2)
    sign = np.where(t[..., None] == 1, -1, np.heaviside(c - margin, 0))
    return sign * (b - c * a) / length(x1), sign * (a - c * b) / length(x2)


def nearer(a: Array, p: Array, n: Array, margin: float = 1.0) -> Any:
    return np.maximum(margin + (length(a - p) - length(a - n))[..., 0], 0)


def nearer_slopes(a: Array, p: Array, n: Array, margin: float = 1.0) -> tuple[Any, Any, Any]:
    active = np.heaviside(nearer(a, p, n, margin), 0)[..., None]
    near, far = active * (a - p) / length(a - p), active * (a - n) / length(a - n)
    return near - far, -near, far


cosine_embedding, cosine_embedding_vjp = loss(alike, DOUBLE), row_loss_vjp(alike_slopes, DOUBLE)
triplet_margin, triplet_margin_vjp = loss(nearer, DOUBLE), row_loss_vjp(nearer_slopes, DOUBLE)


RIGHT = (
    right("cross_entropy_by_mass", "cross_entropy", cross_entropy, cross_entropy_vjp),
    right("nll_by_mass", "nll", nll, nll_vjp),
    right("categorical_xlogy", "categorical_cross_entropy", categorical, categorical_vjp),
    right("info_nce_double", "info_nce", info_nce, info_nce_vjp),
    right(
        "categorical_focal_xlogy",
        "categorical_focal",
        categorical_focal,
        categorical_focal_vjp_with(1),
    ),
    right("multi_margin_double", "multi_margin", multi_margin, multi_margin_vjp),
    right(
        "categorical_hinge_double", "categorical_hinge", categorical_hinge, categorical_hinge_vjp
    ),
    right("multilabel_margin_pairs", "multilabel_margin", multilabel_margin, multilabel_margin_vjp),
    right(
        "multilabel_soft_margin_mean",
        "multilabel_soft_margin",
        multilabel_soft_margin,
        multilabel_soft_margin_vjp,
    ),
    right("dice_double", "dice", dice, dice_vjp),
    right("tversky_double", "tversky", tversky, tversky_vjp),
    right("cosine_embedding_double", "cosine_embedding", cosine_embedding, cosine_embedding_vjp),
    right("triplet_margin_double", "triplet_margin", triplet_margin, triplet_margin_vjp),
)

WRONG = (
    # cross_entropy
    wrong(
        "cross_entropy_weights_not_in_the_divisor",
        "cross_entropy",
        cross_entropy_by(divisor=kept_samples),
        "weights (2, 2): twice the truth",
        WEIGHT,
    ),
    wrong(
        "cross_entropy_mean_weight_in_the_divisor",
        "cross_entropy",
        cross_entropy_by(divisor=all_weights),
        "weights (1, 3), targets (0, 0): half of the truth",
        WEIGHT,
    ),
    wrong(
        "cross_entropy_ignores_the_weights",
        "cross_entropy",
        cross_entropy_by(mass=lambda t, w, eps: smoothed(t, 1.0, eps)),
        "weights (2, 2), sum: half of the truth",
        WEIGHT,
    ),
    wrong(
        "cross_entropy_weight_of_the_target_for_all",
        "cross_entropy",
        cross_entropy_by(mass=lambda t, w, eps: total(w * t) * smoothed(t, 1.0, eps)),
        "weights and smoothing: the weight of the class is due in each term",
        WEIGHT,
    ),
    wrong(
        "cross_entropy_ignored_in_the_divisor",
        "cross_entropy",
        cross_entropy_by(divisor=all_samples),
        "one of two ignored: half of the truth",
        (*IGNORED, *WEIGHT),
    ),
    wrong(
        "cross_entropy_ignored_as_class_0",
        "cross_entropy",
        cross_entropy_by(spelled=labels_counted),
        "an ignored sample has a loss",
        IGNORED,
    ),
    wrong(
        "cross_entropy_ignores_negative_indices_only",
        "cross_entropy",
        cross_entropy_by(spelled=labels_negative),
        "ignore_index = 1: class 1 counts",
        IGNORED,
    ),
    wrong(
        "cross_entropy_gradient_of_the_ignored",
        "cross_entropy",
        cross_entropy,
        "an ignored sample has a gradient",
        IGNORED,
        vjp=cross_entropy_vjp_by(spelled=labels_counted),
    ),
    wrong(
        "cross_entropy_gradient_over_all_samples",
        "cross_entropy",
        cross_entropy,
        "one of two ignored: half of the truth",
        (*IGNORED, *WEIGHT),
        vjp=cross_entropy_vjp_by(divisor=all_samples),
    ),
    wrong(
        "cross_entropy_smooths_over_the_others",
        "cross_entropy",
        cross_entropy_by(
            mass=lambda t, w, eps: w * ((1 - eps) * t + eps / max(t.shape[-1] - 1, 1) * (1 - t))
        ),
        "smoothing 0.1, 2 classes: 0.1 for the other, truth 0.05",
        SMOOTHING,
    ),
    wrong(
        "cross_entropy_smoothing_adds",
        "cross_entropy",
        cross_entropy_by(mass=lambda t, w, eps: w * (t + eps / t.shape[-1])),
        "smoothing 0.1: 1.05, truth 0.95 for the target",
        SMOOTHING,
    ),
    wrong(
        "cross_entropy_does_not_smooth",
        "cross_entropy",
        cross_entropy_by(mass=lambda t, w, eps: w * t),
        "smoothing 0.5, (9, 0), class 0: 1e-4, truth 2.25",
        SMOOTHING,
    ),
    wrong(
        "cross_entropy_smooths_probabilities_only",
        "cross_entropy",
        lambda logits, target, label_smoothing=0.0, reduction="mean": cross_entropy(
            logits,
            target,
            label_smoothing=label_smoothing if target.ndim == logits.ndim else 0.0,
            reduction=reduction,
        ),
        "smoothing 0.5 with a class index: not smoothed",
        ("loss.smoothing",),
    ),
    wrong(
        "cross_entropy_zero_times_infinity",
        "cross_entropy",
        loss(masked_products, DOUBLE),
        "(0, -inf), class 0: nan, truth 0",
        MASKED,
    ),
    wrong(
        "cross_entropy_gradient_at_a_masked_class",
        "cross_entropy",
        cross_entropy,
        "(0, -inf), class 0: 1e-6 at -inf, truth 0",
        (*MASKED, *GRADIENT),
        vjp=row_loss_vjp(
            lambda z, t: (np.exp(log_softmax(z)) + 1e-6 - hot(z, t),),
            DOUBLE,
        ),
    ),
    # nll
    wrong("nll_sign", "nll", nll_by(sign=1), "log p = -1: -1", ("value.accuracy", "loss.sign")),
    wrong(
        "nll_class_off_by_one",
        "nll",
        nll_by(shift=1),
        "class 1: that of class 0",
    ),
    wrong(
        "nll_weights_not_in_the_divisor",
        "nll",
        nll_by(divisor=kept_samples),
        "weights (2, 2): twice the truth",
        WEIGHT,
    ),
    wrong(
        "nll_ignored_in_the_divisor",
        "nll",
        nll_by(divisor=all_samples),
        "one of two ignored: half of the truth",
        (*IGNORED, *WEIGHT),
    ),
    wrong(
        "nll_ignored_as_class_0",
        "nll",
        nll_by(spelled=labels_counted),
        "an ignored sample has a loss",
        IGNORED,
    ),
    wrong(
        "nll_gradient_for_every_class",
        "nll",
        nll,
        "class 0 of 2: (-1, -1), truth (-1, 0)",
        GRADIENT,
        vjp=lambda log_prediction, target, reduction="mean", *, cotangent: (
            -np.ones_like(log_prediction)
            * np.broadcast_to(
                cotangent / (len(target) if reduction == "mean" else 1), target.shape
            )[..., None].astype(log_prediction.dtype),
        ),
    ),
    # categorical_cross_entropy
    wrong(
        "categorical_epsilon_inside_the_log",
        "categorical_cross_entropy",
        loss(lambda p, t: -np.sum(hot(p, t) * np.log(p + 1e-7), axis=-1), DOUBLE),
        "p = 1e-7: relative error 0.04",
    ),
    wrong(
        "categorical_renormalises",
        "categorical_cross_entropy",
        loss(
            lambda p, t: (
                -np.sum(special.xlogy(hot(p, t), p / np.maximum(total(p), 1e-300)), axis=-1)
            ),
            DOUBLE,
        ),
        "p = (0.5, 0.1): 0.18, truth 0.69",
    ),
    wrong(
        "categorical_of_both_sides",
        "categorical_cross_entropy",
        loss(
            lambda p, t: (
                -np.sum(special.xlogy(hot(p, t), p) + special.xlog1py(1 - hot(p, t), -p), axis=-1)
            ),
            DOUBLE,
        ),
        "p = (0.5, 0.5), class 0: 1.39, truth 0.69",
    ),
    wrong(
        "categorical_mean_over_the_classes",
        "categorical_cross_entropy",
        loss(lambda p, t: -np.mean(special.xlogy(hot(p, t), p), axis=-1), DOUBLE),
        "two classes: half of the truth",
    ),
    wrong(
        "categorical_gradient_without_the_quotient",
        "categorical_cross_entropy",
        categorical,
        "p = 0.5: -1, truth -2",
        GRADIENT,
        vjp=row_loss_vjp(lambda p, t: (-hot(p, t),), DOUBLE),
    ),
    # info_nce
    wrong(
        "info_nce_multiplies",
        "info_nce",
        loss(lambda z, t, temperature=0.07: compared(z, t, 1 / temperature), DOUBLE),
        "(1, 0), class 0: 0.66, truth 6e-7",
    ),
    wrong(
        "info_nce_ignores_the_temperature",
        "info_nce",
        loss(lambda z, t, temperature=0.07: compared(z, t), DOUBLE),
        "temperature 1, (1, 0), class 0: 6e-7, truth 0.31",
        SMOOTHING,
    ),
    wrong(
        "info_nce_overflows",
        "info_nce",
        loss(
            lambda z, t, temperature=0.07: np.sum(
                hot(z, t) * (np.log(total(np.exp(z / temperature))) - z / temperature), axis=-1
            )
        ),
        "(7, 0): inf",
    ),
    wrong(
        "info_nce_gradient_without_the_temperature",
        "info_nce",
        info_nce,
        "(0, 0), class 0: -0.5, truth -7.1",
        GRADIENT,
        vjp=row_loss_vjp(
            lambda z, t, temperature=0.07: (temperature * compared_slopes(z, t, temperature)[0],),
            DOUBLE,
        ),
    ),
    wrong(
        "info_nce_temperature_gradient_sign",
        "info_nce",
        info_nce,
        "of the temperature: minus the truth",
        OF_OTHER,
        vjp=info_nce_vjp_with(np.sum),
    ),
    wrong(
        "info_nce_temperature_gradient_averaged",
        "info_nce",
        info_nce,
        "of the temperature: over the number of entries",
        OF_OTHER,
        vjp=info_nce_vjp_with(lambda terms: -np.mean(terms)),
    ),
    # categorical_focal
    wrong(
        "categorical_focal_alpha_gradient_keeps_alpha",
        "categorical_focal",
        categorical_focal,
        "of alpha: a quarter of the truth",
        OF_OTHER,
        vjp=categorical_focal_vjp_with(0),
    ),
    wrong(
        "categorical_focal_alpha_forgotten",
        "categorical_focal",
        loss(lambda p, t, alpha=0.25, gamma=2.0: focused(p, t, 1.0, gamma), DOUBLE),
        "four times the truth",
    ),
    wrong(
        "categorical_focal_gamma_is_two",
        "categorical_focal",
        loss(lambda p, t, alpha=0.25, gamma=2.0: focused(p, t, alpha), DOUBLE),
        "gamma = 0, p = 0.5: 0.043, truth 0.17",
        PARAMETER,
    ),
    wrong(
        "categorical_focal_modulates_the_right",
        "categorical_focal",
        loss(
            lambda p, t, alpha=0.25, gamma=2.0: (
                -alpha * np.sum(p**gamma * special.xlogy(hot(p, t), p), axis=-1)
            ),
            DOUBLE,
        ),
        "p = 0.9: 0.02, truth 2.6e-4",
    ),
    # margins over the classes
    wrong(
        "multi_margin_counts_the_label",
        "multi_margin",
        loss(
            lambda z, t, p=1, margin=1.0: margins(z, t, p, margin) + margin**p / z.shape[-1],
            DOUBLE,
        ),
        "(9, 0), class 0: 0.5, truth 0",
    ),
    wrong(
        "multi_margin_not_averaged",
        "multi_margin",
        loss(lambda z, t, p=1, margin=1.0: margins(z, t, p, margin) * z.shape[-1], DOUBLE),
        "(0, 0), class 0: 1, truth 0.5",
    ),
    wrong(
        "multi_margin_over_the_others",
        "multi_margin",
        loss(
            lambda z, t, p=1, margin=1.0: (
                margins(z, t, p, margin) * (z.shape[-1] / max(z.shape[-1] - 1, 1))
            ),
            DOUBLE,
        ),
        "(0, 0), class 0: 1, truth 0.5",
    ),
    wrong(
        "multi_margin_ignores_p",
        "multi_margin",
        loss(lambda z, t, p=1, margin=1.0: margins(z, t, 1, margin), DOUBLE),
        "p = 2, (0, 1), class 0: 1, truth 2",
        PARAMETER,
    ),
    wrong(
        "multi_margin_gradient_without_the_label",
        "multi_margin",
        multi_margin,
        "(0, 0), class 0: (0, 0.5), truth (-0.5, 0.5)",
        GRADIENT,
        vjp=row_loss_vjp(
            lambda z, t, p=1, margin=1.0: (np.maximum(margins_slopes(z, t, p, margin)[0], 0),),
            DOUBLE,
        ),
    ),
    wrong(
        "categorical_hinge_without_the_margin",
        "categorical_hinge",
        loss(
            lambda z, t: np.maximum(
                np.max((1 - hot(z, t)) * z, axis=-1) - np.sum(hot(z, t) * z, axis=-1), 0
            ),
            DOUBLE,
        ),
        "(0, 0): 0, truth 1",
    ),
    wrong(
        "categorical_hinge_rival_may_be_the_label",
        "categorical_hinge",
        loss(
            lambda z, t: np.maximum(
                1 + np.max(z, axis=-1, initial=-np.inf) - np.sum(hot(z, t) * z, axis=-1), 0
            ),
            DOUBLE,
        ),
        "(9, 0), class 0: 1, truth 0",
    ),
    wrong(
        "categorical_hinge_gradient_of_the_rival_only",
        "categorical_hinge",
        categorical_hinge,
        "(0, 1), class 0: (0, 1), truth (-1, 1)",
        GRADIENT,
        vjp=row_loss_vjp(lambda z, t: (np.maximum(rival_slopes(z, t)[0], 0),), DOUBLE),
    ),
    wrong(
        "multilabel_margin_not_averaged",
        "multilabel_margin",
        loss(lambda z, t: by_pairs(z, t) * z.shape[-1], DOUBLE),
        "(0, 0), labels (1, 0): 1, truth 0.5",
    ),
    wrong(
        "multilabel_margin_pairs_turned",
        "multilabel_margin",
        loss(lambda z, t: by_pairs(-z, t), DOUBLE),
        "(2, 0), labels (1, 0): 1.5, truth 0",
    ),
    wrong(
        "multilabel_margin_against_every_class",
        "multilabel_margin",
        loss(
            lambda z, t: (
                np.sum(t[..., :, None] * np.maximum(pairs(z, t)[1], 0), axis=(-1, -2)) / z.shape[-1]
            ),
            DOUBLE,
        ),
        "labels (1, 1): 1, truth 0",
    ),
    wrong(
        "multilabel_margin_gradient_of_the_others_only",
        "multilabel_margin",
        multilabel_margin,
        "(0, 0), labels (1, 0): (0, 0.5), truth (-0.5, 0.5)",
        GRADIENT,
        vjp=row_loss_vjp(lambda z, t: (np.maximum(by_pairs_slopes(z, t)[0], 0),), DOUBLE),
    ),
    wrong(
        "multilabel_soft_margin_summed",
        "multilabel_soft_margin",
        loss(lambda z, t: soft_labels(z, t) * z.shape[-1], DOUBLE),
        "(0, 0): 1.39, truth 0.69",
    ),
    wrong(
        "multilabel_soft_margin_saturates",
        "multilabel_soft_margin",
        loss(
            lambda z, t: (
                -np.mean(
                    special.xlogy(t, special.expit(z)) + special.xlogy(1 - t, 1 - special.expit(z)),
                    axis=-1,
                )
            )
        ),
        "z = 40, t = 0: inf, truth 40",
    ),
    wrong(
        "multilabel_soft_margin_target_gradient_sign",
        "multilabel_soft_margin",
        multilabel_soft_margin,
        "z = 1, of t: 1, truth -1, over the classes",
        OF_OTHER,
        vjp=row_loss_vjp(
            lambda z, t: (soft_labels_slopes(z, t)[0], -soft_labels_slopes(z, t)[1]), DOUBLE
        ),
    ),
    # overlaps
    wrong(
        "dice_without_the_two",
        "dice",
        loss(
            lambda p, t, smooth=1.0: (
                1
                - (np.sum(p * t, axis=-1) + smooth)
                / (np.sum(p, axis=-1) + np.sum(t, axis=-1) + smooth)
            ),
            DOUBLE,
        ),
        "p = t = (1, 1): 0.4, truth 0",
    ),
    wrong(
        "dice_of_squares",
        "dice",
        loss(
            lambda p, t, smooth=1.0: (
                1
                - (2 * np.sum(p * t, axis=-1) + smooth)
                / (np.sum(p * p, axis=-1) + np.sum(t * t, axis=-1) + smooth)
            ),
            DOUBLE,
        ),
        "p = t = (0.5,): 0, truth 0.25",
    ),
    wrong(
        "dice_smooth_below_only",
        "dice",
        loss(
            lambda p, t, smooth=1.0: (
                1 - 2 * np.sum(p * t, axis=-1) / (np.sum(p, axis=-1) + np.sum(t, axis=-1) + smooth)
            ),
            DOUBLE,
        ),
        "p = t = (1, 1): 0.2, truth 0",
    ),
    wrong(
        "dice_over_the_batch",
        "dice",
        loss(
            lambda p, t, smooth=1.0: np.full(len(p), overlap(p.ravel(), t.ravel(), smooth)), DOUBLE
        ),
        "two samples: one number for both",
    ),
    wrong(
        "dice_gradient_of_the_overlap_only",
        "dice",
        dice,
        "p = t = (1,): -0.67, truth -0.33",
        GRADIENT,
        vjp=row_loss_vjp(
            lambda p, t, smooth=1.0: (-2 * t / (total(p) + total(t) + smooth),), DOUBLE
        ),
    ),
    wrong(
        "tversky_alpha_and_beta_exchanged",
        "tversky",
        loss(
            lambda p, t, alpha=0.5, beta=0.5, smooth=1.0: weighed(p, t, beta, alpha, smooth),
            DOUBLE,
        ),
        "alpha = 1, p = 1, t = 0: 0.33, truth 0.5",
        PARAMETER,
    ),
    wrong(
        "tversky_is_dice",
        "tversky",
        loss(lambda p, t, alpha=0.5, beta=0.5, smooth=1.0: overlap(p, t, smooth), DOUBLE),
        "smooth twice: p = 1, t = 0: 0.5, truth 0.33",
    ),
    wrong(
        "tversky_smooth_is_one",
        "tversky",
        loss(lambda p, t, alpha=0.5, beta=0.5, smooth=1.0: weighed(p, t, alpha, beta), DOUBLE),
        "smooth = 0.001, p = 1, t = 0: 0.33, truth 0.998",
        PARAMETER,
    ),
    wrong(
        "tversky_target_gradient_is_the_first",
        "tversky",
        tversky,
        "p = 1, t = 0, of t: that of p",
        OF_OTHER,
        vjp=row_loss_vjp(
            lambda p, t, alpha=0.5, beta=0.5, smooth=1.0: (
                (weighed_slopes(p, t, alpha, beta, smooth)[0],) * 2
            ),
            DOUBLE,
        ),
    ),
    # pairs and triplets
    wrong(
        "cosine_embedding_dissimilar_unclipped",
        "cosine_embedding",
        loss(
            lambda x1, x2, t, margin=0.0: np.where(
                t == 1, 1 - cosine(x1, x2), cosine(x1, x2) - margin
            ),
            DOUBLE,
        ),
        "opposite rows, t = -1: -1, truth 0",
    ),
    wrong(
        "cosine_embedding_ignores_the_margin",
        "cosine_embedding",
        loss(lambda x1, x2, t, margin=0.0: alike(x1, x2, t), DOUBLE),
        "margin = 0.5, cosine 0.4, t = -1: 0.4, truth 0",
        PARAMETER,
    ),
    wrong(
        "cosine_embedding_labels_exchanged",
        "cosine_embedding",
        loss(lambda x1, x2, t, margin=0.0: alike(x1, x2, -t, margin), DOUBLE),
        "equal rows, t = 1: 1, truth 0",
    ),
    wrong(
        "cosine_embedding_gradient_sign",
        "cosine_embedding",
        cosine_embedding,
        "the gradients of the cosine whatever the label",
        GRADIENT,
        vjp=row_loss_vjp(
            lambda x1, x2, t, margin=0.0: alike_slopes(x1, x2, -np.ones_like(t), margin), DOUBLE
        ),
    ),
    wrong(
        "triplet_keeps_the_axis",
        "triplet_margin",
        loss(lambda a, p, n, margin=1.0: nearer(a, p, n, margin)[..., None], DOUBLE),
        "none: shape (N, 1), truth (N,)",
        ("structure.shape",),
    ),
    wrong(
        "triplet_squared_distances",
        "triplet_margin",
        loss(
            lambda a, p, n, margin=1.0: np.maximum(
                margin + np.sum(np.square(a - p), axis=-1) - np.sum(np.square(a - n), axis=-1),
                0,
            ),
            DOUBLE,
        ),
        "distances 2 and 0: 5, truth 3",
    ),
    wrong(
        "triplet_positive_and_negative_exchanged",
        "triplet_margin",
        loss(lambda a, p, n, margin=1.0: nearer(a, n, p, margin), DOUBLE),
        "distances 0 and 2: 3, truth 0",
    ),
    wrong(
        "triplet_with_eps",
        "triplet_margin",
        loss(lambda a, p, n, margin=1.0: nearer(a + 1e-3, p, n, margin), DOUBLE),
        "a = 0, p = 1: 1e-3 more",
    ),
    wrong(
        "triplet_anchor_gradient_of_the_positive_only",
        "triplet_margin",
        triplet_margin,
        "of the anchor: without the negative",
        GRADIENT,
        vjp=row_loss_vjp(
            lambda a, p, n, margin=1.0: (
                -nearer_slopes(a, p, n, margin)[1],
                *nearer_slopes(a, p, n, margin)[1:],
            ),
            DOUBLE,
        ),
    ),
    wrong(
        "triplet_negative_gradient_missing",
        "triplet_margin",
        triplet_margin,
        "of the negative: 0",
        OF_OTHER,
        vjp=row_loss_vjp(
            lambda a, p, n, margin=1.0: (*nearer_slopes(a, p, n, margin)[:2], 0 * n), DOUBLE
        ),
    ),
)
