"""Results put on the pages of a folder."""

from __future__ import annotations

import json
from collections.abc import Iterable
from itertools import groupby
from pathlib import Path
from typing import Any

from ..files import FileError, alone, shown
from ..sweeps.result import Result, from_json
from .page import AtlasError, Page, differences, page, read, version_of, write


def results_in(file: Path) -> list[Result]:
    """The results in a file of `ulpian sweep` or `ulpian hunt`.

    `AtlasError` names the file where it holds none, and `FileError` where it cannot be read.
    """
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise FileError(f"cannot read {shown(file)}: {error.strerror}") from error
    except ValueError as error:
        raise AtlasError(f"{shown(file)} is not JSON: ask for --output-format json") from error
    try:
        found = [from_json(one) for one in _documents(data)]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise AtlasError(f"{shown(file)} cannot be read: {error}") from error
    if not found:
        raise AtlasError(f"{shown(file)} holds no results of a sweep or a hunt")
    return found


def _documents(data: Any) -> list[Any]:
    """The results in what a sweep or a hunt has written; a hunt that was refused has none."""
    if not isinstance(data, dict):
        return []
    hunts = [hunt["result"] for hunt in data.get("hunts", ()) if not hunt["refused"]]
    return [*data.get("results", ()), *hunts]


def add(results: Iterable[Result], folder: Path, *, anew: bool = False) -> list[tuple[Path, Page]]:
    """Put results on their pages in a folder, and give each page with its place.

    Nothing is written where one of them cannot be: `AtlasError` in one sentence. With `anew`, a
    page that was made in another environment is begun anew, and not refused.
    """
    ordered = sorted(results, key=_of_a_page)
    new = [page(group) for _, group in groupby(ordered, key=_of_a_page)]
    with alone(folder / "any"):
        pages = {folder / one.file_name: one for one in new}
        for place, one in pages.items():
            if place.exists():
                old = read(place)
                if not (anew and differences(old.environment, one.environment)):
                    pages[place] = page([*old.results, *one.results])
        for place, one in pages.items():
            write(one, place)
    return list(pages.items())


def _of_a_page(result: Result) -> tuple[str, str, str, str]:
    return result.target, version_of(result), result.fmt, result.device
