"""Arb balls: the arithmetic of enclosures.

Every function here returns a ball that contains the exact result for every point of its
arguments' balls. A comparison that the balls leave open is `None`, and `where` then gives the
indeterminate ball, which makes the caller double the precision.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from functools import lru_cache
from typing import Any

import flint
from flint import arb as arb
from flint import fmpq

context = flint.ctx
NAN = arb("nan")
ZERO = arb(0)
NEGATIVE_INFINITY = arb("-inf")
HUGE = arb(2) ** 80
ERFC_FAR = arb(2) ** 10  # from here on the asymptotic series reaches any precision asked for


def number(value: Fraction | float) -> Any:
    """A ball around an exact rational: of radius zero where it is a float."""
    if isinstance(value, Fraction):
        return arb(fmpq(value.numerator, value.denominator))
    return arb(value)


def ratio(p: int, q: int) -> Any:
    return _ratio(p, q, context.prec)


@lru_cache(maxsize=1024)  # the same few numbers stand in each evaluation
def _ratio(p: int, q: int, bits: int) -> Any:
    return arb(fmpq(p, q))


def ball(x: Any) -> Any:
    """A number as a ball: constants arrive as Python's integers."""
    return x if type(x) is arb else arb(x)


def pi() -> Any:
    return arb.pi()


def e() -> Any:
    return arb(1).exp()


def exp(x: Any) -> Any:
    """exp with exponents of any size: Arb itself gives up beyond about 2**100.

    This is the certificate of overflow and underflow: the result stays a number with a (huge)
    exponent, so that log(1 + exp(x)) and 1/(1 + exp(x)) come out tight for every float x.
    """
    if type(x) is int:
        x = arb(x)
    result = x.exp()
    if result > 0:  # neither beyond Arb's exponents nor a ball around zero
        return result
    return _exp_far(x) if x.is_finite() and abs(x) > HUGE else result


def _exp_far(x: Any) -> Any:
    saved = context.prec
    try:
        # x = k log 2 + r: k has as many bits as x has before the point
        context.prec = saved + 1100
        quotient = (x / arb(2).log()).mid().floor().unique_fmpz()
        if quotient is None:
            return NAN
        rest = x - arb(quotient) * arb(2).log()
        context.prec = saved
        return rest.exp() * arb((1, int(quotient)))
    finally:
        context.prec = saved


def log(x: Any) -> Any:
    x = ball(x)
    if x.is_zero():
        return NEGATIVE_INFINITY  # the limit from the right, the only side there is
    return x.log()


def log1p(x: Any) -> Any:
    x = ball(x)
    return x.log1p() if abs(x) < 1 else log(1 + x)


def expm1(x: Any) -> Any:
    x = ball(x)
    return x.expm1() if abs(x) < HUGE else exp(x) - 1


def sqrt(x: Any) -> Any:
    return ball(x).sqrt()


def erf(x: Any) -> Any:
    return x.erf()


def erfc(x: Any) -> Any:
    """erfc with exponents of any size, like exp: Arb's own gives up in the far tail."""
    return _erfc_far(x) if x > ERFC_FAR and x.is_finite() else x.erfc()


def _erfc_far(x: Any) -> Any:
    """DLMF 7.12.1, whose remainder is below the first term left out."""
    total, term, k = arb(1), arb(1), 1
    smallest = arb(2) ** -context.prec
    while not abs(term) < smallest:
        term *= -(2 * k - 1) / (2 * x * x)
        total += term
        k += 1
    return exp(-x * x) / (x * arb.pi().sqrt()) * (total + arb(0, abs(term).upper()))


def tanh(x: Any) -> Any:
    return x.tanh()


def sinh(x: Any) -> Any:
    return x.sinh() if abs(x) < HUGE else (exp(x) - exp(-x)) / 2


def cosh(x: Any) -> Any:
    return x.cosh() if abs(x) < HUGE else (exp(x) + exp(-x)) / 2


def atan(x: Any) -> Any:
    return x.atan()


def sin(x: Any) -> Any:
    return x.sin()


def cos(x: Any) -> Any:
    return x.cos()


def inverse(x: Any) -> Any:
    return 1 / x


def whole(x: Any, n: int) -> Any:
    """x to a positive whole power, by multiplication: `**` gives up on balls around zero."""
    if n == 2:
        return x * x
    result = x
    for bit in bin(n)[3:]:
        result = result * result
        if bit == "1":
            result = result * x
    return result


def power(x: Any, y: Any) -> Any:
    """x to a real power, for x >= 0, by our own exp: x may be as large as exp(1e300)."""
    if x.is_zero():
        return arb(1) if y.is_zero() else arb(0) if y > 0 else NAN
    return exp(y * log(x))


def absolute(x: Any) -> Any:
    return abs(x)


def xlogy(x: Any, y: Any) -> Any:
    return arb(0) if x.is_zero() else x * log(y)


def xdivy(x: Any, y: Any) -> Any:
    if x.is_zero():
        return arb(0)
    if y.is_zero():  # the limit from y > 0
        return x * arb("inf")
    return x / y


def total(terms: Iterable[Any]) -> Any:
    return sum(terms, ZERO)


def largest(terms: Iterable[Any]) -> Any:
    first, *others = (arb(t) for t in terms)
    for other in others:
        first = first.max(other)
    return first


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
    difference = a - b
    if difference > 0:
        return True
    return False if difference <= 0 else None


def at_least(a: Any, b: Any) -> bool | None:
    difference = a - b
    if difference >= 0:
        return True
    return False if difference < 0 else None


def equal(a: Any, b: Any) -> bool | None:
    difference = a - b
    if difference.is_zero():
        return True
    return None if difference.contains(0) else False


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
    return ball(yes if condition else no)
