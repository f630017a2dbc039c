"""Pieces of the line with a polynomial of twice float64's precision, against the oracle."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from ulpian.reference.formats import FORMATS
from ulpian.reference.local import doubled
from ulpian.reference.local.pieces import RESOLUTION, Line, answers
from ulpian.reference.local.quantity import Quantity
from ulpian.spec import find

ASKED = (
    *(("tanh", "value"), ("tanh", "gradient"), ("gelu", "value"), ("gelu", "gradient")),
    *(("softplus", "value"), ("log_sigmoid", "second"), ("leaky_relu", "value")),
    *(("hard_swish", "gradient"), ("mish", "gradient"), ("exponential", "value")),
)


def exact(pair: doubled.Pair, at: int) -> Fraction:
    return Fraction(float(pair[0][at])) + Fraction(float(pair[1][at]))


def test_a_sum_of_chebyshev_polynomials_has_twice_the_digits() -> None:
    rng = np.random.default_rng(1)
    high = rng.normal(size=12)
    low = high * 2.0**-54 * rng.random(12)
    u = rng.uniform(-1, 1, 50)
    found = doubled.chebyshev((high, low), (u, np.zeros(50)))
    for k, x in enumerate(map(Fraction, u.tolist())):
        terms = [Fraction(1), x]
        for _ in range(10):
            terms.append(2 * x * terms[-1] - terms[-2])
        total = sum(exact((high, low), j) * t for j, t in enumerate(terms))
        assert abs(exact(found, k) - total) < Fraction(2) ** -95


@pytest.mark.parametrize(("name", "quantity"), ASKED)
@pytest.mark.parametrize("fmt", ["float32", "float64"])
def test_truths_of_pieces_are_the_oracle_s(name: str, quantity: str, fmt: str) -> None:
    chosen, asked = FORMATS[fmt], Quantity(find(name), quantity)
    line, rng = Line(asked, chosen), np.random.default_rng(7)
    binades = [0, 1, *range(chosen.emax - 12, chosen.emax + 12, 3), 2 * chosen.emax]
    compared = 0
    for binade in binades:
        for negative in (False, True):
            pieces = line.pieces(negative, binade)
            assert sum(p.count for p in pieces) == 1 << (chosen.precision - 1)
            for k in rng.integers(0, len(pieces), 3).tolist():
                piece = pieces[k]
                if piece.coefficients is None and not piece.beyond:
                    continue
                places = rng.integers(0, piece.count, 4)
                x = piece.bits(chosen, places).view(chosen.dtype).astype(np.float64)
                ours = answers(chosen, [piece], places[None])[0]
                theirs = asked.truth(x, chosen).answers[0]
                assert np.array_equal(ours.exponent, theirs.exponent)
                finite = np.isfinite(theirs.nearest)
                assert np.array_equal(np.isfinite(ours.nearest), finite)
                assert np.array_equal(ours.nearest[~finite], theirs.nearest[~finite])
                apart = ours.nearest[finite] - theirs.nearest[finite]
                off = np.ldexp(apart, -theirs.exponent[finite])
                off += (ours.rest - theirs.rest)[finite]
                assert np.all(np.abs(off) <= RESOLUTION)
                compared += places.size
    assert compared >= 100


def test_nearly_all_of_the_line_has_a_polynomial() -> None:
    fmt = FORMATS["float64"]
    line = Line(Quantity(find("gelu")), fmt)
    pieces = [p for b in range(1000, 1040) for n in (False, True) for p in line.pieces(n, b)]
    bare = sum(p.count for p in pieces if p.coefficients is None and not p.beyond)
    assert bare <= 2.0**-40 * sum(p.count for p in pieces)


def test_a_kink_leaves_only_its_neighbours_without_one() -> None:
    fmt = FORMATS["float64"]
    line = Line(Quantity(find("hard_swish"), "gradient"), fmt)
    three = fmt.bits_of(3.0)
    bare = [p for p in line.pieces(False, three >> 52) if p.coefficients is None]
    assert any(p.first <= three < p.first + p.count for p in bare)
    assert sum(p.count for p in bare) <= 64
