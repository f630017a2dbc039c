from sympy import Eq, Interval, Max, Min, Piecewise, Rational, Reals, Symbol, oo

from ..function import Function, Parameter, Variable, applied
from ..symbols import x

negative_slope = Symbol("negative_slope", real=True)
weight = Symbol("weight", real=True)
relu_, leaky_relu_, prelu_, step_ = map(applied, ("relu", "leaky_relu", "prelu", "step"))

relu = Function(
    name="relu",
    title="Rectified linear unit",
    variables=(x,),
    expression=Max(0, x),
    kinks={0: Interval(0, 1)},
    special_values={0: 0, -oo: 0, oo: oo},
    range=Interval(0, oo),
    monotone="increasing",
    homogeneous=(x,),
    identities={
        "odd part": Eq(relu_(x) - relu_(-x), x),
        "idempotent": Eq(relu_(relu_(x)), relu_(x)),
    },
    references=("Nair & Hinton 2010, ICML", "Glorot, Bordes & Bengio 2011, AISTATS"),
)

leaky_relu = Function(
    name="leaky_relu",
    title="Leaky rectified linear unit",
    variables=(x,),
    parameters=(
        Parameter(
            negative_slope,
            default=Rational("0.01"),
            samples=(Rational(1, 4), Rational("0.3"), Rational(2)),
        ),
    ),
    expression=Piecewise((x, x > 0), (negative_slope * x, True)),
    kinks={0: Interval(Min(negative_slope, 1), Max(negative_slope, 1))},
    special_values={0: 0, -oo: -oo, oo: oo},
    homogeneous=(x,),
    monotone="increasing",
    identities={
        # max(ax, x) is the leaky unit only where a <= 1; beyond, it is the smaller one
        "maximum (slope <= 1)": Eq(leaky_relu_(x, Rational(1, 4)), Max(Rational(1, 4) * x, x)),
        "two ReLUs": Eq(leaky_relu_(x, negative_slope), relu_(x) - negative_slope * relu_(-x)),
    },
    references=("Maas, Hannun & Ng 2013, ICML",),
)

prelu = Function(
    name="prelu",
    title="Parametric rectified linear unit",
    variables=(x, Variable(weight, domain=Reals, per_channel=True)),
    expression=Piecewise((x, x > 0), (weight * x, True)),
    kinks={0: Interval(Min(weight, 1), Max(weight, 1))},
    homogeneous=(x,),
    identities={"leaky": Eq(prelu_(x, weight), leaky_relu_(x, weight))},
    references=("He et al. 2015, arXiv:1502.01852, section 2.1",),
)
