"""Truths on disk, keyed by the content of what was asked.

A file is a digest followed by what it digests, written aside and moved into place, so that
parallel writers cannot mix and a torn, truncated or altered file is noticed, dropped and computed
again. The cache is a convenience: when the disk refuses, work goes on without it.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import math
import os
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .error import Answer

VERSION = 7  # of the file layout and of the oracle's conventions: raise it when either changes
RECORD = np.dtype(
    [
        ("nearest", "<f8"),
        ("rest", "<f4"),
        ("exponent", "<i2"),
        ("condition", "<f8"),
        ("decided", "?"),
    ]
)
"""One answer on disk."""


def folder() -> Path | None:
    """Where truths are kept: $ULPIAN_CACHE ("off" for none), else the user's cache folder."""
    chosen = os.environ.get("ULPIAN_CACHE", "")
    if chosen.lower() in ("off", "0", "none"):
        return None
    if chosen:
        return Path(chosen)
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "ulpian"


def key(*parts: object) -> str:
    """A name for a question: equal exactly where all parts are equal."""
    digest = hashlib.blake2b(digest_size=20)
    for part in (VERSION, *parts):
        raw = part if isinstance(part, bytes) else repr(part).encode()
        digest.update(len(raw).to_bytes(8, "little") + raw)
    return digest.hexdigest()


def load(name: str) -> list[Answer] | None:
    """The answers stored under a key; None when there are none that can be trusted."""
    payload = read(name)
    if payload is None:
        return None
    try:
        return _answers(payload)
    except (ValueError, KeyError, TypeError):
        forget(name)
        return None


def read(name: str) -> bytes | None:
    """What is stored under a key, byte for byte as it was written; None where it is not."""
    place = folder()
    if place is None:
        return None
    path = place / name[:2] / name
    try:
        raw = path.read_bytes()
    except OSError:
        return None
    if _digest(name, raw[32:]) != raw[:32]:
        _drop(path)
        return None
    return raw[32:]


def forget(name: str) -> None:
    """Drop what is stored under a key."""
    place = folder()
    if place is not None:
        _drop(place / name[:2] / name)


def _digest(name: str, payload: bytes) -> bytes:
    """Of the key and the content: a file moved to another question's place is noticed."""
    return hashlib.blake2b(name.encode() + payload, digest_size=32).digest()


def _drop(path: Path) -> None:
    with contextlib.suppress(OSError):
        path.unlink(missing_ok=True)


def _answers(payload: bytes) -> list[Answer]:
    """A line of JSON with the shapes, then the records: read a hundred thousand times in a run."""
    shapes, _, records = payload.partition(b"\n")
    found, start = [], 0
    for shape in json.loads(shapes):
        count = math.prod(shape)
        one = np.frombuffer(records, RECORD, count, start).reshape(shape)
        start += count * RECORD.itemsize
        found.append(
            Answer(
                nearest=one["nearest"].copy(),
                rest=one["rest"].astype(np.float64),
                exponent=one["exponent"].astype(np.int64),
                condition=one["condition"].copy(),
                decided=one["decided"].copy(),
            )
        )
    return found


def as_stored(answers: list[Answer]) -> list[Answer]:
    """The answers in the precision they are kept in, so that a first run equals a later one."""
    return [
        Answer(
            a.nearest,
            _single(a.rest).astype(np.float64),
            a.exponent,
            _bounded(a.condition),
            a.decided,
        )
        for a in answers
    ]


def store(name: str, answers: list[Answer]) -> None:
    """Keep answers under a key. A disk that is full or read-only is no error."""
    if folder() is None:
        return
    shapes, records = [], []
    for a in answers:
        one = np.empty(a.nearest.shape, RECORD)
        one["nearest"], one["rest"] = a.nearest, _single(a.rest)
        one["exponent"], one["decided"] = a.exponent, a.decided
        one["condition"] = _bounded(a.condition)
        shapes.append(one.shape)
        records.append(one.tobytes())
    write(name, json.dumps(shapes).encode() + b"\n" + b"".join(records))


def write(name: str, raw: bytes) -> None:
    """Keep bytes under a key. A disk that is full or read-only is no error."""
    place = folder()
    if place is None:
        return
    path = place / name[:2] / name
    temporary = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
            temporary = file.name
            file.write(_digest(name, raw) + raw)
        os.replace(temporary, path)
    except OSError:
        if temporary is not None:
            Path(temporary).unlink(missing_ok=True)


def _bounded(condition: NDArray[Any]) -> NDArray[Any]:
    """An infinite condition, as at the end of a domain, as a large one: it must not excuse all."""
    bounded: NDArray[Any] = np.where(
        np.isposinf(condition), float(np.finfo(np.float32).max), condition
    )
    return bounded


def _single(values: NDArray[Any]) -> NDArray[Any]:
    """As float32, which is precise enough for a remainder."""
    largest = float(np.finfo(np.float32).max)
    single: NDArray[Any] = np.clip(values, -largest, largest).astype(np.float32)
    return single
