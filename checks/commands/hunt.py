"""`ulpian hunt`: search for the worst input."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..console import (
    FINDINGS,
    INTERRUPTED,
    NO_VERDICT,
    OK,
    Refused,
    coloured,
    complain,
    listed,
    put,
    refusing,
)
from .check import _seed, _time

if TYPE_CHECKING:
    from ..hunting.hunted import Hunted, Wanted

TIME = 60.0  # seconds of a hunt, where neither time nor a number of inputs is asked for


@click.command("hunt")
@click.argument("target", metavar="TARGET")
@click.option(
    "--as", "as_", metavar="NAME", default="", help="What a single callable claims to be."
)
@click.option("--select", metavar="FUNCTION", multiple=True, help="With wildcards; repeatable.")
@click.option(
    "--format",
    "fmt",
    metavar="FMT",
    default="float64",
    show_default=True,
    help="float32 or float64.",
)
@click.option(
    "--quantity",
    "quantities",
    metavar="NAME",
    multiple=True,
    help="value, gradient, second; repeatable. Default: value.",
)
@click.option(
    "--with", "settings", metavar="NAME=VALUE", multiple=True, help="A parameter; repeatable."
)
@click.option(
    "--at",
    "fixed",
    metavar="NAME=VALUE",
    multiple=True,
    help="Fix a variable of a function of several; those left open are searched, too.",
)
@click.option(
    "--time",
    "budget",
    metavar="TIME",
    callback=lambda _, __, text: _time("--time", text),
    help="For each function and quantity: 90s, 20m, 1h30m. Default: 60s.",
)
@click.option(
    "--evaluations",
    metavar="N",
    type=click.IntRange(min=1),
    help="End after so many inputs: what is tried then depends on the seed alone.",
)
@click.option(
    "--seed", metavar="N", callback=_seed, help="Of everything random: a number, or random."
)
@click.option(
    "--corpus",
    metavar="FOLDER",
    help="The worst inputs known: tried first, and added to. Default: .ulpian/corpus.",
)
@click.option("--resume", is_flag=True, help="Go on where the last hunt of the same ended.")
@click.option("--output", metavar="FILE", help="Write the result to a file instead.")
@click.option(
    "--output-format", type=click.Choice(["text", "json"]), default="text", show_default=True
)
def command(target: str, output: str | None, output_format: str, **asked: Any) -> int:
    """Search for the worst input: torch:gelu, torch, package.module:callable --as NAME.

    Every binade is scanned, and the parts that promise most are searched again and again. The error
    told is the oracle's, and a lower bound: it is never said that there is no worse. What is found
    is kept, and tried first by the next hunt, whatever backend that is for. Exit codes: 1 where the
    code gave no answer, 2 where nothing could be hunted, 130 interrupted, 0 otherwise.
    """
    from ..files import FileError, writable, write
    from ..usage import UsageError

    found: list[Hunted] = []
    with refusing(FileError, UsageError):
        from ..hunting.hunted import hunted
        from ..hunting.told import as_json, as_text
        from ..sweeps.plan import Request, plan
        from .sweep import _settings

        if output is not None:
            writable(Path(output))
        planned = plan(
            Request(
                target=target,
                as_=asked["as_"],
                select=listed(asked["select"]),
                quantities=tuple(dict.fromkeys(listed(asked["quantities"]))) or ("value",),
                fmt=asked["fmt"],
                settings=_settings(asked["settings"]),
                fixed={n: v[-1] for n, v in _settings(asked["fixed"], "--at").items()},
                hunt=True,
            )
        )
        for said in planned.left_out:
            complain(f"ulpian: {said}")
        stopped = False
        try:
            for one in hunted(planned, _wanted(asked), lambda said: complain(f"ulpian: {said}")):
                found.append(one)
        except KeyboardInterrupt:  # not within a hunt, which ends with its result
            stopped = True
        shown = as_json(found) if output_format == "json" else as_text(found, coloured())
        if output is None:
            put(shown)
        else:
            write(Path(output), shown)
    return INTERRUPTED if stopped else _code(found)


def _wanted(asked: dict[str, Any]) -> Wanted:
    from ..hunting import corpus
    from ..hunting.hunted import Limits, Wanted
    from ..seeds import SEED, settled

    seconds, evaluations = asked["budget"], asked["evaluations"]
    if seconds is None and evaluations is None:
        seconds = TIME
    if asked["resume"] and asked["seed"] is not None:
        raise Refused("--resume goes on with the seed of the hunt that was ended: leave out --seed")
    folder = Path(asked["corpus"]) if asked["corpus"] else corpus.USUAL
    if asked["corpus"] and not folder.is_dir():
        raise Refused(f"--corpus {asked['corpus']!r} is no folder: make it first")
    seed = settled(SEED if asked["seed"] is None else asked["seed"])
    return Wanted(Limits(seconds, evaluations), seed, folder, resume=asked["resume"])


def _code(found: list[Hunted]) -> int:
    if any(h.interrupted for h in found):
        return INTERRUPTED
    if any(h.result.failures for h in found):
        return FINDINGS
    return OK if any(not h.refused for h in found) else NO_VERDICT
