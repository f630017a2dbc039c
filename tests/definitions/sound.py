"""Definitions of a user's own that hold, one of them speaking of the other."""

from __future__ import annotations

from sympy import Abs, Eq, Interval, Max, Rational, oo

from ulpian.spec import Function, applied
from ulpian.spec.symbols import x

slow_, slow_twice_ = applied("slow"), applied("slow_twice")

slow = Function(
    name="slow",
    title="A slow sign",
    variables=(x,),
    expression=x / (1 + Abs(x) + x**2),
    special_values={0: 0, oo: 0},
    range=Interval(-Rational(1, 3), Rational(1, 3)),
    parity="odd",
    identities={"half": Eq(slow_twice_(x), 2 * slow_(x))},
    aliases=("slow_sign",),
)
slow_twice = Function(
    name="slow_twice", title="Twice that", variables=(x,), expression=2 * x / (1 + Abs(x) + x**2)
)
hinged = Function(
    name="hinged",
    title="A ramp with a step",
    variables=(x,),
    expression=Max(x, Rational(1, 3)),
    kinks={Rational(1, 3): Interval(0, 1)},
    range=Interval(Rational(1, 3), oo),
    monotone="increasing",
)


def quick_slow(value: float) -> float:
    """Not a definition: code that is judged by one."""
    return value / (1 + abs(value) + value * value)


quick_slow.__ulpian__ = "slow_sign"  # type: ignore[attr-defined]
