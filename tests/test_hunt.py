"""The search for the worst input: what it must find, and what it never claims."""

from __future__ import annotations

import itertools
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ulpian.checks import cli
from ulpian.checks.files import FileError
from ulpian.checks.hunting import corpus, hunt, windows
from ulpian.checks.hunting.corpus import Known
from ulpian.checks.hunting.hunt import Hunt
from ulpian.checks.hunting.hunted import Hunted, Limits, Wanted, hunted
from ulpian.checks.hunting.told import as_json, as_text
from ulpian.checks.hunting.track import Track
from ulpian.checks.hunting.windows import POINTS, Window
from ulpian.checks.sweeps.job import Job
from ulpian.checks.sweeps.plan import Request, plan
from ulpian.checks.sweeps.result import from_json
from ulpian.checks.sweeps.shard import Shard
from ulpian.reference.error import least_error
from ulpian.reference.formats import FORMATS

BUMPED = """
import numpy as np
from ulpian.reference.implementations import {base} as right

SPANS = {spans}

def {name}(x):
    y = right(x)
    for low, high in SPANS:
        y = np.where((x >= low) & (x < high), y + {ulps} * np.spacing(np.abs(y)), y)
    return y.astype(x.dtype)
"""
SHIPPED = corpus.SHIPPED
FRESH = itertools.count()
Planted = Callable[..., str]


