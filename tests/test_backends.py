"""The built-in backends: named as the book names things, and what they are known for is found."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import pytest

from ulpian.checks import Report, Verdict, check
from ulpian.checks.properties import catalogue as properties
from ulpian.checks.target import BACKENDS, resolve
from ulpian.spec import catalogue

LIBRARY = {"torch": "torch", "jax": "jax", "scipy": "scipy"}
every = pytest.mark.parametrize("name", BACKENDS)


def module(name: str) -> ModuleType:
    """A backend's module; the test is skipped where its library is not installed."""
    if name in LIBRARY:
        pytest.importorskip(LIBRARY[name])
    if name == "reference":
        return importlib.import_module("ulpian.reference.implementations")
    return importlib.import_module(f"ulpian.checks.backends.{name}")


def functions(found: ModuleType) -> Iterator[tuple[str, Callable[..., Any]]]:
    """The public functions that a module defines, or that it exports by `__all__`."""
    exported = getattr(found, "__all__", ())
    for name, item in vars(found).items():
        own = getattr(item, "__module__", "") == found.__name__ or name in exported
        if own and inspect.isfunction(item) and not name.startswith("_"):
            yield name, item


def verdict(report: Report, id: str) -> Verdict:
    (found,) = [v for v in report.verdicts if v.id == id]
    return found


def float32(name: str, *select: str) -> Report:
    module(name)
    return check(name, select=select, formats=("float32",))


# ---------------------------------------------------------------- names


@every
def test_every_public_function_has_a_name_of_the_book_and_a_docstring(name: str) -> None:
    found = dict(functions(module(name)))
    assert {n.removesuffix("_vjp") for n in found} <= set(catalogue())
    assert [n for n, f in found.items() if not inspect.getdoc(f)] == []
    assert all(n.removesuffix("_vjp") in found for n in found)


@every
def test_a_backend_is_resolved_with_all_of_its_functions(name: str) -> None:
    found = dict(functions(module(name)))
    target = resolve(name)
    assert target.name == name
    assert set(target.callables) == set(found)
    assert target.arrays == LIBRARY.get(name, "numpy").replace("scipy", "numpy")


@every
def test_arguments_are_those_of_the_book(name: str) -> None:
    """Variables in order and by position, then parameters by keyword, with their defaults."""
    for key, item in functions(module(name)):
        function = catalogue()[key.removesuffix("_vjp")]
        given = list(inspect.signature(item).parameters.values())
        count = len(function.variables)
        assert all(p.kind is not p.KEYWORD_ONLY for p in given[:count]), key
        if not function.along_axis:
            assert [p.name for p in given[:count]] == [v.name for v in function.variables], key
        known = {"axis", "channel_axis", "reduction", "cotangent", *function.defaults()}
        assert {p.name for p in given[count:]} <= known, key
        for p in given[count:]:
            if p.name in function.defaults():
                assert p.default == float(function.defaults()[p.name]), key
            if p.name == "cotangent":
                assert p.kind is p.KEYWORD_ONLY, key


def test_the_reference_and_the_textbook_have_gradients_of_their_own() -> None:
    for name in ("reference", "textbook"):
        found = dict(functions(module(name)))
        assert {n for n in found if n.endswith("_vjp")} == {
            f"{n}_vjp" for n in found if not n.endswith("_vjp")
        }
    assert set(resolve("reference").functions) == set(catalogue())


# ---------------------------------------------------------------- the textbook's mistakes

NAIVE = [
    ("sigmoid-grad.accuracy-float32", "sound"),  # s (1 - s) loses the right tail
    ("tanh-value.accuracy-float32", "unsound"),  # inf / inf
    ("tanh-value.special-float32", "sound"),
    ("tanh-grad.accuracy-float32", "sound"),  # 1 - tanh^2
    ("softmax-value.accuracy-float32", "unsound"),  # exp overflows
    ("softmax-grad.accuracy-float32", "unsound"),
    ("bce-value.accuracy-float32", "unsound"),  # the epsilon vanishes beside 1
    ("bce-loss.endpoints-float32", "unsound"),  # and invents a loss at 0
    ("elu-value.accuracy-float32", "sound"),  # exp(x) - 1
    ("softplus-value.accuracy-float32", "unsound"),  # exp overflows
    ("log_sigmoid-value.accuracy-float32", "unsound"),  # log(0)
    ("gelu-value.accuracy-float32", "sound"),  # 1 + erf
    ("selu-value.accuracy-float32", "sound"),  # five digits
]


