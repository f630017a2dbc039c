"""Worker processes: each answers one task after another, piece by piece, and dies alone.

A process that ends - by a signal, by exit() with any code -, stays in a call long after its limit,
or takes more memory or disk than it may, loses the piece that it was in: what it sent before is
kept, and its black box says what it was doing. Another worker takes its place.
"""

from __future__ import annotations

import contextlib
import ctypes
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any

import psutil

from .blackbox import Box, carry, shared_file
from .limits import MEMORY, note_in, unheard
from .surroundings import Streams, watch_streams

GRACE = 5.0  # seconds for a call to be interrupted, beyond its limit
LOOK = 0.1  # seconds between looks at clocks and memory
WRITTEN = 1 << 28  # bytes that a worker may write to its streams between two calls
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
_GIB = 1 << 30
_LINE = 200  # characters of a last word on stderr that are told


@dataclass(frozen=True)
class Ready:
    """A worker has opened its court; what it tells of it."""

    news: Any


@dataclass(frozen=True)
class Done:
    """A task is answered whole."""


@dataclass(frozen=True)
class Lost:
    """A process died, or was ended, in a task (or before it had one).

    `raw` is the last call that its box noted, `calling` whether it was in that call, and `element`
    the part of it that it had marked. `again` is false where the next one would do the same for as
    long.
    """

    why: str
    raw: bytes
    calling: bool
    element: int
    again: bool = True


class Unable(Exception):  # noqa: N818 - it is the worker's error, told here
    """A worker could not be opened, or failed by an error of its own."""


class TimeUp(Exception):  # noqa: N818 - the user's own limit
    """The time for all tasks together is over."""


@dataclass
class _Worker:
    process: BaseProcess
    pipe: Connection
    box: Box
    streams: Streams
    memory: float  # GiB beyond what it held when it was ready; 0 for no limit
    held: int = 0  # bytes, when it was ready
    task: Any = None
    ready: bool = False

    def excess(self) -> Lost | None:
        """What it takes too much of, if anything."""
        deadline, seconds = self.box.clock
        if 0 < deadline < time.monotonic() - GRACE:
            return self.lost(
                f"no result within {seconds:g} s, nor when it was interrupted; its process was "
                "ended",
                again=False,
            )
        if self.ready and self.memory and self.resident() > self.held + self.memory * _GIB:
            return self.lost(
                f"its process took more than {self.memory:g} GiB of memory, and was ended; raise "
                "--memory if it needs them",
                again=False,
            )
        if any(os.fstat(f).st_size > WRITTEN for f in (self.streams.out, self.streams.err)):
            return self.lost(
                f"its process wrote more than {WRITTEN >> 20} MiB to its standard streams in one "
                "call, and was ended",
                again=False,
            )
        return None

    def resident(self) -> int:
        """How many bytes of memory it holds."""
        try:
            return int(psutil.Process(self.process.pid).memory_info().rss)
        except psutil.Error:  # it has just ended
            return 0

    def lost(self, why: str, again: bool = True) -> Lost:
        box = self.box
        return Lost(why, box.raw(), box.calling, box.element, again)

    def end(self) -> None:
        """End it with all that it started."""
        if self.process.pid is not None:
            with contextlib.suppress(OSError):  # it leads a group once it has begun
                os.killpg(self.process.pid, signal.SIGKILL)
        self.process.kill()
        self.process.join(5)

    def close(self) -> None:
        self.end()
        self.pipe.close()
        self.box.close()
        os.close(self.streams.out)
        os.close(self.streams.err)

    def last_word(self) -> str:
        """The last line that it wrote to stderr."""
        size = os.fstat(self.streams.err).st_size
        text = os.pread(self.streams.err, 4096, max(0, size - 4096)).decode("utf-8", "replace")
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        return lines[-1][:_LINE] if lines else ""


# ---------------------------------------------------------------- in the parent


