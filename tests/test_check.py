"""What a report says: every field of every verdict, traits, and the same again the next time."""

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from ulpian.checks import Level, Report, Status, Verdict, check
from ulpian.checks.environment import environment
from ulpian.checks.properties import catalogue as properties
from ulpian.checks.runs.run import check_target
from ulpian.checks.seeds import SEED
from ulpian.reference import implementations as right
from ulpian.reference.formats import FORMATS
from ulpian.spec import find

from .bad import rude

CHOSEN = ("sigmoid", "relu", "leaky_relu", "softmax", "mse", "bce", "cross_entropy")


@pytest.fixture(scope="module", params=["reference", "textbook"])
def report(request: pytest.FixtureRequest) -> Report:
    return check(request.param, select=CHOSEN, formats=("float32",))


def forward_only(function: str, forward: Any, **options: Any) -> Report:
    return check(forward, **{"as_": function, "formats": ("float32",), **options})


def verdict(report: Report, name: str) -> Verdict:
    (found,) = [v for v in report.verdicts if v.property == name]
    return found


# ---------------------------------------------------------------- verdicts


def test_every_field_of_every_verdict_is_what_it_should_be(report: Report) -> None:
    for v in report.verdicts:
        assert v.function in CHOSEN
        assert any(v.property == n or v.property.startswith(f"{n}.") for n in properties())
        assert v.format == "float32"
        assert isinstance(v.status, Status)
        assert v.level is None or isinstance(v.level, Level)
        assert v.error_ulp is None or v.error_ulp >= 0
        assert v.points >= 0
        assert v.seconds >= 0
        assert v.id == f"{v.function}-{v.property}-{v.format}"
    assert len({v.id for v in report.verdicts}) == len(report.verdicts)


def test_nothing_passes_that_was_not_tried(report: Report) -> None:
    for v in report.verdicts:
        if v.status is Status.PASS:
            assert v.points > 0, v.id
            assert v.level is not None
            assert v.level >= report.required, v.id
            assert v.message == "" or v.message.startswith("takes no"), v.id
        if v.status is Status.UNSUPPORTED:
            assert (v.points, v.level) == (0, None), v.id
            assert v.message, v.id
        if v.status is Status.UNDECIDED:
            assert v.message, v.id


def test_a_finding_is_below_what_is_required_and_says_why(report: Report) -> None:
    for v in report.findings:
        assert v.status is Status.FAIL
        assert v.level is None or v.level < report.required
        assert v.message or v.witness is not None, v.id


def test_messages_are_for_people(report: Report) -> None:
    for v in report.verdicts:
        assert "np." not in v.message, v.message
        assert "array(" not in v.message, v.message
        assert not v.message.endswith("."), v.message


def test_numbers_in_messages_are_plain() -> None:
    def falling(x: Any) -> Any:
        return np.where(x > 2, right.tanh(x) / 2, right.tanh(x))

    found = forward_only("tanh", falling, select=("value.monotone", "value.symmetry"))
    for name in ("value.monotone", "value.symmetry"):
        assert verdict(found, name).status == "fail"
        assert "np." not in verdict(found, name).message, verdict(found, name).message


def test_witnesses_are_floats_of_the_format_with_their_bits(report: Report) -> None:
    fmt = FORMATS["float32"]
    for v in report.verdicts:
        if v.witness is None:
            continue
        assert v.witness.inputs.keys() == v.witness.bits.keys()
        parameters = {p.name for p in find(v.function).parameters}
        for name, value in v.witness.inputs.items():
            if isinstance(value, float) and name not in parameters:  # 0.1 is passed as it is
                assert fmt.round(np.array([value]))[0] == value or np.isnan(value), v.id
                assert int(v.witness.bits[name], 16) == fmt.bits_of(value)
        for value in (v.witness.truth, v.witness.observed):
            assert value is None or isinstance(value, float)


def test_the_level_of_a_report_is_the_lowest_of_its_verdicts(report: Report) -> None:
    levels = [v.level for v in report.verdicts if v.level is not None]
    assert report.level is not None
    assert report.level == min(levels, key=lambda level: level.rank)
    assert report.ok == (report.level >= Level.ACCURATE)
    assert report.ok == (report.target == "reference")
    assert [v.level.rank for v in report.findings if v.level] == sorted(
        v.level.rank for v in report.findings if v.level
    )
    assert report.complete
    assert report.judged
    assert report.arrays == "numpy"


