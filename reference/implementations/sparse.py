"""Functions along an axis that leave most entries at 0: sparsemax and hardmax."""

# NumPy types arithmetic on NDArray[Any] as Any.
# mypy: disable-error-code="no-any-return"

from __future__ import annotations

import numpy as np

from ._exponentials import first
from ._format import Array, rounded_once
from ._rows import as_rows, total


@rounded_once
def sparsemax(z: Array, *, axis: int = -1) -> Array:
    """max(z - tau, 0), of the distances to the largest entry: only those below 1 matter."""
    return np.moveaxis(_projected(as_rows(z, axis)), -1, axis)


@rounded_once
def sparsemax_vjp(z: Array, *, axis: int = -1, cotangent: Array) -> tuple[Array, ...]:
    """g minus its mean over the support, and 0 outside of it."""
    found = _projected(as_rows(z, axis))
    support = np.heaviside(found, 0)
    g = as_rows(cotangent, axis)
    mean = total(support * g) / total(support)
    return (np.moveaxis(support * (g - mean), -1, axis),)


@rounded_once
def hardmax(z: Array, *, axis: int = -1) -> Array:
    """1 at the first largest entry; a row with NaN has none, and is NaN."""
    rows = as_rows(z, axis)
    top = np.max(rows, axis=-1, keepdims=True, initial=-np.inf)
    return np.moveaxis(np.where(np.isnan(top), top, first(rows == top)), -1, axis)


@rounded_once
def hardmax_vjp(z: Array, *, axis: int = -1, cotangent: Array) -> tuple[Array, ...]:
    """0, whatever z is: between its jumps the function is constant."""
    return (np.zeros(np.broadcast_shapes(z.shape, cotangent.shape), z.dtype),)


def _projected(rows: Array) -> Array:
    """Each row projected onto the simplex; NaN throughout where the largest entry is not finite.

    With d the distance below the largest entry, the k-th largest is in the support when
    1 + k d_k exceeds the sum of the first k. A masked entry (-oo) is infinitely far below.
    """
    below = rows - np.max(rows, axis=-1, keepdims=True, initial=-np.inf)
    ordered = -np.sort(-below, axis=-1)
    sums = np.cumsum(ordered, axis=-1)
    rank = np.arange(1, rows.shape[-1] + 1, dtype=rows.dtype)
    inside = 1 + rank * ordered > sums
    size = total(inside.astype(rows.dtype))
    threshold = (total(np.where(inside, ordered, 0)) - 1) / size
    return np.maximum(below - threshold, 0)
