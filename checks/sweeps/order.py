"""Monotone, in range, symmetric: what a correctly rounded function is by itself.

So a block is looked at only where some of it is not correctly rounded.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .job import Job
from .tally import Tally


class Order:
    """What a function promises of the order of its results, held against blocks of answers."""

    def __init__(self, job: Job, tally: Tally) -> None:
        self.job, self.tally = job, tally
        function, name = job.quantity.function, job.quantity.name
        plain = len(function.variables) == 1 and _default(job)
        self.rises = self.parity = 0
        if plain and name == "value":
            self.rises = {"increasing": 1, "decreasing": -1}.get(function.monotone or "", 0)
        if plain and function.parity:
            even = (function.parity == "even") != (name == "gradient")
            self.parity = 1 if even else -1
        self.low, self.high = -np.inf, np.inf
        if name == "value" and function.range.is_Interval:
            ends = np.array([float(function.range.inf), float(function.range.sup)])
            self.low, self.high = job.fmt.round(ends)
        self.last: tuple[int, float] | None = None

    @property
    def bounded(self) -> bool:
        return bool(np.isfinite(self.low) or np.isfinite(self.high))

    def block(self, bits: NDArray[Any], observed: NDArray[Any], rough: bool) -> None:
        """A block of floats in the order of their bits, all of one sign; blocks come in order."""
        if self.rises:
            self._seam(int(bits[0]), float(observed[0]))
            self.last = (int(bits[-1]), float(observed[-1]))
        if rough:
            self.look(bits.astype(np.int64), observed)

    def look(self, bits: NDArray[np.int64], observed: NDArray[Any]) -> None:
        """Floats in the order of their bits, all of one sign."""
        if self.rises:
            up = self._outwards(int(bits[0])) > 0
            falls = observed[1:] < observed[:-1] if up else observed[1:] > observed[:-1]
            self.tally.finding("monotone", falls, bits[1:])
        if self.bounded and not (observed.min() >= self.low and observed.max() <= self.high):
            self.tally.finding("range", (observed < self.low) | (observed > self.high), bits)
        if self.parity:
            mirrored = self.job.ask(bits ^ self._sign)
            odd = mirrored != (observed if self.parity > 0 else -observed)
            self.tally.finding("symmetry", odd & ~(np.isnan(mirrored) & np.isnan(observed)), bits)

    @property
    def _sign(self) -> int:
        return 1 << (self.job.fmt.bits - 1)

    def _outwards(self, bits: int) -> int:
        """Whether results rise (1) or fall (-1) as bits count upwards."""
        return -self.rises if bits & self._sign else self.rises

    def _seam(self, bits: int, value: float) -> None:
        """The first float of a block after the last of the one before, or of another shard."""
        if self.last is None or self.last[0] + 1 != bits:
            if not bits % self._sign:
                return
            before = np.array([bits - 1])
            self.last = (bits - 1, float(self.job.ask(before)[0]))
        if (value - self.last[1]) * self._outwards(bits) < 0:
            self.tally.found("monotone", 1, bits)


def _default(job: Job) -> bool:
    """Whether every parameter has its default, at which facts are stated."""
    given = job.quantity.setting
    return all(
        not p.default.is_Rational or Fraction(int(p.default.p), int(p.default.q)) == given[p.name]
        for p in job.quantity.function.parameters
    )
