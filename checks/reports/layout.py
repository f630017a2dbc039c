"""Lines of a page: its width, a block's columns, labels, wrapped text, colours."""

from __future__ import annotations

import re
import textwrap
from typing import Any

import click

WIDTH = 100
LABEL, VALUE, _HEX, LEVEL = 13, 25, 19, 61  # columns of a block
_HEX_DOUBLE = 25  # for the long ones of float64


class Pen:
    """Colours where they are wanted."""

    def __init__(self, colour: bool) -> None:
        self.colour = colour

    def __call__(self, text: str, **style: Any) -> str:
        return click.style(text, **style) if self.colour else text


def heading(where: str, said: str, pen: Pen) -> str:
    """The first line of a block, what was found in its column or below where it is too long."""
    gap = "  " if len(where) > LEVEL - 2 else " " * (LEVEL - len(where))
    if len(where) + len(gap) + len(said) > WIDTH:
        gap = "\n" + " " * LABEL
    return pen(where, bold=True) + gap + pen(said, fg="red")


def labelled(label: str, text: str, width: int = LABEL) -> str:
    """A line of a block: a label, then text."""
    return f"{'  ' + label:<{width - 1}} {text}".rstrip()


def wrapped(label: str, text: str, indent: int) -> list[str]:
    """Text under a label, its later lines indented; never a break within a word."""
    head = f"{'  ' + label:<{LABEL - 1}} "
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=head,
        subsequent_indent=" " * indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def columns(value: str, hexed: str = "", bits: str = "") -> str:
    """A number in its three forms, in columns."""
    wide = _HEX if len(hexed) < _HEX else _HEX_DOUBLE
    return f"{value:<{VALUE - 1}} {hexed:<{wide - 1}} {bits}".rstrip()


def command(label: str, words: str) -> list[str]:
    """A command, continued on further lines where it is long; it can be pasted as it stands."""
    lines, line = [], ""
    for part in re.split(r" (?=--)|(?<=[;,]) ", words):
        if line and len(line) + len(part) > WIDTH - LABEL - 3:
            lines.append(f"{line} \\")
            line = f"  {part}"
        else:
            line = f"{line} {part}" if line else part
    first, *others = [*lines, line]
    return [labelled(label, first), *(" " * LABEL + other for other in others)]
