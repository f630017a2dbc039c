"""Each stated fact against the expression: what a definition claims must follow from it.

Construction refuses what can be seen at once (an undeclared symbol, a Float, a kink outside the
domain). The facts here need limits, derivatives and proofs, so they are checked when a definition
is used for the first time outside the book, and for the whole book by the tests.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import sympy
from sympy import oo

from . import derive, symbols
from .errors import SpecError
from .expansion import expand
from .function import Function

_PROBES = [sympy.Rational(v) for v in ("-7/3", "-1", "-1/5", "1/7", "1", "9/4", "6")]


def verified(function: Function) -> Function:
    """The function itself; `SpecError` with the first fact that does not hold."""
    for problem in problems(function):
        raise SpecError(f"{function.name}: {problem}")
    return function


@cache
def problems(function: Function) -> tuple[str, ...]:
    """Every stated fact that does not follow from the expression, as a sentence."""
    return tuple(_problems(function))


def _problems(function: Function) -> Iterator[str]:
    yield from _identities(function)
    if function.along_axis:
        return
    if len(function.variables) == 1:
        yield from _special_values(function)
        yield from _parity(function)
        yield from _monotonicity(function)
    yield from _jumps(function)
    yield from _kinks(function)
    yield from _homogeneity(function)
    yield from _range(function)


def _defaults(function: Function) -> dict[Any, Any]:
    return {p.symbol: p.default for p in function.parameters}


def _special_values(function: Function) -> Iterator[str]:
    x = function.variables[0].symbol
    expression = derive.value(function).subs(_defaults(function))
    for point, value in function.special_values.items():
        if point in (oo, -oo):
            found = derive.limit(expression, x, point)
        elif point in function.variables[0].domain.boundary:
            found = derive.limit(expression, x, point, _inwards(function, point))
        else:
            found = expression.subs(x, point)
        if sympy.simplify(found - value) != 0 and found != value:
            yield f"special_values: at {point} the expression gives {found}, not {value}"


def _inwards(function: Function, end: Any) -> str:
    """From which side the domain of the first variable meets its end: "+" is from above."""
    return "+" if end == function.variables[0].domain.inf else "-"


def _probes(function: Function) -> list[Any]:
    """The probes that lie inside the domain of the first variable."""
    return [p for p in _PROBES if p in function.variables[0].domain.interior]


def _parity(function: Function) -> Iterator[str]:
    if function.parity is None:
        return
    x = function.variables[0].symbol
    sign = -1 if function.parity == "odd" else 1
    expression = derive.value(function).subs(_defaults(function))
    for probe in _probes(function):
        gap = expression.subs(x, -probe) - sign * expression.subs(x, probe)
        if abs(sympy.N(gap, 40)) > sympy.Rational(1, 10**30):
            yield f"parity: not {function.parity} at x = {probe}"
            return


def _monotonicity(function: Function) -> Iterator[str]:
    if function.monotone is None:
        return
    x = function.variables[0].symbol
    sign = 1 if function.monotone == "increasing" else -1
    slope = derive.gradient(function, function.variables[0]).subs(_defaults(function))
    for probe in _probes(function):
        value = sympy.N(slope.subs(x, probe), 30)
        if value.is_number and sign * value < 0:
            yield f"monotone: not {function.monotone}: the slope at x = {probe} is {value.evalf(6)}"
            return


def _jumps(function: Function) -> Iterator[str]:
    """One-sided values at every boundary: among the declared ones where they differ."""
    if len(function.variables) > 1:
        return
    x = function.variables[0].symbol
    values = {**_defaults(function), **function.constants}
    expression = derive.value(function).subs(values)
    declared = {
        point: around.subs(values)
        for where, around in function.jumps.items()
        for point in _declared_places(where, x, values)
    }
    for left, right in derive.boundaries(function):
        for point in _places(left - right, x, values):
            below, above = derive.one_sided(expression, x, point)
            accepted = declared.get(point)
            if accepted is None and sympy.simplify(below - above) != 0:
                yield f"jumps: undeclared jump at {point}, from {below} to {above}"
            if accepted is not None and not {below, above} <= set(accepted):
                yield f"jumps: at {point} the values {below} and {above} are not in {accepted}"


def _kinks(function: Function) -> Iterator[str]:
    """One-sided gradients at every boundary: declared as a kink exactly where they differ."""
    if function.jumps:
        return
    x = function.variables[0].symbol
    values = _defaults(function)
    gradient = derive.gradient(function, function.variables[0]).subs(values)
    others = {v.symbol: probe_of(v) for v in function.variables[1:]}
    gradient = gradient.subs(others)
    declared = {}
    for where, interval in function.kinks.items():
        for point in _declared_places(where, x, {**values, **others, **function.constants}):
            if hasattr(interval, "subs"):
                interval = interval.subs(function.constants).subs({**values, **others})
            declared[point] = interval
    boundaries = set(declared)
    for left, right in derive.boundaries(function):
        boundaries |= set(_places(left - right, x, {**values, **others, **function.constants}))
    inside = [p for p in boundaries if p in function.variables[0].domain]
    for point in sorted(inside, key=lambda p: float(p)):
        below, above = derive.one_sided(gradient, x, point)
        if sympy.simplify(below - above) == 0:
            if point in declared and declared[point] not in (sympy.FiniteSet(below),):
                yield f"kinks: at {point} the gradient is {below} on both sides: no kink"
            continue
        if point not in declared:
            yield f"kinks: undeclared kink at {point}, gradient {below} below and {above} above"
            continue
        hull = sympy.Interval(sympy.Min(below, above), sympy.Max(below, above))
        if sympy.simplify(declared[point].inf - hull.inf) != 0 or sympy.simplify(
            declared[point].sup - hull.sup
        ):
            yield f"kinks: at {point} the subdifferential is {hull}, not {declared[point]}"


def stated_places(function: Function) -> list[Any]:
    """Where kinks and jumps in the first variable are stated, the other inputs being ordinary."""
    others = {v.symbol: probe_of(v) for v in function.variables[1:]}
    values = {**_defaults(function), **others, **function.constants}
    x = function.variables[0].symbol
    return [
        point
        for where in (*function.kinks, *function.jumps)
        for point in _declared_places(where, x, values)
    ]


def probe_of(variable: Any) -> Any:
    """An ordinary value of an input that is held fixed while another one moves."""
    if isinstance(variable.domain, sympy.FiniteSet):
        return max(variable.domain)
    return sympy.Rational(3, 10)


def _declared_places(where: Any, x: Any, values: dict[Any, Any]) -> list[Any]:
    """A point, also one that a parameter gives; or the zeros of an expression in the variable."""
    where = sympy.sympify(where)
    if x in where.free_symbols:
        return _places(where, x, values)
    return [where.subs(values)]


def _places(where: Any, x: Any, values: dict[Any, Any]) -> list[Any]:
    expression = sympy.sympify(where).subs(values)
    if expression.is_number:
        return [expression] if sympy.sympify(where).is_number else []
    found = sympy.solveset(expression, x, sympy.Reals)
    return [p for p in found if p.is_finite] if isinstance(found, sympy.FiniteSet) else []


def _homogeneity(function: Function) -> Iterator[str]:
    if not function.homogeneous:
        return
    expression = derive.value(function).subs(_defaults(function))
    probes = dict(zip((v.symbol for v in function.variables), _PROBES[1::2], strict=False))
    base = expression.subs(probes)
    ratios = set()
    for factor in (2, 4):
        scaled = {s: p * factor if s in function.homogeneous else p for s, p in probes.items()}
        ratios.add(sympy.log(sympy.Abs(expression.subs(scaled) / base), factor).simplify())
    if len(ratios) != 1:
        yield f"homogeneous: not positively homogeneous in {function.homogeneous}"


def _range(function: Function) -> Iterator[str]:
    if function.range == sympy.Reals:
        return
    expression = derive.value(function).subs(_defaults(function))
    symbols = [v.symbol for v in function.variables]
    for first in _PROBES:
        probes = {symbols[0]: first}
        if first not in function.variables[0].domain:
            continue
        for v in function.variables[1:]:
            probes[v.symbol] = probe_of(v)
        value = sympy.N(expression.subs(probes), 30)
        if value.is_number and value.is_real and value not in function.range:
            yield f"range: {value.evalf(6)} at {first} lies outside {function.range}"
            return


def _identities(function: Function) -> Iterator[str]:
    """Identities are tried at rational points with 40 digits; a proof is asked for elsewhere."""
    for name, equation in function.identities.items():
        if equation == sympy.true:
            continue
        if equation == sympy.false:
            yield f"identities: {name!r} is false as written"
            continue
        difference = expand(equation.lhs - equation.rhs, {function.name: function})
        if difference == 0:
            continue
        if difference.has(sympy.Sum, sympy.Indexed):
            gap = _in_three_entries(difference)
            if gap.is_number and abs(gap) > sympy.Rational(1, 10**30):
                yield f"identities: {name!r} does not hold for a row of three"
            continue
        for shift in range(3):
            symbols = sorted(difference.free_symbols, key=str)
            inputs = {v.symbol: v for v in function.variables}
            probes = {}
            for k, s in enumerate(symbols):
                probe = _PROBES[(k + 2 * shift + 3) % len(_PROBES)]
                domain = getattr(inputs.get(s), "domain", sympy.Reals)
                if domain != sympy.Reals and probe not in domain:
                    probe = probe_of(inputs[s]) / (shift + 1)
                if s.is_positive or s.is_nonnegative:
                    probe = abs(probe)
                probes[s] = probe
            gap = sympy.N(difference.subs(probes), 40)
            if gap.is_number and abs(gap) > sympy.Rational(1, 10**30):
                where = ", ".join(f"{s} = {p}" for s, p in probes.items())
                yield f"identities: {name!r} does not hold at {where}"
                break


def _in_three_entries(difference: Any) -> Any:
    """A row expression at n = 3, all rows being 1/7, 1, 9/4 and every free index 1."""
    concrete = difference.subs(symbols.n, 3).doit()
    for index in (symbols.i, symbols.k, symbols.m):
        concrete = concrete.subs(index, 1)
    entries = {
        e: _PROBES[3 + int(e.indices[0])]
        for e in concrete.atoms(sympy.Indexed)
        if e.indices[0].is_Integer
    }
    concrete = concrete.subs(entries)
    rest = {s: sympy.Rational(3, 4) for s in concrete.free_symbols}
    return sympy.N(concrete.subs(rest).doit(), 40)
