"""A target given by name is judged in processes of its own, and loses only what it breaks.

A process that dies loses one property of one function in one format. Another process makes the
call it was in again, element by element, to find the guilty input, and the run goes on after it.
"""

from __future__ import annotations

import contextlib
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from ...reference.formats import FORMATS
from ...reference.level import Level
from ...spec.function import Function
from ..judging import guilty
from ..numerals import seconds_in_words
from ..processes import workers
from ..processes.blackbox import Noted, noted
from ..processes.limits import MEMORY
from ..targets.target import Target, probed, resolve
from ..usage import UsageError
from ..verdict import Report, Status, Verdict
from .plan import Plan
from .run import INTERRUPTED, Listen, Progress, report
from .steps import OFFER, Step, steps

LIVES = 8  # processes that one function may lose in one format
LIVES_IN_ALL = 16  # and in all formats
SEARCHES = 6  # for a guilty input, each of which may lose a process more
STARTS = 3  # workers that may be lost in a row before they are ready


@dataclass(frozen=True)
class Judge:
    """A task: the verdicts on a function, or those still to come; `steps` takes the same."""

    function: str
    done: frozenset[Step] = frozenset()
    hopeless: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Find:
    """A task: which part of a call ends the process, or does not return."""

    step: Step
    call: Noted
    why: str
    then: Judge


@dataclass(frozen=True)
class Found:
    """That part of a call, where it could be interrupted; None where no part does it."""

    index: int | None


@dataclass
class _Court:
    """What a worker keeps between tasks."""

    target: Target
    plan: Plan


def run_apart(
    target: str,
    as_: str | None,
    found: Target,
    plan: Plan,
    *,
    jobs: int,
    memory: float = MEMORY,
    timeout: float | None = None,
    progress: Progress | None = None,
    begun: Callable[[Report], None] | None = None,
    listen: Listen | None = None,
) -> Report:
    """Judge a target given by name, in `jobs` processes; the rest is as for `check_target`."""
    return _Run(target, as_, found, plan, progress, begun, listen).report(jobs, memory, timeout)


# ---------------------------------------------------------------- in a worker


def _open(target: str, as_: str | None, plan: Plan, skip: int) -> tuple[_Court, str]:
    found = probed(resolve(target, as_=as_, probe=False), skip)
    return _Court(found, plan), found.arrays


def _work(court: _Court, task: Judge | Find) -> Iterator[Any]:
    target = court.target
    if isinstance(task, Find):
        implementation = target.implementation(_named(target, task), court.plan.limit)
        with target.adapter.session():
            yield Found(guilty.search(implementation, task.call))
        return
    yield from steps(target, court.plan, task.function, task.done, dict(task.hopeless))
    target.adapter.forget()


def _named(target: Target, task: Find) -> str:
    """The name in the target of what was called: the function in work, or one of its partners."""
    name = task.step.function
    if target.functions[name].name == task.call.function:
        return name
    return target.named(task.call.function) or name


# ---------------------------------------------------------------- in the parent


