"""Docstrings, read from source and never run: whose they are, where they stand, what they take.

Those of functions and classes, those that a call adds (`_add_docstr(torch.hardshrink, "...")`), and
those that are assigned to `__doc__`.
"""

from __future__ import annotations

import ast
import importlib.util
import inspect
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ..usage import UsageError
from .typed import quietly

TESTS = ("tests", "testing", "test", "_test")


@dataclass(frozen=True)
class Docstring:
    """A docstring. `name` is dotted, from the package; `takes` are the parameters of a function.

    `line` is where its text begins in the file; the text is dedented as `inspect.cleandoc` does.
    """

    name: str
    file: Path
    line: int
    text: str
    takes: tuple[str, ...]

    @property
    def leaf(self) -> str:
        return self.name.rpartition(".")[2]

    @property
    def package(self) -> str:
        return self.name.partition(".")[0]


def docstrings(target: str) -> Iterator[Docstring]:
    """The docstrings of a package, a module, `module:object`, or a path; in order.

    Packages are found and read, not imported. Raises `UsageError` where there is none.
    """
    module, _, item = target.partition(":")
    found = False
    for file, name in _files(module):
        for docstring in _of_file(file, name):
            if not item or docstring.name == f"{name}.{item}" or docstring.leaf == item:
                found = True
                yield docstring
    if not found:
        raise UsageError(
            f"{target!r} has no docstring to check: name the package or file that they stand in"
        )


def _files(target: str) -> Iterator[tuple[Path, str]]:
    """The Python files of a target with the names of their modules, tests left out."""
    path = Path(target)
    if path.suffix == ".py" and path.is_file():
        yield path, path.stem if path.stem != "__init__" else path.resolve().parent.name
        return
    root, name = (path, path.resolve().name) if path.is_dir() else _home(target)
    if root.is_file():
        yield root, name
        return
    for file in sorted(root.rglob("*.py")):
        parts = file.relative_to(root).with_suffix("").parts
        if any(p in TESTS or p.endswith("_test") or p.startswith("test_") for p in parts):
            continue
        yield file, ".".join((name, *(p for p in parts if p != "__init__")))


def _home(target: str) -> tuple[Path, str]:
    """Where a module lies; only the top package is looked for, and nothing is imported."""
    top, *rest = target.split(".")
    try:
        spec = importlib.util.find_spec(top) if top.isidentifier() else None
    except (ImportError, ValueError):
        spec = None
    places = list(spec.submodule_search_locations or ()) if spec else []
    if spec and not places and spec.origin and not rest:
        return Path(spec.origin), top
    for place in map(Path, places):
        inside = place.joinpath(*rest)
        if inside.is_dir():
            return inside, target
        if inside.with_suffix(".py").is_file():
            return inside.with_suffix(".py"), target
    raise UsageError(
        f"no package, module or file {target!r}: give one that is installed, or a path to a folder "
        "or a .py file"
    )


def _of_file(file: Path, module: str) -> Iterator[Docstring]:
    try:
        tree = quietly(file.read_bytes())
    except (SyntaxError, ValueError, OSError, RecursionError):
        return  # another Python's file, or a broken one: it has no docstrings that Python sees
    yield from _of_body(tree.body, module, file)


def _of_body(body: list[ast.stmt], owner: str, file: Path) -> Iterator[Docstring]:
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            name = f"{owner}.{node.name}"
            text = node.body[0] if node.body else None
            if isinstance(text, ast.Expr) and _is_text(text.value):
                yield _docstring(name, file, text.value, _takes(node))
            if isinstance(node, ast.ClassDef):
                yield from _of_body(node.body, name, file)
        elif isinstance(node, ast.Assign) and len(node.targets) == 1:
            yield from _assigned(node, owner, file)
        elif isinstance(node, ast.If | ast.Try):
            yield from _of_body(node.body, owner, file)


def _assigned(node: ast.Assign, owner: str, file: Path) -> Iterator[Docstring]:
    target, value = node.targets[0], node.value
    if isinstance(target, ast.Attribute) and target.attr == "__doc__" and _is_text(value):
        yield _docstring(f"{owner}.{ast.unparse(target.value)}", file, value, ())
    elif isinstance(target, ast.Name) and isinstance(value, ast.Call):
        for text in value.args[1:2]:
            if _is_text(text):
                yield _docstring(f"{owner}.{target.id}", file, text, ())


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _docstring(name: str, file: Path, node: ast.expr, takes: tuple[str, ...]) -> Docstring:
    raw = str(node.value) if isinstance(node, ast.Constant) else ""
    lines = raw.expandtabs().split("\n")
    blank = next((k for k, line in enumerate(lines) if line.strip()), 0)
    return Docstring(name, file, node.lineno + blank, inspect.cleandoc(raw), takes)


def _takes(node: ast.stmt) -> tuple[str, ...]:
    """The parameters of a function; a class is called twice, and its inputs have no order here."""
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return ()
    a = node.args
    given = [p.arg for p in (*a.posonlyargs, *a.args, *a.kwonlyargs)]
    return tuple(p for p in given if p not in ("self", "cls"))
