"""Names and differences of frameworks: each is tried where the framework is installed."""

from __future__ import annotations

import importlib
import json
import warnings
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import sympy
from numpy.typing import NDArray

from ulpian.checks.book.differences import DIFFERENCES, TRIED, Difference, of, said, tried, values
from ulpian.checks.book.inventory import COLUMNS, written
from ulpian.checks.book.names import SPELLINGS, spellings
from ulpian.checks.book.page import page
from ulpian.reference import oracle
from ulpian.reference.formats import FORMATS
from ulpian.reference.rows import divisors, truth_rows
from ulpian.spec import Function, catalogue
from ulpian.spec.function import Variable

FLOAT64 = FORMATS["float64"]
Values = Mapping[str, Any]


class Names(dict[str, Any]):
    """What a call may name: packages, usual short names, and every operator of ONNX."""

    def __init__(self, framework: str) -> None:
        super().__init__(array=np.array, np=np)
        self["numpy"] = np
        package = pytest.importorskip(framework)
        self[framework] = package
        if framework == "torch":
            self |= {"F": package.nn.functional, "tensor": package.tensor}
        if framework in ("jax", "optax"):
            self |= {"jnp": pytest.importorskip("jax").numpy}
        if framework == "jax":
            self |= {"optax": pytest.importorskip("optax")}
        if framework == "scipy":
            self |= {name: vars(np)[name] for name in ("sum", "exp")}
            for part in ("special", "spatial"):
                importlib.import_module(f"scipy.{part}")
        if framework in ("tensorflow", "tf_keras"):
            self["tf"] = importlib.import_module("tensorflow")

    def __missing__(self, name: str) -> Any:
        if "onnx" not in self:
            raise KeyError(name)

        def operator(*inputs: Any, **attributes: Any) -> Any:
            onnx = self["onnx"]
            helper, evaluator = onnx.helper, importlib.import_module("onnx.reference")
            if not onnx.defs.has(name):
                raise NameError(name)
            feeds = {f"i{k}": np.asarray(v, dtype=np.float64) for k, v in enumerate(inputs)}
            kind = onnx.TensorProto.DOUBLE
            graph = helper.make_graph(
                [helper.make_node(name, list(feeds), ["o"], **attributes)],
                "one",
                [helper.make_tensor_value_info(i, kind, a.shape) for i, a in feeds.items()],
                [helper.make_tensor_value_info("o", kind, None)],
            )
            opset = helper.make_opsetid("", onnx.defs.onnx_opset_version())
            model = helper.make_model(graph, opset_imports=[opset])
            return evaluator.ReferenceEvaluator(model).run(None, feeds)[0]

        return operator


def called(call: str, framework: str, values: Values | None = None) -> NDArray[Any]:
    """What the call gives there, as NumPy numbers."""
    names = Names(framework)
    names |= dict(values or {})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = eval(call, {}, names)
    return np.asarray(found.detach() if hasattr(found, "detach") else found, dtype=np.float64)


def truth(function: Function, arrays: list[NDArray[Any]], given: Values) -> NDArray[Any]:
    """The book's values, as the oracle knows them."""
    if function.along_axis:
        found = truth_rows(function, arrays, FLOAT64, None, given)["value"]
    else:
        found = oracle.truth(function, arrays, FLOAT64, given)["value"]
    assert found.decided.all()
    return found.nearest


def book(d: Difference) -> float:
    """The book's value at the inputs of a difference, reduced if it is a loss."""
    function = catalogue()[d.function]
    assert d.at is not None
    arrays = []
    for v, given in zip(function.variables, d.at, strict=True):
        a = np.asarray(given, dtype=np.float64)
        arrays.append(a.reshape(-1, *a.shape[-len(v.shape) :]) if v.along_axis else a.ravel())
    setting = {
        name: tuple(map(Fraction, value)) if isinstance(value, tuple) else Fraction(value)
        for name, value in d.given.items()
    }
    nearest = truth(function, arrays, setting)
    if not function.is_loss:
        return float(nearest.flat[0])
    if d.reduction == "sum":
        return float(nearest.sum())
    return float(nearest.sum() / divisors(function, arrays, setting).sum())


