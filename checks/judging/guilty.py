"""Which input of a call it was: the call is made again, element by element or row by row."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ...reference.formats import Format
from ...spec.function import Function
from ..processes import blackbox
from ..processes.blackbox import Noted
from ..targets.implementation import Diary, Implementation, Misconduct, Unsupported
from ..verdict import Witness
from .judge import witness

SECONDS = 30.0  # for all parts of a call together


def parts(function: Function, call: Noted) -> int:
    """How many elements, or rows along the axis, a call has; 0 where it cannot be told apart."""
    try:
        shape = _shape(call.arrays)
    except ValueError:  # arrays that do not belong together
        return 0
    if function.along_axis:
        rows = _rows(call)
        return call.arrays[0].shape[rows] if call.arrays and call.arrays[0].ndim > 1 else 1
    return int(np.prod(shape))


def part(function: Function, call: Noted, index: int) -> Noted:
    """The call with one element or row alone; the dimensions of its arrays stay."""
    seeds = [] if call.cotangent is None else [call.cotangent]
    if function.along_axis:
        cut = [_row(call, a, index) for a in [*call.arrays, *seeds]]
    else:
        shape = _shape(call.arrays)
        place = np.unravel_index(index, shape) if shape else ()
        cut = [_element(a, place, shape) for a in [*call.arrays, *seeds]]
    arrays = cut[: len(call.arrays)]
    return replace(call, arrays=arrays, cotangent=cut[-1] if seeds else None)


def held(function: Function, call: Noted, guilty: Noted) -> int | None:
    """Where a call holds a part that was found guilty alone; None where it does not.

    Both are calls of one kind. Rows are not looked for.
    """
    same = (call.what, repr(call.keywords), call.wrt) == (
        guilty.what,
        repr(guilty.keywords),
        guilty.wrt,
    )
    if function.along_axis or not same or not parts(function, call):
        return None
    seeds = [] if call.cotangent is None else [(call.cotangent, guilty.cotangent)]
    pairs = [*zip(call.arrays, guilty.arrays, strict=True), *seeds]
    if any(a.dtype != b.dtype or b.size != 1 for a, b in pairs):
        return None
    shape = _shape(call.arrays)
    found = np.ones(shape, dtype=bool)
    for a, b in pairs:
        bits = np.frombuffer(np.ascontiguousarray(a).tobytes(), dtype=f"V{a.itemsize}")
        equal = (bits == np.frombuffer(b.tobytes(), dtype=bits.dtype)).reshape(a.shape)
        if np.broadcast_shapes(a.shape, shape) != shape:
            return None
        found &= equal
    return int(np.argmax(found)) if found.any() else None


def _shape(arrays: Sequence[Any]) -> tuple[int, ...]:
    return np.broadcast_shapes(*(np.shape(a) for a in arrays))


def _element(array: Any, place: Sequence[Any], shape: tuple[int, ...]) -> Any:
    """The element that meets a place of the broadcast shape; a whole array of another shape."""
    array = np.asarray(array)
    try:
        if np.broadcast_shapes(array.shape, shape) != shape:
            return array
    except ValueError:
        return array
    own = place[len(shape) - array.ndim :]
    at = (slice(p, p + 1) if n > 1 else slice(None) for p, n in zip(own, array.shape, strict=True))
    return array[tuple(at)]


def _rows(call: Noted) -> int:
    """The axis that counts rows: the function runs along the last, or along the one named."""
    return 1 if call.keywords.get("axis") == 0 else 0


def _row(call: Noted, array: Any, index: int) -> Any:
    array, rows = np.asarray(array), _rows(call)
    first = call.arrays[0]
    if first.ndim < 2:
        return array
    axis = rows if array.ndim > 1 else 0
    if array.ndim == 0 or array.shape[axis] != first.shape[rows]:
        return array
    return array[(slice(None),) * axis + (slice(index, index + 1),)]


def search(implementation: Implementation, call: Noted, seconds: float = SECONDS) -> int | None:
    """The first part of a call that hangs by itself; None where none does, or not in time.

    Each part is marked in the black box before it is tried: one that ends the process is known to
    whoever watches it.
    """
    function = implementation.function
    fresh = replace(implementation, diary=Diary())
    until = time.monotonic() + seconds
    for index in range(parts(function, call)):
        if time.monotonic() > until:
            return None
        blackbox.mark(index)
        try:
            fresh.again(part(function, call, index))
        except Misconduct as finding:
            if finding.kind == "time":
                return index
        except Unsupported:
            continue
        except Exception:  # of the harness, for a part that the adapter cannot take
            continue
    blackbox.mark(-1)
    return None


def evidence(function: Function, fmt: Format, call: Noted, index: int) -> Witness:
    """The witness that one part of a call is."""
    alone = part(function, call, index)
    given: dict[str, Any] = {
        v.name: _plain(a, row=v.along_axis)
        for v, a in zip(function.variables, alone.arrays, strict=False)
    }
    numbers = {k: v for k, v in call.keywords.items() if _number(v)}
    given |= {k: _plain(v) for k, v in numbers.items()}
    if alone.cotangent is not None:
        given["cotangent"] = _plain(alone.cotangent, row=function.row_output)
    return witness(given, fmt)


def _number(value: Any) -> bool:
    return isinstance(value, int | float | np.ndarray | np.generic) and not isinstance(value, bool)


def _plain(array: Any, row: bool = False) -> Any:
    """A number where there is one, and a row is not due; else a row."""
    flat = np.asarray(array).ravel()
    wide = flat.astype(np.float64) if flat.dtype.kind not in "iub" else flat.astype(np.int64)
    return wide.tolist() if row or wide.size != 1 else wide[0].item()
