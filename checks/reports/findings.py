"""Which findings are one, and which is worse: what the shorter reports choose by."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ...reference.formats import FORMATS
from ..verdict import Status, Verdict


@dataclass(frozen=True)
class Finding:
    """What one property found of one function, in all formats in which it found it."""

    worst: Verdict
    formats: tuple[str, ...]


def distinct(verdicts: Iterable[Verdict]) -> list[Finding]:
    """Verdicts gathered over their formats, function by function and property by property."""
    groups: dict[tuple[str, str, Status], list[Verdict]] = {}
    for v in verdicts:
        groups.setdefault((v.function, v.property, v.status), []).append(v)
    return [
        Finding(min(group, key=badness), tuple(sorted((v.format for v in group), key=_place)))
        for group in groups.values()
    ]


def badness(verdict: Verdict) -> tuple[int, float]:
    """Least for the worst: the lowest level, then the largest relative error."""
    rank = -1 if verdict.level is None else verdict.level.rank
    witness = verdict.witness
    if witness is None or witness.error_ulp is None or verdict.format not in FORMATS:
        return rank, 0.0
    return rank, -witness.error_ulp * FORMATS[verdict.format].unit_roundoff


def _place(fmt: str) -> int:
    return list(FORMATS).index(fmt) if fmt in FORMATS else len(FORMATS)
