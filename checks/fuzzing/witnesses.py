"""Witnesses that are kept: what broke a property once, to be tried again.

A store is a file of JSON lines, one for each witness: what was judged and how, and the verdict with
the bits of every number. Each line is appended whole under a lock and is on the disk before the run
goes on, so that a run that is killed leaves a store that can be read.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ...reference.level import Level
from ..files import FileError, alone, shown, writable
from ..reports import events
from ..verdict import Verdict

VERSION = 1  # of a line: raised when a field changes its meaning
STORE = Path(".ulpian") / "witnesses.jsonl"


@dataclass(frozen=True)
class Kept:
    """A verdict that failed, and what has to be known to judge it again.

    `claimed` is the function that a single callable was said to be (`--as`). The verdict's `seed`
    is that of its run.
    """

    target: str
    claimed: str | None
    required: Level
    profile: str
    verdict: Verdict

    @property
    def id(self) -> str:
        """Eight digits, of what was judged and of the bits at which it fails."""
        v = self.verdict
        bits = v.witness.bits if v.witness is not None else v.seed
        said = [self.target, self.claimed, v.function, v.property, v.format, bits]
        return hashlib.blake2b(json.dumps(said).encode(), digest_size=4).hexdigest()

    @property
    def cause(self) -> tuple[Any, ...]:
        """What makes it another finding than those that are kept: how bad, how, and about where."""
        v = self.verdict
        said = re.sub(r"[-+]?[0-9][0-9.e+-]*", "#", v.message)
        judged = (self.target, self.claimed, v.function, v.property, v.format)
        return (*judged, v.level, said, _about(v))


def _about(verdict: Verdict) -> str:
    """The sign and the rough size of the first input; nothing where that is no number."""
    inputs = verdict.witness.inputs if verdict.witness is not None else {}
    first = next(iter(inputs.values()), None)
    if not isinstance(first, float):
        return ""
    if not math.isfinite(first) or first == 0:
        return str(first)
    size = "tiny" if abs(first) < 1e-3 else "ordinary" if abs(first) < 1e3 else "huge"
    return f"{'-' if first < 0 else '+'}{size}"


# ---------------------------------------------------------------- the file


def ready(path: Path) -> None:
    """Refuse a place that cannot hold a store before the work; `FileError` says why.

    The folder of the usual store is made; any other has to be there.
    """
    if path == STORE:
        try:
            path.parent.mkdir(exist_ok=True)
        except OSError as error:
            raise FileError(
                f"cannot make the folder {shown(path.parent)}: {error.strerror}; name "
                "another store with --witnesses FILE"
            ) from error
    writable(path)
    if path.exists():
        read(path)


def read(path: Path) -> tuple[Kept, ...]:
    """The witnesses of a store, in the order they were found.

    A last line that was cut short is left out. Raises `FileError`, with the line, for anything else
    that is no witness, and where there is no such file.
    """
    try:
        text = path.read_bytes().decode()
    except FileNotFoundError as error:
        raise FileError(
            f"there is no store of witnesses {shown(path)}: `ulpian check TARGET --time 10m` "
            "makes one"
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise FileError(f"cannot read {shown(path)}: {error}") from error
    whole, _, _ = text.rpartition("\n")
    return tuple(
        _parsed(line, number, path)
        for number, line in enumerate(whole.split("\n"), 1)
        if line.strip()
    )


def _parsed(line: str, number: int, path: Path) -> Kept:
    try:
        data = json.loads(line)
        if data["witness"] != VERSION:
            raise ValueError(f"of version {data['witness']!r}, and this Ulpian reads {VERSION}")
        return Kept(
            data["target"],
            data["as"],
            Level(data["required"]),
            data["profile"],
            events.verdict_of(data["verdict"]),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise FileError(
            f"line {number} of {shown(path)} is no witness ({error}): remove the line, or name "
            "another store"
        ) from error


def add(path: Path, kept: Kept) -> bool:
    """Keep a witness, unless one of the same cause is kept; whether it is new."""
    line = json.dumps(
        {
            "witness": VERSION,
            "id": kept.id,
            "target": kept.target,
            "as": kept.claimed,
            "required": str(kept.required),
            "profile": kept.profile,
            "verdict": events.verdict_event(replace(kept.verdict, seconds=0.0)),
        },
        allow_nan=False,
    )
    with alone(path):
        if path.exists() and kept.cause in {other.cause for other in read(path)}:
            return False
        try:
            _append(path, f"{line}\n".encode())
        except OSError as error:
            raise FileError(f"cannot write {shown(path)}: {error.strerror}") from error
    return True


def _append(path: Path, line: bytes) -> None:
    """One line at the end, in place of one that was cut short."""
    file = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        size = os.lseek(file, 0, os.SEEK_END)
        whole = path.read_bytes().rfind(b"\n") + 1 if size else 0
        os.ftruncate(file, whole)
        os.lseek(file, whole, os.SEEK_SET)
        while line:
            line = line[os.write(file, line) :]
        os.fsync(file)
    finally:
        os.close(file)
