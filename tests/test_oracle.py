"""The oracle: two engines against each other, against published values, and its doubts."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import mpmath
import numpy as np
import pytest
import sympy
from numpy.typing import NDArray
from sympy import FiniteSet, Interval, Reals, erf, exp, log

from ulpian.checks.points import points
from ulpian.reference import FORMATS, Format, Truth, least_error, oracle, truth, truth_rows
from ulpian.reference.error import Answer
from ulpian.reference.rows import near_kink
from ulpian.spec import Function, Variable, catalogue, find
from ulpian.spec.symbols import n, x

Floats = NDArray[np.float64]
E4M3, E5M2, F16, B16, F32, F64 = FORMATS.values()
BINADES = {"bfloat16": 4, "float32": 5, "float64": 70}  # mpmath is slow at 2215 bits
SCALES = np.array([1, 10, 1e3, 0, 1, 10, 1e4, 1e-3])  # of rows; the 0 makes equal entries
ELEMENTWISE = [f for f in catalogue().values() if not f.along_axis]
ALONG_AXIS = [f for f in catalogue().values() if f.along_axis]
formats = pytest.mark.parametrize("fmt", FORMATS.values(), ids=str)


def column(variable: Variable, fmt: Format, seed: int) -> Floats:
    """Points of one variable: every few binades, ordinary numbers, specials, inside its domain."""
    rng = np.random.default_rng(seed)
    exponents = np.arange(fmt.subnormal_exponent, fmt.emax + 1, BINADES.get(fmt.name, 1))
    ladder = np.ldexp(rng.uniform(1, 2, exponents.size), exponents)
    ladder *= rng.choice([-1.0, 1.0], ladder.size)
    special = [0.0, -0.0, fmt.largest, -fmt.largest, fmt.smallest_normal, -fmt.smallest_subnormal]
    special += [np.inf, -np.inf, np.nan, 1.0, -1.0]
    found = np.concatenate([fmt.round(ladder), fmt.round(rng.normal(scale=4, size=15)), special])
    rng.shuffle(found)
    if variable.domain == Reals:
        return found
    if isinstance(variable.domain, FiniteSet):
        return rng.choice([float(v) for v in variable.domain], found.size)
    if variable.domain != Interval(0, 1):
        kept = points.within(found, variable.domain) | np.isnan(found)
        return np.where(kept, found, fmt.round(rng.uniform(1, 2, found.size)))
    small = np.where(np.abs(found) <= 1, np.abs(found), rng.uniform(size=found.size))
    return fmt.round(small)


def columns(function: Function, fmt: Format) -> list[Floats]:
    return [column(v, fmt, seed) for seed, v in enumerate(function.variables)]


def rows(function: Function, fmt: Format) -> tuple[list[Floats], Floats]:
    """Rows of 4: masked, easy, wide, equal; and a cotangent for the output."""
    rng = np.random.default_rng(4)
    scales = SCALES if fmt.bits < 64 else SCALES[:4]
    inputs = [row_values(function, v, fmt, scales, rng) for v in function.variables]
    if function.variables[0].masked:
        inputs[0][0, 2] = -np.inf
    _, undefined = near_kink(function, inputs, fmt)  # at the zeros of a cosine or a distance
    assert undefined.sum() <= 1
    inputs = [a[~undefined] for a in inputs]
    count = len(inputs[0])
    shape = (count, function.entries(4)) if function.row_output else (count,)
    return inputs, fmt.round(rng.normal(size=shape))


def row_values(
    function: Function, v: Variable, fmt: Format, scales: Floats, rng: np.random.Generator
) -> Floats:
    """A row of 4 for each scale, or a number, inside the variable's domain."""
    count = len(scales)
    if v.one_hot or (v.simplex and isinstance(v.domain, FiniteSet)):
        return np.eye(4)[rng.integers(0, 4, count)]
    if v.simplex:
        return fmt.round(rng.dirichlet(np.ones(4), size=count))
    shape = (count, *function.tried(v, 4)) if v.along_axis else (count,)
    if isinstance(v.domain, FiniteSet):
        return rng.choice([float(e) for e in v.domain], shape)
    if v.labels:
        return rng.integers(1, 4, shape).astype(np.float64)
    assert v.along_axis
    drawn = rng.normal(size=shape) * scales.reshape(-1, *(1,) * (len(shape) - 1))
    drawn = fmt.round(np.clip(drawn, -fmt.largest / 4, fmt.largest / 4))
    return points.into(v, fmt, drawn, rng)


