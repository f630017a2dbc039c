"""The gradient: right everywhere, at kinks and infinities, in every input, in every mode."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from ...reference import oracle
from ...reference.error import Truth
from ...reference.formats import Floats
from ...reference.level import RANKED, Level, accurate_factor, storing
from ...reference.reduction import reduced
from ...spec import derive
from ..judging import observe, ruling
from ..judging.judge import judge, witness
from ..points import amounts, draw, points, smooth
from ..points.case import Batch, Case, Setting
from ..targets.implementation import Unsupported
from .property import Outcome, Property
from .value import dense, infinite_batch, judge_batch, judge_infinite


def _main(case: Case) -> str:
    return str(case.function.variables[0].name)


def has_gradient(case: Case) -> bool:
    return bool(case.function.variables[0].differentiable)


def accuracy(case: Case) -> Outcome:
    outcome = Outcome()
    for batch in (*draw.batches(case), *draw.masked(case)):
        judge_batch(
            case,
            outcome,
            _main(case),
            smooth.away_from_kinks(case, batch, case.default),
            case.default,
        )
    dense(case, outcome, _main(case), case.default)
    for setting in _taken_by_vjp(case)[1:]:
        for batch in draw.batches(case, setting, share=1 / 2):
            judge_batch(
                case, outcome, _main(case), smooth.away_from_kinks(case, batch, setting), setting
            )
    return outcome


def special(case: Case) -> Outcome:
    outcome = Outcome()
    batch = infinite_batch(case)
    if batch.size:
        judge_infinite(case, outcome, _main(case), batch)
    if _smooth(case):
        _nan(case, outcome)
    return outcome


def _smooth(case: Case) -> bool:
    """One formula for the whole line, whose slope depends on x: no branch may lose a NaN."""
    (first, *others) = case.function.variables
    gradient = derive.gradient(case.function, first)
    smooth = not derive.boundaries(case.function) and first.symbol in gradient.free_symbols
    return smooth and not others


def _nan(case: Case, outcome: Outcome) -> None:
    seen = observe.gradient(case, Batch((np.array([np.nan, 0.5]),)), _main(case))
    outcome.lower(Level.EXACT, points=1)
    if not np.isnan(seen[0]):
        outcome.lower(
            Level.UNSOUND,
            message="NaN is swallowed by the gradient",
            witness=witness(
                {_main(case): float("nan")},
                case.fmt,
                truth=float("nan"),
                observed=float(seen[0]),
            ),
        )


def kink(case: Case) -> Outcome:
    outcome = Outcome()
    for setting in _taken_by_vjp(case):
        for batch in draw.batches(case, setting, share=1 / 2):
            near = oracle._near_boundary(case.function, batch.arrays, setting, case.fmt)
            spots = batch[near]
            if not spots.size:
                continue
            judge_batch(case, outcome, _main(case), spots, setting)
            if setting is case.default:
                seen = observe.gradient(case, draw.thinned(case, spots), _main(case), setting)
                choices = sorted({float(v) for v in seen if np.isfinite(v)})
                if 0 < len(choices) <= 3:
                    outcome.trait(f"gradient at the kink: {', '.join(f'{c:g}' for c in choices)}")
    return outcome


def _taken_by_vjp(case: Case) -> list[Setting]:
    """The default, and the other settings of parameters that the vjp takes as well."""
    accepted = case.implementation.vjp_keywords
    return [
        s
        for s in (case.default, *case.other_settings)
        if accepted is None or set(case.keywords(s)) <= accepted
    ]


def parameter(case: Case) -> Iterator[tuple[str, Outcome]]:
    """One outcome for each further differentiable input: variables, then parameters."""
    for v in case.function.variables[1:]:
        if v.differentiable:
            yield v.name, _by_batches(case, v.name)
    for p in case.function.parameters:
        if p.differentiable:
            yield p.name, _parameter(case, p.name)


def _others(case: Case) -> Iterator[str]:
    """The names of those inputs."""
    for v in (*case.function.variables[1:], *case.function.parameters):
        if v.differentiable:
            yield v.name


def _by_batches(case: Case, name: str) -> Outcome:
    outcome = Outcome()
    try:
        for setting in _taken_by_vjp(case):
            for batch in draw.batches(
                case, setting, share=3 / 4 if setting is case.default else 1 / 4
            ):
                judge_batch(
                    case, outcome, name, smooth.away_from_kinks(case, batch, setting), setting
                )
    except Unsupported as reason:
        if outcome.level is None:
            outcome.unsupported = str(reason)
    return outcome


def _parameter(case: Case, name: str) -> Outcome:
    """The gradient in a parameter is a sum over all elements: tried on single ones and on sums."""
    outcome = Outcome()
    if not case.implementation.accepts(name):
        outcome.unsupported = f"takes no {name}"
        return outcome
    for setting in _taken_by_vjp(case):
        for batch in draw.batches(case, setting, share=1 / 4):
            try:
                _sums(case, outcome, name, smooth.away_from_switches(case, batch, setting), setting)
            except Unsupported as reason:
                outcome.unsupported = str(reason)
                return outcome
    return outcome


def _sums(case: Case, outcome: Outcome, name: str, batch: Batch, setting: Setting) -> None:
    """Single elements all over a batch, and sums of easy ones."""
    if not batch.size:
        return
    count = 48 if setting is case.default else 16
    picks = np.unique(np.linspace(0, batch.size - 1, count).astype(int))
    size = np.abs(batch.arrays[0])
    easy = np.flatnonzero((size if size.ndim == 1 else size.max(axis=-1)) < 30)
    few = case.implementation.adapter.COMPILES_EACH_SHAPE
    summed = []
    for size_of_sum in (64,) if few else (7, 64):
        some = easy[:: max(1, easy.size // size_of_sum)]
        summed.append(np.resize(some, size_of_sum) if few and some.size else some)
    used = np.unique(np.concatenate([picks, *summed]))
    truth = case.truth(batch[used], setting)[name]
    for part in (*picks[:, None], *summed):
        _sum(case, outcome, name, batch[part], truth[np.searchsorted(used, part)], setting)


def _sum(
    case: Case, outcome: Outcome, name: str, batch: Batch, truth: Truth, setting: Setting
) -> None:
    if not batch.size:
        return
    keywords = {n: float(setting[n]) for n in case.beside} | case.keywords(setting)
    if case.function.is_loss and case.implementation.accepts("reduction"):
        keywords["reduction"] = "sum"
    elif case.function.is_loss:
        batch, truth = batch[:1], truth[:1]
    ones = np.ones(() if case.function.is_loss else batch.size)
    seed = case.fmt.array(batch.cotangent if case.function.row_output else ones)  # type: ignore[arg-type]
    gradients = case.implementation.gradients(observe.native(case, batch), keywords, seed, [name])
    if name not in gradients:
        raise Unsupported(f"no gradient in {name}")
    if gradients[name].size != 1:
        outcome.lower(
            Level.UNSOUND,
            message=f"the gradient in {name} has shape {gradients[name].shape}, not ()",
            points=1,
        )
        return
    seen = np.array([float(gradients[name].astype(np.float64).reshape(()))])
    total, terms = reduced(truth, case.fmt)
    found = judge(seen, total, case.fmt, case.scale, terms=terms)
    outcome.undecided += found.undecided
    level = found.level or Level.EXACT
    if case.library_flushes and level.rank < case.required.rank:
        size = max(float(np.max(np.abs(a), initial=1.0)) for a in batch.arrays)
        allowance = case.fmt.smallest_normal * max(1.0, size) * batch.size
        found = judge(seen, total, case.fmt, case.scale, terms=terms, allowance=allowance)
        level = found.level or Level.EXACT
        outcome.trait("flushes subnormal numbers to zero")
    given: dict[str, Any] = {
        v.name: a for v, a in zip(case.function.variables, batch.arrays, strict=True)
    }
    given |= {n: float(x) for n, x in setting.items() if x != case.default[n]}
    evidence = witness(
        {k: v[0] if isinstance(v, np.ndarray) and v.size == 1 else v for k, v in given.items()},
        case.fmt,
        truth=float(total.nearest[0]),
        observed=float(seen[0]),
        error=float(found.error[0]),
        bound=float(found.accurate[0]),
        origin=f"{accurate_factor(case.fmt):g} (ulp + u C) of each term, plus u log2(n) times the "
        "sum of the terms' magnitudes",
    )
    outcome.lower(level, witness=evidence, error=found.worst_error, points=1, message=f"in {name}")


def cotangent(case: Case) -> Outcome:
    """g = 0, -1, a power of two, and a mixture: the vjp is linear, exactly so for these."""
    outcome = Outcome()
    batch = points.columns(case.function, case.fmt, case.default, amounts.GLANCE, case.seed)
    finite = np.logical_and.reduce([np.isfinite(a) & (np.abs(a) < 1e3) for a in batch])
    spots = Batch(tuple(a[finite] for a in batch))
    spots = spots[:: max(1, spots.size // 400)]
    if case.at:
        (spots,) = draw.batches(case)
    if case.loops or not case.vjp_reduces:
        return _cotangent_of_losses(case, spots)
    one = observe.gradient(case, spots, _main(case))
    rng = np.random.default_rng(case.seed)
    mixed = rng.choice([-2.0, -1.0, -0.5, 0.5, 1.0, 2.0, 0.0, 4.0], spots.size)
    for g in (np.zeros(spots.size), -np.ones(spots.size), np.full(spots.size, 2.0), mixed):
        seen = observe.gradient(case, spots, _main(case), cotangent=g)
        _compare_linear(case, outcome, spots, one, g, seen)
    return outcome


def _cotangent_of_losses(case: Case, spots: Batch) -> Outcome:
    outcome = Outcome()
    arrays = observe.native(case, spots[:1])
    name = _main(case)
    for pick in range(0, spots.size, max(1, spots.size // 16)):
        arrays = observe.native(case, spots[pick : pick + 1])
        found = [
            case.implementation.gradients(arrays, {}, case.fmt.array(np.array(g)), [name])
            for g in (1.0, -2.0)
        ]
        if name not in found[0]:
            raise Unsupported(f"no gradient in {name}")
        one, two = (np.asarray(f[name], dtype=np.float64).ravel() for f in found)
        _compare_linear(case, outcome, spots[pick : pick + 1], one, np.array([-2.0]), two)
    return outcome


def _compare_linear(
    case: Case, outcome: Outcome, spots: Batch, one: Floats, g: Floats, seen: Floats
) -> None:
    with np.errstate(all="ignore"):
        due = one * g
        few = np.maximum(np.abs(due) * case.fmt.unit_roundoff, case.fmt.smallest_normal)
        loose = (accurate_factor(case.fmt) + 4 * storing(case.fmt)) * few  # both are stored
        bad = np.abs(seen - due) > loose
        bad |= np.isnan(seen) != np.isnan(due)
        bad &= (np.abs(due) <= case.fmt.largest) & np.isfinite(one)
    outcome.lower(Level.EXACT, points=int(seen.size))
    if bad.any():
        k = int(np.argmax(bad))
        names = (v.name for v in case.function.variables)
        given = {n: float(a[k]) for n, a in zip(names, spots.arrays, strict=True)}
        outcome.lower(
            Level.UNSOUND,
            message="the vjp is not linear in the cotangent",
            witness=witness(
                {**given, "cotangent": float(g[k])},
                case.fmt,
                truth=float(due[k]),
                observed=float(seen[k]),
            ),
        )


def _thin(case: Case, most: int = 600) -> Batch:
    if case.at:
        (batch,) = draw.batches(case)
    else:
        arrays = points.columns(case.function, case.fmt, case.default, amounts.GLANCE, case.seed)
        # second derivatives multiply powers of x: beyond this they are 0 or overflow on the way
        far = case.fmt.largest**0.25
        fair = np.logical_and.reduce([np.abs(a) <= far for a in arrays])
        batch = Batch(tuple(a[fair] for a in arrays))
    batch = batch[np.unique(np.linspace(0, batch.size - 1, most).astype(int))]
    near = oracle._near_boundary(case.function, batch.arrays, case.default, case.fmt)
    return batch[~near]


def second(case: Case) -> Outcome:
    outcome = Outcome()
    batch = _thin(case)
    keywords = {"reduction": "none"} if case.function.is_loss else {}
    ones = case.fmt.array(np.ones(batch.size))
    arrays = observe.native(case, batch)
    if case.channelled:
        ones = ones.reshape(1, -1)
    found = case.implementation.double_backward(arrays, keywords, ones)
    seen = found.astype(np.float64).reshape(batch.size)
    given, kept = (case.function, batch.arrays, case.fmt, case.default), not case.varied
    truth = oracle.truth(*given, second=True, cached=kept)["second"]
    _note(case, outcome, seen, _with_natural_scale(case, truth), batch)
    return outcome


def _with_natural_scale(case: Case, truth: Truth) -> Truth:
    """C of a second derivative counts S too.

    Differentiating twice adds products of factors of the function's own size, s (1 - s) (1 - 2 s)
    for the sigmoid, which cancel where the second derivative vanishes.
    """
    with np.errstate(all="ignore"):
        answers = tuple(
            replace(
                a,
                condition=a.condition + np.ldexp(case.fmt.unit_roundoff * case.scale, -a.exponent),
            )
            for a in truth.answers
        )
    return Truth(answers, truth.between)


def modes(case: Case) -> Outcome:
    outcome = Outcome()
    batch = _thin(case)
    keywords = {"reduction": "none"} if case.function.is_loss else {}
    arrays = observe.native(case, batch)
    tangent = np.ones(arrays[0].shape, dtype=case.fmt.dtype)
    found = case.implementation.forward_mode(arrays, keywords, tangent)
    seen = found.astype(np.float64).reshape(batch.size)
    _note(case, outcome, seen, case.truth(batch)[_main(case)], batch)
    return outcome


def _note(case: Case, outcome: Outcome, seen: np.ndarray, truth: Truth, batch: Batch) -> None:
    found, traits = ruling.judged(case, seen, truth, batch)
    for trait in traits:
        outcome.trait(trait)
    outcome.undecided += found.undecided
    if found.level is None:
        return
    index = found.worst
    outcome.lower(
        RANKED[int(found.rank.min())],
        witness=ruling.witness(case, seen, truth, found, batch, index, gradient=True),
        error=found.worst_error,
        points=found.points,
    )


def _autograd(case: Case) -> bool:
    return (
        has_gradient(case)
        and not case.function.along_axis
        and case.implementation.vjp is None
        and case.implementation.adapter.NAME != "numpy"
        and not case.loops
    )


ACCURACY = Property(
    name="grad.accuracy",
    judge=accuracy,
    meaning="The gradient in the first variable lies within the level's bound of the derivative of "
    "the definition, at every point and parameter tried.",
    why="Finite differences cannot judge a gradient: a GELU gradient with the wrong sign below -5 "
    "passes a numerical gradient check.",
    cause="The gradient is rebuilt from a saturated output (s (1 - s), 1 - tanh^2), or from the "
    "value's own approximation; a factor is missing at parameters other than the default.",
    fix="Write the gradient from the input: sigmoid(x) sigmoid(-x), 1/cosh(x)^2; save the input.",
    applies=has_gradient,
)

SPECIAL = Property(
    name="grad.special",
    judge=special,
    meaning="At the infinities the gradient has its limit.",
    why="One NaN gradient at a masked or overflown entry poisons every weight it reaches.",
    cause="oo times 0 in the product rule; a NaN from the branch that `where` did not take.",
    fix="Make the untaken branch harmless before it is computed (the double where).",
    applies=lambda case: (
        has_gradient(case)
        and not case.function.along_axis
        and (infinite_batch(case).size > 0 or _smooth(case))
    ),
)

KINK = Property(
    name="grad.kink",
    judge=kink,
    meaning="At a kink the gradient is an element of the subdifferential, whichever.",
    why="Half a dozen conventions are right; NaN or a value outside is not.",
    cause="A division 0/0 at the kink (x/|x|); both branches added where the condition overlaps.",
    fix="Use one strict and one non-strict comparison, so that exactly one branch applies.",
    applies=lambda case: has_gradient(case) and bool(case.function.kinks),
)

PARAMETER = Property(
    name="grad.parameter",
    judge=parameter,
    meaning="The gradients in the other inputs are right: targets, weights, and learnable "
    "parameters, whose gradient is the sum over all elements.",
    why="A learnable beta or weight with a wrong gradient trains to the wrong place in silence.",
    cause="A mean where the sum is due, a missing chain factor, a broadcast not summed back.",
    fix="Derive it from the definition (`ulpian show` prints it) and sum over what was broadcast.",
    applies=lambda case: (
        case.implementation.has_gradient
        and any(v.differentiable for v in (*case.function.variables[1:], *case.function.parameters))
    ),
    parts=_others,
)

COTANGENT = Property(
    name="grad.cotangent",
    judge=cotangent,
    meaning="The vjp is linear in the cotangent: 0 gives 0, -1 the negative, 2 twice as much.",
    why="A vjp that drops the incoming gradient is right in a test with ones and wrong in a net.",
    cause="The cotangent is ignored, clipped, or only its sign used.",
    fix="Multiply by the cotangent, element by element, last.",
    applies=lambda case: has_gradient(case) and not case.function.along_axis,
)

SECOND = Property(
    name="grad.second",
    judge=second,
    meaning="Differentiating the gradient once more gives the second derivative of the definition.",
    why="Gradient penalties and Hessian methods use it; it is tested least.",
    cause="A custom backward that is constant for autograd, or has no double backward.",
    fix="Write the backward with differentiable operations.",
    applies=_autograd,
)

MODES = Property(
    name="grad.modes",
    judge=modes,
    meaning="Forward-mode differentiation gives the same derivative as the definition.",
    why="Jacobian-vector products feed Hessian-vector products and implicit layers.",
    cause="A forward rule written apart from the backward one.",
    fix="Define one in terms of the other.",
    applies=_autograd,
)
