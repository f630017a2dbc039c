"""What was found, in a line: how it was judged, what was observed, and where."""

from __future__ import annotations

import math

from ..verdict import Report, Verdict, Witness
from .figures import row, tidy, ulps


def outcome(verdict: Verdict, report: Report) -> str:
    """`sound, not accurate`: what a finding came to, beside what was asked."""
    level = verdict.level
    if level is None:
        return f"failed, not {report.required}"
    if level.rank < report.required.rank:
        return f"{level}, not {report.required}"
    return f"failed, {level} so far"


def evidence(verdict: Verdict) -> str:
    """What was observed and where; the place, which may be long, comes last.

    `observed 0.00012338, truth 0.00012339; error 891 ulp, bound 44.4 ulp; at x = 9.0`
    """
    witness = verdict.witness
    if witness is None:
        return verdict.message
    fmt = verdict.format
    answers = [
        f"{label} {value if isinstance(value, str) else row(value, fmt)}"
        for label, value in (("observed", witness.observed), ("truth", witness.truth))
        if value is not None
    ]
    inputs = ", ".join(f"{name} = {row(value, fmt)}" for name, value in witness.inputs.items())
    parts = [verdict.message, ", ".join(answers), *_size(witness), f"at {inputs}"]
    return "; ".join(part for part in parts if part)


def _size(witness: Witness) -> list[str]:
    """How far off and how far is allowed, in ulps or in words; nothing where it is infinite."""
    if witness.error_ulp is None:
        return [tidy(witness.origin)] if witness.origin else []
    if math.isinf(witness.error_ulp):
        return []
    bound = "" if witness.bound_ulp is None else f", bound {ulps(witness.bound_ulp)}"
    return [f"error {ulps(witness.error_ulp)}{bound}"]
