"""How to compute it: where the formula fails as it stands, and a form that does not.

Every sentence here is the outcome of a trial that is held anew for each book.
"""

from __future__ import annotations

from ....reference import implementations
from ....reference.formats import FORMATS
from ....reference.level import Level
from ....spec.function import Function
from ....spec.latex import text
from ...reports.figures import ulps
from ...verdict import Witness
from ..document import Block, Code, Listing, Math, Paragraph, Section, Table, Text
from ..edition import Edition
from ..forms import Form, Worst, cause, forms, ordinary, worst
from ..forms.cause import CANCELS
from ..forms.form import PRINTED, STABLE, TUTORIAL
from ..printed import inline
from . import pieces
from .pieces import anchor, joined, section

DIGITS = 4  # of an answer, at least
LONG = 80  # characters: a step that long explains nothing
HEAD = (("what",), ("format",), ("level",), ("worst at",), ("it gives",), ("truth",), ("error",))
ROUNDED = "Every operation of the formula is rounded to the format. "
HELPERS = "NumPy, for every format; what it calls stands beside it in "
TITLES = {
    PRINTED: "The formula as it stands",
    TUTORIAL: "As tutorials type it",
    STABLE: "A stable form",
}
PLACES = {PRINTED: "printed", TUTORIAL: "tutorial", STABLE: "stable"}


def stability(function: Function, edition: Edition) -> tuple[Section, ...]:
    """The forms one by one, each judged at the same inputs."""
    found = [(form, worst(form)) for form in forms(function)]
    blocks: list[Block] = [
        _part(function, edition, form, outcome) for form, outcome in found if outcome or form.typed
    ]
    return section(function, "stability", "How to compute it", blocks)


def _part(function: Function, edition: Edition, form: Form, outcome: tuple[Worst, ...]) -> Section:
    failed = _worst(outcome)
    blocks: list[Block] = []
    if form.name == TUTORIAL:
        blocks.append(Listing(form.typed))
    opening = ROUNDED if form.name == PRINTED else ""
    why = _why(function, edition, failed) if form.name == PRINTED else ()
    blocks.append(Paragraph((opening, *_verdict(outcome), *why)))
    if failed is not None:
        columns = "lllprrr" if function.along_axis else "lllllll"
        rows = tuple(_row(one) for one in outcome if one.witness is not None)
        blocks.append(Table((f"Judged at ordinary inputs: {ordinary.SAID}",), HEAD, rows, columns))
    if form.name == STABLE:
        blocks += [Paragraph((HELPERS, Code(implementations.__name__), ".")), Listing(form.typed)]
    place = anchor(function, "stability", PLACES[form.name])
    return Section(place, (TITLES[form.name],), tuple(blocks))


def _worst(outcome: tuple[Worst, ...]) -> Worst | None:
    """What fails worst, in float32 first; None where nothing falls short of accurate."""
    bad = [one for one in outcome if one.level < Level.ACCURATE]
    order = [(one.level.rank, one.fmt != "float32", one.quantity != "value") for one in bad]
    return bad[order.index(min(order))] if bad else None


def _why(function: Function, edition: Edition, one: Worst | None) -> Text:
    """The step of the formula that goes wrong there."""
    if one is None or one.witness is None:
        return ()
    found = cause(function, one.quantity, FORMATS[one.fmt], one.witness)
    if found is None:
        return ()
    if found.whole:
        return (
            " There its terms cancel." if found.kind == CANCELS else f" There it {found.kind}.",
        )
    if len(text(found.step)) > LONG:
        return ()
    return (" There ", inline(found.step, edition, function), f" {found.kind}.")


def _verdict(outcome: tuple[Worst, ...]) -> Text:
    """In a sentence: that it does not fail at what was tried, or where it fails worst."""
    if not outcome:
        return ("It was not tried.",)
    one = _worst(outcome)
    formats = " and ".join(dict.fromkeys(one.fmt for one in outcome))
    if one is None:
        least = min((one.level for one in outcome), key=lambda level: level.rank)
        count = sum(one.points for one in outcome)
        said = f"It is {least} at each of the {count} results tried, in {formats}."
        return (said,)
    assert one.witness is not None
    seen, truth = _apart(one)
    what = "value" if one.quantity == "value" else f"gradient in {one.quantity}"
    return (
        f"In {one.fmt} the {what} is {'only ' * (one.level > Level.UNSOUND)}{one.level}: at ",
        *_input(one.witness, one.fmt),
        " it gives ",
        seen,
        ", and the truth is ",
        truth,
        ".",
    )


def _row(one: Worst) -> tuple[Text, ...]:
    what: Text = ("value",) if one.quantity == "value" else ("gradient in ", Code(one.quantity))
    level: Text = (str(one.level),)
    given, truth = _apart(one)
    seen = one.witness
    assert seen is not None
    return (
        what,
        (one.fmt,),
        level,
        _input(seen, one.fmt),
        (given,),
        (truth,),
        (ulps(seen.error_ulp or 0.0),),
    )


def _apart(one: Worst) -> tuple[Math, Math]:
    """The observed value and the truth, with as many digits as tell them apart, at least 4."""
    assert one.witness is not None
    both = [float(v) for v in (one.witness.observed, one.witness.truth)]
    texts = ([f"{v:.{digits}g}" for v in both] for digits in range(DIGITS, 18))
    first, second = next(
        (pair for pair in texts if pair[0] != pair[1]), [f"{v:.17g}" for v in both]
    )
    return pieces.figure(float(first), "float64"), pieces.figure(float(second), "float64")


def _input(witness: Witness, fmt: str) -> Text:
    """The inputs by name, and which of several results it is."""
    given = dict(witness.inputs)
    entry, seed = given.pop("entry", None), given.pop("cotangent", None)
    parts: list[Text] = []
    for name, value in given.items():
        number = pieces.row(value, fmt)
        parts.append((Code(name), Math(f" = {number.latex}", f" = {number.text}")))
    if isinstance(seed, list):
        parts.append((f"output {seed.index(1.0)}",))
    if entry is not None:
        place = ", ".join(map(str, entry)) if isinstance(entry, list) else str(entry)
        parts.append((f"entry {place}",))
    return joined(parts)
