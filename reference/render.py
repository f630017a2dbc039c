"""From SymPy expressions to Python source, in words that either engine (`arb` or `mp`) knows.

One text is run in the namespace of an engine, so both engines evaluate the very same expression;
what differs between them is every elementary function and its rounding.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sympy
from sympy.core import relational
from sympy.logic import boolalg

from ..spec import symbols
from ..spec.alignments import Alignments
from ..spec.special import Largest, attains, is_positive, positive_part, xdivy, xlogy
from .once import Once
from .tight import Erfc, Expm1, Log1p

_FUNCTIONS: dict[Any, str] = {
    sympy.exp: "exp",
    sympy.log: "log",
    sympy.erf: "erf",
    sympy.erfc: "erfc",
    Erfc: "erfc",
    Expm1: "expm1",
    Log1p: "log1p",
    sympy.tanh: "tanh",
    sympy.sinh: "sinh",
    sympy.cosh: "cosh",
    sympy.atan: "atan",
    sympy.sin: "sin",
    sympy.cos: "cos",
    sympy.Abs: "absolute",
    xlogy: "xlogy",
    xdivy: "xdivy",
    attains: "attains",
    positive_part: "positive_part",
    is_positive: "is_positive",
    sympy.Max: "maximum",  # these two in conditions only: elsewhere they are pieces
    sympy.Min: "minimum",
}


def render(e: Any) -> str:
    """One expression as Python source in the engines' vocabulary."""
    if isinstance(e, sympy.Symbol):
        return identifier(e)
    if isinstance(e, sympy.Integer):
        return f"({int(e)})"
    if isinstance(e, sympy.Rational):
        exact_float = e.q & (e.q - 1) == 0 and e.q < 2**50 and abs(e.p) < 2**50
        return f"({e.p / e.q!r})" if exact_float else f"ratio({e.p}, {e.q})"
    if e is sympy.pi:
        return "pi()"
    if e is sympy.E:
        return "e()"
    if isinstance(e, sympy.Add):
        return "(" + " + ".join(render(a) for a in e.args) + ")"
    if isinstance(e, sympy.Mul):
        return _product(e)
    if isinstance(e, sympy.Pow):
        return _power(e)
    if isinstance(e, sympy.Indexed):
        return f"{identifier(e.base.label)}[{_place(e)}]"
    if isinstance(e, sympy.KroneckerDelta):
        return f"(1 if {whole_number(e.args[0])} == {whole_number(e.args[1])} else 0)"
    if isinstance(e, sympy.Sum | Largest):
        (index, low, high) = e.limits[0]
        rows = f"range({whole_number(low)}, {whole_number(high)} + 1)"
        over = "total" if isinstance(e, sympy.Sum) else "largest"
        return f"{over}({render(e.function)} for {identifier(index)} in {rows})"
    if isinstance(e, Alignments):
        return f"total({render(e.function)} {over_paths(e)})"
    if isinstance(e, Once):
        return f"{once(e.args[0])}({', '.join(map(whole_number, e.args[1:]))})"
    if isinstance(e, sympy.Piecewise):
        return _pieces(e.args)
    if type(e) in _FUNCTIONS:
        return f"{_FUNCTIONS[type(e)]}({', '.join(render(a) for a in e.args)})"
    return _condition(e)


def _place(e: Any) -> str:
    """Where an entry stands: a matrix comes row after row, in one list."""
    *row, place = map(whole_number, e.indices)
    return f"{row[0]} * {identifier(symbols.n)} + {place}" if row else place


def over_paths(e: Alignments) -> str:
    """The end of a generator over the paths of a sum."""
    _, labels, frames = e.args
    paths = f"alignments({identifier(labels.label)}, {whole_number(frames)})"
    return f"for {identifier(symbols.path.label)} in {paths}"


def whole_number(e: Any) -> str:
    """A whole number as Python's own: an index, or the end of a range; halves are exact there."""
    if isinstance(e, sympy.Symbol):
        return identifier(e)
    if isinstance(e, sympy.Indexed):  # the class that a path takes
        return render(e)
    if isinstance(e, sympy.Add):
        return "(" + " + ".join(whole_number(a) for a in e.args) + ")"
    coefficient, rest = e.as_coeff_Mul()
    if rest is sympy.S.One and coefficient.is_Integer:
        return str(coefficient)
    if not coefficient.is_Rational or not isinstance(rest, sympy.Symbol | sympy.Add):
        raise NotImplementedError(f"the oracle has no rule for the index {e}")
    over = f" // {coefficient.q}" if coefficient.q != 1 else ""
    return f"({coefficient.p} * {whole_number(rest)}{over})"


