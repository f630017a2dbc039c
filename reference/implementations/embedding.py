"""Losses on embeddings, rows that are compared by angle or by distance."""

# NumPy types arithmetic on NDArray[Any] as Any.
# mypy: disable-error-code="no-any-return"

from __future__ import annotations

import numpy as np

from ._angle import away, cosine, versine
from ._exponentials import first
from ._format import Array, rounded_once
from ._reduction import reduced, spread
from ._rows import direction, largest, length, shrunk, total
from ._sums import summed_to


@rounded_once
def cosine_embedding(
    x1: Array,
    x2: Array,
    target: Array,
    *,
    margin: float | Array = 0.0,
    reduction: str = "mean",
) -> Array:
    """1 - cos for target 1, else max(0, cos - margin), 1 - cos never as that difference."""
    losses = np.where(target == 1, versine(x1, x2)[..., 0], np.maximum(_over(x1, x2, margin), 0))
    return reduced(lambda scale: scale * losses, reduction)


@rounded_once
def cosine_embedding_vjp(
    x1: Array,
    x2: Array,
    target: Array,
    *,
    margin: float | Array = 0.0,
    reduction: str = "mean",
    cotangent: Array,
) -> tuple[Array, ...]:
    """The gradient of the cosine, as in cosine_similarity, with -1, 1 or 0 by the branch."""
    over = _over(x1, x2, margin)
    sign = np.where(target == 1, -1, np.heaviside(over, 0))
    each = (spread(cotangent, over.size, reduction) * sign)[..., np.newaxis]
    return (
        summed_to(each * (away(x1, x2) / length(x1)), x1.shape),
        summed_to(each * (away(x2, x1) / length(x2)), x2.shape),
    )


@rounded_once
def triplet_margin(
    anchor: Array,
    positive: Array,
    negative: Array,
    *,
    margin: float | Array = 1.0,
    reduction: str = "mean",
) -> Array:
    """max(0, margin + gap), the gap between the distances by `_gap`, which does not cancel."""
    gap, _ = _gap(anchor - positive, anchor - negative, negative - positive)
    losses = np.maximum(margin + gap[..., 0], 0)
    return reduced(lambda scale: scale * losses, reduction)


@rounded_once
def triplet_margin_vjp(
    anchor: Array,
    positive: Array,
    negative: Array,
    *,
    margin: float | Array = 1.0,
    reduction: str = "mean",
    cotangent: Array,
) -> tuple[Array, ...]:
    """The directions to the anchor, and for the anchor their difference, where the loss is not 0.

    At a distance of 0 the direction is 0, an element of the subgradient.
    """
    to_positive, to_negative = anchor - positive, anchor - negative
    gap, turn = _gap(to_positive, to_negative, negative - positive)
    losses = gap[..., 0] + margin
    each = spread(cotangent, losses.size, reduction) * np.heaviside(losses, 0)
    each = each[..., np.newaxis]
    return (
        summed_to(each * turn, anchor.shape),
        summed_to(-each * direction(to_positive), positive.shape),
        summed_to(each * direction(to_negative), negative.shape),
    )


def _over(x1: Array, x2: Array, margin: float | Array) -> Array:
    """cos - margin, as (1 - margin) - (1 - cos) where both are large."""
    cos = cosine(x1, x2)[..., 0]
    return np.where(cos > 0.5, (1 - margin) - versine(x1, x2)[..., 0], cos - margin)


def _gap(p: Array, n: Array, between: Array) -> tuple[Array, Array]:
    """|p| - |n| as a column, and the difference of the directions of p and n; p - n = between.

    Both vanish with ``between``, however long p and n are. The lengths differ by
    between (p + n) / (|p| + |n|); the directions u, v by (between - v gap) / |p|.
    """
    size = np.maximum(largest(p), largest(n))
    (p, e), (n, _), (between, _) = shrunk(p, size), shrunk(n, size), shrunk(between, size)
    far, near = np.sqrt(total(p * p)), np.sqrt(total(n * n))
    both = far + near
    gap = np.where(both == 0, 0, total(between * (p + n)) / both)
    u, v = direction(p), direction(n)
    turn = np.where(far >= near, (between - v * gap) / far, (between - u * gap) / near)
    return np.ldexp(gap, e), _orthogonal(turn, u, v)


def _orthogonal(turn: Array, u: Array, v: Array) -> Array:
    """u - v, its entry where u + v is largest from the others: u - v is orthogonal to u + v.

    That entry may be a difference of two numbers near 1. Directions more than a right angle
    apart are just subtracted.
    """
    along = u + v
    at_top = first(np.abs(along) == largest(along))
    rest = total(np.where(at_top, 0, turn * along))
    turn = np.where(at_top, -rest / total(np.where(at_top, along, 0)), turn)
    return np.where(total(u * v) > 0, turn, u - v)
