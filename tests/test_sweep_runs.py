"""A run of sweeps: the same bytes by whatever engine, however often it was killed; nothing lost."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ulpian.checks.sweeps import engines
from ulpian.checks.sweeps import plan as planning
from ulpian.checks.sweeps import result as results
from ulpian.checks.sweeps.engines import Answers, Cluster, Local
from ulpian.checks.sweeps.plan import Plan, Request, plan
from ulpian.checks.sweeps.store import Store, described
from ulpian.checks.sweeps.summary import Place, Summary
from ulpian.checks.sweeps.sweep import Run, sweep
from ulpian.checks.sweeps.tasks import Ask, Refusal, Task, Trial, answer
from ulpian.checks.targets.target import Target
from ulpian.checks.usage import UsageError

ROOT = Path(__file__).parent.parent
SIZE = 1 << 12  # floats of a shard here
GELU = Request(  # 33 shards of each
    "reference:gelu",
    quantities=("value", "gradient"),
    low=Fraction(1),
    high=Fraction(1) + Fraction(2) ** -6,
)
LITTLE = replace(GELU, high=Fraction(1) + Fraction(2) ** -8)
KILLS = 20


class Here:
    """An engine in this process: what the others are compared with."""

    def described(self, target: Target, asked: tuple[str, str, str]) -> Mapping[str, str]:
        return described(target, asked[2])

    def answers(self, tasks: deque[Task]) -> Answers:
        while tasks:
            task = tasks.popleft()
            yield task, answer(task)


@pytest.fixture(autouse=True)
def small_shards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planning, "SIZE", SIZE)


def kept_in(folder: Path) -> Callable[[Plan, Mapping[str, str]], Store]:
    return lambda planned, environment: Store(folder, planned.target, environment)


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of `whole`'s finished shards."""
    return tmp_path_factory.mktemp("finished")


@pytest.fixture(scope="module")
def whole(finished: Path) -> str:
    """What an undisturbed run in this process comes to."""
    patch = pytest.MonkeyPatch()
    patch.setattr(planning, "SIZE", SIZE)
    run = sweep(GELU, Here(), store=kept_in(finished))
    patch.undo()
    assert run.complete
    assert all(r.complete and r.worst and r.summary.inputs == r.count for r in run.results)
    return results.text(run.results)


# ---------------------------------------------------------------- engines


@pytest.mark.parametrize("jobs", [1, 2, 3])
def test_the_number_of_processes_changes_no_byte(jobs: int, whole: str) -> None:
    assert results.text(sweep(GELU, Local(jobs)).results) == whole


def test_a_dask_cluster_gives_the_same_bytes_when_a_worker_is_killed(whole: str) -> None:
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None
    ) as cluster:
        victims = [w.pid for w in cluster.workers.values()]

        def kill_half_way(done: int, total: int, _: str) -> None:
            if victims and done >= total // 2:
                os.kill(victims.pop(), signal.SIGKILL)
                victims.clear()

        run = sweep(GELU, Cluster(cluster.scheduler_address), progress=kill_half_way)
    assert not victims
    assert results.text(run.results) == whole


def test_a_scheduler_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("distributed")
    monkeypatch.setattr(engines, "PATIENCE", 0.5)
    with pytest.raises(
        UsageError, match=r"^--scheduler tcp://127\.0\.0\.1:9: no scheduler answers"
    ):
        sweep(GELU, Cluster("tcp://127.0.0.1:9"))


def test_a_scheduler_without_workers_is_told() -> None:
    distributed = pytest.importorskip("distributed")
    with (
        distributed.LocalCluster(n_workers=0, dashboard_address=None) as cluster,
        pytest.raises(UsageError, match="it has no workers; start some with `dask worker tcp://"),
    ):
        sweep(GELU, Cluster(cluster.scheduler_address))


def test_without_distributed_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(UsageError, match=r"pip install 'ulpian\[distributed\]'"):
        sweep(GELU, Cluster("tcp://127.0.0.1:9"))


# ---------------------------------------------------------------- killed and resumed


