"""One implementation in one format, and how to observe it and to know the truth about it.

Properties ask a `Case` for batches of points, observations and truths, and never need to know
whether a function works element by element or along an axis, takes a reduction or not.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import sympy
from numpy.typing import NDArray

from ..reference import oracle
from ..reference.compile import exact
from ..reference.error import Truth
from ..reference.formats import FORMATS, Floats, Format
from ..reference.level import Level
from ..reference.rows import near_kink, row_length, truth_rows
from ..spec import derive
from ..spec.function import Function
from ..spec.special import Largest, positive_part
from . import points
from .implementation import (
    Array,
    Implementation,
    Misconduct,
    Unsupported,
    keywords_of,
    observed,
)
from .judge import Judgement, judge, origin, witness
from .verdict import Witness

Setting = Mapping[str, Any]  # Fraction, or a tuple of them for a row
ROW_LENGTHS = (1, 2, 3, 5, 8)
PADDED = (64, 8192, 65536, 524288)  # lengths for libraries that compile each shape
FULL = 4  # the effort of a whole check; 1 is a glance
LOOPED = 1200  # points at most where each needs a call of its own


@dataclass(frozen=True)
class Batch:
    """Points that go into one call: (N,) per variable, or (N, n) along an axis."""

    arrays: tuple[Floats, ...]
    cotangent: Floats | None = None

    @property
    def size(self) -> int:
        return int(self.arrays[0].shape[0])

    def __getitem__(self, key: Any) -> Batch:
        seed = None if self.cotangent is None else self.cotangent[key]
        return Batch(tuple(a[key] for a in self.arrays), seed)


@dataclass(frozen=True)
class Case:
    """A function's implementation in one format, with the seed of everything random."""

    implementation: Implementation
    fmt: Format
    required: Level
    seed: int = points.SEED
    at: tuple[float, ...] = ()
    effort: int = FULL
    partners: Mapping[str, Implementation] = field(default_factory=dict)
    _memory: dict[Any, tuple[Batch, dict[str, Truth]]] = field(default_factory=dict, repr=False)
    _batches: dict[Any, list[Batch]] = field(default_factory=dict, repr=False)
    _known: set[str] = field(default_factory=set, repr=False)

    @property
    def function(self) -> Function:
        return self.implementation.function

    @property
    def scale(self) -> float:
        """S: the function's natural scale."""
        return 0.0 if self.function.homogeneous else 1.0

    # ------------------------------------------------------------ parameters

    @cached_property
    def default(self) -> Setting:
        return oracle.parameters(self.function)

    @cached_property
    def other_settings(self) -> tuple[Setting, ...]:
        """Settings that differ from the default in one parameter the implementation takes.

        And one that differs in all of them: a switch may hide what another parameter does.
        """
        taken = [
            p
            for p in self.function.parameters
            if p.samples and self.implementation.accepts(p.name) and not p.along_axis
        ]
        found = [{**self.default, p.name: exact(v)} for p in taken for v in p.samples]
        if len(taken) > 1:
            found.append({**self.default, **{p.name: exact(p.samples[-1]) for p in taken}})
        return tuple(found)

    @property
    def closed_parameters(self) -> tuple[str, ...]:
        """Parameters that the implementation does not take."""
        names = (p.name for p in self.function.parameters)
        return tuple(n for n in names if not self.implementation.accepts(n))

    def keywords(self, setting: Setting) -> dict[str, Any]:
        """What is passed for a setting: defaults are left to the implementation."""
        kinds = {p.name: p for p in self.function.parameters}
        given = {n: v for n, v in setting.items() if v != self.default[n]}
        return {
            n: self.fmt.array(np.array(v, dtype=float))
            if isinstance(v, tuple)
            else kinds[n].passed(v)
            for n, v in given.items()
        }

    # ------------------------------------------------------------ points

    def batches(self, setting: Setting | None = None, effort: int = FULL) -> list[Batch]:
        """Finite points of the function, as much as the effort (FULL is a whole check) asks."""
        setting = self.default if setting is None else setting
        effort = min(effort, self.effort)
        key = (tuple(sorted(setting.items())), effort)
        if key not in self._batches:
            self._batches[key] = self._new_batches(setting, effort)
        return self._batches[key]

    def _new_batches(self, setting: Setting, effort: int) -> list[Batch]:
        if self.at:
            return [self._at()]
        if self.function.along_axis:
            drawn = (self.rows(length, 12 * effort, setting) for length in self.lengths)
            return [batch for batch in drawn if batch.size]
        arrays = points.columns(self.function, self.fmt, setting, effort)
        finite = np.logical_and.reduce([np.isfinite(a) for a in arrays])
        batch = Batch(tuple(a[finite] for a in arrays))
        return [self.thinned(batch)]

    def thinned(self, batch: Batch, most: int = LOOPED) -> Batch:
        """Fewer points where the implementation needs a call for each."""
        if not self.loops or batch.size <= most:
            return batch
        return batch[np.linspace(0, batch.size - 1, most).astype(int)]

    def _at(self) -> Batch:
        given = self.fmt.round(np.array(self.at))
        if not self.function.along_axis:
            return Batch(tuple(given[k : k + 1] for k in range(given.size)))
        numbers = sum(not v.along_axis for v in self.function.variables)
        wide = given[: given.size - numbers].reshape(len(self.function.variables) - numbers, 1, -1)
        rows, single = iter(wide), iter(given[given.size - numbers :])
        arrays = [
            next(rows) if v.along_axis else np.array([next(single)])
            for v in self.function.variables
        ]
        return Batch(tuple(arrays), self._cotangent(1, wide.shape[-1]))

    @property
    def lengths(self) -> list[int]:
        """Lengths of rows that the function has outputs for."""
        odd = [n for n in ROW_LENGTHS if self.function.entries(n)]
        found = odd if len(odd) > 1 else [2 * n for n in ROW_LENGTHS]
        return found if self.effort >= FULL else found[1::2]

    def rows(self, length: int, count: int, setting: Setting | None = None) -> Batch:
        """Rows of one length, with a cotangent; those where the function has no value left out."""
        arrays = list(points.rows(self.function, self.fmt, length, count))
        for place, v in enumerate(self.function.variables):
            if v.simplex and self.index_only:
                arrays[place] = np.eye(length)[np.arange(len(arrays[0])) % length]
        batch = Batch(tuple(arrays), self._cotangent(len(arrays[0]), length))
        near, undefined = near_kink(self.function, batch.arrays, self.fmt, setting)
        return batch[~(near | undefined) if self.function.jumps else ~undefined]

    def away_from_kinks(self, batch: Batch, setting: Setting) -> Batch:
        """The points at which no rounding may change the branch of the gradient."""
        if batch.size and self.function.along_axis and batch.cotangent is not None:
            batch = batch[self.has_slope(batch, setting)]
        if not batch.size or not self.branches:
            return batch
        return self.away_from_switches(batch, setting)

    def has_slope(self, batch: Batch, setting: Setting) -> NDArray[np.bool_]:
        """Which rows have a gradient: at the end of a domain the derivative may be 0 times oo."""
        at_end = np.zeros(batch.size, dtype=bool)
        for v, a in zip(self.function.variables, batch.arrays, strict=True):
            if v.domain.is_Interval and v.along_axis:
                at_end |= np.isin(a, [float(e) for e in v.domain.boundary]).any(axis=-1)
        if not at_end.any():
            return ~at_end
        found = self.truth(batch, setting).values()
        decided = [t.decided.reshape(batch.size, -1).all(axis=1) for t in found]
        known: NDArray[np.bool_] = np.logical_and.reduce(decided)
        return known | ~at_end

    def away_from_switches(self, batch: Batch, setting: Setting) -> Batch:
        """Where one branch holds, so that there is one gradient: also away from jumps."""
        if self.function.along_axis:
            near, _ = near_kink(self.function, batch.arrays, self.fmt, setting)
        else:
            near = oracle._near_boundary(self.function, batch.arrays, setting, self.fmt)
        return batch[~near]

    @cached_property
    def branches(self) -> bool:
        """Whether the gradient has branches that meet at kinks."""
        has = derive.value(self.function).has(sympy.Piecewise, Largest, positive_part)
        return has if self.function.along_axis else bool(self.function.kinks)

    def targets(self, count: int, length: int, *, whole: bool = False) -> Floats:
        """Rows of probabilities; one-hot ones where asked, or where class indices are taken."""
        if whole or self.index_only:
            return np.eye(length)[np.arange(count) % length]
        return points.simplex(self.fmt, count, length)

    def _cotangent(self, count: int, length: int) -> Floats:
        """One-hot cotangents in half of the rows, random ones in the others."""
        outputs = self.function.entries(length)
        rng = np.random.default_rng([self.seed & 0xFFFFFFFF, count, length])
        if not self.function.row_output:
            return np.ones(count)
        hot = np.eye(outputs)[rng.integers(0, outputs, count)]
        spread = self.fmt.round(rng.normal(size=(count, outputs)))
        return np.where(rng.random((count, 1)) < 0.5, hot, spread)

    def masked(self) -> list[Batch]:
        """Rows with -oo entries, where the function takes them as ordinary."""
        if not self.function.variables[0].masked or self.at or self.function.is_loss:
            return []
        found = []
        for length in self.lengths[1:]:
            arrays = points.masked_rows(self.function, self.fmt, length, 8)
            found.append(Batch(arrays, self._cotangent(len(arrays[0]), length)))
        return found

    # ------------------------------------------------------------ what is offered

    def easy(self, count: int, seed: int = 0) -> Batch:
        """Ordinary points, one for each output; rows of five along an axis."""
        if self.function.along_axis:
            return self._easy_rows(count, seed)
        rng = np.random.default_rng([points.SEED, 19, seed])
        columns = []
        for v in self.function.variables:
            pool = points.inside(points.ordinary(self.fmt, 997, points.SEED + seed), v, self.fmt)
            columns.append(rng.choice(pool[np.isfinite(pool)], count))
        return Batch(tuple(columns))

    def _easy_rows(self, count: int, seed: int) -> Batch:
        """Rows of about five, of normal numbers brought into each variable's domain."""
        rng = np.random.default_rng([points.SEED, 17, seed])
        length = 5 if self.function.entries(5) else 6
        columns = []
        for v in self.function.variables:
            if v.simplex or v.one_hot:
                whole = v.one_hot or v.domain.is_FiniteSet or self.index_only
                found = np.eye(length)[rng.integers(0, length, count)]
                columns.append(found if whole else points.simplex(self.fmt, count, length))
            elif v.along_axis:
                main = self.fmt.round(rng.normal(scale=2.0, size=(count, length)))
                finite = isinstance(v.domain, sympy.FiniteSet)
                drawn = rng.choice([float(e) for e in v.domain], main.shape) if finite else None
                columns.append(points.into(v, self.fmt, main, rng) if drawn is None else drawn)
            else:
                pool = points.inside(points.ordinary(self.fmt, 97, points.SEED + seed), v, self.fmt)
                columns.append(rng.choice(pool[np.isfinite(pool)], count))
        return Batch(tuple(columns))

    def dtype_of_result(self) -> np.dtype[Any]:
        """The dtype of the implementation's answer to an easy question."""
        keywords = {"reduction": "none"} if self.function.is_loss and not self.loops else {}
        batch = self.easy(1 if self.loops else 64)
        return self.implementation.value(self.native(batch), keywords).dtype

    def answers_in_float32(self) -> bool:
        """Whether the same easy question is answered in float32."""
        try:
            replace(
                self, fmt=FORMATS["float32"], _memory={}, _batches={}, _known=set()
            ).dtype_of_result()
        except (Misconduct, Unsupported):
            return False
        return True

    @cached_property
    def index_only(self) -> bool:
        """Whether targets must be class indices: probabilities are refused, indices are not."""
        if any(v.one_hot for v in self.function.variables):
            return True
        if not any(v.simplex for v in self.function.variables):
            return False
        keywords = {"reduction": "none"} if not self.loops else {}
        arrays = [self.fmt.array(np.full((1, 5), p)) for p in (0.5, 0.2)]
        try:
            self.implementation.value(arrays, keywords)
        except Misconduct as refusal:
            if refusal.kind != "raises":
                return False
            try:
                self.implementation.value([arrays[0], np.zeros(1, dtype=np.int64)], keywords)
            except (Misconduct, Unsupported):
                return False
            return True
        return False

    # ------------------------------------------------------------ observations

    @property
    def loops(self) -> bool:
        """Whether single losses need a call each, for want of a reduction keyword."""
        return self.function.is_loss and not self.implementation.accepts("reduction")

    @property
    def _channelled(self) -> bool:
        return any(v.per_channel for v in self.function.variables)

    def native(self, batch: Batch) -> list[Array]:
        """The batch in the format's dtype, shaped as the function takes it."""
        arrays = [self.fmt.array(a) for a in batch.arrays]
        if self.index_only:
            for place, v in enumerate(self.function.variables):
                if v.simplex or v.one_hot:
                    arrays[place] = np.argmax(batch.arrays[place], axis=-1)
        if self._channelled:  # one channel for each point
            shared = [v.per_channel for v in self.function.variables]
            arrays = [a if s else a.reshape(1, -1) for a, s in zip(arrays, shared, strict=True)]
        return arrays

    def with_indices(self, batch: Batch) -> list[Array]:
        """The batch in the format's dtype, targets by class spelled as class indices."""
        return [
            np.argmax(a, axis=-1) if v.simplex or v.one_hot else self.fmt.array(a)
            for v, a in zip(self.function.variables, batch.arrays, strict=True)
        ]

    def observe(self, batch: Batch, setting: Setting | None = None) -> Floats:
        """The implementation's values at a batch, one per output."""
        keywords = self.keywords(setting or self.default)
        if self.function.is_loss and not self.loops:
            keywords["reduction"] = "none"
        size = batch.size
        if size > 16 and not self.loops and "shape" not in self._known:
            self.observe(batch[:3], setting)  # a wrong shape shows before a large call
            self._known.add("shape")
        if not self.loops:
            batch = self._padded(batch)
        out = self.out_shape(batch)
        if not self.loops:
            due = (1, *out) if self._channelled else out
            result = self.implementation.value(self.native(batch), keywords)
            return observed(result, due, self.fmt).reshape(out)[:size]
        return self._looped(batch, out, lambda single: self._single_value(single, keywords))

    def out_shape(self, batch: Batch) -> tuple[int, ...]:
        """The shape of the values at a batch."""
        if not self.function.row_output or not self.function.along_axis:
            return (batch.size,)
        return (batch.size, self.function.entries(row_length(self.function, batch.arrays)))

    def shape_of(self, batch: Batch, name: str) -> tuple[int, ...]:
        """The shape of the gradient in an input: the input's own."""
        names = [v.name for v in self.function.variables]
        return batch.arrays[names.index(name)].shape if name in names else (batch.size,)

    def _single_value(self, arrays: Sequence[Array], keywords: Mapping[str, Any]) -> float:
        result = self.implementation.value(arrays, keywords)
        if result.size != 1:
            raise Misconduct("shape", f"returned shape {result.shape} for the loss of one sample")
        return float(result.astype(np.float64).reshape(()))

    def _looped(
        self, batch: Batch, out: tuple[int, ...], call: Callable[[Sequence[Array]], Any]
    ) -> Floats:
        arrays = self.native(batch)
        rows = [call([a[k : k + 1] for a in arrays]) for k in range(batch.size)]
        return np.array(rows, dtype=np.float64).reshape(out)

    def observe_gradient(
        self, batch: Batch, name: str, setting: Setting | None = None, cotangent: Any = None
    ) -> Floats:
        """The implementation's gradient in one variable, one per input.

        Raises `Unsupported` where there is none.
        """
        keywords = self.keywords(setting or self.default)
        size = batch.size
        if cotangent is not None:
            batch = Batch(batch.arrays, cotangent)
        if not self.loops and self._vjp_reduces:
            batch = self._padded(batch)
        shape = self.shape_of(batch, name)
        out = self.out_shape(batch)
        seed = np.ones(out) if batch.cotangent is None else batch.cotangent
        if self.loops or not self._vjp_reduces:
            if not self.function.is_loss:
                return self._gradient(self.native(batch), keywords, seed, name, shape)
            one = np.zeros(()) + 1

            def single(arrays: Sequence[Array]) -> Floats:
                return self._gradient(arrays, keywords, one, name, (1, *shape[1:]))

            return self._looped(self.thinned(batch), shape, single)
        if self.function.is_loss:
            keywords["reduction"] = "none"
        if self._channelled:
            seed = seed.reshape(1, -1)
        return self._gradient(self.native(batch), keywords, seed, name, shape)[:size]

    def _padded(self, batch: Batch) -> Batch:
        """Where each shape is compiled anew, a batch of one of a few lengths that holds it."""
        if not self.implementation.adapter.COMPILES_EACH_SHAPE or batch.size in (0, 1):
            return batch
        length = next((n for n in PADDED if n >= batch.size), batch.size)
        return batch[np.arange(length) % batch.size]

    @property
    def _vjp_reduces(self) -> bool:
        vjp = self.implementation.vjp
        if not self.function.is_loss or vjp is None:
            return True
        accepted = keywords_of(vjp)
        return accepted is None or "reduction" in accepted

    def _gradient(
        self,
        arrays: Sequence[Array],
        keywords: Mapping[str, Any],
        seed: Floats,
        name: str,
        shape: tuple[int, ...],
    ) -> Floats:
        found = self.implementation.gradients(arrays, keywords, self.fmt.array(seed), [name])
        if name not in found:
            raise Unsupported(f"no gradient in {name}")
        result = found[name]
        if self._channelled and result.shape == (1, *shape):
            result = result.reshape(shape)
        return observed(result, shape, self.fmt)

    # ------------------------------------------------------------ truths

    def truth(
        self, batch: Batch, setting: Setting | None = None, *, gradient: bool = True
    ) -> dict[str, Truth]:
        """Truths at a batch: "value" and the gradient in each variable under its name."""
        setting = setting or self.default
        key = (id(batch), tuple(sorted(setting.items())), gradient)
        if key not in self._memory:
            if self.function.along_axis:
                seed = batch.cotangent if gradient else None
                found = truth_rows(self.function, batch.arrays, self.fmt, seed, setting)
            else:
                found = oracle.truth(self.function, batch.arrays, self.fmt, setting)
            if len(self._memory) > 64:  # a batch lives as long as its truth is remembered
                self._memory.clear()
            self._memory[key] = (batch, found)
        found = self._memory[key][1]
        return found

    # ------------------------------------------------------------ judgements

    @cached_property
    def library_flushes(self) -> bool:
        """Whether the array library's own product flushes subnormal results to zero."""
        adapter, fmt = self.implementation.adapter, self.fmt
        small = adapter.to_native(fmt.array(np.full(16, fmt.smallest_normal)))
        half = adapter.to_native(fmt.array(np.full(16, 0.5)))
        return bool(np.all(adapter.to_numpy(small * half).astype(np.float64) == 0))

    def flushes(self, seen: Floats, truth: Truth) -> bool:
        """Whether results below the smallest normal come back as zero: a trait."""
        return self.library_flushes or bool(self._vanished(seen, truth).any())

    def _vanished(self, seen: Floats, truth: Truth) -> Any:
        """Where a zero stands for a result that an underflow on the way may have cost.

        float16 has no such allowance: its subnormals are part of its working range, and no library
        flushes them.
        """
        if self.fmt.name == "float16":
            return np.zeros(truth.shape, dtype=bool)
        return (seen == 0) & (truth.nearest != 0) & np.isfinite(truth.nearest)

    def judge(self, seen: Floats, truth: Truth, batch: Batch) -> tuple[Judgement, list[str]]:
        """Judge observations of a batch; also the traits that explain some of them.

        Underflow is a trait: an absolute error up to the smallest normal times max(1, |x|) is not
        the level's, for every result where the library flushes subnormal numbers, and for results
        that came back as zero where it does not.
        """
        found = judge(seen, truth, self.fmt, self.scale)
        lost = (
            np.ones(truth.shape, dtype=bool)
            if self.library_flushes
            else self._vanished(seen, truth)
        )
        lost = lost & (found.rank < Level.FAITHFUL.rank)
        if not lost.any():
            return found, []
        size = np.minimum(self._largest_inputs(batch, truth.nearest.shape), self.fmt.largest)
        allowance = np.where(lost, self.fmt.smallest_normal * np.maximum(1.0, size), 0.0)
        eased = judge(seen, truth, self.fmt, self.scale, allowance=allowance)
        if self.library_flushes:  # an input may be flushed too
            tiny = self._tiny_inputs(batch, eased.rank.shape)
            eased.rank[tiny] = Level.EXACT.rank
            eased.error[tiny] = 0.0
        if not (eased.rank > found.rank).any():
            return eased, []
        if self.library_flushes:
            return eased, ["flushes subnormal numbers to zero"]
        return eased, ["gives 0 where a result or an intermediate is subnormal"]

    def _largest_inputs(self, batch: Batch, shape: tuple[int, ...]) -> Floats:
        """The largest |input| that goes into each result of that shape."""
        sizes = [np.abs(np.nan_to_num(a, posinf=0, neginf=0)) for a in batch.arrays]
        largest: Floats = np.max([_matched(a, shape, np.max) for a in sizes], axis=0)
        return largest

    def _tiny_inputs(self, batch: Batch, shape: tuple[int, ...]) -> NDArray[np.bool_]:
        """Whether a subnormal input goes into each result of that shape."""
        tiny = [(a != 0) & (np.abs(a) < self.fmt.smallest_normal) for a in batch.arrays]
        found: NDArray[np.bool_] = np.logical_or.reduce([_matched(a, shape, np.any) for a in tiny])
        return found

    def witness(
        self,
        seen: Floats,
        truth: Truth,
        found: Judgement,
        batch: Batch,
        index: int,
        setting: Setting | None = None,
        *,
        gradient: bool = False,
    ) -> Witness:
        """The witness at one flat index of the outputs (of the inputs, for a gradient)."""
        wide = seen.ndim == 2
        width = seen.shape[-1] if wide else 1
        row = index // width if wide else index
        given: dict[str, Any] = {}
        for v, a in zip(self.function.variables, batch.arrays, strict=True):
            given[v.name] = a[row].tolist()
        for name, value in (setting or self.default).items():
            if value != self.default[name]:
                given[name] = [*map(float, value)] if isinstance(value, tuple) else float(value)
        if wide:
            given["entry"] = int(index % width)
        if gradient and batch.cotangent is not None:
            given["cotangent"] = np.asarray(batch.cotangent[row]).tolist()
        return witness(
            given,
            self.fmt,
            truth=float(truth.nearest.flat[index]),
            observed=float(seen.flat[index]),
            error=float(found.error.flat[index]),
            bound=float(found.accurate.flat[index]),
            origin=origin(found, index, self.scale),
        )


def _matched(a: NDArray[Any], shape: tuple[int, ...], over: Callable[..., Any]) -> NDArray[Any]:
    """One number for each result: rows of another length are taken together by `over`."""
    if a.shape == shape:
        return a
    rows = a if a.ndim == 1 else over(a, axis=-1)
    return np.broadcast_to(rows.reshape(-1, *(1,) * (len(shape) - 1)), shape)
