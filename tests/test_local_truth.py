"""Truths by local polynomials are as near to the oracle's as they claim, everywhere on the line."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from ulpian.reference.formats import FORMATS
from ulpian.reference.level import RESOLUTION
from ulpian.reference.local.quantity import Quantity
from ulpian.reference.local.rows import FLAT, POLYNOMIAL, ROW, SHIFTED, UNPROVEN, Span, spans
from ulpian.spec.catalogue import catalogue, find

FLOAT32 = FORMATS["float32"]
FINITE = FLOAT32.bits_of(np.inf)
ONE_VARIABLE = sorted(
    f.name for f in catalogue().values() if not f.along_axis and len(f.variables) == 1
)
LINES = [(n, q) for n in ONE_VARIABLE for q in ("value", "gradient")]
# exp(-x**2/2)/erfc: balls of both grow so fast that stretches are short; minutes for the line
LINES.remove(("log_ndtr", "gradient"))


def _unbounded(name: str) -> bool:
    domain = find(name).variables[0].domain
    return bool(domain.inf == -np.inf and domain.sup == np.inf)


def _floats(span: Span, places: NDArray[np.int64]) -> NDArray[np.float64]:
    return (span.bits + places).astype(np.uint32).view(np.float32).astype(np.float64)


@pytest.mark.parametrize(("name", "quantity"), [c for c in LINES if _unbounded(c[0])])
def test_every_float_of_the_line_has_a_truth_within_the_resolution(
    name: str, quantity: str
) -> None:
    asked, rng = Quantity(find(name), quantity), np.random.default_rng(0)
    singles = 0
    for negative in (False, True):
        place, samples = 0, []
        for span in spans(asked, FLOAT32, negative, 0, FINITE):
            assert span.first == place
            place += span.rows * ROW
            assert span.kind != UNPROVEN
            singles += 0 if span.mixed is None else int(span.mixed.asked.sum())
            samples.append(span)
        assert place == FINITE
        chosen = [s for s in samples if s.kind == POLYNOMIAL]
        told = [s for s in samples if s.kind in (SHIFTED, FLAT)]
        _compare_polynomials(asked, chosen, rng)
        _compare_told(asked, told, rng)
    assert singles < 200


def _compare_polynomials(asked: Quantity, all_spans: list[Span], rng: np.random.Generator) -> None:
    points, truths = [], []
    for k in rng.integers(len(all_spans), size=min(24, 4 * len(all_spans))) if all_spans else ():
        span = all_spans[k]
        row, places = int(rng.integers(span.rows)), rng.integers(ROW, size=3)
        found = span.truth(row, row + 1, np.empty((1, ROW)))[0]
        points.append(_floats(span, row * ROW + places))
        truths.append(found[places])
    if not points:
        return
    answer = asked.truth(np.concatenate(points), FLOAT32).answers[0]
    with np.errstate(all="ignore"):
        apart = np.ldexp(np.concatenate(truths) - answer.nearest, -answer.exponent) - answer.rest
    inside = np.isfinite(answer.nearest)
    assert np.abs(apart[inside]).max(initial=0) <= RESOLUTION


def _compare_told(asked: Quantity, all_spans: list[Span], rng: np.random.Generator) -> None:
    points, told = [], []
    for k in rng.integers(len(all_spans), size=min(24, 4 * len(all_spans))) if all_spans else ():
        span = all_spans[k]
        x = _floats(span, rng.integers(span.rows * ROW, size=3))
        own = x.astype(np.float32).view(np.uint32).astype(np.int64)
        bits = own + span.expected if span.kind == SHIFTED else np.full(3, span.expected)
        points.append(x)
        told.append((bits % (1 << 32)).astype(np.uint32).view(np.float32).astype(np.float64))
    if not points:
        return
    answer = asked.truth(np.concatenate(points), FLOAT32).answers[0]
    np.testing.assert_array_equal(np.concatenate(told), answer.nearest)


@pytest.mark.parametrize("quantity", ["value", "gradient", "second"])
def test_what_cannot_be_asked_is_told(quantity: str) -> None:
    with pytest.raises(ValueError, match="works along an axis"):
        Quantity(find("softmax"), quantity)
    with pytest.raises(ValueError, match="fix target to sweep over prediction"):
        Quantity(find("mse"), quantity)
    with pytest.raises(ValueError, match="unknown quantity 'slope'"):
        Quantity(find("tanh"), "slope")
    with pytest.raises(ValueError, match="no variable 'y'; it has x"):
        Quantity(find("tanh"), quantity, free="y")
