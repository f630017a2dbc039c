"""Gated linear units: the first half of each row times an activation of the second half.

The factor goes into the activation, whose left tail would else underflow before it is met.
"""

# NumPy types arithmetic on NDArray[Any] as Any.
# mypy: disable-error-code="no-any-return"

from __future__ import annotations

import numpy as np

from ._format import Array, rounded_once
from ._gauss import times_gelu, times_gelu_slope
from ._logistic import times_gate, times_gate_slope, times_sigmoid, times_sigmoid_slope


@rounded_once
def glu(z: Array, *, axis: int = -1) -> Array:
    """a sigmoid(b), with exp of negative numbers only."""
    a, b = _halves(z, axis)
    return _back(times_sigmoid(a, b), axis)


@rounded_once
def glu_vjp(z: Array, *, axis: int = -1, cotangent: Array) -> tuple[Array, ...]:
    """sigmoid(b) for a; a sigmoid'(b) for b, with no 1 - sigmoid."""
    (a, b), g = _halves(z, axis), np.moveaxis(cotangent, axis, -1)
    return _joined(times_sigmoid(g, b), times_sigmoid_slope(g * a, b), axis)


@rounded_once
def reglu(z: Array, *, axis: int = -1) -> Array:
    """a max(b, 0); np.maximum passes NaN on."""
    a, b = _halves(z, axis)
    return _back(a * np.maximum(b, 0), axis)


@rounded_once
def reglu_vjp(z: Array, *, axis: int = -1, cotangent: Array) -> tuple[Array, ...]:
    """max(b, 0) for a; a or 0 for b, NaN at NaN."""
    (a, b), g = _halves(z, axis), np.moveaxis(cotangent, axis, -1)
    return _joined(g * np.maximum(b, 0), g * a * np.heaviside(b, 0), axis)


@rounded_once
def geglu(z: Array, *, axis: int = -1) -> Array:
    """a b Phi(b), with Phi(b) from erfc, which keeps the left tail."""
    return _back(times_gelu(*_halves(z, axis)), axis)


@rounded_once
def geglu_vjp(z: Array, *, axis: int = -1, cotangent: Array) -> tuple[Array, ...]:
    """gelu(b) for a; a gelu'(b) for b."""
    (a, b), g = _halves(z, axis), np.moveaxis(cotangent, axis, -1)
    return _joined(times_gelu(g, b), times_gelu_slope(g * a, b), axis)


@rounded_once
def swiglu(z: Array, *, axis: int = -1) -> Array:
    """a b sigmoid(b); where b < 0 it is b that is multiplied first, which stays small."""
    return _back(times_gate(*_halves(z, axis)), axis)


@rounded_once
def swiglu_vjp(z: Array, *, axis: int = -1, cotangent: Array) -> tuple[Array, ...]:
    """silu(b) for a; a silu'(b) for b, with sigmoid(-b) for 1 - sigmoid(b)."""
    (a, b), g = _halves(z, axis), np.moveaxis(cotangent, axis, -1)
    return _joined(times_gate(g, b), times_gate_slope(g * a, b, b), axis)


@rounded_once
def bilinear(z: Array, *, axis: int = -1) -> Array:
    """a b."""
    a, b = _halves(z, axis)
    return _back(a * b, axis)


@rounded_once
def bilinear_vjp(z: Array, *, axis: int = -1, cotangent: Array) -> tuple[Array, ...]:
    """b for a, and a for b."""
    (a, b), g = _halves(z, axis), np.moveaxis(cotangent, axis, -1)
    return _joined(g * b, g * a, axis)


def _halves(z: Array, axis: int) -> tuple[Array, Array]:
    """The first and the second half of each row, the axis brought last."""
    rows = np.moveaxis(z, axis, -1)
    half, odd = divmod(rows.shape[-1], 2)
    if odd:
        raise ValueError(
            f"axis {axis} has {rows.shape[-1]} entries: two halves need an even number"
        )
    return rows[..., :half], rows[..., half:]


def _back(rows: Array, axis: int) -> Array:
    return np.moveaxis(rows, -1, axis)


def _joined(first: Array, second: Array, axis: int) -> tuple[Array, ...]:
    """The gradient of the whole rows from those of their halves."""
    return (_back(np.concatenate([first, second], axis=-1), axis),)
