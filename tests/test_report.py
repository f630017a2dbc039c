"""Reports: what a person reads, and what a machine reads, of the same verdicts."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import numpy as np
import pytest
from jsonschema import Draft202012Validator, ValidationError

from ulpian.checks import reports
from ulpian.checks.reports.figures import decimal, hexadecimal
from ulpian.checks.seeds import SEED
from ulpian.checks.verdict import Report, Status, Verdict, Witness
from ulpian.reference.level import Level

WITNESS = Witness(
    inputs={"x": -5.5},
    bits={"x": "0xc0b00000"},
    truth=float(np.float32(-1.0444259e-07)),
    observed=float(np.float32(-1.6391277e-07)),
    truth_bits="0xb3e049ec",
    observed_bits="0xb4300000",
    error_ulp=8.37e6,
    bound_ulp=220.0,
    origin="8 (ulp + u C), u C = 26.5 ulp; sound up to 5.37e+08 ulp = 64 u max(|f|, C, 1)",
)
FINDING = Verdict(
    function="gelu",
    property="value.accuracy",
    format="float32",
    status=Status.FAIL,
    level=Level.SOUND,
    error_ulp=8.37e6,
    witness=WITNESS,
    points=1000,
)
PASS = Verdict("tanh", "value.accuracy", "float32", Status.PASS, Level.FAITHFUL, 0.9, points=500)


def a_report(*verdicts: Verdict, **fields: object) -> Report:
    plain = Report("torch", Level.ACCURATE, verdicts, seed=SEED, seconds=1.25)
    return replace(plain, **fields)  # type: ignore[arg-type]


def text(*verdicts: Verdict, **fields: object) -> str:
    return reports.as_text(a_report(*verdicts, **fields))


# ---------------------------------------------------------------- text


def test_a_finding_reads_as_the_style_asks() -> None:
    assert """\
gelu · value.accuracy · float32 · torch                      sound, not accurate
  at         x = -5.5                 -0x1.6p+2          0xc0b00000
  truth      -1.0444259e-07           -0x1.c093d8p-24    0xb3e049ec
  observed   -1.6391277e-07           -0x1.6p-23         0xb4300000
  error      8.37e6 ulp               bound 220 ulp = 8 (ulp + u C), u C = 26.5 ulp; sound up to
                                      5.37e8 ulp = 64 u max(|f|, C, 1)
  reproduce  ulpian check torch --select gelu:value.accuracy --format float32 --at -0x1.6p+2
