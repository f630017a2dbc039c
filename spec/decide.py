"""Is a statement true? Equations and inequalities between applied functions, decided exactly.

A statement without free symbols is a comparison of numbers. One with free symbols is meant for all
their values (as SymPy's assumptions allow), or for all values in an interval: `On`. Answers are
True, False, or None for "cannot tell"; nothing is concluded from sampling.

Rows are written out: `softmax(Tuple(3, 1, -3))` is a row of three, `entry(row, 0)` its first
number. `Limit` and `Subs` are carried out after the definitions have been put in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import sympy
from sympy import (
    Derivative,
    Eq,
    Expr,
    IndexedBase,
    Interval,
    Limit,
    Ne,
    S,
    Subs,
    Tuple,
    oo,
)
from sympy.core.function import AppliedUndef
from sympy.core.relational import Relational

from . import derive, expansion, identity, symbols
from .function import Function
from .signs import sign_of, signs
from .special import entry, plain


def same(left: Any, right: Any) -> Any:
    """An equation that SymPy leaves alone: built with `Eq`, one of numbers is evaluated at once."""
    return Eq(left, right, evaluate=False)


def less(left: Any, right: Any) -> Any:
    """Left < right, left alone. (SymPy 1.14 evaluates -log(1 + 10**-15) >= 0 to True.)"""
    return sympy.Lt(left, right, evaluate=False)


@dataclass(frozen=True)
class On:
    """A relation that is meant for all values of one real symbol in an interval."""

    relation: Any
    symbol: Any
    interval: Any


@dataclass(frozen=True)
class Fact:
    """A statement about a definition itself: how many parameters, which kinks."""

    holds: Callable[[], bool]
    about: tuple[str, ...] = ()


def decide(statement: Any) -> bool | None:
    """True, False, or None where SymPy finds no proof either way.

    Also None for what SymPy evaluated before it came here: that is its word, not a proof.
    """
    if isinstance(statement, Fact):
        return statement.holds()
    if isinstance(statement, On):
        return _decide_relation(statement.relation, statement.symbol, statement.interval)
    if not isinstance(statement, Relational):
        return None
    symbol = next(iter(sorted(_free(statement), key=str)), None)
    return _decide_relation(statement, symbol, Interval(-oo, oo))


def _free(statement: Any) -> set[Any]:
    return set(evaluated(statement.lhs - statement.rhs).free_symbols)


def _decide_relation(relation: Relational, symbol: Any, interval: Any) -> bool | None:
    left, right = evaluated(relation.lhs), evaluated(relation.rhs)
    free = (left - right).free_symbols
    if not free:
        return _compare(relation.func, left, right)
    if isinstance(relation, Eq):
        return _equal(left, right, symbol, interval)
    if isinstance(relation, Ne):
        return _differs(left, right, symbol, interval)
    difference = right - left if relation.rel_op in ("<", "<=") else left - right
    strict = relation.rel_op in ("<", ">")
    return _positive(difference, strict, symbol, interval)


# ---------------------------------------------------------------- definitions put in


def evaluated(expression: Any) -> Any:
    """The expression with definitions put in and derivatives, limits and substitutions done."""
    if isinstance(expression, Limit):
        inner, symbol, point, direction = expression.args
        return derive.limit(derive.in_pieces(evaluated(inner)), symbol, point, str(direction))
    if isinstance(expression, Subs):
        inner = evaluated(expression.expr)
        return inner.subs(dict(zip(expression.variables, expression.point, strict=True)))
    if isinstance(expression, Derivative):
        return sympy.diff(evaluated(expression.expr), *expression.variable_count)
    if isinstance(expression, Expr) and expression.has(Limit, Subs, Derivative):
        return expression.func(*(evaluated(a) for a in expression.args))
    return plain(derive.in_pieces(expansion.expand(_rows_written_out(expression))))


def _rows_written_out(expression: Any) -> Any:
    """Each function along an axis that is applied to written-out rows, replaced by its value."""
    whole = expression.replace(
        lambda e: isinstance(e, entry),
        lambda e: _row_value(e.args[0], e.args[1]),
    )
    return whole.replace(_is_row_application, lambda e: _row_value(e, None))


def _is_row_application(e: Any) -> bool:
    return isinstance(e, AppliedUndef) and any(isinstance(a, Tuple) for a in e.args)


def _row_value(application: Any, place: Any) -> Any:
    function = expansion.definition_of(application)
    rows = application.args[: len(function.variables)]
    given = application.args[len(function.variables) :]
    length = next(len(row) for row in rows if isinstance(row, Tuple))
    body = _body(function).subs(symbols.n, length)
    if place is not None:
        body = body.subs(symbols.i, place)
    values = {p.symbol: p.default for p in function.parameters}
    values |= dict(zip((p.symbol for p in function.parameters), given, strict=False))
    whole = {v.symbol: row for v, row in zip(function.variables, rows, strict=True)} | values
    return body.doit().xreplace(dict(_entries(whole, length)))


def _entries(whole: dict[Any, Any], length: int) -> Iterator[tuple[Any, Any]]:
    """What stands for each symbol: a row entry by entry, one number for all of a row's entries."""
    for symbol, value in whole.items():
        if isinstance(symbol, IndexedBase):
            numbers = value if isinstance(value, Tuple) else [value] * length
            yield from ((symbol[k], sympy.sympify(number)) for k, number in enumerate(numbers))
        else:
            yield symbol, sympy.sympify(value)


@cache
def _body(function: Function) -> Any:
    return plain(derive.in_pieces(function.expression.subs(function.constants)))


# ---------------------------------------------------------------- numbers


def _compare(relation: Any, left: Any, right: Any) -> bool | None:
    """Compare two numbers, infinities included, by an evaluation with a strict error bound."""
    if S.NaN in (left, right) or S.ComplexInfinity in (left, right):
        return None
    if left.is_infinite or right.is_infinite:
        answer = relation(left, right)
    else:
        answer = relation(sign_of(left - right), 0)
    return bool(answer) if answer in (sympy.true, sympy.false) else None


# ---------------------------------------------------------------- for all values


def _equal(left: Any, right: Any, symbol: Any, interval: Any) -> bool | None:
    if identity.prove_equation(same(left, right)).status == "proved":
        return True
    found = signs(left - right, symbol, interval)
    return None if found is None else found == {0}


def _differs(left: Any, right: Any, symbol: Any, interval: Any) -> bool | None:
    """Whether two expressions differ at every value."""
    if identity.prove_equation(same(left, right)).status == "proved":
        return False
    found = signs(left - right, symbol, interval)
    return None if found is None else 0 not in found


def _positive(difference: Any, strict: bool, symbol: Any, interval: Any) -> bool | None:
    if interval == Interval(-oo, oo):
        for form in (difference, sympy.factor(difference), sympy.simplify(difference)):
            if form.is_positive or (form.is_nonnegative and not strict):
                return True
            if form.is_negative or (form.is_nonpositive and strict):
                return False
    found = signs(difference, symbol, interval)
    return None if found is None else found <= ({1} if strict else {0, 1})
