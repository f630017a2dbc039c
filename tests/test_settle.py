"""From an enclosure to an answer: exact arithmetic against the fast path, and every edge."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from flint import arb, ctx
from hypothesis import example, given, settings, strategies

from ulpian.reference import FORMATS, Format
from ulpian.reference.error import Answer
from ulpian.reference.pairs import Pairs, settle_pairs
from ulpian.reference.settle import NARROW, Settled, dyadic, nearest_to, settle

E4M3, E5M2, F16, B16, F32, F64 = FORMATS.values()
every = pytest.mark.parametrize("fmt", FORMATS.values(), ids=str)
quiet = settings(derandomize=True, deadline=None, database=None, max_examples=400)


def dyadic_ball(value: Fraction) -> Any:
    """An exact ball: the denominator is a power of two."""
    assert value.denominator & (value.denominator - 1) == 0
    return arb((value.numerator, 1 - value.denominator.bit_length()))


def exactly(value: Fraction, fmt: Format) -> Settled:
    return settle(dyadic_ball(value), None, 0.0, fmt)


def enclosed(mid: Fraction, rad: Fraction, fmt: Format, *, last: bool = False) -> Settled:
    return settle(dyadic_ball(mid), dyadic_ball(rad), 0.0, fmt, last=last)


def truth_of(s: Settled) -> Fraction:
    return Fraction(s.nearest) + Fraction(s.rest) * Fraction(2) ** s.exponent


# ---------------------------------------------------------------- exact numbers


def test_a_dyadic_number_is_taken_exactly_from_either_engine() -> None:
    import mpmath

    for value in (5.5, -0.375, 2.0**-1074, 1e300):
        for number in (arb(value), mpmath.mpf(value)):
            man, exp = dyadic(number)
            assert Fraction(man) * Fraction(2) ** exp == Fraction(value)


@every
@given(value=strategies.floats(allow_nan=False, allow_infinity=False))
@example(value=0.0)
@example(value=5e-324)
@quiet
def test_an_exact_number_settles_to_its_rounding(fmt: Format, value: float) -> None:
    s = exactly(Fraction(value), fmt)
    nearest = float(fmt.round(np.array([value]))[0])
    assert s.decided
    assert s.nearest == nearest
    if math.isfinite(nearest):
        near = abs(value) > 2.0 ** (fmt.subnormal_exponent - 900)
        assert not near or truth_of(s) == Fraction(value)
        assert abs(s.rest) <= 0.5


@every
def test_the_rest_is_kept_below_the_float(fmt: Format) -> None:
    ulp = Fraction(2) ** (1 - fmt.precision)
    for rest in (Fraction(1, 4), Fraction(-1, 8), Fraction(1, 2**30), Fraction(-1, 2**30)):
        s = exactly(1 + 3 * ulp + rest * ulp, fmt)
        assert s.nearest == float(1 + 3 * ulp)
        assert s.rest == float(rest)
        assert s.exponent == 1 - fmt.precision


@every
def test_ties_go_to_even(fmt: Format) -> None:
    ulp = Fraction(2) ** (1 - fmt.precision)
    low, high = exactly(1 + ulp / 2, fmt), exactly(1 + 3 * ulp / 2, fmt)
    assert (low.nearest, low.rest) == (1.0, 0.5)
    assert (high.nearest, high.rest) == (float(1 + 2 * ulp), -0.5)


@every
def test_a_power_of_two_is_measured_in_its_own_binade(fmt: Format) -> None:
    own = 1 - fmt.precision
    below = Fraction(2) ** (own - 1)  # an ulp of the binade below
    s = exactly(1 - below / 2**25, fmt)
    assert (s.nearest, s.exponent, s.rest) == (1.0, own, -(2.0**-26))
    s = exactly(1 + below / 2**24, fmt)
    assert (s.nearest, s.exponent, s.rest) == (1.0, own, 2.0**-25)
    s = exactly(1 - below / 4, fmt)  # clearly below: the ulp there is half as large
    assert (s.nearest, s.exponent, s.rest) == (1.0, own - 1, -0.25)


@every
def test_subnormals_share_one_ulp(fmt: Format) -> None:
    tiny = Fraction(2) ** fmt.subnormal_exponent
    for count, nearest, rest in (
        (Fraction(3), 3, 0.0),
        (Fraction(9, 4), 2, 0.25),
        (Fraction(1, 2), 0, 0.5),
        (Fraction(3, 4), 1, -0.25),
        (Fraction(-1, 4), 0, -0.25),
    ):
        s = exactly(count * tiny, fmt)
        assert s.nearest == float(nearest * tiny)
        assert (s.rest, s.exponent) == (rest, fmt.subnormal_exponent)
    assert math.copysign(1, exactly(-tiny / 4, fmt).nearest) == -1


def test_subnormals_have_a_coarse_unit_only_beside_a_large_condition() -> None:
    """Where C allows an error of 1e-15 at a truth of 0, that error is finite in ulps."""
    fmt = FORMATS["float64"]
    zero = arb(0)
    small, large = (settle(zero, None, arb(c), fmt) for c in (2.0**-30, 10.0))
    assert (small.exponent, small.condition) == (fmt.subnormal_exponent, 2.0**991)
    assert large.exponent > fmt.subnormal_exponent
    assert large.condition == math.ldexp(10, -53 - large.exponent)
    assert 1e-15 / 2.0**large.exponent < math.inf


@every
def test_overflow_begins_half_an_ulp_above_the_largest(fmt: Format) -> None:
    ulp = Fraction(2) ** (fmt.emax - fmt.precision + 1)
    largest = Fraction(fmt.largest)
    s = exactly(largest + ulp / 4, fmt)
    assert (s.nearest, s.rest) == (fmt.largest, 0.25)
    tie = exactly(largest + ulp / 2, fmt)  # 448 is even, every other largest float is odd
    assert tie.nearest == (math.inf if fmt.infinities else fmt.largest)
    for beyond in (Fraction(5, 8), Fraction(3, 4), Fraction(5)):
        s = exactly(largest + beyond * ulp, fmt)
        assert s.decided
        assert (s.nearest, s.rest) == (math.inf, float(beyond))
        assert exactly(-largest - beyond * ulp, fmt).nearest == -math.inf


@every
def test_the_infinities_and_nan(fmt: Format) -> None:
    for sign in (1, -1):
        s = settle(arb("inf") * sign, None, 0.0, fmt)
        assert s.decided
        assert s.nearest == sign * math.inf
    assert not settle(arb("nan"), None, 0.0, fmt).decided


@every
def test_numbers_far_outside_the_range_settle_at_once(fmt: Format) -> None:
    for sign in (1, -1):
        huge = settle(arb((sign, 10**15)), arb((1, 10**14)), 0.0, fmt)
        assert (huge.decided, huge.nearest) == (True, sign * math.inf)
        tiny = settle(arb((sign, -(10**15))), arb((1, -(10**16))), 0.0, fmt)
        assert (tiny.decided, tiny.nearest) == (True, 0.0)
        assert math.copysign(1, tiny.nearest) == sign


def test_any_fraction_is_settled() -> None:
    s = nearest_to(Fraction(1, 3), F32)
    assert s.nearest == float(np.float32(1 / 3))
    assert abs(truth_of(s) - Fraction(1, 3)) < Fraction(1, 2**70)
    s = nearest_to(Fraction(-(10**400)), F64)
    assert s.nearest == -math.inf


# ---------------------------------------------------------------- enclosures


@every
def test_an_enclosure_across_a_midpoint_stays_open_until_the_last_try(fmt: Format) -> None:
    ulp = Fraction(2) ** (1 - fmt.precision)
    middle, radius = 1 + ulp / 2, ulp / 2**30
    assert not enclosed(middle, radius, fmt).decided
    deep = ulp / 2 ** (3 * fmt.full_range_bits)
    assert not enclosed(middle, deep, fmt).decided
    s = enclosed(middle, deep, fmt, last=True)
    assert s.decided
    assert truth_of(s) == middle


@every
def test_an_enclosure_that_is_wide_stays_open_even_at_last(fmt: Format) -> None:
    ulp = Fraction(2) ** (1 - fmt.precision)
    for last in (False, True):
        assert not enclosed(1 + ulp / 4, ulp / 2**10, fmt, last=last).decided
        assert not enclosed(Fraction(1), Fraction(1), fmt, last=last).decided
        assert not settle(arb(1), arb("inf"), 0.0, fmt, last=last).decided


@every
def test_an_enclosure_of_zero_settles_inside_half_the_smallest_subnormal(fmt: Format) -> None:
    tiny = Fraction(2) ** fmt.subnormal_exponent
    s = enclosed(Fraction(0), tiny / 2**30, fmt)
    assert s.decided
    assert s.nearest == 0
    assert not enclosed(Fraction(0), tiny, fmt).decided
    assert not enclosed(tiny / 2, tiny / 2**30, fmt).decided


@every
def test_an_enclosure_across_overflow_stays_open(fmt: Format) -> None:
    ulp = Fraction(2) ** (fmt.emax - fmt.precision + 1)
    edge = Fraction(fmt.largest) + ulp / 2
    assert not enclosed(edge, ulp / 2**40, fmt).decided
    assert enclosed(edge + ulp / 4, ulp / 2**40, fmt).nearest == math.inf
    assert enclosed(edge - ulp / 4, ulp / 2**40, fmt).nearest == fmt.largest


def test_the_condition_is_scaled_to_ulps() -> None:
    s = settle(arb(1), None, arb(3), F32)
    assert s.condition == 3 * 2.0**-24 / 2.0**-23
    wide = arb(3, 2)  # 3 +- 2: no bound can be made of it
    assert not settle(arb(1), None, wide, F32).decided


def test_a_condition_beyond_float64_counts_where_it_is_known() -> None:
    """Its width overflows like itself: that must not pass for narrow."""
    huge = arb((3, 3000))
    assert settle(arb(1), None, huge, F64).condition == math.inf
    assert not settle(arb(1), None, widened(huge, arb((1, 2999))), F64).decided
    assert settle(arb(1), None, widened(huge, arb((1, 2900))), F64).decided


# ---------------------------------------------------------------- many at once


def widened(middle: Any, radius: Any) -> Any:
    """The ball of a radius around an exact ball."""
    with ctx.workprec(400):
        return middle + arb(0, radius)


def at_once(
    balls: list[Any], fmt: Format, slopes: list[Any], x: list[float]
) -> tuple[Answer, Any, Any]:
    """Balls settled together, each with one slope and the input it belongs to."""
    with ctx.workprec(400):
        table = Pairs(list(zip(balls, slopes, strict=True)), 1, fmt)
    with np.errstate(all="raise"):
        return settle_pairs(table, 0, [np.array(x)], [1], fmt)


@strategies.composite
def enclosures(draw: Any) -> tuple[str, Fraction, Fraction, Fraction, float]:
    """Balls near floats, near midpoints, near powers of two, at both ends of the range.

    With a slope, and an input that it belongs to.
    """
    fmt = FORMATS[draw(strategies.sampled_from(sorted(FORMATS)))]
    exponent = draw(
        strategies.integers(fmt.subnormal_exponent - 3, fmt.emax) | strategies.integers(-5000, 5000)
    )
    significand = draw(
        strategies.sampled_from([1.0, 1.5, 2 - 2.0**-23, 2 - 2.0**-52])
        | strategies.floats(1, 2, exclude_max=True)
    )
    ulp = Fraction(2) ** max(exponent - fmt.precision + 1, fmt.subnormal_exponent)
    near = round(Fraction(significand) * Fraction(2) ** exponent / ulp) * ulp
    quarters = draw(strategies.integers(-6, 6))
    nudge = draw(strategies.sampled_from([0, 1, -1])) * Fraction(2) ** draw(
        strategies.integers(-90, -3)
    )
    mid = draw(strategies.sampled_from([1, -1])) * (near + ulp * (Fraction(quarters, 4) + nudge))
    width = draw(strategies.none() | strategies.integers(-90, -18))
    rad = Fraction(0) if width is None else ulp * Fraction(2) ** width
    slope = draw(strategies.sampled_from([0, 1, -3])) * Fraction(2) ** draw(
        strategies.integers(-3000, 900) | strategies.integers(-60, 60).map(lambda e: e + exponent)
    )
    x = draw(strategies.sampled_from([0.0, 1.0, -1.7, fmt.largest, fmt.smallest_subnormal]))
    return fmt.name, mid, rad, slope, x


@given(enclosures())
@settings(quiet, max_examples=1500)
def test_many_at_once_are_settled_as_one_by_one(
    ball: tuple[str, Fraction, Fraction, Fraction, float],
) -> None:
    name, mid, rad, slope, x = ball
    fmt = FORMATS[name]
    middle, steep = dyadic_ball(mid), dyadic_ball(slope)
    around = widened(middle, dyadic_ball(rad)) if rad else middle
    answer, settled, hopeless = at_once([around], fmt, [steep], [x])
    with ctx.workprec(400):
        exact = settle(around.mid(), around.rad(), abs(x * steep), fmt)
    assert settled[0] == answer.decided[0]
    assert not (hopeless[0] and exact.decided)
    if not settled[0]:
        return
    assert exact.decided
    assert answer.nearest[0] == exact.nearest
    if mid:  # a ball has no negative zero
        assert math.copysign(1, answer.nearest[0]) == math.copysign(1, exact.nearest)
    assert answer.exponent[0] == exact.exponent
    lost = 2.0**-26 if fmt.precision <= 24 else 2.0**-60
    assert answer.rest[0] == pytest.approx(exact.rest, rel=1e-9, abs=lost)
    assert answer.condition[0] == pytest.approx(exact.condition, rel=1e-9, abs=1e-30)


@every
def test_what_is_clear_is_settled_at_once(fmt: Format) -> None:
    """A quick way that leaves everything open would agree, too."""
    rng = np.random.default_rng(5)
    exponents = rng.integers(fmt.subnormal_exponent - 90, fmt.emax - 64, 2000)
    bits = rng.integers(2**61, 2**62, 2000)
    balls = [
        widened(arb((int(b), int(e) - 61)), arb((1, int(e) - 200)))
        for b, e in zip(bits, exponents, strict=True)
    ]
    _, settled, _ = at_once(balls, fmt, [arb(1)] * 2000, [0.0] * 2000)
    assert settled.mean() > 0.99


@every
def test_the_doubtful_is_not_settled_at_once(fmt: Format) -> None:
    ulp = 2 * fmt.unit_roundoff
    mids = [arb(1) + arb(ulp / 2), arb(1), arb("nan"), arb("inf"), arb(1)]
    rads = [arb(ulp * 2.0**-40), arb(ulp), arb(0), arb(0), arb("inf")]
    balls = [widened(m, r) for m, r in zip(mids, rads, strict=True)]
    answer, settled, _ = at_once(balls, fmt, [arb(0)] * 5, [1.0] * 5)
    assert not settled.any()
    assert not answer.decided.any()
    assert NARROW == 2.0**-21


def test_a_wide_slope_leaves_a_narrow_ball_open() -> None:
    wide = arb(0, 1)
    _, settled, hopeless = at_once([arb(1), arb(1)], F64, [wide, arb(3)], [1.0, 1.0])
    assert settled.tolist() == [False, True]
    assert hopeless.tolist() == [True, False]
    assert not settle(arb(1), None, wide, F64).decided
