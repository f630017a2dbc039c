"""Activation functions and their vector-Jacobian products, accurate everywhere.

Each function says why its form is stable. Variables are positional, parameters are keywords;
a ``_vjp`` returns one gradient for each variable, then one for each parameter, summed over all
elements. The left tails keep exp(-|t|) as a product of two factors: see ``_logistic``.
"""

# NumPy types arithmetic on NDArray[Any] as Any.
# mypy: disable-error-code="no-any-return"

from __future__ import annotations

import numpy as np

from ._exponentials import LIFT, Exponentials, first, log_softmax_pullback, surprisal
from ._extremes import finite, product
from ._format import Array, rounded_once
from ._gauss import GAUSS_SATURATED, times_gelu, times_gelu_slope
from ._logistic import (
    FAR,
    decay,
    times_gate_slope,
    times_sigmoid,
    times_sigmoid_slope,
)
from ._pieces import exponential_side, gated, like, saturated, sides
from ._rows import as_rows
from ._sums import summed_to

SELU_SCALE = 1.0507009873554804934193349852946
SELU_ALPHA = 1.6732632423543772848170429916717
SELU_LEFT = 1.7580993408473768599402175208123
"""SELU_SCALE * SELU_ALPHA, rounded once."""

TWO_SQRT_2_BY_PI = 1.5957691216057307117597842397375
CUBIC = 0.044715


@rounded_once
def identity(x: Array) -> Array:
    """x, as a new array."""
    return x.copy()


@rounded_once
def identity_vjp(x: Array, *, cotangent: Array) -> tuple[Array, ...]:
    """1, whatever x is."""
    return (cotangent + np.zeros_like(x),)


@rounded_once
def step(x: Array) -> Array:
    """0 for x <= 0, 1 for x > 0; heaviside passes NaN on, a comparison would not."""
    return np.heaviside(x, 0)


@rounded_once
def step_vjp(x: Array, *, cotangent: Array) -> tuple[Array, ...]:
    """0, whatever x is: the jump at 0 has no derivative."""
    return (np.zeros(np.broadcast_shapes(x.shape, cotangent.shape), x.dtype),)


@rounded_once
def sigmoid(x: Array) -> Array:
    """1/(1+e) or e/(1+e), e = exp(-|x|): no overflow, and the left tail is e, not 1 - 1."""
    e = np.exp(-np.abs(x))
    return np.where(x >= 0, 1, e) / (1 + e)


@rounded_once
def sigmoid_vjp(x: Array, *, cotangent: Array) -> tuple[Array, ...]:
    """e/(1+e)^2, which is even in x: s(1-s) would be 0 from x = 37 on."""
    return (times_sigmoid_slope(cotangent, x),)


@rounded_once
def log_sigmoid(x: Array) -> Array:
    """min(x, 0) - log1p(exp(-|x|)): two terms of the same sign, no log of an underflow."""
    return np.minimum(x, 0) - np.log1p(np.exp(-np.abs(x)))


@rounded_once
def log_sigmoid_vjp(x: Array, *, cotangent: Array) -> tuple[Array, ...]:
    """sigmoid(-x), not 1 - sigmoid(x)."""
    return (times_sigmoid(cotangent, -x),)


@rounded_once
def tanh(x: Array) -> Array:
    """NumPy's: a quotient of exponentials would overflow, and cancel near 0."""
    return np.tanh(x)


@rounded_once
def tanh_vjp(x: Array, *, cotangent: Array) -> tuple[Array, ...]:
    """sech^2 as (2h/(1+h^2))^2, h = exp(-|x|): 1 - tanh^2 would be 0 from x = 19 on."""
    h = np.exp(-np.abs(x))
    sech = 2 * h / (1 + h * h)
    return (cotangent * sech * sech,)


@rounded_once
def relu(x: Array) -> Array:
    """max(x, 0); np.maximum passes NaN on."""
    return np.maximum(x, 0)


@rounded_once
def relu_vjp(x: Array, *, cotangent: Array) -> tuple[Array, ...]:
    """1 or 0, NaN at NaN."""
    return (cotangent * sides(x, np.zeros_like(x), np.ones_like(x)),)


@rounded_once
def leaky_relu(x: Array, *, negative_slope: float | Array = 0.01) -> Array:
    """The larger piece is chosen by the sign of x, not by max, which asks for a slope <= 1."""
    return np.where(x > 0, x, product(like(x, negative_slope), x))


