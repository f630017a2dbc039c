"""Definitions of the user's own, which stand beside the book's.

A project names their modules in its pyproject.toml, a package offers them as an entry point:

    [tool.ulpian]
    specs = ["mypkg.laws"]

    [project.entry-points."ulpian.specs"]
    mypkg = "mypkg.laws"

They are imported when a name is asked for that the book does not have.
"""

from __future__ import annotations

import contextlib
import importlib
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib import metadata
from pathlib import Path
from types import ModuleType

from .catalogue import catalogue, functions_in
from .errors import SpecError
from .function import Function

GROUP = "ulpian.specs"


class Unloadable(SpecError):  # noqa: N818 - it says what cannot be done
    """A module of definitions that cannot be imported, or a list of such that cannot be read."""


def own() -> dict[str, Function]:
    """The user's functions by name. `SpecError` for a module or a name that cannot stand."""
    return {name: function for name, (function, _) in _found(_here()).items()}


def home(function: Function) -> str:
    """The module that a function of the user's own comes from; empty for the book's."""
    found, module = _found(_here()).get(function.name, (None, ""))
    return module if found is function else ""


def modules() -> tuple[str, ...]:
    """The modules that the project names, then those that installed packages offer."""
    return tuple(dict.fromkeys((*_named(_here()), *_offered())))


def load(name: str) -> ModuleType:
    """A module of definitions, silently imported; `Unloadable` with the reason where it cannot be.

    A definition in it that is refused at construction raises its own `SpecError`.
    """
    file = project(_here())
    for folder in (file.parent if file else None, _here()):
        if folder is not None and str(folder) not in sys.path:
            sys.path.insert(0, str(folder))
    try:
        with contextlib.redirect_stdout(sys.stderr):  # stdout is for results
            return importlib.import_module(name)
    except (SpecError, KeyboardInterrupt):
        raise
    except BaseException as error:  # exit() at import too
        raise Unloadable(
            f"the definitions of {name!r} cannot be imported ({type(error).__name__}: {error}): "
            "install what it needs, or correct specs in [tool.ulpian]"
        ) from error


def project(here: Path | None) -> Path | None:
    """The nearest pyproject.toml, from a folder upwards."""
    folders = [here, *here.parents] if here else []
    files = (folder / "pyproject.toml" for folder in folders)
    return next((file for file in files if file.is_file()), None)


def _here() -> Path | None:
    try:
        return Path.cwd()
    except OSError:  # the folder is gone
        return None


@cache
def _named(here: Path | None) -> tuple[str, ...]:
    file = project(here)
    if file is None:
        return ()
    try:
        said = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise Unloadable(f"{file} cannot be read: {error}") from error
    names = said.get("tool", {}).get("ulpian", {}).get("specs", [])
    if not isinstance(names, list) or not all(isinstance(n, str) and n for n in names):
        raise Unloadable(
            f"{file}: specs = {names!r} in [tool.ulpian] is no list of modules: write "
            'specs = ["mypkg.laws"]'
        )
    return tuple(names)


@cache
def _offered() -> tuple[str, ...]:
    return tuple(entry.module for entry in metadata.entry_points(group=GROUP))


@cache
def _found(here: Path | None) -> dict[str, tuple[Function, str]]:
    found: dict[str, tuple[Function, str]] = {}
    for module in modules():
        for function in functions_in(load(module)):
            if catalogue().get(function.name) is function:
                continue  # imported from the book
            for problem in clashes(function, module, found):
                raise SpecError(problem)
            found[function.name] = (function, module)
    return found


def clashes(
    function: Function, module: str, others: dict[str, tuple[Function, str]]
) -> Iterator[str]:
    """Names of a function that the book, or another module, has already."""
    book = {f.name: "the book" for f in catalogue().values()}
    book |= {alias: "the book" for f in catalogue().values() for alias in f.aliases}
    for other, where in others.values():
        if other is not function:
            book |= dict.fromkeys((other.name, *other.aliases), where)
    for name in (function.name, *function.aliases):
        if name in book:
            what = f"the name {name!r}" if name == function.name else f"the alias {name!r}"
            yield f"{module}: {function.name}: {what} is taken by {book[name]}; choose another"
