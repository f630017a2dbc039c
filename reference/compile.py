"""From SymPy expressions to Python code over either engine (`arb` or `mp`).

One text is generated per function and run in the namespace of an engine, so both engines evaluate
the very same expression; what differs between them is every elementary function and its rounding.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import sympy
from sympy.core import relational
from sympy.logic import boolalg

from ..spec import derive, special, symbols
from ..spec.function import Function, Parameter, Variable
from ..spec.special import Largest, attains, is_positive, positive_part, xdivy, xlogy
from . import cache as disk

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
    attains: "attains",
    positive_part: "positive_part",
    is_positive: "is_positive",
    sympy.Max: "maximum",  # these two in conditions only: elsewhere they are pieces
    sympy.Min: "minimum",
}


_INDICES = (symbols.n, symbols.i, symbols.j, symbols.r, symbols.k, symbols.m)


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
        return f"{_identifier(e.base.label)}[{_index(e.indices[0])}]"
    if isinstance(e, sympy.KroneckerDelta):
        return f"(1 if {_index(e.args[0])} == {_index(e.args[1])} else 0)"
    if isinstance(e, sympy.Sum | Largest):
        (index, low, high) = e.limits[0]
        rows = f"range({_index(low)}, {_index(high)} + 1)"
        over = "total" if isinstance(e, sympy.Sum) else "largest"
        return f"{over}({render(e.function)} for {_identifier(index)} in {rows})"
    if isinstance(e, sympy.Piecewise):
        return _pieces(e.args)
    if isinstance(e, _Erfc):
        return f"erfc({render(e.args[0])})"
    if type(e) in _FUNCTIONS:
        return f"{_FUNCTIONS[type(e)]}({', '.join(render(a) for a in e.args)})"
    return _condition(e)


def _index(e: Any) -> str:
    """A whole number as Python's own: an index, or the end of a range; halves are exact there."""
    if isinstance(e, sympy.Symbol):
        return _identifier(e)
    if isinstance(e, sympy.Add):
        return "(" + " + ".join(_index(a) for a in e.args) + ")"
    coefficient, rest = e.as_coeff_Mul()
    if rest is sympy.S.One and coefficient.is_Integer:
        return str(coefficient)
    if not coefficient.is_Rational or not isinstance(rest, sympy.Symbol | sympy.Add):
        raise NotImplementedError(f"the oracle has no rule for the index {e}")
    over = f" // {coefficient.q}" if coefficient.q != 1 else ""
    return f"({coefficient.p} * {_index(rest)}{over})"


def _identifier(symbol: Any) -> str:
    """A name that no name of the engines, of Python, or of a user's symbol can be."""
    ours = symbol.is_Dummy or symbol in _INDICES
    return f"_{symbol.name}" if ours else f"{symbol.name}_"


def _product(e: Any) -> str:
    deltas = [a for a in e.args if isinstance(a, sympy.KroneckerDelta)]
    if deltas:  # zero by the delta, even where another factor is infinite
        rest = sympy.Mul(*(a for a in e.args if not isinstance(a, sympy.KroneckerDelta)))
        test = " and ".join(f"{_index(d.args[0])} == {_index(d.args[1])}" for d in deltas)
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
    if isinstance(e, sympy.Eq) and e.lhs.is_integer and e.rhs.is_integer:  # a switch: no rounding
        return f"({render(e.lhs)} == {render(e.rhs)})"
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
    if isinstance(e, sympy.ITE):  # what SymPy makes of a Max within a Min
        test, yes, no = map(_condition, e.args)
        return f"either(both({test}, {yes}), both(negate({test}), {no}))"
    if isinstance(e, boolalg.BooleanAtom):
        return str(bool(e))
    raise NotImplementedError(
        f"the oracle has no rule for {type(e).__name__} in {e}; write it with exp, log, erf, tanh, "
        "sqrt, Piecewise, Sum"
    )


def _shared(expressions: Sequence[Any], ignore: Sequence[Any]) -> tuple[list[Any], list[Any]]:
    names = sympy.numbered_symbols("w", sympy.Dummy, real=True)
    replacements, reduced = sympy.cse(list(expressions), symbols=names, ignore=ignore, list=True)
    return replacements, reduced


