"""The angle between two rows: its cosine, and what is left when the cosine is nearly 1.

1 - cos and u2 - cos u1 (u1, u2 the directions) cancel for rows that are nearly parallel. Both
follow from the determinants x1_t x2_j - x1_j x2_t with one entry t, which vanish with the angle.
"""

# NumPy types arithmetic on NDArray[Any] as Any.
# mypy: disable-error-code="no-any-return"

from __future__ import annotations

import numpy as np

from ._exponentials import first
from ._format import Array
from ._rows import largest, shrunk, total


def cosine(a: Array, b: Array) -> Array:
    """The cosine of each pair of rows, as a column; NaN where a row is zero."""
    a, b = shrunk(a)[0], shrunk(b)[0]
    found = total(a * b) / (np.sqrt(total(a * a)) * np.sqrt(total(b * b)))
    return np.clip(found, -1, 1)


def away(a: Array, b: Array) -> Array:
    """The part of b's direction that is orthogonal to a, exactly 0 for parallel rows.

    With t the largest entry of a, b = (b_t / a_t) a + d, where d_j = (a_t b_j - a_j b_t) / a_t:
    that part is d without its share along a, over the length of b. It is the sum of products
    that cancels least, since d_t = 0 where a's direction is largest.
    """
    a, b = shrunk(a)[0], shrunk(b)[0]
    at_top = first(np.abs(a) == largest(a))
    a_top, b_top = total(np.where(at_top, a, 0)), total(np.where(at_top, b, 0))
    offset = (a_top * b - a * b_top) / a_top
    unit = a / np.sqrt(total(a * a))
    return (offset - total(offset * unit) * unit) / np.sqrt(total(b * b))


def versine(a: Array, b: Array) -> Array:
    """1 - cos as sin^2 / (1 + cos) where the angle is acute."""
    cos, sine = cosine(a, b), away(a, b)
    return np.where(cos > 0, total(sine * sine) / (1 + cos), 1 - cos)
