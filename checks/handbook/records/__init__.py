"""What was measured: `recorded/` has the files, `record` and `kills` read them.

`recording` makes a record of a backend, and `printed` says in a document what records say.
"""

from .record import (
    FOLDER,
    QUANTITIES,
    Choice,
    ErrorCurve,
    Pick,
    Record,
    RecordError,
    Standing,
    Worst,
    choices,
    curves,
    definition_key,
    files,
    levels,
    load,
    picks,
    read,
    stale,
)

__all__ = [
    "FOLDER",
    "QUANTITIES",
    "Choice",
    "ErrorCurve",
    "Pick",
    "Record",
    "RecordError",
    "Standing",
    "Worst",
    "choices",
    "curves",
    "definition_key",
    "files",
    "levels",
    "load",
    "picks",
    "read",
    "stale",
]
