"""The command line: its frame, its commands, and what it says of a bad request.

Only click is imported here, so that `ulpian --help` answers at once; what a command prints is
made in a module of its own, imported when the command runs.

Results go to stdout, progress and complaints to stderr. A request that cannot be served is one
sentence on stderr, with the name, the value and the way out, and exit code 2.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NoReturn

import click

if TYPE_CHECKING:
    from ..reference.formats import Format
    from ..spec.function import Function
    from .verdict import Report

NO_VERDICT, INTERRUPTED = 2, 130


# ---------------------------------------------------------------- the frame


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=lambda ctx, _, wanted: _version(ctx, wanted),
    help="Print the version.",
)
def ulpian() -> None:
    """The law book of activation and loss functions, and the court that judges by it.

    Exit codes: 0 nothing below what is required, 1 findings, 2 no verdict, 130 interrupted.
    """


def _version(context: click.Context, wanted: bool) -> None:
    if wanted and not context.resilient_parsing:
        from .inventory import installed

        click.echo(f"ulpian {installed('ulpian')}")
        context.exit(0)


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and exit with its code. The console script `ulpian`."""
    sys.exit(_run(arguments))


def _run(arguments: Sequence[str] | None) -> int:
    try:
        code = ulpian.main(
            None if arguments is None else list(arguments),
            prog_name="ulpian",
            standalone_mode=False,
        )
        return int(code or 0)
    except click.UsageError as error:
        _complain(_usage(error))
    except click.ClickException as error:
        _complain(f"ulpian: {error.format_message()}")
    except (KeyboardInterrupt, click.Abort):
        _complain("ulpian: interrupted")
        return INTERRUPTED
    except BrokenPipeError:
        _hush()
    except Exception as error:
        if os.environ.get("ULPIAN_TRACEBACK"):
            raise
        _complain(
            f"ulpian: an error of its own, {type(error).__name__}: {error}; set ULPIAN_TRACEBACK=1 "
            "to see where, and report it with the output of `ulpian doctor`"
        )
    return NO_VERDICT


def _usage(error: click.UsageError) -> str:
    """Click's complaint as one sentence; the help itself where no command was given."""
    if isinstance(error, getattr(click.exceptions, "NoArgsIsHelpError", ())):
        return error.format_message()
    said = " ".join(error.format_message().split()).rstrip(".")
    return f"ulpian: {said}; see `{error.ctx.command_path if error.ctx else 'ulpian'} --help`"


def _complain(sentence: str) -> None:
    click.echo(sentence, err=True)


