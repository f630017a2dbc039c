"""How a definition is written: as LaTeX that compiles with amsmath, and as text that reads back.

What is printed is the expression that the definition holds, in its author's form (see `typeset`),
not a rewritten one.
"""

# ruff: noqa: N802 - SymPy's printers look methods up by the names of its classes

from __future__ import annotations

import functools
import keyword
from collections.abc import Callable
from typing import Any

import sympy
from sympy import Interval, S, Symbol, oo
from sympy.core.function import AppliedUndef
from sympy.printing.latex import LatexPrinter, greek_letters_set
from sympy.printing.precedence import PRECEDENCE
from sympy.printing.str import StrPrinter

from . import special, symbols
from .alignments import Alignments
from .function import Function
from .notation import STANDARD, Notation, letters, name_of
from .typeset import Decimal, Root, facing, number_text, ordered, typeset

TALL = (r"\frac", r"\sum", r"\begin", r"\sqrt", "^")


class _Latex(LatexPrinter):  # type: ignore[misc]
    def __init__(self, function: Function | None, notation: Notation) -> None:
        super().__init__()
        self.notation = notation
        self.letters = letters(function, notation)

    def parenthesize(self, item: Any, level: int, *args: Any, **kwargs: Any) -> str:
        """SymPy knows of sums that they go on to the right, not of these."""
        if isinstance(item, (Alignments, special.Largest)) and level > PRECEDENCE["Mul"]:
            return str(self._add_parens(self._print(item)))
        return str(super().parenthesize(item, level, *args, **kwargs))

    def _needs_mul_brackets(self, expr: Any, first: bool = False, last: bool = False) -> bool:
        """A power or a function holds its sums in its own brackets."""
        if isinstance(expr, (sympy.Pow, sympy.Function)) and not isinstance(expr, sympy.Piecewise):
            return False
        open_ended = isinstance(expr, (Alignments, special.Largest)) and not last
        return open_ended or bool(super()._needs_mul_brackets(expr, first=first, last=last))

    def _needs_add_brackets(self, expr: Any) -> bool:
        return isinstance(expr, sympy.Piecewise) or bool(super()._needs_add_brackets(expr))

    def _as_ordered_terms(self, expr: Any, order: Any = None) -> list[Any]:
        return ordered(expr.args)

    def _print_Mul(self, expr: Any) -> str:
        """Words among the factors stand apart from the others, letters before brackets."""
        if isinstance(expr, sympy.Mul) and expr.could_extract_minus_sign():
            positive = self._print(-expr)
            return f"- {brackets(positive) if (-expr).is_Add else positive}"
        before = {name: self._settings[name] for name in ("mul_symbol_latex", "order")}
        apart = any(map(_is_word, expr.args))
        self._settings |= {"mul_symbol_latex": r" \, " if apart else " ", "order": "none"}
        try:
            return str(super()._print_Mul(_in_order(expr)))
        finally:
            self._settings |= before

    def _print_Tuple(self, expr: Any) -> str:
        return brackets(", ".join(map(self._print, expr)))

    def _print_Symbol(self, expr: Any, style: str = "plain") -> str:
        if isinstance(expr, Root):
            return rf"\sqrt{{{self._print(expr.radicand)}}}"
        return self.letters.get(expr.name) or symbol_name(expr.name)

    def _print_Dummy(self, expr: Any) -> str:
        return self._print_Symbol(expr)

    def _print_Indexed(self, expr: Any) -> str:
        indices = ", ".join(self._print(index) for index in expr.indices)
        name = self._print(expr.base.label)
        if "_{" in name:  # a letter has one subscript: x_{1, j} is entry j of x1
            return f"{name[:-1]}, {indices}}}"
        return f"{name}_{{{indices}}}"

    def _print_Relational(self, expr: Any) -> str:
        return str(super()._print_Relational(facing(expr)))

    def _print_Equality(self, expr: Any) -> str:
        return f"{self._print(expr.lhs)} = {self._print(expr.rhs)}"

    def _print_Piecewise(self, expr: Any) -> str:
        lines = []
        for value, condition in expr.args:
            when = r"\text{otherwise}" if condition == S.true else self._if(condition)
            lines.append(f"{self._print(value)} & {when}")
        return r"\begin{cases} " + r" \\ ".join(lines) + r" \end{cases}"

    def _if(self, condition: Any) -> str:
        return rf"\text{{if }} {self._print(condition)}"

    def _print_Or(self, expr: Any) -> str:
        return r" \text{ or } ".join(map(self._print, sorted(expr.args, key=str)))

    def _print_And(self, expr: Any) -> str:
        return r" \text{ and } ".join(map(self._print, sorted(expr.args, key=str)))

    def _print_Abs(self, expr: Any, exp: Any = None) -> str:
        text = rf"\left|{self._print(expr.args[0])}\right|"
        return f"{text}^{{{exp}}}" if exp else text

    def _print_log(self, expr: Any, exp: Any = None) -> str:
        return self._call(rf"\{self.notation.log}", expr.args, exp)

    def _print_Max(self, expr: Any, exp: Any = None) -> str:
        text = self._call(r"\max", ordered(sorted(expr.args, key=sympy.default_sort_key)))
        return f"{text}^{{{exp}}}" if exp else text

    def _print_Min(self, expr: Any, exp: Any = None) -> str:
        text = self._call(r"\min", ordered(sorted(expr.args, key=sympy.default_sort_key)))
        return f"{text}^{{{exp}}}" if exp else text

    def _print_xlogy(self, expr: Any, exp: Any = None) -> str:
        left, right = expr.args
        factor = self.parenthesize(left, PRECEDENCE["Mul"], strict=True)
        text = f"{factor} {self._print_log(sympy.log(right, evaluate=False))}"
        return rf"\left({text}\right)^{{{exp}}}" if exp else text

    def _print_Function(self, expr: Any, exp: Any = None) -> str:
        if isinstance(expr, AppliedUndef):
            return self._applied(expr, exp)
        special_form = getattr(self, f"_print_{expr.func.__name__}", None)
        if special_form is not None:
            return str(special_form(expr, exp=exp) if exp else special_form(expr))
        return self._call(operator(expr.func.__name__, self.notation), expr.args, exp)

    def _applied(self, expr: Any, exp: Any) -> str:
        function = _definition(expr.func.__name__)
        name = operator(expr.func.__name__, self.notation)
        if function is None:
            return self._call(name, expr.args, exp)
        arguments, index = list(expr.args), None
        if function.along_axis:
            arguments, index = _rows(arguments)
        split = len(function.variables)
        inside = ", ".join(map(self._print, arguments[:split]))
        if arguments[split:]:
            inside += "; " + ", ".join(map(self._print, arguments[split:]))
        called = name + (f"^{{{exp}}}" if exp else "") + brackets(inside)
        return f"{called}_{{{self._print(index)}}}" if function.row_output and index else called

    def _call(self, name: str, arguments: Any, exp: Any = None) -> str:
        inside = ", ".join(map(self._print, arguments))
        return name + (f"^{{{exp}}}" if exp else "") + brackets(inside)


