"""Losses of sequences: connectionist temporal classification by its paths and by recursions."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np

from .classes import log_softmax
from .entry import right, wrong
from .reductions import Array, reduced

GRADIENT = ("grad.accuracy",)
DOUBLE = np.float64
NEVER = -np.inf


def loss_of(
    single: Callable[[Array, Array], Any], inside: Any = DOUBLE, by_label: bool = True
) -> Callable[..., Any]:
    """A loss with right reductions, from what gives every single loss: the mean is by label."""

    def whole(logits: Array, target: Array, *, reduction: str = "mean") -> Array:
        losses = np.asarray(single(logits.astype(inside), target))
        found = reduced(losses, reduction)
        if reduction == "mean" and by_label:
            found = found / target.shape[1]
        return found.astype(logits.dtype)

    return whole


def vjp_of(chances: Callable[[Array, Array], Any], with_softmax: bool = True) -> Callable[..., Any]:
    """softmax minus the chances of the classes given the target."""

    def whole(
        logits: Array, target: Array, *, reduction: str = "mean", cotangent: Array
    ) -> tuple[Array, ...]:
        z = logits.astype(DOUBLE)
        slope = with_softmax * np.exp(log_softmax(z)) - chances(z, target)
        g = cotangent / target.size if reduction == "mean" else cotangent
        return ((np.asarray(g)[..., None, None] * slope).astype(logits.dtype),)

    return whole


def log_sum(parts: Any, axis: int = -1) -> Any:
    """log of the sum of exp, -inf of nothing."""
    top = np.max(parts, axis=axis, keepdims=True)
    base = np.where(np.isfinite(top), top, 0)
    return np.squeeze(base, axis) + np.log(np.sum(np.exp(parts - base), axis=axis))


# every path


def of_target(path: tuple[int, ...], target: list[int]) -> bool:
    return [label for label, _ in itertools.groupby(path) if label] == target


def scored(logits: Array, target: Array) -> tuple[list[Any], list[Any]]:
    """For each sample its paths, as one-hot matrices, and the logarithms of how likely they are."""
    hots, scores = [], []
    for sample, labels in zip(log_softmax(logits), target.tolist(), strict=True):
        classes = sorted({0, *labels})
        every = itertools.product(classes, repeat=len(sample))
        paths = [p for p in every if of_target(p, labels)]
        hot = np.eye(sample.shape[-1])[np.array(paths)]
        hots.append(hot)
        scores.append(np.sum(np.where(hot == 1, sample, 0), axis=(1, 2)))
    return hots, scores


def by_paths(logits: Array, target: Array) -> Any:
    return np.array([-log_sum(s) for s in scored(logits, target)[1]])


def chances_by_paths(logits: Array, target: Array) -> Any:
    found = np.zeros_like(logits)
    for place, (hot, score) in enumerate(zip(*scored(logits, target), strict=True)):
        found[place] = np.tensordot(np.exp(log_softmax(score)), hot, 1)
    return found


# the recursions, in logarithms; what goes wrong is given


def with_blanks(target: Array, blank: int = 0) -> Array:
    states = np.full((len(target), 2 * target.shape[1] + 1), blank)
    states[:, 1::2] = target
    return states


def differing(states: Array) -> Any:
    """Which states may follow the one two before: not a blank, and not the same label."""
    found = np.zeros(states.shape, bool)
    found[:, 2:] = (states[:, 2:] != states[:, :-2]) & (np.arange(2, states.shape[1]) % 2 == 1)
    return found


def any_label(states: Array) -> Any:
    return np.broadcast_to(np.arange(states.shape[1]) % 2 == 1, states.shape)


def walked(scores: Array, skips: Array, begin: int = 2) -> Any:
    """alpha (batch, frames, states): the beginnings of a path, with the frame's own score."""
    now = np.full(scores[:, 0].shape, NEVER)
    now[:, :begin] = scores[:, 0, :begin]
    found = [now]
    for frame in range(1, scores.shape[1]):
        ways = np.full((*now.shape, 3), NEVER)
        ways[..., 0], ways[:, 1:, 1] = now, now[:, :-1]
        ways[:, 2:, 2] = np.where(skips[:, 2:], now[:, :-2], NEVER)
        now = scores[:, frame] + log_sum(ways)
        found.append(now)
    return np.stack(found, axis=1)


