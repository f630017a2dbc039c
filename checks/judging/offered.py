"""Whether an implementation offers a format at all."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from ...reference.formats import FORMATS
from ..points import draw
from ..points.case import Case
from ..targets.implementation import Misconduct, Unsupported
from ..verdict import Status, Verdict
from . import observe


def refused(case: Case) -> Verdict | None:
    """One verdict where an implementation does not offer 16 bits, or 8; None where it does.

    Code that raises for such arrays, or widens them, makes no claim about the format: NumPy
    itself turns bfloat16 times a Python float into float32.
    """
    if case.fmt.bits > 16:
        return None
    blank = Verdict(case.function.name, "structure.format", case.fmt.name, Status.UNSUPPORTED)
    try:
        dtype = _dtype_of_result(case)
    except Unsupported as reason:
        return replace(blank, message=str(reason))
    except Misconduct as finding:
        if finding.kind != "raises" or not _answers_in_float32(case):
            return None
        return replace(blank, message=f"does not take {case.fmt.name}: {finding}")
    if dtype.name in FORMATS and dtype.itemsize > case.fmt.dtype.itemsize:
        return replace(blank, message=f"computes {case.fmt.name} in {dtype.name}")
    return None


def _dtype_of_result(case: Case) -> np.dtype[Any]:
    """The dtype of the implementation's answer to an easy question."""
    keywords = {"reduction": "none"} if case.function.is_loss and not case.loops else {}
    batch = draw.easy(case, 1 if case.loops else 64)
    return case.implementation.value(observe.native(case, batch), keywords).dtype


def _answers_in_float32(case: Case) -> bool:
    """Whether the same easy question is answered in float32."""
    try:
        _dtype_of_result(replace(case, fmt=FORMATS["float32"], truths={}, drawn={}, known=set()))
    except (Misconduct, Unsupported):
        return False
    return True
