"""What `ulpian eval` prints: the certified truth at a point, in all its forms."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from typing import Any

import numpy as np
import sympy

from ..reference import arb, mp, oracle
from ..reference import compile as code
from ..reference.error import Truth
from ..reference.formats import Format
from ..reference.level import bounds
from ..reference.settle import dyadic, settle
from ..spec import latex
from ..spec.function import Function, Variable
from .judge import number_bits
from .numerals import Number, nearest, number
from .report import columns, decimal, hexadecimal, labelled, ulps
from .target import UsageError

Pairs = list[tuple[str, str]]  # lines: the label and what stands behind it
Balls = dict[str, Any]  # Arb's, by label

_PRECISIONS = tuple(128 << k for k in range(8))
_NARROW = 80  # bits: more than the 20 digits that are printed


@dataclass(frozen=True)
class Question:
    """What is asked of a function, but for the point."""

    function: Function
    fmt: Format
    exact: dict[str, Fraction]  # all parameters
    grad: bool
    second: bool


def evaluation(
    function: Function,
    numbers: Sequence[str],
    fmt: Format,
    *,
    parameters: Sequence[str] = (),
    target: str | None = None,
    grad: bool = False,
    second: bool = False,
) -> tuple[str, bool]:
    """The text on a function at numbers, and whether all of it is decided.

    Numbers, parameters (`alpha=0.5`) and target (`0,1,0`) come as they were written. Raises
    `UsageError` for what cannot be read, does not fit the function, or lies outside its domain.
    """
    asked = Question(function, fmt, _settings(function, parameters), grad, second)
    given = [_read(text) for text in numbers]
    answer = _along_axis if function.along_axis else _elementwise
    pairs, decided = answer(asked, given, target)
    return "\n".join(_lines(asked, pairs)), decided


def _lines(asked: Question, pairs: Pairs) -> Iterator[str]:
    parameters = asked.function.parameters
    chosen = "".join(f" · {p.name} = {float(asked.exact[p.name])!r}" for p in parameters)
    yield f"{asked.function.name} · {asked.fmt}{chosen}"
    wide = max(13, *(len(label) + 3 for label, _ in pairs))
    yield from (labelled(label, text, wide) for label, text in pairs)


# ---------------------------------------------------------------- what is given


def _read(text: str) -> Number:
    value = number(text)
    if value is None:
        raise UsageError(f"{text!r} is not a number: write -5.5, 1e-3, 0x1.6p+2, nan or inf")
    return value


def _settings(function: Function, parameters: Sequence[str]) -> dict[str, Fraction]:
    """All parameters of the function, with those of the user as exact rationals."""
    given = dict(_setting(function, text) for text in parameters)
    try:
        return oracle.parameters(function, given)
    except ValueError as error:
        raise UsageError(str(error)) from error


def _setting(function: Function, text: str) -> tuple[str, Fraction]:
    name, equals, value = text.partition("=")
    if not equals:
        raise UsageError(f"-p {text!r} is no parameter: write name=value, for example alpha=0.5")
    exact = _read(value)
    if isinstance(exact, float):
        raise UsageError(f"{function.name}: {name} = {value} is no finite number")
    return name, exact


def _points(function: Function, given: list[Number]) -> list[list[Number]]:
    """Numbers in groups of as many as the function has variables."""
    width = len(function.variables)
    if len(given) % width:
        names = ", ".join(v.name for v in function.variables)
        raise UsageError(
            f"{function.name} takes {width} numbers ({names}) a point, not {len(given)}"
        )
    return [given[k : k + width] for k in range(0, len(given), width)]


def _rows(function: Function, given: list[Number], target: str | None) -> list[list[Number]]:
    """A row for each variable of a function along an axis."""
    rest = [v.name for v in function.variables[1:]]
    if not rest:
        if target is not None:
            raise UsageError(f"{function.name} takes no --target: its numbers are the row")
        return [given]
    if target is None:
        raise UsageError(f"{function.name} needs {rest[0]}: add --target {_example(len(given))}")
    row = [_read(text) for text in target.split(",")]
    if len(row) != len(given):
        raise UsageError(
            f"--target has {len(row)} entries and the row has {len(given)}: give one for each"
        )
    return [given, row]


def _example(length: int) -> str:
    return ",".join(["1", *["0"] * (length - 1)])


def _in_format(asked: Question, variable: Variable, value: Number) -> float:
    """The number as a float of the format, inside the domain of its variable."""
    rounded = nearest(value, asked.fmt)
    if not _inside(variable, rounded):
        raise UsageError(
            f"{asked.function.name}: {variable.name} = {rounded!r} lies outside its domain "
            f"{latex.text(variable.domain)}"
        )
    return rounded


def _inside(variable: Variable, value: float) -> bool:
    """Whether a float may be put in: nan always, an infinity at an open end or as a mask."""
    if math.isnan(value):
        return True
    if math.isinf(value):
        end = variable.domain.sup if value > 0 else variable.domain.inf
        return bool(end.is_infinite) or variable.masked
    return bool(sympy.Rational(*value.as_integer_ratio()) in variable.domain)


# ---------------------------------------------------------------- at points


def _elementwise(asked: Question, given: list[Number], target: str | None) -> tuple[Pairs, bool]:
    """The lines on an elementwise function at points, and whether all is decided."""
    function = asked.function
    if target is not None:
        raise UsageError(f"{function.name} takes no --target: give its variables in order")
    answers = [_at_point(asked, point) for point in _points(function, given)]
    return [pair for pairs, _ in answers for pair in pairs], all(done for _, done in answers)


def _at_point(asked: Question, point: list[Number]) -> tuple[Pairs, bool]:
    pairs: Pairs = []
    row = []
    for variable, value in zip(asked.function.variables, point, strict=True):
        row.append(_in_format(asked, variable, value))
        pairs += _given(asked, "" if pairs else "at", variable.name, value, row[-1])
    truths = {_label(name): truth for name, truth in _truths(asked, row).items()}
    balls = _enclosed(partial(_balls, asked, row))
    answers = _answers(asked, truths, balls, finite=_finite(row))
    return pairs + answers, _decided(truths)


def _truths(asked: Question, row: list[float]) -> dict[str, Truth]:
    arrays = [np.array([x]) for x in row]
    found = oracle.truth(asked.function, arrays, asked.fmt, asked.exact)
    if not asked.grad:
        found = {"value": found["value"]}
    if asked.second:
        found |= oracle.truth(asked.function, arrays, asked.fmt, asked.exact, second=True)
    return found


def _label(name: str) -> str:
    return name if name in ("value", "second") else f"d/d{name}" if len(name) == 1 else f"d {name}"


def _balls(asked: Question, row: list[float]) -> Balls:
    """Balls of the value and the derivatives; nothing at the infinities."""
    if not _finite(row):
        return {}
    function = asked.function
    exact = (asked.exact[p.name] for p in function.parameters)
    arguments = [*map(arb.number, row), *map(arb.number, exact)]
    labels = [_label(name) for name in ("value", *(v.name for v in code.partials(function)))]
    first = code.run(code.first_source(function), arb)()(*arguments)
    balls = dict(zip(labels, first, strict=False))
    if asked.second:
        balls[_label("second")] = code.run(code.second_source(function), arb)()(*arguments)[0]
    return balls


# ---------------------------------------------------------------- along an axis


def _along_axis(asked: Question, given: list[Number], target: str | None) -> tuple[Pairs, bool]:
    """The lines on a function along an axis at one row, and whether all is decided."""
    function = asked.function
    if asked.second:
        raise UsageError(f"{function.name} works along an axis: --second is for single numbers")
    pairs: Pairs = []
    rows = []
    for variable, values in zip(function.variables, _rows(function, given, target), strict=True):
        rows.append([_in_format(asked, variable, value) for value in values])
        for k, (value, rounded) in enumerate(zip(values, rows[-1], strict=True)):
            name = f"{variable.name}[{k}]"
            pairs += _given(asked, "" if pairs else "at", name, value, rounded)
    truths = _row_truths(asked, rows)
    balls = _enclosed(partial(_row_balls, asked, rows))
    answers = _answers(asked, truths, balls, finite=all(map(_finite, rows)))
    return pairs + answers, _decided(truths)


def _row_truths(asked: Question, rows: list[list[float]]) -> dict[str, Truth]:
    """Each number of a row's answer by its label: `value[0]`, `d[0]/dz[1]`."""
    function, length = asked.function, len(rows[0])
    outputs = length if function.row_output else 1
    arrays = [np.array([row] * outputs) for row in rows]
    seeds = (np.eye(length) if function.row_output else np.ones(1)) if asked.grad else None
    found = oracle.truth_rows(function, arrays, asked.fmt, seeds)
    (_, value), *slopes = found.items()
    entries = {
        _output(function, i): value[0, i : i + 1] if function.row_output else value[:1]
        for i in range(outputs)
    }
    for name, truth in slopes:
        for i, k in np.ndindex(outputs, length):
            entries[_slope(function, i, name, k)] = truth[i, k : k + 1]
    return entries


