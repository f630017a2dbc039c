"""LaTeX and prose of frameworks' documentation, read by hand: what it says, in Python's words.

A program that reads LaTeX guesses, and a guess is no ground for calling a page wrong. So a person
read each of these and wrote down what it says, by the ordinary rules of precedence, and the oracle
judges what was written down: `read_by_hand.json`. The fingerprint is of what was read. Where a page
changes, its reading holds no more, and is said to be out of date. The text itself is not kept.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from .docstrings import Docstring
from .formula import Formula
from .formulas import printed


@dataclass(frozen=True)
class Reading:
    """What the docstring `name` says where its text has this fingerprint.

    `text` is the formula, `call` what it is to equal, as in `subjects`; `note` says what was taken
    from around it.
    """

    name: str
    fingerprint: str
    text: str
    call: str
    note: str = ""


def readings(docstring: Docstring) -> Iterator[tuple[Formula, Reading]]:
    """The formulas of a docstring that were read by hand, with what was read."""
    known = _by_leaf().get(docstring.leaf, {})
    for formula in printed(docstring) if known else ():
        reading = known.get(fingerprint(formula.text))
        if reading:
            yield replace(formula, sides=(reading.text,), latex=""), reading


def outdated(docstring: Docstring) -> list[Reading]:
    """Readings of a docstring whose text is no more what was read."""
    seen = {fingerprint(f.text) for f in printed(docstring)}
    own = _by_leaf().get(docstring.leaf, {}).values()
    return [r for r in own if r.name == docstring.name and r.fingerprint not in seen]


def fingerprint(text: str) -> str:
    """Twelve hexadecimal digits of a text, spaces and line ends made one."""
    return hashlib.sha256(" ".join(text.split()).encode()).hexdigest()[:12]


@cache
def _kept() -> dict[str, Any]:
    kept: dict[str, Any] = json.loads(Path(__file__).with_name("read_by_hand.json").read_bytes())
    return kept


def read_in(package: str) -> str:
    """The version of a package whose documentation was read; "" where none was."""
    return str(_kept()["read_in"].get(package, ""))


def all_readings() -> tuple[Reading, ...]:
    """Every reading that is kept."""
    return tuple(Reading(**row) for row in _kept()["readings"])


@cache
def _by_leaf() -> dict[str, dict[str, Reading]]:
    found: dict[str, dict[str, Reading]] = {}
    for reading in all_readings():
        found.setdefault(reading.name.rpartition(".")[2], {})[reading.fingerprint] = reading
    return found
