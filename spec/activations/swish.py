from sympy import Eq, Rational, Reals, Symbol, exp, oo

from ..function import Function, Parameter, applied
from ..references import Reference
from ..symbols import x

beta = Symbol("beta", real=True)
silu_, swish_, sigmoid_ = map(applied, ("silu", "swish", "sigmoid"))

silu = Function(
    name="silu",
    title="Sigmoid linear unit",
    variables=(x,),
    expression=x / (1 + exp(-x)),
    special_values={0: 0, -oo: 0, oo: oo},
    identities={
        "gate": Eq(silu_(x), x * sigmoid_(x)),
        "odd part": Eq(silu_(x) - silu_(-x), x * (sigmoid_(x) + sigmoid_(-x))),
    },
    references=(
        Reference(
            authors=("Elfwing, Stefan", "Uchibe, Eiji", "Doya, Kenji"),
            title="Sigmoid-weighted linear units for neural network function approximation in "
            "reinforcement learning",
            year=2018,
            kind="article",
            where="Neural Networks",
            volume="107",
            pages="3-11",
            doi="10.1016/j.neunet.2017.12.012",
            arxiv="1702.03118",
        ),
    ),
)

swish = Function(
    name="swish",
    title="Swish with a learnable slope",
    variables=(x,),
    parameters=(
        Parameter(
            beta,
            default=Rational(1),
            domain=Reals,
            samples=(Rational(1, 2), Rational(-1), Rational("1.702"), Rational(4)),
        ),
    ),
    expression=x / (1 + exp(-beta * x)),
    special_values={0: 0, -oo: 0, oo: oo},
    identities={
        "silu at beta = 1": Eq(swish_(x, 1), silu_(x)),
        "gate": Eq(swish_(x, beta), x * sigmoid_(beta * x)),
    },
    references=(
        Reference(
            authors=("Ramachandran, Prajit", "Zoph, Barret", "Le, Quoc V."),
            title="Searching for activation functions",
            year=2017,
            arxiv="1710.05941",
        ),
    ),
)
