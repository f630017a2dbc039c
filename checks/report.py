"""A report, as full text for people and as JSON for machines; `concise` is shorter.

The JSON is described by `schema.json` beside this file. It spells what JSON cannot say: NaN and
the infinities are the strings "nan", "inf" and "-inf"; every input carries its bits.
"""

from __future__ import annotations

import json
import math
import re
import shlex
import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import click
import numpy as np

from ..reference.formats import FORMATS
from ..reference.level import Level
from ..spec.catalogue import find
from .points import SEED
from .verdict import Call, Report, Status, Verdict, Witness

WIDTH = 100
VERSION = 1  # of the JSON: raised when a field changes its meaning
LABEL, _VALUE, _HEX, LEVEL = 13, 25, 19, 61  # columns of a block
_HEX_DOUBLE = 25  # for the long ones of float64
_ENTRIES = 4  # of a row that are shown

OK, FINDINGS, NO_VERDICT, INTERRUPTED = 0, 1, 2, 130


def exit_code(report: Report) -> int:
    """0 nothing below what is required, 1 findings, 2 no verdict, 130 interrupted."""
    if not report.complete:
        return INTERRUPTED
    if report.findings:
        return FINDINGS
    return OK if report.ok else NO_VERDICT


# ---------------------------------------------------------------- numbers


def decimal(value: Any, fmt: str) -> str:
    """The shortest decimal that is this float of the format."""
    if isinstance(value, int | np.integer) or fmt not in FORMATS:
        return str(value)
    with np.errstate(all="ignore"):
        return str(FORMATS[fmt].dtype.type(value))


def hexadecimal(value: Any) -> str:
    """A float in hexadecimal without idle zeros: -0x1.6p+2."""
    mantissa, power, exponent = float(value).hex().partition("p")
    if "." in mantissa:
        mantissa = mantissa.rstrip("0").rstrip(".")
    return mantissa + power + exponent


def ulps(error: float) -> str:
    """`8.37e6 ulp`."""
    if math.isinf(error):
        return "infinite"
    return tidy(f"{error:.3g} ulp")


def tidy(text: str) -> str:
    """Numbers in a text without idle signs and zeros in their exponents."""
    return re.sub(r"(?<=\d)e(-?)\+?0*(?=\d)", r"e\1", text)


def row(values: Any, fmt: str) -> str:
    """A row as a short list."""
    if not isinstance(values, list | tuple):
        return decimal(values, fmt)
    shown = [row(v, fmt) for v in values[:_ENTRIES]]
    if len(values) > _ENTRIES:
        shown.append(f"... {len(values)} entries")
    return f"[{', '.join(shown)}]"


# ---------------------------------------------------------------- text


class Pen:
    """Colours where they are wanted."""

    def __init__(self, colour: bool) -> None:
        self.colour = colour

    def __call__(self, text: str, **style: Any) -> str:
        return click.style(text, **style) if self.colour else text


def as_text(report: Report, colour: bool = False) -> str:
    """The table of levels, a block for each finding, traits, what was not judged, the sum."""
    pen = Pen(colour)
    parts = [
        [pen(f"{report.target} · {report.required} required", bold=True)],
        table(report, pen),
        *(block(v, report, pen) for v in report.findings),
        _open(report, pen),
        _traits(report),
        _unsupported(report),
        closing(report, pen),
    ]
    return "\n\n".join("\n".join(lines) for lines in parts if lines) + "\n"


def table(report: Report, pen: Pen) -> list[str]:
    """The lowest level of each function in each format."""
    functions = list(dict.fromkeys(v.function for v in report.verdicts))
    present = {v.format for v in report.verdicts}
    formats = [f for f in FORMATS if f in present] + sorted(present - set(FORMATS))
    if not functions:
        return []
    wide = max(map(len, functions)) + 2
    lines = [(" " * (wide + 2) + "".join(f"{f:<14}" for f in formats)).rstrip()]
    marks: set[str] = set()
    for name in functions:
        cells = []
        for fmt in formats:
            own = [v for v in report.verdicts if (v.function, v.format) == (name, fmt)]
            text, mark, style = _cell(own)
            marks.add(mark)
            cells.append(pen(text, **style) + " " * max(1, 14 - len(text)))
        lines.append(f"  {name:<{wide}}" + "".join(cells).rstrip())
    said = _legend(marks, report.required)
    return [*lines, f"  {said}"] if said else lines


def _cell(verdicts: list[Verdict]) -> tuple[str, str, dict[str, Any]]:
    """The lowest level among verdicts, its mark, and its style."""
    levels = [v.level for v in verdicts if v.level is not None]
    lowest = str(min(levels, key=lambda level: level.rank)) if levels else "—"
    found = {v.status for v in verdicts}
    if Status.FAIL in found:
        return f"{lowest if levels else 'failed'} ×", "×", {"fg": "red"}
    if Status.ERROR in found:
        return f"{lowest if levels else 'error'} !", "!", {"fg": "magenta"}
    if Status.UNDECIDED in found:
        return f"{lowest if levels else 'undecided'} ?", "?", {"fg": "yellow"}
    return lowest, lowest if lowest == "—" else "", {"fg": "green"} if levels else {}


