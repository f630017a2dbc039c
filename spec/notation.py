"""The choices that authors really make differently, as LaTeX is printed: sigma, Phi, ln, y.

A choice of name changes a name. A choice of function (`sigmoid=sigma`, `normal=phi`) also puts that
function where a formula writes it out: x (1 + erf(x/sqrt(2)))/2 is x Phi(x). What is printed is an
expression, so that a test can prove it equal to the definition.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from typing import Any

import sympy
from sympy import S, exp, pi, sqrt
from sympy.core.function import AppliedUndef

from .function import Function, applied

CHOICES = {
    "sigmoid": ("sigmoid", "sigma", "logistic"),
    "normal": ("erf", "phi"),
    "log": ("log", "ln"),
    "target": ("t", "y"),
}
"""What each field of a `Notation` may be, the standard first."""


@dataclass(frozen=True)
class Notation:
    """How LaTeX is written; text is not concerned. `ValueError` names what is not among `CHOICES`.

    sigmoid
        The logistic sigmoid by its name, as the letter sigma, or as `logistic`.
    normal
        The normal distribution by the error function, or by Phi and its density phi.
    log
        The natural logarithm.
    target
        Prediction and target of a loss: p and t, or y with a hat and y.
    """

    sigmoid: str = "sigmoid"
    normal: str = "erf"
    log: str = "log"
    target: str = "t"

    def __post_init__(self) -> None:
        for field in fields(self):
            value, choices = getattr(self, field.name), CHOICES[field.name]
            if value not in choices:
                raise ValueError(
                    f"notation {field.name}={value}: choose {', '.join(choices[:-1])} "
                    f"or {choices[-1]}"
                )


STANDARD = Notation()


def notation(choices: Iterable[str]) -> Notation:
    """From `log=ln` and the like, the last one counting; `ValueError` says what is wrong."""
    found = STANDARD
    for choice in choices:
        name, equals, value = choice.partition("=")
        if not equals:
            raise ValueError(f"notation {choice!r}: give a name and a value, as in log=ln")
        if name not in CHOICES:
            raise ValueError(f"unknown notation {name!r}: choose one of {', '.join(CHOICES)}")
        found = replace(found, **{name: value})
    return found


def written_out(chosen: Notation) -> Notation:
    """The same letters, with no function put where it is written out."""
    return replace(chosen, sigmoid=STANDARD.sigmoid, normal=STANDARD.normal)


# ---------------------------------------------------------------- names


def name_of(function: str, chosen: Notation) -> str | None:
    """A function's LaTeX name where the notation has one of its own."""
    if function == "sigmoid" and chosen.sigmoid != "sigmoid":
        return r"\sigma" if chosen.sigmoid == "sigma" else r"\operatorname{logistic}"
    return r"\Phi" if function == "ndtr" and chosen.normal == "phi" else None


def letters(function: Function | None, chosen: Notation) -> dict[str, str]:
    """The letters that are printed otherwise: those of a loss for prediction and target."""
    if function is None or chosen.target == "t":
        return {}
    others = {"p": r"\hat{y}", "t": "y"}
    named = [str(v.symbol) for v in function.variables if v.name in ("prediction", "target")]
    return {letter: others[letter] for letter in named if letter in others}


# ---------------------------------------------------------------- functions

_sigmoid, _ndtr = applied("sigmoid"), applied("ndtr")


class density(sympy.Function):  # type: ignore[misc] # noqa: N801 - as SymPy names its functions
    """The standard normal density, exp(-x**2/2)/sqrt(2*pi)."""

    nargs = 1
    is_real = True

    def _latex(self, printer: Any, exp: Any = None) -> str:
        return str(printer._call(r"\varphi", self.args, exp))


def folded(expression: Any, chosen: Notation) -> Any:
    """The expression with sigma and Phi where the notation has them and it writes them out.

    An equation that would say that a thing is itself stays written out.
    """
    if isinstance(expression, sympy.Equality):
        left, right = (folded(side, chosen) for side in expression.args)
        return expression if left == right else sympy.Eq(left, right, evaluate=False)
    if chosen.normal == "phi":
        expression = expression.replace(_is_error_function, _normal)
        expression = expression.replace(lambda e: isinstance(e, sympy.Mul), _density)
    if chosen.sigmoid == "sigma":
        expression = expression.replace(_is_logistic, _logistic)
        expression = expression.replace(lambda e: isinstance(e, sympy.Mul), _complement)
    return expression


def _is_error_function(e: Any) -> bool:
    """erf and erfc, SymPy's or the book's, of something over sqrt(2)."""
    known = isinstance(e, (sympy.erf, sympy.erfc)) or (
        isinstance(e, AppliedUndef) and e.func.__name__ in ("erf", "erfc")
    )
    return known and not (e.args[0] * sqrt(2)).has(sqrt(2))


def _normal(e: Any) -> Any:
    argument = e.args[0] * sqrt(2)
    return 2 * _ndtr(argument) - 1 if e.func.__name__ == "erf" else 2 * _ndtr(-argument)


def _density(product: Any) -> Any:
    """exp(-v**2/2)/sqrt(pi) is sqrt(2) times the density at v."""
    for factor in product.args:
        square = -2 * factor.args[0] if isinstance(factor, exp) else S.Zero
        if square.is_Pow and square.exp == 2 and 1 / sqrt(pi) in product.args:
            return product / factor * sqrt(pi) * sqrt(2) * density(square.base)
    return product


def _is_logistic(e: Any) -> bool:
    """(1 + exp(c)) to a negative power."""
    return bool(
        e.is_Pow
        and e.exp.could_extract_minus_sign()
        and e.base.is_Add
        and len(e.base.args) == 2
        and e.base.args[0] == 1
        and isinstance(e.base.args[1], exp)
    )


def _logistic(e: Any) -> Any:
    return _sigmoid(-e.base.args[1].args[0]) ** (-e.exp)


def _complement(product: Any) -> Any:
    """exp(-u) sigma(u) is 1 - sigma(u): what is left over of a derivative."""
    for growth in product.args:
        for power in product.args:
            base, count = power.as_base_exp()
            if isinstance(growth, exp) and base.func == _sigmoid and count.is_Integer:
                u = base.args[0]
                times = sympy.cancel(-growth.args[0] / u)
                if times.is_Integer and 1 <= times <= count:
                    flipped = u.could_extract_minus_sign()
                    other = _sigmoid(-u) if flipped else 1 - base
                    return product / growth / power * base ** (count - times) * other**times
    return product