def same_answers(first: Answer, second: Answer, fmt: Format) -> NDArray[np.bool_]:
    """Bit for bit the same float, the same remainder and the same ulp."""
    finite = np.isfinite(first.nearest)
    with np.errstate(all="ignore"):
        rest = np.abs(first.rest - second.rest) <= 1e-6
    nearest = (first.nearest == second.nearest) | (
        np.isnan(first.nearest) & np.isnan(second.nearest)
    )
    exponent = first.exponent == second.exponent
    agree: NDArray[np.bool_] = nearest & (~finite | (rest & exponent))
    agree &= first.decided == second.decided
    return agree


def assert_agreement(found: dict[str, Truth], known: dict[str, Truth], fmt: Format) -> None:
    assert list(found) == list(known)
    for name, truths in found.items():
        for a, b in zip(truths.answers, known[name].answers, strict=True):
            agree = same_answers(a, b, fmt)
            assert agree.all(), (name, np.argwhere(~agree)[:3], a[~agree], b[~agree])


def decided_where_determined(found: dict[str, Truth], inputs: Sequence[Floats]) -> None:
    """Only two infinities at once may leave the truth open."""
    infinities = np.sum([np.isinf(i) for i in inputs], axis=0)
    for name, truths in found.items():
        assert (truths.decided | (infinities > 1)).all(), name


@formats
@pytest.mark.parametrize("function", ELEMENTWISE, ids=lambda f: f.name)
def test_arb_and_mpmath_agree_bit_for_bit(function: Function, fmt: Format) -> None:
    points = columns(function, fmt)
    by_arb = truth(function, points, fmt, cached=False)
    by_mpmath = truth(function, points, fmt, engine="mpmath", cached=False)
    assert_agreement(by_arb, by_mpmath, fmt)
    decided_where_determined(by_arb, points)


@formats
@pytest.mark.parametrize("function", ALONG_AXIS, ids=lambda f: f.name)
def test_arb_and_mpmath_agree_on_rows(function: Function, fmt: Format) -> None:
    inputs, cotangent = rows(function, fmt)
    by_arb = truth_rows(function, inputs, fmt, cotangent, cached=False)
    by_mpmath = truth_rows(function, inputs, fmt, cotangent, engine="mpmath", cached=False)
    assert_agreement(by_arb, by_mpmath, fmt)
    assert all(t.decided.all() for t in by_arb.values())


@pytest.mark.parametrize("function", ELEMENTWISE, ids=lambda f: f.name)
def test_arb_and_mpmath_agree_on_second_derivatives(function: Function) -> None:
    points = columns(function, F32)
    by_arb = truth(function, points, F32, second=True, cached=False)
    by_mpmath = truth(function, points, F32, second=True, engine="mpmath", cached=False)
    assert list(by_arb) == ["second"]
    assert_agreement(by_arb, by_mpmath, F32)


@pytest.mark.parametrize("function", [f for f in ELEMENTWISE if f.parameters], ids=lambda f: f.name)
def test_arb_and_mpmath_agree_at_every_sampled_parameter(function: Function) -> None:
    tried = columns(function, F32)
    for p in function.parameters:
        for value in p.samples:
            given = oracle.parameters(function, {p.name: value})
            known = points.meets(function, tried, given)
            spots = [c[known] for c in tried]
            by_arb = truth(function, spots, F32, given, cached=False)
            by_mpmath = truth(function, spots, F32, given, engine="mpmath", cached=False)
            assert_agreement(by_arb, by_mpmath, F32)


@pytest.mark.parametrize("function", ELEMENTWISE, ids=lambda f: f.name)
def test_arb_and_mpmath_agree_on_the_condition(function: Function) -> None:
    """C is a bound's ingredient: an inflated one would excuse errors."""
    points = columns(function, F32)
    by_arb = truth(function, points, F32, cached=False)
    by_mpmath = truth(function, points, F32, engine="mpmath", cached=False)
    for name, truths in by_arb.items():
        for a, b in zip(truths.answers, by_mpmath[name].answers, strict=True):
            finite = a.decided & np.isfinite(a.nearest)
            gap = np.abs(a.condition - b.condition) / (1 + a.condition)
            assert np.max(gap, initial=0, where=finite) < 0.1, (name, np.argmax(gap * finite))


