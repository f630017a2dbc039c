"""Zero false findings: the reference backend under many seeds, each of which draws everything anew.

`make fuzz` runs it. Every finding is printed, with the seed that shows it again: it is a bug of a
bound, of a point or of the reference. Exit code 1 where there is one.

    python tests/fuzz.py --runs 200 --profile default --format float32 'gelu*'
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
import time
from fnmatch import fnmatch

for _threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(_threads, "1")

Task = tuple[str, int, str, tuple[str, ...]]


def judged(task: Task) -> tuple[Task, int, list[str]]:
    """One function under one seed: the points compared, and a line for all that did not pass."""
    from ulpian.checks import check

    name, seed, profile, formats = task
    report = check("reference", select=f"{name}:*", seed=seed, profile=profile, formats=formats)
    lines = []
    for v in report.verdicts:
        if v.status in ("fail", "error", "undecided"):
            at = "" if v.witness is None else f" at {dict(v.witness.inputs)}"
            again = f"--select {name}:{v.property} --format {v.format} --seed {seed}"
            said = f"{v.status}: {v.level}, error {v.error_ulp}, {v.message}{at}"
            lines.append(f"{v.id} {said[:600]}\n    ulpian check reference {again}")
    return task, sum(v.points for v in report.verdicts), lines


def main() -> int:
    """Every function under each seed, seed after seed, in as many processes as asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("patterns", nargs="*", default=["*"], metavar="FUNCTION")
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--first", type=int, default=1, help="the first seed")
    parser.add_argument("--profile", default="default")
    parser.add_argument("--format", dest="formats", action="append", help="default: each in turn")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    asked = parser.parse_args()
    from ulpian.checks.targets.target import resolve
    from ulpian.reference.formats import USUAL

    names = [
        n for n in resolve("reference").functions if any(fnmatch(n, p) for p in asked.patterns)
    ]
    seeds = range(asked.first, asked.first + asked.runs)
    turns = [tuple(asked.formats)] if asked.formats else [(f,) for f in USUAL]
    tasks = [(n, s, asked.profile, turns[s % len(turns)]) for s in seeds for n in names]
    start, points, findings, done = time.monotonic(), 0, 0, 0
    with multiprocessing.get_context("spawn").Pool(asked.jobs, maxtasksperchild=200) as pool:
        for _, compared, lines in pool.imap_unordered(judged, tasks):
            points, findings, done = points + compared, findings + len(lines), done + 1
            for line in lines:
                print(line, flush=True)
            if done % len(names) == 0:
                print(f"{done // len(names)} of {asked.runs} runs, {findings} findings", flush=True)
    seconds = time.monotonic() - start
    print(f"{asked.runs} runs of {len(names)} functions, {points:,} points, {seconds:.0f} s")
    print(f"{findings} findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
