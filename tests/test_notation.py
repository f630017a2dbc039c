"""Notation: what is printed otherwise says the same."""

from __future__ import annotations

import re
from typing import Any

import pytest
import sympy
from sympy import erf, exp, pi, sqrt

from ulpian.spec import statements
from ulpian.spec.catalogue import catalogue, find
from ulpian.spec.function import Function, applied
from ulpian.spec.notation import CHOICES, STANDARD, Notation, density, folded, letters, notation

FUNCTIONS = list(catalogue().values())
NAMED = notation(["sigmoid=sigma", "normal=phi"])
OTHER = notation([f"{name}={choices[1]}" for name, choices in CHOICES.items()])


def said(function: Function, chosen: Notation = STANDARD) -> list[statements.Statement]:
    topics = statements.statements(function, with_second=True, notation=chosen)
    return [one for found in topics.values() for one in found]


def written_out(expression: Any) -> Any:
    """sigma, Phi and phi by what they are."""
    expression = expression.replace(density, lambda v: exp(-(v**2) / 2) / sqrt(2 * pi))
    expression = expression.replace(applied("ndtr"), lambda v: (1 + erf(v / sqrt(2))) / 2)
    expression = expression.replace(applied("erfc"), lambda v: 1 - erf(v))
    return expression.replace(applied("sigmoid"), lambda v: 1 / (1 + exp(-v)))


def printed(function: Function) -> list[Any]:
    """The expressions behind a function's statements, both sides of its identities."""
    found = [function.expression]
    for v in function.differentiable:
        found.append(statements.derived(function, v))
    for equation in function.identities.values():
        found += [
            side.expr if isinstance(side, sympy.Derivative) else side for side in equation.args
        ]
    v = function.variables[0]
    if v.differentiable and not v.along_axis:
        found.append(sympy.diff(statements.derived(function, v), v.symbol))
    return found


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda f: f.name)
def test_what_a_notation_names_is_what_was_written_out(function: Function) -> None:
    for expression in printed(function):
        other = folded(expression, NAMED)
        if other != expression:
            assert same(written_out(other), written_out(expression)), (expression, other)


def test_the_proof_notices_a_wrong_form() -> None:
    gelu = find("gelu").expression
    x = find("gelu").variables[0].symbol
    assert same(written_out(x * applied("ndtr")(x)), gelu)
    assert not same(written_out(x * applied("sigmoid")(x)), gelu)


def same(left: Any, right: Any) -> bool:
    difference = (left - right).replace(
        lambda e: isinstance(e, sympy.erf), lambda e: erf(sympy.expand(e.args[0]))
    )
    return bool(sympy.simplify(difference) == 0)


@pytest.mark.parametrize(
    ("name", "formula"),
    [
        ("gelu", r"\operatorname{gelu}(x) = x \Phi(x)"),
        ("geglu", r"\operatorname{geglu}(z)_{i} = z_{i + \frac{n}{2}} z_{i} \Phi\left("),
        ("silu", r"\operatorname{silu}(x) = x \sigma(x)"),
        ("sigmoid", r"\sigma(x) = \frac{1}{1 + e^{- x}}"),
        ("ndtr", r"\Phi(x) = \frac{1}{2} + \frac{\operatorname{erf}\left(\frac{x}{\sqrt{2}}"),
        ("erf", r"\operatorname{erf}(x) = \operatorname{erf}(x)"),
        ("log_ndtr", r"\operatorname{log\_ndtr}(x) = \log(\Phi(x))"),
    ],
)
def test_a_definition_in_sigma_and_phi(name: str, formula: str) -> None:
    assert statements.formula(find(name), NAMED).latex.startswith(formula)


@pytest.mark.parametrize(
    ("name", "gradient"),
    [
        ("gelu", r"\frac{d}{d x} \operatorname{gelu}(x) = x \varphi(x) + \Phi(x)"),
        ("sigmoid", r"\frac{d}{d x} \sigma(x) = \left(1 - \sigma(x)\right) \sigma(x)"),
        ("ndtr", r"\frac{d}{d x} \Phi(x) = \varphi(x)"),
        ("softplus", r"\frac{\partial}{\partial x} \operatorname{softplus}(x; \beta) = "
         r"\sigma(\beta x)"),
    ],
)  # fmt: skip
def test_a_gradient_in_sigma_and_phi(name: str, gradient: str) -> None:
    assert statements.gradients(find(name), NAMED)[0].latex == gradient


def test_an_equation_that_would_say_nothing_stays_written_out() -> None:
    ndtr = {one.label: one.latex for one in statements.identities(find("ndtr"), NAMED)}
    assert ndtr["error function"] == (
        r"\Phi(x) = \frac{\operatorname{erfc}\left(- \frac{x}{\sqrt{2}}\right)}{2}"
    )


def test_ln_logistic_and_the_letters_of_a_loss() -> None:
    chosen = notation(["log=ln", "target=y", "sigmoid=logistic"])
    assert statements.formula(find("bce"), chosen).latex == (
        r"\operatorname{bce}(\hat{y}, y) = - y \ln(\hat{y}) - \left(1 - y\right) \ln(1 - \hat{y})"
    )
    assert statements.formula(find("kl_div"), chosen).latex.count("y") > 2
    tanh = [one.latex for one in statements.identities(find("tanh"), chosen)]
    assert r"\tanh(x) = 2 \operatorname{logistic}(2 x) - 1" in tanh


def test_a_parameter_called_p_is_no_prediction() -> None:
    printed = statements.formula(find("multi_margin"), OTHER).latex
    assert r"\hat{y}" not in printed
    assert "; p," in printed
    assert "y_{r}" in printed


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda f: f.name)
def test_no_letter_of_a_notation_is_taken(function: Function) -> None:
    taken = {str(v.symbol) for v in (*function.variables, *function.parameters)}
    taken |= {str(name) for name in function.constants}
    assert not {*letters(function, OTHER).values(), "sigma", "Phi", "varphi"} & taken


@pytest.mark.parametrize("name", ["gelu", "sigmoid", "softmax", "bce", "ndtr", "kl_div"])
def test_text_knows_no_notation(name: str) -> None:
    function = find(name)
    assert [one.text for one in said(function, OTHER)] == [one.text for one in said(function)]


@pytest.mark.parametrize(
    ("choice", "sentence"),
    [
        ("ln", "notation 'ln': give a name and a value, as in log=ln"),
        (
            "logarithm=ln",
            "unknown notation 'logarithm': choose one of sigmoid, normal, log, target",
        ),
        ("log=lg", "notation log=lg: choose log or ln"),
        ("sigmoid=s", "notation sigmoid=s: choose sigmoid, sigma or logistic"),
    ],
)
def test_an_unknown_notation_is_refused_with_the_choices(choice: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(sentence)}$"):
        notation([choice])


def test_the_standard_is_the_first_choice_of_each_and_the_last_word_counts() -> None:
    assert Notation(**{name: choices[0] for name, choices in CHOICES.items()}) == STANDARD
    assert notation([]) == STANDARD
    assert notation(["log=ln", "log=log"]) == STANDARD
