"""The book as Markdown: what a common reader of Markdown makes of every kind of block."""

from __future__ import annotations

import re

import pytest
from markdown_it import MarkdownIt

from ulpian.checks.handbook import markdown
from ulpian.checks.handbook.book import book
from ulpian.checks.handbook.document import (
    Book,
    Chapter,
    Cite,
    Code,
    Display,
    Figure,
    Foreign,
    Items,
    Link,
    Listing,
    Math,
    Page,
    Paragraph,
    Section,
    Strong,
    Table,
    Terms,
)
from ulpian.checks.handbook.plot import Plot

FIGURE = Figure("gelu", ("The ", Code("gelu"), "."), "A curve that dips below 0.", Plot())
BLOCKS = (
    Paragraph(("A * is no list, a_b_c no stress, ", Strong("bold"), " is, ", Foreign("激活函数"))),
    Section(
        "one-part", ("A part with ", Math("x^{2}", "x**2")), (Display("x_{1}", "x1", "one-x"),)
    ),
    Items((("first",), (Link("two", "the other page"),))),
    Terms((((Code("a|b"),), ("a choice",)),)),
    Table(("Numbers",), (("a",), ("b",)), ((("1",), ("x | y",)), (("2",), (Code("p|q"),))), "lr"),
    FIGURE,
    Listing("x = 1\ny = '<'"),
    Paragraph((Cite("cody1969", "section 2"), " and ", Link("https://example.org/a", "outside"))),
)
SMALL = Book(
    "A book",
    (
        Chapter(
            "letters",
            "Letters",
            (Paragraph(("See ", Link("one-part", "there"), ".")),),
            (Page("one", ("One",), BLOCKS), Page("two", ("Two",), ())),
        ),
    ),
)


@pytest.fixture(scope="module")
def files() -> dict[str, str]:
    return markdown.files(SMALL)


def _html(text: str) -> str:
    return str(MarkdownIt("commonmark", {"html": True}).enable("table").render(text))


def test_every_page_and_chapter_is_a_file_and_the_contents_link_them(files: dict[str, str]) -> None:
    assert set(files) == {"README.md", "letters.md", "one.md", "two.md"}
    assert set(re.findall(r"\((\w+\.md)\)", files["README.md"])) == set(files) - {"README.md"}


def test_a_link_leads_to_the_file_and_the_place(files: dict[str, str]) -> None:
    assert "[there](one.md#one-part)" in files["letters.md"]
    assert '<a id="one-part"></a>' in files["one.md"]
    assert "[the other page](two.md)" in files["one.md"]
    assert "[outside](https://example.org/a)" in files["one.md"]


def test_ordinary_characters_stay_what_they_are(files: dict[str, str]) -> None:
    shown = _html(files["one.md"])
    assert "A * is no list, a_b_c no stress, <strong>bold</strong> is, 激活函数" in shown
    assert "x = 1\ny = '&lt;'" in shown


def test_a_bar_does_not_end_a_cell(files: dict[str, str]) -> None:
    shown = _html(files["one.md"])
    assert "<code>p|q</code>" in shown
    assert ">x | y<" in shown
    assert shown.count("<tr>") == 3


def test_formulas_stand_between_dollars(files: dict[str, str]) -> None:
    assert "## A part with $x^{2}$" in files["one.md"]
    assert "\n$$x_{1}$$\n" in files["one.md"]
    assert '<a id="one-x"></a>' in files["one.md"]


def test_a_picture_has_what_is_said_of_it(files: dict[str, str]) -> None:
    assert "![A curve that dips below 0.](figures/gelu.svg)\n\nThe `gelu`." in files["one.md"]


def test_one_page_stands_by_itself() -> None:
    alone = markdown.page(SMALL.chapters[0].pages[0])
    assert "the other page" in alone
    assert "two.md" not in alone


def test_every_link_of_the_whole_book_leads_somewhere() -> None:
    found = markdown.files(book())
    anchors = {name: set(re.findall(r'<a id="([^"]+)">', text)) for name, text in found.items()}
    for name, text in found.items():
        for file, place in re.findall(r"\]\(([\w-]+\.md)(?:#([\w-]+))?\)", text):
            assert file in found, f"{name} links {file}"
            assert not place or place in anchors[file], f"{name} links {file}#{place}"
