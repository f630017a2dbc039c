"""Where things are: the file and the anchor of everything in a book that has a name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..document import Block, Book, Display, Figure, Page, Section, Terms, walk

# The site's own files, beside one for each chapter and page.
INDEX, TABLE = "index.html", "functions.html"


@dataclass(frozen=True)
class Places:
    """The address of each id of the book, relative to the site's folder."""

    addresses: dict[str, str]

    def find(self, name: str, wanted_by: str) -> str:
        """The address of a place. Raises ValueError when the book has none of that name."""
        if name not in self.addresses:
            raise ValueError(
                f"{wanted_by} links to {name!r}, and no chapter, page, section, formula or "
                "picture of the book has that id"
            )
        return self.addresses[name]


def places(book: Book) -> Places:
    """Every id of the book. Raises ValueError when two have the same, or one the site's own."""
    addresses: dict[str, str] = {}
    for name, address in _all(book):
        if address in (INDEX, TABLE):
            raise ValueError(
                f"the site has a file {address} of its own: no chapter or page may be {name!r}"
            )
        if name in addresses:
            raise ValueError(
                f"two places of the book are called {name!r}: {addresses[name]} and {address}"
            )
        addresses[name] = address
    return Places(addresses)


def file_of(name: str) -> str:
    """The file of a chapter or a page."""
    return f"{name}.html"


def anchor(figure: Figure) -> str:
    """A picture's anchor."""
    return f"figure-{figure.name}"


def functions(book: Book) -> tuple[Page, ...]:
    """The pages that the table of functions has: those of which it can say something."""
    return tuple(p for chapter in book.chapters for p in chapter.pages if p.facets)


def _all(book: Book) -> Iterator[tuple[str, str]]:
    for chapter in book.chapters:
        yield chapter.id, file_of(chapter.id)
        yield from _anchors(chapter.id, chapter.blocks)
        for page in chapter.pages:
            yield page.id, file_of(page.id)
            yield from _anchors(page.id, page.blocks)


def _anchors(name: str, blocks: tuple[Block, ...]) -> Iterator[tuple[str, str]]:
    for block in walk(blocks):
        for found in filter(None, _ids(block)):
            yield found, f"{file_of(name)}#{found}"


def _ids(block: Block) -> tuple[str, ...]:
    if isinstance(block, Figure):
        return (anchor(block),)
    if isinstance(block, Terms):
        return block.ids
    return (block.id,) if isinstance(block, Section | Display) else ()
