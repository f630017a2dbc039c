"""Shapes: those of results and of gradients, for arrays of any number of dimensions."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ...reference.level import Level
from ..judging import observe, ruling
from ..points import draw, sizes
from ..points.case import Batch, Case
from ..targets.implementation import Array, observed
from .agreement import compare, elementwise, gradients, unreduced
from .property import Outcome, Property

SHAPES = ((), (1,), (3,), (2, 3), (2, 1, 3), (2, 0), (0,))


def shape(case: Case) -> Outcome:
    outcome = Outcome()
    if case.loops or not elementwise(case):
        _row_shapes(case, outcome)
        return outcome
    shapes = SHAPES[::3] if case.implementation.adapter.COMPILES_EACH_SHAPE else SHAPES
    for usual in shapes:
        wanted = tuple(sizes.some(case, n, "shape", usual, k) for k, n in enumerate(usual))
        size = int(np.prod(wanted))
        arrays = [case.fmt.array(a).reshape(wanted) for a in draw.easy(case, size).arrays]
        _expect(case, outcome, arrays, wanted)
        expect_gradient(case, outcome, arrays, wanted)
        if size > 1:
            _expect_values(case, outcome, arrays)
    return outcome


def _expect_values(case: Case, outcome: Outcome, arrays: Sequence[Array]) -> None:
    """In a table each element, and its gradient, is what it is in a row."""
    flat = Batch(tuple(a.astype(np.float64).ravel() for a in arrays))
    seen = observed(case.implementation.value(arrays, unreduced(case)), arrays[0].shape, case.fmt)
    compare(case, outcome, seen.ravel(), flat, "number of dimensions")
    name = case.function.variables[0].name
    found = gradients(case, arrays, arrays[0].shape).get(name)
    if found is None or found.shape != arrays[0].shape:
        return
    slopes = found.astype(np.float64).ravel()
    if np.array_equal(slopes, observe.gradient(case, flat, name), equal_nan=True):
        return
    truth = case.truth(flat)[name]
    judged, _ = ruling.judged(case, slopes, truth, flat)
    outcome.lower(
        judged.level or Level.EXACT,
        message=f"the gradient of shape {arrays[0].shape} is not that of the row",
        witness=ruling.witness(case, slopes, truth, judged, flat, judged.worst, gradient=True),
        error=judged.worst_error,
    )


def expect_gradient(
    case: Case, outcome: Outcome, arrays: Sequence[Array], out: tuple[int, ...]
) -> None:
    """Each gradient has the shape of its variable."""
    due = {v.name: a.shape for v, a in zip(case.function.variables, arrays, strict=True)}
    for name, found in gradients(case, arrays, out).items():
        if found.shape != due[name]:
            outcome.lower(
                Level.UNSOUND,
                message=f"the gradient in {name} of shape {due[name]} has shape {found.shape}",
                points=1,
            )


def _row_shapes(case: Case, outcome: Outcome) -> None:
    if case.channelled or case.loops:
        batch = draw.easy(case, 1)
        result = case.implementation.value(observe.native(case, batch), unreduced(case))
        due = ((1, 1),) if case.channelled else ((), (1,))
        good = result.shape in due
        outcome.lower(
            Level.EXACT if good else Level.UNSOUND,
            message="" if good else f"returned shape {result.shape} where {due[0]} was due",
            points=1,
        )
        return
    for count in (sizes.some(case, 4, "shape"), 1, 0):
        batch = draw.easy(case, count)
        _expect(case, outcome, observe.native(case, batch), observe.out_shape(case, batch))
    if case.function.entries(1):
        batch = draw.rows(case, 1, 3)
        _expect(case, outcome, observe.native(case, batch), observe.out_shape(case, batch))
    if not case.function.is_loss:
        wide = sizes.some(case, 3, "shape")
        batch = draw.easy(case, 2 * wide)
        (_, *entries) = observe.out_shape(case, batch)
        _expect(case, outcome, [case.fmt.array(a[0]) for a in batch.arrays], tuple(entries))
        cube = [case.fmt.array(a).reshape(2, wide, *a.shape[1:]) for a in batch.arrays]
        _expect(case, outcome, cube, (2, wide, *entries))
    if (
        case.function.row_output
        or case.function.is_loss
        or not case.implementation.accepts("keepdims")
    ):
        return
    kept = case.implementation.value(observe.native(case, batch), {"keepdims": True})
    if kept.shape != (batch.size, 1):
        outcome.lower(
            Level.UNSOUND,
            message=f"with keepdims rows of shape {batch.arrays[0].shape} gave {kept.shape}",
            points=1,
        )


def _expect(case: Case, outcome: Outcome, arrays: Sequence[Array], due: tuple[int, ...]) -> None:
    result = case.implementation.value(arrays, unreduced(case))
    if result.shape == due:
        outcome.lower(Level.EXACT, points=1)
        return
    outcome.lower(
        Level.UNSOUND,
        message=f"returned shape {result.shape} for inputs of shape {arrays[0].shape}",
        points=1,
    )


SHAPE = Property(
    name="structure.shape",
    judge=shape,
    meaning="The result has the shape of the input (of the batch, for losses without reduction): "
    "0-d, one element, several dimensions, empty.",
    why="A 0-d or empty tensor reaches every function once in production.",
    cause="Reshape or squeeze of special cases; (N, 1) against (N,) broadcast to (N, N).",
    fix="Work with ufuncs and reductions with an explicit axis.",
)
