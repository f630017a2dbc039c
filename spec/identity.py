"""Identities: equations between applied functions, expanded into definitions and proved.

The same equation is proved here, tried on a backend, and printed. A function along an axis is
applied to its entry with index `i`: `softmax(z[i] + c)` stands for the softmax of the vector with
entries z[0] + c, z[1] + c, ...; its value is again the entry with index i. A row may also be
written out, `logsumexp(Tuple(x, 0))`; `entry(softmax(Tuple(x, 0)), 0)` is an entry of such a row.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import sympy
from sympy import Derivative, Expr, Piecewise, Sum

from . import derive, symbols
from .catalogue import find
from .function import Function, SpecError
from .row_proof import without_sums
from .special import Largest, attains, is_positive, plain, positive_part


@dataclass(frozen=True)
class Proof:
    """Whether SymPy could prove an identity, and by what means.

    status is "proved" or "unproved"; unproved says nothing about truth. What is proved holds
    wherever both sides have a finite real value; where they are 0 log 0, it is a convention.
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
    if own and name in own:
        return own[name]
    try:
        return find(name)
    except LookupError:
        raise SpecError(f"identities: unknown function {name!r} in {application}") from None


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
        return derive.collapse(sympy.diff(args[0], *expression.variable_count))
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
    if any(isinstance(argument, sympy.Tuple) for argument in variables):
        return _written_out(function, values, variables)
    if not function.along_axis:
        stand_ins = {v.symbol: symbols.fresh(v.symbol) for v in function.variables}
        stand_ins |= {s: symbols.fresh(s) for s in values}
        body = body.subs(stand_ins, simultaneous=True)
        arguments = dict(zip(stand_ins.values(), (*variables, *values.values()), strict=True))
        return body.subs(arguments, simultaneous=True)
    return _unfold_rows(function, _with_parameters(function, body, values), variables)


def _with_parameters(function: Function, body: Any, values: dict[Any, Any]) -> Any:
    """Put the parameters of a function along an axis in; a row of them is one number repeated."""
    numbers = {s: v for s, v in values.items() if not hasattr(s, "label")}
    rows = {s: v for s, v in values.items() if hasattr(s, "label")}
    body = body.replace(
        lambda e: isinstance(e, sympy.Indexed) and e.base in rows, lambda e: rows[e.base]
    )
    return body.subs(numbers, simultaneous=True)


def _unfold_rows(function: Function, body: Any, variables: Any) -> Any:
    """Put the entries of the argument vectors in for z[0], z[1], ..."""
    entries: dict[Any, Any] = {}
    numbers = {}
    output = symbols.i
    for v, argument in zip(function.variables, variables, strict=True):
        if not v.along_axis:
            numbers[v.symbol] = argument
            continue
        own_index = _index_of(argument)
        entries[v.symbol] = (argument, own_index)
        output = own_index

    def entry(e: Any) -> Any:
        argument, own_index = entries[e.base]
        return argument.xreplace({own_index: e.indices[0]})

    body = body.replace(lambda e: isinstance(e, sympy.Indexed) and e.base in entries, entry)
    body = body.subs(numbers, simultaneous=True)
    return body.xreplace({symbols.i: output}) if function.row_output else body


def _index_of(argument: Any) -> Any:
    """The index that counts the entries of a row; not one that a sum in the argument binds."""
    used = {e.indices[0] for e in argument.atoms(sympy.Indexed)}
    return next((index for index in sorted(used, key=str) if argument.has_free(index)), symbols.i)


def _written_out(function: Function, values: Mapping[Any, Any], variables: Any) -> Any:
    """A function along an axis at rows of a length that is known: sums term by term."""
    rows = [r for v, r in zip(function.variables, variables, strict=True) if v.along_axis]
    if len({len(r) if isinstance(r, sympy.Tuple) else None for r in rows}) != 1:
        raise SpecError(f"identities: {function.name} takes rows of one length, all written out")
    body = function.expression.subs(function.constants)
    body = _with_parameters(function, body, dict(values)).subs(symbols.n, len(rows[0]))
    bases = {v.symbol: r for v, r in zip(function.variables, variables, strict=True)}

    def number(e: Any) -> Any:
        return bases[e.base][int(e.indices[0])]

    def at(place: int) -> Any:
        terms = term_by_term(body.subs(symbols.i, place))
        terms = terms.replace(lambda e: isinstance(e, sympy.Indexed) and e.base in bases, number)
        terms = terms.xreplace({v: r for v, r in bases.items() if not hasattr(v, "label")})
        return plain(_all_in_pieces(terms))

    if not function.row_output:
        return at(0)
    return sympy.Tuple(*(at(place) for place in range(function.entries(len(rows[0])))))


