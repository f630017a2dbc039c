"""The formulas that a docstring prints: lines of code, spans of code, LaTeX.

What stands in `code`, in fenced or indented blocks, or line by line as cases is taken apart here
and read in `reading`. LaTeX is only found: what it says is in `readings`, by hand, or not known.
Examples and lists of arguments are left out.
"""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Iterator
from dataclasses import replace

from .docstrings import Docstring
from .formula import COMPARED, HEAD, Formula, joined, of_code, piece
from .typed import quietly

SKIPPED = re.compile(
    r"(examples?|example usage|usage|standalone usage|args?|arguments|parameters|shape|raises|"
    r"references?|see also|call arguments|input shape|output shape)\s*:{1,2}$",
    re.IGNORECASE,
)
HEADING = re.compile(r"[A-Z]\w*( \w+)?\s*:{1,2}$")
SPAN = re.compile(r":math:`([^`]+)`|(?<!:)``([^`]+?)``(?!_)|(?<![:`\w])`([^`]+)`(?!_)")
MATH = re.compile(r"\.\. math ?::")
FENCE = re.compile(r"\s*```\s*(\w*)\s*$")
WHEN = re.compile(r"\s*,?\s*(?:if|for|when)\s+`{1,2}([^`]+)`{1,2}")
RESULTS = {"loss", "metric", "out", "output", "y", "f", "result", "value"}


def formulas(docstring: Docstring) -> Iterator[Formula]:
    """The formulas of a docstring in their order; lines are those of its file."""
    prose, found = _blocks(docstring)
    found += _spans(prose, docstring)
    definitions = {f.head: f.sides[0] for f in found if f.sides and _defines(f, docstring)}
    for formula in sorted(found, key=lambda f: f.line):
        if not _defines(formula, docstring):
            yield replace(formula, definitions=definitions)


def printed(docstring: Docstring) -> Iterator[Formula]:
    """Every span and every display of a docstring, whatever it is, with its text as it stands."""
    yield from (f for f in formulas(docstring) if f.latex)
    for span in SPAN.finditer(docstring.text):
        line = docstring.line + docstring.text.count("\n", 0, span.start())
        if not span[1]:
            yield Formula(line, " ".join((span[2] or span[3]).split()))


def _defines(formula: Formula, docstring: Docstring) -> bool:
    """Whether a formula only says what a name stands for: `alpha = 1.67`, `neg = max(...)`."""
    if formula.of or not formula.head or not formula.sides:
        return False
    own = docstring.leaf.replace("_", "").lower()
    return formula.head not in RESULTS and formula.head.replace("_", "").lower() != own


# ---------------------------------------------------------------- blocks


def _blocks(docstring: Docstring) -> tuple[list[str], list[Formula]]:
    """The lines that are no blocks (others are made empty), and the formulas of the blocks."""
    lines = docstring.text.split("\n")
    found: list[Formula] = []
    prose = [""] * len(lines)
    skipping, k = False, 0
    while k < len(lines):
        line = lines[k]
        if HEADING.match(line):
            skipping = bool(SKIPPED.match(line))
        start, at = k, docstring.line + k
        if FENCE.match(line):
            k = next((j for j in range(k + 1, len(lines)) if FENCE.match(lines[j])), len(lines))
            if not skipping:
                found += _of_block(lines[start + 1 : k], at + 1)
        elif MATH.match(line.strip()) or line.rstrip().endswith("::"):
            k = _end_of_indented(lines, start) - 1
            inside = lines[start + 1 : k + 1]
            if MATH.match(line.strip()):
                latex = "\n".join([MATH.sub("", line.strip()), *inside])
                found.append(_latex(latex, at))
            elif not skipping:
                prose[start] = line
                found += _of_block(inside, at + 1)
        elif not skipping and not line.lstrip().startswith(">>>"):
            prose[k] = line
        k += 1
    return prose, found


def _end_of_indented(lines: list[str], start: int) -> int:
    """The line behind an indented block that follows a line."""
    indent = len(lines[start]) - len(lines[start].lstrip())
    k = start + 1
    while k < len(lines) and (
        not lines[k].strip() or len(lines[k]) - len(lines[k].lstrip()) > indent
    ):
        k += 1
    return k


def _latex(latex: str, line: int) -> Formula:
    flat = " ".join(latex.split())
    return Formula(line, flat, latex=flat)


