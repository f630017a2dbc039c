"""Records: what they hold is what a check found, and what cannot be read says so."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator

from ulpian.checks import cli
from ulpian.checks.files import reviewable
from ulpian.checks.handbook import records
from ulpian.checks.handbook.chapters import conformance
from ulpian.checks.handbook.chapters import kills as kills_chapter
from ulpian.checks.handbook.document import Block, Book, Chapter, Items, Table, pages, plain, walk
from ulpian.checks.handbook.edition import STANDARD
from ulpian.checks.handbook.records import kills, recording
from ulpian.checks.handbook.records.printed import inputs, ulps
from ulpian.checks.reports.events import as_json_lines
from ulpian.checks.reports.stored import stored
from ulpian.checks.runs.run import check_target
from ulpian.checks.usage import UsageError
from ulpian.checks.verdict import Report, Status, Verdict, Witness
from ulpian.reference import oracle
from ulpian.reference.formats import FORMATS, USUAL
from ulpian.reference.level import Level, bounds
from ulpian.spec.catalogue import catalogue, find

WITHOUT_BACKENDS = """
import sys
class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("torch", "jax", "optax", "scipy"):
            raise ImportError(name)
sys.meta_path.insert(0, Absent())
from ulpian.checks.handbook.chapters import conformance, kills
from ulpian.checks.handbook.edition import STANDARD
print(len(conformance.chapter(STANDARD).pages), len(kills.chapter(STANDARD).blocks))
"""

TINY = """
import numpy as np
def relu(x):
    return np.maximum(x, 0)
def relu_vjp(x, *, cotangent):
    return (np.where(x > 0, cotangent, cotangent * 0),)
def tanh(x):
    return np.tanh(x)
def step(x):
    return np.heaviside(x, np.asarray(0.5, x.dtype))
"""


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A module of a few functions, its name; it can be imported while the tests run."""
    folder = tmp_path_factory.mktemp("target")
    (folder / "tiny_target.py").write_text(TINY)
    sys.path.insert(0, str(folder))
    yield "tiny_target"
    sys.path.remove(str(folder))
    sys.modules.pop("tiny_target", None)


@pytest.fixture(scope="module")
def report(tiny: str) -> Report:
    return check_target(tiny)


@pytest.fixture(scope="module")
def made(tiny: str, report: Report) -> dict[str, Any]:
    return recording.record(tiny, report)


def kept(data: dict[str, Any], folder: Path) -> records.Record:
    path = folder / "tiny-1.json"
    path.write_text(reviewable(data), encoding="utf-8")
    return records.read(path)


# ---------------------------------------------------------------- the records of the package


