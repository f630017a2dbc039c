"""The book as LaTeX: what others paste compiles alone, and no line is wider than the page."""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import pytest

from ulpian.checks.handbook import pdf
from ulpian.checks.handbook.document import (
    Block,
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
    Text,
)
from ulpian.checks.handbook.plot import Curve, Plot
from ulpian.checks.handbook.tex import files, snippets, text
from ulpian.checks.handbook.tex.blocks import FORMULA_WIDTH
from ulpian.checks.handbook.tex.breaking import aligned, broken
from ulpian.checks.handbook.tex.formula import FormulaError, parsed, source
from ulpian.checks.handbook.tex.tables import shared
from ulpian.checks.handbook.tex.width import width
from ulpian.spec import statements
from ulpian.spec.catalogue import catalogue, find
from ulpian.spec.notation import CHOICES, STANDARD, Notation, notation

FUNCTIONS = list(catalogue().values())
OTHER = notation([f"{name}={choices[1]}" for name, choices in CHOICES.items()])
OVERFULL = re.compile(r"^Overfull \\hbox \((\d+\.\d+)pt", re.MULTILINE)

needs_latex = pytest.mark.skipif(
    not all(map(shutil.which, pdf.PROGRAMS)),
    reason=f"needs LaTeX: {pdf.DEBIAN}",
)


def log_of(document: str, folder: Path) -> str:
    """What pdflatex says of a document that it takes."""
    (folder / "it.tex").write_text(document)
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "it.tex"]
    done = subprocess.run(command, cwd=folder, capture_output=True, check=False)
    log = (folder / "it.log").read_text(errors="replace")
    assert done.returncode == 0, re.findall(r"^! .*|^l\.\d.*", log, re.MULTILINE)
    return log


def too_wide(log: str) -> list[float]:
    return [float(points) for points in OVERFULL.findall(log) if float(points) > 10]


@cache
def printed(chosen: Notation = STANDARD) -> list[str]:
    """Every statement of the book."""
    found = (statements.statements(f, with_second=True, notation=chosen) for f in FUNCTIONS)
    return [one.latex for topics in found for topic in topics.values() for one in topic]


# ---------------------------------------------------------------- snippets


@needs_latex
def test_every_snippet_compiles_and_none_is_too_wide(tmp_path: Path) -> None:
    bodies = [
        snippets.snippet(function, second=chosen is STANDARD, notation=chosen)
        for function in FUNCTIONS
        for chosen in (STANDARD, OTHER)
    ]
    log = log_of(snippets.standalone("\n\n".join(bodies)), tmp_path)
    assert too_wide(log) == []
    assert "Undefined" not in log


@needs_latex
@pytest.mark.parametrize("chosen", [STANDARD, OTHER], ids=["standard", "other"])
def test_every_statement_compiles_and_none_is_too_wide(chosen: Notation, tmp_path: Path) -> None:
    displays = (f"\\[ {broken(latex, snippets.WIDTH)} \\]" for latex in printed(chosen))
    assert too_wide(log_of(snippets.standalone("\n".join(displays)), tmp_path)) == []


@needs_latex
@pytest.mark.parametrize("name", ["gelu", "softmax", "huber", "ctc", "triplet_margin"])
def test_a_snippet_compiles_alone(name: str, tmp_path: Path) -> None:
    for everything in (False, True):
        snippet = snippets.snippet(find(name), everything=everything)
        assert too_wide(log_of(snippets.standalone(snippet), tmp_path)) == []


@needs_latex
def test_the_package_gives_a_formula_by_name(tmp_path: Path) -> None:
    for name, content in snippets.snippets([find("gelu"), find("log_sigmoid")]).items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(content)
    body = (
        r"\documentclass{article}\usepackage{ulpian-formulas}\begin{document}"
        r"\begin{equation} \ulpianformula{gelu} \end{equation}"
        r"\begin{align} \ulpianformula[gradient]{gelu} \\ \ulpianformula{log_sigmoid} \end{align}"
        r"\end{document}"
    )
    log = log_of(body, tmp_path)
    for file in ("gelu.tex", "gelu-gradient.tex", "log_sigmoid.tex"):
        assert f"formulas/{file}" in log
    with pytest.raises(AssertionError, match=r"There is no formula formulas/gelu-curl\.tex"):
        log_of(body.replace("[gradient]", "[curl]"), tmp_path)


