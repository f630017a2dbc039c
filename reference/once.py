"""What depends on one or two places of a row, computed once for each and not in every derivative.

A second derivative is asked for at every three places of a row, and exp(z[k]) has few values.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import sympy

from ..spec import symbols
from ..spec.alignments import Alignments
from ..spec.special import Largest

_COSTLY = (
    sympy.Sum,
    Largest,
    Alignments,
    sympy.exp,
    sympy.log,
    sympy.erf,
    sympy.erfc,
    sympy.tanh,
    sympy.sinh,
    sympy.cosh,
    sympy.atan,
)
_PLACES = (  # rows of a matrix before places in a row
    symbols.h,
    symbols.g,
    symbols.j,
    symbols.i,
    symbols.k,
    symbols.m,
    symbols.r,
)
MOST = 2  # places: what takes more is asked for about as often as it has values
_NAMES = tuple(sympy.Dummy(f"at{k}", integer=True, nonnegative=True) for k in range(MOST))


class Once(sympy.Function):  # type: ignore[misc] # SymPy is untyped
    """Once(number, places...): the value there of the term that has that number."""


@dataclass
class Terms:
    """Costly terms by their numbers, each an expression in the names of its places.

    Terms that differ in nothing but the places are one.
    """

    numbers: dict[Any, int] = field(default_factory=dict)

    def out_of(self, e: Any) -> Any:
        """The expression with what is costly in it put as `Once`, inner terms first."""
        if not e.args or not e.has(*_COSTLY, sympy.Pow):
            return e
        e = e.func(*map(self.out_of, e.args))
        if not (isinstance(e, _COSTLY) or (e.is_Pow and not e.exp.is_Integer)):
            return e
        places = [p for p in _PLACES if p in e.free_symbols]
        if not 0 < len(places) <= MOST or symbols.path.label in e.free_symbols:
            return e
        pattern = e.xreplace(dict(zip(places, _NAMES, strict=False)))
        return Once(self.numbers.setdefault(pattern, len(self.numbers)), *places)

    @property
    def definitions(self) -> list[tuple[int, list[Any], Any]]:
        """(number, names of its places, expression) of each term."""
        return [
            (number, [n for n in _NAMES if n in pattern.free_symbols], pattern)
            for pattern, number in self.numbers.items()
        ]
