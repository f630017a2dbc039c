"""Tables as HTML: each scrolls in a box of its own, and says what a reader may sort it by."""

from __future__ import annotations

import re

from ....reference.level import Level
from ..document import Table, plain
from .elements import Content, Element, element
from .line import line
from .places import Places

CLASSES = {"l": None, "r": "number", "c": "centre", "p": "prose"}
NUMBER = re.compile(r"[-−]?\d+(\.\d+)?(e[-+]?\d+)?")
INFINITE = {"oo": "Infinity", "∞": "Infinity", "-oo": "-Infinity", "−∞": "-Infinity"}


def table(block: Table, places: Places, *, owner: str) -> Element:
    """A table of the page `owner`."""
    kinds = [CLASSES[letter] for letter in block.columns or "l" * len(block.head)]
    head = [
        element("th", line(said, places, owner=owner), scope="col", class_=kind)
        for said, kind in zip(block.head, kinds, strict=True)
    ]
    rows = [
        [
            cell(line(said, places, owner=owner), plain(said), first=not k, kind=kind)
            for k, (said, kind) in enumerate(zip(row, kinds, strict=True))
        ]
        for row in block.rows
    ]
    caption = line(block.caption, places, owner=owner)
    return framed(caption, head, rows, sortable=block.sortable)


def cell(content: list[Content], text: str, *, first: bool, kind: str | None = None) -> Element:
    """A cell, that sorts as its text does; the first of a row says what the row is about."""
    name, scope = ("th", "row") if first else ("td", None)
    return element(name, content, scope=scope, class_=kind, data_order=order(text))


def framed(
    caption: list[Content], head: list[Element], rows: list[list[Element]], *, sortable: bool
) -> Element:
    """A table in the box in which it scrolls where it is wider than the page."""
    made = element(
        "table",
        element("caption", element("span", caption)),
        element("thead", element("tr", head)),
        element("tbody", (element("tr", row) for row in rows)),
        class_="sortable" if sortable else None,
    )
    return element("div", made, class_="scrolls")


def order(text: str) -> str | None:
    """What a cell sorts by where that is not its text: a number, a level's rank."""
    if text in INFINITE:
        return INFINITE[text]
    if text in list(Level):
        return str(Level(text).rank)
    found = NUMBER.match(text)
    return found[0].replace("−", "-") if found else None
