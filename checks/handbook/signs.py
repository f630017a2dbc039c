"""The signs that formulas are written with beside letters and names, and what each means."""

from __future__ import annotations

from typing import Any

from sympy import (
    FiniteSet,
    Interval,
    KroneckerDelta,
    Max,
    Min,
    Piecewise,
    S,
    Sum,
    Symbol,
    cosh,
    exp,
    log,
    oo,
    pi,
    sign,
    sinh,
    sqrt,
    tanh,
)

from ...spec.alignments import Alignments
from ...spec.function import applied
from ...spec.notation import STANDARD, Notation, density
from ...spec.special import Largest, attains
from ...spec.symbols import frames, i, j, k, n, t_vector, x, z

a, b = Symbol("a", real=True), Symbol("b", real=True)
ROW = (j, 0, n - 1)

EXPRESSIONS: tuple[tuple[Any, str], ...] = (
    (S.Reals, "the real numbers"),
    (oo, "infinity"),
    (Interval(a, b), "the numbers from a to b; a round bracket leaves the end out"),
    (FiniteSet(a, b), "a and b, and nothing else"),
    (sqrt(a), "the square root of a that is not negative"),
    (exp(x), "the exponential function; e is 2.71828..."),
    (pi, "3.14159..., but with an index, in the loss ctc, a path"),
    (log(a), "the natural logarithm"),
    (cosh(x), "the hyperbolic cosine"),
    (sinh(x), "the hyperbolic sine"),
    (tanh(x), "the hyperbolic tangent"),
    (sign(a), "1 where a is positive, -1 where it is negative, 0 at 0"),
    (Max(a, b), "the larger of the two"),
    (Min(a, b), "the smaller of the two"),
    (Largest(z[j], ROW), "the largest entry of a row"),
    (attains(z[k], Largest(z[j], ROW)), "1 where the equation in the brackets holds, else 0"),
    (Sum(z[j], ROW), "the sum of the entries of a row"),
    (z[i], "entry i of a row, and with two indices entry j of row i of a matrix"),
    (KroneckerDelta(i, k), "1 if i = k, else 0"),
    (
        Alignments(a, t_vector, frames),
        "the sum over the paths that stand for the labels t: repeats are merged, then blanks "
        "dropped",
    ),
    (Piecewise((a, x > 0), (b, True)), "a where its condition holds, else b"),
)
"""What is printed as the definitions are, in the notation of the edition."""

SIGMA = ((applied("sigmoid")(x), "the logistic sigmoid, which this book calls sigmoid"),)
PHI = (
    (applied("ndtr")(x), "the standard normal distribution, which this book calls ndtr"),
    (density(x), "its density"),
)


def expressions(notation: Notation = STANDARD) -> tuple[tuple[Any, str], ...]:
    """`EXPRESSIONS`, and the functions that a notation has letters for."""
    sigma = SIGMA if notation.sigmoid != STANDARD.sigmoid else ()
    return (*EXPRESSIONS, *sigma, *(PHI if notation.normal != STANDARD.normal else ()))


WRITINGS: tuple[tuple[str, str, str], ...] = (
    (r"x \in A", "x in A", "x is in A"),
    (r"A \cup B", "A or B", "what is in A or in B"),
    (r"a \leq b, \ a \geq b", "a <= b, a >= b", "at most, at least"),
    (r"\frac{a}{b}, \ a \cdot b", "a/b, a*b", "a divided by b, a times b"),
    (r"f(x; \alpha)", "f(x; alpha)", "inputs stand before the semicolon, parameters after it"),
    (r"f(z)_{i}", "f(z)[i]", "entry i of what f makes of a row"),
    (r"\frac{d}{d x} f(x)", "d f(x) / dx", "the derivative; f' in a limit"),
    (r"\frac{\partial}{\partial x} f", "d f / dx", "the derivative in x, all else fixed"),
    (r"\partial_{x} f = [a, b]", "subdifferential [a, b]", "the slopes accepted at a kink"),
    (r"\lim_{x \to \infty} f(x) = a", "f(x) -> a as x -> oo", "the limit as x grows"),
    (r"0.25\ldots", "0.25...", "a number with more digits than are printed"),
)
"""What stands around expressions: LaTeX, text, meaning."""
