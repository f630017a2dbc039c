"""Paths and labellings: the sum over paths, and the one function that the book has of sequences."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest
import sympy
from numpy.typing import NDArray
from sympy import Integer, S, Sum, exp

from ulpian.checks import check
from ulpian.checks.book.evaluation import evaluation
from ulpian.checks.judging.judge import judge
from ulpian.checks.runs.run import check_target
from ulpian.checks.testing.assertion import assert_ulp
from ulpian.checks.usage import UsageError
from ulpian.reference import FORMATS, Format, implementations
from ulpian.reference.level import Level
from ulpian.reference.rows import truth_rows
from ulpian.spec import Function, SpecError, Variable, derive, find
from ulpian.spec.alignments import Alignments, TooManyPaths, alignments, labelling
from ulpian.spec.symbols import frames, j, labels, n, path, t_vector, z

Array = NDArray[Any]
CTC = find("ctc")
F32, F64 = FORMATS["float32"], FORMATS["float64"]


# ---------------------------------------------------------------- paths


@pytest.mark.parametrize(
    ("walked", "read"),
    [
        ((), ()),
        ((0, 0), ()),
        ((1, 1, 1), (1,)),
        ((1, 0, 1), (1, 1)),
        ((0, 2, 2, 0, 0, 1), (2, 1)),
        ((1, 2, 1), (1, 2, 1)),
    ],
)
def test_repeats_are_merged_and_then_blanks_dropped(
    walked: tuple[int, ...], read: tuple[int, ...]
) -> None:
    assert labelling(walked) == read


def test_paths_are_all_that_stand_for_the_labels_and_no_others() -> None:
    for target in ((), (1,), (2, 1), (1, 1), (3, 1, 3)):
        every = itertools.product(range(4), repeat=4)
        assert set(alignments(target, 4)) == {p for p in every if labelling(p) == target}


def test_distinct_labels_have_as_many_paths_as_a_binomial_says() -> None:
    for length in range(2, 7):
        assert len(alignments((1, 2), length)) == math.comb(length + 2, 4)


def test_labels_that_need_more_frames_have_no_path() -> None:
    assert alignments((1, 1), 2) == ()
    assert alignments((1, 1), 3) == ((1, 0, 1),)


def test_a_sequence_with_too_many_paths_is_refused() -> None:
    with pytest.raises(TooManyPaths) as caught:
        alignments((1, 2), 10)
    assert str(caught.value) == (
        "10 frames of 3 classes have 59049 paths, and the definition sums over each of them: "
        "give a sequence that has 20000 at most"
    )


# ---------------------------------------------------------------- the sum over them


def test_a_derivative_goes_into_the_sum_and_keeps_the_paths_apart() -> None:
    score = Alignments(exp(Sum(z[j, path[j]], (j, 0, frames - 1))), t_vector, frames)
    h, k = sympy.symbols("h k", integer=True)
    slope = derive.collapse(sympy.diff(score, z[h, k]))
    assert slope == score.func(score.function * sympy.KroneckerDelta(k, path[h]), t_vector, frames)
    assert path.label not in score.free_symbols
    assert sympy.diff(score, sympy.Symbol("x")) == 0


def test_labels_and_frames_that_are_numbers_give_the_paths() -> None:
    two = Alignments(path[0] + path[1], sympy.Tuple(Integer(2)), Integer(2))
    assert two.paths == [{path[0]: a, path[1]: b} for a, b in ((0, 2), (2, 0), (2, 2))]


# ---------------------------------------------------------------- shapes


def sequence(**fields: Any) -> Function:
    plain: dict[str, Any] = {
        "name": "sequence",
        "title": "A sequence",
        "variables": (Variable(z, shape=(frames, n)),),
        "expression": Sum(z[j, 0], (j, 0, frames - 1)),
        "sizes": {frames: Integer(3)},
    }
    return Function(**{**plain, **fields})


def test_a_matrix_is_tried_in_the_shape_that_the_definition_says() -> None:
    assert sequence().tried(sequence().variables[0], 5) == (3, 5)
    assert [CTC.tried(v, 5) for v in CTC.variables] == [(4, 5), (2,)]
    assert [CTC.entries(length) for length in (1, 2, 8)] == [0, 1, 1]


def test_a_shape_that_nobody_can_fill_is_refused() -> None:
    with pytest.raises(SpecError) as caught:
        sequence(sizes={})
    assert str(caught.value) == (
        "sequence: variables: z has the shape (T, n); say in sizes how long T is"
    )
    with pytest.raises(SpecError) as caught:
        sequence(variables=(Variable(z, shape=(n, frames)),))
    assert str(caught.value) == (
        "sequence: variables: z has the shape (n, T); give (n,), (T, n) or (S,)"
    )
    with pytest.raises(SpecError) as caught:
        sequence(variables=(Variable(z, shape=(frames,)),))
    assert str(caught.value) == "sequence: variables: no row has the length n"


def test_a_sum_over_a_matrix_needs_nothing_more() -> None:
    rows = np.arange(24.0).reshape(2, 3, 4)
    found = truth_rows(sequence(), [rows], F32, np.ones(2), cached=False)
    assert found["value"].nearest.tolist() == rows[:, :, 0].sum(axis=1).tolist()
    assert np.array_equal(found["z"].nearest, np.broadcast_to(np.eye(4)[0], (2, 3, 4)))


# ---------------------------------------------------------------- the truth of ctc


def by_enumeration(logits: Array, target: tuple[int, ...]) -> float:
    y = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    classes = range(logits.shape[1])
    every = itertools.product(classes, repeat=len(logits))
    paths = [p for p in every if labelling(p) == target]
    return -math.log(sum(math.prod(y[f, k] for f, k in enumerate(p)) for p in paths))


@pytest.mark.parametrize(("target", "length"), [((1,), 1), ((2,), 3), ((1, 1), 4), ((2, 1), 5)])
def test_the_truth_is_the_sum_over_every_path(target: tuple[int, ...], length: int) -> None:
    logits = np.random.default_rng(length).normal(size=(1, length, 3))
    known = np.array([target], dtype=float)
    found = truth_rows(CTC, [logits, known], F64, np.ones(1), cached=False)
    assert found["value"].nearest[0] == pytest.approx(by_enumeration(logits[0], target), rel=1e-14)
    for place in ((0, 0), (length - 1, 2)):
        moved = [logits[0].copy(), logits[0].copy()]
        for sign, m in zip((1, -1), moved, strict=True):
            m[place] += sign * 1e-6
        slope = (by_enumeration(moved[0], target) - by_enumeration(moved[1], target)) / 2e-6
        assert found["logits"].nearest[(0, *place)] == pytest.approx(slope, rel=1e-6, abs=1e-8)


def test_a_target_without_a_path_has_an_infinite_loss_and_no_gradient() -> None:
    rows = [np.zeros((1, 2, 3)), np.array([[1.0, 1.0]])]
    found = truth_rows(CTC, rows, F32, np.ones(1), cached=False)
    assert found["value"].nearest[0] == np.inf
    assert found["value"].decided.all()
    assert not found["logits"].decided.any()


@pytest.mark.parametrize("label", [0.0, 3.0, 1.5, np.nan])
def test_a_number_that_is_no_label_is_refused(label: float) -> None:
    with pytest.raises(ValueError, match=r"no label") as caught:
        truth_rows(CTC, [np.zeros((1, 2, 3)), np.array([[1.0, label]])], F32)
    assert str(caught.value) == (
        f"ctc: target = {label:g} is no label: give whole numbers from 1 to 2, as there are 3 "
        "classes and 0 is the blank"
    )


def test_a_sequence_that_is_too_long_for_the_definition_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^ctc: 20 frames of 2 classes have 1048576 paths"):
        truth_rows(CTC, [np.zeros((1, 20, 2)), np.ones((1, 1))], F32)


# ---------------------------------------------------------------- the reference


def assert_accurate(logits: Array, target: Array, fmt: Format) -> None:
    ones = np.ones(len(logits))
    truth = truth_rows(CTC, [logits, target], fmt, ones)
    classes, native = target.astype(int), fmt.array(logits)
    seen = implementations.ctc(native, classes, reduction="none")
    (slopes,) = implementations.ctc_vjp(
        native, classes, reduction="none", cotangent=fmt.array(ones)
    )
    for which, found in (("value", seen), ("logits", slopes)):
        verdict = judge(found.astype(np.float64), truth[which], fmt, 1.0)
        assert verdict.undecided == 0
        assert verdict.rank.min() >= Level.ACCURATE.rank, which


@pytest.mark.parametrize("fmt", [F32, F64], ids=str)
def test_a_frame_that_every_path_takes_alike_swallows_nothing(fmt: Format) -> None:
    """The first frame costs 1000 whichever way; the others decide by the last digits."""
    rng = np.random.default_rng(5)
    logits = fmt.round(rng.normal(size=(8, 4, 3)))
    for size in (1e3, 1e6, 1e30):
        logits[:, 0] = fmt.round(size * np.array([1.0, 0.0, 0.0]))
        assert_accurate(logits, rng.integers(1, 3, (8, 2)).astype(float), fmt)


def test_long_sequences_agree_with_float64_in_float32() -> None:
    rng = np.random.default_rng(6)
    logits = rng.normal(scale=3, size=(3, 200, 20)).astype(np.float32)
    target = rng.integers(1, 20, (3, 60))
    wide = implementations.ctc(logits.astype(np.float64), target)
    assert float(implementations.ctc(logits, target)) == pytest.approx(float(wide), rel=1e-6)
    one = np.array(1.0)
    (due,) = implementations.ctc_vjp(logits.astype(np.float64), target, cotangent=one)
    (found,) = implementations.ctc_vjp(logits, target, cotangent=one.astype(np.float32))
    assert np.abs(found - due).max() < 1e-5 * np.abs(due).max()
    assert np.abs(due.sum(axis=-1)).max() < 1e-15


def test_the_mean_is_by_label() -> None:
    logits, target = np.zeros((2, 3, 3)), np.array([[1, 2], [2, 2]])
    each = implementations.ctc(logits, target, reduction="none")
    assert implementations.ctc(logits, target) == pytest.approx(each.sum() / 4, rel=1e-15)


def test_the_reference_has_no_gradient_without_a_path() -> None:
    logits, target = np.zeros((2, 2, 3)), np.array([[1, 1], [1, 2]])
    assert implementations.ctc(logits, target, reduction="none")[0] == np.inf
    (slope,) = implementations.ctc_vjp(logits, target, reduction="none", cotangent=np.ones(2))
    assert np.isnan(slope[0]).all()
    assert np.isfinite(slope[1]).all()


@pytest.mark.parametrize("label", [0, 3, -1])
def test_the_reference_refuses_what_is_no_label(label: int) -> None:
    due = rf"target {label} is no label: there are 3 classes, and class 0 is the blank"
    with pytest.raises(IndexError, match=due):
        implementations.ctc(np.zeros((1, 2, 3)), np.array([[1, label]]))


# ---------------------------------------------------------------- eval


def evaluated(*rows: str, **options: Any) -> str:
    return evaluation(CTC, rows, F64, **options)[0]


def test_eval_takes_a_matrix_row_by_row() -> None:
    text = evaluated("1,2,3", "2,3,4", target="1", grad=True)
    assert "logits[1, 2] = 4.0" in text
    assert "target[0] = 1.0" in text
    assert "2.2637672149567095199 to 20 digits" in text
    assert "d/dlogits[1, 0]" in text
    assert "d/dtarget" not in text


@pytest.mark.parametrize(
    ("rows", "target", "sentence"),
    [
        (
            ("1,2,3", "2,3"),
            "1",
            "ctc: row 1 has 2 numbers and row 0 has 3: give rows of one length, 0.1,0.2 0.3,0.4",
        ),
        (("1", "2"), "1", "ctc takes no rows of 1: write each row with commas, 1,2 3,4"),
        (("1,2",), None, "ctc needs target: add --target 1"),
        (
            ("1,2",),
            "2",
            "ctc: target = 2 is no label: give whole numbers from 1 to 1, as there "
            "are 2 classes and 0 is the blank",
        ),
    ],
)
def test_eval_refuses_what_does_not_fit(
    rows: tuple[str, ...], target: str | None, sentence: str
) -> None:
    with pytest.raises(UsageError) as caught:
        evaluated(*rows, target=target)
    assert str(caught.value) == sentence


def test_at_is_refused_for_a_matrix() -> None:
    with pytest.raises(UsageError) as caught:
        check_target("reference", select=("ctc",), at="1,2,1")
    assert str(caught.value) == (
        "--at cannot tell the rows of ctc apart, which takes logits (T, n), target (S,): leave it "
        "out, or call the implementation yourself"
    )


def test_an_assertion_is_refused_for_a_matrix() -> None:
    logits, target = np.zeros((1, 3, 2)), np.ones((1, 1), dtype=int)
    with pytest.raises(UsageError) as caught:
        assert_ulp(np.zeros(1), "ctc", logits, target)
    assert str(caught.value) == (
        "ctc takes a matrix for each sample, which cannot be asserted: use "
        "check(implementation, as_='ctc')"
    )


def test_a_callable_is_judged_as_ctc_whichever_library_it_is_of() -> None:
    report = check(
        implementations.ctc,
        as_="ctc",
        vjp=implementations.ctc_vjp,
        formats=("float32",),
        select=("loss.*", "structure.format"),
    )
    assert report.ok
    assert report.level is not None
    assert report.level >= Level.ACCURATE


def test_labels_are_whole_numbers_that_are_never_differentiated() -> None:
    _, target = CTC.variables
    assert target.labels
    assert not target.differentiable
    assert CTC.divisor == labels
    assert not Variable(t_vector, domain=S.Reals).labels
