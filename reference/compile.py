"""From SymPy expressions to Python code over either engine (`arb` or `mp`).

One text is generated per function and run in the namespace of an engine, so both engines evaluate
the very same expression; what differs between them is every elementary function and its rounding.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import cache
from types import ModuleType
from typing import Any

import sympy
from sympy.core import relational
from sympy.logic import boolalg

from ..spec import derive, symbols
from ..spec.function import Function, Parameter, Variable
from ..spec.special import xdivy, xlogy

_FUNCTIONS: dict[Any, str] = {
    sympy.exp: "exp",
    sympy.log: "log",
    sympy.erf: "erf",
    sympy.erfc: "erfc",
    sympy.tanh: "tanh",
    sympy.sinh: "sinh",
    sympy.cosh: "cosh",
    sympy.atan: "atan",
    sympy.sin: "sin",
    sympy.cos: "cos",
    sympy.Abs: "absolute",
    xlogy: "xlogy",
    xdivy: "xdivy",
}


def render(e: Any) -> str:
    """One expression as Python source in the engines' vocabulary."""
    if isinstance(e, sympy.Symbol):
        return _identifier(e)
    if isinstance(e, sympy.Integer):
        return f"({int(e)})"
    if isinstance(e, sympy.Rational):
        exact_float = e.q & (e.q - 1) == 0 and e.q < 2**50 and abs(e.p) < 2**50
        return f"({e.p / e.q!r})" if exact_float else f"ratio({e.p}, {e.q})"
    if e is sympy.pi:
        return "pi()"
    if e is sympy.E:
        return "e()"
    if isinstance(e, sympy.Add):
        return "(" + " + ".join(render(a) for a in e.args) + ")"
    if isinstance(e, sympy.Mul):
        return _product(e)
    if isinstance(e, sympy.Pow):
        return _power(e)
    if isinstance(e, sympy.Indexed):
        return f"{_identifier(e.base.label)}[{render(e.indices[0])}]"
    if isinstance(e, sympy.KroneckerDelta):
        return f"(1 if {render(e.args[0])} == {render(e.args[1])} else 0)"
    if isinstance(e, sympy.Sum):
        (index, low, high) = e.limits[0]
        rows = f"range({render(low)}, {render(high)} + 1)"
        return f"total({render(e.function)} for {_identifier(index)} in {rows})"
    if isinstance(e, sympy.Piecewise):
        return _pieces(e.args)
    if isinstance(e, _Erfc):
        return f"erfc({render(e.args[0])})"
    if type(e) in _FUNCTIONS:
        return f"{_FUNCTIONS[type(e)]}({', '.join(render(a) for a in e.args)})"
    return _condition(e)


def _identifier(symbol: Any) -> str:
    name = str(symbol.name)
    return f"{name}_" if name in ("lambda", "e", "pi") else name


def _product(e: Any) -> str:
    deltas = [a for a in e.args if isinstance(a, sympy.KroneckerDelta)]
    if deltas:  # zero by the delta, even where another factor is infinite
        rest = sympy.Mul(*(a for a in e.args if not isinstance(a, sympy.KroneckerDelta)))
        test = " and ".join(f"{render(d.args[0])} == {render(d.args[1])}" for d in deltas)
        return f"({render(rest)} if {test} else 0)"
    coefficient, factors = e.as_coeff_mul()
    text = "*".join(render(a) for a in factors)
    if coefficient == 1:
        return f"({text})"
    if coefficient == -1:
        return f"(-({text}))"
    if isinstance(coefficient, sympy.Rational):
        times = f"{coefficient.p}*({text})" if coefficient.p != 1 else f"({text})"
        over = f"/{coefficient.q}" if coefficient.q != 1 else ""
        return f"({times}{over})"
    return f"({render(coefficient)}*{text})"


def _power(e: Any) -> str:
    base, exponent = e.args
    if base is sympy.E:
        return f"exp({render(exponent)})"
    if exponent.is_Integer:
        n = int(exponent)
        text = render(base) if abs(n) == 1 else f"whole({render(base)}, {abs(n)})"
        return text if n > 0 else f"inverse({text})"
    if exponent.is_Rational and exponent.q == 2:
        root = f"sqrt({render(base)})"
        text = root if abs(exponent.p) == 1 else f"whole({root}, {abs(exponent.p)})"
        return text if exponent.p > 0 else f"inverse({text})"
    return f"power({render(base)}, {render(exponent)})"


def _pieces(args: Sequence[Any]) -> str:
    (value, condition), *others = args
    if condition == True or not others:  # noqa: E712
        return render(value)
    return f"where({_condition(condition)}, {render(value)}, {_pieces(others)})"