def results(
    opening: Callable[..., tuple[Any, Any]],
    work: Callable[[Any, Any], Iterable[Any]],
    shared: list[Any],
    tasks: deque[Any],
    jobs: int,
    *,
    memory: float = MEMORY,
    seconds: float | None = None,
    growing: bool = False,
) -> Generator[tuple[Any, Any], None, None]:
    """(task, piece) for each piece of work(court, task) as it comes, then (task, Done()).

    `opening(*shared)` gives a worker's court, and news of it for a `Ready`; both are module-level
    functions. (task, Lost) says that a process died: the caller may put what is left to do back
    into `tasks`. Task is None for a Ready, and for a worker that is lost before it.

    `memory` is in GiB, beyond what a worker holds when it is ready; `seconds` for everything: then
    `TimeUp` is raised. One BLAS thread for each worker: they would fight. There are no more workers
    than tasks, unless these are `growing` in number.
    """
    for name in THREADS:
        os.environ.setdefault(name, "1")
    end = None if seconds is None else time.monotonic() + seconds
    looked = time.monotonic()
    count = jobs if growing and tasks else min(jobs, len(tasks))
    workers = [_start(opening, work, shared, memory) for _ in range(count)]
    try:
        while tasks or any(w.task is not None for w in workers):
            for w in workers:
                if w.ready and w.task is None and tasks:
                    w.task = tasks.popleft()
                    with contextlib.suppress(OSError):  # it has just died: that is seen below
                        w.pipe.send(w.task)
            wait([x for w in workers for x in (w.pipe, w.process.sentinel)], LOOK)
            look = (
                time.monotonic() > looked + LOOK
            )  # not for each piece: it takes longer than those
            looked = time.monotonic() if look else looked
            for place, w in enumerate(workers):
                lost = None
                for task, piece in _heard(w, look):
                    lost = piece if isinstance(piece, Lost) else None
                    if lost is None or task is not None or not w.ready:
                        yield task, piece
                if lost is not None:
                    w.close()
                    workers[place] = _start(opening, work, shared, memory)
            if end is not None and time.monotonic() > end:
                raise TimeUp
    finally:
        for w in workers:
            w.close()


def _start(
    opening: Callable[..., Any], work: Callable[..., Any], shared: list[Any], memory: float
) -> _Worker:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    box, streams = Box(), Streams(shared_file(), shared_file())
    given = (theirs, box, streams, opening, work, tuple(shared))
    process = context.Process(target=_serve, args=given, daemon=True)
    process.start()
    theirs.close()
    return _Worker(process, ours, box, streams, memory)


def _heard(worker: _Worker, look: bool) -> Iterator[tuple[Any, Any]]:
    """What a worker has said since, and whether it is lost; where asked, also what it takes."""
    ended = not worker.process.is_alive()
    if ended:
        worker.end()  # what it started may hold the pipe open
    while True:
        try:
            if not worker.pipe.poll():
                break
            piece = worker.pipe.recv()
        except (EOFError, OSError):
            ended = True
            break
        task = worker.task
        if isinstance(piece, Ready):
            worker.ready = True
            worker.held = worker.resident()
        elif isinstance(piece, Done):
            worker.task = None
        elif isinstance(piece, Unable):
            raise piece
        yield task, piece
    if ended:
        worker.process.join(5)
        yield worker.task, worker.lost(_ending(worker))
    elif look and (excess := worker.excess()) is not None:
        task = worker.task
        worker.end()
        yield task, excess


def _ending(worker: _Worker) -> str:
    code = worker.process.exitcode
    if code is None:
        how = "closed its connection"
    elif code < 0:
        how = f"ended with signal {signal.Signals(-code).name}"
        if -code == signal.SIGKILL:
            how += " (the system does that when memory runs out)"
    else:
        how = f"ended with exit code {code}"
    word = worker.last_word()
    return f"its process {how}" + (f", its last words: {word}" if word else "")


# ---------------------------------------------------------------- in the worker


def _serve(
    pipe: Connection,
    box: Box,
    streams: Streams,
    opening: Callable[..., tuple[Any, Any]],
    work: Callable[[Any, Any], Iterable[Any]],
    shared: tuple[Any, ...],
) -> None:
    """Answer tasks until there are no more."""
    _follow_the_parent()
    unheard()
    watch_streams(streams)
    carry(box)
    note_in(box.clock)
    try:
        court, news = opening(*shared)
        pipe.send(Ready(news))
        while True:
            task = pipe.recv()
            for piece in work(court, task):
                pipe.send(piece)
            pipe.send(Done())
    except (EOFError, BrokenPipeError):
        pass  # the parent is gone
    except Exception as error:
        pipe.send(Unable(f"{type(error).__name__}: {error}"))


def _follow_the_parent() -> None:
    """Lead a group of one's own, which a terminal's Ctrl-C does not reach, and end with the parent.

    On Linux the kernel sees to that, even while a call holds the interpreter; elsewhere a thread.
    """
    parent = multiprocessing.parent_process()
    with contextlib.suppress(OSError):
        os.setsid()
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
        if parent is not None and os.getppid() != parent.pid:
            os._exit(1)  # it ended before that
    elif parent is not None:
        threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()


def _end_with(sentinel: int) -> None:
    wait([sentinel])
    os.killpg(0, signal.SIGKILL)
