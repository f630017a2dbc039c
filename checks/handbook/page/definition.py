"""What a function is: its formula with constants, its inputs and parameters."""

from __future__ import annotations

from collections.abc import Iterator

import sympy

from ....spec import symbols
from ....spec.function import Function, Parameter, Variable
from ....spec.statements import constants, formula
from ....spec.typeset import number_text
from ..document import Block, Code, Display, Inline, Link, Math, Paragraph, Section, Table
from ..edition import Edition
from ..printed import inline
from .pieces import anchor, joined, section


def definition(function: Function, edition: Edition) -> tuple[Section, ...]:
    """The formula as its author wrote it, the constants in it, under what condition it holds."""
    said = formula(function, edition.notation)
    blocks: list[Block] = [Display(said.latex, said.text, anchor(function, "formula"))]
    for one in constants(function):
        blocks.append(Display(one.latex, one.text, anchor(function, "constant", one.label)))
    if function.requires != sympy.true:
        condition = inline(function.requires, edition, function)
        blocks.append(Paragraph(("There is a value where ", condition, ".")))
    if function.notes:
        blocks.append(Paragraph((function.notes,)))
    blocks.append(Paragraph(_names(function)))
    return section(function, "definition", "Definition", blocks)


def _names(function: Function) -> tuple[Inline, ...]:
    """What it is called here and otherwise."""
    found: list[Inline] = ["Named ", Code(function.name), " in this book"]
    if function.aliases:
        found += ["; also known as ", *joined((Code(a),) for a in function.aliases)]
    return (*found, ".")


# ---------------------------------------------------------------- inputs


def inputs(function: Function, edition: Edition) -> tuple[Section, ...]:
    """The variables and the parameters, each with its domain and what it stands for."""
    blocks: list[Block] = []
    rows = tuple(
        (
            (Code(v.name),),
            (_symbol(function, v, edition),),
            (_domain(function, v, edition),),
            tuple(_meaning(function, v)),
        )
        for v in function.variables
    )
    blocks.append(
        Table(("Variables",), (("name",), ("symbol",), ("domain",), ("meaning",)), rows, "lllp")
    )
    if function.parameters:
        chosen = tuple(
            (
                (Code(p.name),),
                (inline(p.at(symbols.i, symbols.j), edition, function),),
                (inline(p.domain, edition, function),),
                (Math(_number(p.default, edition), number_text(p.default)),),
                tuple(_choice(function, p)),
            )
            for p in function.parameters
        )
        head = (("name",), ("symbol",), ("domain",), ("default",), ("meaning",))
        blocks.append(Table(("Parameters",), head, chosen, "llllp"))
    return section(function, "inputs", "Inputs", blocks)


def _number(value: sympy.Expr, edition: Edition) -> str:
    plain = number_text(value)
    return inline(value, edition).latex if "/" in plain else plain


def _symbol(function: Function, v: Variable, edition: Edition) -> Math:
    return inline(v.at(symbols.i, symbols.j), edition, function)


def _domain(function: Function, v: Variable, edition: Edition) -> Math:
    if v.labels:
        return Math(r"\{1, \ldots, n - 1\}", "{1, ..., n - 1}")
    return inline(v.domain, edition, function)


def _meaning(function: Function, v: Variable) -> Iterator[Inline]:
    """What a variable is, from what the definition says of it."""
    yield _what(v)
    if v.simplex:
        yield "; the entries of a row sum to 1, and a class index stands for a row with a single 1"
    if v.one_hot:
        yield "; a row with a single 1, which is given as its class index"
    if v.masked:
        yield from ("; ", Math(r"-\infty", "-oo"), " marks a masked entry")
    if v.per_channel:
        yield "; one number, or one for each channel"
    if not v.differentiable:
        yield "; no gradient is taken in it"
    if function.ignored is not None and (v.simplex or v.one_hot):
        yield from ("; a sample with index ", Code(str(function.ignored)), " does not count")


def _what(v: Variable) -> str:
    if v.labels:
        return f"whole numbers, a row of length {v.shape[0]}: classes, without the blank 0"
    if not v.along_axis:
        return "a number for each element" if not v.per_channel else "a slope"
    if len(v.shape) == 2:
        return f"a matrix of {v.shape[0]} rows of {v.shape[1]} numbers"
    return f"a row of {v.shape[0]} numbers along an axis"


def _choice(function: Function, p: Parameter) -> Iterator[Inline]:
    """What a parameter may be, and where it stands in the formula."""
    if p.along_axis:
        yield "a number for each place along the axis"
    elif p.domain == sympy.FiniteSet(0, 1):
        yield "a switch"
    elif p.domain.is_subset(sympy.S.Integers):
        yield "a whole number"
    else:
        yield "a number"
    if p.differentiable:
        yield from ("; it has a ", Link(anchor(function, "gradient", p.name), "gradient"))
