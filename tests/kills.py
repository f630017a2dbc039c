"""The kill matrix: which property catches which wrong implementation, and how far down.

`make kills` prints it and fails when a wrong one survives, when it is caught only by another
property than the one that should, or when a right one is accused.
"""

from __future__ import annotations

import importlib
import multiprocessing
import os
import sys
import time
import warnings
from collections import Counter, defaultdict
from dataclasses import dataclass

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
    expected: tuple[str, ...]
    ok: bool
    failed: dict[str, str]
    errors: tuple[str, ...]

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


def judge(bank: str, index: int) -> Tried:
    """Judge one entry at `accurate`, in its own formats."""
    from ulpian.checks import Level, check

    entry = entries(bank)[index]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        report = check(
            entry.forward,
            as_=entry.function,
            vjp=entry.vjp,
            formats=entry.formats,
            require=Level.ACCURATE,
        )
    failed: dict[str, str] = {}
    for v in report.findings:
        failed.setdefault(v.property, str(v.level))
    errors = tuple(
        f"{v.id}: {v.message}" for v in report.verdicts if v.status in ("error", "undecided")
    )
    return Tried(bank, entry.name, entry.killed_by, report.ok, failed, errors)


def _judge(job: tuple[str, int]) -> Tried:
    return judge(*job)


def tried(banks: tuple[str, ...]) -> list[Tried]:
    """All entries of some banks, judged in as many processes as there are processors."""
    jobs = [(bank, k) for bank in banks for k in range(len(entries(bank)))]
    with multiprocessing.get_context("spawn").Pool(os.cpu_count()) as pool:
        return pool.map(_judge, jobs, chunksize=4)


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


def main() -> int:
    """Print the matrix and every complaint; 1 when there is one."""
    start = time.perf_counter()
    results = tried(tuple(BANKS))
    wrong = [r for r in results if r.wrong]
    right = [r for r in results if not r.wrong]
    print(matrix(wrong))
    complaints = [r for r in results if r.complaint]
    for r in complaints:
        print(f"{r.bank}: {r.name}: {r.complaint}")
    killed = sum(1 for r in wrong if not r.complaint)
    cleared = sum(1 for r in right if not r.complaint)
    seconds = time.perf_counter() - start
    print(
        f"{killed} of {len(wrong)} wrong implementations killed as expected, "
        f"{cleared} of {len(right)} right ones cleared, {seconds:.0f} s"
    )
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
