"""Formats: constants, rounding, neighbours and bits, against NumPy and ml_dtypes."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies
from numpy.typing import NDArray

from ulpian.reference import FORMATS, USUAL, Format

Floats = NDArray[np.float64]
E4M3, E5M2, F16, B16, F32, F64 = FORMATS.values()
every = pytest.mark.parametrize("fmt", FORMATS.values(), ids=str)
eight = pytest.mark.parametrize("fmt", [E4M3, E5M2], ids=str)
short = pytest.mark.parametrize("fmt", [E4M3, E5M2, F16, B16], ids=str)
narrow = pytest.mark.parametrize("fmt", [E4M3, E5M2, F16, B16, F32], ids=str)
quiet = settings(derandomize=True, deadline=None, database=None, max_examples=200)


def cast(values: Floats, fmt: Format) -> Floats:
    """The same rounding by whoever made the dtype."""
    with np.errstate(all="ignore"):
        result: Floats = values.astype(fmt.dtype).astype(np.float64)
    return result


def identical(first: Floats, second: Floats) -> bool:
    """Equal as bits, any NaN being any other."""
    nan = np.isnan(first) & np.isnan(second)
    return bool(np.all(nan | (first.view(np.uint64) == second.view(np.uint64))))


@every
def test_the_constants_are_those_of_the_dtype(fmt: Format) -> None:
    import ml_dtypes

    info: Any = ml_dtypes.finfo(fmt.dtype)
    assert fmt.largest == float(info.max)
    assert fmt.smallest_normal == float(info.smallest_normal)
    assert fmt.smallest_subnormal == float(info.smallest_subnormal)
    assert 2 * fmt.unit_roundoff == float(info.eps)
    assert fmt.dtype.itemsize * 8 == fmt.bits == fmt.integer.itemsize * 8
    assert str(fmt) == fmt.name == fmt.dtype.name


def test_full_range_bits_hold_the_sum_of_the_extremes_exactly() -> None:
    assert (F32.full_range_bits, F64.full_range_bits) == (365, 2215)
    for fmt in FORMATS.values():
        spread = Fraction(fmt.largest) / Fraction(fmt.smallest_subnormal)
        assert int(spread).bit_length() + 64 <= fmt.full_range_bits


@short
def test_all_values_are_every_bit_pattern(fmt: Format) -> None:
    values = fmt.all_values()
    assert values.size == 2**fmt.bits
    assert identical(fmt.round(values), values)
    assert identical(cast(values, fmt), values)
    finite = values[np.isfinite(values)]
    assert np.unique(finite).size == finite.size - 1  # 0 and -0 are equal
    assert fmt.bits_of(1.0) == int(np.flatnonzero(values == 1.0)[0])


def test_wide_formats_have_no_array_of_all_values() -> None:
    with pytest.raises(ValueError, match=r"float32 has 2\*\*32 floats: too many for one array"):
        F32.all_values()


def around_midpoints(fmt: Format) -> Iterator[Floats]:
    """All midpoints between neighbouring floats, and the float64 numbers next to them."""
    values = fmt.all_values()
    ordered = np.unique(values[np.isfinite(values)])
    middle = (ordered[:-1] + ordered[1:]) / 2
    yield from (middle, np.nextafter(middle, np.inf), np.nextafter(middle, -np.inf))


@short
def test_rounding_to_few_bits_is_that_of_the_dtype_at_every_midpoint(fmt: Format) -> None:
    for around in around_midpoints(fmt):
        assert identical(fmt.round(around), cast_exactly(around, fmt))


@eight
def test_rounding_to_eight_bits_is_to_the_nearest_by_exact_arithmetic(fmt: Format) -> None:
    values = fmt.all_values()
    bits = {Fraction(v): k for k, v in enumerate(values) if np.isfinite(v) and k < 128}
    positive = sorted(bits)
    for value in np.abs(np.concatenate([values[np.isfinite(values)], *around_midpoints(fmt)])):
        exact = Fraction(value)
        by_distance = sorted(positive, key=lambda v: (abs(v - exact), bits[v] % 2))  # ties to even
        assert fmt.round(np.array([value, -value])).tolist() == [by_distance[0], -by_distance[0]]


@eight
def test_the_dtype_of_eight_bits_itself_rounds_twice(fmt: Format) -> None:
    """So `round` may not leave it to `ml_dtypes`: 1 + u and a little more goes down there."""
    value = np.nextafter(np.array([1 + fmt.unit_roundoff]), 2)
    assert cast(value, fmt).tolist() == [1.0]
    assert fmt.round(value).tolist() == [1 + 2 * fmt.unit_roundoff]


def cast_exactly(values: Floats, fmt: Format) -> Floats:
    """`cast`, once for the formats that ml_dtypes reaches by way of float32: rounded twice.

    Where there are no infinities, its NaN says what they do.
    """
    if fmt in (F16, F32, F64):
        return cast(values, fmt)
    with np.errstate(all="ignore"):
        single = values.astype(np.float32)
        toward = np.where(single.astype(np.float64) < values, np.inf, -np.inf).astype(np.float32)
        odd = single.view(np.uint32) & 1 == 1
        exact = (single.astype(np.float64) == values) | ~np.isfinite(single)
        sticky = np.where(exact | odd, single, np.nextafter(single, toward))
        result: Floats = sticky.astype(fmt.dtype).astype(np.float64)
    if fmt.infinities:
        return result
    return np.where(np.isnan(result) & ~np.isnan(values), np.copysign(np.inf, values), result)


@narrow
def test_rounding_is_that_of_the_dtype_in_every_binade(fmt: Format) -> None:
    rng = np.random.default_rng(0)
    exponents = np.arange(fmt.subnormal_exponent - 3, fmt.emax + 3)
    values = np.ldexp(rng.uniform(1, 2, (40, exponents.size)), exponents).ravel()
    values = np.concatenate([values, -values])
    assert identical(fmt.round(values), cast_exactly(values, fmt))


@narrow
@given(value=strategies.floats())
@quiet
def test_rounding_is_that_of_the_dtype(fmt: Format, value: float) -> None:
    one = np.array([value])
    assert identical(fmt.round(one), cast_exactly(one, fmt))


@narrow
def test_ties_go_to_even_and_overflow_begins_half_an_ulp_above_the_largest(fmt: Format) -> None:
    u = fmt.unit_roundoff
    step = 2 * u
    assert fmt.round(np.array([1 + u, 1 + 3 * u])).tolist() == [1, 1 + 2 * step]
    edge = float(Fraction(fmt.largest) + Fraction(2) ** (fmt.emax - fmt.precision))
    below, above = np.nextafter(edge, [0, np.inf])
    tie = np.inf if fmt.infinities else fmt.largest  # 448 is even, and the next one would be odd
    assert fmt.round(np.array([below, edge, above, -below, -edge])).tolist() == [
        fmt.largest, tie, np.inf, -fmt.largest, -tie,
    ]  # fmt: skip
    tiny = fmt.smallest_subnormal
    halves = fmt.round(np.array([tiny / 2, 0.75 * tiny, 1.5 * tiny, -tiny / 2]))
    assert halves.tolist() == [0, tiny, 2 * tiny, 0]
    assert np.signbit(halves).tolist() == [False, False, False, True]


def test_rounding_to_float64_changes_nothing() -> None:
    values = np.array([0.1, -0.0, np.inf, np.nan, 5e-324, 1.7e308])
    assert identical(F64.round(values), values)


@every
def test_the_ulp_is_the_distance_to_the_next_float_outwards(fmt: Format) -> None:
    rng = np.random.default_rng(1)
    exponents = np.arange(fmt.subnormal_exponent, fmt.emax)
    values = fmt.round(np.ldexp(rng.uniform(1, 2, exponents.size), exponents))
    values = np.concatenate([[0.0], values])
    gap = fmt.step(values, 1) - values
    assert np.ldexp(1.0, fmt.ulp_exponent(values)).tolist() == gap.tolist()
    assert fmt.ulp_exponent(-values).tolist() == fmt.ulp_exponent(values).tolist()
    top = fmt.emax - fmt.precision + 1
    assert fmt.ulp_exponent(np.array([fmt.largest]))[0] == top


@every
def test_a_power_of_two_has_the_ulp_of_its_own_binade(fmt: Format) -> None:
    assert fmt.ulp_exponent(np.array([1.0, 2.0, 0.5])).tolist() == [
        1 - fmt.precision, 2 - fmt.precision, -fmt.precision,
    ]  # fmt: skip


@every
def test_a_step_is_one_float_and_passes_through_zero(fmt: Format) -> None:
    tiny = fmt.smallest_subnormal
    assert fmt.step(np.array([0.0]), 1).tolist() == [tiny]
    assert fmt.step(np.array([-0.0]), 1).tolist() == [tiny]
    assert fmt.step(np.array([0.0]), -1).tolist() == [-tiny]
    assert fmt.step(np.array([tiny]), -2).tolist() == [-tiny]
    assert fmt.step(np.array([1.0]), 1).tolist() == [1 + 2 * fmt.unit_roundoff]
    assert fmt.step(np.array([1.0]), -1).tolist() == [1 - fmt.unit_roundoff]
    beyond = np.array([np.inf if fmt.infinities else np.nan])
    assert identical(fmt.step(np.array([fmt.largest]), 1), beyond)
    if fmt.infinities:
        assert fmt.step(-beyond, 1).tolist() == [-fmt.largest]


@pytest.mark.parametrize("fmt", [F16, F32, F64], ids=str)
def test_a_step_is_numpys_nextafter(fmt: Format) -> None:
    rng = np.random.default_rng(2)
    exponents = rng.integers(fmt.subnormal_exponent, fmt.emax, 500)
    values = fmt.round(np.ldexp(rng.uniform(1, 2, 500), exponents) * rng.choice([-1, 1], 500))
    own = values.astype(fmt.dtype)
    up = np.nextafter(own, np.array(np.inf, own.dtype)).astype(np.float64)
    down = np.nextafter(own, np.array(-np.inf, own.dtype)).astype(np.float64)
    assert fmt.step(values, 1).tolist() == up.tolist()
    assert fmt.step(values, -1).tolist() == down.tolist()


@short
def test_steps_walk_through_every_float_in_order(fmt: Format) -> None:
    values = fmt.all_values()
    ordered = np.unique(values[np.isfinite(values)] + 0.0)
    assert identical(fmt.step(ordered[:-1], 1) + 0.0, ordered[1:])
    assert identical(fmt.step(ordered[7:], -7) + 0.0, ordered[:-7])


def test_bits_are_those_of_the_standard() -> None:
    assert F32.bits_of(-5.5) == 0xC0B00000
    assert F64.bits_of(1.0) == 0x3FF0000000000000
    assert F16.bits_of(1.0) == 0x3C00
    assert B16.bits_of(1.0) == 0x3F80
    assert F32.bits_of(-0.0) == 0x80000000
    assert F64.bits_of(float("inf")) == 0x7FF0000000000000


@every
def test_an_array_has_the_dtype_of_the_format(fmt: Format) -> None:
    values = np.array([1.0, -0.0, np.inf, np.nan, fmt.smallest_subnormal])
    array = fmt.array(values)
    assert array.dtype == fmt.dtype
    assert identical(array.astype(np.float64), np.where(fmt.infinities, values, as_nan(values)))


def as_nan(values: Floats) -> Floats:
    """Infinities as a format says them that has none."""
    return np.where(np.isinf(values), np.nan, values)


def test_eight_bits_are_those_of_their_specification() -> None:
    """Micikevicius et al. 2022, arXiv:2209.05433, table 1."""
    assert (E4M3.largest, E4M3.smallest_normal, E4M3.smallest_subnormal) == (448, 2**-6, 2**-9)
    assert (E5M2.largest, E5M2.smallest_normal, E5M2.smallest_subnormal) == (57344, 2**-14, 2**-16)
    high = np.array([0x7B, 0x7C, 0x7D, 0x7E, 0x7F])
    assert identical(E4M3.all_values()[high], np.array([352, 384, 416, 448, np.nan]))
    assert identical(E5M2.all_values()[high], np.array([57344, np.inf, np.nan, np.nan, np.nan]))
    assert [E4M3.of_bits(b) for b in (0x80, 0x7E)] == [0.0, 448.0]
    assert [E4M3.bits_of(v) for v in (-0.0, 448.0)] == [0x80, 0x7E]
    assert E4M3.bits_of(float("inf")) == 0x7F  # NaN, for want of an infinity
    assert E5M2.bits_of(float("inf")) == 0x7C


def test_only_what_lies_beyond_a_format_without_infinities_is_refused() -> None:
    assert [fmt.name for fmt in FORMATS.values() if fmt.lacks(float("inf"))] == ["float8_e4m3fn"]
    assert not E4M3.lacks(448.0)
    assert not E4M3.lacks(float("nan"))
    assert E4M3.lacking(1e3) == (
        "1000 lies beyond float8_e4m3fn, which has no infinities: give a number from -448 to 448"
    )


def test_the_usual_formats_are_those_that_frameworks_compute_in() -> None:
    assert [name for name in FORMATS if name not in USUAL] == ["float8_e4m3fn", "float8_e5m2"]