def _lines(replacements: Sequence[Any], indent: str) -> list[str]:
    return [f"{indent}{_identifier(name)} = {render(value)}" for name, value in replacements]


def arguments(function: Function) -> list[str]:
    inputs = (*function.variables, *function.parameters)
    return [_identifier(v.symbol.label if v.along_axis else v.symbol) for v in inputs]


def _kept(make: Callable[[Function], str]) -> Callable[[Function], str]:
    """The source that is made, kept on disk beside the truths: SymPy takes seconds over some.

    It is known by the content of the definition and by the text of the rules that make it.
    """

    @cache
    def source(function: Function) -> str:
        name = disk.key("source", make.__name__, _rules(), *_content(function))
        kept = disk.read(name)
        if kept is not None:
            return kept.decode()
        text = make(function)
        disk.write(name, text.encode())
        return text

    source.__doc__ = make.__doc__
    return source


@cache
def _rules() -> bytes:
    files = (__file__, derive.__file__, special.__file__)
    texts = [Path(str(file)).read_bytes() for file in files]
    return b"".join([*texts, str(sympy.__version__).encode()])


def _content(function: Function) -> list[str]:
    """All of a definition that its source depends on."""
    said = [function.expression, function.outputs, function.divisor]
    said += [part for pair in function.constants.items() for part in pair]
    inputs = [
        f"{sympy.srepr(v.symbol)} {type(v).__name__} {v.differentiable} {getattr(v, 'simplex', '')}"
        for v in (*function.variables, *function.parameters)
    ]
    return [*map(sympy.srepr, said), *inputs]


# ---------------------------------------------------------------- elementwise


def partials(function: Function) -> list[Variable | Parameter]:
    """What first derivatives are taken in: every variable, then the differentiable parameters."""
    return [*function.variables, *(p for p in function.parameters if p.differentiable)]


def rounded(v: Variable | Parameter) -> bool:
    """Whether an input may carry a rounding error: a label, one of a few numbers, is exact.

    So it adds nothing to C.
    """
    return not (isinstance(v, Variable) and v.domain.is_FiniteSet)


@_kept
def first_source(function: Function) -> str:
    """Source of `prepare() -> evaluate(...)` -> (value, first derivatives, second derivatives).

    First derivatives follow `partials`; then for each of them its derivatives in each variable.
    """
    inputs = partials(function)
    expressions = [derive.value(function)]
    expressions += [derive.gradient(function, v) if rounded(v) else sympy.S.Zero for v in inputs]
    expressions += [
        derive.second(function, v, w) if rounded(w) else sympy.S.Zero
        for v in inputs
        for w in function.variables
    ]
    return _straight_line(function, expressions)


@_kept
def second_source(function: Function) -> str:
    """Source of `evaluate(...)` -> (second derivative in the first variable, its derivatives).

    The derivatives are in every variable, in order.
    """
    v = function.variables[0]
    thirds = [
        derive.third(function, v, w) if rounded(w) else sympy.S.Zero for w in function.variables
    ]
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
        r: sympy.Dummy(f"r{k}", real=True)
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


@_kept
def axis_source(function: Function) -> str:
    """Source of `row(...)` -> (value, first, second, slack), functions of indices for one row.

    `value(i)`; `first[a](i, k)` for an input at position a in `partials`; `second[a, b](i, k, m)`
    for an input and a variable; an index is 0 for an input that is one number. `slack[None](i)`
    and `slack[a](i, k)` tell what the sums in a result may cost it: see `_summing`. Sums that
    depend on no index are computed once for the row.
    """
    inputs = partials(function)
    derivatives: dict[Any, Any] = {"value": derive.value(function)}
    for a, v in enumerate(inputs):
        derivatives["first", a] = derive.gradient(function, v)
        for b, w in enumerate(function.variables):
            derivatives["second", (a, b)] = _mixed(function, v, w)
    derivatives["slack", None] = _summing(derivatives["value"])
    for a in range(len(inputs)):
        derivatives["slack", a] = _summing(derivatives["first", a])
    return _row_source(function, derivatives)


