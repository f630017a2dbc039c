"""What is to be swept: from a request to sweeps, and from a sweep to its shards."""

from __future__ import annotations

import fnmatch
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import product

import sympy

from ...reference.formats import FORMATS, Format
from ...reference.local.rows import ROW
from ...reference.oracle import parameters, settings
from ...reference.source import QUANTITIES
from ...spec.function import Function
from ..numerals import Number, nearest
from ..targets.implementation import keywords_of
from ..targets.target import BACKENDS, Target, resolve
from ..usage import UsageError
from .shard import SIZE, Shard

WIDEST = 32  # bits of a format whose every float can be tried
FEW = 8  # names that are told
MODULES = ("torch", "jax", "scipy")  # backends whose name is a module's, too
DEVICES = ("torch", "jax")  # array libraries that compute elsewhere, too


@dataclass(frozen=True)
class Request:
    """What is asked for.

    select      patterns on names of functions; empty for all that work element by element
    settings    the values of each parameter to be tried, every one with every other
    fixed       the other variables of a function of several
    low, high   the part of the line; None for its end, both None for every bit pattern
    hunt        whether it is to be searched: in a format of any width, other variables left open
    """

    target: str
    as_: str = ""
    select: tuple[str, ...] = ()
    quantities: tuple[str, ...] = ("value",)
    fmt: str = "float32"
    settings: Mapping[str, Sequence[Number]] = field(default_factory=dict)
    fixed: Mapping[str, Number] = field(default_factory=dict)
    low: Number | None = None
    high: Number | None = None
    device: str = ""
    hunt: bool = False


