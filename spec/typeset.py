"""Back to the author's form: what SymPy rewrites on construction is turned back for print.

x/sqrt(2), which SymPy keeps as sqrt(2)*x/2, is x/sqrt(2) again, and sums begin with a positive
term. A named constant of a few digits stands as its number, a longer one as its name.
"""

from __future__ import annotations

from typing import Any

import sympy
from sympy import Expr, Mul, S, Symbol
from sympy.core.relational import Relational

from . import symbols
from .function import Function
from .notation import STANDARD, Notation, folded
from .terms import is_below, size

SHORT = 10  # characters: a constant that fits is printed as a number, a longer one by name
DIGITS = 20  # of a number too long to be printed in full


def typeset(
    expression: Any,
    function: Function | None = None,
    notation: Notation = STANDARD,
    *,
    gathered: bool = False,
) -> Any:
    """The expression as its author would write it: roots in fractions, constants as numbers.

    Numbers are gathered in front of brackets only where asked for: see `gather`.
    """
    expression = folded(expression, notation)
    if function is not None:
        expression = _named(expression, function)
        shown = {c: constant(c, v) for c, v in function.constants.items()}
        expression = expression.xreplace(shown)
    expression = expression.replace(lambda e: e.is_Rational and _long(e), _decimal)
    expression = expression.replace(lambda e: isinstance(e, Mul), _rooted)
    return gather(expression) if gathered else expression


def _named(expression: Any, function: Function) -> Any:
    """Numbers that are the constants of the definition, by their names."""
    names = {v: c for c, v in function.constants.items() if v.is_Rational and v.q > 10}
    return expression.replace(lambda e: e in names, lambda e: names[e]) if names else expression


def constant(name: Symbol, value: Any) -> Symbol:
    """What a constant is printed as: its number where that is short, else its name."""
    shown = number_text(value)
    return Decimal(shown, **name.assumptions0) if len(shown) <= SHORT else name


def _long(number: Any) -> bool:
    return bool(number.is_Rational and number.q > 10**9)


def _decimal(number: Any) -> Symbol:
    return Decimal(number_text(number), real=True)


def number_text(value: Any) -> str:
    """A number as a reader likes it: 1/3 and 1/2, but 0.01 and not 1/100."""
    value = sympy.sympify(value)
    if not value.is_Rational or value.q <= 10:
        return str(sympy.sstr(value))
    digits = _places(value)
    if digits is not None and digits <= DIGITS:
        return f"{sympy.N(value, digits + 20):.{digits}f}"
    return f"{sympy.N(value, DIGITS + 10):.{DIGITS - 1}f}..."


def _places(value: Any) -> int | None:
    """How many decimals the number has; None where they never end."""
    places = 0
    while value.q != 1 and places < 100:
        value, places = value * 10, places + 1
    return places if value.q == 1 else None


def _rooted(product: Mul) -> Any:
    """sqrt(2)*x/2 as x/sqrt(2), sqrt(2)/sqrt(pi) as sqrt(2/pi)."""
    above, below, rest = S.One, S.One, list[Any]()
    coefficient, factors = product.as_coeff_mul()
    for factor in factors:
        base, power = factor.as_base_exp()
        if base.is_number and base.is_positive and abs(power) == S.Half:
            above, below = (above * base, below) if power > 0 else (above, below * base)
        else:
            rest.append(factor)
    if above == below == 1:
        return product
    if above.is_Integer and above != 1 and coefficient.q % above == 0:
        coefficient, above, below = coefficient * above, S.One, below * above
    root = 1 / Root(below) if above == 1 else Root(above / below)
    return Mul(coefficient, root, *rest)


def gather(expression: Any) -> Any:
    """2*p - 2*t as 2*(p - t), and 1/2 + x/2 as (1 + x)/2: numbers stand in front of brackets.

    SymPy multiplies them out where it builds such an expression, so this is the last step.
    """
    if not expression.args or isinstance(expression, (sympy.Indexed, sympy.Derivative)):
        return expression
    args = [gather(a) for a in expression.args]
    if isinstance(expression, sympy.Add):
        return _gathered(args)
    if args == list(expression.args):
        return expression
    if isinstance(expression, Mul) and len(args) == 2 and args[0].is_Rational:
        number, inside = args[1].as_coeff_Mul()
        return Mul(args[0] * number, inside, evaluate=False)
    if isinstance(expression, sympy.Equality):
        return sympy.Eq(*args, evaluate=False)
    return expression.func(*args)


def _gathered(terms: list[Any]) -> Any:
    """The sum of the terms, with a number that all have in front, or one that some have."""
    total = sympy.Add(*terms)
    numbers = {abs(t.as_coeff_Mul()[0]): None for t in terms}
    if any(is_below(f) for t in terms for f in Mul.make_args(t)):
        numbers = {n: None for n in numbers if n.q != 1}  # 2*x - 2*y/z is as good as 2*(x - y/z)
    content, _ = total.primitive()
    alone = all(abs(t.as_coeff_Mul()[0]) == content for t in terms)
    whole = content != 1 and content in numbers and (content.q == 1 or alone)
    forms = [_in_front(content, terms)] if whole else []
    for number in (n for n in numbers if n != 1):
        alike = [t for t in terms if abs(t.as_coeff_Mul()[0]) == number]
        if 1 < len(alike) < len(terms):
            forms.append(total - sympy.Add(*alike) + _in_front(number, alike))
    return min((*forms, total), key=size)


def _in_front(number: Any, terms: list[Any]) -> Any:
    turned = all(t.as_coeff_Mul()[0] < 0 for t in terms)
    number = -number if turned else number
    return Mul(number, sympy.Add(*(t / number for t in terms)), evaluate=False)


class Decimal(Symbol):  # type: ignore[misc]
    """A number to be printed as it stands."""

    @classmethod
    def class_key(cls) -> tuple[int, int, str]:
        """Among the factors of a product it stands where numbers stand."""
        return 1, 1, cls.__name__


class Root(Symbol):  # type: ignore[misc]
    """A square root that SymPy leaves as it is."""

    __slots__ = ("radicand",)

    def __new__(cls, radicand: Expr) -> Root:
        found: Root = Symbol.__new__(cls, f"sqrt({sympy.sstr(radicand)})", positive=True)
        found.radicand = radicand
        return found

    @classmethod
    def class_key(cls) -> tuple[int, int, str]:
        """Among the factors of a product it stands after the numbers."""
        return 1, 2, cls.__name__


def ordered(terms: Any) -> list[Any]:
    """Terms in the order they are kept in, those with a minus sign last."""
    return sorted(terms, key=lambda term: bool(term.could_extract_minus_sign()))


def facing(relation: Relational) -> Relational:
    """|d| <= delta rather than delta >= |d|: the side that says more, or the input, stands left."""
    left, right = relation.lhs.free_symbols, relation.rhs.free_symbols
    own = {symbols.x} & left ^ {symbols.x} & right
    if len(right) > len(left) or (len(right) == len(left) and own & right):
        relation = relation.reversed
    return relation.reversedsign if relation.lhs == -symbols.x else relation
