"""The ledger: what the gate says of every change, and a file that no accident and no run spoils."""

from __future__ import annotations

import errno
import json
import math
import multiprocessing
import os
import re
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple, NoReturn

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ulpian.checks import cli
from ulpian.checks.ledger import record
from ulpian.checks.ledger.gate import ROUNDING, WORSE, gated, paired
from ulpian.checks.ledger.ledger import Entry, counts_on, platform_of
from ulpian.checks.ledger.record import Words
from ulpian.checks.ledger.text import (
    EMPTY,
    LedgerError,
    edited,
    entries,
    joined,
    read,
    section,
    sections,
)
from ulpian.checks.reports import as_json, as_text, exit_code
from ulpian.checks.reports.concise import as_concise
from ulpian.checks.runs import run as runner
from ulpian.checks.runs.plan import covers
from ulpian.checks.runs.profiles import PROFILES
from ulpian.checks.seeds import SEED
from ulpian.checks.verdict import Call, Report, Status, Verdict, Witness
from ulpian.reference.formats import USUAL
from ulpian.reference.level import Level

from . import ledger_faults

TODAY = date(2026, 11, 21)
HERE = "linux-x86_64-avx2"
ENVIRONMENT = {"platform": "Linux x86_64", "cpu_features": "avx2 fma avx sse4_2"}
PLACE = Path("ledger.toml")

FAIL = Verdict(
    "gelu",
    "value.accuracy",
    "float32",
    Status.FAIL,
    Level.SOUND,
    99.0,
    Witness({"x": -5.5}, {"x": "0xc0b00000"}),
    points=10,
)
PASS = replace(FAIL, status=Status.PASS, level=Level.ACCURATE, error_ulp=3.0, witness=None)
UNSUPPORTED = replace(PASS, status=Status.UNSUPPORTED, level=None, error_ulp=None)
UNDECIDED = replace(UNSUPPORTED, status=Status.UNDECIDED)
ERROR = replace(UNSUPPORTED, status=Status.ERROR)
KNOWN = Entry(
    "mypkg",
    *("gelu", "value.accuracy", "float32", HERE),
    status=Status.FAIL,
    first_seen=date(2026, 11, 1),
    level=Level.SOUND,
    error_ulp=99.0,
    witness=MappingProxyType({"x": "0xc0b00000"}),
)


def report(*verdicts: Verdict, **changes: Any) -> Report:
    return replace(
        Report(
            "mypkg",
            Level.ACCURATE,
            verdicts,
            ENVIRONMENT,
            seed=SEED,
            functions=("gelu", "tanh"),
            formats=USUAL,
        ),
        **changes,
    )


def gate(entry: Entry, *verdicts: Verdict, **changes: Any) -> Report:
    return gated(report(*verdicts, **changes), [entry], ledger="ledger.toml", today=TODAY)


def breach(found: Report) -> str:
    """The kind of the only breach; nothing where there is none."""
    return "".join(b.kind for b in found.breaches)


# ---------------------------------------------------------------- the gate


def test_a_finding_that_is_not_recorded_is_a_finding_as_ever() -> None:
    found = gate(replace(KNOWN, function="tanh"), FAIL, complete=False)
    assert found.findings == (FAIL,)
    assert (found.held, found.breaches) == ((), ())


def test_a_recorded_failure_that_is_no_worse_is_held_and_counts_as_expected() -> None:
    found = gate(replace(KNOWN, reason="known", link="#12", expires=TODAY), FAIL)
    assert (found.held, found.findings, found.breaches) == ((FAIL,), (), ())
    assert found.ok
    assert exit_code(found) == 0
    assert found.gate is not None
    (held,) = found.gate.held
    assert (held.reason, held.link, held.expires) == ("known", "#12", "2026-11-21")


def test_a_level_below_the_recorded_one_breaks_the_gate() -> None:
    found = gate(KNOWN, replace(FAIL, level=Level.UNSOUND))
    assert breach(found) == "worse"
    assert len(found.findings) == 1
    assert exit_code(found) == 1
    assert found.breaches[0].sentence == (
        "it was sound, and is unsound now, recorded on 2026-11-01: mend it, or record it anew"
    )
    words = "mypkg --select gelu:value.accuracy --format float32 --ledger ledger.toml"
    assert found.breaches[0].commands == {
        "see": f"ulpian check {words}",
        "accept": f"ulpian ledger update {words}",
    }


def test_a_level_above_the_recorded_one_that_still_fails_is_held() -> None:
    found = gate(replace(KNOWN, level=Level.UNSOUND), replace(FAIL, error_ulp=1e9))
    assert found.held
    assert not found.breaches


@pytest.mark.parametrize(
    ("before", "now", "kind"),
    [
        (99.0, 99.0 * WORSE, ""),
        (99.0, 99.0 * WORSE * 1.001, "worse"),
        (99.0, math.inf, "worse"),
        (99.0, math.nan, "worse"),
        (math.inf, math.inf, ""),
        (math.inf, math.nan, ""),
        (0.0, WORSE * ROUNDING, ""),
        (0.0, 1.1 * WORSE * ROUNDING, "worse"),
        (99.0, 0.1, ""),
        (None, 5.0, ""),
        (99.0, None, ""),
    ],
)
def test_an_error_is_worse_beyond_a_factor_on_the_same_platform(
    before: float | None, now: float | None, kind: str
) -> None:
    found = gate(replace(KNOWN, error_ulp=before), replace(FAIL, error_ulp=now))
    assert breach(found) == kind
    assert bool(found.held) == (kind == "")


@pytest.mark.parametrize(
    ("entry", "changes"),
    [
        ({"platform": "linux-*"}, {}),
        ({}, {"seed": 7}),
        ({}, {"profile": "smoke"}),
        ({}, {"at_one": True}),
    ],
)
def test_errors_are_compared_only_where_the_same_bits_are_due(
    entry: dict[str, Any], changes: dict[str, Any]
) -> None:
    much = replace(FAIL, error_ulp=1e9)
    assert breach(gate(KNOWN, much)) == "worse"
    assert gate(replace(KNOWN, **entry), much, **changes).held
    lower = replace(much, level=Level.UNSOUND)
    assert breach(gate(replace(KNOWN, **entry), lower, **changes)) == "worse"


