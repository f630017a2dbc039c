"""The built-in backends: named as the book names things, and what they are known for is found."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from ulpian.checks import Report, Verdict, check
from ulpian.checks.properties import catalogue as properties
from ulpian.checks.targets.implementation import Unsupported
from ulpian.checks.targets.target import BACKENDS, resolve
from ulpian.reference.formats import FORMATS
from ulpian.spec import catalogue

LIBRARY = {"torch": "torch", "jax": "jax", "scipy": "scipy"}
AXES = {"axis", "channel_axis", "keepdims"}
every = pytest.mark.parametrize("name", BACKENDS)


def module(name: str) -> ModuleType:
    """A backend's module; the test is skipped where its library is not installed."""
    if name in LIBRARY:
        pytest.importorskip(LIBRARY[name])
    if name == "reference":
        return importlib.import_module("ulpian.reference.implementations")
    return importlib.import_module(f"ulpian.checks.backends.{name}")


def functions(found: ModuleType) -> Iterator[tuple[str, Callable[..., Any]]]:
    """The public functions that a module defines, or that it exports by `__all__`."""
    exported = getattr(found, "__all__", ())
    for name, item in vars(found).items():
        own = getattr(item, "__module__", "") == found.__name__ or name in exported
        if own and inspect.isfunction(item) and not name.startswith("_"):
            yield name, item


def verdict(report: Report, id: str) -> Verdict:
    (found,) = [v for v in report.verdicts if v.id == id]
    return found


def float32(name: str, *select: str) -> Report:
    module(name)
    return check(name, select=select, formats=("float32",))


# ---------------------------------------------------------------- names


@every
def test_every_public_function_has_a_name_of_the_book_and_a_docstring(name: str) -> None:
    found = dict(functions(module(name)))
    assert {n.removesuffix("_vjp") for n in found} <= set(catalogue())
    assert [n for n, f in found.items() if not inspect.getdoc(f)] == []
    assert all(n.removesuffix("_vjp") in found for n in found)


@every
def test_a_backend_is_resolved_with_all_of_its_functions(name: str) -> None:
    found = dict(functions(module(name)))
    target = resolve(name)
    assert target.name == name
    assert set(target.callables) == set(found)
    assert target.arrays == LIBRARY.get(name, "numpy").replace("scipy", "numpy")


@every
def test_arguments_are_those_of_the_book(name: str) -> None:
    """Variables in order and by position, then parameters by keyword, with their defaults."""
    for key, item in functions(module(name)):
        function = catalogue()[key.removesuffix("_vjp")]
        given = list(inspect.signature(item).parameters.values())
        count = len(function.variables)
        assert all(p.kind is not p.KEYWORD_ONLY for p in given[:count]), key
        if not function.along_axis:
            assert [p.name for p in given[:count]] == [v.name for v in function.variables], key
        known = {"reduction", "cotangent", *AXES, *function.defaults()}
        if function.ignored is not None:
            known.add("ignore_index")
        assert {p.name for p in given[count:]} <= known, key
        for p in given[count:]:
            if p.name in function.defaults():
                assert p.default == float(function.defaults()[p.name]), key
            if p.name == "cotangent":
                assert p.kind is p.KEYWORD_ONLY, key


def test_the_reference_and_the_textbook_have_gradients_of_their_own() -> None:
    for name in ("reference", "textbook"):
        found = dict(functions(module(name)))
        assert {n for n in found if n.endswith("_vjp")} == {
            f"{n}_vjp" for n in found if not n.endswith("_vjp")
        }
    assert set(resolve("reference").functions) == set(catalogue())


# ---------------------------------------------------------------- the textbook's mistakes

NAIVE = [
    ("sigmoid-grad.accuracy-float32", "sound"),  # s (1 - s) loses the right tail
    ("tanh-value.accuracy-float32", "unsound"),  # inf / inf
    ("tanh-value.special-float32", "sound"),
    ("tanh-grad.accuracy-float32", "sound"),  # 1 - tanh^2
    ("softmax-value.accuracy-float32", "unsound"),  # exp overflows
    ("softmax-grad.accuracy-float32", "unsound"),
    ("bce-value.accuracy-float32", "unsound"),  # the epsilon vanishes beside 1
    ("bce-loss.endpoints-float32", "unsound"),  # and invents a loss at 0
    ("elu-value.accuracy-float32", "sound"),  # exp(x) - 1
    ("softplus-value.accuracy-float32", "unsound"),  # exp overflows
    ("log_sigmoid-value.accuracy-float32", "unsound"),  # log(0)
    ("gelu-value.accuracy-float32", "sound"),  # 1 + erf
    ("selu-value.accuracy-float32", "sound"),  # five digits
]


