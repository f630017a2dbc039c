from sympy import Derivative, Eq, Interval, Symbol, exp, log, oo

from ..function import Function, Variable, applied
from ..references import Reference
from ..symbols import x
from ..works import BLANCHARD, DLMF

KAHAN = Reference(
    authors=("Kahan, William",),
    title="Branch cuts for complex elementary functions, or: Much ado about nothing's sign bit",
    year=1987,
    kind="incollection",
    where="The State of the Art in Numerical Analysis",
    publisher="Clarendon Press",
    pages="165-211",
)

x1, x2 = Symbol("x1", real=True), Symbol("x2", real=True)
expm1_, log1p_, logaddexp_ = map(applied, ("expm1", "log1p", "logaddexp"))
elu_, relu_, sigmoid_, softplus_, exponential_ = map(
    applied, ("elu", "relu", "sigmoid", "softplus", "exponential")
)

expm1 = Function(
    name="expm1",
    title="Exponential minus one",
    variables=(x,),
    expression=exp(x) - 1,
    special_values={0: 0, -oo: -1, oo: oo},
    range=Interval(-1, oo),
    monotone="increasing",
    identities={
        "inverse": Eq(log1p_(expm1_(x)), x),
        "ELU": Eq(elu_(x), relu_(x) + expm1_(-relu_(-x))),
        "slope": Eq(Derivative(expm1_(x), x), exponential_(x)),
    },
    references=(DLMF.at("equation 4.2.19"), KAHAN),
)

log1p = Function(
    name="log1p",
    title="Logarithm of one plus the argument",
    variables=(Variable(x, domain=Interval(-1, oo)),),
    expression=log(1 + x),
    special_values={-1: -oo, 0: 0, oo: oo},
    monotone="increasing",
    identities={
        "softplus": Eq(softplus_(x), log1p_(exponential_(x))),
        "slope": Eq(Derivative(log1p_(x), x), 1 / (1 + x)),
    },
    references=(DLMF.at("equation 4.6.1"), KAHAN),
)

logaddexp = Function(
    name="logaddexp",
    title="Logarithm of the sum of two exponentials",
    variables=(x1, x2),
    expression=log(exp(x1) + exp(x2)),
    identities={
        "softplus": Eq(logaddexp_(0, x), softplus_(x)),
        "symmetric": Eq(logaddexp_(x1, x2), logaddexp_(x2, x1)),
        "maximum": Eq(logaddexp_(x1, x2), x1 + softplus_(x2 - x1)),
        "slope": Eq(Derivative(logaddexp_(x1, x2), x1), sigmoid_(x1 - x2)),
    },
    references=(BLANCHARD,),
)
