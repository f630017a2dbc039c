"""How a definition is written: as LaTeX that compiles with amsmath, and as text that reads back.

What is printed is the expression that the definition holds, not a rewritten one. Where SymPy turns
what an author typed into something else on construction, the printers turn it back: x/sqrt(2),
which SymPy keeps as sqrt(2)*x/2, prints as x/sqrt(2) again, and sums begin with a positive term.
A named constant of a few digits prints as its number, a longer one as its name.
"""

# ruff: noqa: N802 - SymPy's printers look methods up by the names of its classes

from __future__ import annotations

import functools
import keyword
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import sympy
from sympy import Expr, Interval, Mul, S, Symbol, oo
from sympy.core.function import AppliedUndef
from sympy.core.relational import Relational
from sympy.printing.latex import LatexPrinter, greek_letters_set
from sympy.printing.str import StrPrinter

from . import derive, special, symbols
from .function import Function, Parameter, Variable

SHORT = 10  # characters: a constant that fits is printed as a number, a longer one by name
DIGITS = 20  # of a number too long to be printed in full
TALL = (r"\frac", r"\sum", r"\begin", r"\sqrt", "^")


@dataclass(frozen=True)
class Fact:
    """One thing that the book says of a function, as text and as LaTeX (without dollars)."""

    label: str
    text: str
    latex: str


# ---------------------------------------------------------------- back to the author's form


def typeset(expression: Any, function: Function | None = None) -> Any:
    """The expression as its author would write it: roots in fractions, constants as numbers."""
    if function is not None:
        expression = _named(expression, function)
        shown = {c: _constant(c, v) for c, v in function.constants.items()}
        expression = expression.xreplace(shown)
    expression = expression.replace(lambda e: e.is_Rational and _long(e), _decimal)
    return expression.replace(lambda e: isinstance(e, Mul), _rooted)


def _named(expression: Any, function: Function) -> Any:
    """Numbers that are the constants of the definition, by their names."""
    names = {v: c for c, v in function.constants.items() if _long(v)}
    return expression.replace(lambda e: e in names, lambda e: names[e]) if names else expression


def _constant(name: Symbol, value: Any) -> Symbol:
    shown = number_text(value)
    return _Decimal(shown, **name.assumptions0) if len(shown) <= SHORT else name


def _long(number: Any) -> bool:
    return bool(number.is_Rational and number.q > 10**9)


def _decimal(number: Any) -> Symbol:
    return _Decimal(number_text(number), real=True)


def number_text(value: Any) -> str:
    """A number as a reader likes it: 1/3 and 1/2, but 0.01 and not 1/100."""
    value = sympy.sympify(value)
    if not value.is_Rational or value.q <= 10:
        return str(sympy.sstr(value))
    digits = _places(value)
    if digits is not None and digits <= DIGITS:
        return f"{sympy.N(value, digits + 20):.{digits}f}"
    return f"{sympy.N(value, DIGITS + 10):.{DIGITS - 1}f}..."


def _places(value: Any) -> int | None:
    """How many decimals the number has; None where they never end."""
    places = 0
    while value.q != 1 and places < 100:
        value, places = value * 10, places + 1
    return places if value.q == 1 else None


def _rooted(product: Mul) -> Any:
    """sqrt(2)*x/2 as x/sqrt(2), sqrt(2)/sqrt(pi) as sqrt(2/pi)."""
    above, below, rest = S.One, S.One, list[Any]()
    coefficient, factors = product.as_coeff_mul()
    for factor in factors:
        base, power = factor.as_base_exp()
        if base.is_number and base.is_positive and abs(power) == S.Half:
            above, below = (above * base, below) if power > 0 else (above, below * base)
        else:
            rest.append(factor)
    if above == below == 1:
        return product
    if above.is_Integer and above != 1 and coefficient.q % above == 0:
        coefficient, above, below = coefficient * above, S.One, below * above
    root = 1 / _Root(below) if above == 1 else _Root(above / below)
    return Mul(coefficient, root, *rest)


class _Decimal(Symbol):  # type: ignore[misc]
    """A number to be printed as it stands."""

    @classmethod
    def class_key(cls) -> tuple[int, int, str]:
        """Among the factors of a product it stands where numbers stand."""
        return 1, 1, cls.__name__


