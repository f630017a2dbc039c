"""Two values at all points: where they differ for certain, where they agree, where one is silent.

Both are enclosed in balls, whose precision is raised until they part, or meet to more than `AGREED`
bits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sympy import Expr

from ...reference import arb
from ...reference.program import Sided, run
from ...reference.render import render
from .points import Input, points, told
from .vocabulary import NOTHING, UnreadableError

PRECISIONS = (128, 512, 2048)
AGREED = 100  # bits
ENOUGH = 40  # differences: more need not be sought


@dataclass
class Tally:
    """What the points told: where nothing is said, where the two differ, where they agree."""

    silent: list[str] = field(default_factory=list)
    different: list[tuple[str, Any, Any]] = field(default_factory=list)
    agreeing: list[tuple[Any, Any]] = field(default_factory=list)

    @property
    def told(self) -> int:
        return len(self.different) + len(self.agreeing)

    @property
    def pairs(self) -> list[tuple[Any, Any]]:
        return [*self.agreeing, *((a, b) for _, a, b in self.different)]


_Sought = tuple[Any, list[Any], int, int]  # what evaluates, at what, which of its results


def tried(
    formula: Sequence[Expr], book: Sequence[Expr], inputs: Sequence[Input], jumps: bool
) -> Tally:
    """Both at every point, entry by entry; `jumps` as in `compare`."""
    symbols = [s for given in inputs for s in given.symbols]
    source = _source([*formula, *book], symbols)
    evaluate = _evaluator(source, None)
    sides = [_evaluator(source, above) for above in (True, False)] if jumps else []
    tally, count = Tally(), len(formula)
    for point in points(inputs):
        values = [arb.number(point[s]) for s in symbols]
        for k, pair in enumerate(zip(formula, book, strict=True)):
            used = set().union(*(e.free_symbols for e in pair))
            sought = [(e, values, k, count + k) for e in (evaluate, *sides)]
            _tell(tally, told(inputs, point, used), sought)
        if len(tally.different) > ENOUGH:
            break
    return tally


def _tell(tally: Tally, at: str, sought: Sequence[_Sought]) -> None:
    """What one entry at one point tells, in doubled precision until it does."""
    saved = arb.context.prec
    silent = False
    try:
        for bits in PRECISIONS:
            arb.context.prec = bits
            a, b = _balls(sought[0])
            silent = b.is_finite() and not a.is_finite()
            if not (a.is_finite() and b.is_finite()):
                continue
            if not a.overlaps(b) and not any(meet(a, _balls(side)[1]) for side in sought[1:]):
                tally.different.append((at, a, b))
                return
            if not a.overlaps(b) or meet(a, b):
                tally.agreeing.append((a, b))
                return
    finally:
        arb.context.prec = saved
    if silent:
        tally.silent.append(at)


def _balls(sought: _Sought) -> tuple[Any, Any]:
    """What a formula and the book give, as balls."""
    evaluate, values, given, ours = sought
    try:
        found = evaluate(*values, arb.NAN)
    except ZeroDivisionError:
        return arb.NAN, arb.NAN
    return arb.number(0.0) + found[given], arb.number(0.0) + found[ours]


def meet(a: Any, b: Any, bits: int = AGREED) -> bool:
    """Whether two balls are the same number to more than so many bits."""
    gap = abs(a - b)
    scale = abs(b) if abs(b) > 0 else arb.number(1.0)
    return bool(gap <= scale * arb.number(2.0) ** -bits)


def _source(expressions: Sequence[Expr], symbols: Sequence[Any]) -> str:
    try:
        rendered = ", ".join(render(e) for e in expressions)
        arguments = ", ".join(render(s) for s in (*symbols, NOTHING))
    except NotImplementedError as error:
        raise UnreadableError(str(error)) from None
    lines = ("def prepare():", f"    def evaluate({arguments}):", f"        return ({rendered},)")
    return "\n".join((*lines, "    return evaluate"))


def _evaluator(source: str, above: bool | None) -> Any:
    """The source over Arb, or with comparisons of equal numbers taken to one side."""
    return run(source, arb, None if above is None else Sided(arb, above, 2.0**-AGREED))()
