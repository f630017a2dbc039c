"""The law book: every definition holds, and a false one is refused or found out."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
import sympy
from sympy import Eq, FiniteSet, Float, IndexedBase, Integer, Interval, Rational, S, Symbol, exp, oo

from ulpian import spec
from ulpian.reference import identities
from ulpian.spec import Function, Parameter, SpecError, Variable, applied, find, statements
from ulpian.spec.catalogue import known
from ulpian.spec.symbols import n, x, z

BOOK = list(spec.catalogue().values())
every = pytest.mark.parametrize("function", BOOK, ids=lambda f: f.name)
q = Symbol("q", real=True)


def definition(**fields: Any) -> Function:
    """A small right definition with some fields changed."""
    plain: dict[str, Any] = {
        "name": "square",
        "title": "Square",
        "variables": (x,),
        "expression": x**2,
    }
    return Function(**{**plain, **fields})


def refusal(**fields: Any) -> str:
    """The sentence with which a definition is refused."""
    with pytest.raises(SpecError) as caught:
        definition(**fields)
    return str(caught.value)


def finding(name: str, **changes: Any) -> str:
    """The one problem that a planted falsehood causes."""
    (sentence,) = spec.problems(find(name).replace(**changes))
    return sentence


# ---------------------------------------------------------------- the book


@every
def test_every_stated_fact_follows_from_the_expression(function: Function) -> None:
    assert spec.problems(function) == ()
    assert spec.verified(function) is function


@every
def test_every_identity_is_proved_or_certified_or_tested(function: Function) -> None:
    found = identities.identities(function, cached=False)
    assert set(found) == set(function.identities)
    known = ("proved", "certified", "tested")
    assert {name: str(k) for name, k in found.items() if k.status not in known} == {}


@every
def test_every_function_has_an_identity_a_reference_and_a_title(function: Function) -> None:
    assert function.identities
    assert function.references
    assert function.title[0].isupper()
    assert not function.title.endswith(".")


@every
def test_every_function_prints_as_latex_and_as_text(function: Function) -> None:
    formula = statements.formula(function)
    assert formula.latex.count("{") == formula.latex.count("}") > 0
    assert function.name in formula.text
    gradients = statements.gradients(function)
    assert len(gradients) == len(function.differentiable)
    assert all(g.latex and g.text for g in gradients)


@every
def test_what_is_differentiable_is_variables_then_parameters(function: Function) -> None:
    found = function.differentiable
    assert found == tuple(
        [v for v in function.variables if v.differentiable]
        + [p for p in function.parameters if p.differentiable]
    )
    assert found


def test_the_order_of_gradients_is_the_order_of_the_contract() -> None:
    names = {f.name: [v.name for v in f.differentiable] for f in BOOK}
    assert names["gelu"] == ["x"]
    assert names["leaky_relu"] == ["x", "negative_slope"]
    assert names["prelu"] == ["x", "weight"]
    assert names["huber"] == ["prediction", "target", "delta"]
    assert names["bce_with_logits"] == ["logits", "target", "pos_weight"]
    assert names["hinge"] == ["prediction"]


def test_names_and_aliases_are_unique_across_the_book() -> None:
    names = Counter(name for f in BOOK for name in (f.name, *f.aliases))
    assert [name for name, count in names.items() if count > 1] == []


def test_the_catalogue_is_keyed_by_name_in_the_order_of_the_chapters() -> None:
    assert [f.name for f in BOOK] == list(spec.catalogue())
    losses = [f.is_loss for f in BOOK]
    assert losses == sorted(losses)


def test_parameters_have_samples_inside_their_domain() -> None:
    for function in BOOK:
        for p in function.parameters:
            # what a row of weights is tried at is drawn, as rows are
            assert p.samples or p.along_axis, (function.name, p.name)
            assert all(s in p.domain and s != p.default for s in p.samples)
        assert function.defaults() == {p.name: p.default for p in function.parameters}


def test_every_name_and_alias_is_found() -> None:
    for function in BOOK:
        for name in (function.name, *function.aliases):
            assert find(name) is function


def test_a_name_that_may_be_none_is_looked_up_without_a_word() -> None:
    assert known("gelu") is find("gelu")
    assert known("swiglu_vjp") is None
    assert known("logsigmoid") is find("log_sigmoid")


@pytest.mark.parametrize(
    ("wrong", "hint"),
    [
        ("gelo", "did you mean gelu or geglu?"),
        ("sigmod", "did you mean sigmoid or logsigmoid or log_sigmoid?"),
        ("softmx", "did you mean softmax or softmin or log_softmax?"),
        ("zzzz", "see `ulpian list functions`"),
    ],
)
def test_a_wrong_name_suggests_near_ones(wrong: str, hint: str) -> None:
    with pytest.raises(LookupError) as caught:
        find(wrong)
    assert caught.value.args[0] == f"unknown function {wrong!r}: {hint}"


def test_an_axis_function_knows_whether_its_output_is_a_row() -> None:
    assert find("softmax").along_axis
    assert find("softmax").row_output
    assert find("cross_entropy").along_axis
    assert not find("cross_entropy").row_output
    assert not find("gelu").along_axis


# ---------------------------------------------------------------- refused at construction


def test_an_undeclared_symbol_is_refused() -> None:
    assert refusal(expression=x * q) == (
        "square: expression: undeclared symbol q; declare it among variables, parameters or "
        "constants (declared: x)"
    )
    assert definition(expression=x * q, constants={q: Integer(2)})


def test_an_index_needs_an_axis() -> None:
    assert "undeclared symbol n" in refusal(expression=x * n)
    row = definition(variables=(z,), expression=sympy.Sum(z[0] * n, (Symbol("j"), 0, n - 1)))
    assert row.along_axis


def test_a_row_that_is_not_declared_is_refused() -> None:
    other = IndexedBase("w", real=True)
    assert "undeclared symbol w" in refusal(variables=(z,), expression=z[0] * other[0])


def test_a_float_is_refused_wherever_it_stands() -> None:
    assert refusal(expression=0.5 * x) == (
        "square: expression: the Float 0.500000000000000 carries only 15 digits; "
        'write Rational("0.5") exactly'
    )
    in_constant = refusal(expression=q * x, constants={q: Float(0.25)})
    assert in_constant.startswith("square: constants: the Float 0.250000000000000 carries")
    in_parameter = refusal(expression=q * x, parameters=(Parameter(q, default=Float(0.25)),))
    assert in_parameter.startswith("square: parameters: the Float 0.250000000000000 carries")


@pytest.mark.parametrize("value", [0.1234567890123, 1e-9, 0.7978845608028654])
def test_the_advice_against_a_float_keeps_its_digits(value: float) -> None:
    advised = refusal(expression=Float(value) * x).split('Rational("')[1].split('"')[0]
    assert float(Rational(advised)) == pytest.approx(value, rel=1e-14, abs=0)


def test_a_default_outside_its_domain_is_refused() -> None:
    positive = Interval.open(0, oo)
    assert (
        refusal(expression=q * x, parameters=(Parameter(q, default=Integer(-1), domain=positive),))
        == "square: parameters: q = -1 lies outside its domain Interval.open(0, oo)"
    )
    sample = Parameter(q, default=Integer(1), domain=positive, samples=(Integer(0),))
    assert refusal(expression=q * x, parameters=(sample,)) == (
        "square: parameters: q = 0 lies outside its domain Interval.open(0, oo)"
    )


def test_a_name_that_results_have_already_is_refused() -> None:
    taken = Symbol("value", real=True)
    assert refusal(expression=taken * x, parameters=(Parameter(taken, default=Integer(1)),)) == (
        "square: parameters: 'value' is a name that results have; take another, or "
        "differentiable=False"
    )
    silent = Parameter(taken, default=Integer(1), differentiable=False)
    assert definition(expression=taken * x, parameters=(silent,))
    axis = Symbol("axis", real=True)
    assert refusal(expression=axis * x, parameters=(Parameter(axis, default=Integer(1)),)) == (
        "square: parameters: 'axis' is a keyword of every implementation; take another name"
    )


def test_a_kink_or_jump_outside_the_domain_is_refused() -> None:
    unit = (Variable(x, domain=Interval(0, 1)),)
    assert refusal(variables=unit, kinks={2: Interval(0, 1)}) == (
        "square: kinks: 2 lies outside the domain Interval(0, 1) of x"
    )
    assert refusal(variables=unit, jumps={-1: FiniteSet(0, 1)}) == (
        "square: jumps: -1 lies outside the domain Interval(0, 1) of x"
    )
    assert refusal(kinks={q: Interval(0, 1)}) == "square: kinks: q: undeclared symbol q"


def test_a_wrong_word_is_refused() -> None:
    assert refusal(parity="both") == "square: parity: 'both' is not one of 'odd', 'even', None"
    assert refusal(monotone="up") == (
        "square: monotone: 'up' is not one of 'increasing', 'decreasing', None"
    )
    assert refusal(reductions=("none", "median")) == (
        "square: reductions: ['median'] unknown; choose from none, mean, sum, batchmean"
    )
    assert refusal(name="a b") == (
        "a b: name: 'a b' is not an identifier; use letters, digits and underscores"
    )
    assert refusal(variables=()) == "square: variables: none given; a function has at least one"


def test_a_definition_cannot_be_changed_afterwards() -> None:
    gelu: Any = find("gelu")
    with pytest.raises(AttributeError):
        gelu.name = "other"
    with pytest.raises(TypeError):
        gelu.special_values[0] = 1


# ---------------------------------------------------------------- planted falsehoods


def test_a_wrong_special_value_is_found() -> None:
    assert finding("sigmoid", special_values={0: 0}) == (
        "special_values: at 0 the expression gives 1/2, not 0"
    )
    assert finding("sigmoid", special_values={oo: 0}) == (
        "special_values: at oo the expression gives 1, not 0"
    )
    assert finding("gelu", special_values={-oo: -1}) == (
        "special_values: at -oo the expression gives 0, not -1"
    )


def test_a_false_parity_is_found() -> None:
    assert finding("sigmoid", parity="odd") == "parity: not odd at x = -7/3"
    assert finding("tanh", parity="even") == "parity: not even at x = -7/3"


def test_an_undeclared_kink_is_found() -> None:
    assert finding("relu", kinks={}) == (
        "kinks: undeclared kink at 0, gradient 0 below and 1 above"
    )
    assert finding("mae", kinks={}).startswith("kinks: undeclared kink at")
    assert finding("hinge", kinks={}).startswith("kinks: undeclared kink at 1")


def test_a_wrong_subdifferential_is_found() -> None:
    assert finding("relu", kinks={0: Interval(0, 2)}) == (
        "kinks: at 0 the subdifferential is Interval(0, 1), not Interval(0, 2)"
    )


def test_a_kink_where_there_is_none_is_found() -> None:
    assert finding("tanh", kinks={0: Interval(0, 1)}) == (
        "kinks: at 0 the gradient is 1 on both sides: no kink"
    )


def test_a_false_identity_is_found() -> None:
    tanh, sigmoid = applied("tanh"), applied("sigmoid")
    wrong = {"halved": Eq(tanh(x), sigmoid(2 * x) - 1)}
    assert finding("tanh", identities=wrong).startswith("identities: 'halved' does not hold at x =")
    assert finding("tanh", identities={"absurd": S.false}) == (
        "identities: 'absurd' is false as written"
    )


def test_a_false_identity_of_rows_is_found() -> None:
    softmax = applied("softmax")
    wrong = {"doubled": Eq(softmax(z[0]), 2 * softmax(z[0]))}
    assert spec.problems(find("softmax").replace(identities=wrong)) != ()


def test_a_wrong_range_is_found() -> None:
    assert finding("gelu", range=Interval(0, oo)) == (
        "range: -0.0229024 at -7/3 lies outside Interval(0, oo)"
    )
    assert finding("mse", range=Interval(-oo, 0)).startswith("range: 6.93444 at -7/3")


def test_a_false_homogeneity_is_found() -> None:
    assert finding("tanh", homogeneous=(x,)) == ("homogeneous: not positively homogeneous in (x,)")


@pytest.mark.parametrize(("name", "claim"), [("tanh", "decreasing"), ("gelu", "increasing")])
def test_a_false_monotonicity_is_found(name: str, claim: str) -> None:
    assert finding(name, monotone=claim).startswith("monotone: ")


def test_an_undeclared_jump_is_found() -> None:
    assert finding("step", jumps={}).startswith("jumps: ")
    bare = find("thresholded_relu").replace(jumps={})
    assert "jumps: undeclared jump at 1, from 0 to 1" in spec.problems(bare)


def test_kinks_and_jumps_where_a_parameter_puts_them_are_checked() -> None:
    lambd, reach = find("softshrink").parameters[0].symbol, find("hardshrink").jumps
    assert finding("softshrink", kinks={lambd: Interval(0, 1)}).startswith(
        "kinks: undeclared kink at -1/2"
    )
    assert finding("hardshrink", jumps={**reach, lambd: FiniteSet(0, 2 * lambd)}) == (
        "jumps: at 1/2 the values 0 and 1/2 are not in {0, 1}"
    )


def test_facts_are_tried_inside_the_domain_alone() -> None:
    assert spec.problems(find("log1p")) == ()
    assert finding("log1p", special_values={-1: 0}) == (
        "special_values: at -1 the expression gives -oo, not 0"
    )
    assert finding("log1p", monotone="decreasing").startswith("monotone: not decreasing")


def test_wrong_values_at_a_jump_are_found() -> None:
    assert finding("step", jumps={0: FiniteSet(5)}).startswith("jumps: ")


def test_a_problem_makes_a_definition_unusable() -> None:
    with pytest.raises(SpecError, match=r"^relu: kinks: undeclared kink at 0"):
        spec.verified(find("relu").replace(kinks={}))


def test_an_identity_with_an_unknown_function_is_refused() -> None:
    unknown = Eq(applied("nonesuch")(x), x)
    with pytest.raises(SpecError, match="identities: unknown function 'nonesuch' in nonesuch"):
        spec.prove(find("tanh").replace(identities={"unknown": unknown}))


def test_what_is_false_is_never_proved() -> None:
    tanh, sigmoid, relu = map(applied, ("tanh", "sigmoid", "relu"))
    for wrong in (
        Eq(tanh(x), sigmoid(x)),
        Eq(sigmoid(-x), 1 + sigmoid(x)),
        Eq(relu(x) - relu(-x), -x),
        Eq(applied("softmax")(z[0] + 1), 2 * applied("softmax")(z[0])),
        Eq(applied("smooth_l1")(x, q), applied("huber")(x, q) / 2),
        Eq(applied("quantile")(x, q, Rational(1, 4)), applied("mae")(x, q) / 2),
        Eq(applied("margin_ranking")(x, q, 1), applied("margin_ranking")(q, x, 1)),
    ):
        assert spec.prove_equation(wrong).status == "unproved"


def test_branches_that_switch_in_several_places_are_told_apart() -> None:
    softshrink, relu, hard_swish = map(applied, ("softshrink", "relu", "hard_swish"))
    hard_sigmoid, hard_tanh = applied("hard_sigmoid"), applied("hard_tanh")
    lambd = find("softshrink").parameters[0].symbol
    right = (
        Eq(hard_swish(x), x * hard_sigmoid(x)),
        Eq(softshrink(x, lambd), relu(x - lambd) - relu(-x - lambd)),
        Eq(hard_tanh(hard_tanh(x)), hard_tanh(x)),
    )
    wrong = (
        Eq(hard_swish(x), x * hard_sigmoid(x) + relu(x - 3)),
        Eq(hard_swish(x), x * hard_sigmoid(x) + relu(x + 3) - relu(x + 2)),
        Eq(softshrink(x, lambd), relu(x - lambd) - relu(-x - 2 * lambd)),
        Eq(hard_tanh(2 * hard_tanh(x)), hard_tanh(x)),
    )
    assert {spec.prove_equation(e).status for e in right} == {"proved"}
    assert {spec.prove_equation(e).status for e in wrong} == {"unproved"}


# ---------------------------------------------------------------- zero times infinity


def test_zero_wins_in_xlogy_and_xdivy() -> None:
    assert spec.xlogy(0, 0) == 0
    assert spec.xdivy(0, 0) == 0
    assert spec.xdivy(x, 1) == x
    assert spec.xlogy(x, q).diff(x) == sympy.log(q)
    assert spec.xlogy(x, q).diff(q) == spec.xdivy(x, q)
    assert sympy.simplify(spec.xlogy(x, exp(q)).diff(q) - spec.xdivy(x, exp(q)) * exp(q)) == 0
    assert spec.xdivy(x, q).diff(q) == -spec.xdivy(x, q**2)


# ---------------------------------------------------------------- constants


def test_the_constants_of_selu_are_those_that_keep_mean_and_variance() -> None:
    """Klambauer et al. 2017, equation (14): the negative half balances the positive one."""
    lost, half = sympy.erfc(1 / sympy.sqrt(2)), sympy.exp(S.Half)
    alpha = sympy.sqrt(2 / sympy.pi) / (1 - lost * half)
    # the variance of ELU under the standard normal law, whose mean is 0
    second = S.Half + alpha**2 * (
        sympy.exp(2) * sympy.erfc(sympy.sqrt(2)) / 2 - half * lost + S.Half
    )
    found = dict(zip(("a", "s"), find("selu").constants.values(), strict=True))
    assert abs(sympy.N(found["a"] - alpha, 40)) < Rational(1, 10**31)
    assert abs(sympy.N(found["s"] - 1 / sympy.sqrt(second), 40)) < Rational(1, 10**31)
