"""The kill matrix, read: which wrong implementations were caught by which properties.

`recorded/kills.json` is written by `tests/kills.py --record`, which judges every wrong and every
right implementation of the bank in the tests.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from ....reference.level import Level
from .record import FOLDER, broken, document

FILE = FOLDER / "kills.json"


@dataclass(frozen=True)
class Attempt:
    """One implementation of the bank, and the properties that caught it with the level of each.

    `note` says what is wrong with it, `expected` names the properties of which one has to catch it,
    `complaint` what is amiss with Ulpian here: a wrong one that survives, a right one accused.
    """

    name: str
    function: str
    library: str
    wrong: bool
    note: str
    formats: tuple[str, ...]
    expected: tuple[str, ...]
    caught: Mapping[str, Level]
    complaint: str


@dataclass(frozen=True)
class Kills:
    """Every attempt, with how it was made.

    `whole` says that every property was asked, in every format of an implementation; otherwise only
    those were that have to catch it.
    """

    command: str
    environment: Mapping[str, str]
    required: Level
    whole: bool
    definitions: Mapping[str, str]
    attempts: tuple[Attempt, ...]

    @property
    def wrong(self) -> tuple[Attempt, ...]:
        return tuple(a for a in self.attempts if a.wrong)

    @property
    def right(self) -> tuple[Attempt, ...]:
        return tuple(a for a in self.attempts if not a.wrong)


@cache
def load(path: Path = FILE) -> Kills | None:
    """The recorded matrix; None where there is none. `RecordError` where it cannot be read."""
    if not path.exists():
        return None
    data = document(path)
    try:
        return Kills(
            command=data["command"],
            environment=MappingProxyType(data["environment"]),
            required=Level(data["required"]),
            whole=data["whole"],
            definitions=MappingProxyType(data["definitions"]),
            attempts=tuple(map(_attempt, data["entries"])),
        )
    except KeyError as missing:
        raise broken(path, f"it lacks {missing}") from missing
    except (TypeError, ValueError, AttributeError) as error:
        raise broken(path, f"it does not fit the schema: {error}") from error


def _attempt(data: Mapping[str, Any]) -> Attempt:
    return Attempt(
        name=data["name"],
        function=data["function"],
        library=data["library"],
        wrong=data["wrong"],
        note=data["note"],
        formats=tuple(data["formats"]),
        expected=tuple(data["expected"]),
        caught=MappingProxyType({p: Level(level) for p, level in data["caught"].items()}),
        complaint=data["complaint"],
    )