@dataclass(frozen=True)
class Sweep:
    """One result to be.

    `whole` is all of it as one shard. `rounded` has the parameters as the format has them, where
    those as given are none of its floats: which of the two the code follows is not known yet.
    """

    function: Function
    whole: Shard
    rounded: Mapping[str, Fraction] | None = None

    @property
    def shards(self) -> tuple[Shard, ...]:
        """The parts that are done in one go each, in order."""
        first, end = self.whole.first, self.whole.first + self.whole.count
        starts = [first, *range((first // SIZE + 1) * SIZE, end, SIZE)]
        ends = [*starts[1:], end]
        return tuple(
            replace(self.whole, first=a, count=b - a) for a, b in zip(starts, ends, strict=True)
        )

    def read(self, as_rounded: bool) -> Sweep:
        """The sweep once it is known how the code reads its parameters."""
        if not as_rounded or self.rounded is None:
            return replace(self, rounded=None)
        return Sweep(self.function, replace(self.whole, setting=self.rounded))


@dataclass(frozen=True)
class Plan:
    """The sweeps, and a sentence for each function or derivative that is left out."""

    target: Target
    sweeps: tuple[Sweep, ...]
    left_out: tuple[str, ...] = ()


def plan(request: Request) -> Plan:
    """What a request comes to; `UsageError` where it cannot be served.

    A function that was named and cannot be swept is refused; of a pattern, or of a whole target, it
    is left out.
    """
    fmt = _searched(request.fmt) if request.hunt else _format(request.fmt)
    for name in request.quantities:
        if name not in QUANTITIES:
            raise UsageError(f"unknown quantity {name!r}: choose from {', '.join(QUANTITIES)}")
    request, target = _resolved(request)
    if request.device and target.arrays and target.arrays not in DEVICES:
        raise UsageError(
            f"--device {request.device} is for {' and '.join(DEVICES)}: {request.target!r} "
            f"computes with {target.arrays}"
        )
    names = _chosen(request, target)
    _known_names(request, [target.functions[n] for n in names])
    parts = _parts(fmt, request.low, request.high)
    sweeps, left_out = list[Sweep](), list[str]()
    for name in names:
        try:
            sweeps += _sweeps(request, target, name, fmt, parts, left_out)
        except _CannotBe as problem:
            if len(names) == 1 or name in request.select:
                raise UsageError(str(problem)) from None
            left_out.append(str(problem))
    if not sweeps:
        raise UsageError(f"nothing to sweep in {request.target!r}: {'; '.join(left_out[:3])}")
    return Plan(target, tuple(sweeps), tuple(left_out))


class _CannotBe(Exception):  # noqa: N818 - one function among others
    """A function that cannot be swept as asked; the message says why, and the way out."""


def _format(name: str) -> Format:
    narrow = [f.name for f in FORMATS.values() if f.bits <= WIDEST]
    if name not in FORMATS:
        raise UsageError(f"unknown format {name!r}: choose from {', '.join(narrow)}")
    if name not in narrow:
        raise UsageError(
            f"{name} has 2**{FORMATS[name].bits} floats, too many to try: search it with "
            f"`ulpian hunt`, or sweep {', '.join(narrow)}"
        )
    return FORMATS[name]


def _searched(name: str) -> Format:
    wide = [f.name for f in FORMATS.values() if f.bits > 16]
    if name not in FORMATS:
        raise UsageError(f"unknown format {name!r}: choose from {', '.join(wide)}")
    if name not in wide:
        raise UsageError(
            f"{name} has few floats: try them all with `ulpian sweep`, or hunt in {', '.join(wide)}"
        )
    return FORMATS[name]


def _resolved(request: Request) -> tuple[Request, Target]:
    """The target, and the request with torch:gelu as gelu of the backend torch."""
    backend, _, name = request.target.partition(":")
    if backend in BACKENDS and name:
        found = resolve(backend, probe=False)
        if name in found.functions:
            if request.select:
                raise UsageError(
                    f"{request.target!r} names its function: leave out --select "
                    f"{', '.join(request.select)}, or name {backend} alone"
                )
            return replace(request, target=backend, select=(name,)), found
        if backend not in MODULES:
            raise _no_function(backend, found, name)
    return request, resolve(request.target, as_=request.as_ or None, probe=False)


def _chosen(request: Request, target: Target) -> list[str]:
    patterns = request.select or ("*",)
    for pattern in patterns:
        if not any(fnmatch.fnmatch(n, pattern) for n in target.functions):
            raise _no_function(request.target, target, pattern)
    return [n for n in target.functions if any(fnmatch.fnmatch(n, p) for p in patterns)]


def _no_function(name: str, target: Target, asked: str) -> UsageError:
    known = list(target.functions)
    shown = ", ".join(known[:FEW]) + (" ..." if len(known) > FEW else "")
    return UsageError(f"{name!r} has no function {asked!r}; it has {shown}")


def _known_names(request: Request, functions: Sequence[Function]) -> None:
    """Refuse names of parameters and variables that none of the functions has."""
    kinds = {
        "--with": (request.settings, {p.name for f in functions for p in f.parameters}),
        "--at": (request.fixed, {v.name for f in functions for v in f.variables}),
    }
    for option, (given, known) in kinds.items():
        for name in given:
            if name not in known:
                what = "parameter" if option == "--with" else "variable"
                shown = ", ".join(sorted(known)) or "none"
                raise UsageError(
                    f"{option} {name}: no function selected has a {what} {name!r}; there is {shown}"
                )


# ---------------------------------------------------------------- one function


def _sweeps(
    request: Request,
    target: Target,
    name: str,
    fmt: Format,
    parts: Sequence[tuple[int, int]],
    left_out: list[str],
) -> Iterator[Sweep]:
    function = target.functions[name]
    if name in target.missing:
        raise _CannotBe(f"{name} needs {target.missing[name]}, which cannot be imported here")
    if function.along_axis:
        raise _CannotBe(f"{name} works along an axis: a sweep takes functions of single numbers")
    fixed = _fixed(request, function, fmt)
    free = next(v for v in function.variables if v.name not in fixed)
    if free.domain.is_FiniteSet:
        raise _CannotBe(f"{name}: {free.name} takes single values of {free.domain}: fix it instead")
    kept = []
    for quantity in request.quantities:
        problem = _unable(target, name, quantity, free.name)
        if problem and len(request.quantities) == 1:
            raise _CannotBe(problem)
        if problem:
            left_out.append(problem)
        else:
            kept.append(quantity)
    for setting in _settings(request, target, name):
        tried = settings(function, setting, fmt)
        for quantity, (first, count) in product(kept, parts):
            whole = Shard(
                target=request.target,
                function=name,
                quantity=quantity,
                fmt=fmt.name,
                as_=request.as_,
                setting=tried[0],
                passed=_passed(function, setting),
                fixed=fixed,
                free=free.name,
                first=first,
                count=count,
                device=request.device,
            )
            yield Sweep(function, whole, tried[1] if len(tried) > 1 else None)


def _fixed(request: Request, function: Function, fmt: Format) -> dict[str, Fraction]:
    """The other variables, as floats of the format."""
    fixed = {}
    for v in function.variables:
        if v.name not in request.fixed:
            continue
        value = request.fixed[v.name]
        if isinstance(value, float) and not math.isfinite(value):
            raise _CannotBe(f"--at {v.name}={value}: a variable is fixed at a finite number")
        rounded = Fraction(nearest(value, fmt))
        if sympy.Rational(rounded.numerator, rounded.denominator) not in v.domain:
            raise _CannotBe(
                f"--at {v.name}={float(rounded):g} lies outside its domain {v.domain} in "
                f"{function.name}"
            )
        fixed[v.name] = rounded
    open_ = [v.name for v in function.variables if v.name not in fixed]
    if not open_:
        raise _CannotBe(
            f"{function.name}: all its variables are fixed; leave out one --at, to sweep over it"
        )
    if len(open_) > 1 and not request.hunt:
        first, *others = open_
        raise _CannotBe(
            f"{function.name} has {len(open_)} open variables: fix all but one of them, "
            f"for example {' '.join(f'--at {n}=1' for n in others)} to sweep over {first}"
        )
    return fixed


def _unable(target: Target, name: str, quantity: str, free: str) -> str | None:
    """Why a derivative cannot be had, as far as that is known without a call."""
    function = target.functions[name]
    if quantity == "value":
        return None
    if free not in {v.name for v in function.differentiable}:
        return f"{name} has no gradient in {free}: sweep its value"
    if target.arrays == "numpy" and f"{name}_vjp" not in target.callables:
        return f"{name} has no gradient here: name one beside it, {name}_vjp, or sweep its value"
    if quantity == "gradient":
        return None
    if target.arrays == "numpy":
        return f"{name} has no second derivative here: NumPy code has no autograd"
    first = function.variables[0].name
    if free != first:
        return f"{name} has its second derivative in {first} only: fix {free} instead"
    return None


def _settings(request: Request, target: Target, name: str) -> Iterator[dict[str, Fraction]]:
    """Every setting asked for: of the parameters that the function has."""
    function, accepted = target.functions[name], keywords_of(target.callables[name])
    own = [p for p in function.parameters if p.name in request.settings]
    for p in function.parameters:
        if p.along_axis:
            raise _CannotBe(f"{name} takes {p.name} as a row: a sweep takes single numbers")
    for p in own:
        if accepted is not None and p.name not in accepted:
            raise _CannotBe(f"{name} does not take {p.name} here: leave out --with {p.name}")
    for values in product(*(request.settings[p.name] for p in own)):
        given = {p.name: value for p, value in zip(own, values, strict=True)}
        for parameter, value in given.items():
            if isinstance(value, float) and not math.isfinite(value):
                raise _CannotBe(f"--with {parameter}={value}: a parameter is a finite number")
        try:
            yield parameters(function, given)
        except ValueError as error:
            raise _CannotBe(str(error)) from error


def _passed(function: Function, setting: Mapping[str, Fraction]) -> tuple[str, ...]:
    usual = parameters(function)
    return tuple(name for name, value in setting.items() if value != usual[name])


# ---------------------------------------------------------------- the part of the line


def _parts(fmt: Format, low: Number | None, high: Number | None) -> tuple[tuple[int, int], ...]:
    """First bits and count of each run of floats between two numbers: one for each sign.

    Every bit pattern where neither is given. Of a wide format whole rows are taken.
    """
    if low is None and high is None:
        return ((0, 1 << fmt.bits),)
    bottom = -math.inf if low is None else nearest(low, fmt)
    top = math.inf if high is None else nearest(high, fmt)
    if math.isnan(bottom) or math.isnan(top):
        raise UsageError("--from and --to are numbers: nan is in no part of the line")
    if bottom > top:
        raise UsageError(f"--from {bottom:g} is above --to {top:g}: no float lies between them")
    sign, row = 1 << (fmt.bits - 1), ROW if fmt.bits > 16 else 1
    runs = []
    if top >= 0:
        runs.append((abs(max(bottom, 0.0)), abs(top), 0))
    if bottom < 0 or top == 0:
        runs.append((abs(min(top, 0.0)), abs(bottom), sign))
    found = []
    for least, most, offset in runs:
        first = min(fmt.bits_of(least), fmt.bits_of(fmt.largest) + 1) // row * row
        last = fmt.bits_of(min(most, fmt.largest)) + (most > fmt.largest and fmt.infinities)
        end = -(-(last + 1) // row) * row
        if first < end:
            found.append((offset + first, end - first))
    if not found:
        ends = [math.copysign(math.inf, s) if v is None else v for s, v in ((-1, low), (1, high))]
        raise UsageError(f"{fmt.name} has no float from {float(ends[0]):g} to {float(ends[1]):g}")
    return tuple(found)
