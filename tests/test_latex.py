"""The printed law: LaTeX that compiles, text that reads back, and the author's own form."""

from __future__ import annotations

import re

import pytest
import sympy
from sympy import Eq, Interval, Piecewise, Rational, Symbol, exp, oo, pi, sqrt
from sympy.core.function import AppliedUndef

from ulpian.spec import derive, latex, special, statements, symbols
from ulpian.spec.catalogue import catalogue, find
from ulpian.spec.expansion import expand
from ulpian.spec.function import Function, Parameter
from ulpian.spec.identity import prove_equation
from ulpian.spec.special import plain
from ulpian.spec.typeset import SHORT, number_text

FUNCTIONS = list(catalogue().values())
# with amsmath and amssymb; anything else would not be known to compile
COMMANDS = {
    *("operatorname", "mathrm", "mathbb", "text", "begin", "end", "left", "right", "quad"),
    *("frac", "sqrt", "sum", "lim", "to", "infty", "partial", "cdot", "ldots", "in", "cup"),
    *("mathcal", "log", "tanh", "cosh", "sinh", "exp", "max", "min", "geq", "leq", "neq"),
    *("alpha", "beta", "gamma", "delta", "lambda", "theta", "pi"),
}


def printed(function: Function) -> list[statements.Statement]:
    found = statements.statements(function, with_second=True)
    return [fact for topic in found.values() for fact in topic]


def test_formulas_are_printed_as_their_authors_wrote_them() -> None:
    assert statements.formula(find("gelu")).latex == (
        r"\operatorname{gelu}(x) = "
        r"\frac{x \left(1 + \operatorname{erf}\left(\frac{x}{\sqrt{2}}\right)\right)}{2}"
    )
    assert statements.formula(find("sigmoid")).latex == (
        r"\operatorname{sigmoid}(x) = \frac{1}{1 + e^{- x}}"
    )
    assert statements.formula(find("log_softmax")).latex == (
        r"\operatorname{log\_softmax}(z)_{i} = "
        r"z_{i} - \log\left(\sum_{j=0}^{n - 1} e^{z_{j}}\right)"
    )


def test_a_short_constant_is_printed_as_its_number() -> None:
    fact = statements.formula(find("gelu_tanh"))
    assert r"\sqrt{\frac{2}{\pi}} \left(x + 0.044715 x^{3}\right)" in fact.latex
    assert fact.text == "gelu_tanh(x) = x*(1 + tanh(sqrt(2/pi)*(x + 0.044715*x**3)))/2"
    assert statements.constants(find("gelu_tanh")) == ()


def test_a_long_constant_is_printed_by_name_and_its_value_given() -> None:
    assert r"\lambda \left(\begin{cases}" in statements.formula(find("selu")).latex
    assert statements.constants(find("selu"))[0].latex == r"\alpha = 1.6732632423543772848\ldots"


def test_softmax_has_indices_from_0_to_n_minus_1() -> None:
    assert statements.formula(find("softmax")).latex == (
        r"\operatorname{softmax}(z)_{i} = \frac{e^{z_{i}}}{\sum_{j=0}^{n - 1} e^{z_{j}}}"
    )
    equations = {fact.label: fact.latex for fact in statements.identities(find("softmax"))}
    assert equations["shift"] == (
        r"\operatorname{softmax}(c + z)_{i} = \operatorname{softmax}(z)_{i}"
    )
    assert equations["sum"] == r"\sum_{i=0}^{n - 1} \operatorname{softmax}(z)_{i} = 1"


def test_an_entry_of_a_numbered_row_has_one_subscript() -> None:
    assert r"\sum_{j=0}^{n - 1} x_{1, j} x_{2, j}" in (
        statements.formula(find("cosine_similarity")).latex
    )


def test_parameters_are_greek_or_upright() -> None:
    softplus = statements.formula(find("softplus")).latex
    assert softplus.startswith(r"\operatorname{softplus}(x; \beta)")
    assert r"\mathrm{negative\_slope} \, x" in statements.formula(find("leaky_relu")).latex


