"""Where implementations stand: below the current folder, or nowhere that a report may say."""

from __future__ import annotations

import functools
import importlib.util
import math
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from ulpian.checks.targets.sources import source, sources
from ulpian.checks.verdict import Source

CODE = """\
import functools


def gelu(x):
    return x


def loud(function):
    @functools.wraps(function)
    def called(*arguments):
        return function(*arguments)

    return called


@loud
def tanh(x):
    return x


class Swish:
    def __call__(self, x):
        return x


class Autograd:
    @classmethod
    def apply(cls, x):
        return x


class Relu(Autograd):
    pass


relu = Relu.apply
"""


@pytest.fixture
def kernels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.chdir(tmp_path)
    module = _module(tmp_path / "my kernels" / "fast.py")
    monkeypatch.setitem(sys.modules, "fast", module)  # where Python looks for the file of a class
    return module


def _module(file: Path) -> ModuleType:
    file.parent.mkdir(parents=True)
    file.write_text(CODE, encoding="utf-8")
    spec = importlib.util.spec_from_file_location("fast", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("item", "line"),
    [
        (lambda m: m.gelu, 4),
        (lambda m: functools.partial(functools.partial(m.gelu), 1.0), 4),
        (lambda m: m.tanh, 16),
        (lambda m: m.Swish, 21),
        (lambda m: m.Swish(), 21),
        (lambda m: m.Swish().__call__, 22),
    ],
)
def test_the_source_is_the_line_where_the_code_begins(
    kernels: ModuleType, item: Callable[[Any], Any], line: int
) -> None:
    assert source(item(kernels)) == Source("my kernels/fast.py", line)


def test_the_inherited_apply_of_an_autograd_function_is_found_at_its_class(
    kernels: ModuleType,
) -> None:
    found = source(kernels.relu)
    assert found == Source(
        "my kernels/fast.py", CODE.splitlines().index("class Relu(Autograd):") + 1
    )


@pytest.mark.parametrize(
    "item",
    [math.sin, len, functools.partial(print), source],
    ids=("C", "builtin", "partial", "ours"),
)
def test_what_is_built_in_or_elsewhere_has_no_source(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, item: Any
) -> None:
    monkeypatch.chdir(tmp_path)
    assert source(item) is None


def test_what_is_installed_has_no_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    installed = _module(tmp_path / "env" / "site-packages" / "fast.py")
    assert source(installed.gelu) is None


def test_only_what_has_a_source_is_listed(kernels: ModuleType) -> None:
    assert set(sources({"gelu": kernels.gelu, "gelu_vjp": math.sin})) == {"gelu"}
