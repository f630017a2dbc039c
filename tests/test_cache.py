"""Truths on disk: what is not exactly what was asked is never trusted."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sympy

from ulpian.reference import FORMATS, Answer, cache, oracle, truth, truth_rows
from ulpian.spec import Function, derive, find
from ulpian.spec.symbols import x

F32, F64 = FORMATS["float32"], FORMATS["float64"]
POINTS = np.linspace(-8, 8, 80).astype(np.float32).astype(np.float64)
LOGITS = POINTS.reshape(20, 4)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache folder that does not exist yet."""
    place = tmp_path / "truths"
    monkeypatch.setenv("ULPIAN_CACHE", str(place))
    return place


def files(folder: Path) -> list[Path]:
    """The files of truths: shapes in JSON after a digest. Others hold generated code."""
    found = (p for p in folder.rglob("*") if p.is_file())
    return sorted(p for p in found if p.read_bytes()[32:34] in (b"[[", b""))


def ask(function: str | Function = "gelu", **options: Any) -> Any:
    f = find(function) if isinstance(function, str) else function
    return truth(f, [POINTS], options.pop("fmt", F32), **options)


def same(found: Any, known: Any) -> bool:
    """The same truths, remainders to the precision in which they are kept."""
    return list(found) == list(known) and all(
        np.array_equal(getattr(a, f.name), getattr(b, f.name), equal_nan=True)
        if f.name in ("nearest", "exponent", "decided")
        else np.allclose(getattr(a, f.name), getattr(b, f.name), rtol=2.0**-23, atol=0)
        for name in found
        for a, b in zip(found[name].answers, known[name].answers, strict=True)
        for f in fields(a)
    )


