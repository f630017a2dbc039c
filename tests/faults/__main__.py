"""The table of faults: `make faults`, or `python -m tests.faults` with words to select rows."""

from __future__ import annotations

import os
import sys
import tempfile
import textwrap
from pathlib import Path

for _threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_threads, "1")

from tests.faults import backends, disk, harness, truths  # noqa: E402
from tests.faults.fault import Fault, Kept  # noqa: E402

ROWS = (*backends.ROWS, *harness.ROWS, *truths.ROWS, *disk.ROWS)
WIDTH = 110


def met(fault: Fault, home: Path, number: int) -> tuple[Kept, bool]:
    """What came of a fault, and whether that was as it should be."""
    folder = home / str(number)
    folder.mkdir(parents=True)
    try:
        return fault.tried(folder), True
    except Exception as error:
        return Kept("", f"{type(error).__name__}: {error}"), False


def row(fault: Fault, kept: Kept, good: bool) -> str:
    """One row as three lines: what was injected, what was kept, what was said."""
    head = f"{'ok ' if good else 'NOT'}  {fault.place:<8} {fault.injected}"
    lines = [head]
    for label, text in (("kept", kept.kept), ("said", kept.said)):
        lines += textwrap.wrap(
            text or "-", WIDTH, initial_indent=f"       {label}  ", subsequent_indent=" " * 13
        )
    return "\n".join(lines)


def main(words: list[str]) -> int:
    """Print the table; 1 when a row is not as it should be, 2 when nothing is selected."""
    chosen = [f for f in ROWS if not words or any(w in f"{f.place} {f.injected}" for w in words)]
    if not chosen:
        print(f"no fault is named by {' '.join(words)}")
        return 2
    good = 0
    with tempfile.TemporaryDirectory() as home:
        for number, fault in enumerate(chosen):
            kept, fine = met(fault, Path(home) / fault.place, number)
            good += fine
            print(row(fault, kept, fine), flush=True)
    print(f"{good} of {len(chosen)} faults survived as they should be")
    return 0 if good == len(chosen) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
