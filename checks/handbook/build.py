"""`ulpian handbook`: the book written as HTML, LaTeX, PDF and Markdown, as far as it has changed.

What each thing is made from has a key: the whole book the sources and options, a picture what it
shows, the PDF its LaTeX. While a key is the same and the files stand there, nothing is made anew.
"""

from __future__ import annotations

import hashlib
import multiprocessing
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ...spec.own import own
from ..environment import environment, installed
from ..usage import UsageError
from . import FORMS, markdown
from .bibliography import bib
from .book import book
from .document import Book, Figure, figures
from .edition import STANDARD, Edition
from .pdf import PROGRAMS
from .records import definition_key
from .shelf import Shelf, digest, shelf

if TYPE_CHECKING:
    from .drawing import Drawn

PDF = "handbook.pdf"
# The form's pictures: how their names end, and where they stand.
PICTURES = {
    "html": ("svg", "html/figures"),
    "latex": ("pdf", "latex/figures"),
    "markdown": ("svg", "markdown/figures"),
}
NEEDED = ("matplotlib", "latex2mathml")
PACKAGES = ("sympy", "mpmath", "python-flint", "numpy", "matplotlib", "latex2mathml")

Said = Callable[[str], None]


@dataclass(frozen=True)
class Built:
    """What a build did: how many files of each form there are, were written, and were removed;
    `pdf` says why there is none where one was wanted."""

    files: Mapping[str, int]
    written: int
    removed: int
    no_pdf: str = ""


def build(
    folder: Path,
    *,
    forms: tuple[str, ...] = FORMS,
    edition: Edition = STANDARD,
    jobs: int = 1,
    say: Said = lambda line: None,
) -> Built:
    """Write the book below a folder.

    `forms` are of `FORMS`; `edition` is what a reader may choose; `jobs` processes draw pictures;
    `say` hears what is done. Raises `UsageError` where a package is missing and `FileError` where
    the folder cannot be used.
    """
    _available()
    place = shelf(folder)
    made_from = key(forms, edition)
    if place.made_from.get("book") != made_from or not all(map(place.holds, place.files)):
        return _made(place, made_from, forms, edition, jobs, say)
    return Built(_counted(place, forms), 0, 0, place.made_from.get("no pdf", ""))


def key(*options: object) -> str:
    """What a book is made from: the sources of Ulpian, the packages below them, the options, the
    machine, and definitions of the user's own."""
    mine = [(definition_key(f), f.title, f.notes) for f in own().values()]
    asked = (options, environment(), [shutil.which(name) for name in PROGRAMS], mine)
    found = hashlib.blake2b(repr(asked).encode(), digest_size=16)
    for name in PACKAGES:
        found.update(f"{name} {installed(name)}\n".encode())
    root = Path(__file__).resolve().parents[2]
    for part in ("spec", "reference", "checks"):
        for file in sorted((root / part).rglob("*")):
            if file.is_file() and "__pycache__" not in file.parts:
                found.update(f"{file.relative_to(root)}\n".encode() + file.read_bytes())
    return found.hexdigest()


def _available() -> None:
    """Refuse before the work what it would fail for."""
    missing = [name for name in NEEDED if not installed(name)]
    if missing:
        raise UsageError(
            f"the handbook needs {' and '.join(missing)}: pip install 'ulpian[handbook]'"
        )


def _made(
    place: Shelf, made_from: str, forms: tuple[str, ...], edition: Edition, jobs: int, say: Said
) -> Built:
    say("deriving every formula")
    whole = book(edition)
    before = dict(place.made_from)
    place.made_from.clear()  # until all is written, the folder is not what a key says
    place.keep()
    wanted = dict.fromkeys("latex" if form == "pdf" else form for form in forms)
    contents = {name: raw for form in wanted for name, raw in _texts(whole, form, edition).items()}
    contents |= _pictures(whole, place, before, forms, jobs, say)
    written = sum(place.put(name, raw) for name, raw in contents.items())
    no_pdf = _pdf(place, contents, before, say) if "pdf" in forms else ""
    removed = place.drop({*contents, *([PDF] if "pdf" in forms and not no_pdf else [])})
    place.made_from["book"] = made_from
    place.keep()
    return Built(_counted(place, forms), written, removed, no_pdf)


