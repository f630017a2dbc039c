"""The branches of a piecewise expression: where they switch, and what holds on which side."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import sympy
from sympy import Expr, Piecewise

from . import derive


def choices(expression: Expr) -> Iterator[Expr]:
    pieces = expression.atoms(Piecewise)
    innermost = [p for p in pieces if not any(a.has(Piecewise) for a in p.args)]
    if not innermost:
        yield expression
        return
    piece = min(innermost, key=str)
    relations = piece.atoms(sympy.core.relational.Relational)
    if not relations:
        yield from choices(expression.doit())
        return
    edge = _edge(min(relations, key=str))[0]
    impossible = {1: edge.is_nonpositive, -1: edge.is_nonnegative, 0: edge.is_nonzero}
    for sign in (s for s in impossible if not impossible[s]):
        decided = {
            r: sympy.sympify(r.func(sign * own, 0))
            for r in expression.atoms(sympy.core.relational.Relational)
            for found, own in [_edge(r)]
            if found == edge
        }
        chosen = derive.in_pieces(expression.xreplace(decided))
        yield from choices(_at_zero(chosen, edge) if sign == 0 else chosen)


def _edge(relation: Any) -> tuple[Expr, int]:
    """The left side minus the right one, up to a positive factor; and the sign taken out."""
    edge = sympy.expand(relation.lhs - relation.rhs)
    sign = -1 if edge.could_extract_minus_sign() else 1
    return (sign * edge).as_content_primitive()[1], sign


def _at_zero(expression: Expr, edge: Expr) -> Expr:
    """The expression where the edge is zero, if it can be solved for a symbol."""
    for symbol in sorted(edge.free_symbols, key=str):
        slope = edge.diff(symbol)
        rest = edge.subs(symbol, 0)
        if slope.is_number or (symbol not in slope.free_symbols and rest.is_number and rest != 0):
            return expression.subs(symbol, -rest / slope)
    return expression


def breakpoint_of(pieced: Expr) -> tuple[Any, Any] | None:
    """The one linear expression whose sign decides all branches, and a symbol to solve it for."""
    relations = {
        r
        for p in pieced.atoms(Piecewise)
        for _, c in p.args
        for r in getattr(c, "atoms", lambda *_: ())(sympy.core.relational.Relational)
    }
    edges: list[Any] = []
    for r in sorted(relations, key=str):
        edge = r.lhs - r.rhs
        if all((edge - e) != 0 and (edge + e) != 0 for e in edges):
            edges.append(edge)
    edges = [
        e
        for e in edges
        if not any(sympy.simplify(e / o).is_number for o in edges if o is not e) or e is edges[0]
    ]
    if len(edges) != 1:
        return None
    (edge,) = edges
    for symbol in sorted(edge.free_symbols, key=str):
        if edge.diff(symbol).is_number:
            return symbol, edge
    return None


def relations_in(pieced: Any) -> set[Any]:
    conditions = (c for p in pieced.atoms(Piecewise) for _, c in p.args)
    return {r for c in conditions for r in c.atoms(sympy.core.relational.Relational)}


def switches(pieced: Expr, symbol: Any) -> list[Any] | None:
    """What stands for the symbol case by case: places of a switch, and all points in between.

    A point between two places is written with a positive t, so that a comparison which SymPy
    decides there is decided for the whole interval. None where a comparison stays open.
    """
    roots: list[Any] = []
    while True:
        cases = _cases(roots)
        for place in cases:
            _, open_ = settled(pieced, symbol, place)
            if open_ is not None:
                break
        else:
            return cases
        edge = open_.lhs - open_.rhs
        if edge.has(Piecewise) or symbol not in edge.free_symbols:
            return None
        if symbol in edge.diff(symbol).free_symbols:
            return None
        solutions = sympy.solve(edge, symbol)
        if len(solutions) != 1:
            return None
        (root,) = solutions
        below = [sympy.Ge(root, r) == True for r in roots]  # noqa: E712
        above = [sympy.Le(root, r) == True for r in roots]  # noqa: E712
        if root in roots or not all(b or a for b, a in zip(below, above, strict=True)):
            return None
        roots.insert(below.count(True), root)


def _cases(roots: list[Any]) -> list[Any]:
    t = sympy.Symbol("t_", positive=True)
    if not roots:
        return [sympy.Symbol("t_", real=True)]
    between = [(low + high * t) / (1 + t) for low, high in itertools.pairwise(roots)]
    return [roots[0] - t, *roots, *between, roots[-1] + t]


def settled(pieced: Any, symbol: Any, place: Any) -> tuple[Any, Any]:
    """The branch that holds at a place, and None; or None, and a comparison that stays open."""
    while pieces := [p for p in pieced.atoms(Piecewise) if not _nested(p)]:
        chosen = {}
        for piece in sorted(pieces, key=str):
            for value, condition in piece.args:
                holds, open_ = _decided(condition, symbol, place)
                if open_ is not None:
                    return None, open_
                if holds:
                    chosen[piece] = value
                    break
        pieced = pieced.xreplace(chosen)
    return pieced, None


def _nested(piece: Any) -> bool:
    return any(a.has(Piecewise) for branch in piece.args for a in branch.args)


def _decided(condition: Any, symbol: Any, place: Any) -> tuple[bool, Any]:
    """Whether a condition holds at a place; and the comparison, if any, that leaves it open."""
    known = {}
    for relation in condition.atoms(sympy.core.relational.Relational):
        edge = sympy.factor(sympy.together((relation.lhs - relation.rhs).subs(symbol, place)))
        if relation.func(edge, 0) in (sympy.true, sympy.false):
            known[relation] = relation.func(edge, 0)
    condition = condition.xreplace(known)
    if condition in (sympy.true, sympy.false):
        return bool(condition), None
    return False, min(condition.atoms(sympy.core.relational.Relational), key=str)
