"""The page of a function: what it says is so, and every formula and part has its anchor."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sympy import Interval, exp, log, oo

from ulpian.checks.adapters import numpy as arrays
from ulpian.checks.handbook.document import (
    Block,
    Code,
    Display,
    Figure,
    Listing,
    Math,
    Page,
    Section,
    Table,
    plain,
    walk,
)
from ulpian.checks.handbook.edition import Edition
from ulpian.checks.handbook.forms import Worst, cause, forms, ordinary, worst
from ulpian.checks.handbook.forms.form import PRINTED, STABLE, TUTORIAL
from ulpian.checks.handbook.forms.typed import typed
from ulpian.checks.handbook.page import facts as fact_words
from ulpian.checks.handbook.page import kinks, measured, page, pieces
from ulpian.checks.handbook.page.facets import facets
from ulpian.checks.handbook.page.parts import PARTS
from ulpian.checks.handbook.records import Choice, Record, Standing
from ulpian.checks.handbook.records import Worst as Recorded
from ulpian.checks.judging import observe, ruling
from ulpian.checks.points import draw, smooth
from ulpian.checks.points.case import Case
from ulpian.checks.targets.implementation import Implementation
from ulpian.reference import FORMATS, Level
from ulpian.reference.facts import facts
from ulpian.spec import Function, catalogue, find
from ulpian.spec.notation import Notation
from ulpian.spec.symbols import x

BOOK = catalogue()
PLAIN = Edition(pictures=False)
ID = re.compile(r"[a-z0-9_]+(-[a-z0-9_]+)*")


def text(blocks: tuple[Block, ...]) -> str:
    """All that blocks say, without markup, a line each."""
    return "\n".join(line for block in walk(blocks) for line in _lines(block))


def _lines(block: Block) -> list[str]:
    match block:
        case Table():
            return [plain(block.caption), *(" | ".join(map(plain, row)) for row in block.rows)]
        case Display():
            return [block.text, plain(block.note)]
        case Section():
            return [plain(block.title)]
        case Listing():
            return [block.code]
        case _:
            pieces = getattr(block, "items", None) or (getattr(block, "text", ()),)
            return [plain(piece) for piece in pieces]


def part(name: str, which: str, edition: Edition = PLAIN) -> str:
    """What one section of a function's page says."""
    found = [b for b in page(find(name), edition).blocks if isinstance(b, Section)]
    (section,) = (s for s in found if s.id == f"{name}-{which}")
    return text(section.blocks)


def ids(one: Page) -> list[str]:
    return [b.id for b in walk(one.blocks) if isinstance(b, Section | Display) and b.id]


# ---------------------------------------------------------------- every page


@pytest.mark.parametrize("name", BOOK)
def test_every_part_and_formula_has_an_anchor_that_its_name_gives(name: str) -> None:
    found = page(find(name), Edition(second=True, pictures=False))
    assert found.id == name
    assert len(set(ids(found))) == len(ids(found))
    for place in ids(found):  # so no two pages can share one
        assert ID.fullmatch(place)
        assert place.startswith(f"{name}-")
    for block in walk(found.blocks):
        if isinstance(block, Display):
            assert block.latex
            assert block.text
            assert block.id
        if isinstance(block, Section):
            assert block.id
            assert block.blocks
        if isinstance(block, Table):
            assert block.rows
            assert {len(row) for row in block.rows} == {len(block.head)}
            assert len(block.columns) in (0, len(block.head))


@pytest.mark.parametrize("name", BOOK)
def test_the_stable_form_is_accurate_at_every_ordinary_input(name: str) -> None:
    (stable,) = (form for form in forms(find(name)) if form.name == STABLE)
    found = worst(stable)
    assert {one.fmt for one in found} == {"float32", "float64"}
    assert {one.quantity for one in found} >= {"value"}
    for one in found:
        assert one.points > 0
        assert one.level >= Level.ACCURATE, one.witness


@pytest.mark.parametrize("name", BOOK)
def test_the_formula_as_it_stands_is_right_where_nothing_is_lost(name: str) -> None:
    function = find(name)
    found = typed(function)
    if found is None:
        assert name == "ctc"
        return
    implementation = Implementation(function, *found, arrays)
    case = Case(implementation, FORMATS["float64"], Level.ACCURATE)
    batch = draw.easy(case, 24)
    if function.along_axis:  # a cotangent asks for each output in turn
        outputs = function.entries(batch.arrays[0].shape[-1])
        seed = np.eye(outputs)[np.arange(24) % outputs] if function.row_output else np.ones(24)
        batch = replace(batch, cotangent=seed)
    seen = observe.value(case, batch)
    judged, _ = ruling.judged(case, seen, case.truth(batch)["value"], batch)
    assert np.mean(judged.rank > Level.UNSOUND.rank) > 0.8  # log_ndtr is lost from -9 on
    batch = smooth.away_from_kinks(case, batch, case.default)
    for v in function.variables:
        if v.differentiable:
            seen = observe.gradient(case, batch, v.name)
            judged, _ = ruling.judged(case, seen, case.truth(batch)[v.name], batch)
            assert np.mean(judged.rank > Level.UNSOUND.rank) > 0.8


