"""How fast the oracle, the judge and a whole run are: figures of this machine, in one run.

Run by `make bench`; `tests/bench.py sweep` is one part of it. Nothing is asserted: timings differ
between machines; ratios are taken from measurements side by side.
"""

from __future__ import annotations

import contextlib
import cProfile
import functools
import json
import os
import pstats
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests import bench_sweeps

NAMES = ("sigmoid", "tanh", "softplus", "silu", "gelu", "gelu_tanh", "elu", "bce_with_logits")
POINTS = {"float16": 400, "bfloat16": 400, "float32": 400, "float64": 80}  # mpmath is slow there
JUDGED = 1_000_000
STAGES = (  # the first that a file's path contains
    ("reference/implementations", "backend calls"),
    ("checks/targets/implementation", "backend calls"),
    ("checks/adapters", "backend calls"),
    ("checks/processes/limits", "backend calls"),
    ("checks/points/points", "points"),
    ("reference/cache", "oracle, cache"),
    ("reference/oracle", "oracle"),
    ("reference/pairs", "oracle"),
    ("reference/program", "oracle"),
    ("reference/rows", "oracle"),
    ("reference/once", "oracle"),
    ("reference/render", "oracle"),
    ("reference/row_source", "oracle"),
    ("reference/source", "oracle"),
    ("reference/settle", "oracle"),
    ("reference/arb", "oracle"),
    ("reference/mp", "oracle"),
    ("<oracle>", "oracle"),
    ("reference/reduction", "judging"),
    ("reference/error", "judging"),
    ("reference/level", "judging"),
    ("checks/judging/judge", "judging"),
    ("checks/judging/search", "search"),
    ("hypothesis", "search"),
    ("reference/formats", "formats (rounding)"),
    ("/spec/", "spec (SymPy)"),
    ("checks/", "properties, bookkeeping"),
)
PARTS = ("the code judged", "the oracle", "everything else")  # of a run, by the clock
ROUNDS = 60  # of passing times on to callers: deep enough for SymPy's recursions
Where = tuple[str, int, str]


def main() -> None:
    from ulpian.checks.environment import environment

    heading("environment")
    for name, value in environment().items():
        print(f"  {name:<14}{value}")
    oracle_rates()
    judging_rates()
    bench_sweeps.main(whole=False)
    whole_runs()


def heading(text: str) -> None:
    print(f"\n{text}", flush=True)


