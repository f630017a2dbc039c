"""Definitions that construction accepts and that are wrong all the same, each in one way."""

from __future__ import annotations

from typing import Any

from sympy import Eq, Interval, Max, Rational, Sum, Symbol, atan, exp, gamma, oo, tanh

from ulpian.spec import Function, Parameter, applied
from ulpian.spec.symbols import i, j, n, x, z


def _one(name: str, expression: Any, **facts: Any) -> Function:
    return Function(name=name, title=name, variables=(x,), expression=expression, **facts)


slope = Symbol("slope", real=True)
twice, nobody = applied("wrong_identity"), applied("nobody")

seen_kink = _one("seen_kink", Max(x, 0))
unseen_kink = _one("unseen_kink", x * atan(1 / x))
unseen_jump = _one("unseen_jump", atan(1 / x))
no_kink = _one("no_kink", Max(x, 0) ** 2, kinks={0: Interval(0, 1)})
wrong_limit = _one("wrong_limit", tanh(x), special_values={oo: 2})
wrong_range = _one("wrong_range", 3 * tanh(x), range=Interval(-2, 2))
wrong_parity = _one("wrong_parity", x * exp(x), parity="odd")
wrong_monotone = _one("wrong_monotone", x * tanh(x), monotone="increasing")
wrong_scale = _one("wrong_scale", x**2 + x, homogeneous=(x,))
wrong_identity = _one(
    "wrong_identity", tanh(x), identities={"twice": Eq(twice(2 * x), 2 * twice(x))}
)
unknown_identity = _one("unknown_identity", tanh(x), identities={"odd": Eq(nobody(x), twice(x))})
unknown_to_the_oracle = _one("unknown_to_the_oracle", gamma(1 + x**2))
gelu = _one("gelu", x)
other_name = _one("other_name", x, aliases=("swish",))
wrong_rows = Function(
    name="wrong_rows",
    title="wrong_rows",
    variables=(z,),
    expression=exp(z[i]) / Sum(exp(z[j]), (j, 0, n - 1)),
    range=Interval(0, Rational(1, 2)),
)
wrong_at_a_sample = _one(
    "wrong_at_a_sample",
    slope * tanh(x),
    parameters=(Parameter(slope, Rational(1), samples=(Rational(3),)),),
    range=Interval(-1, 1),
)
