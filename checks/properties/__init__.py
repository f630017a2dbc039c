"""The properties, one file for a group. Nothing is registered: the package is walked."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from .property import Outcome, Property

__all__ = ["Outcome", "Property", "catalogue"]


@cache
def catalogue() -> dict[str, Property]:
    """All properties by name, group by group in the order a report shows them."""
    found: dict[str, Property] = {}
    order = ("value", "grad", "identity", "loss", "structure")
    modules = sorted(
        (m.name for m in pkgutil.iter_modules(__path__)),
        key=lambda n: (order.index(n) if n in order else len(order), n),
    )
    for name in modules:
        module = importlib.import_module(f"{__name__}.{name}")
        found |= {p.name: p for p in vars(module).values() if isinstance(p, Property)}
    return found
