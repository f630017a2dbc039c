"""Pairings and deltas: which output activation goes with which loss, and what they pass back."""

from __future__ import annotations

from sympy import Eq

from ....spec.rules import Composition, Pairing, compositions, line, pairings, proved, z
from ..document import Block, Chapter, Link, Paragraph, Section, Table, Text
from ..edition import Edition
from ..printed import displayed, inline, name, names

OPENING = (
    "An output activation and a loss are chosen together. What reaches the layer below is the "
    "delta, the gradient of the loss in the input of the activation. With ",
    " the gradient in the weight is the delta times the input, and the gradient in the bias is the "
    "delta itself.",
)


def chapter(edition: Edition) -> Chapter:
    """The table of pairings, then each composition with its delta."""
    opening = Paragraph((OPENING[0], inline(Eq(z, line), edition), OPENING[1]))
    parts = tuple(_composition(c, edition) for c in compositions)
    return Chapter("pairings", "Pairings and deltas", (opening, _table(), *parts))


def _table() -> Table:
    return Table(
        ("Task, output activation and loss",),
        (("Task",), ("Activation",), ("Loss",), ("Delta",), ("Why",)),
        tuple(_row(p) for p in pairings),
        "lllpp",
    )


def _row(p: Pairing) -> tuple[Text, ...]:
    delta = Link(f"delta-{p.composition}", p.composition)
    return ((p.task,), (name(p.activation),), names(p.losses), (delta,), (p.because,))


def _composition(c: Composition, edition: Edition) -> Section:
    z_here = inline(z, edition)
    opening = (
        name(c.activation),
        " of ",
        z_here,
        ", followed by ",
        name(c.loss),
        ", has the delta",
    )
    blocks: list[Block] = [Paragraph(opening), displayed(c.delta, edition)]
    if c.note:
        blocks.append(Paragraph((c.note,)))
    how = "proved by SymPy" if proved(c) else "not proved"
    blocks += [displayed(statement, edition, note=(how,)) for statement in c.holds]
    return Section(f"delta-{c.name}", (f"{c.activation} and {c.loss}",), tuple(blocks))
