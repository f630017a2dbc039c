"""What the reference does for rows beyond the points of a check: weights, masks, near misses."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from ulpian.checks.judging.judge import judge
from ulpian.reference import FORMATS, Format, implementations
from ulpian.reference.level import Level
from ulpian.reference.rows import truth_rows
from ulpian.spec import find

Array = NDArray[Any]
wide = pytest.mark.parametrize("fmt", [FORMATS["float32"], FORMATS["float64"]], ids=str)
INF = np.inf


def normal(fmt: Format, shape: tuple[int, ...], seed: int, scale: float = 1.0) -> Array:
    return fmt.round(scale * np.random.default_rng(seed).normal(size=shape))


def assert_accurate(
    name: str, arrays: list[Array], fmt: Format, given: dict[str, Any] | None = None
) -> None:
    """The value and every gradient of single rows, against the oracle."""
    function = find(name)
    outputs = (function.entries(arrays[0].shape[-1]),) if function.row_output else ()
    cotangent = np.ones((len(arrays[0]), *outputs))
    truth = truth_rows(function, arrays, fmt, cotangent, given)
    native = [
        np.argmax(a, axis=-1) if v.one_hot else fmt.array(a)
        for v, a in zip(function.variables, arrays, strict=True)
    ]
    keywords: dict[str, Any] = {"reduction": "none"} if function.is_loss else {}
    for key, value in (given or {}).items():
        many = isinstance(value, tuple)
        keywords[key] = fmt.array(np.array(value, dtype=float)) if many else float(value)
    forward, vjp = getattr(implementations, name), getattr(implementations, f"{name}_vjp")
    names = ["value", *(v.name for v in function.differentiable)]
    gradients = vjp(*native, **keywords, cotangent=fmt.array(cotangent))
    for which, seen in zip(names, [forward(*native, **keywords), *gradients], strict=True):
        if seen.shape != truth[which].shape:
            continue  # the gradient in a parameter is a sum over rows
        found = judge(
            seen.astype(np.float64), truth[which], fmt, 0.0 if function.homogeneous else 1.0
        )
        assert found.undecided == 0
        assert found.level is not None
        assert found.level >= Level.ACCURATE, f"{which}: {found.worst_error} ulp"


# ---------------------------------------------------------------- classes


@wide
@pytest.mark.parametrize("name", ["cross_entropy", "nll"])
def test_weights_of_classes_are_accurate(name: str, fmt: Format) -> None:
    scores = normal(fmt, (12, 5), 0, 4.0)
    weight = fmt.round(np.array([0.0, 0.3, 1.0, 2.5, 7.0]))
    given = {"weight": tuple(Fraction(float(w)) for w in weight)}
    hot = np.eye(5)[np.arange(12) % 5]
    assert_accurate(name, [scores if name == "cross_entropy" else -np.abs(scores), hot], fmt, given)
    if name == "cross_entropy":
        soft = fmt.round(np.random.default_rng(1).dirichlet(np.ones(5), 12))
        assert_accurate(name, [scores, soft], fmt, given)


@pytest.mark.parametrize("name", ["cross_entropy", "nll"])
def test_an_ignored_target_counts_nothing(name: str) -> None:
    forward, vjp = getattr(implementations, name), getattr(implementations, f"{name}_vjp")
    scores = -np.abs(normal(FORMATS["float64"], (4, 3), 2))
    scores[1] = np.nan
    target, weight = np.array([0, -100, 2, 1]), np.array([0.5, 2.0, 4.0])
    kept = np.array([True, False, True, True])
    each = forward(scores, target, weight=weight, reduction="none")
    assert each[1] == 0
    assert np.isfinite(each).all()
    assert forward(scores, target, weight=weight) == pytest.approx(each.sum() / 6.5, rel=1e-15)
    one = np.array(1.0)
    (gradient,) = vjp(scores, target, weight=weight, cotangent=one)
    (due,) = vjp(scores[kept], target[kept], weight=weight, cotangent=one)
    assert np.array_equal(gradient[kept], due)
    assert not gradient[1].any()
    (other,) = vjp(scores, np.array([0, 7, 2, 1]), weight=weight, ignore_index=7, cotangent=one)
    assert np.array_equal(other, gradient)


@pytest.mark.parametrize("name", ["cross_entropy", "nll"])
def test_where_all_are_ignored_the_mean_has_no_value(name: str) -> None:
    forward, vjp = getattr(implementations, name), getattr(implementations, f"{name}_vjp")
    scores, target = np.full((2, 3), -1.0), np.array([-100, -100])
    assert np.isnan(forward(scores, target))
    assert forward(scores, target, reduction="sum") == 0
    assert not vjp(scores, target, cotangent=np.array(1.0))[0].any()


@pytest.mark.parametrize("name", ["cross_entropy", "nll", "multi_margin", "info_nce"])
def test_an_index_that_is_no_class_is_refused(name: str) -> None:
    with pytest.raises(IndexError, match=r"target 5 is no class: there are 3, from 0"):
        getattr(implementations, name)(np.full((2, 3), -1.0), np.array([0, 5]))


def test_the_gradient_of_a_weighted_mean_in_soft_targets_follows_its_divisor() -> None:
    """Along the simplex: the differences of the gradient are those of the mean."""
    logits, weight = normal(FORMATS["float64"], (3, 4), 3), np.array([0.5, 1.0, 2.0, 4.0])
    target = np.random.default_rng(4).dirichlet(np.ones(4), 3)
    move = np.array([[1.0, -1.0, 0, 0], [0, 1.0, 0.5, -1.5], [0, 0, 0, 0]])
    _, gradient = implementations.cross_entropy_vjp(
        logits, target, weight=weight, cotangent=np.array(1.0)
    )
    above, below = (
        implementations.cross_entropy(logits, target + h * move, weight=weight)
        for h in (1e-6, -1e-6)
    )
    assert np.sum(gradient * move) == pytest.approx((above - below) / 2e-6, rel=1e-7)


@wide
def test_the_gradient_in_the_temperature_is_accurate_far_from_zero(fmt: Format) -> None:
    z, t = fmt.round(50 + normal(fmt, (1, 4), 5, 0.1)), np.array([[0.0, 1.0, 0.0, 0.0]])
    truth = truth_rows(find("info_nce"), [z, t], fmt, np.ones(1))["temperature"]
    seen = implementations.info_nce_vjp(
        fmt.array(z), np.array([1]), reduction="sum", cotangent=fmt.array(np.ones(()))
    )[-1]
    found = judge(seen.astype(np.float64).reshape(1), truth, fmt, 1.0)
    assert found.level is not None
    assert found.level >= Level.ACCURATE


# ---------------------------------------------------------------- angles and distances


@wide
@pytest.mark.parametrize("spread", [1e-7, 1e-4, 1e-1])
def test_nearly_parallel_rows_keep_their_angle(fmt: Format, spread: float) -> None:
    a = normal(fmt, (8, 4), 6)
    a[::2, 0] = fmt.round(np.array(44.0))
    b = fmt.round(3 * a + spread * normal(fmt, a.shape, 7))
    assert_accurate("cosine_similarity", [a, b], fmt)
    assert_accurate("cosine_embedding", [a, b, np.ones(8)], fmt)
    assert_accurate("cosine_embedding", [a, b, -np.ones(8)], fmt, {"margin": Fraction(63, 64)})


def test_parallel_rows_have_no_angle_and_no_slope() -> None:
    a = np.array([[1.0, 2, 0.3], [5, 5, 5], [-7, 0, 1]], dtype=np.float32)
    for factor in (2, 4, 0.5):
        assert not implementations.cosine_embedding(
            a, factor * a, np.ones(3), reduction="none"
        ).any()
        one = np.ones(3, np.float32)
        for gradient in implementations.cosine_similarity_vjp(a, factor * a, cotangent=one):
            assert not gradient.any()


@wide
@pytest.mark.parametrize("gap", [1e-6, 1e-3, 1.0])
def test_a_far_anchor_sees_the_difference_of_two_near_rows(fmt: Format, gap: float) -> None:
    anchor = normal(fmt, (8, 4), 8, 1000.0)
    anchor[::2, 0] = fmt.round(np.array(30000.0))
    positive = normal(fmt, (8, 4), 9, 1e-3)
    negative = fmt.round(positive + gap * normal(fmt, (8, 4), 10))
    assert_accurate("triplet_margin", [anchor, positive, negative], fmt, {"margin": Fraction(3)})


def test_lengths_neither_overflow_nor_underflow() -> None:
    for scale in (2.0**120, 2.0**-140):
        a = np.array([[3.0, 4.0]], dtype=np.float32) * np.float32(scale)
        zero = np.zeros_like(a)
        one = np.ones(1, np.float32)
        assert implementations.pairwise_distance(a, zero)[0] == np.float32(5 * scale)
        first, _ = implementations.pairwise_distance_vjp(a, zero, cotangent=one)
        assert first.tolist() == [[np.float32(0.6), np.float32(0.8)]]
        assert implementations.cosine_similarity(a, a)[0] == 1


def test_rows_at_the_same_place_have_a_finite_gradient() -> None:
    a, one = np.ones((1, 3)), np.ones(1)
    for gradient in implementations.pairwise_distance_vjp(a, a, cotangent=one):
        assert not gradient.any()
    for gradient in implementations.triplet_margin_vjp(a, a, a, reduction="none", cotangent=one):
        assert not gradient.any()


@pytest.mark.parametrize("name", ["pairwise_distance", "multi_margin"])
def test_another_power_is_refused(name: str) -> None:
    second = np.ones((1, 3)) if name == "pairwise_distance" else np.array([0])
    with pytest.raises(ValueError, match="p must be 1 or 2, not 3"):
        getattr(implementations, name)(np.zeros((1, 3)), second, p=3)


# ---------------------------------------------------------------- gates and maxima


@pytest.mark.parametrize("name", ["glu", "geglu", "swiglu"])
def test_a_closed_gate_stops_any_factor(name: str) -> None:
    z = np.array([[1e37, -1e37]], dtype=np.float32)
    assert getattr(implementations, name)(z).tolist() == [[0.0]]
    one = np.ones((1, 1), np.float32)
    (gradient,) = getattr(implementations, f"{name}_vjp")(z, cotangent=one)
    assert gradient.tolist() == [[0.0, 0.0]]


@wide
@pytest.mark.parametrize("name", ["glu", "geglu", "swiglu"])
def test_a_large_factor_shows_no_lost_digits_of_a_closing_gate(name: str, fmt: Format) -> None:
    far = np.log(fmt.largest) * np.array([[-1.0], [-1.05], [-1.2], [-1.5]])
    gate = fmt.round(-np.sqrt(-2 * far) if name == "geglu" else far)
    assert_accurate(name, [np.concatenate([np.full_like(gate, 2.0**100), gate], axis=1)], fmt)


@pytest.mark.parametrize("name", ["glu", "reglu", "geglu", "swiglu", "bilinear"])
def test_an_odd_row_has_no_halves(name: str) -> None:
    with pytest.raises(ValueError, match="axis -1 has 3 entries: two halves need an even number"):
        getattr(implementations, name)(np.zeros((2, 3)))


def test_masked_entries_have_no_part() -> None:
    z = np.array([[1.0, -INF, 1.5], [-INF, -INF, 0.0]], dtype=np.float32)
    assert implementations.sparsemax(z).tolist() == [[0.25, 0, 0.75], [0, 0, 1]]
    (gradient,) = implementations.sparsemax_vjp(z, cotangent=np.ones_like(z) * [1, 2, 3])
    assert gradient.tolist() == [[-1, 0, 1], [0, 0, 0]]
    assert implementations.logsumexp(z)[1] == 0
    assert implementations.logsumexp(np.full((1, 3), -INF)) == -INF
    (gradient,) = implementations.logsumexp_vjp(z, cotangent=np.ones(2, np.float32))
    assert gradient[:, 1].tolist() == [0, 0]


def test_the_first_of_tied_entries_is_the_largest() -> None:
    z = np.array([[1.0, 3.0, 3.0], [2.0, 2.0, 2.0]])
    assert implementations.hardmax(z).tolist() == [[0, 1, 0], [1, 0, 0]]
    (gradient,) = implementations.maxout_vjp(z, cotangent=np.array([1.0, -2.0]))
    assert gradient.tolist() == [[0, 1, 0], [-2, 0, 0]]


def test_logsumexp_may_keep_its_axis() -> None:
    z = normal(FORMATS["float64"], (2, 3, 4), 11)
    kept = implementations.logsumexp(z, axis=1, keepdims=True)
    assert kept.shape == (2, 1, 4)
    assert np.array_equal(kept[:, 0], implementations.logsumexp(z, axis=1))
    g = normal(FORMATS["float64"], (2, 1, 4), 12)
    (wide_,) = implementations.logsumexp_vjp(z, axis=1, keepdims=True, cotangent=g)
    (plain,) = implementations.logsumexp_vjp(z, axis=1, cotangent=g[:, 0])
    assert np.array_equal(wide_, plain)