def _condition(e: Any) -> str:
    if isinstance(e, sympy.Symbol):  # a condition that several pieces share
        return _identifier(e)
    if isinstance(e, relational.StrictGreaterThan):
        return f"greater({render(e.lhs)}, {render(e.rhs)})"
    if isinstance(e, relational.StrictLessThan):
        return f"greater({render(e.rhs)}, {render(e.lhs)})"
    if isinstance(e, relational.GreaterThan):
        return f"at_least({render(e.lhs)}, {render(e.rhs)})"
    if isinstance(e, relational.LessThan):
        return f"at_least({render(e.rhs)}, {render(e.lhs)})"
    if isinstance(e, sympy.Eq):
        return f"equal({render(e.lhs)}, {render(e.rhs)})"
    if isinstance(e, sympy.Ne):
        return f"negate(equal({render(e.lhs)}, {render(e.rhs)}))"
    if isinstance(e, sympy.And):
        return f"both({', '.join(_condition(a) for a in e.args)})"
    if isinstance(e, sympy.Or):
        return f"either({', '.join(_condition(a) for a in e.args)})"
    if isinstance(e, sympy.Not):
        return f"negate({_condition(e.args[0])})"
    if isinstance(e, boolalg.BooleanAtom):
        return str(bool(e))
    raise NotImplementedError(
        f"the oracle has no rule for {type(e).__name__} in {e}; write it with exp, log, erf, tanh, "
        "sqrt, Piecewise, Sum"
    )


def _shared(expressions: Sequence[Any], ignore: Sequence[Any]) -> tuple[list[Any], list[Any]]:
    names = sympy.numbered_symbols("_w", real=True)
    replacements, reduced = sympy.cse(list(expressions), symbols=names, ignore=ignore, list=True)
    return replacements, reduced


def _lines(replacements: Sequence[Any], indent: str) -> list[str]:
    return [f"{indent}{name} = {render(value)}" for name, value in replacements]


def arguments(function: Function) -> list[str]:
    inputs = (*function.variables, *function.parameters)
    return [
        _identifier(v.symbol.label if isinstance(v, Variable) and v.along_axis else v.symbol)
        for v in inputs
    ]


# ---------------------------------------------------------------- elementwise


def partials(function: Function) -> list[Variable | Parameter]:
    """What first derivatives are taken in: every variable, then the differentiable parameters."""
    return [*function.variables, *(p for p in function.parameters if p.differentiable)]


@cache
def first_source(function: Function) -> str:
    """Source of `prepare() -> evaluate(...)` -> (value, first derivatives, second derivatives).

    First derivatives follow `partials`; then for each of them its derivatives in each variable.
    """
    inputs = partials(function)
    expressions = [derive.value(function)]
    expressions += [derive.gradient(function, v) for v in inputs]
    expressions += [derive.second(function, v, w) for v in inputs for w in function.variables]
    return _straight_line(function, expressions)


@cache
def second_source(function: Function) -> str:
    """Source of `evaluate(...)` -> (second derivative in the first variable, its derivatives).

    The derivatives are in every variable, in order.
    """
    v = function.variables[0]
    thirds = [derive.third(function, v, w) for w in function.variables]
    return _straight_line(function, [derive.second(function, v, v), *thirds])


class _Erfc(sympy.Function):  # type: ignore[misc] # SymPy is untyped
    """erfc(x), which SymPy's own turns back into 1 - erf for half of the arguments."""

    nargs = 1


def tight(expression: Any) -> Any:
    """The same expression with 1 + erf(a) as erfc(-a).

    An exact identity that keeps small results relatively sharp: an enclosure then settles at low
    precision, and an underflowed zero has a known sign.
    """
    if not getattr(expression, "args", ()) or not expression.has(sympy.erf):
        return expression
    expression = expression.func(*(tight(a) for a in expression.args))
    if not expression.is_Add:
        return expression
    number, rest = expression.as_coeff_Add()
    for term in sympy.Add.make_args(rest):
        factor, function = term.as_coeff_Mul()
        if isinstance(function, sympy.erf) and number in (factor, -factor) and number:
            a = function.args[0] if number == factor else -function.args[0]
            return number * _Erfc(-a) + (rest - term)
    return expression


def _straight_line(function: Function, expressions: Sequence[Any]) -> str:
    replacements, reduced = _shared([tight(e) for e in expressions], ())
    constants, replacements, reduced = _constants(replacements, reduced)
    results = ", ".join(_result(r) for r in reduced)
    lines = [
        "def prepare():",
        *_lines(constants, "    "),
        f"    def evaluate({', '.join(arguments(function))}):",
        *_lines(replacements, "        "),
        f"        return ({results},)",
        "    return evaluate",
    ]
    return "\n".join(lines)


def _constants(
    replacements: Sequence[Any], reduced: Sequence[Any]
) -> tuple[list[Any], list[Any], list[Any]]:
    """What depends on no input, to be computed once for a precision; and the rest."""
    parts = [e for _, e in replacements] + list(reduced)
    exponents = {p.exp for e in parts for p in e.atoms(sympy.Pow)}
    rationals = {r for e in parts for r in e.atoms(sympy.Rational) if r.q & (r.q - 1)}
    names = {
        r: sympy.Symbol(f"_r{k}", real=True)
        for k, r in enumerate(sorted(rationals - exponents, key=str))
    }
    constants: list[Any] = [(name, r) for r, name in names.items()]
    known = set(names.values())
    varying = []
    for name, e in ((n, e.xreplace(names)) for n, e in replacements):
        if e.free_symbols <= known:
            constants.append((name, e))
            known.add(name)
        else:
            varying.append((name, e))
    return constants, varying, [e.xreplace(names) for e in reduced]