@pytest.fixture(scope="module")
def textbook() -> Report:
    pytest.importorskip("scipy")  # gelu as it is typed needs its erf
    names = sorted({id.split("-")[0] for id, _ in NAIVE})
    return float32("textbook", *names)


@pytest.mark.parametrize(("id", "level"), NAIVE)
def test_a_naive_mistake_is_named_with_witness_and_bound(
    textbook: Report, id: str, level: str
) -> None:
    found = verdict(textbook, id)
    assert (found.status, found.level) == ("fail", level)
    assert found.error_ulp is None or found.error_ulp > 8
    witness = found.witness
    assert witness is not None
    assert witness.inputs
    assert witness.bits.keys() == witness.inputs.keys()
    assert witness.truth is not None
    assert witness.observed != witness.truth
    assert witness.bound_ulp is not None
    assert witness.error_ulp is not None
    assert witness.error_ulp > witness.bound_ulp
    assert witness.origin


def test_the_textbook_is_not_ok_and_every_finding_can_be_explained(textbook: Report) -> None:
    assert not textbook.ok
    assert textbook.level == "unsound"
    for finding in textbook.findings:
        head = finding.property.split(".")
        rule = properties().get(".".join(head[:2])) or properties()[head[0]]
        assert all((rule.meaning, rule.why, rule.cause, rule.fix))


def test_what_overflows_in_the_textbook_is_not_a_number(textbook: Report) -> None:
    for id in ("softmax-value.accuracy-float32", "tanh-value.accuracy-float32"):
        witness = verdict(textbook, id).witness
        assert witness is not None
        assert witness.observed != witness.observed
        assert witness.truth == witness.truth


# ---------------------------------------------------------------- frameworks


def test_exact_gelu_in_torch_loses_its_left_tail() -> None:
    report = float32("torch", "gelu:value.accuracy", "gelu:grad.accuracy")
    assert verdict(report, "gelu-grad.accuracy-float32").status == "fail"
    assert verdict(report, "gelu-value.accuracy-float32").status == "fail"


def test_softplus_in_torch_jumps_at_its_threshold() -> None:
    module("torch")
    report = check("torch", select=("softplus:value.*",), formats=("float64",))
    jump = verdict(report, "softplus-value.monotone-float64")
    assert jump.status == "fail"
    assert jump.witness is not None
    assert jump.witness.inputs["x"] == pytest.approx(20, rel=1e-15)
    value = verdict(report, "softplus-value.accuracy-float64")
    assert (value.status, value.level) == ("fail", "unsound")


KNOWN = [
    # PyTorch
    ("torch", "hard_sigmoid-grad.accuracy-float64", "unsound"),  # 1/6 in float32
    ("torch", "celu-grad.accuracy-float64", "unsound"),  # 1/alpha in float32
    ("torch", "soft_margin-value.accuracy-float32", "unsound"),  # log(1 + exp) overflows
    ("torch", "soft_margin-grad.accuracy-float32", "unsound"),  # and so does its gradient
    ("torch", "multi_margin-value.special-float32", "unsound"),  # NaN > 0 is false
    ("torch", "poisson_nll-grad.parameter.target-float32", "unsound"),  # NaN behind a mask
    ("torch", "kl_div-grad.parameter.target-float32", "unsound"),  # 0 log 0, differentiated
    ("torch", "pairwise_distance-value.accuracy-float32", "unsound"),  # eps
    ("torch", "log_ndtr-grad.accuracy-float32", "unsound"),  # overflow far out
    ("torch", "tanhshrink-value.accuracy-float32", "sound"),  # x - tanh(x)
    ("torch", "ndtr-value.accuracy-float32", "sound"),  # 1 + erf
    ("torch", "expm1-grad.accuracy-float32", "sound"),  # result + 1
    ("torch", "hard_swish-value.special-float32", "sound"),  # -inf * 0
    # JAX and Optax
    ("jax", "log1p-value.accuracy-float64", "unsound"),  # a hundred ulps
    ("jax", "squareplus-value.accuracy-float32", "unsound"),  # x + sqrt(x^2 + b)
    ("jax", "log_ndtr-value.accuracy-float64", "unsound"),  # a series with too few terms
    ("jax", "log_cosh-loss.sign-float64", "sound"),  # below zero
    ("jax", "triplet_margin-value.accuracy-float32", "unsound"),  # eps under the root
    # SciPy
    ("scipy", "js_div-loss.sign-float32", "unsound"),  # two terms that cancel
    ("scipy", "pseudo_huber-value.accuracy-float64", "unsound"),  # a square overflows
]


