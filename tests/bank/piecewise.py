"""Piecewise activations: boundaries, sides, slopes, parameters."""

from __future__ import annotations

from typing import Any

import numpy as np

from .entry import right, wrong
from .reductions import Array, vjp

GRADIENT = ("grad.accuracy",)
PARAMETER = ("value.parameters",)
OF_PARAMETER = ("grad.parameter",)
NAN = ("value.special",)


def gate(condition: Any, x: Array) -> Any:
    """1 where the condition holds, 0 where not, NaN where x is."""
    return np.where(np.isnan(x), x, np.where(condition, x.dtype.type(1), x.dtype.type(0)))


# hard_sigmoid, hard_tanh, hard_swish, relu6


def hard_sigmoid(x: Array) -> Any:
    return np.where(x <= -3, 0, np.where(x >= 3, 1, (x + 3) / 6)).astype(x.dtype)


hard_sigmoid_vjp = vjp(lambda x: (gate(np.abs(x) < 3, x) / 6,))


def hard_tanh(x: Array, min_val: float = -1.0, max_val: float = 1.0) -> Any:
    return np.minimum(np.maximum(x, x.dtype.type(min_val)), x.dtype.type(max_val))


def hard_tanh_slopes(x: Array, min_val: float = -1.0, max_val: float = 1.0) -> tuple[Any, ...]:
    low, high = x.dtype.type(min_val), x.dtype.type(max_val)
    return gate((x > low) & (x < high), x), gate(x < low, x), gate(x > high, x)


def hard_swish(x: Array) -> Any:
    t = np.clip(x, -3, 3)
    return np.where(x > 3, x, t * ((t + 3) / 6))


hard_swish_vjp = vjp(lambda x: (np.where(x >= 3, 1, np.where(x <= -3, 0, (2 * x + 3) / 6)),))


def relu6(x: Array) -> Any:
    return np.clip(x, 0, 6)


relu6_vjp = vjp(lambda x: (gate((x > 0) & (x <= 6), x),))


# relu_squared, rrelu, sparse_plus, sparse_sigmoid


def relu_squared(x: Array) -> Any:
    return np.square(np.maximum(x, 0))


def rrelu(x: Array, lower: float = 1 / 8, upper: float = 1 / 3) -> Any:
    return np.where(x > 0, x, x * ((lower + upper) / 2))


def rrelu_slopes(x: Array, lower: float = 1 / 8, upper: float = 1 / 3) -> tuple[Any, ...]:
    half = np.minimum(x, 0) / 2
    return np.where(x > 0, 1, gate(x <= 0, x) * (lower + upper) / 2), half, half


def rrelu_train(x: Array, slope: Array) -> Any:
    return np.maximum(x, 0) + slope * np.minimum(x, 0)


rrelu_train_vjp = vjp(lambda x, slope: (np.where(x > 0, 1, slope), np.minimum(x, 0)), inputs=2)


def sparse_plus(x: Array) -> Any:
    t = np.clip(x, -1, 1) + 1
    return np.where(x >= 1, x, t * t / 4)


sparse_plus_vjp = vjp(lambda x: ((np.clip(x, -1, 1) + 1) / 2,))


def sparse_sigmoid(x: Array) -> Any:
    return np.clip((x + 1) / 2, 0, 1)


sparse_sigmoid_vjp = vjp(lambda x: (gate((x >= -1) & (x < 1), x) / 2,))


# shrinkage


def softshrink(x: Array, lambd: float = 0.5) -> Any:
    return np.copysign(np.maximum(np.abs(x) - lambd, 0), x)


def softshrink_slopes(x: Array, lambd: float = 0.5) -> tuple[Any, ...]:
    outside = gate(np.abs(x) > lambd, x)
    return outside, -np.sign(x) * outside


def hardshrink(x: Array, lambd: float = 0.5) -> Any:
    return x * np.where(np.abs(x) > x.dtype.type(lambd), x.dtype.type(1), x.dtype.type(0))