@_kept
def row_value_source(function: Function) -> str:
    """As `axis_source`, of the value, and of the divisor of the mean as `first[0]`."""
    divisor = derive.in_pieces(function.divisor)
    return _row_source(function, {"value": derive.value(function), ("first", 0): divisor})


def _summing(expression: Any) -> Any:
    """What one rounding of every partial sum could do: |d/ds| times sum of |terms|, over sums s.

    A sum over n terms, computed pairwise, has log2(n) of them, and each term is rounded once. It
    is what an implementation that computes the definition's sums well has to pay: the log of a sum
    near 1, or the difference of two distances, is no better than the sums are. The same for what
    is added to a sum by hand: 1 - 2 I / (P + T), margin + d1 - d2.
    """
    found = []
    bound = {s.limits[0][0] for s in expression.atoms(sympy.Sum, Largest)}
    for s in sorted(expression.atoms(sympy.Sum, sympy.Add), key=str):
        if s.free_symbols & bound or not s.has(sympy.Sum):
            continue  # inside another sum, which counts its terms; or nothing is summed there
        held = sympy.Dummy("s", real=True)
        slope = sympy.diff(expression.xreplace({s: held}), held).xreplace({held: s})
        found.append(sympy.Abs(slope) * _magnitude(s))
    return sympy.Add(*found)


def _magnitude(s: Any) -> Any:
    """The sum of the sizes of the terms."""
    if isinstance(s, sympy.Sum):
        return sympy.Sum(sympy.Abs(s.function), *s.limits)
    return sympy.Add(*map(sympy.Abs, s.args))


def _row_source(function: Function, derivatives: dict[Any, Any]) -> str:
    indices = (symbols.i, symbols.j, symbols.k, symbols.m)
    bound = {s.limits[0][0] for e in derivatives.values() for s in e.atoms(sympy.Sum, Largest)}
    count = sympy.Dummy("outputs", integer=True)
    expressions = list(derivatives.values())
    if function.outputs != symbols.n:
        expressions = [sympy.sympify(e).xreplace({function.outputs: count}) for e in expressions]
    shared, reduced = _row_sums(expressions, indices)
    inputs = ", ".join([_identifier(symbols.n), *arguments(function)])
    lines = [f"def row({inputs}):"]
    lines += [f"    {_identifier(count)} = {_index(function.outputs)}", *_lines(shared, "    ")]
    given = ", ".join(f"{_identifier(s)}=0" for s in (symbols.i, symbols.k, symbols.m))
    groups: dict[str, list[str]] = {"first": [], "second": [], "slack": []}
    for place, (key, expression) in enumerate(zip(derivatives, reduced, strict=True)):
        name = "value" if key == "value" else f"part_{place}"
        replacements, (result,) = _shared([expression], (*bound, symbols.j))
        lines.append(f"    def {name}({given}):")
        lines += _lines(replacements, "        ")
        lines.append(f"        return {_result(result)}")
        if key != "value":
            groups[key[0]].append(f"{key[1]!r}: {name}")
    parts = ", ".join("{" + ", ".join(group) + "}" for group in groups.values())
    lines.append(f"    return value, {parts}")
    return "\n".join(lines)


def _mixed(function: Function, v: Variable | Parameter, w: Variable) -> Any:
    """The second derivative that the condition of a gradient needs.

    Where `w` sums to one, an implementation may use that: softmax - target for the gradient of
    cross-entropy. So the sum is put as 1 first, and C counts the target by itself.
    """
    if not w.simplex or v is w or not v.along_axis:
        return derive.second(function, v, w)
    gradient = derive.gradient(function, v)
    held = {s: sympy.Dummy() for s in gradient.atoms(sympy.Sum) if _is_share_of(s, w, function)}
    mixed = sympy.diff(gradient.xreplace(held), w.symbol[symbols.m])
    return derive.collapse(mixed.xreplace({d: s for s, d in held.items()}))


