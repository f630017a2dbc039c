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

from ...reference import arb, mp, oracle
from ...reference.error import Truth
from ...reference.formats import FORMATS, Format
from ...reference.level import accurate_factor, bounds, in_words
from ...reference.program import run
from ...reference.row_source import axis_source
from ...reference.rows import truth_rows
from ...reference.settle import dyadic, settle
from ...reference.source import first_source, partials, second_source
from ...spec import latex
from ...spec.function import Function, Variable
from ..judging.judge import number_bits
from ..numerals import Number, nearest, number
from ..points import points
from ..reports.figures import decimal, hexadecimal, ulps
from ..reports.layout import columns, labelled
from ..usage import UsageError

Pairs = list[tuple[str, str]]  # lines: the label and what stands behind it
Balls = dict[str, Any]  # Arb's, by label

_PRECISIONS = tuple(128 << k for k in range(8))
_NARROW = 80  # bits: more than the 20 digits that are printed


@dataclass(frozen=True)
class Question:
    """What is asked of a function, but for the point."""

    function: Function
    fmt: Format
    exact: dict[str, Any]  # all parameters, a row as a tuple
    grad: bool
    second: bool


def evaluation(
    function: Function,
    numbers: Sequence[str],
    fmt: Format,
    *,
    parameters: Sequence[str] = (),
    target: str | None = None,
    others: Sequence[str] = (),
    grad: bool = False,
    second: bool = False,
) -> tuple[str, bool]:
    """The text on a function at numbers, and whether all of it is decided.

    Numbers, parameters (`alpha=0.5`), target (`0,1,0`) and other inputs of a function along an axis
    (`positive=1,2,3`) come as they were written. Raises
    `UsageError` for what cannot be read, does not fit the function, or lies outside its domain.
    """
    asked = Question(function, fmt, _settings(function, parameters), grad, second)
    if function.along_axis:
        pairs, decided = _along_axis(asked, _matrix(function, numbers), target, others)
    elif others:
        raise UsageError(f"{function.name} takes no --with: give its variables in order")
    else:
        pairs, decided = _elementwise(asked, list(map(_read, numbers)), target)
    return "\n".join(_lines(asked, pairs)), decided


def _lines(asked: Question, pairs: Pairs) -> Iterator[str]:
    parameters = asked.function.parameters
    chosen = "".join(f" · {p.name} = {_plain(asked.exact[p.name])}" for p in parameters)
    yield f"{asked.function.name} · {asked.fmt}{chosen}"
    wide = max(13, *(len(label) + 3 for label, _ in pairs))
    yield from (labelled(label, text, wide) for label, text in pairs)


def _plain(value: Any) -> str:
    return ",".join(map(_plain, value)) if isinstance(value, tuple) else repr(float(value))


# ---------------------------------------------------------------- what is given


def _read(text: str) -> Number:
    value = number(text)
    if value is None:
        raise UsageError(f"{text!r} is not a number: write -5.5, 1e-3, 0x1.6p+2, nan or inf")
    return value


def _settings(function: Function, parameters: Sequence[str]) -> dict[str, Any]:
    """All parameters of the function, with those of the user as exact rationals."""
    given = dict(_setting(function, text) for text in parameters)
    try:
        return oracle.parameters(function, given)
    except ValueError as error:
        raise UsageError(str(error)) from error


