"""Beside the function: variants, names in frameworks, what differs there, works."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache

from ....spec.catalogue import catalogue, families
from ....spec.expansion import applications
from ....spec.function import Function
from ....spec.references import Reference
from ...book.differences import TRIED, Difference, values
from ...book.differences import of as differences_of
from ...book.names import spellings
from ..document import Block, Cite, Code, Items, Link, Section, Table, Text
from ..edition import Edition
from .pieces import joined, section


def variants(function: Function, edition: Edition) -> tuple[Section, ...]:
    """Functions of its family, and those that an identity leads to or from."""
    family = next((f for f in families() if function in f), ())
    near = [f for f in family if f is not function]
    others = [f for f in _related().get(function.name, ()) if f not in near]
    items: list[Text] = [(*_link(f), f": {f.title}") for f in near]
    if others:
        items.append(("Identities lead to ", *joined(map(_link, others)), "."))
    return section(function, "variants", "Variants and relations", _list(items))


def _list(items: Sequence[Text]) -> tuple[Block, ...]:
    return (Items(tuple(items)),) if items else ()


def _link(function: Function) -> Text:
    return (Link(function.name, function.name),)


@cache
def _related() -> dict[str, tuple[Function, ...]]:
    """For each function of the book, those that stand with it in an equation."""
    book = catalogue()
    found: dict[str, set[str]] = {name: set() for name in book}
    for name, function in book.items():
        for equation in function.identities.values():
            for application in applications(equation):
                other = application.func.__name__
                if other in book and other != name:
                    found[name].add(other)
                    found[other].add(name)
    return {name: tuple(f for n, f in book.items() if n in near) for name, near in found.items()}


# ---------------------------------------------------------------- frameworks


def frameworks(function: Function, edition: Edition) -> tuple[Section, ...]:
    """How frameworks spell it, and where they give something else."""
    blocks: list[Block] = []
    spelt = tuple(((f"{name}",), (Code(call),)) for name, call in spellings(function.name))
    if spelt:
        blocks.append(Table(("The same function",), (("framework",), ("call",)), spelt, "lp"))
    found = differences_of(function.name)
    if found:
        head = (("framework",), ("what differs",), ("call",), ("it gives",), ("here",))
        rows = tuple(_difference(d) for d in found)
        blocks.append(Table(("What differs",), head, rows, "lpprr"))
    return section(function, "frameworks", "In frameworks", blocks)


def _difference(difference: Difference) -> tuple[Text, ...]:
    there, here = values(difference)
    version = f"{difference.framework} {TRIED[difference.framework]}"
    return ((version,), (difference.what,), (Code(difference.call),), (there,), (here,))


# ---------------------------------------------------------------- works


def references(function: Function, edition: Edition) -> tuple[Section, ...]:
    """The works that define or teach it."""
    items = [tuple(_cited(one)) for one in function.references]
    return section(function, "references", "References", _list(items))


def _cited(one: Reference | str) -> Iterator[str | Cite | Link]:
    """A work in a line, with its key in the bibliography and a way to it."""
    if isinstance(one, str):
        yield one
        return
    yield f"{one.short}: {one.title}"
    if one.publication:
        yield f", {one.publication}"
    if one.address:
        yield from (", ", Link(one.address, one.identifier))
    yield from (f", {one.place}" if one.place else "", " (", Cite(one.key), ")")