def test_verdicts_come_in_the_order_of_functions_formats_and_properties() -> None:
    found = check("reference", select=("relu", "value.*"), formats=("float32", "float16"))
    assert [v.format for v in found.verdicts] == sorted(
        (v.format for v in found.verdicts), key=("float32", "float16").index
    )
    order = list(properties())
    names = [v.property for v in found.verdicts if v.format == "float32"]
    assert names == sorted(names, key=order.index)


def test_every_property_that_applies_has_a_verdict(report: Report) -> None:
    """A property is left out only where it has nothing to say, whatever was found."""
    names = {(v.function, v.property.split(".")[0]) for v in report.verdicts}
    for function in CHOSEN:
        assert {(function, "value"), (function, "structure")} <= names
        assert (function, "grad") in names
        assert ((function, "loss") in names) == find(function).is_loss


def test_the_environment_says_with_what_it_was_judged(report: Report) -> None:
    assert {"numpy", "python"} <= {name.lower() for name in report.environment}
    assert all(isinstance(v, str) for v in report.environment.values())
    assert set(environment()) <= set(report.environment)


# ---------------------------------------------------------------- again


def without_seconds(report: Report) -> list[Verdict]:
    return [replace(v, seconds=0.0) for v in report.verdicts]


def test_the_same_check_gives_the_same_verdicts(report: Report) -> None:
    again = check(report.target, select=CHOSEN, formats=("float32",))
    assert repr(without_seconds(again)) == repr(without_seconds(report))  # NaN equals itself so


def test_judging_by_name_gives_the_same_verdicts(report: Report) -> None:
    again = check_target(report.target, select=CHOSEN, formats=("float32",), jobs=2)
    assert repr(without_seconds(again)) == repr(without_seconds(report))


def test_a_single_property_finds_what_it_finds_among_all(report: Report) -> None:
    for name in ("sigmoid:grad.accuracy", "relu:structure.position", "bce:loss.endpoints"):
        function, _, property_ = name.partition(":")
        alone = check(report.target, select=(name,), formats=("float32",))
        (due,) = [v for v in report.verdicts if (v.function, v.property) == (function, property_)]
        assert repr(without_seconds(alone)) == repr([replace(due, seconds=0.0)])


def test_the_seed_is_kept() -> None:
    found = forward_only("relu", right.relu, seed=7, select=("value.accuracy",))
    assert found.seed == 7
    assert found.ok


# ---------------------------------------------------------------- levels


@pytest.mark.parametrize(
    ("required", "ok"), [("unsound", True), ("sound", True), ("accurate", False), ("exact", False)]
)
def test_a_verdict_fails_only_below_what_is_required(required: str, ok: bool) -> None:
    def cancelling(x: Any) -> Any:
        with np.errstate(all="ignore"):
            return np.where(x > 0, x, np.exp(x) - 1)

    found = forward_only("elu", cancelling, require=required, select=("value.accuracy",))
    assert found.level == "sound"
    assert found.ok is ok
    assert found.required == required


def test_not_a_number_is_never_an_answer_where_the_truth_is_finite() -> None:
    """Also alone, also where the condition number is infinite."""
    for place in ("1,1", "0,0"):
        found = check_target("textbook", select=("bce:value.*",), formats=("float32",), at=place)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from ulpian.checks.backends import textbook

            point = [np.array([float(p)], dtype=np.float32) for p in place.split(",")]
            answer = textbook.bce(*point, reduction="none")
        if np.isnan(answer).any():
            assert verdict(found, "value.accuracy").status == "fail", place
        else:
            assert answer[0] <= 1e-6


def test_an_all_zero_output_is_named_as_such() -> None:
    found = verdict(forward_only("tanh", np.zeros_like), "value.accuracy")
    assert (found.status, found.level) == ("fail", "unsound")
    assert found.message == "every output is zero"
    found = verdict(forward_only("sigmoid", lambda x: np.full_like(x, 0.5)), "value.accuracy")
    assert found.message == "every output is 0.5"
    found = verdict(forward_only("gelu", np.array), "value.accuracy")
    assert found.message == "the output is the input"


# ---------------------------------------------------------------- traits