@pytest.mark.parametrize("now", [PASS, UNSUPPORTED])
def test_a_recorded_failure_that_no_longer_fails_breaks_the_gate(now: Verdict) -> None:
    found = gate(KNOWN, now, replace(PASS, function="tanh"))
    assert breach(found) == "fixed"
    assert exit_code(found) == 1
    assert "it no longer fails" in found.breaches[0].sentence
    assert "remove the entry" in found.breaches[0].sentence
    assert found.breaches[0].commands["remove"].startswith("ulpian ledger prune mypkg --select ")


@pytest.mark.parametrize(
    "changes",
    [{"complete": False}, {"profile": "smoke"}, {"seed": 7}, {"at_one": True}],
)
def test_only_a_whole_run_that_tried_as_much_says_that_a_failure_is_gone(
    changes: dict[str, Any],
) -> None:
    assert gate(KNOWN, PASS, **changes).breaches == ()
    same = {k: v for k, v in changes.items() if k in ("profile", "seed")}
    if same:
        assert breach(gate(replace(KNOWN, **same), PASS, **changes)) == "fixed"
    assert breach(gate(replace(KNOWN, profile="smoke"), PASS)) == "fixed"


def test_less_required_is_no_fix() -> None:
    lenient = replace(PASS, level=Level.SOUND, error_ulp=99.0)
    found = gate(KNOWN, lenient, required=Level.SOUND)
    assert (found.breaches, found.held) == ((), ())
    assert exit_code(found) == 0


@pytest.mark.parametrize("now", [UNDECIDED, ERROR])
def test_what_came_to_no_verdict_leaves_an_entry_alone(now: Verdict) -> None:
    found = gate(KNOWN, now, replace(PASS, function="tanh"))
    assert (found.breaches, found.held) == ((), ())
    assert exit_code(found) == 2


@pytest.mark.parametrize("status", [Status.UNDECIDED, Status.ERROR])
def test_what_is_recorded_as_open_is_held_while_it_is(status: Status) -> None:
    entry = replace(KNOWN, status=status, level=None, error_ulp=None)
    passed = replace(PASS, function="tanh")
    open_ = UNDECIDED if status is Status.UNDECIDED else ERROR
    found = gate(entry, open_, passed)
    assert exit_code(found) == 0
    assert f"{status}  gelu" not in as_text(found)
    assert f"{status}  gelu" in as_text(report(open_, passed))
    assert breach(gate(entry, PASS)) == "fixed"
    other = ERROR if status is Status.UNDECIDED else UNDECIDED
    assert exit_code(gate(entry, other, passed)) == 2
    assert gate(entry, FAIL).findings == (FAIL,)


def test_a_recorded_pass_may_not_get_worse_and_may_get_better() -> None:
    entry = replace(KNOWN, status=Status.PASS, level=Level.FAITHFUL, error_ulp=0.6)
    assert breach(gate(entry, replace(PASS, level=Level.ACCURATE))) == "worse"
    assert breach(gate(entry, replace(PASS, level=Level.FAITHFUL, error_ulp=1.5))) == "worse"
    assert breach(gate(entry, UNSUPPORTED)) == "worse"
    assert "no longer offered" in gate(entry, UNSUPPORTED).breaches[0].sentence
    better = gate(entry, replace(PASS, level=Level.EXACT, error_ulp=0.5))
    assert (better.breaches, better.held) == ((), ())


def test_a_pass_that_was_recorded_does_not_hold_a_failure() -> None:
    entry = replace(KNOWN, status=Status.PASS)
    assert gate(entry, FAIL).findings == (FAIL,)


def test_an_entry_counts_through_its_last_day() -> None:
    assert gate(replace(KNOWN, expires=TODAY), FAIL).held
    found = gate(replace(KNOWN, expires=date(2026, 11, 20)), FAIL)
    assert breach(found) == "expired"
    assert found.findings == (FAIL,)
    assert found.breaches[0].sentence == (
        "its entry expired on 2026-11-20: mend it, or give it a later day"
    )
    assert found.breaches[0].commands["renew"].endswith("--expires YYYY-MM-DD")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"function": "gelo"}, "mypkg has no function 'gelo'"),
        ({"format": "float31"}, "there is no format 'float31'"),
        (
            {"property": "value.acuracy"},
            "this run came to no verdict on 'value.acuracy' of gelu in float32",
        ),
        (
            {"format": "float64"},
            "this run came to no verdict on 'value.accuracy' of gelu in float64",
        ),
    ],
)
def test_an_entry_that_matches_nothing_breaks_the_gate(change: dict[str, Any], said: str) -> None:
    found = gate(replace(KNOWN, **change), PASS)
    assert breach(found) == "unmatched"
    assert exit_code(found) == 1
    assert found.breaches[0].sentence == (
        f"its entry matches nothing, as {said}: mend its name, or remove it"
    )
    assert found.breaches[0].commands["remove"] == "ulpian ledger prune mypkg --ledger ledger.toml"


@pytest.mark.parametrize(
    ("change", "changes"),
    [
        ({"target": "torch"}, {}),
        ({"platform": "darwin-*"}, {}),
        ({"function": "gelo"}, {"complete": False}),
        ({"function": "gelo"}, {"at_one": True}),
        ({"function": "gelo"}, {"select": ("gelu",)}),
        ({"property": "grad.kink"}, {"select": ("value.*",)}),
        ({"property": "grad.kink"}, {"select": ("gelu:value.accuracy",)}),
        ({"property": "identity.slope"}, {"profile": "smoke"}),
        ({"format": "float64"}, {"formats": ("float32",)}),
    ],
)
def test_what_the_run_did_not_cover_is_left_alone(
    change: dict[str, Any], changes: dict[str, Any]
) -> None:
    assert gate(replace(KNOWN, **change), PASS, **changes).breaches == ()


