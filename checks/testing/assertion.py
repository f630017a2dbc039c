"""An assertion for tests written by hand: these numbers are the function's, within so many ulps.

assert_ulp(my_gelu(x), "gelu", x, max_ulp=1)
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...reference import oracle
from ...reference.error import Truth, least_error
from ...reference.formats import FORMATS, Floats, Format
from ...reference.level import RESOLUTION
from ...reference.rows import truth_rows
from ...spec.function import Function, Variable
from ..judging.judge import witness
from ..points.points import within
from ..reports.figures import ulps
from ..reports.layout import labelled
from ..reports.text import shown
from ..targets.target import LIBRARIES, adapter, definition
from ..usage import UsageError


def assert_ulp(
    actual: Any,
    function: str | Function,
    *inputs: Any,
    max_ulp: float = 1.0,
    grad_of: str | None = None,
    cotangent: Any = None,
    axis: int = -1,
    **parameters: Any,
) -> None:
    """Assert that each element of `actual` is within `max_ulp` of the truth at `inputs`.

    actual
        What the code under test returned: an array of NumPy, PyTorch or JAX, or a number. Its dtype
        is the format in which it is judged; a number of Python is a float64.
    function, inputs, parameters
        A name of the book (or a definition), its variables in order and its parameters by keyword,
        defaults filled in. Inputs broadcast against each other, and their result has the shape of
        `actual`; along an axis the rows are taken along `axis`. A target that is given by class
        indices may be. Every input is a float of the format: round before the call under test. A
        loss is asserted unreduced.
    max_ulp
        How many ulps, of the format at the truth, an element may be off: a fraction, so that 0.5 is
        "correctly rounded" and below 1 is "one of the two neighbours". What is less than 2**-20 ulp
        beyond it is let pass: no truth is known more closely.
    grad_of
        The variable whose gradient `actual` is, for a cotangent of ones; along an axis for
        `cotangent`, of the output's shape.

    NaN is right where the truth is NaN and infinitely wrong elsewhere, and so is an infinity of the
    other sign. An infinity for a finite truth counts as the first number beyond the format; a
    finite number where the truth overflows is as far off as the truth lies from it, in ulps of the
    largest float. Where several values are right (at a kink, a jump, for a parameter that is no
    float of the format) the nearest counts.

    Raises `AssertionError` that shows the worst element with its bits, also where a truth could not
    be settled; `UsageError` (one sentence) for what cannot be asserted.
    """
    __tracebackhide__ = True
    spec = function if isinstance(function, Function) else definition(function)
    if spec.sizes:
        raise UsageError(
            f"{spec.name} takes a matrix for each sample, which cannot be asserted: use "
            f"check(implementation, as_={spec.name!r})"
        )
    if not isinstance(max_ulp, int | float) or not 0 <= max_ulp < np.inf:
        raise UsageError(f"max_ulp = {max_ulp!r} is no number of ulps: give one from 0 on")
    if grad_of is not None and grad_of not in [v.name for v in spec.differentiable]:
        known = ", ".join(v.name for v in spec.differentiable) or "none"
        raise UsageError(
            f"grad_of = {grad_of!r} is no input of {spec.name} with a gradient: it has {known}"
        )
    if cotangent is not None and not (spec.along_axis and grad_of):
        raise UsageError(
            "cotangent is for a gradient along an axis: elsewhere divide the gradient by it, or "
            "leave it at ones"
        )
    seen = _array(actual, "actual")
    fmt = _format(seen)
    points = _Points(spec, _columns(spec, inputs, fmt, axis), axis)
    truth = points.truth(fmt, grad_of, cotangent, _settings(spec, parameters))
    due = points.shape_of(grad_of)
    if seen.shape != due:
        said = "the value" if grad_of is None else f"the gradient in {grad_of}"
        hint = "; assert a loss unreduced, reduction='none'" if spec.is_loss else ""
        raise UsageError(
            f"actual has shape {seen.shape}, and {said} of {spec.name} at these inputs has "
            f"{due}{hint}"
        )
    _conclude(points, fmt, points.flat(seen, truth.shape), truth, max_ulp, grad_of)


# ---------------------------------------------------------------- what is given


def _array(value: Any, what: str) -> NDArray[Any]:
    """A value of any array library as a NumPy array of its own dtype."""
    for library in LIBRARIES[1:]:
        if library in sys.modules and adapter(library).owns(value):
            return np.asarray(adapter(library).to_numpy(value))
    try:
        array = np.asarray(value)
    except (TypeError, ValueError):  # rows of several lengths
        array = np.asarray(None)
    if array.dtype.kind in "OUSc":
        raise UsageError(f"{what} is a {type(value).__name__}: give an array of real numbers")
    return array


def _format(array: NDArray[Any]) -> Format:
    if array.dtype.name not in FORMATS:
        raise UsageError(
            f"actual has dtype {array.dtype}: it is judged in one of {', '.join(FORMATS)}"
        )
    return FORMATS[array.dtype.name]


def _settings(spec: Function, given: Mapping[str, Any]) -> Mapping[str, Any]:
    plain = {k: v.item() if isinstance(v, np.generic) else v for k, v in given.items()}
    try:
        return oracle.parameters(spec, plain)
    except ValueError as error:
        raise UsageError(str(error)) from error


def _columns(spec: Function, inputs: Sequence[Any], fmt: Format, axis: int) -> list[Floats]:
    """The inputs as floats of the format; along an axis, that axis comes last."""
    names = ", ".join(v.name for v in spec.variables)
    if len(inputs) != len(spec.variables):
        raise UsageError(
            f"{spec.name} takes {len(spec.variables)} inputs ({names}), and {len(inputs)} are given"
        )
    arrays = [_array(x, v.name) for v, x in zip(spec.variables, inputs, strict=True)]
    length = _length(spec, arrays, axis)
    return [
        _column(spec, v, a, fmt, axis, length) for v, a in zip(spec.variables, arrays, strict=True)
    ]


def _length(spec: Function, arrays: Sequence[NDArray[Any]], axis: int) -> int:
    if not spec.along_axis:
        return 0
    rows = [
        a
        for v, a in zip(spec.variables, arrays, strict=True)
        if v.along_axis and not _by_class(v, a)
    ]
    for a in rows:
        if a.ndim == 0 or not -a.ndim <= axis < a.ndim:
            raise UsageError(f"axis = {axis} is no axis of an input of shape {a.shape}")
    return rows[0].shape[axis] if rows else 0


def _by_class(v: Variable, array: NDArray[Any]) -> bool:
    return (v.simplex or v.one_hot) and array.dtype.kind in "iu"


def _column(
    spec: Function, v: Variable, array: NDArray[Any], fmt: Format, axis: int, length: int
) -> Floats:
    if v.along_axis and _by_class(v, array):
        if array.size and not (array.min() >= 0 and array.max() < length):
            raise UsageError(f"{v.name} holds class indices outside 0 to {length - 1}")
        array = np.eye(length)[array]
    elif v.along_axis:
        array = np.moveaxis(array, axis, -1)
    exact = array.astype(np.float64)
    off = ~((fmt.round(exact) == exact) | np.isnan(exact))
    if off.any():
        value = float(exact.flat[int(np.argmax(off))])
        raise UsageError(
            f"{v.name} = {value!r} is no {fmt.name}, in which actual is: round the inputs before "
            "they are used"
        )
    outside = np.isfinite(exact) & ~within(exact, v.domain)
    if outside.any():
        value = float(exact.flat[int(np.argmax(outside))])
        raise UsageError(
            f"{v.name} = {value!r} lies outside its domain {v.domain} in {spec.name}: there is no "
            "truth to compare with"
        )
    return exact


# ---------------------------------------------------------------- what is due


@dataclass(frozen=True)
class _Points:
    """Inputs of a function that broadcast together. Along an axis, `columns` have it last."""

    function: Function
    columns: Sequence[Floats]
    axis: int

    @property
    def batch(self) -> tuple[int, ...]:
        """The shape of the inputs together, without the axis."""
        shapes = [
            c.shape[:-1] if v.along_axis else c.shape
            for v, c in zip(self.function.variables, self.columns, strict=True)
        ]
        try:
            return np.broadcast_shapes(*shapes)
        except ValueError as error:
            raise UsageError(
                f"inputs of {self.function.name} have shapes that do not broadcast: "
                f"{', '.join(str(c.shape) for c in self.columns)}"
            ) from error

    @property
    def length(self) -> int:
        pairs = zip(self.function.variables, self.columns, strict=True)
        return next((c.shape[-1] for v, c in pairs if v.along_axis), 0)

    @property
    def flattened(self) -> list[Floats]:
        """The inputs at each point: (N,) for a number, (N, n) for a row."""
        found = []
        for v, c in zip(self.function.variables, self.columns, strict=True):
            tail = (self.length,) if v.along_axis else ()
            try:
                whole = np.broadcast_to(c, (*self.batch, *tail))
            except ValueError as error:
                raise UsageError(
                    f"{v.name} has rows of {c.shape[-1]}, and others of {self.length}"
                ) from error
            found.append(whole.reshape(-1, *tail))
        return found

    def shape_of(self, grad_of: str | None) -> tuple[int, ...]:
        """The shape that the output has, or the gradient in an input."""
        names = [v.name for v in self.function.variables]
        if grad_of is not None:
            if grad_of not in names:
                return self.batch  # in a parameter: one number for each point
            v = self.function.variables[names.index(grad_of)]
            return self._with_axis((self.length,)) if v.along_axis else self.batch
        if not (self.function.along_axis and self.function.row_output):
            return self.batch
        return self._with_axis((self.function.entries(self.length),))

    def _with_axis(self, tail: tuple[int, ...]) -> tuple[int, ...]:
        return np.moveaxis(np.empty((*self.batch, *tail)), -1, self.axis).shape

    def flat(self, seen: NDArray[Any], shape: tuple[int, ...]) -> Floats:
        """What was observed, in the order of the truth."""
        wide = seen.astype(np.float64)
        return (np.moveaxis(wide, self.axis, -1) if len(shape) == 2 else wide).reshape(shape)

    def truth(
        self, fmt: Format, grad_of: str | None, cotangent: Any, setting: Mapping[str, Any]
    ) -> Truth:
        name = grad_of or "value"
        if not self.function.along_axis:
            return oracle.truth(self.function, self.flattened, fmt, setting)[name]
        if not self.function.entries(self.length):
            raise UsageError(f"{self.function.name} has no output for rows of {self.length}")
        seeds = self._seeds(cotangent, fmt) if grad_of else None
        return truth_rows(self.function, self.flattened, fmt, seeds, setting)[name]

    def _seeds(self, cotangent: Any, fmt: Format) -> Floats:
        due = self.shape_of(None)
        given = np.ones(due) if cotangent is None else _array(cotangent, "cotangent")
        if given.shape != due:
            raise UsageError(f"cotangent has shape {given.shape}, and the output {due}")
        exact = given.astype(np.float64)
        if not np.array_equal(fmt.round(exact), exact):
            raise UsageError(f"cotangent holds numbers that are no {fmt.name}: round them first")
        if not self.function.row_output:
            return exact.reshape(-1)
        return np.moveaxis(exact, self.axis, -1).reshape(-1, self.function.entries(self.length))

    def at(self, index: int, shape: tuple[int, ...]) -> dict[str, Any]:
        """The inputs of one element of the truth."""
        row = index // (shape[1] if len(shape) == 2 else 1)
        values = [c[row].tolist() for c in self.flattened]
        return {v.name: x for v, x in zip(self.function.variables, values, strict=True)}


# ---------------------------------------------------------------- what is said


def _conclude(
    points: _Points,
    fmt: Format,
    seen: Floats,
    truth: Truth,
    max_ulp: float,
    grad_of: str | None,
) -> None:
    __tracebackhide__ = True
    what = points.function.name if grad_of is None else f"{points.function.name}, in {grad_of}"
    if not truth.decided.all():
        count = int((~truth.decided).sum())
        raise AssertionError(
            f"{what}: the truth cannot be settled at {count} of {truth.decided.size} elements"
        )
    error, which = least_error(seen, truth, fmt)
    wrong = ~(error <= max_ulp + RESOLUTION)
    if not wrong.any():
        return
    worst = int(np.argmax(error))
    evidence = witness(
        points.at(worst, truth.shape),
        fmt,
        truth=float(truth.answers[int(which.flat[worst])].nearest.flat[worst]),
        observed=float(seen.flat[worst]),
    )
    many = f"{int(wrong.sum())} of {wrong.size} elements"
    raise AssertionError(
        "\n".join(
            [
                f"{what} · {fmt.name}: {many} are off by more than {max_ulp:g} ulp; the worst:",
                *shown(evidence, fmt.name),
                labelled("error", ulps(float(error.flat[worst]))),
            ]
        )
    )
