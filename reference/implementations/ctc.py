"""Connectionist temporal classification: the forward and backward recursions of its authors.

Logits are (batch, frames, classes), targets (batch, labels) with labels from 1: 0 is the blank.
A target that needs more frames than there are has the loss inf, and NaN for its gradient.

The recursions run over the states blank, label, blank, label, ... blank, over sums that are kept
as weight * exp(size). A size grows with the logits and would swallow what tells two paths apart:
a frame that every good path takes alike at -1000 leaves float32 four digits for all others. So
scores are taken relative to those of the best path: frames in which a path agrees with it count
exactly 0. Where all scores are equal the weights count the paths, and differences of 0 are 0.
"""

# NumPy types arithmetic on NDArray[Any] as Any.
# mypy: disable-error-code="no-any-return"

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ._exponentials import Exponentials, surprisal
from ._format import Array, rounded_once
from ._reduction import reduced, spread

BLANK = 0
FAR = 50.0
"""exp of it is beyond the digits of every format."""
MANY = 2.0**20
"""From here on a weight is moved into its size, which rounds."""

Sums = tuple[Array, Array]
"""Size and weight: weight * exp(size)."""


@rounded_once
def ctc(logits: Array, target: Array, *, reduction: str = "mean") -> Array:
    """What the best path costs, less the logarithm of how much likelier all paths are together."""
    lattice = _lattice(logits, target)
    path = _path(lattice)
    size, weight = _arriving(lattice)
    size, weight = _total((size + lattice.scores)[:, -1, -2:], weight[:, -1, -2:])
    gain = size + np.log(weight)

    def losses(scale: float) -> Array:
        cost = np.take_along_axis(surprisal(logits, scale), path, axis=-1)
        return np.sum(cost, axis=(1, 2)) - scale * gain

    return reduced(losses, reduction, target.size)


@rounded_once
def ctc_vjp(
    logits: Array, target: Array, *, reduction: str = "mean", cotangent: Array
) -> tuple[Array, ...]:
    """softmax minus how likely a path is, given the target, to take that class in that frame.

    Both are exp(z - max) times something; that factor is put before the difference, which
    would magnify its error. Where the chance is far above the softmax, it alone counts.
    """
    lattice, own = _lattice(logits, target), Exponentials(logits)
    before, after = _arriving(lattice), _leaving(lattice)
    size, weight = before[0] + after[0], before[1] * after[1]  # of all frames but this one
    most = np.max(size + lattice.scores, axis=-1, keepdims=True)
    chance = weight * np.exp(size + lattice.scores - most)
    along = np.take_along_axis(logits, _path(lattice), axis=-1)
    lifted = size - most + np.where(own.top == along, 0, own.top - along)
    ratio = weight * np.exp(np.minimum(lifted, FAR))

    here = lattice.states[:, np.newaxis, :, np.newaxis] == np.arange(logits.shape[-1])
    all_paths = np.sum(chance, axis=-1)[..., np.newaxis]
    chance, ratio = (np.sum(a[..., np.newaxis] * here, axis=2) / all_paths for a in (chance, ratio))
    far = np.any((lifted > FAR)[..., np.newaxis] & here, axis=2)
    shared = own.near * (own.rest * (1 / own.total - ratio))
    each = spread(cotangent, target.size, reduction)[..., np.newaxis, np.newaxis]
    return (each * np.where(far, own.near * own.weight - chance, shared),)


@dataclass(frozen=True)
class _Lattice:
    """The states (batch, L) of each target, L = 2 labels + 1, as the classes that they stand for.

    `scores` (batch, frames, L) are the logits of the states less those of the best path, whose
    states are `best` (batch, frames); `skips` (batch, L) tells which states may follow the one
    two before: labels that differ from the label before them.
    """

    states: Array
    scores: Array
    best: Array
    skips: Array


