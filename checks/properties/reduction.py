"""Losses over a batch: mean and sum, what the mean divides by, weights, what is left out."""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...reference.formats import FORMATS
from ...reference.level import Level
from ...reference.reduction import reduced
from ...reference.rows import divisors, near_kink
from ..judging import observe, ruling
from ..judging.judge import Judgement, judge, witness
from ..points import draw, sizes, smooth
from ..points.case import Batch, Case, Setting
from ..targets.implementation import Array, Misconduct, Unsupported, observed
from .property import Outcome, Property

OTHER_NUMBER = (
    "the sum or the mean of no losses is another number than 0, or NaN for the mean, as memory is "
    "that is never written"
)
AGAIN = 5  # calls with no losses: a number that is there by chance is not there each time


def _is_loss(case: Case) -> bool:
    return bool(case.function.is_loss)


def _keywords(case: Case, how: str) -> dict[str, str]:
    return {} if case.loops or how == "mean" else {"reduction": how}


def reduction(case: Case) -> Outcome:
    """Mean and sum of a batch, and their gradients, against the sums of the single truths."""
    outcome = Outcome()
    few = case.implementation.adapter.COMPILES_EACH_SHAPE
    for count in (1, 64) if few else sizes.several(case, (1, 2, 7, 64), "reduction"):
        batch = draw.easy(case, count, seed=count)
        batch = Batch(batch.arrays, np.ones(batch.size))
        for how in ("mean", "sum"):
            if case.loops and how == "sum":
                outcome.unsupported = "takes no reduction"
                continue
            if few and count == 1 and how == "sum":  # as of many; one is what a mean fails at
                continue
            _Reduced(case, outcome, batch, how).judge(observe.native(case, batch))
    if not case.function.along_axis:
        _table(case, outcome)
    return outcome


def _table(case: Case, outcome: Outcome) -> None:
    """A table of losses reduces over all of its entries, whatever its shape."""
    few = case.implementation.adapter.COMPILES_EACH_SHAPE
    n = sizes.some(case, 4, "table")
    for shape in ((2, 3),) if few else ((2, n - 1), (1, n), (n, 1)):
        batch = draw.easy(case, shape[0] * shape[1], seed=shape[1])
        arrays = [a.reshape(shape) for a in observe.native(case, batch)]
        hows = ["mean"] if case.loops else [h for h in case.function.reductions if h != "none"]
        for how in hows:
            single = _Reduced(case, outcome, batch, how, rows=shape[0])
            try:
                single.value(arrays)
                if not few or how == "mean":  # a sum's gradient as in a row
                    single.gradient(arrays)
            except Misconduct as refusal:
                if how != "batchmean" or refusal.kind != "raises":
                    raise
                outcome.trait("has no batchmean")


