"""What a loss makes of a batch: reductions, what the mean divides by, samples that do not count."""

from __future__ import annotations

from collections.abc import Iterator

from ....spec import symbols
from ....spec.function import Function
from ..document import Block, Code, Display, Math, Paragraph, Section, Table, Text
from ..edition import Edition
from ..printed import inline
from .pieces import anchor, section

SAMPLE = Math(r"\ell_{s}", "l[s]")


def reductions(function: Function, edition: Edition) -> tuple[Section, ...]:
    """The reductions over samples, and what an empty batch gives."""
    if not function.is_loss:
        return ()
    rows = tuple(_row(function, name) for name in function.reductions)
    head: tuple[Text, ...] = (("reduction",), ("result",), ("of an empty batch",))
    blocks: tuple[Block, ...] = (
        Table((*_opening(function), "."), head, rows, "lpl"),
        *_divisor(function, edition),
        *_uncounted(function),
    )
    return section(function, "reductions", "Reductions", blocks)


def _opening(function: Function) -> Text:
    each = "row" if function.along_axis else "element"
    return ("Over the losses ", SAMPLE, f" of the samples, one for each {each}")


_RESULTS = {
    "none": (Math(r"\ell_{1}, \ell_{2}, \ldots", "l[1], l[2], ..."), "no losses"),
    "sum": (Math(r"\sum_{s} \ell_{s}", "Sum(l[s])"), "0"),
    "batchmean": (
        Math(r"\frac{1}{B} \sum_{s} \ell_{s}", "Sum(l[s])/B"),
        "NaN",
    ),
}


def _row(function: Function, name: str) -> tuple[Text, ...]:
    if name == "mean":
        return ((Code(name),), _mean(function), ("NaN, which is 0/0",))
    result, empty = _RESULTS[name]
    extra = ", with the length B of the first axis" if name == "batchmean" else ""
    return ((Code(name),), (result, extra), (empty,))


def _mean(function: Function) -> Text:
    if function.divisor == 1:
        mean = Math(r"\frac{1}{N} \sum_{s} \ell_{s}", "Sum(l[s])/N")
        return (mean, ", with the number N of losses")
    return (
        Math(r"\frac{\sum_{s} \ell_{s}}{\sum_{s} d_{s}}", "Sum(l[s])/Sum(d[s])"),
        ", with what each sample adds to the divisor",
    )


def _divisor(function: Function, edition: Edition) -> Iterator[Display]:
    if function.divisor == 1:
        return
    own = inline(function.divisor, edition, function)
    yield Display(f"d_{{s}} = {own.latex}", f"d[s] = {own.text}", anchor(function, "divisor"))


def _uncounted(function: Function) -> Iterator[Paragraph]:
    """Samples that do not count, by their index or by the weight of their class."""
    if function.ignored is not None:
        yield Paragraph(
            (
                "A sample whose class index is ",
                Code("ignore_index"),
                " (",
                Code(str(function.ignored)),
                " by default) has no loss, no gradient and no share in the divisor; where none is "
                "left, the mean is NaN.",
            )
        )
    weighted = [p for p in function.parameters if p.along_axis]
    for p in weighted:
        counted = function.divisor.has(p.symbol)
        yield Paragraph(
            (
                Code(p.name),
                " has a number for each class, and multiplies its term",
                "; the mean divides by the sum of those of the targets"
                if counted
                else ", while the mean divides by the number of losses",
                ".",
            )
        )
    if function.divisor.has(symbols.labels):
        yield Paragraph(("The mean is over labels, not over sequences.",))
