"""What a book is made of: chapters, pages, blocks and pieces of text, as plain data.

A writer (`html`, `tex`, `markdown`) is a function of this data alone. Formulas carry LaTeX for
those who print it and text that SymPy reads for those who do not; nothing else holds markup.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from .plot import Plot

# ---------------------------------------------------------------- pieces of text


@dataclass(frozen=True)
class Math:
    """A formula in a line: LaTeX without dollars, and the same as text."""

    latex: str
    text: str


@dataclass(frozen=True)
class Code:
    """What is typed: a name, a call, a command."""

    text: str


@dataclass(frozen=True)
class Strong:
    """What a reader is to see first."""

    text: str


@dataclass(frozen=True)
class Link:
    """A way to a place in the book (`gelu`, `gelu-gradient`: an id) or to an address."""

    to: str
    text: str

    @property
    def outside(self) -> bool:
        return "://" in self.to


@dataclass(frozen=True)
class Cite:
    """A work in the bibliography by its key, and where in it: "section 2"; `text` is what is
    printed of the work, the key where it is empty: "Hendrycks & Gimpel 2016"."""

    key: str
    note: str = ""
    text: str = ""

    @property
    def to(self) -> str:
        """The work's anchor."""
        return f"bib-{self.key}"


@dataclass(frozen=True)
class Foreign:
    """Words of another language: a Chinese name beside the English one."""

    text: str
    language: str = "zh"


Inline = str | Math | Code | Strong | Link | Cite | Foreign
Text = tuple[Inline, ...]

# ---------------------------------------------------------------- blocks


@dataclass(frozen=True)
class Paragraph:
    """A paragraph."""

    text: Text


@dataclass(frozen=True)
class Display:
    """A formula on lines of its own. `id` is its anchor, permanent, "" for none; `note` says how
    it is known ("proved by SymPy")."""

    latex: str
    text: str
    id: str = ""
    note: Text = ()


@dataclass(frozen=True)
class Items:
    """A list."""

    items: tuple[Text, ...]


@dataclass(frozen=True)
class Terms:
    """What is said of each of several things: a term, and what follows it. `ids` are the anchors
    of the rows, permanent, where they have any: a work's in the bibliography."""

    rows: tuple[tuple[Text, Text], ...]
    ids: tuple[str, ...] = ()


@dataclass(frozen=True)
class Table:
    """Rows of cells under a head; the first cell of a row says what the row is about.

    `columns` has a letter for each column, l, r or c, or p for running text. A `sortable` table may
    be put in another order by a reader.
    """

    caption: Text
    head: tuple[Text, ...]
    rows: tuple[tuple[Text, ...], ...]
    columns: str = ""
    sortable: bool = False


@dataclass(frozen=True)
class Figure:
    """A picture. `name` is its file's, without an ending; `alt` says what is to be seen."""

    name: str
    caption: Text
    alt: str
    plot: Plot


@dataclass(frozen=True)
class Listing:
    """Code on lines of its own."""

    code: str
    language: str = "python"


@dataclass(frozen=True)
class Section:
    """A part of a page with a title. `id` is its anchor, permanent."""

    id: str
    title: Text
    blocks: tuple[Block, ...]


Block = Paragraph | Display | Items | Terms | Table | Figure | Listing | Section

# ---------------------------------------------------------------- the book


@dataclass(frozen=True)
class Page:
    """One file of the site, one section of the book; `id` is the file's name and the anchor.

    `facets` are what the table of functions sorts and searches by: "parity" to "odd"; `words` are
    other names by which a reader may search: aliases, "torch.nn.functional.gelu".
    """

    id: str
    title: Text
    blocks: tuple[Block, ...]
    summary: str = ""
    facets: tuple[tuple[str, str], ...] = ()
    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class Chapter:
    """Pages that belong together, after what introduces them."""

    id: str
    title: str
    blocks: tuple[Block, ...]
    pages: tuple[Page, ...] = ()


@dataclass(frozen=True)
class Book:
    """All of it. `colophon` says what it was made with."""

    title: str
    chapters: tuple[Chapter, ...]
    colophon: Text = ()


def pages(book: Book) -> Iterator[Page]:
    """Every page of every chapter."""
    for chapter in book.chapters:
        yield from chapter.pages


def walk(blocks: tuple[Block, ...]) -> Iterator[Block]:
    """Every block, those of sections too, in the order of reading."""
    for block in blocks:
        yield block
        if isinstance(block, Section):
            yield from walk(block.blocks)


def figures(book: Book) -> Iterator[Figure]:
    """Every picture of the book."""
    for chapter in book.chapters:
        for blocks in (chapter.blocks, *(page.blocks for page in chapter.pages)):
            yield from (block for block in walk(blocks) if isinstance(block, Figure))


def plain(text: Text) -> str:
    """A text without its markup: for titles, search and those who cannot see formulas."""
    return "".join(_plain(piece) for piece in text)


def _plain(piece: Inline) -> str:
    if isinstance(piece, str):
        return piece
    if isinstance(piece, Cite):
        return f"{piece.text or piece.key}{', ' + piece.note if piece.note else ''}"
    return piece.text
