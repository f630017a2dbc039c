"""What is found of one formula of a docstring: read, made one with the book's call, compared."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ...spec.catalogue import catalogue
from .by_hand import Reading
from .comparison import Comparison, compare
from .docstrings import Docstring
from .formula import Formula
from .reading import cases, read, read_block
from .subjects import Subject, called, claim, explicit, inputs, subject, subjects
from .typed import names
from .vocabulary import UnreadableError, Value

DEPTH = 4  # definitions within definitions


@dataclass(frozen=True)
class Finding:
    """A formula and what came of it.

    `call` is what it was compared with, a call of the book in the docstring's names; `status` is
    the comparison's, or "unreadable" with `why`; `by_hand` is what LaTeX was read as by a person.
    """

    docstring: Docstring
    formula: Formula
    status: str
    call: str = ""
    why: str = ""
    comparison: Comparison | None = None
    by_hand: Reading | None = None

    @property
    def place(self) -> str:
        return f"{self.docstring.file}:{self.formula.line}"


def judged(docstring: Docstring, formula: Formula, about: tuple[Subject, ...]) -> Finding:
    """A formula compared with every function it may be of: one that it is, else the first."""
    if formula.trouble:
        return Finding(docstring, formula, "unreadable", why=formula.trouble)
    if len(formula.pieces) == 1:
        return Finding(docstring, formula, "unreadable", why="it is one case of several")
    tried = []
    named = subject(formula.head) if formula.of else None
    if named and all(named.function is not s.function for s in about):
        about = (named,)  # Mish's page says what softplus is
    for part in _parts(formula):
        for one in about:
            tried += list(_tried(docstring, part, one))
    ranks = ("agrees", "wrong", "undecided", "unreadable")
    return min(tried, key=lambda f: ranks.index(f.status))


def judged_by_hand(docstring: Docstring, formula: Formula, reading: Reading) -> Finding:
    """A formula that was read by hand, compared with the call that was meant."""
    try:
        found = compared(formula, reading.call)
    except UnreadableError as error:
        return Finding(docstring, formula, "unreadable", why=str(error), by_hand=reading)
    return Finding(
        docstring, formula, found.status, reading.call, comparison=found, by_hand=reading
    )


def _parts(formula: Formula) -> Iterator[Formula]:
    """A formula for each "=" of a chain."""
    if not formula.sides:
        yield formula
    for side in formula.sides:
        yield Formula(**{**vars(formula), "sides": (side,)})


def _tried(docstring: Docstring, formula: Formula, about: Subject) -> Iterator[Finding]:
    try:
        call = _call(docstring, formula, about)
        found = compared(formula, call)
        yield Finding(docstring, formula, found.status, call, comparison=found)
    except UnreadableError as error:
        yield Finding(docstring, formula, "unreadable", why=str(error))


def _call(docstring: Docstring, formula: Formula, about: Subject) -> str:
    """What a formula is to equal; what is meant may be in the names that it has as they stand."""
    free = _free(formula)
    for known in (_needed(formula), free):
        meant = [c for c in explicit(docstring) if known <= names(c)]
        if meant:
            return min(meant, key=lambda c: len(names(c)))
    return claim(about, free, strict=formula.bare)


def compared(formula: Formula, call: str) -> Comparison:
    """A formula against a call of the book, both in the docstring's names."""
    given = inputs(call)
    known: dict[str, Value] = {one.name: one.value for one in given}
    function = called(call)
    book = read(call, known)
    ours = _value(formula, known, function.name)
    said = f"{formula.text} {formula.sides} {formula.definitions}"
    return compare(ours, book, given, said, jumps=bool(function.jumps))


def _value(formula: Formula, known: Mapping[str, Value], function: str) -> Value:
    barred = (function,)
    known = dict(known)
    for name in sorted(_needed(formula) - set(known)):
        known[name] = _defined(name, formula.definitions, known, barred, DEPTH)
    if formula.block:
        return read_block(formula.block, known, barred)
    if formula.pieces:
        return cases(formula.pieces, known, barred)
    return read(formula.sides[0], known, barred)


def _defined(
    name: str,
    definitions: Mapping[str, str],
    known: Mapping[str, Value],
    barred: tuple[str, ...],
    depth: int,
) -> Value:
    """What the docstring says a name is."""
    if name not in definitions or depth == 0:
        raise UnreadableError(f"nothing says what {name!r} is")
    text = definitions[name]
    deeper = {
        other: _defined(other, definitions, known, barred, depth - 1)
        for other in names(text) - set(known)
    }
    return read(text, {**known, **deeper}, barred)


def _needed(formula: Formula) -> frozenset[str]:
    """The names that a formula itself takes from outside."""
    if formula.block:
        return names(formula.block, "exec")
    texts = [*formula.sides, *(text for piece in formula.pieces for text in piece if text)]
    return frozenset().union(*map(names, texts))


def _free(formula: Formula) -> frozenset[str]:
    """The names that a formula takes from outside once definitions that can be read are put in."""
    free = set(_needed(formula))
    for _ in range(DEPTH):
        for name in free & set(formula.definitions):
            with contextlib.suppress(UnreadableError):
                free |= names(formula.definitions[name])
                free.discard(name)
    return frozenset(free)


def about(docstring: Docstring, named: str = "") -> tuple[Subject, ...]:
    """The functions that a docstring is about, or the one that was named for it."""
    if named:
        return (Subject(catalogue()[named]),)
    return subjects(docstring)
