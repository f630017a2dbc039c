"""What is put before the court: a backend by name, a module, a mapping, a single callable."""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from types import MappingProxyType, ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...spec.catalogue import find, known
from ...spec.errors import SpecError
from ...spec.function import Function, Variable
from ...spec.own import own
from ..processes import blackbox
from ..processes.surroundings import SETTINGS
from ..usage import UsageError
from ..verdict import Call
from .binding import Bound, all_bound, bound, claim, made
from .implementation import Implementation, Misconduct, Unsupported

BACKENDS = ("reference", "textbook", "scipy", "torch", "jax")
EXTRAS = {"torch": "torch", "jax": "jax", "scipy": "scipy", "textbook": "scipy"}
LIBRARIES = ("numpy", "torch", "jax")
PROBE_LIMIT = 2.0  # seconds for a call that tells the array library
PROBES = 3  # functions that are called for that


@dataclass(frozen=True)
class Target:
    """A named set of implementations over one array library.

    A callable that the book's name led to has that name; one that is bound to a definition keeps
    its own, so that several may be bound to one.
    """

    name: str
    callables: Mapping[str, Callable[..., Any]]
    arrays: str
    functions: Mapping[str, Function]  # the definition that each name is judged by
    missing: Mapping[str, str] = field(default_factory=dict)  # functions and what they lack
    call: Call | None = None  # where the command line cannot name it

    @property
    def adapter(self) -> ModuleType:
        return adapter(self.arrays)

    def named(self, function: str) -> str | None:
        """The name here of the implementation of a function: the function's own, or a bound one."""
        names = [n for n, f in self.functions.items() if f.name == function]
        return function if function in names else next(iter(names), None)

    def implementation(self, name: str, limit: float) -> Implementation:
        return Implementation(
            function=self.functions[name],
            forward=self.callables[name],
            vjp=self.callables.get(f"{name}_vjp"),
            adapter=self.adapter,
            limit=limit,
        )


@cache
def adapter(library: str) -> ModuleType:
    """The adapter module of an array library."""
    try:
        return importlib.import_module(f"..adapters.{library}", __package__)
    except ImportError as error:
        raise _not_installed(library, error) from error


def _not_installed(name: str, error: ImportError) -> UsageError:
    extra = EXTRAS.get(name, name)
    missing = error.name or str(error)
    return UsageError(
        f"backend {name!r} needs {missing}, which cannot be imported here: "
        f"pip install 'ulpian[{extra}]'"
    )


def resolve(
    target: Any,
    *,
    as_: str | Function | None = None,
    vjp: Callable[..., Any] | None = None,
    arrays: str | None = None,
    probe: bool = True,
) -> Target:
    """A `Target` from whatever the user has.

    `target` is a backend's name, a dotted module name, `module:callable`, a module, a mapping from
    names to callables, or a callable (with `as_`, a name or a `Function` of the user's own).
    Raises `UsageError` when there is nothing to judge in it. Without `probe` nothing of it is
    called, and `arrays` is empty where only a call can tell the array library.
    """
    _see_own()
    if arrays is not None and arrays not in LIBRARIES:
        raise UsageError(f"unknown array library {arrays!r}: choose one of {', '.join(LIBRARIES)}")
    found = _found(target, as_, vjp, arrays)
    return probed(found) if probe else found


def probed(target: Target, skip: int = 0) -> Target:
    """A target whose array library is known: found out by calls of its functions, if need be.

    The first `skip` functions are not called. NumPy where none of them tells.
    """
    if target.arrays:
        return target
    names = list(target.functions)
    for place in range(skip, min(skip + PROBES, len(names))):
        blackbox.mark(place)
        name = names[place]
        library = _library(target.callables[name], target.functions[name])
        if library:
            return replace(target, arrays=library)
    return replace(target, arrays="numpy")


def _found(
    target: Any, as_: str | Function | None, vjp: Callable[..., Any] | None, arrays: str | None
) -> Target:
    if isinstance(target, str):
        return _named(target, as_, vjp, arrays)
    if isinstance(target, ModuleType | Mapping) and (as_ is not None or vjp is not None):
        raise UsageError(
            f"as_ and vjp belong to one callable, and {_label(target)} holds several: "
            "name them by their functions, gelu and gelu_vjp"
        )
    if isinstance(target, ModuleType):
        return _gathered(target.__name__, vars(target), arrays or getattr(target, "ARRAYS", None))
    if isinstance(target, Mapping):
        return replace(_gathered("mapping", target, arrays), call=Call("<the same mapping>"))
    if callable(target):
        found = _single(target, as_, vjp, arrays)
        return replace(found, call=_call(found, target, vjp))
    raise UsageError(
        f"cannot judge a {type(target).__name__}: pass a backend's name, a module, a mapping of "
        "callables, or a callable with as_="
    )


