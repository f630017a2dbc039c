"""One implementation of the bank: what it claims to be and which property must catch it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Entry:
    """An implementation of ``function``, judged in ``formats`` at the level ``accurate``.

    ``killed_by`` names the properties expected to catch it (any one suffices); it is empty
    for a right implementation. Without ``vjp`` only the values are judged.
    """

    name: str
    function: str
    forward: Callable[..., Any]
    vjp: Callable[..., Any] | None = None
    formats: tuple[str, ...] = ("float32", "float64")
    killed_by: tuple[str, ...] = ()
    note: str = ""


def right(
    name: str,
    function: str,
    forward: Callable[..., Any],
    vjp: Callable[..., Any] | None = None,
    formats: tuple[str, ...] = ("float32",),
) -> Entry:
    """A right implementation: nothing may accuse it."""
    return Entry(name, function, forward, vjp, formats)


def wrong(
    name: str,
    function: str,
    forward: Callable[..., Any],
    note: str,
    by: tuple[str, ...] = ("value.accuracy",),
    *,
    vjp: Callable[..., Any] | None = None,
    formats: tuple[str, ...] = ("float32",),
) -> Entry:
    """A wrong value, or with ``vjp`` a wrong gradient of a right value; a point in the note."""
    return Entry(name, function, forward, vjp, formats, by, note)
