"""The runner: every property of every function in every format, as verdicts in a report."""

from __future__ import annotations

import fnmatch
import math
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

import numpy as np
import sympy

from ..reference.facts import problems as contradictions
from ..reference.formats import FORMATS, Format
from ..reference.level import Level
from ..spec.catalogue import catalogue as book_of_functions
from ..spec.function import Function, SpecError
from ..spec.verify import verified
from . import workers
from .case import FULL, Case
from .environment import environment
from .implementation import Implementation, Misconduct, Unsupported
from .numerals import Number, nearest, number
from .points import SEED
from .properties import Outcome, Property, catalogue
from .target import BACKENDS, Target, UsageError, resolve
from .verdict import Report, Status, Verdict

Progress = Callable[[int, int, str], None]
LIMIT = 10.0  # seconds for one call of the code under test


@dataclass(frozen=True)
class Profile:
    """How much is tried: a case's effort, the formats where none are named, what is left out."""

    effort: int
    formats: tuple[str, ...]
    without: tuple[str, ...] = ()


PROFILES = {
    "smoke": Profile(1, ("float32",), ("identity", "structure.position", "structure.broadcast")),
    "default": Profile(FULL, tuple(FORMATS)),
}


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


def check(
    target: Any,
    *,
    as_: str | Function | None = None,
    vjp: Callable[..., Any] | None = None,
    formats: Sequence[str] = (),
    select: Sequence[str] = (),
    require: str | Level = Level.ACCURATE,
    arrays: str | None = None,
    seed: int = SEED,
    limit: float = LIMIT,
    profile: str = "default",
) -> Report:
    """Judge implementations by the book.

    target
        A backend's name ("torch"), a dotted module name, `module:callable`, a module, a mapping
        from names to callables, or one callable.
    as_
        For one callable: the function's name, or a `Function` of your own.
    vjp
        For one callable: its gradient, called like it with `cotangent=`, giving a tuple.
    formats
        Names of formats; all four when empty.
    select
        Patterns on functions, properties, or `function:property`: "gelu", "grad.*".
    require
        The level below which a verdict fails.
    arrays
        "numpy", "torch" or "jax", where it cannot be told by a first call.
    seed, limit
        The seed of everything random, and the seconds allowed for one call.
    profile
        "default", or "smoke": few points, float32 unless formats are named, in seconds.

    Returns a `Report`. Raises `UsageError` (one sentence) when there is nothing to judge: an
    unknown name, a target that cannot be imported, nothing selected.
    """
    found = resolve(target, as_=as_, vjp=vjp, arrays=arrays)
    _verify(found)
    plan = plan_for(
        found,
        formats=(formats,) if isinstance(formats, str) else formats,
        select=(select,) if isinstance(select, str) else select,
        require=require,
        seed=seed,
        limit=limit,
        profile=profile,
    )
    return run(found, plan)


def _verify(target: Target) -> None:
    """Refuse false facts in definitions that are not the book's (those the tests verify)."""
    book = book_of_functions()
    for function in target.functions.values():
        if book.get(function.name) is not function:
            verified(function)
            for problem in contradictions(function):
                raise SpecError(f"{function.name}: {problem}")


def plan_for(
    target: Target,
    *,
    formats: Sequence[str] = (),
    select: Sequence[str] = (),
    require: str | Level = Level.ACCURATE,
    seed: int = SEED,
    limit: float = LIMIT,
    at: tuple[Number, ...] = (),
    profile: str = "default",
) -> Plan:
    """The plan for a target; `UsageError` where a name is unknown or nothing is selected."""
    if profile not in PROFILES:
        raise UsageError(f"unknown profile {profile!r}: choose from {', '.join(PROFILES)}")
    for name in formats:
        if name not in FORMATS:
            raise UsageError(f"unknown format {name!r}: choose from {', '.join(FORMATS)}")
    try:
        required = Level.parse(require)
    except ValueError as error:
        raise UsageError(str(error)) from error
    chosen = tuple(FORMATS[n] for n in formats or PROFILES[profile].formats)
    names = tuple(n for n in target.functions if _wants_function(select, n))
    plan = Plan(names, chosen, tuple(select), required, seed, limit, at, profile)
    if not any(_wanted(plan, n, p) for n in names for p in catalogue().values()):
        raise UsageError(
            f"nothing selected in {target.name!r} by {', '.join(select)}: patterns match function "
            "names, property names or function:property; see `ulpian list properties`"
        )
    if at and (len(names) != 1):
        raise UsageError("--at needs one function: select it, for example --select gelu")
    if at:
        _check_at(target.functions[names[0]], at)
    return plan


def _check_at(function: Function, at: tuple[Number, ...]) -> None:
    due = len(function.variables)
    names = ", ".join(v.name for v in function.variables)
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


def _split(pattern: str) -> tuple[str, str]:
    if ":" in pattern:
        function, _, name = pattern.partition(":")
        return function, name
    dotted = "." in pattern or pattern.split("*")[0].rstrip(".") in (
        "value",
        "grad",
        "identity",
        "loss",
        "structure",
    )
    return ("*", pattern) if dotted else (pattern, "*")


