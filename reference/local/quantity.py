"""What is swept: the value of a function or a derivative of it, in one free variable."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from types import MappingProxyType
from typing import Any

import numpy as np

from ...spec.function import Function
from .. import arb
from ..error import Truth
from ..formats import Floats, Format
from ..oracle import parameters, truth
from ..program import run
from ..source import QUANTITIES, single_source
from . import analytic


@dataclass(frozen=True, eq=False)
class Quantity:
    """One number for each x: the "value", "gradient" or "second" derivative in a free variable.

    `setting` gives parameters exactly, `fixed` the other variables. Raises `ValueError` for a
    function along an axis, an unknown quantity or variable, and a variable that is left open.
    """

    function: Function
    name: str = "value"
    setting: Mapping[str, Fraction] = field(default_factory=lambda: MappingProxyType({}))
    fixed: Mapping[str, Fraction] = field(default_factory=lambda: MappingProxyType({}))
    free: str = ""
    known: dict[int, Enclosures] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        function, names = self.function, [v.name for v in self.function.variables]
        if function.along_axis:
            raise ValueError(
                f"{function.name} works along an axis: a sweep takes functions of single numbers"
            )
        if self.name not in QUANTITIES:
            raise ValueError(f"unknown quantity {self.name!r}: choose {', '.join(QUANTITIES)}")
        object.__setattr__(self, "free", self.free or names[0])
        object.__setattr__(self, "setting", parameters(function, self.setting))
        object.__setattr__(self, "fixed", {n: Fraction(x) for n, x in self.fixed.items()})
        for name in (self.free, *self.fixed):
            if name not in names:
                known = ", ".join(names)
                raise ValueError(f"{function.name} has no variable {name!r}; it has {known}")
        open_ = [n for n in names if n != self.free and n not in self.fixed]
        if open_:
            raise ValueError(
                f"{function.name} has further variables: fix {', '.join(open_)} to sweep over "
                f"{self.free}"
            )

    @cached_property
    def place(self) -> int:
        """Which of the variables is free."""
        return [v.name for v in self.function.variables].index(self.free)

    @cached_property
    def source(self) -> str:
        """The text that either engine runs; what it depends on is all of the definition."""
        return single_source(self.function, self.name, self.place)

    def arguments(self, x: Any, number: Callable[[Any], Any]) -> list[Any]:
        """What an engine's `evaluate` takes, with x for the free variable."""
        others = [
            x if v.name == self.free else number(self.fixed[v.name])
            for v in self.function.variables
        ]
        return [*others, *(number(self.setting[p.name]) for p in self.function.parameters)]

    def at(self, bits: int) -> Enclosures:
        """Enclosures over balls, at a precision."""
        if bits not in self.known:
            self.known[bits] = Enclosures(self, bits)
        return self.known[bits]

    def columns(self, points: Floats) -> list[Floats]:
        """An array for each variable, with points for the free one."""
        return [
            points if v.name == self.free else np.full(points.shape, float(self.fixed[v.name]))
            for v in self.function.variables
        ]

    def truth(self, points: Floats, fmt: Format) -> Truth:
        """What the oracle says at points, one array (N,): every right answer."""
        columns = self.columns(points)
        if self.name == "second":
            return truth(self.function, columns, fmt, self.setting, second=True)["second"]
        found = truth(self.function, columns, fmt, self.setting)
        return found["value" if self.name == "value" else self.free]


class Enclosures:
    """A quantity over balls: real ones, and their complex surroundings.

    To be used within `with enclosures:`, which sets the precision.
    """

    def __init__(self, quantity: Quantity, bits: int) -> None:
        self.quantity, self.bits, self.saved = quantity, bits, arb.context.prec
        self.notes = analytic.Decisions()
        with self:
            self._real = run(quantity.source, arb)()
            self._noted = run(quantity.source, arb, analytic.Noting(self.notes))()
            self._complex = run(quantity.source, analytic, analytic.Following(self.notes))()
            self._rest_real = quantity.arguments(None, arb.number)
            self._rest_complex = quantity.arguments(None, analytic.number)

    def __enter__(self) -> Enclosures:
        self.saved, arb.context.prec = arb.context.prec, self.bits
        return self

    def __exit__(self, *_: object) -> None:
        arb.context.prec = self.saved

    def _with(self, rest: list[Any], x: Any) -> list[Any]:
        place = self.quantity.place
        return [*rest[:place], x, *rest[place + 1 :]]

    def real(self, x: Any) -> Any:
        """The ball of the quantity over a ball of x."""
        return self._real(*self._with(self._rest_real, x))[0]

    def decide(self, stretch: Any) -> bool:
        """Whether one branch of every case holds on a ball of x: noted for `complex`."""
        self.notes.clear()
        self._noted(*self._with(self._rest_real, stretch))
        return None not in self.notes.made

    def complex(self, z: Any) -> Any:
        """The ball of the continuation of the branch last decided over a complex ball."""
        self.notes.rewind()
        return self._complex(*self._with(self._rest_complex, z))[0]