def _of_block(lines: list[str], at: int) -> list[Formula]:
    """Lines `f(x) = ...` and cases each for themselves, anything else as one block."""
    code = [line.strip(" `") for line in textwrap.dedent("\n".join(lines)).split("\n")]
    if not any(_is_call(line) or piece(line) for line in code):
        block = textwrap.dedent("\n".join(lines)).strip("` \n")
        return [Formula(at, block, block=block)] if _is_assignments(block) else []
    found: list[Formula] = []
    for k, line in enumerate(code):
        made = of_code(line, at + k)
        if not line or made is None:
            continue
        before = found[-1] if found else made
        if made.pieces and before.pieces and before.line + before.text.count("\n") + 1 == at + k:
            made = joined(found.pop(), made)
        found.append(made)
    return found


def _is_call(line: str) -> bool:
    head = HEAD.match(line)
    return bool(head and head[2])


def _is_assignments(block: str) -> bool:
    """Whether a block is assignments and loops that compute, not a program that is shown."""
    try:
        tree = quietly(block.replace("^", "**"))
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return False
    nodes = list(ast.walk(tree))
    if not all(isinstance(n, ast.Assign | ast.For) for n in tree.body):
        return False
    if any(isinstance(n, ast.List | ast.Tuple) or _is_string(n) or _is_class(n) for n in nodes):
        return False
    return any(isinstance(n, ast.BinOp | ast.Call) for n in nodes)


def _is_string(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _is_class(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute) and node.attr[:1].isupper()


# ---------------------------------------------------------------- spans


def _spans(prose: list[str], docstring: Docstring) -> list[Formula]:
    """The formulas in the text: spans of code with "=", cases, and what "is defined as" a span."""
    text = "\n".join(prose)
    found: list[Formula] = []
    last = -1
    for span in SPAN.finditer(text):
        if span.start() < last:  # a condition that the span before it took
            continue
        line = docstring.line + text.count("\n", 0, span.start())
        if span[1]:
            if "=" in span[1]:
                found.append(_latex(span[1], line))
            continue
        code = span[2] or span[3]
        made = of_code(" ".join(code.split()), line)
        when = WHEN.match(text, span.end())
        other = re.match(r",?\s*otherwise", text[span.end() :])
        if not (made and made.head) and not (found and found[-1].pieces):
            other = None  # a sentence that goes on, not the last of several cases
        made, end = _with_condition(made, code, line, when, other, span.end())
        if made is None:
            made = _bare(code, text[: span.start()], line)
            if made is None:
                continue
        if made.pieces and _mixed(text, span.start()):
            made = replace(made, pieces=(), trouble="words and code are mixed in one formula")
        joins = _continues(made, found)
        between = text[last : span.start()]
        if made.trouble:  # the words that are mixed in stand on the line of the span
            between = between[: between.rfind("\n") + 1]
        if joins and re.fullmatch(r"[\s,.;*-]*(or|and)?[\s,.;*-]*", between):
            made = joined(found.pop(), made)
        found.append(made)
        last = end
    return found


def _continues(made: Formula, found: list[Formula]) -> bool:
    """Whether a case may be a further one of the formula before it."""
    cases = (made.pieces or made.trouble) and found and (found[-1].pieces or found[-1].trouble)
    return bool(cases) and made.head in ("", found[-1].head)


def _with_condition(
    made: Formula | None,
    code: str,
    line: int,
    when: re.Match[str] | None,
    other: re.Match[str] | None,
    end: int,
) -> tuple[Formula | None, int]:
    """A span with the condition that stands behind it, and where that ends."""
    if when and not COMPARED.search(when[1]):
        when = None
    if not (when or other) or (made is not None and made.pieces):
        return made, end
    condition = re.sub(r"^if\s+", "", when[1]) if when else ""
    sides = made.sides if made is not None else (code,)
    if len(sides) != 1:
        return made, end
    shown = f"{code} {'if ' + condition if when else 'otherwise'}"
    base = made or Formula(line, shown)
    taken = replace(base, text=shown, sides=(), pieces=((sides[0], condition),))
    return taken, when.end() if when else end + (other.end() if other else 0)


def _mixed(text: str, start: int) -> bool:
    """Whether an operator in plain words stands before a span, as in "alpha * `exp(x)`"."""
    before = text[text.rfind("\n", 0, start) + 1 : start]
    return bool(re.search(r"\w.*[*+/^-]\s*$", before))


def _bare(code: str, before: str, line: int) -> Formula | None:
    """A span that is introduced as what a function is: behind "as", or a colon."""
    introduced = re.search(r"(\bas|:)\s*$", before) and re.search(r"\w\s*[-+*/^]+\s*\w|\w\(", code)
    flat = " ".join(code.split())
    return Formula(line, flat, sides=(flat,), bare=True) if introduced else None
