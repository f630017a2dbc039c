"""What the commands share: how they print, complain and refuse, and how they read names.

Results go to stdout, progress and complaints to stderr. A request that cannot be served is one
sentence on stderr, with the name, the value and the way out, and exit code 2.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from ..reference.formats import Format
    from ..spec.function import Function

OK, FINDINGS, NO_VERDICT, INTERRUPTED = 0, 1, 2, 130


class Refused(click.ClickException):
    """A request that cannot be served; the message is one sentence."""


@contextmanager
def refusing(*kinds: type[Exception]) -> Iterator[None]:
    """Turn the exceptions by which the rest says that a request cannot be served into `Refused`."""
    try:
        yield
    except kinds as error:
        raise Refused(str(error.args[0] if error.args else error)) from error


def complain(sentence: str) -> None:
    """One sentence to stderr."""
    click.echo(sentence, err=True)


def put(text: str) -> None:
    """Text to stdout, what its encoding lacks as escapes.

    A reader that went away (`| head`) is no error and changes no exit code.
    """
    encoding = sys.stdout.encoding or "utf-8"
    shown = text.encode(encoding, "backslashreplace").decode(encoding)
    try:
        sys.stdout.write(shown if shown.endswith("\n") or not shown else f"{shown}\n")
        sys.stdout.flush()
    except BrokenPipeError:
        hush()


def hush() -> None:
    """Let go of a pipe that nobody reads, so that Python does not complain at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def coloured() -> bool:
    """Whether stdout takes colours."""
    wanted = not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    return wanted and sys.stdout.isatty()


def definition(name: str) -> Function:
    """The function of that name; `Refused` where there is none, or it is wrong."""
    from ..spec.catalogue import find
    from ..spec.errors import SpecError

    with refusing(LookupError, SpecError):
        return find(name)


def format_named(name: str) -> Format:
    """The format of that name; `Refused` where there is none."""
    from ..reference.formats import FORMATS

    if name not in FORMATS:
        raise Refused(f"unknown format {name!r}: choose one of {', '.join(FORMATS)}")
    return FORMATS[name]


def listed(values: Sequence[str]) -> tuple[str, ...]:
    """Options that may be repeated or separated by commas."""
    return tuple(part.strip() for value in values for part in value.split(",") if part.strip())
