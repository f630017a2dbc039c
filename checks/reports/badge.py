"""Reports as a badge: the lowest level found, as JSON for shields.io and as a small picture."""

from __future__ import annotations

import html
import json
from collections.abc import Sequence
from dataclasses import dataclass

from ...reference.level import Level
from ..verdict import Report
from .ending import FINDINGS, OK, exit_code

LABEL = "ulpian"
_COLOURS = {  # the names that shields.io knows, and what they look like
    "brightgreen": "#4c1",
    "green": "#97ca00",
    "orange": "#fe7d37",
    "red": "#e05d44",
    "lightgrey": "#9f9f9f",
}
_LETTER, _MARGIN = 6.5, 5  # pixels: the width of a letter at 11 pixels, the space beside a text


@dataclass(frozen=True)
class _Badge:
    message: str
    colour: str


def as_badge(reports: Sequence[Report]) -> str:
    """The JSON that shields.io's endpoint badge reads."""
    badge = _badge(reports)
    said = {"schemaVersion": 1, "label": LABEL, "message": badge.message, "color": badge.colour}
    return json.dumps(said, indent=2) + "\n"


def as_badge_svg(reports: Sequence[Report]) -> str:
    """The same as a picture, 20 pixels high."""
    badge = _badge(reports)
    left, right = _width(LABEL), _width(badge.message)
    said = html.escape(f"{LABEL}: {badge.message}")
    return f"""\
<svg xmlns="http://www.w3.org/2000/svg" width="{left + right}" height="20" role="img" \
aria-label="{said}">
  <title>{said}</title>
  <clipPath id="round"><rect width="{left + right}" height="20" rx="3"/></clipPath>
  <g clip-path="url(#round)">
    <rect width="{left}" height="20" fill="#555"/>
    <rect x="{left}" width="{right}" height="20" fill="{_COLOURS[badge.colour]}"/>
  </g>
  <g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11" text-anchor="middle">
    {_word(LABEL, 0, left)}
    {_word(badge.message, left, right)}
  </g>
</svg>
"""


def _badge(reports: Sequence[Report]) -> _Badge:
    """What can be said of all reports together; a level only where every one came to a verdict."""
    codes = {exit_code(report) for report in reports}
    levels = [report.level for report in reports if report.level is not None]
    if not codes or not codes <= {OK, FINDINGS} or not levels:
        return _Badge("no verdict", "lightgrey")
    lowest = min(levels, key=lambda level: level.rank)
    if FINDINGS in codes:
        return _Badge(str(lowest), "red" if lowest is Level.UNSOUND else "orange")
    fine = lowest.rank >= Level.FAITHFUL.rank
    return _Badge(str(lowest), "brightgreen" if fine else "green")


def _width(text: str) -> int:
    return round(len(text) * _LETTER) + 2 * _MARGIN


def _word(text: str, left: int, width: int) -> str:
    inside = width - 2 * _MARGIN  # the length is given, as nobody knows the reader's font
    said = html.escape(text)
    return f'<text x="{left + width / 2:g}" y="14" textLength="{inside}">{said}</text>'
