"""An equation between Functions, evaluated on implementations, with the error that is allowed.

Every applied function in it is one call of the backend; everything around the calls is exact. The
error allowed in a side is the sum of the nodes' allowed errors times the partial derivatives of the
side, and an argument that had to be rounded, or came from another node, carries its error along.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import mpmath
import numpy as np
import sympy
from sympy import Derivative

from ...reference import oracle
from ...reference.error import Truth
from ...reference.expression import enclosed
from ...reference.formats import FORMATS, Floats
from ...reference.level import bounds
from ...reference.rows import near_kink
from ...spec import derive
from ...spec.expansion import definition_of
from ...spec.special import entry, plain
from ..points import points
from ..points.case import Batch, Case, Setting
from ..targets.implementation import Unsupported
from . import observe, ruling

Applied = sympy.core.function.AppliedUndef

_SPECIAL = {
    "erf": np.vectorize(math.erf, otypes=[np.float64]),
    "erfc": np.vectorize(math.erfc, otypes=[np.float64]),
}
"""What NumPy lacks."""


@dataclass
class Node:
    """An applied function, as observed: its values and the error that is allowed in them.

    `allowed` has two rows: what `accurate` allows and what `sound` does.
    """

    values: Floats
    allowed: Floats


def exactly(values: Floats) -> Node:
    """A node without error."""
    return Node(values, np.zeros((2, *values.shape)))


def partner_of(case: Case, application: Any) -> Case:
    """The case of the function that is applied; `Unsupported` where the target lacks it."""
    function = definition_of(application, {case.function.name: case.function})
    if function.name == case.function.name:
        return case
    partner = case.partners.get(function.name)
    if partner is None:
        raise Unsupported(f"needs {function.name}, which the target does not have")
    return Case(partner, case.fmt, case.required, case.seed, partners=case.partners)


def allowed_error(truth: Truth, fmt: Any, scale: float) -> Floats:
    """The accurate and the sound bound as absolute errors, the wider of several answers'."""
    found = [bounds(a, fmt, scale) for a in truth.answers]
    both = [np.stack([b.accurate, b.sound]) for b in found]
    widest: Floats = np.max(
        [np.ldexp(b, a.exponent) for b, a in zip(both, truth.answers, strict=True)], axis=0
    )
    return widest


# ---------------------------------------------------------------- what stands around the calls


def evaluate(case: Case, expression: Any, columns: Mapping[Any, Floats]) -> Node:
    """A side of an equation: float64 around calls of the backend, with first-order errors."""
    if isinstance(expression, Derivative):
        return _derivative(case, expression, columns)
    if isinstance(expression, Applied):
        return _call(case, expression, columns)
    if isinstance(expression, entry):
        return _call(case, expression.args[0], columns, int(expression.args[1]))
    nodes = _outer_nodes(expression)
    names = {n: placeholder(k) for k, n in enumerate(nodes)}
    body = expression.xreplace(names)
    found = {names[n]: evaluate(case, n, columns) for n in nodes}
    symbols = [*columns, *found]
    values = [*columns.values(), *(f.values for f in found.values())]
    result = precisely(symbols, body, values, case.fmt.full_range_bits)
    allowed = np.zeros((2, *result.shape))
    for symbol, node in found.items():
        term = _steepest(symbols, sympy.diff(body, symbol), values, symbol, node) * node.allowed
        allowed = allowed + np.where(node.allowed == 0, 0.0, term)
    return Node(result, allowed)


def _steepest(
    symbols: list[Any], slope: Any, values: list[Floats], symbol: Any, node: Node
) -> Floats:
    """The largest |slope| in a node: where it is, and where its errors may take it, (2, N).

    The slope of (1 - s)^2 vanishes at s = 1, and still an error in s is seen.
    """
    place = symbols.index(symbol)
    found = np.broadcast_to(np.abs(numerically(symbols, slope, values)), node.allowed.shape)
    for row, error in enumerate(node.allowed):
        for sign in (-1, 1):
            moved = [*values[:place], node.values + sign * error, *values[place + 1 :]]
            there = np.abs(numerically(symbols, slope, moved))
            found = np.where(np.arange(2)[:, None] == row, np.fmax(found, there), found)
    return found


@cache
def placeholder(place: int) -> Any:
    """The symbol that stands for the part at a place: always the same, and nobody else's."""
    return sympy.Dummy(f"node{place}", real=True)


