"""Intervals on which a function rises, falls or bends one way; where the bend changes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from .fact import Fact, Runs, Span, number
from .line import Line, Segment, certified, difference, runs, span_of
from .piece import Point, point


def monotone(line: Line) -> Fact:
    """Maximal intervals on which the function rises, falls or stays."""

    def step(place: Point) -> int | None:
        joint = line.joint_at(place)
        if joint is None:
            return 0
        left, right = line.sides(joint, 0)
        value = point(joint.value)
        there = {difference(value, left), difference(right, value)}
        return None if {1, -1} <= there else sum(there)

    words = {1: "increasing", -1: "decreasing", 0: "constant"}
    value = _runs(line, line.segments(1), step, words)
    return certified(line, value, str(value))


def convexity(line: Line) -> Fact:
    """Maximal intervals on which the function is convex, concave or affine."""

    def step(place: Point) -> int | None:
        joint = line.joint_at(place)
        if joint is None:
            return 0
        if not line.continuous(joint):
            return None
        left, right = line.sides(joint, 1)
        return difference(right, left)

    value = _runs(line, line.segments(2), step, {1: "convex", -1: "concave", 0: "affine"})
    return certified(line, value, str(value))


def _runs(
    line: Line,
    segments: Sequence[Segment],
    step: Callable[[Point], int | None],
    words: dict[int, str],
) -> Runs:
    found = [(sign, group) for sign in (1, -1) for group in runs(segments, step, sign)]
    covered = {i for _, (a, b) in found for i in range(a, b + 1)}
    flat = [(0, (i, i)) for i, s in enumerate(segments) if i not in covered]
    joined = list(_joined_flat(flat, segments, step))
    if words[0] == "constant":  # where a rising function rests is worth saying
        joined += [(0, (i, i)) for i, s in enumerate(segments) if s.sign == 0 and i in covered]
    every = sorted([*found, *joined], key=lambda item: (item[1][0], -item[1][1], -abs(item[0])))
    named = tuple((words[s], _closed(line, segments, a, b)) for s, (a, b) in every)
    whole = [words[s] for s, group in every if group == (0, len(segments) - 1)]
    return Runs(whole[0] if whole else None, named)


def _joined_flat(
    flat: list[tuple[int, tuple[int, int]]],
    segments: Sequence[Segment],
    step: Callable[[Point], int | None],
) -> Iterator[tuple[int, tuple[int, int]]]:
    """Flat neighbours with nothing between them are one."""
    last: tuple[int, int] | None = None
    for _, (i, _) in flat:
        if last is not None and last[1] == i - 1 and step(segments[i].low) == 0:
            last = (last[0], i)
            continue
        if last is not None:
            yield 0, last
        last = (i, i)
    if last is not None:
        yield 0, last


def _closed(line: Line, segments: Sequence[Segment], first: int, last: int) -> Span:
    """The span of a run, with each end at which the function is continuous from inside."""
    a, b = segments[first], segments[last]
    return span_of(a.low, b.high, _included(line, a, a.low), _included(line, b, b.high))


def _included(line: Line, segment: Segment, place: Point) -> bool:
    if not line.closed(place):
        return False
    if place.exact is None or place.exact not in segment.piece.ends():
        return True
    return line.met(segment.piece, place.exact)


def inflections(line: Line) -> Fact:
    """Where the curvature changes its sign inside a smooth piece, or at a smooth joint."""
    segments = line.segments(2)
    places = []
    for a, b in pairwise(segments):
        joint = line.joint_at(a.high)
        if joint and (not line.continuous(joint) or difference(*line.sides(joint, 1))):
            continue
        if a.sign * b.sign < 0:
            places.append(number(a.high))
    return certified(line, tuple(places), ", ".join(map(str, places)) or "none")
