"""What the options of a test run ask for, which win over what its files say.

A test file asks for cases while it is imported, where no object of the test run is at hand: so the
options are kept here as long as the run lasts.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from ..numerals import seconds

_options: dict[str, Any] = {}


@contextmanager
def options(given: Mapping[str, Any]) -> Iterator[None]:
    """Keep options until the end; `deadline` is on the clock of `time.monotonic`."""
    before = dict(_options)
    _options.update(given)
    try:
        yield
    finally:
        _options.clear()
        _options.update(before)


def option(name: str) -> Any:
    """An option; None where it was not given."""
    return _options.get(name)


def hurry() -> None:
    """Refuse to begin when the time of the run is over: what is not judged is no pass."""
    deadline = _options.get("deadline")
    if deadline is not None and time.monotonic() > deadline:
        raise AssertionError(f"not judged: the time of {_options.get('timeout')} was over")


def deadline(text: str) -> float | None:
    """When a time from now, 90, 90s, 20m or 1h30m, is over; None where it is none."""
    total = seconds(text)
    return time.monotonic() + total if total else None