def test_cases_read_as_in_a_paper() -> None:
    assert statements.formula(find("huber")).latex.endswith(
        r"\begin{cases} \frac{\left(p - t\right)^{2}}{2} & \text{if } \left|p - t\right| \leq "
        r"\delta \\ \delta \left(\left|p - t\right| - \frac{\delta}{2}\right) & "
        r"\text{otherwise} \end{cases}"
    )


def test_the_logarithm_is_log_and_zero_log_zero_looks_plain() -> None:
    assert statements.formula(find("bce")).latex == (
        r"\operatorname{bce}(p, t) = - t \log(p) - \left(1 - t\right) \log(1 - p)"
    )


def test_gradients_are_given_for_each_differentiable_input_in_order() -> None:
    found = statements.gradients(find("softplus"))
    assert [fact.label for fact in found] == ["x", "beta"]
    assert found[0].latex.startswith(r"\frac{\partial}{\partial x} \operatorname{softplus}")
    assert statements.gradients(find("gelu"))[0].text == (
        "d gelu(x) / dx = (1 + erf(x/sqrt(2)))/2 + x*exp(-x**2/2)/sqrt(2*pi)"
    )


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda f: f.name)
def test_printed_derivatives_are_the_derived_ones(function: Function) -> None:
    said = list(zip(statements.gradients(function), function.differentiable, strict=True))
    pairs = [(fact, derive.gradient(function, v)) for fact, v in said]
    for fact in statements.second(function):
        first = function.variables[0]
        pairs.append((fact, derive.second(function, first, first)))
    for fact, known in pairs:
        read = latex.read(fact.text.split(" = ", 1)[1], function).subs(function.constants)
        assert equal(read, known, function), fact.text


def equal(one: sympy.Expr, other: sympy.Expr, function: Function) -> bool:
    """Proved equal; at a kink, where sgn is 0, with the slope to the right."""
    left, right = (plain(expand(e)).replace(sympy.sign, one_side) for e in (one, other))
    for known in assumed(function):
        sides = [stepped(e.subs(known)) for e in inside_sums(left, right)]
        if prove_equation(Eq(*sides, evaluate=False)).status != "proved":
            return False
    return True


def stepped(e: sympy.Expr) -> sympy.Expr:
    """max(0, u) as u [u > 0], which squared is itself: 0 or 1."""
    if not e.has(special.positive_part, special.is_positive):
        return e
    e = sympy.expand(e.replace(special.positive_part, lambda u: u * special.is_positive(u)))
    return e.replace(
        lambda a: a.is_Pow and isinstance(a.base, special.is_positive), lambda a: a.base
    )


def assumed(function: Function) -> list[dict[sympy.Expr, sympy.Expr]]:
    """A target that is never 0 is positive or negative; a power is one of two numbers."""
    for v in function.variables[1:]:
        if v.domain == sympy.Reals - sympy.FiniteSet(0):
            signs = ({"positive": True}, {"negative": True})
            return [{v.symbol: Symbol(v.symbol.name, **sign)} for sign in signs]
    for q in function.parameters:
        if q.domain == sympy.FiniteSet(1, 2):
            return [{q.symbol: power} for power in q.domain]
    return [{}]


def one_side(edge: sympy.Expr) -> sympy.Expr:
    return Piecewise((1, edge >= 0), (-1, True))


def inside_sums(one: sympy.Expr, other: sympy.Expr) -> tuple[sympy.Expr, sympy.Expr]:
    """What two sums over the same indices are of, where the cases stand inside them."""
    (a, first), (b, second) = (e.as_independent(sympy.Sum, as_Add=False) for e in (one, other))
    both = isinstance(first, sympy.Sum) and isinstance(second, sympy.Sum)
    if both and first.has(Piecewise) and a == b and first.limits == second.limits:
        return first.function, second.function
    return one, other


