"""A formula's LaTeX taken apart: fractions, roots, brackets, cases, scripts and single signs.

What is read is the LaTeX that Ulpian itself prints, and what chapters write like it. It is read to
be measured (`width`) and put on several lines (`breaking`), never to learn what it means.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

WORDS = frozenset(
    (r"\operatorname", r"\mathrm", r"\text", r"\mathbb", r"\mathcal", r"\mathbf", r"\textbf")
)
OPENING = frozenset(("(", "[", r"\{"))
CLOSING = frozenset((")", "]", r"\}"))
ENDS = CLOSING | {"}", "&", r"\\", r"\right", r"\end"}

_TOKEN = re.compile(r"(\\[a-zA-Z]+|\\\\(?:\[[^]]*\])?|\\.|.)\s*", re.DOTALL)


class FormulaError(ValueError):
    """LaTeX that is not taken apart here; who meets it leaves it as it stands."""


@dataclass(frozen=True)
class Piece:
    """A part of a formula.

    `kind` is "sign" (a letter, a digit or a command), "word" (upright letters), "group", "frac",
    "sqrt", "fence" (brackets), "grid" (cases and their like) or "scripts". `latex` is its source.
    `parts` are the formulas inside: above and below; a body; the base, below and above; the cells
    of a grid, row by row, of `columns` each. `ends` are the brackets, or the name of the grid.
    """

    kind: str
    latex: str
    parts: tuple[Formula, ...] = ()
    ends: tuple[str, str] = ("", "")
    columns: int = 0

    @property
    def name(self) -> str:
        return self.latex.strip()


Formula = tuple[Piece, ...]


def source(formula: Formula) -> str:
    """Its LaTeX."""
    return "".join(piece.latex for piece in formula)


def parsed(latex: str) -> Formula:
    """LaTeX taken apart; `FormulaError` where braces or ends do not match."""
    reader = _Reader(latex)
    found = reader.formula()
    if reader.at < len(latex):
        raise FormulaError(f"{reader.peek()} closes nothing in {latex}")
    return found


class _Reader:
    def __init__(self, latex: str) -> None:
        self.latex = latex
        self.at = len(latex) - len(latex.lstrip())

    def peek(self) -> str:
        found = _TOKEN.match(self.latex, self.at)
        return found[1] if found else ""

    def take(self) -> str:
        found = _TOKEN.match(self.latex, self.at)
        if not found:
            raise FormulaError(f"{self.latex} ends too early")
        self.at = found.end()
        return found[1]

    def expect(self, token: str) -> None:
        if self.take() != token:
            raise FormulaError(f"{token} is missing in {self.latex}")

    def formula(self) -> Formula:
        found: list[Piece] = []
        while self.at < len(self.latex):
            token = self.peek()
            if token in ENDS or token.startswith(r"\\"):
                break
            if token in ("_", "^"):
                base = found.pop() if found else Piece("sign", "")
                found.append(self.scripts(base))
            else:
                found.append(self.piece())
        return tuple(found)

    def piece(self) -> Piece:
        start = self.at
        found = self.read(self.take())
        return replace(found, latex=self.latex[start : self.at])

    def read(self, token: str) -> Piece:
        """What a token begins; its LaTeX is what was read meanwhile."""
        if token == "{":
            return Piece("group", "", (self.closed("}"),))
        if token in OPENING:
            body = self.formula()
            end = self.take()
            if end not in CLOSING:
                raise FormulaError(f"{token} stays open in {self.latex}")
            return Piece("fence", "", (body,), (token, end))
        if token == r"\left":
            left = self.take()
            body = self.formula()
            self.expect(r"\right")
            return Piece("fence", "", (body,), (left, self.take()))
        if token == r"\begin":
            return self.grid(self.word())
        if token == r"\frac":
            return Piece("frac", "", (self.argument(), self.argument()))
        if token == r"\sqrt":
            return Piece("sqrt", "", (self.argument(),))
        if token in WORDS:
            self.word()
            return Piece("word", "")
        return Piece("sign", "")

    def closed(self, end: str) -> Formula:
        body = self.formula()
        self.expect(end)
        return body

    def argument(self) -> Formula:
        if self.peek() == "{":
            self.take()
            return self.closed("}")
        return (self.piece(),)

    def word(self) -> str:
        """Letters in braces, with the spaces between them."""
        self.expect("{")
        start, depth = self.at, 1
        while depth:
            depth += {"{": 1, "}": -1}.get(self.take(), 0)
        return self.latex[start : self.at].rstrip().removesuffix("}")

    def scripts(self, base: Piece) -> Piece:
        below: Formula = ()
        above: Formula = ()
        start = self.at
        while self.peek() in ("_", "^"):
            if self.take() == "_":
                below = self.argument()
            else:
                above = self.argument()
        latex = base.latex + self.latex[start : self.at]
        return Piece("scripts", latex, ((base,), below, above))

    def grid(self, name: str) -> Piece:
        if name == "array":
            self.word()
        rows: list[list[Formula]] = [[]]
        while True:
            rows[-1].append(self.formula())
            token = self.take()
            if token.startswith(r"\\"):
                rows.append([])
                if self.peek() == r"\noalign":  # space between rows
                    self.take()
                    self.word()
            elif token == r"\end":
                break
            elif token != "&":
                raise FormulaError(f"{token} in {name} in {self.latex}")
        if self.word() != name:
            raise FormulaError(f"{name} stays open in {self.latex}")
        columns = max(map(len, rows))
        cells = tuple(cell for row in rows for cell in (*row, *[()] * (columns - len(row))))
        return Piece("grid", "", cells, (name, name), columns)
