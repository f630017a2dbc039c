from sympy import Abs, Derivative, Eq, Interval, oo

from ..function import Function, applied
from ..references import Reference
from ..symbols import x

softsign_, relu_ = applied("softsign"), applied("relu")

softsign = Function(
    name="softsign",
    title="Softsign",
    variables=(x,),
    expression=x / (1 + Abs(x)),
    special_values={0: 0, -oo: -1, oo: 1},
    range=Interval(-1, 1),
    parity="odd",
    monotone="increasing",
    identities={
        "slope": Eq(Derivative(softsign_(x), x), (1 - Abs(softsign_(x))) ** 2),
        "absolute value": Eq(softsign_(x), x / (1 + relu_(x) + relu_(-x))),
    },
    aliases=("soft_sign",),
    references=(
        Reference(
            authors=("Glorot, Xavier", "Bengio, Yoshua"),
            title="Understanding the difficulty of training deep feedforward neural networks",
            year=2010,
            kind="inproceedings",
            where="International Conference on Artificial Intelligence and Statistics",
            volume="9",
            pages="249-256",
            url="https://proceedings.mlr.press/v9/glorot10a.html",
            place="section 3",
        ),
        Reference(
            authors=(
                "Bergstra, James",
                "Desjardins, Guillaume",
                "Lamblin, Pascal",
                "Bengio, Yoshua",
            ),
            title="Quadratic polynomials learn better image features",
            year=2009,
            kind="techreport",
            where="Université de Montréal",
            number="1337",
        ),
    ),
)
