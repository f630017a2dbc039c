"""Whether a formula is the book's, by the oracle: balls at exact points, doubled until they tell.

Where the balls of the two do not meet, the formula is wrong, and the point is shown. Where they
meet to more than `AGREED` bits at every point, it agrees there; SymPy may prove it everywhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import sympy
from sympy import Abs, Expr, Max, Min, Piecewise

from ...spec.identity import prove_equation
from ..processes.limits import CallTimeout, within
from .points import Input
from .trial import AGREED, Tally, meet, tried
from .vocabulary import ROW, UnreadableError, Value, mean, total

PROOF_SECONDS = 20.0  # a safety: what takes long is left out by its size
PROOF_SIZE = 60  # operations: beyond that SymPy takes its time
LONG_CONSTANT = 6  # digits: a decimal of so many stands for a number that has more


@dataclass(frozen=True)
class Difference:
    """Where a formula gives another number than the book: the inputs, what it gives, the book's."""

    at: str
    given: str
    book: str


@dataclass(frozen=True)
class Comparison:
    """What came of comparing a formula with the book.

    status is "agrees", "wrong" or "undecided"; `points` is how many points told; `how` says what it
    rests on ("proved: ...", "at 64 points"); `reduction` is the one that the formula prints;
    `relation` says of a wrong formula what it is of the book's ("-1 times the book's"); `notes` are
    further remarks: where it says nothing, how many digits its constants carry.
    """

    status: str
    points: int
    how: str
    reduction: str = ""
    difference: Difference | None = None
    relation: str = ""
    notes: tuple[str, ...] = ()


def compare(
    formula: Value, book: Value, inputs: Sequence[Input], text: str, jumps: bool = False
) -> Comparison:
    """Compare a formula with the book's value, both in the symbols of the inputs.

    `text` is the formula as it is printed: the digits of its constants are counted. `jumps` says
    that at a jump either side's value is right.
    """
    best: tuple[Tally, str] | None = None
    for reduction, ours in _alternatives(formula, book):
        tally = tried(_row(formula), _row(ours), inputs, jumps)
        if not tally.different and tally.told:
            return _agreement(tally, formula, ours, inputs, reduction)
        digits = _digits(tally, text)
        if digits:
            note = f"to {digits} digits, as many as its constants have"
            how = f"at {tally.told} points"
            return Comparison("agrees", tally.told, how, reduction, notes=(note,))
        best = best or (tally, reduction)
    if best is None:
        raise UnreadableError("it gives a row where the book gives none of that length")
    tally, reduction = best
    if not tally.different:
        return Comparison("undecided", 0, "at no point could both be enclosed")
    return _wrong(tally, formula, book, inputs, reduction)


def _row(value: Value) -> tuple[Expr, ...]:
    return value if isinstance(value, tuple) else (value,)


def _alternatives(formula: Value, book: Value) -> Iterator[tuple[str, Value]]:
    """The book's value; its reductions where the formula reduces and the book does not."""
    rows = isinstance(formula, tuple), isinstance(book, tuple)
    if rows[0] == rows[1]:
        if len(_row(formula)) == len(_row(book)):
            yield "", book
    elif rows[1]:
        yield "mean", mean(book)
        yield "sum", total(book)
    else:
        yield "", (book,) * len(formula)


# ---------------------------------------------------------------- what is said of it


def _agreement(
    tally: Tally, formula: Value, book: Value, inputs: Sequence[Input], reduction: str
) -> Comparison:
    proof = "" if tally.silent else _proof(_row(formula), _row(book), inputs)
    notes = (f"says nothing at {tally.silent[0]}",) if tally.silent else ()
    return Comparison(
        "agrees", tally.told, proof or f"at {tally.told} points", reduction, notes=notes
    )


