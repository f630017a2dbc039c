"""Facts of a function that hold on its whole domain: certified by Arb or proved by SymPy.

Range, zeros, extrema, monotone and convex pieces, Lipschitz constant, limits, asymptotes,
parity, homogeneity, smoothness, fixed points: none of them by sampling.
"""

from .certify import facts
from .compare import problems
from .fact import (
    Asymptote,
    Bound,
    Case,
    Extremum,
    Fact,
    Number,
    Place,
    Range,
    Runs,
    Slope,
    Smoothness,
    Span,
    Zero,
)
from .smoothness import ordinal

__all__ = [
    "Asymptote",
    "Bound",
    "Case",
    "Extremum",
    "Fact",
    "Number",
    "Place",
    "Range",
    "Runs",
    "Slope",
    "Smoothness",
    "Span",
    "Zero",
    "facts",
    "ordinal",
    "problems",
]
