"""The truth of functions along an axis: rows in, a row or a number out, and the vjp.

As in `oracle.py`, Arb encloses with doubled precision until each result rounds to one float, and
mpmath at full-range precision is the normative engine (and the one for rows with infinities).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from types import ModuleType
from typing import Any

import numpy as np
import sympy
from numpy.typing import NDArray

from ..spec import derive, symbols
from ..spec.alignments import Alignments, TooManyPaths
from ..spec.function import Function, Parameter, Variable
from ..spec.special import Largest
from . import arb, mp
from . import cache as disk
from .error import Answer, Truth
from .formats import Floats, Format
from .oracle import LIMIT, Parameters, ladder, parameters, settings, tied, write
from .program import Watcher, run
from .row_source import axis_source, row_value_source
from .settle import OPEN, Settled, settle
from .source import partials

NAN = Settled(float("nan"), 0.0, 0, 0.0, True)


def truth_rows(
    function: Function,
    rows: Sequence[Floats],
    fmt: Format,
    cotangent: Floats | None = None,
    given: Mapping[str, Any] | None = None,
    *,
    engine: str = "arb",
    cached: bool = True,
) -> dict[str, Truth]:
    """Truths of a function along an axis: (N, n) for a row, (N,) for a number, per variable.

    Gives "value", of shape (N, outputs) or (N,), and with a `cotangent` of that shape the vjp in
    each variable and differentiable parameter under its name: (N, n) in a row, (N,) in a number,
    before any summation over the batch. The cotangent counts among the inputs in C, and so does
    what the sums along the row cost (1 + log2 n roundings of their terms). Rows with an infinity
    use the extended reals: exp(-oo) is 0. A parameter along the axis is given as n numbers. As for
    elementwise functions, parameters may be taken as given or as rounded. A variable that is a
    matrix is given as (N, rows, n). Raises `ValueError` for labels that are none, and for sequences
    that are too long for a definition that sums over every path.
    """
    arrays = [np.asarray(r, dtype=np.float64) for r in rows]
    _refuse_other_labels(function, arrays)
    seeds = None if cotangent is None else np.asarray(cotangent, dtype=np.float64)
    exact = parameters(function, given)
    try:
        answers = [
            _Rows(function, arrays, seeds, fmt, engine, s).answers(cached)
            for s in settings(function, exact, fmt)
        ]
    except TooManyPaths as error:
        raise ValueError(f"{function.name}: {error}") from error
    names = ["value"] + ([] if seeds is None else [v.name for v in partials(function)])
    return {
        name: Truth(several, np.zeros(several[0].nearest.shape, dtype=bool))
        for name, several in zip(names, zip(*answers, strict=True), strict=True)
    }


def _refuse_other_labels(function: Function, arrays: Sequence[Floats]) -> None:
    for v, a in zip(function.variables, arrays, strict=True):
        if not v.labels:
            continue
        classes = row_length(function, arrays)
        wrong = a[(a < 1) | (a >= classes) | (a != np.rint(a))]
        if wrong.size:
            raise ValueError(
                f"{function.name}: {v.name} = {wrong[0]:g} is no label: give whole numbers from 1 "
                f"to {classes - 1}, as there are {classes} classes and 0 is the blank"
            )


@dataclass(frozen=True)
class _Rows:
    """What is asked: a batch of rows, in a format, at one setting of the parameters."""

    function: Function
    arrays: Sequence[Floats]
    cotangent: Floats | None
    fmt: Format
    engine: str
    setting: Parameters

    @property
    def _shapes(self) -> list[tuple[int, ...]]:
        """The shape of each result."""
        count = len(self.arrays[0])
        length = row_length(self.function, self.arrays)
        entries = (self.function.entries(length),) if self.function.row_output else ()
        found: list[tuple[int, ...]] = [(count, *entries)]
        if self.cotangent is not None:
            for v in partials(self.function):
                found.append((count, *_shape_of(v, self.function, self.arrays)))
        return found

    def answers(self, cached: bool) -> list[Answer]:
        arrays = [*self.arrays, *(() if self.cotangent is None else (self.cotangent,))]
        source = axis_source(self.function)
        shapes = [a.shape for a in arrays]
        asked = (source, self.fmt.name, self.engine, shapes, self.cotangent is None)
        given = sorted(self.setting.items())
        name = disk.key(*asked, given, *(np.ascontiguousarray(a).tobytes() for a in arrays))
        found = disk.load(name) if cached else None
        if found is None:
            found = disk.as_stored(self._compute())
            if cached:
                disk.store(name, found)
        return found

    def _compute(self) -> list[Answer]:
        found = [Answer.empty(shape) for shape in self._shapes]
        for index in range(len(self.arrays[0])):
            weights = None if self.cotangent is None else np.atleast_1d(self.cotangent[index])
            one = _Row(self.function, [a[index] for a in self.arrays], weights, self.setting)
            for answer, settled in zip(found, one.settled(self.fmt, self.engine), strict=True):
                part = answer.reshape((len(self.arrays[0]), -1))
                for column, s in enumerate(settled):
                    write([part], (index, column), [s])  # type: ignore[arg-type]
        return found


def row_length(function: Function, arrays: Sequence[Floats]) -> int:
    """The n of a batch of rows, or of one."""
    pairs = zip(function.variables, arrays, strict=True)
    return int(next(a.shape[-1] for v, a in pairs if v.along_axis and v.shape[-1] == symbols.n))


def _shape_of(
    v: Variable | Parameter, function: Function, arrays: Sequence[Floats]
) -> tuple[int, ...]:
    """The shape of one row, or matrix, of an input: () for a number."""
    if isinstance(v, Variable):
        return arrays[function.variables.index(v)].shape[1:]
    return (row_length(function, arrays),) if v.along_axis else ()


def entries_taken(
    function: Function, length: int, sizes: Sequence[int]
) -> list[set[tuple[int, int]]]:
    """For each output, the (position of the variable, place in its row) of the entries it takes.

    A sum along the row takes them all; the halves of a gated unit take one each. `sizes` tells
    how many numbers each variable has.
    """
    value = derive.value(function)
    whole = {(a, k) for a, size in enumerate(sizes) for k in range(size)}
    named = value.atoms(sympy.Indexed)
    places = {v.symbol: a for a, v in enumerate(function.variables)}
    alone = all(v.along_axis for v in function.variables) and all(e.base in places for e in named)
    if value.has(sympy.Sum, Largest, Alignments) or not alone:
        return [whole] * function.entries(length)
    return [
        {(places[e.base], int(e.indices[0].subs({symbols.i: i, symbols.n: length}))) for e in named}
        for i in range(function.entries(length))
    ]


@dataclass(frozen=True)
class _Row:
    """One row (a number is an array without axes), and the cotangent of each output."""

    function: Function
    inputs: Sequence[Floats]
    weights: Floats | None
    setting: Parameters

    @property
    def length(self) -> int:
        return row_length(self.function, [np.atleast_1d(x) for x in self.inputs])

    def settled(self, fmt: Format, engine: str) -> list[list[Settled]]:
        """All results, by doubling Arb's precision, or by mpmath where one may be infinite."""
        everything = [*self.inputs, *(() if self.weights is None else (self.weights,))]
        if any(np.isnan(x).any() for x in everything):
            return self._with_nan(fmt, engine)
        if engine != "arb" or not all(np.isfinite(x).all() for x in self.inputs):
            return self._at_full_range(fmt)
        found = self._enclosed(fmt)
        if _all_decided(found) or not self._at_end:
            return found
        return _filled(found, self._at_full_range(fmt))

    def _with_nan(self, fmt: Format, engine: str) -> list[list[Settled]]:
        """NaN for each output that takes a NaN, and for the gradients in what such outputs take."""
        sizes = [int(np.size(x)) for x in self.inputs]
        taken = entries_taken(self.function, self.length, sizes)
        nans = {
            (a, k) for a, x in enumerate(self.inputs) for k in np.flatnonzero(np.isnan(x)).tolist()
        }
        lost = [bool(entries & nans) for entries in taken]
        clean = self.weights is None or not np.isnan(self.weights).any()
        if not clean or all(lost):
            return [[NAN] * count for count in self._counts()]
        filled = [np.where(np.isnan(x), x[~np.isnan(x)][0], x) for x in self.inputs]
        value, *slopes = replace(self, inputs=filled).settled(fmt, engine)
        gone = nans.union(*(entries for entries, one in zip(taken, lost, strict=True) if one))
        for a, slope in enumerate(slopes):  # a parameter is taken by every output
            for k in range(len(slope)):
                if (a, k) in gone or a >= len(self.inputs):
                    slope[k] = NAN
        return [[NAN if one else s for s, one in zip(value, lost, strict=True)], *slopes]

    @property
    def _at_end(self) -> bool:
        """Whether an input lies at the end of its domain: no precision encloses a log(0).

        Labels may need more frames than there are, which no path has: a log(0) as well.
        """
        return any(v.labels for v in self.function.variables) or any(
            np.isin(x, [float(e) for e in v.domain.boundary if e.is_finite]).any()
            for v, x in zip(self.function.variables, self.inputs, strict=True)
            if v.domain.is_Interval
        )

    @property
    def _partly_masked(self) -> bool:
        """Whether an entry is -oo, and another of its row is not."""
        return any(np.isneginf(x).any() and not np.isneginf(x).all() for x in self.inputs)

    def _enclosed(self, fmt: Format) -> list[list[Settled]]:
        saved = arb.context.prec
        try:
            for bits in ladder(fmt):
                arb.context.prec = bits
                found = self._evaluate(fmt, arb)
                if _all_decided(found):
                    break
            return found
        finally:
            arb.context.prec = saved

    def _at_full_range(self, fmt: Format) -> list[list[Settled]]:
        saved = mp.context.prec
        try:
            for times in (1, LIMIT):
                mp.context.prec = times * fmt.full_range_bits
                found = self._evaluate(fmt, mp)
                if not any(tied(s) for part in found for s in part):
                    break
            if not _all_decided(found) and self._partly_masked:
                found = _filled(found, self._evaluate(fmt, mp, masked=_far_below(fmt)))
            return found
        finally:
            mp.context.prec = saved

    def _counts(self) -> list[int]:
        count = self.function.entries(self.length)
        if self.weights is None:
            return [count]
        return [count, *map(self._count, partials(self.function))]

    def _count(self, v: Variable | Parameter) -> int:
        """How many numbers an input has."""
        return math.prod(_shape_of(v, self.function, [np.asarray(x)[None] for x in self.inputs]))

    def _evaluate(self, fmt: Format, engine: Any, masked: Any = None) -> list[list[Settled]]:
        """All results at the engine's precision; `masked` stands for -oo where it is given."""
        length = self.length
        numbers = [_numbers(x, engine, masked) for x in self.inputs]
        fixed = [
            _parameter(self.setting[p.name], p.along_axis, length, engine)
            for p in self.function.parameters
        ]
        value, first, second, slack = _code(axis_source(self.function), engine)(
            length, *numbers, *fixed
        )
        first = {a: cache(slope) for a, slope in first.items()}  # in the vjp, and in a value's C
        last = engine.context.prec >= LIMIT * fmt.full_range_bits
        places = [
            (a, k, numbers[a][k] if v.along_axis else numbers[a])
            for a, v in enumerate(self.function.variables)
            for k, x in enumerate(np.ravel(self.inputs[a]))
            if np.isfinite(x) and x != 0
        ]

        def weigh(derivative: Any) -> Any:
            """Sum of |x times derivative| over the finite inputs: the term C."""
            return engine.total(abs(x * derivative(a, k)) for a, k, x in places)

        levels = 1 + math.ceil(math.log2(length))  # a term's own rounding, and those of its sums
        settled = [
            _settle(
                value(i),
                weigh(lambda a, k, i=i: first[a](i, k)) + levels * slack[None](i),
                fmt,
                last,
            )
            for i in range(self.function.entries(length))
        ]
        results = [settled]
        if self.weights is None:
            return results
        g = {i: engine.number(float(w)) for i, w in enumerate(self.weights) if w != 0}
        alone = next(iter(g)) if len(g) == 1 and 1.0 in self.weights else None  # as a loss is
        for b, v in enumerate(partials(self.function)):
            settled = []
            for k in range(self._count(v)):
                parts = [w * first[b](i, k) for i, w in g.items()]
                c = engine.total(map(abs, parts)) if self.function.row_output else engine.total(())
                c = c + levels * engine.total(abs(w) * slack[b](i, k) for i, w in g.items())

                def slope(a: int, m: int, b: int = b, k: int = k) -> Any:
                    if alone is not None:
                        return second[b, a](alone, k, m)
                    return engine.total(w * second[b, a](i, k, m) for i, w in g.items())

                settled.append(_settle(engine.total(parts), c + weigh(slope), fmt, last))
            results.append(settled)
        return results


