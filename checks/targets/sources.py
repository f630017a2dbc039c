"""Where implementations stand in the user's files, for reports that point there.

Only files below the current folder count: a report is read elsewhere, where the rest of this
machine means nothing. What is installed (`site-packages`) is not the user's to mend.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from ..verdict import Source

_INSTALLED = ("site-packages", "dist-packages")
_DEEP = 20  # wrappers around wrappers that are opened


def sources(callables: Mapping[str, Callable[..., Any]]) -> Mapping[str, Source]:
    """The sources of callables by their names, as far as they can be told."""
    found = {name: source(item) for name, item in callables.items()}
    return MappingProxyType({name: at for name, at in found.items() if at is not None})


def source(item: Any) -> Source | None:
    """Where a callable begins: a function, a class, or the class of an object that is called."""
    bare = _unwrapped(item)
    try:
        file = inspect.getsourcefile(bare)
        code = getattr(bare, "__code__", None)  # quick; the search through the file is not
        line = code.co_firstlineno if code else max(1, inspect.getsourcelines(bare)[1])
    except (TypeError, OSError):  # built in, compiled, or typed at a prompt
        return None
    path = _below(Path(file or "").resolve(), Path.cwd().resolve())
    return None if path is None else Source(path, line)


def _below(file: Path, folder: Path) -> str | None:
    if not file.is_file() or not file.is_relative_to(folder):
        return None
    path = file.relative_to(folder)
    return None if set(path.parts) & set(_INSTALLED) else path.as_posix()


def _unwrapped(item: Any) -> Any:
    """What was written by hand: without partial, decorators, and the method `apply` of a class."""
    for _ in range(_DEEP):
        if isinstance(item, functools.partial):
            item = item.func
        elif isinstance(getattr(item, "__wrapped__", None), Callable):  # type: ignore[arg-type]
            item = item.__wrapped__
        elif inspect.ismethod(item) and isinstance(item.__self__, type):
            item = item.__self__  # autograd functions: `apply` is inherited, the class is theirs
        else:
            break
    written = inspect.isroutine(item) or inspect.isclass(item)
    return item if written else type(item)
