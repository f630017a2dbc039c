from sympy import Eq, Interval, Max, Min, Piecewise, Rational, Symbol, oo

from ..function import Function, Parameter, Variable, applied
from ..references import Reference
from ..symbols import x

XU = Reference(
    authors=("Xu, Bing", "Wang, Naiyan", "Chen, Tianqi", "Li, Mu"),
    title="Empirical evaluation of rectified activations in convolutional network",
    year=2015,
    arxiv="1505.00853",
)

lower, upper, slope = (Symbol(name, real=True) for name in ("lower", "upper", "slope"))
rrelu_, rrelu_train_, leaky_relu_, prelu_, relu_ = map(
    applied, ("rrelu", "rrelu_train", "leaky_relu", "prelu", "relu")
)
middle = (lower + upper) / 2

rrelu = Function(
    name="rrelu",
    title="Randomized leaky rectified linear unit, in evaluation",
    variables=(x,),
    parameters=(
        Parameter(lower, default=Rational(1, 8), samples=(Rational(0), Rational("0.3"))),
        Parameter(upper, default=Rational(1, 3), samples=(Rational(1, 2), Rational("0.9"))),
    ),
    expression=Piecewise((x, x > 0), (middle * x, True)),
    kinks={0: Interval(Min(middle, 1), Max(middle, 1))},
    special_values={0: 0, -oo: -oo, oo: oo},
    homogeneous=(x,),
    monotone="increasing",
    identities={
        "leaky": Eq(rrelu_(x), leaky_relu_(x, Rational(11, 48))),
        "two ReLUs": Eq(rrelu_(x, lower, upper), relu_(x) - middle * relu_(-x)),
    },
    references=(XU.at("section 2.4"),),
)

rrelu_train = Function(
    name="rrelu_train",
    title="Randomized leaky rectified linear unit, in training, given the slopes drawn",
    variables=(x, Variable(slope)),
    expression=Piecewise((x, x > 0), (slope * x, True)),
    kinks={0: Interval(Min(slope, 1), Max(slope, 1))},
    homogeneous=(x,),
    identities={
        "PReLU": Eq(rrelu_train_(x, slope), prelu_(x, slope)),
        "two ReLUs": Eq(rrelu_train_(x, slope), relu_(x) - slope * relu_(-x)),
    },
    references=(XU.at("section 2.4"),),
)
