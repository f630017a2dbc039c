"""A limit on the time of one call of the code under test.

A call that takes longer is interrupted by a signal. Code that catches everything, or that does not
leave native code, goes on all the same: the deadline of each call is noted for whoever can end the
whole process.
"""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator, MutableSequence
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn


class CallTimeout(BaseException):
    """The code under test did not return in time.

    Not an `Exception`, so that code under test which catches everything does not swallow it.
    """


# Where calls are noted, in a process that another one watches: the deadline on the clock of
# `time.monotonic` (0 between calls), and the limit in seconds.
_noted: MutableSequence[float] = [0.0, 0.0]


def note_in(shared: MutableSequence[float]) -> None:
    """Note the deadlines of this process's calls in memory that another process reads."""
    global _noted
    _noted = shared


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Raise `CallTimeout` in the body after so many seconds (0 for no limit), and note the limit.

    Uses the interval timer of the process: it works in the main thread of a Unix system, and
    interrupts Python code at once and native code when it returns. Elsewhere it does nothing.
    """
    if seconds <= 0:
        yield
        return
    _noted[1] = seconds
    _noted[0] = time.monotonic() + seconds
    try:
        with _interrupted_after(seconds):
            yield
    finally:
        _noted[0] = 0.0


@contextmanager
def _interrupted_after(seconds: float) -> Iterator[None]:
    if not (hasattr(signal, "setitimer") and _in_main_thread()):
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


def _in_main_thread() -> bool:
    return threading.current_thread() is threading.main_thread()
