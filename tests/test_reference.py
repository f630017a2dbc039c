"""The reference implementations keep the contract: names, shapes, formats, NaN, purity."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sympy import FiniteSet, Interval, Reals, oo

from ulpian.reference import FORMATS, Format, implementations
from ulpian.spec import Function, catalogue, derive, find
from ulpian.spec.symbols import labels, n

Array = NDArray[Any]
BOOK = list(catalogue().values())
LOSSES = [f for f in BOOK if f.is_loss]
AXIS = [f for f in BOOK if f.along_axis and not f.is_loss]
every = pytest.mark.parametrize("function", BOOK, ids=lambda f: f.name)
losses = pytest.mark.parametrize("function", LOSSES, ids=lambda f: f.name)
# float8_e4m3fn ends at 448, which a sum of ordinary losses leaves: tests/test_float8.py has it
WIDER = [f for f in FORMATS.values() if f.infinities]
formats = pytest.mark.parametrize("fmt", WIDER, ids=str)
SHAPE = (6, 5)


def forward(function: Function) -> Callable[..., Any]:
    found: Callable[..., Any] = getattr(implementations, function.name)
    return found


def vjp(function: Function) -> Callable[..., Any]:
    found: Callable[..., Any] = getattr(implementations, f"{function.name}_vjp")
    return found


def fitting(function: Function, shape: tuple[int, ...] = SHAPE) -> tuple[int, ...]:
    """The shape, one entry longer where rows of that length have no outputs."""
    if function.along_axis and not function.entries(shape[-1]):
        return (*shape[:-1], shape[-1] + 1)
    return shape


def inputs(function: Function, fmt: Format, shape: tuple[int, ...] = SHAPE) -> list[Array]:
    """Ordinary arrays inside every variable's domain; class indices where only those are taken."""
    rng = np.random.default_rng(0)
    whole = fitting(function, shape)
    arrays: list[Array] = []
    for v in function.variables:
        shape = whole[:-1] if function.along_axis and not v.along_axis else whole
        if v.shape != (n,):
            shape = (*whole[:-1], *function.tried(v, whole[-1]))
        if v.labels:
            arrays.append(rng.integers(1, whole[-1], shape))
            continue
        if v.one_hot:
            arrays.append(rng.integers(0, shape[-1], shape[:-1]))
            continue
        if isinstance(v.domain, FiniteSet):
            values = rng.choice([float(e) for e in v.domain], shape)
        elif v.simplex:
            values = rng.dirichlet(np.ones(shape[-1]), shape[:-1])
        elif v.domain == Interval(0, 1):
            values = rng.uniform(0.1, 0.9, shape)
        elif v.domain == Interval(-oo, 0):
            values = -np.abs(rng.normal(scale=3, size=shape))
        elif v.domain != Reals and not v.along_axis:  # a variance, a count, what log1p takes
            values = np.abs(rng.normal(scale=3, size=shape)) + 0.1
        elif v.per_channel:
            values = rng.normal(size=shape[1:2])
        else:
            values = rng.normal(scale=3, size=shape)
        arrays.append(values.astype(fmt.dtype))
    return arrays


def plain(function: Function) -> dict[str, Any]:
    """Keywords that leave a loss unreduced."""
    return {"reduction": "none"} if function.is_loss else {}


def out_shape(function: Function, shape: tuple[int, ...] = SHAPE) -> tuple[int, ...]:
    shape = fitting(function, shape)
    if not function.along_axis:
        return shape
    return (*shape[:-1], function.entries(shape[-1])) if function.row_output else shape[:-1]


def results(function: Function, arrays: list[Array], **keywords: Any) -> list[Array]:
    """The value and all gradients, for a cotangent of ones."""
    value = forward(function)(*arrays, **keywords)
    return [value, *vjp(function)(*arrays, **keywords, cotangent=np.ones_like(value))]


# ---------------------------------------------------------------- what there is


@every
def test_every_function_has_a_forward_and_a_vjp(function: Function) -> None:
    for name in (function.name, f"{function.name}_vjp"):
        assert name in implementations.__all__
        assert callable(getattr(implementations, name))


def test_there_is_nothing_that_the_book_lacks() -> None:
    names = {f.name for f in BOOK} | {f"{f.name}_vjp" for f in BOOK}
    assert set(implementations.__all__) == names


def keywords_of(function: Callable[..., Any]) -> Iterator[str]:
    for p in inspect.signature(function).parameters.values():
        if p.kind is p.KEYWORD_ONLY:
            yield p.name