class _Root(Symbol):  # type: ignore[misc]
    """A square root that SymPy leaves as it is."""

    __slots__ = ("radicand",)

    def __new__(cls, radicand: Expr) -> _Root:
        found: _Root = Symbol.__new__(cls, f"sqrt({sympy.sstr(radicand)})", positive=True)
        found.radicand = radicand
        return found

    @classmethod
    def class_key(cls) -> tuple[int, int, str]:
        """Among the factors of a product it stands after the numbers."""
        return 1, 2, cls.__name__


def _ordered(terms: Any) -> list[Any]:
    """Terms in the order they are kept in, those with a minus sign last."""
    return sorted(terms, key=lambda term: bool(term.could_extract_minus_sign()))


def _facing(relation: Relational) -> Relational:
    """|d| <= delta rather than delta >= |d|: the side that says more stands left."""
    if len(relation.rhs.free_symbols) > len(relation.lhs.free_symbols):
        return relation.reversed
    return relation


# ---------------------------------------------------------------- LaTeX


class _Latex(LatexPrinter):  # type: ignore[misc]
    def _print(self, expr: Any, **options: Any) -> str:
        if isinstance(expr, special.xlogy):
            return self._print_xlogy(expr, **options)
        return str(super()._print(expr, **options))

    def _needs_add_brackets(self, expr: Any) -> bool:
        return isinstance(expr, sympy.Piecewise) or bool(super()._needs_add_brackets(expr))

    def _as_ordered_terms(self, expr: Any, order: Any = None) -> list[Any]:
        return _ordered(expr.args)

    def _print_Symbol(self, expr: Any, style: str = "plain") -> str:
        if isinstance(expr, _Root):
            return rf"\sqrt{{{self._print(expr.radicand)}}}"
        return _symbol(expr.name)

    def _print_Dummy(self, expr: Any) -> str:
        return self._print_Symbol(expr)

    def _print_Indexed(self, expr: Any) -> str:
        indices = ", ".join(self._print(index) for index in expr.indices)
        return f"{self._print(expr.base.label)}_{{{indices}}}"

    def _print_Relational(self, expr: Any) -> str:
        return str(super()._print_Relational(_facing(expr)))

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

    def _print_log(self, expr: Any, exp: Any = None) -> str:
        return self._call(r"\log", expr.args, exp)

    def _print_Max(self, expr: Any, exp: Any = None) -> str:
        return self._call(r"\max", _ordered(sorted(expr.args, key=sympy.default_sort_key)), exp)

    def _print_Min(self, expr: Any, exp: Any = None) -> str:
        return self._call(r"\min", _ordered(sorted(expr.args, key=sympy.default_sort_key)), exp)

    def _print_xlogy(self, expr: Any, exp: Any = None) -> str:
        left, right = expr.args
        factor = self.parenthesize(left, sympy.printing.precedence.PRECEDENCE["Mul"])
        text = rf"{factor} {self._call(chr(92) + 'log', (right,))}"
        return rf"\left({text}\right)^{{{exp}}}" if exp else text

    def _print_Function(self, expr: Any, exp: Any = None) -> str:
        if isinstance(expr, AppliedUndef):
            return self._applied(expr, exp)
        special_form = getattr(self, f"_print_{expr.func.__name__}", None)
        if special_form is not None:
            return str(special_form(expr, exp=exp) if exp else special_form(expr))
        return self._call(_operator(expr.func.__name__), expr.args, exp)

    def _applied(self, expr: Any, exp: Any) -> str:
        function = _definition(expr.func.__name__)
        name = _operator(expr.func.__name__)
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


def _symbol(name: str) -> str:
    if name.rstrip("_") in greek_letters_set:
        return "\\" + name.rstrip("_")
    if len(name) == 1 or not name[0].isalpha():
        return name.replace("...", r"\ldots")
    return rf"\mathrm{{{_escaped(name)}}}"


def _escaped(name: str) -> str:
    return name.replace("_", r"\_")


def _operator(name: str) -> str:
    """The upright name of a function, LaTeX's own command where it has one."""
    if name in ("tanh", "sinh", "cosh", "log", "exp", "sin", "cos", "max", "min"):
        return f"\\{name}"
    return rf"\operatorname{{{_escaped(name)}}}"


