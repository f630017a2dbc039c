"""Replay: witnesses that were kept, judged again at their bits and by the run that found them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from ...reference.formats import FORMATS, Format
from ...spec.function import Function
from ..runs.plan import Place
from ..runs.run import check_target
from ..targets.target import resolve
from ..usage import UsageError
from ..verdict import Report, Status, Verdict
from .fuzz import graver
from .witnesses import Kept

FINDINGS, NO_VERDICT = 1, 2


class State(StrEnum):
    """What came of a witness."""

    FAILS = "still fails"
    PASSES = "no longer fails"
    OPEN = "no verdict"


@dataclass(frozen=True)
class Replayed:
    """A witness judged again; `said` is where it fails, or why there is no verdict."""

    kept: Kept
    state: State
    said: str = ""
    verdict: Verdict | None = None


def replay(witnesses: Iterable[Kept], **options: Any) -> Iterator[Replayed]:
    """Each witness judged again, as it comes; `options` are those of `check_target` on the calls.

    First at its own input, bit for bit; where that says nothing, or passes, its property once more
    with the seed of the run that found it: some faults need a whole array, or the calls before.
    """
    for kept in witnesses:
        yield _replayed(kept, options)


def _replayed(kept: Kept, options: Mapping[str, Any]) -> Replayed:
    try:
        found = resolve(kept.target, as_=kept.claimed, probe=False)
        function = found.functions.get(kept.verdict.function)
        place = None if function is None else placed(function, kept.verdict)
        if place is not None:
            verdict = _judged(kept, options, place)
            if verdict is not None and verdict.status is Status.FAIL:
                return Replayed(kept, State.FAILS, _where(kept, verdict), verdict)
        verdict = _judged(kept, options, None)
    except UsageError as error:
        return Replayed(kept, State.OPEN, str(error))
    if verdict is None:
        return Replayed(kept, State.OPEN, f"there is no {kept.verdict.property} to judge any more")
    if verdict.status is Status.FAIL:
        return Replayed(kept, State.FAILS, f"in a run with seed {kept.verdict.seed}", verdict)
    if verdict.status is Status.PASS:
        return Replayed(kept, State.PASSES, "", verdict)
    return Replayed(kept, State.OPEN, f"{verdict.status}: {verdict.message}", verdict)


def _where(kept: Kept, verdict: Verdict) -> str:
    found, before = verdict.witness, kept.verdict.witness
    same = found is not None and before is not None and found.bits == before.bits
    return "at its input" if same else "near its input"


def _judged(kept: Kept, options: Mapping[str, Any], place: Place | None) -> Verdict | None:
    """The verdict of that name, at the input or in the whole; None where there is none."""
    v = kept.verdict
    try:
        report = check_target(
            kept.target,
            **options,
            as_=kept.claimed,
            select=(f"{v.function}:{v.property}",),
            formats=(v.format,),
            require=str(kept.required),
            seed=v.seed if v.seed is not None else 0,
            profile=kept.profile,
            at=place,
        )
    except UsageError:
        if place is None:
            raise
        return None  # an input that cannot be told as one
    if not report.complete:
        raise KeyboardInterrupt
    return next((found for found in report.verdicts if found.id == v.id), None)


def placed(function: Function, verdict: Verdict) -> Place | None:
    """The input of a witness as a place; None where it is no single one, or is not judged alone.

    The bits are the truth for the variables. Parameters are no floats of the format: they are taken
    as they were given.
    """
    witness, fmt = verdict.witness, FORMATS[verdict.format]
    if witness is None or verdict.property.partition(".")[0] not in ("value", "grad"):
        return None
    rows, numbers = list[Any](), list[Any]()
    for v in function.variables:
        bits = witness.bits.get(v.name)
        if bits is None or isinstance(bits, str) == v.along_axis or function.sizes:
            return None
        (rows if v.along_axis else numbers).append(bits)
    if any(isinstance(entry, list) for row in rows for entry in row):
        return None
    every = [*(entry for row in rows for entry in row), *numbers]
    names = {p.name for p in function.parameters}
    given = {n: x for n, x in witness.inputs.items() if n in names}
    seed = witness.bits.get("cotangent", [])
    return Place(
        tuple(_number(text, fmt) for text in every),
        tuple((n, tuple(x) if isinstance(x, list) else x) for n, x in given.items()),
        tuple(_number(text, fmt) for text in ([seed] if isinstance(seed, str) else seed)),
    )


def _number(bits: str, fmt: Format) -> float:
    return fmt.of_bits(int(bits, 16)) if bits.startswith("0x") else float(bits)


# ---------------------------------------------------------------- what is said


def line(replayed: Replayed) -> str:
    """One witness in a line: what came of it, its name, where, and why."""
    kept = replayed.kept
    where = f"{kept.id}  {kept.verdict.id}  {kept.target}"
    return f"{replayed.state:<16}{where}{f'  ({replayed.said})' if replayed.said else ''}"


def exit_code(found: Sequence[Replayed]) -> int:
    """1 where one still fails, 2 where one came to no verdict, 0 otherwise."""
    states = {r.state for r in found}
    if State.FAILS in states:
        return FINDINGS
    return NO_VERDICT if State.OPEN in states else 0


def with_witnesses(report: Report, found: Iterable[Replayed]) -> Report:
    """A report that tells of the witnesses, too: of two verdicts of one name the graver."""
    verdicts = {v.id: v for v in report.verdicts}
    for r in found:
        if r.verdict is None or r.verdict.id not in verdicts:
            continue
        mine = replace(r.verdict, seed=r.kept.verdict.seed)
        verdicts[mine.id] = graver(verdicts[mine.id], mine)
    return replace(report, verdicts=tuple(verdicts.values()))
