"""The command, or the Python, that shows a finding again."""

from __future__ import annotations

import shlex

import numpy as np

from ...reference.level import Level
from ...spec.catalogue import find
from ..seeds import SEED
from ..verdict import Call, Report, Verdict
from .figures import hexadecimal


def reproduce(verdict: Verdict, report: Report) -> str:
    """The command that shows the finding again, or the Python where no command can."""
    if report.call is not None:
        return _in_python(report.call, verdict, report)
    words = ["ulpian", "check", report.target]
    if ":" in report.target and report.target.rpartition(":")[2] != verdict.function:
        words += ["--as", verdict.function]
    words += ["--select", f"{verdict.function}:{verdict.property}", "--format", verdict.format]
    if report.required != Level.ACCURATE:
        words += ["--require", str(report.required)]
    place = _place(verdict)
    if place:
        words += ["--at", place]
    else:
        seed = report.seed if verdict.seed is None else verdict.seed
        words += ["--profile", report.profile] if report.profile != "default" else []
        words += ["--seed", str(seed)] if seed != SEED else []
    return shlex.join(words)


def _in_python(call: Call, verdict: Verdict, report: Report) -> str:
    options = {"formats": verdict.format, "select": f"{verdict.function}:{verdict.property}"}
    if report.required != Level.ACCURATE:
        options["require"] = str(report.required)
    words = [call.arguments, *(f"{name}={value!r}" for name, value in options.items())]
    words += [f"profile={report.profile!r}"] if report.profile != "default" else []
    seed = report.seed if verdict.seed is None else verdict.seed
    words += [f"seed={seed}"] if seed != SEED else []
    again = f"check({', '.join(words)})"
    if not call.imports:
        return f"{again} # what stands in <> has no name to be imported by"
    ours = "from ulpian.checks import check; from ulpian.checks.reports import as_text"
    return f"{ours}; {call.imports}; print(as_text({again}))"


def _place(verdict: Verdict) -> str:
    """The variables at the witness as `--at` takes them; nothing where it cannot."""
    if verdict.witness is None or verdict.property.split(".")[0] not in ("value", "grad"):
        return ""
    try:
        function = find(verdict.definition or verdict.function)
    except LookupError:  # a definition of the user's own
        return ""
    inputs = verdict.witness.inputs
    given = [inputs.get(v.name) for v in function.variables]
    if function.along_axis or any(not isinstance(g, float | np.floating) for g in given):
        return ""
    return ",".join(map(hexadecimal, given))
