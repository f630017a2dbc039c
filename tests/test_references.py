"""References: what a work is called and how it is printed, and that each is given once and true."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
import sympy

from ulpian.checks.handbook import bibliography
from ulpian.spec import Function, Reference, SpecError, catalogue, works
from ulpian.spec.rules import rules
from ulpian.spec.symbols import x

GELU = Reference(
    authors=("Hendrycks, Dan", "Gimpel, Kevin"),
    title="Gaussian error linear units (GELUs)",
    year=2016,
    arxiv="1606.08415",
)
CODY = Reference(
    authors=("Cody, William J.",),
    title="Rational Chebyshev approximations",
    year=1969,
    kind="article",
    where="Mathematics of Computation",
    volume="23",
    number="107",
    pages="631-637",
    doi="10.1090/S0025-5718-1969-0247736-4",
)
SQUARE: dict[str, Any] = {"name": "square", "title": "Square", "variables": (x,)}


def square(**more: Any) -> Function:
    """A definition of one's own."""
    return Function(**SQUARE, expression=x**2, **more)


def test_a_reference_is_printed_with_who_when_what_and_where() -> None:
    told = "Hendrycks & Gimpel 2016, Gaussian error linear units (GELUs), arXiv:1606.08415"
    assert str(GELU) == told
    assert str(GELU.at("section 2")) == f"{told}, section 2"


def test_a_place_in_a_work_has_the_work_s_key_and_is_the_same_work() -> None:
    assert GELU.at("section 2").key == GELU.key == "hendrycks2016"
    assert GELU.at("section 2").work == GELU.at("section 3").work == GELU


@pytest.mark.parametrize(
    ("authors", "key", "short"),
    [
        (("Cody, William J.",), "cody1969", "Cody 1969"),
        (("Mächler, Martin",), "machler1969", "Mächler 1969"),
        (("van den Oord, Aäron", "Li, Yazhe"), "vandenoord1969", "van den Oord & Li 1969"),
        (("A, B", "C, D", "E, F"), "a1969", "A, C & E 1969"),
        (("A, B", "C, D", "E, F", "G, H"), "a1969", "A et al. 1969"),
        (("A, B", "others"), "a1969", "A et al. 1969"),
        (("DLMF",), "dlmf1969", "DLMF 1969"),
    ],
)
def test_a_work_is_called_by_its_first_author_and_year(
    authors: tuple[str, ...], key: str, short: str
) -> None:
    work = dataclasses.replace(CODY, authors=authors)
    assert (work.key, work.short) == (key, short)


def test_a_letter_tells_two_works_of_a_year_apart() -> None:
    second = dataclasses.replace(CODY, letter="b")
    assert (second.key, second.short) == ("cody1969b", "Cody 1969b")


def test_where_a_work_was_published_is_a_line() -> None:
    assert CODY.publication == "Mathematics of Computation 23(107):631-637"
    report = dataclasses.replace(CODY, kind="techreport", volume="", number="7", pages="")
    assert report.publication == "Mathematics of Computation, technical report 7"
    book = dataclasses.replace(report, kind="book", number="", edition="second", pages="12")
    assert book.publication == "Mathematics of Computation, second edition, page 12"


def test_a_work_is_found_by_its_doi_else_by_arxiv_else_by_its_address() -> None:
    both = dataclasses.replace(CODY, arxiv="1606.08415", url="https://example.org")
    assert both.address == "https://doi.org/10.1090/S0025-5718-1969-0247736-4"
    arxiv = dataclasses.replace(both, doi="")
    assert (arxiv.identifier, arxiv.address) == (
        "arXiv:1606.08415",
        "https://arxiv.org/abs/1606.08415",
    )
    assert dataclasses.replace(arxiv, arxiv="").address == "https://example.org"
    assert dataclasses.replace(arxiv, arxiv="", url="").address == ""


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (
            {"authors": ()},
            "authors: () names nobody; write ('Hendrycks, Dan', 'Gimpel, Kevin')",
        ),
        (
            {"authors": "Cody"},
            "authors: 'Cody' names nobody; write ('Hendrycks, Dan', 'Gimpel, Kevin')",
        ),
        ({"authors": ("李, 明",)}, "authors: '李, 明' gives no key; write it in Latin letters"),
        (
            {"title": "A title."},
            "title: 'A title.' is empty or ends with a full stop; write the bare title",
        ),
        (
            {"kind": "paper"},
            "kind: 'paper' is not one of article, inproceedings, incollection, book, phdthesis, "
            "techreport, misc",
        ),
        (
            {"where": ""},
            "where: 'article' needs where (its journal) and year; give both, or leave out the kind",
        ),
        ({"year": 69}, "year: 69 is no year; write it as a number of four digits, 2016"),
        (
            {"doi": "https://doi.org/10.1090/S0025"},
            "doi: 'https://doi.org/10.1090/S0025' is no DOI; write it bare, 10.1109/83.551699",
        ),
        (
            {"arxiv": "arXiv:1606.08415"},
            "arxiv: 'arXiv:1606.08415' is no arXiv number; write it bare, 1606.08415",
        ),
        ({"url": "example.org"}, "url: 'example.org' is no address; begin it with https://"),
        (
            {"volume": ""},
            "number: '107' is for reports, and articles in a volume; leave it out",
        ),
        (
            {"kind": "inproceedings"},
            "number: '107' is for reports, and articles in a volume; leave it out",
        ),
        (
            {"kind": "incollection"},
            "publisher: 'Mathematics of Computation' has none; a chapter needs that of its book",
        ),
        (
            {"pages": "631 to 637"},
            "pages: '631 to 637' are no pages; write the first and the last, 219-224",
        ),
        ({"letter": "B"}, "letter: 'B' is not one small letter; write b"),
    ],
)
def test_a_reference_that_cannot_be_is_refused(changes: dict[str, Any], sentence: str) -> None:
    with pytest.raises(SpecError) as refused:
        dataclasses.replace(CODY, **changes)
    assert str(refused.value) == f"reference {changes.get('title', CODY.title)!r}: {sentence}"


