"""Definitions of a user's own: found beside the book's, and examined by `check --specs`."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from ulpian.checks import UsageError, check
from ulpian.checks.book.lint import Flaw, flaws_of, lint
from ulpian.checks.cli import ulpian
from ulpian.checks.runs.run import check_target
from ulpian.reference import oracle
from ulpian.spec import catalogue, find
from ulpian.spec.own import home, modules, own

from .definitions import flawed, sound

ROOT = Path(__file__).resolve().parent.parent
Project = Callable[..., Path]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A folder to work in, with a pyproject.toml and modules."""

    def made(specs: Any = None, **files: str) -> Path:
        line = "" if specs is None else f"specs = {json.dumps(specs)}\n"
        (tmp_path / "pyproject.toml").write_text(f"[tool.ulpian]\n{line}")
        for name, text in files.items():
            (tmp_path / f"{name}.py").write_text(text)
            monkeypatch.delitem(sys.modules, name, raising=False)
        monkeypatch.setattr(sys, "path", [*sys.path])
        monkeypatch.chdir(tmp_path)
        return tmp_path

    return made


def definition(name: str, expression: str = "tanh(x)", **facts: str) -> str:
    given = "".join(f", {key}={value}" for key, value in facts.items())
    return (
        "from sympy import *\nfrom ulpian.spec import Function\nfrom ulpian.spec.symbols import x\n"
        f"{name} = Function(name={name!r}, title='T', variables=(x,), expression={expression}"
        f"{given})\n"
    )


def said(*arguments: str) -> tuple[int, str, str]:
    found = CliRunner().invoke(ulpian, list(arguments), standalone_mode=False)
    if found.exception is not None:
        return 2, found.stdout, str(getattr(found.exception, "message", found.exception))
    return int(found.return_value or 0), found.stdout, found.stderr


# ---------------------------------------------------------------- found


def test_definitions_of_the_project_stand_beside_the_books(project: Project) -> None:
    project(["tests.definitions.sound"])
    sys.path.insert(0, str(ROOT))
    assert find("slow") is sound.slow is find("slow_sign")
    assert set(own()) == {"slow", "slow_twice", "hinged"}
    assert (home(sound.slow), home(find("gelu"))) == ("tests.definitions.sound", "")
    assert "slow" not in catalogue()
    assert "slow(x) = x/(1 + x**2 + Abs(x))" in said("show", "slow")[1]
    assert "0.25641027" in said("eval", "slow_sign", "2.5")[1]
    listed = {f["function"]: f for f in json.loads(said("list", "--output-format", "json")[1])}
    assert listed["slow"]["title"] == "A slow sign [tests.definitions.sound]"


def test_code_is_judged_by_definitions_of_the_project(project: Project) -> None:
    project(["tests.definitions.sound"])
    sys.path.insert(0, str(ROOT))
    options: dict[str, Any] = {"formats": ("float32",), "select": ("value.accuracy", "identity.*")}
    by_name = check(sound.quick_slow, as_="slow", **options)
    bound = check_target("tests.definitions.sound", **options)
    assert [v.status for v in by_name.verdicts if v.property == "value.accuracy"] == ["pass"]
    assert next((v.function, v.definition) for v in bound.verdicts) == ("quick_slow", "slow")
    (half,) = [v for v in bound.verdicts if v.property == "identity.half"]
    assert half.message == "needs slow_twice, which the target does not have"


def test_an_unknown_name_is_answered_with_the_users_names_too(project: Project) -> None:
    project(["tests.definitions.sound"])
    sys.path.insert(0, str(ROOT))
    with pytest.raises(LookupError, match="unknown function 'slow_sing': did you mean slow_sign"):
        find("slow_sing")


def test_packages_offer_definitions_as_entry_points(project: Project) -> None:
    folder = project(offered_laws=definition("offered"))
    (folder / "offered-1.0.dist-info").mkdir()
    for name, text in {
        "METADATA": "Name: offered\nVersion: 1.0\n",
        "entry_points.txt": "[ulpian.specs]\nlaws = offered_laws\n",
    }.items():
        (folder / "offered-1.0.dist-info" / name).write_text(text)
    program = "from ulpian.spec import find; print(find('offered'))"
    assert _python(folder, program) == "<Function offered>\n"


