"""What frameworks do otherwise than the book: the differences that bite when a model is ported.

Each is a call that a user of the framework can type, what it gives there, and what the book gives
for the same inputs. `tests/test_differences.py` makes every call where the framework is
installed, and asks the oracle for every value of the book.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

# The versions in which every call was tried. TensorFlow carries Keras 2 as tf_keras.
TRIED = {
    "torch": "2.13.0",
    "jax": "0.10.2",
    "optax": "0.2.8",
    "scipy": "1.17.1",
    "keras": "3.15.1",
    "tf_keras": "2.21.0",
    "tensorflow": "2.21.0",
    "onnx": "1.23.2",
}


@dataclass(frozen=True)
class Difference:
    """One way in which a framework's function is not the book's.

    `call` is typed with the framework's usual short names (`F`, `tensor`, `jnp`, `array`; an
    operator's own name in ONNX) and gives `there`. `at` are the book's inputs in order: a number, a
    row, or a row for each sample; `given` its parameters where they are not the default, and
    `reduction` is a loss's. Where the book has no value for the inputs, `at` and `here` are None.
    """

    function: str
    framework: str
    what: str
    call: str
    there: float
    at: tuple[Any, ...] | None = None
    here: float | None = None
    given: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    reduction: str = "mean"


def of(function: str) -> tuple[Difference, ...]:
    """The differences of one function."""
    return tuple(d for d in DIFFERENCES if d.function == function)


def tried(difference: Difference) -> str:
    """The framework, the version in which the call was tried, and whether it can be here."""
    framework = difference.framework
    here = importlib.util.find_spec(framework) is not None
    return f"{framework} {TRIED[framework]}{'' if here else ', not checked here'}"


def values(difference: Difference) -> tuple[str, str]:
    """What the framework gives and what the book does, with as many digits as tell them apart."""
    there, here = difference.there, difference.here
    if here is None:
        return f"{there:.6g}", "no value"
    pairs = ((f"{there:.{digits}g}", f"{here:.{digits}g}") for digits in range(6, 18))
    return next(pair for pair in pairs if pair[0] != pair[1])


def said(difference: Difference) -> str:
    """The difference in words, with its call: `slope 0.2: tf.nn.leaky_relu(-1.0) = -0.2, ...`."""
    there, here = values(difference)
    return f"{difference.what}: {difference.call} = {there}, here {here}"


INFINITE = float("inf")

DIFFERENCES = (
    # ---------------------------------------------------------------- activations
    Difference(
        "leaky_relu",
        "keras",
        "negative_slope is 0.2 by default",
        "keras.activations.leaky_relu(array([-1.0]))",
        -0.2,
        (-1.0,),
        -0.01,
    ),
    Difference(
        "leaky_relu",
        "keras",
        "negative_slope of the layer is 0.3 by default",
        "keras.layers.LeakyReLU()(array([-1.0]))",
        -0.3,
        (-1.0,),
        -0.01,
    ),
    Difference(
        "leaky_relu",
        "tensorflow",
        "alpha, the slope, is 0.2 by default",
        "tf.nn.leaky_relu(-1.0)",
        -0.2,
        (-1.0,),
        -0.01,
    ),
    Difference(
        "prelu",
        "torch",
        "the layer's weight begins at 0.25",
        "torch.nn.PReLU()(tensor([-1.0]))",
        -0.25,
    ),
    Difference(
        "prelu",
        "keras",
        "the layer's weight begins at 0, one for each position and not for each channel",
        "keras.layers.PReLU()(array([[-1.0]]))",
        0.0,
    ),
    Difference(
        "hard_sigmoid",
        "onnx",
        "clips 0.2 x + 0.5, not x / 6 + 0.5, by default",
        "HardSigmoid(1.0)",
        0.7,
        (1.0,),
        0.6666666666666666,
    ),
    Difference(
        "hard_sigmoid",
        "tf_keras",
        "clips 0.2 x + 0.5, as Keras 2 did; Keras 3 clips x / 6 + 0.5",
        "tf_keras.activations.hard_sigmoid(tf.constant([1.0]))",
        0.7,
        (1.0,),
        0.6666666666666666,
    ),
    Difference(
        "gelu",
        "jax",
        "approximate is True by default: that is gelu_tanh",
        "jax.nn.gelu(1.0)",
        0.8411919906082768,
        (1.0,),
        0.8413447460685429,
    ),
    Difference(
        "selu",
        "onnx",
        "the constants are those of float32, in float64 too",
        "Selu(-100.0)",
        -1.7580993463430303,
        (-100.0,),
        -1.7580993408473766,
    ),
    Difference(
        "softplus",
        "torch",
        "is x where beta x is above threshold, which is 20",
        "F.softplus(tensor(21.0, dtype=torch.float64))",
        21.0,
        (21.0,),
        21.00000000075826,
    ),
    Difference(
        "softmax",
        "torch",
        "without dim it is along axis 0 for inputs of 0, 1 or 3 axes, else along axis 1",
        "F.softmax(torch.zeros(2, 1, 1))",
        0.5,
        ((0.0,),),
        1.0,
    ),
    Difference(
        "sparsemax",
        "keras",
        "on TensorFlow the threshold adds up all partial sums: right only for a support of one",
        "keras.activations.sparsemax(array([1.0, 0.5]))",
        0.25,
        ((1.0, 0.5),),
        0.75,
    ),
    Difference(
        "logsumexp",
        "jax",
        "without axis it is over all axes",
        "jax.nn.logsumexp(jnp.zeros((2, 3)))",
        1.791759469228055,
        ((0.0, 0.0, 0.0),),
        1.0986122886681098,
    ),
    Difference(
        "logsumexp",
        "scipy",
        "without axis it is over all axes",
        "scipy.special.logsumexp(np.zeros((2, 3)))",
        1.791759469228055,
        ((0.0, 0.0, 0.0),),
        1.0986122886681098,
    ),
    Difference(
        "logsumexp",
        "tensorflow",
        "without axis it is over all axes",
        "tf.reduce_logsumexp(np.zeros((2, 3)))",
        1.791759469228055,
        ((0.0, 0.0, 0.0),),
        1.0986122886681098,
    ),
    # ---------------------------------------------------------------- blocks
    Difference(
        "pairwise_distance",
        "torch",
        "eps = 1e-6 is added to each difference",
        "F.pairwise_distance(tensor([2.0, 1.0]), tensor([1.0, 1.0]), p=1)",
        1.000002,
        ((2.0, 1.0), (1.0, 1.0)),
        1.0,
        {"p": 1},
    ),
    Difference(
        "cosine_similarity",
        "torch",
        "norms are at least eps = 1e-8",
        "F.cosine_similarity(tensor([1e-9, 0.0]), tensor([1.0, 0.0]), dim=-1)",
        0.1,
        ((1e-9, 0.0), (1.0, 0.0)),
        1.0,
    ),
    Difference(
        "cosine_similarity",
        "keras",
        "the loss of that name is minus the similarity",
        "keras.losses.cosine_similarity(array([1.0, 0.0]), array([1.0, 0.0]))",
        -1.0,
        ((1.0, 0.0), (1.0, 0.0)),
        1.0,
    ),
    # ---------------------------------------------------------------- losses, elementwise
    Difference(
        "bce",
        "torch",
        "logarithms are at least -100",
        "F.binary_cross_entropy(tensor([0.0]), tensor([1.0]))",
        100.0,
        (0.0, 1.0),
        INFINITE,
    ),
    Difference(
        "bce",
        "keras",
        "the target comes first, and probabilities are clipped at 1e-7",
        "keras.losses.binary_crossentropy(array([1.0]), array([0.0]))",
        16.11809565095832,
        (0.0, 1.0),
        INFINITE,
    ),
    Difference(
        "bce_with_logits",
        "keras",
        "from_logits is False by default: what is given counts as a probability, and is clipped",
        "keras.losses.binary_crossentropy(array([0.0]), array([2.0]))",
        15.942385152878742,
        (2.0, 0.0),
        2.1269280110429727,
    ),
    Difference(
        "focal",
        "keras",
        "alpha counts only with apply_class_balancing=True",
        "keras.losses.binary_focal_crossentropy(array([1.0]), array([0.5]))",
        0.17328679513998632,
        (0.5, 1.0),
        0.04332169878499658,
    ),
    Difference(
        "focal_with_logits",
        "optax",
        "alpha is None by default: the classes are not weighted",
        "optax.losses.sigmoid_focal_loss(jnp.zeros(1), jnp.ones(1))",
        0.17328679513998632,
        (0.0, 1.0),
        0.04332169878499658,
    ),
    Difference(
        "kl_div",
        "keras",
        "takes two probabilities, the target first, clips both at 1e-7, and sums rows",
        "keras.losses.kl_divergence(array([0.25]), array([0.5]))",
        -0.17328679513998632,
        (0.25, 0.5),
        -0.4715735902799727,
    ),
    Difference(
        "kl_div",
        "optax",
        "sums over the last axis",
        "optax.losses.kl_divergence(jnp.zeros(2), jnp.ones(2) / 2)",
        -0.6931471805599453,
        ((0.0, 0.0), (0.5, 0.5)),
        -0.34657359027997264,
    ),
    Difference(
        "kl_div",
        "scipy",
        "takes two probabilities, the target first, and adds their difference",
        "scipy.special.kl_div(0.25, 0.5)",
        0.07671320486001365,
        (0.25, 0.5),
        -0.4715735902799727,
    ),
    Difference(
        "js_div",
        "scipy",
        "gives the distance: the square root of the divergence, with both rows normalised",
        "scipy.spatial.distance.jensenshannon([1.0, 0.0], [0.5, 0.5])",
        0.46450140402245893,
        ((1.0, 0.0), (0.5, 0.5)),
        0.21576155433883568,
        reduction="sum",
    ),
    Difference(
        "half_squared_error",
        "tensorflow",
        "takes the difference itself, and sums",
        "tf.nn.l2_loss(array([1.0, 2.0]))",
        2.5,
        ((1.0, 2.0), (0.0, 0.0)),
        1.25,
    ),
    Difference(
        "mape",
        "keras",
        "the target's size is at least 1e-7",
        "keras.losses.mean_absolute_percentage_error(array([0.0]), array([1.0]))",
        1e9,
    ),
    Difference(
        "msle",
        "keras",
        "both values are at least 1e-7",
        "keras.losses.mean_squared_logarithmic_error(array([0.0]), array([-0.5]))",
        0.0,
        (-0.5, 0.0),
        0.4804530139182014,
    ),
    Difference(
        "hinge",
        "keras",
        "targets of 0 and 1 are made -1 and 1",
        "keras.losses.hinge(array([0.0]), array([0.5]))",
        1.5,
    ),
    Difference(
        "squared_hinge",
        "keras",
        "targets of 0 and 1 are made -1 and 1",
        "keras.losses.squared_hinge(array([0.0]), array([0.5]))",
        2.25,
    ),
    Difference(
        "poisson_nll",
        "keras",
        "takes the rate, not its logarithm (log_input=False), and eps is 1e-7",
        "keras.losses.poisson(array([1.0]), array([0.0]))",
        16.11809565095832,
        (0.0, 1.0),
        1.0,
    ),
    # ---------------------------------------------------------------- losses along an axis
    Difference(
        "cross_entropy",
        "torch",
        "classes lie along axis 1, not the last, for inputs of more than two axes",
        "F.cross_entropy(torch.zeros(1, 3, 2), tensor([[0, 0]]))",
        1.0986122886681098,
        ((0.0, 0.0), (1.0, 0.0)),
        0.6931471805599453,
    ),
    Difference(
        "cross_entropy",
        "keras",
        "from_logits is False by default: what is given counts as probabilities, and is normalised",
        "keras.losses.categorical_crossentropy(array([1.0, 0.0]), array([2.0, 1.0]))",
        0.40546510810816444,
        ((2.0, 1.0), (1.0, 0.0)),
        0.31326168751822286,
    ),
    Difference(
        "cross_entropy",
        "keras",
        "the mean of weighted losses divides by their number, not by the weights",
        "keras.losses.SparseCategoricalCrossentropy(from_logits=True)"
        "(array([0, 1]), np.zeros((2, 2)), sample_weight=array([3.0, 1.0]))",
        1.3862943611198906,
        (((0.0, 0.0), (0.0, 0.0)), ((1.0, 0.0), (0.0, 1.0))),
        0.6931471805599453,
        {"weight": (3, 1)},
    ),
    Difference(
        "categorical_cross_entropy",
        "keras",
        "predictions are divided by their sum",
        "keras.losses.categorical_crossentropy(array([1.0, 0.0]), array([0.2, 0.2]))",
        0.6931471805599453,
        ((0.2, 0.2), (1.0, 0.0)),
        1.6094379124341003,
    ),
    Difference(
        "categorical_cross_entropy",
        "keras",
        "probabilities are clipped at 1e-7",
        "keras.losses.categorical_crossentropy(array([1.0, 0.0]), array([0.0, 1.0]))",
        16.11809565095832,
        ((0.0, 1.0), (1.0, 0.0)),
        INFINITE,
    ),
    Difference(
        "categorical_hinge",
        "optax",
        "the rival is the best of the other classes; here it is 0 at least",
        "optax.losses.multiclass_hinge_loss(jnp.array([-3.0, -5.0]), jnp.array(0))",
        0.0,
        ((-3.0, -5.0), (1.0, 0.0)),
        4.0,
    ),
    Difference(
        "ctc",
        "torch",
        "the input are logarithms of probabilities, frame by frame, not logits",
        "F.ctc_loss(tensor([[[0.0, 0.0]]]), tensor([[1]]), [1], [1])",
        0.0,
        (((0.0, 0.0),), (1.0,)),
        0.6931471805599453,
    ),
    Difference(
        "ctc",
        "torch",
        "the gradient is that in logits, by probabilities that add up to one",
        "(p := tensor([[[0.0, 0.0]]], requires_grad=True), "
        "F.ctc_loss(p, tensor([[1]]), [1], [1]).backward(), p.grad)[-1][0, 0, 0]",
        1.0,
    ),
    Difference(
        "ctc",
        "optax",
        "no loss is much above 1e5, which stands for that of a target without a path",
        "optax.losses.ctc_loss(jnp.zeros((1, 1, 2)), jnp.zeros((1, 1)), jnp.ones((1, 2), int), "
        "jnp.zeros((1, 2)))[0]",
        100000.69,
        (((0.0, 0.0),), (1.0, 1.0)),
        INFINITE,
        reduction="sum",
    ),
    Difference(
        "multilabel_margin",
        "torch",
        "the target is a list of classes ended by -1, not a row of 0 and 1",
        "F.multilabel_margin_loss(tensor([0.1, 0.2, 0.4, 0.8]), tensor([1, 0, 0, 1]))",
        2.9,
        ((0.1, 0.2, 0.4, 0.8), (1.0, 0.0, 0.0, 1.0)),
        0.85,
    ),
    Difference(
        "cosine_embedding",
        "torch",
        "1e-12 is added to the squared norms",
        "F.cosine_embedding_loss(tensor([[1e-7, 0]]), tensor([[1e-7, 0]]), tensor([1]))",
        0.990099009900990,
        ((1e-7, 0.0), (1e-7, 0.0), 1.0),
        0.0,
    ),
    Difference(
        "triplet_margin",
        "torch",
        "eps = 1e-6 is added to each difference",
        "F.triplet_margin_loss(tensor([[0.0]]), tensor([[-1.0]]), tensor([[0.5]]))",
        1.500002,
        ((0.0,), (-1.0,), (0.5,)),
        1.5,
    ),
    Difference(
        "triplet_margin",
        "optax",
        "eps = 1e-6 is added under the root, where it makes a distance of 0 one of 0.001",
        "optax.losses.triplet_margin_loss(jnp.zeros(1), jnp.ones(1) / 1000, jnp.ones(1))",
        0.0014137,
        ((0.0,), (0.001,), (1.0,)),
        0.001,
    ),
    Difference(
        "dice",
        "keras",
        "smooth is 1e-7, below the line only, and the sums go over the whole batch",
        "keras.losses.dice(array([1.0, 0.0]), array([0.5, 0.5]))",
        0.5000000249999987,
        ((0.5, 0.5), (1.0, 0.0)),
        0.3333333333333333,
    ),
    Difference(
        "tversky",
        "keras",
        "alpha weighs the false negatives and beta the false positives",
        "keras.losses.tversky(array([1.0, 0.0]), array([0.5, 0.0]), alpha=1.0, beta=0.0)",
        0.500000049999995,
        ((0.5, 0.0), (1.0, 0.0)),
        0.0,
        {"alpha": 1, "beta": 0},
    ),
)
