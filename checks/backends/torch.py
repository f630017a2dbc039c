"""PyTorch, called as its users call it, in the book's order: activations, blocks, losses.

Left out for want of the function in torch, torch.special and torch.nn.functional: swish,
squareplus, sparsemax and its kin, the gated units but for glu, hinge and its kin, and the losses
that Keras or Optax bring (focal, dice, log_cosh, mape and others).

Every eps that is PyTorch's and not the book's stands at PyTorch's default.
"""

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


def celu(x: Tensor, *, alpha: float = 1.0) -> Tensor:
    """torch.nn.functional.celu(x, alpha)"""
    return F.celu(x, alpha)


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


def mish(x: Tensor) -> Tensor:
    """torch.nn.functional.mish(x)"""
    return F.mish(x)


def hard_sigmoid(x: Tensor) -> Tensor:
    """torch.nn.functional.hardsigmoid(x)"""
    return F.hardsigmoid(x)


def hard_tanh(x: Tensor, *, min_val: float = -1.0, max_val: float = 1.0) -> Tensor:
    """torch.nn.functional.hardtanh(x, min_val, max_val)"""
    return F.hardtanh(x, min_val, max_val)


def hard_swish(x: Tensor) -> Tensor:
    """torch.nn.functional.hardswish(x)"""
    return F.hardswish(x)


def relu6(x: Tensor) -> Tensor:
    """torch.nn.functional.relu6(x)"""
    return F.relu6(x)


def rrelu(x: Tensor, *, lower: float = 1 / 8, upper: float = 1 / 3) -> Tensor:
    """torch.nn.functional.rrelu(x, lower, upper)"""
    return F.rrelu(x, lower, upper)


def softsign(x: Tensor) -> Tensor:
    """torch.nn.functional.softsign(x)"""
    return F.softsign(x)


def softshrink(x: Tensor, *, lambd: float = 0.5) -> Tensor:
    """torch.nn.functional.softshrink(x, lambd)"""
    return F.softshrink(x, lambd)


def hardshrink(x: Tensor, *, lambd: float = 0.5) -> Tensor:
    """torch.nn.functional.hardshrink(x, lambd)"""
    return F.hardshrink(x, lambd)


def tanhshrink(x: Tensor) -> Tensor:
    """torch.nn.functional.tanhshrink(x)"""
    result: Tensor = F.tanhshrink(x)
    return result


def threshold(x: Tensor, *, threshold: float = 1.0, value: float = 0.0) -> Tensor:
    """torch.nn.functional.threshold(x, threshold, value)"""
    return F.threshold(x, threshold, value)


def exponential(x: Tensor) -> Tensor:
    """torch.exp(x)"""
    return torch.exp(x)


def softmax(z: Tensor, *, axis: int = -1) -> Tensor:
    """torch.nn.functional.softmax(z, dim=axis)"""
    return F.softmax(z, dim=axis)


def log_softmax(z: Tensor, *, axis: int = -1) -> Tensor:
    """torch.nn.functional.log_softmax(z, dim=axis)"""
    return F.log_softmax(z, dim=axis)


def softmin(z: Tensor, *, axis: int = -1) -> Tensor:
    """torch.nn.functional.softmin(z, dim=axis)"""
    return F.softmin(z, dim=axis)


def logsumexp(z: Tensor, *, axis: int = -1, keepdims: bool = False) -> Tensor:
    """torch.logsumexp(z, dim=axis, keepdim=keepdims)"""
    return torch.logsumexp(z, dim=axis, keepdim=keepdims)


def maxout(z: Tensor, *, axis: int = -1) -> Tensor:
    """torch.max(z, dim=axis).values"""
    return torch.max(z, dim=axis).values


def glu(z: Tensor, *, axis: int = -1) -> Tensor:
    """torch.nn.functional.glu(z, dim=axis)"""
    return F.glu(z, dim=axis)


def erf(x: Tensor) -> Tensor:
    """torch.special.erf(x)"""
    return torch.special.erf(x)


def erfc(x: Tensor) -> Tensor:
    """torch.special.erfc(x)"""
    return torch.special.erfc(x)


