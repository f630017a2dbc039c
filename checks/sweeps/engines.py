"""Who does the work: processes of this machine, or the workers of a Dask cluster.

An engine takes tasks from a queue, which may grow meanwhile, and gives each with its answer as it
comes. What comes of a task does not depend on the engine.
"""

from __future__ import annotations

import contextlib
import os
import threading
import uuid
from collections import Counter, deque
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from ..processes import workers
from ..processes.limits import MEMORY
from ..targets.target import Target, resolve
from ..usage import UsageError
from .store import described, judge
from .tasks import Task, answer

TRIES = 2  # for a task whose process ends in it
STARTS = 3  # processes that may end in a row before they are ready
PATIENCE = 10.0  # seconds for a scheduler to answer
ALONE = {
    **dict.fromkeys((*workers.THREADS, "NPROC"), "1"),
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1",
}
"""One thread for each process: they would fight. The last two are JAX's."""


@dataclass(frozen=True)
class Lost:
    """The process of a task ended, each time that it was tried."""

    why: str


Answers = Generator[tuple[Task, Any], None, None]


class Engine(Protocol):
    """What answers tasks."""

    def described(self, target: Target, asked: tuple[str, str, str]) -> Mapping[str, str]:
        """The environment in which the code runs; `asked` is target, as_ and device."""

    def answers(self, tasks: deque[Task]) -> Answers:
        """(task, answer), or (task, Lost), as they come; until the queue is empty."""


# ---------------------------------------------------------------- this machine


@dataclass(frozen=True)
class Local:
    """Processes of this machine."""

    jobs: int
    memory: float = MEMORY

    def described(self, target: Target, asked: tuple[str, str, str]) -> Mapping[str, str]:
        return described(target, asked[2])

    def answers(self, tasks: deque[Task]) -> Answers:
        tried, starts = Counter[int](), 0
        with _variables(ALONE), contextlib.closing(self._pieces(tasks)) as pieces:
            for task, piece in pieces:
                match piece:
                    case workers.Ready():
                        starts = 0
                    case workers.Lost() if task is None:
                        starts += 1
                        if starts > STARTS:
                            raise UsageError(f"no worker process gets ready: {piece.why}")
                    case workers.Lost():
                        tried[id(task)] += 1  # whoever asked still holds it
                        if piece.again and tried[id(task)] < TRIES:
                            tasks.append(task)
                        else:
                            yield task, Lost(piece.why)
                    case workers.Done():
                        pass
                    case _:
                        yield task, piece

    def _pieces(self, tasks: deque[Any]) -> Generator[tuple[Any, Any], None, None]:
        return workers.results(_open, _work, [], tasks, self.jobs, memory=self.memory, growing=True)


def _open() -> tuple[None, None]:
    return None, None


def _work(_: None, task: Task) -> Iterator[Any]:
    yield answer(task)


@contextlib.contextmanager
def _variables(values: Mapping[str, str]) -> Iterator[None]:
    """Environment variables for the processes that are started meanwhile."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


# ---------------------------------------------------------------- a Dask cluster


@dataclass(frozen=True)
class Cluster:
    """The workers of a Dask cluster, by the address of its scheduler.

    They see the target under the same name as this process does. Dask itself gives the task of a
    worker that died to another one, a few times.
    """

    address: str

    def described(self, target: Target, asked: tuple[str, str, str]) -> Mapping[str, str]:
        with _client(self.address) as client:
            every = client.run(_described_there, *asked)
        if not every:
            raise UsageError(
                f"--scheduler {self.address}: it has no workers; start some with `dask worker "
                f"{self.address}`"
            )
        first, *others = ({**found, "text of Ulpian": judge} for found, judge in every.values())
        for other in others:
            for name in sorted({*first, *other}):
                if first.get(name) != other.get(name):
                    raise UsageError(
                        f"--scheduler {self.address}: its workers are not alike: {name} is "
                        f"{first.get(name)!r} on one and {other.get(name)!r} on another"
                    )
        del first["text of Ulpian"]
        found: Mapping[str, str] = first
        return found

    def answers(self, tasks: deque[Task]) -> Answers:
        from distributed import KilledWorker, as_completed

        with _client(self.address) as client:
            running: dict[Any, Task] = {}
            done = as_completed(loop=client.loop)
            try:
                while tasks or running:
                    while tasks:
                        task = tasks.popleft()
                        name = f"ulpian-{uuid.uuid4().hex}"
                        future = client.submit(_there, task, key=name, pure=False)
                        running[future] = task
                        done.add(future)
                    future = next(done)
                    task = running.pop(future)
                    error = future.exception()
                    if isinstance(error, KilledWorker):
                        yield task, Lost("its worker ended, as often as Dask tried it")
                    elif error is not None:
                        raise error
                    else:
                        yield task, future.result()
            finally:
                for future in running:
                    future.cancel()


_one = threading.Lock()


def _there(task: Task) -> Any:
    """In a worker, one task at a time: the precision of the enclosures is the process's."""
    with _one:
        return answer(task)


def _described_there(target: str, as_: str, device: str) -> tuple[dict[str, str], str]:
    return described(resolve(target, as_=as_ or None), device), judge()


@contextlib.contextmanager
def _client(address: str) -> Iterator[Any]:
    try:
        from distributed import Client
    except ImportError as error:
        raise UsageError(
            f"--scheduler needs {error.name}, which cannot be imported here: "
            "pip install 'ulpian[distributed]'"
        ) from error
    try:
        client = Client(address, timeout=PATIENCE, set_as_default=False)
    except (OSError, ValueError, TypeError) as error:
        raise UsageError(
            f"--scheduler {address}: no scheduler answers there; start one with `dask scheduler`, "
            "and name its address, tcp://HOST:8786"
        ) from error
    with client:
        yield client
