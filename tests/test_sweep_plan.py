"""What `ulpian sweep` takes, what it says of a bad request, and what it prints."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

from ulpian.checks import cli
from ulpian.checks.sweeps import result as results
from ulpian.checks.sweeps.plan import Request, plan
from ulpian.checks.sweeps.result import Result, Worst
from ulpian.checks.sweeps.shard import SIZE
from ulpian.checks.sweeps.summary import BINS, Finding, Place, Summary
from ulpian.checks.sweeps.sweep import Run
from ulpian.checks.sweeps.text import as_text, exit_code
from ulpian.reference.level import Level
from ulpian.spec import find


class Said(NamedTuple):
    code: int
    out: str
    err: str


Command = Callable[..., Said]


@pytest.fixture
def sweep(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Command:
    """Run `ulpian sweep` in this process."""

    def run(*arguments: str) -> Said:
        with pytest.raises(SystemExit) as stopped:
            cli.main(("sweep", "--shards", str(tmp_path / "shards"), *arguments))
        out, err = capsys.readouterr()
        assert isinstance(stopped.value.code, int)
        return Said(stopped.value.code, out, err)

    return run


# ---------------------------------------------------------------- bad requests

REFUSED = {
    ("nonsense",): "unknown target 'nonsense': neither a backend (reference, textbook, scipy, "
    "torch, jax) nor a module that can be imported here",
    ("reference:nonsense",): "'reference' has no function 'nonsense'; it has ",
    ("reference", "--select", "gulu"): "'reference' has no function 'gulu'; it has ",
    ("reference:gelu", "--select", "tanh"): "'reference:gelu' names its function: leave out "
    "--select tanh, or name reference alone",
    ("reference:gelu", "--format", "float99"): "unknown format 'float99': choose from "
    "float8_e4m3fn, float8_e5m2, float16, bfloat16, float32",
    ("reference:gelu", "--format", "float64"): "float64 has 2**64 floats, too many to try: search "
    "it with `ulpian hunt`, or sweep float8_e4m3fn, float8_e5m2, float16, bfloat16, float32",
    ("reference:gelu", "--quantity", "third"): "unknown quantity 'third': choose from value, "
    "gradient, second",
    ("reference:softmax",): "softmax works along an axis: a sweep takes functions of single "
    "numbers",
    ("reference:mse",): "mse has 2 open variables: fix all but one of them, for example "
    "--at target=1 to sweep over prediction",
    ("reference:mse", "--at", "target=1", "--at", "prediction=1"): "mse: all its variables are "
    "fixed; leave out one --at, to sweep over it",
    ("reference:mse", "--at", "other=1"): "--at other: no function selected has a variable "
    "'other'; there is prediction, target",
    ("reference:mse", "--at", "target=nan"): "--at target=nan: a variable is fixed at a finite "
    "number",
    ("reference:bce", "--at", "target=3"): "--at target=3 lies outside its domain Interval(0, 1) "
    "in bce",
    ("reference:hinge", "--at", "prediction=1"): "hinge: target takes single values of {-1, 1}: "
    "fix it instead",
    ("reference:mse", "--at", "target"): "--at 'target' is not NAME=VALUE: write --at target=1",
    ("reference:mse", "--at", "target=x"): "--at target: 'x' is not a number: write -5.5 or "
    "-0x1.6p+2",
    ("reference:mse", "--at", "target=1,2"): "--at 'target=1,2': a variable is fixed at one "
    "number; sweep again for others",
    ("reference:elu", "--with", "beta=1"): "--with beta: no function selected has a parameter "
    "'beta'; there is alpha",
    ("reference:elu", "--with", "alpha=-1"): "elu: alpha = -1 lies outside its domain "
    "Interval.open(0, oo)",
    ("reference:elu", "--with", "alpha=inf"): "--with alpha=inf: a parameter is a finite number",
    ("reference:elu", "--with", "alpha"): "--with 'alpha' is not NAME=VALUE: write --with alpha=1",
    ("reference:gelu", "--from", "x"): "--from: 'x' is not a number: write -5.5 or -0x1.6p+2",
    ("reference:gelu", "--from", "3", "--to", "1"): "--from 3 is above --to 1: no float lies "
    "between them",
    ("reference:gelu", "--format", "float8_e4m3fn", "--from", "500"): "float8_e4m3fn has no float "
    "from 500 to inf",
    ("reference:gelu", "--from", "nan"): "--from and --to are numbers: nan is in no part of the "
    "line",
    ("reference:gelu", "--device", "cuda"): "--device cuda is for torch and jax: 'reference' "
    "computes with numpy",
    ("reference:gelu", "--require", "perfect"): "unknown level 'perfect': choose one of exact, "
    "faithful, accurate, sound, unsound",
    ("reference:gelu", "--quantity", "second"): "gelu has no second derivative here: NumPy code "
    "has no autograd",
    ("scipy:tanh", "--quantity", "gradient"): "tanh has no gradient here: name one beside it, "
    "tanh_vjp, or sweep its value",
    ("reference:gelu", "--jobs", "2", "--scheduler", "tcp://h:1"): "--jobs is for processes of "
    "this machine, and --scheduler has its own: leave one out",
    ("reference:gelu", "--output", "/nowhere/file"): "'/nowhere/file': there is no folder "
    "'/nowhere'; make it first",
}


@pytest.mark.parametrize("given", REFUSED, ids=" ".join)
def test_a_bad_request_is_one_sentence_with_the_way_out(
    given: tuple[str, ...], sweep: Command
) -> None:
    said = sweep(*given)
    assert said.code == 2
    assert said.out == ""
    assert said.err.startswith(f"ulpian: {REFUSED[given]}")
    assert said.err.count("\n") == 1


def test_a_folder_that_cannot_be_made_is_named(sweep: Command, tmp_path: Path) -> None:
    (tmp_path / "shards").write_text("a file")
    said = sweep("reference:gelu")
    assert said.code == 2
    assert "cannot make the folder" in said.err


def test_resume_without_a_cache_asks_for_a_folder(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ULPIAN_CACHE", "off")
    with pytest.raises(SystemExit) as stopped:
        cli.main(("sweep", "reference:gelu", "--resume"))
    assert stopped.value.code == 2
    assert capsys.readouterr().err == (
        "ulpian: --resume: nothing is kept while ULPIAN_CACHE is off; name a folder: --shards DIR\n"
    )


# ---------------------------------------------------------------- requests


def test_the_whole_line_is_cut_into_shards_that_cover_it_once() -> None:
    (one,) = plan(Request("reference:gelu")).sweeps
    shards = one.shards
    assert [s.first for s in shards] == list(range(0, 1 << 32, SIZE))
    assert {s.count for s in shards} == {SIZE}


def test_a_part_is_cut_where_the_whole_line_is() -> None:
    (one,) = plan(Request("reference:gelu", low=Fraction(1), high=Fraction(1 << 40))).sweeps
    shards = one.shards
    ends = [s.first + s.count for s in shards]
    assert [s.first for s in shards[1:]] == ends[:-1]
    assert all(e % SIZE == 0 for e in ends[:-1])
    assert shards[0].first == 0x3F800000
    assert ends[-1] == 0x53801000  # the row of 4096 floats that 2**40 begins


@pytest.mark.parametrize(
    ("low", "high", "runs"),
    [
        (None, None, [(0, 1 << 16)]),
        (1, 1, [(0x3C00, 1)]),
        (-1, -1, [(0xBC00, 1)]),
        (0, 0, [(0, 1), (0x8000, 1)]),
        (-1, 1, [(0, 0x3C01), (0x8000, 0x3C01)]),
        (1, None, [(0x3C00, 0x4001)]),
        (None, -1, [(0xBC00, 0x4001)]),
    ],
)
def test_a_part_of_the_line_is_a_run_of_bits_for_each_sign(
    low: int | None, high: int | None, runs: list[tuple[int, int]]
) -> None:
    ends = [None if v is None else Fraction(v) for v in (low, high)]
    sweeps = plan(Request("reference:gelu", fmt="float16", low=ends[0], high=ends[1])).sweeps
    assert [(s.whole.first, s.whole.count) for s in sweeps] == runs


def test_a_target_is_swept_in_all_functions_of_single_numbers_and_the_rest_is_named() -> None:
    planned = plan(Request("reference", quantities=("value", "gradient")))
    names = {s.whole.function for s in planned.sweeps}
    assert {"gelu", "tanh", "leaky_relu"} <= names
    assert not {"softmax", "mse"} & names
    told = {said.split()[0] for said in planned.left_out}
    assert {"softmax", "mse"} <= told
    assert names | told == set(planned.target.functions)


def test_settings_are_each_tried_and_only_what_is_no_default_is_passed() -> None:
    given = {"alpha": (Fraction(1), Fraction(1, 2))}
    usual, half = plan(Request("reference:elu", settings=given)).sweeps
    assert usual.whole.passed == ()
    assert half.whole.passed == ("alpha",)
    assert half.whole.setting == {"alpha": Fraction(1, 2)}
    assert usual.rounded is None
    (tenth,) = plan(Request("reference:elu", settings={"alpha": (Fraction(1, 10),)})).sweeps
    assert tenth.rounded == {"alpha": Fraction(13421773, 134217728)}
    assert tenth.read(False).whole.setting == {"alpha": Fraction(1, 10)}
    assert tenth.read(True).whole.setting == tenth.rounded


def test_another_variable_is_fixed_at_a_float_of_the_format() -> None:
    (one,) = plan(Request("reference:mse", fixed={"target": Fraction(1, 10)})).sweeps
    assert one.whole.free == "prediction"
    assert one.whole.fixed == {"target": Fraction(13421773, 134217728)}


def test_a_part_of_a_format_without_infinities_ends_at_its_largest_float() -> None:
    (one,) = plan(Request("reference:gelu", fmt="float8_e4m3fn", low=Fraction(1))).sweeps
    assert (one.whole.first, one.whole.count) == (0x38, 0x7F - 0x38)


# ---------------------------------------------------------------- a run


def test_the_command_prints_what_it_proves(sweep: Command) -> None:
    said = sweep("reference:relu", "--format", "float16", "--jobs", "1")
    assert said.code == 0, said.err
    first, *lines = said.out.splitlines()
    assert re.fullmatch(r"relu · value · float16 · reference +exact, proved for all inputs", first)
    assert "  inputs     65,536 judged: every float16" in lines
    assert "             0 not correctly rounded, 0 not faithful" in lines
    assert lines[-1] == "exit 0: nothing below accurate"
    assert said.err == ""


def test_a_level_that_is_required_and_missed_is_exit_1(sweep: Command, tmp_path: Path) -> None:
    file = tmp_path / "found.json"
    target = ("tests.test_sweep_plan:slightly_more", "--as", "identity")
    given = (*target, "--format", "float16", "--require", "exact", "--jobs", "1")
    said = sweep(*given, "--output-format", "json", "--output", str(file))
    assert said.code == 1, said.err
    assert said.out == ""
    (document,) = json.loads(file.read_text())["results"]
    found = results.from_json(document)
    assert found.proved
    assert found.level is Level.ACCURATE
    assert found.worst["normal"].error == 2


def slightly_more(x: Any) -> Any:
    """One or two floats farther from 0."""
    return x * np.float16(1 + 2**-10)


# ---------------------------------------------------------------- what is said

HISTOGRAM = (4294967290, 4, 2, *(0,) * (BINS - 3))
WORST = Worst(1.25, 0xC0B00000, "-0x1.6p+2", "-0x1.c0a0000000000p-24", "-0x1.c0a0040000000p-24")
SUMMARY = Summary(
    inputs=1 << 32,
    histogram=HISTOGRAM,
    normal=Place(1.25, 0xC0B00000),
    eased=Place(1.25, 0xC0B00000),
    binades={0: Place(0.1, 1), 127: Place(0.7, 0x3F800000), 129 + 256: Place(1.25, 0xC0B00000)},
    findings={"monotone": Finding(2, 0xC0B00000)},
)
RESULT = Result(
    **results.begun(plan(Request("reference:gelu")).sweeps[0].whole, find("gelu"), 0, 1 << 32),
    summary=SUMMARY,
    worst={"normal": WORST},
    environment={"python": "3.11", "torch": ""},
)


def said_of(result: Result, **changes: Any) -> str:
    run = Run((result,), 16.0, result.count)
    return as_text(replace(run, **changes), Level.ACCURATE)


def test_a_proved_result_is_told_in_full() -> None:
    told = said_of(RESULT)
    assert (
        "gelu · value · float32 · reference                           accurate, proved for all"
        in told
    )
    assert "  inputs     4,294,967,296 judged: every float32\n" in told
    assert (
        "  worst      1.25 ulp\n"
        "    at x =   -5.5                     -0x1.6p+2          0xc0b00000\n"
    ) in told
    assert "             6 not correctly rounded, 2 not faithful\n" in told
    assert "  finding    falls where the function rises, or rises where it falls\n" in told
    assert "             2 inputs, the first of them x = -5.5, 0xc0b00000\n" in told
    assert "▁" in told
    assert "▃" in told
    assert "▄" not in told.split("from 0 outwards")[0]
    assert "1 sweep · 4,294,967,296 inputs · 16.0 s · 3.73 ns an input\n" in told
    assert "  on         python 3.11\n" in told
    assert told.endswith("exit 0: nothing below accurate\n")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"complete": False}, "incomplete"),
        ({"method": "hunt"}, "a lower bound"),
        ({"count": 1 << 31}, "for all inputs of this part"),
        ({"summary": replace(SUMMARY, unproven=3)}, "but 3 inputs unproven"),
    ],
)
def test_proved_is_not_said_of_less(changes: dict[str, Any], words: str) -> None:
    told = said_of(replace(RESULT, **changes))
    assert "proved for all" not in told
    assert words in told.replace("\n", " ")


def test_how_a_run_ends_is_its_exit_code() -> None:
    run = Run((RESULT,), 1.0, 1)
    assert exit_code(run, Level.ACCURATE) == 0
    assert exit_code(run, Level.EXACT) == 1
    assert exit_code(replace(run, complete=False), Level.EXACT) == 130
    failed = replace(RESULT, failures=("4096 inputs from 0x0 on: raises ValueError: no",))
    assert exit_code(replace(run, results=(failed,)), Level.SOUND) == 1
    open_ = replace(RESULT, summary=replace(SUMMARY, unproven=1))
    assert exit_code(replace(run, results=(open_,)), Level.SOUND) == 2
    told = as_text(replace(run, results=(failed,)), Level.SOUND)
    assert "  failure    4096 inputs from 0x0 on: raises ValueError: no\n" in told
    assert told.endswith("exit 1: 1 gave no answer somewhere\n")


def test_many_results_are_a_line_each() -> None:
    run = Run((RESULT,) * 7, 1.0, 7 << 32, left_out=("softmax works along an axis",))
    lines = as_text(run, Level.ACCURATE).splitlines()
    assert (
        lines[:7]
        == ["  gelu.value  accurate    1.25 ulp          at -5.5            0xc0b00000"] * 7
    )
    assert lines[7] == "  proved for all inputs of float32"
    assert "  left out   softmax works along an axis" in lines


def test_a_parameter_that_was_rounded_is_told() -> None:
    rounded = replace(
        RESULT, setting={"alpha": "13421773/134217728"}, reading="rounded to the format"
    )
    assert "  with       alpha = 13421773/134217728, rounded to the format\n" in said_of(rounded)
