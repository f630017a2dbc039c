"""What the book says of a function, statement by statement, as text and as LaTeX."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import sympy
from sympy import Expr, S, oo

from . import derive, symbols
from .concise import concise, smooth
from .function import Function, Parameter, Variable, applied
from .latex import brackets, latex, latex_expression, operator, symbol_name, text, text_expression
from .mentioned import mentioned
from .notation import STANDARD, Notation, folded, written_out
from .typeset import constant, number_text


@dataclass(frozen=True)
class Statement:
    """One thing that the book says of a function, as text and as LaTeX (without dollars)."""

    label: str
    text: str
    latex: str


def _both(expression: Any, function: Function, notation: Notation) -> tuple[str, str]:
    return text(expression, function), latex(expression, function, notation)


def _gathered(
    expression: Any, function: Function, notation: Notation = STANDARD
) -> tuple[str, str]:
    plain = text(expression, function, gathered=True)
    return plain, latex(expression, function, notation, gathered=True)


def _signature(function: Function, notation: Notation) -> tuple[str, str]:
    """`softplus(x; beta)`, and `softmax(z)[i]` along an axis."""
    given = [v.symbol.label if v.along_axis else v.symbol for v in function.variables]
    chosen = [p.symbol for p in function.parameters]
    index = symbols.i if function.along_axis and function.row_output else None
    sides = []
    in_latex = partial(latex_expression, function=function, notation=notation)
    for write in (text_expression, in_latex):
        inside = ", ".join(map(write, given))
        sides.append(inside + ("; " + ", ".join(map(write, chosen)) if chosen else ""))
    plain = f"{function.name}({sides[0]})" + ("[i]" if index else "")
    name = operator(function.name, notation)
    return plain, f"{name}{brackets(sides[1])}" + ("_{i}" if index else "")


def formula(function: Function, notation: Notation = STANDARD) -> Statement:
    """The definition, `gelu(x) = ...`, as its author wrote it.

    The function that a notation has a letter for is written out where it is defined.
    """
    plain, tex = _signature(function, notation)
    itself = applied(function.name)(*(v.symbol for v in function.variables))
    own = not function.along_axis and folded(function.expression, notation) == itself
    right, right_tex = _both(
        function.expression, function, written_out(notation) if own else notation
    )
    return Statement("", f"{plain} = {right}", f"{tex} = {right_tex}")


def gradients(function: Function, notation: Notation = STANDARD) -> tuple[Statement, ...]:
    """The derivative in each differentiable variable and parameter."""
    return tuple(_gradient(function, v, notation) for v in function.differentiable)


def _gradient(function: Function, v: Variable | Parameter, notation: Notation) -> Statement:
    return _derivative(function, v, (derived(function, v),), 1, notation)


def second(function: Function, notation: Notation = STANDARD) -> tuple[Statement, ...]:
    """The second derivative in the first variable, where it is differentiable."""
    v = function.variables[0]
    if not v.differentiable:
        return ()
    return (_derivative(function, v, derived_again(function, v), 2, notation),)


def derived_again(function: Function, v: Variable | Parameter) -> tuple[Expr, ...]:
    """The derivative of what `derived` gives, and of its shortest form."""
    first = derived(function, v)
    again = (sympy.diff(e, v.at(symbols.m, symbols.g)) for e in (first, smooth(first)))
    return tuple(derive.collapse(e, whole=True) for e in again)


def printed(forms: tuple[Expr, ...], function: Function) -> Callable[[Notation], Expr]:
    """What is printed of a derivative in a notation: the shortest of its forms, which are equal."""
    shorter = [concise(mentioned(form, function), function) for form in forms]
    found = tuple(dict.fromkeys((*shorter, forms[0])))

    def shortest(notation: Notation) -> Expr:
        def rank(e: Expr) -> tuple[bool, int]:
            return _mixed(e, notation), length(_gathered(e, function, notation)[1])

        return min(found, key=rank)

    return shortest


def _mixed(expression: Expr, notation: Notation) -> bool:
    """Whether sigma stands beside the exponentials that it is to stand for."""
    shown = folded(expression, notation)
    return bool(shown != expression and shown.has(sympy.exp))


def length(tex: str) -> int:
    """Of what is seen: a bracket is one sign, whether it grows or not."""
    return len(re.sub(r"\\left|\\right| ", "", tex))


def derived(function: Function, v: Variable | Parameter) -> Expr:
    """As `derive.gradient`, with the constants still named, and multiplied out no more than due."""
    value = derive.in_pieces(function.expression)
    found = derive.collapse(sympy.diff(value, v.at(symbols.k, symbols.h)), whole=True)
    pieces = found.atoms(sympy.Piecewise)
    cases = {tuple(condition for _, condition in p.args) for p in pieces}
    # |x| leaves a Piecewise wherever it stood: they become one
    return sympy.piecewise_fold(found) if len(pieces) > 1 and len(cases) == 1 else found


def _derivative(
    function: Function, v: Any, forms: tuple[Expr, ...], order: int, notation: Notation
) -> Statement:
    plain, tex = _signature(function, notation)
    (above, below), (above_tex, below_tex) = _steps(function, v, order, notation)
    shortest = printed(forms, function)
    right, _ = _gathered(shortest(STANDARD), function)
    _, right_tex = _gathered(shortest(notation), function, notation)
    return Statement(
        v.name,
        f"{above} {plain} / {below} = {right}",
        rf"\frac{{{above_tex}}}{{{below_tex}}} {tex} = {right_tex}",
    )


def _steps(
    function: Function, v: Any, order: int, notation: Notation
) -> tuple[tuple[str, str], tuple[str, str]]:
    """The two sides of d/dx, as text and as LaTeX."""
    along = isinstance(v, Variable) and v.along_axis
    alone = len(function.variables) + len(function.parameters) == 1 and not along
    d = "d" if alone else r"\partial"
    top, top_tex = ("d", d) if order == 1 else ("d^2", f"{d}^{{2}}")
    if along:
        entries = [v.at(symbols.k, symbols.h), v.at(symbols.m, symbols.g)][:order]
        below = " ".join(f"d{text(e)}" for e in entries)
        below_tex = " ".join(f"{d} {latex(e, function, notation)}" for e in entries)
        return (top, below), (top_tex, below_tex)
    name, power = text(v.symbol), "" if order == 1 else "^2"
    below = f"d {name}{power}" if len(name) > 1 else f"d{name}{power}"
    below_tex = f"{d} {latex(v.symbol, function, notation)}" + ("^{2}" if power else "")
    return (top, below), (top_tex, below_tex)


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


def kinks(function: Function, notation: Notation = STANDARD) -> tuple[Statement, ...]:
    """Where the gradient jumps, and the subdifferential there."""
    return tuple(
        _at(function, *pair, "subdifferential", notation) for pair in function.kinks.items()
    )


def jumps(function: Function, notation: Notation = STANDARD) -> tuple[Statement, ...]:
    """Where the value jumps, and the values accepted there."""
    return tuple(_at(function, *pair, "values", notation) for pair in function.jumps.items())


def _at(function: Function, where: Any, values: Any, kind: str, notation: Notation) -> Statement:
    first = function.variables[0].symbol
    point = sympy.sympify(where)
    is_point = first not in point.free_symbols
    left, right = (first, point) if is_point else (point, S.Zero)
    both = [_both(side, function, notation) for side in (left, right)]
    place, place_tex = (f"{one} = {other}" for one, other in zip(*both, strict=True))
    accepted, accepted_tex = _both(values, function, notation)
    _, tex = _signature(function, notation)
    below = latex(first, function, notation)
    slope = kind == "subdifferential"
    head, relation = (rf"\partial_{{{below}}} {tex}", "=") if slope else (tex, r"\in")
    return Statement(
        place,
        f"{kind} {accepted} at {place}",
        rf"{head} {relation} {accepted_tex} \quad \text{{where }} {place_tex}",
    )


def identities(function: Function, notation: Notation = STANDARD) -> tuple[Statement, ...]:
    """The equations that the definition states, by name."""
    found = function.identities.items()
    return tuple(Statement(name, *_gathered(e, function, notation)) for name, e in found)


_LABELS = ("{1, ..., n - 1}", r"\{1, \ldots, n - 1\}")


def _inputs(function: Function, notation: Notation) -> Iterator[Statement]:
    for v in function.variables:
        plain, tex = _both(v.at(symbols.i, symbols.j), function, notation)
        where, where_tex = _LABELS if v.labels else _both(v.domain, function, notation)
        extra = "" if v.differentiable else ", not differentiable"
        extra += ", entries sum to 1" if v.simplex else ""
        extra += ", -oo marks a masked entry" if v.masked else ""
        yield Statement(v.name, f"{plain} in {where}{extra}", rf"{tex} \in {where_tex}")


def _parameters(function: Function, notation: Notation) -> Iterator[Statement]:
    for p in function.parameters:
        plain, tex = _both(p.symbol, function, notation)
        where, where_tex = _both(p.domain, function, notation)
        default = number_text(p.default)
        yield Statement(
            p.name,
            f"{plain} in {where}, default {default}",
            rf"{tex} \in {where_tex}, \quad \text{{default }} {default}",
        )


def _values(function: Function, notation: Notation) -> Iterator[Statement]:
    for point, value in function.special_values.items():
        if sympy.sympify(point).is_finite:
            yield _point(function, point, value, notation)


def _point(function: Function, point: Any, value: Any, notation: Notation) -> Statement:
    at, at_tex = _both(point, function, notation)
    right, right_tex = _both(value, function, notation)
    plain, tex = function.name, operator(function.name, notation)
    return Statement(at, f"{plain}({at}) = {right}", f"{tex}({at_tex}) = {right_tex}")


def limits(function: Function, notation: Notation = STANDARD) -> tuple[Statement, ...]:
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
        found.append(_limit(function, point, value, notation, gradient=False))
    if v.differentiable:
        gradient = derive.gradient(function, v)
        for point in (-oo, oo):
            value = _derived_limit(function, gradient, point)
            found.append(_limit(function, point, value, notation, gradient=True))
    return tuple(said for said in found if said is not None)


def _derived_limit(function: Function, expression: Any, point: Any) -> Any:
    settled = expression.subs({p.symbol: p.default for p in function.parameters})
    if settled.has(sympy.tanh):  # SymPy takes seconds over tanh, and a fraction over exponentials
        settled = settled.rewrite(sympy.exp)
    return derive.limit(settled, function.variables[0].symbol, point)


def _limit(
    function: Function, point: Any, value: Any, notation: Notation, *, gradient: bool
) -> Statement | None:
    value = sympy.sympify(value)
    if value is S.NaN or value.has(sympy.AccumBounds, sympy.Limit):
        return None
    at, at_tex = _both(point, function, notation)
    right, right_tex = _both(value, function, notation)
    x = function.variables[0].symbol
    prime = "'" if gradient else ""
    label = "gradient" if gradient else "value"
    name = operator(function.name, notation)
    return Statement(
        label,
        f"{function.name}{prime}({text(x)}) -> {right} as {text(x)} -> {at}",
        rf"\lim_{{{latex(x)} \to {at_tex}}} {name}{prime}({latex(x)}) "
        f"= {right_tex}",
    )


def _words(*values: str | None) -> tuple[Statement, ...]:
    return tuple(Statement("", v, rf"\text{{{v}}}") for v in values if v)


def statements(
    function: Function, *, with_second: bool = False, notation: Notation = STANDARD
) -> dict[str, tuple[Statement, ...]]:
    """All that the book says of a function, by topic, in the fixed order of the book.

    Topics that have nothing to say are left out. The notation is that of LaTeX.
    """
    topics: dict[str, tuple[Statement, ...]] = {
        "formula": (formula(function, notation),),
        "constants": constants(function),
        "variables": tuple(_inputs(function, notation)),
        "parameters": tuple(_parameters(function, notation)),
        "gradient": gradients(function, notation),
        "second derivative": second(function, notation) if with_second else (),
        "range": (Statement("", *_both(function.range, function, notation)),),
        "kinks": kinks(function, notation),
        "jumps": jumps(function, notation),
        "special values": tuple(_values(function, notation)),
        "limits": limits(function, notation),
        "parity": _words(function.parity),
        "monotone": _words(function.monotone),
        "reductions": _words(", ".join(function.reductions)),
        "identities": identities(function, notation),
    }
    return {topic: found for topic, found in topics.items() if found}