def test_a_run_killed_at_random_moments_is_resumed_to_the_same_bytes(
    tmp_path: Path, whole: str
) -> None:
    rng = np.random.default_rng(6)
    start = time.perf_counter()
    sweep(GELU, Here())
    alone = time.perf_counter() - start
    sizes = [0]
    longest = alone / 4
    for _ in range(KILLS):
        child = os.fork()
        if not child:
            _work_and_exit(tmp_path)
        time.sleep(rng.uniform(0, longest))
        if sizes[-1] == 0:  # a child takes longer than this process, until one shard is done
            longest += alone / 4
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        sizes.append(len(list(tmp_path.glob("*.json"))))
    run = sweep(GELU, Here(), store=kept_in(tmp_path), resume=True)
    assert sizes == sorted(sizes), "a shard that was finished is done again"
    assert sizes[-1] > 0
    assert run.judged < sum(r.count for r in run.results)
    assert results.text(run.results) == whole


def _work_and_exit(folder: Path) -> None:
    """In a child: a run that is killed, or ends by itself."""
    try:
        sweep(GELU, Here(), store=kept_in(folder), resume=True)
    finally:
        os._exit(0)


def test_the_command_killed_with_its_workers_is_resumed_to_the_same_file(tmp_path: Path) -> None:
    shards, file = tmp_path / "shards", tmp_path / "result.json"
    part = ("reference:gelu", "--from", "1", "--to", "1.015625", "--jobs", "2")
    given = (*part, "--shards", str(shards), "--resume")
    out = ("--output-format", "json", "--output", str(file))
    for due in (3, 9):
        with _command(*given, delay="0.1") as killed:
            _wait_for(shards, due)
            killed.kill()
    assert len(list(shards.glob("*.json"))) < 33
    for arguments in (given, part):
        with _command(*arguments, *out) as whole:
            assert whole.wait(timeout=120) == 0
        file.rename(tmp_path / f"{len(arguments)}.json")
    assert (tmp_path / f"{len(given)}.json").read_bytes() == (
        tmp_path / f"{len(part)}.json"
    ).read_bytes()


def test_ctrl_c_keeps_what_is_done_and_says_so(tmp_path: Path) -> None:
    shards, file = tmp_path / "shards", tmp_path / "result.json"
    out = ("--shards", str(shards), "--output-format", "json", "--output", str(file))
    with _command("reference:gelu", "--from", "1", "--to", "1.015625", *out, delay="0.1") as run:
        _wait_for(shards, 3)
        run.send_signal(signal.SIGINT)
        assert run.wait(timeout=60) == 130
    (document,) = json.loads(file.read_text())["results"]
    found = results.from_json(document)
    assert not found.complete
    assert 3 * SIZE <= found.summary.inputs < found.count


def _wait_for(shards: Path, count: int) -> None:
    end = time.monotonic() + 60
    while len(list(shards.glob("*.json"))) < count:
        assert time.monotonic() < end
        time.sleep(0.01)


def _command(*arguments: str, delay: str = "0") -> subprocess.Popen[str]:
    """The command line with small shards, with a pause after each."""
    code = (
        "import sys, time\n"
        "from ulpian.checks import cli\n"
        "from ulpian.checks.sweeps import plan, store\n"
        f"plan.SIZE = {SIZE}\n"
        "keep = store.Store.keep\n"
        f"store.Store.keep = lambda *given: (keep(*given), time.sleep({delay}))\n"
        "cli.main(sys.argv[1:])\n"
    )
    command = [sys.executable, "-c", code, "sweep", *arguments]
    return subprocess.Popen(command, cwd=ROOT, text=True)


