"""JAX and Optax, called as their users call them.

JAX has `jax.nn` for activations; losses are Optax's, which gives them element by element, so
the reduction is the user's `mean` or `sum`. Class indices go to Optax's
`softmax_cross_entropy_with_integer_labels`. Optax sums its divergences over the last axis: here
each element gets an axis of its own. Every eps stands at Optax's default.

Left out for want of the function: prelu, mae, bce on probabilities, the shrinkages, and most
losses of a margin; the `beta` of swish and softplus, the bounds of hard_tanh, the `pos_weight` of
bce_with_logits. Optax's dice_loss takes probabilities only where they sum to one along the
classes, and looks at their values: it cannot be asked about a row of probabilities.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
import jax.scipy.special as sp

ARRAYS = "jax"

REQUIRES = {
    "mse": "optax",
    "huber": "optax",
    "bce_with_logits": "optax",
    "cross_entropy": "optax",
    "hinge": "optax",
    "half_squared_error": "optax",
    "log_cosh": "optax",
    "kl_div": "optax",
    "kl_div_log_target": "optax",
    "focal_with_logits": "optax",
    "perceptron": "optax",
    "cosine_similarity": "optax",
    "triplet_margin": "optax",
    "ctc": "optax",
}


def identity(x: jax.Array) -> jax.Array:
    """jax.nn.identity(x)"""
    return jax.nn.identity(x)


def step(x: jax.Array) -> jax.Array:
    """jax.numpy.heaviside(x, 0)"""
    return jnp.heaviside(x, 0)


def sigmoid(x: jax.Array) -> jax.Array:
    """jax.nn.sigmoid(x)"""
    return jax.nn.sigmoid(x)


def log_sigmoid(x: jax.Array) -> jax.Array:
    """jax.nn.log_sigmoid(x)"""
    return jax.nn.log_sigmoid(x)


def tanh(x: jax.Array) -> jax.Array:
    """jax.nn.tanh(x)"""
    return jax.nn.tanh(x)


def relu(x: jax.Array) -> jax.Array:
    """jax.nn.relu(x)"""
    return jax.nn.relu(x)


def leaky_relu(x: jax.Array, *, negative_slope: float | jax.Array = 0.01) -> jax.Array:
    """jax.nn.leaky_relu(x, negative_slope)"""
    return jax.nn.leaky_relu(x, negative_slope)


def elu(x: jax.Array, *, alpha: float | jax.Array = 1.0) -> jax.Array:
    """jax.nn.elu(x, alpha)"""
    return jax.nn.elu(x, alpha)


def celu(x: jax.Array, *, alpha: float | jax.Array = 1.0) -> jax.Array:
    """jax.nn.celu(x, alpha)"""
    return jax.nn.celu(x, alpha)


def selu(x: jax.Array) -> jax.Array:
    """jax.nn.selu(x)"""
    return jax.nn.selu(x)


def softplus(x: jax.Array) -> jax.Array:
    """jax.nn.softplus(x)"""
    return jax.nn.softplus(x)


def silu(x: jax.Array) -> jax.Array:
    """jax.nn.silu(x)"""
    return jax.nn.silu(x)


def swish(x: jax.Array) -> jax.Array:
    """jax.nn.swish(x)"""
    return jax.nn.swish(x)


def gelu(x: jax.Array) -> jax.Array:
    """jax.nn.gelu(x, approximate=False)"""
    return jax.nn.gelu(x, approximate=False)


def gelu_tanh(x: jax.Array) -> jax.Array:
    """jax.nn.gelu(x, approximate=True)"""
    return jax.nn.gelu(x, approximate=True)


def mish(x: jax.Array) -> jax.Array:
    """jax.nn.mish(x)"""
    return jax.nn.mish(x)


def hard_sigmoid(x: jax.Array) -> jax.Array:
    """jax.nn.hard_sigmoid(x)"""
    return jax.nn.hard_sigmoid(x)


def hard_tanh(x: jax.Array) -> jax.Array:
    """jax.nn.hard_tanh(x)"""
    return jax.nn.hard_tanh(x)


def hard_swish(x: jax.Array) -> jax.Array:
    """jax.nn.hard_swish(x)"""
    return jax.nn.hard_swish(x)


def relu6(x: jax.Array) -> jax.Array:
    """jax.nn.relu6(x)"""
    return jax.nn.relu6(x)


def softsign(x: jax.Array) -> jax.Array:
    """jax.nn.soft_sign(x)"""
    return jax.nn.soft_sign(x)


def sparse_plus(x: jax.Array) -> jax.Array:
    """jax.nn.sparse_plus(x)"""
    return jax.nn.sparse_plus(x)


def sparse_sigmoid(x: jax.Array) -> jax.Array:
    """jax.nn.sparse_sigmoid(x)"""
    return jax.nn.sparse_sigmoid(x)


def squareplus(x: jax.Array, *, b: float | jax.Array = 4.0) -> jax.Array:
    """jax.nn.squareplus(x, b)"""
    return jax.nn.squareplus(x, b)


def exponential(x: jax.Array) -> jax.Array:
    """jax.numpy.exp(x)"""
    return jnp.exp(x)


def softmax(z: jax.Array, *, axis: int = -1) -> jax.Array:
    """jax.nn.softmax(z, axis=axis)"""
    return jax.nn.softmax(z, axis=axis)


def log_softmax(z: jax.Array, *, axis: int = -1) -> jax.Array:
    """jax.nn.log_softmax(z, axis=axis)"""
    return jax.nn.log_softmax(z, axis=axis)


def logsumexp(z: jax.Array, *, axis: int = -1, keepdims: bool = False) -> jax.Array:
    """jax.nn.logsumexp(z, axis=axis, keepdims=keepdims)"""
    return jax.nn.logsumexp(z, axis=axis, keepdims=keepdims)


def maxout(z: jax.Array, *, axis: int = -1) -> jax.Array:
    """jax.numpy.max(z, axis=axis)"""
    return jnp.max(z, axis=axis)


def glu(z: jax.Array, *, axis: int = -1) -> jax.Array:
    """jax.nn.glu(z, axis=axis)"""
    return jax.nn.glu(z, axis=axis)


def erf(x: jax.Array) -> jax.Array:
    """jax.scipy.special.erf(x)"""
    return sp.erf(x)


def erfc(x: jax.Array) -> jax.Array:
    """jax.scipy.special.erfc(x)"""
    return sp.erfc(x)


def ndtr(x: jax.Array) -> jax.Array:
    """jax.scipy.special.ndtr(x)"""
    return sp.ndtr(x)


def log_ndtr(x: jax.Array) -> jax.Array:
    """jax.scipy.special.log_ndtr(x)"""
    return sp.log_ndtr(x)


def expm1(x: jax.Array) -> jax.Array:
    """jax.numpy.expm1(x)"""
    return jnp.expm1(x)


def log1p(x: jax.Array) -> jax.Array:
    """jax.numpy.log1p(x)"""
    return jnp.log1p(x)


def logaddexp(x1: jax.Array, x2: jax.Array) -> jax.Array:
    """jax.numpy.logaddexp(x1, x2)"""
    return jnp.logaddexp(x1, x2)


def pairwise_distance(x1: jax.Array, x2: jax.Array, *, p: int = 2) -> jax.Array:
    """jax.numpy.linalg.norm(x1 - x2, ord=p, axis=-1)"""
    return jnp.linalg.norm(x1 - x2, ord=p, axis=-1)


def cosine_similarity(x1: jax.Array, x2: jax.Array, *, axis: int = -1) -> jax.Array:
    """optax.losses.cosine_similarity(x1, x2, axis=axis)"""
    from optax import losses

    return losses.cosine_similarity(x1, x2, axis=axis)


def mse(prediction: jax.Array, target: jax.Array, *, reduction: str = "mean") -> jax.Array:
    """optax.losses.squared_error(prediction, target).mean()"""
    from optax import losses

    return _reduced(losses.squared_error(prediction, target), reduction)


def half_squared_error(
    prediction: jax.Array, target: jax.Array, *, reduction: str = "mean"
) -> jax.Array:
    """optax.losses.l2_loss(prediction, target).mean()"""
    from optax import losses

    return _reduced(losses.l2_loss(prediction, target), reduction)


def huber(
    prediction: jax.Array,
    target: jax.Array,
    *,
    delta: float | jax.Array = 1.0,
    reduction: str = "mean",
) -> jax.Array:
    """optax.losses.huber_loss(prediction, target, delta=delta).mean()"""
    from optax import losses

    return _reduced(losses.huber_loss(prediction, target, delta=delta), reduction)


def log_cosh(prediction: jax.Array, target: jax.Array, *, reduction: str = "mean") -> jax.Array:
    """optax.losses.log_cosh(prediction, target).mean()"""
    from optax import losses

    return _reduced(losses.log_cosh(prediction, target), reduction)


def kl_div(prediction: jax.Array, target: jax.Array, *, reduction: str = "mean") -> jax.Array:
    """optax.losses.kl_divergence(prediction[..., None], target[..., None]).mean()"""
    from optax import losses

    return _reduced(losses.kl_divergence(prediction[..., None], target[..., None]), reduction)


def kl_div_log_target(
    prediction: jax.Array, target: jax.Array, *, reduction: str = "mean"
) -> jax.Array:
    """optax.losses.kl_divergence_with_log_targets(prediction[..., None], target[..., None])"""
    from optax import losses

    each = losses.kl_divergence_with_log_targets(prediction[..., None], target[..., None])
    return _reduced(each, reduction)


def bce_with_logits(logits: jax.Array, target: jax.Array, *, reduction: str = "mean") -> jax.Array:
    """optax.losses.sigmoid_binary_cross_entropy(logits, target).mean()"""
    from optax import losses

    return _reduced(losses.sigmoid_binary_cross_entropy(logits, target), reduction)


def focal_with_logits(
    logits: jax.Array,
    target: jax.Array,
    *,
    alpha: float | jax.Array = 0.25,
    gamma: float | jax.Array = 2.0,
    reduction: str = "mean",
) -> jax.Array:
    """optax.losses.sigmoid_focal_loss(logits, target, alpha=alpha, gamma=gamma).mean()"""
    from optax import losses

    return _reduced(losses.sigmoid_focal_loss(logits, target, alpha=alpha, gamma=gamma), reduction)


def cross_entropy(logits: jax.Array, target: jax.Array, *, reduction: str = "mean") -> jax.Array:
    """optax.losses.softmax_cross_entropy(logits, target).mean()"""
    from optax import losses

    if jnp.issubdtype(target.dtype, jnp.integer):
        loss = losses.softmax_cross_entropy_with_integer_labels(logits, target)
    else:
        loss = losses.softmax_cross_entropy(logits, target)
    return _reduced(loss, reduction)


def ctc(logits: jax.Array, target: jax.Array, *, reduction: str = "mean") -> jax.Array:
    """(optax.losses.ctc_loss(logits, jnp.zeros((N, T)), target, jnp.zeros((N, S))) / S).mean()

    The zeros mark every frame and label as no padding.
    """
    from optax import losses

    frames, labels = (jnp.zeros(s, logits.dtype) for s in (logits.shape[:2], target.shape))
    each = losses.ctc_loss(logits, frames, target, labels)
    return _reduced(each / target.shape[1] if reduction == "mean" else each, reduction)


def hinge(prediction: jax.Array, target: jax.Array, *, reduction: str = "mean") -> jax.Array:
    """optax.losses.hinge_loss(prediction, target).mean()"""
    from optax import losses

    return _reduced(losses.hinge_loss(prediction, target), reduction)


def perceptron(prediction: jax.Array, target: jax.Array, *, reduction: str = "mean") -> jax.Array:
    """optax.losses.perceptron_loss(prediction, target).mean()"""
    from optax import losses

    return _reduced(losses.perceptron_loss(prediction, target), reduction)


def triplet_margin(
    anchor: jax.Array,
    positive: jax.Array,
    negative: jax.Array,
    *,
    margin: float | jax.Array = 1.0,
    reduction: str = "mean",
) -> jax.Array:
    """optax.losses.triplet_margin_loss(anchor, positive, negative, margin=margin).mean()"""
    from optax import losses

    return _reduced(
        losses.triplet_margin_loss(anchor, positive, negative, margin=margin), reduction
    )


def _reduced(losses: jax.Array, reduction: str) -> jax.Array:
    if reduction == "mean":
        return jnp.mean(losses)
    if reduction == "batchmean":
        return jnp.sum(losses) / losses.shape[0]
    return jnp.sum(losses) if reduction == "sum" else losses
