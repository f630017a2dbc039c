"""JAX: gradients by `jax.vjp`, forward mode by `jax.jvp`, compiled code by `jax.jit`.

Everything here is to be called inside `session()`: without 64-bit mode JAX turns float64
into float32.
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
import gc
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from importlib import metadata
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import experimental
from numpy.typing import NDArray

from ...reference import cache as disk
from ..processes.surroundings import Setting
from . import numpy as _numpy

NAME = "jax"
COMPILES_EACH_SHAPE = True  # so arrays come in few lengths
MANY = 500  # compiled programs that may be kept between functions and formats

# Global state that a call must leave as it is.
SETTINGS = (
    *_numpy.SETTINGS,
    *(
        Setting(
            f"JAX's {name}",
            functools.partial(getattr, jax.config, name),
            functools.partial(jax.config.update, name),
            shown=True,
        )
        for name in ("jax_enable_x64", "jax_default_matmul_precision", "jax_debug_nans")
    ),
)

# How JAX says that it cannot differentiate, where it does not raise NotImplementedError.
_REFUSALS = (
    "forward-mode",
    "Reverse-mode differentiation does not work",
    "do not support JVP",
    "not implemented",
)

# What JAX raises while it compiles code that branches on, or indexes by, the values it gets.
_LOOKS = (
    jax.errors.ConcretizationTypeError,
    jax.errors.NonConcreteBooleanIndexError,
    jax.errors.TracerIntegerConversionError,
)


def owns(value: object) -> bool:
    """Whether `value` is a JAX array (or stands for one while JAX traces)."""
    return isinstance(value, jax.Array)


def to_native(array: NDArray[Any]) -> jax.Array:
    """A JAX array in memory of its own; JAX has no strides. Refused if the dtype would change.

    `jnp.array` would compile a program for each shape, only to copy.
    """
    native: jax.Array = jax.device_put(np.array(array, order="C"))
    if native.dtype != array.dtype:
        raise RuntimeError(
            f"JAX would turn {array.dtype} into {native.dtype}: call inside session()"
        )
    return native


def to_numpy(native: jax.Array) -> NDArray[Any]:
    """A writable snapshot; bfloat16 and 8 bits arrive in the dtypes of `ml_dtypes`."""
    return np.array(native)


def refill(native: jax.Array, array: NDArray[Any]) -> bool:
    """Refused: JAX's arrays cannot be written."""
    return False


@contextmanager
def session() -> Iterator[None]:
    """64-bit mode for this thread, and programs kept on disk, while inside.

    A whole check compiles thousands of small programs. What was set before comes back after.
    """
    where = jax if hasattr(jax, "enable_x64") else experimental  # older versions have it there
    wanted: dict[str, Any] = {}
    place = disk.folder()
    if place is not None and jax.config.jax_compilation_cache_dir is None:
        wanted = {
            "jax_compilation_cache_dir": str(place / "xla"),
            "jax_persistent_cache_min_compile_time_secs": 0.0,
            "jax_persistent_cache_min_entry_size_bytes": -1,
        }
    before = {name: getattr(jax.config, name) for name in wanted}
    try:
        for name, setting in wanted.items():
            jax.config.update(name, setting)
        with where.enable_x64(True):
            yield
    finally:
        for name, setting in before.items():
            jax.config.update(name, setting)


def forget() -> None:
    """Drop the compiled programs of this process once they are many.

    Each holds about a megabyte, and a whole check compiles thousands; but functions share some.
    """
    if len(jax.devices()[0].client.live_executables()) <= MANY:
        return
    _program.cache_clear()
    _programs.cache_clear()
    jax.clear_caches()
    gc.collect()
    with contextlib.suppress(OSError, AttributeError):  # glibc keeps for itself what was freed
        ctypes.CDLL(None).malloc_trim(0)


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
) -> tuple[NDArray[Any], ...]:
    """The gradients for the arguments `wrt`, then the keywords; zeros for an unused one.

    As in a compiled training step: one program holds the function and its pullback, and XLA fuses
    what it likes. Raises NotImplementedError where JAX cannot differentiate.
    """
    seeds = [cotangent]
    return _derivatives(_pulled, function, arguments, keywords, seeds, wrt, wrt_keywords)


def eager_vjp(
    function: Callable[..., Any],
    arguments: Sequence[Any],
    keywords: Mapping[str, Any],
    cotangent: NDArray[Any],
    wrt: tuple[int, ...],
) -> tuple[NDArray[Any], ...]:
    """What `vjp` gives, computed operation by operation as without `jax.jit`."""
    seeds = [cotangent]
    return _derivatives(_pulled, function, arguments, keywords, seeds, wrt, (), eager=True)


