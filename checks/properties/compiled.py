"""The library's compiler: what it makes of the code gives the same."""

from __future__ import annotations

import numpy as np

from ...reference.level import RANKED
from ..judging import observe, ruling
from ..points import draw, points
from ..points.case import Batch, Case
from ..targets.implementation import Unsupported, observed
from .agreement import compare, easy_size, elementwise, seeded, unreduced
from .property import Outcome, Property


def compiled(case: Case) -> Outcome:
    """Code run eagerly agrees with what the library's compiler makes of it, judged elsewhere."""
    outcome = Outcome()
    if case.implementation.compiled is None:
        outcome.unsupported = f"{case.implementation.adapter.NAME} has no compiler here"
        return outcome
    batch = draw.easy(case, easy_size(case))
    if elementwise(case):
        hard = points.inside(points.edges(case.fmt), case.function.variables[0], case.fmt)
        hard = hard[np.linspace(0, hard.size - 1, batch.size).astype(int)]
        batch = Batch((np.resize(hard, batch.size), *batch.arrays[1:]))
    everywhere = draw.batches(case)[:1] if elementwise(case) else []
    for tried in (batch, *everywhere):
        compare(case, outcome, observe.value(case.eagerly, tried), tried, "compiler")
    if not case.loops:
        _eager_gradient(case, outcome, batch)
    return outcome


def _eager_gradient(case: Case, outcome: Outcome, batch: Batch) -> None:
    """Gradients are observed compiled elsewhere; here eager ones, which must be no worse."""
    variable = case.function.variables[0]
    if case.implementation.vjp is not None or not variable.differentiable:
        return
    batch = seeded(case, batch)
    whole = observe.padded(case, batch)
    arrays = observe.native(case, whole)
    due = (
        (1, *observe.out_shape(case, whole)) if case.channelled else observe.out_shape(case, whole)
    )
    seed = case.fmt.array(np.ones(due))
    try:
        found = case.implementation.eager_gradient(arrays, unreduced(case), seed)
    except Unsupported:
        return
    every = observed(found, arrays[0].shape, case.fmt).reshape(whole.arrays[0].shape)
    seen = every[: batch.size]
    fused = observe.gradient(case, batch, variable.name)
    if np.array_equal(seen, fused, equal_nan=True):
        return
    outcome.trait("gradients differ with the compiler")
    truth = case.truth(batch)[variable.name]
    ours, _ = ruling.judged(case, seen, truth, batch)
    theirs, _ = ruling.judged(case, fused, truth, batch)
    if ours.rank.min() < theirs.rank.min():
        outcome.lower(
            RANKED[int(ours.rank.min())],
            message="the gradient computed eagerly is worse than the compiled one",
            witness=ruling.witness(case, seen, truth, ours, batch, ours.worst, gradient=True),
            error=ours.worst_error,
        )


COMPILED = Property(
    name="structure.compiled",
    judge=compiled,
    meaning="Code run eagerly gives what compiled code gives, or stays within the same level; "
    "so do its gradients. Elsewhere compiled code is judged, where it is usual to compile.",
    why="A fused kernel reassociates and skips roundings.",
    cause="Fast-math rewrites of the compiler.",
    fix="Forbid reassociation around compensated sums; test both.",
    applies=lambda case: case.implementation.adapter.NAME != "numpy",
)
