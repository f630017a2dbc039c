"""SciPy's special functions, and what its users write with them in a line.

Gradients stand here where SciPy's own functions say them: the gradient of `expit(x)` is
`expit(x) * expit(-x)`. What comes back has the dtype that SciPy gives it. `tanh` and `step`
are NumPy's, where SciPy leaves them.
"""

from __future__ import annotations

from math import pi, sqrt
from typing import Any, TypeAlias

import numpy as np
import scipy.special as sp

ARRAYS = "numpy"

Array: TypeAlias = Any  # of any shape and format; NumPy gives scalars where a shape is ()


def step(x: Array) -> Array:
    """numpy.heaviside(x, 0)"""
    return np.heaviside(x, 0)


def sigmoid(x: Array) -> Array:
    """scipy.special.expit(x)"""
    return sp.expit(x)


def sigmoid_vjp(x: Array, *, cotangent: Array) -> tuple[Array]:
    """cotangent * expit(x) * expit(-x)"""
    return (cotangent * sp.expit(x) * sp.expit(-x),)


def log_sigmoid(x: Array) -> Array:
    """scipy.special.log_expit(x)"""
    return sp.log_expit(x)


def log_sigmoid_vjp(x: Array, *, cotangent: Array) -> tuple[Array]:
    """cotangent * expit(-x)"""
    return (cotangent * sp.expit(-x),)


def tanh(x: Array) -> Array:
    """numpy.tanh(x)"""
    return np.tanh(x)


def softplus(x: Array, *, beta: float = 1.0) -> Array:
    """-scipy.special.log_expit(-beta * x) / beta"""
    return -sp.log_expit(-beta * x) / beta


def softplus_vjp(x: Array, *, beta: float = 1.0, cotangent: Array) -> tuple[Array]:
    """cotangent * expit(beta * x)"""
    return (cotangent * sp.expit(beta * x),)


def silu(x: Array) -> Array:
    """x * scipy.special.expit(x)"""
    return x * sp.expit(x)


def silu_vjp(x: Array, *, cotangent: Array) -> tuple[Array]:
    """cotangent * expit(x) * (1 + x * expit(-x))"""
    return (cotangent * sp.expit(x) * (1 + x * sp.expit(-x)),)


def swish(x: Array, *, beta: float = 1.0) -> Array:
    """x * scipy.special.expit(beta * x)"""
    return x * sp.expit(beta * x)


def swish_vjp(x: Array, *, beta: float = 1.0, cotangent: Array) -> tuple[Array, Array]:
    """s = expit(beta * x); cotangent * s * (1 + beta * x * expit(-beta * x))"""
    s, rest = sp.expit(beta * x), sp.expit(-beta * x)
    return cotangent * s * (1 + beta * x * rest), np.sum(cotangent * x * x * s * rest)


def gelu(x: Array) -> Array:
    """x * scipy.special.ndtr(x)"""
    return x * sp.ndtr(x)


def gelu_vjp(x: Array, *, cotangent: Array) -> tuple[Array]:
    """cotangent * (ndtr(x) + x * exp(-x**2 / 2) / sqrt(2 * pi))"""
    return (cotangent * (sp.ndtr(x) + x * np.exp(-(x**2) / 2) / sqrt(2 * pi)),)


def exponential(x: Array) -> Array:
    """numpy.exp(x)"""
    return np.exp(x)


def exponential_vjp(x: Array, *, cotangent: Array) -> tuple[Array]:
    """cotangent * exp(x)"""
    return (cotangent * np.exp(x),)


def erf(x: Array) -> Array:
    """scipy.special.erf(x)"""
    return sp.erf(x)


def erf_vjp(x: Array, *, cotangent: Array) -> tuple[Array]:
    """cotangent * 2 / sqrt(pi) * exp(-x**2)"""
    return (cotangent * (2 / sqrt(pi)) * np.exp(-(x**2)),)


def erfc(x: Array) -> Array:
    """scipy.special.erfc(x)"""
    return sp.erfc(x)


def erfc_vjp(x: Array, *, cotangent: Array) -> tuple[Array]:
    """cotangent * -2 / sqrt(pi) * exp(-x**2)"""
    return (cotangent * (-2 / sqrt(pi)) * np.exp(-(x**2)),)


def ndtr(x: Array) -> Array:
    """scipy.special.ndtr(x)"""
    return sp.ndtr(x)


def ndtr_vjp(x: Array, *, cotangent: Array) -> tuple[Array]:
    """cotangent * exp(-x**2 / 2) / sqrt(2 * pi)"""
    return (cotangent * np.exp(-(x**2) / 2) / sqrt(2 * pi),)


def log_ndtr(x: Array) -> Array:
    """scipy.special.log_ndtr(x)"""
    return sp.log_ndtr(x)