def test_what_is_not_offered_in_a_format_leaves_its_entries_alone() -> None:
    refusal = replace(UNSUPPORTED, property="structure.format")
    assert gate(KNOWN, refusal, replace(PASS, function="tanh")).breaches == ()


def test_a_selection_that_names_an_entry_covers_it() -> None:
    assert breach(gate(replace(KNOWN, function="gelo"), PASS, select=("gel*",))) == "unmatched"
    entry = replace(KNOWN, property="identity.slope")
    assert breach(gate(entry, PASS, select=("identity.*",))) == "unmatched"
    assert covers((), "smoke", "gelu", "value.accuracy")
    for name, profile in PROFILES.items():
        assert not any(covers((), name, "gelu", f"{left}.x") for left in profile.without)


def test_of_several_entries_the_most_precise_platform_counts() -> None:
    wide = replace(KNOWN, platform="linux-*", level=Level.UNSOUND)
    for order in ([wide, KNOWN], [KNOWN, wide]):
        (pair,) = paired(report(FAIL), order)
        assert pair.entry is KNOWN
    elsewhere = replace(KNOWN, platform="linux-x86_64-avx512")
    (pair,) = paired(report(FAIL), [elsewhere, wide])
    assert pair.entry is wide


def test_a_finding_that_is_recorded_for_other_platforms_is_noted() -> None:
    found = gate(replace(KNOWN, platform="linux-x86_64-avx512"), FAIL)
    assert found.findings == (FAIL,)
    assert found.gate is not None
    assert found.gate.note == (
        "findings recorded for other platforms: 1, for linux-x86_64-avx512, and this is "
        'linux-x86_64-avx2; give their entries a wider platform, as "linux-*", or run '
        "`ulpian ledger update` here"
    )
    assert "recorded for other platforms: 1" in as_text(found)
    known = gated(
        report(FAIL), [KNOWN, replace(KNOWN, platform="darwin-*")], ledger="l", today=TODAY
    )
    assert known.gate is not None
    assert known.gate.note == ""


def test_commands_name_what_was_asked_and_no_command_names_a_callable() -> None:
    found = gate(
        replace(KNOWN, target="a.b:act", profile="smoke", seed=7),
        replace(FAIL, level=Level.UNSOUND),
        target="a.b:act",
        required=Level.FAITHFUL,
        profile="smoke",
        seed=7,
    )
    assert found.breaches[0].commands["see"] == (
        "ulpian check a.b:act --as gelu --select gelu:value.accuracy --format float32 "
        "--require faithful --profile smoke --seed 7 --ledger ledger.toml"
    )
    assert gate(KNOWN, PASS, call=Call("f, as_='gelu'")).breaches[0].commands == {}


LEVELS = st.sampled_from((*Level, None))
VERDICTS = st.builds(
    replace,
    st.just(FAIL),
    status=st.sampled_from(Status),
    level=LEVELS,
    error_ulp=st.none() | st.floats(min_value=0),
)
ENTRIES = st.builds(
    replace,
    st.just(KNOWN),
    status=st.sampled_from(Status),
    level=LEVELS,
    error_ulp=st.none() | st.floats(min_value=0),
    expires=st.none() | st.dates(),
    profile=st.sampled_from(("smoke", "default", "gone")),
    platform=st.sampled_from((HERE, "linux-*", "*", "darwin-*")),
)


@given(ENTRIES, VERDICTS, st.booleans())
def test_whatever_is_recorded_no_worse_verdict_is_ever_held(
    entry: Entry, verdict: Verdict, complete: bool
) -> None:
    found = gate(entry, verdict, complete=complete)
    if found.held:
        assert verdict.status is entry.status
        assert entry.expires is None or entry.expires >= TODAY
        ranks = [x.level.rank for x in (entry, verdict) if x.level is not None]
        assert verdict.status is not Status.FAIL or len(ranks) < 2 or ranks[1] >= ranks[0]
    assert complete or breach(found) not in ("fixed", "unmatched")
    assert len(found.breaches) + len(found.held) <= 1


# ---------------------------------------------------------------- platforms


@pytest.mark.parametrize(
    ("system", "features", "expected"),
    [
        ("Linux x86_64", "avx512f avx2 fma avx sse4_2", "linux-x86_64-avx512"),
        ("Linux x86_64", "sse4_2", "linux-x86_64-sse4"),
        ("Linux aarch64", "asimd sve", "linux-aarch64-sve"),
        ("Darwin arm64", "", "darwin-arm64"),
    ],
)
def test_a_platform_is_system_architecture_and_vector_unit(
    system: str, features: str, expected: str
) -> None:
    found = platform_of({"platform": system, "cpu_features": features})
    assert found == expected
    assert counts_on(replace(KNOWN, platform=expected), found)
    assert counts_on(replace(KNOWN, platform=f"{expected.split('-')[0]}-*"), found)
    assert not counts_on(replace(KNOWN, platform="windows-*"), found)


# ---------------------------------------------------------------- the text


TEXT = joined(EMPTY, [section(KNOWN), section(replace(KNOWN, function="elu", reason="known"))])


def test_the_file_reads_well() -> None:
    assert (
        joined("version = 1\n", [section(replace(KNOWN, expires=date(2027, 5, 21)))])
        == """\
version = 1

[[verdict]]
target = "mypkg"
function = "gelu"
property = "value.accuracy"
format = "float32"
platform = "linux-x86_64-avx2"
status = "fail"
level = "sound"
error_ulp = 99.0
witness = {x = "0xc0b00000"}
reason = ""
link = ""
first_seen = 2026-11-01
expires = 2027-05-21
"""
    )


def test_entries_are_sorted_whatever_their_order() -> None:
    others = [
        replace(KNOWN, target="torch"),
        replace(KNOWN, function="elu"),
        replace(KNOWN, property="grad.kink"),
        replace(KNOWN, format="float16"),
        replace(KNOWN, platform="linux-*"),
    ]
    parts = [section(e) for e in (KNOWN, *others)]
    text = joined(EMPTY, parts)
    assert text == joined(EMPTY, reversed(parts))
    assert [e.key for e in entries(text, PLACE)] == sorted(e.key for e in (KNOWN, *others))


