"""`ulpian handbook`: the formula book, and the measured records that it reads."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..console import Refused, complain, listed, put, refusing
from ..handbook import FORMS
from .handbook_check import check

if TYPE_CHECKING:
    from ..handbook.build import Built
    from ..verdict import Report


@click.group("handbook", invoke_without_command=True)
@click.option(
    "--output",
    metavar="DIR",
    default="handbook",
    show_default=True,
    help="The folder to write to: new, empty, or written by this command before.",
)
@click.option("--only", metavar="FORM", multiple=True, help=f"Of {', '.join(FORMS)}. Default: all.")
@click.option("--second", is_flag=True, help="Second derivatives, too.")
@click.option(
    "--notation",
    "choices",
    metavar="NAME=VALUE",
    multiple=True,
    help="How formulas are written: sigmoid=sigma, normal=phi, log=ln, target=y.",
)
@click.option("--jobs", type=click.IntRange(min=1), help="Processes. Default: one per CPU.")
@click.pass_context
def command(
    context: click.Context,
    output: str,
    only: tuple[str, ...],
    second: bool,
    choices: tuple[str, ...],
    jobs: int | None,
) -> None:
    """Write the formula book: an HTML site, LaTeX, a PDF where latexmk is installed, Markdown.

    What has not changed since the last time is not written again.
    """
    if context.invoked_subcommand is None:
        _build(output, _forms(only), second, listed(choices), jobs or os.cpu_count() or 1)


def _forms(only: tuple[str, ...]) -> tuple[str, ...]:
    asked = listed(only)
    for form in asked:
        if form not in FORMS:
            raise Refused(f"unknown form {form!r}: choose from {', '.join(FORMS)}")
    return tuple(form for form in FORMS if form in asked) or FORMS


def _build(
    output: str, forms: tuple[str, ...], second: bool, choices: tuple[str, ...], jobs: int
) -> None:
    from ...spec.notation import notation
    from ..files import FileError
    from ..usage import UsageError

    with refusing(ValueError):
        chosen = notation(choices)
    with refusing(UsageError, FileError):
        from ..handbook.build import build
        from ..handbook.edition import Edition

        def say(line: str) -> None:
            if sys.stderr.isatty():
                complain(f"ulpian: {line}")

        built = build(
            Path(output), forms=forms, edition=Edition(second, chosen), jobs=jobs, say=say
        )
    put(_told(output, built))


def _told(output: str, built: Built) -> str:
    """What a build did, in two lines."""
    counts = ", ".join(f"{count} {form}" for form, count in built.files.items())
    lines = [f"{output}: {counts}; {built.written} written, {built.removed} removed"]
    if built.no_pdf:
        lines.append(f"no PDF: {built.no_pdf}")
    return "\n".join(lines)


@command.command("record")
@click.argument("target")
@click.option(
    "--from",
    "source",
    metavar="FILE",
    help="A report of the whole check, as JSON lines or JSON, instead of checking again.",
)
@click.option(
    "--output", metavar="FILE", help="Where to write it. Default: here, as TARGET-VERSION.json."
)
@click.option("--jobs", type=click.IntRange(min=1), help="Processes. Default: one per CPU.")
def record(target: str, source: str | None, output: str | None, jobs: int | None) -> None:
    """Check a backend as a whole, and write what the book tells of it.

    Levels, the worst errors with their inputs, traits, what it picks at kinks, and error curves.
    The book reads the records that lie in its package.
    """
    from ..files import FileError, reviewable, writable, write
    from ..usage import UsageError

    report = None if source is None else _report(source, target)
    with refusing(UsageError, FileError):
        from ..handbook.records import recording
        from .check import progress_of

        place = Path(output or recording.file_name(target))
        writable(place)
        with progress_of(target) as progress:
            data = recording.record(
                target, report, jobs=jobs or os.cpu_count() or 1, progress=progress
            )
        write(place, reviewable(data))
    complain(f"ulpian: wrote {place}")


def _report(file: str, target: str) -> Report:
    """The one report on the target in a file; `Refused` where there is not exactly one."""
    from .report import reports_in

    found = reports_in(file)
    mine = [report for report in found if report.target == target]
    if len(mine) != 1:
        held = ", ".join(sorted({report.target for report in found}))
        raise Refused(
            f"{file!r} holds {len(mine)} reports on {target}, and one is due; its reports are on "
            f"{held}"
        )
    return mine[0]


command.add_command(check)
