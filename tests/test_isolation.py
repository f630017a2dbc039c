"""Code that crashes, hangs, writes or changes what is not its own loses its own case, no other."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest

from ulpian.checks import Report, Status, UsageError, Verdict, check
from ulpian.checks.judging import guilty
from ulpian.checks.numerals import seconds, seconds_in_words
from ulpian.checks.processes import blackbox, workers
from ulpian.checks.processes.blackbox import Box, Noted, noted
from ulpian.checks.runs.run import check_target
from ulpian.reference.level import Level
from ulpian.spec import find

from .bad import faulty

ROOT = Path(__file__).resolve().parent.parent
FLOAT32 = ("float32",)

LETHAL = {
    "segfaults": "forward: its process ended with signal SIGSEGV",
    "exits": "forward: its process ended with exit code 0",
    "swallows_everything": "forward: no result within 2 s, nor when it was interrupted; "
    "its process was ended",
    "takes_all_memory": "forward: its process took more than 0.25 GiB of memory, and was ended; "
    "raise --memory if it needs them",
    "writes_without_end": "forward: its process wrote more than 256 MiB to its standard streams in "
    "one call, and was ended",
    "loops": "forward: no result within 2 s; raise the limit if it is just slow",
}
RAISING = {
    "leaves": "forward raised SystemExit: 3",
    "raises_keyboard_interrupt": "forward raised KeyboardInterrupt",
    "raises_generator_exit": "forward raised GeneratorExit: GeneratorExit",
    "raises_a_huge_message": f"forward raised ValueError: {'x' * 300} ...",
    "raises_without_words": "forward raised _MuteError: (what it says cannot be read)",
    "recurses": "forward raised RecursionError: maximum recursion depth exceeded",
    "returns_no_array": "returned a _NoArray, not an array of numpy; return an array",
    "returns_something_unreadable": "forward raised ValueError: cannot be read",
}
IMPURE = {
    "prints": "prints to standard output: ['hello']",
    "prints_past_python": "prints to standard output: ['past Python']",
    "puts": "prints to standard output: ['from C']",
    "echoes": "prints to standard output: ['from a subprocess']",
    "closes_stdout": "closes standard output",
    "seeds_numpy": "changes the state of NumPy's random generator",
    "draws_from_numpy": "changes the state of NumPy's random generator",
    "seeds_python": "changes the state of Python's random generator",
    "sets_the_error_state": "changes how NumPy treats floating-point errors",
    "filters_warnings": "changes the filters of warnings",
    "sets_the_environment": "changes the environment variables",
    "changes_the_folder": "changes the current folder",
    "changes_the_locale": "changes the locale",
    "takes_the_signals": "changes the handlers of signals",
    "allows_deep_recursion": "changes the recursion limit",
}
TRAITS = {
    "complains": ("writes to standard error",),
    "leaves_threads": ("leaves threads running",),
    "harmless": (),
}


@pytest.fixture(scope="module")
def run() -> Iterator[tuple[Report, list[str]]]:
    """One run over all the faults, and the order in which its verdicts came."""
    came: list[str] = []
    names = (*LETHAL, *RAISING, *IMPURE, *TRAITS)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(workers, "GRACE", 0.5)
        yield (
            check_target(
                "tests.bad.faulty",
                formats=FLOAT32,
                select=(*names, "value.accuracy", "structure.purity"),
                limit=2.0,
                memory=0.25,
                jobs=2,
                listen=lambda verdict: came.append(verdict.id),
            ),
            came,
        )


def of(report: Report, name: str, property_: str) -> Verdict:
    (found,) = [v for v in report.verdicts if (v.function, v.property) == (name, property_)]
    return found


@pytest.mark.parametrize(("name", "message"), LETHAL.items())
def test_what_cannot_go_on_loses_its_own_case_and_the_guilty_input_is_found(
    run: tuple[Report, list[str]], name: str, message: str
) -> None:
    found = of(run[0], name, "value.accuracy")
    assert (found.status, found.level) == (Status.FAIL, Level.UNSOUND)
    assert found.message == message
    assert found.witness is not None
    assert found.witness.inputs == {"x": faulty.GUILTY}
    assert found.witness.bits == {"x": "0x40c00000"}


@pytest.mark.parametrize("name", ["segfaults", "exits"])
def test_after_a_lost_process_the_rest_of_the_function_is_judged(
    run: tuple[Report, list[str]], name: str
) -> None:
    assert of(run[0], name, "structure.purity").status is Status.PASS


@pytest.mark.parametrize("name", ["swallows_everything", "takes_all_memory", "writes_without_end"])
def test_what_would_take_as_long_again_is_not_tried_again(
    run: tuple[Report, list[str]], name: str
) -> None:
    found = of(run[0], name, "structure.purity")
    assert found.status is Status.FAIL
    assert found.message.startswith("not tried again: ")


@pytest.mark.parametrize(("name", "message"), RAISING.items())
def test_whatever_is_raised_is_told_in_one_sentence(
    run: tuple[Report, list[str]], name: str, message: str
) -> None:
    found = of(run[0], name, "value.accuracy")
    assert (found.status, found.message) == (Status.FAIL, message)


@pytest.mark.parametrize(("name", "message"), IMPURE.items())
def test_what_is_written_or_changed_is_named_and_harms_no_other_property(
    run: tuple[Report, list[str]], name: str, message: str
) -> None:
    found = of(run[0], name, "structure.purity")
    assert (found.status, found.level, found.message) == (Status.FAIL, Level.SOUND, message)
    assert of(run[0], name, "value.accuracy").status is Status.PASS


@pytest.mark.parametrize(("name", "traits"), TRAITS.items())
def test_what_harms_nobody_is_a_trait(
    run: tuple[Report, list[str]], name: str, traits: tuple[str, ...]
) -> None:
    found = of(run[0], name, "structure.purity")
    assert (found.status, found.traits) == (Status.PASS, traits)


def test_each_verdict_is_heard_when_it_comes_and_stands_in_the_order_of_functions(
    run: tuple[Report, list[str]],
) -> None:
    report, came = run
    assert sorted(came) == sorted(v.id for v in report.verdicts)
    order = [report.functions.index(v.function) for v in report.verdicts]
    assert order == sorted(order)
    assert report.complete
    assert not report.missing


# ---------------------------------------------------------------- gradients, rows, whole arrays


def test_a_gradient_a_row_and_a_whole_array_can_be_guilty() -> None:
    report = check_target(
        "tests.bad.crashes_in_parts", formats=FLOAT32, select=("value.accuracy", "grad.accuracy")
    )
    found = {(v.function, v.property): v for v in report.findings}
    assert set(found) == {
        ("relu", "grad.accuracy"),
        ("softmax", "value.accuracy"),
        ("tanh", "value.accuracy"),
    }
    gradient = found["relu", "grad.accuracy"]
    assert gradient.message == "vjp: its process ended with exit code 3"
    assert gradient.witness is not None
    assert gradient.witness.inputs == {"x": 6.0, "cotangent": 1.0}
    row = found["softmax", "value.accuracy"]
    assert row.message == "forward: its process ended with exit code 3"
    assert row.witness is not None
    assert max(next(iter(row.witness.inputs.values()))) > 2
    whole = found["tanh", "value.accuracy"]
    assert whole.witness is None
    assert whole.message.startswith("forward of arrays of float32 (")
    assert whole.message.endswith(
        ",): its process ended with exit code 3; no part of it does that alone"
    )
    assert next(v.status for v in report.verdicts if v.function == "relu") == "pass"


# ---------------------------------------------------------------- PyTorch's settings, in process

PYTORCH = {
    "sets_the_default_dtype": "changes PyTorch's default dtype from torch.float32 to torch.float64",
    "stops_recording": "changes whether PyTorch records gradients from True to False",
    "seeds_torch": "changes the state of PyTorch's random generator",
    "flushes_subnormals": "changes how the processor treats subnormal numbers",
    "insists_on_determinism": "changes whether PyTorch insists on deterministic algorithms from "
    "False to True",
}


@pytest.mark.parametrize(("name", "message"), PYTORCH.items())
def test_a_setting_of_pytorch_that_changes_is_named_and_put_back(name: str, message: str) -> None:
    torch = pytest.importorskip("torch")
    from .bad import faulty_torch

    before = [read() for read in _settings(torch)]
    report = check(getattr(faulty_torch, name), formats=FLOAT32, select=("structure.purity",))
    (found,) = report.verdicts
    assert message in found.message.split("; ")
    assert (found.status, found.level) == (Status.FAIL, Level.SOUND)
    assert [read() for read in _settings(torch)] == before


def _settings(torch: Any) -> list[Any]:
    return [
        torch.get_default_dtype,
        torch.is_grad_enabled,
        torch.get_num_threads,
        lambda: torch.get_rng_state().tolist(),
        lambda: np.nextafter(0, 1) * 1.0 > 0,
        torch.are_deterministic_algorithms_enabled,
    ]


def test_the_number_of_threads_is_named_and_put_back() -> None:
    torch = pytest.importorskip("torch")
    from .bad import faulty_torch

    before = torch.get_num_threads()
    report = check(faulty_torch.sets_the_threads, formats=FLOAT32, select=("structure.purity",))
    assert report.verdicts[0].message == (
        f"changes PyTorch's number of threads from {before} to {before + 1}"
    )
    assert torch.get_num_threads() == before


def test_code_that_changes_nothing_is_not_accused() -> None:
    pytest.importorskip("torch")
    from .bad import faulty_torch

    assert check(faulty_torch.harmless, formats=FLOAT32, select=("structure.purity",)).ok


# ---------------------------------------------------------------- the black box


def test_a_box_keeps_the_call_that_is_being_made() -> None:
    box = Box()
    call = Noted(
        "gelu",
        "gradient",
        [np.arange(6, dtype=np.float32).reshape(2, 3), np.array(2.5)],
        {"alpha": 0.5, "reduction": "none"},
        np.ones(2, dtype=np.float16),
        ((0,), ("alpha",)),
    )
    assert noted(box.raw()) is None
    box.begin(call)
    again = noted(box.raw())
    assert again is not None
    assert (again.function, again.what, again.keywords, again.wrt) == (
        call.function,
        call.what,
        call.keywords,
        call.wrt,
    )
    for kept, given in zip(
        [*again.arrays, again.cotangent], [*call.arrays, call.cotangent], strict=True
    ):
        assert (kept.dtype, kept.shape, kept.tobytes()) == (
            given.dtype,
            given.shape,
            given.tobytes(),
        )
    assert box.calling
    box.end()
    assert not box.calling
    box.close()


def test_a_call_that_is_too_large_or_cannot_be_kept_is_known_by_its_kind() -> None:
    box = Box()
    for argument in (np.zeros(blackbox.SIZE + 1, dtype=np.uint8), object()):
        box.begin(Noted("gelu", "forward", [argument]))
        again = noted(box.raw())
        assert again is not None
        assert (again.function, again.what, again.arrays) == ("gelu", "forward", [])
    box.close()


def test_each_part_of_a_call_has_the_shape_of_the_call() -> None:
    x = np.arange(6.0).reshape(2, 3)
    pair = Noted("mse", "gradient", [x, np.array(9.0)], {}, np.ones((2, 3)))
    mse = find("mse")
    assert guilty.parts(mse, pair) == 6
    fifth = guilty.part(mse, pair, 4)
    assert [a.tolist() for a in fifth.arrays] == [[[4.0]], 9.0]
    assert fifth.cotangent.tolist() == [[1.0]]
    rows = Noted("softmax", "vjp", [x], {}, np.ones((2, 3)))
    softmax = find("softmax")
    assert guilty.parts(softmax, rows) == 2
    assert guilty.part(softmax, rows, 1).arrays[0].tolist() == [[3.0, 4.0, 5.0]]
    turned = Noted("softmax", "forward", [x], {"axis": 0})
    assert guilty.parts(softmax, turned) == 3
    assert guilty.part(softmax, turned, 1).arrays[0].tolist() == [[1.0], [4.0]]
    assert guilty.parts(softmax, Noted("softmax", "forward", [x[0]])) == 1


def test_an_input_that_was_found_guilty_is_known_again() -> None:
    relu = find("relu")
    x = np.array([[1.0, -0.0], [np.nan, 6.0]], dtype=np.float32)
    alone = guilty.part(relu, Noted("relu", "forward", [x]), 3)
    other = Noted("relu", "forward", [np.array([0.0, 5.0, 6.0], dtype=np.float32)])
    assert guilty.held(relu, other, alone) == 2
    assert guilty.held(relu, Noted("relu", "vjp", other.arrays), alone) is None
    assert guilty.held(relu, Noted("relu", "forward", [x[:1]]), alone) is None
    assert guilty.held(relu, Noted("relu", "forward", [x.astype(np.float64)]), alone) is None
    for place in (1, 2):  # the sign of zero counts, and a NaN is itself
        alone = guilty.part(relu, Noted("relu", "forward", [x]), place)
        assert guilty.held(relu, Noted("relu", "forward", [x]), alone) == place
        assert guilty.held(relu, other, alone) is None


def test_arrays_that_do_not_belong_together_have_no_parts() -> None:
    call = Noted("mse", "forward", [np.zeros(2), np.zeros(3)])
    assert guilty.parts(find("mse"), call) == 0


# ---------------------------------------------------------------- times and interruptions


@pytest.mark.parametrize(
    ("text", "value"),
    [("90", 90), ("90s", 90), ("20m", 1200), ("1h30m", 5400), ("0.5s", 0.5), ("1.5h", 5400)],
)
def test_a_time_is_read_as_people_write_it(text: str, value: float) -> None:
    assert seconds(text) == value
    assert seconds(seconds_in_words(value)) == value


@pytest.mark.parametrize("text", ["", "soon", "5 minutes", "m", "1.2.3s", "-5s", "1s2m", "nan"])
def test_what_is_no_time_is_not_taken_for_one(text: str) -> None:
    assert not seconds(text)


@pytest.mark.parametrize("text", ["soon", "0", "-1s", "0s"])
def test_a_time_that_is_none_is_refused(text: str) -> None:
    done = command("check", "textbook", f"--timeout={text}")
    out, err = done.communicate(timeout=60)
    assert (done.returncode, out) == (2, "")
    assert err == f"ulpian: --timeout {text!r} is not a time: write 90s, 20m or 1h30m\n"


def command(*words: str, **options: Any) -> subprocess.Popen[str]:
    """The command line, in a process and a group of its own."""
    path = os.pathsep.join([str(ROOT), *filter(None, map(os.path.abspath, sys.path))])
    return subprocess.Popen(
        [sys.executable, "-m", "ulpian.checks", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": path},
        start_new_session=True,
        **options,
    )


def test_when_the_time_is_over_what_was_found_is_reported() -> None:
    done = command("check", "tests.bad.waits", "--format", "float32", "--timeout", "8s")
    out, err = done.communicate(timeout=60)
    assert done.returncode == 2, out + err
    assert "exit 2: incomplete: the time of 8s was over, and not judged, or not wholly:" in out


def begun(process: psutil.Process, mark: Path) -> Any:
    """The workers, once one of them is in a call of the code under test."""
    end = time.monotonic() + 60
    while not mark.exists():
        assert time.monotonic() < end
        time.sleep(0.05)
    return process.children(recursive=True)


@pytest.fixture
def waiting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A run whose workers are in a call that takes an hour, and cannot be interrupted."""
    mark = tmp_path / "begun"
    monkeypatch.setenv("ULPIAN_TEST_MARK", str(mark))
    words = ("--format", "float32", "--limit", "3600", "--output-format", "json")
    process = command("check", "tests.bad.waits", *words)
    try:
        yield process, begun(psutil.Process(process.pid), mark)
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_ends_its_workers_and_reports_what_it_has(
    waiting: Any, number: signal.Signals
) -> None:
    process, others = waiting
    start = time.monotonic()
    process.send_signal(number)
    out, _ = process.communicate(timeout=30)
    assert time.monotonic() - start < 10  # it has to print, on a busy machine
    assert process.returncode == 130
    report = json.loads(out)
    assert (report["complete"], report["stopped"]) == (False, "interrupted")
    assert "relu" in report["missing"]
    assert _gone(others)


def test_a_killed_run_leaves_no_worker_behind(waiting: Any) -> None:
    process, others = waiting
    assert others
    process.kill()
    process.communicate(timeout=30)
    assert _gone(others)


def _gone(others: list[psutil.Process]) -> bool:
    _, alive = psutil.wait_procs(others, timeout=5)
    return not alive


# ---------------------------------------------------------------- before anything is judged


def test_a_function_that_hangs_does_not_keep_the_others_from_telling_their_arrays() -> None:
    pytest.importorskip("torch")
    report = check_target(
        "tests.bad.crashes_first", formats=FLOAT32, select=("value.special",), limit=1.0
    )
    assert report.arrays == "torch"
    assert {v.function: v.status for v in report.verdicts} == {"relu": "fail", "identity": "pass"}


def test_a_target_whose_import_ends_the_process_is_refused() -> None:
    with pytest.raises(UsageError) as refused:
        check_target("tests.bad.dies_in_workers", formats=FLOAT32)
    assert str(refused.value) == (
        "cannot judge 'tests.bad.dies_in_workers': a process that imports it does not get ready; "
        "its process ended with exit code 7"
    )
