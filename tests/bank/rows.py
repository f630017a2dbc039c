"""Functions along an axis: halves, axes, shifts by the largest, supports, norms."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import special  # type: ignore[import-untyped, unused-ignore]

from .entry import right, wrong
from .reductions import Array, summed
from .right import softmax

GRADIENT = ("grad.accuracy",)
AXIS = ("structure.layout",)
PARAMETER = ("value.parameters",)
OF_SECOND = ("grad.parameter",)
DENSITY = 0.3989422804014327
Gate = Callable[[Array], Any]


# gated units: the first half times a gate of the second


def halves(z: Array, axis: int) -> list[Array]:
    return np.split(z, 2, axis=axis)


def gated(gate: Gate) -> Callable[..., Any]:
    """A unit in float64, rounded once: what the gate underflows to is multiplied there."""

    def unit(z: Array, axis: int = -1) -> Any:
        a, b = halves(z.astype(np.float64), axis)
        return (a * gate(b)).astype(z.dtype)

    return unit


def gated_vjp(gate: Gate, slope: Gate) -> Callable[..., Any]:
    def back(z: Array, axis: int = -1, *, cotangent: Array) -> tuple[Any]:
        a, b = halves(z.astype(np.float64), axis)
        parts = (cotangent * gate(b), cotangent * a * slope(b))
        return (np.concatenate(parts, axis=axis).astype(z.dtype),)

    return back


def sigmoid_slope(b: Array) -> Any:
    return special.expit(b) * special.expit(-b)


def relu(b: Array) -> Any:
    return np.maximum(b, 0)


def relu_slope(b: Array) -> Any:
    return np.heaviside(b, 0)


def gelu(b: Array) -> Any:
    return b * special.ndtr(b)


def gelu_slope(b: Array) -> Any:
    return special.ndtr(b) + b * DENSITY * np.exp(-b * b / 2)


def silu(b: Array) -> Any:
    return b * special.expit(b)


def silu_slope(b: Array) -> Any:
    return special.expit(b) * (1 + b * special.expit(-b))


def same(b: Array) -> Any:
    return b


glu, reglu, geglu = gated(special.expit), gated(relu), gated(gelu)
swiglu, bilinear = gated(silu), gated(same)
glu_vjp = gated_vjp(special.expit, sigmoid_slope)
reglu_vjp = gated_vjp(relu, relu_slope)
geglu_vjp = gated_vjp(gelu, gelu_slope)
swiglu_vjp = gated_vjp(silu, silu_slope)
bilinear_vjp = gated_vjp(same, np.ones_like)


def gate_first(unit: Callable[..., Any]) -> Callable[..., Any]:
    """The halves exchanged: what the definition multiplies goes through the gate."""
    return lambda z, axis=-1: unit(np.concatenate(halves(z, axis)[::-1], axis=axis), axis)


def interleaved(unit: Callable[..., Any]) -> Callable[..., Any]:
    """Even and odd entries for the halves."""

    def whole(z: Array, axis: int = -1) -> Any:
        last = np.moveaxis(z, axis, -1)
        turned = np.concatenate([last[..., ::2], last[..., 1::2]], axis=-1)
        return np.moveaxis(unit(turned), -1, axis)

    return whole


def last_axis_only(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda z, axis=-1: function(z)


# logsumexp, softmin, maxout, hardmax


def logsumexp(z: Array, axis: int = -1, keepdims: bool = False) -> Any:
    top = np.max(z, axis=axis, keepdims=True, initial=-np.inf)
    total = np.log(np.sum(np.exp(z - top), axis=axis, keepdims=True)) + top
    return total if keepdims else np.squeeze(total, axis=axis)


def logsumexp_vjp(z: Array, axis: int = -1, *, cotangent: Array) -> tuple[Any]:
    return (softmax(z, axis) * np.expand_dims(cotangent, axis),)


def logsumexp_in_place(z: Array, axis: int = -1) -> Any:
    top = np.max(z, axis=axis, keepdims=True, initial=-np.inf)
    z -= top
    return np.log(np.sum(np.exp(z), axis=axis)) + np.squeeze(top, axis=axis)


def logsumexp_keeps_the_first_axis(z: Array, axis: int = -1, keepdims: bool = False) -> Any:
    found = logsumexp(z, axis)
    return found[None] if keepdims else found


def softmin_of_the_batch(z: Array, axis: int = -1) -> Any:
    """Shifted by the smallest entry of all rows, which underflows the others."""
    e = np.exp(np.min(z, initial=np.inf) - z)
    return e / np.sum(e, axis=axis, keepdims=True)


def logsumexp_squeezed(z: Array, axis: int = -1, keepdims: bool = False) -> Any:
    return logsumexp(z, axis)


def softmin(z: Array, axis: int = -1) -> Any:
    if z.size == 0:
        return z.copy()
    e = np.exp(np.min(z, axis=axis, keepdims=True) - z)
    return e / np.sum(e, axis=axis, keepdims=True)


def softmin_vjp(z: Array, axis: int = -1, *, cotangent: Array) -> tuple[Any]:
    s = softmin(z, axis)
    return (s * (np.sum(s * cotangent, axis=axis, keepdims=True) - cotangent),)


def softmin_naive(z: Array, axis: int = -1) -> Any:
    e = np.exp(-z)
    return e / np.sum(e, axis=axis, keepdims=True)


def maxout(z: Array, axis: int = -1) -> Any:
    return np.max(z, axis=axis) if z.size else np.zeros(z.shape[:-1], z.dtype)


def at_largest(z: Array, axis: int, values: Any) -> Array:
    out = np.zeros_like(z)
    np.put_along_axis(out, np.argmax(z, axis=axis, keepdims=True), values, axis)
    return out


def maxout_vjp(z: Array, axis: int = -1, *, cotangent: Array) -> tuple[Any]:
    return (at_largest(z, axis, np.expand_dims(cotangent, axis)),)


def hardmax(z: Array, axis: int = -1) -> Any:
    if z.size == 0:
        return z.copy()
    lost = np.isnan(np.max(z, axis=axis, keepdims=True))
    return np.where(lost, z.dtype.type(np.nan), at_largest(z, axis, 1))


def hardmax_vjp(z: Array, axis: int = -1, *, cotangent: Array) -> tuple[Any]:
    return (np.zeros_like(z),)


# sparsemax


def sparsemax(z: Array, axis: int = -1) -> Any:
    if z.size == 0:
        return z.copy()
    last = np.moveaxis(z - np.max(z, axis=axis, keepdims=True), axis, -1)
    ordered = -np.sort(-last, axis=-1)
    excess = np.cumsum(ordered, axis=-1) - 1
    count = np.arange(1, last.shape[-1] + 1, dtype=z.dtype)
    size = np.sum(count * ordered > excess, axis=-1, keepdims=True)
    size = np.maximum(size, 1)
    tau = np.take_along_axis(excess, size - 1, -1) / size.astype(z.dtype)
    return np.moveaxis(np.maximum(last - tau, 0), -1, axis)


def sparsemax_vjp(z: Array, axis: int = -1, *, cotangent: Array) -> tuple[Any]:
    kept = (sparsemax(z, axis) > 0).astype(z.dtype)
    mean = np.sum(cotangent * kept, axis=axis, keepdims=True) / np.sum(
        kept, axis=axis, keepdims=True
    )
    return (kept * (cotangent - mean),)


def sparsemax_mean_of_all_vjp(z: Array, axis: int = -1, *, cotangent: Array) -> tuple[Any]:
    kept = (sparsemax(z, axis) > 0).astype(z.dtype)
    return (kept * (cotangent - np.mean(cotangent * kept, axis=axis, keepdims=True)),)


# distances


def pairwise_distance(x1: Array, x2: Array, p: int = 2, axis: int = -1) -> Any:
    d = np.abs(x1 - x2)
    if p == 1:
        return np.sum(d, axis=axis)
    top = np.max(d, axis=axis, keepdims=True, initial=0)
    scaled = d / np.where(top == 0, 1, top)
    return np.sqrt(np.sum(scaled * scaled, axis=axis)) * np.squeeze(top, axis=axis)


def pairwise_distance_vjp(
    x1: Array, x2: Array, p: int = 2, axis: int = -1, *, cotangent: Array
) -> tuple[Any, Any]:
    d = x1 - x2
    g = np.expand_dims(cotangent, axis)
    length = np.expand_dims(pairwise_distance(x1, x2, p, axis), axis)
    slope = np.sign(d) if p == 1 else d / np.where(length == 0, 1, length)
    return summed(g * slope, x1), summed(-g * slope, x2)


def pairwise_distance_expanded(x1: Array, x2: Array, p: int = 2, axis: int = -1) -> Any:
    if p == 1:
        return np.sum(np.abs(x1 - x2), axis=axis)
    squares = np.sum(x1 * x1, axis=axis) + np.sum(x2 * x2, axis=axis)
    return np.sqrt(np.maximum(squares - 2 * np.sum(x1 * x2, axis=axis), 0))


def pairwise_distance_with_eps(x1: Array, x2: Array, p: int = 2, axis: int = -1) -> Any:
    return pairwise_distance(x1 + x1.dtype.type(1e-6), x2, p, axis)


def units(x1: Array, x2: Array, axis: int) -> tuple[Any, ...]:
    """Both directions and lengths, in float64."""
    a, b = x1.astype(np.float64), x2.astype(np.float64)
    m = np.sqrt(np.sum(a * a, axis=axis, keepdims=True))
    n = np.sqrt(np.sum(b * b, axis=axis, keepdims=True))
    return a / m, b / n, m, n


def cosine_similarity(x1: Array, x2: Array, axis: int = -1) -> Any:
    a, b, *_ = units(x1, x2, axis)
    return np.clip(np.sum(a * b, axis=axis), -1, 1).astype(x1.dtype)


def cosine_similarity_vjp(
    x1: Array, x2: Array, axis: int = -1, *, cotangent: Array
) -> tuple[Any, Any]:
    a, b, m, n = units(x1, x2, axis)
    c, g = np.sum(a * b, axis=axis, keepdims=True), np.expand_dims(cotangent, axis)
    first, second = g * (b - c * a) / m, g * (a - c * b) / n
    return summed(first, x1).astype(x1.dtype), summed(second, x2).astype(x2.dtype)


def cosine_unprojected_vjp(
    x1: Array, x2: Array, axis: int = -1, *, cotangent: Array
) -> tuple[Any, Any]:
    a, b, m, n = units(x1, x2, axis)
    g = np.expand_dims(cotangent, axis)
    return (g * b / m).astype(x1.dtype), (g * a / n).astype(x2.dtype)


def cosine_with_eps(x1: Array, x2: Array, axis: int = -1) -> Any:
    size = np.sqrt(np.sum(x1 * x1, axis=axis)) * np.sqrt(np.sum(x2 * x2, axis=axis))
    return np.sum(x1 * x2, axis=axis) / np.maximum(size, x1.dtype.type(1e-3))


RIGHT = (
    right("glu_double", "glu", glu, glu_vjp),
    right("reglu_double", "reglu", reglu, reglu_vjp),
    right("geglu_double", "geglu", geglu, geglu_vjp),
    right("swiglu_double", "swiglu", swiglu, swiglu_vjp),
    right("bilinear_double", "bilinear", bilinear, bilinear_vjp),
    right("logsumexp_shifted", "logsumexp", logsumexp, logsumexp_vjp),
    right("softmin_shifted", "softmin", softmin, softmin_vjp),
    right("maxout_max", "maxout", maxout, maxout_vjp),
    right("hardmax_argmax", "hardmax", hardmax, hardmax_vjp),
    right("sparsemax_sorted", "sparsemax", sparsemax, sparsemax_vjp),
    right(
        "pairwise_distance_scaled",
        "pairwise_distance",
        pairwise_distance,
        pairwise_distance_vjp,
    ),
    right(
        "cosine_similarity_double",
        "cosine_similarity",
        cosine_similarity,
        cosine_similarity_vjp,
    ),
)

WRONG = (
    wrong("glu_gates_the_first_half", "glu", gate_first(glu), "(1, 0): 0, truth 0.5"),
    wrong("glu_interleaved", "glu", interleaved(glu), "(1, 2, 0, 0): 0.88, truth 0.5"),
    wrong("glu_last_axis_only", "glu", last_axis_only(glu), "axis 0 of (2, 4)", AXIS),
    wrong(
        "glu_gate_overflows",
        "glu",
        lambda z, axis=-1: (
            halves(z, axis)[0] * (np.exp(halves(z, axis)[1])) / (1 + np.exp(halves(z, axis)[1]))
        ),
        "(1, 100): nan, truth 1",
    ),
    wrong(
        "glu_gate_has_no_gradient",
        "glu",
        glu,
        "(1, 0), of the gate: 0, truth 0.25",
        GRADIENT,
        vjp=gated_vjp(special.expit, np.zeros_like),
    ),
    wrong("reglu_gates_the_first_half", "reglu", gate_first(reglu), "(-1, 1): 0, truth -1"),
    wrong("reglu_of_the_product", "reglu", gated(np.abs), "(1, -1): 1, truth 0"),
    wrong(
        "reglu_gradient_of_a_closed_gate",
        "reglu",
        reglu,
        "(1, -1), of the gate: 1, truth 0",
        GRADIENT,
        vjp=gated_vjp(relu, np.ones_like),
    ),
    wrong(
        "geglu_tanh",
        "geglu",
        gated(lambda b: b * special.expit(1.5957691216 * (b + 0.044715 * b**3))),
        "(1, 1): 0.8412, truth 0.8413",
    ),
    wrong(
        "geglu_without_the_input_of_the_gate",
        "geglu",
        gated(special.ndtr),
        "(1, 2): 0.98, truth 1.95",
    ),
    wrong(
        "geglu_gradient_misses_the_density",
        "geglu",
        geglu,
        "(1, 1), of the gate: 0.84, truth 1.08",
        GRADIENT,
        vjp=gated_vjp(gelu, special.ndtr),
    ),
    wrong("swiglu_is_glu", "swiglu", glu, "(1, 2): 0.88, truth 1.76"),
    wrong("swiglu_gates_the_first_half", "swiglu", gate_first(swiglu), "(1, 0): 0; (2, 1) differs"),
    wrong(
        "swiglu_gradient_of_the_sigmoid",
        "swiglu",
        swiglu,
        "(1, 2), of the gate: 0.88, truth 1.09",
        GRADIENT,
        vjp=gated_vjp(silu, special.expit),
    ),
    wrong(
        "bilinear_adds",
        "bilinear",
        lambda z, axis=-1: halves(z, axis)[0] + halves(z, axis)[1],
        "(1, 2): 3, truth 2",
    ),
    wrong("bilinear_interleaved", "bilinear", interleaved(bilinear), "(1, 2, 3, 4): 2, truth 3"),
    wrong(
        "bilinear_gradients_exchanged",
        "bilinear",
        bilinear,
        "(1, 2): (1, 2), truth (2, 1)",
        GRADIENT,
        vjp=lambda z, axis=-1, *, cotangent: (
            np.concatenate([cotangent * h for h in halves(z, axis)], axis=axis),
        ),
    ),
    wrong(
        "logsumexp_overflows",
        "logsumexp",
        lambda z, axis=-1, keepdims=False: np.log(np.sum(np.exp(z), axis=axis, keepdims=keepdims)),
        "(1000, 0): inf, truth 1000",
    ),
    wrong(
        "logsumexp_forgets_the_shift",
        "logsumexp",
        lambda z, axis=-1: logsumexp(z - np.max(z, axis=axis, keepdims=True, initial=-99), axis),
        "(1, 0): 0.31, truth 1.31",
    ),
    wrong(
        "logsumexp_of_the_mean",
        "logsumexp",
        lambda z, axis=-1: logsumexp(z, axis) - np.log(z.dtype.type(max(z.shape[axis], 1))),
        "(0, 0): 0, truth 0.69",
    ),
    wrong(
        "logsumexp_drops_the_axis_anyway",
        "logsumexp",
        logsumexp_squeezed,
        "keepdims: shape (6,), not (6, 1)",
        ("structure.shape",),
    ),
    wrong(
        "logsumexp_shifts_in_place",
        "logsumexp",
        logsumexp_in_place,
        "the input is changed",
        ("structure.purity",),
    ),
    wrong(
        "logsumexp_keeps_the_first_axis",
        "logsumexp",
        logsumexp_keeps_the_first_axis,
        "keepdims: shape (1, 6), not (6, 1)",
        ("structure.shape",),
    ),
    wrong(
        "softmin_of_the_batch",
        "softmin",
        softmin_of_the_batch,
        "rows (0, 1) and (2000, 2001): the second is nan",
        ("value.accuracy", "structure.position"),
    ),
    wrong(
        "swiglu_returns_float64",
        "swiglu",
        lambda z, axis=-1: swiglu(z.astype(np.float64), axis),
        "float32 in, float64 out",
        ("structure.format",),
    ),
    wrong(
        "cosine_similarity_last_axis_only",
        "cosine_similarity",
        lambda x1, x2, axis=-1: cosine_similarity(x1, x2),
        "axis 0 of (5, 6)",
        AXIS,
    ),
    wrong(
        "logsumexp_epsilon",
        "logsumexp",
        lambda z, axis=-1: logsumexp(z, axis) + z.dtype.type(1e-6),
        "(-1, -1): relative error 3e-6",
    ),
    wrong(
        "logsumexp_gradient_of_one",
        "logsumexp",
        logsumexp,
        "(0, 0): (1, 1), truth (0.5, 0.5)",
        GRADIENT,
        vjp=lambda z, axis=-1, *, cotangent: (np.ones_like(z) * np.expand_dims(cotangent, axis),),
    ),
    wrong("softmin_is_softmax", "softmin", softmax, "(1, 0): 0.73, truth 0.27"),
    wrong("softmin_overflows", "softmin", softmin_naive, "(-100, 0): nan"),
    wrong(
        "softmin_one_minus_softmax",
        "softmin",
        lambda z, axis=-1: (1 - softmax(z, axis)) / max(z.shape[axis] - 1, 1),
        "(9, 0, 0): (1e-4, 0.5, 0.5), truth (6e-5, ...)",
    ),
    wrong(
        "softmin_gradient_of_softmax",
        "softmin",
        softmin,
        "the sign",
        GRADIENT,
        vjp=lambda z, axis=-1, *, cotangent: (-softmin_vjp(z, axis, cotangent=cotangent)[0],),
    ),
    wrong(
        "maxout_of_sizes",
        "maxout",
        lambda z, axis=-1: np.max(np.abs(z), axis=axis, initial=0),
        "(-3, 1): 3, truth 1",
    ),
    wrong(
        "maxout_never_negative",
        "maxout",
        lambda z, axis=-1: np.max(z, axis=axis, initial=0),
        "(-3, -1): 0, truth -1",
    ),
    wrong(
        "maxout_swallows_nan",
        "maxout",
        lambda z, axis=-1: np.fmax.reduce(z, axis=axis) if z.size else maxout(z, axis),
        "(nan, 1): 1",
        ("value.special",),
    ),
    wrong(
        "maxout_gradient_for_all",
        "maxout",
        maxout,
        "(0, 1): (1, 1), truth (0, 1)",
        GRADIENT,
        vjp=lambda z, axis=-1, *, cotangent: (np.ones_like(z) * np.expand_dims(cotangent, axis),),
    ),
    wrong(
        "hardmax_gives_the_largest",
        "hardmax",
        lambda z, axis=-1: hardmax(z, axis) * z,
        "(2, 0): (2, 0), truth (1, 0)",
        ("value.accuracy", "value.range"),
    ),
    wrong(
        "hardmax_of_the_smallest",
        "hardmax",
        lambda z, axis=-1: hardmax(-z, axis),
        "(2, 0): (0, 1)",
    ),
    wrong(
        "hardmax_straight_through",
        "hardmax",
        hardmax,
        "the gradient of softmax, truth 0",
        GRADIENT,
        vjp=lambda z, axis=-1, *, cotangent: (
            softmax(z, axis)
            * (cotangent - np.sum(softmax(z, axis) * cotangent, axis=axis, keepdims=True)),
        ),
    ),
    wrong("sparsemax_is_softmax", "sparsemax", softmax, "(0, 9): (1e-4, ...), truth (0, 1)"),
    wrong(
        "sparsemax_relu_normalised",
        "sparsemax",
        lambda z, axis=-1: (
            np.maximum(z, 0)
            / np.maximum(np.sum(np.maximum(z, 0), axis=axis, keepdims=True), z.dtype.type(1e-9))
        ),
        "(1, 0.5): 0.67, truth 0.75",
    ),
    wrong(
        "sparsemax_last_axis_only",
        "sparsemax",
        last_axis_only(sparsemax),
        "axis 0 of (2, 3)",
        AXIS,
    ),
    wrong(
        "sparsemax_gradient_over_all_entries",
        "sparsemax",
        sparsemax,
        "(9, 0), of the first: 0.5, truth 0",
        GRADIENT,
        vjp=sparsemax_mean_of_all_vjp,
    ),
    wrong(
        "pairwise_distance_expanded",
        "pairwise_distance",
        pairwise_distance_expanded,
        "(100, 0) and (100.001, 0): 0, truth 1e-3",
    ),
    wrong(
        "pairwise_distance_eps",
        "pairwise_distance",
        pairwise_distance_with_eps,
        "(0, 0) and (0, 1e-3): relative error 1e-3",
    ),
    wrong(
        "pairwise_distance_ignores_p",
        "pairwise_distance",
        lambda x1, x2, p=2, axis=-1: pairwise_distance(x1, x2, 2, axis),
        "p = 1, (3, 4) and 0: 5, truth 7",
        PARAMETER,
    ),
    wrong(
        "pairwise_distance_squared",
        "pairwise_distance",
        lambda x1, x2, p=2, axis=-1: pairwise_distance(x1, x2, p, axis) ** (2 if p == 2 else 1),
        "(3, 4) and 0: 25, truth 5",
    ),
    wrong(
        "pairwise_distance_second_gradient_sign",
        "pairwise_distance",
        pairwise_distance,
        "of the second row: plus, truth minus",
        OF_SECOND,
        vjp=lambda x1, x2, p=2, axis=-1, *, cotangent: (
            (pairwise_distance_vjp(x1, x2, p, axis, cotangent=cotangent)[0],) * 2
        ),
    ),
    wrong("cosine_similarity_eps", "cosine_similarity", cosine_with_eps, "rows of length 1e-2"),
    wrong(
        "cosine_similarity_one_norm_missing",
        "cosine_similarity",
        lambda x1, x2, axis=-1: (
            cosine_similarity(x1, x2, axis) * np.sqrt(np.sum(x2 * x2, axis=axis))
        ),
        "(1, 0) and (2, 0): 2, truth 1",
        ("value.accuracy", "value.range"),
    ),
    wrong(
        "cosine_similarity_of_sizes",
        "cosine_similarity",
        lambda x1, x2, axis=-1: np.abs(cosine_similarity(x1, x2, axis)),
        "(1, 0) and (-1, 0): 1, truth -1",
    ),
    wrong(
        "cosine_similarity_gradient_unprojected",
        "cosine_similarity",
        cosine_similarity,
        "(1, 0) and (1, 0): (1, 0), truth (0, 0)",
        GRADIENT,
        vjp=cosine_unprojected_vjp,
    ),
)
