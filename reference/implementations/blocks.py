"""Building blocks: exponentials, logarithms, and the integrals of the normal density."""

# NumPy types arithmetic on NDArray[Any] as Any.
# mypy: disable-error-code="no-any-return"

from __future__ import annotations

import numpy as np

from . import _erfc
from ._erfc import scaled_erfc
from ._format import Array, rounded_once
from ._logistic import decay, times_sigmoid
from ._sums import summed_to

SQRT_HALF = 0.70710678118654752440084436210485
INVERSE_SQRT_2PI = 0.39894228040143267793994605993438
TWO_BY_SQRT_PI = 1.1283791670955125738961589031215

GAUSS_SATURATED = 100.0
"""exp(-GAUSS_SATURATED**2/4) is 0 in every format."""

FAR = 2.0**30
"""From here on phi(-z)/Phi(-z) is z in every format: what is missing is 1/z."""


@rounded_once
def exponential(x: Array) -> Array:
    """NumPy's exp."""
    return np.exp(x)


@rounded_once
def exponential_vjp(x: Array, *, cotangent: Array) -> tuple[Array, ...]:
    """exp again."""
    return (cotangent * np.exp(x),)


@rounded_once
def expm1(x: Array) -> Array:
    """NumPy's: exp(x) - 1 cancels near 0."""
    return np.expm1(x)


@rounded_once
def expm1_vjp(x: Array, *, cotangent: Array) -> tuple[Array, ...]:
    """exp(x)."""
    return (cotangent * np.exp(x),)


@rounded_once
def log1p(x: Array) -> Array:
    """NumPy's: 1 + x loses what a small x has."""
    return np.log1p(x)


@rounded_once
def log1p_vjp(x: Array, *, cotangent: Array) -> tuple[Array, ...]:
    """1/(1 + x); near -1 the sum is exact."""
    return (cotangent / (1 + x),)


@rounded_once
def logaddexp(x1: Array, x2: Array) -> Array:
    """NumPy's: the larger one plus log1p(exp(-|x1 - x2|))."""
    return np.logaddexp(x1, x2)


@rounded_once
def logaddexp_vjp(x1: Array, x2: Array, *, cotangent: Array) -> tuple[Array, ...]:
    """sigmoid(x1 - x2) and sigmoid(x2 - x1), with no quotient of exponentials."""
    gap = x1 - x2
    return (
        summed_to(times_sigmoid(cotangent, gap), x1.shape),
        summed_to(times_sigmoid(cotangent, -gap), x2.shape),
    )


@rounded_once
def erf(x: Array) -> Array:
    """By its own quotient near 0, where 1 - erfc cancels; beyond it 1 - erfc(|x|), signed."""
    near = np.clip(x, -_erfc.SMALL, _erfc.SMALL)
    far = np.copysign(1 - _erfc.erfc(np.abs(x)), x)
    return np.where(np.abs(x) <= _erfc.SMALL, near * _erfc.erf_by(near), far)


@rounded_once
def erf_vjp(x: Array, *, cotangent: Array) -> tuple[Array, ...]:
    """2/sqrt(pi) exp(-x^2)."""
    return (cotangent * (TWO_BY_SQRT_PI * np.exp(-x * x)),)


@rounded_once
def erfc(x: Array) -> Array:
    """Cody's approximation, which keeps the right tail."""
    return _erfc.erfc(x)


@rounded_once
def erfc_vjp(x: Array, *, cotangent: Array) -> tuple[Array, ...]:
    """-2/sqrt(pi) exp(-x^2)."""
    return (-cotangent * (TWO_BY_SQRT_PI * np.exp(-x * x)),)


@rounded_once
def ndtr(x: Array) -> Array:
    """erfc(-x/sqrt 2)/2: 1 + erf(x/sqrt 2) would cancel for x < 0."""
    z = np.clip(x, -GAUSS_SATURATED, -1)
    near, rest = decay(0.5 * z * z)
    left = near * (0.5 * scaled_erfc(-z * SQRT_HALF)) * rest
    return np.where(x <= -1, left, 0.5 * _erfc.erfc(-x * SQRT_HALF))


@rounded_once
def ndtr_vjp(x: Array, *, cotangent: Array) -> tuple[Array, ...]:
    """The normal density."""
    return (cotangent * (INVERSE_SQRT_2PI * np.exp(-0.5 * x * x)),)


@rounded_once
def log_ndtr(x: Array) -> Array:
    """log1p(-erfc(x/sqrt 2)/2); below -1 the exponent -x^2/2 is taken out of the logarithm."""
    z = np.minimum(x, -1)
    left = np.log(0.5 * scaled_erfc(-z * SQRT_HALF)) - 0.5 * z * z
    return np.where(x <= -1, left, np.log1p(-0.5 * _erfc.erfc(x * SQRT_HALF)))


@rounded_once
def log_ndtr_vjp(x: Array, *, cotangent: Array) -> tuple[Array, ...]:
    """phi(x)/Phi(x); below -1 both without their common factor exp(-x^2/2)."""
    y = np.maximum(x, -1)
    right = INVERSE_SQRT_2PI * np.exp(-0.5 * y * y) / (0.5 * _erfc.erfc(-y * SQRT_HALF))
    z = np.clip(x, -FAR, -1)
    left = INVERSE_SQRT_2PI / (0.5 * scaled_erfc(-z * SQRT_HALF))
    return (cotangent * np.where(x < -FAR, -x, np.where(x <= -1, left, right)),)