@every
def test_parameters_are_keywords_with_the_books_defaults(function: Function) -> None:
    given = inspect.signature(forward(function)).parameters
    assert {p.name for p in function.parameters} <= set(keywords_of(forward(function)))
    for p in function.parameters:
        assert float(given[p.name].default) == float(p.default)
    if function.is_loss:
        assert given["reduction"].default == "mean"
    own = set(keywords_of(forward(function)))
    assert set(keywords_of(vjp(function))) == own | {"cotangent"}


@every
def test_every_implementation_says_why_it_is_stable(function: Function) -> None:
    for implementation in (forward(function), vjp(function)):
        assert (implementation.__doc__ or "").strip()


# ---------------------------------------------------------------- shapes and formats


@every
@formats
def test_shape_and_format_are_kept(function: Function, fmt: Format) -> None:
    arrays = inputs(function, fmt)
    value, *gradients = results(function, arrays, **plain(function))
    assert value.shape == out_shape(function)
    assert value.dtype == fmt.dtype
    assert len(gradients) == len(function.differentiable)
    by_name = dict(zip((v.name for v in function.variables), arrays, strict=True))
    for v, gradient in zip(function.differentiable, gradients, strict=True):
        expected = by_name[v.name].shape if v.name in by_name else ()
        assert gradient.shape == expected, v.name
        assert gradient.dtype == fmt.dtype
        assert np.isfinite(gradient.astype(np.float64)).all()


@every
def test_arrays_without_elements_and_without_dimensions_are_taken(function: Function) -> None:
    if function.along_axis:
        shapes: list[tuple[int, ...]] = [(0, 5), (1, 1)]
    else:
        shapes = [(0,), (0, 3), (1,), (2, 3, 4)]
    if not function.along_axis and not any(v.per_channel for v in function.variables):
        shapes.append(())
    for shape in shapes:
        if len(shape) < 2 and any(v.per_channel for v in function.variables):
            continue
        arrays = inputs(function, FORMATS["float32"], shape)
        value, *gradients = results(function, arrays, **plain(function))
        assert value.shape == out_shape(function, shape)
        assert value.dtype == np.float32
        assert all(g.dtype == np.float32 for g in gradients)


@every
def test_inputs_are_left_as_they_were(function: Function) -> None:
    for fmt in FORMATS.values():
        arrays = inputs(function, fmt)
        before = [a.tobytes() for a in arrays]
        for a in arrays:
            a.flags.writeable = False
        for part in results(function, arrays, **plain(function)):
            assert not any(np.shares_memory(part, a) for a in arrays)
            assert part.flags.writeable or part.ndim == 0
        assert [a.tobytes() for a in arrays] == before


@every
def test_the_same_question_has_the_same_answer(function: Function) -> None:
    arrays = inputs(function, FORMATS["float32"])
    first = results(function, arrays, **plain(function))
    second = results(function, arrays, **plain(function))
    turned = results(function, [np.asfortranarray(a) for a in arrays], **plain(function))
    for a, b, c in zip(first, second, turned, strict=True):
        assert a.tobytes() == b.tobytes() == np.ascontiguousarray(c).tobytes()


def test_integers_are_refused_in_a_sentence() -> None:
    with pytest.raises(TypeError, match=r"gelu computes in .*, not in int64: convert first"):
        implementations.gelu(np.array([1, 2]))


# ---------------------------------------------------------------- NaN


@every
@formats
def test_nan_in_is_nan_out(function: Function, fmt: Format) -> None:
    for position, v in enumerate(function.variables):
        if isinstance(v.domain, FiniteSet) or v.one_hot or v.labels:
            continue
        arrays = inputs(function, fmt)
        clean = results(function, arrays, **plain(function))[0].astype(np.float64)
        # where PReLU and its kin are positive, the slope does not enter
        hit = (2, 1) if v.per_channel is False else (1,)
        if v.per_channel:
            arrays[0][:, 1] = -1
        elif position and not function.along_axis and not function.is_loss:
            arrays[0][hit] = -1
        arrays[position][hit] = np.nan
        value = results(function, arrays, **plain(function))[0].astype(np.float64)
        mixed = function.along_axis and function.outputs == n
        touched = value[:, 1] if v.per_channel else value[2] if mixed else value[2, 1]
        assert np.isnan(touched).all(), v.name
        untouched = np.delete(value, 1, axis=1) if v.per_channel else np.delete(value, 2, axis=0)
        assert not np.isnan(untouched).any()
        assert np.isfinite(clean).all()