def _hush() -> None:
    """Let go of a pipe that nobody reads, so that Python does not complain at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _print(text: str) -> None:
    """Text to stdout. A reader that went away (`| head`) is no error and changes no exit code."""
    try:
        sys.stdout.write(text if text.endswith("\n") else f"{text}\n")
        sys.stdout.flush()
    except BrokenPipeError:
        _hush()


def _coloured() -> bool:
    wanted = not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    return wanted and sys.stdout.isatty()


class Refused(click.ClickException):
    """A request that cannot be served; the message is one sentence."""


@contextmanager
def _refusing(*kinds: type[Exception]) -> Iterator[None]:
    """Turn the exceptions by which the rest says that a request cannot be served into `Refused`."""
    try:
        yield
    except kinds as error:
        raise Refused(str(error.args[0] if error.args else error)) from error


def _definition(name: str) -> Function:
    from ..spec.catalogue import find
    from ..spec.function import SpecError

    with _refusing(LookupError, SpecError):
        return find(name)


def _format(name: str) -> Format:
    from ..reference.formats import FORMATS

    if name not in FORMATS:
        raise Refused(f"unknown format {name!r}: choose one of {', '.join(FORMATS)}")
    return FORMATS[name]


def _listed(values: Sequence[str]) -> tuple[str, ...]:
    """Options that may be repeated or separated by commas."""
    return tuple(part.strip() for value in values for part in value.split(",") if part.strip())


# ---------------------------------------------------------------- check


@ulpian.command(short_help="Judge implementations.")
@click.argument("targets", metavar="TARGET...", nargs=-1, required=True)
@click.option("--as", "as_", metavar="NAME", help="Function that a single callable claims to be.")
@click.option(
    "--select",
    metavar="PATTERN",
    multiple=True,
    help="Functions, properties or function:property, with wildcards; repeatable.",
)
@click.option(
    "--format",
    "formats",
    metavar="FMT",
    multiple=True,
    help="float16, bfloat16, float32, float64; repeatable. Default: all.",
)
@click.option(
    "--require",
    metavar="LEVEL",
    default="accurate",
    show_default=True,
    help="Level below which a verdict is a finding.",
)
@click.option(
    "--output-format",
    type=click.Choice(["concise", "text", "json"]),
    default="concise",
    show_default=True,
    help="Text shows every finding in full, concise the worst in a few lines.",
)
@click.option(
    "--profile",
    metavar="NAME",
    default="default",
    show_default=True,
    help="smoke: few points, float32 unless formats are named; default: a whole check.",
)
@click.option("--output", metavar="FILE", help="Write the report to a file instead of stdout.")
@click.option("--jobs", type=click.IntRange(min=1), help="Processes. Default: one per CPU.")
@click.option("--at", metavar="INPUT", help="Judge at one input only: -5.5 or -0x1.6p+2.")
@click.option("--seed", type=click.IntRange(min=0), help="Of everything random.")
@click.option(
    "--limit",
    metavar="SECONDS",
    type=click.FloatRange(min=0),
    help="Time for one call of the code under test. Default: 10.",
)
def check(
    targets: tuple[str, ...],
    as_: str | None,
    select: tuple[str, ...],
    formats: tuple[str, ...],
    require: str,
    output_format: str,
    profile: str,
    output: str | None,
    jobs: int | None,
    at: str | None,
    seed: int | None,
    limit: float | None,
) -> int:
    """Judge implementations: a backend, package.module, or package.module:callable --as NAME.

    Several targets give one report each (with --output-format json an array of them), and the
    worst exit code.
    """
    _writable(output)
    options = {
        "as_": as_,
        "select": _listed(select),
        "formats": _listed(formats),
        "require": require,
        "jobs": jobs or os.cpu_count() or 1,
        "at": at,
        "profile": profile,
        **{k: v for k, v in {"seed": seed, "limit": limit}.items() if v is not None},
    }
    reports, codes = _judged(targets, options)
    _deliver(reports, output_format, output)
    return max(codes)


def _judged(targets: tuple[str, ...], options: dict[str, Any]) -> tuple[list[Report], list[int]]:
    """The reports, and an exit code for each target, with one that cannot be judged."""
    from .report import exit_code

    reports, codes = [], []
    for target in targets:
        try:
            report = _judge(target, options)
        except Refused as refused:
            _complain(f"ulpian: {refused.message}")
            codes.append(NO_VERDICT)
            continue
        reports.append(report)
        codes.append(exit_code(report))
        if not report.complete:
            break
    return reports, codes


def _judge(target: str, options: dict[str, Any]) -> Report:
    from .run import check_target
    from .target import UsageError

    # what else a target cannot be imported for is told by `target` as a UsageError
    with _refusing(UsageError), _progress(target) as progress:
        return check_target(target, **options, progress=progress)


def _writable(path: str | None) -> None:
    """Refuse a place that cannot be written before the work, not after it."""
    folder = os.path.dirname(path or "") or "."
    if path is not None and os.path.isdir(path):
        raise Refused(f"--output {path!r} is a folder; name a file")
    if not os.path.isdir(folder):
        raise Refused(f"--output {path!r}: there is no folder {folder!r}; make it first")
    if path is not None and not os.access(path if os.path.exists(path) else folder, os.W_OK):
        raise Refused(f"--output {path!r} cannot be written; choose another place")


def _deliver(reports: list[Report], output_format: str, output: str | None) -> None:
    if not reports:
        return
    text = _rendered(reports, output_format, _coloured() and output is None)
    if output is None:
        _print(text)
        return
    try:
        with open(output, "w", encoding="utf-8") as file:
            file.write(text if text.endswith("\n") else f"{text}\n")
    except OSError as error:
        raise Refused(f"--output {output!r} cannot be written: {error.strerror}") from error


def _rendered(reports: list[Report], output_format: str, colour: bool) -> str:
    from .concise import as_concise
    from .report import as_json, as_text

    if output_format != "json":
        write = as_text if output_format == "text" else as_concise
        return "\n".join(write(report, colour) for report in reports)
    texts = [as_json(report) for report in reports]
    return texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]"


@contextmanager
def _progress(target: str) -> Iterator[Callable[[int, int, str], None] | None]:
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


# ---------------------------------------------------------------- eval


class _Numbers(click.Command):
    """A command whose arguments may be negative numbers, which are no options."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        from .numerals import number

        options, plain, words = [], list[str](), iter(args)
        for word in words:
            if word == "--":
                plain += words
            elif not word.startswith("-") or number(word) is not None:
                plain.append(word)
            else:
                options.append(word)
                if self._takes_value(word):
                    value = next(words, None)
                    if value is None:  # click says what is missing
                        return super().parse_args(ctx, options)
                    options.append(value)
        return super().parse_args(ctx, [*options, "--", *plain] if plain else options)

    def _takes_value(self, word: str) -> bool:
        options = (p for p in self.params if isinstance(p, click.Option) and not p.is_flag)
        return any(word in p.opts for p in options)


