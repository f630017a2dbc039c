from sympy import Derivative, Eq, Interval, Max, Min, Piecewise, Rational, Symbol, exp, oo

from ..function import Function, Parameter, applied
from ..references import Reference
from ..symbols import x

alpha = Symbol("alpha", positive=True)
a, s = Symbol("alpha", positive=True), Symbol("lambda", positive=True)
elu_, selu_, relu_ = map(applied, ("elu", "selu", "relu"))

elu = Function(
    name="elu",
    title="Exponential linear unit",
    variables=(x,),
    parameters=(
        Parameter(
            alpha,
            default=Rational(1),
            domain=Interval.open(0, oo),
            samples=(Rational(1, 2), Rational("1.7"), Rational(3)),
        ),
    ),
    expression=Piecewise((x, x > 0), (alpha * (exp(x) - 1), True)),
    kinks={0: Interval(Min(alpha, 1), Max(alpha, 1))},
    special_values={0: 0, -oo: -1, oo: oo},
    monotone="increasing",
    identities={
        "expm1 of the negative part": Eq(elu_(x, alpha), relu_(x) + alpha * (exp(-relu_(-x)) - 1)),
        "slope": Eq(Derivative(elu_(x), x), exp(-relu_(-x))),
    },
    references=(
        Reference(
            authors=("Clevert, Djork-Arné", "Unterthiner, Thomas", "Hochreiter, Sepp"),
            title="Fast and accurate deep network learning by exponential linear units (ELUs)",
            year=2016,
            kind="inproceedings",
            where="International Conference on Learning Representations",
            arxiv="1511.07289",
        ),
    ),
)

# The fixed point of mean and variance: 32 digits of the solution of the paper's equation (14).
SELU_ALPHA = Rational("1.6732632423543772848170429916717")
SELU_SCALE = Rational("1.0507009873554804934193349852946")

selu = Function(
    name="selu",
    title="Scaled exponential linear unit",
    variables=(x,),
    constants={a: SELU_ALPHA, s: SELU_SCALE},
    expression=s * Piecewise((x, x > 0), (a * (exp(x) - 1), True)),
    kinks={0: Interval(s, s * a)},
    special_values={0: 0, -oo: -SELU_SCALE * SELU_ALPHA, oo: oo},
    range=Interval(-SELU_SCALE * SELU_ALPHA, oo),
    monotone="increasing",
    identities={"scaled ELU": Eq(selu_(x), SELU_SCALE * elu_(x, SELU_ALPHA))},
    references=(
        Reference(
            authors=(
                "Klambauer, Günter",
                "Unterthiner, Thomas",
                "Mayr, Andreas",
                "Hochreiter, Sepp",
            ),
            title="Self-normalizing neural networks",
            year=2017,
            kind="inproceedings",
            where="Advances in Neural Information Processing Systems",
            volume="30",
            arxiv="1706.02515",
            place="equation (2)",
        ),
    ),
)