def _python(folder: Path, program: str) -> str:
    import os
    import subprocess

    path = os.pathsep.join([str(folder), *map(os.path.abspath, filter(None, sys.path))])
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


# ---------------------------------------------------------------- refused


def test_a_name_of_the_book_is_not_taken_again(project: Project) -> None:
    project(["clashing_laws"], clashing_laws=definition("tanh"))
    sentence = "clashing_laws: tanh: the name 'tanh' is taken by the book; choose another"
    with pytest.raises(UsageError) as caught:
        check("reference", select=("relu",), formats=("float32",))
    assert str(caught.value) == sentence
    code, out, _ = said("check", "--specs")
    assert (code, out.splitlines()[0]) == (
        1,
        "clashing_laws: tanh: name: the name 'tanh' is taken by the book; choose another",
    )


def test_two_modules_do_not_take_one_name(project: Project) -> None:
    project(
        ["first_laws", "second_laws"], first_laws=definition("mine"), second_laws=definition("mine")
    )
    with pytest.raises(UsageError) as caught:
        check("reference", select=("relu",), formats=("float32",))
    assert str(caught.value) == (
        "second_laws: mine: the name 'mine' is taken by first_laws; choose another"
    )


@pytest.mark.parametrize(
    ("specs", "sentence"),
    [
        ("laws", "specs = 'laws' in [tool.ulpian] is no list of modules: write"),
        ([3], "specs = [3] in [tool.ulpian] is no list of modules: write"),
        (
            ["no_such_laws"],
            "the definitions of 'no_such_laws' cannot be imported (ModuleNotFoundError: No module "
            "named 'no_such_laws'): install what it needs, or correct specs in [tool.ulpian]",
        ),
        (["leaving_laws"], "'leaving_laws' cannot be imported (SystemExit: 3)"),
    ],
)
def test_what_cannot_be_imported_is_one_sentence_and_no_verdict(
    project: Project, specs: Any, sentence: str
) -> None:
    project(specs, leaving_laws="raise SystemExit(3)")
    code, out, err = said("check", "--specs")
    assert (code, out) == (2, "")
    assert sentence in err
    with pytest.raises(UsageError) as caught:
        check("reference", select=("relu",), formats=("float32",))
    assert sentence in str(caught.value)


def test_a_pyproject_that_cannot_be_read_is_named(project: Project) -> None:
    folder = project()
    (folder / "pyproject.toml").write_text("[tool.ulpian\n")
    code, _, err = said("check", "--specs")
    assert code == 2
    assert f"{folder / 'pyproject.toml'} cannot be read: " in err


def test_without_definitions_there_is_nothing_to_examine(project: Project) -> None:
    project(empty_laws="x = 1\n")
    assert modules() == ()
    assert said("check", "--specs")[2] == (
        "--specs: no definitions are named: give their module, or list it as specs in [tool.ulpian]"
    )
    assert said("check", "--specs", "empty_laws")[2] == (
        "--specs: module 'empty_laws' defines no Function"
    )


@pytest.mark.parametrize(
    ("option", "sentence"),
    [
        (("--select", "gelu"), "--specs examines definitions: --select is for a run, leave it out"),
        (
            ("--report", "junit"),
            "--specs has no --report junit: ask for --output-format text or json",
        ),
        (
            ("--output-format", "sarif"),
            "--specs has no --output-format sarif: ask for --output-format text or json",
        ),
        (
            ("--output", "no/where"),
            "--output 'no/where': there is no folder 'no'; make it first",
        ),
    ],
)
def test_options_of_a_run_are_refused(option: tuple[str, ...], sentence: str) -> None:
    assert said("check", "--specs", *option) == (2, "", sentence)


# ---------------------------------------------------------------- examined


FLAWS = {
    "seen_kink": ("kinks", "undeclared kink at 0, gradient 0 below and 1 above"),
    "unseen_kink": ("kinks", "the slope jumps near x = 0, from -1.5708 to 1.5708"),
    "unseen_jump": ("jumps", "the value jumps near x = 0, from -1.5708 to 1.5708"),
    "no_kink": ("kinks", "at 0 the gradient is 0 on both sides: no kink"),
    "wrong_limit": ("special_values", "at oo the expression gives 1, not 2"),
    "wrong_range": ("range", "lies outside Interval(-2, 2); widen range"),
    "wrong_parity": ("parity", "not odd at x = "),
    "wrong_monotone": ("monotone", "not increasing: the slope at x = "),
    "wrong_scale": ("homogeneous", "not positively homogeneous"),
    "wrong_identity": ("identities", "'twice' does not hold at x = 1/7; correct the equation"),
    "unknown_identity": ("identities", "unknown function 'nobody' in nobody(x)"),
    "unknown_to_the_oracle": ("expression", "the oracle has no rule for polygamma"),
    "wrong_rows": ("range", "1 at z = "),
    "wrong_at_a_sample": ("range", " at slope = 3 lies outside Interval(-1, 1)"),
}


