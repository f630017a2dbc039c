"""What the sections of a page are made of: anchors, formulas and numbers in a line, lists."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from typing import Any

import sympy

from ....reference.facts import Number, Place, Range, Span
from ....spec.function import Function
from ....spec.latex import latex, symbol_name
from ....spec.typeset import number_text
from ...reports.figures import decimal, tidy
from ..document import Block, Inline, Math, Section, Text


def anchor(function: Function, *parts: str) -> str:
    """A permanent id: of the function's name and what stands there, `huber-gradient-delta`."""
    return "-".join([function.name, *(slug(part) for part in parts if part)])


def slug(words: str) -> str:
    """Words as they stand in an id: small letters, digits, underscores, hyphens between."""
    spelt = re.sub(r"(?<!\w)-(?=\w)", "minus ", words)
    return "-".join(re.findall(r"[a-z0-9_]+", spelt.lower()))


def section(
    function: Function, name: str, title: str, blocks: Iterable[Block]
) -> tuple[Section, ...]:
    """A part of the page under a title; none where it has nothing to say."""
    found = tuple(blocks)
    return (Section(anchor(function, name), (title,), found),) if found else ()


def joined(parts: Iterable[Sequence[Inline]], between: str = ", ") -> Text:
    """Several texts as one."""
    found: list[Inline] = []
    for part in parts:
        found += [between, *part] if found else part
    return tuple(found)


# ---------------------------------------------------------------- numbers of facts


def number(value: Number) -> Math:
    """A certified number: exact where it is short, else all digits that are certain."""
    plain = str(value)
    if value.infinite:
        return Math(r"\infty" if plain == "oo" else r"-\infty", plain)
    if plain == value.exact or (value.exact and not set(value.exact) - set("-/0123456789")):
        exact = sympy.sympify(value.exact, rational=True)
        short = number_text(exact) if exact.is_Rational else None
        return Math(short if short and "/" not in short else latex(exact), plain)
    return Math(plain, plain)


def span(value: Span) -> Math:
    """An interval."""
    low, high = number(value.low), number(value.high)
    left, right = "[" if value.closed_low else "(", "]" if value.closed_high else ")"
    return Math(f"{left}{low.latex}, {high.latex}{right}", str(value))


def bounds(value: Range) -> Math:
    """The hull of the values."""
    low, high = value.low, value.high
    return span(Span(low.value, high.value, low.attained, high.attained))


def where(value: Number | Span) -> Math:
    """A number or an interval."""
    return span(value) if isinstance(value, Span) else number(value)


def place(value: Place) -> Text:
    """Where a bound is met or approached: "at 0"."""
    return f"{value.kind} ", where(value.where)


def setting(label: str) -> Text:
    """What was held fixed, "t = 3/10, q = 1", as formulas."""
    return joined((_equation(part),) for part in label.split(", "))


def _equation(part: str) -> Math:
    name, _, value = part.partition(" = ")
    right = sympy.sympify(
        value, locals={s: sympy.Symbol(s) for s in re.findall(r"[A-Za-z]\w*", value)}
    )
    return Math(f"{symbol_name(name)} = {latex(right)}", part)


# ---------------------------------------------------------------- floats


def figure(value: float, fmt: str) -> Math:
    """A float of a format, as its shortest decimal: -1.2e-7."""
    if math.isnan(value):
        return Math(r"\mathrm{NaN}", "NaN")
    if math.isinf(value):
        return Math(r"\infty" if value > 0 else r"-\infty", "oo" if value > 0 else "-oo")
    plain = tidy(decimal(value, fmt)).removesuffix(".0").replace(".0e", "e")
    mantissa, power, exponent = plain.partition("e")
    if not power:
        return Math(mantissa, plain)
    times = "" if mantissa in ("1", "-1") else rf"{mantissa} \cdot "
    sign = "-" if mantissa == "-1" else ""
    return Math(rf"{sign}{times}10^{{{exponent}}}", plain)


def row(values: Any, fmt: str) -> Math:
    """A float, or a row of them, or a matrix row by row: (0.1, 0.2)."""
    if not isinstance(values, list | tuple):
        return figure(float(values), fmt)
    parts = [row(v, fmt) for v in values]
    return Math(f"({', '.join(p.latex for p in parts)})", f"({', '.join(p.text for p in parts)})")
