"""Formats: a result is of the dtype that went in."""

from __future__ import annotations

from ...reference.level import Level
from ..judging import observe
from ..points import draw
from ..points.case import Case
from .agreement import easy_size, gradients, unreduced
from .property import Outcome, Property


def dtype(case: Case) -> Outcome:
    outcome = Outcome()
    batch = draw.easy(case, easy_size(case))
    batch = batch if case.loops else observe.padded(case, batch)
    result = case.implementation.value(observe.native(case, batch), unreduced(case))
    same = result.dtype == case.fmt.dtype
    outcome.lower(
        Level.EXACT if same else Level.SOUND,
        message="" if same else f"returned dtype {result.dtype} for inputs of {case.fmt.name}",
        points=1,
    )
    if not same and result.dtype.kind in "iub":
        outcome.lower(
            Level.UNSOUND, message=f"returned dtype {result.dtype} for inputs of {case.fmt.name}"
        )
    if not case.loops:
        out = observe.out_shape(case, batch)
        out = (1, *out) if case.channelled else out
        for name, found in gradients(case, observe.native(case, batch), out).items():
            if found.dtype != case.fmt.dtype:
                outcome.lower(
                    Level.SOUND,
                    message=f"the gradient in {name} has dtype {found.dtype} "
                    f"for inputs of {case.fmt.name}",
                )
    return outcome


FORMAT = Property(
    name="structure.format",
    judge=dtype,
    meaning="The result has the dtype of the input.",
    why="A float64 result doubles memory; an integer result has lost its fraction.",
    cause="A Python or NumPy constant promotes; `zeros_like` of an integer array.",
    fix="Make constants of the input's dtype and allocate results in it.",
)
