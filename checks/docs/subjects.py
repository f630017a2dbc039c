"""Which functions of the book a docstring is about, and what it calls their inputs.

A framework's own spellings (`book.names`) say both where they have the function; otherwise the
name of what is documented is looked up in the book, and inputs go by the names of the field.

What a formula is to equal is a call of the book in the docstring's names, read by the same reader:
`huber(y_pred, y_true, delta=delta)`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache

from ...spec.catalogue import catalogue
from ...spec.function import Function
from ..book.names import BACKENDS, SPELLINGS, of_backend
from .docstrings import Docstring
from .points import Input, one_hot, parameter, variable
from .typed import names
from .vocabulary import UnreadableError

CALLED = {
    "x": ("x", "input", "inputs", "features"),
    "z": ("x", "logits", "input", "inputs", "z"),
    "prediction": ("y_pred", "predictions", "pred", "input", "x", "p"),
    "logits": ("logits", "y_pred", "input", "x"),
    "log_prediction": ("log_probs", "input", "x"),
    "target": ("y_true", "targets", "labels", "target", "y", "t"),
    "x1": ("x1", "y_true", "predictions"),
    "weight": ("alpha", "a"),
    "x2": ("x2", "y_pred", "targets"),
}
"""What documentation calls the book's inputs."""

CLAIMS: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("keras", "kldivergence"): ("kl_div(log(y_pred), y_true)",),
    ("keras", "poisson"): ("poisson_nll(y_pred, y_true, log_input=0, eps=0)",),
    ("keras", "huber"): ("huber(error, 0, delta=delta)",),
    ("keras", "dice"): ("dice(y_pred, y_true, smooth=0)",),
    ("keras", "logcosherror"): ("log_cosh(y_pred, y_true)",),
    ("keras", "categoricalfocalcrossentropy"): (
        "focal(p_t, 1, alpha=1, gamma=gamma)",
        "focal(p_t, 1, alpha=alpha, gamma=gamma)",
    ),
}
"""What a framework means where that is no plain call: the loss without its eps, a term of it."""


@dataclass(frozen=True)
class Subject:
    """A function that a docstring is about, with the names that it is known to give the inputs.

    `sign` is -1 where the framework's is the negative of the book's.
    """

    function: Function
    spelled: Mapping[str, str] = field(default_factory=dict)
    sign: str = ""


def subjects(docstring: Docstring) -> tuple[Subject, ...]:
    """The functions that a docstring is about; none where it is about something else."""
    found = [
        Subject(catalogue()[name], _arguments(call, docstring.takes), sign)
        for key in _keys(docstring.leaf)
        for name, call, sign in _spelled().get((docstring.package, key), ())
    ]
    if not found and (named := subject(docstring.leaf)):
        found = [named]
    if not found:
        found = [Subject(called(call)) for call in explicit(docstring)[:1]]
    return tuple(found)


def subject(name: str) -> Subject | None:
    """The function of the book of a name that a formula defines: `softplus(x) = ...`."""
    return next((Subject(_by_name()[k]) for k in _keys(name) if k in _by_name()), None)


def explicit(docstring: Docstring) -> tuple[str, ...]:
    """What is meant, where it is no plain call of a function."""
    found = (CLAIMS.get((docstring.package, key)) for key in _keys(docstring.leaf))
    return next((calls for calls in found if calls), ())


def called(call: str) -> Function:
    """The function of the book that a call is of."""
    return catalogue()[call.lstrip("-").partition("(")[0]]


