"""What a sweep costs beside the code that it judges: the part "sweep" of `make bench`.

    python tests/bench.py sweep          a sixteenth of the line: one binade of every sixteen
    python tests/bench.py sweep all      all 2**32 inputs

The code alone makes the same inputs and the same calls, block by block, right before the sweep of
the same floats, in the same process, on one thread. Times are of the processor: what else the
machine does counts for neither.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Any

FUNCTIONS = (
    *("gelu", "tanh", "silu", "softplus", "mish", "sigmoid", "log_sigmoid", "elu", "selu"),
    "hard_swish",
)
QUANTITIES = ("value", "gradient")
BINADE = 1 << 23
EVERY = 16  # binades, of which one is swept where not all are
STAGES = ("code", "truth", "comparison", "order", "oracle", "inputs and the rest")
LABEL = "torch"


def main(whole: bool) -> None:
    """A line for each function and quantity."""
    part = "all 2^32 inputs" if whole else "a sixteenth of the line"
    print(f"\nsweeps of {LABEL} in float32, {part}, beside the code alone; shares of the sweep")
    print(f"  {'':<22}{'ratio':>7}{'ns':>7}{'alone':>7}  ", end="")
    print("".join(f"{s.split()[0]:>12}" for s in STAGES), f"{'peak MiB':>10}", flush=True)
    for name in FUNCTIONS:
        done = subprocess.run(
            [sys.executable, __file__, name, "all" if whole else "part"],
            check=True,
            capture_output=True,
            text=True,
        )
        for row in json.loads(done.stdout.splitlines()[-1]):
            shares = "".join(f"{100 * s:>10.1f} %" for s in row["shares"])
            print(
                f"  {name + ' ' + row['quantity']:<22}{row['ratio']:>7.2f}{row['ns']:>7.2f}"
                f"{row['alone']:>7.2f}  {shares} {row['peak']:>10.0f}",
                flush=True,
            )


def parts(whole: bool) -> Iterator[tuple[int, int]]:
    """First bits and count of what is swept."""
    if whole:
        size = 1 << 27
        yield from ((k * size, size) for k in range(32))
        return
    for k in range((1 << 32) // (EVERY * BINADE)):
        yield (k * EVERY + 5 * k % EVERY) * BINADE, BINADE


def child(name: str, whole: bool) -> None:
    """One function, in a process of its own so that the peak of its memory is its own."""
    import torch

    torch.set_num_threads(1)
    rows = []
    for quantity in QUANTITIES:
        row: dict[str, Any] = measured(name, quantity, whole)
        row["peak"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        rows.append({"quantity": quantity, **row})
    print(json.dumps(rows))


def measured(name: str, quantity: str, whole: bool) -> dict[str, Any]:
    from ulpian.checks.sweeps.judged import judged
    from ulpian.checks.sweeps.shard import Shard

    clock, alone, spent, inputs = Clock(), 0.0, 0.0, 0
    judged(Shard(LABEL, name, quantity, first=0x3F800000, count=4096))  # imports, code compiled
    with instrumented(clock):
        for first, count in parts(whole):
            shard = Shard(LABEL, name, quantity, first=first, count=count)
            start = time.process_time()
            the_code_alone(shard)
            middle = time.process_time()
            clock.start()
            judged(shard)
            clock.stop()
            alone += middle - start
            spent += time.process_time() - middle
            inputs += count
    total = sum(clock.spent.values())
    return {
        "ratio": spent / alone,
        "ns": 1e9 * spent / inputs,
        "alone": 1e9 * alone / inputs,
        "shares": [clock.spent[s] / total for s in STAGES],
    }


def the_code_alone(shard: Any) -> None:
    """The inputs made and the code called, as in a sweep, and nothing else."""
    import numpy as np

    from ulpian.checks.sweeps.job import BLOCK, Job

    job = Job(shard)
    with job.target.adapter.session():
        for start in range(shard.first, shard.first + shard.count, BLOCK):
            bits = np.arange(start, start + BLOCK, dtype=job.fmt.integer)
            job.answers(bits.view(job.fmt.dtype))


# ---------------------------------------------------------------- stages


class Clock:
    """Processor seconds by stage, read where calls cross from one to another."""

    def __init__(self) -> None:
        self.spent = dict.fromkeys(STAGES, 0.0)
        self.inside: list[str] = []
        self.since = 0.0

    def start(self) -> None:
        self.inside, self.since = [STAGES[-1]], time.process_time()

    def stop(self) -> None:
        self._passes()
        self.inside = []

    def _passes(self) -> None:
        now = time.process_time()
        if self.inside:
            self.spent[self.inside[-1]] += now - self.since
        self.since = now

    @contextmanager
    def within(self, stage: str) -> Iterator[None]:
        if not self.inside:
            yield
            return
        self._passes()
        self.inside.append(stage)
        try:
            yield
        finally:
            self._passes()
            self.inside.pop()

    def timed(self, stage: str, work: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(work)
        def call(*given: Any, **named: Any) -> Any:
            with self.within(stage):
                return work(*given, **named)

        return call

    def each(self, stage: str, work: Callable[..., Iterable[Any]]) -> Callable[..., Iterator[Any]]:
        """The same for what is given piece by piece."""

        @wraps(work)
        def pieces(*given: Any, **named: Any) -> Iterator[Any]:
            source = iter(work(*given, **named))
            while True:
                with self.within(stage):
                    piece = next(source, None)
                if piece is None:
                    return
                yield piece

        return pieces


@contextmanager
def instrumented(clock: Clock) -> Iterator[None]:
    """The clock read around each stage of `judged`."""
    from ulpian.checks.sweeps import job, judged
    from ulpian.checks.sweeps.compare import Comparison
    from ulpian.checks.sweeps.order import Order
    from ulpian.reference.local import rows
    from ulpian.reference.local.quantity import Quantity

    answers = job.answers
    changes = [
        (job, "answers", lambda *given: clock.timed("code", answers(*given))),
        (judged, "spans", clock.each("truth", rows.spans)),
        (Comparison, "block", clock.timed("comparison", Comparison.block)),
        (Order, "block", clock.timed("order", Order.block)),
        (Quantity, "truth", clock.timed("oracle", Quantity.truth)),
    ]
    before = [(holder, name, getattr(holder, name)) for holder, name, _ in changes]
    for holder, name, changed in changes:
        setattr(holder, name, changed)
    try:
        yield
    finally:
        for holder, name, original in before:
            setattr(holder, name, original)


if __name__ == "__main__":
    sys.path[:] = [p for p in sys.path if Path(p or ".").resolve() != Path(__file__).parent]
    child(sys.argv[1], sys.argv[2] == "all")
