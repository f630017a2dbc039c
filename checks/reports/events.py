"""The event stream: a report as JSON objects one after another, and the report read from them.

A stream is one `begin` (what is to be judged, and where), one `verdict` each as it arrives, and one
`end` (how long it took, and whether it is complete). Several reports follow one another. Written as
JSON lines, each flushed, a stream leaves what a run had found however the run ended. Every other
format is a function of the report, so of the stream.

JSON cannot say NaN and the infinities: they are the strings "nan", "inf" and "-inf". A text that
stands in place of a number ("raises ValueError") is never one of these three.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from itertools import pairwise
from types import MappingProxyType
from typing import Any

import numpy as np

from ...reference.level import Level
from ..verdict import Breach, Call, Gate, Held, Report, Source, Status, Verdict, Witness

VERSION = 1  # of the events and of the JSON report: raised when a field changes its meaning

Event = dict[str, Any]


# ---------------------------------------------------------------- written


def events(report: Report) -> Iterator[Event]:
    """The stream of a report; `report` is its inverse."""
    yield begin(report)
    yield from map(verdict_event, report.verdicts)
    yield end(report)


def begin(report: Report) -> Event:
    """What is known before the first verdict."""
    call = report.call
    return {
        "event": "begin",
        "schema": VERSION,
        "target": report.target,
        "arrays": report.arrays,
        "required": str(report.required),
        "functions": list(report.functions),
        "formats": list(report.formats),
        "profile": report.profile,
        "seed": int(report.seed),
        "environment": {str(k): str(v) for k, v in report.environment.items()},
        "sources": {k: {"path": s.path, "line": s.line} for k, s in report.sources.items()},
        "call": None if call is None else {"arguments": call.arguments, "imports": call.imports},
        "select": list(report.select),
        "at_one": report.at_one,
    }


def verdict_event(verdict: Verdict) -> Event:
    """One verdict, with nothing in it that JSON cannot say."""
    found = {f.name: _spelt(getattr(verdict, f.name)) for f in fields(Verdict)}
    witness = verdict.witness
    if witness is not None:
        found["witness"] = {f.name: _spelt(getattr(witness, f.name)) for f in fields(Witness)}
    return {"event": "verdict", **found}


def end(report: Report) -> Event:
    """What is known after the last verdict."""
    return {
        "event": "end",
        "seconds": _spelt(report.seconds),
        "complete": report.complete,
        "stopped": report.stopped,
        "missing": list(report.missing),
        "rounds": report.rounds,
        "gate": None if report.gate is None else _gate(report.gate),
    }


def _gate(gate: Gate) -> dict[str, Any]:
    return {
        "ledger": gate.ledger,
        "held": [{f.name: getattr(h, f.name) for f in fields(Held)} for h in gate.held],
        "breaches": [
            {f.name: _spelt(getattr(b, f.name)) for f in fields(Breach)} for b in gate.breaches
        ],
        "note": gate.note,
    }


def line(event: Event) -> str:
    """An event as one line of JSON, its end included.

    All in ASCII: there are characters beyond it that some readers take for the end of a line.
    """
    return json.dumps(event, allow_nan=False) + "\n"


def as_json_lines(reports: Sequence[Report]) -> str:
    """Reports as JSON lines, one event in each."""
    return "".join(line(event) for report in reports for event in events(report))


def _spelt(value: Any) -> Any:
    """A value with NaN and infinities as strings and NumPy's numbers as Python's."""
    if isinstance(value, Level | Status):
        return str(value)
    if isinstance(value, Mapping):
        return {str(k): _spelt(v) for k, v in value.items()}
    if isinstance(value, np.ndarray):
        return _spelt(value.tolist())
    if isinstance(value, list | tuple):
        return [_spelt(v) for v in value]
    if isinstance(value, str | bool | int | Witness) or value is None:
        return value
    if isinstance(value, np.integer | np.bool_):
        return value.item()
    number = float(value)
    return number if math.isfinite(number) else str(number)


# ---------------------------------------------------------------- read


def report(stream: Iterable[Event]) -> Report:
    """The report that `events` made into this stream. Raises `ValueError` for any other stream."""
    found = reports(stream)
    if len(found) != 1:
        raise ValueError(f"the stream holds {len(found)} reports, not one")
    return found[0]


def reports(stream: Iterable[Event]) -> tuple[Report, ...]:
    """All reports of a stream; one that does not end is incomplete.

    Raises `ValueError`, in one sentence, for what is no stream or is of another version.
    """
    found = list(stream)
    starts = [k for k, event in enumerate(found) if event.get("event") == "begin"]
    if found and starts[:1] != [0]:
        raise ValueError(
            f"a stream starts with a begin event, and this one with {found[0].get('event')!r}"
        )
    return tuple(_report(found[a:b]) for a, b in pairwise([*starts, len(found)]))


def parsed(text: str) -> tuple[Report, ...]:
    """The reports of a stream written as JSON lines.

    A last line that was cut short is left out, and its report is incomplete. Raises `ValueError`,
    with the line, for anything else that is no event.
    """
    lines = [(k, words) for k, words in enumerate(text.split("\n"), 1) if words.strip()]
    found = []
    for k, words in lines:
        event = _event(words)
        if event is not None:
            found.append(event)
        elif (k, words) != lines[-1] or not found:
            raise ValueError(f"line {k} is no event of Ulpian: {words[:40]!r}")
    return reports(found)


def _event(words: str) -> Event | None:
    try:
        found = json.loads(words)
    except ValueError:
        return None
    return found if isinstance(found, dict) and "event" in found else None


def _report(stream: list[Event]) -> Report:
    head, *others = stream
    if head.get("schema") != VERSION:
        raise ValueError(
            f"cannot read events of schema {head.get('schema')!r}: this Ulpian reads {VERSION}"
        )
    last = others.pop() if others and others[-1]["event"] == "end" else None
    strange = [event["event"] for event in others if event["event"] != "verdict"]
    if strange:
        raise ValueError(f"{strange[0]!r} is no event that can stand between begin and end")
    try:
        return _assembled(head, [verdict_of(event) for event in others], last)
    except KeyError as missing:
        raise ValueError(f"an event of the stream lacks {missing}") from missing
    except (TypeError, AttributeError) as error:
        raise ValueError(f"an event of the stream does not fit the schema: {error}") from error


def _assembled(head: Event, verdicts: list[Verdict], last: Event | None) -> Report:
    order = {name: k for k, name in enumerate(head["functions"])}
    spent = sum(v.seconds for v in verdicts)  # all that is known of a run that did not end
    return Report(
        target=head["target"],
        required=Level(head["required"]),
        verdicts=tuple(sorted(verdicts, key=lambda v: order.get(v.function, len(order)))),
        environment=MappingProxyType(head["environment"]),
        seed=head["seed"],
        seconds=_read(last["seconds"]) if last else spent,
        complete=bool(last and last["complete"]),
        arrays=head["arrays"],
        call=None if head["call"] is None else Call(**head["call"]),
        functions=tuple(head["functions"]),
        formats=tuple(head["formats"]),
        profile=head["profile"],
        sources=MappingProxyType({k: Source(**s) for k, s in head["sources"].items()}),
        stopped=last["stopped"] if last else "",
        missing=tuple(last["missing"]) if last else (),
        rounds=last["rounds"] if last else 1,
        select=tuple(head["select"]),
        at_one=head["at_one"],
        gate=_read_gate(last["gate"]) if last and last["gate"] else None,
    )


def _read_gate(data: Mapping[str, Any]) -> Gate:
    return Gate(
        data["ledger"],
        tuple(Held(**held) for held in data["held"]),
        tuple(
            Breach(**{**breach, "commands": MappingProxyType(breach["commands"])})
            for breach in data["breaches"]
        ),
        data["note"],
    )


def verdict_of(event: Event) -> Verdict:
    """The verdict that `verdict_event` spelt. Raises `KeyError` where a field is missing."""
    # what a later version adds is left out
    data = {f.name: event[f.name] for f in fields(Verdict)}
    witness = data["witness"]
    numbers = {name: _read(data[name]) for name in ("error_ulp", "seconds")}
    return Verdict(
        **{
            **data,
            **numbers,
            "status": Status(data["status"]),
            "level": None if data["level"] is None else Level(data["level"]),
            "traits": tuple(data["traits"]),
            "witness": None if witness is None else _witness(witness),
        }
    )


def _witness(data: Mapping[str, Any]) -> Witness:
    numbers = ("truth", "observed", "error_ulp", "bound_ulp")
    inputs = {name: _read(value) for name, value in data["inputs"].items()}
    return Witness(**{**data, **{n: _read(data[n]) for n in numbers}, "inputs": inputs})


_WORDS = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}


def _read(value: Any) -> Any:
    if isinstance(value, list):
        return [_read(v) for v in value]
    return _WORDS.get(value, value) if isinstance(value, str) else value