def _outer_nodes(expression: Any) -> list[Any]:
    if isinstance(expression, Applied | Derivative | entry):
        return [expression]
    found: list[Any] = []
    for a in getattr(expression, "args", ()):
        found += [n for n in _outer_nodes(a) if n not in found]
    return found


def precisely(symbols: list[Any], body: Any, values: list[Floats], bits: int) -> Floats:
    """The expression at full-range precision, rounded once: what surrounds the calls is exact."""
    shape = np.broadcast_shapes(*(np.shape(v) for v in values))
    if body.is_Symbol:
        return numerically(symbols, body, values)
    used = [k for k, s in enumerate(symbols) if s in body.free_symbols]
    if not used:
        return np.full(shape, float(body))
    names = tuple(symbols[k] for k in used)
    columns = [np.broadcast_to(values[k], shape).ravel().tolist() for k in used]
    rows = list(zip(*columns, strict=True))
    results = enclosed(names, body, rows, bits)
    open_ = np.flatnonzero(np.isnan(results)).tolist()
    if open_:  # at the ends of float64, or where there is no number; mpmath takes its time
        evaluate = _compiled(names, body, "mpmath")
        with mpmath.workprec(bits):
            results[open_] = [_at_full_range(evaluate, rows[k]) for k in open_]
    return np.reshape(results, shape)


def _at_full_range(evaluate: Callable[..., Any], row: Sequence[float]) -> float:
    try:
        return float(evaluate(*map(mpmath.mpf, row)))
    except (ZeroDivisionError, OverflowError, TypeError, ValueError):
        return np.nan


@cache
def _compiled(symbols: tuple[Any, ...], body: Any, module: str) -> Callable[..., Any]:
    """The expression as a Python function: printing it costs more than a call."""
    modules = [_SPECIAL, module] if module == "numpy" else module
    compiled: Callable[..., Any] = sympy.lambdify(symbols, body, modules)
    return compiled


def numerically(symbols: list[Any], body: Any, values: list[Floats]) -> Floats:
    """The expression in float64: enough for a slope."""
    shape = np.broadcast_shapes(*(np.shape(v) for v in values))
    if not body.free_symbols:
        return np.full(shape, float(body))
    body = body.replace(sympy.Heaviside, lambda *a: sympy.Piecewise((1, a[0] > 0), (0, True)))
    result = _compiled(tuple(symbols), body, "numpy")(*values)
    return np.broadcast_to(np.asarray(result, dtype=np.float64), shape).copy()


# ---------------------------------------------------------------- a call


def _call(
    case: Case, application: Any, columns: Mapping[Any, Floats], place: int | None = None
) -> Node:
    inner, arguments, errors, given = _arguments(case, application, columns)
    if inner.function.along_axis:
        return _row_call(inner, arguments, errors, _settings(given, columns), place)
    values = np.full(arguments[0].shape, np.nan)
    allowed = np.full((2, *values.shape), np.nan)
    for spots, parameters in _asked(given, columns, arguments):
        setting = oracle.parameters(inner.function, parameters)
        batch = Batch(tuple(a[spots] for a in arguments))
        values[spots] = observe.value(inner, batch, setting)
        truth = inner.truth(batch, setting)
        own = allowed_error(truth["value"], case.fmt, inner.scale)
        for position, (v, e) in enumerate(zip(inner.function.variables, errors, strict=True)):
            slope = np.abs(truth[v.name].nearest)
            moved = _change(inner, batch, setting, position, e[:, spots], truth["value"].nearest)
            change = np.maximum(2 * slope * e[:, spots], moved)
            own = own + np.where(e[:, spots] == 0, 0.0, change)
        allowed[:, spots] = own + _flush(inner, batch, values[spots], truth["value"])
    return Node(values, allowed)