def ndtr(x: Tensor) -> Tensor:
    """torch.special.ndtr(x)"""
    return torch.special.ndtr(x)


def log_ndtr(x: Tensor) -> Tensor:
    """torch.special.log_ndtr(x)"""
    return torch.special.log_ndtr(x)


def expm1(x: Tensor) -> Tensor:
    """torch.expm1(x)"""
    return torch.expm1(x)


def log1p(x: Tensor) -> Tensor:
    """torch.log1p(x)"""
    return torch.log1p(x)


def logaddexp(x1: Tensor, x2: Tensor) -> Tensor:
    """torch.logaddexp(x1, x2)"""
    return torch.logaddexp(x1, x2)


def pairwise_distance(x1: Tensor, x2: Tensor, *, p: int = 2) -> Tensor:
    """torch.nn.functional.pairwise_distance(x1, x2, p)"""
    return F.pairwise_distance(x1, x2, p)


def cosine_similarity(x1: Tensor, x2: Tensor, *, axis: int = -1) -> Tensor:
    """torch.nn.functional.cosine_similarity(x1, x2, dim=axis)"""
    return F.cosine_similarity(x1, x2, dim=axis)


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


def smooth_l1(
    prediction: Tensor, target: Tensor, *, beta: float = 1.0, reduction: str = "mean"
) -> Tensor:
    """torch.nn.functional.smooth_l1_loss(prediction, target, reduction=reduction, beta=beta)"""
    return F.smooth_l1_loss(prediction, target, reduction=reduction, beta=beta)


def poisson_nll(
    prediction: Tensor,
    target: Tensor,
    *,
    log_input: bool = True,
    full: bool = False,
    eps: float = 1e-8,
    reduction: str = "mean",
) -> Tensor:
    """torch.nn.functional.poisson_nll_loss(prediction, target, log_input, full, eps=eps)"""
    return F.poisson_nll_loss(prediction, target, log_input, full, eps=eps, reduction=reduction)


def gaussian_nll(
    prediction: Tensor,
    target: Tensor,
    var: Tensor,
    *,
    full: bool = False,
    eps: float = 1e-6,
    reduction: str = "mean",
) -> Tensor:
    """torch.nn.functional.gaussian_nll_loss(prediction, target, var, full, eps)"""
    return F.gaussian_nll_loss(prediction, target, var, full, eps, reduction)


def soft_margin(prediction: Tensor, target: Tensor, *, reduction: str = "mean") -> Tensor:
    """torch.nn.functional.soft_margin_loss(prediction, target, reduction=reduction)"""
    return F.soft_margin_loss(prediction, target, reduction=reduction)


def margin_ranking(
    x1: Tensor, x2: Tensor, target: Tensor, *, margin: float = 0.0, reduction: str = "mean"
) -> Tensor:
    """torch.nn.functional.margin_ranking_loss(x1, x2, target, margin)"""
    return F.margin_ranking_loss(x1, x2, target, margin, reduction=reduction)


def hinge_embedding(
    x: Tensor, target: Tensor, *, margin: float = 1.0, reduction: str = "mean"
) -> Tensor:
    """torch.nn.functional.hinge_embedding_loss(x, target, margin)"""
    return F.hinge_embedding_loss(x, target, margin, reduction=reduction)


def kl_div(prediction: Tensor, target: Tensor, *, reduction: str = "mean") -> Tensor:
    """torch.nn.functional.kl_div(prediction, target, reduction=reduction)"""
    return F.kl_div(prediction, target, reduction=reduction)


def kl_div_log_target(prediction: Tensor, target: Tensor, *, reduction: str = "mean") -> Tensor:
    """torch.nn.functional.kl_div(prediction, target, reduction=reduction, log_target=True)"""
    return F.kl_div(prediction, target, reduction=reduction, log_target=True)


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
    """torch.nn.functional.binary_cross_entropy_with_logits(logits, target, pos_weight=pos_weight)

    PyTorch takes the weight as a tensor.
    """
    weight = torch.as_tensor(pos_weight, dtype=logits.dtype)
    return F.binary_cross_entropy_with_logits(
        logits, target, pos_weight=weight, reduction=reduction
    )


