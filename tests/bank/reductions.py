"""What the losses and the broadcasting gradients of the bank share."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def like(x: Array, parameter: Any) -> Any:
    """The parameter as a scalar of x's dtype, so that it promotes nothing."""
    return x.dtype.type(parameter)


def reduced(losses: Array, reduction: str) -> Array:
    """None, sum or mean. The mean is scaled by a power of two: its sum overflows never early."""
    if reduction == "none":
        return losses
    if reduction == "sum":
        return np.asarray(np.sum(losses))
    largest = np.max(np.abs(losses), initial=0)
    _, exponent = np.frexp(largest if np.isfinite(largest) else losses.dtype.type(1))
    count = losses.dtype.type(losses.size)
    return np.asarray(np.ldexp(np.sum(np.ldexp(losses, -exponent)) / count, exponent))


def each(losses: Array, reduction: str, cotangent: Array) -> Array:
    """The cotangent of every single loss."""
    if reduction == "mean":
        return np.asarray(cotangent / losses.dtype.type(max(losses.size, 1)))
    return np.asarray(cotangent)


def summed(gradient: Array, variable: Array) -> Array:
    """The gradient summed back to the shape of a variable that was broadcast."""
    extra = tuple(range(gradient.ndim - variable.ndim))
    gradient = np.sum(gradient, axis=extra) if extra else gradient
    stretched = tuple(
        axis for axis, n in enumerate(variable.shape) if n == 1 and gradient.shape[axis] != 1
    )
    return np.asarray(np.sum(gradient, axis=stretched, keepdims=True) if stretched else gradient)
