"""Points: where errors live. Every function gets them without code of its own.

Special floats, the neighbourhoods of kinks, a ladder with points in every binade of the format,
the edges of exp, squares and cubes; for one variable in a format of 16 bits or 8, every float, and
for two in 8 bits every pair. All are floats of the format, carried as float64, and the same on
every machine.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import cache, lru_cache
from typing import Any

import numpy as np
import sympy
from numpy.typing import NDArray

from ...reference.formats import Floats, Format
from ...spec import derive
from ...spec.function import Function, Variable
from ..seeds import SEED
from . import amounts
from .amounts import FULL


def specials(fmt: Format) -> Floats:
    """0, -0, NaN, the infinities it has, the largest, the smallest normal and subnormal floats."""
    finite = [fmt.largest, fmt.smallest_normal, fmt.smallest_subnormal]
    near = [fmt.smallest_normal - fmt.smallest_subnormal, 1.0]
    positive = [*finite, *near]
    return np.array([0.0, -0.0, np.nan, *infinities(fmt), *positive, *(-v for v in positive)])


def infinities(fmt: Format) -> Floats:
    """-oo and oo, where the format has them."""
    return np.array([-np.inf, np.inf] if fmt.infinities else [])


@cache
def _ladder(fmt: Format, per_binade: int, seed: int) -> Floats:
    rng = np.random.default_rng(seed)
    exponents = np.arange(fmt.subnormal_exponent, fmt.emax + 1)
    steps = np.arange(per_binade) / per_binade
    jitter = rng.uniform(0, 1 / per_binade, (exponents.size, per_binade))
    mantissas = 1 + steps + jitter
    values = fmt.round(np.ldexp(mantissas, exponents[:, None])).ravel()
    values = values[np.isfinite(values) & (values > 0)]
    return np.concatenate([-values[::-1], values])


def ladder(fmt: Format, per_binade: int, seed: int = SEED) -> Floats:
    """Random floats in every binade of the format, both signs: nothing is out of range by luck."""
    return _ladder(fmt, per_binade, seed)


@cache
def edges(fmt: Format) -> Floats:
    """Where exp, squares and cubes leave the format, with neighbours, both signs."""
    top, low = np.log(fmt.largest), -np.log(fmt.smallest_normal)
    lowest = low + np.log(2.0) * (fmt.precision - 1)
    digits = np.log(2.0) * fmt.precision
    squares = [np.sqrt(fmt.largest), np.cbrt(fmt.largest), fmt.largest / 6]
    tails = [np.sqrt(2 * low), np.sqrt(2 * lowest), digits, digits / 2]
    marks = np.array([top, low, lowest, top / 2, *squares, *tails])
    # the thresholds people write: 20 (softplus), 3 and 6 (hard functions), 1
    marks = np.concatenate([marks, [0.5, 1.0, 2.0, 3.0, 5.0, 6.0, 10.0, 20.0, 30.0]])
    both = neighbours(fmt.round(np.concatenate([marks, -marks])), fmt, (-2, -1, 0, 1, 2))
    return both[np.isfinite(both)]


def neighbours(values: Floats, fmt: Format, steps: Sequence[int]) -> Floats:
    """The floats so many ulps away from each value."""
    values = np.asarray(values, dtype=np.float64)
    return np.unique(np.concatenate([fmt.step(values, s) for s in steps]))


def ordinary(fmt: Format, count: int, seed: int = SEED) -> Floats:
    """Where networks live: normal numbers of standard deviation 3; one that rounds to 0 is +0."""
    rng = np.random.default_rng(seed + 1)
    return fmt.round(rng.normal(scale=3.0, size=count)) + 0.0


def declared(function: Function, fmt: Format, setting: Mapping[str, Fraction]) -> Floats:
    """Kinks, jumps, special values and switch points of a one-variable function, as floats."""
    (variable,) = function.variables[:1]
    values = {p.symbol: _ratio(setting[p.name]) for p in function.parameters if p.name in setting}
    found: set[float] = set()
    keys = [*function.kinks, *function.jumps, *function.special_values]
    sides = [left - right for left, right in derive.boundaries(function)]
    for key in [*keys, *sides]:
        expression = sympy.sympify(key).subs(function.constants).subs(values)
        if expression.is_number and expression.is_finite:
            found.add(float(expression))
        elif expression.free_symbols == {variable.symbol}:
            found |= {float(r) for r in sympy.solveset(expression, variable.symbol, sympy.Reals)}
    marks = fmt.round(np.array(sorted(found)))
    return neighbours(marks, fmt, range(-3, 4)) if marks.size else marks


def inside(values: Floats, variable: Variable, fmt: Format) -> Floats:
    """The values that lie in the variable's domain, and its ends (NaN stays)."""
    domain = variable.domain
    if domain is sympy.S.Reals:
        return values
    if isinstance(domain, sympy.FiniteSet):
        return np.array([float(v) for v in domain])
    low, high, *_ = _ends(domain)
    kept = values[within(values, domain) | np.isnan(values)]
    if np.isfinite(high) and np.isfinite(low):  # as dense at the upper end as at the lower
        kept = np.concatenate([kept, fmt.round(high - (kept - low))])
    found = np.concatenate([kept, _around_ends(domain, fmt)])
    return np.unique(found[within(found, domain) | np.isnan(found)])


