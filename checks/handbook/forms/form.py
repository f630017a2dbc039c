"""A way to write a function as code: as printed, as tutorials type it, or stable."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ....reference import implementations
from ....spec.function import Function
from ...adapters import numpy as arrays
from ...targets.implementation import Implementation
from .typed import typed


@dataclass(frozen=True)
class Form:
    """One form: its name, what is typed ("" for the printed formula), and the code to judge."""

    name: str
    typed: str
    implementation: Implementation


LIMIT = 600.0  # seconds for a call: what is printed must not depend on how busy a machine is
PRINTED, TUTORIAL, STABLE = "as printed", "as tutorials type it", "stable"


def forms(function: Function) -> tuple[Form, ...]:
    """The forms there are of a function, the stable one last."""
    found = []
    printed = typed(function)
    if printed is not None:
        found.append(_form(function, PRINTED, "", *printed))
    textbook = importlib.import_module("...backends.textbook", __package__)
    needed = textbook.REQUIRES.get(function.name)
    if hasattr(textbook, function.name) and (not needed or importlib.util.find_spec(needed)):
        forward, vjp = _pair(textbook, function)
        found.append(_form(function, TUTORIAL, _first_line(forward), forward, vjp))
    if hasattr(implementations, function.name):
        forward, vjp = _pair(implementations, function)
        typed_ = "\n\n\n".join(source(code) for code in (forward, vjp))
        found.append(_form(function, STABLE, typed_, forward, vjp))
    return tuple(found)


def _form(function: Function, name: str, code: str, forward: Callable[..., Any], vjp: Any) -> Form:
    return Form(name, code, Implementation(function, forward, vjp, arrays, limit=LIMIT))


def _pair(module: Any, function: Function) -> tuple[Callable[..., Any], Any]:
    return getattr(module, function.name), getattr(module, f"{function.name}_vjp", None)


def _first_line(forward: Callable[..., Any]) -> str:
    return (inspect.getdoc(forward) or "").split("\n")[0]


def source(code: Callable[..., Any]) -> str:
    """The source of a function as it stands in its module, without its decorators."""
    text = inspect.getsource(code)
    (node,) = ast.parse(text).body
    assert isinstance(node, ast.FunctionDef)
    return "\n".join(text.splitlines()[node.lineno - 1 :])
