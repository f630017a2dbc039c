"""Identities of the definition, tried on the implementations themselves.

Every applied function in the equation is one call of the backend; everything around it is exact.
The bound is the sum of the nodes' allowed errors times the partial derivatives of the equation,
and an argument that had to be rounded, or came from another node, carries its own error along.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import mpmath
import numpy as np
import sympy
from numpy.typing import NDArray
from sympy import Derivative, Sum

from ...reference.error import Truth
from ...reference.formats import Floats
from ...reference.level import Level, bounds
from ...spec.identity import definition_of
from .. import points
from ..case import Batch, Case
from ..implementation import Unsupported
from ..judge import witness
from .property import Outcome, Property

Applied = sympy.core.function.AppliedUndef


@dataclass
class Node:
    """An applied function, as observed: its values and the error that is allowed in them.

    `allowed` has two rows: what `accurate` allows and what `sound` does.
    """

    values: Floats
    allowed: Floats


def _exactly(values: Floats) -> Node:
    return Node(values, np.zeros((2, *values.shape)))


class Partner(Unsupported):
    """Another function that the equation needs is not there to be called."""


def identities(case: Case) -> Iterator[tuple[str, Outcome]]:
    for name, equation in case.function.identities.items():
        outcome = Outcome()
        try:
            if case.function.along_axis or _rowwise(equation):
                _try_rows(case, outcome, equation)
            else:
                _try(case, outcome, equation)
        except Unsupported as reason:
            outcome = Outcome(unsupported=str(reason))
        yield re.sub(r"\W+", "_", name).strip("_"), outcome


def _rowwise(equation: Any) -> bool:
    return bool(equation.atoms(sympy.Indexed))


def _partner(case: Case, application: Any) -> Case:
    function = definition_of(application, {case.function.name: case.function})
    if function.name == case.function.name:
        return case
    partner = case.partners.get(function.name)
    if partner is None:
        raise Partner(f"needs {function.name}, which the target does not have")
    return Case(partner, case.fmt, case.required, case.seed, partners=case.partners)


# ---------------------------------------------------------------- elementwise


def _columns(case: Case, equation: Any) -> dict[Any, Floats]:
    """Moderate points for every free symbol of the equation."""
    rng = np.random.default_rng(points.SEED + 31)
    fmt = case.fmt
    thin = np.concatenate([points.ladder(fmt, 1)[::3], points.ordinary(fmt, 300)])
    symbols = sorted(equation.free_symbols, key=str)
    variables = {v.symbol: v for v in case.function.variables}
    parameters = {p.symbol: p for p in case.function.parameters}
    columns = {}
    for symbol in symbols:
        if symbol in variables:
            pool = points.inside(thin, variables[symbol], fmt)
        elif symbol in parameters:
            p = parameters[symbol]
            values = [float(v) for v in (p.default, *p.samples)]
            pool = fmt.round(np.array([v for v in values if fmt.round(np.array([v]))[0] == v]))
        else:
            pool = thin
        pool = pool[np.isfinite(pool) & (np.abs(pool) < np.sqrt(fmt.largest))]
        columns[symbol] = (
            rng.choice(pool, 600)
            if symbol not in variables
            else np.resize(rng.permutation(pool), 600)
        )
    return columns


def _try(case: Case, outcome: Outcome, equation: Any) -> None:
    columns = _columns(case, equation)
    with np.errstate(all="ignore"):
        left = _evaluate(case, equation.lhs, columns)
        right = _evaluate(case, equation.rhs, columns)
        residual = np.abs(left.values - right.values)
        size = np.maximum(np.abs(left.values), np.abs(right.values))
        allowed = left.allowed + right.allowed + 2.0**-50 * size + case.fmt.smallest_subnormal
        finite = np.isfinite(left.values) & np.isfinite(right.values) & np.isfinite(allowed)
        # a bound wider than the quantity itself says nothing
        effective = finite[0] & (allowed[0] < np.maximum(size, case.scale * 1e-3) + 1e-300)
    _conclude(case, outcome, columns, residual, allowed, effective, left, right)


def _conclude(
    case: Case,
    outcome: Outcome,
    columns: Mapping[Any, Floats],
    residual: Floats,
    allowed: Floats,
    effective: NDArray[np.bool_],
    left: Node,
    right: Node,
) -> None:
    count = int(effective.sum())
    if not count:
        outcome.undecided += 1
        outcome.message = "the equation had no effective point: its bound was wider than its sides"
        return
    outcome.lower(Level.EXACT, points=count)
    broken = effective & ~(residual <= allowed[0])
    if not broken.any():
        return
    unsound = broken & ~(residual <= allowed[1])
    ratio = np.where(unsound if unsound.any() else broken, residual / allowed[0], 0)
    k = int(np.argmax(ratio))
    given = {
        str(s): float(np.ravel(c)[k]) if np.ndim(c) == 1 else c[k].tolist()
        for s, c in columns.items()
    }
    outcome.lower(
        Level.UNSOUND if unsound.any() else Level.SOUND,
        message="the two sides differ by more than their errors allow",
        witness=witness(
            given,
            case.fmt,
            truth=float(left.values[k]),
            observed=float(right.values[k]),
            origin=f"truth: left side, observed: right side; |difference| {residual[k]:.3g}, "
            f"allowed {allowed[0][k]:.3g}",
        ),
    )


def _evaluate(case: Case, expression: Any, columns: Mapping[Any, Floats]) -> Node:
    """A side of an equation: float64 around calls of the backend, with first-order errors."""
    if isinstance(expression, Derivative):
        return _derivative(case, expression, columns)
    if isinstance(expression, Applied):
        return _call(case, expression, columns)
    nodes = _outer_nodes(expression)
    names = {n: sympy.Dummy(f"node{k}", real=True) for k, n in enumerate(nodes)}
    body = expression.xreplace(names)
    found = {names[n]: _evaluate(case, n, columns) for n in nodes}
    symbols = [*columns, *found]
    values = [*columns.values(), *(f.values for f in found.values())]
    result = _precise(symbols, body, values, case.fmt.full_range_bits)
    allowed = np.zeros((2, *result.shape))
    for symbol, node in found.items():
        slope = _numeric(symbols, sympy.diff(body, symbol), values)
        term = np.abs(slope) * node.allowed
        allowed = allowed + np.where(node.allowed == 0, 0.0, term)
    return Node(result, allowed)


def _outer_nodes(expression: Any) -> list[Any]:
    if isinstance(expression, Applied | Derivative):
        return [expression]
    found: list[Any] = []
    for a in getattr(expression, "args", ()):
        found += [n for n in _outer_nodes(a) if n not in found]
    return found


def _precise(symbols: list[Any], body: Any, values: list[Floats], bits: int) -> Floats:
    """The expression at full-range precision, rounded once: what surrounds the calls is exact."""
    shape = np.broadcast_shapes(*(np.shape(v) for v in values))
    if body.is_Symbol:
        return _numeric(symbols, body, values)
    used = [k for k, s in enumerate(symbols) if s in body.free_symbols]
    if not used:
        return np.full(shape, float(body))
    evaluate = sympy.lambdify([symbols[k] for k in used], body, "mpmath")
    columns = [np.broadcast_to(values[k], shape).ravel().tolist() for k in used]
    results = []
    with mpmath.workprec(bits):
        for row in zip(*columns, strict=True):
            try:
                results.append(float(evaluate(*map(mpmath.mpf, row))))
            except (ZeroDivisionError, OverflowError, TypeError, ValueError):
                results.append(np.nan)
    return np.array(results).reshape(shape)


def _numeric(symbols: list[Any], body: Any, values: list[Floats]) -> Floats:
    shape = np.broadcast_shapes(*(np.shape(v) for v in values))
    if not body.free_symbols:
        return np.full(shape, float(body))
    body = body.replace(sympy.Heaviside, lambda *a: sympy.Piecewise((1, a[0] > 0), (0, True)))
    result = sympy.lambdify(symbols, body, "numpy")(*values)
    return np.broadcast_to(np.asarray(result, dtype=np.float64), shape).copy()


def _arguments(
    case: Case, application: Any, columns: Mapping[Any, Floats]
) -> tuple[Case, list[Floats], list[Floats], dict[str, Any]]:
    """The case of the function called, its rounded arguments, their errors, its parameters."""
    inner = _partner(case, application)
    function = inner.function
    count = len(function.variables)
    rounded, errors = [], []
    for v, argument in zip(function.variables, application.args[:count], strict=True):
        node = _evaluate(case, argument, columns)
        value = case.fmt.round(node.values)
        if v.domain != sympy.Reals and not v.domain.is_FiniteSet:
            value = np.clip(value, float(v.domain.inf), float(v.domain.sup))
        rounded.append(value)
        lost = np.abs(value - node.values)
        if not _exact_argument(argument):  # its own rounding to float64
            lost = lost + 2.0**-53 * np.abs(node.values)
        errors.append(lost + node.allowed)
    given = {}
    for p, argument in zip(function.parameters, application.args[count:], strict=False):
        if not inner.implementation.accepts(p.name) and argument != p.default:
            raise Unsupported(f"takes no {p.name}")
        given[p.name] = argument
    return inner, rounded, errors, given


def _exact_argument(argument: Any) -> bool:
    """Whether an argument is a symbol times a power of two, or another function's answer."""
    coefficient, rest = argument.as_coeff_Mul()
    if isinstance(rest, Applied):
        return bool(coefficient == 1)
    return bool(rest.is_Symbol and abs(coefficient) in (1, 2, 4, sympy.Rational(1, 2)))