# ---------------------------------------------------------------- published values


def value(function: Function | str, point: float, fmt: Format = F64, name: str = "value") -> Any:
    """The one answer at one point: (nearest, the truth as an exact fraction)."""
    function = find(function) if isinstance(function, str) else function
    answer = truth(function, [np.array([point])], fmt, cached=False)[name].answers[0]
    assert answer.decided.all()
    nearest = float(answer.nearest[0])
    exact = Fraction(nearest) + Fraction(float(answer.rest[0])) * Fraction(2) ** int(
        answer.exponent[0]
    )
    return nearest, exact


def of_one_variable(name: str, expression: Any) -> Function:
    return Function(name=name, title=name, variables=(x,), expression=expression)


def agrees(exact: Fraction, digits: str) -> bool:
    """Whether a number rounds to the printed decimal."""
    places = len(digits.partition(".")[2])
    return bool(abs(exact - Fraction(digits)) * 10**places <= Fraction(1, 2))


@pytest.mark.parametrize(
    ("point", "digits"),
    [(0.5, "0.5204998778"), (1.0, "0.8427007929"), (2.0, "0.9953222650")],
)
def test_erf_is_that_of_abramowitz_and_stegun_table_7_1(point: float, digits: str) -> None:
    assert agrees(value(of_one_variable("erf_", erf(x)), point)[1], digits)


def test_tanh_is_the_published_constant() -> None:
    # OEIS A073744; an answer keeps 24 bits beyond those of the format
    assert agrees(value("tanh", 1.0)[1], "0.761594155955764888119")


def test_softplus_and_log_sigmoid_at_zero_are_the_logarithm_of_two() -> None:
    digits = "0.693147180559945309417"  # OEIS A002162
    assert agrees(value("softplus", 0.0)[1], digits)
    assert agrees(-value("log_sigmoid", 0.0)[1], digits)


def test_tanh_and_sigmoid_agree_with_rational_arithmetic_alone() -> None:
    """exp by its Taylor series in exact fractions: no library of numbers is involved."""
    for point in (Fraction(1, 2), Fraction(-3, 4), Fraction(5, 8), Fraction(2)):
        e = sum((point**k / math.factorial(k) for k in range(60)), Fraction(0))
        for name, known in (("sigmoid", e / (e + 1)), ("tanh", (e * e - 1) / (e * e + 1))):
            assert abs(value(name, float(point))[1] / known - 1) < Fraction(1, 2**75), name


def softmax_of(*logits: float) -> Floats:
    found = truth_rows(find("softmax"), [np.array([logits])], F64, cached=False)
    result: Floats = found["value"].nearest[0]
    return result


def test_softmax_is_that_of_the_articles() -> None:
    assert np.round(softmax_of(3, 1, -3), 2).tolist() == [0.88, 0.12, 0.0]
    # the articles cut these off instead of rounding them
    assert (np.floor(softmax_of(1, 5, 3) * 1000) / 1000).tolist() == [0.015, 0.866, 0.117]


def test_the_gradient_of_cross_entropy_is_that_of_the_articles() -> None:
    logits, target = np.array([[1.0, 5.0, 3.0]]), np.array([[0.0, 1.0, 0.0]])
    function = find("cross_entropy")
    found = truth_rows(function, [logits, target], F64, np.ones(1), cached=False)
    slope = found[function.variables[0].name].nearest[0]
    np.testing.assert_allclose(slope, softmax_of(1, 5, 3) - target[0], rtol=1e-14)


def test_the_hardest_exponential_is_rounded_correctly() -> None:
    """Lefevre & Muller 2003: exp(x) is a midpoint of two floats to 57 more bits and a half."""
    hard = float.fromhex("0x1.9e9cbbfd6080bp-31")
    exact = sum((Fraction(hard) ** k / math.factorial(k) for k in range(12)), Fraction(0))
    ulps = (exact - 1) * 2**52
    over = ulps - math.floor(ulps) - Fraction(1, 2)  # of an ulp, beyond the midpoint
    assert 0 < over < Fraction(1, 2**58)
    nearest, _ = value(of_one_variable("exp_", exp(x)), hard)
    assert nearest == 1 + math.ceil(ulps) * 2.0**-52


