"""A shard's names made into things: the target, the quantity, the code as a stream of answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...reference.formats import FORMATS, Format
from ...reference.local.quantity import Quantity
from ..targets.implementation import Implementation, Misconduct, Unsupported
from ..targets.target import Target, resolve
from .shard import Shard
from .tally import Tally

BLOCK = 1 << 18  # floats of a call
LIMIT = 60.0  # seconds for a call
ORDERS = {"value": 0, "gradient": 1, "second": 2}
Answers = Callable[[NDArray[Any]], NDArray[Any]]


@dataclass(frozen=True)
class Job:
    """A shard, and what is made of its names."""

    shard: Shard

    @cached_property
    def target(self) -> Target:
        return _target(self.shard.target, self.shard.as_)

    @cached_property
    def implementation(self) -> Implementation:
        return self.target.implementation(self.shard.function, LIMIT)

    @property
    def fmt(self) -> Format:
        return FORMATS[self.shard.fmt]

    @cached_property
    def quantity(self) -> Quantity:
        shard = self.shard
        return Quantity(
            self.implementation.function, shard.quantity, shard.setting, shard.fixed, shard.free
        )

    @cached_property
    def answers(self) -> Answers:
        """The code's answers to an array of the free variable, as an array of the same format."""
        return answers(self.implementation, self.quantity, self.shard)

    @cached_property
    def flushes(self) -> bool:
        """Whether the library's own product gives 0 for a subnormal result."""
        return self.implementation.flushes(self.fmt)

    def tally(self) -> Tally:
        """An empty tally of it."""
        return Tally(self.quantity, self.fmt, self.flushes)

    def ask(self, bits: NDArray[np.int64]) -> NDArray[Any]:
        """The code's answers to the floats with these bits, at most BLOCK of them.

        In a 32-bit format all calls have the same length: some libraries compile each.
        """
        size = BLOCK if self.fmt.bits > 16 else bits.size
        raw = np.resize(bits, size).astype(self.fmt.integer)
        return self.answers(raw.view(self.fmt.dtype))[: bits.size]


@lru_cache(maxsize=1)
def _target(name: str, as_: str) -> Target:
    """A target found once for many shards: the book is searched for each of its names."""
    return resolve(name, as_=as_ or None)


def answers(implementation: Implementation, quantity: Quantity, shard: Shard) -> Answers:
    """The code as a function of one array, checked for its shape and dtype at each call."""
    function, order = implementation.function, ORDERS[quantity.name]
    kinds = {p.name: p for p in function.parameters}
    keywords = {n: kinds[n].passed(quantity.setting[n]) for n in shard.passed}
    if function.is_loss:
        if not implementation.accepts("reduction"):
            raise Unsupported("a loss without the keyword reduction answers for a batch only")
        keywords["reduction"] = "none"
    others = {
        k: float(quantity.fixed[v.name])
        for k, v in enumerate(function.variables)
        if v.name != quantity.free
    }
    code, order = _code(implementation, order, quantity.place)
    channels = {k for k in others if function.variables[k].per_channel}
    if channels:
        code = _one_for_all(code, channels)
    stream: Answers = implementation.adapter.stream(
        code, order, quantity.place, others, keywords, shard.device
    )
    fmt = FORMATS[shard.fmt]

    def call(array: NDArray[Any]) -> NDArray[Any]:
        try:
            found = stream(array)
        except NotImplementedError as error:
            raise Unsupported(str(error).split("\n")[0]) from error
        except Exception as error:
            raise Misconduct(
                "raises", f"raises {type(error).__name__}: {str(error).split(chr(10))[0][:300]}"
            ) from error
        if found.shape != array.shape:
            raise Misconduct("shape", f"returns shape {found.shape} for {array.shape}")
        if found.dtype != fmt.dtype:
            raise Unsupported(f"computes {fmt.name} in {found.dtype.name}")
        return np.ascontiguousarray(found)

    return call


def _one_for_all(code: Callable[..., Any], channels: set[int]) -> Callable[..., Any]:
    """The same, called with one number for all channels, and not with one for each element."""

    def call(*inputs: Any, **keywords: Any) -> Any:
        return code(*(x[:1] if k in channels else x for k, x in enumerate(inputs)), **keywords)

    return call


def _code(implementation: Implementation, order: int, place: int) -> tuple[Callable[..., Any], int]:
    """What is called, and how often the library differentiates it."""
    vjp = implementation.vjp
    if order == 0 or (vjp is None and implementation.adapter.NAME != "numpy"):
        return implementation.forward, order
    if vjp is None or order > 1:
        raise Unsupported("no derivative: there is no autograd, and no _vjp that gives it")
    names = [v.name for v in implementation.function.differentiable]
    at = names.index(implementation.function.variables[place].name)
    given: Callable[..., Any] = vjp

    def gradient(*inputs: Any, **keywords: Any) -> Any:
        ones = inputs[place] * 0 + 1 if implementation.adapter.NAME != "numpy" else None
        seed = np.ones_like(inputs[place]) if ones is None else ones
        found = given(*inputs, **keywords, cotangent=seed)
        return found[at] if isinstance(found, tuple | list) else found

    return gradient, 0
