"""A view of a function along an axis: one entry of its first variable moves, the rest is fixed."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import sympy
from numpy.typing import NDArray

from ....reference import oracle
from ....reference.formats import FORMATS, Floats
from ....reference.rows import truth_rows
from ....spec import derive, latex, symbols
from ....spec.function import Function, Variable
from ....spec.special import Largest, positive_part
from ...book.jumps import Curve, narrowed

DOUBLE = FORMATS["float64"]
LENGTH = 3  # of a row
WIDEST, WIDE = 8.0, 4.0  # how far a real entry moves at most, and where it never settles
ROOM = 1.5  # beyond where something happens
NEAR = 0.02  # of the largest slope: as good as settled
COARSE = 33  # points between which breaks are looked for
DIGITS = 12  # of a place that halving has found


@dataclass(frozen=True)
class RowView:
    """A function along an axis as curves over one entry of its first variable.

    `inputs` has a row (or matrix, or number) for each variable, in which the entry at `place` of
    the first one moves. A row of outputs is a curve for each; a number has its slope, too.
    """

    function: Function
    setting: Mapping[str, Any]
    inputs: tuple[Floats, ...]
    place: tuple[int, ...]
    label: str

    @property
    def moving(self) -> str:
        """The entry that moves, as LaTeX."""
        return latex.latex(self.function.variables[0].symbol[self.place])

    @property
    def _entry(self) -> Any:
        """The entry that moves, in a batch."""
        return (slice(None), *self.place)

    @property
    def reduces(self) -> bool:
        return not self.function.row_output

    def batch(self, x: Floats) -> list[Floats]:
        """The inputs, one for each place of the entry that moves."""
        batch = [np.repeat(one[None], x.size, axis=0) for one in self.inputs]
        batch[0][self._entry] = x
        return batch

    def __call__(self, x: Floats) -> NDArray[np.float64]:
        """The outputs (k, N); a single one that is no row, and its slope (2, N)."""
        cotangent = np.ones(x.size) if self.reduces else None
        found = truth_rows(self.function, self.batch(x), DOUBLE, cotangent, self.setting)
        value = _shown(found["value"])
        if not self.reduces:
            return value.T
        slope = _shown(found[self.function.variables[0].name])
        return np.array([value, slope[self._entry]])

    @cached_property
    def limits(self) -> tuple[float, float]:
        """Between which numbers the entry moves: its domain, or as far as something happens."""
        domain = self.function.variables[0].domain
        low, high = float(domain.inf), float(domain.sup)
        if np.isfinite(low) and np.isfinite(high):
            return low, high
        x = np.linspace(-WIDEST, WIDEST, 65)
        x = x[(x >= low) & (x <= high)]
        values = self(x)[0:1] if self.reduces else self(x)
        slopes = np.diff(values) / np.diff(x)
        scale = np.abs(slopes).max()
        left = np.abs(slopes - slopes[:, :1]).max(axis=0) > NEAR * scale
        right = np.abs(slopes - slopes[:, -1:]).max(axis=0) > NEAR * scale
        settles = not left[:4].any() and not right[-4:].any()
        reach = max(-x[:-1][left].min(), x[1:][right].max()) if left.any() and right.any() else 0.0
        half = float(np.ceil(max(reach, 0.0) + ROOM)) if settles else WIDE
        return max(low, -half), min(high, half)

    @cached_property
    def breaks(self) -> tuple[dict[float, int], ...]:
        """For each output, where it jumps (0) or its slope does (1), found by halving."""
        low, high = self.limits
        grid = low + (high - low) * (np.arange(COARSE) + 0.37) / COARSE
        count = 1 if self.reduces else len(self(grid[:1]))
        if not derive.value(self.function).has(sympy.Piecewise, Largest, positive_part):
            return ({},) * count
        return tuple(self._breaks_of(k, count, grid) for k in range(count))

    def _breaks_of(self, k: int, count: int, grid: Floats) -> dict[float, int]:
        def slope(x: Floats) -> Floats:
            seeds = np.repeat(np.eye(count)[k][None], x.size, axis=0)
            seeds = seeds[:, 0] if self.reduces else seeds
            found = truth_rows(self.function, self.batch(x), DOUBLE, seeds, self.setting)
            slopes: Floats = _shown(found[self.function.variables[0].name])[self._entry]
            return slopes

        def value(x: Floats) -> Floats:
            output: Floats = self(x)[k]
            return output

        kinks = dict.fromkeys(_places(slope, grid), 1)
        return kinks | dict.fromkeys(_places(value, grid), 0)


def _places(curve: Curve, grid: Floats) -> list[float]:
    return [round(place, DIGITS) + 0.0 for place, _, _ in narrowed(curve, grid)]


def _shown(truth: Any) -> Floats:
    shown: Floats = np.where(truth.decided, truth.nearest, np.nan)
    return shown


# ---------------------------------------------------------------- what is held fixed


def row_views(function: Function, given: Mapping[str, Any] | None = None) -> tuple[RowView, ...]:
    """The views of a function along an axis: one for each target worth seeing."""
    setting = oracle.parameters(function, given)
    others = function.variables[1:]
    pairs = [v for v in others if v.along_axis and v.domain is sympy.S.Reals]
    length = 2 if pairs or function.outputs != symbols.n else LENGTH
    start, place = _first(function, length, bool(pairs))
    choices = [list(_choices(v, k, function, length)) for k, v in enumerate(others)]
    return tuple(
        RowView(
            function,
            setting,
            (start, *(value for value, _ in chosen)),
            place,
            ", ".join(label for _, label in chosen if label),
        )
        for chosen in itertools.product(*choices)
    )


def _first(function: Function, length: int, paired: bool) -> tuple[Floats, tuple[int, ...]]:
    """The first variable and which entry of it moves: the second half of a gated unit, the first
    entry of a row, the first label's logit in the first frame of a sequence."""
    v = function.variables[0]
    shape = function.tried(v, length)
    if len(shape) == 2:
        return np.zeros(shape), (0, 1)
    if function.outputs != symbols.n:
        return np.ones(shape), (length // 2,)
    low, high = float(v.domain.inf), float(v.domain.sup)
    if np.isfinite(low) or np.isfinite(high):
        fill = (low + high) / 2 if np.isfinite(low + high) else high - 1
    else:
        fill = 0.5 if paired else 0.0
    row = np.full(shape, fill)
    if function.row_output:  # three entries that differ are three curves
        row[1:] = np.arange(length - 1)[::-1] / 2
    return row, (0,)


def _choices(
    v: Variable, position: int, function: Function, length: int
) -> Iterator[tuple[Floats, str]]:
    """What a further variable is held at, with a label where there are several choices."""
    name = latex.latex(v.symbol.label if v.along_axis else v.symbol)
    if not v.along_axis:
        values = sorted(v.domain) if isinstance(v.domain, sympy.FiniteSet) else [sympy.Integer(1)]
        yield from ((np.array(float(one)), f"{name} = {one}") for one in values)
        return
    shape = function.tried(v, length)
    if v.labels:
        row = np.arange(1.0, shape[0] + 1)
        yield row, f"{name} = {_written(row)}"
        return
    units = np.eye(length)
    if v.domain is sympy.S.Reals:
        yield units[position], f"{latex.latex(v.symbol.label)} = {_written(units[position])}"
        return
    yield from ((row, f"{name} = {_written(row)}") for row in units[:2])
    if not v.one_hot and not isinstance(v.domain, sympy.FiniteSet):
        row = np.array([0.5, 0.5, *[0.0] * (length - 2)])
        yield row, f"{name} = {_written(row)}"


def _written(row: Sequence[float] | Floats) -> str:
    return f"({', '.join(f'{entry:g}' for entry in row)})"