def _wants_function(select: Sequence[str], name: str) -> bool:
    return not select or any(fnmatch.fnmatch(name, _split(p)[0]) for p in select)


def _wanted(plan: Plan, function: str, prop: Property) -> bool:
    """Several patterns of one kind widen, of two kinds narrow: gelu and grad.* is gelu's grad."""
    if not plan.select:
        return prop.name not in PROFILES[plan.profile].without
    exact = [_split(p) for p in plan.select if ":" in p]
    if any(fnmatch.fnmatch(function, f) and _names(prop, n) for f, n in exact):
        return True
    loose = [_split(p) for p in plan.select if ":" not in p]
    functions = [f for f, n in loose if n == "*"]
    names = [n for f, n in loose if f == "*" and n != "*"]
    if not loose:
        return False
    by_function = not functions or any(fnmatch.fnmatch(function, f) for f in functions)
    by_name = not names or any(_names(prop, n) for n in names)
    return by_function and by_name


def _names(prop: Property, pattern: str) -> bool:
    """Whether a pattern meets a property, or verdicts under it (identity.slope)."""
    head = pattern.split(".")[0]
    return (
        fnmatch.fnmatch(prop.name, pattern)
        or (prop.name == "identity" and head == "identity")
        or pattern.startswith(f"{prop.name}.")
    )


def run(target: Target, plan: Plan, progress: Progress | None = None) -> Report:
    """Judge a target in this process, function by function."""
    start = time.perf_counter()
    verdicts: list[Verdict] = []
    complete = True
    try:
        for done, name in enumerate(plan.functions):
            if progress:
                progress(done, len(plan.functions), name)
            verdicts += judge_function(target, plan, name)
    except KeyboardInterrupt:
        complete = False
    return _report(target, plan, verdicts, time.perf_counter() - start, complete)


def _report(
    target: Target, plan: Plan, verdicts: Iterable[Verdict], seconds: float, complete: bool
) -> Report:
    return Report(
        target=target.name,
        required=plan.required,
        verdicts=tuple(verdicts),
        environment=MappingProxyType({**environment(), **target.adapter.version()}),
        seed=plan.seed,
        seconds=seconds,
        complete=complete,
        arrays=target.arrays,
        call=target.call,
    )


def judge_function(target: Target, plan: Plan, name: str) -> list[Verdict]:
    """All verdicts on one function, in the order of formats and properties."""
    if name in target.missing:
        text = f"needs {target.missing[name]}, which cannot be imported here"
        blank = Verdict(name, "structure.format", "", Status.UNSUPPORTED, message=text)
        return [replace(blank, format=f.name) for f in plan.formats]
    implementation = target.implementation(name, plan.limit)
    partners = _Partners(target, plan.limit)
    verdicts: list[Verdict] = []
    effort = PROFILES[plan.profile].effort
    with target.adapter.session():
        for fmt in plan.formats:
            at = tuple(nearest(value, fmt) for value in plan.at)
            case = Case(
                implementation, fmt, plan.required, plan.seed, at, effort, partners=partners
            )
            refusal = _refusal(case)
            if refusal is not None:
                verdicts.append(refusal)
                continue
            for prop in catalogue().values():
                if _wanted(plan, name, prop) and prop.applies(case):
                    verdicts += _selected(plan, name, _judge(case, prop))
    return verdicts


def _refusal(case: Case) -> Verdict | None:
    """One verdict where an implementation does not offer a 16-bit format; None where it does.

    Code that raises for such arrays, or widens them, makes no claim about the format: NumPy
    itself turns bfloat16 times a Python float into float32.
    """
    if case.fmt.bits > 16:
        return None
    blank = Verdict(case.function.name, "structure.format", case.fmt.name, Status.UNSUPPORTED)
    try:
        dtype = case.dtype_of_result()
    except Unsupported as reason:
        return replace(blank, message=str(reason))
    except Misconduct as finding:
        if finding.kind != "raises" or not case.answers_in_float32():
            return None
        return replace(blank, message=f"does not take {case.fmt.name}: {finding}")
    if dtype.kind == "f" and dtype.itemsize > case.fmt.dtype.itemsize:
        return replace(blank, message=f"computes {case.fmt.name} in {dtype.name}")
    return None


def _selected(plan: Plan, name: str, verdicts: Iterable[Verdict]) -> Iterator[Verdict]:
    """Of several verdicts under one property, those that the patterns name."""
    patterns = [_split(p)[1] for p in plan.select if fnmatch.fnmatch(name, _split(p)[0])]
    narrow = [p for p in patterns if p.count(".") >= 1 and p != "*"]
    for v in verdicts:
        if not narrow or any(
            fnmatch.fnmatch(v.property, p) or v.property.startswith(f"{p}.") for p in narrow
        ):
            yield v


