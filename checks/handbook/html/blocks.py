"""Blocks of a page as HTML."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from urllib.parse import quote

from ..document import (
    Block,
    Display,
    Figure,
    Items,
    Listing,
    Paragraph,
    Section,
    Table,
    Terms,
    Text,
)
from .elements import Content, Element, element
from .line import line, unlinked
from .mathml import math
from .places import Places, anchor
from .tables import table


def written(
    blocks: Iterable[Block], places: Places, *, owner: str, level: int = 2
) -> list[Element]:
    """Blocks of the page `owner`, whose sections have headings of this level."""
    return [_block(block, places, owner, level) for block in blocks]


def _block(block: Block, places: Places, owner: str, level: int) -> Element:
    def pieces(text: Text) -> list[Content]:
        return line(text, places, owner=owner)

    match block:
        case Paragraph():
            return element("p", pieces(block.text))
        case Display():
            return _formula(block, pieces(block.note))
        case Items():
            return element("ul", (element("li", pieces(item)) for item in block.items))
        case Terms():
            return _terms(block, pieces)
        case Table():
            return table(block, places, owner=owner)
        case Figure():
            return _figure(block, pieces(block.caption))
        case Listing():
            code = element("code", block.code.rstrip("\n"), class_=f"language-{block.language}")
            return element("pre", code, class_="scrolls")
        case Section():
            return _section(block, places, owner, level)


def _terms(terms: Terms, pieces: Callable[[Text], list[Content]]) -> Element:
    ids = terms.ids or ("",) * len(terms.rows)
    return element(
        "dl",
        *(
            (element("dt", pieces(term), id=one or None), element("dd", pieces(said)))
            for one, (term, said) in zip(ids, terms.rows, strict=True)
        ),
    )


def _section(section: Section, places: Places, owner: str, level: int) -> Element:
    """The heading is its own permanent link."""
    title = element("a", line(unlinked(section.title), places, owner=owner), href=f"#{section.id}")
    heading = element(f"h{min(level, 6)}", title, id=section.id)
    inside = written(section.blocks, places, owner=owner, level=level + 1)
    return element("section", heading, inside)


def _formula(display: Display, note: list[Content]) -> Element:
    """A formula in a box that scrolls where it is too narrow; its link and its status follow."""
    parts = [element("div", math(display.latex, display.text, display=True), class_="scrolls")]
    if display.id:
        name = f"Permanent link to {display.id}"
        parts.append(element("a", "#", href=f"#{display.id}", class_="mark", aria_label=name))
    if note:
        parts.append(element("p", note, class_="note"))
    return element("div", parts, class_="formula", id=display.id or None)


def _figure(figure: Figure, caption: list[Content]) -> Element:
    picture = element("img", src=f"figures/{quote(figure.name)}.svg", alt=figure.alt)
    box = element("div", picture, class_="scrolls")
    return element("figure", box, element("figcaption", caption), id=anchor(figure))
