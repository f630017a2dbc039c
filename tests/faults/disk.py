"""Faults of the disk that reports and the ledger are written to: the old text or the new one."""

from __future__ import annotations

import errno
import multiprocessing
import os
import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

from ulpian.checks.files import FileError, alone, write
from ulpian.checks.ledger.text import read
from ulpian.checks.runs import run as runner

from .fault import FLOAT32, Fault, Kept, Said, changed, one_line, ulpian

SIGMOID = ("textbook", "--select", "sigmoid:value.range", *FLOAT32, "--jobs", "1")


def _check(*words: str) -> Said:
    return ulpian("check", *SIGMOID, *words)


def _device_is_full(_: Path) -> Kept:
    said = _check("--output", "/dev/full")
    assert said.code == 2
    assert not Path("/dev/full").is_file()
    return Kept("the device", one_line(said.err))


def _is_a_folder(folder: Path) -> Kept:
    said = _check("--output", str(folder))
    assert (said.code, said.out) == (2, "")
    return Kept("nothing was begun", one_line(said.err))


def _no_folder(folder: Path) -> Kept:
    said = _check("--output", str(folder / "gone" / "report.txt"))
    assert (said.code, said.out) == (2, "")
    return Kept("nothing was begun", one_line(said.err))


def _failing(code: int, folder: Path) -> Kept:
    """A disk that fails when the new text is to be flushed to it."""
    place = folder / "report.json"
    place.write_text("the old report")

    def fail(*_: Any) -> NoReturn:
        raise OSError(code, os.strerror(code))

    with changed(os, "fsync", fail):
        said = _check("--output-format", "json", "--output", str(place))
    assert said.code == 2
    assert place.read_text() == "the old report"
    assert os.listdir(folder) == ["report.json"]
    return Kept("the old report, whole", one_line(said.err))


def _full(folder: Path) -> Kept:
    return _failing(errno.ENOSPC, folder)


def _read_only(folder: Path) -> Kept:
    return _failing(errno.EROFS, folder)


def _vanishes(folder: Path) -> Kept:
    """The report's folder is deleted while the run goes on."""
    place = folder / "reports"
    place.mkdir()
    plain = runner.run

    def run(*words: Any, **options: Any) -> Any:
        shutil.rmtree(place)
        return plain(*words, **options)

    with changed(runner, "run", run):
        said = _check("--output", str(place / "report.txt"))
    assert said.code == 2
    return Kept("the exit code says that there is no report", one_line(said.err))


# ---------------------------------------------------------------- the ledger


def _ledger(folder: Path) -> Path:
    """A ledger with what the textbook's mish is found to be."""
    place = folder / "ledger.toml"
    words = ("textbook", "--select", "softplus:value.accuracy", *FLOAT32, "--jobs", "1")
    said = ulpian("ledger", "update", *words, "--ledger", str(place))
    assert said.code in (0, 1), said
    assert read(place)
    return place


def _spoilt(folder: Path, spoil: Callable[[str], str]) -> Kept:
    place = _ledger(folder)
    place.write_text(spoil(place.read_text()))
    before = place.read_text()
    said = _check("--ledger", str(place))
    assert said.code == 2
    assert place.read_text() == before
    return Kept("the file as it was, never taken for empty", one_line(said.err))


def _ledger_truncated(folder: Path) -> Kept:
    return _spoilt(folder, lambda text: text[: text.rindex("=") + 1])


def _ledger_emptied(folder: Path) -> Kept:
    return _spoilt(folder, lambda text: "")


def _ledger_read_only(folder: Path) -> Kept:
    place = _ledger(folder)
    before = place.read_text()

    def fail(*_: Any) -> NoReturn:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    words = ("textbook", "--select", "mish:value.accuracy", *FLOAT32, "--jobs", "1")
    with changed(os, "fsync", fail):
        said = ulpian("ledger", "update", *words, "--ledger", str(place))
    assert said.code == 2
    assert place.read_text() == before
    return Kept("the ledger, whole", one_line(said.err))


def _write(place: str, name: str, times: int) -> None:
    """Add a line to a file so many times, as the ledger is rewritten."""
    path = Path(place)
    for k in range(times):
        with alone(path):
            write(path, path.read_text() + f"{name} {k}\n")


def _writer(place: Path, name: str, times: int) -> Any:
    spawn = multiprocessing.get_context("spawn")
    process = spawn.Process(target=_write, args=(str(place), name, times))
    process.start()
    return process


def _two_writers(folder: Path) -> Kept:
    place = folder / "ledger.toml"
    place.write_text("")
    writers = [_writer(place, name, 40) for name in "ab"]
    for writer in writers:
        writer.join(120)
    lines = place.read_text().splitlines()
    assert sorted(lines) == sorted(f"{name} {k}" for name in "ab" for k in range(40))
    return Kept("what both wrote", "(nothing)")


def _killed(folder: Path) -> Kept:
    place = folder / "ledger.toml"
    place.write_text("")
    writer = _writer(place, "a", 10**6)
    end = time.monotonic() + 60
    while place.read_text().count("\n") < 5:
        assert time.monotonic() < end
        time.sleep(0.001)
    os.kill(writer.pid, signal.SIGKILL)
    writer.join(10)
    lines = place.read_text().splitlines()
    assert lines == [f"a {k}" for k in range(len(lines))]
    with alone(place):
        write(place, "next\n")
    return Kept("each line that was written", "(nothing: the next writer goes on)")


def _locked(folder: Path) -> Kept:
    """A writer that never ends."""
    from ulpian.checks import files

    place = folder / "ledger.toml"
    with changed(files, "PATIENCE", 0.2), alone(place):
        try:
            with alone(place):
                raise AssertionError("two writers at once")
        except FileError as error:
            return Kept("the other writer's text", str(error))


ROWS = (
    Fault("report", "/dev/full", _device_is_full),
    Fault("report", "a folder in place of the file", _is_a_folder),
    Fault("report", "a folder that is not there", _no_folder),
    Fault("report", "a disk that is full at the end", _full),
    Fault("report", "a disk that has become read-only", _read_only),
    Fault("report", "the folder deleted during the run", _vanishes),
    Fault("ledger", "cut short", _ledger_truncated),
    Fault("ledger", "emptied", _ledger_emptied),
    Fault("ledger", "on a disk that has become read-only", _ledger_read_only),
    Fault("ledger", "two writers", _two_writers, quick=False),
    Fault("ledger", "a writer killed in the middle", _killed, quick=False),
    Fault("ledger", "a writer that never ends", _locked),
)