OPEN = (sympy.Sum, Alignments, special.Largest, sympy.Piecewise, sympy.Derivative)
"""What goes on to the right: what stands behind it would seem to be in it."""


def _in_order(product: Any) -> Any:
    """Numbers, letters, brackets, functions, and last what goes on to the right."""
    if not isinstance(product, sympy.Mul):
        return product
    return sympy.Mul(*sorted(product.as_ordered_factors(), key=_rank), evaluate=False)


def _rank(factor: Any) -> int:
    base = factor if isinstance(factor, sympy.exp) else factor.as_base_exp()[0]
    if isinstance(base, OPEN):
        return 4
    if isinstance(base, sympy.Function):
        return 3
    if isinstance(base, sympy.Add):
        return 2
    return 0 if base.is_number or isinstance(base, (Root, Decimal)) else 1


def _is_word(factor: Any) -> bool:
    """Whether a factor, or what it is a power of, is printed as a word."""
    base = factor.as_base_exp()[0]
    name = base.base.label if isinstance(base, sympy.Indexed) else base
    word = isinstance(name, Symbol) and not isinstance(name, Root)
    return word and symbol_name(name.name).startswith(r"\mathrm")


def brackets(inside: str) -> str:
    """Round brackets that grow where what is inside is tall."""
    tall = any(mark in inside for mark in TALL)
    return rf"\left({inside}\right)" if tall else f"({inside})"


def _rows(arguments: list[Any]) -> tuple[list[Any], Any]:
    """softmax(z[i] + c) is softmax(z + c) at i."""
    entries = {e for a in arguments for e in sympy.sympify(a).atoms(sympy.Indexed)}
    indices = {e.indices[0] for e in entries}
    whole = {e: Symbol(str(e.base.label), real=True) for e in entries}
    index = indices.pop() if len(indices) == 1 else None
    return [a.xreplace(whole) for a in arguments], index


def symbol_name(name: str) -> str:
    """A symbol's name as LaTeX: Greek where it is Greek, upright where it is a word."""
    if name.rstrip("_") in greek_letters_set:
        return "\\" + name.rstrip("_")
    if len(name) == 2 and name[0].isalpha() and name[1].isdigit():
        return f"{name[0]}_{{{name[1]}}}"
    if len(name) == 1 or not name[0].isalpha():
        return name.replace("...", r"\ldots")
    return rf"\mathrm{{{_escaped(name)}}}"