def test_the_hardest_logarithm_is_rounded_correctly() -> None:
    """Lefevre & Muller 2003: log(x) lies 2**-64 ulp above a float."""
    hard = float.fromhex("0x1.62a88613629b6p678")
    for engine in ("arb", "mpmath"):
        function = of_one_variable("log_", log(x))
        answer = truth(function, [np.array([hard])], F64, engine=engine, cached=False)["value"]
        assert answer.nearest[0] == float.fromhex("0x1.d6479eba7c971p8")
        assert 0 < answer.answers[0].rest[0] < 2.0**-60


def test_tails_that_fixed_precisions_lose() -> None:
    assert f"{value('gelu', -30.0)[0]:.3e}" == "-1.472e-196"
    assert value("gelu", -30.0, F32)[0] == 0
    nearest, exact = value("softplus", -700.0)
    assert nearest == math.exp(-700)
    assert exact > 0


def test_the_same_tails_are_zero_at_fixed_digits() -> None:
    """Why the oracle uses neither a fixed number of digits nor the agreement of two."""
    gelu = sympy.lambdify(x, find("gelu").expression, "mpmath")
    with mpmath.workdps(50):
        assert gelu(mpmath.mpf(-30)) == 0
    for bits in (100, 200):
        with mpmath.workprec(bits):
            assert mpmath.log(1 + mpmath.exp(-700)) == 0


def test_full_range_bits_are_those_of_the_formats() -> None:
    assert {f.name: f.full_range_bits for f in FORMATS.values()} == {
        "float8_e4m3fn": 9 + 9 + 4 + 64,
        "float8_e5m2": 16 + 16 + 3 + 64,
        "float16": 16 + 24 + 11 + 64,
        "bfloat16": 128 + 133 + 8 + 64,
        "float32": 365,
        "float64": 2215,
    }


# ---------------------------------------------------------------- several right answers


def at(name: str, *point: float, fmt: Format = F32, **given: Any) -> dict[str, Truth]:
    return truth(find(name), [np.array([p]) for p in point], fmt, given, cached=False)


def numbers(found: Truth) -> set[float]:
    return {float(a.nearest[0]) for a in found.answers}


@pytest.mark.parametrize(
    ("name", "point", "gradients"),
    [
        ("relu", (0.0,), {0.0, 1.0}),
        ("relu", (-0.0,), {0.0, 1.0}),
        ("mae", (1.5, 1.5), {-1.0, 1.0}),
        ("hinge", (1.0, 1.0), {-1.0, 0.0}),
        ("hinge", (-1.0, -1.0), {0.0, 1.0}),
        ("leaky_relu", (0.0,), {float(np.float32(0.01)), 1.0}),
    ],
)
def test_at_a_kink_everything_between_the_two_slopes_is_right(
    name: str, point: tuple[float, ...], gradients: set[float]
) -> None:
    slope = at(name, *point)[find(name).variables[0].name]
    assert slope.between.all()
    assert numbers(slope) == gradients
    low, high = min(gradients), max(gradients)
    for g in (low, high, (low + high) / 2):
        assert least_error(np.array([g]), slope, F32)[0][0] == 0
    for g in (low - 0.5, high + 0.5):
        assert least_error(np.array([g]), slope, F32)[0][0] > 1000


def test_away_from_a_kink_there_is_one_slope() -> None:
    slope = at("relu", 2.0**-149)["x"]
    assert not slope.between.any()
    assert numbers(slope) == {1.0}
    assert numbers(at("relu", -(2.0**-149))["x"]) == {0.0}


def test_the_value_at_a_kink_is_one() -> None:
    found = at("relu", 0.0)["value"]
    assert not found.between.any()
    assert numbers(found) == {0.0}


def test_a_jump_has_the_values_that_the_definition_accepts() -> None:
    found = at("step", 0.0)
    assert numbers(found["value"]) == {0.0, 0.5, 1.0}
    assert not found["value"].between.any()
    errors = least_error(np.array([0.25]), found["value"], F32)[0]
    assert errors[0] > 1000
    assert numbers(found["x"]) == {0.0}
    assert numbers(at("step", -(2.0**-149))["value"]) == {0.0}
    assert numbers(at("step", 2.0**-149)["value"]) == {1.0}


