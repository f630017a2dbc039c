"""One implementation in one format, and how to observe it and to know the truth about it.

Properties ask a `Case` for batches of points, observations and truths, and never need to know
whether a function works element by element or along an axis, takes a reduction or not.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..reference import oracle
from ..reference.compile import exact
from ..reference.error import Truth
from ..reference.formats import FORMATS, Floats, Format
from ..reference.level import Level
from ..spec.function import Function
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

Setting = Mapping[str, Fraction]
ROW_LENGTHS = (1, 2, 3, 5, 8)
PADDED = (16, 64, 1024, 8192, 65536, 524288)  # lengths for libraries that compile each shape
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
        """Settings that differ from the default in one parameter the implementation takes."""
        found = []
        for p in self.function.parameters:
            if self.implementation.accepts(p.name):
                found += [{**self.default, p.name: exact(v)} for v in p.samples]
        return tuple(found)

    @property
    def closed_parameters(self) -> tuple[str, ...]:
        """Parameters that the implementation does not take."""
        names = (p.name for p in self.function.parameters)
        return tuple(n for n in names if not self.implementation.accepts(n))

    def keywords(self, setting: Setting) -> dict[str, Any]:
        """What is passed for a setting: defaults are left to the implementation."""
        return {n: float(v) for n, v in setting.items() if v != self.default[n]}

    # ------------------------------------------------------------ points

    def batches(self, setting: Setting | None = None, effort: int = 4) -> list[Batch]:
        """Finite points of the function, as much as the effort (4 is a whole check) asks."""
        setting = self.default if setting is None else setting
        key = (tuple(sorted(setting.items())), effort)
        if key not in self._batches:
            self._batches[key] = self._new_batches(setting, effort)
        return self._batches[key]

    def _new_batches(self, setting: Setting, effort: int) -> list[Batch]:
        if self.at:
            return [self._at()]
        if self.function.along_axis:
            return [self._rows(length, 12 * effort) for length in ROW_LENGTHS]
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
        rows = given.reshape(len(self.function.variables), 1, -1)
        return Batch(tuple(rows), self._cotangent(rows[0].shape))

    def _rows(self, length: int, count: int) -> Batch:
        arrays = points.rows(self.function, self.fmt, length, count)
        if self.index_only:
            arrays = (arrays[0], self._targets(count, length))
        return Batch(arrays, self._cotangent(arrays[0].shape))

    def _targets(self, count: int, length: int) -> Floats:
        """Rows of probabilities; one-hot ones where the implementation takes class indices."""
        if self.index_only:
            return np.eye(length)[np.arange(count) % length]
        return points.simplex(self.fmt, count, length)

    def _cotangent(self, shape: tuple[int, ...]) -> Floats:
        """One-hot cotangents in half of the rows, random ones in the others."""
        rng = np.random.default_rng([self.seed & 0xFFFFFFFF, *shape])
        if not self.function.row_output:
            return np.ones(shape[0])
        hot = np.eye(shape[1])[rng.integers(0, shape[1], shape[0])]
        spread = self.fmt.round(rng.normal(size=shape))
        return np.where(rng.random((shape[0], 1)) < 0.5, hot, spread)

    def masked(self) -> list[Batch]:
        """Rows with -oo entries, where the function takes them as ordinary."""
        if not self.function.variables[0].masked or self.at:
            return []
        found = []
        for length in ROW_LENGTHS[1:]:
            arrays = points.masked_rows(self.function, self.fmt, length, 8)
            found.append(Batch(arrays, self._cotangent(arrays[0].shape)))
        return found

    # ------------------------------------------------------------ what is offered

    def easy(self, count: int, seed: int = 0) -> Batch:
        """Ordinary points, one for each output; rows of five along an axis."""
        if self.function.along_axis:
            rng = np.random.default_rng([points.SEED, 17, seed])
            main = self.fmt.round(rng.normal(scale=2.0, size=(count, 5)))
            others = [self._targets(count, 5) for _ in self.function.variables[1:]]
            return Batch((main, *others))
        rng = np.random.default_rng([points.SEED, 19, seed])
        columns = []
        for v in self.function.variables:
            pool = points.inside(points.ordinary(self.fmt, 997, points.SEED + seed), v, self.fmt)
            columns.append(rng.choice(pool[np.isfinite(pool)], count))
        return Batch(tuple(columns))

    def dtype_of_result(self) -> np.dtype[Any]:
        """The dtype of the implementation's answer to an easy question."""
        keywords = {"reduction": "none"} if self.function.is_loss and not self.loops else {}
        batch = self.easy(1 if self.loops else 3)
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
            arrays[1:] = [np.argmax(a, axis=-1) for a in batch.arrays[1:]]
        if self._channelled:  # one channel for each point
            shared = [v.per_channel for v in self.function.variables]
            arrays = [a if s else a.reshape(1, -1) for a, s in zip(arrays, shared, strict=True)]
        return arrays

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
        shape = batch.arrays[0].shape
        out = shape if self.function.row_output or not self.function.along_axis else shape[:1]
        if not self.loops:
            due = (1, *out) if self._channelled else out
            result = self.implementation.value(self.native(batch), keywords)
            return observed(result, due, self.fmt).reshape(out)[:size]
        return self._looped(batch, out, lambda single: self._single_value(single, keywords))

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
        shape = batch.arrays[0].shape
        out = shape if self.function.row_output or not self.function.along_axis else shape[:1]
        seed = np.ones(out) if batch.cotangent is None else batch.cotangent
        if self.loops or not self._vjp_reduces:
            if not self.function.is_loss:
                return self._gradient(self.native(batch), keywords, seed, name, shape)
            one = np.zeros(()) + 1

            def single(arrays: Sequence[Array]) -> Floats:
                return self._gradient(arrays, keywords, one, name, arrays[0].shape)

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
                found = oracle.truth_rows(self.function, batch.arrays, self.fmt, seed)
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
        size = np.max([np.abs(np.nan_to_num(a, posinf=0, neginf=0)) for a in batch.arrays], axis=0)
        size = np.minimum(size, self.fmt.largest)
        if size.ndim > truth.nearest.ndim:
            size = size.max(axis=-1)
        allowance = np.where(lost, self.fmt.smallest_normal * np.maximum(1.0, size), 0.0)
        eased = judge(seen, truth, self.fmt, self.scale, allowance=allowance)
        if self.library_flushes:  # an input may be flushed too
            tiny: NDArray[np.bool_] = np.logical_or.reduce(
                [(a != 0) & (np.abs(a) < self.fmt.smallest_normal) for a in batch.arrays]
            )
            if tiny.ndim > eased.rank.ndim:
                tiny = np.any(tiny, axis=-1, keepdims=True)[..., 0]
            eased.rank[tiny] = Level.EXACT.rank
            eased.error[tiny] = 0.0
        if not (eased.rank > found.rank).any():
            return eased, []
        if self.library_flushes:
            return eased, ["flushes subnormal numbers to zero"]
        return eased, ["gives 0 where a result or an intermediate is subnormal"]

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
        width = batch.arrays[0].shape[-1] if self.function.along_axis else 1
        wide = seen.ndim == 2
        row = index // width if wide else index
        given: dict[str, Any] = {}
        for v, a in zip(self.function.variables, batch.arrays, strict=True):
            given[v.name] = a[row].tolist()
        for name, value in (setting or self.default).items():
            if value != self.default[name]:
                given[name] = float(value)
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
