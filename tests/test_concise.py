"""The concise report: short whatever was found, and no finding without a word."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from ulpian.checks import reports
from ulpian.checks.reports.concise import FEW, MOST, as_concise
from ulpian.checks.reports.findings import distinct
from ulpian.checks.seeds import SEED
from ulpian.checks.verdict import Report, Status, Verdict, Witness
from ulpian.reference.formats import USUAL
from ulpian.reference.level import Level

WITNESS = Witness({"x": -5.5}, {"x": "0xc0b00000"}, -1.0, -2.0, error_ulp=9.0, bound_ulp=8.0)
FINDING = Verdict("gelu", "value.accuracy", "float32", Status.FAIL, Level.SOUND, 9.0, WITNESS)
PASS = Verdict("tanh", "value.accuracy", "float32", Status.PASS, Level.FAITHFUL, 0.9, points=500)


def a_report(*verdicts: Verdict, **fields: object) -> Report:
    return replace(Report("torch", Level.ACCURATE, verdicts, seed=SEED), **fields)  # type: ignore[arg-type]


def everywhere(verdict: Verdict) -> list[Verdict]:
    return [replace(verdict, format=name) for name in USUAL]


def named(count: int, **fields: object) -> list[Verdict]:
    return [replace(FINDING, function=f"f{k}", **fields) for k in range(count)]  # type: ignore[arg-type]


@pytest.mark.parametrize("count", range(FEW + 1))
def test_a_report_with_few_findings_is_shown_in_full(count: int) -> None:
    report = a_report(PASS, *named(count))
    assert as_concise(report) == reports.as_text(report)


def test_one_property_that_fails_in_all_formats_is_one_block() -> None:
    half = replace(FINDING, function="elu", format="float16")
    shown = as_concise(a_report(PASS, half, *everywhere(FINDING)))
    assert "gelu · value.accuracy · all formats                          sound\n" in shown
    assert "elu · value.accuracy · float16                               sound\n" in shown
    assert shown.count("gelu · value.accuracy") == 1


def test_a_block_shows_the_worst_witness() -> None:
    some = everywhere(FINDING)
    worse = replace(WITNESS, inputs={"x": 3.0}, observed=math.nan, error_ulp=math.inf)
    some[1] = replace(some[1], level=Level.UNSOUND, witness=worse, message="it jumps")
    shown = as_concise(a_report(*some))
    assert (
        "gelu · value.accuracy · all formats                          unsound\n"
        "  it jumps; observed nan, truth -1; at x = 3 in bfloat16\n"
    ) in shown
    assert shown.count("observed") == 1


def test_the_error_and_its_bound_are_told_where_they_are_finite() -> None:
    shown = as_concise(a_report(*everywhere(FINDING)))
    assert "observed -2, truth -1; error 9 ulp, bound 8 ulp; at x = -5.5 in bfloat16\n" in shown


def test_a_finding_without_a_witness_has_its_message() -> None:
    bare = replace(FINDING, witness=None, level=None, message="it raised")
    shown = as_concise(a_report(*everywhere(bare)))
    assert "all formats                          failed\n  it raised\n" in shown


def test_what_differs_in_function_property_or_status_is_distinct() -> None:
    others = [
        replace(FINDING, function="elu"),
        replace(FINDING, property="grad.accuracy"),
        replace(FINDING, status=Status.ERROR),
    ]
    assert len(distinct([FINDING, replace(FINDING, format="float16"), *others])) == 4


def test_many_findings_are_cut_but_each_function_keeps_its_worst() -> None:
    minor = [replace(FINDING, property=f"value.p{k}") for k in range(2 * MOST)]
    worst = replace(FINDING, property="grad.accuracy", level=Level.UNSOUND)
    shown = as_concise(a_report(PASS, *minor, worst, *named(3)))
    heads = [line for line in shown.splitlines() if " · float32" in line]
    assert len(heads) == MOST
    assert heads[0].startswith("gelu · grad.accuracy")
    assert {line.split()[0] for line in heads} == {"gelu", "f0", "f1", "f2"}
    assert f"not shown  {2 * MOST + 4 - MOST} more distinct findings (gelu {MOST + 4})" in shown


def test_what_is_not_shown_is_counted_and_how_to_see_it_is_said() -> None:
    unsupported = replace(PASS, property="grad.second", status=Status.UNSUPPORTED, level=None)
    report = a_report(replace(PASS, traits=("one", "two")), unsupported, *everywhere(FINDING))
    shown = as_concise(report)
    assert "  not shown  2 traits; 1 unsupported\n" in shown
    assert "  in full    the same command with --output-format text\n" in shown
    first = reports.reproduce(everywhere(FINDING)[1], report)
    assert f"  the first  {first}\n" in shown


def test_what_is_open_is_named_once_for_all_formats() -> None:
    open_ = replace(PASS, status=Status.UNDECIDED, message="3 points")
    failed = replace(PASS, function="elu", status=Status.ERROR, message="Ulpian failed here")
    shown = as_concise(a_report(*everywhere(open_), *everywhere(failed)))
    assert "undecided  tanh · value.accuracy · all formats\n  3 points\n" in shown
    assert "error  elu · value.accuracy · all formats\n  Ulpian failed here\n" in shown
    assert shown.endswith("exit 2: no verdict: something is undecided or in error\n")


def test_the_table_and_the_closing_lines_are_those_of_the_full_report() -> None:
    report = a_report(PASS, *named(9))
    short, full = as_concise(report).split("\n\n"), reports.as_text(report).split("\n\n")
    assert short[:2] == full[:2]
    assert short[-1] == full[-1]


def test_a_block_has_three_lines_at_most_and_none_is_too_long() -> None:
    row = Witness({"z": [1.23456789] * 9, "t": [1.23456789] * 9}, {}, 0.5, 0.25, origin="a " * 90)
    long = replace(FINDING, function="bce_with_logits", witness=row, message="word " * 20)
    found = [replace(long, property=f"identity.delta_after_sigmoid{k}") for k in range(9)]
    blocks = as_concise(a_report(PASS, *found)).split("\n\n")[2].splitlines()
    assert len(blocks) <= 3 * 9
    assert max(map(len, blocks)) <= 100


def test_colour_is_given_only_when_asked() -> None:
    report = a_report(*everywhere(FINDING))
    assert "\x1b[" not in as_concise(report)
    assert "\x1b[" in as_concise(report, colour=True)
