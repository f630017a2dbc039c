"""What follows from a definition, against what the textbooks say."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import pytest
import sympy
from sympy import (
    Abs,
    KroneckerDelta,
    Max,
    Min,
    Piecewise,
    Rational,
    Sum,
    cosh,
    erf,
    exp,
    log,
    oo,
    pi,
    sign,
    sin,
    sqrt,
    tanh,
)
from sympy import (
    Function as Undefined,
)

from ulpian.spec import catalogue, derive, find
from ulpian.spec.special import plain
from ulpian.spec.symbols import i, j, k, m, n, x, z

PROBES = [Rational(p) for p in ("-37/2", "-9/4", "-1", "-1/7", "1/9", "1", "5/2", "41/3")]
beta = find("swish").parameters[0].symbol
p, t = (v.symbol for v in find("bce").variables)


def sigmoid(u: Any) -> Any:
    return 1 / (1 + exp(-u))


def density(u: Any) -> Any:
    return exp(-(u**2) / 2) / sqrt(2 * pi)


def same(found: Any, known: Any, symbol: Any = x) -> None:
    """Equal to 50 digits at rational points."""
    for probe in PROBES:
        gap = sympy.N((found - known).subs(symbol, probe), 50, maxn=400)
        size = sympy.N(Abs(known.subs(symbol, probe)), 15)
        assert abs(gap) <= (1 + size) * Rational(1, 10**45), (symbol, probe)


CLOSED = {
    "identity": sympy.Integer(1) + 0 * x,
    "sigmoid": sigmoid(x) * (1 - sigmoid(x)),
    "log_sigmoid": sigmoid(-x),
    "tanh": 1 / cosh(x) ** 2,
    "softplus": sigmoid(x),
    "silu": sigmoid(x) * (1 + x * (1 - sigmoid(x))),
    "swish": sigmoid(x) * (1 + x * (1 - sigmoid(x))),
    "gelu": (1 + erf(x / sqrt(2))) / 2 + x * density(x),
    "relu": Piecewise((1, x > 0), (0, True)),
    "leaky_relu": Piecewise((1, x > 0), (Rational("0.01"), True)),
    "elu": Piecewise((1, x > 0), (exp(x), True)),
}


@pytest.mark.parametrize("name", CLOSED)
def test_a_gradient_is_the_textbooks(name: str) -> None:
    function = find(name)
    defaults = {q.symbol: q.default for q in function.parameters}
    same(derive.gradient(function, function.variables[0]).subs(defaults), CLOSED[name])


def test_the_gradient_of_gelu_tanh_is_the_product_rule() -> None:
    function = find("gelu_tanh")
    c = Rational("0.044715")
    inner = sqrt(2 / pi) * (x + c * x**3)
    slope = sqrt(2 / pi) * (1 + 3 * c * x**2)
    known = (1 + tanh(inner)) / 2 + x / 2 * (1 - tanh(inner) ** 2) * slope
    same(derive.gradient(function, function.variables[0]), known)


def test_second_and_third_derivatives_of_the_sigmoid() -> None:
    function = find("sigmoid")
    (v,) = function.variables
    s = sigmoid(x)
    same(derive.second(function, v, v), s * (1 - s) * (1 - 2 * s))
    same(derive.third(function, v, v), s * (1 - s) * (1 - 6 * s + 6 * s**2))


def test_the_second_derivative_of_gelu() -> None:
    function = find("gelu")
    (v,) = function.variables
    same(derive.second(function, v, v), density(x) * (2 - x**2))


def test_gradients_in_parameters() -> None:
    swish, softplus = find("swish"), find("softplus")
    three = Rational(3)
    found = derive.gradient(swish, swish.parameters[0]).subs(beta, three)
    same(found, x**2 * sigmoid(3 * x) * (1 - sigmoid(3 * x)))
    own = softplus.parameters[0]
    found = derive.gradient(softplus, own).subs(own.symbol, three)
    same(found, x * sigmoid(3 * x) / 3 - log(1 + exp(3 * x)) / 9)


def test_gradients_of_binary_cross_entropy() -> None:
    bce = find("bce")
    at = {p: Rational(1, 3), t: Rational(1, 5)}
    (prediction, target) = bce.variables
    assert plain(derive.gradient(bce, prediction).subs(at)) == (
        -Rational(1, 5) / Rational(1, 3) + Rational(4, 5) / Rational(2, 3)
    )
    gap = derive.gradient(bce, target).subs(at) - (log(Rational(2, 3)) - log(Rational(1, 3)))
    assert sympy.simplify(gap) == 0


def test_gradients_of_the_regression_losses() -> None:
    for name, inside, outside in (
        ("mse", Rational(-1, 2), Rational(-10)),
        ("huber", Rational(-1, 4), Rational(-1)),
        ("mae", Rational(-1), Rational(-1)),
    ):
        function = find(name)
        first, second = function.variables
        defaults = {q.symbol: q.default for q in function.parameters}
        gradient = derive.gradient(function, first).subs(defaults)
        near = {first.symbol: Rational(1, 4), second.symbol: Rational(1, 2)}
        far = {first.symbol: Rational(-3), second.symbol: Rational(2)}
        assert gradient.subs(near) == inside, name
        assert gradient.subs(far) == outside, name
        mirrored = derive.gradient(function, second).subs(defaults)
        assert mirrored.subs(far) == -outside, name


# ---------------------------------------------------------------- along an axis


def concrete(expression: Any, size: int, at: dict[Any, int]) -> Any:
    """A row expression for one n and one choice of indices."""
    return expression.subs(n, size).subs(at).doit()


def three() -> tuple[list[Any], list[Any]]:
    entries = [z[a] for a in range(3)]
    total = sum(exp(e) for e in entries)
    return entries, [exp(e) / total for e in entries]


@pytest.mark.parametrize("row", range(3))
@pytest.mark.parametrize("column", range(3))
def test_the_jacobian_of_softmax(row: int, column: int) -> None:
    function = find("softmax")
    _, s = three()
    found = concrete(derive.gradient(function, function.variables[0]), 3, {i: row, k: column})
    delta = 1 if row == column else 0
    assert sympy.simplify(found - s[row] * (delta - s[column])) == 0


def test_the_jacobian_of_log_softmax() -> None:
    function = find("log_softmax")
    _, s = three()
    for row in range(3):
        for column in range(3):
            found = derive.gradient(function, function.variables[0])
            known = (1 if row == column else 0) - s[column]
            assert sympy.simplify(concrete(found, 3, {i: row, k: column}) - known) == 0


def test_second_derivatives_of_softmax_are_those_of_the_jacobian() -> None:
    function = find("softmax")
    (v,) = function.variables
    entries, s = three()
    found = derive.second(function, v, v)
    for at in ((0, 0, 0), (0, 0, 1), (0, 1, 2), (2, 1, 1)):
        known = s[at[0]].diff(entries[at[1]], entries[at[2]])
        one = concrete(found, 3, dict(zip((i, k, m), at, strict=True)))
        assert sympy.simplify(one - known) == 0, at


def test_the_gradients_of_cross_entropy() -> None:
    function = find("cross_entropy")
    logits, target = function.variables
    weight, smoothing = (q.symbol for q in function.parameters)
    entries, s = three()
    # what counts of each class: its weight, times its target moved towards 1/3
    counted = [weight[a] * ((1 - smoothing) * target.symbol[a] + smoothing / 3) for a in range(3)]
    for a in range(3):
        found = concrete(derive.gradient(function, logits), 3, {k: a})
        assert sympy.simplify(found - (s[a] * sum(counted) - counted[a])) == 0
        found = concrete(derive.gradient(function, target), 3, {k: a})
        loss = log(sum(map(exp, entries))) - entries[a]
        assert sympy.simplify(found - weight[a] * (1 - smoothing) * loss) == 0


def test_sums_over_kronecker_deltas_collapse() -> None:
    f = Undefined("f")
    assert derive.collapse(Sum(f(j) * KroneckerDelta(j, k), (j, 0, n - 1))) == f(k)
    both = Sum(f(j) * (KroneckerDelta(j, k) + x), (j, 0, n - 1))
    assert derive.collapse(both) == f(k) + x * Sum(f(j), (j, 0, n - 1))
    assert derive.collapse(2 * x) == 2 * x


def test_no_delta_stays_under_a_sum_in_the_book() -> None:
    for name in ("softmax", "log_softmax", "cross_entropy"):
        function = find(name)
        for v in function.variables:
            for expression in (
                derive.gradient(function, v),
                *(derive.second(function, v, w) for w in function.variables),
            ):
                assert not any(s.has(KroneckerDelta) for s in expression.atoms(Sum)), name


# ---------------------------------------------------------------- limits, sides, boundaries


@pytest.mark.parametrize(
    ("name", "low", "high", "slope_low", "slope_high"),
    [
        ("sigmoid", 0, 1, 0, 0),
        ("tanh", -1, 1, 0, 0),
        ("relu", 0, oo, 0, 1),
        ("elu", -1, oo, 0, 1),
        ("softplus", 0, oo, 0, 1),
        ("log_sigmoid", -oo, 0, 1, 0),
        ("silu", 0, oo, 0, 1),
        ("swish", 0, oo, 0, 1),
        ("gelu", 0, oo, 0, 1),
        ("gelu_tanh", 0, oo, 0, 1),
        ("step", 0, 1, 0, 0),
        ("leaky_relu", -oo, oo, Rational("0.01"), 1),
        ("identity", -oo, oo, 1, 1),
    ],
)
def test_limits_at_the_infinities(
    name: str, low: Any, high: Any, slope_low: Any, slope_high: Any
) -> None:
    function = find(name)
    assert derive.limits(function) == {-oo: low, oo: high}
    assert derive.limits(function, function.variables[0]) == {-oo: slope_low, oo: slope_high}


def test_every_function_of_one_variable_has_limits_that_are_numbers() -> None:
    for function in catalogue().values():
        if len(function.variables) == 1 and not function.along_axis:
            for v in (None, function.variables[0]):
                assert sympy.nan not in derive.limits(function, v).values(), function.name


def test_gradients_differ_on_the_two_sides_of_a_kink() -> None:
    for name, sides in {
        "relu": (0, 1),
        "leaky_relu": (Rational("0.01"), 1),
        "elu": (1, 1),
        "identity": (1, 1),
    }.items():
        function = find(name)
        defaults = {q.symbol: q.default for q in function.parameters}
        gradient = derive.gradient(function, function.variables[0]).subs(defaults)
        assert derive.one_sided(gradient, x, 0) == sides, name


def test_the_step_has_two_sides() -> None:
    assert derive.one_sided(derive.value(find("step")), x, 0) == (0, 1)


def test_a_limit_that_sympy_cannot_find_is_not_a_number() -> None:
    for wild in (sin(x), sin(x) ** x):
        assert derive.limit(wild, x, oo) is sympy.nan


def test_boundaries_come_in_the_same_order_in_every_process() -> None:
    """Points are drawn along them, one after the other: a set's own order differs each time."""
    told = "from ulpian.spec import derive, find; print(derive.boundaries(find('mape')))"
    found = {
        subprocess.run(
            [sys.executable, "-c", told],
            env={**os.environ, "PYTHONHASHSEED": str(seed)},
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for seed in (1, 3)
    }
    assert found == {"((p - t, 0), (t, 0))\n"}


def test_boundaries_are_the_sides_of_every_comparison() -> None:
    assert derive.boundaries(find("relu")) in (((0, x),), ((x, 0),))
    assert derive.boundaries(find("gelu")) == ()
    huber = find("huber")
    found = {frozenset(sides) for sides in derive.boundaries(huber)}
    assert frozenset({Abs(p - t), huber.parameters[0].symbol}) in found


def test_absolute_values_and_extremes_become_pieces() -> None:
    for expression in (Abs(x), sign(x), Max(0, x), Min(x, 1, -x), 2 * Max(x, Abs(x - 1))):
        pieces = derive.in_pieces(expression)
        assert pieces.has(Piecewise)
        assert not pieces.has(Abs, Max, Min, sign)
        for probe in (-3, -1, 0, Rational(1, 2), 1, 2):
            assert pieces.subs(x, probe) == expression.subs(x, probe)


def test_a_branch_is_chosen_by_whoever_decides() -> None:
    gradient = derive.gradient(find("relu"), find("relu").variables[0])
    assert derive.branch_at(gradient, x, lambda c: c.subs(x, 5)) == 1
    assert derive.branch_at(gradient, x, lambda c: c.subs(x, -5)) == 0
