"""An SVG of matplotlib made small, and fit for light and dark screens.

Colours become classes with a second colour for readers who prefer dark; coordinates keep two
decimals; what only matplotlib needs is left out.
"""

from __future__ import annotations

import re

from .palette import TINTS

DECIMALS = 2

_DARK = {tint.light: tint.dark for tint in TINTS}


def for_screens(svg: bytes) -> bytes:
    """The same picture, smaller, that follows the reader's preference for light or dark."""
    text = svg.decode("utf-8")
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>|<!--.*?-->", "", text, flags=re.S)
    text = re.sub(r'<style type="text/css">.*?</style>', "", text, flags=re.S)
    text = re.sub(r'<g id="[^"]*">', "<g>", text)
    text = re.sub(r' d="([^"]*)"', lambda d: f' d="{_short(d[1])}"', text)
    text, rules = _classed(text)
    text = re.sub(r">\s+<", "><", text)
    text = re.sub(r"<defs></defs>", "", text)
    head, rest = text.split(">", 1)
    return f"{head}>{_sheet(rules)}{rest.rstrip()}\n".encode()


def _short(path: str) -> str:
    """The commands of a path, its numbers to two decimals."""
    rounded = re.sub(r"-?\d+\.\d{3,}", lambda number: f"{float(number[0]):.{DECIMALS}f}", path)
    return re.sub(r"\s*([A-Za-z])\s*", r"\1", " ".join(rounded.split()))


def _classed(text: str) -> tuple[str, dict[str, str]]:
    """Every style attribute as a class; the classes by their declarations."""
    rules: dict[str, str] = {}

    def named(match: re.Match[str]) -> str:
        name = rules.setdefault(match[1], f"a{len(rules)}")
        return f'class="{name}"'

    return re.sub(r'style="([^"]*)"', named, text), rules


def _sheet(rules: dict[str, str]) -> str:
    light = "".join(f".{name}{{{_tight(said)}}}" for said, name in rules.items())
    dark = "".join(
        f".{name}{{{_tight(other)}}}"
        for said, name in rules.items()
        if (other := _in_the_dark(said))
    )
    base = "*{stroke-linejoin:round;stroke-linecap:butt}"
    return f"<style>{base}{light}@media(prefers-color-scheme:dark){{{dark}}}</style>"


def _in_the_dark(said: str) -> str:
    """Those declarations that have another colour there."""
    declared = [part.strip() for part in said.split(";")]
    found = []
    for part in declared:
        name, _, value = part.partition(": ")
        if value in _DARK:
            found.append(f"{name}: {_DARK[value]}")
    return "; ".join(found)


def _tight(said: str) -> str:
    return re.sub(r"\s*([:;,])\s*", r"\1", said).strip(";")
