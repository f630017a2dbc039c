"""A page put together: its parts in the order of reading."""

from __future__ import annotations

import re

from ....spec.function import Function
from ....spec.statements import formula
from ...book.names import spellings
from ..document import Foreign, Page, Section, Text
from ..edition import STANDARD, Edition
from ..figures import function as drawn
from . import definition, derivatives, elsewhere, identities, kinks, losses, stability, values
from .facets import facets
from .facts import certified
from .measured import measured
from .pieces import joined, section


def pictures(function: Function, edition: Edition) -> tuple[Section, ...]:
    """What it looks like."""
    found = drawn(function) if edition.pictures else ()
    return section(function, "pictures", "What it looks like", found)


PARTS = (
    definition.definition,
    definition.inputs,
    pictures,
    derivatives.gradient,
    derivatives.second_derivative,
    values.range_,
    values.limits,
    values.special,
    kinks.kinks,
    kinks.jumps,
    certified,
    identities.identities,
    stability.stability,
    measured,
    losses.reductions,
    elsewhere.variants,
    elsewhere.frameworks,
    elsewhere.references,
)


def page(function: Function, edition: Edition = STANDARD) -> Page:
    """A function's page."""
    sections: list[Section] = []
    for part in PARTS:
        if edition.second or part is not derivatives.second_derivative:
            sections += part(function, edition)
    summary = formula(function).text
    about = (summary, facets(function), _words(function))
    return Page(function.name, _title(function), tuple(sections), *about)


def _words(function: Function) -> tuple[str, ...]:
    """Other names that a reader may search: aliases, and what frameworks call it."""
    calls = (re.search(r"[A-Za-z_][\w.]*(?=\()", call) for _, call in spellings(function.name))
    return tuple(dict.fromkeys([*function.aliases, *(c[0] for c in calls if c)]))


def _title(function: Function) -> Text:
    """The title, and beside it that in other languages."""
    others = (Foreign(title, language) for language, title in function.titles.items())
    return joined([(function.title,), *((one,) for one in others)], " ")