class _Reduced:
    """One reduction of one batch, at one setting: what is due, and what came."""

    def __init__(
        self,
        case: Case,
        outcome: Outcome,
        batch: Batch,
        how: str,
        *,
        setting: Setting | None = None,
        keywords: Mapping[str, Any] | None = None,
        kept: Any = None,
        rows: int = 1,
        what: str = "",
    ) -> None:
        self.case, self.outcome, self.batch, self.how = case, outcome, batch, how
        self.setting = setting or case.default
        self.keywords = {**(keywords or {}), **_keywords(case, how)}
        self.kept = np.ones(batch.size, dtype=bool) if kept is None else kept
        self.label = f"reduction {how!r} of {batch.size} losses{what}"
        self.divisor = self._divisor(rows)

    def _divisor(self, rows: int) -> Fraction:
        if self.how == "batchmean":
            return Fraction(rows)
        if self.how != "mean":
            return Fraction(1)
        if not self.case.function.along_axis:
            return Fraction(self.batch.size)
        shares = divisors(self.case.function, self.batch.arrays, self.setting)[self.kept]
        return sum(map(Fraction, shares.tolist()), Fraction(0))

    def judge(self, arrays: list[Array]) -> None:
        self.value(arrays)
        self.gradient(arrays)

    def value(self, arrays: list[Array]) -> None:
        result = self.case.implementation.value(arrays, self.keywords)
        if result.shape not in ((), (1,) if self.case.loops else ()):
            self._wrong(f"{self.label} has shape {result.shape}, not ()")
            return
        seen = np.array([float(result.astype(np.float64).reshape(()))])
        if not self.kept.any() or self.divisor == 0:
            self._of_nothing(float(seen[0]))
            return
        truth = self.case.truth(self.batch, self.setting)["value"][self.kept]
        due, terms = reduced(truth, self.case.fmt, self.divisor)
        found = judge(seen, due, self.case.fmt, self.case.scale, terms=terms + 1)
        self.outcome.undecided += found.undecided
        self.outcome.lower(
            found.level or Level.EXACT,
            message=self.label if found.level else "",
            witness=witness(
                self._given(),
                self.case.fmt,
                truth=float(due.nearest[0]),
                observed=float(seen[0]),
                error=float(found.error[0]),
                bound=float(found.accurate[0]),
                origin="the terms' own bounds, plus u log2(n) times the sum of their magnitudes",
            ),
            error=found.worst_error,
            points=1,
        )

    def _of_nothing(self, number: float) -> None:
        """The sum of no losses is 0, their mean 0/0 = NaN; 0 is recorded as a trait."""
        good = number == 0 if self.how == "sum" else math.isnan(number)
        if self.how != "sum" and number == 0:
            self.outcome.trait("the mean of no losses is 0")
            good = True
        if good:
            self.outcome.lower(Level.EXACT, points=1)
        else:
            self._wrong(f"{self.label}, none of which counts, gave {number!r}")

    def _tied(self) -> NDArray[np.bool_]:
        """Which rows lie on a kink, where any slope between is right: numbers of few bits tie.

        With the bits of float32 nothing else is as near.
        """
        function, single = self.case.function, FORMATS["float32"]
        if not function.along_axis:  # there the truth has all right answers
            return np.zeros(self.batch.size, dtype=bool)
        near, _ = near_kink(function, self.batch.arrays, single, self.setting)
        return near

    def gradient(self, arrays: list[Array]) -> None:
        """The gradient of the mean is that of the single losses over the divisor."""
        case, first = self.case, self.case.function.variables[0]
        if not case.implementation.has_gradient or not first.differentiable or not self.divisor:
            return
        try:
            found = case.implementation.gradients(
                arrays, self.keywords, case.fmt.array(np.ones(())), [first.name]
            )
        except Unsupported:
            return
        if first.name not in found:
            return
        seen = found[first.name].astype(np.float64)
        truth = case.truth(self.batch, self.setting)[first.name]
        if seen.shape != arrays[0].shape:
            self._wrong(
                f"the gradient of {self.label} has shape {seen.shape}, not {arrays[0].shape}"
            )
            return
        seen = seen.reshape(truth.shape)
        if np.any(seen[~self.kept] != 0):
            self._wrong(f"the gradient of {self.label} is not 0 where nothing counts")
        kept = self.kept
        if case.function.along_axis:  # no slope is due where the derivative is 0 times oo
            kept = kept & smooth.has_slope(case, self.batch, self.setting)
        if not kept.any():
            return
        with np.errstate(all="ignore"):
            scaled = seen * float(self.divisor)  # the rounding of g/n is one more ulp
        terms = 2.0 if self.divisor != 1 else 0.0
        lost = abs(float(self.divisor)) * case.fmt.smallest_subnormal if terms else 0.0

        def among(kept: NDArray[np.bool_]) -> Judgement:
            given = scaled[kept], truth[kept], case.fmt, case.scale
            return judge(*given, terms=terms, allowance=lost)

        judged = among(kept)
        if (judged.rank < case.required.rank).any():
            kept = kept & ~self._tied()
            if not kept.any():
                return
            judged = among(kept)
        scaled, truth = scaled[kept], truth[kept]
        self.outcome.undecided += judged.undecided
        index = judged.worst
        row, *_ = np.unravel_index(index, truth.shape)
        self.outcome.lower(
            judged.level or Level.EXACT,
            message=f"the gradient of {self.label}, times {float(self.divisor):g}",
            witness=witness(
                {n: a[kept][row].tolist() for n, a in self._given().items()},
                case.fmt,
                truth=float(truth.nearest.flat[index]),
                observed=float(scaled.flat[index]),
                error=float(judged.error.flat[index]),
                bound=float(judged.accurate.flat[index]),
            ),
            error=judged.worst_error,
            points=judged.points,
        )

    def _given(self) -> dict[str, Any]:
        pairs = zip(self.case.function.variables, self.batch.arrays, strict=True)
        return {v.name: a for v, a in pairs}

    def _wrong(self, message: str) -> None:
        self.outcome.lower(Level.UNSOUND, message=message, points=1)


