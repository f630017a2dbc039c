"""The ends of a domain: limits, and the lines that a function approaches."""

from __future__ import annotations

from typing import Any

from sympy import S, oo

from ...spec import derive
from .fact import Asymptote, Fact, number
from .line import Line
from .piece import STARTS, Piece, Undecided
from .tail import ONE, Beyond, TooEarly, Y


def limits(line: Line) -> Fact:
    """The limits of the value at both ends of the domain."""
    found, proved = [], False
    for piece, end in ((line.pieces[0], line.domain.inf), (line.pieces[-1], line.domain.sup)):
        value = piece.limit(0, end)
        if value.exact is None and value.ball is None:
            raise Undecided(f"no limit towards {end}")
        proved = proved or not _from_tail(piece, end)
        found.append((number(end), number(value)))
    text = ", ".join(f"{value} at {end}" for end, value in found)
    how = "SymPy" if proved else "expansions with enclosed remainders"
    return Fact("proved" if proved else "certified", tuple(found), how, text)


def _from_tail(piece: Piece, end: Any) -> bool:
    try:
        return not piece.singular[end] or piece.in_tail(end, 0, "limit")[0] is not None
    except Undecided:
        return False


def asymptotes(line: Line) -> Fact:
    """The lines that the function approaches at the infinities."""
    found, words = [], []
    for piece, end in ((line.pieces[0], line.domain.inf), (line.pieces[-1], line.domain.sup)):
        if end not in (oo, -oo):
            continue
        straight = _asymptote(piece, end)
        if straight is None:
            words.append(f"none at {end}")
        else:
            m, b = straight
            found.append(Asymptote(number(end), number(m), number(b)))
            words.append(f"{found[-1].text(str(line.symbol))} at {end}")
    text = ", ".join(words) or "none: the domain is bounded"
    return Fact("certified", tuple(found), "expansions with enclosed remainders", text)


def _asymptote(piece: Piece, end: Any) -> tuple[Any, Any] | None:
    """Slope and intercept; None where the function grows otherwise."""
    slope = piece.limit(1, end)
    if slope.infinite:
        return None
    for start in STARTS[1:4]:
        try:
            value = piece.tails(end, start)[0]
            if set(value.growing()) - {Y}:
                return None
            m, b = value.coefficient(Y), value.coefficient(ONE)
        except (Undecided, Beyond, TooEarly):
            continue
        if m is not None and b is not None:
            return (m if end == oo else -m), b
    if slope.exact is None:
        raise Undecided(f"no exact slope towards {end}")
    rest = derive.limit(piece.expression - slope.exact * piece.symbol, piece.symbol, end)
    if rest in (oo, -oo):
        return None
    if rest is S.NaN or not rest.is_number:
        raise Undecided(f"no intercept towards {end}")
    return slope.exact, rest