texts = st.text(st.characters(codec="utf-8"), max_size=20)
words = texts.filter(lambda text: bool(text.strip()))
bits = st.from_regex(r"0x[0-9a-f]{1,16}", fullmatch=True)
WHOLE = st.builds(
    Entry,
    *[words] * 5,
    status=st.sampled_from(Status),
    first_seen=st.dates(),
    level=LEVELS,
    error_ulp=st.none() | st.floats(min_value=0, allow_nan=False),
    witness=st.dictionaries(texts, bits | st.lists(bits, max_size=3), max_size=3),
    profile=words,
    seed=st.integers(0, 2**62),
    reason=texts,
    link=texts,
    expires=st.none() | st.dates(),
)


@given(st.lists(WHOLE, max_size=3, unique_by=lambda e: e.key), WHOLE)
@settings(deadline=None)
def test_entries_come_back_from_the_text_and_from_every_edit_as_they_were(
    found: list[Entry], other: Entry
) -> None:
    text = joined(EMPTY, [section(e) for e in found])
    assert entries(text, PLACE) == tuple(sorted(found, key=lambda e: e.key))
    head, parts = sections(text, PLACE)
    assert joined(head, parts) == text
    for k in range(len(parts)):
        seen = replace(other, target="a", function=f"b{k}")
        parts[k] = edited(parts[k], seen)
        assert parts[k].entry == seen
    again = entries(joined(head, parts), PLACE)
    assert again == tuple(sorted((p.entry for p in parts), key=lambda e: e.key))


OWN = """\
# ours
version = 1   # of the format

# why tanh: see the minutes
# of May
[[verdict]]
function = "tanh"
target = "mypkg"   # order is ours, too
property = "value.accuracy"
format = "float32"
platform = "linux-*"
status = "fail"
level = "sound"   # seen by two of us
reason = '''the tail
is lost'''
first_seen = 2026-11-01
# the end of tanh

[[verdict]]
target = "mypkg"
function = "gelu"
property = "value.accuracy"
format = "float32"
platform = "linux-x86_64-avx2"
status = "fail"
level = "sound"
error_ulp = 99.0
witness = {x = "0xc0b00000"}
reason = "a reason"
link = "#12"
first_seen = 2026-11-01
expires = 2027-01-01
"""


def test_an_update_keeps_what_its_user_wrote() -> None:
    lower = replace(FAIL, level=Level.UNSOUND)
    run = report(lower, replace(lower, function="tanh"))
    told = Words(reason="another", link="#13", expires=date(2028, 1, 1), platform="*")
    after, changes = record.updated(OWN, PLACE, [run], today=TODAY, words=told)
    assert [c.mark for c in changes] == ["~", "~"]
    gelu, tanh = entries(after, PLACE)
    assert (gelu.reason, gelu.link, gelu.expires) == ("a reason", "#12", date(2027, 1, 1))
    assert (tanh.reason, tanh.link, tanh.platform) == ("the tail\nis lost", "#13", "linux-*")
    assert (gelu.level, tanh.level) == (Level.UNSOUND, Level.UNSOUND)
    assert {gelu.first_seen, tanh.first_seen} == {date(2026, 11, 1)}
    for kept in (
        "# ours\nversion = 1   # of the format\n",
        '# why tanh: see the minutes\n# of May\n[[verdict]]\nfunction = "tanh"\n',
        'target = "mypkg"   # order is ours, too\n',
        'level = "unsound"   # seen by two of us\n',
        "reason = '''the tail\nis lost'''\n",
        "# the end of tanh\n",
    ):
        assert kept in after
    assert after.index('function = "gelu"') < after.index("# why tanh") < after.index("# the end")


def test_a_comment_goes_with_its_entry_when_another_is_removed() -> None:
    fixed = report(PASS, replace(FAIL, function="tanh"))
    after, changes = record.pruned(OWN, PLACE, [fixed], today=TODAY)
    assert [str(c) for c in changes] == [
        "- mypkg · gelu · value.accuracy · float32: recorded as sound on 2026-11-01, it no longer "
        "fails, and is accurate"
    ]
    assert after == OWN[: OWN.rindex("\n[[verdict]]")]
    other = report(FAIL, replace(PASS, function="tanh"))
    after, _ = record.pruned(OWN, PLACE, [other], today=TODAY)
    assert "tanh" not in after
    assert after.startswith("# ours\nversion = 1   # of the format\n\n[[verdict]]\n")


# ---------------------------------------------------------------- mistakes in the file


