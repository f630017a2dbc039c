"""PyTorch code bound to definitions by an attribute: nothing of Ulpian is imported."""

from __future__ import annotations

from typing import Any

import torch


class Leaky(torch.nn.Module):  # type: ignore[misc]
    """A module whose slope is no keyword of its call."""

    __ulpian__ = "leaky_relu"

    def __init__(self, slope: float = 0.01) -> None:
        super().__init__()
        self.slope = slope

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.where(x > 0, x, self.slope * x)


class Square(torch.autograd.Function):  # type: ignore[misc]
    """A rule with a backward of its own; the claim stands on the class."""

    __ulpian__ = "relu_squared"

    @staticmethod
    def forward(ctx: Any, x: torch.Tensor) -> torch.Tensor:
        ctx.save_for_backward(x)
        return torch.relu(x) ** 2

    @staticmethod
    def backward(ctx: Any, *cotangents: Any) -> Any:
        (x,) = ctx.saved_tensors
        return cotangents[0] * 2 * torch.relu(x)


square = Square.apply
