"""A function that the book lacks, added in one file: judged, derived, printed, listed."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import sympy

from ulpian.checks import Report, UsageError, Verdict, check
from ulpian.checks.targets.target import resolve
from ulpian.spec import Function, SpecError, derive, problems, prove, statements

ROOT = Path(__file__).resolve().parent.parent
FORMATS = ("float16", "bfloat16", "float32")

DEFINITION = """\
from sympy import Eq, exp, log, oo, tanh

from {spec}.function import Function, applied
from {spec}.symbols import x

mish_, tanh_, softplus_ = map(applied, ("mish", "tanh", "softplus"))

mish = Function(
    name="mish",
    title="Mish",
    variables=(x,),
    expression=x * tanh(log(1 + exp(x))),
    special_values={{0: 0, -oo: 0, oo: oo}},
    identities={{"definition": Eq(mish_(x), x * tanh_(softplus_(x)))}},
    references=("Misra 2019, arXiv:1908.08681",),
)
"""

IMPLEMENTATION = """\
import numpy as np


def _slope(x):
    w = np.exp(-np.abs(x))
    return np.where(x > 0, (1 + 2 * w) / (1 + 2 * w + 2 * w * w), w * (w + 2) / (w * (w + 2) + 2))


def mish(x):
    wide = np.where(np.isneginf(x), -0.0, x).astype(np.float64)
    return (wide * _slope(wide)).astype(x.dtype)


def mish_vjp(x, *, cotangent):
    wide = np.where(np.isinf(x), np.copysign(800, x), x).astype(np.float64)
    w = np.exp(-np.abs(wide))
    upper = 4 * (1 + w) * w * w / (1 + 2 * w + 2 * w * w) ** 2
    lower = 4 * (1 + w) * w / (2 + 2 * w + w * w) ** 2
    slope = _slope(wide) + wide * np.where(wide > 0, upper, lower)
    return ((cotangent * slope).astype(x.dtype),)


def mish_vjp_without_the_product_rule(x, *, cotangent):
    wide = x.astype(np.float64)
    return ((cotangent * _slope(wide)).astype(x.dtype),)
