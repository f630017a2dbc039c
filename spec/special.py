"""Two products that know what they are worth where one factor vanishes.

`xlogy(x, y)` is x log y and `xdivy(x, y)` is x/y, both 0 at x = 0 whatever y is: the convention
0 log 0 = 0 of information theory, under the names SciPy, JAX and PyTorch use. SymPy has neither.
Where y reaches 0 with x not 0, they take the limit from y > 0.
"""

from __future__ import annotations

from typing import Any

import sympy


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

    def _latex(self, printer: Any, exp: Any = None) -> str:
        x, y = self.args
        left = printer.parenthesize(x, sympy.printing.precedence.PRECEDENCE["Mul"])
        text = rf"{left} \log{{\left({printer._print(y)} \right)}}"
        return rf"\left({text}\right)^{{{exp}}}" if exp else text

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


def plain(expression: sympy.Expr) -> sympy.Expr:
    """The same expression with xlogy and xdivy written as ordinary products (for proofs)."""
    return expression.replace(xlogy, lambda x, y: x * sympy.log(y)).replace(
        xdivy, lambda x, y: x / y
    )
