"""The same expression, written so that an enclosure of it is narrow."""

from __future__ import annotations

from typing import Any

import sympy


class Erfc(sympy.Function):  # type: ignore[misc] # SymPy is untyped
    """erfc(x), which SymPy's own turns back into 1 - erf for half of the arguments."""

    nargs = 1


class Log1p(sympy.Function):  # type: ignore[misc] # SymPy is untyped
    """log(1 + x), x as small as it likes."""

    nargs = 1


class Expm1(sympy.Function):  # type: ignore[misc] # SymPy is untyped
    """exp(x) - 1, x as small as it likes."""

    nargs = 1


_CANCELLING = (sympy.erf, sympy.exp, sympy.log, sympy.tanh)


def tight(expression: Any) -> Any:
    """The same expression without the sums of 1 that cancel: 1 + erf(a) as erfc(-a).

    Likewise exp(a) - 1, log(1 + a), and 1 - tanh(a)**2 as 1/cosh(a)**2. Exact identities that keep
    small results relatively sharp: an enclosure then settles at low precision, and an underflowed
    zero has a known sign.
    """
    if not getattr(expression, "args", ()) or not expression.has(*_CANCELLING):
        return expression
    expression = expression.func(*(tight(a) for a in expression.args))
    if isinstance(expression, sympy.log):
        number, rest = expression.args[0].as_coeff_Add()
        return Log1p(rest) if number == 1 else expression
    if not expression.is_Add:
        return expression
    number, rest = expression.as_coeff_Add()
    for term in sympy.Add.make_args(rest) if number else ():
        factor, function = term.as_coeff_Mul()
        together = _with_one(function, factor / number)
        if together is not None:
            return number * together + (rest - term)
    return expression


def _with_one(function: Any, factor: Any) -> Any:
    """1 + factor times function, as one function; None where there is none."""
    if isinstance(function, sympy.erf) and factor in (1, -1):
        return Erfc(-factor * function.args[0])
    if isinstance(function, sympy.exp) and factor == -1:
        return -Expm1(function.args[0])
    if function.is_Pow and isinstance(function.base, sympy.tanh):
        square = factor == -1 and function.exp == 2
        return sympy.cosh(function.base.args[0]) ** -2 if square else None
    return None
