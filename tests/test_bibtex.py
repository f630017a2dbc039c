"""BibTeX: read by pybtex, an independent reader, and by BibTeX itself where it is installed."""

from __future__ import annotations

import dataclasses
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from pybtex.database import parse_string

from ulpian.checks.handbook.bibliography import bib, works
from ulpian.spec import Reference, bibtex, catalogue, find

ODD = Reference(
    authors=("Sørensen, Søren & Sons", "Œuvre, Łucja", "The {Strange} Society"),
    title="On 100% of {A_B} ~ $x^2$ – a #1 DNA|RNA \\ review",
    year=2001,
    kind="techreport",
    where="Ångström Institute",
    number="7",
    pages="1-9",
)


def read(text: str) -> Any:
    """What pybtex makes of it: entries by key; it raises what is not BibTeX."""
    return parse_string(text, "bibtex").entries


def test_every_work_of_the_book_is_read_back() -> None:
    found = read(bib())
    assert list(found) == list(works())
    for key, work in works().items():
        entry = found[key]
        assert entry.type == work.kind
        assert entry.fields.get("year", "") == str(work.year or "")
        assert entry.fields.get("doi", "") == work.doi
        assert entry.fields.get("eprint", "") == work.arxiv
        assert entry.fields["title"].replace("{", "").replace("}", "") in _spellings(work.title)
        people = entry.persons["author"]
        assert len(people) == len(work.authors)


def _spellings(text: str) -> set[str]:
    written = bibtex.tex(text)
    return {written.replace("{", "").replace("}", "")}


def test_family_names_are_told_from_given_names() -> None:
    (first, *_) = read(bib())["vandenoord2018"].persons["author"]
    assert (first.prelast_names, first.last_names) == (["van", "den"], ["Oord"])
    (body,) = read(bib())["dlmf"].persons["author"]
    assert body.last_names == ["{DLMF}"]
    (_, rest) = read(bib())["chollet2015"].persons["author"]
    assert str(rest) == "others"


def test_it_is_the_same_text_each_time_in_the_order_of_the_keys_and_in_ascii() -> None:
    text = bib()
    assert text == bib()
    assert text.isascii()
    keys = re.findall(r"^@\w+\{(\w+),$", text, re.MULTILINE)
    assert keys == sorted(set(keys))
    assert len(keys) == len(works())


def test_a_work_cited_at_two_places_stands_once() -> None:
    gelu = find("gelu").references[0]
    assert isinstance(gelu, Reference)
    assert bibtex.bibtex([gelu, gelu.at("section 9")]) == bibtex.entry(gelu)


def test_special_characters_and_accents_are_written_for_tex() -> None:
    assert bibtex.entry(ODD) == (
        "@techreport{srensen2001,\n"
        "  author = {S{\\o}rensen, S{\\o}ren \\& Sons and Œuvre, {\\L}ucja and "
        "{The \\textbraceleft{}Strange\\textbraceright{} Society}},\n"
        "  title = {On 100\\% of {\\textbraceleft{}A\\_B\\textbraceright{}} \\textasciitilde{} "
        "\\$x\\textasciicircum{}2\\$ -- a \\#1 {DNA\\textbar{}RNA} \\textbackslash{} review},\n"
        "  year = {2001},\n"
        '  institution = {{\\r A}ngstr{\\"o}m Institute},\n'
        "  number = {7},\n"
        "  pages = {1--9},\n"
        "}\n"
    )
    assert list(read(bibtex.entry(ODD))) == ["srensen2001"]


def test_names_and_acronyms_keep_their_capitals() -> None:
    text = bibtex.entry(dataclasses.replace(ODD, title="The Gaussian error (GELU) of Paris"))
    assert "title = {The {Gaussian} error {(GELU)} of {Paris}}," in text


def test_a_function_s_works_stand_after_how_to_cite_them() -> None:
    text = bibtex.citations(find("step"))
    assert text.startswith(
        "% step: \\cite{mcculloch1943}\n% step: \\cite[equation 1.16.13]{dlmf}\n"
    )
    assert list(read(text)) == ["dlmf", "mcculloch1943"]


@pytest.mark.parametrize("line", ["Misra 2019", "mail @misc{a, title = {b}}", "two\nlines"])
def test_a_line_of_text_becomes_a_comment_that_no_reader_takes_for_an_entry(line: str) -> None:
    text = bibtex.citations(find("gelu").replace(references=(line,)))
    assert list(read(text)) == []
    assert text.count("\n") == 0


def test_every_function_gives_bibtex() -> None:
    for function in catalogue().values():
        assert set(read(bibtex.citations(function))) == {
            r.key for r in function.references if isinstance(r, Reference)
        }


@pytest.mark.skipif(shutil.which("bibtex") is None, reason="BibTeX is not installed")
def test_bibtex_itself_reads_every_work_without_a_warning(tmp_path: Path) -> None:
    (tmp_path / "ulpian.bib").write_text(bib(), encoding="utf-8")
    aux = "\\citation{*}\n\\bibstyle{plain}\n\\bibdata{ulpian}\n"
    (tmp_path / "book.aux").write_text(aux, encoding="utf-8")
    run = subprocess.run(
        ["bibtex", "book"], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60
    )
    assert run.returncode == 0, run.stdout
    assert "Warning" not in run.stdout, run.stdout
    written = (tmp_path / "book.bbl").read_text(encoding="utf-8")
    assert written.count("\\bibitem") == len(works())
