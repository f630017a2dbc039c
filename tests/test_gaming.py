"""Code that was written to pass: caught, and named; code that only looks like it, cleared."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from ulpian.checks import check
from ulpian.checks.points.case import Batch, Case
from ulpian.checks.properties import Outcome, conduct
from ulpian.checks.seeds import LARGEST, SeedError, derived, settled
from ulpian.checks.targets.target import resolve
from ulpian.checks.usage import UsageError
from ulpian.checks.verdict import Report
from ulpian.reference.formats import FORMATS
from ulpian.reference.level import Level

from .bank import gaming
from .bank.gaming import LEARNED, Learned, Seen

OWN = (97, 98)  # seeds that are not the usual one


def judged(forward: Any, function: str, **options: Any) -> Report:
    return check(forward, as_=function, formats="float32", arrays="numpy", **options)


@pytest.mark.parametrize("learned", LEARNED, ids=[e.name for e in LEARNED])
def test_what_learned_a_default_run_passes_it_and_is_caught_by_any_other_seed(
    learned: Learned,
) -> None:
    seen = Seen()
    assert judged(seen.watching(learned.forward), learned.function).ok
    assert judged(learned.made(seen), learned.function).ok
    for seed in OWN:
        report = judged(learned.made(seen), learned.function, seed=seed)
        assert report.findings, f"seed {seed}"
        assert judged(learned.forward, learned.function, seed=seed).ok


@pytest.mark.parametrize("entry", gaming.RIGHT, ids=[e.name for e in gaming.RIGHT])
def test_what_only_looks_like_it_is_not_accused_with_a_seed_of_its_own(entry: Any) -> None:
    assert judged(entry.forward, entry.function, seed=97).ok


def message(forward: Any, name: str) -> str:
    report = judged(forward, "tanh", select=name)
    (finding,) = report.findings
    return finding.message


@pytest.mark.parametrize(
    ("forward", "said"),
    [
        (gaming.zeros, "every output is zero"),
        (gaming.one_half, "every output is 0.5"),
        (gaming.the_input, "the output is the input"),
        (lambda x: np.full_like(x, np.nan), "every output is NaN"),
    ],
)
def test_an_output_that_does_not_depend_on_the_input_is_named(forward: Any, said: str) -> None:
    assert message(forward, "value.accuracy") == said


def test_an_earlier_answer_is_named() -> None:
    forward = gaming.kept_by(lambda x: 0)
    said = "other inputs of the same shape get the same answer as in an earlier call"
    assert message(forward, "structure.determinism") == said
    forward = gaming.kept_by(lambda x: 0)
    assert message(forward, "value.accuracy") == (
        "the output is that of an earlier call with other inputs"
    )


def test_an_answer_that_is_kept_by_address_is_named() -> None:
    said = message(gaming.kept_by_address(), "structure.determinism")
    assert said.endswith("the answer of an earlier call, or one kept by address")


def test_an_answer_that_the_next_call_changes_is_named() -> None:
    said = message(gaming.one_buffer(), "structure.determinism")
    assert said.endswith("the same memory is given out again")


def test_a_random_seed_is_told_and_makes_the_same_run_again() -> None:
    first = judged(gaming.to_three_digits, "tanh", select="value.accuracy", seed="random")
    again = judged(gaming.to_three_digits, "tanh", select="value.accuracy", seed=first.seed)
    assert 0 <= first.seed <= LARGEST
    assert [(v.points, v.error_ulp, v.witness) for v in first.verdicts] == [
        (v.points, v.error_ulp, v.witness) for v in again.verdicts
    ]
    other = judged(gaming.to_three_digits, "tanh", select="value.accuracy", seed="random")
    assert other.seed != first.seed


@pytest.mark.parametrize("seed", [-1, 1.5, True, "secret"])
def test_what_is_no_seed_is_refused_in_a_sentence(seed: Any) -> None:
    said = f"seed {seed!r} is neither a whole number from 0 on nor 'random'"
    with pytest.raises(SeedError) as refusal:
        settled(seed)
    assert str(refusal.value) == said
    with pytest.raises(UsageError) as usage:
        check("reference", select="relu", seed=seed)
    assert str(usage.value) == said


def test_the_seeds_of_rounds_differ_and_depend_on_the_master_seed_alone() -> None:
    seeds = [derived(7, k) for k in range(1, 200)]
    assert seeds == [derived(7, k) for k in range(1, 200)]
    assert len({*seeds, *(derived(8, k) for k in range(1, 200))}) == 398


def test_inputs_that_have_one_answer_are_not_taken_for_an_earlier_one() -> None:
    """Within an ulp of 1 two truths may differ where a faithful answer is the same."""
    case = Case(
        resolve(lambda x: np.ones_like(x), as_="tanh", arrays="numpy").implementation("tanh", 10.0),
        FORMATS["float32"],
        Level.FAITHFUL,
    )
    first, other = (Batch((np.full(9, float(np.float32(x))),)) for x in (8.9, 9.5))
    here, there = (case.truth(b)["value"].nearest for b in (first, other))
    assert not np.array_equal(here, there)
    outcome = Outcome()
    conduct._earlier(case, outcome, (other, first), (np.ones(9), np.ones(9)))
    assert outcome.level is None
    far = Batch((np.full(9, 2.0),))
    conduct._earlier(case, outcome, (other, far), (np.ones(9), np.ones(9)))
    assert outcome.level is Level.UNSOUND
