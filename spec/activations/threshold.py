from sympy import Eq, FiniteSet, Interval, Piecewise, Rational, Symbol, oo

from ..function import Function, Parameter, applied
from ..references import Reference
from ..symbols import x
from ..works import PYTORCH

mark, value = Symbol("threshold", real=True), Symbol("value", real=True)
theta = Symbol("theta", nonnegative=True)
threshold_, thresholded_relu_, relu_, hardshrink_, step_ = map(
    applied, ("threshold", "thresholded_relu", "relu", "hardshrink", "step")
)

threshold = Function(
    name="threshold",
    title="Threshold",
    variables=(x,),
    parameters=(
        Parameter(
            mark,
            default=Rational(1),
            samples=(Rational(-2), Rational(0), Rational("0.1")),
            differentiable=False,
        ),
        Parameter(
            value,
            default=Rational(0),
            samples=(Rational(20), Rational("-0.7")),
            differentiable=False,
        ),
    ),
    expression=Piecewise((x, x > mark), (value, True)),
    jumps={mark: FiniteSet(value, mark)},
    special_values={0: 0, -oo: 0, oo: oo},
    monotone="increasing",
    identities={
        "ReLU": Eq(threshold_(x, 0, 0), relu_(x)),
        "thresholded ReLU": Eq(threshold_(x, Rational(1, 2)), thresholded_relu_(x, Rational(1, 2))),
        "gate": Eq(threshold_(x, mark, value), value + (x - value) * step_(x - mark)),
    },
    references=(PYTORCH.at("torch.nn.Threshold"),),
)

thresholded_relu = Function(
    name="thresholded_relu",
    title="Thresholded rectified linear unit",
    variables=(x,),
    parameters=(
        Parameter(
            theta,
            default=Rational(1),
            domain=Interval(0, oo),
            samples=(Rational(1, 2), Rational("0.3"), Rational(4)),
            differentiable=False,
        ),
    ),
    expression=Piecewise((x, x > theta), (0, True)),
    jumps={theta: FiniteSet(0, theta)},
    special_values={0: 0, -oo: 0, oo: oo},
    range=Interval(0, oo),
    monotone="increasing",
    identities={
        "gate": Eq(thresholded_relu_(x, theta), x * step_(x - theta)),
        "odd part": Eq(
            thresholded_relu_(x, theta) - thresholded_relu_(-x, theta), hardshrink_(x, theta)
        ),
    },
    references=(
        Reference(
            authors=("Konda, Kishore", "Memisevic, Roland", "Krueger, David"),
            title="Zero-bias autoencoders and the benefits of co-adapting features",
            year=2015,
            kind="inproceedings",
            where="International Conference on Learning Representations",
            arxiv="1402.3337",
        ),
    ),
)
