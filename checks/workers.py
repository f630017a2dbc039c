"""Worker processes: each judges one function after another, and loses only that one when it dies.

A process that ends - by a signal, by exit() with any code - is noticed by its sentinel, whatever it
held; one that stays in a call long after its limit is ended. Its task is reported as lost and
another worker takes its place.
"""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Callable, Iterator, MutableSequence, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any

from .limits import note_in

GRACE = 5.0  # seconds for a call to be interrupted, beyond its limit
LOOK = 0.5  # seconds between looks at the clock
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


@dataclass(frozen=True)
class Lost:
    """What is left of a task whose process died or was ended."""

    why: str


@dataclass
class _Worker:
    process: BaseProcess
    pipe: Connection
    noted: MutableSequence[float]  # shared: the deadline of its call and the limit
    task: Any = None

    def overdue(self) -> bool:
        """Whether it is in a call that neither returned nor could be interrupted."""
        return 0 < self.noted[0] < time.monotonic() - GRACE


def _serve(
    pipe: Connection,
    noted: MutableSequence[float],
    work: Callable[..., Any],
    shared: tuple[Any, ...],
) -> None:
    """In the worker: answer tasks until there are no more."""
    note_in(noted)
    try:
        while (task := pipe.recv()) is not None:
            pipe.send(work(*shared, task))
    except (EOFError, KeyboardInterrupt, BrokenPipeError):
        pass  # the parent is gone, or tells it better


def results(
    work: Callable[..., Any], shared: tuple[Any, ...], tasks: Sequence[Any], jobs: int
) -> Iterator[tuple[Any, Any]]:
    """(task, work(*shared, task)) for each task as it is done; `Lost` where its process died.

    `work` is a module-level function. One BLAS thread for each worker: they would fight.
    """
    for name in THREADS:
        os.environ.setdefault(name, "1")
    waiting = list(tasks)
    workers = [_start(work, shared) for _ in range(min(jobs, len(waiting)))]
    try:
        while waiting or any(w.task is not None for w in workers):
            for w in workers:
                if w.task is None and waiting:
                    w.task = waiting.pop(0)
                    w.pipe.send(w.task)
            wait([w.pipe for w in workers if w.task is not None], LOOK)
            for k, w in enumerate(workers):
                if w.task is None or not (w.pipe.poll() or w.overdue()):
                    continue
                task, w.task = w.task, None
                answer = _answer(w)
                if isinstance(answer, Lost):
                    workers[k] = _start(work, shared)
                yield task, answer
    finally:
        for w in workers:
            w.process.terminate()
            w.process.join(5)


def _start(work: Callable[..., Any], shared: tuple[Any, ...]) -> _Worker:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    noted = context.RawArray("d", 2)
    process = context.Process(target=_serve, args=(theirs, noted, work, shared), daemon=True)
    process.start()
    theirs.close()
    return _Worker(process, ours, noted)


def _answer(worker: _Worker) -> Any:
    """What a worker sent; `Lost` where its process died, or is ended here."""
    if not worker.pipe.poll():
        worker.process.kill()
        worker.process.join()
        return Lost(
            f"a call did not return within {worker.noted[1]:g} s, nor when it was interrupted; "
            "its process was ended"
        )
    try:
        return worker.pipe.recv()
    except (EOFError, OSError):
        worker.process.join()
        return Lost(f"its process ended with code {worker.process.exitcode}")
