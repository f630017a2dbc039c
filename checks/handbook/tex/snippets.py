"""Formulas for other people's LaTeX: one function's snippet, a file for each formula, a package.

All of it needs amsmath and amssymb only, and no line is wider than the text of the article class.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from ....spec import statements
from ....spec.function import Function
from ....spec.notation import STANDARD, Notation
from ....spec.statements import Statement
from .breaking import aligned, broken

WIDTH = 340.0  # points: the text of LaTeX's article at 10 pt has 345
PACKAGE = "ulpian-formulas.sty"
FOLDER = "formulas"

_PACKAGE = r"""% Formulas of activation and loss functions by name, to stand in a display:
%   \ulpianformula{gelu}              the definition
%   \ulpianformula[gradient]{gelu}    another of its formulas: formulas/gelu-gradient.tex
% The folder beside your document, or another one: \renewcommand{\ulpianpath}{../formulas/}
\NeedsTeXFormat{LaTeX2e}
\ProvidesPackage{ulpian-formulas}
\RequirePackage{amsmath}
\RequirePackage{amssymb}
\newcommand{\ulpianpath}{formulas/}
\newcommand{\ulpianformula}[2][]{\begingroup
  \edef\ulpianquantity{#1}%
  \edef\ulpianfile{\ulpianpath#2\ifx\ulpianquantity\empty\else-#1\fi.tex}%
  \IfFileExists{\ulpianfile}{\input{\ulpianfile}}{%
    \PackageError{ulpian-formulas}{There is no formula \ulpianfile}{%
      Each formula is a file there: look at their names, or set \string\ulpianpath.}}%
  \endgroup}
"""


def snippet(
    function: Function,
    *,
    second: bool = False,
    everything: bool = False,
    notation: Notation = STANDARD,
) -> str:
    """What an author pastes: the definition and its gradients, one below the other.

    `second` adds the second derivative; `everything` all that the book says, a display each.
    """
    topics = statements.statements(function, with_second=second, notation=notation)
    head = f"% {function.name}: {function.title}"
    if everything:
        return "\n".join([head, *(_display(*said) for said in _said(topics))])
    wanted = ("formula", "constants", "gradient", "second derivative")
    found = [one.latex for topic in wanted for one in topics.get(topic, ())]
    rows = aligned(found, WIDTH)
    if rows is None:
        return "\n".join([head, _environment("gather*", _broken(found))])
    return "\n".join([head, _environment("align*", rows)])


def _broken(found: Iterable[str]) -> str:
    return " \\\\\n".join(broken(latex, WIDTH) for latex in found)


def _environment(name: str, rows: str) -> str:
    indented = "\n".join(f"  {row}" for row in rows.split("\n"))
    return f"\\begin{{{name}}}\n{indented}\n\\end{{{name}}}"


def _said(topics: dict[str, tuple[Statement, ...]]) -> Iterable[tuple[str, str]]:
    for topic, found in topics.items():
        for one in found:
            yield f"{topic}{': ' + one.label if one.label else ''}", one.latex


def _display(comment: str, latex: str) -> str:
    return f"% {comment}\n\\[ {broken(latex, WIDTH)} \\]"


def standalone(body: str) -> str:
    """A whole document around snippets."""
    return (
        "\\documentclass{article}\n\\usepackage{amsmath}\n\\usepackage{amssymb}\n"
        f"\\begin{{document}}\n{body}\n\\end{{document}}\n"
    )


def snippets(functions: Iterable[Function], notation: Notation = STANDARD) -> dict[str, str]:
    """The package and a file for each formula, by their paths: `formulas/gelu-gradient.tex`.

    A file holds a formula without dollars, so that it stands in any display.
    """
    files = {PACKAGE: _PACKAGE}
    for function in functions:
        for quantity, said in quantities(function, notation).items():
            name = f"{function.name}-{quantity}" if quantity else function.name
            about = f"% {function.name}: {quantity.replace('-', ' ') or 'definition'}"
            files[f"{FOLDER}/{name}.tex"] = f"{about}\n{broken(said.latex, WIDTH)}\n"
    return files


def quantities(function: Function, notation: Notation = STANDARD) -> dict[str, Statement]:
    """The formulas of a function by the names of their files: "" for the definition, "gradient"
    for the first one, "gradient-target" for another, "constant-alpha", "identity-odd-part"."""
    topics = statements.statements(function, with_second=True, notation=notation)
    first, *others = topics.get("gradient", (None,))
    found = {"": topics["formula"][0]}
    found |= {f"constant-{slug(one.label)}": one for one in topics.get("constants", ())}
    found |= {"gradient": first} if first else {}
    found |= {f"gradient-{slug(one.label)}": one for one in others if one}
    second = topics.get("second derivative", ())  # in the first variable, or none
    found |= dict(zip(["second-derivative"], second, strict=False))
    found |= {f"identity-{slug(one.label)}": one for one in topics.get("identities", ())}
    return found


def slug(words: str) -> str:
    """Words as a part of a file's name: "odd part" is `odd-part`."""
    return re.sub(r"[^a-z0-9_]+", "-", words.lower()).strip("-")