ENTRY = TEXT[TEXT.index("[[verdict]]") :]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "",
            " does not begin with version = 1: it is empty, cut short, or no ledger; restore it, "
            "or remove it and run `ulpian ledger update`",
        ),
        (
            "version = 2\n",
            " has version = 2, and this Ulpian reads 1: use the Ulpian that wrote it",
        ),
        (
            "version = 1\nverdicts = []\n",
            " has an unknown key 'verdicts': it may have version and [[verdict]]",
        ),
        ("version = 1\nverdict = 3\n", ": write each entry under [[verdict]]"),
        (
            'version = 1\n\n[[verdict]]\ntarget = "a"\n',
            ", entry at line 3: function is missing; add it, or remove the entry (a file that was "
            "cut short ends so)",
        ),
        (
            f'version = 1\n[[verdict]]\nlevels = "sound"\n{ENTRY}',
            ", entry at line 2: unknown field 'levels'; it may have target, function, property, "
            "format, platform, status, level, error_ulp, witness, profile, seed, reason, link, "
            "first_seen, expires",
        ),
    ],
)
def test_a_wrong_ledger_is_a_sentence_with_its_line(text: str, said: str) -> None:
    with pytest.raises(LedgerError) as refusal:
        entries(text, PLACE)
    assert str(refusal.value) == f"ledger 'ledger.toml'{said}"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("level = 'perfect'", "'perfect' is not one of unsound, sound, accurate, faithful, exact"),
        ("status = 'bad'", "'bad' is not one of pass, fail, undecided, unsupported, error"),
        ("status = []", "[] is not one of pass, fail, undecided, unsupported, error"),
        ("error_ulp = '9'", "'9' is not a number from 0 on"),
        ("error_ulp = -1", "-1 is not a number from 0 on"),
        ("witness = {x = '5'}", None),
        ("witness = {x = 5}", "{'x': 5} is not a table of bits in hexadecimal"),
        ("witness = {x = 'c0'}", "{'x': 'c0'} is not a table of bits in hexadecimal"),
        ("expires = '2027-01-01'", "'2027-01-01' is not a date like 2027-05-21"),
        ("expires = 2027-01-01T00:00:00", "2027-01-01 00:00:00 is not a date like 2027-05-21"),
        ("seed = -1", "-1 is not a whole number from 0 on"),
        ("seed = true", "True is not a whole number from 0 on"),
        ("reason = 3", "3 is not a text"),
        ("function = ' '", "' ' is not a text"),
    ],
)
def test_a_wrong_field_is_a_sentence_with_its_line(line: str, said: str | None) -> None:
    name = line.split(" ")[0]
    lines = [old for old in ENTRY.split("\n\n")[0].splitlines() if not old.startswith(f"{name} =")]
    text = "\n".join(["version = 1", "", *lines, line, ""])
    if said is None:
        assert len(entries(text, PLACE)) == 1
        return
    with pytest.raises(LedgerError) as refusal:
        entries(text, PLACE)
    assert str(refusal.value) == f"ledger 'ledger.toml', entry at line 3: {name} = {said}"


def test_duplicate_entries_are_refused_with_both_lines() -> None:
    lines = TEXT.splitlines()
    at = [k for k, line in enumerate(lines, 1) if line == "[[verdict]]"]
    with pytest.raises(LedgerError) as refusal:
        entries(f"{TEXT}\n{section(KNOWN).text}", PLACE)
    assert str(refusal.value) == (
        f"ledger 'ledger.toml', entry at line {len(lines) + 2}: the same target, function, "
        f"property, format and platform as at line {at[1]}; keep one of them"
    )


def test_a_ledger_that_was_cut_anywhere_is_refused_or_holds_whole_entries_only() -> None:
    told = [_read_or_told(TEXT[:cut]) for cut in range(len(TEXT))]
    sentences = [said for said in told if isinstance(said, str)]
    assert len(sentences) > 0.9 * len(TEXT)
    assert not any("\n" in said for said in sentences)
    # at the end of an entry it is whole; within the last line it may have lost a date, no more
    whole = {e.key for e in entries(TEXT, PLACE)}
    assert all({e.key for e in found} <= whole for found in told if not isinstance(found, str))


def _read_or_told(text: str) -> tuple[Entry, ...] | str:
    try:
        return entries(text, PLACE)
    except LedgerError as error:
        return str(error)


def test_a_ledger_that_ends_too_early_is_refused_with_its_last_line() -> None:
    cut = TEXT[: TEXT.rindex('"fail') + 3]
    with pytest.raises(LedgerError) as refusal:
        entries(cut, PLACE)
    assert str(refusal.value) == (
        "ledger 'ledger.toml' is no TOML: Unterminated string (at line "
        f"{len(cut.splitlines())}, the last); mend it there, or restore the file"
    )


def test_an_entry_within_a_text_of_several_lines_is_not_cut_apart() -> None:
    tricky = TEXT.replace('reason = "known"', "reason = '''\n[[verdict]]\n'''")
    assert len(entries(tricky, PLACE)) == 2
    with pytest.raises(LedgerError, match=r"a text over several lines holds \[\[verdict\]\]"):
        sections(tricky, PLACE)


def test_a_ledger_that_is_not_there_or_no_text_is_a_sentence(tmp_path: Path) -> None:
    place = tmp_path / "ledger.toml"
    with pytest.raises(LedgerError) as refusal:
        read(place)
    assert str(refusal.value) == (
        f"there is no ledger {str(place)!r}: write it with `ulpian ledger update TARGET --ledger "
        f"{place}`"
    )
    place.write_bytes(b"version = 1\n# \xff\n")
    with pytest.raises(LedgerError, match=r"cannot be read: 'utf-8' codec can't decode"):
        read(place)
    with pytest.raises(LedgerError, match=r"cannot be read: Is a directory$"):
        read(tmp_path)
    place.write_text("version = 1\n[[verdict]\n")
    with pytest.raises(LedgerError, match=r"is no TOML: .*line 2.*; mend it there, or restore"):
        read(place)


# ---------------------------------------------------------------- update, prune, diff


def test_an_update_records_findings_and_only_with_all_what_passes() -> None:
    run = report(FAIL, replace(PASS, function="tanh"), replace(UNSUPPORTED, format="float16"))
    text, changes = record.updated(EMPTY, PLACE, [run], today=TODAY)
    assert [str(c) for c in changes] == [
        "+ mypkg · gelu · value.accuracy · float32: sound, error 99 ulp"
    ]
    (entry,) = entries(text, PLACE)
    assert entry == replace(KNOWN, first_seen=TODAY)
    text, changes = record.updated(text, PLACE, [run], today=TODAY, everything=True)
    assert [e.status for e in entries(text, PLACE)] == [
        Status.UNSUPPORTED,
        Status.FAIL,
        Status.PASS,
    ]
    again = record.updated(text, PLACE, [run], today=date(2028, 1, 1), everything=True)
    assert again == (text, [])


def test_words_fill_what_is_empty_and_renew_what_expired() -> None:
    told = Words(reason="known", link="#1", expires=date(2027, 1, 1), platform="linux-*")
    text, _ = record.updated(EMPTY, PLACE, [report(FAIL)], today=TODAY, words=told)
    (entry,) = entries(text, PLACE)
    assert (entry.reason, entry.link) == ("known", "#1")
    assert (entry.expires, entry.platform) == (date(2027, 1, 1), "linux-*")
    later = Words(reason="other", expires=date(2029, 1, 1))
    assert record.updated(text, PLACE, [report(FAIL)], today=TODAY, words=later) == (text, [])
    text, changes = record.updated(text, PLACE, [report(FAIL)], today=date(2028, 1, 1), words=later)
    assert [c.why for c in changes] == ["expires changed"]
    (entry,) = entries(text, PLACE)
    assert (entry.reason, entry.expires) == ("known", date(2029, 1, 1))


