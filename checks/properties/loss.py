"""Losses: their reductions, the ends of their domains, empty batches, sign, zero-sum gradients."""

from __future__ import annotations

import math

import numpy as np

from ...reference.error import Truth
from ...reference.formats import Floats
from ...reference.level import RANKED, Level
from ...reference.reduction import reduced
from .. import points
from ..case import Batch, Case
from ..implementation import Array, Misconduct, Unsupported
from ..judge import judge, witness
from .property import Outcome, Property
from .value import judge_batch


def _is_loss(case: Case) -> bool:
    return bool(case.function.is_loss)


def _reduces(case: Case) -> bool:
    return case.function.is_loss and not case.loops


def reduction(case: Case) -> Outcome:
    """Mean and sum of a batch, and their gradients, against the sums of the single truths."""
    outcome = Outcome()
    few = case.implementation.adapter.COMPILES_EACH_SHAPE
    for count in (1, 7) if few else (1, 2, 7, 64):
        batch = case.easy(count, seed=count)
        truth = case.truth(Batch(batch.arrays, np.ones(count)))
        for how in ("mean", "sum"):
            if case.loops and how == "sum":
                outcome.unsupported = "takes no reduction"
                continue
            _reduced_value(case, outcome, batch, truth["value"], how)
            _reduced_gradient(case, outcome, batch, how)
    if not case.function.along_axis:
        _reduced_table(case, outcome)
    return outcome


def _reduced_table(case: Case, outcome: Outcome) -> None:
    """A table of losses reduces over all of its entries, whatever its shape."""
    few = case.implementation.adapter.COMPILES_EACH_SHAPE
    for shape in ((2, 3),) if few else ((2, 3), (1, 4), (4, 1)):
        batch = case.easy(shape[0] * shape[1], seed=shape[1])
        truth = case.truth(batch)["value"]
        arrays = [a.reshape(shape) for a in case.native(batch)]
        for how in ("mean",) if case.loops else ("mean", "sum"):
            result = case.implementation.value(arrays, _keywords(case, how))
            _note_reduced(case, outcome, batch, truth, how, result)


def _keywords(case: Case, how: str) -> dict[str, str]:
    return {} if case.loops or how == "mean" else {"reduction": how}


def _reduced_value(case: Case, outcome: Outcome, batch: Batch, truth: Truth, how: str) -> None:
    result = case.implementation.value(case.native(batch), _keywords(case, how))
    _note_reduced(case, outcome, batch, truth, how, result)


def _note_reduced(
    case: Case, outcome: Outcome, batch: Batch, truth: Truth, how: str, result: Array
) -> None:
    if result.shape not in ((), (1,) if case.loops else ()):
        outcome.lower(
            Level.UNSOUND,
            message=f"reduction {how!r} of {batch.size} losses has shape {result.shape}, not ()",
            points=1,
        )
        return
    due, terms = reduced(truth, case.fmt, batch.size if how == "mean" else 1)
    seen = np.array([float(result.astype(np.float64).reshape(()))])
    found = judge(seen, due, case.fmt, case.scale, terms=terms + 1)
    given = {v.name: a for v, a in zip(case.function.variables, batch.arrays, strict=True)}
    evidence = witness(
        given,
        case.fmt,
        truth=float(due.nearest[0]),
        observed=float(seen[0]),
        error=float(found.error[0]),
        bound=float(found.accurate[0]),
        origin="the terms' own bounds, plus u log2(n) times the sum of their magnitudes",
    )
    outcome.undecided += found.undecided
    outcome.lower(
        found.level or Level.EXACT,
        message=f"reduction {how!r} of {batch.size} losses" if found.level else "",
        witness=evidence,
        error=found.worst_error,
        points=1,
    )


def _reduced_gradient(case: Case, outcome: Outcome, batch: Batch, how: str) -> None:
    """The gradient of the mean is that of the single losses over n; of the sum, their own."""
    name = case.function.variables[0].name
    if not case.implementation.has_gradient or not case.function.variables[0].differentiable:
        return
    try:
        found = case.implementation.gradients(
            case.native(batch), _keywords(case, how), case.fmt.array(np.ones(())), [name]
        )
    except Unsupported:
        return
    if name not in found:
        return
    seen = found[name].astype(np.float64)
    truth = case.truth(Batch(batch.arrays, np.ones(batch.size)))[name]
    if seen.shape != truth.shape:
        outcome.lower(
            Level.UNSOUND,
            message=f"the gradient of reduction {how!r} has shape {seen.shape}, not {truth.shape}",
            points=1,
        )
        return
    factor = batch.size if how == "mean" else 1
    with np.errstate(all="ignore"):
        scaled = seen * factor  # the rounding of g/n is one more ulp, of 8 or more allowed
    judged = judge(scaled, truth, case.fmt, case.scale, terms=float(2 if factor > 1 else 0))
    level = judged.level or Level.EXACT
    index = judged.worst
    row = index // (truth.shape[1] if len(truth.shape) == 2 else 1)
    given = {
        v.name: a[row].tolist() for v, a in zip(case.function.variables, batch.arrays, strict=True)
    }
    outcome.lower(
        level,
        message=f"the gradient of reduction {how!r} of {batch.size} losses, times {factor}",
        witness=witness(
            given,
            case.fmt,
            truth=float(truth.nearest.flat[index]),
            observed=float(scaled.flat[index]),
            error=float(judged.error.flat[index]),
            bound=float(judged.accurate.flat[index]),
        ),
        error=judged.worst_error,
        points=judged.points,
    )


