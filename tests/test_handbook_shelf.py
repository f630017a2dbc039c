"""The folder of a handbook: what is right stays, what is not wanted goes, the rest is untouched."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from ulpian.checks.files import FileError
from ulpian.checks.handbook.shelf import LIST, Shelf, shelf


@pytest.fixture
def place(tmp_path: Path) -> Shelf:
    found = shelf(tmp_path / "book")
    found.put("html/a.html", b"one")
    found.put("latex/b.tex", b"two")
    found.keep()
    return found


def test_what_is_as_it_should_be_is_not_written_again(place: Shelf) -> None:
    file = place.folder / "html" / "a.html"
    os.utime(file, ns=(1, 1))
    again = shelf(place.folder)
    assert not again.put("html/a.html", b"one")
    assert file.stat().st_mtime_ns == 1
    assert again.put("html/a.html", b"other")
    assert file.read_bytes() == b"other"


def test_a_file_that_was_changed_or_lost_is_noticed(place: Shelf) -> None:
    again = shelf(place.folder)
    assert again.holds("html/a.html")
    (place.folder / "html" / "a.html").write_bytes(b"changed")
    assert not again.holds("html/a.html")
    (place.folder / "latex" / "b.tex").unlink()
    assert not again.holds("latex/b.tex")
    assert again.put("latex/b.tex", b"two")


def test_what_is_not_wanted_any_more_goes_and_nothing_else(place: Shelf) -> None:
    note = place.folder / "html" / "my-note.txt"
    note.write_text("kept")
    assert shelf(place.folder).drop({"html/a.html"}) == 1
    assert not (place.folder / "latex").exists()
    assert note.read_text() == "kept"
    assert (place.folder / "html" / "a.html").exists()


def test_a_folder_with_other_things_is_refused(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("mine")
    with pytest.raises(FileError, match=r"holds other files \(thesis.tex, ...\); name a new or"):
        shelf(tmp_path)


def test_a_file_in_the_place_of_the_folder_is_named(tmp_path: Path) -> None:
    file = tmp_path / "book"
    file.write_text("mine")
    with pytest.raises(FileError, match="is a file; name a folder"):
        shelf(file)


@pytest.mark.parametrize("text", ["", "[]", "{", json.dumps({"files": 3, "made_from": {}})])
def test_a_list_that_cannot_be_read_is_as_good_as_none(place: Shelf, text: str) -> None:
    (place.folder / LIST).write_text(text)
    again = shelf(place.folder)
    assert again.files == {}
    assert not again.put("html/a.html", b"one")
    assert again.holds("html/a.html")