def test_old_arxiv_numbers_are_numbers() -> None:
    assert dataclasses.replace(GELU, arxiv="math.GT/0309136").identifier == "arXiv:math.GT/0309136"


# ---------------------------------------------------------------- in definitions


def test_a_definition_of_one_s_own_may_cite_a_line_of_text() -> None:
    own = square(references=("Euclid, Elements, book II",))
    assert own.references == ("Euclid, Elements, book II",)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (
            {"references": "Euclid"},
            "references: 'Euclid' is one string; write a tuple: (...,)",
        ),
        (
            {"references": (3,)},
            "references: 3 is neither a Reference nor a line of text",
        ),
        ({"references": ("",)}, "references: '' is neither a Reference nor a line of text"),
        (
            {"titles": {"Chinese": "平方"}},
            "titles: 'Chinese' is no code of a language; write zh, de or the like",
        ),
        ({"titles": {"zh": " "}}, "titles: zh: ' ' is empty; write the title, or leave it out"),
    ],
)
def test_references_and_titles_that_cannot_be_are_refused(
    changes: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(SpecError) as refused:
        square(**changes)
    assert str(refused.value) == f"square: {sentence}"


def test_titles_cannot_be_changed_later() -> None:
    own = square(titles={"zh": "平方"})
    assert dict(own.titles) == {"zh": "平方"}
    with pytest.raises(TypeError):
        own.titles["zh"] = "立方"  # type: ignore[index]


# ---------------------------------------------------------------- the book


def test_every_reference_of_the_book_is_a_work() -> None:
    for _, cites in _definitions():
        assert cites.references, cites.name
        assert all(isinstance(r, Reference) for r in cites.references), cites.name


def test_no_work_is_given_twice_with_other_data_and_no_two_share_a_key() -> None:
    found = bibliography.works()
    assert len({(w.authors, w.title) for w in found.values()}) == len(found)
    for identifier in ("doi", "arxiv", "url"):
        given = [getattr(w, identifier).lower() for w in found.values()]
        given = [value for value in given if value]
        assert len(set(given)) == len(given), identifier


def test_two_works_with_one_key_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    other = dataclasses.replace(GELU, title="Another title")
    two = {"one": square(references=(GELU,)), "two": square(references=(other,))}
    monkeypatch.setattr(bibliography, "catalogue", lambda: two)
    with pytest.raises(SpecError) as refused:
        bibliography.works()
    assert str(refused.value) == (
        "reference hendrycks2016: given as 'Gaussian error linear units (GELUs)' and as 'Another "
        "title', or with other data; give one work once, and two works different letters"
    )


def test_what_stands_among_the_shared_works_is_cited_by_more_than_one_file() -> None:
    homes: dict[str, set[str]] = {}
    for name, definition in _definitions():
        for reference in definition.references:
            if isinstance(reference, Reference):
                homes.setdefault(reference.key, set()).add(name)
    shared = {w.key for w in vars(works).values() if isinstance(w, Reference)}
    assert shared == {key for key, files in homes.items() if len(files) > 1}


def _definitions() -> list[tuple[str, Any]]:
    """Everything that cites, with the file that it stands in."""
    import importlib
    import pkgutil

    found: list[tuple[str, Any]] = [("rules", rule) for rule in rules]
    for chapter in ("activations", "blocks", "losses"):
        package = importlib.import_module(f"ulpian.spec.{chapter}")
        for info in pkgutil.iter_modules(package.__path__):
            module = importlib.import_module(f"{package.__name__}.{info.name}")
            found += [(info.name, f) for f in vars(module).values() if isinstance(f, Function)]
    return found


def test_a_chinese_title_is_written_in_chinese() -> None:
    titles = {f.name: f.titles["zh"] for f in catalogue().values() if "zh" in f.titles}
    assert titles["mse"] == "均方误差"
    assert len(set(titles.values())) == len(titles)
    for title in titles.values():
        assert any("\u4e00" <= character <= "\u9fff" for character in title)


def test_the_expression_is_untouched_by_words_about_it() -> None:
    assert square(titles={"zh": "平方"}, references=(GELU,)).expression == sympy.sympify(x**2)
