"""The README is true: what it shows was printed by running it."""

from __future__ import annotations

import importlib.util
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from ulpian.checks import check
from ulpian.reference.level import Level
from ulpian.spec import Function, problems, prove

README = Path(__file__).parent.parent / "README.md"
TEXT = README.read_text(encoding="utf-8")
ACTIVATIONS = "ulpian.spec.activations"


class Session(NamedTuple):
    """A command of a `console` block, and what the block shows below it."""

    command: str
    shown: str


def _blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)


def _files() -> dict[str, str]:
    """The `python` blocks by the name in their first line."""
    found = (block.split("\n", 1) for block in _blocks("python"))
    return {first.removeprefix("# "): rest for first, rest in found}


def _sessions() -> list[Session]:
    parts = (part.partition("\n") for b in _blocks("console") for part in b.split("$ ")[1:])
    return [Session(command, shown) for command, _, shown in parts]


def _timeless(text: str) -> str:
    return re.sub(r"\d+\.\d s(?=$| · )", "0.0 s", text, flags=re.MULTILINE).strip()


def _command(line: str) -> list[str]:
    program, *rest = shlex.split(line)
    # -P: as for the installed script, the folder one stands in is not on the path by itself
    modules = {"ulpian": ["-P", "-m", "ulpian.checks"], "python": []}
    return [sys.executable, *modules[program], *rest]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds the files of the README, as a reader would have typed them."""
    place = tmp_path_factory.mktemp("reader")
    for name, source in _files().items():
        if "/" not in name:
            (place / name).write_text(source, encoding="utf-8")
    return place


def _run(line: str, place: Path) -> str:
    plain = {k: v for k, v in os.environ.items() if k not in ("FORCE_COLOR", "COLUMNS")}
    result = subprocess.run(
        _command(line), cwd=place, env=plain, capture_output=True, encoding="utf-8", timeout=300
    )
    assert result.returncode in (0, 1), result.stderr
    return result.stdout


@pytest.mark.parametrize("session", _sessions(), ids=lambda s: s.command)
def test_a_command_of_the_readme_prints_what_is_shown(session: Session, folder: Path) -> None:
    assert session.shown, "the README shows no output"
    assert _timeless(_run(session.command, folder)) == _timeless(session.shown)


def test_the_readme_shows_the_first_example_on_the_command_line_and_in_python() -> None:
    assert set(_files()) == {
        "activations.py",
        "judge.py",
        "kernels.py",
        "own.py",
        "spec/activations/logish.py",
        "test_activations.py",
    }
    programs = [s.command.split()[0] for s in _sessions()]
    assert programs[:2] == ["ulpian", "python"]


def test_the_first_witness_can_be_shown_again_by_its_own_command(folder: Path) -> None:
    shown = _sessions()[0].shown
    command = re.search(r"reproduce  (.*?--at \S+)", shown.replace("\\\n", " "), re.DOTALL)
    assert command is not None
    assert "1 failed" in _run(command[1], folder)


@pytest.fixture
def logish() -> Function:
    """The definition that the README adds, as the file it names would hold it."""
    name = f"{ACTIVATIONS}.logish"
    spec = importlib.util.spec_from_loader(name, loader=None)
    assert spec is not None
    module: Any = importlib.util.module_from_spec(spec)
    module.__package__ = ACTIVATIONS
    exec(_files()["spec/activations/logish.py"], vars(module))
    found = module.logish
    assert isinstance(found, Function)
    return found


def test_the_function_that_the_readme_adds_keeps_all_that_it_states(logish: Function) -> None:
    assert problems(logish) == ()
    assert {k: p.status for k, p in prove(logish).items()} == {"gate": "proved"}


def test_the_function_that_the_readme_adds_can_judge(logish: Function) -> None:
    def zero(x: Any) -> Any:
        return x * 0

    report = check(zero, as_=logish, formats=("float16",), select=("value.accuracy",))
    assert report.level is Level.UNSOUND


def test_a_definition_beside_the_function_is_found_on_the_command_line(folder: Path) -> None:
    printed = _run("ulpian check own --format float16 --select value.special", folder)
    assert "logish" in printed


@pytest.mark.parametrize("command", ["make check", "make test"])
def test_the_readme_names_the_two_commands_of_a_newcomer(command: str) -> None:
    assert re.search(rf"^{command}\b", TEXT, re.MULTILINE)


@pytest.mark.parametrize("level", list(Level))
def test_the_readme_explains_every_level(level: Level) -> None:
    assert f"| `{level}` |" in TEXT
