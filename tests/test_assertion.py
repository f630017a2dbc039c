"""`assert_ulp`: exact about ulps, for arrays of any library, with sentences for what is refused."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import ml_dtypes
import numpy as np
import pytest
import torch

from ulpian.checks import UsageError, assert_ulp
from ulpian.reference.formats import FORMATS
from ulpian.spec import find

F32 = FORMATS["float32"]
X = np.linspace(-5, 5, 41).astype(np.float32)


def failure(*given: Any, **named: Any) -> str:
    with pytest.raises(AssertionError) as caught:
        assert_ulp(*given, **named)
    return str(caught.value)


def refusal(*given: Any, **named: Any) -> str:
    with pytest.raises(UsageError) as caught:
        assert_ulp(*given, **named)
    return str(caught.value)


def right_tanh(x: Any) -> Any:
    """Correctly rounded in float32: float64 has bits enough."""
    return np.tanh(np.asarray(x, np.float64)).astype(np.asarray(x).dtype)


# ---------------------------------------------------------------- what passes and what does not


def test_right_values_pass_and_are_within_half_an_ulp() -> None:
    assert_ulp(right_tanh(X), "tanh", X, max_ulp=0.5)
    assert_ulp(right_tanh(X), find("tanh"), X, max_ulp=0.5)
    assert_ulp(0.0, "tanh", 0.0, max_ulp=0)


@pytest.mark.parametrize(("steps", "allowed"), [(1, 1.5), (2, 2.5), (40, 40.5)])
def test_an_error_is_measured_in_fractional_ulps(steps: int, allowed: float) -> None:
    off = right_tanh(X)
    off[7] = F32.step(off[7:8].astype(np.float64), steps)[0]
    assert_ulp(off, "tanh", X, max_ulp=allowed)
    said = failure(off, "tanh", X, max_ulp=steps - 0.5)
    assert f"tanh · float32: 1 of 41 elements are off by more than {steps - 0.5:g} ulp" in said


def test_the_message_shows_the_worst_element_with_its_bits() -> None:
    off = right_tanh(X)
    off[7], off[9] = np.nextafter(off[7], np.float32(2)), 0.5
    assert failure(off, "tanh", X, max_ulp=0.5).splitlines() == [
        "tanh · float32: 2 of 41 elements are off by more than 0.5 ulp; the worst:",
        "  at         x = -2.75                -0x1.6p+1          0xc0300000",
        "  truth      -0.99185973              -0x1.fbd50ap-1     0xbf7dea85",
        "  observed   0.5                      0x1p-1             0x3f000000",
        "  error      2.5e7 ulp",
    ]


@pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf])
def test_what_is_no_number_is_wrong_where_the_truth_is_one(wrong: float) -> None:
    off = right_tanh(X)
    off[3] = wrong
    assert "1 of 41 elements" in failure(off, "tanh", X, max_ulp=1e6)


def test_nan_and_infinities_are_right_where_the_truth_has_them() -> None:
    x = np.array([np.nan, np.inf, -np.inf, 200.0], dtype=np.float32)
    assert_ulp(np.array([np.nan, np.inf, 0, np.inf], dtype=np.float32), "exponential", x)
    said = failure(np.array([0, np.inf, 0, np.inf], dtype=np.float32), "exponential", x)
    assert "error      infinite" in said
    largest = np.float32(F32.largest)
    just_over = np.array([np.nextafter(np.float32(np.log(F32.largest)), np.float32(100))])
    assert_ulp(np.array([largest]), "exponential", just_over, max_ulp=200)
    assert "1 of 1" in failure(np.array([largest]), "exponential", just_over * 2, max_ulp=200)


def test_at_a_kink_and_a_jump_every_right_answer_passes() -> None:
    zero = np.zeros(3, np.float32)
    half = np.array([0.0, 0.5, 1.0], dtype=np.float32)
    assert_ulp(half, "step", zero, max_ulp=0)
    assert_ulp(half, "relu", zero, grad_of="x", max_ulp=0)
    assert "1 of 1 elements" in failure(np.array([1.5], np.float32), "relu", zero[:1], grad_of="x")


@pytest.mark.parametrize("fmt", FORMATS)
def test_the_format_is_that_of_what_came_back(fmt: str) -> None:
    dtype = FORMATS[fmt].dtype
    x = np.array([0.5, 1.5, -3.0], dtype=dtype)
    value = np.maximum(x, np.zeros((), dtype))
    assert_ulp(value, "relu", x, max_ulp=0)
    wrong = value.copy()
    wrong[1] += FORMATS[fmt].dtype.type(1)
    assert f"relu · {fmt}: 1 of 3" in failure(wrong, "relu", x)


@pytest.mark.parametrize("library", ["torch", "jax"])
def test_arrays_of_every_library_are_read(library: str) -> None:
    make: Any = torch.tensor if library == "torch" else jnp.asarray
    relu: Any = torch.relu if library == "torch" else (lambda x: jnp.maximum(x, 0))
    x = make([0.5, -2.0, 3.0])
    assert_ulp(relu(x), "relu", x, max_ulp=0)
    narrow = x.to(torch.bfloat16) if library == "torch" else x.astype(ml_dtypes.bfloat16)
    assert_ulp(relu(narrow), "relu", narrow, max_ulp=0)
    assert "relu · bfloat16" in failure(narrow, "relu", narrow)


def test_a_gradient_of_autograd_is_asserted() -> None:
    x = torch.linspace(1, 3, 25, dtype=torch.float64, requires_grad=True)
    torch.nn.functional.gelu(x).sum().backward()
    assert_ulp(x.grad, "gelu", x, grad_of="x", max_ulp=20)
    assert "gelu, in x · float64" in failure(x.grad * 1.5, "gelu", x, grad_of="x", max_ulp=20)


def test_parameters_are_given_by_keyword() -> None:
    slope = np.float32(0.25)
    assert_ulp(np.where(X > 0, X, slope * X), "leaky_relu", X, negative_slope=slope, max_ulp=0)
    assert "leaky_relu" in failure(np.where(X > 0, X, slope * X), "leaky_relu", X, max_ulp=0)


def test_a_parameter_that_is_no_float_of_the_format_may_be_rounded() -> None:
    rounded = np.float32(0.1) * np.float32(-3)
    assert_ulp(np.array([rounded]), "leaky_relu", np.array([-3], np.float32), negative_slope=0.1)


# ---------------------------------------------------------------- shapes


def test_inputs_broadcast_and_shapes_stay() -> None:
    p = np.linspace(0, 1, 6, dtype=np.float32).reshape(2, 3, 1)
    t = np.linspace(0, 1, 4, dtype=np.float32)
    assert_ulp((p - t) ** 2, "mse", p, t, max_ulp=3)
    assert refusal((p - t).mean(), "mse", p, t) == (
        "actual has shape (), and the value of mse at these inputs has (2, 3, 4); assert a loss "
        "unreduced, reduction='none'"
    )


def test_rows_are_taken_along_the_axis() -> None:
    z = np.random.default_rng(1).normal(size=(2, 5, 3)).astype(np.float32)
    for axis in (-1, 1, 0):
        tensor = torch.tensor(z, requires_grad=True)
        value = torch.softmax(tensor, axis)
        assert_ulp(value, "softmax", z, axis=axis, max_ulp=8)
        seed = torch.tensor(np.round(z * 4) / 4)
        (gradient,) = torch.autograd.grad(value, tensor, seed)
        assert_ulp(gradient, "softmax", z, axis=axis, grad_of="z", cotangent=seed, max_ulp=500)
        assert "softmax, in z" in failure(
            gradient, "softmax", z, axis=axis, grad_of="z", max_ulp=500
        )
    assert_ulp(torch.logsumexp(torch.tensor(z), 1), "logsumexp", z, axis=1, max_ulp=8)
    assert "  at         z = [" in failure(z, "softmax", z)


def test_targets_may_be_class_indices() -> None:
    logits = torch.tensor([[1.0, 2.0, -1.0], [0.5, 0.0, 3.0]])
    target = torch.tensor([2, 0])
    loss = torch.nn.functional.cross_entropy(logits, target, reduction="none")
    assert_ulp(loss, "cross_entropy", logits, target, max_ulp=8)
    assert_ulp(loss, "cross_entropy", logits, torch.eye(3)[target], max_ulp=8)
    assert refusal(loss, "cross_entropy", logits, target + 1) == (
        "target holds class indices outside 0 to 2"
    )


def test_nothing_at_all_is_right() -> None:
    empty = np.zeros((0, 3), np.float32)
    assert_ulp(empty, "tanh", empty)


# ---------------------------------------------------------------- refused


@pytest.mark.parametrize(
    ("given", "named", "sentence"),
    [
        ((X, "tahn", X), {}, "unknown function 'tahn': did you mean tanh"),
        ((X, "tanh"), {}, "tanh takes 1 inputs (x), and 0 are given"),
        ((X, "mse", X), {}, "mse takes 2 inputs (prediction, target), and 1 are given"),
        (
            (X[:3], "tanh", X),
            {},
            "actual has shape (3,), and the value of tanh at these inputs has (41,)",
        ),
        (
            (np.arange(3), "relu", np.arange(3)),
            {},
            "actual has dtype int64: it is judged in one of float8_e4m3fn, float8_e5m2, float16, "
            "bfloat16, float32, float64",
        ),
        (
            (np.zeros(1, np.float32), "tanh", np.array([0.1])),
            {},
            "x = 0.1 is no float32, in which actual is: round the inputs before they are used",
        ),
        (
            (np.zeros(1, np.float32), "log1p", np.array([-2.0], np.float32)),
            {},
            "x = -2.0 lies outside its domain",
        ),
        (("wide", "tanh", X), {}, "actual is a str: give an array of real numbers"),
        ((X, "tanh", [X, "y"]), {}, "x is a list: give an array of real numbers"),
        ((X, "tanh", X), {"max_ulp": -1}, "max_ulp = -1 is no number of ulps: give one from 0 on"),
        ((X, "tanh", X), {"max_ulp": "1"}, "max_ulp = '1' is no number of ulps: give one from 0"),
        ((X, "tanh", X), {"max_ulp": np.nan}, "max_ulp = nan is no number of ulps"),
        ((X, "tanh", X), {"beta": 2}, "tanh: unknown parameter 'beta'; it has none"),
        ((X, "elu", X), {"alpha": -1}, "elu: alpha = -1 lies outside its domain"),
        (
            (X, "tanh", X),
            {"grad_of": "y"},
            "grad_of = 'y' is no input of tanh with a gradient: it has x",
        ),
        ((X, "tanh", X), {"grad_of": "x", "cotangent": X}, "cotangent is for a gradient along an"),
        (
            (X, "mse", X, X[:3]),
            {},
            "inputs of mse have shapes that do not broadcast: (41,), (3,)",
        ),
        ((X, "softmax", X), {"axis": 1}, "axis = 1 is no axis of an input of shape (41,)"),
        ((X, "glu", X), {}, "glu has no output for rows of 41"),
        (
            (X, "softmax", X),
            {"grad_of": "z", "cotangent": X[:2]},
            "cotangent has shape (2,), and the output (41,)",
        ),
    ],
)
def test_what_cannot_be_asserted_is_one_sentence(
    given: tuple[Any, ...], named: dict[str, Any], sentence: str
) -> None:
    said = refusal(*given, **named)
    assert said.startswith(sentence)
    assert "\n" not in said
