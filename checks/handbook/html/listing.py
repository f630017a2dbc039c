"""What finds a function: the contents, the table of all functions, the index of the search."""

from __future__ import annotations

import json

from ..document import Book, Chapter, Page, Text, pages, plain
from .elements import Content, Element, element
from .line import line, unlinked
from .places import Places, file_of, functions
from .tables import cell, framed


def contents(book: Book, places: Places) -> list[Element]:
    """The chapters, and the pages of each."""
    return [part for chapter in book.chapters for part in _chapter(chapter, places)]


def listed(chapter: Chapter, places: Places) -> list[Element]:
    """The pages of a chapter: a function by its name, and what it is called."""
    items = [_entry(page, places) for page in chapter.pages]
    return [element("ul", items, class_="pages")] if items else []


def all_functions(book: Book, places: Places) -> list[Element]:
    """The table of functions: what is known of each, a column a topic."""
    topics = list(dict.fromkeys(topic for page in functions(book) for topic, _ in page.facets))
    head = [element("th", name, scope="col") for name in ("name", "title", *topics)]
    rows = [_row(page, topics, places) for page in functions(book)]
    caption: list[Content] = [f"The {len(rows)} functions of the book, and what is known of each."]
    return [framed(caption, head, rows, sortable=True)]


def search_index(book: Book) -> bytes:
    """What the search reads: a script, because a page opened from a file may not load data.

    Each entry has an address, a name, a title, other names, and further words.
    """
    entries: list[list[str]] = []
    for chapter in book.chapters:
        entries.append([file_of(chapter.id), "", chapter.title, "", ""])
    for page in pages(book):
        facets = " ".join(f"{topic} {value}" for topic, value in page.facets)
        # a function is shown by its name, and any page is found by it
        name, others = (page.id, page.words) if page.facets else ("", (page.id, *page.words))
        title = plain(page.title)
        entries.append([file_of(page.id), name, title, "\n".join(others), facets])
    lines = ",\n".join(json.dumps(entry) for entry in entries)
    return f"const PAGES = [\n{lines}\n];\n".encode()


def _chapter(chapter: Chapter, places: Places) -> list[Element]:
    heading = element("h2", element("a", chapter.title, href=file_of(chapter.id)))
    return [heading, *listed(chapter, places)]


def _entry(page: Page, places: Places) -> Element:
    title = line(unlinked(page.title), places, owner=page.id)
    if not page.facets:
        return element("li", element("a", title, href=file_of(page.id)))
    name = element("a", element("code", page.id), href=file_of(page.id))
    return element("li", name, " ", element("span", title), class_="function")


def _row(page: Page, topics: list[str], places: Places) -> list[Element]:
    name = element("a", element("code", page.id), href=file_of(page.id))
    said: Text = unlinked(page.title)
    facets = dict(page.facets)
    return [
        cell([name], page.id, first=True),
        cell(line(said, places, owner=page.id), plain(said), first=False, kind="prose"),
        *(cell([facets.get(t, "")], facets.get(t, ""), first=False) for t in topics),
    ]
