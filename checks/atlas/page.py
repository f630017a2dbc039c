"""A page of the atlas: what is known of one version of a backend in one format.

A page is a small JSON file, described by `page.schema.json`: what its results have in common, then
a line for each of them. The worst errors in the binades are cut short, and those that are alike are
told once (see `binades`). All else is as it was found.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import Any

from ...reference.formats import FORMATS
from ...reference.source import QUANTITIES
from ..files import reviewable, shown
from ..files import write as write_file
from ..numerals import nearest
from ..sweeps import result as results_
from ..sweeps import summary as summaries
from ..sweeps.result import Result
from ..sweeps.summary import BINS, Summary
from ..targets.versions import package, plain
from . import binades

SCHEMA = 1  # raised when a field changes its meaning
JUDGE = "judge"  # the text of Ulpian, by which no figure may change: results may differ in it

Entry = Mapping[str, Any]


class AtlasError(ValueError):
    """A page that cannot be read or made; the message is one sentence with the way out."""


@dataclass(frozen=True)
class Page:
    """What is known of one version of a backend in one format, on one kind of machine.

    `environment` has versions and CPU features by name, `device` where the backend computed, ""
    for its own choice. `entries` are the results as the file has them, in order of their names.
    """

    target: str
    version: str
    fmt: str
    environment: Mapping[str, str]
    entries: tuple[Entry, ...] = ()
    device: str = ""

    @property
    def name(self) -> str:
        """ "torch 2.13.0"."""
        where = f" on {self.device}" if self.device else ""
        return f"{self.target} {self.version}{where}"

    @property
    def file_name(self) -> str:
        """`torch-2.13.0-float32.json`."""
        parts = (self.target, self.version, self.fmt, *([self.device] if self.device else []))
        return re.sub(r"[^\w.-]+", "_", "-".join(parts)) + ".json"

    @property
    def functions(self) -> tuple[str, ...]:
        """The definitions by which something was judged."""
        return tuple(dict.fromkeys(_judged_by(entry) for entry in self.entries))

    @cached_property
    def results(self) -> tuple[Result, ...]:
        """All results. `AtlasError` where one cannot be read."""
        return tuple(_result(self, entry) for entry in self.entries)

    def of(self, function: str) -> tuple[Result, ...]:
        """The results judged by one definition; nothing else is decoded."""
        return tuple(_result(self, e) for e in self.entries if _judged_by(e) == function)


def version_of(result: Result) -> str:
    """The version of the backend that a result is of."""
    return plain(result.environment.get(package(result.target), ""))


def judged_by(result: Result) -> str:
    """The name of the definition that a result was judged by."""
    return result.as_ or result.function


def _judged_by(entry: Entry) -> str:
    return str(entry.get("as_") or entry["function"])


# ---------------------------------------------------------------- made


def page(found: Iterable[Result]) -> Page:
    """The page of results of one backend, format and environment; `AtlasError` for a mixture.

    Of several results of one thing the last stands, but for one that is less: see `better`.
    """
    results = list(found)
    if not results:
        raise AtlasError("there is no result to make a page of: sweep first")
    for result in results:
        _refuse_mixture(results[0], result)
    kept: dict[tuple[Any, ...], Result] = {}
    for result in results:
        kept[key(result)] = better(kept.get(key(result), result), result)
    first = results[0]
    return Page(
        target=first.target,
        version=version_of(first),
        fmt=first.fmt,
        environment={n: v for n, v in sorted(first.environment.items()) if n != JUDGE},
        entries=tuple(_entry(kept[k]) for k in sorted(kept)),
        device=first.device,
    )


def key(result: Result) -> tuple[Any, ...]:
    """What a result is about; in the order of a page."""
    return (*subject(result), result.function)


def subject(result: Result) -> tuple[Any, ...]:
    """What a result is about, whatever the code is called; parameters as the format has them."""
    fmt = FORMATS[result.fmt]
    numbers = (
        tuple(sorted((n, nearest(Fraction(x), fmt)) for n, x in given.items()))
        for given in (result.setting, result.fixed)
    )
    return judged_by(result), *numbers, QUANTITIES.index(result.quantity), result.free


def better(old: Result, new: Result) -> Result:
    """Of two results of one thing the one that tells more, and the newer where they tell as much.

    A sweep tells more than a hunt, and more floats more than fewer; of two hunts by one definition
    the one that found the larger error.
    """
    if _weight(new) != _weight(old):
        return max(old, new, key=_weight)
    if new.method == "hunt" and old.definition == new.definition and _error(old) > _error(new):
        return old
    return new


def _weight(result: Result) -> tuple[bool, int]:
    return result.method == "exhaustive", result.count


def _error(result: Result) -> float:
    return -1.0 if result.largest is None else result.largest.error


def _refuse_mixture(first: Result, other: Result) -> None:
    if not other.complete:
        why = other.failures[0] if other.failures else "let its sweep end first"
        raise AtlasError(f"{other.target}: {other.name} {other.fmt} is not complete: {why}")
    for what in ("target", "fmt", "device"):
        one, two = getattr(first, what), getattr(other, what)
        if one != two:
            raise AtlasError(
                f"results of {one or 'no device'} and of {two or 'no device'} do not belong on one "
                "page: add them one after the other"
            )
    for name, ours, theirs in differences(first.environment, other.environment):
        raise AtlasError(
            f"{other.target}: {other.name} was made with {name} {theirs}, and the rest of the "
            f"page with {ours}: make a page of its own in another folder"
        )


def differences(
    ours: Mapping[str, str], theirs: Mapping[str, str]
) -> tuple[tuple[str, str, str], ...]:
    """What differs in two environments, by name, but for what no figure depends on."""
    pairs = (
        (name, ours.get(name) or "nothing", theirs.get(name) or "nothing")
        for name in sorted({*ours, *theirs} - {JUDGE})
    )
    return tuple((name, one, other) for name, one, other in pairs if one != other)


# ---------------------------------------------------------------- written

_COMMON = ("version", "proved", "target", "fmt", "device", "environment")  # not of a line
_ALWAYS = ("function", "quantity", "free", "definition", "summary")


def as_text(page: Page) -> str:
    """The file of a page; the same results give the same bytes."""
    data = {
        "schema": SCHEMA,
        "target": page.target,
        "version": page.version,
        "format": page.fmt,
        "device": page.device,
        "environment": dict(page.environment),
        "results": list(page.entries),
    }
    return reviewable(data)


def write(page: Page, path: Path) -> None:
    """Put a page in a file. `FileError` where it cannot be written."""
    write_file(path, as_text(page))


def _entry(result: Result) -> Entry:
    """What a line says: all that is not as usual."""
    data = {**results_.to_json(result), "summary": _summary(result)}
    usual = _usual(result.fmt)
    return {n: v for n, v in data.items() if n in _ALWAYS or (n in usual and usual[n] != v)}


def _usual(fmt: str) -> dict[str, Any]:
    """What a line leaves out where it is so."""
    blank = Result("", "", "", "", fmt, "", Summary(), count=1 << FORMATS[fmt].bits)
    data = results_.to_json(blank)
    return {n: v for n, v in data.items() if n not in (*_COMMON, *_ALWAYS)}


def _summary(result: Result) -> Entry:
    data, usual = summaries.to_json(result.summary), summaries.to_json(Summary())
    data["binades"] = binades.written(result.summary.binades, FORMATS[result.fmt])
    data["histogram"] = _trimmed(data["histogram"])
    return {n: v for n, v in data.items() if n in ("binades", "histogram") or usual[n] != v}


def _trimmed(counts: list[int]) -> list[int]:
    """Without the zeros at the end."""
    last = max((k for k, count in enumerate(counts) if count), default=-1)
    return counts[: last + 1]


# ---------------------------------------------------------------- read


def read(path: Path) -> Page:
    """The page in a file. `AtlasError` in one sentence where it cannot be read."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise AtlasError(f"cannot read {shown(path)}: {error.strerror}") from error
    except ValueError as error:
        raise _broken(
            path, "it is not JSON, as if it had been cut off or were another file"
        ) from error
    if not isinstance(data, dict) or "schema" not in data:
        raise _broken(path, "it is no page of an atlas")
    if data["schema"] != SCHEMA:
        raise _broken(path, f"its schema is {data['schema']!r}, and this Ulpian reads {SCHEMA}")
    try:
        return Page(
            target=data["target"],
            version=data["version"],
            fmt=_format(data["format"]),
            environment=dict(data["environment"]),
            entries=tuple(map(_checked, data["results"])),
            device=data["device"],
        )
    except KeyError as missing:
        raise _broken(path, f"it lacks {missing}") from missing
    except (TypeError, ValueError) as error:
        raise _broken(path, f"it does not fit the schema: {error}") from error


