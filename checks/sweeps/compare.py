"""A block of observations against the spans of truths that cover it.

Most blocks are told by their bits alone. On the others one matrix product gives the truths, and a
row whose largest error is below 1/2 ulp is done: only rows with a wrongly rounded result are looked
at point by point.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...reference.formats import Floats
from ...reference.level import ACCURATE_FACTOR, RESOLUTION, SOUND_FACTOR
from ...reference.local.rows import FLAT, MIXED, ROW, SHIFTED, UNPROVEN, Span
from .summary import EDGES
from .tally import Tally

LOST = 2.0**22  # ulps: from here on an answer may be 0
WILD = 2.0**30  # ulps: from here on, too, it may be infinite; NaN is not below it either
CALM = 2.0**30  # times what underflow is allowed: truths of which it is far below an ulp
MANY = 64  # one in so many near a tie: a straight line
PART = 32  # rows of truths at a time: they stay in the cache of a core


class Comparison:
    """Memory for the truths of a few rows, used again and again."""

    def __init__(self, tally: Tally) -> None:
        self.tally = tally
        self.truths = np.empty((PART, ROW))
        self.expected = np.empty(0, dtype=np.uint32)
        self.missed: dict[int, tuple[float, int]] = {}  # by the bits where a span begins

    def block(
        self,
        spans: list[tuple[Span, int, int]],
        bits: NDArray[np.uint32],
        observed: NDArray[np.float32],
    ) -> bool:
        """Count a block: its spans with their rows in it, the bits of the inputs, the answers.

        Whether some of it is not the correctly rounded truth.
        """
        rough, place = False, 0
        for span, first, last in spans:
            rows = slice(place, place + (last - first) * ROW)
            place = rows.stop
            if span.kind in (SHIFTED, FLAT) and self._told(span, bits[rows], observed[rows]):
                continue
            rough |= self._span(span, first, last, observed[rows])
        return rough

    def _span(self, span: Span, first: int, last: int, observed: NDArray[np.float32]) -> bool:
        if span.kind == UNPROVEN:
            self.tally.unproven += observed.size
            return True
        if span.kind == MIXED:
            self._mixed(span, observed)
            return True
        if span.fit is None or not np.isfinite(span.fit.middle):
            self._one_by_one(span, first, observed)
            return True
        rough = False
        for start in range(first, last, PART):
            stop = min(start + PART, last)
            part = observed[(start - first) * ROW : (stop - first) * ROW]
            rough |= self._rows(span, start, stop, part.reshape(-1, ROW))
        return rough

    def _told(self, span: Span, bits: NDArray[np.uint32], observed: NDArray[np.float32]) -> bool:
        """Whether all observations are the correctly rounded truths that bits tell."""
        if span.kind == FLAT:  # as numbers: the sign of a zero is not looked at
            told = self.tally.fmt.of_bits(span.expected)
            same = bool(observed.min() == told == observed.max())
        else:
            same = self._shifted(bits, observed.view(np.uint32), span.expected)
        if not same:
            return False
        if span.bits not in self.missed:
            self.missed[span.bits] = self._worst_miss(span)
            error, where = self.missed[span.bits]
            assert span.fit is not None
            self.tally.told(error, where, abs(span.fit.middle), bits.size)
        else:
            self.tally.alike(bits.size, np.zeros(0, dtype=np.int64))
        return True

    def _shifted(self, bits: NDArray[np.uint32], seen: NDArray[np.uint32], expected: int) -> bool:
        """Whether the answers have the bits of the inputs plus a constant."""
        if self.expected.size < bits.size:
            self.expected = np.empty_like(bits)
        off = np.subtract(seen, bits, out=self.expected[: bits.size]).view(np.uint64)
        pair = expected << 32 | expected  # two at a time
        return bool(off.min() == pair == off.max())

    def _worst_miss(self, span: Span) -> tuple[float, int]:
        if span.fit is None or not np.isfinite(span.fit.middle):
            return 0.0, span.bits
        errors, bits = span.misses()
        worst = int(np.argmax(errors))
        return float(errors[worst]), int(bits[worst])

    def _rows(self, span: Span, first: int, last: int, observed: NDArray[np.float32]) -> bool:
        """Rows of polynomials: whether one of them is not rounded correctly throughout."""
        fmt = self.tally.fmt
        error = span.truth(first, last, self.truths[: last - first])
        low, high = (size[first:last] for size in span.sizes)
        exponent, other = (e[first:last] for e in span.exponents)
        with np.errstate(all="ignore"):
            np.subtract(observed, error, out=error)
            largest = np.ldexp(np.maximum(error.max(axis=1), -error.min(axis=1)), -exponent)
        over = np.isinf(largest) & (high < fmt.largest)
        if over.any():
            self._overflown(span, first, np.flatnonzero(over), error, largest, observed)
        even = exponent == other  # one ulp for the whole row
        lost = np.isnan(largest)
        if lost.any():
            lost = self._lost(span, first, np.flatnonzero(lost), low, observed)
            if lost.all():
                return True
            even |= lost
        plain = even & (largest < 0.5 - RESOLUTION)
        if plain.any():
            rows = np.flatnonzero(plain)
            self.tally.alike(rows.size * ROW, np.zeros(0, dtype=np.int64))
            self._worst(span, first, rows, error, largest, low)
        if plain.all():
            return False
        rough = np.flatnonzero(even & ~plain & ~lost)
        if rough.size:
            self._rough(span, first, rough, error, largest, low, over, observed)
        if not even.all():
            uneven = np.flatnonzero(~even)
            at = np.repeat(uneven, ROW), np.tile(np.arange(ROW), uneven.size)
            self._points(span, first, at, observed)
        return True

    def _lost(
        self,
        span: Span,
        first: int,
        rows: NDArray[np.int64],
        low: Floats,
        observed: NDArray[np.float32],
    ) -> NDArray[np.bool_]:
        """Count the rows that are NaN throughout; which of all rows they are."""
        found = np.zeros(len(low), dtype=bool)
        found[rows] = np.isnan(observed[rows]).all(axis=1)
        for row in np.flatnonzero(found).tolist():
            self.tally.all_nan(span.bits + (first + row) * ROW, ROW, float(low[row]))
        return found

    def _overflown(
        self,
        span: Span,
        first: int,
        rows: NDArray[np.int64],
        error: Floats,
        largest: Floats,
        observed: NDArray[np.float32],
    ) -> None:
        """Rows with infinite answers to finite truths: they count as the first number beyond."""
        top = np.ldexp(1.0, self.tally.fmt.emax + 1)
        for row in rows.tolist():
            truth = span.truth(first + row, first + row + 1, np.empty((1, ROW)))[0]
            error[row] = np.clip(observed[row].astype(np.float64), -top, top) - truth
            exponent = int(span.exponents[0][first + row])
            largest[row] = np.ldexp(np.abs(error[row]).max(), -exponent)

    def _worst(
        self,
        span: Span,
        first: int,
        rows: NDArray[np.int64],
        error: Floats,
        largest: Floats,
        low: Floats,
    ) -> None:
        """Note the worst error of rows in each regime."""
        small = low[rows] < self.tally.fmt.smallest_normal
        for regime in (small, ~small):
            if not regime.any():
                continue
            own = rows[regime]
            row = int(own[np.argmax(largest[own])])
            bits, worst = span.bits + (first + row) * ROW, float(largest[row])
            if self._news(bits, worst, float(low[row])):
                bits += int(np.argmax(np.abs(error[row])))
                self.tally.record(worst, bits, float(low[row]))
                self.tally.place("eased", worst, bits)

    def _news(self, bits: int, error: float, size: float) -> bool:
        """Whether an error is the worst so far of its binade or its regime."""
        tally = self.tally
        known = tally.binades.get(bits >> (tally.fmt.precision - 1))
        regime = tally.places.get(tally.regime(size))
        return known is None or regime is None or error > min(known.error, regime.error)

    def _rough(
        self,
        span: Span,
        first: int,
        rough: NDArray[np.int64],
        error: Floats,
        largest: Floats,
        low: Floats,
        over: NDArray[np.bool_],
        observed: NDArray[np.float32],
    ) -> None:
        """Rows with wrongly rounded results: counted edge by edge, where nothing underflows."""
        calm = self._calm(span, first + rough, largest[rough], low[rough])
        wild, rows = rough[~calm], rough[calm]
        if wild.size:
            at = np.repeat(wild, ROW), np.tile(np.arange(ROW), wild.size)
            self._points(span, first, at, observed)
        if not rows.size:
            return
        tally = self.tally
        size = error if rows.size == len(error) else error[rows]
        np.abs(size, out=size)
        size *= np.ldexp(1.0, -span.exponents[0][first + rows])[:, None]
        above, near, ties = _counts(size, float(largest[rows].max()))
        tally.alike(size.size - near.size, above)
        tally.ties += ties
        self._worst(span, first, rows, error, largest, low)
        far = np.flatnonzero(largest[rows] > ACCURATE_FACTOR)
        if far.size:
            self._ratios(span, first, rows[far], size[far], low)
        if near.size:
            which, places = np.divmod(near, ROW)
            self._points(span, first, (rows[which], places), observed)
        odd = np.flatnonzero((largest[rows] >= LOST) | over[rows])
        if odd.size:
            told = np.ones(size.shape, dtype=bool)
            told.reshape(-1)[near] = False
            self._findings(span, first, rows[odd], told[odd], observed)

    def _calm(
        self, span: Span, rows: NDArray[np.int64], largest: Floats, low: Floats
    ) -> NDArray[np.bool_]:
        """Rows of numbers at which what underflow is allowed changes nothing."""
        tally = self.tally
        ends = tally.fmt.floats(span.first + (rows + 1) * ROW - 1)
        least = tally.fmt.smallest_normal * np.maximum(ends, max(tally.parameters, 1))
        near = (low > least) & (largest < LOST) & (not tally.flushes)  # and no answer is 0
        far = low > CALM * least
        found: NDArray[np.bool_] = (far | near | (largest < 1 - RESOLUTION)) & (largest < WILD)
        return found

    def _findings(
        self,
        span: Span,
        first: int,
        rows: NDArray[np.int64],
        told: NDArray[np.bool_],
        observed: NDArray[np.float32],
    ) -> None:
        """Zeros and infinities for truths that are normal numbers, where `told` asks for them."""
        for row, wanted in zip(rows.tolist(), told, strict=True):
            seen = observed[row]
            for name, where in (("underflow", seen == 0), ("infinite", np.isinf(seen))):
                where &= wanted
                if where.any():
                    bits = span.bits + (first + row) * ROW + int(np.argmax(where))
                    self.tally.found(name, int(np.count_nonzero(where)), bits)

    def _ratios(
        self, span: Span, first: int, rows: NDArray[np.int64], size: Floats, low: Floats
    ) -> None:
        """Note the largest errors of rows over their bounds, in rows of one ulp each."""
        tally, unit = self.tally, self.tally.fmt.unit_roundoff
        scale = np.ldexp(unit, -span.exponents[0][first + rows])[:, None]
        condition = np.abs(span.rise(first + rows)) * scale
        natural = np.maximum(low[rows][:, None], tally.scale) * scale  # |f|, from below
        accurate = ACCURATE_FACTOR * (1 + condition)
        sound = np.maximum(SOUND_FACTOR * np.maximum(natural, condition), accurate)
        start = span.bits + (first + rows) * ROW
        for name, bound in (("accurate", accurate), ("sound", sound)):
            ratio = size / bound
            worst = int(np.argmax(ratio))
            bits = int(start[worst // ROW]) + worst % ROW
            tally.place(name, float(ratio.flat[worst]), bits)

    def _points(
        self,
        span: Span,
        first: int,
        at: tuple[NDArray[np.int64], NDArray[np.int64]],
        observed: NDArray[np.float32],
    ) -> None:
        """Points of rows, one by one, each with its truth."""
        rows, places = at
        own, where = np.unique(rows, return_inverse=True)
        truth = np.empty((own.size, ROW))
        for k, row in enumerate(own.tolist()):
            span.truth(first + row, first + row + 1, truth[k : k + 1])
        seen = observed[rows, places].astype(np.float64)
        told = truth[where, places]
        with np.errstate(all="ignore"):
            off = np.ldexp(np.abs(seen - told), -self.tally.fmt.ulp_exponent(told))
        rise = span.rise(first + own)[where, places] if not off.max() <= ACCURATE_FACTOR else None
        bits = span.bits + (first + rows) * ROW + places
        self.tally.count(bits, seen, told, rise)

    def _mixed(self, span: Span, observed: NDArray[np.float32]) -> None:
        assert span.mixed is not None
        bits = span.bits + np.arange(ROW)
        seen = observed.astype(np.float64)
        truth = span.mixed.truth
        with np.errstate(all="ignore"):  # C is not known here: the oracle tells it, where it counts
            ulps = np.abs(seen - truth) / np.ldexp(1.0, self.tally.fmt.ulp_exponent(truth))
        asked = span.mixed.asked | (ulps > ACCURATE_FACTOR)
        self.tally.ask(bits[asked], seen[asked])
        self.tally.count(bits[~asked], seen[~asked], truth[~asked])

    def _one_by_one(self, span: Span, first: int, observed: NDArray[np.float32]) -> None:
        """Where the truth is beyond the format: anything but infinity counts with its error."""
        bits = span.bits + first * ROW + np.arange(observed.size)
        assert span.fit is not None
        truth = np.full(observed.size, span.fit.middle)
        self.tally.count(bits, observed.astype(np.float64), truth)


def _counts(size: Floats, largest: float) -> tuple[NDArray[np.int64], NDArray[np.int64], int]:
    """How many errors lie above each edge that is reached; flat places near 1/2 or 1 ulp; ties.

    Those near an edge are left out of the counts, to be asked. Where they are many they are ties,
    of a function that is a straight line there: they count as errors of just 1/2 or 1 ulp.
    """
    above, near, ties = [], [np.zeros(0, dtype=np.int64)], 0
    for edge in EDGES:
        if largest < edge - RESOLUTION:
            break
        if edge > 1:
            above.append(np.count_nonzero(size >= edge))
            continue
        above.append(np.count_nonzero(size > edge + RESOLUTION))
        close = np.count_nonzero(size >= edge - RESOLUTION) - above[-1]
        if close * MANY > size.size:
            ties += int(close)
            above[-1] += close * (edge == 1)
        elif close:
            near.append(np.flatnonzero(np.abs(size - edge) <= RESOLUTION))
            above[0] -= close * (edge == 1)
    return np.array(above, dtype=np.int64), np.concatenate(near), ties