def test_where_rounding_may_cross_a_switch_either_branch_is_right() -> None:
    """1 - t p: the slope one ulp beside the margin may be either."""
    beside = float(np.nextafter(np.float32(1), np.float32(2)))
    found = at("hinge", beside, 1.0)["prediction"]
    assert found.between.all()
    assert numbers(found) == {-1.0, 0.0}
    assert numbers(at("hinge", 1.001, 1.0)["prediction"]) == {0.0}


def test_a_parameter_that_is_no_float_gives_two_answers() -> None:
    found = at("leaky_relu", -3.0)["value"]
    assert len(found.answers) == 2
    as_given, as_rounded = (
        Fraction(float(a.nearest[0]))
        + Fraction(float(a.rest[0])) * Fraction(2) ** int(a.exponent[0])
        for a in found.answers
    )
    assert abs(as_given - Fraction(-3, 100)) < Fraction(1, 2**50)
    assert abs(as_rounded + 3 * Fraction(float(np.float32(0.01)))) < Fraction(1, 2**50)
    assert as_given != as_rounded
    assert len(at("leaky_relu", -3.0, negative_slope=0.25)["value"].answers) == 1
    assert len(at("gelu", -3.0)["value"].answers) == 1


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("leaky_relu", (-3.0, 0.0)),
        ("celu", (-3.0, -0.2, 0.0)),
        ("smooth_l1", (-3.0, 0.9, 1.3)),
        ("contrastive", (0.1, 0.3)),
    ],
)
def test_what_is_right_at_a_point_does_not_depend_on_the_others_asked(
    name: str, first: tuple[float, ...]
) -> None:
    """Beside a kink, both readings of a parameter that is no float stay right."""
    function = find(name)
    columns = [F32.round(np.array(first)), *(np.ones(len(first)) for _ in function.variables[1:])]
    if name == "contrastive":
        columns[1][:] = 0.0
    given = {p.name: 0.3 for p in function.parameters}
    whole = truth(function, columns, F32, given, cached=False)
    for k in range(len(first) - 1):  # the last one is the kink
        alone = truth(function, [c[k : k + 1] for c in columns], F32, given, cached=False)
        assert len(alone["value"].answers) > 1
        for quantity, found in alone.items():
            answers = {(a.nearest[0], a.rest[0]) for a in found.answers}
            assert answers == {(a.nearest[k], a.rest[k]) for a in whole[quantity].answers}
    assert whole[function.variables[0].name].between.tolist() == [False] * (k + 1) + [True]


def test_a_parameter_that_rounding_takes_out_of_its_domain_stays_as_given() -> None:
    function = find("poisson_nll")  # its eps of 1e-8 is 0 in float16
    (found,) = oracle.settings(function, {"eps": Fraction(1, 10**8)}, F16)
    assert found == {"eps": Fraction(1, 10**8)}


def test_at_the_end_of_a_domain_the_limit_is_the_truth() -> None:
    """(1 - p)^gamma log(1 - p) is 0 at p = 1, where the arithmetic has 0 times infinity."""
    ends = [np.array([0.0, 1.0, 0.0]), np.array([0.0, 1.0, 1.0])]
    found = truth(find("focal"), ends, F32, {"gamma": Fraction(1, 2)}, cached=False)
    assert found["prediction"].nearest.tolist() == [0, 0, -math.inf]
    assert found["gamma"].nearest.tolist() == [0, 0, 0]
    assert all(t.decided.all() for t in found.values())


def test_a_label_is_exact_and_adds_nothing_to_the_condition() -> None:
    near = truth(find("contrastive"), [np.array([1e-3]), np.array([1.0])], F64, cached=False)
    assert near["value"].answers[0].condition[0] < 4


def test_a_parameter_is_refused_outside_its_domain_or_unknown() -> None:
    with pytest.raises(ValueError, match="elu: alpha = -1 lies outside its domain") as caught:
        at("elu", 1.0, alpha=-1)
    assert "Interval.open(0, oo)" in str(caught.value)
    with pytest.raises(ValueError, match="gelu: unknown parameter 'beta'; it has none"):
        at("gelu", 1.0, beta=1)
    with pytest.raises(ValueError, match="swish: unknown parameter 'alpha'; it has beta"):
        at("swish", 1.0, alpha=1)


