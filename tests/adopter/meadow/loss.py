"""The Huber loss, with the reductions of PyTorch."""

import torch


def huber(prediction, target, *, delta=1.0, reduction="mean"):
    gap = (prediction - target).abs()
    loss = torch.where(gap <= delta, gap * gap / 2, delta * (gap - delta / 2))
    if reduction == "none":
        return loss
    return loss.mean() if reduction == "mean" else loss.sum()
