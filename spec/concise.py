"""Equal forms of a derived expression, and the one that an author would print.

A derivative comes out of the product rule multiplied out, with a case for each sign. Here common
factors are collected, quotients of exponentials reduced, and cases merged (see `cases`). No rule is
for one function only. SymPy's `simplify` is slow, and finds short forms that nobody writes.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from functools import cache
from typing import Any

import sympy
from sympy import Add, Mul, Piecewise, Pow, S, Sum, Symbol, cosh, exp, sinh, tanh
from sympy.core.function import AppliedUndef

from . import symbols
from .alignments import Alignments
from .cases import merged
from .function import Function
from .special import is_positive, positive_part, xdivy
from .terms import Term, minuses, power, shared, size, term, upright

LARGEST = 1000  # SymPy's `factor` takes too long over what is larger
LARGE = 300  # over one denominator, what is larger is harder to read


def concise(expression: Any, function: Function) -> Any:
    """The shortest form found; equal wherever the function is differentiable.

    At a declared kink sgn is 0: halfway between the slopes on both sides.
    """
    kept = _kept(function)
    found = merged(smooth(expression.xreplace(kept)), function, _shortest)
    return found.xreplace(_back(kept))


def smooth(expression: Any) -> Any:
    """The shortest form found by algebra alone, equal everywhere, as smooth as before."""
    return _shortest(_without_limits(expression))


@cache
def _kept(function: Function) -> dict[Any, Any]:
    """The author's sums with brackets in them, by names: they stay as they are."""
    kept: dict[Any, Any] = {}
    for total in sorted(function.expression.atoms(Add), key=sympy.default_sort_key):
        if any(isinstance(f, Add) for term_ in total.args for f in Mul.make_args(term_)):
            for index in (symbols.i, symbols.k, symbols.m):
                placed = total.xreplace({symbols.i: index})
                number, turned = upright(placed)
                places = sorted(placed.free_symbols & set(symbols.INDICES), key=str)
                name = sympy.Function(f"kept{len(kept):03}", real=True)(S.Zero, *places)
                kept.setdefault(placed, number * name)
                kept.setdefault(turned, name)
    return kept


def _back(kept: dict[Any, Any]) -> dict[Any, Any]:
    """What the names stand for."""
    return {name: total for total, name in kept.items() if isinstance(name, AppliedUndef)}


@cache
def _shortest(expression: Any) -> Any:
    if not isinstance(expression, Add | Mul | Pow | Sum | Alignments | Piecewise):
        return expression  # what a function is of is as in the definition
    if isinstance(expression, Piecewise):
        return Piecewise(*((_shortest(e), c) for e, c in expression.args))
    if isinstance(expression, Alignments):
        return expression.func(_shortest(expression.function), *expression.args[1:])
    if isinstance(expression, Sum):
        return _constants_in_front(_shortest(expression.function), expression)
    found = expression.func(*map(_shortest, expression.args))
    if isinstance(found, Add):
        return min((*_sums(found), found), key=size)
    return _shortest_product(found)


def _constants_in_front(inside: Any, total: Sum) -> Any:
    """A sum with that inside, the factors without its index in front of it."""
    outside, inside = inside.as_independent(*total.variables, as_Add=False)
    return outside * Sum(inside, *total.limits)


# ---------------------------------------------------------------- sums


def _sums(total: Add) -> Iterator[Any]:
    """Common factors in front, or those of the terms that share most; or as a product."""
    terms = [term(t) for t in total.args]
    common = shared(terms)
    if common:
        front = Mul(*(base**e for base, e in common.items()))
        inside = Add(*(t.over(common) for t in terms))
        for form in (_shortest(inside), *_factored(inside)):
            yield _shortest_product(front * form)
        return
    group = _most_alike(terms)
    if group:
        alike = Add(*(total.args[at] for at in group))
        yield _shortest(alike) + _shortest(total - alike)
    yield from _factored(total)
    yield from _one_sum(total)


def _most_alike(terms: list[Term]) -> list[int]:
    """The places of the terms that share a factor, for the factor that saves most."""
    best: list[int] = []
    saved = 0
    for base in dict.fromkeys(b for t in terms for b in t.powers):
        for sign in (1, -1):
            sharing = [at for at, t in enumerate(terms) if t.powers.get(base, 0) * sign > 0]
            if (len(sharing) - 1) * size(base) > saved:
                best, saved = sharing, (len(sharing) - 1) * size(base)
    return best


def _factored(total: Any) -> Iterator[Any]:
    """As products of polynomials in what is no sum, and in the sums within."""
    if not isinstance(total, Add) or size(total) > LARGEST:
        return
    for deep in (False, True):
        stands: dict[Any, Any] = {}
        veiled = Add(*(_veiled(a, stands, deep) for a in total.args))
        if veiled.is_rational_function():
            back = {dummy: whole for whole, dummy in stands.items()}
            found = sympy.factor(veiled).xreplace(back)
            small = size(total) <= LARGE or size(found) < 4 / 5 * size(total)
            if small and not isinstance(found, Add):
                parts = found.func(*map(_shortest, found.args)) if found.args else found
                yield _shortest_product(_conjugated(parts))


def _veiled(expression: Any, stands: dict[Any, Any], deep: bool) -> Any:
    """The expression with a letter for all that is no product or whole power of others."""
    if isinstance(expression, Mul) or (deep and isinstance(expression, Add)):
        return expression.func(*(_veiled(a, stands, deep) for a in expression.args))
    if expression.is_Rational:
        return expression
    base, e = power(expression)
    if e.is_Integer and e != 1:
        return _veiled(base, stands, deep) ** e
    if expression.is_Symbol:
        return expression
    return stands.setdefault(expression, sympy.Dummy(f"veil{len(stands):03}"))  # names that sort


