"""The error in ulps, against exact fractions."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies

from ulpian.reference import FORMATS, Answer, Format, Truth, error_ulp, least_error
from ulpian.reference.settle import nearest_to

E4M3, E5M2, F16, B16, F32, F64 = FORMATS.values()
every = pytest.mark.parametrize("fmt", FORMATS.values(), ids=str)
wide = pytest.mark.parametrize("fmt", [F16, B16, F32, F64], ids=str)
eight = pytest.mark.parametrize("fmt", [E4M3, E5M2], ids=str)
quiet = settings(derandomize=True, deadline=None, database=None, max_examples=300)


def answer(value: Fraction | float, fmt: Format) -> Answer:
    """The answer whose truth is exactly this number."""
    if isinstance(value, float) and not math.isfinite(value):
        top = fmt.emax - fmt.precision + 1
        return Answer(
            np.array([value]),
            np.array([math.inf if math.isinf(value) else 0.0]),
            np.array([top], dtype=np.int64),
            np.zeros(1),
            np.array([True]),
        )
    s = nearest_to(Fraction(value), fmt)
    return Answer(
        np.array([s.nearest]),
        np.array([s.rest]),
        np.array([s.exponent], dtype=np.int64),
        np.array([s.condition]),
        np.array([s.decided]),
    )


def error(observed: float, value: Fraction | float, fmt: Format) -> float:
    return float(error_ulp(np.array([observed]), answer(value, fmt), fmt)[0])


def normal(fmt: Format) -> Any:
    """Floats of the format with room for a few binades on either side."""
    return strategies.tuples(
        strategies.floats(1, 2, exclude_max=True),
        strategies.integers(fmt.emin + 4, fmt.emax - 4),
        strategies.sampled_from([1.0, -1.0]),
    ).map(lambda t: float(fmt.round(np.array([t[2] * math.ldexp(t[0], t[1])]))[0]))


@every
@given(data=strategies.data())
@quiet
def test_the_error_is_that_of_exact_fractions(fmt: Format, data: Any) -> None:
    observed = data.draw(normal(fmt))
    size = Fraction(2) ** int(fmt.ulp_exponent(np.array([observed]))[0])
    distance = data.draw(strategies.fractions(-40, 40, max_denominator=64))
    truth = Fraction(observed) + distance * size
    found = answer(truth, fmt)
    known = abs(Fraction(observed) - truth) / Fraction(2) ** int(found.exponent[0])
    assert error_ulp(np.array([observed]), found, fmt)[0] == pytest.approx(float(known), rel=1e-9)


@every
def test_a_correct_rounding_is_at_most_half_an_ulp_off(fmt: Format) -> None:
    ulp = 2 * Fraction(fmt.unit_roundoff)
    assert error(1.0, Fraction(1), fmt) == 0
    assert error(1.0, 1 + ulp / 2, fmt) == 0.5
    assert error(1.0, 1 + ulp / 3, fmt) == pytest.approx(1 / 3)
    assert error(float(1 + ulp), 1 + ulp / 3, fmt) == pytest.approx(2 / 3)
    assert error(-1.0, Fraction(1), fmt) == float(2 / ulp)


@every
def test_the_ulp_is_the_truths_not_the_observations(fmt: Format) -> None:
    ulp = 2 * Fraction(fmt.unit_roundoff)
    assert error(2.0, Fraction(1), fmt) == float(1 / ulp)
    assert error(1.0, Fraction(2), fmt) == float(1 / (2 * ulp))


@every
def test_below_the_normal_range_the_ulp_is_the_smallest_subnormal(fmt: Format) -> None:
    tiny = Fraction(fmt.smallest_subnormal)
    assert error(0.0, 3 * tiny, fmt) == 3
    assert error(float(2 * tiny), tiny / 4, fmt) == 1.75
    assert error(0.0, Fraction(0), fmt) == 0
    assert error(-0.0, Fraction(0), fmt) == 0


@every
def test_an_early_overflow_counts_as_the_first_number_beyond(fmt: Format) -> None:
    ulp = Fraction(2) ** (fmt.emax - fmt.precision + 1)
    largest = Fraction(fmt.largest)
    for short in (Fraction(0), Fraction(3), Fraction(min(100, 2**fmt.precision // 3))):
        for sign in (1, -1):
            value = sign * (largest - short * ulp)
            assert error(sign * math.inf, value, fmt) == float(short + 1), (sign, short)
    assert error(math.inf, largest + ulp / 4, fmt) == 0.75
    ulps = (largest + ulp - 1) / (2 * Fraction(fmt.unit_roundoff))
    far = float(ulps) if ulps < Fraction(2) ** 1023 else math.inf  # of float64: beyond counting
    assert error(math.inf, Fraction(1), fmt) == pytest.approx(far)


@wide
def test_a_late_overflow_is_measured_from_the_truth(fmt: Format) -> None:
    ulp = Fraction(2) ** (fmt.emax - fmt.precision + 1)
    largest = Fraction(fmt.largest)
    for beyond in (Fraction(1), Fraction(5, 2)):
        assert error(fmt.largest, largest + beyond * ulp, fmt) == float(beyond)
        assert error(-fmt.largest, -largest - beyond * ulp, fmt) == float(beyond)
        one_less = float(largest - ulp)
        assert error(one_less, largest + beyond * ulp, fmt) == float(beyond + 1)
    assert error(fmt.largest, math.inf, fmt) == math.inf


@eight
def test_in_eight_bits_the_largest_float_is_right_for_all_that_lies_beyond(fmt: Format) -> None:
    ulp = Fraction(2) ** fmt.largest_ulp_exponent
    largest = Fraction(fmt.largest)
    for beyond in (largest + ulp, 100 * largest):
        assert error(fmt.largest, beyond, fmt) == error(-fmt.largest, -beyond, fmt) == 0
        assert error(float(largest - ulp), beyond, fmt) == float((beyond - largest) / ulp + 1)
        assert error(-fmt.largest, beyond, fmt) == float((beyond + largest) / ulp)
    assert error(fmt.largest, math.inf, fmt) == 0
    assert error(float(largest - ulp), math.inf, fmt) == math.inf


def test_without_infinities_nan_says_that_a_number_lies_beyond() -> None:
    """The first number beyond float8_e4m3fn is 480; its largest ulp is 32."""
    assert error(math.nan, Fraction(1000), E4M3) == 0
    assert error(math.nan, Fraction(-1000), E4M3) == 0
    assert error(math.nan, Fraction(448), E4M3) == error(math.nan, Fraction(-448), E4M3) == 1
    assert error(math.nan, Fraction(384), E4M3) == 3
    assert error(math.nan, Fraction(1), E4M3) == 479 * 8
    assert error(math.nan, Fraction(0), E4M3) == 480 * 512
    assert error(math.nan, Fraction(10**6), E5M2) == math.inf


@every
def test_infinities_agree_only_with_their_own_sign(fmt: Format) -> None:
    assert error(math.inf, math.inf, fmt) == 0
    assert error(-math.inf, -math.inf, fmt) == 0
    assert error(math.inf, -math.inf, fmt) == math.inf
    beyond = Fraction(4) * Fraction(fmt.largest)
    assert error(math.inf, beyond, fmt) == 0
    assert error(-math.inf, beyond, fmt) == math.inf
    assert error(-fmt.largest, beyond, fmt) > 1 / fmt.unit_roundoff


@every
def test_an_infinity_of_the_wrong_sign_is_further_off_than_the_right_one(fmt: Format) -> None:
    large = Fraction(fmt.largest) / 2
    assert error(-math.inf, large, fmt) > error(math.inf, large, fmt)


@every
def test_nan_agrees_with_nan_alone(fmt: Format) -> None:
    assert error(math.nan, math.nan, fmt) == 0
    assert error(1.0, math.nan, fmt) == math.inf
    assert error(math.inf, math.nan, fmt) == math.inf
    if fmt.infinities:
        assert error(math.nan, Fraction(1), fmt) == math.inf
        assert error(math.nan, math.inf, fmt) == math.inf


# ---------------------------------------------------------------- several answers


def truth_of(*values: float, between: bool) -> Truth:
    return Truth(tuple(answer(v, F32) for v in values), np.array([between]))


def least(observed: float, truth: Truth) -> tuple[float, int]:
    errors, which = least_error(np.array([observed]), truth, F32)
    return float(errors[0]), int(which[0])


def test_the_nearest_of_several_answers_counts() -> None:
    truth = truth_of(0.0, 0.5, 1.0, between=False)
    assert least(0.0, truth) == (0, 0)
    assert least(0.5, truth) == (0, 1)
    assert least(1.0, truth) == (0, 2)
    assert least(float(np.nextafter(np.float32(1), np.float32(2))), truth) == (1, 2)
    assert least(0.75, truth)[0] > 1e6


def test_between_answers_everything_is_right_where_it_is_said() -> None:
    truth = truth_of(0.01, 1.0, between=True)
    for inside in (0.25, 0.999, 1.0):
        assert least(inside, truth)[0] == 0
    assert least(1.5, truth)[0] > 1e6
    assert least(-0.25, truth)[0] > 1e6
    assert least(math.nan, truth)[0] == math.inf


def test_a_truth_is_decided_where_all_its_answers_are() -> None:
    open_ = Answer.empty((1,))
    assert Truth((answer(1.0, F32),), np.array([False])).decided.all()
    both = Truth((answer(1.0, F32), open_), np.array([False]))
    assert not both.decided.any()
    assert np.isnan(open_.nearest).all()


def test_answers_are_sliced_placed_and_copied_as_one() -> None:
    base = Answer.empty((4,))
    part = Answer(*(np.concatenate([f, f]) for f in vars(answer(1.5, F32)).values()))
    copy = base.copy()
    copy[np.array([True, False, True, False])] = part
    assert copy.decided.tolist() == [True, False, True, False]
    assert not base.decided.any()
    assert copy[0:1].nearest.tolist() == [1.5]
    assert copy.reshape((2, 2)).nearest.shape == (2, 2)
    truth = Truth((copy,), np.zeros(4, dtype=bool))
    assert truth.shape == (4,)
    assert truth[2:].nearest.tolist()[0] == 1.5
