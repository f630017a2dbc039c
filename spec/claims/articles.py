"""The five articles: their length, where their sections begin, and the lines that state nothing.

The articles themselves are not part of the book. `stem` is the name of their file among the seeds.
"""

from __future__ import annotations

from dataclasses import dataclass

from .claim import Lines, at


@dataclass(frozen=True)
class Article:
    """An article: number, file name without extension, number of lines, sections by first line."""

    number: int
    stem: str
    lines: int
    sections: tuple[tuple[int, str], ...]

    def section(self, line: int) -> str:
        """The heading that a line stands under."""
        return [title for first, title in self.sections if first <= line][-1]


@dataclass(frozen=True)
class Silent:
    """Lines without a statement that could be judged, and why."""

    where: Lines
    why: str


articles = (
    Article(
        1,
        "000_f1fd41b15742b4f1",
        68,
        (
            (1, "title"),
            (4, "1 introduction"),
            (8, "2 concepts"),
            (15, "3 goals of optimisation"),
            (30, "4 choice"),
            (33, "4 (1) ReLU"),
            (40, "4 (2) loss"),
            (42, "4 (2.1) squared error"),
            (55, "4 (2.2) cross-entropy"),
        ),
    ),
    Article(
        2,
        "001_2bf26d56873384ce",
        233,
        (
            (1, "title"),
            (3, "1 background"),
            (13, "2 concepts"),
            (43, "3 formulas"),
            (53, "3.3 activations"),
            (98, "3.4 losses"),
            (140, "4 code"),
            (197, "5 applications"),
            (205, "6 tools"),
            (211, "7 outlook"),
            (217, "8 questions"),
        ),
    ),
    Article(
        3,
        "002_b1b7b21a53f88fc8",
        115,
        (
            (1, "title"),
            (11, "1 squared error and sigmoid"),
            (21, "2 cross-entropy and sigmoid"),
            (38, "3 log-likelihood and softmax"),
            (70, "4 gradients and ReLU"),
            (84, "5 other activations"),
            (103, "6 summary"),
            (107, "references"),
        ),
    ),
    Article(
        4,
        "003_695fcd50d6b7a456",
        222,
        (
            (1, "contents"),
            (35, "introduction"),
            (37, "1.1 losses"),
            (42, "1.2 regression"),
            (61, "1.3 classification"),
            (74, "1.4 comparison"),
            (91, "2.1 activations"),
            (102, "2.2 common activations"),
            (135, "2.3 comparison"),
            (153, "3 combinations"),
            (173, "4.1 focal loss"),
            (177, "4.2 Swish and GELU"),
            (189, "5 code"),
            (195, "6 advice"),
        ),
    ),
    Article(
        5,
        "004_515175a123c34bc5",
        142,
        (
            (1, "1 background"),
            (4, "2 concepts"),
            (22, "3.1 activations"),
            (42, "3.2 losses"),
            (58, "4 code"),
            (78, "5 outlook"),
            (90, "6 references"),
        ),
    ),
)

silent = (
    Silent(at(1, 1, 6), "author and heading"),
    Silent(at(1, 8), "heading"),
    Silent(at(1, 19), "blank"),
    Silent(at(1, 21), "blank"),
    Silent(at(1, 23), "blank"),
    Silent(at(1, 29, 32), "questions that lead to the sections below"),
    Silent(at(1, 39, 40), "heading"),
    Silent(at(1, 46), "blank"),
    Silent(at(1, 48), "blank"),
    Silent(at(1, 50), "blank"),
    Silent(at(1, 52), "blank"),
    Silent(at(1, 54), "blank"),
    Silent(at(1, 59), "blank"),
    Silent(at(1, 61), "blank"),
    Silent(at(1, 65), "blank"),
    Silent(at(1, 67), "blank"),
    Silent(at(2, 1, 4), "heading"),
    Silent(at(2, 12, 14), "heading"),
    Silent(at(2, 19), "blank"),
    Silent(at(2, 25, 26), "heading"),
    Silent(at(2, 38), "blank"),
    Silent(at(2, 42), "blank"),
    Silent(at(2, 48), "blank"),
    Silent(at(2, 52, 54), "heading"),
    Silent(at(2, 65), "blank"),
    Silent(at(2, 73), "blank"),
    Silent(at(2, 81), "blank"),
    Silent(at(2, 89), "blank"),
    Silent(at(2, 97), "blank"),
    Silent(at(2, 107), "blank"),
    Silent(at(2, 123), "blank"),
    Silent(at(2, 131), "blank"),
    Silent(at(2, 139), "blank"),
    Silent(at(2, 149), "blank"),
    Silent(at(2, 154), "blank"),
    Silent(at(2, 167), "blank"),
    Silent(at(2, 175), "blank"),
    Silent(at(2, 181, 183), "heading"),
    Silent(at(2, 190), "blank"),
    Silent(at(2, 196), "blank"),
    Silent(at(2, 202), "blank"),
    Silent(at(2, 204), "blank"),
    Silent(at(2, 210), "blank"),
    Silent(at(2, 214), "blank"),
    Silent(at(2, 216, 218), "heading"),
    Silent(at(2, 222), "blank"),
    Silent(at(2, 226), "blank"),
    Silent(at(2, 230), "blank"),
    Silent(at(3, 1, 10), "title and what is to come"),
    Silent(at(3, 39), "a question"),
    Silent(at(3, 54), "end of a formula"),
    Silent(at(3, 58), "end of a formula"),
    Silent(at(3, 105, 115), "announcement, contact, references"),
    Silent(at(4, 1), "heading"),
    Silent(at(4, 13), "heading"),
    Silent(at(4, 29, 33), "contents of the closing sections"),
    Silent(at(4, 195), "heading"),
    Silent(at(4, 216, 217), "heading"),
    Silent(at(5, 22, 23), "heading"),
    Silent(at(5, 47), "introduces a formula that is lost"),
    Silent(at(5, 78, 89), "expectations of future research"),
    Silent(at(5, 90, 142), "references, a part of them repeated or not to be found"),
)
"""History ("ReLU came from the leaky ReLU", "softplus came first") is left out of every range."""
