"""A source run over an engine, or over one whose comparisons are bent or watched."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from types import ModuleType
from typing import Any, Protocol

from ..spec.alignments import alignments


class Sided:
    """An engine whose comparisons fall to one side where the two sides nearly meet.

    Used at kinks and jumps: evaluating once on either side gives the two one-sided answers.
    """

    def __init__(self, engine: ModuleType, above: bool, tolerance: float) -> None:
        self.engine = engine
        self.above = above
        self.tolerance = tolerance

    rules = ("greater", "at_least", "equal")

    def _near(self, a: Any, b: Any) -> bool:
        return bool(abs(a - b) <= self.tolerance * (abs(a) + abs(b)))

    def greater(self, a: Any, b: Any) -> bool | None:
        return self.above if self._near(a, b) else self.engine.greater(a, b)

    def at_least(self, a: Any, b: Any) -> bool | None:
        return self.above if self._near(a, b) else self.engine.at_least(a, b)

    def equal(self, a: Any, b: Any) -> bool | None:
        return False if self._near(a, b) else self.engine.equal(a, b)


class Watcher:
    """An engine that notes whether a row lies at a kink or where the definition has no value.

    To be run with balls at the precision of a format: they are as wide as the roundings on the
    way. `near` tells whether two different things that were compared (or the two largest of a
    row) overlap; `undefined` whether a root or a quotient met 0.
    """

    rules = ("greater", "at_least", "largest", "positive_part", "is_positive", "sqrt", "inverse")

    def __init__(self, engine: ModuleType) -> None:
        self.engine = engine
        self.near = self.undefined = False

    def _watch(self, a: Any, b: Any) -> None:
        self.near |= a is not b and self._zero(a - b)

    def _zero(self, x: Any) -> bool:
        return bool((self.engine.number(0.0) + x).contains(0))

    def greater(self, a: Any, b: Any) -> Any:
        self._watch(a, b)
        return self.engine.greater(a, b)

    def at_least(self, a: Any, b: Any) -> Any:
        self._watch(a, b)
        return self.engine.at_least(a, b)

    def largest(self, terms: Any) -> Any:
        seen = [self.engine.number(0.0) + t for t in terms]
        top = max(seen, key=lambda t: float(t.mid()))
        for t in seen:
            self._watch(t, top)
        return self.engine.largest(seen)

    def positive_part(self, x: Any) -> Any:
        self._watch(x, 0)
        return self.engine.positive_part(x)

    def is_positive(self, x: Any) -> Any:
        self._watch(x, 0)
        return self.engine.is_positive(x)

    def sqrt(self, x: Any) -> Any:
        self.undefined |= self._zero(x)
        return self.engine.sqrt(x)

    def inverse(self, x: Any) -> Any:
        self.undefined |= self._zero(x)
        return self.engine.inverse(x)


class Rules(Protocol):
    """Rules of an engine by name, in place of its own."""

    @property
    def rules(self) -> tuple[str, ...]: ...


def run(source: str, engine: ModuleType, over: Rules | None = None) -> Callable[..., Any]:
    """What a source text defines, over an engine: `row`, or `prepare`.

    `prepare()` is to be called once the engine's precision is set; it gives `evaluate`. `over`
    replaces some of the engine's rules.
    """
    namespace = {**vars(engine), "alignments": _alignments, "cache": cache}
    if over is not None:
        namespace |= {name: getattr(over, name) for name in over.rules}
    exec(compile(source, "<oracle>", "exec"), namespace)
    result: Callable[..., Any] = namespace["row" if source.startswith("def row") else "prepare"]
    return result


def _alignments(labels: Sequence[Any], frames: int) -> tuple[tuple[int, ...], ...]:
    """The paths that stand for labels, which come as an engine's numbers."""
    return alignments(tuple(int(float(label)) for label in labels), frames)
