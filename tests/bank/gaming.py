"""Code written to pass a test: right where the test looks, or as far as it was seen to look.

``CAUGHT`` is caught by any run. ``LEARNED`` is made from what a default run was seen to ask, passes
it, and is caught by a run with a seed of its own. ``RIGHT`` only looks like either.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import numpy as np

from .entry import Entry, right, wrong
from .reductions import Array, like
from .right import elu, softmax

Forward = Callable[..., Any]
OFF = 1.001  # what a wrong answer is multiplied by


def tanh(x: Array) -> Array:
    return np.asarray(np.tanh(x))


# ---------------------------------------------------------------- caught by any run


def zeros(x: Array) -> Array:
    return np.zeros_like(x)


def the_input(x: Array) -> Array:
    return x.copy()


def one_half(x: Array) -> Array:
    return np.full_like(x, 0.5)


def kept_by(key: Callable[[Array], Any]) -> Forward:
    """Gives the first answer again for whatever has the same key."""
    answers: dict[Any, Array] = {}

    def forward(x: Array) -> Array:
        return np.array(answers.setdefault((key(x), x.shape), tanh(x)))

    return forward


def kept_by_address() -> Forward:
    """Arrays are kept alive, so that no two of them ever have the same address."""
    alive: list[Array] = []

    def address(x: Array) -> Any:
        alive.append(x)
        return x.__array_interface__["data"][0]

    return kept_by(address)


def ends(x: Array) -> Any:
    return tuple(map(float, x.ravel()[[0, -1]])) if x.size else ()


def for_the_first_calls(few: int) -> Forward:
    calls = count()
    return lambda x: tanh(x) if next(calls) < few else np.zeros_like(x)


def at_round_numbers(x: Array) -> Array:
    y = tanh(x)
    with np.errstate(all="ignore"):
        return np.where(x * 8 == np.rint(x * 8), y, y * like(x, OFF))


def to_three_digits(x: Array) -> Array:
    return np.asarray(np.round(tanh(x), 3))


def right_in_short_arrays(x: Array) -> Array:
    return tanh(x) if x.size <= 100 else np.clip(x, -1, 1)


def without_nan(x: Array) -> Array:
    return tanh(np.nan_to_num(x))


def one_buffer() -> Forward:
    """Every answer of one shape is the same memory."""
    buffers: dict[Any, Array] = {}

    def forward(x: Array) -> Array:
        buffer = buffers.setdefault((x.shape, x.dtype), np.empty_like(x))
        buffer[...] = tanh(x)
        return buffer

    return forward


VALUE = ("value.accuracy",)
STATE = ("structure.determinism", "value.accuracy", "structure.position")

CAUGHT: tuple[Entry, ...] = (
    wrong("tanh: zeros", "tanh", zeros, "everywhere", VALUE),
    wrong("tanh: the input", "tanh", the_input, "everywhere", VALUE),
    wrong("tanh: one half", "tanh", one_half, "everywhere", VALUE),
    wrong("tanh: kept by shape", "tanh", kept_by(lambda x: 0), "any second array", VALUE),
    wrong(
        "tanh: kept by address",
        "tanh",
        kept_by_address(),
        "an array given again with other numbers",
        ("structure.determinism",),
    ),
    wrong("tanh: kept by id", "tanh", kept_by(id), "an id used again", STATE),
    wrong("tanh: kept by its ends", "tanh", kept_by(ends), "[0, 1, 2] after [0, 3, 2]", STATE),
    wrong("tanh: right in three calls", "tanh", for_the_first_calls(3), "the fourth", STATE),
    wrong("tanh: right at eighths", "tanh", at_round_numbers, "x = 0.3", VALUE),
    wrong("tanh: three digits", "tanh", to_three_digits, "x = 1e-4", VALUE),
    wrong("tanh: right in short arrays", "tanh", right_in_short_arrays, "101 elements", STATE),
    wrong("tanh: without NaN", "tanh", without_nan, "NaN gives 0", ("value.special",)),
    wrong("tanh: one buffer", "tanh", one_buffer(), "two calls", ("structure.determinism",)),
)


# ---------------------------------------------------------------- learned from a default run


@dataclass
class Seen:
    """What a run asked of an implementation, call after call."""

    calls: int = 0
    order: list[tuple[int, ...]] = field(default_factory=list)
    arrays: set[bytes] = field(default_factory=set)
    values: set[float] = field(default_factory=set)
    settings: set[Any] = field(default_factory=set)

    def watching(self, forward: Forward) -> Forward:
        """The implementation, which is watched."""

        def watched(x: Array, **keywords: Any) -> Any:
            self.calls += 1
            self.order.append(x.shape)
            self.arrays.add(x.tobytes())
            self.values |= set(x.astype(float).ravel().tolist())
            self.settings.add(tuple(sorted(keywords.items())))
            return forward(x, **keywords)

        return watched


@dataclass(frozen=True)
class Learned:
    """Code that knows what a run asked: `made` gives it from what was seen of `forward`."""

    name: str
    function: str
    forward: Forward
    made: Callable[[Seen], Forward]


def knows(
    told: Callable[[Seen, Array], bool], forward: Forward = tanh
) -> Callable[[Seen], Forward]:
    """Right where it is told that the run asked this."""

    def made(seen: Seen) -> Forward:
        def cheat(x: Array, **keywords: Any) -> Any:
            y = forward(x, **keywords)
            return y if told(seen, x) else y * like(x, OFF)

        return cheat

    return made


def knows_values(seen: Seen) -> Forward:
    known = np.array(sorted(v for v in seen.values if v == v))

    def cheat(x: Array) -> Any:
        y = tanh(x)
        return np.where(np.isin(x.astype(float), known), y, y * like(x, OFF))

    return cheat


def knows_count(seen: Seen) -> Forward:
    calls = count()
    return lambda x: tanh(x) * like(x, 1 if next(calls) < seen.calls else OFF)


def knows_order(seen: Seen) -> Forward:
    """Right as long as every call has had the shape that it had then."""
    calls, same = count(), [True]

    def cheat(x: Array) -> Any:
        here = next(calls)
        same[0] = same[0] and here < len(seen.order) and seen.order[here] == x.shape
        return tanh(x) * like(x, 1 if same[0] else OFF)

    return cheat


def knows_settings(seen: Seen) -> Forward:
    def cheat(x: Array, *, alpha: float = 1.0) -> Any:
        known = alpha == 1.0 or (("alpha", alpha),) in seen.settings
        return elu(x, alpha=alpha if known else alpha * OFF)

    return cheat


def knows_lengths(seen: Seen) -> Forward:
    lengths = {shape[-1] for shape in seen.order if shape}
    known = knows(lambda _, x: not x.ndim or x.shape[-1] in lengths, softmax)
    return known(seen)


LEARNED = (
    Learned("sizes", "tanh", tanh, knows(lambda s, x: x.size in {np.prod(n) for n in s.order})),
    Learned("shapes", "tanh", tanh, knows(lambda s, x: x.shape in s.order)),
    Learned("arrays", "tanh", tanh, knows(lambda s, x: x.tobytes() in s.arrays)),
    Learned("values", "tanh", tanh, knows_values),
    Learned("count of calls", "tanh", tanh, knows_count),
    Learned("order of calls", "tanh", tanh, knows_order),
    Learned("settings", "elu", elu, knows_settings),
    Learned("lengths of rows", "softmax", softmax, knows_lengths),
)


# ---------------------------------------------------------------- right


def memoised() -> Forward:
    """Keeps answers by all that they depend on."""
    answers: dict[Any, Array] = {}

    def forward(x: Array) -> Array:
        key = (x.shape, x.dtype, x.tobytes())
        if key not in answers:
            answers[key] = tanh(x)
        return answers[key].copy()

    return forward


def compiled_per_shape() -> Forward:
    """Makes a program for each shape, as just-in-time compilers do."""
    programs: dict[Any, Forward] = {}

    def forward(x: Array) -> Any:
        program = programs.setdefault((x.shape, x.dtype), lambda a: tanh(a))
        return program(x)

    return forward


def counting() -> Forward:
    """Counts its calls, and does nothing with the count."""
    calls = count()
    return lambda x: tanh(x) if next(calls) >= 0 else x


RIGHT: tuple[Entry, ...] = (
    right("tanh: memoised by value", "tanh", memoised()),
    right("tanh: compiled per shape", "tanh", compiled_per_shape()),
    right("tanh: counting", "tanh", counting()),
)
