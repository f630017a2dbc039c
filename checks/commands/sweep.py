"""`ulpian sweep`: every float of a format."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..console import Refused, coloured, complain, listed, put, refusing
from .check import progress_of

if TYPE_CHECKING:
    from ...reference.level import Level
    from ..numerals import Number
    from ..sweeps.engines import Engine
    from ..sweeps.plan import Plan, Request
    from ..sweeps.store import Store
    from ..sweeps.sweep import Run


@click.command("sweep")
@click.argument("target", metavar="TARGET")
@click.option(
    "--as", "as_", metavar="NAME", default="", help="What a single callable claims to be."
)
@click.option("--select", metavar="FUNCTION", multiple=True, help="With wildcards; repeatable.")
@click.option(
    "--format",
    "fmt",
    metavar="FMT",
    default="float32",
    show_default=True,
    help="A format of at most 32 bits; see `ulpian list formats`.",
)
@click.option(
    "--quantity",
    "quantities",
    metavar="NAME",
    multiple=True,
    help="value, gradient, second; repeatable. Default: value.",
)
@click.option(
    "--with",
    "settings",
    metavar="NAME=VALUE",
    multiple=True,
    help="A parameter; repeatable, and NAME=1,2,3 for several sweeps. Default: its default.",
)
@click.option(
    "--at",
    "fixed",
    metavar="NAME=VALUE",
    multiple=True,
    help="Fix the other variables of a function of several: target=1; repeatable.",
)
@click.option("--from", "low", metavar="X", help="The part of the line from here on.")
@click.option("--to", "high", metavar="Y", help="The part of the line up to here.")
@click.option("--jobs", type=click.IntRange(min=1), help="Processes. Default: one per CPU.")
@click.option("--scheduler", metavar="ADDRESS", help="A Dask cluster instead: tcp://HOST:8786.")
@click.option("--device", metavar="NAME", default="", help="Where the library computes: cuda.")
@click.option("--resume", is_flag=True, help="Go on with an earlier run: what it finished stands.")
@click.option(
    "--shards", metavar="DIR", help="Where finished parts are kept. Default: the user's cache."
)
@click.option(
    "--require", metavar="LEVEL", help="Level below which is a finding. Default: accurate."
)
@click.option("--output", metavar="FILE", help="Write the result to a file instead.")
@click.option(
    "--output-format", type=click.Choice(["text", "json"]), default="text", show_default=True
)
def command(
    target: str,
    as_: str,
    select: tuple[str, ...],
    fmt: str,
    quantities: tuple[str, ...],
    settings: tuple[str, ...],
    fixed: tuple[str, ...],
    low: str | None,
    high: str | None,
    jobs: int | None,
    scheduler: str | None,
    device: str,
    resume: bool,
    shards: str | None,
    require: str | None,
    output: str | None,
    output_format: str,
) -> int:
    """Try every float of a format: torch:gelu, torch, package.module:callable --as NAME.

    All 2^32 inputs of float32, or the part from X to Y, for each function of single numbers, each
    quantity and each setting asked for. The errors are exact, and "proved for all inputs" is said
    only where all were tried. What is finished is kept, part by part: after an interruption or a
    crash, the same command with --resume goes on.
    """
    from ..files import FileError, writable
    from ..usage import UsageError

    required = _required(require)
    with refusing(FileError, UsageError):
        if output is not None:
            writable(Path(output))
        from ..sweeps.plan import Request

        request = Request(
            target=target,
            as_=as_,
            select=listed(select),
            quantities=tuple(dict.fromkeys(listed(quantities))) or ("value",),
            fmt=fmt,
            settings=_settings(settings),
            fixed={name: values[-1] for name, values in _settings(fixed, "--at").items()},
            low=_number("--from", low),
            high=_number("--to", high),
            device=device,
        )
        run = _run(request, _engine(jobs, scheduler), resume, shards)
        for remark in run.remarks:
            complain(f"ulpian: {remark}")
        return _deliver(run, required, output, output_format)


def _required(named: str | None) -> Level:
    from ...reference.level import Level
    from ..config import ConfigError, configuration

    with refusing(ConfigError, ValueError):
        return Level.parse(named or configuration().require or Level.ACCURATE)


def _run(request: Request, engine: Engine, resume: bool, shards: str | None) -> Run:
    from ..sweeps.store import Store, folder
    from ..sweeps.sweep import sweep

    place = folder(shards)
    if resume and place is None:
        raise Refused(
            "--resume: nothing is kept while ULPIAN_CACHE is off; name a folder: --shards DIR"
        )

    def store(plan: Plan, environment: Mapping[str, str]) -> Store | None:
        return None if place is None else Store(place, plan.target, environment)

    with progress_of(request.target) as progress:
        return sweep(request, engine, store=store, resume=resume, progress=progress)


def _engine(jobs: int | None, scheduler: str | None) -> Engine:
    from ..sweeps.engines import Cluster, Local

    if scheduler is None:
        return Local(jobs or os.cpu_count() or 1)
    if jobs is not None:
        raise Refused(
            "--jobs is for processes of this machine, and --scheduler has its own: leave one out"
        )
    return Cluster(scheduler)


def _deliver(run: Run, required: Level, output: str | None, output_format: str) -> int:
    from ..files import write
    from ..sweeps.result import text
    from ..sweeps.text import as_text, exit_code

    shown = (
        text(run.results)
        if output_format == "json"
        else as_text(run, required, coloured() and output is None)
    )
    if output is None:
        put(shown)
    else:
        write(Path(output), shown)
    return exit_code(run, required)


def _settings(words: Sequence[str], option: str = "--with") -> dict[str, tuple[Number, ...]]:
    """NAME=VALUE, or NAME=1,2,3 for several values; each may be given again."""
    found: dict[str, tuple[Number, ...]] = {}
    for word in words:
        name, equals, values = word.partition("=")
        if not name.strip() or not equals or not values.strip():
            raise Refused(
                f"{option} {word!r} is not NAME=VALUE: write {option} {name or 'alpha'}=1"
            )
        if option == "--at" and ("," in values or name.strip() in found):
            raise Refused(
                f"{option} {word!r}: a variable is fixed at one number; sweep again for others"
            )
        read = tuple(_number(f"{option} {name}", part) for part in values.split(","))
        found[name.strip()] = (*found.get(name.strip(), ()), *(v for v in read if v is not None))
    return found


def _number(option: str, text: str | None) -> Number | None:
    from ..numerals import number

    if text is None:
        return None
    found = number(text)
    if found is None:
        raise Refused(f"{option}: {text!r} is not a number: write -5.5 or -0x1.6p+2")
    return found
