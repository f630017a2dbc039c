"""mpmath at full-range precision: the normative oracle.

Enough bits that any sum of floats of the format is exact (see `Format.full_range_bits`), so that
no cancellation can hurt: neither a fixed number of digits nor agreement of two precisions proves
anything. Follows the extended real numbers: what the infinities and a division by zero leave
undetermined is NaN.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Any

import mpmath

context = mpmath.MPContext()
NAN = context.nan
FAR = 2**10  # from here on erfc's asymptotic series reaches any precision that is asked for


def number(value: Fraction | float) -> Any:
    if isinstance(value, Fraction):
        return context.mpf(value.numerator) / value.denominator
    return context.mpf(value)


def ratio(p: int, q: int) -> Any:
    return context.mpf(p) / q


def pi() -> Any:
    return +context.pi


def e() -> Any:
    return +context.e


def exp(x: Any) -> Any:
    return context.exp(x)


def log(x: Any) -> Any:
    if x == 0:
        return context.ninf
    return context.log(x) if x > 0 else NAN


def log1p(x: Any) -> Any:
    return log(1 + x)


def expm1(x: Any) -> Any:
    return context.exp(x) - 1


def sqrt(x: Any) -> Any:
    return context.sqrt(x) if x >= 0 else NAN


def erf(x: Any) -> Any:
    return context.erf(x)


def erfc(x: Any) -> Any:
    if x > FAR:  # mpmath overflows far out
        return context.exp(-x * x) / (x * context.sqrt(context.pi)) * _erfc_series(x)
    return context.erfc(x)


def _erfc_series(x: Any) -> Any:
    """erfc(x) sqrt(pi) x exp(x**2), DLMF 7.12.1: the remainder is below the first term left out."""
    if not context.isfinite(x):
        return context.one
    total, term, k = context.one, context.one, 1
    while abs(term) > context.eps:
        term *= -(2 * k - 1) / (2 * x * x)
        total += term
        k += 1
    return total


def tanh(x: Any) -> Any:
    return context.tanh(x)


def sinh(x: Any) -> Any:
    return context.sinh(x)


def cosh(x: Any) -> Any:
    return context.cosh(x)


def atan(x: Any) -> Any:
    return context.atan(x)


def sin(x: Any) -> Any:
    return context.sin(x)


def cos(x: Any) -> Any:
    return context.cos(x)


def inverse(x: Any) -> Any:
    return 1 / x if x != 0 else NAN


def whole(x: Any, n: int) -> Any:
    return x**n


def power(x: Any, y: Any) -> Any:
    if x == 0:
        return context.one if y == 0 else context.zero if y > 0 else NAN
    return x**y if x > 0 else NAN


def absolute(x: Any) -> Any:
    return abs(x)


def xlogy(x: Any, y: Any) -> Any:
    return context.zero if x == 0 else x * log(y)


def xdivy(x: Any, y: Any) -> Any:
    if x == 0:
        return context.zero
    return x * context.inf if y == 0 else x / y


def total(terms: Iterable[Any]) -> Any:
    return sum(terms, context.zero)


def largest(terms: Iterable[Any]) -> Any:
    seen = [context.mpf(t) for t in terms]
    return NAN if any(t != t for t in seen) else max(seen)


def maximum(*values: Any) -> Any:
    return largest(values)


def minimum(*values: Any) -> Any:
    return -largest(-v for v in values)


def positive_part(x: Any) -> Any:
    return where(greater(x, 0), x, 0)


def is_positive(x: Any) -> Any:
    return where(greater(x, 0), 1, 0)


def attains(term: Any, top: Any) -> Any:
    return where(at_least(term, top), 1, 0)


def greater(a: Any, b: Any) -> bool | None:
    return None if a != a or b != b else bool(a > b)


def at_least(a: Any, b: Any) -> bool | None:
    return None if a != a or b != b else bool(a >= b)


def equal(a: Any, b: Any) -> bool | None:
    return None if a != a or b != b else bool(a == b)


def negate(condition: bool | None) -> bool | None:
    return None if condition is None else not condition


def both(*conditions: bool | None) -> bool | None:
    if False in conditions:
        return False
    return None if None in conditions else True


def either(*conditions: bool | None) -> bool | None:
    if True in conditions:
        return True
    return None if None in conditions else False


def where(condition: bool | None, yes: Any, no: Any) -> Any:
    if condition is None:
        return NAN
    return context.mpf(yes if condition else no)