@dataclass
class _Run:
    """One run over several processes: what was asked, and what has come of it so far."""

    target: str
    as_: str | None
    found: Target
    plan: Plan
    progress: Progress | None
    begun: Callable[[Report], None] | None
    listen: Listen | None
    verdicts: dict[str, list[Verdict]] = field(default_factory=dict)
    finished: set[str] = field(default_factory=set)
    work: dict[str, list[Step]] = field(default_factory=dict)  # of the task at hand
    losses: Counter[Any] = field(default_factory=Counter)
    searches: Counter[str] = field(default_factory=Counter)
    guilty: dict[tuple[str, str], list[Noted]] = field(default_factory=dict)  # parts found so
    starts: int = 0

    def report(self, jobs: int, memory: float, timeout: float | None) -> Report:
        start, stopped = time.perf_counter(), ""
        try:
            self._judge(jobs, memory, timeout)
        except KeyboardInterrupt:
            stopped = INTERRUPTED
        except workers.TimeUp:
            stopped = f"the time of {seconds_in_words(timeout or 0)} was over"
        functions = self.plan.functions
        return report(
            self.found,
            self.plan,
            [v for name in functions for v in self.verdicts.get(name, [])],
            time.perf_counter() - start,
            stopped,
            tuple(n for n in functions if n not in self.finished) if stopped else (),
        )

    def _judge(self, jobs: int, memory: float, timeout: float | None) -> None:
        # the longest first, so that no worker is left alone at the end
        functions = self.found.functions
        order = sorted(self.plan.functions, key=lambda n: _work_on(functions[n]), reverse=True)
        tasks: deque[Any] = deque(Judge(name) for name in order)
        shared: list[Any] = [self.target, self.as_, self.plan, 0]
        pieces = workers.results(_open, _work, shared, tasks, jobs, memory=memory, seconds=timeout)
        with contextlib.closing(pieces):
            for task, piece in pieces:
                match piece:
                    case workers.Ready():
                        self._ready(piece.news)
                    case workers.Lost() if task is None:
                        self._not_started(piece, shared)
                    case workers.Lost() if isinstance(task, Judge):
                        tasks.appendleft(self._lost(task, piece))
                    case workers.Lost():
                        tasks.appendleft(self._closer(task, piece.element, bool(piece.calling)))
                    case Found():
                        tasks.appendleft(self._closer(task, piece.index, piece.index is not None))
                    case Step():
                        self.work.setdefault(task.function, []).append(piece)
                    case Verdict():
                        self._keep(piece)
                    case workers.Done() if isinstance(task, Judge):
                        self._finish(task.function)

    def _ready(self, arrays: str) -> None:
        self.starts = 0
        self.found = replace(self.found, arrays=arrays)
        if self.begun:
            self.begun(report(self.found, self.plan, (), 0.0, INTERRUPTED))
        self.begun = None

    def _keep(self, verdict: Verdict) -> None:
        self.verdicts.setdefault(verdict.function, []).append(verdict)
        if self.listen:
            self.listen(verdict)

    def _finish(self, name: str) -> None:
        self.finished.add(name)
        if self.progress:
            self.progress(len(self.finished), len(self.plan.functions), name)

    def _not_started(self, lost: workers.Lost, shared: list[Any]) -> None:
        """A worker died before it was ready: in the import, or in the probe of a function."""
        self.starts += 1
        call = noted(lost.raw) if lost.calling else None
        if call is not None:  # the next one tells the array library by another function
            shared[3] = lost.element + 1
        if (self.starts > STARTS and call is None) or self.starts > len(self.found.functions):
            raise UsageError(
                f"cannot judge {self.target!r}: a process that imports it does not get ready; "
                f"{lost.why}"
            )

    def _lost(self, task: Judge, lost: workers.Lost) -> Judge | Find:
        """What is to be done for a function whose process is lost."""
        name = task.function
        seen = self.work.get(name, [])
        step = seen[-1] if seen else Step(name, OFFER, self.plan.formats[0].name)
        done = task.done | set(seen) | {step}
        if step.property == OFFER:  # its verdict has that name
            done |= {step._replace(property="structure.format")}
        self.work[name] = []
        self.losses[name, step.format] += 1
        hopeless = dict(task.hopeless)
        total = sum(n for (f, _), n in self.losses.items() if f == name)
        if not lost.again or total >= LIVES_IN_ALL:
            why = f"not tried again: {lost.why}" if not lost.again else _given_up(total, "")
            hopeless = {f.name: hopeless.get(f.name, why) for f in self.plan.formats}
        elif self.losses[name, step.format] >= LIVES:
            hopeless[step.format] = _given_up(LIVES, f" in {step.format}")
        then = Judge(name, frozenset(done), tuple(hopeless.items()))
        call = noted(lost.raw)
        if call is None or not call.arrays or not lost.calling:
            last = "outside of any call" if call is None else f"after {self._said(call, step)}"
            said = self._said(call, step) if call is not None and lost.calling else last
            self._keep(self._failed(step, f"{said}: {lost.why}"))
            return then
        find = Find(step, call, lost.why, then)
        index = self._known(step, call)
        if index is not None:
            return self._closer(find, index, True)
        self.searches[name] += 1
        if self.searches[name] > SEARCHES:
            said = self._said(call, step)
            self._keep(self._failed(step, f"{said} of {call.shapes}: {lost.why}"))
            return then
        return find

    def _known(self, step: Step, call: Noted) -> int | None:
        """Where a call holds an input that is known to end a process by itself; None if nowhere."""
        function = self.found.functions[step.function]
        if call.function != function.name:
            return None
        if guilty.parts(function, call) == 1:  # it was made with that input alone
            return 0
        for one in self.guilty.get((step.function, step.format), []):
            index = guilty.held(function, call, one)
            if index is not None:
                return index
        return None

    def _closer(self, task: Find, index: int | None, found: bool) -> Judge:
        """The verdict on a lost step, with the part of the call that does it by itself."""
        call, step, said = task.call, task.step, self._said(task.call, task.step)
        verdict = self._failed(
            step, f"{said} of {call.shapes}: {task.why}; no part of it does that alone"
        )
        if found and index is not None and index >= 0:
            function = self.found.functions[_named(self.found, task)]
            evidence = guilty.evidence(function, FORMATS[step.format], call, index)
            if call.function == self.found.functions[step.function].name:
                known = self.guilty.setdefault((step.function, step.format), [])
                known.append(guilty.part(function, call, index))
            verdict = replace(self._failed(step, f"{said}: {task.why}"), witness=evidence)
        self._keep(verdict)
        return task.then

    def _failed(self, step: Step, message: str) -> Verdict:
        return Verdict(
            step.function,
            "structure.format" if step.property == OFFER else step.property,
            step.format,
            Status.FAIL,
            Level.UNSOUND,
            message=message,
            points=1,
            definition=self._definition(step.function),
        )

    def _said(self, call: Noted, step: Step) -> str:
        own = self.found.functions[step.function].name
        return call.what if call.function == own else f"{call.what} of {call.function}"

    def _definition(self, name: str) -> str:
        """The definition's name where that is another than the implementation's."""
        function = self.found.functions[name]
        return "" if function.name == name else function.name


def _work_on(function: Function) -> tuple[bool, int]:
    """How long a function takes, for an order: sums over all paths, then many inputs, and rows."""
    inputs = len(function.variables) + len(function.parameters)
    return any(v.labels for v in function.variables), inputs + 2 * function.along_axis


def _given_up(times: int, where: str) -> str:
    return f"not tried: this function has lost its process {times} times{where}"
