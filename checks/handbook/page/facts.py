"""What holds on the whole domain, and how it is known: range, zeros, monotony, slopes."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator
from typing import Any

from ....reference.facts import (
    Asymptote,
    Bound,
    Case,
    Extremum,
    Fact,
    Number,
    Runs,
    Slope,
    Smoothness,
    Zero,
    facts,
    ordinal,
)
from ....spec.function import Function
from ...book.certified import Known, gathered, undecided
from ..document import Block, Inline, Items, Math, Paragraph, Section, Table, Text
from ..edition import Edition
from ..printed import inline
from . import pieces
from .pieces import joined, section


def certified(function: Function, edition: Edition) -> tuple[Section, ...]:
    """The facts by topic with their status, then the certificates, then what is not known."""
    cases = facts(function)
    found = gathered(cases)
    blocks: list[Block] = []
    if found:
        head: tuple[Text, ...] = (("fact",), ("what holds",), ("status",))
        rows = tuple(
            ((one.topic,), (*_at(one), *_held(function, one)), (one.fact.status,)) for one in found
        )
        blocks.append(Table(_setting(function, edition, cases), head, rows, "lpl"))
        blocks.append(Items(tuple(_certificates(found))))
    for topics, why, labels in undecided(cases):
        where: Text = (" with ", *pieces.setting(labels[0])) if any(labels) else ()
        blocks.append(Paragraph(("Undecided", *where, f": {', '.join(topics)}; {why}.")))
    return section(function, "facts", "Facts", blocks)


_INTERVAL = re.compile(r"([\[(][^\[\](), ]+, [^\[\](), ]+[\])])")


def _setting(function: Function, edition: Edition, cases: tuple[Case, ...]) -> Text:
    """What the facts are of."""
    found: list[Inline] = ["On the whole domain"]
    if len(cases) > 1:
        found += [", as a function of ", inline(function.variables[0].symbol, edition, function)]
    elif cases[0].label:
        found += [", with ", *pieces.setting(cases[0].label)]
    if function.parameters:
        found.append(", parameters at their defaults")
    return tuple(found)


def _at(one: Known) -> Text:
    """Which cases it holds in, where it does not hold in all."""
    if not one.partial:
        return ()
    return (*joined(map(pieces.setting, one.labels), " or "), ": ")


def _held(function: Function, one: Known) -> Text:
    """The fact in the name of its variable: d where it is one of a difference."""
    difference = one.labels[0].startswith("d = ")
    name = "d" if difference else str(function.variables[0].symbol)
    return wording(one.topic, one.fact, name)


def _certificates(found: list[Known]) -> Iterator[Text]:
    """How the facts are known: once for all topics that are known in one way."""
    ways: dict[tuple[str, str], list[str]] = {}
    for one in found:
        topics = ways.setdefault((one.fact.status, one.fact.how), [])
        if one.topic not in topics:
            topics.append(one.topic)
    for (status, how), topics in ways.items():
        yield (f"{', '.join(topics)}: {status}; ", *_intervals(how))


def _intervals(how: str) -> Iterator[Inline]:
    """Words in which intervals are formulas."""
    for k, part in enumerate(_INTERVAL.split(how)):
        if part:
            yield Math(part.replace("oo", r"\infty"), part) if k % 2 else part


# ---------------------------------------------------------------- in words and formulas


def wording(topic: str, fact: Fact, name: str = "x") -> Text:
    """A fact with its numbers as formulas, of a variable of that name."""
    if fact.value is None or fact.value == ():
        return (fact.text,)
    if isinstance(fact.value, tuple):
        write = _ENTRIES.get(topic, _place)
        if topic == "asymptotes":
            write = functools.partial(_asymptote, name=name)
        return joined((write(entry) for entry in fact.value), "; " if topic == "extrema" else ", ")
    return _WHOLE[topic](fact) if topic in _WHOLE else (fact.text,)


def _place(entry: Any) -> Text:
    return (pieces.where(entry),)


def _zero(entry: Zero) -> Text:
    return (pieces.where(entry.where), "" if entry.crosses else " (no change of sign)")


def _extremum(entry: Extremum) -> Text:
    kind = entry.kind if entry.overall else f"local {entry.kind}"
    return (f"{kind} ", pieces.number(entry.value), " at ", pieces.where(entry.where))


def _limit(entry: tuple[Number, Number]) -> Text:
    end, value = entry
    return (pieces.number(value), " at ", pieces.number(end))


def _asymptote(entry: Asymptote, name: str) -> Text:
    slope, intercept = pieces.number(entry.slope), pieces.number(entry.intercept)
    rise = {"0": "", "1": name, "-1": f"-{name}"}.get(str(entry.slope), f"{slope.latex} {name}")
    line = f"{rise} + {intercept.latex}" if rise else intercept.latex
    line = rise if rise and str(entry.intercept) == "0" else re.sub(r"\+ - ?", "- ", line)
    return (Math(line, entry.text(name)), " at ", pieces.number(entry.end))


def _range(fact: Fact) -> Text:
    return (pieces.bounds(fact.value),)


def _runs(fact: Fact) -> Text:
    runs: Runs = fact.value
    return joined(((f"{kind} on ", pieces.span(span)) for kind, span in runs.runs), "; ")


_MET = {"at": "attained at", "on": "attained on", "beside": "one-sided at"}


def _slope(fact: Fact) -> Text:
    """The Lipschitz constant and where the slope is as steep."""
    slope: Slope = fact.value
    if fact.text.startswith("not Lipschitz: a jump"):
        return ("no Lipschitz constant: a jump at ", *_place(slope.lipschitz.places[0].where))
    steepest = slope.lipschitz
    if steepest.value.infinite:
        return ("no Lipschitz constant: unbounded, ", *_places(steepest))
    return ("Lipschitz constant ", pieces.number(steepest.value), ", ", *_places(steepest))


def _places(bound: Bound) -> Text:
    kinds: dict[str, list[Text]] = {}
    for place in bound.places:
        kind = _MET.get(place.kind, "approached towards")
        kinds.setdefault(kind, []).append(_place(place.where))
    return joined(((f"{kind} ", *joined(found)) for kind, found in kinds.items()), "; ")


def _smoothness(fact: Fact) -> Text:
    smooth: Smoothness = fact.value
    if smooth.order is None:
        return ("analytic",)
    kind: Inline = Math(f"C^{{{smooth.order}}}", f"C^{smooth.order}")
    breaks = ((f"{ordinal(k)} jumps at ", pieces.number(place)) for place, k in smooth.breaks)
    return joined(([kind] if smooth.order >= 0 else ["not continuous"], *breaks))


def _homogeneous(fact: Fact) -> Text:
    return ("positively homogeneous of degree ", pieces.number(fact.value))


_ENTRIES: dict[str, Callable[[Any], Text]] = {
    "zeros": _zero,
    "extrema": _extremum,
    "limits": _limit,
}
_WHOLE: dict[str, Callable[[Fact], Text]] = {
    "range": _range,
    "monotone": _runs,
    "convexity": _runs,
    "slope": _slope,
    "smoothness": _smoothness,
    "homogeneous": _homogeneous,
}