@pytest.fixture(scope="module")
def textbook() -> Report:
    pytest.importorskip("scipy")  # gelu as it is typed needs its erf
    names = sorted({id.split("-")[0] for id, _ in NAIVE})
    return float32("textbook", *names)


@pytest.mark.parametrize(("id", "level"), NAIVE)
def test_a_naive_mistake_is_named_with_witness_and_bound(
    textbook: Report, id: str, level: str
) -> None:
    found = verdict(textbook, id)
    assert (found.status, found.level) == ("fail", level)
    assert found.error_ulp is None or found.error_ulp > 8
    witness = found.witness
    assert witness is not None
    assert witness.inputs
    assert witness.bits.keys() == witness.inputs.keys()
    assert witness.truth is not None
    assert witness.observed != witness.truth
    assert witness.bound_ulp is not None
    assert witness.error_ulp is not None
    assert witness.error_ulp > witness.bound_ulp
    assert witness.origin


def test_the_textbook_is_not_ok_and_every_finding_can_be_explained(textbook: Report) -> None:
    assert not textbook.ok
    assert textbook.level == "unsound"
    for finding in textbook.findings:
        head = finding.property.split(".")
        rule = properties().get(".".join(head[:2])) or properties()[head[0]]
        assert all((rule.meaning, rule.why, rule.cause, rule.fix))


def test_what_overflows_in_the_textbook_is_not_a_number(textbook: Report) -> None:
    for id in ("softmax-value.accuracy-float32", "tanh-value.accuracy-float32"):
        witness = verdict(textbook, id).witness
        assert witness is not None
        assert witness.observed != witness.observed
        assert witness.truth == witness.truth


# ---------------------------------------------------------------- frameworks


def test_exact_gelu_in_torch_loses_its_left_tail() -> None:
    report = float32("torch", "gelu:value.accuracy", "gelu:grad.accuracy")
    assert verdict(report, "gelu-grad.accuracy-float32").status == "fail"
    assert verdict(report, "gelu-value.accuracy-float32").status == "fail"


def test_softplus_in_torch_jumps_at_its_threshold() -> None:
    module("torch")
    report = check("torch", select=("softplus:value.*",), formats=("float64",))
    jump = verdict(report, "softplus-value.monotone-float64")
    assert jump.status == "fail"
    assert jump.witness is not None
    assert jump.witness.inputs["x"] == pytest.approx(20, rel=1e-15)
    value = verdict(report, "softplus-value.accuracy-float64")
    assert (value.status, value.level) == ("fail", "unsound")


def test_results_in_torch_differ_with_the_place_in_the_tensor() -> None:
    pytest.importorskip("torch")
    report = float32("torch", "sigmoid:structure.position", "silu:structure.position")
    traits = {t for v in report.verdicts for t in v.traits}
    assert any("position" in t for t in traits)
    assert report.ok  # several answers are right: recorded, not punished


def test_silu_in_jax_is_not_a_number_at_minus_infinity() -> None:
    found = verdict(float32("jax", "silu:value.special"), "silu-value.special-float32")
    assert (found.status, found.level) == ("fail", "sound")
    assert found.witness is not None
    assert found.witness.inputs == {"x": float("-inf")}
    assert found.witness.observed != found.witness.observed


def test_jax_flushes_subnormal_numbers_to_zero_and_is_not_punished() -> None:
    found = verdict(float32("jax", "silu:value.accuracy"), "silu-value.accuracy-float32")
    assert found.status == "pass"
    assert "flushes subnormal numbers to zero" in found.traits
