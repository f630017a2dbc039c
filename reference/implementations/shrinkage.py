"""Shrinkage: what lies near 0 becomes 0, and the sign of zero stays."""

# NumPy types arithmetic on NDArray[Any] as Any.
# mypy: disable-error-code="no-any-return"

from __future__ import annotations

import numpy as np

from ._format import Array, rounded_once
from ._pieces import beyond, like
from ._sums import summed_to

LEVELS = (19, 17, 15, 13, 11, 9, 7, 5, 3)
"""Of the continued fraction of tanh: enough for float64 up to 1."""


@rounded_once
def softshrink(x: Array, *, lambd: float | Array = 0.5) -> Array:
    """x, brought nearer to 0 by lambd."""
    reach = like(x, lambd)
    return beyond(x, reach, x - reach, x + reach)


@rounded_once
def softshrink_vjp(x: Array, *, lambd: float | Array = 0.5, cotangent: Array) -> tuple[Array, ...]:
    """1 outside, 0 inside; for lambd minus the sign of what remains."""
    reach = like(x, lambd)
    signed = beyond(np.broadcast_to(x, cotangent.shape), reach, -cotangent, cotangent)
    return beyond(x, reach, cotangent, cotangent), summed_to(signed, ())


@rounded_once
def hardshrink(x: Array, *, lambd: float | Array = 0.5) -> Array:
    """x outside [-lambd, lambd], else 0."""
    return beyond(x, like(x, lambd), x, x)


@rounded_once
def hardshrink_vjp(x: Array, *, lambd: float | Array = 0.5, cotangent: Array) -> tuple[Array, ...]:
    """1 outside, 0 inside."""
    return (beyond(x, like(x, lambd), cotangent, cotangent),)


@rounded_once
def shrink(x: Array, *, lambd: float | Array = 0.5, bias: float | Array = 0.0) -> Array:
    """x outside [-lambd, lambd], brought nearer to 0 by the bias, else 0."""
    shift = like(x, bias)
    return beyond(x, like(x, lambd), x - shift, x + shift)


@rounded_once
def shrink_vjp(
    x: Array, *, lambd: float | Array = 0.5, bias: float | Array = 0.0, cotangent: Array
) -> tuple[Array, ...]:
    """1 outside, 0 inside; for the bias minus the sign of x outside."""
    reach = like(x, lambd)
    signed = beyond(x, reach, -cotangent, cotangent)
    return beyond(x, reach, cotangent, cotangent), summed_to(signed, ())


@rounded_once
def tanhshrink(x: Array) -> Array:
    """x - tanh x; up to 1 by Lambert's continued fraction, where the difference cancels.

    tanh x = x/(1 + t) with t = x^2/(3 + x^2/(5 + ...)), so x - tanh x = x t/(1 + t): nothing
    but positive terms.
    """
    near = np.clip(x, -1, 1)
    square = near * near
    t = square / (LEVELS[0] + 0 * square)
    for level in LEVELS[1:]:
        t = square / (level + t)
    return np.where(np.abs(x) <= 1, near * (t / (1 + t)), x - np.tanh(x))


@rounded_once
def tanhshrink_vjp(x: Array, *, cotangent: Array) -> tuple[Array, ...]:
    """tanh^2, of which 1 - sech^2 would be a difference."""
    slope = np.tanh(x)
    return (cotangent * slope * slope,)
