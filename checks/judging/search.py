"""Search: compositions of arrays by Hypothesis, shrinking to the simplest witness, dense scans.

Nothing found here is a verdict: every suspect goes back to the oracle.
"""

from __future__ import annotations

import time
from typing import Any

import hypothesis
import numpy as np
from hypothesis import HealthCheck, Phase, strategies
from numpy.typing import NDArray

from ...reference import oracle
from ...reference.formats import FORMATS, Floats
from ...reference.level import ACCURATE_FACTOR
from ..points import amounts, points, sizes
from ..points.case import Batch, Case, Setting
from ..targets.implementation import Misconduct, Unsupported
from . import observe, ruling

SHRINK_EXAMPLES = 40

_QUIET: dict[str, Any] = {
    "database": None,
    "deadline": None,
    "derandomize": True,
    "suppress_health_check": list(HealthCheck),
}


def _rank(case: Case, name: str, batch: Batch, setting: Setting) -> tuple[int, float]:
    """The lowest rank in a batch and its worst error as a share of the accurate bound."""
    seen = answers(case, name, batch, setting)
    found, _ = ruling.judged(case, seen, case.truth(batch, setting)[name], batch, setting)
    with np.errstate(all="ignore"):
        share = np.nan_to_num(found.error / found.accurate, nan=1e9, posinf=1e9)
    return int(found.rank.min()), float(share.max())


def answers(case: Case, name: str, batch: Batch, setting: Setting) -> Floats:
    """What the implementation says of a quantity by name: its value, or a gradient."""
    if name == "value":
        return observe.value(case, batch, setting)
    return observe.gradient(case, batch, name, setting)


# ---------------------------------------------------------------- compositions


def _strata(case: Case, setting: Setting) -> list[Floats]:
    """Kinds of numbers that an array may mix: easy, huge, tiny, edges, around kinks."""
    fmt = case.fmt
    rng = np.random.default_rng(case.seed + 5)
    size = fmt.largest * rng.uniform(0.01, 1, 64) * rng.choice([-1, 1], 64)
    tiny = fmt.smallest_normal * rng.uniform(0, 4, 64) * rng.choice([-1, 1], 64)
    near = rng.uniform(-30, 30, 512)
    kinds = [points.ordinary(fmt, 512, case.seed), near, points.edges(fmt), size, tiny]
    main = case.function.variables[0]
    found = [points.inside(fmt.round(k) + 0.0, main, fmt) for k in kinds]  # no -0 by rounding
    return [k[_legal(case, setting, k)] for k in found]


def _legal(case: Case, setting: Setting, first: Floats) -> NDArray[np.bool_]:
    """Where the function has a value, at typical values of the other variables."""
    others = [np.full(first.shape, typical(case, v)) for v in case.function.variables[1:]]
    return points.meets(case.function, (first, *others), setting)


def composition(case: Case, name: str, setting: Setting) -> Batch | None:
    """An array on which the implementation falls below what is required, shrunk; or None.

    Hypothesis draws the length, the mixture of strata and a seed; NumPy expands them. Elementwise
    functions only.
    """
    strata = [s for s in _strata(case, setting) if s.size]
    lengths = sizes.several(case, amounts.LENGTHS, "compositions")
    found: list[Batch] = []

    def expand(length: int, kinds: list[int], seed: int) -> Batch:
        rng, usual = np.random.default_rng(seed), points.ordinary(case.fmt, 64, case.seed)
        chosen = rng.choice(kinds, length)
        first = np.array([rng.choice(strata[k]) for k in chosen])
        others = [
            rng.choice(points.inside(usual, v, case.fmt), length)
            for v in case.function.variables[1:]
        ]
        return Batch((first, *others))

    @hypothesis.settings(
        max_examples=amounts.examples(case.effort),
        phases=(Phase.generate, Phase.target, Phase.shrink),
        **_QUIET,
    )
    @hypothesis.seed(case.seed)
    @hypothesis.given(
        length=strategies.sampled_from(lengths),
        kinds=strategies.lists(
            strategies.integers(0, len(strata) - 1), min_size=1, max_size=3, unique=True
        ),
        seed=strategies.integers(0, 2**32 - 1),
    )
    def holds(length: int, kinds: list[int], seed: int) -> None:
        batch = expand(length, kinds, seed)
        kept = points.meets(case.function, batch.arrays, setting)
        hypothesis.assume(kept.any())
        batch = batch[np.resize(np.flatnonzero(kept), length)].apart  # of the length drawn
        rank, share = _rank(case, name, batch, setting)
        hypothesis.target(min(share, 1e9))
        if rank < case.required.rank:
            found.append(batch)
            raise AssertionError

    try:
        holds()
    except (AssertionError, hypothesis.errors.Flaky):
        return found[-1] if found else None
    return None


