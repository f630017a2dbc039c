"""The reductions of a loss: ``none``, ``mean`` and ``sum``, and their way back."""

# NumPy types arithmetic on NDArray[Any] as Any.
# mypy: disable-error-code="no-any-return"

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ._format import Array

REDUCTIONS = ("none", "mean", "sum")


def reduced(losses: Callable[[float], Array], reduction: str) -> Array:
    """The losses, their mean or their sum: infinite only where the truth is.

    ``losses(scale)`` gives ``scale`` times each loss, ``scale`` a power of two that it applies
    before anything can overflow. The plain result is kept wherever it is finite; where a loss
    or a sum overflowed on the way to a finite mean, a small scale leads around.
    """
    _refuse_unknown(reduction)
    plain = _at_scale(losses, reduction, 1.0)
    if np.all(np.isfinite(plain)):
        return plain
    count = np.asarray(losses(1.0)).size
    return np.where(
        np.isfinite(plain), plain, _at_scale(losses, reduction, 0.25 / 2 ** count.bit_length())
    )


def spread(cotangent: Array, count: int, reduction: str) -> Array:
    """The cotangent of each single loss, given that of the reduced one."""
    _refuse_unknown(reduction)
    return cotangent / count if reduction == "mean" else cotangent


def _at_scale(losses: Callable[[float], Array], reduction: str, scale: float) -> Array:
    each = np.asarray(losses(scale))
    if reduction == "none":
        return each / scale
    total = np.sum(np.ravel(each))
    return (total / each.size if reduction == "mean" else total) / scale


def _refuse_unknown(reduction: str) -> None:
    if reduction not in REDUCTIONS:
        raise ValueError(f"reduction must be one of {', '.join(REDUCTIONS)}, not {reduction!r}")
