"""Losses: the ends of their domains, their sign, zero-sum gradients, spellings of the target."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ...reference.error import Truth
from ...reference.formats import Floats
from ...reference.level import RANKED, SOUND_FACTOR, Level, accurate_factor, bounds
from ..judging import observe, ruling
from ..judging.judge import witness
from ..points import draw, points, sizes, smooth
from ..points.case import Batch, Case, Setting
from ..targets.implementation import Array, Misconduct, Unsupported, observed
from .property import Outcome, Property
from .value import judge_batch


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
    for v in others:
        kept = inner[points.within(inner, v.domain)]
        columns.append(np.resize(kept if kept.size else points.inside(inner, v, case.fmt), 8))
    batch = Batch(tuple(columns))
    judge_batch(case, outcome, "value", batch, case.default, "at the end of the domain")
    return outcome


def sign(case: Case) -> Outcome:
    """A loss whose range starts at zero is never negative."""
    outcome = Outcome()
    for batch in draw.batches(case):
        seen = observe.value(case, batch)
        outcome.lower(Level.EXACT, points=int(seen.size))
        negative = seen < 0
        if not negative.any():
            continue
        truth = case.truth(batch, gradient=False)["value"]
        found, _ = ruling.judged(case, seen, truth, batch)
        index = int(np.argmin(np.where(negative, found.rank, 99)))
        outcome.lower(
            RANKED[min(int(found.rank.flat[index]), Level.ACCURATE.rank)],
            message="a negative loss",
            witness=ruling.witness(case, seen, truth, found, batch, index),
            error=float(found.error.flat[index]),
        )
    return outcome


def zero_sum(case: Case) -> Outcome:
    """Shifting all logits changes nothing: each gradient row sums to zero, within its bounds."""
    outcome = Outcome()
    name = case.function.variables[0].name
    for batch in draw.batches(case, share=1 / 2):
        seen = observe.gradient(case, batch, name)
        answer = case.truth(batch)[name].answers[0]
        u = case.fmt.unit_roundoff
        with np.errstate(all="ignore"):
            each = bounds(answer, case.fmt, case.scale).accurate
            allowed = np.ldexp(each, answer.exponent).sum(axis=1)
            allowed += (
                accurate_factor(case.fmt)
                * u
                * np.abs(np.where(np.isfinite(seen), seen, 0)).sum(axis=1)
            )
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
                Level.SOUND if excess[row] < SOUND_FACTOR else Level.UNSOUND,
                message=f"the gradient row sums to {seen[row].sum():g}",
                witness=witness(
                    given, case.fmt, truth=float(due[row]), observed=float(seen[row].sum())
                ),
            )
    return outcome


def class_index(case: Case) -> Outcome:
    """Targets as class indices give what one-hot probabilities give."""
    few = case.implementation.adapter.COMPILES_EACH_SHAPE
    lengths = (2, 5) if few else sizes.several(case, (2, 3, 5, 9), "classes")
    return _by_index(case, [case.default], lengths)


def smoothing(case: Case) -> Outcome:
    """The same at other values of the smoothing, and of every other parameter."""
    if not case.other_settings:
        return Outcome(unsupported="takes no " + ", ".join(case.closed_parameters))
    return _by_index(case, case.other_settings, sizes.several(case, (3, 5), "smoothing"))


def _by_index(case: Case, settings: Sequence[Setting], lengths: Sequence[int]) -> Outcome:
    outcome = Outcome()
    for length in lengths:
        main = points.rows(case.function, case.fmt, length, 12, case.seed)[0]
        index = np.arange(len(main)) % length
        batch = Batch((main, np.eye(length)[index]), np.ones(len(main)))
        for setting in settings:
            try:
                _at_index(case, outcome, smooth.away_from_kinks(case, batch, setting), setting)
            except Misconduct as refusal:
                if refusal.kind != "raises" or outcome.level is not None:
                    raise
                outcome.unsupported = "takes no class indices"
                return outcome
    return outcome


def _at_index(case: Case, outcome: Outcome, batch: Batch, setting: Setting) -> None:
    """Values and gradients of one batch with its targets spelled as class indices."""
    if not batch.size:
        return
    truth = case.truth(batch, setting)
    arrays = observe.with_indices(case, batch)
    keywords = case.keywords(setting)
    _note(
        case,
        outcome,
        _singles(case, arrays, keywords),
        truth["value"],
        batch,
        "class-index targets",
    )
    name = case.function.variables[0].name
    if case.loops or not case.implementation.has_gradient:
        return
    try:
        found = case.implementation.gradients(
            arrays, {**keywords, "reduction": "none"}, case.fmt.array(np.ones(batch.size)), [name]
        )
    except Unsupported:
        return
    if name in found and found[name].shape == batch.arrays[0].shape:
        seen = found[name].astype(np.float64)
        _note(case, outcome, seen, truth[name], batch, "gradient with class-index targets")


def _singles(case: Case, arrays: Sequence[Array], keywords: dict[str, object]) -> Floats:
    """The single losses: by reduction none, or by a call for each."""
    count = len(arrays[0])
    if not case.loops:
        result = case.implementation.value(arrays, {**keywords, "reduction": "none"})
        return observed(result, (count,), case.fmt)
    rows = [
        case.implementation.value([a[k : k + 1] for a in arrays], keywords) for k in range(count)
    ]
    return np.array([float(r.astype(np.float64).reshape(-1)[0]) for r in rows])


def masked(case: Case) -> Outcome:
    """A class whose logit is -oo is no class: the loss and gradient are those without it."""
    outcome = Outcome()
    batch = draw.easy(case, 8, seed=5)
    index = np.arange(8) % (batch.arrays[0].shape[1] - 1)
    batch = Batch((batch.arrays[0], np.eye(batch.arrays[0].shape[1])[index]), np.ones(8))
    kept = Batch(tuple(a[:, :-1] for a in batch.arrays), batch.cotangent)
    truth = case.truth(kept)
    main = batch.arrays[0].copy()
    main[:, -1] = -np.inf
    hidden = Batch((main, batch.arrays[1]), batch.cotangent)
    name = case.function.variables[0].name
    try:
        seen = _singles(case, observe.with_indices(case, hidden), {})
        _note(case, outcome, seen, truth["value"], kept, "with a class at -oo")
        if case.loops or not case.implementation.has_gradient:
            return outcome
        found = case.implementation.gradients(
            observe.with_indices(case, hidden),
            {"reduction": "none"},
            case.fmt.array(np.ones(8)),
            [name],
        )
    except Misconduct as refusal:
        if refusal.kind != "raises":
            raise
        outcome.unsupported = "takes no class indices"
        return outcome
    if name in found:
        slopes = observed(found[name], main.shape, case.fmt)
        _note(case, outcome, slopes[:, :-1].copy(), truth[name], kept, "gradient, a class at -oo")
        if np.any(slopes[:, -1] != 0):
            outcome.lower(
                Level.UNSOUND, message="the gradient at a logit of -oo is not 0", points=1
            )
    return outcome


def _note(
    case: Case, outcome: Outcome, seen: Floats, truth: Truth, batch: Batch, message: str
) -> None:
    found, traits = ruling.judged(case, seen, truth, batch)
    for trait in traits:
        outcome.trait(trait)
    outcome.undecided += found.undecided
    outcome.lower(
        found.level or Level.EXACT,
        message=message,
        witness=ruling.witness(
            case, seen, truth, found, batch, found.worst, gradient=seen.ndim == 2
        ),
        error=found.worst_error,
        points=found.points,
    )


def _by_class(case: Case) -> bool:
    return case.function.is_loss and any(v.simplex for v in case.function.variables)


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
        _by_class(case)
        and case.function.variables[0].masked  # a sum of exponentials, which a shift leaves alone
        and case.implementation.has_gradient
    ),
)
CLASS_INDEX = Property(
    name="loss.class_index",
    judge=class_index,
    meaning="A class index as target gives what the one-hot row gives.",
    why="Both spellings of a target are in use, and an off-by-one class trains in silence.",
    cause="One-based classes; the last class treated apart.",
    fix="Gather the logit of the class and subtract logsumexp.",
    applies=_by_class,
)
SMOOTHING = Property(
    name="loss.smoothing",
    judge=smoothing,
    meaning="With label smoothing eps, class c gets (1 - eps) t_c + eps / C, whichever way the "
    "target is spelled; so do all other parameters.",
    why="Smoothing over C - 1 classes instead of C looks the same in a training curve.",
    cause="`eps / (C - 1)`; smoothing only for class indices, or only for probabilities.",
    fix="Smooth the one-hot row, then take the cross-entropy of it.",
    applies=lambda case: _by_class(case) and bool(case.function.parameters),
)
MASKED = Property(
    name="loss.masked",
    judge=masked,
    meaning="A logit of -oo takes its class out: the loss and the other gradients are those of the "
    "row without it, and its own gradient is 0.",
    why="Padded and forbidden classes are masked so; one NaN stops the training.",
    cause="0 times -oo in the sum over classes; -oo minus -oo in the maximum.",
    fix="Gather the logit of the class; subtract a finite maximum.",
    applies=lambda case: (
        _by_class(case) and case.function.variables[0].masked and case.fmt.infinities
    ),
)