def schema(name: str = "schema.json") -> Draft202012Validator:
    found = json.loads((records.FOLDER / name).read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(found)
    return Draft202012Validator(found)


@pytest.mark.parametrize("path", records.files(), ids=lambda p: p.stem)
def test_every_record_is_valid_by_the_schema_and_written_as_records_are(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    data = json.loads(text)
    schema().validate(data)
    assert reviewable(data) == text
    record = records.read(path)
    assert path.name == f"{record.target}-{record.version}.json"
    assert record.environment["cpu"]
    assert record.environment["ulpian"]
    names = [(s.function, s.format) for s in record.standings]
    assert names == sorted(names, key=lambda n: (n[0], list(FORMATS).index(n[1])))
    assert {s.function for s in record.standings} == set(record.definitions)


def test_each_built_in_backend_is_recorded() -> None:
    assert {r.target for r in records.load()} >= {"reference", "scipy", "textbook", "torch", "jax"}


def test_the_record_of_the_kills_is_valid_by_its_schema() -> None:
    schema("kills.schema.json").validate(json.loads(kills.FILE.read_text(encoding="utf-8")))


def test_the_reference_is_accurate_wherever_it_was_judged() -> None:
    (record,) = (r for r in records.load() if r.target == "reference")
    assert {s.level for s in record.standings} <= {
        None,
        Level.ACCURATE,
        Level.FAITHFUL,
        Level.EXACT,
    }
    assert not [s for s in record.standings if s.findings]
    assert not [(s.function, s.format, name) for s in record.standings for name, _, _ in s.open]


def plain_functions(record: records.Record) -> Iterator[tuple[records.Standing, records.Worst]]:
    """The worst values of functions of one variable without parameters, with a named input."""
    for standing in record.standings:
        function = find(standing.function)
        alone = len(function.variables) == 1 and not function.parameters
        if alone and not function.along_axis and standing.value and standing.value.at:
            yield standing, standing.value


@pytest.mark.parametrize("record", records.load(), ids=lambda r: r.name)
def test_the_bound_at_each_recorded_input_is_what_the_oracle_says(record: records.Record) -> None:
    tried = 0
    for standing, worst in plain_functions(record):
        function, fmt = find(standing.function), FORMATS[standing.format]
        at = np.array([float.fromhex(worst.at["x"])])
        answer = oracle.truth(function, [at], fmt)["value"].answers[0]
        due = bounds(answer, fmt, 0.0 if function.homogeneous else 1.0).accurate[0]
        assert recording._digits(due) == worst.at_bound_ulp, (standing.function, standing.format)
        assert (worst.level >= Level.ACCURATE) == ((worst.at_error_ulp or 0) <= due)
        tried += 1
    assert tried > 3


# ---------------------------------------------------------------- made


def test_a_record_is_valid_and_comes_back(made: dict[str, Any], tmp_path: Path) -> None:
    schema().validate(made)
    record = kept(made, tmp_path)
    assert record.definitions["tanh"] == records.definition_key(find("tanh"))
    assert set(record.of("relu")) == set(USUAL)


def test_levels_are_the_lowest_of_the_verdicts(
    made: dict[str, Any], report: Report, tmp_path: Path
) -> None:
    for standing in kept(made, tmp_path).standings:
        own = [
            v
            for v in report.verdicts
            if (v.function, v.format) == (standing.function, standing.format)
        ]
        levels = [v.level for v in own if v.level is not None]
        assert standing.level == min(levels, key=lambda level: level.rank)
        assert sum(standing.counts.values()) == len(own)
        assert len(standing.findings) == standing.counts.get("fail", 0)
        assert len(standing.unsupported) == standing.counts.get("unsupported", 0)


def test_the_same_results_give_the_same_bytes(
    made: dict[str, Any], tiny: str, report: Report
) -> None:
    again = recording.record(tiny, stored(as_json_lines([report]))[0])
    assert reviewable(again) == reviewable(made)


def test_picks_are_what_is_answered_at_kinks_and_jumps(
    made: dict[str, Any], tmp_path: Path
) -> None:
    kept(made, tmp_path)
    (relu,) = records.picks("relu", tmp_path)
    assert (dict(relu.at), relu.value, relu.gradient) == ({"x": 0.0}, 0.0, 0.0)
    assert relu.formats == USUAL
    (step,) = records.picks("step", tmp_path)
    assert (step.value, step.gradient) == (0.5, None)
    assert records.picks("tanh", tmp_path) == ()


def test_formats_that_answer_otherwise_have_a_line_of_their_own(
    made: dict[str, Any], tmp_path: Path
) -> None:
    picks = [dict(p) for p in made["picks"]]
    (one,) = (p for p in picks if (p["function"], p["format"]) == ("relu", "float16"))
    one["gradient"] = "0x1p+0"
    kept({**made, "picks": picks}, tmp_path)
    found = {c.gradient: c.formats for c in records.picks("relu", tmp_path)}
    assert found == {1.0: ("float16",), 0.0: ("bfloat16", "float32", "float64")}


@pytest.mark.parametrize("fmt", [FORMATS[name] for name in USUAL], ids=str)
def test_stretches_cover_every_binade_once(fmt: Any) -> None:
    edges = recording.edges(fmt)
    assert edges == sorted(set(edges))
    assert (edges[0], edges[-1]) == (fmt.subnormal_exponent, fmt.emax + 1)
    near = [e for e in edges if -recording.FINE <= e <= recording.FINE]
    assert np.all(np.diff(near) == 1)


def test_a_curve_has_the_largest_error_of_each_stretch() -> None:
    fmt = FORMATS["float32"]
    edges = recording.edges(fmt)
    x = np.array([1.0, 1.5, np.nextafter(np.float32(2), np.float32(0)), 2.0, -1.0, 0.0])
    sides = recording._stretches(x, np.array([0.25, 7.0, 3.0, 1.0, 9.0, 99.0]), fmt)
    one, two = edges.index(0), edges.index(1)
    assert sides["positive"][one] == 7.0
    assert sides["positive"][two] == 1.0
    assert sides["negative"][one] == 9.0
    assert np.isnan(sides["positive"]).sum() == len(edges) - 3  # nowhere else was a point
    assert np.nanmax(sides["positive"]) == 7.0  # zero lies in no binade


def test_curves_are_of_the_errors_that_the_check_found(
    made: dict[str, Any], report: Report, tmp_path: Path
) -> None:
    kept(made, tmp_path)
    worst = {
        v.format: v.error_ulp
        for v in report.verdicts
        if (v.function, v.property) == ("tanh", "value.accuracy")
    }
    found = {c.format: c for _, c in records.curves("tanh", tmp_path)}
    assert set(found) == set(USUAL)
    for fmt, curve in found.items():
        x, error = curve.sequence
        assert list(x) == sorted(x)
        assert len(x) == len(error)
        assert 0 < max(error) <= (worst[fmt] or 0) * 1.01
    sixteen = found["float16"].sequence[1]  # every float was tried
    assert math.isclose(max(sixteen), worst["float16"] or 0, rel_tol=0.01)


@pytest.mark.parametrize(
    ("error", "digits"),
    [
        (0.999987, 0.9999),
        (0.50009, 0.5),
        (8.0, 8),
        (1234567.0, 1234000.0),
        (math.inf, "inf"),
        (math.nan, None),
    ],
)
def test_errors_are_cut_and_never_rounded_up(error: float, digits: Any) -> None:
    assert recording._digits(error) == digits


def verdict(name: str, level: Level | None, status: Status = Status.PASS, **more: Any) -> Verdict:
    return Verdict("gelu", name, "float32", status, level, **more)


def test_a_standing_keeps_levels_errors_findings_and_what_is_open() -> None:
    at = Witness({"x": -5.5, "z": [1.0, [2.0]]}, {}, error_ulp=8e6, bound_ulp=220.0)
    (standing,) = recording.standings(
        [
            verdict("value.accuracy", Level.SOUND, Status.FAIL, error_ulp=9e6, witness=at),
            verdict("value.special", Level.UNSOUND, Status.FAIL, message="NaN is swallowed"),
            verdict("grad.accuracy", Level.EXACT, error_ulp=0.5, traits=("b", "a")),
            verdict("grad.second", None, Status.UNSUPPORTED, message="no vjp"),
            verdict("value.range", None, Status.UNDECIDED, message="no point could be tried"),
        ]
    )
    assert (standing["level"], standing["value_level"]) == ("unsound", "unsound")
    assert standing["gradient_level"] == "exact"
    assert standing["value"] == {
        "level": "sound",
        "error_ulp": 9e6,
        "at": {"x": "-0x1.6p+2", "z": ["0x1p+0", ["0x1p+1"]]},
        "at_error_ulp": 8e6,
        "at_bound_ulp": 220,
    }
    assert standing["findings"] == [
        ["value.accuracy", "sound", ""],
        ["value.special", "unsound", "NaN is swallowed"],
    ]
    assert standing["open"] == [["value.range", "undecided", "no point could be tried"]]
    assert standing["unsupported"] == [["grad.second", "no vjp"]]
    assert standing["traits"] == ["a", "b"]
    assert standing["counts"] == {"fail": 2, "pass": 1, "undecided": 1, "unsupported": 1}


def test_long_rows_are_not_kept() -> None:
    at = Witness({"z": [0.5] * 25}, {}, error_ulp=3.0, bound_ulp=8.0)
    (standing,) = recording.standings(
        [verdict("value.accuracy", Level.ACCURATE, error_ulp=3.0, witness=at)]
    )
    assert standing["value"]["at"] == {}
    assert standing["value"]["at_error_ulp"] == 3


# ---------------------------------------------------------------- refused


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            lambda r: replace(r, target="torch"),
            "the report is of torch, and the record is to be of",
        ),
        (
            lambda r: replace(r, environment={**r.environment, "numpy": "1.0"}),
            "the report was made with numpy 1.0, and here is",
        ),
        (lambda r: replace(r, profile="smoke"), "is not of a whole check"),
        (lambda r: replace(r, complete=False), "is not of a whole check"),
        (lambda r: replace(r, select=("gelu",)), "is not of a whole check"),
        (lambda r: replace(r, formats=("float32",)), "is not of a whole check"),
    ],
)
def test_a_report_of_something_else_is_refused(
    change: Callable[[Report], Report], sentence: str, tiny: str, report: Report
) -> None:
    with pytest.raises(UsageError) as refusal:
        recording.record(tiny, change(report))
    assert sentence in str(refusal.value)


