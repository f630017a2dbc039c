"""Code bound to definitions by an attribute, as a user ships it: nothing of Ulpian is imported."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np


def quick_silu(x: Any) -> Any:
    return x / (1 + np.exp(-x))


def quick_silu_backward(x: Any, *, cotangent: Any) -> tuple[Any]:
    s = 1 / (1 + np.exp(-x))
    return (cotangent * s * (1 + x * (1 - s)),)


quick_silu.__ulpian__ = "swish"  # type: ignore[attr-defined]
quick_silu.__ulpian_vjp__ = quick_silu_backward  # type: ignore[attr-defined]


def _private(x: Any) -> Any:
    return np.tanh(x)


_private.__ulpian__ = "tanh"  # type: ignore[attr-defined]
tanh = _private  # the same, and the name that it claims


@functools.wraps(_private)
def wrapped(x: Any) -> Any:
    return np.tanh(x)


def plain(x: Any) -> Any:
    return np.maximum(x, 0)
