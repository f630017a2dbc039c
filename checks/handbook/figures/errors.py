"""Measured errors: how many ulps an implementation is off, over every binade of its format."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from ..document import Code, Figure, Inline
from ..drawing.palette import STROKES
from ..plot import Curve, Guide, Mark, Plot

LEAST = 0.01  # ulps: what is nearer to the truth is drawn here
FLOOR = LEAST / 3  # of the axes
MOST = 1e6  # and what is further off, or no number at all, is marked at the top
ROUNDED, FAITHFUL = 0.5, 1.0
OVER = {
    "all": "every float was tried of {}",
    "sampled": "the points of a check were tried of {}",
    "part": "a part of the floats was tried of {}",
    "hunt": "a lower bound, from a hunt for the worst input, is drawn of {}",
}
AROUND = 100.0  # times the size of what is notable: so much is shown around it


@dataclass(frozen=True)
class Measured:
    """What was measured of one backend: the largest error in ulps in a stretch around each x.

    `x` rises through both signs; an error of NaN means that nothing was tried there, an infinite
    one that NaN or an infinity came for a number. `style` is the kind of line, so that a backend
    has the same in every picture; its place in the sequence where that is None. `over` says which
    inputs were tried: of OVER.
    """

    label: str
    x: Sequence[float]
    ulp: Sequence[float]
    style: int | None = None
    over: str = ""


def notable(measured: Sequence[Measured]) -> bool:
    """Whether any result was not correctly rounded: else there is nothing to be seen."""
    return any(error > ROUNDED for one in measured for error in one.ulp)


def errors(
    name: str, function: str, format_name: str, quantity: str, measured: Sequence[Measured]
) -> Figure:
    """The errors of several backends in one format, negative x on the left, positive on the right.

    `quantity` is "value" or "gradient". Raises `ValueError` where nothing was measured, and where
    there are more backends than line styles.
    """
    if not any(np.isfinite(one.ulp).any() for one in measured if len(one.ulp)):
        raise ValueError(f"{name}: no error was measured; leave the picture out")
    most = max(_style(k, one) for k, one in enumerate(measured)) + 1
    if most > len(STROKES):
        raise ValueError(
            f"{name}: {most} backends, and there are {len(STROKES)} kinds of line; choose fewer"
        )
    sides = [_side(measured, sign) for sign in (-1, 1)]
    shown = [side for side in sides if side is not None]
    top = max(side.y_window[1] for side in shown if side.y_window)
    shown = [_raised(side, top, last=side is shown[-1]) for side in shown]
    plot = replace(shown[0], beside=tuple(shown[1:]))
    text: list[Inline] = [f"The largest error of the {quantity} of ", Code(function)]
    text += [f" in {format_name}, in ulps, over x; thin lines at 1/2 (correctly rounded) and 1"]
    text += [" (faithful)."]
    if notable(measured):
        text += [" Beyond the ends of the axes no error is more than 1/2."]
    if any(mark.kind == "beyond" for side in shown for mark in side.marks):
        text += [f" A triangle stands for more than {MOST:,.0f} ulps, or for no number."]
    text += [_tried(measured)]
    alt = f"Errors of the {quantity} of {function} in {format_name}. {_said(measured)}"
    return Figure(name, tuple(text), alt, plot)


def _tried(measured: Sequence[Measured]) -> str:
    """Which inputs the errors are of, in a sentence; "" where that is not told."""
    groups = {over: [m.label for m in measured if m.over == over] for over in OVER}
    said = "; ".join(OVER[over].format(_listed(names)) for over, names in groups.items() if names)
    return f" {said[0].upper()}{said[1:]}." if said else ""


def _listed(names: Sequence[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _side(measured: Sequence[Measured], sign: int) -> Plot | None:
    """The pair of axes of one sign; None where nothing was tried there."""
    curves, marks, places = [], [], list[float]()
    missed = list[float]()  # places where a result is not correctly rounded
    for k, one in enumerate(measured):
        style = _style(k, one)
        x, ulp = np.asarray(one.x, dtype=float), np.asarray(one.ulp, dtype=float)
        here = (np.sign(x) == sign) & ~np.isnan(ulp)
        if not here.any():
            continue
        x, ulp = x[here], ulp[here]
        beyond = ulp > MOST
        places += x.tolist()
        missed += x[ulp > ROUNDED].tolist()
        drawn = np.clip(ulp, LEAST, MOST)
        curves.append(Curve(tuple(x.tolist()), tuple(drawn.tolist()), _label(one), style))
        marks += [Mark(float(at), MOST, "beyond", style) for at in x[beyond]]
    if not curves:
        return None
    window = _window(places, missed)
    largest = max(max(curve.y) for curve in curves)
    return Plot(
        tuple(curves),
        tuple(marks),
        "ulps" if sign < 0 else "",
        "$x$",
        x_scale="log" if sign > 0 else "negative log",
        y_scale="log",
        x_window=window,
        y_window=(FLOOR, max(2.0, 2 * largest)),
        guides=tuple(Guide(window, (level, level)) for level in (ROUNDED, FAITHFUL)),
    )


def _style(position: int, one: Measured) -> int:
    return position if one.style is None else one.style


def _label(one: Measured) -> str:
    return rf"\mathrm{{{one.label}}}".replace(" ", r"\ ").replace("_", r"\_")


def _window(places: Sequence[float], missed: Sequence[float]) -> tuple[float, float]:
    """All places, without those at both ends where every result is correctly rounded."""
    low, high = min(places), max(places)
    if not missed:
        return low, high
    shrink, grow = (AROUND, 1 / AROUND) if low < 0 else (1 / AROUND, AROUND)
    return max(low, min(missed) * shrink), min(high, max(missed) * grow)


def _raised(side: Plot, top: float, *, last: bool) -> Plot:
    """The same up to a height that all sides share; labels stand beside the last one only."""
    curves = tuple(c if last else Curve(c.x, c.y, "", c.style) for c in side.curves)
    return replace(side, y_window=(FLOOR, top), curves=curves)


def _said(measured: Sequence[Measured]) -> str:
    """The worst of each backend, and where."""
    words = []
    for one in measured:
        ulp = np.asarray(one.ulp, dtype=float)
        if np.isnan(ulp).all():
            continue
        k = int(np.nanargmax(ulp))
        worst = f"{ulp[k]:.3g} ulps" if np.isfinite(ulp[k]) else "no number"
        words.append(f"{one.label}: at most {worst}, near x = {one.x[k]:.3g}")
    return "; ".join(words) + "."