def beyond(x: Array, lambd: float) -> Any:
    return gate(np.abs(x) > x.dtype.type(lambd), x)


hardshrink_vjp = vjp(lambda x, lambd=0.5: (beyond(x, lambd),))


def shrink(x: Array, lambd: float = 0.5, bias: float = 0.0) -> Any:
    moved = x - np.copysign(x.dtype.type(bias), x) * np.copysign(x.dtype.type(1), bias)
    return np.where(np.abs(x) <= x.dtype.type(lambd), np.copysign(0, x), moved).astype(x.dtype)


def shrink_slopes(x: Array, lambd: float = 0.5, bias: float = 0.0) -> tuple[Any, ...]:
    outside = beyond(x, lambd)
    return outside, -np.sign(x) * outside


# thresholds


def threshold(x: Array, threshold: float = 1.0, value: float = 0.0) -> Any:
    return np.where(x <= x.dtype.type(threshold), x.dtype.type(value), x)


threshold_vjp = vjp(lambda x, threshold=1.0, value=0.0: (gate(x > x.dtype.type(threshold), x),))


def thresholded_relu(x: Array, theta: float = 1.0) -> Any:
    return np.where(x <= x.dtype.type(theta), 0, x).astype(x.dtype)


thresholded_relu_vjp = vjp(lambda x, theta=1.0: (gate(x > x.dtype.type(theta), x),))


RIGHT = (
    right("hard_sigmoid_nested", "hard_sigmoid", hard_sigmoid, hard_sigmoid_vjp),
    right("hard_tanh_min_of_max", "hard_tanh", hard_tanh, vjp(hard_tanh_slopes)),
    right("hard_swish_clipped", "hard_swish", hard_swish, hard_swish_vjp),
    right("relu6_clip", "relu6", relu6, relu6_vjp),
    right(
        "relu_squared_square",
        "relu_squared",
        relu_squared,
        vjp(lambda x: (2 * np.maximum(x, 0),)),
    ),
    right("rrelu_where", "rrelu", rrelu, vjp(rrelu_slopes)),
    right("rrelu_train_sum", "rrelu_train", rrelu_train, rrelu_train_vjp),
    right("softshrink_copysign", "softshrink", softshrink, vjp(softshrink_slopes)),
    right("hardshrink_product", "hardshrink", hardshrink, hardshrink_vjp),
    right("shrink_copysign", "shrink", shrink, vjp(shrink_slopes)),
    right("sparse_plus_clipped", "sparse_plus", sparse_plus, sparse_plus_vjp),
    right("sparse_sigmoid_clip", "sparse_sigmoid", sparse_sigmoid, sparse_sigmoid_vjp),
    right("threshold_where", "threshold", threshold, threshold_vjp),
    right("thresholded_relu_where", "thresholded_relu", thresholded_relu, thresholded_relu_vjp),
)

