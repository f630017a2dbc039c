"""Expressions and equations of the spec as pieces of a document."""

from __future__ import annotations

from typing import Any

from ...spec.function import Function
from ...spec.latex import latex, text
from .document import Display, Link, Math, Text
from .edition import Edition


def inline(expression: Any, edition: Edition, function: Function | None = None) -> Math:
    """A formula in a line, in the symbols of the function it belongs to."""
    return Math(latex(expression, function, edition.notation), text(expression, function))


def displayed(expression: Any, edition: Edition, *, note: Text = ()) -> Display:
    """A formula on a line of its own; `note` says how it is known."""
    return Display(latex(expression, None, edition.notation), text(expression), note=note)


def name(function: str) -> Link:
    """A function's name, as the way to its page."""
    return Link(function, function)


def names(functions: tuple[str, ...]) -> Text:
    """Several functions' names, with commas."""
    pieces: list[Link | str] = []
    for function in functions:
        pieces += [", ", name(function)] if pieces else [name(function)]
    return tuple(pieces)
