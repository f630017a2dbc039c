"""Rows of numbers: the axis brought last, lengths without overflow, directions."""

# NumPy types arithmetic on NDArray[Any] as Any.
# mypy: disable-error-code="no-any-return"

from __future__ import annotations

import numpy as np

from ._format import Array


def as_rows(z: Array, axis: int) -> Array:
    """``z`` with ``axis`` last and contiguous, where NumPy sums pairwise."""
    return np.ascontiguousarray(np.moveaxis(z, axis, -1))


def total(terms: Array) -> Array:
    """The sum of each row, as a column."""
    return np.sum(terms, axis=-1, keepdims=True)


def largest(terms: Array) -> Array:
    """The largest size in each row, as a column."""
    return np.max(np.abs(terms), axis=-1, keepdims=True, initial=0)


def shrunk(x: Array, size: Array | None = None) -> tuple[Array, Array]:
    """The row over 2**e, and e, so that its largest size (or ``size``) lies in [1/2, 1).

    Squares and products then neither overflow nor underflow where they matter, and no digit is
    lost: a power of two divides exactly.
    """
    size = largest(x) if size is None else size
    e = np.where(np.isfinite(size), np.frexp(size)[1], 0)
    return np.ldexp(x, -e), e


def length(x: Array) -> Array:
    """The Euclidean length of each row, as a column."""
    small, e = shrunk(x)
    return np.ldexp(np.sqrt(total(small * small)), e)


def direction(x: Array) -> Array:
    """Each row over its length; 0 for a row of zeros, which has none."""
    small, _ = shrunk(x)
    size = np.sqrt(total(small * small))
    return np.where(size == 0, 0, small / size)
