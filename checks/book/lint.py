"""Definitions of the user's own, examined: what `ulpian check --specs` says of them.

A definition is refused at construction for what can be seen at once. Here every stated fact is
put against the expression, by SymPy, by certificate and by numbers; kinks are looked for where
nothing in the formula shows them; and both engines of the oracle answer the same questions.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...reference import oracle
from ...reference.error import Truth
from ...reference.facts import problems as contradictions
from ...reference.formats import FORMATS, Floats
from ...reference.rows import near_kink, truth_rows
from ...reference.settle import rational
from ...spec.catalogue import functions_in
from ...spec.errors import SpecError
from ...spec.function import Function
from ...spec.own import Unloadable, clashes, load, modules
from ...spec.verify import problems, stated_places
from ..points import points
from ..reports.ending import FINDINGS, NO_VERDICT, OK
from ..usage import UsageError
from .jumps import jumps

FORMAT = FORMATS["float32"]
LENGTHS = (1, 3, 4)
SAME_PLACE = 2.0**-30

WAYS = {
    "expression": "write it in what the oracle knows: exp, log, erf, tanh, powers, Max, Piecewise",
    "special_values": "correct special_values, or the expression",
    "kinks": "state each kink with its subdifferential, kinks={0: Interval(0, 1)}",
    "jumps": "state each jump with the values accepted there, jumps={0: FiniteSet(0, 1)}",
    "range": "widen range, or correct the expression",
    "parity": "correct parity, or leave it out",
    "monotone": "correct monotone, or leave it out",
    "homogeneous": "correct homogeneous, or leave it out",
    "identities": "correct the equation, or the definition that it speaks of",
    "oracle": "report it, with the definition: no verdict can be trusted there",
}


@dataclass(frozen=True)
class Flaw:
    """What is wrong with a definition. `open` where nothing is known, for want of an answer."""

    module: str
    function: str
    field: str
    text: str
    open: bool = False

    def __str__(self) -> str:
        way = WAYS.get(self.field, "")
        # what construction refuses says the way out itself
        after = "" if ";" in self.text or not way else f"; {way}"
        return f"{self.module}: {self.function}: {self.field}: {self.text}{after}"


@dataclass(frozen=True)
class Examined:
    """The functions that were examined, and the flaws found."""

    functions: tuple[str, ...]
    flaws: tuple[Flaw, ...]

    @property
    def exit_code(self) -> int:
        if any(not f.open for f in self.flaws):
            return FINDINGS
        return NO_VERDICT if self.flaws else OK


def lint(names: Sequence[str] = ()) -> Examined:
    """Examine the definitions in modules; in those of the project and of its packages if none.

    Raises `UsageError` where there is none, or where one cannot be imported.
    """
    try:
        chosen = tuple(names) or modules()
    except SpecError as error:
        raise UsageError(str(error)) from error
    if not chosen:
        raise UsageError(
            "--specs: no definitions are named: give their module, or list it as specs in "
            "[tool.ulpian]"
        )
    flaws: list[Flaw] = []
    seen: dict[str, tuple[Function, str]] = {}
    for module in chosen:
        found = len(seen), len(flaws)
        try:
            for function in functions_in(load(module)):
                flaws += [
                    Flaw(module, function.name, "name", problem.partition(f"{function.name}: ")[2])
                    for problem in clashes(function, module, seen)
                ]
                seen.setdefault(function.name, (function, module))
                flaws += flaws_of(function, module)
        except Unloadable as error:
            raise UsageError(str(error)) from error
        except SpecError as error:  # the rest of the module was not read
            flaws.append(_refused(module, str(error)))
        if found == (len(seen), len(flaws)):
            raise UsageError(f"--specs: module {module!r} defines no Function")
    return Examined(tuple(seen), tuple(flaws))


def _refused(module: str, sentence: str) -> Flaw:
    """What construction refused, taken apart again."""
    function, _, rest = sentence.partition(": ")
    field, _, text = rest.partition(": ")
    way = WAYS.get(field, f"correct {field}")
    return Flaw(module, function, field, text if ";" in text else f"{text}; {way}")


def flaws_of(function: Function, module: str = "") -> list[Flaw]:
    """Everything that is wrong with one definition. The first look that finds a field wrong speaks.

    What SymPy sees comes first, then what is certified on the whole domain, then numbers.
    """
    found: list[Flaw] = []
    for look in (_stated, _certified, _by_numbers, _unseen):
        known = {flaw.field for flaw in found}
        try:
            said = [Flaw(module, function.name, *parts) for parts in look(function)]
        except SpecError as error:
            said = [Flaw(module, function.name, *parts) for parts in _parted([str(error)])]
        except NotImplementedError as error:
            said = [Flaw(module, function.name, "expression", str(error))]
        except Exception as error:  # ours, or SymPy's: not known to be right
            text = f"could not be examined: {type(error).__name__}: {error}"
            said = [Flaw(module, function.name, "oracle", text, True)]
        found += [flaw for flaw in said if flaw.field not in known]
    return found


Part = tuple[str, str] | tuple[str, str, bool]


def _stated(function: Function) -> Iterator[Part]:
    return _parted(problems(function))


def _certified(function: Function) -> Iterator[Part]:
    return _parted(contradictions(function))


def _parted(sentences: Iterable[str]) -> Iterator[Part]:
    for sentence in sentences:
        field, _, text = sentence.partition(": ")
        yield field, text


# ---------------------------------------------------------------- by numbers


def _by_numbers(function: Function) -> Iterator[Part]:
    """The oracle's answers in every binade, by both engines, against what is stated."""
    said: set[str] = set()
    for field, *rest in _tried(function):
        if field not in said:  # one place is enough
            said.add(field)
            yield field, *rest


