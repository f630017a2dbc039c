"""A shard judged by local polynomials says what the oracle says of every single float of it."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from tests import planted
from ulpian.checks.sweeps.job import Job
from ulpian.checks.sweeps.judged import judged
from ulpian.checks.sweeps.shard import Shard
from ulpian.checks.sweeps.summary import Summary, from_json, merged, to_json
from ulpian.checks.sweeps.tally import Tally
from ulpian.reference.formats import FORMATS
from ulpian.reference.local.rows import ROW

FLOAT32 = FORMATS["float32"]


def _at(x: float) -> int:
    """The first bits of the row that holds x."""
    return FLOAT32.bits_of(x) // ROW * ROW


PLACES = [
    ("torch", "gelu", "value", -5.6),
    ("torch", "gelu", "value", -14.1),
    ("torch", "gelu", "value", -1.95),
    ("torch", "gelu", "value", 3.3e38),
    ("torch", "gelu", "gradient", -0.751),
    ("torch", "tanh", "value", 4.8),
    ("torch", "softplus", "value", 20.0),
    ("torch", "softplus", "gradient", -87.3),
    ("torch", "hard_swish", "gradient", -3.0),
    ("torch", "hard_swish", "value", 2.9999),
    ("torch", "hardshrink", "value", 0.5),
    ("reference", "relu_squared", "value", 1.8e19),
    ("torch", "silu", "value", -103.9),
    ("torch", "silu", "second", 1.3),
    ("torch", "sigmoid", "value", 1e-45),
    ("torch", "hard_sigmoid", "value", -2.9999),
    ("torch", "log1p", "value", -0.99999994),
    ("torch", "exponential", "value", 88.72),
    ("torch", "tanhshrink", "gradient", 2.0**-23),
    ("torch", "tanhshrink", "gradient", 2.0**-23 * (1 - 2.0**-20)),
    ("torch", "gelu_tanh", "gradient", 3e19),
    ("torch", "mish", "value", 1e-33),
    ("scipy", "softplus", "value", -17.0),
    ("textbook", "softplus", "value", 88.72),
    ("textbook", "tanh", "value", 89.0),
    ("reference", "selu", "gradient", -1e-3),
    ("jax", "silu", "value", -87.5),
    ("jax", "elu", "gradient", -0.1),
]


def _one_by_one(job: Job, shard: Shard) -> Summary:
    tally = job.tally()
    bits = np.arange(shard.first, shard.first + shard.count)
    observed = np.array(job.ask(bits), dtype=np.float64)
    x = FLOAT32.floats(bits)
    domain = job.quantity.function.variables[0].domain
    inside = ~((x < float(domain.inf)) | (x > float(domain.sup)))
    tally.outside = int(np.count_nonzero(~inside))
    tally.ask(bits[inside], observed[inside])
    return tally.summary()


@pytest.mark.parametrize(("target", "name", "quantity", "x"), PLACES)
def test_rows_say_what_the_oracle_says_of_each_float(
    target: str, name: str, quantity: str, x: float
) -> None:
    if target in ("torch", "jax", "scipy"):
        pytest.importorskip(target)
    shard = Shard(target, name, quantity, first=_at(x), count=ROW)
    found = judged(shard)
    job = Job(shard)
    with job.target.adapter.session():
        known = _one_by_one(job, shard)
    assert found.inputs == known.inputs
    assert (found.unproven, found.outside) == (known.unproven, known.outside)
    assert found.histogram == known.histogram
    ordered = {"monotone", "range", "symmetry"}
    assert {k: f for k, f in found.findings.items() if k not in ordered} == known.findings
    for regime in ("normal", "subnormal", "eased", "accurate", "sound"):
        mine, theirs = getattr(found, regime), getattr(known, regime)
        assert (mine is None) == (theirs is None), regime
        if mine is not None:
            assert mine.error == pytest.approx(theirs.error, rel=1e-4, abs=1e-5), regime


def test_summaries_survive_json_and_merge_in_any_order() -> None:
    pytest.importorskip("torch")
    parts = [
        judged(Shard("torch", "gelu", first=first, count=ROW))
        for first in (_at(-5.6), _at(1.0), _at(float("inf")), 0xFFC00000)
    ]
    assert [from_json(to_json(p)) for p in parts] == parts
    assert merged(parts) == merged(parts[::-1])
    assert merged([merged(parts[:2]), merged(parts[2:])]) == merged(parts)


def test_all_of_a_small_format_in_one_shard() -> None:
    pytest.importorskip("torch")
    found = judged(Shard("torch", "tanh", fmt="bfloat16", first=0, count=1 << 16))
    assert found.inputs == 1 << 16
    assert found.level == "exact"


def test_a_tally_keeps_the_least_bits_of_equal_errors() -> None:
    tally = Job(Shard("reference", "tanh")).tally()
    assert isinstance(tally, Tally)
    for bits in (7, 3, 5):
        tally.place("normal", 0.25, bits)
    place = tally.places["normal"]
    assert (place.error, place.bits) == (0.25, 3)


@pytest.mark.parametrize("fmt", ["float16", "bfloat16"])
def test_a_slope_that_no_formula_gives_may_lose_nan_and_a_value_may_not(fmt: str) -> None:
    for function in ("relu", "hardshrink"):
        slope = judged(Shard("torch", function, "gradient", fmt, count=1 << 16))
        assert slope.inputs == 1 << 16
        assert slope.level == "exact"
        assert not slope.findings
    value = judged(Shard("torch", "step", "value", fmt, count=1 << 16))
    assert value.inputs == 1 << 16
    assert value.level == "unsound"
    mantissas = (1 << (FORMATS[fmt].precision - 1)) - 1
    assert value.findings["number"].count == 2 * mantissas


@pytest.mark.parametrize("place", np.random.default_rng(6).integers(1 << 32, size=20).tolist())
def test_one_wrong_bit_at_one_float_is_found(place: int, monkeypatch: pytest.MonkeyPatch) -> None:
    size = 1 << 18
    shard = Shard("tests.planted", "tanh", first=place // size * size, count=size)
    before = judged(shard)
    assert before.not_correctly_rounded == 0
    monkeypatch.setattr(planted, "PLACE", place)
    found = judged(shard)
    assert found.inputs == before.inputs
    if np.isnan(FLOAT32.of_bits(place)):
        assert found.findings["number"].bits == place
        return
    assert found.not_correctly_rounded == 1
    assert found.eased is not None
    assert found.eased.bits == place


@pytest.mark.parametrize("target", ["torch", "reference"])
@pytest.mark.parametrize("quantity", ["value", "gradient"])
def test_a_slope_for_each_channel_is_one_number_for_all(target: str, quantity: str) -> None:
    fixed = {"weight": Fraction(1, 4)}
    found = judged(Shard(target, "prelu", quantity, "float16", fixed=fixed, count=1 << 16))
    assert found.inputs == 1 << 16
    assert found.level == "exact"
