"""The source of a function of the book: its value and derivatives as one text, kept on disk."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import sympy

from ..spec import alignments, derive, special
from ..spec.function import Function, Parameter, Variable
from . import cache as disk
from .render import identifier, render
from .tight import tight


def in_steps(expressions: Sequence[Any], ignore: Sequence[Any]) -> tuple[list[Any], list[Any]]:
    """What several places share, named and computed once; and what remains of each expression."""
    names = sympy.numbered_symbols("w", sympy.Dummy, real=True)
    replacements, reduced = sympy.cse(list(expressions), symbols=names, ignore=ignore, list=True)
    return replacements, reduced


def assignments(replacements: Sequence[Any], indent: str) -> list[str]:
    """A line of source for each name and its expression."""
    return [f"{indent}{identifier(name)} = {render(value)}" for name, value in replacements]


def arguments(function: Function) -> list[str]:
    """What the source of a function takes: variables, then parameters."""
    inputs = (*function.variables, *function.parameters)
    return [identifier(v.symbol.label if v.along_axis else v.symbol) for v in inputs]


def kept(make: Callable[..., str]) -> Callable[..., str]:
    """The source that is made, kept on disk beside the truths: SymPy takes seconds over some.

    It is known by the content of the definition, by what else is asked, and by the text of the
    rules that make it.
    """

    @cache
    def source(function: Function, *asked: Any) -> str:
        name = disk.key("source", make.__name__, *asked, rules(), *_content(function))
        known = disk.read(name)
        if known is not None:
            return known.decode()
        text = make(function, *asked)
        disk.write(name, text.encode())
        return text

    source.__doc__ = make.__doc__
    return source


@cache
def rules() -> bytes:
    """The text of the rules that derive and write a source: what is kept holds as long as they."""
    names = ("once", "render", "row_source", "source", "tight")
    ours = [Path(__file__).with_name(f"{name}.py") for name in names]
    theirs = [Path(str(module.__file__)) for module in (derive, special, alignments)]
    texts = [file.read_bytes() for file in (*ours, *theirs)]
    return b"".join([*texts, str(sympy.__version__).encode()])


def _content(function: Function) -> list[str]:
    """All of a definition that its source depends on."""
    said = [function.expression, function.outputs, function.divisor]
    said += [part for pair in function.constants.items() for part in pair]
    inputs = [
        f"{sympy.srepr(v.symbol)} {type(v).__name__} {v.differentiable} {getattr(v, 'simplex', '')}"
        f" {getattr(v, 'shape', '')}"
        for v in (*function.variables, *function.parameters)
    ]
    return [*map(sympy.srepr, said), *inputs]


def partials(function: Function) -> list[Variable | Parameter]:
    """What first derivatives are taken in: every variable, then the differentiable parameters."""
    return [*function.variables, *(p for p in function.parameters if p.differentiable)]


def rounded(v: Variable | Parameter) -> bool:
    """Whether an input may carry a rounding error: a label, one of a few numbers, is exact.

    So it adds nothing to C.
    """
    return not (isinstance(v, Variable) and v.domain.is_FiniteSet)


@kept
def first_source(function: Function) -> str:
    """Source of `prepare() -> evaluate(...)` -> (value, first derivatives, second derivatives).

    First derivatives follow `partials`; then for each of them its derivatives in each variable.
    """
    inputs = partials(function)
    expressions = [derive.value(function)]
    expressions += [derive.gradient(function, v) if rounded(v) else sympy.S.Zero for v in inputs]
    expressions += [
        derive.second(function, v, w) if rounded(w) else sympy.S.Zero
        for v in inputs
        for w in function.variables
    ]
    return _straight_line(function, expressions)


@kept
def second_source(function: Function) -> str:
    """Source of `evaluate(...)` -> (second derivative in the first variable, its derivatives).

    The derivatives are in every variable, in order.
    """
    v = function.variables[0]
    thirds = [
        derive.third(function, v, w) if rounded(w) else sympy.S.Zero for w in function.variables
    ]
    return _straight_line(function, [derive.second(function, v, v), *thirds])


QUANTITIES = ("value", "gradient", "second")


@kept
def single_source(function: Function, quantity: str, place: int) -> str:
    """Source of `evaluate(...)` -> (one quantity,): derivatives are in the variable at `place`."""
    return _straight_line(function, [_shorter(single(function, quantity, place))])


def single(function: Function, quantity: str, place: int) -> Any:
    """One quantity as an expression, in pieces."""
    v = function.variables[place]
    if quantity == "value":
        return derive.value(function)
    return derive.gradient(function, v) if quantity == "gradient" else derive.second(function, v, v)


def _shorter(expression: Any) -> Any:
    """The same, factored branch by branch where that is shorter: a ball then meets x less often.

    1 - tanh(x)**2, spelt in exponentials, is a difference of nearly equal numbers; the factored
    4 exp(2 x)/(exp(2 x) + 1)**2 is none.
    """
    if isinstance(expression, sympy.Piecewise):
        return expression.func(*((_shorter(e), c) for e, c in expression.args))
    if expression.has(sympy.Piecewise):
        return expression
    return min(expression, sympy.factor(expression), key=sympy.count_ops)


def _straight_line(function: Function, expressions: Sequence[Any]) -> str:
    replacements, reduced = in_steps([tight(e) for e in expressions], ())
    constants, replacements, reduced = _constants(replacements, reduced)
    results = ", ".join(returned(r) for r in reduced)
    lines = [
        "def prepare():",
        *assignments(constants, "    "),
        f"    def evaluate({', '.join(arguments(function))}):",
        *assignments(replacements, "        "),
        f"        return ({results},)",
        "    return evaluate",
    ]
    return "\n".join(lines)


def _constants(
    replacements: Sequence[Any], reduced: Sequence[Any]
) -> tuple[list[Any], list[Any], list[Any]]:
    """What depends on no input, to be computed once for a precision; and the rest."""
    parts = [e for _, e in replacements] + list(reduced)
    exponents = {p.exp for e in parts for p in e.atoms(sympy.Pow)}
    rationals = {r for e in parts for r in e.atoms(sympy.Rational) if r.q & (r.q - 1)}
    names = {
        r: sympy.Dummy(f"r{k}", real=True)
        for k, r in enumerate(sorted(rationals - exponents, key=str))
    }
    constants: list[Any] = [(name, r) for r, name in names.items()]
    known = set(names.values())
    varying = []
    for name, e in ((n, e.xreplace(names)) for n, e in replacements):
        if e.free_symbols <= known:
            constants.append((name, e))
            known.add(name)
        else:
            varying.append((name, e))
    return constants, varying, [e.xreplace(names) for e in reduced]


def returned(e: Any) -> str:
    """A result as source: a rational is exact at any precision."""
    return f"ratio({e.p}, {e.q})" if e.is_Rational else render(e)