@pytest.mark.parametrize(("name", "id", "level"), KNOWN, ids=[f"{n}-{i}" for n, i, _ in KNOWN])
def test_what_a_framework_is_known_for_is_found(name: str, id: str, level: str) -> None:
    module(name)
    function, rule, fmt = id.split("-")
    select = f"{function}:{'.'.join(rule.split('.')[:2])}"
    found = verdict(check(name, select=(select,), formats=(fmt,)), id)
    assert (found.status, found.level) == ("fail", level)
    assert found.witness is not None


FAIR = [
    # a partner is asked inside its domain only, and class indices come as one-hot rows
    ("torch", "cross_entropy-identity.nll_of_log_softmax-float32"),
    ("scipy", "kl_div-identity.no_divergence-float32"),
    # at 5e36 a margin of 1 is lost in rounding: either slope is right
    ("torch", "multilabel_margin-grad.accuracy-float32"),
    # a sum over all pairs of 130 huge scores
    ("torch", "multilabel_margin-structure.position-float32"),
    # an error function in a slope
    ("reference", "log_ndtr-identity.slope-float64"),
]


@pytest.mark.parametrize(("name", "id"), FAIR)
def test_what_is_right_is_not_punished(name: str, id: str) -> None:
    module(name)
    function, rule, fmt = id.split("-")
    select = f"{function}:{'identity' if rule.startswith('identity') else rule}"
    found = verdict(check(name, select=(select,), formats=(fmt,)), id)
    assert found.status == "pass", found.message


def test_a_clip_far_below_ordinary_probabilities_is_found() -> None:
    report = float32("textbook", "categorical_cross_entropy:value.accuracy")
    found = verdict(report, "categorical_cross_entropy-value.accuracy-float32")
    assert (found.status, found.level) == ("fail", "unsound")


def test_a_focal_loss_meant_for_rows_costs_nothing_on_the_other_class() -> None:
    found = verdict(float32("textbook", "focal:value.accuracy"), "focal-value.accuracy-float32")
    assert (found.status, found.level) == ("fail", "unsound")


def test_results_in_torch_differ_with_the_place_in_the_tensor() -> None:
    pytest.importorskip("torch")
    report = float32("torch", "sigmoid:structure.position", "silu:structure.position")
    traits = {t for v in report.verdicts for t in v.traits}
    assert any("position" in t for t in traits)
    assert report.ok  # several answers are right: recorded, not punished


def test_silu_in_jax_is_not_a_number_at_minus_infinity() -> None:
    found = verdict(float32("jax", "silu:value.special"), "silu-value.special-float32")
    assert (found.status, found.level) == ("fail", "sound")
    assert found.witness is not None
    assert found.witness.inputs == {"x": float("-inf")}
    assert found.witness.observed != found.witness.observed


def test_jax_flushes_subnormal_numbers_to_zero_and_is_not_punished() -> None:
    found = verdict(float32("jax", "silu:value.accuracy"), "silu-value.accuracy-float32")
    assert found.status == "pass"
    assert "flushes subnormal numbers to zero" in found.traits


# ---------------------------------------------------------------- compiled gradients in JAX


@pytest.fixture
def jax_adapter() -> Iterator[ModuleType]:
    """The adapter inside its session, its programs dropped afterwards."""
    pytest.importorskip("jax")
    from ulpian.checks.adapters import jax as found

    with found.session():
        yield found
    found._programs.cache_clear()


POINTS = np.random.default_rng(7).normal(scale=3, size=512)


