"""What the articles say that the book grew from, statement by statement, with its verdict."""

from __future__ import annotations

from collections import Counter

from ....spec import claims as themes
from ....spec.claims import Claim, Lines, claims, functions_of
from ..document import Block, Chapter, Items, Paragraph, Section, Strong, Table, Text
from ..edition import Edition
from ..printed import names

OPENING = (
    "Five articles on activation and loss functions were the beginning of this book. Each "
    "statement that they make is restated here and judged: "
)
MEANING: tuple[Text, ...] = (
    (Strong("proved"), ": decided from the definitions, for all the numbers it is about;"),
    (Strong("refuted"), ": there is a counterexample;"),
    (Strong("depends"), ": true in some cases and false in others, and the reason says in which;"),
    (Strong("not mathematical"), ": about usage, training or history, so that nothing decides it."),
)
THEMES = {
    "sigmoid_and_tanh": "Step, sigmoid and hyperbolic tangent",
    "relu_family": "The rectifiers",
    "smooth_units": "Smooth units",
    "networks": "Networks and training",
    "softmax": "Softmax",
    "cross_entropy": "Cross-entropy",
    "regression": "Losses of regression",
    "other_losses": "Other losses",
    "snippets": "Code",
}


def chapter(edition: Edition) -> Chapter:
    """Every claim, theme by theme."""
    counts = Counter(claim.verdict for claim in claims)
    sums = ", ".join(f"{count} {verdict}" for verdict, count in counts.items())
    opening = Paragraph((f"{OPENING}{len(claims)} in all, {sums}.",))
    blocks: list[Block] = [opening, Items(MEANING)]
    for theme, title in THEMES.items():
        found: tuple[Claim, ...] = getattr(themes, theme).claims
        blocks.append(
            Section(f"claims-{theme.replace('_', '-')}", (title,), (_table(found, title),))
        )
    return Chapter("claims", "The claims of the articles", tuple(blocks))


def _table(found: tuple[Claim, ...], title: str) -> Table:
    head: tuple[Text, ...] = (
        ("Claim",),
        ("Verdict",),
        ("Why",),
        ("Functions",),
        ("Article: lines",),
    )
    return Table((title,), head, tuple(map(_row, found)), "plppp")


def _row(claim: Claim) -> tuple[Text, ...]:
    where = "; ".join(map(_where, claim.sources))
    about = names(functions_of(claim)) or ("",)
    return ((claim.statement,), (claim.verdict,), (claim.because,), about, (where,))


def _where(lines: Lines) -> str:
    span = str(lines.first) if lines.first == lines.last else f"{lines.first} to {lines.last}"
    return f"{lines.article}: {span}"
