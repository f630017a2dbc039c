"""The chapters that have a page for each function, after pictures of families side by side."""

from __future__ import annotations

from collections.abc import Iterable

from ....spec.catalogue import chapter as functions_in
from ....spec.function import Function
from ....spec.own import own as defined
from ..document import Block, Chapter, Paragraph, Section
from ..edition import Edition
from ..figures import FAMILIES, family
from ..page import page


def activations(edition: Edition) -> Chapter:
    """Every activation of the book."""
    opening = "What stands behind a layer: element by element, or along an axis."
    shown = ("activations", "relu-family", "smooth-units", "sigmoid-shapes", "shrinkage")
    return _chapter(
        "activations", "Activations", opening, functions_in("activations"), shown, edition
    )


def losses(edition: Edition) -> Chapter:
    """Every loss of the book."""
    opening = "What training lowers, with the reductions over samples."
    shown = ("regression", "losses-at-1", "margin-losses", "classification-at-1", "logit-losses")
    return _chapter("losses", "Losses", opening, functions_in("losses"), shown, edition)


def blocks(edition: Edition) -> Chapter:
    """Every building block of the book."""
    opening = "What frameworks make activations and losses of."
    return _chapter("blocks", "Building blocks", opening, functions_in("blocks"), (), edition)


def own(edition: Edition) -> Chapter | None:
    """The user's own definitions; None where there are none."""
    found = tuple(defined().values())
    opening = "Definitions that are no part of the book, with the pages that follow from them."
    return _chapter("own", "Your own functions", opening, found, (), edition) if found else None


def _chapter(
    name: str,
    title: str,
    opening: str,
    functions: Iterable[Function],
    shown: tuple[str, ...],
    edition: Edition,
) -> Chapter:
    pages = tuple(page(function, edition) for function in functions)
    beginning: tuple[Block, ...] = (Paragraph((opening,)),)
    if edition.pictures and shown:
        pictures = tuple(family(one) for one in FAMILIES if one.name in shown)
        beginning += (Section(f"{name}-side-by-side", ("Side by side",), pictures),)
    return Chapter(name, title, beginning, pages)
