"""NumPy: arrays pass as copies; there is no autograd and nothing to compile."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any, NoReturn

import ml_dtypes
import numpy as np
from numpy.typing import NDArray

from ..processes.surroundings import Setting

NAME = "numpy"
COMPILES_EACH_SHAPE = False


def _generator() -> Any:
    name, words, *rest = np.random.get_state(legacy=True)
    return (name, np.asarray(words).tobytes(), *rest)


def _set_generator(state: Any) -> None:
    name, words, *rest = state
    np.random.set_state((name, np.frombuffer(words, dtype=np.uint32), *rest))


# Global state that a call must leave as it is; how errors are treated is compared in each call.
SETTINGS = (
    Setting("the state of NumPy's random generator", _generator, _set_generator, between=True),
)

# What lies between the elements of a strided copy: every byte 255, which is NaN in each
# floating format. Code that reads the buffer and not the array then shows it.
_GAP = 0xFF


def owns(value: object) -> bool:
    """Whether `value` is a NumPy array or a NumPy scalar."""
    return isinstance(value, (np.ndarray, np.generic))


def to_native(array: NDArray[Any]) -> NDArray[Any]:
    """A copy in memory of its own, with the strides of `array`: gaps and reversals stay."""
    array = np.asarray(array)
    return array.copy(order="K") if array.flags.forc else _with_gaps(array)


def to_numpy(native: Any) -> NDArray[Any]:
    """A snapshot of `native`: later writes to it do not show here."""
    return np.array(native)


def refill(native: NDArray[Any], array: NDArray[Any]) -> bool:
    """Write other values into an array that was given before: it stays where it is."""
    native[...] = array
    return True


def session() -> AbstractContextManager[None]:
    """Nothing to set and nothing to restore."""
    return nullcontext()


def forget() -> None:
    """Nothing is kept between functions."""


def value(
    function: Callable[..., Any], arguments: Sequence[Any], keywords: Mapping[str, Any]
) -> Any:
    """What `function` returns, unchanged; every array it gets is a copy of its own."""
    return function(*map(to_native, arguments), **_keywords(keywords))


def vjp(
    function: Callable[..., Any],
    arguments: Sequence[Any],
    keywords: Mapping[str, Any],
    cotangent: NDArray[Any],
    wrt: tuple[int, ...],
    wrt_keywords: tuple[str, ...] = (),
) -> NoReturn:
    """Refused: the gradient of NumPy code is its own `name_vjp`, called through `value`."""
    raise NotImplementedError("no autograd")


def jvp(
    function: Callable[..., Any],
    arguments: Sequence[Any],
    keywords: Mapping[str, Any],
    tangents: Sequence[NDArray[Any]],
    wrt: tuple[int, ...],
    wrt_keywords: tuple[str, ...] = (),
) -> NoReturn:
    """Refused, as `vjp` is."""
    raise NotImplementedError("no autograd")


def second(
    function: Callable[..., Any],
    arguments: Sequence[Any],
    keywords: Mapping[str, Any],
    cotangent: NDArray[Any],
    wrt_index: int,
) -> NoReturn:
    """Refused, as `vjp` is."""
    raise NotImplementedError("no autograd")


def stream(
    function: Callable[..., Any],
    order: int,
    place: int,
    others: Mapping[int, float],
    keywords: Mapping[str, Any],
    device: str = "",
) -> Callable[[NDArray[Any]], NDArray[Any]]:
    """The function of the input at `place` alone, for many calls: arrays pass without a copy.

    `others` fixes the other inputs at a number each. For a derivative, give the function that
    computes it. Raises NotImplementedError for any other device than NumPy's own.
    """
    if device not in ("", "cpu"):
        raise NotImplementedError(f"NumPy computes on the CPU, not on {device}")
    count = len(others) + 1

    def call(array: NDArray[Any]) -> NDArray[Any]:
        inputs = [np.full_like(array, others[k]) if k in others else array for k in range(count)]
        with np.errstate(all="ignore"):
            return np.asarray(function(*inputs, **keywords))

    return call


def compiled(function: Callable[..., Any]) -> None:
    """NumPy compiles nothing."""
    return


def version() -> dict[str, str]:
    """The versions, and the vector instructions found: NumPy's exp and tanh depend on them."""
    simd: Any = np.show_config(mode="dicts")
    found = simd.get("SIMD Extensions", {}).get("found", [])
    return {
        "numpy": np.__version__,
        "ml_dtypes": ml_dtypes.__version__,
        "simd": " ".join(found) or "baseline",
    }


def _keywords(keywords: Mapping[str, Any]) -> dict[str, Any]:
    """Keywords that are arrays become native; numbers, axes and names pass as they are."""
    return {k: to_native(v) if isinstance(v, np.ndarray) else v for k, v in keywords.items()}


def _with_gaps(array: NDArray[Any]) -> NDArray[Any]:
    """A copy with the same strides in a fresh buffer that spans just the elements.

    A strided row is a slice of a longer array of its own dtype, as users make them.
    """
    if array.ndim == 1 and array.size and array.strides[0] % array.itemsize == 0:
        step = array.strides[0] // array.itemsize
        if step:
            wide = np.frombuffer(bytes([_GAP]) * (abs(step) * array.nbytes), array.dtype).copy()
            row: NDArray[Any] = wide[:: abs(step)] if step > 0 else wide[:: abs(step)][::-1]
            row[...] = array
            return row
    steps = [(n - 1) * stride for n, stride in zip(array.shape, array.strides, strict=True)]
    start = -sum(step for step in steps if step < 0)
    extent = sum(map(abs, steps)) + array.itemsize
    buffer = np.full(extent, _GAP, dtype=np.uint8)
    copy: NDArray[Any] = np.ndarray(array.shape, array.dtype, buffer, start, array.strides)
    copy[...] = array
    return copy
