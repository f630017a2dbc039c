"""Divergences, focal losses and likelihoods: logarithms of zero, limits, what is left out."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from scipy import special  # type: ignore[import-untyped, unused-ignore]

from .entry import right, wrong
from .reductions import Array, each, loss, loss_vjp

GRADIENT = ("grad.accuracy",)
PARAMETER = ("value.parameters",)
OF_OTHER = ("grad.parameter",)
REDUCTION = ("loss.reduction",)
ENDPOINTS = ("loss.endpoints", "value.accuracy")
DOUBLE = np.float64


def batchmean_over_all(prediction: Array, target: Array, reduction: str = "mean") -> Any:
    return kl_div(prediction, target, reduction="mean" if reduction == "batchmean" else reduction)


def batchmean_over_the_last(prediction: Array, target: Array, reduction: str = "mean") -> Any:
    if reduction == "batchmean":
        total = kl_div(prediction, target, reduction="sum")
        return np.asarray(total / total.dtype.type(prediction.shape[-1]))
    return kl_div(prediction, target, reduction=reduction)


def mean_for_batchmean(prediction: Array, target: Array, reduction: str = "mean") -> Any:
    """The mean over the rows under the name of the mean over everything."""
    return kl_div(prediction, target, reduction="batchmean" if reduction == "mean" else reduction)


def gradient_without_batchmean(
    prediction: Array, target: Array, reduction: str = "mean", *, cotangent: Array
) -> tuple[Array]:
    """The gradient of batchmean is that of the sum."""
    how = "sum" if reduction == "batchmean" else reduction
    return (-target * each(prediction, how, cotangent),)


# divergences


def divergence(p: Array, t: Array) -> Any:
    return special.xlogy(t, t) - t * p


def divergence_of_logs(p: Array, t: Array) -> Any:
    gap = t - p
    return np.where(gap == 0, gap, np.exp(t) * gap)


def jensen(p: Array, t: Array) -> Any:
    both = np.where(p + t == 0, 1, p + t)
    return (special.xlogy(p, 2 * p / both) + special.xlogy(t, 2 * t / both)) / 2


def log_share(p: Array, t: Array) -> Any:
    """log(p / mean), near p = t by log1p; 0 where both are 0."""
    both = np.where(p + t == 0, 1, p + t)
    apart = (p - t) / both
    return np.where(apart < -0.5, np.log(2 * p / both), np.log1p(np.maximum(apart, -0.5)))


def jensen_slopes(p: Array, t: Array) -> tuple[Any, ...]:
    return log_share(p, t) / 2, log_share(t, p) / 2


kl_div = loss(divergence, DOUBLE)
kl_div_vjp = loss_vjp(lambda p, t: (-t, np.log(t) + 1 - p), inside=DOUBLE)
kl_div_log_target = loss(divergence_of_logs, DOUBLE)
kl_div_log_target_vjp = loss_vjp(
    lambda p, t: (-np.exp(t), np.where(t - p == -1, 0, np.exp(t) * (1 + (t - p)))), inside=DOUBLE
)
js_div = loss(jensen, DOUBLE)
js_div_vjp = loss_vjp(jensen_slopes, inside=DOUBLE)


# focal losses


def balance(t: Array, alpha: float) -> Any:
    return np.where(t > 0.5, alpha, 1 - alpha)


def focused(p: Array, t: Array, alpha: float = 0.25, gamma: float = 2.0) -> Any:
    wrong_side = np.where(t > 0.5, 1 - p, p)
    return -balance(t, alpha) * wrong_side**gamma * np.where(t > 0.5, np.log(p), np.log1p(-p))


def focused_slope(p: Array, t: Array) -> tuple[Any]:
    """At the default of the parameters."""
    q, side = np.where(t > 0.5, 1 - p, p), np.where(t > 0.5, 1, -1)
    log = np.where(t > 0.5, np.log(p), np.log1p(-p))
    hit = np.where(t > 0.5, p, 1 - p)
    return (side * balance(t, 0.25) * (np.where(q == 0, 0, 2 * q * log) - q * q / hit),)


def focused_logits(z: Array, t: Array, alpha: float = 0.25, gamma: float = 2.0) -> Any:
    s = np.where(t > 0.5, z, -z)
    return balance(t, alpha) * np.exp(-gamma * np.logaddexp(0, s)) * np.logaddexp(0, -s)


def focused_logits_slopes(z: Array, t: Array, alpha: float = 0.25, gamma: float = 2.0) -> Any:
    side = np.where(t > 0.5, 1, -1)
    s = side * z
    up, down = np.logaddexp(0, s), np.logaddexp(0, -s)
    light = np.exp(-gamma * up)
    inner = gamma * special.expit(s) * down + special.expit(-s)
    return (
        -side * balance(t, alpha) * light * inner,
        side * light * down,
        (-balance(t, alpha) * light * up * down),
    )


focal = loss(focused, DOUBLE)
focal_vjp = loss_vjp(focused_slope, inputs=1, inside=DOUBLE)
focal_with_logits = loss(focused_logits, DOUBLE)
focal_with_logits_vjp = loss_vjp(focused_logits_slopes, inputs=1, inside=DOUBLE)


def without(place: int) -> Any:
    """The slopes of the focal loss with one of them set to zero."""

    def slopes(z: Array, t: Array, alpha: float = 0.25, gamma: float = 2.0) -> Any:
        found = list(focused_logits_slopes(z, t, alpha, gamma))
        found[place] = 0 * found[place]
        return tuple(found)

    return slopes


# likelihoods


def poisson(
    p: Array, t: Array, log_input: bool = True, full: bool = False, eps: float = 1e-8
) -> Any:
    plain = np.exp(p) - t * p if log_input else p - special.xlogy(t, p + eps)
    if not full:
        return plain
    s = np.where(t > 1, t, 1)
    away = np.exp(p) - s if log_input else p + eps - s
    logs = (
        p - np.log(s)
        if log_input
        else np.where(
            np.abs(away) < s / 2, np.log1p(np.maximum(away / s, -0.5)), np.log(p + eps) - np.log(s)
        )
    )
    together = away - s * logs - (0 if log_input else eps)
    return np.where(t > 1, together + np.log(2 * math.pi * s) / 2, plain)


def poisson_without_full(
    p: Array, t: Array, log_input: bool = True, full: bool = False, eps: float = 1e-8
) -> Any:
    return poisson(p, t, log_input, False, eps)


def poisson_slopes(
    p: Array, t: Array, log_input: bool = True, full: bool = False, eps: float = 1e-8
) -> tuple[Any, ...]:
    s = np.where(t > 1, t, 1)
    rest = np.where(t > 1, np.log(s) + 0.5 / s, 0) if full else 0 * t
    if log_input:
        return np.exp(p) - t, rest - p
    return 1 - t / (p + eps), rest - np.log(p + eps)


poisson_nll = loss(poisson, DOUBLE)
poisson_nll_vjp = loss_vjp(poisson_slopes, inside=DOUBLE)


def gaussian(p: Array, t: Array, var: Array, full: bool = False, eps: float = 1e-6) -> Any:
    v = np.maximum(var, eps)
    rest = math.log(2 * math.pi) / 2 if full else 0
    return (np.log(v) + np.square(p - t) / v) / 2 + rest


def gaussian_slopes(
    p: Array, t: Array, var: Array, full: bool = False, eps: float = 1e-6
) -> tuple[Any, ...]:
    v = np.maximum(var, eps)
    r = (p - t) / v
    return r, -r, np.where(var > eps, (1 / v - r * r) / 2, 0)


gaussian_nll = loss(gaussian, DOUBLE)
gaussian_nll_vjp = loss_vjp(gaussian_slopes, inputs=3, inside=DOUBLE)


RIGHT = (
    right("kl_div_xlogy", "kl_div", kl_div, kl_div_vjp),
    right(
        "kl_div_log_target_difference",
        "kl_div_log_target",
        kl_div_log_target,
        kl_div_log_target_vjp,
    ),
    right("js_div_xlogy", "js_div", js_div, js_div_vjp),
    right("focal_where", "focal", focal, focal_vjp),
    right("focal_by_softplus", "focal_with_logits", focal_with_logits, focal_with_logits_vjp),
    right("poisson_double", "poisson_nll", poisson_nll, poisson_nll_vjp),
    right("gaussian_double", "gaussian_nll", gaussian_nll, gaussian_nll_vjp),
)

WRONG = (
    wrong(
        "kl_div_of_probabilities",
        "kl_div",
        loss(lambda p, t: special.xlogy(t, t) - special.xlogy(t, np.abs(p)), DOUBLE),
        "p = -0.5, t = 0.5: 0, truth -0.1",
    ),
    wrong(
        "kl_div_without_the_entropy",
        "kl_div",
        loss(lambda p, t: -t * p),
        "p = -1, t = 0.5: 0.5, truth 0.15",
    ),
    wrong(
        "kl_div_nan_at_zero",
        "kl_div",
        loss(lambda p, t: t * (np.log(t) - p), DOUBLE),
        "t = 0: nan, truth 0",
    ),
    wrong(
        "kl_div_epsilon",
        "kl_div",
        loss(lambda p, t: t * (np.log(t + 1e-7) - p), DOUBLE),
        "t = 1e-7: relative error 0.05",
    ),
    wrong(
        "kl_div_batchmean_over_all",
        "kl_div",
        batchmean_over_all,
        "batchmean of (2, 3): a third of the truth",
        REDUCTION,
    ),
    wrong(
        "kl_div_batchmean_over_the_last_axis",
        "kl_div",
        batchmean_over_the_last,
        "batchmean of (2, 3): two thirds of the truth",
        REDUCTION,
    ),
    wrong(
        "kl_div_mean_is_batchmean",
        "kl_div",
        mean_for_batchmean,
        "mean of (2, 3): three times the truth",
        REDUCTION,
    ),
    wrong(
        "kl_div_gradient_ignores_batchmean",
        "kl_div",
        kl_div,
        "batchmean of (2, 3): twice the truth",
        REDUCTION,
        vjp=gradient_without_batchmean,
    ),
    wrong(
        "kl_div_target_gradient_without_one",
        "kl_div",
        kl_div,
        "p = 0, t = 1, of t: 0, truth 1",
        OF_OTHER,
        vjp=loss_vjp(lambda p, t: (-t, np.log(t) - p), inside=DOUBLE),
    ),
    wrong(
        "kl_div_log_target_as_probability",
        "kl_div_log_target",
        loss(lambda p, t: special.xlogy(np.abs(t), np.abs(t)) - t * p, DOUBLE),
        "p = t = -1: -1, truth 0",
    ),
    wrong(
        "kl_div_log_target_swapped",
        "kl_div_log_target",
        loss(lambda p, t: divergence_of_logs(t, p), DOUBLE),
        "p = -1, t = 0: -0.37, truth 1",
    ),
    wrong(
        "kl_div_log_target_gradient_without_the_product",
        "kl_div_log_target",
        kl_div_log_target,
        "p = -1, t = 0, of t: 1, truth 2",
        OF_OTHER,
        vjp=loss_vjp(lambda p, t: (-np.exp(t), np.exp(t)), inside=DOUBLE),
    ),
    wrong(
        "js_div_not_halved",
        "js_div",
        loss(lambda p, t: 2 * jensen(p, t), DOUBLE),
        "p = 1, t = 0: 0.69, truth 0.35",
    ),
    wrong(
        "js_div_of_the_sum",
        "js_div",
        loss(
            lambda p, t: (
                (
                    special.xlogy(p, p / np.where(p + t == 0, 1, p + t))
                    + special.xlogy(t, t / np.where(p + t == 0, 1, p + t))
                )
                / 2
            ),
            DOUBLE,
        ),
        "p = t = 1: -0.69, truth 0",
        ("value.accuracy", "loss.sign"),
    ),
    wrong(
        "js_div_zero_log_zero",
        "js_div",
        loss(lambda p, t: (p * np.log(2 * p / (p + t)) + t * np.log(2 * t / (p + t))) / 2, DOUBLE),
        "p = 0, t = 1: nan, truth 0.35",
        ENDPOINTS,
    ),
    wrong(
        "js_div_gradients_swapped",
        "js_div",
        js_div,
        "p = 0.9, t = 0.1: -0.8, truth 0.29",
        GRADIENT,
        vjp=loss_vjp(lambda p, t: jensen_slopes(t, p), inside=DOUBLE),
    ),
    wrong(
        "focal_alpha_for_both",
        "focal",
        loss(
            lambda p, t, alpha=0.25, gamma=2.0: (
                focused(p, t, alpha, gamma) / balance(t, alpha) * alpha
            ),
            DOUBLE,
        ),
        "p = 0.5, t = 0: 0.043, truth 0.13",
    ),
    wrong(
        "focal_modulates_the_right_side",
        "focal",
        loss(
            lambda p, t, alpha=0.25, gamma=2.0: (
                -balance(t, alpha)
                * np.where(t > 0.5, p, 1 - p) ** gamma
                * np.where(t > 0.5, np.log(p), np.log1p(-p))
            ),
            DOUBLE,
        ),
        "p = 0.9, t = 1: 0.021, truth 2.6e-4",
    ),
    wrong(
        "focal_clips",
        "focal",
        loss(
            lambda p, t, alpha=0.25, gamma=2.0: focused(
                np.clip(p, 1e-7, 1 - 1e-7), t, alpha, gamma
            ),
            DOUBLE,
        ),
        "p = 0, t = 1: 4.03, truth inf",
        ENDPOINTS,
    ),
    wrong(
        "focal_gamma_is_two",
        "focal",
        loss(lambda p, t, alpha=0.25, gamma=2.0: focused(p, t, alpha), DOUBLE),
        "gamma = 0, p = 0.5, t = 1: 0.043, truth 0.17",
        PARAMETER,
    ),
    wrong(
        "focal_gradient_of_the_modulation_missing",
        "focal",
        focal,
        "p = 0.5, t = 1: -0.125, truth -0.3",
        GRADIENT,
        vjp=loss_vjp(
            lambda p, t: (np.where(t > 0.5, -0.25 * (1 - p) ** 2 / p, 0.75 * p**2 / (1 - p)),),
            inputs=1,
            inside=DOUBLE,
        ),
    ),
    wrong(
        "focal_with_logits_from_the_sigmoid",
        "focal_with_logits",
        loss(lambda z, t, alpha=0.25, gamma=2.0: focused(special.expit(z), t, alpha, gamma)),
        "z = -120, t = 1: inf, truth 30",
    ),
    wrong(
        "focal_with_logits_alpha_of_negatives",
        "focal_with_logits",
        loss(lambda z, t, alpha=0.25, gamma=2.0: focused_logits(z, t, 1 - alpha, gamma), DOUBLE),
        "z = 0, t = 1: 0.13, truth 0.043",
    ),
    wrong(
        "focal_with_logits_integer_gamma",
        "focal_with_logits",
        loss(lambda z, t, alpha=0.25, gamma=2.0: focused_logits(z, t, alpha, int(gamma)), DOUBLE),
        "gamma = 0.5: as for 0",
        PARAMETER,
    ),
    wrong(
        "focal_with_logits_gamma_gradient_missing",
        "focal_with_logits",
        focal_with_logits,
        "z = 0, t = 1, of gamma: 0, truth -0.03",
        OF_OTHER,
        vjp=loss_vjp(without(2), inputs=1, inside=DOUBLE),
    ),
    wrong(
        "focal_with_logits_alpha_gradient_missing",
        "focal_with_logits",
        focal_with_logits,
        "z = 0, t = 1, of alpha: 0, truth 0.17",
        OF_OTHER,
        vjp=loss_vjp(without(1), inputs=1, inside=DOUBLE),
    ),
    wrong(
        "poisson_ignores_full",
        "poisson_nll",
        loss(poisson_without_full, DOUBLE),
        "full, p = 0, t = 2: 1, truth 1.65",
        PARAMETER,
    ),
    wrong(
        "poisson_stirling_everywhere",
        "poisson_nll",
        loss(
            lambda p, t, log_input=True, full=False, eps=1e-8: (
                poisson(p, t, log_input, eps=eps)
                + (special.xlogy(t, t) - t + np.log(2 * math.pi * t) / 2 if full else 0)
            ),
            DOUBLE,
        ),
        "full, t = 0.5: differs by 0.27",
        PARAMETER,
    ),
    wrong(
        "poisson_log_input_exchanged",
        "poisson_nll",
        loss(
            lambda p, t, log_input=True, full=False, eps=1e-8: poisson(
                np.abs(p), t, not log_input, full, eps
            ),
            DOUBLE,
        ),
        "p = 1, t = 1: 1, truth 1.72",
    ),
    wrong(
        "poisson_ignores_eps",
        "poisson_nll",
        loss(
            lambda p, t, log_input=True, full=False, eps=1e-8: poisson(p, t, log_input, full),
            DOUBLE,
        ),
        "not log_input, eps = 1/8, p = 1, t = 1: 1, truth 0.88",
        PARAMETER,
    ),
    wrong(
        "poisson_gradient_without_the_target",
        "poisson_nll",
        poisson_nll,
        "p = 0, t = 1: 1, truth 0",
        GRADIENT,
        vjp=loss_vjp(
            lambda p, t, log_input=True, full=False, eps=1e-8: (np.exp(p), -p), inside=DOUBLE
        ),
    ),
    wrong(
        "gaussian_not_halved",
        "gaussian_nll",
        loss(lambda p, t, var, full=False, eps=1e-6: 2 * gaussian(p, t, var, full, eps), DOUBLE),
        "d = 1, var = 1: 1, truth 0.5",
    ),
    wrong(
        "gaussian_of_the_deviation",
        "gaussian_nll",
        loss(lambda p, t, var, full=False, eps=1e-6: gaussian(p, t, var * var, full, eps), DOUBLE),
        "d = 2, var = 4: 1.5, truth 1.19",
    ),
    wrong(
        "gaussian_eps_added",
        "gaussian_nll",
        loss(
            lambda p, t, var, full=False, eps=1e-6: gaussian(p, t, var + eps, full, 1e-300),
            DOUBLE,
        ),
        "eps = 1/8, d = 0, var = 1: 0.06, truth 0",
    ),
    wrong(
        "gaussian_full_by_log_two_pi",
        "gaussian_nll",
        loss(
            lambda p, t, var, full=False, eps=1e-6: (
                gaussian(p, t, var, False, eps) + (math.log(2 * math.pi) if full else 0)
            ),
            DOUBLE,
        ),
        "full: 0.92 more than the truth",
        PARAMETER,
    ),
    wrong(
        "gaussian_variance_gradient_zero",
        "gaussian_nll",
        gaussian_nll,
        "d = 0, var = 1, of var: 0, truth 0.5",
        OF_OTHER,
        vjp=loss_vjp(
            lambda p, t, var, full=False, eps=1e-6: (
                *gaussian_slopes(p, t, var, full, eps)[:2],
                0 * var,
            ),
            inputs=3,
            inside=DOUBLE,
        ),
    ),
    wrong(
        "gaussian_variance_gradient_misses_the_residual",
        "gaussian_nll",
        gaussian_nll,
        "d = 2, var = 1, of var: 0.5, truth -1.5",
        OF_OTHER,
        vjp=loss_vjp(
            lambda p, t, var, full=False, eps=1e-6: (
                *gaussian_slopes(p, t, var, full, eps)[:2],
                np.where(var > eps, 0.5 / np.maximum(var, eps), 0),
            ),
            inputs=3,
            inside=DOUBLE,
        ),
    ),
)