def _is_share_of(s: Any, w: Variable, function: Function) -> bool:
    """Whether a sum is that of `w`'s entries, each perhaps times the weight of its class."""
    rest = s.function / w.symbol[s.limits[0][0]]
    inputs = {v.symbol for v in function.variables}
    return not any(getattr(e, "base", e) in inputs for e in rest.free_symbols)


def _row_sums(expressions: list[Any], indices: Sequence[Any]) -> tuple[list[Any], list[Any]]:
    """Take the sums that no free index enters out of the expressions, innermost first."""
    shared: list[Any] = []
    while True:
        fixed = {
            s
            for e in expressions
            for s in e.atoms(sympy.Sum, Largest)
            if not (s.free_symbols & set(indices))
        }
        sums = {s for s in fixed if not fixed & s.function.atoms(sympy.Sum, Largest)}
        if not sums:
            return shared, expressions
        for s in sorted(sums, key=str):
            name = sympy.Dummy(f"s{len(shared)}", real=True)
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

    rules = ("greater", "at_least", "equal")

    def _near(self, a: Any, b: Any) -> bool:
        return bool(abs(a - b) <= self.tolerance * (abs(a) + abs(b)))

    def greater(self, a: Any, b: Any) -> bool | None:
        return self.above if self._near(a, b) else self.engine.greater(a, b)

    def at_least(self, a: Any, b: Any) -> bool | None:
        return self.above if self._near(a, b) else self.engine.at_least(a, b)

    def equal(self, a: Any, b: Any) -> bool | None:
        return False if self._near(a, b) else self.engine.equal(a, b)


class Watcher:
    """An engine that notes whether a row lies at a kink or where the definition has no value.

    To be run with balls at the precision of a format: they are as wide as the roundings on the
    way. `near` tells whether two different things that were compared (or the two largest of a
    row) overlap; `undefined` whether a root or a quotient met 0.
    """

    rules = ("greater", "at_least", "largest", "positive_part", "is_positive", "sqrt", "inverse")

    def __init__(self, engine: ModuleType) -> None:
        self.engine = engine
        self.near = self.undefined = False

    def _watch(self, a: Any, b: Any) -> None:
        self.near |= a is not b and self._zero(a - b)

    def _zero(self, x: Any) -> bool:
        return bool((self.engine.number(0.0) + x).contains(0))

    def greater(self, a: Any, b: Any) -> Any:
        self._watch(a, b)
        return self.engine.greater(a, b)

    def at_least(self, a: Any, b: Any) -> Any:
        self._watch(a, b)
        return self.engine.at_least(a, b)

    def largest(self, terms: Any) -> Any:
        seen = [self.engine.number(0.0) + t for t in terms]
        top = max(seen, key=lambda t: float(t.mid()))
        for t in seen:
            self._watch(t, top)
        return self.engine.largest(seen)

    def positive_part(self, x: Any) -> Any:
        self._watch(x, 0)
        return self.engine.positive_part(x)

    def is_positive(self, x: Any) -> Any:
        self._watch(x, 0)
        return self.engine.is_positive(x)

    def sqrt(self, x: Any) -> Any:
        self.undefined |= self._zero(x)
        return self.engine.sqrt(x)

    def inverse(self, x: Any) -> Any:
        self.undefined |= self._zero(x)
        return self.engine.inverse(x)


def run(source: str, engine: ModuleType, over: Sided | Watcher | None = None) -> Callable[..., Any]:
    """What a source text defines, over an engine: `row`, or `prepare`.

    `prepare()` is to be called once the engine's precision is set; it gives `evaluate`. `over`
    replaces some of the engine's rules.
    """
    namespace = dict(vars(engine))
    if over is not None:
        namespace |= {name: getattr(over, name) for name in over.rules}
    exec(compile(source, "<oracle>", "exec"), namespace)
    result: Callable[..., Any] = namespace["row" if source.startswith("def row") else "prepare"]
    return result


def exact(value: Any) -> Fraction:
    """An exact rational from a SymPy number or a float, as a Fraction."""
    if isinstance(value, float):
        return Fraction(value)
    rational = sympy.Rational(value)
    return Fraction(int(rational.p), int(rational.q))
