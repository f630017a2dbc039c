"""The formulas as tutorials type them, with the mistakes that tutorials make.

Nothing here is made wrong on purpose: exponentials overflow, differences cancel, an epsilon
hides in a logarithm or is lost in it, constants are rounded, and dtypes change, as they do in
many a course and blog. Warnings of overflow are part of the lesson.
"""

from __future__ import annotations

from math import pi, sqrt
from typing import Any, TypeAlias

import numpy as np

ARRAYS = "numpy"

REQUIRES = {"gelu": "scipy"}

Array: TypeAlias = Any  # of any shape and format; NumPy gives scalars where a shape is ()


def identity(x: Array) -> Array:
    """x"""
    return x


def identity_vjp(x: Array, *, cotangent: Array) -> tuple[Array]:
    """g"""
    return (cotangent,)


def step(x: Array) -> Array:
    """np.where(x > 0, 1, 0)"""
    return np.where(x > 0, 1, 0)


def step_vjp(x: Array, *, cotangent: Array) -> tuple[Array]:
    """np.zeros_like(x)"""
    return (np.zeros_like(x),)


def sigmoid(x: Array) -> Array:
    """1 / (1 + np.exp(-x))"""
    return 1 / (1 + np.exp(-x))


def sigmoid_vjp(x: Array, *, cotangent: Array) -> tuple[Array]:
    """g * s * (1 - s), s = sigmoid(x)"""
    s = sigmoid(x)
    return (cotangent * s * (1 - s),)


def log_sigmoid(x: Array) -> Array:
    """np.log(sigmoid(x))"""
    return np.log(sigmoid(x))


def log_sigmoid_vjp(x: Array, *, cotangent: Array) -> tuple[Array]:
    """g * (1 - sigmoid(x))"""
    return (cotangent * (1 - sigmoid(x)),)


def tanh(x: Array) -> Array:
    """(np.exp(x) - np.exp(-x)) / (np.exp(x) + np.exp(-x))"""
    return (np.exp(x) - np.exp(-x)) / (np.exp(x) + np.exp(-x))


def tanh_vjp(x: Array, *, cotangent: Array) -> tuple[Array]:
    """g * (1 - np.tanh(x) ** 2)"""
    return (cotangent * (1 - np.tanh(x) ** 2),)


def relu(x: Array) -> Array:
    """np.maximum(0, x)"""
    return np.maximum(0, x)


def relu_vjp(x: Array, *, cotangent: Array) -> tuple[Array]:
    """g * (x > 0).astype(float)"""
    return (cotangent * (x > 0).astype(float),)


def leaky_relu(x: Array, *, negative_slope: float = 0.01) -> Array:
    """np.where(x > 0, x, negative_slope * x)"""
    return np.where(x > 0, x, negative_slope * x)


def leaky_relu_vjp(x: Array, *, negative_slope: float = 0.01, cotangent: Array) -> tuple[Array]:
    """dx = np.ones_like(x); dx[x < 0] = negative_slope; g * dx"""
    dx = np.ones_like(x)
    dx[x < 0] = negative_slope
    return (cotangent * dx,)


def elu(x: Array, *, alpha: float = 1.0) -> Array:
    """np.where(x > 0, x, alpha * (np.exp(x) - 1))"""
    return np.where(x > 0, x, alpha * (np.exp(x) - 1))


def elu_vjp(x: Array, *, alpha: float = 1.0, cotangent: Array) -> tuple[Array]:
    """g * np.where(x > 0, 1, alpha * np.exp(x))"""
    return (cotangent * np.where(x > 0, 1, alpha * np.exp(x)),)


def selu(x: Array) -> Array:
    """1.0507 * np.where(x > 0, x, 1.67326 * (np.exp(x) - 1))"""
    return 1.0507 * np.where(x > 0, x, 1.67326 * (np.exp(x) - 1))


def selu_vjp(x: Array, *, cotangent: Array) -> tuple[Array]:
    """g * 1.0507 * np.where(x > 0, 1, 1.67326 * np.exp(x))"""
    return (cotangent * 1.0507 * np.where(x > 0, 1, 1.67326 * np.exp(x)),)


def softplus(x: Array) -> Array:
    """np.log(1 + np.exp(x))"""
    return np.log(1 + np.exp(x))


