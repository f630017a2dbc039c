"""The event stream: an exact inverse, whatever a report holds and wherever it was cut."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from ulpian.checks.reports import event_schema, events
from ulpian.checks.runs.run import check, check_target
from ulpian.checks.verdict import Report, Status, Verdict, Witness
from ulpian.reference.level import Level

from .generated_reports import reports


@given(reports())
def test_a_report_comes_back_from_its_events_as_it_was(report: Report) -> None:
    assert events.report(events.events(report)) == report


@given(st.lists(reports(), max_size=3))
def test_reports_come_back_from_json_lines_as_they_were(found: list[Report]) -> None:
    text = events.as_json_lines(found)
    assert list(events.parsed(text)) == found
    assert len(text.splitlines()) == text.count("\n") == len(text.encode("ascii").splitlines())


@given(reports())
@settings(max_examples=50)
def test_every_event_is_valid_by_the_schema(report: Report) -> None:
    validator = Draft202012Validator(event_schema())
    for event in events.events(report):
        validator.validate(event)


@given(reports(), st.data())
def test_a_stream_cut_anywhere_gives_the_verdicts_that_were_whole(
    report: Report, data: st.DataObject
) -> None:
    lines = events.as_json_lines([report]).splitlines(keepends=True)
    kept = data.draw(st.integers(1, len(lines) - 1))
    cut = data.draw(st.integers(0, len(lines[kept]) - 2))  # before the last brace of a line
    (found,) = events.parsed("".join(lines[:kept]) + lines[kept][:cut])
    assert found.verdicts == report.verdicts[: kept - 1]
    assert not found.complete
    assert found.target == report.target


REPORT = Report(
    "torch",
    Level.ACCURATE,
    (Verdict("gelu", "value.accuracy", "float32", Status.PASS, Level.EXACT, 0.5, points=9),),
    functions=("gelu", "tanh"),
)


def test_verdicts_that_arrive_in_any_order_stand_in_the_order_of_the_functions() -> None:
    first, second = REPORT.verdicts[0], replace(REPORT.verdicts[0], function="tanh")
    whole = replace(REPORT, verdicts=(first, second))
    head, *others, last = events.events(whole)
    assert events.report([head, *reversed(others), last]) == whole


def test_numbers_of_numpy_are_written_as_numbers() -> None:
    witness = Witness(
        {"z": np.array([1.0, -np.inf]), "entry": np.int64(2)}, {"z": ["0x1", "0x2"], "entry": "2"}
    )
    strange = replace(REPORT.verdicts[0], witness=witness, points=np.int64(7))  # type: ignore[arg-type]
    event = json.loads(events.line(events.verdict_event(strange)))
    assert event["witness"]["inputs"] == {"z": [1.0, "-inf"], "entry": 2}
    assert event["points"] == 7


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("not json\n{}\n", "line 1 is no event of Ulpian: 'not json'"),
        ('{"event": "end"}\n', "a stream starts with a begin event, and this one with 'end'"),
        (
            '{"event": "begin", "schema": 99}\n',
            "cannot read events of schema 99: this Ulpian reads 1",
        ),
        (
            events.line(events.begin(REPORT)) + '{"event": "tea"}\n',
            "'tea' is no event that can stand between begin and end",
        ),
        (
            events.line(events.begin(REPORT)) + '{"event": "verdict"}\n',
            "an event of the stream lacks 'function'",
        ),
        (
            events.line({**events.begin(REPORT), "functions": 5}),
            "an event of the stream does not fit the schema: 'int' object is not iterable",
        ),
        (
            events.line({**events.begin(REPORT), "required": "good"}),
            "'good' is not a valid Level",
        ),
    ],
)
def test_what_is_no_stream_is_refused_in_one_sentence(text: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(sentence)}$"):
        events.parsed(text)


def test_one_report_is_asked_for_and_two_are_refused() -> None:
    twice = [*events.events(REPORT), *events.events(REPORT)]
    assert len(events.reports(twice)) == 2
    with pytest.raises(ValueError, match="the stream holds 2 reports, not one"):
        events.report(twice)


# ---------------------------------------------------------------- of real runs


def test_the_report_of_a_run_comes_back_as_it_was() -> None:
    report = check("textbook", select=("sigmoid", "softmax"), formats=("float32",))
    assert report.findings
    (back,) = events.parsed(events.as_json_lines([report]))
    assert _bare(back) == _bare(report)


def test_a_run_tells_its_beginning_and_each_verdict_as_it_arrives() -> None:
    heard: list[Any] = []
    options: dict[str, Any] = {"select": ("relu", "tanh"), "formats": ("float32",), "jobs": 2}
    report = check_target(
        "reference", **options, profile="smoke", begun=heard.append, listen=heard.append
    )
    head, *others = heard
    assert (head.functions, head.verdicts, head.complete) == (report.functions, (), False)
    assert sorted(others, key=lambda v: report.functions.index(v.function)) == list(report.verdicts)


def _bare(report: Report) -> list[str]:
    """A report's events as lines: NaN and NumPy's numbers are the same when they read the same."""
    return [json.dumps(event, sort_keys=True) for event in events.events(report)]
