"""Fuzzing: the plan gone through again and again with new seeds, for as long as there is time.

Every round draws points, sizes, settings and orders anew. What is found is kept at once.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

from ...reference.level import Level
from ..runs.plan import arranged
from ..runs.run import INTERRUPTED, check_target
from ..seeds import Seed, derived, settled
from ..verdict import Report, Status, Verdict
from .witnesses import Kept, add

# Of two verdicts of two rounds the one that stands further to the left is the one to tell.
_GRAVITY = (Status.FAIL, Status.ERROR, Status.UNDECIDED, Status.PASS, Status.UNSUPPORTED)


def fuzz(
    target: str,
    budget: float,
    store: Path,
    told: Callable[[str], None],
    *,
    seed: Seed = "random",
    begun: Callable[[Report], None] | None = None,
    listen: Callable[[Verdict], None] | None = None,
    **options: Any,
) -> Report:
    """Judge a target for `budget` seconds; the `options` are those of `check_target`.

    Each verdict of the report is the worst of all rounds, with the points of all. New witnesses go
    to the store; `told` gets the master seed at the start, and each new witness in a sentence. A
    run whose time ends in the first round is incomplete.
    """
    master = settled(seed)
    told(f"fuzzing {target} with seed {master}")
    start = time.monotonic()
    end = start + budget
    rounds: list[Report] = []
    verdicts: dict[str, Verdict] = {}
    for number in count(1):
        left = end - time.monotonic()
        if rounds and left <= 0:
            break
        hear = _Ear(target, options, derived(master, number), store, told, listen)
        found = check_target(
            target,
            **options,
            seed=hear.seed,
            timeout=max(left, 0.1),
            listen=hear.verdict,
            begun=_with_seed(begun, master) if begun and number == 1 else None,
        )
        rounds.append(found)
        _merge(verdicts, found, hear.seed)
        if not found.complete:
            break
    return _report(rounds, verdicts, master, time.monotonic() - start)


def _with_seed(begun: Callable[[Report], None], master: int) -> Callable[[Report], None]:
    return lambda report: begun(replace(report, seed=master))


class _Ear:
    """Hears the verdicts of one round, and keeps those that failed in a new way."""

    def __init__(
        self,
        target: str,
        options: Mapping[str, Any],
        seed: int,
        store: Path,
        told: Callable[[str], None],
        listen: Callable[[Verdict], None] | None,
    ) -> None:
        self.target, self.options, self.seed = target, options, seed
        self.store, self.told, self.listen = store, told, listen

    def verdict(self, verdict: Verdict) -> None:
        if self.listen:
            self.listen(replace(verdict, seed=self.seed))
        if verdict.status is not Status.FAIL:
            return
        kept = Kept(
            self.target,
            self.options.get("as_"),
            Level.parse(self.options.get("require", Level.ACCURATE)),
            self.options.get("profile", "default"),
            replace(verdict, seed=self.seed),
        )
        if add(self.store, kept):
            self.told(f"new witness {kept.id}: {verdict.id}, {verdict.level}")


def _merge(verdicts: dict[str, Verdict], found: Report, seed: int) -> None:
    for v in found.verdicts:
        mine = replace(v, seed=seed)
        before = verdicts.get(v.id)
        verdicts[v.id] = mine if before is None else graver(before, mine)


def graver(one: Verdict, other: Verdict) -> Verdict:
    """The verdict to tell of two of the same name, with what both compared."""
    told = min(one, other, key=_gravity)
    errors = [v.error_ulp for v in (one, other) if v.error_ulp is not None]
    return replace(
        told,
        error_ulp=max(errors, default=None),
        points=one.points + other.points,
        seconds=one.seconds + other.seconds,
        traits=tuple(dict.fromkeys((*one.traits, *other.traits))),
    )


def _gravity(v: Verdict) -> tuple[int, int]:
    return _GRAVITY.index(v.status), -1 if v.level is None else v.level.rank


def _report(
    rounds: list[Report], verdicts: Mapping[str, Verdict], master: int, seconds: float
) -> Report:
    """One report of all rounds: whole once a round was, unless the user ended it."""
    first, last = rounds[0], rounds[-1]
    whole = first.complete and last.stopped != INTERRUPTED
    ordered = arranged(first.functions, first.formats, verdicts.values())
    return replace(
        first,
        verdicts=ordered,
        seed=master,
        seconds=seconds,
        rounds=max(1, sum(r.complete for r in rounds)),
        complete=whole,
        stopped="" if whole else last.stopped,
        missing=() if whole else last.missing,
    )
