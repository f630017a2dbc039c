"""Where reports go: a form and a file each, refused before the work, written whole after it.

The event stream alone is written while the work goes on, line by line, so that a run which is
killed leaves what it had found. At the end the file is written again, as every other: with the
verdicts in their order, whatever order they arrived in.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO

from ..console import complain, put
from ..files import FileError, writable, write
from ..verdict import Report, Verdict
from . import events
from .written import FORMS, written

STREAM = "jsonl"
SUMMARY = "GITHUB_STEP_SUMMARY"  # the file that GitHub shows beside a step


@dataclass(frozen=True)
class Place:
    """One form of the reports, and its file; None is stdout. `option` is what asked for it."""

    form: str
    file: str | None
    option: str

    def write(self, text: str) -> None:
        """Put the whole text there; `FileError` names the option."""
        if self.file is None:
            return put(text)
        try:
            write(Path(self.file), text)
        except FileError as error:
            raise FileError(f"{self.option}: {error}") from error


def places(
    wanted: Sequence[str], output_format: str | None = None, output: str | None = None
) -> tuple[Place, ...]:
    """The places that `--report FORM[=FILE]`, `--output-format` and `--output` ask for.

    `--output-format FORM --output FILE` is the short way for one of them. Where nothing else takes
    stdout, the concise report does. Raises `FileError`, in one sentence, for a form that there is
    not, for a file that cannot be written, and where two reports would go to one place.
    """
    found = [_place(words) for words in wanted]
    if output_format or output or all(place.file is not None for place in found):
        form = _known(output_format or "concise", "--output-format")
        found.append(Place(form, output, "--output"))
    _apart(found)
    for place in found:
        if place.file is not None:
            _usable(place, place.file)
    return tuple(found)


def _place(words: str) -> Place:
    form, equals, file = words.partition("=")
    _known(form, "--report")
    if equals and not file:
        raise FileError(f"--report {words}: name a file after the =, or leave out the = for stdout")
    return Place(form, file or None, f"--report {form}")


def _known(form: str, option: str) -> str:
    if form not in FORMS:
        raise FileError(f"{option}: unknown form {form!r}: choose from {', '.join(FORMS)}")
    return form


def _apart(found: Sequence[Place]) -> None:
    seen: dict[str | None, Place] = {}
    for place in found:
        key = place.file and os.path.realpath(place.file)
        other = seen.setdefault(key, place)
        if other is place:
            continue
        if key is None:
            raise FileError(
                f"{other.form} and {place.form} would both go to stdout: name a file for one, "
                f"for example --report {other.form}=FILE"
            )
        raise FileError(f"{other.form} and {place.form} would both go to {place.file!r}")


def _usable(place: Place, file: str) -> None:
    try:
        writable(Path(file))
    except FileError as error:
        raise FileError(f"{place.option} {error}") from error


def deliver(to: Sequence[Place], reports: Sequence[Report], colour: bool = False) -> None:
    """Write reports to all places; `FileError` after the last, for those that could not be."""
    failures = []
    for place in to if reports else ():
        if place.form == STREAM and place.file is None:
            continue  # it was written as it came
        try:
            place.write(written(place.form, reports, colour and place.file is None))
            if place.form == "github":
                _summarise(reports)
        except FileError as error:
            failures.append(str(error))
    if failures:
        raise FileError("; ".join(failures))


def _summarise(reports: Sequence[Report]) -> None:
    """Add the reports to the summary of a step, where there is one."""
    file = os.environ.get(SUMMARY)
    if not file:
        return
    try:
        with open(file, "a", encoding="utf-8", errors="backslashreplace") as summary:
            summary.write(written("markdown", reports))
    except OSError as error:
        raise FileError(f"cannot write {SUMMARY} {file!r}: {error.strerror}") from error


# ---------------------------------------------------------------- while the work goes on


@dataclass
class Record:
    """What a run has told so far: `reports` that ended, and the beginning of one that did not."""

    to: Sequence[Place] = ()
    reports: list[Report] = field(default_factory=list)
    _head: Report | None = None
    _verdicts: list[Verdict] = field(default_factory=list)
    _start: float = 0.0
    _files: dict[Place, IO[str]] = field(default_factory=dict)

    def begun(self, report: Report) -> None:
        """A report begins: it is still empty."""
        self._head, self._verdicts, self._start = report, [], time.perf_counter()
        self._tell(events.begin(report))

    def listen(self, verdict: Verdict) -> None:
        """A verdict of it has arrived."""
        self._verdicts.append(verdict)
        self._tell(events.verdict_event(verdict))

    def ended(self, report: Report) -> None:
        """It is whole now, or all that there will be of it."""
        self.reports.append(report)
        for event in [events.end(report)] if self._head else events.events(report):
            self._tell(event)
        self._head = None

    def cut_short(self, gate: Callable[[Report], Report] | None = None) -> None:
        """Nothing more will come: a report that did not end is what was told of it, incomplete.

        `gate` compares it with a ledger.
        """
        if self._head is None:
            return
        told = [events.begin(self._head), *map(events.verdict_event, self._verdicts)]
        found = replace(events.report(told), seconds=time.perf_counter() - self._start)
        self.ended(gate(found) if gate else found)

    def close(self) -> None:
        """Let go of the files, which `deliver` writes again."""
        for place in list(self._files):
            self._let_go(place)

    def _tell(self, event: events.Event) -> None:
        for place in self.to:
            if place.form != STREAM:
                continue
            if place.file is None:
                put(events.line(event))
            else:
                self._write(place, place.file, events.line(event))

    def _write(self, place: Place, file: str, line: str) -> None:
        try:
            if place not in self._files:
                self._files[place] = open(file, "w", encoding="ascii")  # noqa: SIM115
            self._files[place].write(line)
            self._files[place].flush()
        except OSError as error:  # the run is worth more than its stream
            complain(f"ulpian: {place.option}: cannot write {file!r}: {error.strerror}")
            self.to = [other for other in self.to if other is not place]
            self._let_go(place)

    def _let_go(self, place: Place) -> None:
        file = self._files.pop(place, None)
        if file is not None:
            with contextlib.suppress(OSError):  # of a line that was not written, told already
                file.close()
