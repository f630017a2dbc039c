"""A run: sweeps are planned, their shards answered by an engine and merged into results."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

from ..files import FileError
from ..usage import UsageError
from . import engines
from .plan import Plan, Request, Sweep, plan
from .result import READINGS, Result, Worst, begun, regimes
from .shard import Shard
from .store import Store
from .summary import Summary, merged
from .tasks import Ask, Refusal, Task, Trial

LIVES = 4  # shards that one sweep may lose before the rest is not tried
Progress = Callable[[int, int, str], None]


@dataclass(frozen=True)
class Run:
    """What came of a request.

    `judged` is how many inputs were judged in this run, and not taken from an earlier one.
    `left_out` has a sentence for each function or derivative that was not swept, `remarks` others
    on the run itself.
    """

    results: tuple[Result, ...]
    seconds: float
    judged: int
    complete: bool = True
    left_out: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()

    @property
    def lost(self) -> bool:
        """Whether the code failed somewhere to give an answer."""
        return any(r.failures for r in self.results)


@dataclass
class _Work:
    """One sweep under way; shards are told by their first bits."""

    sweep: Sweep
    found: dict[int, Summary] = field(default_factory=dict)
    failed: dict[int, str] = field(default_factory=dict)
    crashes: int = 0
    asked: bool = False
    trouble: str = ""
    reading: str = READINGS[0]
    worst: Mapping[str, Worst] | None = None
    refused: str = ""

    @property
    def left(self) -> Iterator[Shard]:
        done = self.found.keys() | self.failed.keys()
        return (s for s in self.sweep.shards if s.first not in done)

    @property
    def summary(self) -> Summary:
        """Merged in the order of the line, whatever order they came in."""
        return merged(self.found[first] for first in sorted(self.found))


def sweep(
    request: Request,
    engine: engines.Engine,
    *,
    store: Callable[[Plan, Mapping[str, str]], Store | None] = lambda *_: None,
    resume: bool = False,
    progress: Progress | None = None,
) -> Run:
    """Do what is asked for.

    `store` makes the place for finished shards, from the plan and the environment; with `resume`
    what lies there is not done again. On an interruption what there is by then is the result.
    Raises `UsageError` where nothing can be swept.
    """
    start = time.perf_counter()
    planned = plan(request)
    environment = engine.described(
        planned.target, (planned.sweeps[0].whole.target, request.as_, request.device)
    )
    going = _Going(planned, store(planned, environment), resume, progress)
    complete = True
    try:
        going.through(engine)
    except KeyboardInterrupt:
        complete = False
    results = tuple(_result(w, environment) for w in going.works if not w.refused)
    left_out = (*planned.left_out, *going.refusals())
    if not results:
        raise UsageError(f"nothing to sweep in {request.target!r}: {'; '.join(left_out[:3])}")
    return Run(
        results,
        time.perf_counter() - start,
        going.judged,
        complete,
        left_out,
        tuple(going.remarks),
    )


class _Going:
    """A run under way."""

    def __init__(
        self, planned: Plan, store: Store | None, resume: bool, progress: Progress | None
    ) -> None:
        self.works = [_Work(s) for s in planned.sweeps]
        self.store, self.resume, self.progress = store, resume, progress
        self.tasks: deque[Task] = deque()
        self.owners: dict[int, tuple[_Work, Task]] = {}  # by the identity of the task
        self.total = sum(len(w.sweep.shards) for w in self.works)
        self.done = self.judged = 0
        self.remarks: list[str] = []

    def through(self, engine: engines.Engine) -> None:
        for work in self.works:
            rounded = work.sweep.rounded
            if rounded is None:
                self._begin(work)
            else:
                self._queue(work, Trial(work.sweep.shards[0], rounded))
        if not self.tasks:
            return
        with closing(engine.answers(self.tasks)) as answers:
            for task, answer in answers:
                self._take(self.owners[id(task)][0], task, answer)

    def refusals(self) -> Iterator[str]:
        for work in self.works:
            if work.refused:
                whole = work.sweep.whole
                yield f"{whole.function} ({whole.quantity}): {work.refused}"

    # ------------------------------------------------------------ what comes

    def _queue(self, work: _Work, task: Task) -> None:
        """Put a task in the queue; what ends a sweep first, so that an interruption leaves it."""
        self.owners[id(task)] = (work, task)
        if isinstance(task, Ask):
            self.tasks.appendleft(task)
        else:
            self.tasks.append(task)

    def _take(self, work: _Work, task: Task, answer: Any) -> None:
        if work.refused:
            return
        if isinstance(answer, Refusal) and not answer.finding:
            self._refuse(work, answer.sentence)
            return
        match task:
            case Trial():
                self._read(work, answer)
            case Ask():
                self._asked(work, answer)
            case Shard():
                self._judged(work, task, answer)

    def _read(self, work: _Work, answer: Any) -> None:
        """The reading is known; where the code gave no answer it is taken as it was given."""
        rounded = answer is True
        work.sweep = work.sweep.read(rounded)
        work.reading = READINGS[rounded]
        self._begin(work)

    def _judged(self, work: _Work, shard: Shard, answer: Any) -> None:
        if shard.first in work.failed:  # it was under way when the rest was given up
            return
        if isinstance(answer, Summary):
            work.found[shard.first] = answer
            self.judged += shard.count
            self._keep(shard, answer)
        else:
            lost = isinstance(answer, engines.Lost)
            work.failed[shard.first] = answer.why if lost else answer.sentence
            work.crashes += lost
            if work.crashes >= LIVES:
                self._give_up(work)
        self._step(work)
        self._finish(work)

    def _asked(self, work: _Work, answer: Any) -> None:
        if isinstance(answer, dict):
            work.worst = answer
        else:
            said = answer.why if isinstance(answer, engines.Lost) else answer.sentence
            work.trouble = f"the worst inputs, asked again: {said}"

    # ------------------------------------------------------------ what is to be done

    def _begin(self, work: _Work) -> None:
        """Queue the shards that are not known from an earlier run."""
        for shard in work.sweep.shards:
            known = self.store.load(shard) if self.store and self.resume else None
            if known is None:
                self._queue(work, shard)
            else:
                work.found[shard.first] = known
                self._step(work)
        self._finish(work)

    def _finish(self, work: _Work) -> None:
        """When the last shard is there: ask about the worst of them once more."""
        if work.asked or any(work.left):
            return
        work.asked = True
        places = regimes(work.summary)
        if places:
            self._queue(work, Ask(work.sweep.shards[0], places))
        else:
            work.worst = {}

    def _keep(self, shard: Shard, found: Summary) -> None:
        if self.store is None:
            return
        try:
            self.store.keep(shard, found)
        except FileError as error:  # the run is worth more than what it could be resumed from
            self.remarks.append(f"{error}; nothing more is kept, and --resume cannot go on")
            self.store = None

    def _refuse(self, work: _Work, why: str) -> None:
        work.refused = why
        self._drop(work)
        self._step(work, len(work.sweep.shards) - len(work.found) - len(work.failed))

    def _give_up(self, work: _Work) -> None:
        self._drop(work)
        for shard in list(work.left):
            work.failed[shard.first] = f"not tried: {LIVES} other parts have lost their processes"
            self._step(work)

    def _drop(self, work: _Work) -> None:
        """Take what is left to do of a sweep out of the queue."""
        kept = [t for t in self.tasks if self.owners[id(t)][0] is not work]
        self.tasks.clear()
        self.tasks.extend(kept)

    def _step(self, work: _Work, count: int = 1) -> None:
        self.done += count
        if self.progress:
            whole = work.sweep.whole
            self.progress(self.done, self.total, f"{whole.function}.{whole.quantity}")


def _result(work: _Work, environment: Mapping[str, str]) -> Result:
    whole = work.sweep.whole
    return Result(
        **begun(whole, work.sweep.function, whole.first, whole.count),
        summary=work.summary,
        reading=work.reading,
        complete=not any(work.left) and not work.failed and work.worst is not None,
        environment=environment,
        worst=work.worst or {},
        failures=tuple(_failures(work)),
    )


def _failures(work: _Work) -> Iterator[str]:
    """Each way in which the code gave no answer, with the parts in which it did so."""
    by_sentence: dict[str, list[Shard]] = {}
    for shard in work.sweep.shards:
        if shard.first in work.failed:
            by_sentence.setdefault(work.failed[shard.first], []).append(shard)
    for sentence, shards in by_sentence.items():
        first, others = shards[0], len(shards) - 1
        more = f", and {others} more part{'s' * (others > 1)}" if others else ""
        yield f"{first.count} inputs from {first.first:#x} on{more}: {sentence}"
    if work.trouble:
        yield work.trouble
