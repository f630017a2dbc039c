"""Code that says what it is, by an attribute and without importing Ulpian."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch

from ulpian.checks import UsageError, check
from ulpian.checks.reports import as_json, from_json
from ulpian.checks.runs.run import check_target
from ulpian.checks.targets.implementation import keywords_of
from ulpian.checks.targets.target import resolve
from ulpian.spec import find

from . import bound_numpy, bound_torch

ROOT = Path(__file__).resolve().parent.parent
QUICK: dict[str, Any] = {"formats": ("float32",), "select": ("value.range", "value.accuracy")}


def module(**names: Any) -> ModuleType:
    found = ModuleType("kernels")
    vars(found).update(names)
    return found


def claiming(what: Any) -> Any:
    def fast(x: Any) -> Any:
        return np.tanh(x)

    fast.__ulpian__ = what  # type: ignore[attr-defined]
    return fast


def refusal(target: Any, **options: Any) -> str:
    with pytest.raises(UsageError) as caught:
        check(target, **options)
    return str(caught.value)


# ---------------------------------------------------------------- what is found


def test_bound_code_is_found_under_its_own_name_and_what_is_not_bound_is_left() -> None:
    found = resolve(bound_numpy)
    assert {n: f.name for n, f in found.functions.items()} == {
        "quick_silu": "swish",
        "tanh": "tanh",  # one callable of two names is judged once
        "wrapped": "tanh",
    }
    assert found.callables["quick_silu_vjp"] is bound_numpy.quick_silu_backward


def test_several_bound_to_one_definition_are_judged_each_under_its_own_name() -> None:
    def wrong(x: Any) -> Any:
        return np.tanh(x) / 2

    wrong.__ulpian__ = "tanh"  # type: ignore[attr-defined]
    report = check(module(right=claiming("tanh"), wrong=wrong, tanh=np.tanh), **QUICK)
    levels = {v.function: v.status for v in report.verdicts if v.property == "value.accuracy"}
    assert levels == {"right": "pass", "wrong": "fail", "tanh": "pass"}
    assert {v.function: v.definition for v in report.verdicts} == {
        "right": "tanh",
        "wrong": "tanh",
        "tanh": "",
    }


def test_the_name_of_bound_code_selects_it_and_reproduces_what_was_found() -> None:
    options: dict[str, Any] = {"formats": ("float32",)}
    report = check_target("tests.bound_numpy", select=("quick_silu",), **options)
    worst = next(v for v in report.findings if v.property == "grad.accuracy")
    assert (worst.id, worst.definition) == ("quick_silu-grad.accuracy-float32", "swish")
    assert worst.witness is not None
    again = check_target(
        "tests.bound_numpy",
        select=("quick_silu:grad.accuracy",),
        at=float(worst.witness.inputs["x"]).hex(),
        **options,
    )
    assert [v.error_ulp for v in again.verdicts] == [worst.witness.error_ulp]


def test_the_definition_survives_json() -> None:
    report = check(bound_numpy, **QUICK)
    assert from_json(as_json(report)).verdicts == report.verdicts


@pytest.mark.parametrize(
    "target",
    [bound_torch, "tests.bound_torch", "tests.bound_torch:Leaky", "tests.bound_torch:square"],
)
def test_modules_and_rules_of_pytorch_are_judged_with_their_gradients(target: Any) -> None:
    report = check(target, formats=("float32",), select=("value.*", "grad.*"))
    assert report.ok
    assert report.arrays == "torch"
    assert any(v.property == "grad.accuracy" and v.status == "pass" for v in report.verdicts)


@pytest.mark.parametrize(
    ("item", "name"),
    [
        (bound_torch.Leaky, "leaky_relu"),
        (bound_torch.Leaky(), "leaky_relu"),
        (bound_torch.Square, "relu_squared"),
        (bound_torch.Square.apply, "relu_squared"),
        (bound_numpy.quick_silu, "swish"),
    ],
)
def test_a_bound_callable_needs_no_name(item: Any, name: str) -> None:
    report = check(item, **QUICK)
    assert {v.function for v in report.verdicts} == {name}
    assert any(v.level is not None for v in report.verdicts)


def test_a_name_that_is_given_counts_more_than_the_one_that_is_written() -> None:
    assert {v.function for v in check(claiming("gelu"), as_="tanh", **QUICK).verdicts} == {"tanh"}


def test_a_definition_itself_may_be_the_claim() -> None:
    assert resolve(claiming(find("tanh"))).functions["tanh"] is find("tanh")


def test_a_module_with_settings_of_its_own_is_not_given_parameters() -> None:
    assert keywords_of(torch.nn.LeakyReLU()) == frozenset({"input"})
    assert keywords_of(bound_torch.Square.apply) == frozenset()
    report = check(torch.nn.LeakyReLU(), as_="leaky_relu", formats=("float32",))
    assert report.ok


def test_an_object_of_a_class_stands_for_the_class() -> None:
    class Needs:
        __ulpian__ = "tanh"

        def __init__(self, scale: float) -> None:
            self.scale = scale

        def __call__(self, x: Any) -> Any:
            return self.scale * np.tanh(x)

    found = resolve(module(Needs=Needs, one=Needs(1.0)))
    assert list(found.functions) == ["one"]
    assert refusal(module(Needs=Needs)).startswith(
        "Needs is a class that cannot be made without arguments (TypeError: "
    )
    assert refusal(Needs).endswith("name an object of it, needs = Needs(...)")


# ---------------------------------------------------------------- what is refused


def test_a_wrong_claim_is_answered_with_the_nearest_names() -> None:
    said = "unknown function 'gleu': did you mean glu or gelu or reglu?"
    assert refusal(module(fast=claiming("gleu"))) == f"kernels: fast.__ulpian__: {said}"
    assert refusal(claiming("gleu")) == f"fast.__ulpian__: {said}"


def test_a_claim_that_is_no_name_is_refused() -> None:
    assert refusal(module(fast=claiming(3))) == (
        "fast.__ulpian__ is of type int: give a function's name, for example "
        "fast.__ulpian__ = 'gelu'"
    )


def test_a_gradient_that_cannot_be_called_is_refused() -> None:
    fast = claiming("tanh")
    fast.__ulpian_vjp__ = "fast_backward"
    assert refusal(module(fast=fast)) == (
        "fast.__ulpian_vjp__ is of type str, which cannot be called: give the function that "
        "computes the gradient"
    )


def test_what_answers_to_every_name_claims_nothing() -> None:
    class Anything:
        def __getattr__(self, name: str) -> Any:
            return lambda *_: self

        def __call__(self, x: Any) -> Any:
            return x

    class Broken(Anything):
        def __getattr__(self, name: str) -> Any:
            raise RuntimeError("not now")

    found = resolve(module(anything=Anything(), broken=Broken(), tanh=np.tanh))
    assert list(found.functions) == ["tanh"]


def test_bound_code_does_not_import_ulpian() -> None:
    program = "import sys, tests.bound_numpy, tests.bound_torch; print('ulpian' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT, check=True
    )
    assert done.stdout == "False\n"
