"""What frameworks do otherwise than the book, with the numbers that show it."""

from __future__ import annotations

from itertools import groupby

from ...book.differences import DIFFERENCES, TRIED, Difference, values
from ..document import Chapter, Code, Paragraph, Section, Table, Text
from ..edition import Edition
from ..printed import name

OPENING = (
    "The book takes the mathematical form of a function. Where a framework does otherwise, by a "
    "default or by convention, a model that is moved gives other numbers. Each line is a call that "
    "can be typed, what it gives, and what the book gives for the same inputs; a test makes every "
    "call where the framework is installed. "
)
TITLES = {
    "torch": "PyTorch",
    "jax": "JAX",
    "optax": "Optax",
    "scipy": "SciPy",
    "keras": "Keras",
    "tf_keras": "Keras 2 in TensorFlow",
    "tensorflow": "TensorFlow",
    "onnx": "ONNX",
}


def chapter(edition: Edition) -> Chapter:
    """The differences, framework by framework."""
    found = sorted(DIFFERENCES, key=lambda d: (list(TITLES).index(d.framework), d.function))
    parts = tuple(
        _framework(framework, tuple(several))
        for framework, several in groupby(found, key=lambda d: d.framework)
    )
    count = f"There are {len(found)}."
    return Chapter(
        "differences", "Differences between frameworks", (Paragraph((OPENING, count)), *parts)
    )


def _framework(framework: str, found: tuple[Difference, ...]) -> Section:
    title = f"{TITLES[framework]} {TRIED[framework]}"
    head: tuple[Text, ...] = (("Function",), ("Difference",), ("Call",), ("There",), ("Here",))
    return Section(
        f"differences-{framework.replace('_', '-')}",
        (title,),
        (Table((title,), head, tuple(map(_row, found)), "lpprr"),),
    )


def _row(d: Difference) -> tuple[Text, ...]:
    there, here = values(d)
    return ((name(d.function),), (d.what,), (Code(d.call),), (there,), (here,))
