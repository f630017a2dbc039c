"""The folder that a handbook is written to: what stands in it is known, and only that is touched.

A list beside the files says which they are and what they were made from. Nothing that is as it
should be is written again; what was once written and is no longer wanted is removed; a folder that
holds other things is refused.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..files import FileError, shown, write

LIST = ".ulpian-handbook.json"


@dataclass
class Shelf:
    """A folder of files. `files` has what stands there by name with its digest, `made_from` a key
    for each thing whose making is skipped while the key is the same."""

    folder: Path
    files: dict[str, str] = field(default_factory=dict)
    made_from: dict[str, str] = field(default_factory=dict)

    def holds(self, name: str) -> bool:
        """Whether a file stands there as it was written."""
        return name in self.files and digest_of(self.folder / name) == self.files[name]

    def read(self, name: str) -> bytes:
        """A file that stands there."""
        return (self.folder / name).read_bytes()

    def put(self, name: str, content: bytes) -> bool:
        """Have a file with that content; whether it had to be written."""
        place = self.folder / name
        self.files[name] = digest(content)
        if digest_of(place) == self.files[name]:
            return False
        place.parent.mkdir(parents=True, exist_ok=True)
        write(place, content)
        return True

    def keep(self) -> None:
        """Write the list."""
        data = {"files": self.files, "made_from": self.made_from}
        text = json.dumps(data, indent=1, sort_keys=True) + "\n"
        if digest_of(self.folder / LIST) != digest(text.encode()):
            write(self.folder / LIST, text)

    def drop(self, wanted: Mapping[str, Any] | set[str]) -> int:
        """Remove what was written once and is not wanted now; how many there were."""
        gone = [name for name in self.files if name not in wanted]
        for name in gone:
            (self.folder / name).unlink(missing_ok=True)
            del self.files[name]
        for name in {str(Path(name).parent) for name in gone} - {"."}:
            place = self.folder / name
            if place.is_dir() and not any(place.iterdir()):
                place.rmdir()
        return len(gone)


def shelf(folder: Path) -> Shelf:
    """The folder as it stands; made where there is none.

    `FileError` where it holds what no handbook wrote, or cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        entries = {entry.name for entry in folder.iterdir()}
    except FileExistsError:
        raise FileError(f"{shown(folder)} is a file; name a folder") from None
    except OSError as error:
        raise FileError(f"cannot write in {shown(folder)}: {error.strerror}") from error
    if LIST in entries:
        return _listed(folder)
    if entries:
        raise FileError(
            f"{shown(folder)} holds other files ({min(entries)}, ...); name a new or empty one"
        )
    return Shelf(folder)


def _listed(folder: Path) -> Shelf:
    """As the list says; one that cannot be read is as good as none, and every file is compared."""
    try:
        data = json.loads((folder / LIST).read_text(encoding="utf-8"))
        return Shelf(folder, dict(data["files"]), dict(data["made_from"]))
    except (OSError, ValueError, KeyError, TypeError):
        return Shelf(folder)


def digest(content: bytes) -> str:
    """What tells contents apart."""
    return hashlib.blake2b(content, digest_size=16).hexdigest()


def digest_of(place: Path) -> str | None:
    """The digest of a file; None where there is none."""
    try:
        return digest(place.read_bytes())
    except OSError:
        return None