def test_a_platform_that_does_not_match_is_refused() -> None:
    with pytest.raises(LedgerError) as refusal:
        record.updated(EMPTY, PLACE, [report(FAIL)], today=TODAY, words=Words(platform="darwin-*"))
    assert str(refusal.value) == (
        f"--platform 'darwin-*' does not match {HERE}, where this was run: give a pattern that "
        'does, for example "linux-*"'
    )


def test_a_lesser_run_does_not_soften_what_is_recorded() -> None:
    text = joined(EMPTY, [section(replace(KNOWN, level=Level.UNSOUND))])
    better = report(FAIL, profile="smoke")
    assert record.updated(text, PLACE, [better], today=TODAY) == (text, [])
    text, changes = record.updated(text, PLACE, [report(FAIL)], today=TODAY)
    assert [c.why for c in changes] == ["unsound, error 99 ulp; now sound, error 99 ulp"]
    worse = report(replace(FAIL, level=Level.UNSOUND), profile="smoke", seed=7)
    text, _ = record.updated(text, PLACE, [worse], today=TODAY)
    (entry,) = entries(text, PLACE)
    assert (entry.level, entry.profile, entry.seed) == (Level.UNSOUND, "smoke", 7)


def test_figures_of_a_wide_platform_follow_the_level_only() -> None:
    wide = joined(EMPTY, [section(replace(KNOWN, platform="linux-*"))])
    more = report(replace(FAIL, error_ulp=500.0))
    assert record.updated(wide, PLACE, [more], today=TODAY) == (wide, [])
    exact = joined(EMPTY, [section(KNOWN)])
    assert record.updated(exact, PLACE, [more], today=TODAY)[1]


def test_what_an_update_writes_the_gate_holds() -> None:
    verdicts = (
        FAIL,
        replace(FAIL, function="tanh", level=Level.UNSOUND, error_ulp=math.nan),
        replace(FAIL, format="float16", level=None, error_ulp=math.inf, witness=None),
        replace(FAIL, property="value.range", witness=Witness({}, {"x": ["0x1", "-3"]})),
    )
    text, changes = record.updated(EMPTY, PLACE, [report(*verdicts)], today=TODAY)
    assert len(changes) == 4
    found = gated(report(*verdicts), entries(text, PLACE), ledger="l", today=TODAY)
    assert len(found.held) == 4
    assert record.differences(text, PLACE, [report(*verdicts)], today=TODAY) == []


def test_pruning_removes_fixed_expired_and_unmatched_entries_only() -> None:
    known = [
        KNOWN,
        replace(KNOWN, function="tanh", expires=date(2026, 1, 1)),
        replace(KNOWN, function="gelo"),
        replace(KNOWN, property="value.range"),
        replace(KNOWN, property="grad.kink"),
        replace(KNOWN, target="torch", function="gone"),
    ]
    run = report(
        PASS,
        replace(FAIL, function="tanh"),
        replace(FAIL, property="value.range"),
        replace(FAIL, property="grad.kink", level=Level.UNSOUND),
    )
    text = joined(EMPTY, map(section, known))
    after, gone = record.pruned(text, PLACE, [run], today=TODAY)
    assert sorted(c.entry.function for c in gone) == ["gelo", "gelu", "tanh"]
    assert {(e.target, e.property) for e in entries(after, PLACE)} == {
        ("mypkg", "value.range"),
        ("mypkg", "grad.kink"),
        ("torch", "value.accuracy"),
    }
    told = record.differences(text, PLACE, [run], today=TODAY)
    assert sorted(c.mark for c in told) == ["-", "-", "-", "~"]
    assert record.pruned(text, PLACE, [replace(run, complete=False)], today=TODAY)[1] == [
        c for c in gone if c.entry.function == "tanh"
    ]


# ---------------------------------------------------------------- the reports


def test_the_report_says_what_is_held_and_what_breaks() -> None:
    known = [
        replace(KNOWN, reason="the tail", link="#12", expires=date(2027, 5, 21)),
        replace(KNOWN, format="float64"),
    ]
    run = report(FAIL, replace(PASS, format="float64"), replace(PASS, function="tanh"))
    found = gated(run, known, ledger="ledger.toml", today=TODAY)
    for text in (as_text(found), as_concise(found)):
        assert "  held       1 by ledger.toml\n" in text
        assert "gelu:value.accuracy float32: the tail, #12, until 2027-05-21\n" in text
        assert re.search(r"gelu · value.accuracy · float64 · mypkg +no longer fails\n", text)
        assert "  remove     ulpian ledger prune mypkg --select gelu:value.accuracy" in text
        assert "sound =" in text
        assert "= held by the ledger" in text
        assert text.endswith("exit 1: 1 breach of the ledger\n")
        assert " · 1 held · " in text
    data = json.loads(as_json(found))
    assert data["exit_code"] == 1
    assert data["gate"]["held"][0]["link"] == "#12"
    assert data["gate"]["breaches"][0]["kind"] == "fixed"


def test_the_concise_report_shows_breaches_among_many_findings() -> None:
    many = [replace(FAIL, function=name) for name in "abcdefgh"]
    held = [replace(FAIL, function=f"h{k}") for k in range(12)]
    known = [replace(KNOWN, function=v.function) for v in held]
    found = gated(report(*many, *held, PASS), [*known, KNOWN], ledger="ledger.toml", today=TODAY)
    text = as_concise(found)
    assert "no longer fails" in text
    assert "  held       12 by ledger.toml\n" in text
    assert "h0:value.accuracy float32; h1:" in text
    assert text.endswith("exit 1: 8 findings below accurate and 1 breach of the ledger\n")


# ---------------------------------------------------------------- two writers, a full disk, a kill


