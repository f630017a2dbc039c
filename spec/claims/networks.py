"""What the articles say about layers, chains of factors, gradient descent and fitting."""

from __future__ import annotations

from sympy import (
    Abs,
    Derivative,
    Eq,
    Limit,
    Matrix,
    Ne,
    Rational,
    Subs,
    Symbol,
    Tuple,
    oo,
    symbols,
)

from ..catalogue import find
from ..decide import Fact, same
from ..function import applied
from ..special import entry
from ..symbols import x
from .claim import DEPENDS, NOT_MATHEMATICAL, PROVED, REFUTED, Claim, at

sigmoid_, tanh_, relu_, mse_, bce_, step_, softmax_ = map(
    applied, ("sigmoid", "tanh", "relu", "mse", "bce", "step", "softmax")
)
z, y, w, v, a, b, c = symbols("z y w v a b c", real=True)
n = Symbol("n", integer=True, positive=True)
theta, rate, r = Symbol("theta", real=True), Symbol("rate", real=True), Symbol("r", positive=True)

# A product of factors that are all below 1: (1 - 1/4)(1 - 1/9)...(1 - 1/n^2) = (n + 1)/(2 n)
shrinking = (n + 1) / (2 * n)
# and one of factors that are all above 1: (1 + 1/3)(1 + 1/8)...(1 + 1/(n^2 - 1)) = 2 n/(n + 1)
growing = 2 * n / (n + 1)