def flaws(name: str) -> list[Flaw]:
    return flaws_of(getattr(flawed, name), "laws")


@pytest.mark.parametrize("name", FLAWS)
def test_each_flaw_is_found_and_named_with_a_way_out(name: str) -> None:
    field, sentence = FLAWS[name]
    found = [flaw for flaw in flaws(name) if not flaw.open]
    assert [flaw.field for flaw in found] == [field]
    assert str(found[0]).startswith(f"laws: {name}: {field}: ")
    assert sentence in str(found[0])
    assert "; " in str(found[0])


def test_every_flawed_definition_is_tried() -> None:
    names = {f.name for f in vars(flawed).values() if hasattr(f, "expression")}
    assert names == {*FLAWS, "gelu", "other_name"}


def test_a_point_without_an_answer_is_open_and_no_flaw_by_itself(project: Project) -> None:
    (place,) = [flaw for flaw in flaws("unseen_kink") if flaw.open]
    assert "the value cannot be settled at x = 0.0; give it one there" in str(place)
    project(["open_laws"], open_laws=definition("hole", "tanh(x) / x", range="Interval(0, 1)"))
    code, out, _ = said("check", "--specs")
    assert code == 2
    assert out.endswith("exit 2: no verdict: not everything could be examined\n")


def test_sound_definitions_have_no_flaw() -> None:
    found = lint(["tests.definitions.sound"])
    assert (found.flaws, found.exit_code) == ((), 0)
    assert found.functions == ("slow", "slow_twice", "hinged")


@pytest.mark.parametrize(
    "name", ["relu", "hardshrink", "softplus", "sparsemax", "mae", "hinge", "huber"]
)
def test_the_books_own_definitions_have_no_flaw(name: str) -> None:
    assert flaws_of(find(name)) == []


@pytest.mark.parametrize(
    ("expression", "sentence"),
    [
        (
            "0.5 * x",
            "expression: the Float 0.500000000000000 carries only 15 digits; write "
            'Rational("0.5") exactly',
        ),
        (
            "Symbol('a') * x",
            "expression: undeclared symbol a; declare it among variables, parameters or constants "
            "(declared: x)",
        ),
        ("x, kinks={oo: Interval(0, 1)}", "kinks: oo lies outside the domain"),
    ],
)
def test_what_construction_refuses_is_a_flaw_too(
    project: Project, expression: str, sentence: str
) -> None:
    project(["refused_laws"], refused_laws=definition("refused", expression))
    code, out, _ = said("check", "--specs")
    assert code == 1
    assert f"refused_laws: refused: {sentence}" in out


def test_the_engines_that_disagree_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = oracle.truth

    def skewed(*given: Any, **named: Any) -> Any:
        found = whole(*given, **named)
        if named.get("engine") == "mpmath":
            found["value"].answers[0].nearest[7] += 1.0
        return found

    monkeypatch.setattr(oracle, "truth", skewed)
    (flaw,) = flaws_of(sound.slow_twice, "laws")
    assert flaw.field == "oracle"
    assert "the engines disagree on the value at x = " in str(flaw)
    assert "Arb says " in str(flaw)


def test_flaws_are_written_for_machines_and_to_files(project: Project) -> None:
    folder = project(["flat_laws"], flat_laws=definition("flat", parity="'even'"))
    code, out, _ = said("check", "--specs", "--output-format", "json", "--output", "flaws.json")
    assert (code, out) == (1, "")
    found = json.loads((folder / "flaws.json").read_text())
    assert found["functions"] == ["flat"]
    assert [flaw["field"] for flaw in found["flaws"]] == ["parity"]
    assert found["flaws"][0]["sentence"].startswith("flat_laws: flat: parity: not even at x = ")
