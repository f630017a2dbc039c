"""Finished shards in a folder: a run that is killed loses at most those under way.

A file is named by all that its content depends on: the definition, the code under test and its
environment, the range, and the text of what judges. It begins with a digest of the rest, so that a
torn or altered file is noticed, and done again.
"""

from __future__ import annotations

import hashlib
import json
import sys
import sysconfig
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from functools import cache
from pathlib import Path
from types import ModuleType

from ...reference import cache as disk
from ...spec.function import Function
from .. import files
from ..environment import environment
from ..targets.target import LIBRARIES, Target, adapter
from ..targets.versions import packages
from . import summary as summaries
from .result import definition_digest, ratios
from .shard import Shard
from .summary import Summary

FOLDER = "sweeps"  # in the user's cache folder
OURS = Path(__file__).parents[2]
NOT_THEIRS = ("ulpian", "__main__", "__mp_main__")  # how a run was started changes nothing
JUDGES = (
    *("spec", "reference", "reference/local", "reference/facts", "reference/implementations"),
    *("checks/sweeps", "checks/adapters", "checks/backends", "checks/targets"),
)


class Store:
    """A folder of finished shards of one target."""

    def __init__(self, folder: Path, target: Target, described: Mapping[str, str]) -> None:
        """`described` is what the code's numbers depend on: versions, CPU, threads."""
        self.folder = folder
        self._functions = target.functions
        self._common = f"{json.dumps(dict(described), sort_keys=True)} {_code()} {judge()}"

    def key(self, shard: Shard) -> str:
        """The name of a shard by its content."""
        given = asdict(shard) | {"setting": ratios(shard.setting), "fixed": ratios(shard.fixed)}
        own = json.dumps(given, sort_keys=True)
        digest = hashlib.blake2b(digest_size=20)
        for part in (own, _digest_of(self._functions[shard.function]), self._common):
            digest.update(len(part).to_bytes(8, "little") + part.encode())
        return digest.hexdigest()

    def load(self, shard: Shard) -> Summary | None:
        """What was found in a shard; None where it is not there whole."""
        try:
            text = self._place(shard).read_text(encoding="ascii")
            head, _, body = text.partition("\n")
            return summaries.from_json(json.loads(body)) if head == _digest(body) else None
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def keep(self, shard: Shard, found: Summary) -> None:
        """Keep what was found in a shard; `FileError` where it cannot be."""
        body = json.dumps(summaries.to_json(found), sort_keys=True)
        files.write(self._place(shard), f"{_digest(body)}\n{body}")

    def _place(self, shard: Shard) -> Path:
        return self.folder / f"{self.key(shard)}.json"


def folder(named: str | None) -> Path | None:
    """The folder that was named, made if need be, or that in the user's cache; None where none is.

    `FileError` where it cannot be made.
    """
    cached = disk.folder()
    if named is None and cached is None:
        return None
    place = Path(named) if named is not None else Path(str(cached)) / FOLDER
    try:
        place.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise files.FileError(
            f"cannot make the folder {files.shown(place)} for finished shards: {error.strerror}"
        ) from error
    return place


def described(target: Target, device: str = "") -> dict[str, str]:
    """What the numbers of a target depend on, as a result names it.

    Where it is not known which array library the code uses, all that are loaded are named. The
    number of threads is not: it changes no function of single numbers.
    """
    libraries = [target.arrays] if target.arrays else [n for n in LIBRARIES if n in sys.modules]
    found = environment() | packages(target.name)
    for name in libraries:
        found |= adapter(name).version()
    found.pop("threads", None)
    return found | ({"device": device} if device else {})


@cache
def _digest_of(function: Function) -> str:
    return definition_digest(function)


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=20).hexdigest()


# ---------------------------------------------------------------- code, by its text


@cache
def judge() -> str:
    """Digest of the text of all that judges, and of what is ours among the judged."""
    return _of_files(f for room in JUDGES for f in (OURS / room).glob("*.py"))


def _code() -> str:
    """Digest of the user's own modules that are loaded: no version tells that they changed.

    Of what is installed the versions tell; compiled modules of the user's own count by their bytes.
    """
    loaded = [m for name, m in list(sys.modules.items()) if name.split(".")[0] not in NOT_THEIRS]
    return _of_files({f for m in loaded for f in _own_file(m)})


def _own_file(module: ModuleType) -> Iterable[Path]:
    file = getattr(module, "__file__", None)
    if not isinstance(file, str) or not Path(file).is_file():
        return ()
    place = Path(file).resolve()
    return () if any(place.is_relative_to(home) for home in _installed()) else (place,)


@cache
def _installed() -> tuple[Path, ...]:
    names = ("stdlib", "platstdlib", "purelib", "platlib")
    return tuple(Path(sysconfig.get_path(n)).resolve() for n in names)


def _of_files(places: Iterable[Path]) -> str:
    digest = hashlib.blake2b(digest_size=16)
    for place in sorted(places):
        raw = place.read_bytes()
        digest.update(f"{place.name} {len(raw)}\n".encode() + raw)
    return digest.hexdigest()