claims = (
    Claim(
        "nonlinearity-needed",
        "The activation makes the network nonlinear, so that it can learn more than linear maps.",
        (
            at(1, 10),
            at(2, 15, 18),
            at(2, 39, 41),
            at(2, 43, 47),
            at(2, 199, 201),
            at(4, 34, 36),
            at(4, 91, 94),
            at(5, 4, 7),
        ),
        PROVED,
        "Affine layers compose to an affine one; with ReLU two units already give |x|.",
        holds=(
            Eq(Derivative(w * (a * x + b) + c, (x, 2)), 0),
            Eq(relu_(x) + relu_(-x), Abs(x)),
            Ne(relu_(1) + relu_(-1), relu_(0)),
        ),
        contradicts=("activation-restricts-expressiveness",),
    ),
    Claim(
        "activation-restricts-expressiveness",
        "The role of the activation is to limit what the model can express.",
        (at(1, 41),),
        REFUTED,
        "It enlarges it: an affine f has f(1) + f(-1) = 2 f(0); two ReLU units give |x|, "
        "which has not.",
        fails=(Eq((relu_(1) + relu_(-1)) + (relu_(-1) + relu_(1)), 2 * (relu_(0) + relu_(0))),),
        besides=(
            Eq(Derivative(w * (a * x + b) + c, (x, 2)), 0),
            Eq(relu_(x) + relu_(-x), Abs(x)),
        ),
        contradicts=("nonlinearity-needed",),
    ),
    Claim(
        "one-weight-per-neuron",
        "Each node of a network has one weight and one bias.",
        (at(2, 5, 7),),
        REFUTED,
        "It has a weight for each of its inputs: with one weight alone, swapping inputs is unseen.",
        fails=(
            Eq(
                Subs(w * x + v * y, (w, v, x, y), (1, 2, 1, 0)),
                Subs(w * x + v * y, (w, v, x, y), (1, 2, 0, 1)),
            ),
        ),
    ),
    Claim(
        "sigmoid-factor-slows-backpropagation",
        "Each layer passed backwards multiplies by the sigmoid's slope, so gradients are "
        "mostly small.",
        (at(3, 20),),
        DEPENDS,
        "On the weights, which are factors too: slope times weight exceeds 1 from weight 4 on.",
        holds=(
            Eq(
                Derivative(sigmoid_(w * sigmoid_(z)), z),
                sigmoid_(w * sigmoid_(z))
                * (1 - sigmoid_(w * sigmoid_(z)))
                * w
                * sigmoid_(z)
                * (1 - sigmoid_(z)),
            ),
            Derivative(sigmoid_(x), x) <= Rational(1, 4),
        ),
        fails=(Subs(Derivative(8 * sigmoid_(x), x), x, 0) < 1,),
        experiment="gradient_by_depth",
    ),
    Claim(
        "chain-of-layers",
        "The gradient at a layer is the product of the derivatives from each layer to the next.",
        (at(3, 73, 76),),
        PROVED,
        "The chain rule; for one unit per layer the factors are numbers.",
        holds=(
            Eq(
                Derivative(mse_(w * tanh_(v * tanh_(z)), y), z),
                2
                * (w * tanh_(v * tanh_(z)) - y)
                * (w * (1 - tanh_(v * tanh_(z)) ** 2))
                * (v * (1 - tanh_(z) ** 2)),
            ),
        ),
        lives=("rules.chain-product",),
    ),
    Claim(
        "chain-of-layers-any-order",
        "For whole layers the factors of that product may be written in any order.",
        (at(3, 75),),
        DEPENDS,
        "Numbers commute; for layers of several units the factors are Jacobians, which do not "
        "(transposed, the output's stands rightmost).",
        holds=(same(a * b, b * a),),
        fails=(
            Fact(
                lambda: (
                    Matrix([[0, 1], [0, 0]]) * Matrix([[0, 0], [1, 0]])
                    == Matrix([[0, 0], [1, 0]]) * Matrix([[0, 1], [0, 0]])
                )
            ),
        ),
    ),
    Claim(
        "factors-below-1-vanish",
        "If the factor of each layer is below 1, the gradient vanishes with depth.",
        (at(3, 70, 72),),
        DEPENDS,
        "On a common bound: if all are below some q < 1, yes; factors 1 - 1/k^2 multiply to 1/2.",
        holds=(Eq(Limit((1 / (1 + r)) ** n, n, oo), 0), Eq(Limit(Rational(1, 4) ** n, n, oo), 0)),
        fails=(Eq(Limit(shrinking, n, oo), 0),),
        besides=(
            Eq(shrinking.subs(n, n + 1) / shrinking, 1 - 1 / (n + 1) ** 2),
            Eq(Limit(shrinking, n, oo), Rational(1, 2)),
        ),
        lives=("rules.chain-vanishes",),
    ),
    Claim(
        "factors-below-1-in-size",
        "The gradient shrinks if each factor is less than 1.",
        (at(3, 77),),
        DEPENDS,
        "It is the magnitude that counts: -2 is less than 1, and its powers explode.",
        holds=(Eq(Limit(Rational(-1, 2) ** n, n, oo), 0),),
        fails=(Eq(Limit(Abs(Rational(-2)) ** n, n, oo), 0), Eq(Limit(shrinking, n, oo), 0)),
    ),
    Claim(
        "factors-above-1-explode",
        "If the factor of each layer is above 1, the gradient explodes with depth.",
        (at(3, 72),),
        DEPENDS,
        "On a common bound q > 1 again: factors 1 + 1/(k^2 - 1) multiply to 2.",
        holds=(Eq(Limit(Rational(3, 2) ** n, n, oo), oo),),
        fails=(Eq(Limit(growing, n, oo), oo),),
        besides=(Eq(growing.subs(n, n + 1) / growing, 1 + 1 / ((n + 1) ** 2 - 1)),),
        lives=("rules.chain-explodes",),
    ),
    Claim(
        "early-layers-stand-still",
        "With vanishing gradients the parameters of the first layers hardly change.",
        (at(3, 77),),
        PROVED,
        "The step is the rate times the gradient, which is at most (|w|/4)^n for n sigmoid layers.",
        holds=(Eq(Limit(rate * Rational(1, 4) ** n, n, oo), 0),),
        experiment="gradient_by_depth",
    ),
    Claim(
        "vanishing-unsolved",
        "The vanishing gradient is a main obstacle and has no complete solution.",
        (at(3, 71), at(3, 77), at(2, 215)),
        NOT_MATHEMATICAL,
        "A report on the state of the field; residual links and normalisation have eased it much.",
    ),
    Claim(
        "initialisation-cures-explosion",
        "Exploding gradients are generally cured by adjusting the initial parameters.",
        (at(3, 78),),
        NOT_MATHEMATICAL,
        "At the start a scale of the weights sets the factors; nothing keeps them there in "
        "training.",
    ),
    Claim(
        "gradient-descent-is-a-loss",
        "Gradient descent is one of the common loss functions.",
        (at(2, 31, 37),),
        REFUTED,
        "It is a rule for changing parameters: its result may be negative and measures no gap.",
        fails=(
            # loss theta^2/2 at theta = 1 with rate 2: the result is -1
            Subs(theta - rate * Derivative(theta**2 / 2, theta), (theta, rate), (1, 2)) >= 0,
        ),
        contradicts=("gradient-descent-is-an-algorithm",),
    ),
    Claim(
        "gradient-descent-is-an-algorithm",
        "Gradient descent is an optimisation algorithm: theta becomes theta - rate L'(theta).",
        (at(2, 132, 138),),
        PROVED,
        "For a small enough rate the step lowers the loss (see the rules); shown here for "
        "theta^2/2.",
        holds=(
            # rate 2/(1 + r) runs through (0, 2); the loss after the step is smaller unless it is 0
            Eq(
                theta - 2 / (1 + r) * Derivative(theta**2 / 2, theta),
                theta * (r - 1) / (1 + r),
            ),
            ((r - 1) / (1 + r)) ** 2 < 1,
        ),
        contradicts=("gradient-descent-is-a-loss",),
        lives=(
            "rules.gradient-descent-step",
            "rules.descent-lemma",
            "rules.descent-limit-is-sharp",
        ),
    ),
    Claim(
        "gradient-descent-as-equation",
        "The update may be written as the equation theta = theta - rate L'(theta).",
        (at(2, 137),),
        DEPENDS,
        "As an assignment, yes; as an equation it holds only where the gradient is 0.",
        holds=(Eq(Subs(theta - Derivative(theta**2, theta), theta, 0), 0),),
        fails=(Eq(Subs(theta - Derivative(theta**2, theta), theta, 1), 1),),
    ),
    Claim(
        "loss-measures-the-gap",
        "A loss measures the difference between what the model predicts and the truth.",
        (
            at(1, 12, 13),
            at(2, 9),
            at(2, 27, 29),
            at(2, 49, 51),
            at(2, 203),
            at(4, 2, 5),
            at(4, 36, 37),
            at(4, 39),
            at(5, 3),
            at(5, 14, 15),
        ),
        DEPENDS,
        "Squared error is 0 exactly at a perfect fit; bce at target 1/2 is log 2 there.",
        holds=(Eq(mse_(y, y), 0), mse_(y + r, y) > 0, mse_(y - r, y) > 0),
        fails=(Eq(bce_(Rational(1, 2), Rational(1, 2)), 0),),
    ),
    Claim(
        "loss-takes-prediction-and-truth",
        "The inputs of a loss are the prediction and the true value, its output is one number.",
        (at(2, 51),),
        DEPENDS,
        "So for most; a generator's Wasserstein loss sees no truth, and a pairwise one a distance.",
        holds=(Fact(lambda: _names("mse") == ("prediction", "target"), ("mse",)),),
        fails=(
            Fact(lambda: "target" in _names("wasserstein_generator"), ("wasserstein_generator",)),
        ),
    ),
    Claim(
        "loss-is-a-mean",
        "A loss is the mean over the samples of a loss per sample.",
        (at(4, 40),),
        DEPENDS,
        "On the reduction: the other articles sum, and print half the sum as the mean.",
        holds=(Eq((mse_(a, 0) + mse_(b, 0)) / 2, (a**2 + b**2) / 2),),
        fails=(Eq(mse_(1, 0) + mse_(1, 0), (mse_(1, 0) + mse_(1, 0)) / 2),),
    ),
    Claim(
        "zero-training-loss-generalises",
        "Least loss on the training data means the best fit, and good results on new data.",
        (at(1, 13),),
        REFUTED,
        "Data y = 0 at x = 0 and 1: f(x) = 100 x (x - 1) has training loss 0 and errs by 25 "
        "at 1/2.",
        fails=(mse_(100 * Rational(1, 2) * (Rational(1, 2) - 1), 0) <= 1,),
        besides=(Eq(mse_(100 * 0 * (0 - 1), 0) + mse_(100 * 1 * (1 - 1), 0), 0),),
    ),
    Claim(
        "regression-function-continuous",
        "In regression the model is continuous; decision trees and forests are common models.",
        (at(1, 20),),
        REFUTED,
        "A tree is constant on each of its cells and jumps between them: a step is the "
        "smallest tree.",
        fails=(Eq(Limit(step_(x), x, 0, "-"), Limit(step_(x), x, 0, "+")),),
        besides=(Eq(Limit(w * x + b, x, 0, "-"), Limit(w * x + b, x, 0, "+")),),
    ),
    Claim(
        "retrieval-by-membership",
        "The best document for a query is the argmax over i of whether the query lies in D[i].",
        (at(1, 24),),
        REFUTED,
        "Membership is 0 or 1 and cannot rank: with two documents that hold the query it is a tie, "
        "and the second, which matches less well (score 1 against 9), is as good as the first.",
        fails=(Fact(lambda: _argmaxes((1, 1)) == _argmaxes((9, 1))),),
    ),
    Claim(
        "tasks-need-objectives",
        "Different kinds of problems need different objectives.",
        (at(1, 15, 18), at(1, 22), at(1, 25, 28)),
        NOT_MATHEMATICAL,
        "A choice of what to want; the table of pairings in the rules records the usual ones.",
    ),
    Claim(
        "one-hot-outputs",
        "With three classes the wanted outputs are (1,0,0), (0,1,0), (0,0,1), each summing to 1.",
        (at(3, 40),),
        DEPENDS,
        "As targets, yes; a softmax comes as near as one likes and reaches none of them.",
        holds=(Eq(Limit(entry(softmax_(Tuple(x, 0, 0)), 0), x, oo), 1),),
        fails=(Eq(entry(softmax_(Tuple(100, 0, 0)), 0), 1),),
    ),
)


def _names(function: str) -> tuple[str, ...]:
    return tuple(v.name for v in find(function).variables)


def _argmaxes(scores: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(k for k, score in enumerate(scores) if score == max(scores))