def _settings(
    given: Mapping[str, Any], columns: Mapping[Any, Floats]
) -> list[tuple[np.ndarray, dict[str, Any]]]:
    """Parameters are one number for each call: the points grouped by their values."""
    size = next(iter(columns.values())).shape[0]
    numbers = {
        n: np.broadcast_to(
            _numeric(list(columns), sympy.sympify(e), list(columns.values())), (size,)
        )
        for n, e in given.items()
    }
    if not numbers:
        return [(np.arange(size), {})]
    table = np.stack(list(numbers.values()), axis=1)
    kinds, inverse = np.unique(table, axis=0, return_inverse=True)
    return [
        (np.flatnonzero(inverse.ravel() == k), dict(zip(numbers, kind.tolist(), strict=True)))
        for k, kind in enumerate(kinds)
    ]


def _bound(truth: Truth, fmt: Any, scale: float) -> Floats:
    """The accurate and the sound bound as absolute errors, the wider of several answers'."""
    found = [bounds(a, fmt, scale) for a in truth.answers]
    both = [np.stack([b.accurate, b.sound]) for b in found]
    widest: Floats = np.max(
        [np.ldexp(b, a.exponent) for b, a in zip(both, truth.answers, strict=True)], axis=0
    )
    return widest


def _call(case: Case, application: Any, columns: Mapping[Any, Floats]) -> Node:
    inner, arguments, errors, given = _arguments(case, application, columns)
    values = np.full(arguments[0].shape, np.nan)
    allowed = np.full((2, *values.shape), np.nan)
    for spots, parameters in _settings(given, columns):
        setting = _exact(inner, parameters)
        batch = Batch(tuple(a[spots] for a in arguments))
        values[spots] = inner.observe(batch, setting)
        truth = inner.truth(batch, setting)
        own = _bound(truth["value"], case.fmt, inner.scale)
        for v, e in zip(inner.function.variables, errors, strict=True):
            slope = np.abs(truth[v.name].nearest)
            own = own + np.where(e[:, spots] == 0, 0.0, 2 * slope * e[:, spots])
        allowed[:, spots] = own + _flush(inner, batch, values[spots], truth["value"])
    return Node(values, allowed)


