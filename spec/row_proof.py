"""Sums and largest entries along an axis as unknowns, so that an equation is one of numbers.

Every step is an equality: a sum is linear, what does not depend on its index leaves it, a choice
between branches is a sum of branches times 1 or 0. Equal sums become equal unknowns; that
different ones may be related is not used.
"""

from __future__ import annotations

from typing import Any

import sympy
from sympy import Expr, Piecewise, S, Sum
from sympy.core.relational import GreaterThan, LessThan, StrictGreaterThan, StrictLessThan

from . import derive, symbols
from .special import Largest, attains, is_positive, positive_part


def without_sums(expression: Expr) -> Expr:
    """The expression with every sum and every largest entry that remains as an unknown."""
    expression = _added(_shifted(expression))
    expression = expression.replace(lambda e: isinstance(e, Largest), _largest)
    closed = {e for e in expression.atoms(Largest) if not _open(e)}
    expression = expression.xreplace({e: _unknown(_canonical(e)) for e in closed})
    expression = expression.replace(lambda e: isinstance(e, Sum), lambda s: _linear(s))
    expression = derive.collapse(expression)
    named = expression.xreplace({s: _unknown(_canonical(s)) for s in expression.atoms(Sum)})
    return sympy.expand(named) if not named.has(sympy.log, sympy.exp) else named


def _open(e: Any) -> bool:
    """Whether an index of an enclosing sum occurs in it."""
    return bool(e.free_symbols & {symbols.i, symbols.j, symbols.r, symbols.k, symbols.m})


def _unknown(e: Any) -> Any:
    """A symbol for an expression: the same for the same one, with the sign that is known."""
    terms = e.function
    if isinstance(e, Sum) and (terms.is_positive or terms.is_nonnegative):
        signs = {"positive": True} if terms.is_positive else {"nonnegative": True}
        return sympy.Symbol(f"unknown[{sympy.srepr(e)}]", real=True, **signs)
    return sympy.Symbol(f"unknown[{sympy.srepr(e)}]", real=True)


def _canonical(e: Any, depth: int = 0) -> Any:
    """With every bound index named by how deep it is bound, so that equal ones are equal."""
    if not getattr(e, "args", ()):
        return e
    if not isinstance(e, Sum | Largest):
        return e.func(*(_canonical(a, depth) for a in e.args))
    body: Any = e.function
    limits: list[Any] = []
    for index, low, high in reversed(e.limits):
        name = sympy.Symbol(f"index{depth}", integer=True, nonnegative=True)
        body, depth = body.subs(index, name), depth + 1
        limits.insert(0, (name, low, high))
    return e.func(_canonical(body, depth), *limits)


# ---------------------------------------------------------------- branches


def _added(e: Any) -> Any:
    """Branches as a sum: Piecewise((a, x > 0), (b, True)) is a [x > 0] + b (1 - [x > 0])."""
    if not getattr(e, "args", ()) or isinstance(e, sympy.Indexed):
        return e
    if not isinstance(e, Piecewise):
        args = [_added(a) for a in e.args]
        if isinstance(e, positive_part):
            return args[0] * is_positive(args[0])
        return e.func(*args)
    total, rest = S.Zero, S.One
    for value, condition in e.args:
        holds = S.One if condition == True else _indicator(condition)  # noqa: E712
        if holds is None:
            return e
        total += rest * holds * _added(value)
        rest *= 1 - holds
    return total


def _indicator(condition: Any) -> Any:
    """1 where a strict or lax comparison holds, else 0; None for other conditions."""
    if not isinstance(condition, StrictGreaterThan | GreaterThan | StrictLessThan | LessThan):
        return None
    gap = sympy.expand(_added(condition.gts - condition.lts))
    if isinstance(condition, StrictGreaterThan | StrictLessThan):
        return is_positive(gap)
    return 1 - is_positive(-gap)


# ---------------------------------------------------------------- sums and largest entries


def _linear(s: Any) -> Any:
    """A sum, term by term, with the factors that do not depend on its index taken out."""
    total = s.function
    for limits in s.limits:  # SymPy writes a sum of sums as one with two indices
        total = _summed(total, limits)
    return total


def _summed(function: Expr, limits: Any) -> Expr:
    body = sympy.expand_mul(sympy.expand(sympy.powsimp(function), power_exp=True))
    total = S.Zero
    for term in sympy.Add.make_args(body):
        parts = sympy.expand(term, power_exp=True).as_independent(limits[0], as_Add=False)
        total += parts[0] * _one_sum(parts[1], limits)
    return total


def _one_sum(inside: Any, limits: Any) -> Any:
    _, low, high = limits
    return high - low + 1 if inside == 1 else Sum(inside, limits)


def _largest(e: Any) -> Any:
    """The largest of terms with a common addend or positive number taken out."""
    index = e.limits[0][0]
    common, terms = e.function.as_independent(index, as_Add=True)
    factor, rest = terms.as_coeff_Mul()
    if factor.is_positive:
        return common + factor * Largest(rest, *e.limits)
    return common + Largest(terms, *e.limits)


def _shifted(e: Any) -> Any:
    """[term = largest] as a property of their difference, which a common addend leaves alone."""
    e = e.replace(lambda a: isinstance(a, Largest), _largest)
    return e.replace(
        lambda a: isinstance(a, attains), lambda a: attains(sympy.expand(a.args[0] - a.args[1]), 0)
    )
