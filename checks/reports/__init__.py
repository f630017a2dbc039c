"""Reports, one file for each output: a function from a `Report` to a text.

`text`, `concise`, `markdown` and `badge` are for people; `json_document`, `junit`, `sarif` and
`github` for machines; `written` knows them all by name, and `stored` reads back what machines keep.
What they share: how a report ends (`ending`), the table of levels (`levels`), which findings are
one (`findings`), what was found in a line (`evidence`), how it is seen again (`again`), what a
property means (`explanation`), how numbers are written (`figures`), and how lines are laid out
(`layout`). `events` is the stream of a run, which `stored` reads too; `delivery` takes reports to
where they go.
"""

from .again import reproduce
from .concise import as_concise
from .ending import exit_code
from .json_document import as_dict, as_json, event_schema, from_json, schema
from .text import as_text

__all__ = [
    "as_concise",
    "as_dict",
    "as_json",
    "as_text",
    "event_schema",
    "exit_code",
    "from_json",
    "reproduce",
    "schema",
]