@every
def test_a_gradient_at_nan_is_nan(function: Function) -> None:
    slope = derive.gradient(function, function.variables[0])
    if function.variables[0].symbol not in {getattr(s, "base", s) for s in slope.free_symbols}:
        pytest.skip("its gradient is the same number everywhere")
    arrays = inputs(function, FORMATS["float32"])
    arrays[0][2, 1] = np.nan
    gradient = results(function, arrays, **plain(function))[1]
    # what a gate multiplies has no part in its own gradient
    assert np.isnan(gradient[2] if function.along_axis else gradient[2, 1]).any()
    assert not np.isnan(np.delete(gradient, 2, axis=0)).any()


# ---------------------------------------------------------------- reductions and cotangents


def share(function: Function, arrays: list[Array]) -> int:
    """What a sample adds to the divisor of the mean, where classes have no weights."""
    return int(arrays[1].shape[1]) if function.divisor == labels else 1


@losses
@formats
def test_the_reductions_agree_with_the_single_losses(function: Function, fmt: Format) -> None:
    arrays = inputs(function, fmt)
    each = forward(function)(*arrays, reduction="none").astype(np.float64)
    wide = (a.astype(np.float64) if a.dtype.kind not in "iu" else a for a in arrays)
    exact = forward(function)(*wide, reduction="none")
    room = (2 + np.log2(each.size)) * fmt.unit_roundoff * 4
    due = {
        "sum": np.sum(exact),
        "mean": np.mean(exact) / share(function, arrays),
        "batchmean": np.sum(exact) / len(exact),
    }
    assert {"sum", "mean"} <= set(function.reductions) <= {"none", *due}
    for reduction, known in due.items():
        found = forward(function)(*arrays, reduction=reduction)
        assert found.shape == ()
        assert found.dtype == fmt.dtype
        assert float(found) == pytest.approx(float(known), rel=room)


@losses
def test_the_gradient_of_a_mean_is_that_of_the_sum_divided(function: Function) -> None:
    arrays = inputs(function, FORMATS["float64"])
    one = np.array(1.0)
    by_sum = vjp(function)(*arrays, reduction="sum", cotangent=one)
    by_mean = vjp(function)(*arrays, reduction="mean", cotangent=one)
    count = forward(function)(*arrays, reduction="none").size * share(function, arrays)
    for a, b in zip(by_sum, by_mean, strict=True):
        np.testing.assert_allclose(b, a / count, rtol=1e-14, atol=1e-300)


@losses
def test_an_unknown_reduction_is_refused(function: Function) -> None:
    due = "reduction must be one of none, mean, sum, batchmean, not 'median'"
    with pytest.raises(ValueError, match=due):
        forward(function)(*inputs(function, FORMATS["float32"]), reduction="median")


@every
def test_a_vjp_is_linear_in_its_cotangent(function: Function) -> None:
    arrays = inputs(function, FORMATS["float64"])
    value = forward(function)(*arrays, **plain(function))
    g = np.random.default_rng(1).normal(size=value.shape)
    once = vjp(function)(*arrays, **plain(function), cotangent=g)
    twice = vjp(function)(*arrays, **plain(function), cotangent=-2 * g)
    nothing = vjp(function)(*arrays, **plain(function), cotangent=0 * g)
    for a, b, c in zip(once, twice, nothing, strict=True):
        np.testing.assert_allclose(b, -2 * a, rtol=1e-13, atol=1e-300)
        assert not c.any()


@every
def test_a_vjp_agrees_with_complex_free_differences(function: Function) -> None:
    """A coarse look by central differences: the sign, the factor and the order are right."""
    arrays = inputs(function, FORMATS["float64"])
    value = forward(function)(*arrays, **plain(function))
    g = np.random.default_rng(2).normal(size=value.shape)
    gradients = vjp(function)(*arrays, **plain(function), cotangent=g)
    step = 1e-6
    for position, v in enumerate(function.variables):
        if not v.differentiable:
            continue
        rng = np.random.default_rng(3)
        direction = rng.normal(size=arrays[position].shape)
        moved = []
        for sign in (1, -1):
            changed = [*arrays]
            changed[position] = arrays[position] + sign * step * direction
            moved.append(np.sum(g * forward(function)(*changed, **plain(function))))
        gradient = gradients[[w.name for w in function.differentiable].index(v.name)]
        found = np.sum(gradient * direction)
        assert found == pytest.approx((moved[0] - moved[1]) / (2 * step), rel=1e-4, abs=1e-5)


# ---------------------------------------------------------------- forms of the inputs