""" in text(FINDING)


def test_the_table_has_a_row_for_each_function_and_the_lowest_level_in_each_format() -> None:
    better = replace(FINDING, property="grad.kink", status=Status.PASS, level=Level.EXACT)
    half = replace(PASS, format="float16", level=Level.EXACT)
    lines = text(PASS, half, better, FINDING).splitlines()
    assert lines[2].split() == ["float16", "float32"]
    assert lines[3].split() == ["tanh", "exact", "faithful"]
    assert lines[4].split() == ["gelu", "—", "sound", "×"]
    assert lines[5].strip() == "× below accurate   — not judged"


def test_undecided_and_error_are_marked_and_named() -> None:
    undecided = replace(PASS, status=Status.UNDECIDED, message="3 points")
    error = replace(
        PASS, function="elu", status=Status.ERROR, level=None, message="Ulpian failed here"
    )
    shown = text(undecided, error)
    assert "faithful ?" in shown
    assert "error !" in shown
    assert "! an error of Ulpian   ? undecided points" in shown
    assert "undecided  tanh · value.accuracy · float32" in shown
    assert "Ulpian failed here" in shown
    assert "exit 2: no verdict: something is undecided or in error" in shown


def test_several_variables_stand_each_on_a_line() -> None:
    witness = Witness(
        {"prediction": -1.0, "target": 0.25},
        {"prediction": "0xbf800000", "target": "0x3e800000"},
        1.5625,
        math.nan,
        "0x3fc80000",
        "0x7fc00000",
        math.inf,
        20.0,
    )
    shown = text(replace(FINDING, function="mse", witness=witness))
    assert "  at         prediction = -1.0        -0x1p+0            0xbf800000\n" in shown
    assert "\n             target = 0.25            0x1p-2             0x3e800000\n" in shown
    assert "  observed   nan                      nan                0x7fc00000\n" in shown
    assert "  error      infinite                 bound 20 ulp\n" in shown
    assert "--at -0x1p+0,0x1p-2" in shown


def test_rows_are_short_lists_and_have_no_at() -> None:
    bits = {"z": ["0x3f000000"] * 9, "entry": "3"}
    witness = Witness({"z": [0.5] * 9, "entry": 3}, bits, 0.1, 0.2)
    shown = text(replace(FINDING, function="softmax", witness=witness))
    assert "z = [0.5, 0.5, 0.5, 0.5, ... 9 entries]" in shown
    assert "entry = 3" in shown
    assert "--at" not in shown


def test_a_message_is_shown_and_a_finding_without_a_witness_too() -> None:
    shown = text(replace(FINDING, witness=None, error_ulp=None, message="inputs were changed"))
    assert "  message    inputs were changed\n" in shown
    assert "  truth" not in shown


def test_traits_are_grouped_by_what_they_say() -> None:
    trait = ("flushes subnormal numbers to zero",)
    verdicts = [
        replace(PASS, function=f, format=fmt, property=p, traits=trait)
        for f, fmt, p in (
            ("gelu", "float32", "value.accuracy"),
            ("gelu", "float32", "grad.accuracy"),
            ("tanh", "float32", "value.accuracy"),
            ("silu", "float64", "value.accuracy"),
        )
    ]
    shown = text(*verdicts)
    assert "flushes subnormal numbers to zero: gelu, tanh (float32); silu (float64)" in shown
    assert shown.count("flushes") == 1


def test_unsupported_is_counted_by_property() -> None:
    missing = [
        replace(PASS, function=f, property="grad.second", status=Status.UNSUPPORTED, level=None)
        for f in ("gelu", "tanh")
    ]
    assert "  unsupported grad.second 2\n" in text(PASS, *missing)


def test_the_closing_line_sums_up_and_says_what_the_exit_code_means() -> None:
    assert text(PASS).endswith(
        "1 passed · 500 points compared · 1.2 s\n"
        "exit 0: nothing below accurate; the lowest level is faithful\n"
    )
    assert text(PASS, FINDING).endswith("exit 1: 1 finding below accurate\n")
    assert "exit 2: no verdict: nothing was judged" in text()


def test_an_interrupted_run_says_that_it_is_incomplete() -> None:
    assert "exit 130: incomplete: interrupted" in text(PASS, complete=False)


@pytest.mark.parametrize(
    ("verdicts", "complete", "code"),
    [
        ((PASS,), True, 0),
        ((PASS, FINDING), True, 1),
        ((), True, 2),
        ((replace(PASS, status=Status.UNDECIDED),), True, 2),
        ((replace(PASS, status=Status.ERROR), PASS), True, 2),
        ((PASS, FINDING), False, 130),
    ],
)
def test_exit_codes(verdicts: tuple[Verdict, ...], complete: bool, code: int) -> None:
    assert reports.exit_code(a_report(*verdicts, complete=complete)) == code


def test_no_line_is_longer_than_100_columns() -> None:
    long = replace(
        FINDING,
        function="bce_with_logits",
        property="identity.delta_after_sigmoid",
        message="word " * 60,
        traits=("results differ with the position in the array",),
    )
    far = replace(
        FINDING,
        function="huber",
        witness=replace(
            WITNESS,
            inputs={"prediction": 0.1234567, "target": -0.7654321},
            bits={"prediction": "0x3dfcd6e0", "target": "0xbf43f358"},
        ),
    )
    many = (replace(PASS, function=f"name_{k}", traits=long.traits) for k in range(30))
    shown = text(long, far, *many)
    assert max(map(len, shown.splitlines())) <= 100
    assert " \\\n               --at 0x" in shown


def test_colour_is_given_only_when_asked() -> None:
    assert "\x1b[" not in reports.as_text(a_report(FINDING), colour=False)
    assert "\x1b[" in reports.as_text(a_report(FINDING), colour=True)


def test_the_command_to_reproduce_names_what_a_callable_claims_to_be() -> None:
    report = a_report(FINDING, target="my.module:fast gelu", required=Level.FAITHFUL)
    assert reports.reproduce(FINDING, report) == (
        "ulpian check 'my.module:fast gelu' --as gelu --select gelu:value.accuracy "
        "--format float32 --require faithful --at -0x1.6p+2"
    )


@pytest.mark.parametrize(
    ("value", "shown"),
    [(-5.5, "-0x1.6p+2"), (1.0, "0x1p+0"), (0.0, "0x0p+0"), (math.inf, "inf"), (math.nan, "nan")],
)
def test_hexadecimal_floats_have_no_idle_zeros(value: float, shown: str) -> None:
    assert hexadecimal(value) == shown


@pytest.mark.parametrize(
    ("fmt", "shown"), [("float16", "0.1"), ("bfloat16", "0.100098"), ("float32", "0.1")]
)
def test_decimals_are_the_shortest_of_the_format(fmt: str, shown: str) -> None:
    assert decimal(0.1, fmt) == shown


# ---------------------------------------------------------------- JSON


def strange() -> Report:
    row = Witness(
        inputs={"z": [math.nan, -math.inf, 1.0, -0.0], "entry": 2},
        bits={"z": ["0x7fc00000", "0xff800000", "0x3f800000", "0x80000000"], "entry": "2"},
        truth=np.float64(math.inf),
        observed=math.nan,
        truth_bits="0x7f800000",
        observed_bits="0x7fc00000",
        error_ulp=math.inf,
        bound_ulp=np.float64(8.0),
        origin="8 (ulp + u C)",
    )
    return a_report(
        replace(FINDING, function="softmax", witness=row, error_ulp=math.inf),
        replace(PASS, traits=("a trait", "another"), points=np.int64(7)),  # type: ignore[arg-type]
        replace(PASS, status=Status.ERROR, level=None, error_ulp=None, message="…"),
        environment={"python": "3.11"},
        seed=5,
    )


def test_json_is_valid_by_the_schema() -> None:
    Draft202012Validator.check_schema(reports.schema())
    for report in (strange(), a_report(), a_report(FINDING), a_report(PASS, complete=False)):
        Draft202012Validator(reports.schema()).validate(json.loads(reports.as_json(report)))


def test_json_spells_what_json_cannot_say() -> None:
    data = json.loads(reports.as_json(strange()), parse_constant=pytest.fail)
    witness = data["verdicts"][0]["witness"]
    assert witness["inputs"]["z"] == ["nan", "-inf", 1.0, -0.0]
    assert (witness["truth"], witness["observed"]) == ("inf", "nan")
    assert witness["bits"]["z"][1] == "0xff800000"


def test_json_comes_back_as_the_same_report() -> None:
    back = reports.from_json(reports.as_json(strange()))
    assert reports.as_json(back) == reports.as_json(strange())
    witness = back.verdicts[0].witness
    assert witness is not None
    assert math.isnan(witness.inputs["z"][0])
    assert math.copysign(1, witness.inputs["z"][3]) == -1
    assert reports.from_json(reports.as_json(a_report(FINDING))).verdicts == (FINDING,)


@pytest.mark.parametrize(
    "damage",
    [
        {"extra": 1},
        {"required": "good"},
        {"schema": 2},
        {"verdicts": [{"function": "gelu"}]},
        {"exit_code": 3},
    ],
)
def test_the_schema_is_strict(damage: dict[str, object]) -> None:
    data = {**reports.as_dict(a_report(FINDING)), **damage}
    with pytest.raises(ValidationError):
        Draft202012Validator(reports.schema()).validate(data)


def test_another_version_of_the_schema_is_refused() -> None:
    with pytest.raises(ValueError, match=r"cannot read a report of schema 99: this Ulpian reads 1"):
        reports.from_json('{"schema": 99}')
