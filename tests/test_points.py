"""Points: nothing is out of range by luck, and nothing is tried where it is not defined."""

from __future__ import annotations

import numpy as np
import pytest
import sympy

from ulpian.checks.points import points
from ulpian.checks.seeds import SEED
from ulpian.reference import oracle
from ulpian.reference.formats import FORMATS, Floats, Format
from ulpian.spec import Function, catalogue, find

BOOK = list(catalogue().values())
ELEMENTWISE = [f for f in BOOK if not f.along_axis]
ROWS = [f for f in BOOK if f.along_axis]
# a sum of squares, or of probabilities times anything, can leave the format
SUMS_OF_PRODUCTS = (
    *("pairwise_distance", "cosine_similarity", "cosine_embedding", "triplet_margin"),
    *("multi_margin", "categorical_hinge", "dice", "tversky"),
)
wide = pytest.mark.parametrize("fmt", [FORMATS["float32"], FORMATS["float64"]], ids=str)
every_format = pytest.mark.parametrize("fmt", FORMATS.values(), ids=str)
elementwise = pytest.mark.parametrize("function", ELEMENTWISE, ids=lambda f: f.name)
along_axis = pytest.mark.parametrize("function", ROWS, ids=lambda f: f.name)


def columns(function: Function, fmt: Format, effort: int = 4) -> tuple[Floats, ...]:
    return points.columns(function, fmt, oracle.parameters(function), effort)


def binades(values: Floats, fmt: Format) -> set[tuple[bool, int]]:
    """Sign and exponent of each finite value but zero."""
    kept = values[np.isfinite(values) & (values != 0)]
    return set(zip((kept < 0).tolist(), np.frexp(kept)[1].tolist(), strict=True))


def all_binades(fmt: Format) -> set[tuple[bool, int]]:
    exponents = range(fmt.subnormal_exponent + 1, fmt.emax + 2)
    return {(negative, e) for negative in (False, True) for e in exponents}


def has(values: Floats, wanted: float) -> bool:
    """Whether a value is there, told apart by sign where it is zero."""
    if np.isnan(wanted):
        return bool(np.isnan(values).any())
    return bool(((values == wanted) & (np.signbit(values) == np.signbit(wanted))).any())


# ---------------------------------------------------------------- where errors live


@wide
@pytest.mark.parametrize("name", ["gelu", "sigmoid", "relu", "softplus", "tanh"])
def test_every_binade_is_hit_on_both_sides(name: str, fmt: Format) -> None:
    (values,) = columns(find(name), fmt)
    assert all_binades(fmt) - binades(values, fmt) == set()


@pytest.mark.parametrize("name", ["gelu", "sigmoid", "relu"])
def test_every_binade_is_hit_with_less_effort_too(name: str) -> None:
    fmt = FORMATS["float32"]
    (values,) = columns(find(name), fmt, effort=1)
    assert all_binades(fmt) - binades(values, fmt) == set()


@every_format
def test_the_special_floats_are_there(fmt: Format) -> None:
    (values,) = columns(find("gelu"), fmt)
    signed = (fmt.largest, fmt.smallest_normal, fmt.smallest_subnormal, 0.0)
    for wanted in (np.nan, *signed, *(-s for s in signed)):
        assert has(values, wanted), wanted
    assert has(values, np.inf) is has(values, -np.inf) is fmt.infinities
    for given in (points.specials(fmt), points.infinities(fmt)):
        assert np.isinf(given).any() == fmt.infinities


@pytest.mark.parametrize("name", ["float8_e4m3fn", "float8_e5m2"])
def test_eight_bits_are_tried_exhaustively_with_the_least_effort(name: str) -> None:
    fmt = FORMATS[name]
    (values,) = columns(find("gelu"), fmt, effort=1)
    assert values.size == 256


@pytest.mark.parametrize("name", ["float8_e4m3fn", "float8_e5m2", "float16", "bfloat16"])
@elementwise
def test_few_bits_are_tried_exhaustively_with_one_variable(function: Function, name: str) -> None:
    if len(function.variables) > 1:
        pytest.skip("a product of all floats is too many")
    fmt = FORMATS[name]
    (values,) = columns(function, fmt)
    due = fmt.all_values()
    domain = function.variables[0].domain
    due = due[(due >= float(domain.inf)) & (due <= float(domain.sup))]
    assert due.size > 2**fmt.bits / 4
    assert set(due.tolist()) <= set(values.tolist())
    assert has(values, -0.0)
    assert has(values, np.nan)


