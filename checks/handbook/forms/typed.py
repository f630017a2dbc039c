"""The printed formula as code: every operation in the format of its inputs, none rearranged.

The gradients are those that SymPy derives, term by term; a sum along an axis goes from the first
entry to the last.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
import sympy
from numpy.typing import NDArray

from ....reference.program import run
from ....reference.render import identifier, render
from ....reference.row_source import axis_source
from ....reference.source import partials
from ....spec import derive, symbols
from ....spec.alignments import Alignments
from ....spec.function import Function, Variable
from .words import engine

Array = NDArray[Any]
Forward = Callable[..., Array]
Vjp = Callable[..., tuple[Array, ...]]


def typed(function: Function) -> tuple[Forward, Vjp] | None:
    """The value and the vjp of a function as they are printed, at default parameters.

    The forward takes arrays in the variables' order, and for a loss `reduction="none"`; the vjp
    also `cotangent`, and gives the gradient in each differentiable input. None for a sum over
    paths: no array holds it.
    """
    if derive.value(function).has(Alignments):
        return None
    compute = _row if function.along_axis else _elementwise
    forward, vjp = compute(function)
    return (_as_loss(forward), _as_loss(vjp)) if function.is_loss else (forward, vjp)


def _as_loss(compute: Callable[..., Any]) -> Callable[..., Any]:
    def loss(*arrays: Array, reduction: str = "none", **keywords: Any) -> Any:
        if reduction != "none":
            raise ValueError(f"reduction={reduction!r}: the formula of one loss has none")
        return compute(*arrays, **keywords)

    return loss


def _constants(function: Function) -> list[float]:
    return [float(p.default) for p in function.parameters]


# ---------------------------------------------------------------- element by element


def _elementwise(function: Function) -> tuple[Forward, Vjp]:
    inputs = [identifier(v.symbol) for v in (*function.variables, *function.parameters)]
    results = [derive.value(function)]
    results += [derive.gradient(function, v) for v in function.differentiable]
    codes = [_code(inputs, e) for e in results]
    constants = _constants(function)

    def forward(*arrays: Array) -> Array:
        return _answer(codes[0](*arrays, *constants), arrays)

    def vjp(*arrays: Array, cotangent: Array) -> tuple[Array, ...]:
        return tuple(_answer(cotangent * code(*arrays, *constants), arrays) for code in codes[1:])

    return _quietly(forward), _quietly(vjp)


def _code(inputs: list[str], expression: Any) -> Callable[..., Any]:
    source = f"def prepare({', '.join(inputs)}):\n    return {render(expression)}"
    return run(source, engine())


def _answer(result: Any, arrays: tuple[Array, ...]) -> Array:
    shape = np.broadcast_shapes(*(a.shape for a in arrays))
    return np.array(np.broadcast_to(np.asarray(result), shape), dtype=arrays[0].dtype)


def _quietly(compute: Callable[..., Any]) -> Callable[..., Any]:
    """Without warnings: that the formula overflows is the lesson."""

    @functools.wraps(compute)
    def quiet(*arrays: Array, **keywords: Any) -> Any:
        with np.errstate(all="ignore"):
            return compute(*arrays, **keywords)

    return quiet


# ---------------------------------------------------------------- along an axis


def _row(function: Function) -> tuple[Forward, Vjp]:
    """Each entry of a row is an array over the batch."""
    row = run(axis_source(function), engine())
    order = {v.name: a for a, v in enumerate(partials(function))}

    def prepared(arrays: tuple[Array, ...]) -> tuple[Any, Any, int]:
        length = max(a.shape[-1] for a in arrays if a.ndim > 1)
        hot = np.eye(length, dtype=arrays[0].dtype)
        whole = [hot[a] if a.dtype.kind in "iu" else a for a in arrays]
        split = [list(np.moveaxis(a, -1, 0)) if a.ndim > 1 else a for a in whole]
        constants = [
            [float(p.default)] * length if p.along_axis else float(p.default)
            for p in function.parameters
        ]
        value, first, *_ = row(length, *split, *constants)
        return value, first, function.entries(length)

    def forward(*arrays: Array) -> Array:
        value, _, outputs = prepared(arrays)
        batch, dtype = arrays[0].shape[:1], arrays[0].dtype
        columns = [np.broadcast_to(value(i), batch).astype(dtype) for i in range(outputs)]
        return np.stack(columns, axis=-1) if function.row_output else columns[0]

    def vjp(*arrays: Array, cotangent: Array) -> tuple[Array, ...]:
        _, first, outputs = prepared(arrays)
        batch, dtype = arrays[0].shape[:1], arrays[0].dtype
        seeds = np.moveaxis(cotangent, -1, 0) if function.row_output else [cotangent]
        found = []
        for v in function.differentiable:
            several = v.along_axis and v in function.variables
            count = arrays[order[v.name]].shape[-1] if several else 1
            slope = first[order[v.name]]
            columns = [
                sum(
                    _weighed(seeds[i], slope(i, k))
                    for i in range(outputs)
                    if not _vanishes(function, v, i, k, cotangent.shape[-1])
                )
                for k in range(count)
            ]
            filled = [np.broadcast_to(c, batch).astype(dtype) for c in columns]
            found.append(np.stack(filled, axis=-1) if several else filled[0])
        return tuple(found)

    return _quietly(forward), _quietly(vjp)


@functools.cache
def _vanishes(function: Function, v: Variable, output: int, entry: int, outputs: int) -> bool:
    """Whether an entry does not enter an output at all: a delta that is 0 leaves no term."""
    slope = derive.gradient(function, v)
    if not function.row_output or not slope.has(sympy.KroneckerDelta):
        return False
    at = {symbols.i: output, symbols.k: entry, function.outputs: outputs}
    (length,) = sympy.solve(function.outputs - outputs, symbols.n)
    return bool(slope.subs({**at, symbols.n: length}) == 0)


def _weighed(seed: Array, slope: Any) -> Array:
    """An output that is not asked for adds nothing, even where it has no value."""
    return np.where(seed != 0, seed * slope, np.zeros_like(seed))
