"""A product as a number and powers, and how much it takes to write an expression."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any

import sympy
from sympy import Add, Mul, Pow, S, exp


def size(expression: Any) -> int:
    """How much it takes to write an expression: 10 for each letter, number and operation, 1 for
    a minus sign."""
    if expression.is_Rational:
        return (10 if expression.is_Integer else 20) + bool(expression < 0)
    if not expression.args or isinstance(expression, sympy.Indexed):
        return 10
    if isinstance(expression, Pow) and expression.exp in (-1, S.Half, -S.Half):
        return 10 + size(expression.base)
    parts = 10 + sum(map(size, expression.args))
    if isinstance(expression, Mul):
        return parts - 10 * (S.NegativeOne in expression.args) + 15 * _storeys(expression)
    return parts + 2 * (isinstance(expression, Add) and _falls(expression))


def _storeys(product: Mul) -> int:
    """How many fractions stand within a fraction."""
    if not any(is_below(a) for a in product.args):
        return 0
    sums = (a.base if is_below(a) else a for a in product.args)
    inner = (Mul.make_args(t) for a in sums if isinstance(a, Add) for t in a.args)
    return sum(any(is_below(factor) for factor in factors) for factors in inner)


def is_below(factor: Any) -> bool:
    """Whether a factor stands under the line of a fraction."""
    return bool(isinstance(factor, Pow) and factor.exp.is_negative)


def _falls(total: Add) -> bool:
    """t - 1 is 1 - t the wrong way round."""
    return bool(total.args[0].is_number and total.args[0] < 0)


@dataclass(frozen=True)
class Term:
    """A number times powers: what is raised, with the exponent of each."""

    number: Any
    powers: Mapping[Any, Any]

    @property
    def product(self) -> Any:
        return Mul(self.number, *(base**e for base, e in self.powers.items()))

    def over(self, common: Mapping[Any, Any]) -> Any:
        """What is left when common factors are taken out."""
        left = {base: e - common.get(base, 0) for base, e in self.powers.items()}
        return Term(self.number, left).product

    def without(self, base: Any) -> Any:
        return self.over({base: self.powers[base]})


@cache
def term(product: Any) -> Term:
    """What a product consists of; numbers stand in front, a - b and b - a are one."""
    number, factors = product.as_coeff_mul()
    powers: dict[Any, Any] = {}
    for factor in factors:
        base, e = power(factor)
        if isinstance(base, Add) and e.is_Integer:
            scale, base = upright(base)
            number *= scale**e
        powers[base] = powers.get(base, 0) + e
    return Term(number, MappingProxyType(powers))


def power(factor: Any) -> tuple[Any, Any]:
    """A base and a rational exponent; exp(-2*x) is exp(x) to the power -2."""
    if isinstance(factor, exp):
        count, inside = factor.args[0].as_coeff_Mul()
        return exp(inside), count
    base, e = factor.as_base_exp()
    return (base, e) if e.is_Rational else (factor, S.One)


def upright(total: Add) -> tuple[Any, Any]:
    """A sum as a number times a sum with whole coefficients, of which most are positive."""
    content, total = total.primitive()
    total = Add(*(term(a).product for a in total.args))
    if not isinstance(total, Add):
        return content, total
    more = minuses(total)
    numbered = total.args[0].is_number
    turned = _falls(total) if numbered else total.could_extract_minus_sign()
    return (-content, -total) if more > 0 or (more == 0 and turned) else (content, total)


def minuses(total: Add) -> int:
    """How many more terms of a sum have a minus sign than have none."""
    return sum(1 if a.as_coeff_Mul()[0].is_negative else -1 for a in total.args)


def shared(terms: Iterable[Term]) -> dict[Any, Any]:
    """The powers that all terms have: of exponents with one sign the smallest."""
    first, *others = (t.powers for t in terms)
    found = {}
    for base, e in first.items():
        exponents = [e, *(powers.get(base, S.Zero) for powers in others)]
        if all(other * e > 0 for other in exponents):
            found[base] = min(exponents, key=abs)
    return found
