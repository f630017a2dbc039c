"""Vanishing gradients: what a product of slopes does, how deep, and what training shows of it."""

from __future__ import annotations

from collections.abc import Iterator

from ....reference import experiments
from ....spec.decide import On
from ....spec.rules import Rule, Slope, proved, rules, slopes
from ..bibliography import cited
from ..document import Block, Chapter, Display, Paragraph, Section, Table, Text
from ..edition import Edition
from ..figures import FAMILIES, family
from ..printed import displayed, inline, name

OPENING = (
    "A gradient that goes back through layers is multiplied by a slope and a weight in each. The "
    "largest slope of the activation says how much of it can arrive; the rest follows from the "
    "product."
)
DEPTHS = (1, 5, 10, 20, 50)


def chapter(edition: Edition) -> Chapter:
    """The rules with their proofs, the bounds of the slopes, and what comes of them in depth."""
    blocks: tuple[Block, ...] = (
        Paragraph((OPENING,)),
        *(_rule(rule, edition) for rule in rules),
        Section("slopes", ("The largest slopes",), (_bounds(edition), _depths())),
        Section("gradient-by-depth", ("In a network",), tuple(_measured())),
    )
    if edition.pictures:
        pictures = tuple(family(one) for one in FAMILIES if one.name == "sigmoid-tanh")
        blocks += (Section("sigmoid-and-tanh", ("Sigmoid and tanh",), pictures),)
    return Chapter("vanishing", "Descent and vanishing gradients", blocks)


def _rule(rule: Rule, edition: Edition) -> Section:
    how = "proved by SymPy" if proved(rule) else "not proved"
    statements = tuple(_said(statement, how, edition) for statement in rule.holds)
    told = Paragraph((rule.statement, " ", rule.because))
    source = Paragraph(("Source: ", *cited(rule.references), "."))
    return Section(f"rule-{rule.name}", (rule.title,), (told, *statements, source))


def _said(statement: object, how: str, edition: Edition) -> Display:
    if not isinstance(statement, On):
        return displayed(statement, edition, note=(how,))
    where: Text = (how, " on ", inline(statement.interval, edition))
    return displayed(statement.relation, edition, note=where)


def _bounds(edition: Edition) -> Table:
    return Table(
        ("Least Lipschitz constants, at default parameters",),
        (("Activation",), ("Bound of the slope",), ("Known",)),
        tuple(_bound(s, edition) for s in slopes),
        "lrl",
    )


def _bound(slope: Slope, edition: Edition) -> tuple[Text, ...]:
    how = "proved by SymPy, and taken or approached" if proved(slope) else "not proved"
    return ((name(slope.activation),), (inline(slope.bound, edition),), (how,))


def _depths() -> Table:
    """With weights of size 1, a bound of what arrives: the bound of the slope, to the depth."""
    rows: tuple[tuple[Text, ...], ...] = tuple(
        ((name(s.activation),), *((f"{float(s.bound) ** depth:.2g}",) for depth in DEPTHS))
        for s in slopes
    )
    head: tuple[Text, ...] = (("Activation",), *((f"{depth} layers",) for depth in DEPTHS))
    caption = ("At most this share of a gradient arrives, with weights of size 1",)
    return Table(caption, head, rows, "l" + "r" * len(DEPTHS))


def _measured() -> Iterator[Block]:
    """The experiment, which is evidence and no proof: it is run for each book."""
    outcome = experiments.gradient_by_depth()
    told = (
        f"Random layers of 32 units at the start of training, {len(outcome.seeds)} seeds: the "
        f"{outcome.unit}. This is evidence, not proof."
    )
    yield Paragraph((told,))
    rows: tuple[tuple[Text, ...], ...] = tuple(
        ((variant,), *((f"{quartile:.3g}",) for quartile in outcome.quartiles(variant)))
        for variant in outcome.measured
    )
    head = (("Activation",), ("Lower quartile",), ("Median",), ("Upper quartile",))
    yield Table((outcome.question,), head, rows, "lrrr")
