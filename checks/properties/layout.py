"""Layouts: views of all kinds, other axes, and arrays without elements."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ...reference.level import RANKED, Level
from ..judging import observe, ruling
from ..points import draw, sizes
from ..points.case import Batch, Case
from ..targets.implementation import Array, Misconduct, observed
from .agreement import compare, unreduced
from .property import Outcome, Property


def layout(case: Case) -> Outcome:
    """Strided, reversed, transposed views give what a plain copy gives; empty ones are empty."""
    outcome = Outcome()
    if case.function.along_axis or case.channelled:
        return _row_layout(case)
    base = draw.easy(case, sizes.some(case, 64, "layout"))
    table = (sizes.some(case, 6, "layout"), sizes.some(case, 8, "layout"))
    table = (2, 3) if case.implementation.adapter.COMPILES_EACH_SHAPE else table
    plain = [case.fmt.array(a) for a in base.arrays]
    views: dict[str, Callable[[Array], Array]] = {
        "strides": lambda a: _strided(a),
        "reversed order": lambda a: a[::-1],
        "memory order": lambda a: np.asfortranarray(np.resize(a, table)),
    }
    for what, view in views.items():
        arrays = [view(a) for a in plain]
        spelled = Batch(tuple(np.ascontiguousarray(a).astype(np.float64).ravel() for a in arrays))
        result = case.implementation.value(arrays, unreduced(case))
        seen = observed(result, arrays[0].shape, case.fmt).ravel()
        compare(case, outcome, seen, spelled, what)
    _empty(case, outcome)
    return outcome


def _strided(a: Array) -> Array:
    wide = np.zeros(2 * a.shape[0], dtype=a.dtype)
    wide[::2] = a
    return wide[::2]


def _empty(case: Case, outcome: Outcome) -> None:
    empty = [case.fmt.array(np.zeros(0)) for _ in case.function.variables]
    result = case.implementation.value(empty, unreduced(case))
    good = result.shape == (0,)
    outcome.lower(
        Level.EXACT if good else Level.UNSOUND,
        message="" if good else f"an empty array gave shape {result.shape}",
        points=1,
    )


def _row_layout(case: Case) -> Outcome:
    outcome = Outcome()
    if case.loops:
        outcome.unsupported = "takes no reduction"
        return outcome
    batch = draw.easy(case, sizes.some(case, 6, "layout"))
    plain = observe.value(case, batch)
    arrays = [np.asfortranarray(a) for a in observe.native(case, batch)]
    due = arrays[0].shape if case.channelled else observe.out_shape(case, batch)
    seen = observed(case.implementation.value(arrays, unreduced(case)), due, case.fmt)
    compare(case, outcome, seen.reshape(plain.shape), batch, "memory order")
    if "axis" in (case.implementation.keywords or ()) or case.implementation.keywords is None:
        _axis(case, outcome, batch)
    return outcome


def _axis(case: Case, outcome: Outcome, batch: Batch) -> None:
    """The function along axis 0 of the transposed rows gives the transposed result."""
    if case.function.is_loss or not case.function.along_axis:
        return
    turned = [np.ascontiguousarray(a.T) for a in observe.native(case, batch)]
    try:
        result = case.implementation.value(turned, {"axis": 0})
    except Misconduct as refusal:
        if refusal.kind != "raises":
            raise
        outcome.trait("takes no axis")
        return
    seen = observed(result, observe.out_shape(case, batch)[::-1], case.fmt).T
    compare(case, outcome, np.ascontiguousarray(seen), batch, "axis")
    _axis_gradient(case, outcome, batch)


def _axis_gradient(case: Case, outcome: Outcome, batch: Batch) -> None:
    """The same for the gradient."""
    name = case.function.variables[0].name
    shape = observe.out_shape(case, batch)
    seed = case.fmt.round(np.cos(np.arange(float(np.prod(shape))))).reshape(shape)
    seeded = Batch(batch.arrays, seed)
    try:
        plain = observe.gradient(case, seeded, name)
        turned = [np.ascontiguousarray(a.T) for a in observe.native(case, batch)]
        along = case.fmt.array(np.ascontiguousarray(seed.T))
        found = case.implementation.gradients(turned, {"axis": 0}, along, [name])[name]
    except Exception as refusal:
        if isinstance(refusal, Misconduct) and refusal.kind != "raises":
            raise
        return
    seen = observed(found, turned[0].shape, case.fmt).T
    truth = case.truth(seeded)[name]
    ours, _ = ruling.judged(case, np.ascontiguousarray(seen), truth, seeded)
    theirs, _ = ruling.judged(case, plain, truth, seeded)
    if ours.rank.min() < theirs.rank.min():
        outcome.lower(
            RANKED[int(ours.rank.min())],
            message="the gradient along axis 0 is not that of the transposed rows",
            witness=ruling.witness(case, seen, truth, ours, seeded, ours.worst, gradient=True),
            error=ours.worst_error,
        )


LAYOUT = Property(
    name="structure.layout",
    judge=layout,
    meaning="Strided, reversed and transposed views give what a contiguous copy gives, along any "
    "axis; an empty array gives an empty one.",
    why="Kernels read the buffer as if it were contiguous.",
    cause="A raw pointer without strides; the fast path taken for every layout.",
    fix="Make a contiguous copy first, or walk by strides.",
    applies=lambda case: not case.loops and not case.channelled,
)
