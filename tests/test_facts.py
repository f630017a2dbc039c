"""Certified facts: true where they can be tried, known where they are known, and never silent."""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import mpmath
import pytest
import sympy
from sympy import Eq, Integer, Interval, Piecewise, Rational, Symbol, exp, log, oo, sin, tanh

from ulpian import spec
from ulpian.checks import check
from ulpian.checks.book.page import page
from ulpian.reference import arb, cache, facts
from ulpian.reference.facts import Case, Number, Span, certify, jet, piece, study, tail
from ulpian.spec import Function, catalogue, find
from ulpian.spec.symbols import x

MP = mpmath.MPContext()
MP.dps = 60
DEEP = 1200  # digits, some hundreds of which mpmath subtracts in the tails
BOOK = catalogue()
ELEMENTWISE = [n for n, f in BOOK.items() if not f.along_axis]
ONE_VARIABLE = [n for n in ELEMENTWISE if len(BOOK[n].variables) == 1]
TOPICS = set(study.TOPICS)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache folder, and nothing remembered in memory."""
    monkeypatch.setenv("ULPIAN_CACHE", str(tmp_path))
    certify._facts.cache_clear()
    return tmp_path


@pytest.fixture
def precise() -> Iterator[None]:
    saved = arb.context.prec
    arb.context.prec = piece.BITS
    yield
    arb.context.prec = saved


def own(expression: Any, name: str = "own", **fields: Any) -> Function:
    fields = {"variables": (x,), **fields}
    return Function(name=name, title="A function of a user", expression=expression, **fields)


MISH = own(x * tanh(log(1 + exp(x))), name="my_mish")


def values(function: str | Function, given: Any = None) -> dict[str, Any]:
    """The values of the facts of a function of one variable, by topic."""
    found = find(function) if isinstance(function, str) else function
    (case,) = facts.facts(found, given)
    assert {t for t, f in case.facts.items() if f.status == "undecided"} == set()
    return {topic: fact.value for topic, fact in case.facts.items()}


def texts(function: str | Function, given: Any = None) -> dict[str, str]:
    found = find(function) if isinstance(function, str) else function
    (case,) = facts.facts(found, given)
    return {topic: fact.text for topic, fact in case.facts.items()}


def near(found: Number, value: Any) -> bool:
    """Equal to 20 digits, and the bounds are that narrow."""
    assert found.low is not None
    assert found.high is not None
    size = max(abs(found.high), Fraction(1, 10**9))
    truth = Fraction(str(MP.nstr(MP.mpf(value), 40)))
    return found.high - found.low < size / 10**20 and abs(found.low - truth) < size / 10**20


# ---------------------------------------------------------------- the whole book


@pytest.mark.parametrize("name", BOOK)
def test_every_function_has_every_topic_decided_or_with_a_reason(name: str) -> None:
    for case in facts.facts(BOOK[name]):
        assert set(case.facts) >= TOPICS
        for fact in case.facts.values():
            assert fact.status in ("proved", "certified", "undecided")
            assert fact.how
            assert fact.text
            if fact.status == "undecided":
                assert fact.value is None
                assert fact.text == f"undecided: {fact.how}"


# What no certificate reaches yet, with its reason: (function, topic) -> words of the reason.
OPEN: dict[tuple[str, str], str] = {}


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_nothing_elementwise_in_the_book_is_undecided_but_for_the_listed(name: str) -> None:
    found = {
        (name, topic): fact.how
        for case in facts.facts(BOOK[name])
        for topic, fact in case.facts.items()
        if fact.status == "undecided"
    }
    listed = {key: why for key, why in OPEN.items() if key[0] == name}
    assert set(found) == set(listed)
    assert all(listed[key] in why for key, why in found.items())


@pytest.mark.parametrize("name", BOOK)
def test_no_statement_of_the_book_contradicts_a_certificate(name: str) -> None:
    assert facts.problems(BOOK[name]) == ()


def test_rows_are_not_enclosed_and_that_is_said() -> None:
    (case,) = facts.facts(find("softmax"))
    assert case.facts["range"].how == "rows are not enclosed"
    assert (case.facts["sum"].status, case.facts["sum"].text) == ("proved", "1")


# ---------------------------------------------------------------- tried by another library

POINTS = [s * m * 2.0**e for s in (-1, 1) for e in range(-12, 6) for m in (1.0, 1.37, 1.81)]


def expressions(function: Function) -> list[tuple[Case, Any, Any]]:
    """Each case with its expression and symbol, as they are studied."""
    setting = {p.symbol: p.default for p in function.parameters}
    own_value = spec.derive.value(function).subs(setting)
    return [
        (case, expression, symbol)
        for case, (_, expression, symbol) in zip(
            facts.facts(function), certify._cases(function, own_value), strict=True
        )
    ]


def inside(span: Span, place: float) -> bool:
    low = -math.inf if span.low.infinite else float(span.low)
    high = math.inf if span.high.infinite else float(span.high)
    return low + 1e-12 < place < high - 1e-12


def allowed(bound: Any, value: Any, sign: int) -> bool:
    """Whether a sampled value respects an upper (sign 1) or lower bound."""
    if bound.value.infinite:
        return True
    edge = MP.mpf(bound.value.high.numerator) / bound.value.high.denominator
    return bool(sign * (value - edge) <= 1e-40 * (1 + abs(edge)))


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_values_slopes_and_curvatures_computed_by_mpmath_respect_the_facts(name: str) -> None:
    """mpmath at points decides nothing, and would find a false certificate."""
    function = BOOK[name]
    domain = function.variables[0].domain
    tried = 0
    for case, expression, symbol in expressions(function):
        kinds = [sympy.diff(expression, symbol, k) for k in range(3)]
        f, slope, curve = (sympy.lambdify(symbol, e, _NAMES) for e in kinds)
        known = case.facts
        for point in POINTS:
            if not domain.inf < point < domain.sup:
                continue
            with MP.workdps(DEEP):
                value, rise, bend = (g(MP.mpf(point)) for g in (f, slope, curve))
            tried += 1
            assert allowed(known["range"].value.low, value, -1), (point, value)
            assert allowed(known["range"].value.high, value, 1), (point, value)
            assert allowed(known["slope"].value.largest, rise, 1), (point, rise)
            assert allowed(known["slope"].value.smallest, rise, -1), (point, rise)
            for kind, span in known["monotone"].value.runs:
                if inside(span, point):
                    assert _agrees(rise, {"increasing": 1, "decreasing": -1, "constant": 0}[kind])
            for kind, span in known["convexity"].value.runs:
                if inside(span, point):
                    assert _agrees(bend, {"convex": 1, "concave": -1, "affine": 0}[kind])
    assert tried >= 60


def _agrees(derivative: Any, sign: int) -> bool:
    return bool(abs(derivative) < 1e-40 if sign == 0 else sign * derivative >= -1e-40)


def _xlogy(a: Any, b: Any) -> Any:
    return MP.zero if a == 0 else a * MP.log(b)


_NAMES = [
    {n: getattr(MP, n) for n in ("exp", "log", "erf", "erfc", "tanh", "sqrt", "pi", "mpf")},
    {"xlogy": _xlogy, "xdivy": lambda a, b: MP.zero if a == 0 else a / b},
    "mpmath",
]


# ---------------------------------------------------------------- known truths


def test_gelu() -> None:
    known = values("gelu")
    slope = known["slope"].lipschitz
    assert near(slope.value, MP.erfc(-1) / 2 + MP.exp(-1) / MP.sqrt(MP.pi))  # 1.12890...
    assert [p.where.exact for p in slope.places] == ["sqrt(2)"]
    assert slope.attained
    (lowest,) = known["extrema"]
    assert (lowest.kind, lowest.overall) == ("minimum", True)
    where = MP.findroot(lambda t: MP.ncdf(t) + t * MP.npdf(t), -0.75)
    assert near(lowest.where, where)
    assert near(lowest.value, where * MP.ncdf(where))  # -0.169971207479903661...
    assert [n.exact for n in known["inflections"]] == ["-sqrt(2)", "sqrt(2)"]


def test_silu() -> None:
    known = values("silu")
    (lowest,) = known["extrema"]
    minimum = MP.lambertw(MP.exp(-1)).real  # x = -1 - W(1/e), and the value is -W(1/e)
    assert near(lowest.where, -1 - minimum)
    assert near(lowest.value, -minimum)  # -0.27846454276107...
    (zero,) = known["zeros"]
    assert (zero.where.exact, zero.crosses) == ("0", True)
    steepest = MP.findroot(lambda t: MP.diff(_silu, t, 2), 2.4)
    assert near(known["slope"].lipschitz.value, MP.diff(_silu, steepest))


def _silu(t: Any) -> Any:
    return t / (1 + MP.exp(-t))


def test_mish_of_a_user_in_ten_lines() -> None:
    known = values(MISH)
    where = MP.findroot(_mish_curvature, 1.49)
    assert near(known["slope"].lipschitz.value, MP.diff(_mish, where))  # 1.0885...
    assert str(known["extrema"][0].value).startswith("-0.30884341301725")
    assert str(known["zeros"][0].where) == "0"


def _mish(t: Any) -> Any:
    return t * MP.tanh(MP.log1p(MP.exp(t)))


def _mish_curvature(t: Any) -> Any:
    return MP.diff(_mish, t, 2)


@pytest.mark.parametrize(
    ("name", "topic", "text"),
    [
        ("sigmoid", "slope", "1/4, attained at 0"),
        ("sigmoid", "range", "(0, 1)"),
        ("sigmoid", "convexity", "convex on (-oo, 0]; concave on [0, oo)"),
        ("tanh", "slope", "1, attained at 0"),
        ("tanh", "parity", "odd"),
        ("tanh", "smoothness", "analytic"),
        ("softplus", "slope", "1, approached towards oo"),
        ("softplus", "asymptotes", "0 at -oo, x at oo"),
        ("softplus", "convexity", "convex on (-oo, oo)"),
        ("log_sigmoid", "range", "(-oo, 0)"),
        ("selu", "slope", "1.7580993408473768599..., one-sided at 0"),
        ("selu", "smoothness", "C^0, the slope jumps at 0"),
        ("elu", "smoothness", "C^1, the second derivative jumps at 0"),
        ("elu", "range", "(-1, oo)"),
        ("relu", "zeros", "(-oo, 0] (no change of sign)"),
        ("relu", "homogeneous", "of degree 1"),
        ("relu", "monotone", "increasing on (-oo, oo); constant on (-oo, 0]"),
        ("relu", "extrema", "minimum 0 at (-oo, 0]"),
        ("relu", "fixed points", "[0, oo)"),
        ("leaky_relu", "slope", "1, attained on (0, oo)"),
        ("leaky_relu", "asymptotes", "0.01 x at -oo, x at oo"),
        ("step", "range", "[0, 1]"),
        ("step", "slope", "not Lipschitz: a jump at 0"),
        ("step", "smoothness", "jumps, the value jumps at 0"),
        ("identity", "convexity", "affine on (-oo, oo)"),
        ("gelu_tanh", "zeros", "0"),
        ("mse", "homogeneous", "of degree 2"),
        ("mse", "slope", "not Lipschitz: the slope grows beyond all bounds, "
         "approached towards -oo, oo"),
        ("mae", "slope", "1, attained on (-oo, 0), (0, oo)"),
        ("huber", "parity", "even"),
        ("huber", "asymptotes", "-d - 1/2 at -oo, d - 1/2 at oo"),
    ],
)  # fmt: skip
def test_what_is_known(name: str, topic: str, text: str) -> None:
    assert texts(name)[topic] == text


def test_a_loss_is_studied_at_samples_of_its_target() -> None:
    cases = {case.label: case.facts for case in facts.facts(find("bce"))}
    assert list(cases) == ["t = 0", "t = 3/10", "t = 1"]
    assert cases["t = 3/10"]["extrema"].text.endswith("at 3/10")
    assert cases["t = 0"]["zeros"].text == "0 (no change of sign)"
    assert {c["convexity"].value.overall for c in cases.values()} == {"convex"}


def test_a_setting_changes_the_facts() -> None:
    assert texts("elu", {"alpha": 2})["slope"] == "2, one-sided at 0"
    assert texts("elu", {"alpha": 2})["smoothness"] == "C^0, the slope jumps at 0"
    assert texts("swish", {"beta": 0})["slope"] == "1/2, attained on (-oo, oo)"
    with pytest.raises(ValueError, match="alpha = -1 lies outside its domain"):
        facts.facts(find("elu"), {"alpha": -1})


# ---------------------------------------------------------------- hard cases


@pytest.mark.parametrize(
    ("expression", "topic", "text"),
    [
        (x**4, "zeros", "0 (no change of sign)"),
        (x**4, "convexity", "convex on (-oo, oo)"),
        (x**3, "monotone", "increasing on (-oo, oo)"),
        (x - tanh(x), "slope", "1, approached towards -oo, oo"),
        (x - tanh(x), "asymptotes", "x + 1 at -oo, x - 1 at oo"),
        ((x + sympy.sqrt(x**2 + 4)) / 2, "range", "(0, oo)"),
        (Piecewise((x**3, x > 0), (0, True)), "smoothness", "C^2, the third derivative jumps at 0"),
        (Piecewise((x**3, x < 0), (0, True)), "convexity", "concave on (-oo, oo)"),
        (Piecewise((x**3, x > 0), (0, True)), "extrema", "minimum 0 at (-oo, 0]"),
        (sympy.Max(0, sympy.Min(1, x / 6 + Rational(1, 2))), "range", "[0, 1]"),
        (sympy.Max(0, sympy.Min(1, x / 6 + Rational(1, 2))), "convexity",
         "convex on (-oo, 3]; concave on [-3, oo)"),
        ((x - 1) ** 2 * (x - 3), "zeros", "1 (no change of sign), 3"),
        (exp(-(x**2)), "range", "(0, 1]"),
        (exp(-(x**2)), "parity", "even"),
        (sympy.atan(x), "range", "(-pi/2, pi/2)"),
        (log(sympy.erfc(-x / sympy.sqrt(2)) / 2), "convexity", "concave on (-oo, oo)"),
        (exp(-exp(-x)), "range", "(0, 1)"),
        (x * tanh(exp(x)), "zeros", "0"),
        (1 / (1 + x**2), "slope", "3*sqrt(3)/8, attained at -sqrt(3)/3, sqrt(3)/3"),
    ],
)  # fmt: skip
def test_hard_cases(expression: Any, topic: str, text: str) -> None:
    fact = facts.facts(own(expression))[0].facts[topic]
    if fact.text != text:  # what SymPy writes exactly may be written as digits
        assert (
            fact.text
            == {"slope": "0.64951905283832898507, attained at -sqrt(3)/3, sqrt(3)/3"}[topic]
        )


def test_a_function_on_half_a_line_and_on_an_interval() -> None:
    half = own(log(1 + x), variables=(spec.Variable(x, domain=Interval.open(-1, oo)),))
    assert texts(half)["range"] == "(-oo, oo)"
    assert texts(half)["slope"].startswith("not Lipschitz")
    unit = spec.Variable(x, domain=Interval(0, 1))
    entropy = own(-spec.special.xlogy(x, x) - spec.special.xlogy(1 - x, 1 - x), variables=(unit,))
    known = texts(entropy)
    assert (known["range"], known["zeros"]) == (
        "[0, log(2)]",
        "0 (no change of sign), 1 (no change of sign)",
    )
    hole = own(-x * log(x) - (1 - x) * log(1 - x), variables=(unit,))  # no value at 0 and 1
    assert (texts(hole)["range"], texts(hole)["zeros"]) == ("(0, log(2)]", "none")


def test_infinitely_many_waves_are_undecided_and_not_guessed() -> None:
    (case,) = facts.facts(own(x + sin(x) ** 2))
    for topic in ("range", "monotone", "convexity", "slope", "smoothness"):
        assert case.facts[topic].status == "undecided"
        assert case.facts[topic].how == "the second derivative is not decided towards -oo" or (
            case.facts[topic].how == "the slope is not decided towards -oo"
        )
    assert case.facts["limits"].text == "-oo at -oo, oo at oo"


def test_a_dip_between_the_probes_is_found() -> None:
    """The statement passes where it is only tried; the certificate sees every x."""
    dip = own(x - exp(-64 * (x - 4) ** 2), name="dip", monotone="increasing")
    assert spec.verified(dip) is dip
    (problem,) = facts.problems(dip)
    assert problem.startswith("monotone: not increasing: increasing on (-oo, 3.77")
    with pytest.raises(spec.SpecError, match="dip: monotone: not increasing"):
        check(lambda a: a, as_=dip, formats="float32")


@pytest.mark.parametrize(
    ("name", "change", "words"),
    [
        ("gelu", {"monotone": "increasing"}, "monotone: not increasing"),
        ("gelu", {"range": Interval(Rational(-1699, 10000), oo)}, "range: the values reach down"),
        ("silu", {"range": Interval(-oo, 100)}, "range: the values reach up to oo"),
        ("tanh", {"parity": "even"}, "parity: odd, not even"),
        ("softplus", {"parity": "odd"}, "parity: neither odd nor even, not odd"),
        ("sigmoid", {"special_values": {oo: 2}}, "special_values: the limit at oo is 1, not 2"),
        ("tanh", {"homogeneous": (x,)}, "homogeneous: not positively homogeneous"),
        ("relu", {"kinks": {}}, "kinks: the slope or the value jumps at 0"),
        ("relu", {"kinks": {0: Interval(0, 1), 1: Interval(0, 1)}}, "kinks: at 1 neither"),
        ("huber", {"range": Interval(Rational(1, 9), oo)}, "range: the values reach down to 0"),
    ],
)
def test_a_statement_that_a_certificate_contradicts_is_a_problem(
    name: str, change: dict[str, Any], words: str
) -> None:
    found = facts.problems(find(name).replace(**change))
    assert any(problem.startswith(words) for problem in found), found


# ---------------------------------------------------------------- jets and tails


@pytest.mark.parametrize("name", ONE_VARIABLE)
@pytest.mark.parametrize("end", [-oo, oo])
def test_tails_enclose_what_mpmath_computes(name: str, end: Any, precise: None) -> None:
    function = BOOK[name]
    (variable,) = function.variables
    if end not in (variable.domain.inf, variable.domain.sup):
        pytest.skip(f"the domain of {name} ends before {end}")
    setting = {p.symbol: p.default for p in function.parameters}
    expression = spec.derive.value(function).subs(setting)
    pieces, _ = piece.cut(expression, variable.symbol, variable.domain)
    last = pieces[-1] if end == oo else pieces[0]
    with MP.workdps(DEEP):
        for k, coefficient in enumerate(last.tails(end, 16)):
            derivative = last.derivative(k) / sympy.factorial(k)
            exact = sympy.lambdify(variable.symbol, derivative, _NAMES)
            for y in (16, 16.25, 24):
                truth = exact(MP.mpf(y if end == oo else -y))
                assert encloses(coefficient, y, truth), (k, y)


def encloses(found: tail.Tail, y: float, truth: Any) -> bool:
    total = arb.arb(0)
    for monomial, c in found._parts():
        total = total + c * value_of(monomial, y)
    exact = arb.arb(MP.nstr(truth, 50))
    return bool(total.overlaps(exact + abs(exact) * arb.arb(0, 1e-45)))


def value_of(monomial: tail.Monomial, y: float) -> Any:
    value = arb.arb(y) ** arb.number(monomial.power) * arb.arb(y).log() ** monomial.log
    exponent = arb.arb(0)
    for inner, c in monomial.exponent:
        exponent = exponent + tail.ball(c) * value_of(inner, y)
    return value * arb.exp(exponent)


def test_a_monomial_that_still_grows_is_not_bounded_by_its_first_value() -> None:
    fading = tail.Monomial(Fraction(50), 0, ((tail.Y, Fraction(-1)),))  # y**50 exp(-y) peaks at 50
    with pytest.raises(tail.TooEarly):
        tail._bound(fading, 16)
    assert tail._bound(fading, 64).contains(arb.arb(200) ** 50 * arb.exp(-200))


def test_the_sign_of_a_tail_waits_for_the_larger_term() -> None:
    def difference(start: int) -> Any:
        y = tail.Tails(start).variable()
        return y * y - y * 100

    with pytest.raises(tail.TooEarly):
        difference(16).sign()
    assert difference(256).sign() == 1


def test_exact_terms_cancel_and_remainders_do_not() -> None:
    ring = tail.Tails(16)
    y = ring.variable()
    assert (y - y).sign() == 0
    small = ring.inverse(1 + ring.exp(y))
    with pytest.raises(tail.TooEarly):
        (small - small).sign()


@pytest.mark.parametrize(
    "expression",
    [
        exp(x), log(2 + x), tanh(x), sympy.erf(x), sympy.erfc(x), sympy.atan(x), sin(x),
        sympy.cos(x), sympy.sinh(x), sympy.cosh(x), sympy.sqrt(2 + x), (2 + x) ** Rational(3, 7),
        1 / (2 + x), x**5, (1 + x**2) ** x,
    ],
)  # fmt: skip
def test_jets_enclose_the_derivatives(expression: Any, precise: None) -> None:
    own_piece = piece.Piece(x, expression, -oo, oo)
    at = Rational(3, 8)
    for k in range(5):
        truth = sympy.N(sympy.diff(expression, x, k).subs(x, at), 50)
        found = own_piece.at(k, arb.arb(0.375))
        assert found.overlaps(arb.arb(str(truth)) + arb.arb(0, 1e-40) * abs(arb.arb(str(truth))))
        assert found.rad() < 1e-40
        wide = own_piece.at(k, arb.arb(0.375, 0.01))
        assert wide.contains(found)


def test_a_coefficient_of_nothing_meets_no_infinity() -> None:
    assert jet._dot([(0, arb.arb("inf")), (arb.arb(2), arb.arb(3))]) == 6


# ---------------------------------------------------------------- on disk


def test_facts_come_back_from_disk_as_they_were(folder: Path) -> None:
    first = facts.facts(find("hinge"))
    assert len([p for p in folder.rglob("*") if p.is_file()]) == 1
    certify._facts.cache_clear()
    assert facts.facts(find("hinge")) == first
    assert facts.facts(find("hinge"), cached=False) == first


def test_facts_on_disk_are_read_and_not_computed(monkeypatch: pytest.MonkeyPatch) -> None:
    first = facts.facts(find("silu"))
    certify._facts.cache_clear()
    monkeypatch.setattr(certify, "_computed", None)  # would fail if it were called
    assert facts.facts(find("silu")) == first
    with pytest.raises(TypeError):
        facts.facts(find("gelu"))


def test_two_definitions_of_one_name_do_not_share_facts() -> None:
    assert texts(own(x**2))["parity"] == "even"
    assert texts(own(x**3))["parity"] == "odd"
    t = Symbol("t", real=True)
    assert texts(own(t, variables=(spec.Variable(t, domain=Interval(0, 1)),)))["range"] == "[0, 1]"
    assert texts(own(t, variables=(spec.Variable(t, domain=Interval(0, 2)),)))["range"] == "[0, 2]"


@pytest.mark.parametrize("payload", [b"", b"{", b"[1]", b'[{"is": "Nothing"}]'])
def test_what_is_not_facts_on_disk_is_computed_again(payload: bytes) -> None:
    first = facts.facts(find("relu"))
    name = certify._key(find("relu"), ())
    cache.write(name, payload)
    certify._facts.cache_clear()
    assert facts.facts(find("relu")) == first


# ---------------------------------------------------------------- numbers and words


def test_numbers_print_only_digits_that_are_known() -> None:
    third = Fraction(1, 3)
    assert str(Number(None, third, third + Fraction(1, 10**10))) == "0.333333333"
    assert str(Number("1/3", third, third)) == "1/3"
    assert str(Number("oo", None, None)) == "oo"
    assert 0.25 in Number(None, Fraction(0), Fraction(1))
    assert 2.0 not in Number(None, Fraction(0), Fraction(1))


def test_show_says_what_is_certified() -> None:
    text = page(find("gelu"))
    assert "  certified          range: [-0.16997120747990366169, oo)\n" in text
    assert "                     slope: 1.1289041451851547863, attained at sqrt(2)\n" in text
    assert "convexity: convex on (-oo, oo)   [t = -1; t = 1]\n" in page(find("hinge"))
    assert "fixed points: rows are not enclosed\n" in page(find("softmax"))


@pytest.mark.parametrize("expression", [log(x), sympy.sqrt(x), sympy.sqrt(x - 1) * x])
def test_what_is_not_real_on_its_whole_domain_gets_no_facts(expression: Any) -> None:
    """SymPy gives the logarithm of a negative number a limit; a definition of reals has none."""
    (case,) = facts.facts(own(expression))
    decided = {topic for topic, fact in case.facts.items() if fact.status != "undecided"}
    assert decided <= {"homogeneous"}
    assert case.facts["homogeneous"].text in ("no", "undecided: no real value at -1")


def test_unreadable_pieces_are_undecided() -> None:
    strange = own(Piecewise((x, Eq(sin(x), x / 7)), (x + 1, True)))
    (case,) = facts.facts(strange)
    assert {fact.status for fact in case.facts.values()} <= {"undecided", "certified"}
    assert "not solved" in case.facts["range"].how


def test_an_integer_parameter_chooses_its_branch() -> None:
    full = Symbol("full", integer=True)
    switch = spec.Parameter(
        full, default=Integer(0), domain=sympy.FiniteSet(0, 1), differentiable=False
    )
    chosen = own(Piecewise((x**2, Eq(full, 1)), (x, True)), parameters=(switch,))
    assert texts(chosen)["parity"] == "odd"
    assert texts(chosen, {"full": 1})["parity"] == "even"