def recursion(
    skips: Callable[[Array], Any] = differing, begin: int = 2, end: int = 2, blank: int = 0
) -> Callable[[Array, Array], Any]:
    def single(logits: Array, target: Array) -> Any:
        states = with_blanks(target, blank % logits.shape[-1])
        scores = np.take_along_axis(log_softmax(logits), states[:, None], axis=-1)
        last = walked(scores, skips(states), begin)[:, -1]
        return -log_sum(last[:, -end:] if end > 0 else last[:, end - 1 : end])

    return single


def backward_too(logits: Array, target: Array) -> tuple[Array, Any]:
    """The states, and how likely each is in each frame: alpha beta / y over its sum."""
    states = with_blanks(target)
    scores = np.take_along_axis(log_softmax(logits), states[:, None], axis=-1)
    alpha = walked(scores, differing(states))
    beta = walked(scores[:, ::-1, ::-1], differing(states[:, ::-1]))[:, ::-1, ::-1]
    both = np.where(np.isfinite(alpha) & np.isfinite(beta), alpha + beta - scores, NEVER)
    return states, np.exp(log_softmax(both))


def chances(logits: Array, target: Array) -> Any:
    states, likely = backward_too(logits, target)
    hot = states[:, None, :, None] == np.arange(logits.shape[-1])
    return np.sum(likely[..., None] * hot, axis=2)


def chances_written_over(logits: Array, target: Array) -> Any:
    """The last state of a class counts, where all of them should be added."""
    states, likely = backward_too(logits, target)
    found = np.zeros_like(logits)
    np.put_along_axis(found, np.broadcast_to(states[:, None], likely.shape), likely, axis=-1)
    return found


def of_one_path(logits: Array, target: Array) -> Any:
    """The best path for all of them."""
    return np.array([-np.max(s) for s in scored(logits, target)[1]])


def in_probabilities(logits: Array, target: Array) -> Any:
    """The product of probabilities, which float32 loses."""
    y = np.exp(log_softmax(logits))
    found = []
    for sample, labels in zip(y, target.tolist(), strict=True):
        every = itertools.product(sorted({0, *labels}), repeat=len(sample))
        paths = [p for p in every if of_target(p, labels)]
        frames = np.arange(len(sample))
        found.append(-np.log(sum(np.prod(sample[frames, list(p)]) for p in paths)))
    return np.array(found, dtype=logits.dtype)


RIGHT = (
    right("ctc_by_every_path", "ctc", loss_of(by_paths), vjp_of(chances_by_paths)),
    right("ctc_by_recursion", "ctc", loss_of(recursion()), vjp_of(chances)),
)

WRONG = (
    wrong(
        "ctc_no_blank_between_repeats",
        "ctc",
        loss_of(recursion(skips=any_label)),
        "labels (1, 1): (1, 1, 1) counts, which stands for (1,)",
    ),
    wrong(
        "ctc_never_skips_a_blank",
        "ctc",
        loss_of(recursion(skips=lambda states: np.zeros(states.shape, bool))),
        "labels (1, 2): (1, 2) does not count",
    ),
    wrong(
        "ctc_only_the_last_blank_ends",
        "ctc",
        loss_of(recursion(end=1)),
        "labels (1,): (0, 1) does not count",
    ),
    wrong(
        "ctc_only_the_last_label_ends",
        "ctc",
        loss_of(recursion(end=-1)),
        "labels (1,): (1, 0) does not count",
    ),
    wrong(
        "ctc_begins_with_a_blank",
        "ctc",
        loss_of(recursion(begin=1)),
        "labels (1,): (1, 0) does not count",
    ),
    wrong(
        "ctc_last_class_is_the_blank",
        "ctc",
        loss_of(recursion(blank=-1)),
        "class n - 1 is dropped, not class 0",
    ),
    wrong("ctc_best_path_alone", "ctc", loss_of(of_one_path), "three equal paths: log 3 too much"),
    wrong(
        "ctc_in_probabilities",
        "ctc",
        loss_of(in_probabilities, np.float32),
        "a path of probability e^-200: inf",
    ),
    wrong(
        "ctc_mean_of_the_losses",
        "ctc",
        loss_of(recursion(), by_label=False),
        "two labels: twice the mean",
        ("loss.reduction",),
    ),
    wrong(
        "ctc_gradient_without_softmax",
        "ctc",
        loss_of(recursion()),
        "of an unlikely class: 0, truth its softmax",
        GRADIENT,
        vjp=vjp_of(chances, with_softmax=False),
    ),
    wrong(
        "ctc_gradient_of_the_last_state",
        "ctc",
        loss_of(recursion()),
        "of the blank: only that after the last label",
        GRADIENT,
        vjp=vjp_of(chances_written_over),
    ),
)
