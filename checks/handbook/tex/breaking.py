"""A formula on several lines: what is wider than the page is broken where a typesetter would.

First at its relation, then before + and -, then between factors; where a single term is too wide,
what stands in its brackets, fractions, roots and cases is broken in its turn.
"""

from __future__ import annotations

from collections.abc import Iterable

from .formula import Formula, FormulaError, Piece, parsed, source
from .width import RELATIONS, width

INDENT = 20.0  # points: what a continued line stands in, for both quads
SIGNS = ("+", "-", r"\pm", r"\cup")
GAP = 6.0  # points around a relation
TIMES = 12.0  # points: a cross before a factor
LEAST = 50.0  # points: nothing is broken to be narrower
CLOSE = 0.45  # of a line: a left side that leaves room for the right one beside it

TALL_ROWS = r" \\[1ex] "  # between lines that would touch

_APPLIED = ("operatorname", "text", "log", "ln", "exp", "tanh", "sinh", "cosh", "max", "min", "sum")


def broken(latex: str, most: float) -> str:
    """The formula with no line wider than `most` points (at 10 pt), as far as it can be broken.

    What fits is left as it is; the others are an `aligned`, for a display or a line of one.
    """
    try:
        whole = parsed(latex)
    except FormulaError:
        return latex
    return latex if width(whole) <= most else _sides(whole, most)


def aligned(formulas: Iterable[str], most: float) -> str | None:
    """Several formulas, one a line, with their relations below each other; None without the room.

    Rows for an `align*`.
    """
    rows, widths = [], []
    for latex in formulas:
        try:
            left, right = _at_relation(parsed(latex))
        except FormulaError:
            return None
        if not right:
            return None
        widths.append((width(left), width(right)))
        rows.append(f"{source(left).strip()} &{source(right).strip()}")
    room = sum(map(max, zip(*widths, strict=True))) + GAP
    return " \\\\\n".join(rows) if room <= most else None


def _at_relation(whole: Formula) -> tuple[Formula, Formula]:
    for k, piece in enumerate(whole):
        if piece.name in RELATIONS:
            return whole[:k], whole[k:]
    return whole, ()


def _sides(whole: Formula, most: float) -> str:
    """The right side beside the left one where all its lines fit so, else below it."""
    left, right = _at_relation(whole)
    if not right:
        return source(_fitted(whole, most))
    sign, right = right[:1], right[1:]
    beside = most - width(left) - width(sign) - GAP
    fits = all(width(term) <= beside - INDENT for term in _unbroken(right))
    if fits and width(left) <= CLOSE * most:
        lines = _filled(right, beside, beside - INDENT)
        head = f"{source(left)} & {source((*sign, *lines[0]))}"
        return _rows([head, *(rf"& \quad {source(line)}" for line in lines[1:])])
    upper = _filled(left, most, most - INDENT)
    lines = _filled(right, most - INDENT - GAP - width(sign), most - 2 * INDENT)
    rows = [f"& {source(upper[0])}", *(rf"& \quad {source(line)}" for line in upper[1:])]
    rows.append(rf"& \quad {source((*sign, *lines[0]))}")
    return _rows([*rows, *(rf"& \qquad {source(line)}" for line in lines[1:])])


def _rows(rows: list[str]) -> str:
    tall = any(mark in row for row in rows for mark in (r"\frac", r"\sum", r"\begin"))
    apart = TALL_ROWS if tall else r" \\ "
    body = apart.join(" ".join(row.split()) for row in rows)
    return rf"\begin{{aligned}} {body} \end{{aligned}}"


# ---------------------------------------------------------------- lines


def _fitted(formula: Formula, most: float, *, display: bool = True) -> Formula:
    """The formula in lines, as one block; not `display` where it stands small in one line."""
    if width(formula, display=display) <= most or most < LEAST:
        return formula
    first, *others = _filled(formula, most, most - INDENT)
    if display and not others:
        return first
    minus = first[0].name == "-"  # a sign of its own, not one between two terms
    head = f"{{-}} {source(first[1:])}" if minus else source(first)
    return parsed(_rows([f"& {head}", *(rf"& \quad {source(line)}" for line in others)]))


def _filled(formula: Formula, first: float, others: float) -> list[Formula]:
    """Terms on as few lines as hold them; one that is too wide is broken inside."""
    lines: list[Formula] = []
    for term in _unbroken(formula):
        room = first if len(lines) <= 1 else others
        if lines and width((*lines[-1], *term)) <= room:
            lines[-1] = (*lines[-1], *term)
            continue
        room = others if lines else first
        if width(term) <= room or room < LEAST:
            lines.append(term)
        else:
            lines.extend(_narrowed(term, room))
    return lines


