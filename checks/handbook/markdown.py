"""The book as Markdown, as GitHub and most readers show it: a file for each page.

Formulas stand between dollars, on lines of their own between two; anchors are HTML, since Markdown
has none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from .document import (
    Block,
    Book,
    Chapter,
    Cite,
    Code,
    Display,
    Figure,
    Foreign,
    Inline,
    Items,
    Link,
    Listing,
    Math,
    Page,
    Paragraph,
    Section,
    Strong,
    Table,
    Terms,
    Text,
    pages,
    walk,
)

FIGURES = "figures"
_SPECIAL = re.compile(r"([\\`*_\[\]<>$|#~])")
Places = dict[str, str]


def files(book: Book) -> dict[str, str]:
    """The book by file name: `README.md` is the contents, every page and chapter has its own."""
    places = {place: f"{name}.md" for name, found in _anchors(book) for place in found}
    found = {"README.md": _contents(book)}
    for chapter in book.chapters:
        found[f"{chapter.id}.md"] = _chapter(chapter, places)
        for one in chapter.pages:
            found[f"{one.id}.md"] = page(one, places)
    return found


def page(one: Page, places: Places | None = None) -> str:
    """One page. `places` says in which file an id of the book stands; none are linked without."""
    return _joined([f"# {_line(one.title, places)}", *_blocks(one.blocks, places, 2)])


def _anchors(book: Book) -> Iterator[tuple[str, list[str]]]:
    for chapter in book.chapters:
        yield chapter.id, [chapter.id, *_ids(chapter.blocks)]
    for one in pages(book):
        yield one.id, [one.id, *_ids(one.blocks)]


def _ids(blocks: tuple[Block, ...]) -> list[str]:
    found = [b.id for b in walk(blocks) if isinstance(b, Section | Display) and b.id]
    return found + [i for b in walk(blocks) if isinstance(b, Terms) for i in b.ids]


def _contents(book: Book) -> str:
    lines = [f"# {_escaped(book.title)}"]
    for chapter in book.chapters:
        lines.append(f"## [{_escaped(chapter.title)}]({chapter.id}.md)")
        if chapter.pages:
            entries = (
                f"- [{one.id}]({one.id}.md): {_line(one.title, None)}" for one in chapter.pages
            )
            lines.append("\n".join(entries))
    return _joined([*lines, _line(book.colophon, None)])


def _chapter(chapter: Chapter, places: Places) -> str:
    lines = [f"# {_escaped(chapter.title)}", *_blocks(chapter.blocks, places, 2)]
    lines.append(
        "\n".join(f"- [{p.id}]({p.id}.md): {_line(p.title, places)}" for p in chapter.pages)
    )
    return _joined(lines)


def _joined(parts: list[str]) -> str:
    return "\n\n".join(part for part in parts if part) + "\n"


# ---------------------------------------------------------------- blocks


def _blocks(blocks: tuple[Block, ...], places: Places | None, depth: int) -> Iterator[str]:
    for block in blocks:
        if isinstance(block, Section):
            yield f'<a id="{block.id}"></a>'
            yield f"{'#' * depth} {_line(block.title, places)}"
            yield from _blocks(block.blocks, places, min(depth + 1, 6))
        else:
            yield _block(block, places)


def _block(block: Block, places: Places | None) -> str:
    match block:
        case Paragraph():
            return _line(block.text, places)
        case Display():
            return _display(block, places)
        case Items():
            return "\n".join(f"- {_line(item, places)}" for item in block.items)
        case Terms():
            return _terms(block, places)
        case Table():
            return _table(block, places)
        case Figure():
            return f"![{_escaped(block.alt)}]({FIGURES}/{block.name}.svg)\n\n" + _line(
                block.caption, places
            )
        case Listing():
            return f"```{block.language}\n{block.code}\n```"
        case _:
            raise TypeError(f"no Markdown for {type(block).__name__}")


def _terms(terms: Terms, places: Places | None) -> str:
    anchors = [f'<a id="{i}"></a>' for i in terms.ids] or [""] * len(terms.rows)
    return "\n".join(
        f"- {anchor}**{_line(term, places)}**: {_line(said, places)}"
        for anchor, (term, said) in zip(anchors, terms.rows, strict=True)
    )


def _display(block: Display, places: Places | None) -> str:
    anchor = f'<a id="{block.id}"></a>\n\n' if block.id else ""
    note = f"\n\n{_line(block.note, places)}" if block.note else ""
    return f"{anchor}$${block.latex}$${note}"


_RULES = {"l": ":---", "r": "---:", "c": ":---:", "p": ":---"}


def _table(table: Table, places: Places | None) -> str:
    columns = table.columns or "l" * len(table.head)
    rows = [table.head, *table.rows]
    lines = [f"| {' | '.join(_line(cell, places) for cell in row)} |" for row in rows]
    lines.insert(1, f"|{'|'.join(_RULES[c] for c in columns)}|")
    caption = _line(table.caption, places)
    return (f"{caption}\n\n" if caption else "") + "\n".join(lines)


# ---------------------------------------------------------------- pieces of text


def _line(text: Text, places: Places | None) -> str:
    return "".join(_piece(piece, places) for piece in text)


def _piece(piece: Inline, places: Places | None) -> str:
    match piece:
        case str():
            return _escaped(piece)
        case Math():
            return f"${piece.latex}$"
        case Code():
            return _code(piece.text)
        case Strong():
            return f"**{_escaped(piece.text)}**"
        case Link():
            return _link(piece, places)
        case Cite():
            note = f", {_escaped(piece.note)}" if piece.note else ""
            return f"{_link(Link(piece.to, piece.text or piece.key), places)}{note}"
        case Foreign():
            return _escaped(piece.text)


def _link(link: Link, places: Places | None) -> str:
    if link.outside:
        return f"[{_escaped(link.text)}]({link.to})"
    if not places or link.to not in places:
        return _escaped(link.text)
    file = places[link.to]
    return f"[{_escaped(link.text)}]({file}{'' if file == f'{link.to}.md' else f'#{link.to}'})"


def _code(text: str) -> str:
    fence = "``" if "`" in text else "`"
    inside = text.replace("|", "\\|")  # a bar would end a cell of a table
    return f"{fence} {inside} {fence}" if len(fence) > 1 else f"{fence}{inside}{fence}"


def _escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", text)
