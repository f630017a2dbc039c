from sympy import Eq, Interval, Piecewise, Rational, Symbol, exp, oo

from ..function import Function, Parameter, applied
from ..references import Reference
from ..symbols import x

alpha = Symbol("alpha", positive=True)
celu_, elu_, relu_ = map(applied, ("celu", "elu", "relu"))

celu = Function(
    name="celu",
    title="Continuously differentiable exponential linear unit",
    variables=(x,),
    parameters=(
        Parameter(
            alpha,
            default=Rational(1),
            domain=Interval.open(0, oo),
            samples=(Rational(1, 2), Rational("1.7"), Rational(3)),
        ),
    ),
    expression=Piecewise((x, x > 0), (alpha * (exp(x / alpha) - 1), True)),
    special_values={0: 0, -oo: -1, oo: oo},
    monotone="increasing",
    identities={
        "ELU at alpha = 1": Eq(celu_(x), elu_(x)),
        "scaled ELU": Eq(celu_(x, alpha), alpha * elu_(x / alpha, 1)),
        "both halves": Eq(celu_(x, 2), relu_(x) + 2 * (exp(-relu_(-x) / 2) - 1)),
    },
    references=(
        Reference(
            authors=("Barron, Jonathan T.",),
            title="Continuously differentiable exponential linear units",
            year=2017,
            arxiv="1704.07483",
        ),
    ),
)