def _bounded(case: Case) -> bool:
    first = case.function.variables[0]
    finite = first.domain.inf.is_finite and first.domain.sup.is_finite
    return case.function.is_loss and bool(finite) and not case.function.along_axis


def endpoints(case: Case) -> Outcome:
    """At the ends of the domain of the first variable: values and gradients, infinite or not."""
    outcome = Outcome()
    first, *others = case.function.variables
    ends = [float(first.domain.inf), float(first.domain.sup)]
    inner = np.array([0.0, 1.0, 0.25, 0.5])
    columns = [np.repeat(ends, inner.size)]
    columns += [np.resize(points.inside(inner, v, case.fmt)[[0, -1, 1, 2]], 8) for v in others]
    columns[1] = np.array([0.0, 1.0, 0.25, 0.5] * 2)
    batch = Batch(tuple(columns))
    judge_batch(case, outcome, "value", batch, case.default, "at the end of the domain")
    return outcome


def empty(case: Case) -> Outcome:
    """No losses: none gives none, their sum is 0, their mean is 0/0 = NaN."""
    outcome = Outcome()
    shape = (0, 5) if case.function.along_axis else (0,)
    arrays = [case.fmt.array(np.zeros(shape)) for _ in case.function.variables]
    for how in ("none", "sum", "mean"):
        if case.loops and how != "mean":
            continue
        keywords = _keywords(case, how)
        result = case.implementation.value(arrays, keywords)
        if how == "none":
            good = result.shape == (0,)
            what = f"shape {result.shape}"
        else:
            number = float(result.astype(np.float64).reshape(-1)[0]) if result.size == 1 else None
            good = number is not None and (number == 0 if how == "sum" else math.isnan(number))
            what = f"{number!r}"
            if how == "mean" and number == 0:
                outcome.trait("the mean of no losses is 0")
                good = True
        outcome.lower(
            Level.EXACT if good else Level.UNSOUND,
            message="" if good else f"reduction {how!r} of no losses gave {what}",
            points=1,
        )
    return outcome


def sign(case: Case) -> Outcome:
    """A loss whose range starts at zero is never negative."""
    outcome = Outcome()
    for batch in case.batches():
        seen = case.observe(batch)
        outcome.lower(Level.EXACT, points=int(seen.size))
        negative = seen < 0
        if not negative.any():
            continue
        truth = case.truth(batch, gradient=False)["value"]
        found, _ = case.judge(seen, truth, batch)
        index = int(np.argmin(np.where(negative, found.rank, 99)))
        outcome.lower(
            RANKED[min(int(found.rank.flat[index]), Level.ACCURATE.rank)],
            message="a negative loss",
            witness=case.witness(seen, truth, found, batch, index),
            error=float(found.error.flat[index]),
        )
    return outcome


def zero_sum(case: Case) -> Outcome:
    """Shifting all logits changes nothing: each gradient row sums to zero, within its bounds."""
    outcome = Outcome()
    name = case.function.variables[0].name
    for batch in case.batches(effort=2):
        seen = case.observe_gradient(batch, name)
        answer = case.truth(batch)[name].answers[0]
        u = case.fmt.unit_roundoff
        with np.errstate(all="ignore"):
            allowed = 8 * np.ldexp(1 + answer.condition, answer.exponent).sum(axis=1)
            allowed += 8 * u * np.abs(np.where(np.isfinite(seen), seen, 0)).sum(axis=1)
            due = (answer.nearest + np.ldexp(answer.rest, answer.exponent)).sum(axis=1)
            excess = np.abs(seen.sum(axis=1) - due) / allowed
        outcome.lower(Level.EXACT, points=int(seen.shape[0]))
        bad = ~(excess <= 1)
        if bad.any():
            row = int(np.argmax(np.nan_to_num(excess, nan=np.inf)))
            given = {
                v.name: a[row].tolist()
                for v, a in zip(case.function.variables, batch.arrays, strict=True)
            }
            outcome.lower(
                Level.SOUND if excess[row] < 64 else Level.UNSOUND,
                message=f"the gradient row sums to {seen[row].sum():g}",
                witness=witness(
                    given, case.fmt, truth=float(due[row]), observed=float(seen[row].sum())
                ),
            )
    return outcome


