from sympy import Derivative, Eq, Interval, Rational, Symbol, oo, sqrt

from ..function import Function, Parameter, applied
from ..references import Reference
from ..symbols import x

b = Symbol("b", nonnegative=True)
squareplus_, relu_ = applied("squareplus"), applied("relu")

squareplus = Function(
    name="squareplus",
    title="Squareplus",
    variables=(x,),
    parameters=(
        Parameter(
            b,
            default=Rational(4),
            domain=Interval(0, oo),
            samples=(Rational(1, 4), Rational("0.3"), Rational(100)),
        ),
    ),
    expression=(x + sqrt(x**2 + b)) / 2,
    special_values={0: 1, -oo: 0, oo: oo},
    range=Interval(0, oo),
    monotone="increasing",
    identities={
        "odd part": Eq(squareplus_(x, b) - squareplus_(-x, b), x),
        "product": Eq(squareplus_(x, b) * squareplus_(-x, b), b / 4),
        "ReLU at b = 0": Eq(squareplus_(x, 0), relu_(x)),
        "slope": Eq(
            Derivative(squareplus_(x), x), squareplus_(x) / (squareplus_(x) + squareplus_(-x))
        ),
    },
    references=(
        Reference(
            authors=("Barron, Jonathan T.",),
            title="Squareplus: A softplus-like algebraic rectifier",
            year=2021,
            arxiv="2112.11687",
        ),
    ),
)
