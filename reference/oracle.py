"""The truth: what a Function is worth at floats of a format, and its gradients, with proof.

Two engines answer, independently. Arb encloses: the precision is doubled until the ball rounds to
one float of the format. mpmath computes at full-range precision, at which no cancellation between
floats of the format can hurt; it is the normative oracle, and the tests hold the two together bit
for bit. Where neither settles, the point is undecided: never a guess.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import cache
from types import ModuleType
from typing import Any

import numpy as np
import sympy
from numpy.typing import NDArray

from ..spec import derive
from ..spec.function import Function
from . import arb, mp
from . import cache as disk
from . import compile as code
from .error import Answer, Truth
from .formats import Floats, Format
from .settle import OPEN, TIE, Settled, settle, settle_many

Parameters = Mapping[str, Fraction]
START_BITS = {"float16": 64, "bfloat16": 64, "float32": 96, "float64": 192}
LIMIT = 4  # times the full range: the precision at which a tie counts as a tie
NEAR = 4  # roundings: within this many u of a comparison's sides, either branch is right


def parameters(function: Function, given: Mapping[str, Any] | None = None) -> dict[str, Fraction]:
    """All parameters as exact rationals, defaults filled in.

    Raises `ValueError` for an unknown parameter or a value outside the domain.
    """
    given = dict(given or {})
    values = {}
    for p in function.parameters:
        value = code.exact(given.pop(p.name, p.default))
        if sympy.Rational(value.numerator, value.denominator) not in p.domain:
            raise ValueError(
                f"{function.name}: {p.name} = {float(value):g} lies outside its domain {p.domain}"
            )
        values[p.name] = value
    if given:
        known = ", ".join(p.name for p in function.parameters) or "none"
        raise ValueError(
            f"{function.name}: unknown parameter {next(iter(given))!r}; it has {known}"
        )
    return values


# ---------------------------------------------------------------- elementwise


def truth(
    function: Function,
    points: Sequence[Floats],
    fmt: Format,
    given: Mapping[str, Any] | None = None,
    *,
    second: bool = False,
    engine: str = "arb",
    cached: bool = True,
) -> dict[str, Truth]:
    """Truths of an elementwise function at points, one array (N,) per variable.

    Gives "value" and, for each variable and differentiable parameter, its first derivative under
    the name of that input; with `second`, only the second derivative in the first variable, under
    "second". A derivative here is pointwise: the vjp for cotangent 1, before any summation.

    The points must be floats of the format. Parameters are taken as given and, where that is no
    float of the format, as rounded to it too: either is right.
    """
    columns = [np.asarray(p, dtype=np.float64) for p in points]
    exact = parameters(function, given)
    near = _near_boundary(function, columns, exact, fmt)
    settings = _settings(exact, fmt)
    ask = _Question(function, fmt, second, engine, cached)
    plain = [ask.answers(columns, setting, None) for setting in settings]
    sided = []
    if near.any():
        spots = [c[near] for c in columns]
        sided = [ask.answers(spots, s, above) for s in settings for above in (False, True)]
    names = ["second"] if second else ["value", *(v.name for v in code.partials(function))]
    result = {}
    for position, name in enumerate(names):
        own = [p[position] for p in plain]
        if not near.any():
            result[name] = Truth(tuple(own), near)
            continue
        spread = [_placed(own[0], near, s[position]) for s in sided]
        if name == "value":
            spread += _jump_values(function, columns, own[0])
        between = near if name != "value" else np.zeros_like(near)
        result[name] = Truth((*spread[:1], *(own if name == "value" else ()), *spread[1:]), between)
    return result


def _placed(base: Answer, where: NDArray[np.bool_], part: Answer) -> Answer:
    merged = base.copy()
    merged[where] = part
    return merged


def _jump_values(function: Function, columns: Sequence[Floats], base: Answer) -> list[Answer]:
    """The further values that the definition accepts exactly at its jumps."""
    extra = []
    for point, values in function.jumps.items():
        at = columns[0] == float(point)
        for value in values:
            answer = base.copy()
            answer.nearest[at], answer.rest[at], answer.condition[at] = float(value), 0.0, 0.0
            answer.decided[at] = True
            extra.append(answer)
    return extra


def _settings(exact: Parameters, fmt: Format) -> list[dict[str, Fraction]]:
    """The parameters as given and, where that differs, as rounded to the format."""
    rounded = {n: Fraction(float(fmt.round(np.array([float(v)]))[0])) for n, v in exact.items()}
    return [dict(exact)] if rounded == exact else [dict(exact), rounded]


def _ladder(fmt: Format) -> list[int]:
    """Precisions to try: doubling, up to four times the full range."""
    bits, top = START_BITS.get(fmt.name, 192), LIMIT * fmt.full_range_bits
    ladder = []
    while bits < top:
        ladder.append(bits)
        bits *= 2
    return [*ladder, top]


@cache
def _boundary_code(function: Function) -> Callable[..., Any] | None:
    pairs = derive.boundaries(function)
    if not pairs:
        return None
    symbols = [v.symbol for v in (*function.variables, *function.parameters)]
    flat = [side.subs(function.constants) for pair in pairs for side in pair]
    compiled: Callable[..., Any] = sympy.lambdify(symbols, flat, "numpy")
    return compiled


def _near_boundary(
    function: Function, columns: Sequence[Floats], exact: Parameters, fmt: Format
) -> NDArray[np.bool_]:
    """Where rounding may carry the two sides of a comparison across each other."""
    near = np.zeros(columns[0].shape, dtype=bool)
    sides = _boundary_code(function)
    if sides is None:
        return near
    with np.errstate(all="ignore"):
        values = sides(*columns, *(float(exact[p.name]) for p in function.parameters))
        for left, right in zip(values[::2], values[1::2], strict=True):
            size = np.abs(left) + np.abs(right)
            near |= np.isfinite(size) & (np.abs(left - right) <= NEAR * fmt.unit_roundoff * size)
    return near


@cache
def _elementwise_code(
    source: str, engine: ModuleType, above: bool | None, tolerance: float
) -> Callable[..., Any]:
    sided = None if above is None else code.Sided(engine, above, tolerance)
    return code.run(source, engine, sided)


class _Question:
    """One function, format and bundle of derivatives: its code on either engine, and its cache."""

    def __init__(
        self, function: Function, fmt: Format, second: bool, engine: str, cached: bool
    ) -> None:
        if function.along_axis:
            raise TypeError(f"{function.name} works along an axis: ask truth_rows")
        self.function, self.fmt, self.engine, self.cached = function, fmt, engine, cached
        self.source = code.second_source(function) if second else code.first_source(function)
        count = len(function.variables)
        inputs = 1 if second else 1 + len(code.partials(function))
        # (position of a result, positions of its derivatives in the variables): what C needs
        self.layout = [(0, list(range(1, 1 + count)))]
        self.layout += [
            (1 + a, [inputs + a * count + b for b in range(count)]) for a in range(inputs - 1)
        ]

    def answers(
        self, columns: Sequence[Floats], setting: Parameters, above: bool | None
    ) -> list[Answer]:
        asked = (self.source, self.fmt.name, sorted(setting.items()), above, self.engine)
        name = disk.key(*asked, *(np.ascontiguousarray(c).tobytes() for c in columns))
        # a few finite points are computed sooner than read; a limit is not
        worth = columns[0].size >= 64 or any(np.isinf(c).any() for c in columns)
        found = disk.load(name) if self.cached and worth else None
        if found is None:
            found = disk.as_stored(self._compute(columns, setting, above))
            if self.cached and worth:
                disk.store(name, found)
        return found

    def _run(self, engine: ModuleType, above: bool | None) -> Callable[..., Any]:
        return _elementwise_code(self.source, engine, above, 4 * NEAR * self.fmt.unit_roundoff)

    def _compute(
        self, columns: Sequence[Floats], setting: Parameters, above: bool | None
    ) -> list[Answer]:
        size = columns[0].size
        result = [Answer.empty((size,)) for _ in self.layout]
        nan = np.logical_or.reduce([np.isnan(c) for c in columns])
        infinite = np.logical_or.reduce([np.isinf(c) for c in columns]) & ~nan
        for answer in result:
            answer.decided[nan] = True
        pending = np.flatnonzero(~nan & ~infinite)
        if self.engine == "arb":
            ends = self._enclose(columns, setting, above, pending, result)
            rest = [*np.flatnonzero(infinite), *ends]
        else:
            rest = [*np.flatnonzero(infinite), *pending]
        if len(rest):
            self._full_range(columns, setting, above, np.array(rest, dtype=int), result)
        return result

    def _enclose(
        self,
        columns: Sequence[Floats],
        setting: Parameters,
        above: bool | None,
        pending: NDArray[Any],
        result: list[Answer],
    ) -> NDArray[Any]:
        """Settle what Arb can, doubling the precision.

        Returns the points at the end of a domain that stay open: a value may be infinite there,
        log(0) or a division by zero, which no precision encloses.
        """
        prepare = self._run(arb, above)
        saved = arb.context.prec
        try:
            for bits in _ladder(self.fmt):
                if not pending.size:
                    break
                arb.context.prec = bits
                evaluate = prepare()
                fast = self.fmt.precision <= 24 and bits <= 128
                settle_batch = self._settle_fast if fast else self._settle_exact
                pending = settle_batch(evaluate, columns, setting, pending, result)
        finally:
            arb.context.prec = saved
        return self._endpoints(columns, pending)

    def _balls(
        self, evaluate: Callable[..., Any], columns: Sequence[Floats], setting: Parameters
    ) -> Any:
        fixed = [arb.number(setting[p.name]) for p in self.function.parameters]
        number = arb.arb
        for row in zip(*(c.tolist() for c in columns), strict=True):
            yield evaluate(*map(number, row), *fixed)

    def _settle_fast(
        self,
        evaluate: Callable[..., Any],
        columns: Sequence[Floats],
        setting: Parameters,
        pending: NDArray[Any],
        result: list[Answer],
    ) -> NDArray[Any]:
        spots = [c[pending] for c in columns]
        mids, rads = [], []
        for balls in self._balls(evaluate, spots, setting):
            mids.append([float(b) for b in balls])
            rads.append([float(b.rad()) for b in balls])
        mid, rad = np.array(mids), np.array(rads)
        u = self.fmt.unit_roundoff
        done = np.ones(pending.size, dtype=bool)
        found = []
        with np.errstate(all="ignore"):
            for position, slopes in self.layout:
                answer, ok = settle_many(mid[:, position], rad[:, position], self.fmt)
                spread = np.zeros(pending.size)
                condition = np.zeros(pending.size)
                for x, p in zip(spots, slopes, strict=True):
                    condition += np.ldexp(np.abs(x * mid[:, p]) * u, -answer.exponent)
                    spread += np.ldexp(np.abs(x * rad[:, p]) * u, -answer.exponent)
                answer.condition[:] = condition
                found.append(answer)
                done &= ok & (spread <= (1 + condition) / 64)
        for answer, part in zip(result, found, strict=True):
            answer[pending[done]] = part[done]
        return pending[~done]

    def _settle_exact(
        self,
        evaluate: Callable[..., Any],
        columns: Sequence[Floats],
        setting: Parameters,
        pending: NDArray[Any],
        result: list[Answer],
    ) -> NDArray[Any]:
        spots = [c[pending] for c in columns]
        last = arb.context.prec >= LIMIT * self.fmt.full_range_bits
        open_ = []
        rows = list(zip(*(c.tolist() for c in spots), strict=True))
        for index, row, balls in zip(
            pending.tolist(), rows, self._balls(evaluate, spots, setting), strict=True
        ):
            settled = []
            for position, slopes in self.layout:
                ball = balls[position]
                condition = arb.total(abs(x * balls[p]) for x, p in zip(row, slopes, strict=True))
                settled.append(settle(ball.mid(), ball.rad(), condition, self.fmt, last=last))
                if not settled[-1].decided:
                    open_.append(index)
                    break
            else:
                _write(result, index, settled)
        return np.array(open_, dtype=int)

    def _endpoints(self, columns: Sequence[Floats], pending: Any) -> NDArray[Any]:
        """Points at the very edge of a bounded domain, where a value may be infinite."""
        at_edge = np.zeros(len(pending), dtype=bool)
        spots = np.asarray(pending, dtype=int)
        for column, v in zip(columns, self.function.variables, strict=True):
            edges = [float(e) for e in getattr(v.domain, "boundary", ()) if e.is_finite]
            if v.domain.is_Interval if hasattr(v.domain, "is_Interval") else False:
                at_edge |= np.isin(column[spots], edges)
        return spots[at_edge]

    def _full_range(
        self,
        columns: Sequence[Floats],
        setting: Parameters,
        above: bool | None,
        spots: NDArray[Any],
        result: list[Answer],
    ) -> None:
        prepare = self._run(mp, above)
        saved = mp.context.prec
        try:
            for index in spots.tolist():
                row = [float(c[index]) for c in columns]
                for times in (1, LIMIT):
                    mp.context.prec = times * self.fmt.full_range_bits
                    settled = self._settle_full_range(prepare, row, setting)
                    if not any(map(_tied, settled)):
                        break
                _write(result, index, settled)
        finally:
            mp.context.prec = saved

    def _settle_full_range(
        self, prepare: Callable[..., Any], row: Sequence[float], setting: Parameters
    ) -> list[Settled]:
        fixed = [mp.number(setting[p.name]) for p in self.function.parameters]
        values = prepare()(*map(mp.number, row), *fixed)
        with mp.context.workprec(2 * mp.context.prec):  # C may cancel where the value does not
            fixed = [mp.number(setting[p.name]) for p in self.function.parameters]
            slopes_at = prepare()(*map(mp.number, row), *fixed)
        last = mp.context.prec >= LIMIT * self.fmt.full_range_bits
        settled = []
        for position, slopes in self.layout:
            value, condition = values[position], mp.context.zero
            if value != value:
                value = self._limit(position, row, setting)
            elif all(np.isfinite(row)):
                condition = mp.total(
                    abs(x * slopes_at[p]) for x, p in zip(row, slopes, strict=True)
                )
            settled.append(settle(value, None, condition, self.fmt, last=last))
        return settled

    def _limit(self, position: int, row: Sequence[float], setting: Parameters) -> Any:
        """The limit where one variable is infinite and the arithmetic left NaN."""
        infinite = [v for v, x in zip(self.function.variables, row, strict=True) if np.isinf(x)]
        if len(infinite) != 1:
            return mp.NAN
        function, v = self.function, self.function.variables[0]
        if "second" in self.source:
            expression = derive.second(function, v, v)
        elif position:
            expression = derive.gradient(function, code.partials(function)[position - 1])
        else:
            expression = derive.value(function)
        values = {
            p.symbol: sympy.Rational(*setting[p.name].as_integer_ratio())
            for p in function.parameters
        }
        for w, x in zip(function.variables, row, strict=True):
            if w is infinite[0]:
                point = sympy.oo if x > 0 else -sympy.oo
            else:
                values[w.symbol] = sympy.Rational(*Fraction(x).as_integer_ratio())
        return _limit_value(expression.subs(values), infinite[0].symbol, point)


@cache
def _limit_value(expression: Any, symbol: Any, point: Any) -> Any:
    found = sympy.sympify(derive.limit(expression, symbol, point))
    if found in (sympy.oo, -sympy.oo):
        return mp.context.inf if found == sympy.oo else mp.context.ninf
    if not found.is_number or found.has(sympy.nan, sympy.zoo, sympy.I):
        return mp.NAN
    return (
        mp.context.mpf(str(sympy.N(found, 800)))
        if not found.is_Rational
        else mp.number(Fraction(int(found.p), int(found.q)))
    )


def _write(result: list[Answer], index: int, settled: Sequence[Settled]) -> None:
    for answer, s in zip(result, settled, strict=True):
        answer.nearest[index] = s.nearest
        answer.rest[index] = s.rest
        answer.exponent[index] = s.exponent
        answer.condition[index] = s.condition
        answer.decided[index] = s.decided


# ---------------------------------------------------------------- along an axis


def truth_rows(
    function: Function,
    rows: Sequence[Floats],
    fmt: Format,
    cotangent: Floats | None = None,
    *,
    engine: str = "arb",
    cached: bool = True,
) -> dict[str, Truth]:
    """Truths of a function along an axis: one array (N, n) per variable.

    Gives "value", of shape (N, n) or (N,), and with a `cotangent` of that shape the vjp in each
    variable, of shape (N, n), under the variable's name. The cotangent counts among the inputs in
    C. Rows with an infinity use the extended reals: exp(-oo) is 0.
    """
    arrays = [np.asarray(r, dtype=np.float64) for r in rows]
    shape = arrays[0].shape
    names = ["value"] + ([v.name for v in function.variables] if cotangent is not None else [])
    asked = (code.axis_source(function), fmt.name, engine, shape, cotangent is None)
    extra = [] if cotangent is None else [np.asarray(cotangent, dtype=np.float64)]
    name = disk.key(*asked, *(np.ascontiguousarray(a).tobytes() for a in (*arrays, *extra)))
    found = disk.load(name) if cached else None
    if found is None:
        out = shape if function.row_output else shape[:1]
        found = [Answer.empty(out), *(Answer.empty(shape) for _ in names[1:])]
        for index in range(shape[0]):
            row = [a[index] for a in arrays]
            weights = None if cotangent is None else np.atleast_1d(extra[0][index])
            for answer, settled in zip(
                found, _row(function, row, weights, fmt, engine), strict=True
            ):
                part = answer.reshape((shape[0], -1))
                for column, s in enumerate(settled):
                    _write([part], (index, column), [s])  # type: ignore[arg-type]
        found = disk.as_stored(found)
        if cached:
            disk.store(name, found)
    return {
        n: Truth((a,), np.zeros(a.nearest.shape, dtype=bool))
        for n, a in zip(names, found, strict=True)
    }


def _row(
    function: Function, row: Sequence[Floats], weights: Floats | None, fmt: Format, engine: str
) -> list[list[Settled]]:
    """All results of one row, by doubling Arb's precision, or by mpmath where it is infinite."""
    n = row[0].size
    count = n if function.row_output else 1
    results = [count] + ([n] * len(function.variables) if weights is not None else [])
    if any(np.isnan(r).any() for r in row) or (weights is not None and np.isnan(weights).any()):
        nan = Settled(float("nan"), 0.0, 0, 0.0, True)
        return [[nan] * size for size in results]
    if engine == "arb" and all(np.isfinite(r).all() for r in row):
        saved = arb.context.prec
        try:
            for bits in _ladder(fmt):
                arb.context.prec = bits
                settled = _evaluate_row(function, row, weights, fmt, arb)
                if all(s.decided for part in settled for s in part):
                    return settled
        finally:
            arb.context.prec = saved
        return settled
    saved = mp.context.prec
    try:
        for times in (1, LIMIT):
            mp.context.prec = times * fmt.full_range_bits
            settled = _evaluate_row(function, row, weights, fmt, mp)
            if not any(_tied(s) for part in settled for s in part):
                break
        return settled
    finally:
        mp.context.prec = saved


