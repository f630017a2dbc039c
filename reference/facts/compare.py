"""What a definition states against what is certified: a contradiction is a problem.

A stated range may be wider than the values at the default parameters, since it is stated for all
of them; a stated fact that the certificate leaves undecided is no problem here.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from functools import cache
from typing import Any

import sympy

from ...spec.function import Function
from .. import arb
from .certify import facts
from .fact import Case, Fact, Number, number
from .piece import BITS


@cache
def problems(function: Function) -> tuple[str, ...]:
    """Every stated fact that a certified one contradicts, as a sentence."""
    saved = arb.context.prec
    try:
        arb.context.prec = BITS
        return tuple(_problems(function))
    finally:
        arb.context.prec = saved


def _problems(function: Function) -> Iterator[str]:
    if function.along_axis:
        return
    for case in facts(function):
        where = f" at {case.label}" if case.label else ""
        for problem in (*_range(function, case), *_monotone(function, case)):
            yield f"{problem}{where}"
    if len(function.variables) == 1:
        (case,) = facts(function)
        yield from _parity(function, case.facts["parity"])
        yield from _limits(function, case.facts["limits"])
        yield from _homogeneity(function, case.facts["homogeneous"])
        yield from _kinks(function, case.facts["smoothness"])


def _bounds(value: Any) -> tuple[Fraction, Fraction] | None:
    """An exact number between two fractions; None for an infinity."""
    found = number(value)
    return None if found.low is None or found.high is None else (found.low, found.high)


def _range(function: Function, case: Case) -> Iterator[str]:
    found = case.facts["range"]
    if found.value is None:
        return
    low, high = found.value.low.value, found.value.high.value
    below, above = _bounds(function.range.inf), _bounds(function.range.sup)
    if below is not None and (low.infinite or low.high < below[0]):
        yield f"range: the values reach down to {low}, below the stated {function.range}"
    if above is not None and (high.infinite or high.low > above[1]):
        yield f"range: the values reach up to {high}, above the stated {function.range}"


def _monotone(function: Function, case: Case) -> Iterator[str]:
    found = case.facts["monotone"]
    if function.monotone is None or found.value is None:
        return
    if found.value.overall not in (function.monotone, "constant"):
        yield f"monotone: not {function.monotone}: {found.text}"


def _parity(function: Function, found: Fact) -> Iterator[str]:
    known = found.status != "undecided"
    if function.parity is not None and known and found.value != function.parity:
        yield f"parity: {found.text}, not {function.parity}"


def _limits(function: Function, found: Fact) -> Iterator[str]:
    if found.value is None:
        return
    for end, value in found.value:
        for place, stated in function.special_values.items():
            if str(place) == end.exact and not _equal(value, stated):
                yield f"special_values: the limit at {end} is {value}, not {stated}"


def _equal(value: Number, stated: Any) -> bool:
    bounds = _bounds(stated)
    if bounds is None or value.low is None or value.high is None:
        return str(stated) == value.exact
    return bounds[0] <= value.high and value.low <= bounds[1]


def _homogeneity(function: Function, found: Fact) -> Iterator[str]:
    if function.homogeneous and found.status != "undecided" and found.value is None:
        yield f"homogeneous: not positively homogeneous ({found.how})"


def _kinks(function: Function, found: Fact) -> Iterator[str]:
    """Each jump of the slope is stated, and each stated place (a number) is one, or a jump."""
    if found.value is None:
        return
    values = {**{p.symbol: p.default for p in function.parameters}, **function.constants}
    stated = {sympy.sympify(k).subs(values): v for k, v in function.kinks.items()}
    stated |= {sympy.sympify(k).subs(values): v for k, v in function.jumps.items()}
    if not all(s.is_number for s in stated):
        return
    breaks = [place for place, order in found.value.breaks if order <= 1]
    for place in breaks:
        if not any(_equal(place, s) for s in stated):
            yield f"kinks: the slope or the value jumps at {place}, which is not stated"
    for s, accepted in stated.items():
        one = accepted.subs(values)  # at these parameters the two sides may agree
        if one.inf != one.sup and not any(_equal(place, s) for place in breaks):
            yield f"kinks: at {s} neither the slope nor the value jumps"
