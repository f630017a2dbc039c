"""How each identity of the book is known: proved, certified, tested; or refuted, or not known.

SymPy proves an equation for all numbers at once. Where it cannot, Arb encloses the difference of
the sides: on a whole interval for smooth equations in one unknown, else at points. A certificate
bounds the difference, it does not prove that it is 0; it says so.
"""

from __future__ import annotations

import dataclasses
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import Any

import sympy
from sympy import Expr, Interval, Rational

from ..spec import derive, symbols
from ..spec.expansion import applications, definition_of, expand, term_by_term
from ..spec.function import Function
from ..spec.identity import prove_equation
from . import arb
from . import cache as disk
from .facts.piece import Piece, Undecided, cut
from .render import render

VERSION = 1  # of how identities are known, and of the layout on disk: raise it when either changes
STATUSES = ("proved", "certified", "tested", "false", "undecided")
BITS = 512
REACH = 8  # certificates hold on [-8, 8], as far as the domain goes
STEPS = 8  # boxes per unit
ORDER = 24
TIGHT = Fraction(1, 10**30)  # what a certificate promises at least
POINTS, DIGITS = 200, 60
LENGTHS = (2, 3, 5)


@dataclass(frozen=True)
class Known:
    """How an identity is known, and by what means; for "undecided" the reason why not."""

    status: str
    how: str

    def __str__(self) -> str:
        return f"{self.status}: {self.how}"


def identities(function: Function, *, cached: bool = True) -> dict[str, Known]:
    """How each identity of a function is known, by name; kept on disk."""
    return _known(function) if cached else _computed(function)


@cache
def _known(function: Function) -> dict[str, Known]:
    name = disk.key("identities", VERSION, sympy.__version__, *content(function))
    payload = disk.read(name)
    if payload is not None:
        try:
            return {key: Known(*pair) for key, pair in json.loads(payload).items()}
        except (ValueError, TypeError, AttributeError):
            disk.forget(name)
    found = _computed(function)
    disk.write(name, json.dumps({k: dataclasses.astuple(v) for k, v in found.items()}).encode())
    return found


def content(function: Function) -> Iterator[object]:
    """All that decides what is known of a function: itself, its equations, whom they name."""
    own = {function.name: function}
    named = {function.name: function}
    for label, equation in function.identities.items():
        yield label, sympy.srepr(equation)
        named |= {f.name: f for a in applications(equation) for f in [definition_of(a, own)]}
    for name, f in sorted(named.items()):
        inputs = [(sympy.srepr(v.symbol), sympy.srepr(v.domain)) for v in f.variables]
        chosen = [(sympy.srepr(p.symbol), sympy.srepr(p.default)) for p in f.parameters]
        yield name, sympy.srepr(derive.value(f)), inputs, chosen


def _computed(function: Function) -> dict[str, Known]:
    own = {function.name: function}
    return {name: known(eq, own) for name, eq in function.identities.items()}


def known(equation: Any, own: dict[str, Function] | None = None) -> Known:
    """How one equation is known: what SymPy does not prove is certified, or else tested."""
    proof = prove_equation(equation, own)
    if proof.status == "proved":
        return Known("proved", proof.how)
    if equation == sympy.false:
        return Known("false", proof.how)
    saved = arb.context.prec
    arb.context.prec = BITS
    try:
        difference = expand(equation.lhs - equation.rhs, own)
        return _certified(difference, own) or _tested(difference, own)
    except (Undecided, ArithmeticError, NotImplementedError, TypeError, ValueError) as error:
        return Known("undecided", f"{proof.how}; not enclosed: {error}")
    finally:
        arb.context.prec = saved


# ---------------------------------------------------------------- on a whole interval


def _certified(difference: Expr, own: dict[str, Function] | None) -> Known | None:
    """A bound of |left - right| on an interval, by Taylor expansion in every box of it.

    None for several unknowns, for rows, and where the bound is no better than `TIGHT`.
    """
    if len(difference.free_symbols) != 1 or difference.has(sympy.Indexed):
        return None
    (symbol,) = difference.free_symbols
    domain = _domain(symbol, own).intersect(Interval(-REACH, REACH))
    if not isinstance(domain, Interval):
        return None
    try:
        pieces, _ = cut(derive.in_pieces(difference), symbol, domain)
        largest = max((_largest(piece) for piece in pieces), default=None)
    except (Undecided, NotImplementedError):
        return None
    if largest is None or largest > TIGHT:
        return None
    digits = len(str(int(1 / largest))) - 1 if largest else DIGITS
    return Known("certified", f"|left - right| < 1e-{min(digits, DIGITS)} on {_text(domain)}")


def _text(domain: Interval) -> str:
    left, right = "(" if domain.left_open else "[", ")" if domain.right_open else "]"
    return f"{left}{domain.start}, {domain.end}{right}"


