"""What `ulpian list` and `ulpian explain` print: what there is, and what a property means.

Each table imports what it shows and no more: formats need no SymPy, functions no Hypothesis.
"""

from __future__ import annotations

import difflib
import textwrap
from collections.abc import Iterable, Iterator
from importlib import metadata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .properties import Property

_WIDTH = 100

Rows = Iterator[tuple[str, ...]]


# ---------------------------------------------------------------- list


def table(what: str) -> str:
    """The table of functions, properties, backends or formats."""
    return "\n".join(_aligned(list(_TABLES[what]())))


def installed(package: str) -> str:
    """The version of a package; empty when it is not installed. Nothing is imported."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""


def _functions() -> Rows:
    from ..spec.catalogue import catalogue
    from ..spec.latex import number_text

    for f in catalogue().values():
        names = [v.name for v in f.variables]
        chosen = [f"{p.name}={number_text(p.default)}" for p in f.parameters]
        yield f.name, f"({', '.join([*names, *chosen])})", f.title


def _properties() -> Rows:
    from .properties import catalogue

    for p in catalogue().values():
        yield p.name, p.meaning.split(". ")[0].rstrip(".")


def _backends() -> Rows:
    from .target import BACKENDS, EXTRAS

    for name in BACKENDS:
        package = EXTRAS.get(name)
        version = installed(package) if package else ""
        if package and not version:
            yield name, f"not installed: pip install 'ulpian[{package}]'"
        else:
            yield name, f"installed{f', {package} {version}' if package else ''}"


def _formats() -> Rows:
    from ..reference.formats import FORMATS

    yield "format", "bits", "precision", "emax", "largest", "smallest normal", "subnormal", "u"
    for f in FORMATS.values():
        sizes = (f.largest, f.smallest_normal, f.smallest_subnormal, f.unit_roundoff)
        yield f.name, str(f.bits), str(f.precision), str(f.emax), *(f"{s:.6g}" for s in sizes)


_TABLES = {
    "functions": _functions,
    "properties": _properties,
    "backends": _backends,
    "formats": _formats,
}


def _aligned(rows: list[tuple[str, ...]]) -> Iterator[str]:
    """Columns; what is too long in the last one goes on below itself."""
    widths = [max(len(row[k]) for row in rows) for k in range(len(rows[0]) - 1)]
    for row in rows:
        head = "".join(f"{cell:<{wide}}  " for cell, wide in zip(row, widths, strict=False))
        yield _hanging(head, row[-1])


def _hanging(head: str, text: str) -> str:
    indent = " " * len(head)
    return textwrap.fill(text, _WIDTH, initial_indent=head, subsequent_indent=indent)


# ---------------------------------------------------------------- explain


def sought(name: str) -> Property:
    """The property of that name, or that it is a part of: `grad.parameter.beta`.

    Raises `LookupError`, with those of a similar name, for none.
    """
    from .properties import catalogue

    known = catalogue()
    parts = name.split(".")
    above = (".".join(parts[:k]) for k in range(len(parts), 0, -1))
    found = next((known[key] for key in above if key in known), None)
    if found is None:
        raise LookupError(f"unknown property {name!r}: {_hint(name, known)}")
    return found


def _hint(name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, list(known), n=3)
    return f"did you mean {' or '.join(near)}?" if near else "see `ulpian list properties`"


def explanation(found: Property) -> str:
    """What a property means, why it matters, its usual cause, and the usual fix."""
    topics = {"meaning": found.meaning, "why": found.why, "cause": found.cause, "fix": found.fix}
    entries = (_hanging(f"  {k:<9}", " ".join(text.split())) for k, text in topics.items())
    return "\n".join([found.name, *entries])
