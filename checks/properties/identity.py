"""Identities of the definition, tried on the implementations themselves.

The bound is the error that is allowed in both sides together; see `judging.equation`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy
from numpy.typing import NDArray

from ...reference.formats import Floats
from ...reference.level import Level
from ...spec import symbols
from ...spec.expansion import applications, definition_of
from ...spec.function import Parameter, Variable
from ..judging.equation import evaluate, partner_of
from ..judging.judge import witness
from ..judging.row_equation import Rows
from ..points import draw, points, sizes
from ..points.case import Case
from ..targets.implementation import Unsupported
from ..verdict import Witness
from .property import Outcome, Property

MORE = 8  # times that rows are drawn again where none of them says anything


@dataclass(frozen=True)
class Trial:
    """Both sides of an equation at points, flat, and which of the points say something.

    `allowed` has two rows: the difference that `accurate` allows, and the one that `sound` does.
    """

    columns: Mapping[Any, Floats]
    left: Floats
    right: Floats
    residual: Floats
    allowed: Floats
    effective: NDArray[np.bool_]

    @property
    def lost(self) -> NDArray[np.bool_]:
        """Where one side has a finite value and the other has none."""
        return np.logical_xor(np.isfinite(self.left), np.isfinite(self.right))


def identities(case: Case) -> Iterator[tuple[str, Outcome]]:
    for name, equation in case.function.identities.items():
        outcome = Outcome()
        try:
            if _rowwise(equation):
                _try_rows(case, outcome, equation)
            else:
                _try(case, outcome, equation)
        except Unsupported as reason:
            outcome = Outcome(unsupported=str(reason))
        yield _label(name), outcome


def _label(name: str) -> str:
    """The name of an identity as a verdict has it."""
    return re.sub(r"\W+", "_", name).strip("_")


def _rowwise(equation: Any) -> bool:
    return bool(equation.atoms(sympy.Indexed))


def _columns(case: Case, equation: Any) -> dict[Any, Floats]:
    """Moderate points for every free symbol of the equation."""
    rng = np.random.default_rng(case.seed + 31)
    fmt = case.fmt
    thin = np.concatenate(
        [points.ladder(fmt, 1, case.seed)[::3], points.ordinary(fmt, 300, case.seed)]
    )
    free = sorted(equation.free_symbols, key=str)
    inputs = _inputs(case, equation)
    variables = {s: v for s, v in inputs.items() if isinstance(v, Variable)}
    parameters = {s: p for s, p in inputs.items() if isinstance(p, Parameter)}
    columns = {}
    for symbol in free:
        if symbol in variables:
            pool = points.inside(thin, variables[symbol], fmt)
        elif symbol in parameters:
            p = parameters[symbol]
            values = [float(v) for v in (p.default, *p.samples)]
            pool = fmt.round(np.array([v for v in values if fmt.round(np.array([v]))[0] == v]))
        else:
            pool = thin
        pool = pool[np.isfinite(pool) & (np.abs(pool) < np.sqrt(fmt.largest))]
        columns[symbol] = (
            rng.choice(pool, 600)
            if symbol not in variables
            else np.resize(rng.permutation(pool), 600)
        )
    return columns


def _inputs(case: Case, equation: Any) -> dict[Any, Variable | Parameter]:
    """The input that each symbol of an equation stands for: the function's own, or a partner's.

    A symbol that is an entry of a partner's row has the domain of the row.
    """
    found: dict[Any, Variable | Parameter] = {}
    for application in applications(equation):
        partner = definition_of(application, {case.function.name: case.function})
        pairs = zip((*partner.variables, *partner.parameters), application.args, strict=False)
        for v, argument in pairs:
            for part in argument if isinstance(argument, sympy.Tuple) else (argument,):
                if part.is_Symbol or isinstance(part, sympy.Indexed):
                    found.setdefault(getattr(part, "base", part), v)
    own = {v.symbol: v for v in (*case.function.variables, *case.function.parameters)}
    return {**found, **own}


def _try(case: Case, outcome: Outcome, equation: Any) -> None:
    columns = _columns(case, equation)
    with np.errstate(all="ignore"):
        left = evaluate(case, equation.lhs, columns)
        right = evaluate(case, equation.rhs, columns)
        residual = np.abs(left.values - right.values)
        size = np.maximum(np.abs(left.values), np.abs(right.values))
        allowed = left.allowed + right.allowed + 2.0**-50 * size + case.fmt.smallest_subnormal
        finite = np.isfinite(left.values) & np.isfinite(right.values) & np.isfinite(allowed)
        # a bound wider than the quantity itself says nothing
        few = case.scale * max(1e-3, 64 * case.fmt.unit_roundoff)  # where both sides are 0
        effective = finite[0] & (allowed[0] < np.maximum(size, few) + 1e-300)
    trial = Trial(columns, left.values, right.values, residual, allowed, effective)
    _conclude(case, outcome, trial)


def _try_rows(case: Case, outcome: Outcome, equation: Any) -> None:
    """Row equations: applied functions on rows, sums, one derivative in an entry."""
    trials = [_row_trial(case, equation, length) for length in sizes.longer_rows(case)]
    for again in range(MORE):  # where the bound is wide, few rows say something
        if any(trial.effective.any() for trial in trials):
            break
        trials.append(_row_trial(case, equation, sizes.longest_row(case), again))
    telling = any(trial.effective.any() for trial in trials)
    for trial in trials:
        # a length at which the bound says nothing is left to the others
        if not telling or trial.effective.any() or trial.lost.any():
            _conclude(case, outcome, trial)


def _row_trial(case: Case, equation: Any, length: int, again: int = 0) -> Trial:
    """Both sides on 24 rows of one length, others each time that they are drawn again."""
    rows, scalars = _row_columns(case, equation, length, 24, again)
    width = case.function.entries(length) if case.function.row_output else length
    sides = Rows(case, rows, scalars, length, width)
    with np.errstate(all="ignore"):
        left, right = sides.evaluate(equation.lhs), sides.evaluate(equation.rhs)
        residual = np.abs(left.values - right.values)
        size = np.maximum(np.abs(left.values), np.abs(right.values))
        allowed = left.allowed + right.allowed + 2.0**-50 * size
        shape = np.broadcast_shapes(residual.shape, (24, width))
        residual, size = (np.broadcast_to(a, shape) for a in (residual, size))
        allowed = np.broadcast_to(allowed, (2, *shape))
        effective = np.isfinite(residual) & np.isfinite(allowed[0])
        few = max(1e-3, 64 * case.fmt.unit_roundoff)  # where both sides are 0
        effective &= allowed[0] < np.maximum(size, few)
    flat = {base: np.repeat(a, width, axis=0) for base, a in rows.items()}
    both = [np.broadcast_to(s.values, shape).ravel() for s in (left, right)]
    wide = allowed.reshape(2, -1)
    return Trial(flat, both[0], both[1], residual.ravel(), wide, effective.ravel())


def _row_columns(
    case: Case, equation: Any, length: int, count: int, again: int = 0
) -> tuple[dict[Any, Floats], dict[Any, Floats]]:
    """Rows for every base of the equation, numbers for every other symbol.

    Real entries are sixteenths up to 8: sums of them with a shift are exact in every format.
    """
    rng = np.random.default_rng([case.seed, 37, length, *([again] if again else [])])
    shape = (count, length)
    known: dict[Any, Any] = _inputs(case, equation)
    rows: dict[Any, Floats] = {}
    for base in sorted({e.base for e in equation.atoms(sympy.Indexed)}, key=str):
        v = known.get(base)
        if _as_indices(case, equation, base):
            rows[base] = np.eye(length)[np.arange(count) % length]
            continue
        if v is not None and (getattr(v, "simplex", False) or base == symbols.t_vector):
            rows[base] = draw.targets(case, count, length)
            continue
        drawn = np.clip(np.rint(rng.normal(scale=48.0, size=shape)), -128, 128) / 16
        rows[base] = _inside(case, v, drawn, rng) if isinstance(v, Variable) else drawn
    scalars: dict[Any, Floats] = {symbols.n: np.full((count, 1), float(length))}
    free = equation.free_symbols - set(equation.atoms(sympy.Indexed))
    for symbol in sorted(free - set(scalars), key=str):
        v = known.get(symbol)
        if isinstance(v, Parameter):
            chosen = float((*v.samples, v.default)[0])
            scalars[symbol] = np.broadcast_to(np.array(chosen), (count, 1))
        elif not isinstance(symbol, sympy.IndexedBase):
            scalars[symbol] = rng.choice([-4.0, 0.5, 2.0], (count, 1))
    return rows, scalars


def _inside(case: Case, v: Variable, drawn: Floats, rng: np.random.Generator) -> Floats:
    """Rows in the domain; every third one at its ends, where there are two.

    There terms are exact or nothing, so that the bound says something in the narrowest format.
    """
    found = points.into(v, case.fmt, drawn, rng)
    low, high = v.domain.inf, v.domain.sup
    if low.is_finite and high.is_finite and low in v.domain and high in v.domain:
        ends = np.array([float(low), float(high)])
        found[::3] = rng.choice(ends, found[::3].shape)
    return found


def _as_indices(case: Case, equation: Any, base: Any) -> bool:
    """Whether a function of the equation takes this row as class indices only."""
    for application in applications(equation):
        inner = partner_of(case, application)
        for v, argument in zip(inner.function.variables, application.args, strict=False):
            by_class = v.one_hot or (v.simplex and inner.index_only)
            if by_class and any(e.base == base for e in argument.atoms(sympy.Indexed)):
                return True
    return False


def _conclude(case: Case, outcome: Outcome, trial: Trial) -> None:
    count = int(trial.effective.sum())
    lost = trial.lost
    if not count and lost.any():
        outcome.lower(
            Level.UNSOUND,
            message="one side has no finite value wherever the other has one",
            witness=_witness(case, trial, int(np.argmax(lost))),
            points=int(lost.sum()),
        )
        return
    if not count:
        outcome.undecided += 1
        outcome.message = "the equation had no effective point: its bound was wider than its sides"
        return
    outcome.lower(Level.EXACT, points=count)
    broken = trial.effective & ~(trial.residual <= trial.allowed[0])
    if not broken.any():
        return
    unsound = broken & ~(trial.residual <= trial.allowed[1])
    excess = np.where(unsound if unsound.any() else broken, trial.residual / trial.allowed[0], 0)
    outcome.lower(
        Level.UNSOUND if unsound.any() else Level.SOUND,
        message="the two sides differ by more than their errors allow",
        witness=_witness(case, trial, int(np.argmax(excess))),
    )


def _witness(case: Case, trial: Trial, k: int) -> Witness:
    gap, bound = trial.residual[k], trial.allowed[0][k]
    return witness(
        {str(s): c[k].tolist() for s, c in trial.columns.items()},
        case.fmt,
        truth=float(trial.left[k]),
        observed=float(trial.right[k]),
        origin="truth: left side, observed: right side; "
        f"|difference| {gap:.3g}, allowed {bound:.3g}",
    )


IDENTITY = Property(
    name="identity",
    judge=identities,
    meaning="An equation of the definition holds between the implementations, within the errors "
    "that each of them may make: tanh(x) = 2 sigmoid(2x) - 1, softplus' = sigmoid. Not tried in 8 "
    "bits, where a result that goes into another function has too few left.",
    why="Functions that are used together must agree with each other, not only with the truth.",
    cause="Two functions of a family use different approximations or constants.",
    fix="Build one on the other, or both on the same kernel.",
    applies=lambda case: bool(case.function.identities) and case.fmt.bits > 8,
    parts=lambda case: map(_label, case.function.identities),
)
