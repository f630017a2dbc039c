"""Works as BibTeX: entries that any BibTeX reads, in ASCII where TeX has the accents."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator

from .function import Function
from .references import KINDS, OTHERS, Reference

_ACCENTS = {
    "\u0300": "`",
    "\u0301": "'",
    "\u0302": "^",
    "\u0303": "~",
    "\u0304": "=",
    "\u0307": ".",
    "\u0308": '"',
    "\u030a": "r ",
    "\u030b": "H ",
    "\u030c": "v ",
    "\u0327": "c ",
    "\u0328": "k ",
}
"""Combining characters, and TeX's command for each."""

# BibTeX counts braces even after a backslash, and a bar is a dash in TeX's oldest fonts.
_CHARACTERS = {
    **{c: f"\\{c}" for c in "&%$#_"},
    "\\": r"\textbackslash{}",
    "{": r"\textbraceleft{}",
    "}": r"\textbraceright{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "|": r"\textbar{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "ß": r"{\ss}",
    "ø": r"{\o}",
    "Ø": r"{\O}",
    "ł": r"{\l}",
    "Ł": r"{\L}",
    "æ": r"{\ae}",
    "Æ": r"{\AE}",
    "–": "--",
    "—": "---",
    "‘": "`",
    "’": "'",
    "“": "``",
    "”": "''",
}


def bibtex(references: Iterable[Reference]) -> str:
    """An entry for each work, by key; places in a work are left out, and so each stands once."""
    works = {reference.key: reference for reference in references}
    return "\n".join(entry(work) for _, work in sorted(works.items()))


def citations(function: Function) -> str:
    """The works that a function cites, as BibTeX, after how to cite each.

    What stands before an entry BibTeX takes for a comment. A reference that is a line of text has
    no entry, and is such a comment.
    """
    lines = [f"% {function.name}: {_citation(r)}" for r in function.references]
    works = [r for r in function.references if isinstance(r, Reference)]
    return "\n".join([*lines, "", bibtex(works)]).rstrip("\n")


def _citation(reference: Reference | str) -> str:
    """`\\cite[section 2]{hendrycks2016}`. An @ would begin an entry, even in a comment."""
    if isinstance(reference, str):
        return " ".join(reference.replace("@", "(at)").split())
    place = f"[{tex(reference.place)}]" if reference.place else ""
    return f"\\cite{place}{{{reference.key}}}"


def entry(work: Reference) -> str:
    """One work: `@misc{hendrycks2016, ...}`, ending with a line's end."""
    lines = [f"@{work.kind}{{{work.key},"]
    lines += [f"  {name} = {{{value}}}," for name, value in _fields(work)]
    return "\n".join([*lines, "}", ""])


def _fields(work: Reference) -> Iterator[tuple[str, str]]:
    yield "author", " and ".join(map(_author, work.authors))
    yield "title", tex(work.title) if work.kind == "book" else _protected(work.title)
    if work.year:
        yield "year", str(work.year)
    for name, value in (
        (KINDS[work.kind], work.where),
        ("publisher", work.publisher),
        ("edition", work.edition.capitalize()),
        ("volume", work.volume),
        ("number", work.number),
        ("pages", work.pages.replace("-", "--")),
    ):
        if value:
            yield name, tex(value)
    if work.doi:
        yield "doi", work.doi
    if work.arxiv:
        yield "eprint", work.arxiv
        yield "archiveprefix", "arXiv"
    if work.address:
        yield "url", work.address


def _author(author: str) -> str:
    """A person as BibTeX splits names; a body in braces, so that it is left whole."""
    return tex(author) if "," in author or author == OTHERS else f"{{{tex(author)}}}"


def _protected(title: str) -> str:
    """A title in which styles that write small letters leave names and acronyms alone."""
    words = title.split(" ")
    return " ".join(
        f"{{{tex(word)}}}" if any(map(str.isupper, word[1:] if k == 0 else word)) else tex(word)
        for k, word in enumerate(words)
    )


def tex(text: str) -> str:
    """Text for TeX: special characters and accents as commands, other scripts as they are."""
    return "".join(map(_character, unicodedata.normalize("NFC", text)))


def _character(character: str) -> str:
    if character in _CHARACTERS:
        return _CHARACTERS[character]
    parts = unicodedata.normalize("NFD", character)
    if len(parts) == 2 and parts[0].isascii() and parts[1] in _ACCENTS:
        return f"{{\\{_ACCENTS[parts[1]]}{parts[0]}}}"
    return character
