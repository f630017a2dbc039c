"""What a case's implementation answers at a batch: values and gradients, however it is called.

Losses without a reduction keyword are called point by point; libraries that compile each shape
see few lengths; functions with channels see one channel for each point.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from ...reference.formats import Floats
from ...reference.rows import row_length
from ...spec.function import Variable
from ..points import draw
from ..points.case import Batch, Case, Setting
from ..targets.implementation import Array, Misconduct, Unsupported, observed

PADDED = (64, 65536, 524288)  # lengths for libraries that compile each shape
ROWS = (64, 1024)  # and numbers of rows: each costs many times what a number does


def native(case: Case, batch: Batch) -> list[Array]:
    """The batch in the format's dtype, shaped as the function takes it."""
    arrays = [_spelt(case, v, a) for v, a in _pairs(case, batch)]
    if case.index_only:
        for place, v in enumerate(case.function.variables):
            if v.simplex or v.one_hot:
                arrays[place] = np.argmax(batch.arrays[place], axis=-1)
    if case.channelled:  # one channel for each point
        shared = [v.per_channel for v in case.function.variables]
        arrays = [a if s else a.reshape(1, -1) for a, s in zip(arrays, shared, strict=True)]
    return arrays


def with_indices(case: Case, batch: Batch) -> list[Array]:
    """The batch in the format's dtype, targets by class spelled as class indices."""
    return [
        np.argmax(a, axis=-1) if v.simplex or v.one_hot else _spelt(case, v, a)
        for v, a in _pairs(case, batch)
    ]


def _pairs(case: Case, batch: Batch) -> Iterator[tuple[Variable, Floats]]:
    return zip(case.function.variables, batch.arrays, strict=True)


def _spelt(case: Case, v: Variable, values: Floats) -> Array:
    """Labels are integers, whatever the format."""
    return values.astype(np.int64) if v.labels else case.fmt.array(values)


def value(case: Case, batch: Batch, setting: Setting | None = None) -> Floats:
    """The implementation's values at a batch, one per output."""
    keywords = case.keywords(setting or case.default)
    if case.function.is_loss and not case.loops:
        keywords["reduction"] = "none"
    size = batch.size
    if size > 16 and not case.loops and "shape" not in case.known:
        value(case, batch[:3], setting)  # a wrong shape shows before a large call
        case.known.add("shape")
    if not case.loops:
        batch = padded(case, batch)
    out = out_shape(case, batch)
    if not case.loops:
        due = (1, *out) if case.channelled else out
        result = case.implementation.value(native(case, batch), keywords)
        return observed(result, due, case.fmt).reshape(out)[:size]
    return _looped(case, batch, out, lambda single: _single_value(case, single, keywords))


def out_shape(case: Case, batch: Batch) -> tuple[int, ...]:
    """The shape of the values at a batch."""
    if not case.function.row_output or not case.function.along_axis:
        return (batch.size,)
    return (batch.size, case.function.entries(row_length(case.function, batch.arrays)))


def shape_of(case: Case, batch: Batch, name: str) -> tuple[int, ...]:
    """The shape of the gradient in an input: the input's own."""
    names = [v.name for v in case.function.variables]
    return batch.arrays[names.index(name)].shape if name in names else (batch.size,)


def _single_value(case: Case, arrays: Sequence[Array], keywords: Mapping[str, Any]) -> float:
    result = case.implementation.value(arrays, keywords)
    if result.size != 1:
        raise Misconduct("shape", f"returned shape {result.shape} for the loss of one sample")
    return float(result.astype(np.float64).reshape(()))


def _looped(
    case: Case, batch: Batch, out: tuple[int, ...], call: Callable[[Sequence[Array]], Any]
) -> Floats:
    arrays = native(case, batch)
    rows = [call([a[k : k + 1] for a in arrays]) for k in range(batch.size)]
    return np.array(rows, dtype=np.float64).reshape(out)


def gradient(
    case: Case, batch: Batch, name: str, setting: Setting | None = None, cotangent: Any = None
) -> Floats:
    """The implementation's gradient in one variable, one per input.

    Raises `Unsupported` where there is none.
    """
    keywords = case.keywords(setting or case.default)
    size = batch.size
    if cotangent is not None:
        batch = Batch(batch.arrays, cotangent)
    if not case.loops and case.vjp_reduces:
        batch = padded(case, batch, shortest=PADDED[0] if case.function.along_axis else PADDED[1])
    shape = shape_of(case, batch, name)
    out = out_shape(case, batch)
    seed = np.ones(out) if batch.cotangent is None else batch.cotangent
    if case.loops or not case.vjp_reduces:
        if not case.function.is_loss:
            return _gradient(case, native(case, batch), keywords, seed, name, shape)
        one = np.zeros(()) + 1

        def single(arrays: Sequence[Array]) -> Floats:
            return _gradient(case, arrays, keywords, one, name, (1, *shape[1:]))

        return _looped(case, draw.thinned(case, batch), shape, single)
    if case.function.is_loss:
        keywords["reduction"] = "none"
    if case.channelled:
        seed = seed.reshape(1, -1)
    return _gradient(case, native(case, batch), keywords, seed, name, shape)[:size]


def padded(case: Case, batch: Batch, shortest: int = PADDED[0]) -> Batch:
    """Where each shape is compiled anew, a batch of one of a few lengths that holds it."""
    if not case.implementation.adapter.COMPILES_EACH_SHAPE or batch.size in (0, 1):
        return batch
    lengths = ROWS if case.function.along_axis else PADDED
    length = next((n for n in lengths if n >= max(batch.size, shortest)), batch.size)
    return batch[np.arange(length) % batch.size]


def _with_others(case: Case, arrays: Sequence[Array], name: str) -> list[str]:
    """Where each call is compiled anew, the inputs that share one program with the one asked for.

    A batch is long there, and the others are asked about in it, too; a small array is not.
    """
    every = [v.name for v in case.function.variables if v.differentiable]
    shared = case.implementation.adapter.COMPILES_EACH_SHAPE and len(arrays[0]) >= PADDED[0]
    return every if shared and name in every else [name]


def _gradient(
    case: Case,
    arrays: Sequence[Array],
    keywords: Mapping[str, Any],
    seed: Floats,
    name: str,
    shape: tuple[int, ...],
) -> Floats:
    wrt = _with_others(case, arrays, name)
    found = case.implementation.gradients(arrays, keywords, case.fmt.array(seed), wrt)
    if name not in found:
        raise Unsupported(f"no gradient in {name}")
    result = found[name]
    if case.channelled and result.shape == (1, *shape):
        result = result.reshape(shape)
    return observed(result, shape, case.fmt)