def jvp(
    function: Callable[..., Any],
    arguments: Sequence[Any],
    keywords: Mapping[str, Any],
    tangents: Sequence[NDArray[Any]],
    wrt: tuple[int, ...],
    wrt_keywords: tuple[str, ...] = (),
) -> NDArray[Any]:
    """The directional derivative along `tangents`, by forward mode, compiled as `vjp` is.

    Raises NotImplementedError where JAX has no forward rule.
    """
    return _derivatives(_pushed, function, arguments, keywords, tangents, wrt, wrt_keywords)[0]


def second(
    function: Callable[..., Any],
    arguments: Sequence[Any],
    keywords: Mapping[str, Any],
    cotangent: NDArray[Any],
    wrt_index: int,
) -> NDArray[Any]:
    """The gradient of the summed vjp, cotangent fixed: f''(x) * cotangent if elementwise.

    Compiled as `vjp` is. Raises NotImplementedError where JAX cannot differentiate twice.
    """
    wrt = (wrt_index,)
    return _derivatives(_pulled_twice, function, arguments, keywords, [cotangent], wrt, ())[0]


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """`function` under `jax.jit`, as in a training step; eager where it looks at its values.

    Keywords that are neither arrays nor real numbers are constants of the program; one program is
    kept for each choice of them, and JAX keeps one for each shape.
    """
    itself, looked = _Itself(function), set[Callable[[Any], bool]]()

    def call(*natives: Any, **keywords: Any) -> Any:
        for traced in (_traceable, owns):  # it may look at a number, or at an array
            if traced in looked:
                continue
            named = {k: v for k, v in keywords.items() if traced(v)}
            constants = ((k, type(v), v) for k, v in sorted(keywords.items()) if k not in named)
            try:
                return _program(itself, tuple(constants))(*natives, **named)
            except _LOOKS:
                looked.add(traced)
            except Exception:  # what it raises by itself, it raises eagerly, too
                break
        return function(*natives, **keywords)

    return call


def stream(
    function: Callable[..., Any],
    order: int,
    place: int,
    others: Mapping[int, float],
    keywords: Mapping[str, Any],
    device: str = "",
) -> Callable[[NDArray[Any]], NDArray[Any]]:
    """The function of the input at `place` alone, or its derivative of that order, for many calls.

    Compiled, once for each shape; eager where the code looks at its values. `others` fixes the
    other inputs at a number each.
    """
    count = len(others) + 1

    def value(x: Any) -> Any:
        inputs = [jnp.full_like(x, others[k]) if k in others else x for k in range(count)]
        return function(*inputs, **keywords)

    def derived(once: Callable[[Any], Any]) -> Callable[[Any], Any]:
        def gradient(x: Any) -> Any:
            result, pull = jax.vjp(once, x)
            return pull(jnp.ones_like(result))[0]

        return gradient

    asked: Callable[[Any], Any] = value
    for _ in range(order):
        asked = derived(asked)
    where = jax.devices(device)[0] if device else None
    program = jax.jit(asked)

    def call(array: NDArray[Any]) -> NDArray[Any]:
        native = jax.device_put(array, where)
        with _refusals():
            try:
                return np.asarray(program(native))
            except _LOOKS:
                return np.asarray(asked(native))

    return call


def version() -> dict[str, str]:
    """The versions, and what else changes results: the device, 64-bit mode while code is judged,
    flags of XLA."""
    with session():
        return {
            "jax": jax.__version__,
            "jaxlib": metadata.version("jaxlib"),
            "jax_device": jax.default_backend(),
            "jax_x64": str(jnp.array(np.float64(0)).dtype == np.float64),
            "xla_flags": os.environ.get("XLA_FLAGS", ""),
        }


def _keywords(keywords: Mapping[str, Any]) -> dict[str, Any]:
    """Keywords that are arrays become native; numbers, axes and names pass as they are."""
    return {k: to_native(v) if isinstance(v, np.ndarray) else v for k, v in keywords.items()}


# ---------------------------------------------------------------- derivatives

# What makes of a function, the inputs to differentiate in, and seeds a tuple of derivatives.
Rule = Callable[[Callable[..., Any], list[Any], list[Any]], tuple[Any, ...]]


def _pulled(partial: Callable[..., Any], primals: list[Any], seeds: list[Any]) -> tuple[Any, ...]:
    result, pull = jax.vjp(partial, *primals)
    # A result of another format is a finding of its own, and has a gradient all the same.
    found: tuple[Any, ...] = pull(*(s.astype(result.dtype) for s in seeds))
    return found


