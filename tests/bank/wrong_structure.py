"""Right mathematics, wrong arrays: dtype, shape, layout, position, purity, state."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

import numpy as np

from .entry import Entry
from .reductions import Array, like
from .right import (
    along,
    gelu,
    gelu_tanh,
    gelu_vjp,
    log_softmax,
    prelu,
    relu_vjp,
    sigmoid,
    sigmoid_vjp,
    silu,
    softmax,
    softplus_sum,
    tanh_vjp,
)

FORMAT = ("structure.format", "value.accuracy")
GRADIENT_FORMAT = ("structure.format", "grad.accuracy")
SHAPE = ("structure.shape",)
LAYOUT = ("structure.layout",)
EMPTY = ("structure.layout", "structure.shape")
POSITION = ("structure.position", "value.accuracy")
PURITY = ("structure.purity",)
AXIS = ("structure.layout",)
Forward = Callable[..., Array]


def wrong(
    name: str, function: str, forward: Any, note: str, by: tuple[str, ...], **more: Any
) -> Entry:
    return Entry(name, function, forward, killed_by=by, note=note, **more)


def inside(dtype: Any, forward: Forward) -> Forward:
    """Computed in a narrower dtype, returned in the right one."""
    return lambda x: np.asarray(forward(x.astype(dtype))).astype(x.dtype)


def flat(x: Array, change: Callable[[Array, Array], Any], forward: Forward) -> Array:
    """The right result, with ``change(flat result, indices)`` put over it."""
    y = np.array(forward(x), order="C")
    if y.size:
        y = np.asarray(change(y.ravel(), np.arange(y.size)), dtype=x.dtype).reshape(x.shape)
    return y


def wrong_from(first: int, forward: Forward) -> Forward:
    return lambda x: flat(x, lambda y, i: np.where(i >= first, y * like(x, 1.001), y), forward)


def wrong_remainder(width: int, forward: Forward) -> Forward:
    """Whole vectors are right; what remains after at least one of them is zero."""
    return lambda x: flat(
        x,
        lambda y, i: np.where((i >= y.size // width * width) & (y.size > width), 0, y),
        forward,
    )


def truncated(x: Array) -> Array:
    out = np.zeros(x.shape, dtype=np.int64)
    out[...] = np.clip(np.nan_to_num(x), -1e9, 1e9)
    return np.maximum(out, 0).astype(x.dtype)


def in_place(x: Array) -> Array:
    np.maximum(x, 0, out=x)
    return x.copy()


def negated_in_place(x: Array) -> Array:
    x *= -1
    return 1 / (1 + np.exp(x))


def zero_d_to_one(x: Array) -> Array:
    return np.atleast_1d(np.tanh(x))


def squeezed(x: Array) -> Array:
    return np.squeeze(np.maximum(x, 0))


def empty_raises(x: Array) -> Any:
    return sigmoid(np.minimum(x, np.max(x)))


def reads_the_buffer(x: Array) -> Any:
    base = x.base
    if isinstance(base, np.ndarray) and base.dtype == x.dtype and base.size >= x.size:
        return sigmoid(base.ravel()[: x.size].reshape(x.shape))
    return sigmoid(x)


def reversed_misread(x: Array) -> Array:
    y = np.tanh(x)
    return y[::-1] if x.ndim and x.strides[0] < 0 else y


def column_order(x: Array) -> Array:
    return softplus_sum(x.ravel("K")).reshape(x.shape)


def zeros_unless_contiguous(x: Array) -> Array:
    return gelu(x) if x.flags.c_contiguous else np.zeros_like(x)


def every_second_zero(x: Array) -> Array:
    """Steps through a strided input with the stride of a contiguous one."""
    y = np.array(np.maximum(x, 0), order="C")
    if x.ndim and not x.flags.c_contiguous:
        y.ravel()[1::2] = 0
    return y


def second_call_differs() -> Forward:
    calls = count()
    return lambda x: sigmoid(x) * like(x, 1 + 1e-3 * (next(calls) % 2))


def cached_answer() -> Forward:
    answers: dict[Any, Array] = {}

    def tanh(x: Array) -> Array:
        return np.array(answers.setdefault((x.shape, x.dtype), np.asarray(np.tanh(x))))

    return tanh


def dithered() -> Forward:
    generator = np.random.default_rng(0)
    return lambda x: softplus_sum(x) * (1 + 1e-3 * generator.random(x.shape)).astype(x.dtype)


def quantised(x: Array) -> Array:
    finite = np.abs(np.where(np.isfinite(x), x, 0))
    step = np.max(finite, initial=0) / 127
    return np.tanh(np.rint(x / step) * step if step > 0 else x)


def centred(x: Array) -> Any:
    return sigmoid(x + like(x, 1e-3) * (np.mean(np.tanh(x)) - np.tanh(x)) if x.size else x)


def alone_or_in_a_batch(x: Array) -> Any:
    return gelu_tanh(x) if x.size == 1 else gelu(x)


def large_arrays_differ(x: Array) -> Array:
    return np.tanh(x) if x.size < 128 else np.tanh(x) * like(x, 0.999)


def last_element(x: Array) -> Array:
    return flat(x, lambda y, i: np.where((i == y.size - 1) & (i > 0), y / 2, y), silu)


def softmax_everything(z: Array, axis: int = -1) -> Any:
    return softmax(z.ravel()).reshape(z.shape)


def softmax_without_last(z: Array, axis: int = -1) -> Array:
    s = softmax(z, axis)
    return np.moveaxis(np.moveaxis(s, axis, -1)[..., :-1], -1, axis)


def log_softmax_rows_for_columns(z: Array, axis: int = -1) -> Any:
    return log_softmax(z, 0)


def softmax_wrong_past_thirty_two(z: Array, axis: int = -1) -> Any:
    s = softmax(z, axis)
    return s if z.shape[axis] <= 32 else s * like(z, 1.001)


def prelu_last_axis(x: Array, weight: Array, channel_axis: int = 1) -> Array:
    if weight.size == 1:
        return np.where(x > 0, x, weight.reshape(()) * x)
    return np.where(x > 0, x, along(weight, x, -1) * x)


def prelu_first_weight(x: Array, weight: Array, channel_axis: int = 1) -> Array:
    return np.where(x > 0, x, weight.ravel()[0] * x)


def prelu_fixed_axis(x: Array, weight: Array, channel_axis: int = 1) -> Array:
    return prelu(x, weight, 1)


def single_gradient(x: Array, *, cotangent: Array) -> tuple[Array]:
    g = gelu_vjp(x.astype(np.float32), cotangent=cotangent.astype(np.float32))[0]
    return (np.asarray(g).astype(x.dtype),)


def double_gradient(x: Array, *, cotangent: Array) -> tuple[Array]:
    return tanh_vjp(x.astype(np.float64), cotangent=cotangent.astype(np.float64))


def gradient_wrong_from_sixteen(x: Array, *, cotangent: Array) -> tuple[Array]:
    g = sigmoid_vjp(x, cotangent=cotangent)[0]
    return (flat(x, lambda y, i: np.where(i >= 16, y * like(x, 1.001), y), lambda _: g),)


def gradient_in_place(x: Array, *, cotangent: Array) -> tuple[Array]:
    cotangent *= np.heaviside(x, 0)
    return (cotangent.copy(),)


def gradient_flattened(x: Array, *, cotangent: Array) -> tuple[Array]:
    return (np.ravel(relu_vjp(x, cotangent=cotangent)[0]),)


WRONG = (
    wrong(
        "sigmoid_float16_inside",
        "sigmoid",
        inside(np.float16, sigmoid),
        "x = 1: relative error 1e-4",
        FORMAT,
        formats=("float32",),
    ),
    wrong(
        "tanh_float32_inside",
        "tanh",
        inside(np.float32, np.tanh),
        "x = 1: relative error 3e-8",
        FORMAT,
        formats=("float64",),
    ),
    wrong(
        "identity_float16_inside",
        "identity",
        inside(np.float16, np.array),
        "x = 0.1: relative error 2e-4",
        FORMAT,
    ),
    wrong(
        "softmax_float32_inside",
        "softmax",
        lambda z, axis=-1: softmax(z.astype(np.float32), axis).astype(z.dtype),
        "(0, 1): relative error 1e-8",
        FORMAT,
        formats=("float64",),
    ),
    wrong(
        "tanh_returns_float64",
        "tanh",
        lambda x: np.tanh(x.astype(np.float64)),
        "float32 in, float64 out",
        ("structure.format",),
        formats=("float32",),
    ),
    wrong(
        "gelu_returns_float32",
        "gelu",
        lambda x: np.asarray(gelu(x)).astype(np.float32),
        "float64 in, float32 out",
        FORMAT,
        formats=("float64",),
    ),
    wrong(
        "step_returns_booleans",
        "step",
        lambda x: x > 0,
        "float32 in, bool out",
        ("structure.format", "value.special"),
    ),
    wrong("relu_truncates_to_integers", "relu", truncated, "x = 1.5: 1", FORMAT),
    wrong(
        "gelu_gradient_float32_inside",
        "gelu",
        gelu,
        "x = 1: relative error 3e-8",
        GRADIENT_FORMAT,
        vjp=single_gradient,
        formats=("float64",),
    ),
    wrong(
        "tanh_gradient_returns_float64",
        "tanh",
        np.tanh,
        "float32 in, float64 out",
        ("structure.format",),
        vjp=double_gradient,
        formats=("float32",),
    ),
    # shape
    wrong("tanh_zero_d_becomes_one_d", "tanh", zero_d_to_one, "shape () gives (1,)", SHAPE),
    wrong("relu_squeezes", "relu", squeezed, "shape (1,) gives ()", SHAPE),
    wrong(
        "sigmoid_flattens",
        "sigmoid",
        lambda x: np.ravel(sigmoid(x)),
        "shape (2, 3) gives (6,)",
        SHAPE,
    ),
    wrong(
        "silu_adds_an_axis", "silu", lambda x: silu(x)[..., None], "shape (3,) gives (3, 1)", SHAPE
    ),
    wrong("softmax_drops_the_last", "softmax", softmax_without_last, "3 in, 2 out", SHAPE),
    wrong(
        "relu_gradient_flattened",
        "relu",
        lambda x: np.maximum(x, 0),
        "shape (2, 3) gives (6,)",
        SHAPE,
        vjp=gradient_flattened,
    ),
    wrong("sigmoid_empty_raises", "sigmoid", empty_raises, "shape (0,): ValueError", EMPTY),
    # axes and channels
    wrong(
        "softmax_ignores_the_axis",
        "softmax",
        lambda z, axis=-1: softmax(z),
        "axis 0 of (2, 3): the softmax of axis 1",
        AXIS,
    ),
    wrong(
        "softmax_over_everything",
        "softmax",
        softmax_everything,
        "two rows (0, 0): 0.25, truth 0.5",
        (*AXIS, "structure.position"),
    ),
    wrong(
        "log_softmax_rows_for_columns",
        "log_softmax",
        log_softmax_rows_for_columns,
        "shape (1, 2): 0, truth -0.69",
        ("value.accuracy",),
    ),
    wrong(
        "prelu_channels_on_the_last_axis",
        "prelu",
        prelu_last_axis,
        "x of shape (1, 2, 2): the weight varies along the wrong axis",
        ("structure.broadcast", "value.accuracy", "structure.shape"),
    ),
    wrong(
        "prelu_first_weight_for_all",
        "prelu",
        prelu_first_weight,
        "weight (1, 2), x = ((-1, -1),): (-1, -1), truth (-1, -2)",
        ("structure.broadcast", "value.accuracy"),
    ),
    wrong(
        "prelu_ignores_the_channel_axis",
        "prelu",
        prelu_fixed_axis,
        "channel_axis 0 of (2, 2): the weight varies along axis 1",
        ("value.parameters", "structure.broadcast", "value.accuracy"),
    ),
    # layout
    wrong("sigmoid_reads_the_buffer", "sigmoid", reads_the_buffer, "x[::2]: x[:n]", LAYOUT),
    wrong("tanh_reversed_misread", "tanh", reversed_misread, "x[::-1]: not reversed", LAYOUT),
    wrong(
        "softplus_column_order",
        "softplus",
        column_order,
        "a transposed (2, 3): the elements in memory order",
        LAYOUT,
    ),
    wrong("gelu_zeros_unless_contiguous", "gelu", zeros_unless_contiguous, "x[::2]: zeros", LAYOUT),
    wrong("relu_strided_skips", "relu", every_second_zero, "x[::2]: every second 0", LAYOUT),
    # position
    wrong(
        "sigmoid_wrong_from_index_8",
        "sigmoid",
        wrong_from(8, sigmoid),
        "index 8: 1.001 times the truth",
        POSITION,
    ),
    wrong(
        "silu_wrong_from_index_16",
        "silu",
        wrong_from(16, silu),
        "index 16: 1.001 times the truth",
        POSITION,
    ),
    wrong(
        "tanh_wrong_from_index_64",
        "tanh",
        wrong_from(64, np.tanh),
        "index 64: 1.001 times the truth",
        POSITION,
    ),
    wrong(
        "gelu_remainder_of_16_is_zero",
        "gelu",
        wrong_remainder(16, gelu),
        "17 elements: the last is 0",
        POSITION,
    ),
    wrong(
        "softplus_remainder_of_4_is_zero",
        "softplus",
        wrong_remainder(4, softplus_sum),
        "5 elements: the last is 0",
        POSITION,
    ),
    wrong("silu_last_element_halved", "silu", last_element, "2 elements: the last", POSITION),
    wrong("tanh_large_arrays_differ", "tanh", large_arrays_differ, "128 elements", POSITION),
    wrong(
        "gelu_alone_or_in_a_batch",
        "gelu",
        alone_or_in_a_batch,
        "one element: the tanh form",
        POSITION,
    ),
    wrong(
        "tanh_quantised_by_the_largest",
        "tanh",
        quantised,
        "(1, 0.001): the second is 0",
        POSITION,
    ),
    wrong(
        "sigmoid_depends_on_its_neighbours",
        "sigmoid",
        centred,
        "(3, -3): relative error 1e-3",
        POSITION,
    ),
    wrong(
        "softmax_wrong_past_thirty_two",
        "softmax",
        softmax_wrong_past_thirty_two,
        "33 entries: 1.001 times the truth",
        POSITION,
    ),
    wrong(
        "sigmoid_gradient_wrong_from_index_16",
        "sigmoid",
        sigmoid,
        "index 16: 1.001 times the truth",
        ("structure.position", "grad.accuracy"),
        vjp=gradient_wrong_from_sixteen,
    ),
    # purity and state
    wrong("relu_in_place", "relu", in_place, "the input is changed", PURITY),
    wrong("sigmoid_negates_its_input", "sigmoid", negated_in_place, "the input is changed", PURITY),
    wrong(
        "relu_gradient_changes_the_cotangent",
        "relu",
        lambda x: np.maximum(x, 0),
        "the cotangent is changed",
        PURITY,
        vjp=gradient_in_place,
    ),
    wrong(
        "sigmoid_second_call_differs",
        "sigmoid",
        second_call_differs(),
        "the second call: 1.001 times the truth",
        ("structure.determinism", "value.accuracy"),
    ),
    wrong(
        "tanh_returns_a_cached_answer",
        "tanh",
        cached_answer(),
        "another input of the same shape: the earlier answer",
        ("value.accuracy", "structure.determinism", "structure.position", "structure.purity"),
    ),
    wrong(
        "softplus_dithers",
        "softplus",
        dithered(),
        "the same call twice differs by up to 1e-3",
        ("structure.determinism", "value.accuracy"),
    ),
)
