from sympy import Derivative, Eq, Interval, exp, oo

from ..function import Function, applied
from ..symbols import x

tanh_, sigmoid_ = applied("tanh"), applied("sigmoid")

tanh = Function(
    name="tanh",
    title="Hyperbolic tangent",
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
    references=("DLMF 4.28.4", "LeCun et al. 1998, Efficient BackProp, section 4.4"),
)
