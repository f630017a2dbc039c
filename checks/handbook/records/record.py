"""Measured records: what a check of a backend found, kept so that the book is built without it.

A record is a small JSON file below `recorded/`, described by `recorded/schema.json`; `recording`
makes it. It names the environment and the command that it was made with, and the key of each
definition that it was judged by: where the definition has changed since, the record is stale. The
curves carry the edges of their stretches, so that a sweep of every float has the same form.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from hashlib import blake2b
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType
from typing import Any

import sympy

from ....reference.formats import FORMATS
from ....reference.level import Level
from ....spec.catalogue import catalogue
from ....spec.function import Function
from ...targets.versions import ordered

SCHEMA = 1  # raised when a field changes its meaning
FOLDER = Path(__file__).with_name("recorded")
QUANTITIES = ("value", "gradient")


class RecordError(ValueError):
    """A record that cannot be read; the message is one sentence with the way out."""


@dataclass(frozen=True)
class Worst:
    """How accurate a value or a gradient is: its level, the largest error, and a witness.

    `error_ulp` is the largest error in ulps at the truth. `at` is the input with the largest error
    for its bound, as hexadecimal numbers by the input's name (nested lists for rows), empty where
    every result was correctly rounded or the rows are long; `at_error_ulp` is the error there, and
    `at_bound_ulp` what `accurate` allows there.
    """

    level: Level
    error_ulp: float
    at: Mapping[str, Any]
    at_error_ulp: float | None = None
    at_bound_ulp: float | None = None


@dataclass(frozen=True)
class Standing:
    """What was found of one function in one format.

    `level` is the lowest of all properties, `value_level` and `gradient_level` the lowest of those
    named `value.` and `grad.`; None where nothing was judged. `counts` says how many verdicts came
    to which status, `findings` (property, level, message) what is below `accurate`, `open` the same
    for what is undecided or an error of Ulpian, `unsupported` (property, reason) what the backend
    does not offer, `traits` the conventions that are neither good nor bad.
    """

    function: str
    format: str
    level: Level | None
    value_level: Level | None
    gradient_level: Level | None
    value: Worst | None
    gradient: Worst | None
    counts: Mapping[str, int]
    findings: tuple[tuple[str, str, str], ...]
    open: tuple[tuple[str, str, str], ...]
    unsupported: tuple[tuple[str, str], ...]
    traits: tuple[str, ...]

    @property
    def offered(self) -> bool:
        """Whether anything could be judged."""
        return self.level is not None


@dataclass(frozen=True)
class Pick:
    """What a backend answers exactly at a kink or a jump, the other inputs being ordinary.

    `at` has the inputs by name, floats of the format. `gradient` is that in the first variable,
    None where there is none.
    """

    function: str
    format: str
    at: Mapping[str, float]
    value: float
    gradient: float | None


@dataclass(frozen=True)
class ErrorCurve:
    """The largest error in each stretch of floats, in ulps at the truth, over a stated set of them.

    Stretch k holds the floats whose size lies in [2**edges[k], 2**edges[k + 1]); `negative` and
    `positive` have one error for each, NaN where no point was tried, infinite where NaN or an
    infinity came for a number. `quantity` is "value" or "gradient" (in the first variable).
    """

    function: str
    format: str
    quantity: str
    edges: tuple[int, ...]
    negative: tuple[float, ...]
    positive: tuple[float, ...]

    @property
    def sequence(self) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """x and the error in ulps, from the most negative x on; x is the middle of its stretch."""
        middles = [math.ldexp(math.sqrt(2.0 ** (b - a)), a) for a, b in pairwise(self.edges)]
        x = (*(-m for m in reversed(middles)), *middles)
        return x, (*reversed(self.negative), *self.positive)


@dataclass(frozen=True)
class Record:
    """All that a check of one version of a backend found, with how it was made.

    `environment` has versions and CPU features by name, `command` makes the record again.
    `profile` and `seed` are those of the check. `definitions` has the key of each definition.
    """

    target: str
    version: str
    command: str
    environment: Mapping[str, str]
    profile: str
    seed: int
    definitions: Mapping[str, str]
    standings: tuple[Standing, ...]
    picks: tuple[Pick, ...]
    curves: tuple[ErrorCurve, ...]

    @property
    def name(self) -> str:
        """ "torch 2.13.0"."""
        return f"{self.target} {self.version}"

    def stale(self, function: str) -> bool:
        """Whether a function was defined otherwise when this was recorded, or is no more."""
        return stale(self.definitions, function)

    def of(self, function: str) -> dict[str, Standing]:
        """The standings of one function by format; empty where the backend has it not."""
        return {s.format: s for s in self.standings if s.function == function}


@dataclass(frozen=True)
class Choice:
    """What one version of a backend picks at a kink or a jump, with the formats that agree."""

    target: str
    version: str
    at: Mapping[str, float]
    value: float
    gradient: float | None
    formats: tuple[str, ...]
    stale: bool = False


# ---------------------------------------------------------------- definitions

_NOT_JUDGED = {"title", "titles", "aliases", "references", "notes"}


@cache
def definition_key(function: Function) -> str:
    """A short text that is equal exactly where all is equal that a verdict may depend on."""
    judged = (f for f in fields(function) if f.name not in _NOT_JUDGED)
    parts = [f"{f.name}={_spelt(getattr(function, f.name))}" for f in judged]
    return blake2b("\n".join(parts).encode(), digest_size=8).hexdigest()


def stale(definitions: Mapping[str, str], function: str) -> bool:
    """Whether what was recorded under these keys was judged by another definition than today's."""
    known, now = definitions.get(function), catalogue().get(function)
    return known is not None and (now is None or definition_key(now) != known)


