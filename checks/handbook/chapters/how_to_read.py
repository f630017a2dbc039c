"""How to read the book: its pages, how each statement is known, notation, symbols, addresses."""

from __future__ import annotations

from ....reference import identities
from ....reference.level import Level
from ....spec.catalogue import catalogue
from ....spec.function import applied
from ....spec.symbols import x
from ..document import (
    Chapter,
    Code,
    Foreign,
    Link,
    Math,
    Paragraph,
    Section,
    Strong,
    Table,
    Terms,
    Text,
)
from ..edition import Edition
from ..printed import inline, name, names
from ..signs import WRITINGS, expressions
from ..symbols import Row, rows

FEW = 5  # functions are named, more are counted

OPENING = (
    "This book is written from definitions, one for each function. Every formula in it is the "
    "definition itself, or is derived from it by a program; every number is computed to proven "
    "accuracy; every picture is drawn from such numbers. What is not proved is marked as such."
)


def chapter(edition: Edition) -> Chapter:
    """Pages, statuses, units and levels, notation, symbols, names and addresses."""
    parts = (
        _pages(),
        _statuses(),
        _units(),
        _notation(edition),
        _symbols(edition),
        _names(),
        _addresses(),
    )
    return Chapter("how-to-read", "How to read this book", (Paragraph((OPENING,)), *parts))


PARTS: tuple[tuple[str, str], ...] = (
    ("Definition", "The formula, and constants that it names."),
    ("Inputs", "Inputs and parameters, with the domain of each and the defaults."),
    ("What it looks like", "Pictures, drawn from computed values."),
    ("Gradient", "The derivative in every input and parameter that has one."),
    ("Second derivative", "In the first input. It is printed on request."),
    ("Range", "Between which bounds all values lie, for every parameter."),
    ("Limits", "Where the value and the slope go at the infinities, at default parameters."),
    ("Special values", "Exact values, at default parameters."),
    (
        "Kinks",
        "Where the slope jumps. Every slope between the two sides is right there: the page gives "
        "this interval, the subdifferential, and what each framework takes.",
    ),
    ("Jumps", "Where the value itself jumps, and the values that are accepted there."),
    (
        "Facts",
        "What holds on the whole domain: zeros, extrema, where the function rises and bends, its "
        "largest slope. A fact that is for other parameters than the defaults says so.",
    ),
    ("Identities", "Equations with other functions of the book."),
    (
        "How to compute it",
        "A form that keeps its accuracy in a computer, and an input at which the textbook's form "
        "loses it.",
    ),
    ("How good implementations are", "What was measured of frameworks, in ulps, and their levels."),
    ("Reductions", "How the losses of many samples become one number."),
    ("Variants and relations", "Functions of the book that are close to it."),
    ("In frameworks", "What frameworks call it, and what they do otherwise."),
    ("References", "Where it comes from, or is taught, and where in that work."),
)
"""The parts of a page in their order: title, and what stands there."""


def _pages() -> Section:
    told = (
        "Each function has a page. All pages say the same things in the same order, and leave out "
        "what does not apply."
    )
    return Section("pages", ("The pages",), (Paragraph((told,)), _terms(PARTS)))


def _statuses() -> Section:
    told = "A statement carries the word that says how it is known."
    digits = len(str(identities.TIGHT.denominator)) - 1
    said = (
        (
            "proved",
            "A computer algebra system, SymPy, derived it from the definition. It holds for all "
            "numbers at once.",
        ),
        (
            "certified",
            "Interval arithmetic, Arb, enclosed it: computed with bounds that rounding cannot "
            "break. A fact is enclosed on the whole domain. Of an identity in one unknown the "
            f"difference of the two sides is shown to be below 1e-{digits} on "
            f"[-{identities.REACH}, {identities.REACH}], as far as the domain goes; that is a "
            "bound, and no proof that the difference is zero.",
        ),
        (
            "tested",
            f"Tried at {identities.POINTS} points, with enclosures to {identities.DIGITS} digits, "
            "and nowhere wrong. A point that is not enclosed so closely is not counted, and with "
            "fewer than half of them the equation is undecided. This is evidence.",
        ),
        ("undecided", "Not known. The page says why. It does not mean false."),
        ("false", "Refuted, with the input that refutes it. No definition of the book has any."),
    )
    return Section("statuses", ("How a statement is known",), (Paragraph((told,)), _terms(said)))


