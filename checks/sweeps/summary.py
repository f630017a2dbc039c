"""What a sweep found: plain data that merges, in any order and from any number of workers.

Floats are told by their bits, sign included: 0xc0b00000 is -5.5 in float32. Errors are in ulps of
the format at the truth. Merging is associative, and the result depends only on the inputs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from ...reference.level import RESOLUTION, Level

EDGES = (0.5, *(2.0**k for k in range(32)))
"""Where the bins of the histogram end.

Errors up to 1/2 ulp (correctly rounded, ties either way), then below 1 (faithful), below 2, 4, ...
and last everything from 2**31 ulps on, NaN for a number among it.
"""
BINS = len(EDGES) + 1
FINDINGS = {
    "nan": "NaN for a number",
    "number": "a number where NaN is due",
    "infinite": "infinite where the truth is within the format",
    "finite": "finite where the truth is beyond the format",
    "monotone": "falls where the function rises, or rises where it falls",
    "range": "outside the function's range",
    "symmetry": "f(-x) is not f(x), or not -f(x)",
    "flushed": "0 for a truth that rounds to a subnormal number",
    "underflow": "0 for a truth that rounds to a normal number",
}


@dataclass(frozen=True)
class Place:
    """An error and the bits of the input where it was met: of equal errors, the least bits."""

    error: float
    bits: int


@dataclass(frozen=True)
class Finding:
    """How many inputs have it, and the least bits of one."""

    count: int
    bits: int


@dataclass(frozen=True)
class Summary:
    """What was found at `inputs` floats of a format.

    unproven   inputs whose truth could not be proved: not judged
    outside    inputs outside the domain: not judged
    binades    sign and exponent field of the input (its bits without the stored significand) to
               the worst error there
    normal     the worst error where the truth is a normal number of the format, zero or beyond it
    subnormal  the worst error where the truth is smaller than every normal number
    histogram  inputs by error, see EDGES
    ties       of those counted as correctly rounded: within the oracle's resolution of 1/2 ulp
    findings   what happened, by its name in FINDINGS
    eased      the worst error after what underflow is allowed where an error is 1 ulp or more
    accurate   the largest eased error / bound of `accurate`, and where; above 1 breaks it
    sound      likewise for `sound`
    """

    inputs: int = 0
    unproven: int = 0
    outside: int = 0
    binades: Mapping[int, Place] = field(default_factory=dict)
    normal: Place | None = None
    subnormal: Place | None = None
    histogram: tuple[int, ...] = (0,) * BINS
    ties: int = 0
    findings: Mapping[str, Finding] = field(default_factory=dict)
    eased: Place | None = None
    accurate: Place | None = None
    sound: Place | None = None

    @property
    def worst(self) -> Place | None:
        return worse(self.normal, self.subnormal)

    @property
    def level(self) -> Level | None:
        """The level of every input judged; None where there was none."""
        if self.eased is None:
            return None
        if self.sound is not None and self.sound.error > 1:
            return Level.UNSOUND
        if self.accurate is not None and self.accurate.error > 1:
            return Level.SOUND
        odd = {"monotone", "symmetry"} & self.findings.keys()
        if self.eased.error >= 1 or odd:
            return Level.ACCURATE
        return Level.EXACT if self.eased.error <= 0.5 + RESOLUTION else Level.FAITHFUL

    @property
    def not_correctly_rounded(self) -> int:
        return sum(self.histogram[1:])

    @property
    def not_faithful(self) -> int:
        return sum(self.histogram[2:])


def worse(a: Place | None, b: Place | None) -> Place | None:
    """The larger error; of equal ones, the one with the least bits."""
    if a is None or b is None:
        return a or b
    return max(a, b, key=lambda p: (p.error, -p.bits))


def merged(parts: Iterable[Summary]) -> Summary:
    """The summary of all inputs of several disjoint ones."""
    total = Summary()
    for part in parts:
        total = _both(total, part)
    return total


def _both(a: Summary, b: Summary) -> Summary:
    binades = dict(a.binades)
    for index, place in b.binades.items():
        found = worse(binades.get(index), place)
        assert found is not None
        binades[index] = found
    findings = dict(a.findings)
    for name, finding in b.findings.items():
        other = findings.get(name, Finding(0, finding.bits))
        findings[name] = Finding(finding.count + other.count, min(finding.bits, other.bits))
    return Summary(
        inputs=a.inputs + b.inputs,
        unproven=a.unproven + b.unproven,
        outside=a.outside + b.outside,
        binades=dict(sorted(binades.items())),
        normal=worse(a.normal, b.normal),
        subnormal=worse(a.subnormal, b.subnormal),
        histogram=tuple(x + y for x, y in zip(a.histogram, b.histogram, strict=True)),
        ties=a.ties + b.ties,
        findings=dict(sorted(findings.items())),
        eased=worse(a.eased, b.eased),
        accurate=worse(a.accurate, b.accurate),
        sound=worse(a.sound, b.sound),
    )


def to_json(summary: Summary) -> dict[str, Any]:
    """The summary as a JSON document: bits as hexadecimal text, infinite errors as "inf"."""
    found: dict[str, Any] = {}
    for name, value in asdict(summary).items():
        if name == "binades":
            found[name] = {f"{k:#x}": _place(p) for k, p in value.items()}
        elif name == "findings":
            found[name] = {
                k: {"count": f["count"], "bits": f"{f['bits']:#x}"} for k, f in value.items()
            }
        elif isinstance(value, dict):
            found[name] = _place(value)
        else:
            found[name] = list(value) if isinstance(value, tuple) else value
    return found


def _place(place: Mapping[str, Any]) -> list[Any]:
    error = place["error"]
    return [error if error < float("inf") else "inf", f"{place['bits']:#x}"]


def from_json(document: Mapping[str, Any]) -> Summary:
    """The summary that `to_json` wrote."""
    given = dict(document)
    given["binades"] = {int(k, 16): _read(p) for k, p in document["binades"].items()}
    given["histogram"] = tuple(document["histogram"])
    given["findings"] = {
        k: Finding(f["count"], int(f["bits"], 16)) for k, f in document["findings"].items()
    }
    for name in ("normal", "subnormal", "eased", "accurate", "sound"):
        given[name] = None if document[name] is None else _read(document[name])
    return Summary(**given)


def _read(place: list[Any]) -> Place:
    return Place(float(place[0]), int(place[1], 16))
