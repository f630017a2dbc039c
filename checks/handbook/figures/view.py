"""A view: an elementwise function as a curve, all inputs but the first held fixed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
import sympy
from numpy.typing import NDArray

from ....reference import oracle
from ....reference.facts import Case, Number, Span, facts
from ....reference.formats import FORMATS, Floats
from ....spec import derive, latex
from ....spec.function import Function
from ....spec.verify import probe_of
from ...points.points import meets, within

DOUBLE = FORMATS["float64"]


@dataclass(frozen=True)
class View:
    """A function at a setting of its parameters, the variables after the first being `fixed`.

    `case` has what is certified of it, and `along` is what lies on the x axis: the first variable,
    or its difference from the second, which is then fixed at 0.
    """

    function: Function
    setting: Mapping[str, Fraction]
    fixed: tuple[float, ...]
    case: Case
    along: str
    label: str

    @property
    def differs(self) -> bool:
        """Whether the difference of two variables lies on the x axis, which facts call d."""
        return self.case.label.startswith("d = ")

    def _columns(self, x: Floats) -> list[Floats]:
        return [x, *(np.full(x.shape, c) for c in self.fixed)]

    def has_value(self, x: Floats) -> NDArray[np.bool_]:
        """At which points the definition gives a value."""
        inside = within(x, self.function.variables[0].domain)
        return inside & meets(self.function, self._columns(x), self.setting)

    def __call__(self, x: Floats) -> NDArray[np.float64]:
        """The value and the derivative in the first variable, (2, N); NaN where there is none."""
        found = np.full((2, x.size), np.nan)
        here = self.has_value(x)
        if here.any():
            truths = oracle.truth(self.function, self._columns(x[here]), DOUBLE, self.setting)
            names = ("value", self.function.variables[0].name)
            found[:, here] = [_shown(truths[name]) for name in names]
        return found

    def second(self, x: Floats) -> Floats:
        """The second derivative, (N,)."""
        found = np.full(x.shape, np.nan)
        here = self.has_value(x)
        columns = self._columns(x[here])
        truths = oracle.truth(self.function, columns, DOUBLE, self.setting, second=True)
        found[here] = _shown(truths["second"])
        return found

    def fact(self, topic: str) -> Any:
        """What is certified on a topic; None where nothing is."""
        known = self.case.facts.get(topic)
        return None if known is None else known.value

    @cached_property
    def breaks(self) -> dict[float, int]:
        """Where a derivative jumps, with the order of the first one that does: 0 is the value."""
        smooth = self.fact("smoothness")
        return {} if smooth is None else {float(place): order for place, order in smooth.breaks}

    def at_jump(self, place: float) -> tuple[float, list[float]]:
        """The value that the definition prints at a jump, and all that it accepts there."""
        exact = next(p for p, _ in self.fact("smoothness").breaks if float(p) == place)
        given = {p.symbol: _rational(self.setting[p.name]) for p in self.function.parameters}
        others = zip(self.function.variables[1:], self.fixed, strict=True)
        given |= {v.symbol: sympy.Rational(*c.as_integer_ratio()) for v, c in others}
        x = self.function.variables[0].symbol
        own = derive.value(self.function).subs(given).subs(x, sympy.sympify(exact.exact))
        accepted = {
            float(value.subs(given))
            for where, values in self.function.jumps.items()
            if sympy.sympify(where).subs(given) == sympy.sympify(exact.exact)
            for value in values
        }
        return float(own), sorted(accepted)

    @cached_property
    def places(self) -> tuple[float, ...]:
        """Where something happens: breaks, zeros, extrema, inflections; 0 and the fixed values
        where nothing does."""
        found = list(self.breaks)
        found += [place for zero in self.fact("zeros") or () for place in _ends(zero.where)]
        found += [place for turn in self.fact("extrema") or () for place in _ends(turn.where)]
        found += [place for point in self.fact("inflections") or () for place in _ends(point)]
        return tuple(sorted(set(found))) or (0.0, *self.fixed)


def _rational(value: Fraction) -> sympy.Rational:
    return sympy.Rational(value.numerator, value.denominator)


def _ends(where: Number | Span) -> Iterator[float]:
    ends = (where.low, where.high) if isinstance(where, Span) else (where,)
    yield from (float(end) for end in ends if not end.infinite)


def _shown(truth: Any) -> Floats:
    shown: Floats = np.where(truth.decided, truth.nearest, np.nan)
    return shown


def views(function: Function, given: Mapping[str, Any] | None = None) -> tuple[View, ...]:
    """Every curve of an elementwise function that facts are known of, at given parameters."""
    setting = oracle.parameters(function, given)
    found = (_view(function, setting, case) for case in facts(function, setting))
    return tuple(view for view in found if view is not None)


def _view(function: Function, setting: Mapping[str, Fraction], case: Case) -> View | None:
    """The view of a case: its label says what is fixed, "t = 3/10" or "d = p - t".

    None where the definition gives it no value.
    """
    first, *others = function.variables
    stated = dict(part.split(" = ") for part in case.label.split(", ") if part)
    named = {str(v.symbol): v for v in others}
    if set(stated) <= set(named):
        fixed = tuple(float(sympy.Rational(stated[str(v.symbol)])) for v in others)
        along = latex.latex(first.symbol)
        label = ", ".join(
            f"{latex.latex(named[name].symbol)} = {value}" for name, value in stated.items()
        )
    else:
        fixed, label = (0.0,), ""
        along = f"{latex.latex(first.symbol)} - {latex.latex(others[0].symbol)}"
    view = View(function, setting, fixed, case, along, label)
    probe = np.array([float(probe_of(first))])
    return view if view.has_value(probe).any() else None
