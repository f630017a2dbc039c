"""Files that a user keeps: written whole or not at all, one writer at a time.

A file is written beside its place and moved there when it is complete and on the disk: whoever
reads it, and whenever a writer is killed, there is the old text or the new one.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import stat
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

try:
    import fcntl
except ImportError:  # not a Unix system: writers are not kept apart, each still writes whole files
    fcntl = None  # type: ignore[assignment]

PATIENCE = 30.0  # seconds for another writer to finish


class FileError(ValueError):
    """A file that cannot be read or written; the message is one sentence."""


def write(path: Path, content: str | bytes) -> None:
    """Put text, or bytes, in a file, atomically; `FileError` names the file and the reason.

    A link is followed, and the permissions of a file that was there are kept. What is no regular
    file, as /dev/stdout, is written as it stands.
    """
    place, raw = Path(os.path.realpath(path)), _encoded(content)
    try:
        if place.exists() and not place.is_file():
            place.write_bytes(raw)
        else:
            _replace(place, raw)
    except OSError as error:
        raise FileError(f"cannot write {shown(path)}: {error.strerror}") from error


def _replace(place: Path, raw: bytes) -> None:
    beside = place.with_name(f".{place.name}.{secrets.token_hex(4)}")
    try:
        with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666), "wb") as file:
            file.write(raw)
            file.flush()
            os.fsync(file.fileno())
        if place.exists():
            os.chmod(beside, stat.S_IMODE(place.stat().st_mode))
        os.replace(beside, place)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def _encoded(content: str | bytes) -> bytes:
    """UTF-8; half a surrogate pair, which is no character, as its escape."""
    return content if isinstance(content, bytes) else content.encode("utf-8", "backslashreplace")


def writable(path: Path) -> None:
    """Refuse a place that cannot be written before the work, not after it: `FileError`."""
    folder = path.parent
    if path.is_dir():
        raise FileError(f"{shown(path)} is a folder; name a file")
    if not folder.is_dir():
        raise FileError(f"{shown(path)}: there is no folder {shown(folder)}; make it first")
    if not os.access(folder, os.W_OK) or (path.exists() and not os.access(path, os.W_OK)):
        raise FileError(f"{shown(path)} cannot be written; choose another place")


@contextlib.contextmanager
def alone(path: Path) -> Iterator[None]:
    """Keep other writers of a folder's files waiting while the body reads, merges and writes.

    The lock is on the folder itself: it leaves no file behind, and it ends with its process.
    """
    if fcntl is None:
        yield
        return
    try:
        folder = os.open(Path(os.path.realpath(path)).parent, os.O_RDONLY)
    except OSError as error:
        raise FileError(f"cannot write {shown(path)}: {error.strerror}") from error
    try:
        _lock(folder, path)
        yield
    finally:
        os.close(folder)


def _lock(folder: int, path: Path) -> None:
    end = time.monotonic() + PATIENCE
    while True:
        try:
            return fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > end:
                raise FileError(
                    f"cannot write {shown(path)}: another process has been writing in its folder "
                    f"for {PATIENCE:g} s; end it and try again"
                ) from None
            time.sleep(0.02)
        except OSError as error:  # a file system without locks
            raise FileError(f"cannot lock the folder of {shown(path)}: {error.strerror}") from error


def shown(path: Path) -> str:
    """A path as a sentence names it."""
    return repr(str(path))


def reviewable(data: Mapping[str, Any]) -> str:
    """A JSON document with one thing in each line, so that a difference can be reviewed."""
    parts = [f"{json.dumps(name)}: {_lines(value)}" for name, value in data.items()]
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _lines(value: Any) -> str:
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return "[\n" + ",\n".join(map(_compact, value)) + "\n]"
    if isinstance(value, dict) and value:
        pairs = (f"{json.dumps(name)}: {_compact(one)}" for name, one in value.items())
        return "{\n" + ",\n".join(pairs) + "\n}"
    return _compact(value)


def _compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
