"""The recorded errors of a function: how far each backend is off, from one end of a format to the
other."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ..document import Figure
from ..records import FOLDER, QUANTITIES, curves, load
from .errors import Measured, errors, notable


def measured(
    function: str, format_name: str = "float32", folder: Path = FOLDER
) -> tuple[Figure, ...]:
    """The errors of the value and of the gradient, where one of them is more than half an ulp.

    Of each backend the last version that was recorded by today's definition.
    """
    return tuple(_pictures(function, format_name, folder))


def _pictures(function: str, format_name: str, folder: Path) -> Iterator[Figure]:
    targets = sorted({record.target for record in load(folder)})
    for quantity in QUANTITIES:
        found = {
            record.target: Measured(record.name, *curve.sequence, targets.index(record.target))
            for record, curve in curves(function, folder)
            if (curve.format, curve.quantity) == (format_name, quantity)
            and not record.stale(function)
        }
        if notable(tuple(found.values())):
            name = f"{function}-errors-{format_name}-{quantity}"
            yield errors(name, function, format_name, quantity, tuple(found.values()))
