"""Tables over pages: how wide each column may be, and in which size the whole is set."""

from __future__ import annotations

import math
from collections.abc import Collection

from ..document import Code, Foreign, Inline, Math, Table, Text, plain
from .formula import FormulaError, parsed
from .text import breakable, chunks, line, parts
from .width import width

TEXT_WIDTH = 448.0  # points, of the page of `volume`
SIZES = (("small", 0.92, 12.0), ("footnotesize", 0.84, 9.0), ("scriptsize", 0.74, 6.0))
"""Names of sizes, what they are to the size of the text, and the points between two columns."""
_LETTER, _TYPED = 5.3, 5.8  # points: a letter of text and of code at the size of the text
SHRUNK = 0.75  # of its width: what a formula may be made smaller to before the whole table is
WHOLE = 24  # lines: a table up to that is not broken over pages
EXTRA = 6.0  # points: heads are bold
LEFT = r"\raggedright"
_ALIGNED = {"r": r"\raggedleft", "c": r"\centering"}


def table(block: Table, places: Collection[str]) -> str:
    """A table in one piece where it is short, else a `longtable` that goes on over pages.

    Its columns are as wide as their cells, or narrowed to share the page.
    """
    rows = [block.head, *block.rows]
    name, scale, gap = _size(rows)
    columns, lines = _columns(block.columns or "l" * len(block.head), rows, scale, gap)
    head = " & ".join(rf"\textbf{{{line(cell, places)}}}" for cell in block.head) + r" \\"
    body = "\n".join(" & ".join(line(cell, places) for cell in row) + r" \\" for row in block.rows)
    caption = line(block.caption, places)
    write = _whole if lines <= WHOLE else _long
    written = write(columns, head, body, caption)
    return f"\\begingroup\\{name}\\tabcolsep={gap / 2:g}pt\n{written}\n\\endgroup"


def _whole(columns: str, head: str, body: str, caption: str) -> str:
    top = rf"\captionof*{{table}}{{{caption}}}" + "\n" if caption else ""
    return (
        "\\par\\medskip\\noindent\\begin{minipage}{\\linewidth}\\centering\n"
        f"{top}\\begin{{tabular}}{{{columns}}}\n\\toprule\n{head}\n\\midrule\n"
        f"{body}\n\\bottomrule\n\\end{{tabular}}\n\\end{{minipage}}\\par\\medskip"
    )


def _long(columns: str, head: str, body: str, caption: str) -> str:
    top = rf"\caption*{{{caption}}} \\" + "\n" if caption else ""
    count = head.count(" & ") + 1
    return (
        f"\\begin{{longtable}}{{{columns}}}\n{top}"
        f"\\toprule\n{head}\n\\midrule\n\\endfirsthead\n\\toprule\n{head}\n\\midrule\n\\endhead\n"
        f"\\midrule\n\\multicolumn{{{count}}}{{r}}{{continued}} \\\\\n\\endfoot\n"
        f"\\bottomrule\n\\endlastfoot\n{body}\n\\end{{longtable}}"
    )


def _by_column(rows: list[tuple[Text, ...]]) -> list[list[Text]]:
    return [list(column) for column in zip(*rows, strict=True)]


def _size(rows: list[tuple[Text, ...]]) -> tuple[str, float, float]:
    """The largest size at which no column has to be narrower than its longest word."""
    for name, scale, gap in SIZES:
        least = sum(max(map(_word, column)) * scale + EXTRA for column in _by_column(rows))
        if least + gap * (len(rows[0]) - 1) <= TEXT_WIDTH:
            return name, scale, gap
    return SIZES[-1]


def _columns(
    letters: str, rows: list[tuple[Text, ...]], scale: float, gap: float
) -> tuple[str, float]:
    """The columns, without space at the edges, and how many lines all rows take."""
    room = TEXT_WIDTH - gap * (len(letters) - 1)
    columns = _by_column(rows)
    natural = [max(_width(cell) for cell in column) * scale + EXTRA for column in columns]
    least = [max(_word(cell) for cell in column) * scale + EXTRA for column in columns]
    widths = shared(natural, least, room)
    written = ""
    for letter, wanted, given in zip(letters, natural, widths, strict=True):
        if given < wanted:
            written += rf">{{{_ALIGNED.get(letter, LEFT)}\arraybackslash}}p{{{given:.1f}pt}}"
        else:
            written += "l" if letter == "p" else letter
    lines = sum(
        max(math.ceil(_width(c) * scale / w) for c, w in zip(row, widths, strict=True))
        for row in rows
    )
    return rf"@{{}}{written}@{{}}", lines


def shared(natural: list[float], least: list[float], room: float) -> list[float]:
    """How wide each column is: the wide ones alike, none below its least or above what it needs.

    Where there is no room for what all need at least, each gets its part of it.
    """
    least = [low * min(1.0, room / sum(least)) for low in least]

    def at(level: float) -> list[float]:
        return [max(low, min(high, level)) for low, high in zip(least, natural, strict=True)]

    low, high = 0.0, room
    if sum(at(high)) <= room:
        return at(high)
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if sum(at(middle)) <= room else (low, middle)
    return at(low)


# ---------------------------------------------------------------- how wide a cell is


def _width(cell: Text) -> float:
    return sum(map(_piece, cell))


def _word(cell: Text) -> float:
    """The longest part that is not broken: a word, a formula, a part of a name, or a formula that
    follows a name."""
    if len(cell) == 1 and isinstance(cell[0], Math) and len(chunks(cell[0].latex)) == 1:
        return SHRUNK * _piece(cell[0])
    longest = current = 0.0
    for piece in cell:
        first, *others = _chunks(piece)
        current += first
        for chunk in others:
            longest, current = max(longest, current), chunk
    return max(longest, current)


def _chunks(piece: Inline) -> list[float]:
    """How wide what stands together is; a line may end between two of them."""
    if isinstance(piece, Math):
        return [_formula(part) for part in chunks(piece.latex)]
    letter, cut = (_TYPED, parts) if isinstance(piece, Code) else (_LETTER, breakable)
    words = plain((piece,)).split(" ")
    return [len(part) * letter for word in words for part in cut(word)] or [0.0]


def _piece(piece: Inline) -> float:
    match piece:
        case Math():
            return _formula(piece.latex)
        case Code():
            return len(piece.text) * _TYPED
        case Foreign():
            return len(piece.text) * 11.0
        case str():
            return len(piece) * _LETTER
        case _:
            return len(plain((piece,))) * _LETTER


def _formula(latex: str) -> float:
    try:
        return width(parsed(latex), display=False) * 1.1
    except FormulaError:  # a part of a row of numbers
        return len(latex.replace("\\", "")) * _LETTER
