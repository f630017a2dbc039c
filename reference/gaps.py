"""What is not known of the book: all that SymPy could not derive or prove and Arb not certify.

Of every function its identities, the facts on its domain, the limits and the derivatives. What is
known by one of the two is no gap.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import astuple, dataclass
from functools import cache
from typing import Any

import sympy
from sympy import S

from ..spec import derive
from ..spec.function import Function
from . import cache as disk
from .facts import facts
from .identities import content, identities

VERSION = 1  # of what is looked for, and of the layout on disk: raise it when either changes
KINDS = ("identity", "fact", "limit", "derivative")


@dataclass(frozen=True)
class Gap:
    """One thing that is not known: of which function, of what kind, what, and why not."""

    function: str
    kind: str
    what: str
    why: str


@cache
def gaps(function: Function) -> tuple[Gap, ...]:
    """Everything that is not known of a function; kept on disk."""
    name = disk.key("gaps", VERSION, sympy.__version__, *content(function))
    payload = disk.read(name)
    if payload is not None:
        try:
            return tuple(Gap(*fields) for fields in json.loads(payload))
        except (ValueError, TypeError):
            disk.forget(name)
    found = (
        *_identities(function),
        *_facts(function),
        *_limits(function),
        *_derivatives(function),
    )
    disk.write(name, json.dumps([astuple(g) for g in found]).encode())
    return found


def _identities(function: Function) -> Iterator[Gap]:
    """Identities that hold where they were tried, and that nothing proves or certifies."""
    for name, known in identities(function).items():
        if known.status not in ("proved", "certified"):
            yield Gap(function.name, "identity", name, str(known))


def _facts(function: Function) -> Iterator[Gap]:
    """Facts that are undecided: those of a case with the same reason are one gap."""
    cases = facts(function)
    if not cases:
        yield Gap(function.name, "fact", "all", "no number stands for another variable")
    for case in cases:
        topics: dict[str, list[str]] = {}
        for topic, fact in case.facts.items():
            if fact.status == "undecided":
                topics.setdefault(fact.how, []).append(topic)
        where = f" at {case.label}" if case.label else ""
        for why, several in topics.items():
            yield Gap(function.name, "fact", ", ".join(several) + where, why)


def _limits(function: Function) -> Iterator[Gap]:
    """Limits of functions of one variable, towards the ends of the domain.

    SymPy's of the gradient; and of the value, where Arb has none either.
    """
    if function.along_axis or len(function.variables) != 1:
        return
    (case,) = facts(function)
    (v,) = function.variables
    wanted = {"gradient": derive.gradient(function, v)} if v.differentiable else {}
    if case.facts["limits"].status == "undecided":
        wanted["value"] = derive.value(function)
    for kind, expression in wanted.items():
        settled = expression.subs({p.symbol: p.default for p in function.parameters})
        if settled.has(sympy.tanh):  # SymPy takes seconds over tanh, and a fraction over exp
            settled = settled.rewrite(sympy.exp)
        for end, side in ((v.domain.inf, "+"), (v.domain.sup, "-")):
            if derive.limit(settled, v.symbol, end, side) is S.NaN:
                what = f"{kind} as {v.name} -> {end}"
                yield Gap(function.name, "limit", what, "SymPy finds none")


def _derivatives(function: Function) -> Iterator[Gap]:
    """Derivatives with a part that SymPy leaves unevaluated."""
    for v in function.differentiable:
        for order, found in (
            ("first", derive.gradient(function, v)),
            ("second", derive.second(function, v, v)),
        ):
            left = _unevaluated(found)
            if left:
                yield Gap(function.name, "derivative", f"{order} in {v.name}", left)


def _unevaluated(expression: Any) -> str:
    parts = sorted(expression.atoms(sympy.Derivative, sympy.Subs), key=str)
    return f"SymPy leaves {parts[0]}" if parts else ""
