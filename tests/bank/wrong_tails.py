"""Wrong tails, constants, intervals, parameters and special values: only the value is wrong."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from .entry import Entry
from .reductions import Array, like
from .right import (
    ALPHA,
    ROOT,
    SCALE,
    C,
    elu,
    gelu,
    gelu_tanh,
    leaky_relu,
    log_sigmoid,
    selu,
    sigmoid,
    silu,
    softmax,
    softplus,
    softplus_sum,
    swish,
)

ACCURACY = ("value.accuracy",)
SPECIAL = ("value.special",)
PARAMETERS = ("value.parameters",)
Forward = Callable[[Array], Array]


def wrong(
    name: str, function: str, forward: Any, note: str, by: tuple[str, ...] = ACCURACY
) -> Entry:
    return Entry(name, function, forward, killed_by=by, note=note)


def scaled_between(forward: Forward, low: float, high: float, factor: float) -> Forward:
    """Right everywhere except in the open interval (low, high)."""

    def forward_with_a_dent(x: Array) -> Array:
        y = np.asarray(forward(x))
        return np.where((x > low) & (x < high), y * like(x, factor), y)

    return forward_with_a_dent


def dent(function: str, forward: Forward, low: float, high: float, factor: float) -> Entry:
    name = f"{function}_wrong_between_{low:g}_and_{high:g}"
    note = f"x = {(low + high) / 2:g}: {factor:g} times the truth"
    return wrong(name, function, scaled_between(forward, low, high, factor), note)


def noisy(x: Array) -> Any:
    return 1 + 1e-4 * np.sin(1000 * np.clip(x, -1000, 1000))


def softmax_floored(z: Array, axis: int = -1) -> Any:
    e = np.exp(np.maximum(z - np.max(z, axis=axis, keepdims=True, initial=-np.inf), -30))
    return e / np.sum(e, axis=axis, keepdims=True)


def softmax_with_epsilon(z: Array, axis: int = -1) -> Any:
    e = np.exp(z - np.max(z, axis=axis, keepdims=True, initial=-np.inf))
    return e / (np.sum(e, axis=axis, keepdims=True) + like(z, 1e-3))


def softmax_masked_row(z: Array, axis: int = -1) -> Any:
    return np.nan_to_num(softmax(z, axis))


def softplus_beta_not_divided(x: Array, beta: Any = 1.0) -> Array:
    return softplus_sum(like(x, beta) * x)


def prelu_clipped_weight(x: Array, weight: Array) -> Array:
    w = np.clip(weight.reshape(()) if weight.size == 1 else weight, 0, 0.5)
    shape = (-1,) + (1,) * (x.ndim - 2) if w.ndim else ()
    return np.where(x > 0, x, w.reshape(shape) * x)


def gelu_abramowitz_stegun(x: Array) -> Array:
    z = np.minimum(np.abs(x), 100) * math.sqrt(0.5)
    t = 1 / (1 + 0.3275911 * z)
    series = t * (
        0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429)))
    )
    half = series * np.exp(-z * z) / 2
    return np.maximum(x, -100) * np.where(x < 0, half, 1 - half)


def sigmoid_table(x: Array) -> Array:
    knots = np.linspace(-8, 8, 4097)
    return np.interp(x, knots, 1 / (1 + np.exp(-knots))).astype(x.dtype)


def tanh_pade(x: Array) -> Any:
    t = np.clip(x, -4.97, 4.97)
    square = t * t
    return (
        t
        * (135135 + square * (17325 + square * (378 + square)))
        / (135135 + square * (62370 + square * (3150 + square * 28)))
    )


WRONG = (
    wrong(
        "sigmoid_zero_below_minus_three",
        "sigmoid",
        lambda x: np.where(x < -3, 0, sigmoid(x)),
        "x = -4: 0, truth 0.018",
    ),
    wrong(
        "sigmoid_clips_its_input",
        "sigmoid",
        lambda x: sigmoid(np.clip(x, -30, 30)),
        "x = -40: 9.4e-14, truth 4.2e-18",
    ),
    wrong(
        "sigmoid_tail_by_exp",
        "sigmoid",
        lambda x: np.where(x < -8, np.exp(np.minimum(x, 0)), sigmoid(x)),
        "x = -8.5: relative error 2e-4",
    ),
    wrong(
        "sigmoid_hard",
        "sigmoid",
        lambda x: np.clip(x / 6 + 0.5, 0, 1),
        "x = 1: 0.667, truth 0.731",
    ),
    wrong("sigmoid_by_table", "sigmoid", sigmoid_table, "x = -20: 3.4e-4, truth 2.1e-9"),
    wrong("sigmoid_constant", "sigmoid", lambda x: np.full_like(x, 0.5), "x = 1: 0.5"),
    wrong("sigmoid_noise", "sigmoid", lambda x: sigmoid(x) * noisy(x), "relative error 1e-4"),
    wrong("tanh_zeros", "tanh", np.zeros_like, "x = 1: 0"),
    wrong(
        "tanh_saturates_at_four",
        "tanh",
        lambda x: np.where(np.abs(x) > 4, np.sign(x), np.tanh(x)),
        "x = 4.1: 1, truth 0.99945",
    ),
    wrong("tanh_pade", "tanh", tanh_pade, "x = 4: relative error 1.5e-5; clipped beyond 4.97"),
    wrong(
        "tanh_not_odd",
        "tanh",
        lambda x: np.where(x < 0, np.tanh(x) * like(x, 0.9999), np.tanh(x)),
        "x = -1: relative error 1e-4",
        ("value.accuracy", "value.symmetry"),
    ),
    wrong("tanh_noise", "tanh", lambda x: np.tanh(x) * noisy(x), "relative error 1e-4"),
    wrong(
        "gelu_zero_below_minus_five",
        "gelu",
        lambda x: np.where(x < -5, 0, gelu(x)),
        "x = -6: 0, truth -5.9e-9",
    ),
    wrong(
        "gelu_wrong_sign_in_the_tail",
        "gelu",
        lambda x: np.where(x < -5, -gelu(x), gelu(x)),
        "x = -6: 5.9e-9, truth -5.9e-9",
    ),
    wrong("gelu_returns_its_input", "gelu", np.array, "x = 1: 1, truth 0.841"),
    wrong("gelu_tanh_sold_as_exact", "gelu", gelu_tanh, "x = -3: -0.0036, truth -0.0040"),
    wrong(
        "gelu_quick_sold_as_exact",
        "gelu",
        lambda x: swish(x, 1.702),
        "x = -3: -0.0181, truth -0.0040",
    ),
    wrong(
        "gelu_abramowitz_stegun",
        "gelu",
        gelu_abramowitz_stegun,
        "x = -6: relative error 4e-3 (erf to seven digits)",
    ),
    wrong("gelu_exact_sold_as_tanh", "gelu_tanh", gelu, "x = -3: -0.0040, truth -0.0036"),
    wrong(
        "gelu_tanh_constant_0447",
        "gelu_tanh",
        lambda x: (
            swish(x * (1 + 0.0447 * np.square(np.clip(x, -99, 99))), 2 * ROOT)
            / (1 + 0.0447 * np.square(np.clip(x, -99, 99)))
        ),
        "x = -4: relative error 1.5e-3",
    ),
    wrong(
        "gelu_tanh_root_with_five_digits",
        "gelu_tanh",
        lambda x: (
            swish(x * (1 + C * np.square(np.clip(x, -99, 99))), 2 * 0.79788)
            / (1 + C * np.square(np.clip(x, -99, 99)))
        ),
        "x = -5: relative error 1e-4",
    ),
    wrong(
        "silu_tail_by_exp",
        "silu",
        lambda x: np.where(x < -5, np.maximum(x, -5000) * np.exp(np.minimum(x, 0)), silu(x)),
        "x = -6: relative error 2.5e-3",
    ),
    wrong(
        "silu_hard",
        "silu",
        lambda x: x * np.clip(x / 6 + 0.5, 0, 1),
        "x = 1: 0.667, truth 0.731",
    ),
    wrong(
        "softplus_zero_below_minus_fifteen",
        "softplus",
        lambda x: np.where(x < -15, 0, softplus_sum(x)),
        "x = -16: 0, truth 1.1e-7",
    ),
    wrong(
        "softplus_dips_below_zero",
        "softplus",
        lambda x: softplus_sum(x) - like(x, 1e-6),
        "x = -20: -1e-6, truth 2e-9",
        ("value.accuracy", "value.range"),
    ),
    wrong(
        "softplus_not_monotone",
        "softplus",
        lambda x: softplus_sum(x) * noisy(x),
        "relative error 1e-4",
        ("value.accuracy", "value.monotone"),
    ),
    wrong(
        "elu_clamped_tail",
        "elu",
        lambda x, alpha=1.0: np.where(x < -10, -like(x, alpha), elu(x, alpha)),
        "x = -10.5: -1, truth -0.99997",
    ),
    wrong(
        "selu_four_digits",
        "selu",
        lambda x: np.where(x > 0, 1.0507 * x, 1.0507 * 1.6733 * np.expm1(x)),
        "x = -20: relative error 2.1e-5",
    ),
    wrong(
        "selu_forgets_alpha",
        "selu",
        lambda x: np.where(x > 0, SCALE * x, SCALE * np.expm1(x)),
        f"x = -1: too small by the factor {ALPHA:.3f}",
    ),
    wrong(
        "log_sigmoid_linear_below_minus_ten",
        "log_sigmoid",
        lambda x: np.where(x < -10, x, log_sigmoid(x)),
        "x = -10.5: -10.5, truth lower by 2.8e-5",
    ),
    wrong("log_sigmoid_sign", "log_sigmoid", lambda x: softplus_sum(-x), "x = 0: 0.69"),
    wrong("relu_absolute", "relu", np.abs, "x = -1: 1, truth 0"),
    wrong("relu_six", "relu", lambda x: np.clip(x, 0, 6), "x = 7: 6"),
    wrong("relu_leaks", "relu", leaky_relu, "x = -1: -0.01, truth 0"),
    wrong("identity_clipped", "identity", lambda x: np.clip(x, -1e6, 1e6), "x = 1e7: 1e6"),
    wrong(
        "identity_negative_mirrored",
        "identity",
        np.abs,
        "x = -1: 1",
        ("value.accuracy", "value.symmetry"),
    ),
    wrong(
        "step_threshold_above_zero",
        "step",
        lambda x: np.heaviside(x - like(x, 1e-8), 0),
        "x = 1e-9: 0, truth 1",
    ),
    wrong("step_minus_one", "step", np.sign, "x = -1: -1, truth 0"),
    wrong("softmax_zeros", "softmax", lambda z, axis=-1: np.zeros_like(z), "(0, 0): (0, 0)"),
    wrong(
        "softmax_uniform",
        "softmax",
        lambda z, axis=-1: np.ones_like(z) / max(z.shape[axis], 1),
        "(0, 1): (0.5, 0.5)",
    ),
    wrong("softmax_floored", "softmax", softmax_floored, "(0, -50): 9.4e-14, truth 1.9e-22"),
    wrong("softmax_with_epsilon", "softmax", softmax_with_epsilon, "(0, 0): 0.49975"),
    wrong(
        "softmax_in_base_two",
        "softmax",
        lambda z, axis=-1: softmax(z * math.log(2), axis),
        "(0, 1): (0.333, 0.667)",
    ),
    # tiny intervals, relative width about 3e-4
    dent("sigmoid", sigmoid, 3.001, 3.002, 1.001),
    dent("tanh", np.tanh, -0.7012, -0.701, 1.001),
    dent("gelu", gelu, -1.3002, -1.2999, 1.01),
    dent("softplus", softplus_sum, 6.999, 7.0021, 0.999),
    dent("relu", lambda x: np.maximum(x, 0), 100.0, 100.03, 0.5),
    dent("silu", silu, 0.0010002, 0.0010005, 0.999),
    dent("log_sigmoid", log_sigmoid, -2.0007, -2.0001, 1.002),
    # parameters
    wrong(
        "leaky_relu_by_maximum",
        "leaky_relu",
        lambda x, negative_slope=0.01: np.maximum(x, like(x, negative_slope) * x),
        "slope 2, x = -1: -1, truth -2; x = 1: 2, truth 1",
        PARAMETERS,
    ),
    wrong(
        "leaky_relu_ignores_the_slope",
        "leaky_relu",
        lambda x, negative_slope=0.01: leaky_relu(x),
        "slope 0.25, x = -1: -0.01",
        PARAMETERS,
    ),
    wrong(
        "leaky_relu_other_default",
        "leaky_relu",
        lambda x, negative_slope=0.3: leaky_relu(x, negative_slope),
        "x = -1: -0.3, truth -0.01",
    ),
    wrong(
        "elu_ignores_alpha",
        "elu",
        lambda x, alpha=1.0: elu(x),
        "alpha 2, x = -1: -0.63, truth -1.26",
        PARAMETERS,
    ),
    wrong(
        "elu_alpha_inside",
        "elu",
        lambda x, alpha=1.0: elu(np.where(x < 0, like(x, alpha) * x, x)),
        "alpha 2, x = -1: -0.86, truth -1.26",
        PARAMETERS,
    ),
    wrong(
        "softplus_beta_not_divided",
        "softplus",
        softplus_beta_not_divided,
        "beta 2, x = 1: 2.13, truth 1.06",
        PARAMETERS,
    ),
    wrong(
        "softplus_beta_on_the_right_only",
        "softplus",
        lambda x, beta=1.0: np.where(x > 0, softplus(x, beta), softplus(x)),
        "beta 2, x = -1: 0.31, truth 0.063",
        PARAMETERS,
    ),
    wrong(
        "swish_ignores_beta",
        "swish",
        lambda x, beta=1.0: swish(x),
        "beta 2, x = 1: 0.73, truth 0.88",
        PARAMETERS,
    ),
    wrong(
        "swish_beta_outside",
        "swish",
        lambda x, beta=1.0: like(x, beta) * swish(x),
        "beta 2, x = 1: 1.46, truth 0.88",
        PARAMETERS,
    ),
    wrong(
        "prelu_clips_its_weight",
        "prelu",
        prelu_clipped_weight,
        "weight 1.5, x = -1: -0.5, truth -1.5",
        ("value.accuracy", "value.parameters"),
    ),
    # special values
    wrong("relu_swallows_nan", "relu", lambda x: np.where(x > 0, x, 0), "nan: 0", SPECIAL),
    wrong("relu_fmax", "relu", lambda x: np.fmax(x, 0), "nan: 0", SPECIAL),
    wrong("relu_mask_times_infinity", "relu", lambda x: x * (x > 0), "-inf: nan", SPECIAL),
    wrong(
        "leaky_relu_swallows_nan",
        "leaky_relu",
        lambda x, negative_slope=0.01: np.fmax(x, 0) + like(x, negative_slope) * np.fmin(x, 0),
        "nan: 0",
        SPECIAL,
    ),
    wrong(
        "sigmoid_nan_to_num", "sigmoid", lambda x: sigmoid(np.nan_to_num(x)), "nan: 0.5", SPECIAL
    ),
    wrong(
        "sigmoid_half_at_infinity",
        "sigmoid",
        lambda x: np.where(np.isinf(x), 0.5, sigmoid(x)).astype(x.dtype),
        "inf: 0.5, truth 1",
        SPECIAL,
    ),
    wrong(
        "tanh_nan_becomes_one",
        "tanh",
        lambda x: np.where(np.isnan(x), 1, np.tanh(x)),
        "nan: 1",
        SPECIAL,
    ),
    wrong("tanh_loses_the_sign_of_zero", "tanh", lambda x: np.tanh(x) + 0, "-0: 0", SPECIAL),
    wrong("silu_nan_at_minus_infinity", "silu", lambda x: x * sigmoid(x), "-inf: nan", SPECIAL),
    wrong(
        "gelu_nan_at_infinity",
        "gelu",
        lambda x: gelu(x) + 0 * x,
        "inf: nan, truth inf",
        SPECIAL,
    ),
    wrong(
        "elu_nan_at_infinity",
        "elu",
        lambda x, alpha=1.0: elu(x, alpha) + (x - x),
        "inf: nan, truth inf",
        SPECIAL,
    ),
    wrong(
        "selu_zero_at_minus_infinity",
        "selu",
        lambda x: np.where(np.isinf(x) & (x < 0), 0, selu(x)),
        "-inf: 0, truth -1.758",
        SPECIAL,
    ),
    wrong("step_swallows_nan", "step", lambda x: (x > 0).astype(x.dtype), "nan: 0", SPECIAL),
    wrong("softmax_swallows_nan", "softmax", softmax_masked_row, "(0, nan): (0, 0)", SPECIAL),
)