@cache
def _ends(domain: sympy.Set) -> tuple[float, float, bool, bool]:
    """The ends of a domain, and whether each is open; SymPy takes its time over them."""
    above, below = (bool(getattr(domain, end, False)) for end in ("left_open", "right_open"))
    return float(domain.inf), float(domain.sup), above, below


@cache
def _around_ends(domain: sympy.Set, fmt: Format) -> Floats:
    finite = [e for e in _ends(domain)[:2] if np.isfinite(e)]
    return neighbours(fmt.round(np.array(finite)), fmt, (-3, -2, -1, 0, 1, 2, 3))


def within(values: Floats, domain: sympy.Set) -> NDArray[np.bool_]:
    """Which values lie in a domain of intervals and single points; an open end does not.

    An infinite end counts as its limit.
    """
    if isinstance(domain, sympy.Union):
        parts: NDArray[np.bool_] = np.logical_or.reduce([within(values, p) for p in domain.args])
        return parts
    if isinstance(domain, sympy.FiniteSet):
        return np.isin(values, [float(v) for v in domain])
    if domain is sympy.S.Reals:
        return ~np.isnan(values)
    low, high, above, below = _ends(domain)
    kept: NDArray[np.bool_] = (values >= low) & (values <= high)
    if np.isfinite(low) and above:
        kept = kept & (values > low)
    if np.isfinite(high) and below:
        kept = kept & (values < high)
    return kept


def meets(
    function: Function, columns: Sequence[Floats], setting: Mapping[str, Fraction]
) -> NDArray[np.bool_]:
    """At which points the function has a value, by what its definition requires."""
    if function.requires == sympy.true:
        return np.ones(columns[0].shape, dtype=bool)
    evaluate = _requirement(function, tuple(setting[p.name] for p in function.parameters))
    if isinstance(evaluate, bool):
        return np.full(columns[0].shape, evaluate)
    with np.errstate(invalid="ignore"):
        nan = np.logical_or.reduce([np.isnan(c) for c in columns])
        met: NDArray[np.bool_] = np.asarray(evaluate(*columns), dtype=bool) | nan
    return met


@lru_cache(maxsize=256)
def _requirement(function: Function, values: tuple[Any, ...]) -> Callable[..., Any] | bool:
    """What a definition requires at values of its parameters: as code, or settled by them."""
    given = {p.symbol: _ratio(v) for p, v in zip(function.parameters, values, strict=True)}
    required = function.requires.subs(given)
    if required in (sympy.true, sympy.false):
        return bool(required)
    code: Callable[..., Any] = sympy.lambdify(
        [v.symbol for v in function.variables], required, "numpy"
    )
    return code


def _ratio(value: Fraction) -> sympy.Rational:
    return sympy.Rational(value.numerator, value.denominator)


def one_variable(
    function: Function,
    fmt: Format,
    setting: Mapping[str, Fraction],
    effort: int = FULL,
    seed: int = SEED,
) -> Floats:
    """All points for a function of one variable; in 16 bits or 8 every float."""
    if amounts.every_float(effort, fmt):
        values = fmt.all_values()
        domain = function.variables[0].domain
        if domain is not sympy.S.Reals:
            values = values[~((values < float(domain.inf)) | (values > float(domain.sup)))]
        few = np.arange(values.size) % 97 == 0 if fmt.bits > 8 else True  # of thousands of NaNs
        every: Floats = values[~np.isnan(values) | few]
        return every
    parts = [
        specials(fmt),
        ladder(fmt, amounts.per_binade(effort, fmt), seed),
        edges(fmt),
        ordinary(fmt, amounts.ordinary(effort), seed),
        declared(function, fmt, setting),
    ]
    return inside(np.concatenate(parts), function.variables[0], fmt)