def test_a_snippet_is_one_align_with_the_definition_and_the_gradient() -> None:
    assert snippets.snippet(find("silu"), notation=notation(["sigmoid=sigma"])) == (
        "% silu: Sigmoid linear unit\n"
        "\\begin{align*}\n"
        "  \\operatorname{silu}(x) &= x \\sigma(x) \\\\\n"
        "  \\frac{d}{d x} \\operatorname{silu}(x) &= x \\left(1 - \\sigma(x)\\right) \\sigma(x) "
        "+ \\sigma(x)\n"
        "\\end{align*}"
    )


def test_formulas_have_files_of_their_own_under_names_that_do_not_collide() -> None:
    assert list(snippets.quantities(find("selu"))) == [
        "",
        "constant-alpha",
        "constant-lambda_",
        "gradient",
        "second-derivative",
        "identity-scaled-elu",
    ]
    for function in FUNCTIONS:
        for labels in (function.identities, [v.name for v in function.differentiable]):
            assert len(set(map(snippets.slug, labels))) == len(labels), function


# ---------------------------------------------------------------- breaking


@needs_latex
def test_widths_are_near_what_tex_measures(tmp_path: Path) -> None:
    lines = [r"\newsavebox\B"]
    lines += [rf"\sbox\B{{$\displaystyle {one}$}}\typeout{{W \the\wd\B}}" for one in printed()]
    log = log_of(snippets.standalone("\n".join(lines)), tmp_path)
    measured = [float(points) for points in re.findall(r"^W (\d+\.\d+)pt", log, re.MULTILINE)]
    assert len(measured) == len(printed())
    ratios = [
        width(parsed(one)) / points
        for one, points in zip(printed(), measured, strict=True)
        if points > 150
    ]
    assert min(ratios) > 0.96
    assert max(ratios) < 1.12


@pytest.mark.parametrize("most", [snippets.WIDTH, FORMULA_WIDTH])
def test_every_formula_of_the_book_can_be_broken(most: float) -> None:
    for latex in printed():
        assert width(parsed(broken(latex, most))) <= most + 10, latex


def test_a_formula_is_taken_apart_and_nothing_lost() -> None:
    for latex in printed():
        assert source(parsed(latex)) == latex


def test_what_fits_is_left_as_it_is() -> None:
    assert broken("a = b + c", 345) == "a = b + c"


def test_a_formula_is_broken_at_its_relation_then_before_its_signs() -> None:
    wide = "a = " + " + ".join(["b c d e f g"] * 9)
    assert broken(wide, 200) == (
        r"\begin{aligned} a & = b c d e f g + b c d e f g + b c d e f g + b c d e f g \\ "
        r"& \quad + b c d e f g + b c d e f g + b c d e f g \\ "
        r"& \quad + b c d e f g + b c d e f g \end{aligned}"
    )


def test_a_term_that_is_too_wide_is_broken_in_its_brackets() -> None:
    wide = r"a = 2 \left(" + " + ".join(["b c d e f g"] * 9) + r"\right)"
    assert r"\left( \begin{aligned} & b c d" in broken(wide, 200)


@pytest.mark.parametrize("latex", ["a}", r"\left(a", r"\frac{1}{2", r"\begin{cases} a", "(a"])
def test_what_cannot_be_taken_apart_is_left_as_it_is(latex: str) -> None:
    with pytest.raises(FormulaError):
        parsed(latex)
    assert broken(latex, 1) == latex
    assert aligned([latex], 345) is None


# ---------------------------------------------------------------- text and tables