# ---------------------------------------------------------------- NaN and the infinities


@pytest.mark.parametrize("function", ELEMENTWISE, ids=lambda f: f.name)
def test_nan_in_is_nan_out_and_decided(function: Function) -> None:
    for position in range(len(function.variables)):
        points = [np.array([1.0]) for _ in function.variables]
        points[position] = np.array([np.nan])
        for name, found in truth(function, points, F32, cached=False).items():
            assert np.isnan(found.nearest).all(), name
            assert found.decided.all()


@pytest.mark.parametrize("function", ALONG_AXIS, ids=lambda f: f.name)
def test_a_row_with_nan_is_nan_and_the_others_are_not(function: Function) -> None:
    inputs, cotangent = rows(function, F32)
    whole = truth_rows(function, inputs, F32, cotangent, cached=False)
    inputs[0][0, 1] = np.nan
    touched = {"value": [1], "z": [1, 3]} if function.outputs == n / 2 else {}
    for name, found in truth_rows(function, inputs, F32, cotangent, cached=False).items():
        hit = np.isnan(found.nearest[0])
        assert np.flatnonzero(hit).tolist() == touched.get(name, [*range(hit.size)]), name
        known = np.where(np.isnan(found.nearest), np.nan, whole[name].nearest)
        assert np.array_equal(found.nearest, known, equal_nan=True)
        assert not np.isnan(found.nearest[1:]).any(), name
        assert found.decided.all()


@pytest.mark.parametrize(
    ("name", "low", "high", "slope_low", "slope_high"),
    [
        ("sigmoid", 0, 1, 0, 0),
        ("tanh", -1, 1, 0, 0),
        ("silu", 0, math.inf, 0, 1),
        ("gelu", 0, math.inf, 0, 1),
        ("gelu_tanh", 0, math.inf, 0, 1),
        ("softplus", 0, math.inf, 0, 1),
        ("log_sigmoid", -math.inf, 0, 1, 0),
        ("relu", 0, math.inf, 0, 1),
        ("elu", -1, math.inf, 0, 1),
        ("identity", -math.inf, math.inf, 1, 1),
    ],
)
def test_infinities_give_the_limits(
    name: str, low: float, high: float, slope_low: float, slope_high: float
) -> None:
    for fmt in FORMATS.values():
        found = truth(find(name), [np.array([-np.inf, np.inf])], fmt, cached=False)
        assert found["value"].nearest.tolist() == [low, high]
        assert found["x"].nearest.tolist() == [slope_low, slope_high]
        assert found["value"].decided.all()
        assert found["x"].decided.all()


def test_the_loss_of_a_certain_mistake_is_infinite() -> None:
    assert numbers(at("bce", 0.0, 1.0)["value"]) == {math.inf}
    assert numbers(at("bce", 0.0, 0.0)["value"]) == {0.0}
    assert numbers(at("bce", 1.0, 1.0)["value"]) == {0.0}
    assert numbers(at("bce", 1.0, 0.0)["value"]) == {math.inf}


def test_a_masked_entry_has_probability_zero() -> None:
    masked = [np.array([[1.0, -np.inf, 2.0]])]
    found = truth_rows(find("softmax"), masked, F32, np.array([[1.0, 2.0, -1.0]]), cached=False)
    plain = truth_rows(
        find("softmax"), [np.array([[1.0, 2.0]])], F32, np.array([[1.0, -1.0]]), cached=False
    )
    for name in ("value", "z"):
        assert found[name].nearest[0, 1] == 0
        assert found[name].nearest[0, [0, 2]].tolist() == plain[name].nearest[0].tolist()
    logs = truth_rows(find("log_softmax"), masked, F32, cached=False)["value"]
    assert logs.nearest[0, 1] == -np.inf


def test_a_row_that_is_masked_whole_is_nan() -> None:
    found = truth_rows(find("softmax"), [np.full((1, 3), -np.inf)], F32, cached=False)["value"]
    assert np.isnan(found.nearest).all()


def test_a_zero_that_is_an_underflow_keeps_its_sign() -> None:
    for name, point, sign in (("gelu", -40.0, -1), ("silu", -800.0, -1), ("softplus", -800.0, 1)):
        nearest, _ = value(name, point, F32)
        assert nearest == 0
        assert math.copysign(1, nearest) == sign, name


