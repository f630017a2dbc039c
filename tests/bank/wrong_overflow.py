"""Overflow and cancellation: formulas that are right on paper."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from scipy import special  # type: ignore[import-untyped, unused-ignore]

from .entry import Entry
from .reductions import Array, like
from .right import ROOT, C, sigmoid, softplus_sum

ACCURACY = ("value.accuracy",)
ROOT_HALF = math.sqrt(0.5)


def wrong(name: str, function: str, forward: Any, note: str, **more: Any) -> Entry:
    return Entry(name, function, forward, killed_by=ACCURACY, note=note, **more)


def softplus_guarded(x: Array) -> Array:
    return np.where(x > 30, x, np.log(1 + np.exp(x)))


def softplus_threshold(x: Array, beta: Any = 1.0) -> Array:
    t = like(x, beta) * x
    return np.where(t > 20, x, np.log1p(np.exp(t)) / like(x, beta))


def softmax_shifted_by_the_whole(z: Array, axis: int = -1) -> Any:
    e = np.exp(z - np.max(z, initial=-np.inf))
    return e / np.sum(e, axis=axis, keepdims=True)


def softmax_shifted_by_the_mean(z: Array, axis: int = -1) -> Any:
    e = np.exp(z - np.mean(z, axis=axis, keepdims=True))
    return e / np.sum(e, axis=axis, keepdims=True)


def softmax_naive(z: Array, axis: int = -1) -> Any:
    return np.exp(z) / np.sum(np.exp(z), axis=axis, keepdims=True)


def log_softmax_naive(z: Array, axis: int = -1) -> Any:
    return z - np.log(np.sum(np.exp(z), axis=axis, keepdims=True))


def shifted(z: Array, axis: int) -> Any:
    return z - np.max(z, axis=axis, keepdims=True, initial=-np.inf)


def log_of_softmax(z: Array, axis: int = -1) -> Any:
    return np.log(softmax_naive(shifted(z, axis), axis))


def swish_naive(x: Array, beta: Any = 1.0) -> Any:
    e = np.exp(like(x, beta) * x)
    return x * e / (1 + e)


def elu_naive(x: Array, alpha: Any = 1.0) -> Array:
    return np.where(x > 0, x, like(x, alpha) * (np.exp(x) - 1))


def elu_masks(x: Array, alpha: Any = 1.0) -> Any:
    return (x > 0) * x + (x <= 0) * (like(x, alpha) * np.expm1(x))


def selu_naive(x: Array) -> Array:
    return np.where(x > 0, 1.0507009873554805 * x, 1.7580993408473766 * (np.exp(x) - 1))


def gelu_tanh_naive(x: Array) -> Any:
    return x / 2 * (1 + np.tanh(ROOT * (x + C * x**3)))


WRONG = (
    wrong(
        "sigmoid_overflows",
        "sigmoid",
        lambda x: np.exp(x) / (1 + np.exp(x)),
        "x = 800: inf / inf is nan, truth 1",
    ),
    wrong(
        "sigmoid_from_tanh",
        "sigmoid",
        lambda x: (1 + np.tanh(x / 2)) / 2,
        "x = -40: 0, truth 4.2e-18",
    ),
    wrong(
        "sigmoid_one_minus",
        "sigmoid",
        lambda x: 1 - 1 / (1 + np.exp(x)),
        "x = -40: 0, truth 4.2e-18",
    ),
    wrong(
        "softplus_overflows",
        "softplus",
        lambda x: np.log(1 + np.exp(x)),
        "x = 800: inf, truth 800",
    ),
    wrong("softplus_loses_small_values", "softplus", softplus_guarded, "x = -40: 0, truth 4.2e-18"),
    wrong(
        "softplus_log_of_one_plus",
        "softplus",
        lambda x: np.maximum(x, 0) + np.log(1 + np.exp(-np.abs(x))),
        "x = -40: 0, truth 4.2e-18",
    ),
    wrong(
        "softplus_threshold_twenty",
        "softplus",
        softplus_threshold,
        "x = 20.5: 20.5, truth larger by 1.2e-9",
        formats=("float64",),
    ),
    wrong(
        "softplus_nan_at_minus_infinity",
        "softplus",
        lambda x: (x + np.abs(x)) / 2 + np.log1p(np.exp(-np.abs(x))),
        "nan at -inf, and inf beyond half the largest float",
    ),
    wrong(
        "tanh_overflows",
        "tanh",
        lambda x: (np.exp(x) - np.exp(-x)) / (np.exp(x) + np.exp(-x)),
        "x = 800: nan, truth 1",
    ),
    wrong(
        "tanh_cancels",
        "tanh",
        lambda x: 1 - 2 / (np.exp(2 * x) + 1),
        "x = 1e-10: relative error 8e-7 in float64, 0 in float32",
    ),
    wrong(
        "tanh_from_sigmoid",
        "tanh",
        lambda x: 2 * sigmoid(2 * x) - 1,
        "x = 1e-10: relative error 8e-7 in float64, 0 in float32",
    ),
    wrong(
        "log_of_sigmoid",
        "log_sigmoid",
        lambda x: np.log(sigmoid(x)),
        "x = -800: -inf, truth -800; x = 40: 0, truth -4.2e-18",
    ),
    wrong(
        "log_sigmoid_overflows",
        "log_sigmoid",
        lambda x: -np.log1p(np.exp(-x)),
        "x = -800: -inf, truth -800",
    ),
    wrong(
        "log_sigmoid_cancels",
        "log_sigmoid",
        lambda x: x - softplus_sum(x),
        "x = 40: 0, truth -4.2e-18",
    ),
    wrong(
        "log_sigmoid_clamped",
        "log_sigmoid",
        lambda x: np.log(np.maximum(sigmoid(x), like(x, 1e-7))),
        "x = -40: -16.1, truth -40",
    ),
    wrong("elu_exp_minus_one", "elu", elu_naive, "x = -1e-10: relative error 8e-8, or 0"),
    wrong("elu_zero_times_infinity", "elu", elu_masks, "x = 800: nan, truth 800"),
    wrong("selu_exp_minus_one", "selu", selu_naive, "x = -1e-10: relative error 8e-8, or 0"),
    wrong("swish_overflows", "swish", swish_naive, "x = 800: nan, truth 800"),
    wrong(
        "silu_overflows",
        "silu",
        lambda x: x * np.exp(x) / (1 + np.exp(x)),
        "x = 800: nan, truth 800",
    ),
    wrong(
        "silu_from_tanh",
        "silu",
        lambda x: x / 2 * (1 + np.tanh(x / 2)),
        "x = -40: 0, truth -1.7e-16",
    ),
    wrong(
        "gelu_by_one_plus_erf",
        "gelu",
        lambda x: x / 2 * (1 + special.erf(x * ROOT_HALF)),
        "x = -10: 0, truth -7.6e-23",
    ),
    wrong(
        "gelu_by_one_minus_erfc",
        "gelu",
        lambda x: x * (1 - special.erfc(x * ROOT_HALF) / 2),
        "x = -10: 0, truth -7.6e-23",
    ),
    wrong("gelu_tanh_one_plus_tanh", "gelu_tanh", gelu_tanh_naive, "x = -8: 0, truth about -1e-21"),
    wrong("relu_half_sum", "relu", lambda x: (x + np.abs(x)) / 2, "largest float: inf"),
    wrong(
        "relu_root_of_square",
        "relu",
        lambda x: np.where(x < 0, 0, np.sqrt(x * x)),
        "x = 1e200 (1e30 in float32): inf, x = 1e-200: 0",
    ),
    wrong("softmax_overflows", "softmax", softmax_naive, "(1000, 0): nan, truth (1, 5e-435)"),
    Entry(
        "softmax_shifted_by_the_whole",
        "softmax",
        softmax_shifted_by_the_whole,
        killed_by=("value.accuracy", "value.special", "structure.position"),
        note="rows (0, 1) and (2000, 0): the first is nan",
    ),
    wrong(
        "softmax_shifted_by_the_mean",
        "softmax",
        softmax_shifted_by_the_mean,
        "(0, 0, 3000): nan, a masked entry too",
    ),
    wrong("log_softmax_overflows", "log_softmax", log_softmax_naive, "(1000, 0): -inf, truth 0"),
    wrong("log_of_softmax", "log_softmax", log_of_softmax, "(-1000, 0): -inf, truth -1000"),
)
