"""What a reader may choose of the book."""

from __future__ import annotations

from dataclasses import dataclass

from ...spec import notation


@dataclass(frozen=True)
class Edition:
    """One way to print the book: `second` adds second derivatives to the pages, `notation` is that
    of the formulas, and without `pictures` they have none."""

    second: bool = False
    notation: notation.Notation = notation.STANDARD
    pictures: bool = True


STANDARD = Edition()
