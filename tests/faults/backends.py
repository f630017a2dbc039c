"""Code under test that crashes, hangs, floods and meddles: one run over `tests.bad.faulty`."""

from __future__ import annotations

import os
from functools import cache, partial
from pathlib import Path

from tests.bad import faulty
from ulpian.checks import Report, Status, Verdict
from ulpian.checks.processes import workers
from ulpian.checks.runs.run import check_target

from .fault import Fault, Kept, changed, variable

ACCURACY, PURITY = "value.accuracy", "structure.purity"
ENDED = {
    "segfaults": "a segmentation fault",
    "aborts": "abort()",
    "exits": "os._exit(0)",
    "is_killed": "SIGKILL, as from the system when memory runs out",
    "is_terminated": "SIGTERM to itself",
    "overflows_the_stack": "endless recursion with the recursion limit lifted",
    "loops": "an endless loop in Python",
    "swallows_everything": "an endless loop that swallows every exception",
    "hangs_in_native_code": "hours in native code",
    "takes_all_memory": "memory without end",
    "writes_without_end": "output without end",
}
RAISED = {
    "leaves": "sys.exit()",
    "raises_keyboard_interrupt": "KeyboardInterrupt, raised by itself",
    "raises_a_huge_message": "an exception with a message of 10 MB",
    "raises_without_words": "an exception that cannot be printed",
    "recurses": "endless recursion",
    "returns_something_unreadable": "a result that cannot be read",
}
MEDDLED = {
    "puts": "output by C's puts",
    "echoes": "output by a subprocess",
    "closes_stdout": "stdout closed",
    "seeds_numpy": "NumPy's generator seeded",
    "sets_the_environment": "os.environ changed",
    "changes_the_folder": "os.chdir",
    "takes_the_signals": "a signal handler of its own",
}
HARMLESS = {
    "complains": "output to stderr",
    "leaves_threads": "threads left running",
    "deletes_the_temporary_folder": "the temporary folder deleted",
}
FAULTS = {**ENDED, **RAISED, **MEDDLED, **HARMLESS}


@cache
def _run(folder: Path) -> Report:
    """All of them in one run, in a temporary folder that one of them deletes."""
    (folder / "may be deleted").touch()
    with changed(workers, "GRACE", 0.5), variable("TMPDIR", str(folder)):
        return check_target(
            "tests.bad.faulty",
            formats=("float32",),
            select=(*FAULTS, ACCURACY, PURITY),
            limit=2.0,
            memory=0.25,
            jobs=os.cpu_count() or 1,
        )


def _verdict(report: Report, name: str, prop: str) -> Verdict:
    (found,) = [v for v in report.verdicts if (v.function, v.property) == (name, prop)]
    return found


def _met(folder: Path, *, name: str) -> Kept:
    report = _run(folder.parent)
    assert report.complete
    value, conduct = _verdict(report, name, ACCURACY), _verdict(report, name, PURITY)
    others = sum(v.function != name for v in report.verdicts)
    kept = f"{others} verdicts on the others"
    if name in ENDED:
        assert value.status is Status.FAIL
        assert value.witness is not None
        assert value.witness.inputs == {"x": faulty.GUILTY}
        return Kept(f"{kept}; the guilty input, x = {faulty.GUILTY}", value.message)
    if name in RAISED:
        assert value.status is Status.FAIL
        return Kept(kept, value.message[:90])
    assert value.status is Status.PASS
    assert conduct.status is (Status.FAIL if name in MEDDLED else Status.PASS)
    said = conduct.message or "; ".join(f"trait: {t}" for t in conduct.traits)
    return Kept(f"{kept}; {ACCURACY} passes", said or "(nothing: it does no harm)")


ROWS = tuple(
    Fault("backend", injected, partial(_met, name=name), quick=False)
    for name, injected in FAULTS.items()
)
