"""The levels of each recorded version of a backend, function by function and format by format."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from ....reference.formats import USUAL
from ....reference.level import RANKED
from ....spec.catalogue import catalogue
from ..document import Block, Chapter, Code, Link, Page, Paragraph, Section, Strong, Table, Text
from ..edition import Edition
from ..records import Choice, Record, Standing, Worst, choices, load
from ..records.printed import functions, inputs, level, made, meanings, ulps

BEST_FIRST = tuple(reversed(RANKED))
OPENING = (
    "A backend is judged function by function and format by format: at special values, in every "
    "binade, at every float of the 16-bit formats, against truths of proven accuracy, with bounds "
    "that follow from the function. The tables say the lowest level that any property found, so "
    "one wrong limit or one parameter handled badly lowers a function that is otherwise right; "
    "the page of each backend says which. "
)
READING = (
    "An error is in ulps, units in the last place of the format at the truth, and may be large "
    "where the level is good: near 0 an ulp is tiny, and the inputs' own rounding does as much. So "
    "the input that is named is the one with the largest error for what accurate allows there; "
    "where all results are correctly rounded, the largest error of all is given. A trait is a "
    "convention: one of several right answers, neither good nor bad."
)
NONE = "No backend has been recorded yet: "
STALE = (
    "Since this was recorded, other definitions hold for the functions that are marked stale: "
    "what is said of them may be so no more."
)


def chapter(edition: Edition) -> Chapter:
    """The levels of every record, and a page for each."""
    records = load()
    blocks: list[Block] = [Paragraph((OPENING,)), meanings(), Paragraph((READING,))]
    if records:
        blocks += [_overview(records), *(_levels(records, fmt) for fmt in USUAL)]
    else:
        blocks.append(Paragraph((NONE, Code("ulpian handbook record torch"), ".")))
    return Chapter("conformance", "Conformance", tuple(blocks), tuple(map(_page, records)))


def _id(record: Record) -> str:
    return re.sub(r"[^a-z0-9]+", "-", f"conformance-{record.target}-{record.version}".lower())


def _overview(records: tuple[Record, ...]) -> Table:
    head: tuple[Text, ...] = (
        ("Backend",),
        ("Functions",),
        *((str(one),) for one in BEST_FIRST),
        ("not offered",),
    )
    caption = "How many functions, each in each format, reach which level"
    return Table((caption,), head, tuple(map(_sums, records)), "lrrrrrrr", sortable=True)


def _sums(record: Record) -> tuple[Text, ...]:
    counts = Counter(s.level for s in record.standings)
    judged = len({s.function for s in record.standings})
    figures = (judged, *(counts[one] for one in BEST_FIRST), counts[None])
    return ((Link(_id(record), record.name),), *((str(count),) for count in figures))


def _levels(records: tuple[Record, ...], fmt: str) -> Section:
    """The level of every function in one format, for each record."""
    head: tuple[Text, ...] = (("Function",), *((r.name,) for r in records))
    found = [{s.function: s for s in r.standings if s.format == fmt} for r in records]
    rows = tuple(
        ((Link(function, function),), *(_cell(table.get(function)) for table in found))
        for function in catalogue()
        if any(function in table for table in found)
    )
    caption = f"The lowest level of each function in {fmt}; a dash where a backend has it not"
    return Section(
        f"conformance-{fmt}",
        (f"Levels in {fmt}",),
        (Table((caption,), head, rows, "l" * len(head), sortable=True),),
    )


def _cell(standing: Standing | None) -> Text:
    return ("–",) if standing is None else level(standing.level)


# ---------------------------------------------------------------- a backend's page


def _page(record: Record) -> Page:
    stale = _stale(record)
    lead: list[Block] = [Paragraph(_counted(record))]
    lead += [Paragraph((Strong("Stale. "), STALE))] if any(stale.values()) else []
    parts = (
        ("value", "Accuracy of values", _accuracy(record, stale, "value")),
        ("gradient", "Accuracy of gradients", _accuracy(record, stale, "gradient")),
        ("findings", "What is below accurate", _findings(record, stale)),
        ("open", "What could not be decided", _open(record, stale)),
        ("picks", "What it picks at kinks and jumps", _picks(record)),
        ("traits", "Traits", _traits(record, stale)),
        ("unsupported", "What it does not offer", _unsupported(record, stale)),
    )
    sections = (
        Section(f"{_id(record)}-{part}", (title,), (table,))
        for part, title, table in parts
        if table
    )
    how = Section(f"{_id(record)}-made", ("How this was found",), _made(record))
    summary = f"What a check of {record.name} found, function by function."
    return Page(_id(record), (record.name,), (*lead, *sections, how), summary=summary)


def _made(record: Record) -> tuple[Block, ...]:
    settings = f"with the profile {record.profile} and the seed {record.seed}."
    return (*made(record.command, record.environment), Paragraph((settings,)))


def _counted(record: Record) -> Text:
    counts: Counter[str] = Counter()
    for standing in record.standings:
        counts.update(standing.counts)
    said = ", ".join(f"{counts[status]} {status}" for status in sorted(counts))
    functions_ = len({s.function for s in record.standings})
    verdicts = sum(counts.values())
    return (
        f"{functions_} functions in {len(USUAL)} formats came to {verdicts} verdicts: {said}. ",
    )


def _stale(record: Record) -> dict[str, bool]:
    """Of each function of a record, whether it is defined otherwise now."""
    return {name: record.stale(name) for name in record.definitions}


def _accuracy(record: Record, stale: dict[str, bool], quantity: str) -> Table | None:
    """The level of the accuracy of values or of gradients, with the input that stands worst."""
    head: tuple[Text, ...] = (
        ("Function",),
        ("Format",),
        ("Level",),
        ("Error in ulp / allowed",),
        ("at",),
    )
    found = ((s, getattr(s, quantity)) for s in record.standings)
    rows = tuple(
        (functions({s.function: stale.get(s.function, True)}), (s.format,), *_worst(worst))
        for s, worst in found
        if worst is not None
    )
    caption = f"Accuracy of the {quantity}, and the input with the largest error for its bound"
    return Table((caption,), head, rows, "lllrp", sortable=True) if rows else None


def _worst(found: Worst) -> tuple[Text, Text, Text]:
    if found.at_error_ulp is None:
        return level(found.level), ulps(found.error_ulp), ("everywhere",)
    error = (*ulps(found.at_error_ulp), " / ", *ulps(found.at_bound_ulp))
    return level(found.level), error, inputs(found.at)


def _findings(record: Record, stale: dict[str, bool]) -> Table | None:
    head: tuple[Text, ...] = (("Function",), ("Property",), ("Level",), ("Formats",), ("What",))
    return _said(record, stale, ((s, s.findings) for s in record.standings), head)


def _open(record: Record, stale: dict[str, bool]) -> Table | None:
    head: tuple[Text, ...] = (("Function",), ("Property",), ("Status",), ("Formats",), ("What",))
    return _said(record, stale, ((s, s.open) for s in record.standings), head)


def _said(
    record: Record,
    stale: dict[str, bool],
    found: Iterable[tuple[Standing, tuple[tuple[str, str, str], ...]]],
    head: tuple[Text, ...],
) -> Table | None:
    """A line for each finding, the formats that agree on one together."""
    groups: dict[tuple[str, str, str, str], list[str]] = {}
    for standing, several in found:
        for finding in several:
            groups.setdefault((standing.function, *finding), []).append(standing.format)
    rows = tuple(
        (
            functions({function: stale.get(function, True)}),
            (Code(prop),),
            (word,),
            (", ".join(formats),),
            (message or "an error beyond the bound",),
        )
        for (function, prop, word, message), formats in groups.items()
    )
    return Table((record.name,), head, rows, "llllp", sortable=True) if rows else None


def _picks(record: Record) -> Table | None:
    head: tuple[Text, ...] = (("Function",), ("At",), ("Value",), ("Gradient",), ("Formats",))
    functions_ = dict.fromkeys(pick.function for pick in record.picks)
    rows = tuple(_picked(f, choice) for f in functions_ for choice in choices(record, f))
    caption = "Answers exactly at the kinks and jumps, the other inputs being ordinary"
    return Table((caption,), head, rows, "lllll", sortable=True) if rows else None


def _picked(function: str, choice: Choice) -> tuple[Text, ...]:
    at = ", ".join(f"{name} = {x:.4g}" for name, x in choice.at.items())
    gradient = "–" if choice.gradient is None else f"{choice.gradient:.4g}"
    formats = ", ".join(choice.formats)
    return (
        functions({function: choice.stale}),
        (at,),
        (f"{choice.value:.4g}",),
        (gradient,),
        (formats,),
    )


def _traits(record: Record, stale: dict[str, bool]) -> Table | None:
    found: dict[str, dict[str, bool]] = {}
    for standing in record.standings:
        for trait in standing.traits:
            function = standing.function
            found.setdefault(trait, {})[function] = stale.get(function, True)
    rows = tuple(((trait,), functions(names)) for trait, names in sorted(found.items()))
    head: tuple[Text, ...] = (("Trait",), ("Functions",))
    return Table((record.name,), head, rows, "pp") if rows else None


def _unsupported(record: Record, stale: dict[str, bool]) -> Table | None:
    """What is asked and not offered, by the reason."""
    found: dict[tuple[str, str], dict[str, bool]] = {}
    for standing in record.standings:
        for prop, reason in standing.unsupported:
            function = standing.function
            found.setdefault((prop, reason), {})[function] = stale.get(function, True)
    rows = tuple(
        ((Code(prop),), (reason,), functions(names))
        for (prop, reason), names in sorted(found.items())
    )
    head: tuple[Text, ...] = (("Property",), ("Reason",), ("Functions",))
    return Table((record.name,), head, rows, "lpp") if rows else None