def _pushed(partial: Callable[..., Any], primals: list[Any], seeds: list[Any]) -> tuple[Any, ...]:
    found: tuple[Any, ...] = jax.jvp(partial, primals, seeds)[1:]
    return found


def _pulled_twice(
    partial: Callable[..., Any], primals: list[Any], seeds: list[Any]
) -> tuple[Any, ...]:
    gradient, pull = jax.vjp(lambda x: _pulled(partial, [x], seeds)[0], *primals)
    found: tuple[Any, ...] = pull(jnp.ones_like(gradient))
    return found


class _Itself:
    """A callable as a key: only the same object is equal, hashable or not."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Itself) and self.function is other.function

    def __hash__(self) -> int:
        return id(self.function)


@cache
def _program(itself: _Itself, constants: tuple[tuple[str, type, Any], ...]) -> Callable[..., Any]:
    """The function from arrays and keywords that are arrays, compiled."""
    chosen = {name: constant for name, _, constant in constants}
    program: Callable[..., Any] = jax.jit(
        lambda *natives, **named: itself.function(*natives, **named, **chosen)
    )
    return program


@cache
def _programs(
    rule: Rule,
    itself: _Itself,
    constants: tuple[tuple[str, type, Any], ...],
    wrt: tuple[int, ...],
    wrt_keywords: tuple[str, ...],
) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """Derivatives from arrays, keywords that are arrays, and seeds: compiled, and eager."""
    chosen = {name: constant for name, _, constant in constants}

    def derivative(natives: list[Any], named: dict[str, Any], seeds: list[Any]) -> tuple[Any, ...]:
        partial, primals = _partial(
            itself.function, natives, {**named, **chosen}, wrt, wrt_keywords
        )
        return rule(partial, primals, seeds)

    return jax.jit(derivative), derivative


def _derivatives(
    rule: Rule,
    function: Callable[..., Any],
    arguments: Sequence[Any],
    keywords: Mapping[str, Any],
    seeds: Sequence[Any],
    wrt: tuple[int, ...],
    wrt_keywords: tuple[str, ...],
    *,
    eager: bool = False,
) -> tuple[NDArray[Any], ...]:
    """The rule's derivatives, compiled; eager if asked, or if the code looks at its values.

    Real numbers among the keywords are inputs of the program, unless the code looks at them.
    """
    natives, given = list(map(to_native, arguments)), _keywords(keywords)
    inputs = list(map(to_native, seeds))

    def run(traced: Callable[[Any], bool], which: int) -> tuple[Any, ...]:
        named = {k: v for k, v in given.items() if traced(v)}
        constants = ((k, type(v), v) for k, v in sorted(given.items()) if k not in named)
        programs = _programs(rule, _Itself(function), tuple(constants), wrt, wrt_keywords)
        found: tuple[Any, ...] = programs[which](natives, named, inputs)
        return found

    with _refusals():
        if eager:
            return tuple(map(to_numpy, run(owns, 1)))
        for traced in (_traceable, owns):  # it may look at a number, or at an array
            with contextlib.suppress(*_LOOKS):
                return tuple(map(to_numpy, run(traced, 0)))
        return tuple(map(to_numpy, run(owns, 1)))


def _traceable(value: Any) -> bool:
    """Whether a keyword is an input of the program: one program then serves all of its values."""
    return owns(value) or type(value) is float


def _partial(
    function: Callable[..., Any],
    natives: Sequence[Any],
    named: Mapping[str, Any],
    wrt: tuple[int, ...],
    wrt_keywords: tuple[str, ...],
) -> tuple[Callable[..., Any], list[Any]]:
    """`function` of the inputs to differentiate only, the others closed over, and those inputs."""

    def partial(*chosen: Any) -> Any:
        given = dict(zip(wrt, chosen, strict=False))
        inputs = [given.get(index, native) for index, native in enumerate(natives)]
        parameters = dict(zip(wrt_keywords, chosen[len(wrt) :], strict=True))
        return function(*inputs, **{**named, **parameters})

    return partial, [natives[index] for index in wrt] + [named[name] for name in wrt_keywords]


@contextmanager
def _refusals() -> Iterator[None]:
    """Whatever JAX raises for a derivative that it lacks becomes NotImplementedError."""
    try:
        yield
    except NotImplementedError:
        raise
    except (TypeError, ValueError) as error:
        if any(refusal in str(error) for refusal in _REFUSALS):
            raise NotImplementedError(str(error)) from error
        raise
