"""Circles at jumps and diamonds at kinks, from the certified places where curves break."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

import numpy as np

from ....reference.formats import Floats
from ..document import Inline
from ..plot import Mark

NEAR = 1e-5  # an end is asked beside its jump, and so far from what it is at the jump


Breaks = Mapping[float, int]
"""Where a derivative jumps, and the order of the first one that does: 0 is the value."""


def of_value(
    breaks: Breaks,
    x: Floats,
    y: Floats,
    window: tuple[float, float],
    style: int,
    at_jump: Callable[[float], tuple[float, list[float]]] | None = None,
) -> Iterator[Mark]:
    """At a jump its ends and what is accepted there; at a kink the point itself.

    `at_jump` gives the value there and all that are accepted; without it both ends are open.
    """
    for place, order in _seen(breaks, window):
        k = int(np.searchsorted(x, place))
        if order == 1:
            yield Mark(place, float(y[k]), "kink", style)
        elif order == 0:
            ends = sorted({float(y[j]) for j in (k - 1, k + 1)})
            own, accepted = at_jump(place) if at_jump else (np.nan, [])
            yield from _jump(place, ends, own, accepted, style)


def of_slope(
    breaks: Breaks, x: Floats, y: Floats, window: tuple[float, float], style: int
) -> Iterator[Mark]:
    """The one-sided slopes where they differ: the derivative has no value between them."""
    for place, order in _seen(breaks, window):
        if order > 1:
            continue
        k = int(np.searchsorted(x, place))
        ends = {float(y[j]) for j in (k - 1, k + 1) if np.isfinite(y[j])}
        yield from (Mark(place, end, "open", style) for end in sorted(ends))


def _seen(breaks: Breaks, window: tuple[float, float]) -> Iterator[tuple[float, int]]:
    """The breaks inside the window; one at its edge has only one side to it."""
    for place, order in sorted(breaks.items()):
        if window[0] < place < window[1]:
            yield place, order


def _jump(
    place: float, ends: list[float], own: float, accepted: list[float], style: int
) -> Iterator[Mark]:
    near = NEAR * max(1.0, *map(abs, ends))
    if not np.isnan(own):
        yield Mark(place, own, "closed", style)
    for end in ends:
        if not abs(end - own) <= near:
            yield Mark(place, end, "open", style)
    for value in accepted:
        if all(abs(value - taken) > near for taken in (own, *ends)):
            yield Mark(place, value, "accepted", style)


_WORDS = {
    "closed": "a filled circle is the value at a jump",
    "open": "an open circle is an end of a curve that is not taken",
    "accepted": "a dot is a value that is accepted as well",
    "kink": "a diamond is a kink",
}


def said(marks: Iterable[Mark], asymptotes: bool) -> list[Inline]:
    """What a caption says of the marks, as far as there are any."""
    kinds = {mark.kind for mark in marks}
    words = [text for kind, text in _WORDS.items() if kind in kinds]
    words += ["thin dashes are asymptotes"] if asymptotes else []
    if not words:
        return []
    text = "; ".join(words)
    return [f" {text[0].upper()}{text[1:]}."]
