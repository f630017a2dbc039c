"""What losses of single numbers share: how many there are, and differences that stay exact."""

# NumPy types arithmetic on NDArray[Any] as Any.
# mypy: disable-error-code="no-any-return"

from __future__ import annotations

import numpy as np

from ._format import Array


def count(prediction: Array, target: Array) -> int:
    """How many losses there are."""
    return np.broadcast(prediction, target).size


def unless_zero(weight: Array, term: Array) -> Array:
    """The term, or 0 where its weight is 0, whatever infinity the weight met."""
    return np.where(weight == 0, 0, term)


def times_difference(factor: Array, a: Array, b: Array) -> Array:
    """factor (a - b): exact near a = b, and multiplied first only where a - b overflows."""
    difference = a - b
    return np.where(np.isinf(difference), factor * a - factor * b, factor * difference)
