"""Worker processes: each judges one function after another, and loses only that one when it dies.

A process that ends - by a signal, by exit() with any code - is noticed by its sentinel, whatever it
held; its task is reported as lost and another worker takes its place.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


@dataclass(frozen=True)
class Lost:
    """What is left of a task whose process died."""

    why: str


@dataclass
class _Worker:
    process: BaseProcess
    pipe: Connection
    task: Any = None


def _serve(pipe: Connection, work: Callable[..., Any], shared: tuple[Any, ...]) -> None:
    """In the worker: answer tasks until there are no more."""
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
    context = multiprocessing.get_context("spawn")
    for name in THREADS:
        os.environ.setdefault(name, "1")

    def start() -> _Worker:
        ours, theirs = context.Pipe()
        process = context.Process(target=_serve, args=(theirs, work, shared), daemon=True)
        process.start()
        theirs.close()
        return _Worker(process, ours)

    waiting = list(tasks)
    workers = [start() for _ in range(min(jobs, len(waiting)))]
    try:
        while waiting or any(w.task is not None for w in workers):
            for w in workers:
                if w.task is None and waiting:
                    w.task = waiting.pop(0)
                    w.pipe.send(w.task)
            wait([w.pipe for w in workers if w.task is not None])
            for k, w in enumerate(workers):
                if w.task is None or not w.pipe.poll():
                    continue
                task, w.task = w.task, None
                try:
                    answer = w.pipe.recv()
                except (EOFError, OSError):
                    w.process.join()
                    answer = Lost(f"its process ended with code {w.process.exitcode}")
                    workers[k] = start()
                yield task, answer
    finally:
        for w in workers:
            w.process.terminate()
            w.process.join(5)
