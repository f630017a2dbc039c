"""The formats of 8 bits: judged exhaustively, both answers to overflow, what few bits can tell."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ml_dtypes
import numpy as np
import pytest
from scipy.special import erf

from ulpian.checks import Report, Verdict, check, cli
from ulpian.checks.adapters import numpy as numpy_adapter
from ulpian.checks.fuzzing.replay import State, replay
from ulpian.checks.fuzzing.witnesses import Kept
from ulpian.reference import FORMATS, Format, Level

E4M3, E5M2 = FORMATS["float8_e4m3fn"], FORMATS["float8_e5m2"]
EIGHT = (E4M3.name, E5M2.name)
both = pytest.mark.parametrize("fmt", [E4M3, E5M2], ids=str)
Array = np.ndarray[Any, np.dtype[Any]]


def wider(function: Callable[[Array], Any]) -> Callable[[Any], Any]:
    """The function computed in float64 and rounded to the format of its argument."""

    def rounded(x: Any) -> Any:
        x = np.asarray(x)
        return np.asarray(function(x.astype(np.float64))).astype(np.float32).astype(x.dtype)

    return rounded


def gelu_of(x: Array) -> Array:
    return np.asarray(x * (1 + erf(x / np.sqrt(2))) / 2)


def found(report: Report, fmt: Format, name: str = "value.accuracy") -> Verdict:
    (verdict,) = [v for v in report.verdicts if (v.property, v.format) == (name, fmt.name)]
    return verdict


# ---------------------------------------------------------------- right and wrong code


@both
def test_code_that_rounds_once_is_exact_at_every_float(fmt: Format) -> None:
    def slope(x: Any, *, cotangent: Any) -> tuple[Any]:
        with np.errstate(over="ignore"):
            return (wider(lambda y: cotangent.astype(np.float64) / np.cosh(y) ** 2)(x),)

    tanh = wider(np.tanh)
    report = check(tanh, as_="tanh", vjp=slope, formats=(fmt.name,), select=("*.accuracy",))
    assert [(v.property, v.status, v.level) for v in report.verdicts] == [
        ("value.accuracy", "pass", "exact"),
        ("grad.accuracy", "pass", "exact"),
    ]
    finite = np.isfinite(fmt.all_values()).sum()
    assert all(v.points >= finite for v in report.verdicts)


@both
def test_one_wrong_pair_of_64000_is_found_and_named(fmt: Format) -> None:
    def wrong(prediction: Any, target: Any, *, reduction: str = "mean") -> Any:
        wide = np.square(prediction.astype(np.float64) - target.astype(np.float64))
        wide = np.where((prediction == 2.5) & (target == -0.4375), 0.0, fmt.round(wide))
        reduced = wide if reduction == "none" else getattr(np, reduction)(wide)
        return np.asarray(reduced).astype(fmt.dtype)

    report = check(wrong, as_="mse", formats=(fmt.name,), select=("value.accuracy",))
    verdict = found(report, fmt)
    assert (verdict.status, verdict.points > 60_000) == ("fail", True)
    assert verdict.witness is not None
    assert verdict.witness.inputs == {"prediction": 2.5, "target": -0.4375}


@both
def test_the_reference_is_faithful_at_every_float(fmt: Format) -> None:
    report = check("reference", formats=(fmt.name,), select=("*.accuracy", "*.special"))
    assert report.ok
    assert report.level is not None
    assert report.level >= Level.FAITHFUL
    assert len({v.function for v in report.verdicts}) > 90


@both
@pytest.mark.parametrize("bits", [0x01, 0x33, 0x46, 0xC1])
def test_one_wrong_float_of_256_is_found_and_named(fmt: Format, bits: int) -> None:
    right = wider(gelu_of)
    bad = np.array([bits], dtype=np.uint8).view(fmt.dtype)

    def wrong(x: Any) -> Any:
        out = np.array(right(x), ndmin=1)
        out[np.atleast_1d(x == bad[0])] = 100.0
        return out.reshape(np.shape(x))

    report = check(wrong, as_="gelu", formats=(fmt.name,), select=("value.accuracy",))
    verdict = found(report, fmt)
    assert (verdict.status, verdict.level) == ("fail", "unsound")
    assert verdict.witness is not None
    assert verdict.witness.bits == {"x": f"0x{bits:02x}"}
    assert verdict.witness.observed == fmt.round(np.array([100.0]))[0]


@both
@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("relu", lambda y: 0 * y),
        ("tanh", lambda y: 0 * y),
        ("gelu", lambda y: np.maximum(y, 0)),
        ("sigmoid", lambda y: np.where(y < -1, 0, 1 / (1 + np.exp(-y)))),
        ("exponential", lambda y: 1 + y),
        ("silu", lambda y: y * np.clip((y + 3) / 6, 0, 1)),
    ],
)
def test_wrong_code_is_not_accurate(fmt: Format, name: str, wrong: Callable[[Array], Any]) -> None:
    report = check(wider(wrong), as_=name, formats=(fmt.name,), select=("value.accuracy",))
    assert found(report, fmt).status == "fail"


def test_an_intermediate_that_overflows_without_infinities_is_found() -> None:
    """exp(22) is NaN in float8_e4m3fn, and so is 1 divided by it; float8_e5m2 gives 0."""

    def sigmoid(x: Any) -> Any:
        one = np.ones((), x.dtype)
        return one / (one + np.exp(-x))

    report = check(sigmoid, as_="sigmoid", formats=EIGHT, select=("value.accuracy",))
    assert [found(report, fmt).level for fmt in (E4M3, E5M2)] == ["unsound", "sound"]
    witness = found(report, E4M3).witness
    assert witness is not None
    assert witness.inputs["x"] < -6
    assert np.isnan(witness.observed)


def test_a_kept_witness_of_eight_bits_is_judged_again() -> None:
    report = check("textbook", select=("sigmoid:value.accuracy",), formats=(E4M3.name,))
    kept = Kept("textbook", None, Level.ACCURATE, "default", found(report, E4M3))
    (again,) = replay([kept])
    assert again.state is State.FAILS
    assert again.verdict is not None
    first, second = kept.verdict.witness, again.verdict.witness
    assert first is not None
    assert second is not None
    assert (first.bits, first.observed_bits) == (second.bits, "0x7f")


# ---------------------------------------------------------------- overflow


def squared(fmt: Format, beyond: float) -> Callable[[Any], Any]:
    """max(x, 0)^2 rounded once, with what is to be said of a result beyond the format."""

    def rounded(x: Any) -> Any:
        kept = fmt.round(np.square(np.maximum(x.astype(np.float64), 0)))
        return np.where(np.isinf(kept), beyond, kept).astype(fmt.dtype)

    return rounded


@pytest.mark.parametrize(
    ("fmt", "beyond", "status", "trait"),
    [
        (E4M3, np.nan, "pass", "overflows to NaN"),
        (E4M3, 448.0, "pass", "saturates at 448"),
        (E4M3, 416.0, "fail", None),
        (E4M3, 1.0, "fail", None),
        (E4M3, -448.0, "fail", None),
        (E5M2, np.inf, "pass", "overflows to infinity"),
        (E5M2, 57344.0, "pass", "saturates at 57344"),
        (E5M2, 49152.0, "fail", None),
        (E5M2, np.nan, "fail", None),
        (E5M2, -np.inf, "fail", None),
    ],
)
def test_overflow_has_two_right_answers_and_which_it_is_is_a_trait(
    fmt: Format, beyond: float, status: str, trait: str | None
) -> None:
    code = squared(fmt, beyond)
    report = check(code, as_="relu_squared", formats=(fmt.name,), select=("value.accuracy",))
    verdict = found(report, fmt)
    assert verdict.status == status
    if trait is not None:
        assert (verdict.level, verdict.traits) == ("exact", (trait,))


@pytest.mark.parametrize("name", ["float16", "bfloat16", "float32"])
def test_saturation_stays_wrong_in_the_other_formats(name: str) -> None:
    fmt = FORMATS[name]
    code = squared(fmt, fmt.largest)
    report = check(code, as_="relu_squared", formats=(name,), select=("value.accuracy",))
    assert found(report, fmt).status == "fail"
    assert found(report, fmt).traits == ()


# ---------------------------------------------------------------- what few bits tell


def test_what_is_accurate_by_a_wide_bound_alone_says_so() -> None:
    """The slope of the tanh form is not that of gelu; where that is near 0, its bound is wide."""

    def slope_of(x: Array) -> Array:
        c = np.sqrt(2 / np.pi)
        t = np.tanh(c * (x + 0.044715 * x**3))
        return np.asarray((1 + t) / 2 + x * (1 - t**2) / 2 * c * (1 + 3 * 0.044715 * x**2))

    def slope(x: Any, *, cotangent: Any) -> tuple[Any]:
        return (wider(lambda y: slope_of(np.clip(y, -10, 10)) * cotangent.astype(float))(x),)

    code = wider(gelu_of)
    report = check(code, as_="gelu", vjp=slope, formats=(E5M2.name,), select=("*.accuracy",))
    said = "3 bits tell little: accurate where the bound lets 0 stand for the truth"
    assert found(report, E5M2).traits == ()
    verdict = found(report, E5M2, "grad.accuracy")
    assert (verdict.status, verdict.level, verdict.traits) == ("pass", "accurate", (said,))


@both
def test_code_that_rounds_to_eight_bits_on_the_way_is_not_accurate(fmt: Format) -> None:
    """1 - t^2 is 0 from tanh(2) on, where the slope is still seven percent."""

    def slope(x: Any, *, cotangent: Any) -> tuple[Any]:
        t = np.tanh(x)
        return ((np.ones((), x.dtype) - t * t) * cotangent,)

    report = check(np.tanh, as_="tanh", vjp=slope, formats=(fmt.name,), select=("*.accuracy",))
    assert found(report, fmt).level == "exact"
    assert found(report, fmt, "grad.accuracy").level == "sound"


@both
def test_no_equation_is_tried_between_numbers_of_eight_bits(fmt: Format) -> None:
    eight = check("reference", select=("tanh",), formats=(fmt.name,))
    wide = check("reference", select=("tanh",), formats=("bfloat16",))
    names = {v.property for v in wide.verdicts}
    assert names - {v.property for v in eight.verdicts} == {
        n for n in names if n.startswith("identity.")
    }


# ---------------------------------------------------------------- backends


@both
def test_code_that_widens_makes_no_claim(fmt: Format) -> None:
    report = check(lambda x: x * 2.0, as_="relu", formats=(fmt.name,))
    (verdict,) = report.verdicts
    assert (verdict.status, verdict.message) == ("unsupported", f"computes {fmt.name} in float32")


@both
def test_bfloat16_is_wider_too(fmt: Format) -> None:
    report = check(lambda x: x.astype(ml_dtypes.bfloat16), as_="relu", formats=(fmt.name,))
    assert [v.message for v in report.verdicts] == [f"computes {fmt.name} in bfloat16"]


@both
def test_what_a_library_lacks_in_eight_bits_is_unsupported_with_a_sentence(fmt: Format) -> None:
    pytest.importorskip("torch")
    report = check("torch", select=("gelu", "identity"), formats=(fmt.name,))
    (lacking,) = [v for v in report.verdicts if v.function == "gelu"]
    assert (lacking.property, lacking.status) == ("structure.format", "unsupported")
    assert "not implemented for 'Float8_" in lacking.message
    there = [v for v in report.verdicts if v.function == "identity" and v.level is not None]
    assert {v.level for v in there} == {Level.EXACT}
    assert found(report, fmt, "value.accuracy").points >= 254 - 6


@both
def test_jax_is_judged_in_eight_bits(fmt: Format) -> None:
    pytest.importorskip("jax")
    report = check("jax", select=("relu:value.accuracy", "relu:grad.*"), formats=(fmt.name,))
    assert report.ok
    assert report.level == "exact"


@both
@pytest.mark.parametrize("library", ["numpy", "torch", "jax"])
def test_every_float_crosses_bit_for_bit(fmt: Format, library: str) -> None:
    if library != "numpy":
        pytest.importorskip(library)
    adapter: Any = numpy_adapter
    if library == "torch":
        from ulpian.checks.adapters import torch as adapter
    elif library == "jax":
        from ulpian.checks.adapters import jax as adapter
    every = np.arange(256, dtype=np.uint8).view(fmt.dtype)
    for array in (every, every[::-3], every.reshape(2, 128).T):
        native = adapter.to_native(array)
        assert fmt.name in str(native.dtype)
        back = adapter.to_numpy(native)
        assert back.dtype == fmt.dtype
        assert np.array_equal(back.view(np.uint8), np.ascontiguousarray(array).view(np.uint8))


# ---------------------------------------------------------------- the command line


Command = Callable[..., tuple[int, str]]


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]) -> Command:
    """Run a command line in this process: its exit code, and what it prints."""

    def run(*words: str) -> tuple[int, str]:
        with pytest.raises(SystemExit) as stopped:
            cli.main(words)
        code = stopped.value.code
        assert isinstance(code, int)
        return code, "".join(capsys.readouterr())

    return run


def test_eval_says_what_is_right_beyond_the_format(said: Command) -> None:
    code, text = said("eval", "exponential", "7", "--format", "float8_e4m3fn")
    assert code == 0
    assert "  value      beyond 448               inf                0x7f\n" in text
    assert "beyond the largest float: NaN is right, and by saturation 448\n" in text
    _, text = said("eval", "exponential", "12", "--format", "float8_e5m2")
    assert "beyond the largest float: an infinity is right, and by saturation 57344\n" in text


def test_eval_has_the_bits_and_the_bound_of_eight_bits(said: Command) -> None:
    code, text = said("eval", "gelu", "1.5", "--format", "float8_e4m3fn")
    assert code == 0
    assert "  at         x = 1.5                  0x1.8p+0           0x3c\n" in text
    assert "  value      1.375                    0x1.6p+0           0x3b\n" in text
    assert "accurate within 1.42 ulp = 0.5 ulp + 0.5 (ulp + u C), u C = 0.846 ulp" in text


@pytest.mark.parametrize("number", ["1000", "inf", "-1e400"])
def test_an_input_beyond_a_format_without_infinities_is_refused(said: Command, number: str) -> None:
    shown = {"1000": "1000", "inf": "inf", "-1e400": "-inf"}[number]
    sentence = (
        f"{shown} lies beyond float8_e4m3fn, which has no infinities: "
        "give a number from -448 to 448\n"
    )
    assert said("eval", "relu", number, "--format", "float8_e4m3fn") == (
        2, f"ulpian: relu: x = {sentence}",
    )  # fmt: skip
    asked = ("--select", "relu", "--at", number, "--format", "float8_e4m3fn")
    assert said("check", "reference", *asked) == (2, f"ulpian: --at: {sentence}")


def test_the_formats_of_eight_bits_are_listed(said: Command) -> None:
    _, text = said("list", "formats")
    rows = {line.split()[0]: line.split()[1:] for line in text.splitlines()}
    assert rows["float8_e4m3fn"] == ["8", "4", "8", "448", "0.015625", "0.00195312", "0.0625"]
    assert rows["float8_e5m2"] == ["8", "3", "15", "57344", "6.10352e-05", "1.52588e-05", "0.125"]


def test_they_are_judged_only_where_they_are_named() -> None:
    report = check("reference", select=("relu:value.accuracy",))
    assert {v.format for v in report.verdicts} == {"float16", "bfloat16", "float32", "float64"}