def test_the_parts_stand_in_the_order_of_the_book() -> None:
    found = [b.id for b in page(find("cross_entropy"), PLAIN).blocks if isinstance(b, Section)]
    expected = (
        *("definition", "inputs", "gradient", "range", "special-values", "facts", "identities"),
        *("stability", "measured", "reductions", "variants", "frameworks", "references"),
    )
    assert [place.partition("-")[2] for place in found] == list(expected)
    assert len(PARTS) == len(set(PARTS))


def test_the_anchors_that_others_link_to_are_there() -> None:
    assert {"gelu-formula", "gelu-gradient", "gelu-gradient-x"} <= set(
        ids(page(find("gelu"), PLAIN))
    )
    found = ids(page(find("huber"), PLAIN))
    assert {"huber-gradient-prediction", "huber-gradient-delta", "huber-reductions"} <= set(found)
    assert "softshrink-kink-x-minus-lambd" in ids(page(find("softshrink"), PLAIN))
    assert "softshrink-kink-x-lambd" in ids(page(find("softshrink"), PLAIN))


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("odd part", "odd-part"),
        ("x = -lambd", "x-minus-lambd"),
        ("cross-entropy", "cross-entropy"),
        ("log_softmax", "log_softmax"),
        ("t*p - 1 = 0", "t-p-1-0"),
    ],
)
def test_an_anchor_is_spelt_from_what_it_names(words: str, expected: str) -> None:
    assert pieces.slug(words) == expected


def test_the_second_derivative_and_pictures_come_on_request() -> None:
    without = page(find("tanh"), PLAIN)
    assert "tanh-second" not in ids(without)
    assert "tanh-pictures" not in ids(without)
    assert "tanh-second-x" in ids(page(find("tanh"), Edition(second=True, pictures=False)))
    whole = page(find("tanh"))
    assert any(isinstance(block, Figure) for block in walk(whole.blocks))


def test_formulas_are_in_the_notation_of_the_edition() -> None:
    edition = Edition(notation=Notation(sigmoid="sigma", log="ln"), pictures=False)
    blocks = walk(page(find("softplus"), edition).blocks)
    latex = {block.id: block.latex for block in blocks if isinstance(block, Display)}
    assert r"\ln" in latex["softplus-formula"]
    assert r"\sigma(x)" in latex["softplus-identity-slope"]


def test_a_page_names_the_function_in_other_languages_and_what_frameworks_call_it() -> None:
    found = page(find("mse"), PLAIN)
    assert plain(found.title) == "Squared error 均方误差"
    assert {"mse_loss", "torch.nn.functional.mse_loss"} <= set(found.words)


# ---------------------------------------------------------------- what a page says


def test_inputs_have_domain_default_and_meaning() -> None:
    assert "delta | delta | (0, oo) | 1 | a number; it has a gradient" in part("huber", "inputs")
    assert "-oo marks a masked entry" in part("softmax", "inputs")
    said = part("cross_entropy", "inputs")
    assert "a class index stands for a row with a single 1" in said
    assert "index -100 does not count" in said


def test_special_floats_have_their_truth_with_the_signs_of_zero() -> None:
    relu = part("relu", "special-values")
    assert "0 | 0 | [0, 1]" in relu
    assert "NaN | NaN | NaN" in relu
    assert "either is right" in relu
    tanh = part("tanh", "special-values")
    assert "-oo | -1 | 0" in tanh
    assert "-0 | -0 | 1" in tanh
    assert "a zero keeps its sign" in tanh
    assert "0 | log(2)" in part("softplus", "special-values")
    assert "0 | 1 | oo | -oo | oo" in part("bce", "special-values")
    assert "0 | 0 or 0.5 or 1 | 0" in part("step", "special-values")
    assert "(0, 0, 0, -oo) | 0.3333333333333333, " in part("softmax", "special-values")
    cosine = part("cosine_similarity", "special-values")
    assert "(0, 0, 0, 0) | (-2, 0, 0.1, 1) | no value" in cosine


def test_facts_are_said_with_their_certificates() -> None:
    said = part("gelu", "facts")
    assert "extrema | minimum -0.16997120747990366169 at -0.75179152469356445746" in said
    assert "slope | Lipschitz constant 1.1289041451851547863, attained at sqrt(2)" in said
    assert "| certified" in said
    assert "certified; Arb on (-oo, oo)" in said
    assert "t = 3/10: minimum 0.61086430205489346303 at 3/10" in part("bce", "facts")
    assert part("softmax", "facts").endswith("fixed points; rows are not enclosed.")


