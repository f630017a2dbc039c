"""How identities are known: proved, certified, tested or refuted, and nothing is left unsaid."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sympy
from sympy import Eq, Sum, Tuple, log, sqrt

from ulpian.checks import check
from ulpian.reference import gaps as gaps_module
from ulpian.reference import identities as known_module
from ulpian.reference.gaps import Gap, gaps
from ulpian.reference.identities import STATUSES, Known, identities, known
from ulpian.reference.implementations import activations as stable
from ulpian.reference.implementations import gates
from ulpian.spec import Function, Proof, SpecError, applied, catalogue, find, prove_equation
from ulpian.spec.special import entry
from ulpian.spec.symbols import i, j, n, r, x, z

BOOK = list(catalogue().values())
EACH, OTHER = (j, 0, n - 1), (r, 0, n - 1)
sigmoid, tanh, relu, softmax, logsumexp = map(
    applied, ("sigmoid", "tanh", "relu", "softmax", "logsumexp")
)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty cache folder, and nothing remembered in memory."""
    monkeypatch.setenv("ULPIAN_CACHE", str(tmp_path))
    known_module._known.cache_clear()
    gaps_module.gaps.cache_clear()
    yield tmp_path
    known_module._known.cache_clear()
    gaps_module.gaps.cache_clear()


@pytest.fixture
def unproved(monkeypatch: pytest.MonkeyPatch) -> None:
    """SymPy proves nothing."""
    monkeypatch.setattr(
        known_module, "prove_equation", lambda *_: Proof("unproved", "SymPy is not asked")
    )


def own(expression: Any, **fields: Any) -> Function:
    return Function(name="own", title="Own", variables=(x,), expression=expression, **fields)


# ---------------------------------------------------------------- the book


@pytest.mark.parametrize("function", BOOK, ids=lambda f: f.name)
def test_every_identity_is_proved_certified_or_tested(function: Function) -> None:
    found = identities(function)
    assert set(found) == set(function.identities)
    assert found
    for name, one in found.items():
        assert one.status in ("proved", "certified", "tested"), (name, one)
        assert one.how


def test_there_are_many_identities_and_nearly_all_are_proved() -> None:
    found = Counter(one.status for f in BOOK for one in identities(f).values())
    total = sum(found.values())
    print(f"{total} identities: {dict(found)}, {found['proved'] / total:.0%} proved")
    assert total >= 60
    assert found["proved"] >= 0.9 * total


def test_every_identity_names_another_function_or_the_function_itself() -> None:
    for function in BOOK:
        for name, equation in function.identities.items():
            if equation != sympy.true:
                named = {a.func.__name__ for a in equation.atoms(sympy.core.function.AppliedUndef)}
                assert named, (function.name, name)
                assert named <= set(catalogue()), (function.name, name)


# ---------------------------------------------------------------- proofs


def test_a_sum_of_unknown_sign_is_not_taken_as_positive() -> None:
    total = Sum(z[j], EACH)
    assert prove_equation(Eq(sqrt(total**2), total)).status == "unproved"
    squares = Sum(z[j] ** 2, EACH)
    assert prove_equation(Eq(sqrt(squares**2), squares)).status == "proved"


def test_sums_within_sums_keep_their_indices_apart() -> None:
    products = Sum(Sum(z[r] * z[j], EACH), OTHER)
    assert prove_equation(Eq(products, n * Sum(z[j] ** 2, EACH))).status == "unproved"
    assert prove_equation(Eq(products, Sum(z[j], EACH) ** 2)).status == "proved"
    tied = Sum(Sum(z[r] * sympy.exp(z[j] * z[r]), EACH), OTHER)
    assert prove_equation(
        Eq(tied, Sum(Sum(z[j] * sympy.exp(z[j] * z[r]), EACH), OTHER))
    ).status == ("unproved")


