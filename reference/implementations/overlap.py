"""Losses on the overlap of two soft sets: dice and tversky.

1 - (overlap + s) / (...) cancels for good predictions. What it subtracts is collected first: the
false positives p (1 - t) and the false negatives t (1 - p), sums of positive terms.
"""

# NumPy types arithmetic on NDArray[Any] as Any.
# mypy: disable-error-code="no-any-return"

from __future__ import annotations

import numpy as np

from ._format import Array, rounded_once
from ._reduction import reduced, spread
from ._rows import total
from ._sums import summed_to


@rounded_once
def dice(
    prediction: Array, target: Array, *, smooth: float | Array = 1.0, reduction: str = "mean"
) -> Array:
    """Everything false over the sum of both sets."""
    false = _sum(prediction * (1 - target)) + _sum(target * (1 - prediction))
    losses = false / (_sum(prediction) + _sum(target) + smooth)
    return reduced(lambda scale: scale * losses, reduction)


@rounded_once
def dice_vjp(
    prediction: Array,
    target: Array,
    *,
    smooth: float | Array = 1.0,
    reduction: str = "mean",
    cotangent: Array,
) -> tuple[Array, ...]:
    """(G - 2 t) / (sum of both sets) for p, where G = 1 - loss is a quotient of sums."""
    both = total(prediction) + total(target) + smooth
    good = (2 * total(prediction * target) + smooth) / both
    each = spread(cotangent, both.size, reduction)[..., np.newaxis]
    return (
        summed_to(each * ((good - 2 * target) / both), prediction.shape),
        summed_to(each * ((good - 2 * prediction) / both), target.shape),
    )


@rounded_once
def tversky(
    prediction: Array,
    target: Array,
    *,
    alpha: float | Array = 0.5,
    beta: float | Array = 0.5,
    smooth: float | Array = 1.0,
    reduction: str = "mean",
) -> Array:
    """The weighed false ones over themselves and the overlap."""
    right, false = _parts(prediction, target, alpha, beta, smooth)
    losses = (false / (right + false))[..., 0]
    return reduced(lambda scale: scale * losses, reduction)


@rounded_once
def tversky_vjp(
    prediction: Array,
    target: Array,
    *,
    alpha: float | Array = 0.5,
    beta: float | Array = 0.5,
    smooth: float | Array = 1.0,
    reduction: str = "mean",
    cotangent: Array,
) -> tuple[Array, ...]:
    """(alpha (1 - t) G - t (beta G + L)) / (right + false) for p, where L = 1 - G is the loss.

    For t the same with p, t and alpha, beta exchanged.
    """
    right, false = _parts(prediction, target, alpha, beta, smooth)
    bottom = right + false
    good, loss = right / bottom, false / bottom
    each = spread(cotangent, bottom.size, reduction)[..., np.newaxis]

    def slope(other: Array, own_weight: float | Array, other_weight: float | Array) -> Array:
        rising = own_weight * (1 - other) * good
        return each * ((rising - other * (other_weight * good + loss)) / bottom)

    return (
        summed_to(slope(target, alpha, beta), prediction.shape),
        summed_to(slope(prediction, beta, alpha), target.shape),
    )


def _parts(
    p: Array, t: Array, alpha: float | Array, beta: float | Array, smooth: float | Array
) -> tuple[Array, Array]:
    """The smoothed overlap, and the weighed false positives and negatives, as columns."""
    return total(p * t) + smooth, alpha * total(p * (1 - t)) + beta * total(t * (1 - p))


def _sum(terms: Array) -> Array:
    return total(terms)[..., 0]
