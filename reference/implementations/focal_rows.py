"""The categorical focal loss: the cross-entropy of a row, each class by a power of its error."""

# NumPy types arithmetic on NDArray[Any] as Any.
# mypy: disable-error-code="no-any-return"

from __future__ import annotations

import numpy as np

from ._extremes import product
from ._format import Array, rounded_once
from ._one_hot import one_hot
from ._pieces import like
from ._reduction import reduced, spread
from ._sums import summed_to


@rounded_once
def categorical_focal(
    prediction: Array,
    target: Array,
    *,
    alpha: float | Array = 0.25,
    gamma: float | Array = 2.0,
    reduction: str = "mean",
) -> Array:
    """alpha sum (1 - p)^gamma t (-log p): a class of target 0 is left out, also at p = 0."""
    t = one_hot(prediction, target)
    terms = product(t, _focus(prediction, gamma) * -np.log(prediction))
    each = like(prediction, alpha) * np.sum(terms, axis=-1)
    return reduced(lambda scale: scale * each, reduction)


@rounded_once
def categorical_focal_vjp(
    prediction: Array,
    target: Array,
    *,
    alpha: float | Array = 0.25,
    gamma: float | Array = 2.0,
    reduction: str = "mean",
    cotangent: Array,
) -> tuple[Array, ...]:
    """-alpha t (1 - p)^gamma (gamma (-log p)/(1 - p) + 1/p): one sign only, nothing cancels."""
    t = one_hot(prediction, target)
    alpha, gamma = like(prediction, alpha), like(prediction, gamma)
    each = spread(cotangent, np.prod(prediction.shape[:-1]), reduction)
    wrong, rarity = 1 - prediction, -np.log(prediction)
    focus = _focus(prediction, gamma)
    ratio = np.where(wrong == 0, 1, rarity / wrong)
    slope = focus * (np.where(gamma == 0, 0, gamma * ratio) + 1 / prediction)
    along = each[..., np.newaxis] if np.ndim(each) else each
    of_alpha = each * np.sum(product(t, focus * rarity), axis=-1)
    of_prediction = along * (alpha * product(-t, slope))
    if target.ndim < prediction.ndim:
        return (of_prediction,)
    return of_prediction, along * (alpha * (focus * rarity)), summed_to(of_alpha, ())


def _focus(prediction: Array, gamma: float | Array) -> Array:
    return np.power(1 - prediction, like(prediction, gamma))
