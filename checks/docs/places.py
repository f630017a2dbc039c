"""Where the formula beside a marker stands, and in what syntax.

On the marker's own line a formula in the line; else the next line that is not empty begins one: a
`.. math::` directive, `$$`, `\\[ \\]`, an equation environment, a fence, or a formula in the line.
In `math` it is LaTeX; in code and in comments it is the plain text that SymPy reads.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from .markers import Marker

_EMPTY = re.compile(r"[ \t]*\r?(\n|$)")
_DIRECTIVE = re.compile(r"(?P<indent>[ \t]*)\.\. math ?::[ \t]*(?P<own>[^\r\n]*)")
_OPTION = re.compile(r"[ \t]+:[\w-]+:[^\r\n]*\r?\n")
_FENCE = re.compile(
    r"[ \t]*(?P<fence>```+|~~~+)[ \t]*(?P<name>[^\r\n]*)\r?\n"
    r"(?P<body>.*?)(?=\r?\n[ \t]*(?P=fence))",
    re.DOTALL,
)
_DISPLAYS = (
    re.compile(r"[ \t]*\$\$(?P<body>.+?)\$\$", re.DOTALL),
    re.compile(r"[ \t]*\\\[(?P<body>.+?)\\\]", re.DOTALL),
    re.compile(
        r"[ \t]*\\begin\{(?P<name>(?:equation|displaymath)\*?)\}\s*(?:\\label\{[^}]*\})?"
        r"(?P<body>.+?)\s*(?:\\label\{[^}]*\}\s*)?\\end\{(?P=name)\}",
        re.DOTALL,
    ),
)
_INLINE = (
    re.compile(r":math:`(?P<math>[^`]+)`"),
    re.compile(r"\\\((?P<math>.+?)\\\)"),
    re.compile(r"(?<![\\$])\$(?P<math>[^$\r\n]+?)(?<!\\)\$(?!\$)"),
    re.compile(r"``(?P<code>[^`\r\n]+)``|(?<![`:\w])`(?P<also>[^`\r\n]+)`"),
)
_PARAGRAPH = re.compile(r"\n[ \t]*\r?\n|\$\$|\\\[|\\begin\{(equation|displaymath)")
_COMMENT = re.compile(r"[ \t]*#+[ \t]?(?P<code>[^\r\n]*)")


@dataclass(frozen=True)
class Place:
    """What is to be a formula: from `start` to `end` in the text; as LaTeX, or as plain text."""

    start: int
    end: int
    latex: bool


def place(text: str, marker: Marker) -> Place | None:
    """The formula beside a marker; None where there is none."""
    begin = text.rfind("\n", 0, marker.start) + 1
    own = _line_end(text, marker.end)
    if marker.where != "comment":
        beside = _inline(text, marker.end, own) or _last_inline(text, begin, marker.start)
        if beside:
            return beside
    at = _next_line(text, own, marker.limit)
    if at is None:
        return None
    if marker.where == "comment":
        return _of_comment(text, at)
    return _block(text, at, marker.limit) or _inline(text, at, _line_end(text, at))


def _line_end(text: str, at: int) -> int:
    end = text.find("\n", at)
    end = len(text) if end < 0 else end
    return end - 1 if end > at and text[end - 1] == "\r" else end


def _next_line(text: str, at: int, limit: int) -> int | None:
    """Where the next line that is not empty begins."""
    at = text.find("\n", at) + 1 or limit
    while at < limit:
        empty = _EMPTY.match(text, at)
        if not empty:
            return at
        at = max(empty.end(), at + 1)
    return None


def _inline(text: str, start: int, end: int) -> Place | None:
    """The first formula within a line."""
    found = [m for pattern in _INLINE for m in pattern.finditer(text, start, end)]
    return _of_match(min(found, key=lambda m: m.start())) if found else None


def _last_inline(text: str, start: int, end: int) -> Place | None:
    found = [m for pattern in _INLINE for m in pattern.finditer(text, start, end)]
    return _of_match(max(found, key=lambda m: m.start())) if found else None


def _of_match(match: re.Match[str]) -> Place:
    for name in ("math", "code", "also"):
        if name in match.re.groupindex and match[name] is not None:
            return Place(*match.span(name), latex=name == "math")
    raise AssertionError(match)


def _of_comment(text: str, at: int) -> Place | None:
    """The comment on the next line: what is math in it, or else all of it."""
    comment = _COMMENT.match(text, at)
    if not comment or not comment["code"].strip():
        return None
    inside = _inline(text, comment.start("code"), comment.end("code"))
    return inside or Place(*comment.span("code"), latex=False)


def _block(text: str, at: int, limit: int) -> Place | None:
    directive = _DIRECTIVE.match(text, at, limit)
    if directive:
        return _of_directive(text, directive, limit)
    fence = _FENCE.match(text, at, limit)
    if fence:
        math = fence["name"].strip() in ("math", "{math}")
        start = fence.start("body")
        while math and (option := _OPTION.match(" " + text[start : fence.end("body")])):
            start += option.end() - 1
        return Place(start, fence.end("body"), math)
    for pattern in _DISPLAYS:
        display = pattern.match(text, at, limit)
        if display and display["body"].strip() and not _PARAGRAPH.search(display["body"].strip()):
            return Place(*display.span("body"), latex=True)
    return None


def _of_directive(text: str, directive: re.Match[str], limit: int) -> Place | None:
    """The content of `.. math::`: beside it, or the indented lines below its options."""
    indent = len(directive["indent"].expandtabs())
    if directive["own"].strip():
        start = directive.start("own")
        return Place(start, _indented_end(text, start, indent, limit, paragraph=True), latex=True)
    start = text.find("\n", directive.end(), limit) + 1 or limit
    while option := _OPTION.match(text, start, limit):
        start = option.end()
    first = _next_line(text, start - 1, limit)
    if first is None or _indent(text, first) <= indent:
        return None
    return Place(first, _indented_end(text, first, indent, limit), latex=True)


def _indent(text: str, at: int) -> int:
    line = text[at : _line_end(text, at)]
    return len(line.expandtabs()) - len(line.expandtabs().lstrip())


def _indented_end(text: str, at: int, indent: int, limit: int, paragraph: bool = False) -> int:
    """The end of the last line, from one on, that is further in; or of the paragraph."""
    end = _line_end(text, at)
    while (after := text.find("\n", end, limit) + 1) and after < limit:
        if _EMPTY.match(text, after):
            if paragraph:
                break
            further = _next_line(text, after - 1, limit)
            if further is None or _indent(text, further) <= indent:
                break
            after = further
        if _indent(text, after) <= indent or _closes(text, after):
            break
        end = _line_end(text, after)
    return min(end, limit)


def _closes(text: str, at: int) -> bool:
    return text[at : _line_end(text, at)].strip() in ('"""', "'''")
