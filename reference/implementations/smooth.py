"""Smooth activations with a bend at 0: gates, square roots, exponentials."""

# NumPy types arithmetic on NDArray[Any] as Any.
# mypy: disable-error-code="no-any-return"

from __future__ import annotations

from math import factorial

import numpy as np

from ._extremes import finite
from ._format import Array, rounded_once
from ._logistic import decay, times_gate_slope
from ._pieces import SATURATED, exponential_side, gated, like, saturated
from ._sums import summed_to

QUICK = 1.702

TAYLOR = tuple(1 / factorial(k) for k in range(20, 1, -1))
"""Of (exp(s) - 1 - s)/s^2, from the highest power down: enough for float64 up to 1."""


@rounded_once
def softsign(x: Array) -> Array:
    """x/(1 + |x|)."""
    x = finite(x)
    return x / (1 + np.abs(x))


@rounded_once
def softsign_vjp(x: Array, *, cotangent: Array) -> tuple[Array, ...]:
    """1/(1 + |x|)^2, divided twice: the square would overflow."""
    size = 1 + np.abs(x)
    return (cotangent / size / size,)


@rounded_once
def celu(x: Array, *, alpha: float | Array = 1.0) -> Array:
    """expm1 keeps the digits that exp(x/alpha) - 1 loses near 0."""
    alpha = like(x, alpha)
    return np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0) / alpha))


@rounded_once
def celu_vjp(x: Array, *, alpha: float | Array = 1.0, cotangent: Array) -> tuple[Array, ...]:
    """exp(x/alpha); for alpha, with s = -x/alpha, minus exp(-s) (exp(s) - 1 - s).

    Typed as exp(-s) - 1 + s exp(-s) that is a difference of order s^2 of terms of order s: up
    to 1 the bracket is summed as its series, of positive terms.
    """
    t = x / like(x, alpha)
    s = np.minimum(-np.minimum(t, 0), SATURATED)
    near = np.minimum(s, 1)
    series = 0 * near
    for coefficient in TAYLOR:
        series = series * near + coefficient
    small = np.exp(-near) * series * near * near
    bend = np.where(s <= 1, small, -np.expm1(-s) - s * np.exp(-s))
    return exponential_side(t, 1, cotangent), summed_to(-cotangent * bend, ())


@rounded_once
def quick_gelu(x: Array) -> Array:
    """x sigmoid(1.702 x)."""
    return gated(x, saturated(QUICK, x))


@rounded_once
def quick_gelu_vjp(x: Array, *, cotangent: Array) -> tuple[Array, ...]:
    """As for every x sigmoid(t(x))."""
    t = saturated(QUICK, x)
    return (times_gate_slope(cotangent, t, t),)


@rounded_once
def mish(x: Array) -> Array:
    """x tanh(log(1 + exp x)) as a quotient of polynomials in e = exp(-|x|), all terms positive.

    The tanh is (1 + 2e)/(1 + 2e + 2e^2) for x >= 0, e (e + 2)/(e (e + 2) + 2) for x < 0.
    """
    near, rest = decay(x)
    e = near * rest
    right = x * ((1 + 2 * e) / (1 + 2 * e + 2 * e * e))
    left = finite(x) * near * ((e + 2) / (e * (e + 2) + 2)) * rest
    return np.where(x >= 0, right, left)


@rounded_once
def mish_vjp(x: Array, *, cotangent: Array) -> tuple[Array, ...]:
    """The tanh plus x times its slope, over the same denominators as the value.

    The slope is 4 (1 + e) e^2/(1 + 2e + 2e^2)^2 for x >= 0, 4 (1 + e) e/(e (e + 2) + 2)^2 for
    x < 0: no 1 - tanh^2, which cancels.
    """
    near, rest = decay(x)
    e, x = near * rest, np.clip(x, -SATURATED, SATURATED)
    bottom = 1 + 2 * e + 2 * e * e
    right = cotangent * ((1 + 2 * e) / bottom + 4 * x * e * e * (1 + e) / (bottom * bottom))
    bottom = e * (e + 2) + 2
    slope = (e + 2) / bottom + 4 * x * (1 + e) / (bottom * bottom)
    return (np.where(x >= 0, right, cotangent * near * slope * rest),)


@rounded_once
def squareplus(x: Array, *, b: float | Array = 4.0) -> Array:
    """(x + r)/2, r = sqrt(x^2 + b), for x < 0 as b/(r - x)/2, since there x + r cancels."""
    return _squareplus(x, np.hypot(x, np.sqrt(like(x, b))), like(x, b))


@rounded_once
def squareplus_vjp(x: Array, *, b: float | Array = 4.0, cotangent: Array) -> tuple[Array, ...]:
    """The value over r, since (1 + x/r)/2 cancels for x < 0; for b 1/(4r)."""
    b, x = like(x, b), finite(x)
    r = np.hypot(x, np.sqrt(b))
    return (
        cotangent * (_squareplus(x, r, b) / r),
        summed_to(cotangent * 0.25 / r, ()),
    )


def _squareplus(x: Array, r: Array, b: Array) -> Array:
    """Halved before they are added, neither r nor x overflows."""
    return np.where(x >= 0, 0.5 * x + 0.5 * r, 0.25 * b / (0.5 * r - 0.5 * np.minimum(x, 0)))
