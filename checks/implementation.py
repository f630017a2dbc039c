"""Code under test: how it is called, and what counts as not having answered at all.

An `Implementation` turns NumPy arrays into the array library's, calls the forward or asks for
gradients (by autograd, or by the `_vjp` that goes with it), and gives back NumPy arrays. Whatever
the code does instead of answering becomes a `Misconduct` with one sentence.
"""

from __future__ import annotations

import contextlib
import inspect
import io
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..reference.formats import Floats, Format
from ..spec.function import Function
from .limits import CallTimeout, within

Array = NDArray[Any]


class Misconduct(Exception):  # noqa: N818 - it is a finding, not an error of ours
    """The code under test gave no answer: it raised, hung, or returned something else.

    `kind` is one of "raises", "type", "shape", "time", "count".
    """

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


class Unsupported(Exception):  # noqa: N818 - neither is this
    """The implementation does not offer what was asked; the message says what."""


@dataclass
class Diary:
    """What an implementation did beside answering, over all its calls."""

    changed_inputs: list[str] = field(default_factory=list)
    printed: list[str] = field(default_factory=list)
    hung: str = ""


@dataclass(frozen=True)
class Implementation:
    """One Function as some code computes it.

    `adapter` is the module of `checks.adapters` for its array library. `vjp` is None where
    autograd gives the gradients or where there are none. `limit` is the seconds for one call.
    """

    function: Function
    forward: Callable[..., Any]
    vjp: Callable[..., Any] | None
    adapter: ModuleType
    limit: float = 10.0
    diary: Diary = field(default_factory=Diary)

    @cached_property
    def keywords(self) -> frozenset[str] | None:
        """The keywords that the forward accepts; None where it takes any or does not tell."""
        return keywords_of(self.forward)

    def accepts(self, keyword: str) -> bool:
        return self.keywords is None or keyword in self.keywords

    @property
    def has_gradient(self) -> bool:
        return self.vjp is not None or self.adapter.NAME != "numpy"

    def value(self, arrays: Sequence[Array], keywords: Mapping[str, Any] | None = None) -> Array:
        """The forward's result as a NumPy array of whatever dtype it has."""
        natives = [self.adapter.to_native(a) for a in arrays]
        with self._guard("forward"):
            result = self.forward(*natives, **self._native_keywords(keywords))
        self._watch_inputs(natives, arrays)
        return self._array(result)

    def gradients(
        self,
        arrays: Sequence[Array],
        keywords: Mapping[str, Any] | None,
        cotangent: Array,
        wrt: Sequence[str],
    ) -> dict[str, Array]:
        """The vjp in each named input that is supported.

        Raises `Unsupported` where there is no gradient at all.
        """
        names = [v.name for v in self.function.differentiable]
        if self.vjp is not None:
            found = self._explicit(arrays, keywords or {}, cotangent)
            return {n: g for n, g in zip(names, found, strict=False) if g is not None and n in wrt}
        if self.adapter.NAME == "numpy":
            raise Unsupported("no gradient: pass vjp=, or name it beside the forward with _vjp")
        return self._autograd(arrays, dict(keywords or {}), cotangent, wrt)

    def eager_gradient(
        self, arrays: Sequence[Array], keywords: Mapping[str, Any] | None, cotangent: Array
    ) -> Array:
        """The vjp in the first variable as the library computes it without its compiler.

        Only where the adapter compiles gradients.
        """
        with self._guard("eager gradient"):
            try:
                (found,) = self.adapter.eager_vjp(
                    self.forward, arrays, keywords or {}, cotangent, (0,)
                )
            except NotImplementedError as error:
                raise Unsupported(_first_line(error)) from error
        return np.asarray(found)

    def forward_mode(
        self, arrays: Sequence[Array], keywords: Mapping[str, Any] | None, tangent: Array
    ) -> Array:
        """The derivative in the first variable along a tangent, by forward mode."""
        with self._guard("forward mode"):
            try:
                found = self.adapter.jvp(self.forward, arrays, keywords or {}, [tangent], (0,))
            except NotImplementedError as error:
                raise Unsupported(_first_line(error)) from error
        return np.asarray(found)

    def double_backward(
        self, arrays: Sequence[Array], keywords: Mapping[str, Any] | None, cotangent: Array
    ) -> Array:
        """The derivative of the vjp in the first variable, by differentiating twice."""
        with self._guard("double backward"):
            try:
                found = self.adapter.second(self.forward, arrays, keywords or {}, cotangent, 0)
            except NotImplementedError as error:
                raise Unsupported(_first_line(error)) from error
        return np.asarray(found)

    def _explicit(
        self, arrays: Sequence[Array], keywords: Mapping[str, Any], cotangent: Array
    ) -> list[Array | None]:
        assert self.vjp is not None
        natives = [self.adapter.to_native(a) for a in arrays]
        accepted = keywords_of(self.vjp)
        given = {k: v for k, v in keywords.items() if accepted is None or k in accepted}
        if given.keys() != keywords.keys():
            missing = ", ".join(sorted(keywords.keys() - given.keys()))
            raise Unsupported(f"the vjp does not take {missing}")
        seed = self.adapter.to_native(cotangent)
        with self._guard("vjp"):
            result = self.vjp(*natives, **self._native_keywords(given), cotangent=seed)
        self._watch_inputs([*natives, seed], [*arrays, cotangent])
        parts = list(result) if isinstance(result, tuple | list) else [result]
        if not parts:
            raise Misconduct(
                "count", "the vjp returned an empty tuple; give one gradient per input"
            )
        return [None if p is None else self._array(p) for p in parts]

    def _autograd(
        self,
        arrays: Sequence[Array],
        keywords: dict[str, Any],
        cotangent: Array,
        wrt: Sequence[str],
    ) -> dict[str, Array]:
        positions = {v.name: p for p, v in enumerate(self.function.variables)}
        parameters = {p.name: p for p in self.function.parameters}
        result: dict[str, Array] = {}
        chosen = [n for n in wrt if n in positions and arrays[positions[n]].dtype.kind not in "iu"]
        for names in ([n] for n in chosen):
            found = self._reverse(
                arrays, keywords, cotangent, tuple(positions[n] for n in names), ()
            )
            result.update(zip(names, found, strict=True))
        for name in (n for n in wrt if n in parameters and self.accepts(n)):
            default = float(parameters[name].default)
            value = np.asarray(keywords.get(name, default), dtype=arrays[0].dtype)
            with contextlib.suppress(Unsupported):
                found = self._reverse(arrays, {**keywords, name: value}, cotangent, (), (name,))
                result[name] = found[0]
        return result

    def _reverse(
        self,
        arrays: Sequence[Array],
        keywords: Mapping[str, Any],
        cotangent: Array,
        wrt: tuple[int, ...],
        wrt_keywords: tuple[str, ...],
    ) -> tuple[Array, ...]:
        with self._guard("gradient"):
            try:
                found: tuple[Array, ...] = self.adapter.vjp(
                    self.forward, arrays, keywords, cotangent, wrt, wrt_keywords
                )
            except NotImplementedError as error:
                raise Unsupported(_first_line(error)) from error
        return found

    def _native_keywords(self, keywords: Mapping[str, Any] | None) -> dict[str, Any]:
        native = self.adapter.to_native
        return {
            k: native(v) if isinstance(v, np.ndarray) else v for k, v in (keywords or {}).items()
        }

    def _array(self, result: Any) -> Array:
        """The result as a NumPy array; a plain Python number stands for a 0-d array."""
        if self.adapter.owns(result):
            return np.asarray(self.adapter.to_numpy(result))
        if isinstance(result, np.ndarray | np.generic | float) and not isinstance(result, bool):
            return np.asarray(result)
        kind = type(result).__name__
        raise Misconduct(
            "type", f"returned a {kind}, not an array of {self.adapter.NAME}; return an array"
        )

    def _watch_inputs(self, natives: Sequence[Any], arrays: Sequence[Array]) -> None:
        if self.diary.changed_inputs:
            return
        for position, (native, array) in enumerate(zip(natives, arrays, strict=True)):
            after = self.adapter.to_numpy(native)
            before = np.asarray(array)
            if after.shape != before.shape or after.tobytes() != before.tobytes():
                self.diary.changed_inputs.append(
                    f"argument {position} is not the same after the call"
                )

    @contextlib.contextmanager
    def _guard(self, what: str) -> Iterator[None]:
        """Run code under test: silent, within its time, its exceptions turned into sentences."""
        if self.diary.hung:  # it would hang again
            raise Misconduct("time", self.diary.hung)
        out = io.StringIO()
        try:
            with (
                contextlib.redirect_stdout(out),
                np.errstate(all="ignore"),
                warnings.catch_warnings(),
                within(self.limit),
            ):
                warnings.simplefilter("ignore")
                yield
        except (Unsupported, Misconduct, KeyboardInterrupt):
            raise
        except CallTimeout as error:
            self.diary.hung = f"{what}: {error}; raise the limit if it is just slow"
            raise Misconduct("time", self.diary.hung) from None
        except NotImplementedError as error:
            raise Unsupported(_first_line(error)) from error
        except BaseException as error:  # exit() and the like too: the run goes on
            raise Misconduct(
                "raises", f"{what} raised {type(error).__name__}: {_first_line(error)}"
            ) from error
        finally:
            if out.getvalue():
                self.diary.printed.append(out.getvalue()[:200])


def _first_line(error: BaseException) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]


def keywords_of(function: Callable[..., Any]) -> frozenset[str] | None:
    """The keywords that a callable accepts; None where it takes any or does not tell."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return None
    if any(p.kind is p.VAR_KEYWORD for p in parameters):
        return None
    named = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    return frozenset(p.name for p in parameters if p.kind in named)


def observed(array: Array, shape: tuple[int, ...], fmt: Format) -> Floats:
    """An answer as float64 numbers of the expected shape.

    Raises `Misconduct` where the shape or the kind of dtype cannot be what was asked.
    """
    if array.dtype.kind in "OUSc":
        raise Misconduct("type", f"returned dtype {array.dtype}, not {fmt.name}")
    if array.shape != shape:
        raise Misconduct("shape", f"returned shape {array.shape} where {shape} was due")
    with np.errstate(all="ignore"):
        return array.astype(np.float64)