def _tied(s: Settled) -> bool:
    """Whether the truth looks like a midpoint: more bits may still tell the sides apart."""
    return abs(abs(s.rest) - 0.5) < TIE


@cache
def _row_code(function: Function, engine: ModuleType) -> Callable[..., Any]:
    return code.run(code.axis_source(function), engine)


def _evaluate_row(
    function: Function, row: Sequence[Floats], weights: Floats | None, fmt: Format, engine: Any
) -> list[list[Settled]]:
    n = row[0].size
    inputs = [[engine.number(float(x)) for x in r] for r in row]
    value, first, second = _row_code(function, engine)(n, *inputs)
    outputs = range(n) if function.row_output else range(1)
    finite = [[bool(np.isfinite(x)) for x in r] for r in row]
    last = engine.context.prec >= LIMIT * fmt.full_range_bits

    def weigh(derivatives: Any) -> Any:
        """Sum of |x times derivative| over the finite inputs: the term C."""
        return engine.total(
            abs(inputs[a][k] * derivative)
            for a, k, derivative in derivatives
            if finite[a][k] and float(row[a][k]) != 0.0
        )

    positions = range(len(inputs))
    results = []
    settled = []
    for i in outputs:
        c = weigh((a, k, first[a](i, k)) for a in positions for k in range(n))
        settled.append(_settle(value(i), c, fmt, last))
    results.append(settled)
    if weights is None:
        return results
    g = {i: engine.number(float(w)) for i, w in enumerate(weights) if w != 0}
    for a in positions:
        settled = []
        for k in range(n):
            parts = [w * first[a](i, k) for i, w in g.items()]
            c = engine.total(map(abs, parts)) if function.row_output else engine.total(())
            c = c + weigh(
                (b, m, engine.total(w * second[a, b](i, k, m) for i, w in g.items()))
                for b in positions
                for m in range(n)
            )
            settled.append(_settle(engine.total(parts), c, fmt, last))
        results.append(settled)
    return results


def _settle(value: Any, condition: Any, fmt: Format, last: bool) -> Settled:
    if isinstance(value, arb.arb):
        if not value.is_finite():
            return OPEN
        return settle(value.mid(), value.rad(), condition, fmt, last=last)
    return settle(value, None, 0.0 if abs(value) == float("inf") else condition, fmt, last=last)
