"""Levels: the bounds by hand, and the words."""

from __future__ import annotations

import numpy as np
import pytest

from ulpian.checks.judging.judge import judge
from ulpian.reference import FORMATS, Answer, Format, Level, bounds, error_ulp, truth
from ulpian.reference.level import (
    RANKED,
    RESOLUTION,
    Bounds,
    accurate_factor,
    ranks,
    sound_factor,
    storing,
)
from ulpian.spec import find

E4M3, E5M2, F16, B16, F32, F64 = FORMATS.values()


def answer(nearest: float, exponent: int, condition: float = 0.0) -> Answer:
    return Answer(
        np.array([nearest]),
        np.zeros(1),
        np.array([exponent], dtype=np.int64),
        np.array([condition]),
        np.array([True]),
    )


def both(limit: Bounds) -> tuple[float, float]:
    return float(limit.accurate[0]), float(limit.sound[0])


def test_at_one_the_bounds_are_eight_ulps_and_thirty_two() -> None:
    """f = 1, C = 0, S = 1: u is half an ulp, so 64 u is 32 ulps."""
    assert both(bounds(answer(1.0, -23), F32, 1.0)) == (8, 32)
    assert both(bounds(answer(1.0, -52), F64, 1.0)) == (8, 32)


def test_the_condition_widens_both_bounds() -> None:
    """u C = 10 ulps: 8 (1 + 10) and 64 * 10."""
    assert both(bounds(answer(1.0, -23, 10.0), F32, 1.0)) == (88, 640)


def test_a_small_truth_is_sound_by_the_scale() -> None:
    """f = 2**-20: its ulp is 2**-43, u S is 2**-24, so 64 u S is 2**25 ulps."""
    small = answer(2.0**-20, -43)
    assert both(bounds(small, F32, 1.0)) == (8, 2.0**25)


def test_a_function_without_scale_gets_no_absolute_slack() -> None:
    assert both(bounds(answer(2.0**-20, -43), F32, 0.0)) == (8, 32)
    # at a truth of 0, one ulp is the smallest subnormal, and nothing else is due
    assert both(bounds(answer(0.0, -149), F32, 0.0)) == (8, 8)


def test_a_large_truth_is_sound_by_itself() -> None:
    """f = 1.5 * 2**100: u f is 0.75 ulps."""
    assert both(bounds(answer(1.5 * 2.0**100, 77), F32, 1.0)) == (8, 48)


def test_the_terms_of_a_reduction_are_added_to_both() -> None:
    assert both(bounds(answer(1.0, -23), F32, 1.0, terms=100.0)) == (108, 132)


def test_an_infinite_truth_counts_as_the_largest_float() -> None:
    accurate, sound = both(bounds(answer(np.inf, 104), F32, 1.0))
    assert accurate == 8
    assert 63 < sound < 64


def test_sound_is_never_stricter_than_accurate() -> None:
    rng = np.random.default_rng(0)
    exponents = rng.integers(-149, 104, 1000)
    values = np.ldexp(rng.uniform(2**23, 2**24, 1000).round(), exponents)
    many = Answer(
        values, np.zeros(1000), exponents, 10.0 ** rng.uniform(-9, 9, 1000), np.ones(1000, bool)
    )
    for scale in (0.0, 1.0):
        limit = bounds(many, F32, scale)
        assert np.all(limit.sound >= limit.accurate)


@pytest.mark.parametrize(
    ("error", "level"),
    [
        (0.0, Level.EXACT),
        (0.5, Level.EXACT),
        (0.5 + RESOLUTION, Level.EXACT),
        (0.51, Level.FAITHFUL),
        (0.999, Level.FAITHFUL),
        (1.0, Level.ACCURATE),
        (8.0, Level.ACCURATE),
        (8.01, Level.SOUND),
        (32.0, Level.SOUND),
        (32.01, Level.UNSOUND),
        (np.inf, Level.UNSOUND),
        (np.nan, Level.UNSOUND),
    ],
)
def test_each_error_has_its_level(error: float, level: Level) -> None:
    limit = bounds(answer(1.0, -23), F32, 1.0)
    assert RANKED[int(ranks(np.array([error]), limit)[0])] is level


def test_a_bound_explains_itself() -> None:
    limit = bounds(answer(1.0, -23, 26.5), F32, 1.0)
    assert limit.explain(0, 26.5, 1.0, F32) == (
        "bound 220 ulp = 8 (ulp + u C) with u C = 26.5 ulp; sound to 1696 ulp = 64 u max(|f|, C, 1)"
    )


# ---------------------------------------------------------------- in 8 bits


