"""The runner: every property of every function in every format, as verdicts in a report."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from ...reference.facts import problems as contradictions
from ...reference.level import Level
from ...spec.catalogue import catalogue as book_of_functions
from ...spec.errors import SpecError
from ...spec.function import Function
from ...spec.verify import verified
from ..environment import environment
from ..processes.limits import MEMORY, listening
from ..seeds import SEED, Seed
from ..targets.sources import sources
from ..targets.target import Target, resolve
from ..targets.versions import OURS
from ..verdict import Report, Verdict
from .plan import LIMIT, Place, Plan, arranged, numbers_at, plan_for
from .steps import steps

Progress = Callable[[int, int, str], None]
Listen = Callable[[Verdict], None]
INTERRUPTED = "interrupted"


def check(
    target: Any,
    *,
    as_: str | Function | None = None,
    vjp: Callable[..., Any] | None = None,
    formats: Sequence[str] = (),
    select: Sequence[str] = (),
    require: str | Level = Level.ACCURATE,
    arrays: str | None = None,
    seed: Seed = SEED,
    limit: float = LIMIT,
    profile: str = "default",
) -> Report:
    """Judge implementations by the book.

    target
        A backend's name ("torch"), a dotted module name, `module:callable`, a module, a mapping
        from names to callables, or one callable.
    as_
        For one callable: the function's name, or a `Function` of your own.
    vjp
        For one callable: its gradient, called like it with `cotangent=`, giving a tuple.
    formats
        Names of formats; the four that frameworks compute in when empty.
    select
        Patterns on functions, properties, or `function:property`: "gelu", "grad.*".
    require
        The level below which a verdict fails.
    arrays
        "numpy", "torch" or "jax", where it cannot be told by a first call.
    seed, limit
        The seed of everything random, and the seconds allowed for one call. With any seed but the
        usual one sizes, shapes, settings and the order of the properties are drawn, too; "random"
        draws a seed that the code under test cannot know, and `Report.seed` tells it.
    profile
        "default"; "smoke" for a glance, "thorough" for five to ten times the work: see
        `ulpian list profiles`.

    It runs in this process: a call that raises, prints, hangs in Python or changes global state is
    a finding, but one that ends the process ends it, and one that never returns from native code is
    waited for. A target given by name to `check_target`, or to `ulpian check`, is judged in
    processes of its own, and a crash there is a finding like any other.

    Returns a `Report`. Raises `UsageError` (one sentence) when there is nothing to judge: an
    unknown name, a target that cannot be imported, nothing selected.
    """
    found = resolve(target, as_=as_, vjp=vjp, arrays=arrays)
    verify(found)
    plan = plan_for(
        found,
        formats=(formats,) if isinstance(formats, str) else formats,
        select=(select,) if isinstance(select, str) else select,
        require=require,
        seed=seed,
        limit=limit,
        profile=profile,
    )
    return run(found, plan)


def verify(target: Target) -> None:
    """Refuse false facts in definitions that are not the book's (those the tests verify)."""
    book = book_of_functions()
    for function in target.functions.values():
        if book.get(function.name) is not function:
            verified(function)
            for problem in contradictions(function):
                raise SpecError(f"{function.name}: {problem}")


def run(
    target: Target, plan: Plan, progress: Progress | None = None, listen: Listen | None = None
) -> Report:
    """Judge a target in this process, function by function."""
    start = time.perf_counter()
    verdicts: list[Verdict] = []
    stopped, done = "", 0
    try:
        with listening(signal.SIGINT):
            for done, name in enumerate(plan.functions):
                if progress:
                    progress(done, len(plan.functions), name)
                for piece in steps(target, plan, name):
                    if isinstance(piece, Verdict):
                        verdicts.append(piece)
                        if listen:
                            listen(piece)
    except KeyboardInterrupt:
        stopped = INTERRUPTED
    missing = plan.functions[done:] if stopped else ()
    return report(target, plan, verdicts, time.perf_counter() - start, stopped, missing)


def report(
    target: Target,
    plan: Plan,
    verdicts: Iterable[Verdict],
    seconds: float,
    stopped: str = "",
    missing: tuple[str, ...] = (),
) -> Report:
    """The report on verdicts; `stopped` says why, and `missing` where, some of them lack.

    Where a run ended before it was known what arrays the target takes, their library is not named.
    """
    library = target.adapter.version() if target.arrays else {}
    return Report(
        target=target.name,
        required=plan.required,
        verdicts=arranged(plan.functions, [f.name for f in plan.formats], verdicts),
        environment=MappingProxyType({**environment(), **library}),
        seed=plan.seed,
        seconds=seconds,
        complete=not stopped,
        arrays=target.arrays or "numpy",
        call=target.call,
        functions=plan.functions,
        formats=tuple(f.name for f in plan.formats),
        profile=plan.profile,
        sources=sources(_judged(target, plan)),
        select=plan.select,
        at_one=bool(plan.at),
        stopped=stopped,
        missing=missing,
    )


def _judged(target: Target, plan: Plan) -> Mapping[str, Callable[..., Any]]:
    """The callables of the plan: those of its functions, and their gradients."""
    return {
        name: item
        for name, item in target.callables.items()
        if name.removesuffix("_vjp") in plan.functions
    }


# ---------------------------------------------------------------- by name


def check_target(
    target: str,
    *,
    as_: str | None = None,
    select: tuple[str, ...] = (),
    formats: tuple[str, ...] = (),
    require: str = "accurate",
    jobs: int = 1,
    at: str | Place | None = None,
    seed: Seed = SEED,
    limit: float = LIMIT,
    profile: str = "default",
    memory: float = MEMORY,
    timeout: float | None = None,
    progress: Progress | None = None,
    begun: Callable[[Report], None] | None = None,
    listen: Listen | None = None,
) -> Report:
    """Judge a target given by name, in `jobs` processes. What the command line calls.

    `begun` gets the report while it is empty, before anything is judged; `listen` gets each verdict
    as it arrives, in this process. `memory` is in GiB, for each process beyond what it holds when
    it begins (0 for no limit); `timeout` in seconds for the whole; `at` is one input.
    """
    found = resolve(target, as_=as_, probe=False)
    verify(found)
    plan = plan_for(
        found,
        formats=formats,
        select=select,
        require=require,
        seed=seed,
        limit=limit,
        place=at if isinstance(at, Place) else Place(numbers_at(at)),
        profile=profile,
    )
    alone = jobs <= 1 or len(plan.functions) == 1
    if target in OURS and alone and timeout is None:  # they need no process of their own
        if begun:
            begun(report(found, plan, (), 0.0, INTERRUPTED))
        return run(found, plan, progress, listen)  # it needs no process of its own
    from .isolation import run_apart

    return run_apart(
        target,
        as_,
        found,
        plan,
        jobs=jobs,
        memory=memory,
        timeout=timeout,
        progress=progress,
        begun=begun,
        listen=listen,
    )