def empty(case: Case) -> Outcome:
    """No losses: none gives none, their sum is 0, their mean is 0/0 = NaN.

    What is said of a wrong number names neither it nor its reduction: a result that is never
    written is another one in each run, and may be right by chance.
    """
    outcome, wrong, zero = Outcome(), False, False
    arrays = observe.native(case, draw.easy(case, 2)[:0])
    for how in ("none", "sum", "mean"):
        if case.loops and how != "mean":
            continue
        results = _asked_again(case, arrays, _keywords(case, how))
        message = _shape_of_nothing(how, results)
        if how != "none" and not message:
            numbers = [float(r.astype(np.float64).ravel()[0]) for r in results]
            right = [n == 0 or (how == "mean" and math.isnan(n)) for n in numbers]
            message = "" if all(right) else OTHER_NUMBER
            zero = how == "mean" and all(right) and numbers[0] == 0
        wrong = wrong or bool(message)
        outcome.lower(Level.UNSOUND if message else Level.EXACT, message=message, points=1)
    if zero and not wrong:
        outcome.trait("the mean of no losses is 0")
    return outcome


def _shape_of_nothing(how: str, results: list[Array]) -> str:
    """What is wrong with the shape of an answer to no losses; "" where nothing is."""
    wrong = [r.shape for r in results if (r.shape != (0,) if how == "none" else r.size != 1)]
    return f"reduction {how!r} of no losses gave shape {wrong[0]}" if wrong else ""


def _asked_again(case: Case, arrays: list[Array], keywords: Mapping[str, Any]) -> list[Array]:
    """The answers to one question, each after the library has let go of numbers of another kind.

    A result that is never written is whatever its memory held: without this it is right by chance.
    """
    adapter, found = case.implementation.adapter, []
    for number in range(1, AGAIN + 1):
        freed = [adapter.to_native(case.fmt.array(np.full(1, float(number)))) for _ in range(16)]
        del freed
        found.append(case.implementation.value(arrays, keywords))
    return found


def _takes(case: Case, outcome: Outcome, name: str) -> bool:
    if case.implementation.accepts(name) and not case.loops:
        return True
    outcome.unsupported = f"takes no {name}" if not case.loops else "takes no reduction"
    return False


def weight(case: Case) -> Outcome:
    """Weights of classes: each term is multiplied, and the mean divides by the kept weights.

    Once with all else at its default, and once with another parameter at another value.
    """
    outcome = Outcome()
    (row,) = (p for p in case.function.parameters if p.along_axis)
    if not _takes(case, outcome, row.name):
        return outcome
    beside = (*case.other_settings, case.default)[0]
    more = sizes.some(case, 9, "weights")
    for count, seed, base in ((6, 3, case.default), (more, 4, beside)):
        batch = _of_classes(case, count, seed)
        width = batch.arrays[0].shape[-1]
        rng = sizes.generator(case.seed, "weights", seed)
        chosen = case.fmt.round(rng.choice([0.0, 0.25, 0.5, 1.0, 2.0, 3.0], size=width))
        chosen[seed % width] = 1.0
        setting = {**base, row.name: tuple(Fraction(float(w)) for w in chosen)}
        keywords = case.keywords(setting)
        arrays = observe.with_indices(case, batch)
        try:
            single = case.implementation.value(arrays, {**keywords, "reduction": "none"})
        except Misconduct as refusal:
            if refusal.kind != "raises":
                raise
            outcome.unsupported = f"takes no {row.name} with class indices"
            return outcome
        seen = observed(single, (batch.size,), case.fmt)
        truth = case.truth(batch, setting)["value"]
        found, _ = ruling.judged(case, seen, truth, batch, setting)
        outcome.undecided += found.undecided
        outcome.lower(
            found.level or Level.EXACT,
            message="single losses with class weights",
            witness=ruling.witness(case, seen, truth, found, batch, found.worst, setting),
            error=found.worst_error,
            points=found.points,
        )
        for how in ("mean", "sum"):
            _Reduced(
                case,
                outcome,
                batch,
                how,
                setting=setting,
                keywords=keywords,
                what=" with class weights",
            ).judge(arrays)
    return outcome


