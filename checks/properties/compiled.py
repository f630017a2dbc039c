"""The library's compiler: what it makes of the code gives the same."""

from __future__ import annotations

import numpy as np

from ...reference.level import RANKED
from .. import points
from ..case import Batch, Case
from ..implementation import Unsupported, observed
from .agreement import compare, elementwise, seeded, unreduced
from .property import Outcome, Property


def compiled(case: Case) -> Outcome:
    """What the library's compiler makes of the code agrees with the code run eagerly."""
    outcome = Outcome()
    program = case.implementation.adapter.compiled(case.implementation.forward)
    if program is None:
        outcome.unsupported = f"{case.implementation.adapter.NAME} has no compiler here"
        return outcome
    batch = case.easy(1 if case.loops else 64)
    if elementwise(case):
        hard = points.inside(points.edges(case.fmt), case.function.variables[0], case.fmt)
        hard = hard[np.linspace(0, hard.size - 1, 64).astype(int)]
        batch = Batch((np.resize(hard, 64), *batch.arrays[1:]))
    natives = [case.implementation.adapter.to_native(a) for a in case.native(batch)]
    with case.implementation._guard("compiled"):
        result = program(*natives, **unreduced(case))
    plain = case.observe(batch)
    array = np.asarray(case.implementation.adapter.to_numpy(result)).astype(np.float64)
    compare(case, outcome, array.reshape(plain.shape), batch, "compiler")
    if case.implementation.adapter.COMPILES_EACH_SHAPE and not case.loops:
        _eager_gradient(case, outcome, batch)
    return outcome


def _eager_gradient(case: Case, outcome: Outcome, batch: Batch) -> None:
    """Gradients are observed compiled elsewhere; here eager ones, which must be no worse."""
    variable = case.function.variables[0]
    if case.implementation.vjp is not None or not variable.differentiable:
        return
    batch = seeded(case, batch)
    arrays = case.native(batch)
    due = (1, *case.out_shape(batch)) if case._channelled else case.out_shape(batch)
    seed = case.fmt.array(np.ones(due))
    try:
        found = case.implementation.eager_gradient(arrays, unreduced(case), seed)
    except Unsupported:
        return
    seen = observed(found, arrays[0].shape, case.fmt).reshape(batch.arrays[0].shape)
    fused = case.observe_gradient(batch, variable.name)
    if np.array_equal(seen, fused, equal_nan=True):
        return
    outcome.trait("gradients differ with the compiler")
    truth = case.truth(batch)[variable.name]
    ours, _ = case.judge(seen, truth, batch)
    theirs, _ = case.judge(fused, truth, batch)
    if ours.rank.min() < theirs.rank.min():
        outcome.lower(
            RANKED[int(ours.rank.min())],
            message="the gradient computed eagerly is worse than the compiled one",
            witness=case.witness(seen, truth, ours, batch, ours.worst, gradient=True),
            error=ours.worst_error,
        )


COMPILED = Property(
    name="structure.compiled",
    judge=compiled,
    meaning="Compiled code gives what eager code gives, or stays within the same level; so do the "
    "gradients, which elsewhere are those of compiled code where the library has such.",
    why="A fused kernel reassociates and skips roundings.",
    cause="Fast-math rewrites of the compiler.",
    fix="Forbid reassociation around compensated sums; test both.",
    applies=lambda case: case.implementation.adapter.NAME != "numpy",
)
