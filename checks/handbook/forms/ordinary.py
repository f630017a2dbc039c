"""Ordinary inputs: numbers that people type and that training meets, none of them exotic.

Whole numbers up to a thousand, and decimal fractions down to 1e-8, of both signs; probabilities
near both ends. As floats of the format, inside each variable's domain.
"""

from __future__ import annotations

import itertools

import numpy as np
import sympy

from ....reference import oracle
from ....reference.formats import Floats, Format
from ....reference.rows import near_kink
from ....spec.function import Function, Variable
from ...points import points
from ...points.case import Batch

SMALL = tuple(d * 10.0**-e for e in range(8, 0, -1) for d in (1, 2, 5))
WHOLE = (*range(1, 11), 12, 15, 20, 25, 30, 35, *range(40, 101, 10), 89, 110)
LARGE = (150, 200, 300, 400, 500, 600, 700, 710, 750, 800, 900, 1000)
SAID = "numbers of the domain, 1e-8 to 1000 in size, and 0"
LENGTH = 4  # of rows: the shortest that has halves and a rest


def batch(function: Function, fmt: Format) -> Batch:
    """The inputs of a function as one batch, with cotangents that ask for each gradient alone."""
    if function.along_axis:
        return _rows(function, fmt)
    first, *others = function.variables
    lists = [numbers(first, fmt), *(few(v, fmt) for v in others)]
    columns = [np.array(c) for c in zip(*itertools.product(*lists), strict=True)]
    known = points.meets(function, columns, oracle.parameters(function))
    return Batch(tuple(c[known] for c in columns))


def numbers(variable: Variable, fmt: Format) -> Floats:
    """The ordinary numbers of a domain."""
    domain = variable.domain
    if isinstance(domain, sympy.FiniteSet):
        return np.array(sorted(map(float, domain)))
    size = np.array([*SMALL, *WHOLE, *LARGE], dtype=np.float64)
    every = np.concatenate([-size[::-1], [0.0], size])
    low, high = float(domain.inf), float(domain.sup)
    if np.isfinite(low) and np.isfinite(high):
        share = np.array([0.0, *SMALL, 0.25, 0.75])
        every = np.concatenate([low + (high - low) * share, high - (high - low) * share])
    elif np.isfinite(low) and low != 0:
        every = np.concatenate([every, low + size])
    rounded = np.unique(fmt.round(every) + 0.0)
    return rounded[points.within(rounded, domain)]


def few(variable: Variable, fmt: Format) -> Floats:
    """Some ordinary numbers of a domain, for an input that another one is tried with."""
    domain = variable.domain
    if isinstance(domain, sympy.FiniteSet):
        return np.array(sorted(map(float, domain)))
    low, high = float(domain.inf), float(domain.sup)
    if np.isfinite(low) and np.isfinite(high):
        chosen = np.array([low, low + (high - low) / 4, high])
    else:
        chosen = np.array([-2.0, 0.0, 0.1, 1.0, 30.0])
    rounded = fmt.round(chosen)
    return rounded[points.within(rounded, domain)]


# ---------------------------------------------------------------- rows


def _rows(function: Function, fmt: Format) -> Batch:
    """Rows in which one entry is ordinary, and the others small, as large, or opposite."""
    first, *others = function.variables
    main = np.concatenate([_led_by(v, first, fmt) for v in numbers(first, fmt)[::2]])
    columns = [_stacked(main, function.tried(first, LENGTH))]
    choices = [beside(function, v, fmt) for v in others]
    for place, options in enumerate(choices):
        turn = np.arange(len(main)) + place
        columns.append(options[turn % len(options)])
    seed = np.ones(len(main))
    if function.row_output:
        outputs = function.entries(LENGTH)
        seed = np.eye(outputs)[np.arange(len(main)) % outputs]
    drawn = Batch(tuple(columns), seed)
    near, undefined = near_kink(function, drawn.arrays, fmt)
    return drawn[~(near | undefined)]


def _led_by(value: float, variable: Variable, fmt: Format) -> Floats:
    rows = np.array(
        [
            [value, 0.0, 0.0, 0.0],
            [value, value, value, value],
            [value, -value, 1.0, -1.0],
            [value, value + 0.7, value + 1.6, value / 2],
            [0.1, 0.2, 0.3, value],
        ]
    )
    rounded = fmt.round(rows) + 0.0
    inside = points.within(rounded, variable.domain).all(axis=-1)
    kept: Floats = rounded[inside]
    return kept


def _stacked(rows: Floats, shape: tuple[int, ...]) -> Floats:
    """The rows themselves, or matrices whose first row they are."""
    if len(shape) == 1:
        return rows
    return np.stack([np.roll(rows, k, axis=-1) for k in range(shape[0])], axis=1)


def beside(function: Function, variable: Variable, fmt: Format) -> Floats:
    """Rows, or numbers, of a further input."""
    if variable.labels:
        (count,) = function.tried(variable, LENGTH)
        return np.array([np.arange(count) % (LENGTH - 1) + 1, np.ones(count)], dtype=np.float64)
    if variable.simplex or variable.one_hot:
        hot = np.eye(LENGTH)
        whole = variable.one_hot or variable.domain.is_FiniteSet
        return hot if whole else np.concatenate([hot, np.full((1, LENGTH), 1 / LENGTH)])
    chosen = few(variable, fmt)
    if not variable.along_axis:
        return chosen
    turns = [np.roll(chosen, k)[np.arange(LENGTH) % chosen.size] for k in range(chosen.size)]
    return np.array(turns)