WRONG = (
    wrong(
        "hard_sigmoid_slope_of_keras",
        "hard_sigmoid",
        lambda x: np.clip(0.2 * x + 0.5, 0, 1),
        "x = 1: 0.7, truth 0.667",
    ),
    wrong(
        "hard_sigmoid_rounded_sixth",
        "hard_sigmoid",
        lambda x: np.clip(0.16667 * x + 0.5, 0, 1),
        "x = 2: relative error 8e-6",
    ),
    wrong(
        "hard_sigmoid_never_above",
        "hard_sigmoid",
        lambda x: np.maximum((x + 3) / 6, 0),
        "x = 4: 1.17, truth 1",
        ("value.accuracy", "value.range"),
    ),
    wrong(
        "hard_sigmoid_gradient_everywhere",
        "hard_sigmoid",
        hard_sigmoid,
        "x = 4: 1/6, truth 0",
        GRADIENT,
        vjp=vjp(lambda x: (np.full_like(x, 1 / 6),)),
    ),
    wrong(
        "hard_sigmoid_gradient_one_at_the_kink",
        "hard_sigmoid",
        hard_sigmoid,
        "x = 3: 1, truth in [0, 1/6]",
        ("grad.kink",),
        vjp=vjp(lambda x: (np.where(np.abs(x) == 3, 1, gate(np.abs(x) < 3, x) / 6),)),
    ),
    wrong(
        "hard_tanh_ignores_min_val",
        "hard_tanh",
        lambda x, min_val=-1.0, max_val=1.0: hard_tanh(x, -1.0, max_val),
        "min_val = -2, x = -3: -1",
        PARAMETER,
    ),
    wrong(
        "hard_tanh_symmetric",
        "hard_tanh",
        lambda x, min_val=-1.0, max_val=1.0: hard_tanh(x, -max_val, max_val),
        "max_val = 6, x = -3: -3, truth -1",
        PARAMETER,
    ),
    wrong(
        "hard_tanh_swallows_nan",
        "hard_tanh",
        lambda x, min_val=-1.0, max_val=1.0: np.fmin(
            np.fmax(x, x.dtype.type(min_val)), x.dtype.type(max_val)
        ),
        "nan: -1",
        NAN,
    ),
    wrong(
        "hard_tanh_bounds_exchanged_in_the_gradient",
        "hard_tanh",
        hard_tanh,
        "x = -3, of min_val: 0, truth 1",
        OF_PARAMETER,
        vjp=vjp(
            lambda x, min_val=-1.0, max_val=1.0: (
                hard_tanh_slopes(x, min_val, max_val)[0],
                *hard_tanh_slopes(x, min_val, max_val)[:0:-1],
            )
        ),
    ),
    wrong(
        "hard_tanh_gradient_outside",
        "hard_tanh",
        hard_tanh,
        "x = 2: 1, truth 0",
        GRADIENT,
        vjp=vjp(
            lambda x, min_val=-1.0, max_val=1.0: (gate(np.abs(x) > 1, x),),
        ),
    ),
    wrong(
        "hard_swish_ends_at_two",
        "hard_swish",
        lambda x: np.where(x > 2, x, np.where(x < -3, 0, x * (x + 3) / 6)),
        "x = 2.5: 2.5, truth 2.29",
    ),
    wrong(
        "hard_swish_of_keras",
        "hard_swish",
        lambda x: np.where(x > 3, x, x * np.clip(0.2 * x + 0.5, 0, 1)),
        "x = 1: 0.7, truth 0.667",
    ),
    wrong(
        "hard_swish_gradient_without_the_factor",
        "hard_swish",
        hard_swish,
        "x = 1: 0.667, truth 0.833",
        GRADIENT,
        vjp=vjp(lambda x: (hard_sigmoid(x),)),
    ),
    wrong(
        "hard_swish_zero_times_infinity",
        "hard_swish",
        lambda x: x * hard_sigmoid(x),
        "x = -inf: nan, truth 0",
        ("value.special",),
    ),
    wrong("relu6_uncapped", "relu6", lambda x: np.maximum(x, 0), "x = 7: 7, truth 6"),
    wrong(
        "relu6_capped_before",
        "relu6",
        lambda x: np.maximum(np.fmin(x, 6), 0),
        "nan: 6",
        NAN,
    ),
    wrong(
        "relu6_gradient_above",
        "relu6",
        relu6,
        "x = 7: 1, truth 0",
        GRADIENT,
        vjp=vjp(lambda x: (gate(x > 0, x),)),
    ),
    wrong(
        "relu_squared_of_both_sides",
        "relu_squared",
        np.square,
        "x = -1: 1, truth 0",
    ),
    wrong(
        "relu_squared_gradient_without_two",
        "relu_squared",
        relu_squared,
        "x = 1: 1, truth 2",
        GRADIENT,
        vjp=vjp(lambda x: (np.maximum(x, 0),)),
    ),
    wrong(
        "rrelu_geometric_middle",
        "rrelu",
        lambda x, lower=1 / 8, upper=1 / 3: np.where(x > 0, x, x * np.sqrt(lower * upper)).astype(
            x.dtype
        ),
        "x = -1: -0.204, truth -0.229",
    ),
    wrong(
        "rrelu_lower_alone",
        "rrelu",
        lambda x, lower=1 / 8, upper=1 / 3: np.where(x > 0, x, x * lower),
        "x = -1: -0.125, truth -0.229",
    ),
    wrong(
        "rrelu_gradient_of_upper_without_half",
        "rrelu",
        rrelu,
        "x = -1, of upper: -1, truth -0.5",
        OF_PARAMETER,
        vjp=vjp(
            lambda x, lower=1 / 8, upper=1 / 3: (
                *rrelu_slopes(x, lower, upper)[:2],
                np.minimum(x, 0),
            )
        ),
    ),
    wrong(
        "rrelu_train_slope_on_both_sides",
        "rrelu_train",
        lambda x, slope: x * slope,
        "x = 2, slope = 0.2: 0.4, truth 2",
    ),
    wrong(
        "rrelu_train_maximum",
        "rrelu_train",
        lambda x, slope: np.maximum(x, slope * x),
        "x = -1, slope = 2: -1, truth -2",
    ),
    wrong(
        "rrelu_train_slope_gradient_is_the_slope",
        "rrelu_train",
        rrelu_train,
        "x = -3, slope = 0.2, of the slope: 0.2, truth -3",
        OF_PARAMETER,
        vjp=vjp(lambda x, slope: (np.where(x > 0, 1, slope), slope), inputs=2),
    ),
    wrong(
        "softshrink_not_shifted",
        "softshrink",
        lambda x, lambd=0.5: hardshrink(x, lambd),
        "x = 1: 1, truth 0.5",
    ),
    wrong(
        "softshrink_negative_side_shifted_down",
        "softshrink",
        lambda x, lambd=0.5: np.where(np.abs(x) > lambd, x - lambd, 0 * x),
        "x = -1: -1.5, truth -0.5",
        ("value.accuracy", "value.symmetry"),
    ),
    wrong(
        "softshrink_loses_the_sign_of_zero",
        "softshrink",
        lambda x, lambd=0.5: np.maximum(x - lambd, 0) - np.maximum(-x - lambd, 0),
        "x = -0: 0, truth -0",
        NAN,
    ),
    wrong(
        "softshrink_lambd_gradient_unsigned",
        "softshrink",
        softshrink,
        "x = -1, of lambd: -1, truth 1",
        OF_PARAMETER,
        vjp=vjp(lambda x, lambd=0.5: (beyond(x, lambd), -beyond(x, lambd))),
    ),
    wrong(
        "hardshrink_soft",
        "hardshrink",
        lambda x, lambd=0.5: softshrink(x, lambd),
        "x = 1: 0.5, truth 1",
    ),
    wrong(
        "hardshrink_inside_out",
        "hardshrink",
        lambda x, lambd=0.5: np.where(np.abs(x) <= lambd, x, 0 * x),
        "x = 1: 0",
    ),
    wrong(
        "hardshrink_one_sided",
        "hardshrink",
        lambda x, lambd=0.5: x * gate(x > lambd, x),
        "x = -1: 0, truth -1",
        ("value.accuracy", "value.symmetry"),
    ),
    wrong(
        "hardshrink_gradient_inside",
        "hardshrink",
        hardshrink,
        "x = 0.1: 1, truth 0",
        GRADIENT,
        vjp=vjp(lambda x, lambd=0.5: (np.ones_like(x),)),
    ),
    wrong(
        "shrink_ignores_the_bias",
        "shrink",
        lambda x, lambd=0.5, bias=0.0: shrink(x, lambd),
        "bias = 0.5, x = 1: 1, truth 0.5",
        PARAMETER,
    ),
    wrong(
        "shrink_bias_on_one_side",
        "shrink",
        lambda x, lambd=0.5, bias=0.0: np.where(np.abs(x) > lambd, x - bias, 0 * x),
        "bias = 0.5, x = -1: -1.5, truth -0.5",
        PARAMETER,
    ),
    wrong(
        "shrink_bias_gradient_missing",
        "shrink",
        shrink,
        "x = 1, of the bias: 0, truth -1",
        OF_PARAMETER,
        vjp=vjp(lambda x, lambd=0.5, bias=0.0: (beyond(x, lambd), 0 * beyond(x, lambd))),
    ),
    wrong(
        "sparse_plus_without_the_quarter",
        "sparse_plus",
        lambda x: np.where(x >= 1, x, np.square(np.clip(x, -1, 1) + 1) / 2),
        "x = 0: 0.5, truth 0.25",
    ),
    wrong(
        "sparse_plus_squares_beyond",
        "sparse_plus",
        lambda x: np.square(np.maximum(x, -1) + 1) / 4,
        "x = 3: 4, truth 3",
    ),
    wrong(
        "sparse_plus_gradient_one_half",
        "sparse_plus",
        sparse_plus,
        "x = 0.5: 0.5, truth 0.75",
        GRADIENT,
        vjp=vjp(lambda x: (np.where(x >= 1, 1, np.where(x <= -1, 0, 0.5)),)),
    ),
    wrong(
        "sparse_sigmoid_of_hard_tanh",
        "sparse_sigmoid",
        lambda x: np.clip(x, -1, 1),
        "x = 0: 0, truth 0.5",
        ("value.accuracy", "value.range"),
    ),
    wrong(
        "sparse_sigmoid_logistic",
        "sparse_sigmoid",
        lambda x: 1 / (1 + np.exp(-2 * x)),
        "x = 0.5: 0.73, truth 0.75",
    ),
    wrong(
        "sparse_sigmoid_gradient_one",
        "sparse_sigmoid",
        sparse_sigmoid,
        "x = 0: 1, truth 0.5",
        GRADIENT,
        vjp=vjp(lambda x: (gate(np.abs(x) < 1, x),)),
    ),
    wrong(
        "threshold_gives_the_threshold",
        "threshold",
        lambda x, threshold=1.0, value=0.0: np.maximum(x, x.dtype.type(threshold)),
        "x = 0: 1, truth 0",
    ),
    wrong(
        "threshold_ignores_the_value",
        "threshold",
        lambda x, threshold=1.0, value=0.0: np.where(x <= threshold, 0, x),
        "value = 20, x = 0: 0",
        PARAMETER,
    ),
    wrong(
        "threshold_arguments_exchanged",
        "threshold",
        lambda x, threshold=1.0, value=0.0: np.where(x <= value, threshold, x),
        "x = -1: 1, truth 0",
    ),
    wrong(
        "threshold_of_the_size",
        "threshold",
        lambda x, threshold=1.0, value=0.0: np.where(np.abs(x) <= threshold, value, x),
        "x = -3: -3, truth 0",
    ),
    wrong(
        "threshold_gradient_where_the_value_is",
        "threshold",
        threshold,
        "x = 0: 1, truth 0",
        GRADIENT,
        vjp=vjp(lambda x, threshold=1.0, value=0.0: (np.ones_like(x),)),
    ),
    wrong(
        "thresholded_relu_shifted",
        "thresholded_relu",
        lambda x, theta=1.0: np.maximum(x - theta, 0),
        "x = 2: 1, truth 2",
    ),
    wrong(
        "thresholded_relu_swallows_nan",
        "thresholded_relu",
        lambda x, theta=1.0: np.where(x > theta, x, 0),
        "nan: 0",
        NAN,
    ),
    wrong(
        "thresholded_relu_integer_threshold",
        "thresholded_relu",
        lambda x, theta=1.0: thresholded_relu(x, int(theta)),
        "theta = 0.5, x = 0.25: 0.25, truth 0",
        PARAMETER,
    ),
)