def several_variables(
    function: Function,
    fmt: Format,
    setting: Mapping[str, Fraction],
    effort: int = FULL,
    seed: int = SEED,
) -> tuple[Floats, ...]:
    """Points for an elementwise function of several variables, one column for each.

    Products of a thin ladder with a few values, random pairs, and pairs whose entries nearly
    agree, where differences cancel and kinks lie. Of two variables in 8 bits, every pair.
    """
    if len(function.variables) == 2 and amounts.every_pair(effort, fmt):
        return _fair(fmt, _every_pair(function, fmt))
    rng = np.random.default_rng(seed + 2)
    per_binade, every, apart, count = amounts.in_products(effort)
    few = np.array([0.0, -0.0, 1.0, -1.0, 0.5, 3.0, -40.0, fmt.largest, fmt.smallest_subnormal])
    rungs = ladder(fmt, per_binade, seed)[::every]
    thin = np.concatenate([specials(fmt), rungs, edges(fmt)])
    usual = ordinary(fmt, count, seed)
    main, *others = function.variables
    first = inside(thin, main, fmt)
    if fmt.bits == 64:
        first = np.concatenate([first[::3], inside(usual, main, fmt)])
    first = np.concatenate([first, inside(usual, main, fmt)])
    columns = [[first] for _ in function.variables]
    for position, other in enumerate(others, start=1):
        values = inside(np.concatenate([thin, usual]), other, fmt)
        columns[position] = [rng.choice(values, first.size)]
    for value in few:
        part = first[::apart]
        columns[0].append(part)
        for position, other in enumerate(others, start=1):
            pool = inside(np.array([value]), other, fmt)
            pool = pool if pool.size else columns[position][0]
            columns[position].append(rng.choice(pool, part.size))
    if not isinstance(others[0].domain, sympy.FiniteSet):
        close = first[np.isfinite(first)][::3]
        for step in (-2, -1, 0, 1, 2):
            moved = fmt.step(close, step)
            legal = within(moved, others[0].domain)
            columns[0].append(close[legal])
            columns[1].append(moved[legal])
            for position in range(2, len(columns)):
                columns[position].append(rng.choice(columns[position][0], int(legal.sum())))
        free = main.domain == others[0].domain == sympy.Reals
        gaps = _switch_gaps(setting, fmt) if free else ()
        for gap in gaps:
            base = inside(ordinary(fmt, 60, seed), main, fmt)
            columns[0].append(fmt.round(base + gap))
            columns[1].append(base)
            for position in range(2, len(columns)):
                columns[position].append(rng.choice(columns[position][0], base.size))
    for switching in _on_boundaries(function, fmt, setting, seed):
        for column, part in zip(columns, switching, strict=True):
            column.append(part)
    return _fair(fmt, tuple(np.concatenate(parts) for parts in columns))


def _every_pair(function: Function, fmt: Format) -> tuple[Floats, ...]:
    """All pairs of finite floats of the two domains; -0 is in none that begins at 0."""
    finite = fmt.all_values()
    finite = finite[np.isfinite(finite)]
    pools = []
    for v in function.variables:
        if isinstance(v.domain, sympy.FiniteSet):
            pools.append(inside(finite, v, fmt))
            continue
        pool = finite[within(finite, v.domain)]
        pools.append(pool[(pool != 0) | ~np.signbit(pool)] if v.domain.inf == 0 else pool)
    return tuple(a.ravel() for a in np.meshgrid(*pools, indexing="ij"))


def _fair(fmt: Format, arrays: tuple[Floats, ...]) -> tuple[Floats, ...]:
    """The points but those where the sum of the inputs' sizes overflows.

    An implementation may add or subtract its inputs.
    """
    with np.errstate(all="ignore"):
        total = np.sum([np.abs(a / 2) for a in arrays], axis=0)
    fair = ~(total > fmt.largest / 2)
    return tuple(a[fair] for a in arrays)


