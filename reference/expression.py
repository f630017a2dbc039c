"""A plain expression at floats: what it is worth there, rounded to float64.

For what stands around the calls of an equation, 2 sigmoid(2x) - 1: no definition, no gradients.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import numpy as np

from . import arb
from .pairs import GREAT, SMALL
from .program import run
from .render import identifier, render
from .tight import tight

BITS = 128  # the first precision tried
ENOUGH = 75  # bits of an enclosure that two float64 tell apart from its neighbours


def enclosed(symbols: Sequence[Any], body: Any, rows: Sequence[Sequence[float]], bits: int) -> Any:
    """The expression at rows of numbers, one for each symbol, as an array (N,) of float64.

    Arb's precision is doubled up to `bits`. NaN where that leaves a number open, where there is
    none, and where it lies beyond or near the ends of float64; everywhere, if Arb has no rule for
    the expression.
    """
    found = np.full(len(rows), np.nan)
    prepare = _code(tuple(symbols), body)
    if prepare is None:
        return found
    saved, open_ = arb.context.prec, list(range(len(rows)))
    try:
        arb.context.prec = BITS
        while open_ and arb.context.prec <= max(bits, BITS):
            evaluate, left = prepare(), []
            for k in open_:
                ball = arb.arb(evaluate(*map(arb.arb, rows[k])))
                if ball.rel_accuracy_bits() >= ENOUGH or ball.is_zero():
                    found[k] = _float(ball)
                elif ball.is_finite():
                    left.append(k)
            open_ = left
            arb.context.prec *= 2
    finally:
        arb.context.prec = saved
    return found


def _float(ball: Any) -> float:
    high = float(ball)
    if not SMALL < abs(high) < GREAT:
        return 0.0 if ball.is_zero() else np.nan
    return high + float(ball - high)  # to nearest, whichever way the first was rounded


@cache
def _code(symbols: tuple[Any, ...], body: Any) -> Callable[..., Any] | None:
    try:
        text = render(tight(body))
    except NotImplementedError:
        return None
    lines = [
        "def prepare():",
        f"    def evaluate({', '.join(map(identifier, symbols))}):",
        f"        return {text}",
        "    return evaluate",
    ]
    return run("\n".join(lines), arb)
