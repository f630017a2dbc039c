"""Functions that take rows along an axis: logsumexp, softmin and maxout."""

# NumPy types arithmetic on NDArray[Any] as Any.
# mypy: disable-error-code="no-any-return"

from __future__ import annotations

import numpy as np

from ._exponentials import LIFT, Exponentials, first
from ._format import Array, rounded_once
from ._rows import as_rows
from .activations import softmax, softmax_vjp


@rounded_once
def logsumexp(z: Array, *, axis: int = -1, keepdims: bool = False) -> Array:
    """max + log1p(sum of the others): it stays right where the logarithm is near 0.

    A row of -oo alone gives -oo, the logarithm of 0.
    """
    parts = Exponentials(as_rows(z, axis))
    found = np.where(np.isinf(parts.top), parts.top, parts.top + np.log1p(parts.others / LIFT))
    return np.moveaxis(found, -1, axis) if keepdims else found[..., 0]


@rounded_once
def logsumexp_vjp(
    z: Array, *, axis: int = -1, keepdims: bool = False, cotangent: Array
) -> tuple[Array, ...]:
    """The softmax times the cotangent of its row."""
    parts = Exponentials(as_rows(z, axis))
    g = np.moveaxis(cotangent, axis, -1) if keepdims else cotangent[..., np.newaxis]
    return (np.moveaxis(g * parts.near * parts.weight, -1, axis),)


@rounded_once
def softmin(z: Array, *, axis: int = -1) -> Array:
    """The softmax of -z: a change of sign rounds nothing."""
    return softmax(-z, axis=axis)


@rounded_once
def softmin_vjp(z: Array, *, axis: int = -1, cotangent: Array) -> tuple[Array, ...]:
    """As the softmax's at -z, with the other sign."""
    (gradient,) = softmax_vjp(-z, axis=axis, cotangent=cotangent)
    return (-gradient,)


@rounded_once
def maxout(z: Array, *, axis: int = -1) -> Array:
    """The largest entry; np.max passes NaN on."""
    return np.max(z, axis=axis, initial=-np.inf)


@rounded_once
def maxout_vjp(z: Array, *, axis: int = -1, cotangent: Array) -> tuple[Array, ...]:
    """The cotangent at the first largest entry, 0 elsewhere; NaN where the row has one."""
    rows = as_rows(z, axis)
    top = np.max(rows, axis=-1, keepdims=True, initial=-np.inf)
    chosen = np.where(np.isnan(top), top, first(rows == top))
    return (np.moveaxis(chosen * cotangent[..., np.newaxis], -1, axis),)
