"""Formulas beside markers, written anew and compared: what differs, and its mending.

What stands there is never read. It is compared, as text whose spaces do not count, with what the
definition gives; the dot or comma that ends the sentence is the author's.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ..usage import UsageError
from .markers import Marker, markers, statement
from .papers import Paper, pile
from .places import Place, place

_END = re.compile(r"(\s*(?:\\[,;:!]\s*)?[.,;]?\s*)$")


@dataclass(frozen=True)
class Problem:
    """A marker that cannot be served: where, and the sentence that says why."""

    where: str
    sentence: str


@dataclass(frozen=True)
class Marked:
    """A file with markers: how many formulas stand beside them, which differ, what is due instead.

    `differing` are the places and what their markers ask; `text` is the file's with all formulas as
    they are due.
    """

    paper: Paper
    count: int
    differing: tuple[tuple[str, str], ...]
    problems: tuple[Problem, ...]
    text: str


@dataclass(frozen=True)
class Outcome:
    """The files with markers, and how many were looked at and left out."""

    marked: tuple[Marked, ...]
    files: int
    ignored: int
    binary: int

    @property
    def count(self) -> int:
        return sum(m.count for m in self.marked)

    @property
    def differing(self) -> int:
        return sum(len(m.differing) for m in self.marked)

    @property
    def problems(self) -> tuple[Problem, ...]:
        return tuple(p for m in self.marked for p in m.problems)


def check(paths: Sequence[str]) -> Outcome:
    """The markers in files and folders; `UsageError` where a path cannot be read."""
    found = pile(paths)
    marked = [_of_paper(paper) for paper in found.papers]
    kept = tuple(m for m in marked if m.count or m.problems)
    return Outcome(kept, len(found.papers), found.ignored, found.binary)


def mend(outcome: Outcome) -> int:
    """Write every formula as it is due; how many files were written. `FileError` where not."""
    changed = [m for m in outcome.marked if m.differing]
    for one in changed:
        one.paper.written(one.text)
    return len(changed)


def diff(outcome: Outcome) -> str:
    """What differs, as a unified diff."""
    lines: list[str] = []
    for one in outcome.marked:
        if one.differing:
            name = str(one.paper.path)
            old, new = (t.replace("\r\n", "\n").splitlines() for t in (one.paper.text, one.text))
            lines += difflib.unified_diff(old, new, name, name, lineterm="")
    return "\n".join(lines)


def _of_paper(paper: Paper) -> Marked:
    if "ulpian:" not in paper.text:
        return Marked(paper, 0, (), (), paper.text)
    if paper.kind == "notebook":
        return _of_notebook(paper)
    found = _of_text(paper.text, paper.kind, f"{paper.path}:")
    return Marked(paper, found.count, tuple(found.differing), tuple(found.problems), found.text)


@dataclass
class _Found:
    count: int
    differing: list[tuple[str, str]]
    problems: list[Problem]
    text: str


def _of_text(text: str, kind: str, where: str) -> _Found:
    found = _Found(0, [], [], text)
    try:
        seen = list(markers(text, kind))
    except UsageError as error:
        found.problems.append(Problem(where.rstrip(":"), str(error)))
        return found
    changes: list[tuple[Place, str]] = []
    taken: list[Place] = []
    for marker in seen:
        at = f"{where}{text.count(chr(10), 0, marker.start) + 1}"
        try:
            said, spot = statement(marker.asked), _spot(text, marker, seen, taken)
        except UsageError as error:
            found.problems.append(Problem(at, str(error)))
            continue
        due = _due(text[spot.start : spot.end], said.latex if spot.latex else said.text, marker)
        taken.append(spot)
        found.count += 1
        if due != text[spot.start : spot.end]:
            found.differing.append((at, marker.asked))
            changes.append((spot, due))
    for spot, due in sorted(changes, key=lambda c: c[0].start, reverse=True):
        found.text = found.text[: spot.start] + due + found.text[spot.end :]
    return found


def _spot(text: str, marker: Marker, seen: Sequence[Marker], taken: Sequence[Place]) -> Place:
    """The formula beside a marker, where no other marker lies between or has it already."""
    spot = place(text, marker)
    if spot is not None:
        between = min(marker.start, spot.start), max(marker.end, spot.end)
        others = (m for m in seen if m is not marker)
        shown = "ulpian:" in text[spot.start : spot.end]  # a code block about markers
        if shown or any(between[0] <= m.start < between[1] for m in others):
            spot = None
    if spot is None:
        raise UsageError(
            f"no formula beside the marker of {marker.asked!r}: put one on its line or the next, "
            "as .. math::, $$, \\[ \\], a fence, or code"
        )
    if any(t.start < spot.end and spot.start < t.end for t in taken):
        raise UsageError("the formula beside it has a marker already: give each its own line")
    return spot


def _due(stands: str, formula: str, marker: Marker) -> str:
    """What is to stand in a place: what stands there, where it is the formula."""
    plain = stands.replace("\\\\", "\\") if marker.escaped else stands
    if _bare(plain) == _bare(formula):
        return stands
    start = plain[: len(plain) - len(plain.lstrip())]
    end = _END.search(plain)
    mended = start + formula + (end[1] if end and plain.strip() else "")
    return mended.replace("\\", "\\\\") if marker.escaped else mended


def _bare(formula: str) -> str:
    """A formula without the space that means nothing, and without the end of its sentence."""
    return " ".join(_END.sub("", formula).split())


# ---------------------------------------------------------------- notebooks


def _of_notebook(paper: Paper) -> Marked:
    """The markdown cells of a Jupyter notebook; it is written only where JSON gives it back."""
    try:
        data = json.loads(paper.text)
        cells = list(_cells(data))
    except (ValueError, TypeError, AttributeError, KeyError):
        sentence = "it is no notebook that can be read, and it holds a marker"
        return Marked(paper, 0, (), (Problem(str(paper.path), sentence),), paper.text)
    whole = _Found(0, [], [], paper.text)
    for number, cell in cells:
        found = _of_text(_joined(cell), "markdown", f"{paper.path}:cell {number}:")
        whole.count += found.count
        whole.differing += found.differing
        whole.problems += found.problems
        if found.differing:
            listed = isinstance(cell["source"], list)
            cell["source"] = found.text.splitlines(keepends=True) if listed else found.text
    if whole.differing:
        whole.text = _rendered(data)
        if _rendered(json.loads(paper.text)) != paper.text:
            whole.problems.append(
                Problem(str(paper.path), "its JSON is not as Jupyter writes it: mend it in Jupyter")
            )
            whole.differing.clear()
    return Marked(paper, whole.count, tuple(whole.differing), tuple(whole.problems), whole.text)


def _cells(data: Any) -> Iterator[tuple[int, Any]]:
    for number, cell in enumerate(data["cells"], 1):
        if cell.get("cell_type") == "markdown":
            _joined(cell)
            yield number, cell


def _joined(cell: Any) -> str:
    return cell["source"] if isinstance(cell["source"], str) else "".join(cell["source"])


def _rendered(data: Any) -> str:
    return json.dumps(data, indent=1, ensure_ascii=False) + "\n"
