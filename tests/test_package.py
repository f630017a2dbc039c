"""The package: what it installs, under which names, and which way its imports point."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
FOLDERS = ("spec", "reference", "checks")
FILES = sorted(file for folder in FOLDERS for file in (ROOT / folder).rglob("*.py"))

# What each folder may import of the other two: imports point one way.
BELOW = {"spec": {"spec"}, "reference": {"reference", "spec"}, "checks": set(FOLDERS)}
# The rooms of `checks`: each imports only of those before it.
ROOMS = (
    *("processes", "adapters", "backends", "targets", "points", "judging", "properties"),
    *("runs", "reports", "sweeps", "hunting", "atlas", "ledger", "fuzzing", "testing", "book"),
    *("handbook", "docs", "commands"),
)
ENTRANCES = {"__init__.py", "__main__.py", "cli.py", "pytest_plugin.py"}
FRAMEWORKS = {"torch", "jax", "jaxlib", "optax", "scipy"}
INTERFACE = {"click", "hypothesis", "rich"}
EDGE = ("checks/adapters/", "checks/backends/")


def _name(file: Path) -> str:
    return file.relative_to(ROOT).as_posix()


def _imports(file: Path) -> Iterator[str]:
    """The modules that a file imports anywhere in it, by their full names."""
    package = ["ulpian", *file.relative_to(ROOT).parent.parts]
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) + 1 - node.level] if node.level else []
            base = [*above, *([node.module] if node.module else [])]
            # `from .. import oracle` names a module, `from ..oracle import truth` does not
            yield from (
                ".".join([*base, alias.name] if not node.module else base) for alias in node.names
            )


def _tops(file: Path) -> set[str]:
    """The libraries that a file imports, Ulpian and the standard library left out."""
    tops = {name.split(".")[0] for name in _imports(file)}
    return tops - set(sys.stdlib_module_names) - {"ulpian"}


def _folders(file: Path) -> set[str]:
    """Which of Ulpian's folders a file imports from."""
    names = (name.split(".") for name in _imports(file))
    return {parts[1] for parts in names if parts[0] == "ulpian" and len(parts) > 1}


def _room(file: Path) -> str:
    """The room of `checks` that a file is in; empty for any other place."""
    folder, *rest = file.relative_to(ROOT).parts
    return rest[0] if folder == "checks" and len(rest) > 1 else ""


def _rooms(file: Path) -> set[str]:
    """Which rooms of `checks` a file imports from."""
    names = (name.split(".") for name in _imports(file))
    return {parts[2] for parts in names if parts[:2] == ["ulpian", "checks"]} & set(ROOMS)


def test_the_imports_of_a_file_are_read_as_python_reads_them() -> None:
    found = set(_imports(ROOT / "checks" / "properties" / "value.py"))
    assert any(name.startswith("ulpian.reference.") for name in found)
    assert any(name.startswith("ulpian.checks.properties.") for name in found)


def test_every_folder_with_python_files_is_packaged() -> None:
    on_disk = {".".join(("ulpian", *f.relative_to(ROOT).parent.parts)) for f in FILES}
    listed = PYPROJECT["tool"]["setuptools"]["packages"]
    assert set(listed) == on_disk
    assert len(listed) == len(on_disk), "a package is listed twice"


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_package_says_that_it_is_typed(folder: str) -> None:
    assert (ROOT / folder / "py.typed").is_file()


def test_the_installed_version_is_the_one_in_pyproject() -> None:
    assert metadata.version("ulpian") == PYPROJECT["project"]["version"]


def test_no_top_level_name_but_ulpian_is_installed() -> None:
    owners = metadata.packages_distributions()
    assert "ulpian" in {name.lower() for name in owners.get("ulpian", [])}
    assert not [folder for folder in FOLDERS if "ulpian" in owners.get(folder, [])]


def test_the_folders_cannot_be_imported_under_bare_names(tmp_path: Path) -> None:
    code = f"import importlib.util as u; print([n for n in {FOLDERS!r} if u.find_spec(n)])"
    assert _python(code, tmp_path) == "[]"


@pytest.mark.parametrize("file", FILES, ids=_name)
def test_imports_point_one_way(file: Path) -> None:
    folder = file.relative_to(ROOT).parts[0]
    assert _folders(file) <= BELOW[folder]


def test_every_room_of_checks_has_its_place_among_the_others() -> None:
    assert sorted(ROOMS) == sorted({_room(f) for f in FILES if _room(f)})
    told = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").partition("## The rooms")[2]
    rows = [line.split("|")[1] for line in told.splitlines() if line.startswith("| `")]
    assert tuple(re.findall(r"`(\w+)/`", "".join(rows))) == ROOMS


@pytest.mark.parametrize("file", [f for f in FILES if _name(f).startswith("checks/")], ids=_name)
def test_imports_between_the_rooms_of_checks_point_one_way(file: Path) -> None:
    room = _room(file)
    if room or file.name not in ENTRANCES:
        assert _rooms(file) <= set(ROOMS[: ROOMS.index(room) + 1] if room else ())


@pytest.mark.parametrize("file", [f for f in FILES if _name(f).startswith("spec/")], ids=_name)
def test_spec_knows_sympy_and_nothing_else(file: Path) -> None:
    assert _tops(file) <= {"sympy"}


@pytest.mark.parametrize("file", [f for f in FILES if _name(f).startswith("reference/")], ids=_name)
def test_reference_knows_numbers_only(file: Path) -> None:
    assert not _tops(file) & (FRAMEWORKS | INTERFACE)


@pytest.mark.parametrize("file", [f for f in FILES if not _name(f).startswith(EDGE)], ids=_name)
def test_frameworks_are_imported_at_the_edge_only(file: Path) -> None:
    assert not _tops(file) & FRAMEWORKS


@pytest.mark.parametrize("file", FILES, ids=_name)
def test_inside_the_package_imports_are_relative(file: Path) -> None:
    nodes = ast.walk(ast.parse(file.read_text(encoding="utf-8")))
    absolute = [n for n in nodes if isinstance(n, ast.ImportFrom) and not n.level]
    assert not [n.module for n in absolute if (n.module or "").split(".")[0] == "ulpian"]


def test_importing_checks_brings_nothing_heavy(tmp_path: Path) -> None:
    heavy = ("sympy", "mpmath", "hypothesis", "torch", "jax", "scipy", "numpy")
    code = f"import sys, ulpian.checks; print([n for n in {heavy!r} if n in sys.modules])"
    assert _python(code, tmp_path) == "[]"


def _python(code: str, place: Path) -> str:
    """What a fresh interpreter prints, started where the checkout's folders are not in sight."""
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=place, capture_output=True, encoding="utf-8", timeout=60
    )
    assert result.returncode == 0, result.stderr
    return result.stdout.strip()
