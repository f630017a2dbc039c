"""Places of note: local extrema, zeros, fixed points."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import sympy

from .bounds import best, joint_values, values
from .fact import Extremum, Fact, Number, Span, Zero, number
from .line import Line, Segment, certified, difference, span_of
from .piece import Point, point


def extrema(line: Line) -> Fact:
    """Local extrema in the interior, on plateaus too; a jump counts for none."""
    bounds = {"minimum": -1, "maximum": 1}
    found = [*values(line, 0), *joint_values(line)]
    overall = {kind: best(found, sign).value for kind, sign in bounds.items()}
    result = []
    for kind, where, value in _turns(line):
        reached = _same(number(value), overall[kind])
        result.append(Extremum(kind, where, number(value), reached))
    return certified(line, tuple(result), "; ".join(map(str, result)) or "none")


def _same(a: Number, b: Number) -> bool:
    if a.low is None or b.low is None or a.high is None or b.high is None:
        return a.exact == b.exact
    return a.low <= b.high and b.low <= a.high


def _turns(line: Line) -> Iterator[tuple[str, Number | Span, Point]]:
    segments = line.segments(1)
    last, start = 0, None  # the direction before, and where a plateau began
    if segments[0].sign == 0 and len(segments) > 1:  # a plateau from the end of the domain on
        last = -segments[1].sign
    for i, s in enumerate(segments):
        joint = line.joint_at(s.low) if i else None
        if joint is not None and not line.continuous(joint):
            last, start = 0, None
        if s.sign == 0:
            start = start if start is not None else s.low
            continue
        if last * s.sign < 0:
            kind = "minimum" if last < 0 else "maximum"
            value = line.value(0, s, s.low)
            flat = start is not None and span_of(start, s.low, line.closed(start), True)
            yield kind, flat or number(s.low), value
        last, start = s.sign, None
    if start is not None and last:  # a plateau up to the end of the domain
        s = segments[-1]
        kind = "minimum" if last < 0 else "maximum"
        yield kind, span_of(start, s.high, True, line.closed(s.high)), line.value(0, s, start)


def zeros(line: Line) -> Fact:
    """Every zero in the domain, and the intervals of zeros."""
    found = tuple(_zeros(line))
    return certified(line, found, ", ".join(map(str, found)) or "none")


def _zeros(line: Line) -> Iterator[Zero]:
    segments = line.segments(0)
    for i, s in enumerate(segments):
        if s.sign == 0:
            yield _interval_of_zeros(line, segments, i)
        before = segments[i - 1].sign if i else None
        if _zero_at(line, s, s.low) and before != 0 and s.sign != 0:
            yield Zero(number(s.low), before is not None and before * s.sign < 0)
    last = segments[-1]
    if last.sign and _zero_at(line, last, last.high):
        yield Zero(number(last.high), False)


def _zero_at(line: Line, segment: Segment, place: Point) -> bool:
    """Whether the value at an end of a segment is zero, and the end belongs to the domain."""
    if not line.closed(place):
        return False
    joint = line.joint_at(place)
    if joint is not None:
        return difference(point(joint.value), point(0)) == 0
    if place.exact is not None and place.exact in segment.piece.ends():
        value = line.end_value(place.exact)
        return value is not None and difference(value, point(0)) == 0
    return True  # between two segments of a smooth piece the value is zero


def _interval_of_zeros(line: Line, segments: Sequence[Segment], i: int) -> Zero:
    s = segments[i]
    around = [segments[j].sign for j in (i - 1, i + 1) if 0 <= j < len(segments)]
    ends = (line.closed(p) and _zero_at(line, s, p) for p in (s.low, s.high))
    return Zero(span_of(s.low, s.high, *ends), len(around) == 2 and around[0] * around[1] < 0)


def fixed_points(line: Line) -> Fact:
    """Where f(x) = x: the zeros of f(x) - x, which has the same curvature."""
    shifted = Line(line.symbol, _less(line.expression, line.symbol), line.domain, line)
    if len(shifted.pieces) != len(line.pieces):
        shifted = Line(line.symbol, shifted.expression, line.domain)
    found = tuple(z.where for z in _zeros(shifted))
    return certified(line, found, ", ".join(map(str, found)) or "none")


def _less(expression: Any, symbol: Any) -> Any:
    """The expression minus x, branch by branch, so that the pieces stay the same."""
    if isinstance(expression, sympy.Piecewise):
        return sympy.Piecewise(*((_less(e, symbol), c) for e, c in expression.args))
    return expression - symbol
