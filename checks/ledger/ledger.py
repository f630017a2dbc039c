"""The ledger: recorded verdicts that a gate compares with, in a TOML file that its user owns.

    version = 1

    [[verdict]]
    target = "mypkg.kernels"
    function = "gelu"
    property = "value.accuracy"
    format = "float32"
    platform = "linux-x86_64-avx512"
    status = "fail"
    level = "sound"
    error_ulp = 8373000.0
    witness = { x = "0xc0b00000" }
    reason = "the tail is computed by 1 + erf"
    link = "https://example.org/issues/12"
    first_seen = 2026-11-21
    expires = 2027-05-21

`platform`, `reason`, `link` and `expires` are the user's, the rest is what was seen. A platform may
have wildcards ("linux-*"). An entry counts up to and including the day on which it expires.
"""

from __future__ import annotations

import builtins
import fnmatch
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Any

from ...reference.formats import FORMATS
from ...reference.level import Level
from ..seeds import SEED
from ..verdict import Status

VERSION = 1
DEFAULT = "ulpian-ledger.toml"


def _no_bits() -> Mapping[str, Any]:
    return MappingProxyType({})


@dataclass(frozen=True)
class Entry:
    """A verdict as it was recorded, and what its user says of it.

    `witness` has the bits of each input, in hexadecimal. `profile` and `seed` are those of the run
    that was recorded: only such a run can say that a failure is gone.
    """

    target: str
    function: str
    property: str
    format: str
    platform: str
    status: Status
    first_seen: date
    level: Level | None = None
    error_ulp: float | None = None
    witness: Mapping[str, Any] = field(default_factory=_no_bits)
    profile: str = "default"
    seed: int = SEED
    reason: str = ""
    link: str = ""
    expires: date | None = None

    @builtins.property  # `property` is a field here
    def where(self) -> tuple[str, str, str]:
        """What it is about: function, property, format."""
        return self.function, self.property, self.format

    @builtins.property
    def key(self) -> tuple[Any, ...]:
        """What tells it from every other entry, in the order of the file."""
        names = list(FORMATS)
        place = names.index(self.format) if self.format in names else len(names)
        return self.target, self.function, self.property, place, self.format, self.platform


# ---------------------------------------------------------------- the platform


def platform_of(environment: Mapping[str, str]) -> str:
    """Where a report comes from, as far as it changes results: `linux-x86_64-avx512`.

    System and architecture, and the widest vector unit of the CPU: libraries choose their code by
    it.
    """
    features = environment.get("cpu_features", "").split()
    widest = next((name for flag, name in _WIDTHS.items() if flag in features), "")
    parts = [*environment.get("platform", "unknown").lower().split(), widest]
    return "-".join(part for part in parts if part)


# Widest first.
_WIDTHS = {
    "avx512f": "avx512",
    "avx2": "avx2",
    "avx": "avx",
    "sse4_2": "sse4",
    "sve": "sve",
    "asimd": "neon",
}


def counts_on(entry: Entry, platform: str) -> bool:
    """Whether an entry speaks of a platform."""
    return fnmatch.fnmatchcase(platform, entry.platform)
