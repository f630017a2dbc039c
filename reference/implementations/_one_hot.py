"""Targets that are class indices, as rows of probabilities."""

# NumPy types arithmetic on NDArray[Any] as Any.
# mypy: disable-error-code="no-any-return"

from __future__ import annotations

import numpy as np

from ._format import Array


def one_hot(rows: Array, target: Array, ignored: int | None = None) -> Array:
    """Class indices as one-hot rows of the format of ``rows``; probabilities as they are.

    The index ``ignored`` gives a row of zeros. Raises `IndexError` for another that is no class.
    """
    if target.ndim == rows.ndim:
        return target.astype(rows.dtype, copy=False)
    classes = rows.shape[-1]
    wrong = (target != ignored) & ~((target >= 0) & (target < classes))
    if wrong.any():
        raise IndexError(f"target {target[wrong].flat[0]} is no class: there are {classes}, from 0")
    hot = (target[..., np.newaxis] == np.arange(classes)) & (target != ignored)[..., np.newaxis]
    return hot.astype(rows.dtype)
