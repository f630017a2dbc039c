"""What a picture shows, as plain data: nothing here draws.

Titles and labels of axes are running text with formulas between dollars, "derivative in $x$";
those of curves are formulas alone. `drawing` says how styles and kinds of marks look.
"""

from __future__ import annotations

from dataclasses import dataclass

Numbers = tuple[float, ...]

SCALES = ("linear", "log", "negative log")
MARKS = ("open", "closed", "accepted", "kink", "beyond")


@dataclass(frozen=True)
class Curve:
    """A line through points; NaN breaks it. `style` tells curves apart without colour.

    Curves of one style in axes side by side belong together; one without a label is named beside
    another.
    """

    x: Numbers
    y: Numbers
    latex: str
    style: int = 0


@dataclass(frozen=True)
class Mark:
    """A point that means something.

    At a jump, an "open" end is not a value, a "closed" one is, and one "accepted" is as right; at
    a "kink" the slope jumps; "beyond" the window, a value lies that has no place in it.
    """

    x: float
    y: float
    kind: str
    style: int = 0


@dataclass(frozen=True)
class Guide:
    """A thin line to compare with: an asymptote, an error that a level allows."""

    x: Numbers
    y: Numbers


@dataclass(frozen=True)
class Surface:
    """A function of two numbers: `values[j][i]` belongs to x[i] and y[j]; drawn in steps at
    `levels`, which rise."""

    x: Numbers
    y: Numbers
    values: tuple[Numbers, ...]
    levels: Numbers


@dataclass(frozen=True)
class Plot:
    """Curves and marks in one pair of axes, and further pairs `beside` it.

    The title stands above, and says what is drawn. The scales are of `SCALES`; on a "negative log"
    one all numbers are negative. A window of None holds everything.
    """

    curves: tuple[Curve, ...] = ()
    marks: tuple[Mark, ...] = ()
    title: str = ""
    x_label: str = ""
    y_label: str = ""
    x_scale: str = "linear"
    y_scale: str = "linear"
    x_window: tuple[float, float] | None = None
    y_window: tuple[float, float] | None = None
    guides: tuple[Guide, ...] = ()
    surface: Surface | None = None
    beside: tuple[Plot, ...] = ()


def panels(plot: Plot) -> tuple[Plot, ...]:
    """The pairs of axes from left to right."""
    return (plot, *(one for right in plot.beside for one in panels(right)))