def claim(about: Subject, free: Iterable[str], strict: bool = False) -> str:
    """The call of the book that a formula with these free names is to equal.

    A name that nothing knows stands for the one parameter that is left, unless `strict`.
    `UnreadableError` where a name stands for no input of the function.
    """
    function, left = about.function, sorted(set(free))
    given: dict[str, str] = {}
    for v in (*function.variables, *function.parameters):
        sought = (about.spelled.get(v.name, ""), v.name, *CALLED.get(v.name, ()))
        chosen = next((n for n in sought if n in left), None)
        if chosen:
            given[v.name] = chosen
            left.remove(chosen)
    open_ones = [p.name for p in function.parameters if p.name not in given]
    if len(open_ones) == 1 and len(left) == 1 and not strict:
        given[open_ones[0]] = left.pop()
    if left:
        raise UnreadableError(f"{' and '.join(left)}: no input of {function.name}")
    missing = [v.name for v in function.variables if v.name not in given]
    if missing:
        raise UnreadableError(f"it does not name {' and '.join(missing)} of {function.name}")
    arguments = [given[v.name] for v in function.variables]
    arguments += [f"{p.name}={given[p.name]}" for p in function.parameters if p.name in given]
    return f"{about.sign}{function.name}({', '.join(arguments)})"


def inputs(call: str) -> tuple[Input, ...]:
    """The inputs that a call of the book takes, by the names in it.

    A name that is passed as it stands takes the domain of what it is passed as; one inside an
      expression any number: where that has no value, nothing is compared.
    """
    node = ast.parse(call.lstrip("-"), mode="eval").body
    assert isinstance(node, ast.Call)
    function = called(call)
    found: dict[str, Input] = {}
    for v, given in zip(function.variables, node.args, strict=True):
        if isinstance(given, ast.Name):
            row = v.along_axis or not function.along_axis
            found.setdefault(given.id, variable(given.id, v, row))
        elif isinstance(given, ast.Call) and ast.unparse(given.func) == "one_hot":
            (name,) = names(ast.unparse(given.args[0]))
            found.setdefault(name, one_hot(name))
    choices = {p.name: p for p in function.parameters}
    for keyword in node.keywords:
        if isinstance(keyword.value, ast.Name):
            p = choices[str(keyword.arg)]
            found.setdefault(keyword.value.id, parameter(keyword.value.id, p))
    for name in sorted(names(call) - set(found)):
        found[name] = variable(name, None)
    return tuple(found.values())


# ---------------------------------------------------------------- names


def _key(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _keys(name: str) -> tuple[str, ...]:
    """What a name is looked up as: `KLDivLoss` as itself, and as `kl_div`."""
    key = _key(name)
    return (key, key.removesuffix("loss")) if key.endswith("loss") and key != "loss" else (key,)


@cache
def _by_name() -> dict[str, Function]:
    found: dict[str, Function] = {}
    for function in catalogue().values():
        found.setdefault(_key(function.name), function)
    for function in catalogue().values():
        for alias in function.aliases:
            found.setdefault(_key(alias), function)
    return found


@cache
def _spelled() -> dict[tuple[str, str], tuple[tuple[str, ast.Call, str], ...]]:
    """The calls by which frameworks spell the book's functions, by package and name."""
    found: dict[tuple[str, str], list[tuple[str, ast.Call, str]]] = {}
    for name, text in _calls():
        try:
            node = ast.parse(text, mode="eval").body
        except SyntaxError:  # words, not a call
            continue
        negative = isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub)
        call = node.operand if isinstance(node, ast.UnaryOp) else node
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute):
            path = ast.unparse(call.func).split(".")
            known = found.setdefault((path[0], _key(path[-1])), [])
            known.append((name, call, "-" if negative else ""))
    return {key: tuple(calls) for key, calls in found.items()}


def _calls() -> Iterator[tuple[str, str]]:
    for spellings in (*map(of_backend, BACKENDS), *SPELLINGS.values()):
        yield from ((n, text) for n, text in spellings.items() if n in catalogue())


def _arguments(call: ast.Call, takes: tuple[str, ...]) -> dict[str, str]:
    """What the book's inputs are called there: `huber(target, prediction)` of (y_true, y_pred)."""
    found = {}
    for place, given in enumerate(call.args):
        if isinstance(given, ast.Name) and place < len(takes):
            found[given.id] = takes[place]
    for keyword in call.keywords:
        if isinstance(keyword.value, ast.Name) and keyword.arg:
            found[keyword.value.id] = keyword.arg
    return found
