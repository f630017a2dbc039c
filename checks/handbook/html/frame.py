"""What surrounds every page of the site: head, ways to go, and the foot."""

from __future__ import annotations

from dataclasses import dataclass

from ..document import Book, Section
from .elements import Content, Element, document, element
from .line import line, unlinked
from .places import INDEX, TABLE, Places, functions

Way = tuple[str, str]
"""What a link says, and its address."""


@dataclass(frozen=True)
class Leaf:
    """One file of the site before its frame: `trail` is the way to it, `heading` its h1."""

    file: str
    title: str
    heading: list[Content]
    body: list[Content]
    summary: str = ""
    trail: tuple[Way, ...] = ()
    sections: tuple[Section, ...] = ()
    wide: bool = False


def framed(leaf: Leaf, book: Book, places: Places, before: Way | None, after: Way | None) -> bytes:
    """A whole file. `before` and `after` are the neighbours in the order of reading."""
    title = book.title if leaf.file == INDEX else f"{leaf.title} · {book.title}"
    described = element("meta", name="description", content=leaf.summary) if leaf.summary else ()
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("title", title),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        described,
        element("link", rel="stylesheet", href="style.css"),
        element("script", src="search.js", defer="defer"),
        element("script", src="site.js", defer="defer"),
    )
    skip = element("a", "Skip to the content", href="#content", class_="skip")
    parts = (_header(book, leaf), _main(leaf, places), _neighbours(before, after))
    body = element("body", skip, parts, _footer(book, places))
    return document(element("html", head, body, lang="en"))


def _header(book: Book, leaf: Leaf) -> Element:
    ways: list[Way] = [("Contents", INDEX)]
    if functions(book):
        ways.append(("All functions", TABLE))
    links = [element("li", _way(way, here=leaf.file)) for way in ways]
    return element(
        "header",
        element("p", element("a", book.title, href=INDEX), class_="book"),
        element("nav", element("ul", links), aria_label="Book"),
        _search(),
        class_="site",
    )


def _search() -> Element:
    """Shown by the script alone: without it nothing could answer."""
    field = element(
        "input", id="search", type="search", placeholder="Search functions", autocomplete="off"
    )
    label = element("label", "Search functions", for_="search")
    said = element("p", id="found", role="status")
    results = element("ul", id="results")
    form = element("form", label, field, said, results, role="search", hidden="hidden")
    return form


def _main(leaf: Leaf, places: Places) -> Element:
    trail = [element("li", _way(way)) for way in leaf.trail]
    if trail:
        trail.append(element("li", leaf.title, aria_current="page"))
    crumbs = element("nav", element("ol", trail), aria_label="Breadcrumb") if trail else ()
    opening = element("div", crumbs, element("h1", leaf.heading), class_="opening")
    article = element("div", leaf.body, class_="text")
    shape = "wide" if leaf.wide else None
    return element(
        "main", opening, _on_this_page(leaf, places), article, id="content", class_=shape
    )


def _on_this_page(leaf: Leaf, places: Places) -> list[Content]:
    if len(leaf.sections) < 3:
        return []
    links = [element("li", _way_to(section, places)) for section in leaf.sections]
    return [element("nav", element("ul", links), aria_label="On this page", class_="sections")]


def _way_to(section: Section, places: Places) -> Element:
    title = line(unlinked(section.title), places, owner=section.id)
    return element("a", title, href=f"#{section.id}")


def _neighbours(before: Way | None, after: Way | None) -> Element:
    ways = [(before, "prev", "Previous: "), (after, "next", "Next: ")]
    links = [
        element("a", element("span", said), way[0], href=way[1], rel=rel)
        for way, rel, said in ways
        if way
    ]
    return element("nav", links, aria_label="Order of reading", class_="neighbours")


def _footer(book: Book, places: Places) -> list[Content]:
    if not book.colophon:
        return []
    said = element("p", line(book.colophon, places, owner="the colophon"))
    return [element("footer", said, class_="site")]


def _way(way: Way, *, here: str = "") -> Element:
    said, address = way
    return element("a", said, href=address, aria_current="page" if address == here else None)
