"""`ulpian atlas`: what is recorded of every float, compared, drawn, and made."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..console import (
    FINDINGS,
    OK,
    Refused,
    complain,
    definition,
    format_named,
    listed,
    put,
    refusing,
)

if TYPE_CHECKING:
    from ..atlas.making import Done
    from ..atlas.page import Page
    from ..sweeps.result import Result

QUANTITIES = ("value", "gradient", "second")

_FOLDER = click.option(
    "--folder",
    "folders",
    metavar="DIR",
    multiple=True,
    help="A folder with further pages, besides those of the package; repeatable.",
)
_FORM = click.option(
    "--output-format", type=click.Choice(["text", "json"]), default="text", show_default=True
)
_QUANTITY = click.option(
    "--quantity", metavar="NAME", multiple=True, help="value, gradient or second. Default: all."
)
_FORMAT = click.option(
    "--format", "formats", metavar="FMT", multiple=True, help="A format. Default: all."
)
_BACKEND = click.option(
    "--backend",
    "backends",
    metavar="NAME",
    multiple=True,
    help='"torch", its last version, or "torch 2.13.0"; repeatable. Default: all.',
)


@click.group("atlas", invoke_without_command=True)
@_FOLDER
@_FORM
@click.pass_context
def command(context: click.Context, folders: tuple[str, ...], output_format: str) -> None:
    """What sweeps and hunts found of each version of a backend: the pages that are recorded.

    Figures over all inputs are exact, those of a hunt are lower bounds.
    """
    if context.invoked_subcommand is None:
        from ..atlas import told

        pages = _pages(folders)
        put(told.pages_as_json(pages) if output_format == "json" else told.listed(pages))


@command.command("show", short_help="A function in every backend.")
@click.argument("function")
@_QUANTITY
@_FORMAT
@_BACKEND
@_FOLDER
@_FORM
def show(
    function: str,
    quantity: tuple[str, ...],
    formats: tuple[str, ...],
    backends: tuple[str, ...],
    folders: tuple[str, ...],
    output_format: str,
) -> None:
    """A function in every backend: level, worst error and where, what is not correctly rounded.

    Whether all inputs were tried is said of each; ">=" is the lower bound of a hunt.
    """
    from ..atlas import told

    found = _found(function, quantity, formats, _chosen(backends, folders))
    put(told.as_json(found) if output_format == "json" else told.shown(found))


@command.command("compare", short_help="Two versions or two backends.")
@click.argument("old", metavar="A")
@click.argument("new", metavar="B")
@_FOLDER
@_FORM
@click.option("--all", "everything", is_flag=True, help="What is the same, too.")
@click.option("--fail-on-worse", is_flag=True, help="Exit code 1 where B is worse in anything.")
def compare(
    old: str,
    new: str,
    folders: tuple[str, ...],
    output_format: str,
    everything: bool,
    fail_on_worse: bool,
) -> int:
    """What is better, worse, new and gone in B, compared with A.

    A and B are backends (torch, its last version), versions ("torch 2.13.0"), or files or folders
    of pages. A smaller figure of a hunt proves nothing: such results are open.
    """
    from ..atlas import comparison, told
    from ..atlas.recorded import named

    known = _pages(folders)
    with _refusing():
        found = comparison.compare(named(old, known), named(new, known))
        put(
            told.comparison_as_json(found)
            if output_format == "json"
            else told.compared(found, everything)
        )
    return FINDINGS if fail_on_worse and found.of(comparison.Verdict.WORSE) else OK


@command.command("plot", short_help="The errors over x, in ulps.")
@click.argument("function")
@click.option("--output", metavar="FILE", required=True, help="An .svg or a .pdf file.")
@click.option("--quantity", metavar="NAME", default="value", show_default=True)
@click.option("--format", "fmt", metavar="FMT", default="float32", show_default=True)
@_BACKEND
@_FOLDER
def plot(
    function: str,
    output: str,
    quantity: str,
    fmt: str,
    backends: tuple[str, ...],
    folders: tuple[str, ...],
) -> None:
    """The worst error in every binade, in ulps over x: a line for each backend."""
    from ..files import FileError, writable, write
    from ..handbook.figures.swept import picture

    place = Path(output)
    if place.suffix not in (".svg", ".pdf"):
        raise Refused(f"--output {output!r} is neither an .svg nor a .pdf file: name one")
    found = _found(function, (quantity,), (fmt,), _chosen(backends, folders))
    with refusing(FileError, ImportError, ValueError):
        writable(place)
        from ..handbook.drawing import draw

        drawn = draw(picture(definition(function), fmt, quantity, found).plot)
        write(place, getattr(drawn, place.suffix[1:]))
    complain(f"ulpian: wrote {place}")


@command.command("add", short_help="Put results on their pages.")
@click.argument("files", metavar="RESULT...", nargs=-1, required=True)
@click.option(
    "--output",
    metavar="DIR",
    default=".",
    show_default=True,
    help="The folder of the pages; those that are there are added to.",
)
def add(files: tuple[str, ...], output: str) -> None:
    """Put the results of `ulpian sweep` and `ulpian hunt`, as JSON, on their pages.

    A page is named after backend, version and format, torch-2.13.0-float32.json. A result takes the
    place of an older one of the same thing, but for a hunt that found less.
    """
    from ..atlas.adding import add as put_on_pages
    from ..atlas.adding import results_in

    with _refusing():
        folder = _folder(output)
        found = [result for file in files for result in results_in(Path(file))]
        for place, page in put_on_pages(found, folder):
            complain(f"ulpian: wrote {place} with {len(page.entries)} results")


@command.command("make", short_help="Sweep and hunt a backend as a whole.")
@click.argument("target")
@click.option(
    "--format",
    "formats",
    metavar="FMT",
    multiple=True,
    help="Repeatable. Default: float16, bfloat16, float32 and float64.",
)
@click.option(
    "--select", metavar="PATTERN", multiple=True, help="Functions. Default: the activations."
)
@click.option(
    "--output", metavar="DIR", default=".", show_default=True, help="The folder of the pages."
)
@click.option("--jobs", type=click.IntRange(min=1), help="Processes. Default: one per CPU.")
@click.option(
    "--evaluations",
    metavar="N",
    type=click.IntRange(min=1),
    help="Inputs of each hunt in float64.  [default: 50 million]",
)
@click.option("--resume", is_flag=True, help="Go on where an earlier run has ended.")
def make(
    target: str,
    formats: tuple[str, ...],
    select: tuple[str, ...],
    output: str,
    jobs: int | None,
    evaluations: int | None,
    resume: bool,
) -> int:
    """Judge value and gradient of every activation of a backend, and write its pages.

    In formats of at most 32 bits every input is tried, in float64 the worst is hunted for: minutes
    for the small formats, up to hours for the others. What is finished is kept, and --resume goes
    on. A function that gives no answer somewhere is told, and has no place on a page.
    """
    from .check import progress_of

    with _refusing():
        from ...reference.formats import USUAL
        from ..atlas.making import HUNT, Making
        from ..hunting.hunted import Limits

        hunt = HUNT if evaluations is None else Limits(evaluations=evaluations)
        making = Making(_folder(output), listed(select), jobs or os.cpu_count() or 1, resume, hunt)
        wanted = [format_named(f).name for f in listed(formats)] or USUAL
        code = OK
        with progress_of(target) as progress:
            for done in making.of(target, wanted, progress=progress, say=_say):
                complain(_told(done))
                code = max(code, FINDINGS if done.failures else OK)
    return code


def _say(line: str) -> None:
    if sys.stderr.isatty():
        complain(f"ulpian: {line}")


def _told(done: Done) -> str:
    """What came of a format: its page, and what has no place on it."""
    if done.page is None:
        lines = [f"ulpian: no page of {done.fmt}"]
    else:
        lines = [f"ulpian: wrote {done.place} with {len(done.page.entries)} results"]
    lines += [f"  left out: {said}" for said in done.left_out]
    return "\n".join([*lines, *(f"  no answer: {said}" for said in done.failures)])


# ---------------------------------------------------------------- what they share


@contextmanager
def _refusing() -> Iterator[None]:
    from ..atlas.page import AtlasError
    from ..files import FileError
    from ..usage import UsageError

    with refusing(AtlasError, FileError, UsageError):
        yield


def _folder(name: str) -> Path:
    if not Path(name).is_dir():
        raise Refused(f"there is no folder {name!r}: make it first")
    return Path(name)


def _pages(folders: Sequence[str]) -> tuple[Page, ...]:
    from ..atlas.recorded import gathered

    with _refusing():
        return gathered([Path(folder) for folder in folders])


def _chosen(backends: Sequence[str], folders: Sequence[str]) -> tuple[Page, ...]:
    """The pages of the backends asked for; all where none is."""
    from ..atlas.recorded import named

    known = _pages(folders)
    with _refusing():
        wanted = [p for backend in listed(backends) for p in named(backend, known)]
    return tuple(wanted) if backends else known


def _found(
    function: str, quantities: Sequence[str], formats: Sequence[str], pages: Sequence[Page]
) -> list[tuple[Page, Result]]:
    """The results on a function, by quantity, format and backend; `Refused` for none."""
    from ...reference.formats import FORMATS

    name = definition(function).name
    asked, in_formats = listed(quantities), [format_named(f).name for f in listed(formats)]
    for one in asked:
        if one not in QUANTITIES:
            raise Refused(f"unknown quantity {one!r}: choose from {', '.join(QUANTITIES)}")
    with _refusing():
        every = [(p, r) for p in pages for r in p.of(name)]
    found = [
        (page, result)
        for page, result in every
        if result.quantity in (asked or QUANTITIES) and page.fmt in (in_formats or FORMATS)
    ]
    if not found:
        raise Refused(_none(name, every))
    order = list(FORMATS)
    return sorted(
        found,
        key=lambda one: (order.index(one[0].fmt), QUANTITIES.index(one[1].quantity), one[1].name),
    )


def _none(name: str, every: Sequence[tuple[Page, Result]]) -> str:
    if not every:
        return (
            f"the atlas has nothing on {name} in these backends: `ulpian atlas` lists what it has, "
            f"`ulpian sweep torch:{name}` finds it out"
        )
    have = dict.fromkeys(f"{result.quantity} in {page.fmt}" for page, result in every)
    return f"the atlas has nothing of that on {name}; it has {', '.join(have)}"
