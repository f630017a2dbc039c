"""Tails: what an expression does for every y beyond some point, enclosed.

A `Tail` is a finite sum of exact terms and one remainder,

    f(y) = sum of c m(y) + r(y) m0(y)    for every real y >= start,

in which each c is an exact number, each m is a monomial y**a log(y)**b exp(p(y)) with p a sum of
growing monomials, and r(y) lies in a known ball, whatever y is. Sums, products and smooth
functions of tails are tails again (the remainder of a Taylor series is enclosed by Arb over the
whole range of its argument), and smaller terms may be folded into the remainder, because a
decaying monomial lies between 0 and its value at the start. That a monomial decays from the start
on is itself checked: the sign of its logarithmic derivative is the sign of a simpler tail.

So the sign of a tail, and its limit, are proofs about an unbounded interval.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from fractions import Fraction
from typing import Any, NamedTuple

import sympy
from sympy import Expr

from .. import arb
from ..render import render
from . import jet

Scalar = Any  # Fraction, or an exact SymPy number
TERMS = 8  # exact terms that are kept
ORDER = 4  # of Taylor series


class TooEarly(Exception):  # noqa: N818 - a later start may do
    """Not decided from this start on: a later one may do."""


class Beyond(Exception):  # noqa: N818 - no error: an answer
    """An expression that tails cannot describe."""


class Monomial(NamedTuple):
    """y**power log(y)**log exp(sum of coefficient * monomial)."""

    power: Fraction
    log: int
    exponent: tuple[tuple[Monomial, Scalar], ...]


ONE = Monomial(Fraction(0), 0, ())
Y = Monomial(Fraction(1), 0, ())
LOG = Monomial(Fraction(0), 1, ())


# ---------------------------------------------------------------- exact numbers


def exact(value: Any) -> Scalar:
    """A Fraction where the number is rational, else a SymPy number."""
    if isinstance(value, Fraction):
        return value
    if isinstance(value, int | float):
        return Fraction(value)
    value = sympy.expand(value)
    return Fraction(int(value.p), int(value.q)) if value.is_Rational else value


def symbolic(value: Scalar) -> Any:
    if isinstance(value, Fraction):
        return sympy.Rational(value.numerator, value.denominator)
    return value


def _times(a: Scalar, b: Scalar) -> Scalar:
    if isinstance(a, Fraction) and isinstance(b, Fraction):
        return a * b
    return _symbolic_product(a, b)


def _plus(a: Scalar, b: Scalar) -> Scalar:
    if isinstance(a, Fraction) and isinstance(b, Fraction):
        return a + b
    return exact(symbolic(a) + symbolic(b))


@functools.lru_cache(1 << 14)
def _symbolic_product(a: Scalar, b: Scalar) -> Scalar:
    return exact(symbolic(a) * symbolic(b))


@functools.cache
def _rendered(value: Expr) -> Any:
    return compile(render(value), "<constant>", "eval")


def ball(value: Scalar) -> Any:
    """A number enclosed, at the precision in force."""
    if isinstance(value, Fraction):
        return arb.number(value)
    return arb.arb(eval(_rendered(value), jet.BALL_WORDS))


def sign_of(value: Scalar) -> int:
    if isinstance(value, Fraction):
        return (value > 0) - (value < 0)
    enclosed = ball(value)
    if enclosed > 0:
        return 1
    if enclosed < 0:
        return -1
    raise Beyond(f"the sign of {value} is not decided")


# ---------------------------------------------------------------- monomials


@functools.lru_cache(1 << 16)
def _product(a: Monomial, b: Monomial) -> Monomial:
    if not b.exponent or not a.exponent:
        return Monomial(a.power + b.power, a.log + b.log, a.exponent or b.exponent)
    merged = dict(a.exponent)
    for m, c in b.exponent:
        merged[m] = _plus(merged[m], c) if m in merged else c
    return Monomial(a.power + b.power, a.log + b.log, _sorted(merged))


def _sorted(exponent: dict[Monomial, Scalar]) -> tuple[tuple[Monomial, Scalar], ...]:
    kept = [m for m, c in exponent.items() if c != 0]
    kept.sort(key=functools.cmp_to_key(_compare), reverse=True)
    return tuple((m, exponent[m]) for m in kept)


def _raised(m: Monomial, s: Fraction) -> Monomial:
    if (m.log * s).denominator != 1:
        raise Beyond("a fractional power of a logarithm")
    scaled = tuple((e, _times(c, s)) for e, c in m.exponent)
    return Monomial(m.power * s, int(m.log * s), scaled if s else ())


@functools.cache
def _inverted(m: Monomial) -> Monomial:
    return _raised(m, Fraction(-1))


@functools.cache
def growth(m: Monomial) -> int:
    """1 where the monomial grows beyond all bounds, 0 where it is 1, -1 where it decays."""
    if m.exponent:
        return sign_of(m.exponent[0][1])
    return sign_of(m.power) or (m.log > 0) - (m.log < 0)


@functools.lru_cache(1 << 16)
def _compare(a: Monomial, b: Monomial) -> int:
    return 0 if a == b else growth(_product(a, _inverted(b)))


def _bound(m: Monomial, start: int) -> Any:
    """The ball between 0 and the value at the start of a monomial that decays; 1 is 1."""
    if m == ONE:
        return arb.arb(1)
    return _decayed(m, start, arb.context.prec)


@functools.lru_cache(4096)
def _decayed(m: Monomial, start: int, bits: int) -> Any:
    if not _decays(m, start):
        raise TooEarly
    return arb.arb(0).union(_at(m, start))


def _decays(m: Monomial, start: int) -> bool:
    """Whether the monomial falls from the start on: y d/dy of its logarithm stays negative."""
    if not m.exponent and m.power <= 0 and m.log <= 0:
        return True
    return _steepness(m, start).sign() < 0


def _steepness(m: Monomial, start: int) -> Tail:
    total = Tail(start, {ONE: m.power, Monomial(Fraction(0), -1, ()): Fraction(m.log)})
    for e, c in m.exponent:
        total = total + _steepness(e, start) * Tail(start, {e: c})
    return total


def _at(m: Monomial, start: int) -> Any:
    y = arb.arb(start)
    value = arb.arb(1)
    if m.exponent:
        value = arb.exp(sum((ball(c) * _at(e, start) for e, c in m.exponent), arb.arb(0)))
    if m.log:
        value = value * y.log() ** m.log
    return value * y ** arb.number(m.power) if m.power else value


# ---------------------------------------------------------------- tails


class Tail:
    """Exact terms, each greater than the remainder; see the module."""

    __slots__ = ("rest", "start", "terms")

    def __init__(
        self,
        start: int,
        terms: dict[Monomial, Scalar],
        rests: Iterable[tuple[Monomial, Any]] = (),
    ) -> None:
        self.start = start
        terms = {m: c for m, c in terms.items() if c != 0}
        rests = list(rests)
        if len(terms) > TERMS:
            by_size = sorted(terms, key=functools.cmp_to_key(_compare), reverse=True)
            rests += [(m, ball(terms.pop(m))) for m in by_size[TERMS:]]
        self.rest: tuple[Monomial, Any] | None = None
        if rests:
            largest = max((m for m, _ in rests), key=functools.cmp_to_key(_compare))
            rests += [(m, ball(terms.pop(m))) for m in list(terms) if _compare(m, largest) <= 0]
            over = _inverted(largest)
            total = sum((r * _bound(_product(m, over), start) for m, r in rests), arb.arb(0))
            if not total.is_finite():
                raise TooEarly
            if not total.is_zero():
                self.rest = (largest, total)
        self.terms = terms

    def _parts(self) -> list[tuple[Monomial, Any]]:
        """Every term with its coefficient as a ball, the remainder last."""
        parts = [(m, ball(c)) for m, c in self.terms.items()]
        return [*parts, self.rest] if self.rest else parts

    def _lead(self) -> Monomial:
        if self.terms:
            return max(self.terms, key=functools.cmp_to_key(_compare))
        if self.rest:
            return self.rest[0]
        raise Beyond("zero has no leading term")

    def _over(self, m: Monomial) -> Any:
        """The ball in which f / m stays, for a monomial that no term exceeds."""
        over = _inverted(m)
        return sum(
            (c * _bound(_product(t, over), self.start) for t, c in self._parts()), arb.arb(0)
        )

    def sign(self) -> int:
        """The sign of f at every y from the start on; 0 for the zero function only."""
        if not self.terms and not self.rest:
            return 0
        size = self._over(self._lead())
        if size > 0:
            return 1
        if size < 0:
            return -1
        raise TooEarly

    def limit(self) -> Any:
        """The limit at infinity as an exact number or infinity; None where it is not known."""
        if not self.terms and not self.rest:
            return sympy.S.Zero
        lead = self._lead()
        if growth(lead) > 0:
            return sympy.oo * self.sign()
        if self.rest and growth(self.rest[0]) >= 0:
            return None
        return symbolic(self.terms.get(ONE, Fraction(0)))

    def coefficient(self, m: Monomial) -> Any:
        """The exact coefficient of a monomial; None where the remainder hides it."""
        if self.rest and _compare(self.rest[0], m) >= 0:
            return None
        return symbolic(self.terms.get(m, Fraction(0)))

    def growing(self) -> list[Monomial]:
        """The monomials of the exact terms that grow."""
        return [m for m in self.terms if growth(m) > 0]

    # arithmetic

    def __neg__(self) -> Tail:
        return self * Fraction(-1)

    def __add__(self, other: Any) -> Tail:
        other = lifted(other, self.start)
        terms = dict(self.terms)
        for m, c in other.terms.items():
            terms[m] = _plus(terms[m], c) if m in terms else c
        return Tail(self.start, terms, [r for r in (self.rest, other.rest) if r])

    __radd__ = __add__

    def __sub__(self, other: Any) -> Any:
        return self + lifted(other, self.start) * Fraction(-1)

    def __rsub__(self, other: Any) -> Any:
        return -self + other

    def __mul__(self, other: Any) -> Tail:
        other = lifted(other, self.start)
        terms: dict[Monomial, Scalar] = {}
        for a, c in self.terms.items():
            for b, d in other.terms.items():
                m = _product(a, b)
                product = _times(c, d)
                terms[m] = _plus(terms[m], product) if m in terms else product
        rests = []
        if self.rest:
            rests += [(_product(self.rest[0], m), self.rest[1] * c) for m, c in other._parts()]
        if other.rest:
            (m0, r) = other.rest
            rests += [(_product(m0, m), r * ball(c)) for m, c in self.terms.items()]
        return Tail(self.start, terms, rests)

    __rmul__ = __mul__

    def blurred(self, factor: Any) -> Tail:
        """The tail times a function of which only a ball is known."""
        return Tail(self.start, {}, [(m, c * factor) for m, c in self._parts()])


def lifted(value: Any, start: int) -> Tail:
    return value if isinstance(value, Tail) else Tail(start, {ONE: exact(value)})


# ---------------------------------------------------------------- functions of tails

_U = sympy.Symbol("u", real=True)


@functools.cache
def _coefficient(g: Expr, c: Expr, k: int) -> Scalar:
    return exact(g.diff(_U, k).subs(_U, c) / sympy.factorial(k))


@functools.cache
def _compiled(g: Expr) -> Any:
    return compile(render(g), "<tail>", "eval")


def _series(g: Expr, c: Scalar, r: Tail) -> Any:
    """g(c + r) for a decaying r: Taylor's polynomial, and its remainder enclosed by Arb."""
    if not r.terms and not r.rest:
        return lifted(_coefficient(g, symbolic(c), 0), r.start)
    here = ball(c) + r._over(ONE)
    argument = jet.Jet(jet.BALLS, [here, 1, *[0] * (ORDER - 1)])
    last = eval(_compiled(g), {**jet.BALL_WORDS, render(_U): argument}).c[ORDER]
    total: Any = Fraction(0)
    power: Any = lifted(1, r.start)
    for k in range(ORDER):
        total = power * _coefficient(g, symbolic(c), k) + total
        power = power * r
    return total + power.blurred(last) if not jet.zero(last) else total


