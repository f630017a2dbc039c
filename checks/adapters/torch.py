"""PyTorch: gradients by `torch.autograd`, forward mode by dual numbers, on the CPU.

What NumPy has from `ml_dtypes` (bfloat16, the formats of 8 bits) crosses as its bits: it and
PyTorch's own dtype do not know each other, but both can be viewed as unsigned integers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

import ml_dtypes
import numpy as np
import torch
from numpy.typing import NDArray
from torch.autograd import forward_ad

from ..processes.surroundings import Setting
from . import numpy as _numpy

NAME = "torch"
COMPILES_EACH_SHAPE = False

# Global state that a call must leave as it is.
SETTINGS = (
    *_numpy.SETTINGS,
    Setting(
        "the state of PyTorch's random generator",
        lambda: torch.get_rng_state().numpy().tobytes(),
        lambda state: torch.set_rng_state(torch.frombuffer(bytearray(state), dtype=torch.uint8)),
        between=True,
    ),
    Setting(
        "PyTorch's default dtype", torch.get_default_dtype, torch.set_default_dtype, shown=True
    ),
    Setting(
        "PyTorch's number of threads", torch.get_num_threads, torch.set_num_threads, shown=True
    ),
    Setting(
        "whether PyTorch records gradients",
        torch.is_grad_enabled,
        lambda wanted: (torch.set_grad_enabled(wanted), None)[1],
        shown=True,
    ),
    Setting(
        "whether PyTorch insists on deterministic algorithms",
        torch.are_deterministic_algorithms_enabled,
        torch.use_deterministic_algorithms,
        shown=True,
    ),
)

# PyTorch's dtype, NumPy's, and the integers that both can be viewed as, of each library.
_CROSSINGS = (
    (torch.bfloat16, np.dtype(ml_dtypes.bfloat16), np.uint16, torch.uint16),
    (torch.float8_e4m3fn, np.dtype(ml_dtypes.float8_e4m3fn), np.uint8, torch.uint8),
    (torch.float8_e5m2, np.dtype(ml_dtypes.float8_e5m2), np.uint8, torch.uint8),
)

# How PyTorch says that it does not have a derivative, where it does not raise
# NotImplementedError. The last two: a parameter that is a number there, never a tensor.
_REFUSALS = (
    "not implemented",
    "not differentiable with respect to",
    "must be Number, not Tensor",
    "must be float, not Tensor",
)


def owns(value: object) -> bool:
    """Whether `value` is a tensor."""
    return isinstance(value, torch.Tensor)


def to_native(array: NDArray[Any]) -> torch.Tensor:
    """A tensor in memory of its own; strides stay, but negative ones are unknown to PyTorch."""
    copy = _numpy.to_native(array)
    if not copy.flags.forc and any(s < 0 or s % copy.itemsize for s in copy.strides):
        copy = copy.copy(order="C")
    return _from_numpy(copy)


def to_numpy(native: torch.Tensor) -> NDArray[Any]:
    """A snapshot of a tensor, wherever it lives and whether or not it has a gradient."""
    return np.array(_in_numpy(native.detach()))


def _from_numpy(array: NDArray[Any]) -> torch.Tensor:
    """A tensor in the memory of an array."""
    for theirs, ours, bits, _ in _CROSSINGS:
        if array.dtype == ours:
            return torch.from_numpy(array.view(bits)).view(theirs)
    return torch.from_numpy(array)


def _in_numpy(native: torch.Tensor) -> NDArray[Any]:
    """An array in the memory of a tensor, where it lies on the CPU."""
    for theirs, ours, _, bits in _CROSSINGS:
        if native.dtype == theirs:
            raw: NDArray[Any] = native.view(bits).numpy(force=True)
            return raw.view(ours)
    found: NDArray[Any] = native.numpy(force=True)
    return found


def refill(native: torch.Tensor, array: NDArray[Any]) -> bool:
    """Write other values into a tensor that was given before: it stays where it is."""
    with torch.no_grad():
        native.copy_(to_native(array))
    return True


def session() -> AbstractContextManager[None]:
    """Nothing to set: threads, default dtype and grad mode stay as the caller has them."""
    return nullcontext()


def forget() -> None:
    """Nothing is kept between functions."""


def value(
    function: Callable[..., Any], arguments: Sequence[Any], keywords: Mapping[str, Any]
) -> Any:
    """What `function` returns, unchanged; every tensor it gets is a copy of its own."""
    return function(*map(to_native, arguments), **_keywords(keywords))


def vjp(
    function: Callable[..., Any],
    arguments: Sequence[Any],
    keywords: Mapping[str, Any],
    cotangent: NDArray[Any],
    wrt: tuple[int, ...],
    wrt_keywords: tuple[str, ...] = (),
) -> tuple[NDArray[Any], ...]:
    """The gradients for the arguments `wrt`, then the keywords; zeros for an unused one.

    Raises NotImplementedError where PyTorch has no derivative.
    """
    natives, named, leaves = _leaves(arguments, keywords, wrt, wrt_keywords)
    with torch.enable_grad(), _refusals():
        result = _tensor(function(*natives, **named))
        gradients: Sequence[torch.Tensor | None] = [None] * len(leaves)
        if result.requires_grad:
            gradients = torch.autograd.grad(result, leaves, to_native(cotangent), allow_unused=True)
    return tuple(map(_or_zeros, gradients, leaves))


def jvp(
    function: Callable[..., Any],
    arguments: Sequence[Any],
    keywords: Mapping[str, Any],
    tangents: Sequence[NDArray[Any]],
    wrt: tuple[int, ...],
    wrt_keywords: tuple[str, ...] = (),
) -> NDArray[Any]:
    """The directional derivative along `tangents`, by forward mode.

    Raises NotImplementedError where PyTorch has no forward derivative.
    """
    # The leaves require a gradient too: otherwise a parameter that PyTorch takes as a number
    # would be read out of its tensor, and its tangent silently lost.
    # Dense copies: PyTorch refuses a dual number whose elements share memory (a broadcast).
    dense = [np.array(argument, order="C") for argument in arguments]
    natives, named, leaves = _leaves(dense, keywords, wrt, wrt_keywords)
    with forward_ad.dual_level(), torch.enable_grad(), _refusals():
        duals = [
            forward_ad.make_dual(leaf, to_native(tangent))
            for leaf, tangent in zip(leaves, tangents, strict=True)
        ]
        for index, dual in zip(wrt, duals, strict=False):
            natives[index] = dual
        named.update(zip(wrt_keywords, duals[len(wrt) :], strict=True))
        result = _tensor(function(*natives, **named))
        return _or_zeros(forward_ad.unpack_dual(result).tangent, result)


def second(
    function: Callable[..., Any],
    arguments: Sequence[Any],
    keywords: Mapping[str, Any],
    cotangent: NDArray[Any],
    wrt_index: int,
) -> NDArray[Any]:
    """The gradient of the summed vjp, cotangent fixed: f''(x) * cotangent if elementwise.

    Raises NotImplementedError where PyTorch has no double backward.
    """
    natives, named, (leaf,) = _leaves(arguments, keywords, (wrt_index,), ())
    # A cotangent that requires a gradient shows a backward that cannot be differentiated:
    # the vjp is linear in it, so a graph that reaches neither input was cut on the way.
    seed = to_native(cotangent).requires_grad_(True)
    with torch.enable_grad(), _refusals():
        result = _tensor(function(*natives, **named))
        first = _gradient(result, leaf, seed, create_graph=True)
        if first is None or not first.requires_grad:
            return _or_zeros(None, leaf)
        ones = torch.ones_like(first)
        gradient = _gradient(first, leaf, ones)
        if gradient is None and _gradient(first, seed, ones) is None:
            raise NotImplementedError("the backward of this function has no gradient itself")
    return _or_zeros(gradient, leaf)


def stream(
    function: Callable[..., Any],
    order: int,
    place: int,
    others: Mapping[int, float],
    keywords: Mapping[str, Any],
    device: str = "",
) -> Callable[[NDArray[Any]], NDArray[Any]]:
    """The function of the input at `place` alone, or its derivative of that order, for many calls.

    Arrays pass without a copy where that is possible, so an answer is to be used up before the
    next call. `others` fixes the other inputs at a number each.
    """
    given = _keywords(keywords)

    def call(array: NDArray[Any]) -> NDArray[Any]:
        x = _as_tensor(array, device)
        if order:
            x = x.requires_grad_(True)
        inputs = [torch.full_like(x, others[k]) if k in others else x for k in range(count)]
        with torch.set_grad_enabled(order > 0), _refusals():
            result = _tensor(function(*inputs, **given))
            for left in range(order, 0, -1):
                ones = torch.ones_like(result)
                found = _gradient(result, x, ones, create_graph=left > 1)
                result = torch.zeros_like(x) if found is None else found
        return _as_array(result)

    count = len(others) + 1
    return call


def _as_tensor(array: NDArray[Any], device: str) -> torch.Tensor:
    native = _from_numpy(array)
    return native.to(device) if device else native


def _as_array(native: torch.Tensor) -> NDArray[Any]:
    return _in_numpy(native.detach().cpu())


def compiled(function: Callable[..., Any]) -> None:
    """None: `torch.compile` needs a C++ compiler and takes seconds for each function."""
    return


def version() -> dict[str, str]:
    """The version, and what else changes results: vector width, threads, flushed subnormals."""
    tiny = torch.tensor([2.0**-1074], dtype=torch.float64)
    return {
        "torch": str(torch.__version__),
        "cpu_capability": torch.backends.cpu.get_cpu_capability(),
        "threads": str(torch.get_num_threads()),
        "flush_denormal": str(bool((tiny * 1.0).item() == 0.0)),
    }


def _keywords(keywords: Mapping[str, Any]) -> dict[str, Any]:
    """Keywords that are arrays become native; numbers, axes and names pass as they are."""
    return {k: to_native(v) if isinstance(v, np.ndarray) else v for k, v in keywords.items()}


def _leaves(
    arguments: Sequence[Any],
    keywords: Mapping[str, Any],
    wrt: tuple[int, ...],
    wrt_keywords: tuple[str, ...],
) -> tuple[list[Any], dict[str, Any], list[torch.Tensor]]:
    """Arguments and keywords as tensors, and those of them that are to require a gradient."""
    natives = [to_native(argument) for argument in arguments]
    named = _keywords(keywords)
    leaves = [natives[index] for index in wrt] + [named[name] for name in wrt_keywords]
    return natives, named, [leaf.requires_grad_(True) for leaf in leaves]


def _tensor(result: object) -> torch.Tensor:
    if isinstance(result, torch.Tensor):
        return result
    raise TypeError(
        f"the function returned {type(result).__name__}, not a torch.Tensor: "
        "return a tensor made by operations that autograd can follow"
    )


def _gradient(
    result: torch.Tensor, leaf: torch.Tensor, cotangent: torch.Tensor, create_graph: bool = False
) -> torch.Tensor | None:
    """One gradient, kept for another; None where `result` does not depend on `leaf`."""
    if not result.requires_grad:
        return None
    (gradient,) = torch.autograd.grad(
        result, leaf, cotangent, retain_graph=True, create_graph=create_graph, allow_unused=True
    )
    return gradient


def _or_zeros(gradient: torch.Tensor | None, like: torch.Tensor) -> NDArray[Any]:
    return to_numpy(torch.zeros_like(like) if gradient is None else gradient)


@contextmanager
def _refusals() -> Iterator[None]:
    """Whatever PyTorch raises for a derivative that it lacks becomes NotImplementedError."""
    try:
        yield
    except NotImplementedError:
        raise
    except (RuntimeError, TypeError) as error:
        if any(refusal in str(error) for refusal in _REFUSALS):
            raise NotImplementedError(str(error)) from error
        raise
