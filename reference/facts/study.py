"""The facts of a line, by topic, one function each.

Every one of these functions takes a `Line` and gives a `Fact`; where a step is not certified it
raises `Undecided`, which `study` turns into a fact that says so.
"""

from __future__ import annotations

from collections.abc import Callable

from .bounds import range_, slope
from .ends import asymptotes, limits
from .fact import Fact, undecided
from .intervals import convexity, inflections, monotone
from .line import Line
from .piece import Undecided
from .places import extrema, fixed_points, zeros
from .smoothness import smoothness
from .symmetry import homogeneous, parity

TOPICS: dict[str, Callable[[Line], Fact]] = {
    "range": range_,
    "zeros": zeros,
    "extrema": extrema,
    "monotone": monotone,
    "convexity": convexity,
    "inflections": inflections,
    "slope": slope,
    "limits": limits,
    "asymptotes": asymptotes,
    "parity": parity,
    "homogeneous": homogeneous,
    "smoothness": smoothness,
    "fixed points": fixed_points,
}


def study(line: Line) -> dict[str, Fact]:
    """All facts of a function of one variable, by topic, in the order of the book."""
    return {topic: _tried(fact, line) for topic, fact in TOPICS.items()}


def _tried(fact: Callable[[Line], Fact], line: Line) -> Fact:
    try:
        return fact(line)
    except Undecided as reason:
        return undecided(str(reason))
    except (NotImplementedError, ValueError, TypeError, AttributeError, RecursionError) as error:
        return undecided(f"given up: {error}")
