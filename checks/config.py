"""What a project asks of Ulpian: `[tool.ulpian]` in its pyproject.toml.

    [tool.ulpian]
    targets = ["mypkg.kernels"]
    formats = ["float32", "bfloat16"]
    require = "accurate"
    ledger = "ulpian-ledger.toml"

It is that of the nearest pyproject.toml upward from the current folder. The command line wins.
"""

from __future__ import annotations

import difflib
import math
import os
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any


class ConfigError(ValueError):
    """A configuration that cannot be followed; the message is one sentence."""


@dataclass(frozen=True)
class Config:
    """What `[tool.ulpian]` says; what it does not say is None or empty.

    `specs` are modules with definitions of one's own. `limit` is in seconds, `timeout` a time as
    20m, `memory` in GiB. `folder` is that of the pyproject.toml: the
    ledger's path starts there, and modules there can be named as targets.
    """

    folder: Path | None = None
    targets: tuple[str, ...] = ()
    specs: tuple[str, ...] = ()
    select: tuple[str, ...] = ()
    formats: tuple[str, ...] = ()
    require: str | None = None
    profile: str | None = None
    seed: int | None = None
    limit: float | None = None
    timeout: str | None = None
    memory: float | None = None
    ledger: str | None = None


# The example of each field that a complaint shows.
_EXAMPLES = {
    "targets": '["mypkg.kernels"]',
    "specs": '["mypkg.definitions"]',
    "select": '["gelu", "grad.*"]',
    "formats": '["float32"]',
    "require": '"accurate"',
    "profile": '"smoke"',
    "seed": "7",
    "limit": "10.0",
    "timeout": '"20m"',
    "memory": "4.0",
    "ledger": '"ulpian-ledger.toml"',
}


def configuration(start: Path | None = None) -> Config:
    """That of the nearest pyproject.toml upward from a folder (the current one).

    An empty `Config` where there is none. Raises `ConfigError` where it cannot be read, or has an
    unknown key or a value of another type.
    """
    try:
        here = (start or Path.cwd()).absolute()
    except FileNotFoundError:  # the folder is gone
        return Config()
    for folder in (here, *here.parents):
        place = folder / "pyproject.toml"
        if place.is_file():
            return _read(place)
    return Config()


def _read(place: Path) -> Config:
    shown = os.path.relpath(place)
    try:
        data = tomllib.loads(place.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:  # a TOMLDecodeError names the line
        raise ConfigError(f"{shown} cannot be read: {error}") from error
    tools = data.get("tool", {})
    table = tools.get("ulpian", {}) if isinstance(tools, dict) else {}
    if not isinstance(table, dict):
        raise ConfigError(f"{shown}: tool.ulpian is {table!r}, not a table: write [tool.ulpian]")
    return Config(place.parent, **_checked(table, shown))


def _checked(table: Mapping[str, Any], shown: str) -> dict[str, Any]:
    for key, value in table.items():
        if key not in _EXAMPLES:
            near = difflib.get_close_matches(key, _EXAMPLES, 1)
            said = f"did you mean {near[0]}?" if near else f"it may have {', '.join(_EXAMPLES)}"
            raise ConfigError(f"{shown}: [tool.ulpian] has an unknown key {key!r}: {said}")
        kind = _KINDS[_TYPES[key]]
        if not kind.fits(value):
            raise ConfigError(
                f"{shown}: [tool.ulpian] {key} = {value!r} is not {kind.name}: "
                f"write {key} = {_EXAMPLES[key]}"
            )
    return {k: tuple(v) if isinstance(v, list) else v for k, v in table.items()}


@dataclass(frozen=True)
class _Kind:
    """A type of field, as a complaint names it and as a value of TOML meets it."""

    name: str
    fits: Callable[[Any], bool]


def _number(value: Any) -> bool:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and 0 <= value < math.inf


_KINDS = {
    "tuple[str, ...]": _Kind(
        "a list of texts",
        lambda v: isinstance(v, list) and all(isinstance(t, str) and t.strip() for t in v),
    ),
    "str | None": _Kind("a text", lambda v: isinstance(v, str) and bool(v.strip())),
    "int | None": _Kind("a whole number from 0 on", lambda v: isinstance(v, int) and _number(v)),
    "float | None": _Kind("a number from 0 on", _number),
}
_TYPES = {f.name: str(f.type) for f in fields(Config)}
