"""The worst error in every binade: as one short text, and as a curve over x.

A binade is known by the sign and exponent field of its floats, their bits without the stored
significand. Its text is `1.234@3fbf1234`: the error in ulps, cut to four digits, and the bits of
the input in hexadecimal. Neighbours of one sign whose errors are equal, or correctly rounded and of
one size (see SIZES), are a run, `100-17e:0.41@40001234`: the worst of them, with its input.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ...reference.formats import FORMATS, Format
from ..numerals import cut
from ..sweeps.result import Result
from ..sweeps.summary import Place, worse

DIGITS = 4  # of an error
SIZES = (2.0**-6, 2.0**-3, 0.5)  # ulps: no more than the last where all is correctly rounded

_ENTRY = re.compile(r"(?:([0-9a-f]+)-([0-9a-f]+):)?([0-9.e+-]+|inf)@([0-9a-f]+)")


@dataclass(frozen=True)
class Run:
    """Binades from `first` to `last`, and the worst error of them all."""

    first: int
    last: int
    place: Place


def written(binades: Mapping[int, Place], fmt: Format) -> str:
    """The worst errors as text, in the order of the bits."""
    return " ".join(_entry(run) for run in _runs(binades, fmt))


def _runs(binades: Mapping[int, Place], fmt: Format) -> Iterator[Run]:
    negative = 1 << (fmt.bits - fmt.precision)  # the first binade of negative floats
    run: Run | None = None
    for index in sorted(binades):
        place = Place(cut(binades[index].error, DIGITS), binades[index].bits)
        if run is not None and run.last + 1 == index != negative and _alike(run.place, place):
            most = worse(run.place, place)
            assert most is not None
            run = Run(run.first, index, most)
            continue
        if run is not None:
            yield run
        run = Run(index, index, place)
    if run is not None:
        yield run


def _alike(a: Place, b: Place) -> bool:
    size = bisect_left(SIZES, a.error)
    return a.error == b.error or (size < len(SIZES) and size == bisect_left(SIZES, b.error))


def _entry(run: Run) -> str:
    span = "" if run.first == run.last else f"{run.first:x}-{run.last:x}:"
    return f"{span}{run.place.error:.{DIGITS}g}@{run.place.bits:x}"


def read(text: str, fmt: Format) -> dict[int, Place]:
    """The worst errors that `written` wrote; each binade of a run has the run's.

    Raises `ValueError` for a text that is none.
    """
    found: dict[int, Place] = {}
    for word in text.split():
        entry = _ENTRY.fullmatch(word)
        if entry is None:
            raise ValueError(f"{word!r} is no worst error of a binade")
        place = Place(float(entry[3]), int(entry[4], 16))
        own = place.bits >> (fmt.precision - 1)
        first, last = (int(entry[k] or f"{own:x}", 16) for k in (1, 2))
        if not first <= own <= last < 1 << (fmt.bits - fmt.precision + 1):
            raise ValueError(f"{word!r} is outside its binades, or outside {fmt.name}")
        found |= dict.fromkeys(range(first, last + 1), place)
    return found


def curve(binades: Mapping[int, Place], fmt: Format) -> tuple[list[float], list[float]]:
    """x in the middle of each binade, rising through both signs, and the worst error there.

    What is neither zero nor finite is left out.
    """
    half = 1 << (fmt.precision - 2)
    found = {}
    for index, place in binades.items():
        x = fmt.of_bits(index << (fmt.precision - 1) | half)
        if math.isfinite(x):
            found[x] = place.error
    return sorted(found), [found[x] for x in sorted(found)]


def worst(result: Result) -> Place | None:
    """The worst error at a number; of infinities and NaN the findings tell. None without any."""
    fmt, found = FORMATS[result.fmt], result.largest
    if found is not None and math.isfinite(float.fromhex(found.x)):
        return Place(found.error, found.bits)
    numbers = [p for p in result.summary.binades.values() if math.isfinite(fmt.of_bits(p.bits))]
    return max(numbers, key=lambda p: (p.error, -p.bits), default=None)
