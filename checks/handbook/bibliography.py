"""The works that the book cites: all of them, who cites them, and how a citation is written."""

from __future__ import annotations

from collections.abc import Iterator

from ...spec.bibtex import bibtex
from ...spec.catalogue import catalogue
from ...spec.errors import SpecError
from ...spec.own import own
from ...spec.references import Reference
from ...spec.rules import rules
from .document import Cite, Inline, Link, Text
from .printed import name


def works() -> dict[str, Reference]:
    """Every work by its key, in the order of the keys.

    Raises `SpecError` where two works have one key, or one work is given with different data.
    """
    found: dict[str, Reference] = {}
    for reference in _all():
        known = found.setdefault(reference.key, reference.work)
        if known != reference.work:
            raise SpecError(
                f"reference {reference.key}: given as {known.title!r} and as {reference.title!r}, "
                "or with other data; give one work once, and two works different letters"
            )
    return dict(sorted(found.items()))


def citing() -> dict[str, tuple[Link, ...]]:
    """The ways to what cites a work, by its key: functions in the order of the book, then rules."""
    found: dict[str, list[Link]] = {}
    for function in (*catalogue().values(), *own().values()):
        for key in dict.fromkeys(r.key for r in function.references if isinstance(r, Reference)):
            found.setdefault(key, []).append(name(function.name))
    for rule in rules:
        for reference in rule.references:
            found.setdefault(reference.key, []).append(Link(f"rule-{rule.name}", rule.title))
    return {key: tuple(ways) for key, ways in found.items()}


def bib() -> str:
    """`ulpian.bib`: every work as BibTeX."""
    return bibtex(works().values())


def cite(reference: Reference | str) -> Inline:
    """A reference as the way to its work; a line of text as it stands."""
    if isinstance(reference, str):
        return reference
    return Cite(reference.key, reference.place, reference.short)


def cited(references: tuple[Reference | str, ...]) -> Text:
    """Several, with semicolons."""
    pieces: list[Inline] = []
    for reference in references:
        pieces += ["; ", cite(reference)] if pieces else [cite(reference)]
    return tuple(pieces)


def _all() -> Iterator[Reference]:
    for function in (*catalogue().values(), *own().values()):
        yield from (r for r in function.references if isinstance(r, Reference))
    for rule in rules:
        yield from rule.references
