"""Wrong implementations on PyTorch arrays: gradients come from autograd."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from .entry import Entry
from .torch_right import reduced, sigmoid, softplus


class SigmoidSign(torch.autograd.Function):  # type: ignore[misc, unused-ignore]
    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        ctx.save_for_backward(x)
        return sigmoid(x)

    @staticmethod
    def backward(ctx: Any, g: Tensor) -> Tensor:
        (x,) = ctx.saved_tensors
        return torch.where(x < -5, -g, g) * sigmoid(x) * sigmoid(-x)


class SigmoidAsExp(torch.autograd.Function):  # type: ignore[misc, unused-ignore]
    """A sigmoid with the derivative of exp."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        ctx.save_for_backward(x)
        return sigmoid(x)

    @staticmethod
    def backward(ctx: Any, g: Tensor) -> Tensor:
        (x,) = ctx.saved_tensors
        return g * sigmoid(x)


class SoftplusSecond(torch.autograd.Function):  # type: ignore[misc, unused-ignore]
    """Its gradient is right, the gradient of its gradient is not."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        ctx.save_for_backward(x)
        return softplus(x)

    @staticmethod
    def backward(ctx: Any, g: Tensor) -> Any:
        (x,) = ctx.saved_tensors
        return g * SigmoidAsExp.apply(x)


class ReluIgnoringCotangent(torch.autograd.Function):  # type: ignore[misc, unused-ignore]
    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        ctx.save_for_backward(x)
        return torch.clamp(x, min=0)

    @staticmethod
    def backward(ctx: Any, g: Tensor) -> Tensor:
        (x,) = ctx.saved_tensors
        return (x > 0).to(x.dtype)


class TanhModesDiffer(torch.autograd.Function):  # type: ignore[misc, unused-ignore]
    """Reverse mode is right, forward mode forgets a square."""

    @staticmethod
    def forward(x: Tensor) -> Tensor:
        return torch.tanh(x)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor], output: Tensor) -> None:
        ctx.save_for_backward(inputs[0])
        ctx.save_for_forward(inputs[0])

    @staticmethod
    def backward(ctx: Any, g: Tensor) -> Any:
        (x,) = ctx.saved_tensors
        return g * torch.square(1 / torch.cosh(x))

    @staticmethod
    def jvp(ctx: Any, tangent: Tensor) -> Any:
        (x,) = ctx.saved_tensors
        return tangent / torch.cosh(x)


def applied(function: Any) -> Any:
    return lambda x: function.apply(x)


def elu_behind_where(x: Tensor, alpha: float = 1.0) -> Tensor:
    return torch.where(x > 0, x, alpha * torch.expm1(x))


def leaky_relu_clamps(x: Tensor, negative_slope: float = 0.01) -> Tensor:
    return torch.clamp(x, min=0) + negative_slope * torch.clamp(x, max=0)


def mae_root(prediction: Tensor, target: Tensor, reduction: str = "mean") -> Tensor:
    return reduced(torch.sqrt((prediction - target) ** 2), reduction)


def wrong(name: str, function: str, forward: Any, by: tuple[str, ...], note: str) -> Entry:
    return Entry(name, function, forward, killed_by=by, note=note)


WRONG: tuple[Entry, ...] = (
    wrong(
        "torch_sigmoid_gradient_sign_below_minus_five",
        "sigmoid",
        applied(SigmoidSign),
        ("grad.accuracy",),
        "x = -6: -2.5e-3, truth 2.5e-3",
    ),
    wrong(
        "torch_softplus_second_of_exp",
        "softplus",
        applied(SoftplusSecond),
        ("grad.second",),
        "x = 0, second derivative: 0.5, truth 0.25",
    ),
    wrong(
        "torch_relu_gradient_ignores_the_cotangent",
        "relu",
        applied(ReluIgnoringCotangent),
        ("grad.cotangent",),
        "cotangent 2, x = 1: 1",
    ),
    wrong(
        "torch_tanh_modes_differ",
        "tanh",
        applied(TanhModesDiffer),
        ("grad.modes",),
        "x = 1, forward mode: 0.65, truth 0.42",
    ),
    wrong(
        "torch_elu_nan_behind_where",
        "elu",
        elu_behind_where,
        ("grad.accuracy", "grad.special"),
        "x = 800: the gradient is nan, truth 1",
    ),
    wrong(
        "torch_leaky_relu_clamps",
        "leaky_relu",
        leaky_relu_clamps,
        ("grad.kink",),
        "x = 0: both sides add up to 1.01, not in [0.01, 1]",
    ),
    wrong(
        "torch_tanh_gradient_saturates",
        "tanh",
        torch.tanh,
        ("grad.accuracy",),
        "x = 20: 0, truth 1.7e-17",
    ),
    wrong(
        "torch_softplus_log_of_one_plus",
        "softplus",
        lambda x: torch.log(1 + torch.exp(x)),
        ("value.accuracy",),
        "x = 800: inf, truth 800",
    ),
    wrong(
        "torch_relu_in_place",
        "relu",
        lambda x: x.detach().clamp_(min=0),
        ("structure.purity", "grad.accuracy"),
        "the input is changed",
    ),
    wrong(
        "torch_mae_root_of_square",
        "mae",
        mae_root,
        ("value.accuracy", "grad.accuracy", "grad.kink"),
        "1e200 and 0 (1e30 in float32): inf",
    ),
)