@functools.cache
def _definition(name: str) -> Function | None:
    from .catalogue import find

    try:
        return find(name)
    except LookupError:
        return None


def latex(expression: Any, function: Function | None = None) -> str:
    """An expression, equation or set as LaTeX, in the symbols of the function it belongs to."""
    return _written(expression, function, _latex_expression, _LATEX_SETS)


def _latex_expression(expression: Any) -> str:
    return str(_Latex().doprint(expression))


# ---------------------------------------------------------------- text


class _Text(StrPrinter):  # type: ignore[misc]
    def _as_ordered_terms(self, expr: Any, order: Any = None) -> list[Any]:
        return _ordered(expr.args)

    def _print_Symbol(self, expr: Any) -> str:
        return f"{expr.name}_" if keyword.iskeyword(expr.name) else str(expr.name)

    def _print_Relational(self, expr: Any) -> str:
        return str(super()._print_Relational(_facing(expr)))

    def _print_Equality(self, expr: Any) -> str:
        return f"{self._print(expr.lhs)} = {self._print(expr.rhs)}"


def text(expression: Any, function: Function | None = None) -> str:
    """An expression as SymPy reads it back with `read`; an equation as `left = right`."""
    return _written(expression, function, _text_expression, _TEXT_SETS)


def _text_expression(expression: Any) -> str:
    return str(_Text().doprint(expression))


def read(source: str, function: Function) -> Any:
    """The expression that `text` printed, in the symbols of the function."""
    inputs = (*function.variables, *function.parameters)
    names: dict[str, Any] = {str(v.symbol): v.symbol for v in inputs}
    names |= {_text_expression(c): c for c in function.constants}
    names |= {s.name: s for s in (symbols.n, symbols.i, symbols.j, symbols.k, symbols.m)}
    names |= {"xlogy": special.xlogy, "xdivy": special.xdivy}
    return sympy.sympify(source, locals=names, rational=True)


# ---------------------------------------------------------------- sets

_TEXT_SETS = {"reals": "all reals", "and": ", ", "set": "{{{}}}", "or": " or "}
_LATEX_SETS = {"reals": r"\mathbb{R}", "and": ", ", "set": r"\{{{}\}}", "or": r" \cup "}


def _written(
    item: Any, function: Function | None, write: Callable[[Any], str], sets: dict[str, str]
) -> str:
    item = sympy.sympify(item)
    if item == S.Reals:
        return sets["reals"]

    def one(part: Any) -> str:
        if part.is_Rational and part.q > 10:
            part = Symbol(number_text(part)) if part.q <= 10**9 else part
        return write(typeset(part, function))

    if isinstance(item, Interval):
        left = "(" if item.left_open or item.start == -oo else "["
        right = ")" if item.right_open or item.end == oo else "]"
        return f"{left}{one(item.start)}{sets['and']}{one(item.end)}{right}"
    if isinstance(item, sympy.FiniteSet):
        return sets["set"].format(sets["and"].join(map(one, item)))
    if isinstance(item, sympy.Union):
        return sets["or"].join(_written(a, function, write, sets) for a in item.args)
    return one(item)


# ---------------------------------------------------------------- what is said of a function


def _both(expression: Any, function: Function) -> tuple[str, str]:
    return text(expression, function), latex(expression, function)


def _signature(function: Function) -> tuple[str, str]:
    """`softplus(x; beta)`, and `softmax(z)[i]` along an axis."""
    given = [v.symbol.label if v.along_axis else v.symbol for v in function.variables]
    chosen = [p.symbol for p in function.parameters]
    index = symbols.i if function.along_axis and function.row_output else None
    sides = []
    for write in (_text_expression, _latex_expression):
        inside = ", ".join(map(write, given))
        sides.append(inside + ("; " + ", ".join(map(write, chosen)) if chosen else ""))
    plain = f"{function.name}({sides[0]})" + ("[i]" if index else "")
    return plain, f"{_operator(function.name)}{brackets(sides[1])}" + ("_{i}" if index else "")


def formula(function: Function) -> Fact:
    """The definition, `gelu(x) = ...`, as its author wrote it."""
    (plain, tex), (right, right_tex) = _signature(function), _both(function.expression, function)
    return Fact("", f"{plain} = {right}", f"{tex} = {right_tex}")