def _units() -> Section:
    told: Text = (
        "Errors are measured in ulps: fractions of the distance between two neighbouring numbers "
        "of the format, at the truth. So 1 ulp is one unit in the last place, whatever the size of "
        "the result. An implementation is given a ",
        Strong("level"),
        ": the best that it kept to at every point that was tried. From best to worst they are ",
        *_levels(),
        ". What each demands is told in ",
        Link("floating-point", "Floating point in two pages"),
        ".",
    )
    return Section("units", ("Units and levels",), (Paragraph(told),))


def _levels() -> Text:
    best_first = sorted(Level, key=lambda level: -level.rank)
    return (", ".join(best_first),)


def _notation(edition: Edition) -> Section:
    told: Text = (
        "A name in upright letters, ",
        inline(applied("gelu")(x), edition),
        ", is a function of this book. In products with a logarithm, 0 log 0 is 0.",
    )
    written = [
        (inline(expression, edition), means) for expression, means in expressions(edition.notation)
    ]
    written += [(Math(latex, text), means) for latex, text, means in WRITINGS]
    head: tuple[Text, ...] = (("Written",), ("As text",), ("Means",))
    listed: tuple[tuple[Text, ...], ...] = tuple(
        ((math,), (Code(math.text),), (means,)) for math, means in written
    )
    table = Table(("How formulas are written",), head, listed, "llp")
    return Section("notation", ("Notation",), (Paragraph(told), table))


def _symbols(edition: Edition) -> Section:
    told = (
        "Letters and names, each with what it means and where. A letter that has several meanings "
        "has a line for each; on a page it has one, and the page says which. Indices count from 0."
    )
    head: tuple[Text, ...] = (("Symbol",), ("Meaning",), ("In",))
    listed = tuple(map(_row, rows(edition.notation)))
    table = Table(("The symbols of the book",), head, listed, "lpp")
    return Section("symbols", ("Symbols",), (Paragraph((told,)), table))


def _row(row: Row) -> tuple[Text, ...]:
    where = names(row.functions) if len(row.functions) <= FEW else _counted(row.functions)
    return ((row.symbol,), (row.meaning,), where)


def _counted(functions: tuple[str, ...]) -> Text:
    return (name(functions[0]), f" and {len(functions) - 1} more")


def _names() -> Section:
    found = catalogue()["mse"]
    told: Text = (
        "A function has one name here, and often several elsewhere; its page lists them, and the "
        "search finds them. Names follow JAX where it has the function, else PyTorch. Where "
        "Chinese articles on the subject have a name of their own, it stands beside the English "
        "title: ",
        found.title,
        ", ",
        Foreign(found.titles["zh"]),
        ".",
    )
    return Section("names", ("Names",), (Paragraph(told),))


def _addresses() -> Section:
    told: Text = (
        "Names of pages and anchors are permanent, so that they can be linked and cited. A "
        "function's page is called as the function, ",
        Code("gelu"),
        "; what stands on it begins with that name, ",
        Code("gelu-gradient"),
        " or ",
        Code("huber-gradient-delta"),
        "; a work in the ",
        Link("bibliography", "bibliography"),
        " is ",
        Code("bib-"),
        " and its key. A new edition may add some, and does not give an old one to anything else.",
    )
    return Section("addresses", ("Permanent names",), (Paragraph(told),))


def _terms(said: tuple[tuple[str, str], ...]) -> Terms:
    return Terms(tuple(((term,), (meaning,)) for term, meaning in said))
