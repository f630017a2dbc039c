"""Pages, results and comparisons in words, and as JSON."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from ...reference.formats import FORMATS
from ...reference.level import RANKED
from ..reports.figures import hexadecimal
from ..sweeps.result import Result, to_json
from . import binades
from .comparison import Change, Comparison, Verdict, counts
from .page import Entry, Page
from .recorded import stale

Row = tuple[str, ...]

LOWER_BOUND = "lower bound"


def coverage(result: Result) -> str:
    """How much a result speaks for: `all 2^32`, a part, or what a hunt found."""
    if result.method == "hunt":
        return LOWER_BOUND
    whole = f"2^{FORMATS[result.fmt].bits}"
    if result.proved:
        return f"all {whole}"
    open_ = f", {result.summary.unproven} unproven" if result.summary.unproven else ""
    return f"{'all' if result.whole else result.count} of {whole}{open_}"


def worst(result: Result) -> tuple[str, str]:
    """The largest error at a number, in ulps, and that number; dashes where none was judged."""
    found = binades.worst(result)
    if found is None:
        return "-", "-"
    error = "infinite" if math.isinf(found.error) else f"{found.error:.4g}"
    bound = ">= " if result.method == "hunt" else ""
    return f"{bound}{error}", hexadecimal(FORMATS[result.fmt].of_bits(found.bits))


def share(result: Result) -> str:
    """How many of the inputs judged are not correctly rounded; a dash for a hunt, which looks
    where it is worst."""
    judged = sum(result.summary.histogram)
    if result.method == "hunt" or not judged:
        return "-"
    missed = result.summary.not_correctly_rounded
    if not missed:
        return "none"
    part = 100 * missed / judged
    return f"{part:.2g} %" if part >= 0.01 else f"{missed} inputs"


def findings(result: Result) -> str:
    """What happened, with how often."""
    found = result.summary.findings
    return ", ".join(f"{name} {one.count}" for name, one in found.items()) or "-"


def name(result: Result) -> str:
    """`gelu.gradient`, with the parameters and other variables that were chosen."""
    old = " (stale)" if stale(result) else ""
    return f"{result.name}{old}"


# ---------------------------------------------------------------- tables


def listed(pages: Sequence[Page]) -> str:
    """A line for each page: how much it holds, and which levels there are."""
    if not pages:
        return "the atlas has no page yet: `ulpian atlas make torch` writes some"
    head = ("backend", "format", "functions", "results", "of all inputs", "hunts", "levels")
    return aligned([head, *map(_page, pages)])


def _page(page: Page) -> Row:
    levels = Counter(e.get("level") for e in page.entries)
    hunts = sum(e.get("method") == "hunt" for e in page.entries)
    whole = sum(map(_whole, page.entries))
    said = ", ".join(f"{levels[one]} {one}" for one in reversed(RANKED) if levels[one])
    sizes = (len(page.functions), len(page.entries), whole, hunts)
    return page.name, page.fmt, *map(str, sizes), said


def _whole(entry: Entry) -> bool:
    """Whether a result is of every input, and each of them was judged."""
    swept = "count" not in entry and entry.get("method") != "hunt"
    return swept and "unproven" not in entry["summary"]


def shown(found: Iterable[tuple[Page, Result]]) -> str:
    """A line for each result, those of one quantity and format together."""
    rows = [
        (
            *(result.fmt, name(result), page.name, coverage(result)),
            *(str(result.level or "-"), *worst(result), share(result), findings(result)),
        )
        for page, result in found
    ]
    head = (
        "format",
        "what",
        "backend",
        "inputs",
        "level",
        "worst ulp",
        "at x",
        "not rounded right",
    )
    return aligned([(*head, "findings"), *rows])


def aligned(rows: Sequence[Row]) -> str:
    """Rows in columns, as wide as what stands in them."""
    widths = [max(len(row[k]) for row in rows) for k in range(len(rows[0]))]
    padded = (zip(row, widths, strict=True) for row in rows)
    return "\n".join("  ".join(f"{cell:<{w}}" for cell, w in row).rstrip() for row in padded)


# ---------------------------------------------------------------- comparisons


def compared(comparison: Comparison, everything: bool = False) -> str:
    """What a comparison found; with `everything` also what is the same."""
    return "\n".join(_compared(comparison, everything))


def _compared(comparison: Comparison, everything: bool) -> Iterator[str]:
    yield f"{_names(comparison.old)}  ->  {_names(comparison.new)}"
    for what, ours, theirs in comparison.surroundings:
        yield f"  made with another {what}: {ours} -> {theirs}"
    if any(what in ("cpu", "cpu_features") for what, _, _ in comparison.surroundings):
        yield "  The CPUs differ, and float32 figures may differ for that reason alone."
    if comparison.apart:
        yield f"  in one of them only, and left out: {', '.join(comparison.apart)}"
    wanted = [c for c in comparison.changes if everything or c.verdict is not Verdict.SAME]
    if wanted:
        yield ""
        yield aligned([_row(change) for change in wanted])
    yield ""
    yield ", ".join(f"{count} {verdict}" for verdict, count in counts(comparison).items())


def _names(pages: Sequence[Page]) -> str:
    return ", ".join(dict.fromkeys(p.name for p in pages))


def _row(change: Change) -> Row:
    said = "; ".join(change.said) or _figure(change.result)
    return str(change.verdict), change.fmt, change.result.name, said


def _figure(result: Result) -> str:
    error, x = worst(result)
    return f"{result.level or 'not judged'}, worst error {error} ulp at {x}"


# ---------------------------------------------------------------- JSON


def as_json(found: Iterable[tuple[Page, Result]]) -> str:
    """Results as `ulpian sweep` writes them, each with the version of its backend."""
    return _text([{"backend": page.name, **to_json(result)} for page, result in found])


def pages_as_json(pages: Iterable[Page]) -> str:
    """The pages, without their results."""
    return _text(
        [
            {
                "target": p.target,
                "version": p.version,
                "format": p.fmt,
                "device": p.device,
                "environment": dict(p.environment),
                "functions": list(p.functions),
                "results": len(p.entries),
            }
            for p in pages
        ]
    )


def comparison_as_json(comparison: Comparison) -> str:
    """A comparison with all results of which it speaks."""
    return _text(
        {
            "old": [p.name for p in comparison.old],
            "new": [p.name for p in comparison.new],
            "counts": counts(comparison),
            "apart": list(comparison.apart),
            "surroundings": [list(one) for one in comparison.surroundings],
            "changes": [_change_json(c) for c in comparison.changes if c.verdict != "same"],
        }
    )


def _change_json(change: Change) -> dict[str, Any]:
    sides = {"old": change.old, "new": change.new}
    return {
        "verdict": str(change.verdict),
        "format": change.fmt,
        "said": list(change.said),
        **{side: None if r is None else to_json(r) for side, r in sides.items()},
    }


def _text(data: Any) -> str:
    return json.dumps(data, indent=1, ensure_ascii=False, allow_nan=False)
