"""The book put together: its chapters, in the order of reading."""

from __future__ import annotations

from ..environment import environment
from .chapters import (
    bibliography,
    claims,
    conformance,
    differences,
    floating_point,
    functions,
    how_to_read,
    identities,
    kills,
    pairings,
    vanishing,
)
from .document import Book, Text
from .edition import STANDARD, Edition

TITLE = "Activation and loss functions: the handbook"

CHAPTERS = (
    how_to_read.chapter,
    floating_point.chapter,
    functions.activations,
    functions.losses,
    functions.blocks,
    functions.own,
    pairings.chapter,
    vanishing.chapter,
    identities.chapter,
    claims.chapter,
    differences.chapter,
    conformance.chapter,
    kills.chapter,
    bibliography.chapter,
)
"""Each gives a chapter, or None where there is nothing to tell."""


def book(edition: Edition = STANDARD) -> Book:
    """The whole book as plain data."""
    chapters = (chapter(edition) for chapter in CHAPTERS)
    return Book(TITLE, tuple(one for one in chapters if one is not None), _colophon())


def _colophon() -> Text:
    """What the numbers depend on: observed ones on the CPU's vector features, too."""
    have = environment()
    made_with = ("sympy", "python-flint", "numpy")
    packages = ", ".join(f"{name} {have[name]}" for name in made_with)
    machine = f"{have['platform']}, {have['cpu']} ({have['cpu_features']})"
    return (f"Written by Ulpian {have['ulpian']} with {packages}, on {machine}.",)
