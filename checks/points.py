"""Points: where errors live. Every function gets them without code of its own.

Special floats, the neighbourhoods of kinks, a ladder with points in every binade of the format,
the edges of exp, squares and cubes; for one variable in a 16-bit format, every float. All are
floats of the format, carried as float64, and the same on every machine.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import cache

import numpy as np
import sympy

from ..reference.formats import Floats, Format
from ..spec import derive
from ..spec.function import Function, Variable

SEED = 20260101


def specials(fmt: Format) -> Floats:
    """0, -0, NaN, both infinities, the largest, the smallest normal and subnormal floats."""
    finite = [fmt.largest, fmt.smallest_normal, fmt.smallest_subnormal]
    near = [fmt.smallest_normal - fmt.smallest_subnormal, 1.0]
    positive = [*finite, *near]
    return np.array([0.0, -0.0, np.nan, np.inf, -np.inf, *positive, *(-v for v in positive)])


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
    """Where networks live: normal numbers of standard deviation 3."""
    rng = np.random.default_rng(seed + 1)
    return fmt.round(rng.normal(scale=3.0, size=count))


def declared(function: Function, fmt: Format, setting: Mapping[str, Fraction]) -> Floats:
    """Kinks, jumps, special values and switch points of a one-variable function, as floats."""
    (variable,) = function.variables[:1]
    values = {
        p.symbol: sympy.Rational(setting[p.name].numerator, setting[p.name].denominator)
        for p in function.parameters
        if p.name in setting
    }
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
    if domain == sympy.Reals:
        return values
    if isinstance(domain, sympy.FiniteSet):
        return np.array([float(v) for v in domain])
    low, high = float(domain.inf), float(domain.sup)
    kept = values[(values >= low) & (values <= high) | np.isnan(values)]
    extra = [e for e in (low, high) if np.isfinite(e)]
    if np.isfinite(high) and np.isfinite(low):  # as dense at the upper end as at the lower
        kept = np.concatenate([kept, fmt.round(high - (kept - low))])
    ends = neighbours(fmt.round(np.array(extra)), fmt, (-3, -2, -1, 0, 1, 2, 3))
    ends = ends[(ends >= low) & (ends <= high)]
    return np.unique(np.concatenate([kept, ends]))


def one_variable(
    function: Function, fmt: Format, setting: Mapping[str, Fraction], effort: int = 4
) -> Floats:
    """All points for a function of one variable; every float of a 16-bit format at effort 4."""
    if fmt.bits <= 16 and effort >= 4:
        values = fmt.all_values()
        every: Floats = values[~np.isnan(values) | (np.arange(values.size) % 97 == 0)]
        return every
    per_binade = max(1, effort if fmt.bits < 64 else effort // 2)
    parts = [
        specials(fmt),
        ladder(fmt, per_binade),
        edges(fmt),
        ordinary(fmt, 500 * effort // 4),
        declared(function, fmt, setting),
    ]
    return inside(np.concatenate(parts), function.variables[0], fmt)


def several_variables(
    function: Function, fmt: Format, setting: Mapping[str, Fraction], effort: int = 4
) -> tuple[Floats, ...]:
    """Points for an elementwise function of several variables, one column for each.

    Products of a thin ladder with a few values, random pairs, and pairs whose entries nearly
    agree, where differences cancel and kinks lie.
    """
    rng = np.random.default_rng(SEED + 2)
    few = np.array([0.0, -0.0, 1.0, -1.0, 0.5, 3.0, -40.0, fmt.largest, fmt.smallest_subnormal])
    thin = np.concatenate([specials(fmt), ladder(fmt, 1)[:: max(1, 5 - effort)], edges(fmt)])
    main, *others = function.variables
    first = inside(thin, main, fmt)
    if fmt.bits == 64:
        first = np.concatenate([first[::3], inside(ordinary(fmt, 300), main, fmt)])
    first = np.concatenate([first, inside(ordinary(fmt, 300), main, fmt)])
    columns = [[first] for _ in function.variables]
    for position, other in enumerate(others, start=1):
        values = inside(np.concatenate([thin, ordinary(fmt, 300)]), other, fmt)
        columns[position] = [rng.choice(values, first.size)]
    for value in few:
        part = first[:: max(1, 6 - effort)]
        columns[0].append(part)
        for position, other in enumerate(others, start=1):
            pool = inside(np.array([value]), other, fmt)
            columns[position].append(rng.choice(pool, part.size))
    if not isinstance(others[0].domain, sympy.FiniteSet):
        close = first[np.isfinite(first)][::3]
        for step in (-2, -1, 0, 1, 2):
            moved = fmt.step(close, step)
            if others[0].domain != sympy.Reals:
                keep = (moved >= float(others[0].domain.inf)) & (
                    moved <= float(others[0].domain.sup)
                )
                close, moved = close[keep], moved[keep]
            columns[0].append(close)
            columns[1].append(moved)
            for position in range(2, len(columns)):
                columns[position].append(rng.choice(columns[position][0], close.size))
        free = all(v.domain == sympy.Reals for v in function.variables)
        gaps = _switch_gaps(setting, fmt) if free else ()
        for gap in gaps:
            base = inside(ordinary(fmt, 60), main, fmt)
            columns[0].append(fmt.round(base + gap))
            columns[1].append(base)
    arrays = tuple(np.concatenate(parts) for parts in columns)
    # an implementation may add or subtract its inputs: points where that overflows are left out
    with np.errstate(all="ignore"):
        total = np.sum([np.abs(a / 2) for a in arrays], axis=0)
    fair = ~(total > fmt.largest / 2)
    return tuple(a[fair] for a in arrays)


def _switch_gaps(setting: Mapping[str, Fraction], fmt: Format) -> Floats:
    """Differences around each parameter, where a loss may switch its branch."""
    marks = [float(v) for v in setting.values()] or [1.0]
    values = fmt.round(np.array([*marks, *(-m for m in marks)]))
    return np.concatenate([neighbours(values, fmt, (-2, -1, 0, 1, 2)), values * 1.5, values * 0.7])


def columns(
    function: Function, fmt: Format, setting: Mapping[str, Fraction], effort: int = 4
) -> tuple[Floats, ...]:
    """Points of an elementwise function, one array (N,) for each variable."""
    if len(function.variables) == 1:
        return (one_variable(function, fmt, setting, effort),)
    return several_variables(function, fmt, setting, effort)


def rows(
    function: Function, fmt: Format, length: int, count: int, seed: int = SEED
) -> tuple[Floats, ...]:
    """Rows along an axis, (count, length) for each variable: easy, wide, equal, dominated ones."""
    rng = np.random.default_rng([seed, length])
    scales = np.array([1.0, 3.0, 30.0, 0.01, 1e-6, np.log(fmt.largest), 1000.0, fmt.largest / 64])
    main = rng.normal(size=(count, length)) * rng.choice(scales, size=(count, 1))
    kind = rng.integers(0, 8, size=count)
    main[kind == 0] = main[kind == 0][:, :1]  # all equal
    main[kind == 1, 0] += np.log(fmt.largest) / 2  # one dominates
    main[kind == 2, -1] -= np.log(fmt.largest)  # one is far below
    main[kind == 3] += 50.0  # far from zero, close together
    main[kind == 4] *= rng.choice([0.0, 1.0], size=(int((kind == 4).sum()), length))
    # differences of entries stay finite: an implementation may subtract the maximum
    main = fmt.round(np.clip(main, -fmt.largest / 8, fmt.largest / 8))
    result = [main]
    for other in function.variables[1:]:
        result.append(simplex(fmt, count, length, seed) if other.simplex else rng.permuted(main))
    return tuple(result)


def simplex(fmt: Format, count: int, length: int, seed: int = SEED) -> Floats:
    """Rows of probabilities: one-hot ones, uniform ones, and random ones."""
    rng = np.random.default_rng([seed, length, 7])
    hot = np.eye(length)[rng.integers(0, length, size=count)]
    spread = rng.dirichlet(np.full(length, 0.5), size=count)
    flat = np.full((count, length), 1 / length)
    kind = rng.integers(0, 3, size=(count, 1))
    return fmt.round(np.where(kind == 0, hot, np.where(kind == 1, flat, spread)))


def masked_rows(function: Function, fmt: Format, length: int, count: int) -> tuple[Floats, ...]:
    """Rows with -oo entries, as attention masks make them, at least one entry finite."""
    main, *others = rows(function, fmt, length, count, SEED + 3)
    rng = np.random.default_rng([SEED, length, 11])
    hidden = rng.random((count, length)) < 0.4
    hidden[np.arange(count), rng.integers(0, length, count)] = False
    main = np.where(hidden, -np.inf, np.clip(main, -1000, 1000))
    return (fmt.round(main), *others)
