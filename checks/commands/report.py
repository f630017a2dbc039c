"""`ulpian report`: other forms of reports that a run has left."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..console import Refused, coloured, refusing

if TYPE_CHECKING:
    from ..verdict import Report


@click.command("report")
@click.argument("files", metavar="FILE...", nargs=-1, required=True)
@click.option(
    "--report",
    "wanted",
    metavar="FORM[=FILE]",
    multiple=True,
    help="concise, text, json, jsonl, junit, sarif, github, markdown, badge or badge-svg; "
    "repeatable. Default: concise, to stdout.",
)
def command(files: tuple[str, ...], wanted: tuple[str, ...]) -> None:
    """Other forms of reports that a run has left as JSON lines or JSON.

    The reports of several files go together. Returns 0 when they could be written, whatever they
    say: the run itself has returned what they mean.
    """
    from ..files import FileError
    from ..reports.delivery import Record, deliver, places

    with refusing(FileError):
        to = places(wanted)
    record = Record(to)
    for file in files:
        for report in reports_in(file):
            record.ended(report)
    record.close()
    with refusing(FileError):
        deliver(to, record.reports, coloured())


def reports_in(file: str) -> tuple[Report, ...]:
    """The reports that a file holds; `Refused` where it is no report."""
    from ..reports.stored import stored

    try:
        return stored(Path(file).read_text(encoding="utf-8"))
    except OSError as error:
        raise Refused(f"cannot read {file!r}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise Refused(f"{file!r} is no report of Ulpian: it is not UTF-8") from error
    except ValueError as error:
        raise Refused(f"{file!r} is no report of Ulpian: {error}") from error
