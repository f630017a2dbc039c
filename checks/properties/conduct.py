"""Conduct: what code does besides answering, and whether it answers the same twice."""

from __future__ import annotations

import numpy as np

from ...reference.level import Level
from ..case import Batch, Case
from ..implementation import Misconduct
from ..judge import witness
from .agreement import seeded, unreduced
from .property import Outcome, Property


def purity(case: Case) -> Outcome:
    """Inputs unchanged, nothing printed - over all calls that the other properties made."""
    outcome = Outcome()
    batch = case.easy(1 if case.loops else 64)
    case.implementation.value(case.native(batch), unreduced(case))
    if case.implementation.has_gradient and case.function.variables[0].differentiable:
        try:
            case.observe_gradient(seeded(case, batch), case.function.variables[0].name)
        except Exception as refusal:
            if isinstance(refusal, Misconduct) and refusal.kind == "time":
                raise
    diary = case.implementation.diary
    outcome.lower(Level.EXACT, points=1)
    if diary.changed_inputs:
        outcome.lower(Level.UNSOUND, message=f"changes its input: {diary.changed_inputs[0]}")
    if diary.printed:
        text = diary.printed[0].strip().splitlines()
        outcome.lower(Level.SOUND, message=f"prints to standard output: {text[:1]}")
    return outcome


def determinism(case: Case) -> Outcome:
    """The same call gives the same bits, also after calls with other inputs and shapes."""
    outcome = Outcome()
    first, other = case.easy(9), case.easy(9, seed=1)
    runs = []
    for _ in range(3):
        runs.append(case.observe(first))
        case.observe(other)
        case.observe(other[:4])
    same = all(np.array_equal(runs[0], r, equal_nan=True) for r in runs[1:])
    outcome.lower(Level.EXACT, points=int(first.arrays[0].size))
    if not same:
        changed = next(r for r in runs[1:] if not np.array_equal(runs[0], r, equal_nan=True))
        index = int(np.argmax((runs[0] != changed).ravel()))
        row = index // (runs[0].shape[1] if runs[0].ndim == 2 else 1)
        given = {
            v.name: a[row].tolist()
            for v, a in zip(case.function.variables, first.arrays, strict=True)
        }
        outcome.lower(
            Level.UNSOUND,
            message="the same call gives different results",
            witness=witness(
                given,
                case.fmt,
                truth=float(runs[0].flat[index]),
                observed=float(changed.flat[index]),
                origin="truth: the first call's answer",
            ),
        )
    _gradient_determinism(case, outcome, first, other)
    return outcome


def _gradient_determinism(case: Case, outcome: Outcome, first: Batch, other: Batch) -> None:
    variable = case.function.variables[0]
    if not (case.implementation.has_gradient and variable.differentiable):
        return
    first, other = seeded(case, first), seeded(case, other)
    try:
        runs = []
        for _ in range(3):
            runs.append(case.observe_gradient(first, variable.name))
            case.observe_gradient(other, variable.name)
    except Exception as refusal:
        if isinstance(refusal, Misconduct) and refusal.kind == "time":
            raise
        return
    if not all(np.array_equal(runs[0], r, equal_nan=True) for r in runs[1:]):
        outcome.lower(Level.UNSOUND, message="the same gradient call gives different results")


PURITY = Property(
    name="structure.purity",
    judge=purity,
    meaning="Inputs are unchanged after the call; nothing is printed.",
    why="An in-place change corrupts the tensor that the backward pass has saved.",
    cause="`x *= ...` or `out=x` on the argument.",
    fix="Write into a new array.",
)


DETERMINISM = Property(
    name="structure.determinism",
    judge=determinism,
    meaning="The same call gives the same bits, whatever was called in between.",
    why="Results that depend on history cannot be debugged.",
    cause="A cache keyed by shape; state between calls; noise; uninitialised memory.",
    fix="Keep no state in the function.",
)