def _spelt(part: Any) -> str:
    if isinstance(part, sympy.Basic):
        return str(sympy.srepr(part))
    if isinstance(part, Mapping):
        return ", ".join(f"{_spelt(k)}: {_spelt(v)}" for k, v in part.items())
    if isinstance(part, tuple):
        return ", ".join(map(_spelt, part))
    if is_dataclass(part):
        return " ".join(_spelt(getattr(part, f.name)) for f in fields(part))
    return repr(part)


# ---------------------------------------------------------------- read


def files(folder: Path = FOLDER) -> tuple[Path, ...]:
    """The records of backends in a folder, by name."""
    return tuple(p for p in sorted(folder.glob("*-*.json")))


@cache
def load(folder: Path = FOLDER) -> tuple[Record, ...]:
    """Every record of a folder, by target and version. `RecordError` names the file at fault."""
    found = [read(path) for path in files(folder)]
    return tuple(sorted(found, key=lambda r: (r.target, ordered(r.version))))


def read(path: Path) -> Record:
    """One record. `RecordError` in one sentence where it cannot be read."""
    data = document(path)
    try:
        return _record(data)
    except KeyError as missing:
        raise broken(path, f"it lacks {missing}") from missing
    except (TypeError, ValueError, AttributeError) as error:
        raise broken(path, f"it does not fit the schema: {error}") from error


