"""Where the values lie: range, limits, and the value and gradient at the special floats."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator

import numpy as np
import sympy

from ....reference import oracle
from ....reference.error import Truth
from ....reference.facts import facts
from ....reference.formats import FORMATS, Floats
from ....reference.rows import near_kink, truth_rows
from ....reference.source import partials
from ....spec.function import Function, Variable
from ....spec.statements import limits as stated_limits
from ...points import points
from ..document import Block, Display, Math, Paragraph, Section, Table, Text
from ..edition import Edition
from ..forms import ordinary
from ..printed import inline
from . import pieces
from .pieces import anchor, section

FMT = FORMATS["float64"]
MOST = 12  # rows of the table of a function of several variables


def range_(function: Function, edition: Edition) -> tuple[Section, ...]:
    """The set that all values lie in, at every parameter; the hull at the defaults is a fact."""
    stated = inline(function.range, edition, function)
    blocks: list[Block] = []
    if function.range != sympy.Reals:
        text = ("Every value lies in ", stated, ", whatever the inputs and parameters are.")
        blocks.append(Paragraph(text))
    cases = facts(function)
    for case in cases if len(cases) == 1 else ():  # several are told apart among the facts
        found = case.facts.get("range")
        if found is not None and found.status != "undecided":
            fixed: Text = (" with ", *pieces.setting(case.label)) if case.label else ()
            hull: Text = (" is ", pieces.bounds(found.value), f" ({found.status}).")
            blocks.append(Paragraph(("The least interval that holds every value", *fixed, *hull)))
    if not blocks:
        blocks.append(Paragraph(("The values are real numbers.",)))
    return section(function, "range", "Range", blocks)


def limits(function: Function, edition: Edition) -> tuple[Section, ...]:
    """The limits of the value and of the gradient at the infinities."""
    found = stated_limits(function, edition.notation)
    if not found:
        return ()
    (case,) = facts(function)
    certified = case.facts["limits"].status
    ends = {"->": "", "-oo": "minus-infinity", "oo": "infinity"}
    blocks: list[Block] = []
    for said in found:
        end = ends[said.text.rpartition(" -> ")[2]]
        note = "by SymPy" if said.label == "gradient" or certified == "undecided" else certified
        place = anchor(function, "limit", "" if said.label == "value" else said.label, end)
        blocks.append(Display(said.latex, said.text, place, (note,)))
    return section(function, "limits", "Limits", blocks)


# ---------------------------------------------------------------- the special floats


def special(function: Function, edition: Edition) -> tuple[Section, ...]:
    """The truth at zero of either sign, at the infinities, at NaN, and where a value is stated."""
    table = (
        _along_axis(function, edition) if function.along_axis else _elementwise(function, edition)
    )
    if table is None:
        return ()
    blocks: list[Block] = [table, *_zero(function)]
    return section(function, "special-values", "Special values", blocks)


def _elementwise(function: Function, edition: Edition) -> Table | None:
    columns = _inputs(function)
    if columns is None:
        return None
    truths = oracle.truth(function, columns, FMT)
    inputs = function.variables
    slopes = [v for v in partials(function) if v.differentiable]
    head: list[Text] = [(inline(v.symbol, edition, function),) for v in inputs]
    head += [("value",), *(("gradient in ", inline(v.symbol, edition, function)) for v in slopes)]
    rows = []
    for k in range(columns[0].size):
        given: list[Text] = [(_input(float(c[k])),) for c in columns]
        answers = [_exact(function, edition, columns, k) or _told(truths["value"], k)]
        answers += [_told(truths[v.name], k) for v in slopes]
        if function.parity == "odd" and _negative_zero(float(columns[0][k])):
            answers[0] = (Math("-0", "-0"),)
        rows.append((*given, *answers))
    caption = "The truth in float64 at special inputs"
    caption += ", parameters at their defaults." if function.parameters else "."
    return Table((caption,), tuple(head), tuple(rows), "c" * len(head))


def _inputs(function: Function) -> list[Floats] | None:
    """The points of the table, a column for each variable."""
    first, *others = function.variables
    if not others:
        stated = [float(p) for p in function.special_values if sympy.sympify(p).is_finite]
        ends = [float(e) for e in first.domain.boundary if e.is_finite]
        inner = sorted({*ends, *stated, 0.0})
        every = np.array([-np.inf, *inner, -0.0, np.inf, np.nan])
        kept = every[points.within(every, first.domain) | np.isnan(every)]
        return [np.array(sorted(kept, key=lambda v: (v, not np.signbit(v))))]
    lists = [_ends(v) for v in function.variables]
    found = list(itertools.islice(itertools.product(*lists), MOST))
    columns = [np.array(c) for c in zip(*found, strict=True)]
    known = points.meets(function, columns, oracle.parameters(function))
    return [c[known] for c in columns] if known.any() else None


def _ends(v: Variable) -> list[float]:
    """The ends of a domain that belong to it, and 0 and 1 on a line."""
    if isinstance(v.domain, sympy.FiniteSet):
        return sorted(map(float, v.domain))
    ends = np.array([float(e) for e in v.domain.boundary if e.is_finite])
    if not ends.size:
        return [0.0, 1.0]
    inside = [float(e) for e in np.sort(ends) if points.within(np.array([e]), v.domain)[0]]
    return inside if len(inside) > 1 else [*inside, 1.0]


def _input(value: float) -> Math:
    return Math("-0", "-0") if _negative_zero(value) else pieces.figure(value, FMT.name)


def _negative_zero(value: float) -> bool:
    return value == 0 and math.copysign(1, value) < 0


def _exact(function: Function, edition: Edition, columns: list[Floats], k: int) -> Text | None:
    """The value as the definition states it: log(2) says more than its digits."""
    if len(columns) > 1:
        return None
    at = float(columns[0][k])
    for point, value in function.special_values.items():
        if float(point) == at and sympy.sympify(value).is_finite:
            return (inline(value, edition, function),)
    return None


def _told(truth: Truth, k: int) -> Text:
    """One right answer, each of several, or all between two."""
    if not truth.decided[k]:
        return ("undecided",)
    right = sorted({str(a.nearest[k] + 0.0) for a in truth.answers}, key=float)  # one NaN
    figures = [pieces.figure(float(v), FMT.name) for v in right]
    if len(figures) == 1:
        return (figures[0],)
    if truth.between[k]:
        low, high = figures[0], figures[-1]
        return (Math(f"[{low.latex}, {high.latex}]", f"[{low.text}, {high.text}]"),)
    return pieces.joined(((f,) for f in figures), " or ")


def _zero(function: Function) -> Iterator[Paragraph]:
    """What the sign of zero means."""
    if function.along_axis or len(function.variables) > 1:
        return
    if function.parity == "odd":
        text: Text = ("It is odd: a zero keeps its sign.",)
    elif 0 in function.variables[0].domain:
        text = ("A zero of either sign is the same input, and of a zero result either is right.",)
    else:
        return
    yield Paragraph(text)


# ---------------------------------------------------------------- rows


def _along_axis(function: Function, edition: Edition) -> Table | None:
    """Rows of zeros, with an entry that is masked or NaN; further inputs are the simplest."""
    first, *others = function.variables
    if len(first.shape) > 1:
        return None
    length = ordinary.LENGTH
    rows = np.zeros((3 if first.masked else 2, length))
    rows[1:, -1] = [-np.inf, np.nan] if first.masked else [np.nan]
    beside = [ordinary.beside(function, v, FMT)[:1].repeat(len(rows), axis=0) for v in others]
    columns = [rows, *beside]
    truth = truth_rows(function, columns, FMT)["value"]
    _, undefined = near_kink(function, columns, FMT)
    found = []
    for k in range(len(rows)):
        given: list[Text] = [(pieces.row(c[k].tolist(), FMT.name),) for c in columns]
        entries = [_told(truth[k], i) for i in range(truth.shape[1])] if function.row_output else []
        answer = pieces.joined(entries) if entries else _told(truth, k)
        found.append((*given, ("no value",) if undefined[k] else answer))
    names = [
        (inline(v.symbol.label if v.along_axis else v.symbol, edition, function),)
        for v in function.variables
    ]
    caption = "The truth in float64 at special rows"
    caption += ", parameters at their defaults." if function.parameters else "."
    return Table((caption,), (*names, ("value",)), tuple(found), "c" * (len(names) + 1))