@rounded_once
def leaky_relu_vjp(
    x: Array, *, negative_slope: float | Array = 0.01, cotangent: Array
) -> tuple[Array, ...]:
    """1 or the slope; for the slope min(x, 0)."""
    slope = like(x, negative_slope)
    return (
        cotangent * sides(x, slope, np.ones_like(x)),
        summed_to(cotangent * np.minimum(x, 0), ()),
    )


@rounded_once
def prelu(x: Array, weight: Array, *, channel_axis: int = 1) -> Array:
    """leaky_relu with a learned slope, one for all or one for each channel."""
    return np.where(x > 0, x, product(_along(weight, x, channel_axis), x))


@rounded_once
def prelu_vjp(
    x: Array, weight: Array, *, channel_axis: int = 1, cotangent: Array
) -> tuple[Array, ...]:
    """1 or the weight; for the weight min(x, 0), summed over everything but its channel."""
    slope = _along(weight, x, channel_axis)
    weight_gradient = summed_to(cotangent * np.minimum(x, 0), slope.shape)
    return (
        cotangent * sides(x, slope, np.ones_like(x)),
        weight_gradient.reshape(weight.shape),
    )


@rounded_once
def elu(x: Array, *, alpha: float | Array = 1.0) -> Array:
    """expm1 keeps the digits that exp(x) - 1 loses near 0; min(x, 0) keeps it from overflow."""
    return np.where(x > 0, x, like(x, alpha) * np.expm1(np.minimum(x, 0)))


@rounded_once
def elu_vjp(x: Array, *, alpha: float | Array = 1.0, cotangent: Array) -> tuple[Array, ...]:
    """alpha exp(x) with exp(x) in two factors, so that a large alpha magnifies no underflow."""
    left = np.minimum(x, 0)
    return (
        exponential_side(x, like(x, alpha), cotangent),
        summed_to(cotangent * np.expm1(left), ()),
    )


@rounded_once
def selu(x: Array) -> Array:
    """A scaled elu; scale * alpha is one constant, rounded once."""
    return np.where(x > 0, SELU_SCALE * x, SELU_LEFT * np.expm1(np.minimum(x, 0)))


@rounded_once
def selu_vjp(x: Array, *, cotangent: Array) -> tuple[Array, ...]:
    """The scale, or scale * alpha * exp(x)."""
    return (
        np.where(x > 0, SELU_SCALE * cotangent, exponential_side(x, like(x, SELU_LEFT), cotangent)),
    )


@rounded_once
def softplus(x: Array, *, beta: float | Array = 1.0) -> Array:
    """max(x, 0) + log1p(exp(-|beta x|))/beta: x is never multiplied and divided by beta."""
    beta = like(x, beta)
    t = saturated(beta, x)
    near, rest = decay(t)
    bend = np.where(np.abs(t) > FAR, near / beta * rest, np.log1p(near) / beta)
    return np.maximum(x, 0) + bend


@rounded_once
def softplus_vjp(x: Array, *, beta: float | Array = 1.0, cotangent: Array) -> tuple[Array, ...]:
    """sigmoid(beta x); for beta minus the entropy of that probability over beta^2.

    x sigmoid(t)/beta - log(1 + exp(t))/beta^2 is a difference of large numbers. Its entropy
    form (log1p(e) + |t| e/(1+e))/beta^2, e = exp(-|t|), is a sum of positive ones.
    """
    beta = like(x, beta)
    t = saturated(beta, x)
    (near, rest), size = decay(t), np.abs(t)
    entropy = np.log1p(near) + size * near / (1 + near)
    scaled = np.where(size > FAR, near / beta * (1 + size) * (rest / beta), entropy / beta / beta)
    return times_sigmoid(cotangent, t), summed_to(-cotangent * scaled, ())


@rounded_once
def silu(x: Array) -> Array:
    """x sigmoid(x)."""
    return gated(x, saturated(like(x, 1), x))


@rounded_once
def silu_vjp(x: Array, *, cotangent: Array) -> tuple[Array, ...]:
    """s (1 + x (1-s)) with sigmoid(-x) for 1 - s."""
    t = saturated(like(x, 1), x)
    return (times_gate_slope(cotangent, t, t),)


@rounded_once
def swish(x: Array, *, beta: float | Array = 1.0) -> Array:
    """x sigmoid(beta x); beta may have either sign."""
    return gated(x, saturated(like(x, beta), x))


