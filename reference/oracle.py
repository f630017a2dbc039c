"""The truth: what a Function is worth at floats of a format, and its gradients, with proof.

Two engines answer, independently. Arb encloses: the precision is doubled until the ball rounds to
one float of the format. mpmath computes at full-range precision, at which no cancellation between
floats of the format can hurt; it is the normative oracle, and the tests hold the two together bit
for bit. Where neither settles, the point is undecided: never a guess.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import cache, lru_cache
from types import ModuleType
from typing import Any

import numpy as np
import sympy
from numpy.typing import NDArray

from ..spec import derive
from ..spec.function import Function, Variable
from ..spec.special import plain as written_out
from . import arb, mp
from . import cache as disk
from .error import Answer, Truth
from .formats import Floats, Format
from .pairs import Pairs, settle_pairs
from .program import Sided, run
from .settle import TIE, Settled, rational, settle
from .source import first_source, partials, rules, second_source

Parameters = Mapping[str, Any]  # Fraction, or a tuple of them for a row
START_BITS = {"float32": 96, "float64": 192}  # 64 for shorter ones
LIMIT = 4  # times the full range: the precision at which a tie counts as a tie
CHUNK = 4096  # points whose balls are held at a time
NEAR = 4  # roundings: within this many u of a comparison's sides, either branch is right


def parameters(function: Function, given: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """All parameters as exact rationals, defaults filled in.

    Raises `ValueError` for an unknown parameter or a value outside the domain.
    """
    given = dict(given or {})
    values = {}
    for p in function.parameters:
        value = given.pop(p.name, p.default)
        row = p.along_axis and isinstance(value, Sequence | np.ndarray)
        entries = [rational(v) for v in (value if row else (value,))]
        for entry in entries:
            if not _inside(p.domain, entry):
                raise ValueError(
                    f"{function.name}: {p.name} = {float(entry):g} lies outside its domain "
                    f"{p.domain}"
                )
        values[p.name] = tuple(entries) if row else entries[0]
    if given:
        known = ", ".join(p.name for p in function.parameters) or "none"
        raise ValueError(
            f"{function.name}: unknown parameter {next(iter(given))!r}; it has {known}"
        )
    return values


@cache
def _inside(domain: Any, value: Fraction) -> bool:
    """Whether a number lies in a domain; SymPy takes a millisecond over it."""
    return sympy.Rational(value.numerator, value.denominator) in domain


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
    tried = settings(function, exact, fmt)
    ask = _Question(function, fmt, second, engine, cached)
    plain = [ask.answers(columns, setting, None) for setting in tried]
    sided = []
    if near.any():
        spots = [c[near] for c in columns]
        sided = [ask.answers(spots, s, above) for s in tried for above in (False, True)]
    names = ["second"] if second else ["value", *(v.name for v in partials(function))]
    result = {}
    for position, name in enumerate(names):
        own = [p[position] for p in plain]
        if not near.any():
            result[name] = Truth(tuple(own), near)
            continue
        bases = [answer for answer in own for _ in (False, True)]
        spread = [
            _placed(base, near, part[position]) for base, part in zip(bases, sided, strict=True)
        ]
        if name == "value":
            spread += _jump_values(function, columns, tried, own[0])
        between = near if name != "value" else np.zeros_like(near)
        result[name] = Truth((*spread[:1], *(own if name == "value" else ()), *spread[1:]), between)
    return result


def _placed(base: Answer, where: NDArray[np.bool_], part: Answer) -> Answer:
    """The answers with those of one side put in; a side that has no value adds no right answer."""
    merged = base.copy()
    spots = np.flatnonzero(where)[part.decided]
    merged[spots] = part[part.decided]
    return merged


def _jump_values(
    function: Function, columns: Sequence[Floats], settings: Sequence[Parameters], base: Answer
) -> list[Answer]:
    """The further values that the definition accepts exactly at its jumps.

    A value that depends on a parameter is a one-sided limit, which the two sides give already.
    """
    extra = []
    for setting in settings:
        given = {p.symbol: sympy.Rational(setting[p.name]) for p in function.parameters}
        for point, values in function.jumps.items():
            at = columns[0] == float(sympy.sympify(point).subs(given))
            for value in values:
                if not value.is_number:
                    continue
                answer = base.copy()
                answer.nearest[at], answer.rest[at], answer.condition[at] = float(value), 0.0, 0.0
                answer.decided[at] = True
                extra.append(answer)
    return extra


def settings(function: Function, exact: Parameters, fmt: Format) -> list[dict[str, Any]]:
    """The parameters as given and, where that differs, as rounded to the format.

    One that rounding takes out of its domain (an epsilon that becomes 0) stays as given.
    """
    domains = {p.name: p.domain for p in function.parameters}

    def nearest(value: Any) -> Any:
        if isinstance(value, tuple):
            return tuple(map(nearest, value))
        return Fraction(float(fmt.round(np.array([float(value)]))[0]))

    rounded = {name: nearest(value) for name, value in exact.items()}
    for name, value in rounded.items():
        numbers = value if isinstance(value, tuple) else (value,)
        if not all(_inside(domains[name], v) for v in numbers):
            rounded[name] = exact[name]
    return [dict(exact)] if rounded == exact else [dict(exact), rounded]


def ladder(fmt: Format) -> list[int]:
    """Precisions to try: doubling, up to four times the full range."""
    bits, top = START_BITS.get(fmt.name, 64), LIMIT * fmt.full_range_bits
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
            near |= np.isfinite(size) & (np.abs(left - right) <= NEAR * fmt.working_roundoff * size)
    return near


@cache
def _elementwise_code(
    source: str, engine: ModuleType, above: bool | None, tolerance: float
) -> Callable[..., Any]:
    sided = None if above is None else Sided(engine, above, tolerance)
    return run(source, engine, sided)


class _Question:
    """One function, format and bundle of derivatives: its code on either engine, and its cache."""

    def __init__(
        self, function: Function, fmt: Format, second: bool, engine: str, cached: bool
    ) -> None:
        if function.along_axis:
            raise TypeError(f"{function.name} works along an axis: ask rows.truth_rows")
        self.function, self.fmt, self.engine, self.cached = function, fmt, engine, cached
        # a second derivative squares what a value holds, and may cancel as much: log_ndtr's does
        self.order = 2 if second else 1
        self.source = second_source(function) if second else first_source(function)
        count = len(function.variables)
        inputs = 1 if second else 1 + len(partials(function))
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
        return _elementwise_code(self.source, engine, above, 4 * NEAR * self.fmt.working_roundoff)

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
            for bits in ladder(self.fmt):
                if not pending.size:
                    break
                arb.context.prec = bits
                evaluate = prepare()
                parts = [pending[k : k + CHUNK] for k in range(0, pending.size, CHUNK)]
                pending = np.concatenate(
                    [self._settle(evaluate, columns, setting, part, result) for part in parts]
                )
        finally:
            arb.context.prec = saved
        return self._endpoints(columns, pending)

    def _settle(
        self,
        evaluate: Callable[..., Any],
        columns: Sequence[Floats],
        setting: Parameters,
        pending: NDArray[Any],
        result: list[Answer],
    ) -> NDArray[Any]:
        """Settle what this precision can, all together where float64 carries the balls.

        Returns the points that stay open.
        """
        spots = [c[pending] for c in columns]
        fixed = [arb.number(setting[p.name]) for p in self.function.parameters]
        rows = zip(*(c.tolist() for c in spots), strict=True)
        balls = [evaluate(*map(arb.arb, row), *fixed) for row in rows]
        table = Pairs(balls, len(self.layout), self.fmt)
        done = np.ones(pending.size, dtype=bool)
        hopeless = np.zeros(pending.size, dtype=bool)
        found = []
        for position, slopes in self.layout:
            answer, settled, open_ = settle_pairs(table, position, spots, slopes, self.fmt)
            found.append(answer)
            done &= settled
            hopeless |= open_
        for answer, part in zip(result, found, strict=True):
            answer[pending[done]] = part[done]
        left = np.flatnonzero(~done & ~hopeless).tolist()
        open_ = hopeless
        for index in left:
            row = [float(c[index]) for c in spots]
            open_[index] = not self._settle_one(balls[index], row, int(pending[index]), result)
        return pending[open_]

    def _settle_one(
        self, balls: Sequence[Any], row: Sequence[float], index: int, result: list[Answer]
    ) -> bool:
        """Settle one point exactly; whether all of its results did."""
        last = arb.context.prec >= LIMIT * self.fmt.full_range_bits
        settled = []
        for position, slopes in self.layout:
            ball = balls[position]
            condition = arb.total(abs(x * balls[p]) for x, p in zip(row, slopes, strict=True))
            settled.append(settle(ball.mid(), ball.rad(), condition, self.fmt, last=last))
            if not settled[-1].decided:
                return False
        write(result, index, settled)
        return True

    def _endpoints(self, columns: Sequence[Floats], pending: Any) -> NDArray[Any]:
        """Points at the very edge of a bounded domain, where a value may be infinite."""
        at_edge = np.zeros(len(pending), dtype=bool)
        spots = np.asarray(pending, dtype=int)
        for column, v in zip(columns, self.function.variables, strict=True):
            at_edge |= np.array([at_end(v, x) for x in column[spots].tolist()], dtype=bool)
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
            known: dict[bytes, list[Settled]] = {}  # the ends of a domain come many times
            for index in spots.tolist():
                row = [float(c[index]) for c in columns]
                same = np.array(row).tobytes()
                if same in known:
                    write(result, index, known[same])
                    continue
                for times in (1, LIMIT):
                    mp.context.prec = times * self.fmt.full_range_bits * self.order
                    settled = self._settle_full_range(prepare, row, setting)
                    if not any(map(tied, settled)):
                        break
                known[same] = settled
                write(result, index, settled)
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
        """The limit where the arithmetic left NaN: in the one variable that is infinite.

        Or, where none is, in the one that lies at the end of its domain.
        """
        pairs = list(zip(self.function.variables, row, strict=True))
        ends = [v for v, x in pairs if np.isinf(x)] or [v for v, x in pairs if at_end(v, x)]
        if len(ends) != 1:
            return mp.NAN
        given = tuple(setting[p.name] for p in self.function.parameters)
        return _limit_at(self.function, "second" in self.source, position, tuple(row), given)


def at_end(v: Variable, x: float) -> bool:
    """Whether a number is a closed end of a variable's domain."""
    domain = v.domain
    if not domain.is_Interval:
        return False
    low, high = float(domain.inf), float(domain.sup)
    return bool((x == low and not domain.left_open) or (x == high and not domain.right_open))