@pytest.mark.parametrize(
    "wrong",
    [
        Eq(logsumexp(Tuple(x, 0)), applied("softplus")(-x)),
        Eq(entry(softmax(Tuple(x, 0)), 1), sigmoid(x)),
        Eq(applied("maxout")(z[i] + x), applied("maxout")(z[i])),
        Eq(applied("maxout")(-z[i]), -applied("maxout")(z[i])),
        Eq(applied("sparsemax")(2 * z[i]), applied("sparsemax")(z[i])),
        Eq(Sum(applied("sparsemax")(z[i]), (i, 0, n - 1)), 2),
        Eq(applied("hardmax")(-z[i]), applied("hardmax")(z[i])),
        Eq(applied("glu")(z[i]), z[i] * sigmoid(z[i])),
        Eq(applied("mish")(x), x * tanh(x)),
        Eq(applied("tversky")(z[i], z[i] / 2), applied("dice")(z[i], z[i] / 2)),
    ],
    ids=str,
)
def test_what_is_false_is_not_proved_and_is_refuted(wrong: Any) -> None:
    assert prove_equation(wrong).status == "unproved"
    found = known(wrong)
    assert found.status == "false"
    assert " at " in found.how


def test_parameters_that_change_places_do_so_at_once() -> None:
    a, b = sympy.Symbol("alpha", nonnegative=True), sympy.Symbol("beta", nonnegative=True)
    tversky = applied("tversky")
    same = Eq(tversky(z[i], z[i] / 2, a, b), tversky(z[i], z[i] / 2, b, a))
    assert prove_equation(same).status == "unproved"


def test_exponentials_are_unknowns_of_a_rational_function() -> None:
    half = sympy.exp(x / 2)
    assert prove_equation(Eq(half**2 - 1, (half - 1) * (half + 1))).status == "proved"
    assert prove_equation(Eq(tanh(x / 2), 2 * sigmoid(x) - 1)).status == "proved"


def test_rows_that_are_written_out_have_one_length() -> None:
    loss = applied("cross_entropy")
    for pair in ((Tuple(x, 0), Tuple(1, 0, 0)), (Tuple(x, 0), z[i])):
        with pytest.raises(SpecError, match="cross_entropy takes rows of one length"):
            prove_equation(Eq(loss(*pair), 0))


# ---------------------------------------------------------------- what is not proved


@pytest.mark.usefixtures("unproved")
@pytest.mark.parametrize(
    ("name", "identity", "status", "how"),
    [
        ("relu", "odd part", "certified", "|left - right| < 1e-60 on [-8, 8]"),
        ("gelu", "odd part", "certified", "|left - right| < 1e-38 on [-8, 8]"),
        ("tanh", "sigmoid", "tested", "to 60 digits at 200 points"),
        ("bce", "logits", "tested", "to 60 digits at 200 points"),
        ("softmax", "sum", "tested", "to 60 digits at 200 points"),
        ("hardmax", "shift", "tested", "to 60 digits at 200 points"),
    ],
)
def test_without_a_proof_it_is_certified_or_tested(
    name: str, identity: str, status: str, how: str
) -> None:
    function = find(name)
    found = known(function.identities[identity], {name: function})
    assert found == Known(status, how)
    assert found.status in STATUSES


@pytest.mark.usefixtures("unproved")
def test_a_certificate_bounds_the_difference_and_is_none_of_equality() -> None:
    tiny = sympy.Rational(1, 10**40)
    assert known(Eq(relu(x) - relu(-x), x + tiny)).how == "|left - right| < 1e-39 on [-8, 8]"
    assert known(Eq(relu(x) - relu(-x), x + sympy.Rational(1, 10**20))).status == "false"


@pytest.mark.usefixtures("unproved")
def test_what_cannot_be_enclosed_is_undecided_with_the_reason() -> None:
    gamma = own(sympy.loggamma(x + 10))
    found = known(Eq(applied("own")(x), applied("own")(x + 1) - log(x + 10)), {"own": gamma})
    assert found.status == "undecided"
    assert "SymPy is not asked; not enclosed: " in found.how


