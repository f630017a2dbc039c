from sympy import Eq, exp, log, oo, tanh

from ..function import Function, applied
from ..symbols import x

mish_, softplus_, tanh_ = map(applied, ("mish", "softplus", "tanh"))

mish = Function(
    name="mish",
    title="Mish",
    variables=(x,),
    expression=x * tanh(log(1 + exp(x))),
    special_values={0: 0, -oo: 0, oo: oo},
    identities={
        "gate": Eq(mish_(x), x * tanh_(softplus_(x))),
        "one exponential": Eq(mish_(x), x * exp(x) * (exp(x) + 2) / (exp(2 * x) + 2 * exp(x) + 2)),
    },
    references=("Misra 2020, arXiv:1908.08681",),
)