def _broken(path: Path, what: str) -> AtlasError:
    return AtlasError(f"cannot read {shown(path)}: {what}; make it again with `ulpian atlas make`")


def _format(name: str) -> str:
    if name not in FORMATS:
        raise ValueError(f"{name!r} is no format of {', '.join(FORMATS)}")
    return name


def _checked(entry: Any) -> Entry:
    if not isinstance(entry, dict) or not {"function", "summary"} <= entry.keys():
        raise ValueError(f"a result names a function and has a summary, and one is {entry!r:.60}")
    return entry


def _result(page: Page, entry: Entry) -> Result:
    """What a line says, with all that it leaves out."""
    fmt = FORMATS[page.fmt]
    summary = {**summaries.to_json(Summary()), **entry["summary"]}
    try:
        places = binades.read(summary["binades"], fmt)
        summary["binades"] = {}
        counts = summary["histogram"]
        summary["histogram"] = [*counts, *[0] * (BINS - len(counts))]
        common = {name: getattr(page, name) for name in ("target", "fmt", "device", "environment")}
        data = {**_usual(page.fmt), **entry, **common, "summary": summary}
        found = results_.from_json({**data, "version": results_.VERSION})
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise AtlasError(
            f"{page.name} {page.fmt}: the result of {entry['function']} cannot be read: {error}; "
            "make it again with `ulpian atlas make`"
        ) from error
    return replace(found, summary=replace(found.summary, binades=places))
