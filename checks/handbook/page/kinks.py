"""Where the gradient or the value jumps: what is accepted there, and what frameworks pick."""

from __future__ import annotations

from ....spec.function import Function
from ....spec.statements import Statement
from ....spec.statements import jumps as stated_jumps
from ....spec.statements import kinks as stated_kinks
from ....spec.verify import problems
from ..document import Block, Code, Display, Math, Paragraph, Section, Table, Text
from ..edition import Edition
from ..records import Choice, picks
from .pieces import anchor, figure, joined, section

KINKS = "Every element of the subdifferential is right; which one a framework picks is a trait."
JUMPS = "Each of these values is right; which one a framework picks is a trait."
CHECKED = ("stated; the one-sided limits agree",)


def kinks(function: Function, edition: Edition) -> tuple[Section, ...]:
    """Where the gradient jumps, with the subdifferential."""
    found = stated_kinks(function, edition.notation)
    if not found:
        return ()
    blocks = (*_displays(function, "kink", found), Paragraph((KINKS,)), *_picked(function))
    return section(function, "kinks", "Kinks", blocks)


def jumps(function: Function, edition: Edition) -> tuple[Section, ...]:
    """Where the value jumps, with the values that are accepted."""
    found = stated_jumps(function, edition.notation)
    if not found:
        return ()
    blocks = (*_displays(function, "jump", found), Paragraph((JUMPS,)), *_picked(function))
    return section(function, "jumps", "Jumps", blocks)


def _displays(function: Function, what: str, found: tuple[Statement, ...]) -> list[Block]:
    alone = what == "kink" or len(function.variables) == 1
    wrong = [p for p in problems(function) if p.startswith(("kinks:", "jumps:"))]
    note = CHECKED if alone and not (function.along_axis or wrong) else ()
    return [Display(one.latex, one.text, anchor(function, what, one.label), note) for one in found]


def _picked(function: Function) -> tuple[Table, ...]:
    """What each recorded backend answers exactly there."""
    found = picks(function.name)
    if not found:
        return ()
    head = (("backend",), ("at",), ("value",), ("gradient",), ("formats",))
    rows = tuple(_pick(choice) for choice in found)
    return (Table(("What was measured, the other inputs being ordinary.",), head, rows, "lllll"),)


def _pick(choice: Choice) -> tuple[Text, ...]:
    fmt = choice.formats[0]
    places = joined(
        (Code(name), Math(f" = {x.latex}", f" = {x.text}"))
        for name, at in choice.at.items()
        for x in [figure(at, fmt)]
    )
    slope: Text = () if choice.gradient is None else (figure(choice.gradient, fmt),)
    old = " (of an earlier definition)" if choice.stale else ""
    return (
        (f"{choice.target} {choice.version}{old}",),
        places,
        (figure(choice.value, fmt),),
        slope,
        (", ".join(choice.formats),),
    )
