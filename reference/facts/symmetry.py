"""What a function keeps: its sign or size when mirrored, its shape when scaled."""

from __future__ import annotations

from typing import Any

import sympy
from sympy import S, oo

from ...spec.identity import prove_equation
from .fact import Fact, number
from .line import Line
from .piece import Undecided, point
from .smoothness import first_jump, ordinal


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
            order = ordinal(first_jump(line, joint))
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
