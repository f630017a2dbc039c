"""What is to be judged: a plan for a target, and the patterns that select from it."""

from __future__ import annotations

import fnmatch
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import sympy

from ...reference.formats import FORMATS, Format
from ...reference.level import Level
from ...spec.catalogue import catalogue as functions_of_the_book
from ...spec.function import Function
from ..numerals import Number, nearest, number
from ..properties import GROUPS, Property, catalogue
from ..seeds import SEED, Seed, settled
from ..targets.target import Target
from ..usage import UsageError
from ..verdict import Verdict
from .profiles import PROFILES

LIMIT = 10.0  # seconds for one call of the code under test


@dataclass(frozen=True)
class Place:
    """One input: whole rows first, then single numbers; with a setting of parameters (a number, or
    a tuple for a row of them) and the cotangent of its outputs, where these are not the usual.
    """

    numbers: tuple[Number, ...] = ()
    setting: tuple[tuple[str, Any], ...] = ()
    cotangent: tuple[float, ...] = ()


@dataclass(frozen=True)
class Plan:
    """What is to be judged: the functions, the formats, and how."""

    functions: tuple[str, ...]
    formats: tuple[Format, ...]
    select: tuple[str, ...]
    required: Level
    seed: int = SEED
    limit: float = LIMIT
    at: tuple[Number, ...] = ()
    profile: str = "default"
    setting: tuple[tuple[str, Any], ...] = ()  # of what is judged at one input
    cotangent: tuple[float, ...] = ()


def plan_for(
    target: Target,
    *,
    formats: Sequence[str] = (),
    select: Sequence[str] = (),
    require: str | Level = Level.ACCURATE,
    seed: Seed = SEED,
    limit: float = LIMIT,
    place: Place | None = None,
    profile: str = "default",
) -> Plan:
    """The plan for a target; `UsageError` where a name is unknown or nothing is selected."""
    if profile not in PROFILES:
        raise UsageError(f"unknown profile {profile!r}: choose from {', '.join(PROFILES)}")
    for name in formats:
        if name not in FORMATS:
            raise UsageError(f"unknown format {name!r}: choose from {', '.join(FORMATS)}")
    try:
        required, number_of_seed = Level.parse(require), settled(seed)
    except ValueError as error:
        raise UsageError(str(error)) from error
    chosen = tuple(FORMATS[n] for n in formats or PROFILES[profile].formats)
    names = tuple(n for n in target.functions if _wants_function(select, n))
    place = place or Place()
    at = place.numbers
    plan = Plan(
        names,
        chosen,
        tuple(select),
        required,
        number_of_seed,
        limit,
        at,
        profile,
        place.setting,
        place.cotangent,
    )
    if not any(wanted(plan, n, p) for n in names for p in catalogue().values()):
        raise UsageError(
            f"nothing selected in {target.name!r} by {', '.join(select)}: patterns match function "
            "names, property names or function:property; see `ulpian list properties`"
        )
    if at and (len(names) != 1):
        raise UsageError("--at needs one function: select it, for example --select gelu")
    if at:
        _check_at(target.functions[names[0]], at)
        for fmt in chosen:
            _check_range(at, fmt)
    return plan


def _check_range(at: tuple[Number, ...], fmt: Format) -> None:
    """An input beyond a format that has no infinities would be NaN."""
    for value in at:
        if fmt.lacks(nearest(value, fmt)):
            raise UsageError(f"--at: {fmt.lacking(nearest(value, FORMATS['float64']))}")


def _check_at(function: Function, at: tuple[Number, ...]) -> None:
    due = len(function.variables)
    names = ", ".join(v.name for v in function.variables)
    if function.sizes:
        shapes = ", ".join(f"{v.name} {v.written}" for v in function.variables)
        raise UsageError(
            f"--at cannot tell the rows of {function.name} apart, which takes {shapes}: leave it "
            "out, or call the implementation yourself"
        )
    if function.along_axis:
        rows = sum(v.along_axis for v in function.variables)
        length, left = divmod(len(at) - (due - rows), rows)
        if left or length < 1:
            raise UsageError(
                f"--at gives {len(at)} numbers; {function.name} takes rows of one length, then "
                f"single numbers: {names}"
            )
        if not function.entries(length):
            raise UsageError(f"--at gives a row of {length}; {function.name} has no output for it")
        at = (*at[: rows * length : length], *at[rows * length :])
    elif len(at) != due:
        raise UsageError(f"--at gives {len(at)} numbers; {function.name} takes {due}: {names}")
    ordered = sorted(function.variables, key=lambda v: not v.along_axis)
    for v, value in zip(ordered, at, strict=False):
        if isinstance(value, float) and not math.isfinite(value):
            continue
        if sympy.Rational(*value.as_integer_ratio()) not in v.domain:
            shown = nearest(value, FORMATS["float64"])
            raise UsageError(
                f"--at: {v.name} = {shown:g} lies outside its domain {v.domain} in {function.name}"
            )


