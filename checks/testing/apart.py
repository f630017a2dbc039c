"""A bench in a process of its own: what breaks it there costs one verdict, and no session.

The process is started for the first verdict and kept; one that dies is replaced for the next.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from typing import Any

from ...reference.level import Level
from ..processes import workers
from ..processes.blackbox import noted
from ..runs.plan import Plan
from ..runs.steps import Step
from ..targets.target import probed, resolve
from ..usage import UsageError
from ..verdict import Status, Verdict
from .bench import Bench

STARTS = 3  # processes that may be lost in a row before they are ready


@dataclass
class Apart:
    """A target that can be named, and a plan; `as_` is the function that a callable claims."""

    target: str
    as_: str | None
    plan: Plan
    verdicts: dict[Step, tuple[Verdict, ...]] = field(default_factory=dict)
    tasks: deque[Any] = field(default_factory=deque)
    pieces: Generator[tuple[Any, Any], None, None] | None = None

    def judge(self, step: Step) -> tuple[Verdict, ...]:
        """The verdicts that a step comes to; where its process is lost, that is one."""
        if step not in self.verdicts:
            self.tasks.append(step)
            self.verdicts[step] = self._heard(step)
        return self.verdicts[step]

    def _heard(self, step: Step) -> tuple[Verdict, ...]:
        if self.pieces is None:
            shared = [self.target, self.as_, self.plan]
            self.pieces = workers.results(_open, _work, shared, self.tasks, 1)
        found: list[Verdict] = []
        starts = 0
        for task, piece in self.pieces:
            match piece:
                case Verdict():
                    found.append(piece)
                case workers.Done():
                    return tuple(found)
                case workers.Lost() if task is not None:
                    return (_lost(step, piece),)
                case workers.Lost():
                    starts += 1
                    if starts > STARTS:
                        self.pieces = None
                        raise UsageError(
                            f"cannot judge {self.target!r}: a process that imports it does not get "
                            f"ready; {piece.why}"
                        )
        raise RuntimeError("the workers ended before their tasks did")  # they do not


def _lost(step: Step, lost: workers.Lost) -> Verdict:
    call = noted(lost.raw)
    said = "outside of any call" if call is None else f"{call.what} of {call.shapes}"
    return Verdict(*step, Status.FAIL, Level.UNSOUND, message=f"{said}: {lost.why}", points=1)


# ---------------------------------------------------------------- in the process


def _open(target: str, as_: str | None, plan: Plan) -> tuple[Bench, str]:
    found = probed(resolve(target, as_=as_, probe=False), 0)
    return Bench(found, plan), found.arrays


def _work(bench: Bench, step: Step) -> Iterator[Verdict]:
    yield from bench.judge(step)
