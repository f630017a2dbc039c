"""The gate: a report compared with a ledger. A pure function of both and of the day.

    recorded        now                       what comes of it
    nothing         a finding                 a finding, as ever
    a failure       no worse                  held: it counts as expected
    a failure       passes, or unsupported    breach: fixed, the entry has to go
    anything        a lower level             breach: worse
    anything        expired                   breach: expired
    anything        no such verdict           breach: unmatched

What the run did not cover is left alone, and so is what it could not decide.
"""

from __future__ import annotations

import math
import shlex
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

from ...reference.formats import FORMATS
from ...reference.level import Level
from ..reports.figures import ulps
from ..runs.plan import covers
from ..runs.profiles import PROFILES
from ..seeds import SEED
from ..verdict import Breach, Gate, Held, Report, Status, Verdict
from .ledger import Entry, counts_on, platform_of
from .text import read

# How much an error may grow before it is worse at the same level. The same machine, seed and
# profile give the same bits, so what grows is the code's; a compiler or a library of another
# version may order the same roundings otherwise, which moves an error by ulps, not by a bit.
WORSE = 2.0
# Below this many ulps an error is no more than the last rounding's, and cannot grow by a factor.
ROUNDING = 0.5


@dataclass(frozen=True)
class Pair:
    """An entry and the verdict it speaks of; None where the report has none."""

    entry: Entry
    verdict: Verdict | None


def against(ledger: Path) -> Callable[[Report], Report]:
    """What compares a report with the ledger of that path, as it is and as of today.

    Raises `LedgerError` at once where it cannot be read.
    """
    entries, today = read(ledger), datetime.now(UTC).date()
    return lambda report: gated(report, entries, ledger=str(ledger), today=today)


def gated(report: Report, entries: Sequence[Entry], *, ledger: str, today: date) -> Report:
    """The report with what came of comparing it with the entries of a ledger of that path."""
    found = [come for _, come in compared(report, entries, ledger=ledger, today=today)]
    gate = Gate(
        ledger,
        held=tuple(f for f in found if isinstance(f, Held)),
        breaches=tuple(f for f in found if isinstance(f, Breach)),
    )
    known = replace(report, gate=gate)
    return replace(report, gate=replace(gate, note=_elsewhere(known, entries)))


def compared(
    report: Report, entries: Iterable[Entry], *, ledger: str, today: date
) -> list[tuple[Entry, Held | Breach | None]]:
    """What comes of each entry that speaks of a report; None where there is nothing to say."""
    return [(p.entry, _compared(p, report, ledger, today)) for p in paired(report, entries)]


def paired(report: Report, entries: Iterable[Entry]) -> list[Pair]:
    """The entries that speak of a report, each with its verdict; of several the most precise.

    Left out are entries on other targets and platforms, and those that the run did not cover.
    """
    here = platform_of(report.environment)
    chosen: dict[tuple[str, str, str], Entry] = {}
    for entry in sorted(entries, key=lambda e: (e.platform == here, len(e.platform))):
        if entry.target == report.target and counts_on(entry, here):
            chosen[entry.where] = entry
    verdicts = {(v.function, v.property, v.format): v for v in report.verdicts}
    found = [Pair(e, verdicts.get(e.where)) for e in sorted(chosen.values(), key=lambda e: e.key)]
    return [p for p in found if p.verdict is not None or _covered(p.entry, report)]


def _elsewhere(report: Report, entries: Iterable[Entry]) -> str:
    """Which findings are recorded, but for other platforms."""
    here = platform_of(report.environment)
    found = {(v.function, v.property, v.format) for v in report.findings}
    others = [
        e
        for e in entries
        if e.target == report.target and e.where in found and not counts_on(e, here)
    ]
    if not others:
        return ""
    count = len({e.where for e in others})
    platforms = ", ".join(sorted({e.platform for e in others}))
    return (
        f"findings recorded for other platforms: {count}, for {platforms}, and this is {here}; "
        'give their entries a wider platform, as "linux-*", or run `ulpian ledger update` here'
    )


def _covered(entry: Entry, report: Report) -> bool:
    """Whether the run would have come to this verdict if there were one."""
    if not report.complete or report.at_one or not report.functions:
        return False
    if entry.format in FORMATS and entry.format not in report.formats:
        return False
    return covers(
        report.select, report.profile, entry.function, entry.property
    ) and not _not_offered(entry, report)


def _not_offered(entry: Entry, report: Report) -> bool:
    """Whether the function is not offered in the format, so that nothing else was tried."""
    return any(
        v.status is Status.UNSUPPORTED and v.property == "structure.format"
        for v in report.verdicts
        if (v.function, v.format) == (entry.function, entry.format)
    )


def _compared(pair: Pair, report: Report, ledger: str, today: date) -> Held | Breach | None:
    entry, verdict = pair.entry, pair.verdict
    say = _Words(entry, report, ledger)
    if entry.expires is not None and entry.expires < today:
        return say.expired(entry.expires)
    if verdict is None:
        return say.unmatched()
    if verdict.status in (Status.UNDECIDED, Status.ERROR):
        return say.held() if verdict.status is entry.status else None
    fall = worse(entry, verdict, report)
    if fall:
        return say.worse(fall)
    if fixed(entry, verdict, report):
        return say.fixed(verdict)
    same = verdict.status is Status.FAIL and entry.status is Status.FAIL
    return say.held() if same else None