@pytest.fixture(autouse=True)
def unknown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No input is known before."""
    monkeypatch.setattr(corpus, "SHIPPED", tmp_path / "none")


@pytest.fixture
def planted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Planted:
    """A module whose one function is off by some ulps in some intervals."""

    def make(spans: list[tuple[float, float]], ulps: object = 3, name: str = "tanh") -> str:
        module = f"bumped_{next(FRESH)}"
        text = BUMPED.format(base=name, name=name, spans=spans, ulps=ulps)
        (tmp_path / f"{module}.py").write_text(text, encoding="utf-8")
        return module

    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    return make


def hunts(target: str, tmp: Path, evaluations: int, **asked: Any) -> Hunted:
    seed, resume = asked.pop("seed", 1), asked.pop("resume", False)
    kept = asked.pop("corpus", tmp / "corpus")
    wanted = Wanted(Limits(None, evaluations), seed, kept, tmp / "hunts", resume)
    given = {"fmt": "float64", "select": ("tanh",)} | asked
    (found,) = hunted(plan(Request(target, hunt=True, **given)), wanted)
    return found


def told(found: Hunted) -> list[tuple[int, str, float, int]]:
    return [(s.points, s.by, s.found.error, s.found.bits) for s in found.history]


# ---------------------------------------------------------------- errors of windows


@pytest.mark.parametrize(
    ("name", "quantity", "fmt"),
    [
        ("tanh", "value", "float64"),
        ("gelu", "value", "float64"),
        ("softplus", "gradient", "float64"),
        ("gelu", "value", "float32"),
    ],
)
def test_the_error_of_a_window_is_the_oracle_s(name: str, quantity: str, fmt: str) -> None:
    track = Track(Job(Shard("reference", name, quantity, fmt)))
    rng = np.random.default_rng(3)
    top = track.fmt.emax
    pieces = [p for b in range(top - 8, top + 5) for n in (0, 1) for p in track.pieces(bool(n), b)]
    pieces = [p for p in pieces if p.coefficients is not None and p.count > POINTS << 1]
    chosen = []
    for k in rng.integers(0, len(pieces), 32).tolist():
        piece = pieces[k]
        stride = max((piece.count >> 10) // POINTS, 1)
        start = int(rng.integers(0, piece.count - stride * (POINTS - 1)))
        chosen.append(Window(piece, start, stride))
    seen = windows.look(track.fmt, track.answers, chosen)
    x = track.floats(np.array(seen.bits, dtype=track.fmt.integer))
    error, _ = least_error(seen.observed, track.job.quantity.truth(x, track.fmt), track.fmt)
    assert np.all(np.abs(error - seen.error) <= windows.ROUGH + 1e-9 * error)


def test_a_nan_in_a_window_is_infinitely_wrong() -> None:
    track = Track(Job(Shard("reference", "tanh", "value", "float64")))
    (piece, *_) = track.pieces(False, 1022)

    def call(array: Any) -> Any:
        found = track.answers(array)
        found[123] = np.nan
        return found

    seen = windows.look(track.fmt, call, [Window(piece, 0, 1)])
    assert seen.error.tolist() == [np.inf]
    assert seen.bits == [piece.first + 123]


# ---------------------------------------------------------------- what is always found


def test_a_bump_of_a_thousandth_of_a_binade_is_always_found(
    planted: Planted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hunt, "TURNS", 0)  # the scan alone
    rng = np.random.default_rng(20)
    exponents = [*rng.integers(-120, 5, 14).tolist(), *range(-3, 3)]
    spans = []
    for exponent in exponents:
        low = float(np.ldexp(rng.uniform(1, 2 - 2**-9), exponent)) * float(rng.choice([-1, 1]))
        spans.append(tuple(sorted((low, low + np.copysign(2.0 ** (exponent - 10), low)))))
    target = planted(spans, ulps=16)
    search = Hunt([Track(Job(Shard(target, "tanh", "value", "float32")))], 5)
    search.run(lambda: search.scanned < len(search.order))
    found = search.worst_of_binades()
    fmt = FORMATS["float32"]
    for low, high in spans:
        index = fmt.bits_of(float(fmt.round(np.array([low if low > 0 else high]))[0])) >> 23
        place, _ = found[index]
        assert place.error > 12
        assert any(a <= fmt.of_bits(place.bits) <= b for a, b in spans)


def test_a_bump_in_float64_is_found_whatever_the_seed(
    planted: Planted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hunt, "TURNS", 0)
    low = 1.3 * 2.0**-200
    target = planted([(low, low + 2.0**-210)])
    for seed in range(5):
        search = Hunt([Track(Job(Shard(target, "tanh", "value", "float64")))], seed)
        search.order = [b for b in search.order if abs(b - 1023 + 200) < 8]
        search.run(lambda s=search: s.scanned < len(s.order))  # type: ignore[misc]
        assert search.best is not None
        assert search.best.error > 2.9
        assert low <= FORMATS["float64"].of_bits(search.best.bits) < low + 2.0**-210


def test_the_search_rises_to_the_top_of_a_slope(planted: Planted, tmp_path: Path) -> None:
    # from 0.5 on the error grows with x: the worst is the last float below 0.75
    (tmp_path / "sloping.py").write_text(
        "import numpy as np\n"
        "def tanh(x):\n"
        "    y = np.tanh(x)\n"
        "    return np.where((x >= 0.5) & (x < 0.75), y * (1 + (x - 0.5) * 2.0**-10), y)\n",
        encoding="utf-8",
    )
    found = hunts("sloping", tmp_path, 10_000_000)
    worst = found.result.largest
    assert worst is not None
    assert 0 < 0.75 - float.fromhex(worst.x) < 2.0**-36


def test_a_nan_ends_the_search_but_not_the_scan(planted: Planted, tmp_path: Path) -> None:
    target = planted([(0.5, 0.75)], ulps="np.nan")
    found = hunts(target, tmp_path, 10**9, fmt="float32")
    worst = found.result.largest
    assert worst is not None
    assert worst.error == np.inf
    assert found.scanned == 1.0
    assert len(found.result.summary.binades) > 400
    assert json.loads(as_json([found]))["hunts"][0]["history"][-1]["error"] == "inf"


def test_a_tiny_region_is_not_claimed_to_be_right(planted: Planted, tmp_path: Path) -> None:
    """Three ulps in 2**-40 of a binade: no search has to find that, and none may deny it."""
    target = planted([(0.6180339887, 0.6180339887 + 2.0**-41)])
    found = hunts(target, tmp_path, 300_000)
    assert found.result.method == "hunt"
    assert not found.result.proved
    assert found.result.level is None
    assert "at least" in as_text([found])
    assert "lower bound" in as_text([found])
    assert json.loads(as_json([found]))["hunts"][0]["lower_bound"] is True


# ---------------------------------------------------------------- the same again


def test_the_same_seed_and_number_of_inputs_try_the_same(tmp_path: Path) -> None:
    one, two = (hunts("scipy", tmp_path / name, 2_000_000) for name in ("a", "b"))
    assert told(one) == told(two)
    assert one.result == two.result
    other = hunts("scipy", tmp_path / "c", 2_000_000, seed=2)
    assert told(other) != told(one)


def test_a_hunt_that_went_on_tried_what_it_would_have(tmp_path: Path) -> None:
    whole = hunts("scipy", tmp_path / "a", 3_000_000, corpus=None)
    part = hunts("scipy", tmp_path / "b", 1_500_000, corpus=None)
    assert part.points < whole.points
    resumed = hunts("scipy", tmp_path / "b", 3_000_000, corpus=None, resume=True)
    assert told(resumed) == told(whole)
    assert resumed.points == whole.points
    assert resumed.result == whole.result


# ---------------------------------------------------------------- the corpus


def test_what_was_bad_for_one_backend_is_tried_first_on_another(
    planted: Planted, tmp_path: Path
) -> None:
    spans = [(0.6180339887, 0.6180339887 + 2.0**-41)]
    x = 0.6180339887 + 2.0**-42
    fmt = FORMATS["float64"]
    known = Known("tanh", "value", "float64", "x", fmt.bits_of(x), 3.2, "another 1.0")
    corpus.add(tmp_path / "corpus", "tanh", [known])
    found = hunts(planted(spans), tmp_path, 1)
    worst = found.result.largest
    assert worst is not None
    assert worst.bits == known.bits
    assert found.history[-1].by == "corpus"
    kept = corpus.read(tmp_path / "corpus", "tanh")
    assert {k.by for k in kept if k.bits == known.bits} == {"another 1.0", found.result.target}


def test_an_input_of_a_narrower_format_is_tried_too() -> None:
    one = Known("tanh", "value", "float32", "x", 0x3F000001, 1.5, "torch 2")
    assert list(corpus.inputs([one], FORMATS["float64"], "x")) == [
        ({}, [FORMATS["float64"].bits_of(0.5 + 2.0**-24)])
    ]
    assert list(corpus.inputs([one], FORMATS["float64"], "y")) == []


def test_a_corpus_keeps_the_worst_of_few_binades_in_order() -> None:
    bits = [0x3F000000 + (k << 23) + j for k in range(12) for j in range(3)]
    known = [Known("f", "value", "float32", "x", b, 1.0 + b % 16, "torch 2") for b in bits]
    kept = corpus.worst(known)
    assert len(kept) == corpus.KEPT
    assert all(k.bits % 16 == 2 for k in kept)
    assert [k.bits for k in kept] == sorted(k.bits for k in kept)
    assert corpus.worst(reversed(known)) == kept
    assert corpus.worst([Known("f", "value", "float32", "x", 1, 0.5, "torch 2")]) == ()


def test_a_corpus_reads_what_it_wrote(tmp_path: Path) -> None:
    one = Known("f", "value", "float32", "x", 1, np.inf, "b", {"alpha": "1/2"}, {"y": "3/4"})
    assert corpus.add(tmp_path, "f", [one]) == 1
    assert corpus.add(tmp_path, "f", [one]) == 0
    assert corpus.read(tmp_path, "f") == (one,)
    assert corpus.read(tmp_path, "g") == ()


def test_a_file_that_is_no_corpus_is_named(tmp_path: Path) -> None:
    (tmp_path / "tanh.json").write_text('{"corpus": 7}', encoding="utf-8")
    with pytest.raises(FileError, match=r"tanh.json' is no corpus .*version 7.*remove it"):
        corpus.read(tmp_path, "tanh")


def test_the_corpus_that_is_shipped_can_be_read_and_is_in_order() -> None:
    places = sorted(SHIPPED.glob("*.json"))
    assert len(places) > 10
    for place in places:
        known = corpus.read(SHIPPED, place.stem)
        assert corpus.text(place.stem, known) == place.read_text(encoding="utf-8")
        assert corpus.worst(known) == known


# ---------------------------------------------------------------- several variables


def test_other_variables_are_searched_too(tmp_path: Path) -> None:
    found = hunts("scipy", tmp_path, 600_000, select=("logaddexp",), fmt="float32")
    worst = found.result.largest
    assert worst is not None
    assert list(found.result.fixed) == ["x2"]
    assert found.result.fixed != {"x2": "1"}  # where it began
    assert len({step.found.fixed["x2"] for step in found.history}) > 1


def test_a_variable_that_is_fixed_stays(tmp_path: Path) -> None:
    given = {"select": ("logaddexp",), "fmt": "float32", "fixed": {"x2": 0.25}}
    found = hunts("scipy", tmp_path, 1_000_000, **given)
    assert found.result.fixed == {"x2": "1/4"}
    assert {tuple(step.found.fixed.items()) for step in found.history} == {(("x2", "1/4"),)}


# ---------------------------------------------------------------- the command


def said(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ended:
        cli.main(["hunt", *words])
    out, err = capsys.readouterr()
    return int(ended.value.code or 0), out, err


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["scipy:tanhh"], "tanhh"),
        (["scipy:tanh", "--format", "float33"], "unknown format 'float33': choose from float32"),
        (["scipy:tanh", "--format", "float16"], "few floats: try them all with `ulpian sweep`"),
        (["scipy:tanh", "--quantity", "slope"], "unknown quantity 'slope': choose from value"),
        (["scipy:tanh", "--time", "soon"], "--time 'soon' is not a time: write 90s"),
        (["scipy:tanh", "--seed", "x"], "'x' is neither a whole number from 0 on nor random"),
        (["scipy:tanh", "--resume", "--seed", "1"], "with the seed of the hunt that was ended"),
        (["scipy:tanh", "--resume"], "--resume: no hunt of tanh (value, float64) was ended here"),
        (["scipy:tanh", "--corpus", "nowhere"], "--corpus 'nowhere' is no folder: make it first"),
        (["scipy:softmax"], "softmax works along an axis"),
    ],
)
def test_a_request_that_cannot_be_served_is_one_sentence(
    words: list[str],
    sentence: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    code, out, err = said(capsys, *words)
    assert (code, out) == (2, "")
    assert sentence in err
    assert err.count("\n") == 1


def test_the_command_tells_what_it_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    code, out, _ = said(capsys, "scipy:tanh", "--evaluations", "200000", "--output-format", "json")
    (one,) = json.loads(out)["hunts"]
    assert code == 0
    assert one["points"] >= 200_000
    assert one["points_per_second"] > 0
    errors = [s["error"] for s in one["history"]]
    assert errors == sorted(errors)
    result = from_json(one["result"])
    assert result.largest is not None
    assert result.largest.error == pytest.approx(errors[-1], rel=1e-5)
    assert (tmp_path / ".ulpian" / "hunts").is_dir()


def test_time_ends_a_hunt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    start = time.monotonic()
    code, out, _ = said(capsys, "scipy:tanh", "--time", "1s")
    assert code == 0
    assert "a lower bound: other inputs may be worse" in out
    assert time.monotonic() - start < 60


@pytest.mark.skipif(not hasattr(signal, "SIGINT"), reason="no signals")
def test_an_interruption_keeps_everything(tmp_path: Path) -> None:
    words = [sys.executable, "-m", "ulpian.checks", "hunt", "scipy:tanh", "--time", "10m"]
    process = subprocess.Popen(
        words,
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ,
    )
    end = time.monotonic() + 120
    while not any(tmp_path.glob(".ulpian/hunts/*.json")) and time.monotonic() < end:
        time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 130, err
    assert "at least" in out
    assert "--resume goes on" in out
    again = subprocess.run(
        [*words[:5], "--evaluations", "1", "--resume"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        env=os.environ,
    )
    assert again.returncode == 0, again.stderr