def gradients(function: Function) -> tuple[Fact, ...]:
    """The derivative in each differentiable variable and parameter."""
    return tuple(_gradient(function, v) for v in function.differentiable)


def _gradient(function: Function, v: Variable | Parameter) -> Fact:
    return _derivative(function, v, derived(function, v), 1)


def second(function: Function) -> tuple[Fact, ...]:
    """The second derivative in the first variable, where it is differentiable."""
    v = function.variables[0]
    if not v.differentiable:
        return ()
    symbol = v.symbol[symbols.m] if v.along_axis else v.symbol
    again = derive.collapse(sympy.diff(derived(function, v), symbol))
    return (_derivative(function, v, again, 2),)


def derived(function: Function, v: Variable | Parameter) -> Expr:
    """As `derive.gradient`, with the constants still named."""
    along = isinstance(v, Variable) and v.along_axis
    symbol = v.symbol[symbols.k] if along else v.symbol
    return derive.collapse(sympy.diff(derive.in_pieces(function.expression), symbol))


def _derivative(function: Function, v: Any, expression: Any, order: int) -> Fact:
    plain, tex = _signature(function)
    (above, below), (above_tex, below_tex) = _steps(function, v, order)
    right, right_tex = _both(expression, function)
    return Fact(
        v.name,
        f"{above} {plain} / {below} = {right}",
        rf"\frac{{{above_tex}}}{{{below_tex}}} {tex} = {right_tex}",
    )


def _steps(function: Function, v: Any, order: int) -> tuple[tuple[str, str], tuple[str, str]]:
    """The two sides of d/dx, as text and as LaTeX."""
    along = isinstance(v, Variable) and v.along_axis
    alone = len(function.variables) + len(function.parameters) == 1 and not along
    d = "d" if alone else r"\partial"
    top, top_tex = ("d", d) if order == 1 else ("d^2", f"{d}^{{2}}")
    if along:
        entries = [v.symbol[s] for s in (symbols.k, symbols.m)[:order]]
        below = " ".join(f"d{text(e)}" for e in entries)
        return (top, below), (top_tex, " ".join(f"{d} {latex(e)}" for e in entries))
    name, power = text(v.symbol), "" if order == 1 else "^2"
    below = f"d {name}{power}" if len(name) > 1 else f"d{name}{power}"
    return (top, below), (top_tex, f"{d} {latex(v.symbol)}" + ("^{2}" if power else ""))


def constants(function: Function) -> tuple[Fact, ...]:
    """The constants that are printed by name, with their values."""
    found = []
    for name, value in function.constants.items():
        if _constant(name, value) is not name:
            continue
        plain, number = _text_expression(name), number_text(value)
        tex = f"{_symbol(name.name)} = {_symbol(number)}"
        found.append(Fact(plain, f"{plain} = {number}", tex))
    return tuple(found)


def kinks(function: Function) -> tuple[Fact, ...]:
    """Where the gradient jumps, and the subdifferential there."""
    return tuple(_at(function, *pair, "subdifferential") for pair in function.kinks.items())


def jumps(function: Function) -> tuple[Fact, ...]:
    """Where the value jumps, and the values accepted there."""
    return tuple(_at(function, *pair, "values") for pair in function.jumps.items())


def _at(function: Function, where: Any, values: Any, kind: str) -> Fact:
    first = function.variables[0].symbol
    point = sympy.sympify(where)
    left, right = (first, point) if point.is_number else (point, S.Zero)
    place, place_tex = (f"{w(left, function)} = {w(right, function)}" for w in (text, latex))
    accepted, accepted_tex = _both(values, function)
    _, tex = _signature(function)
    head = rf"\partial_{{{latex(first)}}} {tex}" if kind == "subdifferential" else tex
    relation = "=" if kind == "subdifferential" else r"\in"
    return Fact(
        place,
        f"{kind} {accepted} at {place}",
        rf"{head} {relation} {accepted_tex} \quad \text{{where }} {place_tex}",
    )


def identities(function: Function) -> tuple[Fact, ...]:
    """The equations that the definition states, by name."""
    return tuple(Fact(name, *_both(e, function)) for name, e in function.identities.items())


