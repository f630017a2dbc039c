"""What is certified of a function, gathered over its cases: each thing is said once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ...reference.facts import Case, Fact


@dataclass(frozen=True)
class Known:
    """A fact, and the cases that it holds in; `partial` where there are others."""

    topic: str
    fact: Fact
    labels: tuple[str, ...]
    partial: bool


def gathered(cases: tuple[Case, ...]) -> list[Known]:
    """What holds, topic by topic; cases that agree share a line."""
    return list(_gathered(cases))


def _gathered(cases: tuple[Case, ...]) -> Iterator[Known]:
    found: dict[str, dict[str, list[tuple[str, Fact]]]] = {}
    for case in cases:
        for topic, fact in case.facts.items():
            if fact.status != "undecided":
                found.setdefault(topic, {}).setdefault(fact.text, []).append((case.label, fact))
    for topic, texts in found.items():
        for several in texts.values():
            labels = tuple(label for label, _ in several)
            yield Known(topic, several[0][1], labels, len(several) < len(cases))


def undecided(cases: tuple[Case, ...]) -> Iterator[tuple[list[str], str, list[str]]]:
    """What is not known: the topics, why, and in which cases; once for all that share a reason."""
    found: dict[tuple[str, str], list[str]] = {}
    for case in cases:
        for topic, fact in case.facts.items():
            if fact.status == "undecided":
                found.setdefault((case.label, fact.how), []).append(topic)
    for (label, why), topics in found.items():
        yield topics, why, [label]