def softplus_vjp(x: Array, *, cotangent: Array) -> tuple[Array]:
    """g * sigmoid(x)"""
    return (cotangent * sigmoid(x),)


def silu(x: Array) -> Array:
    """x * sigmoid(x)"""
    return x * sigmoid(x)


def silu_vjp(x: Array, *, cotangent: Array) -> tuple[Array]:
    """g * (s + x * s * (1 - s)), s = sigmoid(x)"""
    s = sigmoid(x)
    return (cotangent * (s + x * s * (1 - s)),)


def swish(x: Array, *, beta: float = 1.0) -> Array:
    """x * sigmoid(beta * x)"""
    return x * sigmoid(beta * x)


def swish_vjp(x: Array, *, beta: float = 1.0, cotangent: Array) -> tuple[Array]:
    """g * (s + beta * x * s * (1 - s)), s = sigmoid(beta * x)"""
    s = sigmoid(beta * x)
    return (cotangent * (s + beta * x * s * (1 - s)),)


def gelu(x: Array) -> Array:
    """0.5 * x * (1 + erf(x / sqrt(2)))"""
    from scipy.special import erf

    return 0.5 * x * (1 + erf(x / sqrt(2)))


def gelu_vjp(x: Array, *, cotangent: Array) -> tuple[Array]:
    """g * (0.5 * (1 + erf(x / sqrt(2))) + x * np.exp(-x**2 / 2) / sqrt(2 * pi))"""
    from scipy.special import erf

    cdf = 0.5 * (1 + erf(x / sqrt(2)))
    return (cotangent * (cdf + x * np.exp(-(x**2) / 2) / sqrt(2 * pi)),)


def gelu_tanh(x: Array) -> Array:
    """0.5 * x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)))"""
    return 0.5 * x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)))


def gelu_tanh_vjp(x: Array, *, cotangent: Array) -> tuple[Array]:
    """g * (0.5 * (1 + t) + 0.5 * x * (1 - t**2) * np.sqrt(2 / np.pi) * (1 + 0.134145 * x**2))"""
    t = np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3))
    inner = np.sqrt(2 / np.pi) * (1 + 3 * 0.044715 * x**2)
    return (cotangent * (0.5 * (1 + t) + 0.5 * x * (1 - t**2) * inner),)


def mish(x: Array) -> Array:
    """x * np.tanh(np.log(1 + np.exp(x)))"""
    return x * np.tanh(np.log(1 + np.exp(x)))


def mish_vjp(x: Array, *, cotangent: Array) -> tuple[Array]:
    """t = np.tanh(softplus(x)); g * (t + x * sigmoid(x) * (1 - t**2))"""
    t = np.tanh(softplus(x))
    return (cotangent * (t + x * sigmoid(x) * (1 - t**2)),)


def softsign(x: Array) -> Array:
    """x / (1 + np.abs(x))"""
    return x / (1 + np.abs(x))


def softsign_vjp(x: Array, *, cotangent: Array) -> tuple[Array]:
    """g / (1 + np.abs(x)) ** 2"""
    return (cotangent / (1 + np.abs(x)) ** 2,)


def logsumexp(z: Array, *, axis: int = -1) -> Array:
    """np.log(np.sum(np.exp(z), axis=axis))"""
    return np.log(np.sum(np.exp(z), axis=axis))


def logsumexp_vjp(z: Array, *, axis: int = -1, cotangent: Array) -> tuple[Array]:
    """g * softmax(z)"""
    return (np.expand_dims(cotangent, axis) * softmax(z, axis=axis),)


def softmax(z: Array, *, axis: int = -1) -> Array:
    """np.exp(z) / np.sum(np.exp(z), axis=axis, keepdims=True)"""
    return np.exp(z) / np.sum(np.exp(z), axis=axis, keepdims=True)


def softmax_vjp(z: Array, *, axis: int = -1, cotangent: Array) -> tuple[Array]:
    """s * (g - np.sum(g * s, axis=axis, keepdims=True)), s = softmax(z)"""
    s = softmax(z, axis=axis)
    return (s * (cotangent - np.sum(cotangent * s, axis=axis, keepdims=True)),)


def log_softmax(z: Array, *, axis: int = -1) -> Array:
    """np.log(softmax(z))"""
    return np.log(softmax(z, axis=axis))