@rounded_once
def swish_vjp(x: Array, *, beta: float | Array = 1.0, cotangent: Array) -> tuple[Array, ...]:
    """As silu's at beta x; for beta x^2 sigmoid'(beta x) = (x/(1+e))^2 e."""
    t = saturated(like(x, beta), x)
    near, rest = decay(t)
    root = finite(x) / (1 + near * rest)
    beta_gradient = cotangent * (root * near) * (root * rest)
    return times_gate_slope(cotangent, t, t), summed_to(beta_gradient, ())


@rounded_once
def gelu(x: Array) -> Array:
    """x Phi(x) with Phi(x) from erfc: 1 + erf would cancel for x < 0."""
    return times_gelu(like(x, 1), x)


@rounded_once
def gelu_vjp(x: Array, *, cotangent: Array) -> tuple[Array, ...]:
    """Phi(x) + x phi(x), the left tail with their common exponential taken out."""
    return (times_gelu_slope(cotangent, x),)


@rounded_once
def gelu_tanh(x: Array) -> Array:
    """x sigmoid(2a) for x/2 (1 + tanh a), which would cancel for a < 0."""
    return gated(x, _twice_inner(x)[0])


@rounded_once
def gelu_tanh_vjp(x: Array, *, cotangent: Array) -> tuple[Array, ...]:
    """As for every x sigmoid(t(x)); the clip keeps x t'(x), cubic in x, from overflow."""
    return (times_gate_slope(cotangent, *_twice_inner(x)),)


@rounded_once
def softmax(z: Array, *, axis: int = -1) -> Array:
    """exp(z - max)/sum: exponents are never positive, and the sum is at least 1."""
    parts = Exponentials(as_rows(z, axis))
    return np.moveaxis(parts.near * parts.weight, -1, axis)


@rounded_once
def softmax_vjp(z: Array, *, axis: int = -1, cotangent: Array) -> tuple[Array, ...]:
    """s_i (g_i - sum s_j g_j), where g may be shifted by any constant, since sum s_j = 1.

    The weighted median of g is the shift that leaves the smallest sum; with one s_k near 1 it
    is g_k, and 1 - s_k becomes the sum of the others by itself.
    """
    parts = Exponentials(as_rows(z, axis))
    near, weight = parts.near, parts.weight
    g = as_rows(cotangent, axis)
    g = g - _weighted_median(g, near * weight)
    mean = np.sum(g * (LIFT * near * weight), axis=-1, keepdims=True) / LIFT
    return (np.moveaxis(near * (weight * (g - mean)), -1, axis),)


@rounded_once
def log_softmax(z: Array, *, axis: int = -1) -> Array:
    """(z - max) - log1p(sum of the others): -log p stays right when one logit dominates."""
    return np.moveaxis(-surprisal(as_rows(z, axis)), -1, axis)


@rounded_once
def log_softmax_vjp(z: Array, *, axis: int = -1, cotangent: Array) -> tuple[Array, ...]:
    """g_i - s_i sum g_j, with care for the largest entry."""
    gradient = log_softmax_pullback(as_rows(z, axis), as_rows(cotangent, axis))
    return (np.moveaxis(gradient, -1, axis),)


def _weighted_median(values: Array, weights: Array) -> Array:
    """The value of each row below and above which lies at most half of the weight."""
    order = np.argsort(values, axis=-1)
    passed = np.cumsum(np.take_along_axis(weights, order, axis=-1), axis=-1) >= 0.5
    middle = first(passed)
    return np.sum(
        np.where(middle, np.take_along_axis(values, order, axis=-1), 0), axis=-1, keepdims=True
    )


def _along(weight: Array, x: Array, channel_axis: int) -> Array:
    """The weight, shaped so that it broadcasts along the channels of ``x``."""
    if weight.size == 1:
        return weight.reshape(())
    shape = [1] * x.ndim
    shape[channel_axis] = weight.size
    return weight.reshape(shape)


def _twice_inner(x: Array) -> tuple[Array, Array]:
    """t = 2 sqrt(2/pi) (x + 0.044715 x^3) and x t'(x), of x clipped where all is decided."""
    x = np.clip(x, -GAUSS_SATURATED, GAUSS_SATURATED)
    line, cube = TWO_SQRT_2_BY_PI * x, TWO_SQRT_2_BY_PI * CUBIC * x * x * x
    return line + cube, line + 3 * cube
