"""A project of someone else's adopts Ulpian in ten lines; its bug is found, held, and mended.

The project in `adopter/` ships a ramp, whose lower tail is lost, with a backward of its own,
and a loss; its own tests, `allclose` and `gradcheck`, pass.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from . import LOAD_PLUGIN

ADOPTER = Path(__file__).resolve().parent / "adopter"
LEDGER = 'ledger = "ulpian-ledger.toml"\n'

BUG = "torch.log(1 + torch.exp(x))"
WORSE = "torch.relu(x)"
MENDED = "torch.log1p(torch.exp(x))"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "meadow"
    shutil.copytree(ADOPTER, folder, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join([str(folder), *map(os.path.abspath, filter(None, sys.path))])
    return subprocess.run(
        [sys.executable, "-m", *words],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": path, "PYTEST_ADDOPTS": ""},
        capture_output=True,
        text=True,
        timeout=600,
    )


def own_tests(folder: Path, *words: str) -> tuple[int, set[str], str]:
    """The exit code of the project's own pytest, what failed, and all that it said."""
    plugin = (*LOAD_PLUGIN, "-p", "no:cacheprovider")
    done = run(folder, "pytest", *plugin, "-q", "-rfx", *words)
    return done.returncode, set(re.findall(r"FAILED \S+\[(\S+)\]", done.stdout)), done.stdout


def ulpian(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return run(folder, "ulpian.checks", *words)


def rewritten(folder: Path, old: str, new: str) -> None:
    file = folder / "meadow" / "ramp.py"
    assert old in file.read_text()
    file.write_text(file.read_text().replace(old, new))
    for cache in folder.rglob("__pycache__"):
        shutil.rmtree(cache)


def test_the_projects_own_tests_see_nothing(project: Path) -> None:
    code, failed, _ = own_tests(project, "tests/test_meadow.py")
    assert (code, failed) == (0, set())


def test_a_bug_is_found_then_held_then_guarded_and_its_fix_is_noticed(project: Path) -> None:
    the_planted_bug_is_found(project)
    the_ledger_then_holds_it(project)
    it_was_adopted_in_at_most_ten_lines(project)
    a_worse_bug_breaks_the_gate(project)
    a_fix_is_noticed_and_the_entry_goes(project)


def the_planted_bug_is_found(project: Path) -> None:
    code, failed, said = own_tests(project)
    assert code == 1
    assert "smooth_ramp-value.accuracy-float32" in failed
    assert not any(name.startswith("huber") for name in failed)
    assert "smooth_ramp · value.accuracy · float32 · meadow" in said


def the_ledger_then_holds_it(project: Path) -> None:
    recorded = ulpian(project, "ledger", "update", "meadow", "--reason", "the tail is lost")
    assert recorded.returncode == 0, recorded.stderr
    entries = tomllib.loads((project / "ulpian-ledger.toml").read_text())["verdict"]
    assert {e["function"] for e in entries} == {"smooth_ramp"}
    with (project / "pyproject.toml").open("a") as file:
        file.write(LEDGER)
    code, failed, said = own_tests(project)
    assert (code, failed) == (0, set()), said
    assert said.count("XFAIL") == len(entries)
    assert "held by ulpian-ledger.toml: the tail is lost" in said


def it_was_adopted_in_at_most_ten_lines(project: Path) -> None:
    """The test file, the table and the dependency in pyproject.toml, and the binding."""
    written = (project / "tests" / "test_conformance.py").read_text().splitlines()
    lines = [line for line in written if line.strip()]
    toml = (project / "pyproject.toml").read_text()
    table = toml[toml.index("[tool.ulpian]") :]
    lines += [line for line in table.splitlines() if line.strip()]
    assert tomllib.loads(table).keys() == {"tool"}  # it is the last table
    for file in [project / "pyproject.toml", *(project / "meadow").glob("*.py")]:
        text = toml.replace(table, "") if file.suffix == ".toml" else file.read_text()
        lines += [line for line in text.splitlines() if "ulpian" in line.lower()]
    assert len(lines) <= 10, "\n".join(lines)
    assert not any("import" in line for line in lines if "__ulpian__" in line)


def a_worse_bug_breaks_the_gate(project: Path) -> None:
    rewritten(project, BUG, WORSE)
    code, failed, said = own_tests(project)
    assert code == 1
    assert "smooth_ramp-value.accuracy-float32: worse: it was sound, and is unsound now" in said
    assert "smooth_ramp-value.accuracy-float32" in failed
    checked = ulpian(project, "check", "meadow")
    assert checked.returncode == 1
    assert "worse" in checked.stdout
    rewritten(project, WORSE, BUG)


def a_fix_is_noticed_and_the_entry_goes(project: Path) -> None:
    rewritten(project, BUG, MENDED)
    code, failed, said = own_tests(project)
    assert code == 1
    assert "smooth_ramp-value.accuracy-float32" in failed
    assert "it no longer fails" in said
    pruned = ulpian(project, "ledger", "prune", "meadow")
    assert pruned.returncode == 0, pruned.stderr
    assert own_tests(project)[0] == 0


def test_the_workflow_runs_what_these_tests_run() -> None:
    workflow = (ADOPTER / ".github" / "workflows" / "tests.yml").read_text()
    steps = re.findall(r"- run: (.*)", workflow)
    assert steps == ["pip install -e '.[test]'", "pytest"]
    extras = tomllib.loads((ADOPTER / "pyproject.toml").read_text())["project"]
    assert "ulpian[torch]" in extras["optional-dependencies"]["test"]
