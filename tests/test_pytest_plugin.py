"""The pytest plugin: one test for each verdict, and nothing done to the user's own session."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import unittest
import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ulpian.checks import Status, UsageError, Verdict, cases, check
from ulpian.checks.testing import asked
from ulpian.checks.testing.docket import Hearing
from ulpian.reference import implementations as right

from . import LOAD_PLUGIN, bound_numpy

ROOT = Path(__file__).resolve().parent.parent

# The five lines of a test file.
FIVE = """\
import pytest
from ulpian.checks import cases

@pytest.mark.parametrize("case", cases("kernels", formats=("float32",)))
def test_conforms(case):
    case.judge()
"""

KERNELS = """\
import numpy as np

def quick_silu(x):
    return x / (1 + np.exp(-x))

def tanh(x):
    return np.tanh(x)

quick_silu.__ulpian__ = "silu"
"""

Pytest = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(tmp_path: Path) -> Pytest:
    """pytest in a process of its own, in a folder with a test file of five lines."""
    (tmp_path / "kernels.py").write_text(KERNELS)
    (tmp_path / "test_kernels.py").write_text(FIVE)
    path = os.pathsep.join([str(tmp_path), *map(os.path.abspath, filter(None, sys.path))])
    environment = {**os.environ, "PYTHONPATH": path, "PYTEST_ADDOPTS": ""}

    def invoke(*arguments: str) -> subprocess.CompletedProcess[str]:
        fixed = ["-m", "pytest", *LOAD_PLUGIN, "-p", "no:cacheprovider", "-q"]
        return subprocess.run(
            [sys.executable, *fixed, *arguments],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            timeout=300,
        )

    return invoke


def counts(done: subprocess.CompletedProcess[str]) -> dict[str, int]:
    """The last line: how many passed, failed, were skipped, ..."""
    last = done.stdout.strip().splitlines()[-1]
    return {word: int(number) for number, word in re.findall(r"(\d+) (\w+)", last)}


def alike(verdict: Verdict) -> str:
    """All that a verdict says; as text, in which NaN is NaN."""
    return repr(replace(verdict, seconds=0.0))


# ---------------------------------------------------------------- the verdicts to come


def leaky(x: Any) -> Any:
    """Right, but changes its input in a call that only some properties make: that of one row."""
    if np.ndim(x) == 1 and np.size(x) == 7:
        x[...] = 0
    return np.tanh(x)


TARGETS: dict[str, tuple[Any, dict[str, Any]]] = {
    "losses": (right, {"select": ("cross_entropy", "huber", "prelu"), "profile": "smoke"}),
    "rows": (right, {"select": ("softmax:*", "glu:*"), "formats": ("float16", "float32")}),
    "bound": (bound_numpy, {"formats": ("bfloat16", "float32")}),
    "apart": (
        "tests.bound_numpy",
        {"select": ("quick_silu:identity.*", "tanh:value.*"), "formats": ("float32",)},
    ),
}


@pytest.mark.parametrize("name", TARGETS)
def test_the_cases_are_the_verdicts_of_a_whole_run_and_each_says_the_same_alone(name: str) -> None:
    target, options = TARGETS[name]
    verdicts = check(target, **options).verdicts
    refused = {v.format for v in verdicts if v.property == "structure.format" and not v.points}
    whole = {v.id: alike(v) for v in verdicts}
    coming = cases(target, **options)
    offered = [str(h) for h in coming if h.step.format not in refused]
    assert offered == [v.id for v in verdicts if v.format not in refused]
    assert len({str(h) for h in coming}) == len(coming)
    alone = [h for h in coming if h.step.format not in refused]
    for hearing in alone[::-3]:
        (same,) = [h for h in cases(target, **options) if str(h) == str(hearing)]
        assert alike(same.verdict()) == whole[str(hearing)]


def test_what_looks_back_at_other_calls_says_the_same_alone() -> None:
    options: dict[str, Any] = {"as_": "tanh", "formats": ("float32",)}
    (whole,) = [v for v in check(leaky, **options).verdicts if v.property == "structure.purity"]
    (alone,) = [h for h in cases(leaky, **options) if h.name == "structure.purity"]
    assert whole.status == "fail"
    assert alike(alone.verdict()) == alike(whole)


def test_a_format_that_is_not_offered_skips_all_its_cases() -> None:
    def widening(x: Any) -> Any:
        return np.tanh(x * 1.0)

    coming = [h for h in cases(widening, as_="tanh") if h.step.format == "bfloat16"]
    assert len({h.name for h in coming}) > 5
    with pytest.raises(unittest.SkipTest) as caught:
        coming[0].judge()
    assert str(caught.value) == "computes bfloat16 in float32"


def test_nothing_is_judged_to_know_the_cases() -> None:
    calls = []

    def counted(x: Any) -> Any:
        calls.append(np.shape(x))
        return np.tanh(x)

    assert len(cases(counted, as_="tanh", arrays="numpy")) > 20
    assert calls == []


def test_one_case_is_judged_without_the_others() -> None:
    (accuracy,) = [
        h for h in cases(np.tanh, as_="tanh", formats=("float32",)) if h.name == "value.accuracy"
    ]
    assert accuracy.judge().status == "pass"
    assert {rule.property for rule in accuracy.docket.bench.verdicts} == {"", "value.accuracy"}


def test_a_finding_is_an_assertion_error_that_shows_it_in_full() -> None:
    (special,) = [
        h
        for h in cases(bound_numpy, formats=("float32",))
        if _is(h, "quick_silu-value.special-float32")
    ]
    with pytest.raises(AssertionError) as caught:
        special.judge()
    assert str(caught.value).startswith("quick_silu · value.special · float32 · tests.bound_numpy")
    assert "\n  at         x = -inf                 -inf               0xff800000\n" in str(
        caught.value
    )
    assert "ulpian check tests.bound_numpy --select quick_silu:value.special" in str(caught.value)


def _is(hearing: Hearing, name: str) -> bool:
    return str(hearing) == name


def test_what_is_undecided_is_no_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    hearing = cases(np.tanh, as_="tanh", formats=("float32",))[0]
    undecided = replace(hearing.verdict(), status=Status.UNDECIDED, message="2 truths are open")
    monkeypatch.setattr(type(hearing.docket), "judge", lambda *_: (undecided,))
    with pytest.raises(AssertionError) as caught:
        hearing.judge()
    assert str(caught.value) == (
        "tanh-value.accuracy-float32: no verdict: undecided: 2 truths are open"
    )


@pytest.mark.parametrize(
    ("target", "options", "sentence"),
    [
        ("no_such_kernels", {}, "unknown target 'no_such_kernels': neither a backend"),
        ("reference", {"formats": ("float8",)}, "unknown format 'float8': choose from"),
        ("reference", {"profile": "fast"}, "unknown profile 'fast': choose from"),
        ("reference", {"select": ("gleu",)}, "nothing selected in 'reference' by gleu"),
    ],
)
def test_what_cannot_be_served_is_refused_when_the_cases_are_asked_for(
    target: Any, options: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(UsageError, match="^" + re.escape(sentence)):
        cases(target, **options)


# ---------------------------------------------------------------- options


def test_options_win_over_arguments_and_those_over_the_project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pyproject.toml").write_text(
        '[tool.ulpian]\nseed = 1\nprofile = "smoke"\nlimit = 3\n'
    )
    monkeypatch.chdir(tmp_path)
    with asked.options({"seed": 7, "formats": ("float16",)}):
        plan = cases("reference", select=("relu",), seed=2, limit=5.0)[0].docket.plan
    assert (plan.seed, plan.limit, plan.profile) == (7, 5.0, "smoke")
    assert [f.name for f in plan.formats] == ["float16"]
    plan = cases("reference", select=("relu",), seed=2)[0].docket.plan
    assert (plan.seed, plan.limit, [f.name for f in plan.formats]) == (2, 3, ["float32"])


@pytest.mark.parametrize(
    ("text", "seconds"), [("90", 90), ("90s", 90), ("20m", 1200), ("1h30m", 5400), ("0.5s", 0.5)]
)
def test_a_time_is_read_as_people_write_it(text: str, seconds: float) -> None:
    import time

    end = asked.deadline(text)
    assert end is not None
    assert end - time.monotonic() == pytest.approx(seconds, abs=0.1)


@pytest.mark.parametrize("text", ["", "soon", "-3s", "0", "1.2.3s", "3s4m"])
def test_what_is_no_time_is_refused(text: str) -> None:
    assert asked.deadline(text) is None


def test_what_is_begun_after_the_time_is_no_pass() -> None:
    hearing = cases(np.tanh, as_="tanh", formats=("float32",))[0]
    with (
        asked.options({"deadline": -1.0, "timeout": "20m"}),
        pytest.raises(AssertionError, match=r"^not judged: the time of 20m was over$"),
    ):
        hearing.judge()


# ---------------------------------------------------------------- in a run of pytest


def test_five_lines_give_one_test_for_each_verdict_with_readable_ids(run: Pytest) -> None:
    assert len(FIVE.strip().replace("\n\n", "\n").splitlines()) == 5
    done = run("--junitxml", "junit.xml")
    found = counts(done)
    assert (done.returncode, found["failed"]) == (1, 1)
    failed = "test_kernels.py::test_conforms[quick_silu-value.special-float32]"
    assert f"FAILED {failed}" in done.stdout
    assert (
        "E         at         x = -inf                 -inf               0xff800000" in done.stdout
    )
    assert "docket.py" not in done.stdout  # the finding, not our own frames
    suite = ET.parse(
        Path(done.args[0]).parent / "x" if False else _cwd(run) / "junit.xml"
    ).getroot()
    names = {case.get("name") for case in suite.iter("testcase")}
    assert "test_conforms[tanh-identity.slope-float32]" in names
    assert len(names) == sum(found.values())


def _cwd(run: Pytest) -> Path:
    """The folder that a run works in."""
    (cell,) = [c for c in run.__closure__ or () if isinstance(c.cell_contents, Path)]
    found: Path = cell.cell_contents
    return found


def test_patterns_and_workers_choose_among_the_same_cases(run: Pytest) -> None:
    some = run("-k", "quick_silu and value and not range", "--co")
    ids = re.findall(r"\[(.*)\]", some.stdout)
    assert ids == [f"quick_silu-value.{p}-float32" for p in ("accuracy", "special")]
    apart = run("-n", "2", "--dist", "loadgroup")
    assert counts(apart)["failed"] == 1
    assert "Different tests were collected" not in apart.stdout
    assert counts(apart) == counts(run())


def test_a_process_that_ends_costs_one_verdict_and_not_the_session(run: Pytest) -> None:
    (_cwd(run) / "kernels.py").write_text(
        "import os\nimport numpy as np\n"
        "def relu(x):\n    return os._exit(3) if np.isnan(x).any() else np.maximum(x, 0)\n"
    )
    done = run("-k", "value")
    ended = set(re.findall(r"FAILED \S+\[(\S+)\]", done.stdout))
    assert "relu-value.special-float32" in ended
    assert "relu-value.accuracy-float32" not in ended
    assert counts(done)["passed"] >= 2
    assert "its process ended with exit code 3" in done.stdout


def test_strict_expected_failures_hold_and_break(run: Pytest) -> None:
    marked = FIVE.replace(
        'cases("kernels", formats=("float32",))',
        """[
    pytest.param(c, id=str(c), marks=pytest.mark.xfail(strict=True, reason="known"))
    for c in cases("kernels", formats=("float32",), select=("quick_silu:value.*",))
]""",
    )
    (_cwd(run) / "test_kernels.py").write_text(marked)
    found = counts(run())
    assert (found["xfailed"], found["failed"]) == (1, 1)


def test_a_target_is_judged_without_any_test_file(run: Pytest) -> None:
    options = ("--ulpian-profile", "smoke", "--ulpian-select", "gelu,relu:value.*")
    done = run("--ulpian", "reference", *options, "-vv", "--junitxml", "junit.xml")
    assert done.returncode == 0, done.stdout
    assert "reference::gelu-grad.accuracy-float32 PASSED" in done.stdout
    assert "test_kernels" not in done.stdout
    root = ET.parse(_cwd(run) / "junit.xml").getroot()
    (case,) = [c for c in root.iter("testcase") if c.get("name") == "gelu-grad.accuracy-float32"]
    told = {p.get("name"): p.get("value") for p in case.iter("property")}
    assert told["level"] == "accurate"
    assert int(told["points"] or 0) > 100
    chosen = ("--ulpian-select", "tanh", "-k", "value.accuracy and float32")
    both = run("--ulpian", "reference", "test_kernels.py", *chosen)
    assert counts(both)["passed"] == 2


def test_a_failing_target_shows_the_finding_and_no_frames(run: Pytest) -> None:
    done = run(
        "--ulpian", "kernels", "--ulpian-format", "float32", "--ulpian-select", "value.special"
    )
    assert done.returncode == 1
    assert "\nquick_silu · value.special · float32 · kernels" in done.stdout
    assert "Traceback" not in done.stdout
    assert "docket.py" not in done.stdout


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--ulpian", "nowhere"), "unknown target 'nowhere': neither a backend (reference,"),
        (("--ulpian", "reference", "--ulpian-profile", "fast"), "unknown profile 'fast': choose"),
        (("--ulpian-timeout", "soon"), "--ulpian-timeout 'soon' is no time: write 90s, 20m or"),
        (("--ulpian-seed", "x"), "argument --ulpian-seed: invalid int value: 'x'"),
    ],
)
def test_bad_options_are_one_sentence(run: Pytest, options: tuple[str, ...], sentence: str) -> None:
    done = run(*options)
    assert done.returncode in (2, 4)
    assert sentence in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr


def test_the_time_of_a_run_fails_what_was_not_judged(run: Pytest) -> None:
    done = run("--ulpian-timeout", "0.000001s", "-k", "tanh and value")
    assert counts(done) == {"failed": 5, "deselected": counts(done)["deselected"]}
    assert "not judged: the time of 0.000001s was over" in done.stdout


def test_the_ledger_holds_what_is_recorded_and_notices_a_fix(run: Pytest) -> None:
    entry = """version = 1
