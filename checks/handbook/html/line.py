"""Pieces of text as HTML."""

from __future__ import annotations

import re
from itertools import pairwise
from math import inf

from ..document import Cite, Code, Foreign, Inline, Link, Math, Strong, Text, plain
from ..tex.formula import FormulaError, parsed
from ..tex.width import width
from .elements import Content, element
from .mathml import math
from .places import Places

# A browser would break a line between a formula and the comma after it.
TRAILING = re.compile(r"[^\w\s(\[{]*")

# In points at 10 pt: what fits on a telephone beside nothing else.
NARROW = 150


def line(text: Text, places: Places, *, owner: str) -> list[Content]:
    """Pieces of text of the page `owner`. Raises ValueError for a link that leads nowhere."""
    pieces: list[Content] = []
    for before, piece in pairwise(("", *text)):
        if isinstance(before, Math) and isinstance(piece, str):
            mark = TRAILING.match(piece)[0]  # type: ignore[index]
            pieces[-1] = element("span", pieces[-1], mark, class_="unbroken")
            piece = piece.removeprefix(mark)
        pieces.append(_piece(piece, places, owner))
    return pieces


def unlinked(text: Text) -> Text:
    """The same without links, for what is a link itself."""
    return tuple(plain((piece,)) if isinstance(piece, Link | Cite) else piece for piece in text)


def _formula(formula: Math) -> Content:
    """A formula in a line; one that a telephone is too narrow for scrolls there."""
    made = math(formula.latex, formula.text)
    return element("span", made, class_="long") if _width(formula.latex) > NARROW else made


def _width(latex: str) -> float:
    try:
        return width(parsed(latex), display=False)
    except FormulaError:
        return inf


def _piece(piece: Inline, places: Places, owner: str) -> Content:
    match piece:
        case str():
            return piece
        case Math():
            return _formula(piece)
        case Code():
            return element("code", piece.text)
        case Strong():
            return element("strong", piece.text)
        case Link():
            href = piece.to if piece.outside else places.find(piece.to, owner)
            return element("a", piece.text, href=href)
        case Cite():
            return element("a", plain((piece,)), href=places.find(piece.to, owner), class_="cite")
        case Foreign():
            return element("span", piece.text, lang=piece.language)
