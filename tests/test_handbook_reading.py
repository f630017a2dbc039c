"""How the book is to be read: no letter or sign unexplained, every work listed, every word said."""

from __future__ import annotations

import re
from functools import cache

import pytest
from sympy.printing.latex import greek_letters_set

from ulpian.checks.handbook import bibliography, markdown, signs, symbols
from ulpian.checks.handbook.chapters import bibliography as list_of_works
from ulpian.checks.handbook.chapters import how_to_read, vanishing
from ulpian.checks.handbook.document import (
    Book,
    Chapter,
    Cite,
    Link,
    Paragraph,
    Section,
    Table,
    Terms,
    plain,
    walk,
)
from ulpian.checks.handbook.edition import STANDARD, Edition
from ulpian.checks.handbook.page import page
from ulpian.reference import facts, identities
from ulpian.reference.level import Level
from ulpian.spec import catalogue
from ulpian.spec.latex import latex
from ulpian.spec.notation import STANDARD as STANDARD_NOTATION
from ulpian.spec.notation import Notation
from ulpian.spec.references import Reference
from ulpian.spec.statements import statements

# Commands that set what they stand before, and mean nothing by themselves.
LAYOUT = {
    *(r"\left", r"\right", r"\quad", r"\,", r"\ ", r"\\", r"\frac"),
    *(r"\begin{cases}", r"\end{cases}"),
}
LETTERS = {"d", "e"}  # of derivatives and of the exponential: explained among the signs


def tokens(formula: str) -> set[str]:
    """The letters, words and commands of a formula; names of functions and words are left out."""
    rest = re.sub(r"\\(?:text|operatorname)\{(?:[^{}]|\\.)*\}", " ", formula)
    found: set[str] = set()
    for pattern in (
        r"\\(?:math\w+|hat)\{(?:[^{}]|\\.)*\}",  # words, and letters of another kind
        r"\\(?:begin|end)\{\w+\}",
        r"\\[a-zA-Z]+|\\.",
        r"[A-Za-z]_\{\d+(?=[,}])",  # x_{1}, and x_{1, j}
        r"[A-Za-z]",
    ):
        found |= set(re.findall(pattern, rest))
        rest = re.sub(pattern, " ", rest)
    return {f"{token}}}" if re.search(r"\{\d+$", token) else token for token in found}


GREEK = {f"\\{letter}" for letter in greek_letters_set}
OTHER = Notation(sigmoid="sigma", normal="phi", log="ln", target="y")


@cache
def explained(notation: Notation = STANDARD_NOTATION) -> set[str]:
    """The commands that the table of signs has, and those that need no word."""
    written = {t for formula, _, _ in signs.WRITINGS for t in tokens(formula)} - GREEK
    for sign, _ in signs.expressions(notation):
        written |= tokens(latex(sign, notation=notation))
    return {token for token in written if token.startswith("\\")} | LAYOUT | LETTERS


@cache
def printed(name: str, notation: Notation = STANDARD_NOTATION) -> frozenset[str]:
    """Every token of every statement of a function."""
    said = statements(catalogue()[name], with_second=True, notation=notation)
    return frozenset(t for found in said.values() for one in found for t in tokens(one.latex))


@cache
def listed(name: str, notation: Notation = STANDARD_NOTATION) -> dict[str, list[str]]:
    """The symbols that the table has for a function, each with its meanings there."""
    found: dict[str, list[str]] = {}
    for row in symbols.rows(notation):
        if name in row.functions:
            (token,) = tokens(row.symbol.latex)
            found.setdefault(token, []).append(row.meaning)
    return found


every = pytest.mark.parametrize("name", list(catalogue()))


@every
def test_every_letter_and_sign_of_every_statement_is_explained(name: str) -> None:
    assert unknown(name) == set()


def unknown(name: str, notation: Notation = STANDARD_NOTATION) -> set[str]:
    """What a function prints and no table has."""
    known = listed(name, notation)
    found = printed(name, notation) - explained(notation) - set(known)
    # z_{0} is an entry of z, where x_{1} may be a name
    return {token for token in found if not ("_{" in token and token[0] in known)}


