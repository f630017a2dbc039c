"""Right implementations in different styles: a false alarm on one of them is a bug.

The tails are computed with exp(x / 2) twice where exp(x) times a large factor would turn
a subnormal's rounding into many units.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import special  # type: ignore[import-untyped, unused-ignore]

from .entry import Entry
from .reductions import Array, each, like, reduced, summed

SIXTEEN = ("float16", "bfloat16")
ALL = ("float16", "bfloat16", "float32", "float64")
SCALE = 1.0507009873554804934193349852946
ALPHA = 1.6732632423543772848170429916717
C = 0.044715
ROOT = math.sqrt(2 / math.pi)


# sigmoid


def sigmoid(x: Array) -> Any:
    e = np.exp(-np.abs(x))
    return np.where(x < 0, e, 1) / (1 + e)


def sigmoid_vjp(x: Array, *, cotangent: Array) -> tuple[Array, ...]:
    e = np.exp(-np.abs(x))
    return (cotangent * (e / np.square(1 + e)),)


def sigmoid_masks(x: Array) -> Array:
    out = np.empty_like(x)
    left = x < 0
    e = np.exp(x[left])
    out[left] = e / (1 + e)
    out[~left] = 1 / (1 + np.exp(-x[~left]))
    return out


def sigmoid_masks_vjp(x: Array, *, cotangent: Array) -> tuple[Array]:
    return (cotangent * sigmoid_masks(-np.abs(x)) * sigmoid_masks(np.abs(x)),)


def sigmoid_logaddexp(x: Array) -> Array:
    return np.exp(-np.logaddexp(0, -x))


def sigmoid_logaddexp_vjp(x: Array, *, cotangent: Array) -> tuple[Array]:
    return (cotangent * np.exp(-(np.logaddexp(0, -x) + np.logaddexp(0, x))),)


def sigmoid_of_a_number(x: float) -> float:
    if x < 0:
        return math.exp(x) / (1 + math.exp(x))
    return 1 / (1 + math.exp(-x))


def sigmoid_flushed(x: Array) -> Array:
    return flushed(sigmoid(x))


def sigmoid_flushed_vjp(x: Array, *, cotangent: Array) -> tuple[Array]:
    return (flushed(sigmoid_vjp(x, cotangent=cotangent)[0]),)


def flushed(y: Array) -> Array:
    """Every subnormal result is a zero of its sign."""
    return np.where(np.abs(y) < np.finfo(y.dtype).tiny, np.copysign(0, y).astype(y.dtype), y)


# log_sigmoid


def log_sigmoid(x: Array) -> Array:
    return np.minimum(x, 0) - np.log1p(np.exp(-np.abs(x)))


def log_sigmoid_vjp(x: Array, *, cotangent: Array) -> tuple[Array]:
    return (cotangent * sigmoid(-x),)


def log_sigmoid_logaddexp(x: Array) -> Array:
    return -np.logaddexp(0, -x)


def log_sigmoid_logaddexp_vjp(x: Array, *, cotangent: Array) -> tuple[Array]:
    return (cotangent * np.exp(-np.logaddexp(0, x)),)


# tanh


def tanh_vjp(x: Array, *, cotangent: Array) -> tuple[Array]:
    return (cotangent * np.square(1 / np.cosh(x)),)


def tanh_expm1(x: Array) -> Any:
    t = np.expm1(-2 * np.abs(x))
    return np.copysign(t / (2 + t), x)


def tanh_expm1_vjp(x: Array, *, cotangent: Array) -> tuple[Array]:
    h = np.exp(-np.abs(x))
    return (cotangent * np.square(2 * h / (1 + h * h)),)


# relu, leaky_relu, prelu, step


def relu_vjp(x: Array, *, cotangent: Array) -> tuple[Array]:
    return (cotangent * np.heaviside(x, 0),)


def relu_slope_one_vjp(x: Array, *, cotangent: Array) -> tuple[Array]:
    return (cotangent * np.heaviside(x, 1),)


def relu_slope_half_vjp(x: Array, *, cotangent: Array) -> tuple[Array]:
    return (cotangent * np.heaviside(x, 0.5),)


def relu_loop(x: Array) -> Array:
    out = np.array(x, order="C")
    for i, v in enumerate(out.flat):
        if v < 0:
            out.flat[i] = 0
    return out


def leaky_relu(x: Array, negative_slope: Any = 0.01) -> Array:
    return np.where(x > 0, x, like(x, negative_slope) * x)


def leaky_relu_vjp(
    x: Array, negative_slope: Any = 0.01, *, cotangent: Array
) -> tuple[Array, Array]:
    slope = np.where(x > 0, like(x, 1), like(x, negative_slope)) + np.where(np.isnan(x), x, 0)
    return cotangent * slope, np.asarray(np.sum(cotangent * np.minimum(x, 0)))


def leaky_relu_sum(x: Array, negative_slope: Any = 0.01) -> Any:
    return np.maximum(x, 0) + like(x, negative_slope) * np.minimum(x, 0)


def leaky_relu_sum_vjp(x: Array, negative_slope: Any = 0.01, *, cotangent: Array) -> tuple[Array]:
    right = np.heaviside(x, 1)
    return (cotangent * (right + like(x, negative_slope) * (1 - right)),)


def along(weight: Array, x: Array, channel_axis: int) -> Array:
    """The weight in a shape that broadcasts along the channels of x."""
    if weight.size == 1:
        return weight.reshape(())
    return weight.reshape([-1 if a == channel_axis % x.ndim else 1 for a in range(x.ndim)])


def prelu(x: Array, weight: Array, channel_axis: int = 1) -> Array:
    return np.where(x > 0, x, along(weight, x, channel_axis) * x)


def prelu_vjp(
    x: Array, weight: Array, channel_axis: int = 1, *, cotangent: Array
) -> tuple[Array, Array]:
    slope = np.where(x > 0, like(x, 1), along(weight, x, channel_axis))
    terms = cotangent * np.minimum(x, 0)
    if weight.size == 1:
        return cotangent * slope, np.sum(terms).reshape(weight.shape)
    others = tuple(a for a in range(x.ndim) if a != channel_axis % x.ndim)
    return cotangent * slope, np.sum(terms, axis=others)


def prelu_moveaxis(x: Array, weight: Array, channel_axis: int = 1) -> Any:
    if weight.size == 1:
        return np.maximum(x, 0) + weight.reshape(()) * np.minimum(x, 0)
    last = np.moveaxis(x, channel_axis, -1)
    return np.moveaxis(np.maximum(last, 0) + weight * np.minimum(last, 0), -1, channel_axis)


def step_by_sign(x: Array) -> Array:
    return (np.sign(x) + 1) / 2


def step_vjp(x: Array, *, cotangent: Array) -> tuple[Array]:
    return (np.zeros_like(x),)


def identity_vjp(x: Array, *, cotangent: Array) -> tuple[Array]:
    return (np.array(cotangent),)


# elu, selu


def elu(x: Array, alpha: Any = 1.0) -> Array:
    return np.where(x > 0, x, like(x, alpha) * np.expm1(x))


def elu_vjp(x: Array, alpha: Any = 1.0, *, cotangent: Array) -> tuple[Array, Array]:
    slope = np.where(x > 0, 1, like(x, alpha) * np.exp(x))
    return cotangent * slope, np.asarray(np.sum(cotangent * np.expm1(np.minimum(x, 0))))


def elu_sum(x: Array, alpha: Any = 1.0) -> Any:
    return np.maximum(x, 0) + like(x, alpha) * np.expm1(np.minimum(x, 0))


def elu_default(x: Array) -> Array:
    return np.where(x < 0, np.expm1(np.minimum(x, 0)), x)


def elu_default_vjp(x: Array, *, cotangent: Array) -> tuple[Array]:
    return (cotangent * np.exp(np.minimum(x, 0)),)


def selu(x: Array) -> Array:
    return np.where(x > 0, SCALE * x, (SCALE * ALPHA) * np.expm1(x))


def selu_vjp(x: Array, *, cotangent: Array) -> tuple[Array]:
    return (cotangent * np.where(x > 0, SCALE, (SCALE * ALPHA) * np.exp(x)),)


def selu_nested(x: Array) -> Array:
    return SCALE * (np.maximum(x, 0) + ALPHA * np.expm1(np.minimum(x, 0)))


# softplus, swish, silu


def softplus(x: Array, beta: Any = 1.0) -> Any:
    b = like(x, beta)
    h = np.exp(-np.abs(b * x) / 2)
    left = np.where(h < 1e-8, h / b * h, np.log1p(h * h) / b)
    return np.maximum(x, 0) + left


def softplus_vjp(x: Array, beta: Any = 1.0, *, cotangent: Array) -> tuple[Array, Array]:
    b = like(x, beta)
    t = np.minimum(np.abs(b * x), like(x, 2000))
    h = np.exp(-t / 2)
    tail = (1 + t) * (h / b) * (h / b)
    entropy = np.where(h < 1e-8, tail, (np.log1p(h * h) + t * sigmoid(-t)) / b / b)
    return cotangent * sigmoid(b * x), np.asarray(np.sum(-cotangent * entropy))


def softplus_logaddexp(x: Array) -> Array:
    return np.logaddexp(0, x)


def softplus_logaddexp_vjp(x: Array, *, cotangent: Array) -> tuple[Array]:
    return (cotangent * np.exp(-np.logaddexp(0, -x)),)


def softplus_sum(x: Array) -> Array:
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))


def swish(x: Array, beta: Any = 1.0) -> Any:
    t = like(x, beta) * x
    h = np.exp(-np.abs(t) / 2)
    left = np.where(h == 0, -h, (x * h) * (h / (1 + h * h)))
    return np.where(t < 0, left, x / (1 + h * h))


def swish_vjp(x: Array, beta: Any = 1.0, *, cotangent: Array) -> tuple[Array, Array]:
    t = np.clip(like(x, beta) * x, like(x, -2000), like(x, 2000))
    h, e = np.exp(np.minimum(t, 0) / 2), np.exp(-np.abs(t))
    other = np.where(t < 0, 1, e) / (1 + e)
    slope = h * (1 + t * other) * (h / (1 + e))
    k = np.exp(-np.abs(t) / 2)
    bend = np.square(np.where(k == 0, 0, x * k) / (1 + e))
    return cotangent * slope, np.asarray(np.sum(cotangent * bend))


def silu(x: Array) -> Any:
    x = np.maximum(x, like(x, -2000))
    h = np.exp(np.minimum(x, 0) / 2)
    e = np.exp(-np.abs(x))
    return x * h * (h / (1 + e))


def silu_vjp(x: Array, *, cotangent: Array) -> tuple[Array]:
    x = np.clip(x, like(x, -2000), like(x, 2000))
    h = np.exp(np.minimum(x, 0) / 2)
    e = np.exp(-np.abs(x))
    other = np.where(x < 0, 1, e) / (1 + e)
    return (cotangent * (h * (1 + x * other) * (h / (1 + e))),)


def silu_double(x: Array) -> Any:
    t = np.maximum(x.astype(np.float64), -600)
    return (t / (1 + np.exp(-t))).astype(x.dtype)


# gelu, gelu_tanh


def gelu(x: Array) -> Any:
    t = np.maximum(x, like(x, -60))
    half = special.erfcx(np.maximum(-t, 0) * math.sqrt(0.5)) / 2
    left = t * half * np.exp(-t * t / 2)
    return np.where(t < -1, left, x * (special.erfc(-t * math.sqrt(0.5)) / 2))


def gelu_vjp(x: Array, *, cotangent: Array) -> tuple[Array]:
    t = np.clip(x, like(x, -60), like(x, 60))
    h = np.exp(-t * t / 4)
    left = h * (h * (special.erfcx(np.maximum(-t, 0) * math.sqrt(0.5)) / 2 + t * (ROOT / 2)))
    right = special.erfc(-t * math.sqrt(0.5)) / 2 + t * (h * h) * (ROOT / 2)
    return (cotangent * np.where(t < -1, left, right),)


def gelu_double(x: Array) -> Any:
    t = np.maximum(x.astype(np.float64), -60)
    return (t * special.erfc(-t / math.sqrt(2)) / 2).astype(x.dtype)


def gelu_double_vjp(x: Array, *, cotangent: Array) -> tuple[Array]:
    t = np.clip(x.astype(np.float64), -60, 60)
    slope = special.ndtr(t) + t * np.exp(-t * t / 2) / math.sqrt(2 * math.pi)
    return ((cotangent * slope).astype(x.dtype),)


def gelu_ndtr(x: Array) -> Any:
    t = np.maximum(x.astype(np.float64), -60)
    return (t * special.ndtr(t)).astype(x.dtype)


def gelu_tanh(x: Array) -> Any:
    t = np.maximum(x, like(x, -60))
    a = ROOT * (t + C * t * t * t)
    h = np.exp(np.minimum(a, 0))
    return t * h * (h / (1 + np.exp(-2 * np.abs(a))))


def gelu_tanh_vjp(x: Array, *, cotangent: Array) -> tuple[Array]:
    t = np.clip(x, like(x, -60), like(x, 60))
    a = ROOT * (t + C * t * t * t)
    h = np.exp(np.minimum(a, 0))
    e = np.exp(-2 * np.abs(a))
    other = np.where(a < 0, 1, e) / (1 + e)
    inner = (2 * ROOT) * (1 + (3 * C) * t * t)
    return (cotangent * (h * (1 + t * other * inner) * (h / (1 + e))),)


def gelu_tanh_double(x: Array) -> Any:
    t = np.maximum(x.astype(np.float64), -60)
    return (t * special.expit(2 * ROOT * (t + C * t**3))).astype(x.dtype)


# softmax, log_softmax


def softmax(z: Array, axis: int = -1) -> Any:
    if z.size == 0:
        return z.copy()
    e = np.exp(z - np.max(z, axis=axis, keepdims=True))
    return e / np.sum(e, axis=axis, keepdims=True)


def softmax_vjp(z: Array, axis: int = -1, *, cotangent: Array) -> tuple[Array]:
    s, g = np.moveaxis(softmax(z, axis), axis, -1), np.moveaxis(cotangent, axis, -1)
    pairs = s[..., None, :] * (g[..., :, None] - g[..., None, :])
    return (np.moveaxis(s * np.sum(pairs, axis=-1), -1, axis),)


def log_softmax(z: Array, axis: int = -1) -> Any:
    if z.size == 0:
        return z.copy()
    k = np.argmax(z, axis=axis, keepdims=True)
    shifted = z - np.take_along_axis(z, k, axis)
    e = np.exp(shifted)
    np.put_along_axis(e, k, np.take_along_axis(shifted, k, axis), axis)
    return shifted - np.log1p(np.sum(e, axis=axis, keepdims=True))


def log_softmax_vjp(z: Array, axis: int = -1, *, cotangent: Array) -> tuple[Array]:
    s, g = np.moveaxis(softmax(z, axis), axis, -1), np.moveaxis(cotangent, axis, -1)
    pairs = g[..., :, None] * s[..., None, :] - s[..., :, None] * g[..., None, :]
    return (np.moveaxis(np.sum(pairs, axis=-1), -1, axis),)


def log_softmax_shifted(z: Array, axis: int = -1) -> Any:
    if z.size == 0:
        return z.copy()
    below = z - np.max(z, axis=axis, keepdims=True)
    return below - np.log(np.sum(np.exp(below), axis=axis, keepdims=True))


def softmax_of_log(z: Array, axis: int = -1) -> Any:
    return np.exp(log_softmax(z, axis))


def softmax_of_a_row(row: Array) -> Array:
    top = max(row.tolist(), default=0.0)
    if any(math.isnan(v) for v in row) or math.isinf(top):
        return np.full_like(row, np.nan)
    e = [math.exp(v - top) for v in row.tolist()]
    return np.array([v / math.fsum(e) for v in e], dtype=row.dtype)


def softmax_loop(z: Array) -> Array:
    if z.size == 0:
        return z.copy()
    return np.apply_along_axis(softmax_of_a_row, -1, z)


# losses


def mse(prediction: Array, target: Array, reduction: str = "mean") -> Array:
    return reduced(np.square(prediction - target), reduction)


def mse_vjp(
    prediction: Array, target: Array, reduction: str = "mean", *, cotangent: Array
) -> tuple[Array, Array]:
    d = prediction - target
    slope = d * (2 * each(d, reduction, cotangent))
    return summed(slope, prediction), summed(-slope, target)


def mse_mean_only(prediction: Array, target: Array) -> Array:
    d = prediction - target
    return reduced(d * d, "mean")


def mse_mean_only_vjp(prediction: Array, target: Array, *, cotangent: Array) -> tuple[Array]:
    return mse_vjp(prediction, target, cotangent=cotangent)[:1]


def mse_double(prediction: Array, target: Array, reduction: str = "mean") -> Array:
    d = prediction.astype(np.float64) - target.astype(np.float64)
    return np.asarray(reduced(d * d, reduction)).astype(prediction.dtype)


def mae(prediction: Array, target: Array, reduction: str = "mean") -> Array:
    return reduced(np.abs(prediction - target), reduction)


def mae_vjp(
    prediction: Array, target: Array, reduction: str = "mean", *, cotangent: Array
) -> tuple[Array, Array]:
    d = prediction - target
    slope = np.sign(d) * each(d, reduction, cotangent)
    return summed(slope, prediction), summed(-slope, target)


def mae_kink_one_vjp(
    prediction: Array, target: Array, reduction: str = "mean", *, cotangent: Array
) -> tuple[Array]:
    d = prediction - target
    slope = np.where(d >= 0, 1, np.where(d < 0, -1, d)).astype(d.dtype)
    return (summed(slope * each(d, reduction, cotangent), prediction),)


def mae_largest(prediction: Array, target: Array, reduction: str = "mean") -> Array:
    return reduced(np.maximum(prediction, target) - np.minimum(prediction, target), reduction)


def huber(prediction: Array, target: Array, delta: Any = 1.0, reduction: str = "mean") -> Array:
    d, k = np.abs(prediction - target), like(prediction, delta)
    far = np.where(np.isinf(d), 2 * k * np.abs(prediction / 2 - target / 2), k * (d - k / 2))
    return reduced(np.where(d <= k, d * d / 2, far), reduction)


def huber_vjp(
    prediction: Array,
    target: Array,
    delta: Any = 1.0,
    reduction: str = "mean",
    *,
    cotangent: Array,
) -> tuple[Array, Array, Array]:
    d, k = prediction - target, like(prediction, delta)
    g = each(d, reduction, cotangent)
    slope = np.clip(d, -k, k) * g
    outside = np.sum(g * np.maximum(np.abs(d) - k, 0))
    return summed(slope, prediction), summed(-slope, target), np.asarray(outside)


def huber_clipped(prediction: Array, target: Array, reduction: str = "mean") -> Array:
    d = np.abs(prediction - target)
    c = np.minimum(d, 1)
    return reduced(c * (d - c / 2), reduction)


def bce(prediction: Array, target: Array, reduction: str = "mean") -> Array:
    hit = np.where(target == 0, 0, target * np.log(prediction))
    miss = np.where(target == 1, 0, (1 - target) * np.log1p(-prediction))
    return reduced(-(hit + miss), reduction)


def bce_vjp(
    prediction: Array, target: Array, reduction: str = "mean", *, cotangent: Array
) -> tuple[Array, Array]:
    hit = np.where(target == 0, 0, target / prediction)
    miss = np.where(target == 1, 0, (1 - target) / (1 - prediction))
    g = each(hit + miss, reduction, cotangent)
    logit = np.log(prediction) - np.log1p(-prediction)
    return summed((miss - hit) * g, prediction), summed(-logit * g, target)


def bce_xlogy(prediction: Array, target: Array, reduction: str = "mean") -> Array:
    losses = -special.xlogy(target, prediction) - special.xlog1py(1 - target, -prediction)
    return reduced(losses, reduction)


def bce_with_logits(
    logits: Array, target: Array, pos_weight: Any = 1.0, reduction: str = "mean"
) -> Array:
    hit = np.where(target == 0, 0, target * softplus_sum(-logits))
    miss = np.where(target == 1, 0, (1 - target) * softplus_sum(logits))
    return reduced(like(logits, pos_weight) * hit + miss, reduction)


def bce_with_logits_vjp(
    logits: Array,
    target: Array,
    pos_weight: Any = 1.0,
    reduction: str = "mean",
    *,
    cotangent: Array,
) -> tuple[Array, Array, Array]:
    w, left, right = like(logits, pos_weight), softplus_sum(-logits), softplus_sum(logits)
    g = each(left + target, reduction, cotangent)
    slope = (1 - target) * sigmoid(logits) - w * target * sigmoid(-logits)
    hit = np.where(target == 0, 0, target * left)
    return (
        summed(slope * g, logits),
        summed(np.where(logits < -1, w * left - right, (w - 1) * left - logits) * g, target),
        np.asarray(np.sum(hit * g)),
    )


def bce_with_logits_log_expit(logits: Array, target: Array, reduction: str = "mean") -> Array:
    hit = np.where(target == 0, 0, target * log_sigmoid(logits))
    miss = np.where(target == 1, 0, (1 - target) * log_sigmoid(-logits))
    return reduced(-(hit + miss), reduction)


def bce_with_logits_difference_vjp(
    logits: Array, target: Array, reduction: str = "mean", *, cotangent: Array
) -> tuple[Array]:
    slope = sigmoid(logits) - target
    return (summed(slope * each(slope, reduction, cotangent), logits),)


def cross_entropy(logits: Array, target: Array, reduction: str = "mean") -> Array:
    if target.ndim == logits.ndim:
        terms = np.where(target == 0, 0, target * log_softmax(logits))
        return reduced(-np.sum(terms, axis=-1), reduction)
    chosen = np.take_along_axis(log_softmax(logits), target[:, None], -1)
    return reduced(-chosen[:, 0], reduction)


def cross_entropy_vjp(
    logits: Array, target: Array, reduction: str = "mean", *, cotangent: Array
) -> tuple[Array, ...]:
    s = softmax(logits)
    g = np.broadcast_to(each(s[:, 0], reduction, cotangent), s.shape[:1])[:, None]
    if target.ndim == logits.ndim:
        slope = s * np.sum(target, axis=-1, keepdims=True) - target
        return slope * g, -log_softmax(logits) * g
    column = target[:, None]
    others = s.copy()
    np.put_along_axis(others, column, 0, -1)
    np.put_along_axis(s, column, -np.sum(others, axis=-1, keepdims=True), -1)
    return (s * g,)


def cross_entropy_loop(logits: Array, target: Array, reduction: str = "mean") -> Array:
    one_hot = target.ndim < logits.ndim
    losses = [
        loss_of_a_row(z, int(t) if one_hot else t) for z, t in zip(logits, target, strict=True)
    ]
    return reduced(np.array(losses, dtype=logits.dtype), reduction)


def loss_of_a_row(z: Array, t: Any) -> Any:
    if isinstance(t, int):
        others = np.delete(z, t) - z[t]
        top = np.max(others, initial=0)
        if np.isinf(top):
            return top
        rest = np.sum(np.exp(others - top))
        return np.log1p(rest) if top == 0 else top + np.log(rest + np.exp(-top))
    return -np.sum(np.where(t == 0, 0, t * log_softmax(z)))


def hinge(prediction: Array, target: Array, reduction: str = "mean") -> Array:
    return reduced(np.maximum(1 - target * prediction, 0), reduction)


def hinge_vjp(
    prediction: Array, target: Array, reduction: str = "mean", *, cotangent: Array
) -> tuple[Array]:
    active = np.heaviside(1 - target * prediction, 0)
    return (summed(-target * active * each(active, reduction, cotangent), prediction),)


def hinge_where(prediction: Array, target: Array, reduction: str = "mean") -> Array:
    margin = target * prediction
    return reduced(np.where(margin > 1, 0, 1 - margin), reduction)


def hinge_where_vjp(
    prediction: Array, target: Array, reduction: str = "mean", *, cotangent: Array
) -> tuple[Array]:
    active = np.heaviside(1 - target * prediction, 1)
    return (summed(-target * active * each(active, reduction, cotangent), prediction),)


def widened(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compute in float32 and round once to the dtype of the first array."""

    def rounded(*arrays: Array, **keywords: Any) -> Any:
        narrow = arrays[0].dtype
        wide = [a.astype(np.float32) if a.dtype == narrow else a for a in arrays]
        if "cotangent" in keywords:
            keywords["cotangent"] = keywords["cotangent"].astype(np.float32)
        out = function(*wide, **keywords)
        if isinstance(out, tuple):
            return tuple(np.asarray(part).astype(narrow) for part in out)
        return np.asarray(out).astype(narrow)

    return rounded