def worse(entry: Entry, verdict: Verdict, report: Report) -> str:
    """In which way a verdict is worse than recorded; empty where it is not."""
    if entry.status is Status.PASS and verdict.status is Status.UNSUPPORTED:
        return f"it was {entry.level or 'judged'}, and is no longer offered"
    if entry.level is None or verdict.level is None or entry.status is Status.UNDECIDED:
        return ""
    if verdict.level < entry.level:
        return f"it was {entry.level}, and is {verdict.level} now"
    if verdict.level > entry.level or not _repeated(entry, report):
        return ""
    before, now = comparable(entry.error_ulp), comparable(verdict.error_ulp)
    if before is None or now is None or now <= WORSE * max(before, ROUNDING):
        return ""
    return f"its error was {ulps(before)}, and is {ulps(now)} now"


def fixed(entry: Entry, verdict: Verdict, report: Report) -> bool:
    """Whether a recorded failure is gone, shown by a run that tried at least as much.

    A verdict that passes at the level recorded is no better: less was required of it.
    """
    if entry.status not in (Status.FAIL, Status.UNDECIDED, Status.ERROR):
        return False
    if not report.complete or not tried_as_much(entry, report):
        return False
    if verdict.status is Status.UNSUPPORTED:
        return True
    better = entry.level is None or (verdict.level is not None and verdict.level > entry.level)
    return verdict.status is Status.PASS and better


def _repeated(entry: Entry, report: Report) -> bool:
    """Whether the run did the same things on the same kind of machine: the same bits are due."""
    same = entry.platform == platform_of(report.environment) and not report.at_one
    return same and (entry.seed, entry.profile) == (report.seed, report.profile)


def tried_as_much(entry: Entry, report: Report) -> bool:
    """Whether a run tried at least what the recorded one did, at the same random inputs."""
    if entry.seed != report.seed or report.at_one:
        return False
    efforts = [PROFILES[p].effort for p in (entry.profile, report.profile) if p in PROFILES]
    return entry.profile == report.profile or (len(efforts) == 2 and efforts[0] <= efforts[1])


def comparable(error: float | None) -> float | None:
    """An error as a number with an order: what is no number is infinitely wrong."""
    if error is None:
        return None
    return math.inf if math.isnan(error) else float(error)


# ---------------------------------------------------------------- words


@dataclass(frozen=True)
class _Words:
    """What is said of an entry, and the commands that help."""

    entry: Entry
    report: Report
    ledger: str

    def held(self) -> Held:
        e = self.entry
        return Held(*e.where, e.reason, e.link, "" if e.expires is None else str(e.expires))

    def worse(self, fall: str) -> Breach:
        return self._breach(
            "worse",
            f"{fall}, recorded on {self.entry.first_seen}: mend it, or record it anew",
            {"see": self._narrow("check"), "accept": self._narrow("ledger update")},
        )

    def fixed(self, verdict: Verdict) -> Breach:
        before = self.entry.level or self.entry.status
        now = verdict.level or verdict.status
        return self._breach(
            "fixed",
            f"recorded as {before} on {self.entry.first_seen}, it no longer fails, and is {now}: "
            "remove the entry, so that it cannot come back unseen",
            {"see": self._narrow("check"), "remove": self._narrow("ledger prune")},
        )

    def expired(self, day: date) -> Breach:
        return self._breach(
            "expired",
            f"its entry expired on {day}: mend it, or give it a later day",
            {
                "renew": f"{self._narrow('ledger update')} --expires YYYY-MM-DD",
                "remove": self._narrow("ledger prune"),
            },
        )

    def unmatched(self) -> Breach:
        return self._breach(
            "unmatched",
            f"its entry matches nothing, as {self._unknown()}: mend its name, or remove it",
            {
                "see": "ulpian list properties",
                "remove": self._command("ledger prune"),
            },
        )

    def _unknown(self) -> str:
        e, report = self.entry, self.report
        if e.function not in report.functions:
            return f"{report.target} has no function {e.function!r}"
        if e.format not in FORMATS:
            return f"there is no format {e.format!r}"
        return f"this run came to no verdict on {e.property!r} of {e.function} in {e.format}"

    def _breach(self, kind: str, sentence: str, commands: Mapping[str, str]) -> Breach:
        named = self.report.call is None  # else no command can name the target
        return Breach(kind, *self.entry.where, sentence, commands if named else {})

    def _narrow(self, command: str) -> str:
        """A command on this entry alone."""
        e = self.entry
        return self._command(
            command, "--select", f"{e.function}:{e.property}", "--format", e.format
        )

    def _command(self, command: str, *narrow: str) -> str:
        report, function = self.report, self.entry.function
        words = ["ulpian", *command.split(), report.target]
        if ":" in report.target and report.target.rpartition(":")[2] != function:
            words += ["--as", function]
        words += narrow
        if report.required != Level.ACCURATE:
            words += ["--require", str(report.required)]
        if report.profile != "default":
            words += ["--profile", report.profile]
        if report.seed != SEED:
            words += ["--seed", str(report.seed)]
        return shlex.join([*words, "--ledger", self.ledger])
