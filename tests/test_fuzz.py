"""Fuzzing, the witnesses that it keeps, and judging them again."""

from __future__ import annotations

import json
import math
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

from ulpian.checks import cli
from ulpian.checks.files import FileError
from ulpian.checks.fuzzing import fuzz, witnesses
from ulpian.checks.fuzzing.fuzz import graver
from ulpian.checks.fuzzing.replay import State, exit_code, placed, replay
from ulpian.checks.fuzzing.witnesses import Kept, add, read, ready
from ulpian.checks.runs.run import INTERRUPTED
from ulpian.checks.seeds import SEED, derived
from ulpian.checks.verdict import Report, Status, Verdict, Witness
from ulpian.reference.formats import FORMATS
from ulpian.reference.level import Level
from ulpian.spec import find

WITNESS = Witness({"x": -5.5}, {"x": "0xc0b00000"}, truth=-1e-7, observed=-2e-7, error_ulp=9.0)
FAIL = Verdict(
    "gelu",
    "value.accuracy",
    "float32",
    Status.FAIL,
    Level.SOUND,
    9.0,
    WITNESS,
    points=10,
    seed=5,
)


def kept(verdict: Verdict = FAIL, target: str = "textbook") -> Kept:
    return Kept(target, None, Level.ACCURATE, "default", verdict)


class Said(NamedTuple):
    code: int
    out: str
    err: str


Command = Callable[..., Said]


