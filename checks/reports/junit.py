"""Reports as JUnit XML, which CI servers read: a suite for each function, a case for each verdict.

What the readers agree on is what pytest writes, so no element or attribute is used that pytest does
not use. No time of day is written: the same run gives the same file, but for the seconds it took.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from ..verdict import Report, Status, Verdict
from .ending import exit_code, meaning
from .evidence import evidence, outcome
from .gate import held_of
from .layout import Pen
from .text import block

# what XML 1.0 cannot hold, not even as an entity
_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def as_junit(reports: Sequence[Report]) -> str:
    """Reports as one document of test suites."""
    root = Element("testsuites", name="ulpian")
    for report in reports:
        for name in dict.fromkeys(v.function for v in report.verdicts):
            root.append(_suite(report, name))
        if report.breaches:
            root.append(_ledger(report))
        if not report.complete:
            root.append(_unfinished(report))
    for suite in root:
        _count(suite)
    _count(root)
    ElementTree.indent(root)
    text = ElementTree.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{text}\n'


def _count(above: Element) -> None:
    """The sums of the cases below an element, as its attributes."""
    cases = list(above.iter("testcase"))
    found = Counter(result.tag for case in cases for result in case)
    above.set("tests", str(len(cases)))
    for name, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        above.set(name, str(found[tag]))
    above.set("time", f"{sum(float(case.get('time', 0)) for case in cases):.3f}")


def _suite(report: Report, function: str) -> Element:
    verdicts = [v for v in report.verdicts if v.function == function]
    suite = Element("testsuite", name=_legal(f"{report.target}.{function}"))
    facts = {"required": str(report.required), "seed": str(report.seed), **report.environment}
    _properties(suite, facts.items())
    for verdict in verdicts:
        suite.append(_case(report, verdict))
    return suite


def _ledger(report: Report) -> Element:
    """A suite with a failure for each place where the run and the ledger disagree."""
    name = _legal(f"{report.target}.ledger")
    suite = Element("testsuite", name=name)
    for b in report.breaches:
        which = _legal(f"{b.function}-{b.property}-{b.format}")
        case = SubElement(suite, "testcase", classname=name, name=which, time="0.000")
        failure = SubElement(case, "failure", type=_legal(b.kind), message=_legal(b.sentence))
        failure.text = _legal("\n".join(f"{what}: {how}" for what, how in b.commands.items()))
    return suite


def _unfinished(report: Report) -> Element:
    """A suite with one error: what was judged must not be taken for the whole."""
    name = _legal(report.target)
    suite = Element("testsuite", name=name)
    case = SubElement(suite, "testcase", classname=name, name="the whole run", time="0.000")
    SubElement(case, "error", message=_legal(meaning(exit_code(report), report)))
    return suite


def _case(report: Report, verdict: Verdict) -> Element:
    case = Element(
        "testcase",
        classname=_legal(f"{report.target}.{verdict.function}"),
        name=_legal(f"{verdict.property}-{verdict.format}"),
        time=f"{verdict.seconds:.3f}",
    )
    _properties(case, _facts(verdict))
    known = held_of(verdict, report)
    if known is not None:
        said = f"held by the ledger: {known.reason or 'no reason is given'}"
        SubElement(case, "skipped", type="held", message=_legal(said))
    elif verdict.status is Status.FAIL:
        found = _legal(f"{outcome(verdict, report)}; {evidence(verdict)}")
        failure = SubElement(case, "failure", message=found)
        failure.text = _legal("\n".join(block(verdict, report, Pen(False))))
    elif verdict.status is Status.UNSUPPORTED:
        SubElement(case, "skipped", type="unsupported", message=_legal(verdict.message))
    elif verdict.status is not Status.PASS:
        SubElement(case, "error", message=_legal(f"{verdict.status}: {verdict.message}"))
    return case


def _facts(verdict: Verdict) -> Iterable[tuple[str, str]]:
    yield "points", str(verdict.points)
    if verdict.level is not None:
        yield "level", str(verdict.level)
    if verdict.error_ulp is not None:
        yield "error_ulp", str(float(verdict.error_ulp))
    for trait in verdict.traits:
        yield "trait", trait


def _properties(above: Element, facts: Iterable[tuple[str, str]]) -> None:
    properties = SubElement(above, "properties")
    for name, value in facts:
        SubElement(properties, "property", name=_legal(name), value=_legal(value))


def _legal(text: str) -> str:
    return _ILLEGAL.sub("", text)
