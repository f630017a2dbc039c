"""What is known of one function's value or derivative in a format: a result, as a document.

A result holds no times and no places on a machine: whatever engine made it, with however many
workers, and however often it was killed and resumed, it is the same, byte for byte.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields
from fractions import Fraction
from typing import Any

import sympy

from ...reference.formats import FORMATS
from ...reference.level import Level
from ...spec.function import Function
from . import summary as summaries
from .shard import Shard
from .summary import Place, Summary

VERSION = 1  # of the document: raise it when a field changes its meaning
METHODS = ("exhaustive", "hunt")
READINGS = ("as given", "rounded to the format")
REGIMES = ("normal", "subnormal")
DIGITS = 6  # of an error that is told


@dataclass(frozen=True)
class Worst:
    """An input with the largest error of its regime, asked again from the oracle.

    error     ulps at the truth, to six digits; infinite where one of the two is NaN
    bits      of the input
    x         the input, `truth` that rounded to the format and `observed`: hexadecimal floats
    """

    error: float
    bits: int
    x: str
    truth: str
    observed: str


@dataclass(frozen=True)
class Result:
    """What a sweep or a hunt found.

    target       what was judged, as it was named: "torch", "pkg.module:callable"
    function     the name in the target of what was called; `as_` the definition's where it differs
    definition   digest of the definition: equal exactly where the definitions are
    quantity     "value", "gradient" or "second", in the variable `free`
    setting      parameters as exact ratios by name, "1/100"; `fixed` the other variables
    reading      which of READINGS the code follows where a parameter is no float of the format
    first        bits of the first float, and `count` how many of them: 0 and 2**bits for all
    method       one of METHODS: what a hunt found is a lower bound of the worst error
    complete     whether all of that was done
    failures     what the code did instead of answering, and in which part
    worst        by regime (see REGIMES): truths that are normal numbers, and those below them
    """

    target: str
    function: str
    definition: str
    quantity: str
    fmt: str
    free: str
    summary: Summary
    as_: str = ""
    setting: Mapping[str, str] = field(default_factory=dict)
    fixed: Mapping[str, str] = field(default_factory=dict)
    reading: str = READINGS[0]
    first: int = 0
    count: int = 0
    method: str = METHODS[0]
    complete: bool = True
    device: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)
    worst: Mapping[str, Worst] = field(default_factory=dict)
    failures: tuple[str, ...] = ()

    @property
    def whole(self) -> bool:
        """Whether it is about every float of the format."""
        return (self.first, self.count) == (0, 1 << FORMATS[self.fmt].bits)

    @property
    def proved(self) -> bool:
        """Whether the figures hold for every float of the format."""
        done = self.complete and self.method == "exhaustive" and self.whole and not self.failures
        judged = self.summary.inputs + self.summary.outside
        return done and judged == self.count and self.summary.unproven == 0

    @property
    def level(self) -> Level | None:
        """The level of every input judged; None where there was none."""
        return self.summary.level

    @property
    def largest(self) -> Worst | None:
        """The worst of all: of equal errors, the one with the least bits."""
        found = self.worst.values()
        return max(found, key=lambda w: (w.error, -w.bits), default=None)

    @property
    def name(self) -> str:
        """`elu.gradient(alpha=1/2)`: tells the results of one target and format apart."""
        given = {**self.setting, **self.fixed}
        inside = ", ".join(f"{name}={value}" for name, value in given.items())
        return f"{self.function}.{self.quantity}" + (f"({inside})" if inside else "")


def definition_digest(function: Function) -> str:
    """Digest of all that a definition says of its numbers; names, titles and prose left out."""
    stated = [function.expression, function.requires, function.range]
    stated += [*_pairs(function.constants), *_pairs(function.kinks), *_pairs(function.jumps)]
    inputs = [(v.symbol, v.domain) for v in (*function.variables, *function.parameters)]
    said = [sympy.srepr(sympy.sympify(e)) for e in (*stated, *(e for pair in inputs for e in pair))]
    said += [str(p.default) for p in function.parameters]
    said += [f"{function.parity} {function.monotone} {bool(function.homogeneous)}"]
    return hashlib.blake2b("\n".join(said).encode(), digest_size=16).hexdigest()


def _pairs(mapping: Mapping[Any, Any]) -> list[Any]:
    return [part for pair in mapping.items() for part in pair]


def ratios(numbers: Mapping[str, Fraction]) -> dict[str, str]:
    """Exact numbers as a document writes them."""
    return {name: str(Fraction(value)) for name, value in numbers.items()}


def begun(shard: Shard, function: Function, first: int, count: int) -> dict[str, Any]:
    """The fields of a `Result` that a shard of it tells, for a sweep over a part of the line."""
    return {
        "target": shard.target,
        "function": shard.function,
        "as_": function.name if function.name != shard.function else "",
        "definition": definition_digest(function),
        "quantity": shard.quantity,
        "fmt": shard.fmt,
        "free": shard.free or function.variables[0].name,
        "setting": ratios(shard.setting),
        "fixed": ratios(shard.fixed),
        "first": first,
        "count": count,
        "device": shard.device,
    }


# ---------------------------------------------------------------- documents


def to_json(result: Result) -> dict[str, Any]:
    """The result as a JSON document."""
    given = {f.name: getattr(result, f.name) for f in fields(Result)}
    given["summary"] = summaries.to_json(result.summary)
    given["worst"] = {name: _written(w) for name, w in result.worst.items()}
    given["failures"] = list(result.failures)
    for name in ("setting", "fixed", "environment"):
        given[name] = dict(given[name])
    for name in ("first", "count"):
        given[name] = f"{given[name]:#x}"
    level = None if result.level is None else str(result.level)
    return {"version": VERSION, "proved": result.proved, "level": level, **given}


def _written(worst: Worst) -> dict[str, Any]:
    error = worst.error if math.isfinite(worst.error) else "inf"
    return {**asdict(worst), "error": error, "bits": f"{worst.bits:#x}"}


def from_json(document: Mapping[str, Any]) -> Result:
    """The result that `to_json` wrote.

    Raises `ValueError` for a document of another version, and for one that lacks something.
    """
    if document.get("version") != VERSION:
        raise ValueError(
            f"a result of version {document.get('version')!r}, not {VERSION}: sweep again"
        )
    try:
        given = {f.name: document[f.name] for f in fields(Result)}
        given["summary"] = summaries.from_json(given["summary"])
        given["worst"] = {name: _read(w) for name, w in given["worst"].items()}
        given["failures"] = tuple(given["failures"])
        given["first"], given["count"] = int(given["first"], 16), int(given["count"], 16)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"a result that is not whole: {error}") from error
    return Result(**given)


def _read(worst: Mapping[str, Any]) -> Worst:
    given = {**worst, "error": float(worst["error"]), "bits": int(worst["bits"], 16)}
    return Worst(**given)


def text(results: Iterable[Result]) -> str:
    """Results as the text of one file, the same bytes for the same results."""
    document = {"ulpian": "sweep", "results": [to_json(r) for r in results]}
    return json.dumps(document, indent=1, allow_nan=False) + "\n"


def shortened(error: float) -> float:
    """An error to as many digits as are told."""
    return float(f"{error:.{DIGITS}g}")


def regimes(found: Summary) -> dict[str, Place]:
    """Where the worst errors of a summary were met, by regime."""
    places = {"normal": found.normal, "subnormal": found.subnormal}
    return {name: place for name, place in places.items() if place is not None}
