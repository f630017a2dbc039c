"""The handbook as a site: files that a browser opens from a folder, without a server or network."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files

from ..document import Block, Book, Chapter, Page, Section, plain
from .blocks import written
from .frame import Leaf, Way, framed
from .line import line
from .listing import all_functions, contents, listed, search_index
from .places import INDEX, TABLE, Places, file_of, functions, places

ASSETS = ("style.css", "site.js")


def site(book: Book) -> dict[str, bytes]:
    """Every file of the site by its name, but for the pictures: `figures/NAME.svg` beside them.

    Raises ValueError when two places of the book have one id, or a link leads nowhere.
    """
    known = places(book)
    leaves = [*_leaves(book, known)]
    ways: list[Way] = [(leaf.title, leaf.file) for leaf in leaves]
    before, after = [None, *ways[:-1]], [*ways[1:], None]
    found = {
        leaf.file: framed(leaf, book, known, one, other)
        for leaf, one, other in zip(leaves, before, after, strict=True)
    }
    here = files(__package__)
    found |= {name: here.joinpath(name).read_bytes() for name in ASSETS}
    return found | {"search.js": search_index(book)}


def _leaves(book: Book, places: Places) -> Iterator[Leaf]:
    """The files in the order of reading."""
    yield Leaf(INDEX, book.title, [book.title], [*contents(book, places)])
    for chapter in book.chapters:
        yield _chapter(chapter, places)
        for page in chapter.pages:
            yield _page(page, chapter, places)
    if functions(book):
        trail = (("Contents", INDEX),)
        title = "All functions"
        yield Leaf(TABLE, title, [title], [*all_functions(book, places)], trail=trail, wide=True)


def _chapter(chapter: Chapter, places: Places) -> Leaf:
    body = [*written(chapter.blocks, places, owner=chapter.id), *listed(chapter, places)]
    return Leaf(
        file_of(chapter.id),
        chapter.title,
        [chapter.title],
        [*body],
        trail=(("Contents", INDEX),),
        sections=_sections(chapter.blocks),
    )


def _page(page: Page, chapter: Chapter, places: Places) -> Leaf:
    heading = line(page.title, places, owner=page.id)
    return Leaf(
        file_of(page.id),
        page.id if page.facets else plain(page.title),
        heading,
        [*written(page.blocks, places, owner=page.id)],
        summary=page.summary,
        trail=(("Contents", INDEX), (chapter.title, file_of(chapter.id))),
        sections=_sections(page.blocks),
    )


def _sections(blocks: tuple[Block, ...]) -> tuple[Section, ...]:
    return tuple(block for block in blocks if isinstance(block, Section))
