"""What a property means, and what to do: for `ulpian explain` and for readers of SARIF."""

from __future__ import annotations

import difflib
import textwrap
from collections.abc import Iterable

from ..properties import Property, catalogue
from .layout import WIDTH


def sought(name: str) -> Property:
    """The property of that name, or that it is a part of: `grad.parameter.beta`.

    Raises `LookupError`, with those of a similar name, for none.
    """
    known = catalogue()
    parts = name.split(".")
    above = (".".join(parts[:k]) for k in range(len(parts), 0, -1))
    found = next((known[key] for key in above if key in known), None)
    if found is None:
        raise LookupError(f"unknown property {name!r}: {_hint(name, known)}")
    return found


def _hint(name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, list(known), n=3)
    return f"did you mean {' or '.join(near)}?" if near else "see `ulpian list properties`"


def explanation(found: Property) -> str:
    """What a property means, why it matters, its usual cause, and the usual fix."""
    topics = {"meaning": found.meaning, "why": found.why, "cause": found.cause, "fix": found.fix}
    return "\n".join([found.name, *(_entry(topic, text) for topic, text in topics.items())])


def _entry(topic: str, text: str) -> str:
    head = f"  {topic:<9}"
    indent = " " * len(head)
    text = " ".join(text.split())
    return textwrap.fill(text, WIDTH, initial_indent=head, subsequent_indent=indent)
