"""What the court says: witnesses, verdicts, and the report that holds them."""

from __future__ import annotations

import builtins
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from ..reference.level import Level


class Status(StrEnum):
    """What came of a property. Only `pass` counts as passed."""

    PASS = "pass"
    FAIL = "fail"
    UNDECIDED = "undecided"  # the oracle could not settle the truth within its limit
    UNSUPPORTED = "unsupported"  # the implementation does not offer what the property asks
    ERROR = "error"  # Ulpian itself failed


@dataclass(frozen=True)
class Witness:
    """An input that shows the finding, as simple as could be found.

    `inputs` maps each variable (parameters and the cotangent too, where they matter) to a number,
    or to nested lists of numbers for rows; `bits` has the same numbers as hexadecimal bits of the
    format. `truth` is the truth rounded to the format, `observed` what came back. `error_ulp` and
    `bound_ulp` are in ulps of the format at the truth. `origin` says how the bound came about.
    """

    inputs: Mapping[str, Any]
    bits: Mapping[str, Any]
    truth: Any = None
    observed: Any = None
    truth_bits: str = ""
    observed_bits: str = ""
    error_ulp: float | None = None
    bound_ulp: float | None = None
    origin: str = ""


@dataclass(frozen=True)
class Verdict:
    """What one property found for one implementation in one format.

    `level` is the best level that every point tried satisfied (None where nothing was judged),
    `error_ulp` the worst error found, in ulps of the format at the truth, `points` how many
    outputs were compared. `traits` are recorded conventions, neither good nor bad.
    """

    function: str
    property: str
    format: str
    status: Status
    level: Level | None = None
    error_ulp: float | None = None
    witness: Witness | None = None
    points: int = 0
    message: str = ""
    traits: tuple[str, ...] = ()
    seconds: float = 0.0

    @builtins.property  # `property` is a field here
    def id(self) -> str:
        """`gelu-grad.accuracy-float32`."""
        return f"{self.function}-{self.property}-{self.format}"


@dataclass(frozen=True)
class Call:
    """How a target that the command line cannot name was given to `check`.

    `imports` is a Python statement that brings in what `arguments` name; empty where something
    among them has no name to be imported by.
    """

    arguments: str
    imports: str = ""


def _frozen() -> Mapping[str, str]:
    return MappingProxyType({})


@dataclass(frozen=True)
class Report:
    """All verdicts on one target.

    `ok` is true when something was judged and no verdict failed, erred or stayed undecided;
    `level` is the lowest level found (None when nothing was judged). `call` is None for a target
    that the command line finds by its name.
    """

    target: str
    required: Level
    verdicts: tuple[Verdict, ...]
    environment: Mapping[str, str] = field(default_factory=_frozen)
    seed: int = 0
    seconds: float = 0.0
    complete: bool = True
    arrays: str = "numpy"
    call: Call | None = None

    @property
    def ok(self) -> bool:
        bad = (Status.FAIL, Status.ERROR, Status.UNDECIDED)
        return self.judged and self.complete and not any(v.status in bad for v in self.verdicts)

    @property
    def judged(self) -> bool:
        return any(v.level is not None or v.status is Status.FAIL for v in self.verdicts)

    @property
    def level(self) -> Level | None:
        found = [v.level for v in self.verdicts if v.level is not None]
        return min(found, key=lambda level: level.rank) if found else None

    @property
    def findings(self) -> tuple[Verdict, ...]:
        """The verdicts that failed, worst level first, then by id."""
        failed = [v for v in self.verdicts if v.status is Status.FAIL]
        worst = {v.id: v.level.rank if v.level is not None else -1 for v in failed}
        return tuple(sorted(failed, key=lambda v: (worst[v.id], v.id)))