@lru_cache(maxsize=1024)
def _limit_at(
    function: Function, second: bool, position: int, row: tuple[float, ...], given: tuple[Any, ...]
) -> Any:
    """The limit of a result at a point, where one variable is infinite or at its domain's end."""
    pairs = list(zip(function.variables, row, strict=True))
    (end,) = [v for v, x in pairs if np.isinf(x)] or [v for v, x in pairs if at_end(v, x)]
    first = function.variables[0]
    if second:
        expression = derive.second(function, first, first)
    elif position:
        expression = derive.gradient(function, partials(function)[position - 1])
    else:
        expression = derive.value(function)
    values = {
        p.symbol: sympy.Rational(*value.as_integer_ratio())
        for p, value in zip(function.parameters, given, strict=True)
    }
    for v, x in pairs:
        if v is end:
            exact = sympy.Rational(*Fraction(x).as_integer_ratio()) if np.isfinite(x) else x
            point = {np.inf: sympy.oo, -np.inf: -sympy.oo}.get(x, exact)
            side = "+" if v.domain.inf == point else "-"
        else:
            values[v.symbol] = sympy.Rational(*Fraction(x).as_integer_ratio())
    return _limit_value(written_out(expression.subs(values)), end.symbol, point, side)


@cache
def _limit_value(expression: Any, symbol: Any, point: Any, side: str = "+") -> Any:
    found = _known_limit(expression, symbol, point, side)
    if found in (sympy.oo, -sympy.oo):
        return mp.context.inf if found == sympy.oo else mp.context.ninf
    if not found.is_number or found.has(sympy.nan, sympy.zoo, sympy.I):
        return mp.NAN
    return (
        mp.context.mpf(str(sympy.N(found, 800)))
        if not found.is_Rational
        else mp.number(Fraction(int(found.p), int(found.q)))
    )


def _known_limit(expression: Any, symbol: Any, point: Any, side: str) -> Any:
    """The limit, kept on disk beside the truths: SymPy takes a long time over some."""
    asked = map(sympy.srepr, (expression, symbol, sympy.sympify(point)))
    name = disk.key("limit", rules(), *asked, side)
    known = disk.read(name)
    if known is not None:
        try:
            return sympy.sympify(known.decode())
        except (sympy.SympifyError, UnicodeDecodeError):
            disk.forget(name)
    found = sympy.sympify(derive.limit(expression, symbol, point, side))
    disk.write(name, sympy.srepr(found).encode())
    return found


def write(result: list[Answer], index: int, settled: Sequence[Settled]) -> None:
    for answer, s in zip(result, settled, strict=True):
        answer.nearest[index] = s.nearest
        answer.rest[index] = s.rest
        answer.exponent[index] = s.exponent
        answer.condition[index] = s.condition
        answer.decided[index] = s.decided


def tied(s: Settled) -> bool:
    """Whether the truth looks like a midpoint: more bits may still tell the sides apart."""
    return abs(abs(s.rest) - 0.5) < TIE
