"""What the table of functions sorts and searches by: a few words on each function."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import sympy

from ....reference.facts import Case, Fact, facts
from ....spec.catalogue import CHAPTERS
from ....spec.catalogue import chapter as functions_of
from ....spec.function import Function
from ....spec.latex import text
from ..records import load

KINDS = dict(zip(CHAPTERS, ("activation", "block", "loss"), strict=True))
DIGITS = 6


def facets(function: Function) -> tuple[tuple[str, str], ...]:
    """The same topics for every function, in one order; "" for what is not known of it."""
    return tuple(_facets(function))


def _facets(function: Function) -> Iterator[tuple[str, str]]:
    yield "kind", kind(function)
    yield "works", "along an axis" if function.along_axis else "elementwise"
    cases = facts(function)
    for topic, write in _TOPICS.items():
        yield topic, _agreed(cases, *write) or _stated(function, topic)

    for record in load():
        found = [s.level for s in record.of(function.name).values() if s.level is not None]
        yield f"level in {record.name}", str(min(found, key=lambda v: v.rank)) if found else ""


def _stated(function: Function, topic: str) -> str:
    """What the definition states, where nothing is certified: of rows."""
    if topic == "range":
        whole = function.range == sympy.Reals
        return "" if whole else text(function.range, function).replace("oo", "∞")
    return {"parity": function.parity, "monotone": function.monotone}.get(topic) or ""


def kind(function: Function) -> str:
    """What a function is: "loss" where it has reductions, else by its chapter."""
    for name, one in KINDS.items():
        if any(f is function for f in functions_of(name)):
            return one
    return "loss" if function.is_loss else "activation"


def _agreed(cases: tuple[Case, ...], topic: str, write: Callable[[Fact], str]) -> str:
    """What all cases say; where they differ, that it depends on what was held fixed."""
    found = [case.facts[topic] for case in cases if topic in case.facts]
    if not found or any(f.status == "undecided" for f in found):
        return ""
    said = list(dict.fromkeys(map(write, found)))
    if len(said) == 1:
        return said[0]
    fixed = (part.split(" =")[0] for case in cases for part in case.label.split(", "))
    return f"depends on {', '.join(dict.fromkeys(fixed))}"


def _parity(fact: Fact) -> str:
    return fact.value or "neither"


def _range(fact: Fact) -> str:
    low, high = fact.value.low, fact.value.high
    left, right = "[" if low.attained else "(", "]" if high.attained else ")"
    ends = (f"{float(end.value):.{DIGITS}g}".replace("inf", "∞") for end in (low, high))
    return f"{left}{', '.join(ends)}{right}"


def _overall(fact: Fact) -> str:
    return fact.value.overall or "neither"


def _smooth(fact: Fact) -> str:
    order = fact.value.order
    return "analytic" if order is None else f"C^{order}" if order >= 0 else "jumps"


def _steepest(fact: Fact) -> str:
    value = fact.value.lipschitz.value
    return "none" if value.infinite else f"{float(value):.{DIGITS}g}"


def _largest(fact: Fact) -> str:
    value = fact.value.largest.value
    return "none" if value.infinite else f"{float(value):.{DIGITS}g}"


def _zeros(fact: Fact) -> str:
    return fact.text.replace(" (no change of sign)", "")


_TOPICS: dict[str, tuple[str, Callable[[Fact], str]]] = {
    "range": ("range", _range),
    "parity": ("parity", _parity),
    "monotone": ("monotone", _overall),
    "convexity": ("convexity", _overall),
    "smoothness": ("smoothness", _smooth),
    "Lipschitz constant": ("slope", _steepest),
    "largest slope": ("slope", _largest),
    "zeros": ("zeros", _zeros),
}
