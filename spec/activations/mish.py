from sympy import Eq, exp, log, oo, tanh

from ..function import Function, applied
from ..references import Reference
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
    references=(
        Reference(
            authors=("Misra, Diganta",),
            title="Mish: A self regularized non-monotonic activation function",
            year=2020,
            kind="inproceedings",
            where="British Machine Vision Conference",
            arxiv="1908.08681",
        ),
    ),
)
