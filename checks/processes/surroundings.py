"""What surrounds a call: streams and global settings, which code under test leaves as they are.

A setting that changes is put back and named. Settings are read around a few calls and not around
each: reading a random generator's state costs more than many calls do.
"""

from __future__ import annotations

import contextlib
import ctypes
import locale
import os
import random
import signal
import sys
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from multiprocessing import reduction
from typing import Any

try:
    import fcntl
except ImportError:  # not a Unix system: there are no processes of their own, and no such files
    fcntl = None  # type: ignore[assignment]

TOLD = 200  # characters of what was written that are kept
_TINY = 5e-324


@dataclass(frozen=True)
class Setting:
    """One piece of global state: how it is read and put back, and the words for its change.

    `between` marks what the caller itself, or Hypothesis for it, changes between calls. `shown` has
    the values told. `at_import` marks what an import on the first call may rightly set.
    """

    name: str
    read: Callable[[], Any]
    write: Callable[[Any], None]
    between: bool = False
    shown: bool = False
    at_import: bool = False

    def change(self, before: Any, after: Any) -> str:
        values = f" from {before} to {after}" if self.shown else ""
        return f"changes {self.name}{values}"


def _variables() -> dict[str, str]:
    return dict(os.environ)


def _set_variables(values: dict[str, str]) -> None:
    for name in [n for n in os.environ if n not in values]:
        del os.environ[name]
    os.environ.update({n: v for n, v in values.items() if os.environ.get(n) != v})


def _folder() -> str:
    try:
        return os.getcwd()
    except OSError:
        return "a folder that is gone"


def _set_folder(path: str) -> None:
    with contextlib.suppress(OSError):
        os.chdir(path)


_SIGNALS = tuple(
    getattr(signal, name)
    for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGSEGV", "SIGABRT", "SIGFPE", "SIGUSR1")
    if hasattr(signal, name)
)


def _handlers() -> tuple[Any, ...]:
    return tuple(map(signal.getsignal, _SIGNALS))


def _set_handlers(handlers: tuple[Any, ...]) -> None:
    if threading.current_thread() is not threading.main_thread():
        return
    for number, handler in zip(_SIGNALS, handlers, strict=True):
        if handler is not None and signal.getsignal(number) is not handler:
            signal.signal(number, handler)


def _keep_tiny(kept: bool) -> None:
    """Flush subnormal numbers to zero or not, where PyTorch is there to switch that."""
    if "torch" in sys.modules:
        sys.modules["torch"].set_flush_denormal(not kept)


SETTINGS = (
    Setting(
        "the state of Python's random generator", random.getstate, random.setstate, between=True
    ),
    Setting("the recursion limit", sys.getrecursionlimit, sys.setrecursionlimit, between=True),
    Setting("the current folder", _folder, _set_folder),
    Setting("the environment variables", _variables, _set_variables, at_import=True),
    Setting(
        "the locale",
        lambda: locale.setlocale(locale.LC_ALL),
        lambda value: (locale.setlocale(locale.LC_ALL, value), None)[1],
    ),
    Setting("the handlers of signals", _handlers, _set_handlers, at_import=True),
    Setting("how the processor treats subnormal numbers", lambda: _TINY * 1.0 != 0, _keep_tiny),
)


# ---------------------------------------------------------------- streams


@dataclass(frozen=True)
class Streams:
    """Files without names that stand for stdout and stderr in a process of its own."""

    out: int
    err: int

    def __reduce__(self) -> Any:
        return _received, (reduction.DupFd(self.out), reduction.DupFd(self.err))

    def take(self) -> None:
        """Turn this process's stdout and stderr, and what it starts later, into these files."""
        for descriptor, stream in ((self.out, 1), (self.err, 2)):
            flags = fcntl.fcntl(descriptor, fcntl.F_GETFL)
            fcntl.fcntl(descriptor, fcntl.F_SETFL, flags | os.O_APPEND)
            os.dup2(descriptor, stream)

    def written(self, flush: bool) -> tuple[str, str]:
        """What was written to each since it was asked last."""
        if flush:
            _flush()
        return _emptied(self.out), _emptied(self.err)

    def closed(self) -> bool:
        """Whether stdout was closed or replaced; it is put back."""
        try:
            same = os.path.sameopenfile(1, self.out)
        except OSError:
            same = False
        if not same:
            os.dup2(self.out, 1)
        return not same