def log_softmax_vjp(z: Array, *, axis: int = -1, cotangent: Array) -> tuple[Array]:
    """g - softmax(z) * np.sum(g, axis=axis, keepdims=True)"""
    total = np.sum(cotangent, axis=axis, keepdims=True)
    return (cotangent - softmax(z, axis=axis) * total,)


def mse(prediction: Array, target: Array, *, reduction: str = "mean") -> Array:
    """np.mean((prediction - target) ** 2)"""
    return _reduced((prediction - target) ** 2, reduction)


def mse_vjp(
    prediction: Array, target: Array, *, reduction: str = "mean", cotangent: Array
) -> tuple[Array]:
    """g * 2 * (prediction - target) / n"""
    return (cotangent * 2 * (prediction - target) / _count(prediction, reduction),)


def half_squared_error(prediction: Array, target: Array, *, reduction: str = "mean") -> Array:
    """0.5 * np.mean((prediction - target) ** 2)"""
    return 0.5 * mse(prediction, target, reduction=reduction)


def half_squared_error_vjp(
    prediction: Array, target: Array, *, reduction: str = "mean", cotangent: Array
) -> tuple[Array]:
    """g * (prediction - target) / n"""
    return (cotangent * (prediction - target) / _count(prediction, reduction),)


def mae(prediction: Array, target: Array, *, reduction: str = "mean") -> Array:
    """np.mean(np.abs(prediction - target))"""
    return _reduced(np.abs(prediction - target), reduction)


def mae_vjp(
    prediction: Array, target: Array, *, reduction: str = "mean", cotangent: Array
) -> tuple[Array]:
    """g * np.sign(prediction - target) / n"""
    return (cotangent * np.sign(prediction - target) / _count(prediction, reduction),)


def huber(
    prediction: Array, target: Array, *, delta: float = 1.0, reduction: str = "mean"
) -> Array:
    """np.where(abs(d) <= delta, 0.5 * d**2, delta * (abs(d) - 0.5 * delta))"""
    d = prediction - target
    losses = np.where(abs(d) <= delta, 0.5 * d**2, delta * (abs(d) - 0.5 * delta))
    return _reduced(losses, reduction)


def huber_vjp(
    prediction: Array,
    target: Array,
    *,
    delta: float = 1.0,
    reduction: str = "mean",
    cotangent: Array,
) -> tuple[Array]:
    """g * np.where(abs(d) <= delta, d, delta * np.sign(d)) / n"""
    d = prediction - target
    slope = np.where(abs(d) <= delta, d, delta * np.sign(d))
    return (cotangent * slope / _count(prediction, reduction),)


def log_cosh(prediction: Array, target: Array, *, reduction: str = "mean") -> Array:
    """np.mean(np.log(np.cosh(prediction - target)))"""
    return _reduced(np.log(np.cosh(prediction - target)), reduction)


def log_cosh_vjp(
    prediction: Array, target: Array, *, reduction: str = "mean", cotangent: Array
) -> tuple[Array]:
    """g * np.tanh(prediction - target) / n"""
    return (cotangent * np.tanh(prediction - target) / _count(prediction, reduction),)


def quantile(prediction: Array, target: Array, *, q: float = 0.5, reduction: str = "mean") -> Array:
    """e = target - prediction; np.mean(np.maximum(q * e, (q - 1) * e))"""
    e = target - prediction
    return _reduced(np.maximum(q * e, (q - 1) * e), reduction)


def quantile_vjp(
    prediction: Array,
    target: Array,
    *,
    q: float = 0.5,
    reduction: str = "mean",
    cotangent: Array,
) -> tuple[Array]:
    """g * np.where(target > prediction, -q, 1 - q) / n"""
    slope = np.where(target > prediction, -q, 1 - q)
    return (cotangent * slope / _count(prediction, reduction),)


def bce(prediction: Array, target: Array, *, reduction: str = "mean") -> Array:
    """p = np.clip(p, 1e-12, 1 - 1e-12); -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))"""
    p = np.clip(prediction, 1e-12, 1 - 1e-12)
    return _reduced(-(target * np.log(p) + (1 - target) * np.log(1 - p)), reduction)


def bce_vjp(
    prediction: Array, target: Array, *, reduction: str = "mean", cotangent: Array
) -> tuple[Array]:
    """p = np.clip(p, 1e-12, 1 - 1e-12); g * (p - y) / (p * (1 - p)) / n"""
    p = np.clip(prediction, 1e-12, 1 - 1e-12)
    return (cotangent * (p - target) / (p * (1 - p)) / _count(prediction, reduction),)


