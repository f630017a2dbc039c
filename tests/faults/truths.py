"""Faults of the cache of truths: it is a convenience, and what it lacks is computed again."""

from __future__ import annotations

import errno
import multiprocessing
import os
import signal
import tempfile
import time
from pathlib import Path
from typing import Any, NoReturn

import numpy as np

from ulpian.reference import FORMATS, cache, truth
from ulpian.spec import find

from .fault import Fault, Kept, changed, variable

POINTS = np.linspace(-8, 8, 80).astype(np.float32).astype(np.float64)
QUIET = "(nothing: the truths are the same)"


def _asked() -> bytes:
    (answer,) = truth(find("gelu"), [POINTS], FORMATS["float32"])["value"].answers
    return answer.nearest.tobytes() + answer.decided.tobytes()


def _plain() -> bytes:
    """The truths as they are without a cache."""
    with variable("ULPIAN_CACHE", "off"):
        return _asked()


def _files(folder: Path) -> list[Path]:
    return sorted(p for p in folder.rglob("*") if p.is_file())


def _damaged(folder: Path, damage: Any) -> Kept:
    """Ask, damage each file, ask again: the truths are those without a cache, and kept again."""
    plain = _plain()
    with variable("ULPIAN_CACHE", str(folder)):
        assert _asked() == plain
        before = _files(folder)
        assert before
        damage(before)
        assert _asked() == plain
    return Kept("the truths, computed again", QUIET)


def _truncated(folder: Path) -> Kept:
    return _damaged(folder, lambda files: [f.write_bytes(f.read_bytes()[:100]) for f in files])


def _garbage(folder: Path) -> Kept:
    return _damaged(folder, lambda files: [f.write_bytes(os.urandom(4000)) for f in files])


def _emptied(folder: Path) -> Kept:
    return _damaged(folder, lambda files: [f.write_bytes(b"") for f in files])


def _one_bit(folder: Path) -> Kept:
    def flip(files: list[Path]) -> None:
        for file in files:
            raw = bytearray(file.read_bytes())
            raw[len(raw) // 2] ^= 1
            file.write_bytes(raw)

    return _damaged(folder, flip)


def _older(folder: Path) -> Kept:
    with changed(cache, "VERSION", cache.VERSION - 1):
        kept = _damaged(folder, lambda files: None)
    with variable("ULPIAN_CACHE", str(folder)):
        assert _asked() == _plain()
    return kept


def _in_place_of_a_folder(folder: Path) -> Kept:
    place = folder / "a file"
    place.write_text("mine")
    with variable("ULPIAN_CACHE", str(place)):
        assert _asked() == _plain()
    assert place.read_text() == "mine"
    return Kept("the truths; the file as it was", QUIET)


def _failing(folder: Path, code: int) -> Kept:
    def fail(*_: Any, **__: Any) -> NoReturn:
        raise OSError(code, os.strerror(code))

    plain = _plain()
    with changed(tempfile, "NamedTemporaryFile", fail), variable("ULPIAN_CACHE", str(folder)):
        assert _asked() == plain
    assert not _files(folder)
    return Kept("the truths", QUIET)


def _full(folder: Path) -> Kept:
    return _failing(folder, errno.ENOSPC)


def _read_only(folder: Path) -> Kept:
    return _failing(folder, errno.EROFS)


def _write(folder: str, times: int) -> None:
    os.environ["ULPIAN_CACHE"] = folder
    for k in range(times):
        cache.write("ab" + "0" * 38, bytes([k % 7]) * 2_000_000)


def _writer(folder: Path, times: int) -> Any:
    process = multiprocessing.get_context("spawn").Process(target=_write, args=(str(folder), times))
    process.start()
    return process


def _two_writers(folder: Path) -> Kept:
    writers = [_writer(folder, 20) for _ in range(2)]
    for writer in writers:
        writer.join(120)
    assert [w.exitcode for w in writers] == [0, 0]
    with variable("ULPIAN_CACHE", str(folder)):
        raw = cache.read("ab" + "0" * 38)
    assert raw is not None
    assert raw == raw[:1] * 2_000_000
    assert len(_files(folder)) == 1
    return Kept("one whole entry", "(nothing)")


def _killed(folder: Path) -> Kept:
    writer = _writer(folder, 10**6)
    end = time.monotonic() + 60
    while not _files(folder):
        assert time.monotonic() < end
        time.sleep(0.001)
    os.kill(writer.pid, signal.SIGKILL)
    writer.join(10)
    with variable("ULPIAN_CACHE", str(folder)):
        raw = cache.read("ab" + "0" * 38)
        assert raw is None or raw == raw[:1] * 2_000_000
        assert _asked() == _plain()
    return Kept("whole entries or none", "(nothing)")


ROWS = (
    Fault("cache", "entries cut short", _truncated),
    Fault("cache", "entries of garbage", _garbage),
    Fault("cache", "empty entries", _emptied),
    Fault("cache", "one bit flipped in each entry", _one_bit),
    Fault("cache", "entries of another version", _older),
    Fault("cache", "a file in place of the folder", _in_place_of_a_folder),
    Fault("cache", "a full disk", _full),
    Fault("cache", "a read-only disk", _read_only),
    Fault("cache", "two writers of one entry", _two_writers, quick=False),
    Fault("cache", "a writer killed in the middle", _killed, quick=False),
)
