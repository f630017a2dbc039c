from sympy import Abs, Derivative, Eq, Interval, Piecewise, Rational, Symbol, oo

from ..function import Function, Parameter, applied
from ..symbols import logits, prediction, target, x

delta = Symbol("delta", positive=True)
d = prediction - target
mse_, mae_, huber_, sigmoid_ = map(applied, ("mse", "mae", "huber", "sigmoid"))
REDUCTIONS = ("none", "mean", "sum")

mse = Function(
    name="mse",
    title="Squared error",
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
    aliases=("mse_loss", "squared_error", "mean_squared_error", "l2_loss"),
    references=("Bishop 2006, Pattern Recognition and Machine Learning, section 1.5.5",),
)

mae = Function(
    name="mae",
    title="Absolute error",
    variables=(prediction, target),
    expression=Abs(d),
    kinks={d: Interval(-1, 1)},
    range=Interval(0, oo),
    homogeneous=(prediction, target),
    reductions=REDUCTIONS,
    identities={"symmetry": Eq(mae_(prediction, target), mae_(target, prediction))},
    aliases=("l1_loss", "absolute_error", "mean_absolute_error"),
    references=("Bishop 2006, Pattern Recognition and Machine Learning, section 1.5.5",),
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
    },
    aliases=("huber_loss",),
    references=("Huber 1964, doi:10.1214/aoms/1177703732",),
)
