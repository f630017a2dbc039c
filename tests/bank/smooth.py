"""Smooth activations and building blocks: tails, cancellation near zero, constants, slopes."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from scipy import special  # type: ignore[import-untyped, unused-ignore]

from .entry import right, wrong
from .reductions import Array, vjp
from .right import sigmoid, silu, silu_vjp

GRADIENT = ("grad.accuracy",)
LIMIT = ("value.special", "value.accuracy")
PARAMETER = ("value.parameters",)
OF_PARAMETER = ("grad.parameter",)
ROOT_HALF = math.sqrt(0.5)
DENSITY = 1 / math.sqrt(2 * math.pi)


def doubled(function: Any) -> Any:
    """Computed in float64 and rounded once."""
    return lambda *xs: np.asarray(function(*(x.astype(np.float64) for x in xs))).astype(xs[0].dtype)


# celu, exponential


def celu(x: Array, alpha: float = 1.0) -> Any:
    return np.maximum(x, 0) + alpha * np.expm1(np.minimum(x, 0) / alpha)


celu_vjp = vjp(lambda x, alpha=1.0: (np.exp(np.minimum(x, 0) / alpha),))
exponential_vjp = vjp(lambda x: (np.exp(x),))


# mish, quick_gelu


def mish(x: Array) -> Any:
    t = np.maximum(x, -2000)
    h, e = np.exp(np.minimum(t, 0) / 2), np.exp(-np.maximum(t, 0))
    left = t * h * (h * (h * h + 2) / (h * h * (h * h + 2) + 2))
    return np.where(t < 0, left, t * ((1 + 2 * e) / (1 + 2 * e + 2 * e * e)))


def mish_slope(x: Array) -> tuple[Any]:
    t = np.clip(x, -2000, 2000)
    h, e = np.exp(np.minimum(t, 0) / 2), np.exp(-np.maximum(t, 0))
    up = h * h
    low = up * (up + 2) + 2
    left = h * ((up + 2) / low + 4 * t * (1 + up) / (low * low)) * h
    high = 1 + 2 * e + 2 * e * e
    return (np.where(t < 0, left, (1 + 2 * e + 4 * t * e * e * (1 + e) / high) / high),)


def mish_by_softplus(x: Array) -> Any:
    """The softplus is subnormal before the product is: it has few bits there."""
    t = np.maximum(x, -2000)
    return t * np.tanh(np.logaddexp(0, t))


def mish_without_the_chain(x: Array) -> tuple[Any]:
    return (np.tanh(np.logaddexp(0, x)) + x * (1 - np.tanh(np.logaddexp(0, x)) ** 2),)


def quick_gelu(x: Array) -> Any:
    return np.where(x > 1000, x, silu(1.702 * x) / 1.702)


quick_gelu_vjp = vjp(lambda x: silu_vjp(1.702 * x, cotangent=np.ones_like(x)))


# softsign, squareplus, tanhshrink


def softsign(x: Array) -> Any:
    t = np.abs(x)
    return np.where(t > 1, np.copysign(1, x) / (1 / t + 1), x / (1 + t))


softsign_vjp = vjp(lambda x: (np.square(1 / (1 + np.abs(x))),))


def squareplus(x: Array, b: float = 4.0) -> Any:
    length = np.hypot(x, x.dtype.type(math.sqrt(b)))
    return np.where(x < 0, b / 4 / (length / 2 - x / 2), x / 2 + length / 2)


def squareplus_slopes(x: Array, b: float = 4.0) -> tuple[Any, Any]:
    length = np.hypot(x, x.dtype.type(math.sqrt(b)))
    slope = np.where(np.isinf(x), np.heaviside(x, 0), squareplus(x, b) / length)
    return slope, 0.25 / length


def tanhshrink(x: Array) -> Any:
    t = x.astype(np.float64)
    near = t * (t * t) * (1 / 3 - t * t * (2 / 15 - t * t * (17 / 315)))
    return np.where(np.abs(t) < 0.02, near, t - np.tanh(t)).astype(x.dtype)


tanhshrink_vjp = vjp(lambda x: (np.square(np.tanh(x)),))


# error functions

erf_vjp = vjp(lambda x: (2 / math.sqrt(math.pi) * np.exp(-x * x),))
erfc_vjp = vjp(lambda x: (-2 / math.sqrt(math.pi) * np.exp(-x * x),))
ndtr_vjp = vjp(lambda x: (DENSITY * np.exp(-x * x / 2),))


def erf_by_polynomial(x: Array) -> Any:
    """Good to seven decimals, which is not seven digits."""
    t = 1 / (1 + 0.3275911 * np.abs(x))
    tail = 1.421413741 + t * (-1.453152027 + t * 1.061405429)
    poly = t * (0.254829592 + t * (-0.284496736 + t * tail))
    return np.sign(x) * (1 - poly * np.exp(-x * x))


def log_ndtr_slope(x: Array) -> tuple[Any]:
    below = -x.astype(np.float64) * ROOT_HALF
    return ((math.sqrt(2 / math.pi) / special.erfcx(below)).astype(x.dtype),)


# expm1, log1p, logaddexp


def log1p_by_quotient(x: Array) -> Any:
    """The rounding of 1 + x divided out again."""
    u = 1 + x
    plain = np.isinf(u) | (u == 0) | np.isnan(u)
    return np.where(plain, np.log(u), np.where(u == 1, x, np.log(u) * (x / (u - 1))))


def logaddexp(x1: Array, x2: Array) -> Any:
    top, low = np.maximum(x1, x2), np.minimum(x1, x2)
    return top + np.log1p(np.exp(np.where(top == low, 0, low - top)))


logaddexp_vjp = vjp(lambda x1, x2: (sigmoid(x1 - x2), sigmoid(x2 - x1)), inputs=2)


RIGHT = (
    right("celu_sum", "celu", celu, celu_vjp),
    right("exponential_double", "exponential", doubled(np.exp), exponential_vjp),
    right("mish_rational", "mish", mish, vjp(mish_slope)),
    right("mish_by_softplus", "mish", mish_by_softplus),
    right("quick_gelu_by_silu", "quick_gelu", quick_gelu, quick_gelu_vjp),
    right("softsign_reciprocal", "softsign", softsign, softsign_vjp),
    right("squareplus_hypot", "squareplus", squareplus, vjp(squareplus_slopes)),
    right("tanhshrink_series", "tanhshrink", tanhshrink, tanhshrink_vjp),
    right("erf_scipy", "erf", special.erf, erf_vjp),
    right("erfc_scipy", "erfc", special.erfc, erfc_vjp),
    right("ndtr_erfc", "ndtr", lambda x: special.erfc(-x * ROOT_HALF) / 2, ndtr_vjp),
    right("ndtr_scipy", "ndtr", special.ndtr),
    right("log_ndtr_scipy", "log_ndtr", special.log_ndtr, vjp(log_ndtr_slope)),
    right("expm1_double", "expm1", doubled(np.expm1), exponential_vjp),
    right("log1p_quotient", "log1p", log1p_by_quotient, vjp(lambda x: (1 / (1 + x),))),
    right("logaddexp_maximum", "logaddexp", logaddexp, logaddexp_vjp),
)

WRONG = (
    wrong(
        "celu_alpha_outside_only",
        "celu",
        lambda x, alpha=1.0: np.maximum(x, 0) + alpha * np.expm1(np.minimum(x, 0)),
        "alpha = 2, x = -1: -1.26, truth -0.79",
        PARAMETER,
    ),
    wrong(
        "celu_ignores_alpha",
        "celu",
        lambda x, alpha=1.0: celu(x),
        "alpha = 2, x = -9: -1, truth -1.98",
        PARAMETER,
    ),
    wrong(
        "celu_exp_minus_one",
        "celu",
        lambda x, alpha=1.0: np.where(x > 0, x, alpha * (np.exp(x / alpha) - 1)),
        "x = -1e-9: 0",
    ),
    wrong(
        "celu_gradient_times_alpha",
        "celu",
        celu,
        "alpha = 2, x = -1: 1.21, truth 0.61",
        (*GRADIENT, *PARAMETER),
        vjp=vjp(lambda x, alpha=1.0: (np.where(x > 0, 1, alpha * np.exp(x / alpha)),)),
    ),
    wrong(
        "celu_alpha_gradient_without_the_inner",
        "celu",
        celu,
        "alpha = 2, x = -4, of alpha: -0.86, truth -0.59",
        OF_PARAMETER,
        vjp=vjp(
            lambda x, alpha=1.0: (
                np.exp(np.minimum(x, 0) / alpha),
                np.expm1(np.minimum(x, 0) / alpha),
            )
        ),
    ),
    wrong(
        "exponential_rounded_base",
        "exponential",
        lambda x: np.exp2(x.dtype.type(1.4427) * x),
        "x = 10: relative error 3.5e-5",
    ),
    wrong(
        "exponential_clipped",
        "exponential",
        lambda x: np.exp(np.clip(x, -20, 20)),
        "x = 21: 4.9e8, truth 1.3e9",
    ),
    wrong(
        "exponential_limit_power",
        "exponential",
        lambda x: (1 + x / 1024) ** 1024,
        "x = 1: 2.71696, truth 2.71828",
    ),
    wrong(
        "exponential_gradient_straight_through",
        "exponential",
        np.exp,
        "x = 1: 1, truth 2.7",
        GRADIENT,
        vjp=vjp(lambda x: (np.ones_like(x),)),
    ),
    wrong(
        "mish_log_of_one_plus_exp",
        "mish",
        lambda x: x * np.tanh(np.log(1 + np.exp(x))),
        "x = -20: 0, truth -4.1e-8",
    ),
    wrong(
        "mish_of_sigmoid",
        "mish",
        lambda x: x * np.tanh(sigmoid(x)),
        "x = 1: 0.62, truth 0.87",
    ),
    wrong(
        "mish_nan_at_minus_infinity",
        "mish",
        lambda x: np.where(np.isfinite(x), mish(x), x * np.tanh(np.logaddexp(0, x))),
        "x = -inf: nan, truth 0",
        LIMIT,
    ),
    wrong(
        "mish_gradient_without_the_chain",
        "mish",
        mish,
        "x = -1: 0.003, truth 0.06",
        GRADIENT,
        vjp=vjp(mish_without_the_chain),
    ),
    wrong(
        "quick_gelu_constant_1_7",
        "quick_gelu",
        lambda x: silu(1.7 * x) / 1.7,
        "x = 1: 0.8455, truth 0.8458",
    ),
    wrong(
        "quick_gelu_exact",
        "quick_gelu",
        lambda x: np.where(x < -13, -0.0, x * special.ndtr(x)).astype(x.dtype),
        "x = 1: 0.841, truth 0.846",
    ),
    wrong(
        "quick_gelu_gradient_without_the_constant",
        "quick_gelu",
        quick_gelu,
        "x = 1: 0.98, truth 1.07",
        GRADIENT,
        vjp=vjp(lambda x: (sigmoid(1.702 * x) * (1 + x * sigmoid(-1.702 * x)),)),
    ),
    wrong(
        "softsign_nan_at_infinity",
        "softsign",
        lambda x: x / (1 + np.abs(x)),
        "x = inf: nan, truth 1",
        LIMIT,
    ),
    wrong("softsign_squared", "softsign", lambda x: x / (1 + x * x), "x = 2: 0.4, truth 0.67"),
    wrong(
        "softsign_gradient_without_abs",
        "softsign",
        softsign,
        "x = -2: 1, truth 0.11",
        GRADIENT,
        vjp=vjp(lambda x: (np.square(1 / (1 + x)),)),
    ),
    wrong(
        "softsign_gradient_from_the_output",
        "softsign",
        softsign,
        "x = 1e9: 0, truth 1e-18",
        GRADIENT,
        vjp=vjp(lambda x: (np.square(1 - np.abs(softsign(x))),)),
    ),
    wrong(
        "squareplus_cancels",
        "squareplus",
        lambda x, b=4.0: (x + np.hypot(x, x.dtype.type(math.sqrt(b)))) / 2,
        "x = -1e5: 0, truth 1e-5",
    ),
    wrong(
        "squareplus_without_the_half",
        "squareplus",
        lambda x, b=4.0: 2 * squareplus(x, b),
        "x = 0: 2, truth 1",
    ),
    wrong(
        "squareplus_root_overflows",
        "squareplus",
        lambda x, b=4.0: np.where(x < 0, squareplus(x, b), (x + np.sqrt(x * x + b)) / 2),
        "x = 1e20: inf",
    ),
    wrong(
        "squareplus_ignores_b",
        "squareplus",
        lambda x, b=4.0: squareplus(x),
        "b = 0.25, x = 0: 1, truth 0.25",
        PARAMETER,
    ),
    wrong(
        "squareplus_b_gradient_twice",
        "squareplus",
        squareplus,
        "x = 0, of b: 0.25, truth 0.125",
        OF_PARAMETER,
        vjp=vjp(lambda x, b=4.0: (squareplus_slopes(x, b)[0], 2 * squareplus_slopes(x, b)[1])),
    ),
    wrong(
        "squareplus_gradient_cancels",
        "squareplus",
        squareplus,
        "x = -1e4: 0, truth 1e-8",
        GRADIENT,
        vjp=vjp(lambda x, b=4.0: ((1 + x / np.hypot(x, x.dtype.type(math.sqrt(b)))) / 2,)),
    ),
    wrong(
        "tanhshrink_cancels",
        "tanhshrink",
        lambda x: x - np.tanh(x),
        "x = 1e-3: relative error 0.05",
    ),
    wrong(
        "tanhshrink_gradient_of_tanh",
        "tanhshrink",
        tanhshrink,
        "x = 0: 1, truth 0",
        GRADIENT,
        vjp=vjp(lambda x: (1 - np.square(np.tanh(x)),)),
    ),
    wrong("erf_polynomial", "erf", erf_by_polynomial, "x = 1e-6: relative error 1e-3"),
    wrong(
        "erf_tanh",
        "erf",
        lambda x: np.tanh(2 / math.sqrt(math.pi) * (x + 0.0895 * x**3)),
        "x = 1: 0.8427 up to 4 digits",
    ),
    wrong(
        "erf_swallows_nan",
        "erf",
        lambda x: special.erf(np.nan_to_num(x, posinf=9, neginf=-9)),
        "nan: 0",
        ("value.special",),
    ),
    wrong(
        "erf_gradient_without_the_factor",
        "erf",
        special.erf,
        "x = 0: 1, truth 1.13",
        GRADIENT,
        vjp=vjp(lambda x: (np.exp(-x * x),)),
    ),
    wrong("erfc_complement", "erfc", lambda x: 1 - special.erf(x), "x = 5: 0, truth 1.5e-12"),
    wrong(
        "erfc_mirrored",
        "erfc",
        lambda x: special.erfc(-x),
        "x = 1: 1.84, truth 0.16",
        ("value.accuracy", "value.monotone"),
    ),
    wrong(
        "erfc_gradient_of_erf",
        "erfc",
        special.erfc,
        "x = 0: 1.13, truth -1.13",
        GRADIENT,
        vjp=erf_vjp,
    ),
    wrong(
        "ndtr_one_plus_erf",
        "ndtr",
        lambda x: (1 + special.erf(x * ROOT_HALF)) / 2,
        "x = -6: 0, truth 9.9e-10",
    ),
    wrong("ndtr_logistic", "ndtr", lambda x: sigmoid(1.702 * x), "x = 1: 0.8458, truth 0.8413"),
    wrong(
        "ndtr_without_the_root",
        "ndtr",
        lambda x: special.erfc(-x) / 2,
        "x = 1: 0.92, truth 0.84",
    ),
    wrong(
        "ndtr_gradient_without_the_half",
        "ndtr",
        special.ndtr,
        "x = 1: 0.147, truth 0.242",
        GRADIENT,
        vjp=vjp(lambda x: (DENSITY * np.exp(-x * x),)),
    ),
    wrong(
        "log_ndtr_log_of_ndtr",
        "log_ndtr",
        lambda x: np.log(special.ndtr(x)),
        "x = -20: -inf, truth -203.9",
    ),
    wrong(
        "log_ndtr_clamped",
        "log_ndtr",
        lambda x: np.log(np.maximum(special.ndtr(x), 1e-12)),
        "x = -9: -27.6, truth -43.6",
    ),
    wrong(
        "log_ndtr_asymptote_at_five",
        "log_ndtr",
        lambda x: np.where(
            x < -5, -x * x / 2 - np.log(-x) - 0.9189385, special.log_ndtr(np.maximum(x, -9))
        ).astype(x.dtype),
        "x = -6: -20.710, truth -20.736",
    ),
    wrong(
        "log_ndtr_gradient_zero_by_zero",
        "log_ndtr",
        special.log_ndtr,
        "x = -40: nan, truth 40.02",
        GRADIENT,
        vjp=vjp(lambda x: (DENSITY * np.exp(-x * x / 2) / special.ndtr(x),)),
    ),
    wrong("expm1_minus_one", "expm1", lambda x: np.exp(x) - 1, "x = 1e-9: 0"),
    wrong(
        "expm1_two_terms",
        "expm1",
        lambda x: np.where(np.abs(x) < 0.1, x + x * x / 2, np.expm1(x)),
        "x = 0.05: relative error 4e-4",
    ),
    wrong(
        "expm1_gradient_is_the_value",
        "expm1",
        np.expm1,
        "x = 0: 0, truth 1",
        GRADIENT,
        vjp=vjp(lambda x: (np.expm1(x),)),
    ),
    wrong("log1p_of_the_sum", "log1p", lambda x: np.log(1 + x), "x = 1e-9: 0"),
    wrong("log1p_in_bits", "log1p", lambda x: np.log1p(x) / math.log(2), "x = 1: 1, truth 0.69"),
    wrong(
        "log1p_of_the_size",
        "log1p",
        lambda x: np.log1p(np.abs(x)),
        "x = -0.5: 0.41, truth -0.69",
    ),
    wrong(
        "log1p_gradient_of_log",
        "log1p",
        np.log1p,
        "x = 1: 1, truth 0.5",
        GRADIENT,
        vjp=vjp(lambda x: (1 / x,)),
    ),
    wrong(
        "logaddexp_overflows",
        "logaddexp",
        lambda x1, x2: np.log(np.exp(x1) + np.exp(x2)),
        "(100, 0): inf, truth 100",
    ),
    wrong(
        "logaddexp_log_of_one_plus",
        "logaddexp",
        lambda x1, x2: np.maximum(x1, x2) + np.log(1 + np.exp(-np.abs(x1 - x2))),
        "(0, -20): 0, truth 2e-9",
        ("value.accuracy", "identity"),
    ),
    wrong(
        "logaddexp_without_the_sum",
        "logaddexp",
        np.maximum,
        "(0, 0): 0, truth 0.69",
    ),
    wrong(
        "logaddexp_gradients_swapped",
        "logaddexp",
        logaddexp,
        "(2, 0): 0.12, truth 0.88",
        GRADIENT,
        vjp=vjp(lambda x1, x2: (sigmoid(x2 - x1), sigmoid(x1 - x2)), inputs=2),
    ),
    wrong(
        "logaddexp_second_gradient_missing",
        "logaddexp",
        logaddexp,
        "(0, 0), of the second: 0, truth 0.5",
        OF_PARAMETER,
        vjp=vjp(lambda x1, x2: (sigmoid(x1 - x2), 0 * x2), inputs=2),
    ),
)
