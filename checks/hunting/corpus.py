"""The worst inputs that hunts have found, kept to be tried first by whoever hunts next.

A folder with a text file for each function: sorted, one line for each input, so that a change is
easy to review. What was bad for one backend is tried on every other, in every format.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from ...reference.formats import FORMATS, Format
from ..files import FileError, alone, shown, write
from ..numerals import nearest, number

VERSION = 1  # of a file: raised when a field changes its meaning
SHIPPED = Path(__file__).parent / "known"  # what hunts on the backends known here have found
USUAL = Path(".ulpian") / "corpus"
KEPT = 8  # inputs of one quantity, format and setting from one backend, each of another binade
WORTH = 0.75  # ulps: no more than that is nothing to try again


@dataclass(frozen=True)
class Known:
    """An input, and the error that one implementation has there.

    bits        of the free variable, sign included; `fixed` the others as exact ratios
    error       in ulps, as the oracle told it
    by          the backend and its version
    """

    function: str
    quantity: str
    fmt: str
    free: str
    bits: int
    error: float
    by: str
    setting: Mapping[str, str] = field(default_factory=dict)
    fixed: Mapping[str, str] = field(default_factory=dict)

    @property
    def x(self) -> float:
        return FORMATS[self.fmt].of_bits(self.bits)

    @property
    def place(self) -> tuple[Any, ...]:
        """Where it stands in a file: two inputs never stand at one place."""
        setting, fixed = (tuple(sorted(m.items())) for m in (self.setting, self.fixed))
        return (self.quantity, self.fmt, setting, self.free, self.by, fixed, self.bits)

    @property
    def rivals(self) -> tuple[Any, ...]:
        """Of those with the same, only the worst few are kept: one of each binade."""
        return (self.quantity, self.fmt, tuple(sorted(self.setting.items())), self.free, self.by)

    @property
    def binade(self) -> int:
        return self.bits >> (FORMATS[self.fmt].precision - 1)

    def near(self, fmt: Format) -> int:
        """The bits of the input in a format, rounded where it is no float of that."""
        return fmt.bits_of(float(fmt.round(np.array([self.x]))[0]))


def read(folder: Path, function: str) -> tuple[Known, ...]:
    """What is known of a function; nothing where there is no such file.

    `FileError` names a file that is no corpus.
    """
    place = folder / f"{function}.json"
    try:
        document = json.loads(place.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return ()
    except (OSError, ValueError) as error:
        raise _broken(place, error) from error
    try:
        if document["corpus"] != VERSION:
            raise ValueError(f"of version {document['corpus']!r}, and this Ulpian reads {VERSION}")
        return tuple(_read(function, one) for one in document["inputs"])
    except (ValueError, KeyError, TypeError) as error:
        raise _broken(place, error) from error


def _broken(place: Path, error: Exception) -> FileError:
    return FileError(
        f"{shown(place)} is no corpus ({type(error).__name__}: {error}): remove it, or name "
        "another folder with --corpus"
    )


def _read(function: str, one: Mapping[str, Any]) -> Known:
    if one["format"] not in FORMATS:
        raise ValueError(f"unknown format {one['format']!r}")
    return Known(
        function,
        one["quantity"],
        one["format"],
        one["free"],
        int(one["bits"], 16),
        float(one["error"]),
        one["by"],
        dict(one.get("setting", {})),
        dict(one.get("fixed", {})),
    )


def add(folder: Path, function: str, found: Iterable[Known]) -> int:
    """Keep the worst of what was found, with the worst of what is there; how many are new.

    `FileError` where the folder cannot be written.
    """
    place = folder / f"{function}.json"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FileError(f"cannot make the folder {shown(folder)}: {error.strerror}") from error
    with alone(place):
        before = read(folder, function)
        after = worst([*before, *found])
        if after != before:
            write(place, text(function, after))
    return len({k.place for k in after} - {k.place for k in before})


def worst(known: Iterable[Known]) -> tuple[Known, ...]:
    """The few that are kept, in the order of a file."""
    best: dict[tuple[Any, ...], Known] = {}
    for one in known:
        key = (one.rivals, tuple(sorted(one.fixed.items())), one.binade)
        other = best.get(key)
        if one.error > WORTH and (other is None or _order(one) < _order(other)):
            best[key] = one
    groups: dict[tuple[Any, ...], list[Known]] = {}
    for one in best.values():
        groups.setdefault(one.rivals, []).append(one)
    kept = [k for group in groups.values() for k in sorted(group, key=_order)[:KEPT]]
    return tuple(sorted(kept, key=lambda k: k.place))


def _order(one: Known) -> tuple[Any, ...]:
    return (-one.error, one.place)


def text(function: str, known: Sequence[Known]) -> str:
    """The text of a file, a line for each input."""
    lines = ",\n".join(f"  {json.dumps(_plain(k))}" for k in known)
    head = f'{{"corpus": {VERSION}, "function": {json.dumps(function)}, "inputs": ['
    return f"{head}\n{lines}\n]}}\n" if known else f"{head}]}}\n"


def _plain(one: Known) -> dict[str, Any]:
    found: dict[str, Any] = {"quantity": one.quantity, "format": one.fmt, "by": one.by}
    if one.setting:
        found["setting"] = dict(sorted(one.setting.items()))
    found["free"] = one.free
    if one.fixed:
        found["fixed"] = dict(sorted(one.fixed.items()))
    error = one.error if np.isfinite(one.error) else "inf"
    width = FORMATS[one.fmt].bits // 4 + 2
    return found | {"bits": f"{one.bits:#0{width}x}", "x": one.x.hex(), "error": error}


def inputs(known: Iterable[Known], fmt: Format, free: str) -> Iterator[tuple[Any, list[int]]]:
    """What is to be tried in a format: for each choice of the other variables, the bits.

    Values of other variables are rounded to the format too.
    """
    groups: dict[tuple[tuple[str, str], ...], set[int]] = {}
    for one in known:
        if one.free == free:
            fixed = tuple((n, _rounded(v, fmt)) for n, v in sorted(one.fixed.items()))
            groups.setdefault(fixed, set()).add(one.near(fmt))
    for fixed, bits in sorted(groups.items()):
        yield dict(fixed), sorted(bits)


def _rounded(ratio: str, fmt: Format) -> str:
    over, _, under = ratio.partition("/")
    top, bottom = number(over), number(under or "1")
    if top is None or not bottom:
        raise ValueError(f"{ratio!r} is no ratio")
    p, q = nearest(top / bottom, fmt).as_integer_ratio()
    return f"{p}/{q}" if q != 1 else str(p)
