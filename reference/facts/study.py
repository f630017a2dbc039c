"""What follows from the patterns of a line: its facts, one function each.

Every function here takes a `Line` and gives a `Fact`; where a step is not certified it raises
`Undecided`, which `study` turns into a fact that says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any

import sympy
from sympy import S, oo

from ...spec import derive
from ...spec.identity import prove_equation
from .. import arb
from .fact import (
    Asymptote,
    Bound,
    Extremum,
    Fact,
    Number,
    Place,
    Range,
    Runs,
    Slope,
    Smoothness,
    Span,
    Zero,
    number,
)
from .line import Line, Segment, difference, runs
from .piece import HIGHEST, STARTS, Joint, Piece, Point, Undecided, point
from .tail import ONE, Beyond, TooEarly, Y

COVER = "the pieces, subdivided into boxes, and expansions with enclosed remainders at the ends"
Candidate = tuple[Point, Place]


def study(line: Line) -> dict[str, Fact]:
    """All facts of a function of one variable, by topic, in the order of the book."""
    return {topic: _tried(fact, line) for topic, fact in TOPICS.items()}


def _tried(fact: Callable[[Line], Fact], line: Line) -> Fact:
    try:
        return fact(line)
    except Undecided as reason:
        return undecided(str(reason))
    except (NotImplementedError, ValueError, TypeError, AttributeError, RecursionError) as error:
        return undecided(f"given up: {error}")


def undecided(reason: str) -> Fact:
    return Fact("undecided", None, reason, f"undecided: {reason}")


def _certified(line: Line, value: Any, text: str) -> Fact:
    return Fact("certified", value, f"Arb on {_words(line.domain)}: {COVER}", text)


def _words(domain: Any) -> str:
    low, high = domain.inf, domain.sup
    return str(_span(point(low), point(high), low in domain, high in domain))


def _span(low: Point, high: Point, closed_low: bool, closed_high: bool) -> Span:
    return Span(number(low), number(high), closed_low, closed_high)


# ---------------------------------------------------------------- bounds


def _best(candidates: Iterable[Candidate], sign: int) -> Bound:
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


def _values(line: Line, k: int) -> Iterator[Candidate]:
    """Everything that can be a bound of the k-th derivative: it is monotone in between."""
    for s in line.segments(k + 1):
        if s.sign == 0:
            yield _constant(s, k), Place("on", _span(s.low, s.high, False, False))
            continue
        for place in (s.low, s.high):
            yield line.value(k, s, place), _place(line, s, place, k)


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


def range_(line: Line) -> Fact:
    """The hull of all values, and whether its ends are values."""
    found = [*_values(line, 0), *_joint_values(line)]
    value = Range(_best(found, -1), _best(found, 1))
    return _certified(line, value, str(value))


def _joint_values(line: Line) -> Iterator[Candidate]:
    for joint in line.joints:
        yield point(joint.value), Place("at", number(joint.place))


def slope(line: Line) -> Fact:
    """The least and the largest slope, and the Lipschitz constant."""
    for joint in line.joints:
        if not line.continuous(joint):
            return _unbounded(line, joint)
    found = [*_values(line, 1)]
    sizes = [(_size(value), place) for value, place in found]
    value = Slope(_best(found, -1), _best(found, 1), _best(sizes, 1))
    return _certified(line, value, _told_bound(value.lipschitz))


def _unbounded(line: Line, joint: Joint) -> Fact:
    where = number(joint.place)
    bound = Bound(number(oo), (Place("at", where),))
    return _certified(line, Slope(bound, bound, bound), f"not Lipschitz: a jump at {where}")


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


# ---------------------------------------------------------------- runs


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
    return _certified(line, value, str(value))


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
    return _certified(line, value, str(value))


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
    return _span(a.low, b.high, _included(line, a, a.low), _included(line, b, b.high))


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
    return _certified(line, tuple(places), ", ".join(map(str, places)) or "none")


# ---------------------------------------------------------------- extrema


def extrema(line: Line) -> Fact:
    """Local extrema in the interior, on plateaus too; a jump counts for none."""
    bounds = {"minimum": -1, "maximum": 1}
    found = [*_values(line, 0), *_joint_values(line)]
    best = {kind: _best(found, sign) for kind, sign in bounds.items()}
    result = []
    for kind, where, value in _turns(line):
        overall = _same(number(value), best[kind].value)
        result.append(Extremum(kind, where, number(value), overall))
    return _certified(line, tuple(result), "; ".join(map(str, result)) or "none")


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
            flat = start is not None and _span(start, s.low, line.closed(start), True)
            yield kind, flat or number(s.low), value
        last, start = s.sign, None
    if start is not None and last:  # a plateau up to the end of the domain
        s = segments[-1]
        kind = "minimum" if last < 0 else "maximum"
        yield kind, _span(start, s.high, True, line.closed(s.high)), line.value(0, s, start)


# ---------------------------------------------------------------- zeros


def zeros(line: Line) -> Fact:
    """Every zero in the domain, and the intervals of zeros."""
    found = tuple(_zeros(line))
    return _certified(line, found, ", ".join(map(str, found)) or "none")


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
    return Zero(_span(s.low, s.high, *ends), len(around) == 2 and around[0] * around[1] < 0)


def fixed_points(line: Line) -> Fact:
    """Where f(x) = x: the zeros of f(x) - x, which has the same curvature."""
    shifted = Line(line.symbol, _less(line.expression, line.symbol), line.domain, line)
    if len(shifted.pieces) != len(line.pieces):
        shifted = Line(line.symbol, shifted.expression, line.domain)
    found = tuple(z.where for z in _zeros(shifted))
    return _certified(line, found, ", ".join(map(str, found)) or "none")


def _less(expression: Any, symbol: Any) -> Any:
    """The expression minus x, branch by branch, so that the pieces stay the same."""
    if isinstance(expression, sympy.Piecewise):
        return sympy.Piecewise(*((_less(e, symbol), c) for e, c in expression.args))
    return expression - symbol


# ---------------------------------------------------------------- ends


def limits(line: Line) -> Fact:
    """The limits of the value at both ends of the domain."""
    found, proved = [], False
    for piece, end in ((line.pieces[0], line.domain.inf), (line.pieces[-1], line.domain.sup)):
        value = piece.limit(0, end)
        if value.exact is None and value.ball is None:
            raise Undecided(f"no limit towards {end}")
        proved = proved or not _from_tail(piece, end)
        found.append((number(end), number(value)))
    text = ", ".join(f"{value} at {end}" for end, value in found)
    how = "SymPy" if proved else "expansions with enclosed remainders"
    return Fact("proved" if proved else "certified", tuple(found), how, text)


def _from_tail(piece: Piece, end: Any) -> bool:
    try:
        return not piece.singular[end] or piece.in_tail(end, 0, "limit")[0] is not None
    except Undecided:
        return False


def asymptotes(line: Line) -> Fact:
    """The lines that the function approaches at the infinities."""
    found, words = [], []
    for piece, end in ((line.pieces[0], line.domain.inf), (line.pieces[-1], line.domain.sup)):
        if end not in (oo, -oo):
            continue
        straight = _asymptote(piece, end)
        if straight is None:
            words.append(f"none at {end}")
        else:
            m, b = straight
            found.append(Asymptote(number(end), number(m), number(b)))
            words.append(f"{found[-1].text(str(line.symbol))} at {end}")
    text = ", ".join(words) or "none: the domain is bounded"
    return Fact("certified", tuple(found), "expansions with enclosed remainders", text)


def _asymptote(piece: Piece, end: Any) -> tuple[Any, Any] | None:
    """Slope and intercept; None where the function grows otherwise."""
    slope = piece.limit(1, end)
    if slope.infinite:
        return None
    for start in STARTS[1:4]:
        try:
            value = piece.tails(end, start)[0]
            if set(value.growing()) - {Y}:
                return None
            m, b = value.coefficient(Y), value.coefficient(ONE)
        except (Undecided, Beyond, TooEarly):
            continue
        if m is not None and b is not None:
            return (m if end == oo else -m), b
    if slope.exact is None:
        raise Undecided(f"no exact slope towards {end}")
    rest = derive.limit(piece.expression - slope.exact * piece.symbol, piece.symbol, end)
    if rest in (oo, -oo):
        return None
    if rest is S.NaN or not rest.is_number:
        raise Undecided(f"no intercept towards {end}")
    return slope.exact, rest


# ---------------------------------------------------------------- symmetry and smoothness


def parity(line: Line) -> Fact:
    """Odd, even or neither."""
    if line.domain.inf != -line.domain.sup:
        return Fact("certified", None, "the domain is not symmetric", "neither odd nor even")
    possible = {"odd": -1, "even": 1}
    size = S.One if line.domain.sup == oo else line.domain.sup / 6
    for probe in (size * sympy.Rational(9, 7), size / 3, size * 5):
        left, right = (_at(line, s * probe) for s in (-1, 1))
        possible = {n: s for n, s in possible.items() if (left - s * right).contains(0)}
    if not possible:
        return Fact("certified", None, "Arb, at three points", "neither odd nor even")
    for name, sign in possible.items():
        if _mirrored(line, sign):
            return Fact("proved", name, "SymPy, piece by piece", name)
    raise Undecided(f"SymPy does not prove it {' or '.join(possible)}")


def _mirrored(line: Line, sign: int) -> bool:
    """Whether SymPy proves f(-x) = sign f(x) on each piece and at each joint."""
    for a, b in zip(line.pieces, reversed(line.pieces), strict=True):
        if a.low != -b.high or a.high != -b.low:
            return False
        mirrored = b.expression.subs(line.symbol, -line.symbol)
        equation = sympy.Eq(mirrored, sign * a.expression, evaluate=False)
        if prove_equation(equation).status != "proved":
            return False
    joints = zip(line.joints, reversed(line.joints), strict=True)
    return all(sympy.simplify(a.value - sign * b.value) == 0 for a, b in joints)


def _at(line: Line, place: Any) -> Any:
    """The value at an exact place, enclosed."""
    for piece in line.pieces:
        if piece.low < place < piece.high:
            value = piece.at(0, point(place).ball)
            if not value.is_finite():
                raise Undecided(f"no real value at {place}")
            return value
    joint = line.joint_at(point(place))
    if joint is None:
        raise Undecided(f"{place} lies outside the domain")
    return point(joint.value).ball


def homogeneous(line: Line) -> Fact:
    """The degree k with f(c x) = c**k f(x) for every c > 0, if there is one."""
    none = Fact("certified", None, "Arb, at 1, 2 and 4", "no")
    if line.domain != S.Reals:
        return Fact("certified", None, "the domain is bounded", "no")
    for side in (1, -1):
        one, two, four = (_at(line, sympy.Integer(side * c)) for c in (1, 2, 4))
        if not (two * two - one * four).contains(0):
            return none
    for joint in line.joints:
        if joint.place != 0:
            order = _ordinal(_first_jump(line, joint))
            return Fact("certified", None, f"Arb: {order} jumps at {joint.place}", "no")
    degrees = set()
    for piece in line.pieces:
        if piece.expression == 0:  # of every degree
            continue
        ratio = sympy.simplify(piece.symbol * piece.derivative(1) / piece.expression)
        if ratio.has(piece.symbol):
            raise Undecided("SymPy finds no degree")
        degrees.add(ratio)
    if len(degrees) > 1:
        return Fact("proved", None, "SymPy: the pieces have different degrees", "no")
    degree = degrees.pop() if degrees else S.One
    if degree != 0 and any(j.value != 0 for j in line.joints):
        return Fact("proved", None, "SymPy: the value at 0 is not 0", "no")
    return Fact("proved", number(degree), "SymPy: x f' = k f on each piece", f"of degree {degree}")


def smoothness(line: Line) -> Fact:
    """How many derivatives are continuous, and the first one that jumps at each joint."""
    breaks, orders = [], []
    for joint in line.joints:
        order = _first_jump(line, joint)
        breaks.append((number(joint.place), order))
        orders.append(order)
    for i in range(len(line.pieces)):
        _smooth_inside(line, i)
    value = Smoothness(min(orders) - 1 if orders else None, tuple(breaks))
    if value.order is None:
        return _certified(line, value, "analytic")
    kind = "jumps" if value.order < 0 else f"C^{value.order}"
    places = ", ".join(f"{_ordinal(order)} jumps at {place}" for place, order in breaks)
    return _certified(line, value, f"{kind}, {places}")


def _ordinal(order: int) -> str:
    names = ("the value", "the slope", "the second derivative", "the third derivative")
    return names[order] if order < len(names) else f"derivative {order}"


def _smooth_inside(line: Line, i: int) -> None:
    """Raises `Undecided` unless the boxes and tails of some pattern covered the whole piece."""
    if not line.pieces[i].expression.is_polynomial(line.symbol):
        line.pattern(i, 2)


def _first_jump(line: Line, joint: Joint) -> int:
    i = line.joints.index(joint)
    left, right = line.pieces[i], line.pieces[i + 1]
    if not line.continuous(joint):
        return 0
    for k in range(1, HIGHEST + 1):
        if left.singular[joint.place] or right.singular[joint.place]:
            if k > 2:
                raise Undecided(f"no derivatives towards {joint.place}")
            ends = left.limit(k, joint.place), right.limit(k, joint.place)
            if difference(*ends):
                return k
            continue
        here = point(joint.place).ball
        if not (left.at(k, here) - right.at(k, here)).contains(0):
            return k
        gap = (left.derivative(k) - right.derivative(k)).subs(line.symbol, joint.place)
        if gap != 0 and sympy.simplify(gap) != 0:
            raise Undecided(f"whether derivative {k} jumps at {joint.place}")
    raise Undecided(f"at least {HIGHEST} continuous derivatives at {joint.place}")


TOPICS: dict[str, Callable[[Line], Fact]] = {
    "range": range_,
    "zeros": zeros,
    "extrema": extrema,
    "monotone": monotone,
    "convexity": convexity,
    "inflections": inflections,
    "slope": slope,
    "limits": limits,
    "asymptotes": asymptotes,
    "parity": parity,
    "homogeneous": homogeneous,
    "smoothness": smoothness,
    "fixed points": fixed_points,
}