# ---------------------------------------------------------------- shrinking


def simplest(case: Case, name: str, setting: Setting, batch: Batch, index: int) -> Batch | None:
    """The simplest input near a failing one that reaches no better level, alone in its array.

    None where the failure does not show in an array of one element.
    """
    alone = batch[index : index + 1]
    try:
        rank, _ = _rank(case, name, alone, setting)
        if rank >= case.required.rank:
            return None
        x = float(alone.arrays[0][0])
        if not np.isfinite(x) or x == 0:
            return alone
        return _shrunk(case, name, setting, alone, x, rank)
    except (Misconduct, Unsupported):
        return None


def _shrunk(case: Case, name: str, setting: Setting, alone: Batch, x: float, rank: int) -> Batch:
    """The simplest failing x within a factor of two of the given one, or between it and 0."""
    ranges = [sorted((x / 2, 2 * x)), sorted((0.0, x))]
    for low, high in ranges if 1e-2 <= abs(x) <= 1e3 else ranges[::-1]:
        value = _simplest_between(case, name, setting, alone, rank, low, high)
        if value is not None:
            return Batch((case.fmt.round(np.array([value])), *alone.arrays[1:]))
    return alone


def _simplest_between(
    case: Case, name: str, setting: Setting, alone: Batch, rank: int, low: float, high: float
) -> float | None:
    fmt = case.fmt
    if max(abs(low), abs(high)) > fmt.largest:
        return None

    def fails(value: float) -> bool:
        first = fmt.round(np.array([value]))
        kept = points.inside(first, case.function.variables[0], fmt)
        if not np.isin(first, kept).all() or not np.isfinite(first).all():
            return False
        return _rank(case, name, Batch((first, *alone.arrays[1:])), setting)[0] <= rank

    width = 64 if fmt.bits == 64 else 32
    edges = np.array([low, high], dtype=f"float{width}").astype(float)
    try:
        found: float = hypothesis.find(
            strategies.floats(float(edges[0]), float(edges[1]), width=64 if width == 64 else 32),
            fails,
            settings=hypothesis.settings(
                max_examples=SHRINK_EXAMPLES, phases=(Phase.generate, Phase.shrink), **_QUIET
            ),
        )
    except (hypothesis.errors.NoSuchExample, hypothesis.errors.Unsatisfiable):
        return None
    return found


# ---------------------------------------------------------------- dense scans

DEGREE = 8
CELLS = 16  # in each binade
BINADES = range(-12, 9)
DENSE = 512  # points in each cell
CHUNK = 65536  # points in one call