def _bounded(name: str, a: Tail) -> Any:
    """A smooth function of a tail that does not grow."""
    constant = a.coefficient(ONE)
    if constant is None:
        value = getattr(arb, name)(a._over(ONE))
        return Tail(a.start, {}, [(ONE, value)])
    g = getattr(sympy, name)(_U)
    return _series(g, exact(constant), a - constant)


def _led(a: Tail) -> tuple[Monomial, Scalar | None, Any]:
    """Leading monomial m and coefficient c, and a/(m c) - 1; or (m, None, the ball of a/m)."""
    lead = a._lead()
    over = Tail(a.start, {_inverted(lead): Fraction(1)})
    if not a.terms:
        return lead, None, a._over(lead)
    c = a.terms[lead]
    inverse = 1 / c if isinstance(c, Fraction) else exact(1 / c)
    return lead, c, a * over * inverse - 1


def _grows(a: Tail) -> int:
    """The sign of the infinity that a tends to; 0 where it stays bounded."""
    if a.rest and growth(a.rest[0]) > 0:
        if not a.terms:
            raise Beyond("a growing remainder")
        return a.sign()
    if not a.terms:
        return 0
    return a.sign() if growth(a._lead()) > 0 else 0


class Tails:
    """The ring of tails from one start on; constants are exact numbers."""

    def __init__(self, start: int) -> None:
        self.start = start

    def variable(self) -> Tail:
        return Tail(self.start, {Y: Fraction(1)})

    def scalar(self, value: Any) -> Any:
        return value if isinstance(value, Tail) else exact(value)

    def ratio(self, p: int, q: int) -> Fraction:
        return Fraction(p, q)

    def pi(self) -> Any:
        return sympy.pi

    def e(self) -> Any:
        return sympy.E

    def sign(self, a: Any) -> int:
        return a.sign() if isinstance(a, Tail) else sign_of(exact(a))

    def inverse(self, a: Any) -> Any:
        return self.power(a, Fraction(-1))

    def sqrt(self, a: Any) -> Any:
        return self.power(a, Fraction(1, 2))

    def power(self, a: Any, s: Any) -> Any:
        if isinstance(s, Tail) or not isinstance(exact(s), Fraction):
            return self.exp(self.log(a) * s)
        s = exact(s)
        if not isinstance(a, Tail):
            return exact(symbolic(exact(a)) ** symbolic(s))
        m, c, rest = _led(a)
        outer = Tail(self.start, {_raised(m, s): Fraction(1)})
        size = a.sign() if s.denominator != 1 else 1
        if size <= 0:
            raise Beyond("a fractional power of a negative number")
        if c is None:
            return outer.blurred(rest ** arb.number(s))
        root = exact(symbolic(c) ** symbolic(s))
        return outer * _series(_U ** symbolic(s), Fraction(1), rest) * root

    def exp(self, a: Any) -> Any:
        if not isinstance(a, Tail):
            return exact(sympy.exp(symbolic(exact(a))))
        if a.rest and growth(a.rest[0]) > 0:
            raise Beyond("an exponential of a growing remainder")
        power = Fraction(0)
        exponent = {}
        for m in a.growing():
            if m == LOG:
                if not isinstance(a.terms[m], Fraction):
                    raise Beyond("an irrational power")
                power = a.terms[m]
            else:
                exponent[m] = a.terms[m]
        outer = Tail(self.start, {Monomial(power, 0, _sorted(exponent)): Fraction(1)})
        small = Tail(
            self.start,
            {m: c for m, c in a.terms.items() if growth(m) <= 0},
            [a.rest] if a.rest else [],
        )
        constant = small.coefficient(ONE)
        if constant is None:
            return outer.blurred(arb.exp(small._over(ONE)))
        inner = _series(sympy.exp(_U), Fraction(0), small - constant)
        return outer * inner * exact(sympy.exp(constant))

    def log(self, a: Any) -> Any:
        if not isinstance(a, Tail):
            return exact(sympy.log(symbolic(exact(a))))
        if a.sign() <= 0:
            raise Beyond("a logarithm of a number that is not positive")
        m, c, rest = _led(a)
        if m.log:
            raise Beyond("a logarithm of a logarithm")
        outer = Tail(self.start, {LOG: m.power, **dict(m.exponent)})
        if c is None:
            return outer + Tail(self.start, {}, [(ONE, arb.log(rest))])
        return outer + exact(sympy.log(symbolic(c))) + _series(sympy.log(_U), Fraction(1), rest)

    def log1p(self, a: Any) -> Any:
        return self.log(self.scalar(a) + 1)

    def expm1(self, a: Any) -> Any:
        return self.exp(a) - 1

    def erfc(self, a: Any) -> Any:
        """Far out exp(-a**2)/(a sqrt(pi)) times a series that each partial sum encloses."""
        if not isinstance(a, Tail):
            return exact(sympy.erfc(symbolic(exact(a))))
        direction = _grows(a)
        if not direction:
            return _bounded("erfc", a)
        if direction < 0:
            return 2 - self.erfc(-a)
        inverse = self.inverse(a)
        r = inverse * inverse
        total: Any = lifted(1, self.start)
        power, factor = r, Fraction(1)
        for k in range(1, ORDER + 1):
            factor *= Fraction(1 - 2 * k, 2)
            if k == ORDER:  # what is left lies between 0 and the first term left out
                total = total + power.blurred(arb.arb(0).union(arb.number(factor)))
            else:
                total = total + power * factor
                power = power * r
        return self.exp(-(a * a)) * inverse * total * (1 / sympy.sqrt(sympy.pi))

    def erf(self, a: Any) -> Any:
        if isinstance(a, Tail) and not _grows(a):
            return _bounded("erf", a)
        return 1 - self.erfc(a)

    def tanh(self, a: Any) -> Any:
        if not isinstance(a, Tail):
            return exact(sympy.tanh(symbolic(exact(a))))
        direction = _grows(a)
        if not direction:
            return _bounded("tanh", a)
        small = self.exp(a * (-2 * direction))
        return (1 - 2 * small * self.inverse(1 + small)) * direction

    def sech2(self, a: Any) -> Any:
        if not isinstance(a, Tail):
            return exact(1 / sympy.cosh(symbolic(exact(a))) ** 2)
        direction = _grows(a) or 1
        small = self.exp(a * (-2 * direction))
        inverse = self.inverse(1 + small)
        return 4 * small * inverse * inverse

    def sinh(self, a: Any) -> Any:
        return (self.exp(a) - self.exp(-a)) * Fraction(1, 2)

    def cosh(self, a: Any) -> Any:
        return (self.exp(a) + self.exp(-a)) * Fraction(1, 2)

    def atan(self, a: Any) -> Any:
        if not isinstance(a, Tail):
            return exact(sympy.atan(symbolic(exact(a))))
        direction = _grows(a)
        if not direction:
            return _bounded("atan", a)
        return sympy.pi / 2 * direction - _bounded("atan", self.inverse(a))

    def sin(self, a: Any) -> Any:
        return self._wave("sin", a)

    def cos(self, a: Any) -> Any:
        return self._wave("cos", a)

    def _wave(self, name: str, a: Any) -> Any:
        if not isinstance(a, Tail):
            return exact(getattr(sympy, name)(symbolic(exact(a))))
        if _grows(a):
            return Tail(self.start, {}, [(ONE, arb.arb(0, 1))])
        return _bounded(name, a)

    def absolute(self, a: Any) -> Any:
        return a * self.sign(a)
