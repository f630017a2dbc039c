"""What stands around the calls of an equation: Arb's answers against mpmath's."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest
import sympy
from sympy import Abs, Max, Piecewise, Rational, exp, log, pi, sign, sqrt, tanh

from ulpian.reference import arb
from ulpian.reference.expression import enclosed

X, Y = sympy.symbols("x y", real=True)
BITS = 2215
POINTS = (0.0, 1.0, -1.0, 0.1, -3.7, 1e-30, -1e-300, 1e300, 700.0, -700.0)


@pytest.mark.parametrize(
    "body",
    [
        2 * X - 1,
        (1 - X) ** 2,
        exp(X) - 1,
        log(1 + exp(-Abs(X))),
        X / (1 + Abs(X)) - Rational(1, 3),
        tanh(X) * sqrt(1 + X**2),
        Piecewise((X**3, X > 0), (pi * X, True)),
        exp(-(X**2)) / 7,
    ],
    ids=str,
)
def test_an_enclosed_number_is_the_one_at_full_range(body: sympy.Expr) -> None:
    code = sympy.lambdify([X], body, "mpmath")
    found = enclosed([X], body, [(x,) for x in POINTS], BITS)
    with mpmath.workprec(2 * BITS):
        due = np.array([float(code(mpmath.mpf(x))) for x in POINTS])
    known = ~np.isnan(found)
    assert known.sum() >= len(POINTS) // 2
    assert found[known].tolist() == due[known].tolist()
    # what is left open lies at or beyond the ends of float64, or cancels there
    ends = (np.abs(due) < 1e-280) | (np.abs(due) > 1e280)
    assert ends[~known].all()


def test_a_cancellation_takes_more_bits_and_not_more_than_allowed() -> None:
    rows = [(1e16, 1.0)]
    body = (X + Y * Rational(1, 10**40)) - X
    assert enclosed([Y], body, [row[1:] for row in rows], BITS).tolist() == [1e-40]
    hidden = sqrt(1 + X) - 1
    assert np.isnan(enclosed([X], hidden, [(1e-60,)], 128)).all()
    assert enclosed([X], hidden, [(1e-60,)], BITS).tolist() == [5e-61]


def test_where_there_is_no_number_and_no_rule_it_is_open() -> None:
    assert np.isnan(enclosed([X], log(X), [(-1.0,), (0.0,), (np.nan,), (np.inf,)], BITS)).all()
    assert np.isnan(enclosed([X], 1 / X, [(0.0,)], BITS)).all()
    assert np.isnan(enclosed([X], sign(X), [(2.0,)], BITS)).all()  # the engines have no sign
    assert enclosed([X, Y], Max(X, Y) * 2, [(2.0, 3.0)], BITS).tolist() == [6.0]


def test_the_precision_is_left_as_it_was() -> None:
    before = arb.context.prec
    enclosed([X], exp(X) - 1, [(1e-50,)], BITS)
    assert arb.context.prec == before
