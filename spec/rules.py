"""Rules and compositions that go with the functions: descent, chains of slopes, deltas, pairings.

Each carries statements that `decide` proves from the definitions; `proved` asks for all of them.
A composition is an output activation followed by a loss; its delta is the gradient in the input of
the activation, z = weight * h + bias, so that the gradients in weight and bias are delta * h and
delta.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sympy import (
    Derivative,
    Eq,
    Integral,
    Interval,
    Limit,
    Rational,
    Subs,
    Symbol,
    Tuple,
    oo,
    symbols,
)

from .decide import On, decide
from .function import applied
from .references import Reference
from .special import entry
from .symbols import x

NESTEROV = Reference(
    authors=("Nesterov, Yurii",),
    title="Introductory Lectures on Convex Optimization: A Basic Course",
    year=2004,
    kind="book",
    where="Kluwer",
    doi="10.1007/978-1-4419-8853-9",
)

BENGIO = Reference(
    authors=("Bengio, Yoshua", "Simard, Patrice", "Frasconi, Paolo"),
    title="Learning long-term dependencies with gradient descent is difficult",
    year=1994,
    kind="article",
    where="IEEE Transactions on Neural Networks",
    volume="5",
    number="2",
    pages="157-166",
    doi="10.1109/72.279181",
)

(
    sigmoid_,
    tanh_,
    softmax_,
    identity_,
    relu_,
    leaky_relu_,
    elu_,
    softplus_,
    mse_,
    bce_,
    hinge_,
    cross_entropy_,
) = map(
    applied,
    (
        "sigmoid",
        "tanh",
        "softmax",
        "identity",
        "relu",
        "leaky_relu",
        "elu",
        "softplus",
        "mse",
        "bce",
        "hinge",
        "cross_entropy",
    ),
)
z, w, h, bias, y, u, v, theta = symbols("z w h bias y u v theta", real=True)
r, L, s, g = symbols("r L s g", positive=True)
n = Symbol("n", integer=True, positive=True)
right, left = Interval.open(0, oo), Interval.open(-oo, 0)


@dataclass(frozen=True)
class Rule:
    """A rule in words, the statements that prove it, and where it is taught."""

    name: str
    title: str
    statement: str
    holds: tuple[Any, ...]
    because: str
    references: tuple[Reference, ...] = ()


@dataclass(frozen=True)
class Slope:
    """The least Lipschitz constant of an activation: how much a layer can pass on of a gradient."""

    activation: str
    bound: Any
    holds: tuple[Any, ...]


@dataclass(frozen=True)
class Composition:
    """An output activation with a loss: the delta in z, and the gradients in weight and bias."""

    name: str
    activation: str
    loss: str
    delta: Any
    holds: tuple[Any, ...]
    note: str = ""


@dataclass(frozen=True)
class Pairing:
    """What the field takes for a task: output activation and losses; a composition if there is."""

    task: str
    activation: str
    losses: tuple[str, ...]
    composition: str
    because: str


def proved(part: Rule | Slope | Composition) -> bool:
    """Whether all its statements are proved."""
    return all(decide(statement) is True for statement in part.holds)


# ---------------------------------------------------------------- descent

# Along the step from theta to theta - rate g the slope is at most -g^2 + L s g^2 after a way s g,
# where L is the Lipschitz constant of the gradient: the bound on the loss is its integral.
rate = Symbol("rate", positive=True)
descent_bound = Integral(-(g**2) + L * s * g**2, (s, 0, rate)).doit()
below_limit = 2 / (L * (1 + r))  # runs through the rates in (0, 2/L) with r

rules = (
    Rule(
        "gradient-descent-step",
        "Gradient descent",
        "The step theta - rate * L'(theta) stays where it is exactly if the gradient is 0.",
        (
            Eq(theta - rate * Subs(Derivative(mse_(theta, y), theta), theta, y), theta),
            Eq(
                theta - rate * Derivative(mse_(theta, y), theta),
                theta - 2 * rate * (theta - y),
            ),
        ),
        "Shown for squared error; the step is the rate times the gradient and nothing else.",
        (
            Reference(
                authors=("Cauchy, Augustin-Louis",),
                title="Méthode générale pour la résolution des systèmes d'équations simultanées",
                year=1847,
                kind="article",
                where="Comptes rendus hebdomadaires des séances de l'Académie des Sciences",
                volume="25",
                pages="536-538",
            ),
        ),
    ),
    Rule(
        "descent-lemma",
        "A step lowers the loss if it is shorter than 2/L",
        "If the gradient is L-Lipschitz, a step with rate in (0, 2/L) lowers the loss by at least "
        "rate (1 - rate L/2) |gradient|^2.",
        (
            Eq(descent_bound, -rate * (1 - rate * L / 2) * g**2),
            descent_bound.subs(rate, below_limit) < 0,
        ),
        "Integrate the slope along the step: it starts at -|gradient|^2 and rises by at most "
        "L |gradient|^2 per unit of the rate.",
        (NESTEROV.at("section 1.2.3"),),
    ),
    Rule(
        "descent-limit-is-sharp",
        "At 2/L descent stops, beyond it diverges",
        "On the loss L theta^2/2 a step of 2/L only changes the sign of theta; longer steps "
        "raise it.",
        (
            Eq(theta - 2 / L * Derivative(L * theta**2 / 2, theta), -theta),
            # rate (2 + r)/L: the loss becomes (1 + r)^2 times as large
            Eq(
                L * (theta - (2 + r) / L * L * theta) ** 2 / 2,
                (1 + r) ** 2 * (L * theta**2 / 2),
            ),
            (1 + r) ** 2 > 1,
        ),
        "The quadratic has exactly the curvature that the lemma allows.",
        (NESTEROV.at("section 1.2.3"),),
    ),
    Rule(
        "chain-product",
        "The gradient through layers is a product of slopes and weights",
        "d/dz of w f(v f(z)) is w f'(v f(z)) v f'(z).",
        tuple(
            Eq(
                Derivative(w * f(v * f(z)), z),
                w * Subs(Derivative(f(x), x), x, v * f(z)) * v * Derivative(f(z), z),
            )
            for f in (sigmoid_, tanh_, softplus_)
        ),
        "The chain rule, once per layer.",
        (
            Reference(
                authors=("Rumelhart, David E.", "Hinton, Geoffrey E.", "Williams, Ronald J."),
                title="Learning representations by back-propagating errors",
                year=1986,
                kind="article",
                where="Nature",
                volume="323",
                pages="533-536",
                doi="10.1038/323533a0",
            ),
        ),
    ),
    Rule(
        "chain-vanishes",
        "Where |weight| times slope stays below some q < 1, gradients vanish",
        "A product of n factors of size at most q is at most q^n, which tends to 0.",
        (
            Eq(Limit((1 / (1 + r)) ** n, n, oo), 0),
            # one more factor of at most q keeps the bound: q^n q = q^(n + 1)
            Eq((1 / (1 + r)) ** n * (1 / (1 + r)), (1 / (1 + r)) ** (n + 1)),
            Derivative(sigmoid_(x), x) <= Rational(1, 4),
            Eq(Limit(Rational(1, 4) ** n, n, oo), 0),
        ),
        "By induction on the layers. For the sigmoid q is a quarter of the largest weight.",
        (BENGIO,),
    ),
    Rule(
        "chain-explodes",
        "Where |weight| times slope stays above some q > 1, gradients explode",
        "A product of n factors of size at least q is at least q^n, which grows without bound.",
        (
            Eq(Limit(Rational(3, 2) ** n, n, oo), oo),
            # Bernoulli's inequality carries any q = 1 + r: q^n (1 + r) >= 1 + (n + 1) r
            (1 + n * r) * (1 + r) - (1 + (n + 1) * r) > 0,
            Eq(Limit(1 + n * r, n, oo), oo),
        ),
        "(1 + r)^n is at least 1 + n r, by induction.",
        (BENGIO,),
    ),
)


# ---------------------------------------------------------------- slopes


def _bounded(slope: Any, bound: Any) -> tuple[Any, ...]:
    """That a slope lies in [-bound, bound] on both sides of 0."""
    return tuple(
        statement
        for side in (right, left)
        for statement in (On(slope <= bound, x, side), On(slope >= -bound, x, side))
    )


def _slope(name: str, f: Any, bound: Any, attained: Any) -> Slope:
    d = Derivative(f, x)
    return Slope(name, bound, (*_bounded(d, bound), attained(d)))


slopes = (
    _slope("sigmoid", sigmoid_(x), Rational(1, 4), lambda d: Eq(Subs(d, x, 0), Rational(1, 4))),
    _slope("tanh", tanh_(x), 1, lambda d: Eq(Subs(d, x, 0), 1)),
    _slope("relu", relu_(x), 1, lambda d: Eq(Subs(d, x, 1), 1)),
    _slope("leaky_relu", leaky_relu_(x), 1, lambda d: Eq(Subs(d, x, 1), 1)),
    _slope("elu", elu_(x), 1, lambda d: Eq(Subs(d, x, 1), 1)),
    _slope("softplus", softplus_(x), 1, lambda d: Eq(Limit(d, x, oo), 1)),
    _slope("identity", identity_(x), 1, lambda d: Eq(d, 1)),
)
"""At default parameters; each bound is taken or approached, so none could be smaller."""


# ---------------------------------------------------------------- compositions

a = sigmoid_(z)
line = w * h + bias


def _gradients(loss: Any, delta: Any) -> tuple[Any, ...]:
    """That d loss/dz is delta, and with z = w h + bias, delta h in w and delta in bias."""
    here = delta.subs(z, line)
    return (
        Eq(Derivative(loss, z), delta),
        Eq(Derivative(loss.subs(z, line), w), here * h),
        Eq(Derivative(loss.subs(z, line), bias), here),
    )


squared_sigmoid = 2 * (a - y) * a * (1 - a)
logistic = a - y
row = Tuple(z, u, v)
classes = Tuple(y, 0, 1 - y)
soft = entry(softmax_(row), 0) - y
rising, falling = -(1 - tanh_(z) ** 2), 1 - tanh_(z) ** 2

compositions = (
    Composition(
        "sigmoid-mse",
        "sigmoid",
        "mse",
        squared_sigmoid,
        (
            *_gradients(mse_(a, y), squared_sigmoid),
            Eq(Limit(squared_sigmoid, z, oo), 0),
            Eq(Limit(squared_sigmoid, z, -oo), 0),
        ),
        "Half of it for half the square. The slope a (1 - a) makes it vanish at wrong outputs too.",
    ),
    Composition(
        "sigmoid-bce",
        "sigmoid",
        "bce",
        logistic,
        (
            *_gradients(bce_(a, y), logistic),
            Eq(Limit(logistic.subs(y, 1), z, -oo), -1),
        ),
        "No slope is left: at a wrong output the delta has size 1.",
    ),
    Composition(
        "softmax-log-likelihood",
        "softmax",
        "cross_entropy",
        soft,
        (
            *_gradients(cross_entropy_(row, classes), soft),
            Eq(Derivative(cross_entropy_(row, classes), u), entry(softmax_(row), 1)),
            Eq(Derivative(cross_entropy_(row, classes), v), entry(softmax_(row), 2) - (1 - y)),
        ),
        "For each class softmax - target, shown for three classes with targets (y, 0, 1 - y).",
    ),
    Composition(
        "tanh-hinge",
        "tanh",
        "hinge",
        rising,
        (
            # the margin is never reached, so the hinge is its open side at every z
            Eq(hinge_(tanh_(z), 1), 1 - tanh_(z)),
            Eq(hinge_(tanh_(z), -1), 1 + tanh_(z)),
            *_gradients(1 - tanh_(z), rising),
            *_gradients(1 + tanh_(z), falling),
            1 - tanh_(z) > 0,
            1 + tanh_(z) > 0,
        ),
        "For label 1; for label -1 the same with the other sign. |tanh| < 1, so the margin "
        "is never "
        "reached, the loss never 0, and the delta is nowhere 0.",
    ),
    Composition(
        "identity-mse",
        "identity",
        "mse",
        2 * (identity_(z) - y),
        _gradients(mse_(identity_(z), y), 2 * (identity_(z) - y)),
        "Prediction - target with half the square.",
    ),
)


# ---------------------------------------------------------------- pairings

pairings = (
    Pairing(
        "two classes",
        "sigmoid",
        ("bce",),
        "sigmoid-bce",
        "One probability; the delta is prediction - target.",
    ),
    Pairing(
        "several classes",
        "softmax",
        ("cross_entropy",),
        "softmax-log-likelihood",
        "Probabilities that sum to 1; the delta is prediction - target.",
    ),
    Pairing(
        "several labels at once",
        "sigmoid",
        ("bce",),
        "sigmoid-bce",
        "One independent probability per label.",
    ),
    Pairing(
        "regression",
        "identity",
        ("mse", "mae", "huber"),
        "identity-mse",
        "Every real number can be predicted; absolute error or Huber where outliers are expected.",
    ),
    Pairing(
        "two classes with a margin",
        "tanh",
        ("hinge",),
        "tanh-hinge",
        "Tried in the articles; the margin 1 cannot be reached, so a linear output is more usual.",
    ),
)
