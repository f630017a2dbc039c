"""The equations that a function satisfies, and how each is known."""

from __future__ import annotations

from ....reference.identities import identities as known_identities
from ....spec.function import Function
from ....spec.statements import identities as stated
from ..document import Block, Display, Paragraph, Section, Strong
from ..edition import Edition
from .pieces import anchor, section


def identities(function: Function, edition: Edition) -> tuple[Section, ...]:
    """The stated equations by name: proved, certified or tested, and by what means."""
    known = known_identities(function)
    blocks: list[Block] = []
    for one in stated(function, edition.notation):
        place = anchor(function, "identity", one.label)
        how = known[one.label]
        note = (f"{how.status}: {how.how}",)
        blocks += [
            Paragraph((Strong(one.label),)),
            Display(one.latex, one.text, place, note),
        ]
    return section(function, "identities", "Identities", blocks)
