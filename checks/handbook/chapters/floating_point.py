"""Floating point in two pages: what a number is in a computer, and what an error is worth."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ....reference.error import least_error
from ....reference.formats import FORMATS, Format
from ....reference.level import ACCURATE_FACTOR, SOUND_FACTOR
from ....reference.oracle import truth
from ....spec.catalogue import find
from ..document import (
    Chapter,
    Code,
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
from ..printed import name

SINGLE = FORMATS["float32"]


def chapter(edition: Edition) -> Chapter:
    """Formats, rounding, ulps, conditions, levels, and the numbers that are none."""
    parts = (_numbers, _rounding, _cancelling, _condition, _levels, _special)
    return Chapter("floating-point", "Floating point in two pages", tuple(part() for part in parts))


def _numbers() -> Section:
    told = (
        "A floating-point number is a whole number of fixed length times a power of two. Between "
        "two powers of two, in one ",
        Strong("binade"),
        ", the numbers lie evenly; from one binade to the next the distance doubles. Below the "
        "smallest normal number the distance stays as it is, down to zero: these are the ",
        Strong("subnormal"),
        " numbers, which lose digits one by one.",
    )
    head: tuple[Text, ...] = (
        *(("Format",), ("Bits",), ("Precision",)),
        *(("Largest",), ("Smallest normal",), ("Smallest",), ("Unit roundoff u",)),
    )
    rows = tuple(_format(f) for f in FORMATS.values())
    table = Table(("The formats that are judged",), head, rows, "lrrrrrr")
    return Section("formats", ("Formats",), (Paragraph(told), table))


def _format(f: Format) -> tuple[Text, ...]:
    sizes = (f.largest, f.smallest_normal, f.smallest_subnormal, f.unit_roundoff)
    counted = ((str(f.bits),), (f"{f.precision} bits",))
    return ((Code(f.name),), *counted, *((f"{size:.6g}",) for size in sizes))


def _rounding() -> Section:
    told = (
        "A result that lies between two numbers of the format is rounded to the nearer one. The "
        "relative error of one rounding is at most the unit roundoff u. The distance between two "
        "neighbours at a number is its ",
        Strong("ulp"),
        ", the unit in the last place. Errors in this book are fractions of an ulp of the format "
        "at the truth: a correctly rounded result is at most half an ulp away, whatever its size. "
        "An absolute tolerance says nothing where results are small, and too little where they are "
        "large.",
    )
    return Section("rounding", ("Rounding, and the ulp",), (Paragraph(told),))


def _cancelling() -> Section:
    opening = (
        "One rounding does little harm. Two do when the second operation takes away what the first "
        "one kept: the terms cancel, and what is left is the rounding error of the first. The "
        "textbook form of ",
        name("softplus"),
        ", ",
        Math(r"\log(1 + e^{x})", "log(1 + exp(x))"),
        ", adds 1 to a small number, which is lost, and takes the logarithm of what is left. "
        "Computed here in float32:",
    )
    head: tuple[Text, ...] = (("x",), ("Textbook form",), ("Truth",), ("Error in ulps",))
    table = Table(("Cancellation",), head, tuple(_cancelled()), "rrrr")
    after = "A page of the book shows, for each function, where its textbook form fails."
    return Section(
        "cancellation", ("Cancellation",), (Paragraph(opening), table, Paragraph((after,)))
    )


def _cancelled() -> Iterator[tuple[Text, ...]]:
    """The formula as it is typed, against the truth, at a few places."""
    places = np.array([-1.0, -5.0, -10.0, -15.0, -20.0])
    right = truth(find("softplus"), (places,), SINGLE)["value"]
    observed = np.log(np.float32(1) + np.exp(places.astype(np.float32))).astype(np.float64)
    errors, _ = least_error(observed, right, SINGLE)
    for x, seen, exact, error in zip(
        places, observed, right.answers[0].nearest, errors, strict=True
    ):
        yield (f"{x:g}",), (f"{seen:.8g}",), (f"{exact:.8g}",), (f"{error:.3g}",)


def _condition() -> Section:
    opening = (
        "No code can do better than its inputs allow. An input that was rounded once may be wrong "
        "by u times its size; what this does to the result is the condition of the function, ",
        Math(
            r"C = \sum_{j} \left|x_{j} \frac{\partial f}{\partial x_{j}}\right|",
            "C = sum of |x_j df/dx_j|",
        ),
        ", from the derived gradient. An error of u C is the share of the input, not of the code. "
        "Where the tail of ",
        name("gelu"),
        " falls off steeply, it is many ulps, in float32:",
    )
    head: tuple[Text, ...] = (("x",), ("gelu(x)",), ("u C in ulps",))
    table = Table(("What one rounding of the input does",), head, tuple(_conditions()), "rrr")
    return Section("condition", ("Condition",), (Paragraph(opening), table))


def _conditions() -> Iterator[tuple[Text, ...]]:
    places = np.array([0.5, 2.0, -1.0, -3.0, -5.5, -10.0])
    (answer,) = truth(find("gelu"), (places,), SINGLE)["value"].answers
    for x, value, condition in zip(places, answer.nearest, answer.condition, strict=True):
        yield (f"{x:g}",), (f"{value:.8g}",), (f"{condition:.3g}",)


def _levels() -> Section:
    opening = (
        "The tolerance of this book is derived, not picked: a level is what an implementation "
        "keeps to at every point that was tried. With f the truth, u the unit roundoff, C the "
        "condition, and S the natural scale of the function, which is 1, or 0 for a positively "
        "homogeneous one:"
    )
    head: tuple[Text, ...] = (("Level",), ("The error is",), ("Who wants it",))
    rows: tuple[tuple[Text, ...], ...] = tuple(
        ((Strong(level),), (said,), (whom,)) for level, said, whom in _bounds()
    )
    closing = (
        "Where n terms are added, u times the sum of their sizes comes on top: times log2 n for "
        "accurate, as when they are added in pairs, and times n for sound, in any order. For a "
        "gradient the same holds with the second derivative in the place of the first. A format of "
        "8 bits stores what was computed in a wider one: its bounds are those of bfloat16 and half "
        "an ulp."
    )
    table = Table(("The levels",), head, rows, "lpp")
    return Section("levels", ("Levels",), (Paragraph((opening,)), table, Paragraph((closing,))))


def _bounds() -> Iterator[tuple[str, str, str]]:
    yield "exact", "at most half an ulp: the result is correctly rounded", "authors of a libm"
    yield (
        "faithful",
        "below one ulp, with symmetry and monotonicity as in the function",
        "authors of kernels",
    )
    yield (
        "accurate",
        f"at most {ACCURATE_FACTOR} (ulp + u C), and the limits at the infinities are right",
        "authors of libraries",
    )
    yield (
        "sound",
        f"at most {SOUND_FACTOR} u times the largest of |f|, C and S; finite where the truth is, "
        "and NaN for NaN",
        "everybody who trains",
    )
    yield "unsound", "larger than that somewhere", "nobody"


def _special() -> Section:
    rows: tuple[tuple[Text, Text], ...] = (
        (
            ("Infinity",),
            (
                "What is too large for the format. A function that tends to a limit is expected to "
                "have it there. float8_e4m3fn has none: it says NaN, or stays at its largest.",
            ),
        ),
        (
            ("NaN",),
            ("No number. It has to be passed on: an answer that hides it hides a mistake.",),
        ),
        (
            ("Negative zero",),
            ("Zero with a sign, equal to zero. Odd functions keep the sign.",),
        ),
        (
            ("Flush to zero",),
            (
                "Some processors and compilers put 0 for subnormal numbers. It is recorded as a "
                "trait, and not held against the code.",
            ),
        ),
        (
            ("Overflow",),
            (
                "A result beyond the largest number. It is an error where the truth is finite: "
                "the square in a formula overflows long before its root does.",
            ),
        ),
    )
    more = Paragraph(
        ("How a page says what is known: see ", Link("how-to-read", "How to read"), ".")
    )
    return Section("special-numbers", ("Numbers that are none",), (Terms(rows), more))
