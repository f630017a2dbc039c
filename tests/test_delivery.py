"""Where reports go: several in one run, refused before the work, whole after it, kept when cut."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree import ElementTree

import pytest

from ulpian.checks import cli
from ulpian.checks.reports import events
from ulpian.checks.reports.stored import stored
from ulpian.checks.reports.written import FORMS, written
from ulpian.checks.runs import run as runner
from ulpian.checks.usage import UsageError
from ulpian.checks.verdict import Report, Status, Verdict
from ulpian.reference.level import Level


class Said(NamedTuple):
    code: int
    out: str
    err: str


Command = Callable[..., Said]

PASS = Verdict("gelu", "value.accuracy", "float32", Status.PASS, Level.EXACT, 0.5, points=10)
FAIL = Verdict("tanh", "grad.kink", "float32", Status.FAIL, Level.SOUND, 99.0, points=10)


def a_report(target: str = "torch", **fields: Any) -> Report:
    plain = Report(target, Level.ACCURATE, (PASS, FAIL), functions=("gelu", "tanh"), seconds=1.0)
    return replace(plain, **fields)


@pytest.fixture
def ulpian(capsys: pytest.CaptureFixture[str]) -> Command:
    """Run a command line in this process."""

    def run(*arguments: str) -> Said:
        with pytest.raises(SystemExit) as stopped:
            cli.main(arguments)
        out, err = capsys.readouterr()
        code = stopped.value.code
        assert isinstance(code, int)
        return Said(code, out, err)

    return run


@pytest.fixture
def court(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, Any]:
    """Prepared ends of runs by target; each tells its beginning and its verdicts first."""
    ends: dict[str, Any] = {}

    def check_target(target: str, **options: Any) -> Report:
        report = a_report(target)
        end = ends.get(target, report)
        if isinstance(end, UsageError):
            raise end
        options["begun"](replace(report, verdicts=(), complete=False))
        for verdict in reversed(report.verdicts):  # as they arrive
            options["listen"](verdict)
        if isinstance(end, BaseException):
            raise end
        assert isinstance(end, Report)
        return end

    monkeypatch.setattr(runner, "check_target", check_target)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)
    return ends


def read(file: str) -> str:
    return Path(file).read_text(encoding="utf-8")


# ---------------------------------------------------------------- several in one run


@pytest.mark.usefixtures("court")
def test_one_run_writes_every_form(ulpian: Command) -> None:
    wanted = [word for form in FORMS for word in ("--report", f"{form}={form}.out")]
    said = ulpian("check", "torch", *wanted)
    assert (said.code, said.err) == (1, "")
    assert said.out == written("concise", [a_report()])  # stdout was free
    for form in FORMS:
        assert read(f"{form}.out") == written(form, [a_report()]), form
    assert sorted(os.listdir()) == sorted(f"{form}.out" for form in FORMS)


@pytest.mark.usefixtures("court")
def test_a_form_alone_goes_to_stdout_and_the_short_way_means_the_same(ulpian: Command) -> None:
    for form in FORMS:
        if form != "jsonl":
            assert ulpian("check", "torch", "--report", form).out == written(form, [a_report()])
            short = ulpian("check", "torch", "--output-format", form)
            assert short.out == written(form, [a_report()])
    said = ulpian("check", "torch", "--output-format", "junit", "--output", "a.xml")
    assert (said.out, read("a.xml")) == ("", written("junit", [a_report()]))


@pytest.mark.usefixtures("court")
def test_the_stream_on_stdout_has_the_verdicts_as_they_arrive(ulpian: Command) -> None:
    said = ulpian("check", "torch", "--report", "jsonl")
    arrived = [json.loads(line).get("function") for line in said.out.splitlines()]
    assert arrived == [None, "tanh", "gelu", None]
    assert stored(said.out) == (a_report(),)


@pytest.mark.usefixtures("court")
def test_several_targets_share_a_file(ulpian: Command) -> None:
    forms = ("json", "jsonl", "junit", "sarif", "markdown")
    wanted = [word for form in forms for word in ("--report", f"{form}={form}.out")]
    assert ulpian("check", "torch", "jax", *wanted).code == 1
    both = [a_report("torch"), a_report("jax")]
    for form in forms:
        assert read(f"{form}.out") == written(form, both)
    assert [r.target for r in stored(read("jsonl.out"))] == ["torch", "jax"]
    assert len(json.loads(read("sarif.out"))["runs"]) == 2


def test_a_target_that_cannot_be_judged_leaves_the_reports_of_the_others(
    ulpian: Command, court: dict[str, Any]
) -> None:
    court["jax"] = UsageError("backend 'jax' needs jax")
    said = ulpian("check", "jax", "torch", "--report", "jsonl=a.jsonl")
    assert (said.code, said.err) == (2, "ulpian: backend 'jax' needs jax\n")
    assert stored(read("a.jsonl")) == (a_report("torch"),)


@pytest.mark.usefixtures("court")
def test_github_gets_the_whole_report_in_the_summary_of_the_step(
    ulpian: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))
    (tmp_path / "summary.md").write_text("before\n")
    assert ulpian("check", "torch", "--report", "github").out.startswith("::error ")
    assert read("summary.md") == "before\n" + written("markdown", [a_report()])


def test_what_an_encoding_lacks_is_escaped() -> None:
    code = "from ulpian.checks.console import put; put('a \\xb7 b \\ud800')"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.stdout, done.stderr) == ("a \\xb7 b \\ud800\n", "")


# ---------------------------------------------------------------- refused before the work


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (
            ("--report", "tea=x"),
            "--report: unknown form 'tea': choose from concise, text, json, jsonl, junit, sarif, "
            "github, markdown, badge, badge-svg",
        ),
        (
            ("--output-format", "tea"),
            "--output-format: unknown form 'tea': choose from concise, text, json, jsonl, junit, "
            "sarif, github, markdown, badge, badge-svg",
        ),
        (
            ("--report", "json="),
            "--report json=: name a file after the =, or leave out the = for stdout",
        ),
        (
            ("--report", "json", "--report", "text"),
            "json and text would both go to stdout: name a file for one, for example "
            "--report json=FILE",
        ),
        (
            ("--report", "json", "--output-format", "text"),
            "json and text would both go to stdout: name a file for one, for example "
            "--report json=FILE",
        ),
        (
            ("--report", "json=a", "--report", "text=./a"),
            "json and text would both go to './a'",
        ),
        (
            ("--report", "junit=no/such/place.xml"),
            "--report junit 'no/such/place.xml': there is no folder 'no/such'; make it first",
        ),
        (
            ("--specs", "--report", "junit=a.xml"),
            "--specs has no --report junit=a.xml: ask for --output-format text or json",
        ),
        (
            ("--specs", "--output-format", "sarif"),
            "--specs has no --output-format sarif: ask for --output-format text or json",
        ),
        (("--report", "junit=."), "--report junit '.' is a folder; name a file"),
        (("--output", "."), "--output '.' is a folder; name a file"),
    ],
)
def test_places_that_cannot_be_are_refused_before_the_work(
    ulpian: Command, court: dict[str, Any], words: tuple[str, ...], sentence: str
) -> None:
    court["torch"] = AssertionError("the work began")
    assert ulpian("check", "torch", *words) == (2, "", f"ulpian: {sentence}\n")
    assert os.listdir() == []


# ---------------------------------------------------------------- disks that fail


@pytest.mark.usefixtures("court")
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_costs_its_own_report_and_no_other(ulpian: Command) -> None:
    said = ulpian("check", "torch", "--report", "junit=/dev/full", "--report", "json=a.json")
    assert said.code == 2
    assert said.err == (
        "ulpian: --report junit: cannot write '/dev/full': No space left on device\n"
    )
    assert stored(read("a.json")) == (a_report(),)


@pytest.mark.usefixtures("court")
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_stream_that_cannot_be_written_does_not_end_the_run(ulpian: Command) -> None:
    said = ulpian("check", "torch", "--report", "jsonl=/dev/full", "--report", "json=a.json")
    assert said.code == 2
    assert said.err.startswith(
        "ulpian: --report jsonl: cannot write '/dev/full': No space left on device\n"
    )
    assert stored(read("a.json")) == (a_report(),)


# ---------------------------------------------------------------- cut short


@pytest.mark.parametrize("cut", [KeyboardInterrupt(), RuntimeError("a bug")])
def test_whatever_cuts_a_run_short_all_forms_are_written_and_marked(
    ulpian: Command, court: dict[str, Any], cut: BaseException
) -> None:
    court["jax"] = cut
    forms = ("json", "jsonl", "junit", "sarif", "markdown", "github")
    wanted = [word for form in forms for word in ("--report", f"{form}={form}.out")]
    said = ulpian("check", "torch", "jax", *wanted)
    assert said.code == (130 if isinstance(cut, KeyboardInterrupt) else 2)
    assert "incomplete: interrupted" in said.out
    for form in ("json", "jsonl"):
        whole, partial = stored(read(f"{form}.out"))
        assert (whole.complete, partial.complete) == (True, False)
        assert partial.verdicts == (PASS, FAIL)
    ElementTree.fromstring(read("junit.out"))
    assert "incomplete" in read("junit.out")
    assert "incomplete" in read("markdown.out")
    assert "incomplete" in read("github.out")
    runs = json.loads(read("sarif.out"))["runs"]
    assert [run["invocations"][0]["executionSuccessful"] for run in runs] == [True, False]


SLOW = """\
import os, time
ARRAYS = "numpy"
def relu(x):
    return x.clip(0)
