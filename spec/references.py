"""Where something is taught: a work, as a bibliography lists it, and the place in it.

A definition cites works. One that only it cites stands in its file, one that several cite in
`works.py`; `place` says where in the work: `HENDRYCKS.at("section 2")`.
"""

from __future__ import annotations

import dataclasses
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from .errors import SpecError

KINDS = {
    "article": "journal",
    "inproceedings": "booktitle",
    "incollection": "booktitle",
    "book": "publisher",
    "phdthesis": "school",
    "techreport": "institution",
    "misc": "howpublished",
}
"""BibTeX's kinds of works, and what it calls the field that `where` is."""

OTHERS = "others"
"""The last of the authors where not all are named."""

_DOI = re.compile(r"10\.\d{4,9}/\S+")
_ARXIV = re.compile(r"\d{4}\.\d{4,5}|[a-z-]+(\.[A-Z]{2})?/\d{7}")
_PAGES = re.compile(r"[\w.]+(-[\w.]+)?")


@dataclass(frozen=True, kw_only=True)
class Reference:
    """A work, and where in it. Only `authors` and `title` are always required.

    authors
        "Hendrycks, Dan", the family name first; a body that writes together has no comma: "ONNX".
        The last one may be "others".
    title
        In the case of a sentence, names and acronyms as they are written.
    year
        Of publication; None only for a site, which goes on.
    kind
        One of `KINDS`. What has only a number of arXiv, or only an address, is "misc".
    where
        The journal, the proceedings, the publisher, the school: `KINDS` says which.
    publisher
        Of the book that a chapter, "incollection", stands in.
    volume, number, pages, edition
        As printed: pages "219-224", edition "second".
    doi, arxiv, url
        Bare identifiers: "10.1109/83.551699", "1606.08415"; the address where there is neither.
    letter
        Tells two works of one author and year apart: "b".
    place
        Where in the work: "section 2".
    """

    authors: tuple[str, ...]
    title: str
    year: int | None = None
    kind: str = "misc"
    where: str = ""
    publisher: str = ""
    volume: str = ""
    number: str = ""
    pages: str = ""
    edition: str = ""
    doi: str = ""
    arxiv: str = ""
    url: str = ""
    letter: str = ""
    place: str = ""

    def __post_init__(self) -> None:
        for problem in _problems(self):
            raise SpecError(f"reference {self.title!r}: {problem}")

    @property
    def key(self) -> str:
        """What the work is cited by: hendrycks2016. The same for every place in it."""
        return f"{_plain(_family(self.authors[0]))}{self.year or ''}{self.letter}"

    @property
    def work(self) -> Reference:
        """The work without the place."""
        return dataclasses.replace(self, place="")

    def at(self, place: str) -> Reference:
        """A place in the work: `at("section 2")`."""
        return dataclasses.replace(self, place=place)

    @property
    def short(self) -> str:
        """Authors and year: Hendrycks & Gimpel 2016; from four authors on, the first et al."""
        return f"{_people(self.authors)}{f' {self.year}' if self.year else ''}{self.letter}"

    @property
    def identifier(self) -> str:
        """The shortest thing by which the work is found: its DOI, arXiv number or address."""
        if self.doi:
            return f"doi:{self.doi}"
        return f"arXiv:{self.arxiv}" if self.arxiv else self.url

    @property
    def address(self) -> str:
        """Where the work is on the web; empty where it is not."""
        if self.doi:
            return f"https://doi.org/{self.doi}"
        return f"https://arxiv.org/abs/{self.arxiv}" if self.arxiv else self.url

    @property
    def publication(self) -> str:
        """Where it was published, in a line: IEEE Transactions on Image Processing 6(2):298-311."""
        if self.volume:
            issue = self.volume + (f"({self.number})" if self.number else "")
            return f"{self.where} {issue}{f':{self.pages}' if self.pages else ''}"
        report = f"technical report {self.number}" if self.number else ""
        pages = f"{'pages' if '-' in self.pages else 'page'} {self.pages}" if self.pages else ""
        edition = f"{self.edition} edition" if self.edition else ""
        return ", ".join(filter(None, (self.where, self.publisher, report, edition, pages)))

    def __str__(self) -> str:
        """In a line: authors and year, title, identifier or else publication, place."""
        known = self.identifier or self.publication
        return ", ".join(filter(None, (self.short, self.title, known, self.place)))


def _problems(r: Reference) -> Iterator[str]:
    """What is wrong, a sentence each; the first one is said."""
    if isinstance(r.authors, str) or not r.authors or not all(map(str.strip, r.authors)):
        yield f"authors: {r.authors!r} names nobody; write ('Hendrycks, Dan', 'Gimpel, Kevin')"
    elif not _plain(_family(r.authors[0])):
        yield f"authors: {r.authors[0]!r} gives no key; write it in Latin letters"
    if not r.title.strip() or r.title.endswith("."):
        yield f"title: {r.title!r} is empty or ends with a full stop; write the bare title"
    if r.kind not in KINDS:
        yield f"kind: {r.kind!r} is not one of {', '.join(KINDS)}"
    elif r.kind != "misc" and not (r.where and r.year):  # a site goes on: it may have no year
        yield (
            f"where: {r.kind!r} needs where (its {KINDS[r.kind]}) and year; give both, or "
            "leave out the kind"
        )
    if r.year is not None and not (isinstance(r.year, int) and 1500 <= r.year <= 2100):
        yield f"year: {r.year!r} is no year; write it as a number of four digits, 2016"
    if r.doi and not _DOI.fullmatch(r.doi):
        yield f"doi: {r.doi!r} is no DOI; write it bare, 10.1109/83.551699"
    if r.arxiv and not _ARXIV.fullmatch(r.arxiv):
        yield f"arxiv: {r.arxiv!r} is no arXiv number; write it bare, 1606.08415"
    if r.url and not r.url.startswith(("https://", "http://")):
        yield f"url: {r.url!r} is no address; begin it with https://"
    if r.kind == "incollection" and not r.publisher:
        yield f"publisher: {r.where!r} has none; a chapter needs that of its book"
    if r.number and not (r.kind == "techreport" or (r.kind == "article" and r.volume)):
        yield f"number: {r.number!r} is for reports, and articles in a volume; leave it out"
    if r.pages and not _PAGES.fullmatch(r.pages):
        yield f"pages: {r.pages!r} are no pages; write the first and the last, 219-224"
    if r.letter and not re.fullmatch("[a-z]", r.letter):
        yield f"letter: {r.letter!r} is not one small letter; write b"


def _family(author: str) -> str:
    return author.partition(",")[0].strip()


def _plain(name: str) -> str:
    """The letters of a name without their accents, small: vandenoord."""
    letters = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub("[^a-z]", "", letters.lower())


def _people(authors: tuple[str, ...]) -> str:
    names = [_family(author) for author in authors]
    if len(names) > 3 or names[-1] == OTHERS:
        return f"{names[0]} et al."
    return " & ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def full_name(author: str) -> str:
    """Dan Hendrycks, of "Hendrycks, Dan"."""
    family, _, given = author.partition(",")
    return f"{given.strip()} {family}".strip()