def test_the_proof_of_printed_derivatives_notices_wrong_ones() -> None:
    huber = find("huber")
    fact = statements.gradients(huber)[0].text.split(" = ", 1)[1]
    known = derive.gradient(huber, huber.variables[0])
    assert not equal(latex.read(fact.replace("sign(p - t)", "sign(t - p)"), huber), known, huber)
    assert not equal(latex.read(fact.replace("p - t, Abs", "2*p - t, Abs"), huber), known, huber)


@pytest.mark.parametrize("name", ["mae", "mape"])
def test_sgn_of_0_is_accepted_at_the_kink_where_it_is_printed(name: str) -> None:
    function = find(name)
    p, t = (v.symbol for v in function.variables)
    read = latex.read(statements.gradients(function)[0].text.split(" = ", 1)[1], function)
    assert read.has(sympy.sign)
    ((_, accepted),) = function.kinks.items()
    assert read.subs(p, t) in accepted.subs(t, 3)


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda f: f.name)
def test_no_derivative_is_printed_longer_than_it_is_derived(function: Function) -> None:
    for fact, v in zip(statements.gradients(function), function.differentiable, strict=True):
        derived = statements.derived(function, v)
        plainly = latex.latex(derived, function)
        printed = fact.latex.split(" = ", 1)[1]
        read = latex.read(fact.text.split(" = ", 1)[1], function)
        longer = statements.length(printed) > statements.length(plainly)
        assert not longer or sympy.count_ops(read) <= sympy.count_ops(derived), fact.latex


def test_kinks_and_jumps_are_printed_with_what_is_accepted_there() -> None:
    assert statements.kinks(find("relu"))[0].latex == (
        r"\partial_{x} \operatorname{relu}(x) = [0, 1] \quad \text{where } x = 0"
    )
    assert statements.kinks(find("hinge"))[0].text == (
        "subdifferential [Min(0, -t), Max(0, -t)] at 1 - p*t = 0"
    )
    assert statements.jumps(find("step"))[0].text == "values {0, 1/2, 1} at x = 0"


def test_limits_are_given_for_value_and_gradient() -> None:
    texts = [fact.text for fact in statements.limits(find("gelu_tanh"))]
    assert texts == [
        "gelu_tanh(x) -> 0 as x -> -oo",
        "gelu_tanh(x) -> oo as x -> oo",
        "gelu_tanh'(x) -> 0 as x -> -oo",
        "gelu_tanh'(x) -> 1 as x -> oo",
    ]
    assert statements.limits(find("mse")) == ()


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda f: f.name)
def test_text_reads_back_as_the_same_expression(function: Function) -> None:
    shown = {
        c: value for c, value in function.constants.items() if len(number_text(value)) <= SHORT
    }
    read = latex.read(latex.text(function.expression, function), function)
    assert read == function.expression.subs(shown)


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda f: f.name)
def test_text_of_an_identity_reads_back_as_the_equation(function: Function) -> None:
    for name, equation in function.identities.items():
        sides = latex.text(equation, function).split(" = ")
        for side, printed in zip(equation.args, sides, strict=True):
            read = read_applied(printed, equation, function)
            assert read.subs(function.constants) == side.subs(function.constants), name


def read_applied(printed: str, equation: sympy.Eq, function: Function) -> sympy.Expr:
    """One side of an equation between applied functions, which are read by names of their own:
    threshold is also a parameter of threshold, and erf is also SymPy's."""
    known = {a.func.__name__: a.func for a in equation.atoms(AppliedUndef)}
    rows = {str(row.label): row for row in equation.atoms(sympy.IndexedBase)}
    for called in known:
        printed = re.sub(rf"\b{called}\(", f"the_{called}(", printed)
    row = r"(the_\w+\((?:[^()]|\([^()]*\))*\))\[(\d)\]"
    printed = re.sub(row, r"entry(\1, \2)", printed)
    free = equation.free_symbols | {symbols.i, symbols.j, symbols.r}
    names = {str(v.symbol): v.symbol for v in (*function.variables, *function.parameters)}
    names |= {str(s): s for s in free if isinstance(s, Symbol)} | special.NAMES
    names |= {latex.text_expression(c): c for c in function.constants} | rows
    names |= {f"the_{called}": applied for called, applied in known.items()}
    return sympy.sympify(printed, locals=names, rational=True)


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda f: f.name)
def test_latex_compiles_alone(function: Function) -> None:
    for fact in printed(function):
        problem = trouble(fact.latex)
        assert problem is None, f"{problem}: {fact.latex}"