@pytest.fixture
def ulpian(capsys: pytest.CaptureFixture[str], monkeypatch: Any, tmp_path: Path) -> Command:
    """Run a command line in this process, in a folder of its own."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> Said:
        with pytest.raises(SystemExit) as stopped:
            cli.main(arguments)
        out, err = capsys.readouterr()
        code = stopped.value.code
        assert isinstance(code, int)
        return Said(code, out, err)

    return run


# ---------------------------------------------------------------- the store


def test_a_witness_comes_back_as_it_was_kept(tmp_path: Path) -> None:
    store = tmp_path / "kept.jsonl"
    rows = Witness(
        {"z": [1.0, math.inf, -0.0], "alpha": 0.1, "cotangent": [1.0, 0.0, 0.5]},
        {"z": ["0x3f800000", "0x7f800000", "0x80000000"], "alpha": "0x3dcccccd"},
        observed=-math.inf,
        error_ulp=math.inf,
    )
    verdicts = [
        FAIL,
        replace(FAIL, witness=rows),
        replace(FAIL, property="structure.shape", witness=None),
    ]
    for verdict in verdicts:
        assert add(store, kept(verdict))
    assert [k.verdict for k in read(store)] == verdicts
    assert all(k.target == "textbook" and k.required is Level.ACCURATE for k in read(store))


def test_one_cause_is_kept_once(tmp_path: Path) -> None:
    store = tmp_path / "kept.jsonl"
    near = Witness({"x": -5.25}, {"x": "0xc0a80000"}, error_ulp=8.0)
    assert add(store, kept())
    assert not add(store, kept())
    assert not add(store, kept(replace(FAIL, witness=near, seed=6)))
    assert add(store, kept(replace(FAIL, level=Level.UNSOUND)))
    assert add(store, kept(replace(FAIL, message="every output is 0.5")))
    assert not add(store, kept(replace(FAIL, message="every output is 0.25")))
    assert add(store, kept(replace(FAIL, witness=Witness({"x": 1e30}, {"x": "0x7149f2ca"}))))
    assert add(store, kept(replace(FAIL, format="float64")))
    assert add(store, kept(target="scipy"))
    assert len(read(store)) == 6


def test_a_line_that_was_cut_short_is_left_out_and_written_over(tmp_path: Path) -> None:
    store = tmp_path / "kept.jsonl"
    add(store, kept())
    whole = store.read_bytes()
    for cut in (1, 30, len(whole) - 2):
        store.write_bytes(whole + whole[:cut])
        assert [k.verdict for k in read(store)] == [FAIL]
    other = replace(FAIL, format="float64")
    assert add(store, kept(other))
    assert [k.verdict for k in read(store)] == [FAIL, other]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{nonsense", "Expecting property name"),
        ("[]", "list indices"),
        ('{"witness": 9}', "of version 9, and this Ulpian reads 1"),
        ('{"witness": 1, "target": "torch"}', "'as'"),
    ],
)
def test_a_line_that_is_no_witness_is_named(tmp_path: Path, line: str, said: str) -> None:
    store = tmp_path / "kept.jsonl"
    add(store, kept())
    store.write_text(store.read_text() + line + "\n")
    with pytest.raises(FileError) as refusal:
        read(store)
    assert str(refusal.value).startswith(f"line 2 of {str(store)!r} is no witness (")
    assert said in str(refusal.value)
    assert str(refusal.value).endswith(": remove the line, or name another store")


def _add(store: str, first: int) -> None:
    for k in range(first, first + 20):
        add(Path(store), kept(replace(FAIL, function=f"f{k}")))


def test_two_writers_at_once_lose_nothing(tmp_path: Path) -> None:
    store = tmp_path / "kept.jsonl"
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=_add, args=(str(store), k)) for k in (0, 10)]
    for w in writers:
        w.start()
    for w in writers:
        w.join()
    assert sorted(k.verdict.function for k in read(store)) == sorted(f"f{k}" for k in range(30))


def test_a_store_that_cannot_be_written_is_refused_before_the_work(ulpian: Command) -> None:
    for store, said in (
        ("nowhere/kept.jsonl", "there is no folder 'nowhere'; make it first"),
        (".", "'.' is a folder; name a file"),
    ):
        found = ulpian("check", "textbook", "--time", "9s", "--witnesses", store)
        assert found.code == 2
        assert said in found.err
    Path("bad.jsonl").write_text("nonsense\n")
    found = ulpian("check", "textbook", "--time", "9s", "--witnesses", "bad.jsonl")
    assert found.code == 2
    assert "line 1 of 'bad.jsonl' is no witness" in found.err


def test_a_full_disk_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any) -> int:
        raise OSError(28, "No space left on device")

    store = tmp_path / "kept.jsonl"
    add(store, kept())
    monkeypatch.setattr(os, "write", full)
    with pytest.raises(FileError) as refusal:
        add(store, kept(target="scipy"))
    assert str(refusal.value) == f"cannot write {str(store)!r}: No space left on device"
    assert len(read(store)) == 1


def test_the_folder_of_the_usual_store_is_made(ulpian: Command) -> None:
    ready(witnesses.STORE)
    assert witnesses.STORE.parent.is_dir()
    assert not witnesses.STORE.exists()


# ---------------------------------------------------------------- rounds


class Court:
    """Stands in for `check_target`: gives prepared verdicts, round after round."""

    def __init__(self, *rounds: Any, seconds: float = 0.0) -> None:
        self.rounds, self.seconds = list(rounds), seconds
        self.asked: list[dict[str, Any]] = []

    def __call__(self, target: str, **options: Any) -> Report:
        self.asked.append(options)
        time.sleep(self.seconds)
        found = self.rounds[min(len(self.asked), len(self.rounds)) - 1]
        verdicts, stopped = found if isinstance(found, tuple) else (found, "")
        for v in verdicts:
            options["listen"](v)
        return Report(
            target,
            Level.ACCURATE,
            tuple(verdicts),
            seed=options["seed"],
            functions=("gelu",),
            formats=("float32",),
            complete=not stopped,
            stopped=stopped,
        )


PASS = Verdict("gelu", "grad.accuracy", "float32", Status.PASS, Level.EXACT, 0.5, points=7)


def fuzzed(
    court: Court, store: Path, monkeypatch: Any, budget: float = 0.3
) -> tuple[Report, list[str]]:
    monkeypatch.setattr(fuzz, "check_target", court)
    told: list[str] = []
    return fuzz.fuzz("textbook", budget, store, told.append, seed=7), told


def test_each_round_has_a_seed_of_its_own_derived_from_one(
    tmp_path: Path, monkeypatch: Any
) -> None:
    court = Court([PASS], seconds=0.05)
    report, told = fuzzed(court, tmp_path / "kept.jsonl", monkeypatch)
    seeds = [options["seed"] for options in court.asked]
    assert seeds == [derived(7, k) for k in range(1, len(seeds) + 1)]
    assert len(seeds) > 2
    assert told == ["fuzzing textbook with seed 7"]
    assert report.seed == 7
    assert report.rounds == len(seeds)
    assert report.ok
    assert sum(v.points for v in report.verdicts) == 7 * len(seeds)


def test_the_worst_of_all_rounds_is_told_with_its_seed(tmp_path: Path, monkeypatch: Any) -> None:
    rounds = [[replace(FAIL, status=Status.PASS, level=Level.EXACT)], [FAIL], [PASS]]
    report, told = fuzzed(Court(*rounds, seconds=0.1), tmp_path / "kept.jsonl", monkeypatch)
    (finding,) = report.findings
    assert finding.seed == derived(7, 2)
    assert finding.witness == WITNESS
    (witness,) = read(tmp_path / "kept.jsonl")
    assert told[1:] == [f"new witness {witness.id}: gelu-value.accuracy-float32, sound"]
    assert witness.verdict.seed == derived(7, 2)


def test_time_that_ends_in_a_later_round_leaves_a_whole_report(
    tmp_path: Path, monkeypatch: Any
) -> None:
    court = Court([PASS], ([FAIL], "the time of 1s was over"))
    report, _ = fuzzed(court, tmp_path / "kept.jsonl", monkeypatch)
    assert report.complete
    assert report.rounds == 1
    assert report.findings


def test_time_that_ends_in_the_first_round_leaves_it_incomplete(
    tmp_path: Path, monkeypatch: Any
) -> None:
    court = Court(([PASS], "the time of 1s was over"))
    report, _ = fuzzed(court, tmp_path / "kept.jsonl", monkeypatch)
    assert not report.complete
    assert report.stopped == "the time of 1s was over"


def test_an_interruption_keeps_what_was_found(tmp_path: Path, monkeypatch: Any) -> None:
    court = Court([PASS], ([FAIL], INTERRUPTED))
    report, _ = fuzzed(court, tmp_path / "kept.jsonl", monkeypatch)
    assert not report.complete
    assert report.stopped == INTERRUPTED
    assert len(read(tmp_path / "kept.jsonl")) == 1


def test_of_two_verdicts_the_graver_one_is_told() -> None:
    order = [
        replace(FAIL, level=Level.UNSOUND),
        FAIL,
        replace(FAIL, status=Status.ERROR, level=None),
        replace(FAIL, status=Status.UNDECIDED, level=None),
        replace(FAIL, status=Status.PASS, level=Level.ACCURATE),
        replace(FAIL, status=Status.PASS, level=Level.EXACT),
        replace(FAIL, status=Status.UNSUPPORTED, level=None),
    ]
    for k, grave in enumerate(order):
        for light in order[k:]:
            for pair in ((grave, light), (light, grave)):
                told = graver(*pair)
                assert (told.status, told.level) == (grave.status, grave.level)
                assert told.points == 20


@pytest.mark.parametrize("text", ["soon", "", "10x", "-5s", "0"])
def test_a_time_that_is_none_is_refused(ulpian: Command, text: str) -> None:
    found = ulpian("check", "textbook", f"--time={text}")
    assert found.code == 2
    assert found.err == f"ulpian: --time {text!r} is not a time: write 90s, 20m or 1h30m\n"


@pytest.mark.parametrize("option", [("--at", "1"), ("--timeout", "5s")])
def test_a_time_and_what_contradicts_it_are_refused(
    ulpian: Command, option: tuple[str, str]
) -> None:
    found = ulpian("check", "textbook", "--time", "9s", *option)
    assert found.code == 2
    assert found.err.startswith(f"ulpian: {option[0]} names ")
    assert found.err.endswith("and --time asks for rounds: leave one out\n")


def test_a_seed_that_is_none_is_refused(ulpian: Command) -> None:
    found = ulpian("check", "textbook", "--seed", "secret")
    assert found.code == 2
    assert "'secret' is neither a whole number from 0 on nor random" in found.err


# ---------------------------------------------------------------- as a user has it

WRONG = """
import numpy as np