@pytest.mark.parametrize("harm", ["torn", "altered", "empty", "no JSON"])
def test_a_damaged_shard_is_noticed_and_done_again(
    harm: str, tmp_path: Path, whole: str, finished: Path
) -> None:
    shutil.copytree(finished, tmp_path, dirs_exist_ok=True)
    files = sorted(tmp_path.glob("*.json"))
    text = files[7].read_text()
    damaged = {
        "torn": text[: len(text) // 2],
        "altered": text.replace('"inputs": 4096', '"inputs": 4095'),
        "empty": "",
        "no JSON": "nothing\nof this",
    }
    assert damaged[harm] != text
    files[7].write_text(damaged[harm])
    run = sweep(GELU, Here(), store=kept_in(tmp_path), resume=True)
    assert run.judged == SIZE
    assert results.text(run.results) == whole


def test_without_resume_everything_is_measured_anew(tmp_path: Path) -> None:
    for resume, judged in ((False, True), (False, True), (True, False)):
        run = sweep(LITTLE, Here(), store=kept_in(tmp_path), resume=resume)
        assert bool(run.judged) is judged


def test_a_shard_is_known_by_all_that_it_depends_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    planned = plan(GELU)
    shard, other = (s.shards[0] for s in planned.sweeps)
    store = Store(tmp_path, planned.target, {"torch": "1"})
    keys = {store.key(shard), store.key(other), store.key(replace(shard, count=8192))}
    keys.add(store.key(replace(shard, setting={"a": Fraction(1, 3)})))
    keys.add(store.key(replace(shard, passed=("a",))))
    keys.add(Store(tmp_path, planned.target, {"torch": "2"}).key(shard))
    kernels = tmp_path / "kernels_of_ones_own.py"
    monkeypatch.syspath_prepend(str(tmp_path))
    for text in ("A = 1\n", "A = 2\n"):
        kernels.write_text(text)
        __import__("kernels_of_ones_own")
        keys.add(Store(tmp_path, planned.target, {"torch": "1"}).key(shard))
    assert len(keys) == 8
    del sys.modules["kernels_of_ones_own"]
    assert store.key(shard) in keys


def test_a_full_disk_ends_no_run(tmp_path: Path, whole: str) -> None:
    gone = tmp_path / "gone"
    run = sweep(GELU, Here(), store=kept_in(gone))
    assert results.text(run.results) == whole
    assert len(run.remarks) == 1
    assert "nothing more is kept, and --resume cannot go on" in run.remarks[0]


# ---------------------------------------------------------------- code that fails


def test_a_crash_loses_its_shard_only_and_is_named() -> None:
    request = Request("tests.bad.faulty", select=("segfaults",), low=Fraction(4), high=Fraction(8))
    run = _with_shards(1 << 20, request)
    (result,) = run.results
    assert result.failures == (
        "1048576 inputs from 0x40c00000 on: its process ended with signal SIGSEGV",
    )
    assert run.lost
    assert not result.complete
    assert not result.proved
    assert result.summary.inputs == result.count - (1 << 20)


def test_a_process_that_is_killed_once_is_replaced(tmp_path: Path) -> None:
    """The one that is killed by the system loses nothing: its shard is tried again."""
    mark = tmp_path / "mark"
    (tmp_path / "kernels_that_die_once.py").write_text(
        "import os, signal, pathlib, numpy as np\n"
        "ARRAYS = 'numpy'\n"
        "def relu(x):\n"
        f"    mark = pathlib.Path({str(mark)!r})\n"
        "    if np.any(x == 6) and not mark.exists():\n"
        "        mark.touch()\n"
        "        os.kill(os.getpid(), signal.SIGKILL)\n"
        "    return np.maximum(x, 0)\n"
    )
    patch = pytest.MonkeyPatch()
    patch.chdir(tmp_path)
    patch.setenv("PYTHONPATH", str(tmp_path), prepend=os.pathsep)
    patch.syspath_prepend(str(tmp_path))
    try:
        request = Request("kernels_that_die_once:relu", low=Fraction(5), high=Fraction(7))
        run = _with_shards(1 << 20, request)
    finally:
        patch.undo()
    assert mark.exists()
    (result,) = run.results
    assert result.complete
    assert not result.failures


def _with_shards(size: int, request: Request) -> Run:
    patch = pytest.MonkeyPatch()
    patch.setattr(planning, "SIZE", size)
    try:
        return sweep(request, Local(1))
    finally:
        patch.undo()


def test_code_that_raises_is_a_finding_and_code_that_has_no_gradient_is_none() -> None:
    raising = Request("tests.bad.faulty", select=("raises_a_huge_message",), low=Fraction(5))
    run = sweep(replace(raising, high=Fraction(7)), Here())
    assert run.lost
    assert "raises ValueError" in run.results[0].failures[0]
    no_gradient = Request("scipy", select=("tanh",), quantities=("gradient",))
    with pytest.raises(UsageError, match="tanh has no gradient here: name one beside it, tanh_vjp"):
        sweep(no_gradient, Here())


class Stopping(Here):
    """An engine that is interrupted after some answers."""

    def __init__(self, after: int) -> None:
        self.after = after

    def answers(self, tasks: deque[Task]) -> Answers:
        for count, given in enumerate(super().answers(tasks)):
            if count == self.after:
                raise KeyboardInterrupt
            yield given


def test_an_interruption_leaves_what_there_is_marked_incomplete(tmp_path: Path, whole: str) -> None:
    run = sweep(GELU, Stopping(40), store=kept_in(tmp_path))
    first, second = run.results
    assert not run.complete
    assert first.complete
    assert first.worst
    assert not second.complete
    assert not second.proved
    assert not second.worst
    assert 0 < second.summary.inputs < second.count
    again = sweep(GELU, Here(), store=kept_in(tmp_path), resume=True)
    assert results.text(again.results) == whole


def test_what_is_found_in_a_shard_depends_on_nothing_before_it() -> None:
    """A wide shard in which many spans are told by bits alone, made and forgotten one by one."""
    shard = replace(
        plan(Request("reference:relu")).sweeps[0].whole, first=0x10000000, count=1 << 25
    )
    first = answer(shard)
    keep = [answer(replace(shard, first=0x20000000)), bytearray(1000)]
    assert answer(shard) == first
    assert isinstance(first, Summary)
    assert sorted(first.binades) == [0x20, 0x21, 0x22, 0x23]
    assert keep


# ---------------------------------------------------------------- what is asked of workers


@pytest.mark.parametrize(
    ("target", "rounded"),
    [("tests.test_sweep_runs:as_given", False), ("tests.test_sweep_runs:as_rounded", True)],
)
def test_the_reading_of_a_parameter_is_found_by_trying(target: str, rounded: bool) -> None:
    request = Request(target, as_="leaky_relu", low=Fraction(-2), high=Fraction(-1))
    (one,) = plan(request).sweeps
    assert one.rounded is not None
    assert answer(Trial(one.whole, one.rounded)) is rounded
    (result,) = sweep(replace(request, high=Fraction(-2)), Here()).results
    assert result.reading == results.READINGS[rounded]
    assert result.setting == {
        "negative_slope": str(Fraction(np.float32(0.01).item())) if rounded else "1/100"
    }
    assert str(result.level) == "exact"


def as_given(x: Any) -> Any:
    return np.where(x > 0, x, x.astype(np.float64) * 0.01).astype(np.float32)


def as_rounded(x: Any) -> Any:
    return np.where(x > 0, x, x * np.float32(0.01))


def test_the_worst_error_is_asked_again_and_a_wrong_one_is_told() -> None:
    (one, _) = plan(GELU).sweeps
    bits = 0x3F800123
    said = answer(Ask(one.whole, {"normal": Place(77.0, bits)}))
    assert isinstance(said, Refusal)
    assert re.match(
        r"an error of Ulpian's own.*gelu \(value\) at 0x1\.000246.*found an error of 77",
        said.sentence,
    )


def test_figures_of_a_result_are_those_of_the_oracle(whole: str) -> None:
    from ulpian.reference.error import least_error
    from ulpian.reference.formats import FORMATS
    from ulpian.reference.local.quantity import Quantity
    from ulpian.spec import find

    fmt = FORMATS["float32"]
    for document in json.loads(whole)["results"]:
        result = results.from_json(document)
        worst = result.worst["normal"]
        x = float.fromhex(worst.x)
        truth = Quantity(find("gelu"), result.quantity).truth(np.array([x]), fmt)
        seen = np.array([float.fromhex(worst.observed)])
        assert fmt.bits_of(x) == worst.bits
        assert truth.nearest[0] == float.fromhex(worst.truth)
        assert least_error(seen, truth, fmt)[0][0] == pytest.approx(worst.error, rel=1e-5)
        assert result.summary.worst is not None
        assert result.summary.worst.error == pytest.approx(worst.error, rel=1e-4)


# ---------------------------------------------------------------- results


def test_a_result_comes_back_from_its_document(whole: str) -> None:
    found = [results.from_json(d) for d in json.loads(whole)["results"]]
    assert results.text(found) == whole


def test_a_result_of_another_version_is_refused(whole: str) -> None:
    document = json.loads(whole)["results"][0]
    with pytest.raises(ValueError, match="a result of version 0, not 1: sweep again"):
        results.from_json({**document, "version": 0})
    del document["summary"]
    with pytest.raises(ValueError, match="a result that is not whole: 'summary'"):
        results.from_json(document)


def test_proved_is_said_only_of_every_float_judged_with_a_proof(whole: str) -> None:
    part = results.from_json(json.loads(whole)["results"][0])
    count = 1 << 32
    summary = replace(part.summary, inputs=count)
    every = replace(part, first=0, count=count, summary=summary)
    assert every.proved
    assert not part.proved
    assert not replace(every, method="hunt").proved
    assert not replace(every, complete=False).proved
    assert not replace(every, failures=("a part: crashed",)).proved
    assert not replace(every, summary=replace(summary, unproven=1)).proved
    assert not replace(every, summary=replace(summary, inputs=count - 1)).proved
    assert replace(every, summary=replace(summary, inputs=count - 5, outside=5)).proved
