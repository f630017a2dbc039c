"""The kill matrix: which property catches which wrong implementation, and at which level."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from ....reference.level import Level
from ....spec.catalogue import CHAPTERS, catalogue
from ....spec.catalogue import chapter as functions_of
from ..document import (
    Block,
    Chapter,
    Code,
    Items,
    Link,
    Page,
    Paragraph,
    Section,
    Strong,
    Table,
    Text,
)
from ..edition import Edition
from ..records import stale
from ..records.kills import Attempt, Kills, load
from ..records.printed import functions, made

OPENING = (
    "A suite that passes wrong code is worse than none. So Ulpian is tried on implementations that "
    "are wrong on purpose, each in one way that people get wrong: a lost tail, a constant with a "
    "digit too few, a gradient of the wrong sign beyond a point, a state between calls. A property "
    "catches one where it finds a level below {required}. Right implementations, in many styles, "
    "stand beside them: one that is accused is as bad as a wrong one that survives."
)
ASKED = {
    True: "Every property was asked about every implementation, in all of its formats.",
    False: "A wrong implementation was asked only of the properties that have to catch it.",
}
NONE = "The kill matrix has not been recorded yet: "
COMMAND = "python tests/kills.py --whole --record checks/handbook/records/recorded/kills.json"
TITLES = {"activations": "activations", "blocks": "building blocks", "losses": "losses"}


def chapter(edition: Edition) -> Chapter:
    """The matrix in sums, and every implementation on a page for each kind of function."""
    found = load()
    if found is None:
        blocks: tuple[Block, ...] = (Paragraph((NONE, Code(COMMAND), ".")),)
        return Chapter("kills", "The kill matrix", blocks)
    return Chapter("kills", "The kill matrix", tuple(_blocks(found)), tuple(_pages(found)))


def _blocks(found: Kills) -> Iterator[Block]:
    yield Paragraph((OPENING.format(required=found.required), " ", ASKED[found.whole]))
    yield from _outcome(found)
    other = {name: True for name in found.definitions if stale(found.definitions, name)}
    if other:
        said = "Stale: other definitions hold since this was recorded, of "
        yield Paragraph((said, *functions(other), "."))
    yield Section("kills-properties", ("By property",), (_by_property(found),))
    yield Section("kills-functions", ("By function",), (_by_function(found),))
    yield Section("kills-made", ("How this was found",), made(found.command, found.environment))


def _outcome(found: Kills) -> Iterator[Block]:
    """The sums, and every complaint by name."""
    wrong, right = found.wrong, found.right
    killed = sum(not a.complaint for a in wrong)
    cleared = sum(not a.complaint for a in right)
    sums = f"{killed} of {len(wrong)} wrong implementations are caught as they have to be, and "
    yield Paragraph(
        (Strong(sums + f"{cleared} of {len(right)} right ones are accused of nothing."),)
    )
    amiss = [a for a in found.attempts if a.complaint]
    if amiss:
        yield Items(tuple((Code(a.name), f": {a.complaint}") for a in amiss))
    else:
        yield Paragraph(("There are no survivors, and no false accusations.",))


def _by_property(found: Kills) -> Table:
    """How many each property caught, at which level, and how many it alone."""
    levels = sorted({level for a in found.wrong for level in a.caught.values()}, key=_rank)
    caught: dict[str, Counter[Level]] = {}
    alone: Counter[str] = Counter()
    for attempt in found.wrong:
        for name, level in attempt.caught.items():
            caught.setdefault(name, Counter())[level] += 1
        if len(attempt.caught) == 1:
            alone.update(list(attempt.caught))
    order = sorted(caught, key=lambda name: (-caught[name].total(), name))
    rows: list[tuple[Text, ...]] = [
        (
            (Code(name),),
            (str(caught[name].total()),),
            *((str(caught[name][level]),) for level in levels),
            (str(alone[name]),),
        )
        for name in order
    ]
    lowest = Counter(min(a.caught.values(), key=_rank) for a in found.wrong if a.caught)
    rows.append(
        (
            (Strong("any of them"),),
            (Strong(str(lowest.total())),),
            *((Strong(str(lowest[level])),) for level in levels),
            (Strong(str(alone.total())),),
        )
    )
    head: tuple[Text, ...] = (
        ("Property",),
        ("Caught",),
        *((str(level),) for level in levels),
        ("Alone",),
    )
    caption = (
        "How many wrong implementations each property caught, to which level it brought them, and "
        "how many no other property caught; one may be caught by several, so the last line, which "
        "counts each at its lowest level, is no sum"
    )
    return Table((caption,), head, tuple(rows), "l" + "r" * (len(head) - 1))


def _rank(level: Level) -> int:
    return level.rank


def _by_function(found: Kills) -> Table:
    rows = []
    for name in catalogue():
        wrong = [a for a in found.wrong if a.function == name]
        right = [a for a in found.right if a.function == name]
        if wrong or right:
            counts = Counter(p for a in wrong for p in a.caught)
            rows.append(_function(name, wrong, right, counts))
    total = (str(len(found.wrong)), str(len(found.right)))
    rows.append(((Strong("all"),), *((Strong(sum_),) for sum_ in total), ("",)))
    head: tuple[Text, ...] = (("Function",), ("Wrong",), ("Right",), ("Caught by",))
    caption = (
        "The implementations of each function, and how many of its wrong ones each property caught"
    )
    return Table((caption,), head, tuple(rows), "lrrp")


def _function(
    name: str, wrong: list[Attempt], right: list[Attempt], counts: Counter[str]
) -> tuple[Text, ...]:
    said: list[str | Code] = []
    for prop, count in sorted(counts.items(), key=lambda kv: (-kv[1], kv[0])):
        said += [", " if said else "", Code(prop), f" {count}"]
    return ((Link(name, name),), (str(len(wrong)),), (str(len(right)),), tuple(said))


def _pages(found: Kills) -> Iterator[Page]:
    for kind in CHAPTERS:
        names = [f.name for f in functions_of(kind)]
        rows = [_attempt(a) for name in names for a in found.wrong if a.function == name]
        if rows:
            yield _page(kind, tuple(rows))


def _page(kind: str, rows: tuple[tuple[Text, ...], ...]) -> Page:
    head: tuple[Text, ...] = (
        ("Function",),
        ("Implementation",),
        ("What is wrong",),
        ("Caught by",),
    )
    table = Table((f"Wrong {TITLES[kind]}",), head, rows, "lppp", sortable=True)
    title = (f"Wrong {TITLES[kind]}, one by one",)
    summary = f"{len(rows)} wrong implementations of {TITLES[kind]}, and what catches them."
    return Page(f"kills-{kind}", title, (Paragraph((summary,)), table), summary=summary)


def _attempt(attempt: Attempt) -> tuple[Text, ...]:
    caught: list[str | Code] = []
    for prop, level in attempt.caught.items():
        caught += [", " if caught else "", Code(prop), f" ({level})"]
    return (
        functions({attempt.function: False}),
        (Code(attempt.name),),
        (attempt.note or "–",),
        tuple(caught) or (attempt.complaint,),
    )