def _tried(function: Function) -> Iterator[Part]:
    settings: list[dict[str, Any]] = [{}]
    settings += [{p.name: rational(v)} for p in function.parameters for v in p.samples]
    for given in settings:
        where = "".join(f" at {name} = {float(v):g}" for name, v in given.items())
        for columns, ask in _questions(function, given):
            truths = ask("arb")
            yield from _agree(function, columns, truths, ask("mpmath"), where)
            yield from _in_range(function, columns, truths["value"], where)
            if not given and len(function.variables) == 1 and not function.along_axis:
                yield from _monotone(function, columns, truths)
                yield from _parity(function, columns, truths["value"])


Question = tuple[tuple[Floats, ...], Callable[[str], dict[str, Truth]]]


def _questions(function: Function, given: dict[str, Any]) -> Iterator[Question]:
    """Points of a function, and how an engine is asked about them."""
    whole = oracle.parameters(function, given)
    if not function.along_axis:
        columns = points.columns(function, FORMAT, whole, 1)
        keep = np.logical_and.reduce([np.isfinite(c) for c in columns])
        columns = tuple(c[keep] for c in columns)
        yield (
            columns,
            lambda engine: oracle.truth(function, columns, FORMAT, given, engine=engine),
        )
        return
    for length in (n for n in (*LENGTHS, 2) if function.entries(n)):
        drawn = points.rows(function, FORMAT, length, 12)
        near, undefined = near_kink(function, drawn, FORMAT, whole)
        yield _row_question(function, given, tuple(c[~(near | undefined)] for c in drawn), length)


def _row_question(
    function: Function, given: dict[str, Any], rows: tuple[Floats, ...], length: int
) -> Question:
    shape = (len(rows[0]), function.entries(length))
    seeds = np.ones(shape if function.row_output else shape[:1])
    return (
        rows,
        lambda engine: truth_rows(function, rows, FORMAT, seeds, given, engine=engine),
    )


def _agree(
    function: Function,
    columns: tuple[Floats, ...],
    first: dict[str, Truth],
    second: dict[str, Truth],
    where: str,
) -> Iterator[Part]:
    for name, truth in first.items():
        what = "the value" if name == "value" else f"the gradient in {name}"
        for arb, mp in zip(truth.answers, second[name].answers, strict=True):
            both = arb.decided & mp.decided
            apart = both & ~_same(arb.nearest, mp.nearest)
            if apart.any():
                ours, theirs = (float(e.nearest.flat[int(np.argmax(apart))]) for e in (arb, mp))
                yield (
                    "oracle",
                    f"the engines disagree on {what} at {_place(function, columns, apart)}{where}: "
                    f"Arb says {ours!r}, mpmath {theirs!r}",
                )
                return
        open_ = ~truth.decided
        if open_.any():
            yield (
                "expression",
                f"{what} cannot be settled at {_place(function, columns, open_)}{where}; give it "
                "one there (Piecewise), or leave the point out of the domain",
                True,
            )
            return


