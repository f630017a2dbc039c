"""Profiles: how much a run tries, by name."""

from __future__ import annotations

from dataclasses import dataclass

from ...reference.formats import FORMATS, USUAL
from ..points import amounts


@dataclass(frozen=True)
class Profile:
    """How much is tried: a case's effort, the formats where none are named, what is left out."""

    effort: int
    formats: tuple[str, ...]
    without: tuple[str, ...] = ()
    meaning: str = ""

    def does(self) -> str:
        """What it tries, in figures."""
        binade = amounts.per_binade(self.effort, FORMATS["float32"])
        scans, examples = amounts.scans(self.effort), amounts.examples(self.effort)
        sixteen = " · all 16-bit floats" if self.effort >= amounts.FULL else ""
        searches = "no search"
        if examples:
            plural = "" if scans == 1 else "s"
            searches = f"{scans} dense scan{plural} and {examples} drawn arrays for each quantity"
        return (
            f"{self.meaning} {', '.join(self.formats)} · {binade} floats in each binade of "
            f"float32{sixteen} · {amounts.rows(self.effort)} rows of each length · {searches}"
            + (f" · without {', '.join(self.without)}" if self.without else "")
        )


PROFILES = {
    "smoke": Profile(
        amounts.GLANCE,
        ("float32",),
        ("identity", "structure.position", "structure.broadcast"),
        "A glance, while writing code:",
    ),
    "default": Profile(amounts.FULL, USUAL, meaning="A whole check, for each commit:"),
    "thorough": Profile(
        amounts.THOROUGH,
        USUAL,
        meaning="Five to ten times the work, before a release; longer rows, drawn settings, too:",
    ),
}
