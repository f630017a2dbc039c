"""What the figures of a report depend on: versions, platform, the CPU's vector features."""

from __future__ import annotations

import platform
import sys
from functools import cache
from importlib import metadata
from pathlib import Path

MISSING = "not installed"
FEATURES = ("avx512f", "avx2", "fma", "avx", "sse4_2", "asimd", "sve")


@cache
def environment() -> dict[str, str]:
    """Versions, platform and CPU, as short texts by name."""
    return {
        "ulpian": installed("ulpian") or MISSING,
        "python": platform.python_version(),
        "sympy": installed("sympy") or MISSING,
        "numpy": installed("numpy") or MISSING,
        "python-flint": installed("python-flint") or MISSING,
        "platform": f"{platform.system()} {platform.machine()}",
        "cpu": cpu(),
        "cpu_features": " ".join(cpu_features()),
    }


def installed(package: str) -> str:
    """The version of a package; empty when it is not installed. Nothing is imported."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""


def _cpuinfo() -> dict[str, str]:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return {}
    pairs = (line.split(":", 1) for line in lines if ":" in line)
    return {key.strip(): value.strip() for key, value in pairs}


def cpu() -> str:
    """The CPU's name, as far as the system tells."""
    return _cpuinfo().get("model name") or platform.processor() or sys.platform


def cpu_features() -> tuple[str, ...]:
    """The vector features that change results, of those in `FEATURES`."""
    flags = _cpuinfo()
    present = (flags.get("flags") or flags.get("Features") or "").split()
    return tuple(f for f in FEATURES if f in present)