def _legend(marks: set[str], required: Level) -> str:
    meaning = {
        "×": f"× below {required}",
        "!": "! an error of Ulpian",
        "?": "? undecided points",
        "—": "— not judged",
    }
    return "   ".join(text for mark, text in meaning.items() if mark in marks)


def block(verdict: Verdict, report: Report, pen: Pen) -> list[str]:
    """A finding in full: the witness in all its forms, the bound, and how to see it again."""
    lines = [_head(verdict, report, pen)]
    witness = verdict.witness
    if witness is not None:
        lines += _inputs(witness, verdict.format)
        lines += _result("truth", witness.truth, witness.truth_bits, verdict.format)
        lines += _result("observed", witness.observed, witness.observed_bits, verdict.format)
    lines += _error(verdict)
    if verdict.message:
        lines += wrapped("message", verdict.message, LABEL)
    return [*lines, *command("reproduce", reproduce(verdict, report))]


def command(label: str, words: str) -> list[str]:
    """A command, continued on further lines where it is long; it can be pasted as it stands."""
    lines, line = [], ""
    for part in re.split(r" (?=--)|(?<=[;,]) ", words):
        if line and len(line) + len(part) > WIDTH - LABEL - 3:
            lines.append(f"{line} \\")
            line = f"  {part}"
        else:
            line = f"{line} {part}" if line else part
    first, *others = [*lines, line]
    return [labelled(label, first), *(" " * LABEL + other for other in others)]


def _head(verdict: Verdict, report: Report, pen: Pen) -> str:
    where = " · ".join((verdict.function, verdict.property, verdict.format, report.target))
    level = verdict.level
    if level is None:
        said = f"failed, not {report.required}"
    elif level.rank < report.required.rank:
        said = f"{level}, not {report.required}"
    else:
        said = f"failed, {level} so far"
    return heading(where, said, pen)


def heading(where: str, said: str, pen: Pen) -> str:
    """The first line of a block, what was found in its column or below where it is too long."""
    gap = "  " if len(where) > LEVEL - 2 else " " * (LEVEL - len(where))
    if len(where) + len(gap) + len(said) > WIDTH:
        gap = "\n" + " " * LABEL
    return pen(where, bold=True) + gap + pen(said, fg="red")


def labelled(label: str, text: str, width: int = LABEL) -> str:
    """A line of a block: a label, then text."""
    return f"{'  ' + label:<{width - 1}} {text}".rstrip()


def wrapped(label: str, text: str, indent: int) -> list[str]:
    """Text under a label, its later lines indented; never a break within a word."""
    head = f"{'  ' + label:<{LABEL - 1}} "
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=head,
        subsequent_indent=" " * indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def columns(value: str, hexed: str = "", bits: str = "") -> str:
    """A number in its three forms, in columns."""
    wide = _HEX if len(hexed) < _HEX else _HEX_DOUBLE
    return f"{value:<{_VALUE - 1}} {hexed:<{wide - 1}} {bits}".rstrip()


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
    indent = LABEL + _VALUE
    first, *others = textwrap.wrap(tidy(said), WIDTH - indent, break_long_words=False)
    return [labelled("error", columns(ulps(error), first)), *(" " * indent + o for o in others)]


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
    elif report.seed != SEED:
        words += ["--seed", str(report.seed)]
    return shlex.join(words)


def _in_python(call: Call, verdict: Verdict, report: Report) -> str:
    options = {"formats": verdict.format, "select": f"{verdict.function}:{verdict.property}"}
    if report.required != Level.ACCURATE:
        options["require"] = str(report.required)
    words = [call.arguments, *(f"{name}={value!r}" for name, value in options.items())]
    words += [f"seed={report.seed}"] if report.seed != SEED else []
    again = f"check({', '.join(words)})"
    if not call.imports:
        return f"{again} # what stands in <> has no name to be imported by"
    ours = "from ulpian.checks import check; from ulpian.checks.report import as_text"
    return f"{ours}; {call.imports}; print(as_text({again}))"


def _place(verdict: Verdict) -> str:
    """The variables at the witness as `--at` takes them; nothing where it cannot."""
    if verdict.witness is None or verdict.property.split(".")[0] not in ("value", "grad"):
        return ""
    try:
        function = find(verdict.function)
    except LookupError:  # a definition of the user's own
        return ""
    inputs = verdict.witness.inputs
    given = [inputs.get(v.name) for v in function.variables]
    if function.along_axis or any(not isinstance(g, float | np.floating) for g in given):
        return ""
    return ",".join(map(hexadecimal, given))