@pytest.mark.parametrize(
    "name", ["gelu", "silu", "sigmoid", "ndtr", "log_ndtr", "bce", "mse", "huber", "cross_entropy"]
)
def test_the_tables_follow_the_notation(name: str) -> None:
    assert unknown(name, OTHER) == set()


@every
def test_no_symbol_is_listed_for_a_function_that_does_not_print_it(name: str) -> None:
    known = listed(name)
    words = {word for meanings in known.values() for said in meanings for word in said.split()}
    assert {token for token in known if token not in printed(name) | words} == set()


def test_a_missing_symbol_would_be_noticed() -> None:
    assert tokens(r"\mathrm{new\_one} x_{1, j} \tau \tanh\left(z_{i}\right)") == {
        r"\mathrm{new\_one}",
        "x_{1}",
        "j",
        r"\tau",
        r"\tanh",
        r"\left",
        r"\right",
        "z",
        "i",
    }
    assert not {r"\mathrm{new\_one}", r"\tau", "x_{1}", "z"} & explained()


def test_a_letter_with_several_meanings_has_a_row_for_each() -> None:
    meanings = {row.meaning: row.functions for row in symbols.rows() if row.symbol.text == "p"}
    assert "mse" in meanings["input prediction, a number"]
    assert meanings["parameter"] == ("pairwise_distance", "multi_margin")
    assert meanings["input log_prediction, a row of n numbers"] == ("nll",)


def test_a_long_constant_has_its_digits() -> None:
    (row,) = (r for r in symbols.rows() if r.functions == ("selu",) and r.symbol.text == "alpha")
    assert row.meaning == "constant 1.6732632423543772848..."


# ---------------------------------------------------------------- the chapters


@pytest.fixture(scope="module")
def reading() -> Chapter:
    return how_to_read.chapter(STANDARD)


@pytest.fixture(scope="module")
def list_(reading: Chapter) -> Terms:
    (found,) = (b for b in list_of_works.chapter(STANDARD).blocks if isinstance(b, Terms))
    return found


def section(chapter: Chapter, name: str) -> Section:
    (found,) = (b for b in chapter.blocks if isinstance(b, Section) and b.id == name)
    return found


def test_every_part_of_a_page_is_explained_in_its_order() -> None:
    order = [title for title, _ in how_to_read.PARTS]
    edition = Edition(second=True, pictures=False)
    met = {"What it looks like"}
    for name in ("gelu", "selu", "step", "softmax", "hinge", "quantile"):
        blocks = page(catalogue()[name], edition).blocks
        titles = [plain(b.title) for b in blocks if isinstance(b, Section)]
        assert len(titles) == len(blocks)
        assert titles == sorted(titles, key=order.index)
        met |= set(titles)
    assert met == set(order)


def test_every_word_for_how_something_is_known_is_explained(reading: Chapter) -> None:
    (terms,) = (b for b in section(reading, "statuses").blocks if isinstance(b, Terms))
    said = {plain(term) for term, _ in terms.rows}
    assert said == {*identities.STATUSES, *facts.fact.STATUSES}


def test_every_level_is_named_from_best_to_worst(reading: Chapter) -> None:
    (told,) = section(reading, "units").blocks
    assert isinstance(told, Paragraph)
    assert ", ".join(sorted(Level, reverse=True)) in plain(told.text)


def test_the_tables_have_every_sign_and_every_symbol(reading: Chapter) -> None:
    tables = [b for b in walk(reading.blocks) if isinstance(b, Table)]
    counts = [len(t.rows) for t in tables]
    assert counts == [len(signs.EXPRESSIONS) + len(signs.WRITINGS), len(symbols.rows())]
    assert all(len(row) == len(t.head) == len(t.columns) for t in tables for row in t.rows)