"""


def imported(place: Path) -> ModuleType:
    """A module from a file."""
    source = importlib.util.spec_from_file_location(place.stem, place)
    assert source is not None
    assert source.loader is not None
    module = importlib.util.module_from_spec(source)
    source.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def mish(tmp_path_factory: pytest.TempPathFactory) -> Function:
    """The definition, out of the one file that it takes."""
    place = tmp_path_factory.mktemp("book") / "mish.py"
    place.write_text(DEFINITION.format(spec="ulpian.spec"))
    found = imported(place).mish
    assert isinstance(found, Function)
    return found


@pytest.fixture(scope="module")
def code(tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    place = tmp_path_factory.mktemp("code") / "implementation.py"
    place.write_text(IMPLEMENTATION)
    return imported(place)


def verdict(report: Report, name: str) -> Verdict:
    (found,) = [v for v in report.verdicts if v.property == name]
    return found


# ---------------------------------------------------------------- judged


def test_a_right_implementation_is_accurate(mish: Function, code: ModuleType) -> None:
    report = check(code.mish, as_=mish, vjp=code.mish_vjp, formats=FORMATS)
    assert report.ok, [(v.id, v.message) for v in report.findings]
    assert report.level is not None
    assert report.level >= "accurate"
    judged = {v.property for v in report.verdicts if v.level is not None}
    assert {"value.accuracy", "value.special", "grad.accuracy", "grad.special"} <= judged


def test_a_wrong_gradient_is_found_and_the_value_is_not_accused(
    mish: Function, code: ModuleType
) -> None:
    report = check(
        code.mish,
        as_=mish,
        vjp=code.mish_vjp_without_the_product_rule,
        formats=("float32",),
        select=("value.*", "grad.*"),
    )
    assert [v.property for v in report.findings] == ["grad.accuracy"]
    (finding,) = report.findings
    assert finding.level == "unsound"
    assert finding.witness is not None
    assert finding.witness.observed != finding.witness.truth


def test_the_formula_as_it_is_typed_is_not_accurate(mish: Function) -> None:
    def typed(x: Any) -> Any:
        return x * np.tanh(np.log(1 + np.exp(x)))

    report = check(typed, as_=mish, formats=("float32",), select=("value.*",))
    assert {v.property for v in report.findings} == {"value.accuracy", "value.special"}


def test_its_identity_is_tried_where_its_partners_are_there(
    mish: Function, code: ModuleType
) -> None:
    from ulpian.reference import implementations as right

    target = {
        "definition": mish,
        "mish": code.mish,
        "mish_vjp": code.mish_vjp,
        "tanh": right.tanh,
        "softplus": right.softplus,
    }
    options: dict[str, Any] = {"formats": ("float32",), "select": ("mish:identity.*",)}
    found = verdict(check(target, **options), "identity.definition")
    assert found.status == "pass"
    assert found.points > 0
    wrong: Callable[[Any], Any] = lambda x: right.softplus(x) * np.float32(1.001)  # noqa: E731
    found = verdict(check({**target, "softplus": wrong}, **options), "identity.definition")
    assert found.status == "fail"
    alone = check(code.mish, as_=mish, **options)
    assert verdict(alone, "identity.definition").status == "unsupported"


# ---------------------------------------------------------------- derived and printed


def test_its_gradient_and_its_latex_come_out(mish: Function) -> None:
    x = mish.variables[0].symbol
    slope = derive.gradient(mish, mish.variables[0])
    step = sympy.Rational(1, 10**15)
    for place in (-3, sympy.Rational(1, 3), 2):
        values = [mish.expression.subs(x, place + s * step).evalf(60) for s in (1, -1)]
        quotient = (values[0] - values[1]) / (2 * step)
        assert abs(slope.subs(x, place).evalf(30) - quotient) < 1e-20
    formula = statements.formula(mish)
    assert formula.text == "mish(x) = x*tanh(log(1 + exp(x)))"
    assert formula.latex == (
        r"\operatorname{mish}(x) = x \tanh\left(\log\left(1 + e^{x}\right)\right)"
    )
    (gradient,) = statements.gradients(mish)
    assert gradient.latex.startswith(r"\frac{d}{d x} \operatorname{mish}(x) = ")


def test_what_it_states_is_proved(mish: Function) -> None:
    assert problems(mish) == ()
    assert {p.status for p in prove(mish).values()} == {"proved"}


# ---------------------------------------------------------------- refused


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("special_values", {0: 1}, "mish: special_values: at 0 the expression gives 0, not 1"),
        ("parity", "odd", "mish: parity: not odd at x = -7/3"),
        ("range", sympy.Interval(0, sympy.oo), "mish: range: "),
    ],
)
def test_a_false_statement_is_refused(
    mish: Function, code: ModuleType, field: str, value: Any, sentence: str
) -> None:
    wrong = mish.replace(**{field: value})
    with pytest.raises((SpecError, UsageError)) as caught:
        check(code.mish, as_=wrong)
    assert str(caught.value).startswith(sentence)


def with_a_false_identity(mish: Function) -> Function:
    from ulpian.spec import applied
    from ulpian.spec.symbols import x

    wrong = sympy.Eq(applied("mish")(x), x * applied("sigmoid")(x))
    return mish.replace(identities={"not silu": wrong})


def test_a_false_identity_is_refused(mish: Function, code: ModuleType) -> None:
    with pytest.raises((SpecError, UsageError)) as caught:
        check(code.mish, as_=with_a_false_identity(mish))
    assert str(caught.value) == "mish: identities: 'not silu' does not hold at x = 1/7"


def test_a_false_identity_is_refused_beside_the_code_too(mish: Function, code: ModuleType) -> None:
    target = {"definition": with_a_false_identity(mish), "mish": code.mish}
    with pytest.raises((SpecError, UsageError), match=r"^mish: identities: 'not silu'"):
        check(target, formats=("float32",))


def test_an_undeclared_symbol_and_a_float_are_refused(mish: Function) -> None:
    x, q = mish.variables[0].symbol, sympy.Symbol("q")
    with pytest.raises(SpecError, match=r"^mish: expression: undeclared symbol q; declare it"):
        mish.replace(expression=q * x)
    with pytest.raises(SpecError, match=r"^mish: expression: the Float 0\.5\d* carries only 15"):
        mish.replace(expression=0.5 * x)


# ---------------------------------------------------------------- in one file of the book


def copied(place: Path) -> Path:
    """The three packages in a folder of their own, where one file of the book is a user's."""
    for name in ("spec", "reference", "checks"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / name, place / "ulpian" / name, ignore=ignored)
    chapter = place / "ulpian" / "spec" / "activations"
    (chapter / "mish.py").write_text(DEFINITION.format(spec="."))
    (place / "careless.py").write_text(IMPLEMENTATION)
    return place


SCRIPT = """\
import sys
from ulpian.spec import catalogue, problems
import ulpian.spec
assert ulpian.spec.__file__.startswith(sys.argv[1]), ulpian.spec.__file__
assert list(catalogue())[:3] == ["celu", "elu", "selu"] and "mish" in catalogue()
assert problems(catalogue()["mish"]) == ()
from ulpian.checks import cli
def run(*words):
    try: cli.main(words)
    except SystemExit as stop: print("code", stop.code)
run("show", "mish")
run("list", "functions")
run("eval", "mish", "1")
run("check", "careless", "--format", "float32", "--jobs", "1")
run("check", "careless:mish_vjp_without_the_product_rule", "--as", "mish", "--format", "float32")
"""


def test_one_file_in_the_book_is_enough(tmp_path: Path) -> None:
    place = copied(tmp_path)
    environment = {**os.environ, "PYTHONPATH": str(place)}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(place)],
        capture_output=True,
        text=True,
        timeout=120,
        cwd=place,
        env=environment,
    )
    assert done.returncode == 0, done.stderr
    shown, listed, evaluated, right, wrong, rest = done.stdout.split("code ")
    assert "mish(x) = x*tanh(log(1 + exp(x)))" in shown
    assert listed.startswith("0\n")
    assert "mish" in listed
    assert evaluated.startswith("0\n")
    assert str(np.float32(0.8650983882673103)) in evaluated
    assert right.startswith("0\n")
    assert "exit 0: nothing below accurate" in right
    assert wrong.startswith("0\n")
    assert "mish · value.accuracy · float32" in wrong
    assert rest == "1\n"
    assert done.stderr == ""


def test_a_name_of_the_book_may_be_defined_anew_beside_the_code(mish: Function) -> None:
    """The definition that comes with the code is the one it is judged by."""
    own = mish.replace(name="silu", identities={}, aliases=())
    target = resolve({"definition": own, "silu": np.tanh})
    assert target.functions["silu"] is own
