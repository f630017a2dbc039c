"""The command line: its frame, and what it says of a bad request.

Only click is imported here, so that `ulpian --help` answers at once; a command is a file of
`commands/`, imported when it is wanted, and what it prints is made in a module of its own.
"""

from __future__ import annotations

import importlib
import os
import signal
import sys
from collections.abc import Sequence
from typing import NoReturn

import click

from .console import INTERRUPTED, NO_VERDICT, complain, hush
from .processes.limits import listening

# Every command, a file of its name, with what the help says of it in a line.
COMMANDS = {
    "atlas": "What is recorded of every float, by backend.",
    "check": "Judge implementations.",
    "doctor": "The environment, for bug reports.",
    "eval": "The certified truth at a point.",
    "explain": "What a property means, and what to do.",
    "handbook": "The formula book: LaTeX, PDF, HTML.",
    "hunt": "Search for the worst input.",
    "ledger": "The recorded verdicts that a gate compares with.",
    "list": "What there is.",
    "report": "Other forms of reports that a run has left.",
    "replay": "Judge kept witnesses again.",
    "show": "All that the book says of a function.",
    "sweep": "Every float of a format.",
}


class Commands(click.Group):
    """The commands by their names; none is imported to list them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f".commands.{cmd_name}", __package__)
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name]) for name in self.list_commands(ctx)])


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
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
        from .environment import installed

        click.echo(f"ulpian {installed('ulpian')}")
        context.exit(0)


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and exit with its code. The console script `ulpian`."""
    sys.exit(_run(arguments))


def _run(arguments: Sequence[str] | None) -> int:
    try:
        with listening(signal.SIGINT, signal.SIGTERM):  # the first one still gets its report
            code = ulpian.main(
                None if arguments is None else list(arguments),
                prog_name="ulpian",
                standalone_mode=False,
            )
        return int(code or 0)
    except click.UsageError as error:
        complain(_usage(error))
    except click.ClickException as error:
        complain(f"ulpian: {error.format_message()}")
    except (KeyboardInterrupt, click.Abort):
        complain("ulpian: interrupted")
        return INTERRUPTED
    except BrokenPipeError:
        hush()
    except Exception as error:
        if os.environ.get("ULPIAN_TRACEBACK"):
            raise
        complain(
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
