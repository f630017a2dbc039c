"""Files that a user keeps: whole or not at all, whatever happens to the disk or the writer."""

from __future__ import annotations

import errno
import multiprocessing
import os
import signal
import stat
import sys
import time
from pathlib import Path
from typing import Any, NoReturn

import pytest

from ulpian.checks import files
from ulpian.checks.files import FileError


def test_a_file_is_written_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    place = tmp_path / "file.txt"
    for text in ("first\n", "second λ\n"):
        files.write(place, text)
        assert place.read_text(encoding="utf-8") == text
        assert os.listdir(tmp_path) == ["file.txt"]


def test_permissions_and_links_are_kept(tmp_path: Path) -> None:
    place, link = tmp_path / "file.txt", tmp_path / "link.txt"
    place.write_text("old")
    place.chmod(0o640)
    link.symlink_to(place)
    files.write(link, "new")
    assert link.is_symlink()
    assert place.read_text() == "new"
    assert stat.S_IMODE(place.stat().st_mode) == 0o640


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS, errno.EIO])
@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_disk_that_fails_leaves_the_old_text_and_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, code: int
) -> None:
    place = tmp_path / "file.txt"
    place.write_text("old")

    def fail(*_: Any) -> NoReturn:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, step, fail)
    with pytest.raises(FileError) as refusal:
        files.write(place, "new")
    assert str(refusal.value) == f"cannot write {str(place)!r}: {os.strerror(code)}"
    assert place.read_text() == "old"
    assert os.listdir(tmp_path) == ["file.txt"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_device_is_written_as_it_stands_and_never_replaced() -> None:
    with pytest.raises(FileError, match=r"^cannot write '/dev/full': No space left on device$"):
        files.write(Path("/dev/full"), "text")
    assert not Path("/dev/full").is_file()


def test_a_place_that_cannot_be_written_is_refused_before_the_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files.writable(tmp_path / "new.txt")
    with pytest.raises(FileError, match=r"is a folder; name a file$"):
        files.writable(tmp_path)
    with pytest.raises(FileError, match=r"there is no folder '.*gone'; make it first$"):
        files.writable(tmp_path / "gone" / "file.txt")
    monkeypatch.setattr(os, "access", lambda *_: False)  # whoever runs the tests may write anywhere
    with pytest.raises(FileError, match=r"cannot be written; choose another place$"):
        files.writable(tmp_path / "new.txt")


def _add(place: str, count: int) -> None:
    path = Path(place)
    for _ in range(count):
        with files.alone(path):
            files.write(path, f"{int(path.read_text()) + 1}")


def test_writers_at_once_wait_for_each_other(tmp_path: Path) -> None:
    place = tmp_path / "count.txt"
    place.write_text("0")
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=_add, args=(str(place), 40)) for _ in range(3)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
    assert [w.exitcode for w in writers] == [0, 0, 0]
    assert place.read_text() == "120"
    assert os.listdir(tmp_path) == ["count.txt"]


def _write_for_ever(place: str) -> None:
    while True:
        for letter in "ab":
            with files.alone(Path(place)):
                files.write(Path(place), letter * 1_000_000)


def test_a_writer_that_is_killed_leaves_a_whole_file_and_no_lock(tmp_path: Path) -> None:
    place = tmp_path / "file.txt"
    for pause in (0.0, 0.01, 0.023):
        place.write_text("a" * 1_000_000)
        writer = multiprocessing.get_context("spawn").Process(
            target=_write_for_ever, args=(str(place),)
        )
        writer.start()
        changed = place.stat().st_mtime_ns
        while place.stat().st_mtime_ns == changed:
            time.sleep(0.001)
        time.sleep(pause)
        assert writer.pid is not None
        os.kill(writer.pid, signal.SIGKILL)
        writer.join(10)
        assert place.read_text() in ("a" * 1_000_000, "b" * 1_000_000)
        with files.alone(place):
            files.write(place, "c")


@pytest.mark.skipif(sys.platform == "win32", reason="no lock there")
def test_a_file_and_a_link_to_it_have_one_lock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "PATIENCE", 0.05)
    (tmp_path / "inner").mkdir()
    place, link = tmp_path / "inner" / "file.txt", tmp_path / "link.txt"
    place.write_text("old")
    link.symlink_to(place)
    with (
        files.alone(place),
        pytest.raises(FileError, match=r"link.txt': another process has been writing"),
        files.alone(link),
    ):
        pass


@pytest.mark.skipif(sys.platform == "win32", reason="no lock there")
def test_a_folder_that_cannot_be_locked_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> NoReturn:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr("fcntl.flock", fail)
    with (
        pytest.raises(FileError, match=r"^cannot lock the folder of '.*file.txt': No locks avail"),
        files.alone(tmp_path / "file.txt"),
    ):
        pass
    with (
        pytest.raises(FileError, match=r"^cannot write '.*file.txt': No such file or directory$"),
        files.alone(tmp_path / "gone" / "file.txt"),
    ):
        pass


@pytest.mark.skipif(sys.platform == "win32", reason="no lock there")
def test_a_writer_that_never_ends_is_named_after_a_while(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "PATIENCE", 0.05)
    place = tmp_path / "file.txt"
    with (
        files.alone(place),
        pytest.raises(FileError, match=r"another process has been writing in its folder for 0.05"),
        files.alone(place),
    ):
        pass
