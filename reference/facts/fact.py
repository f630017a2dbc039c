"""What a fact is: a value, how it is known, and words for it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import sympy

from ...spec.typeset import number_text
from .piece import Point, point

DIGITS = 20  # of a number that has no short exact form
SHORT = 12  # characters
STATUSES = ("proved", "certified", "undecided")


@dataclass(frozen=True)
class Number:
    """A real number or an infinity: exact where it is known so, and between two bounds.

    `exact` is text that SymPy reads, "sqrt(2)" or "-oo"; the bounds of an infinity are None.
    """

    exact: str | None
    low: Fraction | None
    high: Fraction | None

    @property
    def infinite(self) -> bool:
        return self.low is None

    def __contains__(self, value: float | Fraction) -> bool:
        """Whether the bounds leave the value possible."""
        if self.low is None or self.high is None:
            return float(value) == float(self)
        return math.isfinite(value) and self.low <= Fraction(value) <= self.high

    def __float__(self) -> float:
        if self.low is None or self.high is None:
            return math.inf if self.exact == "oo" else -math.inf
        return float((self.low + self.high) / 2)

    def __str__(self) -> str:
        if self.low is None or self.high is None:
            return str(self.exact)
        if self.exact is not None and not set(self.exact) - set("-/0123456789"):
            return number_text(sympy.Rational(self.exact))
        if self.exact is not None and len(self.exact) <= SHORT:
            return self.exact
        return decimal(self.low, self.high)


def decimal(low: Fraction, high: Fraction, digits: int = DIGITS) -> str:
    """The digits that both bounds share when they are rounded, at most so many."""
    for n in range(digits, 0, -1):
        a, b = (str(sympy.N(sympy.Rational(v.numerator, v.denominator), n)) for v in (low, high))
        if a == b:
            return a
    return f"between {float(low):.3g} and {float(high):.3g}"


def number(value: Point | Any) -> Number:
    """A `Point`, or an exact SymPy number, as a `Number`."""
    found = value if isinstance(value, Point) else point(value)
    text = None if found.exact is None else str(sympy.sstr(found.exact))
    if found.ball is None:
        return Number(text, None, None)
    return Number(text, _dyadic(found.ball.lower()), _dyadic(found.ball.upper()))


def _dyadic(edge: Any) -> Fraction:
    """A bound of a ball, which Arb rounds outwards to a number of its own."""
    mantissa, exponent = edge.mid().man_exp()
    return Fraction(int(mantissa)) * Fraction(2) ** int(exponent)


@dataclass(frozen=True)
class Span:
    """An interval between two numbers, with or without its ends."""

    low: Number
    high: Number
    closed_low: bool
    closed_high: bool

    def __str__(self) -> str:
        left, right = "[" if self.closed_low else "(", "]" if self.closed_high else ")"
        return f"{left}{self.low}, {self.high}{right}"


@dataclass(frozen=True)
class Place:
    """Where a bound is met: `kind` is "at" a number, "on" a span, "beside" (a one-sided slope at a
    kink) or "towards" an end, where it is approached and not met."""

    kind: str
    where: Number | Span

    def __str__(self) -> str:
        return f"{self.kind} {self.where}"


@dataclass(frozen=True)
class Bound:
    """A least upper or greatest lower bound, and every place where it is met or approached."""

    value: Number
    places: tuple[Place, ...]

    @property
    def attained(self) -> bool:
        return any(p.kind in ("at", "on") for p in self.places)


@dataclass(frozen=True)
class Range:
    """The hull of the values."""

    low: Bound
    high: Bound

    def __str__(self) -> str:
        span = Span(self.low.value, self.high.value, self.low.attained, self.high.attained)
        return str(span)


@dataclass(frozen=True)
class Zero:
    """A zero, or an interval of zeros; `crosses` where the sign changes."""

    where: Number | Span
    crosses: bool

    def __str__(self) -> str:
        return f"{self.where}{'' if self.crosses else ' (no change of sign)'}"


@dataclass(frozen=True)
class Extremum:
    """A local "minimum" or "maximum"; `overall` where no value lies beyond it."""

    kind: str
    where: Number | Span
    value: Number
    overall: bool

    def __str__(self) -> str:
        return f"{'' if self.overall else 'local '}{self.kind} {self.value} at {self.where}"


@dataclass(frozen=True)
class Runs:
    """Maximal intervals of a kind, and the kind that holds on the whole domain, if one does."""

    overall: str | None
    runs: tuple[tuple[str, Span], ...]

    def __str__(self) -> str:
        return "; ".join(f"{kind} on {span}" for kind, span in self.runs)


@dataclass(frozen=True)
class Slope:
    """The least and largest slope, and the Lipschitz constant, which is the larger in size."""

    smallest: Bound
    largest: Bound
    lipschitz: Bound


@dataclass(frozen=True)
class Asymptote:
    """f(x) - slope x - intercept tends to 0 towards an end."""

    end: Number
    slope: Number
    intercept: Number

    def text(self, name: str) -> str:
        """The line in a variable of that name."""
        rise = {"0": "", "1": name, "-1": f"-{name}"}.get(str(self.slope), f"{self.slope} {name}")
        if rise and str(self.intercept) == "0":
            return rise
        text = f"{rise} + {self.intercept}" if rise else str(self.intercept)
        return text.replace("+ -", "- ")


@dataclass(frozen=True)
class Smoothness:
    """The number of continuous derivatives: -1 for a jump, None for all of them.

    `breaks` has each place where a derivative jumps, with the order of the first one that does.
    """

    order: int | None
    breaks: tuple[tuple[Number, int], ...]


@dataclass(frozen=True)
class Fact:
    """One fact: its value as data, its status, how it is known (or why not), and words for it.

    "proved" is by SymPy, "certified" by Arb on the whole domain, "undecided" has no value.
    """

    status: str
    value: Any
    how: str
    text: str


@dataclass(frozen=True)
class Case:
    """The facts of one function of one variable.

    `label` says which, where the other variables had to be fixed: "t = 3/10", "d = p - t".
    """

    label: str
    facts: Mapping[str, Fact]


def undecided(reason: str) -> Fact:
    """A fact that is not known, and why."""
    return Fact("undecided", None, reason, f"undecided: {reason}")