BROKEN = "make it again with `ulpian handbook record`"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("{", "it is not JSON"),
        ('{"schema": 99}', "its schema is 99, and this Ulpian reads 1"),
        ("[]", "its schema is None, and this Ulpian reads 1"),
        ('{"schema": 1}', "it lacks 'edges'"),
    ],
)
def test_a_record_that_cannot_be_read_says_so_in_a_sentence(
    text: str, sentence: str, tmp_path: Path
) -> None:
    path = tmp_path / "torch-1.json"
    path.write_text(text)
    with pytest.raises(records.RecordError) as refusal:
        records.load(tmp_path)
    assert str(refusal.value) == f"cannot read the record torch-1.json: {sentence}; {BROKEN}"


def test_a_record_that_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(records.RecordError, match=r"cannot read the record no-1\.json: No such"):
        records.read(tmp_path / "no-1.json")


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("standings", [3], "it does not fit the schema"),
        ("standings", [{"function": "gelu"}], "it lacks 'format'"),
        ("environment", 3, "it does not fit the schema"),
    ],
)
def test_a_record_of_another_form_says_what_is_wrong(
    field: str, value: Any, sentence: str, made: dict[str, Any], tmp_path: Path
) -> None:
    with pytest.raises(records.RecordError, match=sentence):
        kept({**made, field: value}, tmp_path)


