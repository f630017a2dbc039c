"""Reports as SARIF 2.1.0, which code scanning reads: one run for each report.

A rule is a property of Ulpian's, with what `ulpian explain` says of it as its help; a result is a
finding, or what stayed undecided. It points into the user's file where that is known, and keeps its
fingerprint when lines move. Errors of Ulpian's own are notifications of the tool, not results.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from ...reference.level import Level
from ..verdict import Breach, Report, Source, Status, Verdict
from .again import reproduce
from .ending import exit_code, meaning
from .events import verdict_event
from .evidence import evidence, outcome
from .explanation import explanation, sought
from .gate import held_of

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
BASE = "%SRCROOT%"

Item = dict[str, Any]


def as_sarif(reports: Sequence[Report]) -> str:
    """Reports as one SARIF log."""
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [_run(report) for report in reports]}
    return json.dumps(log, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _run(report: Report) -> Item:
    unsettled = [v for v in report.verdicts if v.status is Status.UNDECIDED]
    expected = [v for v in report.held if v.status is Status.FAIL]
    results = [*report.findings, *expected, *unsettled]
    rules = sorted({_rule_id(v) for v in results} | {_broken(b) for b in report.breaches})
    return {
        "tool": {"driver": _driver(report, rules)},
        "automationDetails": {"id": f"ulpian/{report.target}/"},
        "originalUriBaseIds": {BASE: {"description": {"text": "The folder of the run."}}},
        "invocations": [_invocation(report)],
        "results": [
            *(_breach(b, report, rules) for b in report.breaches),
            *(_result(v, report, rules) for v in results),
        ],
        "columnKind": "unicodeCodePoints",
        "properties": {
            "target": report.target,
            "required": str(report.required),
            "profile": report.profile,
            "seed": int(report.seed),
            "environment": dict(report.environment),
        },
    }


# ---------------------------------------------------------------- the tool


def _driver(report: Report, rules: list[str]) -> Item:
    version = report.environment.get("ulpian", "")
    named = {"version": version} if version else {}
    return {"name": "Ulpian", **named, "rules": [_rule(name) for name in rules]}


def _rule_id(verdict: Verdict) -> str:
    """The property that a verdict belongs to: `identity` for `identity.odd_part`."""
    try:
        return sought(verdict.property).name
    except LookupError:
        return verdict.property


def _rule(name: str) -> Item:
    tags = {"tags": ["numerics", name.partition(".")[0]]}
    try:
        found = sought(name)
    except LookupError:
        return {"id": name, "properties": tags}
    return {
        "id": name,
        "shortDescription": {"text": _message(found.meaning.split(". ")[0])},
        "fullDescription": {"text": _message(found.meaning)},
        "help": {"text": _message(explanation(found))},
        "properties": tags,
    }


def _invocation(report: Report) -> Item:
    errors = [v for v in report.verdicts if v.status is Status.ERROR]
    code = exit_code(report)
    notes = [
        {"level": "error", "message": {"text": _message(f"{v.id}: {v.message}")}} for v in errors
    ]
    return {
        "executionSuccessful": report.complete and not errors,
        "exitCode": code,
        "exitCodeDescription": meaning(code, report),
        "toolExecutionNotifications": notes,
    }


# ---------------------------------------------------------------- the results


def _result(verdict: Verdict, report: Report, rules: list[str]) -> Item:
    name = _rule_id(verdict)
    return {
        "ruleId": name,
        "ruleIndex": rules.index(name),
        **_grade(verdict),
        "message": {"text": _message(_said(verdict, report))},
        "locations": [_location(verdict, report)],
        "partialFingerprints": {"verdict/v1": _fingerprint(verdict.id, report)},
        **_suppressed(verdict, report),
        "properties": _facts(verdict, report),
    }


def _suppressed(verdict: Verdict, report: Report) -> Item:
    """What the ledger holds is shown as known, with the user's reason."""
    known = held_of(verdict, report)
    if known is None:
        return {}
    said = {"justification": known.reason} if known.reason else {}
    return {"suppressions": [{"kind": "external", **said}]}


def _broken(breach: Breach) -> str:
    return f"ledger.{breach.kind}"


def _breach(breach: Breach, report: Report, rules: list[str]) -> Item:
    """A result where the run and the ledger disagree."""
    which = f"{breach.function}-{breach.property}-{breach.format}"
    blank = Verdict(breach.function, breach.property, breach.format, Status.FAIL)
    name = _broken(breach)
    return {
        "ruleId": name,
        "ruleIndex": rules.index(name),
        "kind": "fail",
        "level": "error",
        "message": {"text": _message(f"{which}: {breach.sentence}")},
        "locations": [_location(blank, report)],
        "partialFingerprints": {"verdict/v1": _fingerprint(f"{name}\n{which}", report)},
        "properties": {"commands": dict(breach.commands)},
    }


def _grade(verdict: Verdict) -> Item:
    """SARIF's own words: `open` is what could not be decided, and has no level."""
    if verdict.status is Status.UNDECIDED:
        return {"kind": "open", "level": "none"}
    unsound = verdict.level is None or verdict.level is Level.UNSOUND
    return {"kind": "fail", "level": "error" if unsound else "warning"}


def _said(verdict: Verdict, report: Report) -> str:
    where = f"{verdict.function} · {verdict.property} · {verdict.format}"
    if verdict.status is Status.UNDECIDED:
        return f"{where}: undecided; {verdict.message}"
    return f"{where}: {outcome(verdict, report)}; {evidence(verdict)}"


def _message(text: str) -> str:
    """A text without what SARIF's messages give a meaning: placeholders and links."""
    return text.replace("{", "{{").replace("}", "}}").replace("](", "] (")


def _location(verdict: Verdict, report: Report) -> Item:
    name = f"{report.target}.{verdict.function}"
    logical = {"name": verdict.function, "fullyQualifiedName": name, "kind": "function"}
    at = source_of(verdict, report)
    physical = {} if at is None else {"physicalLocation": _physical(at)}
    return {**physical, "logicalLocations": [logical]}


def source_of(verdict: Verdict, report: Report) -> Source | None:
    """Where to look: at the gradient's own code for its properties, else at the forward's."""
    own = verdict.property.startswith("grad.") and f"{verdict.function}_vjp" in report.sources
    return report.sources.get(f"{verdict.function}_vjp" if own else verdict.function)


def _physical(at: Source) -> Item:
    return {
        "artifactLocation": {"uri": quote(at.path), "uriBaseId": BASE},
        "region": {"startLine": at.line},
    }


def _fingerprint(which: str, report: Report) -> str:
    """The same wherever the code stands and however large the error: target and verdict only."""
    return hashlib.sha256(f"{report.target}\n{which}".encode("utf-8", "replace")).hexdigest()


def _facts(verdict: Verdict, report: Report) -> Item:
    left_out = ("event", "status", "seconds")
    facts = {k: v for k, v in verdict_event(verdict).items() if k not in left_out}
    return {**facts, "reproduce": reproduce(verdict, report)}