def class_index(case: Case) -> Outcome:
    """Targets as class indices give what one-hot probabilities give."""
    outcome = Outcome()
    name = case.function.variables[0].name
    for length in (2, 3, 5, 9):
        (main, _) = points.rows(case.function, case.fmt, length, 12)
        index = np.arange(12) % length
        batch = Batch((main, np.eye(length)[index]), np.ones(12))
        truth = case.truth(batch)
        arrays = [case.fmt.array(main), index.astype(np.int64)]
        try:
            if case.loops:
                rows = [
                    case.implementation.value([arrays[0][k : k + 1], arrays[1][k : k + 1]])
                    for k in range(12)
                ]
                seen = np.array([float(r.astype(np.float64).reshape(-1)[0]) for r in rows])
            else:
                result = case.implementation.value(arrays, {"reduction": "none"})
                if result.shape != (12,):
                    raise Misconduct("shape", f"returned shape {result.shape}, not (12,)")
                seen = result.astype(np.float64)
        except Misconduct as refusal:
            if refusal.kind != "raises" or outcome.level is not None:
                raise
            outcome.unsupported = "takes no class indices"
            return outcome
        _note(case, outcome, seen, truth["value"], batch, "class-index targets")
        if case.loops or not case.implementation.has_gradient:
            continue
        try:
            found = case.implementation.gradients(
                arrays, {"reduction": "none"}, case.fmt.array(np.ones(12)), [name]
            )
        except Unsupported:
            continue
        if name in found and found[name].shape == main.shape:
            _note(
                case,
                outcome,
                found[name].astype(np.float64),
                truth[name],
                batch,
                "gradient with class-index targets",
            )
    return outcome


def _note(
    case: Case, outcome: Outcome, seen: Floats, truth: Truth, batch: Batch, message: str
) -> None:
    found, traits = case.judge(seen, truth, batch)
    for trait in traits:
        outcome.trait(trait)
    outcome.undecided += found.undecided
    outcome.lower(
        found.level or Level.EXACT,
        message=message,
        witness=case.witness(seen, truth, found, batch, found.worst),
        error=found.worst_error,
        points=found.points,
    )


REDUCTION = Property(
    name="loss.reduction",
    judge=reduction,
    meaning="`mean` divides the sum of the losses by their number, `sum` does not, `none` keeps "
    "them; the gradients follow.",
    why="A mean over the wrong axis changes the learning rate by the width of the output.",
    cause="Mean over the batch only, sum for mean, n - 1 for n; a (N, N) broadcast.",
    fix="Reduce over all losses at once.",
    applies=_is_loss,
)
ENDPOINTS = Property(
    name="loss.endpoints",
    judge=endpoints,
    meaning="At the ends of the domain (p = 0 and p = 1) the loss has its value: 0 log 0 = 0, and "
    "+oo where a certain prediction is wrong.",
    why="Saturated probabilities are common in float16; NaN there stops a training run.",
    cause="0 * log(0) = NaN; a clamp or an epsilon that invents a finite loss.",
    fix="Use xlogy and xlog1py, or take logits instead of probabilities.",
    applies=_bounded,
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
SIGN = Property(
    name="loss.sign",
    judge=sign,
    meaning="A loss that cannot be negative is not.",
    why="A negative cross-entropy is read as a bug of the model.",
    cause="Cancellation in z - logsumexp(z), or in log(p + eps) with p = 1.",
    fix="Compute the small quantity itself with log1p.",
    applies=lambda case: case.function.is_loss and case.function.range.inf == 0,
)
ZERO_SUM = Property(
    name="loss.zero_sum",
    judge=zero_sum,
    meaning="The gradient of cross-entropy in the logits sums to zero over the classes.",
    why="A shift of all logits must not move the loss; a drift of their mean shows it.",
    cause="A class left out of the gradient; a clamp on one entry.",
    fix="Compute softmax - target with the same softmax for all classes.",
    applies=lambda case: (
        case.function.is_loss and case.function.along_axis and case.implementation.has_gradient
    ),
)
CLASS_INDEX = Property(
    name="loss.class_index",
    judge=class_index,
    meaning="A class index as target gives what the one-hot row gives.",
    why="Both spellings of a target are in use, and an off-by-one class trains in silence.",
    cause="One-based classes; the last class treated apart.",
    fix="Gather the logit of the class and subtract logsumexp.",
    applies=lambda case: case.function.is_loss and any(v.simplex for v in case.function.variables),
)
