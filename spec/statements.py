"""What the book says of a function, statement by statement, as text and as LaTeX."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import sympy
from sympy import Expr, S, oo

from . import derive, symbols
from .function import Function, Parameter, Variable
from .latex import brackets, latex, latex_expression, operator, symbol_name, text, text_expression
from .typeset import constant, number_text


@dataclass(frozen=True)
class Statement:
    """One thing that the book says of a function, as text and as LaTeX (without dollars)."""

    label: str
    text: str
    latex: str


def _both(expression: Any, function: Function) -> tuple[str, str]:
    return text(expression, function), latex(expression, function)


def _signature(function: Function) -> tuple[str, str]:
    """`softplus(x; beta)`, and `softmax(z)[i]` along an axis."""
    given = [v.symbol.label if v.along_axis else v.symbol for v in function.variables]
    chosen = [p.symbol for p in function.parameters]
    index = symbols.i if function.along_axis and function.row_output else None
    sides = []
    for write in (text_expression, latex_expression):
        inside = ", ".join(map(write, given))
        sides.append(inside + ("; " + ", ".join(map(write, chosen)) if chosen else ""))
    plain = f"{function.name}({sides[0]})" + ("[i]" if index else "")
    return plain, f"{operator(function.name)}{brackets(sides[1])}" + ("_{i}" if index else "")


def formula(function: Function) -> Statement:
    """The definition, `gelu(x) = ...`, as its author wrote it."""
    (plain, tex), (right, right_tex) = _signature(function), _both(function.expression, function)
    return Statement("", f"{plain} = {right}", f"{tex} = {right_tex}")


def gradients(function: Function) -> tuple[Statement, ...]:
    """The derivative in each differentiable variable and parameter."""
    return tuple(_gradient(function, v) for v in function.differentiable)


def _gradient(function: Function, v: Variable | Parameter) -> Statement:
    return _derivative(function, v, derived(function, v), 1)


def second(function: Function) -> tuple[Statement, ...]:
    """The second derivative in the first variable, where it is differentiable."""
    v = function.variables[0]
    if not v.differentiable:
        return ()
    again = derive.collapse(sympy.diff(derived(function, v), v.at(symbols.m, symbols.g)))
    return (_derivative(function, v, again, 2),)


def derived(function: Function, v: Variable | Parameter) -> Expr:
    """As `derive.gradient`, with the constants still named."""
    value = derive.in_pieces(function.expression)
    found = derive.collapse(sympy.diff(value, v.at(symbols.k, symbols.h)))
    pieces = found.atoms(sympy.Piecewise)
    cases = {tuple(condition for _, condition in p.args) for p in pieces}
    # |x| leaves a Piecewise wherever it stood: they become one
    return sympy.piecewise_fold(found) if len(pieces) > 1 and len(cases) == 1 else found


def _derivative(function: Function, v: Any, expression: Any, order: int) -> Statement:
    plain, tex = _signature(function)
    (above, below), (above_tex, below_tex) = _steps(function, v, order)
    right, right_tex = _both(expression, function)
    return Statement(
        v.name,
        f"{above} {plain} / {below} = {right}",
        rf"\frac{{{above_tex}}}{{{below_tex}}} {tex} = {right_tex}",
    )


def _steps(function: Function, v: Any, order: int) -> tuple[tuple[str, str], tuple[str, str]]:
    """The two sides of d/dx, as text and as LaTeX."""
    along = isinstance(v, Variable) and v.along_axis
    alone = len(function.variables) + len(function.parameters) == 1 and not along
    d = "d" if alone else r"\partial"
    top, top_tex = ("d", d) if order == 1 else ("d^2", f"{d}^{{2}}")
    if along:
        entries = [v.at(symbols.k, symbols.h), v.at(symbols.m, symbols.g)][:order]
        below = " ".join(f"d{text(e)}" for e in entries)
        return (top, below), (top_tex, " ".join(f"{d} {latex(e)}" for e in entries))
    name, power = text(v.symbol), "" if order == 1 else "^2"
    below = f"d {name}{power}" if len(name) > 1 else f"d{name}{power}"
    return (top, below), (top_tex, f"{d} {latex(v.symbol)}" + ("^{2}" if power else ""))


def constants(function: Function) -> tuple[Statement, ...]:
    """The constants that are printed by name, with their values."""
    found = []
    for name, value in function.constants.items():
        if constant(name, value) is not name:
            continue
        plain, number = text_expression(name), number_text(value)
        tex = f"{symbol_name(name.name)} = {symbol_name(number)}"
        found.append(Statement(plain, f"{plain} = {number}", tex))
    return tuple(found)


def kinks(function: Function) -> tuple[Statement, ...]:
    """Where the gradient jumps, and the subdifferential there."""
    return tuple(_at(function, *pair, "subdifferential") for pair in function.kinks.items())


def jumps(function: Function) -> tuple[Statement, ...]:
    """Where the value jumps, and the values accepted there."""
    return tuple(_at(function, *pair, "values") for pair in function.jumps.items())


def _at(function: Function, where: Any, values: Any, kind: str) -> Statement:
    first = function.variables[0].symbol
    point = sympy.sympify(where)
    is_point = first not in point.free_symbols
    left, right = (first, point) if is_point else (point, S.Zero)
    place, place_tex = (f"{w(left, function)} = {w(right, function)}" for w in (text, latex))
    accepted, accepted_tex = _both(values, function)
    _, tex = _signature(function)
    head = rf"\partial_{{{latex(first)}}} {tex}" if kind == "subdifferential" else tex
    relation = "=" if kind == "subdifferential" else r"\in"
    return Statement(
        place,
        f"{kind} {accepted} at {place}",
        rf"{head} {relation} {accepted_tex} \quad \text{{where }} {place_tex}",
    )


def identities(function: Function) -> tuple[Statement, ...]:
    """The equations that the definition states, by name."""
    return tuple(Statement(name, *_both(e, function)) for name, e in function.identities.items())


_LABELS = ("{1, ..., n - 1}", r"\{1, \ldots, n - 1\}")


def _inputs(function: Function) -> Iterator[Statement]:
    for v in function.variables:
        plain, tex = _both(v.at(symbols.i, symbols.j), function)
        where, where_tex = _LABELS if v.labels else _both(v.domain, function)
        extra = "" if v.differentiable else ", not differentiable"
        extra += ", entries sum to 1" if v.simplex else ""
        extra += ", -oo marks a masked entry" if v.masked else ""
        yield Statement(v.name, f"{plain} in {where}{extra}", rf"{tex} \in {where_tex}")


def _parameters(function: Function) -> Iterator[Statement]:
    for p in function.parameters:
        (plain, tex), (where, where_tex) = _both(p.symbol, function), _both(p.domain, function)
        default = number_text(p.default)
        yield Statement(
            p.name,
            f"{plain} in {where}, default {default}",
            rf"{tex} \in {where_tex}, \quad \text{{default }} {default}",
        )


def _values(function: Function) -> Iterator[Statement]:
    for point, value in function.special_values.items():
        if sympy.sympify(point).is_finite:
            yield _point(function, point, value)


def _point(function: Function, point: Any, value: Any) -> Statement:
    at, at_tex = _both(point, function)
    right, right_tex = _both(value, function)
    name = function.name
    return Statement(at, f"{name}({at}) = {right}", f"{operator(name)}({at_tex}) = {right_tex}")


def limits(function: Function) -> tuple[Statement, ...]:
    """At the infinities: of the value, as declared or else derived, and of the gradient.

    For functions of one variable, at default parameters.
    """
    if len(function.variables) != 1 or function.along_axis:
        return ()
    v = function.variables[0]
    found = []
    for point in (-oo, oo):
        value = function.special_values.get(point)
        if value is None:
            value = _derived_limit(function, derive.value(function), point)
        found.append(_limit(function, point, value, gradient=False))
    if v.differentiable:
        gradient = derive.gradient(function, v)
        for point in (-oo, oo):
            value = _derived_limit(function, gradient, point)
            found.append(_limit(function, point, value, gradient=True))
    return tuple(said for said in found if said is not None)


def _derived_limit(function: Function, expression: Any, point: Any) -> Any:
    settled = expression.subs({p.symbol: p.default for p in function.parameters})
    if settled.has(sympy.tanh):  # SymPy takes seconds over tanh, and a fraction over exponentials
        settled = settled.rewrite(sympy.exp)
    return derive.limit(settled, function.variables[0].symbol, point)


def _limit(function: Function, point: Any, value: Any, *, gradient: bool) -> Statement | None:
    value = sympy.sympify(value)
    if value is S.NaN or value.has(sympy.AccumBounds, sympy.Limit):
        return None
    at, at_tex = _both(point, function)
    right, right_tex = _both(value, function)
    x = function.variables[0].symbol
    prime = "'" if gradient else ""
    label = "gradient" if gradient else "value"
    return Statement(
        label,
        f"{function.name}{prime}({text(x)}) -> {right} as {text(x)} -> {at}",
        rf"\lim_{{{latex(x)} \to {at_tex}}} {operator(function.name)}{prime}({latex(x)}) "
        f"= {right_tex}",
    )


def _words(*values: str | None) -> tuple[Statement, ...]:
    return tuple(Statement("", v, rf"\text{{{v}}}") for v in values if v)


def statements(
    function: Function, *, with_second: bool = False
) -> dict[str, tuple[Statement, ...]]:
    """All that the book says of a function, by topic, in the fixed order of the book.

    Topics that have nothing to say are left out.
    """
    topics: dict[str, tuple[Statement, ...]] = {
        "formula": (formula(function),),
        "constants": constants(function),
        "variables": tuple(_inputs(function)),
        "parameters": tuple(_parameters(function)),
        "gradient": gradients(function),
        "second derivative": second(function) if with_second else (),
        "range": (Statement("", *_both(function.range, function)),),
        "kinks": kinks(function),
        "jumps": jumps(function),
        "special values": tuple(_values(function)),
        "limits": limits(function),
        "parity": _words(function.parity),
        "monotone": _words(function.monotone),
        "reductions": _words(", ".join(function.reductions)),
        "identities": identities(function),
    }
    return {topic: found for topic, found in topics.items() if found}
