"""What the articles say about hinge, focal and contrastive losses, and which task needs which."""

from __future__ import annotations

from typing import Any

from sympy import Derivative, Eq, Interval, Limit, Max, Ne, Rational, Subs, Symbol, log, oo, symbols

from ..catalogue import find
from ..decide import Fact, On, less, same
from ..function import applied
from ..symbols import x
from .claim import DEPENDS, NOT_MATHEMATICAL, PROVED, REFUTED, Claim, at

hinge_, bce_, mse_, mae_, relu_, tanh_, sigmoid_, identity_, contrastive_ = map(
    applied,
    ("hinge", "bce", "mse", "mae", "relu", "tanh", "sigmoid", "identity", "contrastive"),
)
p, y, z = symbols("p y z", real=True)
r, alpha = Symbol("r", positive=True), Symbol("alpha", positive=True)
chance = 1 / (1 + r)
quarter, hundredth = Rational(1, 4), Rational(1, 100)


def focal_code(label: Any, prediction: Any, exponent: Any = 2, weight: Any = quarter) -> Any:
    """What the article's code computes for one output: alpha (1 - p)^gamma (-y log p)."""
    return weight * (1 - prediction) ** exponent * (-label * log(prediction))


claims = (
    Claim(
        "hinge-formula",
        "The hinge loss is max(0, 1 - y p) for labels +-1.",
        (at(4, 11), at(4, 69, 73)),
        PROVED,
        "The book's definition.",
        holds=(Eq(hinge_(p, y), Max(0, 1 - y * p)),),
    ),
    Claim(
        "hinge-with-labels-0-1",
        "The hinge loss can be used with the 0 and 1 labels of the experiment.",
        (at(4, 167, 169),),
        DEPENDS,
        "On a conversion to -1 and 1, which the framework makes; the formula itself gives "
        "the loss 1 "
        "for label 0 whatever is predicted.",
        holds=(Eq(Derivative(hinge_(p, 2 * 0 - 1), p), Derivative(relu_(1 + p), p)),),
        fails=(
            Eq(Max(0, 1 - 0 * p), hinge_(2, -1)),
            Eq(Max(0, 1 - 0 * Rational(2)), hinge_(2, -1)),
        ),
    ),
    Claim(
        "hinge-after-tanh",
        "Hinge loss and a tanh output go together.",
        (at(4, 169),),
        DEPENDS,
        "The signs fit; but the margin 1 is out of reach, so the loss is never 0 and its gradient "
        "carries tanh's slope, which vanishes at a saturated wrong output.",
        holds=(hinge_(tanh_(x), 1) > 0, Eq(Limit(1 - tanh_(x), x, oo), 0)),
        fails=(
            Eq(Subs(hinge_(tanh_(x), 1), x, 5), 0),
            Limit(Derivative(1 - tanh_(x), x), x, -oo) < 0,
        ),
        experiment="output_pairings",
        lives=("rules.tanh-hinge",),
    ),
    Claim(
        "loss-plot-axis",
        "The plot of the losses has the prediction less the true value on its axis.",
        (at(4, 12), at(4, 74, 90)),
        DEPENDS,
        "Its numbers are the targets, at prediction 0. The square and the absolute error are even, "
        "so their curves are right; the hinge is drawn over the prediction itself.",
        holds=(Eq(mse_(0, x), mse_(x, 0)), Eq(mae_(0, x), mae_(x, 0))),
        fails=(Eq(hinge_(1 + 1, 1), hinge_(1, 1) + 1), Eq(hinge_(0 + 1, 1), hinge_(0, 1))),
    ),
    Claim(
        "focal-down-weights-easy",
        "The gamma of the focal loss turns attention from easy to hard samples.",
        (at(4, 175),),
        PROVED,
        "The factor (1 - p)^gamma falls with p: at gamma = 2 and p = 0.9 it is 1/100.",
        holds=(
            same(focal_code(1, p, 0), -quarter * log(p)),
            same((1 - Rational("0.9")) ** 2, hundredth),
            Derivative((1 - chance) ** 2, r) > 0,
        ),
    ),
    Claim(
        "focal-alpha-balances",
        "In the focal code alpha balances the classes.",
        (at(4, 175), at(4, 193)),
        REFUTED,
        "One alpha stands before every term: it scales the loss and weighs no class against "
        "another.",
        fails=(
            # alpha would have to change the share of one class in the loss of two
            Ne(
                Derivative(
                    focal_code(1, p, 2, alpha)
                    / (focal_code(1, p, 2, alpha) + focal_code(1, y, 2, alpha)),
                    alpha,
                ),
                0,
            ),
        ),
    ),
    Claim(
        "focal-code-on-binary-labels",
        "The focal code serves as the loss of a model with one sigmoid output.",
        (at(4, 176), at(4, 194)),
        REFUTED,
        "It runs, but a label 0 costs nothing whatever is predicted: predicting 1 always is "
        "optimal.",
        fails=(
            less(focal_code(0, Rational("0.01")), focal_code(0, Rational("0.99"))),
            less(0, focal_code(0, Rational("0.99"))),
        ),
        besides=(bce_(Rational("0.99"), 0) > bce_(Rational("0.01"), 0),),
        experiment="snippets",
    ),
    Claim(
        "focal-clip-prevents-overflow",
        "Clipping predictions to [1e-7, 1 - 1e-7] guards the focal loss against overflow.",
        (at(4, 175), at(4, 193)),
        DEPENDS,
        "On the format: 1e-7 keeps the logarithm finite, and 1 - 1e-7 is below 1 in float32; in "
        "float16, 1 - 1e-7 rounds to 1 and 1e-7 is a subnormal.",
        holds=(less(-log(Rational(1, 10**7)), 17), less(Rational(1, 2**24), Rational(1, 10**7))),
        fails=(less(Rational(1, 2**12), Rational(1, 10**7)),),
    ),
    Claim(
        "focal-for-imbalance",
        "For unbalanced classes take the focal loss.",
        (at(4, 173, 174), at(4, 201)),
        NOT_MATHEMATICAL,
        "It weighs by difficulty; only its alpha_t, absent from the article's code, weighs "
        "classes.",
    ),
    Claim(
        "contrastive-formula",
        "The contrastive loss is y d^2 + (1 - y) max(margin - d, 0)^2.",
        (at(4, 193),),
        PROVED,
        "The book's definition, with y = 1 for a similar pair.",
        holds=(
            Eq(contrastive_(p, 1, 1), p**2),
            Eq(contrastive_(p, 0, 1), Max(1 - p, 0) ** 2),
        ),
    ),
    Claim(
        "contrastive-for-metric-learning",
        "For metric learning take a contrastive loss.",
        (at(4, 206, 208),),
        NOT_MATHEMATICAL,
        "It pulls similar pairs together and pushes others apart, but only up to the margin.",
        besides=(
            On(Eq(Max(1 - x, 0) ** 2, 0), x, Interval(1, oo)),
            On(Derivative((1 - x) ** 2, x) < 0, x, Interval.open(-oo, 1)),
        ),
    ),
    Claim(
        "wasserstein-for-gans",
        "For generative adversarial networks take the Wasserstein loss.",
        (at(4, 209), at(1, 22)),
        NOT_MATHEMATICAL,
        "One choice of several; it needs a critic with a bounded slope, which is left unsaid.",
    ),
    Claim(
        "pairing-binary",
        "Two classes: a sigmoid output with binary cross-entropy.",
        (at(4, 155, 157), at(4, 199), at(4, 218)),
        NOT_MATHEMATICAL,
        "A convention with a reason: the delta is a - y, without a slope.",
        besides=(Eq(Derivative(bce_(sigmoid_(z), y), z), sigmoid_(z) - y),),
        experiment="output_pairings",
        lives=("rules.sigmoid-bce",),
    ),
    Claim(
        "pairing-multiclass",
        "Several classes: a softmax output with categorical cross-entropy.",
        (at(4, 158), at(4, 200), at(4, 219)),
        NOT_MATHEMATICAL,
        "A convention with the same reason; see the composition among the rules.",
        lives=("rules.softmax-log-likelihood",),
    ),
    Claim(
        "pairing-regression",
        "Regression: squared or absolute error, and usually no activation at the output.",
        (at(4, 159), at(4, 220)),
        NOT_MATHEMATICAL,
        "A convention: the identity reaches every real number, a sigmoid could not give 2.",
        besides=(Eq(identity_(2), 2), sigmoid_(x) < 2),
        lives=("rules.identity-mse",),
    ),
    Claim(
        "pairings-by-experiment",
        "In practice, compare combinations by experiment on the data at hand.",
        (at(4, 20, 25), at(4, 153, 154), at(4, 161, 172), at(4, 221, 222)),
        NOT_MATHEMATICAL,
        "Advice. The article's own comparison prints losses that are not comparable: each is in "
        "its own unit, and one run says little.",
        besides=(bce_(quarter, 1) > mse_(quarter, 1),),
        experiment="output_pairings",
    ),
    Claim(
        "loss-choice-matters",
        "The choice of loss and activation decides how well a model performs.",
        (
            at(1, 7),
            at(1, 41),
            at(2, 7, 11),
            at(2, 197, 199),
            at(2, 211, 213),
            at(2, 231, 233),
            at(3, 103),
            at(5, 1, 3),
        ),
        NOT_MATHEMATICAL,
        "How much is a question for experiments; on an easy task the pairings end up level.",
        experiment="output_pairings",
    ),
    Claim(
        "loss-choice-avoids-overfitting",
        "The loss should describe the fit precisely and keep overfitting away.",
        (at(1, 41), at(2, 215)),
        NOT_MATHEMATICAL,
        "Two aims that pull apart: a loss of the fit alone sees no overfitting.",
    ),
    Claim(
        "regularisation-is-key",
        "Regularisation and the structure of the model are what matters for good results.",
        (at(1, 68),),
        NOT_MATHEMATICAL,
        "Lore; nothing in the article bears on it.",
    ),
    Claim(
        "loss-kinds-by-task",
        "Losses fall into kinds by task; regression and classification have their own.",
        (at(4, 38), at(4, 41), at(5, 16), at(1, 41), at(2, 30, 32)),
        NOT_MATHEMATICAL,
        "A way of sorting (the third kind that is announced does not follow): a squared error also "
        "scores classifications.",
        besides=(Fact(lambda: find("mse").is_loss and find("bce").is_loss, ("mse", "bce")),),
    ),
)
