"""Measured things as pieces of a document: levels, errors, inputs, and how they were found."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from ....reference.level import ACCURATE_FACTOR, SOUND_FACTOR, Level
from ....spec.catalogue import catalogue
from ..document import Block, Code, Link, Listing, Math, Paragraph, Terms, Text

ENTRIES = 4  # numbers of an input that are printed

MEANINGS: dict[Level, Text] = {
    Level.EXACT: ("correctly rounded: the error is at most half an ulp",),
    Level.FAITHFUL: ("the error is below one ulp",),
    Level.ACCURATE: (
        "the error is at most ",
        Math(rf"{ACCURATE_FACTOR}\,(\mathrm{{ulp}} + u\,C)", f"{ACCURATE_FACTOR} (ulp + u C)"),
        ": within three bits of what rounding the inputs once would do, with ",
        Math(r"C = \sum |x_j \, \partial f / \partial x_j|", "C = sum |x_j df/dx_j|"),
        "; the limits at the infinities are right",
    ),
    Level.SOUND: (
        "the error is at most ",
        Math(
            rf"{SOUND_FACTOR}\,u \max(|f|, C, S)",
            f"{SOUND_FACTOR} u max(|f|, C, S)",
        ),
        ", six bits lost at the function's own scale ",
        Math("S", "S"),
        "; NaN in gives NaN out, and what is finite stays finite",
    ),
    Level.UNSOUND: ("none of these: somewhere the answer is wrong",),
}


def meanings() -> Terms:
    """What each level means, best first."""
    return Terms(tuple(((str(level),), said) for level, said in MEANINGS.items()))


def level(found: Level | None, lacking: str = "not offered") -> Text:
    """A level in a table; what stands for none."""
    return (lacking if found is None else str(found),)


def ulps(error: float | None) -> Text:
    """An error in ulps with as many digits as are recorded; a dash for none."""
    if error is None or math.isnan(error):
        return ("–",)
    if math.isinf(error):
        return ("infinite",)
    if error < 1e6:
        return (f"{error:.4g}" if error < 1000 else f"{error:.0f}",)
    digits, _, exponent = f"{error:.2e}".partition("e")
    return (Math(rf"{digits} \times 10^{{{int(exponent)}}}", f"{digits}e{int(exponent)}"),)


def inputs(at: Mapping[str, Any]) -> Text:
    """An input by name, in hexadecimal; long rows are cut short."""
    pieces: list[Any] = []
    for name, value in at.items():
        if not isinstance(value, list):
            pieces += [", ", Code(f"{name} = {_number(value)}")]
            continue
        numbers = list(map(_number, _flat(value)))
        more = f", … {len(numbers)} numbers" if len(numbers) > ENTRIES else ""
        pieces += [", ", Code(f"{name} = [{', '.join(numbers[:ENTRIES])}{more}]")]
    return tuple(pieces[1:]) or ("–",)


def _number(hexadecimal: str) -> str:
    """Small whole numbers are read in decimal."""
    value = float.fromhex(hexadecimal)
    return f"{value:.0f}" if abs(value) < 1000 and value.is_integer() else hexadecimal


def _flat(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for one in value:
            yield from _flat(one)
    else:
        yield str(value)


def made(command: str, environment: Mapping[str, str]) -> tuple[Block, ...]:
    """How a record was made: its command, and the environment that its figures depend on."""
    rows = (((name,), (value or "none",)) for name, value in environment.items())
    return (
        Paragraph(("It was made, and can be made again, by",)),
        Listing(command, "sh"),
        Paragraph(("in this environment:",)),
        Terms(tuple(rows)),
    )


def functions(names: dict[str, bool]) -> Text:
    """The names of functions as the ways to their pages; those whose definition changed marked."""
    pieces: list[Any] = []
    for name, stale in names.items():
        known = name in catalogue()  # a record may know functions that the book has no more
        pieces += [", ", Link(name, name) if known else name, *([" (stale)"] if stale else [])]
    return tuple(pieces[1:])
