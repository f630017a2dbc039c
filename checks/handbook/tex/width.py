"""How wide a formula is printed: near enough to know where it has to be broken.

In points, at 10 pt Computer Modern, from the widths of its signs and TeX's rules for fractions,
scripts and spaces. A test compares it with what TeX measures.
"""

from __future__ import annotations

from .formula import Formula, Piece

RELATIONS = frozenset(
    ("=", "<", ">", r"\leq", r"\geq", r"\le", r"\ge", r"\neq", r"\in", r"\to", r"\approx")
)
SIGNS = frozenset(("+", "-", r"\cdot", r"\times", r"\pm", r"\cup"))
SPACES = {r"\quad": 10.0, r"\qquad": 20.0, r"\,": 1.7, r"\;": 2.8, r"\:": 2.2, r"\ ": 3.3}
FUNCTIONS = frozenset(
    rf"\{name}"
    for name in ("log", "ln", "exp", "tanh", "sinh", "cosh", "sin", "cos", "max", "min", "lim")
)
LIMITS = frozenset((r"\sum", r"\prod", r"\lim", r"\max", r"\min"))

_SCRIPT = (1.0, 0.78, 0.67)  # how wide: text, script, and script of a script
_ITALIC = {"i": 3.4, "j": 4.1, "l": 3.2, "m": 8.8, "w": 7.2, "t": 3.6, "r": 4.5, "f": 6.0}
_UPRIGHT = {"i": 2.8, "j": 3.1, "l": 2.8, "m": 8.3, "w": 7.2, "t": 3.9, "r": 3.9, "f": 3.1}
_NARROW = {",": 2.8, ";": 2.8, ".": 2.8, ":": 2.8, "'": 3.0, "!": 2.8, "|": 2.8}
_COMMANDS = {r"\sum": 14.4, r"\prod": 12.8, r"\infty": 10.0, r"\ldots": 11.7, r"\partial": 5.9}
_GREEK = 6.0


def width(formula: Formula, *, display: bool = True) -> float:
    """In points at 10 pt: of a display, or as it stands in a line of text or in cases."""
    return _row(formula, 0, display=display)


def _row(formula: Formula, size: int, *, display: bool = False) -> float:
    """`size` is 0 for text, 1 for scripts, 2 for scripts of scripts."""
    total, before = 0.0, "open"
    for piece in formula:
        kind = _role(piece, before)
        total += _piece(piece, size, display) + _space(before, kind, size)
        before = kind
    return total


def _role(piece: Piece, before: str) -> str:
    """What TeX spaces it as; a plus with nothing before it is no operation."""
    core = piece.parts[0][0] if piece.kind == "scripts" else piece
    if core.name in RELATIONS:
        return "relation"
    if core.name in SIGNS:
        return "letter" if before in ("open", "relation", "sign", "point") else "sign"
    if core.name in (",", ";"):
        return "point"
    if core.name in FUNCTIONS | LIMITS or core.name.startswith(r"\operatorname"):
        return "function"
    if core.name in SPACES:
        return "open"
    return "fence" if core.kind == "fence" and core.name.startswith(r"\left") else "letter"


def _space(before: str, kind: str, size: int) -> float:
    if "function" in (before, kind) and before != "open":
        bracket = before == "function" and kind == "letter"  # none before a plain bracket
        return 0.0 if bracket else 1.7
    if size:
        return 0.0
    if "relation" in (before, kind):
        return 2.8 if before != "open" else 0.0
    if "sign" in (before, kind):
        return 2.2
    if before == "point" or ("fence" in (before, kind) and before not in ("open",)):
        return 1.7
    return 0.0


def _piece(piece: Piece, size: int, display: bool) -> float:
    scale, smaller = _SCRIPT[size], min(size + 1, 2)
    if piece.kind == "frac":
        inner = size if display else smaller
        return max(_row(part, inner) for part in piece.parts) + 2.4
    if piece.kind == "sqrt":
        return _row(piece.parts[0], size, display=display) + 9.0 * scale
    if piece.kind == "fence":
        return _row(piece.parts[0], size, display=display) + 2 * _edge(piece, display) * scale
    if piece.kind == "group":
        return _row(piece.parts[0], size, display=display)
    if piece.kind == "grid":
        return _grid(piece)
    if piece.kind == "scripts":
        return _scripts(piece, size, display)
    if piece.kind == "word":
        return scale * _letters(piece.name[piece.name.index("{") + 1 : -1])
    return scale * _sign(piece.name)


def _edge(fence: Piece, display: bool) -> float:
    """A bracket: wider where what it holds is taller."""
    if not fence.latex.startswith(r"\left") or fence.ends[0] in ("|", "."):
        return 2.8 if fence.ends[0] in ("|", "[") else 3.9
    if r"\begin" in fence.latex:
        return 8.9
    if display and r"\sum" in fence.latex:
        return 7.9
    return 6.5 if r"\frac" in fence.latex else 4.6


def _grid(piece: Piece) -> float:
    cases, n = piece.ends[0] == "cases", piece.columns
    columns = [
        max(_row(cell, 0, display=not cases) for cell in piece.parts[k::n]) for k in range(n)
    ]
    gap = 10.0 if cases else 0.0
    return sum(columns) + gap * (n - 1) + (11.0 if cases else 0.0)


def _scripts(piece: Piece, size: int, display: bool) -> float:
    base, below, above = piece.parts
    smaller = min(size + 1, 2)
    own = _row(base, size, display=display)
    low, high = _row(below, smaller), _row(above, smaller)
    if display and base[0].name in LIMITS:
        return max(own, low, high)
    return own + max(low, high) + 0.5


def _sign(name: str) -> float:
    if name in _COMMANDS:
        return _COMMANDS[name]
    if name in FUNCTIONS:
        return _letters(name[1:])
    if name in SPACES:
        return SPACES[name]
    if name in SIGNS or name in RELATIONS:
        return 2.8 if name == r"\cdot" else 10.0 if name == r"\to" else 7.8
    if name in _NARROW:
        return _NARROW[name]
    if name.startswith("\\"):
        return _GREEK
    return 5.0 if name.isdigit() else _ITALIC.get(name, 5.4 if name.islower() else 7.4)


def _letters(text: str) -> float:
    plain = text.replace("\\_", "_").replace(r"\left", "").replace("{", "").replace("}", "")
    return sum(3.3 if c == " " else _UPRIGHT.get(c, 5.2 if c.islower() else 5.0) for c in plain)
