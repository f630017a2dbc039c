"""The text of a ledger: read with a sentence for every mistake, written so that a person can.

Each entry is a section of the text: its [[verdict]], the comment that stands right above it, and
what follows up to the next. Sections are sorted and edited one by one, so that comments, reasons
and the order of fields stay as their user left them.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, dataclass, fields
from datetime import date, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

from ...reference.level import Level
from ..files import shown
from ..seeds import SEED
from ..verdict import Status
from .ledger import VERSION, Entry

# The fields in the order of the file.
ORDER = (
    *("target", "function", "property", "format", "platform"),
    *("status", "level", "error_ulp", "witness", "profile", "seed"),
    *("reason", "link", "first_seen", "expires"),
)
EMPTY = f"""\
# Verdicts that the gate accepts until they change: `ulpian ledger --help`.
# Yours are platform, reason, link and expires; the rest is written by `ulpian ledger update`.
version = {VERSION}
"""
_HEADER = re.compile(r"^[ \t]*\[\[[ \t]*verdict[ \t]*\]\]", re.MULTILINE)


class LedgerError(ValueError):
    """A ledger that cannot be read; the message is one sentence, with the line."""


# ---------------------------------------------------------------- read


def read(path: Path) -> tuple[Entry, ...]:
    """The entries of a ledger, in its order. Raises `LedgerError` for what is none."""
    return entries(text_of(path), path)


def text_of(path: Path) -> str:
    """The text of a ledger that is there; `LedgerError` where there is none."""
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise LedgerError(
            f"there is no ledger {shown(path)}: write it with `ulpian ledger update TARGET "
            f"--ledger {path}`"
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        said = error.strerror if isinstance(error, OSError) else str(error)
        raise LedgerError(f"ledger {shown(path)} cannot be read: {said}") from error


def entries(text: str, path: Path) -> tuple[Entry, ...]:
    """The entries of a ledger's text; `path` is for complaints."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        end = f"at line {len(text.splitlines())}, the last"
        said = str(error).replace("at end of document", end)
        raise LedgerError(
            f"ledger {shown(path)} is no TOML: {said}; mend it there, or restore the file"
        ) from error
    _check_version(data, path)
    tables = data.get("verdict", [])
    if not (isinstance(tables, list) and all(isinstance(t, dict) for t in tables)):
        raise LedgerError(f"ledger {shown(path)}: write each entry under [[verdict]]")
    lines = [text.count("\n", 0, found.start()) + 1 for found in _HEADER.finditer(text)]
    places = lines if len(lines) == len(tables) else [1] * len(tables)
    found: dict[tuple[Any, ...], int] = {}
    read_: list[Entry] = []
    for table, line in zip(tables, places, strict=True):
        where = f"ledger {shown(path)}, entry at line {line}"
        entry = _entry(table, where)
        if entry.key in found:
            raise LedgerError(
                f"{where}: the same target, function, property, format and platform as at line "
                f"{found[entry.key]}; keep one of them"
            )
        found[entry.key] = line
        read_.append(entry)
    return tuple(read_)


def _check_version(data: Mapping[str, Any], path: Path) -> None:
    version = data.get("version")
    if version is None:
        raise LedgerError(
            f"ledger {shown(path)} does not begin with version = {VERSION}: it is empty, cut "
            "short, or no ledger; restore it, or remove it and run `ulpian ledger update`"
        )
    if version != VERSION or isinstance(version, bool):
        raise LedgerError(
            f"ledger {shown(path)} has version = {version!r}, and this Ulpian reads {VERSION}: "
            "use the Ulpian that wrote it"
        )
    strange = set(data) - {"version", "verdict"}
    if strange:
        raise LedgerError(
            f"ledger {shown(path)} has an unknown key {min(strange)!r}: it may have version and "
            "[[verdict]]"
        )


def _entry(table: Mapping[str, Any], where: str) -> Entry:
    for name in table:
        if name not in ORDER:
            raise LedgerError(f"{where}: unknown field {name!r}; it may have {', '.join(ORDER)}")
    for name in _NEEDED:
        if name not in table:
            raise LedgerError(
                f"{where}: {name} is missing; add it, or remove the entry (a file that was cut "
                "short ends so)"
            )
    values = {}
    for name, value in table.items():
        kind, fits, made = _FIELDS[name]
        if not fits(value):
            raise LedgerError(f"{where}: {name} = {_toml(value)} is not {kind}")
        values[name] = made(value)
    return Entry(**values)


def _toml(value: Any) -> str:
    return str(value) if isinstance(value, date) else repr(value)


