"""The pictures of an elementwise function: value and derivative, and what parameters change."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import sympy

from ....spec import derive, latex
from ....spec.function import Function, Parameter
from ..document import Code, Figure, Inline, Math
from ..plot import Curve, Guide, Mark, Plot
from . import marks
from .curves import CHANGES, MOST, PROBES, axes, curve
from .sampling import sampled
from .view import View, views
from .window import x_window, y_window
from .words import of_views, plain


def pictures(function: Function) -> Iterator[Figure]:
    """The function at its defaults, then a picture for each parameter that changes it."""
    every = views(function)
    if not every:
        return
    yield _main(function, every)
    for parameter in function.parameters:
        changed = _changed(function, parameter, every)
        if changed:
            yield _of_parameter(function, parameter, changed)


# ---------------------------------------------------------------- at the defaults


def _main(function: Function, every: Sequence[View]) -> Figure:
    window = x_window(every)
    curved = len(every) == 1 and _bends(every[0])
    plot = _panels(function, every, window, [view.label for view in every], second=curved)
    (slopes,) = plot.beside
    lines = tuple(_asymptotes(every[0], window)) if len(every) == 1 else ()
    plot = replace(plot, guides=lines)
    named = "first two derivatives" if curved else "derivative"
    among = f" in {function.variables[0].name}" if len(function.variables) > 1 else ""
    shown: list[Inline] = ["The value of ", Code(function.name), f" and its {named}{among}."]
    shown += marks.said((*plot.marks, *slopes.marks), bool(lines))
    return Figure(function.name, tuple(shown), of_views(function, every, plot), plot)


def _bends(view: View) -> bool:
    """Whether a second derivative says more than the first: it exists everywhere or jumps, is not
    constant between jumps, and is no multiple of the first."""
    function = view.function
    if len(function.variables) > 1 or any(order < 2 for order in view.breaks.values()):
        return False
    first = function.variables[0]
    given = {p.symbol: p.default for p in function.parameters}
    bend = derive.second(function, first, first).subs(given)
    branches = [e for e, _ in bend.args] if isinstance(bend, sympy.Piecewise) else [bend]
    if not any(branch.has(first.symbol) for branch in branches):
        return False
    x = np.array([-0.9, 0.4, 1.3])
    x = x[view.has_value(x)]
    ratio = view.second(x) / view(x)[1]
    return bool(np.ptp(ratio) > CHANGES * np.abs(ratio).max())


def _asymptotes(view: View, window: tuple[float, float]) -> Iterator[Guide]:
    """The line that the curve approaches, over the half of the window where it does."""
    low, high = window
    middle = (low + high) / 2
    for line in view.fact("asymptotes") or ():
        x = (low, middle) if float(line.end) < 0 else (middle, high)
        y = tuple(float(line.slope) * end + float(line.intercept) for end in x)
        if any(y) or float(line.slope):  # the axis itself is drawn anyway
            yield Guide(x, y)


# ---------------------------------------------------------------- by parameter


def _changed(
    function: Function, parameter: Parameter, every: Sequence[View]
) -> list[tuple[View, str]]:
    """The views at the default and at the samples, in the case that differs most; empty where none
    differs to the eye."""
    settings = [parameter.default, *parameter.samples]
    if len(settings) < 2:
        return []
    if function.jumps:
        settings = [parameter.default, min(parameter.samples), max(parameter.samples)]
    settings = list(dict.fromkeys(settings))[:MOST]
    by_value = [views(function, {parameter.name: value}) for value in settings]
    fixed = [view.fixed for view in every if all(_at(found, view.fixed) for found in by_value)]
    window = x_window(every)
    x = np.linspace(*window, PROBES)
    best, most = None, CHANGES
    for choice in fixed:
        chosen = [_at(found, choice) for found in by_value]
        values = np.array([view(x)[0] for view in chosen if view is not None])
        with np.errstate(invalid="ignore"):
            values[~np.isfinite(values)] = np.nan
            low, high = y_window(values)
            moved = np.nanquantile(np.abs(values - values[0]), 0.9, axis=1)
            change = float(np.nanmax(moved)) / (high - low)
        if change > most:
            best, most = choice, change
    if best is None:
        return []
    symbol = latex.latex(parameter.symbol)
    return [
        (view, f"{symbol} = {latex.text(value)}")
        for found, value in zip(by_value, settings, strict=True)
        if (view := _at(found, best)) is not None
    ]


def _at(found: Sequence[View], fixed: tuple[float, ...]) -> View | None:
    return next((view for view in found if view.fixed == fixed), None)


def _of_parameter(
    function: Function, parameter: Parameter, changed: Sequence[tuple[View, str]]
) -> Figure:
    every = [view for view, _ in changed]
    window = x_window(every)
    plot = _panels(function, every, window, [label for _, label in changed])
    (slopes,) = plot.beside
    where = every[0].label
    shown: list[Inline] = [Code(function.name), " and its derivative at values of "]
    shown += [Math(latex.latex(parameter.symbol), parameter.name)]
    shown += [", for ", Math(where, plain(where)), "."] if where else ["."]
    shown += marks.said((*plot.marks, *slopes.marks), False)
    alt = of_views(function, every, plot, tuple(label for _, label in changed))
    return Figure(f"{function.name}-{parameter.name}", tuple(shown), alt, plot)


# ---------------------------------------------------------------- the axes


def _panels(
    function: Function,
    every: Sequence[View],
    window: tuple[float, float],
    labels: Sequence[str],
    *,
    second: bool = False,
) -> Plot:
    """The values, and beside them the slopes (and bends), one style for each view."""
    values, slopes = list[Curve](), list[Curve]()
    value_marks, slope_marks = list[Mark](), list[Mark]()
    for style, (view, label) in enumerate(zip(every, labels, strict=True)):
        x, (value, slope) = sampled(view, window, view.breaks)
        values.append(curve(x, value, view.breaks, 0, "", style))
        slopes.append(curve(x, slope, view.breaks, 1, "f'" if second else label, style))
        value_marks += marks.of_value(view.breaks, x, value, window, style, view.at_jump)
        slope_marks += marks.of_slope(view.breaks, x, slope, window, style)
        if second:
            bend = view.second(x)
            slopes.append(curve(x, bend, view.breaks, 2, "f''", 1))
    inputs = ", ".join(latex.latex(v.symbol) for v in function.variables)
    first = latex.latex(function.variables[0].symbol)
    named = "derivatives" if second else f"derivative in ${first}$"
    along = every[0].along
    left = axes(f"${latex.operator(function.name)}({inputs})$", along, window, values, value_marks)
    return replace(left, beside=(axes(named, along, window, slopes, slope_marks),))
