"""Faults injected into a ledger and its disk: what was kept, and the sentence that the user saw.

Each is a whole command line in this process, on a report that is stored, so that nothing is judged.
"""

from __future__ import annotations

import contextlib
import errno
import io
import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from unittest import mock

from ulpian.checks import cli
from ulpian.checks.ledger.text import read
from ulpian.checks.reports import as_json
from ulpian.checks.verdict import Report, Status, Verdict
from ulpian.reference.level import Level

FAIL = Verdict("gelu", "value.accuracy", "float32", Status.FAIL, Level.SOUND, 99.0, points=10)
RUN = Report(
    "mypkg",
    Level.ACCURATE,
    (FAIL, replace(FAIL, function="tanh")),
    {"platform": "Linux x86_64", "cpu_features": "avx2"},
    functions=("gelu", "tanh"),
    formats=("float32",),
)

Broken = Callable[[Path], AbstractContextManager[object]]


@dataclass(frozen=True)
class Row:
    """A line of the table; `ok` where it came as it must."""

    injected: str
    kept: str
    said: str
    ok: bool


@dataclass(frozen=True)
class Said:
    code: int
    err: str


def rows(folder: Path) -> Iterator[Row]:
    """Every fault, one after another, each in a fresh folder below this one."""
    for injected, spoil in SPOILT.items():
        yield _spoilt(_fresh(folder), injected, spoil)
    for injected, broken in DISKS.items():
        yield _on_a_disk(_fresh(folder), injected, broken)
    yield _two_writers(_fresh(folder))
    yield _killed(_fresh(folder))


# What a person, a merge or an editor does to the file, as a function of its bytes.
SPOILT: dict[str, Callable[[bytes], bytes]] = {
    "ledger emptied": lambda raw: b"",
    "ledger cut within a line": lambda raw: raw[: raw.index(b"sound") + 2],
    "ledger cut within an entry": lambda raw: raw[: raw.index(b"status")],
    "ledger without its version": lambda raw: raw[raw.index(b"[[") :],
    "ledger of a later version": lambda raw: raw.replace(b"version = 1", b"version = 2"),
    "ledger with the marks of a merge conflict": lambda raw: raw.replace(
        b"[[verdict]]", b"<<<<<<< HEAD\n[[verdict]]", 1
    ),
    "ledger with an entry twice": lambda raw: raw + raw[raw.index(b"[[") :],
    "ledger with a level that there is not": lambda raw: raw.replace(b'"sound"', b'"fine"', 1),
    "ledger overwritten with noise": lambda raw: bytes(range(256)),
    "ledger overwritten with zeros": lambda raw: bytes(len(raw)),
}


def _spoilt(place: Path, injected: str, spoil: Callable[[bytes], bytes]) -> Row:
    raw = spoil(place.read_bytes())
    place.write_bytes(raw)
    said = [_update(place), _run("ledger", "prune", place)]
    one_sentence = all(s.code == 2 and s.err.count("\n") == 1 for s in said)
    named = all(s.err.startswith(f"ulpian: ledger {str(place)!r}") for s in said)
    kept = place.read_bytes() == raw
    return Row(injected, "the file, as it was found", said[0].err, kept and one_sentence and named)


def _failing(step: str, code: int) -> Broken:
    return lambda _: mock.patch.object(os, step, side_effect=OSError(code, os.strerror(code)))


@contextlib.contextmanager
def _vanished(place: Path) -> Iterator[None]:
    """The folder is moved away for as long as the command runs."""
    away = place.parent.with_name(f"{place.parent.name}-away")
    place.parent.rename(away)
    try:
        yield
    finally:
        away.rename(place.parent)


DISKS: dict[str, Broken] = {
    "disk full while the ledger is written": _failing("fsync", errno.ENOSPC),
    "disk full when the ledger is put in place": _failing("replace", errno.ENOSPC),
    "ledger's disk read-only": _failing("replace", errno.EROFS),
    "ledger's disk failing": _failing("fsync", errno.EIO),
    "ledger's folder without locks": lambda _: mock.patch(
        "fcntl.flock", side_effect=OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))
    ),
    "ledger's folder gone": _vanished,
}


def _on_a_disk(place: Path, injected: str, broken: Broken) -> Row:
    before = place.read_bytes()
    more = replace(RUN, verdicts=(*RUN.verdicts, replace(FAIL, function="elu")))
    report = place.parent.parent / f"{place.parent.name}-more.json"
    report.write_text(as_json(more))
    with broken(place):
        said = _run("ledger", "update", place, report)
    alone = os.listdir(place.parent) == [place.name]
    ok = said.code == 2 and said.err.count("\n") == 1 and place.read_bytes() == before and alone
    return Row(injected, "the old ledger, nothing beside it", said.err, ok)


def _two_writers(place: Path) -> Row:
    names = [[f"f{w}_{k}" for k in range(8)] for w in range(2)]
    writers = [_writer(place, own) for own in names]
    for writer in writers:
        writer.join(120)
    found = {e.function for e in read(place)}
    ok = found == {"gelu", "tanh", *(n for own in names for n in own)}
    return Row("two updates at once", f"all {len(found)} entries", "", ok)


def _killed(place: Path) -> Row:
    writer = _writer(place, [f"f{k:04}" for k in range(2000)])
    begun = place.stat().st_mtime_ns
    while place.stat().st_mtime_ns == begun:
        time.sleep(0.001)
    time.sleep(0.01)
    os.kill(writer.pid or 0, signal.SIGKILL)
    writer.join(10)
    kept = len(read(place))
    said = _update(place)
    ok = said == Said(0, "") and len(read(place)) == kept >= 2
    return Row("an update killed in the middle", "a whole ledger; the next update goes on", "", ok)


def _writer(place: Path, names: list[str]) -> multiprocessing.process.BaseProcess:
    process = multiprocessing.get_context("spawn").Process(target=_record, args=(place, names))
    process.start()
    return process


def _record(place: Path, names: list[str]) -> None:
    """An update for each name, one after another."""
    report = place.parent.parent / f"{place.parent.name}-{names[0]}.json"
    for name in names:
        report.write_text(as_json(replace(RUN, verdicts=(replace(FAIL, function=name),))))
        assert _run("ledger", "update", place, report).code == 0


# ---------------------------------------------------------------- the command line


def _fresh(folder: Path) -> Path:
    """A ledger of two entries, alone in a folder of its own."""
    place = folder / f"{len(os.listdir(folder)):03}" / "ledger.toml"
    place.parent.mkdir()
    assert _update(place) == Said(0, "")
    return place


def _update(place: Path) -> Said:
    report = place.parent.parent / f"{place.parent.name}.json"
    report.write_text(as_json(RUN))
    return _run("ledger", "update", place, report)


def _run(group: str, command: str, place: Path, report: Path | None = None) -> Said:
    stored = report or place.parent.parent / f"{place.parent.name}.json"
    err = io.StringIO()
    with contextlib.redirect_stderr(err), contextlib.redirect_stdout(io.StringIO()):
        try:
            cli.main([group, command, "--ledger", str(place), "--from", str(stored)])
        except SystemExit as stop:
            code = stop.code
    assert isinstance(code, int)
    return Said(code, err.getvalue())
