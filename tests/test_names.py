"""A user may call a parameter anything: no name of the oracle's own code gets in its way."""

from __future__ import annotations

import numpy as np
import pytest
from sympy import E, IndexedBase, Piecewise, Rational, Sum, Symbol, erf, exp, log, pi, sqrt, tanh

from ulpian.reference import arb, mp, oracle
from ulpian.reference.error import Truth
from ulpian.reference.formats import FORMATS
from ulpian.reference.rows import truth_rows
from ulpian.spec import Function, Parameter, SpecError, Variable
from ulpian.spec.symbols import i, j, n, x

ENGINES = sorted({name for engine in (arb, mp) for name in vars(engine) if name[0] != "_"})
GENERATED = ["w0", "_w0", "_r0", "_s0", "prepare", "evaluate", "row", "first_0", "range"]
LETTERS = ["n", "i", "j", "k", "m", "e", "E", "pi", "I", "S", "lambda"]
FLOAT32 = FORMATS["float32"]
PLACES = np.array([-3.0, -0.1, 0.0, 0.7, 2.5])


def pointwise(name: str) -> Function:
    """One with a constant, a ratio, a root, shared subexpressions, pieces, and the parameter."""
    a = Symbol(name, real=True)
    expression = Piecewise(
        (a * tanh(x) + exp(a * x) / 3 + pi * erf(x) * E, x > 0),
        (log(1 + exp(a * x)) ** 2 / sqrt(2) + a * exp(a * x), True),
    )
    parameter = Parameter(a, Rational(3, 2), samples=(Rational(1, 3),))
    return Function(
        name="own", title="Own", variables=(x,), expression=expression, parameters=(parameter,)
    )


def same(found: dict[str, Truth], due: dict[str, Truth], name: str) -> None:
    assert ["a" if key == name else key for key in found] == list(due)
    for one, other in zip(found.values(), due.values(), strict=True):
        assert one.decided.all()
        assert other.decided.all()
        assert [a.nearest.tolist() for a in one.answers] == [
            a.nearest.tolist() for a in other.answers
        ]


NAMES = sorted({*ENGINES, *GENERATED, *LETTERS})


@pytest.mark.parametrize("name", NAMES)
def test_a_parameter_of_any_name_gives_the_same_truths(name: str) -> None:
    for second in (False, True):
        due = oracle.truth(pointwise("a"), [PLACES], FLOAT32, {"a": Rational(3, 2)}, second=second)
        found = oracle.truth(
            pointwise(name), [PLACES], FLOAT32, {name: Rational(3, 2)}, second=second
        )
        same(found, due, name)


def along(name: str) -> Function:
    """Softmax times its row, over entries of that name."""
    row = IndexedBase(name, real=True)
    total = Sum(exp(row[j]), (j, 0, n - 1))
    return Function(
        name="own", title="Own", variables=(Variable(row),), expression=row[i] * exp(row[i]) / total
    )


@pytest.mark.parametrize("name", NAMES)
def test_a_row_of_any_name_gives_the_same_truths(name: str) -> None:
    rows = np.array([[0.5, -1.0, 3.0], [2.0, 2.0, -7.0]])
    seeds = np.array([[1.0, 0.0, 0.0], [0.5, -1.0, 2.0]])
    due = truth_rows(along("a"), [rows], FLOAT32, seeds)
    found = truth_rows(along(name), [rows], FLOAT32, seeds)
    same(found, due, name)


def test_only_the_name_of_the_result_itself_is_refused() -> None:
    with pytest.raises(SpecError, match="'value' is a name that results have"):
        pointwise("value")
