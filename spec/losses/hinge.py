from sympy import Eq, FiniteSet, Interval, Max, Min, oo

from ..function import Function, Variable, applied
from ..symbols import prediction, target

hinge_, relu_ = applied("hinge"), applied("relu")

hinge = Function(
    name="hinge",
    title="Hinge loss",
    variables=(prediction, Variable(target, domain=FiniteSet(-1, 1), differentiable=False)),
    expression=Max(0, 1 - target * prediction),
    kinks={1 - target * prediction: Interval(Min(0, -target), Max(0, -target))},
    range=Interval(0, oo),
    reductions=("none", "mean", "sum"),
    identities={
        "rectified margin": Eq(hinge_(prediction, target), relu_(1 - target * prediction)),
    },
    aliases=("hinge_loss",),
    references=("Cortes & Vapnik 1995, doi:10.1007/BF00994018",),
)
