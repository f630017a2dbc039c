"""The verdicts to come on a target, one by one: what a test file asks for.

    import pytest
    from ulpian.checks import cases

    @pytest.mark.parametrize("case", cases("mypkg.kernels"), ids=str)
    def test_conforms(case):
        case.judge()

Which there are is known without judging anything. Options of pytest (`--ulpian-profile` and the
like) win over arguments, and those over `[tool.ulpian]`.
"""

from __future__ import annotations

import os
import sys
import unittest
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any

from ...reference.level import Level
from ...spec.errors import SpecError
from ...spec.function import Function
from ..config import ConfigError, configuration
from ..environment import environment
from ..ledger.gate import against
from ..ledger.text import LedgerError
from ..reports.layout import Pen
from ..reports.text import block
from ..runs.plan import Plan, plan_for
from ..runs.run import verify
from ..runs.steps import Step
from ..targets.target import Target, resolve
from ..usage import UsageError
from ..verdict import Report, Status, Verdict
from .apart import Apart
from .asked import hurry, option
from .bench import Bench

Gate = Callable[[Report], Report]


def cases(
    target: Any,
    *,
    as_: str | Function | None = None,
    vjp: Callable[..., Any] | None = None,
    arrays: str | None = None,
    formats: Sequence[str] = (),
    select: Sequence[str] = (),
    require: str | Level | None = None,
    seed: int | None = None,
    limit: float | None = None,
    profile: str | None = None,
    ledger: str | None = None,
) -> list[Hearing]:
    """The verdicts to come on a target, in the order of a report; arguments are those of `check`.

    `ledger` is the path of recorded verdicts: what it holds is an expected failure. Nothing is
    judged yet, but the target is imported. Raises `UsageError` as `check` does.
    """
    config = _configuration()
    told = {"require": require, "seed": seed, "limit": limit, "profile": profile}
    asked = {
        name: _first(option(name), value, getattr(config, name)) for name, value in told.items()
    }
    found = resolve(target, as_=as_, vjp=vjp, arrays=arrays)
    plan = plan_for(
        found,
        formats=_words(_first(option("formats"), formats, config.formats)),
        select=_words(_first(option("select"), select, config.select)),
        **{name: value for name, value in asked.items() if value is not None},
    )
    place = _first(option("ledger"), ledger)
    if place is None and config.ledger is not None and config.folder is not None:
        place = config.folder / config.ledger
    apart = None
    if isinstance(target, str) and vjp is None and not isinstance(as_, Function):
        apart = Apart(target, as_, plan)
    return Docket(found, plan, _gate(place), apart).hearings()


def _gate(place: Any) -> Gate | None:
    """What compares a report with the ledger of that path, which is read before the work."""
    if place is None:
        return None
    try:
        return against(Path(os.path.relpath(place)))
    except LedgerError as error:
        raise UsageError(str(error)) from error


def _first(*values: Any) -> Any:
    return next((v for v in values if v is not None and v != ()), None)


def _words(value: Any) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value or ())


def _configuration() -> Any:
    try:
        return configuration()
    except ConfigError as error:
        raise UsageError(str(error)) from error


@dataclass
class Docket:
    """A target, what is asked of it, and the gate that compares a report with a ledger.

    A target that can be named is judged `apart`, in a process of its own.
    """

    target: Target
    plan: Plan
    gate: Gate | None = None
    apart: Apart | None = None
    bench: Bench = field(init=False)

    def __post_init__(self) -> None:
        self.bench = Bench(self.target, self.plan)

    def hearings(self) -> list[Hearing]:
        return [Hearing(self, step, name) for step, name in self.bench.expected()]

    def judge(self, step: Step) -> tuple[Verdict, ...]:
        self._verified  # noqa: B018 - refused once, before anything is judged by it
        return (self.apart or self.bench).judge(step)

    def report(self, verdict: Verdict) -> Report:
        """A report of one verdict, compared with the ledger where there is one."""
        report = Report(
            target=self.target.name,
            required=self.plan.required,
            verdicts=(verdict,),
            environment=self._environment,
            seed=self.plan.seed,
            arrays=self.target.arrays,
            call=self.target.call,
            profile=self.plan.profile,
            select=self.plan.select,
        )
        return self.gate(report) if self.gate else report

    @cached_property
    def _verified(self) -> bool:
        try:
            verify(self.target)
        except SpecError as error:
            raise UsageError(str(error)) from error
        return True

    @cached_property
    def _environment(self) -> Mapping[str, str]:
        return MappingProxyType({**environment(), **self.target.adapter.version()})


@dataclass(frozen=True)
class Hearing:
    """A verdict to come: one property of one function in one format. Its text is its id.

    `step` is what has to be judged for it, `name` the verdict's own (identity.slope).
    """

    docket: Docket = field(repr=False, compare=False)
    step: Step
    name: str

    def __str__(self) -> str:
        """`gelu-grad.accuracy-float32`."""
        return f"{self.step.function}-{self.name}-{self.step.format}"

    @property
    def group(self) -> str:
        """What is best heard by one process: a function, whose points are kept meanwhile."""
        return f"{self.docket.target.name}:{self.step.function}"

    def verdict(self) -> Verdict:
        """What a whole run says here; under the step's own name where it did not get that far."""
        found = self.docket.judge(self.step)
        own = [v for v in found if v.property == self.name]
        return next(iter(own or found))

    def judge(self) -> Verdict:
        """The verdict, if it passes, or if the ledger has nothing against it.

        Raises `AssertionError` with the finding in full, `unittest.SkipTest` where the target does
        not offer what is asked; what the ledger holds is an expected failure to pytest, and a
        skipped test elsewhere. What is undecided, or an error of Ulpian's own, is no pass.
        """
        __tracebackhide__ = True
        hurry()
        verdict = self.verdict()
        report = self.docket.report(verdict)
        for breach in report.gate.breaches if report.gate else ():
            raise AssertionError(f"{self}: {breach.kind}: {breach.sentence}")
        for held in report.gate.held if report.gate else ():
            _expected(f"held by {report.gate.ledger if report.gate else ''}: {held.reason}")
        if verdict.status is Status.UNSUPPORTED:
            raise unittest.SkipTest(verdict.message)
        if verdict.status is Status.FAIL:
            raise AssertionError("\n".join(block(verdict, report, Pen(False))))
        if verdict.status is not Status.PASS:
            raise AssertionError(f"{self}: no verdict: {verdict.status}: {verdict.message}")
        return verdict


def _expected(reason: str) -> None:
    """An expected failure, to whatever runs this."""
    if "pytest" in sys.modules:
        import pytest

        pytest.xfail(reason)
    raise unittest.SkipTest(reason)
