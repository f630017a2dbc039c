"""The site: valid pages, links that lead somewhere, text that stays text, colours one can read."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import html5lib
import pytest
import tinycss2

from ulpian.checks.handbook.book import book
from ulpian.checks.handbook.document import (
    Book,
    Chapter,
    Code,
    Display,
    Figure,
    Link,
    Math,
    Page,
    Paragraph,
    pages,
)
from ulpian.checks.handbook.drawing.palette import PAPER
from ulpian.checks.handbook.html import site
from ulpian.checks.handbook.html.tables import order

from .sample_book import BOOK, CHAPTERS, LINE, NASTY, PLOT

XHTML, MATHML = "{http://www.w3.org/1999/xhtml}", "{http://www.w3.org/1998/Math/MathML}"
SAMPLE = site(BOOK)


@dataclass(frozen=True)
class Built:
    """A book, the files of its site, and its pages as a strict parser reads them."""

    book: Book
    files: dict[str, bytes]
    pages: dict[str, Any]


@cache
def sample() -> Built:
    return built(BOOK)


@cache
def whole() -> Built:
    return built(book())


def built(made: Book) -> Built:
    files = site(made)
    found = {name: tree(content) for name, content in files.items() if name.endswith(".html")}
    return Built(made, files, found)


def tree(page: bytes) -> Any:
    """A page as a tree: the first thing that is not HTML is an error."""
    return html5lib.HTMLParser(strict=True).parse(page.decode())


def find(page: Any, tag: str, **attributes: str) -> list[Any]:
    """Elements of a page by their name and attributes; `class_` is class."""
    wanted = {key.rstrip("_").replace("_", "-"): value for key, value in attributes.items()}
    return [
        one
        for one in page.iter(XHTML + tag)
        if all(one.get(key) == value for key, value in wanted.items())
    ]


def text(part: Any) -> str:
    return "".join(part.itertext())


@pytest.fixture(params=[sample, whole], ids=["sample", "whole"])
def made(request: pytest.FixtureRequest) -> Built:
    return request.param()  # type: ignore[no-any-return]


# ---------------------------------------------------------------- all pages


def test_there_is_a_file_for_each_chapter_and_each_page(made: Built) -> None:
    names = {one.id for one in made.book.chapters} | {one.id for one in pages(made.book)}
    assert {f"{name}.html" for name in names} | {"index.html"} <= set(made.files)
    assert {"style.css", "site.js", "search.js"} <= set(made.files)


def test_pages_are_html_with_landmarks_one_title_and_headings_in_order(
    made: Built,
) -> None:
    for name, page in made.pages.items():
        assert page.get("lang") == "en", name
        assert text(find(page, "title")[0]).strip(), name
        counts = {tag: len(find(page, tag)) for tag in ("h1", "main", "header", "title")}
        assert counts == {"h1": 1, "main": 1, "header": 1, "title": 1}, name
        labels = [one.get("aria-label") for one in find(page, "nav")]
        assert all(labels), f"{name}: a nav without a name"
        assert len(set(labels)) == len(labels), f"{name}: two navs with one name"
        levels = [int(one.tag[-1]) for one in page.iter() if re.fullmatch(r".*}h[1-6]", one.tag)]
        assert levels[0] == 1, name
        assert all(b <= a + 1 for a, b in pairwise(levels)), (name, levels)


def test_ids_are_unique_and_every_link_leads_somewhere(made: Built) -> None:
    ids: dict[str, Counter[str]] = {}
    for name, page in made.pages.items():
        ids[name] = Counter(one.get("id") for one in page.iter() if one.get("id"))
        assert max(ids[name].values()) == 1, f"{name}: {ids[name].most_common(1)}"
    for name, page in made.pages.items():
        assert text(find(page, "a")[0]) == "Skip to the content"
        for link in find(page, "a"):
            href = link.get("href")
            if "://" in href:
                continue
            file, _, place = unquote(href).partition("#")
            assert (file or name) in ids, f"{name} links to {href}"
            assert not place or place in ids[file or name], f"{name} links to {href}"


def test_the_site_needs_no_network(made: Built) -> None:
    for name, page in made.pages.items():
        for one in page.iter():
            for key in ("src", "srcset", "data", "action", "poster"):
                assert ":" not in one.get(key, ""), f"{name}: {key}={one.get(key)}"
        for link in find(page, "link"):
            assert link.get("href") == "style.css", name
        assert [one.get("src") for one in find(page, "script")] == ["search.js", "site.js"], name
    style = made.files["style.css"].decode()
    assert "url(" not in style
    assert "@import" not in style
    assert "http" not in style
    assert "http" not in made.files["site.js"].decode()


def test_every_link_field_and_picture_has_a_name(made: Built) -> None:
    for name, page in made.pages.items():
        for link in find(page, "a"):
            assert (link.get("aria-label") or text(link)).strip(), f"{name}: {link.get('href')}"
        labelled = {label.get("for") for label in find(page, "label")}
        assert all(field.get("id") in labelled for field in find(page, "input")), name
        assert all(picture.get("alt") for picture in find(page, "img")), name


def test_tables_have_a_caption_and_heads_that_say_what_they_head(made: Built) -> None:
    for name, page in made.pages.items():
        for table in find(page, "table"):
            assert text(find(table, "caption")[0]).strip(), name
            head, body = find(table, "thead")[0], find(table, "tbody")[0]
            assert {one.get("scope") for one in find(head, "th")} == {"col"}, name
            for row in find(body, "tr"):
                assert [one.get("scope") for one in find(row, "th")] == ["row"], name


def test_every_formula_says_what_it_is_in_text(made: Built) -> None:
    found = [one for page in made.pages.values() for one in page.iter(f"{MATHML}math")]
    assert len(found) > 3
    assert all(one.get("alttext") for one in found)
    assert all(one.find(f".//{MATHML}annotation").text for one in found)


def test_the_same_book_gives_the_same_bytes() -> None:
    assert site(BOOK) == SAMPLE


@pytest.mark.skipif(not shutil.which("vnu"), reason="vnu, the W3C's checker, is not on the PATH")
def test_the_checker_of_the_w3c_finds_nothing(made: Built, tmp_path: Path) -> None:
    for name, content in made.files.items():
        (tmp_path / name).write_bytes(content)
    # it takes pages of formulas for other languages
    for flags, ending in ((["--Werror", "--no-langdetect"], "*.html"), (["--css"], "*.css")):
        found = sorted(map(str, tmp_path.glob(ending)))
        ran = subprocess.run(["vnu", *flags, *found], capture_output=True, text=True, check=False)
        assert (ran.returncode, ran.stderr) == (0, "")


# ---------------------------------------------------------------- the sample, block by block


def page_of(name: str) -> Any:
    return sample().pages[f"{name}.html"]


def test_text_that_looks_like_markup_stays_text() -> None:
    for name, content in SAMPLE.items():
        assert b"<script>" not in content or name == "search.js", name
        assert b"</script>alert" not in content, name
    headings = [text(one) for one in find(page_of("ramp"), "h2")]
    assert headings == ["Definition of ramp", NASTY, "Levels"]
    assert find(page_of("ramp"), "meta", name="description")[0].get("content") == NASTY
    assert text(find(page_of("shapes"), "h1")[0]) == "Shapes & <forms>"
    assert text(find(page_of("index"), "title")[0]) == BOOK.title
    assert text(find(page_of("ramp"), "title")[0]) == f"ramp · {BOOK.title}"


def test_a_formula_and_the_mark_after_it_stay_on_one_line() -> None:
    made = one_page(
        Paragraph((Math("x", "x"), "), and ", Math("y", "y"), " or (", Code("z"), ")."))
    )
    (main,) = find(tree(site(made)["page.html"]), "main")
    (paragraph,) = find(main, "p")
    assert text(paragraph) == "xx), and yy or (z)."
    assert [text(one) for one in find(paragraph, "span", class_="unbroken")] == ["xx),", "yy"]


def test_a_long_formula_in_a_line_scrolls_on_a_telephone() -> None:
    (long,) = find(page_of("ramp"), "span", class_="long")
    assert len(list(long.iter(f"{MATHML}mfrac"))) == 29
    unknown = one_page(Paragraph((Math("(0, 1", "(0, 1"),)))
    assert find(tree(site(unknown)["page.html"]), "span", class_="long")


def test_another_language_is_marked() -> None:
    (foreign,) = find(find(page_of("ramp"), "h1")[0], "span")
    assert (foreign.get("lang"), text(foreign)) == ("zh", "斜坡函数")


def test_a_formula_has_its_anchor_its_link_and_its_status() -> None:
    (formula,) = find(page_of("ramp"), "div", id="ramp-formula")
    link, cite = find(formula, "a")
    assert link.get("href") == "#ramp-formula"
    assert link.get("aria-label") == "Permanent link to ramp-formula"
    assert (cite.get("href"), text(cite)) == (
        "works.html#bib-knuth1997",
        "Knuth 1997, section 4.2 <b>",
    )
    (note,) = find(formula, "p", class_="note")
    assert text(note).startswith("proved by SymPy, see ")


def test_a_heading_is_its_own_permanent_link_and_holds_no_other() -> None:
    (heading,) = find(page_of("ramp"), "h3", id="ramp-deeper")
    (link,) = find(heading, "a")
    assert (link.get("href"), text(link)) == ("#ramp-deeper", "Deeper, with a link")


def test_a_term_may_have_an_anchor() -> None:
    (term,) = find(page_of("works"), "dt", id="bib-knuth1997")
    assert text(term) == "knuth1997"
    assert all(one.get("id") is None for one in find(page_of("ramp"), "dt"))


def test_lists_terms_and_code_are_what_they_are() -> None:
    page = page_of("ramp")
    items = [text(one) for one in find(find(page, "div", class_="text")[0], "li")]
    assert items == ["one", "two the formula"]
    assert [text(one) for one in find(page, "dt")] == ["slope", r"x0x_0"]
    (code,) = find(page, "code", class_="language-python")
    assert text(code) == "def ramp(x):\n    return x if x > 0 else 0\n" + LINE
    assert [text(one) for one in find(page, "strong")] == ["never"]


def test_a_picture_is_a_file_beside_the_page() -> None:
    (figure,) = find(page_of("ramp"), "figure", id="figure-ramp")
    (picture,) = find(figure, "img")
    assert (picture.get("src"), picture.get("alt")) == (
        "figures/ramp.svg",
        "A line that rises from 0.",
    )


def test_a_table_aligns_and_says_what_it_sorts_by() -> None:
    table, plain = find(page_of("ramp"), "table")
    assert table.get("class") == "sortable"
    assert plain.get("class") is None
    rows = find(find(table, "tbody")[0], "tr")
    cells = [one for one in rows[0] if one.tag.endswith(("th", "td"))]
    assert [one.get("class") for one in cells] == [None, "centre", "number", "prose"]
    errors = [list(row)[2].get("data-order") for row in rows]
    assert errors == ["10", "9.5", "Infinity"]


@pytest.mark.parametrize(
    ("said", "by"),
    [
        *(("9.5", "9.5"), ("-2", "-2"), ("−2.5 ulp", "-2.5"), ("1e-07", "1e-07")),
        *(("oo", "Infinity"), ("-oo", "-Infinity"), ("∞", "Infinity"), ("−∞", "-Infinity")),
        *(("unsound", "0"), ("sound", "1"), ("exact", "4")),
        *(("odd", None), ("", None), ("[0, 1]", None)),
    ],
)
def test_cells_sort_by_number_by_level_or_by_word(said: str, by: str | None) -> None:
    assert order(said) == by


def test_the_ways_lead_through_the_book_in_the_order_of_reading() -> None:
    names, name = [], "index.html"
    while name:
        names.append(name)
        following = find(sample().pages[name], "a", rel="next")
        name = following[0].get("href") if following else ""
    assert names == [
        *("index.html", "shapes.html", "ramp.html", "hill.html", "long_name.html", "works.html"),
        "functions.html",
    ]
    back = [find(sample().pages[name], "a", rel="prev")[0].get("href") for name in names[1:]]
    assert back == names[:-1]
    (crumbs,) = find(page_of("ramp"), "nav", aria_label="Breadcrumb")
    assert [text(one) for one in find(crumbs, "li")] == ["Contents", "Shapes & <forms>", "ramp"]
    (here,) = find(crumbs, "li", aria_current="page")
    assert text(here) == "ramp"


def test_the_table_of_functions_has_a_column_for_each_fact() -> None:
    (table,) = find(page_of("functions"), "table", class_="sortable")
    head = [text(one) for one in find(find(table, "thead")[0], "th")]
    assert head == ["name", "title", "parity", "slope", "torch", "zeros"]
    rows = [
        [text(cell) for cell in row if cell.tag.endswith(("th", "td"))]
        for row in find(find(table, "tbody")[0], "tr")
    ]
    assert rows == [
        ["ramp", "Ramp 斜坡函数 & co", "neither", "1", "accurate", ""],
        ["hill", "Hill", "even", "-2.5", "exact", "0"],
    ]


def test_a_book_without_functions_has_no_table_of_them() -> None:
    made = site(replace(BOOK, chapters=CHAPTERS[1:]))
    assert "functions.html" not in made
    assert b"functions.html" not in made["index.html"]


def test_the_search_knows_every_name() -> None:
    script = SAMPLE["search.js"].decode()
    entries = json.loads(script.removeprefix("const PAGES = ").removesuffix(";\n"))
    assert [entry[0] for entry in entries] == [
        *("shapes.html", "works.html", "ramp.html", "hill.html", "long_name.html"),
    ]
    assert entries[2] == [
        "ramp.html",
        "ramp",
        "Ramp 斜坡函数 & co",
        "relu\ntorch.nn.functional.ramp(x)\n斜坡函数",
        "parity neither slope 1 torch accurate",
    ]
    assert script.isascii()


# ---------------------------------------------------------------- what is refused


def one_page(*blocks: Any, name: str = "page") -> Any:
    chapter = Chapter("chapter", "Chapter", (), (Page(name, ("A page",), blocks),))
    return replace(BOOK, chapters=(chapter,))


def test_a_link_that_leads_nowhere_is_refused() -> None:
    wrong = one_page(Paragraph((Link("gelu-gradeint", "the gradient"),)))
    with pytest.raises(ValueError, match=r"^page links to 'gelu-gradeint', and no chapter, page, "):
        site(wrong)


def test_two_places_of_one_name_are_refused() -> None:
    shown = Display("x", "x", id="twice")
    message = r"two places of the book are called 'twice': page.html#twice and page.html#twice"
    with pytest.raises(ValueError, match=message):
        site(one_page(shown, shown))
    picture = Figure("ramp", (), "A line.", PLOT)
    with pytest.raises(ValueError, match=r"two places of the book are called 'figure-ramp'"):
        site(one_page(picture, picture))


@pytest.mark.parametrize("name", ["index", "functions"])
def test_a_page_with_the_name_of_a_file_of_the_site_is_refused(name: str) -> None:
    message = rf"the site has a file {name}\.html of its own: no chapter or page may be {name!r}"
    with pytest.raises(ValueError, match=message):
        site(one_page(name=name))


# ---------------------------------------------------------------- colours


def hexadecimal(colour: str) -> tuple[float, float, float]:
    return tuple(int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5))  # type: ignore[return-value]


COLOURS = ("light", "dark", "print")
TEXT = ("text", "muted", "link", "visited")


def schemes() -> dict[str, dict[str, tuple[float, float, float]]]:
    """The style sheet's colours by scheme, as they are after the rules before."""
    light: dict[str, Any] = {}
    found = {"light": light}
    sheet = tinycss2.parse_stylesheet(SAMPLE["style.css"].decode(), True, True)
    for rule in sheet:
        prelude = tinycss2.serialize(rule.prelude)
        if rule.type == "qualified-rule" and prelude.strip() == ":root":
            light |= dict(colours(rule.content))
        for name, query in (("dark", "prefers-color-scheme: dark"), ("print", "print")):
            if rule.type == "at-rule" and query in prelude:
                for inner in tinycss2.parse_rule_list(rule.content, True, True):
                    if tinycss2.serialize(inner.prelude).strip() == ":root":
                        found[name] = light | dict(colours(inner.content))
    return found


