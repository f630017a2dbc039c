"""A hunt from its request to its result."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import sympy

from ...reference.formats import FORMATS, Format
from ..environment import installed
from ..sweeps import store
from ..sweeps.job import Job
from ..sweeps.plan import Plan, Sweep
from ..sweeps.result import READINGS, Result, Worst, begun, regimes, shortened
from ..sweeps.summary import Place, Summary, worse
from ..sweeps.tasks import Trial, answer
from ..targets.implementation import Misconduct, Unsupported
from ..targets.target import probed
from ..usage import UsageError
from . import corpus, state
from .hunt import Found, Hunt, Step
from .track import Track

USUAL = tuple(map(Fraction, ("1", "1/2", "2", "0", "-1")))  # of other variables, to begin with
PATIENCE = 10.0  # seconds after which a hunt under way is kept


@dataclass(frozen=True)
class Limits:
    """When a hunt ends: after so many seconds, or so many inputs, whichever comes first."""

    seconds: float | None = None
    evaluations: int | None = None


@dataclass(frozen=True)
class Hunted:
    """What a hunt found.

    `result` is a lower bound of the worst error; `history` how it rose; `refused` says why there is
    none. `interrupted` where the user ended it.
    """

    result: Result
    points: int = 0
    seconds: float = 0.0
    scanned: float = 0.0  # share of the binades of the line that was scanned
    seed: int = 0
    history: tuple[Step, ...] = ()
    known: int = 0  # inputs that were new to the corpus
    refused: str = ""
    interrupted: bool = False


@dataclass(frozen=True)
class Wanted:
    """How hunts are made: their limits, seed, and where they keep what.

    `folder` is the corpus, None for none; `states` where hunts are kept.
    """

    limits: Limits
    seed: int
    folder: Path | None
    states: Path = state.FOLDER
    resume: bool = False


def hunted(
    plan: Plan, wanted: Wanted, tell: Callable[[str], None] = lambda _: None
) -> Iterator[Hunted]:
    """The hunts of a plan, one after another; after one that the user ended, none follows.

    `UsageError` where a hunt is to be resumed and there is none, `FileError` for files.
    """
    target = probed(plan.target)  # this process calls it: its array library must be known
    with target.adapter.session():
        described = store.described(target)
        for sweep in plan.sweeps:
            found = _hunted(sweep, wanted, described, tell)
            yield found
            if found.interrupted:
                return


def _hunted(
    sweep: Sweep,
    wanted: Wanted,
    environment: Mapping[str, str],
    tell: Callable[[str], None],
) -> Hunted:
    name = f"{sweep.whole.function}.{sweep.whole.quantity}"
    blank = _result(sweep, environment, Summary(), {}, False)
    try:
        sweep, rounded = _read(sweep)
        first = _first(sweep)
        hunt = _begun(sweep, wanted, environment, first)
        interrupted = _run(hunt, wanted, sweep, environment, lambda said: tell(f"{name}: {said}"))
        seconds = hunt.spent
        binades = hunt.worst_of_binades()
    except Unsupported as reason:
        return Hunted(blank, refused=f"{name}: {reason}")
    except Misconduct as finding:
        return Hunted(replace(blank, failures=(str(finding),)), refused=f"{name}: {finding}")
    result = _result(sweep, environment, *_told(hunt, binades), rounded)
    if hunt.best is not None:
        result = replace(result, fixed=dict(hunt.best.fixed))
    new = 0
    if wanted.folder is not None:
        new = corpus.add(wanted.folder, sweep.function.name, _known(result, binades, environment))
    share = 1.0 if len(hunt.tracks) > 1 else hunt.scanned / len(hunt.order)
    return Hunted(
        result, hunt.points, seconds, share, hunt.seed, tuple(hunt.history), new, "", interrupted
    )


def _read(sweep: Sweep) -> tuple[Sweep, bool]:
    """The sweep by the reading of its parameters that the code follows."""
    if sweep.rounded is None:
        return sweep, False
    follows = answer(Trial(sweep.whole, sweep.rounded))
    return sweep.read(follows is True), follows is True


def _first(sweep: Sweep) -> Track:
    """The line where a hunt begins; variables that are left open are at ordinary values."""
    shard = sweep.whole
    fixed = dict(shard.fixed)
    for v in sweep.function.variables:
        if v.name != shard.free and v.name not in fixed:
            fixed[v.name] = next(x for x in USUAL if sympy.Rational(str(x)) in v.domain)
    left = {v.name for v in sweep.function.variables} - {shard.free, *shard.fixed}
    return Track(Job(replace(shard, fixed=fixed)), frozenset(left))


# ---------------------------------------------------------------- the run


def _begun(sweep: Sweep, wanted: Wanted, environment: Mapping[str, str], first: Track) -> Hunt:
    """A new hunt, its known inputs tried; or the one that was kept."""
    if wanted.resume:
        found = state.load(_place(sweep, wanted, environment), first)
        if found is None:
            raise UsageError(
                f"--resume: no hunt of {sweep.whole.function} ({sweep.whole.quantity}, "
                f"{sweep.whole.fmt}) was ended here with this target and its versions: leave out "
                "--resume"
            )
        return found
    hunt = Hunt([first], wanted.seed)
    known = list(corpus.read(corpus.SHIPPED, sweep.function.name))
    if wanted.folder is not None:
        known += corpus.read(wanted.folder, sweep.function.name)
    for fixed, bits in corpus.inputs(known, first.fmt, sweep.whole.free):
        values = {n: Fraction(v) for n, v in fixed.items()}
        if values and first.open_ == frozenset(values):
            hunt.tracks.append(first.beside({**first.fixed, **values}))
        elif values and values != first.fixed:
            continue
        hunt.known(bits, "corpus")
    if len(hunt.tracks) > 1:
        hunt.tracks.append(first)
    hunt.edges()
    return hunt


def _place(sweep: Sweep, wanted: Wanted, environment: Mapping[str, str]) -> Path:
    told = begun(sweep.whole, sweep.function, 0, 0)
    return wanted.states / f"{state.key({**told, 'environment': dict(environment)})}.json"


def _run(
    hunt: Hunt,
    wanted: Wanted,
    sweep: Sweep,
    environment: Mapping[str, str],
    tell: Callable[[str], None],
) -> bool:
    """Hunt up to the limits; whether the user ended it. The hunt is kept now and then."""
    place, limits = _place(sweep, wanted, environment), wanted.limits
    start = kept = time.monotonic()

    def going() -> bool:
        nonlocal kept
        now = time.monotonic()
        if now - kept > PATIENCE:
            kept = now
            state.keep(place, hunt)
            if hunt.best is not None:
                tell(f"{hunt.points:,} inputs, at least {hunt.best.error:.6g} ulp")
        if limits.evaluations is not None and hunt.points >= limits.evaluations:
            return False
        return limits.seconds is None or now - start < limits.seconds

    try:
        hunt.run(going)
        interrupted = False
    except KeyboardInterrupt:
        interrupted = True
    state.keep(place, hunt)
    return interrupted


# ---------------------------------------------------------------- the result


def _told(
    hunt: Hunt, binades: Mapping[int, tuple[Found, float]]
) -> tuple[Summary, dict[str, Worst], bool]:
    """The summary, and the worst inputs by regime."""
    fmt = hunt.track.fmt
    summary = Summary(inputs=hunt.points, unproven=hunt.unproven)
    told: dict[tuple[float, int], Worst] = {}
    places = {}
    for index, (found, truth) in binades.items():
        places[index] = place = Place(found.error, found.bits)
        told[place.error, place.bits] = _worst(fmt, found, truth)
        if 0 < abs(truth) < fmt.smallest_normal:
            summary = replace(summary, subnormal=worse(summary.subnormal, place))
        else:
            summary = replace(summary, normal=worse(summary.normal, place))
    summary = replace(summary, binades=places)
    return summary, {n: told[p.error, p.bits] for n, p in regimes(summary).items()}, True


def _worst(fmt: Format, found: Found, truth: float) -> Worst:
    return Worst(
        shortened(found.error),
        found.bits,
        fmt.of_bits(found.bits).hex(),
        truth.hex(),
        found.observed.hex(),
    )


def _result(
    sweep: Sweep,
    environment: Mapping[str, str],
    summary: Summary,
    worst: Mapping[str, Worst],
    complete: bool,
    rounded: bool = False,
) -> Result:
    return Result(
        **begun(sweep.whole, sweep.function, 0, 1 << FORMATS[sweep.whole.fmt].bits),
        summary=summary,
        reading=READINGS[rounded],
        method="hunt",
        complete=complete,
        environment=environment,
        worst=worst,
    )


def _known(
    result: Result, binades: Mapping[int, tuple[Found, float]], environment: Mapping[str, Any]
) -> Iterable[corpus.Known]:
    """What a hunt found, as the corpus keeps it."""
    for found, _ in binades.values():
        yield corpus.Known(
            result.as_ or result.function,
            result.quantity,
            result.fmt,
            result.free,
            found.bits,
            shortened(found.error),
            _version(result.target, environment),
            dict(result.setting),
            dict(found.fixed),
        )


def _version(target: str, environment: Mapping[str, Any]) -> str:
    """`torch 2.13.0`; of code that has no version there, its name alone."""
    name = "ulpian" if target in ("reference", "textbook") else target
    found = environment.get(name) or installed(name.partition(".")[0].partition(":")[0])
    return f"{target} {found}" if found else target
