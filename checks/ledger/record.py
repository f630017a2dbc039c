"""Recording: what a run found becomes entries of a ledger, and what is settled leaves it.

All but `rewritten` are functions from a text to a text. The user's own fields and comments survive;
a word given with an update fills what is empty, and never writes over what a person wrote.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any

from ..files import alone, write
from ..reports.figures import ulps
from ..verdict import Breach, Report, Status, Verdict
from .gate import comparable, compared, paired, tried_as_much, worse
from .ledger import Entry, counts_on, platform_of
from .text import EMPTY, LedgerError, edited, joined, section, sections, text_of


@dataclass(frozen=True)
class Words:
    """What the user says of what is recorded; empty where nothing is said.

    `platform` is a pattern for new entries; without one they are for the platform of their run.
    """

    reason: str = ""
    link: str = ""
    expires: date | None = None
    platform: str = ""


@dataclass(frozen=True)
class Change:
    """What happens to an entry, and why: "+" recorded, "~" changed, "-" removed."""

    mark: str
    entry: Entry
    why: str

    def __str__(self) -> str:
        e = self.entry
        return f"{self.mark} {e.target} · {' · '.join(e.where)}: {self.why}"


Edit = Callable[[str, Path], tuple[str, list[Change]]]


def rewritten(path: Path, edit: Edit, *, new: bool = False) -> list[Change]:
    """Edit a ledger in its place, under a lock: what another run wrote meanwhile is kept.

    `new` begins one where there is none. Raises `LedgerError` and `FileError`.
    """
    with alone(path):
        begun = new and not path.exists()
        after, changes = edit(EMPTY if begun else text_of(path), path)
        if changes or begun:
            write(path, after)
    return changes


# ---------------------------------------------------------------- update


def updated(
    text: str,
    path: Path,
    reports: Sequence[Report],
    *,
    today: date,
    everything: bool = False,
    words: Words | None = None,
) -> tuple[str, list[Change]]:
    """The text with the findings of runs recorded; with every verdict where `everything` is."""
    head, parts = sections(text, path)
    changes: list[Change] = []
    for report in reports:
        known = {pair.entry.where: pair.entry for pair in paired(report, [p.entry for p in parts])}
        for verdict in report.verdicts:
            if not everything and verdict.status is not Status.FAIL:
                continue
            before = known.get((verdict.function, verdict.property, verdict.format))
            if before is None:
                entry = _new(verdict, report, words or Words(), today)
                known[entry.where] = entry
                parts.append(section(entry))
                changes.append(Change("+", entry, _said(entry)))
                continue
            entry = _renewed(before, verdict, report, words or Words(), today)
            if entry != before:
                place = next(k for k, part in enumerate(parts) if part.entry is before)
                parts[place] = edited(parts[place], entry)
                changes.append(Change("~", entry, _difference(before, entry)))
    return joined(head, parts), changes


def _new(verdict: Verdict, report: Report, words: Words, today: date) -> Entry:
    here = platform_of(report.environment)
    where = (verdict.function, verdict.property, verdict.format)
    entry = Entry(report.target, *where, words.platform or here, verdict.status, today)
    if not counts_on(entry, here):
        raise LedgerError(
            f"--platform {words.platform!r} does not match {here}, where this was run: give a "
            'pattern that does, for example "linux-*"'
        )
    return _worded(_seen(entry, verdict, report), words, today)


def _renewed(entry: Entry, verdict: Verdict, report: Report, words: Words, today: date) -> Entry:
    """The entry with what is seen now, where that is worse, or where as much was tried.

    Figures differ between the platforms of a pattern: there they follow the level only.
    """
    now = _seen(entry, verdict, report)
    exact = entry.platform == platform_of(report.environment)
    changed = (now.status, now.level) != (entry.status, entry.level)
    proven = tried_as_much(entry, report) or worse(entry, verdict, report)
    return _worded(now if proven and (changed or exact) else entry, words, today)


def _seen(entry: Entry, verdict: Verdict, report: Report) -> Entry:
    bits = {} if verdict.witness is None else _plain(verdict.witness.bits)
    return replace(
        entry,
        status=verdict.status,
        level=verdict.level,
        error_ulp=comparable(verdict.error_ulp),
        witness=MappingProxyType(bits),
        profile=report.profile,
        seed=report.seed,
    )


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return str(value)
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    return {name: _plain(v) for name, v in value.items()}


def _worded(entry: Entry, words: Words, today: date) -> Entry:
    open_ = entry.expires is None or entry.expires < today
    return replace(
        entry,
        reason=entry.reason or words.reason,
        link=entry.link or words.link,
        expires=words.expires if words.expires and open_ else entry.expires,
    )


def _said(entry: Entry) -> str:
    error = [] if entry.error_ulp is None else [f"error {ulps(entry.error_ulp)}"]
    return ", ".join([str(entry.level or entry.status), *error])


def _difference(before: Entry, after: Entry) -> str:
    if _said(before) != _said(after):
        return f"{_said(before)}; now {_said(after)}"
    names = ("reason", "link", "expires", "status", "error_ulp", "witness", "profile", "seed")
    return f"{', '.join(n for n in names if getattr(before, n) != getattr(after, n))} changed"


# ---------------------------------------------------------------- prune, diff


def pruned(
    text: str, path: Path, reports: Sequence[Report], *, today: date
) -> tuple[str, list[Change]]:
    """The text without the entries that are fixed, expired, or match nothing."""
    head, parts = sections(text, path)
    changes = []
    for report in reports:
        entries = [part.entry for part in parts]
        for entry, come in compared(report, entries, ledger=str(path), today=today):
            if isinstance(come, Breach) and come.kind != "worse":
                changes.append(Change("-", entry, come.sentence.partition(":")[0]))
    gone = {change.entry.key for change in changes}
    return joined(head, [part for part in parts if part.entry.key not in gone]), changes


def differences(
    text: str, path: Path, reports: Sequence[Report], *, today: date, everything: bool = False
) -> list[Change]:
    """What an update and a prune would change."""
    _, gone = pruned(text, path, reports, today=today)
    _, changed = updated(text, path, reports, today=today, everything=everything)
    keys = {change.entry.key for change in gone}
    return [*(c for c in changed if c.entry.key not in keys), *gone]