def numbers_at(at: str | None) -> tuple[Number, ...]:
    """The numbers of `--at`, as exact as they were written; `UsageError` where one is none."""
    if at is None:
        return ()
    if not at.strip():
        raise UsageError("--at is empty: give a number for each variable, -5.5 or -0x1.6p+2")
    values = [number(word) for word in at.replace(",", " ").split()]
    found = tuple(value for value in values if value is not None)
    if len(found) < len(values):
        raise UsageError(f"--at {at!r} is not a number: write -5.5 or -0x1.6p+2")
    return found


def arranged(
    functions: Sequence[str], formats: Sequence[str], verdicts: Iterable[Verdict]
) -> tuple[Verdict, ...]:
    """Verdicts by function, format and property, however the order of the work was."""
    names = list(catalogue())

    def place(v: Verdict) -> tuple[int, int, int]:
        function = functions.index(v.function) if v.function in functions else len(functions)
        fmt = formats.index(v.format) if v.format in formats else -1
        found = (k for k, name in enumerate(names) if f"{v.property}.".startswith(f"{name}."))
        return function, fmt, next(found, len(names))

    return tuple(sorted(verdicts, key=place))


# ---------------------------------------------------------------- patterns


def _split(pattern: str) -> tuple[str, str]:
    """A pattern's part on functions and its part on properties; "*" for the one not named.

    `identity` is the function of that name; the group of properties is `identity.*`.
    """
    if ":" in pattern:
        function, _, name = pattern.partition(":")
        return function, name
    if pattern in functions_of_the_book():
        return pattern, "*"
    dotted = "." in pattern or pattern.split("*")[0].rstrip(".") in GROUPS
    return ("*", pattern) if dotted else (pattern, "*")


def _wants_function(select: Sequence[str], name: str) -> bool:
    return not select or any(fnmatch.fnmatch(name, _split(p)[0]) for p in select)


def wanted(plan: Plan, function: str, prop: Property) -> bool:
    """Whether a plan judges a property of a function.

    Several patterns of one kind widen, of two kinds narrow: gelu and grad.* is gelu's grad.
    """
    return _asked(plan.select, plan.profile, function, prop.name)


def _asked(select: Sequence[str], profile: str, function: str, name: str) -> bool:
    if not select:
        return profile not in PROFILES or name not in PROFILES[profile].without
    exact = [_split(p) for p in select if ":" in p]
    if any(fnmatch.fnmatch(function, f) and _names(name, n) for f, n in exact):
        return True
    loose = [_split(p) for p in select if ":" not in p]
    functions = [f for f, n in loose if n == "*"]
    names = [n for f, n in loose if f == "*" and n != "*"]
    if not loose:
        return False
    by_function = not functions or any(fnmatch.fnmatch(function, f) for f in functions)
    by_name = not names or any(_names(name, n) for n in names)
    return by_function and by_name


def _names(name: str, pattern: str) -> bool:
    """Whether a pattern meets a property, or verdicts under it (identity.slope)."""
    head = pattern.split(".")[0]
    return (
        fnmatch.fnmatch(name, pattern)
        or (name == "identity" and head == "identity")
        or pattern.startswith(f"{name}.")
    )


def selected(plan: Plan, name: str, verdicts: Iterable[Verdict]) -> Iterator[Verdict]:
    """Of several verdicts under one property, those that the patterns name."""
    return (v for v in verdicts if _meets(plan.select, name, v.property))


def _meets(select: Sequence[str], function: str, name: str) -> bool:
    patterns = [_split(p)[1] for p in select if fnmatch.fnmatch(function, _split(p)[0])]
    narrow = [p for p in patterns if p != "*"]
    return not narrow or any(fnmatch.fnmatch(name, p) or name.startswith(f"{p}.") for p in narrow)


def covers(select: Sequence[str], profile: str, function: str, name: str) -> bool:
    """Whether patterns ask for a verdict of that name, be there such a function or not."""
    property_ = next((p for p in catalogue() if name == p or name.startswith(f"{p}.")), name)
    return _asked(select, profile, function, property_) and _meets(select, function, name)
