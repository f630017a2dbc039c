"""Conduct: what code does besides answering, and whether it answers the same twice."""

from __future__ import annotations

import time

import numpy as np

from ...reference.formats import Floats
from ...reference.level import Level
from ..judging import observe, ruling
from ..judging.judge import witness
from ..points import draw, sizes
from ..points.case import Batch, Case
from ..targets.implementation import Array, Misconduct
from ..verdict import Witness
from .agreement import easy_size, seeded, unreduced
from .property import Outcome, Property


def purity(case: Case) -> Outcome:
    """Inputs and global state unchanged, nothing printed - over all calls made so far."""
    outcome, case = Outcome(), case.eagerly
    batch = draw.easy(case, easy_size(case))
    whole = observe.padded(case, batch)
    case.implementation.value(observe.native(case, whole), unreduced(case))
    if case.implementation.has_gradient and case.function.variables[0].differentiable:
        try:
            observe.gradient(case, seeded(case, batch), case.function.variables[0].name)
        except Exception as refusal:
            if isinstance(refusal, Misconduct) and refusal.kind == "time":
                raise
    diary, watch = case.implementation.diary, case.implementation.diary.watch
    watch.look()
    outcome.lower(Level.EXACT, points=1)
    if diary.changed_inputs:
        outcome.lower(Level.UNSOUND, message=f"changes its input: {diary.changed_inputs[0]}")
    if watch.printed:
        text = watch.printed[0].strip().splitlines()
        outcome.lower(Level.SOUND, message=f"prints to standard output: {text[:1]}")
    if watch.changes:
        outcome.lower(Level.SOUND, message="; ".join(watch.changes))
    for trait in watch.traits:
        outcome.trait(trait)
    return outcome


def determinism(case: Case) -> Outcome:
    """The same call gives the same bits, also after calls with other inputs and shapes.

    Arrays that were given before and hold other numbers now are other inputs.
    """
    outcome, case = Outcome(), case.eagerly  # compiled code keeps nothing between calls
    few = case.implementation.adapter.COMPILES_EACH_SHAPE
    count = easy_size(case) if few else sizes.some(case, 9, "determinism")
    first, other = draw.easy(case, count), draw.easy(case, count, seed=1)
    runs, others = [], []
    for _ in range(3):
        runs.append(observe.value(case, first))
        others.append(observe.value(case, other))
        observe.value(case, other[:-1] if few else other[:4])
    outcome.lower(Level.EXACT, points=int(first.arrays[0].size))
    for batch, seen in ((first, runs), (other, others)):
        _same(case, outcome, batch, seen)
    mixed = _one_changed(first, other)
    _earlier(case, outcome, (first, other), (runs[0], others[0]))
    _earlier(case, outcome, (first, mixed), (runs[0], observe.value(case, mixed)))
    _refilled(case, outcome, first, other, others[0])
    _outlived(case, outcome, first, other)
    if case.varied:
        _later(case, outcome, first, runs[0])
    _gradient_determinism(case, outcome, first, other)
    return outcome


def _same(case: Case, outcome: Outcome, batch: Batch, runs: list[Floats]) -> None:
    """The runs of one batch are the same, bit for bit."""
    changed = next((r for r in runs[1:] if not np.array_equal(runs[0], r, equal_nan=True)), None)
    if changed is None:
        return
    outcome.lower(
        Level.UNSOUND,
        message="the same call gives different results",
        witness=_differing(case, batch, runs[0], changed, "the first call's answer"),
    )


def _differing(case: Case, batch: Batch, due: Floats, seen: Floats, what: str) -> Witness:
    index = int(np.argmax((due != seen).ravel()))
    row, *_ = np.unravel_index(index, due.shape)
    given = {
        v.name: a[row].tolist() for v, a in zip(case.function.variables, batch.arrays, strict=True)
    }
    return witness(
        given,
        case.fmt,
        truth=float(due.flat[index]),
        observed=float(seen.flat[index]),
        origin=f"truth: {what}",
    )


def _one_changed(batch: Batch, other: Batch) -> Batch:
    """A batch with one element of another in its middle: a key made of its ends is the same."""
    arrays = [a.copy() for a in batch.arrays]
    place = batch.size // 2
    for array, new in zip(arrays, other.arrays, strict=True):
        array[place] = new[place]
    return Batch(tuple(arrays), batch.cotangent)