def _proof(formula: Sequence[Expr], book: Sequence[Expr], inputs: Sequence[Input]) -> str:
    """By what means SymPy proves every entry; "" where it does not, or is not asked."""
    rows = [given.symbols for given in inputs if len(given.symbols) > 1]
    proved: dict[tuple[Expr, Expr], str] = {}
    alike = len(formula) > 1
    for k, (a, b) in enumerate(zip(formula, book, strict=True)):
        others = {s for row in rows for s in row if len(row) <= k or s != row[k]}
        if (a.free_symbols | b.free_symbols) & others:
            alike = False
        else:  # an entry for itself: it is proved like the first, under other names
            names = {row[k]: row[0] for row in rows}
            a, b = a.xreplace(names), b.xreplace(names)
        if (a, b) not in proved:
            proved[a, b] = _proof_of_one(a, b)
        if not proved[a, b]:
            return ""
    means = next(iter(proved.values()))
    return f"proved: {means}" if alike else f"proved for rows of {ROW}: {means}"


def _proof_of_one(a: Expr, b: Expr) -> str:
    if a == b:
        return "the same expression"
    if sympy.count_ops(a) + sympy.count_ops(b) > PROOF_SIZE or _branches(a) + _branches(b) > 4:
        return ""
    try:
        with within(PROOF_SECONDS):
            proof = prove_equation(sympy.Eq(a, b))
    except CallTimeout:
        return ""
    return proof.how if proof.status == "proved" else ""


def _branches(e: Expr) -> int:
    """How many choices an expression makes: SymPy splits into all of their combinations."""
    return sum(max(1, len(c.args) - 1) for c in e.atoms(Abs, Max, Min, Piecewise))


def _wrong(
    tally: Tally, formula: Value, book: Value, inputs: Sequence[Input], reduction: str
) -> Comparison:
    at, a, b = tally.different[0]
    return Comparison(
        "wrong",
        tally.told,
        f"at {len(tally.different)} of {tally.told} points tried",
        reduction,
        Difference(at, number_text(a), number_text(b)),
        _relation(tally, formula, book, inputs),
    )


def _relation(tally: Tally, formula: Value, book: Value, inputs: Sequence[Input]) -> str:
    """What a wrong formula is of the book's, in words; "" where that is nothing simple."""
    if isinstance(formula, tuple) and not isinstance(book, tuple):
        for name, reduced in (("sum", total(formula)), ("mean", mean(formula))):
            again = tried((reduced,), (book,), inputs, jumps=False)
            if again.told and not again.different:
                return f"equal but for the {name} over the last axis, which it does not print"
        return "it gives a number for each entry of a row, and the book one number for the row"
    factor = _one(a / b for a, b in tally.pairs if abs(b) > 0)
    if factor is not None and not factor.contains(1):
        return f"{number_text(factor)} times the book's" + (
            ": the sign is lost" if factor.contains(-1) else ""
        )
    constant = _one(a - b for a, b in tally.pairs)
    return f"the book's plus {number_text(constant)}" if constant is not None else ""


def _one(balls: Iterator[Any]) -> Any:
    """The number that all balls hold, where there are several balls and one such number."""
    seen = list(balls)
    if len(seen) < 3 or not all(meet(b, seen[0], AGREED // 2) for b in seen):
        return None
    return min(seen, key=lambda b: float(b.rad()))


def _digits(tally: Tally, text: str) -> int:
    """To how many digits all points agree, where the constants of the formula have no more."""
    typed = [d.replace(".", "").lstrip("0") for d in re.findall(r"\d*\.\d+", text)]
    long = [len(d) for d in typed if len(d) >= LONG_CONSTANT]
    gaps = [float((abs(a - b) / abs(b)).mid()) for a, b in tally.pairs if abs(b) > 0]
    if not long or not gaps or max(gaps) > 10.0 ** (2 - min(long)):
        return 0
    return len(f"{1 / max(gaps):.0f}") - 1


def number_text(ball: Any) -> str:
    """The middle of a ball to ten digits, a whole number as it is."""
    whole = ball.unique_fmpz()
    if whole is not None:
        return str(whole)
    text = str(ball.str(10, radius=False))
    return text.rstrip("0").rstrip(".") if "." in text and "e" not in text else text
