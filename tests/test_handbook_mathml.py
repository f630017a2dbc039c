"""Formulas of the site: MathML as TeX would print it, one test for each mend of latex2mathml."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from ulpian.checks.handbook.html.elements import Element
from ulpian.checks.handbook.html.mathml import math

APPLIED = "<mo>\u2061</mo>"
THIN = '<mspace width="0.1667em" />'


def formula(latex: str) -> Element:
    """The row of a formula, without what surrounds it."""
    row = math(latex, "text").find("semantics/mrow")
    assert row is not None
    return row


def markup(latex: str) -> str:
    text = ElementTree.tostring(formula(latex), encoding="unicode")
    return text.removeprefix("<mrow>").removesuffix("</mrow>")


def signs(latex: str, sign: str) -> list[Element]:
    return [part for part in formula(latex).iter("mo") if part.text == sign]


def test_a_formula_keeps_its_text_and_its_latex() -> None:
    made = math("x < y", 'x < y & "z"', display=True)
    assert made.attrib == {"display": "block", "alttext": 'x < y & "z"'}
    note = made.find("semantics/annotation")
    assert note is not None
    assert (note.get("encoding"), note.text) == ("application/x-tex", "x < y")
    assert math("x", "x").get("display") is None


@pytest.mark.parametrize("command", ["operatorname", "mathrm"])
def test_a_name_with_an_underscore_is_one_name(command: str) -> None:
    assert markup(rf"\{command}{{log\_softmax}}") == "<mi>log_softmax</mi>"


def test_one_upright_letter_stays_upright() -> None:
    assert 'mathvariant="normal">d</mi>' in markup(r"\mathrm{d}")


@pytest.mark.parametrize("name", ["log", "max", "tanh"])
def test_a_function_is_a_name_and_is_applied(name: str) -> None:
    assert markup(rf"\{name}(x)").startswith(f'<mi>{name}</mi>{APPLIED}<mo stretchy="false">(')
    assert f"<mi>{name}</mi>{APPLIED}<mrow><mo" in markup(rf"\{name}\left(\frac{{x}}{{2}}\right)")


def test_a_power_of_a_function_is_applied() -> None:
    assert f"</msup>{APPLIED}<mo" in markup(r"\tanh^{2}(x)")


@pytest.mark.parametrize(
    "before", ["x", "2", r"\frac{d}{d x}", "x_{i}", "(x)", r"\left(\frac{1}{x}\right)", r"\log"]
)
def test_a_function_stands_off_from_a_factor_before_it(before: str) -> None:
    assert f"{THIN}<mi>log</mi>" in markup(rf"{before} \log(x)")


@pytest.mark.parametrize("before", ["", "=", "+", "(", ",", r"\text{if }", r"\quad"])
def test_a_function_does_not_stand_off_from_a_sign(before: str) -> None:
    assert THIN not in markup(rf"{before} \log(x)")


def test_words_stand_off_from_other_factors() -> None:
    assert markup(r"\mathrm{slope} x") == f"<mi>slope</mi>{THIN}<mi>x</mi>"
    assert markup(r"2 \mathrm{slope}") == f"<mn>2</mn>{THIN}<mi>slope</mi>"
    assert f"<mi>slope</mi>{THIN}<mo" in markup(r"\mathrm{slope} (x)")
    assert THIN not in markup(r"x = \mathrm{slope} + 1")


def test_letters_stand_together() -> None:
    assert THIN not in markup("x y (x + 1) z")


def test_a_function_without_brackets_stands_off_from_its_argument() -> None:
    assert markup(r"\log x") == f"<mi>log</mi>{THIN}<mi>x</mi>"


@pytest.mark.parametrize("before", ["(", ",", "=", r"\in", "[", "0,", r"\text{if }", r"\quad"])
def test_a_sign_that_follows_no_factor_has_no_space_around(before: str) -> None:
    (sign,) = signs(f"{before} - x", "−")
    assert sign.get("form") == "prefix"


@pytest.mark.parametrize("before", ["a", "2", "(x)", "x_{i}", r"\left(\frac{1}{x}\right)", "(z)_i"])
def test_a_sign_between_factors_is_one_between_factors(before: str) -> None:
    (sign,) = signs(f"{before} - x", "−")
    assert sign.get("form") is None


@pytest.mark.parametrize("latex", ["|x| - |y|", r"\max(|x|, |y|)", r"\lvert x \rvert + |-x|"])
def test_bars_are_brackets_in_turn(latex: str) -> None:
    forms = [bar.get("form") for bar in signs(latex, "|")]
    assert forms == ["prefix", "postfix"] * 2
    assert [minus.get("form") for minus in signs("|x| - |-y|", "−")] == [None, "prefix"]


def test_signs_in_a_script_are_close() -> None:
    (sign,) = signs("x^{n + 1}", "+")
    assert (sign.get("lspace"), sign.get("rspace")) == ("0", "0")
    (sign,) = signs("n + 1", "+")
    assert sign.get("lspace") is None


def test_a_slash_is_close() -> None:
    (sign,) = signs("1/2", "/")
    assert (sign.get("lspace"), sign.get("rspace")) == ("0", "0")


@pytest.mark.parametrize("name", ["lim", "max", "min"])
def test_what_is_below_an_operator_is_below_it(name: str) -> None:
    (below,) = formula(rf"\{name}_{{x \to 0}} f").iter("munder")
    assert below[0].attrib == {"movablelimits": "true", "lspace": "0", "rspace": "0"}
    assert below[0].text == name


def test_a_limit_stands_off_from_what_it_is_of() -> None:
    assert f"</munder>{THIN}<mi>gelu</mi>" in markup(r"\lim_{x \to 0} \operatorname{gelu}(x)")


@pytest.mark.parametrize(
    ("latex", "tag"), [(r"\sum_{i=0}^{n} x", "munderover"), (r"\sum_{p \in B} x", "munder")]
)
def test_the_limits_of_a_sum_are_below_and_above(latex: str, tag: str) -> None:
    (sum_,) = formula(latex).iter(tag)
    assert sum_[0].text == "∑"


@pytest.mark.parametrize("sign", [r"\infty", r"\partial", r"\ldots"])
def test_ordinary_signs_are_no_operators(sign: str) -> None:
    assert not list(formula(sign).iter("mo"))
    assert not list(formula(f"{sign}_{{x}}").iter("mo"))


def test_dots_are_one_sign() -> None:
    assert markup("0.25...") == "<mn>0.25</mn><mi>…</mi>"


def test_a_semicolon_separates() -> None:
    assert len(signs(r"f(x; y)", ";")) == 1


def test_a_prime_is_the_small_one_of_the_font() -> None:
    (prime,) = signs("f'(x)", "′")
    assert prime.get("class") == "prime"


def test_brackets_grow_around_what_is_tall_alone() -> None:
    low = signs(r"\left(x - 1\right)", "(")
    assert [bracket.get("stretchy") for bracket in low] == ["false"]
    tall = signs(r"\left(\frac{x}{2}\right)", "(")
    assert [bracket.get("stretchy") for bracket in tall] == ["true"]
    pair = r"\left(\sum_{p \in B} x\right)"
    assert [signs(pair, bracket)[0].get("stretchy") for bracket in "()"] == ["true", "true"]


def test_cases_are_a_table_that_the_style_aligns() -> None:
    latex = r"\begin{cases} x & \text{if } x > 0 \\ 0 & \text{otherwise} \end{cases}"
    cells = list(formula(latex).iter("mtd"))
    assert len(cells) == 4
    assert all(not cell.attrib for cell in cells)
    assert [brace.get("stretchy") for brace in signs(latex, "{")] == ["true"]


LONG = "f(x) = " + " + ".join(rf"\frac{{x^{{{k}}}}}{{{k}}}" for k in range(1, 60))


def test_a_wide_display_has_several_lines_and_a_narrow_one_has_one() -> None:
    made = math(LONG, "text", display=True)
    (table,) = made.iter("mtable")
    assert table.attrib == {"class": "lines", "displaystyle": "true"}
    assert len(table) > 1
    assert all(len(row) == 2 and not cell.attrib for row in table for cell in row)
    assert "ex" not in {part.text for part in table.iter()}
    note = made.find("semantics/annotation")
    assert note is not None
    assert note.text == LONG
    for other in (math(LONG, "text"), math("f(x) = x", "text", display=True)):
        assert not list(other.iter("mtable"))


def test_a_line_may_begin_with_a_sign_between_terms() -> None:
    (table,) = math(LONG, "text", display=True).iter("mtable")
    plus = [part for part in table.iter("mo") if part.text == "+"]
    assert len(plus) == 58
    assert {sign.get("form") for sign in plus} == {None}
    (minus,) = signs(r"\begin{cases} -x & y \end{cases}", "−")
    assert minus.get("form") == "prefix"


def test_a_sum_in_cases_has_its_limits_below_and_above_where_there_is_room() -> None:
    latex = r"\begin{cases} \sum_{i=0}^{n} x & y \end{cases}"
    (sum_,) = formula(latex).iter("munderover")
    assert sum_[0].text == "∑"


def test_text_that_looks_like_markup_is_text() -> None:
    assert formula(r"\text{a<b & c>d}")[0].text == "a<b\xa0&\xa0c>d"


def test_sets_and_intervals_have_brackets_that_stay() -> None:
    for latex, bracket in ((r"\{0, 1\}", "{"), (r"[0, \infty)", "[")):
        (sign,) = signs(latex, bracket)
        assert sign.get("stretchy") == "false"


def test_a_command_that_nobody_knows_is_refused() -> None:
    message = r"^latex2mathml does not know \\nobody, which stands in \\nobody x$"
    with pytest.raises(ValueError, match=message):
        math(r"\nobody x", "x")


def test_a_formula_that_cannot_be_read_is_refused() -> None:
    message = r"^latex2mathml cannot read x \\right\): ExtraLeftOrMissingRightError$"
    with pytest.raises(ValueError, match=message):
        math(r"x \right)", "x")