def log_ndtr_vjp(x: Array, *, cotangent: Array) -> tuple[Array]:
    """cotangent * exp(-x**2 / 2 - log_ndtr(x)) / sqrt(2 * pi)"""
    return (cotangent * np.exp(-(x**2) / 2 - sp.log_ndtr(x)) / sqrt(2 * pi),)


def expm1(x: Array) -> Array:
    """numpy.expm1(x)"""
    return np.expm1(x)


def expm1_vjp(x: Array, *, cotangent: Array) -> tuple[Array]:
    """cotangent * exp(x)"""
    return (cotangent * np.exp(x),)


def log1p(x: Array) -> Array:
    """numpy.log1p(x)"""
    return np.log1p(x)


def log1p_vjp(x: Array, *, cotangent: Array) -> tuple[Array]:
    """cotangent / (1 + x)"""
    return (cotangent / (1 + x),)


def logaddexp(x1: Array, x2: Array) -> Array:
    """numpy.logaddexp(x1, x2)"""
    return np.logaddexp(x1, x2)


def logaddexp_vjp(x1: Array, x2: Array, *, cotangent: Array) -> tuple[Array, Array]:
    """cotangent * expit(x1 - x2), cotangent * expit(x2 - x1)"""
    first, second = cotangent * sp.expit(x1 - x2), cotangent * sp.expit(x2 - x1)
    return _summed(first, x1), _summed(second, x2)


def softmax(z: Array, *, axis: int = -1) -> Array:
    """scipy.special.softmax(z, axis=axis)"""
    return np.asarray(sp.softmax(z, axis=axis))


def softmax_vjp(z: Array, *, axis: int = -1, cotangent: Array) -> tuple[Array]:
    """p = softmax(z); p * (cotangent - sum(p * cotangent))"""
    p = softmax(z, axis=axis)
    return (p * (cotangent - np.sum(p * cotangent, axis=axis, keepdims=True)),)


def log_softmax(z: Array, *, axis: int = -1) -> Array:
    """scipy.special.log_softmax(z, axis=axis)"""
    return np.asarray(sp.log_softmax(z, axis=axis))


def log_softmax_vjp(z: Array, *, axis: int = -1, cotangent: Array) -> tuple[Array]:
    """cotangent - softmax(z) * sum(cotangent)"""
    total = np.sum(cotangent, axis=axis, keepdims=True)
    return (cotangent - softmax(z, axis=axis) * total,)


def softmin(z: Array, *, axis: int = -1) -> Array:
    """scipy.special.softmax(-z, axis=axis)"""
    return softmax(-z, axis=axis)


def softmin_vjp(z: Array, *, axis: int = -1, cotangent: Array) -> tuple[Array]:
    """p = softmax(-z); p * (sum(p * cotangent) - cotangent)"""
    p = softmax(-z, axis=axis)
    return (p * (np.sum(p * cotangent, axis=axis, keepdims=True) - cotangent),)


def logsumexp(z: Array, *, axis: int = -1, keepdims: bool = False) -> Array:
    """scipy.special.logsumexp(z, axis=axis, keepdims=keepdims)"""
    return np.asarray(sp.logsumexp(z, axis=axis, keepdims=keepdims))


def logsumexp_vjp(
    z: Array, *, axis: int = -1, keepdims: bool = False, cotangent: Array
) -> tuple[Array]:
    """cotangent * softmax(z)"""
    each = cotangent if keepdims else np.expand_dims(cotangent, axis)
    return (each * softmax(z, axis=axis),)


def huber(
    prediction: Array, target: Array, *, delta: float = 1.0, reduction: str = "mean"
) -> Array:
    """scipy.special.huber(delta, prediction - target)"""
    return _reduced(sp.huber(delta, prediction - target), reduction)


def huber_vjp(
    prediction: Array,
    target: Array,
    *,
    delta: float = 1.0,
    reduction: str = "mean",
    cotangent: Array,
) -> tuple[Array, Array]:
    """d = prediction - target; cotangent * clip(d, -delta, delta)"""
    slope = np.clip(prediction - target, -delta, delta)
    gradient = _spread(cotangent, slope, reduction) * slope
    return _summed(gradient, prediction), _summed(-gradient, target)


def pseudo_huber(
    prediction: Array, target: Array, *, delta: float = 1.0, reduction: str = "mean"
) -> Array:
    """scipy.special.pseudo_huber(delta, prediction - target)"""
    return _reduced(sp.pseudo_huber(delta, prediction - target), reduction)


def pseudo_huber_vjp(
    prediction: Array,
    target: Array,
    *,
    delta: float = 1.0,
    reduction: str = "mean",
    cotangent: Array,
) -> tuple[Array, Array]:
    """d = prediction - target; cotangent * d / hypot(1, d / delta)"""
    d = prediction - target
    gradient = _spread(cotangent, d, reduction) * d / np.hypot(1, d / delta)
    return _summed(gradient, prediction), _summed(-gradient, target)


