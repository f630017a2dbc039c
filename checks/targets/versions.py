"""Which version of a backend is judged, and the packages that its figures depend on."""

from __future__ import annotations

from ..environment import MISSING, installed

OURS = ("reference", "textbook")  # versioned as Ulpian is
PACKAGES = {"torch": ("torch",), "jax": ("jax", "optax"), "scipy": ("scipy",)}
PACKAGES["textbook"] = PACKAGES["scipy"]  # it takes erf from there


def package(target: str) -> str:
    """The package whose version is the target's, which need not be installed."""
    if target in OURS:
        return "ulpian"
    return (PACKAGES.get(target) or (target.partition(":")[0].partition(".")[0],))[0]


def version(target: str) -> str:
    """The version of what is judged, without a build's own mark: 2.13.0 of 2.13.0+cpu."""
    return plain(installed(package(target)))


def plain(version: str) -> str:
    """A version without a build's own mark; a word where there is none."""
    return version.split("+")[0] or "unversioned"


def packages(target: str) -> dict[str, str]:
    """The packages of a backend by name, each with its version."""
    return {name: installed(name) or MISSING for name in PACKAGES.get(target, ())}


def ordered(version: str) -> tuple[tuple[int, str], ...]:
    """What versions are sorted by: 2.9 comes before 2.13."""
    return tuple((int(p), "") if p.isdecimal() else (-1, p) for p in version.split("."))