def bce_with_logits(
    logits: Array, target: Array, *, pos_weight: float = 1.0, reduction: str = "mean"
) -> Array:
    """-np.mean(pos_weight * y * np.log(p) + (1 - y) * np.log(1 - p)), p = sigmoid(z)"""
    p = sigmoid(logits)
    losses = -(pos_weight * target * np.log(p) + (1 - target) * np.log(1 - p))
    return _reduced(losses, reduction)


def bce_with_logits_vjp(
    logits: Array,
    target: Array,
    *,
    pos_weight: float = 1.0,
    reduction: str = "mean",
    cotangent: Array,
) -> tuple[Array]:
    """g * (pos_weight * y * (p - 1) + (1 - y) * p) / n, p = sigmoid(z)"""
    p = sigmoid(logits)
    slope = pos_weight * target * (p - 1) + (1 - target) * p
    return (cotangent * slope / _count(logits, reduction),)


def cross_entropy(logits: Array, target: Array, *, reduction: str = "mean") -> Array:
    """-np.mean(np.sum(y * np.log(softmax(z) + 1e-15), axis=1))"""
    log_p = np.log(softmax(logits) + 1e-15)
    if target.ndim == 1:
        return _reduced(-log_p[np.arange(len(target)), target], reduction)
    return _reduced(-np.sum(target * log_p, axis=1), reduction)


def cross_entropy_vjp(
    logits: Array, target: Array, *, reduction: str = "mean", cotangent: Array
) -> tuple[Array]:
    """g * (softmax(z) - y) / n"""
    dz = softmax(logits)
    if target.ndim == 1:
        dz[np.arange(len(target)), target] -= 1
    else:
        dz = dz - target
    g = cotangent[:, np.newaxis] if reduction == "none" else cotangent
    return (g * dz / (len(logits) if reduction == "mean" else 1),)


def categorical_cross_entropy(
    prediction: Array, target: Array, *, reduction: str = "mean"
) -> Array:
    """p = np.clip(p, 1e-12, 1 - 1e-12); -np.mean(np.sum(y * np.log(p), axis=1))"""
    p = np.clip(prediction, 1e-12, 1.0 - 1e-12)
    return _reduced(-np.sum(target * np.log(p), axis=1), reduction)


def categorical_cross_entropy_vjp(
    prediction: Array, target: Array, *, reduction: str = "mean", cotangent: Array
) -> tuple[Array]:
    """p = np.clip(p, 1e-12, 1 - 1e-12); g * -y / p / n"""
    p = np.clip(prediction, 1e-12, 1.0 - 1e-12)
    g = cotangent[:, np.newaxis] if reduction == "none" else cotangent
    return (g * -target / p / (len(prediction) if reduction == "mean" else 1),)


def ctc(logits: Array, target: Array, *, reduction: str = "mean") -> Array:
    """alpha[t, s] = y[t, l[s]] * (alpha[t-1, s] + alpha[t-1, s-1] + ...); -np.log(alpha[-1])"""
    y, states = softmax(logits), _with_blanks(target)
    alpha = _ctc_alpha(y, states)
    losses = -np.log(alpha[:, -1, -1] + alpha[:, -1, -2])
    return _reduced(losses / target.shape[1] if reduction == "mean" else losses, reduction)


def ctc_vjp(
    logits: Array, target: Array, *, reduction: str = "mean", cotangent: Array
) -> tuple[Array]:
    """g * (y - sum(alpha * beta) / y / p), the sum over the states of each class"""
    y, states = softmax(logits), _with_blanks(target)
    alpha = _ctc_alpha(y, states)
    beta = _ctc_alpha(y[:, ::-1], states[:, ::-1])[:, ::-1, ::-1]
    p = alpha[:, -1, -1] + alpha[:, -1, -2]
    both = np.zeros_like(y)
    for k in range(y.shape[-1]):
        here = states[:, np.newaxis] == k
        both[..., k] = np.sum(alpha * beta * here, axis=-1)
    n = target.size if reduction == "mean" else 1
    g = cotangent[:, np.newaxis, np.newaxis] if reduction == "none" else cotangent
    return (g * (y - both / y / p[:, np.newaxis, np.newaxis]) / n,)


