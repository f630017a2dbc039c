"""What `ulpian list` prints: what there is.

Each table imports what it shows and no more: formats need no SymPy, functions no Hypothesis.
"""

from __future__ import annotations

import json
import textwrap
from collections import Counter
from collections.abc import Callable, Iterator

from ..environment import installed

_WIDTH = 100

Rows = Iterator[tuple[str, ...]]


def table(what: str) -> str:
    """A table of what there is; that of the articles (seeds) is in Markdown."""
    if what == "seeds":
        from ...spec.claims.table import seeds_table

        return seeds_table().rstrip()
    rows = list(_TABLES[what]())
    return "\n".join([*_aligned(rows), *_COUNTS.get(what, _uncounted)(rows)])


def written(what: str, output_format: str) -> str:
    """The same table as text, as JSON, or in Markdown."""
    if what == "seeds":
        return table(what)
    columns, rows = COLUMNS[what], list(_TABLES[what]())
    if output_format == "text":
        return "\n".join(_paragraphs(rows)) if what == "differences" else table(what)
    rows = rows[1:] if rows[:1] == [columns] else rows
    if output_format == "json":
        found = [dict(zip(columns, row, strict=True)) for row in rows]
        return json.dumps(found, indent=2, ensure_ascii=False)
    lines = [columns, ("---",) * len(columns), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', '&#124;') for cell in r)} |" for r in lines)


def _functions() -> Rows:
    from ...spec.catalogue import catalogue
    from ...spec.own import home, own
    from ...spec.typeset import number_text

    for f in (*catalogue().values(), *own().values()):
        names = [v.name for v in f.variables]
        chosen = [f"{p.name}={number_text(p.default)}" for p in f.parameters]
        where = f" [{home(f)}]" if home(f) else ""
        yield f.name, f"({', '.join([*names, *chosen])})", f"{f.title}{where}"


def _identities() -> Rows:
    from ...reference.identities import identities
    from ...spec.catalogue import catalogue
    from ...spec.statements import identities as said

    for f in catalogue().values():
        known = identities(f)
        for statement in said(f):
            status = known[statement.label].status
            yield f.name, status, f"{statement.label}: {statement.text}"


def _gaps() -> Rows:
    from ...reference.gaps import gaps
    from ...spec.catalogue import catalogue

    for f in catalogue().values():
        for gap in gaps(f):
            yield gap.function, gap.kind, f"{gap.what}: {gap.why}"


def _uncounted(_: list[tuple[str, ...]]) -> list[str]:
    return []


def _counted(rows: list[tuple[str, ...]], noun: str) -> list[str]:
    """How many rows there are in all, and of each kind: their second column."""
    kinds = Counter(row[1] for row in rows)
    each = ", ".join(f"{count} {kind}" for kind, count in kinds.items())
    return ["", f"{len(rows)} {noun}{f': {each}' if each else ''}"]


def _properties() -> Rows:
    from ..properties import catalogue

    for p in catalogue().values():
        yield p.name, p.meaning.split(". ")[0].rstrip(".")


def _backends() -> Rows:
    from ..targets.target import BACKENDS, EXTRAS

    for name in BACKENDS:
        package = EXTRAS.get(name)
        version = installed(package) if package else ""
        if package and not version:
            yield name, f"not installed: pip install 'ulpian[{package}]'"
        else:
            yield name, f"installed{f', {package} {version}' if package else ''}"


def _formats() -> Rows:
    from ...reference.formats import FORMATS

    yield COLUMNS["formats"]
    for f in FORMATS.values():
        sizes = (f.largest, f.smallest_normal, f.smallest_subnormal, f.unit_roundoff)
        yield f.name, str(f.bits), str(f.precision), str(f.emax), *(f"{s:.6g}" for s in sizes)


def _profiles() -> Rows:
    from ..runs.profiles import PROFILES

    for name, profile in PROFILES.items():
        yield name, profile.does()


def _claims() -> Rows:
    from ...spec.claims import claims

    for claim in claims:
        yield claim.id, claim.verdict, f"{claim.statement} {claim.because}".strip()


def _rules() -> Rows:
    from ...spec.rules import compositions, pairings, rules, slopes

    for rule in rules:
        yield "rule", rule.name, rule.statement
    for slope in slopes:
        yield "slope", slope.activation, f"|slope| at most {slope.bound}"
    for c in compositions:
        yield "composition", f"{c.activation} + {c.loss}", f"delta = {c.delta}"
    for p in pairings:
        yield "pairing", p.task, f"{p.activation}, {' or '.join(p.losses)}: {p.because}"


def _differences() -> Rows:
    from .differences import DIFFERENCES, tried, values

    for d in DIFFERENCES:
        yield d.function, tried(d), d.what, d.call, *values(d)


def _paragraphs(rows: list[tuple[str, ...]]) -> Iterator[str]:
    """Calls are too long for columns: each row in three lines, and longer words stay whole."""
    for function, tried, what, call, there, here in rows:
        yield f"{function} · {tried}"
        yield f"  {what}"
        yield f"  {call} = {there}, here {here}"


COLUMNS: dict[str, tuple[str, ...]] = {
    "functions": ("function", "inputs", "title"),
    "properties": ("property", "meaning"),
    "backends": ("backend", "state"),
    "formats": (
        *("format", "bits", "precision", "emax"),
        *("largest", "smallest normal", "subnormal", "u"),
    ),
    "profiles": ("profile", "what it tries"),
    "differences": ("function", "tried with", "difference", "call", "there", "here"),
    "identities": ("function", "status", "identity"),
    "gaps": ("function", "topic", "why"),
    "claims": ("claim", "verdict", "statement"),
    "rules": ("kind", "name", "statement"),
}

_TABLES = {
    "functions": _functions,
    "identities": _identities,
    "gaps": _gaps,
    "properties": _properties,
    "backends": _backends,
    "formats": _formats,
    "profiles": _profiles,
    "differences": _differences,
    "claims": _claims,
    "rules": _rules,
}


_COUNTS: dict[str, Callable[[list[tuple[str, ...]]], list[str]]] = {
    "identities": lambda rows: _counted(rows, "identities"),
    "gaps": lambda rows: _counted(rows, "gaps"),
}


def _aligned(rows: list[tuple[str, ...]]) -> Iterator[str]:
    """Columns; what is too long in the last one goes on below itself."""
    columns = len(rows[0]) - 1 if rows else 0
    widths = [max(len(row[k]) for row in rows) for k in range(columns)]
    for row in rows:
        head = "".join(f"{cell:<{wide}}  " for cell, wide in zip(row, widths, strict=False))
        yield _hanging(head, row[-1])


def _hanging(head: str, text: str) -> str:
    indent = " " * len(head)
    return textwrap.fill(text, _WIDTH, initial_indent=head, subsequent_indent=indent)
