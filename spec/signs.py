"""The signs that an expression of one real symbol takes on an interval, found exactly.

Between the breakpoints of its pieces, a rational function of x or of e^x changes its sign at the
real roots of a polynomial only; other smooth expressions are settled by the sign of their slope
and one end. What neither settles is unknown: None, or NaN for a number.
"""

from __future__ import annotations

import itertools
from functools import partial
from typing import Any

import sympy
from sympy import Interval, Piecewise, S, exp, oo
from sympy.core.relational import Relational

from . import derive

_DIGITS = 40
_DEPTH = 3  # how often the slope of a slope is asked
_APART = sympy.Rational(1, 10**20)


def sign_of(number: Any) -> Any:
    """-1, 0 or 1; NaN if the digits do not tell and no simplification to zero is found."""
    number = sympy.sympify(number)
    if number.is_Rational:
        return sympy.sign(number)
    try:
        close = sympy.N(number, _DIGITS, maxn=1000, strict=True)
        if abs(close) > _APART:
            return sympy.sign(close)
    except sympy.core.evalf.PrecisionExhausted:
        pass
    return S.Zero if sympy.simplify(number) == 0 else S.NaN


def signs(expression: Any, symbol: Any, interval: Any) -> set[int] | None:
    """The signs that an expression of one symbol takes on an interval; None if unknown."""
    if expression.free_symbols != {symbol} or symbol.is_integer:
        return None
    interval = _as_assumed(symbol, interval)
    pieces = derive.in_pieces(expression)
    edges = _edges(pieces, symbol)
    if edges is None:
        return None
    inside = [e for e in edges if interval.start < e < interval.end]
    cuts = [interval.start, *sorted(inside, key=lambda e: sympy.N(e)), interval.end]
    found: set[int] = set()
    for point in (c for c in cuts if c in interval):
        found.add(sign_of(pieces.subs(symbol, point)))
    for low, high in itertools.pairwise(cuts):
        middle = _between(low, high)
        branch = derive.branch_at(pieces, symbol, partial(_at, symbol=symbol, point=middle))
        there = _smooth_signs(branch, symbol, low, high, _DEPTH)
        if there is None:
            return None
        found |= there
    return None if S.NaN in found else {int(s) for s in found}


def _at(condition: Any, *, symbol: Any, point: Any) -> Any:
    return sympy.sympify(condition).subs(symbol, point)


def _as_assumed(symbol: Any, interval: Any) -> Any:
    """The interval cut to the values that the symbol's assumptions allow."""
    if symbol.is_positive:
        return interval.intersect(Interval.open(0, oo))
    if symbol.is_negative:
        return interval.intersect(Interval.open(-oo, 0))
    return interval.intersect(Interval(0, oo)) if symbol.is_nonnegative else interval


def _edges(pieces: Any, symbol: Any) -> set[Any] | None:
    edges: set[Any] = set()
    for piecewise in pieces.atoms(Piecewise):
        for _, condition in piecewise.args:
            for relation in condition.atoms(Relational):
                found = sympy.solveset(relation.lhs - relation.rhs, symbol, sympy.Reals)
                if not isinstance(found, sympy.FiniteSet) and found != S.EmptySet:
                    return None
                edges |= set(found)
    return edges


def _between(low: Any, high: Any) -> Any:
    if low == -oo:
        return S.Zero if high == oo else sympy.floor(high) - 1
    return sympy.ceiling(low) + 1 if high == oo else sympy.nsimplify((low + high) / 2)


def _smooth_signs(expression: Any, symbol: Any, low: Any, high: Any, depth: int) -> Any:
    """The signs on an open interval: from the roots, or from the slope and one end."""
    expression = _without_positive_factors(sympy.sympify(expression), symbol)
    if not expression.free_symbols:
        return {sign_of(expression)}
    exact = _signs_by_roots(expression, symbol, low, high)
    if exact is not None or depth == 0:
        return exact
    slope = _smooth_signs(expression.diff(symbol), symbol, low, high, depth - 1)
    if slope is None or not (slope <= {0, 1} or slope <= {0, -1}):
        return None
    if slope == {0}:  # a constant; SymPy's limit of a hidden zero does not end
        return {sign_of(expression.subs(symbol, _between(low, high)))}
    start = _end_sign(expression, symbol, low, "+")
    end = _end_sign(expression, symbol, high, "-")
    below, above = (start, end) if slope <= {0, 1} else (end, start)
    if below in (0, 1):
        return {1}
    return {-1} if above in (0, -1) else ({-1, 0, 1} if (below, above) == (-1, 1) else None)


def _end_sign(expression: Any, symbol: Any, point: Any, direction: str) -> Any:
    limit = derive.limit(expression, symbol, point, direction)
    if limit in (oo, -oo):
        return 1 if limit == oo else -1
    return S.NaN if limit is S.NaN or limit.free_symbols else sign_of(limit)


def _without_positive_factors(expression: Any, symbol: Any) -> Any:
    factors = sympy.Mul.make_args(sympy.factor_terms(sympy.factor(expression)))
    kept = [f for f in factors if not (f.has(symbol) and f.is_positive)]
    return sympy.Mul(*kept) if kept else S.One


def _signs_by_roots(expression: Any, symbol: Any, low: Any, high: Any) -> set[Any] | None:
    """For a rational function of x, or of exp(x): signs between its real roots."""
    u = sympy.Dummy("u", positive=True)
    plainly, ends = expression, (low, high)
    if expression.has(exp, sympy.tanh, sympy.cosh):
        plainly = sympy.powsimp(sympy.expand(expression.rewrite(exp))).subs(exp(symbol), u)
        ends = (S.Zero if low == -oo else exp(low), oo if high == oo else exp(high))
    variable = u if plainly.has(u) else symbol
    top, bottom = sympy.fraction(sympy.together(plainly))
    if not (top.is_polynomial(variable) and bottom.is_polynomial(variable)):
        return None
    if (top.free_symbols | bottom.free_symbols) - {variable}:
        return None
    zeros, poles = _real_roots(top, variable), _real_roots(bottom, variable)
    if zeros is None or poles is None or any(_inside(r, *ends) for r in poles):
        return None
    roots = [r for r in zeros if _inside(r, *ends)]
    cuts = [ends[0], *roots, ends[1]]
    probes = [_probe(a, b) for a, b in itertools.pairwise(cuts)]
    signs = {sign_of((top / bottom).subs(variable, p)) for p in probes}
    return signs | ({S.Zero} if roots else set())


def _real_roots(polynomial: Any, variable: Any) -> list[Any] | None:
    """In order; None where SymPy cannot isolate them (coefficients beyond the rationals)."""
    if not polynomial.has(variable):
        return []
    try:
        roots = set(sympy.Poly(polynomial, variable).real_roots())
    except (NotImplementedError, sympy.PolynomialError):
        return None
    return sorted(roots, key=lambda r: sympy.N(r, 30))


def _inside(root: Any, low: Any, high: Any) -> bool:
    above = low == -oo or sign_of(root - low) == 1
    return bool(above and (high == oo or sign_of(high - root) == 1))


def _probe(low: Any, high: Any) -> Any:
    """A rational number between two others."""
    if low == -oo or high == oo:
        return _between(low, high)
    return sympy.Rational(str(sympy.N((low + high) / 2, 30)))
