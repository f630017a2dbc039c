"""What a formula of documentation may say: numbers, rows, functions by their names.

An input is a number or a row of `ROW` numbers, a tuple of SymPy expressions: `sum` and `mean` make
a row a number, everything else works entry by entry.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import sympy
from sympy import Expr, Max, Min, Piecewise, S

from ...spec import symbols
from ...spec.function import Function

Value = Any  # a SymPy expression or relation, or a row of them: a tuple

ROW = 4  # numbers in a row: even, so that it has halves
POWER = 64  # a number to a higher power is a trap, no formula

NOTHING = sympy.Dummy("nothing", real=True)
"""The value where a formula says nothing: beyond the last of its cases."""


class UnreadableError(ValueError):
    """A text that is no formula this module understands; the message says why, in a few words."""


def shortened(text: str) -> str:
    """A text as a message names it: on one line, and not all of a long one."""
    flat = " ".join(text.split())
    return repr(flat if len(flat) <= 60 else flat[:57] + "...")


def each(rule: Callable[..., Any], *values: Value) -> Value:
    """A rule entry by entry; numbers go with every entry."""
    lengths = {len(v) for v in values if isinstance(v, tuple)}
    if not lengths:
        return rule(*values)
    if len(lengths) > 1:
        raise UnreadableError("it joins rows of different lengths")
    rows = [v if isinstance(v, tuple) else (v,) * max(lengths) for v in values]
    return tuple(rule(*entries) for entries in zip(*rows, strict=True))


def total(value: Value) -> Expr:
    """The sum over the last axis."""
    return sympy.Add(*value) if isinstance(value, tuple) else value


def mean(value: Value) -> Expr:
    """The mean over the last axis."""
    return total(value) / len(value) if isinstance(value, tuple) else value


def pieces(parts: list[tuple[Value, Value]]) -> Value:
    flat = [item for part in parts for item in part]

    def one(*items: Any) -> Any:
        pairs = [(items[k], condition(items[k + 1])) for k in range(0, len(items), 2)]
        return Piecewise(*pairs, (NOTHING, True))

    return each(one, *flat)


def power(base: Any, exponent: Any) -> Any:
    if exponent.is_number and abs(exponent) > POWER:
        raise UnreadableError(f"the power {shortened(str(exponent))} is too high for a formula")
    return base**exponent


def over(a: Any, b: Any) -> Any:
    if b.is_zero:
        raise UnreadableError("it divides by zero")
    return a / b


def _norm(row: Value) -> Expr:
    return sympy.sqrt(total(each(lambda x: x**2, row)))


def _clip(x: Any, low: Any, high: Any) -> Any:
    return Min(Max(x, low), high)


def where(test: Any, yes: Any, no: Any) -> Any:
    """One of two values."""
    return Piecewise((yes, condition(test)), (no, True))


def condition(test: Any) -> Any:
    """A comparison, or several; a number is none, though Python takes it for one."""
    if isinstance(test, Expr):
        raise UnreadableError(f"{shortened(str(test))} is a number where a comparison is due")
    return test


NUMBERS = {"pi": sympy.pi, "e": sympy.E, "π": sympy.pi}

EACH: dict[str, tuple[int, Callable[..., Any]]] = {
    "one_hot": (1, lambda x: x),  # a class is a row with a 1 wherever it is counted with
    "exp": (1, sympy.exp),
    "log": (1, sympy.log),
    "ln": (1, sympy.log),
    "sqrt": (1, sympy.sqrt),
    "rsqrt": (1, lambda x: 1 / sympy.sqrt(x)),
    "abs": (1, sympy.Abs),
    "absolute": (1, sympy.Abs),
    "square": (1, lambda x: x**2),
    "sin": (1, sympy.sin),
    "cos": (1, sympy.cos),
    "sinh": (1, sympy.sinh),
    "cosh": (1, sympy.cosh),
    "tanh": (1, sympy.tanh),
    "atan": (1, sympy.atan),
    "arctan": (1, sympy.atan),
    "erf": (1, sympy.erf),
    "erfc": (1, sympy.erfc),
    "log1p": (1, lambda x: sympy.log(1 + x)),
    "expm1": (1, lambda x: sympy.exp(x) - 1),
    "pow": (2, power),
    "power": (2, power),
    "divide": (2, over),
    "clip": (3, _clip),
    "clamp": (3, _clip),
    "where": (3, where),
}
ROWS: dict[str, Callable[[Value], Any]] = {
    "sum": total,
    "reduce_sum": total,
    "mean": mean,
    "reduce_mean": mean,
    "norm": _norm,
}
EXTREMES = {"max": Max, "maximum": Max, "min": Min, "minimum": Min}


# ---------------------------------------------------------------- functions of the book


def applied(function: Function, given: list[Value], chosen: Mapping[str, Value]) -> Value:
    """A function of the book at values; parameters that are not given stand at their default."""
    if len(given) != len(function.variables) or any(len(v.shape) > 1 for v in function.variables):
        takes = ", ".join(v.name for v in function.variables)
        raise UnreadableError(f"{function.name} takes ({takes})")
    choices = {p.name: p for p in function.parameters}
    for name in chosen:
        if name not in choices:
            raise UnreadableError(f"{function.name} has no parameter {name!r}")
    fixed = {name: chosen.get(name, p.default) for name, p in choices.items()}
    pairs = [*zip(function.variables, given, strict=True)]
    pairs += [(p, fixed[p.name]) for p in function.parameters]
    if not function.along_axis:
        inputs = [v.symbol for v, _ in pairs]
        expression = _whole(function)[0]

        def one(*values: Any) -> Any:
            return expression.subs(dict(zip(inputs, values, strict=True)), simultaneous=True)

        return each(one, *(value for _, value in pairs))
    replaced: dict[Any, Any] = {}
    for v, value in pairs:
        if v.along_axis:
            row = value if isinstance(value, tuple) else (value,) * ROW
            replaced |= {v.symbol[k]: entry for k, entry in enumerate(row)}
        elif isinstance(value, tuple):
            raise UnreadableError(
                f"{function.name} takes one number as {v.name}, and it gets a row"
            )
        else:
            replaced[v.symbol] = value
    entries = tuple(e.subs(replaced, simultaneous=True) for e in _whole(function))
    return entries if function.row_output else entries[0]


@cache
def _whole(function: Function) -> tuple[Expr, ...]:
    """The definition without constants and, along an axis, for rows of `ROW`, entry by entry."""
    expression = function.expression.subs(function.constants)
    if function.requires != S.true:
        expression = Piecewise((expression, function.requires), (NOTHING, True))
    if not function.along_axis:
        return (expression,)
    outputs = range(function.entries(ROW))
    return tuple(expression.subs(symbols.i, k).subs(symbols.n, ROW).doit() for k in outputs)