def _texts(whole: Book, form: str, edition: Edition) -> dict[str, bytes]:
    """What is written for a form, but for its pictures, by file name."""
    found: Mapping[str, str | bytes]
    if form == "html":
        from .html import site

        found = site(whole)
    elif form == "markdown":
        found = markdown.files(whole)
    else:
        from .tex import files

        found = files(whole, edition.notation)
    found = {**found, "ulpian.bib": bib()}
    return {f"{form}/{name}": _raw(content) for name, content in found.items()}


def _raw(content: str | bytes) -> bytes:
    return content if isinstance(content, bytes) else content.encode()


def _counted(place: Shelf, forms: tuple[str, ...]) -> dict[str, int]:
    """How many files there are of each form."""
    tops = [name.partition("/")[0] for name in place.files]
    counts = {form: tops.count(form) for form in forms if form != "pdf"}
    return counts | ({"pdf": 1} if PDF in place.files else {})


# ---------------------------------------------------------------- pictures


def _pictures(
    whole: Book,
    place: Shelf,
    before: dict[str, str],
    forms: tuple[str, ...],
    jobs: int,
    say: Said,
) -> dict[str, bytes]:
    """Every picture in the forms asked for; one that shows what it showed is not drawn again."""
    wanted = {"latex" if form == "pdf" else form for form in forms}
    contents: dict[str, bytes] = {}
    missing: list[Figure] = []
    keys = {one.name: _shown(one) for one in figures(whole)}
    for one in figures(whole):
        names = [f"{PICTURES[form][1]}/{one.name}.{PICTURES[form][0]}" for form in wanted]
        if before.get(f"figure {one.name}") == keys[one.name] and all(map(place.holds, names)):
            contents |= {name: place.read(name) for name in names}
        else:
            missing.append(one)
    if missing:
        say(f"drawing {len(missing)} pictures")
    for one, drawn in zip(missing, _drawn(missing, jobs), strict=True):
        for form in wanted:
            ending, folder = PICTURES[form]
            contents[f"{folder}/{one.name}.{ending}"] = getattr(drawn, ending)
    place.made_from |= {f"figure {name}": made_from for name, made_from in keys.items()}
    return contents


def _shown(one: Figure) -> str:
    """A key of what a picture shows, and of what draws it."""
    files = sorted(Path(__file__).with_name("drawing").glob("*.py"))
    drawing = b"".join(file.read_bytes() for file in files)
    return digest(f"{one.plot!r} {installed('matplotlib')}".encode() + drawing)


def _drawn(missing: list[Figure], jobs: int) -> list[Drawn]:
    from .drawing import draw

    plots = [one.plot for one in missing]
    if jobs < 2 or len(plots) < 2:
        return [draw(plot) for plot in plots]
    with multiprocessing.get_context("spawn").Pool(min(jobs, len(plots))) as pool:
        return pool.map(draw, plots, chunksize=4)


# ---------------------------------------------------------------- the PDF


def _pdf(place: Shelf, contents: dict[str, bytes], before: dict[str, str], say: Said) -> str:
    """Have the PDF of the LaTeX that was written; why there is none, "" where there is."""
    from .pdf import NoLatex, made

    sources = {n: digest(raw) for n, raw in contents.items() if n.startswith("latex/")}
    made_from = digest(repr(sorted(sources.items())).encode())
    place.made_from["pdf"] = made_from
    if before.get("pdf") == made_from and place.holds(PDF):
        return ""
    say("typesetting the PDF")
    try:
        place.put(PDF, made(place.folder / "latex"))
    except NoLatex as why:
        place.made_from["no pdf"] = str(why)
        return str(why)
    return ""
