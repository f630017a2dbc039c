"""Terms of a row that are computed once for each place: fewer evaluations, the same numbers."""

import itertools
from functools import cache
from typing import Any

import numpy as np
import sympy

from ulpian.reference import FORMATS, arb
from ulpian.reference.once import Once, Terms
from ulpian.reference.row_source import axis_source
from ulpian.reference.rows import truth_rows
from ulpian.spec import find, symbols


def test_a_term_is_the_same_at_every_place_that_it_is_asked_for() -> None:
    terms = Terms()
    z, i, k = symbols.z, symbols.i, symbols.k
    found = terms.out_of(sympy.exp(z[i]) * sympy.exp(2 * z[k]) + sympy.exp(z[k]))
    assert found == Once(0, i) * Once(1, k) + Once(0, k) or found == (
        Once(1, i) * Once(0, k) + Once(1, k)
    )
    assert len(terms.definitions) == 2


def test_what_names_a_path_or_three_places_stays_where_it_is() -> None:
    z, path = symbols.z, symbols.path
    for kept in (
        sympy.exp(z[symbols.j, path[symbols.j]]),
        sympy.exp(z[symbols.i] + z[symbols.k] + z[symbols.m]),
        z[symbols.i] + 1,
    ):
        terms = Terms()
        assert terms.out_of(kept) == kept
        assert not terms.definitions


def test_a_row_of_eight_takes_eight_exponentials_not_hundreds() -> None:
    called: list[Any] = []

    def counted(x: Any) -> Any:
        called.append(x)
        return arb.exp(x)

    found: dict[str, Any] = {}
    exec(axis_source(find("softmax")), {**vars(arb), "exp": counted, "cache": cache}, found)
    value, first, second, _ = found["row"](8, [arb.number(float(k)) for k in range(8)])
    for i, k, m in itertools.product(range(8), repeat=3):
        value(i), first[0](i, k), second[0, 0](i, k, m)
    assert len(called) == 8


def test_both_engines_agree_on_rows_whose_terms_are_shared() -> None:
    rows = [np.array([[0.5, -3.0, 88.0, 1e-6, 0.5], [1.0, 1.0, 1.0, 1.0, 1.0]])]
    seed = np.array([[1.0, 0.0, -2.0, 0.5, 0.25]] * 2)
    fmt = FORMATS["float32"]
    for name in ("softmax", "log_softmax"):
        ball, plain = (
            truth_rows(find(name), rows, fmt, seed, engine=e, cached=False)
            for e in ("arb", "mpmath")
        )
        for key, truth in ball.items():
            assert np.array_equal(truth.nearest, plain[key].nearest)
