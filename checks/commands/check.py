"""`ulpian check`: judge implementations."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..console import NO_VERDICT, Refused, coloured, complain, listed, refusing

if TYPE_CHECKING:
    from ..config import Config
    from ..fuzzing.witnesses import Kept
    from ..reports.delivery import Record
    from ..verdict import Report

Judge = Callable[[str, dict[str, Any], "Record"], "Report"]


def _seed(context: click.Context, option: click.Parameter, value: str | None) -> int | str | None:
    """A whole number, or the word random."""
    if value is None or value == "random":
        return value
    if not value.isdecimal():
        raise click.BadParameter(f"{value!r} is neither a whole number from 0 on nor random.")
    return int(value)


# The options of a run, which `ulpian ledger` has too. Defaults come from the configuration, so that
# what is given here can be told from what is not.
_OPTIONS = (
    click.option(
        "--as", "as_", metavar="NAME", help="Function that a single callable claims to be."
    ),
    click.option(
        "--select",
        metavar="PATTERN",
        multiple=True,
        help="Functions, properties or function:property, with wildcards; repeatable.",
    ),
    click.option(
        "--format",
        "formats",
        metavar="FMT",
        multiple=True,
        help="float16, bfloat16, float32, float64, float8_e4m3fn, float8_e5m2; repeatable. "
        "Default: the first four.",
    ),
    click.option(
        "--require",
        metavar="LEVEL",
        help="Level below which a verdict is a finding. Default: accurate.",
    ),
    click.option(
        "--profile",
        metavar="NAME",
        help="smoke, default or thorough; see `ulpian list profiles`.",
    ),
    click.option("--jobs", type=click.IntRange(min=1), help="Processes. Default: one per CPU."),
    click.option(
        "--seed",
        metavar="N",
        callback=_seed,
        help="Of everything random: a number, or random for one that code under test cannot know.",
    ),
    click.option(
        "--limit",
        metavar="SECONDS",
        type=click.FloatRange(min=0),
        help="Time for one call of the code under test. Default: 10.",
    ),
    click.option(
        "--timeout",
        metavar="TIME",
        callback=lambda _, __, text: _time("--timeout", text),
        help="Time for the whole run: 90s, 20m, 1h30m. What is found by then is reported.",
    ),
    click.option(
        "--memory",
        metavar="GIB",
        type=click.FloatRange(min=0),
        help="Memory of each process beyond what it holds when it begins. Default: 4; 0: no limit.",
    ),
)


def _time(option: str, text: str | None) -> float | None:
    """The seconds of a time as people write it."""
    if text is None:
        return None
    from ..numerals import seconds

    found = seconds(text)
    if not found:
        raise Refused(f"{option} {text!r} is not a time: write 90s, 20m or 1h30m")
    return found


def judging(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options of a run."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


_CONFIGURED = ("require", "profile", "seed", "limit", "memory")


def options(config: Config, asked: Mapping[str, Any]) -> dict[str, Any]:
    """What `check_target` is asked: the command line's word, else the configuration's."""
    chosen = {
        **{name: getattr(config, name) for name in _CONFIGURED},
        "timeout": _time("[tool.ulpian] timeout", config.timeout),
        **{name: value for name, value in asked.items() if value is not None},
    }
    return {
        **{name: value for name, value in chosen.items() if value is not None},
        "select": listed(asked["select"]) or config.select,
        "formats": listed(asked["formats"]) or config.formats,
        "jobs": asked["jobs"] or os.cpu_count() or 1,
    }


def ledger_of(config: Config, named: str | None) -> Path | None:
    """The ledger named on the command line, else the configuration's; None without any."""
    if named is not None or config.ledger is None or config.folder is None:
        return None if named is None else Path(named)
    return Path(os.path.relpath(config.folder / config.ledger))


def _gate(ledger: Path | None) -> Callable[[Report], Report] | None:
    """What compares a report with a ledger, which is read before the work."""
    if ledger is None:
        return None
    from ..ledger.gate import against
    from ..ledger.text import LedgerError

    with refusing(LedgerError):
        return against(ledger)


