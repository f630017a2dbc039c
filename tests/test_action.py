"""The GitHub action and the pre-commit hooks, tried by running their steps here."""

from __future__ import annotations

import json
import os
import re
import shlex
import stat
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import click
import pytest
import yaml

from ulpian.checks import cli
from ulpian.checks.reports.stored import stored

ROOT = Path(__file__).parent.parent
ACTION = yaml.safe_load(
    (ROOT / ".github" / "actions" / "ulpian" / "action.yml").read_text(encoding="utf-8")
)
HOOKS = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
STEPS = {step["name"]: step for step in ACTION["runs"]["steps"]}

KERNELS = """\
import numpy as np

ARRAYS = "numpy"


def relu(x):
    return np.maximum(x, 0)


def tanh(x):
    return x - x  # wrong almost everywhere
"""
PROJECT = """\
[tool.ulpian]
targets = ["kernels"]
formats = ["float32"]
profile = "smoke"
"""


class Job(NamedTuple):
    """What a job left: its exit code, its log, the summary of its steps, its outputs."""

    code: int
    log: str
    summary: str
    outputs: Mapping[str, str]
    folder: Path


class Runner:
    """Runs the steps of the action as GitHub's runner does, those that use other actions left out.

    A step is a script for `bash -eo pipefail`; expressions stand in `env` only, and are looked up
    in the inputs and in the outputs of earlier steps.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in ("temp", "bin"):
            (folder / name).mkdir()
        self._script("ulpian", f'exec {shlex.quote(sys.executable)} -m ulpian.checks "$@"')
        self._script("python", 'echo "python $*"')  # pip would go to the network

    def _script(self, name: str, line: str) -> None:
        file = self.folder / "bin" / name
        file.write_text(f"#!/bin/sh\n{line}\n")
        file.chmod(file.stat().st_mode | stat.S_IXUSR)

    def run(self, **inputs: str) -> Job:
        given = {name: item["default"] for name, item in ACTION["inputs"].items()} | {
            name.replace("_", "-"): value for name, value in inputs.items()
        }
        outputs: dict[str, str] = {}
        log, code = "", 0
        for step in ACTION["runs"]["steps"]:
            if "run" not in step or not _wanted(step, given):
                continue
            code, said = self._step(step, given, outputs)
            log += said
            if code:
                break
        summary = self.folder / "temp" / "summary"
        text = summary.read_text(encoding="utf-8") if summary.exists() else ""
        return Job(code, log, text, outputs, self.folder)

    def _step(
        self, step: Mapping[str, Any], inputs: Mapping[str, str], outputs: dict[str, str]
    ) -> tuple[int, str]:
        output = self.folder / "temp" / "output"
        output.write_text("")
        environment = {
            **os.environ,
            "PATH": f"{self.folder / 'bin'}{os.pathsep}{os.environ['PATH']}",
            "RUNNER_TEMP": str(self.folder / "temp"),
            "GITHUB_OUTPUT": str(output),
            "GITHUB_STEP_SUMMARY": str(self.folder / "temp" / "summary"),
            "GITHUB_ACTION_PATH": str(ROOT / ".github" / "actions" / "ulpian"),
            **{name: _value(text, inputs, outputs) for name, text in step["env"].items()},
        }
        command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]]
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=300,
        )
        pairs = (line.partition("=") for line in output.read_text().splitlines())
        outputs.update({name: value for name, _, value in pairs})
        return done.returncode, done.stdout


def _wanted(step: Mapping[str, Any], inputs: Mapping[str, str]) -> bool:
    """The conditions that the action uses: an input is, or is not, a text."""
    if "if" not in step:
        return True
    found = re.fullmatch(r"inputs\.([\w-]+) (==|!=) '(.*)'", step["if"])
    assert found, step["if"]
    return (inputs[found[1]] == found[3]) is (found[2] == "==")


def _value(text: str, inputs: Mapping[str, str], outputs: Mapping[str, str]) -> str:
    found = re.fullmatch(r"\$\{\{ (?:inputs|steps\.judge\.outputs)\.([\w-]+) \}\}", text)
    assert found, text
    return (inputs if "inputs." in text else outputs)[found[1]]


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    (tmp_path / "kernels.py").write_text(KERNELS)
    (tmp_path / "pyproject.toml").write_text(PROJECT)
    return Runner(tmp_path)


def test_findings_fail_the_job_and_are_annotated_summed_up_and_uploaded(runner: Runner) -> None:
    job = runner.run(sarif="true")
    assert (job.code, job.outputs["exit-code"]) == (1, "1")
    assert "::error file=kernels.py,line=10,title=tanh · " in job.log
    assert "exit 1: " in job.log  # the concise report, for whoever reads the log
    assert job.summary.startswith("### Ulpian: kernels, accurate required\n")
    assert len(json.loads(Path(job.outputs["sarif"]).read_text(encoding="utf-8"))["runs"]) == 1
    (report,) = stored(Path(job.outputs["report"]).read_text(encoding="utf-8"))
    assert report.functions == ("relu", "tanh")


def test_a_job_without_findings_passes_and_its_inputs_are_heard(runner: Runner) -> None:
    job = runner.run(targets="kernels", select="relu", require="sound", profile="smoke")
    assert job.code == 0, job.log
    (report,) = stored(Path(job.outputs["report"]).read_text(encoding="utf-8"))
    assert (report.functions, str(report.required)) == (("relu",), "sound")
    assert "python -m pip install " in job.log
    assert "::error" not in job.log


def test_a_run_without_a_verdict_fails_the_job_with_its_sentence(runner: Runner) -> None:
    job = runner.run(targets="no_such_module", install="ulpian[torch] .")
    assert job.code == 2
    assert "unknown target 'no_such_module'" in job.log
    assert "sarif" not in job.outputs  # nothing to upload
    assert "python -m pip install ulpian[torch] .\n" in job.log


def test_an_input_is_never_a_piece_of_a_script(runner: Runner) -> None:
    job = runner.run(select="relu'; touch broken; echo \"$(touch broken)")
    assert job.code == 2
    assert "nothing selected" in job.log
    assert not (job.folder / "broken").exists()
    scripts = [step["run"] for step in STEPS.values() if "run" in step]
    assert not [script for script in scripts if "${{" in script]


def test_the_action_gives_the_command_line_options_that_there_are() -> None:
    command = cli.ulpian.get_command(click.Context(cli.ulpian), "check")
    assert command is not None
    known = {option for p in command.params for option in p.opts}
    given = set(re.findall(r"--[a-z-]+", STEPS["Judge"]["run"]))
    assert {"--ledger", "--report"} <= given <= known


def test_a_finding_that_the_ledger_holds_does_not_fail_the_job(runner: Runner) -> None:
    words = ("kernels", "--ledger", "ulpian-ledger.toml", "--reason", "known")
    command = [sys.executable, "-m", "ulpian.checks", "ledger", "update", *words]
    subprocess.run(command, cwd=runner.folder, capture_output=True, timeout=300, check=True)
    job = runner.run(ledger="ulpian-ledger.toml")
    assert job.code == 0, job.log
    assert "::error" not in job.log
    assert "verdicts are as the ledger" in job.summary


def test_every_step_that_runs_names_its_shell_and_every_input_is_used() -> None:
    text = str(ACTION["runs"])
    assert all(step["shell"] == "bash" for step in STEPS.values() if "run" in step)
    assert [name for name in ACTION["inputs"] if f"inputs.{name}" not in text] == []
    assert [
        i for i in ACTION["inputs"].values() if not i["description"] or "default" not in i
    ] == []


# ---------------------------------------------------------------- pre-commit


def test_the_hooks_call_commands_and_options_that_there_are() -> None:
    assert [hook["id"] for hook in HOOKS] == ["ulpian", "ulpian-specs"]
    for hook in HOOKS:
        program, name, *words = hook["entry"].split()
        command = cli.ulpian.get_command(click.Context(cli.ulpian), name)
        assert program == "ulpian"
        assert command is not None
        known = {option for p in command.params for option in p.opts}
        assert {word for word in words if word.startswith("--")} <= known
        assert hook["language"] == "python"
        assert hook["pass_filenames"] is False


def test_the_first_hook_judges_what_the_project_names(runner: Runner) -> None:
    words = [sys.executable, "-m", "ulpian.checks", *HOOKS[0]["entry"].split()[1:]]
    done = subprocess.run(words, cwd=runner.folder, capture_output=True, text=True, timeout=300)
    assert done.returncode == 1
    assert "tanh · value.accuracy" in done.stdout