def _inputs(function: Function) -> Iterator[Fact]:
    for v in function.variables:
        entry = v.symbol[symbols.i] if v.along_axis else v.symbol
        (plain, tex), (where, where_tex) = _both(entry, function), _both(v.domain, function)
        extra = "" if v.differentiable else ", not differentiable"
        extra += ", entries sum to 1" if v.simplex else ""
        extra += ", -oo marks a masked entry" if v.masked else ""
        yield Fact(v.name, f"{plain} in {where}{extra}", rf"{tex} \in {where_tex}")


def _parameters(function: Function) -> Iterator[Fact]:
    for p in function.parameters:
        (plain, tex), (where, where_tex) = _both(p.symbol, function), _both(p.domain, function)
        default = number_text(p.default)
        yield Fact(
            p.name,
            f"{plain} in {where}, default {default}",
            rf"{tex} \in {where_tex}, \quad \text{{default }} {default}",
        )


def _values(function: Function) -> Iterator[Fact]:
    for point, value in function.special_values.items():
        if sympy.sympify(point).is_finite:
            yield _point(function, point, value)


def _point(function: Function, point: Any, value: Any) -> Fact:
    at, at_tex = _both(point, function)
    right, right_tex = _both(value, function)
    name = function.name
    return Fact(at, f"{name}({at}) = {right}", f"{_operator(name)}({at_tex}) = {right_tex}")


def limits(function: Function) -> tuple[Fact, ...]:
    """At the infinities: of the value, as declared or else derived, and of the gradient.

    For functions of one variable, at default parameters.
    """
    if len(function.variables) != 1 or function.along_axis:
        return ()
    v = function.variables[0]
    found = []
    for point in (-oo, oo):
        value = function.special_values.get(point)
        if value is None:
            value = _derived_limit(function, derive.value(function), point)
        found.append(_limit(function, point, value, gradient=False))
    if v.differentiable:
        gradient = derive.gradient(function, v)
        for point in (-oo, oo):
            value = _derived_limit(function, gradient, point)
            found.append(_limit(function, point, value, gradient=True))
    return tuple(fact for fact in found if fact is not None)


def _derived_limit(function: Function, expression: Any, point: Any) -> Any:
    settled = expression.subs({p.symbol: p.default for p in function.parameters})
    if settled.has(sympy.tanh):  # SymPy takes seconds over tanh, and a fraction over exponentials
        settled = settled.rewrite(sympy.exp)
    return derive.limit(settled, function.variables[0].symbol, point)


def _limit(function: Function, point: Any, value: Any, *, gradient: bool) -> Fact | None:
    value = sympy.sympify(value)
    if value is S.NaN or value.has(sympy.AccumBounds, sympy.Limit):
        return None
    at, at_tex = _both(point, function)
    right, right_tex = _both(value, function)
    x = function.variables[0].symbol
    prime = "'" if gradient else ""
    label = "gradient" if gradient else "value"
    return Fact(
        label,
        f"{function.name}{prime}({text(x)}) -> {right} as {text(x)} -> {at}",
        rf"\lim_{{{latex(x)} \to {at_tex}}} {_operator(function.name)}{prime}({latex(x)}) "
        f"= {right_tex}",
    )


def _words(*values: str | None) -> tuple[Fact, ...]:
    return tuple(Fact("", v, rf"\text{{{v}}}") for v in values if v)


def facts(function: Function, *, with_second: bool = False) -> dict[str, tuple[Fact, ...]]:
    """All that the book says of a function, by topic, in the fixed order of the book.

    Topics that have nothing to say are left out.
    """
    topics: dict[str, tuple[Fact, ...]] = {
        "formula": (formula(function),),
        "constants": constants(function),
        "variables": tuple(_inputs(function)),
        "parameters": tuple(_parameters(function)),
        "gradient": gradients(function),
        "second derivative": second(function) if with_second else (),
        "range": (Fact("", *_both(function.range, function)),),
        "kinks": kinks(function),
        "jumps": jumps(function),
        "special values": tuple(_values(function)),
        "limits": limits(function),
        "parity": _words(function.parity),
        "monotone": _words(function.monotone),
        "reductions": _words(", ".join(function.reductions)),
        "identities": identities(function),
    }
    return {topic: found for topic, found in topics.items() if found}
