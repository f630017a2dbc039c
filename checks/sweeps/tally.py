"""Counting: arrays of observations and truths go in, a Summary comes out."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...reference.error import Answer, least_error
from ...reference.formats import Floats, Format
from ...reference.level import ACCURATE_FACTOR, RESOLUTION, accurate_factor, bounds
from ...reference.local.quantity import Quantity
from ...reference.local.rows import ulp_exponent
from .summary import BINS, EDGES, Finding, Place, Summary, worse

FEW = 1 << 9  # points near a tie, of one shard, that the oracle is asked about one by one
Bits = NDArray[np.int64]


class Tally:
    """A Summary under way: of one quantity, format and library.

    `flushes` tells whether the library gives 0 for every subnormal result.
    """

    def __init__(self, quantity: Quantity, fmt: Format, flushes: bool) -> None:
        self.quantity, self.fmt, self.flushes = quantity, fmt, flushes
        self.scale = 0.0 if quantity.function.homogeneous else 1.0
        self.inputs = self.unproven = self.outside = self.ties = 0
        self.histogram = np.zeros(BINS, dtype=np.int64)
        self.binades: dict[int, Place] = {}
        self.places: dict[str, Place] = {}
        self.findings: dict[str, Finding] = {}
        # near 1/2 and near 1 ulp: to be asked
        self.close: dict[float, list[tuple[Bits, Floats]]] = {0.5: [], 1.0: []}
        self.parameters = max((abs(float(p)) for p in quantity.setting.values()), default=0.0)

    # ------------------------------------------------------------ single entries

    def place(self, name: str, error: float, bits: int) -> None:
        """Note an error as the worst of its kind, if it is."""
        found = worse(self.places.get(name), Place(error, bits))
        assert found is not None
        self.places[name] = found

    def binade(self, error: float, bits: int) -> None:
        """Note an error as the worst of the binade of its input, if it is."""
        index = bits >> (self.fmt.precision - 1)
        found = worse(self.binades.get(index), Place(error, bits))
        assert found is not None
        self.binades[index] = found

    def finding(self, name: str, where: NDArray[np.bool_], bits: Bits) -> None:
        """Note something at every place where it holds."""
        count = int(np.count_nonzero(where))
        if count:
            self.found(name, count, int(bits[where].min()))

    def found(self, name: str, count: int, bits: int) -> None:
        """Note something that was met `count` times, and the least bits of an input."""
        other = self.findings.get(name, Finding(0, bits))
        self.findings[name] = Finding(count + other.count, min(bits, other.bits))

    def record(self, error: float, bits: int, size: float) -> None:
        """The worst error of some points: in its binade, and in the regime of a truth's size."""
        self.binade(error, bits)
        self.place(self.regime(size), error, bits)

    def regime(self, size: float) -> str:
        """Which worst error a point counts for, by the size of its truth."""
        return "subnormal" if 0 < size < self.fmt.smallest_normal else "normal"

    # ------------------------------------------------------------ arrays

    def count(
        self, bits: Bits, observed: Floats, truth: Floats, rise: Floats | None = None
    ) -> None:
        """Count points with their truths as float64, right to RESOLUTION of an ulp; all (N,).

        `rise` is x f'(x), needed where an error exceeds what is accurate whatever C is.
        """
        top = np.ldexp(1.0, self.fmt.emax + 1)
        exponent = ulp_exponent(self.fmt, truth)
        with np.errstate(all="ignore"):
            beyond = np.abs(truth) >= top - np.ldexp(1.0, self.fmt.emax - self.fmt.precision)
            seen = np.clip(observed, -top, top)
            error = np.ldexp(np.abs(seen - np.clip(truth, -top, top)), -exponent)
        infinite = np.isinf(observed)
        error[beyond & (observed == np.copysign(np.inf, truth))] = 0.0
        nan = np.isnan(observed)
        error[nan] = np.inf
        self.finding("nan", nan, bits)
        self.finding("infinite", infinite & ~beyond, bits)
        self.finding("finite", beyond & ~infinite & ~nan, bits)
        zero = (observed == 0) & (np.abs(truth) > np.ldexp(0.5, self.fmt.subnormal_exponent))
        if zero.any():
            small = np.abs(truth) < self.fmt.smallest_normal
            self.finding("flushed", zero & small, bits)
            self.finding("underflow", zero & ~small, bits)
        near = np.zeros(bits.shape, dtype=bool)
        for edge, kept in self.close.items():
            at = np.abs(error - edge) <= RESOLUTION
            if at.any():
                kept.append((bits[at], observed[at]))
                near |= at
        if near.any():
            bits, observed = bits[~near], observed[~near]
            truth, error = truth[~near], error[~near]
            rise = None if rise is None else rise[~near]
        if bits.size:
            condition = None if rise is None else np.abs(rise)
            self._add(bits, observed, truth, error, condition)

    def ask(self, bits: Bits, observed: Floats, *, noted: bool = False) -> None:
        """Count points of which the oracle is asked one by one; all (N,).

        `noted` tells that zeros and infinities among them are noted already.
        """
        if not bits.size:
            return
        x = self.fmt.floats(bits)
        truth = self.quantity.truth(x, self.fmt)
        error, which = least_error(observed, truth, self.fmt)
        nearest, condition = (
            np.choose(which, [getattr(a, name) for a in truth.answers])
            for name in ("nearest", "condition")
        )
        exponent = np.choose(which, [a.exponent for a in truth.answers])
        open_ = ~truth.decided
        self.unproven += int(open_.sum())
        keep = ~open_
        if not noted:
            self._note(bits[keep], observed[keep], nearest[keep])
        with np.errstate(all="ignore"):
            c = np.ldexp(condition, exponent) / self.fmt.unit_roundoff
        error[error <= 0.5 + RESOLUTION] = np.minimum(error[error <= 0.5 + RESOLUTION], 0.5)
        if keep.any():
            self._add(bits[keep], observed[keep], nearest[keep], error[keep], c[keep])

    def _note(self, bits: Bits, observed: Floats, nearest: Floats) -> None:
        """What is not a number, infinite or zero where the truth is not."""
        finite, nan, due = np.isfinite(nearest), np.isnan(observed), np.isnan(nearest)
        self.finding("nan", nan & ~due, bits)
        self.finding("number", ~nan & due, bits)
        self.finding("infinite", np.isinf(observed) & finite, bits)
        self.finding("finite", np.isfinite(observed) & np.isinf(nearest), bits)
        zero = (observed == 0) & (nearest != 0) & finite
        small = np.abs(nearest) < self.fmt.smallest_normal
        self.finding("flushed", zero & small, bits)
        self.finding("underflow", zero & ~small, bits)

    def settle(self) -> None:
        """Ask the oracle about points near 1/2 and near 1 ulp, if they are few.

        Where they are many they are ties of a function that is a straight line there: they count
        as correctly rounded, or as off by 1 ulp, to within the resolution.
        """
        for edge, kept in self.close.items():
            if not kept:
                continue
            bits, observed = (np.concatenate(parts) for parts in zip(*kept, strict=True))
            kept.clear()
            if bits.size <= FEW:
                self.ask(bits, observed, noted=True)
                continue
            self.ties += bits.size
            self._add(bits, observed, observed, np.full(bits.size, edge), None)

    def told(self, error: float, bits: int, size: float, inputs: int) -> None:
        """Inputs whose observations are the correctly rounded truth; the largest error of them."""
        self.inputs += inputs
        self.histogram[0] += inputs
        self.record(error, bits, size)
        self.place("eased", error, bits)

    def all_nan(self, bits: int, inputs: int, size: float) -> None:
        """Consecutive finite inputs with NaN for a number throughout, from these bits on."""
        self.inputs += inputs
        self.histogram[-1] += inputs
        self.found("nan", inputs, bits)
        self.record(np.inf, bits, size)
        for name in ("eased", "accurate", "sound"):
            self.place(name, np.inf, bits)

    def alike(self, inputs: int, above: NDArray[np.int64]) -> None:
        """Inputs, and how many of them have an error above each of the first edges."""
        self.inputs += inputs
        counts = np.concatenate([[inputs], above, np.zeros(BINS - above.size, dtype=np.int64)])
        self.histogram += counts[:-1] - counts[1:]

    def _add(
        self, bits: Bits, observed: Floats, truth: Floats, error: Floats, c: Floats | None
    ) -> None:
        """Points whose errors are known, C with them where it may be needed."""
        self.inputs += bits.size
        edges = np.array((EDGES[0] + RESOLUTION, *EDGES[1:]))
        self.histogram += np.bincount(np.digitize(error, edges), minlength=BINS)
        size = np.abs(truth)
        small = (size > 0) & (size < self.fmt.smallest_normal)
        for name, where in (("subnormal", small), ("normal", ~small)):
            if where.any():
                self.place(name, *self._first(error[where], bits[where]))
        index = bits >> (self.fmt.precision - 1)
        for one in np.unique(index).tolist():
            where = index == one
            self.binade(*self._first(error[where], bits[where]))
        self._levels(bits, observed, truth, error, c)

    def _first(self, error: Floats, bits: Bits) -> tuple[float, int]:
        """The largest error, and the least bits that have it."""
        top = float(error.max())
        return top, int(bits[error == top].min())

    # ------------------------------------------------------------ levels

    def _levels(
        self, bits: Bits, observed: Floats, truth: Floats, error: Floats, c: Floats | None
    ) -> None:
        """What the errors say of the level, with what underflow is allowed."""
        below = (error >= 1) & np.isfinite(error)  # NaN for a number is eased by nothing
        eased = error.copy()
        if below.any():
            eased[below] -= self._allowance(bits, observed, truth)[below]
            eased = np.maximum(eased, 0.0)
        self.place("eased", *self._first(eased, bits))
        far = eased > accurate_factor(self.fmt)
        if not far.any():
            return
        if c is None:
            c = np.zeros_like(error)
        bits, truth, eased, c = bits[far], truth[far], eased[far], c[far]
        exponent = ulp_exponent(self.fmt, truth)
        with np.errstate(all="ignore"):
            condition = np.ldexp(self.fmt.unit_roundoff * c, -exponent)
            answer = Answer(truth, np.zeros_like(c), exponent, condition, np.ones_like(far))
            limit = bounds(answer, self.fmt, self.scale)
            for name, bound in (("accurate", limit.accurate), ("sound", limit.sound)):
                ratio = np.where(np.isfinite(eased), eased / bound, np.inf)
                if name == "sound":  # the infinities count from `accurate` on
                    ratio[np.isinf(self.fmt.floats(bits))] = 0.0
                ratio[np.isnan(ratio)] = np.inf
                self.place(name, *self._first(ratio, bits))

    def _allowance(self, bits: Bits, observed: Floats, truth: Floats) -> Floats:
        """What underflow may cost, in ulps: the rule of `judging.ruling`."""
        x = np.abs(self.fmt.floats(bits))
        size = np.maximum(1.0, np.minimum(np.maximum(x, self.parameters), self.fmt.largest))
        magnitude = np.abs(truth)
        lost = (observed == 0) & (truth != 0) & (not self.fmt.tiny_results_count)
        lost |= self.flushes
        coarse = (magnitude > 0) & (magnitude < self.fmt.smallest_normal * size)
        step = ACCURATE_FACTOR * self.fmt.smallest_subnormal
        free = np.where(lost, self.fmt.smallest_normal, np.where(coarse, step, 0.0)) * size
        tiny = self.flushes & (x > 0) & (x < self.fmt.smallest_normal)
        with np.errstate(all="ignore"):
            found: Floats = np.ldexp(free, -ulp_exponent(self.fmt, truth))
        return np.where(tiny, np.inf, found)

    def summary(self) -> Summary:
        """What was counted, after `settle`."""
        places: dict[str, Any] = dict(self.places)
        return Summary(
            inputs=self.inputs,
            unproven=self.unproven,
            outside=self.outside,
            binades=dict(sorted(self.binades.items())),
            histogram=tuple(self.histogram.tolist()),
            ties=self.ties,
            findings=dict(sorted(self.findings.items())),
            **places,
        )
