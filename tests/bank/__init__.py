"""The bank: wrong implementations, each to be caught, and right ones, none to be accused.

Those on PyTorch arrays are in ``torch_wrong`` and ``torch_right``, which are not imported here.
"""

from __future__ import annotations

from . import (
    classes,
    gaming,
    margins,
    piecewise,
    probabilities,
    right,
    rows,
    sequences,
    smooth,
    wrong_gradients,
    wrong_losses,
    wrong_overflow,
    wrong_structure,
    wrong_tails,
)
from .entry import Entry

__all__ = ["RIGHT", "WRONG", "Entry"]

WRONG: tuple[Entry, ...] = (
    *wrong_overflow.WRONG,
    *wrong_tails.WRONG,
    *wrong_gradients.WRONG,
    *wrong_losses.WRONG,
    *wrong_structure.WRONG,
    *smooth.WRONG,
    *piecewise.WRONG,
    *rows.WRONG,
    *margins.WRONG,
    *probabilities.WRONG,
    *classes.WRONG,
    *sequences.WRONG,
    *gaming.CAUGHT,
)

RIGHT: tuple[Entry, ...] = (
    *right.RIGHT,
    *smooth.RIGHT,
    *piecewise.RIGHT,
    *rows.RIGHT,
    *margins.RIGHT,
    *probabilities.RIGHT,
    *classes.RIGHT,
    *sequences.RIGHT,
    *gaming.RIGHT,
)