@pytest.mark.parametrize("fmt", [FORMATS["float32"], FORMATS["float64"]], ids=str)
def test_the_gradient_of_mape_overflows_no_sooner_than_it_is_due(fmt: Format) -> None:
    """-100 p/t^2 at p = -max/2.5 and t = -30 is -p/9, although 100 p/t is beyond the format."""
    p, t = fmt.array(np.array([-fmt.largest / 2.5])), fmt.array(np.array([-30.0]))
    _, found = implementations.mape_vjp(p, t, cotangent=fmt.array(np.array(1.0)))
    assert found[0] == pytest.approx(-float(p[0]) / 9, rel=4 * fmt.unit_roundoff)


def test_class_indices_are_one_hot_rows() -> None:
    function = find("cross_entropy")
    logits = inputs(function, FORMATS["float32"])[0]
    classes = np.array([0, 4, 2, 2, 1, 3])
    hot = np.eye(5, dtype=np.float32)[classes]
    for reduction in ("none", "mean", "sum"):
        by_index = implementations.cross_entropy(logits, classes, reduction=reduction)
        by_row = implementations.cross_entropy(logits, hot, reduction=reduction)
        assert by_index.tobytes() == by_row.tobytes()
    one = np.array(1, np.float32)
    gradients = implementations.cross_entropy_vjp(logits, classes, cotangent=one)
    assert len(gradients) == 1
    assert gradients[0].shape == logits.shape


@pytest.mark.parametrize("function", AXIS, ids=lambda f: f.name)
def test_the_axis_is_a_keyword(function: Function) -> None:
    rng = np.random.default_rng(0)
    arrays = [rng.normal(size=(2, 4, 6)).astype(np.float32) for _ in function.variables]
    for axis in (0, 1, 2, -1, -2):
        found, *gradients = results(function, arrays, axis=axis)
        moved = [np.moveaxis(a, axis, -1).copy() for a in arrays]
        due, *slopes = results(function, moved)
        if function.row_output:
            found = np.moveaxis(found, axis, -1)
        assert np.array_equal(found, due)
        for a, b in zip(gradients, slopes, strict=True):
            assert np.array_equal(np.moveaxis(a, axis, -1), b)


def test_the_weight_of_prelu_is_one_number_or_one_per_channel() -> None:
    z = np.random.default_rng(0).normal(size=(2, 3, 4)).astype(np.float32)
    weights = np.array([0.1, 0.2, 0.3], dtype=np.float32)
    whole = implementations.prelu(z, weights)
    for channel, w in enumerate(weights):
        for scalar in (np.array(w), np.array([w])):
            part = implementations.prelu(z[:, [channel]], scalar)
            assert part.tobytes() == whole[:, [channel]].tobytes()
    turned = implementations.prelu(np.moveaxis(z, 1, 2), weights, channel_axis=2)
    assert np.array_equal(np.moveaxis(turned, 2, 1), whole)
    g = np.ones_like(z)
    assert implementations.prelu_vjp(z, weights, cotangent=g)[1].shape == (3,)
    assert implementations.prelu_vjp(z, np.array(weights[0]), cotangent=g)[1].shape == ()
    known = np.where(z > 0, 0, z).sum(axis=(0, 2))
    np.testing.assert_allclose(
        implementations.prelu_vjp(z, weights, cotangent=g)[1], known, rtol=1e-5
    )


def test_a_broadcast_variable_gets_its_gradient_summed_back() -> None:
    prediction = np.random.default_rng(0).normal(size=(4, 3))
    target = np.random.default_rng(1).normal(size=3)
    g = np.ones((4, 3))
    first, second = implementations.mse_vjp(prediction, target, reduction="none", cotangent=g)
    assert first.shape == (4, 3)
    assert second.shape == (3,)
    np.testing.assert_allclose(second, -first.sum(axis=0), rtol=1e-14)


def test_a_masked_entry_has_probability_and_gradient_zero() -> None:
    z = np.array([[1.0, -np.inf, 2.0], [-np.inf, -np.inf, 0.0]], dtype=np.float32)
    s = implementations.softmax(z)
    assert s[0, 1] == 0
    assert s[1].tolist() == [0, 0, 1]
    (gradient,) = implementations.softmax_vjp(z, cotangent=np.ones_like(z) * [1, 2, 3])
    assert np.isfinite(gradient).all()
    assert gradient[0, 1] == 0
    assert implementations.log_softmax(z)[0, 1] == -np.inf
    assert np.isnan(implementations.softmax(np.full((1, 3), -np.inf))).all()
