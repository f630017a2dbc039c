"""The identities of the whole book in one place, each with how it is known."""

from __future__ import annotations

from collections import Counter

from ....reference.identities import Known, identities
from ....spec.catalogue import catalogue
from ....spec.function import Function
from ....spec.statements import identities as stated
from ..document import Chapter, Display, Paragraph, Section
from ..edition import Edition
from ..printed import name

OPENING = (
    "An identity is stated as an equation between functions. The same object is proved, tried on "
    "every backend that is judged, and printed here. "
)


def chapter(edition: Edition) -> Chapter:
    """Every identity, function by function."""
    known = {f.name: identities(f) for f in catalogue().values() if f.identities}
    parts = tuple(_of(catalogue()[function], found) for function, found in known.items())
    return Chapter("identities", "Identities", (Paragraph((OPENING, _count(known))), *parts))


def _count(known: dict[str, dict[str, Known]]) -> str:
    counts = Counter(k.status for found in known.values() for k in found.values())
    return f"There are {counts.total()}: " + ", ".join(f"{n} {s}" for s, n in counts.items()) + "."


def _of(function: Function, known: dict[str, Known]) -> Section:
    displays = tuple(
        Display(s.latex, s.text, note=(f"{s.label}: {known[s.label]}",)) for s in stated(function)
    )
    return Section(f"identities-{function.name}", (name(function.name),), displays)