def document(path: Path) -> dict[str, Any]:
    """What a file below `recorded/` holds; `RecordError` where it is none of this schema."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise RecordError(f"cannot read the record {path.name}: {error.strerror}") from error
    except ValueError as error:
        raise broken(path, "it is not JSON") from error
    if not isinstance(data, dict) or data.get("schema") != SCHEMA:
        known = data.get("schema") if isinstance(data, dict) else None
        raise broken(path, f"its schema is {known!r}, and this Ulpian reads {SCHEMA}")
    return data


def broken(path: Path, what: str) -> RecordError:
    """The error for a record with something the matter: its name, and how to make it again."""
    again = "tests/kills.py --record" if path.stem == "kills" else "ulpian handbook record"
    return RecordError(f"cannot read the record {path.name}: {what}; make it again with `{again}`")


def _record(data: Mapping[str, Any]) -> Record:
    edges = {fmt: tuple(e) for fmt, e in data["edges"].items()}
    return Record(
        target=data["target"],
        version=data["version"],
        command=data["command"],
        environment=MappingProxyType(data["environment"]),
        profile=data["profile"],
        seed=data["seed"],
        definitions=MappingProxyType(data["definitions"]),
        standings=tuple(map(_standing, data["standings"])),
        picks=tuple(map(_pick, data["picks"])),
        curves=tuple(_curve(c, edges[c["format"]]) for c in data["curves"]),
    )


def _standing(data: Mapping[str, Any]) -> Standing:
    return Standing(
        function=data["function"],
        format=data["format"],
        level=_level(data["level"]),
        value_level=_level(data["value_level"]),
        gradient_level=_level(data["gradient_level"]),
        value=_worst(data["value"]),
        gradient=_worst(data["gradient"]),
        counts=MappingProxyType(data["counts"]),
        findings=tuple((p, level, said) for p, level, said in data["findings"]),
        open=tuple((p, status, said) for p, status, said in data["open"]),
        unsupported=tuple((p, said) for p, said in data["unsupported"]),
        traits=tuple(data["traits"]),
    )


def _level(word: str | None) -> Level | None:
    return None if word is None else Level(word)


def _worst(data: Mapping[str, Any] | None) -> Worst | None:
    if data is None:
        return None
    return Worst(
        level=Level(data["level"]),
        error_ulp=_number(data["error_ulp"]),
        at=MappingProxyType(data["at"]),
        at_error_ulp=None if data["at_error_ulp"] is None else _number(data["at_error_ulp"]),
        at_bound_ulp=None if data["at_bound_ulp"] is None else _number(data["at_bound_ulp"]),
    )


def _pick(data: Mapping[str, Any]) -> Pick:
    return Pick(
        function=data["function"],
        format=data["format"],
        at=MappingProxyType({name: float.fromhex(x) for name, x in data["at"].items()}),
        value=float.fromhex(data["value"]),
        gradient=None if data["gradient"] is None else float.fromhex(data["gradient"]),
    )


def _curve(data: Mapping[str, Any], edges: tuple[int, ...]) -> ErrorCurve:
    sides = {side: tuple(map(_number, data[side])) for side in ("negative", "positive")}
    wrong = [side for side, found in sides.items() if len(found) != len(edges) - 1]
    if wrong:
        raise ValueError(
            f"the curve of {data['function']} in {data['format']} has {len(sides[wrong[0]])} "
            f"stretches where its edges make {len(edges) - 1}"
        )
    return ErrorCurve(data["function"], data["format"], data["quantity"], edges, **sides)


def _number(value: float | str | None) -> float:
    """A number; null where none was measured, "inf" for an infinite one."""
    return math.nan if value is None else float(value)


# ---------------------------------------------------------------- asked


def picks(function: str, folder: Path = FOLDER) -> tuple[Choice, ...]:
    """What each recorded backend answers at the kinks and jumps of a function, as `choices`."""
    return tuple(choice for record in load(folder) for choice in choices(record, function))


def choices(record: Record, function: str) -> tuple[Choice, ...]:
    """What one record tells of a function's kinks and jumps, by place.

    Formats whose inputs and answers are the same to two digits share a line, which has the numbers
    of the last of them: in each format 0.3 is another number.
    """
    groups: dict[tuple[str, ...], list[Pick]] = {}
    for pick in (p for p in record.picks if p.function == function):
        numbers = (*pick.at.values(), pick.value, pick.gradient)
        key = tuple("" if x is None else f"{x:.2g}" for x in numbers)
        groups.setdefault(key, []).append(pick)
    stale = record.stale(function)
    found = [
        Choice(
            *(record.target, record.version, same[-1].at, same[-1].value, same[-1].gradient),
            *(tuple(p.format for p in same), stale),
        )
        for same in groups.values()
    ]
    return tuple(sorted(found, key=lambda choice: next(iter(choice.at.values()))))


def levels(function: str, folder: Path = FOLDER) -> dict[str, dict[str, Level | None]]:
    """Each recorded backend's level of a function, by the record's name and the format."""
    table = {record.name: record.of(function) for record in load(folder)}
    return {
        name: {fmt: found[fmt].level for fmt in FORMATS if fmt in found}
        for name, found in table.items()
        if found
    }


def curves(function: str, folder: Path = FOLDER) -> tuple[tuple[Record, ErrorCurve], ...]:
    """The error curves of a function, of every record that has some."""
    return tuple((r, c) for r in load(folder) for c in r.curves if c.function == function)
