"""Sizes of arrays: the usual ones with the book's own seed, drawn ones with any other.

Code that knows the sizes of a test is right at them and nowhere else: only a run whose seed it does
not know shows that.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from . import amounts

if TYPE_CHECKING:
    from .case import Case


def generator(seed: int, *what: object) -> np.random.Generator:
    """A random generator for one purpose: of the seed, and of what it is for."""
    return np.random.default_rng([seed, crc32(repr(what).encode())])


def some(case: Case, usual: int, *what: object) -> int:
    """A number of elements: the usual one, or one between half and twice of it.

    Nothing is drawn for libraries that compile each shape, which would take minutes.
    """
    if not case.varied or case.implementation.adapter.COMPILES_EACH_SHAPE or usual < 2:
        return usual
    return int(generator(case.seed, usual, *what).integers(max(2, (usual + 1) // 2), 2 * usual + 1))


def several(case: Case, usual: Sequence[int], *what: object) -> tuple[int, ...]:
    """Numbers of elements, in rising order; one element stays one."""
    return tuple(sorted({some(case, size, *what) for size in usual}))


def row_lengths(case: Case) -> list[int]:
    """Lengths of rows that the function has outputs for."""
    usual: Sequence[int] = amounts.row_lengths(case.effort)
    if case.varied:
        high = usual[-1] + 4
        drawn = generator(case.seed, "rows").choice(
            np.arange(3, high), len(usual) - 2, replace=False
        )
        usual = (1, 2, *sorted(map(int, drawn)))
    odd = [n for n in usual if case.function.entries(n)]
    found = odd if len(odd) > 1 else [2 * n for n in usual]
    return found if case.effort >= amounts.FULL else found[1::2]


def longer_rows(case: Case) -> list[int]:
    """Those beyond the shortest, at which there is little to see; all where there is one length."""
    found = row_lengths(case)
    return found[1:] or found


def longest_row(case: Case) -> int:
    """The longest of a whole check, also where less is tried."""
    return row_lengths(dataclasses.replace(case, effort=max(case.effort, amounts.FULL)))[-1]


def shuffled(case: Case, count: int) -> NDArray[Any]:
    """Places of a batch in another order, some of them twice, where sizes are drawn."""
    places = np.arange(count)
    if not case.varied or not count:
        return places
    rng = generator(case.seed, "places", count)
    again = rng.integers(0, count, rng.integers(1, 2 + count // 8))
    found: NDArray[Any] = rng.permutation(np.concatenate([places, again]))
    return found