def _flush(inner: Case, batch: Batch, seen: Floats, truth: Truth) -> Floats | float:
    """What flushing subnormals may add, where the implementation does that."""
    if not inner.flushes(seen, truth):
        return 0.0
    size = np.max([np.abs(a) for a in batch.arrays], axis=0)
    lost: Floats = inner.fmt.smallest_normal * np.maximum(1.0, size)
    return lost


def _exact(inner: Case, parameters: Mapping[str, float]) -> Any:
    from ...reference import oracle

    return oracle.parameters(inner.function, parameters)


def _derivative(case: Case, expression: Any, columns: Mapping[Any, Floats]) -> Node:
    """d/dv of one application, by the backend's gradient; of one inside another, by the chain."""
    application, (symbol, order) = expression.args[0], expression.variable_count[0]
    if order != 1 or len(expression.variable_count) != 1 or not isinstance(application, Applied):
        raise Unsupported("only first derivatives of one application are tried")
    inner, arguments, errors, given = _arguments(case, application, columns)
    if not inner.implementation.has_gradient:
        raise Unsupported("no gradient")
    total = np.zeros(arguments[0].shape)
    allowed = np.zeros((2, *total.shape))
    for v, argument in zip(inner.function.variables, application.args, strict=False):
        if symbol not in argument.free_symbols:
            continue
        outer = _gradient_node(inner, v.name, arguments, errors, given, columns)
        if isinstance(argument, Applied):
            chain = _derivative(case, Derivative(argument, symbol), columns)
        else:
            slope = _numeric(list(columns), sympy.diff(argument, symbol), list(columns.values()))
            chain = _exactly(slope)
        total = total + outer.values * chain.values
        allowed = (
            allowed + outer.allowed * np.abs(chain.values) + np.abs(outer.values) * chain.allowed
        )
    return Node(total, allowed)


