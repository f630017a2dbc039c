"""Numbers as a report writes them: shortest decimals, hexadecimal, ulps, rows."""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np

from ...reference.formats import FORMATS

_ENTRIES = 4  # of a row that are shown


def decimal(value: Any, fmt: str) -> str:
    """The shortest decimal that is this float of the format; `beyond 448` where it has no such."""
    if isinstance(value, int | np.integer) or fmt not in FORMATS:
        return str(value)
    if math.isinf(value) and not FORMATS[fmt].infinities:
        return f"beyond {math.copysign(FORMATS[fmt].largest, value):g}"
    with np.errstate(all="ignore"):
        return str(FORMATS[fmt].dtype.type(value))


def hexadecimal(value: Any) -> str:
    """A float in hexadecimal without idle zeros: -0x1.6p+2."""
    mantissa, power, exponent = float(value).hex().partition("p")
    if "." in mantissa:
        mantissa = mantissa.rstrip("0").rstrip(".")
    return mantissa + power + exponent


def ulps(error: float) -> str:
    """`8.37e6 ulp`."""
    if math.isinf(error):
        return "infinite"
    return tidy(f"{error:.3g} ulp")


def tidy(text: str) -> str:
    """Numbers in a text without idle signs and zeros in their exponents."""
    return re.sub(r"(?<=\d)e(-?)\+?0*(?=\d)", r"e\1", text)


def row(values: Any, fmt: str) -> str:
    """A row as a short list."""
    if not isinstance(values, list | tuple):
        return decimal(values, fmt)
    shown = [row(v, fmt) for v in values[:_ENTRIES]]
    if len(values) > _ENTRIES:
        shown.append(f"... {len(values)} entries")
    return f"[{', '.join(shown)}]"