def colours(content: Any) -> Iterator[tuple[str, tuple[float, float, float]]]:
    for one in tinycss2.parse_blocks_contents(content, True, True):
        found = re.fullmatch(r"#([0-9a-f]{6})", tinycss2.serialize(one.value).strip())
        if one.name.startswith("--") and found:
            yield one.name[2:], hexadecimal(found[0])


def luminance(colour: tuple[float, float, float]) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: tuple[float, float, float], other: tuple[float, float, float]) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_contrast_is_computed_as_the_standard_says() -> None:
    assert contrast((0, 0, 0), (1, 1, 1)) == pytest.approx(21)
    assert contrast((0x77 / 255,) * 3, (1, 1, 1)) == pytest.approx(4.48, abs=0.005)


@pytest.mark.parametrize("scheme", COLOURS)
@pytest.mark.parametrize("behind", ["page", "surface"])
def test_text_stands_out(scheme: str, behind: str) -> None:
    found = schemes()[scheme]
    for name in TEXT:
        assert contrast(found[name], found[behind]) >= 4.5, name


@pytest.mark.parametrize("scheme", COLOURS)
def test_the_edges_of_fields_stand_out(scheme: str) -> None:
    found = schemes()[scheme]
    assert contrast(found["edge"], found["page"]) >= 3


def test_the_page_is_the_paper_of_the_pictures() -> None:
    found = schemes()
    assert found["light"]["page"] == hexadecimal(PAPER.light)
    assert found["dark"]["page"] == hexadecimal(PAPER.dark)


def test_colours_are_properties_alone() -> None:
    style = SAMPLE["style.css"].decode()
    rules = re.findall(r"(?<![-\w])(?:color|background|border[-\w]*|outline):([^;]*);", style)
    assert len(rules) > 20
    for said in rules:
        assert not re.search(r"#[0-9a-f]{3}|rgb|hsl|\b(white|black|gr[ae]y)\b", said), said
    named = {
        name for said in re.findall(r"(?<![-\w])color: var\(--(\w+)\)", style) for name in [said]
    }
    assert named <= set(TEXT)
    behind = set(re.findall(r"(?<![-\w])background: var\(--(\w+)\)", style))
    assert behind == {"page", "surface"}