def _row_call(
    inner: Case,
    arguments: list[Floats],
    errors: list[Floats],
    settings: list[tuple[np.ndarray, dict[str, Any]]],
    place: int | None,
) -> Node:
    """A call on rows that are written out: its one output, or the one at a place."""
    function = inner.function
    size = arguments[0].shape[0]
    values, allowed = np.full(size, np.nan), np.full((2, size), np.nan)
    for spots, parameters in settings:
        setting = oracle.parameters(function, parameters)
        batch = Batch(tuple(a[spots] for a in arguments))
        batch = Batch(batch.arrays, np.ones(observe.out_shape(inner, batch)))
        if place is not None and batch.cotangent is not None:
            batch.cotangent[:, [k for k in range(batch.cotangent.shape[1]) if k != place]] = 0
        near, undefined = near_kink(function, batch.arrays, inner.fmt, setting)
        unclear = undefined | (near if function.jumps else False)
        carried = [(v, e) for v, e in zip(function.variables, errors, strict=True) if np.any(e)]
        truth = inner.truth(batch, setting, gradient=bool(carried))
        seen = observe.value(inner, batch, setting)
        own = allowed_error(truth["value"], inner.fmt, inner.scale)
        values[spots] = seen if place is None else seen[:, place]
        own = own if place is None else own[..., place]
        for v, e in carried:
            slope = np.abs(truth[v.name].nearest)
            lost = np.where(e[:, spots] == 0, 0.0, 2 * slope * e[:, spots])
            own = own + lost.sum(axis=tuple(range(2, lost.ndim)))
        if inner.library_flushes:
            own = own + 64 * inner.fmt.smallest_normal
        allowed[:, spots] = np.where(unclear, np.nan, own)
    return Node(values, allowed)


def _change(
    inner: Case, batch: Batch, setting: Setting, position: int, errors: Floats, here: Floats
) -> Floats:
    """How far the truth moves with an argument that carries an error, to either side.

    The slope alone says nothing where it vanishes: near p = 1 the focal loss is a power of 1 - p.
    What `sound` allows grows in proportion.
    """
    change = np.zeros(here.shape)
    domain, at = inner.function.variables[position].domain, batch.arrays[position]
    for sign in (-1, 1):
        moved = inner.fmt.step(inner.fmt.round(at + sign * errors[0]), sign)
        legal = np.isfinite(moved) & (errors[0] != 0) & points.within(moved, domain)
        if not legal.any():  # an exact argument, as most are
            continue
        arrays = [a[legal] for a in batch.arrays]
        arrays[position] = moved[legal]
        there = oracle.truth(inner.function, arrays, inner.fmt, setting)["value"].nearest
        change[legal] = np.fmax(change[legal], np.abs(there - here[legal]))
    growth = np.where(errors[0] > 0, errors[1] / errors[0], 1.0)
    return np.stack([change, change * np.maximum(growth, 1.0)])


def _arguments(
    case: Case, application: Any, columns: Mapping[Any, Floats]
) -> tuple[Case, list[Floats], list[Floats], dict[str, Any]]:
    """The case of the function called, its rounded arguments, their errors, its parameters."""
    inner = partner_of(case, application)
    function = inner.function
    count = len(function.variables)
    rounded, errors = [], []
    for v, argument in zip(function.variables, application.args[:count], strict=True):
        value, lost = _argument(case, v, argument, columns)
        if inner.index_only and (v.simplex or v.one_hot) and not _one_hot(value):
            raise Unsupported("takes class indices only")
        rounded.append(value)
        errors.append(lost)
    given = {}
    for p, argument in zip(function.parameters, application.args[count:], strict=False):
        if not inner.implementation.accepts(p.name) and argument != p.default:
            raise Unsupported(f"takes no {p.name}")
        given[p.name] = argument
    return inner, rounded, errors, given


def _argument(
    case: Case, v: Any, argument: Any, columns: Mapping[Any, Floats]
) -> tuple[Floats, Floats]:
    """What goes into a call, rounded and inside its domain, and what it is off by.

    A number is (N,); a row that is written out (N, n), and one of rows (N, T, n).
    """
    if isinstance(argument, sympy.Tuple):
        parts = (_argument(case, v, part, columns) for part in argument)
        values, errors = zip(*parts, strict=True)
        return np.stack(values, axis=1), np.stack(errors, axis=2)
    node = evaluate(case, argument, columns)
    value = case.fmt.round(node.values)
    exact = v.domain.is_FiniteSet or v.labels
    if v.domain is not sympy.S.Reals and not exact:
        value = _brought_inside(value, v.domain, node.allowed[0], case.fmt)
    lost = np.abs(value - node.values)
    if not _exact_argument(argument):  # its own rounding to float64
        lost = lost + 2.0**-53 * np.abs(node.values)
        lost = lost + _underflow(case, argument, columns, node.values)
    return value, lost + node.allowed


