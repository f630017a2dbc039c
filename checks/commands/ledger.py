"""`ulpian ledger`: the recorded verdicts that a gate compares with."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..console import FINDINGS, INTERRUPTED, NO_VERDICT, OK, Refused, put, refusing
from .check import judged, judging, ledger_of, options, targets_of

if TYPE_CHECKING:
    from ..ledger.record import Change
    from ..verdict import Report


@click.group("ledger")
def command() -> None:
    """The recorded verdicts that a gate compares with, in a TOML file that you own.

    `ulpian check TARGET --ledger FILE` expects what is recorded, and fails when a verdict is worse
    than recorded, when a recorded failure no longer fails, when an entry expires, and when one
    matches nothing. Yours are platform (which may have wildcards), reason, link and expires; they
    survive every update.

    Without a TARGET, those of [tool.ulpian] are judged, or those of the ledger.
    """


def _shared(function: Callable[..., Any]) -> Callable[..., Any]:
    """The arguments that the three commands have in common."""
    for add in (
        click.option(
            "--from",
            "source",
            metavar="FILE",
            help="A report of `ulpian check`, JSON or JSON lines, instead of a run.",
        ),
        click.option(
            "--ledger",
            metavar="FILE",
            help="Default: that of [tool.ulpian], or ulpian-ledger.toml.",
        ),
        judging,
        click.argument("targets", metavar="[TARGET]...", nargs=-1),
    ):
        function = add(function)
    return function


_ALL = click.option("--all", "everything", is_flag=True, help="What passes, too.")


@command.command("update", short_help="Record what a run finds.")
@_shared
@_ALL
@click.option("--reason", default="", help="Why it is so, for entries that have no reason.")
@click.option("--link", default="", help="Where it is followed, for entries that have no link.")
@click.option(
    "--expires",
    type=click.DateTime(["%Y-%m-%d"]),
    help="The last day on which new and expired entries count.",
)
@click.option(
    "--platform",
    default="",
    metavar="PATTERN",
    help='Platforms for which new entries count, as "linux-*". Default: this one only.',
)
def update(
    targets: tuple[str, ...],
    ledger: str | None,
    source: str | None,
    everything: bool,
    reason: str,
    link: str,
    expires: datetime | None,
    platform: str,
    **asked: Any,
) -> int:
    """Record what a run finds: new findings, and those that changed. Nothing is removed."""
    from ..files import writable
    from ..ledger.record import Words, rewritten, updated

    with _refusing():
        path = _path(ledger)
        writable(path)
        words = Words(reason, link, expires.date() if expires else None, platform)
        reports, code = _reports(path, targets, source, asked)
        changes = rewritten(
            path,
            lambda text, place: updated(
                text, place, reports, today=_today(), everything=everything, words=words
            ),
            new=True,
        )
    put(_told(path, changes, "recorded or changed"))
    return code


@command.command("prune", short_help="Remove what is settled.")
@_shared
def prune(targets: tuple[str, ...], ledger: str | None, source: str | None, **asked: Any) -> int:
    """Remove the entries that no longer fail, have expired, or match nothing."""
    from ..files import writable
    from ..ledger.record import pruned, rewritten
    from ..ledger.text import read

    with _refusing():
        path = _path(ledger)
        read(path)
        writable(path)
        reports, code = _reports(path, targets, source, asked)
        changes = rewritten(path, lambda text, place: pruned(text, place, reports, today=_today()))
    put(_told(path, changes, "removed"))
    return code


@command.command("diff", short_help="What update and prune would change.")
@_shared
@_ALL
def diff(
    targets: tuple[str, ...],
    ledger: str | None,
    source: str | None,
    everything: bool,
    **asked: Any,
) -> int:
    """What update and prune would change; exit code 1 where that is anything."""
    from ..ledger.record import differences
    from ..ledger.text import read, text_of

    with _refusing():
        path = _path(ledger)
        read(path)
        reports, code = _reports(path, targets, source, asked)
        changes = differences(text_of(path), path, reports, today=_today(), everything=everything)
    put(_told(path, changes, "would change"))
    return code or (FINDINGS if changes else OK)


# ---------------------------------------------------------------- what they share


@contextmanager
def _refusing() -> Iterator[None]:
    from ..config import ConfigError
    from ..files import FileError
    from ..ledger.text import LedgerError

    with refusing(ConfigError, FileError, LedgerError):
        yield


def _path(named: str | None) -> Path:
    from ..config import configuration
    from ..ledger.ledger import DEFAULT

    return ledger_of(configuration(), named) or Path(DEFAULT)


def _reports(
    path: Path, targets: tuple[str, ...], source: str | None, asked: dict[str, Any]
) -> tuple[list[Report], int]:
    """The reports of a run or of a file, and an exit code: 2 where something was not judged."""
    if source is not None:
        if targets:
            raise Refused(f"--from {source!r} takes the place of a run: leave {targets[0]!r} out")
        return _stored(source), OK
    from ..config import configuration

    config = configuration()
    named = targets or (() if config.targets else _recorded_targets(path))
    due = targets_of(config, named)
    reports, codes = judged(due, options(config, asked))
    if INTERRUPTED in codes:
        raise click.Abort  # half a run is no record
    return reports, OK if len(reports) == len(due) else NO_VERDICT


def _recorded_targets(path: Path) -> tuple[str, ...]:
    from ..ledger.text import read

    return tuple(dict.fromkeys(e.target for e in read(path))) if path.exists() else ()


def _stored(source: str) -> list[Report]:
    from ..reports.stored import stored

    try:
        return list(stored(Path(source).read_text(encoding="utf-8")))
    except OSError as error:
        raise Refused(f"--from {source!r} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise Refused(f"--from {source!r} holds no report: {error}") from error


def _told(path: Path, changes: Sequence[Change], what: str) -> str:
    lines = [str(change) for change in changes]
    return "\n".join([*lines, f"{path}: {len(changes)} {what}"])


def _today() -> date:
    return datetime.now(UTC).date()