def _earlier(
    case: Case, outcome: Outcome, batches: tuple[Batch, Batch], seen: tuple[Floats, Floats]
) -> None:
    """Other inputs of the same shape do not get the answer of an earlier call."""
    if not np.array_equal(*seen, equal_nan=True):
        return
    # two inputs may have one answer: it is an earlier one only where it was right there, and is
    # wrong here
    ranks = []
    for batch, answers in zip(batches, seen, strict=True):
        truth = case.truth(batch, gradient=False)["value"]
        found, _ = ruling.judged(case, answers, truth, batch)
        ranks.append(found.rank)
    stale = (ranks[0] >= case.required.rank) & (ranks[1] < case.required.rank)
    if not stale.any():
        return
    worst = int(np.argmax(np.where(stale, found.error / found.accurate, -1)))
    outcome.lower(
        Level.UNSOUND,
        message="other inputs of the same shape get the same answer as in an earlier call",
        witness=ruling.witness(case, seen[1], truth, found, batches[1], worst),
        error=float(found.error.flat[worst]),
    )


def _refilled(case: Case, outcome: Outcome, first: Batch, other: Batch, due: Floats) -> None:
    """The other inputs in the arrays of an earlier call are answered as in arrays of their own."""
    if case.loops:
        first, other, due = first[:1], other[:1], due[:1]
    before, after = _natives(case, first), _natives(case, other)
    found = case.implementation.refilled(before, after, unreduced(case))
    if found is None:
        return
    seen = np.asarray(found, dtype=np.float64).reshape(-1, *due.shape[1:])[: first.size]
    if np.array_equal(seen, due, equal_nan=True):
        return
    outcome.lower(
        Level.UNSOUND,
        message="an array that is given again with other numbers in it gets another answer than "
        "these numbers do: the answer of an earlier call, or one kept by address",
        witness=_differing(case, other, due, seen, "the answer in an array of its own"),
    )


def _natives(case: Case, batch: Batch) -> list[Array]:
    """The arrays of a call, of a length that is compiled already."""
    return observe.native(case, batch if case.loops else observe.padded(case, batch))


def _outlived(case: Case, outcome: Outcome, first: Batch, other: Batch) -> None:
    """An answer stays what it was when others are given."""
    if case.loops:
        first, other = first[:1], other[:1]
    before, after = _natives(case, first), _natives(case, other)
    given, left = case.implementation.outlived(before, after, unreduced(case))
    if np.array_equal(given, left, equal_nan=True):
        return
    outcome.lower(
        Level.UNSOUND,
        message="the next call changes the answer of this one: the same memory is given out again",
    )


def _later(case: Case, outcome: Outcome, first: Batch, due: Floats) -> None:
    """The same answer after as many calls again as were made so far, and up to as many more.

    So what counts its calls cannot know when it is no longer looked at.
    """
    made = case.implementation.diary.calls
    rng = sizes.generator(case.seed, "later")
    small = first[:1]
    end = time.monotonic() + case.implementation.limit  # as long as one call may take
    for _ in range(int(made * (1 + rng.random()))):
        observe.value(case, small)
        if time.monotonic() > end:
            break
    seen = observe.value(case, first)
    if np.array_equal(seen, due, equal_nan=True):
        return
    outcome.lower(
        Level.UNSOUND,
        message=f"after {case.implementation.diary.calls} calls the same call gives another result",
        witness=_differing(case, first, due, seen, "the first call's answer"),
    )


def _gradient_determinism(case: Case, outcome: Outcome, first: Batch, other: Batch) -> None:
    variable = case.function.variables[0]
    if not (case.implementation.has_gradient and variable.differentiable):
        return
    first, other = seeded(case, first), seeded(case, other)
    try:
        runs = []
        for _ in range(3):
            runs.append(observe.gradient(case, first, variable.name))
            observe.gradient(case, other, variable.name)
    except Exception as refusal:
        if isinstance(refusal, Misconduct) and refusal.kind == "time":
            raise
        return
    if not all(np.array_equal(runs[0], r, equal_nan=True) for r in runs[1:]):
        outcome.lower(Level.UNSOUND, message="the same gradient call gives different results")


PURITY = Property(
    name="structure.purity",
    judge=purity,
    meaning="Inputs and global state are unchanged after the call; nothing is printed.",
    why="An in-place change corrupts the tensor that the backward pass has saved; a changed dtype, "
    "seed or folder changes what other code does.",
    cause="`x *= ...` or `out=x` on the argument; a setting that is switched and not put back; a "
    "print left from debugging.",
    fix="Write into a new array; put settings back in a `finally`, or leave them alone.",
    looks_back=True,
)


DETERMINISM = Property(
    name="structure.determinism",
    judge=determinism,
    meaning="The same call gives the same bits, whatever was called in between; an array that is "
    "given again with other numbers in it is another input.",
    why="Results that depend on history cannot be debugged.",
    cause="A cache keyed by shape or address; an output buffer that is used again; state between "
    "calls; noise; uninitialised memory.",
    fix="Keep no state in the function.",
    looks_back=True,
)
