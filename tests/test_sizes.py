"""What a run draws: nothing with the usual seed, all of it with any other."""

from __future__ import annotations

import numpy as np
import pytest

from ulpian.checks.book.inventory import table
from ulpian.checks.points import amounts, draw, sizes
from ulpian.checks.points.case import Case
from ulpian.checks.runs.profiles import PROFILES
from ulpian.checks.runs.run import check
from ulpian.checks.runs.steps import in_order
from ulpian.checks.seeds import SEED
from ulpian.checks.targets.target import resolve
from ulpian.checks.verdict import Status
from ulpian.reference.formats import FORMATS
from ulpian.reference.level import Level


def case(name: str, seed: int = SEED, effort: int = amounts.FULL, fmt: str = "float32") -> Case:
    implementation = resolve("reference").implementation(name, 10.0)
    return Case(implementation, FORMATS[fmt], Level.ACCURATE, seed, effort=effort)


def test_the_usual_seed_draws_no_sizes_and_no_order() -> None:
    usual = case("softmax")
    assert [sizes.some(usual, n) for n in (1, 9, 64)] == [1, 9, 64]
    assert sizes.row_lengths(usual) == list(amounts.ROW_LENGTHS)
    assert [p.name for p in in_order(usual)] == [p.name for p in in_order(case("gelu"))]