@pytest.mark.parametrize("fmt", ["float32", "float64", "bfloat16"])
@pytest.mark.parametrize("name", ["gelu", "gelu_tanh", "tanh", "silu"])
def test_the_gradient_is_that_of_the_function_under_jit(
    jax_adapter: ModuleType, name: str, fmt: str
) -> None:
    """One program for function and pullback gives the bits of `jax.vjp` of the jitted function."""
    import jax

    function = getattr(module("jax"), name)
    x = FORMATS[fmt].array(FORMATS[fmt].round(POINTS))
    (found,) = jax_adapter.vjp(function, [x], {}, np.ones_like(x), (0,))
    due = jax.vjp(jax.jit(function), jax_adapter.to_native(x))[1](np.ones_like(x))[0]
    assert found.tobytes() == jax_adapter.to_numpy(due).tobytes()


def test_the_eager_gradient_is_that_of_jax_without_its_compiler(jax_adapter: ModuleType) -> None:
    import jax

    tanh = module("jax").tanh
    x, ones = POINTS.astype(np.float32), np.ones(512, dtype=np.float32)
    (eager,) = jax_adapter.eager_vjp(tanh, [x], {}, ones, (0,))
    due = jax.vjp(tanh, jax_adapter.to_native(x))[1](ones)[0]
    assert eager.tobytes() == jax_adapter.to_numpy(due).tobytes()
    (fused,) = jax_adapter.vjp(tanh, [x], {}, ones, (0,))
    assert not np.array_equal(eager, fused)  # 1 - t^2 in one rounding, or in two


def test_code_that_looks_at_its_values_is_differentiated_eagerly(jax_adapter: ModuleType) -> None:
    def branches(x: Any) -> Any:
        return 3 * x if x.sum() > 0 else -x

    def picks(x: Any) -> Any:
        return x[x > 0]

    x = np.array([1.0, 2.0])
    for sign, slope in ((1, 3.0), (-1, -1.0)):
        (found,) = jax_adapter.vjp(branches, [sign * x], {}, np.ones(2), (0,))
        assert found.tolist() == [slope, slope]
    assert jax_adapter.vjp(picks, [x], {}, np.ones(2), (0,))[0].tolist() == [1.0, 1.0]


def test_gradients_know_their_keywords_and_their_callable(jax_adapter: ModuleType) -> None:
    """A program is kept for one callable and one choice of constants, not mistaken for another."""

    class Power:
        __hash__ = None  # type: ignore[assignment]

        def __init__(self, exponent: int) -> None:
            self.exponent = exponent

        def __eq__(self, other: object) -> bool:
            return True

        def __call__(self, x: Any, *, scale: Any = 1) -> Any:
            return scale * x**self.exponent

    def gradient(exponent: int, **keywords: Any) -> Any:
        x = np.array([3.0])
        return jax_adapter.vjp(Power(exponent), [x], keywords, np.ones(1), (0,))[0][0]

    square = Power(2)
    for scale, due in ((1, 6.0), (2, 12.0), (0.5, 3.0), (np.array(4.0), 24.0)):
        found = jax_adapter.vjp(square, [np.array([3.0])], {"scale": scale}, np.ones(1), (0,))
        assert found[0].tolist() == [due]
    assert gradient(3) == 27
    assert gradient(1, scale=5.0) == 5


def test_one_program_serves_all_values_of_a_real_keyword(jax_adapter: ModuleType) -> None:
    traced = []

    def scaled(x: Any, *, scale: float = 1.0) -> Any:
        traced.append(scale)
        return scale * x * x

    def positive_only(x: Any, *, scale: float = 1.0) -> Any:
        return scale * x if scale > 0 else x

    x, ones = np.array([3.0], dtype=np.float32), np.ones(1, dtype=np.float32)
    for function, slope in ((scaled, 6.0), (positive_only, 1.0)):
        for scale in (0.5, 2.0, 5.0):
            (found,) = jax_adapter.vjp(function, [x], {"scale": scale}, ones, (0,))
            assert found.tolist() == [slope * scale]
            assert found.dtype == np.float32
    assert len(traced) == 1
    (found,) = jax_adapter.vjp(positive_only, [x], {"scale": -1.0}, ones, (0,))
    assert found.tolist() == [1.0]