def _record(place: str, names: list[str]) -> None:
    """One writer: an update for each name, one after another."""
    for name in names:
        run = report(replace(FAIL, function=name))
        record.rewritten(
            Path(place),
            lambda text, path, run=run: record.updated(  # type: ignore[misc]
                text, path, [run], today=TODAY
            ),
            new=True,
        )


def _writer(place: Path, names: list[str]) -> multiprocessing.process.BaseProcess:
    process = multiprocessing.get_context("spawn").Process(target=_record, args=(str(place), names))
    process.start()
    return process


def test_writers_at_once_lose_nothing(tmp_path: Path) -> None:
    place = tmp_path / "ledger.toml"
    names = [[f"f{w}_{k}" for k in range(12)] for w in range(3)]
    writers = [_writer(place, own) for own in names]
    for writer in writers:
        writer.join(120)
    assert [w.exitcode for w in writers] == [0, 0, 0]
    assert [e.function for e in read(place)] == sorted(n for own in names for n in own)
    assert os.listdir(tmp_path) == ["ledger.toml"]


def test_a_writer_that_is_killed_leaves_a_whole_ledger_and_the_next_goes_on(tmp_path: Path) -> None:
    place = tmp_path / "ledger.toml"
    for wait in (0.0, 0.013, 0.05):
        place.unlink(missing_ok=True)
        writer = _writer(place, [f"f{k:04}" for k in range(2000)])
        while not place.exists():
            time.sleep(0.001)
        time.sleep(wait)
        assert writer.pid is not None
        os.kill(writer.pid, signal.SIGKILL)
        writer.join(10)
        before = {e.function for e in read(place)}
        _record(str(place), ["last"])
        assert {e.function for e in read(place)} == before | {"last"}


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS])
def test_a_disk_that_fails_leaves_the_ledger_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    place = tmp_path / "ledger.toml"
    place.write_text(OWN)

    def fail(*_: Any) -> NoReturn:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(ValueError, match=r"^cannot write '.*ledger.toml': ") as refusal:
        _record(str(place), ["gelu", "new"])
    assert os.strerror(code) in str(refusal.value)
    assert place.read_text() == OWN
    assert os.listdir(tmp_path) == ["ledger.toml"]


def test_every_fault_of_a_ledger_and_its_disk_keeps_it_and_is_told(tmp_path: Path) -> None:
    found = list(ledger_faults.rows(tmp_path))
    assert len(found) == len(ledger_faults.SPOILT) + len(ledger_faults.DISKS) + 2
    assert [row for row in found if not row.ok] == []


# ---------------------------------------------------------------- the commands


class Said(NamedTuple):
    code: int
    out: str
    err: str


Command = Callable[..., Said]


