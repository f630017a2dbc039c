"""Identities: equations between applied functions, proved.

The same equation is proved here, tried on a backend, and printed; how functions are applied in it
is told in `expansion`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import sympy
from sympy import Expr, Piecewise, Sum

from . import derive
from .branches import breakpoint_of, choices, relations_in, settled, switches
from .expansion import expand
from .function import Function
from .row_proof import without_sums
from .special import Largest, plain


@dataclass(frozen=True)
class Proof:
    """Whether SymPy could prove an identity, and by what means.

    status is "proved" or "unproved"; unproved says nothing about truth. What is proved holds
    wherever both sides have a finite real value; where they are 0 log 0, it is a convention.
    """

    status: str
    how: str


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
    breakpoint_ = breakpoint_of(pieced)
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
    for case in choices(derive.in_pieces(difference)):
        count += 1
        if count > _MOST_CHOICES or _prove_smooth(case).status != "proved":
            return before
    return Proof("proved", f"{count} choices of branches")


_MOST_CHOICES = 64


def _prove_between(pieced: Expr) -> Proof:
    """Prove on every interval between the places where branches switch, and at these places."""
    relations = relations_in(pieced)
    symbols_ = set().union(*(r.free_symbols for r in relations))
    for symbol in sorted(symbols_, key=lambda s: (s.is_nonnegative is not None, str(s))):
        places = switches(pieced, symbol)
        if places is None:
            continue
        for place in places:
            case, _ = settled(pieced, symbol, place)
            if case is None or sympy.simplify(case.subs(symbol, place)) != 0:
                return Proof("unproved", f"the case {symbol} = {place} did not simplify")
        return Proof("proved", f"{len(places)} cases of {symbol}")
    return Proof("unproved", "the branches switch in more than one place")
