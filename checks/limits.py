"""A limit on the time of one call of the code under test."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn


class CallTimeout(BaseException):
    """The code under test did not return in time.

    Not an `Exception`, so that code under test which catches everything does not swallow it.
    """


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Raise `CallTimeout` in the body after so many seconds (0 for no limit).

    Uses the interval timer of the process: it works in the main thread of a Unix system, and
    interrupts Python code at once and native code when it returns. Elsewhere it does nothing.
    """
    usable = hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread()
    if not usable or seconds <= 0:
        yield
        return

    def expire(signum: int, frame: FrameType | None) -> NoReturn:
        raise CallTimeout(f"no result within {seconds:g} s")

    previous = signal.signal(signal.SIGALRM, expire)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)
