"""No wrong implementation survives, no right one is accused: a survivor is a bug of Ulpian."""

from __future__ import annotations

from collections import Counter

import pytest

from ulpian.checks.properties import catalogue as properties
from ulpian.spec import catalogue

from . import kills
from .bank import RIGHT, WRONG
from .bank.entry import Entry


@pytest.mark.parametrize("index", range(len(WRONG)), ids=[e.name for e in WRONG])
def test_the_wrong_are_caught_by_the_property_that_should(index: int) -> None:
    assert kills.judge("wrong", index).complaint == ""


@pytest.mark.parametrize("index", range(len(RIGHT)), ids=[e.name for e in RIGHT])
def test_the_right_are_not_accused(index: int) -> None:
    assert kills.judge("right", index).complaint == ""


def torch_names(bank: str) -> list[str]:
    try:
        return [e.name for e in kills.entries(bank)]
    except ImportError:
        return []


@pytest.mark.parametrize("name", torch_names("torch wrong"))
def test_the_wrong_on_torch_are_caught(name: str) -> None:
    index = torch_names("torch wrong").index(name)
    assert kills.judge("torch wrong", index).complaint == ""


@pytest.mark.parametrize("name", torch_names("torch right"))
def test_the_right_on_torch_are_not_accused(name: str) -> None:
    index = torch_names("torch right").index(name)
    assert kills.judge("torch right", index).complaint == ""


def test_names_are_unique_and_every_wrong_one_says_what_should_catch_it() -> None:
    everything: tuple[Entry, ...] = (*WRONG, *RIGHT)
    assert len({e.name for e in everything}) == len(everything)
    assert all(e.killed_by for e in WRONG)
    assert not any(e.killed_by for e in RIGHT)


def test_every_function_has_wrong_implementations_and_a_right_one() -> None:
    wrong, right = Counter(e.function for e in WRONG), Counter(e.function for e in RIGHT)
    assert [name for name in catalogue() if wrong[name] < 2 or right[name] < 1] == []


# what only automatic differentiation breaks (torch_wrong), and compilers (test_backends)
ELSEWHERE = {"grad.second", "grad.modes", "structure.compiled"}


def test_every_property_has_a_wrong_implementation_that_it_should_catch() -> None:
    expected = {name.rstrip(".*") for e in WRONG for name in e.killed_by}
    assert set(properties()) - expected == ELSEWHERE
