"""Distance and angle of two rows, and their vector-Jacobian products."""

# NumPy types arithmetic on NDArray[Any] as Any.
# mypy: disable-error-code="no-any-return"

from __future__ import annotations

import numpy as np

from ._angle import away, cosine
from ._format import Array, rounded_once
from ._rows import as_rows, direction, length
from ._sums import summed_to


@rounded_once
def pairwise_distance(x1: Array, x2: Array, *, p: int = 2, axis: int = -1) -> Array:
    """The length of x1 - x2, subtracted first: expanded squares cancel."""
    difference = as_rows(x1, axis) - as_rows(x2, axis)
    if _is_euclidean(p):
        return length(difference)[..., 0]
    return np.sum(np.abs(difference), axis=-1)


@rounded_once
def pairwise_distance_vjp(
    x1: Array, x2: Array, *, p: int = 2, axis: int = -1, cotangent: Array
) -> tuple[Array, ...]:
    """The direction of x1 - x2, or its signs; 0 for equal rows, an element of the subgradient."""
    difference = as_rows(x1, axis) - as_rows(x2, axis)
    slope = direction(difference) if _is_euclidean(p) else np.sign(difference)
    gradient = np.moveaxis(cotangent[..., np.newaxis] * slope, -1, axis)
    return summed_to(gradient, x1.shape), summed_to(-gradient, x2.shape)


@rounded_once
def cosine_similarity(x1: Array, x2: Array, *, axis: int = -1) -> Array:
    """The product of the rows over their lengths, never beyond [-1, 1] by a rounding."""
    return cosine(as_rows(x1, axis), as_rows(x2, axis))[..., 0]


@rounded_once
def cosine_similarity_vjp(
    x1: Array, x2: Array, *, axis: int = -1, cotangent: Array
) -> tuple[Array, ...]:
    """The part of each direction that is orthogonal to the other row, over that row's length."""
    a, b = as_rows(x1, axis), as_rows(x2, axis)
    g = cotangent[..., np.newaxis]
    first, second = g * (away(a, b) / length(a)), g * (away(b, a) / length(b))
    return (
        summed_to(np.moveaxis(first, -1, axis), x1.shape),
        summed_to(np.moveaxis(second, -1, axis), x2.shape),
    )


def _is_euclidean(p: int) -> bool:
    if p not in (1, 2):
        raise ValueError(f"p must be 1 or 2, not {p!r}")
    return p == 2
