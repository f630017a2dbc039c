"""Sums that take gradients back to the shape of a broadcast variable or parameter."""

from __future__ import annotations

from math import prod

import numpy as np

from ._format import Array


def summed_to(gradient: Array, shape: tuple[int, ...]) -> Array:
    """``gradient``, summed over every axis along which ``shape`` had been broadcast.

    The summed axes are laid side by side first: NumPy adds pairwise, with an error that grows
    like log n instead of n, only along contiguous memory.
    """
    gradient = np.asarray(gradient)
    padded = (1,) * (gradient.ndim - len(shape)) + tuple(shape)
    gone = [axis for axis, n in enumerate(gradient.shape) if padded[axis] == 1 and n != 1]
    kept = [axis for axis in range(gradient.ndim) if axis not in gone]
    rows = [gradient.shape[axis] for axis in kept]
    length = prod(gradient.shape[axis] for axis in gone)
    flat = np.ascontiguousarray(gradient.transpose(kept + gone)).reshape([*rows, length])
    return np.asarray(np.sum(flat, axis=-1)).reshape(shape)
