"""The pictures of one function."""

from __future__ import annotations

from ....spec.function import Function
from ..document import Figure
from . import elementwise, rows


def function(of: Function) -> tuple[Figure, ...]:
    """Value and derivatives of a function, and what its parameters change; the first one is named
    as the function, the others "elu-alpha".

    Empty for a function of a user of which nothing is certified. Raises `NotImplementedError` where
    the oracle has no rule for it.
    """
    return tuple(rows.pictures(of) if of.along_axis else elementwise.pictures(of))
