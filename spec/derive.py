"""What follows from an expression: gradients, second derivatives, boundaries, limits.

Every result is a SymPy expression in the function's own symbols. Along an axis, a first derivative
is in the input with index `k`, a second in the ones with indices `k` and `m`; in a matrix in the
ones with indices `h, k` and `g, m`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import sympy
from sympy import Abs, Expr, KroneckerDelta, Max, Min, Piecewise, S, Sum, oo, sign

from . import symbols
from .alignments import Alignments
from .function import Function, Parameter, Variable

Input = Variable | Parameter


@cache
def value(function: Function) -> Expr:
    """The expression with constants put in and Abs, Max, Min, sign split into pieces."""
    return in_pieces(function.expression.subs(function.constants))


@cache
def gradient(function: Function, v: Input) -> Expr:
    """The derivative of the value in a variable (at index k along an axis) or parameter."""
    return _derivative(value(function), v, symbols.k, symbols.h)


@cache
def second(function: Function, v: Input, w: Input) -> Expr:
    """The derivative of the gradient in `v` once more, in `w` (at index m along an axis)."""
    return _derivative(gradient(function, v), w, symbols.m, symbols.g)


@cache
def third(function: Function, v: Input, w: Input) -> Expr:
    """The second derivative in `v`, differentiated in `w`: for the condition of the second."""
    return _derivative(second(function, v, v), w, symbols.m, symbols.g)


def _derivative(expression: Expr, v: Input, index: Any, row: Any) -> Expr:
    return collapse(sympy.diff(expression, v.at(index, row)))


def in_pieces(expression: Expr) -> Expr:
    """Abs, sign, Max and Min as Piecewise, so that each branch is smooth; conditions stay."""
    if isinstance(expression, Piecewise):
        return Piecewise(*((in_pieces(e), c) for e, c in expression.args))
    if not expression.has(Abs, Max, Min, sign):
        return expression
    args = [in_pieces(a) for a in expression.args]
    if isinstance(expression, Abs):
        return Piecewise((args[0], args[0] >= 0), (-args[0], True))
    if isinstance(expression, sign):
        return Piecewise((1, args[0] > 0), (-1, args[0] < 0), (0, True))
    if isinstance(expression, Max | Min):
        largest = args[0]
        for a in args[1:]:
            keep = largest > a if isinstance(expression, Max) else largest < a
            largest = Piecewise((largest, keep), (a, True))
        return largest
    return expression.func(*args)


def collapse(expression: Any, *, whole: bool = False) -> Any:
    """Carry out sums over Kronecker deltas: sum over j of f(j) delta(j, k) is f(k).

    Sums are made linear first (with `whole`, no more than a delta asks for, as in print), and
    factors without the bound index leave them. SymPy's own `simplify` fails on such sums.
    """
    if not expression.has(Sum, Alignments):
        return expression
    if isinstance(expression, Piecewise):
        return Piecewise(*((collapse(e, whole=whole), c) for e, c in expression.args))
    if isinstance(expression, Alignments):
        return _collapse_paths(expression)
    args = [collapse(a, whole=whole) if isinstance(a, Expr) else a for a in expression.args]
    if not isinstance(expression, Sum) or len(expression.limits) > 1:
        return expression.func(*args)
    bound = expression.limits[0]
    spread = _beside_deltas(args[0], bound[0]) if whole else sympy.expand_mul(args[0])
    return sympy.Add(*(_collapse_term(term, bound) for term in sympy.Add.make_args(spread)))


def _beside_deltas(term: Expr, index: Any) -> Expr:
    """Multiplied out as far as it takes for each delta in the index to be a factor of a term."""
    if isinstance(term, sympy.Add):
        return sympy.Add(*(_beside_deltas(a, index) for a in term.args))
    for factor in sympy.Mul.make_args(term):
        deltas = factor.atoms(KroneckerDelta) if isinstance(factor, sympy.Add) else ()
        if any(index in d.args for d in deltas):
            rest = term / factor
            return sympy.Add(*(_beside_deltas(a * rest, index) for a in factor.args))
    return term


def _collapse_paths(paths: Alignments) -> Expr:
    """Factors that depend on no path leave the sum over paths; its probabilities stay whole."""
    factors = sympy.Mul.make_args(paths.function)
    body = sympy.Mul(*(collapse(f) if f.has(KroneckerDelta) else f for f in factors))
    parts = (
        term.as_independent(symbols.path.label, as_Add=False)
        for term in sympy.Add.make_args(sympy.expand_mul(body, deep=False))
    )
    return sympy.Add(*(out * paths.func(inside, *paths.args[1:]) for out, inside in parts))


def _collapse_term(term: Expr, bound: Any) -> Expr:
    index = bound[0]
    term = sympy.Mul(*(_delta_in_front(f, index) for f in sympy.Mul.make_args(term)))
    for factor in sympy.Mul.make_args(term):
        if isinstance(factor, KroneckerDelta) and index in factor.args:
            (other,) = set(factor.args) - {index}
            return (term / factor).subs(index, other)
    outside, inside = term.as_independent(index, as_Add=False)
    return outside * Sum(inside, bound)


def _delta_in_front(factor: Expr, index: Any) -> Expr:
    """A Piecewise whose branches are 0 or share a delta in the index, as delta times the rest."""
    if not isinstance(factor, Piecewise):
        return factor
    parts = [set(sympy.Mul.make_args(e)) for e, _ in factor.args if e != 0]
    shared = set.intersection(*parts) if parts else set()
    deltas = [d for d in shared if isinstance(d, KroneckerDelta) and index in d.free_symbols]
    if not deltas:
        return factor
    delta = min(deltas, key=str)
    return delta * Piecewise(*((e / delta if e != 0 else e, c) for e, c in factor.args))


@cache
def boundaries(function: Function) -> tuple[tuple[Expr, Expr], ...]:
    """Both sides of each comparison in the pieces: (x, 0) for `x > 0`.

    Where they are equal is a kink, a jump, or a place where smooth branches meet. A comparison of
    parameters alone (a switch) is none. The order is that of their text: sets have another in each
    process.
    """
    found: dict[tuple[Expr, Expr], None] = {}
    choices = {p.symbol for p in function.parameters}
    for piecewise in value(function).atoms(Piecewise):
        for _, condition in piecewise.args:
            for relation in condition.atoms(sympy.core.relational.Relational):
                if relation.free_symbols <= choices:
                    continue
                found[(relation.lhs, relation.rhs)] = None
    return tuple(sorted(found, key=str))


def branch_at(expression: Expr, symbol: Any, decide: Callable[[Any], Any]) -> Expr:
    """The expression with each Piecewise replaced by the branch that `decide` finds true."""
    while True:
        pieces = [p for p in expression.atoms(Piecewise) if not p.args[0][0].has(Piecewise)]
        if not pieces:
            return expression
        chosen = {}
        for p in pieces:
            chosen[p] = next((e for e, c in p.args if decide(c) == True), S.NaN)  # noqa: E712
        expression = expression.subs(chosen)


def limit(expression: Expr, symbol: Any, point: Any, direction: str = "+") -> Any:
    """The limit at a point or an infinity, each piece by itself; NaN where SymPy finds none.

    SymPy's own limit of a Piecewise raises at the infinities and can be wrong at the breakpoints.
    Other free symbols stay; pieces are told apart at their default assumptions.
    """
    if point in (oo, -oo):
        probe = sympy.Integer(10) ** 400 * (1 if point == oo else -1)
    else:
        probe = point + sympy.Rational(1, 10**400) * (1 if direction == "+" else -1)
    branch = branch_at(expression, symbol, lambda c: sympy.sympify(c).subs(symbol, probe))
    try:
        found = sympy.limit(branch, symbol, point, direction if point not in (oo, -oo) else "+")
    except (NotImplementedError, ValueError, TypeError, AttributeError, RecursionError):
        return S.NaN
    return S.NaN if found.has(sympy.Limit, sympy.AccumBounds) else found


@cache
def limits(function: Function, v: Input | None = None) -> dict[Any, Any]:
    """Limits of the value (of the gradient in `v`) at the infinities, at default parameters.

    For elementwise functions of one variable.
    """
    (variable,) = function.variables
    expression = value(function) if v is None else gradient(function, v)
    expression = expression.subs({p.symbol: p.default for p in function.parameters})
    return {point: limit(expression, variable.symbol, point) for point in (-oo, oo)}


def one_sided(expression: Expr, symbol: Any, point: Any) -> tuple[Any, Any]:
    """The limits from the left and from the right of a point."""
    return limit(expression, symbol, point, "-"), limit(expression, symbol, point, "+")