def suspects(case: Case, name: str, setting: Setting, scan: int = 0) -> Batch | None:
    """Points between the others where the implementation departs from the truth's shape.

    The truth in each small cell is fitted by a polynomial through nine points of the float64
    oracle; the implementation is compared with it on a dense grid. The worst few are returned for
    the oracle to judge. Finds faults in intervals that are too narrow for the ladder.
    """
    main = case.function.variables[0]
    starts = np.array([np.ldexp(1 + c / CELLS, e) for e in BINADES for c in range(CELLS)])
    widths = np.array([np.ldexp(1 / CELLS, e) for e in BINADES for _ in range(CELLS)])
    starts, widths = np.concatenate([starts, -starts]), np.concatenate([widths, -widths])
    legal = points.within(starts, main.domain) & points.within(starts + widths, main.domain)
    legal &= _legal(case, setting, starts) & _legal(case, setting, starts + widths)
    starts, widths = starts[legal], widths[legal]
    nodes = (1 - np.cos(np.pi * (np.arange(DEGREE + 1) + 0.5) / (DEGREE + 1))) / 2
    fixed = [typical(case, v) for v in case.function.variables[1:]]
    at_nodes = (starts[:, None] + widths[:, None] * nodes).ravel()
    columns = [at_nodes, *(np.full(at_nodes.shape, f) for f in fixed)]
    double = FORMATS["float64"]
    answer = oracle.truth(case.function, columns, double, setting)[name].answers[0]
    shape = (starts.size, DEGREE + 1)
    values = answer.nearest.reshape(shape)
    with np.errstate(all="ignore"):
        spread = np.ldexp(answer.condition, answer.exponent) * 2.0**53 * case.fmt.unit_roundoff
        ulps = np.ldexp(1.0, case.fmt.ulp_exponent(answer.nearest))
        bound = (ACCURATE_FACTOR * (spread + ulps)).reshape(shape)
    grid = _grid(case, at_nodes.size, scan)
    basis = np.polynomial.chebyshev.chebvander(2 * nodes - 1, DEGREE)
    coefficients = values @ np.linalg.inv(basis).T
    fit = coefficients @ np.polynomial.chebyshev.chebvander(2 * grid - 1, DEGREE).T
    tail = np.abs(coefficients[:, -2:]).sum(axis=1)
    size = np.abs(values).max(axis=1)
    threshold = bound.max(axis=1) + 10 * tail + 2.0**-48 * size
    x = case.fmt.round(starts[:, None] + widths[:, None] * grid)
    flat = x.ravel()
    batch = Batch((flat, *(np.full(flat.shape, f) for f in fixed)))
    chunk = sizes.some(case, CHUNK, name, scan)
    parts = [batch[k : k + chunk] for k in range(0, batch.size, chunk)]
    seen = np.concatenate([answers(case, name, p, setting) for p in parts]).reshape(x.shape)
    with np.errstate(all="ignore"):
        excess = np.abs(seen - fit) / threshold[:, None]
    excess = np.nan_to_num(excess, nan=1e300, posinf=1e300).ravel()
    worst = np.flatnonzero(excess > 1)
    if worst.size > 64:
        worst = np.argsort(-excess)[:64]
    return batch[np.sort(worst)].apart if worst.size else None


def typical(case: Case, variable: Any) -> float:
    """A value that the variable takes, where another one is looked at."""
    pool = points.inside(np.array([0.75, 0.25, 1.0]), variable, case.fmt)
    return float(pool[np.isfinite(pool)][-1]) if variable.domain.is_FiniteSet else 0.75


def _grid(case: Case, cells: int, scan: int) -> Floats:
    """Places in a cell, others for each scan, fewer where the implementation is slow."""
    main = case.function.variables[0]
    probe = points.inside(points.ordinary(case.fmt, 512), main, case.fmt)
    batch = Batch(
        (probe, *(np.full(probe.shape, typical(case, v)) for v in case.function.variables[1:]))
    )
    spent = []
    for _ in range(3):  # the least of three, so that a busy machine does not change the plan
        start = time.perf_counter()
        observe.value(case, batch)
        spent.append(time.perf_counter() - start)
    count = DENSE if min(spent) / probe.size < 5e-5 else 16  # far from any vectorized code
    rng = np.random.default_rng(case.seed + 9 + 1000 * scan)
    # 2**-11 of a cell: such x are floats of every format with 16 bits or more of significand
    return np.sort(rng.choice(2048, count, replace=False) + 0.5) / 2048