def tanh(x):
    return np.where(abs(x) > 3, np.sign(x), np.tanh(x)).astype(x.dtype)

def softmax(z, axis=-1):
    e = np.exp(z)
    return (e / e.sum(axis=axis, keepdims=True)).astype(z.dtype)
"""


def command(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "ulpian.checks", *arguments],
        cwd=folder,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=dict(os.environ),
    )


def test_what_fuzzing_finds_is_kept_and_fails_until_it_is_mended(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(WRONG)
    select = ("--select", "value.accuracy", "--format", "float32", "--seed", "3")
    run = command(tmp_path, "check", "mine", "--time", "20s", "--profile", "smoke", *select)
    out, err = run.communicate()
    assert run.returncode == 1, err
    assert err.startswith("fuzzing mine with seed 3\n")
    assert "seed 3" in out
    found = read(tmp_path / witnesses.STORE)
    assert {k.verdict.function for k in found} == {"tanh", "softmax"}

    again = command(tmp_path, "replay", "--output-format", "json")
    out, err = again.communicate()
    assert again.returncode == 1, err
    assert {r["state"] for r in json.loads(out)} == {"still fails"}

    one = command(tmp_path, "replay", found[0].id)
    out, _ = one.communicate()
    assert one.returncode == 1
    assert out.startswith(f"still fails     {found[0].id}  ")

    (tmp_path / "mine.py").write_text(
        WRONG.replace("np.where(abs(x) > 3, np.sign(x), np.tanh(x))", "np.tanh(x)").replace(
            "np.exp(z)", "np.exp(z - z.max(axis=axis, keepdims=True))"
        )
    )
    mended = command(tmp_path, "replay")
    out, err = mended.communicate()
    assert mended.returncode == 0, out + err
    assert all(line.startswith("no longer fails") for line in out.splitlines())

    (tmp_path / "mine.py").write_text("def tanh(x):\n    return x\n")
    gone = command(tmp_path, "replay")
    out, _ = gone.communicate()
    lines = [line for line in out.splitlines() if "softmax" in line]
    assert lines
    assert all(line.startswith("no verdict") for line in lines)


def test_a_run_that_is_killed_leaves_a_store_that_can_be_read(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(WRONG)
    select = ("--select", "tanh:value.accuracy", "--format", "float32", "--profile", "smoke")
    run = command(tmp_path, "check", "mine", "--time", "5m", *select)
    store = tmp_path / witnesses.STORE
    end = time.monotonic() + 120
    while not (store.exists() and read(store)) and time.monotonic() < end:
        time.sleep(0.1)
    run.send_signal(signal.SIGKILL)
    run.communicate()
    assert [k.verdict.function for k in read(store)][:1] == ["tanh"]


# ---------------------------------------------------------------- replay


def test_the_input_of_a_witness_is_its_bits() -> None:
    fmt = FORMATS["float32"]
    odd = Witness(
        {"x": math.nan, "alpha": 0.1},
        {"x": "0x7fc01234", "alpha": fmt_bits(0.1)},
    )
    place = placed(find("elu"), replace(FAIL, function="elu", witness=odd))
    assert place is not None
    (x,) = place.numbers
    assert fmt.array(np.array([x])).view(np.uint32)[0] == 0x7FC01234
    assert place.setting == (("alpha", 0.1),)


def fmt_bits(value: float) -> str:
    return f"0x{FORMATS['float32'].bits_of(value):08x}"


def test_rows_and_their_cotangents_are_placed() -> None:
    bits = [fmt_bits(v) for v in (1.0, 2.0, -3.5)]
    row = Witness(
        {"z": [1.0, 2.0, -3.5], "entry": 1, "cotangent": [0.0, 1.0, 0.0]},
        {"z": bits, "entry": "1", "cotangent": [fmt_bits(v) for v in (0.0, 1.0, 0.0)]},
    )
    function = find("softmax")
    witness = replace(row, inputs={function.variables[0].name: row.inputs["z"], **row.inputs})
    witness = replace(witness, bits={function.variables[0].name: bits, **row.bits})
    place = placed(function, replace(FAIL, property="grad.accuracy", witness=witness))
    assert place is not None
    assert place.numbers == (1.0, 2.0, -3.5)
    assert place.cotangent == (0.0, 1.0, 0.0)


@pytest.mark.parametrize("name", ["structure.position", "loss.reduction", "identity.odd_part"])
def test_what_is_not_judged_alone_has_no_place(name: str) -> None:
    assert placed(find("gelu"), replace(FAIL, property=name)) is None


def test_a_witness_of_a_target_that_is_gone_is_no_verdict() -> None:
    found = list(replay([kept(target="no_such_module")]))
    assert [r.state for r in found] == [State.OPEN]
    assert "unknown target 'no_such_module'" in found[0].said
    assert exit_code(found) == 2


def test_a_witness_of_a_function_that_is_gone_is_no_verdict() -> None:
    found = list(replay([kept(replace(FAIL, function="nonesuch"))]))
    assert [r.state for r in found] == [State.OPEN]
    assert "nothing selected in 'textbook' by nonesuch:value.accuracy" in found[0].said


def test_a_witness_still_fails_at_its_input_and_not_where_code_is_right() -> None:
    (wrong,) = replay([kept()])
    assert (wrong.state, wrong.said) == (State.FAILS, "at its input")
    (right,) = replay([kept(replace(FAIL, seed=SEED), target="reference")])
    assert right.state is State.PASSES
    assert exit_code([wrong, right]) == 1
    assert exit_code([right]) == 0


def test_replay_refuses_what_is_not_there(ulpian: Command) -> None:
    found = ulpian("replay")
    assert found.code == 2
    assert found.err == (
        "ulpian: there is no store of witnesses '.ulpian/witnesses.jsonl': `ulpian check TARGET "
        "--time 10m` makes one\n"
    )
    add(Path("kept.jsonl"), kept())
    (one,) = read(Path("kept.jsonl"))
    found = ulpian("replay", "00000000", "--witnesses", "kept.jsonl")
    assert found.code == 2
    assert found.err == f"ulpian: no witness '00000000' in 'kept.jsonl'; it has {one.id}\n"
    found = ulpian("replay", "kept.jsonl", "--witnesses", "kept.jsonl")
    assert found.code == 2
    assert "both name a store: leave one out" in found.err


def test_check_judges_kept_witnesses_again_where_a_store_is_named(ulpian: Command) -> None:
    add(Path("kept.jsonl"), kept())
    words = ("--select", "gelu:value.accuracy", "--format", "float32", "--profile", "smoke")
    found = ulpian("check", "textbook", *words, "--jobs", "1", "--witnesses", "kept.jsonl")
    assert found.code == 1
    assert found.err.startswith("still fails     ")
    found = ulpian("check", "textbook", *words, "--witnesses", "none.jsonl")
    assert found.code == 2
    assert "there is no store of witnesses 'none.jsonl'" in found.err
