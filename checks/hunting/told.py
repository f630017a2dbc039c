"""What hunts found, for people and as a document."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import Any

from ...reference.formats import FORMATS
from ..reports.figures import decimal, hexadecimal
from ..reports.layout import Pen, columns, heading, labelled
from ..sweeps.result import Result, Worst, to_json
from .hunted import Hunted

VERSION = 1  # of the document: raised when a field changes its meaning
BOUND = "at least"  # what is said before every figure of a hunt


def as_text(found: Sequence[Hunted], colour: bool = False) -> str:
    """A block for each hunt."""
    pen = Pen(colour)
    return "\n\n".join("\n".join(_block(h, pen)) for h in found) + "\n"


def _block(hunted: Hunted, pen: Pen) -> list[str]:
    result = hunted.result
    where = " · ".join((result.name, result.fmt, result.target))
    if hunted.refused:
        return [heading(where, "not hunted", pen), labelled("because", hunted.refused)]
    worst = result.largest
    said = f"{BOUND} {ulps(worst.error)}" if worst is not None else "nothing judged"
    lines = [heading(where, said, pen)]
    lines += _worst(result, worst) if worst is not None else []
    lines.append(labelled("tried", _tried(hunted)))
    if result.summary.unproven:
        lines.append(labelled("unproven", f"{result.summary.unproven:,} inputs were not judged"))
    if hunted.history:
        last = hunted.history[-1]
        lines.append(
            labelled(
                "found", f"by {last.by}, after {last.points:,} inputs and {last.seconds:.3g} s"
            )
        )
    if hunted.known:
        lines.append(labelled("corpus", f"{hunted.known} new inputs"))
    if hunted.interrupted:
        lines.append(labelled("ended", "by an interruption: --resume goes on"))
    lines.append(labelled("this is", "a lower bound: other inputs may be worse"))
    return lines


def _worst(result: Result, worst: Worst) -> list[str]:
    digits = FORMATS[result.fmt].bits // 4 + 2
    at = f"{result.free} = {decimal(float.fromhex(worst.x), result.fmt)}"
    lines = [labelled("at", columns(at, worst.x, f"{worst.bits:#0{digits}x}"))]
    if result.fixed:
        lines.append(labelled("with", ", ".join(f"{n} = {v}" for n, v in result.fixed.items())))
    for label, text in (("truth", worst.truth), ("observed", worst.observed)):
        value = float.fromhex(text)
        lines.append(labelled(label, columns(decimal(value, result.fmt), hexadecimal(value))))
    return lines


def _tried(hunted: Hunted) -> str:
    rate = hunted.points / hunted.seconds if hunted.seconds else 0.0
    scanned = f"{100 * hunted.scanned:.0f} % of the binades scanned"
    return (
        f"{hunted.points:,} inputs in {hunted.seconds:.1f} s, {rate / 1e6:.1f} million a second; "
        f"{scanned}; seed {hunted.seed}"
    )


def ulps(error: float) -> str:
    return f"{error:.6g} ulp" if math.isfinite(error) else "no number where one is due"


def as_json(found: Sequence[Hunted]) -> str:
    """The hunts as one JSON document."""
    document = {"ulpian": "hunt", "version": VERSION, "hunts": [plain(h) for h in found]}
    return json.dumps(document, indent=1, allow_nan=False) + "\n"


def plain(hunted: Hunted) -> dict[str, Any]:
    rate = hunted.points / hunted.seconds if hunted.seconds else 0.0
    return {
        "result": to_json(hunted.result),
        "lower_bound": True,
        "points": hunted.points,
        "seconds": round(hunted.seconds, 3),
        "points_per_second": round(rate),
        "scanned": hunted.scanned,
        "seed": hunted.seed,
        "refused": hunted.refused,
        "interrupted": hunted.interrupted,
        "history": [
            {
                "points": s.points,
                "seconds": s.seconds,
                "by": s.by,
                "error": s.found.error if math.isfinite(s.found.error) else "inf",
                "bits": f"{s.found.bits:#x}",
                "fixed": dict(s.found.fixed),
            }
            for s in hunted.history
        ],
    }
