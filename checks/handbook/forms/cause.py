"""Why a formula fails at an input: the step that goes wrong, found by taking the formula apart.

Every step is computed in the format from the steps below it, and from what these should be. A step
that is wrong while what goes into it is right, but for one rounding, is the cause.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy
from sympy import Expr

from ....reference import mp
from ....reference.formats import Format
from ....reference.program import run
from ....reference.render import identifier, render
from ....spec import derive, symbols
from ....spec.function import Function
from ...verdict import Witness
from .words import engine

OVERFLOWS, UNDERFLOWS = "overflows", "underflows"
CANCELS = "cancels"
MAGNIFIES = "magnifies the rounding of what goes into it"
UNDETERMINED = "has no value"
TOO_FAR = 64  # unit roundoffs: more than a step and its inputs' roundings cost


@dataclass(frozen=True)
class Cause:
    """The step that goes wrong, and how, as a verb; `whole` where it is the last step."""

    step: Expr
    kind: str
    whole: bool = False


def cause(function: Function, quantity: str, fmt: Format, witness: Witness) -> Cause | None:
    """The first cause, going down from the result; None where no step stands out."""
    expression = _concrete(function, quantity, witness)
    if expression is None:
        return None
    found = _Formula(_values(function, witness), fmt).cause(expression)
    if found is None:
        return None
    return Cause(_named(found.step, function), found.kind, found.step == expression)


def _named(step: Any, function: Function) -> Any:
    """The step with the constants of the definition by their names, negative ones too."""
    names = {-value: -name for name, value in function.constants.items()}
    return step.replace(lambda e: e in names, lambda e: names[e])


def _concrete(function: Function, quantity: str, witness: Witness) -> Any:
    """The expression of the one result that the witness shows, with sums written out."""
    value = derive.value(function)
    if quantity != "value":
        (v,) = (v for v in function.variables if v.name == quantity)
        value = derive.gradient(function, v)
    if not function.along_axis:
        return value
    length = len(witness.inputs[function.variables[0].name])
    entry, seed = witness.inputs.get("entry", 0), witness.inputs.get("cotangent")
    if not isinstance(length, int) or not isinstance(entry, int):
        return None
    output = seed.index(1.0) if isinstance(seed, list) else entry
    concrete = value.subs({symbols.i: output, symbols.k: entry, symbols.n: length})
    return concrete.doit()


def _values(function: Function, witness: Witness) -> dict[str, Any]:
    """The inputs under the names that the source has for them."""
    found = {}
    for v in function.variables:
        label = v.symbol.label if v.along_axis else v.symbol
        found[identifier(label)] = witness.inputs[v.name]
    for p in function.parameters:
        default = float(p.default)
        length = len(next(iter(witness.inputs.values()))) if p.along_axis else 0
        label = p.symbol.label if p.along_axis else p.symbol
        found[identifier(label)] = [default] * length if p.along_axis else default
    return found


@dataclass(frozen=True)
class _Formula:
    """Steps of a formula at one input, in a format and at full-range precision."""

    values: Mapping[str, Any]
    fmt: Format

    def cause(self, step: Any) -> Cause | None:
        if not self.wrong(step):
            return None
        if isinstance(step, sympy.Piecewise):
            return self.cause(self.taken(step))
        parts = [a for a in step.args if isinstance(a, Expr) and not a.is_number]
        for part in parts:  # what is lost altogether is never made good above
            if not math.isfinite(self.rounded(part)) and mp.context.isfinite(self.exact(part)):
                return self.cause(part)
            if math.isnan(self.rounded(part)):
                return self.cause(part)
        bad = [a for a in parts if self.wrong(a)]
        for part in bad:
            if not self.wrong(step, right=[part]):
                return self.cause(part)
        if bad and not self.wrong(step, right=bad):
            return self.cause(bad[0])
        return Cause(step, self.kind(step))

    def kind(self, step: Any) -> str:
        seen, truth = self.rounded(step), self.exact(step)
        if math.isinf(seen):
            return OVERFLOWS
        if math.isnan(seen):
            return UNDETERMINED
        if abs(truth) < self.fmt.smallest_normal:
            return UNDERFLOWS
        return CANCELS if step.is_Add else MAGNIFIES

    def wrong(self, step: Any, right: Sequence[Any] = ()) -> bool:
        """Whether a step is off by more than roundings, those parts being put right."""
        seen, truth = self.rounded(step, right), self.exact(step)
        if not (math.isfinite(seen) and mp.context.isfinite(truth)):
            return bool(seen != truth)
        return bool(abs(truth - seen) > TOO_FAR * self.fmt.unit_roundoff * abs(truth))

    def rounded(self, step: Any, right: Sequence[Any] = ()) -> float:
        """In the format, where those parts are the truth rounded once."""
        names = {part: sympy.Dummy(f"right{k}", real=True) for k, part in enumerate(right)}
        given = {identifier(n): float(self.exact(part)) for part, n in names.items()}
        evaluated = self._run(
            engine(), step.xreplace(names), self._arrays({**self.values, **given})
        )
        return float(np.ravel(evaluated)[0])

    def exact(self, step: Any) -> Any:
        """At full-range precision, for the inputs as floats of the format."""
        saved, mp.context.prec = mp.context.prec, self.fmt.full_range_bits
        try:
            numbers = {
                name: [mp.number(v) for v in value] if isinstance(value, list) else mp.number(value)
                for name, value in self.values.items()
            }
            return mp.context.mpf(self._run(mp, step, numbers))
        finally:
            mp.context.prec = saved

    def taken(self, step: sympy.Piecewise) -> Any:
        """The branch that holds at the input."""
        choice = sympy.Piecewise(*((k, c) for k, (_, c) in enumerate(step.args)))
        if not isinstance(choice, sympy.Piecewise):
            return step.args[int(choice)][0]
        return step.args[int(self.exact(choice))][0]

    def _run(self, engine: Any, step: Any, values: Mapping[str, Any]) -> Any:
        source = f"def prepare({', '.join(values)}):\n    return {render(step)}"
        with np.errstate(all="ignore"):
            return run(source, engine)(*values.values())

    def _arrays(self, values: Mapping[str, Any]) -> dict[str, Any]:
        def array(value: float) -> Any:
            return self.fmt.array(np.array([value]))

        return {
            name: [array(v) for v in value] if isinstance(value, list) else array(value)
            for name, value in values.items()
        }
