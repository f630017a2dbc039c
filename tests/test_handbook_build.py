"""`ulpian handbook`: what is written, what is left as it is, and what is said of a bad request."""

from __future__ import annotations

import dataclasses
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from ulpian.checks.commands.handbook import command
from ulpian.checks.environment import installed
from ulpian.checks.handbook import build as building
from ulpian.checks.handbook import drawing
from ulpian.checks.handbook.build import Built, build
from ulpian.checks.handbook.document import Book, Figure, figures
from ulpian.checks.handbook.edition import Edition
from ulpian.checks.handbook.plot import Plot
from ulpian.checks.usage import UsageError

from .sample_book import BOOK

FORMS = ("html", "markdown")


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> Callable[[Book], None]:
    """A small book in the place of the whole one."""

    def put(book: Book) -> None:
        monkeypatch.setattr(building, "book", lambda edition: book)

    put(BOOK)
    return put


def _files(folder: Path) -> dict[str, int]:
    found = (f for f in folder.rglob("*") if f.is_file())
    return {str(f.relative_to(folder)): f.stat().st_mtime_ns for f in found}


def test_a_second_build_writes_nothing(tmp_path: Path) -> None:
    first = build(tmp_path / "book", forms=FORMS)
    assert first.written == sum(first.files.values()) > 10
    before = _files(tmp_path)
    assert build(tmp_path / "book", forms=FORMS) == dataclasses.replace(first, written=0)
    assert _files(tmp_path) == before


def test_two_builds_are_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        build(tmp_path / name, forms=(*FORMS, "latex"))
    one, two = (
        {str(f.relative_to(tmp_path / n)): f.read_bytes() for f in (tmp_path / n).rglob("*.*")}
        for n in ("one", "two")
        if (tmp_path / n).is_dir()
    )
    assert one == two


def test_what_is_lost_or_changed_is_written_again(tmp_path: Path) -> None:
    build(tmp_path / "book", forms=FORMS)
    page = tmp_path / "book" / "html" / "index.html"
    right = page.read_bytes()
    page.write_bytes(b"mine")
    (tmp_path / "book" / "markdown" / "README.md").unlink()
    assert build(tmp_path / "book", forms=FORMS).written == 2
    assert page.read_bytes() == right


def test_a_picture_that_shows_the_same_is_not_drawn_again(
    tmp_path: Path, small: Callable[[Book], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    build(tmp_path / "book", forms=FORMS)
    drawn: list[Plot] = []
    draw = drawing.draw

    def drawing_again(plot: Plot) -> drawing.Drawn:
        drawn.append(plot)
        return draw(plot)

    monkeypatch.setattr(drawing, "draw", drawing_again)
    small(dataclasses.replace(BOOK, title="Another title"))
    monkeypatch.setattr(building, "key", lambda *options: "another key")
    assert build(tmp_path / "book", forms=FORMS).written > 0
    assert drawn == []
    picture = next(iter(figures(BOOK)))
    (tmp_path / "book" / "html" / "figures" / f"{picture.name}.svg").unlink()
    build(tmp_path / "book", forms=FORMS)
    assert drawn == [picture.plot]


def test_what_is_not_in_the_book_any_more_goes(
    tmp_path: Path, small: Callable[[Book], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    build(tmp_path / "book", forms=("markdown",))
    small(dataclasses.replace(BOOK, chapters=BOOK.chapters[:1]))
    monkeypatch.setattr(building, "key", lambda *options: "another key")
    gone = [c.id for c in BOOK.chapters[1:]]
    assert gone
    assert build(tmp_path / "book", forms=("markdown",)).removed >= len(gone)
    assert not any((tmp_path / "book" / "markdown" / f"{name}.md").exists() for name in gone)


def test_a_build_that_was_interrupted_is_taken_up_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = build(tmp_path / "whole", forms=FORMS)
    pictures = building._pictures

    def interrupted(*arguments: object) -> dict[str, bytes]:
        raise KeyboardInterrupt

    monkeypatch.setattr(building, "_pictures", interrupted)
    with pytest.raises(KeyboardInterrupt):
        build(tmp_path / "book", forms=FORMS)
    monkeypatch.setattr(building, "_pictures", pictures)
    assert build(tmp_path / "book", forms=FORMS) == whole


def test_editions_and_forms_have_keys_of_their_own() -> None:
    keys = {
        building.key(FORMS, Edition()),
        building.key(FORMS, Edition(second=True)),
        building.key(("html",), Edition()),
    }
    assert len(keys) == 3
    assert building.key(FORMS, Edition()) in keys


def test_a_package_that_is_missing_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        building, "installed", lambda name: "" if name == "matplotlib" else installed(name)
    )
    with pytest.raises(UsageError, match="needs matplotlib: pip install 'ulpian\\[handbook\\]'"):
        build(tmp_path / "book")
    assert not (tmp_path / "book").exists()


@pytest.mark.skipif(shutil.which("latexmk") is None, reason="latexmk is not installed")
def test_the_pdf_is_typeset_once(tmp_path: Path) -> None:
    first = build(tmp_path / "book", forms=("pdf",))
    assert (first.files["pdf"], first.no_pdf) == (1, "")
    assert (tmp_path / "book" / "handbook.pdf").read_bytes().startswith(b"%PDF")
    assert build(tmp_path / "book", forms=("pdf",)).written == 0


def test_without_latexmk_the_latex_is_there_and_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    for _ in range(2):  # the second time, too, when nothing is written
        built = build(tmp_path / "book", forms=("latex", "pdf"))
        assert "latexmk" in built.no_pdf
        assert "texlive-latex-recommended" in built.no_pdf
        assert "pdf" not in built.files
    assert built.written == 0
    assert list((tmp_path / "book" / "latex").glob("*.tex"))


# ---------------------------------------------------------------- the command


def _ran(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(command, list(arguments))
    return result.exit_code, result.stdout, result.stderr


def test_the_command_says_what_it_did(tmp_path: Path) -> None:
    place = str(tmp_path / "book")
    code, out, _ = _ran("--only", "html,markdown", "--output", place, "--jobs", "1")
    assert code == 0
    assert out.startswith(f"{place}: ")
    assert " html, " in out
    assert (
        _ran("--only", "html", "--only", "markdown", "--output", place)[1]
        .rstrip()
        .endswith("; 0 written, 0 removed")
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--only", "docx"), "unknown form 'docx': choose from html, latex, pdf, markdown"),
        (("--notation", "log"), "notation 'log': give a name and a value, as in log=ln"),
        (("--notation", "log=lg"), "notation log=lg: choose log or ln"),
    ],
)
def test_a_bad_request_is_one_sentence(arguments: tuple[str, ...], said: str) -> None:
    code, out, error = _ran(*arguments)
    assert (code, out) == (1, "")
    assert said in error


def test_a_folder_with_other_things_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("mine")
    code, _, error = _ran("--output", str(tmp_path))
    assert code == 1
    assert "holds other files" in error
    assert os.listdir(tmp_path) == ["thesis.tex"]


def test_every_number_of_files_is_told() -> None:
    built = Built({"html": 3}, 3, 0, "latexmk is not here")
    from ulpian.checks.commands.handbook import _told

    assert _told("book", built) == "book: 3 html; 3 written, 0 removed\nno PDF: latexmk is not here"


def test_pictures_have_names_of_their_own() -> None:
    names = [one.name for one in figures(BOOK)]
    assert len(names) == len(set(names))
    assert all(isinstance(one, Figure) for one in figures(BOOK))
