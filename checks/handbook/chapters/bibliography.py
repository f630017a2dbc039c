"""The bibliography: every work that the book cites, with its anchor and who cites it."""

from __future__ import annotations

from ....spec.references import Reference, full_name
from ..bibliography import citing, works
from ..document import Chapter, Cite, Code, Inline, Link, Paragraph, Terms, Text
from ..edition import Edition

OPENING = (
    "The works that define the functions, or teach them. They are listed by the key that stands "
    "before each; "
)
BIBTEX = (
    " has all of them under the same keys, and ",
    Code("ulpian show gelu --output-format bibtex"),
    " those of one function.",
)


def chapter(edition: Edition) -> Chapter:
    """Every work, by key."""
    found = works()
    by = citing()
    rows = tuple(((Code(key),), _entry(work, by[key])) for key, work in found.items())
    opening: Text = (OPENING, Code("ulpian.bib"), *BIBTEX)
    listed = Terms(rows, tuple(Cite(key).to for key in found))
    return Chapter("bibliography", "Bibliography", (Paragraph(opening), listed))


def _entry(work: Reference, citing: tuple[Link, ...]) -> Text:
    """Authors, title, where published, year, and where to find it; then who cites it."""
    *others, last = map(full_name, work.authors)
    people = f"{', '.join(others)} and {last}" if others else last
    said = ". ".join(filter(None, (people, work.title)))
    published = ", ".join(filter(None, (work.publication, str(work.year or ""))))
    pieces: list[Inline] = [said + ("" if said.endswith("?") else "."), *_found(work, published)]
    for count, way in enumerate(citing):
        pieces += [", " if count else " Cited by ", way]
    return (*pieces, ".")


def _found(work: Reference, published: str) -> Text:
    """Where it was published, with the addresses it has: DOI and arXiv number, or its own."""
    ways: list[Link] = []
    if work.doi:
        ways.append(Link(f"https://doi.org/{work.doi}", f"doi:{work.doi}"))
    if work.arxiv:
        ways.append(Link(f"https://arxiv.org/abs/{work.arxiv}", f"arXiv:{work.arxiv}"))
    if not ways and work.url:
        ways.append(Link(work.url, work.url))
    pieces: list[Inline] = [f" {published}"] if published else []
    for way in ways:
        pieces += [", " if pieces else " ", way]
    return (*pieces, ".")
