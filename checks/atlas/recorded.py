"""The pages that are kept: in the package, and in folders that a user names."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from ...reference.formats import FORMATS
from ...spec.catalogue import find
from ..files import shown
from ..sweeps.result import Result, definition_digest
from ..targets.versions import ordered
from .page import AtlasError, Page, judged_by, read

FOLDER = Path(__file__).with_name("recorded")


def files(folder: Path = FOLDER) -> tuple[Path, ...]:
    """The pages of a folder, by name."""
    return tuple(sorted(folder.glob("*.json")))


@cache
def pages(folder: Path = FOLDER) -> tuple[Page, ...]:
    """The pages of a folder, by backend, version and format. `AtlasError` names a file at fault."""
    return tuple(sorted(map(read, files(folder)), key=_order))


def _order(page: Page) -> tuple[object, ...]:
    return page.target, ordered(page.version), page.device, list(FORMATS).index(page.fmt)


def gathered(folders: Sequence[Path] = ()) -> tuple[Page, ...]:
    """The pages of the package and of further folders. `AtlasError` for a folder without any."""
    found = list(pages(FOLDER))
    for folder in folders:
        if not folder.is_dir():
            raise AtlasError(f"there is no folder {shown(folder)}: name one that holds pages")
        found += pages_in(folder)
    return tuple(sorted(found, key=_order))


def named(name: str, known: Sequence[Page]) -> tuple[Page, ...]:
    """What a user means: `torch`, its last version; `torch 2.13.0` or `torch-2.13.0`; a file or a
    folder of pages. `AtlasError` for none of these."""
    spelt = name.replace(" ", "-")
    of_version = [p for p in known if spelt in (p.name.replace(" ", "-"), p.file_name[:-5])]
    of_target = [p for p in known if p.target == name]
    last = [p for p in of_target if p.version == of_target[-1].version]
    if of_version or last:
        return tuple(of_version or last)
    path = Path(name)
    if path.is_dir():
        return pages_in(path)
    if path.is_file():
        return (read(path),)
    names = ", ".join(dict.fromkeys(p.name for p in known)) or "no page yet"
    raise AtlasError(
        f"{name!r} is neither in the atlas, which has {names}, nor a file or a folder of pages"
    )


def pages_in(folder: Path) -> tuple[Page, ...]:
    """The pages of one folder; `AtlasError` where it has none."""
    if not files(folder):
        raise AtlasError(f"{shown(folder)} holds no page: `ulpian atlas make` writes some")
    return pages(folder)


def stale(result: Result) -> bool:
    """Whether a result was judged by another definition than today's, or by one that is no more."""
    try:
        return definition_digest(find(judged_by(result))) != result.definition
    except LookupError:
        return True
