"""Small training experiments: evidence for claims about training, never proof.

Each takes the seeds to run with and gives an `Outcome`: for each variant one number per seed, so
that a variant is judged by its distribution. Everything is float64 NumPy with full batches or
fixed steps; the same seeds give the same numbers, and all of them take a few seconds.
"""

from __future__ import annotations

import math
import statistics
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeAlias

import numpy as np

Array: TypeAlias = Any
SEEDS = tuple(range(24))


@dataclass(frozen=True)
class Outcome:
    """What was measured: for each variant one number per seed, in the order of the seeds."""

    question: str
    unit: str
    seeds: tuple[int, ...]
    measured: Mapping[str, tuple[float, ...]]

    def median(self, variant: str) -> float:
        return statistics.median(self.measured[variant])

    def quartiles(self, variant: str) -> tuple[float, float, float]:
        """The lower quartile, the median and the upper quartile."""
        low, middle, high = statistics.quantiles(self.measured[variant], method="inclusive")
        return low, middle, high

    def share(self, variant: str, other: str) -> float:
        """The share of seeds in which a variant's number is smaller than another's."""
        pairs = zip(self.measured[variant], self.measured[other], strict=True)
        return sum(a < b for a, b in pairs) / len(self.seeds)


def _outcome(
    question: str,
    unit: str,
    seeds: tuple[int, ...],
    variants: Mapping[str, Callable[[np.random.Generator], float]],
) -> Outcome:
    """Run each variant once per seed; variants of one seed start from the same random numbers."""
    measured = {
        name: tuple(float(run(np.random.default_rng(seed))) for seed in seeds)
        for name, run in variants.items()
    }
    return Outcome(question, unit, seeds, measured)


# ---------------------------------------------------------------- units and losses


def _sigmoid(x: Array) -> Array:
    return 0.5 * (1 + np.tanh(x / 2))


def _elu(x: Array) -> Array:
    return np.where(x > 0, x, np.expm1(np.minimum(x, 0)))


# Each unit with its slope in the input.
UNITS: Mapping[str, tuple[Callable[[Array], Array], Callable[[Array], Array]]] = {
    "sigmoid": (_sigmoid, lambda x: _sigmoid(x) * _sigmoid(-x)),
    "tanh": (np.tanh, lambda x: 1 / np.cosh(np.clip(x, -300, 300)) ** 2),
    "relu": (lambda x: np.maximum(x, 0), lambda x: (x > 0).astype(float)),
    "leaky_relu": (lambda x: np.where(x > 0, x, 0.01 * x), lambda x: np.where(x > 0, 1.0, 0.01)),
    "elu": (_elu, lambda x: np.where(x > 0, 1.0, np.exp(np.minimum(x, 0)))),
    "silu": (
        lambda x: x * _sigmoid(x),
        lambda x: _sigmoid(x) * (1 + x * _sigmoid(-x)),
    ),
}

# The gradient of each loss after its output unit in the unit's input, for labels 0 and 1.
DELTAS: Mapping[str, Callable[[Array, Array], Array]] = {
    "sigmoid-bce": lambda z, y: _sigmoid(z) - y,
    "sigmoid-mse": lambda z, y: 2 * (_sigmoid(z) - y) * _sigmoid(z) * _sigmoid(-z),
    "tanh-hinge": lambda z, y: -(2 * y - 1) / np.cosh(np.clip(z, -300, 300)) ** 2,
}


@dataclass
class _Net:
    """One hidden layer and one output, trained by full-batch gradient descent."""

    hidden: str
    output: str
    weights: list[Array]

    def forward(self, x: Array) -> tuple[Array, Array]:
        before = x @ self.weights[0] + self.weights[1]
        return before, UNITS[self.hidden][0](before) @ self.weights[2] + self.weights[3]

    def step(self, x: Array, y: Array, rate: float) -> None:
        before, z = self.forward(x)
        delta = DELTAS[self.output](z, y) / len(y)
        inner = np.outer(delta, self.weights[2]) * UNITS[self.hidden][1](before)
        after = UNITS[self.hidden][0](before)
        gradients = (x.T @ inner, inner.sum(0), after.T @ delta, delta.sum())
        self.weights = [w - rate * g for w, g in zip(self.weights, gradients, strict=True)]

    def error(self, x: Array, y: Array) -> float:
        """The share of wrong answers."""
        return float(np.mean((self.forward(x)[1] > 0) != (y > 0.5)))


