"""The complementary error function, which NumPy lacks.

Rational approximations and coefficients: W. J. Cody, "Rational Chebyshev approximations for
the error function", Mathematics of Computation 23 (1969) 631-637, as in the routine CALERF of
SPECFUN (ACM TOMS algorithm 715). They are good for float64; float32 uses the same ones.
"""

# NumPy types arithmetic on NDArray[Any] as Any.
# mypy: disable-error-code="no-any-return"

from __future__ import annotations

import numpy as np

from ._format import Array

SMALL = 0.46875
LARGE = 4.0
VANISHED = 100.0
"""exp(-VANISHED**2) is 0 in every format, so no larger argument needs to be told apart."""

INVERSE_SQRT_PI = 0.56418958354775628694807945156

# Coefficients from the constant term upwards.
ERF_SMALL = (
    (
        3209.377589138469472562,
        377.4852376853020208137,
        113.8641541510501556495,
        3.161123743870565596947,
        0.1857777061846031526730,
    ),
    (
        2844.236833439170622273,
        1282.616526077372275645,
        244.0246379344441733056,
        23.60129095234412093499,
        1.0,
    ),
)
"""erf(y)/y in y**2, for |y| <= 0.46875."""

SCALED_MIDDLE = (
    (
        1230.33935479799725272,
        2051.07837782607146532,
        1712.04761263407058314,
        881.952221241769090411,
        298.635138197400131132,
        66.1191906371416294775,
        8.88314979438837594118,
        0.564188496988670089180,
        2.15311535474403846343e-8,
    ),
    (
        1230.33935480374942043,
        3439.36767414372163696,
        4362.61909014324715820,
        3290.79923573345962678,
        1621.38957456669018874,
        537.181101862009857509,
        117.693950891312499305,
        15.7449261107098347253,
        1.0,
    ),
)
"""exp(y**2) erfc(y) in y, for 0.46875 <= y <= 4."""

SCALED_LARGE = (
    (
        6.58749161529837803157e-4,
        1.60837851487422766278e-2,
        0.125781726111229246204,
        0.360344899949804439429,
        0.305326634961232344035,
        1.63153871373020978498e-2,
    ),
    (
        2.33520497626869185443e-3,
        6.05183413124413191178e-2,
        0.527905102951428412248,
        1.87295284992346047209,
        2.56852019228982242072,
        1.0,
    ),
)
"""(1/sqrt(pi) - y exp(y**2) erfc(y)) y**2 in 1/y**2, for y >= 4."""

Rational = tuple[tuple[float, ...], tuple[float, ...]]


def erfc(y: Array) -> Array:
    """1 - erf(y), relatively accurate in the right tail down to subnormal results."""
    near = np.clip(y, -SMALL, SMALL)
    far = np.clip(np.abs(y), SMALL, VANISHED)
    right = exp_minus_square(far) * scaled_erfc(far)
    small = 1 - near * erf_by(near)
    return np.where(np.abs(y) <= SMALL, small, np.where(y < 0, 2 - right, right))


def erf_by(y: Array) -> Array:
    """erf(y)/y for |y| <= 0.46875."""
    return _ratio(ERF_SMALL, y * y)


def scaled_erfc(y: Array) -> Array:
    """exp(y**2) erfc(y) for y >= 0.46875: the tail without its underflowing factor."""
    middle = np.clip(y, SMALL, LARGE)
    large = np.maximum(y, LARGE)
    inverse_square = 1 / (large * large)
    correction = inverse_square * _ratio(SCALED_LARGE, inverse_square)
    return np.where(
        y <= LARGE, _ratio(SCALED_MIDDLE, middle), (INVERSE_SQRT_PI - correction) / large
    )


def exp_minus_square(y: Array) -> Array:
    """exp(-y**2) for |y| <= 100, without the error that rounding y**2 would bring.

    Rounding y**2 = 700 changes exp(-y**2) by hundreds of ulps. So y is split (Veltkamp) into a
    head whose square is exact and a small rest: y**2 = head**2 + (y - head)(y + head).
    """
    spread = y * (2.0 ** ((np.finfo(y.dtype).nmant + 2) // 2) + 1)
    head = spread - (spread - y)
    rest = (y - head) * (y + head)
    leading = np.exp(-head * head)
    return leading + leading * np.expm1(-rest)


def _ratio(rational: Rational, y: Array) -> Array:
    """The quotient of two polynomials with positive coefficients: for y >= 0 nothing cancels."""
    numerator, denominator = (_polynomial(coefficients, y) for coefficients in rational)
    return numerator / denominator


def _polynomial(coefficients: tuple[float, ...], y: Array) -> Array:
    """Horner's rule."""
    result = coefficients[-1] + 0 * y
    for coefficient in coefficients[-2::-1]:
        result = result * y + coefficient
    return result
