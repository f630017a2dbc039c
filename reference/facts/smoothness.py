"""How many derivatives are continuous, and where which one jumps."""

from __future__ import annotations

import sympy

from .fact import Fact, Smoothness, number
from .line import Line, certified, difference
from .piece import HIGHEST, Joint, Undecided, point


def smoothness(line: Line) -> Fact:
    """How many derivatives are continuous, and the first one that jumps at each joint."""
    breaks, orders = [], []
    for joint in line.joints:
        order = first_jump(line, joint)
        breaks.append((number(joint.place), order))
        orders.append(order)
    for i in range(len(line.pieces)):
        _smooth_inside(line, i)
    value = Smoothness(min(orders) - 1 if orders else None, tuple(breaks))
    if value.order is None:
        return certified(line, value, "analytic")
    kind = "jumps" if value.order < 0 else f"C^{value.order}"
    places = ", ".join(f"{ordinal(order)} jumps at {place}" for place, order in breaks)
    return certified(line, value, f"{kind}, {places}")


def ordinal(order: int) -> str:
    """The name of a derivative."""
    names = ("the value", "the slope", "the second derivative", "the third derivative")
    return names[order] if order < len(names) else f"derivative {order}"


def _smooth_inside(line: Line, i: int) -> None:
    """Raises `Undecided` unless the boxes and tails of some pattern covered the whole piece."""
    if not line.pieces[i].expression.is_polynomial(line.symbol):
        line.pattern(i, 2)


def first_jump(line: Line, joint: Joint) -> int:
    """The order of the first derivative that jumps at a joint; 0 for the value itself."""
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
