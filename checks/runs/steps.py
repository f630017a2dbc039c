"""A function gone through step by step: property after property, in one format after another."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import NamedTuple

from ...reference.formats import Format
from ..judging.offered import refused
from ..numerals import nearest
from ..points import sizes
from ..points.case import Case
from ..properties import Property, catalogue
from ..targets.implementation import Implementation
from ..targets.target import Target
from ..verdict import Status, Verdict
from .plan import Plan, selected, wanted
from .profiles import PROFILES
from .trial import trial

OFFER = ""  # stands for a property while it is found out whether a format is offered


class Step(NamedTuple):
    """A property of the catalogue, of one function in one format: what is judged at once."""

    function: str
    property: str
    format: str


def steps(
    target: Target,
    plan: Plan,
    name: str,
    done: Container[Step] = (),
    hopeless: Mapping[str, str] = MappingProxyType({}),
) -> Iterator[Step | Verdict]:
    """One function's verdicts, each property's after the `Step` that says that it is in work.

    Steps that are done are left out. In the `hopeless` formats nothing is called any more: what
    cannot be judged without a call fails, with the sentence given for the format.
    """
    if name in target.missing:
        yield from (absent(target, name, fmt) for fmt in plan.formats)
        return
    partners = Partners(target, plan.limit)
    hung = ""  # what hung in one format is not called in another
    with target.adapter.session():
        for fmt in plan.formats:
            case = case_for(target, plan, name, fmt, partners)
            case.implementation.diary.hung = hung or hopeless.get(fmt.name, "")
            offer = Step(name, OFFER, fmt.name)
            if offer not in done:
                yield offer
                refusal = offered(case, name)
                if refusal:
                    yield from refusal
                    continue
            for prop in in_order(case):
                step = Step(name, prop.name, fmt.name)
                if step in done or not wanted(plan, name, prop):
                    continue
                yield step
                if prop.applies(case):
                    yield from judged(plan, name, case, prop)
            last = case.implementation.diary.hung
            hung = "" if last in hopeless.values() else last
            target.adapter.forget()


def case_for(target: Target, plan: Plan, name: str, fmt: Format, partners: Partners) -> Case:
    """A function in one format, with a diary of its own: a verdict speaks of its format alone."""
    return Case(
        target.implementation(name, plan.limit),
        fmt,
        plan.required,
        plan.seed,
        tuple(nearest(value, fmt) for value in plan.at),
        PROFILES[plan.profile].effort,
        partners=partners,
        setting=dict(plan.setting),
        cotangent=plan.cotangent,
    )


def absent(target: Target, name: str, fmt: Format) -> Verdict:
    """The verdict on a function that needs what is not here."""
    text = f"needs {target.missing[name]}, which cannot be imported here"
    return Verdict(name, "structure.format", fmt.name, Status.UNSUPPORTED, message=text)


def offered(case: Case, name: str) -> tuple[Verdict, ...]:
    """The verdict that stands for all others where the format is not offered; else none."""
    refusal = refused(case)
    return () if refusal is None else (_under(name, refusal),)


def judged(plan: Plan, name: str, case: Case, prop: Property) -> tuple[Verdict, ...]:
    """The verdicts of one step, as far as the plan asks for them."""
    return tuple(_under(name, v) for v in selected(plan, name, trial(case, prop)))


def _under(name: str, verdict: Verdict) -> Verdict:
    """The verdict under the name that the implementation has in the target."""
    if verdict.function == name:
        return verdict
    return replace(verdict, function=name, definition=verdict.function)


def in_order(case: Case) -> list[Property]:
    """The properties as they are judged: those that look back at the others' calls come last.

    Their order is drawn where sizes are, so that the count of calls tells nothing.
    """
    found = list(catalogue().values())
    if not case.varied:
        return found
    drawn = sizes.generator(case.seed, "order", case.fmt.name).permutation(len(found))
    return sorted((found[k] for k in drawn), key=lambda p: p.looks_back)


class Partners(Mapping[str, Implementation]):
    """The target's other implementations by their functions' names, made when asked for."""

    def __init__(self, target: Target, limit: float) -> None:
        self.target, self.limit = target, limit
        self.made: dict[str, Implementation] = {}  # what hung once is not called again

    def __getitem__(self, name: str) -> Implementation:
        found = self.target.named(name)
        if found is None:
            raise KeyError(name)
        if found not in self.made:
            self.made[found] = self.target.implementation(found, self.limit)
        return self.made[found]

    def __iter__(self) -> Iterator[str]:
        return iter({f.name: None for f in self.target.functions.values()})

    def __len__(self) -> int:
        return len({f.name for f in self.target.functions.values()})
