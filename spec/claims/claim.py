"""A claim: what an article says, in our words, with the verdict that its evidence yields.

The verdict is not only stated: `judged` recomputes it, and a test compares the two. Evidence that
holds makes a claim proved, a counterexample makes it refuted, both together mean that it depends,
and a claim without either is not mathematical.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from sympy.core.function import AppliedUndef

from ..catalogue import catalogue
from ..decide import Fact, On, decide

PROVED = "proved"
REFUTED = "refuted"
DEPENDS = "depends"
NOT_MATHEMATICAL = "not mathematical"
VERDICTS = (PROVED, REFUTED, DEPENDS, NOT_MATHEMATICAL)


@dataclass(frozen=True)
class Lines:
    """Lines of an article (1 to 5), first and last included."""

    article: int
    first: int
    last: int


def at(article: int, first: int, last: int | None = None) -> Lines:
    """The lines of an article where something stands: one line, or a range."""
    return Lines(article, first, first if last is None else last)


@dataclass(frozen=True)
class Claim:
    """One checkable statement of the articles.

    id
        A readable slug.
    statement
        What is claimed, restated.
    sources
        Where it stands; several articles may say the same.
    verdict
        One of `VERDICTS`.
    because
        The reason in words; for "depends", on what.
    holds
        Instances (or all of it) that are true; each is decided from the spec.
    fails
        Counterexamples: instances that are decided to be false.
    besides
        True statements that bear on the claim without being it: what is right instead.
    experiment
        The name of a function of `ulpian.reference.experiments`: evidence, never proof.
    contradicts
        Ids of claims that cannot be true together with this one.
    lives
        Where else it is kept: `rules.sigmoid-bce` (a rule or composition) or `textbook.relu` (the
        formula as the articles type it, in the backend of that name).
    """

    id: str
    statement: str
    sources: tuple[Lines, ...]
    verdict: str
    because: str
    holds: tuple[Any, ...] = ()
    fails: tuple[Any, ...] = ()
    besides: tuple[Any, ...] = ()
    experiment: str = ""
    contradicts: tuple[str, ...] = ()
    lives: tuple[str, ...] = ()

    @property
    def evidence(self) -> tuple[Any, ...]:
        return (*self.holds, *self.fails, *self.besides)


def judged(claim: Claim) -> str:
    """The verdict that the evidence yields; a sentence that starts with "undecided" if none."""
    for statement in (*claim.holds, *claim.besides):
        if decide(statement) is not True:
            return f"undecided: could not prove {statement}"
    for statement in claim.fails:
        if decide(statement) is not False:
            return f"undecided: could not refute {statement}"
    if claim.holds and claim.fails:
        return DEPENDS
    if claim.holds:
        return PROVED
    return REFUTED if claim.fails else NOT_MATHEMATICAL


@cache
def functions_of(claim: Claim) -> tuple[str, ...]:
    """Names of the book's functions that the evidence is about, in alphabetical order."""
    names: set[str] = set()
    for statement in claim.evidence:
        names |= set(_about(statement))
    return tuple(sorted(names - {"entry"}))


def _about(statement: Any) -> tuple[str, ...]:
    if isinstance(statement, Fact):
        return statement.about
    relation = statement.relation if isinstance(statement, On) else statement
    return tuple(a.func.__name__ for a in relation.atoms(AppliedUndef))


def missing(claim: Claim) -> tuple[str, ...]:
    """Names in the evidence that the book does not define yet."""
    return tuple(name for name in functions_of(claim) if name not in catalogue())
