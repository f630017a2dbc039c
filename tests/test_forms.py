"""Every form of a report opens in a real consumer, whatever the report holds."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import junitparser
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from jsonschema import Draft7Validator, Draft202012Validator, ValidationError
from markdown_it import MarkdownIt

from ulpian.checks import check, cli
from ulpian.checks.reports import event_schema, schema
from ulpian.checks.reports.github import MOST
from ulpian.checks.reports.stored import stored
from ulpian.checks.reports.written import FORMS, written
from ulpian.checks.verdict import Breach, Gate, Held, Report, Source, Status, Verdict, Witness
from ulpian.reference.level import Level

from .generated_reports import reports

NASTY = (
    "50% ]]> <script>alert(1)</script> a|b `tick` [x](y) {0}\x00\x1b\ud800\r\n::error::@you, : é"
)


def a_verdict(
    status: Status = Status.FAIL, level: Level | None = Level.SOUND, **fields: Any
) -> Verdict:
    plain = Verdict("log_sigmoid", "value.accuracy", "float32", status, level, seconds=0.25)
    return replace(plain, **fields)


WITNESS = Witness({"x": -5.5}, {"x": "0xc0b00000"}, 1.0, 2.0, "0x3f800000", "0x40000000", 99.0, 8.0)
EVERY = Report(
    "my.kernels",
    Level.ACCURATE,
    (
        a_verdict(Status.PASS, Level.EXACT, format="float16", traits=("flushes subnormals",)),
        a_verdict(error_ulp=99.0, witness=WITNESS),
        a_verdict(level=Level.UNSOUND, property="grad.kink", message=NASTY),
        a_verdict(Status.UNDECIDED, Level.EXACT, property="identity.slope", message="3 points"),
        a_verdict(Status.UNSUPPORTED, None, property="grad.second", message="no second"),
        a_verdict(Status.ERROR, None, property="loss.weight", message=f"failed here {NASTY}"),
    ),
    environment={"ulpian": "0.1.0"},
    functions=("log_sigmoid",),
    formats=("float16", "float32"),
    sources={"log_sigmoid": Source("my kernels/fast.py", 7), "log_sigmoid_vjp": Source("b.py", 9)},
)
FINE = replace(EVERY, verdicts=EVERY.verdicts[:1])
NAMES = ("log_sigmoid", "value.accuracy", "float32")
GATED = replace(
    EVERY,
    verdicts=EVERY.verdicts[:2],
    gate=Gate(
        "ulpian.toml",
        held=(Held(*NAMES, reason="known: a|b", expires="2027-05-21"),),
        breaches=(
            Breach("fixed", "tanh", "grad.kink", "float64", "it passes", {"remove": "rm it"}),
        ),
    ),
)


@cache
def of_a_run() -> Report:
    return check("textbook", select=("sigmoid",), formats=("float32",), profile="smoke")


@pytest.mark.parametrize("command", ["check", "report"])
def test_the_help_names_every_form(command: str) -> None:
    said = CliRunner().invoke(cli.ulpian, [command, "--help"]).output
    assert ", ".join(FORMS[:-1]) + f" or {FORMS[-1]}" in " ".join(said.split())


@pytest.mark.parametrize("form", FORMS)
def test_a_form_is_the_same_for_a_report_and_for_what_is_read_from_its_stream(form: str) -> None:
    for report in (EVERY, GATED, of_a_run()):
        back = stored(written("jsonl", [report]))
        assert written(form, back) == written(form, [report])


# ---------------------------------------------------------------- JSON


def test_json_holds_one_report_or_several_and_is_read_back() -> None:
    validator = Draft202012Validator(schema())
    validator.validate(json.loads(written("json", [EVERY])))
    for report in json.loads(written("json", [EVERY, FINE])):
        validator.validate(report)
    assert stored(written("json", [EVERY, FINE])) == (EVERY, FINE)
    assert stored(written("json", [EVERY])) == (EVERY,)


def test_json_lines_hold_one_event_each_and_are_read_back() -> None:
    text = written("jsonl", [EVERY, of_a_run()])
    for line in text.splitlines():
        Draft202012Validator(event_schema()).validate(json.loads(line))
    assert [len(r.verdicts) for r in stored(text)] == [6, len(of_a_run().verdicts)]


@pytest.mark.parametrize(
    "damage",
    [
        {"event": "tea"},
        {"points": -1},
        {"extra": 1},
        {"status": "good"},
        {"witness": {"inputs": {}}},
    ],
)
def test_the_schema_of_events_is_strict(damage: dict[str, Any]) -> None:
    event = json.loads(written("jsonl", [EVERY]).splitlines()[1])
    with pytest.raises(ValidationError):
        Draft202012Validator(event_schema()).validate({**event, **damage})


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "there is no report in it: it is empty"),
        ("[]", "line 1 is no event of Ulpian: '[]'"),
        ("tea", "line 1 is no event of Ulpian: 'tea'"),
        ('{"schema": 3}', "cannot read a report of schema 3: this Ulpian reads 1"),
        ('{"schema": 1}', "the report lacks 'verdicts'"),
    ],
)
def test_what_holds_no_report_is_refused_in_one_sentence(text: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(sentence)}$"):
        stored(text)


# ---------------------------------------------------------------- JUnit


def _suites(*found: Report) -> Any:
    return junitparser.JUnitXml.fromstring(written("junit", found).encode())


def test_junit_opens_in_a_library_with_one_case_for_each_verdict() -> None:
    (suite,) = _suites(EVERY)
    assert (suite.name, suite.tests, suite.failures) == ("my.kernels.log_sigmoid", 6, 2)
    assert (suite.errors, suite.skipped) == (2, 1)
    cases = {case.name: case for case in suite}
    assert list(cases) == [f"{v.property}-{v.format}" for v in EVERY.verdicts]
    (failure,) = cases["value.accuracy-float32"].result
    assert isinstance(failure, junitparser.Failure)
    assert failure.message.startswith("sound, not accurate; observed 2.0, truth 1.0; error 99 ulp")
    assert "0xc0b00000" in failure.text
    assert [type(case.result[0]).__name__ for case in suite if case.result][1:] == [
        *("Failure", "Error", "Skipped", "Error")
    ]
    assert cases["value.accuracy-float16"].time == 0.25


def test_junit_loses_only_what_xml_cannot_hold() -> None:
    (suite,) = _suites(EVERY)
    (failure,) = next(case for case in suite if case.name == "grad.kink-float32").result
    said = NASTY.replace("\x00", "").replace("\x1b", "").replace("\ud800", "")
    assert failure.message == f"unsound, not accurate; {said}"


def test_junit_of_an_unfinished_run_has_an_error() -> None:
    *_, last = _suites(replace(FINE, complete=False))
    (case,) = last
    assert isinstance(case.result[0], junitparser.Error)
    assert case.result[0].message.startswith("incomplete")
    assert _suites(replace(FINE, complete=False)).errors == 1


def test_junit_holds_several_reports() -> None:
    other = replace(EVERY, target="torch")
    assert [s.name for s in _suites(EVERY, other)] == [
        *("my.kernels.log_sigmoid", "torch.log_sigmoid")
    ]


def test_junit_uses_no_word_that_pytest_does_not_write(tmp_path: Path) -> None:
    (tmp_path / "test_all.py").write_text(
        "import pytest\n"
        "@pytest.fixture\n"
        "def broken(): raise OSError\n"
        "def test_pass(record_property, record_testsuite_property):\n"
        "    record_property('level', 'exact')\n"
        "    record_testsuite_property('seed', 1)\n"
        "def test_fail(): assert 0\n"
        "def test_error(broken): pass\n"
        "def test_skip(): pytest.skip('no')\n"
    )
    options = ("-q", "-p", "no:cacheprovider", f"--junitxml={tmp_path / 'theirs.xml'}")
    command = [sys.executable, "-m", "pytest", *options, str(tmp_path)]
    subprocess.run(command, cwd=tmp_path, capture_output=True, timeout=120, check=False)
    theirs = set(_words((tmp_path / "theirs.xml").read_text(encoding="utf-8")))
    ours = set(_words(written("junit", [EVERY, replace(FINE, complete=False)])))
    sums = {("testsuites", name) for name in ("tests", "failures", "errors", "skipped", "time")}
    assert ours - sums <= theirs


def _words(xml: str) -> Iterator[tuple[str, str]]:
    """(element, attribute) for all that stand in a document."""
    for element in ElementTree.fromstring(xml.encode()).iter():
        yield from ((element.tag, name) for name in element.attrib)


# ---------------------------------------------------------------- SARIF


SARIF = Draft7Validator(
    json.loads((Path(__file__).parent / "schemas" / "sarif-2.1.0.json").read_text("utf-8"))
)


def _log(*found: Report) -> Any:
    log = json.loads(written("sarif", found))
    SARIF.validate(log)
    return log


def test_sarif_is_valid_by_the_published_schema() -> None:
    log = _log(EVERY, replace(FINE, complete=False), of_a_run())
    assert [len(run["results"]) for run in log["runs"]] == [3, 0, len(of_a_run().findings)]
    assert of_a_run().findings
    log["runs"][0]["results"][0]["level"] = "bad"
    with pytest.raises(ValidationError):
        SARIF.validate(log)


def test_sarif_points_at_the_code_and_says_how_grave_it_is() -> None:
    (run,) = _log(EVERY)["runs"]
    by_rule = {result["ruleId"]: result for result in run["results"]}
    assert [r["level"] for r in run["results"]] == ["error", "warning", "none"]
    assert by_rule["identity"]["kind"] == "open"
    places = {name: r["locations"][0]["physicalLocation"] for name, r in by_rule.items()}
    assert places["value.accuracy"] == {
        "artifactLocation": {"uri": "my%20kernels/fast.py", "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": 7},
    }
    assert places["grad.kink"]["region"] == {"startLine": 9}  # the gradient's own code
    assert "uri" not in run["originalUriBaseIds"]["%SRCROOT%"]
    assert by_rule["value.accuracy"]["properties"]["witness"]["bits"] == {"x": "0xc0b00000"}


def test_sarif_without_a_source_still_names_the_function() -> None:
    (result, *_) = _log(replace(EVERY, sources={}))["runs"][0]["results"]
    (place,) = result["locations"]
    assert place["logicalLocations"][0]["fullyQualifiedName"] == "my.kernels.log_sigmoid"
    assert "physicalLocation" not in place


def test_sarif_rules_help_with_what_explain_says() -> None:
    (run,) = _log(EVERY)["runs"]
    rules = {rule["id"]: rule for rule in run["tool"]["driver"]["rules"]}
    assert list(rules) == ["grad.kink", "identity", "value.accuracy"]
    assert all(f"\n  {topic} " in rules["grad.kink"]["help"]["text"] for topic in ("why", "fix"))
    for result in run["results"]:
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]


def test_sarif_fingerprints_outlive_moved_lines_and_other_errors() -> None:
    def fingerprints(report: Report) -> list[str]:
        results = _log(report)["runs"][0]["results"]
        return [r["partialFingerprints"]["verdict/v1"] for r in results]

    moved = replace(EVERY, sources={"log_sigmoid": Source("my kernels/fast.py", 70)})
    worse = replace(moved, verdicts=tuple(replace(v, message="other") for v in moved.verdicts))
    assert fingerprints(worse) == fingerprints(EVERY)
    assert len(set(fingerprints(EVERY))) == 3
    assert set(fingerprints(EVERY)).isdisjoint(fingerprints(replace(EVERY, target="torch")))


def test_sarif_tells_errors_of_ulpians_own_as_notifications() -> None:
    (run,) = _log(EVERY)["runs"]
    (invocation,) = run["invocations"]
    assert not invocation["executionSuccessful"]
    (note,) = invocation["toolExecutionNotifications"]
    assert note["message"]["text"].startswith("log_sigmoid-loss.weight-float32: failed here")
    assert "{{0}}" in note["message"]["text"]
    assert _log(FINE)["runs"][0]["invocations"][0]["executionSuccessful"]


# ---------------------------------------------------------------- GitHub


def _annotations(text: str) -> list[tuple[str, dict[str, str], str]]:
    """Workflow commands as the runner reads them: kind, properties, message."""
    found = []
    for line in text.splitlines():
        command = re.fullmatch(r"::(\w+) ([^:]*)::(.*)", line)
        if command:
            pairs = (pair.partition("=") for pair in command[2].split(","))
            place = {name: _unescaped(value) for name, _, value in pairs}
            found.append((command[1], place, _unescaped(command[3])))
    return found


def _unescaped(text: str) -> str:
    for code, sign in (("%2C", ","), ("%3A", ":"), ("%0A", "\n"), ("%0D", "\r"), ("%25", "%")):
        text = text.replace(code, sign)
    return text


def test_github_reads_the_worst_first_at_its_line_and_whole() -> None:
    report = replace(EVERY, target="kernels:fast, 50%")
    first, second, *others = _annotations(written("github", [report]))
    assert first[0] == "error"
    assert first[1] == {
        "file": "b.py",
        "line": "9",
        "title": "log_sigmoid · grad.kink · float32 · kernels:fast, 50%",
    }
    assert first[2].startswith(f"unsound, not accurate; {NASTY}\nulpian check")
    assert second[1]["file"] == "my kernels/fast.py"
    assert [kind for kind, *_ in others] == ["warning", "warning"]


def test_github_gets_ten_annotations_at_most_and_the_count_of_the_rest() -> None:
    many = tuple(
        a_verdict(function=f"f{k}", format=fmt, level=Level.UNSOUND if k == 20 else Level.SOUND)
        for k in range(30)
        for fmt in ("float32", "float64")
    )
    text = written("github", [replace(FINE, verdicts=many)])
    found = _annotations(text)
    assert len(found) == MOST == 10
    assert found[0][1]["title"].startswith("f20 · value.accuracy · float32, float64")
    assert text.endswith("\n20 more are in the step summary\n")


def test_github_is_told_first_that_a_run_did_not_finish() -> None:
    (kind, _, said), *_ = _annotations(written("github", [replace(EVERY, complete=False)]))
    assert (kind, said.split(":")[0]) == ("error", "incomplete")
    assert written("github", [FINE]) == ""


# ---------------------------------------------------------------- Markdown


def _rendered(*found: Report) -> str:
    page = (
        MarkdownIt("commonmark", {"html": True}).enable("table").render(written("markdown", found))
    )
    assert isinstance(page, str)
    return page


def test_markdown_renders_as_a_table_of_levels_and_folded_findings() -> None:
    page = _rendered(replace(EVERY, target="my_own_[kernels](x)*|`<b>`"))
    assert "<h3>Ulpian: my_own_[kernels](x)*|`&lt;b&gt;`, accurate required</h3>" in page
    assert re.findall("<th>(.*)</th>", page) == ["function", "float16", "float32"]
    assert re.findall("<td>(.*)</td>", page) == ["log_sigmoid", "exact", "unsound ×"]
    assert page.count("<details>") == page.count("</details>") == 2
    assert page.count('<pre><code class="language-text">') == 2
    assert "0xc0b00000" in page


def test_markdown_lets_nothing_of_a_message_through() -> None:
    page = _rendered(EVERY)
    assert "<script>" not in page
    assert "<a " not in page
    inside = re.findall("<code>(.*)</code>", page)  # what came to no verdict
    assert len(inside) == 2
    assert any("@you" in text for text in inside)
    assert "@you" not in re.sub("<code.*?</code>", "", page, flags=re.DOTALL)


def test_markdown_shows_the_worst_and_counts_what_it_leaves_out() -> None:
    many = tuple(a_verdict(function=f"f{k}") for k in range(70))
    page = _rendered(replace(FINE, verdicts=many))
    assert page.count("<details>") == 50
    assert "20 more findings are not shown here." in page


def test_markdown_of_an_unfinished_run_says_so() -> None:
    assert "<strong>incomplete: interrupted" in _rendered(replace(FINE, complete=False))


# ---------------------------------------------------------------- badges


@pytest.mark.parametrize(
    ("found", "message", "colour"),
    [
        ([FINE], "exact", "brightgreen"),
        ([replace(EVERY, verdicts=EVERY.verdicts[:2])], "sound", "orange"),
        ([EVERY], "unsound", "red"),
        ([FINE, replace(FINE, complete=False)], "no verdict", "lightgrey"),
        ([], "no verdict", "lightgrey"),
        ([replace(EVERY, verdicts=(a_verdict(Status.PASS, Level.ACCURATE),))], "accurate", "green"),
    ],
)
def test_badges_tell_the_lowest_level(found: list[Report], message: str, colour: str) -> None:
    assert json.loads(written("badge", found)) == {
        "schemaVersion": 1,
        "label": "ulpian",
        "message": message,
        "color": colour,
    }
    picture = ElementTree.fromstring(written("badge-svg", found))
    assert "".join(picture.itertext()).split() == [
        "ulpian:",
        *message.split(),
        "ulpian",
        *message.split(),
    ]


# ---------------------------------------------------------------- the ledger


def test_junit_skips_what_the_ledger_holds_and_fails_where_it_is_broken() -> None:
    function, ledger = _suites(GATED)
    assert (function.failures, function.skipped) == (0, 1)
    assert [case.result[0].message for case in function if case.result] == [
        "held by the ledger: known: a|b"
    ]
    (case,) = ledger
    assert (ledger.name, case.name) == ("my.kernels.ledger", "tanh-grad.kink-float64")
    assert (case.result[0].type, case.result[0].message) == ("fixed", "it passes")


def test_sarif_suppresses_what_the_ledger_holds_with_the_users_reason() -> None:
    broken, held = _log(GATED)["runs"][0]["results"]
    assert held["suppressions"] == [{"kind": "external", "justification": "known: a|b"}]
    assert (broken["ruleId"], broken["level"]) == ("ledger.fixed", "error")
    assert broken["message"]["text"] == "tanh-grad.kink-float64: it passes"
    assert "suppressions" not in broken


def test_github_and_markdown_name_the_breaches_and_leave_out_what_is_held() -> None:
    ((kind, place, said),) = _annotations(written("github", [GATED]))
    assert (kind, said) == ("error", "it passes\nrm it")
    assert place == {"title": "tanh · grad.kink · float64 · my.kernels"}
    page = _rendered(GATED)
    assert "tanh · grad.kink · float64: <code>it passes</code>" in page
    assert "<li>remove: <code>rm it</code></li>" in page
    assert "1 verdicts are as the ledger <code>ulpian.toml</code> has them." in page
    assert "<details>" not in page


# ---------------------------------------------------------------- whatever a report holds


@given(reports())
@settings(max_examples=25, deadline=None)
def test_every_form_of_any_report_opens(report: Report) -> None:
    ElementTree.fromstring(written("junit", [report]).encode())
    _log(report)
    assert len(_annotations(written("github", [report]))) <= MOST
    assert "<h3>Ulpian" in _rendered(report)
    ElementTree.fromstring(written("badge-svg", [report]))
    for form in ("concise", "text"):
        assert written(form, [report]).endswith("\n")