def cross_entropy(
    logits: Tensor,
    target: Tensor,
    *,
    weight: float | Tensor = 1.0,
    label_smoothing: float = 0.0,
    ignore_index: int = -100,
    reduction: str = "mean",
) -> Tensor:
    """torch.nn.functional.cross_entropy(logits, target, weight, label_smoothing=label_smoothing)"""
    return F.cross_entropy(
        logits,
        target if target.is_floating_point() else target.long(),
        _class_weights(weight, logits),
        ignore_index=ignore_index,
        reduction=reduction,
        label_smoothing=label_smoothing,
    )


def nll(
    log_prediction: Tensor,
    target: Tensor,
    *,
    weight: float | Tensor = 1.0,
    ignore_index: int = -100,
    reduction: str = "mean",
) -> Tensor:
    """torch.nn.functional.nll_loss(log_prediction, class_index, weight)"""
    return F.nll_loss(
        log_prediction,
        target.long(),
        _class_weights(weight, log_prediction),
        ignore_index=ignore_index,
        reduction=reduction,
    )


def ctc(logits: Tensor, target: Tensor, *, reduction: str = "mean") -> Tensor:
    """torch.nn.functional.ctc_loss(logits.log_softmax(-1).transpose(0, 1), target, N*[T], N*[S])

    The lengths of each sample's sequence and target: here all there is.
    """
    samples, frames, _ = logits.shape
    return F.ctc_loss(
        logits.log_softmax(-1).transpose(0, 1),
        target,
        torch.full((samples,), frames),
        torch.full((samples,), target.shape[1]),
        reduction=reduction,
    )


def multi_margin(
    prediction: Tensor, target: Tensor, *, p: int = 1, margin: float = 1.0, reduction: str = "mean"
) -> Tensor:
    """torch.nn.functional.multi_margin_loss(prediction, class_index, p, margin)"""
    return F.multi_margin_loss(prediction, target.long(), p, margin, reduction=reduction)


def multilabel_margin(prediction: Tensor, target: Tensor, *, reduction: str = "mean") -> Tensor:
    """torch.nn.functional.multilabel_margin_loss(prediction, class_indices)"""
    return F.multilabel_margin_loss(prediction, _class_indices(target), reduction=reduction)


def multilabel_soft_margin(logits: Tensor, target: Tensor, *, reduction: str = "mean") -> Tensor:
    """torch.nn.functional.multilabel_soft_margin_loss(logits, target, reduction=reduction)"""
    return F.multilabel_soft_margin_loss(logits, target, reduction=reduction)


def cosine_embedding(
    x1: Tensor, x2: Tensor, target: Tensor, *, margin: float = 0.0, reduction: str = "mean"
) -> Tensor:
    """torch.nn.functional.cosine_embedding_loss(x1, x2, target, margin)"""
    return F.cosine_embedding_loss(x1, x2, target, margin, reduction=reduction)


def triplet_margin(
    anchor: Tensor,
    positive: Tensor,
    negative: Tensor,
    *,
    margin: float = 1.0,
    reduction: str = "mean",
) -> Tensor:
    """torch.nn.functional.triplet_margin_loss(anchor, positive, negative, margin)"""
    return F.triplet_margin_loss(anchor, positive, negative, margin, reduction=reduction)


def _class_weights(weight: float | Tensor, scores: Tensor) -> Tensor | None:
    """One weight for each class, as PyTorch takes them; None where all are 1."""
    if isinstance(weight, Tensor) and weight.ndim == 1:
        return weight
    if not isinstance(weight, Tensor) and weight == 1:
        return None
    return torch.as_tensor(weight, dtype=scores.dtype).expand(scores.shape[-1])


def _class_indices(labels: Tensor) -> Tensor:
    """The indices of the labels that apply, ended by -1: how PyTorch takes a row of 0 and 1."""
    sorted_labels, order = labels.sort(dim=-1, descending=True, stable=True)
    return torch.where(sorted_labels > 0, order, -1)