def kl_div(prediction: Array, target: Array, *, reduction: str = "mean") -> Array:
    """scipy.special.xlogy(target, target) - target * prediction"""
    return _reduced(sp.xlogy(target, target) - target * prediction, reduction)


def kl_div_vjp(
    prediction: Array, target: Array, *, reduction: str = "mean", cotangent: Array
) -> tuple[Array, Array]:
    """cotangent * -target, cotangent * (1 + log(target) - prediction)"""
    g = _spread(cotangent, prediction - target, reduction)
    slope = 1 + np.log(target) - prediction
    return _summed(g * -target, prediction), _summed(g * slope, target)


def js_div(prediction: Array, target: Array, *, reduction: str = "mean") -> Array:
    """m = (p + t) / 2; scipy.special.rel_entr(p, m) / 2 + scipy.special.rel_entr(t, m) / 2"""
    middle = (prediction + target) / 2
    losses = sp.rel_entr(prediction, middle) / 2 + sp.rel_entr(target, middle) / 2
    return _reduced(losses, reduction)


def bce(prediction: Array, target: Array, *, reduction: str = "mean") -> Array:
    """-scipy.special.xlogy(t, p) - scipy.special.xlog1py(1 - t, -p)"""
    loss = -sp.xlogy(target, prediction) - sp.xlog1py(1 - target, -prediction)
    return _reduced(loss, reduction)


def bce_with_logits(
    logits: Array, target: Array, *, pos_weight: float = 1.0, reduction: str = "mean"
) -> Array:
    """-pos_weight * t * scipy.special.log_expit(z) - (1 - t) * scipy.special.log_expit(-z)"""
    positive = pos_weight * target * sp.log_expit(logits)
    return _reduced(-positive - (1 - target) * sp.log_expit(-logits), reduction)


def bce_with_logits_vjp(
    logits: Array,
    target: Array,
    *,
    pos_weight: float = 1.0,
    reduction: str = "mean",
    cotangent: Array,
) -> tuple[Array, Array, Array]:
    """cotangent * ((1 - t) * expit(z) - pos_weight * t * expit(-z))"""
    g = _spread(cotangent, logits - target, reduction)
    slope = (1 - target) * sp.expit(logits) - pos_weight * target * sp.expit(-logits)
    target_slope = sp.log_expit(-logits) - pos_weight * sp.log_expit(logits)
    weight_slope = np.sum(g * -target * sp.log_expit(logits))
    return _summed(g * slope, logits), _summed(g * target_slope, target), weight_slope


def cross_entropy(logits: Array, target: Array, *, reduction: str = "mean") -> Array:
    """-numpy.sum(t * scipy.special.log_softmax(z, axis=-1), axis=-1)"""
    chosen = _one_hot(target, logits) * log_softmax(logits)
    return _reduced(-np.sum(chosen, axis=-1), reduction)


def cross_entropy_vjp(
    logits: Array, target: Array, *, reduction: str = "mean", cotangent: Array
) -> tuple[Array] | tuple[Array, Array]:
    """cotangent * (softmax(z) * sum(t) - t)"""
    t = _one_hot(target, logits)
    g = _spread(cotangent, logits[:, 0], reduction)[..., np.newaxis]
    gradient = g * (softmax(logits) * np.sum(t, axis=-1, keepdims=True) - t)
    if target.ndim == 1:
        return (gradient,)
    return gradient, g * -log_softmax(logits)


def categorical_cross_entropy(
    prediction: Array, target: Array, *, reduction: str = "mean"
) -> Array:
    """-numpy.sum(scipy.special.xlogy(t, p), axis=-1)"""
    t = _one_hot(target, prediction)
    return _reduced(-np.sum(sp.xlogy(t, prediction), axis=-1), reduction)


def _one_hot(target: Array, logits: Array) -> Array:
    """Class indices as rows of probabilities, in the dtype of the logits."""
    if target.ndim == logits.ndim:
        return target
    return np.eye(logits.shape[-1], dtype=logits.dtype)[target]


def _reduced(losses: Array, reduction: str) -> Array:
    if reduction == "mean":
        return np.mean(losses)
    if reduction == "batchmean":
        return np.sum(losses) / losses.shape[0]
    return np.sum(losses) if reduction == "sum" else losses


def _spread(cotangent: Array, losses: Array, reduction: str) -> Array:
    """The cotangent of each loss, from that of the reduced one."""
    return np.asarray(cotangent / losses.size if reduction == "mean" else cotangent)


def _summed(gradient: Array, like: Array) -> Array:
    """The gradient in an input that was broadcast: its copies' gradients, added."""
    extra = gradient.ndim - like.ndim
    copied = (k for k, n in enumerate(like.shape, extra) if n == 1)
    return np.sum(gradient, axis=(*range(extra), *copied)).reshape(like.shape)
