"""A formula as documentation prints it, and a line or span of code that is one by itself."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

HEAD = re.compile(r"\s*([^\W\d]\w*)\s*(\([^()]*\))?\s*=(?!=)\s*")
INSIDE = re.compile(r"(.+?),?\s+(?:if|for|when)\s+(?!.*\selse\s)(.+)$", re.DOTALL)
OTHERWISE = re.compile(r"(.+?),?\s+otherwise$", re.DOTALL)
COMPARED = re.compile(r"[<>≤≥]|==|!=|\b(and|or)\b")


@dataclass(frozen=True)
class Formula:
    """A formula as a docstring prints it.

    `text` is what is shown; `head` what stands left of "=" ("" for none), `of` the arguments there.
    A formula is `sides` (right of each "="), or `pieces` (value and condition), or a `block` of
    lines, or `latex`; `trouble` says why it cannot be taken apart. `definitions` are what the
    docstring says of further names. `bare` is one that nothing introduces as a formula.
    """

    line: int
    text: str
    head: str = ""
    of: tuple[str, ...] = ()
    sides: tuple[str, ...] = ()
    pieces: tuple[tuple[str, str], ...] = ()
    block: str = ""
    latex: str = ""
    trouble: str = ""
    bare: bool = False
    definitions: dict[str, str] = field(default_factory=dict)


def of_code(code: str, line: int) -> Formula | None:
    """A line or span that is a formula by itself: `f(x) = ...`, or a case."""
    head = HEAD.match(code)
    body = code[head.end() :] if head else code
    name = head[1] if head else ""
    of = tuple(a.strip() for a in (head[2] or "()")[1:-1].split(",") if a.strip()) if head else ()
    case = piece(body)
    if case:
        return Formula(line, code, name, of, pieces=(case,))
    if not head or re.fullmatch(r"\W*|[A-Za-z_]\w*|True|False|None|-?[\d.]+", body.strip()):
        constant = head and re.fullmatch(r"-?\d+\.\d+", body.strip())
        return Formula(line, code, name, sides=(body,)) if constant or (of and body) else None
    sides = tuple(s for s in re.split(r"(?<![<>=!])=(?!=)", body) if s.strip())
    return Formula(line, code, name, of, sides=sides)


def piece(code: str) -> tuple[str, str] | None:
    """Value and condition of a case, "" for otherwise."""
    head = HEAD.match(code)
    body = code[head.end() :] if head else code
    otherwise = OTHERWISE.match(body.rstrip(" .,;"))
    if otherwise and not re.search(r"[<>]", otherwise[1]):
        return otherwise[1], ""
    inside = INSIDE.match(body)
    if not inside or not COMPARED.search(inside[2]):
        return None
    return inside[1], inside[2].rstrip(" .,;")


def joined(first: Formula, second: Formula) -> Formula:
    """Further cases of one formula."""
    return replace(
        first,
        text=f"{first.text}\n{second.text}",
        pieces=first.pieces + second.pieces,
        trouble=first.trouble or second.trouble,
    )
