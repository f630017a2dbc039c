"""Code under test: how it is called, and what counts as not having answered at all.

An `Implementation` turns NumPy arrays into the array library's, calls the forward or asks for
gradients (by autograd, or by the `_vjp` that goes with it), and gives back NumPy arrays. Whatever
the code does instead of answering becomes a `Misconduct` with one sentence.
"""

from __future__ import annotations

import contextlib
import hashlib
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

from ...reference.formats import Floats, Format
from ...spec.function import Function
from ..processes.blackbox import Noted, noting
from ..processes.limits import CallTimeout, interrupted, within
from ..processes.surroundings import SETTINGS, Watch
from .binding import is_apply

Array = NDArray[Any]
REMEMBERED = 64  # answers, to tell when one comes back
TOLD = 300  # characters of an exception that are told


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
    """What an implementation did beside answering, over all its calls.

    `hung` is the sentence for every further call, where it is not to be called again, and `hung_in`
    the call that did not return, until somebody has looked at it.
    """

    changed_inputs: list[str] = field(default_factory=list)
    hung: str = ""
    hung_in: Noted | None = None
    watch: Watch = field(default_factory=lambda: Watch(SETTINGS))
    # digests of the inputs that each answer was first given for, of the last few answers
    answers: dict[bytes, bytes] = field(default_factory=dict)
    stale: bool = False  # whether the last answer was given before, for other inputs
    calls: int = 0  # forward ones

    def note_answer(self, given: Sequence[Array], answer: Array) -> None:
        """Remember an answer, and whether it is an earlier one for other inputs."""
        self.calls += 1
        key, inputs = _digest([answer]), _digest(given)
        self.stale = self.answers.setdefault(key, inputs) != inputs
        while len(self.answers) > REMEMBERED:
            self.answers.pop(next(iter(self.answers)))


