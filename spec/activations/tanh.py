from sympy import Derivative, Eq, Interval, exp, oo

from ..function import Function, applied
from ..references import Reference
from ..symbols import x
from ..works import DLMF

tanh_, sigmoid_ = applied("tanh"), applied("sigmoid")

tanh = Function(
    name="tanh",
    title="Hyperbolic tangent",
    titles={"zh": "双曲正切函数"},
    variables=(x,),
    expression=(exp(x) - exp(-x)) / (exp(x) + exp(-x)),
    special_values={0: 0, -oo: -1, oo: 1},
    range=Interval(-1, 1),
    parity="odd",
    monotone="increasing",
    identities={
        "sigmoid": Eq(tanh_(x), 2 * sigmoid_(2 * x) - 1),
        "slope": Eq(Derivative(tanh_(x), x), 1 - tanh_(x) ** 2),
    },
    references=(
        DLMF.at("equation 4.28.4"),
        Reference(
            authors=(
                "LeCun, Yann",
                "Bottou, Léon",
                "Orr, Genevieve B.",
                "Müller, Klaus-Robert",
            ),
            title="Efficient BackProp",
            year=1998,
            kind="incollection",
            where="Neural Networks: Tricks of the Trade",
            publisher="Springer",
            pages="9-50",
            doi="10.1007/3-540-49430-8_2",
            place="section 4.4",
        ),
    ),
)
