"""Hunts of a minute against ten minutes of uniform random inputs: figures of this machine.

Run by `make hunts`, about an hour and a half. Uniform is over the bits of all finite float64. It is
tried twice: with one question to the oracle for each input, and with the hunt's own windows, which
judge hundreds of times as many. One after another in one process, by the clock.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from ulpian.checks.hunting import corpus, windows
from ulpian.checks.hunting.cells import REACH
from ulpian.checks.hunting.hunted import Limits, Wanted, hunted
from ulpian.checks.hunting.track import Track
from ulpian.checks.hunting.windows import POINTS, Window
from ulpian.checks.seeds import SEED
from ulpian.checks.sweeps.job import Job
from ulpian.checks.sweeps.plan import Request, plan
from ulpian.checks.sweeps.shard import Shard
from ulpian.reference import oracle
from ulpian.reference.error import least_error
from ulpian.reference.formats import FORMATS

NAMES = ("gelu", "tanh", "softplus", "log_sigmoid")
FMT = FORMATS["float64"]
SIGN, INFINITY = 1 << 63, FMT.bits_of(np.inf)
ROUND = 128


@dataclass(frozen=True)
class Figure:
    """What one way of searching came to."""

    function: str
    by: str
    error: float
    x: str
    points: int
    seconds: float
    cpu: float


def searched(name: str, seconds: float) -> Figure:
    """A hunt that knows no input from before."""
    cpu = time.process_time()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        wanted = Wanted(Limits(seconds), SEED, folder / "corpus", folder / "hunts")
        (found,) = hunted(plan(Request("torch", select=(name,), fmt=FMT.name, hunt=True)), wanted)
    worst = found.result.largest
    assert worst is not None
    spent = time.process_time() - cpu
    return Figure(name, "hunt", worst.error, worst.x, found.points, found.seconds, spent)


def one_by_one(track: Track, rng: np.random.Generator) -> Iterator[tuple[int, float, int]]:
    """Random inputs, each judged by the oracle: how many, the worst error and its bits."""
    while True:
        bits = rng.integers(0, INFINITY, 4096, dtype=np.uint64)
        bits |= rng.integers(0, 2, 4096, dtype=np.uint64) << np.uint64(63)
        x = bits.view(np.float64)
        truth = oracle.truth(track.job.quantity.function, [x], FMT, cached=False)["value"]
        error, _ = least_error(track.answers(x), truth, FMT)
        worst = int(np.argmax(np.where(truth.decided, error, -1.0)))
        yield bits.size, float(error[worst]), int(bits[worst])


def by_windows(track: Track, rng: np.random.Generator) -> Iterator[tuple[int, float, int]]:
    """Windows at random bits; their worst is asked again from the oracle where it would count."""
    best = 0.0
    while True:
        chosen: list[Window] = []
        while len(chosen) < ROUND:
            negative, bits = bool(rng.integers(2)), int(rng.integers(INFINITY))
            piece = track.piece(negative, bits)
            if piece.coefficients is None or piece.count < POINTS << REACH:
                continue
            stride = ((piece.count >> REACH) // POINTS - 1) | 1
            start = min(bits - piece.first, piece.count - stride * POINTS)
            chosen.append(Window(piece, start, stride))
        seen = windows.look(FMT, track.answers, chosen)
        worst = int(np.argmax(seen.error))
        error, bits = float(seen.error[worst]), seen.bits[worst]
        if error > best:
            error = float(track.errors([bits], seen.observed[worst : worst + 1])[0])
            best = max(best, error)
        yield POINTS * ROUND, min(error, best), bits


Way = Callable[[Track, np.random.Generator], Iterator[tuple[int, float, int]]]


def at_random(name: str, seconds: float, by: str, way: Way) -> Figure:
    """The worst of uniformly random inputs."""
    track = Track(Job(Shard("torch", name, "value", FMT.name)))
    start, cpu, points, best = time.monotonic(), time.process_time(), 0, (-1.0, 0)
    for count, error, bits in way(track, np.random.default_rng([SEED, len(by)])):  # streams apart
        points += count
        best = max(best, (error, bits))
        if time.monotonic() - start > seconds:
            break
    spent = time.monotonic() - start, time.process_time() - cpu
    return Figure(name, by, best[0], FMT.of_bits(best[1]).hex(), points, *spent)


def main() -> int:
    """Print a line for each search, and say whether the hunts were the better ones."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", default=NAMES)
    parser.add_argument("--hunt", type=float, default=60.0, help="seconds")
    parser.add_argument("--random", type=float, default=600.0, help="seconds")
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    corpus.SHIPPED = Path("/nowhere")  # what hunts have found before is not theirs to know
    figures: list[Figure] = []
    worse = []
    for name in asked.names:
        found = [searched(name, asked.hunt)]
        found.append(at_random(name, asked.random, "uniform, by windows", by_windows))
        found.append(at_random(name, asked.random, "uniform, one by one", one_by_one))
        for f in found:
            print(
                f"{f.function:12} {f.by:20} {f.error:<22.12g} at {f.x:24} {f.points:>13,} inputs "
                f"{f.seconds:6.1f} s ({f.cpu:.1f} s of a core)",
                flush=True,
            )
        figures += found
        # a hunt's figure is told to six digits
        worse += [f for f in found[1:] if f.error > found[0].error * (1 + 1e-5)]
    if asked.json:
        asked.json.write_text(json.dumps([asdict(f) for f in figures], indent=1) + "\n")
    for f in worse:
        print(f"the hunt of {f.function} found less than {f.by}", file=sys.stderr)
    return 1 if worse else 0


if __name__ == "__main__":
    sys.exit(main())
