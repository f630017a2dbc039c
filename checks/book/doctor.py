"""What `ulpian doctor` prints: the environment, for bug reports."""

from __future__ import annotations

import json
import os
import sys

from ...reference.cache import folder
from ..environment import MISSING, environment, installed

PACKAGES = ("click", "hypothesis", "ml_dtypes", "mpmath", "rich", "scipy", "torch", "jax")
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")


def health() -> dict[str, str]:
    """Versions, platform, CPU, threads, cache and terminal, as short texts by name."""
    return {
        **environment(),
        **{name: installed(name) or MISSING for name in PACKAGES},
        "cpus": str(os.cpu_count()),
        **{name: os.environ.get(name, "not set") for name in THREADS},
        "cache": _cache(),
        "terminal": _terminal(),
    }


def as_text(found: dict[str, str]) -> str:
    """A line for each entry."""
    wide = max(map(len, found)) + 2
    return "\n".join(f"{key:<{wide}}{value}".rstrip() for key, value in found.items())


def as_json(found: dict[str, str]) -> str:
    """One object."""
    return json.dumps(found, indent=2)


def _cache() -> str:
    place = folder()
    if place is None:
        return "off"
    files = [f for f in place.rglob("*") if f.is_file()] if place.is_dir() else []
    return f"{place}, {len(files)} files, {sum(f.stat().st_size for f in files) / 1e6:.1f} MB"


def _terminal() -> str:
    kinds = [name for name in ("stdin", "stdout", "stderr") if getattr(sys, name).isatty()]
    colour = "NO_COLOR set" if os.environ.get("NO_COLOR") else f"TERM={os.environ.get('TERM', '')}"
    return f"{', '.join(kinds) or 'none'}; {colour}"
