"""The errors that the atlas has, drawn: one figure of the results of several backends."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from ....reference.formats import FORMATS
from ....reference.oracle import parameters, settings
from ....spec.function import Function
from ...atlas.binades import curve
from ...atlas.page import Page
from ...sweeps.result import Result
from ..document import Figure
from .errors import Measured, errors


def picture(
    function: Function, fmt: str, quantity: str, found: Sequence[tuple[Page, Result]]
) -> Figure:
    """A line for each result. `ValueError` where they are more than there are kinds of line."""
    measured = [of(page, result, one_of_many(found, page, result)) for page, result in found]
    return errors(f"{function.name}-{fmt}-{quantity}", function.name, fmt, quantity, measured)


def one_of_many(found: Sequence[tuple[Page, Result]], page: Page, result: Result) -> str:
    """What tells a result from others of its backend: parameters, the function's name there."""
    beside = [r for p, r in found if p is page]
    return f" {result.name}" if len(beside) > 1 else ""


def of(page: Page, result: Result, further: str = "", style: int | None = None) -> Measured:
    """The worst errors of a result over x."""
    x, ulp = curve(result.summary.binades, FORMATS[page.fmt])
    return Measured(f"{page.name}{further}", x, ulp, style, over(result))


def over(result: Result) -> str:
    """Which inputs a result is about, as `errors.OVER` names it."""
    if result.method == "hunt":
        return "hunt"
    return "all" if result.proved else "part"


def at_defaults(function: Function, result: Result) -> bool:
    """Whether a result is of a function of one variable, at the parameters' defaults."""
    usual = parameters(function)
    given = usual | {name: Fraction(value) for name, value in result.setting.items()}
    return not result.fixed and given in settings(function, usual, FORMATS[result.fmt])
