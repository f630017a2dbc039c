"""Reports of any content, as Hypothesis draws them."""

from __future__ import annotations

import math

from hypothesis import strategies as st

from ulpian.checks.verdict import Breach, Call, Gate, Held, Report, Source, Status, Verdict, Witness
from ulpian.reference.formats import FORMATS
from ulpian.reference.level import Level

WORDS = ("nan", "inf", "-inf")

# every character, lone surrogates too: code under test may raise with any text
texts = st.text(st.characters(), max_size=12)
names = st.text(st.characters(), min_size=1, max_size=8)
numbers = st.floats(allow_nan=False) | st.just(math.nan) | st.integers(-(2**40), 2**40)
rows = st.recursive(numbers, lambda inner: st.lists(inner, max_size=3), max_leaves=6)
bits = st.from_regex(r"0x[0-9a-f]{1,16}", fullmatch=True)
bit_rows = st.recursive(bits, lambda inner: st.lists(inner, max_size=3), max_leaves=6)
magnitudes = st.none() | st.floats(min_value=0, allow_nan=False) | st.just(math.nan)
seconds = st.floats(min_value=0, allow_nan=False, allow_infinity=False)
answers = st.none() | rows | texts.filter(lambda text: text not in WORDS)

witnesses = st.builds(
    Witness,
    inputs=st.dictionaries(names, rows, max_size=3),
    bits=st.dictionaries(names, bit_rows, max_size=3),
    truth=st.none() | rows,
    observed=answers,
    truth_bits=st.just("") | bits,
    observed_bits=st.just("") | bits,
    error_ulp=magnitudes,
    bound_ulp=magnitudes,
    origin=texts,
)
verdicts = st.builds(
    Verdict,
    function=names,
    property=names,
    format=st.sampled_from(list(FORMATS)) | names,
    status=st.sampled_from(Status),
    level=st.none() | st.sampled_from(Level),
    error_ulp=magnitudes,
    witness=st.none() | witnesses,
    points=st.integers(min_value=0),
    message=texts,
    traits=st.lists(texts, max_size=2).map(tuple),
    seconds=seconds,
)


kinds = st.sampled_from(("worse", "fixed", "expired", "unmatched"))
commands = st.dictionaries(names, texts, max_size=2)
gates = st.builds(
    Gate,
    ledger=texts,
    held=st.lists(st.builds(Held, *[texts] * 6), max_size=2).map(tuple),
    breaches=st.lists(st.builds(Breach, kinds, *[texts] * 4, commands), max_size=2).map(tuple),
    note=texts,
)


@st.composite
def reports(draw: st.DrawFn) -> Report:
    found = draw(st.lists(verdicts, max_size=4))
    functions = tuple(dict.fromkeys(v.function for v in found))
    planned = draw(st.just(()) | st.just((*functions, "not reached")))
    return Report(
        target=draw(texts),
        required=draw(st.sampled_from(Level)),
        # a report has its verdicts in the order of its functions
        verdicts=tuple(sorted(found, key=lambda v: functions.index(v.function))),
        environment=draw(st.dictionaries(names, texts, max_size=3)),
        seed=draw(st.integers(min_value=0)),
        seconds=draw(seconds),
        complete=draw(st.booleans()),
        arrays=draw(texts),
        call=draw(st.none() | st.builds(Call, texts, texts)),
        functions=planned,
        formats=draw(st.lists(names, max_size=2).map(tuple)),
        profile=draw(texts),
        sources=draw(st.dictionaries(names, st.builds(Source, texts, st.integers(1)), max_size=2)),
        select=draw(st.lists(texts, max_size=2).map(tuple)),
        at_one=draw(st.booleans()),
        gate=draw(st.none() | gates),
    )