def seconds(work: Callable[[], Any]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


# ---------------------------------------------------------------- the oracle


def oracle_rates() -> None:
    """Value and gradient: the oracle, which also encloses C, against a plain mpmath loop."""
    from ulpian.reference import FORMATS, USUAL
    from ulpian.spec import find

    heading("oracle, uncached, value and gradient: points a second, against a plain mpmath loop")
    print(f"  {'function':<18}" + "".join(f"{f:>26}" for f in USUAL))
    ratios: dict[str, list[float]] = defaultdict(list)
    alike: dict[str, list[float]] = defaultdict(list)
    for name in NAMES:
        cells = []
        for fmt in (FORMATS[name] for name in USUAL):
            ours, plain, same = oracle_rates_of(find(name), fmt)
            ratios[fmt.name].append(ours / plain)
            alike[fmt.name].append(ours / same)
            cells.append(f"{ours:>9.0f} /{plain:>7.0f} ={ours / plain:>6.1f}")
        print(f"  {name:<18}" + "".join(f"{c:>26}" for c in cells), flush=True)
    for label, found in (("median ratio", ratios), ("with C in both", alike)):
        medians = "".join(f"{statistics.median(found[f]):>26.1f}" for f in USUAL)
        print(f"  {label:<18}{medians}")
    every = [r for own in ratios.values() for r in own]
    print(
        f"  median of all {statistics.median(every):.1f}, smallest {min(every):.1f}, "
        f"largest {max(every):.1f}; at least 10 in {sum(r >= 10 for r in every)} of {len(every)}"
    )


def columns(function: Any, fmt: Any) -> list[Any]:
    """Half of the points in all binades, half ordinary; inside the domain."""
    import numpy as np
    from sympy import Reals

    rng = np.random.default_rng(0)
    count = POINTS[fmt.name]
    found = []
    for v in function.variables:
        exponents = rng.integers(fmt.subnormal_exponent, fmt.emax, count // 2)
        wide = np.ldexp(rng.uniform(1, 2, count // 2), exponents)
        wide *= rng.choice([-1.0, 1.0], wide.size)
        ordinary = rng.normal(scale=3, size=count - wide.size)
        values = rng.permutation(np.concatenate([wide, ordinary]))
        found.append(fmt.round(values if v.domain == Reals else rng.uniform(size=count)))
    return found


def oracle_rates_of(function: Any, fmt: Any) -> tuple[float, float, float]:
    """Points a second: of the oracle, of plain mpmath, and of mpmath giving all the oracle does."""
    from ulpian.reference import truth

    points = columns(function, fmt)
    for engine in ("arb", "mpmath"):  # code is generated once
        truth(function, [p[:2] for p in points], fmt, engine=engine, cached=False)
    ours = seconds(lambda: truth(function, points, fmt, cached=False))
    plain = plain_loop(function, fmt)
    plain([p[:2] for p in points])
    whole = seconds(lambda: truth(function, points, fmt, engine="mpmath", cached=False))
    bare = seconds(lambda: plain(points))
    size = points[0].size
    return size / ours, size / bare, size / whole


def plain_loop(function: Any, fmt: Any) -> Callable[[Any], list[Any]]:
    """What one writes without an oracle: lambdify, full-range precision, a loop."""
    import mpmath
    import sympy

    from ulpian.spec import derive
    from ulpian.spec.special import plain

    defaults = {p.symbol: p.default for p in function.parameters}
    gradients = [derive.gradient(function, v) for v in function.differentiable]
    expressions = [plain(e) for e in (derive.value(function), *gradients)]
    symbols = [*(v.symbol for v in function.variables), *defaults]
    compiled = sympy.lambdify(symbols, expressions, "mpmath")

    def loop(points: Any) -> list[Any]:
        with mpmath.workprec(fmt.full_range_bits):
            fixed = [mpmath.mpf(int(d.p)) / int(d.q) for d in defaults.values()]
            rows = zip(*(p.tolist() for p in points), strict=True)
            return [compiled(*map(mpmath.mpf, row), *fixed) for row in rows]

    return loop


# ---------------------------------------------------------------- the judge


def judging_rates() -> None:
    """Observations of gelu against its truths, many at once."""
    import numpy as np

    from ulpian.checks.judging.judge import judge
    from ulpian.reference import FORMATS, USUAL, Truth, implementations, truth
    from ulpian.spec import find

    heading("judging known truths: points a second")
    for fmt in (FORMATS[name] for name in USUAL):
        (points,) = columns(find("gelu"), fmt)
        known = truth(find("gelu"), [points], fmt, cached=False)["value"]
        index = np.resize(np.arange(points.size), JUDGED)
        tiled: Truth = known[index]
        seen = implementations.gelu(fmt.array(points)).astype(np.float64)[index]
        spent = min(seconds(partial(judge, seen, tiled, fmt, 1.0)) for _ in range(3))
        print(f"  {fmt.name:<18}{JUDGED / spent:>14,.0f}")


# ---------------------------------------------------------------- a whole run


def whole_runs() -> None:
    """`check("reference", formats=("float32",))`, plain and profiled, cold and warm."""
    with tempfile.TemporaryDirectory() as folder:
        plain = [child("plain", folder), child("plain", folder)]
    with tempfile.TemporaryDirectory() as folder:
        parted = [child("parted", folder), child("parted", folder)]
    with tempfile.TemporaryDirectory() as folder:
        profiled = [child("profiled", folder), child("profiled", folder)]
    heading("whole run of reference on float32, seconds")
    print(f"  {'':<26}{'cold cache':>12}{'warm cache':>12}")
    for name in ("import", "run"):
        print(f"  {name:<26}{plain[0][name]:>12.2f}{plain[1][name]:>12.2f}")
    rates = "".join(f"{p['points'] / p['run']:>12,.0f}" for p in plain)
    print(f"  {'points judged a second':<26}{rates}")
    heading("by stage, of eleven functions under the profiler, which slows Python: shares")
    names = sorted({*profiled[0]["stages"], *profiled[1]["stages"]})
    names.sort(key=lambda n: -profiled[0]["stages"].get(n, 0))
    for name in names:
        print(f"  {name:<26}" + "".join(share(p["stages"], name) for p in profiled))
    heading("by part, by the clock alone: no truth is kept in a user's first run, all in the next")
    for part in PARTS:
        cells = (p["parts"][part] for p in parted)
        print(f"  {part:<26}" + "".join(f"{cell:>10.2f} s" for cell in cells))
    rest = (share(p["parts"], PARTS[-1]) for p in parted)
    print(f"  {'outside code and oracle':<26}" + "".join(rest))


def share(stages: Mapping[str, float], name: str) -> str:
    return f"{100 * stages.get(name, 0) / sum(stages.values()):>10.1f} %"


def child(mode: str, folder: str) -> dict[str, Any]:
    """One run in a process of its own: nothing is warm but the cache on disk."""
    done = subprocess.run(
        [sys.executable, __file__, mode],
        env={**os.environ, "ULPIAN_CACHE": folder},
        check=True,
        capture_output=True,
        text=True,
    )
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def one_run(mode: str) -> None:
    """The child's part: prints its figures as one line of JSON."""
    reports: list[Any] = []
    result: dict[str, Any] = {"import": seconds(imports)}
    from ulpian.checks import check

    # a profiler makes the whole book a matter of a quarter of an hour
    select = (*NAMES, "softmax", "cross_entropy", "huber") if mode == "profiled" else ()

    def work() -> None:
        reports.append(check("reference", select=select, formats=("float32",)))

    if mode == "parted":
        result["parts"] = parts_of(work)
    elif mode == "profiled":
        profile = cProfile.Profile()
        profile.runcall(work)
        result["stages"] = stages_of(pstats.Stats(profile))
    else:
        result["run"] = seconds(work)
    result["points"] = sum(v.points for v in reports[0].verdicts)
    print(json.dumps(result))


def parts_of(work: Callable[[], Any]) -> dict[str, float]:
    """Processor seconds of a run: in the code it judges, in the oracle, and in all the rest.

    The clock is read where calls cross the border, so that nothing is slowed down; what the oracle
    reads from disk is its own.
    """
    from ulpian.checks.targets.implementation import Implementation
    from ulpian.reference import oracle, rows

    spent = dict.fromkeys(PARTS, 0.0)
    inside = [PARTS[-1]]
    since = time.process_time()

    def passes(part: str | None) -> None:
        nonlocal since
        now = time.process_time()
        spent[inside[-1]] += now - since
        since = now
        inside.append(part) if part else inside.pop()

    @contextlib.contextmanager
    def within(part: str) -> Iterator[None]:
        passes(part)
        try:
            yield
        finally:
            passes(None)

    def timed(work: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(work)
        def call(*given: Any, **named: Any) -> Any:
            with within("the oracle"):
                return work(*given, **named)

        return call

    guard = Implementation.guard

    @contextlib.contextmanager
    def guarded(self: Any, call: Any) -> Iterator[None]:
        with guard(self, call), within("the code judged"):
            yield

    Implementation.guard = guarded  # type: ignore[method-assign]
    asked = (oracle.truth, rows.truth_rows, rows.near_kink, rows.divisors)
    replaced = {id(work): timed(work) for work in asked}
    for module in [m for n, m in sys.modules.items() if n.startswith("ulpian.")]:
        for name, item in list(vars(module).items()):
            if id(item) in replaced:
                setattr(module, name, replaced[id(item)])
    work()
    passes(None)
    return spent


def imports() -> None:
    import ulpian.checks.runs.run
    import ulpian.reference.implementations  # noqa: F401


def stage_of(path: str) -> str | None:
    """The stage that a file of Ulpian or Hypothesis belongs to; None for any other code."""
    path = Path(path).as_posix()
    return next((stage for part, stage in STAGES if part in path), None)


def stages_of(stats: pstats.Stats) -> dict[str, float]:
    """Own times by stage; what libraries spend belongs to the stages that called them."""
    table: Any = stats.stats  # type: ignore[attr-defined]
    total: dict[str, float] = defaultdict(float)
    parts = owners(table)
    for where, (_, _, own, _, _) in table.items():
        for stage, part in parts[where].items():
            total[stage] += own * part
        total["other"] += own * (1 - sum(parts[where].values()))
    return dict(total)


def owners(table: Any) -> dict[Where, dict[str, float]]:
    """The stages that each function works for, as parts of one, weighed by its callers' time.

    Library code calls itself in circles, so the parts are passed on round by round.
    """
    parts: dict[Where, dict[str, float]] = {}
    weights: dict[Where, list[tuple[Where, float]]] = {}
    for where, row in table.items():
        stage = stage_of(where[0])
        parts[where] = {} if stage is None else {stage: 1.0}
        if stage is None:
            callers = [(c, t[3] + 1e-9) for c, t in row[4].items() if c != where and c in table]
            whole = sum(t for _, t in callers)
            weights[where] = [(c, t / whole) for c, t in callers]
    for _ in range(ROUNDS):
        for where, callers in weights.items():
            mixed: dict[str, float] = defaultdict(float)
            for caller, weight in callers:
                for stage, part in parts[caller].items():
                    mixed[stage] += weight * part
            parts[where] = mixed
    return parts


if __name__ == "__main__":
    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[variable] = "1"
    if sys.argv[1:2] == ["sweep"]:
        bench_sweeps.main(whole=sys.argv[2:] == ["all"])
    elif len(sys.argv) > 1:
        one_run(sys.argv[1])
    else:
        main()
