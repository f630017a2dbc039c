"""Code and worked examples of the articles: what they compute, and where that is not enough."""

from __future__ import annotations

from sympy import Abs, Derivative, Eq, Interval, Ne, Rational, Symbol, exp, floor, log, oo, symbols

from ..catalogue import find
from ..decide import Fact, On, less, same
from ..function import applied
from ..symbols import x
from .claim import DEPENDS, NOT_MATHEMATICAL, PROVED, Claim, at

sigmoid_, relu_, mse_, mae_, hinge_, leaky_relu_, swish_, tanh_ = map(
    applied, ("sigmoid", "relu", "mse", "mae", "hinge", "leaky_relu", "swish", "tanh")
)
a, b = symbols("a b", real=True)
beta = Symbol("beta", real=True)
largest_double = (2 - Rational(1, 2**52)) * 2**1023

claims = (
    Claim(
        "sigmoid-snippet",
        "1 / (1 + exp(-x)) computes the sigmoid.",
        (at(2, 140, 148), at(4, 110, 111), at(4, 193)),
        DEPENDS,
        "As mathematics it is the definition; in float64 exp(-x) overflows below -709.8. The "
        "result "
        "is then 0, with a warning, where the truth is a subnormal until -745.2.",
        holds=(Eq(sigmoid_(x), 1 / (1 + exp(-x))),),
        fails=(less(exp(710), largest_double), Eq(sigmoid_(-710), 0)),
        experiment="snippets",
        lives=("textbook.sigmoid",),
    ),
    Claim(
        "sigmoid-example",
        "The sigmoid of (-1, 0, 1) prints as (0.26894142, 0.5, 0.73105858).",
        (at(2, 150, 153),),
        PROVED,
        "Within half a digit of the eighth place.",
        holds=(
            Abs(sigmoid_(-1) - Rational("0.26894142")) < Rational("5e-9"),
            Eq(sigmoid_(0), Rational(1, 2)),
            Abs(sigmoid_(1) - Rational("0.73105858")) < Rational("5e-9"),
        ),
        experiment="snippets",
    ),
    Claim(
        "relu-snippet",
        "maximum(0, x) computes ReLU, and (-1, 0, 1) gives (0, 0, 1).",
        (at(2, 155, 166), at(4, 128, 129), at(4, 193)),
        PROVED,
        "In every format, without rounding.",
        holds=(Eq(relu_(-1), 0), Eq(relu_(0), 0), Eq(relu_(1), 1)),
        experiment="snippets",
        lives=("textbook.relu",),
    ),
    Claim(
        "mse-snippet",
        "The mean of the squared differences computes the mean squared error.",
        (at(2, 168, 174), at(4, 50, 51)),
        PROVED,
        "The order of the arguments does not matter.",
        holds=(Eq(mse_(a, b), (b - a) ** 2), Eq(mse_(a, b), mse_(b, a))),
        experiment="snippets",
        lives=("textbook.mse",),
    ),
    Claim(
        "mse-example",
        "For (1, 2, 3) against (0.8, 1.9, 2.8) the mean squared error is 0.03.",
        (at(2, 176, 180),),
        PROVED,
        "(0.04 + 0.01 + 0.04)/3 = 0.03; doubles print 0.03 with an error in the last digits.",
        holds=(
            Eq(
                (mse_(Rational("0.8"), 1) + mse_(Rational("1.9"), 2) + mse_(Rational("2.8"), 3))
                / 3,
                Rational("0.03"),
            ),
        ),
        experiment="snippets",
    ),
    Claim(
        "mae-snippet",
        "The mean of the absolute differences computes the mean absolute error.",
        (at(4, 59, 60),),
        PROVED,
        "The order of the arguments does not matter.",
        holds=(Eq(mae_(a, b), Abs(b - a)), Eq(mae_(a, b), mae_(b, a))),
        experiment="snippets",
        lives=("textbook.mae",),
    ),
    Claim(
        "hinge-snippet",
        "The mean of maximum(0, 1 - y p) computes the hinge loss.",
        (at(4, 72, 73), at(4, 193)),
        PROVED,
        "For labels -1 and 1.",
        holds=(Eq(hinge_(a, 1), relu_(1 - a)), Eq(hinge_(a, -1), relu_(1 + a))),
        experiment="snippets",
        lives=("textbook.hinge",),
    ),
    Claim(
        "leaky-snippet",
        "where(x > 0, x, a x) computes the leaky ReLU.",
        (at(4, 133, 134), at(4, 193)),
        PROVED,
        "The formula by cases, typed as it stands.",
        holds=(
            On(Eq(leaky_relu_(x), x), x, Interval.open(0, oo)),
            On(Eq(leaky_relu_(x), x / 100), x, Interval(-oo, 0)),
        ),
        experiment="snippets",
        lives=("textbook.leaky_relu",),
    ),
    Claim(
        "leaky-derivative-snippet-format",
        "Ones like x, then a where x < 0, computes the derivative of the leaky ReLU.",
        (at(4, 134),),
        DEPENDS,
        "On the format of x: an array of integers makes a the integer 0.",
        holds=(On(Eq(Derivative(leaky_relu_(x), x), Rational("0.01")), x, Interval.open(-oo, 0)),),
        fails=(same(floor(Rational("0.01")), Rational("0.01")),),
        experiment="snippets",
    ),
    Claim(
        "activation-plot",
        "Over [-5, 5] the plot shows sigmoid, tanh, ReLU and the leaky ReLU with slope 0.01.",
        (at(4, 14), at(4, 20), at(4, 102), at(4, 135, 152), at(4, 189, 194)),
        PROVED,
        "The right functions, but the leaky one differs from ReLU by at most 0.05 there: "
        "invisible.",
        holds=(
            On(relu_(x) - leaky_relu_(x) <= Rational("0.05"), x, Interval(-5, 5)),
            On(relu_(x) - leaky_relu_(x) >= 0, x, Interval(-5, 5)),
            Ne(relu_(-5), leaky_relu_(-5)),
        ),
    ),
    Claim(
        "swish-snippet",
        "x times sigmoid(beta x) computes Swish, in a function and in a layer with beta = 1 "
        "at first.",
        (at(4, 181, 182), at(4, 189, 194)),
        PROVED,
        "At beta = 1 both agree with SiLU.",
        holds=(
            Eq(swish_(x, beta), x * sigmoid_(beta * x)),
            Fact(lambda: find("swish").parameters[0].default == 1, ("swish",)),
        ),
        lives=("textbook.swish",),
    ),
    Claim(
        "tanh-snippet",
        "The library's tanh and 1 - tanh^2 compute tanh and its derivative.",
        (at(4, 119, 120), at(4, 193)),
        DEPENDS,
        "As mathematics, yes; in float64 1 - tanh^2 is 0 from 19.1 on, while the truth is not.",
        holds=(Eq(Derivative(tanh_(x), x), 1 - tanh_(x) ** 2),),
        fails=(Eq(1 - tanh_(20) ** 2, 0),),
        experiment="snippets",
    ),
    Claim(
        "random-labels-example",
        "A small network with ReLU, a sigmoid output and cross-entropy can be trained on the "
        "example.",
        (at(5, 58, 77),),
        NOT_MATHEMATICAL,
        "The code runs, but its labels are drawn at random: there is nothing to learn beyond the "
        "training set, and no test set to show it.",
        besides=(same(-log(Rational(1, 2)), log(2)),),
        experiment="random_labels",
    ),
    Claim(
        "frameworks-can-train",
        "TensorFlow, Keras and PyTorch build and train neural networks.",
        (at(2, 205, 209),),
        NOT_MATHEMATICAL,
        "A fact about software; Theano and CNTK, named as backends of Keras, are no longer "
        "kept up.",
    ),
)