@pytest.mark.parametrize("name", [n for n, f in BOOK.items() if not f.along_axis])
def test_a_fact_in_formulas_says_what_the_fact_says(name: str) -> None:
    for case in facts(find(name)):
        symbol = "d" if case.label.startswith("d = ") else str(find(name).variables[0].symbol)
        for topic, fact in case.facts.items():
            if fact.status != "undecided" and topic not in ("slope", "homogeneous", "asymptotes"):
                said = plain(fact_words.wording(topic, fact, symbol))
                assert said.replace("not continuous", "jumps") == fact.text
            if topic == "asymptotes" and fact.value:
                assert plain(fact_words.wording(topic, fact, symbol)) in fact.text


def test_numbers_of_facts_are_exact_where_they_are_short() -> None:
    (case,) = facts(find("gelu"))
    (first, second) = case.facts["inflections"].value
    assert pieces.number(first) == Math(r"- \sqrt{2}", "-sqrt(2)")
    assert pieces.number(second) == Math(r"\sqrt{2}", "sqrt(2)")
    assert pieces.bounds(case.facts["range"].value).latex.endswith(r", \infty)")


@pytest.mark.parametrize(
    ("value", "latex", "said"),
    [
        (1e-7, r"10^{-7}", "1e-7"),
        (-1e-7, r"-10^{-7}", "-1e-7"),
        (1.5e20, r"1.5 \cdot 10^{20}", "1.5e20"),
        (-5.0, "-5", "-5"),
        (float("nan"), r"\mathrm{NaN}", "NaN"),
        (float("-inf"), r"-\infty", "-oo"),
        (-0.0, "-0", "-0"),
    ],
)
def test_floats_are_shortest_decimals(value: float, latex: str, said: str) -> None:
    assert pieces.figure(value, "float64") == Math(latex, said)


def test_identities_say_how_they_are_known() -> None:
    said = part("tanh", "identities")
    assert "tanh(x) = 2*sigmoid(2*x) - 1\nproved: " in said


def test_a_loss_says_what_its_mean_divides_by_and_what_an_empty_batch_gives() -> None:
    assert "mean | Sum(l[s])/N, with the number N of losses | NaN, which is 0/0" in part(
        "mse", "reductions"
    )
    said = part("cross_entropy", "reductions")
    assert "ignore_index (-100 by default)" in said
    assert "d[s] = Sum(t[i]*weight[i], (i, 0, n - 1))" in said
    assert "the mean divides by the sum of those of the targets" in said
    assert "d[s] = S" in part("ctc", "reductions")
    assert "batchmean | Sum(l[s])/B" in part("kl_div", "reductions")
    assert "gelu-reductions" not in ids(page(find("gelu"), PLAIN))


def test_variants_names_differences_and_works_are_given() -> None:
    assert "gelu_tanh: " in part("gelu", "variants")
    assert "torch | torch.nn.functional.gelu(x)" in part("gelu", "frameworks")
    assert "jax 0.10.2 | approximate is True by default" in part("gelu", "frameworks")
    assert "arXiv:1606.08415, section 2 (hendrycks2016)" in part("gelu", "references")


def test_every_function_has_the_same_facets() -> None:
    topics = [topic for topic, _ in facets(find("gelu"))]
    assert topics[:3] == ["kind", "works", "range"]
    for function in BOOK.values():
        assert [topic for topic, _ in facets(function)] == topics
    gelu = dict(facets(find("gelu")))
    assert gelu["range"] == "[-0.169971, ∞)"
    assert gelu["largest slope"] == "1.1289"
    assert gelu["parity"] == "neither"
    assert dict(facets(find("huber"))) | {"kind": "loss", "convexity": "convex"} == dict(
        facets(find("huber"))
    )
    assert dict(facets(find("softmax")))["range"] == "[0, 1]"
    assert dict(facets(find("bce")))["zeros"] == "depends on t"


# ---------------------------------------------------------------- how it fails


def failing(name: str, quantity: str = "value", fmt: str = "float32") -> Worst:
    """How the printed formula of a function fares."""
    (printed,) = (form for form in forms(find(name)) if form.name == PRINTED)
    return next(o for o in worst(printed) if (o.quantity, o.fmt) == (quantity, fmt))