def test_what_is_false_as_written_is_false() -> None:
    assert known(sympy.false) == Known("false", "false as written")
    assert known(sympy.true).status == "proved"


# ---------------------------------------------------------------- on disk


def test_what_is_known_is_kept_until_a_definition_changes(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = identities(find("tanh"))
    known_module._known.cache_clear()
    monkeypatch.setattr(known_module, "_computed", lambda f: {"computed": Known("tested", f.name)})
    assert identities(find("tanh")) == first
    other = find("tanh").replace(identities={"odd": Eq(tanh(-x), -tanh(x))})
    assert identities(other) == {"computed": Known("tested", "tanh")}
    known_module._known.cache_clear()
    for file in folder.rglob("*"):
        if file.is_file():
            file.write_bytes(b"torn")
    assert identities(find("tanh")) == {"computed": Known("tested", "tanh")}


# ---------------------------------------------------------------- gaps


def test_the_gaps_of_the_book_are_facts_of_rows() -> None:
    for name in ("gelu", "tanh", "huber", "sparsemax", "cross_entropy"):
        function = find(name)
        rows = [(g.kind, g.why) for g in gaps(function)]
        assert rows == ([("fact", "rows are not enclosed")] if function.along_axis else [])


def test_an_identity_that_is_only_tested_is_a_gap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        gaps_module, "identities", lambda _: {"sum": Known("tested", "to 60 digits at 9 points")}
    )
    found = [g for g in gaps(find("tanh")) if g.kind == "identity"]
    assert found == [Gap("tanh", "identity", "sum", "tested: to 60 digits at 9 points")]


def test_limits_and_derivatives_that_sympy_does_not_find_are_gaps() -> None:
    wave = own(sympy.sin(x))
    limits = [g.what for g in gaps_module._limits(wave)]
    assert "gradient as x -> oo" in limits
    bessel = own(sympy.besselj(x, 1))
    whys = [g.why for g in gaps_module._derivatives(bessel)]
    assert whys
    assert all(why.startswith("SymPy leaves ") for why in whys)


def test_gaps_are_the_same_when_read_again() -> None:
    first = gaps(find("softmax"))
    gaps_module.gaps.cache_clear()
    assert gaps(find("softmax")) == first
    assert first


# ---------------------------------------------------------------- on implementations


def statuses(target: Any, *select: str) -> dict[str, str]:
    report = check(target, select=select, formats=("float64",))
    return {v.property: v.status.value for v in report.verdicts}


@pytest.mark.parametrize(
    "name", ["logsumexp", "cross_entropy", "softsign", "huber", "tversky", "multi_margin", "nll"]
)
def test_the_reference_fulfils_every_identity(name: str) -> None:
    found = statuses("reference", f"{name}:identity.*")
    assert len(found) == len(find(name).identities)
    assert set(found.values()) == {"pass"}


def test_an_identity_of_a_row_that_is_written_out_is_tried() -> None:
    right = {"softmax": stable.softmax, "sigmoid": stable.sigmoid}
    assert statuses(right, "softmax:identity.sigmoid") == {"identity.sigmoid": "pass"}

    def coarse(x: Any) -> Any:
        return stable.sigmoid(x) * (1 + 1e-9)

    wrong = {**right, "sigmoid": coarse}
    assert statuses(wrong, "softmax:identity.sigmoid") == {"identity.sigmoid": "fail"}


def test_an_identity_of_halves_is_tried() -> None:
    def exchanged(x: Any, *, axis: int = -1) -> Any:
        first, second = np.split(x, 2, axis=axis)
        return gates.glu(np.concatenate([second, first], axis=axis), axis=axis)

    right = {"glu": gates.glu, "sigmoid": stable.sigmoid}
    assert statuses(right, "glu:identity.*") == {"identity.gate": "pass"}
    assert statuses({**right, "glu": exchanged}, "glu:identity.*") == {"identity.gate": "fail"}
