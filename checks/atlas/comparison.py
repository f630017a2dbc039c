"""Two versions of a backend, or two backends, compared result by result.

Better and worse are said of what is known: where every float was tried, of the figures themselves;
what a hunt found is a lower bound, and a smaller one proves nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from ...reference.formats import FORMATS
from ..sweeps.result import Result
from ..sweeps.summary import FINDINGS
from .binades import worst
from .page import AtlasError, Page, differences, subject

TRAITS = {"flushed"}  # findings that are neither good nor bad


class Verdict(StrEnum):
    """How the second of two results stands to the first; what matters most comes first."""

    WORSE = "worse"
    OPEN = "open"
    UNLIKE = "unlike"
    BETTER = "better"
    GONE = "gone"
    NEW = "new"
    SAME = "same"


@dataclass(frozen=True)
class Change:
    """What became of one result: `said` tells what differs, or why it cannot be compared.

    `old` is None for one that is new, `new` for one that is gone.
    """

    verdict: Verdict
    fmt: str
    old: Result | None
    new: Result | None
    said: tuple[str, ...] = ()

    @property
    def result(self) -> Result:
        """The one there is, the new one of two."""
        found = self.new or self.old
        assert found is not None
        return found


@dataclass(frozen=True)
class Comparison:
    """Two sets of pages, in the formats that both have.

    `apart` has the formats that only one of them has, `surroundings` what differs in which they
    were made: (name, first, second).
    """

    old: tuple[Page, ...]
    new: tuple[Page, ...]
    changes: tuple[Change, ...]
    apart: tuple[str, ...]
    surroundings: tuple[tuple[str, str, str], ...]

    def of(self, verdict: Verdict) -> tuple[Change, ...]:
        return tuple(change for change in self.changes if change.verdict is verdict)


def compare(old: Sequence[Page], new: Sequence[Page]) -> Comparison:
    """What is better, worse, new and gone in `new`. `AtlasError` where no format is in both."""
    first, second = _by_format(old), _by_format(new)
    both = [fmt for fmt in FORMATS if fmt in first and fmt in second]
    if not both:
        have = [
            f"{pages[0].name} has {', '.join(by)}" for pages, by in ((old, first), (new, second))
        ]
        raise AtlasError(f"there is no format to compare in: {', '.join(have)}")
    changes = [c for fmt in both for c in _changes(fmt, first[fmt].results, second[fmt].results)]
    order = list(Verdict)
    return Comparison(
        old=tuple(old),
        new=tuple(new),
        changes=tuple(sorted(changes, key=lambda c: order.index(c.verdict))),
        apart=tuple(fmt for fmt in FORMATS if (fmt in first) != (fmt in second)),
        surroundings=_surroundings(first[both[0]], second[both[0]]),
    )


def _by_format(pages: Sequence[Page]) -> dict[str, Page]:
    found: dict[str, Page] = {}
    for page in pages:
        if page.fmt in found:
            raise AtlasError(
                f"{page.name} and {found[page.fmt].name} are both pages of {page.fmt}: name one"
            )
        found[page.fmt] = page
    return found


def _surroundings(old: Page, new: Page) -> tuple[tuple[str, str, str], ...]:
    """What the figures depend on beside the backend itself."""
    first, second = ({"device": p.device, **p.environment} for p in (old, new))
    return differences(first, second)


def _changes(fmt: str, old: Sequence[Result], new: Sequence[Result]) -> Iterator[Change]:
    first, second = _by_name(old), _by_name(new)
    for name in [*first, *(n for n in second if n not in first)]:
        if name not in second:
            yield Change(Verdict.GONE, fmt, first[name], None)
        elif name not in first:
            yield Change(Verdict.NEW, fmt, None, second[name])
        else:
            yield _change(fmt, first[name], second[name])


def _by_name(results: Sequence[Result]) -> dict[tuple[Any, ...], Result]:
    """By what is judged; of several implementations of it, the later ones by their names, too."""
    found: dict[tuple[Any, ...], Result] = {}
    for r in results:
        name = subject(r)
        found[(*name, r.function) if name in found else name] = r
    return found


def _change(fmt: str, old: Result, new: Result) -> Change:
    if old.definition != new.definition:
        return Change(Verdict.UNLIKE, fmt, old, new, ("judged by different definitions",))
    if (old.first, old.count) != (new.first, new.count) and "hunt" not in (old.method, new.method):
        return Change(Verdict.UNLIKE, fmt, old, new, ("swept over different floats",))
    leading, counted = list(_leading(old, new)), list(_counted(old, new))
    said = tuple(words for _, words in (*leading, *counted))
    signs = {sign for sign, _ in (leading or counted)}
    if not signs:
        return Change(Verdict.SAME, fmt, old, new)
    worse = 1 in signs
    known = old if worse else new  # whose figure has to be no lower bound
    if known.method == "hunt":
        return Change(Verdict.OPEN, fmt, old, new, (*said, "of a hunt's lower bound"))
    return Change(Verdict.WORSE if worse else Verdict.BETTER, fmt, old, new, said)


Sign = int  # 1 for worse, -1 for better


def _leading(old: Result, new: Result) -> Iterator[tuple[Sign, str]]:
    """Levels, findings and worst errors, where they differ."""
    if old.level is not None and new.level is not None and old.level != new.level:
        yield (1 if new.level < old.level else -1), f"level {old.level} -> {new.level}"
    for name in FINDINGS:
        before, after = (r.summary.findings.get(name) for r in (old, new))
        ours, theirs = (0 if f is None else f.count for f in (before, after))
        if ours != theirs and name not in TRAITS:
            yield (1 if theirs > ours else -1), f"{FINDINGS[name]}: {ours} -> {theirs} inputs"
    places = (worst(r) for r in (old, new))
    first, second = (0.0 if place is None else place.error for place in places)
    if first != second:
        yield (1 if second > first else -1), f"worst error {first:.6g} -> {second:.6g} ulp"


def _counted(old: Result, new: Result) -> Iterator[tuple[Sign, str]]:
    """How many inputs are not faithful, and not correctly rounded, where they differ."""
    if "hunt" in (old.method, new.method):  # which look where it is worst
        return
    for what in ("not_faithful", "not_correctly_rounded"):
        ours, theirs = (getattr(r.summary, what) for r in (old, new))
        if ours != theirs:
            words = f"{what.replace('_', ' ')}: {ours} -> {theirs} inputs"
            yield (1 if theirs > ours else -1), words


def counts(comparison: Comparison) -> Mapping[str, int]:
    """How many results came to which verdict, in the order of `Verdict`."""
    return {str(v): len(comparison.of(v)) for v in Verdict if comparison.of(v)}
