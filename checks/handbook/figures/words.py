"""What is to be seen in a picture, in words, for those who do not see it: from certified facts."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Sequence

import numpy as np

from ....spec.function import Function
from ..plot import Curve, Plot
from .view import View

LONG = re.compile(r"-?\d+\.\d{5,}(\.\.\.)?")
TOPICS = ("range", "monotone", "extrema", "asymptotes", "smoothness")
NOTHING = ("none", "analytic")


def of_views(
    function: Function,
    every: Sequence[View],
    plot: Plot,
    labels: Sequence[str] = (),
) -> str:
    """The curves of an elementwise function: range, rise and fall, turns, asymptotes, kinks.

    One of which nothing is certified is described as it is drawn.
    """
    window = plot.x_window or (-math.inf, math.inf)
    low, high = (f"{end:g}" for end in window)
    along = plain(every[0].along)
    along = f"d = {along}" if every[0].differs else along
    parts = [f"{function.name} for {along} from {low} to {high}."]
    labels = labels or [view.label for view in every]
    for view, label, curve in zip(every, labels, plot.curves, strict=True):
        said = of_view(view) or of_curve(curve)
        parts.append(f"At {plain(label)}: {said}." if label else f"{said[0].upper()}{said[1:]}.")
    return " ".join(parts)


def of_view(view: View) -> str:
    """What is certified of a curve, in a line; "" where nothing is."""
    words = []
    for topic in TOPICS:
        fact = view.case.facts.get(topic)
        if fact is None or fact.status == "undecided" or fact.text in NOTHING:
            continue
        text = fact.text
        if topic == "asymptotes":
            name = "d" if view.differs else plain(view.along)
            text = ", ".join(f"{a.text(name)} at {a.end}" for a in fact.value)
        if text:
            words.append(_WORDED[topic].format(short(text)))
    return "; ".join(words)


_WORDED = {
    "range": "values in {}",
    "monotone": "{}",
    "extrema": "{}",
    "asymptotes": "approaches {}",
    "smoothness": "{}",
}


def short(text: str) -> str:
    """The same with four digits where a number has more, and infinities in words."""
    text = LONG.sub(lambda number: f"{float(number[0].rstrip('.')):.4g}", text)
    return re.sub(r"\boo\b", "infinity", text)


def of_curves(what: str, plot: Plot) -> str:
    """Curves of which nothing is certified: where each begins and ends, and its turns, as drawn."""
    low, high = plot.x_window or (plot.curves[0].x[0], plot.curves[0].x[-1])
    parts = [f"{what} from {low:g} to {high:g}."]
    labels = [curve.latex for curve in (plot.beside[-1].curves if plot.beside else ())]
    named = [curve.latex or label for curve, label in itertools.zip_longest(plot.curves, labels)]
    for curve, label in zip(plot.curves, named, strict=False):
        said = of_curve(curve)
        parts.append(f"At {plain(label)}: {said}." if label else f"{said[0].upper()}{said[1:]}.")
    kinks = sorted({mark.x for mark in plot.marks if mark.kind == "kink"})
    if kinks:
        parts.append(f"Kinks at {', '.join(f'{place:.4g}' for place in kinks)}.")
    jumps = sorted({mark.x for mark in plot.marks if mark.kind == "open"})
    if jumps:
        parts.append(f"Jumps at {', '.join(f'{place:.4g}' for place in jumps)}.")
    return " ".join(parts)


def of_curve(curve: Curve) -> str:
    """The rise and fall of a curve through the points that are drawn."""
    y = np.array([value for value in curve.y if np.isfinite(value)])
    start, stop, low, high = (float(v) for v in (y[0], y[-1], y.min(), y.max()))
    slack = 1e-9 * max(1.0, high - low)
    if high - low <= slack:
        return f"constant at {start:.4g}"
    if (np.diff(y) >= -slack).all():
        return f"rises from {start:.4g} to {stop:.4g}"
    if (np.diff(y) <= slack).all():
        return f"falls from {start:.4g} to {stop:.4g}"
    return f"goes from {start:.4g} to {stop:.4g}, between {low:.4g} and {high:.4g}"


def plain(label: str) -> str:
    r"""A label without LaTeX: "alpha = 1/2" for "\alpha = 1/2"."""
    text = re.sub(r"\\mathrm\{([^}]*)\}", r"\1", label)
    text = re.sub(r"(?<!\\)_\{?(\w+(, \w+)*)\}?", r"[\1]", text)
    return text.replace("\\_", "_").replace("\\", "")
