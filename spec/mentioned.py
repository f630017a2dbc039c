"""What is normalised along a row, by the name that the book has for it.

exp(z[k])/Sum(exp(z[j])) is softmax(z)[k] where a function is softmax, or its identities, each of
them proved, speak of softmax.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import sympy
from sympy import Mul
from sympy.core.function import AppliedUndef

from . import expansion, symbols
from .function import Function, applied
from .terms import term

PLACES = (symbols.i, symbols.k, symbols.m)


def mentioned(expression: Any, function: Function) -> Any:
    """The expression with rows by name; `expansion.expand` puts back what they are."""
    names = _names(function)
    return expression.replace(lambda e: isinstance(e, Mul), lambda e: _named(e, names))


@cache
def _names(function: Function) -> dict[Any, Any]:
    """The quotients that have a name, and the name, at each place of the row."""
    found: dict[Any, Any] = {}
    if not function.along_axis:
        return found
    inputs = {v.symbol for v in function.variables if v.along_axis}
    for application in _applications(function):
        entries = application.atoms(sympy.Indexed)
        definition = expansion.definition_of(application, {function.name: function})
        quotient = isinstance(definition.expression, Mul) and definition.expression.has(sympy.Sum)
        if len(entries) == 1 and definition.row_output and quotient:
            (entry,) = entries
            for place in PLACES if entry.base in inputs else ():
                name = application.xreplace({entry: entry.base[place]})
                found[expansion.expand(name, {function.name: function})] = name
    return found


def _applications(function: Function) -> Iterator[Any]:
    """The function itself, and what its identities speak of."""
    yield applied(function.name)(*(v.at(symbols.i, symbols.h) for v in function.variables))
    for equation in function.identities.values():
        yield from sorted(equation.atoms(AppliedUndef), key=str)


def _named(product: Any, names: dict[Any, Any]) -> Any:
    for body, name in names.items():
        parts = term(body).powers
        powers = term(product).powers
        while all(powers.get(base, 0) / e >= 1 for base, e in parts.items()):
            product = product / body * name
            powers = term(product).powers
    return product
