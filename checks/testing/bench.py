"""A target before the court one step at a time, in any order, for those who ask one by one.

What was drawn and found out for a function is kept between steps, so that asking step by step costs
what a whole run does. A property that looks back at the calls of others has those made first: a
verdict that is asked for alone is that of a whole run.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from ...reference.formats import Format
from ..points.case import Case
from ..properties import Property, catalogue
from ..runs.plan import Plan, covers, wanted
from ..runs.steps import OFFER, Partners, Step, absent, case_for, in_order, judged, offered
from ..targets.target import Target
from ..verdict import Verdict


@dataclass
class Bench:
    """A target and a plan, the cases of the function at hand, and the verdicts so far."""

    target: Target
    plan: Plan
    cases: dict[tuple[str, str], Case] = field(default_factory=dict)
    verdicts: dict[Step, tuple[Verdict, ...]] = field(default_factory=dict)

    def expected(self) -> Iterator[tuple[Step, str]]:
        """Every step of the plan, once for each verdict that it will come to, with its name.

        Nothing is judged for it.
        """
        for function in self.plan.functions:
            for fmt in self.plan.formats:
                if function in self.target.missing:
                    yield Step(function, "structure.format", fmt.name), "structure.format"
                    continue
                case = self._new_case(function, fmt.name)
                for prop in self._applying(case, function):
                    for name in [f"{prop.name}.{p}" for p in prop.parts(case)] or [prop.name]:
                        if covers(self.plan.select, self.plan.profile, function, name):
                            yield Step(function, prop.name, fmt.name), name

    def judge(self, step: Step) -> tuple[Verdict, ...]:
        """The verdicts that a step comes to."""
        if step not in self.verdicts:
            self.verdicts[step] = self._judged(step)
        return self.verdicts[step]

    def _judged(self, step: Step) -> tuple[Verdict, ...]:
        if step.function in self.target.missing:
            return (absent(self.target, step.function, self._format(step.format)),)
        with self.target.adapter.session():
            case = self._case(step.function, step.format)
            offer = step._replace(property=OFFER)
            if offer not in self.verdicts:
                self.verdicts[offer] = offered(case, step.function)
            if self.verdicts[offer]:
                return self.verdicts[offer]
            prop = catalogue()[step.property]
            if prop.looks_back:
                for other in self._applying(case, step.function):
                    if other.name == prop.name:
                        break
                    self.judge(step._replace(property=other.name))
            return judged(self.plan, step.function, case, prop)

    def _applying(self, case: Case, function: str) -> Iterator[Property]:
        for prop in in_order(case):
            if wanted(self.plan, function, prop) and prop.applies(case):
                yield prop

    def _case(self, function: str, fmt: str) -> Case:
        """The case at hand; those of other functions are let go."""
        if any(name != function for name, _ in self.cases):
            self.cases.clear()
            self.target.adapter.forget()
        if (function, fmt) not in self.cases:
            made = self._new_case(function, fmt)
            hung = [case.implementation.diary.hung for case in self.cases.values()]
            made.implementation.diary.hung = next(filter(None, hung), "")  # not called again
            self.cases[function, fmt] = made
        return self.cases[function, fmt]

    def _new_case(self, function: str, fmt: str) -> Case:
        return case_for(self.target, self.plan, function, self._format(fmt), self.partners)

    def _format(self, name: str) -> Format:
        return next(f for f in self.plan.formats if f.name == name)

    @cached_property
    def partners(self) -> Partners:
        return Partners(self.target, self.plan.limit)