def test_a_chinese_name_is_shown_as_one(reading: Chapter) -> None:
    (told,) = section(reading, "names").blocks
    assert isinstance(told, Paragraph)
    assert "Squared error, 均方误差." in plain(told.text)


def test_every_work_has_an_anchor_which_its_citations_lead_to(list_: Terms) -> None:
    keys = list(bibliography.works())
    assert list_.ids == tuple(Cite(key).to for key in keys)
    assert [plain(term) for term, _ in list_.rows] == keys


def test_an_entry_says_who_what_where_when_and_who_cites_it(list_: Terms) -> None:
    entries = {plain(term): said for term, said in list_.rows}
    assert plain(entries["charbonnier1997"]) == (
        "Pierre Charbonnier, Laure Blanc-Féraud, Gilles Aubert and Michel Barlaud. Deterministic "
        "edge-preserving regularization in computed imaging. IEEE Transactions on Image Processing "
        "6(2):298-311, 1997, doi:10.1109/83.551699. Cited by pseudo_huber."
    )
    assert plain(entries["rosasco2004"]).startswith(
        "Lorenzo Rosasco, Ernesto De Vito, Andrea Caponnetto, Michele Piana and Alessandro Verri. "
        "Are loss functions all the same? Neural Computation 16(5):1063-1076, 2004, doi:"
    )
    assert plain(entries["dlmf"]).startswith(
        "DLMF. NIST Digital Library of Mathematical Functions. https://dlmf.nist.gov. Cited by "
        "exponential, step, tanh"
    )
    assert plain(entries["lin2017"]).count("arXiv:1708.02002") == 1  # beside its DOI


def test_a_work_that_a_rule_cites_leads_to_the_rule(list_: Terms) -> None:
    entries = {plain(term): said for term, said in list_.rows}
    ways = [p for p in entries["nesterov2004"] if isinstance(p, Link) and not p.outside]
    rules = {b.id for b in vanishing.chapter(STANDARD).blocks if isinstance(b, Section)}
    assert [way.to for way in ways] == ["rule-descent-lemma", "rule-descent-limit-is-sharp"]
    assert {way.to for way in ways} <= rules


def test_every_function_is_named_by_the_works_that_it_cites(list_: Terms) -> None:
    by = {plain(term): {p.text for p in said if isinstance(p, Link)} for term, said in list_.rows}
    for function in catalogue().values():
        for reference in function.references:
            assert isinstance(reference, Reference)
            assert function.name in by[reference.key]


def test_a_citation_prints_the_work_and_the_place() -> None:
    reference = catalogue()["gelu"].references[0]
    cited = bibliography.cite(reference)
    assert cited == Cite("hendrycks2016", "section 2", "Hendrycks & Gimpel 2016")
    assert plain((cited,)) == "Hendrycks & Gimpel 2016, section 2"
    assert plain((Cite("hendrycks2016"),)) == "hendrycks2016"


def test_a_line_of_text_is_cited_as_it_stands() -> None:
    lines = bibliography.cited(("Euclid, book II", "Cauchy 1847"))
    assert lines == ("Euclid, book II", "; ", "Cauchy 1847")


def test_a_citation_in_markdown_leads_to_the_row_of_the_work() -> None:
    chapters = (vanishing.chapter(STANDARD), list_of_works.chapter(STANDARD))
    files = markdown.files(Book("A book", chapters))
    cited = "Source: [Nesterov 2004](bibliography.md#bib-nesterov2004), section 1.2.3."
    assert cited in files["vanishing.md"]
    assert '- <a id="bib-nesterov2004"></a>**`nesterov2004`**: ' in files["bibliography.md"]


def test_a_users_own_function_has_its_works_in_the_bibliography(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    work = Reference(authors=("Nobody, Ann",), title="A ramp of one's own", year=2020)
    mine = catalogue()["relu"].replace(name="ramp", references=(work,))
    monkeypatch.setattr(bibliography, "own", lambda: {"ramp": mine})
    assert bibliography.works()[work.key] == work
    assert [way.to for way in bibliography.citing()[work.key]] == ["ramp"]
