"""What the articles say about the step, the sigmoid and tanh."""

from __future__ import annotations

from sympy import Derivative, Eq, Interval, Limit, Ne, Piecewise, Rational, Subs, Symbol, exp, oo

from ..catalogue import find
from ..decide import Fact, On
from ..function import applied
from ..symbols import x
from .claim import DEPENDS, NOT_MATHEMATICAL, PROVED, REFUTED, Claim, at

sigmoid_, tanh_, step_, bce_ = map(applied, ("sigmoid", "tanh", "step", "bce"))
a, w = Symbol("a", real=True), Symbol("w", real=True)
slope, steepness = Derivative(sigmoid_(x), x), Derivative(tanh_(x), x)
positive = Interval.open(0, oo)
negative = Interval.open(-oo, 0)
# where the two slopes cross: the larger root of 4 u (1 + u)^2 = (1 + u^2)^2, u = e^x, is near here
before, after = Rational("1.6628"), Rational("1.6630")

claims = (
    Claim(
        "step-formula",
        "The step function is 0 for x <= 0 and 1 for x > 0.",
        (at(2, 20), at(2, 55, 64), at(5, 8)),
        PROVED,
        "The definition of the book, with the value 0 at 0.",
        holds=(Eq(step_(x), Piecewise((0, x <= 0), (1, True))),),
    ),
    Claim(
        "step-two-values",
        "The step takes only the values 0 and 1.",
        (at(5, 24, 25),),
        PROVED,
        "s (1 - s) vanishes everywhere. (At 0 itself other fields put 1/2.)",
        holds=(Eq(step_(x) * (1 - step_(x)), 0),),
    ),
    Claim(
        "step-derivative-zero",
        "The derivative of the step is zero.",
        (at(5, 26),),
        DEPENDS,
        "Zero away from 0; at 0 the function jumps and has no derivative.",
        holds=(
            On(Eq(Derivative(step_(x), x), 0), x, positive),
            On(Eq(Derivative(step_(x), x), 0), x, negative),
        ),
        fails=(Eq(Limit(step_(x), x, 0, "-"), Limit(step_(x), x, 0, "+")),),
    ),
    Claim(
        "step-slows-descent",
        "The zero derivative of the step makes gradient descent converge slowly.",
        (at(5, 26),),
        REFUTED,
        "It does not slow descent, it stops it: the step theta - a L'(theta) is theta, whatever a.",
        fails=(Ne(w - a * Subs(Derivative((step_(x) - 1) ** 2, x), x, -1), w),),
        besides=(On(Eq(Derivative((step_(x) - 1) ** 2, x), 0), x, negative),),
    ),
    Claim(
        "sigmoid-formula",
        "The sigmoid is 1 / (1 + e^-x).",
        (at(2, 21), at(2, 66, 72), at(3, 13, 18), at(4, 15, 16), at(4, 103, 105), at(5, 9)),
        PROVED,
        "The definition of the book.",
        holds=(Eq(sigmoid_(x), 1 / (1 + exp(-x))),),
    ),
    Claim(
        "sigmoid-between-0-and-1",
        "The sigmoid takes values strictly between 0 and 1.",
        (at(4, 107), at(5, 27, 28)),
        PROVED,
        "Both ends are limits that no finite x reaches (a format with finite precision does).",
        holds=(
            sigmoid_(x) > 0,
            sigmoid_(x) < 1,
            Eq(Limit(sigmoid_(x), x, -oo), 0),
            Eq(Limit(sigmoid_(x), x, oo), 1),
        ),
    ),
    Claim(
        "sigmoid-not-zero-centred",
        "The output of the sigmoid is not centred on 0.",
        (at(4, 106), at(4, 109)),
        PROVED,
        "It is always positive; its centre of symmetry is 1/2.",
        holds=(sigmoid_(x) > 0, Eq(sigmoid_(x) + sigmoid_(-x), 1)),
    ),
    Claim(
        "sigmoid-flattens",
        "The farther x is from 0, the flatter the sigmoid and the smaller its derivative.",
        (at(3, 19),),
        PROVED,
        "The second derivative is negative right of 0 and positive left of it.",
        holds=(
            On(Derivative(sigmoid_(x), (x, 2)) < 0, x, positive),
            On(Derivative(sigmoid_(x), (x, 2)) > 0, x, negative),
        ),
    ),
    Claim(
        "sigmoid-slope-large-near-0",
        "Only near 0 is the derivative of the sigmoid large.",
        (at(3, 19),),
        PROVED,
        "Its maximum, 1/4, is at 0; beyond |x| = 5 it is below 1/100.",
        holds=(
            slope <= Rational(1, 4),
            Eq(Subs(slope, x, 0), Rational(1, 4)),
            On(slope < Rational(1, 100), x, Interval(5, oo)),
            On(slope < Rational(1, 100), x, Interval(-oo, -5)),
        ),
    ),
    Claim(
        "sigmoid-slope-tends-to-0",
        "The gradient of the sigmoid tends to 0, the root of its vanishing gradients.",
        (at(2, 223, 225), at(4, 108), at(5, 29)),
        PROVED,
        "At both infinities; what it means for n layers is a claim of its own.",
        holds=(Eq(Limit(slope, x, oo), 0), Eq(Limit(slope, x, -oo), 0)),
    ),
    Claim(
        "sigmoid-derivative-formula",
        "The derivative of the sigmoid is s (1 - s).",
        (at(4, 110, 111),),
        PROVED,
        "By expansion. In a format the right-hand side loses the left tail's mirror image: 1 - s.",
        holds=(Eq(slope, sigmoid_(x) * (1 - sigmoid_(x))),),
        lives=("textbook.sigmoid_vjp",),
    ),
    Claim(
        "sigmoid-derivative-finite",
        "The derivative of the sigmoid can be computed and is finite on the whole line.",
        (at(5, 29),),
        PROVED,
        "It lies in (0, 1/4].",
        holds=(slope > 0, slope <= Rational(1, 4)),
    ),
    Claim(
        "sigmoid-convex",
        "The sigmoid is strongly convex, which is why it is commonly used.",
        (at(1, 38),),
        REFUTED,
        "Right of 0 it is concave; strong convexity would need a second derivative above "
        "some m > 0.",
        fails=(
            Subs(Derivative(sigmoid_(x), (x, 2)), x, 1) >= 0,
            sigmoid_(1) <= (sigmoid_(0) + sigmoid_(2)) / 2,
        ),
        besides=(On(Derivative(sigmoid_(x), (x, 2)) > 0, x, negative),),
    ),
    Claim(
        "sigmoid-many-parameters",
        "The sigmoid has comparatively many parameters.",
        (at(1, 38),),
        REFUTED,
        "It has none; of the units named beside it, only the leaky one has a parameter.",
        fails=(Fact(lambda: len(find("sigmoid").parameters) > 0, ("sigmoid",)),),
        besides=(Fact(lambda: len(find("leaky_relu").parameters) == 1, ("leaky_relu",)),),
    ),
    Claim(
        "sigmoid-costly",
        "The sigmoid is complicated to compute.",
        (at(1, 38),),
        NOT_MATHEMATICAL,
        "A matter of machines: one exponential and one division, against one comparison for ReLU.",
    ),
    Claim(
        "tanh-formula",
        "tanh is (e^x - e^-x) / (e^x + e^-x).",
        (at(2, 22), at(2, 74, 80), at(3, 84, 89), at(4, 17), at(4, 112, 114), at(5, 10)),
        PROVED,
        "The definition of the book.",
        holds=(Eq(tanh_(x), (exp(x) - exp(-x)) / (exp(x) + exp(-x))),),
        lives=("textbook.tanh",),
    ),
    Claim(
        "tanh-is-a-sigmoid",
        "tanh is a variant of the sigmoid: tanh(z) = 2 sigmoid(2z) - 1.",
        (at(3, 86), at(3, 90, 93)),
        PROVED,
        "Stretched to twice the height, squeezed to half the width, moved down by 1.",
        holds=(Eq(tanh_(x), 2 * sigmoid_(2 * x) - 1),),
    ),
    Claim(
        "tanh-in-closed-interval",
        "The output of tanh falls into [-1, 1].",
        (at(3, 94),),
        PROVED,
        "True, and not sharp: the ends are not reached.",
        holds=(tanh_(x) >= -1, tanh_(x) <= 1),
        besides=(tanh_(x) > -1, tanh_(x) < 1),
    ),
    Claim(
        "tanh-in-open-interval",
        "The output of tanh lies in (-1, 1).",
        (at(4, 116), at(5, 30, 31)),
        PROVED,
        "Sharp: both ends are limits.",
        holds=(
            tanh_(x) > -1,
            tanh_(x) < 1,
            Eq(Limit(tanh_(x), x, -oo), -1),
            Eq(Limit(tanh_(x), x, oo), 1),
        ),
    ),
    Claim(
        "tanh-zero-centred",
        "tanh is symmetric, centred on 0.",
        (at(1, 10), at(4, 115), at(4, 117)),
        PROVED,
        "It is odd.",
        holds=(Eq(tanh_(-x), -tanh_(x)), Eq(tanh_(0), 0)),
    ),
    Claim(
        "tanh-standardises",
        "Because tanh lies around 0, its output can be standardised.",
        (at(3, 94),),
        NOT_MATHEMATICAL,
        "Any output with a mean and a spread can be standardised; centring is a help in training.",
    ),
    Claim(
        "tanh-derivative-singular",
        "The derivative of tanh is singular.",
        (at(1, 10),),
        REFUTED,
        "It is smooth, bounded by 1 and never 0.",
        fails=(Eq(Subs(steepness, x, 0), oo), Eq(Subs(steepness, x, 0), 0)),
        besides=(steepness > 0, steepness <= 1),
    ),
    Claim(
        "tanh-slope-exceeds-sigmoid",
        "The gradient of tanh is stronger than that of the sigmoid.",
        (at(4, 118), at(3, 94)),
        DEPENDS,
        "On |x|: stronger up to 1.6629 (four times at 0), weaker beyond.",
        holds=(
            On(steepness > slope, x, Interval(-before, before)),
            Eq(Subs(steepness, x, 0), 4 * Subs(slope, x, 0)),
        ),
        fails=(Subs(steepness, x, 2) > Subs(slope, x, 2), On(steepness > slope, x, Interval(1, 2))),
    ),
    Claim(
        "tanh-tails-less-flat",
        "At large arguments tanh does not flatten as much as the sigmoid.",
        (at(3, 94),),
        REFUTED,
        "Its tails are flatter: beyond 1.6629 its slope is smaller, and the ratio tends to 0.",
        fails=(Subs(steepness, x, 5) > Subs(slope, x, 5),),
        besides=(
            On(steepness < slope, x, Interval(after, oo)),
            On(steepness < slope, x, Interval(-oo, -after)),
            Eq(Limit(steepness / slope, x, oo), 0),
        ),
    ),
    Claim(
        "tanh-derivative-formula",
        "The derivative of tanh is 1 - tanh^2.",
        (at(4, 119, 120),),
        PROVED,
        "By expansion.",
        holds=(Eq(steepness, 1 - tanh_(x) ** 2),),
        lives=("textbook.tanh_vjp",),
    ),
    Claim(
        "tanh-range-wider",
        "tanh has the wider range, and is finite on the whole line.",
        (at(5, 32),),
        PROVED,
        "Width 2 against width 1.",
        holds=(
            Eq(
                Limit(tanh_(x), x, oo) - Limit(tanh_(x), x, -oo),
                2 * (Limit(sigmoid_(x), x, oo) - Limit(sigmoid_(x), x, -oo)),
            ),
            tanh_(x) ** 2 < 1,
        ),
    ),
    Claim(
        "tanh-gradient-vanishes",
        "The gradient of tanh vanishes too, and slows training.",
        (at(5, 32),),
        PROVED,
        "The gradient tends to 0 at both infinities; how slow training gets is not mathematical.",
        holds=(Eq(Limit(steepness, x, oo), 0), Eq(Limit(steepness, x, -oo), 0)),
        experiment="gradient_by_depth",
    ),
    Claim(
        "tanh-not-always-better",
        "tanh is not always better than the sigmoid; it depends on the problem.",
        (at(3, 94),),
        PROVED,
        "As an output for probabilities it fails: half of its range is not even allowed there.",
        holds=(tanh_(-1) < 0, sigmoid_(x) > 0),
        contradicts=("tanh-best-in-practice",),
    ),
    Claim(
        "tanh-best-in-practice",
        "In practice tanh often works best.",
        (at(1, 10),),
        NOT_MATHEMATICAL,
        "Lore, and the same paragraph ends by recommending ReLU.",
        experiment="hidden_activations",
        contradicts=("tanh-not-always-better", "relu-is-the-default"),
    ),
    Claim(
        "sigmoid-commonly-used",
        "Deep learning generally uses the sigmoid as its activation.",
        (at(1, 38),),
        NOT_MATHEMATICAL,
        "A matter of habit; the same article and others name ReLU as the usual choice.",
        contradicts=("relu-is-the-default", "sigmoid-out-of-use"),
    ),
    Claim(
        "sigmoid-out-of-use",
        "In deep networks the sigmoid is little used, because its gradients vanish.",
        (at(2, 223, 225),),
        NOT_MATHEMATICAL,
        "True of hidden layers by habit; as an output and in gates it is everywhere.",
        experiment="gradient_by_depth",
        contradicts=("sigmoid-commonly-used",),
    ),
    Claim(
        "sigmoid-bad-on-small-data",
        "The sigmoid needs more training data and does badly on small sets.",
        (at(1, 38),),
        NOT_MATHEMATICAL,
        "It has no parameters to be learnt, so no reason is given; the experiment shows no "
        "such gap.",
        experiment="small_data",
    ),
    Claim(
        "sigmoids-do-not-sum-to-1",
        "A network with ordinary outputs does not give numbers in (0, 1) that sum to 1.",
        (at(3, 41),),
        PROVED,
        "Sigmoid outputs lie in (0, 1), but three of them at 0 already sum to 3/2.",
        holds=(Ne(3 * sigmoid_(0), 1),),
    ),
)
