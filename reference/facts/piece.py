"""Pieces: a function of one variable, cut where its branches switch into smooth ones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import pairwise
from typing import Any

import sympy
from sympy import Expr, S, oo

from ...spec import derive
from ...spec.special import plain, xdivy, xlogy
from .. import arb
from ..render import render
from ..tight import tight
from . import jet, tail

BITS = 192  # of the balls in which values are reported
STARTS = (2, *(4**k for k in range(1, 9)))  # where tails may begin
SHORT = 24  # operations in an exact value that is kept
HIGHEST = 6  # order of derivatives that are compared


class Undecided(Exception):  # noqa: N818 - no error: a verdict
    """A fact that could not be certified; the message says why."""


@dataclass(frozen=True)
class Point:
    """A place or a value: exact where SymPy has it, and enclosed where it is finite."""

    exact: Any
    ball: Any

    @property
    def infinite(self) -> bool:
        return self.ball is None


def point(value: Any) -> Point:
    """An exact number or infinity as a `Point`."""
    value = sympy.sympify(value)
    return Point(value, None if value in (oo, -oo) else tail.ball(tail.exact(value)))


def is_zero(value: Expr) -> bool:
    """Whether SymPy proves a number zero."""
    value = plain(value)
    if value == 0 or sympy.simplify(value) == 0:
        return True
    return bool(value.has(sympy.log) and sympy.simplify(sympy.expand_log(value, force=True)) == 0)


@dataclass(frozen=True, eq=False)
class Piece:
    """A smooth expression in one symbol on an open interval, whose ends may be infinite."""

    symbol: Any
    expression: Expr
    low: Expr
    high: Expr

    @cached_property
    def _code(self) -> Any:
        return compile(render(tight(self.expression)), "<piece>", "eval")

    @cached_property
    def _name(self) -> str:
        return str(render(self.symbol))

    def _evaluate(self, words: dict[str, Any], argument: jet.Jet) -> list[Any]:
        try:
            found = eval(self._code, {**words, self._name: argument})
        except NameError as error:
            raise Undecided(f"no enclosure for {error.name}") from error
        if isinstance(found, jet.Jet):
            return found.c
        constant = argument.ring.scalar(found)
        return [constant, *(argument.ring.scalar(0) for _ in argument.c[1:])]

    def jet(self, box: Any, order: int) -> list[Any]:
        """Balls around the Taylor coefficients at every x of a ball, up to an order."""
        argument = jet.Jet(jet.BALLS, [box, 1, *[0] * (order - 1)][: order + 1])
        return [arb.arb(c) for c in self._evaluate(jet.BALL_WORDS, argument)]

    def at(self, k: int, place: Any) -> Any:
        """The k-th derivative, enclosed at every x of a ball."""
        return self.jet(place, k)[k] * arb.arb(k).fac()

    def derivative(self, k: int) -> Expr:
        return _derivative(self.expression, self.symbol, k)

    def vanishes(self, k: int, place: Expr) -> bool:
        """Whether SymPy proves the k-th derivative zero at an exact place."""
        return is_zero(plain(self.derivative(k)).subs(self.symbol, place))

    def exact_value(self, k: int, place: Expr) -> Any:
        """The k-th derivative at an exact place, where SymPy writes it in short; else None."""
        value = plain(self.derivative(k)).subs(self.symbol, place)
        short = value.is_number and value.is_finite and sympy.count_ops(value) <= SHORT
        return value if short else None

    def is_constant(self, k: int) -> bool:
        """Whether the k-th derivative is one number, as far as polynomials tell."""
        if not self.expression.is_polynomial(self.symbol):
            return False
        return not sympy.expand(self.derivative(k)).has(self.symbol)

    def ends(self) -> tuple[Expr, Expr]:
        return self.low, self.high

    @cached_property
    def singular(self) -> dict[Expr, bool]:
        """Whether an end is infinite, or a place where the branch is not smooth."""
        found = {}
        for end in self.ends():
            here = None if end in (oo, -oo) else self.jet(point(end).ball, 4)
            found[end] = here is None or not all(c.is_finite() for c in here)
        return found

    @cached_property
    def _known(self) -> dict[Any, Any]:
        """Tails and limits that were asked for before."""
        return {}

    def tails(self, end: Expr, start: int) -> list[tail.Tail]:
        """Taylor coefficients as tails, in y = |x| or y = 1/|x - end| >= start."""
        if (end, start) not in self._known:
            self._known[end, start] = self._tails(end, start)
        found: list[tail.Tail] = self._known[end, start]
        return found

    def _tails(self, end: Expr, start: int) -> list[tail.Tail]:
        ring = tail.Tails(start)
        outward = 1 if end == self.high else -1
        if end in (oo, -oo):
            base = ring.variable() * outward
        else:
            base = tail.exact(end) - ring.inverse(ring.variable()) * outward
        try:
            found = self._evaluate(jet.vocabulary(ring), jet.Jet(ring, [base, 1, 0]))
        except (tail.Beyond, NotImplementedError, RecursionError, ZeroDivisionError) as error:
            raise Undecided(f"no expansion towards {end}: {error}") from error
        return [tail.lifted(c, start) for c in found]

    def in_tail(self, end: Expr, k: int, ask: str) -> tuple[Any, int]:
        """The first start from which a question about the k-th coefficient has an answer."""
        for start in STARTS:
            if not self._room(end, start):
                continue
            try:
                return getattr(self.tails(end, start)[k], ask)(), start
            except tail.TooEarly:
                continue
        raise Undecided(f"the {_ORDINAL[k]} is not decided towards {end}")

    def _room(self, end: Expr, start: int) -> bool:
        """Whether the tail from that start on lies inside the piece."""
        low, high = self.low, self.high
        if end in (oo, -oo):
            other = high if end == low else low
            return other in (oo, -oo) or bool(abs(other) < start)
        return high - low == oo or bool(sympy.Rational(2, start) < high - low)

    def limit(self, k: int, end: Expr) -> Point:
        """The one-sided limit of the k-th derivative (k <= 2) at an end of the piece."""
        if ("limit", k, end) not in self._known:
            self._known["limit", k, end] = self._limit(k, end)
        found: Point = self._known["limit", k, end]
        return found

    def _limit(self, k: int, end: Expr) -> Point:
        if not self.singular[end]:
            ball = self.at(k, point(end).ball)
            exact = self.exact_value(k, end)
            if ball.contains(0) and self.vanishes(k, end):
                exact, ball = S.Zero, arb.arb(0)
            return Point(exact, ball)
        try:
            found, _ = self.in_tail(end, k, "limit")
        except Undecided:
            found = None
        if found is not None:
            return point(found * sympy.factorial(k))
        direction = "+" if end == self.low else "-"
        found = derive.limit(self.derivative(k), self.symbol, end, direction)
        if not found.is_number or not found.is_extended_real or not self._real_towards(end):
            raise Undecided(f"no limit of the {_ORDINAL[k]} towards {end}")
        return point(found)

    def _real_towards(self, end: Expr) -> bool:
        """Whether the branch is real on the way to an end; SymPy's limits pass through log(-1)."""
        outward = 1 if end == self.high else -1
        start = next((s for s in STARTS[4:] if self._room(end, s)), None)
        if start is None:
            return False
        far = arb.arb(outward * start)
        near = far if end in (oo, -oo) else point(end).ball - outward * arb.ratio(1, start)
        return bool(self.at(0, near).is_finite())


