"""A property: a rule that must hold for all inputs, with a dotted name."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from ...reference.level import RANKED, Level
from ..verdict import Witness


@dataclass
class Outcome:
    """What a property found: it starts with nothing tried, and every try can only lower it."""

    level: Level | None = None
    points: int = 0
    error: float | None = None
    witness: Witness | None = None
    message: str = ""
    traits: list[str] = field(default_factory=list)
    undecided: int = 0
    unsupported: str = ""

    def lower(
        self,
        level: Level,
        *,
        message: str = "",
        witness: Witness | None = None,
        error: float | None = None,
        points: int = 0,
    ) -> None:
        """Note a level that was reached; the lowest one keeps its message and witness."""
        self.points += points
        if error is not None:
            self.error = error if self.error is None else max(self.error, error)
        if self.level is None or level.rank < self.level.rank:
            self.level = level
            self.message, self.witness = message, witness

    def trait(self, text: str) -> None:
        if text not in self.traits:
            self.traits.append(text)


@dataclass(frozen=True)
class Property:
    """A rule. `judge` takes a `Case` and gives an `Outcome` (or several, by name suffix).

    `meaning`, `why`, `cause` and `fix` are what `ulpian explain` prints. `parts` are the suffixes
    of its verdicts where it comes to several, known before anything is judged. One that
    `looks_back` judges the calls that the properties before it made.
    """

    name: str
    judge: Callable[[Any], Outcome | Iterable[tuple[str, Outcome]]]
    meaning: str
    why: str
    cause: str
    fix: str
    applies: Callable[[Any], bool] = lambda case: True
    parts: Callable[[Any], Iterable[str]] = lambda case: ()
    looks_back: bool = False


def worst_rank(ranks: Any) -> Level:
    return RANKED[int(ranks)]
