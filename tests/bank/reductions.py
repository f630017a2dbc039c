"""What the losses and the gradients of the bank share: reductions, sums, their way back.

`loss`, `vjp`, `loss_vjp` and `row_loss_vjp` make whole implementations of formulas, whose
signatures they keep: the court reads from a signature which parameters are taken.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def like(x: Array, parameter: Any) -> Any:
    """The parameter as a scalar of x's dtype, so that it promotes nothing."""
    return x.dtype.type(parameter)


def reduced(losses: Array, reduction: str) -> Array:
    """None, sum, mean or batchmean, which divides by the number of rows.

    The mean is scaled by a power of two: its sum overflows never early.
    """
    if reduction == "none":
        return losses
    if reduction == "sum":
        return np.asarray(np.sum(losses))
    if reduction == "batchmean":
        return np.asarray(np.sum(losses) / losses.dtype.type(len(losses)))
    largest = np.max(np.abs(losses), initial=0)
    _, exponent = np.frexp(largest if np.isfinite(largest) else losses.dtype.type(1))
    count = losses.dtype.type(losses.size)
    return np.asarray(np.ldexp(np.sum(np.ldexp(losses, -exponent)) / count, exponent))


def each(losses: Array, reduction: str, cotangent: Array) -> Array:
    """The cotangent of every single loss."""
    if reduction == "batchmean":
        return np.asarray(cotangent / losses.dtype.type(len(losses)))
    if reduction == "mean":
        return np.asarray(cotangent / losses.dtype.type(max(losses.size, 1)))
    return np.asarray(cotangent)


def summed(gradient: Array, variable: Array) -> Array:
    """The gradient summed back to the shape of a variable that was broadcast."""
    extra = tuple(range(gradient.ndim - variable.ndim))
    gradient = np.sum(gradient, axis=extra) if extra else gradient
    stretched = tuple(
        axis for axis, n in enumerate(variable.shape) if n == 1 and gradient.shape[axis] != 1
    )
    return np.asarray(np.sum(gradient, axis=stretched, keepdims=True) if stretched else gradient)


def _with_keywords(whole: Any, formula: Callable[..., Any], *names: str) -> Callable[..., Any]:
    """``whole``, with the signature of the formula and further keywords."""
    signature = inspect.signature(formula)
    more = [inspect.Parameter(n, inspect.Parameter.KEYWORD_ONLY, default=None) for n in names]
    whole.__signature__ = signature.replace(parameters=[*signature.parameters.values(), *more])
    return whole  # type: ignore[no-any-return]


def loss(single: Callable[..., Any], inside: Any = None) -> Callable[..., Any]:
    """A loss with right reductions, from what gives every single loss.

    With a dtype ``inside`` everything is computed in that and rounded once.
    """

    def whole(*variables: Array, reduction: str = "mean", **parameters: Any) -> Array:
        losses = single(*_as(variables, inside), **parameters)
        return reduced(np.asarray(losses), reduction).astype(variables[0].dtype)

    return _with_keywords(whole, single, "reduction")


def vjp(slopes: Callable[..., tuple[Any, ...]], inputs: int = 1) -> Callable[..., Any]:
    """The vjp of an elementwise function, from its slopes in the first variables.

    What follows them are slopes in parameters, whose gradients are sums.
    """

    def whole(*variables: Array, cotangent: Array, **parameters: Any) -> tuple[Array, ...]:
        return _back(slopes(*variables, **parameters), cotangent, variables, inputs)

    return _with_keywords(whole, slopes, "cotangent")


def loss_vjp(
    slopes: Callable[..., tuple[Any, ...]], inputs: int = 2, inside: Any = None
) -> Callable[..., Any]:
    """The same for an elementwise loss, with its reductions."""

    def whole(
        *variables: Array, reduction: str = "mean", cotangent: Array, **parameters: Any
    ) -> tuple[Array, ...]:
        losses = np.zeros(np.broadcast_shapes(*(v.shape for v in variables)), variables[0].dtype)
        g = each(losses, reduction, cotangent)
        found = _back(slopes(*_as(variables, inside), **parameters), g, variables, inputs)
        return tuple(part.astype(losses.dtype) for part in found)

    return _with_keywords(whole, slopes, "reduction", "cotangent")


def row_loss_vjp(slopes: Callable[..., tuple[Any, ...]], inside: Any = None) -> Callable[..., Any]:
    """The same for a loss of rows, from the slopes in its first variables, each with rows."""

    def whole(
        *variables: Array, reduction: str = "mean", cotangent: Array, **parameters: Any
    ) -> tuple[Array, ...]:
        first = variables[0]
        g = np.asarray(each(first[..., 0], reduction, cotangent))
        column = np.broadcast_to(g, first.shape[:-1])[..., None]
        parts = slopes(*_as(variables, inside), **parameters)
        pairs = zip(parts, variables, strict=False)
        return tuple(summed(column * p, v).astype(first.dtype) for p, v in pairs)

    return _with_keywords(whole, slopes, "reduction", "cotangent")


def _as(variables: tuple[Array, ...], inside: Any) -> tuple[Array, ...]:
    """The variables in another dtype, but for class indices."""
    if inside is None:
        return variables
    return tuple(v if v.dtype.kind in "iu" else v.astype(inside) for v in variables)


def _back(
    slopes: tuple[Any, ...], g: Array, variables: tuple[Array, ...], inputs: int
) -> tuple[Array, ...]:
    shape = np.broadcast_shapes(*(v.shape for v in variables))
    parts = [np.broadcast_to(g * slope, shape) for slope in slopes]
    found = [summed(p, v) for p, v in zip(parts[:inputs], variables, strict=False)]
    return (*found, *(np.asarray(np.sum(p)) for p in parts[inputs:]))
