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
i, j, r, k, m, h, g = (Symbol(name, integer=True, nonnegative=True) for name in "ijrkmhg")
frames = Symbol("T", integer=True, positive=True)
labels = Symbol("S", integer=True, nonnegative=True)

path = IndexedBase("pi_", integer=True, nonnegative=True)
"""A path through a sequence: the class pi_[0] of its first frame, to pi_[T-1] of its last."""

INDICES = {
    n: "length of the axis",
    i: "index of an output along the axis",
    j: "index bound by a sum along the axis",
    r: "index bound by a sum inside such a sum",
    k: "index of the input that a derivative is taken in",
    m: "index of the input that a second derivative is taken in",
    h: "index of the row, in a matrix, of the input that a derivative is taken in",
    g: "index of the row, in a matrix, of the input that a second derivative is taken in",
    frames: "length of a sequence: how many rows of n numbers a matrix has",
    labels: "length of a labelling",
}
"""What an expression along an axis may name beside its inputs, and what each is."""

prediction = Symbol("p", real=True)
target = Symbol("t", real=True)
logits = Symbol("z", real=True)


def fresh(symbol: Symbol) -> Symbol:
    """A stand-in with the same assumptions that meets no symbol of the same name."""
    return Dummy(symbol.name, **symbol.assumptions0)
