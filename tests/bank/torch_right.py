"""Right implementations on PyTorch arrays: gradients come from autograd."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from .entry import Entry


class Sigmoid(torch.autograd.Function):  # type: ignore[misc, unused-ignore]
    """Its backward is made of itself, so that every derivative keeps the tail."""

    @staticmethod
    def forward(x: Tensor) -> Tensor:
        e = torch.exp(-torch.abs(x))
        return torch.where(x < 0, e, torch.ones_like(e)) / (1 + e)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor], output: Tensor) -> None:
        ctx.save_for_backward(*inputs)
        ctx.save_for_forward(*inputs)

    @staticmethod
    def backward(ctx: Any, g: Tensor) -> Tensor:
        (x,) = ctx.saved_tensors
        return g * sigmoid(x) * sigmoid(-x)

    jvp = backward


class Tanh(torch.autograd.Function):  # type: ignore[misc, unused-ignore]
    @staticmethod
    def forward(x: Tensor) -> Tensor:
        return torch.tanh(x)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor], output: Tensor) -> None:
        ctx.save_for_backward(*inputs)
        ctx.save_for_forward(*inputs)

    @staticmethod
    def backward(ctx: Any, g: Tensor) -> Tensor:
        (x,) = ctx.saved_tensors
        return g * (2 * sigmoid(2 * x)) * (2 * sigmoid(-2 * x))

    jvp = backward


class Softplus(torch.autograd.Function):  # type: ignore[misc, unused-ignore]
    @staticmethod
    def forward(x: Tensor) -> Tensor:
        return torch.clamp(x, min=0) + torch.log1p(torch.exp(-torch.abs(x)))

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor], output: Tensor) -> None:
        ctx.save_for_backward(*inputs)
        ctx.save_for_forward(*inputs)

    @staticmethod
    def backward(ctx: Any, g: Tensor) -> Tensor:
        (x,) = ctx.saved_tensors
        return g * sigmoid(x)

    jvp = backward


def sigmoid(x: Tensor) -> Tensor:
    return Sigmoid.apply(x)  # type: ignore[no-any-return, no-untyped-call, unused-ignore]


def tanh(x: Tensor) -> Tensor:
    return Tanh.apply(x)  # type: ignore[no-any-return, no-untyped-call, unused-ignore]


def softplus(x: Tensor) -> Tensor:
    return Softplus.apply(x)  # type: ignore[no-any-return, no-untyped-call, unused-ignore]


def reduced(losses: Tensor, reduction: str) -> Tensor:
    if reduction == "none":
        return losses
    return losses.sum() if reduction == "sum" else losses.mean()


def mse(prediction: Tensor, target: Tensor, reduction: str = "mean") -> Tensor:
    return reduced((prediction - target) ** 2, reduction)


def mae(prediction: Tensor, target: Tensor, reduction: str = "mean") -> Tensor:
    return reduced(torch.abs(prediction - target), reduction)


def hinge(prediction: Tensor, target: Tensor, reduction: str = "mean") -> Tensor:
    return reduced(torch.clamp(1 - target * prediction, min=0), reduction)


RIGHT: tuple[Entry, ...] = (
    Entry("torch_sigmoid_function", "sigmoid", sigmoid),
    Entry("torch_tanh_function", "tanh", tanh),
    Entry("torch_softplus_function", "softplus", softplus),
    Entry("torch_relu_clamp", "relu", lambda x: torch.clamp(x, min=0)),
    Entry("torch_relu_functional", "relu", functional.relu),
    Entry("torch_leaky_relu_functional", "leaky_relu", functional.leaky_relu),
    Entry("torch_identity_clone", "identity", torch.clone),
    Entry("torch_mse", "mse", mse),
    Entry("torch_mae", "mae", mae),
    Entry("torch_hinge_clamp", "hinge", hinge),
)
