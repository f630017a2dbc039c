"""Effort: how much is tried, counted in quarters of a whole check. All that grows with it is here.

A property that tries a quantity at several settings asks for a share of the case's effort at each.
"""

from __future__ import annotations

from ...reference.formats import Format

GLANCE, FULL, THOROUGH = 1, 4, 40

ROW_LENGTHS = (1, 2, 3, 5, 8)
LONGER = (13, 21, 32)  # tried by a thorough check, too
LENGTHS = (1, 3, 8, 17, 64)  # of compositions: around vector widths; few, JAX compiles for each


def share(effort: int, part: float) -> int:
    """A part of an effort: 0.5 for half of it, and a glance at least."""
    return max(GLANCE, round(effort * part))


def _wholes(effort: int) -> int:
    """How many whole checks an effort is worth, and one at least."""
    return max(1, effort // FULL)


def every_float(effort: int, fmt: Format) -> bool:
    """Whether all floats of a format are tried, for a function of one variable."""
    return fmt.bits == 8 or (fmt.bits == 16 and effort >= FULL)


def every_pair(effort: int, fmt: Format) -> bool:
    """Whether all pairs of floats are tried, for an elementwise function of two variables."""
    return fmt.bits == 8 and effort >= FULL


def per_binade(effort: int, fmt: Format) -> int:
    """Floats tried in each binade, for a function of one variable; float64 has many binades."""
    return max(1, effort if fmt.bits < 64 else effort // 2)


def ordinary(effort: int) -> int:
    """Normal numbers tried for a function of one variable."""
    return 125 * effort


def in_products(effort: int) -> tuple[int, int, int, int]:
    """For several variables: floats per binade, of which every so many are taken, the step between
    those that meet special values, and the normal numbers."""
    wholes = _wholes(effort)
    return max(1, wholes // 2), max(1, FULL + 1 - effort), max(1, FULL + 2 - effort), 300 * wholes


def rows(effort: int) -> int:
    """Rows tried of each length."""
    return 12 * effort


def row_lengths(effort: int) -> tuple[int, ...]:
    """Lengths of the rows that are tried; a check below a whole one leaves out every second."""
    return ROW_LENGTHS if effort <= FULL else (*ROW_LENGTHS, *LONGER)


def looped(effort: int) -> int:
    """Points at most where each needs a call of its own."""
    return 1200 * min(_wholes(effort), 4)


def settings(effort: int) -> int:
    """Settings drawn for each parameter besides the definition's own samples."""
    return 0 if effort <= FULL else 3


def examples(effort: int) -> int:
    """Compositions of arrays that Hypothesis tries for each function, format and quantity."""
    return 12 * _wholes(effort) if effort >= FULL else 0


def scans(effort: int) -> int:
    """Dense scans between the points, each on a grid of its own."""
    return 0 if effort < FULL else (1 if effort < THOROUGH else 4)
