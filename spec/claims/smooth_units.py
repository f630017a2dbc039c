"""What the articles say about Swish and GELU, and about what an activation ought to be."""

from __future__ import annotations

from sympy import (
    Derivative,
    Eq,
    Interval,
    Limit,
    Ne,
    Rational,
    Subs,
    Symbol,
    erf,
    exp,
    oo,
    pi,
    sqrt,
)

from ..catalogue import find
from ..decide import Fact, On, same
from ..function import applied
from ..symbols import x
from .claim import DEPENDS, NOT_MATHEMATICAL, PROVED, REFUTED, Claim, at

swish_, silu_, gelu_, sigmoid_, tanh_, relu_, identity_, step_, leaky_relu_ = map(
    applied,
    ("swish", "silu", "gelu", "sigmoid", "tanh", "relu", "identity", "step", "leaky_relu"),
)
beta = Symbol("beta", real=True)
normal_cdf = (1 + erf(x / sqrt(2))) / 2
s = sigmoid_(beta * x)

claims = (
    Claim(
        "swish-formula",
        "Swish is x times the sigmoid of beta x.",
        (at(4, 26, 27), at(4, 177, 180)),
        PROVED,
        "The book's definition; at beta = 1 it is SiLU.",
        holds=(Eq(swish_(x, beta), x * sigmoid_(beta * x)), Eq(swish_(x, 1), silu_(x))),
    ),
    Claim(
        "swish-derivative-formula",
        "The derivative of Swish is s + beta x s (1 - s), s the sigmoid of beta x.",
        (at(4, 181, 182),),
        PROVED,
        "By the product rule.",
        holds=(Eq(Derivative(swish_(x, beta), x), s + beta * x * s * (1 - s)),),
        lives=("textbook.swish_vjp",),
    ),
    Claim(
        "swish-beta-learnable",
        "The beta of Swish can be learnt.",
        (at(4, 182), at(4, 193)),
        PROVED,
        "Its gradient is x^2 s (1 - s), not identically 0.",
        holds=(
            Eq(Derivative(swish_(x, beta), beta), x**2 * s * (1 - s)),
            Subs(Derivative(swish_(x, beta), beta), (x, beta), (1, 1)) > 0,
            Fact(lambda: find("swish").parameters[0].differentiable, ("swish",)),
        ),
    ),
    Claim(
        "gelu-formula",
        "GELU is x times the distribution function of the standard normal distribution.",
        (at(4, 28), at(4, 183, 186)),
        PROVED,
        "That function is (1 + erf(x / sqrt 2)) / 2: its slope is the density, and it starts at 0.",
        holds=(
            Eq(gelu_(x), x * normal_cdf),
            Eq(Derivative(normal_cdf, x), exp(-(x**2) / 2) / sqrt(2 * pi)),
            Eq(Limit(normal_cdf, x, -oo), 0),
            Eq(Limit(normal_cdf, x, oo), 1),
        ),
    ),
    Claim(
        "gelu-snippet",
        "GELU is computed as 0.5 x (1 + erf(x / sqrt 2)).",
        (at(4, 187, 188),),
        PROVED,
        "Exact as mathematics; in a format 1 + erf cancels on the left, and the tail is lost.",
        holds=(Eq(gelu_(x), Rational("0.5") * x * (1 + erf(x / sqrt(2)))),),
        lives=("textbook.gelu",),
    ),
    Claim(
        "deep-networks-swish-gelu",
        "For deep networks take Swish or GELU.",
        (at(4, 214),),
        NOT_MATHEMATICAL,
        "A habit of recent architectures; the experiment is far too small to judge it.",
        experiment="hidden_activations",
        contradicts=("ideal-activation-monotone",),
    ),
    Claim(
        "negative-output-needs-tanh",
        "Where a hidden layer has to put out negative values, take tanh.",
        (at(4, 215),),
        DEPENDS,
        "tanh does give them, but so do the leaky units, ELU, Swish and GELU: it is not needed.",
        holds=(tanh_(-1) < 0,),
        fails=(leaky_relu_(-1) >= 0, gelu_(-1) >= 0),
    ),
    Claim(
        "ideal-activation-monotone",
        "A good activation is monotone.",
        (at(4, 100),),
        DEPENDS,
        "Sigmoid, tanh and ReLU are; Swish and GELU, which the same article recommends, are not.",
        holds=(Derivative(sigmoid_(x), x) > 0, Derivative(tanh_(x), x) > 0),
        fails=(
            Subs(Derivative(silu_(x), x), x, -2) >= 0,
            Subs(Derivative(gelu_(x), x), x, -1) >= 0,
        ),
        contradicts=("deep-networks-swish-gelu",),
    ),
    Claim(
        "ideal-activation-differentiable",
        "A good activation is differentiable, at least almost everywhere.",
        (at(4, 97), at(4, 99)),
        DEPENDS,
        "Enough for ReLU; not enough for the step, whose derivative is 0 almost everywhere.",
        holds=(
            On(Eq(Derivative(relu_(x), x), 1), x, Interval.open(0, oo)),
            On(Eq(Derivative(relu_(x), x), 0), x, Interval.open(-oo, 0)),
        ),
        fails=(
            Ne(Subs(Derivative(step_(x), x), x, 1), 0),
            Ne(Subs(Derivative(step_(x), x), x, -1), 0),
        ),
    ),
    Claim(
        "ideal-activation-range",
        "A good activation has a suitable range.",
        (at(4, 101),),
        NOT_MATHEMATICAL,
        "Suitable for what is not said: bounded for gates, unbounded for ReLU.",
    ),
    Claim(
        "activation-is-nonlinear",
        "An activation is a nonlinear function.",
        (at(1, 9, 10), at(4, 98)),
        DEPENDS,
        "Those of hidden layers are; the linear output that the articles advise for "
        "regression is not.",
        holds=(Ne(sigmoid_(1) + sigmoid_(-1), sigmoid_(0)), Ne(relu_(1) + relu_(-1), relu_(0))),
        fails=(Ne(identity_(x) + identity_(1), identity_(x + 1)),),
    ),
    Claim(
        "activation-needs-a-gradient",
        "An activation must have a gradient, or the model cannot be trained.",
        (at(2, 219, 221),),
        DEPENDS,
        "On what is meant: a gradient of 0 everywhere does stop descent, one kink does no harm, "
        "and a unit without any can be trained by other rules (the perceptron's).",
        holds=(On(Eq(Derivative((step_(x) - 1) ** 2, x), 0), x, Interval.open(-oo, 0)),),
        fails=(
            Eq(
                Limit(Derivative(relu_(x), x), x, 0, "-"),
                Limit(Derivative(relu_(x), x), x, 0, "+"),
            ),
        ),
        experiment="perceptron",
    ),
    Claim(
        "activation-decides-firing",
        "An activation decides whether a neuron fires.",
        (at(4, 95),),
        DEPENDS,
        "A picture that fits step and ReLU, which are 0 on one side; the sigmoid is never 0.",
        holds=(Eq(relu_(-1), 0), relu_(1) > 0),
        fails=(Eq(sigmoid_(-5), 0),),
    ),
    Claim(
        "activation-shapes-gradients",
        "The activation influences how gradients propagate.",
        (at(4, 96),),
        PROVED,
        "By the chain rule its slope is a factor of every gradient that passes it.",
        holds=(
            Eq(
                Derivative(tanh_(beta * sigmoid_(x)), x),
                (1 - tanh_(beta * sigmoid_(x)) ** 2) * beta * Derivative(sigmoid_(x), x),
            ),
        ),
    ),
    Claim(
        "activation-input-is-a-product",
        "The input of an activation is the product of the neuron's weights and bias.",
        (at(2, 47),),
        REFUTED,
        "It is the weighted sum of the inputs plus the bias: with weight 2, input 1 and bias 3, 5.",
        fails=(same(2 * 1 + 3, 2 * 3),),
    ),
    Claim(
        "do-not-design-activations",
        "There is rarely a reason to design an activation; take the one that comes by default.",
        (at(1, 38),),
        NOT_MATHEMATICAL,
        "Advice; that Swish and GELU exist is a counterexample of sorts.",
    ),
)
