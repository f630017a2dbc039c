"""Formulas as MathML, by latex2mathml, and mended where that differs from what TeX prints.

Each mend has a test. Names that hold an underscore fall apart into letters; names of functions and
a minus sign get the wide space of a binary operator, and names that follow a factor none at all;
limits stand beside their operator; dots are three full stops; lines are not aligned; and a command
that is not known would be printed as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

from ..tex.breaking import broken
from .elements import Element, element

# Names travel through latex2mathml as \text that begins with one of these.
OPERATOR, WORD = "\ue000", "\ue001"
LETTERS = r"(?:[A-Za-z0-9 ]|\\_)+"
SPELLED = ("log", "ln", "exp", "sinh", "cosh", "tanh", "sin", "cos", "max", "min", "lim")
NAME = re.compile(
    rf"\\operatorname\{{({LETTERS})\}}|\\mathrm\{{({LETTERS})\}}|\\({'|'.join(SPELLED)})(?![A-Za-z])"
)
# Space between rows, which the style sheet gives: \\[1ex], and \noalign{\vskip 1ex} after \\.
ROW_END = re.compile(r"\\\\(?:\[[^]]*\]| *\\noalign\{[^{}]*\})")
# A display wider than this, in points at 10 pt, has more than one line: the page holds no more.
MOST = 440
# What is written below these, not beside, where there is room.
LIMITS, SUMS = ("lim", "max", "min"), ("∑", "∏")
BELOW = {"msub": "munder", "msubsup": "munderover"}
OPENING, CLOSING, BARS = ("(", "[", "{"), (")", "]", "}", "!"), ("|", "‖")
# Signs that latex2mathml takes for operators, with the space of these, and one that it does not.
ORDINARY, SEPARATOR, PRIME = ("∞", "∂", "∅", "∇", "…"), ";", "′"
SIGNS = ("−", "+", "±")
ROWS = ("math", "mrow", "mtd", "msqrt", "mstyle")
SCRIPTS = ("msub", "msup", "msubsup", "munder", "mover", "munderover")
# Brackets grow around these alone: Chromium gives one that may grow the room of its largest form.
TALL = ("mfrac", "mtable", "munder", "munderover")
THIN = "0.1667em"


def math(latex: str, text: str, *, display: bool = False) -> Element:
    """A formula; `text` is its alternative, and the LaTeX stays with it as an annotation.

    Raises ValueError when latex2mathml cannot read it, or does not know a command.
    """
    from latex2mathml.converter import convert_to_element

    shown = broken(latex, MOST) if display else latex
    try:
        tree = convert_to_element(_known(_named(shown)), display="block")
    except Exception as error:  # its errors have no class in common
        raise ValueError(f"latex2mathml cannot read {latex}: {type(error).__name__}") from error
    for part in tree.iter():
        part.text = unescape(part.text) if part.text else None
        part.attrib.pop("columnalign", None)  # not in MathML Core: the style sheet aligns
        if part.tag == "mo" and part.text in ORDINARY:
            part.tag = "mi"
        if part.tag == "mi" and part.text == SEPARATOR:
            part.tag = "mo"
        if part.tag == "mi" and part.text and not part.text.strip(PRIME):
            part.tag = "mo"
            part.set("class", "prime")
        if part.tag == "mi" and part.text and part.text.startswith("\\"):
            raise ValueError(f"latex2mathml does not know {part.text}, which stands in {latex}")
    _mend(tree)
    for part in tree.iter("mtext"):
        _rename(part)
    note = element("annotation", latex, encoding="application/x-tex")
    whole = element("semantics", *tree, note)
    return element("math", whole, display="block" if display else None, alttext=text)


def _named(latex: str) -> str:
    def mark(found: re.Match[str]) -> str:
        operator, word, spelled = found.groups()
        name = (operator or word or spelled).replace(r"\_", "_")
        return rf"\text{{{WORD if word else OPERATOR}{name}}}"

    return NAME.sub(mark, latex)


def _known(latex: str) -> str:
    """What latex2mathml knows: no `aligned` but `split`, no space after a line, dots by name."""
    latex = ROW_END.sub(r"\\\\ ", latex.replace("{aligned}", "{split}"))
    return latex.replace("...", r"\ldots ")


# ---------------------------------------------------------------- the mends


def _mend(tree: Element) -> None:
    """All mends, from the inside out."""
    for k, part in enumerate(tree):
        _mend(part)
        if part.tag in SCRIPTS:
            tree[k] = _scripted(part)
    if tree.tag == "mtable":
        _lines(tree)
    if tree.tag in ROWS:
        _fit(tree)
        parts = list(_spaced(list(tree), continued=tree.tag == "mtd"))
        tree[:] = parts


def _lines(table: Element) -> None:
    """Lines of one formula are displays of their own; the style aligns them."""
    if table.get("displaystyle") == "true":
        table.set("class", "lines")
    for name in ("columnspacing", "rowspacing"):  # not in MathML Core
        table.attrib.pop(name, None)


def _fit(row: Element) -> None:
    """Brackets around what is not tall do not grow."""
    if not any(part.tag in TALL for part in row.iter()):
        for part in row:
            if part.get("fence") == "true":
                part.set("stretchy", "false")


def _scripted(part: Element) -> Element:
    """Limits below their operator; no space around the operators in a script, as in TeX."""
    base, *scripts = part
    if part.tag in BELOW and base.text in SUMS:
        part.tag = BELOW[part.tag]
    if part.tag == "msub" and base.text and base.text[1:] in LIMITS and _is_operator(base):
        below = element("mo", base.text[1:], movablelimits="true", lspace="0", rspace="0")
        part = element("munder", below, *scripts)
    for script in scripts:
        for sign in script.iter("mo"):
            _closed_up(sign)
    return part


def _closed_up(sign: Element) -> None:
    sign.set("lspace", "0")
    sign.set("rspace", "0")


def _spaced(parts: list[Element], *, continued: bool) -> Iterator[Element]:
    """A row with the spaces of TeX: thin before a function and beside a word, none after a sign.

    A `continued` row may go on where another ended: a sign after its indent stands between terms.
    """
    before: Element | None = None
    indented, barred = continued, False
    for part in parts:
        if part.tag == "mo" and part.text in BARS and part.get("form") is None:
            part.set("form", "postfix" if barred else "prefix")
            barred = not barred
        if part.tag == "mo" and part.text == "/":
            _closed_up(part)
        after = _is_factor(before) or (indented and before is not None)
        if part.tag == "mo" and part.text in SIGNS and not after:
            part.set("form", "prefix")
        indented = indented and (part.tag == "mspace" or (part.tag == "mi" and not part.text))
        if _applies(before, part):
            yield element("mo", "\u2061")  # function application: not seen, but read aloud
        elif before is not None and _needs_space(before, part):
            yield element("mspace", width=THIN)
        yield part
        before = part


def _needs_space(before: Element, part: Element) -> bool:
    if not _is_factor(before) or not _is_factor(part, opening=True):
        return False
    if _is_operator(part) or _is_limit(before):
        return True
    if _is_operator(before):  # log x, but log(x)
        return not _opens(part)
    return _is_word(before) or _is_word(part)


def _is_factor(part: Element | None, *, opening: bool = False) -> bool:
    """Is it something that a sign can stand between: no sign itself, nor text, nor a gap?

    Of brackets, those that open are, `opening`, the start of a factor; those that close its end.
    """
    if part is None or part.tag == "mspace":
        return False
    if part.tag == "mtext":
        return _is_operator(part) or _is_word(part)
    if part.tag == "mo":
        brackets, form = (OPENING, "prefix") if opening else (CLOSING, "postfix")
        bar = part.text in BARS and part.get("form") == form
        return bar or part.text in brackets or _movable(part)
    return True


def _applies(before: Element | None, part: Element) -> bool:
    return before is not None and _is_operator(before) and _opens(part)


def _opens(part: Element) -> bool:
    while part.tag in ("mrow", *SCRIPTS) and len(part):
        part = part[0]
    return part.tag == "mo" and part.text in OPENING


def _is_operator(part: Element) -> bool:
    return _marked(part, OPERATOR)


def _is_word(part: Element) -> bool:
    return _marked(part, WORD)


def _is_limit(part: Element) -> bool:
    return part.tag == "munder" and _movable(part[0])


def _movable(part: Element) -> bool:
    return part.get("movablelimits") == "true"


def _marked(part: Element, mark: str) -> bool:
    """Is it a name of this kind, be it with an index or a power?"""
    while part.tag in SCRIPTS:
        part = part[0]
    return part.tag == "mtext" and (part.text or "").startswith(mark)


def _rename(part: Element) -> None:
    if part.text and part.text[0] in (OPERATOR, WORD):
        part.tag, part.text = "mi", part.text[1:]
        if len(part.text) == 1:  # which would be italic
            part.set("mathvariant", "normal")