def _lattice(logits: Array, target: Array) -> _Lattice:
    _refuse_other_labels(target, logits.shape[-1])
    states = np.full((len(target), 2 * target.shape[1] + 1), BLANK)
    states[:, 1::2] = target
    skips = np.zeros(states.shape, dtype=bool)
    skips[:, 3::2] = target[:, 1:] != target[:, :-1]
    raw = np.take_along_axis(logits, states[:, np.newaxis], axis=-1)
    best, gain = _best(raw, skips)
    scores = _less(raw, best)
    for _ in range(logits.shape[1]):  # what was swallowed at first may tell paths apart now
        better, gain = _best(scores, skips)
        if not np.any(gain > 0):
            break
        best = np.where(gain[:, np.newaxis] > 0, better, best)
        scores = _less(raw, best)
    return _Lattice(states, scores, best, skips)


def _path(lattice: _Lattice) -> Array:
    """The classes (batch, frames, 1) along the best path."""
    return np.take_along_axis(lattice.states, lattice.best, axis=-1)[..., np.newaxis]


def _refuse_other_labels(target: Array, classes: int) -> None:
    wrong = ~((target > BLANK) & (target < classes))
    if wrong.any():
        raise IndexError(
            f"target {target[wrong].flat[0]} is no label: there are {classes} classes, "
            "and class 0 is the blank"
        )


def _less(raw: Array, best: Array) -> Array:
    along = np.take_along_axis(raw, best[..., np.newaxis], axis=-1)
    return np.where(raw == along, 0, raw - along)  # also where both are -inf


def _before(reached: Array, skips: Array, none: float = -np.inf) -> Array:
    """The states (batch, L, 3) that each may follow: itself, the one before, the one before that.

    Given and returned as what is known of them, `none` where there is none.
    """
    found = np.full((*reached.shape, 3), none, dtype=reached.dtype)
    found[..., 0] = reached
    found[:, 1:, 1] = reached[:, :-1]
    found[:, 2:, 2] = np.where(skips[:, 2:], reached[:, :-2], none)
    return found


def _start(scores: Array) -> Array:
    """A path begins with the blank or the first label."""
    first = np.full_like(scores[:, 0], -np.inf)
    first[:, :2] = 0
    return first


def _best(scores: Array, skips: Array) -> tuple[Array, Array]:
    """The states of the best path (batch, frames), and its score (batch,)."""
    reached, steps = scores[:, 0] + _start(scores), []
    for frame in range(1, scores.shape[1]):
        ways = _before(reached, skips)
        steps.append(np.argmax(ways, axis=-1))
        reached = scores[:, frame] + np.max(ways, axis=-1)
    last = reached[:, -2:]
    state = np.argmax(last, axis=-1) + reached.shape[1] - last.shape[1]
    path = [state]
    for step in reversed(steps):
        state = state - np.take_along_axis(step, state[:, np.newaxis], axis=-1)[:, 0]
        path.append(state)
    return np.stack(path[::-1], axis=-1), np.max(last, axis=-1)


def _total(size: Array, weight: Array) -> Sums:
    """The sum along the last axis."""
    top = np.max(size, axis=-1)
    base = np.where(np.isinf(top), 0, top)[..., np.newaxis]
    total = np.sum(weight * np.exp(size - base), axis=-1)
    shift = np.where(total > MANY, np.frexp(total)[1], 0)
    return top + (shift * np.log(2)).astype(size.dtype), np.ldexp(total, -shift)


def _arriving(lattice: _Lattice) -> Sums:
    """The sum over all beginnings of a path that lead to each frame and state."""
    size = _start(lattice.scores)
    found = [(size, np.ones_like(size))]
    for frame in range(1, lattice.scores.shape[1]):
        size, weight = found[-1]
        ways = _before(lattice.scores[:, frame - 1] + size, lattice.skips)
        found.append(_total(ways, _before(weight, lattice.skips, 0)))
    return _stacked(found)


def _leaving(lattice: _Lattice) -> Sums:
    """The sum over all ends of a path that follow each frame and state: the same backwards."""
    skips = np.zeros_like(lattice.skips)  # from the state, no longer to it
    skips[:, :-2] = lattice.skips[:, 2:]
    turned = _Lattice(
        lattice.states[:, ::-1], lattice.scores[:, ::-1, ::-1], lattice.best, skips[:, ::-1]
    )
    size, weight = _arriving(turned)
    return size[:, ::-1, ::-1], weight[:, ::-1, ::-1]


def _stacked(found: list[Sums]) -> Sums:
    sizes, weights = zip(*found, strict=True)
    return np.stack(sizes, axis=1), np.stack(weights, axis=1)
