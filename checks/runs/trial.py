"""A trial: one property of one case, judged. Whatever comes of it is a verdict."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np

from ...reference.level import Level
from ..judging import guilty
from ..points.case import Case
from ..properties import Outcome, Property
from ..targets.implementation import Misconduct, Unsupported
from ..verdict import Status, Verdict


def trial(case: Case, prop: Property) -> list[Verdict]:
    """The verdicts that a property comes to: one, or one for each of its parts."""
    start = time.perf_counter()
    blank = Verdict(case.function.name, prop.name, case.fmt.name, Status.ERROR)
    try:
        with np.errstate(all="ignore"):
            found = prop.judge(case)
            named = [("", found)] if isinstance(found, Outcome) else list(found)
        verdicts = [_verdict(blank, suffix, outcome, case) for suffix, outcome in named]
    except Unsupported as reason:
        verdicts = [replace(blank, status=Status.UNSUPPORTED, message=str(reason))]
    except Misconduct as finding:
        fails = replace(blank, status=Status.FAIL, level=Level.UNSOUND, points=1)
        verdicts = [replace(fails, message=str(finding))]
        if finding.kind == "time":
            verdicts = [_hung(case, fails, str(finding))]
    except KeyboardInterrupt:
        raise
    except Exception as error:  # ours: reported as such, never as a pass
        text = f"Ulpian failed here: {type(error).__name__}: {error}"
        verdicts = [replace(blank, message=text)]
    spent = (time.perf_counter() - start) / max(1, len(verdicts))
    return [replace(v, seconds=spent) for v in verdicts]


def _hung(case: Case, fails: Verdict, message: str) -> Verdict:
    """A call that did not return; the first time, with the part that does not by itself."""
    diary = case.implementation.diary
    call, diary.hung_in = diary.hung_in, None
    if call is None:
        return replace(fails, message=message)
    index = guilty.search(case.implementation, call, max(2 * case.implementation.limit, 1.0))
    if index is None:
        return replace(fails, message=f"{message}; no part of it does that alone")
    found = guilty.evidence(case.function, case.fmt, call, index)
    return replace(fails, message=message, witness=found)


def _verdict(blank: Verdict, suffix: str, outcome: Outcome, case: Case) -> Verdict:
    name = f"{blank.property}.{suffix}" if suffix else blank.property
    if outcome.level is None:
        status = Status.UNSUPPORTED if outcome.unsupported else Status.UNDECIDED
        message = outcome.unsupported or outcome.message or "no point could be tried"
        return replace(
            blank, property=name, status=status, message=message, traits=tuple(outcome.traits)
        )
    failed = outcome.level < case.required
    status = Status.FAIL if failed else Status.PASS
    if outcome.undecided and not failed:
        status = Status.UNDECIDED
    return replace(
        blank,
        property=name,
        status=status,
        level=outcome.level,
        error_ulp=outcome.error,
        witness=outcome.witness,
        points=outcome.points,
        message=outcome.message if failed else outcome.unsupported,
        traits=tuple(outcome.traits),
    )
