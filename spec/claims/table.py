"""The table of seeds -> Ulpian: for each stretch of an article, where it lives in the book."""

from __future__ import annotations

from collections.abc import Iterator

from .articles import Article, Silent, articles, silent
from .claim import Claim, Lines, functions_of

HEAD = """# Where every statement of the articles lives

Each line of the five articles that this book grew from, the claims it makes, and their verdicts,
which the tests recompute. `ulpian list seeds` prints this table and `make seeds` writes it.
"""


def seeds_table(claims: tuple[Claim, ...] | None = None) -> str:
    """A Markdown table for each article: lines, section, claim, verdict, and where it lives."""
    if claims is None:
        from . import claims as whole_ledger

        claims = whole_ledger
    tables = "\n".join(line for article in articles for line in _lines(article, claims))
    return f"{HEAD}\n{tables}"


def _lines(article: Article, claims: tuple[Claim, ...]) -> Iterator[str]:
    yield f"## Article {article.number} ({article.stem}, {article.lines} lines)"
    yield ""
    yield "| lines | section | claim | verdict | functions | elsewhere |"
    yield "|---|---|---|---|---|---|"
    for where, claim in rows(article, claims):
        span = str(where.first) if where.first == where.last else f"{where.first}-{where.last}"
        section = article.section(where.first)
        if isinstance(claim, Silent):
            yield f"| {span} | {section} | no statement: {claim.why} | | | |"
        else:
            names = ", ".join(f"`{name}`" for name in functions_of(claim))
            yield (
                f"| {span} | {section} | `{claim.id}`: {claim.statement} | {claim.verdict} "
                f"| {names} | {', '.join(_elsewhere(claim))} |"
            )
    yield ""


def _elsewhere(claim: Claim) -> Iterator[str]:
    yield from (f"`{place}`" for place in claim.lives)
    if claim.experiment:
        yield f"`experiments.{claim.experiment}`"


def rows(article: Article, claims: tuple[Claim, ...]) -> list[tuple[Lines, Claim | Silent]]:
    """Each stretch of an article with the claim it makes, or why it makes none, in order."""
    found: list[tuple[Lines, Claim | Silent]] = [
        (where, claim)
        for claim in claims
        for where in claim.sources
        if where.article == article.number
    ]
    found += [(s.where, s) for s in silent if s.where.article == article.number]
    return sorted(found, key=lambda row: (row[0].first, row[0].last))