def _result(e: Any) -> str:
    return f"ratio({e.p}, {e.q})" if e.is_Rational else render(e)


# ---------------------------------------------------------------- along an axis


@cache
def axis_source(function: Function) -> str:
    """Source of `row(...)` -> (value(i), first derivatives, second derivatives) of one row.

    First derivatives are a dict from a variable's position to a function of (i, k), second ones
    from a pair of positions to a function of (i, k, m). Sums that depend on no index are computed
    once for the row.
    """
    variables = function.variables
    derivatives: dict[str, Any] = {"value": derive.value(function)}
    for a, v in enumerate(variables):
        derivatives[f"first_{a}"] = derive.gradient(function, v)
        for b, w in enumerate(variables):
            derivatives[f"second_{a}_{b}"] = _mixed(function, v, w)
    indices = (symbols.i, symbols.j, symbols.k, symbols.m)
    bound = {s.limits[0][0] for e in derivatives.values() for s in e.atoms(sympy.Sum)}
    shared, reduced = _row_sums(list(derivatives.values()), indices)
    lines = [f"def row({', '.join(['n', *arguments(function)])}):", *_lines(shared, "    ")]
    for name, expression in zip(derivatives, reduced, strict=True):
        replacements, (result,) = _shared([expression], (*bound, symbols.j))
        lines.append(f"    def {name}(i=0, k=0, m=0):")
        lines += _lines(replacements, "        ")
        lines.append(f"        return {_result(result)}")
    count = range(len(variables))
    firsts = ", ".join(f"{a}: first_{a}" for a in count)
    seconds = ", ".join(f"({a}, {b}): second_{a}_{b}" for a in count for b in count)
    lines.append(f"    return value, {{{firsts}}}, {{{seconds}}}")
    return "\n".join(lines)


def _mixed(function: Function, v: Variable, w: Variable) -> Any:
    """The second derivative that the condition of a gradient needs.

    Where `w` sums to one, an implementation may use that: softmax - target for the gradient of
    cross-entropy. So the sum is put as 1 first, and C counts the target by itself.
    """
    if not w.simplex or v is w:
        return derive.second(function, v, w)
    gradient = derive.gradient(function, v)
    sums = {s: sympy.S.One for s in gradient.atoms(sympy.Sum) if _is_sum_of(s, w)}
    return derive.collapse(sympy.diff(gradient.xreplace(sums), w.symbol[symbols.m]))


def _is_sum_of(s: Any, w: Variable) -> bool:
    return bool(s.function == w.symbol[s.limits[0][0]])


def _row_sums(expressions: list[Any], indices: Sequence[Any]) -> tuple[list[Any], list[Any]]:
    """Take the sums that no free index enters out of the expressions, innermost first."""
    shared: list[Any] = []
    while True:
        sums = {
            s
            for e in expressions
            for s in e.atoms(sympy.Sum)
            if not (s.free_symbols & set(indices)) and not s.function.atoms(sympy.Sum)
        }
        if not sums:
            return shared, expressions
        for s in sorted(sums, key=str):
            name = sympy.Symbol(f"_s{len(shared)}", real=True)
            shared.append((name, s))
            expressions = [e.xreplace({s: name}) for e in expressions]


# ---------------------------------------------------------------- running


class Sided:
    """An engine whose comparisons fall to one side where the two sides nearly meet.

    Used at kinks and jumps: evaluating once on either side gives the two one-sided answers.
    """

    def __init__(self, engine: ModuleType, above: bool, tolerance: float) -> None:
        self.engine = engine
        self.above = above
        self.tolerance = tolerance

    def _near(self, a: Any, b: Any) -> bool:
        return bool(abs(a - b) <= self.tolerance * (abs(a) + abs(b)))

    def greater(self, a: Any, b: Any) -> bool | None:
        return self.above if self._near(a, b) else self.engine.greater(a, b)

    def at_least(self, a: Any, b: Any) -> bool | None:
        return self.above if self._near(a, b) else self.engine.at_least(a, b)

    def equal(self, a: Any, b: Any) -> bool | None:
        return False if self._near(a, b) else self.engine.equal(a, b)


def run(source: str, engine: ModuleType, sided: Sided | None = None) -> Callable[..., Any]:
    """What a source text defines, over an engine: `row`, or `prepare`.

    `prepare()` is to be called once the engine's precision is set; it gives `evaluate`.
    """
    namespace = dict(vars(engine))
    if sided is not None:
        namespace |= {
            "greater": sided.greater,
            "at_least": sided.at_least,
            "equal": sided.equal,
        }
    exec(compile(source, "<oracle>", "exec"), namespace)
    result: Callable[..., Any] = namespace["row" if source.startswith("def row") else "prepare"]
    return result


def exact(value: Any) -> Fraction:
    """An exact rational from a SymPy number or a float, as a Fraction."""
    if isinstance(value, float):
        return Fraction(value)
    rational = sympy.Rational(value)
    return Fraction(int(rational.p), int(rational.q))
