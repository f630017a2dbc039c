"""The blocks of a page as LaTeX, with the commands that the preamble of `volume` defines."""

from __future__ import annotations

from collections.abc import Collection, Iterator

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
    plain,
)
from .breaking import broken
from .tables import TEXT_WIDTH, table
from .text import code, heading, line

SIZE = 1.095  # of the book's letters, which are 11 pt, to those that `breaking` measures
FORMULA_WIDTH = TEXT_WIDTH / SIZE
LEVELS = (r"\section", r"\subsection", r"\subsubsection", r"\paragraph")

DISPLAY = r"\["

Places = Collection[str]


def blocks(found: tuple[Block, ...], places: Places, level: int) -> Iterator[str]:
    """Each block, sections with what is in them; `level` is that of a section's title."""
    for block in found:
        if isinstance(block, Section):
            yield title(rf"\needroom{LEVELS[level]}", heading(block.title), block.id)
            yield from blocks(block.blocks, places, min(level + 1, len(LEVELS) - 1))
        else:
            yield _block(block, places)


def joined(parts: list[str]) -> str:
    """Parts as paragraphs; a formula goes on with what stands before it."""
    text = ""
    for part in parts:
        text += ("\n" if part.startswith(DISPLAY) else "\n\n") + part
    return text.lstrip("\n")


def title(command: str, words: str, place: str, beside: str = "") -> str:
    """A title with its anchor, and what stands beside it, which the list of contents has not."""
    return f"{command}[{{{words}}}]{{{anchor(place)}{words}{beside}}}"


def anchor(place: str) -> str:
    """A place that links lead to, permanent."""
    return rf"\anchor{{{place}}}" if place else ""


def _block(block: Block, places: Places) -> str:
    match block:
        case Paragraph():
            return line(block.text, places)
        case Display():
            return _display(block, places)
        case Items():
            return _listed("itemize", [rf"\item {line(item, places)}" for item in block.items])
        case Terms():
            return _terms(block, places)
        case Table():
            return table(block, places)
        case Figure():
            return _figure(block, places)
        case Listing():
            lines = block.code.rstrip("\n").split("\n")
            written = "\n".join(rf"\codeline{{{_spaced(one)}}}" for one in lines)
            return f"\\codebegin\n{written}\n\\codeend"
        case _:
            raise TypeError(f"no LaTeX for {type(block).__name__}")


def _listed(kind: str, items: list[str]) -> str:
    body = "\n".join(items)
    return f"\\begin{{{kind}}}\n{body}\n\\end{{{kind}}}"


def _terms(terms: Terms, places: Places) -> str:
    anchors = terms.ids or ("",) * len(terms.rows)
    rows = zip(anchors, terms.rows, strict=True)
    items = [
        rf"\item[{{{anchor(i)}{line(term, places)}}}] {line(said, places)}"
        for i, (term, said) in rows
    ]
    return _listed("description", items)


def _display(block: Display, places: Places) -> str:
    """A formula; how it is known stands beside it, below it where there is no room."""
    formula = broken(block.latex, FORMULA_WIDTH)
    note = rf"\tag*{{\footnotesize\itshape {line(block.note, places)}}}" if block.note else ""
    return f"{DISPLAY} {anchor(block.id)}\\fitted{{{formula}}} {note}\\]"


def _figure(block: Figure, places: Places) -> str:
    """The picture where its file is; what is to be seen, for those who read the source."""
    seen = " ".join(plain((block.alt,)).split())
    caption = line(block.caption, places)
    return f"% {seen}\n\\drawing{{figures/{block.name}.pdf}}{{{caption}}}"


def _spaced(one: str) -> str:
    """A line of code with the spaces it begins with."""
    inside = one.lstrip(" ")
    return r"\ " * (len(one) - len(inside)) + code(inside)