def _output(function: Function, i: int) -> str:
    return f"value[{i}]" if function.row_output else "value"


def _slope(function: Function, i: int, name: str, k: int) -> str:
    return f"d[{i}]/d{name}[{k}]" if function.row_output else f"d/d{name}[{k}]"


def _row_balls(asked: Question, rows: list[list[float]]) -> Balls:
    """Balls of a row's values and derivatives; nothing at the infinities."""
    if not all(map(_finite, rows)):
        return {}
    function, length = asked.function, len(rows[0])
    outputs = length if function.row_output else 1
    numbers = [[arb.number(x) for x in row] for row in rows]
    value, first, _ = code.run(code.axis_source(function), arb)(length, *numbers)
    balls = {_output(function, i): value(i) for i in range(outputs)}
    for a, variable in enumerate(function.variables if asked.grad else ()):
        for i, k in np.ndindex(outputs, length):
            balls[_slope(function, i, variable.name, k)] = first[a](i, k)
    return balls


# ---------------------------------------------------------------- twenty digits


def _enclosed(compute: Callable[[], Balls]) -> Balls:
    """Balls that hold their number to more than 20 digits, by doubling Arb's precision.

    What is not settled within the limit (an exponentially small number, a sum that is exactly
    zero) is left out.
    """
    found: Balls = {}
    saved = arb.context.prec
    try:
        for bits in _PRECISIONS:
            arb.context.prec = bits
            balls = compute()
            found |= {k: b for k, b in balls.items() if k not in found and _narrow(b)}
            if len(found) == len(balls):
                break
    finally:
        arb.context.prec = saved
    return found