[[verdict]]
target = "kernels"
function = "{}"
property = "{}"
format = "float32"
platform = "*"
status = "fail"
level = "sound"
reason = "the old formula"
first_seen = 2026-11-21
"""
    ledger = _cwd(run) / "ledger.toml"
    ledger.write_text(entry.format("quick_silu", "value.special"))
    held = run("--ulpian-ledger", "ledger.toml", "-k", "value.special", "-rx")
    assert (held.returncode, counts(held)["xfailed"]) == (0, 1)
    assert "held by ledger.toml: the old formula" in held.stdout
    ledger.write_text(entry.format("quick_silu", "value.accuracy"))
    fixed = run("--ulpian-ledger", "ledger.toml", "-k", "quick_silu and value.accuracy")
    assert fixed.returncode == 1
    assert "it no longer fails" in fixed.stdout


# ---------------------------------------------------------------- what the user's session keeps


def test_nothing_is_imported_before_a_verdict_is_asked_for(run: Pytest) -> None:
    (_cwd(run) / "test_kernels.py").write_text(
        "import sys\n"
        "HEAVY = {'numpy', 'sympy', 'hypothesis', 'torch', 'click', 'ulpian.spec'}\n"
        "def test_light():\n"
        "    assert not HEAVY & set(sys.modules)\n"
    )
    done = run()
    assert done.returncode == 0, done.stdout


def test_the_users_session_is_as_it_was(run: Pytest) -> None:
    (_cwd(run) / "test_kernels.py").write_text(
        """
import locale, os, random, signal, sys, warnings
import hypothesis, numpy as np, pytest, torch
from hypothesis import settings
from ulpian.checks import cases

settings.register_profile("mine", max_examples=3)
settings.load_profile("mine")

def state():
    return (
        np.geterr(), torch.get_default_dtype(), torch.is_grad_enabled(), torch.get_num_threads(),
        settings.default.max_examples, signal.getsignal(signal.SIGALRM),
        signal.getsignal(signal.SIGINT), signal.getitimer(signal.ITIMER_REAL),
        list(warnings.filters), os.getcwd(), dict(os.environ), np.get_printoptions(),
        random.getstate(), np.random.get_state()[1].tolist(), torch.get_rng_state().tolist(),
    )

FOUND = [c for c in cases("kernels", formats=("float32",)) if c.step.function == "tanh"]
FOUND += [c for c in cases(torch.tanh, as_="tanh", formats=("float32",))]

def test_kept():
    os.environ.pop("PYTEST_CURRENT_TEST", None)
    before = state()
    for case in FOUND:
        case.verdict()
    for was, now in zip(before, state()):
        assert was == now
"""
    )
    done = run()
    assert done.returncode == 0, done.stdout