def _gradient_node(
    inner: Case,
    name: str,
    arguments: list[Floats],
    errors: list[Floats],
    given: Mapping[str, Any],
    columns: Mapping[Any, Floats],
) -> Node:
    values = np.full(arguments[0].shape, np.nan)
    allowed = np.full((2, *values.shape), np.nan)
    for spots, parameters in _settings(given, columns):
        setting = _exact(inner, parameters)
        batch = Batch(tuple(a[spots] for a in arguments))
        if inner.loops:
            raise Unsupported("takes no reduction")
        values[spots] = inner.observe_gradient(batch, name, setting)
        truth = inner.truth(batch, setting)
        own = _bound(truth[name], inner.fmt, inner.scale)
        curvature = _curvature(inner, name, batch, setting)
        for e, c in zip(errors, curvature, strict=True):
            own = own + np.where(e[:, spots] == 0, 0.0, 2 * np.abs(c) * e[:, spots])
        allowed[:, spots] = own + _flush(inner, batch, values[spots], truth[name])
    return Node(values, allowed)


def _curvature(inner: Case, name: str, batch: Batch, setting: Any) -> list[Floats]:
    """The derivatives of a gradient in each variable, in float64: enough for a bound."""
    from ...spec import derive

    function = inner.function
    v = next(w for w in function.variables if w.name == name)
    symbols = [w.symbol for w in (*function.variables, *function.parameters)]
    values = [
        *batch.arrays,
        *(np.full(batch.size, float(setting[p.name])) for p in function.parameters),
    ]
    from ...spec.special import plain

    return [
        np.abs(_numeric(symbols, plain(derive.second(function, v, w)), values))
        for w in function.variables
    ]


# ---------------------------------------------------------------- along an axis


def _try_rows(case: Case, outcome: Outcome, equation: Any) -> None:
    """Row equations: applied functions on rows z (and t), sums, one derivative in z[k]."""
    for length in (2, 3, 5, 8):
        rng = np.random.default_rng([points.SEED, 37, length])
        count = 24
        # sixteenths up to 8: sums with c are exact in every format, so shifts cost no rounding
        z = np.clip(np.rint(rng.normal(scale=48.0, size=(count, length))), -128, 128) / 16
        t = points.simplex(case.fmt, count, length)
        c = rng.choice([-4.0, 0.5, 2.0], size=(count, 1))
        rows = _Rows(case, {"z": z, "t": t}, {"c": np.broadcast_to(c, z.shape)}, length)
        with np.errstate(all="ignore"):
            left, right = rows.evaluate(equation.lhs), rows.evaluate(equation.rhs)
            residual = np.abs(left.values - right.values)
            size = np.maximum(np.abs(left.values), np.abs(right.values))
            allowed = left.allowed + right.allowed + 2.0**-50 * size
            shape = np.broadcast_shapes(residual.shape, z.shape)
            residual, size = (np.broadcast_to(a, shape) for a in (residual, size))
            allowed = np.broadcast_to(allowed, (2, *shape))
            effective = np.isfinite(residual) & np.isfinite(allowed[0])
            effective &= allowed[0] < np.maximum(size, 1e-3)
        flat = {"z": np.repeat(z, length, axis=0), "t": np.repeat(t, length, axis=0)}
        sides = [Node(np.broadcast_to(s.values, shape).ravel(), s.allowed) for s in (left, right)]
        _conclude(
            case,
            outcome,
            flat,
            residual.ravel(),
            allowed.reshape(2, -1),
            effective.ravel(),
            *sides,
        )


