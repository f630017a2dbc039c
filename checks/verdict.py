"""What the court says: witnesses, verdicts, and the report that holds them."""

from __future__ import annotations

import builtins
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
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
    outputs were compared. `traits` are recorded conventions, neither good nor bad. `definition` is
    what it was judged by where that has another name: code that is bound keeps its own. `seed` is
    that of its round, where a run went through several; None for the report's own.
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
    definition: str = ""
    seed: int | None = None

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


@dataclass(frozen=True)
class Source:
    """The line where an implementation begins, in a file below the folder of the run.

    `path` is relative to that folder, with forward slashes on every system.
    """

    path: str
    line: int


@dataclass(frozen=True)
class Held:
    """A verdict that the ledger records and that is no worse: it counts as expected.

    `reason`, `link` and `expires` (2027-05-21) are the user's words, empty where there are none.
    """

    function: str
    property: str
    format: str
    reason: str = ""
    link: str = ""
    expires: str = ""


@dataclass(frozen=True)
class Breach:
    """Where a run and the ledger disagree. `kind` is "worse", "fixed", "expired" or "unmatched".

    `sentence` says what was recorded and what is. `commands` has those that help, by what they do
    ("see", "accept", "remove", "renew"); it is empty where no command can name the target.
    """

    kind: str
    function: str
    property: str
    format: str
    sentence: str
    commands: Mapping[str, str] = field(default_factory=lambda: _frozen())


@dataclass(frozen=True)
class Gate:
    """What came of comparing a run with the ledger of that path.

    `note` is a sentence on findings that are recorded for other platforms only; empty without any.
    """

    ledger: str
    held: tuple[Held, ...] = ()
    breaches: tuple[Breach, ...] = ()
    note: str = ""


def _frozen() -> Mapping[str, Any]:
    return MappingProxyType({})


@dataclass(frozen=True)
class Report:
    """All verdicts on one target.

    `ok` is true when something was judged, no verdict failed, erred or stayed undecided but those
    that the ledger holds, and nothing breaks the ledger;
    `level` is the lowest level found (None when nothing was judged). `call` is None for a target
    that the command line finds by its name. `functions` and `formats` are what was to be judged,
    and the verdicts stand in the order of `functions`. `sources` has the places of implementations
    (`gelu`) and of gradients of their own (`gelu_vjp`), as far as they are known. `select` has the
    patterns that were asked for, `at_one` says that one input only was judged. `gate` is None where
    no ledger was asked for. Where the run is not complete, `stopped` says why ("interrupted", or
    what time was over) and `missing` names the functions that are not wholly judged. `rounds` is
    how often the plan was gone through, each time with another seed.
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
    functions: tuple[str, ...] = ()
    formats: tuple[str, ...] = ()
    profile: str = "default"
    sources: Mapping[str, Source] = field(default_factory=_frozen)
    select: tuple[str, ...] = ()
    at_one: bool = False
    gate: Gate | None = None
    stopped: str = ""
    missing: tuple[str, ...] = ()
    rounds: int = 1

    @property
    def ok(self) -> bool:
        bad = (Status.FAIL, Status.ERROR, Status.UNDECIDED)
        held = {v.id for v in self.held}
        open_ = any(v.status in bad and v.id not in held for v in self.verdicts)
        return self.judged and self.complete and not open_ and not self.breaches

    @property
    def judged(self) -> bool:
        return any(v.level is not None or v.status is Status.FAIL for v in self.verdicts)

    @property
    def level(self) -> Level | None:
        found = [v.level for v in self.verdicts if v.level is not None]
        return min(found, key=lambda level: level.rank) if found else None

    @cached_property
    def held(self) -> tuple[Verdict, ...]:
        """The verdicts that are as bad as the ledger records them, and no worse."""
        if self.gate is None or not self.gate.held:
            return ()
        known = {(h.function, h.property, h.format) for h in self.gate.held}
        return tuple(v for v in self.verdicts if (v.function, v.property, v.format) in known)

    @property
    def breaches(self) -> tuple[Breach, ...]:
        """Where the run and the ledger disagree."""
        return self.gate.breaches if self.gate else ()

    @property
    def findings(self) -> tuple[Verdict, ...]:
        """The verdicts that failed and that the ledger does not hold, worst level first, by id."""
        held = {v.id for v in self.held}
        failed = [v for v in self.verdicts if v.status is Status.FAIL and v.id not in held]
        worst = {v.id: v.level.rank if v.level is not None else -1 for v in failed}
        return tuple(sorted(failed, key=lambda v: (worst[v.id], v.id)))
