"""The points at which formulas are compared: exact fractions of powers of two, small ones first.

Every point is a pure function of the inputs' domains. Rows are given different entries; a row that
sums to one is one of a few that do.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import sympy
from sympy import Rational, Symbol

from ...spec.function import Parameter, Variable
from .vocabulary import ROW, Value

COUNT = 64  # points; the first quarter at the parameters' defaults
STRIDES = (1, 3, 5, 7, 11, 13, 17)  # through the amounts, another for each input

AMOUNTS = tuple(
    Fraction(word)
    for word in (
        *("1", "2", "1/2", "-1", "3", "0", "1/4", "-2", "3/4", "-1/2", "5", "-3", "1/8", "7/8"),
        *("-5", "7/2", "-1/4", "15/16", "9", "-7/2", "20", "-20", "1/16"),
    )
)
SIMPLEX = tuple(
    tuple(Fraction(k, 8) for k in row)
    for row in ((2, 2, 2, 2), (4, 2, 1, 1), (1, 5, 1, 1), (1, 1, 2, 4), (8, 0, 0, 0), (0, 4, 4, 0))
)
UNITS = tuple(tuple(Fraction(int(j == k)) for j in range(ROW)) for k in range(ROW))


@dataclass(frozen=True)
class Input:
    """A name that a formula takes: its symbols (one, or `ROW`), and what they may be.

    `amounts` are numbers, or whole rows for a row whose entries depend on each other; `first` is
    what comes first: a parameter's default.
    """

    name: str
    symbols: tuple[Symbol, ...]
    amounts: tuple[Any, ...]
    first: Any = None

    @property
    def value(self) -> Value:
        return self.symbols if len(self.symbols) > 1 else self.symbols[0]


Point = Mapping[Symbol, Fraction]
"""A value for every symbol of every input."""


def variable(name: str, v: Variable | None, row: bool = True) -> Input:
    """An input that stands for a variable of the book; without one, for any number.

    `row` is False where it is one number beside rows: the target of a cosine embedding.
    """
    symbols = tuple(Symbol(f"{name}_{k}", real=True) for k in range(ROW if row else 1))
    if v is not None and (v.one_hot or v.simplex):
        return Input(name, symbols, UNITS if v.one_hot else (*SIMPLEX, *UNITS))
    return Input(name, symbols, _inside(v.domain if v is not None else sympy.S.Reals))


def one_hot(name: str) -> Input:
    """An input that is a class: a row with a single 1."""
    return Input(name, variable(name, None).symbols, UNITS)


def parameter(name: str, p: Parameter) -> Input:
    """An input that stands for a parameter of the book: one number for all entries.

    It takes the definition's own samples, which go together with those of other parameters.
    """
    default = _fraction(p.default)
    samples = [f for f in map(_fraction, p.samples) if f is not None]
    symbol = Symbol(name, real=True)
    return Input(name, (symbol,), tuple(samples) or _inside(p.domain), default)


def _fraction(value: Any) -> Fraction | None:
    exact = sympy.sympify(value)
    return Fraction(int(exact.p), int(exact.q)) if exact.is_Rational else None


def _inside(domain: sympy.Set) -> tuple[Fraction, ...]:
    if isinstance(domain, sympy.FiniteSet):
        return tuple(Fraction(int(e)) for e in sorted(domain, reverse=True))
    return tuple(a for a in AMOUNTS if Rational(a.numerator, a.denominator) in domain)


def points(inputs: Sequence[Input]) -> Iterator[Point]:
    """`COUNT` points; every amount of each input occurs, in changing company."""
    for t in range(COUNT):
        yield {
            symbol: value
            for place, given in enumerate(inputs)
            for symbol, value in zip(given.symbols, _amounts(given, t, place), strict=True)
        }


def _amounts(given: Input, t: int, place: int) -> tuple[Fraction, ...]:
    stride = STRIDES[place % len(STRIDES)]
    count = len(given.amounts)
    if len(given.symbols) == 1:
        if given.first is not None and t < COUNT // 4:
            return (given.first,)
        return (given.amounts[(t * stride + place) % count],)
    if isinstance(given.amounts[0], tuple):
        row: tuple[Fraction, ...] = given.amounts[(t * stride + place) % count]
        return row
    step = next((s for s in (5, 3) if count > s and count % s), 1)
    return tuple(given.amounts[(t * stride + place + k * step) % count] for k in range(ROW))


def told(inputs: Sequence[Input], point: Point, used: Set[Any]) -> str:
    """A point in words: the inputs that matter, and of a row the one entry where only one does."""
    words = []
    for given in inputs:
        mattering = [s for s in given.symbols if s in used]
        if not mattering:
            continue
        whole = [point[s] for s in (mattering if len(mattering) == 1 else given.symbols)]
        numbers = ", ".join(map(_exact, whole))
        words.append(f"{given.name} = {numbers if len(whole) == 1 else f'({numbers})'}")
    return ", ".join(words)


def _exact(value: Fraction) -> str:
    """A fraction of a power of two as the decimal it is; any other as a ratio."""
    exact = value.denominator & (value.denominator - 1) == 0
    return repr(float(value)).removesuffix(".0") if exact else str(value)
