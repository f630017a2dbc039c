"""A line: all pieces of a function of one variable side by side, with their patterns."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sympy import Expr, S, oo

from ...spec.special import plain
from .fact import Fact, Span, number
from .pattern import Pattern, lowered, searched, value_at
from .piece import Joint, Piece, Point, Undecided, branch, cut, is_zero, point

COVER = "the pieces, subdivided into boxes, and expansions with enclosed remainders at the ends"


@dataclass(frozen=True, eq=False)
class Segment:
    """An open interval on which a derivative has one sign."""

    piece: Piece
    low: Point
    high: Point
    sign: int


def difference(a: Point, b: Point) -> int:
    """The sign of a - b, exactly 0 where SymPy proves it; `Undecided` where neither is known."""
    if a is b:  # one limit, asked for twice
        return 0
    if a.infinite or b.infinite:
        return (_infinity(a) > _infinity(b)) - (_infinity(a) < _infinity(b))
    gap = a.ball - b.ball
    if gap > 0:
        return 1
    if gap < 0:
        return -1
    if gap.is_zero():
        return 0
    if a.exact is not None and b.exact is not None and is_zero(a.exact - b.exact):
        return 0
    raise Undecided("two numbers that are too near to each other")


def _infinity(a: Point) -> int:
    return 0 if not a.infinite else 1 if a.exact == oo else -1


@dataclass(frozen=True, eq=False)
class Line:
    """A function of one variable on an interval."""

    symbol: Any
    expression: Expr
    domain: Any
    curvature: Line | None = None  # another line with the same second derivative

    @cached_property
    def _cut(self) -> tuple[list[Piece], list[Joint]]:
        return cut(self.expression, self.symbol, self.domain)

    @property
    def pieces(self) -> list[Piece]:
        return self._cut[0]

    @property
    def joints(self) -> list[Joint]:
        return self._cut[1]

    @cached_property
    def _patterns(self) -> dict[tuple[int, int], Pattern | Undecided]:
        return {}

    def pattern(self, number: int, k: int) -> Pattern:
        """The pattern of the k-th derivative on one piece; `Undecided` is remembered, too."""
        known = self._patterns
        if (number, k) not in known:
            try:
                known[number, k] = self._pattern(number, k)
            except Undecided as reason:
                known[number, k] = reason
        found = known[number, k]
        if isinstance(found, Undecided):
            raise found
        return found

    def _pattern(self, number: int, k: int) -> Pattern:
        piece = self.pieces[number]
        if k == 2 and self.curvature is not None:
            return self.curvature.pattern(number, 2)
        if k == 2 or piece.is_constant(k):
            return searched(piece, k)
        try:
            above = self.pattern(number, k + 1)
        except Undecided:
            return searched(piece, k)
        return lowered(piece, k, above)

    def segments(self, k: int) -> list[Segment]:
        """Where the k-th derivative is positive, negative, zero, from left to right."""
        found = []
        for i, piece in enumerate(self.pieces):
            pattern = self.pattern(i, k)
            places = [point(piece.low), *pattern.zeros, point(piece.high)]
            for a, b, sign in zip(places[:-1], places[1:], pattern.signs, strict=True):
                found.append(Segment(piece, a, b, sign))
        return found

    def sides(self, joint: Joint, k: int) -> tuple[Point, Point]:
        """The limits of the k-th derivative from the left and from the right of a joint."""
        i = self.joints.index(joint)
        place = joint.place
        return self.pieces[i].limit(k, place), self.pieces[i + 1].limit(k, place)

    def joint_at(self, place: Point) -> Joint | None:
        return next((j for j in self.joints if j.place == place.exact), None)

    def continuous(self, joint: Joint) -> bool:
        left, right = self.sides(joint, 0)
        value = point(joint.value)
        return difference(left, value) == 0 == difference(right, value)

    def value(self, k: int, segment: Segment, place: Point) -> Point:
        """The k-th derivative at (or its limit towards) an end of a segment, from inside."""
        if place.exact is not None and place.exact in segment.piece.ends():
            return segment.piece.limit(k, place.exact)
        return value_at(segment.piece, k, place)

    def end_value(self, end: Expr) -> Point | None:
        """The value that the definition gives at an end of the domain; None where it gives none."""
        if end in (oo, -oo) or end not in self.domain:
            return None
        own = branch(self.expression, self.symbol, end)
        piece = self.pieces[0] if end == self.pieces[0].low else self.pieces[-1]
        if own == piece.expression and not piece.singular[end]:
            return piece.limit(0, end)
        value = plain(own.subs(self.symbol, end))
        if value in (S.NaN, S.ComplexInfinity) or not value.is_number:
            return None
        if value.is_extended_real is None:
            raise Undecided(f"whether there is a value at {end}")
        return point(value) if value.is_extended_real else None

    def met(self, piece: Piece, end: Expr) -> bool:
        """Whether the value at an end of a piece is the limit from inside it."""
        joint = self.joint_at(point(end))
        value = point(joint.value) if joint else self.end_value(end)
        return value is not None and difference(piece.limit(0, end), value) == 0

    def closed(self, place: Point) -> bool:
        """Whether a place belongs to the domain."""
        return not place.infinite and (place.exact is None or bool(place.exact in self.domain))


Group = tuple[int, int]  # first and last segment of a run


def runs(
    segments: Sequence[Segment], step: Callable[[Point], int | None], sign: int
) -> Iterator[Group]:
    """Maximal runs of segments of a sign (or zero) whose joints go the same way or nowhere.

    A run has at least one segment or step of that very sign. A step of None breaks it.
    """
    start, strict = None, False
    for i, segment in enumerate(segments):
        between = step(segment.low) if start is not None else None
        if start is not None and (between is None or between == -sign or segment.sign == -sign):
            if strict:
                yield start, i - 1
            # a zero segment, and the joint before it, may belong to two runs
            start, strict = None, False
        if segment.sign == -sign:
            continue
        if start is None:
            start, strict = i, segment.sign == sign
        else:
            strict = strict or segment.sign == sign or between == sign
    if start is not None and strict:
        yield start, len(segments) - 1


def certified(line: Line, value: Any, text: str) -> Fact:
    """A fact that the patterns of a line prove."""
    return Fact("certified", value, f"Arb on {_words(line.domain)}: {COVER}", text)


def _words(domain: Any) -> str:
    low, high = domain.inf, domain.sup
    return str(span_of(point(low), point(high), low in domain, high in domain))


def span_of(low: Point, high: Point, closed_low: bool, closed_high: bool) -> Span:
    """The span between two points."""
    return Span(number(low), number(high), closed_low, closed_high)
