"""The kill matrix: which property catches which wrong implementation, and how far down.

`make kills` prints it and fails when a wrong one survives, when it is caught only by another
property than the one that should, or when a right one is accused. `python tests/kills.py 'glu*'`
does so for the entries, and the functions, that match a pattern. `--record FILE` writes what the
handbook tells of it.
"""

from __future__ import annotations

import argparse
import importlib
import json
import multiprocessing
import os
import sys
import time
import warnings
from collections import Counter, defaultdict
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
for _threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(_threads, "1")

from tests.bank.entry import Entry  # noqa: E402

BANKS = {
    "wrong": ("tests.bank", "WRONG"),
    "right": ("tests.bank", "RIGHT"),
    "torch wrong": ("tests.bank.torch_wrong", "WRONG"),
    "torch right": ("tests.bank.torch_right", "RIGHT"),
}


def entries(bank: str) -> tuple[Entry, ...]:
    """The entries of one bank; the PyTorch ones import PyTorch."""
    module, name = BANKS[bank]
    found: tuple[Entry, ...] = getattr(importlib.import_module(module), name)
    return found


@dataclass(frozen=True)
class Tried:
    """What `check` said of one entry: the level under each property that failed."""

    bank: str
    name: str
    function: str
    formats: tuple[str, ...]
    note: str
    expected: tuple[str, ...]
    ok: bool
    failed: dict[str, str]
    errors: tuple[str, ...]
    seconds: float

    @property
    def wrong(self) -> bool:
        return "wrong" in self.bank

    @property
    def complaint(self) -> str:
        """What is amiss with Ulpian here; empty where all is well."""
        if self.errors:
            return f"Ulpian failed: {self.errors[0]}"
        if not self.wrong:
            return "" if self.ok else f"accused by {', '.join(self.failed)}"
        if self.ok or not self.failed:
            return f"survives; {' or '.join(self.expected)} should catch it"
        if not any(_under(f, e) for f in self.failed for e in self.expected):
            return f"caught by {', '.join(self.failed)}, not by {' or '.join(self.expected)}"
        return ""


def _under(name: str, group: str) -> bool:
    return name == group or name.startswith(f"{group.rstrip('*').rstrip('.')}.")


def judge(bank: str, index: int, *, whole: bool = False) -> Tried:
    """Judge one entry at `accurate`: a right one by everything, in all of its formats.

    A wrong one by the properties that should catch it, in one format after the other until they
    do; `whole` asks all properties, in all formats.
    """
    entry = entries(bank)[index]
    start = time.process_time()
    wrong = "wrong" in bank and not whole
    select = tuple(f"{entry.function}:{name}" for name in entry.killed_by) if wrong else ()
    rounds = [(f,) for f in entry.formats] if wrong else [tuple(entry.formats)]
    failed: dict[str, str] = {}
    errors: list[str] = []
    for formats in rounds:
        report = _report(entry, formats, select)
        for v in report.findings:
            failed.setdefault(v.property, str(v.level))
        bad = (v for v in report.verdicts if v.status in ("error", "undecided"))
        errors += [f"{v.id}: {v.message}" for v in bad]
        if failed:
            break
    seconds = time.process_time() - start
    return Tried(
        *(bank, entry.name, entry.function, entry.formats, entry.note, entry.killed_by),
        *(not failed, failed, tuple(errors), seconds),
    )


def _report(entry: Entry, formats: tuple[str, ...], select: tuple[str, ...]) -> Any:
    from ulpian.checks import Level, check

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return check(
            entry.forward,
            as_=entry.function,
            vjp=entry.vjp,
            formats=formats,
            select=select,
            require=Level.ACCURATE,
        )


def _judge(job: tuple[str, int, bool]) -> Tried:
    bank, index, whole = job
    return judge(bank, index, whole=whole)


def jobs_of(banks: tuple[str, ...], patterns: list[str]) -> list[tuple[str, int]]:
    """The entries of some banks whose name or function matches; all without a pattern."""
    return [
        (bank, k)
        for bank in banks
        for k, e in enumerate(entries(bank))
        if not patterns or any(fnmatch(n, p) for n in (e.name, e.function) for p in patterns)
    ]


def tried(
    jobs: list[tuple[str, int]], *, whole: bool = False, processes: int | None = None
) -> list[Tried]:
    """Those entries, judged in as many processes as there are processors, or as many as said."""
    with multiprocessing.get_context("spawn").Pool(processes or os.cpu_count()) as pool:
        return pool.map(_judge, [(*job, whole) for job in jobs], chunksize=4)


