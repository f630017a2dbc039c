"""How frameworks spell the functions of the book: expressions in the book's own variables.

Those of the built-in backends are the first lines of their docstrings, read and not imported.
Those of frameworks without a backend stand here; `tests/test_differences.py` evaluates each
where the framework is installed, and compares it with the oracle. ONNX operators stand as calls
with their attributes by name.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

BACKENDS = ("torch", "jax", "scipy")

KERAS = {
    "identity": "keras.activations.linear(x)",
    "sigmoid": "keras.activations.sigmoid(x)",
    "log_sigmoid": "keras.activations.log_sigmoid(x)",
    "tanh": "keras.activations.tanh(x)",
    "relu": "keras.activations.relu(x)",
    "leaky_relu": "keras.activations.leaky_relu(x, negative_slope)",
    "elu": "keras.activations.elu(x, alpha)",
    "celu": "keras.activations.celu(x, alpha)",
    "selu": "keras.activations.selu(x)",
    "softplus": "keras.activations.softplus(x)",
    "silu": "keras.activations.silu(x)",
    "swish": "keras.activations.swish(x)",
    "gelu": "keras.activations.gelu(x)",
    "gelu_tanh": "keras.activations.gelu(x, approximate=True)",
    "mish": "keras.activations.mish(x)",
    "exponential": "keras.activations.exponential(x)",
    "hard_sigmoid": "keras.activations.hard_sigmoid(x)",
    "hard_tanh": "keras.activations.hard_tanh(x)",
    "hard_swish": "keras.activations.hard_swish(x)",
    "relu6": "keras.activations.relu6(x)",
    "softsign": "keras.activations.softsign(x)",
    "softshrink": "keras.activations.soft_shrink(x, threshold=lambd)",
    "hardshrink": "keras.activations.hard_shrink(x, threshold=lambd)",
    "tanhshrink": "keras.activations.tanh_shrink(x)",
    "threshold": "keras.activations.threshold(x, threshold, default_value=value)",
    "thresholded_relu": "keras.activations.relu(x, threshold=theta)",
    "squareplus": "keras.activations.squareplus(x, b)",
    "sparse_plus": "keras.activations.sparse_plus(x)",
    "sparse_sigmoid": "keras.activations.sparse_sigmoid(x)",
    "softmax": "keras.activations.softmax(z, axis=-1)",
    "log_softmax": "keras.activations.log_softmax(z, axis=-1)",
    "glu": "keras.activations.glu(z, axis=-1)",
    "logsumexp": "keras.ops.logsumexp(z, axis=-1)",
    "maxout": "keras.ops.max(z, axis=-1)",
    "erf": "keras.ops.erf(x)",
    "erfc": "keras.ops.erfc(x)",
    "expm1": "keras.ops.expm1(x)",
    "log1p": "keras.ops.log1p(x)",
    "logaddexp": "keras.ops.logaddexp(x1, x2)",
    "mse": "keras.losses.mean_squared_error(target, prediction)",
    "mae": "keras.losses.mean_absolute_error(target, prediction)",
    "mape": "keras.losses.mean_absolute_percentage_error(target, prediction)",
    "msle": "keras.losses.mean_squared_logarithmic_error(target, prediction)",
    "huber": "keras.losses.huber(target, prediction, delta)",
    "log_cosh": "keras.losses.log_cosh(target, prediction)",
    "bce": "keras.losses.binary_crossentropy(target, prediction)",
    "bce_with_logits": "keras.losses.binary_crossentropy(target, logits, from_logits=True)",
    "cross_entropy": "keras.losses.categorical_crossentropy(target, logits, from_logits=True)",
    "categorical_cross_entropy": "keras.losses.categorical_crossentropy(target, prediction)",
    "focal": "keras.losses.binary_focal_crossentropy(target, prediction, True, alpha, gamma)",
    "focal_with_logits": "keras.losses.binary_focal_crossentropy"
    "(target, logits, True, alpha, gamma, from_logits=True)",
    "hinge": "keras.losses.hinge(target, prediction)",
    "squared_hinge": "keras.losses.squared_hinge(target, prediction)",
    "categorical_hinge": "keras.losses.categorical_hinge(target, prediction)",
    "cosine_similarity": "-keras.losses.cosine_similarity(x1, x2)",
}

TENSORFLOW = {
    "sigmoid": "tf.nn.sigmoid(x)",
    "log_sigmoid": "tf.math.log_sigmoid(x)",
    "tanh": "tf.nn.tanh(x)",
    "relu": "tf.nn.relu(x)",
    "leaky_relu": "tf.nn.leaky_relu(x, alpha=negative_slope)",
    "elu": "tf.nn.elu(x)",
    "selu": "tf.nn.selu(x)",
    "softplus": "tf.nn.softplus(x)",
    "silu": "tf.nn.silu(x)",
    "swish": "tf.nn.silu(x, beta)",
    "gelu": "tf.nn.gelu(x)",
    "gelu_tanh": "tf.nn.gelu(x, approximate=True)",
    "relu6": "tf.nn.relu6(x)",
    "softsign": "tf.nn.softsign(x)",
    "exponential": "tf.math.exp(x)",
    "softmax": "tf.nn.softmax(z)",
    "log_softmax": "tf.nn.log_softmax(z)",
    "logsumexp": "tf.reduce_logsumexp(z, axis=-1)",
    "maxout": "tf.reduce_max(z, axis=-1)",
    "erf": "tf.math.erf(x)",
    "erfc": "tf.math.erfc(x)",
    "expm1": "tf.math.expm1(x)",
    "log1p": "tf.math.log1p(x)",
    "poisson_nll": "tf.nn.log_poisson_loss(target, prediction)",
    "bce_with_logits": "tf.nn.weighted_cross_entropy_with_logits(target, logits, pos_weight)",
    "cross_entropy": "tf.nn.softmax_cross_entropy_with_logits(target, logits)",
}

ONNX = {
    "identity": "Identity(x)",
    "sigmoid": "Sigmoid(x)",
    "tanh": "Tanh(x)",
    "relu": "Relu(x)",
    "leaky_relu": "LeakyRelu(x, alpha=negative_slope)",
    "prelu": "PRelu(x, weight)",
    "elu": "Elu(x, alpha=alpha)",
    "celu": "Celu(x, alpha=alpha)",
    "selu": "Selu(x)",
    "softplus": "Softplus(x)",
    "swish": "Swish(x, alpha=beta)",
    "gelu": "Gelu(x)",
    "gelu_tanh": 'Gelu(x, approximate="tanh")',
    "mish": "Mish(x)",
    "hard_sigmoid": "HardSigmoid(x, alpha=1/6, beta=0.5)",
    "hard_swish": "HardSwish(x)",
    "hard_tanh": "Clip(x, min_val, max_val)",
    "softsign": "Softsign(x)",
    "shrink": "Shrink(x, lambd=lambd, bias=bias)",
    "softshrink": "Shrink(x, lambd=lambd, bias=lambd)",
    "hardshrink": "Shrink(x, lambd=lambd)",
    "thresholded_relu": "ThresholdedRelu(x, alpha=theta)",
    "exponential": "Exp(x)",
    "erf": "Erf(x)",
    "softmax": "Softmax(z)",
    "log_softmax": "LogSoftmax(z)",
    "hardmax": "Hardmax(z)",
}

SPELLINGS = {"keras": KERAS, "tensorflow": TENSORFLOW, "onnx": ONNX}


def spellings(function: str) -> Iterator[tuple[str, str]]:
    """The frameworks that have a function, and how each spells it."""
    for framework, names in {**{b: of_backend(b) for b in BACKENDS}, **SPELLINGS}.items():
        if function in names:
            yield framework, names[function]


@cache
def of_backend(backend: str) -> dict[str, str]:
    """The first lines of the docstrings of a built-in backend's callables, by name."""
    source = Path(__file__).parent.parent / "backends" / f"{backend}.py"
    tree = ast.parse(source.read_text(encoding="utf-8"))
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    return {
        f.name: (ast.get_docstring(f) or "").split("\n")[0]
        for f in functions
        if not f.name.startswith("_") and not f.name.endswith("_vjp")
    }
