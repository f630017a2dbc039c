"""`ulpian replay`: judge kept witnesses again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..console import Refused, put, refusing

if TYPE_CHECKING:
    from ..fuzzing.replay import Replayed
    from ..fuzzing.witnesses import Kept


@click.command("replay")
@click.argument("which", metavar="[ID|FILE]", default="")
@click.option(
    "--witnesses",
    "store",
    metavar="FILE",
    help="The store in which an ID is looked for. Default: .ulpian/witnesses.jsonl.",
)
@click.option(
    "--limit",
    metavar="SECONDS",
    type=click.FloatRange(min=0),
    default=10.0,
    show_default=True,
    help="Time for one call of the code under test.",
)
@click.option(
    "--output-format", type=click.Choice(["text", "json"]), default="text", show_default=True
)
def command(which: str, store: str | None, limit: float, output_format: str) -> int:
    """Judge kept witnesses again: all of the store, all of another FILE, or the one with that ID.

    Each is judged at its own input, bit for bit, and where that passes by the run that found it.
    Exit codes: 1 where one still fails, 2 where one came to no verdict, 0 otherwise.
    """
    from ..fuzzing.replay import exit_code, line, replay

    found = []
    for replayed in replay(_chosen(which, store), limit=limit):
        if output_format == "text":
            put(line(replayed))
        found.append(replayed)
    if output_format == "json":
        put(json.dumps([_plain(r) for r in found], indent=2))
    return exit_code(found)


def _chosen(which: str, store: str | None) -> tuple[Kept, ...]:
    from ..files import FileError
    from ..fuzzing.witnesses import STORE, read

    file = which if Path(which).is_file() or which.endswith(".jsonl") else ""
    if file and store:
        raise Refused(f"{file!r} and --witnesses {store!r} both name a store: leave one out")
    place = Path(file or store or STORE)
    with refusing(FileError):
        kept = read(place)
    if not which or file:
        if not kept:
            raise Refused(f"there is no witness in {str(place)!r}")
        return kept
    chosen = tuple(k for k in kept if k.id == which)
    if not chosen:
        known = ", ".join(k.id for k in kept[:8]) or "none"
        raise Refused(f"no witness {which!r} in {str(place)!r}; it has {known}")
    return chosen


def _plain(replayed: Replayed) -> dict[str, str]:
    kept = replayed.kept
    return {
        "id": kept.id,
        "target": kept.target,
        "verdict": kept.verdict.id,
        "state": str(replayed.state),
        "said": replayed.said,
    }
