"""The atlas: pages hold what was found, comparisons say what is known, bad files are refused."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from jsonschema import Draft202012Validator

from ulpian.checks import cli
from ulpian.checks.atlas import binades, recorded, told
from ulpian.checks.atlas import page as pages_of
from ulpian.checks.atlas.adding import add, results_in
from ulpian.checks.atlas.comparison import Verdict, compare
from ulpian.checks.atlas.making import functions
from ulpian.checks.atlas.page import AtlasError, as_text, page, read
from ulpian.checks.files import FileError
from ulpian.checks.handbook import records
from ulpian.checks.handbook.figures import at_defaults, measured
from ulpian.checks.handbook.plot import panels
from ulpian.checks.sweeps.judged import judged
from ulpian.checks.sweeps.result import (
    Result,
    Worst,
    begun,
    definition_digest,
    regimes,
    text,
    to_json,
)
from ulpian.checks.sweeps.shard import Shard
from ulpian.checks.sweeps.summary import BINS, Finding, Place, Summary
from ulpian.reference.error import error_ulp
from ulpian.reference.formats import FORMATS
from ulpian.reference.local.quantity import Quantity
from ulpian.spec.catalogue import find

HALF, SINGLE = FORMATS["float16"], FORMATS["float32"]
HERE = {"cpu": "a CPU", "cpu_features": "avx2", "torch": "2.13.0+cpu", "judge": "1f"}


def schema() -> Draft202012Validator:
    found = json.loads(Path(pages_of.__file__).with_name("page.schema.json").read_text())
    Draft202012Validator.check_schema(found)
    return Draft202012Validator(found)


def summary(error: float = 0.75, bits: int = 0x3C00, missed: int = 3) -> Summary:
    """All floats of float16, a few of them not correctly rounded."""
    histogram = [2**16 - missed, missed, *(0,) * (BINS - 2)]
    if error >= 1:
        histogram[1], histogram[2] = missed - 1, 1
    return Summary(
        inputs=2**16,
        binades={k: Place(0.25, k << 10) for k in range(64)} | {bits >> 10: Place(error, bits)},
        normal=Place(error, bits),
        histogram=tuple(histogram),
        eased=Place(error, bits),
    )


def result(error: float = 0.75, **changes: Any) -> Result:
    """A result of an imagined sweep of tanh in float16 by PyTorch."""
    name = changes.get("as_") or changes.get("function", "tanh")
    usual: dict[str, Any] = {
        "target": "torch",
        "function": "tanh",
        "definition": definition_digest(find(name)),
        "quantity": "value",
        "fmt": "float16",
        "free": "x",
        "summary": summary(error),
        "count": 2**16,
        "environment": HERE,
        "worst": {"normal": Worst(error, 0x3C00, "0x1p+0", "0x1p-1", "0x1p-1")},
    }
    return Result(**(usual | changes))


def hunted(error: float = 0.75, **changes: Any) -> Result:
    return result(error, method="hunt", **changes)


def swept(function: str, quantity: str) -> Result:
    """A real sweep of float16 by the textbook formulas."""
    shard = Shard("textbook", function, quantity, "float16", count=2**16)
    found = judged(shard)
    worst = {
        name: Worst(place.error, place.bits, HALF.of_bits(place.bits).hex(), "0x0p+0", "0x0p+0")
        for name, place in regimes(found).items()
    }
    environment = {"ulpian": "0.1.0", "cpu": "a CPU"}
    return Result(
        **begun(shard, find(function), 0, 2**16),
        summary=found,
        worst=worst,
        environment=environment,
    )


@pytest.fixture(scope="module")
def real() -> tuple[Result, ...]:
    return tuple(swept(f, q) for f in ("tanh", "softplus") for q in ("value", "gradient"))


def kept(folder: Path, *results: Result) -> Path:
    """The folder, with the pages of these results."""
    folder.mkdir(exist_ok=True)
    add(results, folder)
    return folder


class Said(NamedTuple):
    code: int
    out: str
    err: str


Command = Callable[..., Said]


@pytest.fixture
def ulpian(capsys: pytest.CaptureFixture[str]) -> Command:
    """Run a command line of the atlas in this process."""

    def run(*arguments: str) -> Said:
        capsys.readouterr()
        with pytest.raises(SystemExit) as stopped:
            cli.main(["atlas", *arguments])
        assert isinstance(stopped.value.code, int)
        return Said(stopped.value.code, *capsys.readouterr())

    return run


# ---------------------------------------------------------------- binades


def test_neighbours_that_are_correctly_rounded_are_one_run_with_their_worst() -> None:
    errors = {0x400: 0.2, 0x801: 0.3, 0xC01: 0.7, 0x1400: 0.2}
    found = {bits >> 10: Place(error, bits) for bits, error in errors.items()}
    text = binades.written(found, HALF)
    assert text == "1-2:0.3@801 0.7@c01 0.2@1400"
    assert binades.read(text, HALF) == {
        1: Place(0.3, 0x801),
        2: Place(0.3, 0x801),
        3: Place(0.7, 0xC01),
        5: Place(0.2, 0x1400),
    }


def test_correctly_rounded_neighbours_of_another_size_are_another_run() -> None:
    errors = {0x400: 1e-9, 0x800: 0.01, 0xC00: 0.0, 0x1000: 0.02, 0x1400: 0.125, 0x1800: 0.126}
    found = {bits >> 10: Place(error, bits) for bits, error in errors.items()}
    assert binades.written(found, HALF) == "1-3:0.01@800 4-5:0.125@1400 0.126@1800"


def test_a_run_ends_where_the_sign_changes() -> None:
    found = {31: Place(0.1, 0x7C00), 32: Place(0.1, 0x8000)}
    assert binades.written(found, HALF) == "0.1@7c00 0.1@8000"
    single = {255: Place(0.1, 0x7F800000), 256: Place(0.1, 0x80000000)}
    assert binades.written(single, SINGLE) == "0.1@7f800000 0.1@80000000"


def test_equal_errors_are_one_run_and_the_least_bits_stand_for_it() -> None:
    found = {9: Place(math.inf, 0x2400), 10: Place(math.inf, 0x2800)}
    assert binades.written(found, HALF) == "9-a:inf@2400"


@pytest.mark.parametrize("fmt", FORMATS.values(), ids=str)
def test_what_was_written_of_binades_is_read_and_written_the_same(fmt: Any) -> None:
    random = np.random.default_rng(5)
    stored = fmt.precision - 1
    every = 1 << (fmt.bits - stored)
    some = random.choice(every, min(40, every), replace=False).tolist()
    found = {k: Place(float(random.exponential(1)), (k << stored) + 1) for k in some}
    text = binades.written(found, fmt)
    again = binades.read(text, fmt)
    assert again.keys() == found.keys()
    assert binades.written(again, fmt) == text
    for index, place in found.items():
        told = again[index]
        if place.error <= 0.5:
            assert told.error <= min(size for size in binades.SIZES if size >= place.error)
        else:
            assert told.bits == place.bits
        assert told.error >= place.error * (1 - 1e-3)
        assert place.error <= 0.5 or told.error <= place.error


def test_an_error_below_one_ulp_is_never_told_as_one() -> None:
    assert binades.written({15: Place(0.999999, 0x3C00)}, HALF) == "0.9999@3c00"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("0.5", "'0.5' is no worst error of a binade"),
        ("0.5@zz", "'0.5@zz' is no worst error of a binade"),
        ("1-2:0.5@1c01", "is outside its binades, or outside float16"),
        ("0.5@123456", "is outside its binades, or outside float16"),
    ],
)
def test_a_text_that_tells_no_binades_is_refused(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        binades.read(text, HALF)


def test_the_curve_rises_in_x_through_both_signs_and_leaves_out_what_is_not_finite() -> None:
    found = {k: Place(float(k), k << 10) for k in (0, 15, 31, 32, 47, 63)}
    x, ulp = binades.curve(found, HALF)
    assert x == [-1.5, -(2.0**-15), 2.0**-15, 1.5]
    assert ulp == [47.0, 32.0, 0.0, 15.0]


# ---------------------------------------------------------------- pages


def test_a_page_holds_all_that_a_sweep_found(real: tuple[Result, ...], tmp_path: Path) -> None:
    made = page(real)
    place = tmp_path / made.file_name
    pages_of.write(made, place)
    text = place.read_text(encoding="utf-8")
    schema().validate(json.loads(text))
    again = read(place)
    assert as_text(again) == text
    assert as_text(page(again.results)) == text
    by_name = {(r.function, r.quantity): r for r in real}
    assert len(again.results) == len(real) == 4
    for one in again.results:
        whole = by_name[one.function, one.quantity]
        assert one.level is whole.level
        assert one.proved is whole.proved
        told = replace(one, summary=replace(one.summary, binades=whole.summary.binades))
        assert told == replace(whole, environment=told.environment)
    assert {r.proved for r in again.results} == {True}
    assert len(text) / len(real) < 1500


def test_a_page_is_one_line_for_each_result() -> None:
    text = as_text(page([result(), result(quantity="gradient"), result(function="sigmoid")]))
    lines = [line for line in text.splitlines() if '"function"' in line]
    assert ["sigmoid" in line for line in lines] == [True, False, False]
    assert ["gradient" in line for line in lines] == [False, False, True]
    assert "judge" not in text


def test_a_page_knows_its_version_from_where_its_results_were_made() -> None:
    assert page([result()]).name == "torch 2.13.0"
    assert page([result()]).file_name == "torch-2.13.0-float16.json"
    assert page([result(device="cuda:0")]).file_name == "torch-2.13.0-float16-cuda_0.json"
    assert page([result(environment={})]).name == "torch unversioned"
    ours = result(target="textbook", environment={"ulpian": "7.1"})
    assert page([ours]).name == "textbook 7.1"


def test_only_the_results_asked_for_are_decoded() -> None:
    made = page([result(), result(function="sigmoid")])
    broken = {**made.entries[0], "summary": {"binades": "no", "histogram": []}}
    assert broken["function"] == "sigmoid"
    torn = replace(made, entries=(broken, made.entries[1]))
    assert torn.of("tanh") == made.of("tanh")
    with pytest.raises(AtlasError, match=r"torch 2.13.0 float16: the result of sigmoid cannot be"):
        torn.of("sigmoid")


def test_a_result_takes_the_place_of_one_that_tells_less() -> None:
    sweep, hunt, part = result(0.7), hunted(9.0), result(0.6, count=2**10)
    for first, second in ((sweep, hunt), (hunt, sweep), (part, sweep), (sweep, part)):
        assert page([first, second]).results[0].method == "exhaustive"
        assert page([first, second]).results[0].count == 2**16
    assert page([result(0.7), result(0.6)]).results[0].largest.error == 0.6  # type: ignore[union-attr]


def test_of_two_hunts_the_one_that_found_more_is_kept() -> None:
    for first, second in ((hunted(3.0), hunted(2.0)), (hunted(2.0), hunted(3.0))):
        (one,) = page([first, second]).results
        assert one.largest is not None
        assert one.largest.error == 3.0
    old = hunted(3.0, definition="0" * 32)
    assert page([old, hunted(2.0)]).results[0].definition != old.definition


def test_parameters_tell_results_apart_but_not_their_reading() -> None:
    given = result(function="leaky_relu", setting={"negative_slope": "1/100"})
    read_as = result(function="leaky_relu", setting={"negative_slope": "1311/131072"})
    other = result(function="leaky_relu", setting={"negative_slope": "1/2"})
    assert len(page([given, read_as, other]).entries) == 2


@pytest.mark.parametrize(
    ("other", "said"),
    [
        (result(target="jax"), "results of torch and of jax do not belong on one page"),
        (result(fmt="bfloat16"), "results of float16 and of bfloat16 do not belong on one page"),
        (result(device="cuda"), "results of no device and of cuda do not belong on one page"),
        (result(complete=False), "torch: tanh.value float16 is not complete: let its sweep end"),
        (
            result(complete=False, failures=("16 inputs from 0x0 on: raises RuntimeError",)),
            "torch: tanh.value float16 is not complete: 16 inputs from 0x0 on: raises RuntimeError",
        ),
        (
            result(environment=HERE | {"cpu_features": "avx512f"}),
            "torch: tanh.value was made with cpu_features avx512f, and the rest of the page with "
            "avx2: make a page of its own in another folder",
        ),
    ],
)
def test_what_does_not_belong_on_one_page_is_refused(other: Result, said: str) -> None:
    with pytest.raises(AtlasError, match=said.replace("(", r"\(")):
        page([result(), other])


def test_a_page_of_nothing_is_refused() -> None:
    with pytest.raises(AtlasError, match="there is no result to make a page of: sweep first"):
        page([])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda t: t[: len(t) // 2], "it is not JSON, as if it had been cut off"),
        (lambda t: "[]", "it is no page of an atlas"),
        (lambda t: t.replace('"schema": 1', '"schema": 2'), "its schema is 2, and this Ulpian re"),
        (lambda t: t.replace('"version": "2.13.0",', ""), "it lacks 'version'"),
        (lambda t: t.replace("float16", "float17"), "'float17' is no format of float8_e4m3fn"),
        (lambda t: t.replace('"function"', '"fun"'), "a result names a function and has a summ"),
        (lambda t: t.replace('"environment": {', '"environment": 7, "x": {'), "it does not fit"),
    ],
)
def test_a_file_that_is_no_whole_page_is_refused(
    change: Callable[[str], str], said: str, tmp_path: Path
) -> None:
    place = tmp_path / "torch-2.13.0-float16.json"
    place.write_text(change(as_text(page([result()]))))
    with pytest.raises(AtlasError) as error:
        read(place)
    assert said in str(error.value)
    assert str(place) in str(error.value)


def test_a_missing_page_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AtlasError, match=r"cannot read '.*none.json': No such file"):
        read(tmp_path / "none.json")


# ---------------------------------------------------------------- adding


def test_results_are_added_to_the_pages_of_a_folder(tmp_path: Path) -> None:
    add([result(), result(fmt="bfloat16")], tmp_path)
    add([result(quantity="gradient")], tmp_path)
    found = {p.fmt: len(p.entries) for p in map(read, tmp_path.iterdir())}
    assert found == {"float16": 2, "bfloat16": 1}


def test_nothing_is_written_where_a_result_does_not_belong(tmp_path: Path) -> None:
    add([result()], tmp_path)
    before = (tmp_path / "torch-2.13.0-float16.json").read_bytes()
    other = result(quantity="gradient", environment=HERE | {"cpu": "another"})
    with pytest.raises(AtlasError, match="made with cpu another, and the rest of the page with a"):
        add([result(fmt="bfloat16"), other], tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["torch-2.13.0-float16.json"]
    assert (tmp_path / "torch-2.13.0-float16.json").read_bytes() == before


def test_the_results_of_a_sweep_are_read_from_its_file(tmp_path: Path) -> None:
    file = tmp_path / "sweep.json"
    file.write_text(text([result(), result(quantity="gradient")]))
    assert results_in(file) == [result(), result(quantity="gradient")]
    told_by_hunts = [
        {"result": to_json(hunted(3.0)), "refused": ""},
        {"result": to_json(hunted(complete=False)), "refused": "no answer"},
    ]
    file.write_text(json.dumps({"ulpian": "hunt", "hunts": told_by_hunts}))
    assert results_in(file) == [hunted(3.0)]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "is not JSON: ask for --output-format json"),
        ("{}", "holds no results of a sweep or a hunt"),
        ('{"results": []}', "holds no results of a sweep or a hunt"),
        ('{"results": [{"version": 9}]}', "a result of version 9, not 1: sweep again"),
    ],
)
def test_a_file_without_results_is_refused(content: str, said: str, tmp_path: Path) -> None:
    file = tmp_path / "sweep.json"
    file.write_text(content)
    with pytest.raises(AtlasError, match=said):
        results_in(file)
    with pytest.raises(FileError, match=r"cannot read '.*none': No such file"):
        results_in(tmp_path / "none")


# ---------------------------------------------------------------- what is recorded


def of_version(version: str, error: float = 0.75, **changes: Any) -> Result:
    return result(error, environment=HERE | {"torch": version}, **changes)


def test_a_name_means_the_last_version_and_a_version_itself(tmp_path: Path) -> None:
    kept(tmp_path, *(of_version(v) for v in ("2.9.0", "2.13.0", "2.10.1")))
    known = recorded.pages(tmp_path)
    assert [p.version for p in known] == ["2.9.0", "2.10.1", "2.13.0"]
    for name, version in (
        ("torch", "2.13.0"),
        ("torch 2.9.0", "2.9.0"),
        ("torch-2.10.1", "2.10.1"),
        ("torch-2.9.0-float16", "2.9.0"),
        (str(tmp_path / "torch-2.9.0-float16.json"), "2.9.0"),
    ):
        assert [p.version for p in recorded.named(name, known)] == [version]
    assert len(recorded.named(str(tmp_path), ())) == 3


def test_names_and_folders_without_pages_are_refused(tmp_path: Path) -> None:
    known = (page([result()]),)
    with pytest.raises(
        AtlasError, match=r"'jax' is neither in the atlas, which has torch 2.13.0, n"
    ):
        recorded.named("jax", known)
    with pytest.raises(AtlasError, match="which has no page yet"):
        recorded.named("jax", ())
    with pytest.raises(AtlasError, match=r"there is no folder '.*none': name one that holds pages"):
        recorded.gathered([tmp_path / "none"])
    with pytest.raises(AtlasError, match=r"holds no page: `ulpian atlas make` writes some"):
        recorded.gathered([tmp_path])
    with pytest.raises(AtlasError, match=r"holds no page: `ulpian atlas make` writes some"):
        recorded.named(str(tmp_path), ())


def test_a_result_by_another_definition_is_stale() -> None:
    assert not recorded.stale(result())
    assert recorded.stale(result(definition="0" * 32))
    assert recorded.stale(replace(result(), as_="no_such_function"))


@pytest.mark.parametrize("path", recorded.files(), ids=lambda p: p.stem)
def test_every_recorded_page_is_valid_and_written_as_pages_are(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    schema().validate(json.loads(text))
    found = read(path)
    assert as_text(found) == text
    assert as_text(page(found.results)) == text
    assert path.name == found.file_name
    assert found.environment["cpu"]
    assert len(text) < 200_000
    names = [pages_of.key(r) for r in found.results]
    assert names == sorted(names)
    assert len(names) == len(set(names))


@pytest.mark.parametrize("path", recorded.files(), ids=lambda p: p.stem)
def test_the_worst_recorded_errors_are_what_the_oracle_says(path: Path) -> None:
    found = read(path)
    fmt = FORMATS[found.fmt]
    for one in found.results:
        if recorded.stale(one):
            continue
        setting, fixed = (
            {n: Fraction(x) for n, x in given.items()} for given in (one.setting, one.fixed)
        )
        definition = find(pages_of.judged_by(one))
        quantity = Quantity(definition, one.quantity, setting, fixed, one.free)
        for worst in one.worst.values():
            x = np.array([fmt.of_bits(worst.bits)])
            truth = quantity.truth(x, fmt)
            seen = np.array([float.fromhex(worst.observed)])
            errors = [float(error_ulp(seen, answer, fmt)[0]) for answer in truth.answers]
            assert any(math.isclose(e, worst.error, rel_tol=1e-4, abs_tol=1e-4) for e in errors)


@pytest.mark.parametrize("path", recorded.files(), ids=lambda p: p.stem)
def test_no_recorded_level_is_better_than_a_check_found(path: Path) -> None:
    found = read(path)
    (check,) = (r for r in records.load() if r.target == found.target)
    if check.environment["cpu_features"] != found.environment["cpu_features"]:
        pytest.skip("the check was recorded on another kind of CPU")
    for one in found.results:
        name = pages_of.judged_by(one)
        standing = check.of(name).get(found.fmt)
        if one.level is None or standing is None or not at_defaults(find(name), one):
            continue
        accuracy = standing.value if one.quantity == "value" else standing.gradient
        if accuracy is None or accuracy.at.keys() & {p.name for p in find(name).parameters}:
            continue  # the check was worst at another setting
        assert one.level <= accuracy.level


# ---------------------------------------------------------------- comparisons


def verdicts(old: list[Result], new: list[Result]) -> dict[str, tuple[str, ...]]:
    found = compare([page(old)], [page(new)])
    return {f"{c.result.name}: {c.verdict}": c.said for c in found.changes}


def test_a_larger_error_is_worse_and_a_smaller_one_better() -> None:
    assert verdicts([result(0.75)], [result(0.875)]) == {
        "tanh.value: worse": ("worst error 0.75 -> 0.875 ulp",)
    }
    assert verdicts([result(0.875)], [result(0.75)]) == {
        "tanh.value: better": ("worst error 0.875 -> 0.75 ulp",)
    }
    assert verdicts([result()], [result()]) == {"tanh.value: same": ()}


def test_a_lower_level_is_worse_whatever_else_is_better() -> None:
    nan = summary(0.625)
    nan = replace(nan, findings={"nan": Finding(1, 0x7C00)}, sound=Place(math.inf, 0x7C00))
    found = verdicts([result(0.75)], [result(0.625, summary=nan)])
    assert found == {
        "tanh.value: worse": (
            "level faithful -> unsound",
            "NaN for a number: 0 -> 1 inputs",
            "worst error 0.75 -> 0.625 ulp",
        )
    }


def test_counts_decide_where_nothing_else_differs() -> None:
    found = verdicts([result(summary=summary(missed=3))], [result(summary=summary(missed=5))])
    assert found == {"tanh.value: worse": ("not correctly rounded: 3 -> 5 inputs",)}


def test_a_flushed_subnormal_is_a_trait_and_no_difference() -> None:
    flushing = replace(summary(), findings={"flushed": Finding(9, 1)})
    assert verdicts([result()], [result(summary=flushing)]) == {"tanh.value: same": ()}


def test_what_is_new_and_what_is_gone_is_told() -> None:
    found = verdicts([result(), result(function="sigmoid")], [result(), result(function="relu")])
    assert list(found) == ["sigmoid.value: gone", "relu.value: new", "tanh.value: same"]


@pytest.mark.parametrize(
    ("old", "new", "verdict"),
    [
        (hunted(0.75), hunted(0.875), Verdict.OPEN),
        (hunted(0.875), hunted(0.75), Verdict.OPEN),
        (result(0.75), hunted(0.875), Verdict.WORSE),
        (result(0.875), hunted(0.75), Verdict.OPEN),
        (hunted(0.75), result(0.875), Verdict.OPEN),
        (hunted(0.875), result(0.75), Verdict.BETTER),
    ],
)
def test_of_a_lower_bound_only_what_is_known_is_said(
    old: Result, new: Result, verdict: Verdict
) -> None:
    (change,) = compare([page([old])], [page([new])]).changes
    assert change.verdict is verdict
    assert ("of a hunt's lower bound" in change.said) is (verdict is Verdict.OPEN)


def test_results_by_other_definitions_or_over_other_floats_are_not_compared() -> None:
    assert verdicts([result(definition="0" * 32)], [result(9.0)]) == {
        "tanh.value: unlike": ("judged by different definitions",)
    }
    assert verdicts([result(count=2**10)], [result(9.0)]) == {
        "tanh.value: unlike": ("swept over different floats",)
    }


def test_backends_with_other_names_for_a_function_are_compared_by_its_definition() -> None:
    ours = result(target="mine", function="fast_tanh", as_="tanh", environment={"cpu": "a CPU"})
    found = compare([page([result()])], [page([ours])])
    assert [c.verdict for c in found.changes] == [Verdict.SAME]
    two = page([ours, replace(ours, function="other_tanh")])
    assert [c.verdict for c in compare([page([result()])], [two]).changes] == [
        Verdict.NEW,
        Verdict.SAME,
    ]


def test_another_cpu_is_told() -> None:
    other = result(0.875, environment=HERE | {"cpu_features": "avx512f avx2"})
    said = told.compared(compare([page([result()])], [page([other])]))
    assert "made with another cpu_features: avx2 -> avx512f avx2" in said
    assert "The CPUs differ, and float32 figures may differ for that reason alone." in said
    assert said.splitlines()[-1] == "1 worse"


def test_formats_of_one_side_only_are_left_out_and_none_in_common_is_refused() -> None:
    half, brain = page([result()]), page([result(fmt="bfloat16")])
    found = compare([half, brain], [half])
    assert found.apart == ("bfloat16",)
    assert "in one of them only, and left out: bfloat16" in told.compared(found)
    with pytest.raises(AtlasError, match=r"no format to compare in: torch 2.13.0 has float16, tor"):
        compare([half], [brain])
    with pytest.raises(
        AtlasError, match=r"torch 2.13.0 and torch 2.13.0 are both pages of float16"
    ):
        compare([half, half], [half])


# ---------------------------------------------------------------- words


def test_what_was_not_proved_is_not_counted_as_tried() -> None:
    open_ = result(summary=replace(summary(), unproven=7), quantity="second")
    part = result(count=1024, quantity="gradient")
    line = told.listed([page([result(), open_, part])]).splitlines()[1]
    assert line.split()[3:7] == ["1", "3", "1", "0"]


def test_what_a_result_speaks_for_is_told() -> None:
    assert told.coverage(result()) == "all 2^16"
    assert told.coverage(hunted()) == "lower bound"
    assert told.worst(hunted())[0] == ">= 0.75"
    assert told.coverage(result(count=1024)) == "1024 of 2^16"
    open_ = replace(summary(), inputs=2**16 - 7, unproven=7)
    assert told.coverage(result(summary=open_)) == "all of 2^16, 7 unproven"
    assert told.share(result()) == "3 inputs"
    assert told.share(result(summary=summary(missed=1000))) == "1.5 %"
    assert told.share(hunted()) == "-"


def test_the_worst_error_is_told_at_a_number_and_what_is_at_infinity_by_findings() -> None:
    at_infinity = replace(
        summary(2.0),
        binades={15: Place(2.0, 0x3C01), 63: Place(math.inf, 0xFC00)},
        findings={"nan": Finding(1, 0xFC00)},
    )
    infinite = Worst(math.inf, 0xFC00, "-inf", "-0x1p+0", "nan")
    found = result(summary=at_infinity, worst={"normal": infinite})
    assert told.worst(found) == ("2", "0x1.004p+0")
    assert told.findings(found) == "nan 1"
    assert told.worst(result(math.inf)) == ("infinite", "0x1p+0")
    assert told.worst(result(summary=Summary(), worst={})) == ("-", "-")
    other = replace(at_infinity, binades={15: Place(3.0, 0x3C01), 63: Place(math.inf, 0xFC00)})
    assert verdicts([found], [replace(found, summary=other)]) == {
        "tanh.value: worse": ("worst error 2 -> 3 ulp",)
    }


# ---------------------------------------------------------------- commands


def test_the_pages_are_listed(ulpian: Command, tmp_path: Path) -> None:
    folder = str(kept(tmp_path, *(of_version("9.9", quantity=q) for q in ("value", "gradient"))))
    said = ulpian("--folder", folder)
    assert said.code == 0
    (line,) = [one for one in said.out.splitlines() if "torch 9.9" in one]
    assert line.split() == ["torch", "9.9", "float16", "1", "2", "2", "0", "2", "faithful"]
    data = json.loads(ulpian("--folder", folder, "--output-format", "json").out)
    (found,) = [one for one in data if one["version"] == "9.9"]
    assert (found["results"], found["functions"]) == (2, ["tanh"])


def test_a_function_is_shown_in_every_backend(ulpian: Command, tmp_path: Path) -> None:
    jax = result(0.5, target="jax", environment={"jax": "0.10.2"})
    folder = str(kept(tmp_path, result(), jax, hunted(quantity="gradient", definition="0" * 32)))
    asked = ("show", "tanh", "--backend", folder)
    lines = ulpian(*asked).out.splitlines()
    assert [line.split()[:7] for line in lines[1:]] == [
        ["float16", "tanh.value", "jax", "0.10.2", "all", "2^16", "exact"],
        ["float16", "tanh.value", "torch", "2.13.0", "all", "2^16", "faithful"],
        ["float16", "tanh.gradient", "(stale)", "torch", "2.13.0", "lower", "bound"],
    ]
    only = ulpian(*asked, "--quantity", "value", "--output-format", "json")
    assert [r["backend"] for r in json.loads(only.out)] == ["jax 0.10.2", "torch 2.13.0"]


def test_a_comparison_fails_where_it_is_asked_to(ulpian: Command, tmp_path: Path) -> None:
    kept(tmp_path, of_version("2.9.0", 0.75), of_version("9.9", 0.875))
    versions, where = ("torch 2.9.0", "torch-9.9"), ("--folder", str(tmp_path))
    assert ulpian("compare", *versions, *where).code == 0
    said = ulpian("compare", *versions, *where, "--fail-on-worse")
    assert "worse  float16  tanh.value  worst error 0.75 -> 0.875 ulp" in said.out
    assert said.code == 1
    assert ulpian("compare", *reversed(versions), *where, "--fail-on-worse").code == 0
    data = json.loads(ulpian("compare", *versions, *where, "--output-format", "json").out)
    assert data["counts"] == {"worse": 1}
    assert data["changes"][0]["old"]["function"] == "tanh"
    assert "same" in ulpian("compare", "torch-9.9", "torch-9.9", *where, "--all").out


def test_a_plot_is_drawn_and_the_same_each_time(ulpian: Command, tmp_path: Path) -> None:
    jax = result(3.0, target="jax", environment={"jax": "1"})
    folder = str(kept(tmp_path / "pages", result(), jax))
    drawn = []
    for name in ("one.svg", "two.svg", "three.pdf"):
        asked = ("--format", "float16", "--backend", folder, "--output", str(tmp_path / name))
        assert ulpian("plot", "tanh", *asked).code == 0
        drawn.append((tmp_path / name).read_bytes())
    assert drawn[0] == drawn[1]
    assert drawn[0].startswith(b"<svg")
    assert drawn[2].startswith(b"%PDF")


def test_results_are_added_from_files(ulpian: Command, tmp_path: Path) -> None:
    file = tmp_path / "sweep.json"
    file.write_text(text([result()]))
    (tmp_path / "pages").mkdir()
    said = ulpian("add", str(file), "--output", str(tmp_path / "pages"))
    place = tmp_path / "pages" / "torch-2.13.0-float16.json"
    assert said == (0, "", f"ulpian: wrote {place} with 1 results\n")
    assert read(place).results[0].proved


REFUSED = {
    "show tnh": "unknown function 'tnh': did you mean tanh",
    "show tanh --quantity worth": "unknown quantity 'worth': choose from value, gradient, second",
    "show tanh --format float17": "unknown format 'float17': choose one of float8",
    "show tanh --quantity second": "the atlas has nothing of that on tanh; it has value in float16",
    "show mish": "the atlas has nothing on mish in these backends: `ulpian atlas` lists what",
    "show gelu --backend tensorflow": "'tensorflow' is neither in the atlas, which has ",
    "compare torch tensorflow": "'torch' is neither in the atlas, which has ",
    "plot tanh --output a.png": "--output 'a.png' is neither an .svg nor a .pdf file: name one",
    "plot tanh --output no/a.svg": "'no/a.svg': there is no folder 'no'; make it first",
    "add x.json --output no/where": "there is no folder 'no/where': make it first",
    "add no.json": "cannot read 'no.json': No such file or directory",
    "make no_such_target": "unknown target 'no_such_target': neither a backend",
    "make torch --format float65": "unknown format 'float65': choose one of float8",
    "make torch --evaluations 0": "Invalid value for '--evaluations': 0 is not in the range x>=1",
    "make scipy --select mish": "'scipy' has no function 'mish'; it has",
}


@pytest.mark.parametrize("asked", REFUSED)
def test_a_request_that_cannot_be_served_is_one_sentence(
    asked: str, ulpian: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(recorded, "FOLDER", tmp_path / "none")
    kept(tmp_path / "pages", result())
    arguments = asked.split()
    if arguments[0] in ("show", "plot") and "--backend" not in arguments:
        arguments += ["--backend", "pages", *(["--format", "float16"] * (arguments[0] == "plot"))]
    said = ulpian(*arguments)
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith(f"ulpian: {REFUSED[asked]}")
    assert said.err.count("\n") == 1


def test_a_torn_page_is_named_by_every_command_that_reads_it(
    ulpian: Command, tmp_path: Path
) -> None:
    place = tmp_path / "torch-2.13.0-float16.json"
    place.write_text(as_text(page([result()]))[:-90])
    for asked in ((), ("show", "tanh"), ("compare", str(place), str(place))):
        said = ulpian(*asked, "--folder", str(tmp_path))
        assert (said.code, said.out) == (2, "")
        assert said.err.startswith(f"ulpian: cannot read '{place}': it is not JSON")
        assert said.err.count("\n") == 1


def test_a_whole_backend_is_swept_and_its_pages_written(ulpian: Command, tmp_path: Path) -> None:
    asked = ("make", "textbook", "--format", "float16", "--select", "softsign", "--jobs", "1")
    said = ulpian(*asked, "--output", str(tmp_path))
    assert said.code == 0, said.err
    (found,) = recorded.pages(tmp_path)
    assert [(r.function, r.quantity, r.proved) for r in found.results] == [
        ("softsign", "value", True),
        ("softsign", "gradient", True),
    ]
    before = (tmp_path / found.file_name).read_bytes()
    assert ulpian(*asked, "--resume", "--output", str(tmp_path)).code == 0
    assert (tmp_path / found.file_name).read_bytes() == before


def test_a_page_of_another_environment_is_made_anew_as_a_whole_only(
    ulpian: Command, tmp_path: Path
) -> None:
    asked = ("make", "textbook", "--format", "float16", "--output", str(tmp_path), "--jobs", "1")
    assert ulpian(*asked, "--select", "softsign").code == 0
    (place,) = tmp_path.iterdir()
    elsewhere = replace(read(place), environment={**read(place).environment, "cpu": "another"})
    pages_of.write(elsewhere, place)
    said = ulpian(*asked, "--select", "tanh")
    assert said.code == 2
    assert said.err.startswith(f"ulpian: '{place}' was made with cpu another, and here is ")
    assert said.err.endswith(": leave out --select to make it anew, or name another folder\n")
    new = results_of(read(place), cpu="a third")
    with pytest.raises(AtlasError, match="was made with cpu a third, and the rest of the page"):
        add(new, tmp_path)
    ((_, found),) = add(new, tmp_path, anew=True)
    assert found.environment["cpu"] == "a third"
    assert len(found.entries) == 1


def results_of(found: pages_of.Page, cpu: str) -> list[Result]:
    """The first result of a page, as if it had been made on another CPU."""
    return [replace(found.results[0], environment={**found.environment, "cpu": cpu})]


def test_a_wide_format_is_hunted_and_resumed(
    ulpian: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    asked = ("make", "reference", "--format", "float64", "--select", "tanh")
    said = ulpian(*asked, "--evaluations", "100000")
    assert said.code == 0, said.err
    (place,) = tmp_path.glob("*.json")
    found = {r.quantity: r for r in read(place).results}
    assert {r.method for r in found.values()} == {"hunt"}
    assert not any(r.proved for r in found.values())
    schema().validate(json.loads(place.read_text()))
    more = ulpian(*asked, "--evaluations", "200000", "--resume")
    assert more.code == 0, more.err
    for again in read(place).results:
        first = found[again.quantity]
        assert again.summary.inputs > first.summary.inputs
        assert again.largest is not None
        assert first.largest is not None
        assert again.largest.error >= first.largest.error


def test_a_format_in_which_nothing_can_be_judged_is_told(ulpian: Command, tmp_path: Path) -> None:
    asked = ("make", "scipy", "--select", "sigmoid", "--output", str(tmp_path), "--jobs", "1")
    said = ulpian(*asked, "--format", "float16")
    assert said.code == 2
    assert said.err.startswith("ulpian: nothing to sweep in 'scipy': sigmoid (value): computes")
    assert not list(tmp_path.iterdir())


def test_the_activations_of_a_target_are_what_is_swept() -> None:
    chosen = functions("reference")
    assert {"tanh", "gelu", "prelu"} <= set(chosen)
    assert not {"softmax", "glu", "mse", "bce"} & set(chosen)


# ---------------------------------------------------------------- the handbook


def test_the_handbook_draws_what_the_atlas_has_before_what_a_check_recorded(tmp_path: Path) -> None:
    name = next(r.name for r in records.load() if r.target == "torch")
    version = name.split()[1]
    found = of_version(version, 3.0, quantity="gradient")
    folder = kept(tmp_path, found)
    (gradient,) = [f for f in measured("tanh", "float16", atlas=folder) if "gradient" in f.name]
    said = "".join(map(str, gradient.caption))
    assert f"Every float was tried of {name}" in said
    assert "the points of a check were tried of jax" in said
    drawn = [c for p in panels(gradient.plot) for c in p.curves if 3.0 in c.y]
    assert len(drawn) == 1


def test_the_handbook_leaves_out_what_is_stale_or_of_an_older_version(tmp_path: Path) -> None:
    stale = result(3.0, environment=HERE | {"torch": "99.0"}, definition="0" * 32)
    older = result(5.0, target="jax", environment={"jax": "0.0.1"})
    for one in measured("tanh", "float16", atlas=kept(tmp_path, stale, older)):
        assert "Every float" not in "".join(map(str, one.caption))


def test_the_handbook_says_that_a_hunt_gives_a_lower_bound(tmp_path: Path) -> None:
    folder = kept(tmp_path, hunted(3.0, target="other", environment={"cpu": "a CPU"}))
    (value, *_) = measured("tanh", "float16", atlas=folder)
    said = "".join(map(str, value.caption))
    assert "a lower bound, from a hunt for the worst input, is drawn of other unversioned" in said
