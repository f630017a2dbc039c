"""Each property has one small wrong implementation that shows what it is for."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from ulpian.checks import Report, check
from ulpian.checks.properties import Property, catalogue
from ulpian.reference import implementations as right

Array = Any
PROPERTIES = list(catalogue().values())


@dataclass(frozen=True)
class Wrong:
    """A target with one fault, the property that must find it, and those that see it as well.

    At `faithful` a fault may be too small for the value's own bound and still break a rule.
    """

    property: str
    function: str
    forward: Callable[..., Any] | None = None
    vjp: Callable[..., Any] | None = None
    also: tuple[str, ...] = ()
    require: str = "accurate"
    partners: tuple[tuple[str, Callable[..., Any]], ...] = ()
    arrays: str = "numpy"


def rounded(values: Array, up: Array) -> Array:
    """float64 values to float32, each up or down, or to nearest where that is clearly nearer.

    No error reaches 0.9 ulp: every result is faithful.
    """
    nearest = values.astype(np.float32)
    with np.errstate(all="ignore"):
        above = np.where(nearest >= values, nearest, np.nextafter(nearest, np.float32(np.inf)))
        below = np.where(nearest <= values, nearest, np.nextafter(nearest, np.float32(-np.inf)))
        chosen = np.where(up, above, below)
        near = np.abs(wide(chosen) - values) < 0.9 * (wide(above) - wide(below))
    return np.where(near, chosen, nearest)


def places(x: Array) -> Array:
    return np.arange(x.size).reshape(x.shape)


def wide(x: Array) -> Array:
    return x.astype(np.float64)


# ---------------------------------------------------------------- the value


def gelu_without_a_left_tail(x: Array) -> Array:
    return np.where(x < -5, x.dtype.type(0), right.gelu(x))


def slope_ignored(x: Array, *, negative_slope: float = 0.01) -> Array:
    return right.leaky_relu(x)


def nan_swallowed(x: Array) -> Array:
    return np.fmax(x, 0)


def selu_below_its_range(x: Array) -> Array:
    below = np.nextafter(np.float32(-1.7580993408473766), np.float32(-2))  # by 0.8 ulp
    return np.where(x < -40, below, right.selu(wide(x)).astype(np.float32))


def sigmoid_rounded_both_ways(x: Array) -> Array:
    odd = x.view(np.uint32) % 2 == 1
    return rounded(right.sigmoid(wide(x)), odd & (x < 15)).clip(0, 1)


def tanh_rounded_up(x: Array) -> Array:
    return np.where(x == 0, x, rounded(right.tanh(wide(x)), True))


# ---------------------------------------------------------------- gradients


def gelu_vjp_with_a_wrong_sign(x: Array, *, cotangent: Array) -> tuple[Array, ...]:
    (slope,) = right.gelu_vjp(x, cotangent=cotangent)
    return (np.where(x < -5, -slope, slope),)


def gelu_vjp_lost_at_infinity(x: Array, *, cotangent: Array) -> tuple[Array, ...]:
    (slope,) = right.gelu_vjp(x, cotangent=cotangent)
    return (np.where(np.isinf(x), np.nan, slope).astype(x.dtype),)


def relu_vjp_two_at_zero(x: Array, *, cotangent: Array) -> tuple[Array, ...]:
    return (cotangent * np.where(x == 0, 2, x > 0).astype(x.dtype),)


def leaky_relu_vjp_mean(
    x: Array, *, negative_slope: float = 0.01, cotangent: Array
) -> tuple[Array, ...]:
    slope, parameter = right.leaky_relu_vjp(x, negative_slope=negative_slope, cotangent=cotangent)
    return slope, (parameter / max(1, x.size)).astype(x.dtype)


def relu_vjp_of_the_size_of_the_cotangent(x: Array, *, cotangent: Array) -> tuple[Array, ...]:
    return (np.abs(cotangent) * (x > 0).astype(x.dtype),)


# ---------------------------------------------------------------- losses


def mean_over_the_first_axis(prediction: Array, target: Array, *, reduction: str = "mean") -> Array:
    if reduction == "mean" and prediction.ndim > 1:
        return np.mean(np.square(prediction - target), axis=0)
    return right.mse(prediction, target, reduction=reduction)


def finite_at_the_ends(prediction: Array, target: Array, *, reduction: str = "mean") -> Array:
    losses = np.minimum(right.bce(prediction, target, reduction="none"), np.float32(1e30))
    if reduction == "none":
        return losses
    return np.sum(losses) if reduction == "sum" else np.mean(losses)


def one_for_nothing(prediction: Array, target: Array, *, reduction: str = "mean") -> Array:
    if prediction.size == 0 and reduction != "none":
        return np.ones((), prediction.dtype)
    return right.mse(prediction, target, reduction=reduction)


def negative_losses(prediction: Array, target: Array, *, reduction: str = "mean") -> Array:
    if reduction != "none":
        return right.hinge(prediction, target, reduction=reduction)
    losses = right.hinge(prediction, target, reduction="none")
    return np.where(losses == 0, -np.finfo(losses.dtype).smallest_subnormal, losses)


def last_class_without_a_gradient(
    logits: Array, target: Array, *, reduction: str = "mean", cotangent: Array
) -> tuple[Array, ...]:
    first, *others = right.cross_entropy_vjp(
        logits, target, reduction=reduction, cotangent=cotangent
    )
    first[..., -1] = 0
    return (first, *others)


def classes_from_one(logits: Array, target: Array, *, reduction: str = "mean") -> Array:
    moved = target if target.ndim > 1 else (target + 1) % logits.shape[1]
    return right.cross_entropy(logits, moved, reduction=reduction)


def smoothed_over_the_other_classes(
    logits: Array, target: Array, *, label_smoothing: float = 0.0, reduction: str = "mean"
) -> Array:
    count = logits.shape[-1]
    spread = label_smoothing * count / max(count - 1, 1)
    return right.cross_entropy(logits, target, label_smoothing=spread, reduction=reduction)


def nan_where_masked(logits: Array, target: Array, *, reduction: str = "mean") -> Array:
    loss = right.cross_entropy(logits, target, reduction=reduction)
    return loss * np.nan if np.isneginf(logits).any() else loss


def mean_over_the_batch_size(
    logits: Array, target: Array, *, weight: Array = 1.0, reduction: str = "mean"
) -> Array:
    if reduction != "mean" or np.ndim(weight) == 0:
        return right.cross_entropy(logits, target, weight=weight, reduction=reduction)
    losses = right.cross_entropy(logits, target, weight=weight, reduction="none")
    return np.mean(losses)


def mean_over_the_ignored_too(
    logits: Array, target: Array, *, ignore_index: int = -100, reduction: str = "mean"
) -> Array:
    if reduction != "mean" or not target.size:
        return right.cross_entropy(logits, target, ignore_index=ignore_index, reduction=reduction)
    return np.mean(right.cross_entropy(logits, target, ignore_index=ignore_index, reduction="none"))


# ---------------------------------------------------------------- structure


def at_least_one_dimension(x: Array) -> Array:
    return np.atleast_1d(right.relu(x))


def in_double_precision(x: Array) -> Array:
    return right.relu(x).astype(np.float64)


def broadcast_by_columns(prediction: Array, target: Array, *, reduction: str = "mean") -> Array:
    if prediction.shape == (4, 3) and target.shape == (3,):
        target = target[::-1]
    return right.mse(prediction, target, reduction=reduction)


def forward_in_memory(x: Array) -> Array:
    turned = x.ndim == 1 and x.size > 1 and x.strides[0] < 0
    return right.relu(x[::-1] if turned else x)


def gelu_by_place(x: Array) -> Array:
    return rounded(right.gelu(wide(x)), places(x) >= 16)


def relu_in_place(x: Array) -> Array:
    return np.maximum(x, 0, out=x)


def gelu_by_turns() -> Callable[[Array], Array]:
    calls = itertools.count()
    return lambda x: rounded(right.gelu(wide(x)), next(calls) % 2 == 0)


def compiled_otherwise(x: Array) -> Array:
    import jax
    import jax.numpy as jnp

    y = jnp.maximum(x, 0)
    return y if isinstance(x, jax.core.Tracer) else y * 2


# ---------------------------------------------------------------- autograd


def torch_function(name: str) -> Callable[[Array], Array]:
    """A function of PyTorch tensors whose value and gradient are right."""
    from .bank import torch_wrong

    kinds = {"second": torch_wrong.SoftplusSecond, "modes": torch_wrong.TanhModesDiffer}
    return torch_wrong.applied(kinds[name])  # type: ignore[no-any-return]


BANK = (
    Wrong("value.accuracy", "gelu", gelu_without_a_left_tail),
    Wrong("value.parameters", "leaky_relu", slope_ignored, also=("identity",)),
    Wrong("value.special", "relu", nan_swallowed),
    Wrong("value.range", "selu", selu_below_its_range, require="faithful"),
    Wrong("value.monotone", "sigmoid", sigmoid_rounded_both_ways, require="faithful"),
    Wrong("value.symmetry", "tanh", tanh_rounded_up, require="faithful"),
    Wrong("grad.accuracy", "gelu", vjp=gelu_vjp_with_a_wrong_sign),
    Wrong("grad.special", "gelu", vjp=gelu_vjp_lost_at_infinity),
    Wrong("grad.kink", "relu", vjp=relu_vjp_two_at_zero),
    Wrong("grad.parameter", "leaky_relu", vjp=leaky_relu_vjp_mean),
    Wrong("grad.cotangent", "relu", vjp=relu_vjp_of_the_size_of_the_cotangent),
    Wrong("grad.second", "softplus", arrays="torch"),
    Wrong("grad.modes", "tanh", also=("grad.second",), arrays="torch"),
    Wrong("identity", "softplus", partners=(("sigmoid", lambda x: right.sigmoid(x) * 2),)),
    Wrong("loss.endpoints", "bce", finite_at_the_ends, also=("value.accuracy", "loss.reduction")),
    Wrong(
        "loss.sign",
        "hinge",
        negative_losses,
        also=("value.accuracy", "value.special", "value.range"),
        require="faithful",
    ),
    Wrong(
        "loss.zero_sum",
        "cross_entropy",
        vjp=last_class_without_a_gradient,
        also=("grad.accuracy", "loss.reduction", "loss.class_index", "loss.ignore_index"),
    ),
    Wrong("loss.class_index", "cross_entropy", classes_from_one, also=("loss.masked",)),
    Wrong(
        "loss.smoothing",
        "cross_entropy",
        smoothed_over_the_other_classes,
        also=("value.parameters",),
    ),
    Wrong("loss.masked", "cross_entropy", nan_where_masked),
    Wrong("loss.reduction", "mse", mean_over_the_first_axis),
    Wrong("loss.empty", "mse", one_for_nothing),
    Wrong("loss.weight", "cross_entropy", mean_over_the_batch_size),
    Wrong("loss.ignore_index", "cross_entropy", mean_over_the_ignored_too),
    Wrong("structure.shape", "relu", at_least_one_dimension),
    Wrong("structure.format", "relu", in_double_precision),
    Wrong("structure.broadcast", "mse", broadcast_by_columns),
    Wrong("structure.layout", "relu", forward_in_memory),
    Wrong("structure.position", "gelu", gelu_by_place, require="faithful"),
    Wrong("structure.purity", "relu", relu_in_place),
    Wrong("structure.determinism", "gelu", gelu_by_turns()),
    Wrong("structure.compiled", "relu", compiled_otherwise, arrays="jax"),
)


def report(wrong: Wrong) -> Report:
    """The verdicts on the function with the fault, its partners beside it."""
    forward, vjp = wrong.forward, wrong.vjp
    if wrong.arrays != "numpy":
        pytest.importorskip(wrong.arrays)
    if wrong.arrays == "torch":
        forward = torch_function(wrong.property.partition(".")[2])
    if wrong.arrays == "numpy" and forward is None:
        forward = getattr(right, wrong.function)
    if wrong.arrays == "numpy" and wrong.forward is None and vjp is None:
        vjp = getattr(right, f"{wrong.function}_vjp")
    target = {wrong.function: forward, **dict(wrong.partners)}
    if vjp is not None:
        target[f"{wrong.function}_vjp"] = vjp
    return check(
        target,
        select=(f"{wrong.function}:*",),
        formats=("float32",),
        require=wrong.require,
        arrays=wrong.arrays,
    )


def rule_of(name: str) -> str:
    """The property that a verdict belongs to: `identity.slope` to `identity`."""
    return max((n for n in catalogue() if f"{name}.".startswith(f"{n}.")), key=len)


@pytest.mark.parametrize("wrong", BANK, ids=lambda w: w.property)
def test_a_property_finds_what_it_is_for(wrong: Wrong) -> None:
    found = report(wrong)
    caught = {rule_of(v.property) for v in found.findings}
    told = [(v.id, str(v.status), v.message) for v in found.verdicts]
    assert wrong.property in caught, told
    assert caught == {wrong.property, *wrong.also}, told
    assert not any(v.status in ("error", "undecided") for v in found.verdicts)
    for finding in found.findings:
        assert finding.message or finding.witness is not None


def test_no_property_is_without_an_example_of_what_it_is_for() -> None:
    assert [w.property for w in BANK] == list(catalogue())


# ---------------------------------------------------------------- ulpian explain


@pytest.mark.parametrize("rule", PROPERTIES, ids=lambda p: p.name)
def test_a_property_explains_itself(rule: Property) -> None:
    for text in (rule.meaning, rule.why, rule.cause, rule.fix):
        assert text == " ".join(text.split())
        assert len(text) > 20
        assert text[0] == text[0].upper() or text.startswith(("`", "max", "oo", "mean"))
        assert text.endswith(".")


def test_no_two_explanations_are_the_same() -> None:
    texts = [t for p in PROPERTIES for t in (p.meaning, p.why, p.cause, p.fix)]
    assert len(set(texts)) == len(texts)


def test_names_say_the_group_and_come_in_its_order() -> None:
    groups = ["value", "grad", "identity", "loss", "structure"]
    found = [p.name.split(".")[0] for p in PROPERTIES]
    assert found == sorted(found, key=groups.index)
    assert all(key == p.name for key, p in catalogue().items())


@pytest.mark.parametrize(
    "rule",
    [
        "shrink:grad.parameter.bias",  # a sum over elements, of which one lies at a jump
        "softsign:identity.slope",  # (1 - |s|)^2 is flat where s is rounded to 1
        "rrelu_train:value.special",  # for x > 0 the slope does not enter, NaN or not
        "log_ndtr:identity.slope",  # a curvature that holds an erf
    ],
)
def test_what_is_right_is_not_accused(rule: str) -> None:
    report = check("reference", select=(rule,), formats=("float32",))
    assert report.verdicts
    assert report.ok, report.verdicts
