"""One line of inputs: all floats of the free variable, the others fixed."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...reference.error import least_error
from ...reference.formats import Floats, Format
from ...reference.local.pieces import Line, Piece
from ...spec.function import Variable
from ..points import points
from ..sweeps.job import Job

LENGTHS = (4096, 1 << 16, 1 << 19)  # of arrays, where a library compiles each anew
FEW = 63  # points of a question: more of them would be kept on the disk


@dataclass(frozen=True, eq=False)
class Track:
    """What computes on a line, and the truth about it.

    `open_` names the other variables that another line may have elsewhere.
    """

    job: Job
    open_: frozenset[str] = frozenset()
    distrusted: set[tuple[bool, int]] = field(default_factory=set)

    @property
    def fmt(self) -> Format:
        return self.job.fmt

    @property
    def fixed(self) -> Mapping[str, Fraction]:
        return self.job.shard.fixed

    def beside(self, fixed: Mapping[str, Fraction]) -> Track:
        """Another line of the same function."""
        return Track(Job(replace(self.job.shard, fixed=dict(fixed))), self.open_)

    @cached_property
    def variable(self) -> Variable:
        quantity = self.job.quantity
        found: Variable = quantity.function.variables[quantity.place]
        return found

    @cached_property
    def line(self) -> Line:
        return Line(self.job.quantity, self.fmt)

    def pieces(self, negative: bool, binade: int) -> tuple[Piece, ...]:
        """The pieces of a binade that lie in the variable's domain."""
        return tuple(p for p in self.line.pieces(negative, binade) if self._inside(p))

    def _inside(self, piece: Piece) -> bool:
        ends = piece.bits(self.fmt, np.array([0, piece.count - 1]))
        return bool(self.inside(self.floats(ends)).all())

    def piece(self, negative: bool, bits: int) -> Piece:
        """The piece that holds the float with these bits, without the sign."""
        found = self.line.pieces(negative, bits >> (self.fmt.precision - 1))
        return found[bisect_right([p.first for p in found], bits) - 1]

    def inside(self, x: Floats) -> NDArray[np.bool_]:
        """Which numbers the function takes."""
        found = points.within(x, self.variable.domain)
        quantity = self.job.quantity
        columns = quantity.columns(x)
        return found & points.meets(quantity.function, columns, quantity.setting)

    def floats(self, bits: NDArray[Any]) -> Floats:
        with np.errstate(all="ignore"):
            found: Floats = bits.astype(self.fmt.integer).view(self.fmt.dtype).astype(np.float64)
        return found

    def answers(self, array: NDArray[Any]) -> NDArray[Any]:
        """What the code computes; a library that compiles each length sees few of them."""
        if not self.job.target.adapter.COMPILES_EACH_SHAPE:
            return self.job.answers(array)
        length = next((n for n in LENGTHS if n >= array.size), array.size)
        return self.job.answers(np.resize(array, length))[: array.size]

    def observed(self, bits: list[int]) -> Floats:
        """What the code computes at some floats."""
        raw = np.array(bits, dtype=self.fmt.integer)
        padded = np.resize(raw, max(LENGTHS[0], raw.size))
        seen = self.answers(padded.view(self.fmt.dtype))[: raw.size]
        return seen.astype(np.float64)

    def errors(self, bits: list[int], observed: Floats) -> Floats:
        """Errors as the oracle tells them, in ulps: -1 where the truth is not decided."""
        return self.asked(bits, observed)[0]

    def asked(self, bits: list[int], observed: Floats) -> tuple[Floats, Floats]:
        """Those errors, and the truths that they are counted from, rounded to the format."""
        x = self.floats(np.array(bits, dtype=self.fmt.integer))
        errors, nearest = np.full(len(bits), -1.0), np.full(len(bits), np.nan)
        for start in range(0, len(bits), FEW):
            rows = slice(start, start + FEW)
            truth = self.job.quantity.truth(x[rows], self.fmt)
            error, which = least_error(observed[rows], truth, self.fmt)
            errors[rows] = np.where(truth.decided, np.where(np.isnan(error), np.inf, error), -1.0)
            nearest[rows] = np.choose(which, [a.nearest for a in truth.answers])
        return errors, nearest
