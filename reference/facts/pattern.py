"""Patterns: where a derivative of a piece is positive, negative and zero, with proof.

The pattern of the second derivative is found by subdivision: on each box an Arb ball around it,
or around its own derivative, decides the sign or isolates one simple zero. Towards an infinite or
singular end a tail decides; at a zero of higher order, or one at the very end of a piece, an exact
place with a first derivative that does not vanish. The boxes and the tails cover the whole piece,
so no zero is missed.

The patterns of the slope and the value follow without a search: between two zeros of the
derivative a function is strictly monotone, so it has one zero there or none, by the signs at (or
the limits towards) both sides.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import sympy
from sympy import Expr, oo

from .. import arb
from .piece import HIGHEST, Piece, Point, Undecided, point
from .tail import ball as enclosed
from .tail import exact as exact_number

BOXES = 6000  # that a subdivision may look at
NARROW = 2.0**-40  # of the scale of x: what is not decided on a narrower box stays open
CANDIDATES = 2.0**-3  # width below which an exact zero is tried
ROOT_BITS = 120


@dataclass(frozen=True)
class Pattern:
    """The zeros inside a piece, and the signs before, between and after them."""

    zeros: tuple[Point, ...]
    signs: tuple[int, ...]


@dataclass(frozen=True)
class _Found:
    """A zero in a box: between two floats, or exact."""

    low: float
    high: float
    exact: Expr | None = None


def searched(piece: Piece, k: int) -> Pattern:
    """The pattern of the k-th derivative by subdivision."""
    if piece.is_constant(k):
        value = piece.limit(k, piece.low)
        return Pattern((), (_sign(value),))
    first, low = _near(piece, k, piece.low)
    last, high = _near(piece, k, piece.high)
    if first == last == 0:  # a tail that is exactly zero, of an analytic function
        return Pattern((), (0,))
    found = list(_walk(piece, k, low, high)) if low < high else []
    signs = [s for s in (first, *found, last) if s is not None]
    return _joined(piece, k, signs)


def _joined(piece: Piece, k: int, found: list[Any]) -> Pattern:
    """Signs box by box to a pattern: equal neighbours are one."""
    zeros: list[Point] = []
    signs: list[int] = []
    fresh = True
    for item in found:
        if isinstance(item, _Found):
            zeros.append(_refined(piece, k, item))
            fresh = True
        elif fresh:
            signs.append(item)
            fresh = False
        elif signs[-1] != item:
            raise Undecided("signs that do not fit together")
    return Pattern(tuple(zeros), tuple(signs))


# ---------------------------------------------------------------- ends


def _near(piece: Piece, k: int, end: Expr) -> tuple[int | None, float]:
    """The sign in a neighbourhood of an end, and where that neighbourhood stops."""
    outward = 1 if end == piece.high else -1
    if piece.singular[end]:
        sign, start = piece.in_tail(end, k, "sign")
        if end in (oo, -oo):
            return sign, float(outward * start)
        return sign, _towards(enclosed(exact_number(end)) - outward * arb.ratio(1, start), outward)
    here = point(end).ball
    outside = _towards(here, outward)
    if not piece.jet(here, k)[k].contains(0):
        return None, outside
    if not piece.vanishes(k, end):
        return None, outside
    return _flat_end(piece, k, end, outward)


def _flat_end(piece: Piece, k: int, end: Expr, outward: int) -> tuple[int, float]:
    """Next to an exact zero at the end the first derivative that does not vanish has the say."""
    here = point(end).ball
    for j in range(15):
        inner = _towards(here - outward * arb.ratio(1, 2**j), -outward)
        if not _inside(piece, inner):
            continue
        order = _order(piece, k, end, here.union(arb.arb(inner)))
        if order:
            m, sign = order
            return sign * (-outward) ** m, inner
    raise Undecided(f"a zero of unknown order at {end}")


def _inside(piece: Piece, place: float) -> bool:
    here = arb.arb(place)
    above = piece.low == -oo or here > point(piece.low).ball
    return bool(above and (piece.high == oo or here < point(piece.high).ball))


def _order(piece: Piece, k: int, place: Expr, box: Any) -> tuple[int, int] | None:
    """Order m of an exact zero, and the sign of the (k + m)-th derivative on the whole box."""
    coefficients = piece.jet(box, k + HIGHEST)
    for m in range(1, HIGHEST + 1):
        c = coefficients[k + m]
        if not c.contains(0) and c.is_finite():
            return m, 1 if c > 0 else -1
        if not piece.vanishes(k + m, place):
            return None
    return None


def _towards(place: Any, direction: int) -> float:
    """A float at or beyond a ball in a direction."""
    edge = place.upper() if direction > 0 else place.lower()
    nearest = float(edge)
    exact = arb.arb(nearest)
    if (direction > 0 and exact >= edge) or (direction < 0 and exact <= edge):
        return nearest
    return math.nextafter(nearest, direction * math.inf)


# ---------------------------------------------------------------- subdivision


def _walk(piece: Piece, k: int, low: float, high: float) -> Iterator[Any]:
    """Signs and zeros from left to right, over boxes that cover [low, high]."""
    stack, tried = [(low, high)], 0
    refused: set[Expr] = set()
    while stack:
        a, b = stack.pop()
        tried += 1
        if tried > BOXES:
            raise Undecided(f"the sign near x = {a:.6g} takes more than {BOXES} boxes")
        found = _box(piece, k, a, b, refused)
        if found:
            yield from found
            continue
        if b - a < NARROW * max(1.0, abs(a)):
            raise Undecided(f"the sign near x = {a:.12g} stays open")
        middle = a + (b - a) * 0.4921875  # off the middle: zeros like to lie there
        stack += [(middle, b), (a, middle)]


def _box(piece: Piece, k: int, a: float, b: float, refused: set[Expr]) -> tuple[Any, ...]:
    """What is certain about a box: its sign, or a zero with the signs around it."""
    box = arb.arb(a).union(arb.arb(b))
    c = piece.jet(box, k + 1)
    value, slope = c[k], c[k + 1] * (k + 1)
    sign = _ball_sign(value)
    if sign:
        return (sign,)
    if slope.is_finite() and not slope.contains(0):
        ends = _ball_sign(piece.jet(arb.arb(a), k)[k]), _ball_sign(piece.jet(arb.arb(b), k)[k])
        if ends[0] and ends[0] == ends[1]:
            return (ends[0],)
        if ends[0] and ends[1]:
            return (ends[0], _Found(a, b), ends[1])
    elif slope.is_finite():
        middle = arb.arb((a + b) / 2)
        sign = _ball_sign(piece.jet(middle, k)[k] + slope * (box - middle))
        if sign:
            return (sign,)
    if b - a < CANDIDATES:
        return _exact_zero(piece, k, box, a, b, refused)
    return ()


def _exact_zero(
    piece: Piece, k: int, box: Any, a: float, b: float, refused: set[Expr]
) -> tuple[Any, ...]:
    """A zero at the simplest number of the box, of any order, alone there."""
    place = _simplest(box)
    if place in refused or not bool(a < place < b):
        return ()
    if not piece.jet(point(place).ball, k)[k].contains(0) or not piece.vanishes(k, place):
        refused.add(place)
        return ()
    order = _order(piece, k, place, box)
    if order is None:
        return ()
    m, sign = order
    return (sign * (-1) ** m, _Found(a, b, place), sign)


def _ball_sign(value: Any) -> int:
    return 1 if value > 0 else -1 if value < 0 else 0


# ---------------------------------------------------------------- zeros


def _refined(piece: Piece, k: int, found: _Found) -> Point:
    """A zero to many digits, by interval Newton steps; exact where SymPy proves it."""
    if found.exact is not None:
        return point(found.exact)
    box = arb.arb(found.low).union(arb.arb(found.high))
    sign = _ball_sign(piece.at(k, arb.arb(found.low))) or -_ball_sign(
        piece.at(k, arb.arb(found.high))
    )
    for step in range(400):
        if box.rad() <= abs(box.mid()) * arb.arb(2) ** -ROOT_BITS:
            break
        if box.rad() < arb.arb(2) ** -(ROOT_BITS + 40):
            break
        # every third cut is off the middle, where a value may stay undecided
        middle = box.mid() + box.rad().mid() * (arb.arb(step % 3) / 16)
        value, slope = piece.at(k, middle), piece.at(k + 1, box)
        if slope.is_finite() and not slope.contains(0):
            narrowed = box.intersection(middle - value / slope)
            if narrowed.rad() < box.rad() / 2:
                box = narrowed
                continue
        here = _ball_sign(value)
        if here == sign:
            box = middle.union(box.upper())
        elif here:
            box = box.lower().union(middle)
        elif step % 3 == 2:
            break
    exact = _recognised(piece, k, box, found)
    if exact is None:
        return Point(None, box)
    return point(exact)


def _simplest(box: Any) -> Expr:
    """The rational number of the smallest denominator in a ball."""
    low, high = _fraction(box.lower()), _fraction(box.upper())
    if low <= 0 <= high:
        return sympy.S.Zero
    if high < 0:
        return -_rational(_between(-high, -low))
    return _rational(_between(low, high))


def _rational(value: Fraction) -> Any:
    return sympy.Rational(value.numerator, value.denominator)


def _between(low: Fraction, high: Fraction) -> Fraction:
    """The simplest fraction between two positive ones, both included."""
    whole = -(-low.numerator // low.denominator)
    if whole <= high:
        return Fraction(whole)
    floor = low.numerator // low.denominator
    return floor + 1 / _between(1 / (high - floor), 1 / (low - floor))


def _fraction(value: Any) -> Fraction:
    """The midpoint of a ball, which is a dyadic number."""
    mantissa, exponent = value.mid().man_exp()
    return Fraction(int(mantissa)) * Fraction(2) ** int(exponent)


def _recognised(piece: Piece, k: int, box: Any, found: _Found) -> Expr | None:
    """The zero as an exact number: SymPy proves it a zero, and the box has only one."""
    for place in _guesses(box):
        here = point(place).ball
        if found.low <= here <= found.high and piece.vanishes(k, place):
            return place
    return None


def _guesses(box: Any) -> Iterator[Expr]:
    plain = _simplest(box)
    if _brief(plain):
        yield plain
        return
    square = _simplest(box * box)
    if _brief(square):
        yield sympy.sqrt(square) * (1 if box > 0 else -1)
    if abs(box) < 8:
        power = _simplest(box.exp())
        if _brief(power):
            yield sympy.log(power)


def _brief(value: Any) -> bool:
    return bool(value.q < 1000 and abs(value.p) < 10**6)


# ---------------------------------------------------------------- from a derivative down


def lowered(piece: Piece, k: int, above: Pattern) -> Pattern:
    """The pattern of the k-th derivative from the pattern of the next one."""
    places = [point(piece.low), *above.zeros, point(piece.high)]
    values = [
        _sign(piece.limit(k, piece.low)),
        *(_sign(value_at(piece, k, p)) for p in above.zeros),
        _sign(piece.limit(k, piece.high)),
    ]
    zeros: list[Point] = []
    signs: list[int] = []
    for i, rise in enumerate(above.signs):
        left, right = values[i], values[i + 1]
        inner = _within(piece, k, places[i], places[i + 1], left, right, rise)
        if i and left == 0:
            zeros.append(places[i])
            signs.append(inner[0])
        elif not i:
            signs.append(inner[0])
        for item in inner[1:]:
            if isinstance(item, Point):
                zeros.append(item)
            else:
                signs.append(item)
    return Pattern(tuple(zeros), tuple(signs))


def _within(
    piece: Piece, k: int, a: Point, b: Point, left: int, right: int, rise: int
) -> tuple[Any, ...]:
    """The sign of a monotone function between two places, or its one zero with both signs."""
    if rise == 0:
        return (left,)
    if left * rise >= 0:
        return (rise,)
    if right * rise <= 0:
        return (-rise,)
    return (-rise, _crossing(piece, k, a, b, -rise), rise)


def _crossing(piece: Piece, k: int, a: Point, b: Point, sign: int) -> Point:
    """The zero between two places where the signs differ: `sign` next to a, the other next to b."""
    middle = _middle(a, b)
    here = _ball_sign(piece.at(k, arb.arb(middle)))
    low = middle if here == sign else _approach(piece, k, a, middle, sign)
    high = middle if here == -sign else _approach(piece, k, b, middle, -sign)
    return _refined(piece, k, _Found(low, high))


def _middle(a: Point, b: Point) -> float:
    if a.infinite and b.infinite:
        return 0.4375
    if a.infinite:
        return float(b.ball.mid()) - 1.0
    if b.infinite:
        return float(a.ball.mid()) + 1.0
    return float((a.ball.mid() + b.ball.mid()) / 2)


def _approach(piece: Piece, k: int, end: Point, inner: float, sign: int) -> float:
    """A place on the way from inside to an end at which the sign is certified."""
    for j in range(1, 60):
        if end.infinite:
            place = inner + math.copysign(2.0**j, 1 if end.exact == oo else -1)
        else:
            place = float(end.ball.mid()) + (inner - float(end.ball.mid())) * 2.0**-j
        if _ball_sign(piece.at(k, arb.arb(place))) == sign:
            return place
    raise Undecided("a change of sign that no place shows")


def value_at(piece: Piece, k: int, place: Point) -> Point:
    """The k-th derivative at a place inside the piece."""
    ball = piece.at(k, place.ball)
    if place.exact is None:
        return Point(None, ball)
    if ball.contains(0) and piece.vanishes(k, place.exact):
        return point(0)
    return Point(piece.exact_value(k, place.exact), ball)


def _sign(value: Point) -> int:
    if value.infinite:
        return 1 if value.exact == oo else -1
    sign = _ball_sign(value.ball)
    if not sign and not value.ball.is_zero():
        raise Undecided("a value too near to zero")
    return sign