def native(name: str, forward: Callable[..., Any], vjp: Callable[..., Any]) -> Entry:
    return Entry(f"{name}_sixteen_bits_once_rounded", name, widened(forward), widened(vjp), SIXTEEN)


RIGHT = (
    Entry("identity_copy", "identity", np.array, identity_vjp, ALL),
    Entry("identity_plus", "identity", lambda x: +x),
    Entry("step_zero_at_zero", "step", lambda x: np.heaviside(x, 0), step_vjp),
    Entry("step_half_at_zero", "step", lambda x: np.heaviside(x, 0.5)),
    Entry("step_one_at_zero", "step", lambda x: np.heaviside(x, 1)),
    Entry("step_by_sign", "step", step_by_sign, step_vjp),
    Entry("sigmoid_where", "sigmoid", sigmoid, sigmoid_vjp),
    Entry("sigmoid_masks", "sigmoid", sigmoid_masks, sigmoid_masks_vjp),
    Entry("sigmoid_logaddexp", "sigmoid", sigmoid_logaddexp, sigmoid_logaddexp_vjp),
    Entry("sigmoid_expit", "sigmoid", special.expit, sigmoid_vjp),
    Entry(
        "sigmoid_number_by_number",
        "sigmoid",
        np.vectorize(sigmoid_of_a_number, otypes=[np.float64]),
        formats=("float64",),
    ),
    Entry(
        "sigmoid_naive_in_double",
        "sigmoid",
        lambda x: (1 / (1 + np.exp(-x.astype(np.float64)))).astype(x.dtype),
        sigmoid_vjp,
        ("float32",),
    ),
    Entry("sigmoid_flushes_subnormals", "sigmoid", sigmoid_flushed, sigmoid_flushed_vjp),
    Entry("log_sigmoid_minimum", "log_sigmoid", log_sigmoid, log_sigmoid_vjp),
    Entry("log_sigmoid_logaddexp", "log_sigmoid", log_sigmoid_logaddexp, log_sigmoid_logaddexp_vjp),
    Entry("log_sigmoid_log_expit", "log_sigmoid", special.log_expit),
    Entry("tanh_numpy", "tanh", np.tanh, tanh_vjp),
    Entry("tanh_expm1", "tanh", tanh_expm1, tanh_expm1_vjp),
    Entry("relu_maximum", "relu", lambda x: np.maximum(x, 0), relu_vjp),
    Entry("relu_where", "relu", lambda x: np.where(x < 0, 0, x), relu_slope_one_vjp),
    Entry("relu_clip", "relu", lambda x: np.clip(x, 0, None), relu_slope_half_vjp),
    Entry("relu_loop", "relu", relu_loop),
    Entry("leaky_relu_where", "leaky_relu", leaky_relu, leaky_relu_vjp),
    Entry("leaky_relu_sum", "leaky_relu", leaky_relu_sum, leaky_relu_sum_vjp),
    Entry("leaky_relu_default_only", "leaky_relu", lambda x: np.maximum(x, 0.01 * x)),
    Entry("prelu_reshaped", "prelu", prelu, prelu_vjp),
    Entry("prelu_moveaxis", "prelu", prelu_moveaxis),
    Entry("elu_where", "elu", elu, elu_vjp),
    Entry("elu_sum", "elu", elu_sum, elu_vjp),
    Entry("elu_default_only", "elu", elu_default, elu_default_vjp),
    Entry("selu_where", "selu", selu, selu_vjp),
    Entry("selu_nested", "selu", selu_nested),
    Entry("softplus_halves", "softplus", softplus, softplus_vjp),
    Entry("softplus_logaddexp", "softplus", softplus_logaddexp, softplus_logaddexp_vjp),
    Entry("softplus_maximum_log1p", "softplus", softplus_sum),
    Entry("swish_halves", "swish", swish, swish_vjp),
    Entry("swish_default_only", "swish", silu, silu_vjp),
    Entry("silu_halves", "silu", silu, silu_vjp),
    Entry("silu_naive_in_double", "silu", silu_double, formats=("float32",)),
    Entry("gelu_erfcx", "gelu", gelu, gelu_vjp),
    Entry("gelu_erfc_in_double", "gelu", gelu_double, gelu_double_vjp, ("float32",)),
    Entry("gelu_ndtr_in_double", "gelu", gelu_ndtr, formats=("float32",)),
    Entry("gelu_tanh_halves", "gelu_tanh", gelu_tanh, gelu_tanh_vjp),
    Entry("gelu_tanh_expit_in_double", "gelu_tanh", gelu_tanh_double, formats=("float32",)),
    Entry("softmax_shifted", "softmax", softmax, softmax_vjp),
    Entry("softmax_exp_of_log", "softmax", softmax_of_log, softmax_vjp),
    Entry("softmax_row_by_row", "softmax", softmax_loop, formats=("float64",)),
    Entry("log_softmax_shifted", "log_softmax", log_softmax_shifted),
    Entry("log_softmax_log1p", "log_softmax", log_softmax, log_softmax_vjp),
    Entry("mse_square", "mse", mse, mse_vjp),
    Entry("mse_mean_only", "mse", mse_mean_only, mse_mean_only_vjp),
    Entry("mse_in_double", "mse", mse_double, formats=("float32",)),
    Entry("mae_abs", "mae", mae, mae_vjp),
    Entry("mae_largest_minus_smallest", "mae", mae_largest, mae_kink_one_vjp),
    Entry("huber_where", "huber", huber, huber_vjp),
    Entry("huber_default_clipped", "huber", huber_clipped),
    Entry("bce_where", "bce", bce, bce_vjp),
    Entry("bce_xlogy", "bce", bce_xlogy),
    Entry("bce_with_logits_softplus", "bce_with_logits", bce_with_logits, bce_with_logits_vjp),
    Entry(
        "bce_with_logits_unweighted",
        "bce_with_logits",
        bce_with_logits_log_expit,
        bce_with_logits_difference_vjp,
    ),
    Entry("cross_entropy_log1p", "cross_entropy", cross_entropy, cross_entropy_vjp),
    Entry("cross_entropy_row_by_row", "cross_entropy", cross_entropy_loop),
    Entry("hinge_maximum", "hinge", hinge, hinge_vjp),
    Entry("hinge_where", "hinge", hinge_where, hinge_where_vjp),
    native("sigmoid", sigmoid, sigmoid_vjp),
    native("tanh", np.tanh, tanh_vjp),
    native("gelu", gelu, gelu_vjp),
    native("softplus", softplus, softplus_vjp),
    native("elu", elu, elu_vjp),
    native("softmax", softmax, softmax_vjp),
    native("mse", mse, mse_vjp),
    native("huber", huber, huber_vjp),
)