def trouble(source: str) -> str | None:
    """What would stop LaTeX in math mode; None where nothing would."""
    unknown = set(re.findall(r"\\([a-zA-Z]+)", source)) - COMMANDS
    if unknown:
        return f"unknown commands {sorted(unknown)}"
    plain = re.sub(r"\\[{}]", "", source)
    depth = 0
    for character in plain:
        depth += {"{": 1, "}": -1}.get(character, 0)
        if depth < 0:
            return "a brace closes nothing"
    if depth:
        return "a brace stays open"
    left, right = (re.findall(rf"\\{side}(?![a-z])", plain) for side in ("left", "right"))
    if len(left) != len(right):
        return r"\left without \right"
    if source.count(r"\begin{cases}") != source.count(r"\end{cases}"):
        return "cases stay open"
    if re.search(r"_\{[^{}]*\}_|\^\{[^{}]*\}\^", source):
        return "a double subscript or superscript"
    if re.search(r"(?<![\\}a-zA-Z)])_", source):
        return "a stray underscore"
    return None


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        (r"\frac{1}{2", "a brace stays open"),
        (r"x}", "a brace closes nothing"),
        (r"\foo", "unknown commands ['foo']"),
        (r"\left(x", r"\left without \right"),
        (r"a_{1}_{2}", "a double subscript or superscript"),
    ],
)
def test_the_check_of_latex_notices(source: str, problem: str) -> None:
    assert trouble(source) == problem


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Rational(1, 3), "1/3"),
        (Rational(1, 2), "1/2"),
        (Rational("0.01"), "0.01"),
        (Rational("0.044715"), "0.044715"),
        (Rational(1, 37), "0.0270270270270270270..."),
        (Rational(-3), "-3"),
        (oo, "oo"),
    ],
)
def test_numbers_are_printed_as_a_reader_likes_them(value: sympy.Expr, text: str) -> None:
    assert number_text(value) == text


def test_roots_are_put_back_into_fractions() -> None:
    x = Symbol("x")
    assert latex.text(x / sqrt(2)) == "x/sqrt(2)"
    assert latex.text(sqrt(2 / pi) * x) == "sqrt(2/pi)*x"
    assert latex.text(x * exp(-x) / sqrt(2 * pi)) == "x*exp(-x)/sqrt(2*pi)"
    assert latex.latex(sqrt(2) * x) == r"\sqrt{2} x"


def test_a_function_of_the_users_own_is_printed_too() -> None:
    x, theta = Symbol("x", real=True), Symbol("theta", positive=True)
    own = Function(
        name="my_gate",
        title="A gate",
        variables=(x,),
        parameters=(Parameter(theta, Rational(1), Interval(0, oo)),),
        expression=x * exp(-theta * x**2),
        identities={"self": Eq(sympy.Function("my_gate")(x), x)},
    )
    assert statements.formula(own).latex == (
        r"\operatorname{my\_gate}(x; \theta) = x e^{- \theta x^{2}}"
    )
    assert statements.identities(own)[0].latex == r"\operatorname{my\_gate}(x) = x"


def test_topics_come_in_the_fixed_order_and_empty_ones_are_left_out() -> None:
    topics = list(statements.statements(find("relu")))
    assert topics == [
        "formula",
        "variables",
        "gradient",
        "range",
        "kinks",
        "special values",
        "limits",
        "monotone",
        "identities",
    ]
    assert "second derivative" in statements.statements(find("relu"), with_second=True)