def _all_in_pieces(expression: Any) -> Any:
    """As `derive.in_pieces`, the comparisons included."""
    relations = expression.atoms(sympy.core.relational.Relational)
    pieced = {r: r.func(derive.in_pieces(r.lhs), derive.in_pieces(r.rhs)) for r in relations}
    return derive.in_pieces(expression.xreplace(pieced))


def term_by_term(expression: Any) -> Any:
    """Sums and largest terms over a range of numbers carried out, the inner ones first.

    SymPy's own `doit` takes a Piecewise out of a sum where it may not.
    """
    if not getattr(expression, "args", ()) or isinstance(expression, sympy.Indexed):
        return expression
    if not isinstance(expression, Sum | Largest):
        found = expression.func(*map(term_by_term, expression.args))
        return found.doit(deep=False) if isinstance(found, _SPELLED) else found
    join = sympy.Add if isinstance(expression, Sum) else sympy.Max
    found = term_by_term(expression.function)
    for index, low, high in expression.limits:
        places = map(sympy.Integer, range(int(low), int(high) + 1))
        found = join(*(found.xreplace({index: place}) for place in places))
    return found


_SPELLED = (attains, is_positive, positive_part)


@cache
def prove(function: Function) -> dict[str, Proof]:
    """Proofs of all identities of a function, by name."""
    own = {function.name: function}
    return {name: prove_equation(eq, own) for name, eq in function.identities.items()}


def prove_equation(equation: Any, own: Mapping[str, Function] | None = None) -> Proof:
    """Try to prove one equation: by expansion, by cases between breakpoints, by rewriting."""
    if equation == sympy.true:
        return Proof("proved", "identical as written")
    if equation == sympy.false:
        return Proof("unproved", "false as written")
    difference = _within_domains(plain(expand(equation.lhs - equation.rhs, own)), own)
    try:
        return _prove_zero(difference)
    except (ArithmeticError, NotImplementedError, RecursionError, TypeError, ValueError) as error:
        return Proof("unproved", f"SymPy raised {type(error).__name__}: {error}")


def _prove_zero(difference: Expr) -> Proof:
    if difference == 0:
        return Proof("proved", "definitions expanded")
    if difference.has(Sum, Largest):
        return _prove_sums(difference)
    entries = difference.atoms(sympy.Indexed)
    difference = difference.xreplace({e: sympy.Symbol(str(e), real=True) for e in entries})
    if difference.has(Piecewise) or difference.has(sympy.Max, sympy.Min, sympy.Abs):
        proof = _prove_by_cases(difference)
        return proof if proof.status == "proved" else _prove_every_branch(difference, proof)
    return _prove_smooth(difference)


def _within_domains(difference: Expr, own: Mapping[str, Function] | None) -> Expr:
    """The variables' domains as assumptions: a probability is no negative number."""
    known = {}
    for function in (own or {}).values():
        for v in function.variables:
            if v.along_axis or v.domain == sympy.Reals:
                continue
            signs = {
                "nonnegative": v.domain.inf >= 0,
                "nonzero": 0 not in v.domain,
            }
            signs = {name: True for name, holds in signs.items() if holds == True}  # noqa: E712
            known[v.symbol] = sympy.Symbol(v.symbol.name, real=True, **signs)
    return difference.subs(known, simultaneous=True)


