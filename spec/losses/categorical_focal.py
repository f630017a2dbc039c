from sympy import Eq, Interval, Rational, Sum, Symbol, oo

from ..function import Function, Parameter, Variable, applied
from ..special import xlogy
from ..symbols import i, n, p_vector, t_vector
from ..works import LIN

p, t = p_vector, t_vector
alpha, gamma = Symbol("alpha", nonnegative=True), Symbol("gamma", nonnegative=True)
categorical_focal_, categorical_cross_entropy_ = map(
    applied, ("categorical_focal", "categorical_cross_entropy")
)
CLASSES = Interval(0, 1)

categorical_focal = Function(
    name="categorical_focal",
    title="Categorical focal loss",
    variables=(
        Variable(p, domain=CLASSES, called="prediction"),
        Variable(t, domain=CLASSES, simplex=True),
    ),
    parameters=(
        Parameter(
            alpha,
            default=Rational(1, 4),
            domain=CLASSES,
            samples=(Rational(1, 2), Rational(1)),
        ),
        Parameter(
            gamma,
            default=Rational(2),
            domain=Interval(0, oo),
            samples=(Rational(0), Rational(1, 2), Rational(5)),
            differentiable=False,
        ),
    ),
    expression=-alpha * Sum((1 - p[i]) ** gamma * xlogy(t[i], p[i]), (i, 0, n - 1)),
    range=Interval(0, oo),
    reductions=("none", "mean", "sum"),
    identities={
        "no focus": Eq(
            categorical_focal_(p[i], t[i], alpha, 0),
            alpha * categorical_cross_entropy_(p[i], t[i]),
        ),
    },
    aliases=("categorical_focal_crossentropy",),
    references=(LIN.at("equation (5)"),),
)