def _all_decided(found: list[list[Settled]]) -> bool:
    return all(s.decided for part in found for s in part)


def _filled(found: list[list[Settled]], others: list[list[Settled]]) -> list[list[Settled]]:
    """What is decided in the first, and the second's answer elsewhere."""
    return [
        [s if s.decided else o for s, o in zip(part, other, strict=True)]
        for part, other in zip(found, others, strict=True)
    ]


def _far_below(fmt: Format) -> Any:
    """A number so far below the format that it stands for -oo where oo - oo has no value.

    Only limits in a masked entry meet it: exp of it vanishes, every difference to it is larger
    than any float.
    """
    return -(mp.context.mpf(2) ** (fmt.emax + 64))


def _numbers(x: Floats, engine: Any, masked: Any = None) -> Any:
    def number(entry: float) -> Any:
        below = masked is not None and entry == -np.inf
        return masked if below else engine.number(float(entry))

    return number(x) if np.ndim(x) == 0 else [number(entry) for entry in x.flat]  # type: ignore[arg-type]


def _parameter(value: Any, along_axis: bool, length: int, engine: Any) -> Any:
    if not along_axis:
        return engine.number(value)
    entries = value if isinstance(value, tuple) else (value,) * length
    return [engine.number(entry) for entry in entries]