def _prove_smooth(difference: Expr) -> Proof:
    """Rewrite to zero. Forced logarithms are right where every argument is positive.

    That is where the sides are real: log(a b) is then log|a| + log|b|, and nothing else is used.
    """
    attempts: tuple[tuple[str, Callable[[Any], Any]], ...] = (
        ("a rational function of exponentials", _in_exponentials),
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


def _in_exponentials(difference: Expr) -> Any:
    """The numerator, expanded, with exponentials as unknowns: exp(2x + 1) is exp(x)**2 exp(1).

    What is zero in the unknowns is zero; that they depend on each other is not used.
    """
    e = difference.rewrite(sympy.exp)
    exponents = {a: sympy.Add.make_args(sympy.expand(a.args[0])) for a in e.atoms(sympy.exp)}
    several = [term.as_coeff_Mul() for terms in exponents.values() for term in terms]
    kernels = {rest: sympy.Dummy(positive=True) for _, rest in several}
    roots = {rest: sympy.ilcm(1, *(c.q for c, r in several if r == rest)) for rest in kernels}

    def product(terms: Any) -> Any:
        pairs = (term.as_coeff_Mul() for term in terms)
        return sympy.Mul(*(kernels[rest] ** (c * roots[rest]) for c, rest in pairs))

    rational = e.xreplace({a: product(terms) for a, terms in exponents.items()})
    numerator, _ = sympy.fraction(sympy.together(rational))
    return sympy.expand(numerator)


def _combined(difference: Expr) -> Any:
    """exp of a sum of real logarithms is 1 where the sum is 0."""
    return sympy.simplify(sympy.exp(sympy.logcombine(difference, force=True))) - 1


def _prove_sums(difference: Expr) -> Proof:
    """Sums that remain are taken as unknowns: equal sums cancel."""
    unknown = without_sums(difference)
    if unknown == 0:
        return Proof("proved", "sums as unknowns")
    proof = _prove_smooth(unknown)
    return Proof(
        proof.status, f"sums as unknowns, {proof.how}" if proof.status == "proved" else proof.how
    )


def _prove_by_cases(difference: Expr) -> Proof:
    """Prove each piece by itself: between the breakpoints, with the sign of the symbol assumed."""
    pieced = derive.in_pieces(difference)
    breakpoint_ = _breakpoint(pieced)
    if breakpoint_ is None:
        return _prove_between(pieced)
    symbol, expression = breakpoint_
    for sign in ("positive", "negative", "zero"):
        offset = sympy.S.Zero if sign == "zero" else sympy.Symbol("s_", real=True, **{sign: True})
        places = sympy.solve(expression - offset, symbol)
        if len(places) != 1:
            return Proof("unproved", f"the case {expression} {sign} has no single place")
        (place,) = places
        case = derive.in_pieces(sympy.piecewise_fold(pieced.subs(symbol, place))).doit()
        if sympy.simplify(case) != 0:
            return Proof("unproved", f"the case {expression} {sign} did not simplify")
    return Proof("proved", f"cases {expression} > 0, {expression} < 0, {expression} = 0")


def _prove_every_branch(difference: Expr, before: Proof) -> Proof:
    """Prove every choice of branches, each edge between them being positive, negative or zero.

    Choices that contradict each other are proved too where nothing known rules them out.
    """
    count = 0
    for case in _choices(derive.in_pieces(difference)):
        count += 1
        if count > _MOST_CHOICES or _prove_smooth(case).status != "proved":
            return before
    return Proof("proved", f"{count} choices of branches")


_MOST_CHOICES = 64


def _choices(expression: Expr) -> Iterator[Expr]:
    pieces = expression.atoms(Piecewise)
    innermost = [p for p in pieces if not any(a.has(Piecewise) for a in p.args)]
    if not innermost:
        yield expression
        return
    piece = min(innermost, key=str)
    relations = piece.atoms(sympy.core.relational.Relational)
    if not relations:
        yield from _choices(expression.doit())
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
        yield from _choices(_at_zero(chosen, edge) if sign == 0 else chosen)


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


def _prove_between(pieced: Expr) -> Proof:
    """Prove on every interval between the places where branches switch, and at these places."""
    relations = _relations(pieced)
    symbols_ = set().union(*(r.free_symbols for r in relations))
    for symbol in sorted(symbols_, key=lambda s: (s.is_nonnegative is not None, str(s))):
        places = _switches(pieced, symbol)
        if places is None:
            continue
        for place in places:
            case, _ = _settled(pieced, symbol, place)
            if case is None or sympy.simplify(case.subs(symbol, place)) != 0:
                return Proof("unproved", f"the case {symbol} = {place} did not simplify")
        return Proof("proved", f"{len(places)} cases of {symbol}")
    return Proof("unproved", "the branches switch in more than one place")


def _relations(pieced: Any) -> set[Any]:
    conditions = (c for p in pieced.atoms(Piecewise) for _, c in p.args)
    return {r for c in conditions for r in c.atoms(sympy.core.relational.Relational)}


def _switches(pieced: Expr, symbol: Any) -> list[Any] | None:
    """What stands for the symbol case by case: places of a switch, and all points in between.

    A point between two places is written with a positive t, so that a comparison which SymPy
    decides there is decided for the whole interval. None where a comparison stays open.
    """
    roots: list[Any] = []
    while True:
        cases = _cases(roots)
        for place in cases:
            _, open_ = _settled(pieced, symbol, place)
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


def _settled(pieced: Any, symbol: Any, place: Any) -> tuple[Any, Any]:
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
