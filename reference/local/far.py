"""Far from zero most functions are a straight line, to within less than any float can tell.

`facts.tail` encloses an expression for every y beyond some point. Where its growing part is at most
linear, and the rest is smaller there than a truth may be off, one line serves all floats beyond.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import flint
import numpy as np
import sympy
from sympy import oo

from ..facts import tail
from ..facts.piece import Piece, Undecided, cut
from ..formats import Format
from ..source import single
from .fit import Blurred, Fit, fit
from .quantity import Quantity

BITS = 160  # of the sums of a series, which do not cancel
STARTS = tuple(2**k for k in range(2, 80))


@dataclass(frozen=True, eq=False)
class Series:
    """f = sum of c |x|**p log(|x|)**q to within a remainder that falls, for |x| >= start.

    Answers as `quantity.Enclosures` does, for the sum.
    """

    start: float
    terms: tuple[tuple[Any, int, int], ...]
    rest: tuple[Any, int, int]
    bits: int = BITS

    def fit(self, centre: Any, half: float, wanted: float) -> Fit | None:
        """The fit of the sum on a stretch, with the remainder among its errors."""
        saved, flint.ctx.prec = flint.ctx.prec, self.bits
        try:
            nearest = abs(centre) - abs(half)
            remainder = float(_size(self.rest, nearest).abs_upper())
            if remainder > wanted / 4:
                return None
            found = fit(self, centre, half, wanted)
        except Blurred:
            return None
        finally:
            flint.ctx.prec = saved
        return None if found is None else replace(found, error=found.error + remainder)

    def decide(self, stretch: Any) -> bool:
        return True

    def real(self, x: Any) -> Any:
        y = abs(x)
        return sum((c * y**p * y.log() ** q for c, p, q in self.terms), flint.arb(0))

    def complex(self, z: Any) -> Any:
        y = z if z.real > 0 else -z
        if not y.real > 0:
            return flint.acb("nan", "nan")
        terms = (flint.acb(c) * y**p * y.log() ** q for c, p, q in self.terms)
        return sum(terms, flint.acb(0))


@dataclass(frozen=True)
class Far:
    """f = slope |x| + offset to within `error`, for every |x| >= start on one side."""

    start: float
    slope: Any
    offset: Any
    error: float

    def fit(self, centre: Any, half: float, wanted: float) -> Fit:
        """The line on a stretch, as a fit; it is as good as was asked for when it was found."""
        if not self.offset.is_finite():
            return Fit(float(self.offset), np.zeros(1), 0.0)
        size = abs(centre)
        exact = self.slope * size + self.offset
        middle = float(exact.mid())
        turn = 1.0 if centre > 0 else -1.0
        rest, rise = float((exact - middle).mid()), turn * half * float(self.slope.mid())
        return Fit(middle, np.array([rest, rise]), self.error)


def far(quantity: Quantity, fmt: Format, negative: bool, resolution: float) -> Far | Series | None:
    """What a quantity is far out on one side: a line, infinity, or a series in powers of x.

    None where it is none of these. `resolution` is what it may be off by, in ulps.
    """
    saved, flint.ctx.prec = flint.ctx.prec, BITS
    try:
        return _far(quantity, fmt, negative, resolution)
    finally:
        flint.ctx.prec = saved


def _far(quantity: Quantity, fmt: Format, negative: bool, resolution: float) -> Far | Series | None:
    piece = _outermost(quantity, negative)
    if piece is None:
        return None
    end = -oo if negative else oo
    for start in STARTS:
        if start > fmt.largest or not piece._room(end, start):
            continue
        try:
            line = _line(piece.tails(end, start)[0], start)
        except tail.TooEarly:
            continue
        except (Undecided, tail.Beyond):
            return None
        if line is None:
            found = piece.tails(end, start)[0]
            other = _overflow(found, start, fmt) or _series(
                found, start, resolution / 32 * fmt.unit_roundoff
            )
            if other is None:
                continue
            return other
        least = abs(line.slope) * start - abs(line.offset) if line.slope != 0 else abs(line.offset)
        at_least = max(float(least.abs_lower()), 0.0) if least > 0 else 0.0
        smallest = float(np.ldexp(1.0, int(fmt.ulp_exponent(np.array([at_least]))[0])))
        if line.error <= resolution * smallest:
            return line
        series = _series(piece.tails(end, start)[0], start, resolution / 32 * fmt.unit_roundoff)
        if series is not None:
            return series
    return None


def _outermost(quantity: Quantity, negative: bool) -> Piece | None:
    """The piece that reaches to infinity on one side."""
    function = quantity.function
    v = function.variables[quantity.place]
    end = v.domain.inf if negative else v.domain.sup
    if end not in (oo, -oo):
        return None
    given = {p.symbol: _exact(quantity.setting[p.name]) for p in function.parameters}
    given |= {w.symbol: _exact(quantity.fixed[w.name]) for w in function.variables if w is not v}
    expression = single(function, quantity.name, quantity.place)
    try:
        pieces, _ = cut(expression.subs(given), v.symbol, v.domain)
    except (Undecided, NotImplementedError, ValueError, TypeError, AttributeError):
        return None
    return pieces[0] if negative else pieces[-1]


def _exact(value: Any) -> Any:
    return sympy.Rational(value.numerator, value.denominator)


def _line(found: tail.Tail, start: int) -> Far | None:
    """A tail as a line and what is left; None where it grows in another way."""
    slope = offset = flint.arb(0)
    rest = flint.arb(0)
    for m, c in found._parts():
        exactly = found.rest is None or m != found.rest[0]
        if exactly and m == tail.Y:
            slope = c
        elif exactly and m == tail.ONE:
            offset = c
        elif tail.growth(m) < 0:
            rest += abs(c) * abs(tail._bound(m, start))
        else:
            return None
    return Far(float(start), slope, offset, float(rest.abs_upper()))


def _overflow(found: tail.Tail, start: int, fmt: Format) -> Far | None:
    """Infinity, where a tail is beyond the format from its start on."""
    lead = found._lead()
    least = abs(found._over(lead)) / tail._bound(tail._inverted(lead), start).abs_upper()
    if not least > flint.arb(2) ** (fmt.emax + 2):
        return None
    return Far(float(start), flint.arb(0), flint.arb("inf") * found.sign(), 0.0)


def _series(found: tail.Tail, start: int, relative: float) -> Series | None:
    """A tail of powers and logarithms whose remainder is relatively small from the start on."""
    parts = list(found._parts())
    if any(m.exponent or m.power.denominator != 1 for m, _ in parts):
        return None
    terms = [(c, int(m.power), m.log) for m, c in parts]
    rest = terms.pop() if found.rest else (flint.arb(0), -1, 0)
    if not terms or rest[1] >= 0:
        return None
    y = flint.arb(start)
    sizes = sorted((_size(term, y) for term in terms), key=float)
    least = sizes[-1] - sum(sizes[:-1], flint.arb(0))
    # the leading term grows, relative to the others and to the remainder
    if not _size(rest, y) < relative * least:
        return None
    return Series(float(start), tuple(terms), rest)


def _size(term: tuple[Any, int, int], y: Any) -> Any:
    c, p, q = term
    return abs(c) * y**p * y.log() ** q
