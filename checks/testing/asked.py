"""What the options of a test run ask for, which win over what its files say.

A test file asks for cases while it is imported, where no object of the test run is at hand: so the
options are kept here as long as the run lasts.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

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
    found = re.fullmatch(r"(?:([\d.]+)h)?(?:([\d.]+)m)?(?:([\d.]+)s?)?", text.strip().lower())
    try:
        hours, minutes, rest = (float(part or 0) for part in found.groups()) if found else (0, 0, 0)
    except ValueError:
        return None
    total = 3600 * hours + 60 * minutes + rest
    return time.monotonic() + total if total > 0 else None
