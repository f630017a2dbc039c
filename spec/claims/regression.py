"""What the articles say about squared, absolute and smoothed errors."""

from __future__ import annotations

from sympy import (
    Abs,
    Derivative,
    Eq,
    Integer,
    Interval,
    Limit,
    Ne,
    Rational,
    Subs,
    Symbol,
    cosh,
    log,
    oo,
    sqrt,
    symbols,
)

from ..decide import On, same
from ..function import applied
from ..symbols import x
from .claim import DEPENDS, NOT_MATHEMATICAL, PROVED, REFUTED, Claim, at

mse_, mae_, huber_, smooth_l1_, half_squared_error_ = map(
    applied, ("mse", "mae", "huber", "smooth_l1", "half_squared_error")
)
p, t, a, b, c, mu = symbols("p t a b c mu", real=True)
d, sigma = Symbol("d", positive=True), Symbol("sigma", positive=True)
slope = Derivative(mse_(p, t), p)
above, below = Interval.open(0, oo), Interval.open(-oo, 0)
absolute_slope = Derivative(mae_(x, 0), x)

claims = (
    Claim(
        "mse-formula",
        "The mean squared error is the mean of the squared differences.",
        (at(2, 33), at(2, 98, 106), at(4, 6, 7), at(4, 42, 45), at(5, 17), at(5, 42, 44)),
        PROVED,
        "The book's squared error with the reduction mean, shown for two samples.",
        holds=(
            Eq(mse_(p, t), (t - p) ** 2),
            Eq((mse_(a, t) + mse_(b, t)) / 2, ((t - a) ** 2 + (t - b) ** 2) / 2),
        ),
        contradicts=("mse-half-sum",),
    ),
    Claim(
        "mse-half-sum",
        "The mean squared error is half the sum of the squared differences.",
        (at(1, 14), at(1, 42, 45)),
        REFUTED,
        "Nothing is divided by N: it is N/2 times the mean, the same minimum with other gradients.",
        fails=(Eq(mse_(1, 0) / 2, mse_(1, 0)), Eq((mse_(1, 0) * 3) / 2, (mse_(1, 0) * 3) / 3)),
        besides=(Eq(half_squared_error_(p, t), mse_(p, t) / 2),),
        contradicts=("mse-formula",),
    ),
    Claim(
        "mse-measures-distance",
        "Squared error measures how far a prediction is from the truth.",
        (at(1, 45), at(5, 44)),
        PROVED,
        "0 for a perfect prediction, positive and growing with the distance on both sides.",
        holds=(
            Eq(mse_(t, t), 0),
            mse_(t + d, t) > 0,
            mse_(t - d, t) > 0,
            Derivative(mse_(t + d, t), d) > 0,
        ),
    ),
    Claim(
        "mse-differentiable",
        "Squared error is differentiable, so that gradient descent applies directly.",
        (at(1, 47), at(4, 46), at(4, 48)),
        PROVED,
        "The derivative 2 (p - t) exists everywhere.",
        holds=(Eq(slope, 2 * (p - t)),),
    ),
    Claim(
        "mse-not-smooth",
        "Squared error is not smooth.",
        (at(1, 49),),
        REFUTED,
        "It is a polynomial: all derivatives exist, and from the third on they are 0.",
        fails=(Ne(Derivative(mse_(p, t), (p, 3)), 0),),
        besides=(Eq(Derivative(mse_(p, t), (p, 2)), 2),),
        contradicts=("mse-smooth",),
    ),
    Claim(
        "mse-smooth",
        "Squared error is smooth everywhere.",
        (at(4, 48),),
        PROVED,
        "The second derivative is the constant 2, all further ones are 0.",
        holds=(
            Eq(Derivative(mse_(p, t), (p, 2)), 2),
            Eq(Derivative(mse_(p, t), (p, 3)), 0),
        ),
        contradicts=("mse-not-smooth",),
    ),
    Claim(
        "mse-robust",
        "Squared error is robust against large fluctuations.",
        (at(1, 49),),
        REFUTED,
        "Its gradient grows without bound: among 0, 0, 0, 100 its best constant is 25, "
        "that of the absolute error 0.",
        fails=(Limit(Derivative(mse_(x, 0), x), x, oo) < oo,),
        besides=(
            Eq(Subs(3 * Derivative(mse_(x, 0), x) + Derivative(mse_(x, 100), x), x, 25), 0),
            Eq(Limit(absolute_slope, x, oo), 1),
        ),
        experiment="outliers",
        contradicts=("mse-sensitive-to-outliers",),
    ),
    Claim(
        "mse-sensitive-to-outliers",
        "Squared error is sensitive to outliers.",
        (at(4, 47), at(5, 45)),
        PROVED,
        "The pull of a sample grows in proportion to its error.",
        holds=(Eq(Limit(Derivative(mse_(x, 0), x), x, oo), oo),),
        experiment="outliers",
        contradicts=("mse-robust",),
    ),
    Claim(
        "mse-outliers-oscillate",
        "Outliers under squared error may make training oscillate.",
        (at(5, 45),),
        DEPENDS,
        "On the rate: a step of rate e on (theta - t)^2 multiplies the error by 1 - 2e.",
        holds=(
            # rate 3/4: the error changes its sign in each step
            Eq(p - t - Rational(3, 4) * slope, Rational(-1, 2) * (p - t)),
        ),
        fails=(Eq(1 - t - Rational(1, 4) * Subs(slope, p, 1), Rational(-1, 2) * (1 - t)),),
    ),
    Claim(
        "mse-not-a-strict-loss",
        "Squared error is not strictly a loss function.",
        (at(1, 51),),
        REFUTED,
        "It is strictly convex with its only minimum at the target, and the mean minimises "
        "its sum.",
        fails=(Derivative(mse_(p, t), (p, 2)) <= 0,),
        besides=(
            mse_(t + d, t) > mse_(t, t),
            mse_(t - d, t) > mse_(t, t),
            Eq(Subs(Derivative(mse_(p, a) + mse_(p, b), p), p, (a + b) / 2), 0),
        ),
    ),
    Claim(
        "mse-local-approximation",
        "Squared error can be seen as a local approximation of the true loss.",
        (at(1, 51),),
        DEPENDS,
        "On a smooth loss with positive curvature: near 0, log cosh is d^2/2; |d| is not.",
        holds=(Eq(Limit(log(cosh(x)) / (mse_(x, 0) / 2), x, 0), 1),),
        fails=(Eq(Limit(mae_(x, 0) / (mse_(x, 0) / 2), x, 0), 1),),
    ),
    Claim(
        "mse-unbiased",
        "Squared error has no random part, so its estimates have no bias.",
        (at(1, 53),),
        DEPENDS,
        "On the model. The mean is unbiased for h = theta; for h = theta^2 and data 0 or 4 with "
        "equal odds, theta = sqrt(y) has the mean 1, not sqrt(2).",
        holds=(Eq(Subs(Derivative(mse_(p, a) + mse_(p, b), p), p, (a + b) / 2), 0),),
        fails=(same((sqrt(0) + sqrt(4)) / 2, sqrt((0 + 4) / Integer(2))),),
        besides=(
            # shrinking an unbiased estimate lowers its squared error, at the price of a bias
            Eq(
                Subs(
                    Derivative(c**2 * sigma**2 + (c - 1) ** 2 * mu**2, c),
                    c,
                    mu**2 / (mu**2 + sigma**2),
                ),
                0,
            ),
        ),
    ),
    Claim(
        "mse-range",
        "The values of squared error fill [0, oo).",
        (at(4, 49),),
        PROVED,
        "Never negative, and every value is taken.",
        holds=(mse_(p, 0) >= 0, Eq(mse_(t + sqrt(d), t), d), Eq(mse_(t, t), 0)),
    ),
    Claim(
        "mse-gradient-simple",
        "Squared error is a simple formula with a simple gradient.",
        (at(5, 45),),
        PROVED,
        "The gradient is linear in the prediction.",
        holds=(Eq(slope, 2 * (p - t)), Eq(Derivative(mse_(p, t), (p, 2)), 2)),
    ),
    Claim(
        "mse-as-default",
        "Squared error is the loss to use, generally.",
        (at(1, 13), at(1, 68)),
        NOT_MATHEMATICAL,
        "Advice for regression; the same sentences exempt classification.",
        experiment="output_pairings",
        contradicts=("bce-beats-mse-after-sigmoid",),
    ),
    Claim(
        "mse-for-regression",
        "For regression in general take squared error.",
        (at(1, 43), at(4, 202, 204), at(4, 159)),
        NOT_MATHEMATICAL,
        "It fits the mean, which is the best guess under normal noise.",
        besides=(Eq(Subs(Derivative(mse_(p, a) + mse_(p, b), p), p, (a + b) / 2), 0),),
    ),
    Claim(
        "mae-formula",
        "The mean absolute error is the mean of the absolute differences.",
        (at(4, 8), at(4, 52, 54)),
        PROVED,
        "The book's absolute error with the reduction mean.",
        holds=(Eq(mae_(p, t), Abs(t - p)),),
    ),
    Claim(
        "mae-robust",
        "Absolute error is robust against outliers.",
        (at(4, 55, 56),),
        PROVED,
        "No sample pulls by more than 1, however far it lies.",
        holds=(
            On(Abs(absolute_slope) <= 1, x, above),
            On(Abs(absolute_slope) <= 1, x, below),
            Eq(Limit(absolute_slope, x, oo), 1),
        ),
        experiment="outliers",
    ),
    Claim(
        "mae-kink-at-0",
        "Absolute error is not differentiable at 0.",
        (at(4, 57),),
        PROVED,
        "The slopes from the left and the right are -1 and 1.",
        holds=(
            Eq(Limit(absolute_slope, x, 0, "-"), -1),
            Eq(Limit(absolute_slope, x, 0, "+"), 1),
        ),
    ),
    Claim(
        "mae-range",
        "The values of absolute error fill [0, oo).",
        (at(4, 58),),
        PROVED,
        "Never negative, and every value is taken.",
        holds=(mae_(x, 0) >= 0, Eq(mae_(t + d, t), d), Eq(mae_(t, t), 0)),
    ),
    Claim(
        "outliers-want-mae-or-huber",
        "With outliers take absolute error or the Huber loss.",
        (at(4, 205),),
        PROVED,
        "As far as a bounded pull goes: 1 for absolute error, delta for Huber.",
        holds=(
            Eq(Limit(absolute_slope, x, oo), 1),
            Eq(Limit(Derivative(huber_(x, 0, 2), x), x, oo), 2),
            Eq(Limit(Derivative(huber_(x, 0, 2), x), x, -oo), -2),
        ),
        experiment="outliers",
        contradicts=("smooth-l1-weak-on-outliers",),
    ),
    Claim(
        "smooth-l1-combines",
        "Smooth L1 combines squared and absolute error.",
        (at(5, 19), at(5, 49, 50)),
        PROVED,
        "Half the square inside, the absolute error less a half outside (beta = 1).",
        holds=(
            On(Eq(smooth_l1_(x, 0), mse_(x, 0) / 2), x, Interval.open(-1, 1)),
            On(Eq(smooth_l1_(x, 0), mae_(x, 0) - Rational(1, 2)), x, Interval(1, oo)),
            On(Eq(smooth_l1_(x, 0), mae_(x, 0) - Rational(1, 2)), x, Interval(-oo, -1)),
        ),
    ),
    Claim(
        "smooth-l1-steadies-gradients",
        "Smooth L1 makes the gradient fluctuate less.",
        (at(5, 51),),
        PROVED,
        "Its gradient is continuous, unlike that of |d|, and bounded by 1, unlike that of d^2.",
        holds=(
            Eq(Limit(Derivative(smooth_l1_(x, 0), x), x, oo), 1),
            Eq(
                Limit(Derivative(smooth_l1_(x, 0), x), x, 0, "-"),
                Limit(Derivative(smooth_l1_(x, 0), x), x, 0, "+"),
            ),
            Eq(
                Limit(Derivative(smooth_l1_(x, 0), x), x, 1, "-"),
                Limit(Derivative(smooth_l1_(x, 0), x), x, 1, "+"),
            ),
        ),
        contradicts=("smooth-l1-weak-on-outliers",),
    ),
    Claim(
        "smooth-l1-trains-faster",
        "Steadier gradients make smooth L1 train faster.",
        (at(5, 51),),
        NOT_MATHEMATICAL,
        "Far from the target its step is even shorter than that of squared error.",
        besides=(
            On(
                Derivative(smooth_l1_(x, 0), x) < Derivative(mse_(x, 0), x),
                x,
                Interval.open(0, oo),
            ),
        ),
    ),
    Claim(
        "smooth-l1-weak-on-outliers",
        "Smooth L1 deals poorly with outliers, which may make training oscillate.",
        (at(5, 51),),
        REFUTED,
        "An outlier pulls by 1 as under absolute error, and no more.",
        fails=(Limit(Derivative(smooth_l1_(x, 0), x), x, oo) > 1,),
        besides=(Eq(Limit(Derivative(smooth_l1_(x, 0), x), x, oo), Limit(absolute_slope, x, oo)),),
        experiment="outliers",
        contradicts=("smooth-l1-steadies-gradients", "outliers-want-mae-or-huber"),
    ),
    Claim(
        "smooth-l2-exists",
        "Smooth L2 is a common loss that combines squared error and an exponential moving average.",
        (at(5, 20), at(5, 52, 53)),
        NOT_MATHEMATICAL,
        "No formula is given, and no established loss has that name: there is nothing to judge.",
    ),
    Claim(
        "smooth-l2-properties",
        "Smooth L2 steadies gradients, trains faster and deals poorly with outliers.",
        (at(5, 54),),
        NOT_MATHEMATICAL,
        "Said of a loss without a definition, in the words used for smooth L1.",
    ),
)