def _open(report: Report, pen: Pen) -> list[str]:
    """What came to no verdict: Ulpian's own errors and undecided truths."""
    lines: list[str] = []
    for status, colour in ((Status.ERROR, "magenta"), (Status.UNDECIDED, "yellow")):
        for v in (v for v in report.verdicts if v.status is status):
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
    count = Counter(v.status for v in report.verdicts)
    names = {Status.PASS: "passed", Status.FAIL: "failed", Status.ERROR: "in error"}
    verdicts = [f"{count[s]} {names.get(s, s)}" for s in Status if count[s]]
    points = sum(v.points for v in report.verdicts)
    said = [*verdicts, f"{points:,} points compared", f"{report.seconds:.1f} s"]
    code = exit_code(report)
    lines = [" · ".join(said), pen(f"exit {code}: {_meaning(code, report)}", **_style(code))]
    return lines


def _style(code: int) -> dict[str, Any]:
    return {"fg": {OK: "green", FINDINGS: "red"}.get(code, "yellow"), "bold": True}


def _meaning(code: int, report: Report) -> str:
    if code == OK:
        return f"nothing below {report.required}; the lowest level is {report.level}"
    if code == FINDINGS:
        return f"{len(report.findings)} findings below {report.required}"
    if code == INTERRUPTED:
        return "incomplete: interrupted, and what is not shown was not judged"
    if not report.judged:
        return "no verdict: nothing was judged"
    return "no verdict: something is undecided or in error"


# ---------------------------------------------------------------- JSON


@cache
def schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of a report."""
    text = Path(__file__).with_name("schema.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


def as_json(report: Report) -> str:
    """The report as JSON, valid by `schema()`."""
    return json.dumps(as_dict(report), indent=2, ensure_ascii=False, allow_nan=False)


def as_dict(report: Report) -> dict[str, Any]:
    """The report as plain lists and mappings, with nothing in them that JSON cannot say."""
    return {
        "schema": VERSION,
        "target": report.target,
        "arrays": report.arrays,
        "required": str(report.required),
        "ok": report.ok,
        "level": None if report.level is None else str(report.level),
        "complete": report.complete,
        "exit_code": exit_code(report),
        "seed": int(report.seed),
        "seconds": _spelt(report.seconds),
        "environment": {str(k): str(v) for k, v in report.environment.items()},
        "verdicts": [_verdict(v) for v in report.verdicts],
    }


def _verdict(verdict: Verdict) -> dict[str, Any]:
    found = {name: getattr(verdict, name) for name in _fields()}
    found["witness"] = None if verdict.witness is None else _witness(verdict.witness)
    return {
        name: str(value) if isinstance(value, Level | Status) else _spelt(value)
        for name, value in found.items()
    }


def _fields() -> Iterator[str]:
    yield from Verdict.__dataclass_fields__


def _witness(witness: Witness) -> dict[str, Any]:
    return {name: _spelt(getattr(witness, name)) for name in Witness.__dataclass_fields__}


def _spelt(value: Any) -> Any:
    """A value with NaN and infinities as strings and NumPy's numbers as Python's."""
    if isinstance(value, Mapping):
        return {str(k): _spelt(v) for k, v in value.items()}
    if isinstance(value, np.ndarray):
        return _spelt(value.tolist())
    if isinstance(value, list | tuple):
        return [_spelt(v) for v in value]
    if isinstance(value, str | bool | int) or value is None:
        return value
    if isinstance(value, np.integer | np.bool_):
        return value.item()
    number = float(value)
    return number if math.isfinite(number) else str(number)


_WORDS = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}


def _read(value: Any) -> Any:
    if isinstance(value, list):
        return [_read(v) for v in value]
    return _WORDS.get(value, value) if isinstance(value, str) else value


def from_json(text: str) -> Report:
    """The report that `as_json` wrote. Raises `ValueError` for another version of the schema."""
    data = json.loads(text)
    if data.get("schema") != VERSION:
        raise ValueError(
            f"cannot read a report of schema {data.get('schema')!r}: this Ulpian reads {VERSION}"
        )
    return Report(
        target=data["target"],
        required=Level(data["required"]),
        verdicts=tuple(map(_read_verdict, data["verdicts"])),
        environment=MappingProxyType(data["environment"]),
        seed=data["seed"],
        seconds=_read(data["seconds"]),
        complete=data["complete"],
        arrays=data["arrays"],
    )


def _read_verdict(data: Mapping[str, Any]) -> Verdict:
    witness = data["witness"]
    numbers = {name: _read(data[name]) for name in ("error_ulp", "seconds")}
    return Verdict(
        **{
            **data,
            **numbers,
            "status": Status(data["status"]),
            "level": None if data["level"] is None else Level(data["level"]),
            "traits": tuple(data["traits"]),
            "witness": None if witness is None else _read_witness(witness),
        }
    )


def _read_witness(data: Mapping[str, Any]) -> Witness:
    numbers = ("truth", "observed", "error_ulp", "bound_ulp")
    inputs = {name: _read(value) for name, value in data["inputs"].items()}
    return Witness(**{**data, **{n: _read(data[n]) for n in numbers}, "inputs": inputs})
