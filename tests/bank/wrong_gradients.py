"""Right values, wrong gradients."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import special  # type: ignore[import-untyped, unused-ignore]

from .entry import Entry
from .reductions import Array, like
from .right import (
    ALPHA,
    ROOT,
    SCALE,
    C,
    elu,
    elu_vjp,
    gelu,
    gelu_tanh,
    gelu_tanh_vjp,
    gelu_vjp,
    leaky_relu,
    leaky_relu_vjp,
    log_sigmoid,
    log_softmax,
    prelu,
    prelu_vjp,
    selu,
    selu_vjp,
    sigmoid,
    sigmoid_vjp,
    silu,
    silu_vjp,
    softmax,
    softmax_vjp,
    softplus,
    softplus_sum,
    softplus_vjp,
    swish,
    swish_vjp,
    tanh_vjp,
)

GRADIENT = ("grad.accuracy",)
SPECIAL = ("grad.special",)
KINK = ("grad.kink",)
PARAMETER = ("grad.parameter",)
ELSEWHERE = ("grad.parameter", "grad.accuracy", "value.parameters")
COTANGENT = ("grad.cotangent",)
Vjp = Callable[..., tuple[Array, ...]]
RIGHT_VALUE: dict[str, Callable[..., Any]] = {
    "step": lambda x: np.heaviside(x, 0),
    "sigmoid": sigmoid,
    "log_sigmoid": log_sigmoid,
    "tanh": np.tanh,
    "relu": lambda x: np.maximum(x, 0),
    "leaky_relu": leaky_relu,
    "prelu": prelu,
    "elu": elu,
    "selu": selu,
    "softplus": softplus,
    "swish": swish,
    "silu": silu,
    "gelu": gelu,
    "gelu_tanh": gelu_tanh,
    "softmax": softmax,
    "log_softmax": log_softmax,
}


def wrong(name: str, function: str, vjp: Vjp, note: str, by: tuple[str, ...] = GRADIENT) -> Entry:
    return Entry(name, function, RIGHT_VALUE[function], vjp, killed_by=by, note=note)


def by_slope(slope: Callable[[Array], Any]) -> Vjp:
    """The vjp of an elementwise function of one variable, from its derivative."""

    def vjp(x: Array, *, cotangent: Array) -> tuple[Array]:
        return (cotangent * slope(x),)

    return vjp


def by_cotangent(vjp: Vjp, change: Callable[[Array], Array]) -> Vjp:
    """A right vjp that is given a changed cotangent."""

    def changed(x: Array, *, cotangent: Array) -> tuple[Array, ...]:
        return vjp(x, cotangent=np.asarray(change(cotangent), dtype=x.dtype))

    return changed


def with_parameter(vjp: Vjp, change: Callable[[Array], Any]) -> Vjp:
    """A right vjp whose second gradient is changed."""

    def changed(*variables: Array, **keywords: Any) -> tuple[Array, ...]:
        first, second = vjp(*variables, **keywords)[:2]
        return first, np.asarray(change(second), dtype=first.dtype)

    return changed


def scaled_between(vjp: Vjp, low: float, high: float, factor: float) -> Vjp:
    def dented(x: Array, *, cotangent: Array) -> tuple[Array]:
        g = vjp(x, cotangent=cotangent)[0]
        return (np.where((x > low) & (x < high), g * like(x, factor), g),)

    return dented


def dent(function: str, vjp: Vjp, low: float, high: float, factor: float) -> Entry:
    name = f"{function}_gradient_wrong_between_{low:g}_and_{high:g}"
    note = f"x = {(low + high) / 2:g}: {factor:g} times the truth"
    return wrong(name, function, scaled_between(vjp, low, high, factor), note)


def tanh_difference(x: Array) -> Any:
    h = like(x, 1e-3)
    return (np.tanh(x + h) - np.tanh(x - h)) / (2 * h)


def sigmoid_overflowing(x: Array) -> Any:
    return np.exp(-x) / np.square(1 + np.exp(-x))


def silu_product(x: Array) -> Any:
    s = sigmoid(x)
    return s + x * s * sigmoid(-x)


def gelu_saturated(x: Array) -> Any:
    return (1 + special.erf(x * math.sqrt(0.5))) / 2 + x * np.exp(-x * x / 2) * (ROOT / 2)


def gelu_tanh_by_tanh(x: Array) -> Any:
    t = np.tanh(ROOT * (x + C * x**3))
    return (1 + t) / 2 + x / 2 * (1 - t * t) * ROOT * (1 + 3 * C * x * x)


def gelu_tanh_forgets_the_cube(x: Array) -> Any:
    t = np.clip(x, -60, 60)
    s, other = sigmoid(2 * ROOT * (t + C * t**3)), sigmoid(-2 * ROOT * (t + C * t**3))
    return s + t * s * other * (2 * ROOT)


def elu_masked_overflow(x: Array, alpha: Any = 1.0, *, cotangent: Array) -> tuple[Array, ...]:
    return (cotangent * ((x > 0) + (x <= 0) * like(x, alpha) * np.exp(x)),)


def elu_from_output(x: Array, alpha: Any = 1.0, *, cotangent: Array) -> tuple[Array, ...]:
    return (cotangent * np.where(x > 0, 1, elu(x, alpha) + like(x, alpha)),)


def elu_ignores_alpha(x: Array, alpha: Any = 1.0, *, cotangent: Array) -> tuple[Array, ...]:
    return elu_vjp(x, cotangent=cotangent)[:1]


def leaky_relu_ignores_slope(
    x: Array, negative_slope: Any = 0.01, *, cotangent: Array
) -> tuple[Array, ...]:
    return leaky_relu_vjp(x, cotangent=cotangent)[:1]


def leaky_relu_slope_of_the_right(
    x: Array, negative_slope: Any = 0.01, *, cotangent: Array
) -> tuple[Array, ...]:
    first = leaky_relu_vjp(x, negative_slope, cotangent=cotangent)[0]
    return first, np.asarray(np.sum(cotangent * np.maximum(x, 0)))


def leaky_relu_zero_at_zero(
    x: Array, negative_slope: Any = 0.01, *, cotangent: Array
) -> tuple[Array, ...]:
    first = leaky_relu_vjp(x, negative_slope, cotangent=cotangent)[0]
    return (np.where(x == 0, 0, first),)


def softplus_misses_beta(x: Array, beta: Any = 1.0, *, cotangent: Array) -> tuple[Array, ...]:
    return (cotangent * sigmoid(x),)


def softplus_extra_beta(x: Array, beta: Any = 1.0, *, cotangent: Array) -> tuple[Array, ...]:
    return (cotangent * like(x, beta) * sigmoid(like(x, beta) * x),)


def softplus_beta_half(x: Array, beta: Any = 1.0, *, cotangent: Array) -> tuple[Array, ...]:
    first = softplus_vjp(x, beta, cotangent=cotangent)[0]
    return first, np.asarray(np.sum(cotangent * x * sigmoid(like(x, beta) * x)) / like(x, beta))


def swish_misses_beta(x: Array, beta: Any = 1.0, *, cotangent: Array) -> tuple[Array, ...]:
    t = np.clip(x, -2000, 2000)
    s, other = sigmoid(like(x, beta) * t), sigmoid(-like(x, beta) * t)
    return (cotangent * s * (1 + t * other),)


def swish_beta_misses_a_factor(x: Array, beta: Any = 1.0, *, cotangent: Array) -> tuple[Array, ...]:
    first = swish_vjp(x, beta, cotangent=cotangent)[0]
    t = np.clip(x, -2000, 2000)
    bend = t * sigmoid_vjp(like(x, beta) * t, cotangent=cotangent)[0]
    return first, np.asarray(np.sum(bend))


def prelu_weight_unsummed(
    x: Array, weight: Array, channel_axis: int = 1, *, cotangent: Array
) -> tuple[Array, ...]:
    first = prelu_vjp(x, weight, channel_axis, cotangent=cotangent)[0]
    return first, cotangent * np.minimum(x, 0)


def prelu_weight_averaged(
    x: Array, weight: Array, channel_axis: int = 1, *, cotangent: Array
) -> tuple[Array, ...]:
    first, second = prelu_vjp(x, weight, channel_axis, cotangent=cotangent)
    return first, np.asarray(second * like(x, weight.size / max(x.size, 1)))


def prelu_weight_other_channel(
    x: Array, weight: Array, channel_axis: int = 1, *, cotangent: Array
) -> tuple[Array, ...]:
    first, second = prelu_vjp(x, weight, channel_axis, cotangent=cotangent)
    return first, second[::-1] if second.ndim else second


def softmax_diagonal(z: Array, axis: int = -1, *, cotangent: Array) -> tuple[Array, ...]:
    s = softmax(z, axis)
    return (cotangent * s * (1 - s),)


def softmax_without_the_sum(z: Array, axis: int = -1, *, cotangent: Array) -> tuple[Array, ...]:
    return (cotangent * softmax(z, axis),)


def softmax_last_axis(z: Array, axis: int = -1, *, cotangent: Array) -> tuple[Array, ...]:
    return softmax_vjp(z, cotangent=cotangent)


def log_softmax_forgets_the_sum(z: Array, axis: int = -1, *, cotangent: Array) -> tuple[Array, ...]:
    return (cotangent - softmax(z, axis),)


def log_softmax_passes_through(z: Array, axis: int = -1, *, cotangent: Array) -> tuple[Array, ...]:
    return (np.array(cotangent),)


def log_softmax_mean_for_sum(z: Array, axis: int = -1, *, cotangent: Array) -> tuple[Array, ...]:
    return (cotangent - softmax(z, axis) * np.mean(cotangent, axis=axis, keepdims=True),)


def relu_slope(at_zero: float) -> Vjp:
    return by_slope(lambda x: np.heaviside(x, like(x, at_zero)))


WRONG = (
    # saturation, overflow, cancellation
    wrong(
        "sigmoid_gradient_s_times_one_minus_s",
        "sigmoid",
        by_slope(lambda x: sigmoid(x) * (1 - sigmoid(x))),
        "x = 40: 0, truth 4.2e-18",
    ),
    wrong(
        "sigmoid_gradient_overflows",
        "sigmoid",
        by_slope(sigmoid_overflowing),
        "x = -400 (-60 in float32): 0, truth 1.9e-174 (8.8e-27)",
    ),
    wrong(
        "tanh_gradient_one_minus_square",
        "tanh",
        by_slope(lambda x: 1 - np.square(np.tanh(x))),
        "x = 20: 0, truth 1.7e-17",
    ),
    wrong(
        "log_sigmoid_gradient_one_minus",
        "log_sigmoid",
        by_slope(lambda x: 1 - sigmoid(x)),
        "x = 40: 0, truth 4.2e-18",
    ),
    wrong(
        "softplus_gradient_from_output",
        "softplus",
        by_slope(lambda x: 1 - np.exp(-softplus_sum(x))),
        "x = -40: 0, truth 4.2e-18",
    ),
    wrong("elu_gradient_from_output", "elu", elu_from_output, "x = -40: 0, truth 4.2e-18"),
    wrong(
        "selu_gradient_from_output",
        "selu",
        by_slope(lambda x: np.where(x > 0, SCALE, selu(x) + SCALE * ALPHA)),
        "x = -40: 0, truth 7.5e-18",
    ),
    wrong("elu_gradient_zero_times_infinity", "elu", elu_masked_overflow, "x = 800: nan, truth 1"),
    wrong(
        "gelu_gradient_saturates",
        "gelu",
        by_slope(gelu_saturated),
        "x = -10: relative error 1e-2",
    ),
    wrong(
        "gelu_tanh_gradient_zero_times_infinity",
        "gelu_tanh",
        by_slope(gelu_tanh_by_tanh),
        "x = 1e200 (1e20 in float32): nan, truth 1",
    ),
    wrong(
        "tanh_gradient_by_differences",
        "tanh",
        by_slope(tanh_difference),
        "x = 1: relative error 1e-7 in float64, 1e-5 in float32",
    ),
    # wrong formulas and tails
    wrong(
        "gelu_gradient_wrong_sign_below_minus_five",
        "gelu",
        by_slope(lambda x: np.where(x < -5, -1, 1) * gelu_vjp(x, cotangent=np.ones_like(x))[0]),
        "x = -6: 3.5e-8, truth -3.5e-8",
    ),
    wrong(
        "gelu_gradient_zero_below_minus_three",
        "gelu",
        by_slope(lambda x: np.where(x < -3, 0, gelu_vjp(x, cotangent=np.ones_like(x))[0])),
        "x = -4: 0, truth -5.0e-4",
    ),
    wrong(
        "gelu_gradient_of_the_tanh_form",
        "gelu",
        by_slope(lambda x: gelu_tanh_vjp(x, cotangent=np.ones_like(x))[0]),
        "x = 2: 1.0861, truth 1.0852",
    ),
    wrong(
        "gelu_gradient_misses_the_density",
        "gelu",
        by_slope(special.ndtr),
        "x = 1: 0.84, truth 1.08",
    ),
    wrong(
        "gelu_tanh_gradient_forgets_the_cube",
        "gelu_tanh",
        by_slope(gelu_tanh_forgets_the_cube),
        "x = 1: 1.05, truth 1.08",
    ),
    wrong("silu_gradient_is_sigmoid", "silu", by_slope(sigmoid), "x = 1: 0.73, truth 0.93"),
    wrong(
        "silu_gradient_adds_the_output_twice",
        "silu",
        by_slope(lambda x: sigmoid(x) + silu(x)),
        "x = 1: 1.46, truth 0.93",
    ),
    wrong("sigmoid_gradient_is_output", "sigmoid", by_slope(sigmoid), "x = 0: 0.5, truth 0.25"),
    wrong(
        "sigmoid_gradient_wrong_sign",
        "sigmoid",
        by_slope(lambda x: -sigmoid_vjp(x, cotangent=np.ones_like(x))[0]),
        "x = 0: -0.25, truth 0.25",
    ),
    wrong("step_gradient_straight_through", "step", by_slope(np.ones_like), "x = 1: 1, truth 0"),
    wrong(
        "selu_gradient_misses_alpha",
        "selu",
        by_slope(lambda x: np.where(x > 0, SCALE, SCALE * np.exp(x))),
        "x = -1: 0.387, truth 0.647",
    ),
    wrong("relu_gradient_zeros", "relu", by_slope(lambda x: 0 * x), "x = 1: 0, truth 1"),
    # special values
    wrong("silu_gradient_nan_at_infinity", "silu", by_slope(silu_product), "inf: nan", SPECIAL),
    wrong(
        "gelu_gradient_nan_at_infinity",
        "gelu",
        by_slope(lambda x: special.ndtr(x) + x * np.exp(-x * x / 2) * (ROOT / 2)),
        "inf: inf times 0 is nan, truth 1",
        SPECIAL,
    ),
    wrong(
        "tanh_gradient_swallows_nan",
        "tanh",
        by_slope(lambda x: np.nan_to_num(tanh_vjp(x, cotangent=np.ones_like(x))[0])),
        "nan: 0",
        SPECIAL,
    ),
    # kinks
    wrong("relu_gradient_two_at_zero", "relu", relu_slope(2), "x = 0: 2, not in [0, 1]", KINK),
    wrong(
        "relu_gradient_minus_one_at_zero", "relu", relu_slope(-1), "x = 0: -1, not in [0, 1]", KINK
    ),
    wrong(
        "relu_gradient_nan_at_zero",
        "relu",
        by_slope(lambda x: (np.where(np.isinf(x), np.sign(x), x / np.abs(x)) + 1) / 2),
        "x = 0: nan, not in [0, 1]",
        ("grad.kink", "grad.special", "grad.accuracy"),
    ),
    wrong(
        "leaky_relu_gradient_zero_at_zero",
        "leaky_relu",
        leaky_relu_zero_at_zero,
        "x = 0: 0, not in [0.01, 1]",
        KINK,
    ),
    # only elsewhere than at the default parameter
    wrong(
        "elu_gradient_ignores_alpha",
        "elu",
        elu_ignores_alpha,
        "alpha 2, x = -1: 0.37, truth 0.74",
        ELSEWHERE,
    ),
    wrong(
        "leaky_relu_gradient_ignores_the_slope",
        "leaky_relu",
        leaky_relu_ignores_slope,
        "slope 0.25, x = -1: 0.01",
        ELSEWHERE,
    ),
    wrong(
        "softplus_gradient_misses_beta",
        "softplus",
        softplus_misses_beta,
        "beta 2, x = 1: 0.73, truth 0.88",
        ELSEWHERE,
    ),
    wrong(
        "softplus_gradient_has_beta_twice",
        "softplus",
        softplus_extra_beta,
        "beta 2, x = 1: 1.76, truth 0.88",
        ELSEWHERE,
    ),
    wrong(
        "swish_gradient_misses_beta",
        "swish",
        swish_misses_beta,
        "beta 2, x = 1: 0.99, truth 1.09",
        ELSEWHERE,
    ),
    # only of the parameter
    wrong(
        "leaky_relu_slope_gradient_averaged",
        "leaky_relu",
        lambda x, negative_slope=0.01, *, cotangent: (
            leaky_relu_vjp(x, negative_slope, cotangent=cotangent)[0],
            np.asarray(np.sum(cotangent * np.minimum(x, 0)) / like(x, max(x.size, 1))),
        ),
        "x = (-1, -1): -1, truth -2",
        PARAMETER,
    ),
    wrong(
        "leaky_relu_slope_gradient_of_the_right",
        "leaky_relu",
        leaky_relu_slope_of_the_right,
        "x = -1: 0, truth -1",
        PARAMETER,
    ),
    wrong(
        "elu_alpha_gradient_wrong_sign",
        "elu",
        with_parameter(elu_vjp, lambda g: -g),
        "x = -1: 0.63, truth -0.63",
        PARAMETER,
    ),
    wrong(
        "softplus_beta_gradient_half",
        "softplus",
        softplus_beta_half,
        "x = 1: 0.73, truth -0.58",
        PARAMETER,
    ),
    wrong(
        "swish_beta_gradient_misses_a_factor",
        "swish",
        swish_beta_misses_a_factor,
        "x = 2: 0.21, truth 0.42",
        PARAMETER,
    ),
    wrong(
        "swish_beta_gradient_zero",
        "swish",
        with_parameter(swish_vjp, lambda g: 0 * g),
        "x = 2: 0, truth 0.42",
        PARAMETER,
    ),
    wrong(
        "prelu_weight_gradient_averaged",
        "prelu",
        prelu_weight_averaged,
        "x of shape (2, 2): half the truth",
        ("grad.parameter", "structure.broadcast"),
    ),
    wrong(
        "prelu_weight_gradient_unsummed",
        "prelu",
        prelu_weight_unsummed,
        "the shape of x, truth the shape of the weight",
        ("grad.parameter", "structure.shape", "structure.broadcast"),
    ),
    wrong(
        "prelu_weight_gradient_of_the_other_channel",
        "prelu",
        prelu_weight_other_channel,
        "x = ((-1, 1),): (0, -1), truth (-1, 0)",
        PARAMETER,
    ),
    # cotangents
    wrong(
        "relu_gradient_ignores_the_cotangent",
        "relu",
        by_cotangent(relu_slope(0), np.ones_like),
        "cotangent 2, x = 1: 1",
        COTANGENT,
    ),
    wrong(
        "sigmoid_gradient_clips_the_cotangent",
        "sigmoid",
        by_cotangent(sigmoid_vjp, lambda g: np.clip(g, -1, 1)),
        "cotangent 3: a third of the truth",
        COTANGENT,
    ),
    wrong(
        "tanh_gradient_takes_the_sign_of_the_cotangent",
        "tanh",
        by_cotangent(tanh_vjp, np.sign),
        "cotangent 3: a third of the truth",
        COTANGENT,
    ),
    wrong(
        "gelu_gradient_squares_the_cotangent",
        "gelu",
        by_cotangent(gelu_vjp, np.square),
        "cotangent 3: three times the truth",
        COTANGENT,
    ),
    wrong(
        "silu_gradient_drops_negative_cotangents",
        "silu",
        by_cotangent(silu_vjp, lambda g: np.maximum(g, 0)),
        "cotangent -1: 0",
        COTANGENT,
    ),
    wrong(
        "selu_gradient_averages_the_cotangent",
        "selu",
        by_cotangent(selu_vjp, lambda g: np.full_like(g, np.mean(g) if g.size else 0)),
        "cotangent (1, 3): 2 for both",
        COTANGENT,
    ),
    # softmax
    wrong(
        "softmax_gradient_diagonal_only",
        "softmax",
        softmax_diagonal,
        "(0, 0), cotangent (1, 1): 0.25, truth 0",
    ),
    wrong(
        "softmax_gradient_without_the_sum",
        "softmax",
        softmax_without_the_sum,
        "(0, 0), cotangent (1, 1): 0.5, truth 0",
    ),
    wrong(
        "softmax_gradient_over_the_last_axis",
        "softmax",
        softmax_last_axis,
        "axis 0 of a square: the gradient of axis 1",
        ("structure.layout",),
    ),
    wrong(
        "log_softmax_gradient_forgets_the_sum",
        "log_softmax",
        log_softmax_forgets_the_sum,
        "(0, 0), cotangent (1, 1): 0.5, truth 0",
        ("grad.accuracy", "grad.cotangent"),
    ),
    wrong(
        "log_softmax_gradient_passes_through",
        "log_softmax",
        log_softmax_passes_through,
        "(0, 0), cotangent (1, 1): 1, truth 0",
    ),
    wrong(
        "log_softmax_gradient_mean_for_sum",
        "log_softmax",
        log_softmax_mean_for_sum,
        "(0, 0), cotangent (1, 1): 0.5, truth 0",
    ),
    # tiny intervals
    dent("gelu", gelu_vjp, 1.7501, 1.7506, 1.002),
    dent("tanh", tanh_vjp, -3.334, -3.333, 0.998),
    dent("sigmoid", sigmoid_vjp, 12.0, 12.003, 1.01),
    dent("silu", silu_vjp, 0.25, 0.25008, 0.99),
)