def close(found: float, due: float, other: float) -> bool:
    """Nearer to what is due than a tenth of the way to the other answer."""
    return found == due or abs(found - due) < abs(due - other) / 10


@pytest.mark.parametrize("d", DIFFERENCES, ids=lambda d: f"{d.function}-{d.framework}")
class TestADifference:
    def test_is_what_the_framework_gives(self, d: Difference) -> None:
        found = float(called(d.call, d.framework).flat[0])
        if d.here is None:
            assert found == pytest.approx(d.there, rel=1e-5)
        else:
            assert close(found, d.there, d.here)

    def test_is_from_what_the_book_gives(self, d: Difference) -> None:
        assert (d.at is None) == (d.here is None)
        if d.here is not None:
            assert close(book(d), d.here, d.there)
            assert d.there != d.here

    def test_is_said_with_its_call_and_both_values(self, d: Difference) -> None:
        assert d.function in catalogue()
        assert d.framework in TRIED
        there, here = values(d)
        assert said(d) == f"{d.what}: {d.call} = {there}, here {here}"
        assert float(there) == pytest.approx(d.there, rel=1e-5)
        assert here == "no value" if d.here is None else float(here) != float(there)
        assert d in of(d.function)


def test_the_version_that_was_tried_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    (jump,) = of("softplus")
    for here, mark in ((object(), ""), (None, ", not checked here")):
        monkeypatch.setattr("importlib.util.find_spec", lambda name, here=here: here)
        assert tried(jump) == f"torch {TRIED['torch']}{mark}"
    assert {d.framework for d in DIFFERENCES} == set(TRIED)


@pytest.mark.parametrize("framework", ["torch", "jax", "optax", "scipy"])
def test_what_is_developed_with_is_what_was_tried(framework: str) -> None:
    package = pytest.importorskip(framework)
    assert package.__version__.split("+")[0] == TRIED[framework]


# ---------------------------------------------------------------- what is printed


def test_a_page_names_the_frameworks_and_says_what_they_do_otherwise() -> None:
    jump = catalogue()["softplus"]
    text = page(jump)
    assert "torch: torch.nn.functional.softplus(x, beta)" in text
    assert "onnx: Softplus(x)" in text
    assert f"torch {TRIED['torch']}" in text
    assert said(of("softplus")[0]) in text
    notes = json.loads(page(jump, "json"))
    assert notes["elsewhere"] == [f"{tried(d)}: {said(d)}" for d in of("softplus")]
    assert "elsewhere" not in json.loads(page(catalogue()["tanh"], "json"))


def test_the_table_of_differences_is_text_markdown_and_json() -> None:
    data = json.loads(written("differences", "json"))
    assert [row["call"] for row in data] == [d.call for d in DIFFERENCES]
    assert [row["tried with"] for row in data] == [tried(d) for d in DIFFERENCES]
    lines = written("differences", "markdown").splitlines()
    assert lines[0] == "| function | tried with | difference | call | there | here |"
    assert len(lines) == len(DIFFERENCES) + 2
    text = written("differences", "text").splitlines()
    assert len(text) == 3 * len(DIFFERENCES)
    assert text[0] == f"{DIFFERENCES[0].function} · {tried(DIFFERENCES[0])}"


@pytest.mark.parametrize("what", sorted(COLUMNS))
def test_every_table_is_written_in_every_format(what: str) -> None:
    data = json.loads(written(what, "json"))
    assert data
    assert all(tuple(row) == COLUMNS[what] for row in data)
    lines = written(what, "markdown").splitlines()
    assert len(lines) == len(data) + 2
    assert {line.count(" | ") for line in lines} == {len(COLUMNS[what]) - 1}


# ---------------------------------------------------------------- names

ROW = np.array([[0.1, 0.2, 0.3, 0.4], [0.25, 0.25, 0.375, 0.125]])
NUMBERS = np.array([-0.625, 0.75, 2.5, 5.0])