def matrix(results: list[Tried]) -> str:
    """Properties down, levels across: how many wrong implementations each brought to which."""
    levels = ("unsound", "sound")
    table: dict[str, Counter[str]] = defaultdict(Counter)
    alone: Counter[str] = Counter()
    for r in results:
        for name, level in r.failed.items():
            table[name][level] += 1
        if len(r.failed) == 1:
            alone[next(iter(r.failed))] += 1
    lines = [f"{'property':<34}{'caught':>8}{'unsound':>9}{'sound':>7}{'alone':>7}"]
    for name, counts in sorted(table.items(), key=lambda kv: -sum(kv[1].values())):
        cells = "".join(f"{counts[level]:>{9 if level == 'unsound' else 7}}" for level in levels)
        lines.append(f"{name:<34}{sum(counts.values()):>8}{cells}{alone[name]:>7}")
    return "\n".join(lines)


def record(results: list[Tried], *, whole: bool) -> str:
    """What the handbook tells of it, as JSON with one entry in each line."""
    head: dict[str, Any] = {
        "schema": 1,
        "command": f"python tests/kills.py{' --whole' if whole else ''} --record kills.json",
        "environment": _environment(),
        "required": "accurate",
        "whole": whole,
    }
    head["definitions"] = _definitions(results)
    lines = [f"{json.dumps(name)}: {json.dumps(value)}" for name, value in head.items()]
    ordered = sorted(results, key=lambda r: (r.bank, r.function, r.name))
    entries = ",\n".join(json.dumps(_recorded(r), ensure_ascii=False) for r in ordered)
    return "{\n" + ",\n".join(lines) + f',\n"entries": [\n{entries}\n]\n}}\n'


def _recorded(r: Tried) -> dict[str, Any]:
    return {
        "name": r.name,
        "function": r.function,
        "library": "torch" if "torch" in r.bank else "numpy",
        "wrong": r.wrong,
        "note": r.note,
        "formats": r.formats,
        "expected": r.expected,
        "caught": dict(sorted(r.failed.items())),
        "complaint": r.complaint,
    }


def _definitions(results: list[Tried]) -> dict[str, str]:
    """The keys of the definitions that were judged by: another one makes the record stale."""
    from ulpian.checks.handbook.records import definition_key
    from ulpian.spec.catalogue import find

    return {name: definition_key(find(name)) for name in sorted({r.function for r in results})}


def _environment() -> dict[str, str]:
    from ulpian.checks.environment import environment, installed

    return {**environment(), "scipy": installed("scipy"), "torch": installed("torch")}


def _arguments(given: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("patterns", nargs="*", help="entries or functions; all without any")
    parser.add_argument("--whole", action="store_true", help="ask all properties, in all formats")
    parser.add_argument("--record", metavar="FILE", help="write what the handbook tells of it")
    parser.add_argument("--jobs", type=int, metavar="N", help="processes; default: one per CPU")
    return parser.parse_args(given)


def main(given: list[str]) -> int:
    """Print the matrix and every complaint; 1 when there is one, 2 when nothing matches.

    With `--whole` the matrix is of all properties, not only of those that should catch.
    """
    start = time.perf_counter()
    asked = _arguments(given)
    patterns = asked.patterns
    jobs = jobs_of(tuple(BANKS), patterns)
    results = tried(jobs, whole=asked.whole, processes=asked.jobs) if jobs else []
    if not results:
        print(f"no entry and no function matches {' '.join(patterns)}")
        return 2
    wrong = [r for r in results if r.wrong]
    right = [r for r in results if not r.wrong]
    print(matrix(wrong))
    if asked.record:
        Path(asked.record).write_text(record(results, whole=asked.whole), encoding="utf-8")
    complaints = [r for r in results if r.complaint]
    for r in complaints:
        print(f"{r.bank}: {r.name}: {r.complaint}")
    killed = sum(1 for r in wrong if not r.complaint)
    cleared = sum(1 for r in right if not r.complaint)
    seconds = time.perf_counter() - start
    costly = sorted(results, key=lambda r: -r.seconds)[:5]
    print("most processor time: " + ", ".join(f"{r.name} {r.seconds:.1f} s" for r in costly))
    print(
        f"{killed} of {len(wrong)} wrong implementations killed as expected, "
        f"{cleared} of {len(right)} right ones cleared, {seconds:.0f} s, "
        f"{sum(r.seconds for r in results):.0f} s of processor time"
    )
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
