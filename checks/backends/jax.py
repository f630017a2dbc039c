"""JAX and Optax, called as their users call them.

JAX has `jax.nn` for activations; losses are Optax's, which gives them element by element, so
the reduction is the user's `mean` or `sum`. Class indices go to Optax's
`softmax_cross_entropy_with_integer_labels`. Left out for want of the function: prelu, mae,
bce on probabilities; and the `beta` of swish and softplus, the `pos_weight` of
bce_with_logits.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp

ARRAYS = "jax"

REQUIRES = {
    "mse": "optax",
    "huber": "optax",
    "bce_with_logits": "optax",
    "cross_entropy": "optax",
    "hinge": "optax",
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


def softmax(z: jax.Array, *, axis: int = -1) -> jax.Array:
    """jax.nn.softmax(z, axis=axis)"""
    return jax.nn.softmax(z, axis=axis)


def log_softmax(z: jax.Array, *, axis: int = -1) -> jax.Array:
    """jax.nn.log_softmax(z, axis=axis)"""
    return jax.nn.log_softmax(z, axis=axis)


def mse(prediction: jax.Array, target: jax.Array, *, reduction: str = "mean") -> jax.Array:
    """optax.losses.squared_error(prediction, target).mean()"""
    from optax import losses

    return _reduced(losses.squared_error(prediction, target), reduction)


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


def bce_with_logits(logits: jax.Array, target: jax.Array, *, reduction: str = "mean") -> jax.Array:
    """optax.losses.sigmoid_binary_cross_entropy(logits, target).mean()"""
    from optax import losses

    return _reduced(losses.sigmoid_binary_cross_entropy(logits, target), reduction)


def cross_entropy(logits: jax.Array, target: jax.Array, *, reduction: str = "mean") -> jax.Array:
    """optax.losses.softmax_cross_entropy(logits, target).mean()"""
    from optax import losses

    if jnp.issubdtype(target.dtype, jnp.integer):
        loss = losses.softmax_cross_entropy_with_integer_labels(logits, target)
    else:
        loss = losses.softmax_cross_entropy(logits, target)
    return _reduced(loss, reduction)


def hinge(prediction: jax.Array, target: jax.Array, *, reduction: str = "mean") -> jax.Array:
    """optax.losses.hinge_loss(prediction, target).mean()"""
    from optax import losses

    return _reduced(losses.hinge_loss(prediction, target), reduction)


def _reduced(losses: jax.Array, reduction: str) -> jax.Array:
    if reduction == "mean":
        return jnp.mean(losses)
    return jnp.sum(losses) if reduction == "sum" else losses
