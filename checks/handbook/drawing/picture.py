"""From a `Plot` to the bytes of an SVG and of a PDF, the same bytes for the same plot.

matplotlib draws, without pyplot and without the user's settings. Texts are paths, in the fonts that
matplotlib ships: an <img> can use no font of its page.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..plot import Curve, Guide, Mark, Plot, Surface, panels
from . import labels, vector
from .palette import FAINT, INK, PAPER, STROKES

WIDTH, HEIGHT = 460.0, 172.0  # points
LEFT, TOP, BOTTOM = 32.0, 18.0, 30.0  # around a pair of axes
MARGIN = 0.12  # of a map: no number of a contour line stands so near to its edge
NARROW = 250.0  # the widest single pair of axes

_SETTINGS = {
    "font.size": labels.SIZE,
    "axes.titlesize": labels.SIZE,
    "axes.labelsize": labels.SIZE,
    "axes.linewidth": 0.6,
    "axes.edgecolor": FAINT.light,
    "axes.unicode_minus": True,
    "text.color": INK.light,
    "axes.labelcolor": INK.light,
    "xtick.labelcolor": INK.light,
    "ytick.labelcolor": INK.light,
    "xtick.color": FAINT.light,
    "ytick.color": FAINT.light,
    "mathtext.fontset": "dejavusans",
    "figure.facecolor": PAPER.light,
    "axes.facecolor": PAPER.light,
    "svg.fonttype": "path",
    "svg.hashsalt": "ulpian",
    "pdf.fonttype": 3,
    "pdf.compression": 9,
}


@dataclass(frozen=True)
class Drawn:
    """A picture: for the screen, light and dark in one file, and for print."""

    svg: bytes
    pdf: bytes


def draw(plot: Plot) -> Drawn:
    """The picture of a plot. Raises `ImportError` where matplotlib is missing."""
    with _settings():
        figure = drawn(plot)
        svg, pdf = io.BytesIO(), io.BytesIO()
        figure.savefig(svg, format="svg", metadata={"Date": None, "Creator": None})
        figure.savefig(pdf, format="pdf", metadata={"CreationDate": None, "Creator": None})
    return Drawn(vector.for_screens(svg.getvalue()), pdf.getvalue())


def _settings() -> Any:
    try:
        import matplotlib.style
    except ImportError as error:
        raise ImportError(
            "pictures are drawn by matplotlib: pip install 'ulpian[handbook]'"
        ) from error
    return matplotlib.style.context(["default", _SETTINGS])


def drawn(plot: Plot) -> Any:
    """The matplotlib figure of a plot, all texts in their places."""
    from matplotlib.figure import Figure

    every = panels(plot)
    rooms = [labels.room(one) for one in every]
    free = WIDTH - sum(rooms) - len(every) * LEFT
    wide = min(free / len(every), NARROW)
    total = wide * len(every) + sum(rooms) + len(every) * LEFT
    figure = Figure(figsize=(total / labels.POINTS, HEIGHT / labels.POINTS))
    x = 0.0
    for one, room in zip(every, rooms, strict=True):
        x += LEFT
        box = (x / total, BOTTOM / HEIGHT, wide / total, (HEIGHT - TOP - BOTTOM) / HEIGHT)
        _fill(figure.add_axes(box), one)
        x += wide + room
    return figure


def _fill(axes: Any, plot: Plot) -> None:
    _scales(axes, plot)
    if plot.surface is not None:
        _draw_surface(axes, plot.surface)
    for guide in plot.guides:
        _draw_guide(axes, guide, plot)
    for curve in plot.curves:
        _draw_curve(axes, curve, plot)
    for mark in plot.marks:
        _draw_mark(axes, mark, plot)
    _windows(axes, plot)
    window = axes.get_ylim()
    ends = {c.y: labels.end(_placed(c.y, plot.y_scale), window) for c in plot.curves}
    labels.put(axes, plot, ends)


# ---------------------------------------------------------------- axes


def _scales(axes: Any, plot: Plot) -> None:
    axes.set_title(plot.title, loc="left", pad=4)
    axes.set_ylabel(plot.y_label, labelpad=1)
    axes.set_xlabel(plot.x_label, labelpad=1.5)
    axes.tick_params(length=2.5, width=0.6, pad=3)
    for side in ("top", "right"):
        axes.spines[side].set_visible(plot.surface is not None)
    _ticks(axes.xaxis, plot.x_scale)
    _ticks(axes.yaxis, plot.y_scale)
    if plot.surface is None:
        for line, scale in ((axes.axhline, plot.y_scale), (axes.axvline, plot.x_scale)):
            if scale == "linear":
                line(0, color=FAINT.light, linewidth=0.4, zorder=0.5)


def _ticks(axis: Any, scale: str) -> None:
    from matplotlib import ticker

    linear = scale == "linear"
    steps = [1, 2, 2.5, 5, 10] if linear else [1, 2, 5, 10]
    axis.set_major_locator(ticker.MaxNLocator(5, steps=steps, integer=not linear))
    if linear:
        plain = ticker.ScalarFormatter(useOffset=False)
        plain.set_scientific(False)
        axis.set_major_formatter(plain)
    else:
        sign = "-" if scale == "negative log" else ""
        axis.set_major_formatter(ticker.FuncFormatter(lambda at, _: _power(at, sign)))


def _power(at: float, sign: str) -> str:
    """The number that stands at a place of a logarithmic axis."""
    power = round(-at if sign else at)
    return f"${sign}1$" if power == 0 else f"${sign}10^{{{power}}}$"


def _windows(axes: Any, plot: Plot) -> None:
    if plot.x_window is not None:
        axes.set_xlim(*_placed(plot.x_window, plot.x_scale))
    if plot.y_window is not None:
        axes.set_ylim(*_placed(plot.y_window, plot.y_scale))


def _placed(values: Sequence[float], scale: str) -> Any:
    """Where numbers stand on an axis. Logarithms are taken here: those of matplotlib overflow
    where an axis reaches over all binades of float64."""
    numbers = np.asarray(values, dtype=float)
    if scale == "linear":
        return numbers
    return np.log10(numbers) if scale == "log" else -np.log10(-numbers)


# ---------------------------------------------------------------- what stands in them


def _draw_curve(axes: Any, curve: Curve, plot: Plot) -> None:
    stroke = STROKES[curve.style]
    axes.plot(
        _placed(curve.x, plot.x_scale),
        _placed(curve.y, plot.y_scale),
        color=stroke.tint.light,
        linewidth=stroke.width,
        linestyle=stroke.pattern,
        zorder=2 + 0.05 * curve.style,  # dashes over a line that they lie on
    )


def _draw_guide(axes: Any, guide: Guide, plot: Plot) -> None:
    axes.plot(
        _placed(guide.x, plot.x_scale),
        _placed(guide.y, plot.y_scale),
        color=FAINT.light,
        linewidth=0.7,
        dashes=(3, 2),
        zorder=1,
    )


_SHAPES = {"open": "o", "closed": "o", "accepted": "o", "kink": "D", "beyond": "^"}
_SIZES = {"open": 4.2, "closed": 4.2, "accepted": 2.4, "kink": 3.4, "beyond": 4.0}


def _draw_mark(axes: Any, mark: Mark, plot: Plot) -> None:
    tint = STROKES[mark.style].tint
    axes.plot(
        _placed([mark.x], plot.x_scale),
        _placed([mark.y], plot.y_scale),
        marker=_SHAPES[mark.kind],
        markersize=_SIZES[mark.kind],
        markerfacecolor=PAPER.light if mark.kind == "open" else tint.light,
        markeredgecolor=tint.light,
        markeredgewidth=0.9,
        linestyle="none",
        clip_on=False,
        zorder=4,
    )


def _draw_surface(axes: Any, surface: Surface) -> None:
    """Steps of one tint, ever stronger, and a line with its number between two of them."""
    tint = STROKES[0].tint.light
    values = np.array(surface.values)
    count = len(surface.levels) - 1
    for k in range(count):
        axes.contourf(
            surface.x,
            surface.y,
            values,
            levels=surface.levels[k : k + 2],
            colors=[tint],
            alpha=round(0.55 * k / max(count - 1, 1), 3),
            antialiased=True,
        )
    lines = axes.contour(
        surface.x,
        surface.y,
        values,
        levels=surface.levels[1:-1],
        colors=[INK.light],
        linewidths=0.5,
        linestyles="solid",
    )
    spots = _spots(lines.allsegs, surface)
    axes.clabel(lines, fontsize=labels.SIZE - 1.5, inline_spacing=2, fmt="%g", manual=spots)


def _spots(lines: Sequence[Any], surface: Surface) -> list[tuple[float, float]]:
    """Where the numbers of contour lines stand: off the edge, each further along than the last."""
    low = np.array([surface.x[0], surface.y[0]])
    high = np.array([surface.x[-1], surface.y[-1]])
    room = MARGIN * (high - low)
    spots = []
    for k, segments in enumerate(lines):
        points = np.concatenate([np.empty((0, 2)), *segments])
        inside = points[((points > low + room) & (points < high - room)).all(axis=1)]
        if inside.size:
            x, y = inside[len(inside) * (k + 1) // (len(lines) + 1)]
            spots.append((float(x), float(y)))
    return spots
