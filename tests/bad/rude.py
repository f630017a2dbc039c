"""Sigmoids that do something else than to answer, or something besides."""

import contextlib
import sys
import time
from typing import Any

import numpy as np

Array = Any


def sigmoid(x: Array) -> Array:
    """Right, within the level `accurate`."""
    with np.errstate(over="ignore"):
        return 1 / (1 + np.exp(-x))


def raises(x: Array) -> Array:
    raise ValueError("a bad day\nwith a second line")


def leaves(x: Array) -> Array:
    sys.exit(0)


def nothing(x: Array) -> Array:
    return None


def listed(x: Array) -> Array:
    return list(sigmoid(x))


def words(x: Array) -> Array:
    return np.full(x.shape, "0.5")


def complex_numbers(x: Array) -> Array:
    return sigmoid(x) + 0j


def of_three(x: Array) -> Array:
    return np.full(3, 0.5, dtype=x.dtype)


def summed(x: Array) -> Array:
    return np.sum(sigmoid(x))


def doubled(x: Array) -> Array:
    return sigmoid(x).astype(np.float64)


def truncated(x: Array) -> Array:
    return np.nan_to_num(sigmoid(x)).astype(np.int32)


def changes(x: Array) -> Array:
    y = sigmoid(x)
    x += 1
    return y


def prints(x: Array) -> Array:
    print("hello")
    return sigmoid(x)


def sleeps(x: Array) -> Array:
    time.sleep(60)
    return sigmoid(x)


def sleeps_in_a_try(x: Array) -> Array:
    with contextlib.suppress(Exception):
        time.sleep(60)
    return sigmoid(x)


def two_arguments(x: Array, y: Array) -> Array:
    return x + y


def sigmoid_vjp(x: Array, *, cotangent: Array) -> tuple[Array, ...]:
    return (cotangent * sigmoid(x) * sigmoid(-x),)


def empty_vjp(x: Array, *, cotangent: Array) -> tuple[Array, ...]:
    return ()


def raising_vjp(x: Array, *, cotangent: Array) -> tuple[Array, ...]:
    raise ZeroDivisionError("no gradient today")


def summed_vjp(x: Array, *, cotangent: Array) -> tuple[Array, ...]:
    return (np.sum(cotangent),)