def _net(rng: np.random.Generator, inputs: int, hidden: str, output: str, width: int = 16) -> _Net:
    # He's scale for rectifiers, Glorot's for the others, so that neither starts handicapped
    gain = 1.0 if hidden in ("sigmoid", "tanh") else 2.0
    first = rng.normal(size=(inputs, width)) * math.sqrt(gain / inputs)
    second = rng.normal(size=width) * math.sqrt(gain / width)
    return _Net(hidden, output, [first, np.zeros(width), second, 0.0])


def _moons(rng: np.random.Generator, count: int, noise: float = 0.15) -> tuple[Array, Array]:
    """Two interleaved half circles, labels 0 and 1, centred."""
    y = np.arange(count) % 2
    angle = rng.uniform(0, math.pi, count)
    x = np.stack([np.cos(angle) + y, np.sin(angle) * (1 - 2 * y) + 0.5 * y], axis=1)
    return x - [0.5, 0.25] + rng.normal(scale=noise, size=x.shape), y.astype(float)


def _clusters(rng: np.random.Generator, count: int, gap: float = 1.0) -> tuple[Array, Array]:
    """Two overlapping clouds in twenty dimensions, labels 0 and 1."""
    y = np.arange(count) % 2
    centre = np.zeros(20)
    centre[:5] = gap
    return rng.normal(size=(count, 20)) + np.outer(2 * y - 1, centre) / 2, y.astype(float)


# ---------------------------------------------------------------- experiments


def saturated_neuron(seeds: tuple[int, ...] = SEEDS) -> Outcome:
    """Steps until a sigmoid neuron that starts at a wrong, saturated output has answer > 0.9."""

    def steps(rng: np.random.Generator, output: str) -> float:
        w, b = rng.uniform(-4, -2), rng.uniform(-4, -2)
        for step in range(5000):
            if _sigmoid(w + b) > 0.9:
                return step
            delta = DELTAS[output](np.float64(w + b), 1.0)
            w, b = w - 0.5 * delta, b - 0.5 * delta
        return 5000

    return _outcome(
        "How long does a saturated wrong neuron take to learn the label 1 for the input 1?",
        "steps of rate 0.5",
        seeds,
        {name: partial(steps, output=name) for name in ("sigmoid-mse", "sigmoid-bce")},
    )


def mse_against_bce(seeds: tuple[int, ...] = SEEDS) -> Outcome:
    """Steps until a network with a sigmoid output makes at most 12 % errors on two moons."""

    def steps(rng: np.random.Generator, output: str) -> float:
        x, y = _moons(rng, 200)
        net = _net(rng, 2, "tanh", output)
        for step in range(1500):
            if net.error(x, y) <= 0.12:
                return step
            net.step(x, y, 0.3)
        return 1500

    return _outcome(
        "Does cross-entropy train a sigmoid output in fewer steps than squared error?",
        "steps of rate 0.3",
        seeds,
        {name: partial(steps, output=name) for name in ("sigmoid-mse", "sigmoid-bce")},
    )


def output_pairings(seeds: tuple[int, ...] = SEEDS) -> Outcome:
    """Test errors of the article's three pairings on two clouds, 200 samples, 200 steps."""

    def error(rng: np.random.Generator, output: str) -> float:
        (x, y), (xt, yt) = _clusters(rng, 200), _clusters(rng, 400)
        net = _net(rng, 20, "relu", output)
        for _ in range(200):
            net.step(x, y, 0.1)
        return net.error(xt, yt)

    return _outcome(
        "Which pairing of output and loss classifies best after the same number of steps?",
        "share of wrong answers on new data",
        seeds,
        {name: partial(error, output=name) for name in DELTAS},
    )


