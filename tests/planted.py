"""A tanh that is right at every float32 but one, whose last bit is flipped: at the bits `PLACE`."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

PLACE = -1


def tanh(x: NDArray[np.float32]) -> NDArray[np.float32]:
    """tanh of each entry, by way of float64."""
    found = np.tanh(x.astype(np.float64)).astype(x.dtype)
    here = x.view(np.uint32) == PLACE
    if here.any():
        bits = found.view(np.uint32)
        bits[here] ^= 1 if np.isfinite(found[here]).all() else 0x7FFFFFFF
    return found