class _Partners(Mapping[str, Implementation]):
    """The target's other implementations, for identities, made when asked for."""

    def __init__(self, target: Target, limit: float) -> None:
        self.target, self.limit = target, limit

    def __getitem__(self, name: str) -> Implementation:
        if name not in self.target.functions:
            raise KeyError(name)
        return self.target.implementation(name, self.limit)

    def __iter__(self) -> Iterator[str]:
        return iter(self.target.functions)

    def __len__(self) -> int:
        return len(self.target.functions)


def _judge(case: Case, prop: Property) -> list[Verdict]:
    start = time.perf_counter()
    blank = Verdict(case.function.name, prop.name, case.fmt.name, Status.ERROR)
    try:
        with np.errstate(all="ignore"):
            found = prop.judge(case)
            named = [("", found)] if isinstance(found, Outcome) else list(found)
        verdicts = [_verdict(blank, suffix, outcome, case) for suffix, outcome in named]
    except Unsupported as reason:
        verdicts = [replace(blank, status=Status.UNSUPPORTED, message=str(reason))]
    except Misconduct as finding:
        verdicts = [
            replace(blank, status=Status.FAIL, level=Level.UNSOUND, message=str(finding), points=1)
        ]
    except KeyboardInterrupt:
        raise
    except Exception as error:  # ours: reported as such, never as a pass
        text = f"Ulpian failed here: {type(error).__name__}: {error}"
        verdicts = [replace(blank, message=text)]
    spent = (time.perf_counter() - start) / max(1, len(verdicts))
    return [replace(v, seconds=spent) for v in verdicts]


def _verdict(blank: Verdict, suffix: str, outcome: Outcome, case: Case) -> Verdict:
    name = f"{blank.property}.{suffix}" if suffix else blank.property
    if outcome.level is None:
        status = Status.UNSUPPORTED if outcome.unsupported else Status.UNDECIDED
        message = outcome.unsupported or outcome.message or "no point could be tried"
        return replace(
            blank, property=name, status=status, message=message, traits=tuple(outcome.traits)
        )
    failed = outcome.level < case.required
    status = Status.FAIL if failed else Status.PASS
    if outcome.undecided and not failed:
        status = Status.UNDECIDED
    return replace(
        blank,
        property=name,
        status=status,
        level=outcome.level,
        error_ulp=outcome.error,
        witness=outcome.witness,
        points=outcome.points,
        message=outcome.message if failed else outcome.unsupported,
        traits=tuple(outcome.traits),
    )


# ---------------------------------------------------------------- by name, in several processes


def check_target(
    target: str,
    *,
    as_: str | None = None,
    select: tuple[str, ...] = (),
    formats: tuple[str, ...] = (),
    require: str = "accurate",
    jobs: int = 1,
    at: str | None = None,
    seed: int = SEED,
    limit: float = LIMIT,
    profile: str = "default",
    progress: Progress | None = None,
) -> Report:
    """Judge a target given by name, in `jobs` processes. What the command line calls."""
    found = resolve(target, as_=as_)
    _verify(found)
    plan = plan_for(
        found,
        formats=formats,
        select=select,
        require=require,
        seed=seed,
        limit=limit,
        at=_numbers(at),
        profile=profile,
    )
    if target in BACKENDS and (jobs <= 1 or len(plan.functions) == 1):
        return run(found, plan, progress)  # ours: it needs no process of its own
    start = time.perf_counter()
    verdicts, complete = _in_processes(target, as_, found, plan, jobs, progress)
    return _report(found, plan, verdicts, time.perf_counter() - start, complete)


def _numbers(at: str | None) -> tuple[Number, ...]:
    if at is None:
        return ()
    if not at.strip():
        raise UsageError("--at is empty: give a number for each variable, -5.5 or -0x1.6p+2")
    values = [number(word) for word in at.replace(",", " ").split()]
    found = tuple(value for value in values if value is not None)
    if len(found) < len(values):
        raise UsageError(f"--at {at!r} is not a number: write -5.5 or -0x1.6p+2")
    return found


def _work(target: str, as_: str | None, plan: Plan, name: str) -> list[Verdict]:
    """One function, in a worker process."""
    found = resolve(target, as_=as_)
    verdicts = judge_function(found, plan, name)
    found.adapter.forget()
    return verdicts


def _in_processes(
    target: str, as_: str | None, found: Target, plan: Plan, jobs: int, progress: Progress | None
) -> tuple[list[Verdict], bool]:
    verdicts: dict[str, list[Verdict]] = {}
    complete = True
    # the longest first, so that no worker is left alone at the end
    order = sorted(plan.functions, key=lambda n: -len(found.functions[n].parameters))
    try:
        for name, answer in workers.results(_work, (target, as_, plan), order, jobs):
            lost = isinstance(answer, workers.Lost)
            verdicts[name] = [_lost(plan, name, answer.why)] if lost else answer
            if progress:
                progress(len(verdicts), len(order), name)
    except KeyboardInterrupt:
        complete = False
    return [v for name in plan.functions for v in verdicts.get(name, [])], complete


def _lost(plan: Plan, name: str, why: str) -> Verdict:
    return Verdict(
        name,
        "structure.purity",
        plan.formats[0].name,
        Status.FAIL,
        Level.UNSOUND,
        message=f"the run of this function was lost: {why}",
    )