def test_in_eight_bits_the_factors_are_those_of_bfloat16_in_shorter_ulps() -> None:
    """8 u of bfloat16 are 1/32: half a u of float8_e4m3fn, a quarter of one of float8_e5m2."""
    found = {f.name: (accurate_factor(f), sound_factor(f), storing(f)) for f in FORMATS.values()}
    assert found == {
        "float8_e4m3fn": (0.5, 4, 0.5),
        "float8_e5m2": (0.25, 2, 0.5),
        "float16": (8, 64, 0),
        "bfloat16": (8, 64, 0),
        "float32": (8, 64, 0),
        "float64": (8, 64, 0),
    }


def test_a_bound_of_eight_bits_counts_how_the_result_is_stored() -> None:
    """f = 1 of float8_e4m3fn, whose ulp is 1/8: u is half of it."""
    limit = bounds(answer(1.0, -3, 3.0), E4M3, 1.0)
    assert limit.accurate.tolist() == [0.5 + 0.5 * (1 + 3)]
    assert limit.sound.tolist() == [0.5 + 4 * 3]
    assert limit.explain(0, 3.0, 1.0, E4M3) == (
        "bound 2.5 ulp = 0.5 ulp + 0.5 (ulp + u C) with u C = 3 ulp; "
        "sound to 12.5 ulp = 0.5 ulp + 4 u max(|f|, C, 1)"
    )


@pytest.mark.parametrize("fmt", [E4M3, E5M2], ids=str)
@pytest.mark.parametrize("share", [0.0, 0.5, 2.0])
def test_a_multiple_is_accurate_for_no_number_of_eight_bits(fmt: Format, share: float) -> None:
    """C = 2 |f|, as of a square; and 0 is not sound for a number of the function's own scale."""
    values = fmt.all_values()
    values = values[np.isfinite(values) & (np.abs(values) >= fmt.smallest_normal)]
    exponent = fmt.ulp_exponent(values)
    condition = 2 * np.ldexp(fmt.unit_roundoff * np.abs(values), -exponent)
    decided = np.ones(values.size, dtype=bool)
    found = Answer(values, np.zeros(values.size), exponent, condition, decided)
    limit = bounds(found, fmt, 1.0)
    error = error_ulp(share * values, found, fmt)
    assert (error > limit.accurate).all()
    if share == 0:
        assert (error > limit.sound)[np.abs(values) >= 0.5].all()


# ---------------------------------------------------------------- the words


def test_levels_are_ordered_worst_first() -> None:
    assert [str(level) for level in Level] == [
        "unsound", "sound", "accurate", "faithful", "exact",
    ]  # fmt: skip
    assert Level.UNSOUND < Level.SOUND < Level.ACCURATE < Level.FAITHFUL < Level.EXACT
    assert Level.EXACT > Level.ACCURATE >= Level.ACCURATE
    assert Level.SOUND <= Level.SOUND
    assert not Level.SOUND < Level.SOUND
    assert min(Level.EXACT, Level.SOUND, Level.FAITHFUL) is Level.SOUND
    mixed = [Level.EXACT, Level.UNSOUND, Level.FAITHFUL, Level.SOUND, Level.ACCURATE]
    assert sorted(mixed) == list(Level)
    assert max(Level) is Level.EXACT


def test_levels_compare_with_their_names() -> None:
    accurate: str = Level.ACCURATE
    assert accurate == "accurate"
    assert Level.EXACT > "faithful"
    assert Level.UNSOUND < "accurate"


def test_a_level_is_parsed_from_its_name() -> None:
    assert Level.parse("accurate") is Level.ACCURATE
    assert Level.parse("EXACT") is Level.EXACT
    with pytest.raises(ValueError, match="unknown level") as caught:
        Level.parse("perfect")
    assert str(caught.value) == (
        "unknown level 'perfect': choose one of exact, faithful, accurate, sound, unsound"
    )


def test_an_infinite_condition_does_not_excuse_everything() -> None:
    """At bce(1, 1) the slope in the target is infinite, and the loss is 0 all the same."""
    at = [np.full(3, 1.0)] * 2
    found = judge(np.array([0.0, 0.1, 17.0]), truth(find("bce"), at, F32)["value"], F32, 1.0)
    assert [str(RANKED[rank]) for rank in found.rank] == ["exact", "unsound", "unsound"]


def test_what_overflows_in_subnormal_ulps_is_judged_by_the_scale() -> None:
    """At gelu(-40), 0 in float64, 64 u is 7e-15, and 1e-15 is more ulps than a float64 counts."""
    at = np.full(5, -40.0)
    seen = np.array([0.0, 2.0**-1074, 1e-15, 1e-14, 1e300])
    levels = {}
    for name, scale in (("gelu", 1.0), ("relu", 0.0)):
        found = judge(seen, truth(find(name), [at], F64, cached=False)["value"], F64, scale)
        levels[name] = [str(RANKED[rank]) for rank in found.rank]
    assert levels == {
        "gelu": ["exact", "accurate", "sound", "unsound", "unsound"],
        "relu": ["exact", "accurate", "unsound", "unsound", "unsound"],
    }
