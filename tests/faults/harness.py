"""Faults of the harness itself, and of who runs it: errors, signals, limits."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, NoReturn

import psutil

from ulpian.checks import Status, UsageError, check
from ulpian.checks.properties import catalogue
from ulpian.checks.reports import events
from ulpian.checks.runs import steps
from ulpian.checks.runs.run import check_target

from .fault import FLOAT32, Fault, Kept, changed, one_line, ulpian

ROOT = Path(__file__).resolve().parent.parent.parent


def _property_raises(_: Path) -> Kept:
    def fail(case: Any) -> NoReturn:
        raise RuntimeError("a bug of ours")

    broken = dict(catalogue())
    broken["value.range"] = replace(broken["value.range"], judge=fail)
    with changed(steps, "catalogue", lambda: MappingProxyType(broken)):
        report = check("textbook", select=("sigmoid:value.*",), formats=("float32",))
    wrong = [v for v in report.verdicts if v.status is Status.ERROR]
    assert [v.property for v in wrong] == ["value.range"]
    assert not report.ok
    return Kept(f"{len(report.verdicts) - 1} verdicts of the other properties", wrong[0].message)


def _import_dies(_: Path) -> Kept:
    try:
        check_target("tests.bad.dies_in_workers", formats=("float32",))
    except UsageError as refused:
        return Kept("exit code 2, never a pass", str(refused))
    raise AssertionError("not refused")


def _probe_dies(_: Path) -> Kept:
    report = check_target(
        "tests.bad.crashes_first", formats=("float32",), select=("value.special",)
    )
    found = {v.function: v for v in report.verdicts}
    assert report.arrays == "torch"
    assert found["identity"].status is Status.PASS
    return Kept("the verdicts on the other functions", found["relu"].message)


def _waiting(folder: Path, *words: str) -> tuple[subprocess.Popen[str], list[psutil.Process]]:
    """A run, and its workers once one of them is in a call that takes an hour."""
    mark = folder / "begun"
    path = os.pathsep.join([str(ROOT), *filter(None, map(os.path.abspath, sys.path))])
    command = [sys.executable, "-m", "ulpian.checks", "check", "tests.bad.waits", *FLOAT32]
    process = subprocess.Popen(
        [*command, "--limit", "3600", "--jobs", "2", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": path, "ULPIAN_TEST_MARK": str(mark)},
        start_new_session=True,
    )
    end = time.monotonic() + 120
    while not mark.exists():
        assert time.monotonic() < end
        assert process.poll() is None
        time.sleep(0.05)
    return process, psutil.Process(process.pid).children(recursive=True)


def _stopped(number: signal.Signals, folder: Path) -> Kept:
    process, others = _waiting(folder, "--output-format", "json")
    process.send_signal(number)
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 130
    report = json.loads(out)
    assert not report["complete"]
    assert not psutil.wait_procs(others, timeout=5)[1]
    missing = ", ".join(report["missing"])
    return Kept(
        f"{len(report['verdicts'])} verdicts so far; no worker left",
        f"incomplete: {report['stopped']}; not wholly judged: {missing} (exit 130)",
    )


def _interrupted(folder: Path) -> Kept:
    return _stopped(signal.SIGINT, folder)


def _terminated(folder: Path) -> Kept:
    return _stopped(signal.SIGTERM, folder)


def _twice(folder: Path) -> Kept:
    process, others = _waiting(folder)
    process.send_signal(signal.SIGINT)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode in (-signal.SIGINT, 130)
    assert not psutil.wait_procs(others, timeout=5)[1]
    return Kept("no worker left", "(ended at once)")


def _killed(folder: Path) -> Kept:
    place = folder / "stream.jsonl"
    process, others = _waiting(folder, "--report", f"jsonl={place}")
    end = time.monotonic() + 60
    while '"verdict"' not in place.read_text():
        assert time.monotonic() < end
        time.sleep(0.05)
    process.kill()
    process.communicate(timeout=60)
    assert not psutil.wait_procs(others, timeout=5)[1]
    (report,) = events.parsed(place.read_text())
    assert report.verdicts
    assert not report.complete
    count = len(report.verdicts)
    return Kept(f"{count} verdicts in the stream of events; no worker left", "(none: it is dead)")


def _time_is_over(_: Path) -> Kept:
    said = ulpian("check", "tests.bad.waits", *FLOAT32, "--select", "relu", "--timeout", "5s")
    assert said.code == 2
    return Kept("the report on what was judged", said.out.strip().splitlines()[-1])


def _time_is_none(_: Path) -> Kept:
    said = ulpian("check", "textbook", "--timeout", "soon")
    assert said.code == 2
    return Kept("nothing was begun", one_line(said.err))


ROWS = (
    Fault("harness", "a property of Ulpian's own raises", _property_raises),
    Fault("harness", "the import ends each worker", _import_dies, quick=False),
    Fault("harness", "the first call, which tells the arrays, crashes", _probe_dies, quick=False),
    Fault("harness", "Ctrl-C in the middle of a call", _interrupted, quick=False),
    Fault("harness", "SIGTERM in the middle of a call", _terminated, quick=False),
    Fault("harness", "Ctrl-C twice", _twice, quick=False),
    Fault("harness", "SIGKILL of the run", _killed, quick=False),
    Fault("harness", "the time of the whole run is over", _time_is_over, quick=False),
    Fault("harness", "a time that is none", _time_is_none),
)