def _label(target: Any) -> str:
    return repr(target.__name__) if isinstance(target, ModuleType) else "a mapping"


def _named(
    name: str, as_: str | Function | None, vjp: Callable[..., Any] | None, arrays: str | None
) -> Target:
    if not name.strip():
        raise _unknown(name)
    if (as_ is not None or vjp is not None) and ":" not in name:
        raise UsageError(
            f"as_={as_!r} and vjp belong to one callable: name it, for example {name}:gelu"
        )
    if name in BACKENDS:
        module = _backend(name)
        return _gathered(name, vars(module), getattr(module, "ARRAYS", "numpy"))
    if ":" in name:
        module_name, _, attribute = name.partition(":")
        module = _module(module_name)
        if not hasattr(module, attribute):
            raise UsageError(f"module {module_name!r} has no {attribute!r}")
        if not callable(getattr(module, attribute)):
            kind = type(getattr(module, attribute)).__name__
            raise UsageError(f"{name!r} is of type {kind}, which cannot be called: name a function")
        item = getattr(module, attribute)
        beside = {f.name: f for f in vars(module).values() if isinstance(f, Function)}
        claimed = as_ or claim(item, attribute) or attribute
        return _single(
            item,
            beside.get(claimed, claimed) if isinstance(claimed, str) else claimed,
            vjp or getattr(module, f"{attribute}_vjp", None),
            arrays or getattr(module, "ARRAYS", None),
            name=name,
        )
    _see_here()
    if "." not in name and "/" not in name and importlib.util.find_spec(name) is None:
        raise _unknown(name)
    module = _module(name)
    return _gathered(name, vars(module), arrays or getattr(module, "ARRAYS", None))


def _unknown(name: str) -> UsageError:
    return UsageError(
        f"unknown target {name!r}: neither a backend ({', '.join(BACKENDS)}) nor a module that "
        "can be imported here"
    )


def _backend(name: str) -> ModuleType:
    path = "...reference.implementations" if name == "reference" else f"..backends.{name}"
    try:
        return importlib.import_module(path, __package__)
    except ImportError as error:
        raise _not_installed(name, error) from error


def _see_own() -> None:
    """Refuse definitions of the user's own that cannot stand, before anything is judged by one."""
    try:
        own()
    except SpecError as error:
        raise UsageError(str(error)) from error


def _see_here() -> None:
    """Modules of the current folder can be named, as with `python -m`."""
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.insert(0, here)


def _module(name: str) -> ModuleType:
    _see_here()
    try:
        with contextlib.redirect_stdout(sys.stderr):  # stdout is for the report
            return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name and name.split(".")[0] == error.name.split(".")[0]:
            raise UsageError(f"cannot import {name!r}: no module named {error.name!r}") from error
        raise UsageError(f"cannot import {name!r}: it needs {error.name!r}") from error
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # exit() at import too
        raise UsageError(
            f"cannot import {name!r}: it raised {type(error).__name__}: {error}"
        ) from error


def _gathered(name: str, names: Mapping[str, Any], arrays: str | None) -> Target:
    beside = {f.name: f for f in names.values() if isinstance(f, Function)}
    callables: dict[str, Callable[..., Any]] = {}
    functions: dict[str, Function] = {}
    for one in all_bound(names):
        functions[one.name] = _claimed(one, beside, f"{name}: ")
        callables[one.name] = one.forward
        vjp = one.vjp or names.get(f"{one.name}_vjp")
        if vjp is not None:
            callables[f"{one.name}_vjp"] = vjp
    taken = set(callables)
    for key, item in names.items():
        if not callable(item) or key.startswith("_") or isinstance(item, type):
            continue
        base = key.removesuffix("_vjp")
        function = beside.get(base) or known(base)
        if function is None or key in taken or function.name in taken:
            continue
        canonical = function.name if key == base else f"{function.name}_vjp"
        # a function under its own name wins over one under an alias
        if canonical in callables and key != canonical:
            continue
        callables[canonical] = item
        if key == base:
            functions[function.name] = function
    if not functions:
        raise UsageError(
            f"{name!r} has no callable with the name of a function of the book; "
            "see `ulpian list functions`"
        )
    needs = names.get("REQUIRES", {})
    missing = {
        f: needs[f] for f in functions if f in needs and importlib.util.find_spec(needs[f]) is None
    }
    return Target(
        name,
        MappingProxyType(callables),
        arrays or _told(next(callables[f] for f in functions)),
        MappingProxyType(functions),
        MappingProxyType(missing),
    )