def inputs(function: Function, position: int) -> NDArray[Any]:
    """Ordinary numbers in the domain of a variable; two rows of four, each adding up to one."""
    v = function.variables[position]
    if v.labels:
        return np.array([[1, 3], [2, 2]])
    if len(v.shape) == 2:
        return np.stack([np.roll(ROW, frame, axis=1) for frame in range(3)], axis=1)
    return numbers(v, position)[: 2 if function.along_axis else 4]


def numbers(v: Variable, position: int) -> NDArray[Any]:
    if v.one_hot or (v.simplex and not v.differentiable):
        return np.eye(4)[[1, 3]]
    if v.along_axis and isinstance(v.domain, sympy.FiniteSet):
        return np.array([[1.0, 0.0, 0.0, 1.0], [0.0, 1.0, 0.0, 0.0]])
    if v.along_axis:
        return np.roll(-ROW if v.domain.sup == 0 else ROW, position, axis=1)
    if isinstance(v.domain, sympy.FiniteSet):
        return np.resize(sorted(float(e) for e in v.domain), 4)
    inside = NUMBERS if v.domain.contains(5) == sympy.true else np.array([0.25, 0.5, 0.75, 0.625])
    if v.domain.inf.is_finite:
        inside = np.abs(inside)
    return np.roll(inside, position)


NAMED = [
    pytest.param(function, framework, call, id=f"{function}-{framework}")
    for function in catalogue()
    for framework, call in spellings(function)
]


@pytest.mark.parametrize(("name", "framework", "call"), NAMED)
def test_a_framework_computes_the_function_as_it_is_spelled(
    name: str, framework: str, call: str
) -> None:
    function = catalogue()[name]
    arrays = [inputs(function, k) for k in range(len(function.variables))]
    values: dict[str, Any] = {
        v.name: a for v, a in zip(function.variables, arrays, strict=True)
    } | {p.name: np.ones(4) if p.along_axis else p.passed(p.default) for p in function.parameters}
    values |= {"axis": -1, "keepdims": False, "reduction": "mean"}
    due = truth(function, arrays, {})
    if function.sizes:
        values |= {"N": 2, "T": arrays[0].shape[1], "S": arrays[1].shape[1]}
        due = due / values["S"]
    if framework == "torch":
        values |= torch_values(values)
    elif framework == "scipy":
        values |= scipy_values(values)
    elif framework == "jax":
        values |= {k: jax_array(a) for k, a in values.items() if isinstance(a, np.ndarray)}
    if name == "prelu":  # one channel for each number
        values["x"] = values["x"][None]
    found = called(call.split("; ")[-1], framework, values)
    if function.is_loss:
        found, due = found.mean(), due.mean()
    assert np.allclose(found, due, rtol=1e-4, atol=1e-5)


def jax_array(a: NDArray[Any]) -> Any:
    return pytest.importorskip("jax").numpy.array(a)


def torch_values(values: Values) -> dict[str, Any]:
    """As tensors; the parameters that PyTorch takes as tensors too."""
    torch = pytest.importorskip("torch")
    found = {k: torch.from_numpy(a) for k, a in values.items() if isinstance(a, np.ndarray)}
    if "pos_weight" in values:
        found["pos_weight"] = torch.tensor(values["pos_weight"])
    labels = values.get("target")
    if isinstance(labels, np.ndarray) and labels.ndim == 2:
        found["class_index"] = torch.from_numpy(labels.argmax(axis=-1))
        found["class_indices"] = torch.tensor([[0, 3, -1, -1], [1, -1, -1, -1]])
    return found


def scipy_values(values: Values) -> dict[str, Any]:
    """The short names in the formulas of SciPy's backend."""
    short = {"p": "prediction", "t": "target", "z": "logits"}
    found = {k: values[name] for k, name in short.items() if name in values and k not in values}
    if {"prediction", "target"} <= values.keys():
        found["m"] = (values["prediction"] + values["target"]) / 2
    return found


def test_names_of_frameworks_are_of_functions_of_the_book() -> None:
    for names in SPELLINGS.values():
        assert set(names) <= set(catalogue())
