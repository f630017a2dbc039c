"""Numbers of twice float64's precision: a pair, the rounded number and what it is off by.

Sums and products are error-free transformations (T. J. Dekker, Numerische Mathematik 18, 1971;
D. E. Knuth, The Art of Computer Programming 2, 4.2.2). A result is right to about 2**-100 of the
sizes that are summed, as long as nothing overflows or becomes subnormal on the way.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..formats import Floats

Pair = tuple[Floats, Floats]
SPLITTER = 2.0**27 + 1


def two_sum(a: Any, b: Any) -> Pair:
    """a + b rounded, and exactly what that is off by."""
    total = a + b
    part = total - a
    return total, (a - (total - part)) + (b - part)


def quick_sum(a: Any, b: Any) -> Pair:
    """The same where |a| >= |b|, or a is 0."""
    total = a + b
    return total, b - (total - a)


def two_product(a: Any, b: Any) -> Pair:
    """a b rounded, and exactly what that is off by."""
    product = a * b
    (a_high, a_low), (b_high, b_low) = split(a), split(b)
    return product, ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low


def split(a: Any) -> Pair:
    """Halves of a number, of 26 bits each."""
    scaled = SPLITTER * a
    high = scaled - (scaled - a)
    return high, a - high


def add(a: Pair, b: Pair) -> Pair:
    high, low = two_sum(a[0], b[0])
    return quick_sum(high, low + (a[1] + b[1]))


def multiply(a: Pair, b: Pair) -> Pair:
    high, low = two_product(a[0], b[0])
    return quick_sum(high, low + (a[0] * b[1] + a[1] * b[0]))


def chebyshev(coefficients: Pair, u: Pair) -> Pair:
    """The sum of coefficients[..., k] T_k(u), by Clenshaw's recurrence.

    The coefficients' leading shape and the shape of u are broadcast against each other.
    """
    high, low = coefficients
    double = (2 * u[0], 2 * u[1])
    zero = np.zeros(np.broadcast_shapes(high.shape[:-1], np.shape(u[0])))
    one: Pair = (zero, zero)
    two: Pair = (zero, zero)
    for k in range(high.shape[-1] - 1, 0, -1):
        here = add(multiply(double, one), (high[..., k], low[..., k]))
        one, two = add(here, (-two[0], -two[1])), one
    here = add(multiply(u, one), (high[..., 0], low[..., 0]))
    return add(here, (-two[0], -two[1]))
