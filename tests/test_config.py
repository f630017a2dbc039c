"""The configuration: what `[tool.ulpian]` may say, what wins, and what is said of a mistake."""

from __future__ import annotations

import os
from dataclasses import fields
from pathlib import Path

import pytest

from ulpian.checks import config
from ulpian.checks.config import Config, ConfigError, configuration

WHOLE = """\
[tool.ulpian]
targets = ["mypkg.kernels", "torch"]
specs = ["mypkg.definitions"]
select = ["gelu", "grad.*"]
formats = ["float32", "bfloat16"]
require = "faithful"
profile = "smoke"
seed = 7
limit = 2
timeout = "20m"
memory = 1.5
ledger = "known.toml"
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _write(folder: Path, text: str) -> None:
    (folder / "pyproject.toml").write_text(text, encoding="utf-8")


def test_every_field_is_read(project: Path) -> None:
    _write(project, WHOLE)
    assert configuration() == Config(
        folder=project,
        targets=("mypkg.kernels", "torch"),
        specs=("mypkg.definitions",),
        select=("gelu", "grad.*"),
        formats=("float32", "bfloat16"),
        require="faithful",
        profile="smoke",
        seed=7,
        limit=2,
        timeout="20m",
        memory=1.5,
        ledger="known.toml",
    )
    names = {f.name for f in fields(Config)} - {"folder"}
    assert all(f"\n{name} = " in WHOLE for name in names)


def test_every_example_is_a_right_value(project: Path) -> None:
    lines = [f"{key} = {example}" for key, example in config._EXAMPLES.items()]
    _write(project, "\n".join(["[tool.ulpian]", *lines]))
    assert all(getattr(configuration(), f.name) for f in fields(Config))


def test_a_project_that_says_nothing_asks_for_nothing(project: Path) -> None:
    _write(project, "[project]\nname = 'mypkg'\n")
    assert configuration() == Config(folder=project)


def test_the_nearest_pyproject_upward_counts(project: Path) -> None:
    _write(project, WHOLE)
    inner = project / "one" / "two"
    inner.mkdir(parents=True)
    assert configuration(inner).seed == 7
    _write(inner.parent, "[tool.ulpian]\nseed = 8\n")
    assert configuration(inner) == Config(folder=inner.parent, seed=8)


def test_a_folder_that_is_gone_asks_for_nothing(project: Path) -> None:
    gone = project / "gone"
    gone.mkdir()
    os.chdir(gone)
    gone.rmdir()
    assert configuration() == Config()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("formts = []", "has an unknown key 'formts': did you mean formats?"),
        (
            "colour = true",
            "has an unknown key 'colour': it may have targets, specs, select, formats, require, "
            "profile, seed, limit, timeout, memory, ledger",
        ),
        (
            'formats = "float32"',
            "formats = 'float32' is not a list of texts: write formats = [\"float32\"]",
        ),
        ("select = [1]", 'select = [1] is not a list of texts: write select = ["gelu", "grad.*"]'),
        (
            'targets = [""]',
            "targets = [''] is not a list of texts: write targets = [\"mypkg.kernels\"]",
        ),
        ("require = 3", 'require = 3 is not a text: write require = "accurate"'),
        ('ledger = ""', "ledger = '' is not a text: write ledger = \"ulpian-ledger.toml\""),
        ("seed = -1", "seed = -1 is not a whole number from 0 on: write seed = 7"),
        ("seed = 1.0", "seed = 1.0 is not a whole number from 0 on: write seed = 7"),
        ("seed = true", "seed = True is not a whole number from 0 on: write seed = 7"),
        ('limit = "9"', "limit = '9' is not a number from 0 on: write limit = 10.0"),
        ("limit = nan", "limit = nan is not a number from 0 on: write limit = 10.0"),
    ],
)
def test_a_mistake_is_one_sentence_with_the_key_the_value_and_the_way_out(
    project: Path, line: str, said: str
) -> None:
    _write(project, f"[tool.ulpian]\n{line}\n")
    with pytest.raises(ConfigError) as refusal:
        configuration()
    assert str(refusal.value) == f"pyproject.toml: [tool.ulpian] {said}"


def test_a_file_that_is_no_toml_is_refused_with_its_line(project: Path) -> None:
    _write(project, "[tool.ulpian]\nseed = \n")
    with pytest.raises(ConfigError, match=r"^pyproject.toml cannot be read: .*line 2"):
        configuration()
    (project / "pyproject.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match=r"^pyproject.toml cannot be read: 'utf-8' codec"):
        configuration()
    _write(project, "[tool]\nulpian = 3\n")
    with pytest.raises(ConfigError, match=r"tool.ulpian is 3, not a table: write \[tool.ulpian\]$"):
        configuration()


def test_the_type_of_every_field_is_known() -> None:
    assert set(config._EXAMPLES) == set(config._TYPES) - {"folder"}
    assert {config._TYPES[name] for name in config._EXAMPLES} == set(config._KINDS)
