"""The colours and lines of pictures: readable in black and white, by every eye, light and dark.

The hues are those of Okabe and Ito (2008), "Color universal design", made darker for white paper
and lighter for a dark screen; every line has a pattern of its own besides.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Tint:
    """One colour on light and on dark ground, as #rrggbb."""

    light: str
    dark: str


@dataclass(frozen=True)
class Stroke:
    """How a curve of a style is drawn: its tint, its dashes (on, off, ...) in points, its width."""

    tint: Tint
    dashes: tuple[float, ...] = ()
    width: float = 1.4

    @property
    def pattern(self) -> tuple[float, tuple[float, ...] | None]:
        """The dashes as matplotlib takes them, in widths of the line."""
        return 0.0, tuple(d / self.width for d in self.dashes) or None


PAPER = Tint("#ffffff", "#17181b")
INK = Tint("#1a1a1a", "#e8e8e8")
FAINT = Tint("#757575", "#8d9096")  # axes, guides, what stands behind curves

STROKES = (
    Stroke(Tint("#0072b2", "#56b4e9")),
    Stroke(Tint("#d55e00", "#f0894a"), (5.0, 1.8)),
    Stroke(Tint("#007a59", "#2fc79c"), (1.4, 1.4), 1.7),
    Stroke(Tint("#a8437f", "#d98cb8"), (6.0, 1.6, 1.4, 1.6)),
    Stroke(Tint("#8a6100", "#e69f00"), (9.0, 2.2)),
    Stroke(Tint("#4b4b9f", "#a9a9f5"), (6.0, 1.5, 1.3, 1.5, 1.3, 1.5)),
)
"""The strokes of styles 0, 1, 2, ...: so many curves fit into one picture."""

TINTS = (PAPER, INK, FAINT, *(stroke.tint for stroke in STROKES))


def contrast(one: str, other: str) -> float:
    """The contrast of two colours, 1 to 21, as WCAG 2.1 defines it."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    parts = (int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5))
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return sum(w * p for w, p in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
