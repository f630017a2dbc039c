"""The quick rows of the table of faults; `make faults` has all of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from .faults import backends, disk, harness, truths
from .faults.fault import Fault

ROWS = (*backends.ROWS, *harness.ROWS, *truths.ROWS, *disk.ROWS)


@pytest.mark.parametrize("fault", [f for f in ROWS if f.quick], ids=lambda f: f.injected)
def test_a_fault_is_survived_and_said_in_one_sentence(fault: Fault, tmp_path: Path) -> None:
    found = fault.tried(tmp_path)
    assert found.kept
    assert found.said


def test_there_are_faults_everywhere() -> None:
    assert len(ROWS) >= 25
    assert {f.place for f in ROWS} == {"backend", "harness", "cache", "report", "ledger"}
    assert len({(f.place, f.injected) for f in ROWS}) == len(ROWS)
