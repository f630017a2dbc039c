"""Numbers as people write them, read exactly and rounded once."""

from __future__ import annotations

import math
import re
from decimal import ROUND_DOWN, Context
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from ..reference.formats import Format

Number = Fraction | float  # floats are nan, the infinities and -0

_FAR = 20_000  # exponents beyond which a number is as good as 0 or infinite
_SPECIAL = re.compile(r"[+-]?(nan|inf|infinity)")


class _Form(NamedTuple):
    """A way to write numbers: sign, digits, digits behind the point, exponent."""

    pattern: re.Pattern[str]
    base: int
    root: int  # of the power that the exponent gives
    places: int  # by which a digit behind the point lowers that exponent


_FORMS = (
    _Form(re.compile(r"([+-]?)([0-9]*)\.?([0-9]*)(?:e([+-]?[0-9]+))?"), 10, 10, 1),
    _Form(re.compile(r"([+-]?)0x([0-9a-f]*)\.?([0-9a-f]*)(?:p([+-]?[0-9]+))?"), 16, 2, 4),
)


def number(text: str) -> Number | None:
    """A decimal or hexadecimal number, exactly; nan, inf and -0 as floats; None for neither."""
    word = text.strip().lower()
    if _SPECIAL.fullmatch(word):
        return float(word)
    for form in _FORMS:
        found = form.pattern.fullmatch(word)
        if found is not None and (found[2] or found[3]):
            return _value(found, form)
    return None


def _value(found: re.Match[str], form: _Form) -> Number:
    power = max(-_FAR, min(_FAR, int(found[4] or 0))) - form.places * len(found[3])
    size = int(found[2] + found[3], form.base) * Fraction(form.root) ** power
    if found[1] != "-":
        return size
    return -size if size else -0.0


def nearest(value: Number, fmt: Format) -> float:
    """The float of the format nearest to a number, ties to even."""
    if isinstance(value, float):
        return value
    if value == 0:
        return 0.0
    size = abs(value)
    ulp = Fraction(2) ** max(_exponent(size) - fmt.precision + 1, fmt.subnormal_exponent)
    rounded = round(size / ulp) * ulp
    found = float("inf") if rounded > Fraction(fmt.largest) else float(rounded)
    return -found if value < 0 else found


def _exponent(size: Fraction) -> int:
    """The exponent of the greatest power of two that is not above a positive number."""
    top = size.numerator.bit_length() - size.denominator.bit_length()
    return top - (size < Fraction(2) ** top)


def cut(value: float, digits: int) -> float:
    """The first digits of a number, cut and not rounded: 0.99998 is faithful and 1 is not.

    What has no more digits stays as it is.
    """
    if not math.isfinite(value):
        return value
    return float(Context(prec=digits, rounding=ROUND_DOWN).create_decimal(repr(float(value))))


# ---------------------------------------------------------------- times

_UNITS = {"h": 3600.0, "m": 60.0, "s": 1.0}
_TIME = re.compile(r"(?:([0-9.]+)h)?(?:([0-9.]+)m)?(?:([0-9.]+)s?)?")


def seconds(text: str) -> float | None:
    """A time as people write it - 90, 90s, 20m, 1h30m - in seconds; None where it is none."""
    found = _TIME.fullmatch(text.strip().lower())
    if not text.strip() or found is None:
        return None
    try:
        parts = [float(part or 0) for part in found.groups()]
    except ValueError:
        return None
    return sum(part * unit for part, unit in zip(parts, _UNITS.values(), strict=True))


def seconds_in_words(total: float) -> str:
    """`1h30m`, `90s` as `1m30s`, `0.5s`."""
    if total < 60:
        return f"{total:g}s"
    whole, words = round(total), ""
    for unit, size in _UNITS.items():
        count, whole = divmod(whole, int(size))
        words += f"{count}{unit}" if count else ""
    return words