def _setting(function: Function, text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    if not equals:
        raise UsageError(f"-p {text!r} is no parameter: write name=value, for example alpha=0.5")
    entries = [_read(word) for word in value.split(",")]
    for entry in entries:
        if isinstance(entry, float):
            raise UsageError(f"{function.name}: {name} = {value} is no finite number")
    along = any(p.name == name and p.along_axis for p in function.parameters)
    return name, tuple(entries) if along and len(entries) > 1 else entries[0]


def _points(function: Function, given: list[Number]) -> list[list[Number]]:
    """Numbers in groups of as many as the function has variables."""
    width = len(function.variables)
    if len(given) % width:
        names = ", ".join(v.name for v in function.variables)
        raise UsageError(
            f"{function.name} takes {width} numbers ({names}) a point, not {len(given)}"
        )
    return [given[k : k + width] for k in range(0, len(given), width)]


def _matrix(function: Function, texts: Sequence[str]) -> list[list[Number]]:
    """The numbers of a function along an axis as rows: one, or as many as texts for a matrix."""
    if len(function.variables[0].shape) == 1:
        return [[_read(text) for text in texts]]
    rows = [[_read(word) for word in text.split(",")] for text in texts]
    for k, row in enumerate(rows):
        if len(row) != len(rows[0]):
            raise UsageError(
                f"{function.name}: row {k} has {len(row)} numbers and row 0 has {len(rows[0])}: "
                "give rows of one length, 0.1,0.2 0.3,0.4"
            )
    return rows


def _rows(
    function: Function,
    given: list[Number],
    length: int,
    target: str | None,
    others: Sequence[str],
) -> list[list[Number]]:
    """The numbers of each variable of a function along an axis: rows of a length, or one number."""
    rest = function.variables[1:]
    named = dict(_named(function, text) for text in others)
    if target is not None:
        if not rest:
            raise UsageError(f"{function.name} takes no --target: its numbers are the row")
        named["target" if any(v.name == "target" for v in rest) else rest[0].name] = target
    unknown = sorted(set(named) - {v.name for v in rest})
    if unknown:
        known = ", ".join(v.name for v in rest) or "none"
        raise UsageError(f"{function.name} has no further input {unknown[0]!r}; it has {known}")
    return [given, *(_other(function, v, named.get(v.name), length) for v in rest)]


def _named(function: Function, text: str) -> tuple[str, str]:
    name, equals, row = text.partition("=")
    if not equals:
        raise UsageError(f"--with {text!r} names no input: write name=1,2,3")
    return name, row


def _other(function: Function, v: Variable, text: str | None, length: int) -> list[Number]:
    """The numbers of one further input, as many as it takes."""
    option = "--target" if v.name == "target" else f"--with {v.name}="
    if text is None:
        example = _example(length) if v.along_axis and not v.labels else "1"
        joint = " " if v.name == "target" else ""
        raise UsageError(f"{function.name} needs {v.name}: add {option}{joint}{example}")
    row = [_read(word) for word in text.split(",")]
    if v.labels:
        return row
    due = length if v.along_axis else 1
    if len(row) != due:
        each = "give one for each" if v.along_axis else "give one number"
        counted = f"the row has {length}" if v.along_axis else "it takes 1"
        entries = "entry" if len(row) == 1 and not v.along_axis else "entries"
        raise UsageError(f"{option.rstrip('=')} has {len(row)} {entries} and {counted}: {each}")
    return row


def _example(length: int) -> str:
    return ",".join(["1", *["0"] * (length - 1)])


def _in_format(asked: Question, variable: Variable, value: Number) -> float:
    """The number as a float of the format, inside the domain of its variable."""
    rounded = nearest(value, asked.fmt)
    if asked.fmt.lacks(rounded):
        raise UsageError(
            f"{asked.function.name}: {variable.name} = {asked.fmt.lacking(_shown(value))}"
        )
    if not _inside(variable, rounded):
        raise UsageError(
            f"{asked.function.name}: {variable.name} = {rounded!r} lies outside its domain "
            f"{latex.text(variable.domain)}"
        )
    return rounded


def _shown(value: Number) -> float:
    return nearest(value, FORMATS["float64"])


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
    if not _decided(truths) and not _required(asked, row):
        shown = latex.text(asked.function.requires)
        raise UsageError(f"{asked.function.name} has no value there: it requires {shown}")
    balls = _enclosed(partial(_balls, asked, row))
    answers = _answers(asked, truths, balls, finite=_finite(row))
    return pairs + answers, _decided(truths)


def _required(asked: Question, row: list[float]) -> bool:
    """Whether a point meets what the definition requires."""
    columns = [np.array([x]) for x in row]
    return bool(points.meets(asked.function, columns, asked.exact)[0])


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
    labels = [_label(name) for name in ("value", *(v.name for v in partials(function)))]
    first = run(first_source(function), arb)()(*arguments)
    balls = dict(zip(labels, first, strict=False))
    if asked.second:
        balls[_label("second")] = run(second_source(function), arb)()(*arguments)[0]
    return balls


# ---------------------------------------------------------------- along an axis


def _along_axis(
    asked: Question, matrix: list[list[Number]], target: str | None, others: Sequence[str] = ()
) -> tuple[Pairs, bool]:
    """The lines on a function along an axis at one row (or matrix), and whether all is decided."""
    function, length = asked.function, len(matrix[0])
    if asked.second:
        raise UsageError(f"{function.name} works along an axis: --second is for single numbers")
    if not function.entries(length):
        if function.sizes:
            raise UsageError(
                f"{function.name} takes no rows of {length}: write each row with commas, 1,2 3,4"
            )
        raise UsageError(
            f"{function.name} gives {latex.text(function.outputs)} numbers for a row of n: "
            f"a row of {length} is none"
        )
    pairs: Pairs = []
    rows = []
    given = [x for row in matrix for x in row]
    everything = _rows(function, given, length, target, others)
    for variable, values in zip(function.variables, everything, strict=True):
        rows.append([_in_format(asked, variable, value) for value in values])
        places = _places(variable, len(values), length)
        for place, value, rounded in zip(places, values, rows[-1], strict=True):
            name = f"{variable.name}{place}"
            pairs += _given(asked, "" if pairs else "at", name, value, rounded)
    _refuse_misfits(asked, rows, length)
    try:
        truths = _row_truths(asked, rows, length)
    except ValueError as error:
        raise UsageError(str(error)) from error
    balls = _enclosed(partial(_row_balls, asked, rows, length))
    answers = _answers(asked, truths, balls, finite=all(map(_finite, rows)))
    return pairs + answers, _decided(truths)


def _places(v: Any, count: int, length: int) -> list[str]:
    """What stands behind the name of an input for each of its numbers: [1], [0, 1], nothing."""
    if not v.along_axis:
        return [""]
    if len(getattr(v, "shape", ())) == 2:
        return [f"[{k // length}, {k % length}]" for k in range(count)]
    return [f"[{k}]" for k in range(count)]


def _labels(v: Any) -> bool:
    """Whether an input is a row of labels, which has no gradient."""
    return isinstance(v, Variable) and v.labels


def _refuse_misfits(asked: Question, rows: list[list[float]], length: int) -> None:
    """Rows of parameters that have another length, and targets that are no single class."""
    name = asked.function.name
    for p in asked.function.parameters:
        value = asked.exact[p.name]
        if isinstance(value, tuple) and len(value) != length:
            raise UsageError(
                f"{name}: {p.name} has {len(value)} entries and the row has {length}: "
                "give one for each"
            )
    for v, row in zip(asked.function.variables, rows, strict=True):
        if v.one_hot and sorted(row) != [0.0] * (length - 1) + [1.0]:
            raise UsageError(f"{name}: {v.name} is one class: give one 1 and otherwise 0")


def _row_truths(asked: Question, rows: list[list[float]], length: int) -> dict[str, Truth]:
    """Each number of a row's answer by its label: `value[0]`, `d[0]/dz[1]`."""
    function = asked.function
    outputs = function.entries(length)
    arrays = [
        np.array([row if v.along_axis else row[0]] * outputs)
        for v, row in zip(function.variables, rows, strict=True)
    ]
    arrays = [
        a.reshape(outputs, -1, length) if len(v.shape) == 2 else a
        for v, a in zip(function.variables, arrays, strict=True)
    ]
    seeds = (np.eye(outputs) if function.row_output else np.ones(1)) if asked.grad else None
    found = truth_rows(function, arrays, asked.fmt, seeds, asked.exact)
    value = found.pop("value")
    entries = {
        _output(function, i): value[0, i : i + 1] if function.row_output else value[:1]
        for i in range(outputs)
    }
    inputs = {v.name: v for v in partials(function) if not _labels(v)}
    for name, truth in ((name, truth) for name, truth in found.items() if name in inputs):
        for i in range(outputs):
            spots = list(np.ndindex(truth.shape[1:]))
            places = _places(inputs[name], len(spots), length)
            for spot, place in zip(spots, places, strict=True):
                entries[_slope(function, i, f"{name}{place}")] = truth[(slice(i, i + 1), *spot)]
    return entries


def _output(function: Function, i: int) -> str:
    return f"value[{i}]" if function.row_output else "value"


def _slope(function: Function, i: int, entry: str) -> str:
    return f"d[{i}]/d{entry}" if function.row_output else f"d/d{entry}"


def _row_balls(asked: Question, rows: list[list[float]], length: int) -> Balls:
    """Balls of a row's values and derivatives; nothing at the infinities."""
    if not all(map(_finite, rows)):
        return {}
    function = asked.function
    numbers = [
        [arb.number(x) for x in row] if v.along_axis else arb.number(row[0])
        for v, row in zip(function.variables, rows, strict=True)
    ]
    fixed = [_fixed(asked.exact[p.name], p.along_axis, length) for p in function.parameters]
    value, first, *_ = run(axis_source(function), arb)(length, *numbers, *fixed)
    outputs = range(function.entries(length))
    balls = {_output(function, i): value(i) for i in outputs}
    sizes = dict(zip((v.name for v in function.variables), map(len, rows), strict=True))
    for a, v in enumerate(partials(function) if asked.grad else ()):
        for i in outputs if not _labels(v) else ():
            for k, place in enumerate(_places(v, sizes.get(v.name, length), length)):
                balls[_slope(function, i, f"{v.name}{place}")] = first[a](i, k)
    return balls


def _fixed(value: Any, along_axis: bool, length: int) -> Any:
    if not along_axis:
        return arb.number(value)
    return [arb.number(v) for v in (value if isinstance(value, tuple) else (value,) * length)]


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
    if math.isinf(rounded) and asked.fmt.saturates:
        pairs.append(("", _beyond(asked.fmt)))
    return pairs


def _beyond(fmt: Format) -> str:
    """The two right answers where the truth lies beyond the format."""
    first = "an infinity" if fmt.infinities else "NaN"
    return f"beyond the largest float: {first} is right, and by saturation {fmt.largest:g}"


def _bound(truth: Truth, fmt: Format, scale: float) -> str:
    """What error `accurate` and `sound` allow there, and why."""
    with np.errstate(all="ignore"):
        limit = bounds(truth.answers[0], fmt, scale)
    condition = ulps(float(truth.answers[0].condition[0]))
    why = f"{in_words(fmt, accurate_factor(fmt), '(ulp + u C)')}, u C = {condition}"
    said = f"accurate within {ulps(float(limit.accurate[0]))} = {why}"
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
