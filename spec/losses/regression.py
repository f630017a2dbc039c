from sympy import Abs, Derivative, Eq, Interval, Piecewise, Rational, Symbol, oo

from ..function import Function, Parameter, applied
from ..references import Reference
from ..symbols import logits, prediction, target, x
from ..works import BISHOP

delta = Symbol("delta", positive=True)
d = prediction - target
mse_, half_, mae_, huber_, sigmoid_, relu_, softshrink_, hard_tanh_ = map(
    applied,
    ("mse", "half_squared_error", "mae", "huber", "sigmoid", "relu", "softshrink", "hard_tanh"),
)
REDUCTIONS = ("none", "mean", "sum")

mse = Function(
    name="mse",
    title="Squared error",
    titles={"zh": "均方误差"},
    variables=(prediction, target),
    expression=d**2,
    range=Interval(0, oo),
    homogeneous=(prediction, target),
    reductions=REDUCTIONS,
    identities={
        "symmetry": Eq(mse_(prediction, target), mse_(target, prediction)),
        # the articles' delta (a - y) s'(z) belongs to the half-squared error: twice as much here
        "delta after sigmoid": Eq(
            Derivative(mse_(sigmoid_(logits), target), logits),
            2 * (sigmoid_(logits) - target) * sigmoid_(logits) * sigmoid_(-logits),
        ),
    },
    aliases=("mse_loss", "squared_error", "mean_squared_error"),
    references=(BISHOP.at("section 1.5.5"),),
)

half_squared_error = Function(
    name="half_squared_error",
    title="Half of the squared error",
    variables=(prediction, target),
    expression=d**2 / 2,
    range=Interval(0, oo),
    homogeneous=(prediction, target),
    reductions=REDUCTIONS,
    identities={
        "half": Eq(half_(prediction, target), mse_(prediction, target) / 2),
        "residual": Eq(Derivative(half_(prediction, target), prediction), prediction - target),
        "delta after sigmoid": Eq(
            Derivative(half_(sigmoid_(logits), target), logits),
            (sigmoid_(logits) - target) * sigmoid_(logits) * sigmoid_(-logits),
        ),
    },
    aliases=("l2_loss", "quadratic_loss"),
    references=(BISHOP.at("section 5.3"),),
)

mae = Function(
    name="mae",
    title="Absolute error",
    titles={"zh": "平均绝对误差"},
    variables=(prediction, target),
    expression=Abs(d),
    kinks={d: Interval(-1, 1)},
    range=Interval(0, oo),
    homogeneous=(prediction, target),
    reductions=REDUCTIONS,
    identities={
        "symmetry": Eq(mae_(prediction, target), mae_(target, prediction)),
        "two ReLUs": Eq(
            mae_(prediction, target), relu_(prediction - target) + relu_(target - prediction)
        ),
        "square": Eq(mae_(prediction, target) ** 2, mse_(prediction, target)),
    },
    aliases=("l1_loss", "absolute_error", "mean_absolute_error"),
    references=(BISHOP.at("section 1.5.5"),),
)

huber = Function(
    name="huber",
    title="Huber loss",
    variables=(prediction, target),
    parameters=(
        Parameter(
            delta,
            default=Rational(1),
            domain=Interval.open(0, oo),
            samples=(Rational(1, 2), Rational("1.345"), Rational(4)),
        ),
    ),
    expression=Piecewise((d**2 / 2, Abs(d) <= delta), (delta * (Abs(d) - delta / 2), True)),
    range=Interval(0, oo),
    reductions=REDUCTIONS,
    identities={
        "square inside": Eq(huber_(x / 2, -x / 2, Abs(x) + 1), mse_(x / 2, -x / 2) / 2),
        "absolute outside": Eq(huber_(x, 0, Rational(1, 2)), mae_(x, 0) / 2 - Rational(1, 8)).subs(
            x, Abs(x) + 1
        ),
        "slope": Eq(Derivative(huber_(prediction, 0), prediction), hard_tanh_(prediction)),
        # the minimum over u of delta |u| + (x - u)^2/2 is reached at the soft shrinkage of x
        "envelope of the absolute error": Eq(
            huber_(x, 0, delta),
            delta * mae_(softshrink_(x, delta), 0) + half_(x, softshrink_(x, delta)),
        ),
    },
    aliases=("huber_loss",),
    references=(
        Reference(
            authors=("Huber, Peter J.",),
            title="Robust estimation of a location parameter",
            year=1964,
            kind="article",
            where="Annals of Mathematical Statistics",
            volume="35",
            number="1",
            pages="73-101",
            doi="10.1214/aoms/1177703732",
        ),
    ),
)
