"""Reports read back from a file: the event stream of a run, or its JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ..verdict import Report
from . import events
from .json_document import from_dict


def stored(text: str) -> tuple[Report, ...]:
    """The reports in a text of JSON lines or JSON. Raises `ValueError`, in one sentence."""
    data = _document(text)
    stream = data is None or "event" in data[0]
    found = events.parsed(text) if stream else tuple(_report(item) for item in data or ())
    if not found:
        raise ValueError("there is no report in it: it is empty")
    return found


def _document(text: str) -> list[dict[str, Any]] | None:
    """The objects of one JSON document; None where it is none, as several lines are not."""
    try:
        data = json.loads(text)
    except ValueError:
        return None
    objects = data if isinstance(data, list) else [data]
    return objects if objects and all(isinstance(item, dict) for item in objects) else None


def _report(data: Mapping[str, Any]) -> Report:
    try:
        return from_dict(data)
    except KeyError as missing:
        raise ValueError(f"the report lacks {missing}") from missing
