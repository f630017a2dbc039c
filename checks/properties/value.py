"""The value: right everywhere, at the special points, in range, monotone, symmetric."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import sympy

from ...reference.error import Truth
from ...reference.formats import Floats
from ...reference.level import RANKED, Level
from ...spec import derive
from ...spec.function import Variable
from ...spec.special import Largest
from ..judging import observe, ruling, search
from ..judging.judge import witness
from ..points import amounts, draw, points
from ..points.case import Batch, Case, Setting
from ..targets.implementation import Misconduct
from ..verdict import Witness
from .property import Outcome, Property


def judge_batch(
    case: Case, outcome: Outcome, name: str, batch: Batch, setting: Setting, message: str = ""
) -> None:
    """Judge one batch for the value or a gradient and note the result, with its witness."""
    if not batch.size:
        return
    if name == "value":
        seen = observe.value(case, batch, setting)
    else:
        if case.loops:
            batch = draw.thinned(case, batch)
        seen = observe.gradient(case, batch, name, setting)
    truth = case.truth(batch, setting)[name]
    found, traits = ruling.judged(case, seen, truth, batch, setting)
    for trait in traits:
        outcome.trait(trait)
    outcome.undecided += found.undecided
    level = found.level
    if level is None:
        return
    lower = outcome.level is None or level.rank < outcome.level.rank
    evidence = None
    if level.rank < case.required.rank and not message:
        message = degenerate(case, seen, truth.nearest, batch, name)
    if lower and level.rank < Level.EXACT.rank:
        index = found.worst
        evidence = ruling.witness(
            case, seen, truth, found, batch, index, setting, gradient=name != "value"
        )
        if level.rank < case.required.rank and not (case.function.along_axis or case.at):
            evidence, message = _simplified(case, name, setting, batch, index, evidence, message)
    outcome.lower(
        level,
        message=message,
        witness=evidence,
        error=found.worst_error,
        points=found.points,
    )


def _simplified(
    case: Case,
    name: str,
    setting: Setting,
    batch: Batch,
    index: int,
    evidence: Witness,
    message: str,
) -> tuple[Witness, str]:
    """The witness shrunk by Hypothesis; or a remark that the fault needs its whole array."""
    simple = search.simplest(case, name, setting, batch, index)
    if simple is None:
        return evidence, message or f"seen in an array of {batch.size}, not alone"
    seen = search.answers(case, name, simple, setting)
    truth = case.truth(simple, setting)[name]
    found, _ = ruling.judged(case, seen, truth, simple, setting)
    return ruling.witness(
        case, seen, truth, found, simple, 0, setting, gradient=name != "value"
    ), message


def degenerate(case: Case, seen: object, truth: object, batch: Batch, name: str) -> str:
    """Names an output that is all zeros, constant, the input or an earlier answer, where the truth
    is not.
    """
    out, right = np.asarray(seen), np.asarray(truth)
    told = "" if out.size < 8 else _constant(out, right, batch)
    telling = name == "value" and not case.loops and case.fmt.bits > 8  # fewer often repeat
    if not told and telling and case.implementation.diary.stale:
        return "the output is that of an earlier call with other inputs"
    return told


def _constant(out: Floats, right: Floats, batch: Batch) -> str:
    if np.ptp(np.nan_to_num(right, posinf=1, neginf=-1)) == 0:
        return ""
    if np.all(out == 0):
        return "every output is zero"
    if np.isnan(out).all():
        return "every output is NaN"
    if np.all(out == out.flat[0]):
        return f"every output is {out.flat[0]:g}"
    first = batch.arrays[0]
    if first.shape == out.shape and np.array_equal(out, first) and not np.array_equal(right, first):
        return "the output is the input"
    return ""


def accuracy(case: Case) -> Outcome:
    outcome = Outcome()
    for batch in (*draw.batches(case), *draw.masked(case)):
        judge_batch(case, outcome, "value", batch, case.default)
    dense(case, outcome, "value", case.default)
    return outcome


def dense(case: Case, outcome: Outcome, name: str, setting: Setting) -> None:
    """Look between the points, and at compositions, as long as nothing is wrong yet."""
    if case.function.along_axis or case.at or case.loops or case.effort < amounts.FULL:
        return
    failed = outcome.level is not None and outcome.level.rank < case.required.rank
    if failed:
        return
    for scan in range(amounts.scans(case.effort) if case.fmt.bits > 16 else 0):
        suspicious = search.suspects(case, name, setting, scan)
        if suspicious is not None:
            judge_batch(case, outcome, name, suspicious, setting)
    found = search.composition(case, name, setting)
    if found is not None:
        judge_batch(case, outcome, name, found, setting)


def parameters(case: Case) -> Outcome:
    outcome = Outcome()
    if case.closed_parameters:
        outcome.unsupported = "takes no " + ", ".join(case.closed_parameters)
    for setting in case.other_settings:
        for batch in draw.batches(case, setting, share=1 / 2):
            judge_batch(case, outcome, "value", batch, setting)
        if case.fmt.bits == 32:
            dense(case, outcome, "value", setting)
    return outcome


def special(case: Case) -> Outcome:
    outcome = Outcome()
    _nan(case, outcome)
    if not case.function.along_axis:
        _infinities(case, outcome)
    if case.function.parity == "odd":
        _signed_zero(case, outcome)
    if outcome.level is None and outcome.traits:
        outcome.unsupported = "; ".join(outcome.traits)
    return outcome


def _ordinary_row(case: Case) -> list[np.ndarray]:
    """One easy point for each variable, as columns of length one (or a row of three)."""
    if case.function.along_axis:
        return [a[:1] for a in draw.easy(case, 1).arrays]
    return [np.array([search.typical(case, v)]) for v in case.function.variables]


def _nan(case: Case, outcome: Outcome) -> None:
    for position, variable in enumerate(case.function.variables):
        exact = variable.domain.is_FiniteSet or variable.labels
        if exact or variable.per_channel or _by_class(variable):
            continue
        columns = _ordinary_row(case)
        mirrored = not case.function.along_axis and case.function.variables[0].domain == sympy.Reals
        if mirrored and not _enters(case, columns, variable.name):
            columns[0] = -columns[0]  # PReLU's slope matters on the left alone
        columns[position] = columns[position].copy()
        columns[position].flat[_label(case, columns)] = np.nan
        try:
            seen = observe.value(case, Batch(tuple(columns)))
        except Misconduct as refusal:
            if refusal.kind != "raises":
                raise
            outcome.trait(f"refuses NaN in {variable.name}")
            continue
        if np.isnan(seen).all() or (_by_entry(case) and np.isnan(seen).any()):
            outcome.lower(Level.EXACT, points=seen.size)
            continue
        if derive.gradient(case.function, variable) == 0 and case.function.along_axis:
            outcome.trait(f"NaN in {variable.name} is swallowed")  # an index has no NaN
            continue
        given = {v.name: c[0] for v, c in zip(case.function.variables, columns, strict=True)}
        evidence = witness(given, case.fmt, truth=float("nan"), observed=float(seen.flat[0]))
        outcome.lower(
            Level.UNSOUND,
            message=f"NaN in {variable.name} is swallowed",
            witness=evidence,
            points=seen.size,
        )


def _enters(case: Case, columns: list[np.ndarray], name: str) -> bool:
    """Whether the value depends on the variable at a point."""
    return bool(case.truth(Batch(tuple(columns)))[name].nearest[0] != 0)


def _by_class(variable: Variable) -> bool:
    return variable.simplex or variable.one_hot


def _label(case: Case, columns: list[np.ndarray]) -> int:
    """The entry that counts most: the class that is the target, otherwise the first."""
    pairs = zip(case.function.variables, columns, strict=True)
    return next((int(np.argmax(c)) for v, c in pairs if _by_class(v)), 0)


def _by_entry(case: Case) -> bool:
    """Whether each output of a row depends on a few entries only, as in gated units."""
    return case.function.row_output and not derive.value(case.function).has(sympy.Sum, Largest)


def infinite_batch(case: Case) -> Batch:
    """-oo and oo in the first variable, ordinary numbers (and ends of domains) in the others."""
    main, *others = case.function.variables
    ends = points.inside(points.infinities(case.fmt), main, case.fmt)
    ends = ends[np.isinf(ends)]
    values = np.array([0.25, 0.75, 1.0, 0.0, -2.0])
    columns = [ends]
    if others:
        columns = [np.repeat(ends, values.size)]
        for v in others:
            pool = points.inside(values, v, case.fmt)
            columns.append(np.resize(pool, columns[0].size))
    return Batch(tuple(columns))


def _infinities(case: Case, outcome: Outcome) -> None:
    batch = infinite_batch(case)
    if not batch.size:
        return
    judge_infinite(case, outcome, "value", batch)


def judge_infinite(case: Case, outcome: Outcome, name: str, batch: Batch) -> None:
    """At the infinities the limits are due from `accurate` on; a wrong one is `sound` at most."""
    try:
        seen = (
            observe.value(case, batch) if name == "value" else observe.gradient(case, batch, name)
        )
    except Misconduct as refusal:
        if refusal.kind != "raises":
            raise
        outcome.trait("refuses infinities")
        return
    truth = case.truth(batch)[name]
    known = truth.decided & ~np.isnan(truth.nearest)
    found, _ = ruling.judged(case, seen[known], truth[known], batch[known])
    if not found.points:
        return
    if found.rank.min() >= Level.ACCURATE.rank:
        outcome.lower(
            RANKED[int(found.rank.min())],
            message="at an infinity",
            witness=ruling.witness(
                case, seen[known], truth[known], found, batch[known], found.worst
            ),
            points=found.points,
        )
        return
    if len(case.function.variables) > 1:
        # oo - oo in max(z, 0) - z t is everywhere: with several variables the limit is no duty
        outcome.trait(f"{'value' if name == 'value' else 'gradient'} misses limits at infinity")
        outcome.lower(Level.EXACT, points=found.points)
        return
    index = found.worst
    evidence = ruling.witness(case, seen[known], truth[known], found, batch[known], index)
    outcome.lower(
        Level.SOUND,
        message=f"the limit at {evidence.inputs[case.function.variables[0].name]} is missed",
        witness=evidence,
        points=found.points,
    )


def _signed_zero(case: Case, outcome: Outcome) -> None:
    zeros = np.array([0.0, -0.0])
    due = -zeros if case.function.monotone == "decreasing" else zeros
    seen = observe.value(case, Batch((zeros,)))
    if np.array_equal(seen, due) and np.array_equal(np.signbit(seen), np.signbit(due)):
        outcome.lower(Level.EXACT, points=2)
        return
    worst = int(np.argmax((seen != due) | (np.signbit(seen) != np.signbit(due))))
    evidence = witness(
        {case.function.variables[0].name: zeros[worst]},
        case.fmt,
        truth=float(due[worst]),
        observed=float(seen[worst]),
    )
    outcome.lower(Level.SOUND, message="the sign of zero is lost", witness=evidence, points=2)


def _observed_everywhere(case: Case) -> Iterator[tuple[Batch, Floats, Truth]]:
    for batch in draw.batches(case):
        seen = observe.value(case, batch)
        yield batch, seen, case.truth(batch, gradient=False)["value"]


def value_range(case: Case) -> Outcome:
    outcome = Outcome()
    low, high = float(case.function.range.inf), float(case.function.range.sup)
    slack = [float(case.fmt.round(np.array([b]))[0]) for b in (low, high)]
    low, high = min(low, slack[0]), max(high, slack[1])
    for batch, seen, truth in _observed_everywhere(case):
        outside = (seen < low) | (seen > high)
        outcome.lower(Level.EXACT, points=seen.size)
        if not outside.any():
            continue
        found, _ = ruling.judged(case, seen, truth, batch)
        rank = min(int(found.rank[outside].min()), Level.ACCURATE.rank)
        index = int(np.flatnonzero(outside.ravel())[np.argmin(found.rank[outside])])
        evidence = ruling.witness(case, seen, truth, found, batch, index)
        outcome.lower(
            RANKED[rank],
            message=f"outside the range [{low:g}, {high:g}]",
            witness=evidence,
            error=found.worst_error,
        )
    return outcome


def monotone(case: Case) -> Outcome:
    outcome = Outcome()
    sign = 1 if case.function.monotone == "increasing" else -1
    for batch, seen, truth in _observed_everywhere(case):
        order = np.argsort(batch.arrays[0], kind="stable")
        with np.errstate(invalid="ignore"):
            falls = np.diff(seen[order]) * sign < 0
        outcome.lower(Level.EXACT, points=seen.size)
        if not falls.any():
            continue
        found, _ = ruling.judged(case, seen, truth, batch)
        at = order[np.flatnonzero(falls)]
        after = order[np.flatnonzero(falls) + 1]
        ranks = np.minimum(found.rank[at], found.rank[after])
        pick = int(np.argmin(ranks))
        evidence = ruling.witness(case, seen, truth, found, batch, int(after[pick]))
        outcome.lower(
            RANKED[min(int(ranks[pick]), Level.ACCURATE.rank)],
            message=f"not monotone: falls after x = {float(batch.arrays[0][at[pick]])!r}",
            witness=evidence,
            error=found.worst_error,
        )
    return outcome


def symmetry(case: Case) -> Outcome:
    outcome = Outcome()
    sign = -1.0 if case.function.parity == "odd" else 1.0
    for batch, seen, truth in _observed_everywhere(case):
        mirrored = observe.value(case, Batch((-batch.arrays[0],)))
        differs = (seen != sign * mirrored) & ~(np.isnan(seen) & np.isnan(mirrored))
        outcome.lower(Level.EXACT, points=seen.size)
        if not differs.any():
            continue
        found, _ = ruling.judged(case, seen, truth, batch)
        rank = min(int(found.rank[differs].min()), Level.ACCURATE.rank)
        index = int(np.flatnonzero(differs)[np.argmin(found.rank[differs])])
        evidence = ruling.witness(case, seen, truth, found, batch, index)
        outcome.lower(
            RANKED[rank],
            message=f"not {case.function.parity}: f(-x) = {float(mirrored[index])!r}",
            witness=evidence,
        )
    return outcome


ACCURACY = Property(
    name="value.accuracy",
    judge=accuracy,
    meaning="The value lies within the level's bound of the truth at every point tried: every "
    "binade, the edges of exp, kinks, dense scans; in formats of 16 bits or 8 every float.",
    why="Absolute tolerances hide the tails: a sigmoid that is 0 below -3 passes suites that test "
    "near zero with atol.",
    cause="Overflow of exp, cancellation (1 + erf, exp(x) - 1, 1 - tanh^2), a threshold, an "
    "approximation sold as the function, constants with too few digits.",
    fix="Use forms that keep small results small: expm1, log1p, erfc, logsumexp with the maximum "
    "taken out; compute formats of 16 bits or 8 in float32 and round once.",
)

PARAMETERS = Property(
    name="value.parameters",
    judge=parameters,
    meaning="The value is as accurate at other parameters of the domain as at the default.",
    why="Tests at the default alone pass code that ignores the parameter or puts it wrongly.",
    cause="A parameter missing in one branch; max(a x, x) used beyond a = 1; a default hard-coded.",
    fix="Write the branch by its condition and keep the parameter in every branch.",
    applies=lambda case: any(not p.along_axis for p in case.function.parameters),
)

SPECIAL = Property(
    name="value.special",
    judge=special,
    meaning="NaN in gives NaN out; the infinities give the limits; an odd function keeps the sign "
    "of zero.",
    why="A swallowed NaN hides a diverged training run; NaN at -oo breaks masked inputs.",
    cause="max or where with a NaN on the losing side; oo times 0 in x sigmoid(x).",
    fix="Let NaN through the comparison (x * (x > 0) or maximum, not fmax); treat the infinite "
    "ends by themselves.",
)

RANGE = Property(
    name="value.range",
    judge=value_range,
    meaning="No value lies outside the closed range of the function; up to `accurate` by no more "
    "than the error allowed there.",
    why="A probability of 1 + 1 ulp makes log(1 - p) NaN; a negative loss breaks early stopping.",
    cause="Rounding of the last addition; a normalisation that does not sum to one.",
    fix="Clamp the result to its range, after the computation and not before it.",
    applies=lambda case: case.function.range.inf.is_finite or case.function.range.sup.is_finite,
)

MONOTONE = Property(
    name="value.monotone",
    judge=monotone,
    meaning="Where the function increases, so does the implementation, between all points tried.",
    why="A step back at a threshold makes a search or a calibration find two answers.",
    cause="A jump between two branches; a polynomial beyond its interval; rounding noise.",
    fix="Make the branches agree at the switch point to the last bit.",
    applies=lambda case: case.function.monotone is not None and len(case.function.variables) == 1,
)

SYMMETRY = Property(
    name="value.symmetry",
    judge=symmetry,
    meaning="An odd function has f(-x) = -f(x), an even one f(-x) = f(x), to the last bit.",
    why="A biased rounding adds up over layers; symmetric code is tested by half of the inputs.",
    cause="Different branches for the two signs.",
    fix="Compute with |x| and put the sign back.",
    applies=lambda case: case.function.parity is not None,
)
