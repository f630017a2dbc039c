"""An equation along an axis: applied functions on rows, sums, and a derivative in one entry."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import sympy
from sympy import Derivative, Sum

from ...reference import oracle
from ...reference.error import Truth
from ...reference.formats import Floats
from ...reference.rows import near_kink
from ...reference.settle import rational
from ...spec import symbols
from ..points.case import Batch, Case
from ..targets.implementation import Unsupported
from . import observe
from .equation import (
    Applied,
    Node,
    allowed_error,
    exactly,
    numerically,
    partner_of,
    placeholder,
    precisely,
)


@dataclass
class Rows:
    """Evaluates a row expression: every value is an array (N, width), one entry for each index.

    `length` is n. The width is n too, or the number of outputs where halves of a row meet.
    """

    case: Case
    rows: Mapping[Any, Floats]
    scalars: Mapping[Any, Floats]
    length: int
    width: int

    def evaluate(self, e: Any) -> Node:
        if isinstance(e, Derivative):
            return self._derivative(e)
        if isinstance(e, Applied):
            return self._call(e)
        if isinstance(e, Sum):
            return self._sum(e)
        if isinstance(e, sympy.Indexed):
            return exactly(self.rows[e.base][:, self._places(e.indices[0])])
        if e.is_Symbol:
            return exactly(self.scalars[e])
        if e.is_number:
            return exactly(np.full((self._shape[0], 1), float(e)))
        return self._compound(e)

    def _places(self, index: Any) -> list[int]:
        """The places that an index takes: `i + n/2` counts from the middle of the row."""
        counted = sorted(index.free_symbols - {symbols.n}, key=str)
        at = index.subs(symbols.n, self.length)
        return [int(at.subs(s, place)) for s in counted for place in range(self.width)]

    @property
    def _whole(self) -> Rows:
        """The same rows where every index runs from 0 to n - 1."""
        return replace(self, width=self.length)

    def _sum(self, e: Any) -> Node:
        body = self._whole.evaluate(e.function)
        shape = (*np.shape(body.values)[:1], self.length)
        values = np.broadcast_to(body.values, shape).sum(axis=1, keepdims=True)
        allowed = np.broadcast_to(body.allowed, (2, *shape)).sum(axis=2, keepdims=True)
        return Node(values, allowed)

    def _compound(self, e: Any) -> Node:
        """An operation of SymPy's on parts, with the errors of the parts to first order."""
        parts = [self.evaluate(a) for a in e.args]
        symbols = [placeholder(k) for k in range(len(parts))]
        body = e.func(*symbols)
        shape = np.broadcast_shapes(*(p.values.shape for p in parts))
        values = [np.broadcast_to(p.values, shape) for p in parts]
        result = precisely(symbols, body, values, self.case.fmt.full_range_bits)
        allowed = np.zeros((2, *shape))
        for s, p in zip(symbols, parts, strict=True):
            slope = np.abs(numerically(symbols, sympy.diff(body, s), values))
            allowed = allowed + np.where(p.allowed == 0, 0.0, slope * p.allowed)
        return Node(result, allowed)

    @property
    def _shape(self) -> tuple[int, int]:
        return (next(iter(self.rows.values())).shape[0], self.width)

    def _arguments(self, application: Any) -> _Arguments:
        """What goes into a call: rounded arrays, what they may be off by, the parameters."""
        inner = partner_of(self.case, application)
        function, fmt = inner.function, self.case.fmt
        count = len(function.variables)
        arrays, errors = [], []
        sides = self._whole if function.along_axis else self
        for v, argument in zip(function.variables, application.args[:count], strict=True):
            node = sides.evaluate(argument)
            wide = v.along_axis or not function.along_axis
            values = np.broadcast_to(node.values, sides._shape)
            allowed = np.broadcast_to(node.allowed, (2, *sides._shape))
            if not wide:
                values, allowed = values[:, 0], allowed[:, :, 0]
            rounded = fmt.round(values)
            arrays.append(rounded)
            errors.append(np.abs(rounded - values) + allowed)
        given = {}
        for p, argument in zip(function.parameters, application.args[count:], strict=False):
            if not inner.implementation.accepts(p.name) and argument != p.default:
                raise Unsupported(f"takes no {p.name}")
            given[p.name] = rational(float(np.ravel(self.evaluate(argument).values)[0]))
        setting = oracle.parameters(function, given)
        if not function.along_axis:
            arrays = [a.ravel() for a in arrays]
            errors = [e.reshape(2, -1) for e in errors]
        batch = Batch(tuple(arrays))
        seed = np.ones(observe.out_shape(inner, batch))
        return _Arguments(inner, Batch(batch.arrays, seed), errors, setting)

    def _call(self, application: Any) -> Node:
        a = self._arguments(application)
        seen = observe.value(a.inner, a.batch, a.setting)
        carries = any(np.any(e != 0) for e in a.errors)
        truth = a.inner.truth(a.batch, a.setting, gradient=carries)
        own = allowed_error(truth["value"], self.case.fmt, a.inner.scale) + _row_flush(a.inner)
        if carries:
            own = own + _carried(a, truth)
        own = np.where(_blurred(a, a.inner.function.jumps), np.nan, own)
        if not a.inner.function.along_axis:
            return Node(seen.reshape(self._shape), own.reshape(2, *self._shape))
        if seen.ndim == 1:
            seen, own = seen[:, None], own[:, :, None]
        return Node(seen, own)

    def _derivative(self, e: Any) -> Node:
        a = self._arguments(e.args[0])
        if a.inner.loops or not a.inner.implementation.has_gradient:
            raise Unsupported("no gradient")
        if any(np.any(error != 0) for error in a.errors):
            raise Unsupported("gradients are tried at exact arguments only")
        base = e.variable_count[0][0].base
        names = [v.name for v in a.inner.function.variables if v.symbol == base]
        name = names[0] if names else a.inner.function.variables[0].name
        seen = observe.gradient(a.inner, a.batch, name, a.setting)
        truth = a.inner.truth(a.batch, a.setting)[name]
        own = allowed_error(truth, self.case.fmt, a.inner.scale) + _row_flush(a.inner)
        blurred = np.reshape(_blurred(a, a.inner.branches), (-1, 1))
        return Node(seen, np.where(blurred, np.nan, own))


