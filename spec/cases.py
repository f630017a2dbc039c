"""Cases made fewer: what is within another case, and the cases of |u| and sgn(u)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy
from sympy import Abs, And, Ge, Gt, Le, Lt, Mul, Piecewise, S, sign

from .function import Function

Shorter = Callable[[Any], Any]


def merged(expression: Any, function: Function, shorter: Shorter) -> Any:
    """The expression with its cases merged, each result made shorter once more."""
    return _Merger(function, shorter).merge(expression, ())


class _Merger:
    def __init__(self, function: Function, shorter: Shorter) -> None:
        self.shorter = shorter
        self.zeros = [_zero_of(where, function) for where in function.kinks]
        self.domains = {v.symbol: v.domain for v in (*function.variables, *function.parameters)}

    def merge(self, expression: Any, failed: tuple[Any, ...]) -> Any:
        """`failed` are conditions that do not hold where the expression counts."""
        if not expression.has(Piecewise):
            return expression
        if not isinstance(expression, Piecewise):
            return self.shorter(_rebuilt(expression, lambda e: self.merge(e, failed)))
        branches = []
        for value, condition in expression.args:
            branches.append((self.merge(value, failed), condition))
            failed = (*failed, condition)
        found = Piecewise(*_flat(branches))
        if not isinstance(found, Piecewise):
            return found
        signed = self._signed(found, failed[: -len(branches)])
        return self.shorter(_in_front(found) if signed is None else signed)

    def _signed(self, pieces: Piecewise, failed: tuple[Any, ...]) -> Any:
        """a for u >= 0 and -a else, as a sgn(u), and as c |u|**n where a is c u**n, n odd."""
        if len(pieces.args) != 2 or pieces.args[1][1] != S.true:
            return None
        (above, condition), (below, _) = pieces.args
        edge = _edge(condition)
        if edge is None:
            return None
        if edge.is_Symbol and sympy.cancel(below - above.subs(edge, -edge)) == 0:
            return above.subs(edge, Abs(edge))
        if sympy.expand(above + below) != 0:
            return None
        for base, e in (f.as_base_exp() for f in Mul.make_args(above)):
            factor = {edge: 1, -edge: -1}.get(base)
            if factor is not None and e.is_Integer and e.is_odd:
                return factor * above / base**e * Abs(edge) ** e
        return above * sign(edge) if self._harmless(edge, failed) else None

    def _harmless(self, edge: Any, failed: tuple[Any, ...]) -> bool:
        """Whether the edge is never 0 there, or is 0 only at a declared kink."""
        if any(sympy.expand(edge - z) == 0 or sympy.expand(edge + z) == 0 for z in self.zeros):
            return True
        if edge in self.domains and self.domains[edge].contains(0) == S.false:
            return True
        return any(c.subs(Abs(edge), 0) == S.true for c in failed)


def _zero_of(where: Any, function: Function) -> Any:
    """What is zero at a kink: a key is a point of the first variable, or such an expression."""
    point = sympy.sympify(where)
    first = function.variables[0].symbol
    is_point = not point.has(*(v.symbol for v in function.variables))
    return first - point if is_point else point


def _edge(condition: Any) -> Any:
    if isinstance(condition, (Ge, Gt)):
        return condition.lhs - condition.rhs
    return condition.rhs - condition.lhs if isinstance(condition, (Le, Lt)) else None


def _rebuilt(expression: Any, change: Shorter) -> Any:
    if not isinstance(expression, sympy.Expr):
        return expression
    return expression.func(*(change(a) if a.has(Piecewise) else a for a in expression.args))


def _flat(branches: list[tuple[Any, Any]]) -> list[tuple[Any, Any]]:
    """Cases within a case, beside the others."""
    found: list[tuple[Any, Any]] = []
    for at, (value, condition) in enumerate(branches):
        if not isinstance(value, Piecewise):
            found.append((value, condition))
            continue
        inner = list(value.args)
        if branches[at + 1 :] == [tuple(inner[-1])]:  # which then says it already
            inner.pop()
        found += [(e, And(condition, c)) for e, c in inner]
    return found


def _in_front(pieces: Piecewise) -> Any:
    """Factors that all branches have, in front of the cases."""
    values = [e for e, _ in pieces.args]
    if S.Zero in values:
        return pieces
    shared = set.intersection(*(set(Mul.make_args(e)) for e in values))
    common = Mul(*(f for f in sorted(shared, key=str) if not f.is_Number))
    if common != 1 and all(e.as_coeff_Mul()[0] < 0 for e in values):
        common = -common
    if common == 1 or any(e / common == 1 for e in values):
        return pieces
    return common * Piecewise(*((e / common, c) for e, c in pieces.args))
