"""The letters and names that the book's formulas are written in, each with what it means where.

They are read off the definitions: inputs, parameters, constants that are printed by name, lengths
and indices, and what the identities call their own. A letter that means several things has a row
for each.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import sympy
from sympy import Indexed, IndexedBase, Symbol

from ...spec import symbols
from ...spec.alignments import Alignments
from ...spec.catalogue import catalogue
from ...spec.function import Function, Variable
from ...spec.latex import latex_expression, text_expression
from ...spec.notation import STANDARD, Notation
from ...spec.statements import constants
from .document import Math

Used = tuple[Math, str]
Meant = tuple[Any, str]
PATH = "path through a sequence: the class of each frame"


@dataclass(frozen=True)
class Row:
    """A symbol, one of its meanings, and the functions in which it means this."""

    symbol: Math
    meaning: str
    functions: tuple[str, ...]


def rows(notation: Notation = STANDARD) -> tuple[Row, ...]:
    """Every symbol of the book with each of its meanings: letters, Greek letters, words."""
    found: dict[Used, list[str]] = {}
    for function in catalogue().values():
        for used in dict.fromkeys(_used(function, notation)):
            found.setdefault(used, []).append(function.name)
    listed = [Row(symbol, meaning, tuple(names)) for (symbol, meaning), names in found.items()]
    return tuple(sorted(listed, key=_order))


def _order(row: Row) -> tuple[int, str, int, str]:
    name = row.symbol.text
    kind = 0 if len(name.rstrip("0123456789")) == 1 else 1 if row.symbol.latex[0] == "\\" else 2
    kind = 2 if row.symbol.latex.startswith(r"\mathrm") else kind
    return kind, name.lower(), -len(row.functions), row.meaning


def _used(function: Function, notation: Notation) -> Iterator[Used]:
    for symbol, meaning in _meant(function):
        label = _label(symbol)
        printed = latex_expression(label, function, notation)
        yield Math(printed, text_expression(label)), meaning
    for one in constants(function):
        name, _, value = one.latex.partition(" = ")
        yield Math(name, one.label), f"constant {value.replace(chr(92) + 'ldots', '...')}"


def _meant(function: Function) -> Iterator[Meant]:
    for v in function.variables:
        yield v.symbol, f"{_said(v)}, {_kind(v)}"
        yield from _places(v)
    for p in function.parameters:
        yield p.symbol, f"parameter{', a row of n numbers' if p.along_axis else ''}"
    yield from _bound(function.expression)
    for equation in function.identities.values():
        yield from _bound(equation)
        yield from _own(function, equation)


def _said(v: Variable) -> str:
    """The input's name, where the symbol is another."""
    return "input" if v.name == text_expression(_label(v.symbol)) else f"input {v.name}"


def _kind(v: Variable) -> str:
    if not v.along_axis:
        return "a number"
    if v.labels:
        return f"a row of {v.shape[-1]} labels"
    if len(v.shape) == 2:
        return f"a matrix of {v.shape[0]} rows of {v.shape[1]} numbers"
    return f"a row of {v.shape[0]} numbers"


def _places(v: Variable) -> Iterator[Meant]:
    """The indices and lengths of an input and of its derivatives, as they are printed."""
    if not v.along_axis:
        return
    matrix = len(v.shape) == 2
    for index in (symbols.i, symbols.j) if matrix else (symbols.i,):
        yield index, symbols.INDICES[index]
    for length in v.shape:
        yield length, symbols.INDICES[length]
    if v.differentiable:
        for index in (symbols.k, symbols.m, *((symbols.h, symbols.g) if matrix else ())):
            yield index, symbols.INDICES[index]


def _bound(expression: Any) -> Iterator[Meant]:
    """The indices and lengths in an expression, and the path through a sequence."""
    for index in sorted(expression.atoms(Symbol) & set(symbols.INDICES), key=str):
        yield index, symbols.INDICES[index]
    if expression.has(Alignments):
        yield symbols.path, PATH


def _own(function: Function, equation: Any) -> Iterator[Meant]:
    """What an identity names beside the inputs of its function: it holds for any value of it."""
    inputs = {v.symbol for v in (*function.variables, *function.parameters)}
    inputs |= {_label(symbol) for symbol in inputs} | set(function.constants)
    rows_of = {entry.base for entry in equation.atoms(Indexed)}
    numbers = equation.free_symbols - rows_of - {row.label for row in rows_of}
    numbers = {s for s in numbers if not isinstance(s, Indexed)} - set(symbols.INDICES)
    for row in sorted(rows_of - inputs, key=str):
        yield row, "any row of n numbers, in an identity"
    for number in sorted(numbers - inputs, key=str):
        yield number, "any number, in an identity"


def _label(symbol: Any) -> Any:
    return symbol.label if isinstance(symbol, IndexedBase) else sympy.sympify(symbol)
