"""Functions side by side: what articles compare, and what belongs together."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from ....reference import oracle
from ....reference.facts import facts
from ....reference.formats import FORMATS, Floats
from ....spec import latex
from ....spec.catalogue import find
from ....spec.function import Function
from ..document import Code, Figure, Inline
from ..plot import Curve, Mark
from . import marks
from .curves import axes, curve
from .sampling import sampled
from .words import of_curve


@dataclass(frozen=True)
class Member:
    """A function of a family. `given` are parameters that are not at their defaults, `fixed` the
    variables after the first."""

    name: str
    given: tuple[tuple[str, Fraction], ...] = ()
    fixed: tuple[float, ...] = ()


@dataclass(frozen=True)
class Family:
    """Functions in one picture over the same x axis; `along` is LaTeX for what lies on it."""

    name: str
    title: str
    members: tuple[Member, ...]
    window: tuple[float, float]
    along: str


def _members(*names: str, fixed: tuple[float, ...] = ()) -> tuple[Member, ...]:
    return tuple(Member(name, fixed=fixed) for name in names)


FAMILIES = (
    Family(
        "activations",
        "Activations side by side",
        _members("sigmoid", "tanh", "relu", "leaky_relu", "swish"),
        (-5.0, 5.0),
        "x",
    ),
    Family(
        "sigmoid-tanh",
        "Sigmoid and tanh, and their derivatives",
        _members("sigmoid", "tanh"),
        (-6.0, 6.0),
        "x",
    ),
    Family(
        "relu-family",
        "Rectified linear units",
        (
            Member("relu"),
            Member("leaky_relu", (("negative_slope", Fraction(1, 10)),)),
            Member("elu"),
            Member("selu"),
            Member("softplus"),
        ),
        (-3.0, 3.0),
        "x",
    ),
    Family(
        "smooth-units",
        "Smooth units, and the hard one that stands in for them",
        _members("gelu", "silu", "mish", "quick_gelu", "hard_swish"),
        (-5.0, 2.0),
        "x",
    ),
    Family(
        "sigmoid-shapes",
        "Units that saturate",
        _members("tanh", "erf", "softsign", "hard_tanh"),
        (-5.0, 5.0),
        "x",
    ),
    Family(
        "shrinkage",
        "Units that shrink what is small",
        _members("softshrink", "hardshrink", "tanhshrink"),
        (-2.0, 2.0),
        "x",
    ),
    Family(
        "regression",
        "Regression losses over the residual",
        (
            *_members("mse", "mae", "huber", "pseudo_huber", "log_cosh", fixed=(0.0,)),
            Member("quantile", (("q", Fraction(9, 10)),), (0.0,)),
        ),
        (-3.0, 3.0),
        "p - t",
    ),
    Family(
        "losses-at-1",
        "Losses of a prediction whose target is 1",
        _members("mse", "mae", "hinge", fixed=(1.0,)),
        (-1.0, 2.0),
        "p",
    ),
    Family(
        "margin-losses",
        "Margin losses over the margin, the prediction times its target",
        _members("hinge", "squared_hinge", "soft_margin", "perceptron", fixed=(1.0,)),
        (-3.0, 3.0),
        "t p",
    ),
    Family(
        "classification-at-1",
        "Losses of a probability whose target is 1",
        _members("bce", "focal", "mse", "mae", fixed=(1.0,)),
        (0.0, 1.0),
        "p",
    ),
    Family(
        "logit-losses",
        "Losses of a logit whose target is 1",
        _members("bce_with_logits", "focal_with_logits", "soft_margin", fixed=(1.0,)),
        (-6.0, 6.0),
        "z",
    ),
)


def family(one: Family) -> Figure:
    """Values, and beside them derivatives, in the first variable."""
    values, slopes = list[Curve](), list[Curve]()
    value_marks, slope_marks = list[Mark](), list[Mark]()
    said = []
    for style, member in enumerate(one.members):
        function, breaks = find(member.name), _breaks(member)
        x, (value, slope) = sampled(_Asked(function, member), one.window, breaks)
        label = _label(function, member)
        values.append(curve(x, value, breaks, 0, "", style))
        slopes.append(curve(x, slope, breaks, 1, label, style))
        value_marks += marks.of_value(breaks, x, value, one.window, style)
        slope_marks += marks.of_slope(breaks, x, slope, one.window, style)
        said.append(f"{member.name} {of_curve(values[-1])}")
    left = axes("value", one.along, one.window, values, value_marks)
    right = axes("derivative", one.along, one.window, slopes, slope_marks)
    plot = replace(left, beside=(right,))
    low, high = one.window
    alt = f"{one.title}, from {low:g} to {high:g}: {'; '.join(said)}."
    return Figure(f"family-{one.name}", _caption(one, (*value_marks, *slope_marks)), alt, plot)


class _Asked:
    """A member's value and slope at points of the x axis."""

    def __init__(self, function: Function, member: Member) -> None:
        self.function, self.member = function, member

    def __call__(self, x: Floats) -> NDArray[np.float64]:
        columns = [x, *(np.full(x.shape, c) for c in self.member.fixed)]
        fmt = FORMATS["float64"]
        found = oracle.truth(self.function, columns, fmt, dict(self.member.given))
        both = (found["value"], found[self.function.variables[0].name])
        return np.array([np.where(truth.decided, truth.nearest, np.nan) for truth in both])


def _breaks(member: Member) -> dict[float, int]:
    """Where the member jumps or has a kink, from its certified facts: those of the case with its
    fixed values, or of the difference."""
    label = _case(member)
    for case in facts(find(member.name), dict(member.given)):
        if case.label == label or case.label.startswith("d = "):
            moved = member.fixed[0] if case.label.startswith("d = ") else 0.0
            smooth = case.facts["smoothness"].value
            return {float(place) + moved: order for place, order in smooth.breaks}
    raise LookupError(f"{member.name}: no facts for {label or 'it'}; take values that facts fix")


def _case(member: Member) -> str:
    others = find(member.name).variables[1:]
    pairs = zip(others, member.fixed, strict=True)
    return ", ".join(f"{v.symbol} = {Fraction(value)}" for v, value in pairs)


def _label(function: Function, member: Member) -> str:
    name = latex.symbol_name(function.name)
    symbols = {p.name: latex.latex(p.symbol) for p in function.parameters}
    given = ", ".join(f"{symbols[key]} = {value}" for key, value in member.given)
    return rf"{name},\ {given}" if given else name


def _caption(one: Family, every: tuple[Mark, ...]) -> tuple[Inline, ...]:
    text: list[Inline] = [f"{one.title}: "]
    for k, member in enumerate(one.members):
        text += [", " if k else "", Code(member.name)]
        text += [f" ({key} = {value})" for key, value in member.given]
    return (*text, ".", *marks.said(every, False))
