"""The reductions of a loss: ``none``, ``mean``, ``sum`` and ``batchmean``, and their way back.

``batchmean`` divides by the length of the first axis.
"""

# NumPy types arithmetic on NDArray[Any] as Any.
# mypy: disable-error-code="no-any-return"

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ._format import Array

REDUCTIONS = ("none", "mean", "sum", "batchmean")


def reduced(losses: Callable[[float], Array], reduction: str, divisor: Any = None) -> Array:
    """The losses, their mean or their sum: infinite only where the truth is.

    ``divisor`` is what the mean divides by, where that is not the number of losses.

    ``losses(scale)`` gives ``scale`` times each loss, ``scale`` a power of two that it applies
    before anything can overflow. The plain result is kept wherever it is finite; where a loss
    or a sum overflowed on the way to a finite mean, a small scale leads around.
    """
    _refuse_unknown(reduction)
    plain = _at_scale(losses, reduction, divisor, 1.0)
    if np.all(np.isfinite(plain)):
        return plain
    count = np.asarray(losses(1.0)).size
    small = _at_scale(losses, reduction, divisor, 0.25 / 2 ** count.bit_length())
    return np.where(np.isfinite(plain), plain, small)


def spread(cotangent: Array, divisor: Any, reduction: str, rows: int = 1) -> Array:
    """The cotangent of each single loss, given that of the reduced one of so many rows."""
    _refuse_unknown(reduction)
    if reduction == "batchmean":
        return cotangent / rows
    return cotangent / divisor if reduction == "mean" else cotangent


def _at_scale(
    losses: Callable[[float], Array], reduction: str, divisor: Any, scale: float
) -> Array:
    each = np.asarray(losses(scale))
    if reduction == "none":
        return each / scale
    total = np.sum(np.ravel(each))
    if reduction == "batchmean":
        total = total / each.shape[0]
    if reduction == "mean":
        total = total / (each.size if divisor is None else divisor)
    return total / scale


def _refuse_unknown(reduction: str) -> None:
    if reduction not in REDUCTIONS:
        raise ValueError(f"reduction must be one of {', '.join(REDUCTIONS)}, not {reduction!r}")
