"""The facts of a function of the book or of a user, certified or proved, kept on disk."""

from __future__ import annotations

import dataclasses
import itertools
import json
from collections.abc import Iterator, Mapping
from fractions import Fraction
from functools import cache
from typing import Any

import sympy
from sympy import Expr, FiniteSet, Interval, Rational

from ...spec import derive, symbols
from ...spec.function import Function, Variable
from ...spec.identity import prove_equation
from .. import arb
from .. import cache as disk
from ..oracle import parameters
from . import fact
from .fact import Case, Fact, undecided
from .line import Line
from .piece import BITS
from .study import TOPICS, study

VERSION = 1  # of the facts and of their layout on disk: raise it when either changes
TYPES = {
    t.__name__: t
    for t in vars(fact).values()
    if isinstance(t, type) and dataclasses.is_dataclass(t) and t.__module__ == fact.__name__
}


def facts(
    function: Function, given: Mapping[str, Any] | None = None, *, cached: bool = True
) -> tuple[Case, ...]:
    """The facts of a function, by topic, at the given parameters (defaults where left out).

    An elementwise function of one variable has one case. One of several variables is taken in the
    first: as a function of d where only d = prediction - target counts, else at samples of the
    others, one case for each. Along an axis there is one case, and rows are not enclosed.
    Raises `ValueError` for a parameter that is unknown or outside its domain.
    """
    setting = tuple(sorted(parameters(function, given).items()))
    return _facts(function, setting) if cached else tuple(_computed(function, setting))


@cache
def _facts(function: Function, setting: tuple[tuple[str, Fraction], ...]) -> tuple[Case, ...]:
    name = _key(function, setting)
    payload = disk.read(name)
    if payload is not None:
        try:
            return _read(payload)
        except (ValueError, KeyError, TypeError):
            disk.forget(name)
    found = tuple(_computed(function, setting))
    disk.write(name, json.dumps(_encoded(found)).encode())
    return found


def _read(payload: bytes) -> tuple[Case, ...]:
    found = _decoded(json.loads(payload))
    if not isinstance(found, tuple) or not all(isinstance(case, Case) for case in found):
        raise TypeError("not what was asked for")
    return found


def _key(function: Function, setting: Any) -> str:
    inputs = [(sympy.srepr(v.symbol), sympy.srepr(v.domain)) for v in function.variables]
    identities = [sympy.srepr(e) for e in function.identities.values() if function.along_axis]
    content = sympy.srepr(derive.value(function))
    return disk.key("facts", VERSION, content, inputs, setting, identities)


def _computed(function: Function, setting: tuple[tuple[str, Fraction], ...]) -> Iterator[Case]:
    if function.along_axis:
        yield Case("", _of_rows(function))
        return
    by_symbol = {p.symbol: _rational(dict(setting)[p.name]) for p in function.parameters}
    expression = derive.value(function).subs(by_symbol)
    saved = arb.context.prec
    try:
        arb.context.prec = BITS
        for label, own, symbol in _cases(function, expression):
            yield Case(label, _of_one(own, symbol, function.variables[0].domain))
    finally:
        arb.context.prec = saved


def _rational(value: Fraction) -> Any:
    return Rational(value.numerator, value.denominator)


def _of_one(expression: Expr, symbol: Any, domain: Any) -> dict[str, Fact]:
    if not isinstance(domain, Interval) and domain != sympy.Reals:
        return dict.fromkeys(TOPICS, undecided(f"the domain {domain} is no interval"))
    return study(Line(symbol, expression, domain))


def _of_rows(function: Function) -> dict[str, Fact]:
    """Along an axis: that the entries of a row sum to a number, where SymPy proves it."""
    found = {
        name: Fact("proved", str(equation.rhs), f"SymPy: {proof.how}", f"{equation.rhs}")
        for name, equation in function.identities.items()
        if isinstance(equation, sympy.Eq) and equation.lhs.has(sympy.Sum) and equation.rhs.is_number
        for proof in [prove_equation(equation, {function.name: function})]
        if proof.status == "proved"
    }
    return {**found, **dict.fromkeys(TOPICS, undecided("rows are not enclosed"))}


# ---------------------------------------------------------------- several variables


def _cases(function: Function, expression: Expr) -> Iterator[tuple[str, Expr, Any]]:
    """Label, expression and symbol of each function of one variable to be studied."""
    first, *others = function.variables
    if not others:
        yield "", expression, first.symbol
        return
    if len(others) == 1 and _of_difference(expression, first, others[0]):
        t = others[0].symbol
        d = sympy.Symbol("d", real=True)
        yield f"d = {first.symbol} - {t}", expression.subs({t: 0, first.symbol: d}), d
        return
    columns = [_samples(v.domain) for v in others]
    if not all(columns):
        return
    count = max(map(len, columns))
    rows = [list(itertools.islice(itertools.cycle(c), count)) for c in columns]
    for values in zip(*rows, strict=True):
        fixed = dict(zip((v.symbol for v in others), values, strict=True))
        label = ", ".join(f"{s} = {v}" for s, v in fixed.items())
        yield label, expression.subs(fixed), first.symbol


def _of_difference(expression: Expr, a: Variable, b: Variable) -> bool:
    """Whether adding the same number to both variables changes nothing, as written."""
    if a.domain != sympy.Reals or b.domain != sympy.Reals:
        return False
    shift = symbols.fresh(a.symbol)
    moved = {a.symbol: a.symbol + shift, b.symbol: b.symbol + shift}
    return bool(expression.subs(moved, simultaneous=True) == expression)


def _samples(domain: Any) -> list[Expr]:
    """Up to three values of a variable that is held fixed: the ends, and one between them."""
    if isinstance(domain, FiniteSet):
        return sorted(domain)[:3]
    low = domain.inf if domain.inf.is_finite else Rational(-3, 2)
    high = domain.sup if domain.sup.is_finite else sympy.Integer(2)
    return [v for v in (low, Rational(3, 10), high) if v in domain]


# ---------------------------------------------------------------- on disk


def _encoded(value: Any) -> Any:
    if dataclasses.is_dataclass(value):
        named = {f.name: _encoded(getattr(value, f.name)) for f in dataclasses.fields(value)}
        return {"is": type(value).__name__, **named}
    if isinstance(value, Fraction):
        return {"is": "Fraction", "of": str(value)}
    if isinstance(value, Mapping):
        return {"is": "Mapping", "of": [[k, _encoded(v)] for k, v in value.items()]}
    if isinstance(value, tuple):
        return [_encoded(v) for v in value]
    return value


def _decoded(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(_decoded(v) for v in value)
    if not isinstance(value, dict):
        return value
    kind = value["is"]
    if kind == "Fraction":
        return Fraction(value["of"])
    if kind == "Mapping":
        return {k: _decoded(v) for k, v in value["of"]}
    return TYPES[kind](**{k: _decoded(v) for k, v in value.items() if k != "is"})
