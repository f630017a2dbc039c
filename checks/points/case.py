"""One implementation in one format: its settings, what it takes, and the truth about it.

Properties draw points for a case (`draw`), observe it (`observe`) and judge what they saw
(`ruling`), and never need to know whether a function works element by element or along an axis,
takes a reduction or not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
import sympy
from numpy.typing import NDArray

from ...reference import oracle
from ...reference.error import Truth
from ...reference.formats import Floats, Format
from ...reference.level import Level
from ...reference.rows import truth_rows
from ...reference.settle import rational
from ...spec import derive
from ...spec.function import Function, Parameter
from ...spec.special import Largest, positive_part
from ..seeds import SEED
from ..targets.implementation import Implementation, Misconduct, Unsupported
from . import amounts, sizes
from .amounts import FULL

Setting = Mapping[str, Any]  # Fraction, or a tuple of them for a row
MOST = 256  # batches whose truths a case keeps
REMEMBERED = 2**19  # and their points: eight times all floats of 16 bits


@dataclass(frozen=True)
class Batch:
    """Points that go into one call: (N,) per variable, or (N, n) along an axis.

    One that was taken out of another knows which that is, and by what key: so has it its truth.
    """

    arrays: tuple[Floats, ...]
    cotangent: Floats | None = None
    source: tuple[Batch, Any] | None = field(default=None, repr=False)

    @property
    def size(self) -> int:
        return int(self.arrays[0].shape[0])

    @property
    def apart(self) -> Batch:
        """The same points, part of no other batch."""
        return Batch(self.arrays, self.cotangent)

    def __getitem__(self, key: Any) -> Batch:
        seed = None if self.cotangent is None else self.cotangent[key]
        return Batch(tuple(a[key] for a in self.arrays), seed, (self, key))

    @cached_property
    def places(self) -> tuple[Batch, NDArray[np.int64]]:
        """The batch that all of it was taken out of, perhaps in steps, and its places there."""
        if self.source is None:
            return self, np.arange(self.size)
        (whole, places), key = self.source[0].places, self.source[1]
        return whole, places[key]


@dataclass(frozen=True)
class Case:
    """A function's implementation in one format, with the seed of everything random."""

    implementation: Implementation
    fmt: Format
    required: Level
    seed: int = SEED
    at: tuple[float, ...] = ()
    effort: int = FULL
    partners: Mapping[str, Implementation] = field(default_factory=dict)
    setting: Mapping[str, Any] = field(default_factory=dict)  # of what `at` names
    cotangent: tuple[float, ...] = ()  # of its outputs
    # worked out once, then kept: truths of batches, batches of settings, what calls have shown
    truths: dict[Any, tuple[Batch, dict[str, Truth]]] = field(default_factory=dict, repr=False)
    drawn: dict[Any, list[Batch]] = field(default_factory=dict, repr=False)
    known: set[str] = field(default_factory=set, repr=False)

    @property
    def function(self) -> Function:
        return self.implementation.function

    @property
    def eagerly(self) -> Case:
        """The same case, its code run as Python runs it, where a compiler runs it otherwise."""
        return replace(self, implementation=replace(self.implementation, eager=True))

    @property
    def scale(self) -> float:
        """S: the function's natural scale."""
        return 0.0 if self.function.homogeneous else 1.0

    @property
    def varied(self) -> bool:
        """Whether sizes, settings and orders are drawn, too: with any seed but the usual one."""
        return self.seed != SEED

    # ------------------------------------------------------------ parameters

    @cached_property
    def default(self) -> Setting:
        return oracle.parameters(self.function)

    @cached_property
    def other_settings(self) -> tuple[Setting, ...]:
        """Settings that differ from the default in one parameter the implementation takes.

        And one that differs in all of them: a switch may hide what another parameter does. A
        thorough check, and one with a seed of its own, draws more.
        """
        if self.setting:
            exactly = {
                n: tuple(map(Fraction, v)) if isinstance(v, tuple) else Fraction(v)
                for n, v in self.setting.items()
            }
            return ({**self.default, **exactly},)
        taken = [
            p
            for p in self.function.parameters
            if p.samples and self.implementation.accepts(p.name) and not p.along_axis
        ]
        found = [{**self.default, p.name: rational(v)} for p in taken for v in p.samples]
        if len(taken) > 1:
            found.append({**self.default, **{p.name: rational(p.samples[-1]) for p in taken}})
        found += [{**self.default, p.name: v} for p in taken for v in self._between(p)]
        return tuple(found)

    def _between(self, p: Parameter) -> Iterator[Fraction]:
        """Values drawn between a parameter's default and its samples, of three digits."""
        count = max(amounts.settings(self.effort), int(self.varied))
        if not isinstance(p.passed(p.default), float):
            return
        rng = sizes.generator(self.seed, "settings", p.name)
        start = float(p.default)
        for _ in range(count):
            end = float(p.samples[rng.integers(len(p.samples))])
            value = Fraction(f"{start + rng.uniform(0.05, 0.95) * (end - start):.3g}")
            if sympy.Rational(value.numerator, value.denominator) in p.domain:
                yield value

    @property
    def closed_parameters(self) -> tuple[str, ...]:
        """Parameters that the implementation does not take."""
        names = (p.name for p in self.function.parameters)
        return tuple(n for n in names if not self.implementation.accepts(n))

    def keywords(self, setting: Setting) -> dict[str, Any]:
        """What is passed for a setting: defaults are left to the implementation.

        Where each choice of keywords is a program of its own, all numbers are passed once one is.
        """
        kinds = {p.name: p for p in self.function.parameters}
        given = {n: v for n, v in setting.items() if v != self.default[n]}
        if given:
            given |= {n: setting[n] for n in self.beside if n not in given}
        return {
            n: self.fmt.array(np.array(v, dtype=float))
            if isinstance(v, tuple)
            else kinds[n].passed(v)
            for n, v in given.items()
        }

    @cached_property
    def beside(self) -> tuple[str, ...]:
        """Parameters that are passed with any other one, so that one program serves all settings.

        Numbers that the program takes as its inputs: a switch is a constant of it.
        """
        implementation = self.implementation
        if implementation.vjp is not None or not implementation.adapter.COMPILES_EACH_SHAPE:
            return ()
        return tuple(
            p.name
            for p in self.function.parameters
            if implementation.accepts(p.name)
            and not p.along_axis
            and isinstance(p.passed(p.default), float)
        )

    # ------------------------------------------------------------ what the function is like

    @cached_property
    def branches(self) -> bool:
        """Whether the gradient has branches that meet at kinks."""
        has = derive.value(self.function).has(sympy.Piecewise, Largest, positive_part)
        return has if self.function.along_axis else bool(self.function.kinks)

    # ------------------------------------------------------------ what is offered

    @property
    def loops(self) -> bool:
        """Whether single losses need a call each, for want of a reduction keyword."""
        return self.function.is_loss and not self.implementation.accepts("reduction")

    @property
    def channelled(self) -> bool:
        """Whether a variable has one value for each channel, as PReLU's slope."""
        return any(v.per_channel for v in self.function.variables)

    @property
    def vjp_reduces(self) -> bool:
        """Whether the gradient takes the cotangent of a whole batch of losses."""
        vjp = self.implementation.vjp
        if not self.function.is_loss or vjp is None:
            return True
        accepted = self.implementation.vjp_keywords
        return accepted is None or "reduction" in accepted

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

    @cached_property
    def library_flushes(self) -> bool:
        """Whether the array library's own product flushes subnormal results to zero."""
        return self.implementation.flushes(self.fmt)

    # ------------------------------------------------------------ truths

    def truth(
        self, batch: Batch, setting: Setting | None = None, *, gradient: bool = True
    ) -> dict[str, Truth]:
        """Truths at a batch: "value" and the gradient in each variable under its name.

        A part of a batch takes its own out of the whole's, where that is known or mostly needed.
        """
        setting = setting or self.default
        asked = tuple(sorted(setting.items())), gradient and batch.cotangent is not None
        found = self._remembered(batch, *asked)
        if found is not None:
            return found
        if batch.source is not None:
            whole, places = batch.places
            found = self._remembered(whole, *asked)
            if found is None and 2 * batch.size > whole.size:
                found = self.truth(whole, setting, gradient=gradient)
            if found is not None:
                return {name: truth[places] for name, truth in found.items()}
        return self._remember(batch, *asked, self._found_truth(batch, setting, gradient))

    def _remembered(self, batch: Batch, setting: Any, gradient: bool) -> dict[str, Truth] | None:
        """The truth of a batch, where it is known; with a gradient that was not asked for, too."""
        keys = [(id(batch), setting, wider) for wider in (gradient, True)]
        known = next((key for key in keys if key in self.truths), None)
        if known is None:
            return None
        self.truths[known] = self.truths.pop(known)  # the last to be forgotten now
        return self.truths[known][1]

    def _remember(
        self, batch: Batch, setting: Any, gradient: bool, found: dict[str, Truth]
    ) -> dict[str, Truth]:
        """Keep a truth, and its batch with it, for as long as there is room."""
        self.truths[id(batch), setting, gradient] = (batch, found)
        size = sum(b.size for b, _ in self.truths.values())
        while len(self.truths) > MOST or (size > REMEMBERED and len(self.truths) > 1):
            oldest, _ = self.truths.pop(next(iter(self.truths)))
            size -= oldest.size
        return found

    def _found_truth(self, batch: Batch, setting: Setting, gradient: bool) -> dict[str, Truth]:
        if not self.function.along_axis:
            return self._elementwise_truth(batch, setting)
        seed = batch.cotangent if gradient else None
        return truth_rows(
            self.function, batch.arrays, self.fmt, seed, setting, cached=not self.varied
        )

    def _elementwise_truth(self, batch: Batch, setting: Setting) -> dict[str, Truth]:
        """Drawn points never come again and are not kept on disk; limits at infinities are, and all
        floats of a format.
        """
        limits = any(np.isinf(a).any() for a in batch.arrays)
        if not self.varied or limits:
            return oracle.truth(self.function, batch.arrays, self.fmt, setting)
        if len(batch.arrays) > 1 or self.fmt.bits > 16:
            return oracle.truth(self.function, batch.arrays, self.fmt, setting, cached=False)
        bits = self.fmt.array(batch.arrays[0]).view(self.fmt.integer)
        _, first, places = np.unique(bits, return_index=True, return_inverse=True)
        whole = first.size > 2 ** (self.fmt.bits - 1)
        arrays = [batch.arrays[0][first]]
        found = oracle.truth(self.function, arrays, self.fmt, setting, cached=whole)
        return {name: truth[places] for name, truth in found.items()}