@cache
def _code(source: str, engine: ModuleType) -> Any:
    return run(source, engine)


def _settle(value: Any, condition: Any, fmt: Format, last: bool) -> Settled:
    if isinstance(value, arb.arb):
        if not value.is_finite():
            return OPEN
        return settle(value.mid(), value.rad(), condition, fmt, last=last)
    if isinstance(value, int):
        value = mp.number(float(value))
    return settle(value, None, 0.0 if abs(value) == float("inf") else condition, fmt, last=last)


# ---------------------------------------------------------------- where a row lies


def near_kink(
    function: Function,
    rows: Sequence[Floats],
    fmt: Format,
    given: Mapping[str, Any] | None = None,
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which rows lie where rounding may change a branch, and which where there is no value.

    The second are rows at which the definition divides 0 by 0 or takes a root whose slope is
    infinite: the cosine of a zero vector, the distance of a point to itself.
    """
    arrays = [np.asarray(r, dtype=np.float64) for r in rows]
    exact = parameters(function, given)
    near, undefined = (np.zeros(len(arrays[0]), dtype=bool) for _ in range(2))
    watcher = Watcher(arb)
    row = run(row_value_source(function), arb, watcher)
    length = row_length(function, arrays)
    fixed = [_parameter(exact[p.name], p.along_axis, length, arb) for p in function.parameters]

    def watch(one: list[Any], bits: int) -> tuple[bool, bool]:
        arb.context.prec = bits
        watcher.near = watcher.undefined = False
        value, *_ = row(length, *(_numbers(x, arb) for x in one), *fixed)
        for i in range(function.entries(length)):
            value(i)
        return watcher.near, watcher.undefined

    saved = arb.context.prec
    try:
        for index in range(near.size):
            one = [a[index] for a in arrays]
            if not all(np.isfinite(x).all() for x in one):
                continue
            near[index], undefined[index] = watch(one, fmt.working_precision - 1)
            if undefined[index]:  # a ball may hold 0 for want of bits: exp of a large number
                undefined[index] = watch(one, fmt.full_range_bits)[1]
    finally:
        arb.context.prec = saved
    return near, undefined


def divisors(
    function: Function, rows: Sequence[Floats], given: Mapping[str, Any] | None = None
) -> Floats:
    """What each row adds to the divisor of the mean, (N,), exact to float64."""
    arrays = [np.asarray(r, dtype=np.float64) for r in rows]
    if function.divisor == 1:
        return np.ones(len(arrays[0]))
    exact = parameters(function, given)
    length = row_length(function, arrays)
    fixed = [_parameter(exact[p.name], p.along_axis, length, arb) for p in function.parameters]
    saved, arb.context.prec = arb.context.prec, 256
    try:
        found = [
            _code(row_value_source(function), arb)(
                length, *(_numbers(a[index], arb) for a in arrays), *fixed
            )[1][0](0)
            for index in range(len(arrays[0]))
        ]
    finally:
        arb.context.prec = saved
    return np.array([float(d) for d in found])