def _underflow(
    case: Case, argument: Any, columns: Mapping[Any, Floats], values: Floats
) -> Floats | float:
    """What an argument has lost where float64 keeps few of its bits, or none: exp(-800).

    Nothing where it is exact, and nothing that a narrower format could tell.
    """
    low = np.abs(values) < FORMATS["float64"].smallest_normal
    if case.fmt.bits < 64 or not low.any() or _outer_nodes(argument):
        return 0.0
    lifted = evaluate(case, argument * 2**1074, columns).values
    return np.where(low & (lifted != np.ldexp(values, 1074)), 2.0**-1074, 0.0)


def _one_hot(rows: Floats) -> bool:
    return bool(np.all((rows == 0) | (rows == 1)) and np.all(rows.sum(axis=-1) == 1))


def _brought_inside(value: Floats, domain: Any, allowed: Floats, fmt: Any) -> Floats:
    """Arguments that only an error took out of a domain, put back on its end; NaN for others.

    What lies further outside is no instance of the equation.
    """
    clipped = np.clip(value, float(domain.inf), float(domain.sup))
    near = np.abs(clipped - value) <= allowed + 4 * fmt.unit_roundoff * np.abs(value)
    clipped = np.where(near, clipped, np.nan)
    return np.where(points.within(clipped, domain), clipped, np.nan)


def _exact_argument(argument: Any) -> bool:
    """Whether an argument is a float, a symbol times a power of two, or a function's answer."""
    if argument.is_Rational:
        return bool(sympy.Rational(float(argument)) == argument)
    coefficient, rest = argument.as_coeff_Mul()
    if isinstance(rest, Applied):
        return bool(coefficient == 1)
    return bool(rest.is_Symbol and abs(coefficient) in (1, 2, 4, sympy.Rational(1, 2)))


def _asked(
    given: Mapping[str, Any], columns: Mapping[Any, Floats], arguments: list[Floats]
) -> list[tuple[np.ndarray, dict[str, Any]]]:
    """The points of each call: those with an argument that is no number stay NaN, unasked."""
    known = ~np.logical_or.reduce([np.isnan(a) for a in arguments])
    parts = [(spots[known[spots]], chosen) for spots, chosen in _settings(given, columns)]
    return [(spots, chosen) for spots, chosen in parts if spots.size]


def _settings(
    given: Mapping[str, Any], columns: Mapping[Any, Floats]
) -> list[tuple[np.ndarray, dict[str, Any]]]:
    """Parameters are one number for each call: the points grouped by their values."""
    size = next(iter(columns.values())).shape[0]
    numbers = {
        n: np.broadcast_to(
            numerically(list(columns), sympy.sympify(e), list(columns.values())), (size,)
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


def _flush(inner: Case, batch: Batch, seen: Floats, truth: Truth) -> Floats | float:
    """What flushing subnormals may add, where the implementation does that."""
    if not ruling.flushes(inner, seen, truth):
        return 0.0
    size = np.max([np.abs(a) for a in batch.arrays], axis=0)
    lost: Floats = inner.fmt.smallest_normal * np.maximum(1.0, size)
    return lost


# ---------------------------------------------------------------- a derivative


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
            slope = numerically(list(columns), sympy.diff(argument, symbol), list(columns.values()))
            chain = exactly(slope)
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
    for spots, parameters in _asked(given, columns, arguments):
        setting = oracle.parameters(inner.function, parameters)
        batch = Batch(tuple(a[spots] for a in arguments))
        if inner.loops:
            raise Unsupported("takes no reduction")
        values[spots] = observe.gradient(inner, batch, name, setting)
        truth = inner.truth(batch, setting)
        own = allowed_error(truth[name], inner.fmt, inner.scale)
        curvature = _curvature(inner, name, batch, setting)
        for e, c in zip(errors, curvature, strict=True):
            own = own + np.where(e[:, spots] == 0, 0.0, 2 * np.abs(c) * e[:, spots])
        allowed[:, spots] = own + _flush(inner, batch, values[spots], truth[name])
    return Node(values, allowed)


def _curvature(inner: Case, name: str, batch: Batch, setting: Any) -> list[Floats]:
    """The derivatives of a gradient in each variable, in float64: enough for a bound."""
    function = inner.function
    v = next(w for w in function.variables if w.name == name)
    symbols = [w.symbol for w in (*function.variables, *function.parameters)]
    values = [
        *batch.arrays,
        *(np.full(batch.size, float(setting[p.name])) for p in function.parameters),
    ]
    return [
        np.abs(numerically(symbols, plain(derive.second(function, v, w)), values))
        for w in function.variables
    ]
