"""The properties, one file for a theme. Nothing is registered: the package is walked."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from .property import Outcome, Property

__all__ = ["Outcome", "Property", "catalogue"]

GROUPS = ("value", "grad", "identity", "loss", "structure")
# Within a group by file; conduct looks back at the calls that the others made.
FILES = ("shape", "format", "broadcast", "layout", "position", "conduct", "compiled")


@cache
def catalogue() -> dict[str, Property]:
    """All properties by name, group by group in the order a report shows them."""
    names = sorted(
        (m.name for m in pkgutil.iter_modules(__path__)),
        key=lambda n: (FILES.index(n) if n in FILES else -1, n),
    )
    modules = [importlib.import_module(f"{__name__}.{name}") for name in names]
    found = [p for m in modules for p in vars(m).values() if isinstance(p, Property)]
    found.sort(key=lambda p: GROUPS.index(p.name.partition(".")[0]))
    return {p.name: p for p in found}
