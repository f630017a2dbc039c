"""PyTorch code that does not say so, the first function of which ends its process."""

import ctypes
from typing import Any

import torch


def relu(x: Any) -> Any:
    ctypes.string_at(0)


def identity(x: Any) -> Any:
    return torch.clone(x)
