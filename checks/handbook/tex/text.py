"""Running text as LaTeX: every character that occurs, and the pieces of a line."""

from __future__ import annotations

import re
from collections.abc import Collection

from ..document import (
    Cite,
    Code,
    Foreign,
    Inline,
    Link,
    Math,
    Strong,
    Text,
    plain,
)

_SPECIAL = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    "‘": "`",
    "’": "'",
    "“": "``",
    "”": "''",
    "–": "--",
    "—": "---",
    "…": r"\ldots{}",
    "·": r"\textperiodcentered{}",
    "\u00a0": "~",
    "\u202f": r"\,",
}
_SIGNS = {
    "×": r"\times", "±": r"\pm", "−": "-", "≤": r"\leq", "≥": r"\geq", "≠": r"\neq",
    "≈": r"\approx", "∞": r"\infty", "∂": r"\partial", "√": r"\surd", "∈": r"\in", "∑": r"\sum",
    "→": r"\to", "←": r"\leftarrow", "⇒": r"\Rightarrow", "↔": r"\leftrightarrow",
    "²": "^{2}", "³": "^{3}", "⁻": "^{-}", "½": r"\frac{1}{2}", "°": r"^{\circ}", "′": "'",
    "∪": r"\cup", "∩": r"\cap", "∀": r"\forall", "∃": r"\exists", "ℝ": r"\mathbb{R}",
    "✓": r"\checkmark", "✗": r"\times", "∇": r"\nabla", "·": r"\cdot", "≡": r"\equiv",
    "α": r"\alpha", "β": r"\beta", "γ": r"\gamma", "δ": r"\delta", "ε": r"\varepsilon",
    "ζ": r"\zeta", "η": r"\eta", "θ": r"\theta", "κ": r"\kappa", "λ": r"\lambda", "μ": r"\mu",
    "ν": r"\nu", "ξ": r"\xi", "π": r"\pi", "ρ": r"\rho", "σ": r"\sigma", "τ": r"\tau",
    "φ": r"\varphi", "χ": r"\chi", "ψ": r"\psi", "ω": r"\omega", "Γ": r"\Gamma", "Δ": r"\Delta",
    "Θ": r"\Theta", "Λ": r"\Lambda", "Σ": r"\Sigma", "Φ": r"\Phi", "Ψ": r"\Psi", "Ω": r"\Omega",
}  # fmt: skip
LONG = 16  # letters: a word that may be broken after its dots and underscores
_LATIN = 0x180  # letters below it are in the font's encoding
_BREAKS = re.compile(r"(?<=[._(,=/:])(?=[A-Za-z0-9])")
_CODE = {'"': r"\textquotedbl{}", "'": r"\textquotesingle{}", "`": r"\textasciigrave{}", "-": "{-}"}


class CharacterError(ValueError):
    """A character that LaTeX has no sign for here."""


def escaped(text: str) -> str:
    """Running text. Raises `CharacterError` for a character that this does not know."""
    quoted = re.sub(r'(^|[\s(\[])"', r"\1“", text).replace('"', "”")
    return re.sub(r"\S+", lambda word: _word(word[0]), quoted)


def _word(word: str) -> str:
    return r"\allowbreak{}".join("".join(map(_character, part)) for part in breakable(word))


def breakable(word: str) -> list[str]:
    """What of a word stands together: all of it, but for addresses and names of functions."""
    return parts(word) if len(word) > LONG else [word]


def code(text: str) -> str:
    """What is typed, in one width, which may be broken after dots and underscores."""
    written = ("".join(_CODE.get(c) or _character(c) for c in part) for part in parts(text))
    return r"\allowbreak ".join(written).replace("``", "`{}`").replace("''", "'{}'")


def parts(typed: str) -> list[str]:
    """What of a name stands together on a line."""
    return _BREAKS.split(typed)


def _character(c: str) -> str:
    if c in _SPECIAL:
        return _SPECIAL[c]
    if c in _SIGNS:
        return f"\\ensuremath{{{_SIGNS[c]}}}"
    if c.isascii() or (ord(c) < _LATIN and (c.isalpha() or c in "§©")):
        return c
    raise CharacterError(
        f"no LaTeX for the character {c!r} (U+{ord(c):04X}): add it to the signs of tex/text.py"
    )


# ---------------------------------------------------------------- lines


def line(text: Text, places: Collection[str] = ()) -> str:
    """A text; links lead to `places`, the anchors of the book, and are words where there is no such
    place."""
    written, closed = "", False
    for k, piece in enumerate(text):
        if isinstance(piece, Foreign):
            before = next((s for s in (", ", " (", " ") if written.endswith(s)), "")
            after = text[k + 1] if k + 1 < len(text) else ""
            closed = before == " (" and isinstance(after, str) and after.startswith(")")
            written = written.removesuffix(before) + _foreign(piece, before, ")" if closed else "")
        else:
            word = _piece(piece, places)
            written += word.removeprefix(")") if closed else word
            closed = False
    return written


def heading(text: Text) -> str:
    """A text in a title, with what the list of contents in the margin shows instead."""
    shown = escaped(plain(tuple(p for p in text if not isinstance(p, Foreign))))
    return rf"\texorpdfstring{{{line(text)}}}{{{shown}}}"


def address(to: str) -> str:
    """A web address as the argument of a command."""
    return to.replace("\\", r"\\").replace("%", r"\%").replace("#", r"\#")


def _piece(piece: Inline, places: Collection[str]) -> str:
    match piece:
        case str():
            return escaped(piece)
        case Math():
            return _inline(piece.latex)
        case Code():
            return rf"\code{{{code(piece.text)}}}"
        case Strong():
            return rf"\textbf{{{escaped(piece.text)}}}"
        case Link():
            return _link(piece, places)
        case Cite():
            note = f", {escaped(piece.note)}" if piece.note else ""
            return _link(Link(piece.to, piece.text or piece.key), places) + note
        case Foreign():
            return _foreign(piece, "", "")


def _inline(latex: str) -> str:
    """A formula in a line. One that may be broken is left to TeX, another one made smaller where
    the line is too short for it; a relation that nothing precedes has its space."""
    before = "{}" if latex.lstrip().startswith(("=", "<", ">", "\\")) else ""
    entries = chunks(latex)
    if len(entries) > 1:
        broken = r"\allowbreak ".join(entries)
        return f"${before}{broken}$"
    return rf"\inline{{{before}{latex}}}"


def chunks(latex: str) -> list[str]:
    """What stands together of numbers that are written out, after whose commas and before whose
    powers of ten a line may end; all of another formula."""
    if r"\left" in latex or r"\begin" in latex or r"\frac" in latex:
        return [latex]
    found = [""]
    for part in re.split(r"(?<=, )|(?=\\cdot 10\^)", latex):
        nested = found[-1].count("{") != found[-1].count("}")
        found = [*found[:-1], found[-1] + part] if nested or not found[-1] else [*found, part]
    return found if len(found) > 3 or r"\cdot 10" in latex else [latex]


def _link(link: Link, places: Collection[str]) -> str:
    if link.outside:
        return rf"\href{{{address(link.to)}}}{{{escaped(link.text)}}}"
    if link.to not in places:
        return escaped(link.text)
    return rf"\hyperlink{{{link.to}}}{{{escaped(link.text)}}}"


def _foreign(piece: Foreign, before: str, after: str) -> str:
    """Left out, with what leads to it, where no font has its letters."""
    if all(ord(c) < _LATIN for c in piece.text):
        return before + escaped(piece.text) + after
    return rf"\foreign{{{before}}}{{{piece.text}}}{{{after}}}" + "{}"
