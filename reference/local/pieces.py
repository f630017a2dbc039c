"""A binade cut into pieces, on each of which the truth is a polynomial of twice the precision.

What `stretches` is to sweeps this is to hunts, which look at few of the floats of a wide format but
at any: a piece is as long as one polynomial serves, and tells the truth at each of its floats to
`RESOLUTION` of an ulp. Numbers are scaled by a power of two, so that neither large nor subnormal
ones need care.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import flint
import numpy as np
from numpy.typing import NDArray

from .. import arb
from ..error import Answer
from ..formats import Floats, Format
from . import doubled
from .far import Series, _size
from .fit import Blurred, Enclosing, proven
from .quantity import Quantity
from .stretches import _Cutter, _near_switch, _precisions, _scaled

RESOLUTION = 2.0**-10  # ulps: what a truth may be off by
SMALLEST = 16  # floats: shorter pieces are asked one by one
TRIES = 1024  # pieces tried in one binade
OWN = 2.0**-20  # ulps


@dataclass(frozen=True, eq=False)
class Piece:
    """Floats of one sign, of the bits first, first + 1, ... first + count - 1, and their truths.

    The truth is 2**exponent times the sum of coefficients[k] T_k(u), u = (2 j - count + 1) / count
    for the j-th float. Without coefficients nothing was proved, or the truth is infinite: `beyond`.
    """

    negative: bool
    first: int
    count: int
    exponent: int = 0
    coefficients: doubled.Pair | None = None
    beyond: float = 0.0

    def bits(self, fmt: Format, places: NDArray[np.int64]) -> NDArray[Any]:
        """The bits of its floats at these places, sign included."""
        sign = 1 << (fmt.bits - 1) if self.negative else 0
        found: NDArray[Any] = places.astype(fmt.integer) + fmt.integer.type(self.first + sign)
        return found


def truths(pieces: Sequence[Piece], places: NDArray[np.int64]) -> tuple[Floats, Floats]:
    """The truths at places of pieces that have a polynomial, times 2**-exponent, as pairs.

    `places` is (pieces, n).
    """
    counts = np.array([p.count for p in pieces], dtype=np.int64)[:, None]
    u = (2 * places - (counts - 1)) / counts.astype(np.float64)  # exact: below 2**53 over 2**k
    high, low = coefficients(pieces)
    return doubled.chebyshev((high[:, None, :], low[:, None, :]), (u, np.zeros_like(u)))


def coefficients(pieces: Sequence[Piece]) -> doubled.Pair:
    """Their coefficients, filled up with zeros: pairs of (pieces, terms)."""
    found = [p.coefficients for p in pieces if p.coefficients is not None]
    assert len(found) == len(pieces)
    terms = max(high.size for high, _ in found)
    both = np.zeros((2, len(found), terms))
    for row, pair in enumerate(found):
        both[:, row, : pair[0].size] = pair
    return both[0], both[1]


def answers(fmt: Format, pieces: Sequence[Piece], places: NDArray[np.int64]) -> Answer:
    """Truths at places of pieces as an `Answer`, (pieces, n), but for what a condition tells."""
    found = Answer.empty(places.shape)
    for row, piece in enumerate(pieces):
        if piece.beyond:
            found.nearest[row], found.decided[row] = piece.beyond, True
            found.exponent[row] = fmt.emax - fmt.precision + 1
    rows = [row for row, piece in enumerate(pieces) if piece.coefficients is not None]
    if not rows:
        return found
    chosen = [pieces[row] for row in rows]
    high, low = truths(chosen, places[rows])
    scale = np.array([p.exponent for p in chosen], dtype=np.int64)[:, None]
    with np.errstate(all="ignore"):
        nearest = fmt.round(np.ldexp(high, scale))
        exponent = ulp_exponent(fmt, high, low, scale)
        off = (high - np.ldexp(nearest, -scale)) + low
        rest = np.where(np.isfinite(nearest), np.ldexp(off, scale - exponent), 0.0)
    found.nearest[rows], found.rest[rows], found.exponent[rows] = nearest, rest, exponent
    found.decided[rows] = True
    return found


def ulp_exponent(fmt: Format, high: Floats, low: Floats, scale: Any) -> NDArray[np.int64]:
    """log2 of the ulp at (high + low) 2**scale, as the oracle counts it: see `settle`.

    A number within `OWN` ulps below a power of two has the ulp of that.
    """
    mantissa, exponents = np.frexp(high)
    short = (1 - np.abs(mantissa)) * 2.0**fmt.precision  # of the power above
    with np.errstate(all="ignore"):
        under = -low / high * 2.0**fmt.precision  # below the power that `high` is
    below = (np.abs(mantissa) == 0.5) & (under > OWN)
    found = exponents.astype(np.int64) - below + (short <= OWN) + scale - fmt.precision
    found = np.where(high == 0, fmt.subnormal_exponent, found)
    return np.clip(found, fmt.subnormal_exponent, fmt.emax - fmt.precision + 1)


class Line:
    """All pieces of a quantity, made when they are asked for."""

    def __init__(self, quantity: Quantity, fmt: Format) -> None:
        self.quantity, self.fmt = quantity, fmt
        self.cutters = {
            negative: _Cutter(quantity, fmt, negative, _precisions(fmt))
            for negative in (False, True)
        }
        self.known: dict[tuple[bool, int], tuple[Piece, ...]] = {}

    def pieces(self, negative: bool, binade: int) -> tuple[Piece, ...]:
        """The pieces of a binade, told by its exponent field, in order of their bits."""
        if (negative, binade) not in self.known:
            size = 1 << (self.fmt.precision - 1)
            cutter = self.cutters[negative]
            cutter.precisions = _precisions(self.fmt)
            cutter.singles = 0
            found = tuple(_cut(cutter, binade * size, size))
            self.known[negative, binade] = found
        return self.known[negative, binade]


def _cut(cutter: _Cutter, first: int, count: int) -> Iterator[Piece]:
    """The run as one piece, or its two halves."""
    found = None
    if count >= SMALLEST and cutter.singles < TRIES:
        cutter.singles += 1
        found = _fitted(cutter, first, count) or _far(cutter, first, count)
    if found is not None or count <= SMALLEST or cutter.singles >= TRIES:
        yield found or Piece(cutter.negative, first, count)
        return
    yield from _cut(cutter, first, count // 2)
    yield from _cut(cutter, first + count // 2, count // 2)


def _fitted(cutter: _Cutter, first: int, count: int) -> Piece | None:
    """The piece at the first precision that gives one; None where it is to be cut."""
    for place, bits in enumerate(cutter.precisions):
        try:
            with cutter.quantity.at(bits) as enclosures:
                found = _proven(cutter, enclosures, first, count)
        except Blurred:
            continue
        del cutter.precisions[:place]
        return found
    return None


def _interval(cutter: _Cutter, first: int, count: int) -> tuple[Any, Any]:
    """Its centre, and how far from there it reaches: half a step beyond its first and last float.

    So u is exact in float64.
    """
    low, exponent = _scaled(cutter.fmt, first)
    sign = -1 if cutter.negative else 1
    centre = flint.arb((sign * (2 * low + count - 1), exponent - 1))
    return centre, flint.arb((sign * count, exponent - 1))


def _proven(
    cutter: _Cutter, enclosures: Enclosing, first: int, count: int, remainder: Any = 0
) -> Piece | None:
    """The piece, where a polynomial serves; `remainder` is what is not enclosed."""
    fmt = cutter.fmt
    centre, half = _interval(cutter, first, count)
    outside = _outside(cutter, enclosures.real(centre + flint.arb(0, abs(half))), first, count)
    if outside is not None:
        return outside
    there = enclosures.real(centre)
    if not there.is_finite() or there == 0:
        return None
    if there.contains(0):
        raise Blurred
    scale = max(_exponent(there), fmt.subnormal_exponent)
    wanted = RESOLUTION / 4 * 2.0 ** (_ulp(fmt, scale) - scale)
    scaled = _Scaled(enclosures, flint.arb((1, -scale)))
    if not remainder * scaled.factor <= wanted / 8:
        return None
    found = proven(scaled, centre, float(half), wanted)
    if found is None:
        return None
    degree, error = found
    values = [scaled.real(centre + half * t) for t in _nodes(degree, enclosures.bits)]
    if not all(v.is_finite() and v.rad() < wanted / 16 for v in values):
        raise Blurred
    coefficients = _transform(degree, enclosures.bits) * flint.arb_mat([[v] for v in values])
    exact = [coefficients[k, 0] for k in range(degree + 1)]
    high = np.array([float(c.mid()) for c in exact])
    low = np.array([float((c.mid() - h).mid()) for c, h in zip(exact, high.tolist(), strict=True)])
    spread = float(np.abs(high[1:]).sum())
    least = max(abs(high[0]) - spread - wanted, 2.0**-200)
    allowed = RESOLUTION * 2.0 ** (_ulp(fmt, int(np.frexp(least)[1]) - 1 + scale) - scale)
    # through values that are off by r it is off by (1 + 2/pi log(n + 1)) r < 4 r
    off = error + wanted / 4 + 2.0**-94 * (abs(high[0]) + spread)
    if off > allowed or _near_switch(cutter, first, count):
        return None
    return Piece(cutter.negative, first, count, scale, (high, low))


def _outside(cutter: _Cutter, whole: Any, first: int, count: int) -> Piece | None:
    """The piece where all is too large for the format, or nothing beside its least number."""
    fmt = cutter.fmt
    if not whole.is_finite():
        return None
    if abs(whole) > flint.arb(2) ** (fmt.emax + 2):
        return Piece(cutter.negative, first, count, beyond=np.inf if whole > 0 else -np.inf)
    if abs(whole) < flint.arb((1, fmt.subnormal_exponent - 12)):
        zero = np.zeros(1)
        return Piece(cutter.negative, first, count, fmt.subnormal_exponent, (zero, zero))
    return None


def _far(cutter: _Cutter, first: int, count: int) -> Piece | None:
    """The line far out."""
    centre, half = _interval(cutter, first, count)
    nearest = abs(centre) - abs(half)
    if nearest < 4 or cutter.far is None or nearest < cutter.far.start:
        return None
    far = cutter.far
    if isinstance(far, Series):
        with arb_precision(far.bits):
            try:
                return _proven(cutter, far, first, count, abs(_size(far.rest, nearest)))
            except Blurred:
                return None
    if not far.offset.is_finite():
        return Piece(cutter.negative, first, count, beyond=float(far.offset))
    with arb_precision(cutter.precisions[0]):
        terms = [far.slope * abs(centre) + far.offset, far.slope * abs(half)]
        scale = _exponent(terms[0]) if terms[0] != 0 else cutter.fmt.subnormal_exponent
        exact = [t * flint.arb((1, -scale)) for t in terms]
        high = np.array([float(c.mid()) for c in exact])
        off = zip(exact, high.tolist(), strict=True)
        low = np.array([float((c - h).mid()) for c, h in off])
        least = max(abs(high[0]) - abs(high[1]), 2.0**-200)
        blurred = sum(float(c.rad()) for c in exact)
    if blurred > RESOLUTION / 4 * 2.0 ** (
        _ulp(cutter.fmt, int(np.frexp(least)[1]) - 1 + scale) - scale
    ):
        return None  # a slope that is known to few digits
    return Piece(cutter.negative, first, count, scale, (high, low))


class arb_precision:  # noqa: N801 - used as a function
    """The precision of Arb numbers in the body."""

    def __init__(self, bits: int) -> None:
        self.bits = bits

    def __enter__(self) -> None:
        self.saved, arb.context.prec = arb.context.prec, self.bits

    def __exit__(self, *_: object) -> None:
        arb.context.prec = self.saved


def _exponent(ball: Any) -> int:
    """floor(log2 |x|) of the middle of a ball."""
    mantissa, exponent = ball.mid().man_exp()
    return int(exponent) + abs(int(mantissa)).bit_length() - 1


def _ulp(fmt: Format, exponent: int) -> int:
    """log2 of the ulp of numbers in the binade of 2**exponent."""
    return max(exponent - fmt.precision + 1, fmt.subnormal_exponent)


@dataclass(frozen=True)
class _Scaled:
    """The enclosures of a quantity times a power of two."""

    enclosures: Enclosing
    factor: Any

    @property
    def bits(self) -> int:
        return self.enclosures.bits

    def decide(self, stretch: Any) -> bool:
        return self.enclosures.decide(stretch)

    def real(self, x: Any) -> Any:
        return self.enclosures.real(x) * self.factor

    def complex(self, z: Any) -> Any:
        return self.enclosures.complex(z) * self.factor


@cache
def _nodes(degree: int, bits: int) -> list[Any]:
    """The points cos(pi k/n) as balls."""
    return [(flint.arb.pi() * k / degree).cos() for k in range(degree + 1)]


@cache
def _transform(degree: int, bits: int) -> Any:
    """The matrix from values at the nodes to coefficients."""

    def entry(j: int, k: int) -> Any:
        halves = sum(i in (0, degree) for i in (j, k))
        return (flint.arb.pi() * (j * k) / degree).cos() * 2 / degree / 2**halves

    return flint.arb_mat([[entry(j, k) for k in range(degree + 1)] for j in range(degree + 1)])