def _conjugated(product: Any) -> Any:
    """(a - b)(a + b) as a**2 - b**2, which `factor` takes apart."""
    powers = product.as_powers_dict() if isinstance(product, Mul) else {}
    for one, other in itertools.combinations([b for b in powers if isinstance(b, Add)], 2):
        half, rest = (one + other) / 2, (one - other) / 2
        e = powers[one]
        if powers[other] == e and not isinstance(half, Add) and not isinstance(rest, Add):
            return _conjugated(product / (one * other) ** e * (half**2 - rest**2) ** e)
    return product


def _one_sum(total: Add) -> Iterator[Any]:
    """Two sums over the same indices as one, where the terms have a common factor."""
    sums = [t for t in total.args if isinstance(t.as_coeff_Mul()[1], Sum)]
    for one, other in itertools.combinations(sums, 2):
        (a, first), (b, second) = one.as_coeff_Mul(), other.as_coeff_Mul()
        if first.limits == second.limits and abs(a) == abs(b):
            inside = _shortest(first.function + b / a * second.function)
            if not isinstance(inside, Add):
                both = _shortest_product(a * _constants_in_front(inside, first))
                yield total - one - other + both


# ---------------------------------------------------------------- products


def _shortest_product(product: Any) -> Any:
    return min(_products(product), key=size)


def _products(product: Any) -> Iterator[Any]:
    even = _even(product)
    yield even
    yield product
    if isinstance(even, Mul):
        yield from _turned(even)
        yield from _reduced(even)
        yield from _with_one_sum(even)
        yield from _spread(even)


def _even(product: Any) -> Any:
    """Numbers in front of brackets, a - b and b - a as one, sinh/cosh as tanh."""
    if isinstance(product, Add):
        return product
    split = term(product)
    powers = dict(split.powers)
    for base, e in split.powers.items():
        if isinstance(base, sinh) and powers.get(cosh(base.args[0])) == -e:
            del powers[base], powers[cosh(base.args[0])]
            powers[tanh(base.args[0])] = e
        if isinstance(base, positive_part) and e > 0:  # which is 0 where it is not positive
            powers.pop(is_positive(base.args[0]), None)
        if isinstance(base, is_positive) and e > 0:  # 0 or 1
            powers[base] = S.One
    even = Term(split.number, powers)
    return next(_turned_by(even, whole=True), even.product) if split.number < 0 else even.product


def _turned(product: Any) -> Iterator[Any]:
    split = term(product)
    if split.number < 0:
        yield from _turned_by(split, whole=False)


def _turned_by(split: Term, *, whole: bool) -> Iterator[Any]:
    """-(a - b) as b - a; with `whole`, only where that is written as well: not t - 1."""
    for base, e in split.powers.items():
        if not (isinstance(base, Add) and e.is_Integer and e.is_odd):
            continue
        if whole and not (upright(-base)[0] > 0 or (_tied(base) and not base.args[0].is_number)):
            continue
        other = Add(*(_even(-a) for a in base.args))
        yield -split.without(base) * other**e


def _tied(total: Add) -> bool:
    return minuses(total) == 0


def _reduced(product: Any) -> Iterator[Any]:
    """exp(u)/(1 + exp(u)) as 1/(1 + exp(-u))."""
    for growth in product.args:
        for below in product.args:
            base, e = below.as_base_exp()
            if isinstance(growth, exp) and isinstance(base, Add) and e.is_Integer and e < 0:
                shrunk = Add(*(a * exp(growth.args[0] / e) for a in base.args))
                yield product / growth / below * shrunk**e


def _with_one_sum(product: Any) -> Iterator[Any]:
    """(1 + exp(-u)) as (1 + exp(u)) exp(-u), where both are factors."""
    powers = term(product).powers
    for one, other in itertools.permutations([b for b in powers if isinstance(b, Add)], 2):
        for growth in (a for a in other.args if isinstance(a, exp)):
            if Add(*(a * growth for a in one.args)) == other:
                yield product / other ** powers[other] * (one * growth) ** powers[other]


def _spread(product: Any) -> Iterator[Any]:
    """(a*b + c)/b as a + c/b."""
    split = term(product)
    below = {b for b, e in split.powers.items() if e < 0}
    for base, e in split.powers.items():
        if e == 1 and isinstance(base, Add) and any(below & set(term(a).powers) for a in base.args):
            rest = split.without(base)
            yield Add(*(a * rest for a in base.args))


# ---------------------------------------------------------------- quotients that know a limit


def _without_limits(expression: Any) -> Any:
    """xdivy(u, u*c) as 1/c, where that says the same at u = 0 too."""
    for quotient in sorted(expression.atoms(xdivy), key=str):
        above, below = quotient.args
        (symbol, *others) = sorted(above.free_symbols, key=str)
        value = sympy.cancel(above / below)
        if others or above.subs(symbol, 0) != 0 or value.subs(symbol, 0) in (0, S.ComplexInfinity):
            continue
        other = expression.xreplace({quotient: value})
        if _same_at_zero(expression, other, symbol):
            expression = other
    return expression


def _same_at_zero(one: Any, other: Any, symbol: Symbol) -> bool:
    if isinstance(one, Piecewise):
        pairs = zip(one.args, other.args, strict=True)
        return all(_same_at_zero(a, b, symbol) for (a, _), (b, _) in pairs)
    left, right = one.subs(symbol, 0), other.subs(symbol, 0)
    return bool(left == right or sympy.cancel(left - right) == 0)