@dataclass
class _Rows:
    """Evaluates a row expression: every value is an array (N, n), one entry for each index."""

    case: Case
    rows: Mapping[str, Floats]
    scalars: Mapping[str, Floats]
    length: int

    def evaluate(self, e: Any) -> Node:
        if isinstance(e, Derivative):
            return self._derivative(e)
        if isinstance(e, Applied):
            return self._call(e)
        if isinstance(e, Sum):
            body = self.evaluate(e.function)
            shape = (*np.shape(body.values)[:1], self.length)
            values = np.broadcast_to(body.values, shape).sum(axis=1, keepdims=True)
            allowed = np.broadcast_to(body.allowed, (2, *shape)).sum(axis=2, keepdims=True)
            return Node(values, allowed)
        if isinstance(e, sympy.Indexed):
            return _exactly(self.rows[str(e.base.label)])
        if e.is_Symbol:
            return _exactly(self.scalars[e.name])
        if e.is_number:
            return _exactly(np.full((next(iter(self.rows.values())).shape[0], 1), float(e)))
        parts = [self.evaluate(a) for a in e.args]
        symbols = [sympy.Dummy(real=True) for _ in parts]
        body = e.func(*symbols)
        shape = np.broadcast_shapes(*(p.values.shape for p in parts))
        values = [np.broadcast_to(p.values, shape) for p in parts]
        result = _precise(symbols, body, values, self.case.fmt.full_range_bits)
        allowed = np.zeros((2, *shape))
        for s, p in zip(symbols, parts, strict=True):
            slope = np.abs(_numeric(symbols, sympy.diff(body, s), values))
            allowed = allowed + np.where(p.allowed == 0, 0.0, slope * p.allowed)
        return Node(result, allowed)

    def _batch(self, application: Any) -> tuple[Case, Batch]:
        inner = _partner(self.case, application)
        nodes = [self.evaluate(a) for a in application.args]
        arrays = [self.case.fmt.round(np.broadcast_to(n.values, self._shape)) for n in nodes]
        for array, node in zip(arrays, nodes, strict=True):
            if np.any(array != node.values) or np.any(node.allowed != 0):
                raise Unsupported("only row functions of exact arguments are tried")
        out = self._shape if inner.function.row_output else self._shape[:1]
        return inner, Batch(tuple(arrays), np.ones(out))

    @property
    def _shape(self) -> tuple[int, int]:
        return (next(iter(self.rows.values())).shape[0], self.length)

    def _call(self, application: Any) -> Node:
        inner, batch = self._batch(application)
        seen = inner.observe(batch)
        truth = inner.truth(batch, gradient=False)["value"]
        own = _bound(truth, self.case.fmt, inner.scale) + _row_flush(inner)
        if seen.ndim == 1:
            seen, own = seen[:, None], own[:, :, None]
        return Node(seen, own)

    def _derivative(self, e: Any) -> Node:
        inner, batch = self._batch(e.args[0])
        if inner.loops or not inner.implementation.has_gradient:
            raise Unsupported("no gradient")
        name = inner.function.variables[0].name
        seen = inner.observe_gradient(batch, name)
        truth = inner.truth(batch)[name]
        return Node(seen, _bound(truth, self.case.fmt, inner.scale) + _row_flush(inner))


def _row_flush(inner: Case) -> float:
    return 64 * inner.fmt.smallest_normal if inner.library_flushes else 0.0


IDENTITY = Property(
    name="identity",
    judge=identities,
    meaning="An equation of the definition holds between the implementations, within the errors "
    "that each of them may make: tanh(x) = 2 sigmoid(2x) - 1, softplus' = sigmoid.",
    why="Functions that are used together must agree with each other, not only with the truth.",
    cause="Two functions of a family use different approximations or constants.",
    fix="Build one on the other, or both on the same kernel.",
    applies=lambda case: bool(case.function.identities),
)
