"""A fault: where it is injected and what it is; and the command line that meets it."""

from __future__ import annotations

import contextlib
import io
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from ulpian.checks import cli

FLOAT32 = ("--format", "float32")


class Kept(NamedTuple):
    """What was kept in spite of a fault, and the sentence that the user saw."""

    kept: str
    said: str


@dataclass(frozen=True)
class Fault:
    """One row. `quick` ones take less than seconds and are tried with the other tests, too."""

    place: str
    injected: str
    tried: Callable[[Path], Kept]
    quick: bool = True


class Said(NamedTuple):
    """What a command returned and printed."""

    code: int
    out: str
    err: str


def ulpian(*words: str) -> Said:
    """Run a command line in this process."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            cli.main(words)
        except SystemExit as stopped:
            code = stopped.code
    assert isinstance(code, int)
    return Said(code, out.getvalue(), err.getvalue())


@contextlib.contextmanager
def changed(holder: Any, name: str, value: Any) -> Iterator[None]:
    """Another value of an attribute, while inside."""
    before = getattr(holder, name)
    setattr(holder, name, value)
    try:
        yield
    finally:
        setattr(holder, name, before)


@contextlib.contextmanager
def variable(name: str, value: str) -> Iterator[None]:
    """Another value of an environment variable, while inside."""
    before = os.environ.get(name)
    os.environ[name] = value
    try:
        yield
    finally:
        if before is None:
            del os.environ[name]
        else:
            os.environ[name] = before


def one_line(text: str) -> str:
    """A text that must be one sentence on one line."""
    assert text.count("\n") == 1, text
    assert text.endswith("\n"), text
    return text.strip()
