"""In which format an implementation computes, and how its result returns to the caller's."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar, cast

import ml_dtypes
import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

P = ParamSpec("P")
R = TypeVar("R", Array, tuple[Array, ...])

WORKING_FORMAT: dict[np.dtype[Any], np.dtype[Any]] = {
    np.dtype(ml_dtypes.float8_e4m3fn): np.dtype(np.float32),
    np.dtype(ml_dtypes.float8_e5m2): np.dtype(np.float32),
    np.dtype(np.float16): np.dtype(np.float32),
    np.dtype(ml_dtypes.bfloat16): np.dtype(np.float32),
    np.dtype(np.float32): np.dtype(np.float32),
    np.dtype(np.float64): np.dtype(np.float64),
}

NOT_NUMBERS = frozenset({"axis", "channel_axis", "ignore_index", "keepdims", "p", "reduction"})


def rounded_once(function: Callable[P, R]) -> Callable[P, R]:
    """Let ``function`` compute in the format of its first argument, 16 bits or 8 in float32.

    So few bits leave no room for intermediate roundings, so those formats compute in float32
    and round once at the end; float32 and float64 compute in themselves. Every other number
    (parameter, cotangent) is brought to the same working format, so that a float64 ``alpha``
    cannot promote float32 work; integer arrays (class indices) stay. Arrays are read in C
    order, since NumPy may take another code path, and other last bits, for strided data. The
    implementations overflow, underflow and divide by zero only where they mean to.
    """
    plain: Callable[..., Any] = function

    @wraps(function)
    def wrapper(*variables: P.args, **keywords: P.kwargs) -> R:
        own = np.asarray(variables[0]).dtype
        if own not in WORKING_FORMAT:
            known = ", ".join(str(format) for format in WORKING_FORMAT)
            raise TypeError(f"{function.__name__} computes in {known}, not in {own}: convert first")
        with np.errstate(all="ignore"):
            working = WORKING_FORMAT[own]
            result = plain(
                *(_brought(variable, working) for variable in variables),
                **{k: v if k in NOT_NUMBERS else _brought(v, working) for k, v in keywords.items()},
            )
            many = isinstance(result, tuple)
            rounded: Any = (
                tuple(_returned(part, own) for part in result) if many else _returned(result, own)
            )
        return cast(R, rounded)

    return wrapper


def _brought(value: Any, working: np.dtype[Any]) -> Array:
    """``value`` as a C-ordered array of the working format; integer arrays stay as they are."""
    array = np.asarray(value)
    is_index = array.ndim > 0 and array.dtype.kind in "iu"
    return np.asarray(array, dtype=None if is_index else working, order="C")


def _returned(value: Any, own: np.dtype[Any]) -> Array:
    """``value``, also where NumPy made it a scalar, as an array of the caller's format."""
    return np.asarray(value).astype(own, copy=False)
