"""Paths through a sequence, and the labelling that each of them stands for.

A path gives each frame a class. Repeated classes are merged, then the blank, class 0, is dropped:
what is left is the path's labelling. (1, 1, 0, 1) stands for (1, 1), and (1, 1, 1) for (1,).
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from functools import cache
from typing import Any

import sympy

from . import symbols

BLANK = 0
MOST = 20_000
"""So many paths are looked at, no more: every one is, by the definition."""


class TooManyPaths(ValueError):  # noqa: N818 - it is a limit of ours, not an error of anyone's
    """A sequence is too long to look at each of its paths."""


class Alignments(sympy.Expr):  # type: ignore[misc] # SymPy is untyped
    """The sum of terms over the paths that stand for a labelling: Alignments(f(pi_), t, T).

    The paths `pi_` are those of T frames that stand for t[0], t[1], ...
    """

    is_real = True

    def __new__(cls, term: Any, labels: Any, frames: Any) -> Any:
        return sympy.Expr.__new__(cls, *map(sympy.sympify, (term, labels, frames)))

    @property
    def function(self) -> Any:
        return self.args[0]

    @property
    def free_symbols(self) -> set[Any]:
        term, *others = (a.free_symbols for a in self.args)
        return {s for s in term if symbols.path.label not in s.free_symbols}.union(*others)

    def _eval_derivative(self, symbol: Any) -> Any:
        slope = sympy.diff(self.function, symbol)
        return slope if slope.is_zero else self.func(slope, *self.args[1:])

    def _latex(self, printer: Any, exp: Any = None) -> str:
        inner = printer.parenthesize(self.function, sympy.printing.precedence.PRECEDENCE["Mul"])
        paths = rf"{printer._print(symbols.path.label)} \in \mathcal{{B}}^{{-1}}"
        text = rf"\sum_{{{paths}({printer._print(self.args[1].label)})}} {inner}"
        return rf"\left({text}\right)^{{{exp}}}" if exp else text

    @property
    def paths(self) -> list[dict[Any, Any]]:
        """What pi_[0], pi_[1], ... are along each path, where labels and T are numbers."""
        _, labels, frames = self.args
        return [
            {symbols.path[frame]: sympy.Integer(label) for frame, label in enumerate(path)}
            for path in alignments(tuple(map(int, labels)), int(frames))
        ]


def labelling(path: Sequence[int]) -> tuple[int, ...]:
    """What a path stands for: repeats merged, then blanks dropped."""
    merged = (label for label, _ in itertools.groupby(path))
    return tuple(label for label in merged if label != BLANK)


@cache
def alignments(labels: tuple[int, ...], frames: int) -> tuple[tuple[int, ...], ...]:
    """The paths of so many frames that stand for the labels, by trying every path.

    A path with another class stands for another labelling, so classes that are no label are left
    out. Raises `TooManyPaths` where it would take too long: the definition is no algorithm.
    """
    classes = (BLANK, *sorted(set(labels)))
    count = len(classes) ** frames
    if count > MOST:
        raise TooManyPaths(
            f"{frames} frames of {len(classes)} classes have {count} paths, and the definition "
            f"sums over each of them: give a sequence that has {MOST} at most"
        )
    return tuple(p for p in itertools.product(classes, repeat=frames) if labelling(p) == labels)
