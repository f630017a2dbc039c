"""A hunt that was ended, kept so that another run goes on from there.

All that decides what is tried next is kept, the random generator too: a hunt that was ended and
went on tries what it would have tried without the break.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from fractions import Fraction
from pathlib import Path
from typing import Any

from ..files import FileError, shown, write
from .cells import Cell
from .hunt import Found, Hunt, Step
from .track import Track
from .windows import Window

VERSION = 1  # of a file: raised when a field changes its meaning
FOLDER = Path(".ulpian") / "hunts"


def key(asked: Mapping[str, Any]) -> str:
    """The name of a hunt by what it is about: the code, its environment, the definition."""
    told = json.dumps(asked, sort_keys=True)
    return hashlib.blake2b(told.encode(), digest_size=10).hexdigest()


def keep(place: Path, hunt: Hunt) -> None:
    """Write a hunt to a file; `FileError` where that cannot be."""
    place.parent.mkdir(parents=True, exist_ok=True)
    write(place, json.dumps(_plain(hunt), allow_nan=True))


def load(place: Path, first: Track) -> Hunt | None:
    """The hunt that was kept; None where there is none. `FileError` for a file that is none."""
    try:
        document = json.loads(place.read_text(encoding="ascii"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise _broken(place, error) from error
    try:
        if document["hunt"] != VERSION:
            raise ValueError(f"of version {document['hunt']!r}, and this Ulpian reads {VERSION}")
        return _made(document, first)
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise _broken(place, error) from error


def _broken(place: Path, error: Exception) -> FileError:
    return FileError(
        f"{shown(place)} is no hunt to go on with ({type(error).__name__}: {error}): leave out "
        "--resume"
    )


def _plain(hunt: Hunt) -> dict[str, Any]:
    return {
        "hunt": VERSION,
        "seed": hunt.seed,
        "random": hunt.rng.bit_generator.state,
        "points": hunt.points,
        "seconds": hunt.spent,
        "scanned": hunt.scanned,
        "rounds": hunt.rounds,
        "lines_scanned": hunt.lines,
        "unproven": hunt.unproven,
        "lines": [{n: str(v) for n, v in t.fixed.items()} for t in hunt.tracks],
        "distrusted": [sorted(t.distrusted) for t in hunt.tracks],
        "best": None if hunt.best is None else asdict(hunt.best),
        "history": [asdict(s) for s in hunt.history],
        "regions": [[k, asdict(f), n] for k, (f, n) in sorted(hunt.regions.items())],
        "cells": [
            [c.rank[0], c.rank[1], c.track, c.negative, c.first, c.count] for c in hunt.cells.heap
        ],
        "made": hunt.cells.made,
        "near": [[n, w.piece.negative, w.piece.first, w.start, w.stride] for n, w in hunt.near],
    }


def _made(document: Mapping[str, Any], first: Track) -> Hunt:
    lines = [{n: Fraction(v) for n, v in fixed.items()} for fixed in document["lines"]]
    tracks = [first.beside(fixed) if fixed else first for fixed in lines]
    for track, pieces in zip(tracks, document["distrusted"], strict=True):
        track.distrusted.update((bool(negative), int(at)) for negative, at in pieces)
    hunt = Hunt(tracks, document["seed"])
    hunt.rng.bit_generator.state = document["random"]
    for name in ("points", "seconds", "scanned", "rounds", "unproven"):
        setattr(hunt, name, document[name])
    hunt.lines = document["lines_scanned"]
    hunt.best = None if document["best"] is None else Found(**document["best"])
    hunt.history = [Step(**{**s, "found": Found(**s["found"])}) for s in document["history"]]
    hunt.regions = {int(k): (Found(**f), int(n)) for k, f, n in document["regions"]}
    hunt.cells.heap = [
        Cell((error, age), track, bool(negative), at, count)
        for error, age, track, negative, at, count in document["cells"]
    ]
    hunt.cells.made = document["made"]
    for number, negative, at, start, stride in document["near"]:
        hunt.near.append((number, Window(tracks[number].piece(bool(negative), at), start, stride)))
    return hunt
