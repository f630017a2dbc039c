"""Broadcasting: inputs of different shapes, and weights that belong to channels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from ...reference.error import Truth
from ...reference.level import Level
from ...reference.reduction import reduced
from ..judging import ruling
from ..judging.judge import judge, witness
from ..points import draw, sizes
from ..points.case import Batch, Case
from ..targets.implementation import Array, Misconduct, observed
from .agreement import compare, elementwise, gradients, unreduced
from .property import Outcome, Property
from .shape import expect_gradient


def broadcast(case: Case) -> Outcome:
    """A scalar or a row against a matrix gives what the spelled-out arrays give."""
    outcome = Outcome()
    if case.channelled:
        _channels(case, outcome)
        return outcome
    high, wide = sizes.some(case, 4, "rows"), sizes.some(case, 3, "columns")
    first, second, *rest = (case.fmt.array(a) for a in draw.easy(case, high * wide).arrays)
    matrix, *others = (a.reshape(high, wide) for a in (first, *rest))
    for other in (second[:wide], second[:1].reshape(()), second[:high].reshape(high, 1)):
        _against(case, outcome, matrix, other, others)
    return outcome


def _against(
    case: Case, outcome: Outcome, matrix: Array, other: Array, others: list[Array]
) -> None:
    """A matrix against a smaller array, as it is and spelled out."""
    try:
        result = case.implementation.value([matrix, other, *others], unreduced(case))
    except Misconduct as refusal:
        if refusal.kind != "raises":
            raise
        outcome.trait("does not broadcast")
        outcome.unsupported = "does not broadcast"
        return
    if result.shape != matrix.shape:
        outcome.lower(
            Level.UNSOUND,
            message=f"shapes {matrix.shape} and {other.shape} gave {result.shape}, "
            f"not {matrix.shape}",
            points=1,
        )
        return
    spelled = np.broadcast_to(other, matrix.shape).copy()
    batch = Batch(tuple(a.astype(np.float64).ravel() for a in (matrix, spelled, *others)))
    compare(case, outcome, result.astype(np.float64).ravel(), batch, "broadcast")
    try:
        expect_gradient(case, outcome, [matrix, other, *others], matrix.shape)
    except Misconduct as refusal:
        if refusal.kind != "raises":
            raise
        outcome.trait("gradients do not broadcast")


def _channels(case: Case, outcome: Outcome) -> None:
    """One weight for each channel, or one for all, over tables and stacks; gradients summed."""
    rng = np.random.default_rng(case.seed + 41)
    n = sizes.some(case, 3, "channels")
    tables = [((4, n), n, 1), ((2, n, 5), n, 1), ((n, 2), 2, 1), ((4, n), 1, 1), ((5,), 1, 1)]
    if case.implementation.accepts("channel_axis"):
        tables += [((n, n), n, 0), ((2, n), n, -1)]
    for wanted, count, axis in tables:
        size = int(np.prod(wanted))
        x = case.fmt.round(rng.normal(scale=2.0, size=size)).reshape(wanted)
        weight = case.fmt.round(rng.uniform(0.05, 0.9, size=count))
        own = axis % len(wanted)
        channels = np.arange(count).reshape([-1 if k == own else 1 for k in range(len(wanted))])
        owner = np.broadcast_to(channels if count > 1 else 0, wanted).ravel()
        spelled = weight[owner]
        batch = Batch((x.ravel(), spelled))
        truth = case.truth(batch)
        arrays = [case.fmt.array(x), case.fmt.array(weight)]
        result = case.implementation.value(arrays, {"channel_axis": axis} if axis != 1 else {})
        seen = observed(result, wanted, case.fmt).ravel()
        found, _ = ruling.judged(case, seen, truth["value"], batch)
        level = found.level or Level.EXACT
        outcome.lower(
            level,
            message=f"x of shape {wanted} with {count} weights",
            witness=ruling.witness(case, seen, truth["value"], found, batch, found.worst),
            points=found.points,
            error=found.worst_error,
        )
        if axis == 1:
            _channel_gradient(case, outcome, arrays, truth, owner)


def _channel_gradient(
    case: Case,
    outcome: Outcome,
    arrays: Sequence[Array],
    truth: Mapping[str, Truth],
    owner: NDArray[np.int64],
) -> None:
    name = case.function.variables[1].name
    found = gradients(case, arrays, arrays[0].shape).get(name)
    if found is None:
        return
    if found.shape != arrays[1].shape:
        outcome.lower(
            Level.UNSOUND,
            message=f"the gradient in {name} of shape {arrays[1].shape} has shape {found.shape}",
        )
        return
    for channel in range(arrays[1].size):  # two weights of few bits may be equal
        due, terms = reduced(truth[name][owner == channel], case.fmt)
        seen = np.array([float(found.astype(np.float64)[channel])])
        judged = judge(seen, due, case.fmt, case.scale, terms=terms)
        outcome.lower(
            judged.level or Level.EXACT,
            message=f"the gradient in {name}, channel {channel} of x of shape {arrays[0].shape}",
            witness=witness(
                {v.name: a for v, a in zip(case.function.variables, arrays, strict=True)},
                case.fmt,
                truth=float(due.nearest[0]),
                observed=float(seen[0]),
                error=float(judged.error[0]),
                bound=float(judged.accurate[0]),
            ),
            points=1,
        )


BROADCAST = Property(
    name="structure.broadcast",
    judge=broadcast,
    meaning="Inputs of different shapes broadcast as NumPy's do, or are refused.",
    why="A silent (N, N) from (N, 1) and (N,) is the classic wrong loss.",
    cause="A manual reshape inside the function.",
    fix="Leave shapes to the library, or check them.",
    applies=lambda case: (
        case.channelled or (len(case.function.variables) > 1 and elementwise(case))
    ),
)