def _all(truth: Truth, broken: Callable[[Floats], NDArray[np.bool_]]) -> NDArray[np.bool_]:
    """Where every right answer (near a kink there are several) breaks a claim."""
    found: NDArray[np.bool_] = np.logical_and.reduce([broken(a.nearest) for a in truth.answers])
    return found & truth.decided


def _same(one: Floats, other: Floats) -> NDArray[np.bool_]:
    same: NDArray[np.bool_] = (one == other) | (np.isnan(one) & np.isnan(other))
    return same


def _place(function: Function, columns: tuple[Floats, ...], marked: Any) -> str:
    """The inputs of the first marked output."""
    row = int(np.argmax(np.asarray(marked).reshape(len(columns[0]), -1).any(axis=1)))
    pairs = zip(function.variables, columns, strict=True)
    return ", ".join(f"{v.name} = {c[row].tolist()!r}" for v, c in pairs)


def _in_range(
    function: Function, columns: tuple[Floats, ...], truth: Truth, where: str
) -> Iterator[Part]:
    low, high = (float(end) for end in (function.range.inf, function.range.sup))
    ends = FORMAT.round(np.array([low, high]))
    outside = _all(truth, lambda v: (v < ends[0]) | (v > ends[1]))
    if outside.any():
        value = float(truth.nearest.flat[int(np.argmax(outside))])
        at = _place(function, columns, outside)
        yield "range", f"{value:.6g} at {at}{where} lies outside {function.range}"


def _monotone(
    function: Function, columns: tuple[Floats, ...], truths: dict[str, Truth]
) -> Iterator[Part]:
    slope = truths.get(function.variables[0].name)
    if function.monotone is None or slope is None:
        return
    sign = 1 if function.monotone == "increasing" else -1
    wrong = _all(slope, lambda v: sign * v < 0)
    if wrong.any():
        value = float(slope.nearest[int(np.argmax(wrong))])
        at = _place(function, columns, wrong)
        yield "monotone", f"not {function.monotone}: the slope at {at} is {value:.6g}"


def _parity(function: Function, columns: tuple[Floats, ...], truth: Truth) -> Iterator[Part]:
    if function.parity is None:
        return
    sign = -1 if function.parity == "odd" else 1
    mirrored = oracle.truth(function, [-columns[0]], FORMAT)["value"]
    wrong = _all(truth, lambda v: _all(mirrored, lambda w: ~_same(w, sign * v)))
    if wrong.any():
        yield "parity", f"not {function.parity} at {_place(function, columns, wrong)}"


# ---------------------------------------------------------------- what no formula shows


def _unseen(function: Function) -> Iterator[Part]:
    """Jumps of the value and of the slope in the first variable that are not stated."""
    first = function.variables[0]
    if function.along_axis:
        return
    stated = [float(point) for point in stated_places(function) if point.is_number]
    for field, name in (("jumps", "value"), ("kinks", first.name)):
        if name != "value" and not first.differentiable:
            continue
        for place, below, above in jumps(function, name):
            if any(abs(place - s) <= SAME_PLACE * max(1.0, abs(s)) for s in stated):
                continue
            what = "the value" if name == "value" else "the slope"
            yield (
                field,
                f"{what} jumps near {first.name} = {place:.9g}, from {below:.6g} to {above:.6g}, "
                "which is not stated",
            )


# ---------------------------------------------------------------- said


def as_text(found: Examined) -> str:
    """A line for each flaw, then the sum."""
    lines = [str(flaw) for flaw in found.flaws]
    said = f"{len(found.functions)} definitions examined · {len(found.flaws)} flaws"
    meaning = {
        OK: "every stated fact holds wherever it was tried",
        FINDINGS: "definitions that must be corrected",
        NO_VERDICT: "no verdict: not everything could be examined",
    }
    return "\n".join([*lines, said, f"exit {found.exit_code}: {meaning[found.exit_code]}"])


def as_json(found: Examined) -> str:
    """The same for machines."""
    flaws = [{**asdict(flaw), "sentence": str(flaw)} for flaw in found.flaws]
    said = {"functions": list(found.functions), "flaws": flaws, "exit_code": found.exit_code}
    return json.dumps(said, indent=2, ensure_ascii=False)
