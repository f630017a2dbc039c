"""The recorded errors of a function: how far each backend is off, from one end of a format to the
other."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from ....spec.catalogue import find
from ...atlas import recorded
from ...targets.versions import ordered
from ..document import Figure
from ..records import FOLDER, QUANTITIES, curves, load
from . import swept
from .errors import Measured, errors, notable

ATLAS = recorded.FOLDER


def measured(
    function: str, format_name: str = "float32", folder: Path = FOLDER, atlas: Path = ATLAS
) -> tuple[Figure, ...]:
    """The errors of the value and of the gradient, where one of them is more than half an ulp.

    Of each backend the last version that was recorded by today's definition: in the atlas, where
    every float was tried, else as a check recorded it.
    """
    return tuple(_pictures(function, format_name, folder, atlas))


def _pictures(function: str, format_name: str, folder: Path, atlas: Path) -> Iterator[Figure]:
    targets = {r.target for r in load(folder)} | {p.target for p in recorded.pages(atlas)}
    styles = {target: place for place, target in enumerate(sorted(targets))}
    for quantity in QUANTITIES:
        asked = (function, format_name, quantity)
        known = [*_recorded(asked, styles, folder), *_swept(asked, styles, atlas)]
        found = {one.target: one.measured for one in sorted(known, key=_rank)}
        if notable(tuple(found.values())):
            name = f"{function}-errors-{format_name}-{quantity}"
            yield errors(name, function, format_name, quantity, tuple(found.values()))


class _Known(NamedTuple):
    """What is known of one version of a backend; `whole` where it is from the atlas."""

    target: str
    version: str
    whole: bool
    measured: Measured


def _rank(one: _Known) -> tuple[object, ...]:
    return one.target, ordered(one.version), one.whole


Asked = tuple[str, str, str]  # function, format, quantity


def _recorded(asked: Asked, styles: dict[str, int], folder: Path) -> Iterator[_Known]:
    function, *wanted = asked
    for record, curve in curves(function, folder):
        if [curve.format, curve.quantity] == wanted and not record.stale(function):
            style = styles[record.target]
            drawn = Measured(record.name, *curve.sequence, style, "sampled")
            yield _Known(record.target, record.version, False, drawn)


def _swept(asked: Asked, styles: dict[str, int], atlas: Path) -> Iterator[_Known]:
    function, fmt, quantity = asked
    for page in recorded.pages(atlas):
        for result in page.of(function) if page.fmt == fmt and not page.device else ():
            usual = swept.at_defaults(find(function), result)
            if result.quantity == quantity and usual and not recorded.stale(result):
                drawn = swept.of(page, result, style=styles[page.target])
                yield _Known(page.target, page.version, True, drawn)