def identifier(symbol: Any) -> str:
    """A name that no name of the engines, of Python, or of a user's symbol can be."""
    ours = symbol.is_Dummy or symbol in symbols.INDICES
    return f"_{symbol.name}" if ours else f"{symbol.name}_"


def once(number: Any) -> str:
    """The name of the function that gives a term at its places."""
    return f"_once_{int(number)}"


def _product(e: Any) -> str:
    deltas = [a for a in e.args if isinstance(a, sympy.KroneckerDelta)]
    if deltas:  # zero by the delta, even where another factor is infinite
        rest = sympy.Mul(*(a for a in e.args if not isinstance(a, sympy.KroneckerDelta)))
        test = " and ".join(
            f"{whole_number(d.args[0])} == {whole_number(d.args[1])}" for d in deltas
        )
        return f"({render(rest)} if {test} else 0)"
    coefficient, factors = e.as_coeff_mul()
    text = "*".join(render(a) for a in factors)
    if coefficient == 1:
        return f"({text})"
    if coefficient == -1:
        return f"(-({text}))"
    if isinstance(coefficient, sympy.Rational):
        times = f"{coefficient.p}*({text})" if coefficient.p != 1 else f"({text})"
        over = f"/{coefficient.q}" if coefficient.q != 1 else ""
        return f"({times}{over})"
    return f"({render(coefficient)}*{text})"


def _power(e: Any) -> str:
    base, exponent = e.args
    if base is sympy.E:
        return f"exp({render(exponent)})"
    if exponent.is_Integer:
        n = int(exponent)
        text = render(base) if abs(n) == 1 else f"whole({render(base)}, {abs(n)})"
        return text if n > 0 else f"inverse({text})"
    if exponent.is_Rational and exponent.q == 2:
        root = f"sqrt({render(base)})"
        text = root if abs(exponent.p) == 1 else f"whole({root}, {abs(exponent.p)})"
        return text if exponent.p > 0 else f"inverse({text})"
    return f"power({render(base)}, {render(exponent)})"


def _pieces(args: Sequence[Any]) -> str:
    (value, condition), *others = args
    if condition == True or not others:  # noqa: E712
        return render(value)
    return f"where({_condition(condition)}, {render(value)}, {_pieces(others)})"


def _condition(e: Any) -> str:
    if isinstance(e, sympy.Symbol):  # a condition that several pieces share
        return identifier(e)
    if isinstance(e, relational.StrictGreaterThan):
        return f"greater({render(e.lhs)}, {render(e.rhs)})"
    if isinstance(e, relational.StrictLessThan):
        return f"greater({render(e.rhs)}, {render(e.lhs)})"
    if isinstance(e, relational.GreaterThan):
        return f"at_least({render(e.lhs)}, {render(e.rhs)})"
    if isinstance(e, relational.LessThan):
        return f"at_least({render(e.rhs)}, {render(e.lhs)})"
    if isinstance(e, sympy.Eq) and e.lhs.is_integer and e.rhs.is_integer:  # a switch: no rounding
        return f"({render(e.lhs)} == {render(e.rhs)})"
    if isinstance(e, sympy.Eq):
        return f"equal({render(e.lhs)}, {render(e.rhs)})"
    if isinstance(e, sympy.Ne):
        return f"negate(equal({render(e.lhs)}, {render(e.rhs)}))"
    if isinstance(e, sympy.And):
        return f"both({', '.join(_condition(a) for a in e.args)})"
    if isinstance(e, sympy.Or):
        return f"either({', '.join(_condition(a) for a in e.args)})"
    if isinstance(e, sympy.Not):
        return f"negate({_condition(e.args[0])})"
    if isinstance(e, sympy.ITE):  # what SymPy makes of a Max within a Min
        test, yes, no = map(_condition, e.args)
        return f"either(both({test}, {yes}), both(negate({test}), {no}))"
    if isinstance(e, boolalg.BooleanAtom):
        return str(bool(e))
    raise NotImplementedError(
        f"the oracle has no rule for {type(e).__name__} in {e}; write it with exp, log, erf, tanh, "
        "sqrt, Piecewise, Sum"
    )