def _with_blanks(target: Array) -> Array:
    states = np.zeros((len(target), 2 * target.shape[1] + 1), dtype=int)
    states[:, 1::2] = target
    return states


def _ctc_alpha(y: Array, states: Array) -> Array:
    alpha = np.zeros((*y.shape[:2], states.shape[1]), dtype=y.dtype)
    at = np.take_along_axis(y, states[:, np.newaxis], axis=2)
    alpha[:, 0, :2] = at[:, 0, :2]
    skip = (states[:, 2:] != 0) & (states[:, 2:] != states[:, :-2])
    for t in range(1, y.shape[1]):
        before = alpha[:, t - 1]
        alpha[:, t] = before
        alpha[:, t, 1:] += before[:, :-1]
        alpha[:, t, 2:] += before[:, :-2] * skip
        alpha[:, t] *= at[:, t]
    return alpha


def focal(
    prediction: Array,
    target: Array,
    *,
    alpha: float = 0.25,
    gamma: float = 2.0,
    reduction: str = "mean",
) -> Array:
    """p = np.clip(p, 1e-7, 1 - 1e-7); alpha * (1 - p) ** gamma * -y * np.log(p)

    Meant for one-hot rows, and given to a single sigmoid output all the same: y = 0 costs nothing.
    """
    p = np.clip(prediction, 1e-7, 1 - 1e-7)
    return _reduced(alpha * (1 - p) ** gamma * -target * np.log(p), reduction)


def focal_vjp(
    prediction: Array,
    target: Array,
    *,
    alpha: float = 0.25,
    gamma: float = 2.0,
    reduction: str = "mean",
    cotangent: Array,
) -> tuple[Array]:
    """g * alpha * y * (gamma * (1 - p) ** (gamma - 1) * np.log(p) - (1 - p) ** gamma / p) / n"""
    p = np.clip(prediction, 1e-7, 1 - 1e-7)
    slope = gamma * (1 - p) ** (gamma - 1) * np.log(p) - (1 - p) ** gamma / p
    return (cotangent * alpha * target * slope / _count(prediction, reduction),)


def hinge(prediction: Array, target: Array, *, reduction: str = "mean") -> Array:
    """np.mean(np.maximum(0, 1 - target * prediction))"""
    return _reduced(np.maximum(0, 1 - target * prediction), reduction)


def hinge_vjp(
    prediction: Array, target: Array, *, reduction: str = "mean", cotangent: Array
) -> tuple[Array]:
    """g * np.where(target * prediction < 1, -target, 0) / n"""
    slope = np.where(target * prediction < 1, -target, 0)
    return (cotangent * slope / _count(prediction, reduction),)


def squared_hinge(prediction: Array, target: Array, *, reduction: str = "mean") -> Array:
    """np.mean(np.maximum(0, 1 - target * prediction) ** 2)"""
    return _reduced(np.maximum(0, 1 - target * prediction) ** 2, reduction)


def squared_hinge_vjp(
    prediction: Array, target: Array, *, reduction: str = "mean", cotangent: Array
) -> tuple[Array]:
    """g * -2 * target * np.maximum(0, 1 - target * prediction) / n"""
    slope = -2 * target * np.maximum(0, 1 - target * prediction)
    return (cotangent * slope / _count(prediction, reduction),)


def contrastive(
    distance: Array, target: Array, *, margin: float = 1.0, reduction: str = "mean"
) -> Array:
    """np.mean(y * d**2 + (1 - y) * np.maximum(margin - d, 0) ** 2)"""
    losses = target * distance**2 + (1 - target) * np.maximum(margin - distance, 0) ** 2
    return _reduced(losses, reduction)


def contrastive_vjp(
    distance: Array,
    target: Array,
    *,
    margin: float = 1.0,
    reduction: str = "mean",
    cotangent: Array,
) -> tuple[Array]:
    """g * (2 * y * d - 2 * (1 - y) * np.maximum(margin - d, 0)) / n"""
    slope = 2 * target * distance - 2 * (1 - target) * np.maximum(margin - distance, 0)
    return (cotangent * slope / _count(distance, reduction),)


def _reduced(losses: Array, reduction: str) -> Array:
    if reduction == "mean":
        return np.mean(losses)
    return np.sum(losses) if reduction == "sum" else losses


def _count(losses: Array, reduction: str) -> int:
    return losses.size if reduction == "mean" else 1