def hidden_activations(seeds: tuple[int, ...] = SEEDS) -> Outcome:
    """Steps until a network with each hidden unit makes at most 12 % errors on two moons."""

    def steps(rng: np.random.Generator, hidden: str) -> float:
        x, y = _moons(rng, 200)
        net = _net(rng, 2, hidden, "sigmoid-bce")
        for step in range(1500):
            if net.error(x, y) <= 0.12:
                return step
            net.step(x, y, 0.3)
        return 1500

    return _outcome(
        "With which hidden unit does one layer train in the fewest steps?",
        "steps of rate 0.3",
        seeds,
        {name: partial(steps, hidden=name) for name in UNITS},
    )


def small_data(seeds: tuple[int, ...] = SEEDS) -> Outcome:
    """Test errors on two clouds after training on 20 samples, by hidden unit."""

    def error(rng: np.random.Generator, hidden: str) -> float:
        (x, y), (xt, yt) = _clusters(rng, 20), _clusters(rng, 400)
        net = _net(rng, 20, hidden, "sigmoid-bce")
        for _ in range(400):
            net.step(x, y, 0.3)
        return net.error(xt, yt)

    return _outcome(
        "Do sigmoid units generalise worse than ReLU from few samples?",
        "share of wrong answers on new data",
        seeds,
        {name: partial(error, hidden=name) for name in ("sigmoid", "tanh", "relu")},
    )


def gradient_by_depth(seeds: tuple[int, ...] = SEEDS, *, depth: int = 12) -> Outcome:
    """The gradient's size at the first of `depth` layers, as a fraction of that at the last."""

    def ratio(rng: np.random.Generator, hidden: str) -> float:
        gain = 1.0 if hidden in ("sigmoid", "tanh") else 2.0
        layers = [rng.normal(size=(32, 32)) * math.sqrt(gain / 32) for _ in range(depth)]
        x, before = rng.normal(size=(16, 32)), []
        for layer in layers:
            before.append(x @ layer)
            x = UNITS[hidden][0](before[-1])
        delta = rng.normal(size=x.shape) * UNITS[hidden][1](before[-1])
        last = np.linalg.norm(delta)
        for layer, z in zip(layers[:0:-1], before[-2::-1], strict=True):
            delta = (delta @ layer.T) * UNITS[hidden][1](z)
        return float(np.linalg.norm(delta) / last)

    return _outcome(
        f"How much of a gradient is left after {depth} layers?",
        "norm at the first layer over norm at the last",
        seeds,
        {name: partial(ratio, hidden=name) for name in UNITS},
    )


def dead_units(seeds: tuple[int, ...] = SEEDS) -> Outcome:
    """The share of hidden units with gradient 0 on every sample, after a few steps far too long."""

    def share(rng: np.random.Generator, hidden: str) -> float:
        x, y = _moons(rng, 100)
        net = _net(rng, 2, hidden, "sigmoid-mse", width=32)
        net.weights[1] = net.weights[1] - 0.5
        for _ in range(20):
            net.step(x, y, 20.0)
        return float(np.mean(np.all(UNITS[hidden][1](net.forward(x)[0]) == 0, axis=0)))

    return _outcome(
        "Do units die under steps that are too long?",
        "share of units without a gradient",
        seeds,
        {name: partial(share, hidden=name) for name in ("relu", "leaky_relu")},
    )


def outliers(seeds: tuple[int, ...] = SEEDS) -> Outcome:
    """The error of a fitted slope of 2 when one in ten targets is far off, by loss."""
    pulls: Mapping[str, Callable[[Array], Array]] = {
        "mse": lambda d: 2 * d,
        "mae": np.sign,
        "huber": lambda d: np.clip(d, -1, 1),
    }

    def error(rng: np.random.Generator, loss: str) -> float:
        x = rng.uniform(-1, 1, 100)
        y = 2 * x + rng.normal(scale=0.1, size=100)
        y[:10] += 20 * np.sign(x[:10])
        slope = 0.0
        for step in range(600):
            slope -= 0.5 / (1 + step / 50) * float(np.mean(pulls[loss](slope * x - y) * x))
        return abs(slope - 2)

    return _outcome(
        "How far do outliers pull a fitted slope?",
        "error of the slope",
        seeds,
        {name: partial(error, loss=name) for name in pulls},
    )