def _on_boundaries(
    function: Function, fmt: Format, setting: Mapping[str, Fraction], seed: int
) -> Iterator[tuple[Floats, ...]]:
    """Points where two branches meet, and a few ulps beside them.

    A boundary that is linear in a variable (a margin, a variance that is clamped) is solved for it,
    at ordinary values of the others.
    """
    rng = np.random.default_rng(seed + 4)
    usual = ordinary(fmt, 60, seed)
    symbols = [v.symbol for v in function.variables]
    values = {p.symbol: _ratio(setting[p.name]) for p in function.parameters}
    for left, right in derive.boundaries(function):
        edge = (left - right).subs(function.constants).subs(values)
        for position, v in enumerate(function.variables):
            slope = edge.diff(v.symbol) if edge.is_polynomial(v.symbol) else sympy.S.Zero
            if v.domain.is_FiniteSet or slope == 0 or v.symbol in slope.free_symbols:
                continue
            base = [rng.choice(inside(usual, w, fmt), 40) for w in function.variables]
            solved = sympy.lambdify(symbols, -edge.subs(v.symbol, 0) / slope, "numpy")(*base)
            at = fmt.round(np.broadcast_to(np.asarray(solved, dtype=np.float64), base[0].shape))
            for step in (-3, -1, 0, 1, 3):
                found = [*base[:position], fmt.step(at, step), *base[position + 1 :]]
                legal = within(found[position], v.domain) & np.isfinite(found[position])
                yield tuple(c[legal] for c in found)
            break


def _switch_gaps(setting: Mapping[str, Fraction], fmt: Format) -> Floats:
    """Differences around each parameter, where a loss may switch its branch."""
    marks = [float(v) for v in setting.values()] or [1.0]
    values = fmt.round(np.array([*marks, *(-m for m in marks)]))
    return np.concatenate([neighbours(values, fmt, (-2, -1, 0, 1, 2)), values * 1.5, values * 0.7])


def columns(
    function: Function,
    fmt: Format,
    setting: Mapping[str, Fraction],
    effort: int = FULL,
    seed: int = SEED,
) -> tuple[Floats, ...]:
    """Points of an elementwise function, one array (N,) for each variable."""
    if len(function.variables) == 1:
        arrays: tuple[Floats, ...] = (one_variable(function, fmt, setting, effort, seed),)
    else:
        arrays = several_variables(function, fmt, setting, effort, seed)
    known = meets(function, arrays, setting)
    return tuple(a[known] for a in arrays)


def rows(
    function: Function, fmt: Format, length: int, count: int, seed: int = SEED
) -> tuple[Floats, ...]:
    """Points along an axis: (count, length) for a row, (count,) for a number, per variable.

    A matrix is (count, rows, length), drawn as one long row.

    Rows are easy, wide, equal, dominated; each lies in its variable's domain. Rows at which a sum
    of products of the definition leaves the format are left out: an implementation may compute
    what the definition writes. So more are drawn where that is, most where none has come, and
    still fewer may come.
    """
    for drawn in (count, 12 * count, max(400 * count, 20_000)):
        columns = tuple(
            _row_values(function, v, fmt, length, drawn, seed + 1000 * position)
            for position, v in enumerate(function.variables)
        )
        fits = _products_fit(function, fmt, columns)
        if fits.sum() >= count or (drawn > count and fits.any()):
            break
    return tuple(c[fits][:count] for c in columns)


def _row_values(
    function: Function, v: Variable, fmt: Format, length: int, count: int, seed: int
) -> Floats:
    rng = np.random.default_rng([seed, length])
    if v.one_hot or (v.simplex and v.domain.is_FiniteSet):
        return np.eye(length)[rng.integers(0, length, size=count)]
    if v.simplex:
        return simplex(fmt, count, length, seed)
    shape = (count, *function.tried(v, length)) if v.along_axis else (count,)
    if v.labels:
        return rng.integers(1, length, size=shape).astype(np.float64)
    if isinstance(v.domain, sympy.FiniteSet):
        return rng.choice([float(e) for e in v.domain], size=shape)
    if not v.along_axis:
        return rng.choice(inside(ordinary(fmt, 64, seed), v, fmt), size=shape)
    return into(v, fmt, _wide_rows(fmt, math.prod(shape[1:]), count, rng), rng).reshape(shape)