@pytest.fixture
def ulpian(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Command:
    """Run a command line in this process, in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])

    def run(*arguments: str) -> Said:
        with pytest.raises(SystemExit) as stopped:
            cli.main(arguments)
        out, err = capsys.readouterr()
        code = stopped.value.code
        assert isinstance(code, int)
        return Said(code, out, err)

    return run


@pytest.fixture
def court(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What targets are found to be, instead of a run."""
    found: dict[str, Any] = {"mypkg": report(FAIL, replace(PASS, function="tanh"))}

    def judge(target: str, **_: Any) -> Report:
        if isinstance(found[target], BaseException):
            raise found[target]
        one: Report = found[target]
        return replace(one, target=target)

    monkeypatch.setattr(runner, "check_target", judge)
    return found


def test_a_finding_is_held_then_worse_then_gone(ulpian: Command, court: dict[str, Any]) -> None:
    assert ulpian("check", "mypkg").code == 1
    said = ulpian("ledger", "update", "mypkg", "--reason", "known", "--expires", "2999-01-01")
    assert said == (
        0,
        "+ mypkg · gelu · value.accuracy · float32: sound, error 99 ulp\n"
        "ulpian-ledger.toml: 1 recorded or changed\n",
        "",
    )
    held = ("--ledger", "ulpian-ledger.toml")
    assert ulpian("check", "mypkg", *held).code == 0
    assert ulpian("check", "mypkg").code == 1
    assert ulpian("ledger", "diff", "mypkg") == (0, "ulpian-ledger.toml: 0 would change\n", "")

    court["mypkg"] = report(replace(FAIL, level=Level.UNSOUND))
    said = ulpian("check", "mypkg", *held)
    assert said.code == 1
    assert "it was sound, and is unsound now" in said.out
    assert ulpian("ledger", "diff", "mypkg").code == 1

    court["mypkg"] = report(PASS)
    said = ulpian("check", "mypkg", *held)
    assert said.code == 1
    assert "it no longer fails" in said.out
    assert ulpian("ledger", "prune", "mypkg").out.endswith("ulpian-ledger.toml: 1 removed\n")
    assert ulpian("check", "mypkg", *held).code == 0


def test_a_ledger_can_be_updated_from_a_report(ulpian: Command, court: dict[str, Any]) -> None:
    for form in ("json", "jsonl"):
        place = Path(f"report.{form}")
        text = as_json(court["mypkg"])
        if form == "jsonl":
            from ulpian.checks.reports.events import as_json_lines

            text = as_json_lines([court["mypkg"]])
        place.write_text(text)
        said = ulpian("ledger", "update", "--from", str(place), "--ledger", f"{form}.toml")
        assert said.code == 0, said.err
        (entry,) = read(Path(f"{form}.toml"))
        assert entry.level == Level.SOUND


def test_the_ledger_of_the_configuration_is_that_of_check_and_of_its_commands(
    ulpian: Command, court: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("pyproject.toml").write_text('[tool.ulpian]\ntargets = ["mypkg"]\nledger = "known.toml"\n')
    assert ulpian("ledger", "update").out.endswith("known.toml: 1 recorded or changed\n")
    assert ulpian("check").code == 0
    Path("inner").mkdir()
    monkeypatch.chdir("inner")
    said = ulpian("check")
    assert said.code == 0
    assert "1 by ../known.toml" in said.out


def test_without_a_target_those_of_the_ledger_are_judged(
    ulpian: Command, court: dict[str, Any]
) -> None:
    ulpian("ledger", "update", "mypkg")
    court["mypkg"] = report(PASS)
    assert ulpian("ledger", "prune").out.endswith("1 removed\n")


def test_an_update_with_nothing_to_record_begins_a_ledger(
    ulpian: Command, court: dict[str, Any]
) -> None:
    court["mypkg"] = report(PASS)
    assert ulpian("ledger", "update", "mypkg").code == 0
    assert Path("ulpian-ledger.toml").read_text() == EMPTY
    assert ulpian("check", "mypkg", "--ledger", "ulpian-ledger.toml").code == 0


def test_an_interrupted_run_records_nothing(ulpian: Command, court: dict[str, Any]) -> None:
    court["mypkg"] = replace(court["mypkg"], complete=False)
    assert ulpian("ledger", "update", "mypkg") == (130, "", "ulpian: interrupted\n")
    assert not Path("ulpian-ledger.toml").exists()


def test_what_cannot_be_judged_is_no_verdict_and_the_rest_is_recorded(
    ulpian: Command, court: dict[str, Any]
) -> None:
    from ulpian.checks.usage import UsageError

    court["gone"] = UsageError("cannot import 'gone'")
    said = ulpian("ledger", "update", "gone", "mypkg")
    assert (said.code, said.err) == (2, "ulpian: cannot import 'gone'\n")
    assert len(read(Path("ulpian-ledger.toml"))) == 1


BAD = [
    (
        ("check", "mypkg", "--ledger", "gone.toml"),
        "there is no ledger 'gone.toml': write it with `ulpian ledger update TARGET --ledger "
        "gone.toml`",
    ),
    (
        ("ledger", "prune", "mypkg"),
        "there is no ledger 'ulpian-ledger.toml': write it with `ulpian ledger update TARGET "
        "--ledger ulpian-ledger.toml`",
    ),
    (
        ("ledger", "diff"),
        "there is no ledger 'ulpian-ledger.toml': write it with `ulpian ledger update TARGET "
        "--ledger ulpian-ledger.toml`",
    ),
    (
        ("ledger", "update"),
        "nothing to judge: name a TARGET, for example torch, or list targets in [tool.ulpian] of "
        "pyproject.toml",
    ),
    (
        ("ledger", "update", "mypkg", "--ledger", "no/place.toml"),
        "'no/place.toml': there is no folder 'no'; make it first",
    ),
    (
        ("ledger", "update", "mypkg", "--from", "report.json"),
        "--from 'report.json' takes the place of a run: leave 'mypkg' out",
    ),
    (
        ("ledger", "update", "--from", "report.json"),
        "--from 'report.json' cannot be read: No such file or directory",
    ),
    (
        ("ledger", "update", "mypkg", "--expires", "soon"),
        "Invalid value for '--expires': 'soon' does not match the format '%Y-%m-%d'; see `ulpian "
        "ledger update --help`",
    ),
    (
        ("ledger", "update", "mypkg", "--platform", "plan9-*"),
        f"--platform 'plan9-*' does not match {HERE}, where this was run: give a pattern that "
        'does, for example "linux-*"',
    ),
    (("ledger", "burn"), "No such command 'burn'; see `ulpian ledger --help`"),
]


@pytest.mark.parametrize(("arguments", "sentence"), BAD, ids=lambda a: " ".join(a)[:40])
def test_a_bad_request_is_one_sentence_and_no_verdict(
    ulpian: Command, court: dict[str, Any], arguments: tuple[str, ...], sentence: str
) -> None:
    assert ulpian(*arguments) == (2, "", f"ulpian: {sentence}\n")


@pytest.mark.parametrize("command", [("check", "mypkg"), ("ledger", "update", "mypkg")])
def test_a_spoilt_ledger_is_never_taken_for_an_empty_one(
    ulpian: Command, court: dict[str, Any], command: tuple[str, ...]
) -> None:
    place = Path("known.toml")
    for spoilt in ("", TEXT[:-20], TEXT[: len(TEXT) // 2], "{}", f"{TEXT}\n{ENTRY}"):
        place.write_text(spoilt)
        said = ulpian(*command, "--ledger", "known.toml")
        assert (said.code, said.out) == (2, "")
        assert said.err.startswith("ulpian: ledger 'known.toml'")
        assert said.err.count("\n") == 1
        assert place.read_text() == spoilt


def test_a_report_that_is_none_is_refused(ulpian: Command) -> None:
    Path("report.json").write_text("not a report")
    said = ulpian("ledger", "update", "--from", "report.json")
    assert said.code == 2
    assert said.err.startswith("ulpian: --from 'report.json' holds no report: ")


CARELESS = """\
import numpy as np


def sigmoid(x):
    return np.where(x < -3, 0 * x, 1 / (1 + np.exp(-x)))
"""
MENDED = """\
import numpy as np


def sigmoid(x):
    y = x.astype("float32")
    return (1 / (1 + np.exp(-y))).astype(x.dtype)
"""


def test_a_planted_bug_is_held_a_worse_one_breaks_and_a_fix_is_noticed(
    ulpian: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = "careless_for_the_ledger"
    module = Path(f"{name}.py")
    words = (name, "--select", "sigmoid:value.accuracy", "--format", "float16", "--jobs", "1")
    held = ("--ledger", "ulpian-ledger.toml")
    module.write_text(CARELESS)
    assert ulpian("check", *words).code == 1
    assert ulpian("ledger", "update", *words).code == 0
    said = ulpian("check", *words, *held)
    assert said.code == 0, said.out
    assert "1 by ulpian-ledger.toml" in said.out

    for text, told in (
        (CARELESS.replace("0 * x", "0 * x - 1"), "worse than recorded"),
        (MENDED, "no longer fails"),
    ):
        module.write_text(text)
        monkeypatch.delitem(sys.modules, name)
        said = ulpian("check", *words, *held)
        assert said.code == 1, said.out
        assert told in said.out
    assert ulpian("ledger", "prune", *words).out.endswith("1 removed\n")
    assert ulpian("check", *words, *held).code == 0