def targets_of(config: Config, named: Sequence[str]) -> tuple[str, ...]:
    """The targets named on the command line, else the configuration's; `Refused` without any."""
    if named:
        return tuple(named)
    if not config.targets:
        raise Refused(
            "nothing to judge: name a TARGET, for example torch, or list targets in [tool.ulpian] "
            "of pyproject.toml"
        )
    home = str(config.folder)
    if home not in sys.path:  # its modules can be named from any folder below it
        sys.path.insert(0, home)
    return config.targets


@click.command("check")
@click.argument("targets", metavar="[TARGET]...", nargs=-1)
@judging
@click.option(
    "--report",
    "wanted",
    metavar="FORM[=FILE]",
    multiple=True,
    help="concise, text, json, jsonl, junit, sarif, github, markdown, badge or badge-svg, to a "
    "file or to stdout; repeatable.",
)
@click.option(
    "--output-format",
    metavar="FORM",
    help="Form of the one report on stdout. Text shows every finding in full, concise the worst in "
    "a few lines. Default: concise.",
)
@click.option("--output", metavar="FILE", help="Write that report to a file instead.")
@click.option("--at", metavar="INPUT", help="Judge at one input only: -5.5 or -0x1.6p+2.")
@click.option(
    "--ledger",
    metavar="FILE",
    help="Recorded verdicts: what is no worse is expected; see `ulpian ledger --help`.",
)
@click.option(
    "--specs",
    is_flag=True,
    help="Examine definitions instead: of the modules named, or of specs in [tool.ulpian].",
)
@click.option(
    "--time",
    "budget",
    metavar="TIME",
    callback=lambda _, __, text: _time("--time", text),
    help="Fuzz for so long: rounds with new seeds, each new witness kept. 90s, 20m, 1h30m.",
)
@click.option(
    "--witnesses",
    "store",
    metavar="FILE",
    help="Store of witnesses: where --time keeps new ones (default: .ulpian/witnesses.jsonl); "
    "without --time, they are judged again, too.",
)
def command(
    targets: tuple[str, ...],
    wanted: tuple[str, ...],
    output_format: str | None,
    output: str | None,
    ledger: str | None,
    specs: bool,
    budget: float | None,
    store: str | None,
    **asked: Any,
) -> int:
    """Judge implementations: a backend, package.module, or package.module:callable --as NAME.

    Several targets give one report each, in one file for each --report, and the worst exit code.
    A run that is interrupted writes what it has, marked incomplete. What is not said here is taken
    from [tool.ulpian] of the nearest pyproject.toml, the targets too.
    """
    if specs:
        _alone({"ledger": ledger, "time": budget, "witnesses": store, **asked})
        return _examine(targets, wanted, output_format, output)
    from ..config import ConfigError, configuration
    from ..files import FileError
    from ..reports.delivery import Record, deliver, places

    judge = _judging(budget, store, asked)
    with refusing(ConfigError, FileError):
        to = places(wanted, output_format, output)
        config = configuration()
    gate = _gate(ledger_of(config, ledger))
    record = Record(to)
    try:
        _, codes = judged(targets_of(config, targets), options(config, asked), record, gate, judge)
    finally:  # an interruption and an error of Ulpian's own, too, leave what there is
        record.cut_short(gate)
        record.close()
        with refusing(FileError):
            deliver(to, record.reports, coloured())
    return max(codes)


def _alone(given: Mapping[str, Any]) -> None:
    """Refuse options of a run where definitions are examined: they would be without effect."""
    for name, value in given.items():
        if value not in (None, ()):
            option = {"as_": "as", "formats": "format"}.get(name, name)
            raise Refused(f"--specs examines definitions: --{option} is for a run, leave it out")


def _examine(
    modules: tuple[str, ...],
    wanted: tuple[str, ...],
    output_format: str | None,
    output: str | None,
) -> int:
    """What `--specs` does: what it finds is no verdict, so it has two forms only."""
    from ..book.lint import as_json, as_text, lint
    from ..files import FileError
    from ..reports.delivery import places
    from ..usage import UsageError

    if wanted or output_format not in (None, "text", "json"):
        asked = f"--report {wanted[0]}" if wanted else f"--output-format {output_format}"
        raise Refused(f"--specs has no {asked}: ask for --output-format text or json")
    with refusing(UsageError, FileError):
        (to,) = places((), output_format or "text", output)
        found = lint(modules)
        to.write(as_json(found) if output_format == "json" else as_text(found))
    return found.exit_code