def _named(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _number(value: Any) -> bool:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and not value < 0


def _bits(value: Any) -> bool:
    if isinstance(value, list):
        return all(map(_bits, value))
    return isinstance(value, str) and re.fullmatch(r"0x[0-9a-f]+|-?[0-9]+", value) is not None


def _day(value: Any) -> bool:
    return isinstance(value, date) and not isinstance(value, datetime)


# What a field must be, in words and as a test, and what becomes of it.
_Kind = tuple[str, Callable[[Any], bool], Callable[[Any], Any]]
_NAME: _Kind = ("a text", _named, str)
_WORDS: _Kind = ("a text", lambda v: isinstance(v, str), str)
_DAY: _Kind = ("a date like 2027-05-21", _day, lambda v: v)
_FIELDS: dict[str, _Kind] = {
    **dict.fromkeys(("target", "function", "property", "format", "platform", "profile"), _NAME),
    **dict.fromkeys(("reason", "link"), _WORDS),
    **dict.fromkeys(("first_seen", "expires"), _DAY),
    "status": (f"one of {', '.join(Status)}", lambda v: v in tuple(Status), Status),
    "level": (f"one of {', '.join(Level)}", lambda v: v in tuple(Level), Level),
    "error_ulp": ("a number from 0 on", _number, float),
    "witness": (
        "a table of bits in hexadecimal",
        lambda v: isinstance(v, dict) and all(map(_bits, v.values())),
        MappingProxyType,
    ),
    "seed": (
        "a whole number from 0 on",
        lambda v: isinstance(v, int) and _number(v),
        int,
    ),
}
_NEEDED = tuple(
    f.name for f in fields(Entry) if f.default is MISSING and f.default_factory is MISSING
)


# ---------------------------------------------------------------- sections


@dataclass(frozen=True)
class Section:
    """The text of one entry, from the comment right above it to the next one's, and the entry."""

    text: str
    entry: Entry


def sections(text: str, path: Path) -> tuple[str, list[Section]]:
    """What stands before the first entry, and the section of each; `LedgerError` as `entries`."""
    found = entries(text, path)
    lines = text.splitlines(keepends=True)
    starts = [_start(lines, k) for k, line in enumerate(lines) if _HEADER.match(line)]
    parts = ["".join(lines[a:b]) for a, b in zip([0, *starts], [*starts, len(lines)], strict=True)]
    head, *bodies = parts
    try:
        alone = [entries(f"version = {VERSION}\n{body}", path) for body in bodies]
    except LedgerError:
        alone = []
    if [one for (one,) in (a for a in alone if len(a) == 1)] != list(found):
        raise LedgerError(
            f"ledger {shown(path)}: a text over several lines holds [[verdict]], so that entries "
            "cannot be told apart; write it on one line"
        )
    return head, [Section(body, entry) for body, entry in zip(bodies, found, strict=True)]


def _start(lines: list[str], header: int) -> int:
    """Where the comment right above an entry begins."""
    while header > 0 and lines[header - 1].lstrip().startswith("#"):
        header -= 1
    return header


def joined(head: str, parts: Iterable[Section]) -> str:
    """The text of a ledger, its entries sorted, an empty line before each."""
    ordered = sorted(parts, key=lambda section: section.entry.key)
    return "\n".join(part.strip("\n") + "\n" for part in [head, *(s.text for s in ordered)])


def section(entry: Entry) -> Section:
    """The section of a new entry."""
    import tomlkit  # here, because only who writes needs it

    lines = [f"{k} = {tomlkit.item(v).as_string()}" for k, v in _said(entry).items()]
    return Section("\n".join(["[[verdict]]", *lines]) + "\n", entry)


def edited(old: Section, entry: Entry) -> Section:
    """The section with those fields changed that differ from what it says."""
    import tomlkit

    document = tomlkit.parse(old.text)
    table = document["verdict"][0]
    before, after = _said(old.entry), _said(entry)
    for name in ORDER:
        if name in after and after[name] != before.get(name):
            table[name] = after[name]
        elif name in before and name not in after and name in table:
            del table[name]
    return Section(tomlkit.dumps(document), entry)


def _said(entry: Entry) -> dict[str, Any]:
    """The fields of an entry as TOML has them, without those that say nothing."""
    values = {name: getattr(entry, name) for name in ORDER}
    defaults = {"profile": "default", "seed": SEED, "level": None, "error_ulp": None}
    defaults |= {"witness": {}, "expires": None}
    return {
        name: _plain(value)
        for name, value in values.items()
        if name not in defaults or value != defaults[name]
    }


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        import tomlkit

        table = tomlkit.inline_table()
        table.update({name: _plain(bits) for name, bits in value.items()})
        return table
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    return str(value) if isinstance(value, str) else value
