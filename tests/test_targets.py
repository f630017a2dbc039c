"""Bad targets and bad requests: one sentence with the way out, exit code 2, never a pass."""

from __future__ import annotations

import functools
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ulpian.checks import Report, UsageError, Verdict, check, cli
from ulpian.checks.processes import workers
from ulpian.checks.reports import reproduce
from ulpian.checks.runs.run import check_target
from ulpian.checks.targets.target import BACKENDS, resolve
from ulpian.reference import oracle
from ulpian.reference.level import Level
from ulpian.spec import find

from .bad import rude

ROOT = Path(__file__).resolve().parent.parent
FLOAT32 = ("float32",)
KNOWN = "neither a backend (reference, textbook, scipy, torch, jax) nor a module"


def refusal(target: Any, **options: Any) -> str:
    """The sentence with which `check` refuses a request."""
    with pytest.raises(UsageError) as caught:
        check(target, **options)
    return str(caught.value)


def refused_by_name(target: str, **options: Any) -> str:
    """The same for a target given by name, as the command line does it."""
    with pytest.raises(UsageError) as caught:
        check_target(target, **options)
    return str(caught.value)


def attempted(call: Callable[..., Report], *arguments: Any, **options: Any) -> Report | str:
    """The report, or the sentence of the refusal, where either will do."""
    try:
        return call(*arguments, **options)
    except UsageError as refused:
        return str(refused)


def judged(forward: Callable[..., Any], **options: Any) -> Report:
    """A report on something that claims to be sigmoid."""
    return check(forward, **{"as_": "sigmoid", "formats": FLOAT32, **options})


def verdict(report: Report, name: str) -> Verdict:
    (found,) = [v for v in report.verdicts if v.property == name]
    return found