def _digest(arrays: Sequence[Array]) -> bytes:
    """Of shapes, dtypes and a sample of the elements: enough to tell answers from each other."""
    found = hashlib.blake2b(digest_size=16)
    for array in arrays:
        flat = array.reshape(-1)
        found.update(repr((array.shape, array.dtype)).encode())
        found.update(np.ascontiguousarray(flat[:: max(1, flat.size // 64)]).tobytes())
    return found.digest()


@dataclass(frozen=True)
class Implementation:
    """One Function as some code computes it.

    `adapter` is the module of `checks.adapters` for its array library. `vjp` is None where
    autograd gives the gradients or where there are none. `limit` is the seconds for one call.
    Where the library has a compiler that is the usual way to run code (JAX), the forward is run by
    it, unless `eager` is set.
    """

    function: Function
    forward: Callable[..., Any]
    vjp: Callable[..., Any] | None
    adapter: ModuleType
    limit: float = 10.0
    diary: Diary = field(default_factory=Diary)
    eager: bool = False

    def __post_init__(self) -> None:
        self.diary.watch.settings = (*SETTINGS, *self.adapter.SETTINGS)

    @cached_property
    def keywords(self) -> frozenset[str] | None:
        """The keywords that the forward accepts; None where it takes any or does not tell."""
        return keywords_of(self.forward)

    @cached_property
    def vjp_keywords(self) -> frozenset[str] | None:
        """The keywords that the vjp accepts; None where it takes any, or there is none."""
        return None if self.vjp is None else keywords_of(self.vjp)

    def accepts(self, keyword: str) -> bool:
        return self.keywords is None or keyword in self.keywords

    @cached_property
    def compiled(self) -> Callable[..., Any] | None:
        """The forward as the library's compiler runs it; None where it is not usual to compile."""
        found: Callable[..., Any] | None = self.adapter.compiled(self.forward)
        return found

    @property
    def _run(self) -> Callable[..., Any]:
        return self.forward if self.eager else self.compiled or self.forward

    def flushes(self, fmt: Format) -> bool:
        """Whether the array library's own product flushes subnormal results to zero.

        It may have no product in 8 bits, whose subnormal numbers nobody flushes.
        """
        if fmt.bits == 8:
            return False
        small = self.adapter.to_native(fmt.array(np.full(16, fmt.smallest_normal)))
        half = self.adapter.to_native(fmt.array(np.full(16, 0.5)))
        return bool(np.all(self.adapter.to_numpy(small * half).astype(np.float64) == 0))

    @property
    def has_gradient(self) -> bool:
        return self.vjp is not None or self.adapter.NAME != "numpy"

    def value(self, arrays: Sequence[Array], keywords: Mapping[str, Any] | None = None) -> Array:
        """The forward's result as a NumPy array of whatever dtype it has."""
        natives = [self.adapter.to_native(a) for a in arrays]
        with self.guard(self.call("forward", arrays, keywords or {})):
            answer = self._array(self._run(*natives, **self._native_keywords(keywords)))
        self._watch_inputs(natives, arrays)
        self.diary.note_answer([np.asarray(a) for a in arrays], answer)
        return answer

    def outlived(
        self,
        arrays: Sequence[Array],
        others: Sequence[Array],
        keywords: Mapping[str, Any] | None = None,
    ) -> tuple[Array, Array]:
        """The answer to `arrays`, and what is left of it after a call with `others`."""
        given = self._native_keywords(keywords)
        natives = [self.adapter.to_native(a) for a in arrays]
        with self.guard(self.call("forward", arrays, keywords or {})):
            result = self.forward(*natives, **given)
            before = np.array(self._array(result))
        natives = [self.adapter.to_native(a) for a in others]
        with self.guard(self.call("forward", others, keywords or {})):
            self.forward(*natives, **given)
            return before, self._array(result)

    def refilled(
        self,
        arrays: Sequence[Array],
        others: Sequence[Array],
        keywords: Mapping[str, Any] | None = None,
    ) -> Array | None:
        """The answer to `others`, written into the arrays of an earlier call with `arrays`.

        None where the library's arrays cannot be written.
        """
        natives = [self.adapter.to_native(a) for a in arrays]
        given = self._native_keywords(keywords)
        with self.guard(self.call("forward", arrays, keywords or {})):
            self.forward(*natives, **given)
        if not all(self.adapter.refill(n, a) for n, a in zip(natives, others, strict=True)):
            return None
        with self.guard(self.call("forward", others, keywords or {})):
            return self._array(self.forward(*natives, **given))

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
        with self.guard(self.call("eager gradient", arrays, keywords or {}, cotangent)):
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
        with self.guard(self.call("forward mode", arrays, keywords or {}, tangent)):
            try:
                found = self.adapter.jvp(self.forward, arrays, keywords or {}, [tangent], (0,))
            except NotImplementedError as error:
                raise Unsupported(_first_line(error)) from error
        return np.asarray(found)

    def double_backward(
        self, arrays: Sequence[Array], keywords: Mapping[str, Any] | None, cotangent: Array
    ) -> Array:
        """The derivative of the vjp in the first variable, by differentiating twice."""
        with self.guard(self.call("double backward", arrays, keywords or {}, cotangent)):
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
        accepted = self.vjp_keywords
        given = {k: v for k, v in keywords.items() if accepted is None or k in accepted}
        if given.keys() != keywords.keys():
            missing = ", ".join(sorted(keywords.keys() - given.keys()))
            raise Unsupported(f"the vjp does not take {missing}")
        seed = self.adapter.to_native(cotangent)
        with self.guard(self.call("vjp", arrays, keywords, cotangent)):
            result = self.vjp(*natives, **self._native_keywords(given), cotangent=seed)
            parts = list(result) if isinstance(result, tuple | list) else [result]
            answers = [None if p is None else self._array(p) for p in parts]
        self._watch_inputs([*natives, seed], [*arrays, cotangent])
        if not answers:
            raise Misconduct(
                "count", "the vjp returned an empty tuple; give one gradient per input"
            )
        return answers

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
        for names in self._together(chosen):
            try:
                found = self._reverse(
                    arrays, keywords, cotangent, tuple(positions[n] for n in names), ()
                )
            except (Unsupported, Misconduct) as refusal:  # perhaps in one of them only
                if len(names) == 1 or getattr(refusal, "kind", "raises") != "raises":
                    raise
                result |= self._one_by_one(arrays, keywords, cotangent, names)
            else:
                result.update(zip(names, found, strict=True))
        for name in (n for n in wrt if n in parameters and self.accepts(n)):
            default = float(parameters[name].default)
            value = np.asarray(keywords.get(name, default), dtype=arrays[0].dtype)
            with contextlib.suppress(Unsupported):
                found = self._reverse(arrays, {**keywords, name: value}, cotangent, (), (name,))
                result[name] = found[0]
        return result

    def _one_by_one(
        self,
        arrays: Sequence[Array],
        keywords: dict[str, Any],
        cotangent: Array,
        names: Sequence[str],
    ) -> dict[str, Array]:
        """The gradients that there are, a call for each; what the last refusal says, if none."""
        result: dict[str, Array] = {}
        for place, name in enumerate(names):
            try:
                result |= self._autograd(arrays, keywords, cotangent, [name])
            except (Unsupported, Misconduct):
                if not result and place == len(names) - 1:
                    raise
        return result

    def _together(self, names: list[str]) -> list[list[str]]:
        """The inputs whose gradients one call gives: all, where another call is another program."""
        one = self.adapter.COMPILES_EACH_SHAPE
        return [names] if one and names else [[n] for n in names]

    def _reverse(
        self,
        arrays: Sequence[Array],
        keywords: Mapping[str, Any],
        cotangent: Array,
        wrt: tuple[int, ...],
        wrt_keywords: tuple[str, ...],
    ) -> tuple[Array, ...]:
        with self.guard(self.call("gradient", arrays, keywords, cotangent, (wrt, wrt_keywords))):
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

    def call(self, what: str, *given: Any) -> Noted:
        """A call of this implementation, to be noted."""
        return Noted(self.function.name, what, *given)

    def again(self, call: Noted) -> None:
        """Make a call once more, or a part of it. What it answers is not looked at."""
        arrays, keywords, seed = call.arrays, call.keywords, call.cotangent
        match call.what:
            case "forward":
                self.value(arrays, keywords)
            case "vjp":
                self._explicit(arrays, keywords, seed)
            case "gradient":
                self._reverse(arrays, keywords, seed, *call.wrt)
            case "eager gradient":
                self.eager_gradient(arrays, keywords, seed)
            case "forward mode":
                self.forward_mode(arrays, keywords, seed)
            case "double backward":
                self.double_backward(arrays, keywords, seed)

    @contextlib.contextmanager
    def guard(self, call: Noted) -> Iterator[None]:
        """Run code under test: silent, within its time, its exceptions turned into sentences.

        The call is noted for whoever watches this process, and what it does besides is watched.
        """
        if self.diary.hung:  # it would hang again
            raise Misconduct("time", self.diary.hung)
        what, watch = call.what, self.diary.watch
        watched = watch.begins(what)
        out = io.StringIO()
        try:
            with (
                contextlib.redirect_stdout(out),
                np.errstate(all="ignore"),
                warnings.catch_warnings(),
                noting(call),
                within(self.limit),
            ):
                warnings.simplefilter("ignore")
                filters = list(warnings.filters)
                yield
                if watched:
                    self._compare(filters)
        except (Unsupported, Misconduct):
            raise
        except KeyboardInterrupt as error:
            if interrupted():  # by the user; code under test may raise it, too
                raise
            raise Misconduct("raises", f"{what} raised KeyboardInterrupt") from error
        except CallTimeout as error:
            self.diary.hung = f"{what}: {error}; raise the limit if it is just slow"
            self.diary.hung_in = call
            raise Misconduct("time", self.diary.hung) from None
        except NotImplementedError as error:
            raise Unsupported(_first_line(error)) from error
        except BaseException as error:  # exit() and the like too: the run goes on
            raise Misconduct(
                "raises", f"{what} raised {type(error).__name__}: {_first_line(error)}"
            ) from error
        finally:
            if out.getvalue():
                watch.printed.append(out.getvalue()[:TOLD])
            watch.ended(watched)

    def _compare(self, filters: list[Any]) -> None:
        """Whether the call changed what is put back after each."""
        if set(np.geterr().values()) != {"ignore"}:
            self.diary.watch.changed("changes how NumPy treats floating-point errors")
        if list(warnings.filters) != filters:
            self.diary.watch.changed("changes the filters of warnings", at_import=True)


def _first_line(error: BaseException) -> str:
    """What an exception says, as far as it can be told in a line."""
    try:
        line = (str(error).strip() or type(error).__name__).splitlines()[0]
    except Exception:
        return "(what it says cannot be read)"
    return line if len(line) <= TOLD else f"{line[:TOLD]} ..."


def keywords_of(function: Callable[..., Any]) -> frozenset[str] | None:
    """The keywords that a callable accepts; None where it takes any or does not tell.

    PyTorch's wrappers take any and pass them on: a module's `forward` tells, and `apply` of an
    autograd function has none.
    """
    if is_apply(function):
        return frozenset()
    try:
        inner = getattr(function, "forward", None)
        told = inner if inspect.ismethod(inner) else function
        parameters = inspect.signature(told).parameters.values()
    except Exception:  # whatever code under test raises when it is asked
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