_ORDINAL = ("value", "slope", "second derivative")


@cache
def _derivative(expression: Expr, symbol: Any, k: int) -> Expr:
    return expression if k == 0 else sympy.diff(_derivative(expression, symbol, k - 1), symbol)


# ---------------------------------------------------------------- cutting


@dataclass(frozen=True, eq=False)
class Joint:
    """A place between two pieces, and the value that the definition gives there."""

    place: Expr
    value: Any


def cut(expression: Expr, symbol: Any, domain: Any) -> tuple[list[Piece], list[Joint]]:
    """The pieces of an expression on an interval, and the joints between them."""
    low, high = domain.inf, domain.sup
    places = [p for p in _boundaries(expression, symbol) if low < p < high]
    edges = [low, *places, high]
    pieces: list[Piece] = []
    joints: list[Joint] = []
    for a, b in pairwise(edges):
        own = branch(expression, symbol, _between(a, b))
        if not pieces:
            pieces.append(Piece(symbol, own, a, b))
            continue
        value = branch(expression, symbol, a).subs(symbol, a)
        last = pieces[-1]
        if own == last.expression and own.subs(symbol, a) == value:
            pieces[-1] = Piece(symbol, own, last.low, b)  # nothing happens here
        else:
            pieces.append(Piece(symbol, own, a, b))
            joints.append(Joint(a, value))
    return pieces, joints


def _boundaries(expression: Expr, symbol: Any) -> list[Expr]:
    """Every place where a comparison of the pieces may change."""
    found: set[Expr] = set()
    for piecewise in expression.atoms(sympy.Piecewise):
        for _, condition in piecewise.args:
            for relation in condition.atoms(sympy.core.relational.Relational):
                found |= set(_roots(relation.lhs - relation.rhs, symbol))
    return sorted(found, key=lambda p: sympy.N(p, 60))


def _roots(difference: Expr, symbol: Any) -> Iterator[Expr]:
    for part in _smooth_parts(difference):
        if not part.has(symbol):
            continue
        if part.is_polynomial(symbol):
            yield from sympy.real_roots(sympy.Poly(part, symbol))
            continue
        found = sympy.solveset(part, symbol, sympy.Reals)
        if not isinstance(found, sympy.FiniteSet):
            raise Undecided(f"the pieces switch where {part} = 0, which is not solved")
        yield from found


def _smooth_parts(difference: Expr) -> Iterator[Expr]:
    """The branches of a side that has pieces itself: a zero of it is a zero of one of them."""
    pieces = sorted(difference.atoms(sympy.Piecewise), key=str)
    if not pieces:
        yield difference
        return
    for part, _ in pieces[0].args:
        yield from _smooth_parts(difference.xreplace({pieces[0]: part}))


def branch(expression: Expr, symbol: Any, probe: Expr) -> Expr:
    """The smooth expression that holds at a place."""
    found = derive.branch_at(expression, symbol, lambda c: sympy.sympify(c).subs(symbol, probe))
    if found.has(S.NaN):
        raise Undecided(f"no branch holds at {probe}")
    # x log 2 is a polynomial, whatever the convention at x = 0
    return found.replace(
        lambda e: isinstance(e, xlogy | xdivy) and e.args[1].is_number and e.args[1].is_positive,
        plain,
    )


def _between(a: Expr, b: Expr) -> Expr:
    if a == -oo and b == oo:
        return sympy.Rational(1, 7)
    if a == -oo:
        return sympy.Rational(sympy.floor(b) - 1)
    if b == oo:
        return sympy.Rational(sympy.ceiling(a) + 1)
    middle = (a + b) / 2
    return middle if middle.is_Rational else sympy.Rational(str(sympy.N(middle, 40)))