@pytest.mark.parametrize(
    ("name", "quantity", "level", "step"),
    [
        ("log_sigmoid", "value", Level.UNSOUND, "exp(-x) overflows"),
        ("softplus", "value", Level.UNSOUND, "exp(beta*x) overflows"),
        ("expm1", "value", Level.SOUND, "its terms cancel"),
        ("elu", "value", Level.SOUND, "exp(x) - 1 cancels"),
        ("gelu", "value", Level.SOUND, "1 + erf(x/sqrt(2)) cancels"),
        ("log1p", "value", Level.SOUND, "it magnifies the rounding of what goes into it"),
        ("softmax", "value", Level.UNSOUND, "exp(z[0]) overflows"),
        ("quick_gelu", "x", Level.UNSOUND, "exp(-1.702*x) overflows"),
        ("focal", "prediction", Level.UNSOUND, "gamma*p**gamma/p has no value"),
    ],
)
def test_the_step_that_goes_wrong_is_named(
    name: str, quantity: str, level: Level, step: str
) -> None:
    assert failing(name, quantity).level is level
    assert f"There {step}." in part(name, "stability") or quantity != "value"
    one = failing(name, quantity)
    assert one.witness is not None
    found = cause(find(name), quantity, FORMATS["float32"], one.witness)
    assert found is not None
    assert step.endswith((found.kind, "cancel"))


def test_the_input_at_which_a_formula_fails_is_where_it_fails() -> None:
    one = failing("expm1")
    assert one.witness is not None
    at = np.float32(one.witness.inputs["x"])
    assert np.exp(at) - np.float32(1) == one.witness.observed == 0
    assert np.float32(np.expm1(np.float64(at))) == np.float32(one.witness.truth)


def test_a_formula_that_does_not_fail_is_said_not_to() -> None:
    said = part("relu", "stability")
    assert "It is exact at each of the" in said
    assert "np.maximum(0, x)" in said
    assert "sound" not in said
    one = failing("relu")
    assert one.witness is None


def test_what_tutorials_type_is_judged_too() -> None:
    (tutorial,) = (form for form in forms(find("log_sigmoid")) if form.name == TUTORIAL)
    assert tutorial.typed == "np.log(sigmoid(x))"
    assert min(worst(tutorial), key=lambda one: one.level.rank).level is Level.UNSOUND
    assert "as tutorials" in part("log_sigmoid", "stability").lower()


def test_the_stable_form_is_printed_as_it_stands_in_its_module() -> None:
    import ulpian.reference.implementations.activations as source

    (stable,) = (form for form in forms(find("sigmoid")) if form.name == STABLE)
    code = Path(source.__file__).read_text(encoding="utf-8")
    value, vjp = stable.typed.split("\n\n\n")
    assert value.startswith("def sigmoid(")
    assert vjp.startswith("def sigmoid_vjp(")
    assert value in code
    assert vjp in code
    assert stable.typed in part("sigmoid", "stability")


def test_ordinary_inputs_lie_in_the_domain() -> None:
    for name in ("log1p", "bce", "mape", "nll", "hinge"):
        found = ordinary.batch(find(name), FORMATS["float32"])
        for v, column in zip(find(name).variables, found.arrays, strict=True):
            assert all(value in v.domain for value in set(map(float, column.ravel())))


# ---------------------------------------------------------------- what was measured


def choice(gradient: float | None, stale: bool = False) -> Choice:
    return Choice("torch", "2.13.0", {"x": 0.0}, 0.0, gradient, ("float32", "float64"), stale)


def test_what_backends_pick_at_a_kink_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kinks, "picks", lambda name: (choice(0.0), choice(None, stale=True)))
    said = part("relu", "kinks")
    assert "torch 2.13.0 | x = 0 | 0 | 0 | float32, float64" in said
    assert "torch 2.13.0 (of an earlier definition) | x = 0 | 0 |  | float32, float64" in said


def test_measured_levels_stand_by_format(monkeypatch: pytest.MonkeyPatch) -> None:
    value = Recorded(Level.ACCURATE, 3.5, {})
    accurate = Level.ACCURATE
    standing = Standing(
        "gelu", "float32", accurate, accurate, None, value, None, {}, (), (), (), ()
    )
    record = Record("torch", "2.13.0", "", {}, "default", 0, {"gelu": "old"}, (standing,), (), ())
    monkeypatch.setattr(measured, "load", lambda: (record,))
    said = part("gelu", "measured")
    assert "torch 2.13.0 | not offered | not offered | accurate, 3.5 | not offered" in said
    assert "Measured by an earlier definition: torch 2.13.0." in said


# ---------------------------------------------------------------- functions of a user


def test_a_function_of_a_user_has_a_page() -> None:
    own = Function(
        name="logish",
        title="A function of a user",
        variables=(x,),
        expression=x * log(1 + exp(x)),
        range=Interval(-oo, oo),
        references=("a note",),
    )
    found = page(own)
    assert "logish-gradient-x" in ids(found)
    said = text(found.blocks)
    assert "There exp(x) overflows." in said
    assert "A stable form" not in said
    assert "a note" in said
    assert dict(found.facets)["kind"] == "activation"
    assert Code("logish") in [p for b in walk(found.blocks) for p in getattr(b, "text", ())]