@pytest.mark.parametrize("name", ["float8_e4m3fn", "float8_e5m2"])
@pytest.mark.parametrize(
    "function", [f for f in ELEMENTWISE if len(f.variables) == 2], ids=lambda f: f.name
)
def test_eight_bits_are_tried_at_every_pair_with_two_variables(
    function: Function, name: str
) -> None:
    """But where the inputs' sum overflows, and but for -0 where a domain begins at 0."""
    fmt = FORMATS[name]
    first, second = columns(function, fmt)
    values = fmt.all_values()
    pools = [
        {x for x in values[np.isfinite(values)].tolist() if sympy.Rational(x) in v.domain}
        for v in function.variables
    ]
    given = oracle.parameters(function)
    pairs = np.array([(a, b) for a in pools[0] for b in pools[1] if abs(a) + abs(b) <= fmt.largest])
    pairs = pairs[points.meets(function, list(pairs.T), given)]
    assert set(map(tuple, pairs.tolist())) == set(zip(first.tolist(), second.tolist(), strict=True))
    assert has(first, -0.0) is (0 in function.variables[0].domain.interior)


@wide
def test_the_edges_of_exp_and_of_squares_are_surrounded(fmt: Format) -> None:
    (values,) = columns(find("softplus"), fmt)
    finite = np.unique(values[np.isfinite(values)])
    for edge in (np.log(fmt.largest), -np.log(fmt.smallest_normal), np.sqrt(fmt.largest), 20.0):
        for sign in (1, -1):
            mark = float(fmt.round(np.array([sign * edge]))[0])
            around = {float(fmt.step(np.array([mark]), s)[0]) for s in (-2, -1, 0, 1, 2)}
            assert around <= set(finite.tolist()), mark


@every_format
@pytest.mark.parametrize("name", ["relu", "leaky_relu", "elu", "selu", "step"])
def test_kinks_and_jumps_are_surrounded(name: str, fmt: Format) -> None:
    (values,) = columns(find(name), fmt)
    around = {s * fmt.smallest_subnormal for s in (-3, -2, -1, 1, 2, 3)}
    assert {0.0, *around} <= set(values.tolist())


def test_a_loss_is_tried_where_its_branches_meet() -> None:
    fmt = FORMATS["float32"]
    prediction, target = columns(find("huber"), fmt)
    with np.errstate(over="ignore"):
        gap = np.abs(prediction - target)
    assert (gap == 1.0).any()
    assert ((gap > 1.0) & (gap < 1.001)).any()
    assert ((gap < 1.0) & (gap > 0.999)).any()
    assert (gap == 0.0).any()


# ---------------------------------------------------------------- and nowhere else


@every_format
@elementwise
def test_points_are_floats_of_the_format_inside_the_domains(
    function: Function, fmt: Format
) -> None:
    arrays = columns(function, fmt)
    assert len({a.shape for a in arrays}) == 1
    assert arrays[0].size > 100
    for variable, values in zip(function.variables, arrays, strict=True):
        assert np.array_equal(fmt.round(values), values, equal_nan=True)
        assert np.array_equal(fmt.array(values).astype(np.float64), values, equal_nan=True)
        known = values[~np.isnan(values)]
        if isinstance(variable.domain, sympy.FiniteSet):
            assert set(known.tolist()) == {float(v) for v in variable.domain}
        else:
            assert known.min() >= float(variable.domain.inf)
            assert known.max() <= float(variable.domain.sup)


@every_format
def test_probabilities_reach_both_ends_and_their_neighbours(fmt: Format) -> None:
    for values in columns(find("bce"), fmt):
        assert values[np.isfinite(values)].min() == 0
        assert values[np.isfinite(values)].max() == 1
        assert has(values, fmt.smallest_subnormal)
        assert has(values, float(fmt.step(np.array([1.0]), -1)[0]))