def random_labels(seeds: tuple[int, ...] = SEEDS) -> Outcome:
    """Errors of the last article's example, whose labels are drawn at random: 100 x 10."""

    def error(rng: np.random.Generator, where: str) -> float:
        x, xt = rng.uniform(size=(100, 10)) - 0.5, rng.uniform(size=(400, 10)) - 0.5
        y, yt = rng.integers(0, 2, 100).astype(float), rng.integers(0, 2, 400).astype(float)
        net = _net(rng, 10, "relu", "sigmoid-bce", width=10)
        for _ in range(300):
            net.step(x, y, 1.0)
        return net.error(x, y) if where == "training" else net.error(xt, yt)

    return _outcome(
        "What is learnt from labels that mean nothing?",
        "share of wrong answers",
        seeds,
        {name: partial(error, where=name) for name in ("training", "new data")},
    )


def perceptron(seeds: tuple[int, ...] = SEEDS) -> Outcome:
    """Errors of a step unit on separable data, trained by descent and by the perceptron's rule."""

    def error(rng: np.random.Generator, rule: str) -> float:
        x = rng.normal(size=(60, 3))
        x[:, 2] = 1
        y = (x @ rng.normal(size=3) > 0).astype(float)
        w = rng.normal(size=3)
        for _ in range(200):
            for sample, label in zip(x, y, strict=True):
                slope = 0.0 if rule == "gradient descent" else 1.0
                w = w - slope * (float(sample @ w > 0) - label) * sample
        return float(np.mean((x @ w > 0) != (y > 0.5)))

    return _outcome(
        "Can a unit without a useful gradient be trained?",
        "share of wrong answers in training",
        seeds,
        {name: partial(error, rule=name) for name in ("gradient descent", "perceptron")},
    )


# ---------------------------------------------------------------- code of the articles


def snippets() -> Mapping[str, Array]:
    """What the articles' examples and formulas give in float64, by a name for each line."""
    x = np.array([-1.0, 0.0, 1.0])
    truth, guess = np.array([1.0, 2.0, 3.0]), np.array([0.8, 1.9, 2.8])
    label, chance = np.array([0, 1, 1]), np.array([0.1, 0.9, 0.95])
    whole = np.array([-2, 3])
    integer_slopes = np.ones_like(whole)
    integer_slopes[whole < 0] = 0.01  # the assignment truncates: the lesson
    column = np.array([[0.9], [0.2]])
    two = np.array([1, 0])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # exp overflows: the lesson
        far = 1 / (1 + np.exp(-np.array([-710.0])))
    return {
        "sigmoid": 1 / (1 + np.exp(-x)),
        "sigmoid at -710": far,
        "relu": np.maximum(0, x),
        "leaky_relu": np.where(x > 0, x, 0.01 * x),
        "mse": np.mean((truth - guess) ** 2),
        "mae": np.mean(np.abs(truth - guess)),
        "hinge": np.mean(np.maximum(0, 1 - np.array([1, -1, 1]) * x)),
        "cross_entropy": _epsilon_loss(label, chance),
        "cross_entropy at a perfect answer": _epsilon_loss(np.array([1]), np.array([1.0])),
        "cross_entropy at the worst answer": _epsilon_loss(np.array([1]), np.array([0.0])),
        "leaky slope of integers": integer_slopes,
        "tanh slope at 20": 1 - np.tanh(20.0) ** 2,
        "clipped loss, labels (n,), predictions (n, 1)": -np.mean(
            two * np.log(column) + (1 - two) * np.log(1 - column)
        ),
        "clipped loss, both (n,)": -np.mean(
            two * np.log(column[:, 0]) + (1 - two) * np.log(1 - column[:, 0])
        ),
        "focal, label 0": np.sum(0.25 * (1 - chance) ** 2 * (-0 * np.log(chance))),
    }


def _epsilon_loss(label: Array, chance: Array, epsilon: float = 1e-15) -> Array:
    logs = label * np.log(chance + epsilon) + (1 - label) * np.log(1 - chance + epsilon)
    return -np.sum(logs)


EXPERIMENTS: Mapping[str, Callable[..., Outcome]] = {
    f.__name__: f
    for f in (
        saturated_neuron,
        mse_against_bce,
        output_pairings,
        hidden_activations,
        small_data,
        gradient_by_depth,
        dead_units,
        outliers,
        random_labels,
        perceptron,
    )
}
"""All experiments by name, as claims refer to them; `snippets` has no seeds and stands apart."""
