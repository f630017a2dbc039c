"""A report as JSON for machines, and read back from it.

The JSON is described by `schema.json` beside this file. It spells what JSON cannot say: NaN and
the infinities are the strings "nan", "inf" and "-inf"; every input carries its bits.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from ..verdict import Report
from . import events
from .ending import exit_code


@cache
def schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of a report."""
    text = Path(__file__).with_name("schema.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


@cache
def event_schema() -> dict[str, Any]:
    """The JSON Schema of one event, which is a line of the event stream."""
    whole = schema()
    return {"$schema": whole["$schema"], "$defs": whole["$defs"], "$ref": "#/$defs/event"}


def as_json(report: Report) -> str:
    """The report as JSON, valid by `schema()`."""
    return json.dumps(as_dict(report), indent=2, ensure_ascii=False, allow_nan=False)


def as_dict(report: Report) -> dict[str, Any]:
    """The report as plain lists and mappings, with nothing in them that JSON cannot say.

    It holds what the events hold, and what follows from them: whether all is well, the lowest level
    and the exit code.
    """
    head, *verdicts, last = (_without_kind(event) for event in events.events(report))
    derived = {
        "ok": report.ok,
        "level": None if report.level is None else str(report.level),
        "exit_code": exit_code(report),
    }
    return {**head, **derived, **last, "verdicts": verdicts}


def _without_kind(event: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in event.items() if name != "event"}


def from_json(text: str) -> Report:
    """The report that `as_json` wrote. Raises `ValueError` for another version of the schema."""
    return from_dict(json.loads(text))


def from_dict(data: Mapping[str, Any]) -> Report:
    """The report that `as_dict` took apart. Raises `ValueError` as `from_json` does."""
    if data.get("schema") != events.VERSION:
        raise ValueError(
            f"cannot read a report of schema {data.get('schema')!r}: "
            f"this Ulpian reads {events.VERSION}"
        )
    verdicts = ({"event": "verdict", **verdict} for verdict in data["verdicts"])
    return events.report([{**data, "event": "begin"}, *verdicts, {**data, "event": "end"}])
