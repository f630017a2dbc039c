"""Bounds: the range of the values, of the slopes, and where they are met."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import sympy
from sympy import oo

from .. import arb
from .fact import Bound, Fact, Place, Range, Slope, Span, number
from .line import Line, Segment, certified, difference, span_of
from .piece import Joint, Point, Undecided, point

Candidate = tuple[Point, Place]


def range_(line: Line) -> Fact:
    """The hull of all values, and whether its ends are values."""
    found = [*values(line, 0), *joint_values(line)]
    value = Range(best(found, -1), best(found, 1))
    return certified(line, value, str(value))


def slope(line: Line) -> Fact:
    """The least and the largest slope, and the Lipschitz constant."""
    for joint in line.joints:
        if not line.continuous(joint):
            return _unbounded(line, joint)
    found = [*values(line, 1)]
    sizes = [(_size(value), place) for value, place in found]
    value = Slope(best(found, -1), best(found, 1), best(sizes, 1))
    return certified(line, value, _told_bound(value.lipschitz))


def _unbounded(line: Line, joint: Joint) -> Fact:
    where = number(joint.place)
    bound = Bound(number(oo), (Place("at", where),))
    return certified(line, Slope(bound, bound, bound), f"not Lipschitz: a jump at {where}")


def _size(value: Point) -> Point:
    if value.infinite:
        return point(oo)
    return Point(None if value.exact is None else sympy.Abs(value.exact), abs(value.ball))


def _told_bound(bound: Bound) -> str:
    kinds = {"at": "attained at", "on": "attained on", "beside": "one-sided at"}
    places: dict[str, list[str]] = {}
    for p in bound.places:
        places.setdefault(kinds.get(p.kind, "approached towards"), []).append(str(p.where))
    where = "; ".join(f"{kind} {', '.join(found)}" for kind, found in places.items())
    if bound.value.infinite:
        return f"not Lipschitz: the slope grows beyond all bounds, {where}"
    return f"{bound.value}, {where}"


def best(candidates: Iterable[Candidate], sign: int) -> Bound:
    """The largest (sign 1) or smallest candidate, with every place that reaches it.

    Values that agree to 24 digits and are not both exact share the bound, which then encloses
    both: mirrored extrema, mostly.
    """
    best: Point | None = None
    places: list[Place] = []
    for value, place in candidates:
        order = 1 if best is None else sign * _order(value, best)
        if best is None or order > 0:
            best, places = value, [place]
        elif order == 0:
            best = _shared(best, value)
            places += [] if place in places else [place]
            met = {p.kind in ("at", "on") for p in places}
            if best.exact is None and len(met) > 1:
                raise Undecided("a bound that may be attained or only approached")
    if best is None:
        raise Undecided("no value at all")
    return Bound(number(best), tuple(_told(places)))


def _shared(a: Point, b: Point) -> Point:
    """One value for two that are equal, or that no digit tells apart."""
    if a.exact is not None and b.exact is not None:
        return a
    return Point(None, a.ball.union(b.ball))


def _order(a: Point, b: Point) -> int:
    if not (a.infinite or b.infinite) and (a.exact is None or b.exact is None):
        gap = a.ball - b.ball
        if gap.contains(0) and abs(gap) < arb.arb(2) ** -80:
            return 0
    return difference(a, b)


def _told(places: list[Place]) -> Iterator[Place]:
    """Places without what others include: an end of a span on which the bound is met."""
    spans = [p.where for p in places if p.kind == "on" and isinstance(p.where, Span)]
    for p in places:
        if p.kind == "on" or not any(p.where in (s.low, s.high) for s in spans):
            yield p


def values(line: Line, k: int) -> Iterator[Candidate]:
    """Everything that can be a bound of the k-th derivative: it is monotone in between."""
    for s in line.segments(k + 1):
        if s.sign == 0:
            yield _constant(s, k), Place("on", span_of(s.low, s.high, False, False))
            continue
        for place in (s.low, s.high):
            yield line.value(k, s, place), _place(line, s, place, k)


def joint_values(line: Line) -> Iterator[Candidate]:
    """The values at joints, which belong to no piece."""
    for joint in line.joints:
        yield point(joint.value), Place("at", number(joint.place))


def _constant(segment: Segment, k: int) -> Point:
    return segment.piece.limit(k, segment.piece.low)


def _place(line: Line, segment: Segment, place: Point, k: int) -> Place:
    where = number(place)
    if place.exact is None or place.exact not in segment.piece.ends():
        return Place("at", where)
    joint = line.joint_at(place)
    if k == 0:
        return Place("at" if line.met(segment.piece, place.exact) else "towards", where)
    if joint is None:  # an end of the domain
        inside = line.closed(place) and not segment.piece.singular[place.exact]
        return Place("beside" if inside else "towards", where)
    smooth = line.continuous(joint) and difference(*line.sides(joint, 1)) == 0
    return Place("at" if smooth else "beside", where)