@pytest.mark.parametrize("usual", [2, 3, 9, 64, 5003])
def test_a_drawn_size_lies_between_half_and_twice_the_usual(usual: int) -> None:
    found = {sizes.some(case("gelu", seed), usual) for seed in range(1, 60)}
    assert min(found) >= max(2, usual // 2)
    assert max(found) <= 2 * usual
    assert len(found) >= min(usual, 20)


def test_lengths_of_rows_and_the_order_of_properties_are_drawn() -> None:
    lengths = {tuple(sizes.row_lengths(case("softmax", seed))) for seed in range(1, 9)}
    orders = {tuple(p.name for p in in_order(case("softmax", seed))) for seed in range(1, 9)}
    assert len(lengths) > 4
    assert len(orders) == 8
    assert all(order[-1].startswith("structure.") for order in orders)


@pytest.mark.parametrize("name", ["glu", "softmax", "maxout", "cross_entropy"])
@pytest.mark.parametrize("effort", [amounts.GLANCE, amounts.FULL, amounts.THOROUGH])
def test_every_function_along_an_axis_has_rows_under_every_seed(name: str, effort: int) -> None:
    try:
        found = [case(name, seed, effort) for seed in (SEED, *range(1, 40))]
    except KeyError:
        pytest.skip(f"the reference has no {name}")
    for c in found:
        assert sizes.row_lengths(c)
        assert sizes.longer_rows(c)
        assert all(c.function.entries(n) for n in sizes.row_lengths(c))


def test_points_differ_from_seed_to_seed_and_are_the_same_for_one() -> None:
    def drawn(seed: int) -> np.ndarray:
        (batch,) = draw.batches(case("gelu", seed))
        return batch.arrays[0]

    one, again, other = drawn(3), drawn(3), drawn(4)
    assert np.array_equal(one, again)
    assert one.size != other.size or not np.array_equal(one, other)
    assert np.isin(other, one).mean() < 0.6  # the edges of exp and the like are always there
    usual = drawn(SEED)
    assert np.isin(one, usual).mean() < 0.6


def test_all_floats_of_a_16_bit_format_stay_all_under_any_seed() -> None:
    fmt = FORMATS["float16"]
    usual, own = (draw.batches(case("gelu", s, fmt="float16"))[0] for s in (SEED, 3))
    bits = [np.unique(fmt.array(b.arrays[0]).view(fmt.integer)) for b in (usual, own)]
    assert np.array_equal(bits[0], bits[1])
    assert own.size > usual.size


def test_settings_between_the_samples_are_drawn_inside_the_domain() -> None:
    for name in ("elu", "huber", "quantile", "threshold"):
        usual, own = case(name), case(name, 3)
        assert len(own.other_settings) > len(usual.other_settings)
        for setting in own.other_settings:
            for p in own.function.parameters:
                assert float(setting[p.name]) in p.domain


def test_a_truth_of_drawn_points_is_that_of_the_points() -> None:
    own = case("gelu", 3, fmt="float16")
    (batch,) = draw.batches(own)
    some = batch[::997]
    whole, part = own.truth(batch)["value"][::997], own.truth(some)["value"]
    assert np.array_equal(whole.nearest, part.nearest)


def test_a_profile_does_more_than_the_one_before() -> None:
    efforts = [p.effort for p in PROFILES.values()]
    assert list(PROFILES) == ["smoke", "default", "thorough"]
    assert efforts == sorted(efforts)
    for more in (amounts.rows, amounts.ordinary, amounts.examples, amounts.scans, amounts.settings):
        found = [more(e) for e in efforts]
        assert found == sorted(found)
        assert found[0] < found[-1]


def test_the_profiles_are_listed_with_their_figures() -> None:
    said = " ".join(table("profiles").split())
    assert "4 floats in each binade of float32" in said
    assert "40 floats in each binade of float32" in said
    assert "without identity, structure.position, structure.broadcast" in said


# ---------------------------------------------------------------- truths of parts


@pytest.mark.parametrize("name", ["leaky_relu", "huber", "softmax"])
def test_a_part_of_a_batch_takes_its_truth_out_of_the_wholes(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    c = case(name, seed=3, effort=amounts.GLANCE)
    (whole, *_) = draw.batches(c)
    part = whole[1::2][::-1]
    fresh = case(name, seed=3, effort=amounts.GLANCE).truth(part.apart)
    c.truth(whole)
    for asked in ("oracle.truth", "truth_rows"):
        monkeypatch.setattr(f"ulpian.checks.points.case.{asked}", None)  # not called again
    for quantity, due in fresh.items():
        found = c.truth(part)[quantity]
        for a, b in zip(found.answers, due.answers, strict=False):
            assert np.array_equal(a.nearest, b.nearest, equal_nan=True)
            assert np.array_equal(a.rest, b.rest)
            assert np.array_equal(a.condition, b.condition)
    value_alone = c.truth(part, gradient=False)["value"]
    assert np.array_equal(value_alone.nearest, fresh["value"].nearest, equal_nan=True)


def test_most_of_a_batch_asks_for_the_whole_and_a_few_points_for_themselves() -> None:
    c = case("gelu", seed=3, effort=amounts.GLANCE)
    whole = draw.batches(c)[0].apart
    c.truth(whole[:5])
    assert [batch.size for batch, _ in c.truths.values()] == [5]
    c.truth(whole[5:])
    assert [batch.size for batch, _ in c.truths.values()] == [5, whole.size]


def test_truths_are_forgotten_from_the_oldest_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ulpian.checks.points.case.REMEMBERED", 25)
    c = case("relu", seed=3)
    batches = [draw.easy(c, 10, seed) for seed in range(3)]
    c.truth(batches[0])
    c.truth(batches[1])
    c.truth(batches[0])  # asked for again, so the other one goes first
    c.truth(batches[2])
    assert [batch for batch, _ in c.truths.values()] == [batches[0], batches[2]]


@pytest.mark.parametrize("seed", [8, 19, 21, 1001])
def test_rows_are_drawn_again_where_none_says_anything(seed: int) -> None:
    """In bfloat16 few rows tell of an exchange of Tversky's arguments; of these seeds' none."""
    select = "tversky:identity.exchange"
    report = check("reference", select=select, formats=("bfloat16",), profile="smoke", seed=seed)
    (verdict,) = report.verdicts
    assert verdict.status is Status.PASS
    assert verdict.points > 0


def test_an_argument_that_underflows_says_as_much_as_it_carries() -> None:
    """exp(t), for kl_div, is 0 in float64 at t = -857, and p has 146 digits there."""
    select = "kl_div_log_target:identity.probability"
    report = check("reference", select=select, formats=("float64",), profile="smoke", seed=2003)
    (verdict,) = report.verdicts
    assert verdict.status is Status.PASS
    assert verdict.points > 400