def _received(out: Any, err: Any) -> Streams:
    return Streams(out.detach(), err.detach())


def _flush() -> None:
    """Hand over what Python and the C library hold back."""
    for stream in (sys.__stdout__, sys.__stderr__):
        with contextlib.suppress(Exception):
            if stream is not None:
                stream.flush()
    with contextlib.suppress(Exception):
        ctypes.CDLL(None).fflush(None)


def _emptied(descriptor: int) -> str:
    if not os.fstat(descriptor).st_size:
        return ""
    text = os.pread(descriptor, 4 * TOLD, 0).decode("utf-8", "replace")
    os.ftruncate(descriptor, 0)
    return text


_streams: Streams | None = None


def watch_streams(streams: Streams) -> None:
    """Let stdout and stderr of this process be watched from here on."""
    global _streams
    streams.take()
    _streams = streams


# ---------------------------------------------------------------- around calls


@dataclass
class Watch:
    """What is watched around the calls of one implementation, and what was found.

    Around the first, second, fourth, eighth ... call of each kind the settings are compared: a
    change that stays is seen whenever it was made, one in a single call where that is watched.
    """

    settings: Sequence[Setting]
    changes: list[str] = field(default_factory=list)
    printed: list[str] = field(default_factory=list)
    traits: list[str] = field(default_factory=list)
    _calls: Counter[str] = field(default_factory=Counter)
    _before: dict[str, Any] = field(default_factory=dict)
    _once: set[str] = field(default_factory=set)
    _threads: int = 0

    def begins(self, kind: str) -> bool:
        """Note what is so before a call; whether this call is one of the watched."""
        if not self._calls:
            self._threads = threading.active_count()
            if _streams is not None:  # what others wrote
                _streams.written(flush=True)
        self._calls[kind] += 1
        if self._calls[kind] & (self._calls[kind] - 1):
            return False
        for setting in self.settings:
            if setting.between or setting.name not in self._before:
                self._before[setting.name] = setting.read()
        return True

    def ended(self, watched: bool) -> None:
        """Compare what is so after a call."""
        if _streams is not None:
            self._read(_streams, watched)
        if not watched:
            return
        for setting in self.settings:
            before, after = self._before.get(setting.name), setting.read()
            if after != before:
                setting.write(before)
                self.changed(setting.change(before, after), setting.at_import)
        if threading.active_count() > self._threads:
            self.trait("leaves threads running")

    def look(self) -> None:
        """Compare outside of any call, but for what the caller itself changes."""
        if not self._before:
            return
        if _streams is not None:
            self._read(_streams, True)
        for setting in self.settings:
            if setting.between:
                continue
            before, after = self._before[setting.name], setting.read()
            if after != before:
                setting.write(before)
                self.changed(setting.change(before, after), setting.at_import)

    def changed(self, sentence: str, at_import: bool = False) -> None:
        """Keep a finding; one that an import may have caused only when it comes again."""
        if at_import and sentence not in self._once:
            self._once.add(sentence)
        elif sentence not in self.changes:
            self.changes.append(sentence)

    def trait(self, sentence: str) -> None:
        if sentence not in self.traits:
            self.traits.append(sentence)

    def _read(self, streams: Streams, flush: bool) -> None:
        out, err = streams.written(flush)
        if out:
            self.printed.append(out[:TOLD])
        if err:
            self.trait("writes to standard error")
        if flush and streams.closed():
            self.changed("closes standard output")
