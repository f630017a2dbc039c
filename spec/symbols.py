"""The symbols that definitions share: one letter means one thing in the whole book."""

from __future__ import annotations

from sympy import Dummy, IndexedBase, Symbol

x = Symbol("x", real=True)
"""Input of an elementwise activation."""

z = IndexedBase("z", real=True)
"""Inputs along an axis (logits), z[0] to z[n-1]."""

t_vector = IndexedBase("t", real=True)
"""Targets along an axis, t[0] to t[n-1]."""

p_vector = IndexedBase("p", real=True)
"""Predictions along an axis, p[0] to p[n-1]."""

n = Symbol("n", integer=True, positive=True)
"""Length of the axis."""

i = Symbol("i", integer=True, nonnegative=True)
"""Index of an output along the axis."""

j = Symbol("j", integer=True, nonnegative=True)
"""Index bound by a sum along the axis."""

r = Symbol("r", integer=True, nonnegative=True)
"""Index bound by a sum inside such a sum."""

k = Symbol("k", integer=True, nonnegative=True)
"""Index of the input that a derivative is taken in."""

m = Symbol("m", integer=True, nonnegative=True)
"""Index of the input that a second derivative is taken in."""

h = Symbol("h", integer=True, nonnegative=True)
"""Index of the row, in a matrix, of the input that a derivative is taken in."""

g = Symbol("g", integer=True, nonnegative=True)
"""Index of the row, in a matrix, of the input that a second derivative is taken in."""

frames = Symbol("T", integer=True, positive=True)
"""Length of a sequence: how many rows of n numbers a matrix has."""

labels = Symbol("S", integer=True, nonnegative=True)
"""Length of a labelling."""

path = IndexedBase("pi_", integer=True, nonnegative=True)
"""A path through a sequence: the class pi_[0] of its first frame, to pi_[T-1] of its last."""

INDICES = (n, i, j, r, k, m, h, g, frames, labels)
"""What an expression along an axis may name beside its inputs."""

prediction = Symbol("p", real=True)
target = Symbol("t", real=True)
logits = Symbol("z", real=True)


def fresh(symbol: Symbol) -> Symbol:
    """A stand-in with the same assumptions that meets no symbol of the same name."""
    return Dummy(symbol.name, **symbol.assumptions0)
