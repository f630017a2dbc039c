"""A report in full, for people."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from ..seeds import SEED
from ..verdict import Report, Status, Verdict, Witness
from .again import reproduce
from .ending import FINDINGS, OK, exit_code, meaning
from .evidence import outcome
from .figures import decimal, hexadecimal, row, tidy, ulps
from .gate import breaches, held, held_of
from .layout import LABEL, VALUE, WIDTH, Pen, columns, command, heading, labelled, wrapped
from .levels import table


def as_text(report: Report, colour: bool = False) -> str:
    """The table of levels, a block for each finding, traits, what was not judged, the sum."""
    pen = Pen(colour)
    parts = [
        [pen(f"{report.target} · {report.required} required", bold=True)],
        table(report, pen),
        *(block(v, report, pen) for v in report.findings),
        breaches(report, pen),
        held(report),
        _open(report, pen),
        _traits(report),
        _unsupported(report),
        closing(report, pen),
    ]
    return "\n\n".join("\n".join(lines) for lines in parts if lines) + "\n"


def block(verdict: Verdict, report: Report, pen: Pen) -> list[str]:
    """A finding in full: the witness in all its forms, the bound, and how to see it again."""
    lines = [_head(verdict, report, pen)]
    witness = verdict.witness
    if witness is not None:
        lines += shown(witness, verdict.format)
    lines += _error(verdict)
    if verdict.message:
        lines += wrapped("message", verdict.message, LABEL)
    return [*lines, *command("reproduce", reproduce(verdict, report))]


def shown(witness: Witness, fmt: str) -> list[str]:
    """The inputs, the truth and what was observed, each as decimal, hexadecimal and bits."""
    return [
        *_inputs(witness, fmt),
        *_result("truth", witness.truth, witness.truth_bits, fmt),
        *_result("observed", witness.observed, witness.observed_bits, fmt),
    ]


def _head(verdict: Verdict, report: Report, pen: Pen) -> str:
    where = " · ".join((verdict.function, verdict.property, verdict.format, report.target))
    return heading(where, outcome(verdict, report), pen)


def _inputs(witness: Witness, fmt: str) -> list[str]:
    lines: list[str] = []
    for name, value in witness.inputs.items():
        label = "at" if not lines else ""
        lines += wrapped(label, _input(name, value, witness.bits.get(name, ""), fmt), LABEL + 4)
    return lines


def _input(name: str, value: Any, bits: Any, fmt: str) -> str:
    shown = f"{name} = {row(value, fmt)}"
    if isinstance(value, list | tuple | int) or not isinstance(bits, str):
        return shown
    return columns(shown, hexadecimal(value), bits)


def _result(label: str, value: Any, bits: str, fmt: str) -> list[str]:
    if value is None:
        return []
    if isinstance(value, list | tuple | str):
        shown = value if isinstance(value, str) else row(value, fmt)
        return wrapped(label, shown, LABEL + 4)
    return [labelled(label, columns(decimal(value, fmt), hexadecimal(value), bits))]


def _error(verdict: Verdict) -> list[str]:
    witness = verdict.witness
    error = verdict.error_ulp if witness is None else witness.error_ulp
    if error is None:
        return []
    said = ""
    if witness is not None and witness.bound_ulp is not None:
        said = f"bound {ulps(witness.bound_ulp)}"
        said += f" = {witness.origin}" if witness.origin else ""
    elif witness is not None:
        said = witness.origin
    if not said:
        return [labelled("error", ulps(error))]
    indent = LABEL + VALUE
    first, *others = textwrap.wrap(tidy(said), WIDTH - indent, break_long_words=False)
    return [labelled("error", columns(ulps(error), first)), *(" " * indent + o for o in others)]


def _open(report: Report, pen: Pen) -> list[str]:
    """What came to no verdict: Ulpian's own errors and undecided truths."""
    lines: list[str] = []
    for status, colour in ((Status.ERROR, "magenta"), (Status.UNDECIDED, "yellow")):
        for v in (v for v in report.verdicts if v.status is status and not held_of(v, report)):
            where = " · ".join((v.function, v.property, v.format))
            lines += [f"{pen(str(status), fg=colour)}  {where}"]
            lines += wrapped("", v.message, LABEL) if v.message else []
    return lines


def _traits(report: Report) -> list[str]:
    """One line for each distinct trait, with the functions and formats it was seen in."""
    seen: dict[str, dict[str, list[str]]] = {}
    for v in report.verdicts:
        for trait in v.traits:
            formats = seen.setdefault(trait, {}).setdefault(v.function, [])
            if v.format not in formats:
                formats.append(v.format)
    lines = []
    for trait, functions in seen.items():
        lines += wrapped("trait", f"{trait}: {_grouped(functions)}", LABEL + 2)
    return lines


def _grouped(functions: Mapping[str, Iterable[str]]) -> str:
    """`gelu, silu (float32); tanh (float32, float64)`."""
    groups: dict[tuple[str, ...], list[str]] = {}
    for name, formats in functions.items():
        groups.setdefault(tuple(formats), []).append(name)
    return "; ".join(f"{', '.join(names)} ({', '.join(fs)})" for fs, names in groups.items())


def _unsupported(report: Report) -> list[str]:
    count = Counter(v.property for v in report.verdicts if v.status is Status.UNSUPPORTED)
    if not count:
        return []
    said = ", ".join(f"{name} {times}" for name, times in count.items())
    return wrapped("unsupported", said, LABEL + 2)


def closing(report: Report, pen: Pen) -> list[str]:
    """The last two lines: the sum of what was judged, and the exit code in words."""
    known = {v.id for v in report.held}
    count = Counter(v.status for v in report.verdicts if v.id not in known)
    names = {Status.PASS: "passed", Status.FAIL: "failed", Status.ERROR: "in error"}
    verdicts = [f"{count[s]} {names.get(s, s)}" for s in Status if count[s]]
    verdicts += [f"{len(report.held)} held"] if report.held else []
    points = sum(v.points for v in report.verdicts)
    said = [*verdicts, f"{points:,} points compared", f"{report.seconds:.1f} s"]
    if report.rounds > 1:
        said.insert(0, f"{report.rounds} rounds")
    if report.seed != SEED:
        said.append(f"seed {report.seed}")
    code = exit_code(report)
    return [" · ".join(said), pen(f"exit {code}: {meaning(code, report)}", **_style(code))]


def _style(code: int) -> dict[str, Any]:
    return {"fg": {OK: "green", FINDINGS: "red"}.get(code, "yellow"), "bold": True}