@ulpian.command("eval", cls=_Numbers, short_help="The certified truth at a point.")
@click.argument("function", metavar="FUNCTION")
@click.argument("numbers", metavar="NUMBER...", nargs=-1, required=True)
@click.option(
    "--format",
    "fmt",
    metavar="FMT",
    default="float32",
    show_default=True,
    help="float16, bfloat16, float32 or float64.",
)
@click.option("--grad", is_flag=True, help="The gradients, too.")
@click.option("--second", is_flag=True, help="The second derivative in the first variable, too.")
@click.option("-p", "parameters", metavar="NAME=VALUE", multiple=True, help="A parameter.")
@click.option("--target", metavar="ROW", help="For a loss along an axis: the targets, 0,1,0.")
@click.option(
    "--with",
    "others",
    metavar="NAME=ROW",
    multiple=True,
    help="Along an axis, another input by its name: positive=1,2,3; repeatable.",
)
def evaluate(
    function: str,
    numbers: tuple[str, ...],
    fmt: str,
    grad: bool,
    second: bool,
    parameters: tuple[str, ...],
    target: str | None,
    others: tuple[str, ...],
) -> int:
    """The certified truth at a point: decimal, hexadecimal, bits, and 20 digits.

    Numbers are decimal, hexadecimal (0x1.6p+2), nan or inf. A function of several variables takes
    them in order, point after point; along an axis the numbers are one row.
    """
    definition, chosen = _definition(function), _format(fmt)
    from .evaluation import evaluation
    from .target import UsageError

    with _refusing(UsageError):
        text, decided = evaluation(
            definition,
            numbers,
            chosen,
            parameters=parameters,
            target=target,
            others=others,
            grad=grad,
            second=second,
        )
    _print(text)
    return 0 if decided else NO_VERDICT


# ---------------------------------------------------------------- show


@ulpian.command(short_help="All that the book says of a function.")
@click.argument("function", metavar="FUNCTION")
@click.option(
    "--output-format",
    type=click.Choice(["text", "latex", "json", "markdown"]),
    default="text",
    show_default=True,
)
@click.option("--second", is_flag=True, help="The second derivative, too.")
@click.option("--prove", is_flag=True, help="Say how each identity is known.")
def show(function: str, output_format: str, second: bool, prove: bool) -> None:
    """All that the book says of a function: formula, gradient, kinks, limits, identities."""
    definition = _definition(function)
    from .page import page

    _print(page(definition, output_format, second=second, prove=prove))


# ---------------------------------------------------------------- list, explain, doctor


LISTS = (
    "functions",
    "properties",
    "backends",
    "formats",
    "identities",
    "gaps",
    "differences",
    "claims",
    "rules",
    "seeds",
)


@ulpian.command("list", short_help="What there is.")
@click.argument(
    "what",
    type=click.Choice(LISTS),
    metavar=f"[{'|'.join(LISTS)}]",
    default="functions",
)
@click.option(
    "--output-format",
    type=click.Choice(["text", "markdown", "json"]),
    default="text",
    show_default=True,
)
def inventory(what: str, output_format: str) -> None:
    """What there is: functions (the default), properties, backends, formats; identities with their
    proofs, and gaps: what neither SymPy could derive or prove nor Arb certify, with the reason;
    the articles' claims, the rules they teach, and a table of where all of it lives (seeds).

    Differences are what frameworks do otherwise than the book, each with a call that shows it.
    """
    if what == "seeds" and output_format == "json":
        raise Refused("the table of seeds is Markdown, not JSON: leave --output-format out")
    from .inventory import written

    _print(written(what, output_format))


@ulpian.command(short_help="What a property means, and what to do.")
@click.argument("name", metavar="PROPERTY")
def explain(name: str) -> None:
    """What a property means, why it matters, its usual cause, and the usual fix."""
    from .inventory import explanation, sought

    with _refusing(LookupError):
        found = sought(name)
    _print(explanation(found))


@ulpian.command(short_help="The environment, for bug reports.")
@click.option(
    "--output-format", type=click.Choice(["text", "json"]), default="text", show_default=True
)
def doctor(output_format: str) -> None:
    """The environment, for bug reports: versions, platform, CPU, threads, cache, terminal."""
    from .doctor import as_json, as_text, health

    _print((as_json if output_format == "json" else as_text)(health()))
