"""The derivatives: in every variable and parameter, and on request the second one."""

from __future__ import annotations

from ....spec import symbols
from ....spec.function import Function
from ....spec.statements import Statement, gradients, second
from ..document import Block, Display, Link, Paragraph, Section
from ..edition import Edition
from ..printed import inline
from .pieces import anchor, section

DERIVED = ("Derived from the definition by SymPy.",)


def gradient(function: Function, edition: Edition) -> tuple[Section, ...]:
    """The derivative in each differentiable input."""
    found = gradients(function, edition.notation)
    if not found:
        return ()
    blocks: list[Block] = [_display(function, "gradient", said) for said in found]
    blocks.append(Paragraph(DERIVED))
    if function.kinks:
        way = Link(anchor(function, "kinks"), "kinks")
        blocks.append(
            Paragraph(
                (
                    "At the ",
                    way,
                    " every element of the subdifferential is right.",
                )
            )
        )
    if function.along_axis:
        blocks.append(_indices(function, edition))
    if function.is_loss:
        blocks.append(Paragraph(("Of the loss of one sample, before any reduction.",)))
    return section(function, "gradient", "Gradient", blocks)


def second_derivative(function: Function, edition: Edition) -> tuple[Section, ...]:
    """The second derivative in the first variable."""
    found = second(function, edition.notation)
    if not found:
        return ()
    blocks: list[Block] = [_display(function, "second", said) for said in found]
    blocks.append(Paragraph(DERIVED))
    return section(function, "second", "Second derivative", blocks)


def _display(function: Function, what: str, said: Statement) -> Display:
    return Display(said.latex, said.text, anchor(function, what, said.label))


def _indices(function: Function, edition: Edition) -> Paragraph:
    """What the indices of a derivative along an axis are."""
    k = inline(symbols.k, edition)
    if not function.row_output:
        return Paragraph((k, " is the index of the input."))
    i = inline(symbols.i, edition)
    return Paragraph((i, " is the index of the output, ", k, " that of the input."))
