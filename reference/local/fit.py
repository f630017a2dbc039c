"""One polynomial on one stretch of the line, with a proven bound of its error.

With c the centre of a stretch, h its half-width and t = (x - c)/h, a polynomial of degree n through
the values at the Chebyshev points t = cos(pi k/n) misses an analytic f by at most
4 M rho**-n / (rho - 1), where |f| <= M on the ellipse with foci -1 and 1 whose half-axes sum to rho
(L. N. Trefethen, Approximation Theory and Approximation Practice, 2013, theorem 8.2). M comes from
one evaluation over a complex ball that covers the ellipse, which also proves that f is analytic
there: nothing about the definition need be known.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol

import flint
import numpy as np

from ..formats import Floats
from . import analytic

DEGREES = (3, 6, 10, 16, 24)
ELLIPSES = (4.0, 16.0, 64.0, 1024.0)  # rho: narrow ones do for long stretches


class Enclosing(Protocol):
    """What encloses a function: over real balls, over complex ones, and whether it has branches."""

    @property
    def bits(self) -> int: ...
    def decide(self, stretch: Any) -> bool: ...
    def real(self, x: Any) -> Any: ...
    def complex(self, z: Any) -> Any: ...


class Blurred(Exception):  # noqa: N818 - not an error: more bits are needed
    """The balls are wider than what is wanted."""


@dataclass(frozen=True)
class Fit:
    """f(c + h t) = middle + sum over k of coefficients[k] T_k(t), to within `error`.

    `middle` is f(c) as a float64; the coefficients, `coefficients[0]` too, are of what differs from
    it, so that on narrow stretches the sum has more digits than a float64.
    """

    middle: float
    coefficients: Floats
    error: float

    @property
    def spread(self) -> float:
        """How far f may lie from the middle on the stretch."""
        return float(np.abs(self.coefficients).sum() + self.error)

    @property
    def rounding(self) -> float:
        """A bound of what evaluation in float64 adds.

        Each coefficient comes of two sums of at most 25 products (nodes to coefficients, then a
        stretch to its rows), and the value of a third one: three times 25 roundings of 2**-53 of
        the sizes that are summed, 75 < 2**7, of which the middle takes part in the last four.
        """
        size = float(np.abs(self.coefficients).sum())
        return 2.0**-46 * size + 2.0**-51 * abs(self.middle)


def fit(enclosures: Enclosing, centre: Any, half: float, wanted: float) -> Fit | None:
    """A fit that misses by at most `wanted` between centre - half and centre + half.

    `centre` is an exact Arb number; a negative `half` lets t run downwards. None where there is no
    such fit with few points, or no single branch of the definition: the stretch is to be cut.
    Raises `Blurred` where the precision is too low to tell.
    """
    found = proven(enclosures, centre, half, wanted / 2)
    return found and _interpolated(enclosures, centre, half, *found, wanted / 16)


def proven(
    enclosures: Enclosing, centre: Any, half: float, wanted: float
) -> tuple[int, float] | None:
    """The degree at which interpolation misses by at most `wanted`, and a bound of what it misses.

    None where there is no such degree among `DEGREES`, or no single branch of the definition.
    """
    if not enclosures.decide(centre + flint.arb(0, abs(half))):
        return None
    for rho in ELLIPSES:
        largest = _largest(enclosures, centre, half, rho)
        if largest == np.inf:  # the wider ones hold this one
            return None
        for degree in DEGREES:
            error = 4.0001 * largest * rho**-degree / (rho - 1)  # and the roundings of this line
            if error <= wanted:
                return degree, error
    return None


def _largest(enclosures: Enclosing, centre: Any, half: float, rho: float) -> float:
    """A bound of |f| on an ellipse; infinite where f is not known to be analytic in it."""
    wide, high = abs(half) * (rho + 1 / rho) / 1.9999, abs(half) * (rho - 1 / rho) / 1.9999
    ball = enclosures.complex(analytic.disc(centre, wide, high))
    return float(ball.abs_upper()) if ball.is_finite() else np.inf


def _interpolated(
    enclosures: Enclosing, centre: Any, half: float, degree: int, error: float, sharp: float
) -> Fit:
    """The polynomial through the values at the nodes."""
    nodes, transform = _nodes(degree, enclosures.bits)
    top = float(enclosures.real(centre).mid())
    anchor = flint.arb(top)
    balls = [enclosures.real(centre + half * t) - anchor for t in nodes]
    values = np.array([float(b.mid()) for b in balls])
    radius = max(float(b.rad()) for b in balls)
    if not (np.isfinite(values).all() and radius <= sharp):
        raise Blurred
    # through values that are off by r it is off by (1 + 2/pi log(n + 1)) r < 4 r
    return Fit(top, transform @ values, error + 4 * radius)


@cache
def _nodes(degree: int, bits: int) -> tuple[list[Any], Floats]:
    """The points cos(pi k/n) as balls, and the matrix from values there to coefficients."""
    nodes = [(flint.arb.pi() * k / degree).cos() for k in range(degree + 1)]
    return nodes, to_coefficients(degree)


@cache
def to_coefficients(degree: int) -> Floats:
    """The matrix from values at the points cos(pi k/n) to coefficients, (n + 1, n + 1)."""
    k = np.arange(degree + 1)
    matrix: Floats = 2.0 / degree * np.cos(np.pi * np.outer(k, k) / degree)
    matrix[:, [0, -1]] /= 2
    matrix[[0, -1], :] /= 2
    return matrix
