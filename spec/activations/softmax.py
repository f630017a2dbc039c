from sympy import Eq, Interval, Sum, Symbol, Tuple, exp, log, oo

from ..function import Function, Variable, applied
from ..references import Reference
from ..special import entry
from ..symbols import i, j, n, x, z
from ..works import BLANCHARD

shift = Symbol("c", real=True)
softmax_, log_softmax_, sigmoid_, log_sigmoid_, tanh_, logsumexp_ = map(
    applied, ("softmax", "log_softmax", "sigmoid", "log_sigmoid", "tanh", "logsumexp")
)

softmax = Function(
    name="softmax",
    title="Softmax",
    variables=(Variable(z, masked=True),),
    expression=exp(z[i]) / Sum(exp(z[j]), (j, 0, n - 1)),
    range=Interval(0, 1),
    identities={
        "shift": Eq(softmax_(z[i] + shift), softmax_(z[i])),
        "sum": Eq(Sum(softmax_(z[i]), (i, 0, n - 1)), 1),
        "sigmoid": Eq(entry(softmax_(Tuple(x, 0)), 0), sigmoid_(x)),
        "hyperbolic tangent": Eq(
            entry(softmax_(Tuple(x, -x)), 0) - entry(softmax_(Tuple(x, -x)), 1), tanh_(x)
        ),
    },
    references=(
        Reference(
            authors=("Bridle, John S.",),
            title="Probabilistic interpretation of feedforward classification network outputs, "
            "with relationships to statistical pattern recognition",
            year=1990,
            kind="incollection",
            where="Neurocomputing: Algorithms, Architectures and Applications",
            publisher="Springer",
            pages="227-236",
            doi="10.1007/978-3-642-76153-9_28",
        ),
    ),
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
        "log-sigmoid": Eq(entry(log_softmax_(Tuple(x, 0)), 0), log_sigmoid_(x)),
        "logsumexp": Eq(log_softmax_(z[i]), z[i] - logsumexp_(z[i])),
    },
    references=(BLANCHARD,),
)
