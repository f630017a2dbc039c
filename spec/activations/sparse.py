from sympy import Derivative, Eq, Interval, Piecewise, Rational, oo

from ..function import Function, applied
from ..references import Reference
from ..symbols import x
from ..works import MARTINS

sparse_plus_, sparse_sigmoid_, hard_tanh_ = map(
    applied, ("sparse_plus", "sparse_sigmoid", "hard_tanh")
)

sparse_plus = Function(
    name="sparse_plus",
    title="Sparseplus",
    variables=(x,),
    expression=Piecewise((0, x <= -1), (x, x >= 1), ((x + 1) ** 2 / 4, True)),
    special_values={0: Rational(1, 4), -oo: 0, oo: oo},
    range=Interval(0, oo),
    monotone="increasing",
    identities={
        "slope": Eq(Derivative(sparse_plus_(x), x), sparse_sigmoid_(x)),
        "odd part": Eq(sparse_plus_(x) - sparse_plus_(-x), x),
        # Fenchel's equality: the conjugate is p^2 - p
        "conjugate": Eq(
            sparse_plus_(x) + sparse_sigmoid_(x) ** 2 - sparse_sigmoid_(x), x * sparse_sigmoid_(x)
        ),
    },
    references=(
        MARTINS,
        Reference(
            authors=("Blondel, Mathieu", "Martins, André F. T.", "Niculae, Vlad"),
            title="Learning with Fenchel-Young losses",
            year=2020,
            kind="article",
            where="Journal of Machine Learning Research",
            volume="21",
            number="35",
            pages="1-69",
            arxiv="1901.02324",
            place="section 4.4",
        ),
    ),
)

sparse_sigmoid = Function(
    name="sparse_sigmoid",
    title="Sparse sigmoid",
    variables=(x,),
    expression=Piecewise((0, x <= -1), (1, x >= 1), ((x + 1) / 2, True)),
    kinks={-1: Interval(0, Rational(1, 2)), 1: Interval(0, Rational(1, 2))},
    special_values={0: Rational(1, 2), -oo: 0, oo: 1},
    range=Interval(0, 1),
    monotone="increasing",
    identities={
        "complement": Eq(sparse_sigmoid_(-x), 1 - sparse_sigmoid_(x)),
        "hard tanh": Eq(sparse_sigmoid_(x), (1 + hard_tanh_(x)) / 2),
    },
    references=(MARTINS.at("section 2.4"),),
)