def run_cli(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of the command line, in this process."""
    with pytest.raises(SystemExit) as stopped:
        cli.main(arguments)
    out, err = capsys.readouterr()
    code = stopped.value.code
    assert isinstance(code, int)
    return code, out, err


def shell(*arguments: str, timeout: float = 60) -> subprocess.CompletedProcess[str]:
    """The command line in a process of its own, for code that ends its process."""
    path = os.pathsep.join([str(ROOT), *filter(None, map(os.path.abspath, sys.path))])
    words = [sys.executable, "-m", "ulpian.checks", *arguments]
    environment = {**os.environ, "PYTHONPATH": path}
    with subprocess.Popen(
        words,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=environment,
        start_new_session=True,
    ) as process:
        try:
            out, err = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)  # its workers too
            raise
    return subprocess.CompletedProcess(words, process.returncode, out, err)


# ---------------------------------------------------------------- names


def test_an_unknown_function_is_answered_with_the_nearest_name() -> None:
    assert refusal(rude.sigmoid, as_="gleu") == (
        "unknown function 'gleu': did you mean glu or gelu or reglu?"
    )
    assert refusal(rude.sigmoid, as_="qqqq") == (
        "unknown function 'qqqq': see `ulpian list functions`"
    )


def test_an_unknown_backend_or_module_is_answered_with_the_backends() -> None:
    assert refusal("pytroch").startswith(f"unknown target 'pytroch': {KNOWN}")
    assert refusal("") == f"unknown target '': {KNOWN} that can be imported here"
    assert refusal("no.such.module") == "cannot import 'no.such.module': no module named 'no'"


def test_what_cannot_be_a_target_is_named() -> None:
    ways = "pass a backend's name, a module, a mapping of callables, or a callable with as_="
    assert refusal(3) == f"cannot judge a int: {ways}"
    assert refusal(None) == f"cannot judge a NoneType: {ways}"
    assert refusal([rude.sigmoid]) == f"cannot judge a list: {ways}"


def test_a_callable_without_a_name_of_the_book_is_asked_which_function_it_is() -> None:
    for nameless in (lambda x: x, rude.listed, np.vectorize(abs)):
        assert "as_=" in refusal(nameless)


@pytest.mark.parametrize("mapping", [{}, {"frobnicate": rude.sigmoid}, {"gelu": 3}])
def test_a_mapping_without_a_function_of_the_book_is_refused(mapping: dict[str, Any]) -> None:
    assert refusal(mapping) == (
        "'mapping' has no callable with the name of a function of the book; "
        "see `ulpian list functions`"
    )


def test_an_unknown_array_library_is_refused() -> None:
    assert judged(rude.sigmoid, arrays="numpy", select=("value.range",)).ok
    assert refusal(rude.sigmoid, as_="sigmoid", arrays="cupy") == (
        "unknown array library 'cupy': choose one of numpy, torch, jax"
    )


def test_what_a_single_callable_claims_to_be_is_not_ignored_for_a_module() -> None:
    assert "gleu" in refusal("textbook", as_="gleu", select=("relu:value.range",))


# ---------------------------------------------------------------- modules


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        (
            "tests.bad.raises",
            "cannot import 'tests.bad.raises': it raised RuntimeError: no licence found",
        ),
        ("tests.bad.needs", "cannot import 'tests.bad.needs': it needs 'no_such_library'"),
        (
            "tests.bad.unknown",
            "'tests.bad.unknown' has no callable with the name of a function of the book; "
            "see `ulpian list functions`",
        ),
        ("tests.bad.rude:missing", "module 'tests.bad.rude' has no 'missing'"),
        (
            "tests.bad.rude:raises",
            "unknown function 'raises': see `ulpian list functions`",
        ),
    ],
)
def test_a_bad_module_is_one_sentence_and_exit_code_2(
    capsys: pytest.CaptureFixture[str], name: str, sentence: str
) -> None:
    assert refused_by_name(name, formats=FLOAT32) == sentence
    assert run_cli(capsys, "check", name) == (2, "", f"ulpian: {sentence}\n")


def test_a_module_that_leaves_the_interpreter_is_no_success(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code, out, err = run_cli(capsys, "check", "tests.bad.exits")
    assert (code, out) == (2, "")
    assert "SystemExit" in err


def test_what_cannot_be_called_is_not_judged(capsys: pytest.CaptureFixture[str]) -> None:
    assert set(resolve("tests.bad.number").functions) == {"identity"}
    code, out, err = run_cli(capsys, "check", "tests.bad.number:gelu", "--format", "float32")
    assert (code, out) == (2, "")
    assert "gelu" in err


def test_what_a_module_prints_does_not_spoil_the_report(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "tests.bad.prints", raising=False)
    code, out, _ = run_cli(
        capsys, "check", "tests.bad.prints", "--format", "float32", "--output-format", "json"
    )
    assert (code, json.loads(out)["target"]) == (0, "tests.bad.prints")


def test_a_module_and_its_name_and_a_mapping_give_the_same_verdicts() -> None:
    options: dict[str, Any] = {"formats": FLOAT32, "select": ("sigmoid:*",)}
    found = [
        check(rude, **options),
        check("tests.bad.rude", **options),
        check({"sigmoid": rude.sigmoid, "sigmoid_vjp": rude.sigmoid_vjp}, **options),
        check("tests.bad.rude:sigmoid", **options),
        check(rude.sigmoid, vjp=rude.sigmoid_vjp, **options),
    ]
    first, *others = [[(v.id, v.status, v.level, v.points) for v in r.verdicts] for r in found]
    assert any("grad." in id for id, *_ in first)
    assert all(other == first for other in others)


# ---------------------------------------------------------------- what is not installed


def without(monkeypatch: pytest.MonkeyPatch, library: str) -> None:
    """As on a machine where the library is not installed: importing it raises ImportError."""
    for name in [n for n in sys.modules if n.split(".")[0] == library]:
        monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.setitem(sys.modules, library, None)
    for name in BACKENDS:
        monkeypatch.delitem(sys.modules, f"ulpian.checks.backends.{name}", raising=False)


@pytest.mark.parametrize("name", ["torch", "jax", "scipy"])
def test_a_backend_that_is_not_installed_names_its_extra(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    without(monkeypatch, name)
    code, out, err = run_cli(capsys, "check", name)
    assert (code, out) == (2, "")
    assert err.startswith(f"ulpian: backend {name!r} needs {name}")
    assert err.endswith(f", which cannot be imported here: pip install 'ulpian[{name}]'\n")


def test_a_function_whose_library_is_missing_is_no_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    without(monkeypatch, "scipy")
    report = check("textbook", select=("gelu:value.accuracy", "relu:value.range"), formats=FLOAT32)
    assert report.findings == ()
    assert {v.status for v in report.verdicts if v.function == "gelu"} <= {"unsupported"}


# ---------------------------------------------------------------- the same again


def again(report: Report) -> str:
    (finding,) = report.findings
    return reproduce(finding, report)


def test_a_callable_is_judged_again_by_the_line_that_the_report_gives() -> None:
    """The command line cannot name what was passed, and may know another thing of that name."""
    select = ("grad.cotangent",)
    line = again(judged(rude.sigmoid, vjp=rude.summed_vjp, select=select, require="sound"))
    assert line == (
        "from ulpian.checks import check; from ulpian.checks.reports import as_text; "
        "from tests.bad.rude import sigmoid; from tests.bad.rude import summed_vjp; "
        "print(as_text(check(sigmoid, as_='sigmoid', vjp=summed_vjp, formats='float32', "
        "select='sigmoid:grad.cotangent', require='sound')))"
    )
    done = subprocess.run([sys.executable, "-c", line], capture_output=True, text=True, cwd=ROOT)
    assert "sigmoid · grad.cotangent · float32 · sigmoid" in done.stdout, done.stderr


def test_a_definition_of_ones_own_is_imported_from_beside_the_callable(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    own = find("sigmoid").replace(name="my_sigmoid", identities={})
    monkeypatch.setattr(rude, "own", own, raising=False)
    line = again(judged(rude.doubled, as_=own, select=("structure.format",)))
    assert "from tests.bad.rude import doubled; from tests.bad.rude import own; " in line
    assert "check(doubled, as_=own, formats='float32', select='my_sigmoid:" in line


@pytest.mark.parametrize(
    ("target", "given"),
    [
        (lambda x: x, "<lambda>, as_='sigmoid'"),
        (functools.partial(rude.doubled), "<partial>, as_='sigmoid'"),
        ({"sigmoid": rude.doubled}, "<the same mapping>"),
    ],
)
def test_what_has_no_name_to_be_imported_by_is_not_given_one(target: Any, given: str) -> None:
    as_ = None if isinstance(target, dict) else "sigmoid"
    select = ("structure.format",) if as_ is None else ("value.accuracy", "structure.format")
    report = check(target, as_=as_, formats=FLOAT32, select=select)
    assert reproduce(report.findings[0], report).startswith(f"check({given}, formats='float32', ")
    assert "# what stands in <> has no name" in reproduce(report.findings[0], report)


def test_what_the_command_line_finds_by_name_is_judged_again_by_a_command() -> None:
    for target in (rude, "tests.bad.rude:sigmoid"):
        report = check(target, formats=FLOAT32, select=("sigmoid:value.range",), require="exact")
        assert report.call is None


# ---------------------------------------------------------------- requests


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (
            {"formats": ("float8",)},
            "unknown format 'float8': choose from float8_e4m3fn, float8_e5m2, float16, "
            "bfloat16, float32, float64",
        ),
        (
            {"require": "perfect"},
            "unknown level 'perfect': choose one of exact, faithful, accurate, sound, unsound",
        ),
        (
            {"select": ("nothing.*",)},
            "nothing selected in 'sigmoid' by nothing.*: patterns match function names, property "
            "names or function:property; see `ulpian list properties`",
        ),
        (
            {"select": ("gelu:value.accuracy",)},
            "nothing selected in 'sigmoid' by gelu:value.accuracy: patterns match function names, "
            "property names or function:property; see `ulpian list properties`",
        ),
    ],
)
def test_a_bad_request_is_refused(options: dict[str, Any], sentence: str) -> None:
    assert refusal(rude.sigmoid, as_="sigmoid", **options) == sentence


def test_one_name_where_several_may_stand_is_not_read_letter_by_letter() -> None:
    """`formats="float32"` and `select="value.*"` work, or are refused for what they are."""
    for options in ({"formats": "float32"}, {"select": "value.range"}):
        answer = attempted(check, rude.sigmoid, as_="sigmoid", **options)
        if isinstance(answer, Report):
            assert answer.judged
        else:
            assert next(iter(options.values())) in answer


def test_a_pattern_that_only_part_of_a_request_meets_still_selects() -> None:
    report = check("textbook", select=("relu", "value.range"), formats=FLOAT32)
    assert [v.id for v in report.verdicts] == ["relu-value.range-float32"]
    report = check("textbook", select=("relu:value.range", "sigmoid:value.*"), formats=FLOAT32)
    assert {v.function for v in report.verdicts} == {"relu", "sigmoid"}
    assert [v.property for v in report.verdicts if v.function == "relu"] == ["value.range"]


def test_a_parameter_outside_its_domain_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ValueError, match=r"^elu: alpha = -1 lies outside its domain"):
        oracle.parameters(find("elu"), {"alpha": -1})
    with pytest.raises(ValueError, match=r"^elu: unknown parameter 'slope'; it has alpha$"):
        oracle.parameters(find("elu"), {"slope": 1})
    with pytest.raises(ValueError, match=r"^relu: unknown parameter 'alpha'; it has none$"):
        oracle.parameters(find("relu"), {"alpha": 1})
    code, out, err = run_cli(capsys, "eval", "elu", "1", "-p", "alpha=-1")
    assert (code, out) == (2, "")
    assert err.startswith("ulpian: elu: alpha = -1 lies outside its domain")


# ---------------------------------------------------------------- --at


def at(target: str, select: str, place: str) -> Report:
    return check_target(target, select=(select,), formats=FLOAT32, at=place)


@pytest.mark.parametrize(
    ("select", "place", "sentence"),
    [
        ("sigmoid", "1,2", "--at gives 2 numbers; sigmoid takes 1: x"),
        ("mse", "1", "--at gives 1 numbers; mse takes 2: prediction, target"),
        ("sigmoid", "five", "--at 'five' is not a number: write -5.5 or -0x1.6p+2"),
        ("sigmoid", "1_0", "--at '1_0' is not a number: write -5.5 or -0x1.6p+2"),
        ("bce", "1e400,0", "--at: prediction = inf lies outside its domain Interval(0, 1) in bce"),
        ("*", "1", "--at needs one function: select it, for example --select gelu"),
    ],
)
def test_a_bad_place_is_refused(select: str, place: str, sentence: str) -> None:
    options: dict[str, Any] = {"formats": FLOAT32, "at": place}
    assert refused_by_name("reference", select=(select,), **options) == sentence


def test_an_empty_place_is_refused_and_not_taken_for_everywhere() -> None:
    assert "--at" in refused_by_name("reference", select=("sigmoid",), formats=FLOAT32, at="")


def test_a_place_outside_the_domain_is_refused() -> None:
    sentence = refused_by_name("reference", select=("bce",), formats=FLOAT32, at="2,0")
    assert "prediction" in sentence
    assert "outside its domain" in sentence


def test_nan_at_a_place_must_give_nan() -> None:
    assert at("reference", "sigmoid:value.accuracy", "nan").ok
    report = check_target("tests.bad.rude:truncated", as_="sigmoid", formats=FLOAT32, at="nan")
    found = verdict(report, "value.accuracy")
    assert (found.status, found.level) == ("fail", "unsound")


def test_a_place_is_judged_alone_and_may_be_hexadecimal() -> None:
    for place in ("-5.5", "-0x1.6p+2"):
        found = verdict(at("textbook", "gelu:value.accuracy", place), "value.accuracy")
        assert (found.status, found.points) == ("fail", 1)
        assert found.witness is not None
        assert found.witness.inputs == {"x": -5.5}


def test_a_place_is_read_exactly_and_rounded_once() -> None:
    """Just above the middle between two float32, by less than float64 can tell."""
    options: dict[str, Any] = {"as_": "sigmoid", "formats": FLOAT32}
    report = check_target(
        "tests.bad.rude:truncated", at="1.0000000596046447753906250000001", **options
    )
    witness = verdict(report, "value.accuracy").witness
    assert witness is not None
    assert witness.inputs == {"x": 1 + 2.0**-23}


def test_a_row_is_a_place_of_a_function_along_an_axis() -> None:
    """Right code is not accused for how the place was written: a row is judged, or refused."""
    answer = attempted(at, "reference", "softmax:value.accuracy", "1,2,3")
    if isinstance(answer, Report):
        assert answer.ok
        assert verdict(answer, "value.accuracy").points == 3
    else:
        assert "--at" in answer


# ---------------------------------------------------------------- code that misbehaves


@pytest.mark.parametrize(
    ("forward", "message"),
    [
        (rude.raises, "forward raised ValueError: a bad day"),
        (rude.leaves, "forward raised SystemExit: 0"),
        (rude.nothing, "returned a NoneType, not an array of numpy; return an array"),
        (rude.listed, "returned a list, not an array of numpy; return an array"),
        (rude.words, "returned dtype <U3, not float32"),
        (rude.complex_numbers, "returned dtype complex64, not float32"),
        (rude.of_three, "returned shape (3,) where (2935,) was due"),
        (rude.summed, "returned shape () where (3,) was due"),
    ],
    ids=lambda part: getattr(part, "__name__", ""),
)
def test_no_answer_is_a_finding_that_says_what_came_instead(
    forward: Callable[..., Any], message: str
) -> None:
    report = judged(forward)
    found = verdict(report, "value.accuracy")
    assert (found.status, found.level) == ("fail", "unsound")
    assert (report.ok, report.level) == (False, "unsound")
    told = [v.status for v in report.verdicts if v.property.split(".")[0] in ("value", "identity")]
    assert set(told) <= {"fail", "unsupported", "undecided"}
    if "shape" not in message:  # how large the call was that showed it may change
        assert found.message == message
    else:
        assert found.message.startswith(message.split(" where ")[0])


@pytest.mark.parametrize(
    ("forward", "property_", "message", "level"),
    [
        (
            rude.doubled,
            "structure.format",
            "returned dtype float64 for inputs of float32",
            Level.SOUND,
        ),
        (
            rude.truncated,
            "structure.format",
            "returned dtype int32 for inputs of float32",
            Level.UNSOUND,
        ),
        (
            rude.changes,
            "structure.purity",
            "changes its input: argument 0 is not the same after the call",
            Level.UNSOUND,
        ),
        (
            rude.prints,
            "structure.purity",
            "prints to standard output: ['hello']",
            Level.SOUND,
        ),
    ],
    ids=lambda part: getattr(part, "__name__", ""),
)
def test_what_code_does_besides_is_found(
    capsys: pytest.CaptureFixture[str],
    forward: Callable[..., Any],
    property_: str,
    message: str,
    level: Level,
) -> None:
    found = verdict(judged(forward), property_)
    assert (found.status, found.level, found.message) == ("fail", level, message)
    assert capsys.readouterr().out == ""  # what the code prints stays out of the report


@pytest.mark.parametrize("forward", [rude.sleeps, rude.sleeps_in_a_try])
def test_code_that_takes_forever_is_a_finding_within_seconds(forward: Any) -> None:
    start = time.perf_counter()
    report = check(forward, as_="sigmoid", limit=0.5)
    assert time.perf_counter() - start < 5
    found = [v for v in report.verdicts if v.property == "value.accuracy"]
    assert [v.format for v in found] == ["float16", "bfloat16", "float32", "float64"]
    assert {v.message for v in found} == {
        "forward: no result within 0.5 s; raise the limit if it is just slow"
    }
    assert not any(v.status == "pass" for v in report.verdicts)


def test_code_that_takes_two_arguments_for_one_is_a_finding() -> None:
    found = verdict(judged(rude.two_arguments), "value.accuracy")
    assert found.message.startswith("forward raised TypeError: two_arguments() missing 1 required")


@pytest.mark.parametrize(
    ("vjp", "message"),
    [
        (rude.empty_vjp, "the vjp returned an empty tuple; give one gradient per input"),
        (rude.raising_vjp, "vjp raised ZeroDivisionError: no gradient today"),
        (rude.summed_vjp, "returned shape ()"),
    ],
    ids=lambda part: getattr(part, "__name__", ""),
)
def test_a_vjp_that_gives_no_gradient_is_a_finding(vjp: Any, message: str) -> None:
    report = judged(rude.sigmoid, vjp=vjp)
    found = verdict(report, "grad.accuracy")
    assert (found.status, found.level) == ("fail", "unsound")
    assert found.message.startswith(message)
    assert verdict(report, "value.accuracy").status == "pass"


def test_without_a_gradient_nothing_is_said_of_it_and_nothing_passes() -> None:
    report = judged(rude.sigmoid)
    assert report.ok
    found = [v for v in report.verdicts if v.property.startswith("grad.")]
    assert {v.status for v in found} == {"unsupported"}
    assert {v.level for v in found} == {None}


@pytest.mark.parametrize("jobs", [1, 3])
def test_code_that_cannot_be_interrupted_loses_its_process_and_no_other(
    monkeypatch: pytest.MonkeyPatch, jobs: int
) -> None:
    monkeypatch.setattr(workers, "GRACE", 0.5)
    report = check_target(
        "tests.bad.hangs", formats=FLOAT32, select=("value.accuracy",), limit=0.5, jobs=jobs
    )
    hung = {v.function: v for v in report.findings}
    assert set(hung) == {"relu", "sigmoid"}
    assert {v.message for v in hung.values()} == {
        "forward: no result within 0.5 s, nor when it was interrupted; its process was ended"
    }
    assert [v.status for v in report.verdicts if v.function == "identity"] == ["pass"]


def test_a_call_that_returns_late_by_itself_is_waited_for() -> None:
    report = check_target(
        "tests.bad.rude:sleeps", as_="sigmoid", formats=FLOAT32, select=("value.range",), limit=0.5
    )
    assert "no result within 0.5 s" in verdict(report, "value.range").message


# ---------------------------------------------------------------- code that ends its process


def test_code_that_ends_its_process_is_a_finding_and_no_success() -> None:
    done = shell("check", "tests.bad.dies", "--select", "relu:value.range", "--format", "float32")
    assert done.returncode == 1, done.stdout + done.stderr


@pytest.mark.parametrize("name", ["tests.bad.dies", "tests.bad.crashes"])
def test_code_that_ends_its_process_takes_only_its_own_verdicts_along(name: str) -> None:
    words = ("--select", "value.*", "--format", "float32", "--jobs", "2")
    try:
        done = shell("check", name, *words, "--output-format", "json", timeout=30)
    except subprocess.TimeoutExpired:
        pytest.fail("the run never ends")
    assert done.returncode == 1, done.stdout + done.stderr
    verdicts = json.loads(done.stdout)["verdicts"]
    assert {v["status"] for v in verdicts if v["function"] == "relu"} == {"fail"}
    assert {v["status"] for v in verdicts if v["function"] == "identity"} == {"pass"}
