"""Every form of a report by its name."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..verdict import Report
from .badge import as_badge, as_badge_svg
from .concise import as_concise
from .events import as_json_lines
from .github import as_github
from .json_document import as_json
from .junit import as_junit
from .markdown import as_markdown
from .sarif import as_sarif
from .text import as_text

_FOR_PEOPLE: dict[str, Callable[[Report, bool], str]] = {"concise": as_concise, "text": as_text}
_OTHERS: dict[str, Callable[[Sequence[Report]], str]] = {
    "json": lambda reports: _json(reports),
    "jsonl": as_json_lines,
    "junit": as_junit,
    "sarif": as_sarif,
    "github": as_github,
    "markdown": as_markdown,
    "badge": as_badge,
    "badge-svg": as_badge_svg,
}
FORMS = (*_FOR_PEOPLE, *_OTHERS)


def written(form: str, reports: Sequence[Report], colour: bool = False) -> str:
    """Reports in the form of that name; one text for however many reports."""
    if form in _FOR_PEOPLE:
        return "\n".join(_FOR_PEOPLE[form](report, colour) for report in reports)
    return _OTHERS[form](reports)


def _json(reports: Sequence[Report]) -> str:
    """One report as an object, several as an array of them."""
    texts = [as_json(report) for report in reports]
    return (texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]") + "\n"