def _largest(piece: Piece) -> Fraction:
    """An upper bound of |f| on a closed piece; `Undecided` where a box is not enclosed."""
    count = int(sympy.ceiling((piece.high - piece.low) * STEPS))
    bounds = []
    for k in range(count):
        low = piece.low + (piece.high - piece.low) * Rational(k, count)
        high = piece.low + (piece.high - piece.low) * Rational(k + 1, count)
        if not (low.is_Rational and high.is_Rational):
            raise Undecided("the pieces meet at a place that is not rational")
        bounds.append(_bound(piece, (low + high) / 2, (high - low) / 2))
    return max(bounds)


def _bound(piece: Piece, middle: Rational, radius: Rational) -> Fraction:
    """Taylor's theorem: the coefficients at the middle, the last one at every point of the box."""
    centre, r = _ball(middle), _ball(radius)
    inner = piece.jet(centre, ORDER)
    box = centre + arb.arb(0, r)
    total = arb.total(abs(c) * r**k for k, c in enumerate(inner[:ORDER]))
    total = total + abs(piece.jet(box, ORDER)[ORDER]) * r**ORDER
    if not total.is_finite():
        raise Undecided(f"not enclosed near {middle}")
    mantissa, exponent = total.upper().mid().man_exp()
    return Fraction(int(mantissa)) * Fraction(2) ** int(exponent)


def _ball(value: Rational) -> Any:
    return arb.number(Fraction(int(value.p), int(value.q)))


# ---------------------------------------------------------------- at points


def _tested(difference: Expr, own: dict[str, Function] | None) -> Known:
    """Enclosures at rational points: a ball that excludes 0 refutes the equation."""
    rng = random.Random(DIGITS)
    agreed = 0
    several = list(_without_rows(difference))
    for number in range(POINTS):
        one, entries = several[number % len(several)]
        free = sorted(one.free_symbols, key=str)
        values = {s: _draw(_domain(entries.get(s, s), own), rng) for s in free}
        gap = _enclosed(one, values)
        if gap is None or not gap.is_finite():
            continue
        if not gap.contains(0):
            where = ", ".join(f"{s} = {v}" for s, v in values.items())
            return Known("false", f"left - right is {gap.str(6, radius=False)} at {where}")
        agreed += bool(gap.rad() < arb.ratio(1, 10**DIGITS))
    if agreed < POINTS // 2:
        return Known("undecided", f"enclosed to {DIGITS} digits at {agreed} of {POINTS} points")
    return Known("tested", f"to {DIGITS} digits at {agreed} points")


def _without_rows(difference: Expr) -> Iterator[tuple[Expr, dict[Any, Any]]]:
    """The difference in numbers, for rows of a few lengths; and the row of each entry's symbol."""
    if not difference.has(sympy.Indexed):
        yield derive.in_pieces(difference), {}
        return
    for length in LENGTHS:
        concrete = difference.subs(symbols.n, length)
        concrete = concrete.subs({symbols.i: 1, symbols.k: 1, symbols.m: 1})
        spelled = term_by_term(concrete)
        entries = {
            e: sympy.Symbol(f"{e.base}_{e.indices[0]}", real=True)
            for e in spelled.atoms(sympy.Indexed)
        }
        one = derive.in_pieces(spelled.xreplace(entries))
        yield one, {s: e.base for e, s in entries.items()}


def _enclosed(expression: Expr, values: dict[Any, Rational]) -> Any:
    names = {render(s): _ball(v) for s, v in values.items()}
    try:
        return arb.arb(eval(render(expression), {**vars(arb), **names}))
    except NameError as error:
        raise Undecided(f"no enclosure for {error.name}") from error


def _domain(symbol: Any, own: dict[str, Function] | None) -> Any:
    """Where a symbol of an equation lives: as an input of the function, or by its assumptions."""
    for function in (own or {}).values():
        for v in (*function.variables, *function.parameters):
            if symbol == v.symbol:
                return v.domain
    if symbol.is_positive:
        return Interval.open(0, sympy.oo)
    return Interval(0, sympy.oo) if symbol.is_nonnegative else sympy.Reals


def _draw(domain: Any, rng: random.Random) -> Rational:
    """A rational number of the domain: sixty-fourths, up to `REACH`."""
    if isinstance(domain, sympy.FiniteSet):
        return sorted(domain)[rng.randrange(len(domain))]
    while True:
        number = Rational(rng.randint(-64 * REACH, 64 * REACH), 64)
        if isinstance(domain, Interval) and domain.measure.is_finite:
            share = Rational(rng.randint(1, 63), 64)
            number = domain.start + (domain.end - domain.start) * share
        if number in domain:
            return number