def relu_vjp(choice: float) -> Any:
    def vjp(x: Any, *, cotangent: Any) -> tuple[Any, ...]:
        slope = np.where(x == 0, x.dtype.type(choice), (x > 0).astype(x.dtype))
        return (cotangent * slope,)

    return vjp


@pytest.mark.parametrize("choice", [0.0, 0.5, 1.0])
def test_the_choice_at_a_kink_is_a_trait(choice: float) -> None:
    found = forward_only("relu", right.relu, vjp=relu_vjp(choice), select=("grad.*",))
    assert found.ok, [(v.id, v.message) for v in found.findings]
    assert verdict(found, "grad.kink").traits == (f"gradient at the kink: {choice:g}",)


@pytest.mark.parametrize("choice", [-0.5, 1.5, float("nan")])
def test_what_is_no_subgradient_is_a_finding(choice: float) -> None:
    found = forward_only("relu", right.relu, vjp=relu_vjp(choice), select=("grad.kink",))
    assert not found.ok


def test_zero_for_a_subnormal_result_is_a_trait_and_not_a_finding() -> None:
    def flushed(x: Any) -> Any:
        y = right.relu(x)
        return np.where(np.abs(y) < np.finfo(x.dtype).tiny, 0 * y, y)

    found = forward_only("relu", flushed, select=("value.accuracy",))
    assert found.ok
    traits = verdict(found, "value.accuracy").traits
    assert traits == ("gives 0 where a result or an intermediate is subnormal",)
    assert (
        verdict(
            forward_only("relu", right.relu, select=("value.accuracy",)), "value.accuracy"
        ).traits
        == ()
    )


def test_refusing_nan_is_a_trait_and_swallowing_it_a_finding() -> None:
    def refusing(x: Any) -> Any:
        if np.isnan(x).any():
            raise ValueError("NaN is not accepted here")
        return right.relu(x)

    found = forward_only("relu", refusing, select=("value.special",))
    assert found.ok
    assert "refuses NaN in x" in verdict(found, "value.special").traits
    swallowed = forward_only("relu", lambda x: np.fmax(x, 0), select=("value.special",))
    assert verdict(swallowed, "value.special").message == "NaN in x is swallowed"


def test_a_trait_does_not_lower_a_verdict(report: Report) -> None:
    if report.target == "reference":
        assert any(v.traits for v in report.verdicts)
        assert not report.findings


# ---------------------------------------------------------------- what is not offered


def test_a_parameter_that_is_not_taken_is_unsupported_and_the_default_is_judged() -> None:
    found = forward_only("leaky_relu", lambda x: right.leaky_relu(x))
    assert found.ok
    assert verdict(found, "value.parameters").status == "unsupported"
    assert verdict(found, "value.parameters").message == "takes no negative_slope"
    assert verdict(found, "value.accuracy").points > 1000


def test_a_loss_without_reductions_is_judged_one_by_one() -> None:
    def mean_squares(prediction: Any, target: Any) -> Any:
        return np.mean(np.square(prediction - target))

    found = check(mean_squares, as_="mse", formats=("float32",), select=("value.*", "loss.*"))
    assert found.ok, [(v.id, v.message) for v in found.findings]
    assert verdict(found, "value.accuracy").points > 500


def test_nothing_at_all_is_not_ok() -> None:
    empty = Report("nothing", Level.ACCURATE, ())
    assert (empty.ok, empty.judged, empty.level) == (False, False, None)
    found = check(rude.sigmoid, as_="sigmoid", formats=("float32",), select=("grad.*",))
    assert (found.ok, found.judged, found.level) == (False, False, None)


def test_identity_alone_is_the_function_and_with_a_star_the_properties() -> None:
    function = check("reference", select=("identity", "value.special"), formats=("float32",))
    assert {v.function for v in function.verdicts} == {"identity"}
    group = check("reference", select=("tanh", "identity.*"), formats=("float16",))
    assert {v.property.split(".")[0] for v in group.verdicts} == {"identity"}


@pytest.mark.parametrize(("seed", "profile"), [(SEED, "default"), (101, "smoke")])
def test_an_equation_whose_bound_is_wide_in_a_narrow_format_still_says_something(
    seed: int, profile: str
) -> None:
    found = check(
        "reference",
        select="tversky:identity.exchange",
        formats=("bfloat16",),
        seed=seed,
        profile=profile,
    )
    assert [v.status for v in found.verdicts] == ["pass"]
    assert found.verdicts[0].points > 0
