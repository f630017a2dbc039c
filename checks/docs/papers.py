"""The files that a check of markers reads: found in folders, read and written byte for byte.

Of a folder, what git ignores, hidden folders, binary files and files of other kinds are left out;
the first and the third are counted. A file that is named is read whatever git says.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..files import FileError, shown, write
from ..usage import UsageError

KINDS = {
    ".rst": "rst",
    ".md": "markdown",
    ".markdown": "markdown",
    ".py": "python",
    ".tex": "tex",
    ".ipynb": "notebook",
}
BROWSED = {"__pycache__", "node_modules", "site-packages"}  # never anybody's own documentation


@dataclass(frozen=True)
class Paper:
    """A file's text as it stands, line endings and a byte-order mark included."""

    path: Path
    kind: str
    text: str
    encoding: str

    def written(self, text: str) -> None:
        """Replace the file, in its encoding; `FileError` where that cannot be."""
        try:
            write(self.path, text.encode(self.encoding))
        except UnicodeEncodeError as error:
            raise FileError(
                f"{shown(self.path)} is in {self.encoding}, which has no "
                f"{error.object[error.start]!r}: save it as UTF-8 first"
            ) from error


@dataclass(frozen=True)
class Pile:
    """The files to read, and how many were left out: by git, as binary."""

    papers: tuple[Paper, ...]
    ignored: int
    binary: int


def pile(paths: Sequence[str]) -> Pile:
    """The files at paths; `UsageError` where there is none, or one of another kind is named."""
    found: dict[Path, None] = {}
    ignored = 0
    for path in map(Path, paths):
        if path.is_dir():
            inside = sorted(_walk(path))
            kept = _not_ignored(path, inside)
            ignored += len(inside) - len(kept)
            found |= dict.fromkeys(kept)
        elif not path.is_file():
            raise UsageError(f"there is no file or folder {shown(path)}: name one that exists")
        elif path.suffix.lower() not in KINDS:
            raise UsageError(f"{shown(path)} is none of {', '.join(KINDS)}: name such a file")
        else:
            found[path] = None
    papers = [paper for paper in map(_read, found) if paper is not None]
    return Pile(tuple(papers), ignored, len(found) - len(papers))


def _walk(folder: Path) -> list[Path]:
    files: list[Path] = []
    for place, folders, names in os.walk(folder):
        folders[:] = [f for f in folders if not f.startswith(".") and f not in BROWSED]
        files += [Path(place) / n for n in names if Path(n).suffix.lower() in KINDS]
    return files


def _not_ignored(folder: Path, files: list[Path]) -> list[Path]:
    """The files that git does not ignore; all of them where there is no git."""
    if not files:
        return []
    asked = "\0".join(os.path.relpath(f, folder) for f in files).encode()
    try:
        told = subprocess.run(
            ["git", "-C", str(folder), "check-ignore", "--stdin", "-z"],
            input=asked,
            capture_output=True,
            timeout=60,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return files
    ignored = set(told.stdout.decode().split("\0")) if told.returncode == 0 else set()
    return [f for f in files if os.path.relpath(f, folder) not in ignored]


def _read(path: Path) -> Paper | None:
    """A file's text; None where it is binary. What is no UTF-8 is read byte by byte."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UsageError(f"cannot read {shown(path)}: {error.strerror}") from error
    if b"\0" in data:
        return None
    kind = KINDS[path.suffix.lower()]
    try:
        return Paper(path, kind, data.decode("utf-8"), "utf-8")
    except UnicodeDecodeError:  # each byte a character: what is not touched stays what it is
        return Paper(path, kind, data.decode("latin-1"), "latin-1")
