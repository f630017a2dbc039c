"""How a form fares at ordinary inputs: its level, and the input where it is worst."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ....reference.formats import FORMATS
from ....reference.level import RANKED, Level
from ....spec.function import Function
from ...judging import observe, ruling
from ...points import smooth
from ...points.case import Batch, Case
from ...targets.implementation import Misconduct, Unsupported
from ...verdict import Witness
from . import ordinary
from .form import Form

TRIED = ("float32", "float64")


@dataclass(frozen=True)
class Worst:
    """The level of a form's value or gradient in a format, and the worst of so many points.

    `quantity` is "value" or the name of the input that the gradient is taken in. The witness has
    the input, the observed value and the truth; it is None where every point is exact.
    """

    quantity: str
    fmt: str
    level: Level
    points: int
    witness: Witness | None


def worst(form: Form) -> tuple[Worst, ...]:
    """Of the value, then of the gradient in the first variable that has one, format by format."""
    return tuple(_worst(form))


def _worst(form: Form) -> Iterator[Worst]:
    function = form.implementation.function
    for quantity in _quantities(function):
        for name in TRIED:
            case = Case(form.implementation, FORMATS[name], Level.ACCURATE)
            try:
                yield _judged(case, quantity, ordinary.batch(function, case.fmt))
            except Unsupported:  # no gradient of its own, or none for this input
                continue
            except Misconduct as refusal:
                if refusal.kind == "time":  # else what is printed would hang on the machine
                    raise


def _quantities(function: Function) -> tuple[str, ...]:
    named = [v.name for v in function.variables if v.differentiable]
    return ("value", *named[:1])


def _judged(case: Case, quantity: str, batch: Batch) -> Worst:
    gradient = quantity != "value"
    if gradient:
        batch = smooth.away_from_kinks(case, batch, case.default)
    seen = (
        observe.gradient(case, batch, quantity) if gradient else observe.value(case, batch)
    ).astype(np.float64)
    truth = case.truth(batch)[quantity]
    found, _ = ruling.judged(case, seen, truth, batch)
    level = RANKED[int(found.rank.min())]
    if level is Level.EXACT:
        return Worst(quantity, case.fmt.name, level, found.points, None)
    place = _simplest(found.rank, found.error, batch)
    rows = gradient and case.function.row_output
    witness = ruling.witness(case, seen, truth, found, batch, place, gradient=rows)
    return Worst(quantity, case.fmt.name, level, found.points, witness)


def _simplest(rank: np.ndarray, error: np.ndarray, batch: Batch) -> int:
    """The worst point, and of several that are lost altogether the one with smallest inputs."""
    sizes = [np.abs(a).reshape(batch.size, -1).sum(axis=1) for a in batch.arrays]
    size = np.sum(sizes, axis=0)
    each = np.broadcast_to(size.reshape(-1, *(1,) * (rank.ndim - 1)), rank.shape)
    lost = np.where(np.isfinite(error), error, np.inf)
    order = np.lexsort((each.ravel(), -lost.ravel(), rank.ravel()))
    return int(order[0])