@every_format
@along_axis
@pytest.mark.parametrize("length", [1, 2, 5, 130])
def test_rows_are_floats_of_the_format_of_the_shape_asked(
    function: Function, fmt: Format, length: int
) -> None:
    if function.sizes and not function.entries(length):
        pytest.skip("it takes no row of that length")
    arrays = points.rows(function, fmt, length, 32)
    count = len(arrays[0])
    assert 1 < count <= 32
    assert count == 32 or function.name in SUMS_OF_PRODUCTS
    for variable, values in zip(function.variables, arrays, strict=True):
        own = function.tried(variable, length) if variable.along_axis else ()
        assert values.shape == (count, *own)
        assert np.isfinite(values).all()
        if variable.labels:
            assert ((values == np.rint(values)) & (values >= 1) & (values < length)).all()
            continue
        assert np.array_equal(fmt.round(values), values)
        assert points.within(values, variable.domain).all()
        if variable.simplex:
            assert np.abs(values.sum(axis=1) - 1).max() <= 2 * length * fmt.unit_roundoff
        if variable.one_hot:
            assert np.array_equal(np.sort(values)[:, :-1], np.zeros((count, length - 1)))
            assert (values.max(axis=1) == 1).all()


@pytest.mark.parametrize("name", SUMS_OF_PRODUCTS)
def test_rows_whose_products_leave_the_format_are_left_out(name: str) -> None:
    function, fmt = find(name), FORMATS["float16"]
    arrays = points.rows(function, fmt, 5, 32)
    assert len(arrays[0]) == 32  # others are drawn instead
    assert points._products_fit(function, fmt, arrays).all()
    seeds = enumerate(function.variables)
    first = [points._row_values(function, v, fmt, 5, 32, SEED + 1000 * k) for k, v in seeds]
    assert not points._products_fit(function, fmt, tuple(first)).all()


@along_axis
def test_masked_rows_keep_one_finite_entry(function: Function) -> None:
    fmt = FORMATS["float32"]
    main, *_ = points.masked_rows(function, fmt, 5, 64)
    assert np.isneginf(main).any()
    assert np.isfinite(main).any(axis=-1).all()
    assert not np.isnan(main).any()
    assert not np.isposinf(main).any()


# ---------------------------------------------------------------- the same everywhere


@pytest.mark.parametrize("name", ["gelu", "huber", "bce", "prelu"])
def test_points_are_the_same_every_time(name: str) -> None:
    fmt = FORMATS["float32"]
    points._ladder.cache_clear()
    first = columns(find(name), fmt)
    points._ladder.cache_clear()
    for a, b in zip(first, columns(find(name), fmt), strict=True):
        assert a.tobytes() == b.tobytes()


def test_rows_are_the_same_every_time_and_differ_with_the_seed() -> None:
    fmt = FORMATS["float32"]
    (first,) = points.rows(find("softmax"), fmt, 5, 16)
    (again,) = points.rows(find("softmax"), fmt, 5, 16)
    (other,) = points.rows(find("softmax"), fmt, 5, 16, seed=1)
    assert first.tobytes() == again.tobytes()
    assert first.tobytes() != other.tobytes()


def test_an_open_end_is_outside_and_a_closed_one_inside() -> None:
    at = np.array([-1.0, 0.0, 1.0, np.inf])
    within = points.within
    assert within(at, sympy.Interval.open(-1, 1)).tolist() == [False, True, False, False]
    assert within(at, sympy.Interval(-1, sympy.oo)).tolist() == [True, True, True, True]
    assert within(at, sympy.Reals - sympy.FiniteSet(0)).tolist() == [True, False, True, True]


def test_points_lie_where_the_definition_has_a_value() -> None:
    function, fmt = find("poisson_nll"), FORMATS["float32"]
    (log_rate, _) = columns(function, fmt, 1)
    assert (log_rate < 0).any()
    setting = oracle.parameters(function, {"log_input": 0})
    rate, _ = points.columns(function, fmt, setting, 1)
    assert rate.size > 100
    assert not (rate < 0).any()


def test_a_boundary_that_is_linear_in_a_variable_is_hit() -> None:
    function, fmt = find("margin_ranking"), FORMATS["float32"]
    setting = oracle.parameters(function, {"margin": sympy.Rational(1, 2)})
    x1, x2, t = points.columns(function, fmt, setting, 1)
    assert np.sum(t * (x1 - x2) == 0.5) > 20
    _, _, var = columns(find("gaussian_nll"), fmt, 1)
    assert np.sum((var >= 1e-6) & (var < 1.000001e-6)) > 20


@every_format
def test_neighbours_are_the_next_floats(fmt: Format) -> None:
    one = points.neighbours(np.array([1.0]), fmt, (-1, 0, 1))
    assert one.tolist() == [1 - fmt.unit_roundoff, 1.0, 1 + 2 * fmt.unit_roundoff]
    zero = points.neighbours(np.array([0.0]), fmt, (-1, 1))
    assert zero.tolist() == [-fmt.smallest_subnormal, fmt.smallest_subnormal]
