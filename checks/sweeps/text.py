"""What a run of sweeps found, for people: a block for each result, a line where they are many."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from ...reference.formats import FORMATS, Format
from ...reference.level import Level
from ..reports.ending import FINDINGS, INTERRUPTED, NO_VERDICT, OK
from ..reports.figures import decimal, hexadecimal, ulps
from ..reports.layout import LABEL, LEVEL, WIDTH, Pen, columns, labelled, wrapped
from .result import READINGS, Result, Worst
from .summary import EDGES
from .summary import FINDINGS as MEANINGS
from .sweep import Run

TOLD = (0.5, 1.0, 2.0, 4.0, 8.0, 2.0**6, 2.0**9, 2.0**12, 2.0**18, 2.0**24)  # ulps
BLOCKS = 4  # results that are shown in full
BARS = "▁▂▃▄▅▆▇█"
STEPS = (0.5, 1.0, 2.0, 8.0, 64.0, 2.0**12, 2.0**20)  # ulps at which a bar becomes higher
CELLS = 64  # of a line of binades


def as_text(run: Run, required: Level, colour: bool = False) -> str:
    """Every result, what was not swept, and how the run ends."""
    pen = Pen(colour)
    if len(run.results) <= BLOCKS:
        parts = [block(r, required, pen) for r in run.results]
    else:
        parts = [list(_table(run, required, pen))]
    parts.append([line for said in run.left_out for line in wrapped("left out", said, LABEL)])
    parts.append(_environment(run.results[0].environment))
    parts.append(_closing(run, required, pen))
    return "\n\n".join("\n".join(lines) for lines in parts if lines) + "\n"


def block(result: Result, required: Level, pen: Pen) -> list[str]:
    """One result in full."""
    where = " · ".join((result.function, result.quantity, result.fmt, result.target))
    lines = [_heading(where, result, required, pen), *_given(result), *_inputs(result)]
    lines += [line for name, w in result.worst.items() for line in _worst(result, name, w)]
    return [*lines, *_errors(result), *_binades(result), *_findings(result, pen)]


def exit_code(run: Run, required: Level) -> int:
    """0 nothing below what is required, 1 findings, 2 no verdict, 130 interrupted."""
    if not run.complete:
        return INTERRUPTED
    if run.lost or any(r.level is not None and r.level < required for r in run.results):
        return FINDINGS
    settled = all(r.complete and r.level and not r.summary.unproven for r in run.results)
    return OK if settled else NO_VERDICT


def holds(result: Result) -> str:
    """For which inputs the figures hold, in a few words."""
    if result.proved:
        return "proved for all inputs"
    if result.method == "hunt":
        return "a lower bound"
    if not result.complete:
        return "incomplete"
    if result.summary.unproven:
        return f"but {result.summary.unproven:,} inputs unproven"
    return "for all inputs of this part"


# ---------------------------------------------------------------- one result


def _heading(where: str, result: Result, required: Level, pen: Pen) -> str:
    said = f"{result.level or 'not judged'}, {holds(result)}"
    gap = " " * (LEVEL - len(where)) if len(where) < LEVEL - 1 else "  "
    if len(where) + len(gap) + len(said) > WIDTH:
        gap = "\n" + " " * LABEL
    return pen(where, bold=True) + gap + pen(said, fg=_colour(result, required))


def _colour(result: Result, required: Level) -> str:
    if result.failures or (result.level is not None and result.level < required):
        return "red"
    return "green" if result.complete and result.level else "yellow"


def _given(result: Result) -> Iterator[str]:
    """What was fixed, and how a parameter that is no float of the format was read."""
    if result.as_:
        yield labelled("judged by", result.as_)
    given = {**result.setting, **result.fixed}
    if given:
        said = ", ".join(f"{name} = {value}" for name, value in given.items())
        rounded = result.reading == READINGS[1]
        yield labelled("with", said + (", rounded to the format" if rounded else ""))


def _inputs(result: Result) -> Iterator[str]:
    summary, fmt = result.summary, FORMATS[result.fmt]
    if result.whole:
        part = f"every {result.fmt}"
    else:
        last = result.first + result.count - 1
        first, end = (decimal(fmt.of_bits(b), fmt.name) for b in (result.first, last))
        part = f"{result.free} from {first} to {end}, {result.first:#x} to {last:#x}"
    yield labelled("inputs", f"{summary.inputs:,} judged: {part}")
    if summary.outside:
        yield labelled("", f"{summary.outside:,} outside the domain")
    if summary.unproven:
        yield labelled("", f"{summary.unproven:,} whose truth could not be proved")


def _worst(result: Result, regime: str, worst: Worst) -> Iterator[str]:
    fmt = FORMATS[result.fmt]
    said = "" if regime == "normal" else " where the truth is subnormal"
    yield labelled("worst", _ulps(worst.error) + said)
    numbers = {f"at {result.free} =": worst.x, "truth": worst.truth, "observed": worst.observed}
    for label, hexed in numbers.items():
        value = float.fromhex(hexed)
        yield labelled(
            f"  {label}", columns(decimal(value, fmt.name), hexadecimal(value), _bits(value, fmt))
        )


def _bits(value: float, fmt: Format) -> str:
    return f"0x{fmt.bits_of(value):0{fmt.bits // 4}x}"


def _ulps(error: float) -> str:
    return "infinite" if math.isinf(error) else f"{error:.6g} ulp"


def _errors(result: Result) -> Iterator[str]:
    """The histogram, from the first bin on, and what it sums up to."""
    summary = result.summary
    total = sum(summary.histogram)
    if not total:
        return
    label = "errors"
    for name, count in _bins(summary.histogram):
        yield labelled(label, f"{name:<22}{count:>14,}  {_share(count, total)}")
        label = ""
    yield labelled(
        "",
        f"{summary.not_correctly_rounded:,} not correctly rounded, {summary.not_faithful:,} not "
        "faithful",
    )
    if summary.ties:
        yield labelled("", f"{summary.ties:,} of them nearer to a tie than can be told")


def _bins(histogram: tuple[int, ...]) -> Iterator[tuple[str, int]]:
    """The bins that are told, and how many inputs are in each."""
    start = 0
    for place, edge in enumerate(EDGES):
        if edge not in TOLD:
            continue
        count = sum(histogram[start : place + 1])
        start = place + 1
        if count:
            yield "up to 1/2 ulp" if place == 0 else f"below {ulps(edge)}", count
    if any(histogram[start:]):
        yield f"{ulps(EDGES[start - 1])} or more", sum(histogram[start:])


def _share(count: int, total: int) -> str:
    part = 100 * count / total
    return f"{part:.3g} %" if part >= 0.001 else ""


def _binades(result: Result) -> Iterator[str]:
    """The worst error in each binade as bars, for each sign from zero outwards."""
    fmt, binades = FORMATS[result.fmt], result.summary.binades
    each = 1 << (fmt.bits - fmt.precision)  # binades of one sign, infinity and NaN as the last
    width = max(1, each // CELLS)
    label = "binades"
    for negative in (False, True):
        worst = [binades.get(b + each * negative) for b in range(each)]
        cells = [[p.error for p in worst[k : k + width] if p] for k in range(0, each, width)]
        if any(cells):
            line = "".join(_bar(max(c)) if c else " " for c in cells)
            yield labelled(label, f"{result.free} {'<' if negative else '>'} 0  {line}|".rstrip())
            label = ""
    if not label:
        one = f"{width} binades each, " * (width > 1)
        yield labelled("", f"from 0 outwards, {one}{_legend()}")


def _bar(error: float) -> str:
    return BARS[sum(error > s for s in STEPS)]


def _legend() -> str:
    return (
        f"{BARS[0]} to 1/2, {BARS[2]} to 2, {BARS[4]} to 64, {BARS[6]} to 2^20 ulp, {BARS[7]} more"
    )


def _findings(result: Result, pen: Pen) -> Iterator[str]:
    fmt = FORMATS[result.fmt]
    for name, finding in result.summary.findings.items():
        x = decimal(fmt.of_bits(finding.bits), fmt.name)
        yield labelled("finding", pen(MEANINGS[name], fg="yellow"))
        many = f"{finding.count:,} input{'s' * (finding.count > 1)}"
        bits = f"0x{finding.bits:0{fmt.bits // 4}x}"
        yield labelled("", f"{many}, the first of them {result.free} = {x}, {bits}")
    for failure in result.failures:
        yield from wrapped("failure", failure, LABEL)


# ---------------------------------------------------------------- all results


def _table(run: Run, required: Level, pen: Pen) -> Iterator[str]:
    """A line for each result: level, worst error and where."""
    wide = max(len(r.name) for r in run.results) + 2
    for result in run.results:
        worst = result.largest
        said = "" if worst is None else f"{_ulps(worst.error):<18}at {_at(result, worst)}"
        mark = "" if result.proved else f"  {holds(result)}"
        level = f"{result.level or 'not judged':<12}"
        line = f"  {result.name:<{wide}}{pen(level, fg=_colour(result, required))}{said}{mark}"
        yield line.rstrip()
        for failure in result.failures:
            yield from wrapped("failure", failure, LABEL)
    if all(r.proved for r in run.results):
        yield f"  proved for all inputs of {run.results[0].fmt}"


def _at(result: Result, worst: Worst) -> str:
    return f"{decimal(float.fromhex(worst.x), result.fmt):<16}{worst.bits:#x}"


def _environment(environment: Mapping[str, str]) -> list[str]:
    return wrapped("on", ", ".join(f"{n} {v}" for n, v in environment.items() if v), LABEL)


def _closing(run: Run, required: Level, pen: Pen) -> list[str]:
    code = exit_code(run, required)
    inputs = sum(r.summary.inputs for r in run.results)
    said = [f"{len(run.results)} sweeps" if len(run.results) > 1 else "1 sweep"]
    said += [f"{inputs:,} inputs", f"{run.seconds:.1f} s"]
    if run.judged:
        said.append(f"{1e9 * run.seconds / run.judged:.2f} ns an input")
    if run.judged < sum(r.count for r in run.results) and run.complete and not run.lost:
        said.append("some of it from an earlier run")
    style = {OK: "green", FINDINGS: "red"}.get(code, "yellow")
    return [" · ".join(said), pen(f"exit {code}: {_meaning(code, run, required)}", fg=style)]


def _meaning(code: int, run: Run, required: Level) -> str:
    if code == OK:
        return f"nothing below {required}"
    if code == INTERRUPTED:
        return "interrupted: what is not shown, or incomplete, was not swept; --resume goes on"
    if code == NO_VERDICT:
        return "no verdict: some inputs could not be judged"
    below = sum(r.level is not None and r.level < required for r in run.results)
    failed = sum(bool(r.failures) for r in run.results)
    said = [f"{below} of {len(run.results)} below {required}"] if below else []
    said += [f"{failed} gave no answer somewhere"] if failed else []
    return ", ".join(said)