@pytest.fixture
def computed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Grows by one with every question that is computed rather than loaded."""
    asked: list[str] = []
    plain = oracle._Question._compute

    def counted(self: Any, *arguments: Any) -> Any:
        asked.append(self.function.name)
        return plain(self, *arguments)

    monkeypatch.setattr(oracle._Question, "_compute", counted)
    return asked


# ---------------------------------------------------------------- what is kept


def test_a_truth_is_computed_once_and_then_loaded(folder: Path, computed: list[str]) -> None:
    first = ask()
    assert len(files(folder)) == 1
    second = ask()
    assert computed == ["gelu"]
    assert same(second, first)
    assert same(second, ask(cached=False))


def test_rows_are_kept_too(folder: Path) -> None:
    function, cotangent = find("softmax"), np.ones_like(LOGITS)
    first = truth_rows(function, [LOGITS], F32, cotangent)
    assert len(files(folder)) == 1
    assert same(truth_rows(function, [LOGITS], F32, cotangent), first)
    assert len(files(folder)) == 1
    truth_rows(function, [LOGITS], F32, 2 * cotangent)
    truth_rows(function, [LOGITS], F32)
    truth_rows(find("log_softmax"), [LOGITS], F32)
    truth_rows(function, [LOGITS.reshape(10, 8)], F32)
    assert len(files(folder)) == 5


def test_a_limit_is_kept_and_a_file_that_holds_none_is_dropped(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []
    limit = derive.limit

    def counted(*given: Any) -> Any:
        asked.append(given)
        return limit(*given)

    monkeypatch.setattr(derive, "limit", counted)

    def at_infinity() -> float:
        for kept in (oracle._limit_at, oracle._limit_value):
            kept.cache_clear()
        found = truth(find("silu"), [np.array([-np.inf])], F32, cached=False)
        return float(found["value"].nearest[0])

    assert at_infinity() == 0
    times = len(asked)
    assert times > 0
    assert at_infinity() == 0
    assert len(asked) == times
    kept = [p for p in folder.rglob("*") if p.is_file() and p.read_bytes()[32:] == b"Integer(0)"]
    for path in kept:
        cache.write(path.name, b"Integer(")
    assert at_infinity() == 0
    assert len(asked) > times


def test_few_points_are_not_worth_a_file(folder: Path) -> None:
    truth(find("gelu"), [POINTS[:10]], F32)
    assert files(folder) == []


def test_undecided_and_extreme_answers_survive(folder: Path) -> None:
    odd = Answer(
        nearest=np.array([np.nan, -0.0, np.inf, 5e-324, 1.0]),
        rest=np.array([0.0, -0.25, 2.0, 0.5, -(2.0**-60)]),
        exponent=np.array([0, -1074, 971, -1074, -52]),
        condition=np.array([0.0, 1e-30, 1e30, 3.0, 0.1]),
        decided=np.array([False, True, True, True, True]),
    )
    cache.store("ab" * 20, [odd, odd[1:]])
    first, second = cache.load("ab" * 20) or []
    assert np.array_equal(first.nearest, odd.nearest, equal_nan=True)
    assert np.signbit(first.nearest[1])
    assert np.array_equal(first.decided, odd.decided)
    assert np.array_equal(first.exponent, odd.exponent)
    assert first.exponent.dtype == np.int64
    assert np.allclose(first.rest, odd.rest, rtol=2.0**-23, atol=0)
    assert np.allclose(first.condition, odd.condition, rtol=2.0**-23, atol=0)
    assert second.nearest.size == 4


# ---------------------------------------------------------------- the key


def test_the_key_changes_with_anything(folder: Path, computed: list[str]) -> None:
    gelu = find("gelu")
    variants: list[Callable[[], Any]] = [
        lambda: ask(),
        lambda: ask(fmt=F64),
        lambda: ask(second=True),
        lambda: ask(engine="mpmath"),
        lambda: ask("silu"),
        lambda: ask(gelu.replace(expression=gelu.expression * 2)),
        lambda: ask("swish"),
        lambda: ask("swish", given={"beta": 2}),
        lambda: truth(gelu, [POINTS + 1], F32),
        lambda: truth(gelu, [POINTS[:-1]], F32),
        lambda: truth(gelu, [POINTS[::-1]], F32),
        lambda: truth(gelu, [np.where(POINTS[3] == POINTS, -POINTS, POINTS)], F32),
    ]
    for count, variant in enumerate(variants, start=1):
        variant()
        assert len(files(folder)) == len(computed) == count
    for variant in variants:
        variant()
    assert len(computed) == len(variants)


def test_the_key_changes_with_a_constant_that_prints_alike(folder: Path) -> None:
    third = sympy.Rational(1, 3)
    near = third + sympy.Rational(1, 10**40)
    assert float(third) == float(near)
    for slope in (third, near):
        ask(Function(name="line", title="Line", variables=(x,), expression=slope * x))
    assert len(files(folder)) == 2


def test_one_changed_bit_in_the_points_is_another_question(folder: Path) -> None:
    for last in (0.0, -0.0, 5e-324):
        points = POINTS.copy()
        points[-1] = last
        truth(find("gelu"), [points], F64)
    assert len(files(folder)) == 3


def test_parts_of_a_key_do_not_run_into_each_other() -> None:
    keys = {
        cache.key("ab", "c"),
        cache.key("a", "bc"),
        cache.key("abc"),
        cache.key(b"ab", "c"),
        cache.key("ab", "c", ""),
        cache.key(1),
        cache.key("1"),
        cache.key(True),
    }
    assert len(keys) == 8
    assert cache.key("a", 1) == cache.key("a", 1)


def test_the_key_changes_with_the_version(monkeypatch: pytest.MonkeyPatch) -> None:
    before = cache.key("a")
    monkeypatch.setattr(cache, "VERSION", cache.VERSION + 1)
    assert cache.key("a") != before


# ---------------------------------------------------------------- what is not trusted


def garbage(raw: bytes) -> bytes:
    return b"no truth at all" * 50


def emptied(raw: bytes) -> bytes:
    return b""


def shortened(raw: bytes) -> bytes:
    return raw[: len(raw) // 2]


def cut_to_the_digest(raw: bytes) -> bytes:
    return raw[:32]


def lengthened(raw: bytes) -> bytes:
    return raw + b"\0"


def flipped_in_the_middle(raw: bytes) -> bytes:
    middle = len(raw) // 2
    return raw[:middle] + bytes([raw[middle] ^ 1]) + raw[middle + 1 :]


def flipped_at_the_start(raw: bytes) -> bytes:
    return bytes([raw[0] ^ 128]) + raw[1:]


DAMAGES = [
    garbage, emptied, shortened, cut_to_the_digest, lengthened, flipped_in_the_middle,
    flipped_at_the_start,
]  # fmt: skip


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda d: d.__name__)
def test_a_damaged_file_is_computed_again(
    folder: Path, computed: list[str], damage: Callable[[bytes], bytes]
) -> None:
    known = ask()
    (file,) = files(folder)
    good = file.read_bytes()
    file.write_bytes(damage(good))
    assert same(ask(), known)
    assert computed == ["gelu", "gelu"]
    assert [p.name for p in files(folder)] == [file.name]
    assert same(ask(), known)
    assert len(computed) == 2  # what was written anew is good


def digest(raw: bytes) -> bytes:
    import hashlib

    return hashlib.blake2b(raw, digest_size=32).digest()


def test_a_well_formed_file_that_holds_something_else_is_computed_again(
    folder: Path, computed: list[str]
) -> None:
    known = ask()
    (file,) = files(folder)
    for strange in (b"", b"not an archive", b"PK\x03\x04"):
        file.write_bytes(digest(strange) + strange)
        assert same(ask(), known)
    assert len(computed) == 4


def test_the_file_of_another_question_is_computed_again(folder: Path, computed: list[str]) -> None:
    """A copy under a wrong name is intact, and wrong."""
    known = ask()
    (own,) = files(folder)
    ask("silu")
    (other,) = (p for p in files(folder) if p != own)
    shutil.copyfile(other, own)
    assert same(ask(), known)
    assert computed == ["gelu", "silu", "gelu"]


def test_a_folder_in_the_place_of_a_file_is_no_error(folder: Path) -> None:
    known = ask()
    (file,) = files(folder)
    file.unlink()
    file.mkdir()
    assert same(ask(), known)
    assert files(folder) == []  # nothing is left lying about


# ---------------------------------------------------------------- when the disk refuses


def test_a_folder_that_cannot_be_made_is_no_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    occupied = tmp_path / "file"
    occupied.write_text("in the way")
    for place in (occupied, occupied / "below"):
        monkeypatch.setenv("ULPIAN_CACHE", str(place))
        assert same(ask(), ask(cached=False))
    assert occupied.read_text() == "in the way"


def refuse(*arguments: Any, **options: Any) -> Any:
    raise PermissionError("read-only")


def test_a_read_only_folder_is_no_error(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    known = ask()
    monkeypatch.setattr(os, "replace", refuse)
    monkeypatch.setattr(tempfile, "NamedTemporaryFile", refuse)
    assert same(ask(), known)
    assert same(ask("silu"), ask("silu", cached=False))
    assert len(files(folder)) == 1


def test_a_damaged_file_in_a_read_only_folder_is_no_error(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = ask()
    (file,) = files(folder)
    file.write_bytes(b"garbage")
    for name in ("unlink", "mkdir"):
        monkeypatch.setattr(Path, name, refuse)
    monkeypatch.setattr(tempfile, "NamedTemporaryFile", refuse)
    assert same(ask(), known)


def test_a_failed_move_leaves_nothing_behind(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "replace", refuse)
    ask()
    assert files(folder) == []


# ---------------------------------------------------------------- where it is


def test_the_cache_can_be_turned_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    for word in ("off", "OFF", "0", "none"):
        monkeypatch.setenv("ULPIAN_CACHE", word)
        assert cache.folder() is None
        ask()
        assert cache.load("ab" * 20) is None
    assert list(tmp_path.iterdir()) == []


def test_the_cache_is_where_the_user_keeps_caches(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ULPIAN_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache.folder() == tmp_path / "ulpian"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    if sys.platform != "win32":
        assert cache.folder() == tmp_path / ".cache" / "ulpian"
    monkeypatch.setenv("ULPIAN_CACHE", str(tmp_path / "own"))
    assert cache.folder() == tmp_path / "own"


# ---------------------------------------------------------------- many writers


KEY = "cd" * 20


def plain_answer() -> Answer:
    values = np.arange(200_000, dtype=np.float64)
    return Answer(
        values, np.zeros(values.size), np.zeros(values.size, dtype=np.int64),
        np.zeros(values.size), np.ones(values.size, dtype=bool),
    )  # fmt: skip


def write_often(barrier: Any, wrong: Any) -> None:
    """Store and load the same key, all at once; count what is read and not right."""
    answer = plain_answer()
    barrier.wait(60)
    for _ in range(6):
        cache.store(KEY, [answer])
        found = cache.load(KEY)
        if found is None or not np.array_equal(found[0].nearest, answer.nearest):
            with wrong.get_lock():
                wrong.value += 1


def test_eight_processes_that_write_the_same_key_leave_a_good_file(folder: Path) -> None:
    context = multiprocessing.get_context("spawn")
    barrier, wrong = context.Barrier(8), context.Value("i", 0)
    processes = [context.Process(target=write_often, args=(barrier, wrong)) for _ in range(8)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(120)
    assert [p.exitcode for p in processes] == [0] * 8
    assert wrong.value == 0
    assert [p.name for p in files(folder)] == [KEY]
    (found,) = cache.load(KEY) or []
    assert np.array_equal(found.nearest, plain_answer().nearest)
