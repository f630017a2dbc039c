"""What the articles say about cross-entropy, and about it and squared error after a sigmoid."""

from __future__ import annotations

from sympy import Abs, Derivative, Eq, Limit, Ne, Rational, Subs, Symbol, Tuple, log, oo, symbols

from ..decide import less, same
from ..function import applied
from ..special import entry
from .claim import DEPENDS, NOT_MATHEMATICAL, PROVED, REFUTED, Claim, at

(
    bce_,
    bce_with_logits_,
    cross_entropy_,
    sigmoid_,
    softmax_,
    mse_,
    half_squared_error_,
    categorical_cross_entropy_,
    kl_div_,
) = map(
    applied,
    (
        "bce",
        "bce_with_logits",
        "cross_entropy",
        "sigmoid",
        "softmax",
        "mse",
        "half_squared_error",
        "categorical_cross_entropy",
        "kl_div",
    ),
)
z, w, v, h, s, a, b, c = symbols("z w v h s a b c", real=True)
p, y = Symbol("p", positive=True), Symbol("y", positive=True)
r = Symbol("r", positive=True)
chance = 1 / (1 + r)  # runs through (0, 1) with r through the positive numbers
half, tenth = Rational(1, 2), Rational(1, 10)
after_sigmoid = Derivative(bce_(sigmoid_(z), y), z)
inner = sigmoid_(z) * (1 - sigmoid_(z))

