"""What softmax, log_softmax and cross_entropy share, along the last axis of an array."""

# NumPy types arithmetic on NDArray[Any] as Any.
# mypy: disable-error-code="no-any-return"

from __future__ import annotations

import numpy as np

from ._format import Array
from ._logistic import decay

LIFT = 2.0**24
"""Exponentials are added this much enlarged: as subnormals they would lose digits first."""


class Exponentials:
    """The exponentials exp(z_i - max) of each row, in parts that neither overflow nor cancel.

    The exponentials are ``near`` * ``rest``, two normal factors; ``total`` is their sum and
    ``weight`` = rest / total, so that softmax is near * weight with a single underflowing
    product; ``is_top`` marks the (first) largest entry, and ``others`` is LIFT times the sum of
    all but that one: 1 - softmax there is others / LIFT / total. A row whose maximum is not
    finite is NaN throughout.
    """

    def __init__(self, rows: Array) -> None:
        self.top = np.max(rows, axis=-1, keepdims=True, initial=-np.inf)
        self.is_top = first(rows == self.top)
        self.near, self.rest = decay(rows - self.top)
        lifted = np.where(self.is_top, 0, LIFT * self.near * self.rest)
        self.others = np.sum(lifted, axis=-1, keepdims=True) + (self.top - self.top)
        self.total = 1 + self.others / LIFT
        self.weight = self.rest / self.total


def surprisal(rows: Array, scale: float = 1.0) -> Array:
    """``scale`` times -log softmax, as (max - z) + log1p(sum of the others).

    log1p keeps -log p right down to subnormal numbers when one logit dominates. A ``scale``
    (a power of two) is applied before the difference, which alone may overflow.
    """
    parts = Exponentials(rows)
    return (scale * parts.top - scale * rows) + scale * np.log1p(parts.others / LIFT)


def log_softmax_pullback(rows: Array, g: Array) -> Array:
    """g_i - s_i sum g_j; for the largest entry g_i (1 - s_i) - s_i (sum of the other g_j).

    There 1 - s_i is the sum of the other probabilities, and never taken as a difference. The
    division by the total comes last: equal logits and cotangents then give exactly 0.
    """
    parts = Exponentials(rows)
    of_others = np.sum(np.where(parts.is_top, 0, g), axis=-1, keepdims=True)
    plain = g * parts.total - parts.near * (parts.rest * np.sum(g, axis=-1, keepdims=True))
    top = g * parts.others / LIFT - of_others
    return np.where(parts.is_top, top, plain) / parts.total


def first(hits: Array) -> Array:
    """The first true entry of each row, alone."""
    return hits & (np.cumsum(hits, axis=-1) == 1)