def _unbroken(formula: Formula) -> list[Formula]:
    """The terms: what stands between conditions, commas, and plus and minus."""
    found: list[Formula] = [()]
    for k, piece in enumerate(formula):
        before = formula[k - 1] if k else None
        if found[-1] and before is not None and _opens(piece, before):
            found.append(())
        found[-1] = (*found[-1], piece)
    return found


def _opens(piece: Piece, before: Piece) -> bool:
    """Whether a line may begin here."""
    if piece.name in SIGNS:
        return before.name not in RELATIONS and before.name not in SIGNS
    return piece.name in (r"\quad", r"\qquad") or before.name in (",", ";")


def _narrowed(term: Formula, most: float) -> list[Formula]:
    """A term that is too wide: its factors on lines of their own, or its widest one broken."""
    factors = _factors(term)
    if len(factors) > 1 and all(width(f) <= most - TIMES for f in factors):
        return _multiplied(factors, most)
    widest = max(range(len(term)), key=lambda k: width(term[k : k + 1]))
    rest = width(term) - width(term[widest : widest + 1])
    narrow = (*term[:widest], *_piece(term[widest], most - rest), *term[widest + 1 :])
    if len(factors) == 1 or (rest <= most / 2 and width(narrow) <= most):
        return [narrow]
    return min([narrow], _multiplied(factors, most), key=lambda lines: max(map(width, lines)))


def _multiplied(factors: list[Formula], most: float) -> list[Formula]:
    """A product on several lines, which begin with a cross."""
    lines: list[Formula] = []
    for factor in factors:
        if lines and width((*lines[-1], *factor)) <= most:
            lines[-1] = (*lines[-1], *factor)
            continue
        cross = parsed(r"\times ") if lines else ()
        fits = width(factor) <= most - TIMES
        found = [factor] if fits else _narrowed(factor, most - TIMES)
        lines += [(*cross, *found[0]), *found[1:]]
    return lines


def _factors(term: Formula) -> list[Formula]:
    found: list[Formula] = [()]
    for k, piece in enumerate(term):
        core = piece.parts[0][0] if piece.kind == "scripts" else piece
        tall = core.kind in ("fence", "frac", "grid", "sqrt") or core.name == "e" or _applies(core)
        if k and tall and not _applies(term[k - 1]) and term[k - 1].name not in SIGNS:
            found.append(())
        found[-1] = (*found[-1], piece)
    return found


def _applies(piece: Piece) -> bool:
    """Whether it is a name that is applied to what follows it."""
    return piece.latex.removeprefix("\\").startswith(_APPLIED)


# ---------------------------------------------------------------- inside


def _piece(piece: Piece, most: float) -> Formula:
    """One part of a formula, narrower: by what it holds."""
    fraction = piece.kind == "frac"
    inside = max((width(part, display=not fraction) for part in piece.parts), default=0.0)
    edge = width((piece,)) - inside
    if piece.kind == "grid" and piece.columns == 2:
        return _cases(piece, most)
    if piece.kind == "scripts" and piece.parts[0][0].kind == "fence":
        base, below, above = piece.parts
        core = source(_piece(base[0], most - width((piece,)) + width(base))).strip()
        low = f"_{{{source(below)}}}" if below else ""
        high = f"^{{{source(above)}}}" if above else ""
        return parsed(f"{core}{low}{high} ")
    inner = [source(_fitted(part, most - edge, display=not fraction)) for part in piece.parts]
    if fraction:
        return parsed(rf"\frac{{{inner[0]}}}{{{inner[1]}}} ")
    if piece.kind == "fence":
        return parsed(rf"\left{piece.ends[0]} {inner[0]} \right{piece.ends[1]} ")
    return parsed(rf"\sqrt{{{inner[0]}}} ") if piece.kind == "sqrt" else (piece,)


def _cases(cases: Piece, most: float) -> Formula:
    """Values beside their conditions, both broken; one below the other where that is too wide."""
    values, conditions = cases.parts[::2], cases.parts[1::2]
    left, right = (max(map(_cell, column)) for column in (values, conditions))
    room = most - (width((cases,)) - left - right)
    right = min(right, max(room / 2, room - left))
    beside = _grid(values, conditions, room - right, right, " & ")
    under = _grid(values, conditions, room, room - INDENT, r" \\ \quad ")
    return min(beside, under, key=lambda grid: (width(grid) > most, source(grid).count("aligned")))


def _grid(
    values: tuple[Formula, ...],
    conditions: tuple[Formula, ...],
    left: float,
    right: float,
    between: str,
) -> Formula:
    rows = [
        source(_fitted(value, left, display=False))
        + between
        + source(_fitted(condition, right, display=False))
        for value, condition in zip(values, conditions, strict=True)
    ]
    body = r" \\ \noalign{\vskip 1ex} ".join(rows)  # a row's own depth would swallow [1ex]
    return parsed(rf"\begin{{cases}} {body} \end{{cases}} ")


def _cell(cell: Formula) -> float:
    return width(cell, display=False)
