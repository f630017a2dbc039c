"""Who conforms? Points, properties, backends, runner, reports.

`check` judges implementations and gives a `Report` of `Verdict`s. Names are imported when they are
first used, so that the command line starts at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..reference.level import Level as Level
    from .runs.run import check as check
    from .testing.assertion import assert_ulp as assert_ulp
    from .testing.docket import cases as cases
    from .usage import UsageError as UsageError
    from .verdict import Report as Report
    from .verdict import Status as Status
    from .verdict import Verdict as Verdict
    from .verdict import Witness as Witness

_HOMES = {
    "assert_ulp": "testing.assertion",
    "cases": "testing.docket",
    "check": "runs.run",
    "UsageError": "usage",
    "Report": "verdict",
    "Status": "verdict",
    "Verdict": "verdict",
    "Witness": "verdict",
    "Level": "verdict",
}
__all__ = [
    "Level",
    "Report",
    "Status",
    "UsageError",
    "Verdict",
    "Witness",
    "assert_ulp",
    "cases",
    "check",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import importlib

    return getattr(importlib.import_module(f".{_HOMES[name]}", __name__), name)
