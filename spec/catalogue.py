"""Every definition of the book, found by walking the package: nothing is registered."""

from __future__ import annotations

import difflib
import importlib
import pkgutil
from collections.abc import Iterator
from functools import cache
from types import ModuleType

from .errors import SpecError
from .function import Function

CHAPTERS = ("activations", "blocks", "losses")


@cache
def catalogue() -> dict[str, Function]:
    """All functions by name, chapter by chapter, in alphabetical order of the files."""
    found: dict[str, Function] = {}
    for function in _definitions():
        if function.name in found:
            raise SpecError(f"{function.name}: defined twice in the book")
        found[function.name] = function
    return found


def _definitions() -> Iterator[Function]:
    for name in CHAPTERS:
        yield from chapter(name)


def chapter(name: str) -> Iterator[Function]:
    """The functions of one of `CHAPTERS`, in alphabetical order of the files."""
    yield from _walk(importlib.import_module(f".{name}", __package__))


@cache
def families() -> tuple[tuple[Function, ...], ...]:
    """The functions of the book by the file that defines them: variants stand together."""
    packages = [importlib.import_module(f".{name}", __package__) for name in CHAPTERS]
    return tuple(tuple(functions_in(m)) for package in packages for m in _modules(package))


def functions_in(module: ModuleType) -> Iterator[Function]:
    """The functions that a module defines, in order."""
    for item in vars(module).values():
        if isinstance(item, Function):
            yield item


def _walk(package: ModuleType) -> Iterator[Function]:
    for module in _modules(package):
        yield from functions_in(module)


def _modules(package: ModuleType) -> Iterator[ModuleType]:
    for info in sorted(pkgutil.iter_modules(package.__path__), key=lambda m: m.name):
        yield importlib.import_module(f"{package.__name__}.{info.name}")


def known(name: str) -> Function | None:
    """The function of that name or alias: the book's, or the user's own; None where there is none.

    For many names that may be no function's: it looks for no similar ones.
    """
    found = _in_book(name)
    if found is not None:
        return found
    from .own import own  # it imports the user's modules

    functions = own()
    aliases = {alias: f for f in functions.values() for alias in f.aliases}
    return functions.get(name) or aliases.get(name)


def find(name: str) -> Function:
    """The function of that name or alias: the book's, or the user's own.

    Raises `LookupError` with the nearest names when there is none.
    """
    found = known(name)
    if found is not None:
        return found
    from .own import own

    functions = {**catalogue(), **own()}
    aliases = [alias for f in functions.values() for alias in f.aliases]
    near = difflib.get_close_matches(name, [*functions, *aliases], n=3)
    hint = f"did you mean {' or '.join(near)}?" if near else "see `ulpian list functions`"
    raise LookupError(f"unknown function {name!r}: {hint}")


@cache
def _in_book(name: str) -> Function | None:
    for function in _definitions():  # no more files are read than it takes
        if function.name == name:
            return function
    return next((f for f in catalogue().values() if name in f.aliases), None)