def test_every_character_that_means_something_to_tex_is_escaped() -> None:
    assert text.escaped(r"50% of #1 & $2 {a_b} ~^\ <|>") == (
        r"50\% of \#1 \& \$2 \{a\_b\} \textasciitilde{}\textasciicircum{}\textbackslash{} "
        r"\textless{}\textbar{}\textgreater{}"
    )
    assert text.escaped('"quoted" – naïve ≤ σ') == (
        r"``quoted'' -- naïve \ensuremath{\leq} \ensuremath{\sigma}"
    )
    assert text.code("torch.nn.gelu(x)") == r"torch.\allowbreak nn.\allowbreak gelu(\allowbreak x)"


def test_an_unknown_character_is_refused_by_name() -> None:
    sentence = "no LaTeX for the character '☃' (U+2603): add it to the signs of tex/text.py"
    with pytest.raises(text.CharacterError, match=f"^{re.escape(sentence)}$"):
        text.escaped("a ☃")


def test_words_without_a_font_go_with_what_leads_to_them() -> None:
    assert text.line(("sigmoid (", Foreign("函数"), "), too")) == (
        r"sigmoid\foreign{ (}{函数}{)}{}, too"
    )
    assert text.line(("sigmoid, ", Foreign("函数"), ".")) == r"sigmoid\foreign{, }{函数}{}{}."
    assert text.line(("a, ", Foreign("sigmoïde", "fr"))) == "a, sigmoïde"


@pytest.mark.parametrize(
    ("natural", "least", "room", "widths"),
    [
        ([10, 20], [10, 10], 100, [10, 20]),
        ([10, 200], [10, 10], 100, [10, 90]),
        ([200, 200, 10], [10, 60, 10], 100, [30, 60, 10]),
        ([200, 200], [100, 100], 100, [50, 50]),
    ],
)
def test_columns_share_the_page(
    natural: list[float], least: list[float], room: float, widths: list[float]
) -> None:
    assert shared(natural, least, room) == pytest.approx(widths)


# ---------------------------------------------------------------- the book

SAID: Text = ("50% of ", Math("x_{1}", "x1"), " & ", Code("a_b"), Strong("!"), Foreign("函数"))
BLOCKS: tuple[Block, ...] = (
    Paragraph(SAID),
    Display(r"f(x) = \frac{1}{2}", "f(x) = 1/2", "gelu-formula", ("proved ", Strong("here"))),
    Items((SAID, ("more",))),
    Terms(((SAID, ("what it is",)),), ("bib-one",)),
    Table(SAID, (("a",), ("b",)), ((SAID, ("1",)),), "lr"),
    Table((), (("a",), ("b",)), ((("word " * 90,), ("1",)),) * 40),
    Figure("missing", SAID, "a line 100% wide", Plot((Curve((0.0,), (0.0,), "f"),))),
    Listing('def f(x):\n    return "a_b" -- x ** 2  # \\100%'),
    Paragraph((Link("gelu-formula", "there"), Link("nowhere", "words"), Cite("one", "p. 3"))),
    Paragraph((Link("https://a.org/x_y?z=1&b=%20#top", "https://a.org/x_y"),)),
)
SMALL = Book(
    "A book & more",
    (
        Chapter(
            "first",
            "The 1st",
            BLOCKS,
            (Page("gelu", ("GELU ", Math("x", "x")), (Section("s", SAID, BLOCKS),)),),
        ),
    ),
    SAID,
)


def written(folder: Path, book: Book = SMALL, leave: Iterable[str] = ()) -> Path:
    """The book's own files in a folder, without the formulas for others."""
    for name, content in files(book).items():
        if "/" not in name and name not in leave:
            (folder / name).write_text(content)
    return folder


