"""Identities: equations between applied functions, expanded into definitions and proved.

The same equation is proved here, tried on a backend, and printed. A function along an axis is
applied to its entry with index `i`: `softmax(z[i] + c)` stands for the softmax of the vector with
entries z[0] + c, z[1] + c, ...; its value is again the entry with index i.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import sympy
from sympy import Derivative, Expr, Piecewise, Sum

from . import derive, symbols
from .catalogue import catalogue
from .function import Function, SpecError
from .special import plain


@dataclass(frozen=True)
class Proof:
    """Whether SymPy could prove an identity, and by what means.

    status is "proved" or "unproved"; unproved says nothing about truth.
    """

    status: str
    how: str


def applications(expression: Any) -> list[Any]:
    """The applied spec functions in an expression, inner ones first."""
    found = expression.atoms(sympy.core.function.AppliedUndef)
    return sorted(found, key=lambda a: (len(a.atoms(sympy.core.function.AppliedUndef)), str(a)))


def definition_of(application: Any, own: Mapping[str, Function] | None = None) -> Function:
    """The function that an application names.

    Raises `SpecError` for a name that is neither in the book nor among `own`.
    """
    name = application.func.__name__
    functions = {**catalogue(), **(own or {})}
    if name not in functions:
        raise SpecError(f"identities: unknown function {name!r} in {application}")
    return functions[name]


def expand(expression: Any, own: Mapping[str, Function] | None = None) -> Any:
    """The expression with definitions put in and derivatives carried out."""
    while True:
        found = applications(expression)
        if not found:
            break
        innermost = found[0]
        expression = _replace(expression, innermost, _unfolded(innermost, own))
    return derive.collapse(expression.doit(deep=True) if expression.has(Derivative) else expression)


def _replace(expression: Any, old: Any, new: Any) -> Any:
    """Replace also inside derivatives, which `subs` would leave alone."""
    if expression == old:
        return new
    if not getattr(expression, "args", ()):
        return expression
    args = [_replace(a, old, new) for a in expression.args]
    if isinstance(expression, Derivative):
        if args[0].atoms(sympy.core.function.AppliedUndef):
            return Derivative(args[0], *expression.variable_count, evaluate=False)
        return derive.collapse(sympy.diff(args[0], *(v for v, _ in expression.variable_count)))
    return expression.func(*args)


def _unfolded(application: Any, own: Mapping[str, Function] | None) -> Any:
    function = definition_of(application, own)
    values = dict(
        zip(
            (p.symbol for p in function.parameters),
            (p.default for p in function.parameters),
            strict=True,
        )
    )
    given = application.args
    variables, rest = given[: len(function.variables)], given[len(function.variables) :]
    values |= dict(zip((p.symbol for p in function.parameters), rest, strict=False))
    body = plain(derive.in_pieces(function.expression.subs(function.constants)))
    if not function.along_axis:
        stand_ins = {v.symbol: symbols.fresh(v.symbol) for v in function.variables}
        stand_ins |= {s: symbols.fresh(s) for s in values}
        body = body.subs(stand_ins, simultaneous=True)
        arguments = dict(zip(stand_ins.values(), (*variables, *values.values()), strict=True))
        return body.subs(arguments, simultaneous=True)
    return _unfold_rows(function, body, variables)


def _unfold_rows(function: Function, body: Any, variables: Any) -> Any:
    """Put the entries of the argument vectors in for z[0], z[1], ..."""
    entries = {}
    output = symbols.i
    for v, argument in zip(function.variables, variables, strict=True):
        indexed = argument.atoms(sympy.Indexed)
        own_index = next((e.indices[0] for e in indexed), symbols.i)
        entries[v.symbol.base if hasattr(v.symbol, "base") else v.symbol] = (argument, own_index)
        output = own_index

    def entry(e: Any) -> Any:
        argument, own_index = entries[e.base]
        return argument.xreplace({own_index: e.indices[0]})

    body = body.replace(lambda e: isinstance(e, sympy.Indexed) and e.base in entries, entry)
    return body.xreplace({symbols.i: output}) if function.row_output else body


@cache
def prove(function: Function) -> dict[str, Proof]:
    """Proofs of all identities of a function, by name."""
    own = {function.name: function}
    return {name: prove_equation(eq, own) for name, eq in function.identities.items()}


def prove_equation(equation: Any, own: Mapping[str, Function] | None = None) -> Proof:
    """Try to prove one equation: by expansion, by cases between breakpoints, by rewriting."""
    if equation == sympy.true:
        return Proof("proved", "identical as written")
    difference = plain(expand(equation.lhs - equation.rhs, own))
    if difference == 0:
        return Proof("proved", "definitions expanded")
    if difference.has(Sum):
        return _prove_sums(difference)
    if difference.has(Piecewise) or difference.has(sympy.Max, sympy.Min, sympy.Abs):
        return _prove_by_cases(difference)
    return _prove_smooth(difference)


def _prove_smooth(difference: Expr) -> Proof:
    attempts: tuple[tuple[str, Callable[[Any], Any]], ...] = (
        ("simplify", lambda e: sympy.simplify(e)),
        ("rewrite(exp), simplify", lambda e: sympy.simplify(e.rewrite(sympy.exp))),
        ("expand logarithms", lambda e: sympy.simplify(sympy.expand_log(e, force=True))),
        ("logarithms combined", _combined),
    )
    for how, attempt in attempts:
        try:
            if attempt(difference) == 0:
                return Proof("proved", how)
        except (NotImplementedError, ValueError, TypeError, RecursionError):
            continue
    return Proof("unproved", "SymPy found no simplification to zero")


def _combined(difference: Expr) -> Any:
    """exp of a sum of real logarithms is 1 where the sum is 0."""
    return sympy.simplify(sympy.exp(sympy.logcombine(difference, force=True))) - 1


def _prove_sums(difference: Expr) -> Proof:
    """Sums that remain are taken as unknowns: equal sums cancel."""
    folded = difference.replace(
        lambda e: isinstance(e, Sum), lambda s: derive.collapse(_factored(s))
    )
    names = {s: sympy.Dummy(positive=True) for s in folded.atoms(Sum)}
    by_body = {_canonical(s): names[s] for s in names}
    proof = _prove_smooth(folded.xreplace({s: by_body[_canonical(s)] for s in names}))
    return Proof(
        proof.status, f"sums as unknowns, {proof.how}" if proof.status == "proved" else proof.how
    )


def _factored(s: Any) -> Any:
    """A sum with the factors that do not depend on its index taken out."""
    index = s.limits[0][0]
    body = sympy.expand_mul(sympy.expand(sympy.powsimp(s.function), power_exp=True))
    total = sympy.S.Zero
    for term in sympy.Add.make_args(body):
        outside, inside = sympy.expand(term, power_exp=True).as_independent(index, as_Add=False)
        total += outside * Sum(inside, *s.limits)
    return total


def _canonical(s: Any) -> Any:
    """A sum with its index renamed, so that equal sums are the same expression."""
    return s.xreplace({s.limits[0][0]: symbols.j})


def _prove_by_cases(difference: Expr) -> Proof:
    """Prove each piece by itself: between the breakpoints, with the sign of the symbol assumed."""
    pieced = derive.in_pieces(difference)
    breakpoint_ = _breakpoint(pieced)
    if breakpoint_ is None:
        return Proof("unproved", "the branches switch in more than one place")
    symbol, expression = breakpoint_
    for sign in ("positive", "negative", "zero"):
        offset = sympy.S.Zero if sign == "zero" else sympy.Symbol("s_", real=True, **{sign: True})
        (place,) = sympy.solve(expression - offset, symbol)
        case = derive.in_pieces(sympy.piecewise_fold(pieced.subs(symbol, place))).doit()
        if sympy.simplify(case) != 0:
            return Proof("unproved", f"the case {expression} {sign} did not simplify")
    return Proof("proved", f"cases {expression} > 0, {expression} < 0, {expression} = 0")


def _breakpoint(pieced: Expr) -> tuple[Any, Any] | None:
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