claims = (
    Claim(
        "bce-formula",
        "The binary cross-entropy of a sample is -(y log a + (1 - y) log(1 - a)).",
        (at(2, 35), at(2, 108, 122), at(3, 21, 26), at(4, 9, 10), at(4, 61, 64), at(5, 18)),
        PROVED,
        "The book's definition. (The second article prints it twice, under two names, as a sum.)",
        holds=(Eq(bce_(p, y), -(y * log(p) + (1 - y) * log(1 - p))),),
    ),
    Claim(
        "bce-formula-brackets",
        "The mean of y log h + (1 - y) log(1 - h), printed without brackets, is the cross-entropy.",
        (at(1, 55, 57),),
        DEPENDS,
        "On how far sum and sign reach: over both terms, yes; over the first only, no.",
        holds=(Eq(bce_(p, y), -(y * log(p) + (1 - y) * log(1 - p))),),
        fails=(Eq(bce_(half, 0), -(0 * log(half)) + (1 - 0) * log(1 - half)),),
    ),
    Claim(
        "bce-mean-is-uniform",
        "The 'uniform' cross-entropy is the binary one with the mean in place of the sum.",
        (at(2, 36), at(2, 124, 130)),
        PROVED,
        "A reduction, not another loss: a factor 1/n, the same minimum.",
        holds=(Eq((bce_(a, 1) + bce_(b, 0)) / 2, -(log(a) + log(1 - b)) / 2),),
    ),
    Claim(
        "cross-entropy-is-binary-sum",
        "Cross-entropy in general is the sum of y_i log p_i + (1 - y_i) log(1 - p_i), negated.",
        (at(2, 34), at(2, 108, 114), at(1, 58)),
        DEPENDS,
        "Right for independent yes-or-no outputs; over classes that exclude each other there is "
        "no second term: at (1/2, 1/4, 1/4) for the first class it is log 2 alone.",
        holds=(Eq(cross_entropy_(Tuple(z, 0), Tuple(1, 0)), bce_(sigmoid_(z), 1)),),
        fails=(
            Eq(
                cross_entropy_(Tuple(log(2), 0, 0), Tuple(1, 0, 0)),
                bce_(half, 1) + bce_(half / 2, 0) + bce_(half / 2, 0),
            ),
        ),
    ),
    Claim(
        "bce-from-likelihood",
        "Binary cross-entropy is what maximum likelihood gives.",
        (at(3, 27),),
        PROVED,
        "Minus the logarithm of the probability a^y (1 - a)^(1 - y) of a label y.",
        holds=(
            Eq(bce_(p, y), -y * log(p) - (1 - y) * log(1 - p)),
            Eq(bce_(p, 1), -log(p**1 * (1 - p) ** 0)),
            Eq(bce_(p, 0), -log(p**0 * (1 - p) ** 1)),
        ),
    ),
    Claim(
        "bce-simple-gradient",
        "The logarithms make the gradient of cross-entropy easy to compute.",
        (at(1, 60),),
        PROVED,
        "In the logit it is the sigmoid less the target; on probabilities (p - y)/(p (1 - p)).",
        holds=(
            Eq(after_sigmoid, sigmoid_(z) - y),
            Eq(Derivative(bce_(p, y), p), (p - y) / (p * (1 - p))),
        ),
        contradicts=("cross-entropy-complex-gradient",),
    ),
    Claim(
        "cross-entropy-complex-gradient",
        "Cross-entropy is a complicated formula with a complicated gradient.",
        (at(5, 48), at(5, 57)),
        REFUTED,
        "After a softmax its gradient is the shortest of all: softmax - target.",
        fails=(Ne(after_sigmoid, sigmoid_(z) - y),),
        besides=(
            Eq(
                Derivative(cross_entropy_(Tuple(a, b, c), Tuple(0, 1, 0)), a),
                entry(softmax_(Tuple(a, b, c)), 0),
            ),
        ),
        contradicts=("bce-simple-gradient", "softmax-gradient-simple"),
    ),
    Claim(
        "cross-entropy-is-a-divergence",
        "Cross-entropy is the Laplace divergence.",
        (at(1, 62),),
        REFUTED,
        "No divergence at all: a divergence is 0 where both agree, and bce(1/2, 1/2) is log 2. "
        "Less the entropy of the target it is the Kullback-Leibler divergence.",
        fails=(Eq(bce_(half, half), 0),),
        besides=(
            Eq(
                bce_(p, y) - bce_(y, y),
                y * log(y / p) + (1 - y) * log((1 - y) / (1 - p)),
            ),
            bce_(tenth, half) > bce_(half, half),
        ),
    ),
    Claim(
        "cross-entropy-sparse",
        "Cross-entropy is a sparse logarithm, so that its gradient descent is more efficient.",
        (at(1, 62),),
        REFUTED,
        "The gradient is not sparse: no class has gradient 0. Efficiency is a matter of "
        "experiments.",
        fails=(
            Eq(
                Subs(
                    Derivative(cross_entropy_(Tuple(a, b, c), Tuple(0, 1, 0)), a),
                    (a, b, c),
                    (0, 0, 0),
                ),
                0,
            ),
        ),
        experiment="mse_against_bce",
    ),
    Claim(
        "cross-entropy-for-two-classes",
        "Cross-entropy serves for two classes as well.",
        (at(1, 63, 64), at(4, 62, 63)),
        PROVED,
        "The row (z, 0) with targets (y, 1 - y) gives the binary cross-entropy of z.",
        holds=(
            Eq(
                cross_entropy_(Tuple(z, 0), Tuple(y, 1 - y)),
                bce_with_logits_(z, y),
            ),
        ),
    ),
    Claim(
        "cross-entropy-bounded",
        "Cross-entropy is bounded.",
        (at(1, 66),),
        REFUTED,
        "At target 1 it grows without bound as the prediction tends to 0.",
        fails=(Limit(bce_(p, 1), p, 0) < oo, Limit(bce_with_logits_(z, 1), z, -oo) < oo),
    ),
    Claim(
        "cross-entropy-smooth-on-0-1",
        "Cross-entropy is continuous and differentiable on {0, 1}, so parameters may range freely.",
        (at(1, 66),),
        REFUTED,
        "On the open interval it is; at 0 and 1 it or its slope is infinite.",
        fails=(
            Limit(Derivative(bce_(p, 1), p), p, 0) > -oo,
            Eq(Limit(bce_(p, 1), p, 0), 0),
        ),
        besides=(Eq(Derivative(bce_(p, y), p), (p - y) / (p * (1 - p))),),
    ),
    Claim(
        "cross-entropy-measures-accuracy",
        "For several classes cross-entropy measures the accuracy of classification.",
        (at(1, 58),),
        REFUTED,
        "Two right answers at 0.6 cost more than one right at 0.99 and one wrong at 0.49.",
        fails=(
            bce_(Rational("0.6"), 1) * 2 < bce_(Rational("0.99"), 1) + bce_(Rational("0.49"), 1),
            Eq(bce_(Rational("0.6"), 1), bce_(Rational("0.9"), 1)),
        ),
    ),
    Claim(
        "cross-entropy-measures-gap",
        "Cross-entropy measures how far predictions are from the labels.",
        (at(1, 55, 56), at(1, 58), at(5, 45, 46), at(5, 48), at(5, 57)),
        PROVED,
        "At label 1 it is 0 for prediction 1, positive below, and grows as the prediction falls.",
        holds=(
            bce_(chance, 1) > 0,
            Derivative(bce_(chance, 1), r) > 0,
            Eq(Limit(bce_(chance, 1), r, 0), 0),
        ),
    ),
    Claim(
        "cross-entropy-tells-classes-apart",
        "Cross-entropy separates the classes well.",
        (at(5, 48), at(5, 57)),
        NOT_MATHEMATICAL,
        "Praise without a measure; the same sentence stands twice, under two names of one loss.",
    ),
    Claim(
        "cross-entropy-for-classification",
        "For classification use cross-entropy.",
        (at(1, 13), at(1, 68), at(5, 46), at(4, 196, 200)),
        NOT_MATHEMATICAL,
        "A habit with reasons: it is the likelihood, and its delta has no slope that vanishes.",
        experiment="output_pairings",
    ),
    Claim(
        "log-loss-is-another-loss",
        "Log loss is a common loss beside cross-entropy, for several classes.",
        (at(5, 21), at(5, 55, 56)),
        REFUTED,
        "It is the same loss: minus the logarithm of the probability given to the true class.",
        fails=(Ne(cross_entropy_(Tuple(z, 0), Tuple(1, 0)), -log(sigmoid_(z))),),
        besides=(
            Eq(
                cross_entropy_(Tuple(a, b, c), Tuple(0, 1, 0)),
                -log(entry(softmax_(Tuple(a, b, c)), 1)),
            ),
        ),
    ),
    Claim(
        "categorical-is-log-likelihood",
        "The log-likelihood of softmax outputs is the categorical cross-entropy.",
        (at(3, 52, 53), at(3, 104), at(4, 158)),
        PROVED,
        "With the softmax put in, the book's loss on probabilities is the one on logits.",
        holds=(
            Eq(
                categorical_cross_entropy_(
                    Tuple(*(entry(softmax_(Tuple(a, b, c)), k) for k in range(3))), Tuple(0, 1, 0)
                ),
                cross_entropy_(Tuple(a, b, c), Tuple(0, 1, 0)),
            ),
        ),
    ),
    Claim(
        "bce-sigmoid-delta",
        "After a sigmoid the gradient of the binary cross-entropy in z is a - y.",
        (at(3, 28, 31),),
        PROVED,
        "Every line of the derivation holds: the slope a (1 - a) cancels both denominators.",
        holds=(
            Eq(after_sigmoid, sigmoid_(z) - y),
            Eq(-y * (1 - sigmoid_(z)) + (1 - y) * sigmoid_(z), sigmoid_(z) - y),
            same(
                -y / sigmoid_(z) * inner + (1 - y) / (1 - sigmoid_(z)) * inner,
                -y * (1 - sigmoid_(z)) + (1 - y) * sigmoid_(z),
            ),
        ),
        lives=("rules.sigmoid-bce",),
    ),
    Claim(
        "mse-sigmoid-delta",
        "After a sigmoid the gradient of the mean squared error in z is (a - y) s'(z).",
        (at(3, 11, 12), at(3, 32, 35)),
        DEPENDS,
        "On a factor 1/2 in the loss: so for half the square, twice as much for the square.",
        holds=(
            Eq(Derivative(mse_(sigmoid_(z), y) / 2, z), (sigmoid_(z) - y) * inner),
            Eq(Derivative(mse_(sigmoid_(z), y), z), 2 * (sigmoid_(z) - y) * inner),
        ),
        fails=(
            Eq(
                Subs(Derivative(mse_(sigmoid_(z), y), z), (z, y), (0, 1)),
                Subs((sigmoid_(z) - y) * inner, (z, y), (0, 1)),
            ),
        ),
        lives=("rules.sigmoid-mse",),
    ),
    Claim(
        "bce-gradient-without-slope",
        "With cross-entropy the gradients of weights and biases do not contain the sigmoid's "
        "slope.",
        (at(3, 36),),
        DEPENDS,
        "On the layer: so in the last one; every hidden sigmoid still multiplies by its own slope.",
        holds=(
            Eq(Derivative(bce_(sigmoid_(w * h + s), y), w), (sigmoid_(w * h + s) - y) * h),
            Eq(Derivative(bce_(sigmoid_(w * h + s), y), s), sigmoid_(w * h + s) - y),
        ),
        fails=(
            Eq(
                Subs(Derivative(bce_(sigmoid_(w * sigmoid_(z)), y), z), (w, z, y), (1, 3, 1)),
                Subs((sigmoid_(w * sigmoid_(z)) - y) * w, (w, z, y), (1, 3, 1)),
            ),
        ),
        besides=(
            Eq(
                Derivative(bce_(sigmoid_(w * sigmoid_(z)), y), z),
                (sigmoid_(w * sigmoid_(z)) - y) * w * inner,
            ),
        ),
    ),
    Claim(
        "bce-gradient-exceeds-mse",
        "The cross-entropy gradient in z is larger than that of squared error after a sigmoid.",
        (at(3, 36),),
        PROVED,
        "By the factor 1/s', which is at least 4 (half squares), whatever the label.",
        holds=(
            Eq(
                Derivative(mse_(sigmoid_(z), y) / 2, z),
                inner * after_sigmoid,
            ),
            inner <= Rational(1, 4),
            inner > 0,
        ),
    ),
    Claim(
        "mse-sigmoid-learns-slowly",
        "Squared error after a sigmoid learns slowly.",
        (at(3, 12), at(3, 20, 21)),
        DEPENDS,
        "On the start: at a saturated wrong output its gradient tends to 0, at z = 0 it does not.",
        holds=(
            Eq(Limit(Derivative(mse_(sigmoid_(z), 1), z), z, -oo), 0),
            Eq(Limit(Derivative(bce_(sigmoid_(z), 1), z), z, -oo), -1),
        ),
        fails=(Eq(Subs(Derivative(mse_(sigmoid_(z), 1), z), z, 0), 0),),
        experiment="saturated_neuron",
    ),
    Claim(
        "mse-sigmoid-not-convex",
        "Changing squared error for cross-entropy improves how a sigmoid output is trained.",
        (at(3, 21),),
        PROVED,
        "As far as shape goes: cross-entropy is convex in z, the square is not (label 1, z = -2).",
        holds=(
            Derivative(bce_(sigmoid_(z), y), (z, 2)) > 0,
            Subs(Derivative(mse_(sigmoid_(z), 1), (z, 2)), z, -2) < 0,
        ),
        experiment="mse_against_bce",
    ),
    Claim(
        "bce-beats-mse-after-sigmoid",
        "With a sigmoid, cross-entropy is certainly better than squared error.",
        (at(3, 37), at(3, 104)),
        NOT_MATHEMATICAL,
        "Fewer steps in the experiments for three seeds in four, from a saturated start for all. "
        "Not certain: a mislabelled sample pulls harder, and the square is as proper a score.",
        experiment="mse_against_bce",
        contradicts=("mse-as-default",),
    ),
    Claim(
        "mislabelled-samples-pull",
        "A large gap between prediction and label means a large gradient, which is what one wants.",
        (at(3, 36),),
        DEPENDS,
        "On the label being right: for a wrong one squared error lets go, cross-entropy "
        "never does.",
        holds=(Eq(Limit(Abs(Derivative(bce_(sigmoid_(z), 1), z)), z, -oo), 1),),
        fails=(Eq(Limit(Abs(Derivative(mse_(sigmoid_(z), 1), z)), z, -oo), 1),),
    ),
    Claim(
        "epsilon-loss-is-cross-entropy",
        "log(a + eps) and log(1 - a + eps) with eps = 1e-15 compute the cross-entropy.",
        (at(2, 184, 189),),
        DEPENDS,
        "Nearly, inside: at a = 0 for label 1 it is 34.5 and not infinite, at a = 1 it is "
        "negative.",
        holds=(Abs(bce_(tenth, 1) + log(tenth + Rational(1, 10**15))) < Rational(2, 10**14),),
        fails=(
            less(100, -log(0 + Rational(1, 10**15))),
            less(0, -log(1 + Rational(1, 10**15))),
            Eq(-log(half + Rational(1, 10**15)), bce_(half, 1)),
        ),
        besides=(
            less(Abs(-log(Rational(1, 10**15)) - Rational("34.539")), Rational("0.0005")),
            less(-log(1 + Rational(1, 10**15)), 0),
        ),
        lives=("textbook.bce",),
    ),
    Claim(
        "epsilon-loss-example",
        "For labels (0, 1, 1) and predictions (0.1, 0.9, 0.95) the code prints 0.262.",
        (at(2, 191, 195),),
        PROVED,
        "-2 log 0.9 - log 0.95 = 0.26201, and the epsilon changes nothing that would be printed.",
        holds=(
            Abs(
                bce_(Rational("0.1"), 0)
                + bce_(Rational("0.9"), 1)
                + bce_(Rational("0.95"), 1)
                - Rational("0.26201432")
            )
            < Rational("5e-8"),
        ),
    ),
    Claim(
        "clipped-loss-is-cross-entropy",
        "Clipping predictions to [1e-12, 1 - 1e-12] keeps log(0) away and gives the cross-entropy.",
        (at(4, 67, 68),),
        DEPENDS,
        "On the prediction: inside the clip it is exact, beyond it the loss stops at 27.6 "
        "instead of "
        "growing, and the gradient there is 0: the worst errors are not corrected.",
        holds=(Abs(bce_(Rational(1, 10**12), 1) - Rational("27.631")) < Rational("0.0005"),),
        fails=(Eq(bce_(Rational(1, 10**13), 1), bce_(Rational(1, 10**12), 1)),),
    ),
    Claim(
        "loss-snippet-shapes",
        "The cross-entropy code takes labels of shape (n,) with predictions of shape (n, classes).",
        (at(4, 68),),
        REFUTED,
        "With one class the product is broadcast to n x n: labels (1, 0) and predictions "
        "(0.9, 0.2) give the mean over all four pairs.",
        fails=(
            Eq(
                (
                    bce_(Rational("0.9"), 1)
                    + bce_(Rational("0.9"), 0)
                    + bce_(Rational("0.2"), 1)
                    + bce_(Rational("0.2"), 0)
                )
                / 4,
                (bce_(Rational("0.9"), 1) + bce_(Rational("0.2"), 0)) / 2,
            ),
        ),
        experiment="snippets",
    ),
    Claim(
        "multi-label-outputs-independent",
        "For several labels at once each output has its own sigmoid, independent of the others.",
        (at(4, 160),),
        PROVED,
        "No sigmoid depends on another's input; an entry of a softmax depends on all.",
        holds=(
            Eq(Derivative(bce_(sigmoid_(a), 1) + bce_(sigmoid_(b), 0), a), sigmoid_(a) - 1),
            Ne(
                Subs(Derivative(entry(softmax_(Tuple(a, b)), 0), b), (a, b), (0, 0)),
                0,
            ),
        ),
        lives=("rules.sigmoid-bce",),
    ),
)
