"""PyTorch, called as its users call it. Left out for want of the function: swish, hinge."""

from __future__ import annotations

import torch
import torch.nn.functional as F  # noqa: N812  # the name that every user of PyTorch gives it
from torch import Tensor

ARRAYS = "torch"


def identity(x: Tensor) -> Tensor:
    """torch.nn.Identity()(x)"""
    result: Tensor = torch.nn.Identity()(x)
    return result


def step(x: Tensor) -> Tensor:
    """torch.heaviside(x, x.new_zeros(()))"""
    return torch.heaviside(x, x.new_zeros(()))


def sigmoid(x: Tensor) -> Tensor:
    """torch.sigmoid(x)"""
    return torch.sigmoid(x)


def log_sigmoid(x: Tensor) -> Tensor:
    """torch.nn.functional.logsigmoid(x)"""
    return F.logsigmoid(x)


def tanh(x: Tensor) -> Tensor:
    """torch.tanh(x)"""
    return torch.tanh(x)


def relu(x: Tensor) -> Tensor:
    """torch.nn.functional.relu(x)"""
    return F.relu(x)


def leaky_relu(x: Tensor, *, negative_slope: float = 0.01) -> Tensor:
    """torch.nn.functional.leaky_relu(x, negative_slope)"""
    return F.leaky_relu(x, negative_slope)


def prelu(x: Tensor, weight: Tensor) -> Tensor:
    """torch.nn.functional.prelu(x, weight)"""
    return F.prelu(x, weight)


def elu(x: Tensor, *, alpha: float = 1.0) -> Tensor:
    """torch.nn.functional.elu(x, alpha)"""
    return F.elu(x, alpha)


def selu(x: Tensor) -> Tensor:
    """torch.nn.functional.selu(x)"""
    return F.selu(x)


def softplus(x: Tensor, *, beta: float = 1.0) -> Tensor:
    """torch.nn.functional.softplus(x, beta)"""
    return F.softplus(x, beta)


def silu(x: Tensor) -> Tensor:
    """torch.nn.functional.silu(x)"""
    return F.silu(x)


def gelu(x: Tensor) -> Tensor:
    """torch.nn.functional.gelu(x)"""
    return F.gelu(x)


def gelu_tanh(x: Tensor) -> Tensor:
    """torch.nn.functional.gelu(x, approximate="tanh")"""
    return F.gelu(x, approximate="tanh")


def softmax(z: Tensor, *, axis: int = -1) -> Tensor:
    """torch.nn.functional.softmax(z, dim=axis)"""
    return F.softmax(z, dim=axis)


def log_softmax(z: Tensor, *, axis: int = -1) -> Tensor:
    """torch.nn.functional.log_softmax(z, dim=axis)"""
    return F.log_softmax(z, dim=axis)


def mse(prediction: Tensor, target: Tensor, *, reduction: str = "mean") -> Tensor:
    """torch.nn.functional.mse_loss(prediction, target, reduction=reduction)"""
    return F.mse_loss(prediction, target, reduction=reduction)


def mae(prediction: Tensor, target: Tensor, *, reduction: str = "mean") -> Tensor:
    """torch.nn.functional.l1_loss(prediction, target, reduction=reduction)"""
    return F.l1_loss(prediction, target, reduction=reduction)


def huber(
    prediction: Tensor, target: Tensor, *, delta: float = 1.0, reduction: str = "mean"
) -> Tensor:
    """torch.nn.functional.huber_loss(prediction, target, reduction, delta)"""
    return F.huber_loss(prediction, target, reduction, delta)


def bce(prediction: Tensor, target: Tensor, *, reduction: str = "mean") -> Tensor:
    """torch.nn.functional.binary_cross_entropy(prediction, target, reduction=reduction)"""
    return F.binary_cross_entropy(prediction, target, reduction=reduction)


def bce_with_logits(
    logits: Tensor,
    target: Tensor,
    *,
    pos_weight: float | Tensor = 1.0,
    reduction: str = "mean",
) -> Tensor:
    """torch.nn.functional.binary_cross_entropy_with_logits(logits, target, pos_weight=...)"""
    weight = torch.as_tensor(pos_weight, dtype=logits.dtype)
    return F.binary_cross_entropy_with_logits(
        logits, target, pos_weight=weight, reduction=reduction
    )


def cross_entropy(logits: Tensor, target: Tensor, *, reduction: str = "mean") -> Tensor:
    """torch.nn.functional.cross_entropy(logits, target, reduction=reduction)"""
    classes_or_probabilities = target if target.is_floating_point() else target.long()
    return F.cross_entropy(logits, classes_or_probabilities, reduction=reduction)
