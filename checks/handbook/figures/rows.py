"""The pictures of a function along an axis: what one entry of its first variable does."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from ....spec import latex
from ....spec.function import Function, Parameter
from ..document import Code, Figure, Inline, Math
from ..plot import Curve, Mark, Plot
from . import marks
from .curves import CHANGES, MOST, PROBES, axes, curve
from .row_map import called, over_two
from .row_view import RowView, row_views
from .sampling import sampled
from .words import of_curves, plain


def pictures(function: Function) -> Iterator[Figure]:
    """The function at its defaults, then a picture for each parameter that changes it."""
    every = row_views(function)[:MOST]
    yield _reduced(every) if every[0].reduces else _entries(every[0])
    for parameter in function.parameters:
        changed = _changed(function, parameter, len(every))
        if changed:
            yield _of_parameter(function, parameter, changed)


# ---------------------------------------------------------------- a number from a row


def _reduced(every: Sequence[RowView]) -> Figure:
    function = every[0].function
    only = every[0].label if len(every) == 1 else ""
    plot = _value_and_slope(every, ["" if only else view.label for view in every])
    text: list[Inline] = ["The value of ", Code(function.name), " and its derivative"]
    return _figure(function.name, text, every[0], only, plot)


def _figure(name: str, text: list[Inline], view: RowView, at: str, plot: Plot) -> Figure:
    text += [" as ", Math(view.moving, plain(view.moving)), " moves"]
    text += [_others(view)]
    text += [", at ", Math(at, plain(at)), "."] if at else ["."]
    text += marks.said((*plot.marks, *(m for right in plot.beside for m in right.marks)), False)
    alt = of_curves(f"{view.function.name} over {plain(view.moving)}", plot)
    return Figure(name, tuple(text), alt, plot)


def _others(view: RowView) -> str:
    """What the other entries of the first variable are held at."""
    row = view.inputs[0]
    rest = np.delete(row.ravel(), np.ravel_multi_index(view.place, row.shape))
    if not rest.size:
        return ""
    held = [f"{entry:g}" for entry in rest]
    if len(set(held)) > 1:
        return f" and the others are {' and '.join(held)}"
    return f" and the {'other is' if rest.size == 1 else 'others are'} {held[0]}"


def _value_and_slope(every: Sequence[RowView], labels: Sequence[str]) -> Plot:
    function, window = every[0].function, _window(every)
    values, slopes = list[Curve](), list[Curve]()
    value_marks, slope_marks = list[Mark](), list[Mark]()
    for style, (view, label) in enumerate(zip(every, labels, strict=True)):
        (breaks,) = view.breaks
        x, (value, slope) = sampled(view, window, breaks)
        values.append(curve(x, value, breaks, 0, "", style))
        slopes.append(curve(x, slope, breaks, 1, label, style))
        value_marks += marks.of_value(breaks, x, value, window, style)
        slope_marks += marks.of_slope(breaks, x, slope, window, style)
    moving = every[0].moving
    inputs = (v.symbol.label if v.along_axis else v.symbol for v in function.variables)
    title = f"${latex.operator(function.name)}({', '.join(map(latex.latex, inputs))})$"
    left = axes(title, moving, window, values, value_marks)
    right = axes(f"derivative in ${moving}$", moving, window, slopes, slope_marks)
    return replace(left, beside=(right,))


def _window(every: Sequence[RowView]) -> tuple[float, float]:
    return min(view.limits[0] for view in every), max(view.limits[1] for view in every)


# ---------------------------------------------------------------- a row from a row


def _entries(view: RowView) -> Figure:
    """The entries as one input moves; beside them the first entry over two inputs, where it does
    not jump."""
    window = view.limits
    x, outputs = sampled(view, window, {place for breaks in view.breaks for place in breaks})
    several = len(outputs) > 1
    curves, found = list[Curve](), list[Mark]()
    for k, (y, breaks) in enumerate(zip(outputs, view.breaks, strict=True)):
        curves.append(curve(x, y, breaks, 0, f"i = {k}" if several else "", k))
        found += marks.of_value(breaks, x, y, window, k)
    jumps = any(order == 0 for breaks in view.breaks for order in breaks.values())
    title = f"${called(view, {view.place: view.moving})}{'_i' if several else ''}$"
    plot = axes(title, view.moving, window, curves, found)
    plot = plot if jumps else replace(plot, beside=(over_two(view),))
    whose = "The entries of " if several else "The value of "
    text: list[Inline] = [whose, Code(view.function.name)]
    if not jumps:
        text = [*text, ", to the right ", "its first entry" if several else "the same", " over two"]
        text = [*text, " inputs,"]
    return _figure(view.function.name, text, view, "", plot)


# ---------------------------------------------------------------- by parameter


def _changed(function: Function, parameter: Parameter, cases: int) -> list[tuple[RowView, str]]:
    """The views at the default and at the samples, in the case that differs most; empty where none
    differs to the eye."""
    settings = list(dict.fromkeys([parameter.default, *parameter.samples]))[:MOST]
    if len(settings) < 2 or function.row_output:
        return []
    by_value = [row_views(function, {parameter.name: value}) for value in settings]
    x = np.linspace(*_window(by_value[0]), PROBES)
    best, most = None, CHANGES
    for case in range(cases):
        values = np.array([every[case](x)[0] for every in by_value])
        values[~np.isfinite(values)] = np.nan
        height = np.nanmax(values) - np.nanmin(values)
        change = np.nanquantile(np.abs(values - values[0]), 0.9, axis=1).max()
        if change > most * height:
            best, most = case, change / height
    if best is None:
        return []
    symbol = latex.latex(parameter.symbol)
    return [
        (every[best], f"{symbol} = {latex.text(value)}")
        for every, value in zip(by_value, settings, strict=True)
    ]


def _of_parameter(
    function: Function, parameter: Parameter, changed: Sequence[tuple[RowView, str]]
) -> Figure:
    every = [view for view, _ in changed]
    plot = _value_and_slope(every, [label for _, label in changed])
    text: list[Inline] = [Code(function.name), " and its derivative at values of "]
    text += [Math(latex.latex(parameter.symbol), parameter.name)]
    name = f"{function.name}-{parameter.name}"
    return _figure(name, text, every[0], every[0].label, plot)
