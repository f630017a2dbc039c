"""Markers: comments that say which formula of the book stands beside them.

    .. ulpian: gelu                          reStructuredText
    <!-- ulpian: gelu gradient -->           Markdown
    # ulpian: softplus gradient beta         a comment in Python
    % ulpian: huber second log=ln            LaTeX

A marker names a function, then what of it: `value` (the default), `gradient`, `gradient NAME`,
`second`, `identity NAME`; then choices of notation, as in `ulpian show --notation`.
"""

from __future__ import annotations

import ast
import difflib
import io
import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass

from ...spec import statements
from ...spec.catalogue import find
from ...spec.function import Function
from ...spec.notation import Notation, notation
from ...spec.statements import Statement
from ..usage import UsageError
from .typed import quietly

QUANTITIES = ("value", "gradient", "second", "identity")

_RST = r"^[ \t]*\.\.[ \t]+ulpian:[ \t]*(?P<rst>[^\r\n]*)"
_HTML = r"<!--[ \t]*ulpian:[ \t]*(?P<html>.*?)[ \t]*-->"
_TEX = r"^[ \t]*%+[ \t]*ulpian:[ \t]*(?P<tex>[^\r\n]*)"
_COMMENT = r"#+[ \t]*ulpian:[ \t]*(?P<hash>[^\r\n]*)"
_FENCED = re.compile(r"^[ \t]*(```+|~~~+).*?^[ \t]*\1[ \t]*\r?$", re.DOTALL | re.MULTILINE)
_PATTERNS = {
    "rst": re.compile(f"{_RST}|{_HTML}", re.MULTILINE),
    "markdown": re.compile(f"{_RST}|{_HTML}", re.MULTILINE),
    "docstring": re.compile(f"{_RST}|{_HTML}", re.MULTILINE),
    "tex": re.compile(_TEX, re.MULTILINE),
    "comment": re.compile(_COMMENT),
}


@dataclass(frozen=True)
class Marker:
    """A marker in a text: what it asks, where it stands (`start` to `end`), in what.

    `where` is rst, markdown, docstring, comment or tex; `escaped` that a backslash is two there, as
    in a docstring that is not raw; `limit` is where the text ends that it stands in.
    """

    asked: str
    start: int
    end: int
    where: str
    limit: int
    escaped: bool = False


def markers(text: str, kind: str) -> Iterator[Marker]:
    """The markers of a text, in order; those that a code block shows are none."""
    if "ulpian:" not in text:
        return
    for start, end, where, escaped in _regions(text, kind):
        fences = [f.span() for f in _FENCED.finditer(text, start, end)] if where != "tex" else []
        for match in _PATTERNS[where].finditer(text, start, end):
            if any(a < match.start() < b for a, b in fences):
                continue
            asked = next(g for g in match.groups() if g is not None)
            limit = len(text) if where == "comment" else end
            yield Marker(asked.strip(), match.start(), match.end(), where, limit, escaped)


def _regions(text: str, kind: str) -> list[tuple[int, int, str, bool]]:
    """The parts of a text that may hold markers: of Python, its comments and docstrings."""
    if kind != "python":
        return [(0, len(text), kind, False)]
    lines = [0]
    for line in io.StringIO(text):
        lines.append(lines[-1] + len(line))
    try:
        begun = _docstring_lines(quietly(text.lstrip("\ufeff")))
        tokens = list(tokenize.generate_tokens(io.StringIO(text.lstrip("\ufeff")).readline))
    except (SyntaxError, ValueError, tokenize.TokenError):
        raise UsageError("it is no Python that can be parsed, and it holds a marker") from None
    mark = len(text) - len(text.lstrip("\ufeff"))
    found = []
    for token in tokens:
        start, end = (lines[row - 1] + column for row, column in (token.start, token.end))
        shift = (mark if token.start[0] == 1 else 0), (mark if token.end[0] == 1 else 0)
        if token.type == tokenize.COMMENT:
            found.append((start + shift[0], end + shift[1], "comment", False))
        elif token.type == tokenize.STRING and token.start[0] in begun:
            raw = "r" in token.string.split("'")[0].split('"')[0].lower()
            found.append((start + shift[0], end + shift[1], "docstring", not raw))
    return found


def _docstring_lines(tree: ast.Module) -> set[int]:
    """The lines where docstrings, and strings that a call adds as such, begin."""
    bodies = [tree.body]
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    bodies += [node.body for node in ast.walk(tree) if isinstance(node, kinds)]
    firsts = [body[0] for body in bodies if body]
    values = [node.value for node in firsts if isinstance(node, ast.Expr)]
    return {v.lineno for v in values if isinstance(v, ast.Constant) and isinstance(v.value, str)}


# ---------------------------------------------------------------- what is asked


def statement(asked: str) -> Statement:
    """What a marker asks for; `UsageError` is one sentence with the nearest names."""
    words = asked.split()
    choices: list[str] = []
    while words and re.fullmatch(r"\w+=\w*", words[-1]):
        choices.insert(0, words.pop())
    if not words:
        raise UsageError("the marker names no function: write ulpian: gelu")
    name, *rest = words
    try:
        function, chosen = find(name), notation(choices)
    except (LookupError, ValueError) as error:
        raise UsageError(str(error.args[0])) from error
    quantity, *further = rest or ["value"]
    return _quantity(function, quantity, " ".join(further), chosen)


def _quantity(function: Function, quantity: str, name: str, chosen: Notation) -> Statement:
    if quantity == "value" and not name:
        return statements.formula(function, chosen)
    if quantity == "gradient":
        return _named(
            function, "gradient", name, statements.gradients(function, chosen), first=True
        )
    if quantity == "second" and not name:
        found = statements.second(function, chosen)
        if not found:
            raise UsageError(f"{function.name} has no second derivative in its first variable")
        return found[0]
    if quantity == "identity":
        return _named(function, "identity", name, statements.identities(function, chosen))
    if quantity in QUANTITIES:
        raise UsageError(f"{function.name} {quantity} takes no name, and {name!r} is given")
    near = difflib.get_close_matches(quantity, QUANTITIES, n=1)
    hint = f"did you mean {near[0]}?" if near else f"choose one of {', '.join(QUANTITIES)}"
    raise UsageError(f"unknown quantity {quantity!r} of {function.name}: {hint}")


def _named(
    function: Function, what: str, name: str, found: tuple[Statement, ...], first: bool = False
) -> Statement:
    """The one of that name; without a name the first, where one is taken for granted."""
    if not name and first and found:
        return found[0]
    chosen = next((s for s in found if s.label == name), None)
    if chosen is None:
        labels = [s.label for s in found]
        known = f"choose one of {', '.join(map(repr, labels))}" if labels else "it has none"
        raise UsageError(f"{function.name} has no {what} {name!r}: {known}")
    return chosen