def test_a_curve_that_is_too_short_is_refused(made: dict[str, Any], tmp_path: Path) -> None:
    (first, *others) = made["curves"]
    short = {**first, "negative": first["negative"][1:]}
    with pytest.raises(records.RecordError, match=r"stretches where its edges make"):
        kept({**made, "curves": [short, *others]}, tmp_path)


# ---------------------------------------------------------------- definitions


def test_the_key_of_a_definition_changes_with_what_is_judged_and_with_nothing_else() -> None:
    gelu = find("gelu")
    key = records.definition_key(gelu)
    assert (
        records.definition_key(gelu.replace(title="G", titles={}, notes="new", aliases=("g",)))
        == key
    )
    assert records.definition_key(gelu.replace(expression=gelu.expression * 2)) != key
    assert records.definition_key(gelu.replace(identities={})) != key
    assert records.definition_key(gelu.replace(special_values={})) != key
    hard = find("softshrink")
    (lambd,) = hard.parameters
    other = hard.replace(parameters=(replace(lambd, default=lambd.default * 2),))
    assert records.definition_key(other) != records.definition_key(hard)


def test_keys_are_the_same_in_every_process() -> None:
    code = (
        "from ulpian.checks.handbook.records import definition_key as k\n"
        "from ulpian.spec.catalogue import catalogue\n"
        "print(*(k(f) for f in catalogue().values()))"
    )
    here = [records.definition_key(f) for f in catalogue().values()]
    there = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONHASHSEED": "77"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert there.stdout.split() == here
    assert len(set(here)) == len(here)