def _escaped(name: str) -> str:
    return name.replace("_", r"\_")


def operator(name: str, notation: Notation = STANDARD) -> str:
    """The name of a function: the notation's, LaTeX's own command, or upright letters."""
    chosen = name_of(name, notation)
    if chosen:
        return chosen
    if name in ("tanh", "sinh", "cosh", "log", "exp", "sin", "cos", "max", "min"):
        return f"\\{name}"
    if name == "sign":
        return r"\operatorname{sgn}"
    return rf"\operatorname{{{_escaped(name)}}}"


@functools.cache
def _definition(name: str) -> Function | None:
    from .catalogue import find

    try:
        return find(name)
    except LookupError:
        return None


def latex(
    expression: Any,
    function: Function | None = None,
    notation: Notation = STANDARD,
    *,
    gathered: bool = False,
) -> str:
    """An expression, equation or set as LaTeX, in the symbols of the function it belongs to.

    What is derived is `gathered`: numbers stand in front of brackets (see `typeset`).
    """
    write = functools.partial(latex_expression, function=function, notation=notation)
    return _written(expression, function, write, _LATEX_SETS, notation, gathered)


def latex_expression(
    expression: Any, function: Function | None = None, notation: Notation = STANDARD
) -> str:
    """An expression as LaTeX, as it stands."""
    return str(_Latex(function, notation).doprint(expression))


# ---------------------------------------------------------------- text


class _Text(StrPrinter):  # type: ignore[misc]
    def _as_ordered_terms(self, expr: Any, order: Any = None) -> list[Any]:
        return ordered(expr.args)

    def _print_Symbol(self, expr: Any) -> str:
        return f"{expr.name}_" if keyword.iskeyword(expr.name) else str(expr.name)

    def _print_Relational(self, expr: Any) -> str:
        return str(super()._print_Relational(facing(expr)))

    def _print_Equality(self, expr: Any) -> str:
        return f"Eq({self._print(expr.lhs)}, {self._print(expr.rhs)})"


def text(expression: Any, function: Function | None = None, *, gathered: bool = False) -> str:
    """An expression as SymPy reads it back with `read`; an equation as `left = right`."""
    return _written(expression, function, text_expression, _TEXT_SETS, STANDARD, gathered)


def text_expression(expression: Any) -> str:
    """An expression as text, as it stands."""
    if isinstance(expression, sympy.Equality):
        return f"{text_expression(expression.lhs)} = {text_expression(expression.rhs)}"
    return str(_Text().doprint(expression))


def read(source: str, function: Function) -> Any:
    """The expression that `text` printed, in the symbols of the function."""
    inputs = (*function.variables, *function.parameters)
    names: dict[str, Any] = {str(v.symbol): v.symbol for v in inputs}
    names |= {text_expression(c): c for c in function.constants}
    names |= {s.name: s for s in symbols.INDICES if s.name not in names}
    names |= {**special.NAMES, "Alignments": Alignments, symbols.path.name: symbols.path}
    equations = function.identities.values()
    spoken_of = {a.func for equation in equations for a in equation.atoms(AppliedUndef)}
    # tanh and erf are SymPy's own
    spoken_of = {f for f in spoken_of if not hasattr(sympy, f.__name__)}
    names |= {f.__name__: f for f in spoken_of if f.__name__ not in names}
    return sympy.sympify(source, locals=names, rational=True)


# ---------------------------------------------------------------- sets

_TEXT_SETS = {"reals": "all reals", "and": ", ", "set": "{{{}}}", "or": " or "}
_LATEX_SETS = {"reals": r"\mathbb{R}", "and": ", ", "set": r"\{{{}\}}", "or": r" \cup "}


def _written(
    item: Any,
    function: Function | None,
    write: Callable[[Any], str],
    sets: dict[str, str],
    notation: Notation,
    gathered: bool,
) -> str:
    item = sympy.sympify(item)
    if item == S.Reals:
        return sets["reals"]

    def one(part: Any) -> str:
        if part.is_Rational and part.q > 10:
            part = Symbol(number_text(part)) if part.q <= 10**9 else part
        return write(typeset(part, function, notation, gathered=gathered))

    if isinstance(item, Interval):
        left = "(" if item.left_open or item.start == -oo else "["
        right = ")" if item.right_open or item.end == oo else "]"
        return f"{left}{one(item.start)}{sets['and']}{one(item.end)}{right}"
    if isinstance(item, sympy.FiniteSet):
        return sets["set"].format(sets["and"].join(map(one, item)))
    if isinstance(item, sympy.Union):
        parts = (_written(a, function, write, sets, notation, gathered) for a in item.args)
        return sets["or"].join(parts)
    return one(item)
