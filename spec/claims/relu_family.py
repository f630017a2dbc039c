"""What the articles say about ReLU and its leaky relatives."""

from __future__ import annotations

from sympy import (
    Abs,
    Derivative,
    Eq,
    Interval,
    Limit,
    Max,
    Ne,
    Piecewise,
    Rational,
    Subs,
    Symbol,
    exp,
    log,
    oo,
)

from ..catalogue import find
from ..decide import Fact, On
from ..function import applied
from ..symbols import x
from .claim import DEPENDS, NOT_MATHEMATICAL, PROVED, REFUTED, Claim, at

relu_, leaky_relu_, prelu_, elu_, softplus_, sigmoid_, step_ = map(
    applied, ("relu", "leaky_relu", "prelu", "elu", "softplus", "sigmoid", "step")
)
alpha = Symbol("alpha", positive=True)
slope = Derivative(relu_(x), x)
positive, negative = Interval.open(0, oo), Interval.open(-oo, 0)
hundredth = Rational("0.01")
n = Symbol("n", integer=True, positive=True)

claims = (
    Claim(
        "relu-formula",
        "ReLU is x for x > 0 and 0 otherwise; equally, max(0, x).",
        (
            at(1, 11),
            at(1, 33, 35),
            at(2, 23),
            at(2, 82, 88),
            at(3, 79, 83),
            at(4, 18),
            at(4, 121, 123),
            at(5, 11),
            at(5, 33, 34),
        ),
        PROVED,
        "Both forms are the book's definition; at 0 they agree.",
        holds=(Eq(relu_(x), Max(0, x)), Eq(relu_(x), Piecewise((x, x > 0), (0, True)))),
    ),
    Claim(
        "relu-nonlinear",
        "ReLU is not linear.",
        (at(1, 34), at(2, 229)),
        PROVED,
        "It is not additive: relu(1) + relu(-1) is not relu(0).",
        holds=(Ne(relu_(1) + relu_(-1), relu_(1 - 1)),),
    ),
    Claim(
        "relu-gradient-one",
        "The gradient of ReLU is 1.",
        (at(2, 227, 229),),
        DEPENDS,
        "1 for x > 0, 0 for x < 0, and any number between at 0.",
        holds=(On(Eq(slope, 1), x, positive),),
        fails=(Eq(Subs(slope, x, -1), 1),),
    ),
    Claim(
        "relu-speeds-up-training",
        "ReLU trains faster, because its weights are updated faster.",
        (at(2, 229), at(5, 35)),
        NOT_MATHEMATICAL,
        "A slope of 1 removes one factor from the chain; speed depends on the whole set-up.",
        experiment="hidden_activations",
    ),
    Claim(
        "relu-popular",
        "ReLU is very popular in deep learning.",
        (at(2, 227, 229), at(3, 79)),
        NOT_MATHEMATICAL,
        "A matter of habit, of which the articles themselves are evidence.",
    ),
    Claim(
        "relu-gradient-easier",
        "The gradient of ReLU is easier to find than that of the sigmoid.",
        (at(1, 10), at(4, 125), at(5, 35)),
        PROVED,
        "It is the step, a comparison with 0; the sigmoid's has an exponential and a division.",
        holds=(
            On(Eq(slope, step_(x)), x, positive),
            On(Eq(slope, step_(x)), x, negative),
        ),
    ),
    Claim(
        "relu-simplest",
        "ReLU is simpler than every activation named before it.",
        (at(3, 79),),
        PROVED,
        "Read as counting operations: sigmoid and softmax need exponentials, ReLU one comparison.",
        holds=(
            Fact(
                lambda: (
                    find("relu").expression.count_ops() < find("sigmoid").expression.count_ops()
                ),
                ("relu", "sigmoid"),
            ),
        ),
    ),
    Claim(
        "relu-suffers-vanishing-gradients",
        "In training ReLU has a vanishing-gradient problem, so the sigmoid or tanh may do better.",
        (at(1, 10),),
        DEPENDS,
        "On the sign of the input: for x < 0 the gradient is 0, for x > 0 it is exactly 1.",
        holds=(On(Eq(slope, 0), x, negative),),
        fails=(On(Eq(slope, 0), x, positive),),
        contradicts=("relu-eases-vanishing-gradients",),
    ),
    Claim(
        "relu-eases-vanishing-gradients",
        "ReLU eases the vanishing of gradients, at least in part.",
        (at(3, 79, 83), at(3, 104), at(4, 124), at(4, 126)),
        DEPENDS,
        "Along units that are active the factor is 1 and nothing vanishes; an inactive one "
        "gives 0.",
        holds=(
            On(Eq(slope, 1), x, positive),
            On(slope > Derivative(sigmoid_(x), x), x, positive),
        ),
        fails=(Subs(slope, x, -1) > Subs(Derivative(sigmoid_(x), x), x, -1),),
        experiment="gradient_by_depth",
        contradicts=("relu-suffers-vanishing-gradients",),
    ),
    Claim(
        "relu-unexplained",
        "Why ReLU helps has not been shown by theory.",
        (at(3, 83),),
        NOT_MATHEMATICAL,
        "Of an active unit's factor it has: powers of 1 against powers of at most 1/4. Of "
        "training not.",
        besides=(
            Eq(Limit(Rational(1, 4) ** n, n, oo), 0),
            Eq(Limit(Subs(slope, x, 1) ** n, n, oo), 1),
        ),
    ),
    Claim(
        "relu-units-die",
        "A ReLU unit may die: its gradient is 0 forever and it cannot be updated.",
        (at(4, 127), at(5, 35)),
        DEPENDS,
        "On the inputs: 0 while every input of the unit is negative; it revives if inputs change.",
        holds=(
            On(Eq(slope, 0), x, negative),
            On(Eq(Derivative((relu_(x) - 1) ** 2, x), 0), x, negative),
        ),
        fails=(
            # the same weight 1 and bias -2: dead at the input 1, alive once the input is 3
            Eq(Subs(Derivative(relu_(x - 2), x), x, 3), 0),
        ),
        experiment="dead_units",
    ),
    Claim(
        "relu-is-the-default",
        "ReLU and its variants are the first choice for hidden layers.",
        (at(1, 10), at(1, 68), at(4, 210, 213)),
        NOT_MATHEMATICAL,
        "A sound habit for feed-forward networks; nothing here proves it best.",
        experiment="hidden_activations",
        contradicts=("tanh-best-in-practice", "sigmoid-commonly-used"),
    ),
    Claim(
        "relu-derivative-snippet",
        "The derivative of ReLU is 1 where x > 0 and 0 elsewhere, 0 itself included.",
        (at(4, 128, 129),),
        PROVED,
        "At the kink any number of [0, 1] is a subgradient; 0 is one of them.",
        holds=(
            On(Eq(slope, 1), x, positive),
            On(Eq(slope, 0), x, negative),
            Fact(lambda: 0 in find("relu").kinks[0], ("relu",)),
        ),
        lives=("textbook.relu_vjp",),
    ),
    Claim(
        "leaky-formula",
        "The leaky ReLU is x for x > 0 and a x otherwise.",
        (at(1, 36, 38), at(4, 19), at(4, 130, 132), at(5, 12)),
        PROVED,
        "The book's definition; a is its negative slope.",
        holds=(Eq(leaky_relu_(x, alpha), Piecewise((x, x > 0), (alpha * x, True))),),
    ),
    Claim(
        "leaky-as-maximum",
        "The leaky ReLU is max(0.01 x, x).",
        (at(2, 24), at(2, 90, 96)),
        PROVED,
        "For this slope, as for any slope <= 1.",
        holds=(Eq(leaky_relu_(x, hundredth), Max(hundredth * x, x)),),
    ),
    Claim(
        "leaky-as-maximum-any-slope",
        "The two formulas of the leaky ReLU, by cases and as max(a x, x), are the same.",
        (at(1, 36, 37), at(2, 94, 96), at(4, 132)),
        DEPENDS,
        "On a <= 1. With a > 1 the maximum takes the wrong branch on both sides.",
        holds=(Eq(leaky_relu_(x, Rational(1, 2)), Max(x / 2, x)),),
        fails=(
            Eq(leaky_relu_(1, 2), Max(2 * 1, 1)),
            Eq(leaky_relu_(-1, 2), Max(2 * -1, -1)),
        ),
    ),
    Claim(
        "leaky-leaks-by-chance",
        "The leak a is a rate: negative values come out with a certain probability.",
        (at(1, 38),),
        REFUTED,
        "The output is a x, always: no chance is involved, and a slope may exceed 1. "
        "(A random slope is another unit, RReLU.)",
        fails=(Eq(leaky_relu_(-1, hundredth), 0), Eq(leaky_relu_(-1, hundredth), -1)),
        besides=(On(Eq(leaky_relu_(x, hundredth), hundredth * x), x, negative),),
    ),
    Claim(
        "leaky-keeps-nonnegative",
        "For x >= 0 the leaky ReLU leaves its input unchanged.",
        (at(1, 38),),
        PROVED,
        "At 0 both branches give 0.",
        holds=(On(Eq(leaky_relu_(x, hundredth), x), x, Interval(0, oo)),),
    ),
    Claim(
        "leaky-small-gradient",
        "For x < 0 the leaky ReLU lets a small gradient through.",
        (at(5, 36, 37),),
        PROVED,
        "The gradient there is the slope a.",
        holds=(On(Eq(Derivative(leaky_relu_(x, hundredth), x), hundredth), x, negative),),
    ),
    Claim(
        "leaky-eases-vanishing-gradients",
        "Against ReLU, the leaky ReLU eases vanishing gradients.",
        (at(1, 38),),
        DEPENDS,
        "On depth: 0.01 is better than 0, but n inactive layers still give 0.01^n.",
        holds=(Subs(Derivative(leaky_relu_(x), x), x, -1) > Subs(slope, x, -1),),
        fails=(Limit(hundredth**n, n, oo) > 0,),
        experiment="gradient_by_depth",
    ),
    Claim(
        "leaky-cannot-die",
        "The leaky ReLU avoids dead gradients.",
        (at(5, 38),),
        DEPENDS,
        "On a: for a > 0 the gradient is never 0; a = 0 is ReLU itself.",
        holds=(
            On(Derivative(leaky_relu_(x, hundredth), x) > 0, x, negative),
            On(Derivative(leaky_relu_(x, hundredth), x) > 0, x, positive),
        ),
        fails=(Subs(Derivative(leaky_relu_(x, 0), x), x, -1) > 0,),
        experiment="dead_units",
    ),
    Claim(
        "leaky-trains-faster",
        "Because nothing dies, the leaky ReLU trains faster.",
        (at(5, 38),),
        NOT_MATHEMATICAL,
        "Lore; whether anything dies depends on the start and the step.",
        experiment="dead_units",
    ),
    Claim(
        "leaky-gradient-too-small",
        "The gradient of the leaky ReLU for x < 0 is too small, which may harm training.",
        (at(5, 38),),
        NOT_MATHEMATICAL,
        "The slope is the user's choice; nothing makes it small.",
    ),
    Claim(
        "leaky-improves-relu",
        "The leaky ReLU is an improved ReLU.",
        (at(2, 92), at(5, 37)),
        NOT_MATHEMATICAL,
        "A generalisation, certainly (a = 0 gives ReLU back); better is a matter of the task.",
        besides=(Eq(leaky_relu_(x, 0), relu_(x)),),
    ),
    Claim(
        "leaky-derivative-at-0",
        "The code's derivative of the leaky ReLU belongs to the formula printed above it.",
        (at(4, 131, 134),),
        DEPENDS,
        "The same away from 0. At 0 the code says 1, the formula's branch a; both are "
        "subgradients.",
        holds=(
            On(Eq(Derivative(leaky_relu_(x, hundredth), x), 1), x, positive),
            On(Eq(Derivative(leaky_relu_(x, hundredth), x), hundredth), x, negative),
        ),
        fails=(Eq(Subs(Derivative(leaky_relu_(x, hundredth), x), x, 0), 1),),
        lives=("textbook.leaky_relu_vjp",),
    ),
    Claim(
        "prelu-shrinks",
        "PReLU shrinks negative inputs by a certain factor instead of cutting them to 0.",
        (at(3, 101, 102),),
        DEPENDS,
        "On the weight, which is learnt: between 0 and 1 it shrinks, beyond 1 it stretches.",
        holds=(Abs(prelu_(-1, Rational(1, 4))) < 1,),
        fails=(Abs(prelu_(-1, 2)) < 1,),
        besides=(Eq(prelu_(x, alpha), leaky_relu_(x, alpha)),),
    ),
    Claim(
        "elu-exponential-of-minus-x",
        "For x < 0, ELU is alpha times the exponential of the negated x.",
        (at(5, 39, 40),),
        REFUTED,
        "It is alpha (e^x - 1). With e^-x, or without the - 1, the function would jump at 0.",
        fails=(
            Eq(elu_(-1, 1), exp(1)),
            Eq(elu_(-1, 1), exp(-1)),
            Eq(Limit(exp(-x), x, 0, "-"), Limit(elu_(x), x, 0, "+")),
        ),
        besides=(On(Eq(elu_(x, 2), 2 * (exp(x) - 1)), x, negative),),
    ),
    Claim(
        "elu-identity-above-0",
        "For x >= 0, ELU is x.",
        (at(5, 13), at(5, 40)),
        PROVED,
        "At 0 both branches give 0.",
        holds=(On(Eq(elu_(x), x), x, Interval(0, oo)),),
    ),
    Claim(
        "elu-cannot-die",
        "ELU avoids dead gradients.",
        (at(5, 41),),
        DEPENDS,
        "Its gradient is positive everywhere, but it tends to 0 on the left: it may vanish, "
        "not die.",
        holds=(
            On(Derivative(elu_(x), x) > 0, x, negative),
            On(Derivative(elu_(x), x) > 0, x, positive),
        ),
        fails=(Limit(Derivative(elu_(x), x), x, -oo) > 0,),
    ),
    Claim(
        "elu-costs-more",
        "ELU costs more to compute for x < 0, which may slow training.",
        (at(5, 41),),
        NOT_MATHEMATICAL,
        "One exponential, as for a sigmoid; beside a layer's products it hardly counts.",
    ),
    Claim(
        "elu-speeds-up-training",
        "ELU mostly trains faster.",
        (at(5, 41),),
        NOT_MATHEMATICAL,
        "Lore, and the same paragraph says that its cost may slow training.",
        experiment="hidden_activations",
    ),
    Claim(
        "softplus-antiderivative",
        "Softplus, log(1 + e^z), is an antiderivative of the sigmoid; its derivative is the "
        "sigmoid.",
        (at(3, 95, 99),),
        PROVED,
        "By differentiation.",
        holds=(
            Eq(softplus_(x), log(1 + exp(x))),
            Eq(Derivative(softplus_(x), x), sigmoid_(x)),
        ),
    ),
    Claim(
        "softplus-like-relu",
        "The graph of softplus resembles that of ReLU.",
        (at(3, 99, 100),),
        PROVED,
        "It lies above it by at most log 2, and both ends come together.",
        holds=(
            softplus_(x) > relu_(x),
            softplus_(x) - relu_(x) <= log(2),
            Eq(Limit(softplus_(x) - relu_(x), x, oo), 0),
            Eq(Limit(softplus_(x) - relu_(x), x, -oo), 0),
        ),
    ),
)
