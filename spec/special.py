"""What SymPy has no name for: products that know their limits, and parts of a row.

`xlogy(x, y)` is x log y and `xdivy(x, y)` is x/y, both 0 at x = 0 whatever y is: the convention
0 log 0 = 0 of information theory, under the names SciPy, JAX and PyTorch use. SymPy has neither.
Where y reaches 0 with x not 0, they take the limit from y > 0. `Largest` is max over an index, as
Sum is the sum over it; `entry` picks one entry of a row.
"""

from __future__ import annotations

from typing import Any

import sympy
from sympy.concrete.expr_with_limits import ExprWithLimits


class xlogy(sympy.Function):  # type: ignore[misc] # noqa: N801 - SymPy is untyped, and lowercase
    """x log y, and 0 where x = 0."""

    nargs = 2

    @classmethod
    def eval(cls, x: Any, y: Any) -> Any:
        if x.is_zero:
            return sympy.S.Zero
        if y == 1:
            return sympy.S.Zero
        return None

    def fdiff(self, argindex: int = 1) -> Any:
        x, y = self.args
        return sympy.log(y) if argindex == 1 else xdivy(x, y)

    def _sympystr(self, printer: Any) -> str:
        return f"xlogy({printer._print(self.args[0])}, {printer._print(self.args[1])})"


class xdivy(sympy.Function):  # type: ignore[misc] # noqa: N801
    """x/y, and 0 where x = 0."""

    nargs = 2

    @classmethod
    def eval(cls, x: Any, y: Any) -> Any:
        if x.is_zero:
            return sympy.S.Zero
        if y == 1:
            return x
        return None

    def fdiff(self, argindex: int = 1) -> Any:
        x, y = self.args
        return 1 / y if argindex == 1 else -xdivy(x, y**2)

    def _latex(self, printer: Any, exp: Any = None) -> str:
        text = rf"\frac{{{printer._print(self.args[0])}}}{{{printer._print(self.args[1])}}}"
        return rf"\left({text}\right)^{{{exp}}}" if exp else text


class Largest(ExprWithLimits):  # type: ignore[misc]
    """The largest of the terms with indices in a range: Largest(z[j], (j, 0, n - 1)).

    Its derivative follows the term that attains it; where several do there is a kink.
    """

    is_real = True

    def _eval_derivative(self, symbol: Any) -> Any:
        slope = sympy.diff(self.function, symbol)
        if slope.is_zero:
            return sympy.S.Zero
        return sympy.Sum(attains(self.function, self) * slope, *self.limits)

    def doit(self, **hints: Any) -> Any:
        index, low, high = self.limits[0]
        if not (low.is_Integer and high.is_Integer):
            return self
        terms = (self.function.subs(index, at) for at in range(int(low), int(high) + 1))
        return sympy.Max(*terms)

    def _latex(self, printer: Any, exp: Any = None) -> str:
        index = printer._print(self.limits[0][0])
        inner = printer.parenthesize(self.function, sympy.printing.precedence.PRECEDENCE["Mul"])
        text = rf"\max_{{{index}}} {inner}"
        return rf"\left({text}\right)^{{{exp}}}" if exp else text

    def _sympystr(self, printer: Any) -> str:
        limits = ", ".join(map(printer._print, self.limits))
        return f"Largest({printer._print(self.function)}, {limits})"


class attains(sympy.Function):  # type: ignore[misc] # noqa: N801
    """1 where a term is the largest one, else 0: `attains(z[k], Largest(z[j], ...))`."""

    nargs = 2
    is_real = True

    def fdiff(self, argindex: int = 1) -> Any:
        return sympy.S.Zero

    def doit(self, **hints: Any) -> Any:
        term, largest = (a.doit(**hints) for a in self.args)
        if largest.has(Largest):
            return self.func(term, largest)
        return sympy.Piecewise((1, term >= largest), (0, True))

    def _latex(self, printer: Any, exp: Any = None) -> str:
        term, largest = map(printer._print, self.args)
        return rf"\left[{term} = {largest}\right]"


class positive_part(sympy.Function):  # type: ignore[misc] # noqa: N801
    """max(0, x), for sums within sums: SymPy takes a Piecewise out of one where it may not."""

    nargs = 1
    is_real = True

    def fdiff(self, argindex: int = 1) -> Any:
        return is_positive(self.args[0])

    def doit(self, **hints: Any) -> Any:
        return sympy.Max(0, self.args[0].doit(**hints))

    def _latex(self, printer: Any, exp: Any = None) -> str:
        text = rf"\max\left(0, {printer._print(self.args[0])}\right)"
        return rf"{text}^{{{exp}}}" if exp else text


class is_positive(sympy.Function):  # type: ignore[misc] # noqa: N801
    """1 where x > 0, else 0."""

    nargs = 1
    is_real = True

    def fdiff(self, argindex: int = 1) -> Any:
        return sympy.S.Zero

    def doit(self, **hints: Any) -> Any:
        return sympy.Piecewise((1, self.args[0].doit(**hints) > 0), (0, True))

    def _latex(self, printer: Any, exp: Any = None) -> str:
        return rf"\left[{printer._print(self.args[0])} > 0\right]"


class entry(sympy.Function):  # type: ignore[misc] # noqa: N801
    """The entry of a row that is written out: entry(softmax((x, 0)), 0) is softmax((x, 0))[0]."""

    nargs = 2
    is_real = True

    @classmethod
    def eval(cls, row: Any, place: Any) -> Any:
        return row[int(place)] if isinstance(row, sympy.Tuple) else None

    def _latex(self, printer: Any, exp: Any = None) -> str:
        row, place = map(printer._print, self.args)
        return f"{row}_{{{place}}}" + (f"^{{{exp}}}" if exp else "")

    def _sympystr(self, printer: Any) -> str:
        return f"{printer._print(self.args[0])}[{printer._print(self.args[1])}]"


NAMES = {f.__name__: f for f in (xlogy, xdivy, Largest, attains, positive_part, is_positive, entry)}
"""By the names they are printed under, for reading back."""


def plain(expression: sympy.Expr) -> sympy.Expr:
    """The same expression with xlogy and xdivy written as ordinary products (for proofs)."""
    return expression.replace(xlogy, lambda x, y: x * sympy.log(y)).replace(
        xdivy, lambda x, y: x / y
    )