def test_all_gradients_of_a_call_come_from_one_program(jax_adapter: ModuleType) -> None:
    traced = []

    def error(prediction: Any, target: Any, *, reduction: str = "mean") -> Any:
        traced.append(reduction)
        return (prediction - target) ** 2

    implementation = resolve({"mse": error}, arrays="jax").implementation("mse", 10.0)
    x, ones = np.array([3.0, 1.0]), np.ones(2)
    given = ([x, 2 * x], {"reduction": "none"}, ones)
    found = implementation.gradients(*given, ["prediction", "target"])
    assert found["prediction"].tolist() == [-6, -2]
    assert found["target"].tolist() == [6, 2]
    assert len(traced) == 1


def test_a_gradient_that_jax_lacks_does_not_cost_the_others(jax_adapter: ModuleType) -> None:
    import jax

    @jax.custom_vjp  # type: ignore[untyped-decorator]
    def kept(target: Any) -> Any:
        return target

    def refuse(_: Any, cotangent: Any) -> Any:
        raise NotImplementedError("no gradient in the target")

    kept.defvjp(lambda target: (target, None), refuse)

    def error(prediction: Any, target: Any, *, reduction: str = "mean") -> Any:
        return (prediction - kept(target)) ** 2

    implementation = resolve({"mse": error}, arrays="jax").implementation("mse", 10.0)
    x = np.array([3.0, 1.0])
    given = ([x, 2 * x], {"reduction": "none"}, np.ones(2))
    assert implementation.gradients(*given, ["prediction", "target"]).keys() == {"prediction"}
    with pytest.raises(Unsupported, match="no gradient in the target"):
        implementation.gradients(*given, ["target"])


def test_programs_are_dropped_once_they_are_many(
    jax_adapter: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    import jax

    def kept() -> int:
        return len(jax.devices()[0].client.live_executables())

    x, ones = np.array([3.0]), np.ones(1)
    jax_adapter.vjp(lambda x: x * x, [x], {}, ones, (0,))
    before = kept()
    monkeypatch.setattr(jax_adapter, "MANY", before)
    jax_adapter.forget()
    assert kept() == before
    monkeypatch.setattr(jax_adapter, "MANY", 0)
    jax_adapter.forget()
    assert kept() == 0 < before


def test_an_eager_gradient_that_is_wrong_is_found_though_the_compiled_one_is_right() -> None:
    jax = pytest.importorskip("jax")

    relu = jax.custom_vjp(lambda x: jax.numpy.maximum(x, 0))

    def backward(x: Any, g: Any) -> Any:
        return (jax.numpy.where(x > 0, g if isinstance(g, jax.core.Tracer) else 2 * g, 0),)

    relu.defvjp(lambda x: (relu(x), x), backward)
    report = check(
        lambda x: relu(x),
        as_="relu",
        arrays="jax",
        formats=("float32",),
        select=("relu:grad.accuracy", "relu:structure.compiled"),
    )
    assert verdict(report, "relu-grad.accuracy-float32").status == "pass"
    found = verdict(report, "relu-structure.compiled-float32")
    assert (found.status, found.level) == ("fail", "unsound")
    assert found.message == "the gradient computed eagerly is worse than the compiled one"
    assert found.witness is not None
    assert found.witness.observed == 2 * found.witness.truth == 2


def test_a_gradient_that_differs_with_the_compiler_is_noted() -> None:
    found = verdict(float32("jax", "tanh:structure.compiled"), "tanh-structure.compiled-float32")
    assert found.status == "pass"
    assert "gradients differ with the compiler" in found.traits


def test_a_check_compiles_few_programs(jax_adapter: ModuleType) -> None:
    """Each costs 25 ms to compile, 4 ms to load and a megabyte; shapes are to be shared."""
    import jax

    compiled = []

    def note(event: str, seconds: float, **_: object) -> None:
        if event == "/jax/core/compile/backend_compile_duration":
            compiled.append(seconds)

    jax.monitoring.register_event_duration_secs_listener(note)
    try:
        float32("jax", "gelu")  # six operations, no jit of its own
    finally:
        jax.monitoring.unregister_event_duration_listener(note)
    assert 20 < len(compiled) < 100


def test_the_environment_tells_of_jax_as_its_code_is_judged() -> None:
    from ulpian.checks.adapters import jax as adapter
    from ulpian.checks.environment import environment

    told = adapter.version()
    assert told["jax_x64"] == "True"
    assert not told.keys() & environment().keys()
