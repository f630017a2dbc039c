"""Points for a case: batches of all kinds, easy ones, rows, what `--at` names."""

from __future__ import annotations

import numpy as np
import sympy

from ...reference.formats import Floats
from ...reference.rows import near_kink
from . import amounts, points, sizes
from .case import Batch, Case, Setting


def batches(case: Case, setting: Setting | None = None, share: float = 1.0) -> list[Batch]:
    """Finite points of the function, as many as a share of the case's effort asks."""
    setting = case.default if setting is None else setting
    effort = amounts.share(case.effort, share)
    key = (tuple(sorted(setting.items())), effort)
    if key not in case.drawn:
        case.drawn[key] = _new_batches(case, setting, effort)
    return case.drawn[key]


def _new_batches(case: Case, setting: Setting, effort: int) -> list[Batch]:
    if case.at:
        return [_at(case)]
    if case.function.along_axis:
        count = amounts.rows(effort)
        drawn = (
            rows(case, length, sizes.some(case, count, length), setting)
            for length in sizes.row_lengths(case)
        )
        return [batch for batch in drawn if batch.size]
    arrays = points.columns(case.function, case.fmt, setting, effort, case.seed)
    finite = np.logical_and.reduce([np.isfinite(a) for a in arrays])
    batch = Batch(tuple(a[finite] for a in arrays))
    kept = thinned(case, batch).apart
    return [kept[sizes.shuffled(case, kept.size)]]


def thinned(case: Case, batch: Batch) -> Batch:
    """Fewer points where the implementation needs a call for each."""
    most = amounts.looped(case.effort)
    if not case.loops or batch.size <= most:
        return batch
    return batch[np.linspace(0, batch.size - 1, most).astype(int)]


def _at(case: Case) -> Batch:
    """The one point that `--at` names: whole rows first, then single numbers."""
    given = case.fmt.round(np.array(case.at))
    if not case.function.along_axis:
        return Batch(tuple(given[k : k + 1] for k in range(given.size)))
    numbers = sum(not v.along_axis for v in case.function.variables)
    wide = given[: given.size - numbers].reshape(len(case.function.variables) - numbers, 1, -1)
    long, single = iter(wide), iter(given[given.size - numbers :])
    arrays = [
        next(long) if v.along_axis else np.array([next(single)]) for v in case.function.variables
    ]
    seed = _cotangent(case, 1, wide.shape[-1])
    if case.cotangent and len(case.cotangent) == seed.size:
        seed = np.array(case.cotangent).reshape(seed.shape)
    return Batch(tuple(arrays), seed)


def rows(case: Case, length: int, count: int, setting: Setting | None = None) -> Batch:
    """Rows of one length, with a cotangent; those where the function has no value left out."""
    arrays = list(points.rows(case.function, case.fmt, length, count, case.seed))
    for place, v in enumerate(case.function.variables):
        if v.simplex and case.index_only:
            arrays[place] = np.eye(length)[np.arange(len(arrays[0])) % length]
    batch = Batch(tuple(arrays), _cotangent(case, len(arrays[0]), length))
    near, undefined = near_kink(case.function, batch.arrays, case.fmt, setting)
    return batch[~(near | undefined) if case.function.jumps else ~undefined].apart


def targets(case: Case, count: int, length: int, *, whole: bool = False) -> Floats:
    """Rows of probabilities; one-hot ones where asked, or where class indices are taken."""
    if whole or case.index_only:
        return np.eye(length)[np.arange(count) % length]
    return points.simplex(case.fmt, count, length, case.seed)


def _cotangent(case: Case, count: int, length: int) -> Floats:
    """One-hot cotangents in half of the rows, random ones in the others."""
    outputs = case.function.entries(length)
    rng = np.random.default_rng([case.seed, count, length])
    if not case.function.row_output:
        return np.ones(count)
    hot = np.eye(outputs)[rng.integers(0, outputs, count)]
    spread = case.fmt.round(rng.normal(size=(count, outputs)))
    return np.where(rng.random((count, 1)) < 0.5, hot, spread)


def masked(case: Case) -> list[Batch]:
    """Rows with -oo entries, where the function takes them as ordinary and the format has any."""
    taken = case.function.variables[0].masked and case.fmt.infinities
    if not taken or case.at or case.function.is_loss:
        return []
    found = []
    for length in sizes.longer_rows(case):
        arrays = points.masked_rows(case.function, case.fmt, length, 8, case.seed)
        found.append(Batch(arrays, _cotangent(case, len(arrays[0]), length)))
    return found


def easy(case: Case, count: int, seed: int = 0) -> Batch:
    """Ordinary points, one for each output; rows of five along an axis."""
    if case.function.along_axis:
        return _easy_rows(case, count, seed)
    rng = np.random.default_rng([case.seed, 19, seed])
    columns = []
    for v in case.function.variables:
        pool = points.inside(points.ordinary(case.fmt, 997, case.seed + seed), v, case.fmt)
        columns.append(rng.choice(pool[np.isfinite(pool)], count))
    return Batch(tuple(columns))


def _easy_rows(case: Case, count: int, seed: int) -> Batch:
    """Rows of about five, of normal numbers brought into each variable's domain."""
    rng = np.random.default_rng([case.seed, 17, seed])
    usual = sizes.some(case, 5, "easy rows")
    length = usual if case.function.entries(usual) else usual + 1
    columns = []
    for v in case.function.variables:
        if v.simplex or v.one_hot:
            whole = v.one_hot or v.domain.is_FiniteSet or case.index_only
            found = np.eye(length)[rng.integers(0, length, count)]
            spread = points.simplex(case.fmt, count, length, case.seed)
            columns.append(found if whole else spread)
        elif v.labels:
            shape = (count, *case.function.tried(v, length))
            columns.append(rng.integers(1, length, shape).astype(np.float64))
        elif v.along_axis:
            shape = (count, *case.function.tried(v, length))
            main = case.fmt.round(rng.normal(scale=2.0, size=shape))
            finite = isinstance(v.domain, sympy.FiniteSet)
            drawn = rng.choice([float(e) for e in v.domain], main.shape) if finite else None
            columns.append(points.into(v, case.fmt, main, rng) if drawn is None else drawn)
        else:
            pool = points.inside(points.ordinary(case.fmt, 97, case.seed + seed), v, case.fmt)
            columns.append(rng.choice(pool[np.isfinite(pool)], count))
    return Batch(tuple(columns))