def _wide_rows(fmt: Format, length: int, count: int, rng: np.random.Generator) -> Floats:
    # a sum over all pairs of a row stays finite: an implementation may divide it by n afterwards
    huge = fmt.largest / max(64, length**2)
    scales = np.array([1.0, 3.0, 30.0, 0.01, 1e-6, np.log(fmt.largest), 1000.0, huge])
    main = rng.normal(size=(count, length)) * rng.choice(scales, size=(count, 1))
    kind = rng.integers(0, 8, size=count)
    main[kind == 0] = main[kind == 0][:, :1]  # all equal
    main[kind == 1, 0] += np.log(fmt.largest) / 2  # one dominates
    main[kind == 2, -1] -= np.log(fmt.largest)  # one is far below
    main[kind == 3] += 50.0  # far from zero, close together
    main[kind == 4] *= rng.choice([0.0, 1.0], size=(int((kind == 4).sum()), length))
    # differences of entries stay finite: an implementation may subtract the maximum
    return fmt.round(np.clip(main, -fmt.largest / 8, fmt.largest / 8))


def into(v: Variable, fmt: Format, main: Floats, rng: np.random.Generator) -> Floats:
    """Rows of real numbers brought into a domain: reflected at one end, drawn between two."""
    low, high = float(v.domain.inf), float(v.domain.sup)
    if np.isinf(low) and np.isinf(high):
        return main
    if np.isfinite(low) and np.isfinite(high):
        # probabilities below every clip that people write, too; products of them are normal
        scales = [1.0, 1e-4, fmt.smallest_normal**0.4]
        drawn = rng.beta(0.5, 0.5, size=main.shape) * rng.choice(scales, (len(main), 1))
        return fmt.round(np.clip(low + (high - low) * drawn, low, high))
    return fmt.round(low + np.abs(main) if np.isfinite(low) else high - np.abs(main))


def _products_fit(function: Function, fmt: Format, columns: tuple[Floats, ...]) -> NDArray[Any]:
    """Rows at which every sum of products of entries stays among the normal numbers, or is 0."""
    fair = np.ones(len(columns[0]), dtype=bool)
    by_base = {v.symbol: c for v, c in zip(function.variables, columns, strict=True)}
    for bases, term in _products(function):
        with np.errstate(all="ignore"):
            sizes = np.abs(term(*(by_base[base] for base in bases))).max(axis=-1)
        fair &= (sizes == 0) | ((sizes > 2 * fmt.smallest_normal) & (sizes < fmt.largest / 64))
    return fair


@cache
def _products(function: Function) -> tuple[tuple[tuple[Any, ...], Callable[..., Any]], ...]:
    """The terms of each sum of products of entries: the rows they take, and their code."""
    found, known = [], {v.symbol for v in function.variables}
    for s in derive.value(function).atoms(sympy.Sum):
        entries = s.function.atoms(sympy.Indexed)
        plain = all(e.base in known and e.indices[0] == s.limits[0][0] for e in entries)
        if not (entries and plain and s.function.is_polynomial(*entries)):
            continue
        if sympy.total_degree(s.function, *entries) < 2:
            continue
        order = sorted(entries, key=str)
        term = sympy.lambdify(order, s.function, "numpy", dummify=True)
        found.append((tuple(e.base for e in order), term))
    return tuple(found)


def simplex(fmt: Format, count: int, length: int, seed: int = SEED) -> Floats:
    """Rows of probabilities: one-hot ones, uniform ones, and random ones."""
    rng = np.random.default_rng([seed, length, 7])
    hot = np.eye(length)[rng.integers(0, length, size=count)]
    spread = rng.dirichlet(np.full(length, 0.5), size=count)
    flat = np.full((count, length), 1 / length)
    kind = rng.integers(0, 3, size=(count, 1))
    return fmt.round(np.where(kind == 0, hot, np.where(kind == 1, flat, spread)))


def masked_rows(
    function: Function, fmt: Format, length: int, count: int, seed: int = SEED
) -> tuple[Floats, ...]:
    """Rows with -oo entries, as attention masks make them, at least one entry finite."""
    main, *others = rows(function, fmt, length, count, seed + 3)
    rng = np.random.default_rng([seed, length, 11])
    hidden = rng.random(main.shape) < 0.4
    shown = rng.integers(0, length, main.shape[:-1])
    hidden &= np.arange(length) != shown[..., np.newaxis]
    main = np.where(hidden, -np.inf, np.clip(main, -1000, 1000))
    return (fmt.round(main), *others)