def tanh(x):
    open("reached", "w").close()
    time.sleep(600)
"""


@contextmanager
def _begun(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """A run that has judged `relu` and waits for `tanh`, with its workers in a group of its own."""
    (folder / "kernels.py").write_text(SLOW)
    words = ("kernels", "--select", "relu,tanh", "--format", "float32", "--profile", "smoke")
    command = [sys.executable, "-m", "ulpian.checks", "check", *words, "--jobs", "1"]
    command += ["--limit", "600", "--report", "jsonl=a.jsonl", "--report", "json=a.json"]
    with (folder / "out").open("w") as out:
        run = subprocess.Popen(
            command, cwd=folder, stdout=out, stderr=out, text=True, start_new_session=True
        )
    try:
        end = time.monotonic() + 120
        while not (folder / "reached").exists():
            assert run.poll() is None, (folder / "out").read_text()
            assert time.monotonic() < end
            time.sleep(0.05)
        yield run
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(run.pid, signal.SIGKILL)
        run.wait(60)


def test_a_run_that_is_killed_leaves_the_stream_of_what_it_had(tmp_path: Path) -> None:
    with _begun(tmp_path) as run:
        run.kill()
        run.wait(60)
    (report,) = stored((tmp_path / "a.jsonl").read_text())
    assert not report.complete
    assert report.functions == ("relu", "tanh")
    assert {v.function for v in report.verdicts} == {"relu"}
    assert not (tmp_path / "a.json").exists()


def test_a_run_that_is_interrupted_writes_what_it_has(tmp_path: Path) -> None:
    with _begun(tmp_path) as run:
        run.send_signal(signal.SIGINT)
        assert run.wait(60) == 130
    assert "exit 130: incomplete" in (tmp_path / "out").read_text()
    (report,) = stored((tmp_path / "a.json").read_text())
    assert stored((tmp_path / "a.jsonl").read_text()) == (report,)
    assert not report.complete
    assert {v.function for v in report.verdicts} == {"relu"}
    assert all(v.status is Status.PASS for v in report.verdicts if v.points)


# ---------------------------------------------------------------- ulpian report


@pytest.mark.usefixtures("court")
def test_a_stored_stream_becomes_every_other_form_later(ulpian: Command) -> None:
    assert ulpian("check", "torch", "--report", "jsonl=a.jsonl").code == 1
    for form in FORMS:
        said = ulpian("report", "a.jsonl", "--report", form)
        assert said == (0, written(form, [a_report()]), "")
    assert ulpian("report", "a.jsonl").out == written("concise", [a_report()])
    ulpian("check", "jax", "--report", "json=b.json")
    ulpian("report", "a.jsonl", "b.json", "--report", "sarif=c.sarif")
    assert read("c.sarif") == written("sarif", [a_report("torch"), a_report("jax")])


@pytest.mark.usefixtures("court")
def test_a_stream_that_was_cut_is_reported_as_incomplete(ulpian: Command) -> None:
    ulpian("check", "torch", "--report", "jsonl=a.jsonl")
    Path("a.jsonl").write_text(read("a.jsonl")[:-30])
    assert "incomplete: interrupted" in ulpian("report", "a.jsonl").out


@pytest.mark.usefixtures("court")
@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (None, "cannot read 'a.jsonl': No such file or directory"),
        ("", "'a.jsonl' is no report of Ulpian: there is no report in it: it is empty"),
        ("tea", "'a.jsonl' is no report of Ulpian: line 1 is no event of Ulpian: 'tea'"),
        (b"\xff\xfe", "'a.jsonl' is no report of Ulpian: it is not UTF-8"),
    ],
)
def test_a_file_that_is_no_report_is_refused(
    ulpian: Command, text: str | bytes | None, sentence: str
) -> None:
    if text is not None:
        Path("a.jsonl").write_bytes(text.encode() if isinstance(text, str) else text)
    assert ulpian("report", "a.jsonl") == (2, "", f"ulpian: {sentence}\n")


# ---------------------------------------------------------------- the same each time


def test_ten_runs_of_one_target_give_the_same_reports_but_for_the_seconds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    options: dict[str, Any] = {"select": ("relu",), "formats": ("float32",), "profile": "smoke"}
    found = []
    for _ in range(10):
        report = runner.check_target("textbook", **options)
        still = tuple(replace(v, seconds=0.0) for v in report.verdicts)
        found.append(replace(report, verdicts=still, seconds=0.0))
    for form in FORMS:
        assert len({written(form, [report]) for report in found}) == 1, form
    assert len(events.as_json_lines(found[:1])) > 1000