def _narrow(ball: Any) -> bool:
    return bool(ball.is_finite()) and bool(ball.is_exact() or ball.rel_accuracy_bits() >= _NARROW)


def _digits(ball: Any) -> str:
    man, exp = dyadic(ball.mid())
    saved, mp.context.prec = mp.context.prec, max(64, abs(man).bit_length())
    try:
        return str(mp.context.nstr(mp.context.mpf((man, exp)), 20))
    finally:
        mp.context.prec = saved


# ---------------------------------------------------------------- lines


def _given(asked: Question, label: str, name: str, value: Number, rounded: float) -> Pairs:
    """The line of an input, and one that says so when it had to be rounded."""
    pairs = [(label, _forms(rounded, asked.fmt, f"{name} = "))]
    same = math.isfinite(rounded) and Fraction(rounded) == value
    if isinstance(value, Fraction) and not same:
        pairs.append(("", f"rounded: the number given is no {asked.fmt}; this is the nearest"))
    return pairs


def _finite(row: Sequence[float]) -> bool:
    return all(map(math.isfinite, row))


def _forms(value: float, fmt: Format, before: str = "") -> str:
    return columns(before + decimal(value, fmt.name), hexadecimal(value), number_bits(value, fmt))


def _decided(truths: dict[str, Truth]) -> bool:
    return all(bool(truth.decided[0]) for truth in truths.values())


def _answers(asked: Question, truths: dict[str, Truth], balls: Balls, *, finite: bool) -> Pairs:
    """The lines on truths; `finite` says whether the inputs are, as a bound needs."""
    lines = (_answer(asked, k, t, balls.get(k), finite=finite) for k, t in truths.items())
    return [pair for pairs in lines for pair in pairs]


def _answer(asked: Question, label: str, truth: Truth, ball: Any, *, finite: bool) -> Pairs:
    """The lines on one truth (an array of one): the float, its digits, the bound on an error."""
    if not truth.decided[0]:
        return [(label, "undecided: no enclosure within the limit settles on one float")]
    rounded = float(truth.nearest[0])
    pairs = [(label, _forms(rounded, asked.fmt)), ("", _proof(truth, asked.fmt, ball))]
    if finite and math.isfinite(rounded):
        pairs.append(("", _bound(truth, asked.fmt, 0.0 if asked.function.homogeneous else 1.0)))
    return pairs


def _bound(truth: Truth, fmt: Format, scale: float) -> str:
    """What error `accurate` and `sound` allow there, and why."""
    with np.errstate(all="ignore"):
        limit = bounds(truth.answers[0], fmt, scale)
    condition = ulps(float(truth.answers[0].condition[0]))
    said = f"accurate within {ulps(float(limit.accurate[0]))} = 8 (ulp + u C), u C = {condition}"
    sound = float(limit.sound[0])
    return f"{said}; sound within {ulps(sound)}" if math.isfinite(sound) else said


def _proof(truth: Truth, fmt: Format, ball: Any) -> str:
    """Twenty digits where one answer is right, otherwise all that are."""
    if math.isnan(truth.nearest[0]):
        return "nan in, nan out"
    right = sorted({float(a.nearest[0]) for a in truth.answers})
    if len(right) > 1:
        several = ", ".join(decimal(r, fmt.name) for r in right)
        return f"right is {'everything between' if truth.between[0] else 'each of'} {several}"
    if ball is None or settle(ball.mid(), ball.rad(), 0.0, fmt, last=True).nearest != right[0]:
        return "proven to round to this float"
    return f"{_digits(ball)} to 20 digits, proven to round to this float"