def _claimed(one: Bound, beside: Mapping[str, Function], where: str = "") -> Function:
    """The definition that a bound callable claims; `UsageError` with the nearest names if none."""
    if isinstance(one.claim, Function):
        return one.claim
    try:
        return beside.get(one.claim) or definition(one.claim)
    except UsageError as error:
        raise UsageError(f"{where}{one.name}.__ulpian__: {error}") from error


def _single(
    target: Callable[..., Any],
    as_: str | Function | None,
    vjp: Callable[..., Any] | None,
    arrays: str | None,
    name: str | None = None,
) -> Target:
    label = str(name or getattr(target, "__name__", type(target).__name__))
    called = label.rpartition(":")[2]
    one = bound(target, called)
    vjp = vjp or (one.vjp if one else None)
    if as_ is None and one is not None:
        as_ = _claimed(one, {})
    if as_ is None and known(str(getattr(target, "__name__", ""))) is not None:
        as_ = str(target.__name__)
    if as_ is None:
        raise UsageError(f"{label}: which function is it? pass as_=, for example as_='gelu'")
    function = as_ if isinstance(as_, Function) else definition(as_)
    target = made(target, called)
    callables = {function.name: target}
    if vjp is not None:
        callables[f"{function.name}_vjp"] = vjp
    library = arrays or _told(target)
    only = MappingProxyType({function.name: function})
    return Target(label, MappingProxyType(callables), library, only)


def _call(found: Target, forward: Callable[..., Any], vjp: Callable[..., Any] | None) -> Call:
    """How one callable is given to `check` again, and what has to be imported for it."""
    (function,) = found.functions.values()
    near = str(getattr(forward, "__module__", ""))
    items = [("", forward), ("as_=", function), *([("vjp=", vjp)] if vjp is not None else [])]
    words, imports, complete = [], list[str](), True
    for keyword, item in items:
        if item is function and known(function.name) is function:
            words.append(f"{keyword}{function.name!r}")
            continue
        home, name = _home(item, near)
        words.append(keyword + (name if home else f"<{name.strip('<>')}>"))
        imports.append(f"from {home} import {name.partition('.')[0]}")
        complete = complete and bool(home)
    return Call(", ".join(words), "; ".join(imports) if complete else "")


def _home(item: Any, near: str) -> tuple[str, str]:
    """The module that holds something and its name there; no module where none can be imported.

    What does not know its own name, as a `Function`, is looked for in the module `near`.
    """
    module = str(getattr(item, "__module__", "")) if hasattr(item, "__qualname__") else near
    holder = sys.modules.get(module) if module != "__main__" else None
    names = [key for key, value in vars(holder).items() if value is item] if holder else []
    name = str(getattr(item, "__qualname__", names[0] if names else type(item).__name__))
    held: Any = holder
    for part in name.split("."):
        held = getattr(held, part, None)
    return (module, name) if held is item else ("", name.rpartition(".")[2])


def definition(name: str) -> Function:
    """The function of that name; `UsageError` with the nearest names when there is none."""
    try:
        return find(name)
    except LookupError as error:
        raise UsageError(str(error.args[0])) from error
    except SpecError as error:
        raise UsageError(str(error)) from error


def _halves(spec: Function, v: Variable) -> NDArray[Any]:
    """Two of what a variable takes: numbers, rows of them, or labels."""
    shape = (2, *spec.tried(v, 2)) if v.along_axis else (2,)
    return np.ones(shape, np.int64) if v.labels else np.full(shape, 0.5, np.float32)


def _told(function: Callable[..., Any]) -> str:
    """Which array library a callable works with, as far as that is known without a call.

    PyTorch and JAX are thought of only where the user has imported them.
    """
    module = (getattr(function, "__module__", "") or type(function).__module__).split(".")[0]
    if module in ("torch", "jax"):
        return module
    return "numpy" if len(_loaded()) == 1 else ""


def _loaded() -> list[str]:
    return [name for name in LIBRARIES if name == "numpy" or name in sys.modules]


def _library(function: Callable[..., Any], spec: Function) -> str:
    """Which array library a callable works with, found out by calling it; empty if that fails."""
    loaded = _loaded()
    settings = [*SETTINGS, *(s for library in loaded for s in adapter(library).SETTINGS)]
    for library in loaded:
        module = adapter(library)
        given = [_halves(spec, v) for v in spec.variables]
        arguments = [module.to_native(a) for a in given]
        implementation = Implementation(spec, function, None, module, limit=PROBE_LIMIT)
        implementation.diary.watch.settings = settings
        try:
            with implementation.guard(implementation.call("probe", given)):
                result = function(*arguments)
        except Misconduct as refusal:
            if refusal.kind == "time":
                break
            continue
        except Unsupported:
            continue
        for other in reversed(loaded):  # a NumPy input may come back as a JAX array
            if adapter(other).owns(result):
                return other
    return ""