def test_axis_functions_are_refused_where_points_are_asked() -> None:
    with pytest.raises(TypeError, match=r"softmax works along an axis: ask rows\.truth_rows"):
        truth(find("softmax"), [np.zeros((1, 3))], F32)


# ---------------------------------------------------------------- doubt


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """An oracle that may not think long: few bits, and no second look."""
    monkeypatch.setattr(oracle, "ladder", lambda fmt: [12])
    monkeypatch.setattr("ulpian.reference.rows.ladder", lambda fmt: [12])
    monkeypatch.setattr(oracle, "LIMIT", 1)


@pytest.mark.usefixtures("hurried")
def test_what_cannot_be_settled_is_undecided_and_marked() -> None:
    hard = np.array([-5.5, 0.3, np.nan])
    for fmt in (F32, F64):
        found = truth(find("gelu"), [hard], fmt, cached=False)
        for quantity in found.values():
            assert quantity.decided.tolist() == [False, False, True]
            assert np.isnan(quantity.nearest).all()  # never a guess


@pytest.mark.usefixtures("hurried")
def test_what_is_exact_is_settled_even_in_a_hurry() -> None:
    found = truth(find("relu"), [np.array([1.5, -2.0])], F32, cached=False)
    assert found["value"].decided.all()
    assert found["value"].nearest.tolist() == [1.5, 0.0]


@pytest.mark.usefixtures("hurried")
def test_rows_that_cannot_be_settled_are_undecided() -> None:
    easy = truth_rows(find("softmax"), [np.array([[0.3, 0.7, -0.1]])], F32, cached=False)
    assert not easy["value"].decided.any()
    assert np.isnan(easy["value"].nearest).all()


def test_the_ladder_doubles_up_to_four_times_the_full_range() -> None:
    for fmt in FORMATS.values():
        ladder = oracle.ladder(fmt)
        assert ladder[-1] == 4 * fmt.full_range_bits
        assert all(b == 2 * a for a, b in itertools.pairwise(ladder[:-1]))
        assert ladder == sorted(ladder)


def test_the_engines_leave_the_precision_as_it_was() -> None:
    from flint import ctx

    before = ctx.prec, mpmath.mp.prec
    for engine in ("arb", "mpmath"):
        truth(find("gelu"), [np.array([-5.5])], F64, engine=engine, cached=False)
    assert (ctx.prec, mpmath.mp.prec) == before


def test_an_expression_the_oracle_has_no_rule_for_is_refused() -> None:
    function = of_one_variable("strange", sympy.besselj(0, x))
    with pytest.raises(NotImplementedError, match="the oracle has no rule for besselj in"):
        truth(function, [np.array([1.0])], F32, cached=False)


@pytest.mark.parametrize("name", ["bfloat16", "float32", "float64"])
def test_the_far_tail_of_a_logarithm_is_settled(name: str) -> None:
    """erfc is below anything with an exponent, and its logarithm is an ordinary number."""
    fmt = FORMATS[name]
    far = -np.array([38.0, 1e3, 1.4e6, 1.5e6, 3e6, 1e8, 1e15, 1e19])
    points = fmt.round(np.concatenate([far, [-np.sqrt(fmt.largest), -fmt.largest]]))
    found, known = (
        truth(find("log_ndtr"), [points], fmt, engine=engine, cached=False)
        for engine in ("arb", "mp")
    )
    assert_agreement(found, known, fmt)
    assert all(t.decided.all() for t in found.values())
    # phi(x)/Phi(x) is -x - 1/x + ..., which is -x from 1e9 on
    assert found["x"].nearest[points < -1e9].tolist() == (-points[points < -1e9]).tolist()


@pytest.mark.parametrize("engine", ["arb", "mp"])
def test_a_gradient_at_the_end_of_a_domain_is_its_limit(engine: str) -> None:
    fmt = FORMATS["float32"]
    found = truth(find("log1p"), [np.array([-1.0])], fmt, engine=engine, cached=False)
    assert found["value"].nearest.tolist() == [-np.inf]
    assert found["x"].nearest.tolist() == [np.inf]
    assert found["x"].decided.all()
