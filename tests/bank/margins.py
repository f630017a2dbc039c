"""Losses of a residual, a margin or a distance: sides, factors, boundaries, divisors."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .entry import right, wrong
from .reductions import Array, loss, loss_vjp, reduced
from .right import sigmoid

GRADIENT = ("grad.accuracy",)
PARAMETER = ("value.parameters",)
OF_OTHER = ("grad.parameter",)
REDUCTION = ("loss.reduction",)
NAN = ("value.special",)
DOUBLE = np.float64


def slack(p: Array, t: Array) -> Any:
    return np.maximum(1 - t * p, 0)


def positive(x: Array) -> Any:
    return np.heaviside(x, 0)


# margins with a label of -1 or 1

squared_hinge = loss(lambda p, t: np.square(slack(p, t)))
squared_hinge_vjp = loss_vjp(lambda p, t: (-2 * t * slack(p, t),), inputs=1)
perceptron = loss(lambda p, t: np.maximum(-t * p, 0))
perceptron_vjp = loss_vjp(lambda p, t: (-t * positive(-t * p),), inputs=1)
soft_margin = loss(lambda p, t: np.logaddexp(0, -t * p))
soft_margin_vjp = loss_vjp(lambda p, t: (-t * sigmoid(-t * p),), inputs=1)


def ranked(x1: Array, x2: Array, t: Array, margin: float = 0.0) -> Any:
    return np.maximum(np.where(t > 0, x2 - x1, x1 - x2) + margin, 0)


def ranked_slopes(x1: Array, x2: Array, t: Array, margin: float = 0.0) -> tuple[Any, ...]:
    active = positive(margin - t * (x1 - x2))
    return -t * active, t * active, active


margin_ranking = loss(ranked)
margin_ranking_vjp = loss_vjp(ranked_slopes)


def embedded(x: Array, t: Array, margin: float = 1.0) -> Any:
    return np.where(t > 0, x, np.maximum(margin - x, 0))


def embedded_slopes(x: Array, t: Array, margin: float = 1.0) -> tuple[Any, ...]:
    active = positive(margin - x)
    return np.where(t > 0, 1, -active), np.where(t > 0, 0, active)


hinge_embedding = loss(embedded)
hinge_embedding_vjp = loss_vjp(embedded_slopes, inputs=1)


def pulled(d: Array, t: Array, margin: float = 1.0) -> Any:
    return np.square(np.where(t > 0.5, d, np.maximum(margin - d, 0)))


def pulled_slopes(d: Array, t: Array, margin: float = 1.0) -> tuple[Any, ...]:
    short = np.maximum(margin - d, 0)
    return np.where(t > 0.5, 2 * d, -2 * short), np.where(t > 0.5, 0, 2 * short)


contrastive = loss(pulled)
contrastive_vjp = loss_vjp(pulled_slopes, inputs=1)


# residuals


def tilted(p: Array, t: Array, q: float = 0.5) -> Any:
    e = t - p
    return np.maximum(q * e, (q - 1) * e)


def tilted_slopes(p: Array, t: Array, q: float = 0.5) -> tuple[Any, ...]:
    e = t - p
    slope = (1 - positive(e)) * (1 - q) - q * positive(e)
    return slope, -slope, e


quantile = loss(tilted)
quantile_vjp = loss_vjp(tilted_slopes)
half_squared_error = loss(lambda p, t: (p - t) / 2 * (p - t))
half_squared_error_vjp = loss_vjp(lambda p, t: (p - t, t - p))


def percent_slopes(p: Array, t: Array) -> tuple[Any, ...]:
    side = np.sign(p - t)
    return 100 * side / np.abs(t), -100 * side * np.sign(t) * p / (t * t)


mape = loss(lambda p, t: 100 * np.abs(t - p) / np.abs(t), DOUBLE)
mape_vjp = loss_vjp(percent_slopes, inside=DOUBLE)


def log_ratio(p: Array, t: Array) -> Any:
    return np.log1p(p) - np.log1p(t)


msle = loss(lambda p, t: np.square(log_ratio(p, t)), DOUBLE)
msle_vjp = loss_vjp(
    lambda p, t: (2 * log_ratio(p, t) / (1 + p), -2 * log_ratio(p, t) / (1 + t)), inside=DOUBLE
)


def smoothed(p: Array, t: Array, beta: float = 1.0) -> Any:
    d = np.abs(p - t)
    return np.where(d <= beta, d * d / (2 * beta), d - beta / 2)


def smoothed_slopes(p: Array, t: Array, beta: float = 1.0) -> tuple[Any, ...]:
    r = np.clip((p - t) / beta, -1, 1)
    return r, -r, -r * r / 2


smooth_l1 = loss(smoothed)
smooth_l1_vjp = loss_vjp(smoothed_slopes)


def hyperbola(p: Array, t: Array, delta: float = 1.0) -> Any:
    d = np.abs(p - t)
    return d * (d / (1 + np.hypot(1, d / delta)))


def hyperbola_slopes(p: Array, t: Array, delta: float = 1.0) -> tuple[Any, ...]:
    d = p - t
    s = np.hypot(1, d / delta)
    return d / s, -d / s, delta * np.square(np.square(d / delta) / (s + 1)) / s


pseudo_huber = loss(hyperbola, DOUBLE)
pseudo_huber_vjp = loss_vjp(hyperbola_slopes, inside=DOUBLE)


def log_cosh_of(p: Array, t: Array) -> Any:
    d = np.abs(p - t)
    series = d * d * (1 / 2 - d * d * (1 / 12 - d * d / 45))
    return np.where(d < 1e-2, series, d + np.log1p(np.exp(-2 * d)) - math.log(2))


log_cosh = loss(log_cosh_of, DOUBLE)
log_cosh_vjp = loss_vjp(lambda p, t: (np.tanh(p - t), np.tanh(t - p)))

# critics

wasserstein_critic = loss(lambda real, fake: fake - real)
wasserstein_critic_vjp = loss_vjp(lambda real, fake: (-1, 1))
wasserstein_generator = loss(np.negative)
wasserstein_generator_vjp = loss_vjp(lambda fake: (-1,), inputs=1)


def difference_of_means(real: Array, fake: Array, reduction: str = "mean") -> Array:
    """Without the single losses: the mean of the fake ones, halved."""
    return reduced(fake - real, reduction) / (2 if reduction == "mean" else 1)


def mean_of_the_active(prediction: Array, target: Array, reduction: str = "mean") -> Array:
    losses = np.square(slack(prediction, target))
    if reduction != "mean":
        return reduced(losses, reduction)
    return reduced(losses[losses > 0], "mean") if np.any(losses > 0) else np.mean(losses)


def sum_for_mean(single: Any) -> Any:
    def whole(prediction: Array, target: Array, reduction: str = "mean") -> Array:
        return reduced(single(prediction, target), "none" if reduction == "none" else "sum")

    return whole


RIGHT = (
    right("squared_hinge_square", "squared_hinge", squared_hinge, squared_hinge_vjp),
    right("perceptron_maximum", "perceptron", perceptron, perceptron_vjp),
    right("soft_margin_logaddexp", "soft_margin", soft_margin, soft_margin_vjp),
    right("margin_ranking_where", "margin_ranking", margin_ranking, margin_ranking_vjp),
    right("hinge_embedding_where", "hinge_embedding", hinge_embedding, hinge_embedding_vjp),
    right("contrastive_where", "contrastive", contrastive, contrastive_vjp),
    right("quantile_maximum", "quantile", quantile, quantile_vjp),
    right(
        "half_squared_error_product",
        "half_squared_error",
        half_squared_error,
        half_squared_error_vjp,
    ),
    right("mape_double", "mape", mape, mape_vjp),
    right("msle_double", "msle", msle, msle_vjp),
    right("smooth_l1_where", "smooth_l1", smooth_l1, smooth_l1_vjp),
    right("pseudo_huber_quotient", "pseudo_huber", pseudo_huber, pseudo_huber_vjp),
    right("log_cosh_series", "log_cosh", log_cosh, log_cosh_vjp),
    right("critic_difference", "wasserstein_critic", wasserstein_critic, wasserstein_critic_vjp),
    right(
        "generator_negative",
        "wasserstein_generator",
        wasserstein_generator,
        wasserstein_generator_vjp,
    ),
)

WRONG = (
    wrong(
        "squared_hinge_clipped_after_the_square",
        "squared_hinge",
        loss(lambda p, t: np.maximum(np.square(1 - t * p), 0)),
        "p = 3, t = 1: 4, truth 0",
    ),
    wrong(
        "squared_hinge_halved",
        "squared_hinge",
        loss(lambda p, t: np.square(slack(p, t)) / 2),
        "p = 0, t = 1: 0.5, truth 1",
    ),
    wrong(
        "squared_hinge_mean_of_the_active",
        "squared_hinge",
        mean_of_the_active,
        "two samples, one beyond the margin: the mean of one",
        REDUCTION,
    ),
    wrong(
        "squared_hinge_gradient_without_two",
        "squared_hinge",
        squared_hinge,
        "p = 0, t = 1: -1, truth -2",
        GRADIENT,
        vjp=loss_vjp(lambda p, t: (-t * slack(p, t),), inputs=1),
    ),
    wrong(
        "perceptron_with_the_margin",
        "perceptron",
        loss(slack),
        "p = 0.5, t = 1: 0.5, truth 0",
    ),
    wrong(
        "perceptron_label_of_0_and_1",
        "perceptron",
        loss(lambda p, t: np.maximum((1 - 2 * t) * p, 0)),
        "p = 1, t = -1: 3, truth 1",
    ),
    wrong(
        "perceptron_gradient_of_the_wrong_side",
        "perceptron",
        perceptron,
        "p = 1, t = 1: -1, truth 0",
        GRADIENT,
        vjp=loss_vjp(lambda p, t: (-t * positive(t * p),), inputs=1),
    ),
    wrong(
        "soft_margin_log_of_one_plus",
        "soft_margin",
        loss(lambda p, t: np.log(1 + np.exp(-t * p))),
        "p = -100, t = 1: inf, truth 100",
    ),
    wrong(
        "soft_margin_sign",
        "soft_margin",
        loss(lambda p, t: np.logaddexp(0, t * p)),
        "p = 1, t = 1: 1.31, truth 0.31",
    ),
    wrong(
        "soft_margin_gradient_from_the_output",
        "soft_margin",
        soft_margin,
        "p = 30, t = 1: 0, truth -9e-14",
        GRADIENT,
        vjp=loss_vjp(lambda p, t: (-t * (1 - sigmoid(t * p)),), inputs=1),
    ),
    wrong(
        "margin_ranking_inverted",
        "margin_ranking",
        loss(lambda x1, x2, t, margin=0.0: ranked(x2, x1, t, margin)),
        "x1 = 1, x2 = 0, t = 1: 1, truth 0",
    ),
    wrong(
        "margin_ranking_margin_times_label",
        "margin_ranking",
        loss(lambda x1, x2, t, margin=0.0: np.maximum(t * (margin - x1 + x2), 0)),
        "margin = 0.5, x1 = x2, t = -1: 0, truth 0.5",
        PARAMETER,
    ),
    wrong(
        "margin_ranking_second_gradient_missing",
        "margin_ranking",
        margin_ranking,
        "x1 = 0, x2 = 1, t = 1, of x2: 0, truth 1",
        OF_OTHER,
        vjp=loss_vjp(
            lambda x1, x2, t, margin=0.0: (
                ranked_slopes(x1, x2, t, margin)[0],
                0 * x2,
                ranked_slopes(x1, x2, t, margin)[2],
            )
        ),
    ),
    wrong(
        "hinge_embedding_unclipped",
        "hinge_embedding",
        loss(lambda x, t, margin=1.0: np.where(t > 0, x, margin - x)),
        "x = 2, t = -1: -1, truth 0",
    ),
    wrong(
        "hinge_embedding_similar_clipped",
        "hinge_embedding",
        loss(lambda x, t, margin=1.0: np.maximum(np.where(t > 0, x, margin - x), 0)),
        "x = -1, t = 1: 0, truth -1",
    ),
    wrong(
        "hinge_embedding_ignores_the_margin",
        "hinge_embedding",
        loss(lambda x, t, margin=1.0: embedded(x, t)),
        "margin = 4, x = 2, t = -1: 0, truth 2",
        PARAMETER,
    ),
    wrong(
        "hinge_embedding_gradient_sign",
        "hinge_embedding",
        hinge_embedding,
        "x = 0, t = -1: 1, truth -1",
        GRADIENT,
        vjp=loss_vjp(
            lambda x, t, margin=1.0: (np.where(t > 0, 1, positive(margin - x)),), inputs=1
        ),
    ),
    wrong(
        "contrastive_labels_of_the_article",
        "contrastive",
        loss(lambda d, t, margin=1.0: pulled(d, 1 - t, margin)),
        "d = 0, t = 1: 1, truth 0",
    ),
    wrong(
        "contrastive_halved",
        "contrastive",
        loss(lambda d, t, margin=1.0: pulled(d, t, margin) / 2),
        "d = 1, t = 1: 0.5, truth 1",
    ),
    wrong(
        "contrastive_margin_of_the_square",
        "contrastive",
        loss(lambda d, t, margin=1.0: np.where(t > 0.5, d * d, np.maximum(margin - d * d, 0))),
        "d = 0.5, t = 0: 0.75, truth 0.25",
    ),
    wrong(
        "contrastive_margin_gradient_halved",
        "contrastive",
        contrastive,
        "d = 0, t = 0, of the margin: 1, truth 2",
        OF_OTHER,
        vjp=loss_vjp(
            lambda d, t, margin=1.0: (
                pulled_slopes(d, t, margin)[0],
                pulled_slopes(d, t, margin)[1] / 2,
            ),
            inputs=1,
        ),
    ),
    wrong(
        "quantile_mirrored",
        "quantile",
        loss(lambda p, t, q=0.5: tilted(p, t, 1 - q)),
        "q = 0.9, p = 0, t = 1: 0.1, truth 0.9",
        PARAMETER,
    ),
    wrong(
        "quantile_swapped",
        "quantile",
        loss(lambda p, t, q=0.5: tilted(t, p, q)),
        "q = 0.9, p = 0, t = 1: 0.1, truth 0.9",
        PARAMETER,
    ),
    wrong(
        "quantile_without_tilt",
        "quantile",
        loss(lambda p, t, q=0.5: np.abs(t - p)),
        "p = 0, t = 1: 1, truth 0.5",
    ),
    wrong(
        "quantile_gradient_of_q_of_one_side",
        "quantile",
        quantile,
        "p = 1, t = 0, of q: 0, truth -1",
        OF_OTHER,
        vjp=loss_vjp(
            lambda p, t, q=0.5: (*tilted_slopes(p, t, q)[:2], np.maximum(t - p, 0)),
        ),
    ),
    wrong(
        "quantile_gradient_of_the_target_not_negated",
        "quantile",
        quantile,
        "p = 1, t = 0, of t: 0.5, truth -0.5",
        OF_OTHER,
        vjp=loss_vjp(lambda p, t, q=0.5: (tilted_slopes(p, t, q)[0],) * 2),
    ),
    wrong(
        "half_squared_error_not_halved",
        "half_squared_error",
        loss(lambda p, t: np.square(p - t)),
        "p = 1, t = 0: 1, truth 0.5",
    ),
    wrong(
        "half_squared_error_expanded",
        "half_squared_error",
        loss(lambda p, t: (p * p - 2 * p * t + t * t) / 2),
        "p = 1000.001, t = 1000: relative error 1",
    ),
    wrong(
        "half_squared_error_gradient_of_the_whole",
        "half_squared_error",
        half_squared_error,
        "p = 1, t = 0: 2, truth 1",
        GRADIENT,
        vjp=loss_vjp(lambda p, t: (2 * (p - t), 2 * (t - p))),
    ),
    wrong(
        "mape_as_a_fraction",
        "mape",
        loss(lambda p, t: np.abs(t - p) / np.abs(t), DOUBLE),
        "p = 0, t = 1: 1, truth 100",
    ),
    wrong(
        "mape_of_the_prediction",
        "mape",
        loss(lambda p, t: 100 * np.abs(t - p) / np.maximum(np.abs(p), 1e-300), DOUBLE),
        "p = 2, t = 1: 50, truth 100",
    ),
    wrong(
        "mape_undefined_at_nothing",
        "mape",
        loss(lambda p, t: 100 * np.abs(t - p) / np.abs(t) + 0 / p, DOUBLE),
        "p = 0: nan, truth 100",
        ("value.accuracy", "identity"),
    ),
    wrong(
        "mape_with_epsilon",
        "mape",
        loss(lambda p, t: 100 * np.abs(t - p) / np.maximum(np.abs(t), 1e-7), DOUBLE),
        "p = 0, t = 1e-9: 1, truth 100",
    ),
    wrong(
        "mape_target_gradient_of_the_numerator",
        "mape",
        mape,
        "p = 2, t = 1, of t: -100, truth -200",
        OF_OTHER,
        vjp=loss_vjp(
            lambda p, t: (percent_slopes(p, t)[0], -percent_slopes(p, t)[0]), inside=DOUBLE
        ),
    ),
    wrong(
        "msle_of_log",
        "msle",
        loss(lambda p, t: np.square(np.log(np.abs(p)) - np.log(np.abs(t))), DOUBLE),
        "p = 1, t = 3: 1.2, truth 0.48",
    ),
    wrong(
        "msle_log_of_one_plus",
        "msle",
        loss(lambda p, t: np.square(np.log(1 + p) - np.log(1 + t))),
        "p = 1e-9, t = 0: 0, truth 1e-18",
    ),
    wrong(
        "msle_clips_the_negative",
        "msle",
        loss(lambda p, t: np.square(log_ratio(np.maximum(p, 0), np.maximum(t, 0))), DOUBLE),
        "p = -0.5, t = 0: 0, truth 0.48",
    ),
    wrong(
        "msle_gradient_without_the_chain",
        "msle",
        msle,
        "p = 1, t = 0: 1.39, truth 0.69",
        GRADIENT,
        vjp=loss_vjp(lambda p, t: (2 * log_ratio(p, t), -2 * log_ratio(p, t)), inside=DOUBLE),
    ),
    wrong(
        "smooth_l1_is_huber",
        "smooth_l1",
        loss(lambda p, t, beta=1.0: smoothed(p, t, beta) * beta),
        "beta = 4, d = 1: 0.5, truth 0.125",
        PARAMETER,
    ),
    wrong(
        "smooth_l1_discontinuous",
        "smooth_l1",
        loss(
            lambda p, t, beta=1.0: np.where(
                np.abs(p - t) <= beta, np.square(p - t) / (2 * beta), np.abs(p - t)
            )
        ),
        "d = 2: 2, truth 1.5",
    ),
    wrong(
        "smooth_l1_beta_gradient_missing_outside",
        "smooth_l1",
        smooth_l1,
        "d = 2, of beta: 0, truth -0.5",
        OF_OTHER,
        vjp=loss_vjp(
            lambda p, t, beta=1.0: (
                *smoothed_slopes(p, t, beta)[:2],
                np.where(np.abs(p - t) < beta, -np.square((p - t) / beta) / 2, 0),
            )
        ),
    ),
    wrong(
        "pseudo_huber_cancels",
        "pseudo_huber",
        loss(lambda p, t, delta=1.0: delta * delta * (np.hypot(1, (p - t) / delta) - 1)),
        "d = 1e-5: 0, truth 5e-11",
    ),
    wrong(
        "pseudo_huber_delta_not_squared",
        "pseudo_huber",
        loss(lambda p, t, delta=1.0: hyperbola(p, t, delta) / delta, DOUBLE),
        "delta = 4, d = 3: 1, truth 4",
        PARAMETER,
    ),
    wrong(
        "pseudo_huber_square_overflows",
        "pseudo_huber",
        loss(lambda p, t, delta=1.0: np.square(p - t) / (1 + np.hypot(1, (p - t) / delta))),
        "d = 1e20: inf",
    ),
    wrong(
        "pseudo_huber_gradient_clipped",
        "pseudo_huber",
        pseudo_huber,
        "d = 1: 1, truth 0.71",
        GRADIENT,
        vjp=loss_vjp(
            lambda p, t, delta=1.0: (np.clip(p - t, -delta, delta), np.clip(t - p, -delta, delta))
        ),
    ),
    wrong(
        "log_cosh_overflows",
        "log_cosh",
        loss(lambda p, t: np.log(np.cosh(p - t))),
        "d = 100: inf, truth 99.3",
    ),
    wrong(
        "log_cosh_by_softplus",
        "log_cosh",
        loss(lambda p, t: (p - t) + np.logaddexp(0, -2 * (p - t)) - np.float32(math.log(2))),
        "d = 1e-4: relative error 1",
    ),
    wrong(
        "log_cosh_gradient_is_the_residual",
        "log_cosh",
        log_cosh,
        "d = 2: 2, truth 0.96",
        GRADIENT,
        vjp=loss_vjp(lambda p, t: (p - t, t - p)),
    ),
    wrong(
        "critic_sign",
        "wasserstein_critic",
        loss(lambda real, fake: real - fake),
        "real = 1, fake = 0: 1, truth -1",
    ),
    wrong(
        "critic_mean_over_both",
        "wasserstein_critic",
        difference_of_means,
        "two and two: half of the mean",
        REDUCTION,
    ),
    wrong(
        "critic_gradient_of_the_fake_missing",
        "wasserstein_critic",
        wasserstein_critic,
        "of the fake: 0, truth 1",
        OF_OTHER,
        vjp=loss_vjp(lambda real, fake: (-1, 0)),
    ),
    wrong(
        "generator_sign",
        "wasserstein_generator",
        loss(np.array),
        "fake = 1: 1, truth -1",
    ),
    wrong(
        "generator_gradient_of_the_sum",
        "wasserstein_generator",
        wasserstein_generator,
        "mean of two: -1, truth -0.5",
        REDUCTION,
        vjp=lambda fake, reduction="mean", *, cotangent: (-np.ones_like(fake) * cotangent,),
    ),
    wrong(
        "perceptron_sum_for_the_mean",
        "perceptron",
        sum_for_mean(lambda p, t: np.maximum(-t * p, 0)),
        "two samples: twice the mean",
        REDUCTION,
    ),
    wrong(
        "mape_swallows_nan",
        "mape",
        loss(lambda p, t: np.nan_to_num(100 * np.abs(t - p) / np.abs(t), posinf=np.inf), DOUBLE),
        "p = nan: 0",
        NAN,
    ),
)
