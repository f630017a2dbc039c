"""One shard judged: the code under test is called block by block, and each answer compared."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...reference.formats import Format
from ...reference.local.quantity import Quantity
from ...reference.local.rows import ROW, Span, spans
from ...reference.source import single
from ...spec import derive
from .compare import Comparison
from .job import BLOCK, Job
from .order import Order
from .shard import Shard
from .summary import Summary
from .tally import Tally


def judged(shard: Shard) -> Summary:
    """What the code under test does at every float of a shard.

    Raises `UsageError` for a target that is not there, `ValueError` for a quantity that cannot be
    asked, `Unsupported` where the code does not offer it, and `Misconduct` where it gives no
    answer. In a 32-bit format a shard begins and ends at a multiple of 4096.
    """
    job = Job(shard)
    with job.target.adapter.session():
        if job.fmt.bits <= 16:
            return _small(job)
        return _large(job)


# ---------------------------------------------------------------- all inputs of small formats


def _small(job: Job) -> Summary:
    """The oracle is asked about every float."""
    tally, fmt, shard = job.tally(), job.fmt, job.shard
    bits = np.arange(shard.first, shard.first + shard.count)
    observed = job.ask(bits)
    nan = np.isnan(fmt.floats(bits))
    inside = _inside(job, bits) & ~nan
    tally.outside += int(bits.size - inside.sum() - nan.sum())
    tally.ask(bits[inside], observed[inside].astype(np.float64))
    _nans(job, tally, bits[nan], observed[nan])
    order = Order(job, tally)
    finite = np.abs(fmt.floats(bits)) <= fmt.largest
    for negative in (False, True):
        half = finite & (bits >> (fmt.bits - 1) == negative)
        if half.any():
            order.look(bits[half], observed[half])
    return tally.summary()


def _inside(job: Job, bits: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which inputs lie in the closed domain; NaN does."""
    x = job.fmt.floats(bits)
    domain = job.quantity.function.variables[job.quantity.place].domain
    low, high = float(domain.inf), float(domain.sup)
    return ~((x < low) | (x > high))


# ---------------------------------------------------------------- float32


def _large(job: Job) -> Summary:
    tally, shard = job.tally(), job.shard
    if shard.first % ROW or shard.count % ROW:
        raise ValueError(
            f"a shard of {shard.fmt} begins and ends at a multiple of {ROW}, not at "
            f"{shard.first} with {shard.count} floats"
        )
    order = Order(job, tally)
    infinity = job.fmt.bits_of(np.inf)
    half = 1 << (job.fmt.bits - 1)
    for negative in (False, True):
        own = half * negative
        first, last = (min(max(b, own), own + half) for b in _ends(shard))
        finite = min(last, own + infinity)
        if first < finite:
            _finite(job, tally, order, negative, first - own, finite - first)
        if max(first, own + infinity) < last:
            _special(job, tally, max(first, own + infinity), last)
    tally.settle()
    return tally.summary()


def _ends(shard: Shard) -> tuple[int, int]:
    return shard.first, shard.first + shard.count


def _finite(job: Job, tally: Tally, order: Order, negative: bool, first: int, count: int) -> None:
    """Finite floats of one sign: bits without the sign from `first` on."""
    inside = _allowed(job, negative, first, count)
    tally.outside += count - inside[1]
    if not inside[1]:
        return
    first, count = inside
    sign = negative << (job.fmt.bits - 1)
    whole = first // ROW * ROW
    end = first + count
    rows = (end - whole) // ROW * ROW
    comparison = Comparison(tally)
    covers = _covering(spans(job.quantity, job.fmt, negative, whole, rows))
    steps = np.arange(BLOCK, dtype=job.fmt.integer)
    bits = np.empty_like(steps)
    for start in range(whole, whole + rows, BLOCK):
        size = min(BLOCK, whole + rows - start)
        np.add(steps, job.fmt.integer.type(start | sign), out=bits)
        observed = job.answers(bits.view(job.fmt.dtype))
        rough = comparison.block(covers(start, size), bits[:size], observed[:size])
        order.block(bits[:size], observed[:size], rough)
    if whole + rows < end:  # the closed end of a domain
        rest = np.arange(whole + rows, end) | sign
        tally.ask(rest, job.ask(rest).astype(np.float64))


def _covering(all_spans: Iterator[Span]) -> Callable[[int, int], list[tuple[Span, int, int]]]:
    """The spans that cover a block, with their first and last rows in it; blocks come in order."""
    waiting: list[Span] = []

    def cover(start: int, size: int) -> list[tuple[Span, int, int]]:
        found, at, end = [], start, start + size
        while at < end:
            if not waiting:
                waiting.append(next(all_spans))
            span = waiting[0]
            stop = span.first + span.rows * ROW
            found.append((span, (at - span.first) // ROW, (min(stop, end) - span.first) // ROW))
            at = min(stop, end)
            if stop <= end:
                waiting.clear()
        return found

    return cover


def _allowed(job: Job, negative: bool, first: int, count: int) -> tuple[int, int]:
    """The part of a range of magnitudes that lies in the closed domain: its first bits, its size.

    A domain is an interval, so the part is a range, too.
    """
    domain = job.quantity.function.variables[job.quantity.place].domain
    low, high = float(domain.inf), float(domain.sup)
    if negative:
        low, high = -high, -low
    least = 0 if low <= 0 else _bits_up(job.fmt, low)
    most = -1 if high < 0 else _bits_down(job.fmt, high)
    start, stop = max(first, least), min(first + count, most + 1)
    return (start, stop - start) if start < stop else (first, 0)


def _bits_up(fmt: Format, value: float) -> int:
    """The bits of the least float of the format that is not below a positive number."""
    bits = fmt.bits_of(value)
    return bits + (fmt.of_bits(bits) < value)


def _bits_down(fmt: Format, value: float) -> int:
    """The bits of the largest float of the format that is not above a number."""
    if value == np.inf:
        return fmt.bits_of(fmt.largest)
    bits = fmt.bits_of(value)
    return bits - (fmt.of_bits(bits) > value)


def _special(job: Job, tally: Tally, first: int, last: int) -> None:
    """Infinity, which the oracle knows, and every NaN, of which a NaN is due."""
    infinity = job.fmt.bits_of(np.inf)
    for start in range(first, last, BLOCK):
        bits = np.arange(start, min(start + BLOCK, last))
        observed = job.ask(bits)
        magnitude = bits & ((1 << (job.fmt.bits - 1)) - 1)
        nan = magnitude > infinity
        inside = _inside(job, bits) | nan
        tally.outside += int(bits.size - inside.sum())
        tally.ask(bits[inside & ~nan], observed[inside & ~nan].astype(np.float64))
        _nans(job, tally, bits[nan], observed[nan])


def _nans(job: Job, tally: Tally, bits: NDArray[np.int64], observed: NDArray[Any]) -> None:
    """Inputs that are NaN, for which NaN is due where it is passed on."""
    tally.alike(bits.size, np.zeros(0, dtype=np.int64))
    silent = ~np.isnan(observed)
    if silent.any() and _passes_nan(job.quantity):
        tally.finding("number", silent, bits)
        tally.place("eased", np.inf, int(bits[silent].min()))
        tally.place("sound", np.inf, int(bits[silent].min()))


def _passes_nan(quantity: Quantity) -> bool:
    """Whether NaN is due for NaN: for a value always, for a slope where one formula gives it."""
    function = quantity.function
    symbol = function.variables[quantity.place].symbol
    expression = single(function, quantity.name, quantity.place)
    smooth = not derive.boundaries(function) and symbol in expression.free_symbols
    return quantity.name == "value" or smooth
