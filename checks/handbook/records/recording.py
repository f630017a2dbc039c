"""Records made: what a check of a backend found, with error curves and what it picks at kinks.

The curves and picks are measured here, at the points of the check, whose truths are then in the
cache. The same results give the same bytes: no time, no place, numbers to four digits.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import cache
from typing import Any

import numpy as np

from ....reference.error import least_error
from ....reference.formats import FORMATS, USUAL, Floats, Format
from ....spec.function import Function
from ....spec.verify import probe_of, stated_places
from ...environment import MISSING
from ...judging import observe
from ...judging.offered import refused
from ...numerals import cut
from ...points import draw
from ...points.case import Batch, Case
from ...reports.figures import hexadecimal
from ...runs.plan import Plan, plan_for
from ...runs.run import Progress, check_target
from ...runs.run import report as report_on
from ...runs.steps import Partners, case_for
from ...targets.implementation import Misconduct, Unsupported
from ...targets.target import Target, resolve
from ...targets.versions import packages, version
from ...usage import UsageError
from ...verdict import Report, Status, Verdict
from .record import QUANTITIES, SCHEMA, definition_key

FINE = 16  # stretches are single binades from 2**-16 to 2**16
COARSE = {"float16": 1, "bfloat16": 4, "float32": 4, "float64": 32}  # and so many beyond
LONGEST = 24  # numbers of a witness that is kept
ACCURACY = {"value": "value.accuracy", "gradient": "grad.accuracy"}

Entry = dict[str, Any]


def record(
    target: str,
    report: Report | None = None,
    *,
    jobs: int = 1,
    progress: Progress | None = None,
) -> Entry:
    """The record of a backend as plain data, valid by the schema.

    `report` is a whole default check that has been run already, in the environment of now; without
    it the check is run. Raises `UsageError` for a target that cannot be judged, and for a report
    that is of another target, of another environment, or not of the whole.
    """
    found = resolve(target)
    plan = plan_for(found)
    if report is None:
        report = check_target(target, jobs=jobs, progress=progress)
    _check(report, report_on(found, plan, (), 0.0))
    measured = [_measured(found, plan, name) for name in sorted(plan.functions)]
    return {
        "schema": SCHEMA,
        "target": target,
        "version": version(target),
        "command": f"ulpian handbook record {target}",
        "environment": {**report.environment, **packages(target)},
        "profile": report.profile,
        "seed": report.seed,
        "definitions": {n: definition_key(found.functions[n]) for n in sorted(plan.functions)},
        "edges": {name: edges(FORMATS[name]) for name in USUAL},
        "standings": list(standings(report.verdicts)),
        "picks": [pick for picks, _ in measured for pick in picks],
        "curves": [curve for _, curves in measured for curve in curves],
    }


def file_name(target: str) -> str:
    """`torch-2.13.0.json`."""
    return re.sub(r"[^\w.-]+", "_", f"{target}-{version(target)}") + ".json"


# ---------------------------------------------------------------- the check's part


def _check(report: Report, due: Report) -> None:
    """Refuse a report that is not what a whole default check of the target would give here."""
    if report.target != due.target:
        raise UsageError(
            f"the report is of {report.target}, and the record is to be of {due.target}"
        )
    for name, value in due.environment.items():
        was = report.environment.get(name, MISSING)
        if was != value:
            raise UsageError(
                f"the report was made with {name} {was}, and here is {value}: the errors between "
                "the points are measured here, so run the check here, too"
            )
    whole = (due.profile, due.seed, due.select, due.formats, due.at_one, due.functions)
    has = (
        *(report.profile, report.seed, report.select),
        *(report.formats, report.at_one, report.functions),
    )
    if has != whole or not report.complete or report.rounds != 1:
        raise UsageError(
            f"the report on {report.target} is not of a whole check with the default profile and "
            f"seed: run `ulpian check {report.target} --report jsonl=FILE` without other options"
        )


def standings(verdicts: Iterable[Verdict]) -> Iterator[Entry]:
    """What was found of each function in each format, in alphabetical order."""
    groups: dict[tuple[str, int], list[Verdict]] = {}
    order = list(USUAL)
    for v in verdicts:
        groups.setdefault((v.function, order.index(v.format)), []).append(v)
    for (function, place), found in sorted(groups.items()):
        yield _standing(function, order[place], found)


def _standing(function: str, fmt: str, found: list[Verdict]) -> Entry:
    ordered = sorted(found, key=lambda v: v.property)
    counts = Counter(str(v.status) for v in found)
    failed = (v for v in ordered if v.status is Status.FAIL)
    open_ = (v for v in ordered if v.status in (Status.UNDECIDED, Status.ERROR))
    lacking = (v for v in ordered if v.status is Status.UNSUPPORTED)
    return {
        "function": function,
        "format": fmt,
        "level": _lowest(found),
        "value_level": _lowest(v for v in found if v.property.startswith("value.")),
        "gradient_level": _lowest(v for v in found if v.property.startswith("grad.")),
        **{name: _worst(found, FORMATS[fmt], ACCURACY[name]) for name in QUANTITIES},
        "counts": dict(sorted(counts.items())),
        "findings": [[v.property, str(v.level), v.message] for v in failed],
        "open": [[v.property, str(v.status), v.message] for v in open_],
        "unsupported": [[v.property, v.message] for v in lacking],
        "traits": sorted({trait for v in found for trait in v.traits}),
    }


def _lowest(verdicts: Iterable[Verdict]) -> str | None:
    levels = [v.level for v in verdicts if v.level is not None]
    return str(min(levels, key=lambda level: level.rank)) if levels else None


def _worst(found: Iterable[Verdict], fmt: Format, name: str) -> Entry | None:
    one = next((v for v in found if v.property == name and v.level is not None), None)
    if one is None or one.error_ulp is None:
        return None
    seen = one.witness
    kept = seen is not None and sum(map(_size, seen.inputs.values())) <= LONGEST
    return {
        "level": str(one.level),
        "error_ulp": _digits(one.error_ulp),
        "at": {n: _hex(x) for n, x in seen.inputs.items()} if seen and kept else {},
        "at_error_ulp": None if seen is None else _digits(seen.error_ulp),
        "at_bound_ulp": None if seen is None else _digits(seen.bound_ulp),
    }


def _size(value: Any) -> int:
    return sum(map(_size, value)) if isinstance(value, list | tuple) else 1


def _hex(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_hex(v) for v in value]
    return hexadecimal(value)


def _digits(value: float | None, count: int = 4) -> float | str | None:
    """The first digits, cut; what is infinite is a word, what was not measured is none."""
    if value is None or math.isnan(value):
        return None
    if math.isinf(value):
        return "inf"
    short = cut(value, count)
    return int(short) if short.is_integer() and short < 1e6 else short


# ---------------------------------------------------------------- measured here


def edges(fmt: Format) -> list[int]:
    """The exponents at which the stretches of an error curve begin, and where the last one ends.

    Single binades from 2**-16 to 2**16, of which a picture shows each, and wider ones beyond.
    """
    low, high, wide = fmt.subnormal_exponent, fmt.emax + 1, COARSE[fmt.name]
    near = range(max(low, -FINE), min(high, FINE) + 1)
    found = {low, high, *near, *range(FINE, high, wide), *range(-FINE, low, -wide)}
    return sorted(found)


def _measured(target: Target, plan: Plan, name: str) -> tuple[list[Entry], list[Entry]]:
    """Picks and curves of one function, in every format that is offered."""
    picks: list[Entry] = []
    curves: list[Entry] = []
    if name in target.missing or target.functions[name].along_axis:
        return picks, curves
    partners = Partners(target, plan.limit)
    with target.adapter.session():
        for fmt in plan.formats:
            case = case_for(target, plan, name, fmt, partners)
            if refused(case) is None:
                picks += _picks(case, name)
                curves += _curves(case, name)
        target.adapter.forget()
    return picks, curves


def _curves(case: Case, name: str) -> Iterator[Entry]:
    function = case.function
    if len(function.variables) > 1:
        return
    (batch,) = draw.batches(case)
    batch = draw.thinned(case, batch)
    truth = case.truth(batch)
    for quantity in QUANTITIES:
        seen = _seen(case, batch, quantity)
        if seen is None:
            continue
        right = truth["value" if quantity == "value" else function.variables[0].name]
        error, _ = least_error(seen, right, case.fmt)
        kept = right.decided
        sides = _stretches(batch.arrays[0][kept], error[kept], case.fmt)
        curve = {"function": name, "format": case.fmt.name, "quantity": quantity}
        yield {**curve, **{side: [_digits(e, 3) for e in found] for side, found in sides.items()}}


def _seen(case: Case, batch: Batch, quantity: str) -> Floats | None:
    """What the implementation answers; None where it does not."""
    first = case.function.variables[0]
    with suppress(Misconduct, Unsupported), np.errstate(all="ignore"):
        if quantity == "value":
            return observe.value(case, batch)
        if first.differentiable and case.implementation.has_gradient:
            return observe.gradient(case, batch, first.name)
    return None


def _stretches(x: Floats, error: Floats, fmt: Format) -> dict[str, Floats]:
    """The largest error of each stretch and sign; NaN where there is no point. Zeros have none."""
    exponent = np.frexp(x)[1] - 1
    stretch = np.searchsorted(edges(fmt), exponent, side="right") - 1
    sides = {}
    for side, wanted in (("negative", x < 0), ("positive", x > 0)):
        largest = np.full(len(edges(fmt)) - 1, -1.0)
        np.maximum.at(largest, stretch[wanted], error[wanted])
        sides[side] = np.where(largest < 0, np.nan, largest)
    return sides


def _picks(case: Case, name: str) -> Iterator[Entry]:
    """What comes back exactly at each stated kink and jump, at default parameters."""
    for place in _places(case.function):
        others = (float(probe_of(v)) for v in case.function.variables[1:])
        inputs = case.fmt.round(np.array([place, *others]))
        batch = Batch(tuple(inputs[k : k + 1] for k in range(inputs.size)))
        seen = {quantity: _seen(case, batch, quantity) for quantity in QUANTITIES}
        if seen["value"] is None:
            continue
        names = [v.name for v in case.function.variables]
        yield {
            "function": name,
            "format": case.fmt.name,
            "at": {n: hexadecimal(v) for n, v in zip(names, inputs, strict=True)},
            **{q: None if s is None else hexadecimal(s[0]) for q, s in seen.items()},
        }


@cache
def _places(function: Function) -> tuple[float, ...]:
    return tuple(sorted({float(place) for place in stated_places(function)}))