@dataclass
class _Arguments:
    """A call to be made: on what, how far off that may be, at which parameters."""

    inner: Case
    batch: Batch
    errors: list[Floats]
    setting: Mapping[str, Any]


def _blurred(a: _Arguments, broken: Any) -> Any:
    """Which rows lie where rounding may change a branch, for what jumps there: (N, 1)."""
    if not broken or not a.inner.function.along_axis:
        return False
    near, undefined = near_kink(a.inner.function, a.batch.arrays, a.inner.fmt, a.setting)
    blurred = near | undefined
    return (
        blurred[:, None] if a.batch.arrays[0].ndim > 1 and a.inner.function.row_output else blurred
    )


def _carried(a: _Arguments, truth: Mapping[str, Truth]) -> Floats:
    """What the errors of the arguments do to each output: the slopes, doubled for the curvature."""
    if not (a.inner.function.along_axis and a.inner.function.row_output):
        return _lost(a, truth)
    count, outputs = observe.out_shape(a.inner, a.batch)
    columns = []
    for place in range(outputs):
        seed = np.zeros((count, outputs))
        seed[:, place] = 1
        columns.append(_lost(a, a.inner.truth(Batch(a.batch.arrays, seed), a.setting)))
    return np.stack(columns, axis=-1)


def _lost(a: _Arguments, truth: Mapping[str, Truth]) -> Floats:
    total = np.zeros((2, a.batch.size))
    for v, e in zip(a.inner.function.variables, a.errors, strict=True):
        if np.any(e != 0):
            lost = np.where(e == 0, 0.0, 2 * np.abs(truth[v.name].nearest) * e)
            total = total + (lost.sum(axis=-1) if lost.ndim > 2 else lost)
    return total


def _row_flush(inner: Case) -> float:
    return 64 * inner.fmt.smallest_normal if inner.library_flushes else 0.0
