from sympy import Eq, Interval, Sum, Symbol, exp, log, oo

from ..function import Function, Variable, applied
from ..symbols import i, j, n, z

shift = Symbol("c", real=True)
softmax_, log_softmax_ = applied("softmax"), applied("log_softmax")

softmax = Function(
    name="softmax",
    title="Softmax",
    variables=(Variable(z, masked=True),),
    expression=exp(z[i]) / Sum(exp(z[j]), (j, 0, n - 1)),
    range=Interval(0, 1),
    identities={
        "shift": Eq(softmax_(z[i] + shift), softmax_(z[i])),
        "sum": Eq(Sum(softmax_(z[i]), (i, 0, n - 1)), 1),
    },
    references=("Bridle 1990, doi:10.1007/978-3-642-76153-9_28",),
)

log_softmax = Function(
    name="log_softmax",
    title="Logarithm of softmax",
    variables=(Variable(z, masked=True),),
    expression=z[i] - log(Sum(exp(z[j]), (j, 0, n - 1))),
    range=Interval(-oo, 0),
    identities={
        "logarithm": Eq(log_softmax_(z[i]), log(softmax_(z[i]))),
        "shift": Eq(log_softmax_(z[i] + shift), log_softmax_(z[i])),
    },
    references=("Blanchard, Higham & Higham 2021, doi:10.1093/imanum/draa038",),
)
