from sympy import Abs, Derivative, Eq, Interval, oo

from ..function import Function, applied
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
    references=("Glorot & Bengio 2010, AISTATS, section 3", "Bergstra et al. 2009, NIPS 22"),
)