def _judging(budget: float | None, store: str | None, asked: Mapping[str, Any]) -> Judge:
    """How a target is judged: once, with kept witnesses, or for as long as there is time."""
    if budget is None and store is None:
        return _judge
    from ..files import FileError
    from ..fuzzing.witnesses import STORE, read, ready

    if budget is None:
        with refusing(FileError):
            kept = read(Path(store or STORE))
        return partial(_judge_with, kept)
    for other, why in (("at", "one input"), ("timeout", "a time at which a run is cut short")):
        if asked.get(other) is not None:
            raise Refused(f"--{other} names {why}, and --time asks for rounds: leave one out")
    place = Path(store) if store else STORE
    with refusing(FileError):
        ready(place)
    return partial(_fuzzed, budget, place)


def judged(
    targets: tuple[str, ...],
    options: dict[str, Any],
    record: Record | None = None,
    gate: Callable[[Report], Report] | None = None,
    judge: Judge | None = None,
) -> tuple[list[Report], list[int]]:
    """The reports, and an exit code for each target, with one that cannot be judged.

    `record` hears what the run tells; `gate` compares each report with a ledger.
    """
    from ..reports import exit_code
    from ..reports.delivery import Record

    record = record or Record()
    codes = []
    end = None if options.get("timeout") is None else time.monotonic() + options["timeout"]
    for target in targets:
        if end is not None:
            options = {**options, "timeout": max(end - time.monotonic(), 0.0)}
        try:
            found = (judge or _judge)(target, options, record)
            report = gate(found) if gate else found
        except Refused as refused:
            complain(f"ulpian: {refused.message}")
            codes.append(NO_VERDICT)
            continue
        record.ended(report)
        codes.append(exit_code(report))
        if not report.complete:
            break
    return record.reports, codes


def _judge(target: str, options: dict[str, Any], record: Record) -> Report:
    from ..runs.run import check_target
    from ..usage import UsageError

    # what else a target cannot be imported for is told by `target` as a UsageError
    with refusing(UsageError), progress_of(target) as progress:
        return check_target(
            target, **options, progress=progress, begun=record.begun, listen=record.listen
        )


def _judge_with(
    witnesses: Sequence[Kept], target: str, options: dict[str, Any], record: Record
) -> Report:
    """A run, and the kept witnesses of its functions judged again."""
    from ..fuzzing.replay import line, replay, with_witnesses
    from ..runs.plan import covers

    report = _judge(target, options, record)
    mine = [
        k
        for k in witnesses
        if k.target == target
        and k.verdict.format in report.formats
        and k.verdict.function in report.functions
        and covers(report.select, "default", k.verdict.function, k.verdict.property)
    ]
    calls = {name: options[name] for name in ("limit", "memory") if name in options}
    found = []
    for replayed in replay(mine, **calls):
        complain(line(replayed))
        found.append(replayed)
    return with_witnesses(report, found)


def _fuzzed(
    budget: float, store: Path, target: str, options: dict[str, Any], record: Record
) -> Report:
    from ..files import FileError
    from ..fuzzing.fuzz import fuzz
    from ..usage import UsageError

    options = {name: value for name, value in options.items() if name != "timeout"}
    with refusing(UsageError, FileError), progress_of(target) as progress:
        return fuzz(
            target,
            budget,
            store,
            complain,
            **options,
            progress=progress,
            begun=record.begun,
            listen=record.listen,
        )


@contextmanager
def progress_of(target: str) -> Iterator[Callable[[int, int, str], None] | None]:
    """A bar on stderr where that is a terminal, nothing elsewhere."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(target, total=None)

        def progress(done: int, total: int, what: str) -> None:
            bar.update(task, completed=done, total=total, description=f"{target} · {what}")

        yield progress
