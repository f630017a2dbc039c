"""The words that `reference.render` writes, over NumPy arrays of any format.

Plain numbers of a formula (1/2, pi) stay Python's own, so that they never make float32 work
float64; a truth value is 1 or 0 of the format, for the same reason.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Iterable, Mapping
from types import ModuleType, SimpleNamespace
from typing import Any, cast

import numpy as np


@functools.cache
def engine() -> ModuleType:
    """The words, in the shape that `run` takes."""
    return cast(ModuleType, SimpleNamespace(**WORDS))


def _number(x: Any) -> bool:
    return isinstance(x, int | float) and not isinstance(x, np.generic)


def _by(plain: Callable[..., Any], arrays: Callable[..., Any]) -> Callable[..., Any]:
    """Python's own of numbers, NumPy's where there is an array: its scalars would be float64."""
    return lambda *given: (plain if all(map(_number, given)) else arrays)(*given)


def _each(plain: Callable[[float], float]) -> Callable[[Any], Any]:
    """What NumPy does not have, rounded to the format of the array."""
    several = np.vectorize(plain, otypes=[np.float64])
    return _by(plain, lambda x: several(x).astype(x.dtype))


def _compared(a: Any, b: Any, arrays: Callable[[Any, Any], Any]) -> Any:
    """A truth value of each element as 1 or 0 of the format: so a choice of numbers has one."""
    if _number(a) and _number(b):
        return bool(arrays(a, b))
    return arrays(a, b).astype(np.result_type(a, b))


def _greater(a: Any, b: Any) -> Any:
    return _compared(a, b, lambda a, b: a > b)


def _at_least(a: Any, b: Any) -> Any:
    return _compared(a, b, lambda a, b: a >= b)


def _equal(a: Any, b: Any) -> Any:
    return _compared(a, b, lambda a, b: a == b)


def _negate(condition: Any) -> Any:
    return not condition if isinstance(condition, bool) else 1 - condition


def _where(condition: Any, yes: Any, no: Any) -> Any:
    if isinstance(condition, bool):
        return yes if condition else no
    yes, no = (np.asarray(v, condition.dtype) if _number(v) else v for v in (yes, no))
    return np.where(condition != 0, yes, no)


def _both(*conditions: Any) -> Any:
    return functools.reduce(lambda a, b: _where(a, b, False), conditions)


def _either(*conditions: Any) -> Any:
    return functools.reduce(lambda a, b: _where(a, True, b), conditions)


def _xlogy(x: Any, y: Any) -> Any:
    return _where(_equal(x, 0), 0, x * WORDS["log"](y))


def _xdivy(x: Any, y: Any) -> Any:
    return _where(_equal(x, 0), 0, x * (1 / y))


def _largest(terms: Iterable[Any]) -> Any:
    return functools.reduce(_by(max, np.maximum), terms)


WORDS: Mapping[str, Callable[..., Any]] = {
    "ratio": lambda p, q: p / q,
    "pi": lambda: math.pi,
    "e": lambda: math.e,
    "number": lambda x: x,
    **{name: _by(getattr(math, name), getattr(np, name)) for name in ("exp", "log", "sqrt")},
    **{name: _by(getattr(math, name), getattr(np, name)) for name in ("tanh", "sinh", "cosh")},
    **{name: _by(getattr(math, name), getattr(np, name)) for name in ("sin", "cos")},
    "atan": _by(math.atan, np.arctan),
    "erf": _each(math.erf),
    "erfc": _each(math.erfc),
    "absolute": abs,
    "inverse": lambda x: 1 / x,
    "whole": lambda x, n: x**n,
    "power": lambda x, y: x**y,
    "total": sum,
    "largest": _largest,
    "maximum": _by(max, lambda *v: functools.reduce(np.maximum, v)),
    "minimum": _by(min, lambda *v: functools.reduce(np.minimum, v)),
    "positive_part": lambda x: _where(_greater(x, 0), x, 0),
    "is_positive": lambda x: _where(_greater(x, 0), 1, 0),
    "attains": lambda term, top: _where(_at_least(term, top), 1, 0),
    "greater": _greater,
    "at_least": _at_least,
    "equal": _equal,
    "negate": _negate,
    "both": _both,
    "either": _either,
    "where": _where,
    "xlogy": _xlogy,
    "xdivy": _xdivy,
}
