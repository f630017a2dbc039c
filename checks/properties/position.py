"""Positions: one element gives the same result in any array, at any place."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...reference.formats import Floats
from ...reference.level import RANKED, Level
from ..judging import observe, ruling
from ..points import draw, points, sizes
from ..points.case import Batch, Case
from .agreement import compare
from .property import Outcome, Property


def position(case: Case) -> Outcome:
    """The same element, in arrays of any length and at any place in them."""
    outcome = Outcome()
    if case.function.along_axis:
        return _row_position(case)
    main = case.function.variables[0]
    hard = points.inside(
        np.concatenate([points.ordinary(case.fmt, 80, case.seed), points.edges(case.fmt)]),
        main,
        case.fmt,
    )
    hard = hard[np.isfinite(hard)]
    rng = np.random.default_rng(case.seed + 23)
    columns = [rng.permutation(hard)]
    for v in case.function.variables[1:]:
        pool = points.inside(points.ordinary(case.fmt, 64, case.seed), v, case.fmt)
        columns.append(rng.choice(pool, hard.size))
    batch = Batch(tuple(columns))
    batch = batch[: min(batch.size, 200)]
    alone = np.array([observe.value(case, batch[k : k + 1])[0] for k in range(min(64, batch.size))])
    compare(case, outcome, alone, batch[: alone.size], "position in the array")
    vector = (7, 8, 9, 16, 31, 33, 64, 67, batch.size, 1021, 5003)
    lengths = sizes.several(case, vector, "position")
    if case.implementation.adapter.COMPILES_EACH_SHAPE:  # in lengths it is given
        lengths = observe.PADDED[:2]
    for length in lengths:
        picks = np.arange(length) % batch.size
        _compare_places(case, outcome, batch[picks], period=batch.size)
    return outcome


def _compare_places(case: Case, outcome: Outcome, batch: Batch, period: int) -> None:
    """Each element of a batch in which they come round again after a period.

    It is compared with itself one place further on, and in the next round.
    """
    seen = observe.value(case, batch)
    outcome.lower(Level.EXACT, points=int(seen.size))
    again = np.roll(observe.value(case, batch[np.roll(np.arange(batch.size), 1)]), -1)
    moved = _differ(seen, again)
    if moved.any():
        for array in (seen, again):
            _note_place(case, outcome, batch, array, moved)
    later = np.zeros(seen.shape, dtype=bool)
    later[period:] = _differ(seen[period:], seen[:-period])
    if later.any():
        _note_place(case, outcome, batch, seen, later)


def _differ(a: Floats, b: Floats) -> NDArray[np.bool_]:
    differs: NDArray[np.bool_] = (a != b) & ~(np.isnan(a) & np.isnan(b))
    return differs


def _note_place(
    case: Case, outcome: Outcome, batch: Batch, seen: Floats, where: NDArray[np.bool_]
) -> None:
    """Judge the worst of the places where results differ."""
    truth = case.truth(batch, gradient=False)["value"]
    found, _ = ruling.judged(case, seen, truth, batch)
    index = int(np.argmin(np.where(where, found.rank, 99)))
    level = RANKED[min(int(found.rank.flat[index]), Level.ACCURATE.rank)]
    outcome.trait("results differ with the position in the array")
    outcome.lower(
        level,
        message=f"results differ with the position in the array (place {index} of {batch.size})",
        witness=ruling.witness(case, seen, truth, found, batch, index),
        error=float(found.error.flat[index]),
    )


def _row_position(case: Case) -> Outcome:
    """Rows longer than vector widths, judged; and each row alone against all rows together."""
    outcome = Outcome()
    few = case.implementation.adapter.COMPILES_EACH_SHAPE
    widths = (33, 130) if few else (17, 33, 67, 130)
    for odd in sizes.several(case, widths, "position"):
        length = odd if case.function.entries(odd) else odd + 1
        batch = draw.rows(case, length, sizes.some(case, 4, length))
        if not batch.size:
            continue
        seen = observe.value(case, batch)
        truth = case.truth(batch, gradient=False)["value"]
        found, _ = ruling.judged(case, seen, truth, batch)
        outcome.undecided += found.undecided
        index = found.worst
        level = found.level or Level.EXACT
        evidence = None
        if level < case.required:
            evidence = ruling.witness(case, seen, truth, found, batch, index)
        outcome.lower(
            level,
            points=found.points,
            error=found.worst_error,
            witness=evidence,
            message="" if evidence is None else f"in rows of {length}",
        )
        alone = np.concatenate([observe.value(case, batch[k : k + 1]) for k in range(batch.size)])
        compare(case, outcome, alone, batch, "number of rows")
    return outcome


POSITION = Property(
    name="structure.position",
    judge=position,
    meaning="An element gives the same result in an array of any length, at any place.",
    why="Batch size must not change a prediction; long arrays reach the vector code, short ones "
    "the remainder loop.",
    cause="The vector path and the scalar tail use different approximations.",
    fix="Use one kernel for both, with masked loads for the tail.",
    applies=lambda case: not case.loops,
)
