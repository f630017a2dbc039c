"""Sums and means over many truths: what a reduction is worth, and what it may cost."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np

from .error import Answer, Truth
from .formats import Format
from .level import accurate_factor
from .settle import nearest_to


def reduced(truth: Truth, fmt: Format, divisor: int | Fraction = 1) -> tuple[Truth, float]:
    """The sum of all truths over a divisor, and the error due to its terms, in ulps of the sum.

    The sum is exact in the truths' roundings and remainders. Each term may have its own accurate
    error, and adding n of them costs u log2(n) times the sum of their magnitudes (pairwise
    summation), with the same factor as elsewhere.
    """
    sums, widest = [], 0.0
    for a in truth.answers:
        nearest, rest, exponent = (np.ravel(p).tolist() for p in (a.nearest, a.rest, a.exponent))
        if not np.isfinite(nearest).all():
            value = float(np.sum(nearest)) / float(divisor)
            top = fmt.largest_ulp_exponent
            sums.append(_answer(value, math.inf, top, bool(a.decided.all())))
            if not np.isfinite(rest).all() or np.isnan(nearest).any():
                continue
            # a mean may be finite although a term is beyond the format: either answer is right
            nearest = [math.copysign(fmt.largest, n) if math.isinf(n) else n for n in nearest]
            rest = [
                math.copysign(r, n) if math.isinf(given) else r
                for r, n, given in zip(rest, nearest, np.ravel(a.nearest).tolist(), strict=True)
            ]
        ulps = [Fraction(2) ** e for e in exponent]
        total = sum(
            (Fraction(n) + Fraction(r) * u for n, r, u in zip(nearest, rest, ulps, strict=True)),
            Fraction(0),
        )
        settled = nearest_to(Fraction(total) / divisor, fmt)
        sums.append(_answer(settled.nearest, settled.rest, settled.exponent, bool(a.decided.all())))
        conditions = [1 + min(c, 1e30) for c in np.ravel(a.condition).tolist()]
        own = sum((Fraction(c) * u for c, u in zip(conditions, ulps, strict=True)), Fraction(0))
        size = sum((abs(Fraction(n)) for n in nearest), Fraction(0))
        levels = math.ceil(math.log2(len(nearest))) if len(nearest) > 1 else 0
        spent = own + levels * size / 2**fmt.precision
        ratio = accurate_factor(fmt) * spent / divisor / Fraction(2) ** settled.exponent
        widest = max(widest, float(min(ratio, Fraction(10) ** 30)))
    return Truth(tuple(sums), np.zeros(1, dtype=bool)), widest


def _answer(nearest: float, rest: float, exponent: int, decided: bool) -> Answer:
    return Answer(
        np.array([nearest]),
        np.array([rest]),
        np.array([exponent], dtype=np.int64),
        np.zeros(1),
        np.array([decided]),
    )