def test_a_function_that_is_defined_otherwise_now_is_stale(
    made: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = {**made["definitions"], "relu": "0" * 16, "gone": "1" * 16}
    record = kept({**made, "definitions": keys}, tmp_path)
    assert record.stale("relu")
    assert record.stale("gone")
    assert not record.stale("tanh")
    assert not record.stale("never_judged")
    (choice,) = records.choices(record, "relu")
    assert choice.stale
    monkeypatch.setattr(conformance, "load", lambda: (record,))
    (page,) = conformance.chapter(STANDARD).pages
    said = said_in(page.blocks)
    assert "Stale." in said
    assert "relu (stale)" in said
    assert "tanh (stale)" not in said


def test_versions_are_in_the_order_of_their_numbers(made: dict[str, Any], tmp_path: Path) -> None:
    for version in ("2.13.0", "2.9.1"):
        data = {**made, "version": version}
        (tmp_path / f"tiny-{version}.json").write_text(reviewable(data))
    assert [r.version for r in records.load(tmp_path)] == ["2.9.1", "2.13.0"]


# ---------------------------------------------------------------- the command line


def test_the_command_writes_the_record_of_a_report(
    made: dict[str, Any], tiny: str, report: Report, tmp_path: Path
) -> None:
    source, output = tmp_path / "run.jsonl", tmp_path / "record.json"
    source.write_text(as_json_lines([report]))
    arguments = ["handbook", "record", tiny, "--from", str(source), "--output", str(output)]
    result = CliRunner().invoke(cli.ulpian, arguments)
    assert result.exit_code == 0, result.output
    assert output.read_text(encoding="utf-8") == reviewable(made)


def test_the_command_refuses_a_file_without_the_report(
    tiny: str, report: Report, tmp_path: Path
) -> None:
    source = tmp_path / "run.jsonl"
    source.write_text(as_json_lines([report]))
    arguments = ["handbook", "record", "torch", "--from", str(source)]
    result = CliRunner().invoke(cli.ulpian, arguments)
    assert result.exit_code != 0
    assert "holds 0 reports on torch, and one is due; its reports are on tiny_target" in " ".join(
        result.output.split()
    )


# ---------------------------------------------------------------- the chapters


def said_in(blocks: tuple[Block, ...]) -> str:
    words: list[str] = []
    for block in walk(blocks):
        if isinstance(block, Table):
            words += [plain(cell) for row in (block.head, *block.rows) for cell in row]
        words.append(plain(getattr(block, "text", ())) if hasattr(block, "text") else "")
    return "\n".join(words)


CHAPTERS: dict[str, Callable[..., Chapter]] = {
    "conformance": conformance.chapter,
    "kills": kills_chapter.chapter,
}


@pytest.mark.parametrize("name", CHAPTERS)
def test_the_tables_of_a_chapter_are_whole(name: str) -> None:
    chapter = CHAPTERS[name](STANDARD)
    book = Book("", (chapter,))
    found = [b for p in pages(book) for b in walk(p.blocks)] + list(walk(chapter.blocks))
    tables = [b for b in found if isinstance(b, Table)]
    assert tables
    assert all(t.rows for t in tables)
    for table in tables:
        assert len(table.columns) == len(table.head)
        assert all(len(row) == len(table.head) for row in table.rows)
    ids = [b.id for b in found if hasattr(b, "id")] + [p.id for p in pages(book)]
    assert len(ids) == len(set(ids))


def test_the_tables_of_levels_say_what_the_records_say() -> None:
    chapter = conformance.chapter(STANDARD)
    tables = [b for b in walk(chapter.blocks) if isinstance(b, Table)]
    overview, *by_format = tables
    for row, record in zip(overview.rows, records.load(), strict=True):
        counts = [int(plain(cell)) for cell in row[1:]]
        assert sum(counts[1:]) == len(record.standings)
    for table, fmt in zip(by_format, USUAL, strict=True):
        for row in table.rows:
            levels = records.levels(plain(row[0]))
            for cell, record in zip(row[1:], records.load(), strict=True):
                due = levels.get(record.name, {}).get(fmt)
                assert plain(cell) == (str(due) if due else plain(cell))
                assert due or plain(cell) in ("–", "not offered")


def test_the_kill_matrix_counts_every_attempt_once() -> None:
    found = kills.load()
    assert found is not None
    by_property, by_function = (
        b for b in walk(kills_chapter.chapter(STANDARD).blocks) if isinstance(b, Table)
    )
    total = by_property.rows[-1]
    assert int(plain(total[1])) == sum(bool(a.caught) for a in found.wrong)
    assert sum(int(plain(cell)) for cell in total[2:-1]) == int(plain(total[1]))
    for row in by_property.rows[:-1]:
        name = plain(row[0])
        caught = [a for a in found.wrong if name in a.caught]
        assert int(plain(row[1])) == len(caught) == sum(int(plain(c)) for c in row[2:-1])
    rows = by_function.rows[:-1]
    assert sum(int(plain(row[1])) for row in rows) == len(found.wrong)
    assert sum(int(plain(row[2])) for row in rows) == len(found.right)
    one_by_one = [
        row
        for p in kills_chapter.chapter(STANDARD).pages
        for b in walk(p.blocks)
        if isinstance(b, Table)
        for row in b.rows
    ]
    assert len(one_by_one) == len(found.wrong)


def test_survivors_and_accused_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    found = kills.load()
    assert found is not None
    survivor = kills.Attempt(
        *("lost", "gelu", "numpy", True, "a tail", ("float32",), ("value.accuracy",), {}),
        "survives; value.accuracy should catch it",
    )
    other = replace(found, attempts=(*found.attempts, survivor))
    monkeypatch.setattr(kills_chapter, "load", lambda: other)
    blocks = kills_chapter.chapter(STANDARD).blocks
    listed = [plain(item) for b in walk(blocks) if isinstance(b, Items) for item in b.items]
    assert "lost: survives; value.accuracy should catch it" in listed


def test_without_records_the_chapters_say_how_to_make_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(conformance, "load", lambda: ())
    monkeypatch.setattr(kills_chapter, "load", lambda: None)
    assert "ulpian handbook record torch" in said_in(conformance.chapter(STANDARD).blocks)
    assert "--record" in said_in(kills_chapter.chapter(STANDARD).blocks)
    assert kills.load(Path("nowhere") / "kills.json") is None


def test_a_kill_matrix_that_cannot_be_read_says_so(tmp_path: Path) -> None:
    path = tmp_path / "kills.json"
    path.write_text('{"schema": 1, "command": "make kills"}')
    with pytest.raises(records.RecordError) as refusal:
        kills.load(path)
    assert str(refusal.value) == (
        "cannot read the record kills.json: it lacks 'environment'; make it again with "
        "`tests/kills.py --record`"
    )


def test_the_chapters_are_built_without_the_backends() -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_BACKENDS], capture_output=True, text=True, check=True
    )
    backends, blocks = map(int, done.stdout.split())
    assert backends == len(records.files())
    assert blocks > 1


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (0.9999, "0.9999"),
        (569000.0, "569000"),
        (8.391e6, "8.39e6"),
        (math.inf, "infinite"),
        (None, "–"),
        (math.nan, "–"),
    ],
)
def test_errors_are_printed_with_few_digits(error: float | None, said: str) -> None:
    assert plain(ulps(error)) == said


def test_inputs_are_printed_as_they_are_typed() -> None:
    at = {"x": "-0x1.6p+2", "t": "0x1p+0", "z": ["0x0p+0", ["-0x0p+0", "0x1p+1"], "nan", "inf"]}
    assert plain(inputs(at)) == "x = -0x1.6p+2, t = 1, z = [0, -0, 2, nan, … 5 numbers]"
    assert plain(inputs({})) == "–"