@pytest.fixture(autouse=True)
def _without_formulas(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """Writing the formulas of the whole catalogue takes seconds, and has tests of its own."""
    if "tex_folder" in request.fixturenames:
        monkeypatch.setattr("ulpian.checks.handbook.tex.volume.catalogue", dict)


@pytest.fixture
def tex_folder(tmp_path: Path) -> Path:
    folder = tmp_path / "latex"
    folder.mkdir()
    return folder


@needs_latex
def test_every_block_becomes_a_page_the_same_bytes_each_time(tex_folder: Path) -> None:
    before = {one.name for one in written(tex_folder).iterdir()}
    first = pdf.made(tex_folder)
    assert first.startswith(b"%PDF")
    assert first == pdf.made(tex_folder)
    assert {one.name for one in tex_folder.iterdir()} == before


def test_links_lead_to_places_that_are_there(tex_folder: Path) -> None:
    first = files(SMALL)["first.tex"]
    assert r"\anchor{gelu-formula}" in first
    assert r"\hyperlink{gelu-formula}{there}words\hyperlink{bib-one}{one}, p. 3" in first
    assert r"\href{https://a.org/x_y?z=1&b=\%20\#top}" in first


@needs_latex
def test_an_error_of_latex_is_one_sentence_with_its_place(tex_folder: Path) -> None:
    wrong = Chapter("wrong", "Wrong", (Display(r"\nosuchthing", ""),))
    written(tex_folder, Book("A book", (wrong,)))
    with pytest.raises(pdf.NoLatex) as refused:
        pdf.made(tex_folder)
    assert re.fullmatch(
        r"there is no PDF, since LaTeX refuses it: wrong\.tex:\d+: Undefined control sequence\.",
        str(refused.value),
    )


@needs_latex
def test_a_missing_package_is_named_with_where_it_comes_from(tex_folder: Path) -> None:
    main = written(tex_folder) / "handbook.tex"
    main.write_text(main.read_text().replace("{booktabs}", "{nosuchpackage}"))
    with pytest.raises(pdf.NoLatex, match=r"nosuchpackage\.sty' not found\. \(Debian"):
        pdf.made(tex_folder)


def test_without_latex_one_sentence_names_the_packages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    sentence = (
        "there is no PDF, since latexmk and pdflatex cannot be found: install them (Debian and "
        "Ubuntu: apt-get install latexmk texlive-latex-base texlive-latex-recommended lmodern); "
        "the LaTeX is written"
    )
    with pytest.raises(pdf.NoLatex, match=f"^{re.escape(sentence)}$"):
        pdf.made(tmp_path)


def test_what_hangs_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in pdf.PROGRAMS:
        (tmp_path / name).write_text(f"#!{sys.executable}\nimport time\ntime.sleep(60)\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(pdf, "PATIENCE", 0.5)
    start = time.monotonic()
    with pytest.raises(pdf.NoLatex, match=r"since latexmk took longer than 0\.5 s"):
        pdf.made(tmp_path)
    assert time.monotonic() - start < 30


def test_an_interrupt_ends_latexmk_too(tmp_path: Path) -> None:
    alive = tmp_path / "alive"
    fake = tmp_path / "latexmk"
    fake.write_text(
        f"#!{sys.executable}\nimport pathlib, os, time\n"
        f"pathlib.Path({str(alive)!r}).write_text(str(os.getpid()))\ntime.sleep(60)\n"
    )
    fake.chmod(0o755)
    shutil.copy(fake, tmp_path / "pdflatex")
    code = f"import pathlib; from ulpian.checks.handbook.pdf import made; made({str(tmp_path)!r})"
    code = code.replace(repr(str(tmp_path)), f"pathlib.Path({str(tmp_path)!r})")
    runner = subprocess.Popen(
        [sys.executable, "-c", code],
        env={"PATH": str(tmp_path), "PYTHONPATH": ":".join(sys.path)},
        stderr=subprocess.DEVNULL,
    )
    for _ in range(300):
        if alive.exists() and alive.read_text():
            break
        time.sleep(0.1)
    runner.send_signal(signal.SIGINT)
    assert runner.wait(30) != 0
    assert not Path(f"/proc/{alive.read_text()}").exists() or ended(int(alive.read_text()))


def ended(process: int) -> bool:
    """Whether a process is no more, or only a name that nobody has asked for."""
    return "State:\tZ" in Path(f"/proc/{process}/status").read_text()