def ignore_index(case: Case) -> Outcome:
    """A sample whose target is the ignored index: no loss, no gradient, no share in the mean."""
    outcome = Outcome()
    assert case.function.ignored is not None
    if case.loops:
        outcome.unsupported = "takes no reduction"
        return outcome
    choices: list[dict[str, Any]] = [{}]
    if case.implementation.accepts("ignore_index"):
        choices += [{"ignore_index": 1}, {"ignore_index": -1}]
    else:
        outcome.unsupported = "takes no ignore_index"
        return outcome
    for keywords in choices:
        hidden = int(keywords.get("ignore_index", case.function.ignored))
        for rule in ("some", "all"):
            _ignoring(case, outcome, keywords, hidden, rule)
    return outcome


def _ignoring(
    case: Case, outcome: Outcome, keywords: dict[str, Any], hidden: int, rule: str
) -> None:
    count = sizes.some(case, 7, "ignored")
    batch = _of_classes(case, count, 6)
    place = next(k for k, v in enumerate(case.function.variables) if v.simplex or v.one_hot)
    arrays = observe.with_indices(case, batch)
    if hidden < 0:
        kept = np.arange(count) % 3 != 0 if rule == "some" else np.zeros(count, dtype=bool)
    else:
        if rule == "all":
            arrays[place] = np.full_like(arrays[place], hidden)
        kept = arrays[place] != hidden
    arrays[place] = np.where(kept, arrays[place], hidden)
    single = case.implementation.value(arrays, {**keywords, "reduction": "none"})
    seen = observed(single, (count,), case.fmt)
    if np.any(seen[~kept] != 0):
        outcome.lower(
            Level.UNSOUND, message=f"the loss of an ignored target is {seen[~kept][0]!r}", points=1
        )
    if kept.any():
        truth = case.truth(batch)["value"][kept]
        found, _ = ruling.judged(case, seen[kept], truth, batch[kept])
        outcome.undecided += found.undecided
        outcome.lower(
            found.level or Level.EXACT,
            message="losses beside ignored targets",
            witness=ruling.witness(case, seen[kept], truth, found, batch[kept], found.worst),
            error=found.worst_error,
            points=found.points,
        )
    for how in ("mean", "sum"):
        _Reduced(
            case, outcome, batch, how, keywords=keywords, kept=kept, what=" with ignored targets"
        ).judge(arrays)


def _of_classes(case: Case, count: int, seed: int) -> Batch:
    """Easy rows whose targets are single classes."""
    batch = draw.easy(case, count, seed=seed)
    width = batch.arrays[0].shape[-1]
    arrays = [
        np.eye(width)[np.arange(count) % width] if v.simplex or v.one_hot else a
        for v, a in zip(case.function.variables, batch.arrays, strict=True)
    ]
    return Batch(tuple(arrays), np.ones(count))


REDUCTION = Property(
    name="loss.reduction",
    judge=reduction,
    meaning="`mean` divides the sum of the losses by their number (or by what the definition "
    "says), `sum` does not, `none` keeps them; the gradients follow.",
    why="A mean over the wrong axis changes the learning rate by the width of the output.",
    cause="Mean over the batch only, sum for mean, n - 1 for n; a (N, N) broadcast.",
    fix="Reduce over all losses at once.",
    applies=_is_loss,
)
EMPTY = Property(
    name="loss.empty",
    judge=empty,
    meaning="An empty batch: no losses, sum 0, mean NaN (0 is recorded as a trait).",
    why="The last shard of a data set may be empty.",
    cause="A maximum over nothing; an index into the first sample.",
    fix="Reduce with functions that are defined for empty arrays.",
    applies=_is_loss,
)
WEIGHT = Property(
    name="loss.weight",
    judge=weight,
    meaning="Class weights multiply each term, and `mean` divides by the sum of the weights of the "
    "targets that count.",
    why="Dividing by the batch size instead makes the loss depend on which classes are drawn.",
    cause="`weight[target]` forgotten in the divisor; normalised weights; weights by prediction.",
    fix="Sum `weight[target]` over the kept targets and divide by that.",
    applies=lambda case: (
        case.function.is_loss and any(p.along_axis for p in case.function.parameters)
    ),
)
IGNORE_INDEX = Property(
    name="loss.ignore_index",
    judge=ignore_index,
    meaning="A sample whose target is `ignore_index` has no loss, no gradient and no share in the "
    "mean; where all are ignored the sum is 0 and the mean 0/0 = NaN.",
    why="Padding is marked so; counting it shrinks the loss by the share of padding.",
    cause="The divisor counts all samples; -100 used as an index from the end.",
    fix="Mask first, replace ignored targets by a valid class, and divide by what is kept.",
    applies=lambda case: case.function.ignored is not None,
)
