"""The text of a formula as Python's parser takes it: signs of mathematics put in Python's words."""

from __future__ import annotations

import ast
import re
import warnings
from typing import Any

from .vocabulary import NUMBERS, UnreadableError, shortened

LONGEST = 1500  # characters: what is longer is a program, no formula
_SIGNS = str.maketrans({"−": "-", "≤": "<=", "≥": ">=", "×": "*", "·": "*", "^": "**"})


def parsed(text: str, mode: str) -> Any:
    """The tree of a text; every constant of it keeps in `kind` how it was typed."""
    if len(text) > LONGEST:
        raise UnreadableError("it is too long to be a formula")
    source = _without_bars(text.translate(_SIGNS)).strip("`.,; \t\n")
    try:
        tree = quietly(source, mode)
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        raise UnreadableError(f"{shortened(text)} is no Python expression") from None
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant):  # a float keeps 17 of the digits that were typed
            node.kind = ast.get_source_segment(source, node)
    return tree


def _without_bars(text: str) -> str:
    """|x| as abs(x): a bar opens where an operand is due, and closes behind one."""
    if "|" not in text:
        return text
    if "||" in text:
        raise UnreadableError("|| is a norm or an or")
    parts = re.split(r"(\|)", text)
    depth = 0
    for k, part in enumerate(parts):
        if part != "|":
            continue
        before = "".join(parts[:k]).rstrip()
        opens = not before or before[-1] in "(,=<>+-*/" or re.search(r"\b(if|and|or|not)$", before)
        depth += 1 if opens else -1
        parts[k] = "abs(" if opens else ")"
    if depth:
        raise UnreadableError("a bar | has no partner")
    return "".join(parts)


def quietly(source: str | bytes, mode: str = "exec") -> Any:
    """What Python's parser makes of a text, without its warnings: the text is somebody else's."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(source, mode=mode)


def names(text: str, mode: str = "eval") -> frozenset[str]:
    """The names that a formula takes from outside, those of functions it calls left out."""
    nodes = list(ast.walk(parsed(text, mode)))
    called = {id(n.func) for n in nodes if isinstance(n, ast.Call)}
    made = {n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    owners = {id(n.value) for n in nodes if isinstance(n, ast.Attribute)}
    found = {
        n.id
        for n in nodes
        if isinstance(n, ast.Name) and id(n) not in called | owners and n.id not in made
    }
    return frozenset(found - set(NUMBERS))
