"""Limits: on the time of one call of the code under test, and on what a process may take.

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

MEMORY = 4.0  # GiB that a process of the code under test may take, beyond what it begins with


class CallTimeout(BaseException):
    """The code under test did not return in time.

    Not an `Exception`, so that code under test which catches everything does not swallow it.
    """


# Where deadlines are noted, in a process that another one watches: the deadline on the clock of
# `time.monotonic` (0 between calls), and the limit in seconds.
_noted: MutableSequence[float] | memoryview[float] = [0.0, 0.0]


def note_in(shared: memoryview[float]) -> None:
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


# ---------------------------------------------------------------- the user's own interruption

_pressed = False
_listening = False


def interrupted() -> bool:
    """Whether a KeyboardInterrupt is the user's: as far as is known, it is."""
    return _pressed or not _listening


@contextmanager
def listening(*signals: signal.Signals) -> Iterator[None]:
    """Know a user's Ctrl-C from a KeyboardInterrupt that code under test raises.

    Each of the signals becomes a KeyboardInterrupt in the body; the second one ends the process at
    once. Only where they have Python's own handlers, and in the main thread; within another
    `listening` nothing changes.
    """
    global _pressed, _listening
    usual = (signal.default_int_handler, signal.SIG_DFL)
    before = {n: signal.getsignal(n) for n in signals if signal.getsignal(n) in usual}
    if _listening or not before or not _in_main_thread():
        yield
        return

    def press(signum: int, frame: FrameType | None) -> NoReturn:
        global _pressed
        _pressed = True
        for number in before:
            signal.signal(number, signal.SIG_DFL)
        raise KeyboardInterrupt

    _pressed, _listening = False, True
    try:
        for number in before:
            signal.signal(number, press)
        yield
    finally:
        _listening = False
        for number, handler in before.items():
            signal.signal(number, handler)


def unheard() -> None:
    """In a process that no user can interrupt: every KeyboardInterrupt is the code's own."""
    global _listening
    _listening = True
