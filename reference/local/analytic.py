"""Complex balls: the analytic continuation of one branch of a definition.

Every function here encloses the continuation over the whole ball, or gives the indeterminate ball
where it need not be analytic there. Comparisons and absolute values are not made on complex
numbers: they follow what was decided, in the same order, on a stretch of the real line.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Any

import flint
from flint import acb

from .. import arb

NAN = acb("nan", "nan")


class Decisions:
    """What the comparisons of a definition say on one stretch of the line, in their order."""

    def __init__(self) -> None:
        self.made: list[bool | None] = []
        self.place = 0

    def note(self, decision: bool | None) -> bool | None:
        self.made.append(decision)
        return decision

    def next(self) -> bool | None:
        self.place += 1
        return self.made[self.place - 1]

    def clear(self) -> None:
        self.made.clear()

    def rewind(self) -> None:
        self.place = 0


RULES = ("greater", "at_least", "equal", "absolute", "positive_part", "is_positive")


class Noting:
    """Real balls whose decisions are noted."""

    rules = RULES

    def __init__(self, decisions: Decisions) -> None:
        self.note = decisions.note

    def greater(self, a: Any, b: Any) -> bool | None:
        return self.note(arb.greater(a, b))

    def at_least(self, a: Any, b: Any) -> bool | None:
        return self.note(arb.at_least(a, b))

    def equal(self, a: Any, b: Any) -> bool | None:
        return self.note(arb.equal(a, b))

    def absolute(self, x: Any) -> Any:
        self.note(arb.at_least(x, 0))
        return abs(x)

    def positive_part(self, x: Any) -> Any:
        return arb.where(self.greater(x, 0), x, 0)

    def is_positive(self, x: Any) -> Any:
        return arb.where(self.greater(x, 0), 1, 0)


class Following:
    """Complex balls on which those decisions hold."""

    rules = RULES

    def __init__(self, decisions: Decisions) -> None:
        self.next = decisions.next

    def greater(self, a: Any, b: Any) -> bool | None:
        return self.next()

    at_least = equal = greater

    def absolute(self, x: Any) -> Any:
        return where(self.next(), x, -x)

    def positive_part(self, x: Any) -> Any:
        return where(self.next(), x, 0)

    def is_positive(self, x: Any) -> Any:
        return where(self.next(), 1, 0)


def number(value: Fraction | float) -> Any:
    """A complex ball around an exact number."""
    return acb(arb.number(value))


def ratio(p: int, q: int) -> Any:
    return acb(arb.ratio(p, q))


def pi() -> Any:
    return acb.pi()


def e() -> Any:
    return acb(1).exp()


def exp(x: Any) -> Any:
    return acb(x).exp()


def log(x: Any) -> Any:
    return acb(x).log(analytic=True)


def log1p(x: Any) -> Any:
    x = acb(x)
    return x.log1p() if x.real > -1 else NAN


def expm1(x: Any) -> Any:
    return acb(x).expm1()


def sqrt(x: Any) -> Any:
    return acb(x).sqrt(analytic=True)


def erf(x: Any) -> Any:
    return acb(x).erf()


def erfc(x: Any) -> Any:
    return acb(x).erfc()


def tanh(x: Any) -> Any:
    return acb(x).tanh()


def sinh(x: Any) -> Any:
    return acb(x).sinh()


def cosh(x: Any) -> Any:
    return acb(x).cosh()


def atan(x: Any) -> Any:
    x = acb(x)  # its cuts lie on the imaginary axis, from i and -i outwards
    return x.atan() if abs(x.imag) < 1 or not x.real.contains(0) else NAN


def sin(x: Any) -> Any:
    return acb(x).sin()


def cos(x: Any) -> Any:
    return acb(x).cos()


def inverse(x: Any) -> Any:
    return 1 / acb(x)


whole = arb.whole


def power(x: Any, y: Any) -> Any:
    return exp(y * log(x))


def xlogy(x: Any, y: Any) -> Any:
    return acb(0) if acb(x).is_zero() else x * log(y)


def xdivy(x: Any, y: Any) -> Any:
    return acb(0) if acb(x).is_zero() else x / acb(y)


def total(terms: Iterable[Any]) -> Any:
    return sum(terms, acb(0))


def maximum(*_: Any) -> Any:
    """In conditions only, which are decided already."""
    return NAN


minimum = maximum
negate, both, either = arb.negate, arb.both, arb.either


def where(condition: bool | None, yes: Any, no: Any) -> Any:
    if condition is None:
        return NAN
    return acb(yes) if condition else acb(no)


def disc(centre: Any, wide: Any, high: Any) -> Any:
    """The complex ball of half-width `wide` and half-height `high` around a real centre."""
    return acb(centre + flint.arb(0, wide), flint.arb(0, high))
